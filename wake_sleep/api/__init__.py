"""The Python API: what ``import metadream`` offers; docs/api.md shows it. The commands are made of the same calls."""

"""The Rust core, `metadream._core`. `tests/test_layout.py` compares this stub with the compiled module."""

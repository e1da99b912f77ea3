"""Proofs with open steps: reading them, filling them, writing them, and a drawing of a search."""

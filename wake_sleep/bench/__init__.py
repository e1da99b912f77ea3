"""Measurements of proving: ``bench prove``, ``bench library`` and ``census``."""

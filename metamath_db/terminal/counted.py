"""Numbers with the noun that they count."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """A number with its noun in the singular or the regular plural, thousands separated.

    >>> counted(1, "step"), counted(0, "step"), counted(1200, "expansion")
    ('1 step', '0 steps', '1,200 expansions')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"

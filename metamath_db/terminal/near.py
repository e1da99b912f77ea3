"""Names that look like one that is not known."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

LOOKED_AT = 200  # names that are compared in full


def near(name: str, known: Collection[str], count: int = 3) -> list[str]:
    """The known names most like `name`, the likest first; none where none is like it.

    All are compared by the pairs of letters that they share, the likest of these in full.
    """
    own = _pairs(name)

    def likeness(other: str) -> float:
        pairs = _pairs(other)
        return len(own & pairs) / (len(own) + len(pairs))

    likest = sorted(known, key=lambda other: (-likeness(other), other))[:LOOKED_AT]
    small = {other.lower(): other for other in reversed(likest)}
    return [small[other] for other in get_close_matches(name.lower(), small, count)]


def _pairs(name: str) -> set[str]:
    framed = f" {name.lower()} "
    return {framed[i : i + 2] for i in range(len(framed) - 1)}

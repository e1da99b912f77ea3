"""Whether JSON that was read back has the form that was written: types, all the way down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Shape = Callable[[Any], bool]


def is_text(value: Any) -> bool:
    """A string."""
    return isinstance(value, str)


def is_count(value: Any) -> bool:
    """A number of things: not negative, and it fits in 63 bits."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def is_number(value: Any) -> bool:
    """A finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**1000


def maybe(shape: Shape) -> Shape:
    """That shape, or null."""
    return lambda value: value is None or shape(value)


def list_of(shape: Shape, length: int | None = None) -> Shape:
    """A list of that shape, of that length if one is given."""
    return lambda value: isinstance(value, list) and all(map(shape, value)) and (length is None or len(value) == length)


def pair_of(first: Shape, second: Shape) -> Shape:
    """A list of two."""
    return lambda value: isinstance(value, list) and len(value) == 2 and first(value[0]) and second(value[1])


def map_of(shape: Shape) -> Shape:
    """An object whose values all have that shape."""
    return lambda value: isinstance(value, dict) and all(map(shape, value.values()))


def record(needed: Mapping[str, Shape], other: Mapping[str, Shape] | None = None) -> Shape:
    """An object with the needed keys, and perhaps others, each of its shape. Keys without a shape may be anything."""
    shapes = {**needed, **(other or {})}
    return lambda value: (
        isinstance(value, dict)
        and value.keys() >= needed.keys()
        and all(name not in value or shape(value[name]) for name, shape in shapes.items())
    )

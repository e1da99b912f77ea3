"""Bounds of memory and time: what goes beyond ends with one line, in time."""

from __future__ import annotations

import pytest

from metadream.metamath_db import bounds
from metadream.metamath_db.errors import InputError


@pytest.mark.parametrize(
    ("text", "size"), [("512M", 512 << 20), ("1.5g", 3 << 29), ("2GiB", 2 << 30), ("100000000", 10**8), ("1T", 1 << 40)]
)
def test_sizes(text: str, size: int) -> None:
    assert bounds.parse_size(text) == size


@pytest.mark.parametrize("text", ["", "M", "2X", "-1G", "1e9", "63M", "0", "9" * 30, "٣G"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(InputError, match="--max-memory"):
        bounds.parse_size(text)


def test_bounds_are_what_the_options_say_and_only_inside() -> None:
    before = bounds.current()
    assert before.seconds is None
    assert not before.asked
    with bounds.setting(bounds.chosen("3G", 1000.0)):
        assert bounds.current() == bounds.Bounds(3 << 30, 1000.0, asked=True)
        assert bounds.current().search_bytes(3) == 1 << 29
    assert not bounds.current().asked
    assert bounds.Bounds(None).search_bytes() <= bounds.SEARCH_MOST

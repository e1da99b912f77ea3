"""Numbers as BENCHMARKS.md writes them."""

from __future__ import annotations

from collections.abc import Sequence

MINUS = "−"
CLASSES = {"1-2": "1–2", "3-5": "3–5", "6-10": "6–10", "11-20": "11–20", "21-50": "21–50", "51+": "51 and more"}


def count(number: float) -> str:
    """A whole number with commas."""
    return f"{round(number):,}"


def percent(share: float, digits: int = 1) -> str:
    """A share of 1 in per cent."""
    return f"{100 * share:.{digits}f} %".replace("-", MINUS)


def change(before: float, after: float) -> str:
    """By how much something fell or rose, in per cent."""
    share = after / before - 1
    return ("+" if share > 0 else "") + percent(share)


def part_of(number: int, total: int) -> str:
    """``n of m``."""
    return f"{number:,} of {total:,}"


def interval(ends: Sequence[float], scale: float = 100) -> str:
    """The ends of a 95 % interval; by default of a share of 1, in per cent."""
    return f"{scale * ends[0]:.1f} to {scale * ends[1]:.1f}".replace("-", MINUS)


def seconds(time: float | None) -> str:
    """A time with three digits, in the unit that it is short in; a dash for none."""
    if time is None:
        return "–"
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if time >= size or unit == "µs":
            scaled = time / size
            return f"{scaled:.{0 if scaled >= 100 else 1 if scaled >= 10 else 2}f} {unit}"
    raise AssertionError


def significant(number: float | None) -> str:
    """Three digits, with commas where the number is large; a dash for none."""
    if number is None:
        return "–"
    if abs(number) >= 100:
        return f"{round(number, 2 - len(str(int(abs(number)))) + 1):,.0f}"
    return f"{number:.3g}"

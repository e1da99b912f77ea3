"""Line charts as inline SVG: no script, colours from the page's style, readable in print and in the dark."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import floor, log10

WIDTH, HEIGHT = 560, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 16, 40


def ticks(most: float, count: int = 4) -> list[float]:
    """Round numbers from 0 to at least `most`."""
    if most <= 0:
        return [0.0, 1.0]
    rough = most / count
    unit = 10.0 ** floor(log10(rough))
    step = next(m * unit for m in (1, 2, 2.5, 5, 10) if m * unit >= rough)
    return [i * step for i in range(int(-(-most // step)) + 1)]


def line_chart(
    title: str, across: Sequence[int], lines: Sequence[tuple[str, Sequence[float | None]]], unit: str
) -> str:
    """A chart of some lines over `across` (cycles); None leaves a gap. At most four lines: the style has four
    colours.
    """
    known = [value for _, values in lines for value in values if value is not None]
    marks = ticks(max(known, default=0.0))
    top = marks[-1]

    def x(i: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (i / (len(across) - 1) if len(across) > 1 else 0.5)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top

    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">']
    for mark in marks:
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(mark):.1f}" y2="{y(mark):.1f}"/>')
        parts.append(f'<text class="mark" x="{LEFT - 8}" y="{y(mark) + 4:.1f}" text-anchor="end">{mark:,g}</text>')
    every = -(-len(across) // 12)
    for i, cycle in enumerate(across):
        if i % every == 0:
            parts.append(
                f'<text class="mark" x="{x(i):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{cycle}</text>'
            )
    parts.append(
        f'<text class="mark" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 4}" text-anchor="middle">cycle</text>'
    )
    for number, (name, values) in enumerate(lines):
        points = [(x(i), y(v), v) for i, v in enumerate(values) if v is not None]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py, _ in points)
        parts.append(f'<polyline class="line c{number}" points="{path}"/>')
        for px, py, value in points:
            label = f"{escape(name)}: {value:,g} {escape(unit)}"
            parts.append(
                f'<circle class="dot c{number}" cx="{px:.1f}" cy="{py:.1f}" r="3.5"><title>{label}</title></circle>'
            )
    parts.append("</svg>")
    legend = "".join(f'<span><i class="key c{n}"></i>{escape(name)}</span>' for n, (name, _) in enumerate(lines))
    return (
        f'<figure><figcaption>{escape(title)}</figcaption>{"".join(parts)}<div class="legend">{legend}</div></figure>'
    )

"""A search as a drawing: the clusters and rules of its AND/OR graph as an SVG, laid out as a tree from left to right.

Drawn are the clusters of the solution (or of the cheapest partial one), with the rule that was taken and the cheapest
others. A box is a cluster: goals that are solved together. A dot is a rule, with its cost in nats; what hangs on a dot
must all be solved. A cluster that is met again is drawn as a reference to its number.
"""

from __future__ import annotations

import json
import math
import textwrap
from dataclasses import dataclass, field
from html import escape
from typing import Any

from metadream.metamath_db.errors import InputError
from metadream.metamath_db.terminal.foreign_text import plain

OTHERS = 2  # rules drawn beside the one that was taken
BOX, RULE, ROW, HEIGHT, PAD = 252, 112, 60, 48, 14  # pixels
LINES, LETTERS = 2, 36  # that fit in a box
SOLVED, OPEN, PLAIN = "#1a7f37", "#9a6700", "#8c959f"
TINT, WHITE = "#f0fff4", "#fff"
RULE_LETTERS = 16


@dataclass
class Node:
    """A box of the tree."""

    number: int
    title: str
    note: str
    colour: str
    main: bool  # of the solution, or of the cheapest partial one
    edges: list[Edge] = field(default_factory=list)
    y: float = 0.0


@dataclass
class Edge:
    """A rule under a box, with what it leaves to be solved."""

    label: str
    taken: bool
    children: list[Node]
    y: float = 0.0


def draw(graph: str | None, most: int) -> str:
    """The SVG of a search's graph as `search` gives it. Raises `InputError` if it was too large to be kept."""
    if graph is None:
        raise InputError(f"the search has more than {most} clusters, too many to draw; give a smaller budget")
    data = json.loads(graph)
    drawn: set[int] = set()
    root = _node(data["clusters"], data["root"], drawn, main=True)
    height = _place(root, PAD + ROW / 2)
    parts: list[str] = []
    width = _draw(root, PAD, parts)
    return _page(parts, width + PAD, height + ROW / 2 + 2 * PAD)


def _cost(clusters: list[dict[str, Any]], action: dict[str, Any]) -> float:
    parts = [action["nats"], *(clusters[k]["nats"] for k in action["children"])]
    return math.inf if None in parts else float(sum(parts))


def _cost_text(nats: float | None) -> str:
    return "" if nats is None else f" {nats:.1f}"


def _node(clusters: list[dict[str, Any]], number: int, drawn: set[int], main: bool) -> Node:
    c = clusters[number]
    goals = "  &  ".join(c["goals"])
    if number in drawn:
        return Node(number, goals, f"see {number}", PLAIN, main)
    solved = c["solved"] is not None
    if solved:
        note = "closed by a decision procedure" if c["closed"] else "solved"
    else:
        tried = f"{c['tried']} of {c['fitting']} tried" if c["looked_at"] else "not looked at"
        note = f"{c['nats']:.1f} nats; {tried}" if c["nats"] is not None else f"hopeless; {tried}"
    node = Node(number, goals, note, SOLVED if solved else OPEN if main else PLAIN, main)
    if not main:
        return node
    drawn.add(number)
    order = sorted(range(len(c["actions"])), key=lambda i: (_cost(clusters, c["actions"][i]), i))
    taken = c["solved"] if solved else next(iter(order), None)
    if c["closed"] or taken is None:
        return node
    for i in [taken, *[i for i in order if i != taken][:OTHERS]]:
        action = c["actions"][i]
        children = [_node(clusters, k, drawn, main and i == taken) for k in action["children"]]
        node.edges.append(
            Edge(f"{_short(action['rule'], RULE_LETTERS)}{_cost_text(action['nats'])}", i == taken, children)
        )
    return node


def _place(node: Node, y: float) -> float:
    """Gives heights from `y` down; the last one that is used. A box stands beside what it takes."""
    last, first = y, True
    for edge in node.edges:
        if not first:
            y = last + ROW
        first, last = False, y
        for k, child in enumerate(edge.children):
            last = _place(child, y if k == 0 else last + ROW)
        edge.y = edge.children[0].y if edge.children else y
    node.y = node.edges[0].y if node.edges else y
    return last


def _draw(node: Node, x: float, parts: list[str]) -> float:
    """Appends a box and what hangs on it; the right end."""
    title, top = plain(node.title), node.y - HEIGHT / 2
    lines = textwrap.wrap(title, LETTERS, max_lines=LINES, placeholder=" …", break_on_hyphens=False)
    parts.append(
        f'<g><title>{escape(title)}</title><rect x="{x}" y="{top:.0f}" width="{BOX}" height="{HEIGHT}" rx="5" '
        f'fill="{TINT if node.main else WHITE}" stroke="{node.colour}" stroke-width="{2 if node.main else 1}"/>'
        + "".join(
            f'<text x="{x + 7}" y="{top + 14 + 13 * k:.0f}" class="f">{escape(line)}</text>'
            for k, line in enumerate(lines)
        )
        + f'<text x="{x + 7}" y="{top + HEIGHT - 7:.0f}" class="n" fill="{node.colour}">'
        f"{escape(f'{node.number}: {node.note}')}</text></g>"
    )
    right = x + BOX
    for edge in node.edges:
        colour = node.colour if edge.taken else PLAIN
        dot = x + BOX + 20
        style = f'stroke="{colour}" stroke-width="{2.5 if edge.taken else 1}" fill="none"'
        parts.append(
            f'<path d="M{x + BOX} {node.y:.0f} C{dot} {node.y:.0f} {x + BOX} {edge.y:.0f} {dot} {edge.y:.0f}" {style}/>'
        )
        parts.append(f'<circle cx="{dot}" cy="{edge.y:.0f}" r="3.5" fill="{colour}"/>')
        parts.append(
            f'<text x="{dot + 6}" y="{edge.y - 5:.0f}" class="n" fill="{colour}">{escape(plain(edge.label))}</text>'
        )
        right = max(right, dot + RULE)
        for child in edge.children:
            left = dot + RULE
            bend = f"C{dot + 40} {edge.y:.0f} {dot + 40} {child.y:.0f} {dot + 70} {child.y:.0f}"
            parts.append(f'<path d="M{dot} {edge.y:.0f} {bend} L{left} {child.y:.0f}" {style}/>')
            right = max(right, _draw(child, left, parts))
    return right


def _short(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[: letters - 1] + "…"


def _page(parts: list[str], width: float, height: float) -> str:
    style = ".f{font:11px ui-monospace,Consolas,monospace;fill:#1f2328}.n{font:10px system-ui,Arial,sans-serif}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}"><style>{style}</style>'
        f'<rect width="100%" height="100%" fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )

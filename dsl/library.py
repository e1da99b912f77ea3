"""The library as a graph: which composite uses which, in what order they can stand, how large they are unfolded.

A Level-1 composite is a lemma: hypotheses (its holes), a conclusion, and a proof over primitives and earlier
composites. A Level-2 composite is a schema: such a proof with label holes, which states nothing.
`docs/formats.md` describes ``library.json``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

import networkx as nx

from metadream.dsl.proofs import Proof
from metadream.metamath_db.errors import InputError

SCHEMA, VERSION = "metadream.library", 2
HOLE = "?"  # a label that a schema leaves open


@dataclass(frozen=True)
class Composite:
    """A learned lemma (level 1) or schema (level 2).

    `body` is its proof, premises first: a label and the indices of earlier steps that prove its hypotheses, or −1 − i
    for the composite's own hypothesis i; in a schema a label may be `HOLE`. `entry` is its record in ``library.json``.
    """

    name: str
    hyps: tuple[str, ...]
    conclusion: str
    disjoint: tuple[tuple[str, str], ...]
    body: tuple[tuple[str, tuple[int, ...]], ...]
    entry: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    level: int = 1

    @property
    def premises(self) -> list[str]:
        """Label of each step, in order, with repetitions."""
        return [label for label, _ in self.body]

    @property
    def statement(self) -> str:
        """``hyp & hyp => conclusion``, for people; of a schema its tree, what it leaves open as a dot."""
        if self.level == 2:
            return self._tree(len(self.body) - 1)
        left = " & ".join(self.hyps)
        return f"{left} => {self.conclusion}" if left else self.conclusion

    def _tree(self, step: int) -> str:
        if step < 0:
            return "·"
        label, premises = self.body[step]
        return f"{label}({', '.join(map(self._tree, premises))})" if premises else label


def _composite(entry: dict[str, Any]) -> Composite:
    level = int(entry.get("level", 1))
    labels = [step["label"] for step in entry["body"]]
    if not labels or level not in (1, 2) or (None in labels and level == 1) or labels[-1] is None:
        raise ValueError("a label is missing")
    steps = [
        (HOLE if label is None else str(label), tuple(int(c) for c in step["premises"]))
        for label, step in zip(labels, entry["body"], strict=True)
    ]
    holes = len(entry["hypotheses"]) if level == 1 else sum(p < 0 for _, premises in steps for p in premises)
    for i, (_, premises) in enumerate(steps):
        if any(not -holes <= p < i for p in premises):
            raise ValueError("a step uses what is not before it")
    return Composite(
        name=str(entry["label"]),
        hyps=tuple(str(formula) for formula in entry["hypotheses"]),
        conclusion=str(entry["statement"]),
        disjoint=tuple((str(x), str(y)) for x, y in entry["distinct"]),
        body=tuple(steps),
        entry=entry,
        level=level,
    )


def read_library(text: str, file: str | PathLike[str] | None = None) -> list[Composite]:
    """The composites of a ``library.json``, in its order. Raises `InputError`."""
    expected = f"expected a library of schema {SCHEMA}, version {VERSION}, as 'metadream learn' writes it"
    try:
        data = json.loads(text)
        if (data["schema"], data["version"]) != (SCHEMA, VERSION):
            raise InputError(f"{expected}; found {data['schema']!r}, version {data['version']!r}", file)
        found = [_composite(entry) for entry in data["entries"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError(expected, file) from None
    names = [composite.name for composite in found]
    if len(set(names)) != len(names):
        raise InputError(f"{expected}; a label stands there twice", file)
    return found


def graph(composites: Sequence[Composite]) -> nx.DiGraph:
    """Edges go from a composite to what its proof uses, with `uses` = how often.

    Nodes carry `kind` ("composite" or "primitive"), composites also `position`, their place in the order of learning.
    """
    made = nx.DiGraph()
    for position, composite in enumerate(composites):
        made.add_node(composite.name, kind="composite", position=position)
    for composite in composites:
        for label, uses in Counter(composite.premises).items():
            if label not in made:
                made.add_node(label, kind="primitive", position=-1)
            made.add_edge(composite.name, label, uses=uses)
    return made


def in_order(composites: Sequence[Composite]) -> list[Composite]:
    """TOPOSORT for export: what is used comes first; where that leaves a choice, what was learnt first.

    Raises `InputError` if composites use one another in a circle.
    """
    by_name = {composite.name: composite for composite in composites}
    made = graph(composites).reverse()
    try:
        order = list(nx.lexicographical_topological_sort(made, key=lambda name: (made.nodes[name]["position"], name)))
    except nx.NetworkXUnfeasible:
        raise InputError("the library's composites use one another in a circle; make the run anew") from None
    return [by_name[name] for name in order if name in by_name]


def depths(composites: Sequence[Composite]) -> dict[str, int]:
    """How many composites stand on top of one another: 1 for one made of primitives only."""
    depth: dict[str, int] = {}
    for composite in in_order(composites):
        depth[composite.name] = 1 + max((depth.get(label, 0) for label in composite.premises), default=0)
    return depth


def unfolded_sizes(composites: Sequence[Composite]) -> dict[str, int]:
    """Primitive steps of each composite once all composites in it are unfolded (as a tree over its own steps)."""
    size: dict[str, int] = {}
    for composite in in_order(composites):
        size[composite.name] = sum(size.get(label, 1) for label in composite.premises)
    return size


def uses(composites: Sequence[Composite], proofs: Iterable[Proof]) -> Counter[str]:
    """How many steps apply each composite, in proofs and in other composites' proofs."""
    names = {composite.name for composite in composites}
    count: Counter[str] = Counter(dict.fromkeys(names, 0))
    for composite in composites:
        count.update(label for label in composite.premises if label in names)
    for proof in proofs:
        count.update(label for label in proof.labels if label in names)
    return count

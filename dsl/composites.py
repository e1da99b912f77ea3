"""The library as a graph: which composite uses which, in what order they can stand, how large they are unfolded.

A Level-1 composite is a lemma: hypotheses (its holes), a conclusion, and a proof over primitives and earlier composites.
``library.json`` is described in `docs/schemas.md`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

import networkx as nx

from metadream.dsl.proofs import Steps, steps_of
from metadream.metamath_db.errors import InputError

SCHEMA = 1
EMPTY = json.dumps({"schema": SCHEMA, "lemmas": []}) + "\n"


@dataclass(frozen=True)
class Composite:
    """A learned lemma; `steps` is its proof, over labels of premises and of its own hypotheses."""

    name: str
    hyps: tuple[tuple[str, str], ...]
    conclusion: str
    disjoint: tuple[tuple[str, str], ...]
    steps: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def premises(self) -> list[str]:
        """Label of each step that applies a premise, in order, with repetitions."""
        own = {label for label, _ in self.hyps}
        return [label for label, _ in self.steps if label not in own]

    @property
    def statement(self) -> str:
        """``hyp & hyp => conclusion``, for people."""
        left = " & ".join(formula for _, formula in self.hyps)
        return f"{left} => {self.conclusion}" if left else self.conclusion


def _composite(entry: dict[str, Any]) -> Composite:
    return Composite(
        name=str(entry["name"]),
        hyps=tuple((str(label), str(formula)) for label, formula in entry["hyps"]),
        conclusion=str(entry["conclusion"]),
        disjoint=tuple((str(x), str(y)) for x, y in entry["disjoint"]),
        steps=tuple((str(label), tuple(int(c) for c in children)) for label, children in entry["steps"]),
    )


def read_library(text: str, file: str | PathLike[str] | None = None) -> list[Composite]:
    """The composites of a ``library.json``, in order of learning. Raises `InputError`."""
    expected = f"expected a library of schema {SCHEMA}, as 'metadream learn' writes it"
    try:
        data = json.loads(text)
        if data["schema"] != SCHEMA:
            raise InputError(f"{expected}; found schema {data['schema']!r}", file)
        found = [_composite(entry) for entry in data["lemmas"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(expected, file) from None
    names = [composite.name for composite in found]
    if len(set(names)) != len(names):
        raise InputError(f"{expected}; a name stands there twice", file)
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


def uses(composites: Sequence[Composite], proofs: Iterable[str | Steps]) -> Counter[str]:
    """How many steps apply each composite, in proofs and in other composites' proofs."""
    names = {composite.name for composite in composites}
    count: Counter[str] = Counter({name: 0 for name in names})
    for composite in composites:
        count.update(label for label in composite.premises if label in names)
    for proof in proofs:
        steps = steps_of(proof) if isinstance(proof, str) else proof
        count.update(label for label, _ in steps if label in names)
    return count

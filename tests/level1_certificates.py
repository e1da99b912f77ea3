"""Checkers of Level-1 certificates, in Python and apart from every solver.

A checker looks at a problem and an answer; it returns if the answer is true of the problem, else it raises
`RefusedError` with the claim that fails. What is checked is listed in `docs/isa.md`, "Level 1". Graphs are successor
lists over the nodes 0, 1, …; literals are variable numbers from 1, negative for the complement. Price: linear in the
size of graphs, naive unit propagation (quadratic) for refutations.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor, gcd

Graph = Sequence[Sequence[int]]
Matrix = Sequence[Sequence[int]]


class RefusedError(Exception):
    """An answer that is not true of its problem; the text is the claim that fails."""


def _hold(condition: bool, claim: str) -> None:
    if not condition:
        raise RefusedError(claim)


def dedup(items: Sequence[Hashable], representative: Sequence[int]) -> None:
    """Each item equals its representative, which comes first; representatives differ."""
    _hold(len(items) == len(representative), "each item has a representative")
    for i, r in enumerate(representative):
        _hold(0 <= r <= i and representative[r] == r, "a representative comes first and stands for itself")
        _hold(items[i] == items[r], "an item equals its representative")
    _hold(len({items[r] for r in representative}) == len(set(representative)), "representatives differ")


def _places(size: int, order: Sequence[int]) -> dict[int, int]:
    _hold(all(0 <= node < size for node in order), "the order holds nodes of the graph")
    place = {node: at for at, node in enumerate(order)}
    _hold(len(place) == len(order), "a node stands in the order once")
    return place


def toposort(graph: Graph, order: Sequence[int]) -> None:
    """Every node once, every link forward."""
    place = _places(len(graph), order)
    _hold(len(order) == len(graph), "every node stands in the order")
    _hold(all(place[a] < place[b] for a, ends in enumerate(graph) for b in ends), "every link goes forward")


def paths(
    graph: Graph,
    cost: Sequence[int],
    source: int,
    order: Sequence[int],
    distance: Sequence[int],
    before: Sequence[int],
) -> None:
    """BFS (all costs 1) and DIJKSTRA: predecessors are tight and come before, no link improves a distance.

    `distance` is −1 for nodes that are not reached; `cost` is what entering a node costs.
    """
    nodes = range(len(graph))
    _hold(len(distance) == len(before) == len(graph), "each node has a distance and a predecessor")
    place = _places(len(graph), order)
    _hold(order[:1] == [source] and distance[source] == 0, "the source comes first, at 0")
    for n in nodes:
        _hold((distance[n] >= 0) == (n in place), "the order holds what has a distance")
        if n == source or n not in place:
            _hold(before[n] == n, "source and unreached nodes are their own predecessors")
            _hold(n == source or distance[n] == -1, "unreached nodes have the distance −1")
            continue
        b = before[n]
        _hold(b in place and place[b] < place[n], "a predecessor comes before")
        _hold(n in graph[b] and distance[n] == distance[b] + cost[n], "a predecessor is tight")
    for a in order:
        for b in graph[a]:
            _hold(0 <= distance[b] <= distance[a] + cost[b], "no link improves a distance")
    _hold([distance[n] for n in order] == sorted(distance[n] for n in order), "the nearest comes first")


def dfs(graph: Graph, source: int, order: Sequence[int], found: Sequence[int], finished: Sequence[int]) -> None:
    """The numbers nest along links, successors in order, and no link leaves what is finished for what comes later."""
    _hold(len(found) == len(finished) == len(graph), "each node has its numbers")
    place = _places(len(graph), order)
    _hold(
        all((n in place) == (found[n] >= 0) == (finished[n] >= 0) for n in range(len(graph))), "numbers fit the order"
    )
    _hold(order[:1] == [source], "the source comes first")
    _hold(sorted(order, key=lambda n: found[n]) == list(order), "the order is of discovery")
    numbers = {found[n]: n for n in order} | {finished[n]: ~n for n in order}
    _hold(sorted(numbers) == list(range(2 * len(order))), "the numbers count from 0, each used once")
    stack: list[int] = []
    children: dict[int, list[int]] = {n: [] for n in order}
    for at in range(len(numbers)):
        event = numbers[at]
        if event < 0:
            _hold(bool(stack) and stack.pop() == ~event, "the numbers nest")
            continue
        _hold(bool(stack) or event == source, "all is discovered from the source")
        if stack:
            _hold(event in graph[stack[-1]], "a link leads to what is discovered")
            children[stack[-1]].append(event)
        stack.append(event)
    for n in order:
        latest = -1
        for s in graph[n]:
            _hold(0 <= found[s] < finished[n], "no link leaves what is finished for what comes later")
            _hold(s not in children[n] or found[s] > latest, "successors are visited in order")
            latest = max(latest, found[s])


def echelon(
    original: Matrix,
    rows: Matrix,
    rank: int,
    to: Matrix,
    scale: Sequence[int],
    kernel: Matrix,
    reduced: bool,
) -> None:
    """GAUSSJ (`reduced`) and GAUSSELIM: the rows have the form, come from the original and are all that there is.

    to × original = scale × rows, row by row; the original annuls a vector for each column without pivot, so that its
    rank is no greater.
    """
    columns = len(original[0])
    _hold(len(rows) == len(to) == len(scale) == len(original) and all(scale), "the sizes are right, no scale is 0")
    for row, factors, s in zip(rows, to, scale, strict=True):
        sums = [sum(f * line[j] for f, line in zip(factors, original, strict=True)) for j in range(columns)]
        _hold(sums == [s * v for v in row], "transformation × original = scale × result")
    leads = [next((j for j, v in enumerate(row) if v), None) for row in rows]
    kept = [lead for lead in leads[:rank] if lead is not None]
    _hold(len(kept) == rank and all(lead is None for lead in leads[rank:]), "the rank counts rows that are not zero")
    _hold(kept == sorted(set(kept)), "each row starts further right")
    for row, lead in zip(rows, kept, strict=False):
        _hold(row[lead] > 0 and gcd(*row) == 1, "a row is coprime integers, the first positive")
        _hold(not reduced or sum(other[lead] != 0 for other in rows) == 1, "a pivot is alone in its column")
    free = [c for c in range(columns) if c not in kept]
    _hold(len(kernel) == len(free), "there is a kernel vector for each column without pivot")
    for vector, own in zip(kernel, free, strict=True):
        _hold(all((c == own) == (vector[c] != 0) for c in free), "kernel vectors are independent")
        annulled = all(sum(a * b for a, b in zip(row, vector, strict=True)) == 0 for row in original)
        _hold(annulled, "the original annuls the kernel")


@dataclass(frozen=True)
class Formula:
    """What SATCHECK is asked. Variable *i* + 1 says whether atom *i*, coefficients · x ≤ bound, holds."""

    variables: int
    clauses: tuple[tuple[int, ...], ...]
    atoms: tuple[tuple[tuple[int, ...], int], ...] = ()
    unknowns: int = 0
    integer: bool = False


def model(formula: Formula, values: Sequence[bool], unknowns: Sequence[Fraction]) -> None:
    """The values satisfy every clause, and each atom holds as its variable says."""
    _hold(len(values) == formula.variables and len(unknowns) == formula.unknowns, "each variable has a value")
    for clause in formula.clauses:
        _hold(any(values[abs(literal) - 1] == (literal > 0) for literal in clause), "each clause has a true literal")
    _hold(not formula.integer or all(x.denominator == 1 for x in unknowns), "the unknowns are integers")
    for (coefficients, bound), claimed in zip(formula.atoms, values, strict=False):
        left = sum((c * x for c, x in zip(coefficients, unknowns, strict=True)), Fraction(0))
        _hold((left <= bound) == claimed, "each atom holds as its variable says")


def farkas(rows: Iterable[tuple[Sequence[int | Fraction], int | Fraction, bool]], factors: Sequence[Fraction]) -> None:
    """Rows (coefficients, bound, strict) stand for coefficients · x ≤ bound (< if strict).

    Times the factors, which must be positive, they add up to 0 ≤ −c with c > 0, or to 0 < 0: no x satisfies them all
    (Farkas' lemma).
    """
    total: list[Fraction] | None = None
    right, strict = Fraction(0), False
    for (coefficients, bound, less), factor in zip(rows, factors, strict=True):
        _hold(factor > 0, "the factors are positive")
        scaled = [factor * c for c in coefficients]
        total = scaled if total is None else [a + b for a, b in zip(total, scaled, strict=True)]
        right += factor * bound
        strict = strict or less
    _hold(total is None or not any(total), "the factors cancel every unknown")
    _hold(right < 0 or (strict and right == 0), "the factors add up to a contradiction")


def tightened(coefficients: Sequence[int], bound: int) -> tuple[list[int], int]:
    """An atom over the integers, divided by the common divisor of its coefficients, bound rounded down."""
    common = gcd(*coefficients) or 1
    return [c // common for c in coefficients], floor(Fraction(bound, common))


def _asserted(formula: Formula, atom: tuple[Sequence[int], int], holds: bool) -> tuple[list[int], int, bool]:
    """An atom or its negation as a row for `farkas`."""
    coefficients, bound = tightened(*atom) if formula.integer else (list(atom[0]), atom[1])
    if holds:
        return coefficients, bound, False
    turned = [-c for c in coefficients]
    return (turned, -bound - 1, False) if formula.integer else (turned, -bound, True)


def _propagates(clauses: Sequence[tuple[int, ...]], clause: Sequence[int]) -> bool:
    """Whether the complements of the clause's literals lead to a contradiction by unit propagation."""
    true = {-literal for literal in clause}
    if any(-literal in true for literal in true):
        return True
    grown = True
    while grown:
        grown = False
        for candidate in clauses:
            if any(literal in true for literal in candidate):
                continue
            open_ = {literal for literal in candidate if -literal not in true}
            if not open_:
                return True
            if len(open_) == 1:
                true |= open_
                grown = True
    return False


def refutation(formula: Formula, lines: Sequence[str]) -> None:
    """The lines (``rup …``, ``farkas literal*factor …``, ``split unknown bound``) refute the formula."""
    clauses = list(formula.clauses)
    atoms: list[tuple[Sequence[int], int] | None] = list(formula.atoms)
    atoms += [None] * (formula.variables - len(atoms))
    for line in lines:
        kind, *words = line.split()
        if kind == "split":
            unknown, bound = map(int, words)
            _hold(formula.integer and 0 <= unknown < formula.unknowns, "a split is over an integer unknown")
            atoms.append(([int(i == unknown) for i in range(formula.unknowns)], bound))
        elif kind == "farkas":
            clause, rows, factors = [], [], []
            for word in words:
                literal, factor = word.split("*")
                clause.append(int(literal))
                atom = atoms[abs(int(literal)) - 1] if 0 < abs(int(literal)) <= len(atoms) else None
                if atom is None:
                    raise RefusedError("a literal of a Farkas line is an atom")
                rows.append(_asserted(formula, atom, int(literal) < 0))
                factors.append(Fraction(factor))
            farkas(rows, factors)
            clauses.append(tuple(clause))
        else:
            _hold(kind == "rup", "a line is rup, farkas or split")
            clause = [int(word) for word in words]
            _hold(all(0 < abs(literal) <= len(atoms) for literal in clause), "a line names variables of the formula")
            _hold(_propagates(clauses, clause), "unit propagation shows the clause")
            if not clause:
                return
            clauses.append(tuple(clause))
    raise RefusedError("the refutation ends in the empty clause")

"""What Level 1 does for the loop: goals without repetitions, cheapest proofs, chains of equalities, and linear
side goals. Each answer is checked by `metadream.dsl.level1.certificates`, or by evaluation, before it is returned.
(TOPOSORT for export: `metadream.dsl.library.in_order`; propositional goals: the search's closer.)
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import heappop, heappush
from typing import Any, TypeVar

from metadream.dsl.level1 import certificates, forms
from metadream.dsl.level1.certificates import RefusedError
from metadream.metamath_db.errors import InputError

T = TypeVar("T", bound=Hashable)


def distinct(goals: Sequence[T]) -> list[T]:
    """DEDUP: the first of each kind, in order."""
    representative = forms.dedup(goals)
    certificates.dedup(goals, representative)
    return [goal for i, goal in enumerate(goals) if representative[i] == i]


@dataclass(frozen=True)
class Step:
    """A way to close a goal: the label, what it costs, and the goals that it leaves."""

    label: str
    cost: int
    subgoals: tuple[str, ...]


@dataclass(frozen=True)
class Cheapest:
    """Cost and step of each goal that can be closed, and the order in which that was settled."""

    cost: Mapping[str, int]
    step: Mapping[str, Step]
    order: tuple[str, ...]


def cheapest_proofs(graph: Mapping[str, Sequence[Step]]) -> Cheapest:
    """DIJKSTRA on an AND/OR graph: what the cheapest proof tree of each goal costs (a shared subgoal counts each time).

    Costs are not negative; equal ones go by goal, then by label. Source: D. E. Knuth, A generalization of Dijkstra's
    algorithm, Information Processing Letters 6, 1977.
    """
    users: dict[str, list[tuple[str, Step]]] = {}
    missing: dict[tuple[str, Step], int] = {}
    heap: list[tuple[int, str, str, Step]] = []
    for goal in sorted(graph):
        for step in sorted(set(graph[goal]), key=lambda s: (s.label, s.cost, s.subgoals)):
            if step.cost < 0:
                raise InputError(f"the step {step.label} of {goal} has a negative cost")
            missing[goal, step] = len(set(step.subgoals))
            for subgoal in set(step.subgoals):
                users.setdefault(subgoal, []).append((goal, step))
            if not step.subgoals:
                heappush(heap, (step.cost, goal, step.label, step))
    cost: dict[str, int] = {}
    chosen: dict[str, Step] = {}
    while heap:
        total, goal, _, step = heappop(heap)
        if goal in cost:
            continue
        cost[goal], chosen[goal] = total, step
        for user, use in users.get(goal, ()):
            missing[user, use] -= 1
            if missing[user, use] == 0:
                heappush(heap, (use.cost + sum(cost[s] for s in use.subgoals), user, use.label, use))
    answer = Cheapest(cost, chosen, tuple(cost))
    check_cheapest(graph, answer)
    return answer


def check_cheapest(graph: Mapping[str, Sequence[Step]], answer: Cheapest) -> None:
    """The certificate: steps are tight and rest on what is settled before, and none improves a cost.

    Raises `certificates.RefusedError`.
    """
    place = {goal: i for i, goal in enumerate(answer.order)}
    if not set(place) == set(answer.cost) == set(answer.step):
        raise RefusedError("each settled goal has a cost and a step")

    def total(step: Step) -> int:
        return step.cost + sum(answer.cost[subgoal] for subgoal in step.subgoals)

    for goal, step in answer.step.items():
        if step not in graph[goal] or any(place.get(s, len(place)) >= place[goal] for s in step.subgoals):
            raise RefusedError("a step belongs to its goal and rests on what is settled before")
        if answer.cost[goal] != total(step):
            raise RefusedError("a step is tight")
    for goal, steps in graph.items():
        for step in steps:
            if all(s in place for s in step.subgoals) and (goal not in place or total(step) < answer.cost[goal]):
                raise RefusedError("no step improves a cost")


def equality_chain(equalities: Iterable[tuple[str, str]], first: str, last: str) -> list[str] | None:
    """BFS: the shortest chain of equalities from one term to another, both included; None if there is none."""
    pairs = [(a, b) for pair in equalities for a, b in (pair, pair[::-1])]
    terms = sorted({first, last, *(a for a, _ in pairs)})
    number = {term: i for i, term in enumerate(terms)}
    links: list[set[int]] = [set() for _ in terms]
    for a, b in pairs:
        links[number[a]].add(number[b])
    graph = [sorted(ends) for ends in links]
    order, distance, before = forms.bfs(graph, number[first])
    certificates.paths(graph, [1] * len(graph), number[first], order, distance, before)
    if distance[number[last]] < 0:
        return None
    chain = [number[last]]
    while chain[-1] != number[first]:
        chain.append(before[chain[-1]])
    return [terms[n] for n in reversed(chain)]


def solve_linear(rows: Sequence[Sequence[int | Fraction]], right: Sequence[int | Fraction]) -> list[Fraction] | None:
    """GAUSSJ: a solution of rows · x = right (free unknowns 0), by sympy; None if there is none.

    A solution is evaluated; that there is none is shown by factors of the rows that add up to 0 = c, c ≠ 0.
    """
    from sympy import Matrix, Rational

    def exact(value: int | Fraction) -> Any:
        return Rational(Fraction(value).numerator, Fraction(value).denominator)

    unknowns = len(rows[0])
    form, pivots = Matrix([[exact(v) for v in (*row, r)] for row, r in zip(rows, right, strict=True)]).rref()
    if unknowns not in pivots:
        x = [Fraction(0)] * unknowns
        for i, pivot in enumerate(pivots):
            x[pivot] = Fraction(int(form[i, unknowns].p), int(form[i, unknowns].q))
        if any(
            sum(Fraction(a) * b for a, b in zip(row, x, strict=True)) != r for row, r in zip(rows, right, strict=True)
        ):
            raise RefusedError("the solution satisfies each row")
        return x
    for vector in Matrix([[exact(v) for v in row] for row in rows]).T.nullspace():
        factors = [Fraction(int(v.p), int(v.q)) for v in vector]
        total = sum((f * Fraction(r) for f, r in zip(factors, right, strict=True)), Fraction(0))
        columns = zip(*rows, strict=True)
        left = [sum((f * Fraction(v) for f, v in zip(factors, c, strict=True)), Fraction(0)) for c in columns]
        if total != 0 and not any(left):
            return None
    raise RefusedError("factors of the rows add up to 0 = c")

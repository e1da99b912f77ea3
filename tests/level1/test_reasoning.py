"""Level 1 in the service of the loop: each helper against brute force or a known answer."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metadream.dsl.level1.certificates import RefusedError
from metadream.dsl.level1.reasoning import Step, cheapest_proofs, check_cheapest, distinct, equality_chain, solve_linear

SETTINGS = settings(max_examples=80, deadline=None, derandomize=True, database=None)


def test_goals_without_repetitions() -> None:
    assert distinct(["b", "a", "b", "c", "a"]) == ["b", "a", "c"]


GOALS = "abcde"
STEPS = st.builds(
    lambda cost, subgoals, label: Step(label, cost, tuple(subgoals)),
    st.integers(0, 4),
    st.lists(st.sampled_from(GOALS), max_size=2),
    st.sampled_from("rst"),
)


@given(st.dictionaries(st.sampled_from(GOALS), st.lists(STEPS, max_size=3)), st.data())
@SETTINGS
def test_cheapest_proofs_are_the_least_fixed_point(graph: dict[str, list[Step]], data: st.DataObject) -> None:
    cost: dict[str, int] = {}
    for _ in range(len(GOALS) + 1):  # a cheapest tree repeats no goal on a path, so it is at most this deep
        for goal, steps in graph.items():
            ways = [s.cost + sum(cost[g] for g in s.subgoals) for s in steps if all(g in cost for g in s.subgoals)]
            if ways:
                cost[goal] = min([*ways, cost.get(goal, min(ways))])
    answer = cheapest_proofs(graph)
    assert answer.cost == cost
    if cost:
        goal = data.draw(st.sampled_from(sorted(cost)))
        wrong = dict(answer.cost) | {goal: answer.cost[goal] + data.draw(st.sampled_from([-1, 1]))}
        with pytest.raises(RefusedError):
            check_cheapest(graph, replace(answer, cost=wrong))
        with pytest.raises(RefusedError):
            check_cheapest(graph, replace(answer, order=answer.order[:-1]))


def test_the_shortest_chain_of_equalities() -> None:
    equalities = [("a", "b"), ("c", "b"), ("c", "d"), ("a", "e"), ("e", "d"), ("x", "y")]
    assert equality_chain(equalities, "a", "d") == ["a", "e", "d"]
    assert equality_chain(equalities, "a", "a") == ["a"]
    assert equality_chain(equalities, "a", "x") is None


@given(
    st.integers(1, 3).flatmap(
        lambda n: st.lists(st.lists(st.integers(-3, 3), min_size=n + 1, max_size=n + 1), min_size=1, max_size=4)
    )
)
@SETTINGS
def test_linear_systems(rows: list[list[int]]) -> None:
    left, right = [row[:-1] for row in rows], [row[-1] for row in rows]
    x = solve_linear(left, right)
    points = product(map(Fraction, range(-3, 4)), repeat=len(left[0]))
    solved = any(
        all(sum(map(Fraction.__mul__, map(Fraction, r), p)) == b for r, b in zip(left, right, strict=True))
        for p in points
    )
    assert x is not None or not solved

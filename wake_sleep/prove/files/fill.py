"""Filling a draft: a search for each open step, the proofs put in their places, the whole judged.

A step is first tried from the steps that its author lists for it, then from all known steps that do not rest on it,
then from the theorem's hypotheses alone. Open steps that share a term which is not known are searched together. What
the searches may use in all is one budget; each goal gets an even share of what is left.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from metadream._core import Draft, Ranker, SearchOptions
from metadream.metamath_db.core import patiently
from metadream.metamath_db.errors import InputError

# goals that are searched, times the draft's steps: each that is filled costs working out the whole draft
MOST_STEPS, LEAST_GOALS = 1_000_000, 50
LISTED, EARLIER, FREELY = "listed steps", "earlier steps", "freely"
SHARES = {LISTED: 0.25, EARLIER: 0.67, FREELY: 1.0}  # of what a goal has left


@dataclass
class Budget:
    """What is left: expansions (the repeatable budget) or seconds of one thread's CPU."""

    expansions: int | None
    seconds: float | None

    def part(self, share: float) -> tuple[int | None, float | None]:
        """A share of it, as a search takes it."""
        if self.seconds is not None:
            return None, max(share * self.seconds, 0.001)
        return max(1, int(share * (self.expansions or 0))), None

    def spent(self) -> bool:
        """Whether nothing is left."""
        return self.seconds <= 0 if self.seconds is not None else (self.expansions or 0) <= 0

    def take(self, expansions: int, seconds: float) -> None:
        """Count what a search has used."""
        if self.seconds is not None:
            self.seconds -= seconds
        else:
            self.expansions = (self.expansions or 0) - expansions


@dataclass
class Goal:
    """What became of open steps that were searched together."""

    steps: list[str]
    formulas: list[str]
    filled: bool = False
    reason: str = "budget"  # why the last search ended; "unknown" where nothing says what the step is
    way: str = FREELY
    expansions: int = 0
    seconds: float = 0.0
    frontier: dict[str, Any] | None = None  # where the last search stood
    minimised: dict[str, Any] | None = None  # how much shorter the found proof was made
    using: list[int] = field(default_factory=list, repr=False)

    def data(self) -> dict[str, Any]:
        """As in the answer (docs/prove.md)."""
        frontier = self.frontier and {
            "nats": self.frontier["nats"],
            "steps": sum(not step[0].startswith("open:") for step in self.frontier["steps"]),
            "open": self.frontier["open"],
        }
        return {
            "steps": self.steps,
            "formulas": self.formulas,
            "filled": self.filled,
            "reason": self.reason,
            "way": self.way,
            "expansions": self.expansions,
            "seconds": self.seconds,
            "frontier": frontier,
            "minimised": self.minimised,
        }


@dataclass
class Filled:
    """A draft as far as it was filled. `shown` has the cheapest partial proofs of what stayed open."""

    draft: Draft
    shown: Draft
    goals: list[Goal]
    judged: dict[str, Any]

    @property
    def proved(self) -> bool:
        """Whether the theorem is, and both judges accept it."""
        return bool(self.judged["accepted"]) and complete(self.draft)

    @property
    def open(self) -> int:
        """Open steps that are left of those that were given."""
        return sum(step["label"] is None for step in self.draft.steps())


def complete(draft: Draft) -> bool:
    """Whether no step that the theorem needs is open."""
    return all(step["label"] is not None for step in draft.steps() if step["needed"])


def fill(
    draft: Draft,
    ranker: Ranker,
    options: SearchOptions,
    hints: Mapping[str, Sequence[str]],
) -> Filled:
    """Fill what can be filled within the budget of `options`, and have it judged; `hints`: by goal, the steps listed
    for it.
    """
    budget = Budget(options.expansions, options.seconds)
    goals: list[Goal] = []
    tried: set[str] = set()
    steps = draft.steps()
    groups, most = _groups(steps, tried), max(LEAST_GOALS, MOST_STEPS // len(steps))
    while groups and len(goals) < most:
        goal, made = _search(draft, steps, ranker, groups[0], Budget(*_share(budget, len(groups))), hints, options)
        budget.take(goal.expansions, goal.seconds)
        goals.append(goal)
        tried.update(goal.steps)
        groups = groups[1:]
        if made is not None:
            draft, steps = made, made.steps()
            groups = _groups(steps, tried)
    goals += [_goal(steps, numbers, "many") for numbers in groups]
    judged = patiently(draft.judge)
    return Filled(draft, _with_frontiers(draft, goals), goals, judged)


def left_open(draft: Draft, reason: str) -> Filled:
    """A draft in which nothing is searched, and why."""
    steps = draft.steps()
    goals = [_goal(steps, numbers, reason) for numbers in _groups(steps, set())]
    return Filled(draft, draft, goals, patiently(draft.judge))


def _share(budget: Budget, goals: int) -> tuple[int | None, float | None]:
    if budget.spent():
        return (0, None) if budget.seconds is None else (None, 0.0)
    return budget.part(1 / goals)


def _groups(steps: Sequence[Mapping[str, Any]], tried: Collection[str]) -> list[list[int]]:
    """Open steps that were not tried, those that share an unknown term together.

    Those whose formula is known come first, needed ones before others: what fills one may tell what another says.
    """
    joined: dict[int, int] = {}  # step -> another one of its group, or itself
    of_term: dict[int, int] = {}  # unknown term -> the first step that has it

    def root(i: int) -> int:
        while joined[i] != i:
            joined[i] = i = joined[joined[i]]
        return i

    for i, step in enumerate(steps):
        if step["label"] is None and step["name"]:
            joined[i] = i
            for term in step["unknown"]:
                joined[i] = joined[root(of_term.setdefault(term, i))] = root(i)
    groups: dict[int, list[int]] = {}
    for i in joined:
        groups.setdefault(root(i), []).append(i)
    left = [group for group in groups.values() if not any(steps[i]["name"] in tried for i in group)]
    return sorted(left, key=lambda g: (any(steps[i]["unknown"] for i in g), not any(steps[i]["needed"] for i in g), g))


def _goal(steps: Sequence[Mapping[str, Any]], numbers: Sequence[int], reason: str = "budget") -> Goal:
    return Goal([steps[i]["name"] for i in numbers], [steps[i]["formula"] for i in numbers], reason=reason)


def _search(
    draft: Draft,
    steps: Sequence[Mapping[str, Any]],
    ranker: Ranker,
    numbers: list[int],
    budget: Budget,
    hints: Mapping[str, Sequence[str]],
    options: SearchOptions,
) -> tuple[Goal, Draft | None]:
    """Search open steps in all ways that there are; what became of them, and the draft if they were filled."""
    goal = _goal(steps, numbers)
    if len(numbers) == 1 and _bare(steps[numbers[0]]):
        goal.reason = "unknown"
        return goal, None
    for way, using in _ways(draft, steps, numbers, hints):
        if budget.spent():
            break
        goal.way = way
        expansions, seconds = budget.part(SHARES[way])
        own = options.replace(expansions=expansions, seconds=seconds, frontier=True)
        search = partial(draft.search, ranker, numbers, using, own)
        try:
            found = patiently(search)
        except InputError as problem:  # more goals that depend on each other than a search takes
            goal.reason = problem.message
            return goal, None
        budget.take(found["expansions"], found["seconds"])
        goal.expansions += found["expansions"]
        goal.seconds += found["seconds"]
        goal.reason, goal.using = found["reason"], using
        goal.frontier = None if found["frontier"] is None else json.loads(found["frontier"])
        if found["proof"] is None:
            continue
        try:
            made = draft.spliced(numbers, found["proof"], using)
        except InputError:  # a $d condition of a step above, which the search cannot know
            goal.reason = "misfit"
            continue
        goal.filled, goal.minimised = True, found["minimised"]
        return goal, made
    return goal, None


def _bare(step: Mapping[str, Any]) -> bool:
    """Whether nothing at all is known of a step's formula: any proof would do, and say nothing."""
    words = step["formula"].split()
    return len(words) == 2 and words[1].startswith("&")


def _ways(
    draft: Draft, steps: Sequence[Mapping[str, Any]], numbers: list[int], hints: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, list[int]]]:
    helpers = draft.helpers(numbers)
    listed = {name for i in numbers for name in hints.get(steps[i]["name"], ())}
    chosen = [k for k in helpers if steps[k]["name"] in listed]
    if chosen:
        yield LISTED, chosen
    if helpers and helpers != chosen:
        yield EARLIER, helpers
    yield FREELY, []


def _with_frontiers(draft: Draft, goals: Sequence[Goal]) -> Draft:
    """The draft with the cheapest partial proofs that the searches knew, where they fit."""
    place: dict[str, int] = {}
    for goal in goals:
        if goal.filled or goal.frontier is None or len(goal.frontier["steps"]) < 2:
            continue
        if goal.using:  # numbers of steps may have changed since
            continue
        if not place:
            steps = draft.steps()
            place = {s["name"]: i for i, s in enumerate(steps) if s["label"] is None and s["name"]}
        try:
            draft = draft.spliced([place[name] for name in goal.steps], json.dumps(goal.frontier), [])
        except (InputError, KeyError):
            continue
        place = {}
    return draft

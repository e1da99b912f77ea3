"""Schemas of a run are kept by what they are worth in wake; and two searches over the same tasks, compared."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from fake_core import FakeRanker, FakeTheory
from hypothesis import given
from hypothesis import strategies as st

from metadream.wake_sleep.bench.paired import Paired, mean_interval
from metadream.wake_sleep.loop import strategies
from metadream.wake_sleep.loop.wake import Attempt
from metadream.wake_sleep.model.corpus import LARGE, Corpus


def attempt(task: str, expansions: int, solved: bool = True, **composites: tuple[tuple[str, int], ...]) -> Attempt:
    made = Attempt(task, "{}" if solved else None, 1, expansions, 0, "solved")
    return replace(made, **composites)  # type: ignore[arg-type]


FOUND = [
    attempt("a", 100, schemas=(("saves", 2), ("costs", 1)), spent=(("saves", 30), ("costs", 60))),
    attempt("b", 500, solved=False, spent=(("idle", 7), ("costs", 90))),
]
BARE = [attempt("a", 300), attempt("b", 500, solved=False)]
NAMES = ["saves", "costs", "idle", "new"]


def test_what_costs_more_than_it_saves_is_dropped() -> None:
    uses = strategies.measured(FOUND, BARE, NAMES)
    # 200 expansions were saved on the first task, by two schemas
    assert [uses[name].saved for name in NAMES] == [100, 100, 0, 0]
    assert [uses[name].spent for name in NAMES] == [30, 150, 7, 0]
    assert [uses[name].verdict for name in NAMES] == ["kept", "dropped", "dropped", "untried"]
    assert (uses["saves"].proofs, uses["saves"].steps) == (1, 2)


def test_a_skeleton_has_its_share_of_the_saving() -> None:
    shared = [replace(FOUND[0], skeletons=(("t", 4),)), FOUND[1]]
    assert strategies.measured(shared, BARE, NAMES)["saves"].saved == pytest.approx(200 / 3)


class Mined(FakeTheory):
    """A theory whose mining always finds the schemas of `trees`, and says what it was told to join."""

    def __init__(self, trees: list[str], library: list[str]) -> None:
        super().__init__(5)
        self.trees, self.held, self.joined = trees, library, ([""], [""])

    def copy(self) -> Mined:
        return Mined(self.trees, list(self.held))

    def library_json(self) -> str:
        def entry(i: int, label: str) -> dict[str, Any]:
            body = [{"label": label, "premises": [-1]}]
            return {"label": f"s{i}", "level": 2, "hypotheses": [], "statement": "", "distinct": [], "body": body}

        entries = [entry(i, label) for i, label in enumerate(self.held)]
        return json.dumps({"schema": "metadream.library", "version": 2, "entries": entries})

    def learn_schemas(self, *asked: Any) -> dict[str, Any]:
        self.held = list(self.trees)
        return {"considered": 9, "chosen": 3, "admitted": len(self.trees)}

    def join_schemas(self, other: FakeTheory, kept: list[str], dropped: list[str]) -> None:
        self.joined = (kept, dropped)


def test_dropped_schemas_do_not_come_back_and_kept_ones_stay() -> None:
    settings = SimpleNamespace(uses=lambda part: True)
    folder = SimpleNamespace(reports=lambda: [{"schemas": {"dropped": ["old(·)"]}}, {"schemas": None}, {}])
    run: Any = SimpleNamespace(seed=lambda *parts: 1, settings=settings, folder=folder)
    corpus = Corpus([], [f"t{i}" for i in range(LARGE)], [])
    theory = Mined(["costs", "old", "fresh"], ["saves", "costs"])
    named = {"saves": "s0", "costs": "s1"}

    def renamed(made: Attempt) -> Attempt:
        def of(pairs: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
            return tuple((named[name], n) for name, n in pairs if name in named)

        return replace(made, schemas=of(made.schemas), spent=of(made.spent))

    trained: Any = SimpleNamespace(ranker=FakeRanker(0))
    figures = strategies.learn(run, theory, corpus, trained, 2, ([renamed(a) for a in FOUND], BARE))  # type: ignore[arg-type]
    assert theory.joined == (["s0"], ["s0", "s1"])  # kept: the old s0; of the mined ones s0 and s1 are known to lose
    assert figures is not None and figures["dropped"] == ["costs(·)"]
    wake = figures["in_wake"]
    assert (wake["kept"], wake["dropped"], wake["untried"], wake["spent"]) == (1, 1, 0, 180)
    assert [each["schema"] for each in wake["used"]] == ["costs(·)", "saves(·)"]


def test_the_difference_of_two_searches() -> None:
    tasks = [f"t{i}" for i in range(100)]
    found = Paired.of(tasks, {"t0", "t1", "t2"}, {"t1", *tasks[3:8]})
    assert (found.gained, found.lost, found.points) == (tuple(tasks[3:8]), ("t0", "t2"), 3.0)
    # by hand: 5 and 2 of 100, one more of each and two tasks more
    low, high = found.interval
    assert ((low + high) / 2, high - low) == pytest.approx((100 * 3 / 102, 2 * 195.9964 * 0.0292672), rel=1e-3)
    assert found.p_value == pytest.approx(2 * (1 + 7 + 21) / 128)
    assert Paired.of(tasks, set(), set()).p_value == 1.0


@given(st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]), min_size=2, max_size=50))
def test_an_interval_holds_its_mean(changes: list[float]) -> None:
    low, high = mean_interval(changes)
    mean = 100 * sum(changes) / len(changes)
    assert low <= mean + 1e-9 and mean - 1e-9 <= high
    assert mean_interval([-x for x in changes]) == pytest.approx((-high, -low))

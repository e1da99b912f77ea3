"""The critic: its differentiable prover against an exact one, its training, and what searches make of it."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from metadream.metamath_db.core import Core, load_core, load_theory
from metadream.metamath_db.tasks import new2, proved
from metadream.wake_sleep.model import corpus, critic, prover, recipe, train
from metadream.wake_sleep.model import file as model_file

FEATURES = 64


def graph(actions: list[list[tuple[float, list[int]]]], cost: list[float] | None = None) -> dict[str, Any]:
    """A search graph by cluster: its actions, each a cost and children. One goal a cluster, two features a goal."""
    flat = [a for of in actions for a in of]
    count = len(actions)
    return {
        "features": np.arange(2 * count, dtype=np.uint32) % FEATURES,
        "feature_ends": np.arange(2, 2 * count + 2, 2, dtype=np.uint32),
        "goal_ends": np.arange(1, count + 1, dtype=np.uint32),
        "cost": np.array(cost or [-1.0] * count, dtype=np.float32),
        "bound": np.full(count, 3.0, dtype=np.float32),
        "visits": np.full(count, 20, dtype=np.uint32),
        "action_ends": np.cumsum([len(of) for of in actions]).astype(np.uint32),
        "action_cost": np.array([a[0] for a in flat], dtype=np.float32),
        "child_ends": np.cumsum([len(a[1]) for a in flat]).astype(np.uint32),
        "children": np.array([k for a in flat for k in a[1]], dtype=np.uint32),
    }


def cheapest(actions: list[list[tuple[float, list[int]]]], leaves: list[float], at: int = 0) -> float:
    """The exact value by definition: the least sum over all ways to choose an action at each cluster."""
    if not actions[at]:
        return leaves[at]
    return min(cost + sum(cheapest(actions, leaves, k) for k in children) for cost, children in actions[at])


@st.composite
def trees(draw: st.DrawFn) -> tuple[list[list[tuple[float, list[int]]]], list[float]]:
    """Small AND/OR graphs without cycles: children have greater numbers."""
    count = draw(st.integers(1, 7))
    nats = st.floats(0, 20, width=16)
    actions = []
    for at in range(count):
        behind = st.lists(st.integers(at + 1, count - 1), max_size=3, unique=True) if at + 1 < count else st.just([])
        actions.append(draw(st.lists(st.tuples(nats, behind), max_size=3)))
    return actions, draw(st.lists(nats, min_size=count, max_size=count))


def value(actions: list[list[tuple[float, list[int]]]], leaves: torch.Tensor, temperature: float) -> torch.Tensor:
    g = critic.joined([graph(actions)])
    inner = torch.tensor([bool(of) for of in actions])
    return critic.prove(leaves, inner, g, temperature, sweeps=len(actions))


@settings(max_examples=60, deadline=None)
@given(trees())
def test_the_soft_prover_becomes_the_exact_one_as_it_cools(
    drawn: tuple[list[list[tuple[float, list[int]]]], list[float]],
) -> None:
    actions, leaves = drawn
    exact = cheapest(actions, leaves)
    errors = [float(value(actions, torch.tensor(leaves), t)[0]) - exact for t in (2.0, 0.001)]
    assert abs(errors[1]) < 0.05
    assert errors[0] > -1e-3  # a mean over actions is no less than the best of them
    # in provabilities: the product over AND, the maximum over OR
    assert np.exp(-exact) == pytest.approx(float(torch.exp(-value(actions, torch.tensor(leaves), 0.001)[0])), abs=0.05)


def test_gradients_reach_the_leaves_that_a_proof_hangs_on() -> None:
    # 0 by (1 and 2) or by 3; 1 by 4
    actions: list[list[tuple[float, list[int]]]] = [[(1.0, [1, 2]), (2.0, [3])], [(0.5, [4])], [], [], []]
    g = critic.joined([graph(actions)])
    g = critic.Graphs(**{**vars(g), "action_cost": g.action_cost.double()})
    inner = torch.tensor([bool(of) for of in actions])
    leaves = torch.tensor([9.0, 9.0, 2.0, 4.0, 1.5], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: critic.prove(x, inner, g, 1.0), (leaves,))  # type: ignore[no-untyped-call]
    critic.prove(leaves, inner, g, 0.01)[0].backward()  # type: ignore[no-untyped-call]
    assert leaves.grad is not None
    assert leaves.grad.tolist() == pytest.approx([0, 0, 1, 0, 1])  # 1 + (0.5 + 1.5) + 2 is less than 2 + 4


def lessons() -> list[dict[str, Any]]:
    """Graphs in which clusters with feature 0 or 1 are dear, and others are cheap."""
    random = np.random.default_rng(5)
    made = []
    for _ in range(60):
        g = graph([[(1.0, [1, 2])], [], []], [12.0, 1.0, 10.0])
        g["features"] = np.array([40, 41, *random.integers(2, 20, 2), *random.integers(0, 2, 2)], dtype=np.uint32)
        made.append(g)
    return made


def test_training_is_repeatable_and_learns_what_the_graphs_say() -> None:
    table = np.random.default_rng(1).normal(size=(FEATURES, 8)).astype(np.float32) * 0.1
    first, second = (critic.fit(lessons(), table, 3, epochs=30) for _ in range(2))
    assert first is not None and second is not None
    a, b = first[0].exported(), second[0].exported()
    assert all(np.array_equal(a[name], b[name]) for name in a)
    assert first[1] == second[1] and first[1].error < first[1].error_of_median
    other = critic.fit(lessons(), table, 4, epochs=30)
    assert other is not None and not np.array_equal(other[0].exported()["w1"], a["w1"])


def test_graphs_teach_clusters_that_have_no_price_of_their_own() -> None:
    """Only roots are priced: what their leaves cost is known through the structure alone."""
    table = np.random.default_rng(1).normal(size=(FEATURES, 8)).astype(np.float32) * 0.1
    made = []
    for k in range(80):
        dear = k % 2
        g = graph([[(1.0, [1])], []], [1.0 + 8.0 * dear, -1.0])
        g["visits"] = np.array([20, 1], dtype=np.uint32)  # the leaf's own failure says nothing
        g["features"] = np.array([30, 31, dear, dear], dtype=np.uint32)
        made.append(g)
    fitted = critic.fit(made, table, 3, epochs=60)
    assert fitted is not None
    with torch.no_grad():
        said = fitted[0](torch.tensor([0, 0, 1, 1]), torch.tensor([2, 4]))[:, 0]
    assert float(said[1] - said[0]) > 2.0


def test_nothing_proved_is_no_critic() -> None:
    assert critic.fit([graph([[(1.0, [1])], []])], np.zeros((FEATURES, 4), np.float32), 0) is None


@pytest.fixture(scope="module")
def core() -> Core:
    return load_core()


@pytest.fixture(scope="module")
def theory(core: Core, small_database: Path) -> Any:
    return load_theory(core, small_database)


def weights(bits: int, odds: float, seed: int = 7) -> dict[str, Any]:
    """A critic whose odds depend on the goal at random, around `odds`."""
    random = np.random.default_rng(seed)
    return {
        "embedding": random.normal(size=((1 << bits), critic.WIDTH)).astype(np.float32),
        "w1": random.normal(size=(critic.HIDDEN, critic.WIDTH)).astype(np.float32) / 4,
        "b1": np.zeros(critic.HIDDEN, np.float32),
        "w2": random.normal(size=(2, critic.HIDDEN)).astype(np.float32),
        "b2": np.array([1.0, odds], np.float32),
    }


def rules(pairs: list[tuple[str, str]]) -> str:
    """A database of constants with rules "from y infer x", one fact `z`, and the theorem `a`, proved by b and c."""
    names = sorted({name for pair in pairs for name in pair})
    lines = [f"$c |- wff {' '.join(names)} $.", *(f"w{x} $a wff {x} $." for x in names), "fact $a |- z $."]
    lines += [f"${{ {x}{y}.1 $e |- {y} $. {x}{y} $a |- {x} $. $}}" for x, y in pairs]
    return "\n".join([*lines, "goal $p |- a $= fact cz bc ab $.\n"])


def test_what_is_put_off_comes_back_when_nothing_else_is_left(core: Core, tmp_path: Path) -> None:
    wrong = [("a", f"d{i}") for i in range(6)] + [(f"d{i}", f"e{i}") for i in range(6)]
    path = tmp_path / "rules.mm"
    path.write_text(rules([("a", "b"), ("b", "c"), ("c", "z"), *wrong]))
    theory, ranker = load_theory(core, path), core.Ranker(1)
    ranker.fit(theory, [], [], 0)
    bits = ranker.feature_count().bit_length() - 1

    def search(**options: Any) -> tuple[str, int]:
        found = core.search(theory, ranker, "goal", 1_000, analogues=0, closers=False, **options)
        return found["reason"], found["expansions"]

    plain = search(critic=False)
    assert plain[0] == "solved"
    ranker.set_critic(weights(bits, -100.0))
    assert search(give_up=0.7)[0] == "solved"  # all was put off
    spent = set()
    for seed in range(12):
        ranker.set_critic(weights(bits, 0.0, seed))  # some was
        reason, expansions = search(give_up=0.7)
        assert reason == "solved"
        spent.add(expansions)
    assert len(spent) > 1  # and that changed the order


def test_the_core_evaluates_what_torch_trained(core: Core, theory: Any) -> None:
    ranker = core.Ranker(1)
    ranker.fit(theory, [], [], 0)
    label = next(t for t in theory.theorems() if theory.proof_lengths()[theory.theorems().index(t)] > 3)
    told = ranker.lesson(theory, label, 100, 50)
    table = np.random.default_rng(2).normal(size=(ranker.feature_count(), 8)).astype(np.float32)
    fitted = critic.fit([told], table, 0, epochs=2)
    assert fitted is not None
    ranker.set_critic(fitted[0].exported())
    with torch.no_grad():
        torchs = fitted[0](
            torch.from_numpy(told["features"].astype(np.int64)), torch.from_numpy(told["feature_ends"].astype(np.int64))
        )
    assert np.allclose(ranker.criticise(told["features"], told["feature_ends"]), torchs.numpy(), atol=1e-3)


def test_a_lesson_knows_the_price_of_the_tasks_own_proof(core: Core, theory: Any) -> None:
    ranker = core.Ranker(1)
    ranker.fit(theory, [], [], 0)
    hard = [t for t in proved(theory, theory.theorems()) if not core.search(theory, ranker, t, 2)["solved"]]
    lessons = {t: ranker.lesson(theory, t, 2, 200) for t in hard}
    priced = [t for t in hard if lessons[t]["cost"][0] > 0]  # by its own proof alone
    assert len(priced) > len(hard) / 2 > 0
    told = lessons[priced[0]]
    # prices agree with the graph: a proved cluster costs no more than any of its proved actions
    g = critic.joined([told])
    cost = torch.where(g.proved, g.cost, torch.inf)
    below = torch.zeros(len(g.action_cost)).index_add(0, g.action_of_child, cost[g.children])
    for owner, total in zip(g.cluster_of_action.tolist(), (g.action_cost + below).tolist(), strict=True):
        assert cost[owner] <= total + 1e-2
    again = ranker.lesson(theory, priced[0], 2, 200)
    assert all(np.array_equal(told[name], again[name]) for name in told)


def test_lessons_are_of_training_theorems_that_the_first_stage_did_not_see(
    core: Core, theory: Any, small_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    split, asked = new2(theory.theorems()), list[str]()
    unseen = {*split.valid, *split.test}
    learn = critic.lessons

    def recorded(ranker: Any, theory: Any, labels: Any, *rest: Any) -> Any:
        asked.extend(labels)
        return learn(ranker, theory, labels, *rest)

    monkeypatch.setattr(critic, "lessons", recorded)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for large, expected in ((10**6, False), (50, True)):
        monkeypatch.setattr(corpus, "LARGE", large)
        monkeypatch.setattr(train, "LARGE", large)
        made = prover.train(str(small_database), seed=large, critic=True).data
        arrays, _ = model_file.load_model(made["path"])
        assert any(name.startswith("critic.") for name in arrays) == expected
        assert (made["critic"] is not None) == expected
        assert bool(asked) == expected
    assert not unseen & set(asked)
    training = [t for t in proved(theory, theory.theorems()) if t not in unseen]
    learnt, apart = recipe.held_apart(training, 50)
    first, rest = corpus.parts(corpus.Corpus([], learnt, []), 50)
    assert set(asked) == set(rest) and not set(asked) & {*first, *apart}
    # the model without one stands beside it, and is the default
    plain = prover.train(str(small_database), seed=large).data
    assert not plain["trained"] and plain["critic"] is None and plain["model"] != made["model"]
    loaded = prover.load_prover(core, str(small_database), model=made["path"])
    assert loaded.model_sha256 == made["model"] and not loaded.seen & unseen


def test_equal_results_with_any_number_of_threads(core: Core, theory: Any) -> None:
    ranker = core.Ranker(1)
    ranker.fit(theory, [], proved(theory, new2(theory.theorems()).train), 0)
    labels = theory.theorems()[40:70]
    one, four = (critic.lessons(ranker, theory, labels, n) for n in (1, 4))
    for a, b in itertools.zip_longest(one, four):
        assert all(np.array_equal(a[name], b[name]) for name in a)

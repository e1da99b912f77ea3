"""Rounds on training tasks: what is found is learnt from, unseen tasks are only counted, human proofs left out."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_core import FakeCore, chain, using

from metadream import _core
from metadream.dsl.proofs import Proof
from metadream.metamath_db.core import load_theory
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.tasks import new2, proved
from metadream.wake_sleep.loop.cycle import learn
from metadream.wake_sleep.model import corpus as corpus_module
from metadream.wake_sleep.model.corpus import Corpus, first_numbers, parts
from metadream.wake_sleep.model.train import halves
from metadream.wake_sleep.runs.folder import Folder
from metadream.wake_sleep.runs.run import Run, settings_for, tasks_of
from metadream.wake_sleep.runs.settings import RunRequest
from metadream.wake_sleep.runs.state import Best, read_rows
from metadream.wake_sleep.search.options import search_options


@pytest.fixture
def database(tmp_path: Path) -> str:
    path = tmp_path / "some.mm"
    path.write_text("$( what the fake does not read $)\n")
    return str(path)


def run_of(core: FakeCore, database: str, tmp_path: Path, asked: RunRequest) -> Run:
    theory = core.Theory.load(database)
    settings = settings_for(database, theory, Path(database), asked)  # type: ignore[arg-type]
    with using(core):
        chosen = tasks_of(theory, settings)  # type: ignore[arg-type]
    return Run(Folder(tmp_path / "run"), settings, theory, *chosen, workers=1)  # type: ignore[arg-type]


def test_two_pass_rates_and_only_training_tasks_are_learnt_from(database: str, tmp_path: Path) -> None:
    core, folder = FakeCore(count=100, human=100), tmp_path / "run"
    without = frozenset({"recognition"})

    def run(on: str | None) -> list[dict[str, Any]]:
        asked = {"tasks": 20, "expansions": 300, "workers": 2, "without": without}
        with using(core):
            return learn(database, folder, cycles=3, seed=7, on=on, **asked).data["cycles"]  # type: ignore[arg-type]

    split = new2([f"t{i + 1}" for i in range(100)])
    for data in run("train"):
        rates = data["pass_rate"]
        assert (rates["training"]["tasks"], rates["unseen"]["tasks"]) == (20, 10)
        assert rates["training"]["proved"] == data["solved"] == 20 * rates["training"]["rate"]
        assert data["learnt_proofs"]["human"] == 80 - data["learnt_proofs"]["shorter"]
    rows = read_rows(folder / "traces" / "cycle_003.parquet")
    assert [row["task"] for row in rows if row["kind"] == "task"] == split.train[:20]
    unseen = [row for row in rows if row["kind"] == "unseen"]
    assert [row["task"] for row in unseen] == split.valid
    assert any(row["proof"] is not None for row in unseen)
    assert all(row["best"] is None for row in unseen)
    page = (folder / "report.html").read_text()
    assert "training tasks, learnt from" in page
    searches = core.calls["search"]
    run("train")
    assert core.calls["search"] == searches  # resumed: nothing was left to do
    with pytest.raises(InputError, match="this run has on = train, not default"):
        run(None)


def test_by_default_tasks_measure(database: str, tmp_path: Path) -> None:
    human = run_of(FakeCore(count=100, human=100), database, tmp_path, RunRequest())
    assert (human.tasks, human.unseen, human.learns_from_tasks) == (new2(human.base.theorems()).valid, [], False)
    none = run_of(FakeCore(count=100), database, tmp_path, RunRequest())
    assert (none.tasks, none.human, none.unseen, none.learns_from_tasks) == (none.base.theorems(), [], [], True)
    with pytest.raises(InputError, match="no human proofs to learn from; take '--on train'"):
        run_of(FakeCore(count=100), database, tmp_path, RunRequest(on="valid"))


def test_a_found_proof_replaces_the_human_one_or_stands_beside_it(database: str, tmp_path: Path) -> None:
    run = run_of(FakeCore(count=100, human=90), database, tmp_path, RunRequest(on="train"))
    tasks = {"t20": 20, "t30": 10, "t17": 17, "t95": 95}  # steps of the found proofs; t17's human one uses itself, too
    assert set(tasks) <= set(run.tasks)
    proofs = {task: Proof(chain(task, ["ax"] * count)) for task, count in tasks.items()}
    state = run.initial()
    state = type(state)(
        1, state.library, {t: Best(p, p, 1) for t, p in proofs.items()}, state.human, [Proof(chain(None, ["ax"]))]
    )
    assert run.ways(state) == {"t20": "same", "t30": "shorter", "t17": "other", "t95": "alone"}
    corpus = run.plain_corpus(run.base, state)
    assert set(corpus.found) == {proofs[task] for task in ("t30", "t17", "t95")} and len(corpus.found) == 3
    assert set(run.human) - set(corpus.human) == {"t30"}
    groups = corpus.groups()
    beside = [i for i, item in enumerate(corpus.items) if item in ("t17", proofs["t17"])]
    assert len(beside) == 2
    assert len(set(groups[beside])) == 1
    for seed in range(20):
        first, second = halves(corpus, seed)
        assert sorted([*first, *second]) == list(range(len(corpus.items)))
        assert not set(groups[first]) & set(groups[second])


def test_a_large_corpus_is_split_by_theorem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus_module, "LARGE", 10)
    corpus = Corpus([Proof(chain(f"t{i}", ["ax"])) for i in range(10)], [f"t{i}" for i in range(40)], [])
    for seed in range(20):
        seen, rest = parts(corpus, seed)
        names = [{item.task if isinstance(item, Proof) else item for item in part} for part in (seen, rest)]
        assert rest
        assert not names[0] & names[1]
        assert len(first_numbers(corpus, seed)) == len(seen)
    alone = Corpus([], [f"t{i}" for i in range(40)], [])
    assert np.array_equal(alone.groups(), np.arange(40))


def test_without_proofs_other_human_proofs_change_nothing(small_database: Path, tmp_path: Path) -> None:
    theory = load_theory(small_database)
    human = proved(theory, theory.theorems())
    ranker = _core.Ranker(1)
    ranker.fit(theory, [], human, 2)
    found = {label: _core.search(theory, ranker, label, search_options(300))["proof"] for label in human}
    other = tmp_path / "other.mm"
    other.write_bytes(theory.database_with_library([proof for proof in found.values() if proof is not None]))
    again = load_theory(other)
    assert proved(again, again.theorems()) == human
    assert sum(theory.uses(label) != again.uses(label) for label in human) > 5

    def done(path: Path, cycles: int, *without: str) -> tuple[list[dict[str, object]], list[str]]:
        folder = tmp_path / "-".join([path.stem, *without])
        options = {"tasks": 40, "expansions": 150, "workers": 1, "on": "train", "without": frozenset(without)}
        reports = learn(str(path), folder, cycles, 3, **options).data["cycles"]  # type: ignore[arg-type]
        rows = read_rows(folder / "traces" / f"cycle_{cycles:03}.parquet")
        for row in rows:  # a program says of which database it is
            row["program"] = re.sub(r"(?m)^\.database .*\n", "", str(row["program"]))
        return rows, [each["ranker_sha256"] for each in reports]

    rows, hashes = done(small_database, 2, "proofs")
    assert (rows, hashes) == done(other, 2, "proofs")
    assert any(row["proof"] for row in rows)
    assert done(small_database, 1)[1] != done(other, 1)[1]  # with human proofs they tell apart


@pytest.mark.parametrize("price", ["bytes", "steps", "nats"])
@pytest.mark.parametrize("without", [frozenset({"recognition"}), frozenset({"proofs", "recognition"})])
def test_a_library_by_each_price(small_database: Path, tmp_path: Path, price: str, without: frozenset[str]) -> None:
    options = {"tasks": 30, "without": without, "expansions": 150, "workers": 1, "on": "train"}
    data = learn(str(small_database), tmp_path / "run", 2, 3, price=price, **options).data  # type: ignore[arg-type]
    last = data["cycles"][-1]
    assert last["price"] == price
    assert last["refused"] == 0
    with pytest.raises(InputError, match=f"this run has price = {price}, not default"):
        learn(str(small_database), tmp_path / "run", 2, 3, **options)  # type: ignore[arg-type]

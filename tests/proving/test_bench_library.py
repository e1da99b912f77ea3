"""What the library is worth in search: figures of the bench, levels of the library."""

import json
from pathlib import Path

import pytest
from fake_core import FakeCore, FakeTheory, using

from metadream.dsl.library import HOLE, read_library
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.bench import library
from metadream.wake_sleep.bench.library import Budget, Try


class Unequal(FakeCore):
    """Without the library a task needs ten times the expansions."""

    def search(self, theory, ranker, target, options, proposer=None):  # type: ignore[no-untyped-def]
        found = super().search(theory, ranker, target, options)
        factor = 1 if options.library else 10
        return {**found, "expansions": found["expansions"] * factor, "seconds": found["steps"] or 0.0}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "small.mm"
    path.write_text("$c |- $.\n")
    return path


def test_points_at_equal_expansions_and_at_equal_seconds(database: Path, tmp_path: Path) -> None:
    core = Unequal(200, human=200)
    with using(core):
        found = library.library(str(database), 20, 1_000, 50.0, seed=3, seeds=2, models=tmp_path, workers=1).data
    assert [each["seed"] for each in found["seeds"]] == [3, 4]
    without, with_it = found["seeds"][0]["arms"]["without"], found["seeds"][0]["arms"]["with"]
    assert without["points"] == {"expansions": 0.0, "seconds": 0.0}
    assert with_it["proved"]["expansions"] > without["proved"]["expansions"]
    assert with_it["proved"]["seconds"] == without["proved"]["seconds"]
    gained = with_it["gained"]["expansions"]
    assert found["points"]["with"]["expansions"] == pytest.approx(100 * len(gained) / 20)
    assert sum(each["tasks"] for each in with_it["by_length"].values()) == 20


def test_a_refused_proof_counts_nowhere(database: Path, tmp_path: Path) -> None:
    core = FakeCore(200, human=200)
    with using(core):
        found = library.library(str(database), 20, 10_000, 50.0, seeds=1, models=tmp_path, workers=1).data
    # the fake judges refuse t5
    assert "t5" not in json.dumps([arm["gained"] for arm in found["seeds"][0]["arms"].values()])
    assert Budget(5, 1.0).within(Try("t", False, 1, 0.1)) == (False, False)
    assert Budget(5, 1.0).within(Try("t", True, 6, 0.1)) == (False, True)


def test_bad_questions_are_one_line(database: Path) -> None:
    with using(FakeCore(50)), pytest.raises(InputError, match="no arm 'magic'"):
        library.library(str(database), arms=["without", "magic"])
    with using(FakeCore(50)), pytest.raises(InputError, match="no human proofs"):
        library.library(str(database))


def test_a_schema_is_read_and_shown() -> None:
    body = [{"label": None, "premises": [-1]}, {"label": "mp", "premises": [-2, 0]}]
    entry = {"label": "schema1", "level": 2, "hypotheses": [], "statement": "", "distinct": [], "body": body}
    (found,) = read_library(json.dumps({"schema": "metadream.library", "version": 2, "entries": [entry]}))
    assert (found.level, found.premises, found.statement) == (2, [HOLE, "mp"], "mp(·, ?(·))")
    for broken in ({**entry, "level": 1}, {**entry, "body": body[:1]}, {**entry, "body": []}):
        with pytest.raises(InputError):
            read_library(json.dumps({"schema": "metadream.library", "version": 2, "entries": [broken]}))


class Reusing(FakeCore):
    """Proofs with the library owe steps to skeletons, too."""

    def search(self, theory, ranker, target, options, proposer=None):  # type: ignore[no-untyped-def]
        found = super().search(theory, ranker, target, options)
        with_it = options.library and found["solved"]
        return {**found, "skeletons": [("t9", 1)]} if with_it else found


@using(Reusing(200, human=200))
def test_arms_with_lemmas_have_their_own_model_and_say_what_is_reused(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, learn = [], FakeTheory.learn_library

    def recorded(theory, corpus, human, options, settled=()):  # type: ignore[no-untyped-def]
        drawn.append(options.get("shuffled", (None, 0))[0])
        return learn(theory, corpus, human, options, settled)

    monkeypatch.setattr(FakeTheory, "learn_library", recorded)
    arms = ("without", "replay", "all", "shuffled")
    found = library.library(str(database), 10, 1_000, 50.0, seeds=1, arms=arms, models=tmp_path, workers=1, skip=5).data
    (measured,) = found["seeds"]
    assert measured["lemmas"]["lemmas"] == 1 and found["skipped"] == 5
    assert measured["shuffled"]["lemmas"] == 1  # as many, of two steps as the learned one
    assert drawn == [None, None, [2]]
    assert measured["arms"]["without"]["reused"] == {"proofs": 0, "composites": 0, "most": []}
    all_of_it = measured["arms"]["all"]["reused"]
    assert {name for name, _ in all_of_it["most"]} == {"skeleton of t9", "md1"}
    assert set(found["points"]) == {"replay", "all", "shuffled"}
    low, high = found["interval"]["all"]["expansions"]
    assert low <= found["points"]["all"]["expansions"] <= high
    kept = sorted(path.name for path in tmp_path.glob("*.safetensors"))
    assert len(kept) == 3 and kept[-2].startswith("lemmas-") and kept[-1].startswith("shuffled-")
    again = library.library(str(database), 10, 1_000, 50.0, seeds=1, arms=arms, models=tmp_path, workers=1, skip=5).data
    assert again["seeds"][0]["arms"]["all"]["proved"] == measured["arms"]["all"]["proved"]


def test_the_price_in_nats_of_a_small_database(small_database: Path) -> None:
    # too few proofs to hold some out: one half prices the other
    assert library.nats_of(str(small_database)).mean > 0  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="measured on human proofs, and there are none"):
        library.nats_of("starter")

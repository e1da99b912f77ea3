"""What the library is worth in search: figures of the bench, levels of the library."""

import json
from pathlib import Path

import pytest
from fake_core import FakeCore

from metadream.dsl.composites import HOLE, read_library
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep import worth
from metadream.wake_sleep.worth import Budget, Try


class Unequal(FakeCore):
    """Without the library a task needs ten times the expansions."""

    def search(self, *asked, **options):  # type: ignore[no-untyped-def]
        found = super().search(*asked, **options)
        factor = 1 if options.get("library", True) else 10
        return {**found, "expansions": found["expansions"] * factor, "seconds": found["steps"] or 0.0}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "small.mm"
    path.write_text("$c |- $.\n")
    return path


def test_points_at_equal_expansions_and_at_equal_seconds(database: Path) -> None:
    core = Unequal(200, human=200)
    found = worth.library(str(database), 20, 1_000, 50.0, seed=3, seeds=2, core=core, workers=1).data
    assert [each["seed"] for each in found["seeds"]] == [3, 4]
    without, with_it = found["seeds"][0]["arms"]["without"], found["seeds"][0]["arms"]["with"]
    assert without["points"] == {"expansions": 0.0, "seconds": 0.0}
    assert with_it["proved"]["expansions"] > without["proved"]["expansions"]
    assert with_it["proved"]["seconds"] == without["proved"]["seconds"]
    gained = with_it["gained"]["expansions"]
    assert found["points"]["with"]["expansions"] == pytest.approx(100 * len(gained) / 20)
    assert sum(each["tasks"] for each in with_it["by_length"].values()) == 20


def test_a_refused_proof_counts_nowhere(database: Path) -> None:
    core = FakeCore(200, human=200)
    found = worth.library(str(database), 20, 10_000, 50.0, seeds=1, core=core, workers=1).data
    # the fake judges refuse t5
    assert "t5" not in json.dumps([arm["gained"] for arm in found["seeds"][0]["arms"].values()])
    assert Budget(5, 1.0).within(Try("t", False, 1, 0.1)) == (False, False)
    assert Budget(5, 1.0).within(Try("t", True, 6, 0.1)) == (False, True)


def test_bad_questions_are_one_line(database: Path) -> None:
    with pytest.raises(InputError, match="no arm 'magic'"):
        worth.library(str(database), arms=["without", "magic"], core=FakeCore(50, human=50))
    with pytest.raises(InputError, match="no human proofs"):
        worth.library(str(database), core=FakeCore(50))


def test_a_schema_is_read_and_shown() -> None:
    body = [{"label": None, "premises": [-1]}, {"label": "mp", "premises": [-2, 0]}]
    entry = {"label": "schema1", "level": 2, "hypotheses": [], "statement": "", "distinct": [], "body": body}
    (found,) = read_library(json.dumps({"schema": "metadream.library", "version": 2, "entries": [entry]}))
    assert (found.level, found.premises, found.statement) == (2, [HOLE, "mp"], "mp(·, ?(·))")
    for broken in ({**entry, "level": 1}, {**entry, "body": body[:1]}, {**entry, "body": []}):
        with pytest.raises(InputError):
            read_library(json.dumps({"schema": "metadream.library", "version": 2, "entries": [broken]}))

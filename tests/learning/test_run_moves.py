"""Searches in context in a run: its lemmas are moves, its own model ranks them, and the run's contract stays."""

import json
from pathlib import Path
from typing import Any

import pytest

from metadream.dsl.proofs import Proof
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.level2.execute import run as execute
from metadream.wake_sleep.level2.machine_setup import MachineRequest
from metadream.wake_sleep.loop.cycle import learn
from metadream.wake_sleep.prove.prove import prove
from metadream.wake_sleep.runs.audit import audit
from metadream.wake_sleep.runs.state import read_rows
from metadream.wake_sleep.search.options import command_options

FIXTURE = Path(__file__).resolve().parents[2] / "core" / "src" / "wake_sleep" / "inference" / "fixture.mm"


def cycles(folder: Path, count: int, **more: Any) -> list[dict[str, Any]]:
    """A run on the starter's first tasks."""
    how = {"tasks": 70, "expansions": 150, "workers": 2, "without": frozenset({"dreaming"}), **more}
    found: list[dict[str, Any]] = learn("starter", folder, count, 1, **how).data["cycles"]
    return found


def settled(folder: Path) -> dict[str, bytes]:
    """What equal runs have in common: all but times."""
    names = ("model.safetensors", "library.json", "library.mm", "config.toml")
    files = (
        [folder / name for name in names] + sorted((folder / "traces").iterdir()) + sorted((folder / "log").iterdir())
    )
    return {str(path.relative_to(folder)): path.read_bytes() for path in files if path.name != "lock"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two cycles by both kinds of moves."""
    folder = tmp_path_factory.mktemp("run") / "made"
    cycles(folder, 2, moves="both")
    return folder


def test_workers_and_interruptions_change_nothing(made: Path, tmp_path: Path) -> None:
    cycles(tmp_path / "again", 1, moves="both", workers=1)
    reports = cycles(tmp_path / "again", 2, moves="both", workers=1)
    assert settled(tmp_path / "again") == settled(made)
    first, second = reports
    assert [first["moves"], first["moves_model"]["proofs"]] == ["both", 0]
    assert second["moves_model"]["translated"] == second["moves_model"]["proofs"] > 0
    assert 0 < second["solved_in_context"] <= second["solved"]
    with pytest.raises(InputError, match="moves = both, not unify"):
        cycles(tmp_path / "again", 2, moves="unify")
    assert audit(made).status == 0


def test_what_a_search_in_context_finds_applies_lemmas(made: Path, tmp_path: Path) -> None:
    rows = read_rows(made / "traces" / "cycle_002.parquet")
    solved = [
        row["task"] for row in rows if row["proof"] and any(name[:2] == "md" for name in Proof(row["proof"]).labels)
    ]
    found = [prove(task, options=command_options(20, minimise=0, moves="content"), run=made) for task in solved[:20]]
    by_lemmas = [each.data for each in found if each.data["proved"] and each.data["content"] is not None]
    applied = [label for data in by_lemmas for label, _ in data["proof"]["steps"]]
    assert any(label.startswith("md") for label in applied)
    # the program of the decisions runs again with the run's library
    target = next(data["target"] for data in by_lemmas if any(s[0][:2] == "md" for s in data["proof"]["steps"]))
    prove(target, options=command_options(20, minimise=0, moves="content"), run=made, output=tmp_path / "answer")
    program = [tmp_path / "answer" / "content.txt"]
    done = execute(program, MachineRequest(run=made), 100_000, "none", False)
    assert done.status == 0, done.text()
    again = json.loads((tmp_path / "answer" / "proof.json").read_text())
    assert done.data["content"]["steps"] == sum(
        not label.startswith(f"{target}.") for label, _ in again["proof"]["steps"]
    )


def test_runs_without_moves_stay_as_they_were(tmp_path: Path) -> None:
    (report,) = cycles(tmp_path / "run", 1)  # the starter has no proofs: theorems as they stand
    assert [report["moves"], report["moves_model"], report["solved_in_context"]] == ["unify", None, 0]
    with pytest.raises(InputError, match="knows no moves in context"):
        prove("id", options=command_options(moves="content"), run=tmp_path / "run")
    config = tmp_path / "run" / "config.toml"
    assert 'moves = "unify"' in config.read_text()


def test_human_proofs_teach_moves(tmp_path: Path) -> None:
    how = {"on": "train", "expansions": 60, "workers": 1, "without": frozenset({"dreaming"})}
    (report,) = learn(str(FIXTURE), tmp_path / "run", 1, 1, **how).data["cycles"]
    assert report["moves"] == "both"
    assert report["moves_model"]["decisions"] > 0
    assert report["solved_in_context"] > 0
    found = prove("tmix", options=command_options(100, minimise=0, moves="content"), run=tmp_path / "run")
    assert found.data["content"]["decisions"] > 0

"""``metadream bench machine``: the list of figures is a contract; numbers are never made up."""

import json
import subprocess
import sys

import pytest

from metadream.cli import main
from metadream.dsl.bench import figures as bench
from metadream.dsl.bench import memory
from metadream.dsl.bench.figures import FIGURES, Figure, Measured

NAMES = [
    *("ops_log_off", "ops_log_on", "snapshot_us", "structural_read_us", "unify_read_us"),
    *("slots_2_27_gib", "log_records", "audit_records", "soft_read_write", "associative_recall"),
]


def half() -> Measured:
    return Measured(2.0, rival=4.0, rival_name="other", detail={"runs": 3})


def cannot() -> Measured:
    return Measured(None, why="no memory")


def test_the_contracts_names_are_there() -> None:
    names = [figure.name for figure in FIGURES]
    assert [name for name in NAMES if name not in names] == []
    assert len(set(names)) == len(names)


def test_rows_have_all_keys_and_a_reason_for_null(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = (
        Figure("a", "us", "≤ 3 µs", f"{__name__}:half"),
        Figure("b", "GiB", None, f"{__name__}:cannot"),
        Figure("c", "us", None, None),
    )
    monkeypatch.setattr(bench, "FIGURES", figures)
    assert main(["bench", "machine", "--json", "--figure", "b", "--figure", "a"]) == 0
    rows = json.loads(capsys.readouterr().out)["figures"]
    assert rows[0] == {
        "name": "a",
        "ours": 2.0,
        "unit": "us",
        "target": "≤ 3 µs",
        "rival": 4.0,
        "rival_name": "other",
        "runs": 3,
    }
    assert rows[1]["ours"] is None and rows[1]["why"] == "no memory"
    assert [row["name"] for row in rows] == ["a", "b"]
    assert main(["bench", "machine"]) == 0
    assert "no memory" in capsys.readouterr().out


def test_a_controller_answers_hard_as_it_does_soft(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(memory, "EPISODES", 20)
    assert main(["bench", "machine", "--figure", "associative_recall", "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)["figures"]
    assert row["agree"] == 1 and row["ours"] == row["rival"] > 0.95


def test_an_unknown_figure_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "machine", "--figure", "speed"]) == 2
    assert "no figure is called 'speed'; there are ops_log_off" in capsys.readouterr().err


def test_a_childs_error_is_one_line() -> None:
    command = [sys.executable, "-m", "metadream.dsl.bench.machine", "speed"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)

"""The verb ``audit``: runs, logs and answers; what is wrong is named; proofs without the log; workspaces again."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from fake_core import FakeCore, using
from typer.testing import CliRunner

from metadream import _core
from metadream.cli import app
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.loop.cycle import learn
from metadream.wake_sleep.runs.audit import audit

PROGRAM = """.block main
    MOV 1:0:0, #5
    MOV 1:0:1, "abc"
    LINK.edge 1:0:0, 1:0:1
    MAP.add 1:0:2, 1:0:0*1, #1
    SPAWN 1:0:3, %child, #9
.block child
    MOV 1:0:4, 9:0:0
"""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of a program's run, by the command."""
    folder = tmp_path_factory.mktemp("audit")
    (folder / "program.asm").write_text(PROGRAM)
    done = CliRunner().invoke(
        app, ["run", str(folder / "program.asm"), "--log", str(folder / "log"), "--log-hash", "blake3", "--json"]
    )
    said = json.loads(done.stdout)
    assert done.exit_code == 0 and said["log_records"] > 5
    audited = audit(folder / "log")
    assert (audited.status, audited.data["root"]) == (0, said["log_sha256"])
    again = audit(folder / "log", rebuild=True, output=folder / "image").data["rebuild"]
    assert again["workspace_sha256"] == said["workspace_sha256"] and again["matched"] == again["sessions"] == 1
    assert (again["name"], again["cells"], again["links"]) == ("program.asm", 4, 1)
    assert (folder / "image").stat().st_size == 24 + 68 * 4 + 12 + 32
    return folder / "log"


def copied(log: Path, to: Path) -> Path:
    to.mkdir()
    for path in log.iterdir():
        (to / path.name).write_bytes(path.read_bytes())
    return to


def test_a_new_log_needs_an_empty_folder(log: Path) -> None:
    with pytest.raises(InputError, match="empty folder"):
        _core.Machine(None).log_to(log)


def test_a_changed_byte_is_named(log: Path, tmp_path: Path) -> None:
    segment = copied(log, tmp_path / "log") / "segment-00000000.mdlog"
    good = segment.read_bytes()
    for offset in range(0, len(good), 7):
        segment.write_bytes(good[:offset] + bytes([good[offset] ^ 2]) + good[offset + 1 :])
        outcome = audit(tmp_path / "log")
        (found,) = outcome.data["findings"]
        assert outcome.status == 1 and found["file"] == segment.name and found["offset"] <= offset
        assert (found["record"] is None) == (offset < 64)  # the header is no record
        assert "WRONG" in outcome.text()
    segment.unlink()
    assert "missing" in audit(tmp_path / "log").data["findings"][0]["what"]


def test_proofs_hold_without_the_log_and_forged_ones_do_not(log: Path, tmp_path: Path) -> None:
    file = tmp_path / "proof.json"
    for asked in ({"inclusion": 3}, {"consistency": "4"}, {"consistency": str(log / "head.json")}):
        made: Any = audit(log, **asked)  # type: ignore[arg-type]
        proof = dict(made.data)
        file.write_text(json.dumps(proof))
        assert audit(log / "head.json", check_proof=file).data["ok"] and audit(log, check_proof=file).data["same_root"]
        changes: list[dict[str, Any]] = [{"root": "0" * 64}, {"path": [*proof["path"], "1" * 64]}]
        if "record" in proof:
            changes += [{"record": proof["record"][:-1] + "e"}, {"number": 4}]
        for change in changes:
            file.write_text(json.dumps({**proof, **change}))
            assert audit(log, check_proof=file).status == 1
    with pytest.raises(InputError, match="numbered from 0"):
        audit(log, inclusion=1000)
    for bad in ("", "[]", '{"kind":"inclusion"}'):
        file.write_text(bad)
        with pytest.raises(InputError, match="expected a proof"):
            audit(log, check_proof=file)


@using(FakeCore())
def test_a_run_of_learn_is_checked_with_its_reports(tmp_path: Path) -> None:
    database, folder = tmp_path / "some.mm", tmp_path / "run"
    database.write_text("$( what the fake does not read $)\n")
    for cycles in (1, 3):
        learn(str(database), folder, cycles, 7, expansions=100, workers=2)  # type: ignore[arg-type]
    outcome = audit(folder)
    reports = [json.loads(path.read_text()) for path in sorted((folder / "reports").iterdir())]
    assert outcome.status == 0 and len(outcome.data["files"]) == 14
    assert outcome.data["records"] == outcome.data["sessions"] == reports[-1]["log_records"]
    solved = [data["solved"] + data["solved_without_library"] for data in reports]
    assert [data["log_records"] for data in reports] == [sum(solved[: i + 1]) for i in range(3)]
    library = folder / "library" / "cycle_002.json"
    library.write_text(library.read_text() + " ")
    report = folder / "reports" / "cycle_001.json"
    report.write_text(report.read_text().replace(reports[0]["log_root"], "0" * 64))
    assert [found["file"] for found in audit(folder).data["findings"]] == [
        "library/cycle_002.json",
        "reports/cycle_001.json",
    ]


CHILD = """
import sys
from metadream import _core
begin = bytes([1, 0, 0, 0]) + (4).to_bytes(4, "little") + bytes(112)
n = int(sys.argv[2])
while True:
    sessions = [begin + f"{i % 10000:04}".encode() for i in range(n, n + 9)]
    n = _core.append_log(sys.argv[1], sessions, n)["records"]
    print(n, flush=True)
"""


def test_kill_9_loses_nothing_acknowledged(tmp_path: Path) -> None:
    folder, acknowledged = tmp_path / "log", 0
    for kill in range(8):
        child = subprocess.Popen(
            [sys.executable, "-P", "-c", CHILD, str(folder), str(acknowledged)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        for _ in range(1 + kill % 3):
            acknowledged = int(child.stdout.readline())
        time.sleep(kill * 0.0011)
        child.kill()
        rest = child.stdout.read().split()
        child.wait()
        acknowledged = int(rest[-1]) if rest else acknowledged
        outcome = audit(folder)
        assert outcome.status == 0, outcome.text()
        assert outcome.data["records"] in (acknowledged, acknowledged + 9)  # killed before it could say so
        acknowledged = outcome.data["records"]
    _core.append_log(folder, [], acknowledged)
    assert audit(folder).data["unacknowledged_bytes"] == 0


def test_what_is_no_folder_of_ours_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected the folder of a run"):
        audit(tmp_path)
    with pytest.raises(InputError, match="--check-proof"):
        audit(None)

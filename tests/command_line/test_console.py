"""One answer on standard output, everything else on standard error, one line for what goes wrong."""

import json
import os
import pickle  # noqa: TID251  (what joblib does to an exception)
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from metadream import cli
from metadream.metamath_db import data
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.terminal import console, foreign_text

Metadream = Callable[..., "subprocess.CompletedProcess[str]"]


def test_error_place() -> None:
    assert str(InputError("expected $.", "a.mm", 3, 7)) == "a.mm:3:7: expected $."
    assert str(InputError("expected $.", "a.mm", 3)) == "a.mm:3: expected $."
    assert str(InputError("expected a name")) == "expected a name"
    twin = pickle.loads(pickle.dumps(InputError("m", "f", 1, 2)))  # noqa: S301
    assert (twin.message, twin.file, twin.line, twin.column) == ("m", "f", 1, 2)


def test_plain() -> None:
    assert foreign_text.plain("a\x1b[31mb\x07\x9b2J\u202ec\nd\x7f") == "a [31mb 2J c d "
    assert foreign_text.plain("a\x1bb\nc", keep_lines=True) == "a b\nc"
    assert foreign_text.plain("∀x ∈ ℝ") == "∀x ∈ ℝ"


def test_table_shows_foreign_text_as_it_is() -> None:
    from rich.console import Console

    shown = Console(width=80, color_system=None)
    with shown.capture() as got:
        shown.print(console.table("T", ["label", "n"], [["[red]syl[/red]\x1b[2J", 3], ["id", None]]))
    assert "[red]syl[/red] [2J" in got.get()


SPEAKING = """
import os, subprocess, sys
from metadream.metamath_db.terminal.console import Outcome, answering
with answering(True) as answer:
    print("a library speaks")
    os.write(1, b"C speaks\\n")
    subprocess.run(["echo", "a child speaks"])
    status = answer(Outcome({"x": None, "share": 0.5}, "for people", 1))
sys.exit(status)
"""


def test_json_alone_on_stdout() -> None:
    done = subprocess.run([sys.executable, "-c", SPEAKING], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, '{"x": null, "share": 0.5}\n')
    assert sorted(done.stderr.splitlines()) == ["C speaks", "a child speaks", "a library speaks"]


def test_json_refuses_what_is_not_json() -> None:
    assert console.to_json({"label": "\x9b\n"}) == '{"label": "\\u009b\\n"}'
    with pytest.raises(ValueError, match="Out of range"):
        console.to_json({"x": float("nan")})


def test_a_line_a_minute(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with console.progress("tasks", 100) as update:
        for done in range(1, 101):
            now += 1.5
            update(done, "")
    assert capsys.readouterr().err.splitlines() == [
        "tasks 40/100 in 1 min 00 s, 1 min 30 s left",
        "tasks 80/100 in 2 min 00 s, 30 s left",
    ]


USES = [
    (["--no-such"], "error: No such option: --no-such; see 'metadream --help'"),
    (["data", "gte"], "error: No such command 'gte'. Did you mean 'get'? See 'metadream data --help'"),
    (["learn"], "error: Missing option '--run' / '-r'; see 'metadream learn --help'"),
    (["data", "get", "hol", "--from", "/no/where"], "error: /no/where: no such file; "),
    (["data", "get", "a\x1b[2J", "--from", "/x"], "error: 'a [2J' is no name for a database"),
    (["data", "get", "hol", "ql", "--from", "/x"], "error: --from and --sha256 describe one file"),
    (["bench", "nothing"], "error: No such command 'nothing'; see 'metadream bench --help'"),
]


@pytest.mark.parametrize(("arguments", "line"), USES)
def test_bad_use_is_one_line_and_status_2(metadream: Metadream, arguments: list[str], line: str) -> None:
    done = metadream(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(line)
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("problem", "status", "line"),
    [
        (InputError("expected x; do y", "f.mm", 1, 2), 2, "error: f.mm:1:2: expected x; do y\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (PermissionError(13, "Permission denied", "f"), 2, "error: f: Permission denied; check the path"),
        (RuntimeError("a\nb"), 70, "error: internal error: RuntimeError: a b; set METADREAM_TRACEBACK=1"),
        (BaseException("a panic"), 70, "error: internal error: BaseException: a panic;"),
    ],
)
def test_whatever_goes_wrong_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], problem: BaseException, status: int, line: str
) -> None:
    def entries() -> None:
        raise problem

    monkeypatch.setattr(data, "entries", entries)
    assert cli.main(["data", "list"]) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(line)
    assert err.count("\n") == 1


def test_traceback_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METADREAM_TRACEBACK", "1")
    monkeypatch.setattr(data, "entries", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        cli.main(["data", "list"])


def test_data_get_as_json(metadream: Metadream) -> None:
    done = metadream("data", "get", "mine", "--from", "pyproject.toml", "--json")
    assert (done.returncode, done.stdout.count("\n")) == (0, 1)
    [entry] = json.loads(done.stdout)["data"]
    assert entry["name"] == "mine"
    assert json.loads(metadream("data", "list", "--json").stdout)["data"] == [entry]
    assert "mine" in metadream("data", "list").stdout


def test_a_reader_that_left_is_no_error(metadream: Metadream) -> None:
    script = f"{Path(sys.executable).with_name('metadream')} data list --json | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_ctrl_c(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "apt-get").write_text("#!/bin/sh\necho started >&2\nexec sleep 60\n")
    (tools / "apt-get").chmod(0o755)
    command = [str(Path(sys.executable).with_name("metadream")), "data", "get", "hol", "--json"]
    environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a suite in the background does not hear it
    ) as child:
        assert child.stderr is not None
        assert "downloading" in child.stderr.readline()
        os.killpg(child.pid, signal.SIGINT)  # as a terminal does: to the whole group
        out, err = child.communicate(timeout=30)
    assert (child.returncode, out, err) == (130, "", "interrupted\n")

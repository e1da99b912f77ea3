"""Progress on a terminal, the width of tables, what --help says of defaults, completion."""

import inspect
import io
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest
import typer

from metadream import cli
from metadream.metamath_db.terminal import console

COMMAND = str(Path(sys.executable).with_name("metadream"))
WORKS = """
import sys, time
from types import SimpleNamespace
from metadream.metamath_db.terminal import console
sys.modules["metadream._core"] = SimpleNamespace(done=lambda: (3, 10))
with console.working("prove"):
    with console.stage("searching"):
        time.sleep(1.5)
    with console.progress("tasks", 97) as update:
        update(41, "40 proved")
        time.sleep(1)
print("the answer")
"""


def on_a_terminal(command: list[str]) -> tuple[str, float]:
    """What a command puts on a terminal of 100 columns, and the seconds until the first of it."""
    terminal, its = pty.openpty()
    environment = {**os.environ, "COLUMNS": "100", "TERM": "xterm"}
    started = time.monotonic()
    with subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=environment) as child:
        os.close(its)
        first, said = 0.0, b""
        while select.select([terminal], [], [], 60)[0]:
            try:
                part = os.read(terminal, 1 << 16)
            except OSError:  # the terminal's other end is closed
                break
            first = first or time.monotonic() - started
            said += part
        child.wait(60)
    os.close(terminal)
    return said.decode(), first


def test_progress_on_a_terminal() -> None:
    said, _ = on_a_terminal([sys.executable, "-c", WORKS])
    assert "prove: searching" in said and "3/10" in said
    assert "41/97 40 proved" in said
    assert said.rpartition("\x1b[2K")[2] == "the answer\r\n"  # the lines are gone
    assert "\x1b[?25l" not in said  # and the cursor always was there


@pytest.mark.parametrize("command", [["prove", "syl", "--expansions", "20"], ["tasks"], ["propose"]])
def test_verbs_show_progress(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """One place shows it for all verbs; a conversation speaks itself."""
    shown: list[str] = []

    class Seen:
        def __init__(self, what: str, state: Any, after_s: float) -> None:
            shown.append(what)
            assert after_s < 1

        def end(self) -> None:
            shown.append("end")

    monkeypatch.setattr("metadream.metamath_db.terminal.display.Display", Seen)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    answer = SimpleNamespace(outcome=lambda: console.Outcome({}))
    monkeypatch.setattr("metadream.wake_sleep.api.database.prove", lambda *_, **__: answer)
    monkeypatch.setattr("metadream.compression.maintain.propose.propose", lambda *_: answer)
    assert cli.main(command) == 0
    assert shown == [command[0], "end"]


def test_tables_are_never_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    long = "abcdefghij" * 20

    def shown() -> list[str]:
        monkeypatch.setattr(sys, "stdout", io.StringIO())
        console._show(console.Outcome({}, console.table("T", ["label", "n"], [[long, 3]])), as_json=False)
        return sys.stdout.getvalue().splitlines()  # type: ignore[attr-defined,no-any-return]

    monkeypatch.delenv("COLUMNS", raising=False)
    assert any(long in line for line in shown())
    monkeypatch.setenv("COLUMNS", "60")
    assert max(map(len, shown())) <= 60
    assert "".join(line.split()[0] for line in shown() if "a" in line and "label" not in line) == long


def options() -> Iterator[tuple[str, Any]]:
    """All options and arguments: the command and the option."""
    command: Any = typer.main.get_command(cli.app)
    for name, verb in command.commands.items():
        for below, each in getattr(verb, "commands", {"": verb}).items():
            yield from ((f"{name} {below}".strip(), option) for option in each.params)


WITHOUT = {  # what is not done unless it is asked for, so that there is no default to be named
    *("contributor", "sha256", "macros", "masks", "within", "log", "follow", "held_out", "incremental", "section"),
    *("root", "resume", "output", "export", "check_proof", "consistency", "inclusion", "corpus", "database", "models"),
    *("figure", "expansions", "seconds", "tasks", "run", "date", "pages", "source", "session", "results"),
}


def test_help_names_every_default() -> None:
    missing = []
    for verb, option in options():
        if option.param_type_name != "option" or option.required or option.is_flag or option.default is not None:
            continue
        if "default" not in (option.help or "").lower() and option.name not in WITHOUT:
            missing.append(f"{verb}: {option.opts[0]}")
    assert missing == []


@pytest.mark.parametrize(
    ("verb", "budget"), [("prove", "default: 5,000"), ("learn", "3,000"), ("bench library", "2000")]
)
def test_help_names_the_budget(capsys: pytest.CaptureFixture[str], verb: str, budget: str) -> None:
    assert cli.main([*verb.split(), "--help"]) == 0
    assert budget in " ".join(capsys.readouterr().out.split())


def test_numbers_have_bounds() -> None:
    missing = []
    for verb in [*cli.COMMANDS.values(), *(each for _, group in cli.GROUPS.values() for each in group.values())]:
        for name, parameter in inspect.signature(verb, eval_str=True).parameters.items():
            kind, *more = get_args(parameter.annotation) or (None,)
            if kind in (int, int | None) and (more[0].min is None or more[0].max is None):
                missing.append(f"{verb.__name__} {name}")
    assert missing == []


def test_completion(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {
        **os.environ,
        "_METADREAM_COMPLETE": "complete_bash",
        "COMP_WORDS": "metadream pro",
        "COMP_CWORD": "1",
    }
    done = subprocess.run([COMMAND], env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["prove", "propose"]
    assert cli.main(["--help"]) == 0
    assert "--install-completion" in capsys.readouterr().out

"""Measuring: the commands of a figure are run, and what they say is kept as a result."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from figures import environment
from figures.declare import Answers, Figure, Part
from figures.result import Result, load, save


class MeasureError(Exception):
    """A figure that could not be measured, in words."""


@dataclass(frozen=True)
class Setting:
    """Where things are: the checkout, the results, folders for work, other people's data, and the search path."""

    root: Path
    results: Path
    work: Path
    data: Path
    path: str

    def variables(self) -> dict[str, str]:
        """The environment of every command."""
        package = str(Path(__file__).resolve().parent.parent)
        return {**os.environ, "PATH": self.path, "DATA": str(self.data), "PYTHONPATH": package, "PYTHONSAFEPATH": "1"}


def is_fresh(results: Sequence[Result], figure: Figure, tasks: int | None, source: environment.Source) -> bool:
    """Whether a result is there of the same commands, the same source and a machine that says the same of itself."""
    wanted = figure.id, figure.sized(tasks), figure.filled(tasks), source.sha256, environment.machine()
    return any((r.id, r.tasks, r.commands, r.source_sha256, r.machine) == wanted for r in results)


def measure_part(setting: Setting, part: Part, ids: set[str], tasks: int | None, fresh: bool) -> list[str]:
    """Measure what is not there yet; returns what could not be measured, a line each.

    Raises `KeyboardInterrupt` at Ctrl-C; what was measured by then is kept.
    """
    source, failed = environment.source(setting.root), []
    for figure in part.figures:
        title = f"{part.name}/{figure.id}"
        if ids and figure.id not in ids:
            continue
        if not fresh and is_fresh(load(setting.results, part.name), figure, tasks, source):
            print(f"{title}: is there", file=sys.stderr)
            continue
        try:
            prepare(setting, figure)
            print(f"{title}: measured; about {figure.minutes:g} min", file=sys.stderr)
            save(setting.results, measure(setting, part.name, figure, tasks, source))
        except MeasureError as error:
            failed.append(f"{title}: {error}")
            print(failed[-1], file=sys.stderr)
    return failed


def prepare(setting: Setting, figure: Figure) -> None:
    """Fetch what a figure needs. Raises `MeasureError` for what cannot be had."""
    for name in figure.needs:
        if name.startswith("$DATA/"):
            if not (setting.data / name.removeprefix("$DATA/")).exists():
                raise MeasureError(f"{name} is not there; benchmarks/README.md says where it comes from")
        else:
            run(setting, f"metadream data get {name}", setting.root)


def measure(setting: Setting, part: str, figure: Figure, tasks: int | None, source: environment.Source) -> Result:
    """Run a figure's commands in a folder of its own. Raises `MeasureError`."""
    folder = setting.work / part / figure.id
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    commands, before = figure.filled(tasks), environment.load()
    done = [run(setting, command, folder) for command in commands]
    answers = Answers([x.text for x in done], [x.wall_s for x in done], [x.cpu_s for x in done], folder)
    try:
        values = figure.values(answers)
    except (ValueError, KeyError, TypeError, IndexError, OSError) as error:
        raise MeasureError(f"what the commands answered cannot be read ({type(error).__name__}: {error})") from error
    shutil.rmtree(folder)
    return Result(
        part=part,
        id=figure.id,
        tasks=figure.sized(tasks),
        commands=commands,
        values=values,
        commit=source.commit,
        dirty=source.dirty,
        source_sha256=source.sha256,
        machine=environment.machine(),
        load=(before, environment.load()),
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        wall_s=round(sum(answers.seconds), 2),
        cpu_s=round(sum(answers.cpu_seconds), 2),
    )


@dataclass(frozen=True)
class Ran:
    """A command that ended well: its standard output and what it took."""

    text: str
    wall_s: float
    cpu_s: float


def run(setting: Setting, command: str, folder: Path) -> Ran:
    """Run one command; its standard error stays the terminal's. Raises `MeasureError` where its status is not 0."""
    output, started = setting.work / f"answer-{os.getpid()}", time.monotonic()
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("wb") as stream, Stopping() as stopping:
        child = subprocess.Popen(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=folder,
            env=setting.variables(),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            start_new_session=True,
        )
        stopping.watch(child)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - started
    text = output.read_text(errors="replace")
    output.unlink()
    if child.returncode != 0:
        raise MeasureError(f"'{command}' ended with status {child.returncode}")
    return Ran(text, wall, usage.ru_utime + usage.ru_stime)


class Stopping:
    """Ends a child, and what it started, when we are ended by Ctrl-C or by a signal; raises `KeyboardInterrupt` then.

    The signals are caught before there is a child, so that none is left behind.
    """

    def __init__(self) -> None:
        self.child: subprocess.Popen[bytes] | None = None
        self.stopped = False
        self.before: dict[int, Any] = {}

    def __enter__(self) -> Stopping:
        for number in (signal.SIGINT, signal.SIGTERM):
            self.before[number] = signal.signal(number, self.stop)
        return self

    def stop(self, number: int, _: object) -> None:
        """What happens at a signal: at once if there is a child, else when there is one."""
        self.stopped = True
        if self.child is not None:
            raise KeyboardInterrupt(number)

    def watch(self, child: subprocess.Popen[bytes]) -> None:
        """From now on a signal ends this child."""
        self.child = child
        if self.stopped:
            raise KeyboardInterrupt

    def __exit__(self, *_: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)
        if self.child is not None and self.child.returncode is None:
            os.killpg(self.child.pid, signal.SIGTERM)
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.child.pid, signal.SIGKILL)

"""What people and programs see: one answer on standard output, everything else on standard error.

Every verb hands back an `Outcome` and prints nothing itself. `answering` shows it: as text or a table for
people, or with ``--json`` as one object on one line. While a verb runs with ``--json``, file descriptor 1
points to standard error, so that no library and no child process can put anything beside that line.

Labels, comments and paths are foreign text: `plain` takes out what a terminal would obey.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

LINE_EVERY_S = 60.0  # away from a terminal, progress is a line a minute

# C0 and C1 controls, DEL, line and paragraph separators, what reorders text, byte order mark, lone surrogates
_CONTROLS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+",
)


def plain(text: str, *, keep_lines: bool = False) -> str:
    """`text` without control characters; each run of them becomes one space, line ends too unless kept."""
    if keep_lines:
        return "\n".join(plain(line) for line in text.split("\n"))
    return _CONTROLS.sub(" ", text)


@dataclass(frozen=True)
class Outcome:
    """What a verb hands back.

    `data` is the object that ``--json`` prints: shares are fractions 0-1, what is absent is None.
    `text` is for people: a string, or a table made by `table`.
    `status`: 0 done, 1 not proved or not accepted. (2, bad input, is an `InputError`; 130 is Ctrl-C.)
    """

    data: Mapping[str, Any]
    text: str | RenderableType = ""
    status: int = 0


def to_json(data: Mapping[str, Any]) -> str:
    """`data` as one line of strict JSON in ASCII; numpy's numbers become numbers, not-a-number is refused."""

    def number(value: Any) -> Any:
        if hasattr(value, "item"):
            return value.item()
        if isinstance(value, os.PathLike):
            return os.fspath(value)
        raise TypeError(f"{type(value).__name__} has no place in an answer")

    return json.dumps(data, default=number, allow_nan=False, ensure_ascii=True)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table of plain cells: numbers stand to the right, None is a dash, foreign text can do no harm."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    body = [list(row) for row in rows]
    made = Table(title=Text(plain(title)) if title else None, box=SIMPLE_HEAD, title_justify="left")
    for i, name in enumerate(columns):
        numeric = bool(body) and all(isinstance(row[i], int | float | None) for row in body)
        made.add_column(Text(plain(name)), justify="right" if numeric else "left")
    for row in body:
        made.add_row(*(Text("-" if cell is None else plain(str(cell))) for cell in row))
    return made


def _show(outcome: Outcome, *, as_json: bool) -> None:
    try:
        if as_json:
            print(to_json(outcome.data))
        elif isinstance(outcome.text, str):
            if outcome.text:
                print(plain(outcome.text.rstrip("\n"), keep_lines=True))
        else:
            from rich.console import Console

            Console(width=None if sys.stdout.isatty() else 200, highlight=False).print(outcome.text)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, `head` say, has what it wanted
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _stdout_to_stderr() -> Iterator[None]:
    sys.stdout.flush()
    try:
        number = sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):  # captured: no file behind it
        with redirect_stdout(sys.stderr):
            yield
        return
    kept = os.dup(number)
    os.dup2(sys.stderr.fileno(), number)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, number)
        os.close(kept)


@contextmanager
def answering(as_json: bool) -> Iterator[Callable[[Outcome], int]]:
    """Run a verb inside; call what this yields with its `Outcome`, once, to get the exit status.

    The outcome is printed when the block ends without an error.
    """
    given: list[Outcome] = []

    def answer(outcome: Outcome) -> int:
        given.append(outcome)
        return outcome.status

    if as_json:
        with _stdout_to_stderr():
            yield answer
    else:
        yield answer
    for outcome in given:
        _show(outcome, as_json=as_json)


def note(text: str) -> None:
    """One line of remark on standard error."""
    print(plain(text), file=sys.stderr, flush=True)


def error(text: str) -> None:
    """One line ``error: ...`` on standard error."""
    note(f"error: {text}")


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[int, str], None]]:
    """Show how far something is: a live bar on a terminal, else a line a minute; always on standard error.

    Yields ``update(done, remark)``; calling it often is cheap.
    """
    if not sys.stderr.isatty():
        yield _LineAMinute(what, total).update
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[remark]}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task(plain(what), total=total, remark="")

        def update(done: int, remark: str = "") -> None:
            bars.update(task, completed=done, remark=plain(remark))

        yield update


class _LineAMinute:
    """Progress for a log file: nothing in the first minute, then a line each."""

    def __init__(self, what: str, total: int | None) -> None:
        self.what, self.total = what, total
        self.started = self.shown = time.monotonic()

    def update(self, done: int, remark: str = "") -> None:
        """Note that `done` are done; print it if the last line is a minute old."""
        now = time.monotonic()
        if now - self.shown < LINE_EVERY_S:
            return
        self.shown = now
        of = "" if self.total is None else f"/{self.total}"
        left = ""
        if self.total and 0 < done < self.total:
            left = f", {_clock((now - self.started) * (self.total - done) / done)} left"
        note(f"{self.what} {done}{of} in {_clock(now - self.started)}{left}  {remark}".rstrip())


def _clock(seconds: float) -> str:
    whole = math.floor(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"

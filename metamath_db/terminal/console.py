"""What people and programs see: one answer on standard output, everything else on standard error.

Every verb hands back an `Outcome` and prints nothing itself. `answering` shows it: as text or a table for
people, or with ``--json`` as one object on one line. While a verb runs with ``--json``, file descriptor 1
points to standard error, so that no library and no child process can put anything beside that line.

While a verb works (`working`), a terminal shows what is being done (`stage`), how far it is (`progress`, and what
the core counts), and for how long; away from a terminal `progress` is a line a minute.
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
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from metadream.metamath_db.errors import InputError
from metadream.metamath_db.terminal.foreign_text import SURROGATES, plain, unescaped

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from metadream.metamath_db.terminal.display import Display

LINE_EVERY_S = 60.0  # away from a terminal, progress is a line a minute
LOADING = "loading"  # the stage until there is another
SHOWN_AFTER_S = 0.3  # what is done sooner shows no progress
WITHOUT_BOUND = 100_000  # columns of a table that goes into a pipe, unless COLUMNS says less

#: Where remarks go instead of standard error; what is set holds in the threads that `patiently` starts, too.
_HEARD: ContextVar[list[str] | None] = ContextVar("heard", default=None)
_HALF = re.compile(r"\\ud[89a-f]")  # a surrogate in JSON, of a pair or lone
_LETTERS = re.compile(r"[^\x00-\x7f]")


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
    """`data` as one line of strict JSON in ASCII; numpy's numbers become numbers, not-a-number is refused.

    Lone surrogates are no Unicode, and many readers of JSON refuse them: they are written as `unescaped` does.
    """

    def number(value: Any) -> Any:
        if hasattr(value, "item"):
            return value.item()
        if isinstance(value, os.PathLike):
            return os.fspath(value)
        raise TypeError(f"{type(value).__name__} has no place in an answer")

    text = json.dumps(data, default=number, allow_nan=False, ensure_ascii=True)
    if _HALF.search(text) is None:
        return text
    text = json.dumps(data, default=number, allow_nan=False, ensure_ascii=False)
    text = SURROGATES.sub(lambda found: json.dumps(unescaped(found[0]))[1:-1], text)
    return _LETTERS.sub(lambda found: json.dumps(found[0])[1:-1], text)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table of plain cells: numbers stand to the right, None is a dash, foreign text can do no harm."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    body = [list(row) for row in rows]
    made = Table(title=Text(plain(title)) if title else None, box=SIMPLE_HEAD, title_justify="left")
    for i, name in enumerate(columns):
        numeric = bool(body) and all(isinstance(row[i], int | float | None) for row in body)
        made.add_column(Text(plain(name)), justify="right" if numeric else "left", overflow="fold")
    for row in body:
        made.add_row(*(Text("-" if cell is None else plain(str(cell))) for cell in row))
    return made


def _show(outcome: Outcome, *, as_json: bool) -> None:
    """Print an outcome. Raises `InputError` where standard output takes nothing; a reader that left is no error."""
    try:
        if as_json:
            print(to_json(outcome.data))
        elif isinstance(outcome.text, str):
            if outcome.text:
                print(plain(outcome.text.rstrip("\n"), keep_lines=True))
        else:
            print(as_text(outcome.text, _width()), end="")
        sys.stdout.flush()
    except OSError as problem:
        let_go(sys.stdout)
        if not isinstance(problem, BrokenPipeError):  # `head`, say, has what it wanted
            raise InputError(f"standard output: {problem.strerror}; give the answer a place that takes it") from None


def as_text(shown: str | RenderableType, width: int | None = WITHOUT_BOUND) -> str:
    """What people are shown, as text of at most `width` columns (None: as wide as the terminal)."""
    if isinstance(shown, str):
        return shown
    from rich.console import Console

    console = Console(width=width, highlight=False)
    with console.capture() as kept:  # rich itself would end the process where the reader left
        console.print(shown)
    return "\n".join(line.rstrip() for line in unescaped(kept.get()).split("\n"))


def _width() -> int | None:
    """Columns for a table: those of a terminal or of COLUMNS (None: rich finds them), else as many as it wants."""
    said = os.environ.get("COLUMNS", "")
    return None if sys.stdout.isatty() or (said.isdigit() and int(said)) else WITHOUT_BOUND


def open_streams() -> None:
    """Put the null device where standard input or standard error is closed: no file may get its number.

    Raises `InputError` if standard output is closed, since nobody would see the answer.
    """
    closed = [number for number in range(3) if _is_closed(number)]
    for _ in closed:  # the lowest number that is free is the one that is given
        os.open(os.devnull, os.O_RDWR)
    for number in closed:
        if number == 2:
            sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115 (as long as the process)
        if number == 0:
            sys.stdin = open(0, closefd=False)  # noqa: SIM115
    if 1 in closed:
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        raise InputError("standard output is closed; give the answer a place, such as '> FILE'")


def _is_closed(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return True
    return False


def let_go(stream: TextIO) -> None:
    """Send what is still in a stream, and what comes, nowhere: it cannot be written."""
    try:
        number = stream.fileno()
    except (AttributeError, OSError, ValueError):  # captured: no file behind it
        return
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, number)
    os.close(null)


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
        try:
            sys.stdout.flush()
        except OSError:  # standard error takes nothing; the answer's place must not get it
            let_go(sys.stdout)
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


@contextmanager
def hearing() -> Iterator[list[str]]:
    """Print nothing inside: remarks are put into the list that this yields, and no progress is shown."""
    heard: list[str] = []
    before = _HEARD.set(heard)
    try:
        yield heard
    finally:
        _HEARD.reset(before)


def note(text: str) -> None:
    """One line of remark on standard error; it is lost where that takes nothing."""
    heard = _HEARD.get()
    if heard is not None:
        heard.append(plain(text))
        return
    try:
        print(plain(text), file=sys.stderr, flush=True)
    except OSError:
        let_go(sys.stderr)


def error(text: str) -> None:
    """One line ``error: ...`` on standard error."""
    note(f"error: {text}")


class _Work:
    """The stage that the process is working on, and its progress display, where they are known."""

    def __init__(self) -> None:
        self.stage = ""
        self.display: Display | None = None

    def state(self) -> tuple[str, int, int]:
        """The stage, and how far the core's long call is: how many are done, of how many (0: not known)."""
        core = sys.modules.get("metadream._core")  # if it is loaded by now
        return (self.stage, *(core.done() if core is not None else (0, 0)))


_WORK = _Work()


@contextmanager
def stage(text: str) -> Iterator[None]:
    """Say in a few words what the block does."""
    if _HEARD.get() is not None:  # nothing is shown, and other threads may be at work, too
        yield
        return
    before = "" if _WORK.stage == LOADING else _WORK.stage
    _WORK.stage = plain(text)
    try:
        yield
    finally:
        _WORK.stage = before


@contextmanager
def working(what: str) -> Iterator[None]:
    """While the block runs, a terminal shows `what`, the stage, how far it is and the time; nothing of it stays."""
    if not sys.stderr.isatty() or _WORK.display is not None:
        yield
        return
    from metadream.metamath_db.terminal.display import Display

    _WORK.display = Display(what, _WORK.state, SHOWN_AFTER_S)
    try:
        with stage(LOADING):
            yield
    finally:
        _WORK.display.end()
        _WORK.display = None


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[int, str], None]]:
    """Show how far something is: a bar on a terminal, else a line a minute; always on standard error.

    Yields ``update(done, remark)``; calling it often is cheap.
    """
    if _HEARD.get() is not None:
        yield lambda done, remark: None
        return
    if not sys.stderr.isatty() or _WORK.display is None:
        yield _LineAMinute(what, total).update
        return
    with _WORK.display.bar(plain(what), total) as update:
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

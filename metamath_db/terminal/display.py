"""Progress on a terminal: a line for the verb that runs, with its stage and the core's count, and bars below it.

It begins a moment after the verb does, in a thread of its own, so that what is quick shows nothing and does not wait
for rich.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, Timer
from typing import TYPE_CHECKING

from metadream.metamath_db.terminal.foreign_text import plain

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

State = tuple[str, int, int]
"""What is being done, how many are done, of how many (0: not known)."""


class Display:
    """One line for `what`, drawn anew four times a second from what `state` says, and a bar for each `bar`."""

    def __init__(self, what: str, state: Callable[[], State], after_s: float) -> None:
        self._what, self._state = what, state
        self._lock = Lock()
        self._bars: dict[int, tuple[str, int | None, int, str]] = {}  # text, total, done, remark
        self._made = 0
        self._ended = False
        self._progress: Progress | None = None
        self._tasks: dict[int, TaskID] = {}
        self._timer = Timer(after_s, self._begin)
        self._timer.daemon = True
        self._timer.start()

    def _begin(self) -> None:
        progress = _drawn(self._state)
        with self._lock:
            if self._ended:
                return
            progress.add_task(self._what, total=None, remark="", verb=True)
            for key, (text, total, done, remark) in self._bars.items():
                self._tasks[key] = progress.add_task(text, total=total, completed=done, remark=remark, verb=False)
            self._progress = progress
            progress.start()

    @contextmanager
    def bar(self, text: str, total: int | None) -> Iterator[Callable[[int, str], None]]:
        """A bar as long as the block runs. Yields ``update(done, remark)``."""
        with self._lock:
            key = self._made = self._made + 1
            self._bars[key] = (text, total, 0, "")
            if self._progress is not None:
                self._tasks[key] = self._progress.add_task(text, total=total, remark="", verb=False)

        def update(done: int, remark: str = "") -> None:
            self._bars[key] = (text, total, done, plain(remark))
            if self._progress is not None and key in self._tasks:
                self._progress.update(self._tasks[key], completed=done, remark=plain(remark))

        try:
            yield update
        finally:
            with self._lock:
                del self._bars[key]
                if self._progress is not None and key in self._tasks:
                    self._progress.remove_task(self._tasks.pop(key))

    def end(self) -> None:
        """Take everything from the terminal."""
        self._timer.cancel()
        with self._lock:
            self._ended = True
            if self._progress is not None:
                self._progress.stop()


def _drawn(state: Callable[[], State]) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TimeElapsedColumn
    from rich.text import Text

    class Steady(Console):
        """Leaves the cursor as it is, so that it is there however the process ends."""

        def show_cursor(self, show: bool = True) -> bool:
            return False

    class What(ProgressColumn):
        """The verb with its stage, or a bar's text."""

        def render(self, task: Task) -> Text:
            stage = state()[0] if task.fields["verb"] else ""
            return Text(f"{task.description}: {stage}" if stage else task.description)

    class Count(ProgressColumn):
        """How many are done, of how many, and what there is to remark."""

        def render(self, task: Task) -> Text:
            done, total = state()[1:] if task.fields["verb"] else (int(task.completed), int(task.total or 0))
            of = f"/{total:,}" if total else ""
            return Text(f"{done:,}{of} {task.fields['remark']}".rstrip() if done or total else task.fields["remark"])

    class Left(ProgressColumn):
        """The time that is left, where it can be told."""

        def render(self, task: Task) -> Text:
            seconds = task.time_remaining
            return Text(f"{int(seconds) // 60}:{int(seconds) % 60:02} left" if seconds else "")

    class Bar(BarColumn):
        """A bar where the total is known."""

        def render(self, task: Task) -> Text:  # type: ignore[override]
            return Text("") if task.total is None else super().render(task)  # type: ignore[return-value]

    columns = (SpinnerColumn(finished_text=" "), What(), Bar(24), Count(), TimeElapsedColumn(), Left())
    return Progress(*columns, console=Steady(stderr=True), transient=True, redirect_stdout=False, refresh_per_second=4)

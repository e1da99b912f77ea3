"""What a figure, a part and a table are."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from figures.result import Result

Values = dict[str, Any]


@dataclass(frozen=True)
class Answers:
    """What the commands of one figure left.

    `texts` are their standard outputs in order, `seconds` and `cpu_seconds` what each took, `folder` where they ran.
    """

    texts: Sequence[str]
    seconds: Sequence[float]
    cpu_seconds: Sequence[float]
    folder: Path

    def json(self, number: int = -1) -> dict[str, Any]:
        """The JSON object that a command printed, the last one by default. Raises `ValueError` for other output."""
        answer = json.loads(self.texts[number])
        if not isinstance(answer, dict):
            raise ValueError("the answer is no JSON object")
        return answer

    def lines(self, name: str) -> list[Any]:
        """The values of a JSON Lines file that a command wrote."""
        return [json.loads(line) for line in (self.folder / name).read_text().splitlines()]


@dataclass(frozen=True)
class Figure:
    """One measurement.

    `commands` run in order by bash, in an empty folder of their own, with `metadream` on the path and `$DATA` as the
    folder of other people's data. `{tasks}` stands for the sample's size, `{last}` for the number of the last task
    where the first `skipped` ones are left out. `values` picks from the answers what is kept. `needs` are what
    `metadream data get` fetches, and paths that begin with `$DATA/`. `minutes` is what it takes on two idle cores.
    """

    id: str
    commands: tuple[str, ...]
    values: Callable[[Answers], Values]
    minutes: float
    needs: tuple[str, ...] = ()
    tasks: int | None = None  # size of the sample where a reader can choose one
    skipped: int = 0

    def sized(self, tasks: int | None) -> int | None:
        """The size of the sample: what is asked for, at most the declared one; `None` where there is no choice."""
        return None if self.tasks is None else min(self.tasks, tasks or self.tasks)

    def filled(self, tasks: int | None) -> tuple[str, ...]:
        """The commands for a sample of this size."""
        size = self.sized(tasks)
        if size is None:
            return self.commands
        last = str(self.skipped + size)
        return tuple(text.replace("{tasks}", str(size)).replace("{last}", last) for text in self.commands)


@dataclass(frozen=True)
class Table:
    """A table of BENCHMARKS.md and the results that it shows."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    results: Sequence[Result]
    title: str = ""
    note: str = ""


@dataclass(frozen=True)
class Headline:
    """A row of the README: what was measured, ours, the rivals in the same run, and the result that says so."""

    what: str
    ours: str
    rivals: str
    result: Result


@dataclass(frozen=True)
class Part:
    """Figures that are measured and shown together."""

    name: str
    title: str
    text: str
    figures: tuple[Figure, ...]
    tables: Callable[[Sequence[Result]], Sequence[Table]]
    headlines: Callable[[Sequence[Result]], Sequence[Headline]] = field(default=lambda _: ())
    published: str = ""  # the group of published.json that is shown beside it

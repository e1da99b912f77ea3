"""What a run learned, as an object: its cycles' figures and its library."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from metadream.dsl.library import Composite, read_library
from metadream.metamath_db.terminal.console import table
from metadream.metamath_db.terminal.result import Result
from metadream.wake_sleep.report.export import Exported, export, export_patch
from metadream.wake_sleep.report.show import Listed, Shown, list_library, show_composite
from metadream.wake_sleep.runs.folder import Folder

COLUMNS = ("cycle", "tasks", "solved", "without library", "ever", "composites", "description length", "seconds")


@dataclass(frozen=True, repr=False, eq=False)
class Learned(Result):
    """A run of ``learn``: iterate over it for the composites of its newest library."""

    folder: Folder = field(kw_only=True)

    @classmethod
    def of(cls, folder: Folder) -> Learned:
        """A run after its last finished cycle. Its ``data``: ``run``, ``report``, ``cycles``."""
        reports, report = folder.reports(), folder.root / "report.html"
        shown = table("", COLUMNS, map(_row, reports))
        shown.caption, shown.caption_justify = f"report: {report}", "left"
        return cls({"run": folder.root, "report": report, "cycles": reports}, shown, folder=folder)

    @property
    def run(self) -> Path:
        """Its folder."""
        return self.folder.root

    @property
    def cycles(self) -> Sequence[Mapping[str, Any]]:
        """The figures of each finished cycle (docs/formats.md)."""
        cycles: Sequence[Mapping[str, Any]] = self.data["cycles"]
        return cycles

    @property
    def solved(self) -> list[int]:
        """Tasks that each cycle proved."""
        return [int(cycle["solved"]) for cycle in self.cycles]

    @property
    def solved_without_library(self) -> list[int]:
        """Tasks that each cycle proved without the library."""
        return [int(cycle["solved_without_library"]) for cycle in self.cycles]

    @cached_property
    def composites(self) -> list[Composite]:
        """The newest library: its composites, in the order of learning."""
        return read_library(self.folder.library_text(len(self.cycles)), self.folder.library(len(self.cycles)))

    def __len__(self) -> int:
        return len(self.composites)

    def __iter__(self) -> Iterator[Composite]:
        return iter(self.composites)

    def __bool__(self) -> bool:
        return self.status == 0

    def __repr__(self) -> str:
        last = self.cycles[-1] if self.cycles else {"solved": 0, "tasks": 0}
        return (
            f"<{type(self).__name__} {self.run}: {len(self.cycles)} cycles, {last['solved']} of {last['tasks']} "
            f"solved, {len(self)} composites>"
        )

    def listed(self) -> Listed:
        """The composites with uses and sizes, judged again; as the command ``library list``. Raises `InputError`."""
        return list_library(self.run)

    def show(self, name: str) -> Shown:
        """One composite, judged again; as the command ``library show``. Raises `InputError`."""
        return show_composite(self.run, name)

    def export(
        self,
        output: Path | str,
        whole: bool = False,
        style: Literal["plain", "setmm"] = "plain",
        contributor: str | None = None,
        date: str | None = None,
        limit: int = 20,
        split: bool = False,
        threads: int | None = None,
    ) -> Exported:
        """Write the composites as a ``.mm`` file, judged again; as the command ``export``. Raises `InputError`.

        `whole`: the whole database, with the composites and the proofs that use them. `style` "setmm": a patch as
        set.mm's maintainers take it; the options behind it are for this one.
        """
        if style == "setmm":
            return export_patch(self.run, Path(output), contributor, date, limit, split, threads)
        return export(self.run, Path(output), whole)


def _row(data: Mapping[str, Any]) -> tuple[object, ...]:
    keys = ("cycle", "tasks", "solved", "solved_without_library", "solved_ever", "library_size", "description_length")
    return (*(data[key] for key in keys), round(sum(data["seconds"].values()), 1))

"""The verbs ``library list`` and ``library show``: a run's composites, judged again before they are shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from metadream.dsl.library import Composite, depths, graph, read_library, unfolded_sizes, uses
from metadream.dsl.proofs import Proof, entry_of
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.terminal.console import table
from metadream.metamath_db.terminal.counted import counted
from metadream.metamath_db.terminal.result import Result
from metadream.wake_sleep.runs.folder import Folder
from metadream.wake_sleep.runs.rejudged import judged_state, refuse_false_figures
from metadream.wake_sleep.runs.run import reopen
from metadream.wake_sleep.runs.state import rows_of


@dataclass(frozen=True)
class Newest:
    """A run after its last finished cycle, judged again: the library and the proofs."""

    composites: list[Composite]
    rows: list[dict[str, Any]]


@dataclass(frozen=True)
class Used:
    """A composite, and how it is used."""

    name: str
    level: int
    """1: a lemma; 2: a schema."""
    description: str | None
    statement: str
    uses: int | None
    """In the library and the proofs; None where it was not counted."""
    size: int
    """Steps of its proof."""
    size_unfolded: int
    """The same with all composites in it unfolded."""
    depth: int
    """How many composites stand in one another."""
    millinats: int | None
    """Of a schema: what it gained on held-out proofs, in thousandths of a nat."""


@dataclass(frozen=True, repr=False, eq=False)
class Listed(Result):
    """A run's library, those most used first: iterate over it for `Used`."""

    @property
    def composites(self) -> tuple[Used, ...]:
        """The composites."""
        return tuple(Used(**row) for row in self.data["composites"])

    def __len__(self) -> int:
        return len(self.data["composites"])

    def __iter__(self) -> Iterator[Used]:
        return iter(self.composites)

    def __bool__(self) -> bool:
        return self.status == 0

    def __repr__(self) -> str:
        return f"<Listed {self.data['run']}: {counted(len(self), 'composite')}>"


@dataclass(frozen=True, repr=False, eq=False)
class Shown(Result):
    """One composite: its statement and proof, what uses it, what it rests on."""

    @property
    def composite(self) -> Used:
        """The composite, and how often it is used."""
        return Used(**{field.name: self.data[field.name] for field in fields(Used)})

    @property
    def hypotheses(self) -> tuple[str, ...]:
        """Its hypotheses, typecode first."""
        return tuple(self.data["hypotheses"])

    @property
    def conclusion(self) -> str:
        """What it concludes, typecode first; of a schema the empty text."""
        return str(self.data["conclusion"])

    @property
    def disjoint(self) -> tuple[tuple[str, str], ...]:
        """Pairs of variables that its ``$d`` conditions keep apart."""
        return tuple((first, second) for first, second in self.data["disjoint"])

    @property
    def steps(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Its proof, premises first: labels, and places of the steps that prove their hypotheses, or −1 − i for its
        own hypothesis i.
        """
        return tuple((step["label"], tuple(step["premises"])) for step in self.data["proof"])

    @property
    def used_by(self) -> tuple[str, ...]:
        """The composites that use it."""
        return tuple(self.data["composites_that_use_it"])

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks whose proofs use it."""
        return tuple(self.data["tasks_that_use_it"])

    @property
    def axioms(self) -> tuple[str, ...]:
        """The axioms that it rests on."""
        return tuple(self.data["axioms"] or ())


def newest(
    run: Path,
) -> Newest:
    """Load a run's database, and judge its newest library and proofs. Raises `InputError`."""
    folder = Folder(run)
    work = reopen(folder)
    cycle = len(folder.reports())
    state, _ = judged_state(work, cycle)
    refuse_false_figures(work)
    return Newest(read_library(state.library, folder.library(cycle)), rows_of(folder, cycle))


def newest_rows(folder: Folder) -> list[dict[str, Any]]:
    """The proofs of the last finished cycle."""
    return rows_of(folder, len(folder.reports()))


def corpus_of(rows: Sequence[dict[str, Any]]) -> list[Proof]:
    """Proofs as the newest library rewrote them; human proofs that were not rewritten are left out."""
    entries = (entry_of(row["rewritten"]) for row in rows if row["rewritten"] is not None)
    return [entry for entry in entries if isinstance(entry, Proof)]


def described(composites: Sequence[Composite], proofs: Sequence[Proof]) -> list[dict[str, Any]]:
    """One object a composite, those most used first: name, statement, uses, size, size unfolded, depth."""
    count, depth, size = uses(composites, proofs), depths(composites), unfolded_sizes(composites)
    rows = [
        {
            "name": composite.name,
            "level": composite.level,
            "description": composite.entry.get("description"),
            "statement": composite.statement,
            "uses": count[composite.name]
            if composite.level == 1
            else (composite.entry.get("strategy") or {}).get("uses"),
            "millinats": (composite.entry.get("strategy") or {}).get("millinats"),
            "size": len(composite.body),
            "size_unfolded": size[composite.name],
            "depth": depth[composite.name],
        }
        for composite in composites
    ]
    return sorted(rows, key=lambda row: (row["level"], -(row["uses"] or 0)))


def list_library(
    run: Path,
) -> Listed:
    """The verb ``library list``: what both judges accept. Raises `InputError`."""
    found = newest(run)
    rows = described(found.composites, corpus_of(found.rows))
    columns = ("name", "level", "uses", "size", "unfolded", "depth", "statement")
    shown = table(
        "",
        columns,
        [[row[k] for k in ("name", "level", "uses", "size", "size_unfolded", "depth", "statement")] for row in rows],
    )
    return Listed({"run": run, "composites": rows}, shown if rows else "the library is empty")


def show_composite(
    run: Path,
    name: str,
) -> Shown:
    """The verb ``library show``: statement, proof, what it uses and what uses it. Raises `InputError`."""
    found = newest(run)
    composites, rows = found.composites, found.rows
    by_name = {composite.name: composite for composite in composites}
    if name not in by_name:
        raise InputError(f"no composite is called '{name}'; see 'metadream library list --run {run}'")
    chosen = by_name[name]
    row = next(row for row in described(composites, corpus_of(rows)) if row["name"] == name)
    made = graph(composites)
    users = sorted(user for user in made.predecessors(name))
    tasks = [
        entry["task"]
        for entry in rows
        if entry["kind"] == "task"
        and entry["rewritten"] is not None
        and uses([chosen], [Proof(entry["rewritten"])])[name]
    ]
    data = {
        **row,
        "hypotheses": list(chosen.hyps),
        "conclusion": chosen.conclusion,
        "disjoint": [list(pair) for pair in chosen.disjoint],
        "proof": [{"label": label, "premises": list(premises)} for label, premises in chosen.body],
        "composites_that_use_it": users,
        "tasks_that_use_it": tasks,
        "axioms": chosen.entry.get("axioms"),
        "judges": ["kernel", "metamath_rs"] if chosen.level == 1 else None,
        "origin": chosen.entry.get("origin"),
        "strategy": chosen.entry.get("strategy"),
    }
    return Shown(data, _in_words(data))


def _in_words(data: dict[str, Any]) -> str:
    lines = [f"{data['name']}  {data['description'] or ''}".rstrip()]
    lines += [f"  hypothesis {i + 1}: {formula}" for i, formula in enumerate(data["hypotheses"])]
    if data["level"] == 1:
        lines.append(f"  conclusion:   {data['conclusion']}")
    elif data["strategy"] is not None:
        share, gain = data["strategy"]["share"] / 1e4, data["strategy"]["millinats"] / 1e3
        lines.append(f"  a schema, {share:.1f} % of its first label's uses; {gain:.1f} nats gained on held-out proofs")
    if data["disjoint"]:
        lines.append("  $d: " + ", ".join(" ".join(pair) for pair in data["disjoint"]))
    lines.append(f"  {counted(data['uses'], 'use')}; {counted(data['size'], 'step')}, {data['size_unfolded']} unfolded")
    for i, step in enumerate(data["proof"]):
        operands = " ".join(str(p + 1) if p >= 0 else f"h{-p}" for p in step["premises"])
        lines.append(f"  {i + 1:>4}  {step['label']}  {operands}".rstrip())
    for what in ("composites_that_use_it", "tasks_that_use_it"):
        names = data[what]
        if names:
            more = f" and {len(names) - 12} more" if len(names) > 12 else ""
            lines.append(f"  {what.replace('_', ' ')}: {', '.join(names[:12])}{more}")
    return "\n".join(lines)

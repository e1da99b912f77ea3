"""What a cycle hands to the next, and its form on disk: ``traces/cycle_NNN.parquet``, one row a proof.

kind ``task``: a task, in task order. What the wake found: `proof`, `steps`, `expansions`, `reason`, `program`;
what it found without the library: `proof_without`, `expansions_without`; and the frontier after the cycle: `best`, the
shortest proof so far, unfolded, `rewritten`, the same with the library, `best_cycle`, the cycle that found it.
kind ``unseen``: a task that is only counted: the same columns, without a frontier.
kind ``human``: a human proof as the library rewrote it (`rewritten`). kind ``dream``: a dream (`proof`).
Rows hold no times, so the same run gives the same file.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from metadream.dsl.proofs import Entry, Proof, entry_of, entry_text
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.loop.wake import Attempt
from metadream.wake_sleep.runs.folder import Folder

SCHEMA = b"metadream.proofs-1"
COLUMNS = pa.schema(
    [
        ("kind", pa.string()),
        ("task", pa.string()),
        ("proof", pa.string()),
        ("steps", pa.int64()),
        ("expansions", pa.int64()),
        ("reason", pa.string()),
        ("program", pa.string()),
        ("proof_without", pa.string()),
        ("expansions_without", pa.int64()),
        ("best", pa.string()),
        ("rewritten", pa.string()),
        ("best_cycle", pa.int64()),
    ],
    metadata={b"schema": SCHEMA},
)


@dataclass(frozen=True)
class Best:
    """The shortest proof of a task so far: unfolded, rewritten with the library, and the cycle that found it."""

    proof: Proof
    rewritten: Proof
    cycle: int


@dataclass(frozen=True)
class State:
    """After `cycle` cycles: the library's text, the frontier by task, the human corpus (labels, or proofs as
    rewritten), dreams.
    """

    cycle: int
    library: str
    frontier: Mapping[str, Best]
    human: Sequence[Entry]
    dreams: Sequence[Proof]


def trace_bytes(
    state: State,
    attempts: Sequence[Attempt],
    without: Sequence[Attempt],
    unseen: frozenset[str] = frozenset(),
) -> bytes:
    """A cycle's proofs as a file; `unseen`: tasks that are only counted."""
    rows: list[dict[str, Any]] = []
    for mine, bare in zip(attempts, without, strict=True):
        best = state.frontier.get(mine.task)
        rows.append(
            {
                "kind": "unseen" if mine.task in unseen else "task",
                "task": mine.task,
                "proof": mine.proof and mine.proof.json,
                "steps": mine.steps,
                "expansions": mine.expansions,
                "reason": mine.reason,
                "program": mine.program,
                "proof_without": bare.proof and bare.proof.json,
                "expansions_without": bare.expansions,
                "best": best.proof.json if best else None,
                "rewritten": best.rewritten.json if best else None,
                "best_cycle": best.cycle if best else None,
            }
        )
    rows += [{"kind": "human", "rewritten": entry_text(entry)} for entry in state.human]
    rows += [{"kind": "dream", "proof": entry.json} for entry in state.dreams]
    table = pa.table({name: [row.get(name) for row in rows] for name in COLUMNS.names}, schema=COLUMNS)
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def read_rows(path: Path, data: bytes | None = None) -> list[dict[str, Any]]:
    """The rows of a cycle's proofs, whose file's content is `data` if it was read already. Raises `InputError`."""
    try:
        table = pq.read_table(pa.BufferReader(path.read_bytes() if data is None else data))
        if not table.schema.equals(COLUMNS) or (table.schema.metadata or {}).get(b"schema") != SCHEMA:
            raise ValueError
        rows: list[dict[str, Any]] = table.to_pylist()
    except (OSError, ValueError, MemoryError, OverflowError, KeyError, pa.ArrowException):
        raise _expected(path) from None
    if not all(map(_whole, rows)):
        raise _expected(path)
    return rows


def _expected(path: Path, why: str = "") -> InputError:
    said = f" ({why})" if why else ""
    return InputError(f"expected a cycle's proofs{said}; delete the cycle's report to have it done again", path)


def _whole(row: Mapping[str, Any]) -> bool:
    """Whether a row has what its kind needs."""
    if row["kind"] in ("task", "unseen"):
        best = [row[key] for key in ("best", "rewritten", "best_cycle")]
        there = [value is not None for value in best]
        tried = row["task"] is not None and row["reason"] is not None
        known = row["expansions"] is not None and row["expansions_without"] is not None
        return tried and known and (all(there) if row["kind"] == "task" and any(there) else not any(there))
    return (row["kind"] == "human" and row["rewritten"] is not None) or (
        row["kind"] == "dream" and row["proof"] is not None
    )


def rows_of(folder: Folder, cycle: int) -> list[dict[str, Any]]:
    """The proofs of a finished cycle, as they were written. Raises `InputError`."""
    path = folder.trace(cycle)
    return read_rows(path, folder.files.read(folder.name(path)))


def state_of(folder: Folder, cycle: int, tasks: Sequence[str], unseen: Sequence[str], human: Sequence[str]) -> State:
    """The state after a finished cycle of a run with these tasks and human proofs. Raises `InputError`."""
    rows, path = rows_of(folder, cycle), folder.trace(cycle)
    tried = {"task": list(tasks), "unseen": list(unseen)}
    for kind, labels in tried.items():
        if [row["task"] for row in rows if row["kind"] == kind] != labels:
            raise _expected(path, "one row for each task of the run, in their order")
    written = [entry_of(row["rewritten"]) for row in rows if row["kind"] == "human"]
    if len(written) != len(human):
        raise _expected(path, "one row for each human proof")
    frontier = {
        row["task"]: Best(Proof(row["best"]), Proof(row["rewritten"]), row["best_cycle"])
        for row in rows
        if row["kind"] == "task" and row["best"] is not None
    }
    if any(not 1 <= best.cycle <= cycle for best in frontier.values()):
        raise _expected(path, "cycles up to this one")
    dreams = [Proof(row["proof"]) for row in rows if row["kind"] == "dream"]
    return State(cycle, folder.library_text(cycle), frontier, written, dreams)

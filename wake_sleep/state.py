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

from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.folder import publish
from metadream.wake_sleep.wake import Attempt

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

    proof: str
    rewritten: str
    cycle: int


@dataclass(frozen=True)
class State:
    """After `cycle` cycles: the library's text, the frontier by task, the human corpus (labels, or proofs as
    rewritten), dreams.
    """

    cycle: int
    library: str
    frontier: Mapping[str, Best]
    human: Sequence[str]
    dreams: Sequence[str]


def write_trace(
    path: Path,
    state: State,
    attempts: Sequence[Attempt],
    without: Sequence[Attempt],
    unseen: frozenset[str] = frozenset(),
) -> None:
    """Publish a cycle's proofs; `unseen`: tasks that are only counted."""
    rows: list[dict[str, Any]] = []
    for mine, bare in zip(attempts, without, strict=True):
        best = state.frontier.get(mine.task)
        rows.append(
            {
                "kind": "unseen" if mine.task in unseen else "task",
                "task": mine.task,
                "proof": mine.proof,
                "steps": mine.steps,
                "expansions": mine.expansions,
                "reason": mine.reason,
                "program": mine.program,
                "proof_without": bare.proof,
                "expansions_without": bare.expansions,
                "best": best.proof if best else None,
                "rewritten": best.rewritten if best else None,
                "best_cycle": best.cycle if best else None,
            }
        )
    rows += [{"kind": "human", "rewritten": entry} for entry in state.human]
    rows += [{"kind": "dream", "proof": entry} for entry in state.dreams]
    table = pa.table({name: [row.get(name) for row in rows] for name in COLUMNS.names}, schema=COLUMNS)
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    publish(path, buffer.getvalue())


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a cycle's proofs. Raises `InputError`."""
    try:
        table = pq.read_table(path)
        if not table.schema.equals(COLUMNS) or (table.schema.metadata or {}).get(b"schema") != SCHEMA:
            raise ValueError
    except (OSError, ValueError, pa.ArrowException):
        raise InputError("expected a cycle's proofs; delete the cycle's report to have it done again", path) from None
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def read_state(cycle: int, library: Path, trace: Path) -> State:
    """The state after a finished cycle. Raises `InputError`."""
    rows = read_rows(trace)
    try:
        text = library.read_text()
    except (OSError, ValueError):
        raise InputError("expected the library of a finished cycle; delete the cycle's report", library) from None
    frontier = {
        row["task"]: Best(row["best"], row["rewritten"], row["best_cycle"])
        for row in rows
        if row["kind"] == "task" and row["best"] is not None
    }
    human = [row["rewritten"] for row in rows if row["kind"] == "human"]
    dreams = [row["proof"] for row in rows if row["kind"] == "dream"]
    return State(cycle, text, frontier, human, dreams)

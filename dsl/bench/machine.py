"""The figures of the machine's core and the workspace. Rust measures (`core/src/dsl/bench.rs`), one child each.

A child of its own, so that one figure's memory is not the next one's, and a figure that needs more memory than there
is ends as a figure that could not be measured.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from metadream.dsl.bench.figures import Measured
from metadream.metamath_db import data
from metadream.metamath_db.errors import InputError

NEEDS_GIB = 11.0  # what must be free before 2^27 slots are tried; they take 9.1
CHILD_S = 1800.0


def ops_log_off() -> Measured:
    """Level-0 opcodes on coordinates a second: one thread, no log."""
    return _measure("ops_log_off", "opcodes_per_second")


def ops_log_on() -> Measured:
    """The same with the log; a sealing thread beside it may hash."""
    return _measure("ops_log_on", "opcodes_per_second")


def log_records() -> Measured:
    """Durable records a second with SHA-256: one thread appends, one hashes, writes and syncs, by groups."""
    return _measure("log_records", "records_per_second")


def audit_records() -> Measured:
    """Audited records a second, two threads; `one_thread` beside it."""
    return _measure("audit_records", "records_per_second")


def recheck_share() -> Measured:
    """Share of the time that the second evaluation of data opcodes takes."""
    return _measure("recheck_share", "share")


def snapshot_us() -> Measured:
    """Microseconds for a snapshot of a workspace with 2^24 used slots."""
    return _measure("snapshot_us", "snapshot_us")


def structural_read_us() -> Measured:
    """Median microseconds to find all generalisations of a ground goal among set.mm's assertions."""
    return _on_set("structural_read_us")


def unify_read_us() -> Measured:
    """Median microseconds to find all cells that unify with a goal that has metavariables."""
    return _on_set("unify_read_us")


def slots_2_27_gib() -> Measured:
    """Peak resident GiB while 2^27 used slots are held, snapshot and read."""
    free = _available_gib()
    if free is not None and free < NEEDS_GIB:
        return Measured(None, why=f"needs {NEEDS_GIB:g} GiB of memory, {free:.1f} GiB are available")
    return _measure("slots_2_27_gib", "peak_gib")


def _on_set(name: str) -> Measured:
    try:
        path = data.resolve_database("set")
    except InputError as problem:
        return Measured(None, why=str(problem))
    return _measure(name, "median_us", path)


def _measure(name: str, key: str, database: Path | None = None) -> Measured:
    command = [sys.executable, "-P", "-m", "metadream.dsl.bench.machine", name, *([str(database)] if database else [])]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=CHILD_S)
    except subprocess.TimeoutExpired:
        return Measured(None, why=f"not done within {CHILD_S:g} s")
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        return Measured(None, why=said[-1] if said else f"its process ended with status {done.returncode}")
    found: dict[str, Any] = json.loads(done.stdout)
    ours, rival = found.pop(key), found.pop("rival", None)
    return Measured(ours, rival, None if rival is None else "a scan of all cells", detail=found)


def _available_gib() -> float | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:  # not told here: try
        return None
    return next((int(line.split()[1]) / 2**20 for line in lines if line.startswith("MemAvailable:")), None)


def main(arguments: list[str]) -> int:
    """The child: one figure, as one JSON object."""
    from metadream import _core

    name, *database = arguments
    try:
        sys.stdout.write(_core.machine_figure(name, *database) + "\n")
    except InputError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

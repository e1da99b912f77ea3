"""The verbs ``run`` and ``debug``: a program on a machine over a database, with all handlers."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import metadream.wake_sleep.handlers as level_two
from metadream.dsl.debug import Debugger
from metadream.dsl.handlers import Session, attach
from metadream.dsl.program_file import Loaded, load_program
from metadream.dsl.readable import cell_lines, ending_text, event_lines, link_text
from metadream.metamath_db.console import Outcome
from metadream.metamath_db.core import load_core, load_theory, patiently
from metadream.metamath_db.data import resolve_database, sha256_of
from metadream.metamath_db.errors import InputError

BUDGET = 1_000_000  # steps of a run, if nothing is said
CELLS_SHOWN = 1_000  # cells that are printed for people
CELLS_GIVEN = 100_000  # cells in the JSON answer


@dataclass(frozen=True)
class LogFolder:
    """Where a run's log goes: a folder that is empty or not there yet; and the name of its hash function."""

    path: Path
    hash_name: str = "sha256"


def machine_maker(core: Any, database: str, label: str | None, loaded: Loaded) -> Callable[[], tuple[Any, Session]]:
    """Makes fresh machines over a database, within the task of `label` if there is one; with all handlers.

    The database is loaded once. Raises `InputError` for an unknown database or label.
    """
    assert level_two.__all__, "importing the package declares the handlers"
    if any(".near" in instruction for instruction in loaded.program.instructions()):
        importlib.import_module("metadream.dsl.nearest")  # declares READK.near; faiss takes a second to load
    theory = load_theory(core, resolve_database(database))
    if label is not None and label not in set(theory.theorems()):
        raise InputError(f"'{label}' is no theorem of {database}; --for takes the label of a theorem")
    session = Session(core, theory, label)

    def make() -> tuple[Any, Session]:
        return core.Machine(theory, label), session

    return make


def run(
    file: Path,
    database: str,
    budget: int,
    label: str | None,
    trust: str,
    trace: bool,
    core: Any = None,
    log: LogFolder | None = None,
) -> Outcome:
    """Run a program and say how it ended and what it wrote. Status 0: it halted with status 0 or came to its end.

    `trust`: "none" or "kernel", whom the machine believes. `log`: where the log is kept (docs/log.md).

    Raises `InputError` for a program, database or label that cannot be used.
    """
    core = core or load_core()
    loaded = load_program(core, file)
    make = machine_maker(core, database, label, loaded)

    def work() -> Outcome:
        machine, session = make()
        machine.set_trust(trust)
        attach(machine, session)
        if log is not None:
            _begin_log(machine, log, loaded, database)
        ended = machine.run(loaded.program, budget)
        if log is not None:
            machine.end_log(log.path)
        return _outcome(loaded, database, machine, ended, session.theory.turnstile(), trace)

    return patiently(work)


def _begin_log(machine: Any, log: LogFolder, loaded: Loaded, database: str) -> None:
    machine.log_to(
        log.path,
        hash_name=log.hash_name,
        name=loaded.path.name,
        program=loaded.program.sha256(),
        database=sha256_of(resolve_database(database)),
    )


def _outcome(
    loaded: Loaded, database: str, machine: Any, ended: dict[str, Any], turnstile: str, trace: bool
) -> Outcome:
    cells = machine.cells(limit=CELLS_GIVEN + 1)
    links = [link for cell in cells for link in machine.links(cell["address"])]
    fault = ended["fault"]
    if fault is not None:
        line = loaded.lines[fault["instruction"]] if loaded.lines else None
        ended = {**ended, "fault": {"file": str(loaded.path), "line": line, **fault}}
    data: dict[str, Any] = {
        "program": loaded.path,
        "program_sha256": loaded.program.sha256(),
        "database": database,
        **ended,
        "cells": cells[:CELLS_GIVEN],
        "links": links,
        "more_cells": len(cells) > CELLS_GIVEN,
        **machine.hashes(),
    }
    if trace:
        data["trace"] = [json.loads(event) for event in machine.events()]
    good = ended["stop"] == "end" or (ended["stop"] == "halted" and ended["status"] == 0)
    return Outcome(data, _in_words(loaded, data, turnstile), 0 if good else 1)


def _in_words(loaded: Loaded, data: dict[str, Any], turnstile: str) -> str:
    lines = [line for event in data.get("trace", []) for line in event_lines(event)]
    fault = data["fault"]
    lines.append(ending_text(data, loaded.place(fault["instruction"]) if fault else ""))
    lines.extend(cell_lines(data["cells"][:CELLS_SHOWN], turnstile))
    left = len(data["cells"]) - CELLS_SHOWN
    if left > 0 or data["more_cells"]:
        lines.append(f"  ... and {'at least ' if data['more_cells'] else ''}{left} more cells; --json gives them")
    lines.extend(f"  link {link_text(link)}" for link in data["links"][:CELLS_SHOWN])
    lines.append(
        f"trace {data['trace_sha256'][:16]}, log {data['log_sha256'][:16]} ({data['log_records']} records), "
        f"workspace {data['workspace_sha256'][:16]}"
    )
    return "\n".join(lines)


def debug(file: Path, database: str, budget: int, label: str | None, core: Any = None) -> Outcome:
    """Step through a program; commands come from standard input, a line each. Raises `InputError`."""
    core = core or load_core()
    loaded = load_program(core, file)
    make = machine_maker(core, database, label, loaded)
    interactive = sys.stdin.isatty()
    debugger = Debugger(loaded, make, budget, echo=not interactive)
    debugger.converse(sys.stdin, sys.stdout, prompt="(debug) " if interactive else "")
    return Outcome(debugger.summary())

"""The verbs ``run`` and ``debug``: programs on a machine over a database, with all handlers."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metadream.dsl.handlers import attach
from metadream.dsl.programs.debug import Debugger
from metadream.dsl.programs.masks import Limits
from metadream.dsl.programs.program_file import Loaded, load_program
from metadream.dsl.programs.readable import cell_lines, ending_text, event_lines, link_text
from metadream.metamath_db.core import patiently
from metadream.metamath_db.data import resolve_database, sha256_of
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import publish
from metadream.metamath_db.terminal.console import Outcome, to_json
from metadream.metamath_db.terminal.foreign_text import unescaped
from metadream.metamath_db.terminal.result import Result
from metadream.wake_sleep.level2.machine_setup import MachineRequest, Setup, setup

BUDGET = 1_000_000  # steps of a run, if nothing is said
CELLS_SHOWN = 1_000  # cells that are printed for people
NAME_LENGTH = 1_000  # letters of a session's name in the log
CELLS_GIVEN = 100_000  # cells in the JSON answer
HASHES = ("trace_sha256", "log_sha256", "workspace_sha256")


@dataclass(frozen=True)
class LogFolder:
    """Where a run's log goes: a folder that is empty or not there yet; and the name of its hash function."""

    path: Path
    hash_name: str = "sha256"


def run(
    files: Sequence[Path],
    asked: MachineRequest,
    budget: int,
    trust: str,
    trace: bool,
    log: LogFolder | None = None,
    limits: Limits | None = None,
    output: Path | None = None,
) -> Ran:
    """Run a program, or several as heads that step together, and say how they ended and what was written.

    The answer of one that decides about sequents has its ``decisions`` and the ``steps`` of the proof that is written.
    `asked`: database, library, task. `trust`: "none" or "kernel", whom the machine believes. `log`: where the log is
    kept (docs/log.md). `limits`: masks and page budget. `output`: a folder for the proof of the goal that the program
    carries. Status 0: every program halted with status 0 or came to its end, and the goal that it carries is proved.

    Raises `InputError` for a program, database, run, label or mask that cannot be used.
    """
    limits = limits or Limits()
    if limits.masks and len(limits.masks) != len(files):
        raise InputError(f"expected a mask for each head: {len(files)} programs, {len(limits.masks)} masks")
    masks = limits.masks or [None] * len(files)
    loaded = [load_program(file) for file in files]
    made = setup(loaded, asked)
    if output is not None and made.carried.goal is None:
        raise InputError(
            "--output is for the proof of the goal that a program carries; this one carries none", files[0]
        )

    def work() -> Ran:
        machine, session = made.machine()
        machine.set_trust(trust)
        machine.set_page_limit(limits.pages)
        attach(machine, session)
        _begin_log(machine, log, loaded, made)
        made.load(machine)
        if len(loaded) == 1:
            machine.set_mask(masks[0])
            ends = [machine.run(loaded[0].program, budget)]
        else:
            ends = machine.run_heads([(one.program, mask) for one, mask in zip(loaded, masks, strict=True)], budget)
        machine.end_log(log and log.path)
        outcome = _outcome(loaded, asked, made, machine, ends, trace, output)
        return _with_content(outcome, machine.content())

    return patiently(work)


def _programs_sha256(loaded: Sequence[Loaded]) -> str:
    """A program's hash; of several, the hash of their hashes."""
    digests = [one.program.sha256() for one in loaded]
    return digests[0] if len(digests) == 1 else hashlib.sha256(bytes.fromhex("".join(digests))).hexdigest()


def _begin_log(machine: Any, log: LogFolder | None, loaded: Sequence[Loaded], made: Setup) -> None:
    """Begin the session; without a folder in memory, so that cells and hashes are the same."""
    machine.log_to(
        log and log.path,
        hash_name=log.hash_name if log else "sha256",
        name=unescaped("+".join(one.path.name for one in loaded))[:NAME_LENGTH],
        program=_programs_sha256(loaded),
        database=sha256_of(resolve_database(made.known.name)),
        library=_library_sha256(made),
    )


def _library_sha256(made: Setup) -> str | None:
    """The hash of the library that the log's session names; None without composites."""
    composites = made.known.composites
    return hashlib.sha256(made.known.theory.library_json().encode()).hexdigest() if composites else None


def _good(ended: dict[str, Any]) -> bool:
    return (ended["stop"], ended["status"]) in (("end", None), ("halted", 0))


def _placed(loaded: Loaded, ended: dict[str, Any], machine: Any) -> dict[str, Any]:
    """How a program ended; a fault with its file and line. ASSERT's is that of what wrote the cell at fault."""
    fault = ended["fault"]
    if fault is not None:
        instruction = fault["instruction"]
        if fault["opcode"] == "ASSERT" and fault["address"] is not None:
            cell = machine.cell(fault["address"])
            instruction = instruction if cell is None or cell["opcode"] is None else cell["instruction"]
        line = loaded.lines[instruction] if loaded.lines else None
        ended = {**ended, "fault": {"file": str(loaded.path), "line": line, **fault}}
    return ended


def _proved(made: Setup, machine: Any) -> dict[str, Any] | None:
    """The fact that is the goal which the program carries, with its proof object, judged once more; None if there is
    none, or it is not what the program says.
    """
    for cell in machine.cells():
        found = machine.proof(cell["address"]) if cell["tag"] == "fact" else None
        if found is not None and found["of_goal"] and found["message"] is None:
            same = made.carried.statement_sha256 in (None, found["statement_sha256"])
            return {**found, "address": cell["address"]} if same else None
    return None


def _write_proof(made: Setup, proved: dict[str, Any], output: Path) -> None:
    """``proof.json`` and ``proof.mm``, as they stand in an answer's folder."""
    goal = made.carried.goal
    target = made.carried.theorem or (goal and " ".join(goal[1].split()))
    data = {"target": target, **{key: json.loads(proved[key]) for key in ("proof", "unfolded")}}
    publish(output / "proof.json", to_json(data) + "\n")
    publish(output / "proof.mm", proved["mm"])


def _outcome(
    loaded: Sequence[Loaded],
    asked: MachineRequest,
    made: Setup,
    machine: Any,
    ends: list[dict[str, Any]],
    trace: bool,
    output: Path | None,
) -> Ran:
    cells = machine.cells(limit=CELLS_GIVEN + 1)
    links = [link for cell in cells for link in machine.links(cell["address"])]
    ends = [_placed(one, ended, machine) for one, ended in zip(loaded, ends, strict=True)]
    told = next((ended for ended in ends if not _good(ended)), ends[0])
    data: dict[str, Any] = {
        "program": loaded[0].path if len(loaded) == 1 else None,
        "program_sha256": _programs_sha256(loaded),
        "database": made.known.name,
        **told,
        "steps": sum(ended["steps"] for ended in ends),
        "cells": cells[:CELLS_GIVEN],
        "links": links,
        "more_cells": len(cells) > CELLS_GIVEN,
        **machine.hashes(),
    }
    if len(loaded) > 1:
        data["heads"] = [
            {"program": one.path, "program_sha256": one.program.sha256(), **ended}
            for one, ended in zip(loaded, ends, strict=True)
        ]
    good = _good(told)
    if asked.run is not None or asked.model is not None:
        data |= {"run": asked.run, "model": asked.model, "composites": len(made.known.composites)}
    if made.carried.goal is not None:
        proved = _proved(made, machine) if good else None
        good = proved is not None
        data["proved"] = proved and {
            "address": proved["address"],
            "statement_sha256": proved["statement_sha256"],
            "proof": json.loads(proved["proof"]),
            "mm_sha256": hashlib.sha256(proved["mm"].encode()).hexdigest(),
        }
        if output is not None and proved is not None:
            _write_proof(made, proved, output)
        data["output"] = output
    if trace:
        data["trace"] = [json.loads(event) for event in machine.events()]
    return Ran(data, _in_words(loaded, data), 0 if good else 1)


@dataclass(frozen=True, repr=False, eq=False)
class Ran(Result):
    """A run of the machine; true if every program ended with status 0 and, where one carries a goal, proved it."""

    @property
    def stop(self) -> str:
        """``end``, ``halted``, ``fault`` or ``budget``; of several programs, of the first that went wrong."""
        return str(self.data["stop"])

    @property
    def steps(self) -> int:
        """Instructions executed or passed over, of all programs."""
        return int(self.data["steps"])

    @property
    def fault(self) -> Mapping[str, Any] | None:
        """The fault, with its file and line (docs/isa.md lists them); None: there was none."""
        fault: Mapping[str, Any] | None = self.data["fault"]
        return fault

    @property
    def cells(self) -> tuple[Mapping[str, Any], ...]:
        """The first cells that were written, by address (docs/formats.md)."""
        return tuple(self.data["cells"])

    @property
    def trace(self) -> tuple[Mapping[str, Any], ...]:
        """Every step, where a trace was asked for."""
        return tuple(self.data.get("trace", ()))

    @property
    def hashes(self) -> dict[str, str]:
        """SHA-256 of the trace, the log and the workspace: the same for the same programs and database."""
        return {key: self.data[key] for key in HASHES}


def _with_content(outcome: Ran, content: dict[str, int] | None) -> Ran:
    """The outcome of decisions about sequents says how many there were."""
    if content is None:
        return outcome
    words = f"{content['decisions']} decisions, written with {content['steps']} steps"
    return Ran({**outcome.data, "content": content}, f"{words}\n{outcome.shown}", outcome.status)


def _place(fault: dict[str, Any] | None) -> str:
    if fault is None:
        return ""
    return f"{fault['file']}:{fault['line']}" if fault["line"] else str(fault["file"])


def _endings(loaded: Sequence[Loaded], data: dict[str, Any]) -> list[str]:
    """How each program ended, a line each."""
    lines = []
    for number, (one, head) in enumerate(zip(loaded, data.get("heads", [data]), strict=True)):
        fault = head["fault"]
        used = data if head["stop"] == "budget" else head  # all heads share the budget
        said = ending_text({**head, "steps": used["steps"]}, _place(fault))
        lines.append(f"head {number}, {one.path.name}: {said}" if len(loaded) > 1 else said)
    return lines


def _in_words(loaded: Sequence[Loaded], data: dict[str, Any]) -> str:
    lines = [line for event in data.get("trace", []) for line in event_lines(event)]
    lines.extend(_endings(loaded, data))
    if "proved" in data:
        proved = data["proved"]
        said = f"its goal is proved at {proved['address']}; statement" if proved else "its goal is not proved"
        lines.append(f"{said} {proved['statement_sha256'][:16]}" if proved else said)
    lines.extend(cell_lines(data["cells"][:CELLS_SHOWN]))
    left = len(data["cells"]) - CELLS_SHOWN
    if left > 0 or data["more_cells"]:
        lines.append(f"  ... and {'at least ' if data['more_cells'] else ''}{left} more cells; --json gives them")
    lines.extend(f"  link {link_text(link)}" for link in data["links"][:CELLS_SHOWN])
    lines.append(
        f"trace {data['trace_sha256'][:16]}, log {data['log_sha256'][:16]} ({data['log_records']} records), "
        f"workspace {data['workspace_sha256'][:16]}"
    )
    return "\n".join(lines)


def debug(
    file: Path,
    asked: MachineRequest,
    budget: int,
) -> Outcome:
    """Step through a program; commands come from standard input, a line each. Raises `InputError`."""
    loaded = load_program(file)
    made = setup([loaded], asked)
    interactive = sys.stdin.isatty()
    debugger = Debugger(loaded, made.loaded_machine, budget, echo=not interactive)
    debugger.converse(sys.stdin, sys.stdout, prompt="(debug) " if interactive else "")
    return Outcome(debugger.summary())

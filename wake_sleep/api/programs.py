"""Programs of the machine from Python: assembled and run (docs/isa.md, docs/examples.md)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from metadream.dsl.programs import program_file
from metadream.dsl.programs.program_file import Assembled
from metadream.wake_sleep.api.database import Database, PathLike
from metadream.wake_sleep.api.quiet import calling

if TYPE_CHECKING:
    from metadream.wake_sleep.level2.execute import Ran


def assemble(file: PathLike, output: PathLike, *, macros: PathLike | None = None) -> Assembled:
    """Assemble a text into a program file; as the command ``asm``. `macros`: a file of definitions that it may call.

    Raises `InputError` with the file and the line.
    """
    with calling("asm", False) as heard:
        found = program_file.asm(Path(file), Path(output), False, None if macros is None else Path(macros))
    return found.with_messages(heard)


def run(
    programs: PathLike | Sequence[PathLike],
    database: Database | PathLike | None = None,
    *,
    library: PathLike | None = None,
    model: PathLike | None = None,
    budget: int | None = None,
    within: str | None = None,
    trust: Literal["none", "kernel"] = "none",
    trace: bool = False,
    log: PathLike | None = None,
    output: PathLike | None = None,
) -> Ran:
    """Run a program of the machine, or several as heads that step together; as the command ``run``.

    `programs`: assembly, program files or content programs. `database` None: the program's own, or starter. `library`:
    the folder of a run whose composites it may call. `budget`: instructions. `within`: the theorem whose task it works
    in. `trust` "kernel": believe the kernel instead of checking every claim. `trace`: keep every step. `log`, `output`:
    new folders for the log, and for the proof of the goal that the program carries. What a program does wrong is a
    fault of the answer. Raises `InputError`.

    >>> run("docs/examples/abduce.asm").stop
    'halted'
    """
    from metadream.wake_sleep.level2 import execute
    from metadream.wake_sleep.level2.machine_setup import MachineRequest

    files = [Path(programs)] if isinstance(programs, str | os.PathLike) else [Path(program) for program in programs]
    name = str(database.path) if isinstance(database, Database) else None if database is None else os.fspath(database)
    library_, model_, output_ = (None if place is None else Path(place) for place in (library, model, output))
    asked = MachineRequest(name, library_, model_, within)
    folder = None if log is None else execute.LogFolder(Path(log))
    steps = execute.BUDGET if budget is None else budget
    with calling("run", False) as heard:
        found = execute.run(files, asked, steps, trust, trace, folder, output=output_)
    return found.with_messages(heard)

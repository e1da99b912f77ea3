"""Commands on programs of the machine: options in, an `Outcome` out. Each imports what it needs when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from metadream.metamath_db.options import output
from metadream.metamath_db.terminal.console import Outcome

ProgramFile = Annotated[Path, Argument(metavar="PROGRAM", help="An assembly text, or a program file (.mdpg).")]


def library_macros(
    programs: Annotated[list[Path], Argument(metavar="PROGRAM...", help="Assembly texts or program files.")],
    output: Annotated[
        Path | None, output("A new folder for macros.asm and the programs with calls.", metavar="FOLDER")
    ] = None,
) -> Outcome:
    """Learn macros from programs of the machine. Each saves more instructions than its definition has."""
    from metadream.dsl.programs import program_file

    return program_file.learn_macros(programs, output)


def bench_machine(
    figure: Annotated[list[str] | None, Option(help="Measure this figure only (repeatable).")] = None,
) -> Outcome:
    """How fast the machine and its workspace are. Minutes; what cannot be measured here is null, with the reason."""
    from metadream.dsl.bench import figures as bench

    return bench.machine(figure)

"""Commands that learn, prove and run: options in, an `Outcome` out. Each imports what it needs when it runs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from typer import Argument, Option

from metadream.dsl.commands import ProgramFile
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.options import (
    BUDGET,
    BUDGET_WITHOUT_PROOFS,
    MANY,
    MINIMISE,
    MOVES,
    PROPOSER_MOVES,
    PROPOSER_WEIGHT,
    Contributor,
    Database,
    Date,
    Minimise,
    Moves,
    MovesOf,
    Patches,
    ProposerCalls,
    ProposerCommand,
    ProposerMoves,
    ProposerWeight,
    Split,
    Threads,
    output,
)
from metadream.metamath_db.terminal.console import Outcome

Price: TypeAlias = Literal["bytes", "steps", "nats"]


class LeftOut(StrEnum):  # an enumeration, since typer takes no lists of literals
    """What can be left out of a run, to measure what it is worth."""

    library = "library"
    dreaming = "dreaming"
    recognition = "recognition"
    proofs = "proofs"


Run = Annotated[Path, Option("--run", "-r", help="The folder of a run.")]
Seed = Annotated[int, Option(min=0, max=2**63 - 1, help="All random choices follow from it.")]
Workers = Annotated[
    int | None,
    Option("--workers", "-j", min=1, max=1024, help="Parallel tasks; the result is the same. Default: cores."),
]
Expansions = Annotated[
    int | None,
    Option(
        min=1,
        max=MANY,
        help=f"Search budget of a task, in expanded goals; default: {BUDGET:,}, for 'learn' on a database without "
        f"proofs {BUDGET_WITHOUT_PROOFS:,}.",
    ),
]
MovesOfRun = Annotated[
    MovesOf | None,
    Option(
        "--moves",
        help="What searches choose: content (theorems and lemmas in the goal's context, the glue derived), unify "
        "(theorems and lemmas as they stand), or both: content for half of the budget, then unify. Default: both; on a "
        "database without proofs unify.",
    ),
]
Steps = Annotated[int, Option(min=1, max=2**62, help="Steps after which the run ends.")]
Within = Annotated[
    str | None,
    Option(
        "--for", metavar="LABEL", help="Run within this theorem's task: its hypotheses, its $d, what stands before it."
    ),
]
AnyDatabase = Annotated[
    str | None,
    Option("--database", "-d", help="A .mm file or a name. Default: the program's or the run's, else starter."),
]
LibraryRun = Annotated[
    Path | None, Option("--run", "-r", help="Composites by name, and the model, are those of this run.")
]
LibraryModel = Annotated[Path | None, Option(help="The model is that of a file that 'train' wrote; default: none.")]
Pages = Annotated[str | None, Option(metavar="PAGES", help="Pages that the program may touch so: 1-4,7; default all.")]


def learn(
    run: Run,
    database: Database = "starter",
    cycles: Annotated[int, Option(min=1, max=MANY, help="Wake-sleep cycles in all.")] = 3,
    seed: Seed = 0,
    tasks: Annotated[int | None, Option(min=1, max=MANY, help="Tasks a cycle; default: all.")] = None,
    without: Annotated[list[LeftOut] | None, Option(help="Leave a part out (repeatable); default: nothing.")] = None,
    on: Annotated[
        Literal["train", "valid"] | None,
        Option(
            help="Training tasks, learnt from, with unseen ones counted beside; or unseen ones only. Default: unseen "
            "ones, all theorems of a database without proofs."
        ),
    ] = None,
    price: Annotated[
        Price | None, Option(help="What the library saves; default: bytes of human proofs, or steps.")
    ] = None,
    moves: MovesOfRun = None,
    expansions: Expansions = None,
    workers: Workers = None,
) -> Outcome:
    """Run wake-sleep cycles into a run folder. The same command resumes it."""
    from metadream.wake_sleep.api.calls import learn

    return learn(
        database,
        run,
        cycles=cycles,
        seed=seed,
        tasks=tasks,
        without=[part.value for part in without or ()],
        on=on,
        price=price,
        moves=moves,
        expansions=expansions,
        workers=workers,
        progress=True,
    ).outcome()


def prove(
    target: Annotated[
        str,
        Argument(
            metavar="LABEL|STATEMENT|FILE",
            help="A label, a statement such as '|- ( ph -> ph )', or a file with open proofs: x.mm, x.mmp or ./x.",
        ),
    ],
    database: Annotated[
        str | None,
        Option("--database", "-d", help="A .mm file or a name. Default: starter, or FILE where it is one."),
    ] = None,
    run: Annotated[
        Path | None, Option("--run", "-r", help="Use the library and the model of this run; default: none.")
    ] = None,
    seconds: Annotated[float | None, Option(min=0.001, help="CPU seconds a theorem; default: --expansions.")] = None,
    expansions: Expansions = None,
    model: Annotated[
        Path | None, Option(help="A model that 'train' wrote; default: the cache's, trained if missing.")
    ] = None,
    output: Annotated[
        Path | None, output("The answer's folder. Default: of a FILE, FILE.proved.", metavar="FOLDER")
    ] = None,
    drawing: Annotated[Path | None, Option(help="Draw the search as an SVG file. Default: none.")] = None,
    minimise: Minimise = MINIMISE,
    moves: Moves = MOVES,
    proposer: ProposerCommand = None,
    proposer_weight: ProposerWeight = PROPOSER_WEIGHT,
    proposer_moves: ProposerMoves = PROPOSER_MOVES,
    proposer_calls: ProposerCalls = None,
) -> Outcome:
    """Prove a theorem, or fill what a file leaves open. Status 1 if not all of it is proved.

    A statement about numbers that is false is answered with a counterexample.
    """
    from metadream.wake_sleep.api.database import prove

    return prove(
        target,
        database,
        run=run,
        model=model,
        seconds=seconds,
        expansions=expansions,
        minimise=minimise,
        moves=moves,
        proposer=proposer,
        proposer_weight=proposer_weight,
        proposer_moves=proposer_moves,
        proposer_calls=proposer_calls,
        output=output,
        drawing=drawing,
        progress=True,
    ).outcome()


def train(
    database: Database = "starter",
    exclude_proofs: Annotated[
        Path | None,
        Option(
            metavar="FILE",
            help="Labels, one a line, whose proofs must not be seen; default: new2's valid and test parts.",
        ),
    ] = None,
    seed: Seed = 0,
) -> Outcome:
    """Train the model that 'prove' and 'bench prove' use, into the cache. Nothing is done for what is there."""
    from metadream.wake_sleep.api.calls import train

    return train(database, exclude_proofs=exclude_proofs, seed=seed, progress=True).outcome()


def export(
    run: Run,
    output: Annotated[Path, output("The .mm file to write.")],
    whole: Annotated[
        bool, Option("--whole", help="The whole database, with the composites and the proofs that use them.")
    ] = False,
    style: Annotated[
        Literal["plain", "setmm"], Option(help="setmm: a patch as set.mm's maintainers take it, and its diff.")
    ] = "plain",
    contributor: Contributor = None,
    date: Date = None,
    limit: Annotated[int, Option(min=1, max=20, help="Most lemmas.")] = 20,
    split: Patches = False,
    threads: Threads = None,
) -> Outcome:
    """Write a run's new composites as a .mm file."""
    from metadream.wake_sleep.report import export

    if style == "setmm":
        return export.export_patch(run, output, contributor, date, limit, split, threads).outcome()
    return export.export(run, output, whole).outcome()


def report(
    run: Annotated[Path, Argument(metavar="RUN", help="The folder of a run.")],
    output: Annotated[Path | None, output("Default: report.html in the run.")] = None,
) -> Outcome:
    """Write a run's report. One HTML file that works offline."""
    from metadream.wake_sleep.api.calls import report

    path = report(run, output, progress=True)
    return Outcome({"run": run, "report": path, "bytes": path.stat().st_size}, f"wrote {path}")


def data_export(
    what: Annotated[Literal["states"], Argument(metavar="WHAT", help="states: what human proofs do in which state.")],
    output: Annotated[Path, output("A new folder, for the data, their card and a manifest.", metavar="FOLDER")],
    database: Database = "starter",
    split: Annotated[Split, Option(help="How theorems are split.")] = "new2",
    limit: Annotated[
        int | None, Option(min=1, max=MANY, metavar="N", help="Only the first theorems of each part; default: all.")
    ] = None,
    file_format: Annotated[
        Literal["parquet", "jsonl", "both"], Option("--format", help="Parquet, JSON Lines, or both; a file a part.")
    ] = "parquet",
    nats: Annotated[
        bool, Option("--nats", help="Ask the database's model what a proof's choices cost; train it if there is none.")
    ] = False,
    model: Annotated[Path | None, Option(metavar="FILE", help="Ask this model of 'train'; default: none.")] = None,
    threads: Threads = None,
) -> Outcome:
    """Write human proofs as a data set: a row for each state, with the move made and the states that it leaves."""
    from metadream.wake_sleep.states import export

    return export.export(database, output, split, limit, file_format, threads, nats, model).outcome()


def library_list(run: Run) -> Outcome:
    """List composites, their statements and uses."""
    from metadream.wake_sleep.report import show

    return show.list_library(run).outcome()


def library_show(name: Annotated[str, Argument(metavar="NAME", help="A composite's name.")], run: Run) -> Outcome:
    """Show one composite. Its statement, its proof, where it came from and where it is used."""
    from metadream.wake_sleep.report import show

    return show.show_composite(run, name).outcome()


def assemble(
    file: ProgramFile,
    output: Annotated[Path | None, output("Default: the same name, with .mdpg.")] = None,
    disassemble: Annotated[bool, Option("--disassemble", help="Give the text of a program instead.")] = False,
    macros: Annotated[Path | None, Option(help="Definitions that the text may call.")] = None,
    database: AnyDatabase = None,
    run: LibraryRun = None,
) -> Outcome:
    """Assemble a program. With --disassemble, the way back. With --run, composites are pinned by hash."""
    from metadream.dsl.programs import program_file

    if run is None:
        return program_file.asm(file, output, disassemble, macros).outcome()
    from metadream.wake_sleep.level2.machine_setup import MachineRequest, bound

    asked = MachineRequest(database, run)
    return program_file.asm(file, output, disassemble, macros, lambda loaded: bound(loaded, asked)).outcome()


def run_program(
    programs: Annotated[
        list[Path],
        Argument(metavar="PROGRAM...", help="Assembly text, program file or content program; several are heads."),
    ],
    database: AnyDatabase = None,
    run: LibraryRun = None,
    model: LibraryModel = None,
    budget: Steps = 1_000_000,
    within: Within = None,
    trust: Annotated[
        Literal["none", "kernel"], Option(help="none: check every claim; kernel: believe the kernel.")
    ] = "none",
    trace: Annotated[bool, Option("--trace", help="Give every step, with what it wrote and claims.")] = False,
    log: Annotated[Path | None, Option(metavar="FOLDER", help="Keep the log in a new folder.")] = None,
    log_hash: Annotated[Literal["sha256", "blake3"], Option(help="What the log is hashed with.")] = "sha256",
    read: Pages = None,
    write: Pages = None,
    link: Pages = None,
    masks: Annotated[
        Path | None, Option(metavar="FILE", help="JSON list: for each program its read, write, link, or null.")
    ] = None,
    pages: Annotated[int | None, Option(min=0, max=2**62, help="Pages that the workspace may hold.")] = None,
    output: Annotated[
        Path | None, output("A folder for the proof of the goal that the program carries.", metavar="FOLDER")
    ] = None,
) -> Outcome:
    """Run programs of the machine. Status 1 if one ends in a fault, another status than 0, out of budget, or without
    the proof that it says. An answer's content.txt is executed decision by decision.
    """
    from metadream.dsl.programs.masks import Limits, load_masks, mask_of
    from metadream.wake_sleep.level2 import execute
    from metadream.wake_sleep.level2.machine_setup import MachineRequest

    mask = mask_of(read=read, write=write, link=link)
    if mask and (masks or len(programs) > 1):
        raise InputError("--read, --write and --link are for one program; --masks FILE has a mask for each")
    limits = Limits(load_masks(masks) if masks else [mask] if mask else [], pages)
    folder = None if log is None else execute.LogFolder(log, log_hash)
    asked = MachineRequest(database, run, model, within)
    return execute.run(programs, asked, budget, trust, trace, folder, limits, output).outcome()


def debug(
    program: ProgramFile,
    database: AnyDatabase = None,
    run: LibraryRun = None,
    model: LibraryModel = None,
    budget: Steps = 1_000_000,
    within: Within = None,
) -> Outcome:
    """Step through a program of the machine. Commands come from standard input; 'help' lists them."""
    from metadream.wake_sleep.level2 import execute
    from metadream.wake_sleep.level2.machine_setup import MachineRequest

    return execute.debug(program, MachineRequest(database, run, model, within), budget)


def audit(
    run: Annotated[
        Path | None,
        Argument(
            metavar="RUN", help="The folder of a run, of an answer, or of a log; for --check-proof also a head.json."
        ),
    ] = None,
    rebuild: Annotated[
        bool, Option("--rebuild", help="Rebuild each session's workspace and compare it with its digest.")
    ] = False,
    session: Annotated[int | None, Option(min=0, max=2**62, help="Which to rebuild; default: the last.")] = None,
    output: Annotated[Path | None, output("Write the rebuilt workspace here.")] = None,
    inclusion: Annotated[
        int | None, Option(min=0, max=2**62, metavar="N", help="Prove that the log has record N.")
    ] = None,
    consistency: Annotated[
        str | None, Option(metavar="OLD", help="Prove that OLD records (or an old head.json) begin it.")
    ] = None,
    check_proof: Annotated[
        Path | None, Option(metavar="FILE", help="Check a proof about RUN's log, or a kept head.json.")
    ] = None,
) -> Outcome:
    """Check everything that a folder holds. Status 1 names the record or file that is wrong."""
    from metadream.wake_sleep.runs import audit

    return audit.audit(run, rebuild, session, output, inclusion, consistency, check_proof).outcome()

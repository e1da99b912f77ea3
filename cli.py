"""The command line: one function a verb, options in, an `Outcome` out.

Exit status: 0 done, 1 not proved or not accepted, 2 bad use or bad input, 130 interrupted, 70 our own bug.
Only typer is imported here; each verb imports what it needs when it runs, so that ``--help`` is quick.
"""

# ruff: noqa: E402 (Ctrl-C is seen to before the slow imports)

from __future__ import annotations

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    sys.path.pop(0)  # this folder: its compression/ is not the standard library's

import os
import signal


def _stop(*_: object) -> None:
    os.write(2, b"interrupted\n")
    os._exit(130)


_EARLY = signal.getsignal(signal.SIGINT) is signal.default_int_handler
if _EARLY:
    try:
        signal.signal(signal.SIGINT, _stop)  # Ctrl-C while modules load is no traceback
    except ValueError:  # not the main thread
        _EARLY = False

import io
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from metadream.metamath_db.console import Outcome, answering, error, note, table
from metadream.metamath_db.errors import InputError

INTERNAL_ERROR = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED = 130
BEAM = 128  # partial proofs that --mode beam keeps


def _app(purpose: str) -> typer.Typer:
    # help as plain text: drawing it with rich doubles the 0.12 s that it takes
    return typer.Typer(help=purpose, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


app = _app("Learn a library of lemmas and strategies by proving Metamath theorems.")
bench_app = _app("Measure something and print the figures.")
library_app = _app("Look into a run's library of composites, or learn macros.")
data_app = _app("Fetch databases and the verifier, once.")
app.add_typer(bench_app, name="bench")
app.add_typer(library_app, name="library")
app.add_typer(data_app, name="data")


class Part(StrEnum):
    """What can be left out of a run, to measure what it is worth."""

    library = "library"
    dreaming = "dreaming"
    recognition = "recognition"
    proofs = "proofs"


class Loss(StrEnum):
    """What the recognition model is trained on."""

    imitation = "imitation"
    trace = "trace"
    consistency = "consistency"
    success = "success"


class On(StrEnum):
    """Which tasks a run tries."""

    train = "train"
    valid = "valid"


class Trust(StrEnum):
    """Whom the machine believes."""

    none = "none"
    kernel = "kernel"


class LogHash(StrEnum):
    """Hash functions of a log."""

    sha256 = "sha256"
    blake3 = "blake3"
    poseidon = "poseidon"


class Split(StrEnum):
    """How a database's theorems are split into training, validation and test."""

    new2 = "new2"
    chrono = "chrono"
    novel = "novel"


class Style(StrEnum):
    """How a library is exported."""

    plain = "plain"
    setmm = "setmm"


class Price(StrEnum):
    """What compression saves."""

    bytes = "bytes"
    steps = "steps"
    nats = "nats"


class Mode(StrEnum):
    """How proofs are searched."""

    cluster = "cluster"
    beam = "beam"


class SplitPart(StrEnum):
    """Which part of a split."""

    train = "train"
    valid = "valid"
    test = "test"


Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on one line, and nothing else.")]
Database = Annotated[
    str,
    typer.Option(
        "--database",
        "-d",
        help="A .mm file, or a name: starter, or what 'data get' fetched (set, iset, nf, ql, hol).",
    ),
]
Run = Annotated[Path, typer.Option("--run", "-r", help="The folder of a run.")]
OptionalRun = Annotated[Path | None, typer.Option("--run", "-r", help="Use the library and the model of this run.")]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**63 - 1, help="All random choices follow from it.")]
Workers = Annotated[
    int | None,
    typer.Option("--workers", "-j", min=1, help="Parallel tasks; the result is the same. Default: cores."),
]
Threads = Annotated[
    int | None, typer.Option("--threads", min=1, max=64, help="The result is the same. Default: cores.")
]
Contributor = Annotated[
    str | None, typer.Option("--contributor", help="Your name, for the lemmas' '(Contributed by ...)'.")
]
Date = Annotated[
    str | None, typer.Option("--date", help="The contribution's date, such as 4-Jul-2026; default: today.")
]
SearchMode = Annotated[
    Mode, typer.Option("--mode", help="Search over clusters of goals, or a beam over whole opcode traces.")
]
Beam = Annotated[
    int | None,
    typer.Option("--beam", min=1, max=2**20, metavar="B", help="Partial proofs that --mode beam keeps; default: 128."),
]
Losses = Annotated[
    list[Loss] | None,
    typer.Option("--loss", help="Train the network on these losses (repeatable); default: imitation."),
]
Expansions = Annotated[
    int | None, typer.Option("--expansions", min=1, max=2**31, help="Search budget of a task, in expanded goals.")
]


@app.command()
def learn(
    run: Run,
    database: Database = "starter",
    cycles: Annotated[int, typer.Option("--cycles", min=1, help="Wake-sleep cycles in all.")] = 3,
    seed: Seed = 0,
    tasks: Annotated[int | None, typer.Option("--tasks", min=1, help="Tasks a cycle; default: all.")] = None,
    without: Annotated[list[Part] | None, typer.Option("--without", help="Leave a part out (repeatable).")] = None,
    on: Annotated[
        On | None,
        typer.Option("--on", help="Training tasks, learnt from, with unseen ones counted beside; or unseen ones only."),
    ] = None,
    price: Annotated[
        Price | None, typer.Option("--price", help="What the library saves; default: bytes of human proofs, or steps.")
    ] = None,
    loss: Losses = None,
    expansions: Expansions = None,
    workers: Workers = None,
    json: Json = False,
) -> int:
    """Run wake-sleep cycles into a run folder. The same command resumes it."""
    with answering(json) as answer:
        from metadream.wake_sleep.cycle import learn as run_learn

        return answer(
            run_learn(
                database=database,
                run=run,
                cycles=cycles,
                seed=seed,
                tasks=tasks,
                without=frozenset(part.value for part in without or []),
                expansions=expansions,
                workers=workers,
                on=None if on is None else on.value,
                price=None if price is None else price.value,
                losses=[each.value for each in loss or []],
            )
        )


def _width(mode: Mode, beam: int | None) -> int:
    """The width of the beam; 0 for the search over clusters. Raises `InputError`."""
    if mode is Mode.beam:
        return beam or BEAM
    if beam is not None:
        raise InputError("--beam is the width of --mode beam; give both, or none")
    return 0


@app.command()
def prove(
    target: Annotated[
        str,
        typer.Argument(
            metavar="LABEL|STATEMENT|FILE",
            help="A label, a statement such as '|- ( ph -> ph )', or a .mm or .mmp file with '?' in its proofs.",
        ),
    ],
    database: Annotated[
        str | None,
        typer.Option("--database", "-d", help="A .mm file or a name. Default: starter, or FILE where it is one."),
    ] = None,
    run: OptionalRun = None,
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=0.001, help="CPU seconds a theorem, instead of expansions.")
    ] = None,
    expansions: Expansions = None,
    model: Annotated[
        Path | None,
        typer.Option("--model", help="A model that 'train' wrote; default: the cache's, trained if missing."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The answer's folder. Default: of a FILE, FILE.proved.")
    ] = None,
    drawing: Annotated[Path | None, typer.Option("--drawing", help="Draw the search as an SVG file.")] = None,
    mode: SearchMode = Mode.cluster,
    beam: Beam = None,
    json: Json = False,
) -> int:
    """Prove a theorem, or fill what a file leaves open. Status 1 if not all of it is proved."""
    with answering(json) as answer:
        from metadream.wake_sleep.prove import prove as run_prove

        return answer(
            run_prove(
                target=target,
                database=database,
                run=run,
                expansions=expansions,
                output=output,
                seconds=seconds,
                model=model,
                drawing=drawing,
                beam=_width(mode, beam),
            )
        )


@app.command()
def train(
    database: Database = "starter",
    exclude_proofs: Annotated[
        Path | None,
        typer.Option(
            "--exclude-proofs",
            metavar="FILE",
            help="Labels, one a line, whose proofs must not be seen; default: new2's valid and test parts.",
        ),
    ] = None,
    loss: Losses = None,
    critic: Annotated[
        bool, typer.Option("--critic", help="Also train a critic, on searches of training theorems.")
    ] = False,
    seed: Seed = 0,
    json: Json = False,
) -> int:
    """Train the model that 'prove' and 'bench prove' use, into the cache. Nothing is done for what is there."""
    with answering(json) as answer:
        from metadream.wake_sleep.prover import train as run_train

        losses = [each.value for each in loss or []]
        return answer(run_train(database=database, exclude=exclude_proofs, seed=seed, losses=losses, critic=critic))


@app.command()
def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A Metamath database: a file, or a fetched name.")],
    root: Annotated[
        Path | None, typer.Option("--root", help="Allow includes $[ $] of regular files under this folder.")
    ] = None,
    json: Json = False,
) -> int:
    """Judge a whole database. Our kernel and metamath-knife must both accept it; else status 1."""
    with answering(json) as answer:
        from metadream.metamath_db.check import verb as run_check

        return answer(run_check(file=file, root=root))


@app.command()
def tasks(
    database: Database = "starter",
    split: Annotated[Split, typer.Option("--split", help="How theorems are split.")] = Split.new2,
    part: Annotated[SplitPart, typer.Option("--part", help="Which part.")] = SplitPart.valid,
    json: Json = False,
) -> int:
    """Print the labels of a split, in its order."""
    with answering(json) as answer:
        from metadream.metamath_db.tasks import tasks as run_tasks

        return answer(run_tasks(database=database, split=split.value, part=part.value))


@app.command()
def export(
    run: Run,
    output: Annotated[Path, typer.Option("--output", "-o", help="The .mm file to write.")],
    whole: Annotated[
        bool, typer.Option("--whole", help="The whole database, with the composites and the proofs that use them.")
    ] = False,
    style: Annotated[
        Style, typer.Option("--style", help="setmm: a patch as set.mm's maintainers take it, and its diff.")
    ] = Style.plain,
    contributor: Contributor = None,
    date: Date = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=20, help="Most lemmas of a patch.")] = 20,
    threads: Threads = None,
    json: Json = False,
) -> int:
    """Write a run's new composites as a .mm file."""
    with answering(json) as answer:
        from metadream.wake_sleep.export import export as run_export
        from metadream.wake_sleep.export import export_patch

        if style is Style.setmm:
            return answer(export_patch(run, output, contributor, date, limit, threads))
        return answer(run_export(run=run, output=output, whole=whole))


@app.command()
def propose(
    database: Database = "starter",
    section: Annotated[
        str | None, typer.Option("--section", "-s", help="Learn only from sections whose headings hold this text.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help="Most lemmas.")] = 20,
    variants: Annotated[
        bool, typer.Option("--variants", help="Also deductions and inferences of which another form exists.")
    ] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the table as an HTML file.")] = None,
    export_to: Annotated[
        Path | None, typer.Option("--export", help="Write the database with these lemmas and their uses, and a diff.")
    ] = None,
    contributor: Contributor = None,
    date: Date = None,
    threads: Threads = None,
    json: Json = False,
) -> int:
    """Propose lemmas that a database's maintainers might take. Status 1 if none is worth it, or a patch is refused."""
    with answering(json) as answer:
        from metadream.compression.propose import propose as run_propose
        from metadream.compression.setmm import Contribution

        return answer(
            run_propose(
                database=database,
                section=section,
                limit=limit,
                variants=variants,
                output=output,
                export=export_to,
                contribution=None if contributor is None else Contribution.checked(contributor, date),
                threads=threads,
            )
        )


@app.command()
def shorten(
    labels: Annotated[
        list[str] | None, typer.Argument(metavar="[LABELS]...", help="Theorems, with * and ?; default: all.")
    ] = None,
    database: Database = "starter",
    allow_new_axioms: Annotated[
        bool, typer.Option("--allow-new-axioms", help="Let proofs rest on axioms that they did not rest on.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look and judge, but write nothing.")] = False,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Most theorems looked at in this call.")] = None,
    seconds: Annotated[float | None, typer.Option("--seconds", min=0, help="Stop after this time.")] = None,
    resume: Annotated[
        Path | None, typer.Option("--resume", help="Keep what was looked at in this file, and go on from it.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the changed database here.")] = None,
    threads: Threads = None,
    json: Json = False,
) -> int:
    """Shorten proofs by theorems that stand before them. No new lemmas; status 1 if a judge refuses the result."""
    with answering(json) as answer:
        from metadream.compression.shorten import shorten as run_shorten

        return answer(
            run_shorten(
                database=database,
                labels=labels or [],
                new_axioms=allow_new_axioms,
                dry_run=dry_run,
                limit=limit,
                seconds=seconds,
                resume=resume,
                output=output,
                threads=threads,
            )
        )


@app.command()
def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Default: report.html in the run.")] = None,
    json: Json = False,
) -> int:
    """Write a run's report. One HTML file that works offline."""
    with answering(json) as answer:
        from metadream.wake_sleep.report import report as run_report

        return answer(run_report(run=run, output=output))


ProgramFile = Annotated[Path, typer.Argument(metavar="PROGRAM", help="An assembly text, or a program file (.mdpg).")]
Steps = Annotated[int, typer.Option("--budget", min=1, max=2**62, help="Steps after which the run ends.")]
Within = Annotated[
    str | None,
    typer.Option(
        "--for", metavar="LABEL", help="Run within this theorem's task: its hypotheses, its $d, what stands before it."
    ),
]


@app.command("asm")
def assemble(
    file: ProgramFile,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Default: the same name, with .mdpg.")] = None,
    disassemble: Annotated[bool, typer.Option("--disassemble", help="Give the text of a program instead.")] = False,
    macros: Annotated[Path | None, typer.Option("--macros", help="Definitions that the text may call.")] = None,
    json: Json = False,
) -> int:
    """Assemble a program. With --disassemble, the way back."""
    with answering(json) as answer:
        from metadream.dsl.program_file import asm
        from metadream.metamath_db.core import load_core

        return answer(asm(file=file, output=output, disassemble=disassemble, core=load_core(), macros=macros))


Pages = Annotated[
    str | None, typer.Option(metavar="PAGES", help="Pages that the program may touch so: 1-4,7; default all.")
]


@app.command("run")
def run_program(
    programs: Annotated[
        list[Path],
        typer.Argument(metavar="PROGRAM...", help="Assembly text or program file; several step together as heads."),
    ],
    database: Database = "starter",
    budget: Steps = 1_000_000,
    within: Within = None,
    trust: Annotated[Trust, typer.Option("--trust", help="none: check every claim; kernel: believe the kernel.")] = (
        Trust.none
    ),
    trace: Annotated[bool, typer.Option("--trace", help="Give every step, with what it wrote and claims.")] = False,
    log: Annotated[Path | None, typer.Option("--log", metavar="FOLDER", help="Keep the log in a new folder.")] = None,
    log_hash: Annotated[LogHash, typer.Option("--log-hash", help="What the log is hashed with.")] = LogHash.sha256,
    read: Pages = None,
    write: Pages = None,
    link: Pages = None,
    masks: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSON list: for each program its read, write, link, or null.")
    ] = None,
    pages: Annotated[int | None, typer.Option(min=0, max=2**62, help="Pages that the workspace may hold.")] = None,
    json: Json = False,
) -> int:
    """Run programs of the machine. Status 1 if one ends in a fault, another status than 0, or out of budget."""
    with answering(json) as answer:
        from metadream.dsl.masks import Limits, load_masks, mask_of
        from metadream.metamath_db.core import load_core
        from metadream.wake_sleep.execute import LogFolder, run

        folder = None if log is None else LogFolder(log, log_hash.value)
        core = load_core()
        mask = mask_of(read=read, write=write, link=link)
        if mask and (masks or len(programs) > 1):
            raise InputError("--read, --write and --link are for one program; --masks FILE has a mask for each")
        limits = Limits(load_masks(core, masks) if masks else [mask] if mask else [], pages)
        return answer(run(programs, database, budget, within, trust.value, trace, core, folder, limits))


@app.command("debug")
def debug_program(
    program: ProgramFile, database: Database = "starter", budget: Steps = 1_000_000, within: Within = None
) -> int:
    """Step through a program of the machine. Commands come from standard input; 'help' lists them."""
    with answering(False) as answer:
        from metadream.wake_sleep.execute import debug

        return answer(debug(file=program, database=database, budget=budget, label=within))


@app.command()
def audit(
    run: Annotated[
        Path | None, typer.Argument(metavar="RUN", help="The folder of a run, of an answer, or of a log.")
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Rebuild each session's workspace and compare it with its digest.")
    ] = False,
    session: Annotated[
        int | None, typer.Option("--session", min=0, max=2**62, help="Which to rebuild; default: the last.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the rebuilt workspace here.")] = None,
    inclusion: Annotated[
        int | None,
        typer.Option("--inclusion", min=0, max=2**62, metavar="N", help="Prove that the log has record N."),
    ] = None,
    consistency: Annotated[
        str | None,
        typer.Option("--consistency", metavar="OLD", help="Prove that OLD records (or an old head.json) begin it."),
    ] = None,
    check_proof: Annotated[
        Path | None, typer.Option("--check-proof", metavar="FILE", help="Check a proof; the log is not needed.")
    ] = None,
    json: Json = False,
) -> int:
    """Check everything that a folder holds. Status 1 names the record or file that is wrong."""
    with answering(json) as answer:
        from metadream.wake_sleep.audit import audit as run_audit

        return answer(run_audit(run, rebuild, session, output, inclusion, consistency, check_proof))


@bench_app.command("load")
def bench_load(database: Database = "starter", json: Json = False) -> int:
    """How long a database takes to load and to judge."""
    with answering(json) as answer:
        from metadream.metamath_db.bench import load

        return answer(load(database=database))


@bench_app.command("compress")
def bench_compress(
    database: Database = "starter",
    price: Annotated[Price, typer.Option("--price", help="What is saved.")] = Price.bytes,
    held_out: Annotated[
        float | None,
        typer.Option(
            "--held-out", min=0.001, max=0.9, help="Also learn without this share of the proofs, and save on it."
        ),
    ] = None,
    incremental: Annotated[
        float | None,
        typer.Option("--incremental", min=0.001, max=0.9, help="Also add this share of the proofs in a second cycle."),
    ] = None,
    seed: Seed = 0,
    threads: Threads = None,
    follow: Annotated[
        str | None,
        typer.Option("--follow", metavar="LEMMA", help="Say what became of a statement, or of '(syl (adantr _) _)'."),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the compressed database here.")] = None,
    json: Json = False,
) -> int:
    """How far new lemmas compress a database. Written again, judged, baselines in the same run."""
    with answering(json) as answer:
        from metadream.compression.bench import compress

        model = None
        if price is Price.nats:
            from metadream.wake_sleep.worth import nats_of

            model = nats_of(database, seed)
        return answer(
            compress(
                database=database,
                price=price.value,
                nats=model,
                threads=threads or min(64, os.cpu_count() or 1),
                held_out=held_out,
                incremental=incremental,
                output=output,
                seed=seed,
                follow=follow,
            )
        )


@bench_app.command("stitch")
def bench_stitch(
    corpus: Annotated[
        Path | None, typer.Option("--corpus", help="A JSON list of lambda programs, or a folder of such files.")
    ] = None,
    database: Annotated[
        str | None, typer.Option("--database", help="Instead of a corpus: a database's proofs as trees of labels.")
    ] = None,
    arity: Annotated[int, typer.Option("--arity", min=0, max=8, help="Most parameters of an abstraction.")] = 3,
    count: Annotated[int, typer.Option("--count", min=0, max=10_000, help="Most abstractions.")] = 10,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the first split.")] = 1,
    splits: Annotated[int, typer.Option("--splits", min=1, max=1000, help="Splits to average over.")] = 1,
    threads: Annotated[int, typer.Option("--threads", min=1, max=64, help="Threads of both.")] = 1,
    unlimited: Annotated[
        bool, typer.Option("--unlimited", help="Ours as long as it pays, Stitch by its protocol; library counted too.")
    ] = False,
    rival: Annotated[bool, typer.Option("--rival/--no-rival", help="Measure stitch_core too.")] = True,
    json: Json = False,
) -> int:
    """Compression of lambda programs by exact search, beside stitch_core in the same run."""
    with answering(json) as answer:
        from metadream.compression.bench_stitch import Protocol, stitch

        protocol = Protocol(arity=arity, count=count, seed=seed, splits=splits, threads=threads, unlimited=unlimited)
        return answer(stitch(corpus, protocol, rival=rival, database=database))


@bench_app.command("machine")
def bench_machine(
    figure: Annotated[list[str] | None, typer.Option("--figure", help="Measure this figure only (repeatable).")] = None,
    json: Json = False,
) -> int:
    """How fast the machine and its workspace are. Minutes; what cannot be measured here is null, with the reason."""
    with answering(json) as answer:
        from metadream.dsl.bench import machine

        return answer(machine(names=figure))


@bench_app.command("library")
def bench_library(
    database: Database = "set",
    tasks: Annotated[int, typer.Option("--tasks", min=1, help="Unseen tasks, of new2's valid part.")] = 500,
    skip: Annotated[int, typer.Option("--skip", min=0, help="The first of that part are left out.")] = 0,
    expansions: Annotated[int, typer.Option("--expansions", min=1, max=2**31, help="Budget of a task.")] = 2_000,
    seconds: Annotated[float, typer.Option("--seconds", min=0.001, help="Budget of a task, CPU of one thread.")] = 1.0,
    seed: Seed = 0,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="How many, from --seed on.")] = 2,
    arm: Annotated[
        list[str] | None,
        typer.Option(
            "--arm",
            help="What to compare, the first with the others (repeatable): without, with, chains, with-chains, "
            "schemas, skeletons, replay, prior, chronological; with nats-priced lemmas: lemmas, all. Default: without, "
            "with.",
        ),
    ] = None,
    models: Annotated[
        Path | None, typer.Option("--models", help="Keep models in this folder that the cache does not have.")
    ] = None,
    workers: Workers = None,
    json: Json = False,
) -> int:
    """What composites are worth in search. Tasks proved with and without, at equal expansions and equal CPU time."""
    with answering(json) as answer:
        from metadream.wake_sleep.worth import library

        return answer(
            library(
                database=database,
                tasks=tasks,
                expansions=expansions,
                seconds=seconds,
                seed=seed,
                seeds=seeds,
                arms=arm or ("without", "with"),
                models=models,
                workers=workers,
                skip=skip,
            )
        )


@bench_app.command("prove")
def bench_prove(
    database: Database = "starter",
    split: Annotated[Split | None, typer.Option("--split", help="How theorems are split; default: new2.")] = None,
    part: Annotated[SplitPart | None, typer.Option("--part", help="Which part; default: valid.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first tasks.")] = None,
    tasks: Annotated[
        Path | None, typer.Option("--tasks", metavar="FILE", help="Instead of a split: labels, one a line.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=0.001, help="Budget of a task: CPU of one thread.")
    ] = None,
    expansions: Annotated[
        int | None, typer.Option("--expansions", min=1, max=2**31, help="Budget of a task that is repeatable.")
    ] = None,
    threads: Annotated[int, typer.Option("--threads", min=1, max=64, help="Tasks side by side.")] = 1,
    model: Annotated[
        Path | None, typer.Option("--model", metavar="FILE", help="A model of 'train'; default: from the cache.")
    ] = None,
    seed: Seed = 0,
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without",
            metavar="PART",
            help="Leave out: network, replay, prior, memory, schemas, closers, composites (repeatable).",
        ),
    ] = None,
    metamath: Annotated[
        bool, typer.Option("--metamath/--no-metamath", help="Ask metamath-exe too, where it is installed.")
    ] = True,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FOLDER", help="Write a line a task, and the proofs.")
    ] = None,
    mode: SearchMode = Mode.cluster,
    beam: Beam = None,
    json: Json = False,
) -> int:
    """How many unseen theorems are proved within a budget. Judged twice; the model is trained first if missing."""
    with answering(json) as answer:
        from metadream.wake_sleep.bench_prove import Budget, Tasks
        from metadream.wake_sleep.bench_prove import prove as run_bench

        if tasks is not None and (split is not None or part is not None):
            raise InputError("--tasks and --split are two choices of tasks; give one")
        chosen = Tasks((split or Split.new2).value, (part or SplitPart.valid).value, limit, tasks)
        return answer(
            run_bench(
                database=database,
                tasks=chosen,
                budget=Budget(expansions, seconds),
                threads=threads,
                seed=seed,
                model=model,
                without=without or (),
                output=output,
                metamath=metamath,
                beam=_width(mode, beam),
            )
        )


@library_app.command("list")
def library_list(run: Run, json: Json = False) -> int:
    """List composites, their statements and uses."""
    with answering(json) as answer:
        from metadream.wake_sleep.show import list_library

        return answer(list_library(run=run))


@library_app.command("show")
def library_show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A composite's name.")],
    run: Run,
    json: Json = False,
) -> int:
    """Show one composite. Its statement, its proof, where it came from and where it is used."""
    with answering(json) as answer:
        from metadream.wake_sleep.show import show_composite

        return answer(show_composite(run=run, name=name))


@library_app.command("macros")
def library_macros(
    programs: Annotated[list[Path], typer.Argument(metavar="PROGRAM...", help="Assembly texts or program files.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FOLDER", help="A new folder for macros.asm and the programs with calls."
        ),
    ] = None,
    json: Json = False,
) -> int:
    """Learn macros from programs of the machine. Each saves more instructions than its definition has."""
    with answering(json) as answer:
        from metadream.dsl.program_file import learn_macros
        from metadream.metamath_db.core import load_core

        return answer(learn_macros(files=programs, output=output, core=load_core()))


@data_app.command("get")
def data_get(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="set, iset, nf, ql, hol, or metamath.")],
    source: Annotated[str | None, typer.Option("--from", help="A file or URL; default: Debian's package.")] = None,
    sha256: Annotated[str | None, typer.Option("--sha256", help="The file's SHA-256; required for a URL.")] = None,
    json: Json = False,
) -> int:
    """Fetch databases or the verifier into the cache. Nothing is done for what is there and unharmed."""
    with answering(json) as answer:
        from metadream.metamath_db import data

        if len(names) != 1 and (source is not None or sha256 is not None):
            raise InputError("--from and --sha256 describe one file; give one name")
        return answer(_entries([data.get(name, source, sha256) for name in names]))


@data_app.command("list")
def data_list(json: Json = False) -> int:
    """List what is in the cache."""
    with answering(json) as answer:
        from metadream.metamath_db import data

        return answer(_entries(data.entries()))


def _entries(found: list[Any]) -> Outcome:
    rows = [
        {"name": e.name, "path": str(e.path), "sha256": e.sha256, "bytes": e.bytes, "source": e.source} for e in found
    ]
    if not rows:
        return Outcome({"data": rows}, "nothing is fetched yet; see 'metadream data get --help'")
    shown = table(
        "",
        ("name", "bytes", "SHA-256", "source", "path"),
        [(row["name"], row["bytes"], row["sha256"][:16], row["source"], row["path"]) for row in rows],
    )
    return Outcome({"data": rows}, shown)


def _version(wanted: bool) -> None:
    if wanted:
        import metadream

        print(f"metadream {metadream.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status; whatever goes wrong is one line on standard error."""
    given = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter is no error
    command = typer.main.get_command(app)
    try:
        status = command.main(args=given or ["--help"], prog_name="metadream", standalone_mode=False)
    except BaseException as problem:
        return _explain(problem)
    if status == INTERRUPTED:
        note("interrupted")
    return status or 0


def _explain(problem: BaseException) -> int:
    """The one line for `problem`, and the exit status."""
    if os.environ.get("METADREAM_TRACEBACK") and not isinstance(problem, SystemExit):
        raise problem
    if isinstance(problem, SystemExit):
        return problem.code if isinstance(problem.code, int) else 1
    if isinstance(problem, KeyboardInterrupt | typer.Abort):
        note("interrupted")
        return INTERRUPTED
    if isinstance(problem, InputError):
        error(str(problem))
        return 2
    usage = getattr(problem, "ctx", None)
    if isinstance(problem, typer.exceptions.TyperException):
        path = usage.command_path if usage is not None else "metadream"
        error(f"{problem.format_message().rstrip('.')}; see '{path} --help'")
        return 2
    if isinstance(problem, OSError) and problem.filename is not None:
        error(f"{problem.filename}: {problem.strerror or problem}; check the path and its permissions")
        return 2
    error(f"internal error: {type(problem).__name__}: {problem}; set METADREAM_TRACEBACK=1 to see where")
    return INTERNAL_ERROR


if _EARLY:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def command() -> None:
    """The installed command. An interrupted one ends at once: threads of the core and of torch may still run."""
    status = main()
    if status == INTERRUPTED:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)
    sys.exit(status)


if __name__ == "__main__":
    command()

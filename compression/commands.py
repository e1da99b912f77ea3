"""Commands that compress: options in, an `Outcome` out. Each imports what it needs when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from metadream.metamath_db.options import MANY, Contributor, Database, Date, Patches, Threads, output
from metadream.metamath_db.terminal.console import Outcome

Programs = Annotated[Path, Option("--corpus", metavar="FILE", help="A JSON list of lambda programs.")]
SingleTask = Annotated[
    bool, Option("--allow-single-task", help="Abstractions that occur in one program only count, too.")
]


def compress(
    corpus: Programs,
    output: Annotated[Path | None, output("Write abstractions and rewritten programs here, as JSON.")] = None,
    known: Annotated[
        Path | None,
        Option("--with", metavar="FILE", help="Take the abstractions that an earlier call wrote; default: learn."),
    ] = None,
    arity: Annotated[int, Option(min=0, max=8, help="Most parameters of an abstraction.")] = 3,
    count: Annotated[int, Option(min=0, max=10_000, help="Most abstractions.")] = 10,
    unlimited: Annotated[
        bool, Option("--unlimited", help="As many abstractions with as many parameters as pay for their bodies.")
    ] = False,
    single_task: SingleTask = False,
    threads: Threads = None,
) -> Outcome:
    """Learn abstractions of lambda programs, and write the programs with them. What Stitch does, by exact search."""
    from metadream.compression.stitch import compress
    from metadream.metamath_db.core import threads_or

    search = compress.Search(arity, None if unlimited else count, threads_or(threads), single_task)
    return compress.compress(corpus, search, known, output).outcome()


def propose(
    database: Database = "starter",
    section: Annotated[
        str | None, Option("--section", "-s", help="Learn only from sections whose headings hold this text.")
    ] = None,
    limit: Annotated[int, Option(min=1, max=200, help="Most lemmas.")] = 20,
    variants: Annotated[
        bool, Option("--variants", help="Also deductions and inferences of which another form exists.")
    ] = False,
    output: Annotated[Path | None, output("Write the table as an HTML file.")] = None,
    export: Annotated[
        Path | None, Option(help="Write the database with the first lemma and its uses, and a diff beside it.")
    ] = None,
    split: Patches = False,
    contributor: Contributor = None,
    date: Date = None,
    threads: Threads = None,
) -> Outcome:
    """Propose lemmas for a database's maintainers. Status 1 if none is worth it, or judges refuse the result."""
    from metadream.compression.maintain import propose
    from metadream.compression.maintain.setmm import Contribution

    contribution = None if contributor is None else Contribution.checked(contributor, date)
    found = propose.propose(database, section, limit, variants, output, export, contribution, split, threads)
    return found.outcome()


def shorten(
    labels: Annotated[
        list[str] | None, Argument(metavar="[LABELS]...", help="Theorems, with * and ?; default: all.")
    ] = None,
    database: Database = "starter",
    allow_new_axioms: Annotated[
        bool, Option("--allow-new-axioms", help="Let proofs rest on axioms that they did not rest on.")
    ] = False,
    dry_run: Annotated[bool, Option("--dry-run", help="Look and judge, but write nothing.")] = False,
    limit: Annotated[
        int | None, Option(min=1, max=MANY, help="Most theorems looked at in this call; default: all.")
    ] = None,
    seconds: Annotated[float | None, Option(min=0, help="Stop after this time; default: at the end.")] = None,
    resume: Annotated[Path | None, Option(help="Keep what was looked at in this file, and go on from it.")] = None,
    output: Annotated[Path | None, output("Write the changed database here.")] = None,
    threads: Threads = None,
) -> Outcome:
    """Shorten proofs by theorems that stand before them. No new lemmas; status 1 if a judge refuses the result."""
    from metadream.compression.maintain import shorten

    chosen = labels or []
    done = shorten.shorten(database, chosen, allow_new_axioms, dry_run, limit, seconds, resume, output, threads)
    return done.outcome()


def bench_stitch(
    corpus: Annotated[Path | None, Option(help="A JSON list of lambda programs, or a folder of such files.")] = None,
    database: Annotated[str | None, Option(help="Instead of a corpus: a database's proofs as trees of labels.")] = None,
    arity: Annotated[int, Option(min=0, max=8, help="Most parameters of an abstraction.")] = 3,
    count: Annotated[int, Option(min=0, max=10_000, help="Most abstractions.")] = 10,
    seed: Annotated[int, Option(min=0, max=MANY, help="Seed of the first split.")] = 1,
    splits: Annotated[int, Option(min=1, max=1000, help="Splits to average over.")] = 1,
    threads: Annotated[int, Option(min=1, max=64, help="Threads of both.")] = 1,
    unlimited: Annotated[
        bool, Option("--unlimited", help="Ours as long as it pays, Stitch by its protocol; library counted too.")
    ] = False,
    single_task: SingleTask = False,
    rival: Annotated[bool, Option(help="Measure stitch_core too.")] = True,
) -> Outcome:
    """Compression of lambda programs by exact search, beside stitch_core in the same run."""
    from metadream.compression.stitch.bench import Protocol, stitch

    protocol = Protocol(arity, count, seed, splits, threads, unlimited, single_task)
    return stitch(corpus, protocol, rival=rival, database=database)

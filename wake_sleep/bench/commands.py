"""Commands that measure a model: options in, an `Outcome` out. Each imports what it needs when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from typer import Argument, Option

from metadream.metamath_db.errors import InputError
from metadream.metamath_db.options import (
    MANY,
    MINIMISE,
    MOVES,
    PROPOSER_MOVES,
    PROPOSER_WEIGHT,
    Database,
    Minimise,
    Moves,
    Part,
    ProposerCalls,
    ProposerCommand,
    ProposerMoves,
    ProposerWeight,
    Split,
    Threads,
    output,
)
from metadream.metamath_db.terminal.console import Outcome
from metadream.wake_sleep.commands import Price, Seed, Workers

if TYPE_CHECKING:
    from metadream.wake_sleep.bench.prove import Tasks

SplitOfTasks = Annotated[Split | None, Option("--split", help="How theorems are split; default: new2.")]
PartOfTasks = Annotated[Part | None, Option("--part", help="Which part; default: valid.")]
FirstTasks = Annotated[int | None, Option("--limit", min=1, max=MANY, help="Only the first tasks; default: all.")]
ListedTasks = Annotated[Path | None, Option("--tasks", metavar="FILE", help="Instead of a split: labels, one a line.")]
ModelFile = Annotated[
    Path | None, Option("--model", metavar="FILE", help="A model of 'train'; default: from the cache.")
]

Premises: TypeAlias = Literal["before", "human", "all"]


def compress(
    database: Database = "starter",
    price: Annotated[Price, Option(help="What is saved.")] = "bytes",
    held_out: Annotated[
        float | None,
        Option(min=0.001, max=0.9, help="Also learn without this share of the proofs, and save on it."),
    ] = None,
    incremental: Annotated[
        float | None, Option(min=0.001, max=0.9, help="Also add this share of the proofs in a second cycle.")
    ] = None,
    seed: Seed = 0,
    threads: Threads = None,
    follow: Annotated[
        str | None, Option(metavar="LEMMA", help="Say what became of a statement, or of '(syl (adantr _) _)'.")
    ] = None,
    output: Annotated[Path | None, output("Write the compressed database here.")] = None,
) -> Outcome:
    """How far new lemmas compress a database. Written again, judged, baselines in the same run."""
    from metadream.compression import bench
    from metadream.metamath_db.core import threads_or

    nats = None
    if price == "nats":
        from metadream.wake_sleep.bench.library import nats_of

        nats = nats_of(database, seed)
    return bench.compress(
        database=database,
        price=price,
        nats=nats,
        threads=threads_or(threads),
        held_out=held_out,
        incremental=incremental,
        output=output,
        seed=seed,
        follow=follow,
    ).outcome()


def states(
    folder: Annotated[Path, Argument(metavar="FOLDER", help="A folder of 'data export states', with Parquet.")],
    labels: Annotated[int, Option(min=2, max=10_000, help="How many of the most frequent moves are told apart.")] = 50,
    seed: Seed = 0,
) -> Outcome:
    """Baselines on exported proof states. How many steps are left, and which move is made, by a linear model."""
    from metadream.wake_sleep.states import baselines

    return baselines.bench(folder, seed, labels)


def library(
    database: Database = "set",
    tasks: Annotated[int, Option(min=1, max=MANY, help="Unseen tasks, of new2's valid part.")] = 500,
    skip: Annotated[int, Option(min=0, max=MANY, help="The first of that part are left out.")] = 0,
    expansions: Annotated[int, Option(min=1, max=MANY, help="Budget of a task.")] = 2_000,
    seconds: Annotated[float, Option(min=0.001, help="Budget of a task, CPU of one thread.")] = 1.0,
    seed: Seed = 0,
    seeds: Annotated[int, Option(min=1, max=1_000, help="How many, from --seed on.")] = 2,
    arm: Annotated[
        list[str] | None,
        Option(
            help="What to compare, the first with the others (repeatable): without, with, replay, prior; with "
            "nats-priced lemmas: lemmas, all; with as many random ones, for control: shuffled. Default: without, with.",
        ),
    ] = None,
    models: Annotated[Path | None, Option(help="Keep models in this folder that the cache does not have.")] = None,
    workers: Workers = None,
) -> Outcome:
    """What composites are worth in search. Tasks proved with and without, at equal expansions and equal CPU time."""
    from metadream.wake_sleep.bench import library

    return library.library(
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


def prove(
    database: Database = "starter",
    split: SplitOfTasks = None,
    part: PartOfTasks = None,
    limit: FirstTasks = None,
    tasks: ListedTasks = None,
    seconds: Annotated[float | None, Option(min=0.001, help="Budget of a task: CPU of one thread.")] = None,
    expansions: Annotated[
        int | None, Option(min=1, max=MANY, help="Budget of a task that is repeatable. One of the two is needed.")
    ] = None,
    threads: Annotated[int, Option(min=1, max=64, help="Tasks side by side.")] = 1,
    model: ModelFile = None,
    seed: Seed = 0,
    without: Annotated[
        list[str] | None,
        Option(
            metavar="PART",
            help="Leave out: network, replay, prior, memory, closers, composites (repeatable). Default: nothing.",
        ),
    ] = None,
    metamath: Annotated[bool, Option(help="Ask metamath-exe too, where it is installed.")] = True,
    output: Annotated[Path | None, output("Write a line a task, and the proofs.", metavar="FOLDER")] = None,
    premises: Annotated[
        Premises,
        Option(
            help="What may be used: what stands before the task (discouraged theorems left out), the premises of its "
            "human proof only, or all that stands before it."
        ),
    ] = "before",
    minimise: Minimise = MINIMISE,
    moves: Moves = MOVES,
    proposer: ProposerCommand = None,
    proposer_weight: ProposerWeight = PROPOSER_WEIGHT,
    proposer_moves: ProposerMoves = PROPOSER_MOVES,
    proposer_calls: ProposerCalls = None,
) -> Outcome:
    """How many unseen theorems are proved within a budget. Judged twice; the model is trained first if missing."""
    from metadream.wake_sleep.bench import prove as bench_prove
    from metadream.wake_sleep.search.options import command_options
    from metadream.wake_sleep.search.proposer import started

    if (expansions is None) == (seconds is None):
        raise InputError("expected a budget: either --seconds S or --expansions N")
    mix = {"proposer_weight": proposer_weight, "proposer_moves": proposer_moves, "proposer_calls": proposer_calls}
    parts = {"threads": threads, "premises": premises, **mix}
    options = command_options(expansions, seconds, minimise, moves, **parts)
    with started(proposer) as ranks:
        return bench_prove.prove(
            database=database,
            tasks=_tasks(split, part, limit, tasks),
            options=options,
            threads=threads,
            seed=seed,
            model=model,
            without=without or (),
            output=output,
            metamath=metamath,
            proposer=ranks,
        )


def environment(
    database: Database = "starter",
    seconds: Annotated[float, Option(min=0.01, max=3600, help="Of random play.")] = 5.0,
    seed: Seed = 0,
) -> Outcome:
    """How many steps a second the environment for provers takes."""
    from metadream.wake_sleep.bench import environment as bench

    return bench.environment(database, seconds, seed)


def census(
    database: Database = "starter",
    split: SplitOfTasks = None,
    part: PartOfTasks = None,
    limit: FirstTasks = None,
    tasks: ListedTasks = None,
    model: ModelFile = None,
    seed: Seed = 0,
    round_trip: Annotated[
        bool, Option("--round-trip", help="Also write what was translated as Metamath again, and ask both judges.")
    ] = False,
    no_model: Annotated[
        bool, Option("--no-model", help="Without ranks and nats: only what is decided, and the round trip.")
    ] = False,
    results: Annotated[
        Path | None, Option(metavar="FILE", help="The tasks.jsonl of 'bench prove --output': which tasks failed.")
    ] = None,
    output: Annotated[
        Path | None, output("Write a line a step, and where proofs of failed tasks are dearest.", metavar="FOLDER")
    ] = None,
) -> Outcome:
    """What human proofs are made of: steps by kind, what they cost the model, what is decided in them.

    The kinds are content, congruence, typing and glue, found by shape (docs/inference.md). The model must not have seen
    the proofs; it is trained first if missing. What is decided needs no model.
    """
    from metadream.wake_sleep.bench import census

    if no_model and (model is not None or results is not None or output is not None):
        raise InputError("--no-model goes without --model, --results and --output; they are about ranks and nats")
    return census.census(
        database=database,
        tasks=_tasks(split, part, limit, tasks),
        seed=seed,
        model=model,
        results=results,
        output=output,
        round_trip=round_trip,
        no_model=no_model,
    )


def _tasks(split: Split | None, part: Part | None, limit: int | None, file: Path | None) -> Tasks:
    """The tasks that options name. Raises `InputError`."""
    from metadream.wake_sleep.bench.prove import Tasks

    if file is not None and (split is not None or part is not None):
        raise InputError("--tasks and --split are two choices of tasks; give one")
    return Tasks(split or "new2", part or "valid", limit, file)

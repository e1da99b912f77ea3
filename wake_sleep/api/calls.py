"""What can be asked beside `Database`: learning, training, compression, verdicts, splits, audits, reports."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args, overload

from metadream.compression import bench
from metadream.compression.stitch import compress as stitch
from metadream.compression.stitch.compress import Abstraction, Compressed, Search
from metadream.metamath_db import tasks as splits
from metadream.metamath_db.core import threads_or
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.judges import check as judges
from metadream.metamath_db.judges.check import Verdict
from metadream.metamath_db.options import MovesOf, Part, Split
from metadream.wake_sleep.api.database import Database, PathLike
from metadream.wake_sleep.api.quiet import calling
from metadream.wake_sleep.runs.folder import Folder
from metadream.wake_sleep.runs.settings import PARTS

if TYPE_CHECKING:
    from metadream.compression.bench import Savings
    from metadream.wake_sleep.model.prover import Model
    from metadream.wake_sleep.report.learned import Learned
    from metadream.wake_sleep.runs.audit import Audit

Price = Literal["bytes", "steps", "nats"]
Where = Literal["train", "valid"]


def check(file: PathLike, *, root: PathLike | None = None, progress: bool = False) -> Verdict:
    """Judge a whole database, a file or a fetched name: our kernel and metamath-knife must both accept it.

    `root`: allow includes of regular files under this folder. Raises `InputError` for what is no file; what is wrong
    in it stands in the verdict's `errors`, with places.
    """
    with calling("check", progress) as heard:
        found = judges.verdict(file, root)
    return found.with_messages(heard)


def tasks(database: Database | PathLike = "starter", split: Split = "new2", part: Part = "valid") -> list[str]:
    """Labels of a part of a database's theorems, in the split's order. Raises `InputError`.

    >>> tasks("starter", "chrono", "test")[:2]
    ['3ancoma', 'xnor']
    """
    if isinstance(database, Database):
        return database.tasks(split, part)
    with calling("tasks", False):
        return splits.tasks(database, split, part)


def learn(
    database: Database | PathLike = "starter",
    run: PathLike | None = None,
    *,
    cycles: int = 3,
    seed: int = 0,
    tasks: int | None = None,
    without: Collection[str] = (),
    on: Where | None = None,
    price: Price | None = None,
    moves: MovesOf | None = None,
    expansions: int | None = None,
    workers: int | None = None,
    progress: bool = False,
) -> Learned:
    """Run wake-sleep cycles into the folder `run`; the same call resumes it. Raises `InputError`.

    - `run` None: a folder of its own, which is removed when the answer is no longer in use.
    - `cycles` in all; `tasks` a cycle, default: all; `expansions`: budget of a task; `workers`: parallel tasks.
    - `without`: parts to leave out, of library, dreaming, recognition, proofs.
    - `on` "train": training tasks, learnt from, with unseen ones counted beside; "valid": unseen ones only.
    - `price`: what the library saves, bytes, steps or nats. `moves`: what searches choose, content, unify or both.

    `on`, `price`, `moves` and `expansions` None: by the database's kind, as the command has it.
    """
    from metadream.wake_sleep.loop import cycle  # torch comes with it: seconds

    _one_of("without", without, PARTS)
    for name, value, known in (("on", on, Where), ("price", price, Price), ("moves", moves, MovesOf)):
        _one_of(name, [] if value is None else [value], get_args(known))
    folder = Path(tempfile.mkdtemp(prefix="metadream-run-") if run is None else run)
    loaded = database.theory.copy() if isinstance(database, Database) and database.judged else None
    with calling("learn", progress) as heard, _kept(folder, run is not None):
        found = cycle.learn(
            database=_name(database),
            run=folder,
            cycles=cycles,
            seed=seed,
            tasks=tasks,
            without=frozenset(without),
            expansions=expansions,
            workers=workers,
            on=on,
            price=price,
            moves=moves,
            loaded=loaded,
        )
    found = found.with_messages(heard)
    if run is None:
        weakref.finalize(found, shutil.rmtree, folder, ignore_errors=True)
    return found


def open_run(run: PathLike, *, progress: bool = False) -> Learned:
    """A finished run, from its folder; its library and its proofs are judged again. Raises `InputError`."""
    from metadream.wake_sleep.report.learned import Learned
    from metadream.wake_sleep.report.show import newest

    with calling("open run", progress) as heard:
        newest(Path(run))
        return Learned.of(Folder(Path(run))).with_messages(heard)


def train(
    database: Database | PathLike = "starter",
    *,
    exclude_proofs: PathLike | None = None,
    seed: int = 0,
    progress: bool = False,
) -> Model:
    """Train the model that searches go by, into the cache; nothing is done for what is there. Raises `InputError`.

    `exclude_proofs`: a file of labels, one a line, whose proofs must not be seen; default: new2's valid and test parts.
    """
    from metadream.wake_sleep.model import prover

    excluded = None if exclude_proofs is None else Path(exclude_proofs)
    with calling("train", progress) as heard:
        found = prover.train(_name(database), excluded, seed)
    return found.with_messages(heard)


@overload
def compress(
    corpus: Database,
    *,
    price: Price = "bytes",
    held_out: float | None = None,
    incremental: float | None = None,
    seed: int = 0,
    follow: str | None = None,
    threads: int | None = None,
    output: PathLike | None = None,
    progress: bool = False,
) -> Savings: ...
@overload
def compress(
    corpus: PathLike | Sequence[str],
    *,
    known: PathLike | Compressed | Sequence[Abstraction] | None = None,
    arity: int = 3,
    count: int | None = 10,
    single_task: bool = False,
    threads: int | None = None,
    output: PathLike | None = None,
    progress: bool = False,
) -> Compressed: ...
def compress(
    corpus: Database | PathLike | Sequence[str],
    *,
    price: Price = "bytes",
    held_out: float | None = None,
    incremental: float | None = None,
    seed: int = 0,
    follow: str | None = None,
    known: PathLike | Compressed | Sequence[Abstraction] | None = None,
    arity: int = 3,
    count: int | None = 10,
    single_task: bool = False,
    threads: int | None = None,
    output: PathLike | None = None,
    progress: bool = False,
) -> Savings | Compressed:
    """Abstractions of lambda programs (``compress``), or lemmas for a database (``bench compress``).

    Of programs, a list or a JSON file of such: at most `count` abstractions (None: as long as they pay) of at most
    `arity` parameters, or those `known` from an earlier call or file; `single_task`: those that occur in one program
    only count, too. Of a `Database`: all proofs compressed by new lemmas and judged, with `price` saved (nats: of
    a model that is trained for it); also without a share `held_out`, or with a share `incremental` in a second cycle;
    `follow` says what became of a lemma.
    `output`: what is written where. Raises `InputError`.

    >>> done = compress(["(f (g a b) (h c))", "(f (g a b) (h d))"])
    >>> done.programs, done.abstractions[0]
    (('(fn_0 c)', '(fn_0 d)'), ('fn_0', 1, '(f (g a b) (h #0))'))
    """
    written = None if output is None else Path(output)
    with calling("compress", progress) as heard:
        if isinstance(corpus, Database):
            nats = _nats(corpus, seed) if price == "nats" else None
            found: Savings | Compressed = bench.compress(
                str(corpus.path), price, threads_or(threads), held_out, written, seed, nats, follow, incremental
            )
        else:
            programs = Path(corpus) if isinstance(corpus, str | os.PathLike) else list(corpus)
            search = Search(arity, count, threads_or(threads), single_task)
            found = stitch.compress(programs, search, _abstractions(known), written)
    return found.with_messages(heard)


def audit(
    run: PathLike,
    *,
    rebuild: bool = False,
    session: int | None = None,
    inclusion: int | None = None,
    consistency: str | None = None,
    progress: bool = False,
) -> Audit:
    """Check everything that the folder of a run, of an answer or of a log holds. Raises `InputError`.

    `rebuild`: also rebuild a session's workspace from the log, of `session` or of the last one. `inclusion`: prove that
    the log holds the record of this number; `consistency`: that it goes on from a head that was kept, a number of
    records or a ``head.json``. The proof is in the answer's ``data`` (docs/log.md).
    """
    from metadream.wake_sleep.runs import audit

    with calling("audit", progress) as heard:
        found = audit.audit(Path(run), rebuild, session, None, inclusion, consistency)
    return found.with_messages(heard)


def report(run: PathLike | Learned, output: PathLike | None = None, *, progress: bool = False) -> Path:
    """Write a run's report, one HTML file that works offline, into the run or elsewhere; where it is. Raises
    `InputError`.
    """
    from metadream.wake_sleep.report import report

    folder = Path(run) if isinstance(run, str | os.PathLike) else run.run
    with calling("report", progress):
        return report.report(folder, None if output is None else Path(output))


@contextmanager
def _kept(folder: Path, always: bool) -> Iterator[None]:
    """Remove a folder where the block fails, unless it is kept `always`."""
    try:
        yield
    except BaseException:
        if not always:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _nats(database: Database, seed: int) -> object:
    """What proofs cost a model, for the price `nats`."""
    from metadream.wake_sleep.bench.library import nats_of  # torch comes with it: seconds

    return nats_of(str(database.path), seed)


def _name(database: Database | PathLike) -> str:
    return database.name if isinstance(database, Database) else os.fspath(database)


def _abstractions(known: PathLike | Compressed | Sequence[Abstraction] | None) -> Path | Sequence[Abstraction] | None:
    if isinstance(known, Compressed):
        return known.abstractions
    return Path(known) if isinstance(known, str | os.PathLike) else known


def _one_of(name: str, values: Collection[str], known: Sequence[str]) -> None:
    for value in values:
        if value not in known:
            raise InputError(f"{name}: no '{value}'; expected one of {', '.join(known)}")

"""A Metamath database as an object: its statements, its tasks, and proofs searched in it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal

from metadream._core import SearchOptions, Theory
from metadream.metamath_db.core import load_theory, threads_or
from metadream.metamath_db.data import resolve_database
from metadream.metamath_db.options import MINIMISE, MOVES, PROPOSER_MOVES, PROPOSER_WEIGHT, MovesOf, Part, Split
from metadream.metamath_db.tasks import make_split
from metadream.wake_sleep.api.quiet import calling
from metadream.wake_sleep.model.prover import Source, open_source
from metadream.wake_sleep.prove import prove as search
from metadream.wake_sleep.prove.answer import Answer
from metadream.wake_sleep.prove.files.files import Open
from metadream.wake_sleep.prove.from_run import from_run
from metadream.wake_sleep.search.options import command_options
from metadream.wake_sleep.search.proposer import Proposer, started

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from metadream.compression.maintain.propose import Proposed
    from metadream.compression.maintain.shorten import Shortened
    from metadream.wake_sleep.states.export import Exported as ExportedStates

PathLike = str | os.PathLike[str]
Place = tuple[Path | None, Path | None]  # of a run and of a model's file


@dataclass(frozen=True)
class Assertion:
    """A logical statement of a database: an axiom or a theorem."""

    label: str
    kind: Literal["axiom", "theorem"]
    formula: str
    """What it says, typecode first, symbols apart."""
    hypotheses: tuple[tuple[str, str], ...]
    """Label and formula of each essential hypothesis."""
    disjoint: tuple[tuple[str, str], ...]
    """Pairs of variables that must be distinct (``$d``)."""
    comment: str | None
    """The comment before it, on one line."""
    section: str | None
    """The heading that it stands under."""

    def __str__(self) -> str:
        """``hypothesis & hypothesis => formula``."""
        left = " & ".join(formula for _, formula in self.hypotheses)
        return f"{left} => {self.formula}" if left else self.formula


class Database:
    """A database that was loaded. Iterate over it for the labels of its statements, index it by label.

    >>> import metadream as md
    >>> db = md.load("starter")
    >>> db
    <Database starter: 336 statements, 0 proofs>
    >>> db["ax-1"].formula
    '|- ( ph -> ( ps -> ph ) )'
    >>> "id" in db, next(iter(db))
    (True, 'ax-mp')
    """

    def __init__(self, database: PathLike = "starter", judged: bool = False, progress: bool = False) -> None:
        """Load it; see `load`. Raises `InputError`."""
        self.name = os.fspath(database)
        self.path = resolve_database(database)
        self.judged = judged
        with calling("load", progress) as heard:
            self.theory: Theory = load_theory(self.path, judged=judged)
        self.messages = tuple(heard)
        """Remarks on what could not be read, and on proofs that were refused."""
        self._sources: dict[Place, Source] = {}
        self._lock = Lock()

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Labels of all logical statements, in file order."""
        return tuple(self.theory.labels())

    @cached_property
    def theorems(self) -> tuple[str, ...]:
        """Labels of all theorems (``$p``), in file order."""
        return tuple(self.theory.theorems())

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.labels)

    @cached_property
    def proofs(self) -> int:
        """How many theorems have a proof."""
        return int((self.theory.proof_lengths() > 0).sum())

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Iterator[str]:
        return iter(self.labels)

    def __contains__(self, label: object) -> bool:
        return label in self._known

    def __getitem__(self, label: str) -> Assertion:
        said = self.theory.statement(label)
        hypotheses = tuple(zip(said["hyp_labels"], said["hyps"], strict=True))
        disjoint = tuple((first, second) for first, second in said["disjoint"])
        about = {key: said[key] for key in ("label", "kind", "comment", "section")}
        return Assertion(formula=said["conclusion"], hypotheses=hypotheses, disjoint=disjoint, **about)

    def __repr__(self) -> str:
        return f"<Database {self.name}: {len(self):,} statements, {self.proofs:,} proofs>"

    def tasks(self, split: Split = "new2", part: Part = "valid") -> list[str]:
        """Labels of a part of the theorems, in the split's order (docs/glossary.md, "split"). Raises `InputError`."""
        return make_split(self.theory, split).part(part)

    def prove(
        self,
        target: PathLike,
        *,
        run: PathLike | None = None,
        model: PathLike | None = None,
        seconds: float | None = None,
        expansions: int | None = None,
        minimise: int = MINIMISE,
        moves: MovesOf = MOVES,
        proposer: Proposer | str | None = None,
        proposer_weight: float = PROPOSER_WEIGHT,
        proposer_moves: int = PROPOSER_MOVES,
        proposer_calls: int | None = None,
        output: PathLike | None = None,
        drawing: PathLike | None = None,
        progress: bool = False,
    ) -> Answer:
        """Search a proof from what stands before the target, and have it judged; see `prove`. Raises `InputError`.

        The model is loaded at the first call, which trains it if the cache has none; several threads may search.

        >>> import metadream as md
        >>> answer = md.load("starter").prove("|- ( ph -> ( ps -> ph ) )", expansions=100)
        >>> answer.proved, answer.proof.labels
        (True, ('ax-1',))
        """
        return prove(
            target,
            self,
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
            progress=progress,
        )

    def shorten(
        self,
        labels: Sequence[str] = (),
        *,
        new_axioms: bool = False,
        limit: int | None = None,
        seconds: float | None = None,
        resume: PathLike | None = None,
        output: PathLike | None = None,
        threads: int | None = None,
        progress: bool = False,
    ) -> Shortened:
        """Shorten proofs by theorems that stand before them, and judge the result; as the command. Raises `InputError`.

        `labels`: theorems, with ``*`` and ``?``; none: all. `output`: write the database there; None: only look.
        `limit` (theorems) and `seconds` stop early; with the file `resume` the next call goes on.

        >>> import metadream as md
        >>> md.load("starter").shorten(["id"])
        <Shortened: 0 of 0 proofs, 0 bytes>
        """
        from metadream.compression.maintain import shorten

        kept, written = (None if place is None else Path(place) for place in (resume, output))
        with calling("shorten", progress) as heard:
            found = shorten.shorten(
                str(self.path), labels, new_axioms, written is None, limit, seconds, kept, written, threads_or(threads)
            )
        return found.with_messages(heard)

    def propose(
        self,
        *,
        section: str | None = None,
        limit: int = 20,
        variants: bool = False,
        threads: int | None = None,
        progress: bool = False,
    ) -> Proposed:
        """Lemmas that the database's maintainers might take; as the command, without its files. Raises `InputError`.

        `section`: learn from the sections whose headings hold this text only. `variants`: list other forms of
        existing theorems among the proposals.
        """
        from metadream.compression.maintain import propose

        with calling("propose", progress) as heard:
            found = propose.propose(str(self.path), section, limit, variants, threads=threads)
        return found.with_messages(heard)

    def export_states(
        self,
        output: PathLike,
        *,
        split: Split = "new2",
        limit: int | None = None,
        file_format: Literal["parquet", "jsonl", "both"] = "parquet",
        nats: bool = False,
        model: PathLike | None = None,
        threads: int | None = None,
        progress: bool = False,
    ) -> ExportedStates:
        """Write human proofs as a data set of states and moves into the new folder `output` (docs/states.md); as the
        command ``data export states``. Raises `InputError`.
        """
        from metadream.wake_sleep.states import export

        asked = None if model is None else Path(model)
        with calling("export states", progress) as heard:
            found = export.export(str(self.path), Path(output), split, limit, file_format, threads, nats, asked)
        return found.with_messages(heard)

    def opener(self, run: Path | None, model: Path | None) -> Open:
        """What gives this database with a run's or a file's model, or the cache's; loaded once. Others are opened."""

        def opened(database: str | None) -> Source:
            if database is not None and resolve_database(database) != self.path:
                return search.SearchSetup(run, model, SearchOptions()).source(database)
            with self._lock:
                if (run, model) not in self._sources:
                    self._sources[run, model] = self._open(run, model)
                return self._sources[run, model]

        return opened

    def _open(self, run: Path | None, model: Path | None) -> Source:
        if run is None:
            return open_source(str(self.path), model, self.theory.copy())
        return from_run(run, str(self.path))[1]


def load(database: PathLike = "starter", *, judged: bool = False, progress: bool = False) -> Database:
    """Load a database: a file, or a name as ``--database`` takes it (starter, or what ``data get`` fetched: set, ...).

    `judged`: the kernel judges all proofs, and those that it refuses count as if they were not there; `messages` name
    them. Raises `InputError` that says what to do, with the place in a file that cannot be read.
    """
    return Database(database, judged, progress)


def prove(
    target: PathLike,
    database: Database | PathLike | None = None,
    *,
    run: PathLike | None = None,
    model: PathLike | None = None,
    seconds: float | None = None,
    expansions: int | None = None,
    minimise: int = MINIMISE,
    moves: MovesOf = MOVES,
    proposer: Proposer | str | None = None,
    proposer_weight: float = PROPOSER_WEIGHT,
    proposer_moves: int = PROPOSER_MOVES,
    proposer_calls: int | None = None,
    output: PathLike | None = None,
    drawing: PathLike | None = None,
    progress: bool = False,
) -> Answer:
    """Search a proof from what stands before the target, and have it judged. Raises `InputError`.

    `target`: a label, a statement such as ``|- ( ph -> ph )``, or a file with open proofs (docs/prove.md). `database`
    None: starter, the run's, or the file itself where it is a database.

    - `run`, `model`: use the library and the model of a run, or the model of a file; default: the cache's model.
    - `seconds` (CPU, a theorem) or `expansions` (goals): the budget; default: a number of expansions.
    - `minimise`: expansions for a shorter proof, once one was found. `moves`: content, unify or both.
    - `proposer`: a callable, or a process's command, that ranks the moves of each goal, too (docs/proposer.md), with
      this weight, of so many moves of a goal, for so many goals.
    - `output`: write the answer's folder. `drawing`: draw the search as an SVG file.
    - `progress`: show on standard error what is done; else nothing is printed.
    """
    run, model, output, drawing = (None if place is None else Path(place) for place in (run, model, output, drawing))
    mix = {"proposer_weight": proposer_weight, "proposer_moves": proposer_moves, "proposer_calls": proposer_calls}
    options = command_options(expansions, seconds, minimise, moves, **mix)
    name = database.name if isinstance(database, Database) else None if database is None else os.fspath(database)
    opened = database.opener(run, model) if isinstance(database, Database) else None
    with calling("prove", progress) as heard, _running(proposer) as ranks:
        found = search.prove(os.fspath(target), name, run, output, model, drawing, options, ranks, opened)
    return found.with_messages(heard)


def _running(proposer: Proposer | str | None) -> AbstractContextManager[Proposer | None]:
    """The proposer; of a command, its process."""
    return started(proposer) if proposer is None or isinstance(proposer, str) else nullcontext(proposer)

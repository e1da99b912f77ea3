"""A run at work: its database, tasks and folder, and what the cycle needs of them."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from metadream.dsl.composites import read_library
from metadream.dsl.proofs import length, steps_of
from metadream.metamath_db import console
from metadream.metamath_db.core import Core, Theory, load_theory, patiently
from metadream.metamath_db.data import DEBIAN, STARTER, base_name, resolve_database, sha256_of
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.tasks import new2, proved
from metadream.wake_sleep import model, model_file
from metadream.wake_sleep.corpus import Corpus, first_numbers
from metadream.wake_sleep.folder import Folder, publish
from metadream.wake_sleep.seeds import derive
from metadream.wake_sleep.settings import Settings, check_same, read_settings
from metadream.wake_sleep.state import Best, State, read_state
from metadream.wake_sleep.train import Trained, set_network, train
from metadream.wake_sleep.wake import Attempt

# Expansions a task and dreams a cycle. Where there are no human proofs, many cheap attempts; else one good try each.
BUDGET_WITHOUT_PROOFS = 3_000
BUDGET = 5_000
DREAMS = 300


@dataclass
class Clock:
    """Seconds by phase."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def __call__(self, phase: str) -> Iterator[None]:
        """Add the block's time to a phase."""
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[phase] = round(self.seconds.get(phase, 0.0) + time.monotonic() - start, 3)


@dataclass(frozen=True)
class Run:
    """Everything that stays the same from cycle to cycle. `human`: labels of the training proofs; empty if there are
    none.
    """

    core: Core
    folder: Folder
    settings: Settings
    base: Theory
    tasks: list[str]
    human: list[str]
    workers: int

    def seed(self, *parts: str | int) -> int:
        """The seed of what `parts` name."""
        return derive(self.settings.seed, *parts)

    def theory(self, library: str) -> Theory:
        """The database with a library."""
        made = self.base.copy()
        made.load_library(library)
        return made

    def search_theory(self, library: str) -> Theory:
        """The database with what searches use of a library. Where there are human proofs: its strategies only, for
        lemmas that shorten such proofs do not help the search (`benchmarks/README.md`); else all of it.
        """
        made = self.theory(library)
        return made.strategies() if self.human else made

    def initial(self) -> State:
        """Before the first cycle."""
        return State(0, self.base.library_json(), {}, self.human, [])

    def state(self, cycle: int) -> State:
        """After a finished cycle, from the folder."""
        return read_state(cycle, *self.folder.finished(cycle)) if cycle else self.initial()

    def corpus(self, state: State) -> Corpus:
        """What is learnt from. Where there are human proofs, tasks are for measuring and their proofs are not learnt
        from.
        """
        found = [] if self.human else [state.frontier[task].rewritten for task in self.tasks if task in state.frontier]
        return Corpus(found, list(state.human), list(state.dreams))

    def search_corpus(self, theory: Theory, state: State) -> Corpus:
        """What the ranker learns from: the corpus over the premises that searches use."""
        return self.plain_corpus(theory, state) if self.human else self.corpus(state)

    def plain_corpus(self, theory: Theory, state: State) -> Corpus:
        """The same corpus without the library: all composites unfolded."""
        found = [] if self.human else [state.frontier[task].proof for task in self.tasks if task in state.frontier]
        return Corpus(found, self.human, [theory.unfold(proof) for proof in state.dreams])

    def train(self, theory: Theory, corpus: Corpus, seed: int, what: str) -> Trained:
        """Train both stages, with progress."""
        with console.progress(what) as update:
            return patiently(lambda: train(self.core, theory, corpus, self.settings, seed, update))

    def recognition(self, theory: Theory, state: State, keep: bool = True) -> Trained:
        """The ranker over `search_theory`, with the skeletons of the state's proofs: from the folder's model if that
        was trained on the very same, else trained and kept. `theory` holds the state's library.
        """
        corpus = self.search_corpus(theory, state)
        theory = self.search_theory(state.library)
        trained = self._recognition(theory, state, corpus, keep)
        if self.settings.uses("library"):
            patiently(lambda: trained.ranker.set_skeletons(theory, [*corpus.found, *corpus.human]))
        return trained

    def _recognition(self, theory: Theory, state: State, corpus: Corpus, keep: bool) -> Trained:
        seed = self.seed("train", state.cycle)
        key = hashlib.sha256(f"{state.library}\n{corpus.sha256()}\n{seed}".encode()).hexdigest()
        if self.folder.model.is_file() and model_file.load_about(self.folder.model).get("key") == key:
            return patiently(lambda: restore(self.core, theory, corpus, seed, self.folder.model))
        trained = self.train(theory, corpus, seed, f"cycle {state.cycle + 1}: training")
        if keep and self.settings.uses("recognition"):
            save(trained, self.folder.model, {"key": key, "library_sha256": text_sha256(state.library)})
        return trained

    def improved(self, theory: Theory, state: State, attempts: Sequence[Attempt]) -> dict[str, Best]:
        """The frontier with this cycle's proofs where they are shorter once unfolded, in task order."""
        premises = frozenset(self.base.labels())
        frontier: dict[str, Best] = {}
        for attempt in attempts:
            best = state.frontier.get(attempt.task)
            if attempt.proof is not None:
                plain = theory.unfold(attempt.proof)
                if best is None or length(steps_of(plain), premises) < length(steps_of(best.proof), premises):
                    best = Best(plain, attempt.proof, state.cycle + 1)
            if best is not None:
                frontier[attempt.task] = best
        return frontier

    def compression_options(self) -> dict[str, Any]:
        """What the core's compression is asked for: steps where proofs are few and short, else bytes."""
        if self.human:
            return {"price": "bytes", "max_lemmas": 2_000}
        return {"price": "steps", "statement_steps": 1, "max_hyps": 6, "max_size": 40, "bare_conclusions": False}

    def description_length(self, state: State) -> tuple[int, int]:
        """Steps of the corpus plus those of the library's own proofs; and steps of the corpus with everything
        unfolded.
        """
        composites = read_library(state.library)
        premises = frozenset([*self.base.labels(), *(composite.name for composite in composites)])
        human = dict(zip(self.base.theorems(), self.base.proof_lengths().tolist(), strict=True))
        corpus = self.corpus(state)

        def size(entry: str) -> int:
            return length(steps_of(entry), premises) if entry.startswith("{") else int(human[entry])

        library = sum(len(composite.body) for composite in composites if composite.level == 1)
        plain = [] if self.human else [best.proof for best in state.frontier.values()]
        return (
            library + sum(map(size, [*corpus.found, *corpus.human])),
            sum(map(size, [*plain, *self.human])),
        )

    def append_log(self, before: State, sessions: list[bytes]) -> dict[str, Any]:
        """What a cycle's report says of the log, once the cycle's sessions are on the disk.

        They stand behind those of the cycles before. If this cycle was killed after it had written them, they are
        there already, and are compared.
        """
        last = self.folder.reports()[before.cycle - 1] if before.cycle else {}
        head = self.core.append_log(self.folder.log, sessions, last.get("log_records", 0), last.get("log_root"))
        return {"log_records": head["records"], "log_root": head["root"]}

    def publish_library(self, theory: Theory, state: State) -> None:
        """``library.json`` and ``library.mm`` of the newest finished cycle."""
        publish(self.folder.root / "library.json", state.library)
        publish(self.folder.root / "library.mm", theory.library_mm())


def text_sha256(text: str) -> str:
    """SHA-256 of a text as it stands in a file."""
    return hashlib.sha256(text.encode()).hexdigest()


def save(trained: Trained, path: Path, about: dict[str, str]) -> None:
    """Both stages as one model file."""
    arrays = {f"first.{name}": value for name, value in trained.ranker.weights().items()}
    if trained.network is not None:
        arrays |= {f"network.{name}": value for name, value in model.to_arrays(trained.network).items()}
    network = json.dumps(trained.figures["network"], sort_keys=True)
    model_file.save_model(path, arrays, {**about, "network": network})


def restore(core: Core, theory: Theory, corpus: Corpus, seed: int, path: Path) -> Trained:
    """Both stages from a model file; `corpus` and `seed` are those that they were trained with. Raises `InputError`."""
    arrays, about = model_file.load_model(path)
    chosen = [corpus.items[i] for i in first_numbers(corpus, seed)]
    texts = [item for item in chosen if item.startswith("{")]
    labels = [item for item in chosen if not item.startswith("{")]
    ranker = core.Ranker(derive(seed, "first"))
    try:
        ranker.restore(theory, texts, labels, _part(arrays, "first."))
        figures = json.loads(about.get("network", "null"))
        network = model.from_arrays(_part(arrays, "network.")) if _part(arrays, "network.") else None
    except (InputError, KeyError, ValueError, TypeError, RuntimeError):
        raise InputError("the model does not fit; delete it and run 'metadream learn' again", path) from None
    set_network(ranker, network, theory)
    return Trained(ranker, network, {"first": None, "network": figures})


def _part(arrays: model_file.Arrays, prefix: str) -> model_file.Arrays:
    return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}


def settings_for(
    database: str,
    theory: Theory,
    path: Path,
    seed: int,
    tasks: int | None,
    without: frozenset[str],
    expansions: int | None,
) -> Settings:
    """The settings that a command asks for, with defaults by kind of database."""
    has_proofs = bool(theory.proof_lengths().any())
    known = base_name(database) in (STARTER, *DEBIAN) and not Path(database).exists()
    return Settings(
        database=database if known else str(path.absolute()),
        database_sha256=sha256_of(path),
        seed=seed,
        tasks=tasks,
        without=tuple(sorted(without)),
        expansions=expansions or (BUDGET if has_proofs else BUDGET_WITHOUT_PROOFS),
        dreams=DREAMS if "dreaming" not in without else 0,
    )


def tasks_of(theory: Theory, count: int | None) -> tuple[list[str], list[str]]:
    """Tasks, and labels of the human proofs to learn from.

    A database without proofs: all its theorems, and none. One with proofs: the valid part of ``new2``, and what its
    train part proves.
    """
    if not theory.proof_lengths().any():
        return theory.theorems()[:count], []
    split = new2(theory.theorems())
    return split.valid[:count], proved(theory, split.train)


def default_workers() -> int:
    """As many as there are cores for this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def open_run(
    core: Core,
    folder: Folder,
    database: str,
    seed: int,
    tasks: int | None,
    without: frozenset[str],
    expansions: int | None,
    workers: int | None,
) -> Run:
    """Load the database, compare or write the folder's settings. The caller holds the folder's lock. Raises
    `InputError`.
    """
    path = resolve_database(database)
    theory = load_theory(core, path)
    asked = settings_for(database, theory, path, seed, tasks, without, expansions)
    if folder.config.exists():
        found = read_settings(folder.config)
        check_same(found, asked, folder.config)
    else:
        publish(folder.config, asked.to_toml())
    labels, human = tasks_of(theory, tasks)
    if not labels:
        raise InputError("the database has no theorem to be proved", path)
    return Run(core, folder, asked, theory, labels, human, workers or default_workers())


def reopen(core: Core, folder: Folder) -> Run:
    """A run for reading: its database is loaded, its hash compared. Raises `InputError`."""
    folder.require()
    if not folder.reports():
        raise InputError("this run has no finished cycle yet; run 'metadream learn' again", folder.root)
    settings = read_settings(folder.config)
    path = resolve_database(settings.database)
    if sha256_of(path) != settings.database_sha256:
        raise InputError("the database is not the one that the run was made with; put that one back", path)
    theory = load_theory(core, path)
    labels, human = tasks_of(theory, settings.tasks)
    return Run(core, folder, settings, theory, labels, human, default_workers())

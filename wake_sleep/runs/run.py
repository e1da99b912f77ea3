"""A run at work: its database, tasks and folder, and what the cycle needs of them."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metadream import _core
from metadream._core import Theory
from metadream.dsl.library import read_library
from metadream.dsl.proofs import Entry, Proof, entry_texts, texts_and_labels
from metadream.metamath_db.core import cores, load_theory, patiently
from metadream.metamath_db.data import DEBIAN, STARTER, base_name, resolve_database, sha256_of
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import parsed
from metadream.metamath_db.options import BUDGET, BUDGET_WITHOUT_PROOFS, MOVES, MOVES_WITHOUT_PROOFS
from metadream.metamath_db.tasks import new2, proved
from metadream.metamath_db.terminal import console
from metadream.wake_sleep.loop.wake import Attempt
from metadream.wake_sleep.model import file as model_file
from metadream.wake_sleep.model.corpus import Corpus, first_numbers
from metadream.wake_sleep.runs.folder import Folder
from metadream.wake_sleep.runs.settings import RunRequest, Settings, check_same
from metadream.wake_sleep.runs.state import Best, State, state_of
from metadream.wake_sleep.seeds import derive

if TYPE_CHECKING:  # torch comes with it: several seconds, for who trains or searches only
    from metadream.wake_sleep.model.train import Trained

DREAMS = 300  # a cycle


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
    none. `unseen`: tasks that are tried beside `tasks`, only to be counted.
    """

    folder: Folder
    settings: Settings
    base: Theory
    tasks: list[str]
    human: list[str]
    unseen: list[str]
    workers: int
    _newest: dict[str, Theory] = field(default_factory=dict, repr=False)  # the library that was read last, by its text

    @property
    def learns_from_tasks(self) -> bool:
        """Whether found proofs of the tasks are learnt from; else the tasks are for measuring."""
        return not self.human or self.settings.on == "train"

    @property
    def searches_with_lemmas(self) -> bool:
        """Whether searches use lemmas. Those that shorten human proofs do not help the search
        (`make figures PART=library`), so where there are human proofs only if the lemmas are priced for it.
        """
        return not self.human or self.settings.price == "nats"

    def seed(self, *parts: str | int) -> int:
        """The seed of what `parts` name."""
        return derive(self.settings.seed, *parts)

    def theory(self, library: str) -> Theory:
        """The database with a library, which is read and judged once as long as no other one is asked for."""
        if library not in self._newest:
            made = self.base.copy()
            made.load_library(library)
            self._newest.clear()
            self._newest[library] = made
        return self._newest[library].copy()

    def search_theory(self, library: str) -> Theory:
        """The database with what searches use of a library: all of it, or nothing."""
        return self.theory(library) if self.searches_with_lemmas else self.base

    def initial(self) -> State:
        """Before the first cycle."""
        return State(0, self.base.library_json(), {}, self.human, [])

    def state(self, cycle: int) -> State:
        """After a finished cycle, from the folder."""
        return state_of(self.folder, cycle, self.tasks, self.unseen, self.human) if cycle else self.initial()

    def corpus(self, state: State) -> Corpus:
        """What is learnt from."""
        found, human = self.learnt(state)
        written = dict(zip(self.human, state.human, strict=True))
        return Corpus(
            [state.frontier[task].rewritten for task in found], [written[label] for label in human], list(state.dreams)
        )

    def learnt(self, state: State) -> tuple[list[str], list[str]]:
        """Theorems whose found proofs are learnt from, and those whose human proofs are.

        A found proof that is shorter takes the place of the human one; one by other premises stands beside it; any
        other teaches nothing new.
        """
        if not self.learns_from_tasks:
            return [], self.human
        ways = self.ways(state)
        found = [task for task in self.tasks if ways.get(task) in ("alone", "shorter", "other")]
        return found, [label for label in self.human if ways.get(label) != "shorter"]

    def ways(self, state: State) -> dict[str, str]:
        """How the found proof of each proved task is beside the human one: ``shorter`` (in steps), ``other`` (by other
        premises), ``same``, or ``alone`` where no human proof is used.
        """
        if not self.human:
            return {task: "alone" for task in self.tasks if task in state.frontier}
        premises, known = frozenset(self.base.labels()), set(self.human)
        human = self.human_lengths()
        ways: dict[str, str] = {}
        for task in self.tasks:
            if task not in state.frontier:
                continue
            proof = state.frontier[task].proof
            if task not in known:
                ways[task] = "alone"
            elif proof.length(premises) < human[task]:
                ways[task] = "shorter"
            else:
                used = premises.intersection(proof.labels)
                ways[task] = "same" if used == set(self.base.uses(task)) else "other"
        return ways

    def human_lengths(self) -> dict[str, int]:
        """Steps of the human proofs by theorem; 0 where there is none."""
        return dict(zip(self.base.theorems(), self.base.proof_lengths().tolist(), strict=True))

    def search_corpus(self, theory: Theory, state: State) -> Corpus:
        """What the ranker learns from: the corpus over the premises that searches use."""
        return self.corpus(state) if self.searches_with_lemmas else self.plain_corpus(theory, state)

    def plain_corpus(self, theory: Theory, state: State) -> Corpus:
        """The same corpus without the library: all composites unfolded."""
        found, human = self.learnt(state)
        return Corpus(
            [state.frontier[task].proof for task in found],
            human,
            [Proof(theory.unfold(dream.json)) for dream in state.dreams],
        )

    def train(self, theory: Theory, corpus: Corpus, seed: int, what: str) -> Trained:
        """Train both stages on a corpus, and the model over moves if searches make any, with progress."""
        from metadream.wake_sleep.model.train import Material, fit_moves, train

        material = Material(theory, corpus, self.settings, seed)
        with console.progress(what) as update:
            trained = patiently(lambda: train(material, update))
            if self.settings.in_context:
                trained.figures["moves"] = patiently(lambda: fit_moves(material, trained.ranker))
        return trained

    def recognition(self, theory: Theory, state: State, keep: bool = True) -> Trained:
        """The ranker over `search_theory`, with the skeletons of the state's proofs: from the folder's model if that
        was trained on the very same, else trained and kept. `theory` holds the state's library.
        """
        corpus = self.search_corpus(theory, state)
        theory = self.search_theory(state.library)
        trained = self._recognition(theory, state, corpus, keep)
        if self.settings.uses("library"):
            proofs = entry_texts([*corpus.found, *corpus.human])
            patiently(lambda: trained.ranker.set_skeletons(theory, proofs))
        return trained

    def model_key(self, corpus: Corpus, state: State) -> str:
        """What a model file says that it was trained on: library, corpus and seed; and whether it ranks moves, too."""
        seed, more = self.seed("train", state.cycle), "\nmoves" if self.settings.in_context else ""
        return hashlib.sha256(f"{state.library}\n{corpus.sha256()}\n{seed}{more}".encode()).hexdigest()

    def _recognition(self, theory: Theory, state: State, corpus: Corpus, keep: bool) -> Trained:
        seed, key = self.seed("train", state.cycle), self.model_key(corpus, state)
        name = self.folder.name(self.folder.model)
        if self.folder.files.find(name) is not None and model_file.load_about(self.folder.model).get("key") == key:
            kept_moves = self.settings.in_context
            return patiently(lambda: restore(theory, corpus, seed, self.folder.model, kept_moves))
        trained = self.train(theory, corpus, seed, f"cycle {state.cycle + 1}: training")
        if keep and self.settings.uses("recognition"):
            about = {"key": key, "library_sha256": text_sha256(state.library)}
            self.folder.files.commit({name: model_file.model_bytes(*saved(trained, about))[0]})
        return trained

    def improved(self, theory: Theory, state: State, attempts: Sequence[Attempt]) -> dict[str, Best]:
        """The frontier with this cycle's proofs where they are shorter once unfolded, in task order. What is tried
        only to be counted stays out.
        """
        premises, counted = frozenset(self.base.labels()), set(self.unseen)
        frontier: dict[str, Best] = {}
        for attempt in attempts:
            if attempt.task in counted:
                continue
            best = state.frontier.get(attempt.task)
            if attempt.proof is not None:
                plain = Proof(theory.unfold(attempt.proof.json))
                if best is None or plain.length(premises) < best.proof.length(premises):
                    best = Best(plain, attempt.proof, state.cycle + 1)
            if best is not None:
                frontier[attempt.task] = best
        return frontier

    def compression_options(self) -> dict[str, Any]:
        """What the core's compression is asked for: by default steps where proofs are few and short, else bytes."""
        price = self.settings.price or ("bytes" if self.human else "steps")
        if not self.human:
            charge = {"statement_steps": 1} if price == "steps" else {}
            return {"price": price, **charge, "max_hyps": 6, "max_size": 40, "bare_conclusions": False}
        return {"price": price, "max_lemmas": 2_000, **({"bare_conclusions": False} if price == "nats" else {})}

    def settled(self, theory: Theory, state: State, options: Mapping[str, Any]) -> frozenset[Proof]:
        """Proofs of a state's corpus that the last sleep left with nothing to gain: those that are as it rewrote them.

        None of them where the price is another each cycle (nats), or where a sleep may have stopped at its limit of
        lemmas: then all of the corpus is gone through again.
        """
        if options["price"] == "nats" or len(theory.lemmas()) >= options.get("max_lemmas", math.inf):
            return frozenset()
        found = [best.rewritten for best in state.frontier.values() if best.cycle < state.cycle]
        return frozenset([*found, *(entry for entry in state.human if isinstance(entry, Proof))])

    def description_length(self, state: State) -> tuple[int, int]:
        """Steps of the corpus plus those of the library's own proofs; and steps of the corpus with everything
        unfolded.
        """
        composites = read_library(state.library)
        premises = frozenset([*self.base.labels(), *(composite.name for composite in composites)])
        human = self.human_lengths() if self.human else {}
        found, labels = self.learnt(state)
        corpus = self.corpus(state)

        def size(entry: Entry) -> int:
            return entry.length(premises) if isinstance(entry, Proof) else int(human[entry])

        library = sum(len(composite.body) for composite in composites if composite.level == 1)
        plain = sum(size(state.frontier[task].proof) for task in found) + sum(map(size, labels))
        return library + sum(map(size, corpus.found)) + sum(map(size, corpus.human)), plain

    def append_log(self, before: State, sessions: list[bytes]) -> dict[str, Any]:
        """What a cycle's report says of the log, once the cycle's sessions are on the disk.

        They stand behind those of the cycles before. If this cycle was killed after it had written them, they are
        there already, and are compared.
        """
        last = self.folder.reports()[before.cycle - 1] if before.cycle else {}
        head = _core.append_log(self.folder.log, sessions, last.get("log_records", 0), last.get("log_root"))
        return {"log_records": head["records"], "log_root": head["root"]}


def text_sha256(text: str) -> str:
    """SHA-256 of a text as it stands in a file."""
    return hashlib.sha256(text.encode()).hexdigest()


def saved(trained: Trained, about: dict[str, str]) -> tuple[model_file.Arrays, dict[str, str]]:
    """Both stages, and the model over moves if there is one, as the arrays and remarks of a model file."""
    from metadream.wake_sleep.model import network as model

    arrays = {f"first.{name}": value for name, value in trained.ranker.weights().items()}
    if trained.network is not None:
        arrays |= {f"network.{name}": value for name, value in model.to_arrays(trained.network).items()}
    arrays |= trained.ranker.moves_portable()
    figures = {name: json.dumps(trained.figures.get(name), sort_keys=True) for name in ("network", "moves")}
    return arrays, {**about, **figures}


def restore(theory: Theory, corpus: Corpus, seed: int, path: Path, moves: bool = False) -> Trained:
    """Both stages from a model file, and the model over moves if `moves`; `corpus` and `seed` are those that they were
    trained with. Raises `InputError`.
    """
    from metadream.wake_sleep.model import network as model
    from metadream.wake_sleep.model.train import Trained, set_network

    arrays, about = model_file.load_model(path)
    texts, labels = texts_and_labels([corpus.items[i] for i in first_numbers(corpus, seed)])
    ranker = _core.Ranker(derive(seed, "first"))
    try:
        ranker.restore(theory, texts, labels, _part(arrays, "first."))
        if moves:
            ranker.restore_moves(theory, *texts_and_labels(corpus.items), arrays)
        figures = {name: parsed(about.get(name, "null").encode()) for name in ("network", "moves")}
        network = model.from_arrays(_part(arrays, "network.")) if _part(arrays, "network.") else None
    except (InputError, KeyError, ValueError, TypeError, RuntimeError):
        raise InputError("the model does not fit; delete it and run 'metadream learn' again", path) from None
    set_network(ranker, network, theory)
    return Trained(ranker, network, {"first": None, **figures})


def _part(arrays: model_file.Arrays, prefix: str) -> model_file.Arrays:
    return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}


def settings_for(database: str, theory: Theory, path: Path, asked: RunRequest) -> Settings:
    """The settings that a command asks for, with defaults by kind of database."""
    has_proofs = "proofs" not in asked.without and bool(theory.proof_lengths().any())
    known = base_name(database) in (STARTER, *DEBIAN) and not Path(database).exists()
    return Settings(
        database=database if known else str(path.absolute()),
        database_sha256=sha256_of(path),
        seed=asked.seed,
        tasks=asked.tasks,
        without=tuple(sorted(asked.without)),
        expansions=asked.expansions or (BUDGET if has_proofs else BUDGET_WITHOUT_PROOFS),
        dreams=DREAMS if "dreaming" not in asked.without else 0,
        on=asked.on,
        price=asked.price,
        moves=asked.moves or (MOVES if has_proofs else MOVES_WITHOUT_PROOFS),
    )


def tasks_of(theory: Theory, settings: Settings) -> tuple[list[str], list[str], list[str]]:
    """Tasks, labels of the human proofs to learn from, and tasks that are only counted.

    By default, in a database without proofs: all its theorems, none, none; in one with proofs: the valid part of
    ``new2``, what its train part proves, none. On training tasks, and so without a database's human proofs: the train
    part, what it proves, the valid part. Raises `InputError` where nothing would be learnt.
    """
    count, has_proofs = settings.tasks, bool(theory.proof_lengths().any())
    human = has_proofs and settings.uses("proofs")
    if settings.on == "valid" and not human:
        raise InputError("there are no human proofs to learn from; take '--on train'")
    if settings.on is None and not has_proofs:
        return theory.theorems()[:count], [], []
    split = new2(theory.theorems())
    labels = proved(theory, split.train) if human else []
    if settings.on == "train" or not human:
        return split.train[:count], labels, split.valid[:count]
    return split.valid[:count], labels, []


def open_run(
    folder: Folder,
    database: str,
    wanted: RunRequest,
    workers: int | None,
    loaded: Theory | None = None,
) -> Run:
    """Load the database (unless it is `loaded`, judged), compare or write the folder's settings. The caller holds the
    folder's lock. Raises `InputError`.
    """
    path = resolve_database(database)
    theory = load_theory(path, judged=True) if loaded is None else loaded
    asked = settings_for(database, theory, path, wanted)
    labels, human, unseen = tasks_of(theory, asked)
    if folder.config.exists():
        check_same(folder.settings(), asked, folder.config)
        folder.check()
    else:
        folder.files.commit({folder.name(folder.config): asked.to_toml().encode()})
    if not labels:
        raise InputError("the database has no theorem to be proved", path)
    return Run(folder, asked, theory, labels, human, unseen, workers or cores())


def reopen(folder: Folder) -> Run:
    """A run for reading: its database is loaded, its hash compared. Raises `InputError`."""
    folder.require()
    if not folder.reports():
        raise InputError("this run has no finished cycle yet; run 'metadream learn' again", folder.root)
    settings = folder.settings()
    path = resolve_database(settings.database)
    if sha256_of(path) != settings.database_sha256:
        raise InputError("the database is not the one that the run was made with; put that one back", path)
    theory = load_theory(path, judged=True)
    return Run(folder, settings, theory, *tasks_of(theory, settings), cores())

"""What Python asks of the Rust core: the binding's types as protocols, and the one place that loads it.

Phases take these protocols, so that a test can hand in a small fake. `src/metadream/_core.pyi` describes the values.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Thread
from traceback import clear_frames
from typing import Any, Protocol, TypeAlias, TypeVar, cast

import numpy as np
import numpy.typing as npt

from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import read_bytes
from metadream.metamath_db.terminal.console import count_by, note, stage

MOST_THREADS = 64
NAMED = 3  # statements that are named where many do not follow the grammar

Result = TypeVar("Result")
Table = dict[str, npt.NDArray[Any]]


class Theory(Protocol):
    """A database with its library of learned lemmas. Reads are thread-safe and release the GIL."""

    def extended(self, text: str) -> Theory:
        """The database with more text behind it; its schemas stay. `InputError` with a line of that text."""

    def edited(self, edits: list[tuple[int, int, str]]) -> Theory:
        """The database with other text in some places (start, end, text; sorted); its schemas stay."""

    def size(self) -> int:
        """Bytes of the text."""

    def text(self) -> bytes:
        """The text that was loaded."""

    def refused(self) -> list[tuple[str, int, str]]:
        """Theorems whose proofs the kernel refused when `load` had judges: label, first byte, why."""

    def proofs_from(self, start: int = 0) -> list[tuple[str, int, int, bool, str | None]]:
        """Theorems from byte `start` on: label, place of the proof's text, whether it has ``?``, what is wrong."""

    def verify(self, label: str) -> str | None:
        """What the kernel says against a theorem's own proof."""

    def copy(self) -> Theory:
        """The same database and library; changing one's library leaves the other's as it is."""

    def check_target(self, target: str) -> None:
        """Raises `InputError` for a label or a statement (JSON) that `search` would refuse."""

    def statements_sha256(self, labels: list[str] | None = None) -> str:
        """SHA-256 of what these statements say (None: all of them), in no order."""

    def known_share(self, keys: npt.NDArray[np.uint8]) -> float:
        """The share of the statements that are among a model's (``statements.keys`` of `Ranker.portable`)."""

    def same_statement(self, target: str) -> list[str]:
        """Theorems that say what a label or a statement (JSON) says, symbol for symbol; `$d` do not count."""

    def figures(self) -> dict[str, Any]:
        """What loading found, and how long it took."""

    def axioms(self, labels: list[str]) -> list[str]:
        """The axioms that statements and lemmas rest on, through all proofs; labels of hypotheses are passed over."""

    def doubtful(self, labels: list[str]) -> tuple[str, int, str] | None:
        """The first theorem that statements rest on whose own proof is not accepted: label, place of the proof, why."""

    def start(self, label: str) -> int:
        """The first byte of a statement's label. Raises `InputError` if there is none."""

    def unparsed(self) -> list[tuple[str, int, str]]:
        """Statements that do not follow the grammar: label, first byte, what is wrong."""

    def ambiguous(self) -> list[tuple[str, int]]:
        """Statements that have more than one tree, of which the first found is taken: label, first byte."""

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of a byte."""

    def labels(self) -> list[str]:
        """All logical statements that have a tree, in file order."""

    def theorems(self) -> list[str]:
        """All ``|-`` ``$p``, in file order."""

    def kinds(self) -> list[str]:
        """What each of `labels` is by its shape: ``glue, congruence, transitivity, typing, content``."""

    def step_formulas(self, label: str, steps: list[int]) -> list[str]:
        """What steps of a theorem's own proof say; they are numbered as in `Ranker.census`."""

    def translations(self, labels: list[str], write: bool) -> list[dict[str, Any]]:
        """Human proofs as content proofs and, to `write`, as Metamath again: ``label, steps, decisions, proof,
        unwritten``; `_core.pyi` says what they hold."""

    def proof_lengths(self) -> npt.NDArray[np.uint32]:
        """Steps of the human proofs, in the order of `theorems`; 0 where there is none."""

    def uses(self, label: str) -> list[str]:
        """The distinct premises of a human proof."""

    def meaning(self, word: str) -> str | None:
        """What a word names: constant, variable, hypothesis, lemma, (syntax) axiom or theorem; None: it is free."""

    def behind(self, label: str) -> str | None:
        """The first ``$a`` or ``$p`` behind a labelled statement of any kind; None if nothing is behind it."""

    def arity(self, label: str) -> int | None:
        """Hypotheses of what can be applied in a proof; None if a label names nothing such."""

    def complaint(self, statement: str, hypothesis: bool) -> str | None:
        """What is wrong with a statement; None if it can be read. A hypothesis may say of which kind something is."""

    def statement(self, label: str) -> dict[str, Any]:
        """``label, kind, hyps, conclusion, disjoint, comment, section`` of a statement or lemma."""

    def lemmas(self) -> list[str]:
        """Names of the learned lemmas, in order of learning."""

    def library_json(self) -> str:
        """The library as text (`docs/schemas.md`); the same library gives the same text."""

    def load_library(self, text: str) -> None:
        """Replace the library."""

    def learn_library(
        self, corpus: list[str], human: list[str], options: dict[str, Any], settled: Sequence[int] = ()
    ) -> dict[str, Any]:
        """Compress: append verified lemmas; ``rewritten`` is the corpus with them, then the human proofs."""

    def compress(self, options: dict[str, Any]) -> dict[str, Any]:
        """Compress all human proofs and write the database again (``text``); the library is left as it is."""

    def compress_in_two(self, options: dict[str, Any], share: float, seed: int) -> dict[str, Any]:
        """The human proofs without a random `share` compressed, then that share added; phases of the second cycle."""

    def compress_held_out(self, options: dict[str, Any], share: float, seed: int) -> dict[str, Any]:
        """What a library learnt on a random part of the human proofs saves on the rest."""

    def unfold(self, proof: str) -> str:
        """A proof with all lemmas replaced by their proofs."""

    def judge(self, proof: str) -> dict[str, Any]:
        """The verdicts of both judges on a proof: ``kernel, metamath_rs, messages, mm, normal``."""

    def judge_again(self, proofs: list[str], threads: int) -> list[tuple[str | None, str | None]]:
        """Both judges on proofs that were read back: the theorem that each proves (None: a statement of its own), and
        why it is refused (None: it is accepted).
        """

    def strategies(self) -> Theory:
        """The same database with the library's schemas only."""

    def adopt_strategies(self, other: Theory) -> None:
        """Take the schemas of a library over the same premises."""

    def join_schemas(self, other: Theory, kept: list[str], dropped: list[str]) -> None:
        """Leave out the schemas named in `dropped`, take those of `other` named in `kept`; all are named anew."""
        ...

    def learn_schemas(
        self, ranker: Ranker, training: list[str], held_out: list[str], max_schemas: int
    ) -> dict[str, Any]:
        """Replace the schemas by those that gain nats on held-out proofs."""

    def library_mm(self) -> str:
        """The library as Metamath text, each lemma in its block."""

    def database_with_library(self, proofs: list[str]) -> bytes:
        """The whole database, the library in its place, and these proofs in their theorems."""

    def with_proofs(self, proofs: list[tuple[str, str]]) -> bytes:
        """The database with these texts of proofs in their theorems."""

    def rival(self, proof: str) -> dict[str, Any] | None:
        """A found proof beside the database's own: ``label, text, statement, bytes, before, new_axioms``."""

    def chapters(self) -> list[list[str]]:
        """Titles of the part and the chapter that each of `theorems` stands in."""

    def run(
        self,
        proof: str,
        database: str | None = None,
        library: str | None = None,
        directives: list[tuple[str, list[str]]] | None = None,
    ) -> dict[str, Any]:
        """Run the proof as a program on the machine, whose ASSERT asks both judges: ``accepted, message, program``, the
        machine's own ``proof``, and ``log``, the session's bytes, which name the SHA-256 of `database` and `library`.
        With `directives` the program carries these, its goal, and the statement's hash.
        """


class Ranker(Protocol):
    """The fast first stage, and the network's weights where they are set."""

    def fit(self, theory: Theory, corpus: list[str], human: list[str], epochs: int) -> dict[str, Any]:
        """Train from scratch on found and human proofs; 0 epochs: count uses only."""

    def examples(
        self, theory: Theory, corpus: list[str], human: list[str], candidates: int, limit: int, seed: int
    ) -> Table:
        """Proof steps as choices among the first stage's best: ``features, offsets, candidates, scores, task``."""

    def premise_features(self, theory: Theory) -> Table:
        """Statements of all premises: ``features, offsets, uses``."""

    def feature_count(self) -> int:
        """Size of the hashed feature space."""

    def set_network(self, arrays: Mapping[str, npt.NDArray[np.float32]] | None) -> None:
        """Set or remove the network's weights."""

    def weights(self) -> Table:
        """The first stage's weights."""

    def restore(
        self,
        theory: Theory,
        corpus: list[str],
        human: list[str],
        weights: Mapping[str, npt.NDArray[np.float32]],
    ) -> None:
        """Take back what `weights` gave; use counts come from the same corpus as in `fit`."""

    def portable(self, theory: Theory, seen: list[str], counted: list[str]) -> Table:
        """The model as arrays that `fitted` takes; `counted`: those of the `seen` proofs that the first stage saw."""

    def grown(self, theory: Theory) -> Ranker:
        """The same for a database that begins with the one that this was fitted on."""

    def sha256(self) -> str:
        """SHA-256 of the first stage's weights."""

    def set_skeletons(self, theory: Theory, proofs: list[str]) -> None:
        """Skeletons of these proofs are replayed on similar targets from now on."""

    def held_out(self, theory: Theory, proofs: list[str]) -> dict[str, Any]:
        """How well held-out proofs are foreseen: ``steps, nats, at_1, at_10, at_50``."""

    def fit_moves(self, theory: Theory, found: list[str], human: list[str], epochs: int) -> dict[str, Any]:
        """Train the first stage over moves: ``proofs, translated, steps, decisions, examples, loss, seconds``."""

    def restore_moves(
        self, theory: Theory, found: list[str], human: list[str], arrays: Mapping[str, npt.NDArray[Any]]
    ) -> None:
        """Restore the model over moves from arrays of `moves_portable`, and what it was trained on."""

    def moves_portable(self) -> Table:
        """The model over moves as arrays that `fitted` takes beside the others."""

    def measured_moves(self, human: list[str], informed: bool) -> list[list[tuple[str, int | None, float]] | None]:
        """Human proofs as choices of moves: first assertion, rank, nats; None: not translated whole."""

    def census(self, theory: Theory, labels: list[str]) -> list[list[tuple[int, str, str, int | None, float]]]:
        """The steps of human proofs that were not trained on; `_core.pyi` says what they hold."""

    def nats(self, theory: Theory, held_out: list[str]) -> object:
        """The price in nats: an option of compression."""


class Draft(Protocol):
    """A proof that may have open steps, worked out by unification."""

    def statement(self) -> str:
        """The statement in JSON, as a search takes it."""

    def steps(self) -> list[dict[str, Any]]:
        """``name, label`` (None: open), ``hyp, children, formula, unknown, needed`` of each step."""

    def helpers(self, goals: list[int]) -> list[int]:
        """Steps that may help to prove open steps: known ones that rest on none of them."""

    def search(
        self,
        ranker: Ranker,
        goals: list[int],
        using: list[int],
        expansions: int,
        seconds: float | None = None,
        frontier: bool = False,
        memory_bytes: int | None = None,
        minimise: int = 0,
    ) -> dict[str, Any]:
        """Search open steps together, from the hypotheses and some steps; ``proof`` is for `spliced`."""

    def spliced(self, goals: list[int], proof: str, using: list[int]) -> Draft:
        """A draft with a proof, or with a search's frontier, in the place of open steps."""

    def written(self, indent: int = 2) -> dict[str, Any]:
        """Metamath text, ``?`` for what is open: ``compressed, normal, dummies, disjoint, complete``."""

    def judge(self) -> dict[str, Any]:
        """Both judges, open steps taken as hypotheses: ``accepted, message, mm, statement_sha256``."""


class Shortener(Protocol):
    """Missed uses in a database's proofs."""

    def theorems(self) -> list[str]:
        """Theorems whose proofs may be changed, in file order."""

    def kept_because(self, label: str) -> str | None:
        """Why a statement's proof is left as it is; None if it may be changed."""

    def shorten(self, labels: list[str], threads: int) -> list[dict[str, Any]]:
        """Shorter proofs: ``label, proof, before, after, shared, used, axioms_dropped``."""


class Proposals(Protocol):
    """Lemmas for a database's maintainers, sifted, with the proofs that they shorten."""

    def rows(self) -> list[dict[str, Any]]:
        """The proposals in words; `src/metadream/_core.pyi` has the keys."""

    def left_out(self) -> dict[str, int]:
        """How many candidates were left out, by reason."""

    def definitions(self) -> list[tuple[str, str]]:
        """Labels of definitions and of the syntax axioms that they define."""

    def taken(self, name: str) -> bool:
        """Whether the database has a label or symbol of this name."""

    def concludes(self, proposal: int, label: str) -> bool:
        """Whether a proposal concludes what the theorem of a label does."""

    def keep(self, chosen: list[tuple[int, str]]) -> None:
        """Keep these proposals (number, new label), in this order."""

    def measure(self, threads: int) -> list[dict[str, Any]]:
        """Shorten all proofs outside mathboxes: ``uses, sites, sections, gross`` of each proposal."""

    def users(self, lemma: int) -> list[str]:
        """Theorems that use a proposal."""

    def texts(self, comments: list[str]) -> list[str]:
        """Each proposal's block, with these comments."""

    def edits(self, comments: list[str]) -> list[tuple[int, int, str]]:
        """The changes of the database's bytes: start, end, new text; sorted."""


class ProposalsClass(Protocol):
    """The class `Proposals` of the core."""

    def learned(self, theory: Theory, options: dict[str, Any], section: str | None = None) -> Proposals:
        """Learned from the human proofs, or from those of the sections whose headings hold a text."""

    def from_library(self, theory: Theory, found: list[str]) -> Proposals:
        """The library of a theory, and the proofs that a run found with it."""


class DraftClass(Protocol):
    """The class `Draft` of the core."""

    def of_theorem(self, theory: Theory, label: str) -> Draft:
        """The draft of a theorem whose proof in the database may have ``?``."""

    def of_steps(
        self, theory: Theory, name: str, statement: str, steps: list[tuple[str, str | None, list[int], str | None]]
    ) -> Draft:
        """A draft of steps (name, label, earlier steps, formula). `ValueError` (step or None, message)."""


# names for use inside `Core`, whose members are called like these classes
_Theory: TypeAlias = Theory
_Ranker: TypeAlias = Ranker
_Shortener: TypeAlias = Shortener


class RankerClass(Protocol):
    """The class `Ranker` of the core."""

    def __call__(self, seed: int) -> Ranker:
        """A new ranker."""

    def fitted(
        self, theory: Theory, arrays: Mapping[str, npt.NDArray[Any]], library: str
    ) -> tuple[Ranker, float, list[str], int]:
        """A model fitted to a theory, its schemas put there; known share, theorems whose proofs it saw, schemas."""


class TheoryClass(Protocol):
    """The class `Theory` of the core."""

    def load(self, path: str | os.PathLike[str], judges: int = 0) -> Theory:
        """Load a database file, all proofs judged on so many threads (0: not); what is wrong in it is an `InputError`
        with line and column.
        """


class Core(Protocol):
    """The module `metadream._core`."""

    @property
    def Theory(self) -> TheoryClass:  # noqa: N802 (a class of the core)
        """The class of theories."""

    @property
    def Draft(self) -> DraftClass:  # noqa: N802 (a class of the core)
        """The class of drafts."""

    @property
    def Proposals(self) -> ProposalsClass:  # noqa: N802 (a class of the core)
        """The class of proposals."""

    @property
    def Ranker(self) -> RankerClass:  # noqa: N802 (a class of the core)
        """The class of rankers."""

    def features_sha256(self) -> str:
        """SHA-256 of the features that this version makes of a small database of its own."""

    def Shortener(self, theory: _Theory, options: dict[str, Any]) -> _Shortener:  # noqa: N802 (a class of the core)
        """An index over the premises of a theory, to shorten proofs."""

    def search(
        self,
        theory: _Theory,
        ranker: _Ranker,
        target: str,
        expansions: int,
        seconds: float | None = None,
        library: bool = True,
        **options: Any,
    ) -> dict[str, Any]:
        """Search a proof of a label or of a statement in JSON, from what stands before it; options: `_core.pyi`."""

    def numeric_claim(self, theory: _Theory, target: str) -> str | None:
        """What a target says of numbers, as JSON: nested lists, operator first; None if it speaks of anything else."""

    def run_content(self, theory: _Theory, target: str, text: str) -> dict[str, Any]:
        """Check and write a content program of a label or of a statement in JSON: ``proof, steps, decisions``."""

    def append_log(
        self,
        folder: Path,
        sessions: list[bytes],
        start: int = 0,
        root: str | None = None,
        hash_name: str = "sha256",
    ) -> dict[str, Any]:
        """Append sessions to a folder's log behind its first `start` records: `records` up to their end, and `root`."""

    def slot_behind(self, place: str, n: int) -> str:
        """The address `n` slots behind another."""

    def sample_dreams(self, theory: _Theory, ranker: _Ranker, count: int, seed: int, max_steps: int) -> list[str]:
        """Programs sampled from the library, each a proof of its own most general statement."""

    def learn_abstractions(
        self,
        programs: list[str],
        arity: int = 3,
        count: int | None = 10,
        rounds: int = 2,
        threads: int = 1,
        proofs: bool = False,
        single_task: bool = True,
    ) -> dict[str, Any]:
        """Abstractions (name, arity, body) of lambda programs, the programs with them, and costs."""

    def rewrite_programs(
        self, programs: list[str], abstractions: list[tuple[str, int, str]], proofs: bool = False
    ) -> dict[str, Any]:
        """Lambda programs written with abstractions, and their costs before and after."""

    def label_trees(self, theory: _Theory) -> list[list[str]]:
        """The human proofs as programs, a list of trees of labels for each."""


def load_core() -> Core:
    """The compiled core, loaded when first asked for."""
    core = importlib.import_module("metadream._core")
    count_by(core.done)
    return cast(Core, core)


def load_theory(core: Core, path: Path, told: bool = False, judged: bool = False) -> Theory:
    """Load the database at `path`; notes name the statements that have more than one tree, and those that do not
    follow the grammar, unless the caller does it (`told`). `judged`, for what learns from proofs or changes them: the
    kernel judges all of them, notes name those that it refuses, and these count as if they were not there. Raises
    `InputError` that names the file.
    """
    try:
        with stage(f"reading {path.name}" + (" and judging its proofs" if judged else "")):
            theory = core.Theory.load(path, cores()) if judged else core.Theory.load(path)
    except InputError as problem:
        raise InputError(problem.message, problem.file or path, problem.line, problem.column) from None
    wrong = theory.refused() if judged else []
    for label, offset, why in wrong[:NAMED]:
        note(f"note: {path}:{theory.place(offset)[0]}: the proof of {label} is refused: {why}; it is left out")
    if len(wrong) > NAMED:
        note(f"note: {len(wrong) - NAMED} more proofs of {path} are refused; 'metadream check' lists them")
    unread = [] if told else theory.unparsed()
    for label, offset, why in unread[:NAMED]:
        note(f"note: {path}:{theory.place(offset)[0]}: {label}: {why}; it is left out")
    if len(unread) > NAMED:
        note(f"note: {len(unread) - NAMED} more statements of {path} do not follow the grammar; they are left out")
    several = theory.ambiguous()
    for label, offset in several[:NAMED]:
        note(f"note: {path}:{theory.place(offset)[0]}: {label} has more than one tree; the first found is taken")
    if len(several) > NAMED:
        note(f"note: {len(several) - NAMED} more statements of {path} have more than one tree")
    return theory


def check_unchanged(theory: Theory, path: Path) -> None:
    """Raise `InputError` if the file is not the one that was loaded any more: what is written would not fit it."""
    if read_bytes(path, "the database that was read before") != theory.text():
        raise InputError("the file was changed after it was read; nothing was written: run this again", path)


def patiently(work: Callable[[], Result]) -> Result:
    """Do `work` in a thread, so that Ctrl-C is seen at once while the core computes."""
    outcome: list[Result] = []
    problems: list[BaseException] = []

    def guarded() -> None:
        try:
            outcome.append(work())
        except BaseException as problem:
            clear_frames(problem.__traceback__)  # what belongs to this thread (a machine) must end in it
            problems.append(problem)

    thread = Thread(target=guarded, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(0.2)
    if problems:
        raise problems[0]
    return outcome[0]


def cores() -> int:
    """How many there are for this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads_or(asked: int | None) -> int:
    """The threads that were asked for; by default one a core, at most `MOST_THREADS`."""
    return asked or min(MOST_THREADS, cores())

"""The Rust core, `metadream._core`. `tests/repository/test_layout.py` compares this stub with the compiled module."""

from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt

def check_source(data: bytes, threads: int = 1) -> tuple[str, bytes | None]:
    """Read a source and check all its proofs with the kernel: JSON, as `core/src/metamath_db/judges/check.rs` says, and
    what other judges may be given (`bare_source`).
    """

def bare_source(data: bytes) -> bytes | None:
    """The tokens of a source, each in its place, without comments; None if our reader refuses the source."""

def knife_check(data: bytes) -> str:
    """Ask metamath-rs about a source: JSON, ``{"refused": reason}`` if it was not asked. Run it in a limited child."""

def watch(memory: int | None, seconds: float | None, page: int = 4096) -> int:
    """Keep the process to so many bytes and seconds, and hear Ctrl-C; the descriptor for `signal.set_wakeup_fd`.

    Calls of the core that go beyond raise `InputError`. For the main thread; `metamath_db/bounds.py` does all of it.
    """

def unwatch() -> None:
    """Watch nothing any more."""

def heard() -> str | None:
    """For SIGINT's handler: ``interrupted``, the bound that was reached, or None if the main thread knows it."""

def machine_figure(name: str, database: str | None = None) -> str:
    """Measure one figure of ``metadream bench machine``: a JSON object, as `core/src/dsl/bench.rs` says."""

def satcheck(
    variables: int,
    clauses: list[list[int]],
    atoms: list[tuple[list[int], int]] = [],
    unknowns: int = 0,
    integer: bool = False,
) -> tuple[bool | None, list[bool], list[str], list[str]]:
    """SATCHECK (docs/isa.md): verdict (None: unknown), values, unknowns as fractions, lines of the refutation.

    The answer was checked. Raises `InputError` for an ill-formed problem.
    """

def numeric_claim(theory: Theory, target: str) -> str | None:
    """What a target (label, or statement in JSON) says of numbers, as JSON: nested lists, operator first
    (`core/src/wake_sleep/closers/numbers/claims.rs`). None if it speaks of anything else.
    """

def features_sha256() -> str:
    """SHA-256 of the features that this version makes of a small database of its own."""

class Judges:
    """A source whose theorems can be judged one by one, each as a slice."""

    def __new__(cls, data: bytes) -> Judges: ...
    def theorems(self) -> list[str]:
        """Labels of all ``$p``, in file order."""

    def slice(self, label: str) -> str:
        """The slice of a theorem: a small database of its own."""

    def judge(self, label: str) -> str:
        """Both judges on a theorem's own proof: JSON `accepted`, `kernel`, `metamath_rs`, `statement_sha256`."""

    def judge_proof(self, label: str, proof: str, dummies: list[str] = [], disjoint: list[tuple[str, str]] = []) -> str:
        """Both judges on another proof of a statement; what stands before it may be used."""

class Theory:
    """A database with a library of lemmas. Methods that change the library replace it as a whole."""

    @staticmethod
    def load(path: str | PathLike[str], judges: int = 0) -> Theory:
        """Load a database file. With `judges`, a number of threads, the kernel judges all proofs, and those that it
        refuses count as if they were not there. Raises `InputError` with line and column.
        """

    def text(self) -> bytes:
        """The text that was loaded."""

    def refused(self) -> list[tuple[str, int, str]]:
        """Theorems whose proofs the kernel refused when `load` had judges: label, first byte, why."""

    def copy(self) -> Theory:
        """The same database with the same library; changing one's library leaves the other's as it is."""

    def extended(self, text: str) -> Theory:
        """The database with more text behind it. `InputError` with a place in that text."""

    def edited(self, edits: list[tuple[int, int, str]]) -> Theory:
        """The database with other text in some places (start, end, text; sorted)."""

    def proofs_from(self, start: int = 0) -> list[tuple[str, int, int, bool, str | None]]:
        """Theorems from byte `start` on: label, place of the proof's text, whether it has ``?``, what is wrong."""

    def size(self) -> int:
        """Bytes of the text."""

    def verify(self, label: str) -> str | None:
        """What the kernel says against a theorem's own proof; None if it accepts it."""

    def typecodes(self) -> list[str]:
        """The provable typecodes, the main one first: ``["|-"]`` nearly everywhere."""

    def axioms(self, labels: list[str]) -> list[str]:
        """The axioms that statements and lemmas rest on, through all proofs; labels of hypotheses are passed over."""

    def doubtful(self, labels: list[str]) -> tuple[str, int, str] | None:
        """The first theorem that statements rest on whose own proof is not accepted: label, place of the proof, why."""

    def start(self, label: str) -> int:
        """The first byte of a statement's label."""

    def unparsed(self) -> list[tuple[str, int, str]]:
        """Statements that do not follow the grammar: label, first byte, what is wrong."""

    def ambiguous(self) -> list[tuple[str, int]]:
        """Statements that have more than one tree, of which the first found is taken: label, first byte."""

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of a byte."""

    def labels(self) -> list[str]:
        """Labels of all logical statements that have a tree, in file order."""

    def theorems(self) -> list[str]:
        """Labels of all logical ``$p``, in file order."""

    def kinds(self) -> list[str]:
        """What each of `labels` is by its shape: ``glue, congruence, transitivity, typing, content``."""

    def step_formulas(self, label: str, steps: list[int]) -> list[str]:
        """What steps of a theorem's own proof say; they are numbered as in `Ranker.census`."""

    def translations(self, labels: list[str], write: bool) -> list[dict[str, Any]]:
        """Human proofs as content proofs: `label`, `steps` (how often a premise is applied), `decisions` (kinds; None:
        not translated whole). With `write` also as Metamath again: `proof` (JSON), or `unwritten`, why it is None."""

    def proof_lengths(self) -> npt.NDArray[np.uint32]:
        """Steps of the human proofs, in the order of `theorems`; 0 where there is none."""

    def uses(self, label: str) -> list[str]:
        """Labels of the distinct premises of a human proof."""

    def meaning(self, word: str) -> str | None:
        """What a word names: constant, variable, hypothesis, lemma, (syntax) axiom or theorem; None: it is free."""

    def behind(self, label: str) -> str | None:
        """The first ``$a`` or ``$p`` behind a labelled statement of any kind; None if nothing is behind it."""

    def arity(self, label: str) -> int | None:
        """Hypotheses of what can be applied in a proof; None if a label names nothing such."""

    def complaint(self, statement: str, hypothesis: bool) -> str | None:
        """What is wrong with a statement; None if it can be read. A hypothesis may say of which kind something is."""

    def discouraged(self, label: str) -> bool:
        """Whether a statement is marked "(New usage is discouraged.)"."""

    def statement(self, label: str) -> dict[str, Any]:
        """A statement in words: `label, kind, hyps, hyp_labels, needed` (how many hypotheses need a proof: others are
        ``class A`` and the like), `conclusion, disjoint, comment, section`.
        """

    def check_target(self, target: str) -> None:
        """Refuse a target of `search` that cannot be one. Raises `InputError`."""

    def statements_sha256(self, labels: list[str] | None = None) -> str:
        """SHA-256 of what the statements of these labels say (None: of all), in no order."""

    def known_share(self, keys: npt.NDArray[np.uint8]) -> float:
        """The share of the statements that are among a model's (``statements.keys`` of `Ranker.portable`)."""

    def same_statement(self, target: str) -> list[str]:
        """Theorems that say what a target of `search` says, symbol for symbol, in file order; `$d` do not count."""

    def figures(self) -> dict[str, Any]:
        """What loading found and how long it took (seconds)."""

    def lemmas(self) -> list[str]:
        """Names of the learned lemmas, in order of learning."""

    def library_json(self) -> str:
        """The library as text (`docs/formats.md`); the same library gives the same text."""

    def load_library(self, text: str) -> None:
        """Replace the library by that of a text; every lemma is judged."""

    def learn_library(
        self, corpus: list[str], human: list[str], options: dict[str, Any], settled: Sequence[int] = ()
    ) -> dict[str, Any]:
        """Learn lemmas from found and human proofs, each accepted by both judges; `settled`: numbers of proofs that
        were rewritten with the library as it is."""

    def compress(self, options: dict[str, Any]) -> dict[str, Any]:
        """All human proofs compressed and the database written again; the library is left as it is: figures, `text`."""

    def compress_in_two(self, options: dict[str, Any], share: float, seed: int) -> dict[str, Any]:
        """The human proofs without a random `share` compressed, then that share added; phases of the second cycle."""

    def compress_held_out(self, options: dict[str, Any], share: float, seed: int) -> dict[str, Any]:
        """What a library learnt on a random part saves on the `share` that was left out."""

    def library_mm(self, uses: list[int] = []) -> str:
        """The library as Metamath text."""

    def database_with_library(self, proofs: list[str]) -> bytes:
        """The whole database, the library in its place, and these proofs in their theorems."""

    def with_proofs(self, proofs: list[tuple[str, str]]) -> bytes:
        """The database with these proofs (label, what stands between ``$=`` and ``$.``) in their theorems."""

    def rival(self, proof: str) -> dict[str, Any] | None:
        """A found proof as it would stand in the database: `label`, `text`, `statement` (label to ``$.``), `bytes`,
        `before` (of the database's own proof, or None), `new_axioms`. None if its place lacks a ``$d`` condition."""

    def chapters(self) -> list[list[str]]:
        """Titles of the part and the chapter that each of `theorems` stands in, those that there are."""

    def derivation(self, proof: str) -> list[tuple[str, list[int], list[tuple[int, str]]]]:
        """A proof's steps as a handler's derivation has them: label, premises, values left open by unification."""

    def unfold(self, proof: str) -> str:
        """A proof with all lemmas replaced by their proofs."""

    def judge(self, proof: str) -> dict[str, Any]:
        """Both judges on a proof: `kernel`, `metamath_rs`, `messages`, `mm`, `compressed`, `normal`."""

    def judge_again(self, proofs: list[str], threads: int) -> list[tuple[str | None, str | None]]:
        """Both judges on proofs that were read back: what each proves, and why it is refused (None: accepted)."""

    def run(
        self,
        proof: str,
        database: str | None = None,
        library: str | None = None,
        directives: list[tuple[str, list[str]]] | None = None,
    ) -> dict[str, Any]:
        """Run a proof as a program of the machine, whose ASSERT asks both judges; `log` is the session's bytes, `proof`
        the machine's proof object. With `directives` the program carries these, its goal, and the statement's hash."""

class Environment:
    """One attempt at a task of a theory, a decision at a time; `metadream.Environment` is made of it. What is not legal
    is a `ValueError`, and the state stays as it was. Calls release the GIL."""

    def __init__(self, theory: Theory, target: str) -> None:
        """For a label, or a statement in JSON. `ValueError` for what is neither."""

    def reset(self) -> None:
        """Back to the beginning."""

    @property
    def actions(self) -> int:
        """How many actions there are, legal or not."""

    def name(self, action: int) -> str | None:
        """Opcode and label; None: the task has no such hypothesis, or there is no such action."""

    def legal(self) -> list[int]:
        """The legal actions of the first open goal, sorted."""

    def step(self, action: int) -> int:
        """Decide the first open goal; how many goals are open then."""

    def decide(self, text: str) -> int:
        """The same by a decision that is written out as in a content program."""

    def undo(self) -> bool:
        """Take the last decision back; whether there was one."""

    def copy(self) -> Environment:
        """An attempt that stands where this one does."""

    @property
    def steps(self) -> int:
        """Decisions taken."""

    @property
    def open(self) -> int:
        """How many goals are open."""

    def goals(self) -> list[tuple[list[str], str]]:
        """The open goals, the next one first: members of the context, and the formula."""

    def state(self) -> str:
        """The open goals in one text, a line each."""

    def hypotheses(self) -> list[tuple[str, str]]:
        """Label and formula of the task's hypotheses."""

    def disjoint(self) -> list[tuple[str, str]]:
        """Pairs of variables that the task keeps apart."""

    def proof(self) -> tuple[str, int]:
        """The attempt checked anew and written: the proof as JSON, and how many choices it holds. `ValueError`: what is
        open, does not hold or cannot be written. The judges have not seen it."""

    def play(self, seconds: float, seed: int) -> dict[str, Any]:
        """Random play, timed: ``steps, episodes, finished, legal_actions, seconds_stepping, seconds_listing``."""

class Draft:
    """A proof that may have open steps, worked out."""

    @staticmethod
    def of_theorem(theory: Theory, label: str) -> Draft:
        """The draft of a theorem whose proof in the database may have ``?`` steps."""

    @staticmethod
    def of_steps(
        theory: Theory, name: str, statement: str, steps: list[tuple[str, str | None, list[int], str | None]]
    ) -> Draft:
        """A draft of steps (name, label, earlier steps, formula). Raises ``ValueError(step or None, message)``."""

    def statement(self) -> str:
        """The statement in JSON, as `search` takes it."""

    def steps(self) -> list[dict[str, Any]]:
        """`name`, `label` (None: open), `hyp`, `children`, `formula`, `unknown`, `needed`; the last proves the goal."""

    def helpers(self, goals: list[int]) -> list[int]:
        """Known steps that rest on none of the steps `goals`, one for each formula."""

    def search(
        self,
        ranker: Ranker,
        goals: list[int],
        using: list[int],
        options: SearchOptions,
    ) -> dict[str, Any]:
        """Search open steps together, from the hypotheses and the steps `using`; `proof` is for `spliced`.

        The moves are assertions as they stand, whatever the options say.
        """

    def spliced(self, goals: list[int], proof: str, using: list[int]) -> Draft:
        """A draft with a proof (or a search's frontier) in the place of open steps."""

    def written(self, indent: int = 2) -> dict[str, Any]:
        """Metamath text, ``?`` for what is open: `compressed`, `normal`, `dummies`, `disjoint`, `complete`."""

    def judge(self) -> dict[str, Any]:
        """Both judges, open steps taken as hypotheses: `accepted`, `message`, `mm`, `statement_sha256`."""

class Proposals:
    """Lemmas for a database's maintainers, sifted, with the proofs that they shorten."""

    @staticmethod
    def learned(theory: Theory, options: dict[str, Any], section: str | None = None) -> Proposals:
        """Learned from the human proofs, or from those of the sections whose headings hold a text."""

    @staticmethod
    def from_library(theory: Theory, found: list[str]) -> Proposals:
        """The library of a theory, and the proofs that a run found with it."""

    def rows(self) -> list[dict[str, Any]]:
        """`label`, `hypotheses`, `statement`, `distinct`, `axioms`, `after`, `body` (labels, the last step first),
        `tree` (JSON: `conclusion` and `hypotheses`, trees of `syntax`, `typecode`, `text`, `parts`),
        `implication` (its syntax axiom), `deduction`, `variant_of`, `form_of` ("closed", "inference" or "deduction"
        where it says just what `variant_of` says), `twin` ("fewer" or "other" where `nearest` states the same with more
        or other `$d` conditions), `nearest`, `likeness`."""

    def left_out(self) -> dict[str, int]:
        """How many candidates were left out: `discouraged`, `exists`, `refused`."""

    def definitions(self) -> list[tuple[str, str]]:
        """Labels of definitions and of the syntax axioms that they define."""

    def taken(self, name: str) -> bool:
        """Whether the database has a label or symbol of this name."""

    def concludes(self, proposal: int, label: str) -> bool:
        """Whether a proposal concludes what a theorem does, names of variables and their antecedents apart."""

    def keep(self, chosen: list[tuple[int, str]]) -> None:
        """Keep these proposals (number, new label), in this order."""

    def measure(self, threads: int) -> list[dict[str, Any]]:
        """Shorten all proofs outside mathboxes: `uses`, `sites`, `sections`, `gross` (bytes) of each proposal."""

    def users(self, lemma: int) -> list[str]:
        """Theorems that use a proposal."""

    def texts(self, comments: list[str]) -> list[str]:
        """Each proposal's block, with these comments."""

    def edits(self, comments: list[str]) -> list[tuple[int, int, str]]:
        """The changes of the database's bytes: start, end, new text; sorted."""

class Shortener:
    """A database whose premises are indexed, to shorten proofs of its theorems by what stands before them."""

    def __new__(cls, theory: Theory, options: dict[str, Any]) -> Shortener:
        """Options: `new_axioms` and `share_only` (bool), `effort` (formulas tried for a premise at a formula)."""

    def theorems(self) -> list[str]:
        """Theorems whose proofs may be changed, in file order."""

    def kept_because(self, label: str) -> str | None:
        """Why a statement's proof is left as it is; None if it may be changed."""

    def shorten(self, labels: list[str], threads: int) -> list[dict[str, Any]]:
        """Shorter proofs: `label`, `proof`, `before` and `after` (`bytes`, `letters`, `steps`), `shared`, `used`,
        `axioms_dropped`. Theorems that got no shorter are left out."""

class Program:
    """A program of the machine, with the lines of its text where it has one."""

    @staticmethod
    def assemble(text: str, macros: str = "") -> Program:
        """Assemble a text, which may call the macros that `macros` defines (`check_macros` first).

        Raises `InputError` with line and column in `text`.
        """

    @staticmethod
    def check_macros(text: str) -> None:
        """Raise `InputError` with line and column unless the text holds definitions of macros only."""

    @staticmethod
    def decode(data: bytes) -> Program:
        """Read a program file's bytes. Raises `InputError`."""

    def encode(self) -> bytes:
        """The program file's bytes."""

    def disassemble(self) -> str:
        """The assembly text, in its normal form."""

    def sha256(self) -> str:
        """SHA-256 of the program file."""

    def lines(self) -> list[int] | None:
        """By instruction: its line in the text (from 1); None for a program file."""

    def blocks(self) -> list[tuple[str, int, int]]:
        """Name, first instruction and number of instructions of each block."""

    def instructions(self) -> list[str]:
        """The instructions in assembly."""

    def directives(self) -> list[tuple[str, list[str]]]:
        """What the program carries (docs/isa.md, "Directives"): name (``.goal``) and words of each."""

    def with_directives(self, more: list[tuple[str, list[str]]]) -> Program:
        """The same program with more directives behind its own. Raises `InputError`."""

    def calls(self) -> list[tuple[int, str]]:
        """The CALLs: index of the instruction, and the composite's name."""

    def labels(self) -> list[str]:
        """The labels that the program names, each once."""

def learn_macros(programs: list[Program]) -> dict[str, Any]:
    """Macros that recur in programs: `macros` (`name`, `parameters`, `body`, `uses`, `saved`), `text` (their
    definitions), `programs` (texts that call them, in the order given), `before` and `after` (instructions)."""

class Machine:
    """A machine with its workspace, log and trace; used in the thread that made it."""

    def __new__(cls, theory: Theory | None = None, label: str | None = None) -> Machine: ...
    def register(self, opcode: str, handler: Any, checker: Any = None) -> None:
        """Have an opcode of Level 1 or 2 (or ``READK.near``) answered by a callable (docs/isa.md, "Handlers")."""

    def set_trust(self, trust: str) -> None:
        """Whom the machine believes: "none" or "kernel" (docs/isa.md, "Obligations")."""

    def set_mask(self, mask: dict[str, list[str]] | None) -> None:
        """What programs may read, write and link from now on: page texts ("3", "1-4") by right; absent: all pages."""

    def set_page_limit(self, pages: int | None) -> None:
        """How many pages the workspace may hold; None: as many as there are."""

    def load(self, address: str, cell: dict[str, Any]) -> None:
        """Write a cell before or between runs: `tag` and `value`."""

    def load_goal(self, address: str) -> None:
        """Write the task's goal, open, to a cell before or between runs."""

    def proof(self, address: str) -> dict[str, Any] | None:
        """A fact's proof object, judged once more: `proof` and `unfolded` (JSON), `mm`, `statement_sha256`, `of_goal`,
        `message`; None if no fact is there."""

    def begin(self, program: Program, budget: int) -> None:
        """Begin a run; `advance` goes on with it."""

    def advance(self, steps: int) -> dict[str, Any] | None:
        """Execute at most `steps` instructions; how the run ended, or None if it goes on."""

    def run(self, program: Program, budget: int) -> dict[str, Any]:
        """Run the entry block with at most `budget` steps: `stop`, `status`, `steps`, `fault`."""

    def run_heads(
        self, heads: Sequence[tuple[Program, dict[str, list[str]] | None]], budget: int
    ) -> list[dict[str, Any]]:
        """Run programs together, each under its mask, with `budget` steps in all: how each ended, as in `run`."""

    def position(self) -> tuple[str, int, int] | None:
        """Block, index of the next instruction, and depth; None when nothing runs."""

    def cell(self, address: str) -> dict[str, Any] | None:
        """The cell at an address; None if it was never written."""

    def cells(self, first: str = "0:0:0", length: int = 1073741824, limit: int = 1048576) -> list[dict[str, Any]]:
        """The written cells of a range, at most `limit`."""

    def links(self, address: str) -> list[tuple[str, str, str]]:
        """The links that start at an address: from, kind, to."""

    def content(self) -> dict[str, int] | None:
        """What the last ASSERT of decisions came to: `decisions` and `steps` of the proof; None if there was none."""
    def trace(self) -> str:
        """The trace of the last run, as JSON Lines."""

    def events(self, start: int = 0) -> list[str]:
        """The trace's events from number `start` on, a JSON object each."""

    def event_count(self) -> int:
        """Number of the trace's events."""

    def time(self) -> int:
        """Number of instructions executed or passed over so far."""

    def log_to(
        self,
        folder: str | PathLike[str] | None = None,
        hash_name: str = "sha256",
        name: str = "",
        program: str | None = None,
        database: str | None = None,
        library: str | None = None,
    ) -> None:
        """Begin the log's session, in a new folder or (None) in memory; before anything is loaded."""

    def end_log(self, folder: str | PathLike[str] | None = None) -> None:
        """End that session after a run; a log in a folder is on the disk then."""

    def hashes(self) -> dict[str, Any]:
        """`trace_sha256`, `log_sha256`, `workspace_sha256`, `log_records`."""

    def snapshot(self) -> int:
        """Keep a snapshot of the workspace; its number."""

    def diff(self, before: int, after: int | None = None) -> dict[str, Any]:
        """What changed between two snapshots (None: now): `cells`, `linked`, `unlinked`."""

def slot_behind(place: str, n: int) -> str:
    """The address `n` slots behind another."""

class ProofStates:
    """What the human proofs of a theory are translated by; made once, asked for many theorems."""

    def __new__(cls, theory: Theory) -> ProofStates: ...
    def rows(self, labels: list[str], threads: int, ranker: Ranker | None) -> list[dict[str, Any]]:
        """By theorem: `label, hypotheses, distinct, section`, and `rows`, the nodes of its content proof, root first
        (None: not translated). A row: `gamma, goal, position, depth, opcode, move, takes, substitution (pairs of
        texts), instruction, next, decision, steps_to_go, nats_to_go`, as `wake_sleep/states/rows.py` describes them;
        `nats_to_go` by the model over moves of `ranker`. Raises `InputError` for a label without a proof.
        """

class Ranker:
    """The fast first stage, with the network's weights where they are set."""

    def __new__(cls, seed: int) -> Ranker: ...
    def fit(self, theory: Theory, corpus: list[str], human: list[str], epochs: int) -> dict[str, Any]:
        """Train from scratch; with 0 epochs only count uses."""

    def examples(
        self, theory: Theory, corpus: list[str], human: list[str], candidates: int, limit: int, seed: int
    ) -> dict[str, npt.NDArray[Any]]:
        """Steps of proofs as choices among the first stage's best `candidates`."""

    def premise_features(self, theory: Theory) -> dict[str, npt.NDArray[Any]]:
        """Features of every premise's statement and comment: `features`, `offsets`, `uses`."""

    def feature_count(self) -> int:
        """Number of hashed features."""

    def set_network(self, arrays: dict[str, npt.NDArray[np.float32]] | None) -> None:
        """Set (or with None remove) the network's weights."""

    def weights(self) -> dict[str, npt.NDArray[np.float32]]:
        """The first stage's weights."""

    def restore(
        self, theory: Theory, corpus: list[str], human: list[str], weights: dict[str, npt.NDArray[np.float32]]
    ) -> None:
        """Restore a first stage from its weights, use counts from the same corpus as in `fit`."""

    def portable(self, theory: Theory, seen: list[str], counted: list[str]) -> dict[str, npt.NDArray[Any]]:
        """The model as arrays that `fitted` takes: both stages, skeletons, and what it knows of each statement.

        `seen`: theorems whose proofs some stage saw; `counted`: those that the first stage saw.
        """

    @staticmethod
    def fitted(theory: Theory, arrays: dict[str, npt.NDArray[Any]]) -> tuple[Ranker, float, list[str]]:
        """A ranker for a theory out of the arrays of `portable`, which are read where they are, if they cannot be
        written to. Beside it: the share of the theory's statements that the model knows, and the theorems whose proofs
        it saw.
        """

    def grown(self, theory: Theory) -> Ranker:
        """The same for a database that begins with the one that this was fitted on."""

    def sha256(self) -> str:
        """SHA-256 of the first stage's weights."""

    def set_skeletons(self, theory: Theory, proofs: list[str]) -> None:
        """Skeletons of these proofs are replayed on similar targets from now on."""

    def held_out(self, theory: Theory, proofs: list[str]) -> dict[str, Any]:
        """Held-out proofs: `steps`, mean `nats` a step, `at_1`, `at_10`, `at_50`."""

    def fit_moves(self, theory: Theory, found: list[str], human: list[str], epochs: int) -> dict[str, Any]:
        """Train the first stage over moves on found and human proofs: `proofs`, `translated`, `steps`, `decisions`,
        `examples`, `loss`, `seconds`.
        """

    def restore_moves(
        self, theory: Theory, found: list[str], human: list[str], arrays: dict[str, npt.NDArray[Any]]
    ) -> None:
        """Restore the model over moves from the arrays of `moves_portable` and what it was trained on."""

    def moves_portable(self) -> dict[str, npt.NDArray[Any]]:
        """The model over moves as arrays that `fitted` takes beside the others; none where there is no such model."""

    def measured_moves(self, human: list[str], informed: bool) -> list[list[tuple[str, int | None, float]] | None]:
        """Human proofs as choices of moves: first assertion, rank from 0 or None, nats. None: not translated whole.

        `informed`: with the proofs' analogues.
        """

    def census(self, theory: Theory, labels: list[str]) -> list[list[tuple[int, str, str, int | None, float]]]:
        """The steps of human proofs that were not trained on: number from 0, label and kind of what is applied, rank
        from 0 (None: no candidate), nats."""

    def nats(self, theory: Theory, held_out: list[str]) -> Nats:
        """What steps cost this ranker on proofs that it was not trained on."""

class Nats:
    """The price in nats: an option of compression."""

    @property
    def mean(self) -> float:
        """Mean nats of a step."""

class SearchOptions:
    """What a search is told. Checked when it is made and never changed; `replace` makes another one.

    The defaults are the core's. Raises `ValueError`, which names the field, for a value that cannot be.
    """

    @property
    def expansions(self) -> int | None:
        """Expansions after which a search gives up: the repeatable budget. None: no bound, then `seconds` are one."""

    @property
    def seconds(self) -> float | None:
        """CPU seconds of its thread after which it gives up. None: no bound."""

    @property
    def patient(self) -> bool:
        """Whether it gives up only when both budgets are used up."""

    @property
    def memory_bytes(self) -> int:
        """What it may hold, by its own count, which is the same each time."""

    @property
    def moves(self) -> str:
        """What it chooses: ``content`` (theorems in the goal's context, the glue derived afterwards), ``unify``
        (theorems as they stand), ``both`` (content for half of the budget, then unify).
        """

    @property
    def premises(self) -> str:
        """What may be used: ``before``, what stands before the target and is not discouraged; ``human``, only the
        premises of its own human proof, discouraged or not; ``all``, discouraged ones too.
        """

    @property
    def library(self) -> bool:
        """Whether composites are used: lemmas, analogues."""

    @property
    def analogues(self) -> int:
        """Training proofs that are looked up because they are like the target; 0: none."""

    @property
    def replay(self) -> bool:
        """Whether their skeletons are replayed."""

    @property
    def prior(self) -> bool:
        """Whether their premises are preferred."""

    @property
    def memory(self) -> bool:
        """Whether what they and others applied to goals like one's own is preferred."""

    @property
    def closers(self) -> bool:
        """Whether decision procedures are asked."""

    @property
    def minimise(self) -> int:
        """Expansions for a shorter proof once one was found; 0: it stays as found."""

    @property
    def frontier(self) -> bool:
        """Whether a search without a proof says where it stands."""

    @property
    def graph(self) -> int:
        """The AND/OR graph is given if it has no more clusters than this."""

    @property
    def proposer_moves(self) -> int:
        """Moves of a goal that a proposer is shown, the first stage's best."""

    @property
    def proposer_weight(self) -> float:
        """Weight of its log-probabilities beside the first stage's, from 0 to 1; with 1 they replace them."""

    @property
    def proposer_calls(self) -> int | None:
        """Goals that it is asked about in one search, at most. None: no bound."""

    def __new__(
        cls,
        *,
        expansions: int | None = ...,
        seconds: float | None = ...,
        patient: bool = ...,
        memory_bytes: int = ...,
        moves: str = ...,
        premises: str = ...,
        library: bool = ...,
        analogues: int = ...,
        replay: bool = ...,
        prior: bool = ...,
        memory: bool = ...,
        closers: bool = ...,
        minimise: int = ...,
        frontier: bool = ...,
        graph: int = ...,
        proposer_moves: int = ...,
        proposer_weight: float = ...,
        proposer_calls: int | None = ...,
    ) -> SearchOptions: ...
    def replace(self, **fields: Any) -> SearchOptions:
        """The same with other values in some fields."""

def search(
    theory: Theory,
    ranker: Ranker,
    target: str,
    options: SearchOptions,
    proposer: Callable[[Any], Sequence[float]] | None = None,
) -> dict[str, Any]:
    """Search a proof of a theorem (its label) or of a statement (JSON), from what stands before it.

    `proposer`: a callable that ranks the moves in context of a goal (`wake_sleep/search/proposer.py`), called with the
    GIL while the search itself runs without; what it raises ends the search and is raised here.

    The answer: `task`, `solved`, `proof` (JSON), `steps`, `reason` why it ended, `expansions`, `applications`,
    `clusters`, `closed` (goals that decision procedures closed), `seconds`. `skeletons` that the proof owes
    steps to, by theorem; `replayed`. `decisions`: its steps that the
    search chose (what closed a goal at once was not chosen). `in_context`: whether moves in context found it;
    `content`: None, or of such a proof the program of its decisions (docs/isa.md): `text`, and how many `decisions` it
    holds. `minimised`: None, or `steps` and `bytes`, each before and after, `expansions`, `seconds`. `frontier`,
    `graph` (JSON), if asked for. `misfit`: why what was found is no proof. `proposer`: None, or its `calls`, the
    `moves` that it was shown in all, and `seconds` on the clock.
    """

def stopping() -> bool:
    """Whether the call of the core that this thread is in is to end; for what it calls and that waits."""

def abduce(theory: Theory, ranker: Ranker, target: str, limit: int, options: SearchOptions) -> dict[str, Any]:
    """Hypotheses that would close a target: `sets` (`missing, formulas, steps`), best first, `reason, expansions`."""

def formula_of(theory: Theory, ranker: Ranker, prefix: str) -> str:
    """A term in prefix form as the database writes it, without typecode."""

def statement_of(theory: Theory, ranker: Ranker, prefix: str) -> str:
    """The same with its typecode."""

def prefix_of(theory: Theory, ranker: Ranker, formula: str) -> str:
    """A formula (typecode first) in prefix form."""

def deduce(
    theory: Theory, ranker: Ranker, target: str, facts: list[str], limit: int, applications: int
) -> tuple[list[tuple[str, str, str, list[int]]], int]:
    """What follows from formulas: term, formula, label, premises; and the matches made."""

def fillings(
    theory: Theory,
    ranker: Ranker,
    target: str | None,
    goal: str,
    arity: int,
    limit: int,
    scan: bool = False,
) -> list[tuple[str, int]]:
    """What may fill a label hole: assertions with `arity` hypotheses whose conclusion unifies with a goal in prefix
    form, which may have metavariables; label and cost, cheapest first."""

def retrieve(
    theory: Theory, ranker: Ranker, target: str, kind: str, limit: int, scan: bool = False
) -> list[tuple[str, int, str]]:
    """Ranked assertions (`kind`: premise or neighbour): label, cost or score, conclusion. `scan`: without an index."""

def sample_dreams(theory: Theory, ranker: Ranker, count: int, seed: int, max_steps: int) -> list[str]:
    """Programs sampled from the library, each as a proof (JSON) of its own most general statement."""

def append_log(
    folder: str | PathLike[str],
    sessions: list[bytes],
    start: int = 0,
    root: str | None = None,
    hash_name: str = "sha256",
) -> dict[str, Any]:
    """Append sessions behind a log's first `start` records; what stands there already is compared. `records` up to the
    sessions' end, and the `root` over these.
    """

def bind_files(folder: str | PathLike[str], count: int, digest: str) -> dict[str, Any]:
    """Append a record with the number of a run's files and the SHA-256 of their list; the published head."""

def bound_files(folder: str | PathLike[str]) -> dict[str, Any]:
    """What a log bound last, the whole log checked: the head's keys, `count`, `list`. Raises `InputError`."""

def audit_log(folder: str | PathLike[str], threads: int = 1) -> dict[str, Any]:
    """Check a log: `head`, `findings`, `sessions`, `unacknowledged_bytes`."""

def log_beginning(folder: str | PathLike[str], records: int) -> str:
    """The root that a log had with its first records."""

def log_proof(folder: str | PathLike[str], number: int | None = None, old: int | None = None) -> str:
    """An inclusion or consistency proof as JSON."""

def check_log_proof(text: str) -> dict[str, Any]:
    """Check a proof."""

def rebuild_log(
    folder: str | PathLike[str], session: int | None = None, output: str | PathLike[str] | None = None
) -> dict[str, Any]:
    """Replay a log; the workspace of one session."""

def done() -> tuple[int, int]:
    """How far the call is that the core is working on: how many are done, of how many (0: not known)."""

def learn_abstractions(
    programs: list[str],
    arity: int = 3,
    count: int | None = 10,
    rounds: int = 2,
    threads: int = 1,
    proofs: bool = False,
    single_task: bool = True,
) -> dict[str, Any]:
    """Learn abstractions of lambda programs, or trees of labels, by exact search; costs, rewritten programs, effort."""

def rewrite_programs(
    programs: list[str], abstractions: list[tuple[str, int, str]], proofs: bool = False
) -> dict[str, Any]:
    """Write lambda programs with abstractions (name, arity, body); costs and rewritten programs."""

def label_trees(theory: Theory) -> list[list[str]]:
    """The human proofs as programs: for each, the trees of labels between the steps that it uses twice or more."""

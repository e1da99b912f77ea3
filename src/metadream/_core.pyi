"""The Rust core, `metadream._core`. `tests/repository/test_layout.py` compares this stub with the compiled module.

Targets are labels of theorems, or statements in JSON (`hyps`, `conclusion`, `disjoint`, `before`). Found proofs are
JSON, human proofs are given by the labels of their theorems. Formulas begin with their typecode unless a docstring
says otherwise. Bytes of a text are numbered from 0, lines and columns from 1. Every call may raise `InputError` for
bad input or for a bound that was reached, `KeyboardInterrupt` on Ctrl-C, and `RuntimeError` for a panic of the core.
"""

from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt

def check_source(data: bytes, threads: int = 1) -> tuple[str, bytes | None]:
    """Read a source and check all its proofs with the kernel on `threads` threads.

    Return the report as a JSON object (the fields of `CheckReport` in `core/src/metamath_db/judges/check.rs`), and the
    source without comments for other judges, as `bare_source` returns it; None if the reader refuses the source.
    """

def bare_source(data: bytes) -> bytes | None:
    """Return the tokens of a source at their places, without comments; None if the reader refuses the source."""

def knife_check(data: bytes) -> str:
    """Check a source with metamath-rs: a JSON object, which is ``{"refused": reason}`` if metamath-rs was not run or
    panicked.

    Call it in a process with limits, as some sources make metamath-rs take all memory.
    """

def watch(memory: int | None, seconds: float | None, page: int = 4096) -> int:
    """Set the bounds of the process: `memory` in bytes, `seconds` of wall-clock time from now on; None is no bound.

    `page` is the size of a page in bytes. Return the file descriptor for `signal.set_wakeup_fd`. When a bound is
    reached, calls of the core raise `InputError`. Call it in the main thread; `metamath_db/bounds.py` does so.
    """

def unwatch() -> None:
    """Remove the bounds that `watch` set."""

def heard() -> str | None:
    """Note, for SIGINT's handler, that the main thread knows of the request.

    Return ``interrupted`` for Ctrl-C, the sentence about the bound that was reached, or None if the main thread knew
    of the bound already.
    """

def machine_figure(name: str, database: str | None = None) -> str:
    """Measure one figure of ``metadream bench machine``: a JSON object, as `core/src/dsl/bench.rs` describes it."""

def satcheck(
    variables: int,
    clauses: list[list[int]],
    atoms: list[tuple[list[int], int]] = [],
    unknowns: int = 0,
    integer: bool = False,
) -> tuple[bool | None, list[bool], list[str], list[str]]:
    """Decide a formula as SATCHECK does (docs/isa.md): clauses of literals, and atoms (coefficients, bound) over
    unknowns.

    Return the verdict (None: unknown), the values of the variables, the values of the unknowns as fractions, and the
    lines of the refutation. The answer was checked. Raises `InputError` for an ill-formed problem.
    """

def numeric_claim(theory: Theory, target: str) -> str | None:
    """Read a target as a claim about numbers: an expression in JSON, as nested lists with the operator first
    (`core/src/wake_sleep/closers/numbers/claims.rs`). None if the target is no such claim.
    """

def features_sha256() -> str:
    """Return the SHA-256 of the features that this version makes of a small database of its own.

    A model may only be used by a version with the same digest as the version that trained it.
    """

class Judges:
    """A source whose theorems can be judged one by one, each as a slice."""

    def __new__(cls, data: bytes) -> Judges: ...
    def theorems(self) -> list[str]:
        """Return the labels of all ``$p`` statements, in file order."""

    def slice(self, label: str) -> str:
        """Return the slice of a theorem: the small database that holds what the theorem and its proof need."""

    def judge(self, label: str) -> str:
        """Check a theorem and its own proof with both judges, as a slice.

        Return a JSON object: `accepted`, `kernel` and `metamath_rs` (null, or the reason of the refusal),
        `statement_sha256`. Raises `InputError` for an unknown label or an axiom.
        """

    def judge_proof(self, label: str, proof: str, dummies: list[str] = [], disjoint: list[tuple[str, str]] = []) -> str:
        """Check another proof of a statement with both judges; the keys are those of `judge`.

        `dummies`: labels of the ``$f`` statements of dummy variables; `disjoint`: pairs of variables, at least one of
        them a dummy. The proof may use the statements before this one.
        """

class Theory:
    """A database with a library of lemmas. A method that changes the library replaces it as a whole."""

    @staticmethod
    def load(path: str | PathLike[str], judges: int = 0) -> Theory:
        """Load a database file. With `judges` above 0, the kernel checks all proofs on so many threads, and the proofs
        that it refuses are treated as missing. Raises `InputError` with line and column for a text that cannot be
        read.
        """

    def text(self) -> bytes:
        """Return the text that was loaded."""

    def refused(self) -> list[tuple[str, int, str]]:
        """Return the theorems whose proofs the kernel refused when `load` had judges: label, first byte, reason."""

    def copy(self) -> Theory:
        """Return a copy with the same database and library. Changing the library of one does not affect the other."""

    def extended(self, text: str) -> Theory:
        """Return a theory of the database with `text` appended. The place of an `InputError` counts from the start of
        `text`.
        """

    def edited(self, edits: list[tuple[int, int, str]]) -> Theory:
        """Return a theory of the database with parts of the text replaced: (first byte, end, new text), sorted.

        Raises `InputError` if edits overlap or leave the text.
        """

    def proofs_from(self, start: int = 0) -> list[tuple[str, int, int, bool, str | None]]:
        """Return the theorems whose proofs start at byte `start` or later: label, first byte and end of the proof's
        text, whether it is open (has ``?``), and the error in it, if any.
        """

    def size(self) -> int:
        """Return the size of the text in bytes."""

    def verify(self, label: str) -> str | None:
        """Check a theorem's own proof with the kernel: the reason of the refusal, or None if the kernel accepts it."""

    def typecodes(self) -> list[str]:
        """Return the provable typecodes, the main one first; ``["|-"]`` in nearly every database."""

    def axioms(self, labels: list[str]) -> list[str]:
        """Return the labels of the axioms (definitions included) that statements and lemmas rest on through all
        proofs, in file order. Labels of hypotheses are ignored.
        """

    def doubtful(self, labels: list[str]) -> tuple[str, int, str] | None:
        """Return the first theorem, among these statements and all that they rest on, whose own proof the kernel does
        not accept: label, first byte of the proof, error. None if there is none. Labels of hypotheses are ignored.
        """

    def start(self, label: str) -> int:
        """Return the number of the first byte of a statement's label."""

    def unparsed(self) -> list[tuple[str, int, str]]:
        """Return the statements that do not follow the grammar and cannot be used: label, first byte of the error, the
        error.
        """

    def ambiguous(self) -> list[tuple[str, int]]:
        """Return the statements that have more than one syntax tree, of which the first found is taken: label, first
        byte.
        """

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line and the column, both from 1, of a byte of the text."""

    def labels(self) -> list[str]:
        """Return the labels of all logical statements that have a syntax tree, in file order."""

    def theorems(self) -> list[str]:
        """Return the labels of all logical ``$p`` statements, in file order."""

    def kinds(self) -> list[str]:
        """Return the kind of each of `labels` by its shape: ``glue, congruence, transitivity, typing, content``."""

    def step_formulas(self, label: str, steps: list[int]) -> list[str]:
        """Return the formulas of steps of a theorem's own proof, numbered from 0 as in `Ranker.census`."""

    def translations(self, labels: list[str], write: bool) -> list[dict[str, Any]]:
        """Translate human proofs into content proofs: `label`, `steps` (how often a premise is applied), `decisions`
        (their kinds; None if the proof was not translated).

        With `write`, they are also written as Metamath again: `proof` (JSON), or `unwritten`, the reason why that
        failed.
        """

    def proof_lengths(self) -> npt.NDArray[np.uint32]:
        """Return the number of steps of each human proof, in the order of `theorems`; 0 where there is none. Shape
        ``(len(theorems),)``.
        """

    def uses(self, label: str) -> list[str]:
        """Return the labels of the distinct premises of a human proof."""

    def meaning(self, word: str) -> str | None:
        """Return the kind of thing that a word names: ``constant``, ``variable``, ``hypothesis``, ``lemma``,
        ``axiom``, ``theorem``, ``syntax axiom`` or ``syntax theorem``. None if the word is not in use.
        """

    def behind(self, label: str) -> str | None:
        """Return the first ``$a`` or ``$p`` after a labelled statement of any kind; None if there is none."""

    def arity(self, label: str) -> int | None:
        """Return the number of hypotheses of a statement or lemma that a proof can apply; None if the label names
        none.
        """

    def complaint(self, statement: str, hypothesis: bool) -> str | None:
        """Return the error in a statement, or None if it can be read. A `hypothesis` may have a typecode that is not
        provable.
        """

    def discouraged(self, label: str) -> bool:
        """Whether a statement is marked "(New usage is discouraged.)"."""

    def statement(self, label: str) -> dict[str, Any]:
        """Return a statement as text: `label`, `kind` (lemma, axiom or theorem), `hyps`, `hyp_labels`, `needed` (the
        number of hypotheses that need a proof; others are ``class A`` and the like), `conclusion`, `disjoint` (pairs),
        `comment` and `section` (None if there is none).
        """

    def check_target(self, target: str) -> None:
        """Raise `InputError` if a text is neither the label of a theorem nor a well-formed statement in JSON."""

    def statements_sha256(self, labels: list[str] | None = None) -> str:
        """Return the SHA-256 of the sorted keys of the statements of these labels (None: of all statements)."""

    def known_share(self, keys: npt.NDArray[np.uint8]) -> float:
        """Return the share, from 0 to 1, of the statements whose keys are among `keys`.

        `keys` is the array ``statements.keys`` of `Ranker.portable`: contiguous, 16 bytes for each statement.
        """

    def same_statement(self, target: str) -> list[str]:
        """Return the theorems that have the same hypotheses and conclusion as a target, symbol for symbol, in file
        order. ``$d`` conditions are not compared.
        """

    def figures(self) -> dict[str, Any]:
        """Return numbers and times of the loading: seconds `read_s`, `trees_s`, `proofs_s`; numbers `statements`,
        `proofs`, `unparsed`, `undecoded`, `ambiguous`, `terms`, `nodes` (proof steps, syntax included).
        """

    def lemmas(self) -> list[str]:
        """Return the names of the learned lemmas, in order of learning."""

    def library_json(self) -> str:
        """Return the library as text (`docs/formats.md`). Equal libraries give equal texts."""

    def load_library(self, text: str) -> None:
        """Replace the library by the one in a text. Every lemma is judged; raises `InputError` if one is refused."""

    def learn_library(
        self, corpus: list[str], human: list[str], options: dict[str, Any], settled: Sequence[int] = ()
    ) -> dict[str, Any]:
        """Learn lemmas from found and human proofs, and append those that both judges accept to the library.

        `settled`: numbers of proofs, found ones first, that an earlier call rewrote with the present library under the
        same options. Return `lemmas` (`name`, `uses`), `rewritten` (all proofs with the lemmas, found ones first),
        `steps_before`, `steps_after`, `lemma_steps`, `refused` (a text with name and reason each), `seconds`. Raises
        `InputError` for an unknown option.
        """

    def compress(self, options: dict[str, Any]) -> dict[str, Any]:
        """Compress all human proofs and write the database again; the library of this theory does not change.

        Return `steps`, `steps_after`, `lemma_steps`, `gross` (the share of steps saved), `net` (the same share after
        the lemmas' own proofs are charged), `lemmas`, `bytes_before`, `proof_bytes`, `lemma_bytes`, `changed`, `left`
        (theorems whose proofs stay as they are, and the reason), `uses` (name and number of uses of each lemma, most
        used first), `phases` (seconds by name), `text` (the database, bytes). With the option `follow` also
        `followed`: `outcome`, `why`, `label`, `fragments`.
        """

    def compress_in_two(self, options: dict[str, Any], share: float, seed: int) -> dict[str, Any]:
        """Compress the human proofs without a random `share` of them, then add that share in a second cycle.

        The keys are those of `compress`, with the phases of the second cycle, and `added` (the number of proofs
        added).
        """

    def compress_held_out(self, options: dict[str, Any], share: float, seed: int) -> dict[str, Any]:
        """Measure the steps that a library learnt on a random part of the human proofs saves on the `share` left out.

        Return `proofs`, `steps` and `steps_after` of the share, `lemmas` (learnt), `used` (lemmas that the share
        uses).
        """

    def library_mm(self, uses: list[int] = []) -> str:
        """Return the library as Metamath text, in dependency order. ``uses[i]`` is written into the comment of lemma
        i.
        """

    def database_with_library(self, proofs: list[str]) -> bytes:
        """Return the database's text with the library in place and these proofs (JSON) in their theorems."""

    def with_proofs(self, proofs: list[tuple[str, str]]) -> bytes:
        """Return the database's text with new proofs (label, text between ``$=`` and ``$.``) in their theorems.

        Raises `InputError` if one of the texts is no proof.
        """

    def rival(self, proof: str) -> dict[str, Any] | None:
        """Write a found proof of a theorem as it would stand in the database, all lemmas unfolded.

        Return `label`, `text` (between ``$=`` and ``$.``), `statement` (from the label to ``$.``), `bytes`, `before`
        (bytes of the database's own proof, or None), `new_axioms`. None if the theorem lacks a ``$d`` condition that
        the proof needs.
        """

    def chapters(self) -> list[list[str]]:
        """Return for each of `theorems` the titles of the part and of the chapter in which it stands, as far as there
        are any.
        """

    def derivation(self, proof: str) -> list[tuple[str, list[int], list[tuple[int, str]]]]:
        """Return a proof's steps in the form of a handler's derivation: label, premises, values that unification
        leaves open.
        """

    def unfold(self, proof: str) -> str:
        """Return a proof in which the proofs of all lemmas replace their uses."""

    def judge(self, proof: str) -> dict[str, Any]:
        """Write a proof as Metamath and check it with both judges.

        Return `kernel` and `metamath_rs` (whether it accepts), `messages`, `mm` (the slice), `compressed`, `normal`,
        `statement_sha256` (None if the proof could not be written).
        """

    def judge_again(self, proofs: list[str], threads: int) -> list[tuple[str | None, str | None]]:
        """Read proofs and check each with both judges: the theorem that it proves (None: a statement that is no
        theorem of the database), and the reason of the refusal (None: it is accepted).
        """

    def run(
        self,
        proof: str,
        database: str | None = None,
        library: str | None = None,
        directives: list[tuple[str, list[str]]] | None = None,
    ) -> dict[str, Any]:
        """Run a proof as a program of the machine, whose ASSERT asks both judges.

        Return `accepted`, `message` (None if accepted), and if it is accepted `program` (assembly), `trace` (JSON
        Lines), `trace_sha256`, `log_sha256`, `log_records`, `log` (the session, bytes), `proof` (the machine's proof
        object), `mm`, `compressed`, `normal`, `statement_sha256`. `database` and `library` are SHA-256 digests that
        the session names. With `directives` the program carries these, its goal, and the statement's hash.
        """

class Environment:
    """An attempt at a task of a theory, one decision at a time; `metadream.Environment` is built on it.

    A decision that is not legal raises `ValueError` and leaves the state as it was. Calls release the GIL.
    """

    def __init__(self, theory: Theory, target: str) -> None:
        """Begin an attempt at a target. Raises `InputError` for a text that is no target."""

    def reset(self) -> None:
        """Return to the beginning of the attempt."""

    @property
    def actions(self) -> int:
        """The number of actions, legal or not. Actions are numbered from 0."""

    def name(self, action: int) -> str | None:
        """Return the opcode and the label of an action. None if there is no such action, or the task no such
        hypothesis.
        """

    def legal(self) -> list[int]:
        """Return the legal actions on the first open goal, in ascending order; empty if no goal is open."""

    def step(self, action: int) -> int:
        """Take an action on the first open goal and return the number of open goals after it."""

    def decide(self, text: str) -> int:
        """Take a decision written as in a content program, such as ``APPLY syl ps := ch``, on the first open goal, and
        return the number of open goals after it.
        """

    def undo(self) -> bool:
        """Take the last decision back, and return whether there was one."""

    def copy(self) -> Environment:
        """Return a copy of the attempt in its present state."""

    @property
    def steps(self) -> int:
        """The number of decisions taken."""

    @property
    def open(self) -> int:
        """The number of open goals."""

    def goals(self) -> list[tuple[list[str], str]]:
        """Return the open goals, the first one first: members of the context (without typecode), and formula."""

    def state(self) -> str:
        """Return the open goals as one text, one on each line. Equal states have equal texts."""

    def hypotheses(self) -> list[tuple[str, str]]:
        """Return the label and the formula of each of the task's hypotheses."""

    def disjoint(self) -> list[tuple[str, str]]:
        """Return the pairs of variables that the task's ``$d`` conditions keep apart."""

    def proof(self) -> tuple[str, int]:
        """Check the finished attempt again and return its proof as JSON, and the number of its decisions.

        Raises `ValueError` if a goal is open, a step does not hold, or the proof cannot be written. The judges have
        not checked the proof.
        """

    def play(self, seconds: float, seed: int) -> dict[str, Any]:
        """Play at random for `seconds` and measure the speed.

        Return ``steps, episodes, finished, legal_actions, seconds_stepping, seconds_listing``.
        """

class Draft:
    """A proof that may have open steps, with the formula of every step worked out. Steps are numbered from 0."""

    @staticmethod
    def of_theorem(theory: Theory, label: str) -> Draft:
        """Make the draft of a theorem whose proof in the database may have ``?`` steps."""

    @staticmethod
    def of_steps(
        theory: Theory, name: str, statement: str, steps: list[tuple[str, str | None, list[int], str | None]]
    ) -> Draft:
        """Make a draft of steps (name, label or None, numbers of earlier steps, formula or None).

        The last step proves the goal of the statement (JSON). Raises ``ValueError(step or None, message)``.
        """

    def statement(self) -> str:
        """Return the statement in JSON, in the form that `search` takes."""

    def steps(self) -> list[dict[str, Any]]:
        """Return the steps: `name`, `label` (None: open), `hyp` (whether it is a hypothesis), `children` (numbers of
        steps), `formula` (unknown parts are written ``&W1`` and so on), `unknown` (their numbers), `needed` (whether
        the goal needs the step). The last step proves the goal.
        """

    def helpers(self, goals: list[int]) -> list[int]:
        """Return the steps without unknown parts that rest on none of the steps `goals`, one for each formula."""

    def search(
        self,
        ranker: Ranker,
        goals: list[int],
        using: list[int],
        options: SearchOptions,
    ) -> dict[str, Any]:
        """Search the open steps `goals` together, from the hypotheses and the steps `using`; the keys are those of
        `search`.

        `proof` has the form that `spliced` takes. The moves are assertions as they stand, whatever the option `moves`
        is. Raises `InputError` if a formula of `using` has unknown parts or there are too many goals.
        """

    def spliced(self, goals: list[int], proof: str, using: list[int]) -> Draft:
        """Return a draft in which a proof (JSON, as `search` or its frontier gives it) replaces the open steps
        `goals`.
        """

    def written(self, indent: int = 2) -> dict[str, Any]:
        """Write the draft as Metamath text, with ``?`` for open steps and lines indented by `indent` spaces.

        Return `compressed`, `normal`, `dummies` (the dummy variables), `disjoint` (pairs with a dummy variable),
        `complete` (whether the goal needs no open step).
        """

    def judge(self) -> dict[str, Any]:
        """Check the draft with both judges, open steps as hypotheses: `accepted`, `message` (None if accepted), `mm`
        (the slice), `statement_sha256`.
        """

class Proposals:
    """Proposed lemmas for a database's maintainers, after the filters, with the proofs that they shorten."""

    @staticmethod
    def learned(theory: Theory, options: dict[str, Any], section: str | None = None) -> Proposals:
        """Learn proposals from the human proofs. With `section`, only the sections count whose headings contain this
        text.

        Raises `InputError` if no heading does.
        """

    @staticmethod
    def from_library(theory: Theory, found: list[str]) -> Proposals:
        """Make proposals of the library of a theory, and of the proofs (JSON) that a run found with it."""

    def rows(self) -> list[dict[str, Any]]:
        """Return the proposals: `label`, `hypotheses`, `statement`, `distinct`, `axioms`, `after`, `body` (labels, the
        last step first), `tree` (JSON: `conclusion` and `hypotheses`, trees of `syntax`, `typecode`, `text`, `parts`),
        `implication` (its syntax axiom), `deduction` (whether it is in deduction form), `variant_of`, `form_of`
        ("closed", "inference" or "deduction" if it has the same content as `variant_of`), `twin` ("fewer" or "other"
        if `nearest` has the same statement with more or other ``$d`` conditions), `nearest`, `likeness`.
        """

    def left_out(self) -> dict[str, int]:
        """Return the number of candidates left out by reason: `discouraged`, `exists`, `refused`."""

    def definitions(self) -> list[tuple[str, str]]:
        """Return the labels of definitions and of the syntax axioms that they define."""

    def taken(self, name: str) -> bool:
        """Whether the database has a label or symbol of this name."""

    def concludes(self, proposal: int, label: str) -> bool:
        """Whether a proposal has the same conclusion as a theorem, up to the names of variables and up to antecedents
        that are variables.
        """

    def keep(self, chosen: list[tuple[int, str]]) -> None:
        """Keep only these proposals (number, new label), in this order."""

    def measure(self, threads: int) -> list[dict[str, Any]]:
        """Shorten all proofs outside mathboxes by the proposals.

        Return for each proposal `uses` (steps that apply it), `sites` (theorems that use it), `sections` (their
        titles), `gross` (the bytes that its uses save).
        """

    def users(self, lemma: int) -> list[str]:
        """Return the labels of the theorems that use a proposal, given by its number."""

    def texts(self, comments: list[str]) -> list[str]:
        """Return the Metamath text of each proposal's block, with these comments."""

    def edits(self, comments: list[str]) -> list[tuple[int, int, str]]:
        """Return the changes of the database's text: first byte, end, new text; sorted."""

class Shortener:
    """A database with an index of its premises, used to shorten the proofs of its theorems by earlier statements."""

    def __new__(cls, theory: Theory, options: dict[str, Any]) -> Shortener:
        """Index the premises. Options: `new_axioms` (bool: a proof may come to rest on more axioms), `share_only`
        (bool: only equal formulas are shared), `effort` (int: formulas tried for one premise at one formula).
        """

    def theorems(self) -> list[str]:
        """Return the labels of the theorems whose proofs may be changed, in file order."""

    def kept_because(self, label: str) -> str | None:
        """Return the reason why a statement's proof is left as it is; None if it may be changed."""

    def shorten(self, labels: list[str], threads: int) -> list[dict[str, Any]]:
        """Shorten the proofs of theorems, without those that got no shorter.

        Return `label`, `proof` (text between ``$=`` and ``$.``), `before` and `after` (`bytes`, `letters`, `steps`),
        `shared` (steps freed because their formulas were proved elsewhere in the proof), `used` (labels of the
        premises put in), `axioms_dropped`.
        """

class Program:
    """A program of the machine, with the line of each instruction if it was assembled from a text."""

    @staticmethod
    def assemble(text: str, macros: str = "") -> Program:
        """Assemble a text, which may call the macros that `macros` defines; check these with `check_macros` first.

        Raises `InputError` with line and column in `text`.
        """

    @staticmethod
    def check_macros(text: str) -> None:
        """Raise `InputError` with line and column unless the text holds definitions of macros only."""

    @staticmethod
    def decode(data: bytes) -> Program:
        """Read the bytes of a program file. Raises `InputError`."""

    def encode(self) -> bytes:
        """Return the bytes of the program file."""

    def disassemble(self) -> str:
        """Return the assembly text, in its normal form."""

    def sha256(self) -> str:
        """Return the SHA-256 of the program file."""

    def lines(self) -> list[int] | None:
        """Return the line, from 1, of each instruction in the assembled text; None for a program file."""

    def blocks(self) -> list[tuple[str, int, int]]:
        """Return the name, the first instruction and the number of instructions of each block."""

    def instructions(self) -> list[str]:
        """Return the instructions in assembly."""

    def directives(self) -> list[tuple[str, list[str]]]:
        """Return the program's directives (docs/isa.md, "Directives"): name (``.goal``) and words of each."""

    def with_directives(self, more: list[tuple[str, list[str]]]) -> Program:
        """Return a copy of the program with more directives after its own. Raises `InputError`."""

    def calls(self) -> list[tuple[int, str]]:
        """Return the CALLs: index of the instruction, and the composite's name."""

    def labels(self) -> list[str]:
        """Return the labels that the program names, each once, in order of first use."""

def learn_macros(programs: list[Program]) -> dict[str, Any]:
    """Learn macros from what recurs in programs.

    Return `macros` (`name`, `parameters`, `body`, `uses`, `saved`), `text` (their definitions), `programs` (texts that
    call them, in the order given), `before` and `after` (numbers of instructions).
    """

class Machine:
    """A machine with its workspace, log and trace. It can only be used in the thread that made it.

    Addresses are texts such as ``1:0:0``. Raises `InputError` for a text that is no address.
    """

    def __new__(cls, theory: Theory | None = None, label: str | None = None) -> Machine: ...
    def register(self, opcode: str, handler: Any, checker: Any = None) -> None:
        """Register a callable as the handler of an opcode of Level 1 or 2, or of ``READK.near`` (docs/isa.md,
        "Handlers").

        `handler` takes the request and returns the answer. `checker` takes the request and the answer, and raises an
        exception if they do not fit.
        """

    def set_trust(self, trust: str) -> None:
        """Set the machine's trust: "none" (the default) checks every claim, "kernel" leaves some to ASSERT
        (docs/isa.md).
        """

    def set_mask(self, mask: dict[str, list[str]] | None) -> None:
        """Set the pages that programs may use from now on: page texts ("3", "1-4") by right (``read``, ``write``,
        ``link``).

        A right that is absent, or None for the mask, allows all pages.
        """

    def set_page_limit(self, pages: int | None) -> None:
        """Set the number of pages that the workspace may hold; None for no limit."""

    def load(self, address: str, cell: dict[str, Any]) -> None:
        """Write a cell (`tag` and `value`) before or between runs."""

    def load_goal(self, address: str) -> None:
        """Write the task's goal, open, to a cell before or between runs. Raises `InputError` without a database."""

    def proof(self, address: str) -> dict[str, Any] | None:
        """Judge a fact's proof object again and return it; None if there is no fact at the address.

        Keys: `proof` and `unfolded` (JSON), `mm` (the slice), `statement_sha256`, `of_goal` (whether it proves the
        task's goal), `message` (None, or the reason of a refusal).
        """

    def begin(self, program: Program, budget: int) -> None:
        """Begin a run with a budget of instructions; `advance` continues it."""

    def advance(self, steps: int) -> dict[str, Any] | None:
        """Execute at most `steps` instructions. Return the end of the run with the keys of `run`, or None if it is not
        over.
        """

    def run(self, program: Program, budget: int) -> dict[str, Any]:
        """Run the entry block with at most `budget` instructions.

        Return `stop` (the reason), `status` (of HALT, or None), `steps`, `fault` (None, or `kind`, `opcode`, `block`,
        `instruction`, `address`, `claim`).
        """

    def run_heads(
        self, heads: Sequence[tuple[Program, dict[str, list[str]] | None]], budget: int
    ) -> list[dict[str, Any]]:
        """Run programs together, each under its mask, with `budget` instructions in all. Return for each the keys of
        `run`.
        """

    def position(self) -> tuple[str, int, int] | None:
        """Return the block, the index of the next instruction, and the depth; None if no run is in progress."""

    def cell(self, address: str) -> dict[str, Any] | None:
        """Return the cell at an address; None if it was never written."""

    def cells(self, first: str = "0:0:0", length: int = 1073741824, limit: int = 1048576) -> list[dict[str, Any]]:
        """Return the written cells among `length` slots from `first` on, at most `limit`."""

    def links(self, address: str) -> list[tuple[str, str, str]]:
        """Return the links that start at an address: from, kind, to."""

    def content(self) -> dict[str, int] | None:
        """Return the sizes of the last proof that ASSERT made of decisions: `decisions` and `steps`. None if there was
        none.
        """
    def trace(self) -> str:
        """Return the trace of the last run as JSON Lines."""

    def events(self, start: int = 0) -> list[str]:
        """Return the trace's events from number `start` on, each as a JSON object."""

    def event_count(self) -> int:
        """Return the number of the trace's events."""

    def time(self) -> int:
        """Return the number of instructions executed or skipped so far."""

    def log_to(
        self,
        folder: str | PathLike[str] | None = None,
        hash_name: str = "sha256",
        name: str = "",
        program: str | None = None,
        database: str | None = None,
        library: str | None = None,
    ) -> None:
        """Begin a session of the log, in a new or empty folder or, with None, in memory. Call it before anything is
        loaded.

        `hash_name` is ``sha256`` or ``blake3``. `name`, `program`, `database` and `library` are written into the
        session's first record; the last three are SHA-256 digests.
        """

    def end_log(self, folder: str | PathLike[str] | None = None) -> None:
        """End the session after a run. A log in a folder is on the disk when this returns."""

    def hashes(self) -> dict[str, Any]:
        """Return `trace_sha256`, `log_sha256`, `workspace_sha256` and `log_records`."""

    def snapshot(self) -> int:
        """Keep a snapshot of the workspace and return its number, from 0."""

    def diff(self, before: int, after: int | None = None) -> dict[str, Any]:
        """Return the changes between two snapshots (`after` None: the present workspace).

        Keys: `cells` (`address`, `before`, `after`; None where the cell is empty), `linked` and `unlinked` (links).
        """

def slot_behind(place: str, n: int) -> str:
    """Return the address `n` slots after another. Raises `InputError` if it lies outside the space."""

class ProofStates:
    """The tables with which a theory's human proofs are translated into content proofs. Make it once for many
    theorems.
    """

    def __new__(cls, theory: Theory) -> ProofStates: ...
    def rows(self, labels: list[str], threads: int, ranker: Ranker | None) -> list[dict[str, Any]]:
        """Translate the human proofs of theorems, on `threads` threads.

        Return for each theorem `label, hypotheses, distinct, section`, and `rows`, the nodes of its content proof, the
        root first (None: not translated). A row holds `gamma, goal, position, depth, opcode, move, takes, substitution
        (pairs of texts), instruction, next, decision, steps_to_go, nats_to_go`, as `wake_sleep/states/rows.py`
        describes them; `nats_to_go` is by the model over moves of `ranker`. Raises `InputError` for a label without a
        proof.
        """

class Ranker:
    """The first stage of the ranking of premises, with a network's weights and a model over moves if they are set.

    Methods other than `fit`, `restore` and `fitted` raise `ValueError` before the ranker is fitted, or for a theory
    with another library than it was fitted on. P is the number of premises, lemmas included.
    """

    def __new__(cls, seed: int) -> Ranker: ...
    def fit(self, theory: Theory, corpus: list[str], human: list[str], epochs: int) -> dict[str, Any]:
        """Train the first stage from scratch on found proofs (`corpus`) and human proofs; with 0 epochs only count
        uses.

        Return `examples`, `loss`, `seconds`.
        """

    def examples(
        self, theory: Theory, corpus: list[str], human: list[str], candidates: int, limit: int, seed: int
    ) -> dict[str, npt.NDArray[Any]]:
        """Return steps of proofs as choices among the first stage's best `candidates`; above `limit` rows proofs are
        sampled.

        Keys: `features` (uint32, the hashed features of all rows, one after another), `offsets` (int64, ``(rows +
        1,)``), `candidates` (uint32, ``(rows, candidates)``, premise numbers; column 0 is the premise of the proof,
        empty places hold ``2**32 - 1``), `scores` (float32, the same shape, the first stage's logits), `task` (uint32,
        ``(rows,)``, the number of the proof).
        """

    def premise_features(self, theory: Theory) -> dict[str, npt.NDArray[Any]]:
        """Return the hashed features of every premise's statement and comment.

        Keys: `features` (uint32, one premise after another), `offsets` (int64, ``(P + 1,)``), `uses` (float32,
        ``(P,)``, the logarithm of the number of uses, smoothed).
        """

    def feature_count(self) -> int:
        """Return the number of hashed features, a power of 2."""

    def set_network(self, arrays: dict[str, npt.NDArray[np.float32]] | None) -> None:
        """Set the network's weights, or remove them with None.

        Arrays of float32: `embedding` ``(feature_count, D)``, `w1` ``(H, D)``, `b1` ``(H,)``, `w2` ``(D, H)``, `b2`
        ``(D,)``, `premises` ``(P, D)``, `bias` ``(P,)``, `scale` ``(2,)`` (the weight of the first stage's logit, and
        the temperature). Raises `ValueError` if an array is missing or does not fit.
        """

    def weights(self) -> dict[str, npt.NDArray[np.float32]]:
        """Return the first stage's weights as flat arrays: `embedding`, `premises`, `bias`, `distance`, `local`,
        `temperature`.
        """

    def restore(
        self, theory: Theory, corpus: list[str], human: list[str], weights: dict[str, npt.NDArray[np.float32]]
    ) -> None:
        """Restore a first stage from the arrays of `weights`, with use counts from the same corpus as in `fit`.

        Raises `InputError` if an array does not fit this database and library.
        """

    def portable(self, theory: Theory, seen: list[str], counted: list[str]) -> dict[str, npt.NDArray[Any]]:
        """Return the model as arrays that `fitted` takes: both stages, skeletons, and the features of each statement.

        `seen`: theorems whose proofs some stage was trained on; `counted`: those that the first stage was trained on.
        Call `set_skeletons` first, else `ValueError`.
        """

    @staticmethod
    def fitted(theory: Theory, arrays: dict[str, npt.NDArray[Any]]) -> tuple[Ranker, float, list[str]]:
        """Fit a model (the arrays of `portable`) to a theory without lemmas. Arrays that cannot be written to, such as
        those of a mapped file, are read in place.

        Return the ranker, the share of the theory's statements that the model knows, and the labels of the theorems
        whose proofs it was trained on. Raises `ValueError` for arrays that do not fit together, `InputError` for a
        theory with lemmas.
        """

    def grown(self, theory: Theory) -> Ranker:
        """Return the ranker for a database that begins with the one that this ranker was fitted on, without the model
        over moves. A new premise gets the weights of the most similar earlier one. Raises `InputError` for any other
        database.
        """

    def sha256(self) -> str:
        """Return the SHA-256 of the first stage's weights."""

    def set_skeletons(self, theory: Theory, proofs: list[str]) -> None:
        """Set the skeletons of these proofs (labels or JSON), which searches replay on similar targets from now on."""

    def held_out(self, theory: Theory, proofs: list[str]) -> dict[str, Any]:
        """Measure the ranker on held-out proofs (labels or JSON).

        Return `steps`, `nats` (the mean of a step), `at_1`, `at_10`, `at_50` (the shares of steps whose premise is
        among the first 1, 10 and 50 candidates).
        """

    def fit_moves(self, theory: Theory, found: list[str], human: list[str], epochs: int) -> dict[str, Any]:
        """Train the first stage over moves on found and human proofs.

        Return `proofs`, `translated` (proofs translated whole), `steps` and `decisions` (of these), `examples`, `loss`
        (of the last epoch, in nats), `seconds`.
        """

    def restore_moves(
        self, theory: Theory, found: list[str], human: list[str], arrays: dict[str, npt.NDArray[Any]]
    ) -> None:
        """Restore the model over moves from the arrays of `moves_portable`, for the theory and proofs that it was
        trained on.

        Raises `ValueError` if the arrays hold no such model, `InputError` if it does not fit the database and library.
        """

    def moves_portable(self) -> dict[str, npt.NDArray[Any]]:
        """Return the model over moves as arrays that `fitted` takes beside those of `portable`; empty without such a
        model.
        """

    def measured_moves(self, human: list[str], informed: bool) -> list[list[tuple[str, int | None, float]] | None]:
        """Measure the model over moves on human proofs, with each proof's analogues if `informed`.

        Return for each proof its choices: label of the move's first assertion, rank from 0 (None: no candidate), cost
        in nats. None for a proof that is not translated whole.
        """

    def census(self, theory: Theory, labels: list[str]) -> list[list[tuple[int, str, str, int | None, float]]]:
        """Measure the ranker on each step of human proofs that it was not trained on.

        Return for each proof its steps: number from 0, label and kind of the premise, rank from 0 (None: no
        candidate), cost in nats.
        """

    def nats(self, theory: Theory, held_out: list[str]) -> Nats:
        """Return the mean costs of steps by this ranker on proofs (labels or JSON) that it was not trained on."""

class Nats:
    """The mean costs of steps by a model, in nats: the option `nats` of compression with the price in nats."""

    @property
    def mean(self) -> float:
        """The mean cost of a step in nats."""

class SearchOptions:
    """The options of a search. They are checked when they are made and never change; `replace` makes new ones.

    The defaults are the core's. Raises `ValueError`, which names the field, for a value that is not allowed, and
    `TypeError` for an unknown field.
    """

    @property
    def expansions(self) -> int | None:
        """The budget in expansions, which is reproducible. None: no such budget; then `seconds` must be set."""

    @property
    def seconds(self) -> float | None:
        """The budget in CPU seconds of the search's thread. None: no such budget."""

    @property
    def patient(self) -> bool:
        """Whether the search goes on until both budgets are used up."""

    @property
    def memory_bytes(self) -> int:
        """The bound on memory in bytes, by the search's own estimate, which is reproducible."""

    @property
    def moves(self) -> str:
        """The kind of moves: ``content`` (theorems in the goal's context, the glue derived afterwards), ``unify``
        (theorems as they stand), ``both`` (content for half of the budget, then unify).
        """

    @property
    def premises(self) -> str:
        """The premises that may be used: ``before``, those before the target that are not discouraged; ``human``, only
        those of the target's human proof, discouraged or not; ``all``, discouraged ones too.
        """

    @property
    def library(self) -> bool:
        """Whether learned lemmas and analogues are used."""

    @property
    def analogues(self) -> int:
        """The number of training proofs that are looked up because they are similar to the target; 0 for none."""

    @property
    def replay(self) -> bool:
        """Whether the skeletons of the analogues are replayed."""

    @property
    def prior(self) -> bool:
        """Whether the premises of the analogues are preferred."""

    @property
    def memory(self) -> bool:
        """Whether premises are preferred that analogues and other training proofs applied to similar goals."""

    @property
    def closers(self) -> bool:
        """Whether decision procedures are used."""

    @property
    def minimise(self) -> int:
        """The budget in expansions for a shorter proof once one is found; with 0 the proof stays as found."""

    @property
    def frontier(self) -> bool:
        """Whether a search without a proof returns its frontier."""

    @property
    def graph(self) -> int:
        """The largest number of clusters of an AND/OR graph that is returned."""

    @property
    def proposer_moves(self) -> int:
        """The number of moves of a goal that are sent to a proposer, the first stage's best; at least 2."""

    @property
    def proposer_weight(self) -> float:
        """The weight of the proposer's log-probabilities beside the first stage's, from 0 to 1; with 1 they replace
        them.
        """

    @property
    def proposer_calls(self) -> int | None:
        """The largest number of calls of the proposer in one search, one for a goal. None: no bound."""

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
        """Return a copy with other values in some fields."""

def search(
    theory: Theory,
    ranker: Ranker,
    target: str,
    options: SearchOptions,
    proposer: Callable[[Any], Sequence[float]] | None = None,
) -> dict[str, Any]:
    """Search for a proof of a target, with the premises that `options` allows.

    `proposer`: a callable that ranks the moves in context of a goal (`wake_sleep/search/proposer.py`). The search runs
    without the GIL and takes it for each call; an exception of the proposer ends the search and is raised here.

    Return `task` (the name), `solved`, `proof` (JSON, or None), `steps`, `reason` (of the end), `expansions`,
    `applications`, `clusters`, `closed` (goals that decision procedures closed), `seconds` (of thread CPU),
    `skeletons` (those that contributed steps to the proof, by theorem), `replayed` (steps that skeletons applied),
    `decisions` (steps of the proof that the search chose; steps that closed a goal at once do not count), `in_context`
    (whether moves in context found the proof), `content` (None, or for such a proof the program of its decisions,
    docs/isa.md: `text` and the number of `decisions`), `minimised` (None, or `steps` and `bytes`, each before and
    after, `expansions`, `seconds`), `frontier` and `graph` (JSON, if requested), `misfit` (the fault of a found proof
    that is not valid, or None), `proposer` (None, or `calls`, `moves` sent in all, `seconds` of wall-clock time).

    Raises `InputError` for a text that is no target, for moves in context without a model over moves, and for an
    answer of the proposer that cannot be used.
    """

def stopping() -> bool:
    """Return whether the call of the core that runs in this thread is to end, because of Ctrl-C or a bound.

    It is for Python code that the core calls and that waits.
    """

def abduce(theory: Theory, ranker: Ranker, target: str, limit: int, options: SearchOptions) -> dict[str, Any]:
    """Search for sets of at most `limit` hypotheses that would close a target.

    Return `sets`, the best first (`missing` in prefix form, `formulas`, `steps` of the derivation, in which missing
    hypothesis k has the label ``missing.k``), and `reason` and `expansions` of the search.
    """

def formula_of(theory: Theory, ranker: Ranker, prefix: str) -> str:
    """Return a term in prefix form as the database writes it, without typecode."""

def statement_of(theory: Theory, ranker: Ranker, prefix: str) -> str:
    """Return a term in prefix form as the database writes it, with its typecode."""

def prefix_of(theory: Theory, ranker: Ranker, formula: str) -> str:
    """Return a formula (typecode first) in prefix form."""

def deduce(
    theory: Theory, ranker: Ranker, target: str, facts: list[str], limit: int, applications: int
) -> tuple[list[tuple[str, str, str, list[int]]], int]:
    """Derive at most `limit` formulas from `facts` by at most `applications` matches; the target gives hypotheses and
    ``$d``.

    Return the derived formulas (prefix form, formula without typecode, label, numbers of premises; those below
    ``len(facts)`` are the facts, the others are derived formulas), and the number of matches made.
    """

def fillings(
    theory: Theory,
    ranker: Ranker,
    target: str | None,
    goal: str,
    arity: int,
    limit: int,
    scan: bool = False,
) -> list[tuple[str, int]]:
    """Return the assertions that may fill a label hole (docs/isa.md, CALL), the cheapest first: label, cost in 1/4096
    nat.

    They have `arity` hypotheses, and their conclusion unifies with `goal`, a term in prefix form that may have
    metavariables. `target` gives hypotheses, ``$d`` and the premises before it; None for the whole database. With
    `scan` the index is not used.
    """

def retrieve(
    theory: Theory, ranker: Ranker, target: str, kind: str, limit: int, scan: bool = False
) -> list[tuple[str, int, str]]:
    """Return at most `limit` ranked assertions for a target: label, score, conclusion in prefix form.

    `kind` is ``premise`` (conclusions that unify with the goal; the score is a cost in 1/4096 nat, the cheapest first)
    or ``neighbour`` (similar statements; the score is a cosine in 1/4096, the largest first). With `scan` the index is
    not used.
    """

def sample_dreams(theory: Theory, ranker: Ranker, count: int, seed: int, max_steps: int) -> list[str]:
    """Sample at most `count` programs of at most `max_steps` steps from the library.

    Return each as a proof (JSON) of its own most general statement.
    """

def append_log(
    folder: str | PathLike[str],
    sessions: list[bytes],
    start: int = 0,
    root: str | None = None,
    hash_name: str = "sha256",
) -> dict[str, Any]:
    """Append sessions after the first `start` records of a log, whose root must be `root` if it is given.

    Records that are already there are compared, not written again. Return `records` (their number up to the end of the
    sessions) and `root` (of these, hexadecimal). Raises `InputError` if a record or the root differs.
    """

def bind_files(folder: str | PathLike[str], count: int, digest: str) -> dict[str, Any]:
    """Append a record with the number of a run's files and the SHA-256 of their list (64 hexadecimal digits).

    Return the published head: `hash`, `records`, `segments`, `root`, `head`.
    """

def bound_files(folder: str | PathLike[str]) -> dict[str, Any]:
    """Check the whole log and return the files that its last record binds.

    Return the head's keys (see `bind_files`), `count` of files, and `list`, the SHA-256 of their list. Raises
    `InputError` for a defect, or if the last record binds no files.
    """

def audit_log(folder: str | PathLike[str], threads: int = 1) -> dict[str, Any]:
    """Check a log: `head` (None if it cannot be read), `findings` (`file`, `segment`, `record`, `number`, `offset`,
    `what`), `sessions`, `unacknowledged_bytes`.
    """

def log_beginning(folder: str | PathLike[str], records: int) -> str:
    """Return the root (hexadecimal) of a log's first `records` records."""

def log_proof(folder: str | PathLike[str], number: int | None = None, old: int | None = None) -> str:
    """Prove that record `number` is in the log, or else that its first `old` records are its beginning; the proof is
    JSON.
    """

def check_log_proof(text: str) -> dict[str, Any]:
    """Check a proof of `log_proof`, without the log.

    Return `valid`, `kind`, `records`, `root`; for kind ``inclusion`` also `number`, `segment`, `record`, `text`, else
    `old_records`. Raises `InputError` for a text that is no proof.
    """

def rebuild_log(
    folder: str | PathLike[str], session: int | None = None, output: str | PathLike[str] | None = None
) -> dict[str, Any]:
    """Replay a log and return figures of the workspace of a session (None: the last), which is written to `output` if
    given.

    Return `finding` (None, or the first defect, then alone), `sessions`, `matched` (sessions whose workspace has the
    recorded digest), `session`, `name`, `database_sha256`, `library_sha256`, `program_sha256`, `workspace_sha256`,
    `cells`, `links`, `terms`.
    """

def done() -> tuple[int, int]:
    """Return the progress of the call that the core works on: the number of items done, and their total (0: not
    known).
    """

def learn_abstractions(
    programs: list[str],
    arity: int = 3,
    count: int | None = 10,
    rounds: int = 2,
    threads: int = 1,
    proofs: bool = False,
    single_task: bool = True,
) -> dict[str, Any]:
    """Learn abstractions of lambda programs, or with `proofs` of trees of labels, by exact search.

    At most `count` abstractions of at most `arity` arguments; with `count` None as many as save more than their bodies
    cost, of any arity. Return `abstractions` (name, arity, body), `rewritten` (the programs with them), `cost_before`,
    `cost_after`, `bodies` (the cost of the bodies), `expanded` (partial patterns visited), `complete` (whether no
    search was cut off). Raises `InputError` for a text that is no program.
    """

def rewrite_programs(
    programs: list[str], abstractions: list[tuple[str, int, str]], proofs: bool = False
) -> dict[str, Any]:
    """Rewrite lambda programs, or with `proofs` trees of labels, with abstractions (name, arity, body).

    Each abstraction may name earlier ones only. Return `rewritten`, `cost_before`, `cost_after`.
    """

def label_trees(theory: Theory) -> list[list[str]]:
    """Return the human proofs as programs: for each, the trees of labels between steps that it uses at least twice."""

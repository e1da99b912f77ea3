"""An environment for training provers: a task of a database is proved by a sequence of decisions.

A state is a list of open goals, which are sequents ``Γ |- C``. An action decides the first of them. Actions are
numbered: a few act on the goal itself (a member of Γ, splitting, decision procedures), one stands for each hypothesis
and member of Γ, and one for each *move*, which is the common effect of theorems that say the same (docs/inference.md).
If the goal does not determine all variables of a move, the decision is given as text with their values:
``env.step("APPLY syl  ps := ch")``.

An action has the same effect as the machine's instruction of that name. An attempt counts as proved only after
`Environment.judge`, which checks it again, writes it as a Metamath proof, and has both judges check that proof.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from metadream import _core
from metadream.dsl.proofs import Proof, Statement
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.api.database import Database, load


@dataclass(frozen=True)
class Sequent:
    """A goal: a formula that has to follow from the formulas of its context."""

    context: tuple[str, ...]
    """The members of Γ."""
    formula: str
    """The formula to prove, typecode first."""

    def __str__(self) -> str:
        return f"{' ,  '.join(self.context)}  {self.formula}".strip()


@dataclass(frozen=True)
class State:
    """The open goals of an attempt, with the task's hypotheses and conditions. Equal states have equal hashes."""

    goals: tuple[Sequent, ...]
    """Open goals; the first one is decided next."""
    hypotheses: tuple[tuple[str, str], ...]
    """Label and formula of each hypothesis of the task."""
    disjoint: tuple[tuple[str, str], ...]
    """Pairs of variables that must be distinct (``$d``)."""
    steps: int
    """The number of decisions taken."""
    sha256: str
    """SHA-256 of the text of the open goals."""

    @property
    def done(self) -> bool:
        """Whether no goal is open. Only `Environment.judge` decides whether the attempt is a proof."""
        return not self.goals

    def __str__(self) -> str:
        return "\n".join(map(str, self.goals)) if self.goals else "no goal is open"


@dataclass(frozen=True)
class Judged:
    """The judges' verdict on an attempt. It counts as true if both accept it."""

    accepted: bool
    proof: Proof | None
    """The Metamath proof; None if none could be written."""
    decisions: int | None
    """The number of decisions in the proof; None if none could be written."""
    message: str | None
    """The reason for which the attempt was refused; None if it was accepted."""

    def __bool__(self) -> bool:
        return self.accepted


class Environment:
    """Attempts at tasks of a database.

    >>> import metadream as md
    >>> env = md.Environment("starter", "syl")
    >>> print(env.state)
    ph  |- ch
    >>> [env.name(action) for action in env.legal()]
    ['CLOSE', 'HYP syl.2']
    >>> print(env.step(env.legal()[1]))
    ph  |- ps
    >>> env.step("HYP syl.1").goals
    (Sequent(context=('ph',), formula='|- ph'),)
    >>> env.step("MEMBER").done
    True
    >>> bool(env.judge())
    True
    """

    def __init__(self, database: Database | str = "starter", task: str | Statement | None = None) -> None:
        """Begin an attempt at a task. Its premises are the assertions before it in the database.

        `database`: a loaded database, or its name or path. `task`: a theorem's label, or a statement; None: the first
        theorem. The first environment of a database computes its moves, which takes seconds on set.mm. Raises
        `InputError`.
        """
        self.database = database if isinstance(database, Database) else load(database)
        self._begin(self.database.theorems[0] if task is None else task)

    def reset(self, task: str | Statement | None = None) -> State:
        """Begin anew, with another task if one is given. Raises `InputError`."""
        if task is None:
            self._core.reset()
        else:
            self._begin(task)
        return self.state

    def _begin(self, task: str | Statement) -> None:
        self.task = task
        self._core = _core.Environment(self.database.theory, _target(self.database, task))
        self._hypotheses, self._disjoint = tuple(self._core.hypotheses()), tuple(self._core.disjoint())

    @property
    def state(self) -> State:
        """The current state of the attempt."""
        goals = tuple(Sequent(tuple(context), formula) for context, formula in self._core.goals())
        sha256 = hashlib.sha256(self._core.state().encode()).hexdigest()
        return State(goals, self._hypotheses, self._disjoint, self._core.steps, sha256)

    @property
    def actions(self) -> int:
        """The size of the action space. Numbers mean the same for all tasks of a database."""
        return self._core.actions

    def name(self, action: int) -> str:
        """Returns the decision of an action as text: ``APPLY syl``, ``HYP syl.1``, ``MEMBER`` ...

        Raises `IndexError` if no action has this number.
        """
        name = self._core.name(action) if 0 <= action < self.actions else None
        if name is None:
            raise IndexError(f"no action has the number {action}; there are {self.actions}, and hypotheses of the task")
        return name

    def legal(self) -> list[int]:
        """Returns the legal actions in ascending order.

        The list is empty if no goal is open, or if every legal decision needs values that only its text can give.
        """
        return self._core.legal()

    def mask(self) -> npt.NDArray[np.bool_]:
        """Returns the mask of legal actions, of shape (`actions`,): True where the action is legal."""
        mask = np.zeros(self.actions, dtype=np.bool_)
        mask[self.legal()] = True
        return mask

    def step(self, action: int | str, values: Mapping[str, str] | None = None) -> State:
        """Decide the first open goal, by the number of an action or by a decision as text. Returns the new state.

        `values`: formulas for those variables of the theorem of an ``APPLY`` that the goal does not determine.
        Raises `ValueError` with the reason if the decision is not legal; the state is then unchanged.

        >>> env = Environment("starter", "syl")
        >>> print(env.step("APPLY ax-mp", {"ph": "ps"}))
        |- ps
        ps  |- ch
        """
        if values:
            named = action if isinstance(action, str) else self.name(action)
            action = "  ".join([named, *(f"{variable} := {value}" for variable, value in values.items())])
        if isinstance(action, str):
            self._core.decide(action)
        elif 0 <= action < self.actions:
            self._core.step(action)
        else:
            raise ValueError(f"expected an action from 0 to {self.actions - 1}, found {action}")
        return self.state

    def undo(self) -> State:
        """Take the last decision back. Raises `ValueError` at the beginning."""
        if not self._core.undo():
            raise ValueError("no decision was taken yet")
        return self.state

    def copy(self) -> Environment:
        """Returns an independent copy of the attempt, in the same state."""
        made = Environment.__new__(Environment)
        made.__dict__.update(self.__dict__)
        made._core = self._core.copy()
        return made

    def judge(self) -> Judged:
        """Write the attempt as a Metamath proof and have both judges check it. `ValueError`: a goal is open."""
        if self._core.open:
            raise ValueError(f"{self._core.open} goals are open")
        try:
            text, decisions = self._core.proof()
        except ValueError as problem:
            return Judged(False, None, None, str(problem))
        said = self.database.theory.judge(text)
        accepted = bool(said["kernel"] and said["metamath_rs"])
        return Judged(accepted, Proof(text), decisions, None if accepted else "; ".join(said["messages"]))

    def __repr__(self) -> str:
        task = self.task if isinstance(self.task, str) else self.task.conclusion
        return f"<Environment {self.database.name} {task}: {self._core.open} goals open, {self._core.steps} steps>"


def _target(database: Database, task: str | Statement) -> str:
    """Returns a task in the form that the core expects: a label, or a statement as JSON. Raises `InputError`."""
    if isinstance(task, Statement):
        return task.to_json()
    words = " ".join(task.split())
    if " " in words:
        return Statement(words).to_json()
    if words not in database:
        expected = "expected a label, or a statement like '|- ( ph -> ph )'"
        raise InputError(f"'{words}' is no theorem of the database; {expected}")
    return words

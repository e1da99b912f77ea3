"""Proofs and statements as the core and files have them: one line of JSON each (docs/formats.md), typed here.

``{"task": "syl", "steps": [["syl.1", []], ["a1i", [0]], ["mpd", [2, 1]]]}``: a step is a label and the earlier steps
that prove its hypotheses; the last step is the root. A dream has ``"task": null`` and a ``"statement"`` with ``hyps``
(label, formula), ``conclusion``, ``disjoint``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from metadream.metamath_db.terminal.counted import counted


class Step(NamedTuple):
    """One step of a proof."""

    label: str
    """The label of the statement that the step applies, or of the hypothesis that it quotes."""
    premises: tuple[int, ...]
    """Earlier steps that prove what it needs, numbered from 0."""


@dataclass(frozen=True)
class Statement:
    """A statement that is no theorem of the database, or is asked for as if it were none."""

    conclusion: str
    """The formula, typecode first."""
    hyps: tuple[tuple[str, str], ...] = ()
    """Label and formula of each hypothesis."""
    disjoint: tuple[tuple[str, str], ...] = ()
    """Pairs of variables that must be distinct."""
    before: str | None = None
    """Only what stands before this theorem is a premise; None: the whole database is."""

    @property
    def data(self) -> dict[str, Any]:
        """The object that its text is."""
        return {
            "hyps": [list(pair) for pair in self.hyps],
            "conclusion": self.conclusion,
            "disjoint": [list(pair) for pair in self.disjoint],
            "before": self.before,
        }

    def to_json(self) -> str:
        """The statement as the core takes it."""
        return json.dumps(self.data)


#: What is to be proved: a theorem's label, or a statement.
Goal: TypeAlias = str | Statement


def goal_text(goal: Goal) -> str:
    """A goal as the core takes it."""
    return goal.to_json() if isinstance(goal, Statement) else goal


@dataclass(frozen=True)
class Proof:
    """A proof: what it proves and its steps. Two proofs are equal if their texts are.

    >>> proof = Proof.from_json('{"task":"a1i","steps":[["a1i.1",[]],["ax-1",[]],["ax-mp",[0,1]]]}')
    >>> proof.task, len(proof), proof.labels
    ('a1i', 3, ('a1i.1', 'ax-1', 'ax-mp'))
    >>> proof.steps[-1]
    Step(label='ax-mp', premises=(0, 1))
    """

    json: str
    """Its text, as the core and files have it. It is read each time that something else is asked for: a corpus has many
    proofs.
    """

    @classmethod
    def from_json(cls, text: str) -> Proof:
        """A proof from its text, which is checked. Raises `ValueError`."""
        proof = cls(text)
        if not all(0 <= child < i for i, step in enumerate(proof.steps) for child in step.premises):
            raise ValueError("a step uses what is not before it")
        return proof

    @classmethod
    def or_none(cls, text: str | None) -> Proof | None:
        """The proof that the core returned as JSON, or None if it returned none."""
        return None if text is None else cls(text)

    def to_json(self) -> str:
        """The proof as JSON text."""
        return self.json

    @property
    def data(self) -> dict[str, Any]:
        """The object that its text is."""
        found: dict[str, Any] = json.loads(self.json)
        return found

    @property
    def task(self) -> str | None:
        """The label that it proves; None for a dream or a statement."""
        task: str | None = self.data["task"]
        return task

    @property
    def statement(self) -> Statement | None:
        """The statement proved, or None if it is a theorem of the database."""
        said = self.data.get("statement")
        if said is None:
            return None
        hyps, disjoint = (tuple((str(a), str(b)) for a, b in said.get(key, ())) for key in ("hyps", "disjoint"))
        return Statement(said["conclusion"], hyps, disjoint, said.get("before"))

    @property
    def steps(self) -> tuple[Step, ...]:
        """Its steps, premises first."""
        return tuple(Step(label, tuple(premises)) for label, premises in self.data["steps"])

    @property
    def labels(self) -> tuple[str, ...]:
        """Label of each step, in order, with repetitions."""
        return tuple(label for label, _ in self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def length(self, premises: Collection[str]) -> int:
        """How many steps apply one of `premises`: hypotheses of the task do not count."""
        return sum(label in premises for label, _ in self.steps)

    def __repr__(self) -> str:
        try:
            of = self.task if self.task is not None else self.statement and self.statement.conclusion
            return f"<Proof of {of}: {counted(len(self), 'step')}>"
        except (ValueError, KeyError, TypeError, RecursionError):  # a text that nobody has checked
            return "<Proof that cannot be read>"


#: What is learnt from: a proof, or the label of a theorem, whose human proof it then is.
Entry: TypeAlias = Proof | str


def entry_text(entry: Entry) -> str:
    """An entry as the core and files have it."""
    return entry.json if isinstance(entry, Proof) else entry


def entry_texts(entries: Iterable[Entry]) -> list[str]:
    """Entries as the core takes them where it takes both kinds."""
    return [entry_text(entry) for entry in entries]


def entry_of(text: str) -> Entry:
    """An entry from its text: a proof is a JSON object, and no label begins with a brace."""
    return Proof(text) if text.startswith("{") else text


def texts_and_labels(entries: Iterable[Entry]) -> tuple[list[str], list[str]]:
    """Entries as the core takes them: texts of proofs, and labels of human proofs, each in their order."""
    texts: list[str] = []
    labels: list[str] = []
    for entry in entries:
        (texts if isinstance(entry, Proof) else labels).append(entry_text(entry))
    return texts, labels

"""What the Level-2 handlers share: operands as statements, the search with its ranker, proofs as derivations."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from metadream import _core
from metadream._core import slot_behind
from metadream.dsl.handlers import Fault, Request, Session, Step
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.tasks import proved
from metadream.wake_sleep.search.options import search_options

BUDGET_LIMIT = 1_000_000  # expansions, or applications, of one instruction
RESULT_LIMIT = 1_000  # results of one instruction


def term_operand(request: Request, index: int) -> dict[str, Any]:
    """The operand at `index`, which must be a term, goal or fact without metavariables."""
    operand: dict[str, Any] = request["operands"][index]
    if operand["tag"] == "empty":
        raise Fault("empty", "the cell has been written", operand.get("address"))
    if operand["tag"] not in ("term", "goal", "fact"):
        raise Fault("type", "the operand is a term, goal or fact", operand.get("address"))
    if operand["value"] is None:
        raise Fault("bound", "the term has at most 65536 nodes", operand.get("address"))
    if "?" in operand["value"]:
        raise Fault("open", f"the term has no metavariables, but it is {operand['value']}", operand.get("address"))
    return operand


def number_operand(request: Request, index: int, limit: int, what: str) -> int:
    """The integer literal at `index`, which must lie between 1 and `limit`."""
    value = int(request["operands"][index]["value"])
    if not 1 <= value <= limit:
        raise Fault("bound", f"{what} lie between 1 and {limit}, not {value}")
    return value


def before_operand(request: Request, index: int) -> str | None:
    """The label at `index`, if the instruction has one: only what stands before it may be used."""
    operands = request["operands"]
    return str(operands[index]["value"]) if len(operands) > index else None


def destination(request: Request) -> str:
    """The address of the first operand."""
    return str(request["operands"][0]["address"])


def places(dst: str, count: int) -> list[str]:
    """The `count` addresses behind `dst`."""
    try:
        return [slot_behind(dst, i + 1) for i in range(count)]
    except InputError as problem:
        raise Fault("address", problem.message, dst) from None


class Context:
    """A session's theory with a ranker, and the task that its machine runs in."""

    def __init__(self, session: Session) -> None:
        self.theory = session.theory if session.searched is None else session.searched
        self.label = session.label
        self.given_ranker = session.ranker
        self._ranker: Any = None
        self._own: dict[str, Any] | None = session.statement

    @staticmethod
    def of(session: Session) -> Context:
        """The session's context, made once."""
        made: Context = session.once("context", lambda: Context(session))
        return made

    def ranker(self) -> Any:
        """The session's ranker; if it has none, one that counts how often human proofs use each premise, the session's
        own theorem left out.
        """
        if self.theory is None:
            raise Fault("unavailable", "the machine has a database")
        if self._ranker is None and self.given_ranker is not None:
            self._ranker = self.given_ranker()
        elif self._ranker is None:
            human = [label for label in proved(self.theory, self.theory.theorems()) if label != self.label]
            self._ranker = _core.Ranker(0)
            self._ranker.fit(self.theory, [], human, 0)
        return self._ranker

    def statement(self, asked: str, before: str | None, given: list[tuple[str, str]] | None = None) -> dict[str, Any]:
        """A statement in JSON's form: the session's hypotheses and `$d`, then `given`, and `asked` to prove."""
        own = self.own()
        hyps = own["hyps"] if own else []
        return {
            "hyps": [*hyps, *(given or [])],
            "conclusion": asked,
            "disjoint": own["disjoint"] if own else [],
            "before": before if before is not None or own is None else own["before"],
        }

    def own(self) -> dict[str, Any] | None:
        """The session's task as a statement in JSON's form; None for the database as a whole."""
        if self._own is None and self.label is not None:
            said = self.theory.statement(self.label)
            hyps = list(zip(said["hyp_labels"], said["hyps"], strict=True))
            kept = {key: said[key] for key in ("conclusion", "disjoint")}
            self._own = {"hyps": hyps, **kept, "before": self.label}
        return self._own

    def has_hypotheses(self) -> bool:
        """Whether the session's task has hypotheses of its own."""
        own = self.own()
        return own is not None and bool(own["hyps"])

    def fillings(self, goal: str, arity: int, limit: int, scan: bool) -> list[tuple[str, int]]:
        """Assertions with `arity` hypotheses whose conclusion unifies with a goal in prefix form, which may have
        metavariables: label and cost, cheapest first; with `scan` found without an index.
        """
        ranker, own = self.ranker(), self.own()
        target = None if own is None else json.dumps(own)
        found: list[tuple[str, int]] = self._ask(
            lambda: _core.fillings(self.theory, ranker, target, goal, arity, limit, scan)
        )
        return found

    def retrieve(self, statement: dict[str, Any], kind: str, limit: int, scan: bool) -> list[tuple[str, int, str]]:
        """Ranked assertions for a statement; with `scan` found without an index."""
        ranker = self.ranker()
        hits: list[tuple[str, int, str]] = self._ask(
            lambda: _core.retrieve(self.theory, ranker, json.dumps(statement), kind, limit, scan)
        )
        return hits

    def abduce(self, statement: dict[str, Any], limit: int, expansions: int) -> dict[str, Any]:
        """Sets of at most `limit` hypotheses that would close a statement."""
        ranker = self.ranker()
        found: dict[str, Any] = self._ask(
            lambda: _core.abduce(self.theory, ranker, json.dumps(statement), limit, search_options(expansions))
        )
        return found

    def deduce(
        self, statement: dict[str, Any], facts: list[str], limit: int, applications: int
    ) -> tuple[list[tuple[str, str, str, list[int]]], int]:
        """What follows from facts (typecode first) within the task of a statement."""
        ranker = self.ranker()
        found: tuple[list[tuple[str, str, str, list[int]]], int] = self._ask(
            lambda: _core.deduce(self.theory, ranker, json.dumps(statement), facts, limit, applications)
        )
        return found

    def _ask(self, work: Callable[[], Any]) -> Any:
        """What the core answers; a label that it does not know is a fault."""
        try:
            return work()
        except InputError as problem:
            raise Fault("label", problem.message) from None

    def search(self, statement: dict[str, Any], expansions: int) -> dict[str, Any]:
        """What the search finds for a statement within `expansions`."""
        ranker = self.ranker()
        found: dict[str, Any] = self._ask(
            lambda: _core.search(self.theory, ranker, json.dumps(statement), search_options(expansions))
        )
        return found

    def formula(self, prefix: str) -> str:
        """A term in prefix form as the database writes it. Raises `InputError` if it is none."""
        text: str = _core.formula_of(self.theory, self.ranker(), prefix)
        return text

    def asked(self, prefix: str) -> str:
        """A term in prefix form as a statement, typecode first. Raises `InputError` if it is none."""
        text: str = _core.statement_of(self.theory, self.ranker(), prefix)
        return text

    def prefix(self, formula: str) -> str:
        """A formula, typecode first, in prefix form. Raises `InputError` if it is none."""
        text: str = _core.prefix_of(self.theory, self.ranker(), formula)
        return text

    def steps(self, proof: str) -> list[Step]:
        """A proof's steps, as a derivation has them."""
        made: list[Step] = self.theory.derivation(proof)
        return made

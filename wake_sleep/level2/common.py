"""Functions shared by the Level-2 handlers: reading operands, calling the search with its ranker, derivations."""

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

BUDGET_LIMIT = 1_000_000  # maximal number of expansions, or of applications, of one instruction
RESULT_LIMIT = 1_000  # maximal number of results of one instruction


def term_operand(request: Request, index: int) -> dict[str, Any]:
    """Returns the operand at `index`. Raises `Fault` unless it is a term, goal or fact without metavariables."""
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
    """Returns the integer literal at `index`. Raises `Fault` unless it lies between 1 and `limit`."""
    value = int(request["operands"][index]["value"])
    if not 1 <= value <= limit:
        raise Fault("bound", f"{what} lie between 1 and {limit}, not {value}")
    return value


def before_operand(request: Request, index: int) -> str | None:
    """Returns the label at `index`, before which all premises must stand; None if there is no such operand."""
    operands = request["operands"]
    return str(operands[index]["value"]) if len(operands) > index else None


def destination(request: Request) -> str:
    """Returns the address of the first operand, to which results are written."""
    return str(request["operands"][0]["address"])


def places(dst: str, count: int) -> list[str]:
    """Returns the `count` addresses after `dst`. Raises `Fault` if there are fewer."""
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
        """Returns the session's context, which is made at the first call."""
        made: Context = session.once("context", lambda: Context(session))
        return made

    def ranker(self) -> Any:
        """Returns the session's ranker. If the session has none, the ranker goes by the number of uses of each premise
        in human proofs, without the proof of the session's own theorem. Raises `Fault` without a database.
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
        """Returns a statement in JSON form: its conclusion is `asked`, its hypotheses are the session's and `given`
        (label and formula each), its `$d` conditions are the session's. `before`: all premises stand before this label.
        """
        own = self.own()
        hyps = own["hyps"] if own else []
        return {
            "hyps": [*hyps, *(given or [])],
            "conclusion": asked,
            "disjoint": own["disjoint"] if own else [],
            "before": before if before is not None or own is None else own["before"],
        }

    def own(self) -> dict[str, Any] | None:
        """Returns the session's task as a statement in JSON form; None if the session has no task."""
        if self._own is None and self.label is not None:
            said = self.theory.statement(self.label)
            hyps = list(zip(said["hyp_labels"], said["hyps"], strict=True))
            kept = {key: said[key] for key in ("conclusion", "disjoint")}
            self._own = {"hyps": hyps, **kept, "before": self.label}
        return self._own

    def has_hypotheses(self) -> bool:
        """Returns whether the session's task has hypotheses."""
        own = self.own()
        return own is not None and bool(own["hyps"])

    def fillings(self, goal: str, arity: int, limit: int, scan: bool) -> list[tuple[str, int]]:
        """Returns assertions with `arity` hypotheses whose conclusion unifies with a goal, as label and cost, lowest
        cost first. The goal is in prefix form and may have metavariables. `scan`: find them without an index.
        """
        ranker, own = self.ranker(), self.own()
        target = None if own is None else json.dumps(own)
        found: list[tuple[str, int]] = self._ask(
            lambda: _core.fillings(self.theory, ranker, target, goal, arity, limit, scan)
        )
        return found

    def retrieve(self, statement: dict[str, Any], kind: str, limit: int, scan: bool) -> list[tuple[str, int, str]]:
        """Returns ranked assertions for a statement: label, cost or score, and conclusion. `scan`: without an index."""
        ranker = self.ranker()
        hits: list[tuple[str, int, str]] = self._ask(
            lambda: _core.retrieve(self.theory, ranker, json.dumps(statement), kind, limit, scan)
        )
        return hits

    def abduce(self, statement: dict[str, Any], limit: int, expansions: int) -> dict[str, Any]:
        """Returns the sets of at most `limit` hypotheses that would close a statement, found within `expansions`."""
        ranker = self.ranker()
        found: dict[str, Any] = self._ask(
            lambda: _core.abduce(self.theory, ranker, json.dumps(statement), limit, search_options(expansions))
        )
        return found

    def deduce(
        self, statement: dict[str, Any], facts: list[str], limit: int, applications: int
    ) -> tuple[list[tuple[str, str, str, list[int]]], int]:
        """Returns at most `limit` facts that follow from `facts` (typecode first) in the task of a statement, and the
        number of applications spent, at most `applications`.
        """
        ranker = self.ranker()
        found: tuple[list[tuple[str, str, str, list[int]]], int] = self._ask(
            lambda: _core.deduce(self.theory, ranker, json.dumps(statement), facts, limit, applications)
        )
        return found

    def _ask(self, work: Callable[[], Any]) -> Any:
        """Returns the core's answer. Raises `Fault` in place of `InputError`, such as for an unknown label."""
        try:
            return work()
        except InputError as problem:
            raise Fault("label", problem.message) from None

    def search(self, statement: dict[str, Any], expansions: int) -> dict[str, Any]:
        """Returns the answer of a search for a proof of a statement within `expansions`."""
        ranker = self.ranker()
        found: dict[str, Any] = self._ask(
            lambda: _core.search(self.theory, ranker, json.dumps(statement), search_options(expansions))
        )
        return found

    def formula(self, prefix: str) -> str:
        """Returns the formula, in the database's notation, of a term in prefix form. Raises `InputError`."""
        text: str = _core.formula_of(self.theory, self.ranker(), prefix)
        return text

    def asked(self, prefix: str) -> str:
        """Returns the statement, typecode first, of a term in prefix form. Raises `InputError`."""
        text: str = _core.statement_of(self.theory, self.ranker(), prefix)
        return text

    def prefix(self, formula: str) -> str:
        """Returns the prefix form of a formula that begins with its typecode. Raises `InputError`."""
        text: str = _core.prefix_of(self.theory, self.ranker(), formula)
        return text

    def steps(self, proof: str) -> list[Step]:
        """Returns the steps of a proof (in JSON form) as the steps of a derivation."""
        made: list[Step] = self.theory.derivation(proof)
        return made

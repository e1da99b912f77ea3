"""VERIFY: tries to decide a goal by three tactics in order: refute, cite, search."""

from __future__ import annotations

from metadream.dsl.handlers import Answer, Checker, Handler, Request, Session, declare
from metadream.wake_sleep.level2 import truth
from metadream.wake_sleep.level2.common import (
    BUDGET_LIMIT,
    Context,
    before_operand,
    destination,
    number_operand,
    places,
    term_operand,
)
from metadream.wake_sleep.level2.plan import closes


@declare("VERIFY")
def verify(session: Session) -> tuple[Handler, Checker | None]:
    """Returns VERIFY's handler.

    *Refute* finds truth values that make the goal false, and needs known connectives (`truth.Language`). *Cite* is a
    search of one expansion, which counts if a single step closes the goal. *Search* has the whole budget.
    """

    def handle(request: Request) -> Answer:
        goal = term_operand(request, 1)
        expansions = number_operand(request, 2, BUDGET_LIMIT, "expansions")
        context = Context.of(session)
        context.ranker()
        dst = destination(request)
        no = [{"address": dst, "tag": "bool", "value": False}]
        language = truth.language_of(session)
        against = None
        if language is not None and not context.has_hypotheses():
            against = language.refuted(goal["value"])
        if against is not None:
            return {"writes": no, "detail": [f"refute: {in_words(against)}"]}
        statement = context.statement(goal["statement"], before_operand(request, 3))
        tactic, found = "cite", context.search(statement, 1)
        if found["proof"] is None or found["steps"] > 1:
            tactic, found = "search", context.search(statement, expansions)
        spent = f"{tactic}: {found['reason']} after {found['expansions']} expansions"
        if found["proof"] is None:
            return {"writes": no, "detail": [spent]}
        [fact] = places(dst, 1)
        return {
            "writes": [{"address": dst, "tag": "bool", "value": True}],
            "facts": [{"address": fact, "goal": goal["value"], "given": [], "steps": context.steps(found["proof"])}],
            "closes": closes(goal, fact),
            "detail": [spent, f"{found['steps']} steps"],
        }

    return handle, None


def in_words(values: dict[str, bool]) -> str:
    """Truth values in one line: ``wph true, wps false``."""
    return ", ".join(f"{atom} {'true' if value else 'false'}" for atom, value in values.items())

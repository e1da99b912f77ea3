"""PLAN: the search policy, with use counts as its ranker, on one goal and within a budget of expansions."""

from __future__ import annotations

from typing import Any

from metadream.dsl.handlers import Answer, Checker, Fault, Handler, Request, Session, declare
from metadream.wake_sleep.level2.common import (
    BUDGET_LIMIT,
    Context,
    before_operand,
    destination,
    number_operand,
    term_operand,
)


@declare("PLAN")
def plan(session: Session) -> tuple[Handler, Checker | None]:
    """Returns PLAN's handler. It gives the machine the found proof as a derivation, which both judges check."""

    def handle(request: Request) -> Answer:
        goal = term_operand(request, 1)
        expansions = number_operand(request, 2, BUDGET_LIMIT, "expansions")
        context = Context.of(session)
        context.ranker()
        found = context.search(context.statement(goal["statement"], before_operand(request, 3)), expansions)
        if found["proof"] is None:
            spent = f"{found['reason']} after {found['expansions']} expansions"
            raise Fault("unproved", f"the search finds a proof within its budget ({spent})", goal.get("address"))
        fact = destination(request)
        return {
            "facts": [{"address": fact, "goal": goal["value"], "given": [], "steps": context.steps(found["proof"])}],
            "closes": closes(goal, fact),
            "detail": [f"{found['expansions']} expansions", f"{found['steps']} steps"],
        }

    return handle, None


def closes(goal: dict[str, Any], fact: str) -> list[tuple[str, str]]:
    """Returns the goal's address with the address of the fact that closes it; empty if it is no open goal's cell."""
    is_open = goal["tag"] == "goal" and goal["kind"] == "place" and goal["step"] is None
    return [(goal["address"], fact)] if is_open else []

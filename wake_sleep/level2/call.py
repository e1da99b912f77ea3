"""CALL: ranks the assertions that fill the label holes of a schema. The machine makes the steps (docs/isa.md)."""

from __future__ import annotations

from metadream.dsl.handlers import Answer, Checker, Fault, Handler, Request, Session, declare
from metadream.wake_sleep.level2.common import Context


@declare("CALL")
def call(session: Session) -> tuple[Handler, Checker | None]:
    """Returns CALL's handler, which ranks assertions for a hole, and a checker that ranks again without the index."""

    def ranked(request: Request, scan: bool) -> list[tuple[str, int]]:
        goal, _, arity, limit = request["operands"]
        if goal["value"] is None:
            raise Fault("bound", "the goal of a hole has at most 65536 nodes", goal["address"])
        return Context.of(session).fillings(goal["value"], arity["value"], limit["value"], scan)

    def handle(request: Request) -> Answer:
        found = ranked(request, scan=False)
        return {"labels": [label for label, _ in found], "detail": [f"{label} {cost}" for label, cost in found]}

    def check(request: Request, answer: Answer) -> None:
        again = [f"{label} {cost}" for label, cost in ranked(request, scan=True)]
        if again != answer["detail"] or answer["labels"] != [line.rsplit(" ", 1)[0] for line in again]:
            raise Fault("obligation", "a scan of all assertions gives the same ranking for a hole")

    return handle, check

"""DEDUCE: forward closure from facts. Each derived fact is judged."""

from __future__ import annotations

from typing import Any

from metadream.dsl.handlers import Answer, Checker, Fault, Handler, Request, Session, Step, declare
from metadream.wake_sleep.level2.common import (
    BUDGET_LIMIT,
    RESULT_LIMIT,
    Context,
    before_operand,
    destination,
    number_operand,
    places,
)


@declare("DEDUCE")
def deduce(session: Session) -> tuple[Handler, Checker | None]:
    """Returns DEDUCE's handler. It gives the machine each derived fact as a derivation from the given facts' cells."""

    def handle(request: Request) -> Answer:
        facts = [c for c in request["operands"][1]["cells"] if c["tag"] == "fact"]
        limit = number_operand(request, 2, RESULT_LIMIT, "results")
        applications = number_operand(request, 3, BUDGET_LIMIT, "applications")
        context = Context.of(session)
        context.ranker()
        derived: list[tuple[str, str, str, list[int]]] = []
        spent = 0
        if facts:
            for cell in facts:
                if cell["value"] is None:
                    raise Fault("bound", "a fact has at most 65536 nodes", cell["address"])
            statement = context.statement(facts[0]["statement"], before_operand(request, 4))
            derived, spent = context.deduce(statement, [c["statement"] for c in facts], limit, applications)
        dst = destination(request)
        chains = _chains([c["address"] for c in facts], derived)
        answers = zip(places(dst, len(derived)), derived, chains, strict=True)
        return {
            "writes": [{"address": dst, "tag": "int", "value": len(derived)}],
            "facts": [{"address": a, "goal": d[0], "given": [], "steps": steps} for a, d, steps in answers],
            "detail": [f"{spent} applications", *(f"{d[2]}: {d[1]}" for d in derived)],
        }

    return handle, None


def _chains(addresses: list[str], derived: list[tuple[str, str, str, list[int]]]) -> list[list[Step]]:
    """Returns for each derived fact all steps of its derivation from the cells of the given facts."""

    def steps(root: int) -> list[Step]:
        out: list[Step] = []
        number: dict[int, int] = {}
        stack = [(root, False)]
        while stack:
            node, ready = stack.pop()
            if node in number:
                continue
            below: list[int] = [] if node < len(addresses) else derived[node - len(addresses)][3]
            if not ready:
                stack.append((node, True))
                stack.extend((child, False) for child in below)
                continue
            by = f"={addresses[node]}" if node < len(addresses) else derived[node - len(addresses)][2]
            out.append((by, [number[child] for child in below], []))
            number[node] = len(out) - 1
        return out

    made: list[Any] = [steps(len(addresses) + i) for i in range(len(derived))]
    return made

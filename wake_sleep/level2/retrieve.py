"""RETRIEVE: ranks premises for a goal, or statements that are similar to it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from metadream.dsl.handlers import Answer, Checker, Fault, Handler, Request, Session, declare
from metadream.wake_sleep.level2.common import (
    RESULT_LIMIT,
    Context,
    before_operand,
    destination,
    number_operand,
    places,
    term_operand,
)

STRIDE = 3  # cells of one hit: label, cost or score, conclusion
LABEL_BYTES = 24  # maximal number of bytes of a label in a cell


@declare("RETRIEVE")
def retrieve(session: Session) -> tuple[Handler, Checker | None]:
    """Returns RETRIEVE's handler, and a checker that ranks again without the index and compares the rankings."""

    def ranked(request: Request, scan: bool) -> list[tuple[str, int, str]]:
        goal = term_operand(request, 1)
        limit = number_operand(request, 2, RESULT_LIMIT, "results")
        context = Context.of(session)
        return context.retrieve(
            context.statement(goal["statement"], before_operand(request, 3)), request["function"], limit, scan
        )

    def handle(request: Request) -> Answer:
        hits = ranked(request, scan=False)
        where = places(destination(request), STRIDE * len(hits))
        writes: list[dict[str, Any]] = [{"address": destination(request), "tag": "int", "value": len(hits)}]
        detail = []
        for i, (label, score, conclusion) in enumerate(hits):
            cut = label.encode()[:LABEL_BYTES].decode("ascii", "ignore")
            contents = (("bytes", cut), ("int", score), ("term", conclusion))
            for place, (tag, value) in zip(where[STRIDE * i :], contents, strict=False):
                writes.append({"address": place, "tag": tag, "value": value})
            detail.append(f"{label} {score} {statement_sha256(session.theory, label)}")
        return {"writes": writes, "detail": detail}

    def check(request: Request, answer: Answer) -> None:
        again = [f"{label} {score}" for label, score, _ in ranked(request, scan=True)]
        given = [line.rsplit(" ", 1)[0] for line in answer["detail"]]
        if again != given:
            first = next((a for a, b in zip(again, given, strict=False) if a != b), "their number")
            raise Fault("obligation", f"a scan of all assertions gives the same ranking, but {first} differs")

    return handle, check


def statement_sha256(theory: Any, label: str) -> str:
    """SHA-256 of an assertion's statement: hypotheses, conclusion and `$d` conditions as JSON."""
    statement = theory.statement(label)
    text = json.dumps([statement[key] for key in ("hyps", "conclusion", "disjoint")])
    return hashlib.sha256(text.encode()).hexdigest()

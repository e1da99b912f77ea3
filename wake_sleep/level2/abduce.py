"""ABDUCE: the smallest set of hypotheses that would close a goal, with its derivation."""

from __future__ import annotations

from typing import Any

from metadream.dsl.handlers import Answer, Checker, Fault, Handler, Request, Session, Step, declare
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

MISSING_LIMIT = 8  # maximal number of hypotheses in one set


@declare("ABDUCE")
def abduce(session: Session) -> tuple[Handler, Checker | None]:
    """Returns ABDUCE's handler. The machine has the derivation judged, with the missing formulas as hypotheses."""

    def handle(request: Request) -> Answer:
        goal = term_operand(request, 1)
        known = known_cells(request, 2)
        limit = number_operand(request, 3, MISSING_LIMIT, "missing hypotheses")
        expansions = number_operand(request, 4, BUDGET_LIMIT, "expansions")
        context = Context.of(session)
        given = [(f"known.{i}", cell["statement"]) for i, cell in enumerate(known)]
        statement = context.statement(goal["statement"], before_operand(request, 5), given)
        found = context.abduce(statement, limit, expansions)
        chosen = choose(session, goal["value"], known, found["sets"])
        spent = f"{found['expansions']} expansions"
        if chosen is None:
            claim = f"some {limit} hypotheses or fewer would close the goal ({found['reason']} after {spent})"
            raise Fault("unproved", claim, goal.get("address"))
        dst = destination(request)
        writes = [{"address": dst, "tag": "int", "value": len(chosen["missing"])}]
        where = places(dst, len(chosen["missing"]))
        writes += [{"address": a, "tag": "goal", "value": t} for a, t in zip(where, chosen["missing"], strict=True)]
        derivation = derivation_from(goal["value"], known, chosen["missing"], chosen["steps"])
        detail = [f"missing {text}" for text in chosen["formulas"]]
        return {"writes": writes, "conditional": [derivation], "detail": [spent, *detail]}

    return handle, None


def known_cells(request: Request, index: int) -> list[dict[str, Any]]:
    """Returns the terms, goals and facts of the range at `index`: at most 64, without metavariables. Raises `Fault`."""
    cells = [c for c in request["operands"][index]["cells"] if c["tag"] in ("term", "goal", "fact")]
    if len(cells) > 64:
        raise Fault("bound", f"at most 64 terms are known, not {len(cells)}")
    for cell in cells:
        if cell["value"] is None or "?" in cell["value"]:
            raise Fault("open", "what is known has no metavariables", cell["address"])
    return cells


def choose(
    session: Session, goal: str, known: list[dict[str, Any]], sets: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """Returns the first set that is good by truth values among the possible sets with fewest members. If none is good,
    returns the first possible set; None if no set is possible.

    A set is possible if it does not contradict the known formulas. A possible set is good if it needs the known
    formulas (alone it does not entail the goal) and is as weak as possible: given the known formulas, no other set that
    needs them is weaker, except for sets that follow from the goal and thus only restate it. If there are too many
    atoms for truth tables, or no known connectives, the first of `sets` is chosen. `sets` come ordered by number of
    members, then symbols, then steps.
    """
    language = truth.language_of(session)
    formulas = [goal, *(cell["value"] for cell in known), *(term for s in sets for term in s["missing"])]
    masks = language.masks(formulas) if language is not None else None
    if masks is None:
        return sets[0] if sets else None
    given = masks.all_of([cell["value"] for cell in known])
    wanted = masks.all_of([goal])
    possible = [(s, m) for s in sets if (m := masks.all_of(s["missing"])) & given or not s["missing"]]
    if not possible:
        return None
    fewest = [(s, m) for s, m in possible if len(s["missing"]) == len(possible[0][0]["missing"])]
    needing = [(s, m) for s, m in fewest if known and m & ~wanted]

    def follows(m: int) -> bool:
        return not wanted & given & ~m

    def too_strong(m: int) -> bool:
        weaker = (w for _, w in needing if not m & given & ~w and w & given & ~m)
        return not follows(m) and any(not follows(w) for w in weaker)

    good = (s for s, m in needing if not too_strong(m))
    return next(good, fewest[0][0])


def derivation_from(goal: str, known: list[dict[str, Any]], missing: list[str], steps: list[Step]) -> dict[str, Any]:
    """The derivation for the machine. In its steps ``known.i`` and ``missing.k`` are replaced by references that
    the machine resolves: ``=ADDRESS`` for the cell of a fact, ``+N`` for further hypothesis N.
    """
    given = [cell["value"] for cell in known if cell["tag"] != "fact"] + missing
    names: dict[str, str] = {f"missing.{k}": f"+{len(given) - len(missing) + k}" for k in range(len(missing))}
    supposed = 0
    for i, cell in enumerate(known):
        if cell["tag"] == "fact":
            names[f"known.{i}"] = f"={cell['address']}"
        else:
            names[f"known.{i}"] = f"+{supposed}"
            supposed += 1
    named = [(names.get(label, label), premises, values) for label, premises, values in steps]
    return {"goal": goal, "given": given, "steps": named}

"""HYPOTHESIZE: proposes statements, drops those that a counter-example refutes, and proves what it can of the rest.

The proposals are, in this order: missing lemmas (single goals whose proof would complete a search for the formula), the
formula with a subterm replaced by a variable, and dreams without hypotheses. All are terms. A statement that the
database already has (an assertion without hypotheses closes it at once) is not proved again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from metadream import _core
from metadream.dsl.handlers import Answer, Checker, Handler, Request, Session, Step, declare
from metadream.wake_sleep.level2 import truth
from metadream.wake_sleep.level2.common import (
    BUDGET_LIMIT,
    RESULT_LIMIT,
    Context,
    before_operand,
    destination,
    number_operand,
    places,
    term_operand,
)
from metadream.wake_sleep.level2.verify import in_words

DREAMS = 40  # number of sampled dreams
DREAM_STEPS = 6  # maximal number of steps of a dream
PROPOSALS = 100  # maximal number of proposals


@dataclass(frozen=True)
class Proposal:
    """A proposed statement as a term in prefix form, and its source: lemma, generalisation or dream."""

    source: str
    term: str


@declare("HYPOTHESIZE")
def hypothesize(session: Session) -> tuple[Handler, Checker | None]:
    """Returns HYPOTHESIZE's handler. It gives the machine each proved statement as a derivation."""

    def handle(request: Request) -> Answer:
        about = term_operand(request, 1)
        limit = number_operand(request, 2, RESULT_LIMIT, "results")
        expansions = number_operand(request, 3, BUDGET_LIMIT, "expansions")
        before = before_operand(request, 4)
        context = Context.of(session)
        context.ranker()
        proved: list[tuple[str, list[Step]]] = []
        detail: list[str] = []
        for proposal in _distinct(_proposals(session, about, expansions, before), about["value"]):
            if len(proved) == limit:
                break
            said, steps = _tried(session, proposal, expansions, before)
            detail.append(f"{proposal.source} {proposal.term}: {said}")
            if steps is not None:
                proved.append((proposal.term, steps))
        dst = destination(request)
        where = places(dst, len(proved))
        facts = [
            {"address": a, "goal": term, "given": [], "steps": steps}
            for a, (term, steps) in zip(where, proved, strict=True)
        ]
        return {"writes": [{"address": dst, "tag": "int", "value": len(proved)}], "facts": facts, "detail": detail}

    return handle, None


def _distinct(proposals: Iterator[Proposal], about: str) -> Iterator[Proposal]:
    """Yields the first `PROPOSALS` proposals that differ from each other and from the formula `about`."""
    seen = {about}
    for proposal in proposals:
        if proposal.term not in seen:
            seen.add(proposal.term)
            yield proposal
        if len(seen) > PROPOSALS:
            return


def _proposals(session: Session, about: dict[str, str], expansions: int, before: str | None) -> Iterator[Proposal]:
    context = Context.of(session)
    found = context.abduce(context.statement(about["statement"], before), 1, expansions)
    for missing in found["sets"]:
        yield from (Proposal("lemma", term) for term in missing["missing"])
    yield from (Proposal("generalisation", term) for term in generalisations(session, about["value"]))
    seed = int.from_bytes(hashlib.sha256(about["value"].encode()).digest()[:7], "big")
    for dream in _core.sample_dreams(context.theory, context.ranker(), DREAMS, seed, DREAM_STEPS):
        statement = json.loads(dream)["statement"]
        if not statement["hyps"] and not statement["disjoint"]:
            yield Proposal("dream", context.prefix(statement["conclusion"]))


def generalisations(session: Session, text: str) -> Iterator[str]:
    """Yields, for each propositional subterm, the term with all its occurrences replaced by a new variable."""
    language = truth.language_of(session)
    if language is None:
        return
    tree = truth.parse(text)
    names = {label for label, children in truth.subterms(tree) if not children}
    fresh = next((v for v in ("wph", "wps", "wch", "wth", "wta", "wet", "wze") if v not in names), None)
    if fresh is None:
        return
    done: list[truth.Tree] = []
    for part in truth.subterms(tree):
        if part[1] and part != tree and part not in done and language.is_formula(part):
            done.append(part)
            yield truth.render(truth.replaced(tree, part, (fresh, [])))


def _tried(session: Session, proposal: Proposal, expansions: int, before: str | None) -> tuple[str, list[Step] | None]:
    """Try to refute or prove a proposal. Returns the outcome in words, and the steps of a new proof; None: no proof."""
    context = Context.of(session)
    language = truth.language_of(session)
    against = language.refuted(proposal.term) if language is not None else None
    if against is not None and not context.has_hypotheses():
        return f"refuted by {in_words(against)}", None
    statement = context.statement(context.asked(proposal.term), before)
    at_once = context.search(statement, 1)
    if at_once["proof"] is not None and at_once["steps"] <= 1:
        return "stated already", None
    found = context.search(statement, expansions)
    if found["proof"] is None:
        return f"not proved ({found['reason']} after {found['expansions']} expansions)", None
    return f"proved in {found['steps']} steps", context.steps(found["proof"])

"""What a run's files say, judged again as if nobody had: every proof by both judges, the figures by counting.

The hashes of `bound.py` show that nothing was changed since; who can change the files can make the hashes anew. What
is believed when a run goes on, is shown or is audited was therefore judged by this process.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from metadream._core import Theory
from metadream.dsl.library import read_library
from metadream.dsl.proofs import Proof
from metadream.metamath_db.core import cores, patiently
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.terminal.console import stage
from metadream.wake_sleep.runs.run import Run, text_sha256
from metadream.wake_sleep.runs.state import State, rows_of

MESSAGE = 160  # characters of what a judge says


@dataclass(frozen=True)
class Claim:
    """That a proof proves a theorem of the database, or (None) a statement of its own."""

    task: str | None
    proof: Proof


@dataclass
class Judge:
    """Both judges over one library; what was accepted once is not asked again."""

    theory: Theory
    accepted: set[Claim] = field(default_factory=set)

    def refused(self, claims: Iterable[Claim]) -> list[tuple[Claim, str]]:
        """The claims that are not accepted, and why."""
        new = [claim for claim in dict.fromkeys(claims) if claim not in self.accepted]
        with stage("judging again what is read back"):
            said = patiently(lambda: self.theory.judge_again([claim.proof.json for claim in new], cores()))
        refused: list[tuple[Claim, str]] = []
        for claim, (task, why) in zip(new, said, strict=True):
            if why is None and task == claim.task:
                self.accepted.add(claim)
            else:
                refused.append((claim, (why or "it proves another statement")[:MESSAGE]))
        return refused


def library_claims(human: Sequence[str], state: State) -> list[Claim]:
    """What a state says about proofs that use its library. `human`: labels of the human proofs."""
    found = [Claim(task, best.rewritten) for task, best in state.frontier.items()]
    entries = zip(human, state.human, strict=True)
    written = [Claim(label, entry) for label, entry in entries if isinstance(entry, Proof)]
    return found + written + [Claim(None, dream) for dream in state.dreams]


def judged_state(run: Run, cycle: int) -> tuple[State, Theory]:
    """The state after a finished cycle and the database with its library, judged again: the library's lemmas, the
    shortest proofs, what was rewritten, dreams. Raises `InputError` that names the file and the first that is refused.
    """
    state = run.state(cycle)
    if not cycle:
        return state, run.theory(state.library)
    theory = judged_library(run, state.library, cycle)
    shortest = [Claim(task, best.proof) for task, best in state.frontier.items()]
    refused = Judge(run.base).refused(shortest) + Judge(theory).refused(library_claims(run.human, state))
    if refused:
        claim, why = refused[0]
        again = f"delete {run.folder.name(run.folder.report(cycle))} to have the cycle done again"
        said = f"the proof of {claim.task or 'a dream'} is refused: {why}; {again}"
        raise InputError(said, run.folder.trace(cycle))
    if not same_labels(run, state):
        raise InputError("a human proof has another label; delete the cycle's report", run.folder.trace(cycle))
    return state, theory


def same_labels(run: Run, state: State) -> bool:
    """Whether a state's human proofs that were not rewritten are those of the run, in their places."""
    return all(isinstance(entry, Proof) or entry == label for label, entry in zip(run.human, state.human, strict=True))


def judged_library(run: Run, text: str, cycle: int) -> Theory:
    """The database with a cycle's library, each lemma judged. Raises `InputError` that names the file."""
    path = run.folder.library(cycle)
    try:
        return patiently(lambda: run.theory(text))
    except InputError as problem:
        again = f"delete {run.folder.name(run.folder.report(cycle))} to have the cycle done again"
        raise InputError(f"{problem.message}; {again}", path) from None


def refuse_false_figures(run: Run) -> None:
    """Raises `InputError` for the first report of a finished cycle whose figures do not follow from its files."""
    before = run.initial()
    for cycle, report in enumerate(run.folder.reports(), 1):
        after = run.state(cycle)
        for what in false_figures(run, report, rows_of(run.folder, cycle), before, after):
            path = run.folder.report(cycle)
            raise InputError(f"{what}; delete this file to have the cycle done again", path)
        before = after


def false_figures(
    run: Run, report: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], before: State, after: State
) -> list[str]:
    """The figures of a cycle's report that do not follow from its proofs (`rows`), its library and the settings."""
    tasks = [row for row in rows if row["kind"] == "task"]
    counted = [row for row in rows if row["kind"] == "unseen"]
    seen = {*before.frontier, *run.human}
    unseen = [row for row in [*tasks, *counted] if row["task"] not in seen]
    try:
        lengths: tuple[int | None, int | None] = run.description_length(after)
    except (ValueError, KeyError, TypeError, RecursionError):  # proofs of an earlier cycle, that no judge saw
        lengths = None, None
    training = run.learns_from_tasks
    found = {
        "tasks": len(tasks),
        "solved": _proved(tasks),
        "solved_without_library": _proved(tasks, "proof_without"),
        "solved_ever": _proved(tasks, "best"),
        "pass_rate": {
            "training": _rate(tasks) if training else None,
            "unseen": _rate(counted if training else tasks),
        },
        "unseen": len(unseen),
        "unseen_solved": _proved(unseen),
        "unseen_solved_without_library": _proved(unseen, "proof_without"),
        "expansions": run.settings.expansions,
        "expansions_used": sum(row["expansions"] for row in [*tasks, *counted]),
        "expansions_used_without_library": sum(row["expansions_without"] for row in [*tasks, *counted]),
        "library_size": len(read_library(after.library)),
        "library_sha256": text_sha256(after.library),
        "description_length": lengths[0],
        "description_length_unfolded": lengths[1],
        "price": run.compression_options()["price"],
        "dreams": len(after.dreams),
    }
    return [
        f"it says {name} = {_brief(report.get(name))}; the proofs, the library and the settings say {_brief(value)}"
        for name, value in found.items()
        if report.get(name) != value
    ]


def _proved(rows: Sequence[Mapping[str, Any]], key: str = "proof") -> int:
    return sum(row[key] is not None for row in rows)


def _rate(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    proved = _proved(rows)
    return {"tasks": len(rows), "proved": proved, "rate": proved / len(rows)} if rows else None


def _brief(value: object) -> str:
    return str(value)[:MESSAGE]

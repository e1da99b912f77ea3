"""What a run's files say, judged again as if nobody had: every proof by both judges, the figures by counting.

The hashes of `bound.py` show that nothing was changed since; who can change the files can make the hashes anew. What
is believed when a run goes on, is shown or is audited was therefore judged by this process.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from metadream.dsl.composites import read_library
from metadream.metamath_db.console import stage
from metadream.metamath_db.core import Theory, cores, patiently
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.run import Run
from metadream.wake_sleep.state import State, rows_of

MESSAGE = 160  # characters of what a judge says


@dataclass(frozen=True)
class Claim:
    """That a proof proves a theorem of the database, or (None) a statement of its own."""

    task: str | None
    proof: str


@dataclass
class Judge:
    """Both judges over one library; what was accepted once is not asked again."""

    theory: Theory
    accepted: set[Claim] = field(default_factory=set)

    def refused(self, claims: Iterable[Claim]) -> list[tuple[Claim, str]]:
        """The claims that are not accepted, and why."""
        new = [claim for claim in dict.fromkeys(claims) if claim not in self.accepted]
        with stage("judging again what is read back"):
            said = patiently(lambda: self.theory.judge_again([claim.proof for claim in new], cores()))
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
    written = [Claim(label, entry) for label, entry in zip(human, state.human, strict=True) if entry.startswith("{")]
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
    plain = [label for label, entry in zip(run.human, state.human, strict=True) if not entry.startswith("{")]
    if plain != [entry for entry in state.human if not entry.startswith("{")]:
        raise InputError("a human proof has another label; delete the cycle's report", run.folder.trace(cycle))
    return state, theory


def judged_library(run: Run, text: str, cycle: int) -> Theory:
    """The database with a cycle's library, each lemma judged. Raises `InputError` that names the file."""
    path = run.folder.library(cycle)
    try:
        return patiently(lambda: run.theory(text))
    except InputError as problem:
        again = f"delete {run.folder.name(run.folder.report(cycle))} to have the cycle done again"
        raise InputError(f"{problem.message}; {again}", path) from None


def audited(run: Run, cycles: int) -> tuple[int, list[tuple[str, str]]]:
    """All finished cycles judged again: proofs that were judged, and what is wrong, as (file, what)."""
    wrong: list[tuple[str, str]] = []
    base, before = Judge(run.base), Judge(run.base.copy())
    judged = 0
    reports, texts = run.folder.reports(), dict[str, str]()
    for cycle in range(1, cycles + 1):
        trace, library = (run.folder.name(path) for path in (run.folder.trace(cycle), run.folder.library(cycle)))
        try:
            state, rows = run.state(cycle), rows_of(run.folder, cycle)
            after = Judge(judged_library(run, state.library, cycle))
            texts[state.library] = after.theory.library_mm()
            if state.library == run.base.library_json():
                after = base
        except InputError as problem:
            return judged, [*wrong, (_inside(run, problem, library), problem.message)]
        tried = [row for row in rows if row["kind"] in ("task", "unseen")]

        def of(key: str, tried: list[dict[str, Any]] = tried) -> list[Claim]:
            return [Claim(row["task"], row[key]) for row in tried if row[key] is not None]

        parts = (
            (base, of("best") + of("proof_without")),
            (before, of("proof")),
            (after, library_claims(run.human, state)),
        )
        for judge, claims in parts:
            known = len(judge.accepted)
            for claim, why in judge.refused(claims):
                wrong.append((trace, f"the proof of {claim.task or 'a dream'} is refused: {why}"))
            judged += len(judge.accepted) - known
        judged += sum(composite.level == 1 for composite in read_library(state.library))
        wrong += [
            (run.folder.name(run.folder.report(cycle)), what) for what in _figures(reports[cycle - 1], rows, state)
        ]
        before = after
    return judged, wrong + _newest(run, texts)


def _newest(run: Run, texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """Whether ``library.json`` is that of a cycle, and ``library.mm`` says the same. `texts`: of each cycle, both."""
    found = {name: run.folder.files.find(name) for name in ("library.json", "library.mm")}
    library = (found["library.json"] or b"").decode("utf-8", "replace")
    if found["library.json"] is not None and library not in texts:
        return [("library.json", "it is not the library of a cycle")]
    mm = found["library.mm"]
    if mm is not None and mm.decode("utf-8", "replace") != texts.get(library, mm.decode("utf-8", "replace")):
        return [("library.mm", "it does not hold the composites of library.json")]
    return []


def _inside(run: Run, problem: InputError, otherwise: str) -> str:
    root = str(run.folder.root)
    file = problem.file or ""
    return file.removeprefix(root).lstrip("/") if file.startswith(root) else otherwise


def _figures(report: dict[str, Any], rows: Sequence[dict[str, Any]], state: State) -> list[str]:
    """The figures of a report that do not follow from the proofs."""
    tasks = [row for row in rows if row["kind"] == "task"]
    tried = [row for row in rows if row["kind"] in ("task", "unseen")]
    counted = {
        "tasks": len(tasks),
        "solved": sum(row["proof"] is not None for row in tasks),
        "solved_without_library": sum(row["proof_without"] is not None for row in tasks),
        "solved_ever": sum(row["best"] is not None for row in tasks),
        "library_size": len(read_library(state.library)),
        "dreams": len(state.dreams),
        "expansions_used": sum(row["expansions"] for row in tried),
        "expansions_used_without_library": sum(row["expansions_without"] for row in tried),
    }
    said = {name: report.get(name) for name in counted}
    return [
        f"it says {name} = {said[name]}; the proofs and the library say {counted[name]}"
        for name in counted
        if said[name] != counted[name]
    ]

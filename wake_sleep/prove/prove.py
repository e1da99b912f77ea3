"""The verb ``prove``: one theorem or statement, or what a file leaves open.

What it goes by: a run's library and model, or the model of the database (`prover`), trained first where it is missing.
`proving` reads, fills and writes files.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from metadream import _core
from metadream._core import SearchOptions, Theory
from metadream.dsl.programs.directives import Directives, entries_of, task_directives, with_needed
from metadream.dsl.proofs import Goal, Proof, Statement, Step, goal_text
from metadream.metamath_db.core import patiently
from metadream.metamath_db.data import STARTER, resolve_database, sha256_of
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.terminal.console import progress, stage
from metadream.metamath_db.terminal.near import near
from metadream.wake_sleep.model.prover import Source, open_source
from metadream.wake_sleep.prove import report
from metadream.wake_sleep.prove.answer import Answer, files_of_file, files_of_one
from metadream.wake_sleep.prove.counterexample import NOT_SEARCHED, against
from metadream.wake_sleep.prove.files import text
from metadream.wake_sleep.prove.files.files import Open, Target, Targets, targets
from metadream.wake_sleep.prove.files.fill import Filled, fill, left_open
from metadream.wake_sleep.prove.files.grounds import grounds, refused, said, unread, warned
from metadream.wake_sleep.prove.from_run import from_run
from metadream.wake_sleep.runs.folder import publish
from metadream.wake_sleep.search import proposer as proposers
from metadream.wake_sleep.search.options import command_options
from metadream.wake_sleep.search.proposer import Proposer

DRAWN = 5_000  # most clusters of a search that can be drawn


@dataclass(frozen=True)
class SearchSetup:
    """What searches go by, and where from."""

    run: Path | None
    model: Path | None
    options: SearchOptions
    proposer: Proposer | None = None
    opened: Open | None = None  # who has loaded it already

    def source(self, database: str | None) -> Source:
        """The database, with the model that searches there go by. Raises `InputError`."""
        if self.opened is not None:
            return self.opened(database)
        if self.run is not None:
            if self.model is not None:
                raise InputError("a run has a model of its own; give --run or --model")
            return from_run(self.run, database)[1]
        return open_source(database or STARTER, self.model)


def prove(
    target: str,
    database: str | None = None,
    run: Path | None = None,
    output: Path | None = None,
    model: Path | None = None,
    drawing: Path | None = None,
    options: SearchOptions | None = None,
    proposer: Proposer | None = None,
    opened: Open | None = None,
) -> Answer:
    """Search a proof from what stands before the target, and have it judged. Raises `InputError`.

    `target`: a label, a statement such as ``|- ( ph -> ph )``, or a file with open proofs (docs/prove.md). `database`
    None: the starter's, or the run's, or the file itself where it is a database. `options`: what searches are told, of
    a theorem or of all open steps of one; default: as the command has them. `proposer`: ranks the moves of each goal,
    too (docs/proposer.md). `opened`: gives what is loaded already, instead of `run` and `model`. Status 1: not all is
    proved.
    """
    setup = SearchSetup(run, model, options or command_options(), proposer, opened)
    if taken_as(target) == "file":
        if drawing is not None:
            raise InputError("--drawing shows one search; name a label or a statement")
        if proposer is not None:
            raise InputError("a proposer ranks moves in context, and open steps of files are searched without these")
        return _prove_file(setup, Path(target), database, output)
    return _prove_one(setup, target, database, output, drawing)


def taken_as(target: str) -> Literal["label", "statement", "file"]:
    """What a target is by the way it is written: a path has a slash or ends in .mm or .mmp, a statement has blanks.

    So a file whose name is a label's does not stand in the label's way. Raises `InputError` where a path names no file.
    """
    named = target.endswith((".mm", ".mmp"))
    path = Path(target)
    try:
        there = (named or "/" in target) and path.exists()
        regular, folder = there and path.is_file(), there and path.is_dir()
    except (OSError, ValueError):  # a long statement is no name of a file
        there = regular = folder = False
    if regular:
        return "file"
    if there:
        what = "is a folder; name a .mm or .mmp file in it" if folder else "is no regular file; name a .mm or .mmp file"
        raise InputError(f"{what}, a label, or a statement", target)
    blanks = len(target.split()) != 1
    if named or ("/" in target and not blanks):
        raise InputError("no such file; name a .mm or .mmp file, a label, or a statement", target)
    return "statement" if blanks else "label"


def beside(label: str) -> str | None:
    """The remark on a file that has the label's name."""
    try:
        there = Path(label).is_file()
    except (OSError, ValueError):
        return None
    return f"a file here has that name; to read it, write ./{label}" if there else None


def _prove_one(
    setup: SearchSetup, target: str, database: str | None, output: Path | None, drawing: Path | None
) -> Answer:
    options = setup.options
    with stage("loading the model"):
        source = setup.source(database)
    target = " ".join(target.split())
    theory, asked = source.theory, _asked(source.theory, target, source.name)
    false = patiently(lambda: against(theory, asked.to_json())) if isinstance(asked, Statement) else None
    drawing = None if false is not None else drawing
    found = NOT_SEARCHED if false is not None else _searched(setup, source, asked, DRAWN if drawing else 0)
    same = None if false is not None else _seen(theory, asked, source.seen)
    proof = Proof.or_none(found["proof"])
    with stage("judging the proof"):
        judge = partial(_judged, source, database, asked, proof)
        judged = judge(whole=output is not None)
        proof = Proof(judged["proof"]) if judged["accepted"] else proof  # the machine's own proof object
        refusal = _against(source, proof.steps) if proof and judged["accepted"] else None
    if refusal is not None:
        found, judged = {**found, "proof": None, "reason": "refused"}, {"accepted": False, "message": refusal}
    accepted = proof if judged["accepted"] else None
    unfolded = None if accepted is None else Proof(theory.unfold(accepted.json))
    data = {
        "target": target,
        "taken_as": taken_as(target),
        "proved": accepted is not None,
        "reason": found["reason"] if accepted or proof is None else "refused",
        "expansions": found["expansions"],
        "steps": found["steps"],
        "minimised": found["minimised"],
        "seconds": found["seconds"],
        "proof": accepted.data if accepted else None,
        "unfolded": unfolded.data if unfolded else None,
        "statement_sha256": judged.get("statement_sha256"),
        "message": judged["message"],
        "seen": same is not None,
        "seen_as": same,
        "model_knows": None if false is not None else source.knows,
        "counterexample": false,
        "frontier": report.frontier(found["frontier"]),
        "moves": options.moves,
        "proposer": proposers.asked(setup.proposer, options, [found]),
        "content": found["content"] if accepted else None,
        **grounds(theory, accepted.steps if accepted else [], lambda label: False, database=source.name),
        "unparsed": unread(theory, source.name),
        "answer": output,
        "drawing": drawing,
    }
    remark = beside(target) if data["taken_as"] == "label" else None
    whole = judge if accepted and output is None else lambda: judged
    files = partial(files_of_one, theory, asked, data, whole, found)
    answer = Answer(data, report.one(data, remark), int(accepted is None), (), accepted, unfolded, files)
    if output is not None:
        answer.write(output)
    if drawing is not None:
        from metadream.wake_sleep.prove.drawing import draw

        publish(drawing, draw(found["graph"], DRAWN))
    return answer


def _searched(setup: SearchSetup, source: Source, asked: Goal, drawn: int) -> dict[str, Any]:
    """What the search gives; `drawn`: most clusters of a graph that is drawn."""
    options = setup.options.replace(frontier=True, graph=drawn)
    goal = goal_text(asked)
    with stage("searching, expansions"):
        return patiently(lambda: _core.search(source.theory, source.ranker, goal, options, proposer=setup.proposer))


def _judged(
    source: Source, database: str | None, asked: Goal, proof: Proof | None, whole: bool = True
) -> dict[str, Any]:
    """What the machine, and so both judges, say of a proof; `whole`: its program carries what it needs to be run as it
    stands.
    """
    if proof is None:
        return {"accepted": False, "message": None}
    about = _carried(source, database, asked, proof) if whole else None
    return source.theory.run(proof.json, directives=about)


def _carried(source: Source, database: str | None, asked: Goal, proof: Proof) -> Directives:
    """What the proof's program carries, so that it runs as it stands: database, task, and the lemmas that it uses."""
    entries = entries_of(source.theory.library_json())
    used = with_needed(proof.labels, entries)
    path = resolve_database(source.name)
    names = (name for name in (database or STARTER, source.name) if not Path(name).exists())
    name = next((name for name in names if resolve_database(name) == path), str(path.absolute()))
    about = task_directives(asked, (name, sha256_of(path)))
    return about + [composite.directive(whole=True) for composite in used]


def _against(source: Source, steps: Sequence[Step]) -> str | None:
    """Why an accepted proof does not count (`grounds.refused`)."""
    theory = source.theory
    return refused(theory, [label for label, _ in steps], lambda _, start: (source.name, theory.place(start)[0]))


def _prove_file(setup: SearchSetup, path: Path, database: str | None, output: Path | None) -> Answer:
    """All that a file leaves open."""
    wanted = targets(path, database, setup.source)
    folder = output or path.with_name(f"{path.name}.proved")
    made: list[dict[str, Any]] = []
    with progress(path.name, len(wanted.labels)) as update:
        for label in wanted.labels:
            target = wanted.target(label)
            false = patiently(partial(against, wanted.theory, target.draft.statement()))
            if false is None:
                filled = fill(target.draft, wanted.ranker, setup.options, target.hints)
            else:
                filled = left_open(target.draft, "false")
            made.append(_theorem(wanted, target, filled, folder) | {"counterexample": false})
            if made[-1]["proved"]:
                wanted.put(label, filled.draft.written()["compressed"])
            update(len(made), f"{sum(theorem['proved'] for theorem in made)} proved")
    proved = sum(theorem["proved"] for theorem in made)
    data = {
        "target": str(path),
        "model_knows": wanted.source.knows,
        "taken_as": "file",
        "proved": proved == len(made) and not wanted.unasked,
        "unasked": wanted.unasked,
        "theorems": made,
        "filled": sum(theorem["filled"] for theorem in made),
        "open": sum(theorem["open"] for theorem in made),
        "expansions": sum(theorem["expansions"] for theorem in made),
        "seconds": sum(theorem["seconds"] for theorem in made),
        "unparsed": wanted.unread(),
        "answer": folder,
    }
    files = partial(files_of_file, data)
    return Answer(data, report.file(data), 0 if data["proved"] and not data["open"] else 1, make_files=files)


def _theorem(wanted: Targets, target: Target, filled: Filled, folder: Path) -> dict[str, Any]:
    """What became of one theorem of a file, which is written into the answer's folder."""
    goals = filled.goals
    open_steps = [goal for goal in goals if not goal.filled]
    steps = filled.draft.steps()
    applied = [
        (step["label"], step["children"]) for step in steps if step["label"] and not step["hyp"] and step["needed"]
    ]
    refusal = wanted.refused([label for label, _ in applied]) if filled.proved else None
    proved = filled.proved and refusal is None
    refused = not open_steps and not (filled.judged["accepted"] and proved)
    why = "premise" if "is itself not proved" in (filled.judged["message"] or "") else "refused"
    data = {
        "label": target.label,
        "proved": proved,
        "filled": sum(len(goal.steps) for goal in goals if goal.filled),
        "open": filled.open,
        "reason": why if refused else open_steps[0].reason if open_steps else "solved",
        "expansions": sum(goal.expansions for goal in goals),
        "seconds": sum(goal.seconds for goal in goals),
        "steps": len(applied),
        "statement": json.loads(filled.draft.statement()),
        "statement_sha256": filled.judged.get("statement_sha256") if proved else None,
        "message": refusal or filled.judged["message"],
        "checked": bool(filled.judged["accepted"]) and refusal is None,
        **grounds(wanted.theory, applied if proved else [], wanted.own, wanted.is_database, wanted.database),
        "seen": wanted.saw(target),
        "anew": target.anew,
        "goals": [goal.data() for goal in goals],
        "mm": folder / f"{target.label}.mm",
        "mmp": folder / f"{target.label}.mmp",
    }
    remarks = [f"NOT PROVED: {refusal}"] if refusal else []
    remarks += wanted.needs(label for label, _ in applied)
    publish(data["mm"], text.block(target.label, filled.shown, target.comment, [*remarks, *warned(data)]))
    publish(data["mmp"], text.sheet(target, filled.shown, [*remarks, report.effort(data), *said(data)]))
    return data


def _asked(theory: Theory, target: str, database: str) -> Goal:
    """The target as a goal: a known label, or a statement. Raises `InputError` for what cannot be
    proved.
    """
    words = " ".join(target.split())
    if not words.isascii():
        raise InputError(f"'{words}': expected a label or a statement in ASCII, such as '|- ( ph -> ph )'")
    if taken_as(target) == "label":
        theorems = theory.theorems()
        if words not in set(theorems):
            if _is_statement(theory, words):
                raise _no_theorem(theory, words, database)
            if theory.meaning(words) in ("constant", "variable"):
                raise InputError(
                    f"'{words}' is no whole statement, but one symbol; expected one like '|- ( ph -> ph )'"
                )
            alike = " or ".join(near(words, theorems))
            meant = f"did you mean {alike}? Else name" if alike else "expected"
            hint = beside(words) or f"{meant} a label, or a statement like '|- x'"
            raise InputError(f"'{words}' is no theorem of the database; {hint}")
        return words
    asked = Statement(words)
    try:
        patiently(lambda: theory.check_target(asked.to_json()))
    except InputError as problem:
        apart = "; write a statement with its symbols apart, as the database does"
        raise InputError(problem.message + (apart if "is not a symbol" in problem.message else "")) from None
    return asked


def _no_theorem(theory: Theory, label: str, database: str) -> InputError:
    """The error for a statement's label that cannot be asked: of an axiom, or of what could not be read."""
    axiom = f"{label} is an axiom; " if theory.meaning(label) == "axiom" else ""
    try:
        patiently(lambda: theory.check_target(label))
    except InputError as problem:
        where = next((offset for name, offset, _ in theory.unparsed() if name == label), theory.start(label))
        return InputError(axiom + problem.message, database, theory.place(where)[0])
    return InputError(f"{axiom}name a theorem or a statement")


def _is_statement(theory: Theory, label: str) -> bool:
    try:
        theory.start(label)
    except InputError:
        return False
    return True


def _seen(theory: Theory, asked: Goal, seen: frozenset[str]) -> str | None:
    """The theorem whose proof the model saw: the target itself, or one that says the same, symbol for symbol."""
    same = theory.same_statement(goal_text(asked))
    return asked if isinstance(asked, str) and asked in seen else next((label for label in same if label in seen), None)

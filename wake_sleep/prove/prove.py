"""The verb ``prove``: one theorem or statement, or what a file leaves open.

What it goes by: a run's library and model, or the model of the database (`prover`), trained first where it is missing.
`proving` reads, fills and writes files.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import Any, Literal

from metadream import _core
from metadream._core import Draft, SearchOptions, Theory
from metadream.dsl.programs.directives import Directives, entries_of, task_directives, with_needed
from metadream.metamath_db.core import patiently
from metadream.metamath_db.data import STARTER, resolve_database, sha256_of
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.terminal.console import Outcome, progress, stage, to_json
from metadream.metamath_db.terminal.near import near
from metadream.wake_sleep.model.prover import Source, open_source
from metadream.wake_sleep.prove import report
from metadream.wake_sleep.prove.content import content_text
from metadream.wake_sleep.prove.counterexample import NOT_SEARCHED, against
from metadream.wake_sleep.prove.files import text
from metadream.wake_sleep.prove.files.files import Target, Targets, targets
from metadream.wake_sleep.prove.files.fill import Filled, fill, left_open
from metadream.wake_sleep.prove.files.grounds import grounds, refused, said, unread, warned
from metadream.wake_sleep.prove.from_run import from_run
from metadream.wake_sleep.runs.folder import publish
from metadream.wake_sleep.search import proposer as proposers
from metadream.wake_sleep.search.options import command_options
from metadream.wake_sleep.search.proposer import Proposer

ANSWER_SCHEMA = 1
DRAWN = 5_000  # most clusters of a search that can be drawn


@dataclass(frozen=True)
class Means:
    """What searches go by, and where from."""

    run: Path | None
    model: Path | None
    options: SearchOptions
    proposer: Proposer | None = None

    def source(self, database: str | None) -> Source:
        """The database, with the model that searches there go by. Raises `InputError`."""
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
) -> Outcome:
    """Search a proof from what stands before the target, and have it judged. Raises `InputError`.

    `target`: a label, a statement such as ``|- ( ph -> ph )``, or a file with open proofs (docs/prove.md). `database`
    None: the starter's, or the run's, or the file itself where it is a database. `options`: what searches are told, of
    a theorem or of all open steps of one; default: as the command has them. `proposer`: ranks the moves of each goal,
    too (docs/proposer.md). Status 1: not all is proved.
    """
    means = Means(run, model, options or command_options(), proposer)
    if taken_as(target) == "file":
        if drawing is not None:
            raise InputError("--drawing shows one search; name a label or a statement")
        if proposer is not None:
            raise InputError("a proposer ranks moves in context, and open steps of files are searched without these")
        return _prove_file(means, Path(target), database, output)
    return _prove_one(means, target, database, output, drawing)


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


def _prove_one(means: Means, target: str, database: str | None, output: Path | None, drawing: Path | None) -> Outcome:
    options = means.options
    with stage("loading the model"):
        source = means.source(database)
    target = " ".join(target.split())
    theory, asked = source.theory, _asked(source.theory, target, source.name)
    statement = asked.startswith("{")
    false = patiently(lambda: against(theory, asked)) if statement else None
    drawing = None if false is not None else drawing
    found = NOT_SEARCHED if false is not None else _searched(means, source, asked, DRAWN if drawing else 0)
    same = None if false is not None else _seen(theory, asked, source.seen)
    proof = found["proof"]
    with stage("judging the proof"):
        about = _carried(source, database, asked, proof) if proof and output is not None else None
        judged: dict[str, Any] = theory.run(proof, directives=about) if proof else {"accepted": False, "message": None}
        proof = judged["proof"] if judged["accepted"] else proof  # the machine's own proof object
        refusal = _against(source, json.loads(proof)["steps"]) if proof and judged["accepted"] else None
    if refusal is not None:
        found, judged = {**found, "proof": None, "reason": "refused"}, {"accepted": False, "message": refusal}
    accepted = bool(judged["accepted"])
    data = {
        "target": target,
        "taken_as": taken_as(target),
        "proved": accepted,
        "reason": found["reason"] if accepted or proof is None else "refused",
        "expansions": found["expansions"],
        "steps": found["steps"],
        "minimised": found["minimised"],
        "seconds": found["seconds"],
        "proof": json.loads(proof) if accepted else None,
        "unfolded": json.loads(theory.unfold(proof)) if accepted else None,
        "statement_sha256": judged.get("statement_sha256"),
        "message": judged["message"],
        "seen": same is not None,
        "seen_as": same,
        "model_knows": None if false is not None else source.knows,
        "counterexample": false,
        "frontier": report.frontier(found["frontier"]),
        "moves": options.moves,
        "proposer": proposers.asked(means.proposer, options, [found]),
        "content": found["content"] if accepted else None,
        **grounds(theory, json.loads(proof)["steps"] if accepted else [], lambda label: False, database=source.name),
        "unparsed": unread(theory, source.name),
        "answer": output,
        "drawing": drawing,
    }
    if output is not None:
        _write_one(theory, asked, target, data, judged, found)
    if drawing is not None:
        from metadream.wake_sleep.prove.drawing import draw

        publish(drawing, draw(found["graph"], DRAWN))
    remark = beside(target) if data["taken_as"] == "label" else None
    return Outcome(data, report.one(data, remark), 0 if accepted else 1)


def _searched(means: Means, source: Source, asked: str, drawn: int) -> dict[str, Any]:
    """What the search gives; `drawn`: most clusters of a graph that is drawn."""
    options = means.options.replace(frontier=True, graph=drawn)
    with stage("searching, expansions"):
        return patiently(lambda: _core.search(source.theory, source.ranker, asked, options, proposer=means.proposer))


def _carried(source: Source, database: str | None, asked: str, proof: str) -> Directives:
    """What the proof's program carries, so that it runs as it stands: database, task, and the lemmas that it uses."""
    entries = entries_of(source.theory.library_json())
    used = with_needed([label for label, _ in json.loads(proof)["steps"]], entries)
    path = resolve_database(source.name)
    names = (name for name in (database or STARTER, source.name) if not Path(name).exists())
    name = next((name for name in names if resolve_database(name) == path), str(path.absolute()))
    about = task_directives(asked, (name, sha256_of(path)))
    return about + [composite.directive(whole=True) for composite in used]


def _against(source: Source, steps: list[tuple[str, Any]]) -> str | None:
    """Why an accepted proof does not count (`grounds.refused`)."""
    theory = source.theory
    return refused(theory, [label for label, _ in steps], lambda _, start: (source.name, theory.place(start)[0]))


def _write_one(
    theory: Theory,
    asked: str,
    target: str,
    data: dict[str, Any],
    judged: dict[str, Any],
    found: dict[str, Any],
) -> None:
    """The answer's folder: of a proof all that is needed to replay it; in any case the theorem as .mm and .mmp."""
    named = not asked.startswith("{")
    label = asked if named else _free_label(theory)
    draft = _draft(theory, label, asked if not named else None, found)
    labels = theory.labels() if named else []
    after = labels[max(0, labels.index(label) - 1)] if named else None
    comment = theory.statement(label)["comment"] if named else None
    written = Target(label, draft, comment, after)
    texts = {
        f"{label}.mm": text.block(label, draft, comment, warned(data)),
        f"{label}.mmp": text.sheet(written, draft, [report.effort(data), *said(data)]),
    }
    if data["proved"]:
        texts |= {
            "proof.json": to_json({key: data[key] for key in ("target", "proof", "unfolded")}) + "\n",
            "program.asm": judged["program"],
            "trace.jsonl": judged["trace"],
            "proof.mm": judged["mm"],
        }
        if data["content"] is not None:
            texts["content.txt"] = content_text(judged["program"], data["content"])
    write_answer(data["answer"], texts, judged.get("statement_sha256"))


def _free_label(theory: Theory) -> str:
    """A label for a statement, which names nothing in the database."""
    return next(
        label for label in chain(["statement"], map("statement{}".format, count(2))) if not theory.meaning(label)
    )


def _draft(theory: Theory, label: str, statement: str | None, found: dict[str, Any]) -> Draft:
    """What a search of one statement found, or where it stands, as a draft."""
    if statement is None:
        said = theory.statement(label)
        statement = json.dumps(
            {
                "hyps": list(zip(said["hyp_labels"], said["hyps"], strict=True)),
                "conclusion": said["conclusion"],
                "disjoint": said["disjoint"],
                "before": label,
            }
        )
    empty = _core.Draft.of_steps(theory, label, statement, [("qed", None, [], None)])
    proof = theory.unfold(found["proof"]) if found["proof"] else found["frontier"]
    try:
        return empty.spliced([0], proof, []) if proof else empty
    except InputError:  # a frontier whose parts do not fit together
        return empty


def _prove_file(means: Means, path: Path, database: str | None, output: Path | None) -> Outcome:
    """All that a file leaves open."""
    wanted = targets(path, database, means.source)
    folder = output or path.with_name(f"{path.name}.proved")
    made: list[dict[str, Any]] = []
    with progress(path.name, len(wanted.labels)) as update:
        for label in wanted.labels:
            target = wanted.target(label)
            false = patiently(partial(against, wanted.theory, target.draft.statement()))
            if false is None:
                filled = fill(target.draft, wanted.ranker, means.options, target.hints)
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
    return Outcome(data, report.file(data), 0 if data["proved"] and not data["open"] else 1)


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


def _asked(theory: Theory, target: str, database: str) -> str:
    """The target as the core takes it: a known label, or a statement in JSON. Raises `InputError` for what cannot be
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
    asked = json.dumps({"hyps": [], "conclusion": words, "disjoint": [], "before": None})
    try:
        patiently(lambda: theory.check_target(asked))
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


def _seen(theory: Theory, asked: str, seen: frozenset[str]) -> str | None:
    """The theorem whose proof the model saw: the target itself, or one that says the same, symbol for symbol."""
    same = theory.same_statement(asked)
    return asked if asked in seen else next((label for label in same if label in seen), None)


def write_answer(folder: Path, texts: dict[str, str], statement_sha256: str | None) -> None:
    """The files of an answer, and a manifest with their hashes."""
    for name, content in texts.items():
        publish(folder / name, content)
    hashes = {name: hashlib.sha256(content.encode()).hexdigest() for name, content in texts.items()}
    manifest = {"schema": ANSWER_SCHEMA, "statement_sha256": statement_sha256, "sha256": hashes}
    publish(folder / "manifest.json", to_json(manifest) + "\n")

"""The verb ``prove``: one theorem or statement, with a run's library and model or with use counts alone."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from metadream.metamath_db.console import Outcome, to_json
from metadream.metamath_db.core import Core, Ranker, Theory, load_core, load_theory, patiently
from metadream.metamath_db.data import STARTER, resolve_database, sha256_of
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.tasks import proved
from metadream.wake_sleep.folder import Folder, publish
from metadream.wake_sleep.run import BUDGET, reopen

ANSWER_SCHEMA = 1


def prove(
    target: str,
    database: str,
    run: Path | None = None,
    expansions: int | None = None,
    output: Path | None = None,
    core: Core | None = None,
) -> Outcome:
    """Search a proof from what stands before the target, and have it judged. Raises `InputError`.

    `target`: a label, or a statement such as ``|- ( ph -> ph )``. With `run`, its database is taken.
    """
    core = core or load_core()
    theory, ranker = _from_run(core, run, database) if run else _plain(core, database, target)
    asked = _asked(theory, target)
    try:
        found = patiently(lambda: core.search(theory, ranker, asked, expansions or BUDGET))
    except InputError as problem:
        raise InputError(f"{problem.message}; write a statement with its symbols apart, as the database does") from None
    proof = found["proof"]
    judged: dict[str, Any] = theory.run(proof) if proof else {"accepted": False, "message": None}
    accepted = bool(judged["accepted"])
    data = {
        "target": target,
        "proved": accepted,
        "reason": found["reason"] if accepted or proof is None else "refused",
        "expansions": found["expansions"],
        "steps": found["steps"],
        "seconds": found["seconds"],
        "proof": json.loads(proof) if accepted else None,
        "unfolded": json.loads(theory.unfold(proof)) if accepted else None,
        "statement_sha256": judged.get("statement_sha256"),
        "message": judged["message"],
        "answer": output if accepted else None,
    }
    if accepted and output is not None:
        write_answer(output, data, judged)
    return Outcome(data, _in_words(data), 0 if accepted else 1)


def _plain(core: Core, database: str, target: str) -> tuple[Theory, Ranker]:
    """A database and a ranker that has counted how often its human proofs use each premise, the target's left out."""
    theory = load_theory(core, resolve_database(database))
    ranker = core.Ranker(0)
    human = [label for label in proved(theory, theory.theorems()) if label != target]
    patiently(lambda: ranker.fit(theory, [], human, 0))
    return theory, ranker


def _from_run(core: Core, run: Path, database: str) -> tuple[Theory, Ranker]:
    """A run's database with its newest library, and its model."""
    folder = Folder(run)
    work = reopen(core, folder)
    if database != STARTER and sha256_of(resolve_database(database)) != work.settings.database_sha256:
        raise InputError(f"the run was made with {work.settings.database}, not {database}; leave --database out", run)
    state = work.state(len(folder.reports()))
    ranker = work.recognition(work.theory(state.library), state, keep=False).ranker
    return work.search_theory(state.library), ranker


def _asked(theory: Theory, target: str) -> str:
    """The target as the core takes it: a known label, or a statement in JSON."""
    text = " ".join(target.split())
    if not text.isascii():
        raise InputError(f"'{text}': expected a label or a statement in ASCII, such as '|- ( ph -> ph )'")
    if " " not in text:
        if text not in set(theory.theorems()):
            raise InputError(f"'{text}' is no theorem of the database; expected a label, or a statement like '|- x'")
        return text
    return json.dumps({"hyps": [], "conclusion": text, "disjoint": [], "before": None})


def write_answer(folder: Path, data: dict[str, Any], judged: dict[str, Any]) -> None:
    """The answer's folder: what was proved, the program, its run on the machine, the slice for any verifier; hashes."""
    files = {
        "proof.json": to_json({key: data[key] for key in ("target", "proof", "unfolded")}) + "\n",
        "program.asm": judged["program"],
        "trace.jsonl": judged["trace"],
        "proof.mm": judged["mm"],
    }
    for name, content in files.items():
        publish(folder / name, content)
    hashes = {name: hashlib.sha256(content.encode()).hexdigest() for name, content in files.items()}
    manifest = {"schema": ANSWER_SCHEMA, "statement_sha256": judged["statement_sha256"], "sha256": hashes}
    publish(folder / "manifest.json", to_json(manifest) + "\n")


def _in_words(data: dict[str, Any]) -> str:
    effort = f"{data['expansions']} expansions, {data['seconds']:.2f} s"
    if not data["proved"]:
        said = f": {data['message']}" if data["message"] else ""
        return f"{data['target']}: not proved ({data['reason']}{said}; {effort})"
    lines = [f"{data['target']}: proved and accepted by both judges ({data['steps']} steps; {effort})"]
    for i, (label, children) in enumerate(data["proof"]["steps"]):
        lines.append(f"  {i + 1:>4}  {label}  {' '.join(str(child + 1) for child in children)}".rstrip())
    if data["answer"]:
        lines.append(f"answer: {data['answer']}")
    return "\n".join(lines)

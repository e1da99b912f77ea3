"""``metadream bench prove``: how many theorems of a database the prover proves within a budget.

The model has seen the proof of none of them (`prover.py`). The premises of a task are the assertions before it in the
database. A proof counts if both judges accept it. The time is at most the budget times the number of tasks, and that of
judging each proof.
"""

from __future__ import annotations

import math
import resource
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from metadream import _core
from metadream._core import SearchOptions, Theory
from metadream.metamath_db.bench import KIB_PER_MB
from metadream.metamath_db.data import find_metamath_exe
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.judges.outside import accepted, ask_metamath_exe
from metadream.metamath_db.tasks import make_split, read_labels
from metadream.metamath_db.terminal import console
from metadream.metamath_db.terminal.console import Outcome, table, to_json
from metadream.metamath_db.terminal.foreign_text import plain
from metadream.wake_sleep.bench.library import class_names, length_class
from metadream.wake_sleep.bench.paired import Z
from metadream.wake_sleep.loop.wake import Attempt, Judged, in_parallel, judge
from metadream.wake_sleep.model.prover import Prover, load_prover
from metadream.wake_sleep.runs.folder import publish
from metadream.wake_sleep.search import proposer as proposers
from metadream.wake_sleep.search.proposer import Proposer

# The parts that can be left out, each with the search options that do so. The network is removed from the ranker.
NETWORK = "network"
WITHOUT: dict[str, dict[str, Any]] = {
    NETWORK: {},
    "replay": {"replay": False},
    "prior": {"prior": False},
    "memory": {"memory": False},
    "closers": {"closers": False},
    "composites": {"library": False},
}
CHECKED = 200  # maximal number of proofs that metamath-exe checks
PREMISES = {
    "before": "what stands before each task, but for what is marked as discouraged",
    "human": "only the premises of each task's own human proof",
    "all": "all that stands before each task, what is marked as discouraged too",
}
KEPT = "(Proof modification is discouraged.)"
QUANTILES = {"min": 0.0, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9, "max": 1.0}


@dataclass(frozen=True)
class Tasks:
    """A choice of theorems: the labels of a file, or a part of a split; at most the first `limit` of them."""

    split: str = "new2"
    part: str = "valid"
    limit: int | None = None
    file: Path | None = None

    def labels(self, theory: Theory) -> list[str]:
        """Returns their labels, in order. Raises `InputError` if there are none, or if one is named twice."""
        listed = make_split(theory, self.split).part(self.part) if self.file is None else read_labels(self.file, theory)
        found = listed[: self.limit]
        if not found:
            raise InputError("there are no tasks; name a part with theorems, or a file of labels", self.file)
        if len(set(found)) < len(found):
            twice = next(label for label, count in Counter(found).items() if count > 1)
            raise InputError(f"'{plain(twice)}' is named twice; expected each task once", self.file)
        return found


@dataclass(frozen=True)
class Done:
    """The results of all searches and the verdicts of the judges, in the order of the tasks."""

    tasks: list[str]
    results: list[dict[str, Any]]  # answers of the core's search
    judged: Judged
    human: dict[str, int]  # number of steps of each task's human proof

    @property
    def attempts(self) -> list[Attempt]:
        """The attempts after judging: a proof that a judge refused is removed."""
        return self.judged.attempts

    def proofs(self) -> list[str]:
        """Returns the accepted proofs in the core's JSON form."""
        return [attempt.proof.json for attempt in self.attempts if attempt.proof is not None]


def prove(
    database: str,
    tasks: Tasks,
    options: SearchOptions,
    threads: int = 1,
    seed: int = 0,
    model: Path | None = None,
    without: Sequence[str] = (),
    output: Path | None = None,
    metamath: bool = True,
    proposer: Proposer | None = None,
) -> Outcome:
    """Search for a proof of each task, `threads` tasks at a time, and have the found proofs judged.

    `options`: the options of each search; with ``premises="human"`` a task without a human proof has no premises.
    `model`: a file of ``train``; default: the database's model in the cache, which is trained first if it is missing.
    `seed`: the seed of that training. `without`: the parts of the search that are left out (keys of `WITHOUT`).
    `output`: a folder for ``tasks.jsonl``, the proofs (``proofs/LABEL.mm``, a file each) and ``shorter.mm``.
    `metamath`: whether metamath-exe checks the proofs too, where it is installed. `proposer`: ranks the moves of each
    goal as well (docs/proposer.md); all threads call it. Raises `InputError`.

    The answer: `proved` of `tasks` (of a search's claims, `judged` went before the judges), `rate`, `interval`
    (95 %, Wilson 1927), `by_length` (of the human proof; tasks without one are in no class), `by_chapter`, `reasons`
    why searches ended, `shorter` (fewer bytes than the database's proof, and no new axiom or definition),
    `expansions_per_s` and `applications_per_s` (of one thread's CPU), `step_latency_us` (CPU of an expansion, median
    over tasks), `trace_length` (instructions of a proof as a program: quantiles), `decisions` (steps that the search
    chose in a found proof: quantiles), `bytes_ratio` (see `ratios`), `minimised` (see there) with `minimise_s`,
    `accepted_share` (of what the search
    put together as a proof, misfits included), `cpu_s` (of all searches), `peak_mb` (10^6 bytes, of the process),
    `metamath_exe` (found proofs in the place of the database's own, `checked` and `errors` among them; null if not
    asked), `proposer` (how often it was asked; null if there is none).
    """
    unknown = [name for name in without if name not in WITHOUT]
    if unknown:
        raise InputError(f"no part '{plain(unknown[0])}'; expected some of {', '.join(WITHOUT)}")
    prover = load_prover(database, model, seed=seed)
    if NETWORK in without:
        prover.ranker.set_network(None)
    asked = tasks.labels(prover.theory)
    refuse_seen(prover, asked)
    for name in without:
        options = options.replace(**WITHOUT[name])
    done = attempt(prover, asked, options, threads, proposer)
    rivals = [r for r in map(prover.theory.rival, done.proofs()) if r is not None]
    shorter = [r for r in rivals if r["before"] is not None and r["bytes"] < r["before"] and not r["new_axioms"]]
    result = {
        "database": database,
        "split": None if tasks.file else tasks.split,
        "part": None if tasks.file else tasks.part,
        "budget": {"expansions": options.expansions, "seconds": options.seconds},
        "threads": threads,
        "seed": seed,
        "model": prover.model_sha256,
        "without": sorted(set(without)),
        "moves": options.moves,
        "premises": options.premises,
        "proposer": proposers.asked(proposer, options, done.results),
        **figures(done, chapters(prover.theory)),
        "shorter": len(shorter),
        "bytes_ratio": ratios(rivals),
        "metamath_exe": ask_exe(prover.theory, rivals[:CHECKED]) if metamath else None,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_MB,
        "output": output,
    }
    if output is not None:
        write(output, prover.theory, done, rivals, shorter)
    return Outcome(result, _shown(result))


def refuse_seen(prover: Prover, tasks: Sequence[str]) -> None:
    """Raise `InputError` if the model was trained on the proof of a task, as the measurement would then be invalid."""
    seen = next((label for label in tasks if label in prover.seen), None)
    if seen is not None:
        raise InputError(
            f"the model saw the proof of '{seen}'; take other tasks, or a model of 'train --exclude-proofs FILE'"
        )


def attempt(
    prover: Prover,
    tasks: list[str],
    options: SearchOptions,
    threads: int,
    proposer: Proposer | None,
) -> Done:
    """Search for a proof of each task, then run the found proofs on the machine, which has both judges check them."""

    def search(task: str) -> dict[str, Any]:
        return _core.search(prover.theory, prover.ranker, task, options, proposer=proposer)

    results: list[dict[str, Any]] = []
    with console.progress("prove", len(tasks)) as update:
        for found in in_parallel(search, tasks, threads):
            results.append(found)
            update(len(results), f"{sum(x['solved'] for x in results)} solved")
    judged = judge(prover.theory, list(map(Attempt.of, results)), threads)
    for task, said in judged.refused:
        console.note(f"{task} refused: {said}")
    theory = prover.theory
    human = dict(zip(theory.theorems(), theory.proof_lengths().tolist(), strict=True))
    return Done(tasks, results, judged, {task: human[task] for task in tasks})


def chapters(theory: Theory) -> dict[str, str]:
    """Returns for each theorem ``PART / CHAPTER`` from the database's headings; an empty text if it is under none."""
    titles = [" / ".join(" ".join(title.split()) for title in found) for found in theory.chapters()]
    return dict(zip(theory.theorems(), titles, strict=True))


def figures(done: Done, chapter: Mapping[str, str]) -> dict[str, Any]:
    """Returns the counted part of the answer (see `prove`). `chapter`: the chapter of each theorem."""
    won = {x.task for x in done.attempts if x.solved}
    claimed = sum(x["solved"] for x in done.results)
    misfits = sum(x["reason"] == "misfit" for x in done.results)
    cpu = sum(x["seconds"] for x in done.results)
    expansions = sum(x["expansions"] for x in done.results)
    latencies = [1e6 * x["seconds"] / x["expansions"] for x in done.results if x["expansions"]]
    names = class_names()
    classes = {task: names[length_class(steps)] for task, steps in done.human.items() if steps}
    lengths = [instructions(x.program) for x in done.attempts if x.program is not None]
    decisions = [x["decisions"] for x in done.results if x["task"] in won]
    return {
        "tasks": len(done.tasks),
        "proved": len(won),
        "judged": claimed,
        "rate": len(won) / len(done.tasks),
        "interval": wilson(len(won), len(done.tasks)),
        "by_length": {name: _counted([t for t, c in classes.items() if c == name], won) for name in names},
        "by_chapter": {
            name: _counted([t for t in done.tasks if chapter[t] == name], won)
            for name in sorted({chapter[t] for t in done.tasks})
        },
        "reasons": dict(sorted(Counter(x.reason for x in done.attempts).items())),
        "expansions_per_s": _ratio(expansions, cpu),
        "applications_per_s": _ratio(sum(x["applications"] for x in done.results), cpu),
        "step_latency_us": float(np.median(latencies)) if latencies else None,
        "trace_length": quantiles(lengths),
        "decisions": quantiles(decisions),
        **minimised([x["minimised"] for x in done.results if x["task"] in won]),
        "accepted_share": _ratio(len(won), claimed + misfits),
        "cpu_s": cpu,
    }


def quantiles(values: Sequence[float]) -> dict[str, float] | None:
    """Returns the `QUANTILES` of the values, by name; None if there are no values."""
    return {name: float(np.quantile(values, q)) for name, q in QUANTILES.items()} if values else None


def minimised(found: Sequence[Mapping[str, Any] | None]) -> dict[str, Any]:
    """Returns the effect of minimising found proofs.

    `minimised`: sums of steps and bytes before and after, and of expansions; null if no proof was minimised.
    `minimise_s`: CPU seconds.
    """
    all_of = [x for x in found if x is not None]
    pairs = {name: np.sum([x[name] for x in all_of], axis=0).tolist() for name in ("steps", "bytes") if all_of}
    used = {"expansions": sum(x["expansions"] for x in all_of)}
    return {"minimised": pairs | used if all_of else None, "minimise_s": sum(x["seconds"] for x in all_of)}


def ratios(rivals: Sequence[Mapping[str, Any]]) -> dict[str, float] | None:
    """Returns the ratio of the bytes of a found proof to the bytes of the human proof: its quartiles `p25`, `p50` and
    `p75`, the number of found proofs that are `shorter`, and the `count` of all.

    The bytes are those of the compressed proof as metamath-exe would write it, with lemmas unfolded: its labels and
    parentheses with a space after each, and its letters. The human proof is measured as it stands in the file and
    written anew, and the smaller number counts. Tasks without a human proof are left out, and so are proofs that need a
    ``$d`` condition that the theorem does not have. Returns None if no proof is left.
    """
    found = [r["bytes"] / r["before"] for r in rivals if r["before"]]
    if not found:
        return None
    named = {name: float(np.quantile(found, QUANTILES[name])) for name in ("p25", "p50", "p75")}
    return named | {"shorter": sum(x < 1 for x in found), "count": len(found)}


def _counted(tasks: list[str], won: set[str]) -> dict[str, int]:
    return {"tasks": len(tasks), "proved": sum(task in won for task in tasks)}


def _ratio(a: float, b: float) -> float | None:
    return a / b if b else None


def instructions(program: str) -> int:
    """Returns the number of instructions of an assembly text: its indented lines."""
    return sum(line.startswith(" ") for line in program.splitlines())


def wilson(won: int, count: int) -> list[float]:
    """Returns the 95 % score interval of a rate, lower and upper bound (Wilson 1927). `won` of `count` succeeded."""
    middle = (won + Z * Z / 2) / (count + Z * Z)
    half = Z / (count + Z * Z) * math.sqrt(won * (count - won) / count + Z * Z / 4)
    return [middle - half if won else 0.0, middle + half if won < count else 1.0]


def ask_exe(theory: Theory, rivals: Sequence[Mapping[str, Any]]) -> dict[str, int] | None:
    """Has metamath-exe check the database with these proofs in it; None if it is not installed.

    Returns the number of proofs `checked`, and the number of `errors` that metamath-exe reports in them.
    """
    exe = find_metamath_exe()
    if exe is None:
        return None
    labels = {r["label"] for r in rivals}
    if not labels:
        return {"checked": 0, "errors": 0}
    source = accepted(theory.with_proofs([(r["label"], r["text"]) for r in rivals]))
    if source is None:
        return {"checked": len(labels), "errors": len(labels)}
    said = ask_metamath_exe(source, exe)
    errors = sum(e["label"] in labels or e["label"] is None for e in said["first_errors"])
    return {"checked": len(labels), "errors": errors}


def write(
    folder: Path,
    theory: Theory,
    done: Done,
    rivals: Sequence[Mapping[str, Any]],
    shorter: Sequence[Mapping[str, Any]],
) -> None:
    """Writes the output folder: a line for each task, the proofs, and those shorter than the database's own."""
    size = {r["label"]: (r["bytes"], r["before"]) for r in rivals}
    rows = []
    for found, left in zip(done.results, done.attempts, strict=True):
        row = {
            "label": left.task,
            "proved": left.solved,
            "expansions": left.expansions,
            "seconds": found["seconds"],
            "steps": left.steps,
            "human_steps": done.human[left.task] or None,
            "reason": left.reason,
            "decisions": found["decisions"] if left.solved else None,
            "bytes": size.get(left.task, (None, None))[0],
            "human_bytes": size.get(left.task, (None, None))[1],
        }
        rows.append(to_json(row) + "\n")
    publish(folder / "tasks.jsonl", "".join(rows))
    for task, text in zip((x.task for x in done.attempts if x.solved), done.judged.slices, strict=True):
        publish(folder / "proofs" / f"{task}.mm", text)
    publish(folder / "shorter.mm", "\n".join(_better(theory, rival) for rival in shorter))


def _better(theory: Theory, rival: Mapping[str, Any]) -> str:
    said = f"{rival['bytes']} bytes instead of {rival['before']}; no new axioms."
    if KEPT in (theory.statement(rival["label"])["comment"] or ""):
        said += "  The database keeps its own proof."
    return f"$( {said} $)\n{rival['statement']}\n"


def _shown(result: Mapping[str, Any]) -> Any:
    from rich.console import Group
    from rich.text import Text

    low, high = (100 * x for x in result["interval"])
    rows = [
        (name, found["tasks"], found["proved"], round(100 * found["proved"] / found["tasks"], 1))
        for name, found in result["by_length"].items()
        if found["tasks"]
    ]
    spent = result["budget"]
    budget = f"{spent['seconds']} s" if spent["expansions"] is None else f"{spent['expansions']} expansions"
    title = (
        f"{plain(result['database'])}: {result['proved']} of {result['tasks']} proved within {budget}, "
        f"{100 * result['rate']:.1f} % (95 %: {low:.1f} to {high:.1f})"
    )
    exe = result["metamath_exe"]
    asked = f"; metamath-exe: {exe['checked']} checked, {exe['errors']} errors" if exe else ""
    beside = result["bytes_ratio"]
    lines = [
        f"premises: {PREMISES[result['premises']]}",
        f"{result['judged']} proofs before both judges, {result['proved']} accepted{asked}",
        f"{result['shorter']} shorter than the database's, without new axioms"
        + (f"; bytes of found proofs over human ones: median {beside['p50']:.2f}, " if beside else "")
        + (f"quartiles {beside['p25']:.2f} and {beside['p75']:.2f}" if beside else ""),
        "searches ended: " + ", ".join(f"{name} {count}" for name, count in result["reasons"].items()),
        f"{result['cpu_s']:.0f} s of CPU, {result['expansions_per_s'] or 0:,.0f} expansions and "
        f"{result['applications_per_s'] or 0:,.0f} applications a second, {result['peak_mb']:.0f} MB",
    ]
    classes = table("", ("steps of the human proof", "tasks", "proved", "%"), rows)
    return Group(Text(title), classes, *map(Text, lines))

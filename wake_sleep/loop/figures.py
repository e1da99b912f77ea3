"""The figures of a cycle, as ``reports/cycle_NNN.json`` and the answer of ``learn`` have them."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from metadream.dsl.library import read_library
from metadream.wake_sleep.bench.paired import Paired
from metadream.wake_sleep.loop.wake import Attempt, Judged, solved
from metadream.wake_sleep.model.train import Trained
from metadream.wake_sleep.runs.folder import REPORT_SCHEMA
from metadream.wake_sleep.runs.run import Run, text_sha256
from metadream.wake_sleep.runs.state import State

SHOWN_REFUSALS = 10
SHOWN_REUSED = 20


def reuse(found: Judged, bare: Judged, seen: Collection[str], composites: Collection[str]) -> dict[str, Any]:
    """Returns the effect of the library on unseen tasks, whose proofs were not in the corpus that it was learnt from.

    `unseen`, `unseen_solved`, `unseen_solved_without_library`: tasks; `unseen_points` and `unseen_interval`: per cent
    of them that the library proves more, with its 95 % interval (null where there are none), `unseen_gained` and
    `unseen_lost`: these tasks; `reused`: (composite, proofs of unseen tasks that use it), most used first, at most 20;
    `reused_composites`: how many any such proof uses; `reused_skeletons` and `proofs_by_skeletons`: training proofs
    that such proofs owe steps to, and how many do.
    """
    uses: Counter[str] = Counter()
    skeletons: Counter[str] = Counter()
    names = frozenset(composites)
    mine = [attempt for attempt in found.attempts if attempt.task not in seen]
    tasks, won = [attempt.task for attempt in mine], [attempt for attempt in mine if attempt.solved]
    for attempt in won:
        uses.update(names.intersection(attempt.proof.labels if attempt.proof is not None else ()))
        skeletons.update(name for name, _ in attempt.skeletons)
    ranked = sorted(uses.items(), key=lambda use: (-use[1], use[0]))
    beside = Paired.of(tasks, {a.task for a in bare.attempts if a.solved}, {a.task for a in won})
    return {
        "unseen": len(mine),
        "unseen_solved": len(won),
        "unseen_solved_without_library": sum(a.solved and a.task not in seen for a in bare.attempts),
        "unseen_points": beside.points if mine else None,
        "unseen_interval": beside.interval if mine else None,
        "unseen_gained": sorted(beside.gained),
        "unseen_lost": sorted(beside.lost),
        "reused": [list(use) for use in ranked[:SHOWN_REUSED]],
        "reused_composites": len(uses),
        "reused_skeletons": len(skeletons),
        "proofs_by_skeletons": sum(bool(attempt.skeletons) for attempt in won),
    }


def pass_rate(run: Run, found: Judged) -> dict[str, dict[str, Any] | None]:
    """Returns the numbers of `tasks` and of `proved` ones, and their ratio `rate`: for tasks that the run learns from
    (`training`), and for those that are only counted (`unseen`). Either is null if the run has no such tasks.
    """

    def of(attempts: Sequence[Attempt]) -> dict[str, Any] | None:
        count = solved(attempts)
        return {"tasks": len(attempts), "proved": count, "rate": count / len(attempts)} if attempts else None

    tried, counted = found.attempts[: len(run.tasks)], found.attempts[len(run.tasks) :]
    return (
        {"training": of(tried), "unseen": of(counted)}
        if run.learns_from_tasks
        else {"training": None, "unseen": of(tried)}
    )


def learnt_proofs(run: Run, state: State) -> dict[str, int]:
    """Returns the numbers of proofs that the next model learns from: `human` proofs, and found ones by `Run.ways`."""
    ways = Counter(run.ways(state).values()) if run.learns_from_tasks else Counter[str]()
    return {"human": len(run.learnt(state)[1]), **{way: ways[way] for way in ("shorter", "other", "alone", "same")}}


def figures(
    run: Run, before: State, after: State, found: Judged, bare: Judged, trained: Trained, seconds: dict[str, float]
) -> dict[str, Any]:
    """Returns the report of one cycle. `description_length`, in steps, is that of the corpus written with the library
    plus that of the library's own proofs. The proofs were found with the library of `before`.
    """
    old = {composite.name for composite in read_library(before.library)}
    length, unfolded = run.description_length(after)
    network = trained.figures.get("network") or {}
    return {
        "schema": REPORT_SCHEMA,
        "cycle": after.cycle,
        "tasks": len(run.tasks),
        "solved": solved(found.attempts[: len(run.tasks)]),
        "solved_without_library": solved(bare.attempts[: len(run.tasks)]),
        "solved_ever": len(after.frontier),
        "moves": run.settings.moves,
        "solved_in_context": sum(attempt.in_context for attempt in found.attempts[: len(run.tasks)]),
        "moves_model": trained.figures.get("moves"),
        "pass_rate": pass_rate(run, found),
        "learnt_proofs": learnt_proofs(run, after),
        "refused": len(found.refused) + len(bare.refused),
        "refusals": [f"{task}: {said}" for task, said in [*found.refused, *bare.refused][:SHOWN_REFUSALS]],
        **reuse(found, bare, {*before.frontier, *run.human}, old),
        "expansions": run.settings.expansions,
        "expansions_used": sum(attempt.expansions for attempt in found.attempts),
        "expansions_used_without_library": sum(attempt.expansions for attempt in bare.attempts),
        "library_size": len(read_library(after.library)),
        "description_length": length,
        "description_length_unfolded": unfolded,
        "description_unit": "steps",
        "price": run.compression_options()["price"],
        "dreams": len(after.dreams),
        "examples": network.get("examples"),
        "nll_first_stage": network.get("nll_first"),
        "nll_before_calibration": network.get("nll_before"),
        "nll": network.get("nll"),
        "seconds": seconds,
        "workers": run.workers,
        "library_sha256": text_sha256(after.library),
        "ranker_sha256": trained.ranker.sha256(),
        "python": platform.python_version(),
    }

"""Wake: search for a proof of each task, then run each proof on the machine, whose ASSERT has both judges check it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from joblib import Parallel, delayed

from metadream import _core
from metadream._core import Ranker, SearchOptions, Theory
from metadream.dsl.programs.directives import entries_of, task_directives, with_needed
from metadream.dsl.proofs import Proof

Progress = Callable[[int, str], None]
Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Attempt:
    """The outcome of the search for one task. It contains no times, so equal settings give equal attempts."""

    task: str
    proof: Proof | None  # None: not proved
    steps: int | None  # steps of the proof that apply a premise
    expansions: int
    applications: int
    reason: str  # why the search ended
    program: str | None = None  # the proof as opcodes, once it was run
    skeletons: tuple[tuple[str, int], ...] = ()  # training theorems whose proofs it owes steps to, and how many
    in_context: bool = False  # whether a search in context found the proof

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Attempt:
        """Returns the attempt from the answer of the core's search."""
        kept: dict[str, Any] = {key: found[key] for key in ("task", "steps", "expansions", "applications", "reason")}
        kept["proof"] = Proof.or_none(found["proof"])
        kept["skeletons"] = tuple((str(name), int(n)) for name, n in found["skeletons"])
        return cls(**kept, in_context=bool(found["in_context"]))

    @property
    def solved(self) -> bool:
        """Whether the attempt has a proof."""
        return self.proof is not None


def in_parallel(work: Callable[[Item], Result], items: Sequence[Item], workers: int) -> Iterator[Result]:
    """Yields the results of `work` in the order of `items`, for every number of `workers`.

    The workers are threads, since the core releases the GIL.
    """
    pool = Parallel(n_jobs=max(1, min(workers, len(items))), prefer="threads", return_as="generator", batch_size=1)
    yield from pool(delayed(work)(item) for item in items)


def wake(
    theory: Theory,
    ranker: Ranker,
    tasks: Sequence[str],
    options: SearchOptions,
    workers: int,
    progress: Progress = lambda done, remark: None,
) -> list[Attempt]:
    """Search for a proof of each task with the same `options`. Returns the attempts in the order of the tasks."""

    def attempt(task: str) -> Attempt:
        return Attempt.of(_core.search(theory, ranker, task, options))

    attempts: list[Attempt] = []
    solved = 0
    for made in in_parallel(attempt, tasks, workers):
        attempts.append(made)
        solved += made.solved
        progress(len(attempts), f"{solved} solved")
    return attempts


@dataclass(frozen=True)
class Judged:
    """The attempts after judging, and the refused proofs: for each the task and the judges' message."""

    attempts: list[Attempt]
    refused: list[tuple[str, str]]
    sessions: list[bytes] = field(default_factory=list)  # of the log, in task order: the proofs that count
    slices: list[str] = field(default_factory=list)  # the same proofs for any verifier: self-contained Metamath


def judge(
    theory: Theory, attempts: Sequence[Attempt], workers: int, database: str | None = None, name: str | None = None
) -> Judged:
    """Run the proofs on the machine. An attempt stays solved only if both judges accept its proof and it proves the
    statement of its own task.

    `database`: SHA-256 of the database's file, for the log. If its `name` is also given, each program has directives
    that name its task and its composites (docs/isa.md, "Directives").
    """
    text = theory.library_json()
    library = hashlib.sha256(text.encode()).hexdigest()
    entries = entries_of(text) if name is not None else {}

    def run_one(proof: Proof) -> dict[str, Any]:
        task = proof.task
        if name is None or database is None or task is None:
            return theory.run(proof.json, database, library)
        used = with_needed(proof.labels, entries)
        about = task_directives(task, (name, database))
        return theory.run(proof.json, database, library, about + [one.directive(whole=False) for one in used])

    proofs = [attempt.proof for attempt in attempts if attempt.proof is not None]
    runs = in_parallel(run_one, proofs, workers)
    done = dict(zip(_solved(attempts), runs, strict=True))
    kept: list[Attempt] = []
    refused: list[tuple[str, str]] = []
    sessions: list[bytes] = []
    slices: list[str] = []
    for attempt in attempts:
        run: dict[str, Any] | None = done.get(attempt.task)
        if run is None or attempt.proof is None:
            kept.append(attempt)
        elif run["accepted"] and attempt.proof.task == attempt.task:
            kept.append(replace(attempt, program=run["program"]))
            sessions.append(run["log"])
            slices.append(run["mm"])
        else:
            refused.append((attempt.task, str(run["message"] or "it proves another statement")))
            kept.append(replace(attempt, proof=None, steps=None, reason="refused", skeletons=(), in_context=False))
    return Judged(kept, refused, sessions, slices)


def _solved(attempts: Iterable[Attempt]) -> list[str]:
    return [attempt.task for attempt in attempts if attempt.solved]


def solved(attempts: Iterable[Attempt]) -> int:
    """Returns the number of solved tasks."""
    return len(_solved(attempts))

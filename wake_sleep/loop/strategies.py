"""Level-2 composites of a run: learnt by the nats that they gain, kept by what they are worth in wake.

A schema is mined where it gains nats on held-out proofs (`core/src/compression/schema.rs`). That is a promise; the next
wake measures it. A schema's *cost* is the expansions that its runs took, over all tasks. Its *saving* is counted on the
tasks whose found proof owes a step to it: the expansions that the search without composites used on that task (its
budget where it found no proof), less those that the search with them used; shared among the composites that the proof
owes steps to. A schema that was run and cost more than it saved is dropped, and is not taken again in this run; one
that saved more is kept, even if it is not mined again; one that was never run has cost nothing, and is tried again if
it is mined again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from metadream._core import Theory
from metadream.dsl.library import Composite, read_library
from metadream.metamath_db.core import patiently
from metadream.wake_sleep.loop.wake import Attempt
from metadream.wake_sleep.model.corpus import Corpus, parts
from metadream.wake_sleep.model.train import SCHEMAS, Trained
from metadream.wake_sleep.runs.run import Run


@dataclass
class Use:
    """What a schema did in one wake."""

    proofs: int = 0  # that owe steps to it
    steps: int = 0  # that they owe
    spent: int = 0  # expansions of its runs
    saved: float = 0.0  # expansions, its share

    @property
    def verdict(self) -> str:
        """`kept`, `dropped`, or `untried`."""
        if not self.spent and not self.proofs:
            return "untried"
        return "kept" if self.saved > self.spent else "dropped"


def measured(found: Sequence[Attempt], bare: Sequence[Attempt], names: Sequence[str]) -> dict[str, Use]:
    """Use of the schemas `names`, from the wake with composites and the one without, over the same tasks."""
    uses = {name: Use() for name in names}
    for mine, other in zip(found, bare, strict=True):
        for name, spent in mine.spent:
            uses[name].spent += spent
        saved = max(0, other.expansions - mine.expansions) / max(1, len(mine.schemas) + len(mine.skeletons))
        for name, steps in mine.schemas:
            use = uses[name]
            use.proofs, use.steps, use.saved = use.proofs + 1, use.steps + steps, use.saved + saved
    return uses


def schemas_of(library: str) -> list[Composite]:
    """The Level-2 composites of a ``library.json``."""
    return [composite for composite in read_library(library) if composite.level == 2]


def learn(
    run: Run, theory: Theory, corpus: Corpus, trained: Trained, cycle: int, wakes: tuple[list[Attempt], list[Attempt]]
) -> dict[str, Any] | None:
    """New schemas into the theory's library, beside those of its old ones that `wakes` (with and without composites)
    shows to be worth their expansions; their figures (docs/schemas.md).

    None where the corpus is too small to leave any proofs out.
    """
    seen, held_out = parts(corpus, run.seed("train", cycle))
    if not run.settings.uses("library") or not held_out:
        return None
    old, before = schemas_of(theory.library_json()), theory.copy()
    uses = measured(*wakes, [schema.name for schema in old])
    out = {schema.statement for schema in old if uses[schema.name].verdict == "dropped"}
    gone = out | {tree for data in run.folder.reports() for tree in (data.get("schemas") or {}).get("dropped", [])}
    figures = patiently(lambda: theory.learn_schemas(trained.ranker, seen, held_out, SCHEMAS))
    again = [schema.name for schema in schemas_of(theory.library_json()) if schema.statement in gone]
    theory.join_schemas(before, [name for name, use in uses.items() if use.verdict == "kept"], again)
    return {**figures, "in_wake": in_wake(old, uses), "dropped": sorted(out)}


def in_wake(schemas: Sequence[Composite], uses: dict[str, Use]) -> dict[str, Any]:
    """What all schemas did in a wake: how many were `kept`, `dropped`, `untried`; expansions `spent` and `saved`; and
    `used`: of each that a proof owes steps to, its `schema` as a tree, `proofs`, `steps`, `spent`, `saved`.
    """
    count: defaultdict[str, int] = defaultdict(int)
    for use in uses.values():
        count[use.verdict] += 1
    used = [
        {
            "schema": schema.statement,
            "proofs": use.proofs,
            "steps": use.steps,
            "spent": use.spent,
            "saved": round(use.saved, 1),
        }
        for schema in sorted(schemas, key=lambda schema: (-uses[schema.name].saved, schema.statement))
        if (use := uses[schema.name]).proofs
    ]
    return {
        **{verdict: count[verdict] for verdict in ("kept", "dropped", "untried")},
        "spent": sum(use.spent for use in uses.values()),
        "saved": round(sum(use.saved for use in uses.values()), 1),
        "used": used,
    }

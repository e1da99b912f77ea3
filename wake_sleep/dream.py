"""Sleep 2, dreaming: programs sampled from the library, replayed, and kept if the judges accept what they prove.

A dream is a random composition of premises, with its own most general statement as task: a training example for the
recognition model that no human wrote (DreamCoder's fantasies; Ellis et al. 2021, "dream sleep").
"""

from __future__ import annotations

from dataclasses import dataclass

from metadream.metamath_db.core import Core, Ranker, Theory
from metadream.wake_sleep.wake import in_parallel


@dataclass(frozen=True)
class Dreams:
    """Dreams as proofs in JSON, distinct, in the order of sampling; how many were sampled and how many were refused."""

    proofs: list[str]
    sampled: int
    refused: int


def dream(core: Core, theory: Theory, ranker: Ranker, count: int, max_steps: int, seed: int, workers: int) -> Dreams:
    """Sample `count` programs of at most `max_steps` steps and replay them; what a judge refuses is dropped."""
    sampled = core.sample_dreams(theory, ranker, count, seed, max_steps)
    distinct = list(dict.fromkeys(sampled))
    verdicts = list(in_parallel(theory.judge, distinct, workers))
    kept = [proof for proof, verdict in zip(distinct, verdicts, strict=True) if _accepted(verdict)]
    return Dreams(kept, len(sampled), len(distinct) - len(kept))


def _accepted(verdict: dict[str, object]) -> bool:
    return bool(verdict["kernel"]) and bool(verdict["metamath_rs"])

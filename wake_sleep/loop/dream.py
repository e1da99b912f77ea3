"""Sleep 2, dreaming: programs are sampled from the library, replayed, and kept if the judges accept their proofs.

A dream is a random composition of premises, with its own most general statement as task: a training example for the
recognition model that no human wrote (DreamCoder's fantasies; Ellis et al. 2021, "dream sleep").
"""

from __future__ import annotations

from dataclasses import dataclass

from metadream import _core
from metadream._core import Ranker, Theory
from metadream.dsl.proofs import Proof
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.loop.wake import in_parallel


@dataclass(frozen=True)
class Dreams:
    """Distinct dreams as proofs, in the order of sampling, and the numbers of sampled and of refused dreams."""

    proofs: list[Proof]
    sampled: int
    refused: int


def dream(theory: Theory, ranker: Ranker, count: int, max_steps: int, seed: int, workers: int) -> Dreams:
    """Sample `count` programs of at most `max_steps` steps, and drop those whose proof a judge refuses."""
    sampled = _core.sample_dreams(theory, ranker, count, seed, max_steps)
    distinct = [Proof(text) for text in dict.fromkeys(sampled)]
    accepted = list(in_parallel(lambda proof: _accepted(theory, proof), distinct, workers))
    kept = [proof for proof, good in zip(distinct, accepted, strict=True) if good]
    return Dreams(kept, len(sampled), len(distinct) - len(kept))


def _accepted(theory: Theory, proof: Proof) -> bool:
    try:
        verdict = theory.judge(proof.json)
    except InputError:  # where the grammar is ambiguous, a statement may be read as another than it was made
        return False
    return bool(verdict["kernel"]) and bool(verdict["metamath_rs"])

"""What is learnt from: proofs of three kinds, and which of them train the first stage. Nothing heavy is imported."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from metadream.wake_sleep.seeds import derive

LARGE = 5_000  # proofs from which a corpus is split once instead of cross-fitted: there a fit takes minutes
FIRST_SHARE = 0.85  # of a large corpus trains the first stage


@dataclass(frozen=True)
class Corpus:
    """Proofs to learn from: found ones (JSON), human ones (labels, or JSON once rewritten) and dreams (JSON)."""

    found: list[str]
    human: list[str]
    dreams: list[str]

    @property
    def items(self) -> list[str]:
        """All of them, dreams last."""
        return [*self.found, *self.human, *self.dreams]

    @property
    def real(self) -> int:
        """How many are no dreams."""
        return len(self.found) + len(self.human)

    def sha256(self) -> str:
        """A hash of the whole corpus."""
        total = hashlib.sha256(f"{len(self.found)} {len(self.human)}\n".encode())
        for item in self.items:
            total.update(item.encode() + b"\n")
        return total.hexdigest()


def first_numbers(corpus: Corpus, seed: int) -> npt.NDArray[np.int64]:
    """Which items train the final first stage: all of a small corpus, most of a large one."""
    count = len(corpus.items)
    if count < LARGE:
        return np.arange(count)
    order = np.random.default_rng(derive(seed, "split")).permutation(count)
    return np.sort(order[: round(FIRST_SHARE * count)])


def parts(corpus: Corpus, seed: int) -> tuple[list[str], list[str]]:
    """Proofs that train the first stage, and those that it does not see (none of a small corpus). No dreams."""
    numbers = set(first_numbers(corpus, seed).tolist())
    real = list(enumerate(corpus.items[: corpus.real]))
    return [item for i, item in real if i in numbers], [item for i, item in real if i not in numbers]

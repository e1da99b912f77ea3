"""The training corpus: three kinds of proofs, and those that train the first stage. No slow package is imported."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from metadream.dsl.proofs import Entry, Proof, entry_text
from metadream.wake_sleep.seeds import derive

LARGE = 5_000  # proofs from which a corpus is split once instead of cross-fitted: there a fit takes minutes
FIRST_SHARE = 0.85  # of a large corpus trains the first stage


@dataclass(frozen=True)
class Corpus:
    """Proofs to learn from: found ones, human ones (labels, or proofs once rewritten) and dreams."""

    found: Sequence[Proof]
    human: Sequence[Entry]
    dreams: Sequence[Proof]

    @property
    def items(self) -> list[Entry]:
        """All of them, dreams last."""
        return [*self.found, *self.human, *self.dreams]

    @property
    def real(self) -> int:
        """The number of proofs that are no dreams."""
        return len(self.found) + len(self.human)

    def groups(self) -> npt.NDArray[np.int64]:
        """Returns the group number of each item. Proofs of the same theorem form a group, which no split divides.

        Groups are numbered by their first item. If no theorem is proved twice, items and groups have the same numbers.
        """
        numbers: dict[object, int] = {}
        names = [item.task if isinstance(item, Proof) else item for item in self.items]
        keys = [name if name is not None else i for i, name in enumerate(names)]
        return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)

    def sha256(self) -> str:
        """A hash of the whole corpus."""
        total = hashlib.sha256(f"{len(self.found)} {len(self.human)}\n".encode())
        for item in self.items:
            total.update(entry_text(item).encode() + b"\n")
        return total.hexdigest()


def first_numbers(corpus: Corpus, seed: int) -> npt.NDArray[np.int64]:
    """Returns the numbers of the items that train the final first stage: all of a small corpus, most of a large one."""
    if len(corpus.items) < LARGE:
        return np.arange(len(corpus.items))
    groups = corpus.groups()
    count = int(groups.max()) + 1
    order = np.random.default_rng(derive(seed, "split")).permutation(count)
    return np.flatnonzero(np.isin(groups, order[: round(FIRST_SHARE * count)]))


def parts(corpus: Corpus, seed: int) -> tuple[list[Entry], list[Entry]]:
    """Returns the proofs that train the first stage, and the others (none of a small corpus). Dreams are left out."""
    numbers = set(first_numbers(corpus, seed).tolist())
    real = list(enumerate(corpus.items[: corpus.real]))
    return [item for i, item in real if i in numbers], [item for i, item in real if i not in numbers]

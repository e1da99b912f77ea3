"""Two searches over the same tasks: what one proves more than the other, and how sure that is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import comb, sqrt

Z = 1.959964  # of the normal distribution: 95 % lie within


@dataclass(frozen=True)
class Paired:
    """What `mine` proves beside `base`, tasks in their order. Points are per cent of the tasks."""

    tasks: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]

    @classmethod
    def of(cls, tasks: Sequence[str], base: Collection[str], mine: Collection[str]) -> Paired:
        """From what either proves of the tasks."""
        gained = tuple(task for task in tasks if task in mine and task not in base)
        return cls(len(tasks), gained, tuple(task for task in tasks if task in base and task not in mine))

    @property
    def points(self) -> float:
        """The difference."""
        return 100 * (len(self.gained) - len(self.lost)) / max(1, self.tasks)

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the difference of paired proportions, in points (Bonett & Price 2012, eq. 6)."""
        n = self.tasks + 2
        more, less = (len(self.gained) + 1) / n, (len(self.lost) + 1) / n
        wide = Z * sqrt((more + less - (more - less) ** 2) / n)
        return 100 * (more - less - wide), 100 * (more - less + wide)

    @property
    def p_value(self) -> float:
        """Of the exact test that neither proves more, two-sided (McNemar 1947, with binomial tails)."""
        changed = len(self.gained) + len(self.lost)
        tail = sum(comb(changed, k) for k in range(min(len(self.gained), len(self.lost)) + 1))
        return min(1.0, float(2 * tail / 2**changed))


def mean_interval(changes: Sequence[float]) -> tuple[float, float]:
    """95 % interval, in points, of the mean of the tasks' changes (−1 to 1 each, a mean over seeds): normal
    approximation, tasks as the sample.
    """
    n = len(changes)
    mean = sum(changes) / n
    wide = Z * sqrt(sum((x - mean) ** 2 for x in changes) / max(1, n - 1) / n)
    return 100 * (mean - wide), 100 * (mean + wide)

"""Paired comparison of two searches over the same tasks: the difference in proved tasks, its interval and p-value."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import comb, sqrt

Z = 1.959964  # quantile of the standard normal distribution: 95 % of it lie between -Z and Z


@dataclass(frozen=True)
class Paired:
    """The tasks that the search `mine` gains and loses against `base`. A point is one per cent of the tasks."""

    tasks: int  # number of all tasks
    gained: tuple[str, ...]  # proved by `mine` alone, in the order of the tasks
    lost: tuple[str, ...]  # proved by `base` alone, in the order of the tasks

    @classmethod
    def of(cls, tasks: Sequence[str], base: Collection[str], mine: Collection[str]) -> Paired:
        """Returns the comparison. `base`, `mine`: the tasks that each search proves."""
        gained = tuple(task for task in tasks if task in mine and task not in base)
        return cls(len(tasks), gained, tuple(task for task in tasks if task in base and task not in mine))

    @property
    def points(self) -> float:
        """The difference of the numbers of proved tasks, in points."""
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
        """The two-sided p-value of the exact test that neither search proves more (McNemar 1947, binomial tails)."""
        changed = len(self.gained) + len(self.lost)
        tail = sum(comb(changed, k) for k in range(min(len(self.gained), len(self.lost)) + 1))
        return min(1.0, float(2 * tail / 2**changed))


def mean_interval(changes: Sequence[float]) -> tuple[float, float]:
    """Returns the 95 % interval of the mean change, in points, by the normal approximation with tasks as the sample.

    `changes`: for each task its change, from −1 to 1, as a mean over the seeds.
    """
    n = len(changes)
    mean = sum(changes) / n
    wide = Z * sqrt(sum((x - mean) ** 2 for x in changes) / max(1, n - 1) / n)
    return 100 * (mean - wide), 100 * (mean + wide)

"""``$d`` conditions: covers pairs of distinct variables with few ``$d`` statements."""

from __future__ import annotations

from collections.abc import Iterable


def groups(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Pairs as few sets that are distinct altogether, in order of the variables.

    Each set begins with the first pair that is left and takes in, one after another, the variable that is distinct from
    all of it and covers most pairs that are left. That is not always the fewest sets, for which no quick way is known
    (Kou, Stockmeyer and Wong 1978); the work is bounded by the number of pairs times that of variables.
    """
    left = {(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}
    near: dict[str, set[str]] = {}
    for x, y in left:
        near.setdefault(x, set()).add(y)
        near.setdefault(y, set()).add(x)
    out: list[list[str]] = []
    for first in sorted(left):
        if first not in left:
            continue
        group, others = list(first), near[first[0]] & near[first[1]]
        gains = dict.fromkeys(others, 0)
        added = group[:]
        while others:
            for x in others:
                gains[x] += sum((min(x, y), max(x, y)) in left for y in added)
            best = min(others, key=lambda x: (-gains[x], x))
            group.append(best)
            added = [best]
            others &= near[best]
        left.difference_update((x, y) if x < y else (y, x) for i, x in enumerate(group) for y in group[i + 1 :])
        out.append(sorted(group))
    return sorted(out)

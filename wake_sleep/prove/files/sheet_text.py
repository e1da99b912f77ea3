"""A draft as a proof worksheet's text, which `worksheet` reads again as the same theorem with the same open steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from metadream.wake_sleep.prove.files.distinct import groups
from metadream.wake_sleep.prove.files.mm_file import one_line
from metadream.wake_sleep.prove.files.sheet_steps import WORK
from metadream.wake_sleep.prove.files.worksheet import END

WIDTH = 79


def written(
    theorem: str,
    after: str | None,
    statement: Mapping[str, Any],
    steps: Sequence[Mapping[str, Any]],
    disjoint: Sequence[tuple[str, str]],
    comment: str | None = None,
    remarks: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    listed: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """A worksheet's text. `steps` as `Draft.steps` gives them; `disjoint` with the dummies' conditions.

    `names`: of hypotheses, by label, where they have one. `listed`: by open step, the steps that its author listed for
    it. Remarks stand behind the steps, since the first comment describes the theorem.
    """
    out = [f"$( <MM> <PROOF_ASST> THEOREM={theorem} LOC_AFTER={after or '?'}", ""]
    if comment:
        out += [*_wrapped("*", one_line(comment, None), 2), ""]
    heads = _renamed(_heads(statement, steps, names or {}, listed or {}))
    column = min(24, max(len(head) for head, _ in heads) + 1)
    for head, formula in heads:
        out += _wrapped(head, formula, column)
    for more in ([f"$d {' '.join(group)}" for group in groups(disjoint)], [f"* {one_line(r)}" for r in remarks]):
        out += ["", *more] if more else []
    return "\n".join([*out, "", "$)", ""])


def _heads(
    statement: Mapping[str, Any],
    steps: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    listed: Mapping[str, Sequence[str]],
) -> list[tuple[str, str]]:
    """The first word of each line, and its formula."""
    taken = {str(s["name"]) for s in steps[:-1] if s["name"] and not s["hyp"]} | set(names.values())
    free = _free(taken)
    own = {label: names.get(label) or next(free) for label, _ in statement["hyps"]}
    heads = [(f"h{own[label]}::{label}", formula) for label, formula in statement["hyps"]]
    known = set(own.values())
    number: list[str] = []
    for i, s in enumerate(steps):
        last = i == len(steps) - 1
        if s["hyp"] and not last:
            number.append(own[s["label"]])
            continue
        number.append(END if last else str(s["name"] or next(free)))
        hyps = [number[c] for c in s["children"]]
        if s["label"] is None:
            hyps = [name for name in listed.get(number[i], ()) if name in known or name.removeprefix("h") in known]
        heads.append((f"{number[i]}:{','.join(hyps)}:{s['label'] or ''}", s["formula"]))
        known.add(number[i])
    return heads


def _renamed(heads: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Work variables counted by kind, in the order in which they come."""
    names: dict[str, str] = {}
    count: Counter[str] = Counter()
    for _, formula in heads:
        for word in formula.split():
            if WORK.fullmatch(word) and word not in names:
                kind = word.rstrip("0123456789")
                count[kind] += 1
                names[word] = f"{kind}{count[kind]}"
    return [(head, " ".join(names.get(word, word) for word in formula.split())) for head, formula in heads]


def _free(taken: set[str]) -> Iterator[str]:
    """Numbers that name no step."""
    n = 0
    while True:
        n += 1
        if str(n) not in taken:
            yield str(n)


def _wrapped(head: str, formula: str, column: int) -> list[str]:
    lines, line = [], head.ljust(column - 1)
    for word in formula.split():
        if len(line) + 1 + len(word) > WIDTH and line.strip():
            lines.append(line.rstrip())
            line = " " * (column - 1)
        line += f" {word}"
    return [*lines, line.rstrip()]

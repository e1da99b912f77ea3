"""A theorem as Metamath text and as a worksheet, ready to be pasted; ``?`` stands for what is open."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from typing import Any

from metadream._core import Draft
from metadream.wake_sleep.prove.files import sheet_text
from metadream.wake_sleep.prove.files.distinct import groups
from metadream.wake_sleep.prove.files.files import Target

WIDTH = 79


def block(label: str, draft: Draft, comment: str | None = None, remarks: Sequence[str] = ()) -> str:
    """A theorem with its hypotheses, all its ``$d`` and a compressed proof; open steps are ``?``. Each of the
    remarks is a comment before it.
    """
    comment = _as_comment(comment or "")
    statement, made = json.loads(draft.statement()), draft.written(4)
    pairs = [*map(tuple, statement["disjoint"]), *map(tuple, made["disjoint"])]
    inner = "  " if pairs or statement["hyps"] else ""
    proof = draft.written(6)["compressed"] if inner else made["compressed"]
    lines = [f"$d {' '.join(group)} $." for group in groups(pairs)]
    for name, formula in statement["hyps"]:
        lines += _wrapped(f"{name} $e {formula} $.")
    if comment:
        lines += _wrapped(f"$( {comment} $)", hang="     ")
    lines += _wrapped(f"{label} $p {statement['conclusion']} $=")
    column = len(proof) - proof.rfind("\n")
    end = " $." if column + 3 <= WIDTH else f"\n{inner}    $."
    text = "".join(f"{inner}  {line}\n" for line in lines) + proof + end + "\n"
    before = [line for remark in remarks for line in _wrapped(f"$( {_as_comment(remark)} $)", hang="     ")]
    return "".join(f"  {line}\n" for line in before) + (f"  ${{\n{text}  $}}\n" if inner else text)


def sheet(target: Target, draft: Draft, remarks: list[str]) -> str:
    """Returns the theorem as a proof worksheet, with the remarks as comments."""
    statement: dict[str, Any] = json.loads(draft.statement())
    pairs = [*map(tuple, statement["disjoint"]), *map(tuple, draft.written()["disjoint"])]
    steps = _kept(draft.steps())
    return sheet_text.written(
        target.label, target.after, statement, steps, pairs, target.comment, remarks, target.names, target.hints
    )


def _as_comment(text: str) -> str:
    """Text as a Metamath comment may hold it: ASCII, and no delimiter of comments."""
    words = text.encode("ascii", "replace").decode().split()
    return " ".join(word for word in words if "$(" not in word and "$)" not in word)


def _kept(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The steps that the theorem needs or that somebody named, their children counted among themselves.

    A step that is not needed, but named, rests on named ones only, or on such that were found for it.
    """
    keep = [bool(step["needed"] or step["name"]) for step in steps]
    for i in reversed(range(len(steps))):
        if keep[i]:
            for c in steps[i]["children"]:
                keep[c] = True
    kept = [i for i, good in enumerate(keep) if good]
    number = {old: new for new, old in enumerate(kept)}
    return [{**steps[i], "children": [number[c] for c in steps[i]["children"]]} for i in kept]


def _wrapped(text: str, hang: str = "  ") -> list[str]:
    return textwrap.wrap(text, WIDTH - 4, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False)

"""Proofs as text: one line of JSON, ``{"task": "syl", "steps": [["syl.1", []], ["a1i", [0]], ["mpd", [2, 1]]]}``.

A step is a label and the earlier steps that prove its hypotheses; the last step is the root. A dream has
``"task": null`` and a ``"statement"`` with ``hyps`` (label, formula), ``conclusion``, ``disjoint`` (`docs/formats.md`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence

Steps = list[tuple[str, list[int]]]


def steps_of(proof: str) -> Steps:
    """The steps of a proof."""
    return [(label, children) for label, children in json.loads(proof)["steps"]]


def task_of(proof: str) -> str | None:
    """The label that a proof proves; None for a dream."""
    task: str | None = json.loads(proof)["task"]
    return task


def length(steps: Sequence[tuple[str, Sequence[int]]], premises: frozenset[str] | set[str]) -> int:
    """How many steps apply a premise: hypotheses of the task do not count."""
    return sum(label in premises for label, _ in steps)

"""What an answer rests on: the axioms behind its proof, and what of a database could not be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from metadream.metamath_db.console import plain
from metadream.metamath_db.core import Theory

SHOWN = 6  # labels named from each end of a list, statements named in an answer


def grounds(
    theory: Theory, steps: Sequence[tuple[str, Any]], own: Callable[[str], bool], own_database: bool = False
) -> dict[str, Any]:
    """`axioms`: those (``$a`` with a provable typecode, definitions too) that a proof's steps rest on, through the
    proofs of the database and of its lemmas; `axioms_of_file`: of these, those that the user's file adds, by `own`;
    `own_database`: whether the file is the database, so that all are its own.
    """
    axioms = theory.axioms(list(dict.fromkeys(label for label, _ in steps)))
    of_file = [label for label in axioms if own_database or own(label)]
    return {"axioms": axioms, "axioms_of_file": of_file, "own_database": own_database}


def warned(data: Mapping[str, Any]) -> list[str]:
    """The axioms that a file adds to its database, as a warning; none where the file is the database."""
    added = data["axioms_of_file"]
    if not added or data["own_database"]:
        return []
    what = "an axiom of this file that the database does not have"
    return [f"WARNING: rests on {named(added)}, {what if len(added) == 1 else what.replace('an axiom', 'axioms')}"]


def said(data: Mapping[str, Any]) -> list[str]:
    """What an answer rests on, a line or two; what a file adds comes first."""
    of_file = " of this file, which is the database" if data["own_database"] else ""
    return warned(data) + ([f"rests on the axioms{of_file}: {named(data['axioms'])}"] if data["axioms"] else [])


def named(labels: Sequence[str]) -> str:
    """Labels in one line; of many the first and, as a file's own stand last, the last few."""
    if len(labels) <= 2 * SHOWN:
        return ", ".join(map(plain, labels))
    first, last = (", ".join(map(plain, part)) for part in (labels[:SHOWN], labels[-SHOWN:]))
    return f"{first}, ... ({len(labels) - 2 * SHOWN} more, which --json names) ..., {last}"


def unread(theory: Theory, file: str, start: int = 0, line: Callable[[int], int] | None = None) -> list[dict[str, Any]]:
    """The statements from byte `start` on that do not follow the grammar, so that they are not used: `label`, `file`,
    `line` (by `line` from a byte behind `start`), `why`.
    """
    rows = []
    for label, offset, why in theory.unparsed():
        if offset >= start:
            number = line(offset - start) if line else theory.place(offset)[0]
            rows.append({"label": label, "file": file, "line": number, "why": why})
    return rows


def unread_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each of the first statements that could not be read."""
    lines = [
        f"WARNING: {plain(row['file'])}:{row['line']}: {plain(row['label'])}: {plain(row['why'])}; it is not used"
        for row in rows[:SHOWN]
    ]
    if len(rows) > SHOWN:
        lines.append(f"WARNING: {len(rows) - SHOWN} more statements do not follow the grammar (--json names all)")
    return lines

"""What an answer rests on: the axioms behind its proof, and what of a database could not be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from metadream._core import Theory
from metadream.metamath_db.core import patiently
from metadream.metamath_db.data import is_known
from metadream.metamath_db.terminal.foreign_text import plain

SHOWN = 6  # labels named from each end of a list, statements named in an answer


def grounds(
    theory: Theory,
    steps: Sequence[tuple[str, Any]],
    own: Callable[[str], bool],
    own_database: bool = False,
    database: str = "",
) -> dict[str, Any]:
    """`axioms`: those (``$a`` with a provable typecode, definitions too) that a proof's steps rest on, through the
    proofs of the database and of its lemmas; `axioms_of_file`: of these, those that the user's file adds, by `own`;
    `own_database`: whether the file is the database, so that all are its own; `axioms_from`: the `database` that the
    others are of, None for one that is known by its name; `axioms_of_anything`: those that say that anything holds.
    """
    axioms = theory.axioms(list(dict.fromkeys(label for label, _ in steps)))
    of_file = [label for label in axioms if own_database or own(label)]
    return {
        "axioms": axioms,
        "axioms_of_file": of_file,
        "own_database": own_database,
        "axioms_from": None if own_database or is_known(database) else database,
        "axioms_of_anything": [label for label in axioms if _says_anything(theory, label)],
    }


def _says_anything(theory: Theory, label: str) -> bool:
    """Whether an axiom is a variable alone and asks for nothing, so that all that can be said follows from it."""
    said = theory.statement(label)
    words = said["conclusion"].split()
    return not said["needed"] and len(words) == 2 and theory.meaning(words[1]) == "variable"


def refused(theory: Theory, labels: Sequence[str], place: Callable[[str, int], tuple[str, int]]) -> str | None:
    """Why a proof that applies these statements does not count: a theorem that it rests on has no good proof itself.

    `place`: the file and line of a theorem's proof, by its label and the proof's first byte. None: all are good.
    """
    found = patiently(lambda: theory.doubtful(list(dict.fromkeys(labels))))
    if found is None:
        return None
    label, start, why = found
    file, line = place(label, start)
    return f"rests on {plain(label)}, whose own proof {why} ({plain(file)}:{line})"


def warned(data: Mapping[str, Any]) -> list[str]:
    """Warnings: of axioms that prove anything, and of those that a file adds to its database."""
    added = [] if data["own_database"] else data["axioms_of_file"]
    what = "an axiom of this file that the database does not have"
    lines = [f"WARNING: rests on {named(added)}, {what if len(added) == 1 else what.replace('an axiom', 'axioms')}"]
    proves = "WARNING: the axiom {} says that anything holds, so this proof shows nothing"
    return [*map(proves.format, map(plain, data["axioms_of_anything"])), *(lines if added else [])]


def said(data: Mapping[str, Any]) -> list[str]:
    """What an answer rests on, a line or two; warnings come first."""
    if not data["axioms"]:
        return []
    if data["own_database"]:
        whose = " of this file, which is the database"
    elif data["axioms_from"] is not None:
        whose = f" of {plain(Path(data['axioms_from']).name)}" + (" and of this file" if data["axioms_of_file"] else "")
    else:
        whose = ""
    return [*warned(data), f"rests on the axioms{whose}: {named(data['axioms'])}"]


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

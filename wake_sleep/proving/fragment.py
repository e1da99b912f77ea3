"""Statements that are read after a database: what stands in the way of that, said for their author."""

from __future__ import annotations

import re

from metadream.metamath_db.core import Theory, patiently
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.proving.mm_file import MmFile
from metadream.wake_sleep.proving.sheet_steps import named_by

_THEOREM = re.compile(r"(\S+)\s+\$[pa]\s")


def behind(base: Theory, file: MmFile) -> Theory:
    """The database with a file's statements behind it. Raises `InputError` with the line of what is wrong there."""
    try:
        return patiently(lambda: base.extended(file.text))
    except InputError as problem:
        said = _taken(base, file, problem) or problem.message
        raise InputError(said, file.path, problem.line, problem.column) from None


def _taken(base: Theory, file: MmFile, problem: InputError) -> str | None:
    """The message for a label that stands once in the file, as the database has it already."""
    if "is used twice" not in problem.message or problem.line is None or problem.column is None:
        return None
    rest = "\n".join(file.text.split("\n")[problem.line - 1 :])[problem.column - 1 :]
    label = rest.split()[0]
    meaning = base.meaning(label)
    if meaning is None:
        return None
    kind = "hypothesis" if rest.split()[1] == "$e" else "statement"
    return (
        f"a {kind} is labelled {label}, {named_by(meaning)}; choose a label that is free, such as {_free(base, rest)}"
    )


def _free(base: Theory, rest: str) -> str:
    """A label that is free for the statement with which a text begins: of a hypothesis, after its theorem."""
    label, keyword = rest.split()[:2]
    theorem = _THEOREM.search(rest)
    first = f"{theorem[1]}." if theorem and keyword == "$e" else f"{label}-"
    n = 1
    while base.meaning(f"{first}{n}") is not None or f"{first}{n}" in rest.split():
        n += 1
    return f"{first}{n}"

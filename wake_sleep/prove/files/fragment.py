"""Statements that are read after a database: what stands in the way of that, said for their author."""

from __future__ import annotations

import re
from dataclasses import dataclass

from metadream._core import Theory
from metadream.metamath_db.core import patiently
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.prove.files.mm_file import COMMENT, MmFile
from metadream.wake_sleep.prove.files.sheet_steps import named_by

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


_LABELLED = re.compile(r"(?<!\S)([^\s$]\S*)(\s+\$[aefp]\s)")
_PROOF = re.compile(r"(?<!\S)([^\s$]\S*)\s+\$p\s[^$]*\$=\s([^$]*)\$\.")


@dataclass(frozen=True)
class Again:
    """Theorems of the database that a file holds again, with proofs of its own."""

    theory: Theory  # the database with the file's proofs
    lines: dict[str, int]  # of each theorem in the file
    open: list[str]  # those whose proofs have a ``?``


def again(base: Theory, file: MmFile) -> Again | None:
    """The file's theorems, if all are theorems of the database that say the same; None if it holds anything else."""
    bare = COMMENT.sub(lambda m: re.sub(r"\S", " ", m[0]), file.text)
    proofs = {found[1]: found for found in _PROOF.finditer(bare)}
    labelled = {found[1]: found[2].strip() for found in _LABELLED.finditer(bare)}
    if not proofs or any(base.meaning(label) != "theorem" for label in proofs) or {*labelled.values()} - {"$e", "$p"}:
        return None
    names = {label: f"{label}-read-{i}" for i, label in enumerate(labelled)}
    statements = re.sub(r"\$=\s[^$]*\$\.", "$= ? $.", bare)
    renamed = _LABELLED.sub(lambda m: names[m[1]] + m[2], statements)
    try:
        behind_it = patiently(lambda: base.extended(renamed))
        if any(not _same(base, behind_it, label, names) for label in proofs):
            return None
    except InputError:  # said when the file is read as it stands
        return None
    places = {label: (start, end) for label, start, end, *_ in base.proofs_from(0)}
    edits = sorted((*places[label], f"\n{found[2]} ") for label, found in proofs.items())
    theory = patiently(lambda: base.edited(edits))
    unfinished = [label for label, _, _, is_open, _ in theory.proofs_from(0) if is_open and label in proofs]
    return Again(theory, {label: file.line(found.start()) for label, found in proofs.items()}, unfinished)


def _same(base: Theory, behind_it: Theory, label: str, names: dict[str, str]) -> bool:
    """Whether a theorem says the same under its new name, by hypotheses of the same labels."""
    own, said = base.statement(label), behind_it.statement(names[label])
    labels = [names.get(hypothesis) for hypothesis in own["hyp_labels"]]
    pairs = [{tuple(sorted(pair)) for pair in x["disjoint"]} for x in (own, said)]
    return (
        labels == said["hyp_labels"]
        and all(own[key] == said[key] for key in ("hyps", "conclusion"))
        and pairs[1] <= pairs[0]
    )

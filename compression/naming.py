"""Suggested labels for lemmas, after set.mm's conventions (its comment "conventions-label").

A label is made of fragments: of the theorem that the lemma builds on, or of what its conclusion says, where each
syntax axiom has the abbreviation that its definition's label gives (``df-fv`` gives ``fv``) or, where the database
has that comment, its table. Suffixes: ``d`` for a deduction (all is under one antecedent), ``i`` for an inference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

GLUE_USES = 2_000  # a premise that is used oftener than this says nothing of what the lemma is about
LONGEST = 18  # letters before the suffix
FRAGMENTS = 3  # of a conclusion, at most

_ROW = re.compile(r"<tr>\s*<td>(.*?)</td>.*?~\s*(df-\S+)", re.DOTALL)
_TAGS = re.compile(r"<[^>]*>")
# what a theorem may state without being about anything
_LOGIC = frozenset(("wi", "wa", "w3a", "wb", "wn", "wo", "wal", "wceq", "cv"))
# abbreviations of syntax that no definition defines; implications and variables are left out of labels
_PRIMITIVE = {"wi": "", "wn": "n", "wal": "al", "wa": "an", "w3a": "3an", "wceq": "eq", "wcel": "el", "cv": ""}


def abbreviations(definitions: Iterable[tuple[str, str]], conventions: str | None) -> dict[str, str]:
    """Syntax axiom -> label fragment; `conventions` is the text of the comment "conventions-label", if there is one."""
    table: dict[str, str] = {}
    for cell, definition in _ROW.findall(conventions or ""):
        bold = re.search(r"<b>(.*?)</b>", cell)
        # of several abbreviations the first bold one is the usual one
        names = (bold[1] if bold else _TAGS.sub("", cell)).replace(",", " ").split()
        if names and re.fullmatch(r"[A-Za-z0-9]+", names[0]):
            table.setdefault(definition, names[0])
    found = dict(_PRIMITIVE)
    for definition, syntax in definitions:
        fragment = table.get(definition, re.sub(r"[^A-Za-z0-9]", "", definition.removeprefix("df-")))
        found.setdefault(syntax, fragment)
    return found


def _syntax_fragment(syntax: str, known: Mapping[str, str]) -> str:
    if syntax in known:
        return known[syntax]
    return re.sub(r"[^A-Za-z0-9]", "", syntax[1:] if syntax[:1] in "wc" else syntax)


def _stem(label: str) -> str:
    """The label without the suffix of a form, which the new label gets anew."""
    return label.removesuffix("d") if len(label) > 3 and label.endswith(("id", "cld")) else label


def _about(body: Sequence[tuple[str, int, Sequence[str]]]) -> str | None:
    """The theorem that a lemma builds on: a closed one that is about something, else the least used; None for glue."""

    def rank(step: tuple[str, int, Sequence[str]]) -> tuple[bool, int]:
        return not set(step[2]) - _LOGIC, step[1]

    theorems = [step for step in body if not step[0].startswith(("ax-", "df-"))]
    best = min(theorems, key=rank, default=None)
    return best[0] if best is not None and (not rank(best)[0] or best[1] <= GLUE_USES) else None


def suggest(row: Mapping[str, Any], known: Mapping[str, str], taken: Callable[[str], bool]) -> str:
    """A label that is free. `row` is one of `Proposals.rows`."""
    body: Sequence[tuple[str, int, Sequence[str]]] = row["body"]
    about = _about(body)
    fragments = [_syntax_fragment(syntax, known) for syntax in row["syntax"]]
    said = "".join([f for f in fragments if f][:FRAGMENTS])
    if about:
        stem = _stem(re.sub(r"[^A-Za-z0-9]", "", about))
    elif said:
        stem = said + re.sub(r"[^a-z].*", "", body[0][0].removeprefix("ax-").removeprefix("df-"))[:4]
    else:
        labels = [label.removeprefix("ax-").removeprefix("df-") for label, *_ in body[:2]]
        stem = "".join(re.sub(r"[^A-Za-z0-9]", "", label) for label in labels)
    suffix = "d" if row["deduction"] else "i" if row["hypotheses"] else ""
    stem = stem[:LONGEST] or "lem"
    if suffix and stem.endswith(suffix):
        suffix = ""
    for number in ["", *range(2, 10_000)]:
        name = f"{stem}{suffix}{number}"
        if not taken(name):
            return name
    raise AssertionError("ten thousand labels are taken")


def describe(row: Mapping[str, Any]) -> str:
    """One sentence for the comment, with set.mm's ``~ label`` references."""
    body: Sequence[tuple[str, int, Sequence[str]]] = row["body"]
    labels = list(dict.fromkeys(label for label, *_ in body))
    about = _about(body)
    if len(labels) == 1:
        return f"{'Instance' if len(body) == 1 else 'Repeated use'} of ~ {labels[0]} ."
    if len(labels) == 2 and row["deduction"] and about is not None:
        return f"Deduction associated with ~ {about} ."
    form = "Deduction" if row["deduction"] else "Inference" if row["hypotheses"] else "Theorem"
    named = [f"~ {label}" for label in labels[:4]]
    if len(labels) > 4:
        named.append("others")
    joined = " , ".join(named[:-1]) + (" , and " if len(named) > 2 else " and ") + named[-1]
    return f"{form} combining {joined} ." if len(labels) <= 4 else f"{form} combining {joined}."

"""Suggested labels for lemmas, after set.mm's conventions (its comment "conventions-label").

A label says what the conclusion says, under its antecedent: fragments of its syntax in the order of reading, where each
syntax axiom has the fragment that its definition's label gives (``df-fv`` gives ``fv``) or, where the database has that
comment, its table; variables say nothing. Suffixes say the form: ``d`` for a deduction, ``i`` for an inference, and
where that is taken ``v`` for distinct variables.

What a lemma is proved by says nothing of what it is about, so no premise lends its name. A number is put only behind a
label whose theorem concludes the same. Where the conclusion says little (`ch`, `A = B`), the hypotheses or the theorem
that is most like the lemma lend fragments; where nothing is free, the label is a placeholder that ends in ``NEW``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LONGEST = 12  # letters before the suffix; set.mm's have 7 on average
FRAGMENTS = 4  # of a conclusion, at most
NUMBERS = range(2, 10)  # behind the label of a theorem that concludes the same
LIKE = 0.5  # likeness from which on the nearest theorem's stem suits a lemma whose conclusion says little

_ROW = re.compile(r"<tr>\s*<td>(.*?)</td>.*?~\s*(df-\S+)", re.DOTALL)
_TAGS = re.compile(r"<[^>]*>")
# abbreviations of syntax that no definition defines; implications and variables are left out of labels
_PRIMITIVE = {"wi": "", "wn": "n", "wal": "al", "wa": "an", "w3a": "3an", "wceq": "eq", "wcel": "el", "cv": ""}
# what an application is about is the function: syntax axiom -> place of the function among its parts
_APPLIED = {"cfv": 0, "co": 1, "wbr": 1}


@dataclass(frozen=True)
class Suggestion:
    """A label, and where it is from: ``conclusion``, ``nearest`` (theorem) or ``placeholder``."""

    label: str
    source: str


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


def consequent(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the tree of the lemma's conclusion without its antecedents."""
    tree: Mapping[str, Any] = row["tree"]["conclusion"]
    while row["implication"] and tree["syntax"] == row["implication"]:
        tree = tree["parts"][-1]
    return tree


class Speller:
    """Spells formulas as label fragments."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self.known = known

    def fragment(self, syntax: str) -> str:
        """The fragment of one syntax axiom."""
        if syntax in self.known:
            return self.known[syntax]
        return re.sub(r"[^A-Za-z0-9]", "", syntax[1:] if syntax[:1] in "wc" else syntax)

    def spell(self, tree: Mapping[str, Any]) -> list[str]:
        """The fragments of a formula, in the order in which its label has them."""
        return [f for f in self._spell(tree) if f]

    def _spell(self, tree: Mapping[str, Any]) -> Iterator[str]:
        syntax, parts = tree["syntax"], tree["parts"]
        if syntax is None:
            return
        own = self.fragment(syntax)
        if syntax in _APPLIED and len(parts) > _APPLIED[syntax]:
            place = _APPLIED[syntax]
            function, others = parts[place], [p for i, p in enumerate(parts) if i != place]
            constant = function["syntax"] is not None and not function["parts"]
            head = [self.fragment(function["syntax"])] if constant else [own, *self._spell(function)]
            if syntax == "wbr":
                yield from (*self._spell(others[0]), *head, *self._spell(others[1]))
            else:
                yield from head
                for part in others:
                    yield from self._spell(part)
        elif syntax in ("wceq", "wb"):
            yield from self._equal(own, parts)
        elif syntax == "wcel":
            yield from self._element(own, parts)
        elif len(parts) == 2 and tree["typecode"] == "wff" and all(p["typecode"] != "setvar" for p in parts):
            yield from (*self._spell(parts[0]), own, *self._spell(parts[1]))
        else:
            yield own
            for part in parts:
                yield from self._spell(part)

    def _equal(self, own: str, parts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        left, right = (list(self._spell(p)) for p in parts)
        if not left:
            # "b" and "e" stand behind something; in front they are written in full
            yield from ({"b": "bi", "e": "eq"}.get(own, own), *right)
        elif parts[0]["syntax"] == parts[1]["syntax"] and _swapped(*parts):
            yield from (*left, "com")
        elif _constant(parts[1]):
            yield from (*left, "eq", *right)
        else:
            yield from left  # what an equation is about stands at its left

    def _element(self, own: str, parts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        left, right = (list(self._spell(p)) for p in parts)
        if parts[1]["text"] == "_V":
            yield from (*left, "ex")
        elif _constant(parts[0]):
            yield from (*left, *right)
        elif left and _constant(parts[1]):
            yield from (*left, "cl")
        else:
            yield from (*left, own, *right)


def _bare(tree: Mapping[str, Any]) -> bool:
    """Whether a formula is a variable, or says something of variables alone."""
    return all(part["syntax"] is None or part["syntax"] == "cv" for part in tree["parts"])


def _constant(tree: Mapping[str, Any]) -> bool:
    return tree["syntax"] is not None and not tree["parts"]


def _swapped(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    """Return whether the parts of two formulas are the same texts in a different order."""
    a, b = ([p["text"] for p in t["parts"]] for t in (left, right))
    return a != b and sorted(a) == sorted(b)


def _shortened(fragments: Sequence[str]) -> str:
    out = ""
    for fragment in fragments[:FRAGMENTS]:
        if out and len(out) + len(fragment) > LONGEST:
            break
        out += fragment
    return out[:LONGEST]


def _stem(label: str) -> str:
    """A theorem's label without the suffix of its form."""
    stem = re.sub(r"\d+$", "", re.sub(r"[^A-Za-z0-9]", "", label)) if len(label) > 4 else label
    shorter = re.sub(r"(?<=[a-z]{4})(?:d|i|g|a|v|t|dv|da|va|dva|di|ii|vd)$", "", stem)
    return re.sub(r"[^A-Za-z0-9]", "", shorter) or "lem"


def _stems(row: Mapping[str, Any], speller: Speller) -> Iterator[tuple[str, str]]:
    """Stems, the best first, with what they are from."""
    goal = consequent(row)
    said = speller.spell(goal)
    if said:
        if not _bare(goal):
            yield _shortened(said), "conclusion"
        # labels of theorems with one conclusion say in what the theorems differ
        hypotheses = [f for h in row["tree"]["hypotheses"] for f in speller.spell(h)]
        differs = [f for f in dict.fromkeys(hypotheses) if f not in (*said, "eq", "el", "b", "bi", "n", "an")]
        for fragment in differs:
            yield _shortened([*said[:2], fragment]), "conclusion"
    if row["nearest"] and row["likeness"] >= LIKE:
        yield _stem(row["nearest"]), "nearest"


def _suffixes(row: Mapping[str, Any]) -> list[str]:
    form = "d" if row["deduction"] else "i" if row["hypotheses"] else ""
    # of conditions on bound variables the label tells only where it must
    return [form, f"{form}v", f"v{form}"] if row["distinct"] else [form]


def suggest(
    row: Mapping[str, Any],
    known: Mapping[str, str],
    taken: Callable[[str], bool],
    concludes: Callable[[str], bool] = lambda label: False,
) -> Suggestion:
    """A label that is free.

    `row` is one of `Proposals.rows`, its `tree` decoded. `taken`: whether a label is in use; `concludes`: whether the
    theorem of a label concludes what the lemma does, so that a number behind that label does not mislead.
    """
    speller, goal = Speller(known), consequent(row)
    said, bare = speller.spell(goal), _bare(goal)
    stems = list(dict.fromkeys(_stems(row, speller)))
    for stem, source in stems:
        for suffix in _suffixes(row):
            name = stem if suffix and stem.endswith(suffix) else stem + suffix
            if re.fullmatch(r"[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*", name) and not taken(name):
                return Suggestion(name, source)
            # behind the label of what says little (`sstri2`), or of a neighbour, a number tells nobody what this is
            told = source == "conclusion" and not bare
            numbered = [f"{name}{n}" for n in NUMBERS] if told and concludes(name) else []
            free = next((n for n in numbered if not taken(n)), None)
            if free is not None:
                return Suggestion(free, source)
    stem = _shortened(said) or (stems[0][0] if stems else "lemma")
    return Suggestion(next(name for name in _placeholders(stem) if not taken(name)), "placeholder")


def _placeholders(stem: str) -> Iterator[str]:
    yield f"{stem}NEW"
    for number in range(2, 1_000_000):
        yield f"{stem}NEW{number}"

"""Truth values of propositional terms: a filter that finds counter-examples before a search begins.

A term is given in prefix form. A subterm whose root is no connective (a variable, or a term of another kind) is an
atom. The truth values of an atom that is no variable may be restricted by the database. For this reason only formulas
whose atoms are all variables are refuted.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from metadream.dsl.handlers import Session
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.level2.common import Context

ATOM_LIMIT = 12  # maximal number of atoms, as all combinations of their values are tried

Tree: TypeAlias = "tuple[str, list[Tree]]"

# connectives of set.mm and its kin: label, example (a formula whose parts are variables), function
_CONNECTIVES: dict[str, tuple[str, Callable[..., bool]]] = {
    "wn": ("-. ph", lambda a: not a),
    "wi": ("( ph -> ps )", lambda a, b: not a or b),
    "wb": ("( ph <-> ps )", lambda a, b: a == b),
    "wa": ("( ph /\\ ps )", lambda a, b: a and b),
    "wo": ("( ph \\/ ps )", lambda a, b: a or b),
    "w3a": ("( ph /\\ ps /\\ ch )", lambda a, b, c: a and b and c),
    "w3o": ("( ph \\/ ps \\/ ch )", lambda a, b, c: a or b or c),
    "wnan": ("( ph -/\\ ps )", lambda a, b: not (a and b)),
    "wxo": ("( ph \\/_ ps )", lambda a, b: a != b),
    "wtru": ("T.", lambda: True),
    "wfal": ("F.", lambda: False),
}
_VARIABLES = {"ph": "wph", "ps": "wps", "ch": "wch"}


def parse(text: str) -> Tree:
    """The tree of a term in prefix form."""
    stack: list[list[Tree]] = [[]]
    for token in text.replace("(", " ( ").replace(")", " ) ").split():
        if token == "(":
            stack.append([])
        elif token == ")":
            (label, _), *rest = stack.pop()
            stack[-1].append((label, rest))
        else:
            stack[-1].append((token, []))
    return stack[0][0]


def render(tree: Tree) -> str:
    """The prefix form of a tree."""
    label, children = tree
    return f"({label} {' '.join(map(render, children))})" if children else label


def subterms(tree: Tree) -> Iterator[Tree]:
    """All subterms, the term itself first."""
    yield tree
    for child in tree[1]:
        yield from subterms(child)


def replaced(tree: Tree, old: Tree, new: Tree) -> Tree:
    """The tree with each occurrence of a subterm replaced."""
    return new if tree == old else (tree[0], [replaced(child, old, new) for child in tree[1]])


@dataclass(frozen=True)
class Masks:
    """Truth tables as integers: bit *i* is the value in row *i*. `every`: all rows."""

    tables: dict[str, int]
    every: int

    def all_of(self, formulas: Sequence[str]) -> int:
        """The rows in which all of the formulas are true."""
        mask = self.every
        for text in formulas:
            mask &= self.tables[text]
        return mask


@dataclass(frozen=True)
class Language:
    """The connectives of a database whose syntax axioms agree with those of this file."""

    connectives: dict[str, Callable[..., bool]]

    def is_formula(self, tree: Tree) -> bool:
        """Returns whether the root of the term is a connective."""
        return tree[0] in self.connectives

    def atoms(self, tree: Tree, found: dict[str, None]) -> None:
        """Collects the atoms of a tree in order of their first place."""
        if self.is_formula(tree):
            for child in tree[1]:
                self.atoms(child, found)
        else:
            found.setdefault(render(tree))

    def value(self, tree: Tree, values: dict[str, bool]) -> bool:
        """The truth value under values of the atoms."""
        if self.is_formula(tree):
            return self.connectives[tree[0]](*(self.value(child, values) for child in tree[1]))
        return values[render(tree)]

    def masks(self, formulas: Sequence[str]) -> Masks | None:
        """The formulas' truth tables over all their atoms; None if there are too many atoms."""
        trees = [parse(text) for text in formulas]
        names: dict[str, None] = {}
        for tree in trees:
            self.atoms(tree, names)
        if len(names) > ATOM_LIMIT:
            return None
        rows = [dict(zip(names, row, strict=True)) for row in itertools.product((False, True), repeat=len(names))]
        tables = {
            text: sum(self.value(tree, row) << i for i, row in enumerate(rows))
            for text, tree in zip(formulas, trees, strict=True)
        }
        return Masks(tables, (1 << len(rows)) - 1)

    def refuted(self, formula: str) -> dict[str, bool] | None:
        """Returns values of the atoms under which a formula is false; None if there are none.

        Also returns None if an atom is no variable, or if there are more than `ATOM_LIMIT` atoms.
        """
        tree = parse(formula)
        names: dict[str, None] = {}
        self.atoms(tree, names)
        if len(names) > ATOM_LIMIT or any("(" in name for name in names):
            return None
        for row in itertools.product((False, True), repeat=len(names)):
            values = dict(zip(names, row, strict=True))
            if not self.value(tree, values):
                return values
        return None


def language_of(session: Session) -> Language | None:
    """Returns the session's propositional language; None if its database does not have the implication of this file."""

    def make() -> Language | None:
        context = Context.of(session)
        known: dict[str, Callable[..., bool]] = {}
        for label, (formula, function) in _CONNECTIVES.items():
            variables = [_VARIABLES[word] for word in formula.split() if word in _VARIABLES]
            literal = f"({label} {' '.join(variables)})" if variables else label
            try:
                if context.formula(literal) == formula:
                    known[label] = function
            except InputError:  # the database has no such syntax axiom
                continue
        return Language(known) if "wi" in known else None

    language: Language | None = session.once("language", make)
    return language

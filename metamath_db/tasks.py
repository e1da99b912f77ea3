"""Tasks and splits: which theorems are trained on, which are tuned on, which are tested on.

``new2`` is HTPS's recipe (Lample et al. 2022, appendix on Metamath): all ``|-`` ``$p`` in database order, shuffled by
``numpy.random.RandomState(42)``, the first 1,000 are valid, the next 1,000 test, the rest train. A database with
fewer than 10,000 theorems gives a tenth to each. ``chrono``: the last 5 % of the file, valid and test by turns.
``novel``: those of new2's valid and test parts whose human proof uses a premise that no training proof uses.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from metadream._core import Theory
from metadream.metamath_db.core import load_theory
from metadream.metamath_db.data import resolve_database
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import read_text
from metadream.metamath_db.terminal.foreign_text import plain

SPLITS = ("new2", "chrono", "novel")
PARTS = ("train", "valid", "test")
PART_SIZE = 1_000  # theorems in new2's valid and test parts, as HTPS has it
SHARE = 10  # but at most one in ten of a small database
LAST = 20  # chrono takes the last twentieth of the file
SHUFFLE_SEED = 42


@dataclass(frozen=True)
class Split:
    """Labels of the three parts, each in the split's order."""

    train: list[str]
    valid: list[str]
    test: list[str]

    def part(self, name: str) -> list[str]:
        """The part of that name. Raises `InputError` for another name."""
        if name not in PARTS:
            raise InputError(f"no part '{name}'; expected one of {', '.join(PARTS)}")
        found: list[str] = getattr(self, name)
        return found


def new2(theorems: list[str]) -> Split:
    """HTPS's random split of theorems in file order."""
    order = np.arange(len(theorems))
    np.random.RandomState(SHUFFLE_SEED).shuffle(order)
    shuffled = [theorems[i] for i in order]
    size = min(PART_SIZE, len(theorems) // SHARE)
    return Split(shuffled[2 * size :], shuffled[:size], shuffled[size : 2 * size])


def chrono(theorems: list[str]) -> Split:
    """Split by file order: one part in `LAST` from the end of the file is held out.

    The theorems held out go to valid and test by turns. All three parts stay in file order.
    """
    first = len(theorems) - len(theorems) // LAST
    return Split(theorems[:first], theorems[first::2], theorems[first + 1 :: 2])


def novel(theory: Theory, theorems: list[str]) -> Split:
    """`new2` with only those valid and test theorems whose human proof uses a premise that no training proof uses."""
    base = new2(theorems)
    known = {premise for label in base.train for premise in theory.uses(label)}

    def unheard(labels: list[str]) -> list[str]:
        return [label for label in labels if not known.issuperset(theory.uses(label))]

    return Split(base.train, unheard(base.valid), unheard(base.test))


def make_split(theory: Theory, name: str) -> Split:
    """The split of that name. Raises `InputError` for another name."""
    theorems = theory.theorems()
    if name == "new2":
        return new2(theorems)
    if name == "chrono":
        return chrono(theorems)
    if name == "novel":
        return novel(theory, theorems)
    raise InputError(f"no split '{name}'; expected one of {', '.join(SPLITS)}")


def proved(theory: Theory, labels: list[str]) -> list[str]:
    """Those of `labels` that have a human proof, in the same order."""
    lengths = dict(zip(theory.theorems(), theory.proof_lengths().tolist(), strict=True))
    return [label for label in labels if lengths.get(label, 0) > 0]


def read_labels(path: Path, theory: Theory) -> list[str]:
    """Theorems named in a file, one a line; blank lines are skipped. Raises `InputError` with an unknown one's line."""
    known = set(theory.theorems())
    found = []
    for number, line in enumerate(read_text(path, "labels, one a line").splitlines(), 1):
        label = line.strip()
        if label and label not in known:
            raise InputError(f"'{plain(label)}' is no theorem of the database; expected a label a line", path, number)
        if label:
            found.append(label)
    return found


def tasks(database: str | os.PathLike[str], split: str = "new2", part: str = "valid") -> list[str]:
    """Labels of a part, in the split's order. Raises `InputError`."""
    return make_split(load_theory(resolve_database(database)), split).part(part)

"""Splits, on a fake and, where it is at hand, on Debian's set.mm."""

from pathlib import Path

import numpy as np
import pytest
from fake_core import FakeCore, FakeTheory, using

from metadream.metamath_db import commands, tasks
from metadream.metamath_db.errors import InputError


def test_new2_is_the_recipe() -> None:
    labels = [f"l{i}" for i in range(12_345)]
    made = tasks.new2(labels)
    shuffled = list(labels)
    np.random.RandomState(42).shuffle(shuffled)
    assert (made.valid, made.test, made.train) == (shuffled[:1000], shuffled[1000:2000], shuffled[2000:])


def test_small_databases_give_a_tenth() -> None:
    made = tasks.new2([f"l{i}" for i in range(57)])
    assert (len(made.valid), len(made.test), len(made.train)) == (5, 5, 47)
    assert sorted([*made.valid, *made.test, *made.train]) == sorted(f"l{i}" for i in range(57))


def test_chrono_takes_the_end_by_turns() -> None:
    made = tasks.chrono([f"l{i}" for i in range(100)])
    assert (made.valid, made.test) == (["l95", "l97", "l99"], ["l96", "l98"])
    assert made.train == [f"l{i}" for i in range(95)]


def test_novel_needs_an_unheard_premise() -> None:
    theory = FakeTheory(1_000)  # only tasks that end in 7 have a premise of their own: themselves
    base, made = tasks.new2(theory.theorems()), tasks.novel(theory, theory.theorems())
    assert made.train == base.train
    assert made.valid == [label for label in base.valid if label.endswith("7")] != []
    assert made.test == [label for label in base.test if label.endswith("7")] != []


def test_verb(tmp_path: Path) -> None:
    path = tmp_path / "some.mm"
    path.write_text("")
    with using(FakeCore(count=100)):
        assert tasks.tasks(str(path), "chrono", "test") == ["t97", "t99"]
        outcome = commands.tasks(str(path), "chrono", "test")
    assert outcome.data["labels"] == ["t97", "t99"]
    assert outcome.text == "t97\nt99"
    with using(FakeCore()), pytest.raises(InputError, match="no split 'x'"):
        tasks.tasks(str(path), "x", "test")
    with using(FakeCore()), pytest.raises(InputError, match="no part 'x'"):
        tasks.tasks(str(path), "new2", "x")

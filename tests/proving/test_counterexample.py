"""Counterexamples to statements about numbers: found where there are some, none for what is true."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metadream import _core
from metadream.wake_sleep.prove.counterexample import Counterexample, against, counterexample
from metadream.wake_sleep.prove.prove import prove

A, B = ["variable", "A"], ["variable", "B"]
HALF = ["/", "1", "2"]


@pytest.fixture
def numbers(root: Path) -> Path:
    """A small database with arithmetic."""
    return root / "core/src/wake_sleep/closers/numbers/fixture.mm"


def test_closed_numerals() -> None:
    found = counterexample(["=", ["+", "2", "2"], "5"])
    assert found == Counterexample({}, "4", "=", "5")
    assert str(found) == "the left side is 4, the right side is 5"
    assert counterexample(["=", ["+", "2", "2"], "4"]) is None


def test_conditions_are_kept() -> None:
    positive = ["/\\", ["in", A, "RR"], ["<", "0", A]]
    claim = ["->", positive, ["<_", A, ["^", A, "2"]]]
    assert counterexample(claim) == Counterexample({"A": "1/2"}, "1/2", "<_", "1/4")
    assert counterexample(["->", ["/\\", positive, ["in", A, "ZZ"]], ["<_", A, ["^", A, "2"]]]) is None


def test_equivalences_conjunctions_and_sets() -> None:
    squares = ["<->", ["<", A, B], ["<", ["^", A, "2"], ["^", B, "2"]]]
    found = counterexample(["->", ["/\\", ["in", A, "RR"], ["in", B, "RR"]], squares])
    assert found is not None
    assert (found.relation, {found.left, found.right}) == ("<->", {"true", "false"})
    assert counterexample(["/\\", ["true"], ["=", "3", "3"], ["in", HALF, "NN"]]) == Counterexample(
        {}, "1/2", "in", "NN"
    )
    assert counterexample(["in", ["sqrt", "2"], "QQ"]) is not None
    assert counterexample(["in", ["sqrt", "2"], "RR"]) is None
    assert counterexample(["||", "3", "10"]) == Counterexample({}, "3", "||", "10")


@pytest.mark.parametrize(
    "claim",
    [
        ["=", ["/", "1", "0"], "0"],
        ["=", ["^", "0", ["-u", "1"]], "0"],
        ["=", ["^", "4", HALF], "3"],
        ["<", ["_i"], "0"],
        ["=", ["+", ["log", "2"], ["log", "3"]], ["log", "6"]],
        ["=", ["^", "9", ["^", "9", "9"]], "0"],
        ["=", ["!", "1000"], "0"],
    ],
)
def test_what_has_no_value_decides_nothing(claim: list[Any]) -> None:
    assert counterexample(claim) is None


def test_remainders_are_those_of_the_database() -> None:
    remainder = ["mod", ["-u", "1"], HALF]
    assert counterexample(["=", remainder, "0"]) is None
    assert counterexample(["=", ["mod", ["-u", "7"], "5"], "3"]) is None
    assert counterexample(["=", ["mod", ["-u", "7"], "5"], ["-u", "2"]]) is not None


terms = st.recursive(
    st.integers(0, 20).map(str),
    lambda inner: st.tuples(st.sampled_from(["+", "x.", "-"]), inner, inner).map(list),
    max_leaves=8,
)


def exactly(term: str | list[Any]) -> Fraction:
    if isinstance(term, str):
        return Fraction(term)
    left, right = map(exactly, term[1:])
    return {"+": left + right, "x.": left * right, "-": left - right}[term[0]]


@given(terms, terms)
def test_equations_are_refuted_where_their_sides_differ(left: str | list[Any], right: str | list[Any]) -> None:
    found = counterexample(["=", left, right])
    assert (found is not None) == (exactly(left) != exactly(right))
    if found is not None:
        assert (Fraction(found.left), Fraction(found.right)) == (exactly(left), exactly(right))


def test_what_the_database_proves_has_no_counterexample(numbers: Path) -> None:
    theory = _core.Theory.load(numbers)
    told = 0
    for label in theory.labels():
        said = theory.statement(label)
        hyps = list(zip(said["hyp_labels"], said["hyps"], strict=True))
        target = json.dumps({"hyps": hyps, "conclusion": said["conclusion"], "disjoint": [], "before": None})
        assert against(theory, target) is None, label
        told += _core.numeric_claim(theory, target) is not None
    assert told > 20


def test_what_is_false_in_a_file_is_told_and_the_rest_is_proved(numbers: Path, tmp_path: Path) -> None:
    file = tmp_path / "open.mm"
    file.write_text("bad $p |- ( 2 + 2 ) = 5 $= ? $.\ngood $p |- ( 3 + 4 ) = 7 $= ? $.\n")
    said = prove(str(file), str(numbers), output=tmp_path / "answer")
    bad, good = said.data["theorems"]
    assert (bad["proved"], bad["reason"], bad["expansions"], bad["open"]) == (False, "false", 0, 1)
    assert bad["counterexample"]["text"] == "the left side is 4, the right side is 5"
    assert (good["proved"], good["counterexample"], said.status) == (True, None, 1)
    assert "counterexample: the left side is 4" in str(said.text())


def test_prove_answers_at_once(numbers: Path, tmp_path: Path) -> None:
    said = prove("|- ( 2 + 2 ) = 5", str(numbers), output=tmp_path / "answer")
    data = json.loads(json.dumps(said.data, default=str))
    assert (said.status, data["proved"], data["reason"], data["expansions"]) == (1, False, "false", 0)
    assert data["counterexample"] == {
        "values": {},
        "left": "4",
        "relation": "=",
        "right": "5",
        "text": "the left side is 4, the right side is 5",
    }
    assert data["model_knows"] is None
    assert "counterexample: the left side is 4, the right side is 5" in said.text()
    assert (tmp_path / "answer" / "statement.mmp").is_file()

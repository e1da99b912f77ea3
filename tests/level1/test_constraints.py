"""Constraints: reading them, claims that follow and claims that do not, certificates that were tampered with."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metadream._core import Machine, Program
from metadream.dsl.level1.certificates import RefusedError
from metadream.dsl.level1.constraints import Constraint, Ledger, Part, UndischargedError, check, constraint
from metadream.dsl.level1.emitted import Emitted, emitted
from metadream.metamath_db.errors import InputError

SETTINGS = settings(max_examples=60, deadline=None, derandomize=True, database=None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3*1:0:0 - 1:0:1 + 1/2 <= 1:0:2", "3*1:0:0 + -1*1:0:1 + -1*1:0:2 <= -1/2"),
        ("x>=0", "1*x >= 0"),
        ("-x < 3 - x", "0 < 3"),
        ("x@0 = 1", None),
    ],
)
def test_constraints_are_read(text: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(InputError):
            constraint(text)
    else:
        assert str(constraint(text)) == expected


@pytest.mark.parametrize("text", ["", "x", "x <=", "x y <= 1", "x <= 1 <= 2", "3* <= 1", "1/0 <= x", "x*y <= 1"])
def test_what_is_no_constraint_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected a linear constraint"):
        constraint(text)


def test_claims_that_follow_become_facts_and_others_do_not() -> None:
    ledger = Ledger()
    ledger.assume("x <= y", "y <= z", "z <= 5", "x = 2*w")
    ledger.derive("w <= 2")
    ledger.derive("x <= 5")
    with pytest.raises(UndischargedError) as found:
        ledger.derive("x >= 0")
    assert found.value.values is not None and found.value.values["x"] < 0
    ledger.assume("x >= 5")
    ledger.derive("z = 5")
    assert (ledger.audit(), len(ledger.facts)) == (3, 8)
    ledger.facts[2] = constraint("z <= 6")
    with pytest.raises(RefusedError):
        ledger.audit()


def test_integers_need_splits_where_rationals_have_a_point() -> None:
    facts = ["3*x + 5*y = 4", "x >= 0", "y >= 0", "x <= 1", "y <= 1"]
    ledger = Ledger()
    ledger.assume(*facts)
    (part,) = ledger.derive("x + y <= -7")
    assert any(line.startswith("split") for line in part.lines)
    rational = Ledger(integer=False)
    rational.assume(*facts)
    with pytest.raises(UndischargedError):
        rational.derive("x + y <= -7")
    with pytest.raises(RefusedError):
        check(rational.facts, constraint("x + y <= -7"), [part], integer=False)


NAMES = ("x", "y", "z")
FACTORS = st.integers(-3, 3).map(Fraction)
CONSTRAINTS = st.builds(
    lambda factors, relation, bound: Constraint(
        tuple((n, f) for n, f in zip(NAMES, factors, strict=True) if f), relation, bound
    ),
    st.tuples(FACTORS, FACTORS, FACTORS),
    st.sampled_from(["<=", "<", "=", ">=", ">"]),
    FACTORS,
)


def holds(c: Constraint, values: dict[str, Fraction]) -> bool:
    """Whether the values satisfy a constraint."""
    left = sum((f * values[n] for n, f in c.terms), Fraction(0))
    order = (left > c.bound) - (left < c.bound)
    return order in {"<=": (-1, 0), "<": (-1,), "=": (0,), ">=": (0, 1), ">": (1,)}[c.relation]


@given(st.lists(CONSTRAINTS, max_size=4), CONSTRAINTS, st.booleans(), st.data())
@SETTINGS
def test_a_claim_has_a_certificate_or_a_counter_example(
    facts: list[Constraint], claim: Constraint, integer: bool, data: st.DataObject
) -> None:
    ledger = Ledger(integer=integer, facts=list(facts))
    try:
        parts = ledger.derive(claim)
    except UndischargedError as found:
        assert ledger.facts == facts
        if found.values is not None:
            values = {n: found.values.get(n, Fraction(0)) for n in NAMES}
            assert all(holds(f, values) for f in facts) and not holds(claim, values)
        return
    points = st.integers(-4, 4).map(Fraction) if integer else st.fractions(-4, 4, max_denominator=4)
    values = {n: data.draw(points) for n in NAMES}
    assert holds(claim, values) or not all(holds(f, values) for f in facts)
    for i, part in enumerate(parts):
        for row in part.factors:
            tampered = dict(part.factors) | {row: -part.factors[row]}
            with pytest.raises(RefusedError):
                check(facts, claim, [*parts[:i], Part(tampered, part.lines), *parts[i + 1 :]], integer)
    with pytest.raises(RefusedError):
        check(facts, claim, parts[1:], integer)


PROGRAM = """.block main
    MAP.add     2:0:0, 1:0:0*2, #4
    REDUCE.sum  2:0:2, 1:0:0*2
    REDUCE.max  2:0:3, 1:0:0*2
    MAP.mul     2:0:4, 2:0:2*1, #3
    MAP.sub     2:0:5, 2:0:0*1, 1:0:1
    CMP.lt      2:0:6, 1:0:0, 1:0:1
    SPAWN.test  2:0:7, %dropped, #9
    MOV         1:0:0, #0
.block dropped
    MOV         2:0:0, #1000
"""


def followed(a: int, b: int) -> Emitted:
    """What the program emits on two loaded ints."""
    machine = Machine()
    for address, value in (("1:0:0", a), ("1:0:1", b)):
        machine.load(address, {"tag": "int", "value": value})
    loaded = machine.cells()
    assert machine.run(Program.assemble(PROGRAM), 100)["stop"] == "end"
    return emitted(loaded, machine.events())


def test_a_run_s_constraints_give_claims_about_cells() -> None:
    run = followed(3, 8)
    ledger = Ledger(facts=list(run.constraints))
    ledger.derive(run.at_end("2:0:4 = 3*1:0:0@0 + 3*1:0:1"))
    ledger.derive(run.at_end("2:0:5 <= 3"))  # from the comparison: 1:0:0 < 1:0:1
    ledger.derive(run.at_end("2*2:0:3 >= 2:0:2"))
    ledger.derive(run.at_end("1:0:0 = 0"))
    ledger.derive(run.at_end("2:0:0 = 1:0:0@0 + 4"))  # the child's write was dropped
    for claim in ("2:0:5 <= 2", "2:0:0 = 7", "1:0:0@0 = 3"):
        with pytest.raises(UndischargedError):
            ledger.derive(run.at_end(claim))
    assert ledger.audit() == 5


@given(st.integers(-9, 9), st.integers(-9, 9))
@SETTINGS
def test_what_is_emitted_is_true_of_the_run(a: int, b: int) -> None:
    run = followed(a, b)
    values = {"1:0:0@0": a, "1:0:1@0": b, "2:0:0@1": a + 4, "2:0:1@1": b + 4, "2:0:2@2": a + b, "2:0:3@3": max(a, b)}
    values |= {"2:0:4@4": 3 * (a + b), "2:0:5@5": a + 4 - b, "2:0:0@8": 1000, "1:0:0@9": 0}
    assert len(run.constraints) == 10
    assert all(holds(c, {n: Fraction(v) for n, v in values.items()}) for c in run.constraints)

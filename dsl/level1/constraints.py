"""Linear constraints over cells, discharged by z3 and believed only with a certificate.

Opcodes emit constraints (`metadream.dsl.level1.emitted`): equalities (MOV, MAP.add, REDUCE.sum, …), bounds and orders
(CMP, REDUCE.min, …), over the cells that they read and wrote. A `Ledger` holds facts: what was assumed, and what was
derived from it. To derive a claim, z3 looks for factors by which facts and the claim's negation add up to a
contradiction (Farkas' lemma; over the rationals that is complete). Where integers need more than that, SATCHECK gives
a refutation with splits. In both cases `metadream.dsl.level1.certificates`, which knows neither z3 nor SATCHECK, checks
the certificate before the claim becomes a fact. Only the translation of constraints into rows is common to finding and
checking.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, gcd, lcm
from typing import Any

from metadream.dsl.level1 import certificates
from metadream.metamath_db.errors import InputError

#: coefficients by name, bound, strict: coefficients · names ≤ bound (< if strict).
Row = tuple[dict[str, Fraction], Fraction, bool]

_NAME = r"(?:\d+:\d+:\d+(?:@\d+)?|[A-Za-z_]\w*)"
_NUMBER = r"\d+(?:/\d*[1-9]\d*)?"
_TERM = re.compile(rf"\s*(?P<sign>[-+])?\s*(?:(?P<name>{_NAME})|(?P<factor>{_NUMBER})(?:\s*\*\s*(?P<of>{_NAME}))?)\s*")
_OPPOSITE = {"<=": ">", "<": ">=", ">=": "<", ">": "<="}


@dataclass(frozen=True)
class Constraint:
    """`terms` · names, related to `bound`; `relation` is one of ``<= < = >= >``. Names are cells or identifiers."""

    terms: tuple[tuple[str, Fraction], ...]
    relation: str
    bound: Fraction

    def __str__(self) -> str:
        left = " + ".join(f"{factor}*{name}" for name, factor in self.terms) or "0"
        return f"{left} {self.relation} {self.bound}"


def _side(text: str) -> dict[str, Fraction] | None:
    """A sum of terms by name, the constant by ""; None if it is none."""
    total: dict[str, Fraction] = {}
    at = 0
    while at < len(text) or not total:
        match = _TERM.match(text, at)
        if match is None or (at > 0 and match["sign"] is None):
            return None
        at = match.end()
        name = match["name"] or match["of"] or ""
        value = Fraction(match["factor"] or 1) * (-1 if match["sign"] == "-" else 1)
        total[name] = total.get(name, Fraction(0)) + value
    return total


def constraint(text: str) -> Constraint:
    """Read a constraint such as ``3*1:0:0 - 1:0:1 + 1/2 <= 1:0:2``. Raises `InputError`."""
    relation = re.search("<=|>=|<|>|=", text)
    left = _side(text[: relation.start()]) if relation else None
    right = _side(text[relation.end() :]) if relation else None
    if relation is None or left is None or right is None:
        raise InputError(f"expected a linear constraint such as '3*1:0:0 - 1:0:1 <= 1/2'; found {text!r}")
    for name, factor in right.items():
        left[name] = left.get(name, Fraction(0)) - factor
    bound = -left.pop("", Fraction(0))
    return Constraint(tuple(sorted((n, f) for n, f in left.items() if f)), relation.group(), bound)


def _row(c: Constraint, relation: str, integer: bool) -> Row:
    """One constraint as a row; over the integers scaled to coprime ints and tightened."""
    turn = -1 if relation in (">=", ">") else 1
    terms, bound, strict = {n: turn * f for n, f in c.terms}, turn * c.bound, relation in ("<", ">")
    if not integer:
        return terms, bound, strict
    scale = Fraction(lcm(*(f.denominator for f in terms.values())))
    scale /= gcd(*(int(f * scale) for f in terms.values())) or 1
    bound *= scale
    return {n: f * scale for n, f in terms.items()}, Fraction(ceil(bound) - 1 if strict else bound // 1), False


def _rows(facts: Sequence[Constraint], integer: bool) -> list[Row]:
    rows = []
    for fact in facts:
        relations = ("<=", ">=") if fact.relation == "=" else (fact.relation,)
        rows += [_row(fact, relation, integer) for relation in relations]
    return rows


def _negations(claim: Constraint, integer: bool) -> list[Row]:
    """The rows each of which must contradict the facts: one, or two for an equality."""
    relations = ("<", ">") if claim.relation == "=" else (_OPPOSITE[claim.relation],)
    return [_row(claim, relation, integer) for relation in relations]


@dataclass(frozen=True)
class Part:
    """Why one negation of the claim contradicts the facts: factors by row (the last row is the negation), or lines."""

    factors: Mapping[int, Fraction] = field(default_factory=dict)
    lines: tuple[str, ...] = ()


class UndischargedError(Exception):
    """A claim that has no certificate; `values` is a counter-example where there is one."""

    def __init__(self, message: str, values: Mapping[str, Fraction] | None = None) -> None:
        super().__init__(message)
        self.values = values


def _formula(rows: Sequence[Row]) -> certificates.Formula:
    """Integer rows, all of which hold, as a SATCHECK problem."""
    names = sorted({n for row in rows for n in row[0]})
    atoms = tuple((tuple(int(row[0].get(n, 0)) for n in names), int(row[1])) for row in rows)
    return certificates.Formula(len(rows), tuple((i + 1,) for i in range(len(rows))), atoms, len(names), True)


def _contradiction(rows: Sequence[Row], integer: bool) -> Part:
    """Find a certificate that the rows cannot hold together. Raises `UndischargedError`."""
    import z3

    factors = [z3.Real(f"f{i}") for i in range(len(rows))]
    solver = z3.Solver()
    solver.set("random_seed", 0)
    solver.add([f >= 0 for f in factors])

    def q(value: Fraction) -> Any:
        return z3.RealVal(f"{value.numerator}/{value.denominator}")

    for name in sorted({n for row in rows for n in row[0]}):
        solver.add(z3.Sum([f * q(row[0].get(name, Fraction(0))) for f, row in zip(factors, rows, strict=True)]) == 0)
    right = z3.Sum([f * q(row[1]) for f, row in zip(factors, rows, strict=True)])
    strict = z3.Or([f > 0 for f, row in zip(factors, rows, strict=True) if row[2]])
    solver.add(z3.Or(right < 0, z3.And(right <= 0, strict)))
    if solver.check() == z3.sat:
        model = solver.model()
        values = [model.eval(f, model_completion=True).as_fraction() for f in factors]
        return Part({i: Fraction(v) for i, v in enumerate(values) if v > 0})
    if integer:
        lines = _integer_refutation(rows)
        if lines:
            return Part(lines=tuple(lines))
    raise UndischargedError("the facts do not give the claim", _example(rows, integer))


def _integer_refutation(rows: Sequence[Row]) -> list[str]:
    from metadream._core import satcheck

    f = _formula(rows)
    atoms = [(list(c), b) for c, b in f.atoms]
    return satcheck(f.variables, [list(c) for c in f.clauses], atoms, f.unknowns, f.integer)[3]


def _example(rows: Sequence[Row], integer: bool) -> dict[str, Fraction] | None:
    """Values that satisfy the rows, by z3; checked by evaluation."""
    import z3

    names = sorted({n for row in rows for n in row[0]})
    known = {n: (z3.Int if integer else z3.Real)(n) for n in names}
    solver = z3.Solver()
    solver.set("random_seed", 0)
    for terms, bound, strict in rows:
        scale = lcm(bound.denominator, *(f.denominator for f in terms.values()))
        left = z3.Sum([int(f * scale) * known[n] for n, f in terms.items()])
        solver.add(left < int(bound * scale) if strict else left <= int(bound * scale))
    if solver.check() != z3.sat:
        return None
    model = solver.model()
    found = {n: Fraction(str(model.eval(v, model_completion=True))) for n, v in known.items()}
    for terms, bound, strict in rows:
        left = sum((f * found[n] for n, f in terms.items()), Fraction(0))
        if left > bound or (strict and left == bound):
            return None
    return found


def check(facts: Sequence[Constraint], claim: Constraint, parts: Sequence[Part], integer: bool = True) -> None:
    """Whether the certificate shows that the facts give the claim. Raises `certificates.RefusedError`."""
    negations = _negations(claim, integer)
    if len(parts) != len(negations):
        raise certificates.RefusedError("there is a part for each negation of the claim")
    for negation, part in zip(negations, parts, strict=True):
        rows = [*_rows(facts, integer), negation]
        if part.lines:
            if not integer:
                raise certificates.RefusedError("lines are over the integers")
            certificates.refutation(_formula(rows), part.lines)
            continue
        names = sorted({n for row in rows for n in row[0]})
        if any(not 0 <= i < len(rows) for i in part.factors):
            raise certificates.RefusedError("factors belong to facts or to the negation")
        used = [(rows[i], factor) for i, factor in sorted(part.factors.items())]
        dense = [([row[0].get(n, Fraction(0)) for n in names], row[1], row[2]) for row, _ in used]
        certificates.farkas(dense, [factor for _, factor in used])


@dataclass
class Ledger:
    """Facts: assumed ones, and derived ones with their certificates (facts, by number, come before what uses them)."""

    integer: bool = True
    facts: list[Constraint] = field(default_factory=list)
    certificates: dict[int, tuple[Part, ...]] = field(default_factory=dict)

    def assume(self, *constraints: Constraint | str) -> None:
        """Add facts that opcodes emitted or the host knows."""
        self.facts += [constraint(c) if isinstance(c, str) else c for c in constraints]

    def derive(self, claim: Constraint | str) -> tuple[Part, ...]:
        """Add a claim as a fact, with its certificate. Raises `UndischargedError`; then nothing is added."""
        claim = constraint(claim) if isinstance(claim, str) else claim
        rows = _rows(self.facts, self.integer)
        parts = tuple(_contradiction([*rows, negation], self.integer) for negation in _negations(claim, self.integer))
        check(self.facts, claim, parts, self.integer)
        self.certificates[len(self.facts)] = parts
        self.facts.append(claim)
        return parts

    def audit(self) -> int:
        """Check every certificate again; how many there are. Raises `certificates.RefusedError`."""
        for number, parts in self.certificates.items():
            check(self.facts[:number], self.facts[number], parts, self.integer)
        return len(self.certificates)

"""Counterexamples to statements about numbers: what is false is told at once, and not searched for.

The core reads a statement by the theory's own arithmetic symbols (`_core.numeric_claim`) and hands it out as an
expression. Small rationals are put for its variables, and sympy evaluates both sides: exactly where they are rational,
else to `DIGITS` digits, and then only a difference of more than `APART` counts. An assignment under which all
conditions hold and the conclusion does not is a counterexample: each instance of a provable statement is provable.

What has no value here (a division by zero, the order of numbers that are not real) has no truth value either, and
decides nothing. Wff variables are put true, so that a deduction ``( ph -> A = B )`` is asked without its context.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice, product
from typing import TYPE_CHECKING, Any, TypeAlias

from metadream import _core

if TYPE_CHECKING:
    from metadream._core import Theory

MOST_TRIED = 400  # assignments
MOST_EVALUATED = 40_000  # operators, of all assignments; sympy does some 50,000 a second
MOST_POWER = 100  # greatest exponent, of numbers below 2 to this
DIGITS = 40  # of numbers that are not rational
APART = 1e-20
#: What is put for a variable, in this order.
SMALL = ("1", "2", "0", "-1", "1/2", "3", "-2", "-1/2", "10")

#: In the place of a search's answer.
NOT_SEARCHED: dict[str, Any] = {
    "proof": None,
    "reason": "false",
    "expansions": 0,
    "steps": None,
    "minimised": None,
    "seconds": 0.0,
    "frontier": None,
    "content": None,
    "graph": None,
    "proposer": None,
}

Claim: TypeAlias = Any  # a digit text, or a list with the operator first
Value: TypeAlias = Any  # a number of sympy


class NoValueError(Exception):
    """An expression has no value that is known here."""


@dataclass(frozen=True)
class Counterexample:
    """`values`: of each variable; `relation` and what its sides are (``left = right`` is what does not hold)."""

    values: Mapping[str, str]
    left: str
    relation: str
    right: str

    def __str__(self) -> str:
        """In words."""
        where = ", ".join(f"{name} = {value}" for name, value in self.values.items())
        told = f"where {where}, " if where else ""
        if self.relation == "in":
            return f"{told}what should be in {self.right} is {self.left}"
        return f"{told}the left side is {self.left}, the right side is {self.right}"


def against(theory: Theory, target: str) -> dict[str, Any] | None:
    """A counterexample to a statement (JSON) as the answer has it, with ``text``; None if none was found.

    Nothing is looked for where the statement speaks of anything but numbers.
    """
    said = _core.numeric_claim(theory, target)
    found = None if said is None else counterexample(json.loads(said))
    return None if found is None else {**asdict(found), "text": str(found)}


def counterexample(claim: Claim) -> Counterexample | None:
    """The first assignment of `SMALL` numbers under which the claim does not hold; None if there is none among the
    first ones (`MOST_TRIED`, `MOST_EVALUATED`).
    """
    names = sorted(set(_variables(claim)))
    most = min(MOST_TRIED, 1 + MOST_EVALUATED // _size(claim))
    for numbers in islice(_assignments(len(names)), most):
        values = dict(zip(names, map(_rational, numbers), strict=True))
        if _holds(claim, values) is False:
            relation, *sides = _fails(claim, values)
            left, right = (_shown(side, values) for side in sides)
            return Counterexample(dict(zip(names, numbers, strict=True)), left, relation, right)
    return None


def _assignments(count: int) -> Iterator[tuple[str, ...]]:
    """All tuples of `SMALL`, those of the first few numbers first."""
    for most in range(len(SMALL)):
        for chosen in product(range(most + 1), repeat=count):
            if max(chosen, default=most) == most:
                yield tuple(SMALL[i] for i in chosen)
        if not count:
            return


def _size(claim: Claim) -> int:
    return 1 + sum(map(_size, claim[1:])) if isinstance(claim, list) else 1


def _variables(claim: Claim) -> Iterator[str]:
    if isinstance(claim, list) and claim[0] == "variable":
        yield claim[1]
    elif isinstance(claim, list) and claim[0] != "wff":
        for part in claim[1:]:
            yield from _variables(part)


def _fails(claim: Claim, values: Mapping[str, Value]) -> Claim:
    """Of a claim that does not hold, the relation (or the equivalence) that is not so."""
    while claim[0] in ("->", "/\\"):
        claim = claim[2] if claim[0] == "->" else next(part for part in claim[1:] if _holds(part, values) is False)
    return claim


def _shown(side: Claim, values: Mapping[str, Value]) -> str:
    if isinstance(side, list) and side[0] in (*CONNECTIVES, *RELATIONS):
        return str(_holds(side, values)).lower()
    if isinstance(side, str) and not side.isdigit():  # the name of a set
        return side
    value = _number(side, values)
    return str(value if value.is_Rational else value.evalf(DIGITS // 4))


def _holds(claim: Claim, values: Mapping[str, Value]) -> bool | None:
    """Whether it holds; None if that is not known."""
    operator, *parts = claim
    if operator in ("wff", "true"):
        return True
    if operator == "/\\":
        return _all([_holds(part, values) for part in parts])
    if operator in ("->", "<->"):
        left, right = _holds(parts[0], values), _holds(parts[1], values)
        if operator == "->":
            return True if left is False or right is True else None if None in (left, right) else False
        return None if left is None or right is None else left == right
    try:
        if operator == "in":
            return _is_in(_number(parts[0], values), parts[1])
        return RELATIONS[operator](*(_number(part, values) for part in parts))
    except NoValueError:
        return None


def _all(parts: Sequence[bool | None]) -> bool | None:
    return False if False in parts else None if None in parts else True


def _number(term: Claim, values: Mapping[str, Value]) -> Value:
    """Its value. Raises `NoValueError`."""
    import sympy

    if isinstance(term, str):
        return sympy.Integer(term)
    operator, *parts = term
    if operator == "variable":
        return values[parts[0]]
    if not parts:
        return {"_i": sympy.I, "_pi": sympy.pi}[operator]
    return OPERATIONS[operator](*(_number(part, values) for part in parts))


def _rational(text: str) -> Value:
    import sympy

    return sympy.Rational(text)


def _known(condition: bool) -> None:
    if not condition:
        raise NoValueError


def _sign(x: Value) -> int:
    """−1, 0 or 1 of a real number. Raises `NoValueError`."""
    if x.is_Rational:
        return int(bool(x > 0)) - int(bool(x < 0))
    _known(bool(x.is_real))
    near = float(x.evalf(DIGITS))
    _known(abs(near) > APART)
    return 1 if near > 0 else -1


def _equal(x: Value, y: Value) -> bool:
    difference = x - y
    if difference.is_Rational:
        return bool(difference == 0)
    _known(abs(complex(difference.evalf(DIGITS))) > APART)  # nearly equal: not known
    return False


def _is_in(x: Value, name: str) -> bool:
    if not x.is_Rational:  # of other numbers it is known where a closed form says so
        known = {"CC": True, "RR": x.is_real, "RR+": x.is_positive}.get(name, x.is_rational)
        _known(known is not None)
        return bool(known)
    return {
        "ZZ": bool(x.is_Integer),
        "NN0": bool(x.is_Integer and x >= 0),
        "NN": bool(x.is_Integer and x > 0),
        "RR+": bool(x > 0),
    }.get(name, True)


def _divides(x: Value, y: Value) -> bool:
    _known(bool(x.is_Integer and y.is_Integer))
    return bool(y == 0 if x == 0 else y % x == 0)


def _quotient(x: Value, y: Value) -> Value:
    _known(bool(y.is_nonzero))
    return x / y


def _power(x: Value, y: Value) -> Value:
    _known(bool(y.is_Integer and abs(y) <= MOST_POWER and (y >= 0 or x.is_nonzero)))
    _known(not x.is_Rational or max(abs(x.p), x.q).bit_length() <= MOST_POWER)
    return x**y


def _modulo(x: Value, y: Value) -> Value:
    import sympy

    _known(bool(x.is_Rational and y.is_Rational and y > 0))
    return x - y * sympy.floor(x / y)


def _of_integers(name: str) -> Callable[[Value, Value], Value]:
    def of(x: Value, y: Value) -> Value:
        import sympy

        _known(bool(x.is_Integer and y.is_Integer))
        return sympy.Integer(getattr(sympy, name)(x, y))

    return of


def _function(name: str, domain: Callable[[Value], Any]) -> Callable[[Value], Value]:
    """sympy's function of this name, where the database defines it alike."""

    def of(x: Value) -> Value:
        import sympy

        _known(bool(domain(x)))
        return getattr(sympy, name)(x)

    return of


CONNECTIVES = ("->", "/\\", "<->", "in", "true", "wff")
RELATIONS: Mapping[str, Callable[[Value, Value], bool]] = {
    "=": _equal,
    "=/=": lambda x, y: not _equal(x, y),
    "<": lambda x, y: _sign(x - y) < 0,
    "<_": lambda x, y: _sign(x - y) <= 0,
    "||": _divides,
}
OPERATIONS: Mapping[str, Callable[..., Value]] = {
    "+": lambda x, y: x + y,
    "x.": lambda x, y: x * y,
    "-": lambda x, y: x - y,
    "/": _quotient,
    "^": _power,
    "mod": _modulo,
    "gcd": _of_integers("igcd"),
    "lcm": _of_integers("ilcm"),
    "dec": lambda x, y: 10 * x + y,
    "-u": lambda x: -x,
    "abs": _function("Abs", lambda x: True),
    "sqrt": _function("sqrt", lambda x: x.is_nonnegative),
    "!": _function("factorial", lambda x: x.is_Integer and 0 <= x <= MOST_POWER),
    "|_": _function("floor", lambda x: x.is_Rational),
    "exp": _function("exp", lambda x: x.is_Rational and abs(x) <= MOST_POWER),
    "log": _function("log", lambda x: x.is_positive),
    "sin": _function("sin", lambda x: x.is_real),
    "cos": _function("cos", lambda x: x.is_real),
}

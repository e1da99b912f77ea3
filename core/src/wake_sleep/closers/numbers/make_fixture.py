"""Write the small database on which the number closers are tested without set.mm.

Takes the statements of ``lemmas.txt`` and of the digit tables from set.mm and writes them as axioms over a grammar of
its own to ``fixture.mm``, beside ``lemmas.txt``. Run it (it has no arguments) when that changes.
"""

from __future__ import annotations

import re
from pathlib import Path

from metadream._core import Theory
from metadream.metamath_db.core import load_theory
from metadream.metamath_db.data import resolve_database

FOLDER = Path(__file__).parent
# Syntax that has structure; every other symbol of a statement is a variable or a class constant.
SYNTAX = """wi wff ( ph -> ps )
wa wff ( ph /\\ ps )
w3a wff ( ph /\\ ps /\\ ch )
wn wff -. ph
wb wff ( ph <-> ps )
wtru wff T.
cv class x
wceq wff A = B
wcel wff A e. B
wne wff A =/= B
wbr wff A R B
wf wff F : A --> B
wral wff A. x e. A ph
co class ( A F B )
cfv class ( F ` A )
cvv class _V
cmpt class ( x e. A |-> B )
cneg class -u A
cdc class ; A B"""
VARIABLES = {
    "wff": "ph ps ch th ta et",
    "class": "A B C D E F G H K L M N P Q R S T U V W X Y Z",
    "setvar": "x y z k n",
}
DIGIT = r"(?:\d|10|; 1 0)"
TABLE = re.compile(rf"\|- (?:\( \d (?:\+|x\.) \d \) = (?:\d|10|; \d \d)|\d < {DIGIT})")


def main() -> None:
    """Read set.mm, write the fixture."""
    theory = load_theory(resolve_database("set"))
    wanted = [line.split(" : ")[0] for line in (FOLDER / "lemmas.txt").read_text().splitlines()]
    known = set(theory.labels())
    named = set(wanted)
    labels = [label for label in theory.labels() if label in named or TABLE.fullmatch(conclusion(theory, label))]
    if missing := named - known:
        raise SystemExit(f"set.mm has no {' '.join(sorted(missing))}")
    body, symbols = [], {"|-"}
    for label in labels:
        statement = theory.statement(label)
        hyps = statement["hyps"]
        for text in [*hyps, statement["conclusion"]]:
            symbols.update(text.split())
        lines = [f"{label}.{i} $e {text} $." for i, text in enumerate(hyps, 1)]
        pairs = [f"$d {x} {y} $." for x, y in statement["disjoint"]]
        text = " ".join([*pairs, *lines, f"{label} $a {statement['conclusion']} $."])
        body.append(f"${{ {text} $}}" if lines or pairs else text)
    (FOLDER / "fixture.mm").write_text("\n".join([*grammar(symbols), *body]) + "\n")


def conclusion(theory: Theory, label: str) -> str:
    """The conclusion of a statement without hypotheses, else nothing."""
    if re.fullmatch(r"\d(?:[pt]\d+e\d+b?|lt\d+)", label) is None:
        return ""
    statement = theory.statement(label)
    return "" if statement["hyps"] else statement["conclusion"]


def grammar(symbols: set[str]) -> list[str]:
    """Declarations of the symbols, and the syntax axioms."""
    syntax = [line.split(" ", 2) for line in SYNTAX.splitlines()]
    variables = {v for names in VARIABLES.values() for v in names.split()}
    structural = {s for _, _, text in syntax for s in text.split()} - variables
    constants = sorted(symbols - variables - structural - {"|-"})
    out = ["$( Statements of set.mm as axioms, made by make_fixture.py. $)"]
    out.append(f"$c |- wff class setvar {' '.join(sorted(structural))} {' '.join(constants)} $.")
    out.append(f"$v {' '.join(v for names in VARIABLES.values() for v in names.split())} $.")
    out += [f"v{v} $f {typecode} {v} $." for typecode, names in VARIABLES.items() for v in names.split()]
    out += [f"{label} $a {typecode} {text} $." for label, typecode, text in syntax]
    out += [f"c{i} $a class {symbol} $." for i, symbol in enumerate(constants)]
    return out


if __name__ == "__main__":
    main()

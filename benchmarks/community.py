"""Whether the miner finds the lemmas that set.mm's community added after a file was made (set.mm issue 2710).

    python benchmarks/community.py set --threads 2

For each: whether the file states it already, and if not, the new lemma that states it, its uses in the rewritten
database, and its rank by uses among all new lemmas. Statements are compared up to names of variables and the order of
hypotheses. A lemma is no find where the file holds its pattern less than five times: `uses` says how often.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

from metadream.metamath_db.core import load_theory
from metadream.metamath_db.data import resolve_database

# As set.mm states them today: hypotheses, then the conclusion.
ADDED = {
    "fvexi": ["A = ( F ` B )", "A e. _V"],
    "fvexd": ["( ph -> ( F ` A ) e. _V )"],
    "ovexd": ["( ph -> ( A F B ) e. _V )"],
    "hllatd": ["( ph -> K e. HL )", "( ph -> K e. Lat )"],
    "frnd": ["( ph -> F : A --> B )", "( ph -> ran F C_ B )"],
    "fdmd": ["( ph -> F : A --> B )", "( ph -> dom F = A )"],
    "ne0d": ["( ph -> B e. A )", "( ph -> A =/= (/) )"],
    "fmpttd": ["( ( ph /\\ x e. A ) -> B e. C )", "( ph -> ( x e. A |-> B ) : A --> C )"],
    "mptfvmpt": [
        "( y = Y -> M = ( x e. V |-> A ) )",
        "G = ( y e. W |-> M )",
        "V = ( F ` X )",
        "( Y e. W -> ( G ` Y ) = ( x e. V |-> A ) )",
    ],
    "fssdm": ["D C_ dom F", "( ph -> F : A --> B )", "( ph -> D C_ A )"],
    "eqelssd": ["( ph -> A C_ B )", "( ( ph /\\ x e. B ) -> x e. A )", "( ph -> A = B )"],
}
Statement = tuple[tuple[str, ...], ...]


def named(formulas: list[list[str]], variables: frozenset[str]) -> Statement:
    """Formulas with their variables numbered as they appear."""
    numbers: dict[str, str] = {}
    return tuple(
        tuple(numbers.setdefault(word, f"#{len(numbers)}") if word in variables else word for word in formula)
        for formula in formulas
    )


def forms(formulas: list[str], variables: frozenset[str]) -> Iterator[Statement]:
    """A statement with its hypotheses in each order, the conclusion first."""
    words = [formula.split() for formula in formulas]
    for order in permutations(words[:-1]):
        yield named([words[-1], *order], variables)


def assertions(text: str) -> Iterator[tuple[str, list[str]]]:
    """Label, hypotheses and conclusion of each ``|-`` assertion, without their typecode."""
    text = re.sub(r"\$\(.*?\$\)", " ", text, flags=re.DOTALL)
    scopes: list[list[str]] = [[]]
    for match in re.finditer(r"\$\{|\$\}|(\S+)\s+\$([eap])\s+(\S+)\s+(.*?)\$[.=]", text, flags=re.DOTALL):
        if match[0] == "${":
            scopes.append([])
        elif match[0] == "$}":
            scopes.pop()
        elif match[3] == "|-":
            formula = " ".join(match[4].split())
            if match[2] == "e":
                scopes[-1].append(formula)
            else:
                yield match[1], [*(hyp for scope in scopes for hyp in scope), formula]


def declared(text: str) -> frozenset[str]:
    """All variables of a database."""
    blocks = re.findall(r"\$v\s+(.*?)\$\.", re.sub(r"\$\(.*?\$\)", " ", text, flags=re.DOTALL), flags=re.DOTALL)
    return frozenset(word for block in blocks for word in block.split())


def main() -> None:
    """Compress, look each statement up, print a table and JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write the rows here")
    arguments = parser.parse_args()
    theory = load_theory(resolve_database(arguments.database))
    old = set(theory.labels())
    done = theory.compress({"price": "bytes", "threads": arguments.threads})
    text = done["text"].decode()
    variables = declared(text)
    wanted = {form: name for name, formulas in ADDED.items() for form in forms(formulas, variables)}
    ranks = {name: (rank, uses) for rank, (name, uses) in enumerate(done["uses"], 1)}
    rows = {name: {"name": name, "stated": None, "lemma": None, "rank": None, "uses": None} for name in ADDED}
    for label, formulas in assertions(text):
        key = named([formulas[-1].split(), *(hyp.split() for hyp in formulas[:-1])], variables)
        if (name := wanted.get(key)) is None:
            continue
        if label in old:
            rows[name]["stated"] = label
        elif label in ranks:
            rows[name] |= {"lemma": label, "rank": ranks[label][0], "uses": ranks[label][1]}
    print(f"{len(ranks)} new lemmas")
    for row in rows.values():
        print("{name:10} stated as {stated}, found as {lemma}, rank {rank}, uses {uses}".format(**row))
    if arguments.json:
        arguments.json.write_text(json.dumps(list(rows.values()), indent=1) + "\n")


if __name__ == "__main__":
    main()

"""Options that several commands share: the names, bounds and help of each are said once.

An option is called as its parameter unless a name is given. Choices are literal types, so verbs are given strings.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from typer import Option

# Expansions a task, if nothing is said. Where there are no human proofs, many cheap attempts; else one good try each.
BUDGET_WITHOUT_PROOFS = 3_000
BUDGET = 5_000
MINIMISE = 600  # expansions for a shorter proof, once one was found; searches of `learn` and benches of parts: 0
MANY = 2**31  # no count that is asked for is larger

MovesOf: TypeAlias = Literal["content", "unify", "both"]
MOVES: MovesOf = "both"
MOVES_WITHOUT_PROOFS: MovesOf = "unify"  # for `learn` where there are no human proofs
# What a proposer is shown of a goal, and how its scores count; tests compare these with the core's defaults.
PROPOSER_MOVES = 32
PROPOSER_WEIGHT = 0.5
Split: TypeAlias = Literal["new2", "chrono", "novel"]
Part: TypeAlias = Literal["train", "valid", "test"]

Database = Annotated[
    str,
    Option(
        "--database", "-d", help="A .mm file, or a name: starter, or what 'data get' fetched (set, iset, nf, ql, hol)."
    ),
]
Threads = Annotated[int | None, Option(min=1, max=64, help="The result is the same. Default: cores.")]
Contributor = Annotated[str | None, Option(help="Your name, for the lemmas' '(Contributed by ...)'.")]
Date = Annotated[str | None, Option(help="The contribution's date, such as 4-Jul-2026; default: today.")]

Moves = Annotated[
    MovesOf,
    Option(
        help="What the search chooses: content (theorems in the goal's context, the glue derived afterwards), unify "
        "(theorems as they stand, glue included), or both: content for half of the budget, then unify."
    ),
]

Minimise = Annotated[
    int,
    Option(
        min=0,
        max=MANY,
        metavar="N",
        help="Make found proofs shorter: missed uses of theorems, and N expansions for other ways to prove the same. "
        "0: leave them as found.",
    ),
]
ProposerCommand = Annotated[
    str | None,
    Option(
        "--proposer",
        metavar="COMMAND",
        help="A process that ranks the moves of each goal, too: docs/proposer.md. Default: none.",
    ),
]
ProposerWeight = Annotated[
    float,
    Option(min=0, max=1, metavar="W", help="Weight of the proposer's scores; 1: they replace the model's."),
]
ProposerMoves = Annotated[
    int, Option(min=2, max=500, metavar="K", help="Moves of a goal that the proposer is shown, the model's best.")
]
ProposerCalls = Annotated[
    int | None,
    Option(min=0, max=MANY, metavar="N", help="Goals that the proposer is asked about, by search; default: all."),
]
Patches = Annotated[bool, Option("--split", help="A patch of each lemma, to be applied one after the other.")]


def output(what: str, metavar: str | None = None) -> Any:
    """The option ``--output``; `what` is its help."""
    return Option("--output", "-o", metavar=metavar, help=what)

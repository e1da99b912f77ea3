"""`SearchOptions` made from what a command, a run or a caller says: the one place where Python does it.

The class is the core's, and so are its defaults (`core/src/wake_sleep/search/options.rs`). Options are made once and
handed through; another one is made with their `replace`.
"""

from __future__ import annotations

from typing import Any

from metadream._core import SearchOptions
from metadream.metamath_db import bounds
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.options import MINIMISE, MOVES


def search_options(
    expansions: int | None = None, seconds: float | None = None, threads: int = 1, **fields: Any
) -> SearchOptions:
    """Options of one of `threads` searches side by side; `fields` as in `_core.pyi`. Raises `InputError`.

    Where neither `expansions` nor `seconds` is given, the default's expansions are the budget; where only `seconds`
    are, these are. What a search may hold is its share of what the process may.
    """
    if expansions is not None or seconds is not None:
        fields |= {"expansions": expansions, "seconds": seconds}
    fields.setdefault("memory_bytes", bounds.current().search_bytes(threads))
    try:
        return SearchOptions(**fields)
    except ValueError as problem:
        raise InputError(str(problem)) from None


def command_options(
    expansions: int | None = None,
    seconds: float | None = None,
    minimise: int = MINIMISE,
    moves: str = MOVES,
    **fields: Any,
) -> SearchOptions:
    """Options of a command that proves: one budget, and found proofs are made shorter. Raises `InputError`."""
    if expansions is not None and seconds is not None:
        raise InputError("--seconds and --expansions are two budgets; give one of them")
    return search_options(expansions, seconds, minimise=minimise, moves=moves, **fields)

"""Functions that make `SearchOptions` from the arguments of a command, a run or a caller. Only this file does so.

The core defines the class and its defaults (`core/src/wake_sleep/search/options.rs`). Options are made once and passed
on; their `replace` makes changed ones.
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
    """Returns the options of one of `threads` parallel searches; `fields` as in `_core.pyi`. Raises `InputError`.

    If neither `expansions` nor `seconds` is given, the budget is the default number of expansions; if only `seconds` is
    given, it is the only budget. By default the memory of a search is its share of the memory bound of the process.
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
    """Returns the options of a proving command: one budget, and found proofs are minimised. Raises `InputError`."""
    if expansions is not None and seconds is not None:
        raise InputError("--seconds and --expansions are two budgets; give one of them")
    return search_options(expansions, seconds, minimise=minimise, moves=moves, **fields)

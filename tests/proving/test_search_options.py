"""`SearchOptions`: the fields, what is refused, and that defaults are said once."""

import inspect
import math
from typing import Any

import pytest

from metadream._core import SearchOptions
from metadream.metamath_db import bounds
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.options import BUDGET, MOVES, PROPOSER_MOVES, PROPOSER_WEIGHT
from metadream.wake_sleep import commands
from metadream.wake_sleep.bench import commands as bench_commands
from metadream.wake_sleep.search.options import command_options, search_options


def test_options_are_values() -> None:
    one = SearchOptions(expansions=7, moves="unify")
    assert one == SearchOptions(moves="unify", expansions=7) != SearchOptions(expansions=7)
    assert repr(one) == "SearchOptions(expansions=7, moves='unify')" and repr(SearchOptions()) == "SearchOptions()"
    other = one.replace(expansions=None, seconds=2)
    assert (other.expansions, other.seconds, other.moves, one.expansions) == (None, 2.0, "unify", 7)
    with pytest.raises(AttributeError):
        one.expansions = 8  # type: ignore[misc]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"expansions": 0}, "expansions: expected a whole number of at least 1, or None, not 0"),
        ({"expansions": -1}, "expansions: expected a whole number of at least 0, not -1"),
        ({"expansions": True}, "expansions: expected a whole number of at least 0, not True"),
        ({"expansions": None}, "expansions, seconds: expected a bound, not None for both"),
        ({"seconds": 0}, "seconds: expected a time above 0 that ends, or None, not 0.0"),
        ({"seconds": math.inf}, "seconds: expected a time above 0 that ends, or None, not inf"),
        ({"seconds": "2"}, "seconds: expected a number, not '2'"),
        ({"library": 1}, "library: expected True or False, not 1"),
        ({"moves": "luck"}, "moves: expected content, unify or both, not 'luck'"),
        ({"premises": "mine"}, "premises: expected before, human or all, not 'mine'"),
        (
            {"premises": "all", "moves": "content"},
            "moves: expected unify or both with premises='all', not 'content'",
        ),
        ({"proposer_weight": math.nan}, "proposer_weight: expected a number from 0 to 1, not NaN"),
        ({"proposer_moves": 1}, "proposer_moves: expected a whole number of at least 2, not 1"),
    ],
)
def test_what_cannot_be_is_refused(fields: dict[str, Any], said: str) -> None:
    for make in (SearchOptions, SearchOptions().replace):
        with pytest.raises(ValueError) as raised:
            make(**fields)
        assert str(raised.value) == said
    if fields.keys() != {"expansions"} or fields["expansions"] is not None:  # None: as the default has it
        with pytest.raises(InputError) as refused:
            search_options(**fields)
        assert refused.value.message == said


def test_a_field_that_is_none_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="no field 'expansion'"):
        SearchOptions(expansion=5)  # type: ignore[call-arg]


def test_defaults_are_the_cores() -> None:
    plain = SearchOptions()
    assert (plain.expansions, plain.seconds, plain.moves) == (BUDGET, None, MOVES)
    assert (plain.proposer_moves, plain.proposer_weight) == (PROPOSER_MOVES, PROPOSER_WEIGHT)
    # what the commands' functions have is what the help shows
    for verb in (commands.prove, bench_commands.prove):
        defaults = {name: p.default for name, p in inspect.signature(verb).parameters.items()}
        for name in ("moves", "proposer_moves", "proposer_weight", "proposer_calls"):
            assert defaults[name] == getattr(plain, name)


def test_budgets_of_commands() -> None:
    bound = bounds.current().search_bytes()
    assert search_options() == SearchOptions(memory_bytes=bound)
    assert (command_options(seconds=1).expansions, command_options(9).seconds) == (None, None)
    assert search_options(9, 1.0, patient=True) == SearchOptions(
        expansions=9, seconds=1.0, patient=True, memory_bytes=bound
    )
    with pytest.raises(InputError, match="two budgets"):
        command_options(9, 1.0)

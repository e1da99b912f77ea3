"""How a call of the API works: it prints nothing unless it is asked to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from metadream.metamath_db.terminal.console import hearing, working


@contextmanager
def calling(what: str, progress: bool) -> Iterator[list[str]]:
    """Do the work of a call inside; yields the list of its remarks, for `Result.with_messages`.

    `progress`: print them on standard error instead, and show there how far `what` is.
    """
    if progress:
        with working(what):
            yield []
    else:
        with hearing() as heard:
            yield heard

"""Loading a finished run for proving: its database with its newest library, judged again, and its model."""

from __future__ import annotations

from pathlib import Path

from metadream._core import Theory
from metadream.metamath_db.core import patiently
from metadream.metamath_db.data import STARTER, resolve_database, sha256_of
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.model.prover import Fitted, Source
from metadream.wake_sleep.runs.folder import Folder


def from_run(run: Path, database: str | None) -> tuple[Theory, Source]:
    """A run's database with its whole newest library; and what its searches use of it, with its model and the tasks
    whose proofs it learnt from. Raises `InputError`, for another `database` than the run's, too.
    """
    from metadream.wake_sleep.runs.rejudged import judged_state
    from metadream.wake_sleep.runs.run import reopen

    folder = Folder(run)
    work = reopen(folder)
    other = database is not None and database != STARTER
    if other and sha256_of(resolve_database(database or "")) != work.settings.database_sha256:
        raise InputError(f"the run was made with {work.settings.database}, not {database}; leave --database out", run)
    state, theory = judged_state(work, len(folder.reports()))
    seen = frozenset([*state.frontier, *work.human])

    searched = work.search_theory(state.library)

    def load(other: Theory) -> Fitted:
        ranker = work.recognition(theory, state, keep=False).ranker
        if other is not searched:
            ranker = patiently(lambda: ranker.grown(other))
        return Fitted(ranker, seen)

    return theory, Source(searched, work.settings.database, load)

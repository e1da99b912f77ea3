"""The verb ``export``: a run's composites as Metamath theorems, alone or in their places in the whole database."""

from __future__ import annotations

from pathlib import Path

from metadream.metamath_db.console import Outcome
from metadream.metamath_db.core import Core, load_core
from metadream.wake_sleep.folder import Folder, publish
from metadream.wake_sleep.run import reopen
from metadream.wake_sleep.show import corpus_of, newest_rows


def export(run: Path, output: Path, whole: bool = False, core: Core | None = None) -> Outcome:
    """Write the composites of the run's newest library; with `whole` the database with them and all proofs rewritten.

    Raises `InputError`.
    """
    folder = Folder(run)
    work = reopen(core or load_core(), folder)
    theory = work.theory(work.state(len(folder.reports())).library)
    text = theory.database_with_library(corpus_of(newest_rows(folder))) if whole else theory.library_mm()
    publish(output, text)
    count = len(theory.lemmas())
    what = f"the database with {count} composites" if whole else f"{count} composites"
    return Outcome({"run": run, "file": output, "composites": count, "whole": whole}, f"wrote {what} to {output}")

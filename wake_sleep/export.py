"""The verb ``export``: a run's composites as Metamath theorems."""

from __future__ import annotations

from pathlib import Path

from metadream.metamath_db.console import Outcome
from metadream.metamath_db.core import Core, Theory, load_core, load_theory
from metadream.metamath_db.data import resolve_database, sha256_of
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.folder import Folder, publish
from metadream.wake_sleep.settings import Settings, read_settings
from metadream.wake_sleep.show import newest_library


def open_finished(core: Core, folder: Folder) -> tuple[Theory, Settings]:
    """A run's database with its newest library, and its settings. Raises `InputError`."""
    composites = newest_library(folder)
    settings = read_settings(folder.config)
    path = resolve_database(settings.database)
    if sha256_of(path) != settings.database_sha256:
        raise InputError("the database is not the one that this run was made with; put that one back", path)
    theory = load_theory(core, path)
    if composites:
        theory.load_library(folder.library(len(folder.reports())).read_text())
    return theory, settings


def export(run: Path, output: Path, core: Core | None = None) -> Outcome:
    """Write the composites of the run's newest library as Metamath text. Raises `InputError`."""
    theory, _ = open_finished(core or load_core(), Folder(run))
    text = theory.export("library")
    publish(output, text)
    count = len(theory.lemmas())
    return Outcome({"run": run, "file": output, "composites": count}, f"wrote {count} composites to {output}")

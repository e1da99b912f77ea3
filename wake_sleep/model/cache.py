"""Models in the cache: one process trains a model and others wait for it; those of other versions are deleted."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import remove_stale
from metadream.metamath_db.terminal import console
from metadream.wake_sleep.model import file as model_file
from metadream.wake_sleep.model.recipe import KIND, RECIPE, Recipe

LOCK_LOOKS_S = 0.5  # between two looks at another process's lock


def ensure(recipe: Recipe, path: Path, make: Callable[[], None]) -> bool:
    """Make sure that the model file `path` exists; `make` trains and writes it if it is missing.

    Returns whether it was trained now. Raises `InputError` if the folder cannot be written to.
    """
    if path.is_file():
        return False
    try:
        with _one_writer(path.with_suffix(".lock")):
            if path.is_file():
                return False
            remove_stale(path.parent, ".*.safetensors-????????")
            make()
            if path == recipe.path():
                _prune(recipe)
    except OSError as problem:
        raise InputError(f"cannot write here ({problem.strerror}); set XDG_CACHE_HOME", path.parent) from None
    return True


@contextmanager
def _one_writer(path: Path) -> Iterator[None]:
    """Wait until no other process trains this model. The lock ends with the process that holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        waiting = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not waiting:
                    console.note("another process trains this model; waiting for it")
                waiting = True
                time.sleep(LOCK_LOOKS_S)
        yield


def _prune(recipe: Recipe) -> None:
    """Delete from the cache the models of these statements that this version cannot load, except for models that
    another process trains or reads.
    """
    pruned = freed = 0
    for file in sorted(recipe.path().parent.glob("*.safetensors")):
        try:
            about = model_file.load_about(file)
        except InputError:
            continue  # not known to be ours
        # before recipe 5 a model named the database's file, not its statements, and no version can load one any more
        ours = about.get("kind") == KIND and about.get("statements_sha256") in (recipe.statements_sha256, None)
        made = about.get("recipe"), about.get("features_sha256")
        if ours and made != (str(RECIPE), recipe.features_sha256):
            size = file.stat().st_size
            if _deleted(file):
                pruned, freed = pruned + 1, freed + size
    if pruned:
        console.note(f"deleted {pruned} models that this version cannot load ({freed / 1e6:.0f} MB)")


def _deleted(file: Path) -> bool:
    """Delete a model unless another process trains it (and holds the lock file) or reads it (and locks the file).

    Returns whether it was deleted.
    """
    with file.with_suffix(".lock").open("a") as lock, file.open("rb") as own:
        try:
            for held in (lock, own):
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        file.unlink()
        return True


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Keep other processes from deleting a model while it is read. Raises `InputError` if `path` is no regular file."""
    model_file.check_regular(path)
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield

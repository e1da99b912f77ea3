"""Databases loaded by the Rust core, long calls of it that Ctrl-C ends, and how many threads there are.

Whoever needs the core imports it (``from metadream import _core``); `src/metadream/_core.pyi` describes all of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextvars import copy_context
from pathlib import Path
from threading import Thread
from traceback import clear_frames
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from metadream import _core
from metadream._core import Theory
from metadream.metamath_db import bounds
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import read_bytes
from metadream.metamath_db.terminal.console import note, stage

if TYPE_CHECKING:
    import numpy.typing as npt

MOST_THREADS = 64
ENDING_S = 0.4  # that work of the core takes at most to end once it was interrupted
NAMED = 3  # statements that are named where many do not follow the grammar

Result = TypeVar("Result")
Table: TypeAlias = "dict[str, npt.NDArray[Any]]"


def load_theory(path: Path, told: bool = False, judged: bool = False) -> Theory:
    """Load the database at `path`; notes name the statements that have more than one tree, and those that do not
    follow the grammar, unless the caller does it (`told`). `judged`, for what learns from proofs or changes them: the
    kernel judges all of them, notes name those that it refuses, and these count as if they were not there. Raises
    `InputError` that names the file.
    """
    try:
        with stage(f"reading {path.name}" + (" and judging its proofs" if judged else "")):
            theory = patiently(lambda: _core.Theory.load(path, cores()) if judged else _core.Theory.load(path))
    except InputError as problem:
        raise InputError(problem.message, problem.file or path, problem.line, problem.column) from None
    wrong = theory.refused() if judged else []
    for label, offset, why in wrong[:NAMED]:
        note(f"note: {path}:{theory.place(offset)[0]}: the proof of {label} is refused: {why}; it is left out")
    if len(wrong) > NAMED:
        note(f"note: {len(wrong) - NAMED} more proofs of {path} are refused; 'metadream check' lists them")
    unread = [] if told else theory.unparsed()
    for label, offset, why in unread[:NAMED]:
        note(f"note: {path}:{theory.place(offset)[0]}: {label}: {why}; it is left out")
    if len(unread) > NAMED:
        note(f"note: {len(unread) - NAMED} more statements of {path} do not follow the grammar; they are left out")
    several = theory.ambiguous()
    for label, offset in several[:NAMED]:
        note(f"note: {path}:{theory.place(offset)[0]}: {label} has more than one tree; the first found is taken")
    if len(several) > NAMED:
        note(f"note: {len(several) - NAMED} more statements of {path} have more than one tree")
    return theory


def check_unchanged(theory: Theory, path: Path) -> None:
    """Raise `InputError` if the file is not the one that was loaded any more: what is written would not fit it."""
    if read_bytes(path, "the database that was read before") != theory.text():
        raise InputError("the file was changed after it was read; nothing was written: run this again", path)


def patiently(work: Callable[[], Result]) -> Result:
    """Do `work` in a thread, so that Ctrl-C is seen at once while the core computes."""
    outcome: list[Result] = []
    problems: list[BaseException] = []

    def guarded() -> None:
        try:
            outcome.append(work())
        except BaseException as problem:
            clear_frames(problem.__traceback__)  # what belongs to this thread (a machine) must end in it
            problems.append(problem)

    thread = Thread(target=copy_context().run, args=(guarded,), daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(0.2)
    except BaseException:  # Ctrl-C; a caller who goes on must not leave the work behind
        watched = bounds.are_set()  # then the core has heard of it by itself
        if not watched:
            _core.heard()
        thread.join(ENDING_S)
        if not watched:
            _core.unwatch()
        raise
    if problems:
        raise problems[0]
    return outcome[0]


def cores() -> int:
    """How many there are for this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads_or(asked: int | None) -> int:
    """The threads that were asked for; by default one a core, at most `MOST_THREADS`."""
    return asked or min(MOST_THREADS, cores())

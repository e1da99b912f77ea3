"""The verb ``export``: a run's composites as Metamath theorems, alone or in their places in the whole database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from metadream import _core
from metadream.compression.judged import named
from metadream.compression.maintain.propose import best, conventions, label_lines, patch_lines
from metadream.compression.maintain.setmm import Contribution, check_places, write_patches
from metadream.metamath_db.core import threads_or
from metadream.metamath_db.data import resolve_database
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.terminal.foreign_text import plain
from metadream.metamath_db.terminal.result import Result
from metadream.wake_sleep.report.show import corpus_of, newest_rows
from metadream.wake_sleep.runs.folder import Folder, publish
from metadream.wake_sleep.runs.rejudged import judged_state
from metadream.wake_sleep.runs.run import reopen


@dataclass(frozen=True, repr=False, eq=False)
class Exported(Result):
    """What was written."""

    path: Path | None = None
    """The file; None where there was nothing to write."""


def export(
    run: Path,
    output: Path,
    whole: bool = False,
) -> Exported:
    """Write the composites of the run's newest library; with `whole` the database with them and all proofs rewritten.

    Status 1 if that has proofs of its own that the kernel refuses, which stay. Raises `InputError`.
    """
    folder = Folder(run)
    work = reopen(folder)
    _, theory = judged_state(work, len(folder.reports()))
    text = theory.database_with_library(_proofs(folder)) if whole else theory.library_mm()
    publish(output, text)
    count = len(theory.lemmas())
    what = f"the database with {count} composites" if whole else f"{count} composites"
    refused = [label for label, _, _ in work.base.refused()] if whole else []
    said = f"wrote {what} to {output}"
    said += plain(f"; refused in the database itself, as before: {named(refused)}") if refused else ""
    answer = {"run": run, "file": output, "composites": count, "whole": whole, "refused": refused}
    return Exported(answer, said, 1 if refused else 0, path=output)


def export_patch(
    run: Path,
    output: Path,
    contributor: str | None,
    date: str | None = None,
    limit: int = 20,
    split: bool = False,
    threads: int | None = None,
) -> Exported:
    """Write the run's database with the best of its composites, as set.mm's maintainers take it, and a diff.

    With `split` those of at most `limit` composites, and a patch of each, to be applied one after the other.

    The composites that save most, their own text counted, get labels after set.mm's conventions; every proof outside
    mathboxes that they shorten is changed, and theorems without proofs get those that the run found and that use a
    composite. Where none pays, those that are used twice are taken all the same. Status 1 if there is none or a judge
    refuses. Raises `InputError`.
    """
    if contributor is None:
        raise InputError("a patch needs the contributor's name; give --contributor NAME")
    contribution = Contribution.checked(contributor, date)
    folder = Folder(run)
    work = reopen(folder)
    database = resolve_database(work.settings.database)
    check_places(output, database)
    theory = work.theory(work.state(len(folder.reports())).library)
    proposals = _core.Proposals.from_library(theory, _proofs(folder))
    threads = threads_or(threads)
    rows, _ = best(proposals, limit, threads, conventions(theory), contribution, variants=True, loss=True)
    result = {"run": run, "left_out": proposals.left_out(), "proposals": rows, "patch": None}
    if not rows:
        return Exported(result, "none of the run's composites is used twice by proofs of the database", 1)
    patch = write_patches(database, work.base, output, proposals, rows, threads, split)
    made = f"{len(rows)} composites: " + ", ".join(row["label"] for row in rows)
    lines = [made, *label_lines(rows), *patch_lines(patch)]
    good = patch["accepted"] and not patch["refused"]
    return Exported({**result, "patch": patch}, "\n".join(lines), 0 if good else 1, path=output)


def _proofs(folder: Folder) -> list[str]:
    """The proofs that the newest library rewrote, as the core takes them."""
    return [proof.json for proof in corpus_of(newest_rows(folder))]

"""A changed database judged as a whole, beside the database that it came from."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from metadream.metamath_db import data
from metadream.metamath_db.judges import check
from metadream.metamath_db.terminal.console import stage

NAMED = 10  # labels that are named where there are many


def judge_change(before: Path, text: bytes) -> dict[str, Any]:
    """The verdict of all judges on `text`, as `check.check` gives it.

    `accepted` also where `text` has faults and open proofs, but those of the file `before` and no more. `as_before`:
    whether it is accepted for that reason only, although judges find errors in it.
    """
    exe = data.find_metamath_exe()
    with tempfile.TemporaryDirectory(prefix="metadream-") as folder:
        file = Path(folder) / "changed.mm"
        file.write_bytes(text)
        with stage("judging the result"):
            now = check.check(file, exe=exe)
    refused = [judge for judge, verdict in now["judges"].items() if verdict is False]
    if refused and now["judges"]["metamath_rs"] is not None:  # what our reader refuses, no database may become
        with stage("judging what it came from"):
            old = check.check(before, exe=exe)
        same = now["errors"] == old["errors"] and now["incomplete"] <= old["incomplete"]
        return {**now, "accepted": same, "as_before": same and any(now["errors"].values())}
    return {**now, "as_before": False}


def named(labels: Sequence[str]) -> str:
    """The first labels of many, for people."""
    more = f" and {len(labels) - NAMED:,} more" if len(labels) > NAMED else ""
    return ", ".join(labels[:NAMED]) + more

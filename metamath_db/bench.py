"""``metadream bench load``: how long a database takes to load and to judge, rivals in the same run."""

from __future__ import annotations

import resource
import sys
from typing import Any

from metadream.metamath_db import data
from metadream.metamath_db.core import load_theory
from metadream.metamath_db.judges import check
from metadream.metamath_db.terminal.console import Outcome, table

KIB_PER_MB = 1000 * 1000 / 1024


def load(database: str) -> Outcome:
    """Load a database as every verb does, then judge it as ``check`` does; seconds and peak memory of each.

    `read_s`, `trees_s`, `proofs_s`: our reader, the parser, the proof decoder. `peak_mb` (10^6 bytes): this
    process until then. `kernel_s`: our kernel on all proofs, two threads; `metamath_rs_verify_s`: metamath-rs's
    verify pass in its child process, one thread; `metamath_exe_s`: reading and verifying, null where it is not
    installed. `errors`: judge -> number, null where it was not asked.
    """
    path = data.resolve_database(database)
    theory = load_theory(path)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_MB
    figures = theory.figures()
    del theory
    judged = check.check(path, exe=data.find_metamath_exe())
    seconds = judged["seconds"]
    result: dict[str, Any] = {
        "database": str(database),
        "read_s": figures["read_s"],
        "trees_s": figures["trees_s"],
        "proofs_s": figures["proofs_s"],
        "load_s": figures["read_s"] + figures["trees_s"] + figures["proofs_s"],
        "kernel_s": seconds["kernel"],
        "metamath_rs_verify_s": seconds["metamath_rs"],
        "metamath_rs_all_s": seconds["metamath_rs_all"],
        "metamath_exe_s": seconds["metamath_exe"],
        "peak_mb": peak_mb,
        "statements": figures["statements"],
        "proofs": figures["proofs"],
        "unparsed": figures["unparsed"],
        "undecoded": figures["undecoded"],
        "errors": judged["errors"],
    }
    rows = [(name, _shown(value)) for name, value in result.items()]
    accepted = judged["accepted"] and not figures["unparsed"] and not figures["undecoded"]
    return Outcome(result, table("loading and judging", ("figure", "value"), rows), 0 if accepted else 1)


def _shown(value: object) -> str:
    if value is None:
        return "not installed"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


if sys.platform == "darwin":  # ru_maxrss is in bytes there
    KIB_PER_MB = 1000.0 * 1000.0

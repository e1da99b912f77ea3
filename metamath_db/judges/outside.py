"""The judges from outside, metamath-rs and metamath-exe, asked about a whole database.

Both open any file that ``$[`` names, metamath-exe even in a comment (``$( Begin $[ … $] $)``). So they are given what
our reader accepted and nothing else: its tokens, each in its line, includes in place, comments blank. What it refuses
they never see. Each runs in a child with limits, in an empty folder of its own, and what it prints is read, not passed
on.
"""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metadream import _core
from metadream.metamath_db.judges.limited import Finished, Limits, run_limited
from metadream.metamath_db.terminal.foreign_text import plain

NO_MEMORY = 2  # status of the core where the system gives it no more memory
LONGEST_MESSAGE = 200  # characters of what a judge said


@dataclass(frozen=True)
class Accepted:
    """A database that our reader accepted, as outside judges may see it. Made by `accepted`, `with_comments` and
    `check.check`.
    """

    text: bytes


def accepted(data: bytes) -> Accepted | None:
    """A database's tokens, without comments; None if our reader refuses it."""
    bare = _core.bare_source(data)
    return None if bare is None else Accepted(bare)


def with_comments(data: bytes) -> Accepted | None:
    """A database with its comments, for judges of comments; None if our reader refuses it. No include is left in it:
    the marks of includes, which may stand in comments, are made dashes.
    """
    if _core.bare_source(data) is None:
        return None
    return Accepted(data.replace(b"$[", b"--").replace(b"$]", b"--"))


def ask_metamath_rs(source: Accepted, limits: Limits) -> dict[str, Any]:
    """What metamath-rs says: `accepted`, `errors`, `first_errors`, `verify_s`, `seconds`, and `no_answer`: whether it
    met its limits before it had judged.
    """
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="metadream-") as folder:
        child = run_limited(["knife"], limits, source.text, folder=Path(folder))
    try:
        report: Mapping[str, Any] = json.loads(child.output)
    except ValueError:
        full = f"ran out of memory (limit: {limits.memory >> 20} MiB)" if child.status == NO_MEMORY else None
        ended = child.ended_by or full or f"ended with status {child.status}"
        report = {"refused": f"the process of metamath-rs {ended}"}
    no_answer = child.at_limit or child.status == NO_MEMORY
    return {**_read_report(report), "seconds": time.perf_counter() - start, "no_answer": no_answer}


def _read_report(report: Mapping[str, Any]) -> dict[str, Any]:
    if "refused" in report:
        error = {"line": None, "column": None, "label": None, "message": _short(report["refused"])}
        return {"accepted": False, "errors": 1, "first_errors": [error], "verify_s": None}
    first = [
        {"line": n["line"] or None, "column": None, "label": n["label"] or None, "message": _short(n["message"])}
        for n in report["notes"]
        if n["severity"] == "error"
    ]
    good = report["errors"] == 0 and report["incomplete"] == 0
    return {"accepted": good, "errors": report["errors"], "first_errors": first, "verify_s": report["verify_s"]}


def run_metamath_exe(
    source: Accepted, exe: Path, commands: Sequence[str], limits: Limits, made: str | None = None
) -> tuple[Finished, bytes | None]:
    """Run metamath-exe's `commands` (without `exit`) in a folder that holds ``source.mm`` alone; `made`: the name of a
    file that they write, whose content is given back (None: it is not there).
    """
    with tempfile.TemporaryDirectory(prefix="metadream-") as name:
        folder = Path(name)
        (folder / "source.mm").write_bytes(source.text)
        child = run_limited(["exec", str(exe.resolve()), *commands, "exit"], limits, folder=folder)
        written = folder / made if made is not None else None
        found = written.read_bytes() if written is not None and written.is_file() else None
    return child, found


# the first line of an error; the message stands a few lines below, behind the line of the source and a mark under it
_PLACE = re.compile(r'^\?Error on line (\d+) of file ".*?"(?: at statement \d+(?:, label "([^"]*)")?)?')


def ask_metamath_exe(source: Accepted, exe: Path, limits: Limits | None = None) -> dict[str, Any]:
    """What metamath-exe prints of a whole database, read: `accepted`, `errors`, `first_errors`, `seconds`, and
    `no_answer`: whether it met its limits before it had judged.

    Its exit status says nothing. Here `first_errors` are all.
    """
    start = time.perf_counter()
    limits = limits or Limits.for_source(len(source.text))
    child, _ = run_metamath_exe(source, exe, ["read source.mm", "verify proof *"], limits)
    text = child.output.decode("ascii", "replace")
    lines = text.splitlines()
    first: list[dict[str, Any]] = []
    for i, line in enumerate(lines):
        if line.startswith("?Error"):
            place = _PLACE.match(line)
            said = next((x for x in lines[i + 3 : i + 8] if x.strip() and "^" not in x), line)
            number, label = (int(place[1]), place[2]) if place else (None, None)
            first.append({"line": number, "column": None, "label": label, "message": _short(said)})
    if child.ended_by or child.status:
        ended = child.ended_by or f"ended with status {child.status}"
        first.append({"line": None, "column": None, "label": None, "message": f"metamath-exe {ended}"})
    # a database without proofs is verified without a word
    verified = "All proofs in the database were verified" in text or "There are no $p statements" in text
    return {
        "accepted": verified and not first,
        "errors": len(first),
        "first_errors": first,
        "seconds": time.perf_counter() - start,
        "no_answer": child.at_limit,
    }


def _short(message: object) -> str:
    return plain(" ".join(str(message).split()))[:LONGEST_MESSAGE]

"""``metadream check``: the verdict on a whole Metamath file.

Two judges, and both must accept: our reader and kernel, in this process, and metamath-rs, in a child with
limits. metamath-exe, where it is installed, is asked too and reported beside them; it is no part of the
verdict. A judge that is not there is named as absent, never counted as a pass.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from metadream import _core
from metadream.metamath_db.console import Outcome, plain, stage
from metadream.metamath_db.files import read_bytes
from metadream.metamath_db.includes import MAX_BYTES, Spliced, splice
from metadream.metamath_db.limited import Limits, run_limited

FIRST_ERRORS = 20  # errors listed, for each judge
NO_MEMORY = 2  # status of the core where the system gives it no more memory
THREADS = min(2, os.cpu_count() or 1)  # for the kernel


def check(
    path: str | os.PathLike[str],
    exe: str | os.PathLike[str] | None = None,
    include_root: str | os.PathLike[str] | None = None,
    limits: Limits | None = None,
) -> dict[str, Any]:
    """Judge the file at `path`.

    `exe` is metamath-exe, if it is to be asked too; `include_root` the folder that includes may come from
    (without it they are refused). The result:

    - `file`; `accepted`: kernel and metamath-rs accept, and no proof is incomplete;
    - `judges`: judge -> accepted, null where it was not asked; `errors`: judge -> number, null likewise;
    - `first_errors`: objects `judge`, `file`, `line`, `column`, `label`, `message`; places count from 1, null
      where unknown;
    - `incomplete`: number of proofs with ``?``; `statements`: of ``$a`` and ``$p``; `proofs`: of ``$p``;
    - `seconds`: `read`, `kernel`, `metamath_rs` (its verify pass), `metamath_rs_all`, `metamath_exe`.
    """
    path = Path(path)
    spliced = splice(path, Path(include_root)) if include_root is not None else None
    data = spliced.data if spliced is not None else read_bytes(path, "a Metamath database (.mm)", MAX_BYTES)
    limits = limits or Limits.for_source(len(data))
    with stage("our kernel judges"):
        kernel = json.loads(_core.check_source(data, THREADS))
    with stage("metamath-knife judges"):
        knife, knife_s = _knife(data, limits, kernel["too_large"])
    with stage("metamath-exe judges"):
        theirs = ask_metamath_exe(data, Path(exe), limits) if exe is not None else None
    errors = [{"judge": "kernel", **e} for e in kernel["first_errors"][:FIRST_ERRORS]]
    errors += [{"judge": "kernel", **e} for e in kernel["first_incomplete"][: FIRST_ERRORS - len(errors)]]
    errors += [{"judge": "metamath_rs", **e} for e in knife["first_errors"][:FIRST_ERRORS]]
    if theirs is not None:
        errors += [{"judge": "metamath_exe", **e} for e in theirs["first_errors"][:FIRST_ERRORS]]
    return {
        "file": str(path),
        "accepted": kernel["accepted"] and knife["accepted"],
        "judges": {
            "kernel": kernel["accepted"],
            "metamath_rs": knife["accepted"],
            "metamath_exe": theirs and theirs["accepted"],
        },
        "errors": {
            "kernel": kernel["errors"],
            "metamath_rs": knife["errors"],
            "metamath_exe": theirs and theirs["errors"],
        },
        "first_errors": [_placed(e, path, spliced) for e in errors],
        "incomplete": kernel["incomplete"],
        "statements": kernel["statements"],
        "proofs": kernel["proofs"],
        "seconds": {
            "read": kernel["read_s"],
            "kernel": kernel["kernel_s"],
            "metamath_rs": knife["verify_s"],
            "metamath_rs_all": knife_s,
            "metamath_exe": theirs and theirs["seconds"],
        },
    }


def _knife(data: bytes, limits: Limits, too_large: str | None) -> tuple[dict[str, Any], float]:
    """metamath-rs's report, as check() needs it, and seconds in all."""
    start = time.perf_counter()
    report: Mapping[str, Any] = {"refused": too_large}
    if too_large is None:
        child = run_limited(["knife"], limits, data)
        try:
            report = json.loads(child.output)
        except ValueError:
            full = f"ran out of memory (limit: {limits.memory >> 20} MiB)" if child.status == NO_MEMORY else None
            ended = child.ended_by or full or f"ended with status {child.status}"
            report = {"refused": f"the process of metamath-rs {ended}"}
    seconds = time.perf_counter() - start
    if "refused" in report:
        error = {"line": None, "column": None, "label": None, "message": report["refused"]}
        return {"accepted": False, "errors": 1, "first_errors": [error], "verify_s": None}, seconds
    first = [
        {"line": n["line"] or None, "column": None, "label": n["label"] or None, "message": n["message"]}
        for n in report["notes"]
        if n["severity"] == "error"
    ]
    accepted = report["errors"] == 0 and report["incomplete"] == 0
    return {**report, "accepted": accepted, "first_errors": first}, seconds


_EXE_PLACE = re.compile(r'^\?Error on line (\d+) of file ".*?"(?: at statement \d+(?:, label "([^"]*)")?)?')


def ask_metamath_exe(data: bytes, exe: Path, limits: Limits | None = None) -> dict[str, Any]:
    """What metamath-exe prints of a whole database, read: ``accepted, errors, first_errors, seconds``.

    Its exit status says nothing. Here `first_errors` are all.
    """
    limits = limits or Limits.for_source(len(data))
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="metadream-") as name:
        folder = Path(name)
        (folder / "check.mm").write_bytes(data)
        commands = ["read check.mm", "verify proof *", "exit"]
        child = run_limited(["exec", str(exe.resolve()), *commands], limits, folder=folder)
    text = child.output.decode("ascii", "replace")
    lines = text.splitlines()
    first = []
    for i, line in enumerate(lines):
        if line.startswith("?Error"):
            place = _EXE_PLACE.match(line)
            message = next((x for x in lines[i + 3 : i + 8] if x.strip() and "^" not in x), line)
            number, label = (int(place[1]), place[2]) if place else (None, None)
            first.append({"line": number, "column": None, "label": label, "message": message.strip()})
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
    }


def _placed(error: dict[str, Any], path: Path, spliced: Spliced | None) -> dict[str, Any]:
    """The error with its file. Text of included files is not shown."""
    out = {"judge": error["judge"], "file": str(path), **{k: error[k] or None for k in ("line", "column", "label")}}
    message = plain(error["message"])
    if spliced is not None and error["line"]:
        file, line, column = spliced.place(error["line"], error["column"] or 1)
        out["file"], out["line"] = str(file), line
        out["column"] = column if error["column"] else None
        if file != path:
            message, out["label"] = re.sub(r"`[^`]*`", "`...`", message.partition("(")[0]), None
    return {**out, "message": message}


def verb(file: str, root: Path | None = None) -> Outcome:
    """``metadream check FILE``: judge a file or a fetched database; status 1 if it is not accepted."""
    from metadream.metamath_db.data import find_metamath_exe, resolve_database

    result = check(resolve_database(file), exe=find_metamath_exe(), include_root=root)
    return Outcome(result, _text(result), 0 if result["accepted"] else 1)


def _text(result: Mapping[str, Any]) -> str:
    says = {True: "accepted", False: "refused", None: "not asked"}
    judges = ", ".join(f"{judge} {says[verdict]}" for judge, verdict in result["judges"].items())
    lines = [
        f"{plain(result['file'])}: {says[result['accepted']]} ({judges})",
        f"{result['statements']:,} statements, {result['proofs']:,} proofs, {result['incomplete']:,} incomplete",
    ]
    for e in result["first_errors"]:
        place = ":".join(str(e[k]) for k in ("file", "line", "column") if e[k] is not None)
        label = f" {e['label']}:" if e["label"] else ""
        lines.append(plain(f"{place}: {e['judge']}:{label} {e['message']}"))
    return "\n".join(lines)

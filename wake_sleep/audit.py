"""The verb ``audit``: is everything in a folder as it was written, and what does its log prove?

A folder is a run of ``learn``, an answer of ``prove``, or a log. Everything that has a hash is hashed again; the log
is decoded, hashed and compared record by record (docs/log.md).
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from metadream import _core
from metadream.metamath_db.console import Outcome
from metadream.metamath_db.core import patiently
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.folder import Folder

SHOWN = 20  # findings that are printed for people
THREADS = 2


def audit(
    run: Path | None,
    rebuild: bool = False,
    session: int | None = None,
    output: Path | None = None,
    inclusion: int | None = None,
    consistency: str | None = None,
    check_proof: Path | None = None,
) -> Outcome:
    """Verify a folder; give or check a proof; rebuild a workspace. Status 1 if anything is wrong.

    `consistency`: a number of records, or a kept ``head.json``. Raises `InputError` for what cannot be read.
    """
    if check_proof is not None:
        return checked(check_proof, None if run is None else log_folder(run))
    if run is None:
        raise InputError("expected the folder of a run, an answer or a log; or --check-proof FILE")
    if (session is not None or output is not None) and not rebuild:
        raise InputError("--session and --output say what to rebuild; add --rebuild")
    log = log_folder(run)
    found = patiently(lambda: verify(run, log))
    if found["ok"] and (inclusion is not None or consistency is not None):
        return proof(_present(log, run), inclusion, consistency)
    if rebuild:
        found["rebuild"] = rebuilt(_present(log, run), session, output) if found["ok"] else None
        found["ok"] = found["ok"] and found["rebuild"]["ok"]
    return Outcome(found, in_words(found), 0 if found["ok"] else 1)


def log_folder(root: Path) -> Path | None:
    """The log that a folder holds or is; None if it has none. Raises `InputError` for another kind of folder."""
    if (root / "head.json").is_file() or any(root.glob("segment-*.mdlog")):
        return root
    if (root / "log").is_dir():
        return root / "log"
    if (root / "config.toml").is_file() or (root / "manifest.json").is_file():
        return None
    raise InputError("expected the folder of a run, an answer or a log", root)


def _present(log: Path | None, root: Path) -> Path:
    if log is None:
        raise InputError("this folder has no log", root)
    return log


def verify(root: Path, log: Path | None) -> dict[str, Any]:
    """Everything that can be compared: the log, reports and what they hash, a manifest and what it hashes."""
    data: dict[str, Any] = {"run": root, "log": log, "ok": False, "threads": THREADS}
    findings: list[dict[str, Any]] = []
    head: dict[str, Any] | None = None
    if log is not None:
        seen = _core.audit_log(log, THREADS)
        head, findings = seen["head"], seen["findings"]
        prefix = "" if log == root else "log/"
        for finding in findings:
            finding["file"] = prefix + finding["file"]
        data |= {key: seen[key] for key in ("sessions", "unacknowledged_bytes")}
    data |= head or {"hash": None, "records": None, "segments": None, "root": None, "head": None}
    files: list[str] = []
    if (root / "config.toml").is_file():
        findings += _of_run(Folder(root), log if head and not findings else None, files)
    if (root / "manifest.json").is_file():
        findings += _of_answer(root, files)
    data |= {"files": files, "findings": findings, "ok": not findings}
    return data


def _finding(file: str, what: str) -> dict[str, Any]:
    return {"file": file, "segment": None, "record": None, "number": None, "offset": None, "what": what}


def _compare(root: Path, path: Path, expected: str | None, files: list[str]) -> list[dict[str, Any]]:
    name = str(path.relative_to(root))
    files.append(name)
    try:
        actual = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as problem:
        return [_finding(name, f"the file cannot be read ({problem.strerror})")]
    return [] if actual == expected else [_finding(name, "the file does not have the recorded SHA-256")]


def _of_run(folder: Folder, log: Path | None, files: list[str]) -> list[dict[str, Any]]:
    """Each cycle's library, proofs and beginning of the log against its report; `log`: an unharmed one."""
    findings: list[dict[str, Any]] = []
    try:
        reports = folder.reports()
    except InputError as problem:
        return [_finding(os.path.relpath(problem.file or folder.root, folder.root), problem.message)]
    for number, report in enumerate(reports, 1):
        findings += _compare(folder.root, folder.library(number), report["library_sha256"], files)
        findings += _compare(folder.root, folder.trace(number), report["proofs_sha256"], files)
        if log is not None and "log_records" in report:
            findings += _beginning(folder, number, report, log)
    if reports and (folder.root / "library.json").is_file():
        findings += _compare(folder.root, folder.root / "library.json", reports[-1]["library_sha256"], files)
    if reports and "log_records" in reports[-1] and not folder.log.is_dir():
        findings.append(_finding("log", "the folder is missing, but the reports speak of it"))
    return findings


def _beginning(folder: Folder, number: int, report: dict[str, Any], log: Path) -> list[dict[str, Any]]:
    name = str(folder.report(number).relative_to(folder.root))
    try:
        root = _core.log_beginning(log, report["log_records"])
    except (InputError, TypeError, OverflowError):
        return [_finding(name, f"it speaks of {report['log_records']} records of the log; there are fewer")]
    good = root == report.get("log_root")
    return [] if good else [_finding(name, "its log_root is not the root of the log's beginning")]


def _of_answer(root: Path, files: list[str]) -> list[dict[str, Any]]:
    try:
        hashes = json.loads((root / "manifest.json").read_text())["sha256"]
        named = [(str(name), str(expected)) for name, expected in hashes.items()]
    except (ValueError, KeyError, TypeError, AttributeError, OSError):
        return [_finding("manifest.json", "expected the manifest of an answer")]
    findings = []
    for name, expected in named:
        if Path(name).name != name:
            findings.append(_finding("manifest.json", "it names a file outside the folder"))
            continue
        findings += _compare(root, root / name, expected, files)
    return findings


def proof(log: Path, inclusion: int | None, consistency: str | None) -> Outcome:
    """A proof as JSON, checked before it is given."""
    if inclusion is not None and consistency is not None:
        raise InputError("--inclusion and --consistency are two proofs; ask for one")
    if inclusion is not None:
        text = _core.log_proof(log, number=inclusion)
    else:
        old, root = _old(str(consistency))
        text = _core.log_proof(log, old=old)
        if root is not None and json.loads(text)["old_root"] != root:
            what = f"the log's first {old} records do not have the root that the old head says"
            return Outcome({"ok": False, "findings": [_finding("head.json", what)]}, what, 1)
    if not _core.check_log_proof(text)["valid"]:
        raise RuntimeError("the proof that was made does not hold")
    return Outcome(json.loads(text), text)


def _old(consistency: str) -> tuple[int, str | None]:
    """The size, and the root where a head file says it."""
    if consistency.isdecimal() and len(consistency) < 19:  # fits in 64 bits
        return int(consistency), None
    path = Path(consistency)
    try:
        head = json.loads(path.read_text())
        size = int(head["records"])
        if not 0 <= size < 2**63:
            raise ValueError
        return size, str(head["root"])
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError("expected a number of records, or a head.json that was kept", path) from None


def checked(file: Path, log: Path | None) -> Outcome:
    """A proof, checked without the log; with one, its root is compared with the log's, too."""
    try:
        text = file.read_text()
    except UnicodeDecodeError:
        raise InputError("expected a proof in JSON", file) from None
    try:
        found = _core.check_log_proof(text)
    except InputError as problem:
        raise InputError(problem.message, file) from None
    good = bool(found["valid"])
    if log is not None:
        found["same_root"] = (_core.audit_log(log, THREADS)["head"] or {}).get("records", -1) >= found[
            "records"
        ] and _core.log_beginning(log, found["records"]) == found["root"]
        good = good and found["same_root"]
    data = {"proof": file, "ok": good, **found}
    if found["kind"] == "inclusion":
        said = f"record {found['number']} of {found['records']}: {found['text']}"
    else:
        said = f"the first {found['old_records']} records are the beginning of {found['records']}"
    verdict = "holds" if found["valid"] else "does NOT hold"
    other = "" if found.get("same_root", True) else "; it is NOT about this log"
    return Outcome(data, f"the proof {verdict}{other}: {said}\nroot {found['root']}", 0 if good else 1)


def rebuilt(log: Path, session: int | None, output: Path | None) -> dict[str, Any]:
    """The workspace from the log; every session's is compared with the digest recorded at its end.

    A session that a kill cut short has no end, and counts as rebuilt, not as `matched`.
    """
    found: dict[str, Any] = _core.rebuild_log(log, session, output)
    if found["finding"] is not None:
        return {"ok": False, **found}
    return {"ok": True, **found, "output": output}


def in_words(data: dict[str, Any]) -> str:
    """The audit for people."""
    lines = []
    if data["log"] is not None and data["records"] is not None:
        lines.append(
            f"log: {data['records']} records, {data['segments']} segments, {data['sessions']} sessions, "
            f"{data['hash']} root {data['root']}"
        )
    if data.get("unacknowledged_bytes"):
        lines.append(f"{data['unacknowledged_bytes']} bytes behind the head were never acknowledged")
    if data["files"]:
        lines.append(f"{len(data['files'])} files compared with their recorded SHA-256")
    again = data.get("rebuild")
    findings = [*data["findings"], *([again["finding"]] if again and again["finding"] else [])]
    for finding in findings[:SHOWN]:
        place = "" if finding["record"] is None else f", segment {finding['segment']} record {finding['record']}"
        offset = "" if finding["offset"] is None else f", byte {finding['offset']}"
        lines.append(f"WRONG {finding['file']}{place}{offset}: {finding['what']}")
    if len(findings) > SHOWN:
        lines.append(f"... and {len(findings) - SHOWN} more; --json gives them")
    if again and not again["finding"]:
        lines.append(
            f"rebuilt {again['sessions']} sessions, {again['matched']} with the recorded digest; session "
            f"{again['session']} ({again['name']}): {again['cells']} cells, {again['links']} links, {again['terms']} "
            f"terms, workspace {again['workspace_sha256']}"
        )
    lines.append("everything is as it was written" if data["ok"] else "something is wrong")
    return "\n".join(lines)

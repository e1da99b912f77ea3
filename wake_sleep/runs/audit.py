"""The verb ``audit``: is everything in a folder as it was written, and what does its log prove?

A folder is a run of ``learn``, an answer of ``prove``, or a log. Everything that has a hash is hashed again; the log
is decoded, hashed and compared record by record (docs/log.md); of a run all proofs and lemmas are judged again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metadream import _core
from metadream.metamath_db.core import patiently
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import parsed, read_bytes
from metadream.metamath_db.terminal.foreign_text import plain
from metadream.metamath_db.terminal.result import Result
from metadream.wake_sleep.runs import foreign_files as strangers
from metadream.wake_sleep.runs.file_hashes import COMMITS, content
from metadream.wake_sleep.runs.folder import Folder
from metadream.wake_sleep.runs.shape import is_count, is_text

SHOWN = 20  # findings that are printed for people
THREADS = 2


@dataclass(frozen=True, repr=False, eq=False)
class Audit(Result):
    """What a check of a folder or of a proof about its log found."""

    @property
    def ok(self) -> bool:
        """Whether everything is as it was written."""
        return self.status == 0

    @property
    def findings(self) -> tuple[Mapping[str, Any], ...]:
        """What is wrong: objects with ``file`` and ``what`` (docs/formats.md)."""
        return tuple(self.data.get("findings", ()))


def audit(
    run: Path | None,
    rebuild: bool = False,
    session: int | None = None,
    output: Path | None = None,
    inclusion: int | None = None,
    consistency: str | None = None,
    check_proof: Path | None = None,
) -> Audit:
    """Verify a folder; give or check a proof; rebuild a workspace. Status 1 if anything is wrong.

    `consistency`: a number of records, or a kept ``head.json``. Raises `InputError` for what cannot be read.
    """
    if check_proof is not None:
        return checked(check_proof, run)
    if run is None:
        raise InputError("expected the folder of a run, an answer or a log; or --check-proof FILE")
    if (session is not None or output is not None) and not rebuild:
        raise InputError("--session and --output say what to rebuild; add --rebuild")
    log = log_folder(run)
    found = patiently(lambda: verify(run, log))
    if found["ok"] and (inclusion is not None or consistency is not None):
        kept = None if consistency is None else _old(consistency)
        return proof(_meant(run, _present(log, run), kept), inclusion, kept)
    if rebuild:
        found["rebuild"] = rebuilt(_present(log, run), session, output) if found["ok"] else None
        found["ok"] = found["ok"] and found["rebuild"]["ok"]
    return Audit(found, in_words(found), 0 if found["ok"] else 1)


def log_folder(root: Path) -> Path | None:
    """The log that a folder holds or is; None if it has none. Raises `InputError` for another kind of folder."""
    if (root / "head.json").is_file() or any(root.glob("segment-*.mdlog")):
        return root
    if (root / "log").is_dir():
        return root / "log"
    if any((root / name).exists() for name in ("config.toml", "manifest.json", COMMITS)):
        return None
    raise InputError("expected the folder of a run, an answer or a log", root)


def _present(log: Path | None, root: Path) -> Path:
    if log is None:
        raise InputError("this folder has no log", root)
    return log


def _logs(run: Path, log: Path) -> list[Path]:
    """The logs of a folder: of a run that of its files, then that of its sessions."""
    commits = run / COMMITS
    return [commits, log] if log != run and commits.is_dir() else [log]


def _meant(run: Path, log: Path, kept: tuple[int, str | None] | None) -> Path:
    """The log that a kept head is of; `log` for a bare number and where none fits."""
    if kept is None or kept[1] is None:
        return log
    return next((each for each in _logs(run, log) if _has_root(each, kept[0], str(kept[1]))), log)


def _has_root(log: Path, records: int, root: str) -> bool:
    """Whether a log's first records have that root."""
    try:
        return _core.log_beginning(log, records) == root
    except (InputError, OverflowError):
        return False


def verify(
    root: Path,
    log: Path | None,
) -> dict[str, Any]:
    """Everything that can be compared: the log, the files of a run and what they say, a manifest and what it hashes."""
    data: dict[str, Any] = {"run": root, "log": log, "ok": False, "threads": THREADS, "aside": [], "pending": False}
    findings: list[dict[str, Any]] = []
    head: dict[str, Any] | None = None
    if log is not None:
        head = _of_log(log, "" if log == root else "log/", findings, data)
    data |= head or {"hash": None, "records": None, "segments": None, "root": None, "head": None}
    files: list[str] = []
    if (root / "config.toml").is_file() or (root / COMMITS).is_dir():
        data["run_head"], data["judged"] = None, 0
        findings += _of_run(Folder(root), log if head and not findings else None, files, data)
        if not findings:
            data["judged"], wrong = _judged(Folder(root))
            findings += [_finding(*each) for each in wrong]
    if (root / "manifest.json").is_file():
        findings += _of_answer(root, files)
    data |= {"files": files, "findings": findings, "ok": not findings}
    return data


def _of_log(log: Path, prefix: str, findings: list[dict[str, Any]], data: dict[str, Any]) -> dict[str, Any] | None:
    """The head of a log, if it can be read; what is wrong is added to `findings`, the rest to `data`."""
    data |= {"sessions": 0, "unacknowledged_bytes": 0}
    wrong = strangers.no_files(log)
    if wrong:
        findings += [_finding(prefix + name, what) for name, what in wrong]
        return None
    seen = _core.audit_log(log, THREADS)
    findings += [{**finding, "file": prefix + finding["file"]} for finding in seen["findings"]]
    data |= {key: seen[key] for key in ("sessions", "unacknowledged_bytes")}
    head: dict[str, Any] | None = seen["head"]
    if head is not None and not findings:
        wrong, aside = strangers.in_log(log, head)
        findings += [_finding(prefix + name, what) for name, what in wrong]
        data["aside"] += [prefix + name for name in aside]
    return head


def _finding(file: str, what: str) -> dict[str, Any]:
    return {"file": file, "segment": None, "record": None, "number": None, "offset": None, "what": what}


def _compare(root: Path, path: Path, expected: str, files: list[str]) -> list[dict[str, Any]]:
    name = str(path.relative_to(root))
    files.append(name)
    try:
        data = content(path)
    except InputError as problem:
        return [_finding(name, problem.message)]
    if data is None:
        return [_finding(name, "the file is missing")]
    good = hashlib.sha256(data).hexdigest() == expected
    return [] if good else [_finding(name, "the file does not have the recorded SHA-256")]


def _of_run(folder: Folder, log: Path | None, files: list[str], data: dict[str, Any]) -> list[dict[str, Any]]:
    """All files against the list that the log of commits binds; what the reports say of the beginnings of the log of
    sessions. `log`: an unharmed one.
    """
    try:
        findings = _of_commits(folder, data)
        if findings:
            return findings
        files += sorted(folder.files.listed())
        findings = [_finding(*each) for each in [*folder.files.differences(), *strangers.of_lock(folder.root / "lock")]]
        data["pending"] = folder.files.pending()
        data["aside"] += folder.files.aside()
        if findings:
            return findings
        reports = folder.reports()
    except InputError as problem:
        name = os.path.relpath(problem.file or folder.root, folder.root)
        return [_finding(name, problem.message)]
    for number, report in enumerate(reports, 1):
        for key, path in (("library_sha256", folder.library(number)), ("proofs_sha256", folder.trace(number))):
            if hashlib.sha256(folder.files.read(folder.name(path))).hexdigest() != report[key]:
                findings.append(_finding(folder.name(path), f"it is not the one that the report's {key} speaks of"))
        if log is not None:
            findings += _beginning(folder, number, report, log)
    if reports and not folder.log.is_dir():
        findings.append(_finding("log", "the folder is missing, but the reports speak of it"))
    return findings


def _of_commits(folder: Folder, data: dict[str, Any]) -> list[dict[str, Any]]:
    """What is wrong beside the log of the run's files, which is checked. Raises `InputError` if it is not unharmed."""
    commits = folder.files.commits
    wrong = strangers.no_files(commits) if commits.is_dir() else []
    if not wrong:
        head = folder.files.head()
        data["run_head"] = head["head"]
        wrong, aside = strangers.in_log(commits, head)
        data["aside"] += [f"{COMMITS}/{name}" for name in aside]
    return [_finding(f"{COMMITS}/{name}", what) for name, what in wrong]


def _judged(
    folder: Folder,
) -> tuple[int, list[tuple[str, str]]]:
    """Proofs and lemmas of an unharmed run that were judged again, and what is wrong with them."""
    cycles = len(folder.reports())
    if not cycles:
        return 0, []
    from metadream.wake_sleep.runs.remade import audited
    from metadream.wake_sleep.runs.run import reopen

    try:
        return audited(reopen(folder), cycles)
    except InputError as problem:
        return 0, [("config.toml", f"its proofs cannot be judged: {problem}")]


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
        manifest = parsed(content(root / "manifest.json") or b"")
        hashes = manifest["sha256"]
        named = [(str(name), str(expected)) for name, expected in hashes.items()]
    except (ValueError, KeyError, TypeError, AttributeError, InputError):
        return [_finding("manifest.json", "expected the manifest of an answer")]
    findings = []
    for name, expected in named:
        if Path(name).name != name or "\0" in name:
            findings.append(_finding("manifest.json", "it names a file outside the folder"))
            continue
        findings += _compare(root, root / name, expected, files)
    if "proof.mm" in hashes and not findings:
        findings += _proof_of_answer(root / "proof.mm", manifest.get("statement_sha256"))
    return findings


def _proof_of_answer(path: Path, statement: object) -> list[dict[str, Any]]:
    """The proof of an answer, a database of its own, before both judges; what it proves must be what was asked."""
    try:
        judges = _core.Judges(content(path) or b"")
        said = [json.loads(judges.judge(label)) for label in judges.theorems()]
    except InputError as problem:
        return [_finding(path.name, problem.message)]
    if len(said) != 1 or not said[0]["accepted"]:
        return [_finding(path.name, "a judge refuses the proof")]
    good = said[0]["statement_sha256"] == statement
    return [] if good else [_finding(path.name, "it proves another statement than the manifest's statement_sha256")]


def proof(log: Path, inclusion: int | None, kept: tuple[int, str | None] | None) -> Audit:
    """A proof as JSON, checked before it is given. `kept`: an old size, and its root where that is known."""
    if inclusion is not None and kept is not None:
        raise InputError("--inclusion and --consistency are two proofs; ask for one")
    if inclusion is not None:
        text = _core.log_proof(log, number=inclusion)
    else:
        old, root = kept or (0, None)
        text = _core.log_proof(log, old=old)
        if root is not None and json.loads(text)["old_root"] != root:
            what = f"the log's first {old} records do not have the root that the old head says"
            return Audit({"ok": False, "findings": [_finding("head.json", what)]}, what, 1)
    if not _core.check_log_proof(text)["valid"]:
        raise RuntimeError("the proof that was made does not hold")
    return Audit(json.loads(text), text)


def _old(consistency: str) -> tuple[int, str | None]:
    """The size, and the root where a head file says it."""
    if consistency.isdecimal() and len(consistency) < 19:  # fits in 64 bits
        return int(consistency), None
    return kept_head(Path(consistency))


def kept_head(path: Path) -> tuple[int, str]:
    """Size and root of a log, from a ``head.json``. Raises `InputError`."""
    try:
        head = parsed(read_bytes(path, "a number of records, or a head.json that was kept"))
        size, root = head["records"], head["root"]
        if not is_count(size) or not is_text(root):
            raise ValueError
        return size, root
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError("expected a number of records, or a head.json that was kept", path) from None


def checked(file: Path, against: Path | None) -> Audit:
    """A proof, checked against the folder of a run or log, or against a ``head.json`` that was kept.

    A proof names its log's size and root itself, so by itself it shows nothing: it must be about a log that is known.
    Raises `InputError`.
    """
    if against is None:
        raise InputError(
            "a proof says nothing by itself: name the log that it is about, a folder or a head.json that was kept, too",
            file,
        )
    try:
        found = _core.check_log_proof(file.read_text())
    except UnicodeDecodeError:
        raise InputError("expected a proof in JSON", file) from None
    except InputError as problem:
        raise InputError(problem.message, file) from None
    if against.is_dir():
        logs = _logs(against, _present(log_folder(against), against))
        found["same_root"] = any(_unharmed(log) and _has_root(log, found["records"], found["root"]) for log in logs)
    else:
        found["same_root"] = kept_head(against) == (found["records"], found["root"])
    good = bool(found["valid"] and found["same_root"])
    data = {"proof": file, "ok": good, **found}
    if found["kind"] == "inclusion":
        said = f"record {found['number']} of {found['records']}: {found['text']}"
    else:
        said = f"the first {found['old_records']} records are the beginning of {found['records']}"
    verdict = "holds" if found["valid"] else "does NOT hold"
    other = "" if found["same_root"] else "; it is NOT about this log"
    return Audit(data, f"the proof {verdict}{other}: {said}\nroot {found['root']}", 0 if good else 1)


def _unharmed(log: Path) -> bool:
    return not _core.audit_log(log, THREADS)["findings"]


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
    if data.get("run_head"):
        lines.append(f"run: head {data['run_head']}, which binds every file and, through the reports, the log")
    if data["files"]:
        lines.append(f"{len(data['files'])} files compared with their recorded SHA-256")
    if data.get("judged"):
        lines.append(f"{data['judged']} proofs and lemmas judged again by both judges")
    if data["pending"]:
        lines.append("the last commit was cut short: new files wait beside their names; 'metadream learn' goes on")
    for name in data["aside"]:
        lines.append(plain(f"LEFT {name}: nobody reads it; a killed writer left it, or it was put there; delete it"))
    again = data.get("rebuild")
    findings = [*data["findings"], *([again["finding"]] if again and again["finding"] else [])]
    for finding in findings[:SHOWN]:
        place = "" if finding["record"] is None else f", segment {finding['segment']} record {finding['record']}"
        offset = "" if finding["offset"] is None else f", byte {finding['offset']}"
        lines.append(plain(f"WRONG {finding['file']}{place}{offset}: {finding['what']}"))
    if len(findings) > SHOWN:
        lines.append(f"... and {len(findings) - SHOWN} more; --json gives them")
    if again and not again["finding"]:
        lines.append(
            f"rebuilt {again['sessions']} sessions, {again['matched']} with the recorded digest; session "
            f"{again['session']} ({again['name']}): {again['cells']} cells, {again['links']} links, {again['terms']} "
            f"terms, workspace {again['workspace_sha256']}"
        )
    odd = data["pending"] or data["aside"] or data.get("unacknowledged_bytes")
    good = (
        "nothing that counts was changed; what is beside it is named above"
        if odd
        else "everything is as it was written"
    )
    lines.append(good if data["ok"] else "something is wrong")
    return "\n".join(lines)

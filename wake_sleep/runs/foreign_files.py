"""What lies in the folder of a log, or as a lock, and is not what a writer puts there: for the verb ``audit``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import parsed
from metadream.wake_sleep.runs.file_hashes import content
from metadream.wake_sleep.runs.shape import is_count, is_text, record

OF_LOG = re.compile(r"head\.json|head\.json\.new|lock|segment-([0-9a-f]{8})\.mdlog")
HEADER = 64  # bytes of a segment before its records (docs/log.md)
OWNER = record({"pid": is_count, "host": is_text, "boot_id": is_text})
Found = list[tuple[str, str]]  # (name, what is wrong)


def no_files(log: Path) -> Found:
    """What has the name of a log's file and is none: a folder, a link, a pipe."""
    found: Found = []
    for path in sorted(log.iterdir()):
        if OF_LOG.fullmatch(path.name) and (path.is_symlink() or not path.is_file()):
            kind = "a link" if path.is_symlink() else "a folder" if path.is_dir() else "no regular file"
            found.append((path.name, f"expected a file of the log, here is {kind}; take it away"))
    return found


def in_log(log: Path, head: Mapping[str, Any]) -> tuple[Found, list[str]]:
    """What an unharmed log with this head does not account for: what no writer can have left, and names of what a
    killed one can.
    """
    wrong, aside = of_lock(log / "lock"), list[str]()
    for path in sorted(log.iterdir()):
        name = OF_LOG.fullmatch(path.name)
        if path.name == "head.json.new":
            aside.append(path.name)
        elif name and name[1] and int(name[1], 16) >= head["segments"]:
            if _begun(path, int(name[1], 16)) and int(name[1], 16) == head["segments"]:
                aside.append(path.name)
            else:
                wrong.append((path.name, f"the log has {head['segments']} segments, this is none of them; delete it"))
    return wrong, aside


def _begun(path: Path, number: int) -> bool:
    """Whether a file begins as the segment of that number does."""
    with path.open("rb") as file:
        data = file.read(HEADER)
    return b"MDLG".startswith(data[:4]) and (len(data) < HEADER or int.from_bytes(data[8:12], "little") == number)


def of_lock(path: Path) -> Found:
    """Whether a lock says anything else than who writes."""
    try:
        data = content(path)
        if not data or OWNER(parsed(data)):
            return []
    except (ValueError, InputError):
        pass
    return [(path.name, "expected nothing, or the process that writes (pid, host, boot_id); delete this file")]

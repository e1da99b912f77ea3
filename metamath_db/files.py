"""Files that are published whole: written aside, synced, renamed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from metadream.metamath_db.errors import InputError


def publish(path: Path, content: bytes | str) -> None:
    """Write a file so that a crash leaves the old one or the new one: aside, synced, renamed, folder synced.

    Raises `InputError` for a place that cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    if path.is_dir():
        raise InputError("this is a folder; name the file to write", path)
    try:
        _publish(path, data)
    except OSError as problem:
        raise InputError(f"cannot write this file ({problem.strerror}); name another place", path) from None


def _publish(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    number, text = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    aside = Path(text)
    try:
        with os.fdopen(number, "wb") as file:
            os.fchmod(number, 0o644)
            file.write(data)
            file.flush()
            os.fsync(number)
        aside.replace(path)
        sync(path.parent)
    finally:
        aside.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have the system write a file or a folder to the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)

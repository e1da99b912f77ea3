"""Files: read where they are regular ones, published whole; what is wrong with one is an `InputError` that names it."""

from __future__ import annotations

import fcntl
import glob
import json
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from metadream.metamath_db.errors import InputError
from metadream.metamath_db.terminal.foreign_text import unescaped

MAX_BYTES = 1 << 30  # far above set.mm


def read_bytes(path: Path, expected: str, most: int = MAX_BYTES) -> bytes:
    """The content of a regular file of at most `most` bytes; `expected` says in errors what it should be.

    A pipe, a device or a folder is refused at once, so that nothing waits for a writer. Raises `InputError`.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError(f"no regular file; expected {expected}", path)
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            data = file.read(most + 1) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None
    except OSError as problem:
        raise InputError(f"cannot be read ({problem.strerror}); expected {expected}", path) from None
    except ValueError:  # a NUL in its name
        raise InputError(f"this is no name of a file; expected {expected}", path) from None
    if data is None:
        raise InputError(f"no regular file; expected {expected}", path)
    if len(data) > most:
        raise InputError(f"more than {most:,} bytes; expected {expected}", path)
    return data


def read_text(path: Path, expected: str, most: int = MAX_BYTES) -> str:
    """The text of a regular file in UTF-8. Raises `InputError` with the line that is none."""
    data = read_bytes(path, expected, most)
    try:
        return data.decode()
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        raise InputError(f"this is no UTF-8; expected {expected}", path, line) from None


def read_json(path: Path, expected: str, most: int = MAX_BYTES) -> Any:
    """The value of a JSON file. Raises `InputError` with the place where it is none, or where it nests too deep."""
    text = read_text(path, expected, most)
    try:
        return json.loads(text)
    except json.JSONDecodeError as problem:
        raise InputError(f"no JSON: {problem.msg}; expected {expected}", path, problem.lineno, problem.colno) from None
    except ValueError as problem:  # a number of thousands of digits
        raise InputError(f"no JSON that can be read: {problem}; expected {expected}", path) from None
    except RecursionError:
        raise InputError(f"JSON that nests too deep; expected {expected}", path) from None


def check_place(path: Path, folder: bool = False) -> None:
    """Refuse a place that nothing can be written to, before the work is done for it. Raises `InputError`.

    A file may be there already, if it is a regular one; a folder, if it is one. What is missing above it will be made.
    """
    try:
        place = path.resolve()
        there = place.exists()
        if there and not folder and place.is_dir():
            raise InputError("this is a folder; name the file to write", path)
        if there and not folder and not place.is_file():
            raise InputError("this is no regular file; name the file to write", path)
        above = place if there and folder else place.parent
        while not above.exists():
            above = above.parent
        if not above.is_dir():
            raise InputError(f"cannot be written: {above} is no folder; name another place", path)
        if not os.access(above, os.W_OK | os.X_OK):
            raise InputError(f"cannot be written: {above} is not open for writing; name another place", path)
    except OSError as problem:
        raise InputError(f"cannot be written ({problem.strerror}); name another place", path) from None
    except RuntimeError:  # links in a circle
        raise InputError("cannot be written: its links lead in a circle; name another place", path) from None


def publish(path: Path, content: bytes | str) -> None:
    """Write a file so that a crash leaves the old one or the new one: aside, synced, renamed, folder synced.

    A link is followed. What is no UTF-8 in a text (a path's bytes) is written as ``\\xff``. Raises `InputError` for a
    place that cannot be written.
    """
    data = content if isinstance(content, bytes) else unescaped(content).encode()
    check_place(path)
    try:
        _publish(path.resolve(), data)
    except OSError as problem:
        raise InputError(f"cannot write this file ({problem.strerror}); name another place", path) from None


def _publish(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_stale(path.parent, f".{glob.escape(path.name)}-????????")
    number, aside = _aside(path)
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


def _aside(path: Path) -> tuple[int, Path]:
    """A new file beside `path`, locked while this process writes it."""
    while True:
        number, text = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        fcntl.flock(number, fcntl.LOCK_EX)
        if os.fstat(number).st_nlink:  # else another process took it for a dead writer's before it was locked
            return number, Path(text)
        os.close(number)


def remove_stale(folder: Path, pattern: str) -> None:
    """Remove what killed writers left aside in a folder: files of that pattern that nobody has locked."""
    for left in folder.glob(pattern):
        try:
            number = os.open(left, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            continue
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()
        except OSError:  # somebody writes it
            pass
        finally:
            os.close(number)


def parsed(data: bytes, read: Callable[[str], Any] = json.loads) -> Any:
    """Foreign JSON, or TOML with `tomllib.loads`. Raises `ValueError`, whatever is wrong with it."""
    try:
        return read(data.decode())
    except RecursionError:
        raise ValueError("nested too deeply") from None


def sync(path: Path) -> None:
    """Have the system write a file or a folder to the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)

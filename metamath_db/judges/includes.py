"""Includes, ``$[ file $]``: spliced into one text, from regular files under one folder only.

Metamath's specification: an include stands in the outermost block between statements; a file that was included
already, or that is being read, is not included again. Here, moreover: names are relative to the root folder that
the user named (``./x`` is ``x``), no part of a name is a symbolic link or ``..``, and depth, number and size are
bounded.
"""

from __future__ import annotations

import os
import re
import stat
from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path

from metadream.metamath_db.errors import InputError
from metadream.metamath_db.terminal.foreign_text import plain

MAX_DEPTH = 32
MAX_FILES = 1000
MAX_BYTES = 1 << 30

_KEYWORD = re.compile(rb"(?<![^ \t\r\n\f])\$[\[({}acdefpv.](?![^ \t\r\n\f])")


@dataclass
class Spliced:
    """One text made of several files, and where each part of it comes from."""

    data: bytes = b""
    starts: list[int] = field(default_factory=list)  # where a piece begins in `data`
    pieces: list[tuple[Path, int]] = field(default_factory=list)  # its file, and where it begins there
    files: dict[Path, bytes] = field(default_factory=dict)

    def place(self, line: int, column: int) -> tuple[Path, int, int]:
        """File, line and column of a line and column of the text, all from 1."""
        before = 0
        for _ in range(line - 1):
            before = self.data.find(b"\n", before) + 1
        offset = before + max(column - 1, 0)
        piece = max(bisect_right(self.starts, offset) - 1, 0)
        file, start = self.pieces[piece]
        head = self.files[file][: start + offset - self.starts[piece]]
        return file, head.count(b"\n") + 1, len(head) - head.rfind(b"\n")


class _Splicer:
    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.out = Spliced()
        self.parts: list[bytes] = []
        self.length = 0
        self.seen: set[tuple[int, int]] = set()
        self.read_bytes = 0

    def add(self, file: Path, data: bytes, start: int, end: int) -> None:
        if start < end:
            self.out.starts.append(self.length)
            self.out.pieces.append((file, start))
            self.parts.append(data[start:end])
            self.length += end - start

    def separate(self, file: Path, at: int) -> None:
        """White space, so that no token grows together where files meet."""
        self.out.starts.append(self.length)
        self.out.pieces.append((file, at))
        self.parts.append(b" ")
        self.length += 1

    def read(self, file: Path, data: bytes, depth: int) -> None:
        self.out.files[file] = data
        at = done = level = 0
        inside = False
        while found := _KEYWORD.search(data, at):
            at = found.end()
            keyword = found.group()
            if keyword == b"$(":
                end = data.find(b"$)", at)
                at = len(data) if end < 0 else end + 2
            elif keyword == b"$[":
                end = data.find(b"$]", at)
                if end < 0:
                    raise self.problem(file, data, found.start(), "this include is not ended; add `$]`")
                if level or inside:
                    raise self.problem(file, data, found.start(), "`$[` inside a block or statement; move it out")
                self.add(file, data, done, found.start())
                self.separate(file, found.start())
                self.include(file, data, found.start(), data[at:end], depth)
                done = at = end + 2
                self.separate(file, found.start())
            elif keyword in (b"${", b"$}"):
                level += 1 if keyword == b"${" else -1
            else:
                inside = keyword != b"$."
        if depth and (level or inside):
            raise self.problem(file, data, len(data), "an included file ends inside a block or statement")
        self.add(file, data, done, len(data))

    def include(self, file: Path, data: bytes, at: int, raw: bytes, depth: int) -> None:
        names = raw.split()
        if len(names) != 1 or b"$" in names[0] or not names[0].isascii():
            raise self.problem(file, data, at, "an include names one file, without spaces and `$`")
        name = names[0].decode("ascii")
        if depth + 1 > MAX_DEPTH or len(self.out.files) >= MAX_FILES:
            raise self.problem(file, data, at, f"more than {MAX_DEPTH} includes deep or {MAX_FILES} files")
        try:
            found = self.open(name)
        except (OSError, ValueError) as e:
            reason = e.strerror if isinstance(e, OSError) else str(e)
            raise self.problem(file, data, at, f"cannot include `{plain(name)[:60]}`: {reason}") from None
        if found is not None:
            self.read(self.root / name, found, depth + 1)

    def open(self, name: str) -> bytes | None:
        """A file under the root, by name; None if it was read already."""
        parts = [part for part in name.split("/") if part != "."]
        if not parts or any(part in ("", "..") for part in parts):
            raise ValueError("the name must lead down from the root folder")
        folder = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for part in parts[:-1]:
                below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
                os.close(folder)
                folder = below
            file = os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        finally:
            os.close(folder)
        with os.fdopen(file, "rb") as opened:
            return self.take(os.fstat(file), opened.read)

    def take(self, status: os.stat_result, read: object) -> bytes | None:
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is no regular file")
        if (status.st_dev, status.st_ino) in self.seen:
            return None
        self.seen.add((status.st_dev, status.st_ino))
        assert callable(read)
        data: bytes = read(MAX_BYTES - self.read_bytes + 1)
        self.read_bytes += len(data)
        if self.read_bytes > MAX_BYTES:
            raise ValueError(f"the files have more than {MAX_BYTES} bytes together")
        return data

    def problem(self, file: Path, data: bytes, at: int, message: str) -> InputError:
        head = data[:at]
        return InputError(message, file, head.count(b"\n") + 1, len(head) - head.rfind(b"\n"))


def splice(path: Path, root: Path) -> Spliced:
    """The text of a file with its includes in place. Raises InputError for what cannot be included."""
    if not root.is_dir():
        raise InputError("no such folder; name the folder that includes are relative to", root)
    work = _Splicer(root)
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as main:
            data = work.take(os.fstat(main.fileno()), main.read)
    except (OSError, ValueError) as e:
        reason = e.strerror if isinstance(e, OSError) else str(e)
        raise InputError(f"cannot be read ({reason}); name a Metamath database (.mm)", path) from None
    work.read(path, data or b"", 0)
    work.out.data = b"".join(work.parts)
    return work.out

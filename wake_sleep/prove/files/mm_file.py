"""``.mm`` files whose proofs have ``?``: a database of its own, statements to be read after one, or miniF2F's form.

miniF2F (Zheng et al. 2022) keeps a statement in a comment, ``@`` written for ``$`` and ``$@`` for ``$.``, so that a
database may hold it. `read` turns that into plain Metamath with every byte at its old place, so lines stay the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from metadream.metamath_db.errors import InputError
from metadream.metamath_db.terminal.foreign_text import plain

MAX_BYTES = 1 << 30
COMMENT = re.compile(r"\$\((?:\s.*?)?\s\$\)", re.DOTALL)
_STATEMENT = re.compile(r"(?<!\S)\$([aefp])\s(.*?)\s\$[.=]", re.DOTALL)
_SYMBOLS = re.compile(r"(?<!\S)\$[cv]\s(.*?)\s\$\.", re.DOTALL)
_LOOKED_AT = 100  # statements by which a database is told from a fragment
_AT = re.compile(r"(?<!\S)(?:\$@|@[][(){}acdefpv=.])(?!\S)")
_SHEET = re.compile(r"\s*(?:\$\(\s*<MM>|\$theorem\b)")
_HIDDEN = re.compile(r"(?<!\S)@p(?!\S)")


@dataclass(frozen=True)
class MmFile:
    """A file's text as Metamath. `whole`: it declares what it uses, so it is a database of its own."""

    path: Path
    text: str
    whole: bool

    def line(self, offset: int) -> int:
        """The line (from 1) of a byte of the text."""
        return self.text.count("\n", 0, offset) + 1


def is_worksheet(path: Path, text: str) -> bool:
    """Whether a file is a proof worksheet, by its name or its beginning."""
    return path.suffix == ".mmp" or bool(_SHEET.match(text))


def read_text(path: Path) -> str:
    """A file's text. Raises `InputError` where it cannot be read, or with the line of what is not ASCII.

    Worksheets (`.mmp`, or a file that begins like one) may be UTF-8: what is not ASCII in their steps is told later.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError("larger than 1 GiB; expected a Metamath file or a proof worksheet", path)
        data = path.read_bytes()
    except OSError as problem:
        raise InputError(f"cannot read this file ({problem.strerror})", path) from None
    data = data.replace(b"\r\n", b"\n")
    if is_worksheet(path, data[:1024].decode("utf-8-sig", "replace")):
        if b"\0" in data:
            raise InputError("holds NUL bytes; expected a worksheet in ASCII or UTF-8", path)
        return data.decode("utf-8-sig", "replace")
    try:
        return data.decode("ascii")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise InputError("expected ASCII, as Metamath has it", path, line) from None


def read(path: Path, text: str) -> MmFile:
    """The statements of a ``.mm`` file. Raises `InputError` if there is none."""
    bare = COMMENT.sub(" ", text)
    if not _STATEMENT.search(bare):
        if not _HIDDEN.search(text):
            raise InputError(
                "expected a statement '$p ... $= ? $.', or one in a comment with @ for $ as miniF2F has it", path
            )
        text = _uncovered(text)
        bare = COMMENT.sub(" ", text)
    declared = {symbol for group in _SYMBOLS.findall(bare) for symbol in group.split()}
    looked_at = islice(_STATEMENT.finditer(bare), _LOOKED_AT)
    typecodes = [
        (kind, symbols.split()[0]) for kind, symbols in (found.groups() for found in looked_at) if symbols.split()
    ]
    whole = "f" in dict(typecodes) and all(typecode in declared for _, typecode in typecodes)
    return MmFile(path, text, whole)


def _uncovered(text: str) -> str:
    """The statement that stands in a comment: its delimiters as blanks, ``@`` as ``$``."""

    def inner(comment: re.Match[str]) -> str:
        body = comment.group()
        if not _HIDDEN.search(body):
            return body
        return "  " + _AT.sub(lambda m: "$." if m.group() == "$@" else f"${m.group()[1]}", body[2:-2]) + "  "

    return COMMENT.sub(inner, text)


def one_line(text: str, most: int | None = 240) -> str:
    """Foreign text as part of a message, or as a line of a file: `most` letters of its beginning and its end."""
    line = plain(" ".join(text.split()))
    if most is None or len(line) <= most:
        return line
    return f"{line[: most // 2]} ... {line[-most // 2 :]}"

"""The one error that a user can cause."""

from __future__ import annotations

from os import PathLike, fspath


class InputError(Exception):
    """Bad input: a missing or broken file, an unknown name, a wrong folder, an option that does not fit.

    The message says what was expected and what to do, in one line. The command line renders it as
    ``error: FILE:LINE:COLUMN: message`` and exits with status 2; nothing else is shown. Lines and columns
    count from 1; a column counts bytes, as Metamath files are ASCII.
    """

    def __init__(
        self,
        message: str,
        file: str | PathLike[str] | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        name = None if file is None else fspath(file)
        super().__init__(message, name, line, column)  # args, so that it survives a trip between processes
        self.message = message
        self.file = name
        self.line = line
        self.column = column

    def __str__(self) -> str:
        """``FILE:LINE:COLUMN: message``, with the parts that are known."""
        if self.file is None:
            return self.message
        place = [self.file, *(str(n) for n in (self.line, self.column) if n is not None)]
        return f"{':'.join(place)}: {self.message}"

"""What a verb finds, as an object: the base of all answers of the Python API.

A command makes an `Outcome` of it, which is printed; who calls from Python reads its typed properties.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any, TypeVar

from metadream.metamath_db.terminal.console import Outcome, as_text, to_json

if TYPE_CHECKING:
    from rich.console import RenderableType

Found = TypeVar("Found", bound="Result")


@dataclass(frozen=True, repr=False, eq=False)
class Result:
    """An answer. It counts as true if the command of that name ends with status 0: proved, accepted, done."""

    data: Mapping[str, Any]
    """The object that ``--json`` prints; docs/formats.md describes its keys."""
    shown: str | RenderableType = ""
    """The text or table that is shown without ``--json``."""
    status: int = 0
    """The command's exit status: 0 done, 1 not proved or not accepted."""
    messages: tuple[str, ...] = ()
    """Remarks that the command prints on standard error."""

    def text(self) -> str:
        """Return the text that the command prints."""
        return as_text(self.shown).rstrip("\n")

    def to_json(self) -> str:
        """Return the text that the command prints with ``--json``: one object on one line."""
        return to_json(self.data)

    def outcome(self) -> Outcome:
        """The answer as the command line shows it."""
        return Outcome(self.data, self.shown, self.status)

    def with_messages(self: Found, messages: list[str]) -> Found:
        """Return a copy of this answer with `messages` appended to its remarks."""
        return replace(self, messages=(*self.messages, *messages)) if messages else self

    def __bool__(self) -> bool:
        return self.status == 0

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        first, *_ = [*self.text().splitlines(), ""]
        return f"<{type(self).__name__}: {first}>"

    def _repr_html_(self) -> str:
        """The text, for notebooks."""
        return f"<pre>{escape(self.text())}</pre>"

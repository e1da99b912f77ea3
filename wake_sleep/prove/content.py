"""Content programs: decisions of a search in context as a file that can be run (docs/isa.md, "Content programs")."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from typing import Any

HEAD = ".content 1"


def content_text(program: str, content: Mapping[str, Any]) -> str:
    """The file of a content program; `program`: the assembly text of the same answer, whose directives it carries."""
    directives = takewhile(_is_directive, program.splitlines())
    return "\n".join([HEAD, *directives, "", content["text"]])


def _is_directive(line: str) -> bool:
    return line.startswith(".") and not line.startswith(".block")

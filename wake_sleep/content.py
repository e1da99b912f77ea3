"""Content programs: what a search in context decided, as a file that can be run (docs/isa.md, "Content programs")."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metadream.dsl.directives import Carried
from metadream.dsl.program_file import SIZE_LIMIT, Loaded, load_program
from metadream.metamath_db.core import patiently
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import read_bytes

if TYPE_CHECKING:
    from metadream.wake_sleep.machine_setup import Asked

HEAD = ".content 1"


def content_text(program: str, content: Mapping[str, Any]) -> str:
    """The file of a content program; `program`: the assembly text of the same answer, whose directives it carries."""
    directives = takewhile(_is_directive, program.splitlines())
    return "\n".join([HEAD, *directives, "", content["text"]])


def load(core: Any, path: Path, asked: Asked) -> tuple[Loaded, dict[str, int] | None]:
    """A program for the machine: from a program file, or the one that a content program is written as, and then its
    ``decisions`` and ``steps``. Raises `InputError` with file and line.
    """
    data = read_bytes(path, "a program file, an assembly text or a content program", SIZE_LIMIT)
    if data.split(b"\n", 1)[0].strip() != HEAD.encode():
        return load_program(core, path), None
    try:
        return _written(core, path, data.decode("utf-8"), asked)
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        raise InputError("expected a content program in UTF-8", path, line) from None
    except InputError as problem:
        if problem.file is not None:
            raise
        raise InputError(problem.message, path, problem.line, problem.column) from None


def _written(core: Any, path: Path, text: str, asked: Asked) -> tuple[Loaded, dict[str, int]]:
    """A content program checked and written, as a program for the machine."""
    from metadream.wake_sleep.machine_setup import known

    lines = text.split("\n")
    directives = list(takewhile(_is_directive, lines[1:]))
    head = core.Program.assemble("\n".join(["", *directives, ".block main", "HALT #0"]), "")
    carried = Carried.of(head)
    if carried.goal is None:
        raise InputError("expected what it proves in its head: .database, .theorem, .goal as in program.asm", path, 1)
    theory = known(core, asked, carried).theory
    target = carried.theorem or json.dumps(carried.statement())
    nodes = "\n" * (1 + len(directives)) + "\n".join(lines[1 + len(directives) :])  # lines keep their numbers
    made = patiently(lambda: core.run_content(theory, target, nodes))
    about = [(name, words) for name, words in head.directives() if name not in (".goal", ".statement")]
    judged = patiently(lambda: theory.run(made["proof"], directives=about))
    if not judged["accepted"]:
        raise InputError(f"the proof that is written for it is refused: {judged['message']}", path)
    if carried.statement_sha256 not in (None, judged["statement_sha256"]):
        raise InputError("the program is about another statement than its head says (SHA-256 differs)", path)
    program = core.Program.assemble(judged["program"], "")
    return Loaded(path, program, None), {key: made[key] for key in ("decisions", "steps")}


def _is_directive(line: str) -> bool:
    return line.startswith(".") and not line.startswith(".block")

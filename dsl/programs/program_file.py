"""Program files: assembly text and its binary form, the verb ``asm`` that turns one into the other, macros."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metadream import _core
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import publish, read_bytes, read_text
from metadream.metamath_db.terminal.console import Outcome, table
from metadream.metamath_db.terminal.result import Result

MAGIC = b"MDPG"
MACROS = "macros.asm"  # in a folder of learned macros
SIZE_LIMIT = 1 << 28  # bytes of a program file


@dataclass(frozen=True)
class Loaded:
    """A program with where it came from. `lines`: by instruction, its line in the text; None for a binary file."""

    path: Path
    program: Any
    lines: list[int] | None

    def place(self, instruction: int) -> str:
        """``FILE:LINE``, or ``FILE`` for a binary file."""
        return f"{self.path}:{self.lines[instruction]}" if self.lines else str(self.path)


def load_program(path: Path, macros: Path | None = None) -> Loaded:
    """Read a program, binary or text, which may call what the file `macros` defines.

    Raises `InputError` with file, line and column.
    """
    known = "" if macros is None else _macros(macros)
    data = read_bytes(path, "an assembly text (.asm) or a program file (.mdpg)", SIZE_LIMIT)
    try:
        if data.startswith(MAGIC):
            return Loaded(path, _core.Program.decode(data), None)
        text = data.decode("utf-8")
        program = _core.Program.assemble(text, known)
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        raise InputError("expected an assembly text in UTF-8, or a program file", path, line) from None
    except InputError as problem:
        raise InputError(problem.message, path, problem.line, problem.column) from None
    return Loaded(path, program, program.lines())


def _macros(path: Path) -> str:
    text = read_text(path, "definitions of macros, a text in UTF-8", SIZE_LIMIT)
    try:
        _core.Program.check_macros(text)
    except InputError as problem:
        raise InputError(problem.message, path, problem.line, problem.column) from None
    return text


@dataclass(frozen=True, repr=False, eq=False)
class Assembled(Result):
    """A program, assembled or disassembled."""

    @property
    def sha256(self) -> str:
        """The hash of the program file."""
        return str(self.data["sha256"])

    @property
    def instructions(self) -> int:
        """How many instructions it has."""
        return int(self.data["instructions"])

    @property
    def file(self) -> Path | None:
        """The file that was written; None: none was."""
        file: Path | None = self.data["output"]
        return file

    @property
    def source(self) -> str | None:
        """The program as assembly, where it was disassembled."""
        source: str | None = self.data.get("text")
        return source


def asm(
    file: Path,
    output: Path | None,
    disassemble: bool,
    macros: Path | None = None,
    bind: Callable[[Loaded], Any] | None = None,
) -> Assembled:
    """Assemble `file` into `output` (default: the same name with .mdpg), or give the text of a program file.

    With `disassemble` the text goes to `output`, or to standard output. `macros`: a file of definitions that the text
    may call. `bind`: gives the program that is written in place of the one that was read. Raises `InputError`.
    """
    loaded = load_program(file, macros)
    program = loaded.program if bind is None else bind(loaded)
    blocks = [{"name": name, "first": first, "instructions": count} for name, first, count in program.blocks()]
    data: dict[str, Any] = {
        "file": file,
        "output": output,
        "sha256": program.sha256(),
        "instructions": len(program.instructions()),
        "blocks": blocks,
        "directives": [{"directive": name, "words": words} for name, words in program.directives()],
    }
    if disassemble:
        text = program.disassemble()
        if output is None:
            return Assembled({**data, "text": text}, text)
        _write(output, text.encode(), file)
        return Assembled(
            {**data, "text": text}, f"{output}: {data['instructions']} instructions in {len(blocks)} blocks"
        )
    if output is None:
        if loaded.lines is None:
            raise InputError("this is a program file already; add --disassemble to see its text", file)
        output = file.with_suffix(".mdpg")
    _write(output, program.encode(), file)
    summary = f"{output}: {data['instructions']} instructions in {len(blocks)} blocks, SHA-256 {data['sha256']}"
    return Assembled({**data, "output": output}, summary)


def learn_macros(
    files: list[Path],
    output: Path | None,
) -> Outcome:
    """Learn the macros that pay for themselves in these programs; with `output`, a new folder, write them there.

    The folder gets ``macros.asm`` and each program as a text that calls them; ``asm --macros`` makes the same
    program of it. `before` and `after`: instructions, a call being one, definitions included. Raises `InputError`.
    """
    names = [f"{file.stem}.asm" for file in files]
    twice = next((name for i, name in enumerate(names) if name in names[:i] or name == MACROS), None)
    if output is not None and twice is not None:
        raise InputError(f"two files of the folder would be named {twice}; rename one of the programs", output)
    if output is not None and output.exists():
        raise InputError("this is there already; expected the name of a new folder", output)
    learned = _core.learn_macros([load_program(file).program for file in files])
    if output is not None:
        for name, text in zip([MACROS, *names], [learned["text"], *learned["programs"]], strict=True):
            publish(output / name, text)
    data = {"files": files, "output": output, **{key: learned[key] for key in ("macros", "before", "after")}}
    rows = [
        (m["name"], f"{m['uses']:,}", str(len(m["body"])), f"{m['saved']:,}", m["body"][0]) for m in learned["macros"]
    ]
    title = f"{data['before']:,} instructions, {data['after']:,} with macros"
    return Outcome(data, table(title, ("", "uses", "length", "saved", "begins with"), rows))


def _write(output: Path, content: bytes, source: Path) -> None:
    if output.resolve() == source.resolve():
        raise InputError("the output would replace the input; give another name with --output", output)
    publish(output, content)

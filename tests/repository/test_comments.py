"""Comments and docstrings hold no measured figures: what was measured stands in BENCHMARKS.md or docs/decisions."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

#: A number with a unit of time, memory or information, outside code in backticks.
FIGURE = re.compile(r"\d[\d.,]*\s(?:ms|µs|MB|GB|minutes|seconds|s|nats|points)\b")
CODE = re.compile(r"`[^`]*`")
FOLDERS = ("metamath_db", "dsl", "compression", "wake_sleep", "core/src", "core/python/src")
RUST = re.compile(r'(?<![:"\w])//[/!]?(.*)')


def remarks(file: Path) -> Iterator[tuple[int, str]]:
    """Line and text of the comments and docstrings of a source file."""
    text = file.read_text()
    if file.suffix == ".rs":
        for number, line in enumerate(text.splitlines(), 1):
            if found := RUST.search(line):
                yield number, found[1]
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            said = node.body[0]
            assert said.end_lineno is not None
            yield from ((n, lines[n - 1]) for n in range(said.lineno, said.end_lineno + 1))


def figures(file: Path) -> list[str]:
    """Places of measured figures in a file's remarks."""
    return [f"{file}:{n}: {text.strip()}" for n, text in remarks(file) if FIGURE.search(CODE.sub("", text))]


def test_remarks_hold_no_measured_figures(root: Path) -> None:
    files = [
        root / "cli.py",
        *(f for folder in FOLDERS for kind in ("py", "rs") for f in (root / folder).rglob(f"*.{kind}")),
    ]
    read = [file for file in files if "tests" not in file.relative_to(root).parts and file.name != "tests.rs"]
    assert len(read) > 300
    assert [place for file in read for place in figures(file)] == []


def test_such_a_figure_is_seen(tmp_path: Path) -> None:
    python = tmp_path / "a.py"
    python.write_text('"""It takes 3 ms."""\nx = "5 s"  # about 0.2 s\ny = 1  # the default is `3 s`\n')
    assert len(figures(python)) == 2
    rust = tmp_path / "a.rs"
    rust.write_text('//! It takes 3.5 µs.\nlet x = "http://7 s"; // not 12 nats\nlet y = 2; // `MOST` seconds\n')
    assert len(figures(rust)) == 2

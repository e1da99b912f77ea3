"""Unified diffs of known edits: well formed, and applied alike by ourselves, by GNU patch and by ``git apply``."""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from metadream.compression.maintain.patch import CONTEXT, Edit, apply, between, unified

TOOLS = {
    "patch": ["patch", "--binary", "-p1", "-i", "x.diff"],
    "git": ["git", "apply", "x.diff"],
}
LINES = [f"line {i}" for i in range(60)]
TEXT = ("\n".join(LINES) + "\n").encode()


def at(text: bytes, word: str, new: str) -> Edit:
    """The edit that replaces the first place of a word."""
    start = text.index(word.encode())
    return start, start + len(word), new


CASES: dict[str, tuple[bytes, list[Edit]]] = {
    "one": (TEXT, [at(TEXT, "line 30", "thirty")]),
    "near ones": (TEXT, [at(TEXT, "line 20", "a"), at(TEXT, "line 26", "b\nc"), at(TEXT, "line 35", "")]),
    "first line": (TEXT, [(0, 0, "new\n")]),
    "first line changed": (TEXT, [(0, 4, "LINE")]),
    "last line": (TEXT, [at(TEXT, "line 59", "last")]),
    "behind the end": (TEXT, [(len(TEXT), len(TEXT), "more\n")]),
    "behind the end, unfinished": (TEXT, [(len(TEXT), len(TEXT), "more")]),
    "no newline at the end": (TEXT[:-1], [at(TEXT, "line 3\n", "three\n")]),
    "no newline at the end, near": (TEXT[:-1], [at(TEXT, "line 58", "x")]),
    "no newline at the end, changed": (TEXT[:-1], [at(TEXT, "line 59", "x")]),
    "no newline at the end, more behind": (TEXT[:-1], [(len(TEXT) - 1, len(TEXT) - 1, "\n\nmore\n")]),
    "two on a line": (TEXT, [at(TEXT, "line 40", "a"), (TEXT.index(b"line 40") + 7, TEXT.index(b"line 41"), " b\nc")]),
    "CRLF": (TEXT.replace(b"\n", b"\r\n"), [(40, 44, "x\r\ny")]),
    "one line": (b"abc", [(1, 2, "\n")]),
    "all": (TEXT, [(0, len(TEXT), "")]),
    "from nothing": (b"", [(0, 0, "a\nb\n")]),
}


def hunks(diff: bytes) -> list[tuple[int, int, int, int, list[bytes]]]:
    """First line and number of lines before and after, and the lines, of each hunk."""
    out: list[tuple[int, int, int, int, list[bytes]]] = []
    for line in diff.split(b"\n")[2:-1]:
        head = re.fullmatch(rb"@@ -(\d+),(\d+) \+(\d+),(\d+) @@", line)
        if head:
            a, b, c, d = map(int, head.groups())
            out.append((a, b, c, d, []))
        else:
            out[-1][4].append(line)
    return out


def check(text: bytes, edits: Sequence[Edit], diff: bytes) -> None:
    """That each hunk has as many lines as it says, and three unchanged ones at both ends unless the file ends there."""
    total = text.count(b"\n") + (not text.endswith(b"\n") and text != b"")
    end = 0
    for first, count, _, after, lines in hunks(diff):
        body = [line for line in lines if not line.startswith(b"\\")]
        assert sum(line[:1] in b" -" for line in body) == count and sum(line[:1] in b" +" for line in body) == after
        leading = next(i for i, line in enumerate(body) if line[:1] != b" ")
        trailing = next(i for i, line in enumerate(reversed(body)) if line[:1] != b" ")
        start = first - 1 if count else first
        assert leading == min(CONTEXT, start + leading) and trailing == min(CONTEXT, total - (start + count - trailing))
        assert start > end or not end, "hunks do not meet"
        end = start + count


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("name", CASES)
def test_diffs_say_what_the_edits_do(name: str, tool: str, tmp_path: Path) -> None:
    text, edits = CASES[name]
    diff = unified(text, edits, "x.mm")
    check(text, edits, diff)
    file = tmp_path / "x.mm"
    file.write_bytes(text)
    (tmp_path / "x.diff").write_bytes(diff)
    done = subprocess.run(TOOLS[tool], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    left = file.read_bytes() if file.exists() else b""  # both remove a file of which nothing is left
    assert left == apply(text, edits) and "offset" not in done.stdout and "fuzz" not in done.stdout


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("name", ["a b.mm", 'quo"ted\\.mm', "tab\t.mm", "ö.mm"])
def test_names_of_files_are_written_so_that_they_are_found(name: str, tool: str, tmp_path: Path) -> None:
    text, edits = CASES["one"]
    (tmp_path / name).write_bytes(text)
    (tmp_path / "x.diff").write_bytes(unified(text, edits, name))
    done = subprocess.run(TOOLS[tool], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / name).read_bytes() == apply(text, edits)


def some_edits(random: random.Random, text: bytes) -> list[Edit]:
    places = sorted(random.sample(range(len(text) + 1), 2 * random.randint(0, min(8, len(text) // 2))))
    new = ["", "x", "\n", "y\nz\n", "\n\n"]
    return [(a, random.choice([a, b]), random.choice(new)) for a, b in zip(places[::2], places[1::2], strict=True)]


def test_a_series_leads_from_one_text_to_the_next(tmp_path: Path) -> None:
    """Random edits, those of the second text laid over those of the first."""
    chance = random.Random(1)
    for _ in range(400):
        text = TEXT[: chance.randint(0, len(TEXT))]
        first, second = some_edits(chance, text), some_edits(chance, text)
        middle, last = apply(text, first), apply(text, second)
        steps = between(text, first, second)
        assert apply(middle, steps) == last
        check(middle, steps, unified(middle, steps, "x.mm"))


def test_nothing_to_change_is_no_diff() -> None:
    assert unified(TEXT, [], "x.mm") == b"" and unified(TEXT, [(0, 4, "line")], "x.mm") == b""
    edits = [at(TEXT, "line 7", "seven")]
    assert between(TEXT, edits, edits) == []

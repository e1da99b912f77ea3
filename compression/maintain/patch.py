"""Changes of a text as unified diffs that GNU patch and ``git apply`` take.

The places that change are known, so only these are compared line by line (`difflib`), and the hunks are made from what
differs there: three unchanged lines before and behind, fewer only at the ends of the file, hunks merged where these
lines meet. Lines end with LF; a CR before it is part of the line, and a last line without LF is marked as such.
"""

from __future__ import annotations

import bisect
import difflib
import os
from collections.abc import Sequence
from typing import TypeAlias

CONTEXT = 3  # unchanged lines around a change
NO_NEWLINE = b"\\ No newline at end of file\n"

# first byte, one behind the last, what takes their place
Edit: TypeAlias = tuple[int, int, str]
# first line, one behind the last, the lines that take their place
_Change: TypeAlias = tuple[int, int, list[bytes]]


def apply(text: bytes, edits: Sequence[Edit]) -> bytes:
    """The text with edits made; they are sorted and disjoint."""
    parts, at = [], 0
    for start, end, new in edits:
        parts += [text[at:start], new.encode("ascii")]
        at = end
    return b"".join([*parts, text[at:]])


def between(text: bytes, first: Sequence[Edit], second: Sequence[Edit]) -> list[Edit]:
    """The edits that turn `apply(text, first)` into `apply(text, second)`; both lists are sorted and disjoint."""
    regions: list[list[int]] = []
    for start, end, _ in sorted([*first, *second], key=lambda e: e[:2]):
        if regions and start <= regions[-1][1]:
            regions[-1][1] = max(regions[-1][1], end)
        else:
            regions.append([start, end])
    out: list[Edit] = []
    shift, own, others = 0, _Cursor(first), _Cursor(second)
    for start, end in regions:
        old, new = own.text(text, start, end), others.text(text, start, end)
        if old != new:
            out.append((start + shift, start + shift + len(old), new))
        shift += len(old) - (end - start)
    return out


class _Cursor:
    """Goes through sorted edits, region by region."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self.edits = edits
        self.at = 0

    def text(self, text: bytes, start: int, end: int) -> str:
        """Return the text of this region with its edits applied."""
        mine: list[Edit] = []
        while self.at < len(self.edits) and self.edits[self.at][0] <= end:
            first, last, new = self.edits[self.at]
            mine.append((first - start, last - start, new))
            self.at += 1
        return apply(text[start:end], mine).decode("ascii")


def unified(text: bytes, edits: Sequence[Edit], name: str) -> bytes:
    """The edits (sorted, disjoint) as a unified diff of the file `name`; empty if they change nothing."""
    lines = text.splitlines(keepends=True) if b"\r" not in text else _lines(text)
    changes = _changes(text, lines, edits)
    if not changes:
        return b""
    out = [b"--- " + _named(f"a/{name}") + b"\n+++ " + _named(f"b/{name}") + b"\n"]
    groups: list[list[_Change]] = []
    for change in changes:
        if groups and change[0] - groups[-1][-1][1] <= 2 * CONTEXT:
            groups[-1].append(change)
        else:
            groups.append([change])
    shift = 0
    for group in groups:
        hunk, grown = _hunk(lines, group, shift)
        out.append(hunk)
        shift += grown
    return b"".join(out)


def _named(path: str) -> bytes:
    """A path as it stands in a diff: quoted as C does where it has signs that would end it, a tab behind blanks."""
    raw = os.fsencode(path)
    if any(byte < 32 or byte in b'"\\' or byte > 126 for byte in raw):
        plain = {ord('"'): b'\\"', ord("\\"): b"\\\\"}
        escaped = (plain.get(b, bytes([b]) if 32 <= b <= 126 else b"\\%03o" % b) for b in raw)
        return b'"' + b"".join(escaped) + b'"'
    return raw + b"\t" if b" " in raw else raw


def _lines(text: bytes) -> list[bytes]:
    """Lines that LF alone ends, each with its end."""
    lines = [line + b"\n" for line in text.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _changes(text: bytes, lines: Sequence[bytes], edits: Sequence[Edit]) -> list[_Change]:
    """The lines that differ, sorted, disjoint and not adjacent."""
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    # edits that share lines belong together: first line, one behind the last, the edits
    blocks: list[tuple[int, int, list[Edit]]] = []
    for edit in edits:
        first = min(bisect.bisect_right(starts, edit[0]) - 1, max(len(lines) - 1, 0))
        last = min(bisect.bisect_right(starts, edit[1]), len(lines))
        if blocks and first <= blocks[-1][1]:
            blocks[-1] = (blocks[-1][0], max(last, blocks[-1][1]), [*blocks[-1][2], edit])
        else:
            blocks.append((first, last, [edit]))
    out: list[_Change] = []
    for first, last, own in blocks:
        begin, end = starts[first], starts[last]
        new = _lines(apply(text[begin:end], [(s - begin, e - begin, t) for s, e, t in own]))
        matcher = difflib.SequenceMatcher(None, lines[first:last], new, autojunk=False)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            if tag != "equal":
                out.append((first + i1, first + i2, new[j1:j2]))
    return out


def _hunk(lines: Sequence[bytes], group: Sequence[_Change], shift: int) -> tuple[bytes, int]:
    """One hunk, and by how many lines it makes the text longer. `shift`: that of the hunks before it."""
    before = max(0, group[0][0] - CONTEXT)
    after = min(len(lines), group[-1][1] + CONTEXT)
    body, at, grown = [], before, 0
    for first, last, new in group:
        body += [_marked(b" ", line) for line in lines[at:first]]
        body += [_marked(b"-", line) for line in lines[first:last]]
        body += [_marked(b"+", line) for line in new]
        at = last
        grown += len(new) - (last - first)
    body += [_marked(b" ", line) for line in lines[at:after]]
    size = after - before
    head = f"@@ -{_range(before, size)} +{_range(before + shift, size + grown)} @@\n"
    return head.encode() + b"".join(body), grown


def _marked(sign: bytes, line: bytes) -> bytes:
    return sign + line if line.endswith(b"\n") else sign + line + b"\n" + NO_NEWLINE


def _range(first: int, count: int) -> str:
    """Lines `first` (from 0) and so on as diffs write them: an empty range names the line before it."""
    return f"{first + 1},{count}" if count else f"{first},0"

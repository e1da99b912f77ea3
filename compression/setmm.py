"""A patch that set.mm's checks take: lemmas with their uses, as a whole database and as a unified diff beside it.

What is written is judged first: our kernel and metamath-rs; metamath-exe's ``VERIFY PROOF`` and ``VERIFY MARKUP``,
``WRITE SOURCE / REWRAP`` (which must change nothing) and ``SHOW DISCOURAGED`` (which must say what it said before).
"""

from __future__ import annotations

import bisect
import datetime
import difflib
import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metadream.compression.judged import judge_change
from metadream.metamath_db import data
from metadream.metamath_db.console import plain
from metadream.metamath_db.core import Proposals
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import publish
from metadream.metamath_db.limited import Limits, run_limited

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LONGEST_NAME = 60
WIDTH = 79
CONTEXT = 3  # unchanged lines around a change in the diff


@dataclass(frozen=True)
class Contribution:
    """Who contributes, and when: ``D-Mmm-YYYY``."""

    name: str
    date: str

    @classmethod
    def checked(cls, name: str, date: str | None) -> Contribution:
        """Raises `InputError` for a name or date that has no place in set.mm's comments."""
        # letters, spaces and . ' - : nothing that is markup in a comment, or could end one
        folded_name = " ".join(name.split(" "))
        if not re.fullmatch(r"[A-Za-z][A-Za-z.' -]*", folded_name) or len(name) > LONGEST_NAME or name != name.strip():
            raise InputError(
                f"`{plain(name)[:LONGEST_NAME]}` is no contributor's name; expected at most {LONGEST_NAME} "
                "ASCII letters, spaces, dots, hyphens and apostrophes, such as 'Norman Megill'"
            )
        return cls(re.sub(" +", " ", name), _today() if date is None else _date(date))

    @classmethod
    def unknown(cls) -> Contribution:
        """Where no name was given."""
        return cls("?who?", "D-Mmm-YYYY")

    def comment(self, sentence: str) -> str:
        """A lemma's comment."""
        return f"{sentence} (Contributed by {self.name}, {self.date}.)"


def _today() -> str:
    now = datetime.datetime.now(tz=datetime.UTC).date()
    return f"{now.day}-{MONTHS[now.month - 1]}-{now.year}"


def _date(text: str) -> str:
    found = re.fullmatch(r"([1-9]|[12]\d|3[01])-([A-Z][a-z]{2})-(\d{4})", text)
    try:
        if found is not None:
            datetime.date(int(found[3]), MONTHS.index(found[2]) + 1, int(found[1]))
            return text
    except ValueError:
        pass
    raise InputError(f"`{plain(text)[:LONGEST_NAME]}` is no date as set.mm writes it; expected such as 4-Jul-2026")


def folded(text: str) -> int:
    """Bytes with runs of white space counted as one."""
    return sum(len(word) + 1 for word in text.split())


def write_patch(database: Path, output: Path, proposals: Proposals, comments: Sequence[str]) -> dict[str, Any]:
    """Make the patch, judge it and, if it is accepted, write it: the database to `output`, its diff beside it.

    The answer: `file`, `diff` (None if refused), `accepted`, `lemmas`, `changed` (proofs), `checks` (name -> clean,
    None where it was not asked), `notes` (what the judges complain of).
    """
    edits = proposals.edits(list(comments))
    old = database.read_bytes()
    new = apply(old, edits)
    checks, notes = judge_patch(database, old, new)
    accepted = all(clean is not False for clean in checks.values())
    diff = output.with_name(output.name + ".diff")
    if accepted:
        publish(output, new)
        publish(diff, unified(old, edits, database.name))
    return {
        "file": output if accepted else None,
        "diff": diff if accepted else None,
        "accepted": accepted,
        "lemmas": len(comments),
        "changed": sum(end > start for start, end, _ in edits),
        "checks": checks,
        "notes": notes,
    }


def apply(text: bytes, edits: Sequence[tuple[int, int, str]]) -> bytes:
    """The text with edits made; they are sorted and disjoint."""
    parts, at = [], 0
    for start, end, new in edits:
        parts += [text[at:start], new.encode("ascii")]
        at = end
    return b"".join([*parts, text[at:]])


def unified(text: bytes, edits: Sequence[tuple[int, int, str]], name: str) -> str:
    """The edits as a unified diff of lines, with three lines around each."""
    starts = [0, *(i + 1 for i, byte in enumerate(text) if byte == 10)]

    def line_of(offset: int) -> int:
        return bisect.bisect_right(starts, offset) - 1

    def lines(first: int, last: int) -> list[str]:
        begin, end = (starts[i] if i < len(starts) else len(text) for i in (first, last))
        return text[begin:end].decode("ascii").splitlines()

    # edits that share or nearly share lines are one change: first line, one behind the last, its edits
    total = len(starts) - (1 if starts[-1] == len(text) else 0)
    groups: list[tuple[int, int, list[tuple[int, int, str]]]] = []
    for edit in edits:
        first, last = line_of(edit[0]), min(total, line_of(edit[1]) + 1)
        if groups and first - groups[-1][1] <= 2 * CONTEXT:
            groups[-1] = (groups[-1][0], max(last, groups[-1][1]), [*groups[-1][2], edit])
        else:
            groups.append((first, last, [edit]))
    out, shift = [f"--- a/{name}", f"+++ b/{name}"], 0
    for first, last, own in groups:
        before, after = max(0, first - CONTEXT), min(total, last + CONTEXT)
        begin, end = starts[first], starts[last] if last < len(starts) else len(text)
        moved = [(s - begin, e - begin, t) for s, e, t in own]
        removed = lines(first, last)
        added = apply(text[begin:end], moved).decode("ascii").splitlines()
        body = [*(" " + x for x in lines(before, first)), *_changed(removed, added)]
        body += [" " + x for x in lines(last, after)]
        context = first - before + after - last
        out.append(f"@@ -{before + 1},{len(removed) + context} +{before + shift + 1},{len(added) + context} @@")
        out += body
        shift += len(added) - len(removed)
    return "\n".join(out) + "\n"


def _changed(removed: list[str], added: list[str]) -> list[str]:
    matcher = difflib.SequenceMatcher(None, removed, added, autojunk=False)
    out: list[str] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            out += [" " + x for x in removed[i1:i2]]
        else:
            out += ["-" + x for x in removed[i1:i2]] + ["+" + x for x in added[j1:j2]]
    return out


def judge_patch(database: Path, old: bytes, new: bytes) -> tuple[dict[str, bool | None], list[str]]:
    """All checks of set.mm's that can be run here: name -> clean, None where metamath-exe is not there; and complaints.

    What the database itself already has of warnings is not held against the patch.
    """
    verdict = judge_change(database, new)
    notes = [f"{e['judge']}: {e['label']}: {e['message']}" for e in verdict["first_errors"]]
    checks: dict[str, bool | None] = {"verify": bool(verdict["accepted"]), "lines": tidy(old, new)}
    exe = data.find_metamath_exe()
    if exe is None:
        return {**checks, "markup": None, "rewrap": None, "discouraged": None}, notes
    before, after = _asked(exe, old), _asked(exe, new)
    for name in ("markup", "rewrap", "discouraged"):
        more = sorted(set(after[name]) - set(before[name]))
        checks[name] = not more and (name != "discouraged" or before[name] == after[name])
        notes += [f"{name}: {line}" for line in more]
    return checks, notes


def tidy(old: bytes, new: bytes) -> bool:
    """Whether no line that is new has a tab or more than 79 columns or a space at its end."""
    known = set(old.split(b"\n"))
    added = (line for line in new.split(b"\n") if line not in known)
    return all(len(line) <= WIDTH and b"\t" not in line and line == line.rstrip() for line in added)


def _asked(exe: Path, text: bytes) -> dict[str, list[str]]:
    """metamath-exe's complaints on markup, the lines that rewrapping would change, its list of discouraged uses."""
    with tempfile.TemporaryDirectory(prefix="metadream-") as name:
        folder = Path(name)
        (folder / "patch.mm").write_bytes(text)
        limits = Limits.for_source(3 * len(text))
        commands = ["set scroll continuous", "read patch.mm", "verify markup * /file_skip /top_date_skip"]
        commands += ["show discouraged", "write source again.mm /rewrap", "exit"]
        child = run_limited(["exec", str(exe.resolve()), *commands], limits, folder=folder)
        said = child.output.decode("ascii", "replace")
        again = folder / "again.mm"
        wrapped = again.read_bytes() if again.exists() else b"rewrapping failed"
    markup, _, rest = said.partition("MM> show discouraged")
    complaints = re.findall(r"^\?(?:Warning|Error)[^\n]*(?:\n(?!\?|MM>)[^\n]+)*", markup, re.MULTILINE)
    listed = rest.partition("MM>")[0].splitlines()
    changed = _difference(text, wrapped)
    # numbers of lines and statements are others in each text
    complaints = [re.sub(r"\b(statement|line) \d+", r"\1", " ".join(c.split())) for c in complaints]
    return {"markup": complaints, "rewrap": changed, "discouraged": listed}


def _difference(old: bytes, new: bytes) -> list[str]:
    """Lines that stand more often in one text than in the other."""
    a, b = Counter(old.split(b"\n")), Counter(new.split(b"\n"))
    return sorted(line.decode("ascii", "replace") for line in ((a - b) + (b - a)))

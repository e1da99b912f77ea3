"""Patches that set.mm's checks take: a lemma with its uses, as a whole database and as a unified diff beside it.

What is written is judged first: our kernel and metamath-rs; metamath-exe's ``VERIFY PROOF`` and ``VERIFY MARKUP``,
``WRITE SOURCE / REWRAP`` (which must change nothing) and ``SHOW DISCOURAGED`` (which must say what it said before).
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metadream._core import Proposals, Theory
from metadream.compression.judged import judge_change
from metadream.compression.maintain.patch import Edit, apply, between, unified
from metadream.metamath_db import data
from metadream.metamath_db.core import check_unchanged
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import check_place, publish
from metadream.metamath_db.judges.limited import Limits
from metadream.metamath_db.judges.outside import run_metamath_exe, with_comments
from metadream.metamath_db.terminal.console import progress
from metadream.metamath_db.terminal.foreign_text import plain

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LONGEST_NAME = 60
WIDTH = 79


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


def write_patches(
    database: Path,
    theory: Theory,
    output: Path,
    proposals: Proposals,
    rows: Sequence[Mapping[str, Any]],
    threads: int,
    split: bool = False,
) -> dict[str, Any]:
    """Make a patch of the first lemma, or with `split` one of each, judge them and, if they are accepted, write them.

    A patch is a lemma and the proofs that it shortens. Those of a series apply one after the other, and each leaves a
    database that the judges take. `rows` are the proposals as they stand in `proposals`, with `label` and `comment`.
    The database with all of them goes to `output`, the diffs beside it (`output`.diff, or .1.diff and so on).

    `theory` is the database as it was loaded. Raises `InputError` if the file is another one by now.

    The answer: `file`, `diffs` (empty if refused), `accepted`, `lemmas` (labels), `changed` (proofs), `checks` (name ->
    clean, None where it was not asked), `notes` (what the judges complain of), `refused` (theorems of the
    database itself whose proofs are refused as before).
    """
    chosen = list(rows) if split else list(rows[:1])
    states = _states(proposals, chosen, threads)
    check_unchanged(theory, database)
    old = theory.text()
    refused = [label for label, _, _ in theory.refused()]
    text, edits = old, list[Edit]()
    diffs: list[tuple[Path, bytes]] = []
    checks: dict[str, bool | None] = {}
    notes: list[str] = []
    with progress("judging patches", len(states)) as update:
        for number, (row, new_edits) in enumerate(zip(chosen, states, strict=True), start=1):
            new = apply(old, new_edits)
            judged, complaints = judge_patch(database, text, new)
            checks = {name: _both(checks.get(name, True), clean) for name, clean in judged.items()}
            notes += [f"{row['label']}: {complaint}" if split else complaint for complaint in complaints]
            which = f".{number:0{len(str(len(chosen)))}}" if split else ""
            place = output.with_name(f"{output.name}{which}.diff")
            diffs.append((place, unified(text, between(old, edits, new_edits), database.name)))
            text, edits = new, new_edits
            update(number, str(row["label"]))
            if not all(clean is not False for clean in checks.values()):
                break
    accepted = all(clean is not False for clean in checks.values())
    if accepted:
        publish(output, text)
        for place, diff in diffs:
            publish(place, diff)
    return {
        "file": output if accepted else None,
        "diffs": [place for place, _ in diffs] if accepted else [],
        "accepted": accepted,
        "lemmas": [row["label"] for row in chosen],
        "changed": sum(end > start for start, end, _ in edits),
        "checks": checks,
        "notes": notes,
        "refused": refused,
    }


def _both(before: bool | None, now: bool | None) -> bool | None:
    return None if now is None or before is None else before and now


def _states(proposals: Proposals, rows: Sequence[Mapping[str, Any]], threads: int) -> list[list[Edit]]:
    """The edits that put in the first of the lemmas, the first two, and so on. `proposals` loses lemmas on the way."""
    out = []
    for count in range(len(rows), 0, -1):
        proposals.keep([(i, row["label"]) for i, row in enumerate(rows[:count])])
        proposals.measure(threads)
        out.append(proposals.edits([row["comment"] for row in rows[:count]]))
    return out[::-1]


def check_places(output: Path, database: Path) -> None:
    """Raise `InputError` where a patch cannot be written to `output`: before the work, not after it."""
    check_place(output)
    if not output.parent.is_dir():
        raise InputError("there is no such folder; make it first, or name another place", output.parent)
    if output.exists() and output.samefile(database):
        raise InputError("this is the database itself; name another file to write", output)


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
    """Return whether every new line is free of tabs, of trailing spaces, and of columns beyond `WIDTH`.

    A carriage return at the end of a line does not count as a space.
    """
    known = set(old.split(b"\n"))
    added = (line.removesuffix(b"\r") for line in new.split(b"\n") if line not in known)
    return all(len(line) <= WIDTH and b"\t" not in line and line == line.rstrip() for line in added)


def _asked(exe: Path, text: bytes) -> dict[str, list[str]]:
    """metamath-exe's complaints on markup, the lines that rewrapping would change, its list of discouraged uses."""
    source = with_comments(text)
    if source is None:
        return {"markup": ["our reader refuses the text"], "rewrap": [], "discouraged": []}
    limits = Limits.for_source(3 * len(text))
    commands = ["set scroll continuous", "read source.mm", "verify markup * /file_skip /top_date_skip"]
    commands += ["show discouraged", "write source again.mm /rewrap"]
    child, again = run_metamath_exe(source, exe, commands, limits, made="again.mm")
    said = child.output.decode("ascii", "replace")
    markup, _, rest = said.partition("MM> show discouraged")
    complaints = re.findall(r"^\?(?:Warning|Error)[^\n]*(?:\n(?!\?|MM>)[^\n]+)*", markup, re.MULTILINE)
    listed = rest.partition("MM>")[0].splitlines()
    changed = _difference(source.text, b"rewrapping failed" if again is None else again)
    # numbers of lines and statements are others in each text
    complaints = [re.sub(r"\b(statement|line) \d+", r"\1", " ".join(c.split())) for c in complaints]
    return {"markup": complaints, "rewrap": changed, "discouraged": listed}


def _difference(old: bytes, new: bytes) -> list[str]:
    """Lines that stand more often in one text than in the other."""
    a, b = Counter(old.split(b"\n")), Counter(new.split(b"\n"))
    return sorted(line.decode("ascii", "replace") for line in ((a - b) + (b - a)))

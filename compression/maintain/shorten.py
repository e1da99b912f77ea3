"""``metadream shorten``: missed uses and formulas proved twice, no new lemmas.

The work is done in Rust (`core/src/compression/reuse/missed.rs`). Here theorems are chosen, a run can be stopped
and goes on, and what comes out is judged as a whole before it is written.
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metadream import _core
from metadream._core import Shortener, Theory
from metadream.compression.judged import judge_change, named
from metadream.metamath_db import data
from metadream.metamath_db.core import check_unchanged, load_theory, threads_or
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import publish, read_bytes
from metadream.metamath_db.terminal.console import progress, stage, table
from metadream.metamath_db.terminal.foreign_text import plain
from metadream.metamath_db.terminal.result import Result

SCHEMA, VERSION = "metadream.shorten", 1
CHUNK = 400  # theorems between two looks at the clock: a few seconds on set.mm
EFFORT = 512  # formulas tried for one premise at one formula; see Options::effort in missed.rs
TOP = 40  # theorems listed in the text
STATED = ("axiom", "theorem", "syntax axiom", "syntax theorem")  # what `Theory.meaning` says of labels of statements
COMPLAINTS = 10  # of judges about what was not written


@dataclass(frozen=True)
class Size:
    """How long a proof is."""

    bytes: int
    """Of the compressed proof: labels and letters, without white space."""
    letters: int
    steps: int


@dataclass(frozen=True)
class Shorter:
    """A theorem with a shorter proof."""

    label: str
    before: Size
    after: Size
    shared: int
    """Steps that were proved twice before."""
    used: dict[str, int]
    """The theorems that are used now, and how often."""
    axioms_dropped: tuple[str, ...]
    """Axioms that the proof no longer rests on."""
    proof: str
    """The proof in Metamath's compressed form."""


@dataclass(frozen=True, repr=False, eq=False)
class Shortened(Result):
    """Shorter proofs of a database; true if the judges accept them and the database has no faults of its own."""

    @property
    def proofs(self) -> tuple[Shorter, ...]:
        """The theorems whose proofs became shorter, in file order."""
        return tuple(_shorter(row) for row in self.data["proofs"])

    @property
    def before(self) -> Size:
        """The size of these proofs, together."""
        return Size(**self.data["before"])

    @property
    def after(self) -> Size:
        """What became of it."""
        return Size(**self.data["after"])

    @property
    def looked_at(self) -> int:
        """How many theorems were tried; fewer than `theorems` if a limit stopped the work."""
        return int(self.data["looked_at"])

    @property
    def theorems(self) -> int:
        """How many theorems were chosen."""
        return int(self.data["theorems"])

    @property
    def file(self) -> Path | None:
        """The database that was written; None: none was."""
        file: Path | None = self.data["file"]
        return file

    def __repr__(self) -> str:
        saved = self.before.bytes - self.after.bytes
        return f"<Shortened: {len(self.proofs):,} of {self.looked_at:,} proofs, {saved:,} bytes>"


def _shorter(row: Mapping[str, Any]) -> Shorter:
    sizes = {when: Size(**row[when]) for when in ("before", "after")}
    dropped = tuple(row["axioms_dropped"])
    return Shorter(**{**row, **sizes, "used": dict(row["used"]), "axioms_dropped": dropped})


def shorten(
    database: str,
    labels: Sequence[str] = (),
    new_axioms: bool = False,
    dry_run: bool = False,
    limit: int | None = None,
    seconds: float | None = None,
    resume: Path | None = None,
    output: Path | None = None,
    threads: int | None = None,
) -> Shortened:
    """Shorten proofs of a database's theorems and write the database with them; status 1 if a judge refuses that.

    What is refused for more than the database's own faults is not written. Proofs of the database that the kernel
    refuses are left as they are, and their theorems are not used.
    `labels` may hold ``*`` and ``?``; none means all. Theorems marked "(Proof modification is discouraged.)" are left
    as they are; `kept_as_they_are` says of those that `labels` names why each is. `limit` and `seconds` stop early;
    with `resume`, a file, what was looked at is kept and skipped next time. `refused`: theorems whose proofs the kernel
    refuses in the database itself; `new_errors`: what judges say against the result alone. Sizes: `bytes` of the
    compressed proof (labels and letters, white space not counted), of these `letters` (set.mm's people count these
    alone), `steps`. Raises `InputError`.
    """
    if output is None and not dry_run:
        raise InputError("name the file to write with --output, or only look with --dry-run")
    path = data.resolve_database(database)
    theory = load_theory(path, judged=True)
    with stage("making an index of the premises"):
        shortener = _core.Shortener(theory, {"new_axioms": new_axioms, "effort": EFFORT})
    chosen, kept = _chosen(theory, shortener, path, labels)
    kept_rows = _Progress(resume, theory, new_axioms)
    todo = [label for label in chosen if label not in kept_rows.looked_at]
    stopped = None
    if limit is not None and len(todo) > limit:
        todo, stopped = todo[:limit], "limit"
    start = time.monotonic()
    stopped = _run(shortener, todo, kept_rows, seconds, threads_or(threads)) or stopped
    spent = time.monotonic() - start
    wanted = set(chosen)
    rows = [row for row in kept_rows.rows if row["label"] in wanted]
    text = theory.with_proofs([(row["label"], row["proof"]) for row in rows])
    check_unchanged(theory, path)
    verdict = judge_change(path, text) if rows else None
    accepted = verdict is None or verdict["accepted"]
    refused = [label for label, _, _ in theory.refused()]
    if output is not None and not dry_run and accepted:
        publish(output, text)
    looked = sum(label in kept_rows.looked_at for label in chosen)
    result = {
        "database": database,
        "theorems": len(chosen),
        "kept_as_they_are": kept,
        "looked_at": looked,
        "stopped": stopped,
        "changed": len(rows),
        "before": _sum(rows, "before"),
        "after": _sum(rows, "after"),
        "shared_steps": sum(row["shared"] for row in rows),
        "new_uses": sum(len(row["used"]) for row in rows),
        "seconds": spent,
        "errors": verdict and verdict["errors"],
        "refused": refused,
        "new_errors": [] if accepted or verdict is None else _complaints(verdict),
        "file": output if output is not None and not dry_run and accepted else None,
        "proofs": [_row(row) for row in rows],
    }
    clean = accepted and not refused and not (verdict and verdict["as_before"])
    return Shortened(result, _text(result), 0 if clean else 1)


def _complaints(verdict: Mapping[str, Any]) -> list[str]:
    """Return the first complaints of the judges, one line each."""
    return [f"{e['judge']}: {e['label'] or e['line']}: {e['message']}" for e in verdict["first_errors"][:COMPLAINTS]]


def _run(shortener: Shortener, todo: Sequence[str], kept: _Progress, seconds: float | None, threads: int) -> str | None:
    """Shorten these theorems, chunk by chunk; what stopped it, if something did."""
    start = time.monotonic()
    with progress("shorten", len(todo)) as update:
        for at in range(0, len(todo), CHUNK):
            if seconds is not None and time.monotonic() - start >= seconds:
                return "seconds"
            part = list(todo[at : at + CHUNK])
            with stage(f"{at + len(part):,} of {len(todo):,} theorems"):
                kept.add(part, shortener.shorten(part, threads))
            update(min(at + CHUNK, len(todo)), "")
    return None


def _chosen(
    theory: Theory, shortener: Shortener, path: Path, patterns: Sequence[str]
) -> tuple[list[str], dict[str, str]]:
    """The theorems that the patterns name, in file order, and those named in full that are kept as they are: why."""
    changeable = shortener.theorems()
    if not patterns:
        return changeable, {}
    exact = {p for p in patterns if not set(p) & set("*?[")}
    kept: dict[str, str] = {}
    for label in sorted(exact):
        if (meaning := theory.meaning(label)) not in STATED:
            what = f"no theorem is labelled `{plain(label)}`" + (f": it is a {meaning}" if meaning else "")
            raise InputError(f"{what}; see 'metadream tasks --help'", path)
        if (why := shortener.kept_because(label)) is not None:
            kept[label] = why
    wanted = exact - set(kept)
    for pattern in dict.fromkeys(p for p in patterns if p not in exact):
        matching = fnmatch.filter(changeable, pattern)
        if not matching:
            raise InputError(f"no theorem whose proof may be changed matches `{plain(pattern)}`", path)
        wanted.update(matching)
    return [x for x in changeable if x in wanted], kept


def _sum(rows: Sequence[Mapping[str, Any]], key: str) -> dict[str, int]:
    return {name: sum(row[key][name] for row in rows) for name in ("bytes", "letters", "steps")}


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    """One theorem of the answer: what `Shortener.shorten` says, uses counted."""
    return {**row, "used": dict(Counter(row["used"]))}


def _is_row(row: Mapping[str, Any], looked_at: Sequence[str]) -> bool:
    """Return whether a row has the form of a result of `Shortener.shorten` for one of the theorems looked at."""
    sizes = [row[when][name] for when in ("before", "after") for name in ("bytes", "letters", "steps")]
    texts = [row["proof"], *looked_at, *row["used"], *row["axioms_dropped"]]
    return (
        row["label"] in looked_at
        and all(type(number) is int for number in (*sizes, row["shared"]))
        and all(isinstance(text, str) for text in texts)
    )


class _Progress:
    """What was looked at so far, in memory and, with a file, on disk: JSON Lines, one a chunk, the first a header."""

    def __init__(self, file: Path | None, theory: Theory, new_axioms: bool) -> None:
        self.file = file
        self.looked_at: set[str] = set()
        self.rows: list[dict[str, Any]] = []
        if file is None:
            return
        digest = hashlib.sha256(theory.text()).hexdigest()
        header = {"schema": SCHEMA, "version": VERSION, "database_sha256": digest, "new_axioms": new_axioms}
        if file.exists():
            self._read(file, header)
        else:
            publish(file, json.dumps(header) + "\n")

    def _read(self, file: Path, header: Mapping[str, Any]) -> None:
        wrote = f"a file that 'metadream shorten --resume' wrote for this database (schema {SCHEMA})"
        expected = f"expected {wrote}"
        text = read_bytes(file, wrote).decode("ascii", "replace")
        lines = text[: text.rfind("\n") + 1].splitlines()  # a torn last line was never acknowledged
        try:
            if json.loads(lines[0]) != header:
                raise InputError(f"{expected}; this one is for another database, version or choice of axioms", file, 1)
            for number, line in enumerate(lines[1:], 2):
                chunk = json.loads(line)
                labels, rows = chunk["looked_at"], chunk["shorter"]
                twice = self.looked_at.intersection(labels) or len({row["label"] for row in rows}) < len(rows)
                if twice or not all(_is_row(row, labels) for row in rows):
                    raise InputError(f"{expected}; this line holds a theorem twice, or something else", file, number)
                self._take(labels, rows)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
            raise InputError(expected, file) from None
        if not text.endswith("\n"):
            publish(file, "".join(line + "\n" for line in lines))

    def _take(self, labels: list[str], rows: list[dict[str, Any]]) -> None:
        self.looked_at.update(labels)
        self.rows += rows

    def add(self, labels: list[str], rows: list[dict[str, Any]]) -> None:
        """Keep what was found for some theorems; with a file, it is on disk when this returns."""
        self._take(labels, rows)
        if self.file is not None:
            with self.file.open("a", encoding="ascii") as out:
                out.write(json.dumps({"looked_at": labels, "shorter": rows}) + "\n")
                out.flush()
                os.fsync(out.fileno())


def _text(result: Mapping[str, Any]) -> Any:
    from rich.console import Group

    before, after = result["before"], result["after"]
    saved = {key: before[key] - after[key] for key in before}
    lines = [
        f"{result['looked_at']:,} of {result['theorems']:,} theorems looked at in {result['seconds']:.1f} s"
        + (f", stopped by --{result['stopped']}" if result["stopped"] else ""),
        f"{result['changed']:,} proofs are shorter: {saved['bytes']:,} bytes, of these {saved['letters']:,} letters, "
        f"and {saved['steps']:,} steps ({result['shared_steps']:,} proved twice, {result['new_uses']:,} new uses)",
    ]
    lines += [plain(f"{label} is kept as it is: {why}") for label, why in result["kept_as_they_are"].items()]
    if result["errors"] is not None:
        lines.append("judged whole: " + ", ".join(f"{k} {_errors(v)}" for k, v in result["errors"].items()))
    if result["refused"]:
        lines.append(plain(f"refused in the database itself, as before: {named(result['refused'])}"))
    if result["new_errors"]:
        lines += ["the judges refuse what became of it:", *map(plain, result["new_errors"])]
    lines.append(f"wrote {result['file']}" if result["file"] else "nothing was written")
    best = sorted(result["proofs"], key=lambda r: r["after"]["bytes"] - r["before"]["bytes"])[:TOP]
    rows = [
        (
            plain(r["label"]),
            f"{r['before']['bytes']:,}",
            f"{r['after']['bytes']:,}",
            f"{r['before']['steps']} > {r['after']['steps']}",
            plain(", ".join(f"{k} {n}" if n > 1 else k for k, n in r["used"].items())),
            plain(" ".join(r["axioms_dropped"])),
        )
        for r in best
    ]
    if not rows:
        return "\n".join(lines)
    columns = ("theorem", "bytes", "now", "steps", "uses now", "axioms gone")
    return Group(table("most saved", columns, rows), *lines)


def _errors(count: int | None) -> str:
    return "not asked" if count is None else f"{count} errors"

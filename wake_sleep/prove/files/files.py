"""A file as targets of ``prove``: which theorems it asks for, each as a draft, and what they are proved with.

A database of its own is searched with a model that knows it, or with that of ``--database``. Statements of a fragment
stand behind the database. A theorem that was filled is a premise for those behind it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from metadream import _core
from metadream._core import Draft, Ranker, Theory
from metadream.metamath_db.core import load_theory, patiently
from metadream.metamath_db.data import resolve_database, sha256_of
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.model.prover import Source
from metadream.wake_sleep.prove.files import grounds, mm_file, sheet_steps, worksheet
from metadream.wake_sleep.prove.files.fragment import Again, again, behind
from metadream.wake_sleep.prove.files.mm_file import MmFile, one_line
from metadream.wake_sleep.prove.files.worksheet import Worksheet

# The database of a name (None: the default one) with what searches there go by.
Open = Callable[[str | None], Source]


@dataclass
class Target:
    """One theorem that is asked for."""

    label: str
    draft: Draft
    comment: str | None = None
    after: str | None = None  # the assertion before it, for a worksheet's header
    hints: dict[str, list[str]] = field(default_factory=dict)  # by open step, the steps listed for it
    names: dict[str, str] = field(default_factory=dict)  # of a worksheet's hypotheses, by label
    anew: bool = False  # the file has a whole proof, which is not looked at


class Targets:
    """The theorems of one file, in order. Ask for each by `draft`, and tell `put` what was proved."""

    def __init__(self, theory: Theory, source: Source) -> None:
        self.theory, self.source = theory, source
        self.database = source.name  # the file whose axioms are not the file's own
        self.labels: list[str] = []
        self.unasked: list[dict[str, Any]] = []  # theorems that cannot be asked for: label, file, line, why

    @property
    def ranker(self) -> Ranker:
        """What ranks premises; loaded when first asked for, so that a file is read before."""
        return self.source.ranker

    def target(self, label: str) -> Target:
        """A theorem as it stands now."""
        raise NotImplementedError

    def put(self, label: str, proof: str) -> None:
        """Take a theorem's proof (what stands between ``$=`` and ``$.``) into the theory."""

    is_database = False  # whether the file is the database that it is proved from

    def own(self, label: str) -> bool:
        """Whether an axiom is one that the file adds to its database."""
        return False

    def refused(self, labels: list[str]) -> str | None:
        """Why a proof that applies these statements does not count; None if nothing is against it."""
        return grounds.refused(self.theory, labels, self.place)

    def place(self, label: str, start: int) -> tuple[str, int]:
        """The file and line of a theorem's proof, which begins at byte `start`."""
        return self.source.name, self.theory.place(start)[0]

    def needs(self, labels: Iterable[str]) -> list[str]:
        """What a written file needs beside the database, where a proof applies these statements."""
        return []

    def unread(self) -> list[dict[str, Any]]:
        """The statements that do not follow the grammar, as an answer has them."""
        return grounds.unread(self.theory, self.source.name)

    def saw(self, target: Target) -> bool:
        """Whether the model saw a proof of what a target says."""
        seen = self.source.seen
        return any(label in seen for label in self.source.theory.same_statement(target.draft.statement()))


def targets(path: Path, database: str | None, source: Open) -> Targets:
    """Read a file. `source` gives what a database, or (None) the default one, is searched with. Raises `InputError`."""
    text = mm_file.read_text(path)
    if mm_file.is_worksheet(path, text):
        return SheetTargets(worksheet.read(path, text), source(database))
    file = mm_file.read(path, text)
    if file.whole and (database is None or _same(path, resolve_database(database))):
        return MmTargets(file, source(str(path)))
    opened = source(database)
    theory = opened.theory
    if not file.whole:
        held = None if theory.lemmas() else again(theory, file)
        if held is not None:
            return AgainTargets(file, opened, held)
        return MmTargets(file, opened, base=theory)
    whole = opened.over(load_theory(path, told=True), str(path))
    return MmTargets(file, whole, other=opened)


def _same(one: Path, other: Path) -> bool:
    return one.stat().st_size == other.stat().st_size and sha256_of(one) == sha256_of(other)


class SheetTargets(Targets):
    """The one theorem of a worksheet."""

    def __init__(self, sheet: Worksheet, source: Source) -> None:
        super().__init__(source.theory, source)
        self.sheet, self.labels = sheet, [sheet.theorem]

    def target(self, label: str) -> Target:
        """The worksheet's theorem. Raises `InputError` with the line of a step that does not fit."""
        sheet, theory = self.sheet, self.theory
        steps = sheet_steps.steps_of(sheet, theory)
        try:
            draft = patiently(lambda: _core.Draft.of_steps(theory, label, json.dumps(steps.statement), steps.rows))
        except ValueError as problem:
            step, message = problem.args
            if step is None:
                raise sheet_steps.blame(sheet, theory, steps, message) from None
            raise sheet.fail(one_line(message), steps.lines[step]) from None
        return Target(label, draft, sheet.comment, steps.after, steps.listed, steps.names)


class MmTargets(Targets):
    """The theorems of a ``.mm`` file whose proofs have ``?``; if none has, all theorems of a fragment."""

    def __init__(self, file: MmFile, source: Source, base: Theory | None = None, other: Source | None = None) -> None:
        """`base`: the file stands behind it; None: the source is the file as a database, beside an `other` one if the
        user named one.
        """
        super().__init__(source.theory, source)
        self.file, self.base, self.other = file, base, other
        self.database = (other or source).name
        self.is_database = base is None and other is None
        self.start = 0
        if base is not None:
            if base.lemmas():
                raise InputError("a run's lemmas cannot be used for statements behind its database; leave --run out")
            self.start = base.size() + 1
            self.theory = behind(base, file)
            self.source = source.over(self.theory, source.name)
        self._choose()

    def _choose(self) -> None:
        """The theorems that are asked for. What cannot be read is said before anything is searched."""
        places = self.theory.proofs_from(self.start)
        self.starts = {label: start for label, start, *_ in places}
        self.labels = [label for label, _, _, unfinished, _ in places if unfinished]
        self.anew = not self.labels
        if self.anew:
            if self.base is None or not places:
                raise InputError("expected a theorem whose proof has a ?; or name one by its label", self.file.path)
            self.labels = [label for label, *_ in places]
        for label, start, _, unfinished, complaint in places:
            if self.base is not None and not self.anew and not unfinished:
                said = complaint or self.theory.verify(label)
                if said:
                    raise self._fail(f"the proof of {label}: {said}", start)
        problems = {label: problem for label in self.labels if (problem := self._problem(label))}
        self.labels = [label for label in self.labels if label not in problems]
        if not self.labels:
            raise next(iter(problems.values()))
        self.unasked = [
            {"label": label, "file": str(self.file.path), "line": problem.line, "why": problem.message}
            for label, problem in problems.items()
        ]

    def _problem(self, label: str) -> InputError | None:
        """Why a theorem cannot be asked for, with its line."""
        try:
            self.target(label)
        except InputError as problem:
            return problem
        return None

    def needs(self, labels: Iterable[str]) -> list[str]:
        """The file's statements that a proof applies, which the database does not have."""
        if self.base is None:
            return []
        own = [label for label in dict.fromkeys(labels) if self.theory.start(label) >= self.start]
        return [f"needs {grounds.named(own)} of {self.file.path.name}, behind which it stands"] if own else []

    def own(self, label: str) -> bool:
        """Whether an axiom is one that the file adds: it stands there, and not just so in the database."""
        if self.base is not None:
            return self.theory.start(label) >= self.start
        told = ("kind", "hyps", "conclusion", "disjoint")
        here, there = self.theory.statement(label), None
        with suppress(InputError):
            there = (self.other or self.source).theory.statement(label)
        return there is None or any(here[key] != there[key] for key in told)

    def place(self, label: str, start: int) -> tuple[str, int]:
        """In the file as it was read: found proofs have been put in since."""
        if label in self.starts:
            return str(self.file.path), self.file.line(self.starts[label] - self.start)
        return super().place(label, start)

    def unread(self) -> list[dict[str, Any]]:
        """Those of the file; of the database those that a file does not stand behind."""
        told = {row["label"] for row in self.unasked}
        rows = grounds.unread(self.theory, str(self.file.path), self.start, self.file.line)
        return [row for row in rows if row["label"] not in told]

    def _fail(self, message: str, offset: int) -> InputError:
        return InputError(one_line(message), self.file.path, self.file.line(offset - self.start))

    def target(self, label: str) -> Target:
        """A theorem as it stands now. Raises `InputError` with the line of a proof that does not hang together."""
        theory = self.theory
        labels = theory.labels()
        try:
            place = labels.index(label)
            said = theory.statement(label)
            draft = patiently(lambda: self._draft(label, said))
        except (InputError, ValueError) as problem:
            places = theory.proofs_from(self.start)
            start, complaint = next((start, complaint) for name, start, _, _, complaint in places if name == label)
            if label not in labels:
                at = next((offset for name, offset, _ in theory.unparsed() if name == label), theory.start(label))
                raise self._fail(complaint or f"{label} cannot be proved", at) from None
            message = problem.message if isinstance(problem, InputError) else str(problem.args[-1])
            raise self._fail(message, start) from None
        before = labels[place - 1] if place else None
        if before and self.base is not None and theory.start(before) >= self.start:
            before = self.base.labels()[-1]  # the file's own statement would be none of the database
        return Target(label, draft, said["comment"], before, {}, anew=self.anew)

    def _draft(self, label: str, said: dict[str, Any]) -> Draft:
        if not self.anew:
            return _core.Draft.of_theorem(self.theory, label)
        statement = {
            "hyps": list(zip(said["hyp_labels"], said["hyps"], strict=True)),
            "conclusion": said["conclusion"],
            "disjoint": said["disjoint"],
            "before": label,
        }
        return _core.Draft.of_steps(self.theory, label, json.dumps(statement), [(worksheet.END, None, [], None)])

    def put(self, label: str, proof: str) -> None:
        """Take a theorem's proof into the theory, for those behind it."""
        if self.anew or label == self.labels[-1] or self.theory.lemmas():
            return
        start, end = next((s, e) for name, s, e, *_ in self.theory.proofs_from(self.start) if name == label)
        theory = self.theory
        self.theory = patiently(lambda: theory.edited([(start, end, f"\n{proof} ")]))


class AgainTargets(Targets):
    """The theorems of a ``.mm`` file that the database has, too, each proved from what stands before it there."""

    def __init__(self, file: MmFile, source: Source, held: Again) -> None:
        super().__init__(held.theory, source)
        self.file, self.held = file, held
        self.labels = held.open or list(held.lines)
        for label in self.labels:
            self.target(label)

    def target(self, label: str) -> Target:
        """A theorem as the file has it. Raises `InputError` with the line of one whose proof does not hang together."""
        theory = self.theory
        try:
            draft = patiently(lambda: _core.Draft.of_theorem(theory, label))
        except InputError as problem:
            raise InputError(one_line(problem.message), self.file.path, self.held.lines[label]) from None
        labels = theory.labels()
        place = labels.index(label)
        return Target(label, draft, theory.statement(label)["comment"], labels[place - 1] if place else None)

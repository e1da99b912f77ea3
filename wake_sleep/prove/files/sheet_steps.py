"""What a worksheet means in a database: its theorem, checked to be new or the database's own, and its steps in order.

What is refused here is refused before anything is searched, with its line: a label that names something else, a `$d` of
what is no variable, a step that rests on none before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from metadream._core import Theory
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.prove.files.mm_file import one_line
from metadream.wake_sleep.prove.files.worksheet import END, Line, Worksheet

Row = tuple[str, str | None, list[int], str | None]  # name, reference, earlier steps, formula
WORK = re.compile(r"&[A-Za-z]+[0-9]+")  # work variables, unless the database has such a symbol
ASSERTIONS = {"axiom", "theorem", "syntax axiom", "syntax theorem"}


@dataclass(frozen=True)
class Steps:
    """A worksheet as a draft takes it."""

    statement: dict[str, Any]  # as `Draft.of_steps` takes it
    rows: list[Row]
    lines: list[int]  # of each row
    after: str | None  # the assertion before the theorem, if that is known
    names: dict[str, str]  # of hypotheses, by label
    listed: dict[str, list[str]]  # by open step, what its author lists as its hypotheses


def steps_of(sheet: Worksheet, theory: Theory) -> Steps:
    """A worksheet's statement and steps. Raises `InputError` with the line of what is wrong."""
    own = _own(sheet, theory)
    labels = _hypothesis_labels(sheet, theory, own)
    formula = sheet.steps[-1].formula or (own["conclusion"] if own else "")
    if not formula:
        raise sheet.fail(f"step {END} has no formula; it says what is to be proved", sheet.steps[-1].number)
    statement = {
        "hyps": [(label, h.formula) for label, h in zip(labels, sheet.hyps, strict=True)],
        "conclusion": formula,
        "disjoint": _pairs(sheet, theory, own),
        "before": sheet.theorem if own else _before(sheet, theory),
    }
    if own:
        _compare(sheet, own, statement)
    maker = _Rows(sheet, theory, labels)
    rows, lines = maker.made(formula)
    names = {label: h.name for label, h in zip(labels, sheet.hyps, strict=True) if h.name}
    listed = {s.name: [h for h in s.hyps if h != "?"] for s in maker.steps if s.ref is None and s.hyps}
    return Steps(
        statement, rows, lines, sheet.after or (_just_before(theory, sheet.theorem) if own else None), names, listed
    )


def _just_before(theory: Theory, label: str) -> str | None:
    labels = theory.labels()
    place = labels.index(label)
    return labels[place - 1] if place else None


def blame(sheet: Worksheet, theory: Theory, steps: Steps, message: str) -> InputError:
    """The error of a statement that cannot be read, with the line of the formula that is wrong."""
    given = [*sheet.hyps, sheet.steps[-1]]
    formulas = [*(formula for _, formula in steps.statement["hyps"]), steps.statement["conclusion"]]
    for line, formula in zip(given, formulas, strict=True):
        said = theory.complaint(formula, line is not sheet.steps[-1])
        if said is not None:
            return sheet.fail(one_line(said), line.number)
    return sheet.fail(one_line(message), sheet.named or sheet.steps[-1].number)


def _own(sheet: Worksheet, theory: Theory) -> dict[str, Any] | None:
    """What the database says under the theorem's label. Raises `InputError` if that is no theorem."""
    label, meaning = sheet.theorem, theory.meaning(sheet.theorem)
    if meaning == "theorem":
        return theory.statement(label)
    if meaning is not None:
        said = f"the theorem is named {label}, {named_by(meaning)}; choose a label that is free"
        raise sheet.fail(said if sheet.named else f"{said}: begin with '$theorem label'", sheet.named)
    return None


def named_by(meaning: str) -> str:
    """What a label may not be, in words."""
    if meaning in ("constant", "variable"):
        return f"which is a math symbol ({meaning}) of the database"
    return f"which names {'an' if meaning[0] in 'aeiou' else 'a'} {meaning} of the database"


def _hypothesis_labels(sheet: Worksheet, theory: Theory, own: dict[str, Any] | None) -> list[str]:
    """The labels of the hypotheses, made where the worksheet has none. Raises `InputError` for one that is taken."""
    known: list[str] = own["hyp_labels"] if own else []
    if own and len(known) != len(sheet.hyps):
        said = f"{sheet.theorem} is a theorem of the database with {len(known)} hypotheses, here are {len(sheet.hyps)}"
        raise sheet.fail(f"{said}; choose another label, or give it the same", sheet.named)
    given = {h.ref for h in sheet.hyps}
    out: list[str] = []
    for k, h in enumerate(sheet.hyps):
        label = h.ref or (known[k] if own else _made(sheet.theorem, k + 1, given, theory))
        meaning = None if own and label == known[k] else theory.meaning(label)
        if meaning is not None:
            said = f"a hypothesis is labelled {label}, {named_by(meaning)}"
            free = _made(sheet.theorem, k + 1, given, theory)
            raise sheet.fail(f"{said}; choose a label that is free, such as {free}", h.number)
        if label == sheet.theorem or label in out:
            other = "the theorem" if label == sheet.theorem else "another hypothesis"
            raise sheet.fail(f"a hypothesis is labelled {label}, as {other} is; give each its own label", h.number)
        given.add(label)
        out.append(label)
    return out


def _made(theorem: str, first: int, taken: set[str | None], theory: Theory) -> str:
    while (label := f"{theorem}.{first}") in taken or theory.meaning(label) is not None:
        first += 1
    return label


def _pairs(sheet: Worksheet, theory: Theory, own: dict[str, Any] | None) -> list[tuple[str, str]]:
    """The pairs of all ``$d``, those of the database's own theorem too."""
    out = {tuple(sorted(pair)) for pair in own["disjoint"]} if own else set()
    mandatory = {x for f in [*own["hyps"], own["conclusion"]] for x in f.split()} if own else set()
    for number, words in sheet.disjoint:
        if len(words) < 2:
            raise sheet.fail("a $d takes two or more variables", number)
        for i, word in enumerate(words):
            if theory.meaning(word) != "variable":
                known = theory.meaning(word) or "unknown symbol"
                raise sheet.fail(f"`{one_line(word)}` is not a variable ($d takes variables; found: {known})", number)
            if word in words[:i]:
                raise sheet.fail(f"variable `{word}` stands twice in one $d; nothing is distinct from itself", number)
        pairs = {(min(x, y), max(x, y)) for i, x in enumerate(words) for y in words[i + 1 :]}
        more = sorted(pair for pair in pairs - out if own and mandatory.issuperset(pair))
        if more:
            said = f"{sheet.theorem} has no $d {' '.join(more[0])} in the database, and would say less with it"
            raise sheet.fail(f"{said}; leave it out, or choose another label", number)
        out |= pairs
    return sorted((x, y) for x, y in out)


def _compare(sheet: Worksheet, own: dict[str, Any], statement: dict[str, Any]) -> None:
    """Raises `InputError` where a worksheet says something else than the database does under its label."""
    lines = [*sheet.hyps, sheet.steps[-1]]
    here = [*(formula for _, formula in statement["hyps"]), statement["conclusion"]]
    for line, found, wanted in zip(lines, here, [*own["hyps"], own["conclusion"]], strict=True):
        if found != wanted:
            said = f"{sheet.theorem} is a theorem of the database, which says `{one_line(wanted)}` here"
            raise sheet.fail(f"{said}; choose another label, or give it the same statement", line.number)


def _before(sheet: Worksheet, theory: Theory) -> str | None:
    """The statement behind LOC_AFTER. None: the whole database may be used."""
    if sheet.after is None:
        return None
    if theory.meaning(sheet.after) in (None, "constant", "variable", "lemma"):
        said = f"LOC_AFTER={one_line(sheet.after)} names no statement of the database; or give ?"
        raise sheet.fail(said, sheet.located)
    return theory.behind(sheet.after)


class _Rows:
    """Makes a draft's rows of a worksheet's steps."""

    def __init__(self, sheet: Worksheet, theory: Theory, labels: list[str]) -> None:
        self.sheet, self.theory, self.labels = sheet, theory, labels
        self.rows: list[Row] = []
        self.lines: list[int] = []
        self.place: dict[str, int] = {}
        self.arity: dict[str, int | None] = {}
        self.taken = {line.name for line in [*sheet.hyps, *sheet.steps]}
        self.made_up = 0
        self.steps = [self._named(s) for s in sheet.steps]

    def made(self, formula: str) -> tuple[list[Row], list[int]]:
        """The rows, and the line of each; `formula`: what is to be proved."""
        for label, h in zip(self.labels, self.sheet.hyps, strict=True):
            self._no_work_variables(h.formula, h.number)
            number = self._add((h.name, label, [], h.formula), h.number)
            self.place |= {h.name: number, f"h{h.name}": number} if h.name else {}
        self._no_work_variables(formula, self.steps[-1].number)
        for s in self.steps:
            if s.ref is not None and s.ref.startswith("#"):
                self._refer(s, formula if s.name == END else s.formula)
                continue
            told = formula if s.name == END else s.formula or None
            self.place[s.name] = self._add((s.name, s.ref, self._children(s), told), s.number)
        return self.rows, self.lines

    def _add(self, row: Row, line: int) -> int:
        self.rows.append(row)
        self.lines.append(line)
        return len(self.rows) - 1

    def _free(self, name: str) -> str:
        """A name like this one that no step has."""
        free, k = name, 0
        while free in self.taken:
            k += 1
            free = f"{name}.{k}"
        self.taken.add(free)
        return free

    def _named(self, s: Line) -> Line:
        """A step with its name; a label that stands alone is its reference."""
        name, ref = s.name, s.ref
        if s.alone and name != END and (name.startswith("#") or self.theory.meaning(name) in ASSERTIONS):
            name, ref = "", name
        while not name or (name != s.name and name in self.taken):
            self.made_up += 1
            name = f"d{self.made_up}"
        self.taken.add(name)
        return Line(s.number, name, s.hyps, ref, s.formula)

    def _work(self, formula: str) -> list[str]:
        return [w for w in formula.split() if WORK.fullmatch(w) and self.theory.meaning(w) is None]

    def _no_work_variables(self, formula: str, line: int) -> None:
        found = self._work(formula)
        if found:
            said = f"work variable {found[0]} stands in the statement, which must be known; it may stand in steps only"
            raise self.sheet.fail(said, line)

    def _children(self, s: Line) -> list[int]:
        """The rows of what a step rests on; what is missing are open steps of their own."""
        if s.ref is None:
            for name in s.hyps:
                self._known(s, name)
            return []
        if s.ref not in self.arity:
            self.arity[s.ref] = None if s.ref in self.labels else self.theory.arity(s.ref)
        wanted, hyps = self.arity[s.ref] or 0, s.hyps[:]
        while len(hyps) > wanted and "?" in hyps:  # those too many, from the right
            del hyps[len(hyps) - 1 - hyps[::-1].index("?")]
        hyps += ["?"] * (wanted - len(hyps))
        known = [self._known(s, name) for name in hyps]
        return [
            self._add((self._free(f"{s.name}.{k}"), None, [], None), s.number) if place is None else place
            for k, place in enumerate(known, 1)
        ]

    def _known(self, s: Line, name: str) -> int | None:
        """The row of a step that is named, or None for ``?``."""
        if name == "?":
            return None
        if name not in self.place:
            circle = self._circle(s)
            if len(circle) > 1:
                way = one_line(", which uses step ".join([*circle, s.name]))
                raise self.sheet.fail(f"steps go in a circle: step {way}", s.number)
            how = "itself" if name == s.name else f"step {one_line(name)}, which is not before it"
            raise self.sheet.fail(f"step {one_line(s.name)} uses {how}", s.number)
        return self.place[name]

    def _circle(self, s: Line) -> list[str]:
        """The names of steps, from this one on, each of which uses the next and the last one the first; or none."""
        uses = {step.name: [*step.hyps, (step.ref or "").removeprefix("#")] for step in self.steps}
        before: dict[str, str] = {}  # of each step that was reached, one that uses it
        reached = [s.name]
        for user in reached:  # breadth first: `reached` grows
            for name in uses.get(user, []):
                if name == s.name:
                    way = [user]
                    while way[-1] != s.name:
                        way.append(before[way[-1]])
                    return way[::-1]
                if name not in before:
                    before[name] = user
                    reached.append(name)
        return []

    def _refer(self, s: Line, formula: str) -> None:
        """A step that is another one: ``#`` and its name, its label, or nothing where it has the same formula."""
        wanted = (s.ref or "")[1:]
        found = self.place.get(wanted)
        for i, (_, ref, _, told) in enumerate(self.rows):
            if found is None and (ref == wanted if wanted else told == formula):
                found = i
        if found is None:
            said = f"step {one_line(s.name)} refers to '#{one_line(wanted)}', which is no step before it"
            raise self.sheet.fail(said, s.number)
        name, ref, children, told = self.rows[found]
        if formula and told is not None and told != formula and not self._work(f"{told} {formula}"):
            said = f"step {one_line(s.name)} says `{one_line(formula)}`, but step {one_line(name)} `{one_line(told)}`"
            raise self.sheet.fail(said, s.number)
        if s.name == END or (ref is not None and self._work(formula)):
            found = self._add((s.name, ref, children, formula), s.number)
        self.place[s.name] = found

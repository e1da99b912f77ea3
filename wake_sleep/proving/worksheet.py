"""Proof worksheets (``.mmp``) as mmj2, metamath-lamp and yamma read and write them.

A line ``step:hyps:ref formula`` is a step; its formula goes on in lines that begin with a blank. ``h1::name |- ...`` is
a hypothesis; ``qed`` proves the theorem. ``$d x y`` lines are conditions, ``*`` begins a comment, ``$(`` the header,
``$)`` the end. A step without reference (or with ``?``) is a goal. Steps in ``hyps`` that are ``?``, or missing behind
a reference, are open steps whose formula is still to be found; so is a formula with work variables (``&W1``) in a step
with a reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.proving.mm_file import one_line

Row = tuple[str, str | None, list[int], str | None]  # name, reference, earlier steps, formula
END = "qed"
WIDTH = 79
_THEOREM = re.compile(r"\bTHEOREM=(\S+)")
_AFTER = re.compile(r"\bLOC_AFTER=(\S+)")
_WORK = re.compile(r"&[A-Z][0-9]+")  # as the core writes them
_LABEL = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Line:
    """A step as it stands in the file."""

    number: int  # line in the file, from 1
    name: str
    hyps: list[str]
    ref: str | None
    formula: str


@dataclass
class Worksheet:
    """What a worksheet says."""

    path: Path
    theorem: str = ""
    after: str | None = None  # LOC_AFTER: what stands before the theorem
    hyps: list[Line] = field(default_factory=list)
    steps: list[Line] = field(default_factory=list)
    disjoint: list[tuple[str, str]] = field(default_factory=list)

    def fail(self, message: str, line: int | None = None) -> InputError:
        """An error in this file."""
        return InputError(message, self.path, line)


def is_worksheet(path: Path, text: str) -> bool:
    """Whether a file is one, by its name or its beginning."""
    return path.suffix == ".mmp" or bool(re.match(r"\s*\$\(\s*<MM>|\s*\$theorem\b", text))


def read(path: Path, text: str) -> Worksheet:
    """A worksheet's lines. Raises `InputError` with the line of what is not one."""
    sheet = Worksheet(path)
    for number, line in _statements(text):
        if line.startswith("$)"):
            break
        if line.startswith("$("):
            theorem, after = _THEOREM.search(line), _AFTER.search(line)
            sheet.theorem = theorem.group(1) if theorem else sheet.theorem
            sheet.after = after.group(1) if after and after.group(1) != "?" else sheet.after
        elif line.startswith("$theorem"):
            sheet.theorem = [*line.split(), ""][1]
        elif line.split()[0] == "$d":
            names = line.removesuffix("$.").split()[1:]
            sheet.disjoint += [(x, y) for i, x in enumerate(names) for y in names[i + 1 :]]
        elif not line.startswith(("*", "$")):
            _add(sheet, number, line)
    _check(sheet)
    return sheet


def _statements(text: str) -> list[tuple[int, str]]:
    """Lines with those that go on with them, and the number of the first."""
    out: list[tuple[int, str]] = []
    proof = False  # a generated proof, $= ... $.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        proof = proof or line.startswith("$=")
        if proof:
            proof = not line.rstrip().endswith("$.")
        elif line[0].isspace() and out:
            out[-1] = (out[-1][0], f"{out[-1][1]} {line.strip()}")
        else:
            out.append((number, line.strip()))
    return out


def _add(sheet: Worksheet, number: int, line: str) -> None:
    head, _, formula = line.partition(" ")
    parts = head.split(":")
    if len(parts) != 3 or not parts[0]:
        raise sheet.fail(
            f"'{one_line(head)}': expected a step as 'name:hyps:ref formula', such as '3:1,2:syl |- x'", number
        )
    name, hyps, ref = parts
    formula = " ".join(formula.split())
    names = [h for h in hyps.split(",") if h]
    made = Line(number, name, names, None if ref in ("", "?") else ref, formula)
    if name.startswith("h") and name != "h":
        if made.ref is None or not _LABEL.fullmatch(made.ref) or not formula:
            raise sheet.fail("expected a hypothesis as 'h1::label |- formula'", number)
        sheet.hyps.append(Line(number, name[1:], [], made.ref, formula))
        return
    if not formula and made.ref is None:
        raise sheet.fail(f"step {one_line(name)} has neither a formula nor a reference; give one", number)
    sheet.steps.append(made)


def _check(sheet: Worksheet) -> None:
    seen: set[str] = set()
    for line in [*sheet.hyps, *sheet.steps]:
        if line.name in seen:
            raise sheet.fail(f"step {one_line(line.name)} stands here twice; give each step its own name", line.number)
        seen.add(line.name)
    if not sheet.steps or sheet.steps[-1].name != END or not sheet.steps[-1].formula:
        last = sheet.steps[-1].number if sheet.steps else None
        raise sheet.fail("expected 'qed:hyps:ref formula' as the last step: what is to be proved", last)
    if not _LABEL.fullmatch(sheet.theorem):
        raise sheet.fail("expected '$( <MM> <PROOF_ASST> THEOREM=label LOC_AFTER=label' as the first line", 1)


def rows(sheet: Worksheet, symbols: Sequence[str] | set[str], arity: Mapping[str, int]) -> tuple[list[Row], list[int]]:
    """The steps as a draft takes them, and the line of each. `arity`: of each reference, how many hypotheses it has.

    Raises `InputError` with the line of a step that names none before it.
    """
    out: list[Row] = []
    lines: list[int] = []
    place: dict[str, int] = {}

    def add(row: Row, line: int) -> int:
        out.append(row)
        lines.append(line)
        return len(out) - 1

    for h in sheet.hyps:
        place[h.name] = place[f"h{h.name}"] = add((h.name, h.ref, [], h.formula), h.number)
    for s in sheet.steps:
        children: list[int] = []
        wanted = arity.get(s.ref, 0) if s.ref else 0
        for k, name in enumerate([*s.hyps, *["?"] * (wanted - len(s.hyps))] if s.ref else []):
            if name == "?":
                children.append(add((f"{s.name}.{k + 1}", None, [], None), s.number))
            elif name in place:
                children.append(place[name])
            else:
                raise sheet.fail(
                    f"step {one_line(s.name)} uses step {one_line(name)}, which is not before it", s.number
                )
        known = bool(s.formula) and not any(w.startswith("&") and w not in symbols for w in s.formula.split())
        if s.ref is None and not known:
            raise sheet.fail(f"step {one_line(s.name)} has no reference, so its formula must be known", s.number)
        place[s.name] = add((s.name, s.ref, children, s.formula if known else None), s.number)
    return out, lines


def hints(sheet: Worksheet) -> dict[str, list[str]]:
    """By goal, the steps that its author lists as its hypotheses."""
    return {s.name: [h for h in s.hyps if h != "?"] for s in sheet.steps if s.ref is None and s.hyps}


def written(
    theorem: str,
    after: str | None,
    statement: Mapping[str, Any],
    steps: Sequence[Mapping[str, Any]],
    disjoint: Sequence[tuple[str, str]],
    remarks: Sequence[str],
) -> str:
    """A worksheet's text. `steps` as `Draft.steps` gives them, with names; `disjoint` with the dummies' conditions."""
    out = [f"$( <MM> <PROOF_ASST> THEOREM={theorem} LOC_AFTER={after or '?'}", ""]
    out += [f"* {one_line(remark)}" for remark in remarks] + [""]
    number: dict[int, str] = {}
    labels = [label for label, _ in statement["hyps"]]
    taken = {str(s["name"]) for s in steps[:-1] if s["name"] and not s["hyp"]}
    names = {label: _free(taken, 1) for label in labels}
    heads = [(f"h{names[label]}::{label}", formula) for label, formula in statement["hyps"]]
    last = len(steps) - 1
    for i, s in enumerate(steps):
        if s["hyp"] and i != last:
            number[i] = names[s["label"]]
            continue
        number[i] = END if i == last else str(s["name"] or _free(taken, 1))
        hyps = ",".join(number[c] for c in s["children"])
        heads.append((f"{number[i]}:{hyps}:{s['label'] or ''}", s["formula"]))
    heads = _renamed(heads)
    column = min(24, max(len(head) for head, _ in heads) + 1)
    for head, formula in heads:
        out += _wrapped(head, formula, column)
    out += ["", *(f"$d {' '.join(group)}" for group in groups(disjoint)), "", "$)", ""]
    return "\n".join(out)


def _renamed(heads: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Work variables counted by kind, in the order in which they come."""
    names: dict[str, str] = {}
    for _, formula in heads:
        for word in formula.split():
            if _WORK.fullmatch(word) and word not in names:
                names[word] = f"{word[:2]}{sum(name[:2] == word[:2] for name in names) + 1}"
    return [(head, " ".join(names.get(word, word) for word in formula.split())) for head, formula in heads]


def _free(taken: set[str], first: int) -> str:
    """The next number that names no step."""
    while str(first) in taken:
        first += 1
    taken.add(str(first))
    return str(first)


def _wrapped(head: str, formula: str, column: int) -> list[str]:
    lines, line = [], head.ljust(column - 1)
    for word in formula.split():
        if len(line) + 1 + len(word) > WIDTH and line.strip():
            lines.append(line.rstrip())
            line = " " * (column - 1)
        line += f" {word}"
    return [*lines, line.rstrip()]


def groups(pairs: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Pairs as few sets that are distinct altogether, each as long as it can be, in order of the variables."""
    left = {tuple(sorted(pair)) for pair in pairs}
    if not left:
        return []
    import networkx

    out: list[list[str]] = []
    while left:
        graph = networkx.Graph(sorted(left))
        best = max(networkx.find_cliques(graph), key=lambda c: (len(c), sorted(c, reverse=True)))
        out.append(sorted(best))
        left -= {(x, y) for i, x in enumerate(out[-1]) for y in out[-1][i + 1 :]}
    return sorted(out)

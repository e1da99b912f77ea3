"""Proof worksheets (``.mmp``) as mmj2, metamath-lamp and yamma have them: their lines, nothing looked up yet.

A line ``step:hyps:ref formula`` is a step; what stands in lines that begin with a blank goes on with it. ``h1::name
|- ...`` is a hypothesis; ``qed`` proves the theorem. ``step:ref`` and a name alone will do; a ``!`` before a step is a
mark. ``$( <MM> <PROOF_ASST> THEOREM=label LOC_AFTER=label`` or ``$theorem label`` names the theorem, else the file
does. ``$d x y`` lines are conditions, ``*`` and ``$( ... $)`` comments, ``$= ... $.`` is a generated proof, ``$)`` the
end. `sheet_steps` says what a worksheet means in a database, `sheet_text` writes one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.prove.files.mm_file import one_line

END = "qed"
LABEL = re.compile(r"[A-Za-z0-9._-]+")
IGNORED = {"$allowdiscouraged", "$getproof", "$m", "$s"}  # orders to yamma and mmj2
_NAME = re.compile(r"[!-~]*")
_STEP = re.compile(r"!?[A-Za-z0-9.]+:[A-Za-z0-9.,?!]*:[A-Za-z0-9._#-]*")
_NAMED = "expected a label of letters, digits, '.', '-' and '_'"


@dataclass(frozen=True)
class Line:
    """A step or hypothesis as it stands in the file."""

    number: int  # line in the file, from 1
    name: str  # "" where it has none
    hyps: list[str]  # names of steps, "?" where one is to be found
    ref: str | None  # a label, "#" and the name of another step, or None
    formula: str
    alone: bool = False  # its head is one word without colons: a name, or a label


@dataclass
class Worksheet:
    """What a worksheet says."""

    path: Path
    theorem: str = ""
    named: int | None = None  # line that names the theorem; None: the file's name does
    after: str | None = None  # LOC_AFTER: what stands before the theorem
    located: int | None = None  # line of LOC_AFTER
    comment: str | None = None  # the first one
    hyps: list[Line] = field(default_factory=list)
    steps: list[Line] = field(default_factory=list)
    disjoint: list[tuple[int, list[str]]] = field(default_factory=list)  # line, variables

    def fail(self, message: str, line: int | None = None) -> InputError:
        """An error in this file."""
        return InputError(message, self.path, line)


def read(path: Path, text: str) -> Worksheet:
    """A worksheet's lines. Raises `InputError` with the line of what is not one."""
    sheet = Worksheet(path)
    statements = _statements(sheet, text)
    for number, words in statements:
        first = words[0]
        if first.startswith("$)"):
            _expect_nothing(sheet, statements)
        elif first == "$(":
            _header(sheet, number, words, statements)
        elif first == "$theorem":
            _name(sheet, number, words[1] if len(words) > 1 else "")
        elif first == "$d":
            sheet.disjoint.append((number, words[1:-1] if words[-1] == "$." else words[1:]))
        elif first == "$=":
            _skip_proof(sheet, number, words, statements)
        elif first.startswith("*"):
            if sheet.comment is None and not sheet.hyps and not sheet.steps:
                sheet.comment = " ".join([first[1:], *words[1:]]).strip()
        elif not first.startswith("$"):
            _add(sheet, number, words)
        elif first not in IGNORED:
            raise sheet.fail(f"'{one_line(first)}': expected a step, $d, $theorem, or * before a comment", number)
    _check(sheet)
    return sheet


def _statements(sheet: Worksheet, text: str) -> Iterator[tuple[int, list[str]]]:
    """The words of lines with those that go on with them, and the number of the first line."""
    held: tuple[int, list[str]] | None = None
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        words = line.split()
        if not words:
            continue
        if held is not None and line[0].isspace():
            if _STEP.fullmatch(words[0]) and held[1][0][0] not in "*$":
                raise sheet.fail(f"'{one_line(words[0])}': a step begins in column 1; take away the blanks", number)
            held[1].extend(words)
            continue
        if held is not None:
            yield held
        held = (number, words)
    if held is not None:
        yield held


def _expect_nothing(sheet: Worksheet, rest: Iterator[tuple[int, list[str]]]) -> None:
    for number, words in rest:
        if words[0] == "$(" and "<MM>" in words:
            raise sheet.fail("a second worksheet stands here; give each a file of its own", number)


def _header(sheet: Worksheet, number: int, words: list[str], rest: Iterator[tuple[int, list[str]]]) -> None:
    """A header, or a comment, which is passed over."""
    if "<MM>" not in words:
        while "$)" not in words:
            _, words = next(rest, (0, []))
            if not words:
                raise sheet.fail("this comment is never closed; add '$)'", number)
        return
    given = dict(word.split("=", 1) for word in words if "=" in word)
    _name(sheet, number, given.get("THEOREM", ""))
    if given.get("LOC_AFTER", "?") not in ("", "?"):
        sheet.after, sheet.located = given["LOC_AFTER"], number


def _name(sheet: Worksheet, number: int, label: str) -> None:
    if sheet.named is not None:
        raise sheet.fail(f"the theorem has its name in line {sheet.named} already", number)
    if not LABEL.fullmatch(label):
        wanted = "'$( <MM> <PROOF_ASST> THEOREM=label LOC_AFTER=label' or '$theorem label'"
        raise sheet.fail(f"'{one_line(label)}' names no theorem: {_NAMED}, in {wanted}", number)
    sheet.theorem, sheet.named = label, number


def _skip_proof(sheet: Worksheet, number: int, words: list[str], rest: Iterator[tuple[int, list[str]]]) -> None:
    while "$." not in words:
        _, words = next(rest, (0, []))
        if not words or words[0].startswith("$)"):
            raise sheet.fail("this proof is never ended; add '$.', or leave it out", number)


def _add(sheet: Worksheet, number: int, words: list[str]) -> None:
    """Takes in a step or hypothesis."""
    head, formula = words[0].removeprefix("!"), " ".join(words[1:])
    hyp = head[:1] in ("h", "H")
    parts = (head[1:].removeprefix("!") if hyp else head).split(":")
    astray = len(parts) == 1 and len(words) > 1 and bool(set(words[1]) & set(",:"))  # blanks in the first word
    if len(parts) > 3 or astray or not _NAME.fullmatch(head):
        wanted = "expected a step as 'name:hyps:ref formula', such as '3:1,2:syl |- x'"
        raise sheet.fail(f"'{one_line(words[0])}': {wanted}", number)
    name, hyps = parts[0], parts[1] if len(parts) == 3 else ""
    ref = parts[-1] if len(parts) > 1 else ""
    if len(parts) == 2 and ("," in ref or ref == "?"):  # older mmj2
        hyps, ref = ref, ""
    name = END if name.lower() == END else name
    name_only = len(parts) == 1
    if set(name) & set(",!") or (not name_only and "#" in name):
        raise sheet.fail(f"'{one_line(name)}' names no step; a name holds no ',', '!' and '#'", number)
    if hyp:
        _add_hypothesis(sheet, Line(number, name, [], ref or None, formula), hyps)
        return
    _check_reference(sheet, number, ref)
    earlier = [h.removeprefix("!") or "?" for h in hyps.split(",")] if hyps else []
    sheet.steps.append(Line(number, name, earlier, None if ref in ("", "?") else ref, formula, name_only))


def _check_reference(sheet: Worksheet, number: int, ref: str) -> None:
    """Raises `InputError` for a reference that is no label, such as one that a formula stands at without a blank."""
    if ref.startswith("#") or ref in ("", "?") or LABEL.fullmatch(ref):
        return
    label = LABEL.match(ref)
    if label or not set(ref) <= {"?"}:
        behind = f"'{label[0]}'" if label else "the last ':'"
        raise sheet.fail(f"'{one_line(ref)}' is no label; is a blank missing behind {behind}?", number)
    raise sheet.fail(f"'{one_line(ref)}' is no label; expected one, or '?' for one to be found", number)


def _add_hypothesis(sheet: Worksheet, line: Line, hyps: str) -> None:
    wanted = "expected a hypothesis as 'h1::label |- formula'"
    if hyps:
        raise sheet.fail(f"a hypothesis rests on no steps; {wanted}", line.number)
    if line.name == END:
        raise sheet.fail(f"a hypothesis cannot be named {END}; {wanted}", line.number)
    if not line.formula:
        raise sheet.fail(f"a hypothesis without a formula; {wanted}", line.number)
    if line.ref is not None and not LABEL.fullmatch(line.ref):
        raise sheet.fail(f"hypothesis label '{one_line(line.ref)}': {_NAMED}", line.number)
    sheet.hyps.append(line)


def _check(sheet: Worksheet) -> None:
    """Whether names are names of one step each, and the last step is the theorem."""
    seen: set[str] = set()
    for line in [*sheet.hyps, *sheet.steps]:
        if line.name in seen:
            raise sheet.fail(f"step {one_line(line.name)} stands here twice; give each step its own name", line.number)
        seen.update({line.name} - {""})
    last = sheet.steps[-1] if sheet.steps else None
    if last is None or last.name != END:
        end = last or (sheet.hyps[-1] if sheet.hyps else None)
        said = f"expected '{END}:hyps:ref formula' as the last step, which is what is to be proved"
        behind = f"; this one stands behind {END}" if END in seen else ""
        raise sheet.fail(said + behind, end.number if end else None)
    late = next((h for h in sheet.hyps if h.number > last.number), None)
    if late is not None:
        raise sheet.fail(f"a hypothesis stands behind {END}; {END} is the last step", late.number)
    if sheet.named is None:
        sheet.theorem = sheet.path.stem
        if not LABEL.fullmatch(sheet.theorem):
            raise sheet.fail("nothing names the theorem, and the file's name is no label; begin with '$theorem label'")

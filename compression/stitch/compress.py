"""``metadream compress``: abstractions of lambda programs, and the programs written with them.

The search is exact (docs/exact.md). What is written is JSON (docs/formats.md); ``--with`` takes the abstractions of
such a file and writes other programs with them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metadream import _core
from metadream.metamath_db.core import patiently
from metadream.metamath_db.data import sha256_of
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import publish, read_json
from metadream.metamath_db.terminal.console import stage, table, to_json
from metadream.metamath_db.terminal.foreign_text import plain
from metadream.metamath_db.terminal.result import Result

SCHEMA, VERSION = "metadream.compress", 1
MOST_PARAMETERS = 255
SHOWN = 20  # programs and abstractions that people see
_WORD = re.compile(r"[^\s()]+")

Abstraction = tuple[str, int, str]
"""Name, how many parameters, body (``#0``, ``#1``, ... are the parameters)."""


@dataclass(frozen=True)
class Search:
    """The limits of a search for abstractions."""

    arity: int = 3  # most parameters of an abstraction
    count: int | None = 10  # most abstractions; None: as many as pay for their bodies, whatever their arity
    threads: int = 1
    single_task: bool = False  # whether an abstraction counts that occurs in one program only


def read_programs(path: Path, least: int = 1) -> list[str]:
    """The programs of a JSON file: a list of at least so many texts, each a program. Raises `InputError`."""
    programs = read_json(path, 'a JSON list of lambda programs, such as ["(f (lam (g $0)))", ...]')
    if not isinstance(programs, list) or len(programs) < least:
        raise InputError(f"expected a JSON list of at least {least} lambda programs, each a string", path)
    for number, program in enumerate(programs, 1):
        if not isinstance(program, str):
            raise InputError(f"program {number}: expected a string", path)
    return programs


def checked(programs: list[str], path: Path | None) -> list[str]:
    """Return the programs unchanged if all of them parse.

    Raises `InputError` that names the first that does not, by its place in the file from 1.
    """
    try:
        _core.rewrite_programs(programs, [])
    except InputError as problem:
        raise InputError(problem.message, path) from None
    return programs


def read_abstractions(path: Path) -> list[Abstraction]:
    """The abstractions of a file that `compress` wrote. Raises `InputError`."""
    expected = f"a file that 'metadream compress' wrote (schema {SCHEMA}, version {VERSION})"
    found = read_json(path, expected)
    if not isinstance(found, dict) or (found.get("schema"), found.get("version")) != (SCHEMA, VERSION):
        raise InputError(f"expected {expected}", path)
    rows = found.get("abstractions")
    if not isinstance(rows, list):
        raise InputError(f"no list of abstractions; expected {expected}", path)
    abstractions: list[Abstraction] = []
    for number, row in enumerate(rows, 1):
        abstraction = _abstraction(row)
        if abstraction is None:
            raise InputError(f"abstraction {number}: expected its name, arity and body", path)
        if any(abstraction[0] == earlier for earlier, _, _ in abstractions):
            raise InputError(f"abstraction {number}: there are two of the name {plain(abstraction[0])}", path)
        abstractions.append(abstraction)
    return abstractions


def _abstraction(row: Any) -> Abstraction | None:
    """Return the abstraction in a row of a file, or None if the row holds no abstraction."""
    name, arity, body = (row.get(key) for key in ("name", "arity", "body")) if isinstance(row, dict) else [None] * 3
    if not isinstance(name, str) or not isinstance(body, str) or type(arity) is not int:
        return None
    return (name, arity, body) if _WORD.fullmatch(name) and 0 <= arity <= MOST_PARAMETERS else None


@dataclass(frozen=True, repr=False, eq=False)
class Compressed(Result):
    """Abstractions of lambda programs, and the programs written with them."""

    @property
    def abstractions(self) -> tuple[Abstraction, ...]:
        """Name, arity and body (``#0``, ``#1``, ... are the parameters) of each."""
        return tuple((row["name"], row["arity"], row["body"]) for row in self.data["abstractions"])

    @property
    def programs(self) -> tuple[str, ...]:
        """The programs written with them, in their order."""
        return tuple(self.data["programs"])

    @property
    def ratio(self) -> float:
        """Cost of the programs before by the cost after; the bodies of the abstractions are not counted."""
        return float(self.data["ratio"])


def compress(
    corpus: Path | Sequence[str],
    search: Search,
    known: Path | Sequence[Abstraction] | None = None,
    output: Path | None = None,
) -> Compressed:
    """Learn abstractions of programs, or take those `known`; write the programs with them. Both may be files.

    `abstractions`: `name`, `arity`, `body`, `uses` in the programs, `uses_in_bodies` of later ones; `programs`: each as
    it is cheapest, in the file's order; `cost_before`, `cost_after`: of the programs (application and lambda 1, symbols
    and variables 100); `bodies`: cost of the bodies; `ratio`: before by after, `ratio_counted`: with the bodies;
    `complete`: whether no search was cut off. With `output` the same is written there. Raises `InputError`.
    """
    file = corpus if isinstance(corpus, Path) else None
    programs = checked(read_programs(corpus) if isinstance(corpus, Path) else list(corpus), file)
    if known is None:
        with stage("learning abstractions"):
            done = patiently(
                lambda: _core.learn_abstractions(
                    programs, search.arity, search.count, threads=search.threads, single_task=search.single_task
                )
            )
        library: list[Abstraction] = done["abstractions"]
    else:
        library = read_abstractions(known) if isinstance(known, Path) else list(known)
        done = {"complete": True, **_written(programs, library, known if isinstance(known, Path) else None)}
    about = {"schema": SCHEMA, "version": VERSION, "corpus": file, "corpus_sha256": file and sha256_of(file)}
    data = {**about, **_figures(done, library)}
    if output is not None:
        publish(output, to_json(data) + "\n")
    return Compressed({**data, "output": output}, _text(data, programs, output))


def _written(programs: list[str], library: list[Abstraction], path: Path | None) -> dict[str, Any]:
    try:
        done = _core.rewrite_programs(programs, library)
    except InputError as problem:
        raise InputError(problem.message, path) from None
    return {**done, "bodies": sum(body_cost(body) for _, _, body in library)}


def _figures(done: Mapping[str, Any], library: Sequence[Abstraction]) -> dict[str, Any]:
    """The answer, but for where it came from and goes to."""
    in_programs = Counter(word for program in done["rewritten"] for word in _WORD.findall(program))
    in_bodies = Counter(word for _, _, body in library for word in _WORD.findall(body))
    return {
        "abstractions": [
            {
                "name": name,
                "arity": arity,
                "body": body,
                "uses": in_programs[name],
                "uses_in_bodies": in_bodies[name],
            }
            for name, arity, body in library
        ],
        "programs": list(done["rewritten"]),
        "cost_before": done["cost_before"],
        "cost_after": done["cost_after"],
        "bodies": done["bodies"],
        "ratio": done["cost_before"] / max(1, done["cost_after"]),
        "ratio_counted": done["cost_before"] / max(1, done["cost_after"] + done["bodies"]),
        "complete": done["complete"],
    }


def body_cost(body: str) -> int:
    """Cost of an abstraction's body: 100 a symbol or variable, 1 an application or lambda, parameters nothing."""
    words = _WORD.findall(body)
    lambdas = re.findall(r"\(\s*lam(?:bda)?(?:_\d+)?(?=[\s()])", body)
    symbols = len(words) - len(lambdas) - len([word for word in words if word.startswith("#")])
    return 100 * symbols + len(words) - 1  # n things in parentheses are n - 1 applications, or one lambda


def _text(data: Mapping[str, Any], programs: Sequence[str], output: Path | None) -> Any:
    from rich.console import Group

    library, written = data["abstractions"], data["programs"]
    lines = [
        f"{len(written):,} programs: cost {data['cost_before']:,}, with {len(library)} abstractions "
        f"{data['cost_after']:,}, ratio {data['ratio']:.3f} ({data['ratio_counted']:.3f} with the bodies, which cost "
        f"{data['bodies']:,})"
    ]
    if not data["complete"]:
        lines.append("a search was cut off: there may be better abstractions")
    shown: list[Any] = []
    if library:
        rows = [(a["name"], a["arity"], a["uses"], a["uses_in_bodies"], a["body"]) for a in library[:SHOWN]]
        shown.append(table("abstractions", ("name", "arity", "uses", "in bodies", "body"), rows))
    else:
        lines.append("nothing occurs so often that an abstraction would pay")
    changed = [
        (number, new)
        for number, (new, old) in enumerate(zip(written, programs, strict=True), 1)
        if " ".join(new.split()) != " ".join(old.split())
    ]
    if changed:
        title = "programs that are written anew" + (f", the first {SHOWN}" if len(changed) > SHOWN else "")
        shown.append(table(title, ("program", "written anew"), changed[:SHOWN]))
    if len(changed) > SHOWN or len(library) > SHOWN:
        lines.append(f"{len(changed):,} programs are written anew; --json or --output gives all")
    if output is not None:
        lines.append(f"wrote {plain(str(output))}")
    return Group(*shown, *lines)

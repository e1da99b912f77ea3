"""What programs carry (docs/isa.md, "Directives"): database, task, goal, and composites pinned by hash.

A composite's hash is that of its entry in ``library.json``, as compact JSON. An entry names other composites by label,
so what is pinned with it stands before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from metadream.dsl.proofs import Goal, Statement
from metadream.metamath_db.errors import InputError

Directives: TypeAlias = list[tuple[str, list[str]]]


@dataclass(frozen=True)
class Pinned:
    """A composite by name and by the SHA-256 of its entry; the entry (compact JSON) if it is at hand."""

    name: str
    sha256: str
    entry: str | None = None

    def directive(self, whole: bool) -> tuple[str, list[str]]:
        """As ``.composite``; `whole`: with the entry."""
        entry = [self.entry] if whole and self.entry is not None else []
        return ".composite", [self.name, self.sha256, *entry]


@dataclass(frozen=True)
class Carried:
    """The directives of a program."""

    database: tuple[str, str] | None = None  # name or path, SHA-256
    theorem: str | None = None
    hyps: tuple[tuple[str, str], ...] = ()
    disjoint: tuple[tuple[str, str], ...] = ()
    before: str | None = None
    goal: tuple[str, str] | None = None  # address, formula
    statement_sha256: str | None = None
    composites: tuple[Pinned, ...] = ()

    @classmethod
    def of(cls, program: Any) -> Carried:
        """What a `Program` carries."""
        words: dict[str, list[list[str]]] = {}
        for name, said in program.directives():
            words.setdefault(name, []).append(said)

        def one(name: str) -> list[str] | None:
            return words[name][0] if name in words else None

        def pair(said: list[str]) -> tuple[str, str]:
            return said[0], said[1]

        database, theorem, before, goal = (one(n) for n in (".database", ".theorem", ".before", ".goal"))
        statement = one(".statement")
        return cls(
            database=pair(database) if database else None,
            theorem=theorem[0] if theorem else None,
            hyps=tuple(map(pair, words.get(".hypothesis", []))),
            disjoint=tuple(map(pair, words.get(".distinct", []))),
            before=before[0] if before else None,
            goal=pair(goal) if goal else None,
            statement_sha256=statement[0] if statement else None,
            composites=tuple(Pinned(*said) for said in words.get(".composite", [])),
        )

    def statement(self) -> Statement | None:
        """The task as a statement; None where it is a theorem's, or there is no goal."""
        if self.goal is None or self.theorem is not None:
            return None
        return Statement(self.goal[1], self.hyps, self.disjoint, self.before)


def task_directives(target: Goal, database: tuple[str, str]) -> Directives:
    """Database and task of a target: a theorem's label, or a statement. Goal and statement's hash are added
    where the program is made.
    """
    out: Directives = [(".database", list(database))]
    if isinstance(target, str):
        return [*out, (".theorem", [target])]
    out += [(".hypothesis", list(h)) for h in target.hyps]
    out += [(".distinct", list(d)) for d in target.disjoint]
    return [*out, (".before", [target.before])] if target.before else out


def entries_of(library: str) -> dict[str, Pinned]:
    """The composites of a ``library.json`` by name, in its order."""
    found = {}
    for entry in json.loads(library)["entries"]:
        text = _compact(entry)
        found[str(entry["label"])] = Pinned(str(entry["label"]), _sha256(text), text)
    return found


def with_needed(names: Collection[str], entries: Mapping[str, Pinned]) -> list[Pinned]:
    """The composites of these names and those that they use, each after what it uses. Other names are passed over."""
    wanted, left = set(), [name for name in names if name in entries]
    while left:
        name = left.pop()
        if name not in wanted:
            wanted.add(name)
            body = json.loads(entries[name].entry or "{}").get("body", [])
            left += [step["label"] for step in body if step["label"] in entries]
    return [pinned for name, pinned in entries.items() if name in wanted]


def library_of(pinned: Sequence[Pinned], empty: str) -> str:
    """A ``library.json`` of these entries, for the database of the library `empty`. Raises `InputError` for an entry
    that has another hash or another name.
    """
    entries = []
    for one in pinned:
        try:
            entry = json.loads(one.entry or "")
            good = isinstance(entry, dict) and entry.get("label") == one.name
        except (ValueError, RecursionError):
            good = False
        if not good or _sha256(one.entry or "") != one.sha256:
            raise InputError(f"the entry of the composite {one.name} has another name or hash than the program says")
        entries.append(entry)
    head = {key: value for key, value in json.loads(empty).items() if key not in ("entries", "sha256")}
    return json.dumps({**head, "entries": entries, "sha256": _sha256(_compact(entries))}, ensure_ascii=False)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

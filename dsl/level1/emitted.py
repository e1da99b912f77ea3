"""The constraints that executed opcodes emit, from a trace: what holds between cells whatever ints were loaded.

A cell is written more than once, so a name is an address with the step that wrote it: ``1:0:0@7``; ``@0`` is what the
host loaded. MOV, MAP.add, MAP.sub, MAP.neg, MAP.mul (by a literal) and REDUCE.sum emit equalities, REDUCE.min and
REDUCE.max bounds, CMP orders (as the comparison came out). Other opcodes emit nothing, and so do these on cells that
hold no ints. `metadream.dsl.level1.constraints` derives claims from what was emitted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from metadream.dsl.level1.constraints import Constraint

_ADDRESS = r"\d+:\d+:\d+"
_RANGE = re.compile(rf"(\[?{_ADDRESS}\]?)\*(\d+)$")
_NEGATED = {"lt": ">=", "le": ">", "gt": "<=", "ge": "<", "ne": "="}
_RELATION = {"eq": "=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def _packed(address: str) -> int:
    page, block, slot = map(int, address.split(":"))
    return page << 8 | block << 4 | slot


@dataclass
class Emitted:
    """Constraints, and which step wrote each cell last."""

    constraints: list[Constraint] = field(default_factory=list)
    cells: dict[int, tuple[int, str, Any]] = field(default_factory=dict)  # address: step, tag, value

    def at_end(self, text: str) -> str:
        """A constraint over addresses as one over their contents at the end."""
        return re.sub(rf"({_ADDRESS})(?!@)", lambda m: self._name(_packed(m[1]), m[1]), text)

    def _name(self, packed: int, address: str | None = None) -> str:
        shown = address or f"{packed >> 8}:{packed >> 4 & 15}:{packed & 15}"
        return f"{shown}@{self.cells[packed][0] if packed in self.cells else 0}"

    def _place(self, operand: str) -> int | None:
        """The address that an operand names, through its ref if it is indirect."""
        if not operand.startswith("["):
            return _packed(operand) if re.fullmatch(_ADDRESS, operand) else None
        step_tag_value = self.cells.get(_packed(operand[1:-1]))
        return _packed(step_tag_value[2]) if step_tag_value and step_tag_value[1] == "ref" else None

    def _int(self, packed: int) -> dict[str, Fraction] | None:
        found = self.cells.get(packed)
        return {self._name(packed): Fraction(1)} if found and found[1] == "int" else None

    def _value(self, operand: str) -> dict[str, Fraction] | None:
        """An operand as a sum: literal (under "") or int cell; None if it is neither."""
        if operand.startswith("#"):
            return {"": Fraction(int(operand[1:]))}
        packed = self._place(operand)
        return None if packed is None else self._int(packed)

    def emit(self, left: Mapping[str, Fraction] | None, relation: str, *right: Mapping[str, Fraction] | None) -> None:
        """Add left relation (sum of right), unless a part is no int."""
        if left is None or None in right:
            return
        total = dict(left)
        for part in right:
            for name, factor in (part or {}).items():
                total[name] = total.get(name, Fraction(0)) - factor
        bound = -total.pop("", Fraction(0))
        self.constraints.append(Constraint(tuple(sorted((n, f) for n, f in total.items() if f)), relation, bound))


def _times(factor: int, part: Mapping[str, Fraction] | None) -> dict[str, Fraction] | None:
    return None if part is None else {name: factor * f for name, f in part.items()}


def _map(e: Emitted, name: str, operands: list[str], written: list[tuple[int, dict[str, Fraction]]]) -> None:
    """MAP: each written cell from the cell at the same place of the range."""
    span = _RANGE.match(operands[1])
    first = e._place(span[1]) if span else None
    target = e._place(operands[0])
    if first is None or target is None:
        return
    second = e._value(operands[2]) if len(operands) > 2 else None
    literal = second is not None and set(second) == {""}
    for packed, new in written:
        source = e._int(first + packed - target)
        if name == "copy":
            e.emit(new, "=", source)
        elif name in ("add", "sub"):
            e.emit(new, "=", source, _times(1 if name == "add" else -1, second))
        elif name == "neg":
            e.emit(new, "=", _times(-1, source))
        elif name == "mul" and literal and second is not None:
            e.emit(new, "=", _times(int(second[""]), source))


def _reduce(e: Emitted, name: str, operands: list[str], new: dict[str, Fraction]) -> None:
    span = _RANGE.match(operands[1])
    first = e._place(span[1]) if span else None
    if span is None or first is None:
        return
    parts = [e._int(packed) for packed in sorted(e.cells) if first <= packed < first + int(span[2])]
    if name == "sum":
        e.emit(new, "=", *parts)
    elif name in ("min", "max"):
        for part in parts:
            e.emit(new, "<=" if name == "min" else ">=", part)


def _compare(e: Emitted, name: str, operands: list[str], holds: bool) -> None:
    relation = (_RELATION if holds else _NEGATED).get(name)
    if relation is not None:
        e.emit(e._value(operands[1]), relation, e._value(operands[2]))


def _event(e: Emitted, event: Mapping[str, Any]) -> None:
    """What one executed instruction emits; then its writes count."""
    words = re.sub(r"^[?!]\S+\s+", "", event["instruction"]).split(None, 1)
    opcode, _, name = words[0].partition(".")
    operands = re.split(r",\s*", words[1]) if len(words) > 1 else []
    step = int(event["step"])
    writes = [(_packed(w["address"]), w["tag"], w["value"]) for w in event["writes"]]
    written = [
        (packed, {f"{packed >> 8}:{packed >> 4 & 15}:{packed & 15}@{step}": Fraction(1)})
        for packed, tag, _ in writes
        if tag == "int"
    ]
    if opcode == "MOV" and written:
        e.emit(written[0][1], "=", e._value(operands[1]))
    elif opcode == "MAP":
        _map(e, name or "copy", operands, written)
    elif opcode == "REDUCE" and written:
        _reduce(e, name or "sum", operands, written[0][1])
    elif opcode == "CMP" and writes:
        _compare(e, name or "eq", operands, writes[0][2] in (True, "true"))
    e.cells |= {packed: (step, tag, value) for packed, tag, value in writes}


def emitted(loaded: Iterable[Mapping[str, Any]], events: Iterable[str]) -> Emitted:
    """The constraints of a run: `loaded` are the cells before it (``Machine.cells``), `events` its trace's events.

    A child that was dropped leaves its constraints, which hold of its own writes, but not its writes.
    """
    e = Emitted(cells={_packed(c["address"]): (0, c["tag"], c["value"]) for c in loaded})
    kept: list[dict[int, tuple[int, str, Any]]] = []
    for event in map(json.loads, events):
        while len(kept) < event["depth"]:
            kept.append(dict(e.cells))
        if len(kept) > event["depth"]:
            before = kept[event["depth"]]
            del kept[event["depth"] :]
            claimed = event["obligation"]
            if claimed is None or "adopted true" not in claimed["detail"][0]:
                e.cells = before
        if event["executed"] and event["fault"] is None:
            _event(e, event)
    return e

"""Cells, links, events and endings of a run in a form for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from metadream.metamath_db.terminal.counted import counted

SHOWN = 200  # letters of a formula in a line


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} ... ({len(text)} letters)"


def content_text(content: Mapping[str, Any] | None) -> str:
    """One cell's content: ``goal |- ( ph -> ph ), by ax-mp``, ``int 3``, ``empty``."""
    if content is None:
        return "empty"
    tag, value = content["tag"], content["value"]
    if tag in ("term", "goal", "fact"):
        shown = content.get("formula" if tag == "term" else "statement")
        said = value if shown is None else shown
        if said is None:
            said = f"<term {content['term'][:16]}>"
        state = ""
        if tag == "goal":
            state = ", open" if content["step"] is None else f", by {content['step']}"
        return f"{tag} {_cut(said)}{state}"
    if tag == "bool":
        return f"bool {'true' if value else 'false'}"
    if tag == "pair":
        return f"pair {value[0]} {value[1]}"
    if tag == "bytes":
        return f"bytes {value!r}"
    return f"{tag} {value}"


def cell_lines(cells: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each cell, addresses aligned."""
    width = max((len(cell["address"]) for cell in cells), default=0)
    return [f"  {cell['address']:<{width}}  {content_text(cell)}" for cell in cells]


def link_text(link: Sequence[str]) -> str:
    """``1:0:0 subgoal 1:0:1``."""
    return f"{link[0]} {link[1]} {link[2]}"


def event_lines(event: Mapping[str, Any]) -> list[str]:
    """One step of a trace: the instruction, what it wrote and linked, what it claims, its fault."""
    indent = "  " * event["depth"]
    skipped = "" if event["executed"] else "   (not executed)"
    head = f"head {event['head']}  " if "head" in event else ""
    lines = [f"{event['step']:>6}  {head}{indent}%{event['block']} {event['index']}: {event['instruction']}{skipped}"]
    margin = " " * (8 + len(head)) + indent + "    "
    for written in event["writes"]:
        step = f", {written['step']}" if written.get("step") else ""
        lines.append(f"{margin}{written['address']} = {written['tag']} {_cut(written['value'])}{step}")
    lines.extend(f"{margin}link {link['from']} {link['kind']} {link['to']}" for link in event["links"])
    claimed = event["obligation"]
    if claimed is not None:
        detail = f": {'; '.join(_cut(d) for d in claimed['detail'])}" if claimed["detail"] else ""
        lines.append(f"{margin}claim {claimed['id']} {claimed['claim']} ({claimed['discharge']}){detail}")
    fault = event["fault"]
    if fault is not None:
        at = f" at {fault['address']}" if fault["address"] else ""
        lines.append(f"{margin}fault {fault['kind']}{at}: {fault['claim']}")
    return lines


def ending_text(ended: Mapping[str, Any], place: str = "") -> str:
    """How a run ended, in one line; `place` is the file and line of a fault."""
    fault = ended["fault"]
    if fault is not None:
        at = f", cell {fault['address']}" if fault["address"] else ""
        where = f"{fault['opcode']}, block {fault['block']}, instruction {fault['instruction']}{at}"
        return f"{place}: fault {fault['kind']} after {counted(ended['steps'], 'step')}: {where}: {fault['claim']}"
    if ended["stop"] == "halted":
        return f"halted with status {ended['status']} after {counted(ended['steps'], 'step')}"
    if ended["stop"] == "budget":
        return f"the budget of {counted(ended['steps'], 'step')} is used up; give more with --budget"
    return f"came to its end after {counted(ended['steps'], 'step')}"

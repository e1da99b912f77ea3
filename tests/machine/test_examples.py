"""The worked examples of docs/examples.md that reason by Level 1: what the page says is in the cells at the end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from metadream._core import Machine, Program
from metadream.cli import main

ROOT = Path(__file__).resolve().parents[2] / "docs"


def finished(name: str) -> Machine:
    """The machine after an example, which must halt with status 0."""
    machine = Machine()
    end = machine.run(Program.assemble((ROOT / "examples" / name).read_text()), 10_000)
    assert (end["stop"], end["status"]) == ("halted", 0), end
    return machine


def values(machine: Machine, first: str, length: int) -> list[Any]:
    """The values of the written cells of a range."""
    return [cell["value"] for cell in machine.cells(first, length)]


def certificates(machine: Machine, opcode: str) -> list[list[str]]:
    """The certificates that the opcode left, in order."""
    events = [json.loads(event) for event in machine.events()]
    return [e["obligation"]["detail"] for e in events if e["instruction"].startswith(opcode)]


def test_the_way_from_aldby_to_ferns() -> None:
    machine = finished("map.asm")
    assert values(machine, "3:0:0", 7) == [0, 7, 9, 20, 20, 11, -1]
    assert values(machine, "5:0:0", 7) == [11, 2, "1:1:6", "4:1:6", "1:0:2", "Corley", True]


def test_exact_linear_systems() -> None:
    machine = finished("linear.asm")
    assert values(machine, "2:0:0", 13) == [3, 1, 0, 0, 2, 0, 1, 0, 3, 0, 0, 1, -1]
    assert values(machine, "4:0:0", 7) == [2, 5, 0, 8, 0, 5, 3]
    assert all(any(line.startswith("to ") for line in lines) for lines in certificates(machine, "GAUSSJ"))


def test_knights_liars_and_coins() -> None:
    machine = finished("puzzle.asm")
    assert values(machine, "2:0:0", 4) == [1, True, False, True]
    assert values(machine, "3:0:0", 4) == [0]
    assert values(machine, "6:0:5", 4) == [4, 1, 7, 1]
    assert certificates(machine, "SATCHECK")[1][-1] == "rup"


def heads(capsys: pytest.CaptureFixture[str], masks: Path, *names: str) -> tuple[int, dict[str, Any]]:
    """Exit status and answer of the examples' heads."""
    files = [str(ROOT / "examples" / "heads" / name) for name in names]
    status = main(["run", *files, "--masks", str(masks), "--trace", "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_heads_cooperate_and_a_breach_changes_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    masks = ROOT / "examples" / "heads" / "masks.json"
    status, data = heads(capsys, masks, "north.asm", "south.asm", "auditor.asm")
    north, south, auditor = data["heads"]
    assert (north["stop"], north["steps"]) == ("halted", 8)
    assert (south["stop"], south["steps"]) == ("halted", 7)  # six instructions and a wait
    fault = {key: auditor["fault"][key] for key in ("kind", "opcode", "address", "line")}
    assert fault == {"kind": "mask", "opcode": "MOV", "address": "1:0:0", "line": 5}
    assert status == 1 and data["fault"] == auditor["fault"]
    cells = {cell["address"]: cell["value"] for cell in data["cells"]}
    assert [cells[a] for a in ("1:0:0", "3:0:0", "3:0:1", "1:1:2", "1:1:3", "4:0:1")] == [7, 18, 39, 1, 57, 7]
    assert {event["head"] for event in data["trace"]} == {0, 1, 2}

    two = tmp_path / "masks.json"
    two.write_text(json.dumps(json.loads(masks.read_text())[:2]))
    status, alone = heads(capsys, two, "north.asm", "south.asm")
    assert (status, alone["stop"], alone["fault"]) == (0, "halted", None)
    kept = {cell["address"]: cell["value"] for cell in alone["cells"]}
    assert kept == {a: v for a, v in cells.items() if not a.startswith("4:")}


def test_the_page_names_every_example() -> None:
    page = (ROOT / "examples.md").read_text()
    missing = [path.name for path in (ROOT / "examples").glob("*.asm") if path.name not in page]
    assert not missing

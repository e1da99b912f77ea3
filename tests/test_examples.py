"""The worked examples of docs/examples.md that reason by Level 1: what the page says is in the cells at the end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from metadream._core import Machine, Program

ROOT = Path(__file__).resolve().parent.parent / "docs"


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


def test_the_page_names_every_example() -> None:
    page = (ROOT / "examples.md").read_text()
    missing = [path.name for path in (ROOT / "examples").glob("*.asm") if path.name not in page]
    assert not missing


def test_the_page_s_code_runs() -> None:
    page = (ROOT / "examples.md").read_text()
    code = page.split("```python\n")[1].split("```")[0]
    names: dict[str, Any] = {}
    exec(code, names)  # our own page
    assert names["ledger"].audit() == 1

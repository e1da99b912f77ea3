"""Macros learned from programs of the machine: the same programs again, and nothing that loses."""

import json
from pathlib import Path

import pytest

from metadream._core import Machine, Program, learn_macros
from metadream.cli import main

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([*ROOT.glob("dsl/level1/programs/*.asm"), *ROOT.glob("docs/examples/*.asm")])


def test_the_programs_of_the_repository_come_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "learned"
    assert main(["library", "macros", *map(str, SOURCES), "-o", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["macros"]
    assert told["before"] - told["after"] == sum(m["saved"] for m in told["macros"])
    assert all(m["saved"] == m["uses"] * (len(m["body"]) - 1) - len(m["body"]) - 1 > 0 for m in told["macros"])
    for source in SOURCES:
        binary = tmp_path / f"{source.stem}.mdpg"
        text = folder / f"{source.stem}.asm"
        assert main(["asm", str(text), "--macros", str(folder / "macros.asm"), "-o", str(binary), "--json"]) == 0
        capsys.readouterr()
        assert binary.read_bytes() == Program.assemble(source.read_text()).encode(), source


def test_a_program_with_calls_runs_as_its_expansion() -> None:
    text = (ROOT / "docs" / "examples" / "map.asm").read_text()
    plain = Program.assemble(text)
    learned = learn_macros([plain])
    called = Program.assemble(learned["programs"][0], learned["text"])
    ends = []
    for program in (plain, called):
        machine = Machine()
        ends.append((machine.run(program, 10_000), machine.hashes()))
    assert learned["macros"]
    assert ends[0][0]["stop"] == "halted"
    assert ends[0] == ends[1]


def test_bad_definitions_are_named_with_their_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    macros, program = tmp_path / "macros.asm", tmp_path / "p.asm"
    macros.write_text(".macro m a\n MOV $b, #1\n.end\n")
    program.write_text(".block main\n m 1:0:0\n")
    assert main(["asm", str(program), "--macros", str(macros)]) == 2
    assert f"{macros}:2:6: expected a parameter of the macro" in capsys.readouterr().err

"""Parts of `make figures` read what their commands print."""

import json
from pathlib import Path

import pytest

from figures import words
from figures.declare import Answers, Figure, Part
from figures.environment import machine
from figures.parts.provers import ENVIRONMENT, STATES
from figures.result import Result
from metadream.cli import main
from metadream.wake_sleep.states.rows import SCHEMA, PartFiles


def answers(commands: list[list[str]], folder: Path, capsys: pytest.CaptureFixture[str]) -> Answers:
    """What these commands print."""
    texts = []
    for command in commands:
        assert main(command) == 0
        texts.append(capsys.readouterr().out)
    return Answers(texts, [1.5] * len(texts), [1] * len(texts), folder)


def measured(part: Part, figure: Figure, found: Answers) -> Result:
    """The result that is kept, as its file gives it back."""
    values = json.loads(json.dumps(figure.values(found)))
    commands = figure.commands
    return Result(part.name, figure.id, None, commands, values, None, False, "0", machine(), (0, 1), "2026-12-01", 1, 2)


def named(part: Part, identifier: str) -> Figure:
    [figure] = [figure for figure in part.figures if figure.id == identifier]
    return figure


def decisions(folder: Path) -> None:
    """Proof states with enough decisions for the baselines."""
    folder.mkdir()
    kinds = [("A = B", "eq", 2), ("A e. B", "el", 40), ("A = C", "eq", 2)]
    same = dict.fromkeys(SCHEMA.names) | {"gamma": ["ph"], "decision": True}
    for part, count in (("train", 60), ("valid", 30)):
        with PartFiles(folder, part, ["parquet"]) as out:
            for i in range(count):
                goal, move, steps = kinds[i % 3]
                out.write([same | {"task": f"t{i}", "goal": goal, "move": move, "steps_to_go": steps}])


def test_the_states_part(small_database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out")
    export = ["data", "export", "states", "--database", str(small_database), "-o", out, "--json"]
    decisions(tmp_path / "more")
    found = answers([export, ["bench", "states", str(tmp_path / "more"), "--json"]], tmp_path, capsys)
    counts, bench = found.json(0)["parts"], found.json(1)
    assert {figure.id for figure in STATES.figures} == {"ql", "set"}
    for figure in STATES.figures:
        assert f"--database {figure.id} " in figure.commands[0]
        data, tasks = STATES.tables([measured(STATES, figure, found)])
        [size] = data.rows
        assert size[0] == figure.id and size[3] == f"{sum(part['rows'] for part in counts.values()):,}"
        assert len(tasks.rows) == 2
        for row, task in zip(tasks.rows, ("steps", "move"), strict=True):
            assert row[3] == f"{bench[task]['n']:,}"
            for cell, name in zip(row[4:], ("accuracy", "majority", "difference"), strict=True):
                mean = words.percent(bench[task][name]["mean"])
                assert cell == f"{mean} ({words.interval(bench[task][name]['interval'])})"
    assert STATES.tables([]) == []


def test_the_environment_part(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = answers([["bench", "environment", "--database", "starter", "--seconds", "0.5", "--json"]], tmp_path, capsys)
    assert {figure.id for figure in ENVIRONMENT.figures} == {"starter", "set"}
    assert named(ENVIRONMENT, "starter").needs == () and named(ENVIRONMENT, "set").needs == ("set",)
    [table] = ENVIRONMENT.tables([measured(ENVIRONMENT, named(ENVIRONMENT, "starter"), found)])
    [row] = table.rows
    assert len(row) == len(table.header) and row[0] == "starter"
    assert all(float(cell.replace(",", "")) > 0 for cell in row[1:])
    assert ENVIRONMENT.tables([]) == []

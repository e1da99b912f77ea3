"""What CONTRIBUTING.md says: its files and names are there, its recipes are short, and its examples run."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from metadream import cli
from metadream._core import Machine, Program, Ranker
from metadream._core import search as core_search
from metadream.dsl import handlers
from metadream.metamath_db.core import load_theory
from metadream.metamath_db.data import DEBIAN, STARTER, resolve_database
from metadream.wake_sleep.search.options import search_options

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md"]
TEXT = (ROOT / "CONTRIBUTING.md").read_text()
RECIPES = dict(re.findall(r"^## (An? .*?)\n(.*?)(?=^## |\Z)", TEXT.partition("# How to add")[2], re.M | re.S))
MOST_LINES = 50
PLACE = re.compile(
    r"(?:metamath_db|dsl|compression|wake_sleep|core|src|tests|docs|benchmarks)/[\w./-]*|\w+\.(?:py|rs|md|toml|lock)"
)
BUILT = {"site/"}


def quoted(text: str) -> list[str]:
    """What stands in backticks, outside code blocks."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))


def is_there(name: str) -> bool:
    """Whether a path leads somewhere from the root; a name alone stands for a file anywhere in the sources."""
    if "/" in name:
        return (ROOT / name).exists() or name in BUILT
    folders = [ROOT / folder for folder in ("metamath_db", "dsl", "compression", "wake_sleep", "core")]
    return (ROOT / name).exists() or any(next(folder.rglob(name), None) for folder in folders)


@pytest.mark.parametrize("page", PAGES)
def test_named_files_are_there(page: str) -> None:
    named = [name for name in quoted((ROOT / page).read_text()) if PLACE.fullmatch(name)]
    assert len(named) > 5
    assert [name for name in named if not is_there(name)] == []


@pytest.mark.parametrize(
    ("name", "there"), [("core/src/", True), ("core/gone/", False), ("isa.rs", True), ("x.py", False)]
)
def test_a_file_that_is_gone_is_seen(name: str, there: bool) -> None:
    assert PLACE.fullmatch(name)
    assert is_there(name) == there


def named_in_files(text: str) -> Iterator[tuple[str, str]]:
    """Each "`name` in `file`" of a text; "`a`, `b` in `file`" gives two."""
    for names, place in re.findall(r"((?:`\w+`(?:, | and )?)+) in\s+`([\w./]+\.(?:rs|py))`", text):
        yield from ((name, place) for name in re.findall(r"\w+", names) if name != "and")


def test_named_things_stand_in_their_files() -> None:
    found = list(named_in_files(TEXT))
    assert len(found) >= 12
    wrong = [f"{name} in {place}" for name, place in found if not re.search(rf"\b{name}\b", (ROOT / place).read_text())]
    assert wrong == []


def test_a_thing_that_is_gone_is_seen() -> None:
    assert list(named_in_files("see `f`, `g` in\n`a/b.py`, and `h` in `c.md`")) == [("f", "a/b.py"), ("g", "a/b.py")]


def test_there_is_a_short_recipe_for_each_thing() -> None:
    assert list(RECIPES) == ["A command", "An opcode", "A closer", "A model", "A database"]
    assert {title: body.count("\n") for title, body in RECIPES.items() if body.count("\n") >= MOST_LINES} == {}


def example(title: str) -> dict[str, Any]:
    """What a recipe's Python defines."""
    [code] = re.findall(r"^```python\n(.*?)^```", RECIPES[title], re.M | re.S)
    names: dict[str, Any] = {}
    exec(compile(code, f"CONTRIBUTING.md: {title}", "exec"), names)
    return names


def test_the_command_answers_as_all_do(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    count = example("A command")["count"]
    monkeypatch.setattr(cli, "app", cli._group("", {**cli.COMMANDS, "count": count}))
    assert cli.main(["count", "--json"]) == 0
    theorems = len(load_theory(resolve_database(STARTER)).theorems())
    assert json.loads(capsys.readouterr().out) == {"theorems": theorems}
    assert cli.main(["count", "--database", "gone"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_handler_answers_its_opcode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "_makers", {})
    example("An opcode")
    [opcode] = handlers.declared()
    machine = Machine()
    handlers.attach(machine, handlers.Session())
    program = f".block main\nMOV 1:0:0, #5\n{opcode} 2:0:0, 1:0:0, 1:0:0*1, #1, #1"
    assert machine.run(Program.assemble(program), 10)["stop"] == "end"
    cell = machine.cell("2:0:0")
    assert cell is not None
    assert cell["value"] == 0


@pytest.mark.parametrize("opcode", ["ABDUCE", "SATCHECK"])
def test_an_opcode_has_a_row_and_a_section(opcode: str) -> None:
    page = (ROOT / "docs" / "isa.md").read_text()
    assert re.search(rf"^\| 0x\w\w \| {opcode} \|", page, re.M)
    assert f"\n### {opcode}\n" in page


def test_the_proposer_is_asked() -> None:
    asked = []

    def noted(question: dict[str, Any]) -> list[float]:
        asked.append(question)
        scores: list[float] = example("A model")["shortest_first"](question)
        return scores

    theory, ranker = load_theory(ROOT / "core" / "src" / "wake_sleep" / "inference" / "fixture.mm"), Ranker(0)
    human = theory.theorems()
    ranker.fit(theory, [], human, 0)
    ranker.fit_moves(theory, [], human, 1)
    for label in human[:20]:
        core_search(theory, ranker, label, search_options(50, moves="content"), proposer=noted)
    assert asked
    assert all(question["moves"] for question in asked)


MINE = """$c ( ) -> wff |- $. $v p q $. wp $f wff p $. wq $f wff q $. wi $a wff ( p -> q ) $.
${ min $e |- p $. maj $e |- ( p -> q ) $. mp $a |- q $. $} ax-1 $a |- ( p -> ( q -> p ) ) $.
${ a1i.1 $e |- p $. a1i $p |- ( q -> p ) $= wp wq wp wi a1i.1 wp wq ax-1 mp $. $}
"""


def test_a_database_gets_a_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.mm").write_text(MINE)
    [commands] = re.findall(r"^```\n(.*?)^```", RECIPES["A database"], re.M | re.S)
    for line in commands.splitlines():
        arguments = line.replace("FILE", str(tmp_path / "mine.mm")).split()[1:]
        assert cli.main(arguments) == 0, (line, capsys.readouterr())
    licences = (ROOT / "docs" / "data-licences.md").read_text()
    assert [name for name in DEBIAN if f"`{name}`" not in licences] == []

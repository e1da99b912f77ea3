"""Every command that README and docs show is run, word for word, on a small database that has the names in it.

What cannot run here is listed with the reason. Commands in running text and in what the program says are looked at:
the verb and the options that they name must be there.
"""

import contextlib
import io
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

from figures.parts import PARTS
from metadream import _core, cli
from metadream.metamath_db import data
from metadream.metamath_db.core import load_theory
from metadream.wake_sleep.search.options import search_options

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    "README.md",
    *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))),
    "benchmarks/README.md",
]
README = (ROOT / "README.md").read_text()
COMMAND = re.compile(r"(?:\$ )?((?:metadream|python|make|cargo|\./cli\.py) .*)")
HERE = re.compile(r"^\$ cat > (\S+) <<'END'\n(.*?)^END$", re.DOTALL | re.MULTILINE)  # a file that a reader writes
NOT_RUN = {  # command -> why
    "metadream data get set metamath": "asks Debian, over the network",
    r"metadream prove '|- ( ( A e. RR /\ 0 < A ) -> A <_ ( A ^ 2 ) )' --database set": "needs arithmetic",
}
STATUS = {  # command -> the status that it has on the small database, where it is not 0
    "metadream propose --database ql --limit 2": "0 or 1: is a lemma worth it?",
    'metadream propose --database set --section "Functions" --limit 10 -o table.html': "0 or 1: is a lemma worth it?",
    'metadream propose --database set --export new.mm --contributor "Your Name"': "0 or 1: is a lemma worth it?",
    'metadream export --run runs/set --style setmm --contributor "Your Name" -o new.mm': "0 or 1: is a lemma worth it?",
}


@dataclass(frozen=True)
class Shown:
    """A command of a document, with its place."""

    place: str
    text: str


def shown() -> Iterator[Shown]:
    """The commands in the fenced blocks of the documents, those in their comments too, in order."""
    for name in DOCUMENTS:
        fenced, before = False, ""
        for number, line in enumerate((ROOT / name).read_text().splitlines(), 1):
            if line.lstrip().startswith("```"):
                fenced = not fenced
            elif fenced and line.endswith("\\"):
                before += line[:-1]
            elif fenced:
                command, _, comment = (before + line).partition(" #")
                before = ""
                if found := COMMAND.fullmatch(command.strip()):
                    yield Shown(f"{name}:{number}", found[1])
                    if also := re.search(r"metadream [a-z].*", comment):
                        yield Shown(f"{name}:{number}", also[0])


def spans() -> Iterator[Shown]:
    """The commands in the running text of the documents, and in what the program says."""
    for name in DOCUMENTS:
        for number, line in enumerate((ROOT / name).read_text().splitlines(), 1):
            for text in re.findall(r"`(metadream [a-z][^`]*)`", line):
                yield from (Shown(f"{name}:{number}", part) for part in text.split(" && "))
    for part in PARTS:
        for figure in part.figures:
            for text in figure.filled(None):
                for command in re.findall(r"metadream [a-z](?:(?!\$\()[^|;>)])*", text):
                    yield Shown(f"{part.name}/{figure.id}", command)
    for folder in ("metamath_db", "dsl", "compression", "wake_sleep"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for text in re.findall(r"'(metadream [a-z][^'{]*)'", path.read_text()):
                yield Shown(str(path.relative_to(ROOT)), text)


NUMBERS = """
$(
#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#
                              Numbers
#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#
$)
$c class 2 4 + = $.
$v A B $.
cA $f class A $.
cB $f class B $.
c2 $a class 2 $.
c4 $a class 4 $.
cadd $a class ( A + B ) $.
wceq $a wff A = B $.
$( Two and two, under a condition that holds. $)
ax-add $a |- ( ( ph -> ph ) -> ( 2 + 2 ) = 4 ) $.

$(
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
                              Functions
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
$)
"""
SHEET = """$( <MM> <PROOF_ASST> THEOREM=mine LOC_AFTER=?

qed:: |- ( ( ph -> ps ) -> ( ph -> ps ) )

$)
"""


def small_database(path: Path) -> None:
    """A part of the starter database, with syl and some mp*, numbers, a section on functions, and short proofs."""
    lines = data.resolve_database(data.STARTER).read_text().splitlines(keepends=True)
    heading = [i for i, line in enumerate(lines) if "=-=-" in line and lines[i - 1].strip() == "$("]
    syl = next(i for i, line in enumerate(lines) if line.strip().startswith("syl $p"))
    first = max(i for i in heading if i < syl) - 1
    end = next(i for i, line in enumerate(lines) if i > syl + 110 and not line.strip()) + 1
    rules = [f"  com2{i} $p |- ( ph -> ( ps -> ( ch -> {x} ) ) ) $= ? $.\n" for i, x in enumerate(("ph", "ps", "ch"))]
    path.write_text("".join([*lines[: heading[3] - 1], *lines[first:end], NUMBERS, *rules]))
    theory = load_theory(path)
    ranker = _core.Ranker(0)
    ranker.fit(theory, [], [], 0)
    found = [_core.search(theory, ranker, label, search_options(300))["proof"] for label in theory.theorems()]
    text = theory.database_with_library([proof for proof in found if proof is not None])
    path.write_bytes(re.sub(rb"\$p([^$]*)\$= \? \$\.", rb"$a\1$.", text))  # what the short search left open


def prepare(folder: Path, cache: Path) -> None:
    """Everything that the commands name: databases in the cache, files, examples."""
    small = folder / "small.mm"
    small_database(small)
    for name in ("set", "iset", "nf", "ql", "hol"):
        (cache / "metadream" / "data").mkdir(parents=True, exist_ok=True)
        data.get(name, str(small))
    shutil.copy(small, folder / "FILE")
    (folder / "mine.mm").write_text("mine $p |- ( ( ph -> ps ) -> ( ph -> ps ) ) $= ? $.\n")
    (folder / "mine.mmp").write_text(SHEET)
    (folder / "programs.json").write_text('["(f (g a b) (g b a))", "(f (g a c) (g c a))", "(f (g b c) (g c b))"]')
    for name in DOCUMENTS:
        for file, text in HERE.findall((ROOT / name).read_text()):
            (folder / file).write_text(text)
    shutil.copytree(ROOT / "docs", folder / "docs")
    assert "Functions" in small.read_text()
    assert cli.main(["learn", "--run", str(folder / "runs" / "demo"), "--cycles", "1", "--tasks", "60"]) == 0
    small.unlink()


Results = dict[str, tuple[int, str, str]]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Status, standard error and standard output of each command, run in the documents' order in one folder."""
    folder, cache = tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("cache")
    before, old = Path.cwd(), os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(cache)
    done: Results = {}
    try:
        prepare(folder, cache)
        os.chdir(folder)
        for command in shown():
            if command.text in NOT_RUN or command.text in done or not command.text.startswith("metadream "):
                continue
            said, answer = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(answer), contextlib.redirect_stderr(said):
                status = cli.main(shlex.split(command.text)[1:])
            done[command.text] = status, said.getvalue(), answer.getvalue()
    finally:
        os.chdir(before)
        os.environ.pop("XDG_CACHE_HOME")
        if old is not None:
            os.environ["XDG_CACHE_HOME"] = old
    return done


@pytest.mark.parametrize("command", list(shown()), ids=lambda command: command.text)
def test_a_documented_command_runs_word_for_word(results: Results, command: Shown) -> None:
    if command.text in NOT_RUN or command.text.startswith("make "):  # targets and parts are looked at below
        return
    assert command.text in results, f"{command.place}: say in NOT_RUN why it cannot run here"
    status, said, _ = results[command.text]
    allowed = (0, 1) if command.text in STATUS else (0,)
    assert status in allowed, f"{command.place}: status {status}\n{said}"


def lasting(text: str) -> list[str]:
    """The lines of an answer, but for times and hashes."""
    return re.sub(r"\d+\.\d\d s|[0-9a-f]{16}", "…", text).strip().splitlines()


@pytest.mark.parametrize("command", ["metadream prove a1i", "metadream run docs/examples/abduce.asm"])
def test_answers_that_the_readme_shows_are_those_of_the_commands(results: Results, command: str) -> None:
    [shown_answer] = re.findall(rf"^\$ {re.escape(command)}\n(.*?)^(?:\$ |```)", README, re.DOTALL | re.MULTILINE)
    assert lasting(shown_answer) == lasting(results[command][2])


@pytest.mark.parametrize("table", [NOT_RUN, STATUS])
def test_what_is_said_of_commands_is_not_stale(table: dict[str, str]) -> None:
    assert set(table) - {command.text for command in shown()} == set()


def option_names(words: list[str]) -> set[str]:
    """The options of the verb that the words begin with. Raises `KeyError` for none."""
    verb: Any = typer.main.get_command(cli.app)
    while hasattr(verb, "commands") and words:
        verb = verb.commands[words.pop(0)]
    return {name for parameter in verb.params for name in (*parameter.opts, *parameter.secondary_opts)} | {"--help"}


@pytest.mark.parametrize("command", list(spans()), ids=lambda command: f"{command.place} {command.text}")
def test_a_command_in_running_text_has_its_verb_and_options(command: Shown) -> None:
    words = shlex.split(command.text)[1:]
    named = {word.partition("=")[0] for word in words if word.startswith("-")}
    assert named - option_names(words) == set()


def test_targets_of_make_and_parts_of_figures_are_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    parts = {part.name: {figure.id for figure in part.figures} for part in PARTS} | {"none": set()}
    for name in [*DOCUMENTS, "BENCHMARKS.md", "CONTRIBUTING.md", "ARCHITECTURE.md"]:
        text = (ROOT / name).read_text()
        for target in re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE):
            assert target in targets, f"{name}: make {target}"
        for quoted, plain in re.findall(r"`?make figures [^`\n#]*PART=(?:\"([^\"]*)\"|(\S+?))[`\s]", text):
            for part, _, figure in (word.partition("/") for word in (quoted or plain).split()):
                assert part in parts and (not figure or figure in parts[part]), f"{name}: PART={part}/{figure}"

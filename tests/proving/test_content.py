"""Content programs: what a search in context decided, shown, written, and run again."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from metadream.dsl.programs.debug import Debugger
from metadream.dsl.programs.program_file import load_program
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.level2.execute import run
from metadream.wake_sleep.level2.machine_setup import MachineRequest, setup
from metadream.wake_sleep.prove.prove import prove
from metadream.wake_sleep.search.options import command_options

ROOT = Path(__file__).resolve().parents[2]
DATABASE = ROOT / "core" / "src" / "wake_sleep" / "inference" / "fixture.mm"
STATEMENT = "|- ( A e. B -> ( F ` ( F ` ( F ` A ) ) ) e. B )"


def answered(target: str, folder: Path, moves: str = "content") -> dict[str, Any]:
    """An answer and its folder; the proof stays as it was found."""
    found = prove(target, str(DATABASE), None, options=command_options(500, minimise=0, moves=moves), output=folder)
    assert found.status == 0, found.text()
    return dict(found.data)


def again(program: Path, output: Path | None = None) -> dict[str, Any]:
    """What running a file comes to."""
    done = run([program], MachineRequest(), 100_000, "none", False, output=output)
    assert done.status == 0, done.text()
    return dict(done.data)


def test_an_answers_content_program_gives_its_proof_again(tmp_path: Path) -> None:
    for number, target in enumerate(("tmix", "tfcl2", STATEMENT)):
        folder = tmp_path / str(number)
        data = answered(target, folder)
        text, written = data["content"]["text"], (folder / "content.txt").read_text()
        assert written.startswith(".content 1\n.database ")
        assert written.endswith("\n\n" + text)
        assert text.startswith("1  ") and "APPLY" in text and data["content"]["decisions"] > 0
        ran, asm = again(folder / "content.txt", tmp_path / f"{number}-again"), again(folder / "program.asm")
        for name in ("proof.json", "proof.mm"):
            assert (tmp_path / f"{number}-again" / name).read_bytes() == (folder / name).read_bytes()
        content = ran.pop("content")
        assert content == {"decisions": data["content"]["decisions"], "steps": data["steps"]}
        assert ran["proved"] == asm["proved"]  # the proof object and the slice that was judged, bit by bit
        assert set(ran) == set(asm)


def test_both_and_unify_say_what_they_found(tmp_path: Path) -> None:
    found = prove("tmix", str(DATABASE), options=command_options(500, moves="both"))
    assert found.data["content"]["decisions"] > 0
    assert "decided by" in found.text() and "APPLY" in found.text()
    data = answered("tmix", tmp_path / "unify", moves="unify")
    assert data["content"] is None
    assert not (tmp_path / "unify" / "content.txt").exists()


def test_a_changed_program_is_refused_with_its_line(tmp_path: Path) -> None:
    answered("tmix", tmp_path)
    file, changed = tmp_path / "content.txt", tmp_path / "changed.txt"
    text = file.read_text()
    first = next(number for number, line in enumerate(text.splitlines(), 1) if line.startswith("1  "))

    def changed_to(old: str, new: str) -> None:
        assert old in text, old
        changed.write_text(text.replace(old, new, 1))

    def refused(old: str, new: str) -> InputError:
        changed_to(old, new)
        with pytest.raises(InputError) as problem:
            again(changed)
        assert problem.value.file == str(changed)
        return problem.value

    def fault(old: str, new: str) -> dict[str, Any]:
        changed_to(old, new)
        done = run([changed], MachineRequest(), 100_000, "none", False)
        assert done.status == 1
        found: dict[str, Any] = done.data["fault"]
        assert f"{changed}:{found['line']}: fault {found['kind']}" in str(done.text())
        return found

    unknown = fault("1  APPLY eleq1", "1  APPLY eleq9")
    assert (unknown["line"], unknown["kind"], unknown["opcode"]) == (first, "label", "APPLY")
    assert "labelled 'eleq9'" in unknown["claim"]
    assert "found another sequent" in fault("|- ( F ` B ) e. C", "|- ( F ` B ) e. B")["claim"]
    assert refused("1  APPLY eleq1", "1 APPLY eleq1").line == first
    assert ".goal" in refused(".goal", ";").message
    statement = json.loads((tmp_path / "manifest.json").read_text())["statement_sha256"]
    changed_to(statement, "0" * 64)
    assert run([changed], MachineRequest(), 100_000, "none", False).status == 1
    assert "is not that file" in refused(text.split('"')[2].split()[0], "0" * 64).message
    changed.write_bytes(b".content 1\n\xff")
    with pytest.raises(InputError, match="UTF-8"):
        again(changed)


def program(folder: Path, target: str, nodes: str) -> Path:
    """A content program by hand: the head of an answer, other nodes."""
    head = (folder / "content.txt").read_text().split("\n\n", 1)[0]
    file = folder / f"{target}.txt"
    file.write_text(f"{head}\n\n{nodes}\n")
    return file


def test_the_search_fills_an_open_sequent(tmp_path: Path) -> None:
    answered("tfcl2", tmp_path)
    nodes = "1  APPLY fcl  from 2\n2  PLAN 200  :  A e. B  |- ( F ` A ) e. B"
    file = program(tmp_path, "planned", nodes)
    once, twice = again(file), again(file)
    assert once["proved"] is not None and once["trace_sha256"] == twice["trace_sha256"]
    assert once["content"]["decisions"] == 1
    for changed, kind in (
        (nodes.replace("PLAN 200", "PLAN 0"), "bound"),
        (nodes.replace("|- ( F ` A ) e. B", "|- ( F ` A ) e. C"), "unify"),
        ("1  PLAN 1", "unproved"),
    ):
        file = program(tmp_path, "bad", changed)
        fault = run([file], MachineRequest(), 1000, "none", False).data["fault"]
        assert (fault["kind"], fault["opcode"], fault["line"]) == (kind, "PLAN", file.read_text().count("\n")), fault


def test_debug_steps_through_decisions_and_shows_open_sequents(tmp_path: Path) -> None:
    answered("tfcl2", tmp_path)
    out = io.StringIO()
    loaded = load_program(tmp_path / "content.txt")
    debugger = Debugger(loaded, setup([loaded], MachineRequest()).loaded_machine, 1000)
    debugger.converse(io.StringIO("step\ngoals\ntrace 1\nshow\nback\ngoals\nquit\n"), out)
    said = out.getvalue()
    assert "goal A e. B  |- ( F ` A ) e. B, open" in said
    assert ", by APPLY fcl" in said
    assert "claim 1 decided (checked): answers A e. B  |- ( F ` ( F ` A ) ) e. B" in said
    assert "goal |- ( A e. B -> ( F ` ( F ` A ) ) e. B ), open" in said

"""Programs that know a library: composites by name, answers that run as they stand, Level 2 by a run's model."""

import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from metadream import _core
from metadream.cli import main
from metadream.dsl.handlers import Session, attach
from metadream.dsl.programs.directives import Pinned, entries_of, library_of, with_needed
from metadream.dsl.proofs import Proof
from metadream.metamath_db.core import load_theory
from metadream.metamath_db.data import resolve_database, sha256_of
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.loop.cycle import learn
from metadream.wake_sleep.loop.wake import Attempt, judge
from metadream.wake_sleep.model.prover import train
from metadream.wake_sleep.runs.folder import Folder
from metadream.wake_sleep.runs.state import rows_of

# its proof takes both lemmas that the run below learns
BY_LEMMAS = "|- ( th -> ( ( ph -> ps ) -> ( ( ch -> ph ) -> ( ch -> ps ) ) ) )"
ID = "MOV.goal 1:0:0, '(wi wph wph)"


@dataclass
class Done:
    """What one command came to."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


Command = Callable[..., Done]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command line in this process."""

    def run(*arguments: object, typed: str = "") -> Done:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        status = main([str(a) for a in arguments])
        found = capsys.readouterr()
        return Done(status, found.out, found.err)

    return run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one cycle over the starter database, which learns lemmas."""
    folder = tmp_path_factory.mktemp("library") / "run"
    learn("starter", folder, 1, 5, tasks=30, expansions=400, workers=2)
    return folder


@pytest.fixture(scope="module")
def answer(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An answer whose proof uses the run's lemmas."""
    folder = tmp_path_factory.mktemp("library") / "answer"
    assert main(["prove", BY_LEMMAS, "--run", str(run), "--expansions", "2000", "-o", str(folder)]) == 0
    return folder


def asm(path: Path, *lines: str) -> Path:
    """A program of one block; lines with a dot stand before it."""
    head = [line for line in lines if line.startswith(".")]
    path.write_text("\n".join([*head, ".block main", *(line for line in lines if not line.startswith("."))]) + "\n")
    return path


def same_proof(said: Command, answer: Path, program: Path, tmp_path: Path, *options: object) -> None:
    """The program proves what the answer says, bit by bit."""
    done = said("run", program, "-o", tmp_path / "again", "--json", *options)
    assert done.status == 0, done.err
    manifest = json.loads((answer / "manifest.json").read_text())
    for name in ("proof.json", "proof.mm"):
        assert (tmp_path / "again" / name).read_bytes() == (answer / name).read_bytes()
    proved = done.data["proved"]
    assert proved["statement_sha256"] == manifest["statement_sha256"]
    assert proved["mm_sha256"] == manifest["sha256"]["proof.mm"]
    assert proved["proof"] == json.loads((answer / "proof.json").read_text())["proof"]
    trace = json.loads((answer / "trace.jsonl").read_text().splitlines()[-1])["trace_sha256"]
    assert done.data["trace_sha256"] == trace, "the trace is the answer's, too"


# Answers


@pytest.mark.parametrize("target", ["id", "a1i", "|- ( ph -> ( ps -> ( ch -> ps ) ) )"])
def test_an_answers_program_runs_as_it_stands(said: Command, tmp_path: Path, target: str) -> None:
    answer = tmp_path / "answer"
    assert said("prove", target, "-o", answer).status == 0
    same_proof(said, answer, answer / "program.asm", tmp_path)
    assert said("asm", answer / "program.asm", "-o", tmp_path / "p.mdpg").status == 0
    same_proof(said, answer, tmp_path / "p.mdpg", tmp_path)
    assert "its goal is proved at 0:0:0" in said("run", answer / "program.asm").out


def test_an_answer_of_a_file_that_is_the_database_names_the_file(
    said: Command, tmp_path: Path, small_database: Path
) -> None:
    answer = tmp_path / "answer"
    assert said("prove", "id", "--database", small_database, "-o", answer).status == 0
    assert f'.database "{small_database}" {sha256_of(small_database)}' in (answer / "program.asm").read_text()
    same_proof(said, answer, answer / "program.asm", tmp_path)


def test_an_answer_by_lemmas_needs_no_run(said: Command, answer: Path, run: Path, tmp_path: Path) -> None:
    text = (answer / "program.asm").read_text()
    assert text.count(".composite md") == 2 and "@md1" in text and "@md2" in text
    same_proof(said, answer, answer / "program.asm", tmp_path)
    same_proof(said, answer, answer / "program.asm", tmp_path, "--run", run)
    first = said("run", answer / "program.asm", "--trace", "--json").out
    assert said("run", answer / "program.asm", "--trace", "--json").out == first


@pytest.mark.parametrize(
    ("old", "new", "status", "why"),
    [
        ('"starter" ', '"starter" 0', 2, "a SHA-256 in hexadecimal digits"),
        ("|- ( th -> ( ( ph", "|- ( ta -> ( ( ph", 1, "its goal is not proved"),
        (".statement ", "; ", 0, "its goal is proved"),
        (".goal 1:0:0", ".goal 1:0:9", 1, "fault empty"),
        (r"\"hypotheses\":[\"|- ph\"]", r"\"hypotheses\":[\"|- ps\"]", 2, "another name or hash"),
        (".composite md1 ", ".composite md3 ", 2, "the composite md3 has another name"),
        (".composite md1 ", "; ", 1, "fault label"),
        ("    ASSERT", "    ;", 1, "its goal is not proved"),
    ],
)
def test_a_changed_answer_is_refused(
    said: Command, answer: Path, tmp_path: Path, old: str, new: str, status: int, why: str
) -> None:
    text = (answer / "program.asm").read_text()
    assert old in text
    program = tmp_path / "changed.asm"
    program.write_text(text.replace(old, new, 1))
    done = said("run", program)
    assert done.status == status and why in done.out + done.err
    assert status != 2 or (done.err.count("\n") == 1 and str(program) in done.err)


def test_another_hash_is_another_database_statement_or_composite(said: Command, answer: Path, tmp_path: Path) -> None:
    program, text = tmp_path / "changed.asm", (answer / "program.asm").read_text()

    def changed(directive: str) -> Done:
        line = next(line for line in text.splitlines() if line.startswith(directive))
        hash_of = next(word for word in line.split() if len(word) == 64)
        program.write_text(text.replace(hash_of, "0" * 64))
        return said("run", program)

    assert "made for starter" in changed(".database").err
    assert changed(".statement").status == 1
    assert "another name or hash" in changed(".composite md1").err


def test_a_theorems_program_wants_that_theorem(said: Command, tmp_path: Path) -> None:
    answer = tmp_path / "answer"
    assert said("prove", "a1i", "-o", answer).status == 0
    text, program = (answer / "program.asm").read_text(), tmp_path / "p.asm"
    program.write_text(text.replace("( ps -> ph )", "( ph -> ps )"))
    assert "but a1i says" in said("run", program).err
    program.write_text(text.replace(".theorem a1i", ".theorem nothing"))
    assert "no theorem" in said("run", program).err
    done = said("run", answer / "program.asm", "--for", "id")
    assert done.status == 2 and "carries a task of its own" in done.err
    done = said("run", answer / "program.asm", answer / "program.asm")
    assert done.status == 2 and "runs alone" in done.err
    done = said("run", asm(tmp_path / "q.asm", "HALT #0"), "-o", tmp_path / "o")
    assert done.status == 2 and "carries none" in done.err


def test_what_learn_logs_runs_with_its_run(said: Command, run: Path, tmp_path: Path) -> None:
    rows = [row for row in rows_of(Folder(run), 1) if row["program"] is not None]
    assert rows
    for row in rows[::7]:
        program = tmp_path / "p.asm"
        program.write_text(row["program"])
        done = said("run", program, "--run", run, "--json")
        assert done.status == 0, done.err
        assert done.data["proved"]["proof"]["task"] == row["task"]


def test_a_logged_program_pins_its_lemmas(said: Command, run: Path, tmp_path: Path, answer: Path) -> None:
    theory = load_theory(resolve_database("starter"))
    theory.load_library(Folder(run).library_text(1))
    steps = [["a1i.1", []], ["md1", [0]]]
    attempt = Attempt("a1i", Proof(json.dumps({"task": "a1i", "steps": steps})), 1, 1, 1, "solved")
    (kept,) = judge(theory, [attempt], 1, sha256_of(resolve_database("starter")), "starter").attempts
    assert kept.program is not None and ".composite md1 " in kept.program and "{" not in kept.program
    program = tmp_path / "p.asm"
    program.write_text(kept.program)
    done = said("run", program)
    assert done.status == 2 and "name the run" in done.err
    assert said("run", program, "--run", run).status == 0


# Composites by name


def test_a_composite_is_called_by_name(said: Command, run: Path, tmp_path: Path) -> None:
    goal = "MOV.goal 1:0:0, '(wi wch (wi wph (wi wps wph)))"
    program = asm(tmp_path / "p.asm", goal, "CALL 1:0:1, 1:0:0, @md1", "UNIFY 1:0:1, @ax-1", "ASSERT 2:0:0, 1:0:0")
    done = said("run", program, "--run", run, "--trace", "--json")
    assert done.status == 0, done.err
    assert (done.data["database"], done.data["run"]) == ("starter", str(run))
    assert done.data["composites"] == len(entries_of(Folder(run).library_text(1)))
    claim = done.data["trace"][1]["obligation"]
    assert (claim["claim"], claim["discharge"]) == ("called", "judge")
    assert claim["detail"][-1] == "judge kernel and metamath-rs"
    assert done.data["cells"][2]["statement"] == "|- ( ch -> ( ph -> ( ps -> ph ) ) )"
    assert said("run", program, "--run", run, "--trace", "--json").out == done.out


def test_an_unknown_name_is_one_line_that_names_those_near(said: Command, run: Path, tmp_path: Path) -> None:
    program = asm(tmp_path / "p.asm", ID, "CALL 1:0:1, 1:0:0, @mdl")
    for verb in ("run", "debug", "asm"):
        done = said(verb, program, "--run", run)
        assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
        assert f"{program}:3: no composite is called 'mdl'; did you mean md" in done.err
    done = said("run", program)
    assert done.status == 2 and "name a run that has it: --run" in done.err
    assert said("asm", program).status == 0, "without a run names are looked up when the program runs"
    done = said("run", program, "--run", run, "--model", run)
    assert done.status == 2 and "give --run or --model" in done.err


def test_asm_pins_composites_by_hash(said: Command, run: Path, tmp_path: Path) -> None:
    program = asm(tmp_path / "p.asm", ID, "CALL 1:0:1, 1:0:0, @md1", "UNIFY 1:0:2, 1:0:1, @md2")
    done = said("asm", program, "--run", run, "--json")
    entries = entries_of(Folder(run).library_text(1))
    pinned = [{"directive": ".composite", "words": [name, entries[name].sha256]} for name in ("md1", "md2")]
    assert done.data["directives"] == pinned
    text = said("asm", "--disassemble", tmp_path / "p.mdpg").out
    assert f".composite md1 {entries['md1'].sha256}\n" in text
    again = said("asm", tmp_path / "p.mdpg", "--disassemble", "--run", run, "--json").data
    assert again["directives"] == pinned, "what is pinned stays as it is"
    program.write_text(text.replace(entries["md1"].sha256, entries["md2"].sha256, 1))
    done = said("run", program, "--run", run)
    assert done.status == 2 and "another md1" in done.err
    done = said("run", tmp_path / "p.mdpg")
    assert done.status == 2 and "the library does not have" in done.err


def test_the_debugger_knows_run_and_task(said: Command, run: Path, answer: Path, tmp_path: Path) -> None:
    program = asm(tmp_path / "p.asm", ID, "CALL 1:0:1, 1:0:0, @md1")
    lines = said("debug", program, "--run", run, typed="next\nnext\ncell 1:0:0\nback 1\ngoals\n").out.splitlines()
    assert any(line.startswith("1:0:0  goal |- ( ph -> ph ), by md1") for line in lines)
    assert lines[-1] == "  1:0:0  goal |- ( ph -> ph ), open"
    shown = said("debug", answer / "program.asm", typed="goals\ncontinue\n").out
    assert f"goal {BY_LEMMAS}, open" in shown and "halted with status 0" in shown


def test_level_two_goes_by_the_runs_model_and_library(said: Command, run: Path, tmp_path: Path) -> None:
    goal = "'(wi wth (wi (wi wph wps) (wi (wi wch wph) (wi wch wps))))"
    program = asm(
        tmp_path / "p.asm",
        "RETRIEVE 1:0:0, '(wi wph (wi wps wph)), #50",
        f"PLAN 2:0:0, {goal}, #2000",
        f"VERIFY 3:0:0, {goal}, #2000",
        "HYPOTHESIZE 4:0:0, '(wi (wn (wn wph)) wph), #2, #50",
        "MOV.term 5:0:0, '(wi wph wps)",
        "ABDUCE 5:1:0, '(wi wph wch), 5:0:0*1, #2, #300",
        "DEDUCE 6:0:0, 2:0:0*1, #3, #50",
    )
    done = said("run", program, "--run", run, "--trace", "--json")
    assert done.status == 0, done.out
    plain = said("run", program, "--trace", "--json")
    details = [[event["obligation"]["detail"] for event in x.data["trace"]] for x in (done, plain)]
    hits = [[line.split()[0] for line in detail[0]] for detail in details]
    assert "md1" in hits[0] and "md1" not in hits[1]
    assert details[0][1] != details[1][1], "another model, another search"
    assert said("run", program, "--run", run, "--trace", "--json").out == done.out


def test_a_model_file_gives_level_two_its_model(
    said: Command, small_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Path(train(str(small_database)).data["path"])
    program = asm(tmp_path / "p.asm", "RETRIEVE 1:0:0, '(wi wph (wi wps wph)), #9", "PLAN 2:0:0, '(wi wph wph), #500")
    done = said("run", program, "--database", small_database, "--model", model, "--json")
    assert done.status == 0, done.err
    assert done.data["model"] == str(model)
    plain = said("run", program, "--database", small_database, "--json")
    costs = [[c["value"] for c in x.data["cells"] if c["tag"] == "int"] for x in (done, plain)]
    assert costs[0] != costs[1]


# Schemas and nested composites


def composite(label: str, level: int, body: list[tuple[str | None, list[int]]], **said: Any) -> dict[str, Any]:
    """An entry of ``library.json``."""
    entry = {"label": label, "level": level, "after": "", "statement": "", "hypotheses": [], "distinct": []}
    steps = [{"label": by, "premises": premises} for by, premises in body]
    entry |= {"body": steps, "size": len(body), "axioms": [], **said}
    return entry | ({"strategy": {"share": 500_000, "millinats": 9, "uses": 3}} if level == 2 else {})


MD1 = composite(
    "md1", 1, [("ax-1", []), ("ax-mp", [-1, 0])], after="ax-1", statement="|- ( ps -> ph )", hypotheses=["|- ph"]
) | {"axioms": ["ax-1", "ax-mp"]}
MD2 = composite(
    "md2", 1, [("md1", [-1]), ("md1", [0])], after="ax-1", statement="|- ( ch -> ( ps -> ph ) )", hypotheses=["|- ph"]
) | {"axioms": ["ax-1", "ax-mp"], "size": 4}
HALF = composite("half", 2, [(None, []), (None, []), ("ax-2", []), ("ax-mp", [1, 2]), ("ax-mp", [0, 3])])
LIFT = composite("lift", 2, [("ax-mp", [-1, -2]), ("md1", [0])])
TWICE = composite("twice", 2, [("lift", [-1, -2]), ("ax-mp", [-3, 0])])


def directives(*entries: dict[str, Any]) -> list[str]:
    """The entries as a program carries them."""
    out = []
    for entry in entries:
        text = json.dumps(entry, separators=(",", ":"))
        sha = next(iter(entries_of(json.dumps({"entries": [entry]})).values())).sha256
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        out.append(f'.composite {entry["label"]} {sha} "{quoted}"')
    return out


def test_the_holes_of_a_schema_are_filled(said: Command, tmp_path: Path) -> None:
    program = asm(
        tmp_path / "p.asm",
        *directives(HALF),
        ID,
        "CALL 1:1:0, 1:0:0, @half",
        "UNIFY '?8, 'wps",
        "ASSERT 2:0:0, 1:0:0",
    )
    done = said("run", program, "--for", "id", "--trace", "--json")
    assert done.status == 0, done.out + done.err
    detail = done.data["trace"][1]["obligation"]["detail"]
    steps = [line for line in detail if line.startswith("UNIFY")]
    assert [line.split("@")[1] for line in steps] == ["ax-mp", "ax-mp", "ax-2", "ax-1", "ax-1"]
    assert done.data["trace"][1]["obligation"]["discharge"] == "checked"
    # what it lists is what it did: the same steps as instructions
    by_hand = asm(tmp_path / "q.asm", ID, *steps, "UNIFY '?8, 'wps", "ASSERT 2:0:0, 1:0:0")
    other = said("run", by_hand, "--for", "id", "--json")
    shown = [[(c["address"], c["statement"]) for c in x.data["cells"]] for x in (done, other)]
    assert other.status == 0 and shown[0] == shown[1]


def test_composites_call_composites(said: Command, tmp_path: Path) -> None:
    goal = "MOV.goal 1:0:0, '(wi wch (wi wps (wi wph (wi wps wph))))"
    lines = [goal, "CALL 1:0:1, 1:0:0, @md2", "UNIFY 1:0:1, @ax-1"]
    done = said("run", asm(tmp_path / "p.asm", *directives(MD1, MD2), *lines, "ASSERT 2:0:0, 1:0:0"), "--json")
    assert done.status == 0, done.err
    # a schema whose steps name a lemma and another schema: what is open stands in front, from left to right
    goal = "MOV.goal 1:0:0, 'wph"
    program = asm(tmp_path / "q.asm", *directives(MD1, LIFT, TWICE), goal, "CALL 1:1:0, 1:0:0, @twice")
    done = said("run", program, "--trace", "--json")
    assert done.status == 0, done.err
    claim = done.data["trace"][1]["obligation"]
    steps = [line.split("@")[1] for line in claim["detail"] if "@" in line]
    assert steps == ["ax-mp", "md1", "ax-mp"] and claim["discharge"] == "judge"
    cells = {cell["address"]: cell for cell in done.data["cells"]}
    assert [cells[f"1:1:{i}"]["step"] for i in range(3)] == [None] * 3
    assert cells["1:1:2"]["statement"].endswith("-> ph )"), "the major premise of the inner step"
    assert "1:1:9" not in cells


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ([MD2, MD1], "names no statement"),
        ([LIFT, MD1], "names no statement"),
        ([MD1, TWICE, LIFT], "names no statement"),
        ([MD1, {**MD2, "statement": "|- ( ps -> ch )"}], "does not unify"),
        ([MD1, {**LIFT, "body": [{"label": "lift", "premises": [-1, -2]}]}], "names no statement"),
        ([MD1, LIFT, {**TWICE, "body": LIFT["body"][:1], "size": 1}], ""),
        ([{**HALF, "label": "id"}], "the label is taken"),
        ([MD1, LIFT, {**TWICE, "body": [{"label": "lift", "premises": [-1, -2]}]}], "a schema begins with a label"),
        ([{**LIFT, "body": [{"label": "ax-mp", "premises": [-1, -1]}]}], "the premise of one other"),
    ],
)
def test_bad_entries_are_refused(said: Command, tmp_path: Path, entries: list[dict[str, Any]], why: str) -> None:
    done = said("run", asm(tmp_path / "p.asm", *directives(*entries), "HALT #0"))
    assert (done.status == 2) == bool(why)
    assert why in done.err


def test_nested_schemas_grow_within_bounds() -> None:
    theory = load_theory(resolve_database("starter"))
    step = composite("s0", 2, [("ax-mp", [-1, -2])])
    entries = [step]
    for n in range(1, 14):  # each twice as large as the one before
        entries.append(composite(f"s{n}", 2, _doubled(f"s{n - 1}", 2**n)))
    pinned = list(entries_of(json.dumps({"entries": entries})).values())
    theory.load_library(library_of(pinned[:11], theory.library_json()))
    assert [e["label"] for e in json.loads(theory.library_json())["entries"]] == [f"s{n}" for n in range(11)]
    with pytest.raises(InputError, match="at most 4096 steps"):
        theory.load_library(library_of(pinned, load_theory(resolve_database("starter")).library_json()))


def _doubled(inner: str, leaves: int) -> list[tuple[str | None, list[int]]]:
    """``ax-mp(inner(…), inner(…))``, `inner` with `leaves` open premises."""
    first, second = [-1 - i for i in range(leaves)], [-1 - i for i in range(leaves, 2 * leaves)]
    return [(inner, first), (inner, second), ("ax-mp", [0, 1])]


# Handlers and faults


def called(*lines: str, entries: list[dict[str, Any]], label: str | None = None) -> tuple[dict[str, Any], Any]:
    """How a program ends on the starter database with these composites, and its machine."""
    theory = load_theory(resolve_database("starter"))
    pinned = list(entries_of(json.dumps({"entries": entries})).values())
    theory.load_library(library_of(pinned, theory.library_json()))
    machine = _core.Machine(theory, label)
    attach(machine, Session(theory, label))
    return machine.run(_core.Program.assemble("\n".join([".block main", *lines])), 100), machine


@pytest.mark.parametrize(
    ("lines", "label", "kind"),
    [
        (["CALL 1:0:1, 1:0:0, @nothing"], None, "label"),
        (["CALL 1:0:1, 1:0:0, @ax-mp"], None, "label"),
        (["CALL 1:0:1, 1:0:0, @md1"], "a1self", None),
        (["CALL 1:0:1, 1:0:0, @late"], "a1self", "label"),
        (["CALL 1:0:1, 1:0:0, @late"], None, None),
        (["CALL 1:0:0, @half"], None, "operand"),
        (["CALL 1:0:1, 1:0:0, @blind"], None, "open"),
        (["CALL 1:0:1, 1:0:0, @wide"], None, "unproved"),
        (["UNIFY 1:0:0, @id", "CALL 1:0:1, 1:0:0, @md1"], None, "goal"),
    ],
)
def test_faults_name_what_failed(lines: list[str], label: str | None, kind: str | None) -> None:
    entries = [
        MD1,
        HALF,
        composite("late", 2, [("id", []), ("ax-mp", [0, -1])]),
        composite("blind", 2, [(None, []), ("ax-mp", [0, -1])]),
        composite("wide", 2, [(None, [-2, -3, -4, -5, -6, -7, -8, -9]), ("ax-mp", [-1, 0])]),
    ]
    ended, machine = called(ID, *lines, entries=entries, label=label)
    fault = ended["fault"]
    assert (fault and fault["kind"]) == kind, ended
    if fault is not None and len(lines) == 1:
        assert machine.cell("1:0:1") is None and machine.cell("1:0:0")["step"] is None


def test_a_wrong_ranking_for_a_hole_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from metadream.wake_sleep.level2.common import Context

    honest = Context.fillings

    def swapped(self: Context, goal: str, arity: int, limit: int, scan: bool) -> Any:
        found = honest(self, goal, arity, limit, scan)
        return found if scan else found[::-1]

    monkeypatch.setattr(Context, "fillings", swapped)
    ended, _ = called(ID, "CALL 1:0:1, 1:0:0, @half", entries=[HALF], label="id")
    assert ended["fault"]["kind"] == "obligation"


def test_what_a_proof_needs_comes_in_order() -> None:
    entries = entries_of(json.dumps({"entries": [MD1, HALF, MD2, LIFT, TWICE]}))
    names = [one.name for one in with_needed(["twice", "md2", "ax-mp"], entries)]
    assert names == ["md1", "md2", "lift", "twice"]
    with pytest.raises(InputError, match="another name or hash"):
        library_of([Pinned("md1", "0" * 64, "[" * 100_000)], "{}")


def test_a_run_that_is_gone_is_one_line(said: Command, run: Path, tmp_path: Path) -> None:
    program = asm(tmp_path / "p.asm", ID)
    done = said("run", program, "--run", tmp_path / "nothing")
    assert done.status == 2 and done.err.count("\n") == 1
    shutil.copytree(run, tmp_path / "run")
    library = Folder(tmp_path / "run").library(1)
    library.write_text(library.read_text().replace("md1", "md9"))
    done = said("run", program, "--run", tmp_path / "run")
    assert done.status == 2 and done.err.count("\n") == 1

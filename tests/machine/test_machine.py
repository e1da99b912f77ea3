"""The machine from Python and from the command line: programs, handlers, runs, the debugger."""

import hashlib
import io
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metadream._core import Machine, Program, slot_behind
from metadream.cli import main
from metadream.dsl.handlers import Fault
from metadream.metamath_db.errors import InputError


@dataclass
class Done:
    """What one command came to."""

    returncode: int
    stdout: str
    stderr: str


Command = Callable[..., Done]


@pytest.fixture
def metadream(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command line in this process; starting a new one for each command would cost most of the time."""

    def run(*arguments: object, typed: str = "") -> Done:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        status = main([str(a) for a in arguments])
        said = capsys.readouterr()
        return Done(status, said.out, said.err)

    return run


EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "docs" / "examples").glob("*.asm"))


def machine_with(handler: Any, checker: Any = None, opcode: str = "DEDUCE") -> Machine:
    machine = Machine()
    machine.register(opcode, handler, checker)
    return machine


def deduce(handler: Any, checker: Any = None) -> tuple[dict[str, Any], Machine]:
    """What a program of one DEDUCE over two cells comes to."""
    text = '.block main\nMOV 1:0:0, #5\nMOV 1:0:1, "ab"\nLINK.edge 1:0:0, 1:0:1\nDEDUCE 2:0:0, 1:0:0*4, #1, #2'
    machine = machine_with(handler, checker)
    return machine.run(Program.assemble(text), 100), machine


def test_a_handler_is_given_contents_and_links() -> None:
    asked: list[dict[str, Any]] = []

    def handler(request: dict[str, Any]) -> dict[str, Any]:
        asked.append(request)
        return {"writes": [{"address": "2:0:0", "tag": "int", "value": 7}], "links": [("2:0:0", "edge", "1:0:0")]}

    ended, machine = deduce(handler)
    assert ended["stop"] == "end"
    assert asked[0]["opcode"] == "DEDUCE" and asked[0]["left"] == 96
    place, cells, limit, effort = asked[0]["operands"]
    assert place == {"kind": "place", "address": "2:0:0", "tag": "empty", "value": None}
    assert [(c["address"], c["tag"], c["value"]) for c in cells["cells"]] == [
        ("1:0:0", "int", 5),
        ("1:0:1", "bytes", "ab"),
    ]
    assert cells["links"] == [("1:0:0", "edge", "1:0:1")]
    assert (limit["value"], effort["value"]) == (1, 2)
    assert machine.links("2:0:0") == [("2:0:0", "edge", "1:0:0")]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (None, "handler"),
        ({"wrong": 1}, "handler"),
        ({"writes": 3}, "handler"),
        ({"writes": [{"tag": "int", "value": 1}]}, "handler"),
        ({"writes": [{"address": "x", "tag": "int", "value": 1}]}, "handler"),
        ({"writes": [{"address": "2:0:0", "tag": "fact", "value": "wph"}]}, "handler"),
        ({"writes": [{"address": "2:0:0", "tag": "int", "value": 2**70}]}, "handler"),
        ({"writes": [{"address": "2:0:0", "tag": "term", "value": "(wi"}]}, "term"),
        ({"writes": [{"address": "1:0:9", "tag": "int", "value": 1}]}, "handler"),
        ({"links": [("2:0:0", "edge", "1:0:0")]}, "link"),
        ({"links": [("2:0:0", "odd", "1:0:0")]}, "handler"),
        ({"facts": [{"address": "2:0:0", "goal": "wph", "given": [], "steps": []}]}, "term"),
    ],
)
def test_a_wrong_answer_is_a_fault_and_changes_nothing(answer: Any, kind: str) -> None:
    ended, machine = deduce(lambda _: answer)
    assert ended["fault"]["kind"] == kind
    assert machine.cell("2:0:0") is None and machine.cell("1:0:1") is not None


def test_exceptions_are_faults_and_interrupts_pass() -> None:
    def refuse(_: Any) -> Any:
        raise Fault("unproved", "there is a proof", "1:0:0")

    ended, _ = deduce(refuse)
    fault = ended["fault"]
    assert (fault["kind"], fault["claim"], fault["address"]) == ("unproved", "there is a proof", "1:0:0")
    ended, _ = deduce(lambda _: 1 / 0)
    assert ended["fault"]["kind"] == "handler" and "ZeroDivisionError" in ended["fault"]["claim"]

    def interrupt(_: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deduce(interrupt)


def test_a_checker_sees_request_and_answer() -> None:
    def check(request: dict[str, Any], answer: dict[str, Any]) -> None:
        assert request["opcode"] == "DEDUCE"
        if answer["detail"] != ["good"]:
            raise Fault("obligation", "the detail is good")

    ended, machine = deduce(lambda _: {"detail": ["good"]}, check)
    assert ended["stop"] == "end"
    assert json.loads(machine.events()[-1])["obligation"]["discharge"] == "checked"
    ended, _ = deduce(lambda _: {"detail": ["bad"]}, check)
    assert ended["fault"]["kind"] == "obligation" and "the detail is good" in ended["fault"]["claim"]


def test_near_reads_ask_their_handler() -> None:
    def nearest(request: dict[str, Any]) -> dict[str, Any]:
        key, cells, _ = request["operands"]
        scored = [(-abs(c["value"] - key["value"]), c["address"]) for c in cells["cells"]]
        scored.sort(key=lambda s: (-s[0], s[1]))
        return {"ranked": [(address, score) for score, address in scored]}

    machine = machine_with(nearest, opcode="READK.near")
    numbers = "\n".join(f"MOV 1:0:{i}, #{n}" for i, n in enumerate([10, 4, 7, 8]))
    ended = machine.run(Program.assemble(f".block main\n{numbers}\nREADK.near 2:0:0, #6, 1:0:0*8, #2"), 100)
    assert ended["stop"] == "end"
    assert [machine.cell(f"2:0:{i}")["value"] for i in range(3)] == [2, "1:0:2", "1:0:1"]  # type: ignore[index]


def test_only_handled_opcodes_can_be_registered() -> None:
    with pytest.raises(InputError, match="executed by the machine"):
        machine_with(lambda _: {}, opcode="MOV")
    with pytest.raises(InputError, match="no opcode"):
        machine_with(lambda _: {}, opcode="JUMP")
    ended = Machine().run(Program.assemble(".block main\nPLAN 2:0:0, #1, #1"), 10)
    assert ended["fault"]["kind"] == "unavailable"


def test_runs_stand_still_and_snapshots_differ() -> None:
    machine = Machine()
    machine.load("1:0:0", {"tag": "int", "value": 1})
    machine.begin(Program.assemble(".block main\nMAP.add 1:0:1, 1:0:0*1, #1\nLINK.edge 1:0:0, 1:0:1"), 10)
    assert machine.position() == ("main", 0, 0)
    before = machine.snapshot()
    assert machine.advance(1) is None and machine.time() == 1
    middle = machine.snapshot()
    assert machine.advance(9) == {"stop": "end", "status": None, "steps": 2, "fault": None}
    assert [c["address"] for c in machine.diff(before, middle)["cells"]] == ["1:0:1"]
    assert machine.diff(middle)["linked"] == [("1:0:0", "edge", "1:0:1")]
    assert slot_behind("1:15:15", 1) == "2:0:0"


# Programs: text, binary and back


@st.composite
def assembly(draw: st.DrawFn) -> str:
    """Texts of a few instructions of all levels."""
    place = st.sampled_from(["1:0:0", "2:3:4", "[1:0:0]"])
    span = st.sampled_from(["1:0:0*4", "[1:0:0]*16"])
    number = st.integers(-(2**63), 2**63 - 1).map(lambda n: f"#{n}")
    text = st.text('ab"\\\n\té', max_size=8).map(
        lambda t: '"' + t.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'
    )
    value = st.one_of(place, number, text, st.sampled_from(["'wph", "'(wi wph ?0)"]))
    line = st.one_of(
        st.tuples(st.sampled_from(["MOV", "MOV.goal", "MOV.term"]), place, value),
        st.tuples(st.sampled_from(["CMP", "CMP.lt"]), place, value, value),
        st.tuples(st.just("UNIFY"), place, place, st.just("@ax-mp")),
        st.tuples(st.just("PLAN"), place, value, number),
        st.tuples(st.sampled_from(["RETRIEVE", "RETRIEVE.neighbour"]), place, value, number, st.just("@id")),
        st.tuples(st.just("ABDUCE"), place, value, span, number, number),
        st.tuples(st.just("DEDUCE"), place, span, number, number),
        st.tuples(st.just("SPAWN"), place, st.just("%other"), number),
    )
    predicate = st.sampled_from(["", "?1:0:0 ", "!1:0:0 "])
    lines = [f"{draw(predicate)}{o[0]} {', '.join(o[1:])}" for o in draw(st.lists(line, max_size=6))]
    return "\n".join([".block main", *lines, ".block other", "HALT #0"])


@given(assembly())
@settings(max_examples=150, deadline=None)
def test_text_and_binary_round_trip(text: str) -> None:
    program = Program.assemble(text)
    again = Program.decode(program.encode())
    assert again.disassemble() == program.disassemble()
    assert Program.assemble(program.disassemble()).disassemble() == program.disassemble()
    assert len(program.lines() or []) == len(program.instructions())


@given(assembly(), st.integers(0, 2**32))
@settings(max_examples=200, deadline=None)
def test_mutated_programs_never_crash(text: str, seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(Program.assemble(text).encode())
    letters = bytearray(text.encode())
    for mutated in (data, letters):
        for _ in range(chance.randint(1, 4)):
            match chance.randint(0, 2):
                case 0:
                    mutated[chance.randrange(len(mutated))] = chance.randrange(256)
                case 1:
                    start = chance.randrange(len(mutated))
                    del mutated[start : start + min(chance.randint(1, 9), len(mutated) - 1)]
                case 2:
                    mutated.insert(chance.randrange(len(mutated)), chance.randrange(256))
    body = bytes(data[:-32])
    for made in (bytes(data), body + hashlib.sha256(body).digest()):  # the second passes the content hash
        try:
            program = Program.decode(made)
        except InputError as problem:
            assert problem.message.startswith(("program", "instruction"))
        else:
            assert program.encode() == made
            Machine().run(program, 1_000)
    try:
        program = Program.assemble(letters.decode("utf-8", "replace"))
    except InputError as problem:
        assert problem.line is not None and problem.message.startswith("expected")
    else:
        Machine().run(program, 1_000)


# The command line


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.stem)
def test_examples_run_to_their_end(metadream: Command, example: Path) -> None:
    """Each example halts with status 0, twice with the same hashes; its first comment says what it shows."""
    first = metadream("run", example, "--json", "--trace")
    assert first.returncode == 0, first.stdout + first.stderr
    assert example.read_text().startswith("; ")
    data = json.loads(first.stdout)
    assert data["stop"] == "halted" and data["status"] == 0
    assert metadream("run", example, "--json", "--trace").stdout == first.stdout


def test_asm_and_back(metadream: Command, tmp_path: Path) -> None:
    source = tmp_path / "p.asm"
    source.write_text(".block main\n  MOV 1:0:0, #1 ; one\n  HALT #3\n")
    done = metadream("asm", source, "--json")
    assert done.returncode == 0
    binary = tmp_path / "p.mdpg"
    assert json.loads(done.stdout)["sha256"] == Program.decode(binary.read_bytes()).sha256()
    text = metadream("asm", "--disassemble", binary).stdout
    assert text == ".block main\n    MOV 1:0:0, #1\n    HALT #3\n"
    for program in (source, binary):
        ran = metadream("run", program)
        assert ran.returncode == 1 and "halted with status 3 after 2 steps" in ran.stdout
    assert metadream("asm", binary).returncode == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (".block main\n  JUMP 1:0:0\n", 'p.asm:2:3: expected an opcode, found "JUMP"'),
        (".block main\n  MOV 1:0:0\n", "p.asm:2:3: expected MOV takes place, value"),
        (".block main\n  MOV 1:0:99, #1\n", "p.asm:2:7: expected an address"),
        ("", "p.asm:1:1: expected .block name"),
        ("MDPG nonsense", "p.asm: program file"),
        ("\xff", "p.asm:1: expected an assembly text in UTF-8"),
    ],
)
def test_bad_programs_are_one_clear_line(metadream: Command, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "p.asm").write_bytes(text.encode("latin-1"))
    for verb in ("asm", "run", "debug"):
        done = metadream(verb, tmp_path / "p.asm")
        assert done.returncode == 2 and done.stdout == ""
        assert said in done.stderr and done.stderr.count("\n") == 1


def test_a_fault_names_file_line_block_and_address(metadream: Command, tmp_path: Path) -> None:
    program = tmp_path / "p.asm"
    program.write_text(".block main\n\n  CMP 1:0:0, 2:0:0, #1\n")
    done = metadream("run", program, "--json")
    assert done.returncode == 1
    fault = json.loads(done.stdout)["fault"]
    assert {**fault, "claim": ""} == {
        "file": str(program),
        "line": 3,
        "kind": "empty",
        "opcode": "CMP",
        "block": "main",
        "instruction": 0,
        "address": "2:0:0",
        "claim": "",
    }
    assert f"{program}:3: fault empty after 1 step: CMP, block main" in metadream("run", program).stdout
    program.write_text(".block main\nSPAWN.while 1:0:1, %main, #1000, 1:0:0\n")
    assert metadream("run", program).returncode == 1
    program.write_text(".block main\nMOV 1:0:0, #1\nMOV 1:0:0, #2\n")
    done = metadream("run", program, "--budget", "1")
    assert done.returncode == 1 and "budget of 1 step" in done.stdout


def test_run_wants_a_known_database_and_label(metadream: Command, tmp_path: Path) -> None:
    program = tmp_path / "p.asm"
    program.write_text(".block main\nHALT #0\n")
    assert metadream("run", program, "--database", "nowhere.mm").returncode == 2
    assert metadream("run", program, "--for", "nothing").returncode == 2
    assert metadream("run", program, "--trust", "kernel").returncode == 0
    assert metadream("run", tmp_path / "missing.asm").returncode == 2


# Masks, page budgets, heads


BREACH = ".block main\n  MOV 1:0:0, #1\n  MOV 1:0:1, 1:0:0\n\n  {}\n"


@pytest.mark.parametrize(
    ("instruction", "limits", "kind", "address"),
    [
        ("MOV 2:0:0, #1", ["--write", "1,3-4"], "mask", "2:0:0"),
        ("MOV 1:0:2, 3:0:0", ["--read", "1-2"], "mask", "3:0:0"),
        ("LINK.edge 1:0:0, 1:0:1", ["--link", ""], "mask", "1:0:0"),
        ("MOV 2:0:0, #1", ["--pages", "1"], "pages", "2:0:0"),
    ],
)
def test_a_breach_is_a_fault_with_its_place(
    metadream: Command, tmp_path: Path, instruction: str, limits: list[str], kind: str, address: str
) -> None:
    program = tmp_path / "p.asm"
    program.write_text(BREACH.format(instruction))
    done = metadream("run", program, *limits, "--json")
    data = json.loads(done.stdout)
    fault = data["fault"]
    assert done.returncode == 1 and data["stop"] == "fault" and "heads" not in data
    assert (fault["kind"], fault["opcode"], fault["address"]) == (kind, instruction.split(".")[0].split()[0], address)
    assert (fault["file"], fault["line"]) == (str(program), 5)
    assert [cell["address"] for cell in data["cells"]] == ["1:0:0", "1:0:1"] and data["links"] == []


@pytest.mark.parametrize("count", [1, 3])
def test_the_log_s_folder_changes_no_hash(metadream: Command, tmp_path: Path, count: int) -> None:
    programs = [tmp_path / f"p{n}.asm" for n in range(count)]
    for n, program in enumerate(programs):
        child = f"SPAWN {n}:0:1, %child, #9\n.block child\nMOV {n}:0:2, #1\nHALT #0\n"
        program.write_text(f".block main\nMOV 9:0:0, #{n}\n{child}")
    plain = metadream("run", *programs, "--json")
    logged = metadream("run", *programs, "--log", tmp_path / "log", "--json")
    assert plain.returncode == 0 and plain.stdout == logged.stdout
    assert json.loads(plain.stdout)["cells"][-1]["value"] == count - 1  # the others waited
    rebuilt = metadream("audit", tmp_path / "log", "--rebuild", "--json")
    again = json.loads(rebuilt.stdout)["rebuild"]
    assert again["matched"] == 1 and again["workspace_sha256"] == json.loads(plain.stdout)["workspace_sha256"]


@pytest.mark.parametrize(
    ("masks", "said"),
    [
        ('[{"read": ["x"]}, null]', "head 0: read: expected pages such as 3 or 1-4"),
        ('[null, {"read": ["4-1"]}]', "head 1: read: expected pages"),
        ('[null, {"write": "1"}]', "head 1: expected a list of page texts"),
        ('[null, {"push": ["1"]}]', "head 1: a mask has read, write and link, not `push`"),
        ("[null, 3]", "head 1: expected an object"),
        ("{}", "expected a JSON list"),
        ("[", "expected a JSON list"),
        ("[null]", "2 programs, 1 masks"),
    ],
)
def test_bad_masks_are_one_clear_line(metadream: Command, tmp_path: Path, masks: str, said: str) -> None:
    program, file = tmp_path / "p.asm", tmp_path / "masks.json"
    program.write_text(".block main\nHALT #0\n")
    file.write_text(masks)
    done = metadream("run", program, program, "--masks", file)
    assert done.returncode == 2 and done.stdout == ""
    assert said in done.stderr and done.stderr.count("\n") == 1


def test_bad_limits_are_bad_use(metadream: Command, tmp_path: Path) -> None:
    program = tmp_path / "p.asm"
    program.write_text(".block main\nHALT #0\n")
    assert "1 to 64 heads" in metadream("run", *[program] * 65).stderr
    assert metadream("run", *[program] * 64).returncode == 0
    for wrong in (["--read", "1-"], ["--write", "8388608"], ["--pages", "-1"], [program, "--link", "1"]):
        assert metadream("run", program, *wrong).returncode == 2


def test_heads_share_a_budget_and_interrupts_end_them() -> None:
    loop = ".block main\nMOV 1:0:{0}, #1\nCMP.eq 1:1:{0}, #1, #1\nSPAWN.while 1:2:{0}, %on, #{1}, 1:1:{0}\n"
    programs = [Program.assemble(f"{loop.format(n, 2**40)}.block on\nMOV 1:3:{n}, #1\n") for n in range(2)]
    ends = Machine().run_heads([(program, None) for program in programs], 100)
    assert [(end["stop"], end["steps"]) for end in ends] == [("end", 98), ("budget", 2)]  # a child takes what is left

    def interrupt(_: Any) -> Any:
        raise KeyboardInterrupt

    machine = machine_with(interrupt)
    asking = Program.assemble(".block main\nDEDUCE 2:0:0, 1:0:0*4, #1, #2")
    with pytest.raises(KeyboardInterrupt):
        machine.run_heads([(programs[0], None), (asking, {"read": ["1-2"], "write": ["2"]})], 100_000)
    assert machine.time() == 2  # the round of the interrupt is the last


# The debugger


def test_debugger_is_scriptable(metadream: Command, tmp_path: Path) -> None:
    program = tmp_path / "p.asm"
    program.write_text(
        ".block main\n"
        "  MOV 1:0:0, #0\n"
        "  MOV 1:0:1, #3\n"
        "  CMP.lt 1:0:2, 1:0:0, 1:0:1\n"
        "  SPAWN.while 1:0:3, %loop, #100, 1:0:2\n"
        "  HALT #0\n"
        ".block loop\n"
        "  MAP.add 1:0:0, 1:0:0*1, #1\n"
        "  CMP.lt 1:0:2, 1:0:0, 1:0:1\n"
    )

    def say(*commands: str) -> list[str]:
        done = metadream("debug", program, typed="\n".join(commands))
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    lines = say("break loop", "continue", "cell 1:0:0", "step 2", "back 3", "next", "next", "quit")
    assert f"time 4: {program}:8, block loop, depth 1: MAP.add 1:0:0, 1:0:0*1, #1" in lines
    assert "1:0:0  int 0" in lines
    assert f"time 6: {program}:8, block loop, depth 1: MAP.add 1:0:0, 1:0:0*1, #1" in lines
    assert f"time 3: {program}:5, block main: SPAWN.while 1:0:3, %loop, #100, 1:0:2" in lines
    assert f"time 10: {program}:6, block main: HALT #0" in lines
    assert lines[-2].endswith("halted with status 0 after 14 steps")  # three rounds cost a step each
    lines = say("watch 1:0:0", "continue", "continue", "diff 1 4", "diff 4 5", "goals", "links")
    assert "1:0:0 = int 0" in lines and "1:0:0 = int 1" in lines
    assert "  1:0:0  int 0  ->  int 1" in lines
    assert "no open goals" in lines and "no links" in lines
    lines = say("break 8", "break 1:0:3", "continue", "delete", "continue", "trace 1", "show 1:0:0*4")
    assert "  1:0:3  bool true" in lines
    lines = say(
        "frob", "break 99", "break x", "cell", "cell 9", "step x", "diff 5 1", "back 99", "show 1:0:0*x", "help"
    )
    assert [line for line in lines if "Traceback" in line] == []
    assert any("no command 'frob'" in line for line in lines) and any("step [N]" in line for line in lines)

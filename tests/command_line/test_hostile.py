"""Inputs made to take all time or memory: each ends in an answer or in one line, soon and in little memory.

The limits here are guards against hanging, several times what is needed; the bounds themselves are counted
(docs/bounds.md). Each command runs in a process with little address space, so that an abort is a failure.
"""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from metadream import _core
from metadream.metamath_db.core import load_theory
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.judges.check import _text as verdict
from metadream.metamath_db.judges.check import check
from metadream.metamath_db.judges.limited import MOST_MEMORY, Limits

HEAD = "$c ( ) -> wff |- $. $v p q $. wp $f wff p $. wq $f wff q $.\nwi $a wff ( p -> q ) $.\n"
MEMORY = 3 << 30  # address space; libraries and threads map 1 GiB of it without using it
CLI = "import sys; from metadream.cli import command; sys.argv[0] = 'metadream'; command()"


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in the background does not hear it


def metadream(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, its memory limited (but for torch, which maps 10 GiB of libraries)."""
    line = [sys.executable, "-P", "-c", CLI, *map(str, arguments)]
    limit = None if "learn" in arguments else _limit
    return subprocess.run(line, capture_output=True, text=True, timeout=120, preexec_fn=limit, check=False)


def put(folder: Path, text: str) -> Path:
    path = folder / "hostile.mm"
    path.write_text(text, encoding="ascii")
    return path


def kernel(text: str) -> dict[str, object]:
    """What reader and kernel say of a source."""
    report: dict[str, object] = json.loads(_core.check_source(text.encode(), 2)[0])
    return report


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """One error line with these words, status 2."""
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1, done.stderr
    assert all(word in done.stderr for word in words), done.stderr


@pytest.mark.parametrize("verb", [("tasks", "-d"), ("prove", "-d"), ("learn", "-r", "run", "-d")])
def test_a_cyclic_grammar_is_one_error_line(root: Path, tmp_path: Path, verb: Sequence[str]) -> None:
    file = root / "tests/cases/safety/hang_theory_load.mm"
    more = ["t"] if verb[0] == "prove" else []
    arguments = [str(tmp_path / "run") if a == "run" else a for a in verb]
    refused(metadream(*arguments, file, *more), f"{file}:", "`t` derives `w` from `w` alone")


def test_check_judges_a_cyclic_grammar(root: Path) -> None:
    assert check(root / "tests/cases/safety/hang_theory_load.mm")["accepted"]


def test_a_longer_cycle_names_its_axioms(tmp_path: Path) -> None:
    text = "$c u w x $. $v p q r $. fp $f w p $. fq $f u q $. fr $f x r $.\na $a u p $.\nb $a x q $.\nc $a w r $.\n"
    with pytest.raises(InputError, match=r"`c` derives `w` from `w` alone \(with `a`, `b`\)") as problem:
        load_theory(put(tmp_path, text))
    assert problem.value.line == 4


@pytest.mark.parametrize(
    ("axiom", "statement"), [("j $a w p q $.", "p " * 120), ("e $a w $. j $a w p q $.", "p " * 120)]
)
def test_ambiguous_grammars_are_parsed_within_the_bounds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], axiom: str, statement: str
) -> None:
    text = f"$c w |- $. $v p q $. fp $f w p $. fq $f w q $. {axiom}\n"
    text += "".join(f"s{i} $a |- {statement}$.\n" for i in range(3))
    figures = load_theory(put(tmp_path, text)).figures()
    assert "hostile.mm:2: s0 has more than one tree" in capsys.readouterr().err
    assert (figures["ambiguous"], figures["unparsed"]) == (3, axiom.count("e $a"))  # an empty axiom has no tree


def test_a_hundred_ambiguous_statements_are_refused_together(tmp_path: Path) -> None:
    text = "$c w |- $. $v p q $. fp $f w p $. fq $f w q $. j $a w p q $.\n"
    text += "".join(f"s{i} $a |- {'p ' * 250}$.\n" for i in range(200))
    with pytest.raises(InputError, match="too ambiguous") as problem:
        load_theory(put(tmp_path, text))
    assert (problem.value.line or 0) > 2


def test_very_many_typecodes_are_told_apart(tmp_path: Path) -> None:
    many = 100_000
    text = f"{HEAD}$c {' '.join(f't{i}' for i in range(many))} $.\n"
    text += "".join(f"a{i} $a t{i} ( p ( $.\n" for i in range(many))
    assert load_theory(put(tmp_path, text)).figures()["statements"] == many + 1


def fake_exe(folder: Path) -> Path:
    """A metamath-exe that leaves a mark when it is asked."""
    path = folder / "metamath"
    path.write_text(f"#!/bin/sh\ntouch '{folder}/asked'\n", encoding="ascii")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("what", ["small", "disjoint", "one disjoint", "essential", "dummies"])
def test_what_is_too_large_for_the_outside_judges_is_undecided(tmp_path: Path, what: str) -> None:
    many = {"small": 3, "disjoint": 2_000, "one disjoint": 20_000, "essential": 2_000, "dummies": 20_000}[what]
    names = [f"x{i}" for i in range(many)]
    text = f"{HEAD}$v {' '.join(names)} $.\n" + "".join(f"f{x} $f wff {x} $.\n" for x in names)
    good = "t $p wff ( p -> p ) $= wp wp wi $.\n"
    if what in ("small", "disjoint"):
        text += "".join(f"$d {x} p q {names[i // 2]} $.\n" for i, x in enumerate(names) if i)
        text += "".join(f"a{i} $a |- p $.\n" for i in range(many)) + good
    elif what == "one disjoint":
        text += f"$d {' '.join(names)} $.\n" + good
    elif what == "essential":
        text += "${\n" + "".join(f"e{i} $e |- {'p ' * 50}$.\n" for i in range(many))
        text += "".join(f"a{i} $a |- p $.\n" for i in range(many)) + "$}\n" + good
    else:
        big = f"{' '.join(f'f{x}' for x in names)} {'wi ' * (many - 1)}"
        text += f"${{ e $e wff q $. drop $a wff p $. $}}\nt $p wff p $= wp {big}{big}drop $.\n"
    file = put(tmp_path, text)
    result = check(file, exe=fake_exe(tmp_path))
    asked = what == "small"
    assert result["judges"]["kernel"] is True, result
    assert (tmp_path / "asked").exists() == asked
    assert (result["accepted"], result["judges"]["metamath_rs"]) == ((True, True) if asked else (None, None)), result
    assert (result["not_asked"] is None) == asked
    text = verdict(result)
    assert ("undecided" in text and "too large for the outside judges: " in text) == (not asked), text
    assert "refused (" not in text


def test_many_disjoint_statements_before_many_assertions() -> None:
    many = 100_000
    names = [f"x{i}" for i in range(1000)]
    text = f"$c w |- $. $v {' '.join(names)} $.\n" + "".join(f"f{x} $f w {x} $.\n" for x in names)
    pairs = (f"$d {names[i % 1000]} {names[(i * 7 + 1 + i // 1000) % 1000]} $.\n" for i in range(many))
    text += "".join(p for p in pairs if len(set(p.split()[1:3])) == 2)
    text += "".join(f"a{i} $a |- {names[i % 1000]} {names[(i * 7 + 1) % 1000]} $.\n" for i in range(many))
    text += "t $p |- x0 x1 $= fx0 fx1 a0 $.\n"
    report = kernel(text)
    assert (report["statements"], report["errors"]) == (many + 1, 0), report["first_errors"]


def test_disjoint_conditions_in_blocks_are_found_by_the_index() -> None:
    names = [f"x{i}" for i in range(40)]
    text = f"$c w |- $. $v {' '.join(names)} $.\n" + "".join(f"f{x} $f w {x} $.\n" for x in names)
    every = [f"$d {x} {y} $.\n" for i, x in enumerate(names) for y in names[:i]]
    text += f"${{ $d x0 x1 $. a $a |- x0 x1 $. $}}\n${{\n{''.join(every)}"
    text += "good $p |- x3 x4 $= fx3 fx4 a $.\n$}\nbad $p |- x3 x4 $= fx3 fx4 a $.\n"
    text += f"${{\n{''.join(e for e in every if e != every[6 + 3])}almost $p |- x3 x4 $= fx3 fx4 a $.\n$}}\n"
    report = kernel(text)
    assert [e["label"] for e in report["first_errors"]] == ["bad", "almost"], report  # type: ignore[attr-defined]


def test_very_many_dummies_in_a_disjoint_statement(tmp_path: Path) -> None:
    many = 200_000
    names = " ".join(f"x{i}" for i in range(many))
    text = HEAD.replace("$v p q $.", f"$v p q {names} $.")
    text += "${ e $e |- q $. drop $a |- ( p -> p ) $. $}\n${ $d p q $. d $a |- ( p -> q ) $. $}\n"
    text += "".join(f"f{i} $f wff x{i} $.\n" for i in range(many))
    # all dummies in one formula, apart from p by the $d statement, and dropped again
    labels = " ".join(f"f{i}" for i in range(many))
    everything = f"{labels} {'wi ' * (many - 1)}"
    text += f"$d p {names} $.\n"
    text += f"t $p |- ( p -> p ) $= wp wp {everything} wi wp {everything} d drop $.\n"
    done = metadream("check", put(tmp_path, text), "--max-memory", "1G")
    assert "(kernel accepted," in done.stdout, (done.stdout, done.stderr)


def test_proofs_that_cost_much_are_bounded_together() -> None:
    """Each compares a formula of 2^26 symbols with itself, cut at other places, which no table helps with."""
    text = "$c w |- $. $v p q $. wp $f w p $. wq $f w q $. j $a w p q $.\n"
    text += "x $a |- p q $. ${ e $e |- p q $. y $a |- p $. $}\n"
    # hypotheses: none but wp; labels: j, x, y; big = p doubled 26 times
    big = f"AABZ{''.join(f'{_number(4 + i)}BZ' for i in range(25))}"
    last = _number(4 + 25)
    text += "".join(f"t{i} $p |- p $= ( j x y ) {big}A A{last}CD $.\n" for i in range(30))
    report = kernel(text)
    messages = [e["message"] for e in report["first_errors"]]  # type: ignore[attr-defined]
    assert report["errors"] == 30
    assert "the proofs up to here need more than" in messages[-1], messages[-1]


def test_a_doubling_proof_is_left_alone(tmp_path: Path) -> None:
    text = HEAD + "id $a |- ( p -> p ) $.\n${ e $e |- q $. drop $a |- ( p -> p ) $. $}\n"
    # big = ( p -> p ) doubled 30 times; |- ( big -> big ) dropped
    big = f"AABZ{''.join(f'{_number(4 + i)}BZ' for i in range(30))}"
    last = _number(4 + 30)
    text += f"t $p |- ( p -> p ) $= ( wi id drop ) A{big}{last}B{last}CD $.\n"
    text += "good $p |- ( q -> q ) $= wq id $.\n"
    file = put(tmp_path, text)
    assert kernel(text)["accepted"], kernel(text)
    done = metadream("shorten", "-d", file, "-o", tmp_path / "out.mm")
    assert done.returncode == 0, done.stderr
    done = metadream("bench", "compress", "-d", file)
    assert (done.returncode, done.stderr) == (1, ""), done.stderr  # metamath-rs is not asked of such a proof


def _number(n: int) -> str:
    """Step number `n`, from 0, of a compressed proof."""
    out = chr(ord("A") + n % 20)
    n //= 20
    while n:
        n -= 1
        out = chr(ord("U") + n % 5) + out
        n //= 5
    return out


@pytest.mark.parametrize(
    ("program", "word"),
    [
        ("b4_term_doubling", "a term that is written has at most 1048576 nodes"),
        ("b7_arith_integer", "bound"),
        ("b11_while_map_log", "holds at most"),
    ],
)
def test_programs_end_in_a_named_fault(root: Path, program: str, word: str) -> None:
    done = metadream("run", root / f"tests/cases/safety/{program}.asm", "--max-memory", "2G")
    assert done.returncode == 1, done.stderr
    assert word in done.stdout
    assert "memory allocation" not in done.stderr


def test_elimination_is_bounded(tmp_path: Path) -> None:
    size = 127
    state, cells = 1, []
    for i in range(size * size):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        cells.append(f"    MOV {1 + i // 256}:{i % 256 // 16}:{i % 16}, #{(state >> 1) - 2**62}\n")
    program = tmp_path / "gauss.asm"
    program.write_text(f".block main\n{''.join(cells)}    GAUSSJ 90000:0:0, 1:0:0*{size * size}, #{size}\n")
    done = metadream("run", program)
    assert done.returncode == 1, done.stderr
    assert "units of work" in done.stdout


def test_memory_and_seconds_end_a_command(tmp_path: Path) -> None:
    loop = tmp_path / "loop.asm"
    loop.write_text(
        ".block main\n    CMP.eq 4:0:0, #1, #1\n    SPAWN.while 4:0:1, %loop, #900000000000, 4:0:0\n"
        ".block loop\n    MOV 9:0:0, #1\n"
    )
    budget = str(2**62)
    refused(metadream("run", loop, "--budget", budget, "--max-seconds", "0.5"), "--max-seconds", "0.5 seconds")
    done = metadream("run", loop, "--budget", budget, "--max-memory", "250M")
    refused(done, "262 MB", "--max-memory")


@pytest.mark.parametrize("what", ["check", "tasks", "run"])
def test_ctrl_c_is_heard(tmp_path: Path, what: str) -> None:
    if what == "run":
        file = tmp_path / "loop.asm"
        file.write_text(
            ".block main\n    CMP.eq 4:0:0, #1, #1\n    SPAWN.while 4:0:1, %l, #900000000000, 4:0:0\n"
            ".block l\n    MOV 9:0:0, #1\n"
        )
        arguments = ["run", str(file), "--budget", str(2**62)]
    else:
        statements = "".join(f"s{i} $a |- {'( p -> ' * 50}p {') ' * 50}$.\n" for i in range(60_000))
        file = put(tmp_path, HEAD + statements)
        arguments = ["check", str(file)] if what == "check" else ["tasks", "-d", str(file)]
    line = [sys.executable, "-P", "-c", CLI, *arguments]
    child = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=_limit)
    time.sleep(1.0)
    child.send_signal(signal.SIGINT)
    start = time.monotonic()
    _, error = child.communicate(timeout=60)
    assert child.returncode == 130, error
    assert error.strip() == "interrupted"
    assert time.monotonic() - start < 20  # half a second on a machine that does nothing else


def test_a_childs_limits_have_a_ceiling() -> None:
    assert Limits.for_source(1 << 40).memory == MOST_MEMORY
    assert Limits.for_source(1 << 40).cpu_s == 600
    assert Limits.for_source(0).memory < 1 << 30

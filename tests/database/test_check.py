"""The verdict on whole files: both judges, includes, limits."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from metadream import _core
from metadream.compression.maintain import setmm
from metadream.metamath_db.data import find_metamath_exe
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.judges.check import check, verdict
from metadream.metamath_db.judges.limited import Limits, run_limited

GOOD = """$c ( ) -> wff |- $. $v p q $. wp $f wff p $. wq $f wff q $.
wi $a wff ( p -> q ) $. ax1 $a |- ( p -> ( q -> p ) ) $.
t $p |- ( q -> ( p -> q ) ) $= wq wp ax1 $.
"""


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="ascii")
    return path


def test_good_file(tmp_path: Path) -> None:
    result = check(put(tmp_path, "good.mm", GOOD))
    assert result["accepted"]
    assert result["judges"] == {"kernel": True, "metamath_rs": True, "metamath_exe": None}
    assert result["errors"] == {"kernel": 0, "metamath_rs": 0, "metamath_exe": None}
    assert (result["statements"], result["proofs"], result["incomplete"]) == (3, 1, 0)
    assert result["first_errors"] == []
    assert set(result["seconds"]) == {"read", "kernel", "metamath_rs", "metamath_rs_all", "metamath_exe"}
    json.dumps(result)


def test_bad_proof_has_a_place(tmp_path: Path) -> None:
    path = put(tmp_path, "bad.mm", GOOD.replace("wq wp ax1", "wq\n  wp wq ax1"))
    result = check(path)
    assert not result["accepted"]
    first = result["first_errors"][0]
    assert (first["judge"], first["line"], first["label"]) == ("kernel", 4, "t")
    assert "2 statements" in first["message"] or "another" in first["message"]
    assert verdict(str(path)).status == 1


def test_incomplete_is_no_error_and_not_accepted(tmp_path: Path) -> None:
    result = check(put(tmp_path, "open.mm", GOOD.replace("wq wp ax1", "?")))
    assert not result["accepted"]
    assert (result["incomplete"], result["errors"]["kernel"], result["errors"]["metamath_rs"]) == (1, 0, 0)


@pytest.mark.parametrize("name", ["doubling_30", "doubling_ill_formed"])
def test_bombs_are_refused_quickly(root: Path, name: str) -> None:
    start = time.perf_counter()
    result = check(root / "core/tests/judging/fail" / f"{name}.mm")
    assert not result["accepted"]
    assert time.perf_counter() - start < 2.0


def test_limits_end_a_child() -> None:
    small = run_limited(["exec", sys.executable, "-c", "bytearray(1 << 30)"], Limits(memory=256 << 20))
    assert small.status != 0
    slow = run_limited(["exec", sys.executable, "-c", "while True: pass"], Limits(cpu_s=1))
    assert slow.ended_by is not None and "processor time" in slow.ended_by
    asleep = run_limited(["exec", "/bin/sleep", "60"], Limits(wall_s=0.5))
    assert asleep.ended_by == "ended after 0.5 seconds on the clock" and asleep.at_limit


def fake_exe(folder: Path, script: str) -> Path:
    path = put(folder, "metamath", f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_metamath_exe_is_read_not_believed(tmp_path: Path) -> None:
    good = put(tmp_path, "good.mm", GOOD)
    says = 'echo "All proofs in the database were verified in 0.00 s."'
    assert check(good, exe=fake_exe(tmp_path, says))["judges"]["metamath_exe"] is True
    error = 'echo "?Error on line 3 of file \\"x\\" at statement 7, label \\"t\\", type \\"$p\\":"'
    result = check(good, exe=fake_exe(tmp_path, f"{error}\n{says}"))
    assert result["accepted"] and result["judges"]["metamath_exe"] is False
    assert (result["first_errors"][0]["line"], result["first_errors"][0]["label"]) == (3, "t")
    crash = check(good, exe=fake_exe(tmp_path, f"{says}\nkill -SEGV $$"))
    assert crash["accepted"] and crash["judges"]["metamath_exe"] is False
    assert "SIGSEGV" in crash["first_errors"][0]["message"]


def test_a_judge_that_meets_its_limits_gave_no_answer(tmp_path: Path) -> None:
    good = put(tmp_path, "good.mm", GOOD)
    late = check(good, exe=fake_exe(tmp_path, "sleep 60"), limits=Limits(wall_s=3.0))
    assert late["accepted"] and late["judges"]["metamath_exe"] is None and late["no_answer"] == ["metamath_exe"]
    assert "on the clock" in late["first_errors"][0]["message"]
    undecided = check(good, limits=Limits(wall_s=0.001))
    assert (undecided["accepted"], undecided["no_answer"]) == (None, ["metamath_rs"])


def test_includes_are_refused_without_a_root(tmp_path: Path) -> None:
    put(tmp_path, "part.mm", GOOD)
    assert not check(put(tmp_path, "main.mm", "$[ part.mm $]\n"))["accepted"]


def test_includes_are_spliced(tmp_path: Path) -> None:
    put(tmp_path, "sub/part.mm", GOOD)
    more = "u $p |- ( p -> ( p -> p ) ) $= wp wp ax1 $.\n"
    main = put(
        tmp_path, "main.mm", f"$( one $[ nothing $] $)\n$[ sub/part.mm $] $[ main.mm $]\n$[ sub/part.mm $]\n{more}"
    )
    result = check(main, include_root=tmp_path)
    assert result["accepted"] and result["proofs"] == 2
    again = put(tmp_path, "again.mm", f"$[ ./sub/./part.mm $]\n$[ sub/part.mm $]\n{more}")
    assert check(again, include_root=tmp_path)["proofs"] == 2
    put(tmp_path, "main.mm", f"$[ sub/part.mm $]\n{more.replace('wp wp', 'wp wq')}")
    first = check(main, include_root=tmp_path)["first_errors"][0]
    assert (first["file"], first["line"], first["column"]) == (str(main), 2, 38)


def test_text_of_included_files_is_not_shown(tmp_path: Path) -> None:
    put(tmp_path, "secret.txt", "root:x:0:0:secret:/root:/bin/bash\n")
    result = check(put(tmp_path, "main.mm", "$[ secret.txt $]\n"), include_root=tmp_path)
    assert not result["accepted"]
    assert "secret:" not in json.dumps(result)
    assert result["first_errors"][0]["file"].endswith("secret.txt")


SPELLINGS = [
    *("../outside.mm", "/etc/hostname", "sub/../../outside.mm", "./part.mm", "sub//part.mm", "link.mm"),
    *("linked/part.mm", "sub", "pipe", "missing.mm", "", "two names", "a$b.mm", "..", "/", "sub/", "\x7f"),
]


def foreign(tmp_path: Path) -> Path:
    """A folder beside which, and in which, there is what no include may reach."""
    root = tmp_path / "root"
    put(tmp_path, "outside.mm", GOOD)
    put(root, "sub/part.mm", GOOD)
    (root / "link.mm").symlink_to(tmp_path / "outside.mm")
    (root / "linked").symlink_to(root / "sub")
    os.mkfifo(root / "pipe")
    return root


@pytest.mark.parametrize("name", SPELLINGS)
def test_path_attacks(tmp_path: Path, name: str) -> None:
    root = foreign(tmp_path)
    main = put(root, "main.mm", f"$[ {name} $]\n")
    exe, seen = recording_exe(tmp_path)
    with pytest.raises(InputError) as problem:
        check(main, exe=exe, include_root=root)
    assert "outside" not in problem.value.message or "outside" in name
    refused = check(main, exe=exe)
    assert refused["judges"] == {"kernel": False, "metamath_rs": None, "metamath_exe": None}
    assert len(refused["first_errors"]) == 1 and not seen.exists()
    assert "metamath_exe not asked" in verdict(str(main)).text()


def recording_exe(folder: Path) -> tuple[Path, Path]:
    """A judge that accepts, and the file to which it copies what it finds in its folder."""
    seen = folder / "seen"
    says = 'echo "All proofs in the database were verified in 0.00 s."'
    return fake_exe(folder, f'ls -A > "{seen}"\ncat * >> "{seen}"\n{says}'), seen


IN_COMMENTS = ("Begin $[ {} $]", "Skip $[ {} $]", "End $[ {} $]", "$[ {} $]", "x$[ {} $]", "$[{}$]")


@pytest.mark.parametrize("where", IN_COMMENTS)
def test_no_judge_sees_an_include_in_a_comment(tmp_path: Path, where: str) -> None:
    root = foreign(tmp_path)
    exe, seen = recording_exe(tmp_path)
    main = put(root, "main.mm", f"$( {where.format(root / 'pipe')} $)\n{GOOD}")
    for judge in (exe, find_metamath_exe()):  # a judge that opened the pipe would wait there
        if judge is not None:
            result = check(main, exe=judge, limits=Limits(wall_s=20))
            assert result["judges"] == {"kernel": True, "metamath_rs": True, "metamath_exe": True}
    given = seen.read_text()
    assert given.startswith("source.mm\n") and "$[" not in given and "pipe" not in given and "$(" not in given
    assert given.removeprefix("source.mm\n").split() == GOOD.split()  # token for token


def test_what_a_judge_says_of_included_files_is_not_shown(tmp_path: Path) -> None:
    put(tmp_path, "part.mm", GOOD)
    main = put(tmp_path, "main.mm", "\n$[ part.mm $]\n")
    line = "secret " * 99
    error = f'echo "?Error on line 3 of file \\"x\\" at statement 7, label \\"secret\\", type:"\necho "{line}"'
    exe = fake_exe(tmp_path, "\n".join([error, "echo ^^^^", f'echo "the {line}"', 'echo "?Error: secret"']))
    result = check(main, exe=exe, include_root=tmp_path)
    assert result["errors"]["metamath_exe"] == 2 and "secret" not in json.dumps(result)
    own = check(put(tmp_path, "own.mm", f"\n{GOOD}"), exe=exe)
    assert all(len(e["message"]) <= 200 for e in own["first_errors"])


def test_the_patch_judge_sees_no_include(tmp_path: Path) -> None:
    exe, seen = recording_exe(tmp_path)
    setmm._asked(exe, f"$( Begin $[ /etc/hostname $] $)\n{GOOD}".encode())
    assert "$( Begin -- /etc/hostname -- $)" in seen.read_text()
    seen.unlink()
    setmm._asked(exe, b"$[ /etc/hostname $]\n")
    assert not seen.exists()


def test_include_inside_a_block_and_bombs(tmp_path: Path) -> None:
    put(tmp_path, "part.mm", GOOD)
    with pytest.raises(InputError, match="inside a block"):
        check(put(tmp_path, "main.mm", "${ $[ part.mm $] $}"), include_root=tmp_path)
    with pytest.raises(InputError, match="inside a block"):
        check(put(tmp_path, "main.mm", "$c a $[ part.mm $] $."), include_root=tmp_path)
    put(tmp_path, "part.mm", "${")
    with pytest.raises(InputError, match="ends inside a block"):
        check(put(tmp_path, "main.mm", "$[ part.mm $] $}"), include_root=tmp_path)
    for i in range(40):
        put(tmp_path, f"deep{i}.mm", f"$[ deep{i + 1}.mm $]\n")
    with pytest.raises(InputError, match="deep"):
        check(tmp_path / "deep0.mm", include_root=tmp_path)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        check(tmp_path / "nothing.mm")
    with pytest.raises(InputError, match="no regular file"):
        check(tmp_path)


def test_judging_needs_neither_torch_nor_numpy(root: Path) -> None:
    code = "import sys, metadream.metamath_db.judges.check as c; c.check(sys.argv[1]); print(*sys.modules)"
    file = root / "core/tests/judging/pass/compressed.mm"
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & {"torch", "numpy", "sklearn", "rich.table"} == set()


def test_judges_of_single_theorems() -> None:
    judges = _core.Judges(GOOD.encode())
    assert judges.theorems() == ["t"]
    verdict: dict[str, Any] = json.loads(judges.judge("t"))
    assert verdict["accepted"] and verdict["kernel"] is None and len(verdict["statement_sha256"]) == 64
    assert judges.slice("t").startswith("$c ")
    other = json.loads(judges.judge_proof("t", "( ax1 ) BAC"))
    assert other["accepted"] and other["statement_sha256"] == verdict["statement_sha256"]
    for proof in ("wq wp t", "( ax1 ) ?", "wq wp ax1 $. x $a |- p", "wp wq ax1", ""):
        assert not json.loads(judges.judge_proof("t", proof))["accepted"]
    with pytest.raises(InputError, match="labelled"):
        judges.judge("nothing")
    with pytest.raises(InputError, match="axiom"):
        judges.judge("ax1")

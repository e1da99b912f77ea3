"""What the system refuses: closed and full streams, limits, names that are no UTF-8. One line and status 2, each."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Group

from metadream import cli
from metadream.metamath_db import data, files
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.terminal import console, foreign_text

COMMAND = str(Path(sys.executable).with_name("metadream"))
DATABASE = "$c wff |- ( -> ) $. $v p q $. wp $f wff p $. wq $f wff q $. wi $a wff ( p -> q ) $. "


def shell(script: str, folder: Path) -> "subprocess.CompletedProcess[bytes]":
    """Run a script of bash in which $M is the command."""
    environment = {**os.environ, "M": COMMAND}
    return subprocess.run(["bash", "-c", script], cwd=folder, env=environment, capture_output=True, timeout=60)


CLOSED = "error: standard output is closed; give the answer a place, such as '> FILE'\n"
FULL = "error: standard output: No space left on device; give the answer a place that takes it\n"


@pytest.mark.parametrize(
    ("script", "status", "said"),
    [
        ("$M data list >&-", 2, CLOSED),
        ("$M data list --json >&-", 2, CLOSED),
        ("$M --help >&-", 2, CLOSED),
        ("$M tasks >/dev/full", 2, FULL),
        ("$M tasks --json >/dev/full", 2, FULL),
        ("$M --help >/dev/full", 2, "error: No space left on device; make room on the disk\n"),
        ("$M prove nosuch 2>/dev/full", 2, ""),
        ("$M prove nosuch 2>&-", 2, ""),
        ("set -o pipefail; $M --help | true", 0, ""),
        ("set -o pipefail; $M tasks | true", 0, ""),
        ("ulimit -v 200000; $M tasks", 2, "error: the limit on memory is 195 MiB (ulimit -v, -d); at least 320 MiB"),
        ("ulimit -v 400000; $M tasks >/dev/null", 0, ""),
        (
            "ulimit -f 0; trap '' XFSZ; $M asm one.asm -o one.mdpg",
            2,
            "error: one.mdpg: cannot write this file (File too",
        ),
    ],
)
def test_streams_that_take_nothing(tmp_path: Path, script: str, status: int, said: str) -> None:
    (tmp_path / "one.asm").write_text(".block main\n")
    done = shell(script, tmp_path)
    assert (done.returncode, done.stderr.decode()[: len(said)]) == (status, said)
    assert done.stderr.count(b"\n") == bool(said)


def test_a_table_into_a_pipe_that_closes(tmp_path: Path) -> None:
    """rich itself would end with status 1."""
    (tmp_path / "mine.mm").write_text(DATABASE)
    data.get("mine", str(tmp_path / "mine.mm"))
    done = shell("set -o pipefail; $M data list | true", tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")


def test_remarks_do_not_go_into_a_file_that_was_opened_since(tmp_path: Path) -> None:
    """With standard error closed, a file must not get its number."""
    (tmp_path / "mine.mm").write_text(DATABASE)
    done = shell("$M data get mine --from mine.mm --json 2>&- <&-", tmp_path)
    [entry] = json.loads(done.stdout)["data"]
    assert Path(entry["path"]).read_text() == DATABASE


TRIED = """
import resource, sys
from metadream import _core
data = bytes(100 << 20)
pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + (60 << 20)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
_core.check_source(data, 1)
"""


def test_the_core_without_memory_is_one_line_and_status_2() -> None:
    done = subprocess.run([sys.executable, "-c", TRIED], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("error: the system gives no more memory; ")


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (OSError(28, "No space left on device"), "error: No space left on device; make room on the disk\n"),
        (OSError(24, "Too many open files", b"a\xff"), "error: a\\xff: Too many open files; allow more open files"),
        (OSError(9, "Bad file descriptor", 7), "error: file descriptor 7: Bad file descriptor; "),
        (OSError("no number"), "error: no number; check the path"),
        (MemoryError(), "error: the system gives no more memory; "),
        (RuntimeError("can't start new thread"), "error: the system starts no more threads; "),
        (ImportError("x.so: failed to map segment from shared object"), "error: the system gives no more memory; "),
        (RuntimeError("alloc_cpu.cpp: can't allocate memory: you tried"), "error: the system gives no more memory; "),
        (
            UnicodeEncodeError("utf-8", "a\udcff", 1, 2, "surrogates not allowed"),
            "error: a\\xff: a name that is no UTF-8",
        ),
    ],
)
def test_what_the_system_refuses_is_no_bug_of_ours(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], problem: BaseException, line: str
) -> None:
    def entries() -> None:
        raise problem

    monkeypatch.setattr(data, "entries", entries)
    assert cli.main(["data", "list"]) == 2
    err = capsys.readouterr().err
    assert err.startswith(line)
    assert err.count("\n") == 1


# Names that are no UTF-8


def test_names_that_are_no_utf8(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "a\udcff"
    folder.mkdir()
    (folder / "b.mm").write_text(DATABASE + "ax $a |- p $. t $p |- ( p -> p ) $= wp wp wi ax $.\n")
    assert cli.main(["check", str(folder / "b.mm"), "--json"]) == 0
    said = capsys.readouterr().out
    assert json.loads(said)["file"] == f"{tmp_path}/a\\xff/b.mm"
    assert cli.main(["tasks", "-d", str(folder / "b.mm"), "--part", "train"]) == 0
    assert capsys.readouterr().out == "t\n"
    (folder / "one.asm").write_text(".block main\n")
    assert cli.main(["asm", str(folder / "one.asm")]) == 0
    assert (folder / "one.mdpg").is_file()
    assert "a\\xff/one.mdpg" in capsys.readouterr().out
    assert cli.main(["run", str(folder / "one.mdpg"), "--log", str(folder / "log"), "--json"]) == 0
    assert cli.main(["prove", str(folder / "no.mm")]) == 2
    assert cli.main(["learn", "-d", str(folder / "b.mm"), "-r", str(tmp_path / "run")]) == 2
    assert "a\\xff" in capsys.readouterr().err


def test_unescaped(capsys: pytest.CaptureFixture[str]) -> None:
    assert foreign_text.unescaped("a\udcff\ud800é") == "a\\xff\\ud800é"
    assert foreign_text.plain("a\udcff\x1b") == "a\\xff "
    console._show(console.Outcome({}, Group("wrote a\udcff")), as_json=False)
    assert capsys.readouterr().out == "wrote a\\xff\n"
    assert console.to_json({"f": "é\udcff\U0001f600"}) == '{"f": "\\u00e9\\\\xff\\ud83d\\ude00"}'


# Places to write


@pytest.mark.parametrize("place", ["/dev/full", "/dev/null", "/etc/passwd/x", ".", "loop", "pipe"])
@pytest.mark.parametrize(
    "command", [["asm", "one.asm", "-o"], ["export", "-r", "none", "-o"], ["prove", "x", "--drawing"]]
)
def test_places_that_cannot_be_written_are_refused_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: str, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.asm").write_text(".block main\n")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    assert cli.main([*command, place]) == 2
    assert capsys.readouterr().err.startswith(f"error: {place}: ")
    assert not Path("/dev/full").is_file()


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("target")
    files.publish(tmp_path / "link", "x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "x"


# What is no regular file never hangs, and JSON that nests is bad input


READERS = [
    ["check", "FILE"],
    ["check", "FILE", "--root", "."],
    ["tasks", "-d", "FILE"],
    ["prove", "./FILE.mm"],
    ["asm", "FILE"],
    ["asm", "one.asm", "--macros", "FILE"],
    ["run", "FILE"],
    ["run", "one.asm", "--masks", "FILE"],
    ["library", "macros", "FILE"],
    ["bench", "stitch", "--corpus", "FILE"],
    ["bench", "prove", "--tasks", "FILE", "--expansions", "1"],
    ["train", "--exclude-proofs", "FILE"],
    ["shorten", "--dry-run", "--resume", "FILE"],
    ["prove", "syl", "--model", "FILE"],
    ["bench", "prove", "--model", "FILE", "--expansions", "1"],
    ["audit", "--check-proof", "FILE"],
    ["audit", ".", "--consistency", "FILE"],
    ["compress", "--corpus", "FILE"],
    ["compress", "--corpus", "programs.json", "--with", "FILE"],
    ["debug", "FILE"],
]


@pytest.mark.parametrize("command", READERS, ids=" ".join)
def test_odd_files_are_bad_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.asm").write_text(".block main\n")
    (tmp_path / "programs.json").write_text('["(f a)"]')
    name = next(word for word in command if "FILE" in word)
    real = name.replace("FILE", "odd")
    arguments = [word.replace("FILE", "odd") for word in command]
    os.mkfifo(tmp_path / real)
    assert cli.main(arguments) == 2
    (tmp_path / real).unlink()
    (tmp_path / real).symlink_to("/dev/zero")
    assert cli.main(arguments) == 2
    (tmp_path / real).unlink()
    (tmp_path / real).write_text("[" * 100_000)
    assert cli.main(arguments) in (1, 2)
    err = capsys.readouterr().err
    assert "internal error" not in err and "Traceback" not in err


def test_read_json_names_the_place(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    for text, message in {
        "[" * 100_000: "nests too deep",
        "9" * 5_000: "no JSON that can be read",
        '{"a": 1,\n}': "f.json:2:1: no JSON",
    }.items():
        path.write_text(text)
        with pytest.raises(InputError, match=message):
            files.read_json(path, "x")
    path.write_bytes(b"\n\xff")
    with pytest.raises(InputError, match=r"f\.json:2: this is no UTF-8; expected x"):
        files.read_json(path, "x")


@pytest.mark.parametrize(
    "arguments",
    [
        ["learn", "-r", "r", "--workers", "100000"],
        ["learn", "-r", "r", "--cycles", "9" * 30],
        ["bench", "library", "--skip", "9" * 30],
        ["bench", "compress", "--held-out", "nan"],
        ["shorten", "--dry-run", "--seconds", "nan"],
        ["shorten", "--dry-run", "--seconds", "inf"],
    ],
    ids=" ".join,
)
def test_numbers_without_end_are_bad_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == 2
    assert capsys.readouterr().err.startswith("error: ")

"""What is read back is not believed: every file of a finished run, changed in every way, and what comes of it."""

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from metadream import _core
from metadream.dsl.proofs import Proof
from metadream.metamath_db.data import _read_manifest
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import publish
from metadream.wake_sleep.loop.cycle import learn
from metadream.wake_sleep.prove.prove import prove
from metadream.wake_sleep.report.export import export
from metadream.wake_sleep.report.report import page, report
from metadream.wake_sleep.report.show import list_library, show_composite
from metadream.wake_sleep.runs import folder as folders
from metadream.wake_sleep.runs.audit import audit, verify
from metadream.wake_sleep.runs.file_hashes import DERIVED, leftovers
from metadream.wake_sleep.runs.folder import Folder
from metadream.wake_sleep.runs.rejudged import Claim, Judge
from metadream.wake_sleep.runs.state import COLUMNS, read_rows
from metadream.wake_sleep.search.options import command_options

SEED = 5
TASKS = 30


def go_on(run: Path, cycles: int = 2) -> None:
    learn("starter", run, cycles, SEED, tasks=TASKS, expansions=400, workers=2)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two cycles over the starter database."""
    run = tmp_path_factory.mktemp("trust") / "run"
    go_on(run)
    assert audit(run).data["ok"]
    return run


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    shutil.copytree(finished, tmp_path / "run")
    return tmp_path / "run"


def names(run: Path) -> list[str]:
    """All its files that say something."""
    return sorted(p.relative_to(run).as_posix() for p in run.rglob("*") if p.is_file() and p.name != "lock")


NESTED = b"[" * 100_000
JUNK: dict[str, bytes] = {
    "nothing": b"",
    "bytes": bytes(range(256)) * 9,
    "nested": NESTED,
    "nested toml": b"a = " + NESTED,
    "list": b"[1, 2]",
    "types": b'{"schema": {}, "cycle": [], "records": "many", "sha256": 7}',
}


def changes(data: bytes, seed: str) -> dict[str, bytes]:
    """The content of a file in other forms."""
    chance = random.Random(seed)
    out = {what: JUNK[what] for what in chance.sample(sorted(JUNK), 2)}
    for _ in range(2):
        at, bit = chance.randrange(len(data)), 1 << chance.randrange(8)
        out[f"bit {bit} of byte {at}"] = data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]
        out[f"first {at} bytes"] = data[:at]
    return out


def test_every_change_is_found_and_never_believed(finished: Path, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """(a) bytes flipped, (b) cut, (c) replaced, (d) deleted: audit names the file; nobody goes on with it."""

    def no_cycle(*_: object) -> None:
        raise AssertionError("a cycle was begun")

    monkeypatch.setattr("metadream.wake_sleep.loop.cycle.cycle", no_cycle)
    for name in names(finished):
        good = (run / name).read_bytes()
        for what, bad in changes(good, name).items():
            (run / name).write_bytes(bad)
            found = [finding["file"] for finding in verify(run, run / "log")["findings"]]
            assert name in found, (name, what, found)
            with pytest.raises(InputError) as refused:
                go_on(run)
            assert Path(str(refused.value.file)).name == Path(name).name or name.split("/")[0] in str(refused.value), (
                what
            )
        (run / name).unlink()
        missing = audit(run)
        assert missing.status == 1 and Path(name).name in missing.text(), name
        (run / name).write_bytes(good)
    assert audit(run).status == 0


def test_added_files_are_named(run: Path) -> None:
    """(e) files that the run does not have."""
    added = ["notes.txt", "reports/cycle_003.json", "library/x/evil.json", "log/more", "commits/more", "traces/.hidden"]
    for name in added:
        path = run / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
        outcome = audit(run)
        assert outcome.status == 1 and [f["file"] for f in outcome.data["findings"]] == [name]
        path.unlink()
        if path.parent.name == "x":
            path.parent.rmdir()
    (run / "link").symlink_to("/etc")
    os.mkfifo(run / "pipe")
    (run / "library.mm").unlink()
    os.mkfifo(run / "library.mm")
    os.truncate(run / "library.json", 1 << 40)
    found = {f["file"]: f["what"] for f in audit(run).data["findings"]}
    assert set(found) == {"link", "pipe", "library.mm", "library.json"} and "regular" in found["library.mm"]


@pytest.mark.parametrize(
    "name", ["commits/head.json", "log/head.json", "log/segment-00000000.mdlog", "lock", "config.toml"]
)
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_bad_input(run: Path, name: str, make: Callable[[Path], None]) -> None:
    (run / name).unlink()
    make(run / name)
    with pytest.raises(InputError):
        go_on(run)
    if name != "lock":
        try:
            assert audit(run).status == 1
        except InputError as problem:
            assert name.split("/")[0] in str(problem)


def again(run: Path, changed: dict[str, bytes]) -> None:
    """What who can write every file can do: change some and make all hashes anew, those of the log's head, too."""
    files = Folder(run).files
    for name, data in changed.items():
        if name.startswith(("traces", "library/")):
            report = f"reports/{Path(name).stem}.json"
            told = json.loads(changed.get(report, (run / report).read_bytes()))
            told["proofs_sha256" if name.startswith("traces") else "library_sha256"] = hashlib.sha256(data).hexdigest()
            changed = {**changed, report: json.dumps(told).encode()}
    files.commit(changed)


def with_rows(run: Path, change: Callable[[list[dict[str, object]]], object]) -> dict[str, bytes]:
    rows = read_rows(run / "traces" / "cycle_002.parquet")
    rows = change(rows) or rows  # type: ignore[assignment]
    table = pa.table({name: [row[name] for row in rows] for name in COLUMNS.names}, schema=COLUMNS)
    pq.write_table(table, run.parent / "made", compression="zstd")
    return {"traces/cycle_002.parquet": (run.parent / "made").read_bytes()}


def refused_everywhere(run: Path, words: str) -> None:
    """The audit names it, and nobody goes on with it, although every hash fits."""
    outcome = audit(run)
    assert outcome.status == 1 and words in outcome.text(), outcome.text()
    users: list[Callable[[], object]] = [
        lambda: go_on(run, 3),
        lambda: report(run, run.parent / "out.html"),
        lambda: export(run, run.parent / "out.mm"),
        lambda: prove("|- ( ph -> ph )", None, run, options=command_options(10)),
    ]
    users += [lambda: list_library(run), lambda: show_composite(run, "md1")]
    for user in users:
        with pytest.raises(InputError, match=r"cycle_002"):
            user()


def short(row: dict[str, object]) -> dict[str, object]:
    """A row with a one-step 'proof' by an axiom."""
    proof = json.dumps({"task": row["task"], "steps": [["ax-1", []]]}, separators=(",", ":"))
    return {**row, "proof": proof, "best": proof, "rewritten": proof, "best_cycle": 2, "steps": 1, "reason": "solved"}


def test_false_proofs_are_judged_though_their_hashes_fit(run: Path) -> None:
    def cheat(rows: list[dict[str, object]]) -> None:
        long = [i for i, row in enumerate(rows) if row["kind"] == "task" and str(row["best"]).count("[") > 9]
        for i in long[:3]:
            rows[i] = short(rows[i])

    again(run, with_rows(run, cheat))
    refused_everywhere(run, "is refused")


def other_task(rows: list[dict[str, object]]) -> None:
    """The proof of one theorem as that of another."""
    proved = [i for i, row in enumerate(rows) if row["best"] is not None]
    a, b = proved[:2]
    rows[a] = {**rows[a], "best": rows[b]["best"]}


def added_hypothesis(rows: list[dict[str, object]]) -> None:
    """A weaker statement: the theorem under a hypothesis that says the same."""
    i = next(i for i, row in enumerate(rows) if row["best"] is not None)
    said = {"hyps": [["h", "|- ph"]], "conclusion": "|- ph", "disjoint": [], "before": None}
    rows[i] = {**rows[i], "best": json.dumps({"task": None, "statement": said, "steps": [["h", []]]})}


def twice(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [rows[0], *rows]


def nested(rows: list[dict[str, object]]) -> None:
    i = next(i for i, row in enumerate(rows) if row["best"] is not None)
    rows[i] = {**rows[i], "best": '{"task":' + "[" * 100_000}


@pytest.mark.parametrize("change", [other_task, added_hypothesis, twice, nested])
def test_rows_that_say_other_things_are_refused(run: Path, change: Callable[..., object]) -> None:
    again(run, with_rows(run, change))
    outcome = audit(run)
    assert outcome.status == 1 and outcome.data["findings"][0]["file"] == "traces/cycle_002.parquet", outcome.text()
    with pytest.raises(InputError, match="cycle_002"):
        go_on(run, 3)


def test_false_lemmas_and_their_figures_are_refused(run: Path) -> None:
    path = run / "library" / "cycle_002.json"
    for change in (
        lambda e: e.update(statement="|- ph"),
        lambda e: e.update(axioms=[]),
        lambda e: e.update(size=1_000_000),
        lambda e: e["hypotheses"].append("|- ph"),
        lambda e: e.update(body=[]),
        lambda e: e["body"][0].update(premises=[-9_000_000_000_000_000_000]),
        lambda e: e.update(label="ax-1"),
    ):
        copy = run.parent / "copy"
        shutil.copytree(run, copy)
        data = json.loads(path.read_text())
        assert data["entries"], "no composite was learnt"
        change(data["entries"][0])
        entries = json.dumps(data["entries"], separators=(",", ":"), ensure_ascii=False)
        data["sha256"] = hashlib.sha256(entries.encode()).hexdigest()
        again(copy, {"library/cycle_002.json": json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()})
        refused_everywhere(copy, "cycle_002")
        shutil.rmtree(copy)


def test_the_newest_library_is_that_of_a_cycle(run: Path) -> None:
    good = {name: (run / name).read_bytes() for name in ("library.json", "library.mm")}
    again(run, {"library.mm": good["library.mm"] + b"evil $a |- ph $.\n"})
    assert [f["file"] for f in audit(run).data["findings"]] == ["library.mm"]
    again(run, {**good, "library.json": good["library.json"].replace(b"md1", b"md7")})
    assert [f["file"] for f in audit(run).data["findings"]] == ["library.json"]


def test_figures_that_do_not_follow_from_the_proofs_are_named(run: Path) -> None:
    told = json.loads((run / "reports" / "cycle_002.json").read_text())
    again(run, {"reports/cycle_002.json": json.dumps({**told, "solved": told["solved"] + 258}).encode()})
    assert f"it says solved = {told['solved'] + 258}" in audit(run).text()
    for key in ("solved", "unseen_solved", "pass_rate", "description_length", "expansions", "library_sha256"):
        forged = {"training": None, "unseen": None} if key == "pass_rate" else "0" if "sha" in key else told[key] + 1
        again(run, {"reports/cycle_002.json": json.dumps({**told, key: forged}).encode()})
        assert "cycle_002" in audit(run).text().splitlines()[-2], key
        users = [lambda: go_on(run), lambda: list_library(run), lambda: report(run, run.parent / "o.html")]
        for user in users if key in ("solved", "pass_rate") else ():
            with pytest.raises(InputError, match="cycle_002"):
                user()


@pytest.mark.parametrize("name", ["library.mm", "report.html", "config.toml", "files.sha256", "reports/cycle_001.json"])
def test_good_bytes_beside_a_changed_file_hide_nothing(run: Path, name: str) -> None:
    path = run / name
    shutil.copy(path, path.with_name(f".{path.name}.new"))
    path.write_bytes(path.read_bytes() + b"\n evil $a |- ph $.\n")
    found = audit(run)
    assert found.status == 1 and name in [f["file"] for f in found.data["findings"]]
    with pytest.raises(InputError, match=Path(name).name):
        go_on(run)
    assert path.with_name(f".{path.name}.new").exists()  # the good bytes are not thrown away


def test_what_follows_from_other_files_is_made_anew(run: Path) -> None:
    good = {name: (run / name).read_bytes() for name in ("report.html", "model.safetensors", "config.toml")}
    flipped = bytearray(good["model.safetensors"])
    flipped[-5] ^= 1
    for name, bad, named in (
        ("report.html", good["report.html"].replace(b"<h1", b"<h1>FORGED</h1><h1"), "report.html"),
        ("model.safetensors", bytes(flipped), "model.safetensors"),
        ("model.safetensors", b"\xff" * 100, "model.safetensors"),
        ("config.toml", good["config.toml"].replace(b"seed = 5", b"seed = 7"), "model.safetensors"),
        (
            "config.toml",
            good["config.toml"].replace(b"expansions = 400", b"expansions = 500"),
            "reports/cycle_001.json",
        ),
    ):
        assert bad != good[name]
        again(run, {name: bad})
        found = audit(run)
        assert found.status == 1 and named in [f["file"] for f in found.data["findings"]], (name, found.text())
        again(run, {name: good[name]})
    shutil.move(run, run.with_name("renamed"))
    assert audit(run.with_name("renamed")).status == 0


def test_what_is_beside_the_files_is_named(run: Path) -> None:
    aside = ["log/head.json.new", ".library.mm.new", "library/.cycle_001.json.new", ".config.toml-abcdefgh"]
    wrong = ["log/segment-00000007.mdlog", "log/segment-00000001.mdlog", "commits/segment-00000001.mdlog"]
    for name in [*aside, *wrong, "lock", "log/lock", "commits/lock"]:
        path, before = run / name, None
        if path.exists():
            before = path.read_bytes()
        path.write_text("evil")
        found = audit(run)
        assert name in found.text() and not found.text().endswith("everything is as it was written")
        assert (found.status, found.data["aside"]) == ((0, [name]) if name in aside else (1, [])), name
        path.unlink()
        if before is not None:
            path.write_bytes(before)
    for name in (*wrong, aside[0], ".library.mm.new"):
        (run / name).mkdir()
        found = audit(run)
        assert found.status == 1 and [f["file"] for f in found.data["findings"]] == [name]
        (run / name).rmdir()
    (run / ".library.mm.new").mkdir()
    with pytest.raises(InputError, match=r"library\.mm"):
        go_on(run)


WRONG_TYPES: dict[str, tuple[object, ...]] = {
    "seconds": (None, "x", -1, [], {"a": []}, {"a": "1"}, {"a": 10**400}),
    "tasks": (None, "x", -1, [], {}, 10**400, True, 1.5),
    "pass_rate": (None, "x", [], {}, {"training": 3}, {"training": {}, "unseen": {}}),
    "reused": (None, "x", -1, [[]], [["a"]], [["a", "b"]], {"a": 1}),
    "log_records": (None, "x", -1, 10**18, 0, True),
    "cycle": (None, "2", 1, 3, []),
}


@pytest.mark.parametrize("key", WRONG_TYPES)
def test_a_report_of_other_types_is_refused(run: Path, key: str) -> None:
    told = json.loads((run / "reports" / "cycle_002.json").read_text())
    for value in WRONG_TYPES[key]:
        again(run, {"reports/cycle_002.json": json.dumps({**told, key: value}).encode()})
        assert audit(run).status == 1
        users = [lambda: go_on(run), lambda: list_library(run), lambda: report(run, run.parent / "o.html")]
        for user in users[: 1 if key == "log_records" else 3]:  # the log itself is the affair of who goes on
            with pytest.raises(InputError):
                user()


def test_an_older_head_shows_what_rewriting_everything_hides(run: Path) -> None:
    """All hashes and the log made anew: the audit finds nothing wrong, a head that was kept does."""
    kept = run.parent / "head.json"
    shutil.copy(run / "commits" / "head.json", kept)
    assert audit(run, consistency=str(kept)).status == 0
    told = json.loads((run / "reports" / "cycle_002.json").read_text())
    shutil.rmtree(run / "commits")
    (run / "reports" / "cycle_002.json").write_text(json.dumps({**told, "python": "2.7"}))
    files = {n: (run / n).read_bytes() for n in names(run) if not n.startswith("log/") and n != "files.sha256"}
    Folder(run).files.commit(files)
    assert [f["file"] for f in audit(run).data["findings"]] == ["report.html"]
    Folder(run).files.commit({"report.html": page(Folder(run)).encode()})
    assert audit(run).status == 0
    assert audit(run, consistency=str(kept)).status == 1


def test_proofs_of_the_log_need_a_known_log(run: Path) -> None:
    file, kept = run.parent / "proof.json", run.parent / "head.json"
    shutil.copy(run / "log" / "head.json", kept)
    file.write_text(json.dumps(audit(run, inclusion=3).data))
    assert audit(run, check_proof=file).status == audit(kept, check_proof=file).status == 0
    with pytest.raises(InputError, match="nothing by itself"):
        audit(None, check_proof=file)
    proof = json.loads(file.read_text())
    for size in (proof["records"] - 1, proof["records"] + 1):  # the path may fit another size as well
        file.write_text(json.dumps({**proof, "records": size}))
        assert audit(run, check_proof=file).status == audit(kept, check_proof=file).status == 1


def test_what_may_be_made_again_is(run: Path) -> None:
    good = {name: (run / name).read_bytes() for name in DERIVED}
    for name in DERIVED:
        (run / name).unlink()
    go_on(run)
    assert {name: (run / name).read_bytes() for name in DERIVED} == good and audit(run).status == 0
    report_1 = run / "reports" / "cycle_001.json"
    library = (run / "library" / "cycle_002.json").read_bytes()
    report_1.unlink()  # both cycles are done again
    go_on(run)
    assert (run / "library" / "cycle_002.json").read_bytes() == library and audit(run).status == 0


class Killed(BaseException):
    """What a kill at a place is in these tests."""


@pytest.mark.parametrize("renamed", range(5))
def test_a_commit_that_is_cut_short_is_finished_or_forgotten(
    run: Path, monkeypatch: pytest.MonkeyPatch, renamed: int
) -> None:
    before = names(run)
    good = {name: (run / name).read_bytes() for name in ("report.html", "model.safetensors")}
    new = dict.fromkeys(good, b"new") if renamed == 4 else good  # the commit before a good one counts no more
    if renamed != 4:
        Folder(run).files.commit(dict.fromkeys(good, b"old"))
    done = 0
    real = Path.replace

    def replace(path: Path, target: Path) -> Path:
        nonlocal done
        done += 1
        if done > renamed:
            raise Killed
        return real(path, target)

    def bind(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        if renamed == 4:
            patch.setattr(_core, "bind_files", bind)  # before it counts
        else:
            patch.setattr(Path, "replace", replace)
        if renamed == 3:
            Folder(run).files.commit(new)
        else:
            with pytest.raises(Killed):
                Folder(run).files.commit(new)
    found = audit(run)
    assert found.status == 0  # as it was, or as it will be
    assert found.data["pending"] == (renamed < 3) and ("cut short" in found.text()) == (renamed < 3)
    assert bool(found.data["aside"]) == (renamed == 4)
    assert found.text().endswith("everything is as it was written") == (renamed == 3)
    wanted = good["report.html"]
    assert Folder(run).files.read("report.html") == wanted
    with Folder(run).lock():
        assert names(run) == before and not leftovers(run)
    assert Folder(run).files.read("report.html") == (run / "report.html").read_bytes() == wanted
    assert audit(run).status == 0


def test_a_first_commit_that_is_cut_short_is_begun_again(tmp_path: Path) -> None:
    for left in ({}, {"commits/lock": b""}, {"commits/head.json.new": b"{"}, {".config.toml.new": b"a", "lock": b""}):
        run = tmp_path / f"run{len(list(tmp_path.iterdir()))}"
        for name, data in left.items():
            (run / name).parent.mkdir(parents=True, exist_ok=True)
            (run / name).write_bytes(data)
        if not left:
            _core.append_log(run / "commits", [])  # the log is there, without a record
        folder = Folder(run)
        with folder.lock():
            folder.files.commit({"config.toml": b"x"})
        assert Folder(run).files.read("config.toml") == b"x" and not leftovers(run)


def test_disk_full_is_one_line_and_leaves_the_run(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = names(run)
    with monkeypatch.context() as patch:
        patch.setattr(folders, "_write", full)
        with pytest.raises(InputError, match="No space left on device"):
            go_on(run)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(InputError, match="No space left on device"):
            Folder(run).files.commit({"report.html": b"new"})
    assert names(run) == before and audit(run).status == 0


def test_a_judge_answers_for_each_proof(finished: Path) -> None:
    from metadream.metamath_db.core import load_theory
    from metadream.metamath_db.data import resolve_database

    rows = [row for row in read_rows(finished / "traces" / "cycle_002.parquet") if row["best"] is not None]
    judge = Judge(load_theory(resolve_database("starter")))
    good = [Claim(row["task"], Proof(row["best"])) for row in rows]
    assert judge.refused(good) == [] and len(judge.accepted) == len(good)
    bad = [Claim(None, good[0].proof), Claim("nothing", good[0].proof)]
    bad += [Claim(None, Proof("{}")), Claim(None, Proof("[" * 9999))]
    assert [claim for claim, _ in judge.refused([*good, *bad])] == bad


def test_an_answer_is_judged_again(tmp_path: Path) -> None:
    answer = tmp_path / "answer"
    outcome = prove("id", "starter", None, options=command_options(500), output=answer)
    assert outcome.data["proved"] and audit(answer).status == 0
    manifest = json.loads((answer / "manifest.json").read_text())
    good = (answer / "proof.mm").read_text()
    for bad in (
        good.replace("$p |- ( ph -> ph )", "$p |- ( ph -> ps )"),
        good + "x $a |- ph $.",
        good[:-9],
        "$[ /etc/hostname $]",
    ):
        (answer / "proof.mm").write_text(bad)
        hashes = {**manifest["sha256"], "proof.mm": hashlib.sha256(bad.encode()).hexdigest()}
        (answer / "manifest.json").write_text(json.dumps({**manifest, "sha256": hashes}))
        found = audit(answer)
        if bad != good + "x $a |- ph $.":  # more than is needed proves nothing more
            assert found.status == 1 and found.data["findings"][0]["file"] == "proof.mm", bad
    for junk in JUNK.values():
        (answer / "manifest.json").write_bytes(junk)
        assert audit(answer).data["findings"][0]["file"] == "manifest.json"


WRITER = """
import os, sys, pathlib
from metadream.metamath_db import files
os.fsync = lambda number: (print("written", flush=True), sys.stdin.read())
files.publish(pathlib.Path(sys.argv[1]), b"x" * 1000)
"""


def test_what_a_killed_writer_left_aside_goes_and_a_living_one_keeps_its_own(tmp_path: Path) -> None:
    path = tmp_path / "model"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == "written\n"
        publish(path, b"mine")
        assert len(list(tmp_path.iterdir())) == 2  # the other still writes
        writer.kill()
    publish(path, b"mine")
    assert [each.name for each in tmp_path.iterdir()] == ["model"] and path.read_bytes() == b"mine"


def test_a_manifest_of_the_cache_can_be_anything(tmp_path: Path) -> None:
    for junk in JUNK.values():
        (tmp_path / "set.json").write_bytes(junk)
        with pytest.raises(InputError, match="expected a manifest"):
            _read_manifest(tmp_path / "set.json")

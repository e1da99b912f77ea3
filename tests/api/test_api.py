"""``import metadream``: the names, what they answer, and that nothing is printed. docs/api.md is run, too."""

import doctest
import importlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import metadream as md
from metadream import cli
from metadream.wake_sleep.model import prover
from metadream.wake_sleep.search.proposer import Question

HEAVY = {"torch", "numpy", "networkx", "pyarrow", "rich", "typer", "metadream._core", "metadream.wake_sleep"}
DOCUMENTED = [
    "metadream",
    "metadream.dsl.proofs",
    "metadream.wake_sleep.api.calls",
    "metadream.wake_sleep.api.database",
    "metadream.wake_sleep.api.programs",
    "metadream.wake_sleep.environment.environment",
    "metadream.wake_sleep.environment.gymnasium",
]
IDENTITY = "|- ( ph -> ph )"
GOOD = "$c |- wff ( ) -> $. $v p q $. wp $f wff p $. wq $f wff q $. wi $a wff ( p -> q ) $.\nax $a |- ( p -> p ) $.\n"


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search by use counts: nothing is trained."""
    monkeypatch.setattr(prover, "_found", lambda *given: None)


@pytest.fixture
def starter(no_model: None) -> md.Database:
    return md.load("starter")


# The names


def test_import_loads_nothing_heavy() -> None:
    code = "import sys, metadream as md; dir(md); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & HEAVY == set()


def test_every_name_is_there_and_listed() -> None:
    assert {*md._MODULES, "__version__"} == set(md.__all__) == {name for name in dir(md) if name in md.__all__}
    for name in md.__all__:
        assert getattr(md, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = md.nothing  # type: ignore[attr-defined]
    stubs = re.findall(r"^    from (\S+) import (\w+) as \2$", Path(md.__file__).read_text(), re.MULTILINE)
    assert {(f"metadream.{module}", name) for name, module in md._MODULES.items()} == {(m, n) for m, n in stubs}


def test_a_type_checker_sees_the_types(tmp_path: Path, root: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import metadream as md\nreveal_type(md.load('set').prove('id').proof)\nreveal_type(md.learn)\n")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", str(root / "pyproject.toml"), str(script)]
    cache = ["--cache-dir", str(root / ".mypy_cache")]
    done = subprocess.run([*command, *cache], cwd=root, capture_output=True, text=True)
    assert '"metadream.dsl.proofs.Proof | None"' in done.stdout, done.stdout + done.stderr
    assert "-> metadream.wake_sleep.report.learned.Learned" in done.stdout


@pytest.mark.parametrize("module", DOCUMENTED)
def test_examples_in_docstrings(module: str, no_model: None) -> None:
    found = importlib.import_module(module)
    done = doctest.testmod(found)
    assert done.attempted and not done.failed


def test_page_of_the_api(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_model: None) -> None:
    """Its examples run, one after the other, and its table has all names."""
    page = (root / "docs" / "api.md").read_text()
    monkeypatch.chdir(tmp_path)
    blocks = "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    test = doctest.DocTestParser().get_doctest(blocks, {}, "docs/api.md", "docs/api.md", 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(test)
    assert runner.tries > 10 and not runner.failures
    named = set(re.findall(r"`(?:md\.)?(\w+)", "\n".join(re.findall(r"^\|.*\|$", page, re.MULTILINE))))
    assert set(md.__all__) - named == set()


# A database


def test_database(starter: md.Database) -> None:
    assert repr(starter) == "<Database starter: 336 statements, 0 proofs>"
    assert len(starter) == len(list(starter)) == 336 and "syl" in starter and "nope" not in starter
    syl = starter["syl"]
    assert (syl.label, syl.kind, syl.formula) == ("syl", "theorem", "|- ( ph -> ch )")
    assert syl.hypotheses == (("syl.1", "|- ( ph -> ps )"), ("syl.2", "|- ( ps -> ch )"))
    assert str(syl) == "|- ( ph -> ps ) & |- ( ps -> ch ) => |- ( ph -> ch )"
    assert starter["ax-mp"].kind == "axiom" and starter["id"].comment and starter["id"].disjoint == ()
    assert (
        starter.tasks("chrono", "test") == md.tasks("starter", "chrono", "test") == md.tasks(starter, "chrono", "test")
    )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: md.load("nothing"), "nothing: no such file; name an existing .mm file or one of starter"),
        (lambda: md.load()["nope"], "no statement is labelled `nope`"),
        (lambda: md.load().prove("nope"), "'nope' is no theorem of the database"),
        (lambda: md.load().prove("id", seconds=1, expansions=1), "two budgets"),
        (lambda: md.load().prove("id", moves="luck"), "moves"),
        (lambda: md.load().tasks("x"), "no split 'x'"),  # type: ignore[arg-type]
        (lambda: md.learn(without=["luck"]), "without: no 'luck'; expected one of library, dreaming"),
        (lambda: md.learn(price="gold"), "price: no 'gold'; expected one of bytes, steps, nats"),  # type: ignore[arg-type]
        (lambda: md.check("nothing"), "no such file"),
        (lambda: md.compress(["(f"]), "program 1"),
        (lambda: md.open_run("nothing"), "nothing"),
    ],
)
def test_errors_have_the_commands_texts(wrong, said: str, no_model: None) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(md.InputError, match=re.escape(said)):
        wrong()


# Proving


def test_answer(starter: md.Database, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    answer = starter.prove(IDENTITY, expansions=500)
    assert answer and answer.proved and answer.reason == "solved" and answer.steps == 5 and answer.expansions > 5
    assert answer.proof is not None and answer.proof.labels[-1] == "ax-mp" and answer.proof.task is None
    assert answer.proof.statement is not None and answer.proof.statement.conclusion == IDENTITY
    assert answer.text().startswith(f"{IDENTITY}: proved and accepted by both judges (5 steps; ")
    assert repr(answer).startswith(f"<Answer: {IDENTITY}: proved") and "<pre>" in answer._repr_html_()
    assert answer.mm().startswith("  statement $p |- ( ph -> ph ) $=")
    file = tmp_path / "proof.mm"
    file.write_text(answer.files()["proof.mm"])
    assert md.check(file)
    answer.write(tmp_path / "answer")
    assert md.audit(tmp_path / "answer").ok
    starter.prove(IDENTITY, expansions=500, output=tmp_path / "other")
    for name in ("proof.mm", "program.asm", "trace.jsonl", "statement.mm", "proof.json"):
        assert (tmp_path / "answer" / name).read_text() == (tmp_path / "other" / name).read_text(), name
    assert capfd.readouterr() == ("", "")


def test_answer_is_what_the_command_prints(no_model: None, capsys: pytest.CaptureFixture[str]) -> None:
    def timeless(text: str) -> str:
        return re.sub(r"\d+\.\d\d s|\"seconds\": [0-9.e-]+", "", text)

    answer = md.prove("syl", expansions=500)
    assert cli.main(["prove", "syl", "--expansions", "500"]) == 0
    assert timeless(capsys.readouterr().out) == timeless(answer.text() + "\n")
    assert cli.main(["prove", "syl", "--expansions", "500", "--json"]) == 0
    assert timeless(capsys.readouterr().out) == timeless(answer.to_json() + "\n")


def test_not_proved(starter: md.Database) -> None:
    answer = starter.prove("|- ( ph -> ps )", expansions=20)
    assert not answer and answer.proof is None and answer.steps == 0 and answer.reason in ("budget", "exhausted")
    assert "not proved" in answer.text() and "?" in answer.mm()


def test_files_with_open_proofs(starter: md.Database, tmp_path: Path) -> None:
    sheet = tmp_path / "open.mm"
    sheet.write_text("mine $p |- ( ph -> ph ) $= ? $.\n")
    answer = starter.prove(sheet, expansions=500)
    assert answer and [row["label"] for row in answer.theorems] == ["mine"] and answer.steps > 0
    assert answer.mm() == (tmp_path / "open.mm.proved" / "mine.mm").read_text()


def test_a_trained_model_and_a_callable_that_ranks_moves(small_database: Path) -> None:
    model, seen = md.train(small_database), list[str]()

    def alike(question: Question) -> list[float]:
        seen.append(question["goal"])
        return [0.0] * len(question["moves"])

    db = md.load(small_database)
    answer = db.prove("|- ( ph -> ( ps -> ( ch -> ph ) ) )", expansions=50, moves="content", proposer=alike)
    assert answer.data["proposer"]["calls"] == len(seen) and answer.data["proposer"]["name"].endswith("alike")
    assert model.trained and model.path is not None and not md.train(small_database).trained
    assert "trained in" in model.text() and model.messages


def test_threads_search_at_once(starter: md.Database) -> None:
    labels = ["id", "syl", "a1i", "mpd", "a2i", "mp2"]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda label: starter.prove(label, expansions=500), labels))
    assert [answer.target for answer in found] == labels
    assert [answer.proof for answer in found] == [starter.prove(label, expansions=500).proof for label in labels]


def test_ctrl_c_ends_a_search(root: Path) -> None:
    code = """
import os, signal, threading, time, metadream as md
from metadream.wake_sleep.model import prover
signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in the background does not hear it
prover._found = lambda *given: None
db = md.load()
db.prove("id", expansions=10)
threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
start = time.monotonic()
try:
    db.prove("|- ( ph <-> ( ps <-> ( ch <-> ( th <-> ( ph <-> ( ps <-> ( th <-> ch ) ) ) ) ) ) )", seconds=60)
except KeyboardInterrupt:
    print("ended", time.monotonic() - start < 10)
print(db.prove("id", expansions=500).proved)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("ended True\nTrue\n", "")


# What else can be asked


def test_verdict(tmp_path: Path) -> None:
    file = tmp_path / "good.mm"
    file.write_text(GOOD + "t $p |- ( q -> q ) $= wq ax $.\n")
    good = md.check(file)
    assert good and good.accepted and good.errors == () and (good.statements, good.proofs) == (3, 1)
    file.write_text(GOOD + "t $p |- ( q -> p ) $= wq ax $.\n")
    bad = md.check(file)
    assert not bad and bad.accepted is False and bad.judges["kernel"] is False
    assert (bad.errors[0].line, bad.errors[0].label, bad.errors[0].judge) == (3, "t", "kernel")
    assert str(bad.errors[0]) in bad.text() and f"{file}:3:" in str(bad.errors[0])


def test_compress_programs(tmp_path: Path) -> None:
    programs = ["(f (g a b) (h c))", "(f (g a b) (h d))"]
    done = md.compress(programs)
    assert done.abstractions == (("fn_0", 1, "(f (g a b) (h #0))"),) and done.ratio > 2
    again = md.compress(["(f (g a b) (h e))"], known=done, output=tmp_path / "written.json")
    assert (
        again.programs == ("(fn_0 e)",) == md.compress(["(f (g a b) (h e))"], known=tmp_path / "written.json").programs
    )


def test_compress_a_database(small_database: Path) -> None:
    done = md.compress(md.load(small_database), price="steps")
    assert done.lemmas == done.data["lemmas"] and 0 <= done.net <= done.gross < 1 and done.bytes_before > 0
    by_nats = md.compress(md.load(small_database), price="nats")
    assert by_nats.bytes_before == done.bytes_before and 0 <= by_nats.gross < 1


def test_a_run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    db = md.load("starter", judged=True)
    lib = md.learn(db, tmp_path / "run", cycles=1, tasks=12, expansions=300, without=["recognition"])
    assert lib.run == tmp_path / "run" and len(lib.cycles) == 1 and lib.solved == [12] and len(lib.messages) == 1
    assert "12 of 12 solved" in repr(lib) and list(lib) == lib.composites and lib
    exported = lib.export(tmp_path / "library.mm")
    assert exported.path == tmp_path / "library.mm" and exported.path.read_text().count("$p") == sum(
        composite.level == 1 for composite in lib
    )
    assert md.report(lib, tmp_path / "report.html").read_text().startswith("<!")
    assert len(lib.listed()) == len(lib)
    inclusion, consistency = md.audit(lib.run, inclusion=0).data, md.audit(lib.run, consistency="1").data
    assert (inclusion["kind"], inclusion["number"], consistency["old_records"]) == ("inclusion", 0, 1)
    assert inclusion["root"] == consistency["root"]
    assert md.audit(lib.run).ok and md.open_run(lib.run).composites == lib.composites
    assert db.prove(IDENTITY, run=lib.run, expansions=500)
    assert capfd.readouterr() == ("", "")


def test_a_run_without_a_folder_is_removed() -> None:
    lib = md.learn(cycles=1, tasks=5, expansions=100, without=["recognition"])
    folder = lib.run
    assert (folder / "library.json").is_file()
    del lib
    assert not folder.exists()


def test_progress_is_shown_if_asked(capfd: pytest.CaptureFixture[str]) -> None:
    found = md.learn(cycles=1, tasks=5, expansions=100, without=["recognition"], progress=True)
    assert found.messages == () and "cycle 1: 5 of 5 solved" in capfd.readouterr().err


# What maintainers and the machine are asked


def test_shorter_proofs_are_typed(small_database: Path, tmp_path: Path) -> None:
    db = md.load(small_database)
    done = db.shorten(output=tmp_path / "out.mm")
    assert done.file == tmp_path / "out.mm" and done.theorems == done.looked_at > 5
    [first, *_] = done.proofs
    assert first.after.bytes < first.before.bytes and first.used and all(n > 0 for n in first.used.values())
    assert done.before.steps == sum(proof.before.steps for proof in done.proofs)
    saved = done.before.bytes - done.after.bytes
    assert repr(done) == f"<Shortened: {len(done.proofs)} of {done.looked_at} proofs, {saved:,} bytes>"
    looked = db.shorten([first.label])
    assert looked.file is None and [proof.label for proof in looked.proofs] == [first.label]
    before, after = md.check(small_database), md.check(tmp_path / "out.mm")  # it has faults of its own
    assert [error.label for error in after.errors] == [error.label for error in before.errors]
    with pytest.raises(md.InputError, match="no theorem is labelled `nope`"):
        db.shorten(["nope"])


def test_proposals_are_typed(small_database: Path, tmp_path: Path) -> None:
    (tmp_path / "few.mm").write_text(GOOD)
    none = md.load(tmp_path / "few.mm").propose(limit=2)
    assert not none and len(none) == 0 and none.lemmas == () and repr(none).endswith("0 lemmas, 0 bytes net>")
    found = md.load(small_database).propose(limit=2)
    assert [lemma.net for lemma in found] == [row["net"] for row in found.data["proposals"]]
    assert sum(lemma.net for lemma in found) == found.net and all(lemma.label in lemma.mm for lemma in found)


def test_a_program_runs(root: Path, tmp_path: Path) -> None:
    source = root / "docs" / "examples" / "abduce.asm"
    made = md.assemble(source, tmp_path / "abduce.mdpg")
    assert made.file == tmp_path / "abduce.mdpg" and made.instructions == 6 and made.source is None
    text, binary = md.run(source, trace=True), md.run(tmp_path / "abduce.mdpg")
    assert text and text.stop == "halted" and text.fault is None and text.steps == len(text.trace) == 6
    assert (
        text.hashes["trace_sha256"] == binary.hashes["trace_sha256"]
        and binary.trace == ()
        and text.cells == binary.cells
    )
    wrong = tmp_path / "wrong.asm"
    wrong.write_text(".block main\n    ASSERT 1:0:0, 1:0:1\n")
    failed = md.run(wrong)
    assert not failed and failed.stop == "fault" and failed.fault is not None and failed.fault["line"] == 2
    with pytest.raises(md.InputError, match=r"nothing\.asm"):
        md.run(tmp_path / "nothing.asm")


def test_states_are_exported(small_database: Path, tmp_path: Path) -> None:
    done = md.load(small_database).export_states(tmp_path / "states", file_format="jsonl")
    assert done.folder == tmp_path / "states" and (done.folder / "train.jsonl").is_file()
    assert done.rows == sum(part["rows"] for part in done.parts.values()) > 10

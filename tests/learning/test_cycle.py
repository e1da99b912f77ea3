"""The loop on a small fake of the core: resume, determinism, ablation, judges, the folder and its lock."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_core import FakeCore, FakeTheory, chain, using

from metadream.dsl.proofs import entry_of
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.loop.cycle import _judged, learn
from metadream.wake_sleep.prove.prove import prove
from metadream.wake_sleep.report.export import export
from metadream.wake_sleep.report.show import list_library, show_composite
from metadream.wake_sleep.runs.folder import Folder
from metadream.wake_sleep.runs.settings import Settings, read_settings
from metadream.wake_sleep.runs.state import read_rows
from metadream.wake_sleep.search.options import command_options
from metadream.wake_sleep.seeds import derive

KEYS = {
    *("cycle", "tasks", "solved", "solved_without_library", "expansions", "library_size", "description_length"),
    *("seconds", "library_sha256"),
}


@pytest.fixture
def database(tmp_path: Path) -> str:
    path = tmp_path / "some.mm"
    path.write_text("$( what the fake does not read $)\n")
    return str(path)


@pytest.fixture(autouse=True)
def _fake() -> Iterator[None]:
    with using(FakeCore()):
        yield


def run(core: FakeCore, database: str, folder: Path, **more: object) -> list[dict[str, object]]:
    options: dict[str, object] = {"cycles": 3, "seed": 7, "expansions": 100, "workers": 2, **more}
    with using(core):
        return learn(database=database, run=folder, **options).data["cycles"]  # type: ignore[arg-type]


def content(folder: Path) -> dict[str, bytes]:
    """What must be equal for equal runs: all but seconds."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_file() and name not in ("lock", "report.html", "files.sha256") and path.parent.name != "commits":
            found[name] = path.read_bytes()
            if path.parent.name == "reports":
                data = json.loads(found[name])
                found[name] = json.dumps({k: v for k, v in data.items() if k not in ("seconds", "workers")}).encode()
    return found


def test_loop_climbs_and_library_helps(database: str, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    reports = run(FakeCore(), database, folder)
    assert [data["solved"] for data in reports] == [9, 19, 38]  # ten steps, t5 refused; then with md1, md2
    assert [data["solved_without_library"] for data in reports] == [9, 9, 9]
    assert [data["library_size"] for data in reports] == [1, 2, 3]
    assert [data["unseen_solved"] for data in reports] == [9, 10, 19]  # no proof of theirs was compressed before
    assert [data["unseen_solved_without_library"] for data in reports] == [9, 0, 0]
    assert [data["reused"] for data in reports[:2]] == [[], [["md1", 10]]]
    assert reports[0]["refused"] == 2  # in both arms
    assert reports[0]["refusals"] == ["t5: kernel: <no>"] * 2
    for data in reports:
        assert data.keys() >= KEYS
    for name in ("config.toml", "library.json", "library.mm", "model.safetensors", "report.html"):
        assert (folder / name).is_file()
    rows = [row for row in read_rows(folder / "traces" / "cycle_003.parquet") if row["kind"] == "task"]
    assert rows[4]["reason"] == "refused"
    assert rows[4]["best"] is None
    assert rows[3]["program"] == "ASSERT t4"


@pytest.mark.parametrize("dies_at", [1, 61, 130, 290])
def test_interrupted_run_resumes_to_the_same(database: str, tmp_path: Path, dies_at: int) -> None:
    run(FakeCore(), database, tmp_path / "whole", workers=1)
    with pytest.raises(KeyboardInterrupt):
        run(FakeCore(dies_at=dies_at), database, tmp_path / "broken")
    run(FakeCore(), database, tmp_path / "broken")
    assert content(tmp_path / "broken") == content(tmp_path / "whole")


def test_runs_with_moves_in_context_resume_to_the_same_and_count_what_these_found(
    database: str, tmp_path: Path
) -> None:
    reports = run(FakeCore(), database, tmp_path / "whole", workers=1, cycles=2, moves="both")
    with pytest.raises(KeyboardInterrupt):
        run(FakeCore(dies_at=150), database, tmp_path / "broken", cycles=2, moves="both")
    run(FakeCore(), database, tmp_path / "broken", cycles=2, moves="both")
    assert content(tmp_path / "broken") == content(tmp_path / "whole")
    assert [data["moves"] for data in reports] == ["both"] * 2
    assert [data["solved_in_context"] for data in reports] == [2, 4]  # one or two steps: t1, t2; then t3 and t4 too
    assert reports[0]["moves_model"]["proofs"] == 0  # type: ignore[index]
    with pytest.raises(InputError, match="moves = both, not unify"):
        run(FakeCore(), database, tmp_path / "whole", cycles=2)


def test_settings_of_earlier_versions_say_unify(database: str, tmp_path: Path) -> None:
    made = Settings(database, "0" * 64, 1, None, (), 10, 0, moves="both")
    path = tmp_path / "config.toml"
    path.write_text(made.to_toml())
    assert read_settings(path) == made
    path.write_text("".join(line for line in made.to_toml().splitlines(True) if not line.startswith("moves")))
    assert read_settings(path).moves == "unify"
    path.write_text(made.to_toml().replace('moves = "both"', 'moves = "all"'))
    with pytest.raises(InputError, match="settings of schema"):
        read_settings(path)


def test_runs_with_other_losses_are_refused(database: str, tmp_path: Path) -> None:
    made = Settings(database, "0" * 64, 1, None, (), 10, 0)
    path = tmp_path / "config.toml"
    path.write_text(made.to_toml() + 'losses = ["imitation"]\n')  # as earlier versions wrote it
    assert read_settings(path) == made
    path.write_text(made.to_toml() + 'losses = ["imitation", "trace"]\n')
    with pytest.raises(InputError, match="the losses imitation, trace, which this version does not have"):
        read_settings(path)


def test_finished_run_searches_no_more_and_can_be_extended(database: str, tmp_path: Path) -> None:
    run(FakeCore(), database, tmp_path / "one", cycles=3)
    run(FakeCore(), database, tmp_path / "two", cycles=1)
    run(FakeCore(), database, tmp_path / "two", cycles=3)
    assert content(tmp_path / "one") == content(tmp_path / "two")
    again = FakeCore()
    run(again, database, tmp_path / "one")
    assert again.calls["search"] == 0


def test_seed_makes_a_difference_and_settings_are_kept(database: str, tmp_path: Path) -> None:
    run(FakeCore(), database, tmp_path / "run")
    with pytest.raises(InputError, match="seed = 7, not 8"):
        run(FakeCore(), database, tmp_path / "run", seed=8)
    with pytest.raises(InputError, match="without = none, not library"):
        run(FakeCore(), database, tmp_path / "run", without=frozenset({"library"}))
    Path(database).write_text("another")
    with pytest.raises(InputError, match="database_sha256"):
        run(FakeCore(), database, tmp_path / "run")
    run(FakeCore(), database, tmp_path / "other", seed=8)
    one, other = (Folder(tmp_path / name).reports()[-1]["ranker_sha256"] for name in ("run", "other"))
    assert one != other


@pytest.mark.parametrize("part", ["library", "dreaming", "recognition"])
def test_parts_can_be_left_out(database: str, tmp_path: Path, part: str) -> None:
    last = run(FakeCore(), database, tmp_path / "run", without=frozenset({part}))[-1]
    assert (last["library_size"] == 0) == (part == "library")
    assert (last["dreams"] == 0) == (part == "dreaming")
    assert (last["nll"] is None) == (part in ("recognition", "library"))  # nine short proofs teach no network
    assert (tmp_path / "run" / "model.safetensors").exists() == (part != "recognition")


def test_human_proofs_are_the_corpus_and_tasks_are_valid_theorems(database: str, tmp_path: Path) -> None:
    reports = run(FakeCore(count=100, human=100), database, tmp_path / "run", tasks=5)
    assert [data["tasks"] for data in reports] == [5] * 3
    rows = read_rows(tmp_path / "run" / "traces" / "cycle_003.parquet")
    tasks = {row["task"] for row in rows if row["kind"] == "task"}
    human = [row["rewritten"] for row in rows if row["kind"] == "human"]
    assert len(human) == 80
    assert not tasks & {json.loads(proof)["task"] for proof in human}
    assert reports[-1]["description_length"] < reports[-1]["description_length_unfolded"]  # type: ignore[operator]


def test_damaged_folder_is_one_line(database: str, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run(FakeCore(), database, folder, cycles=1)
    for name, words in [
        ("reports/cycle_001.json", "expected a cycle's report"),
        ("traces/cycle_001.parquet", "expected a cycle's proofs"),
        ("library/cycle_001.json", "expected a cycle's library"),
        ("model.safetensors", "expected this file of a run"),
        ("config.toml", "expected a run's settings"),
    ]:
        path = folder / name
        good = path.read_bytes()
        for bad in (b"", good[: len(good) // 2], b"\xff" * 100):
            path.write_bytes(bad)
            with pytest.raises(InputError, match=words) as caught:
                run(FakeCore(), database, folder, cycles=1)
            assert "\n" not in str(caught.value)
        path.write_bytes(good)
    run(FakeCore(), database, folder, cycles=1)


def test_foreign_folder_is_left_alone(database: str, tmp_path: Path) -> None:
    folder = tmp_path / "foreign"
    folder.mkdir()
    (folder / "library.json").write_text("mine")
    with pytest.raises(InputError, match="expected a run's folder, or an empty one"):
        run(FakeCore(), database, folder)
    assert [path.name for path in folder.iterdir()] == ["library.json"]


HOLD = """
import sys, pathlib
from metadream.wake_sleep.runs.folder import Folder
with Folder(pathlib.Path(sys.argv[1])).lock():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_one_writer(database: str, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    command = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        with pytest.raises(InputError, match=rf"another process writes here \(pid {other.pid} "):
            run(FakeCore(), database, folder)
        other.kill()  # its lock ends with it
    run(FakeCore(), database, folder, cycles=1)
    (folder / "lock").write_text(json.dumps({"pid": 1, "host": "elsewhere.example"}))
    with pytest.raises(InputError, match="another machine"):
        run(FakeCore(), database, folder, cycles=1)


def test_settings_survive_toml(tmp_path: Path) -> None:
    settings = Settings('a "b" \\ ü \x7f \x01', "0" * 64, 2**62, None, ("library",), 10, 20)
    path = tmp_path / "config.toml"
    path.write_text(settings.to_toml())
    assert tomllib.loads(path.read_text())["database"] == settings.database
    assert read_settings(path) == settings


def test_seeds_differ() -> None:
    seeds = {derive(1, "train", cycle) for cycle in range(100)} | {derive(1, "dream", cycle) for cycle in range(100)}
    assert len(seeds) == 200
    assert derive(1, "train", 2) == derive(1, "train", 2) != derive(2, "train", 2)
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_library_verbs(database: str, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with pytest.raises(InputError, match=r"config\.toml"):
        list_library(folder)
    run(FakeCore(), database, folder)
    listed = list_library(folder).data["composites"]
    assert {row["name"]: row["size_unfolded"] for row in listed} == {"md1": 2, "md2": 4, "md3": 8}
    assert {row["name"]: row["depth"] for row in listed} == {"md1": 1, "md2": 2, "md3": 3}
    typed, whole = list_library(folder), show_composite(folder, "md1")
    assert [used.name for used in typed] == [row["name"] for row in listed] and len(typed) == len(listed)
    assert whole.composite in typed.composites and whole.axioms == ()
    assert len(whole.steps) == whole.composite.size and set(whole.used_by) <= {used.name for used in typed}
    assert repr(typed) == f"<Listed {folder}: {len(typed)} composites>"
    shown = show_composite(folder, "md1").data
    assert shown["composites_that_use_it"] == ["md2"]
    with pytest.raises(InputError, match="no composite is called 'md9'"):
        show_composite(folder, "md9")


def test_export_and_prove(database: str, tmp_path: Path) -> None:
    folder, out = tmp_path / "run", tmp_path / "out.mm"
    run(FakeCore(), database, folder)
    assert export(folder, out).data["composites"] == 3
    assert out.read_text().startswith("md1 $p")
    export(folder, out, whole=True)
    assert "proofs" in out.read_text()
    core, answer = FakeCore(), tmp_path / "answer"
    with using(core):
        outcome = prove("t40", "starter", folder, options=command_options(100), output=answer)
    assert (outcome.status, outcome.data["proved"], outcome.data["steps"]) == (0, True, 5)
    assert len(outcome.data["unfolded"]["steps"]) == 40
    assert core.calls["ranker"] == 1  # the model was loaded, not trained
    manifest = json.loads((answer / "manifest.json").read_text())
    assert {path.name for path in answer.iterdir()} == {*manifest["sha256"], "manifest.json"}
    assert prove("t40", database, None, options=command_options(100)).status == 1
    assert prove("t5", database, None, options=command_options(100)).data["reason"] == "refused"
    assert prove("|- x  y", database, None, options=command_options(100)).status == 0
    with pytest.raises(InputError, match="'t99' is no theorem"):
        prove("t99", database, None)
    Path(database).write_text("another")
    with pytest.raises(InputError, match="put that one back"):
        prove("t40", "starter", folder)


def test_a_rewritten_proof_that_the_judges_refuse_is_left_out() -> None:
    said = {"t3": chain("t3", ["ax"]), "t4": "t4", "t5": chain("t5", ["ax"]), "t6": chain("t7", ["ax"])}
    written = {label: entry_of(text) for label, text in said.items()}
    assert list(_judged(FakeTheory(9), written)) == ["t3", "t4"]  # the fake judges refuse t5; t6's proves t7


def test_a_library_is_read_and_judged_once(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    load = FakeTheory.load_library

    def counted(self: FakeTheory, text: str) -> None:
        read.append(text)
        load(self, text)

    monkeypatch.setattr(FakeTheory, "load_library", counted)
    run(FakeCore(), database, tmp_path / "run", cycles=3)
    assert len(read) == len(set(read)) == 4  # the empty one, and one a cycle

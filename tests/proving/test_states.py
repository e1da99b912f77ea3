"""``metadream data export states``: rows, files, card and manifest."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import metadream as md
from metadream.cli import main
from metadream.metamath_db.core import load_theory
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.tasks import PARTS, make_split
from metadream.wake_sleep.model.prover import load_prover
from metadream.wake_sleep.states import export as exporting
from metadream.wake_sleep.states import rows as files
from metadream.wake_sleep.states.export import export

FIXTURE = "core/src/wake_sleep/inference/fixture.mm"  # connectives, an equality, quantifiers; tmix and tfcl2 are proved
MORE = """
open $p |- ( A. x ph -> ph ) $= ? $.
$(
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
                              More | of it
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
$)
${
  $d x ph $.  more.1 $e |- ( ph -> ps ) $.
  more $p |- ( ph -> A. x ps ) $= wph wps vx more.1 alrimdv $.
$}
spec $p |- ( A. x A. x ph -> ph ) $=
  wph vx wal vx wal wph vx wal wph wph vx wal vx ax-sp wph vx ax-sp syl $.
"""
DISCOURAGED = """
$( (New usage is discouraged.) $)
old $a |- ( A e. B -> ( F ` A ) e. C ) $.
useold $p |- ( A e. B -> ( F ` ( F ` A ) ) e. C ) $=
  cA cB wel cF cA cfv cB wel cF cF cA cfv cfv cC wel cA cB fcl cF cA cfv cB cC old syl $.
"""


@pytest.fixture
def database(root: Path, tmp_path: Path) -> str:
    path = tmp_path / "mixed.mm"
    path.write_text((root / FIXTURE).read_text() + MORE)
    return str(path)


def read(folder: Path, part: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{part}.jsonl").read_text().splitlines()]


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_rows_say_what_the_proofs_do(database: str, tmp_path: Path) -> None:
    export(database, tmp_path / "out", file_format="jsonl")
    rows = [row for part in PARTS for row in read(tmp_path / "out", part)]
    nested = [row for row in rows if row["task"] == "tfcl2"]
    assert [(r["opcode"], r["move"], r["decision"], r["steps_to_go"], r["depth"]) for r in nested] == [
        ("APPLY", "fcl", True, 2, 0),
        ("APPLY", "fcl", True, 1, 1),
        ("MEMBER", None, False, 0, 2),
    ]
    assert (nested[0]["gamma"], nested[0]["goal"]) == (["A e. B"], "( F ` ( F ` A ) ) e. B")
    [first, *_] = [row for row in rows if row["task"] == "more"]
    assert (first["hypotheses"], first["distinct"]) == (["( ph -> ps )"], [["ph", "x"]])
    assert (first["move"], first["section"]) == ("alrimdv", "More | of it")
    assert nested[0]["section"] is None and all(row["nats_to_go"] is None for row in rows)


def worded(goal: md.Sequent) -> tuple[tuple[str, ...], str]:
    """A goal of an environment as the rows say it."""
    return tuple(sorted(goal.context)), goal.formula.removeprefix("|- ")


def test_an_environment_takes_the_instructions(database: str, tmp_path: Path) -> None:
    export(database, tmp_path / "out", file_format="jsonl")
    rows = [row for part in PARTS for row in read(tmp_path / "out", part)]
    environment, followed = md.Environment(md.load(database)), 0
    for task in sorted(
        {row["task"] for row in rows} - {"more"}
    ):  # more says what alrimdv says, so that is forbidden there
        own = {(tuple(row["gamma"]), row["goal"]): row for row in rows if row["task"] == task}
        goals = [worded(goal) for goal in environment.reset(task).goals]
        while goals:
            row = own[goals[0]]
            left = [worded(goal) for goal in environment.step(row["instruction"]).goals]
            new = left[: len(left) - len(goals) + 1]
            assert new == [(tuple(sequent["gamma"]), sequent["goal"]) for sequent in row["next"]]
            goals, followed = left, followed + 1
        assert environment.judge().accepted
    assert followed > 8


def sides(formula: str, connective: str) -> tuple[str, str] | None:
    """What stands on the two sides of ``( A connective B )``; None for another formula."""
    tokens, depth = formula.split(), 0
    for place, token in enumerate(tokens):
        depth += (token == "(") - (token == ")")
        if depth == 1 and token == connective and (tokens[0], tokens[-1]) == ("(", ")"):
            return " ".join(tokens[1:place]), " ".join(tokens[place + 1 : -1])
    return None


def either_way(formula: str) -> str:
    """A formula, an equality in one orientation."""
    left, equals, right = formula.partition(" = ")
    return " = ".join(sorted((left, right))) if equals else formula


def readings(statement: dict[str, Any], values: dict[str, str]) -> list[tuple[str, list[str]]]:
    """What a statement under a substitution concludes, with the goals that it leaves: by side of its conclusion."""

    def stated(formula: str) -> str:
        formula = formula.removeprefix("|- ")
        split = sides(formula, "->")
        if split is not None and split[0].isalpha() and split[0] not in values:
            return stated(split[1])  # the antecedent stands for the context
        return " ".join(values.get(token, token) for token in formula.split())

    goal, left = stated(statement["conclusion"]), [stated(hypothesis) for hypothesis in statement["hyps"]]
    while (split := sides(goal, "->")) is not None:
        left, goal = [*left, split[0]], split[1]
    both = sides(goal, "<->")
    return [(goal, left)] if both is None else [(a, [*left, b]) for a, b in (both, both[::-1])]


def test_a_substitution_applied_to_the_move_gives_next(database: str, tmp_path: Path) -> None:
    export(database, tmp_path / "out", file_format="jsonl")
    rows = [row for part in PARTS for row in read(tmp_path / "out", part)]
    theory, seen = load_theory(Path(database)), set()
    for row in rows:
        if row["opcode"] != "APPLY":
            assert row["substitution"] == []
            continue
        values = {pair["variable"]: pair["value"] for pair in row["substitution"]}
        told = [(goal, sorted(map(either_way, left))) for goal, left in readings(theory.statement(row["move"]), values)]
        left = sorted(either_way(sequent["goal"]) for sequent in row["next"])
        assert row["takes"] is None and (row["goal"], left) in told, row
        seen.add(row["move"])
    assert seen == {"alrimdv", "ax-sp", "eleq1", "fcl", "feq"}


def test_a_model_says_the_nats_to_go(database: str, tmp_path: Path) -> None:
    data = export(database, tmp_path / "one", file_format="jsonl", nats=True, threads=1).data
    again = export(database, tmp_path / "two", file_format="jsonl", nats=True, threads=2).data
    assert content(tmp_path / "one") == content(tmp_path / "two")
    assert data["model"] is not None and data["model"] == again["model"]
    rows = [row for part in PARTS for row in read(tmp_path / "one", part)]
    assert sum(count["with_nats"] for count in data["parts"].values()) == len(rows)
    by_task = {task: [row for row in rows if row["task"] == task] for task in {row["task"] for row in rows}}
    for own in by_task.values():
        assert own[0]["nats_to_go"] == max(row["nats_to_go"] for row in own)
    root = by_task["tfcl2"]
    assert root[0]["nats_to_go"] > root[1]["nats_to_go"] > root[2]["nats_to_go"] == 0
    assert data["model"] in (tmp_path / "one" / "README.md").read_text()
    export(database, tmp_path / "without", file_format="jsonl")
    without = [row | {"nats_to_go": None} for row in rows]
    assert without == [row for part in PARTS for row in read(tmp_path / "without", part)]
    with pytest.raises(InputError, match="no human proofs"):
        export("starter", tmp_path / "starter", nats=True)


def test_nats_add_up_to_the_choices_of_the_held_out_measure(database: str, tmp_path: Path) -> None:
    export(database, tmp_path / "out", file_format="jsonl", nats=True)
    rows = [row for part in PARTS for row in read(tmp_path / "out", part)]
    tasks = ["tfcl2", "tmix", "more", "spec"]  # no node of their proofs is shared
    measured = load_prover(database, None).ranker.measured_moves(tasks, True)
    for task, choices in zip(tasks, measured, strict=True):
        own = [row for row in rows if row["task"] == task]
        applied = [row for row in own if row["opcode"] == "APPLY"]
        assert choices is not None and [row["move"] for row in applied] == [label for label, _, _ in choices]
        cost = {row["position"]: nats for row, (_, _, nats) in zip(applied, choices, strict=True)}
        values = {(tuple(row["gamma"]), row["goal"]): row["nats_to_go"] for row in own}
        for row in own:
            below = sum(values[tuple(sequent["gamma"]), sequent["goal"]] for sequent in row["next"])
            assert row["nats_to_go"] == pytest.approx(cost.get(row["position"], 0) + below, abs=1e-6)
        assert own[0]["nats_to_go"] == pytest.approx(sum(nats for _, _, nats in choices), abs=1e-6)
    # by hand: tfcl2 is fcl, fcl, and a member of the context
    first, second = (nats for _, _, nats in measured[0] or [])
    assert first > 0 and second > 0
    assert [row["nats_to_go"] for row in rows if row["task"] == "tfcl2"] == pytest.approx([first + second, second, 0])


def test_a_choice_that_is_no_candidate_leaves_null(database: str, tmp_path: Path) -> None:
    Path(database).write_text(Path(database).read_text() + DISCOURAGED)
    data = export(database, tmp_path / "out", file_format="jsonl", nats=True).data
    rows = [row for part in PARTS for row in read(tmp_path / "out", part)]
    null = [row for row in rows if row["nats_to_go"] is None]
    assert {row["task"] for row in null} == {"useold"} and (null[0]["position"], null[0]["move"]) == (0, "old")
    assert sum(count["with_nats"] for count in data["parts"].values()) == len(rows) - len(null)
    card = (tmp_path / "out" / "README.md").read_text()
    assert f"{len(null)} of all {len(rows)} rows are null" in card
    export(database, tmp_path / "without", file_format="jsonl")
    assert "no model was given, so all values are null" in (tmp_path / "without" / "README.md").read_text()


def test_states_chain(database: str, small_database: Path, tmp_path: Path) -> None:
    for name, source in (("a", database), ("b", str(small_database))):
        export(source, tmp_path / name, file_format="jsonl")
        rows = [row for part in PARTS for row in read(tmp_path / name, part)]
        followed = 0
        for task in {row["task"] for row in rows}:
            own = [row for row in rows if row["task"] == task]
            assert [row["position"] for row in own] == list(range(len(own)))
            for row in own:
                later = [(x["gamma"], x["goal"]) for x in own[row["position"] + 1 :]]
                assert all((sequent["gamma"], sequent["goal"]) in later for sequent in row["next"])
                followed += len(row["next"])
            reached = {(tuple(s["gamma"]), s["goal"]) for row in own for s in row["next"]}
            assert all((tuple(row["gamma"]), row["goal"]) in reached for row in own[1:])
            assert own[0]["steps_to_go"] == sum(row["decision"] for row in own)
        assert followed > 5


def test_formats_agree_and_card_and_manifest_count_them(database: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    data = export(database, out, file_format="both").data
    manifest, card = json.loads((out / "manifest.json").read_text()), (out / "README.md").read_text()
    split = make_split(load_theory(Path(database)), "new2")
    for part in PARTS:
        rows, count = read(out, part), manifest["parts"][part]
        assert pq.read_table(out / f"{part}.parquet").to_pylist() == rows
        assert {row["part"] for row in rows} <= {part}
        told = {row["task"] for row in rows}
        assert count["rows"] == len(rows) and count["decisions"] == sum(row["decision"] for row in rows)
        assert count["translated"] == len(told) and told <= set(split.part(part))
        assert count["theorems"] == len(split.part(part))
        assert count["theorems"] - count["without_proof"] - len(told) == count["not_translated"]
        assert len(manifest["not_translated"][part]) == count["not_translated"]
        assert f"| {part} | {' | '.join(map(str, count.values()))} |" in card
    assert manifest["parts"] == data["parts"]
    assert sum(count["without_proof"] for count in data["parts"].values()) == 1
    assert sum(count["decisions"] for count in data["parts"].values()) > 3
    assert manifest["database_sha256"] == hashlib.sha256(Path(database).read_bytes()).hexdigest()
    assert manifest["database_sha256"] in card and all(f"| `{name}` |" in card for name in files.SCHEMA.names)
    assert set(manifest["files"]) == {path.name for path in out.iterdir()} - {"manifest.json"}
    for name, said in manifest["files"].items():
        data_bytes = (out / name).read_bytes()
        assert said == {"bytes": len(data_bytes), "sha256": hashlib.sha256(data_bytes).hexdigest()}


def test_threads_and_chunks_leave_the_rows(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export(database, tmp_path / "one", file_format="both", threads=1)
    export(database, tmp_path / "two", file_format="both", threads=2)
    assert content(tmp_path / "one") == content(tmp_path / "two")
    monkeypatch.setattr(exporting, "CHUNK", 1)
    monkeypatch.setattr(files, "GROUP", 4)
    export(database, tmp_path / "small", file_format="both", threads=2)
    for part in PARTS:
        assert read(tmp_path / "small", part) == read(tmp_path / "one", part)
        table = pq.ParquetFile(tmp_path / "small" / f"{part}.parquet")
        assert table.read().to_pylist() == read(tmp_path / "one", part)
        assert all(table.metadata.row_group(i).num_rows <= 4 for i in range(table.num_row_groups))


def test_a_limit_takes_the_first_of_each_part(database: str, tmp_path: Path) -> None:
    data = export(database, tmp_path / "out", split="chrono", limit=1).data
    assert all(count["theorems"] <= 1 for count in data["parts"].values())
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        *(f"{part}.parquet" for part in PARTS),
        "README.md",
        "manifest.json",
    }
    assert "--split chrono --limit 1 --format parquet" in (tmp_path / "out" / "README.md").read_text()


def test_what_is_refused_is_one_line(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "kept").write_text("mine")
    asked = ["data", "export", "states", "--database", database, "-o"]
    for more in (
        [tmp_path / "out", "--split", "mine"],
        [tmp_path / "out", "--format", "csv"],
        [tmp_path / "out", "--limit", "0"],
        [full],
        [full / "kept"],
    ):
        assert main([*asked, *map(str, more)]) == 2
        said = capsys.readouterr()
        assert said.out == "" and len(said.err.splitlines()) == 1
    assert main(["data", "export", "proofs", "-o", str(tmp_path / "out")]) == 2
    for options in ({"file_format": "csv"}, {"split": "mine"}):
        with pytest.raises(InputError, match="expected one of"):
            export(database, tmp_path / "out", **options)  # type: ignore[arg-type]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full", "mixed.mm"]
    assert (full / "kept").read_text() == "mine"


def test_a_stop_leaves_nothing(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(about: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(exporting, "card", stopped)
    with pytest.raises(KeyboardInterrupt):
        export(database, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["mixed.mm"]


def test_the_command_answers(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    asked = ["data", "export", "states", "--database", database, "--output", str(empty), "--json"]
    assert main(asked) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["output"] == str(empty) and data["database"] == database
    assert set(data["parts"]) == set(PARTS) and (empty / "train.parquet").is_file()
    assert main(asked) == 2  # it is not empty any more
    capsys.readouterr()
    unproved = ["data", "export", "states", "-o", str(tmp_path / "starter"), "--limit", "3"]
    assert main(unproved) == 0
    assert pq.read_table(tmp_path / "starter" / "train.parquet").num_rows == 0


def dataset(folder: Path, parts: dict[str, list[tuple[str, str, int]]]) -> None:
    """Decisions, one a theorem: goal, move, steps to go."""
    folder.mkdir()
    blank: dict[str, Any] = dict.fromkeys(files.SCHEMA.names)
    for part, decisions in parts.items():
        with files.PartFiles(folder, part, ["parquet"]) as out:
            for i, (goal, move, steps) in enumerate(decisions):
                told = {"task": f"t{i}", "gamma": ["ph"], "goal": goal, "move": move, "steps_to_go": steps}
                out.write([blank | told | {"decision": True}, blank | told | {"decision": False, "move": "none"}])


def test_baselines_learn_what_the_goal_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    goals = [("A = B", "eq", 2), ("A e. B", "el", 40), ("A = C", "eq", 2)]
    dataset(tmp_path / "data", {"train": goals * 20 + [("ch", "rare", 2)], "valid": [*goals * 10, ("ch", "rare", 2)]})
    asked = ["bench", "states", str(tmp_path / "data"), "--labels", "2", "--json"]
    answers = []
    for _ in range(2):
        assert main(asked) == 0
        answers.append(json.loads(capsys.readouterr().out))
    assert answers[0] == answers[1]
    steps, move = answers[0]["steps"], answers[0]["move"]
    assert (steps["n"], steps["train"], steps["share"], steps["classes"]) == (31, 61, 1, 2)
    assert (move["n"], move["train"], move["share"], move["classes"]) == (30, 60, 30 / 31, 2)
    assert move["accuracy"] == {"mean": 1, "interval": [1, 1]}
    assert move["majority"]["mean"] == pytest.approx(2 / 3) and steps["majority"]["mean"] == pytest.approx(21 / 31)
    assert move["difference"]["interval"][0] > 0
    low, high = move["majority"]["interval"]
    assert 0.4 < low < 2 / 3 < high < 0.9


def test_baselines_refuse_what_is_no_export(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export(database, tmp_path / "lines", file_format="jsonl")
    export(str(database), tmp_path / "few", limit=1)
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "train.parquet").write_text("no Parquet")
    for name in ("lines", "few", "bad", "missing"):
        assert main(["bench", "states", str(tmp_path / name)]) == 2
        said = capsys.readouterr()
        assert said.out == "" and len(said.err.splitlines()) == 1 and "expected" in said.err

"""``metadream census``: kinds, ranks and nats of human proofs' steps, what is decided in them, where they are dear."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from metadream.cli import main
from metadream.metamath_db.core import load_theory
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.tasks import new2, proved
from metadream.wake_sleep.bench.census import census
from metadream.wake_sleep.bench.prove import QUANTILES, Tasks
from metadream.wake_sleep.bench.round_trip import judged
from metadream.wake_sleep.model.prover import load_prover, train

FIXTURE = "core/src/wake_sleep/inference/fixture.mm"  # connectives, an equality, quantifiers; tmix and tfcl2 are proved
MORE = """
$c - + $.
cneg $a class - A $.
cadd $a class ( A + B ) $.
negcl $a |- ( A e. C -> - A e. C ) $.
addcl $a |- ( ( A e. C /\\ B e. C ) -> ( A + B ) e. C ) $.
spec $p |- ( A. x A. x ph -> ph ) $=
  wph vx wal vx wal wph vx wal wph wph vx wal vx ax-sp wph vx ax-sp syl $.
$( (New usage is discouraged.) $)
old $a |- ( A. x ph -> ph ) $.
late $p |- ( A. x ph -> ph ) $= wph vx old $.
open $p |- ( A. x ph -> ph ) $= ? $.
"""
TASKS = ["tmix", "tfcl2", "spec", "late", "open"]
STEPS = {  # by kind, what their proofs apply; open has none
    "content": ["ax-sp", "ax-sp", "old"],
    "congruence": ["eleq1", "feqd"],
    "typing": ["fcl", "fcl"],
    "glue": ["adantr", "mpbid", "simpr", "syl", "syl", "syl"],
}


@pytest.fixture
def mixed(root: Path, tmp_path: Path) -> tuple[Path, Path, Path]:
    """A database with steps of all kinds, a list of tasks, and a model that has not seen their proofs."""
    database, labels = tmp_path / "mixed.mm", tmp_path / "labels"
    database.write_text((root / FIXTURE).read_text() + MORE)
    labels.write_text("\n".join(TASKS))
    return database, labels, train(str(database), labels).data["path"]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_steps_are_counted_by_kind(mixed: tuple[Path, Path, Path], tmp_path: Path) -> None:
    database, labels, model = mixed
    data = census(str(database), Tasks(file=labels), model=model, output=tmp_path / "out").data
    rows = lines(tmp_path / "out" / "steps.jsonl")
    assert (data["tasks"], data["without_proof"], data["failed"]) == (4, 1, None)
    assert {row["task"] for row in rows} == set(TASKS) - {"open"}
    for kind, applied in STEPS.items():
        assert sorted(row["label"] for row in rows if row["kind"] == kind) == applied
        found = data["kinds"][kind]
        assert found["steps"] == len(applied) and found["share"] == len(applied) / len(rows)
        assert found["nats"] == pytest.approx(sum(row["nats"] for row in rows if row["kind"] == kind))
        never = sum(row["rank"] is None for row in rows if row["kind"] == kind)
        assert found["not_considered"] == never == (kind == "content")  # old
        for k in (1, 10, 50):
            hits = sum(row["rank"] is not None and row["rank"] <= k for row in rows if row["kind"] == kind)
            assert found["recall"][str(k)] == hits / len(applied)
    parts = data["kinds"]["congruence"]["parts"]
    assert (parts["congruence"]["steps"], parts["transitivity"]["steps"]) == (2, 0)
    assert (parts["transitivity"]["nats_each"], parts["transitivity"]["recall"]["1"]) == (None, None)
    assert sum(found["nats_share"] for found in data["kinds"].values()) == pytest.approx(1)
    per_proof = Counter[str]()
    for row in rows:
        per_proof[row["task"]] += row["nats"]
    assert data["nats"]["proof"]["max"] == pytest.approx(max(per_proof.values()))
    assert data["nats"]["by_length"]["6-10"]["proof"]["p50"] == pytest.approx(per_proof["tmix"])
    # nothing in tmix is content or typing
    assert data["nats"]["by_length"]["6-10"]["content_and_typing"]["max"] == 0
    assert data["nats"]["by_length"]["51+"] == {"tasks": 0, "proof": None, "content_and_typing": None}


def test_what_is_decided_is_not_glue(mixed: tuple[Path, Path, Path]) -> None:
    database, labels, model = mixed
    data = census(str(database), Tasks(file=labels), model=model).data
    assert data["translated"]["share"] == 1 and data["translated"]["by_length"]["3-5"] == {"tasks": 2, "proofs": 2}
    decided = {kind: found["decisions"] for kind, found in data["kinds"].items()}
    # of tmix's two congruences one leads from equal parts to equal wholes, which is no choice
    assert decided == {"content": 3, "congruence": 1, "typing": 0, "glue": 0}
    assert data["decisions"]["proof"]["max"] == 2 and data["decisions"]["per_step"] == 4 / 13


def test_where_failed_proofs_are_dear(mixed: tuple[Path, Path, Path], tmp_path: Path) -> None:
    database, labels, model = mixed
    results = tmp_path / "tasks.jsonl"
    said = [{"label": "tmix", "proved": False}, {"label": "spec", "proved": True}, {"label": "x", "proved": False}]
    results.write_text("".join(json.dumps(row) + "\n" for row in said))
    data = census(str(database), Tasks(file=labels), model=model, results=results, output=tmp_path / "out").data
    assert data["failed"]["tasks"] == 1 == sum(data["failed"]["dearest"].values())
    [row] = lines(tmp_path / "out" / "failed.jsonl")
    steps = [x for x in lines(tmp_path / "out" / "steps.jsonl") if x["task"] == "tmix"]
    assert (row["task"], row["steps"]) == ("tmix", 6)
    nats = sorted((x["nats"] for x in steps), reverse=True)
    assert [x["nats"] for x in row["dearest"]] == nats[:5]
    formula = {x["label"]: x["formula"] for x in row["dearest"]} | {"simpr": ""}
    expected = {
        "feqd": "|- ( ph -> ( F ` A ) = ( F ` B ) )",
        "mpbid": "|- ( ( ph /\\ ( F ` A ) e. C ) -> ( F ` B ) e. C )",
        "eleq1": "|- ( ( F ` A ) = ( F ` B ) -> ( ( F ` A ) e. C <-> ( F ` B ) e. C ) )",
    }
    told = {label: text for label, text in expected.items() if label in formula}
    assert len(told) >= 2 and told == {label: formula[label] for label in told}
    results.write_text('{"label": "tmix", "proved": false}\n{"label": "tmix"}\n')
    with pytest.raises(InputError, match="no result") as problem:
        census(str(database), Tasks(file=labels), model=model, results=results)
    assert problem.value.line == 2


# Theorems that conclude a bare variable, applied where it stands for an implication or a conjunction; and an
# equivalence of which a part is used, without the bound variables of the rest.
BARE = """
${ com12.1 $e |- ( ph -> ( ps -> ch ) ) $.  com12 $a |- ( ps -> ( ph -> ch ) ) $. $}
${
  $d x ps $.
  exlimiv.1 $e |- ( ph -> ps ) $.
  exlimiv $a |- ( E. x ph -> ps ) $.
$}
${ swap.1 $e |- ( A = B -> ( ph <-> ps ) ) $.  swap.2 $e |- ph $.  swap $a |- ps $. $}
${
  $d x ps $.  $d x ch $.
  bare1.1 $e |- ( ph -> ( ps -> ch ) ) $.
  bare1 $p |- ( E. x ph -> ( ps -> ch ) ) $= wph wps wch wi vx bare1.1 exlimiv $.
$}
${
  bare2.1 $e |- ( A = B -> ( ph <-> ( ps -> ch ) ) ) $.  bare2.2 $e |- ph $.
  bare2 $p |- ( ps -> ch ) $= wph wps wch wi cA cB bare2.1 bare2.2 swap $.
$}
${
  bare3.1 $e |- ( A = B -> ( ph <-> ( ps /\\ ch ) ) ) $.  bare3.2 $e |- ph $.
  bare3 $p |- ( ps /\\ ch ) $= wph wps wch wa cA cB bare3.1 bare3.2 swap $.
$}
${
  $d x y $.
  defn $a |- ( A e. B <-> ( A e. C /\\ A. x A. y A e. F ) ) $.
  part $p |- ( A e. B -> A e. C ) $=
    cA cB wel cA cC wel cA cF wel vy wal vx wal wa cA cC wel cA cB wel cA cC wel cA cF wel vy wal vx wal wa wb cA cB wel
    cA cC wel cA cF wel vy wal vx wal wa wi vx vy cA cB cC defn cA cB wel cA cC wel cA cF wel vy wal vx wal wa bi1 ax-mp
    cA cC wel cA cF wel vy wal vx wal simpl syl $.
$}
"""


def test_what_is_hard_to_fit_is_translated_and_written(root: Path, tmp_path: Path) -> None:
    database, labels = tmp_path / "bare.mm", tmp_path / "labels"
    database.write_text((root / FIXTURE).read_text() + BARE)
    labels.write_text("bare1\nbare2\nbare3\npart")
    data = census(str(database), Tasks(file=labels), no_model=True, round_trip=True).data
    assert data["translated"]["proofs"] == 4 and data["decisions"]["proof"] == dict.fromkeys(QUANTILES, 1)
    assert data["round_trip"]["failed"] == [] and data["round_trip"]["accepted"] == data["round_trip"]["of"] == 4
    assert data["round_trip"]["bytes_ratio"]["p50"] == 1


def test_translated_proofs_are_written_again(mixed: tuple[Path, Path, Path], small_database: Path) -> None:
    database, labels, model = mixed
    whole = census(str(database), Tasks(file=labels), model=model, round_trip=True).data
    assert whole["round_trip"]["of"] == len(TASKS) - 1  # old is discouraged, but the human proof uses it
    glue = census(str(small_database), Tasks(), no_model=True, round_trip=True).data
    assert glue["round_trip"]["of"] == glue["translated"]["proofs"] == glue["tasks"] > 0
    for found in (whole["round_trip"], glue["round_trip"]):
        assert found["failed"] == [] and found["accepted"] == found["written"] == found["of"]
        assert found["bytes_ratio"]["count"] == found["accepted"] and 0.5 < found["bytes_ratio"]["p50"] < 1.5


def test_what_fails_on_the_way_is_told(mixed: tuple[Path, Path, Path]) -> None:
    database = mixed[0]
    theory = load_theory(database)
    rows = theory.translations(TASKS, True)
    assert [row["label"] for row in rows] == TASKS[:-1]  # open has no proof
    first, second, third, _ = rows
    first["proof"], first["unwritten"] = None, "no glue"
    second["proof"] = third["proof"]  # of another theorem
    third["decisions"] = None
    found = judged(theory, rows)
    assert (found["of"], found["written"], found["accepted"], found["bytes_ratio"]["count"]) == (3, 2, 1, 1)
    assert [label for label, _ in found["failed"]] == ["tmix", "tfcl2"]
    assert found["failed"][0][1] == "no glue" and "another statement" in found["failed"][1][1]


def test_no_model_is_needed_for_what_is_decided(
    mixed: tuple[Path, Path, Path], capfd: pytest.CaptureFixture[str]
) -> None:
    database, labels, model = mixed
    whole = census(str(database), Tasks(file=labels), model=model).data
    asked = ["census", "--database", str(database), "--tasks", str(labels), "--no-model"]
    assert main([*asked, "--round-trip", "--json"]) == 0
    data = json.loads(capfd.readouterr().out)
    assert data["model"] is data["kinds"] is data["nats"] is whole["round_trip"] is None
    assert [data[key] for key in ("translated", "decisions")] == [whole[key] for key in ("translated", "decisions")]
    assert main([*asked, "--round-trip"]) == 0
    shown = capfd.readouterr().out
    assert "written as Metamath again: 4 of 4, accepted by both judges: 4" in shown and "nats" in shown
    assert main([*asked, "--model", str(model)]) == 2
    assert "--no-model goes without" in capfd.readouterr().err


def test_glue_alone_and_the_command(small_database: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    asked = ["census", "--database", str(small_database)]
    assert main([*asked, "--json", "-o", str(tmp_path / "out")]) == 0
    data = json.loads(capfd.readouterr().out)
    theory = load_theory(small_database)
    valid = new2(theory.theorems()).valid
    assert set(theory.kinds()) == {"glue"} and len(theory.kinds()) == len(theory.labels())
    assert data["tasks"] == len(proved(theory, valid)) and data["tasks"] + data["without_proof"] == len(valid)
    assert data["kinds"]["glue"]["share"] == 1 and data["kinds"]["content"]["nats_each"] is None
    # the ranks are those that `train` tells of held-out proofs
    prover = load_prover(str(small_database))
    told = prover.ranker.held_out(prover.theory, proved(theory, valid))
    assert data["kinds"]["glue"]["steps"] == told["steps"] == len(lines(tmp_path / "out" / "steps.jsonl"))
    assert data["kinds"]["glue"]["nats_each"] == pytest.approx(told["nats"], rel=1e-4)
    assert data["kinds"]["glue"]["recall"]["1"] == pytest.approx(told["at_1"])
    assert main(asked) == 0
    assert "human proofs that the model has not seen" in capfd.readouterr().out


def test_bad_questions_are_one_line(small_database: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    theory = load_theory(small_database)
    known = proved(theory, new2(theory.theorems()).train)[0]
    bare = next(label for label in theory.theorems() if label not in proved(theory, theory.theorems()))
    listed = tmp_path / "tasks"

    def refused(*options: object) -> str:
        assert main(["census", "--database", str(small_database), *map(str, options)]) == 2
        said = capfd.readouterr()
        assert said.out == ""
        return said.err

    listed.write_text(known)
    assert f"the model saw the proof of '{known}'" in refused("--tasks", listed)
    listed.write_text(bare)
    assert "none of the tasks has a human proof" in refused("--tasks", listed)
    assert "give one" in refused("--tasks", listed, "--split", "new2")
    assert "no result" in refused("--results", listed)

"""`metadream bench stitch`, and its protocol."""

from __future__ import annotations

import importlib.util
import json
import random
import re
from pathlib import Path

import pytest

from metadream import _core, cli
from metadream.compression.stitch.bench import FIGURES, Protocol, split, stitch
from metadream.compression.stitch.compress import Search, body_cost, compress, read_programs
from metadream.metamath_db.errors import InputError

PROGRAMS = [f"(f (g {a} {b}) (g {b} {a}))" for a in "abcd" for b in "abcde"]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "small.json").write_text(json.dumps(PROGRAMS))
    return tmp_path


def test_figures_of_both_in_one_run(corpus: Path) -> None:
    (row,) = stitch(corpus, Protocol(arity=2, count=3)).data["corpora"]
    assert row["name"] == "small"
    assert row["programs"] == len(PROGRAMS)
    assert row["train_ratio"] > 1
    assert row["test_ratio"] > 1
    if importlib.util.find_spec("stitch_core") is None:
        assert row["note"]
        assert {row[f"stitch_{name}"] for name in FIGURES} == {None}
    else:
        assert row["note"] is None
        assert row["train_ratio"] >= row["stitch_train_ratio"] - 1e-9


def test_without_limits_programs_and_library_together_are_never_dearer(corpus: Path) -> None:
    done = _core.learn_abstractions(PROGRAMS, count=None)
    price = done["cost_after"] + done["bodies"]
    assert price < done["cost_before"] and done["bodies"] == sum(body_cost(body) for _, _, body in done["abstractions"])
    # taking any one away and writing the rest in its place saves nothing: each pays for its body
    for count in range(len(done["abstractions"])):
        some = _core.rewrite_programs(PROGRAMS, done["abstractions"][:count])
        assert some["cost_after"] + sum(body_cost(body) for _, _, body in done["abstractions"][:count]) > price
    (row,) = stitch(corpus, Protocol(unlimited=True), rival=False).data["corpora"]
    assert row["abstractions"] > 0 and 1 < row["train_ratio_counted"] < row["train_ratio"]


def test_a_body_costs_what_a_program_does() -> None:
    for text in ("a", "(f a)", "(f (lam (g $0 a)) (h b))"):
        assert body_cost(text) == _core.rewrite_programs([text], [])["cost_before"]
    assert body_cost("(f #0 #1)") == 102


def test_rival_that_is_not_asked_is_null(corpus: Path) -> None:
    (row,) = stitch(corpus / "small.json", Protocol(count=1, splits=2), rival=False).data["corpora"]
    assert row["stitch_train_ratio"] is None
    assert row["note"] == "not asked"


def test_ratios_are_costs_of_texts() -> None:
    def cost(program: str) -> int:
        words = program.replace("(", " ").replace(")", " ").split()
        spines = program.count("(")
        return 100 * len(words) + len(words) - 1 if spines else 100

    done = _core.learn_abstractions(PROGRAMS, 3, 2)
    assert done["cost_before"] == sum(map(cost, PROGRAMS))
    assert done["cost_after"] == sum(map(cost, done["rewritten"]))
    again = _core.rewrite_programs(PROGRAMS, done["abstractions"])
    assert again["rewritten"] == done["rewritten"]


def test_split_is_200_and_50_of_250() -> None:
    programs = [str(i) for i in range(250)]
    both = split(programs, 1)
    assert (len(both.train), len(both.test)) == (200, 50)
    assert sorted(both.train + both.test) == sorted(programs)
    assert both == split(programs, 1) != split(programs, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "no JSON"),
        ('{"a": 1}', "expected a JSON list"),
        ('["a"]', "at least 2"),
        ('["a", 3]', "program 2: expected a string"),
        ('["a", "(f"]', "program"),
        ('["(lam $0)", "a", "()"]', "program 3"),
    ],
)
def test_what_is_no_corpus_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "bad.json"
    file.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        stitch(file, Protocol(), rival=False)
    assert caught.value.file == str(file)


def test_missing_file_and_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_programs(tmp_path / "none.json")
    with pytest.raises(InputError, match=r"no \*\.json"):
        stitch(tmp_path, Protocol())


def test_opaque_symbols_are_no_part_of_bodies() -> None:
    trees = ["('f ('g .1.0) ('g .1.0))", "('f ('g .2.0) ('g .2.1))", "('h ('f ('g .3.0) ('g .3.0)) .3.0)"] * 3
    done = _core.learn_abstractions(trees, 2, 3, proofs=True)
    assert done["abstractions"]
    assert all("." not in body for _, _, body in done["abstractions"]), "an opaque symbol is no part of a body"
    assert done["cost_after"] < done["cost_before"]


def test_equal_trees_of_labels_are_not_one_argument() -> None:
    trees = [f"('f ('g .{i}.0 .{i}.1) ('g .{i}.0 .{i}.1))" for i in range(9)]
    rewritten = _core.rewrite_programs(trees, [("fn_0", 1, "('f #0 #0)")], proofs=True)["rewritten"]
    assert rewritten == trees
    again = _core.rewrite_programs(trees, [("fn_0", 1, "('f #0 #0)")])["rewritten"]
    assert again != trees


def test_a_database_without_proofs_is_refused() -> None:
    with pytest.raises(InputError, match="at least two proofs"):
        stitch(None, Protocol(count=2), rival=False, database="starter")


def test_one_of_corpus_and_database(corpus: Path) -> None:
    for given in ({}, {"corpus": corpus, "database": "starter"}):
        with pytest.raises(InputError, match="either --corpus or --database"):
            stitch(given.get("corpus"), Protocol(), database=given.get("database"))


def test_trees_hold_all_steps_of_the_proofs(tmp_path: Path) -> None:
    text = """$c wff |- ( ) -> $.
    $v a $.
    wa $f wff a $.
    wi $a wff ( a -> a ) $.
    ${ s.1 $e |- a $. s $a |- ( a -> a ) $. $}
    ${ t.1 $e |- a $. t $p |- ( ( a -> a ) -> ( a -> a ) ) $= wa wi wa t.1 s s $. $}
    ${ u.1 $e |- a $. u $p |- ( ( a -> a ) -> ( a -> a ) ) $= wa u.1 t $. $}
    """
    file = tmp_path / "small.mm"
    file.write_text(text)
    first, second = _core.label_trees(_core.Theory.load(str(file)))
    (tree,) = first
    assert tree.startswith("('s ('s .")
    assert second[0].startswith("('t .")
    (row,) = stitch(None, Protocol(count=1), rival=False, database=str(file)).data["corpora"]
    assert row["steps"] == 3


# `metadream compress`

CASES = Path(__file__).resolve().parents[1] / "cases" / "stitch"


def programs_of(name: str) -> list[str]:
    return json.loads((CASES / f"{name}.json").read_text())  # type: ignore[no-any-return]


def test_a_broken_program_is_named_by_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in (["compress"], ["bench", "stitch", "--no-rival"]):
        assert cli.main([*verb, "--corpus", str(CASES / "which.json")]) == 2
        assert capsys.readouterr().err == f"error: {CASES}/which.json: program 6: a parenthesis is not closed\n"


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("name", ["tagged", "topfree", "onetask5"])
def test_the_same_as_stitch(name: str, single: bool) -> None:
    import stitch_core

    programs = programs_of(name)
    theirs = stitch_core.compress(programs, iterations=3, max_arity=2, allow_single_task=single, silent=True)
    ours = compress(CASES / f"{name}.json", Search(arity=2, count=3, single_task=single)).data
    assert ours["ratio"] == pytest.approx(theirs.json["compression_ratio"])
    assert [(a["arity"], a["body"]) for a in ours["abstractions"]] == [(a.arity, a.body) for a in theirs.abstractions]
    assert ours["programs"] == theirs.rewritten


def test_random_programs_of_all_forms_as_stitch() -> None:
    """One abstraction of at most one parameter: both are exact, so the ratios are equal."""
    import stitch_core

    choice = random.Random(5)
    for _ in range(25):
        programs = [_program(choice, 4, 0) for _ in range(6)]
        theirs = stitch_core.compress(programs, iterations=1, max_arity=1, silent=True)
        ours = _core.learn_abstractions(programs, 1, 1, single_task=False)
        assert ours["cost_before"] == theirs.json["original_cost"]
        assert ours["cost_after"] + ours["bodies"] <= theirs.json["final_cost"] + sum(
            body_cost(a.body) for a in theirs.abstractions
        ), programs


def _program(choice: random.Random, size: int, under: int) -> str:
    kind = choice.random()
    if size == 0 or kind < 0.2:
        if under and choice.random() < 0.5:
            return f"${choice.randrange(under + 1)}{choice.choice(('', '_1'))}"
        return choice.choice("abc")
    if kind < 0.4:
        return f"(lam{choice.choice(('', '_1'))} {_program(choice, size - 1, under + 1)})"
    return f"({choice.choice('fgh')} {_program(choice, size - 1, under)} {_program(choice, size - 1, under)})"


def test_what_was_written_writes_other_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus, out, again = tmp_path / "corpus.json", tmp_path / "out.json", tmp_path / "again.json"
    corpus.write_text(json.dumps(PROGRAMS))
    assert cli.main(["compress", "--corpus", str(corpus), "-o", str(out), "--count", "2"]) == 0
    assert "fn_0" in capsys.readouterr().out
    written = json.loads(out.read_text())
    assert (written["schema"], written["complete"], len(written["programs"])) == ("metadream.compress", True, 20)
    assert written["ratio"] > written["ratio_counted"] > 1
    for row in written["abstractions"]:
        uses = sum(
            program.replace("(", " ").replace(")", " ").split().count(row["name"]) for program in written["programs"]
        )
        assert (row["uses"], uses > 0) == (uses, True)
    other = tmp_path / "other.json"
    other.write_text(json.dumps(["(f (g x y) (g y x))"]))
    assert cli.main(["compress", "--corpus", str(other), "--with", str(out), "-o", str(again), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["programs"] == json.loads(again.read_text())["programs"] != json.loads(other.read_text())
    assert said["abstractions"][0]["body"] == written["abstractions"][0]["body"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": "other"}, "expected a file that 'metadream compress' wrote"),
        ({"abstractions": None}, "no list of abstractions"),
        ({"abstractions": [{"name": "f", "arity": 1}]}, "abstraction 1: expected its name, arity and body"),
        ({"abstractions": [{"name": "f g", "arity": 1, "body": "a"}]}, "abstraction 1: expected its name"),
        ({"abstractions": [{"name": "f", "arity": 0, "body": "a"}] * 2}, "abstraction 2: there are two of the name f"),
        (
            {"abstractions": [{"name": "f", "arity": 1, "body": "(g #1)"}]},
            "abstraction f: `#1` stands for no parameter",
        ),
        ({"abstractions": [{"name": "f", "arity": 1, "body": "#0"}]}, "abstraction f: `#0` stands for no parameter"),
        ({"abstractions": [{"name": "f", "arity": 0, "body": "(g $0)"}]}, "abstraction f: `$0` is not a variable"),
        ({"abstractions": [{"name": "f", "arity": 0, "body": "(g"}]}, "abstraction f: a parenthesis is not closed"),
    ],
)
def test_abstractions_that_are_none_are_bad_input(tmp_path: Path, change: dict[str, object], message: str) -> None:
    known, corpus = tmp_path / "known.json", tmp_path / "corpus.json"
    known.write_text(json.dumps({"schema": "metadream.compress", "version": 1, "abstractions": [], **change}))
    corpus.write_text('["(g a)"]')
    with pytest.raises(InputError, match=re.escape(message)) as problem:
        compress(corpus, Search(), known)
    assert problem.value.file == str(known)

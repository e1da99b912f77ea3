"""`metadream bench stitch`, and its protocol."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from metadream import _core
from metadream.compression.bench_stitch import FIGURES, Protocol, body_cost, read_programs, split, stitch
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
        ('["a"]', "at least two"),
        ('["a", 3]', "each a string"),
        ('["a", "(f"]', "program"),
        ('["(lam $0)", "$0"]', "program"),
    ],
)
def test_what_is_no_corpus_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "bad.json"
    file.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        stitch(file, Protocol(), rival=False)
    assert caught.value.file == str(file)


def test_missing_file_and_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
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

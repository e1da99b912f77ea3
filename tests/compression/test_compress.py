"""Compression of whole databases: judges accept, the same for any number of threads, never a loss."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from metadream._core import Theory
from metadream.compression import bench
from metadream.metamath_db import data
from metadream.metamath_db.core import load_theory
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.judges.check import check
from metadream.metamath_db.tasks import proved

FETCHED = data.cache_folder()  # the user's, looked up before a test hides it
KEYS = {"steps", "gross", "net", "lemmas", "bytes_before", "bytes_after", "seconds", "peak_mb", "errors", "baselines"}
KEYS |= {"left", "refused"}


def database(root: Path) -> str:
    """Hilbert's implication; `syl` is proved inline in every theorem, each time with other formulas."""
    head = (
        "$c ( ) -> wff |- $. $v p q r s t $.\n"
        "wp $f wff p $. wq $f wff q $. wr $f wff r $. ws $f wff s $. wt $f wff t $.\n"
        "wi $a wff ( p -> q ) $.\n${ min $e |- p $. maj $e |- ( p -> q ) $. mp $a |- q $. $}\n"
        "ax1 $a |- ( p -> ( q -> p ) ) $.\n"
        "ax2 $a |- ( ( p -> ( q -> r ) ) -> ( ( p -> q ) -> ( p -> r ) ) ) $.\n"
    )
    terms = {"p": "wp", "q": "wq", "r": "wr", "s": "ws", "t": "wt"}
    theorems = []
    for n, (a, b, c) in enumerate([(a, b, c) for a in terms for b in terms for c in terms if len({a, b, c}) == 3]):
        x, y, z = terms[a], terms[b], terms[c]
        xy, xz, yz = f"{x} {y} wi", f"{x} {z} wi", f"{y} {z} wi"
        proof = (
            f"{xy} {xz} th{n}.1 {x} {yz} wi {xy} {xz} wi {yz} {x} {yz} wi th{n}.2 {yz} {x} ax1 mp {x} {y} {z} ax2 mp mp"
        )
        theorems.append(
            f"${{ th{n}.1 $e |- ( {a} -> {b} ) $. th{n}.2 $e |- ( {b} -> {c} ) $.\n"
            f"th{n} $p |- ( {a} -> {c} ) $=\n{proof} $. $}}\n"
        )
    path = root / "small.mm"
    path.write_text(head + "".join(theorems))
    return str(path)


def theory(path: str) -> Theory:
    return load_theory(Path(path))


def bytes_after(done: dict[str, Any]) -> int:
    return int(done["proof_bytes"] + done["lemma_bytes"])


def test_answer_has_the_stated_keys_and_all_judges_accept(tmp_path: Path) -> None:
    out = tmp_path / "out.mm"
    done = bench.compress(database(tmp_path), threads=1, output=out)
    assert done.status == 0 and set(done.data) == KEYS
    assert set(done.data["errors"]) == {"kernel", "metamath_rs", "metamath_exe"}
    assert done.data["bytes_after"] < done.data["bytes_before"] and 0 < done.data["net"] <= done.data["gross"] < 1
    assert done.data["steps"] == 60 * 5
    assert set(done.data["baselines"]) >= {"byte_pair", "subtrees", "none"}
    assert done.data["baselines"]["none"]["lemmas"] == 0
    assert check(out)["accepted"]


@pytest.mark.parametrize("price", ["bytes", "steps"])
def test_the_text_is_the_same_for_any_number_of_threads(tmp_path: Path, price: str) -> None:
    path = database(tmp_path)
    texts = [theory(path).compress({**bench.PRICES[price], "threads": n})["text"] for n in (1, 2, 5)]
    assert texts[0] == texts[1] == texts[2]


def test_a_second_cycle_is_accepted_and_no_dearer_than_a_tenth(tmp_path: Path) -> None:
    done = bench.compress(database(tmp_path), threads=1, incremental=0.2).data
    more = {"seconds_full", "seconds_incremental", "ratio", "net_incremental", "bytes_after_incremental", "added"}
    assert set(done) == KEYS | more | {"lemmas_incremental", "errors_incremental"}
    assert not any(done["errors_incremental"].values()) and 0 < done["added"] < 60
    assert done["bytes_after"] <= done["bytes_after_incremental"] < 1.1 * done["bytes_after"]


@pytest.mark.parametrize("price", ["bytes", "steps"])
def test_a_second_cycle_is_the_same_for_any_number_of_threads(tmp_path: Path, price: str) -> None:
    path = database(tmp_path)
    texts = [theory(path).compress_in_two({**bench.PRICES[price], "threads": n}, 0.2, 7)["text"] for n in (1, 3)]
    assert texts[0] == texts[1]


def test_nothing_is_admitted_that_loses(tmp_path: Path) -> None:
    done = theory(database(tmp_path)).compress({"price": "bytes"})
    assert 0 < bytes_after(done) <= done["bytes_before"]


@pytest.mark.parametrize("price", ["bytes", "steps"])
def test_putting_losers_back_never_costs(price: str, tmp_path: Path) -> None:
    path = database(tmp_path)
    kept, settled = (
        theory(path).compress({**bench.PRICES[price], "prune": pruned, "threads": 2}) for pruned in (False, True)
    )
    assert settled["lemmas"] <= kept["lemmas"]
    if price == "bytes":
        assert bytes_after(settled) <= bytes_after(kept)
    else:
        assert settled["net"] >= kept["net"]
    out = tmp_path / "out.mm"
    out.write_bytes(settled["text"])
    assert check(out)["accepted"]


def test_whole_subtrees_are_the_repeated_ones_by_labels_alone(tmp_path: Path) -> None:
    done = theory(database(tmp_path)).compress({**bench.PLAIN, **bench.BASELINES["subtrees"], "price": "steps"})
    # `(mp _ (mp (mp _ ax1) ax2))` is the proof of all 60 theorems; what lies inside it has no other place
    assert (done["lemmas"], done["steps_after"], done["lemma_steps"]) == (1, 60, 5)
    out = tmp_path / "out.mm"
    out.write_bytes(done["text"])
    assert check(out)["accepted"]


def test_a_library_learnt_on_a_part_saves_on_the_rest(tmp_path: Path) -> None:
    unseen = theory(database(tmp_path)).compress_held_out({"price": "bytes"}, 0.3, 0)
    assert 0 < unseen["proofs"] < 60
    assert unseen["steps_after"] < unseen["steps"] and unseen["used"] <= unseen["lemmas"]


def test_a_price_that_is_none_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no price `gold`"):
        bench.compress(database(tmp_path), price="gold")


@pytest.mark.data
@pytest.mark.parametrize("name", ["hol", "ql"])
def test_fetched_databases_are_accepted_whole_and_never_grow(name: str, tmp_path: Path) -> None:
    manifest = FETCHED / f"{name}.json"
    path = str(FETCHED / json.loads(manifest.read_text())["file"])
    done = theory(path).compress({"price": "bytes"})
    assert bytes_after(done) <= done["bytes_before"]
    assert bytes_after(done) <= bytes_after(theory(path).compress({"price": "bytes", "prune": False}))
    out = tmp_path / f"{name}.mm"
    out.write_bytes(done["text"])
    assert check(out)["accepted"]


def test_follow_says_what_became_of_a_lemma(tmp_path: Path) -> None:
    path = database(tmp_path)
    kept = theory(path).compress({"price": "bytes", "follow": "|- ( p -> q ) & |- ( q -> r ) => |- ( p -> r )"})
    assert kept["followed"]["outcome"] == "dropped" and kept["followed"]["label"] == "th0"  # the first theorem says it
    tree = theory(path).compress({"statement_steps": 0, "missed_uses": False, "follow": "(mp _ ax1)"})["followed"]
    assert tree["outcome"] in {"kept", "replaced", "dropped"} and tree["fragments"]
    label, occurrences, saves, costs, score = tree["fragments"][0]
    assert label == "(mp _ ax1)" and occurrences == 60 and score == saves - costs
    for bad in ("(mp", "(mp _ _ _)", "(nothing _)", "|- ( p ->", "mp mp"):
        with pytest.raises(InputError, match="--follow"):
            theory(path).compress({"price": "bytes", "follow": bad})


def test_refused_proofs_are_named_and_nothing_learns_from_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "find_metamath_exe", lambda: None)
    path = Path(database(tmp_path))
    with path.open("a") as file:
        file.write("bad $p |- ( p -> p ) $= wp wp ax1 $. worse $p |- ( p -> p ) $= wp wp wp ax1 $.\n")
    done = bench.compress(str(path), threads=1)
    said = capsys.readouterr().err
    assert "the proof of bad is refused" in said and "the proof of worse is refused" in said
    assert done.data["refused"] == ["bad", "worse"]
    assert done.status == 1 and done.data["errors"]["kernel"] == 2
    judged = load_theory(path, judged=True)
    labels = proved(judged, judged.theorems())
    assert labels and not {"bad", "worse"} & set(labels), "what `learn` and `train` see"
    assert "worse" not in [label for label, _ in judged.compress({"price": "bytes"})["uses"]]

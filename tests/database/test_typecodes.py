"""Typecodes: a statement is its symbols, typecode first, through parsing, search, judges and what is written."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from metadream import _core
from metadream.metamath_db.data import resolve_database
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.prove.files.text import block
from metadream.wake_sleep.prove.prove import prove
from metadream.wake_sleep.search.options import command_options, search_options

CASES = Path(__file__).resolve().parents[1] / "cases"


@pytest.fixture(scope="module")
def theory() -> _core.Theory:
    """A database with two provable typecodes, and rules whose hypotheses say only that something is a term."""
    return _core.Theory.load(str(CASES / "judgements.mm"))


@pytest.fixture(scope="module")
def ranker(theory: _core.Theory) -> _core.Ranker:
    ranker = _core.Ranker(0)
    ranker.fit(theory, [], [], 0)
    return ranker


def asked(conclusion: str, *hyps: str) -> str:
    labelled = [(f"given.{i}", hyp) for i, hyp in enumerate(hyps)]
    return json.dumps({"hyps": labelled, "conclusion": conclusion, "disjoint": [], "before": None})


def test_provable_typecodes_are_told_from_those_of_the_grammar(theory: _core.Theory) -> None:
    assert theory.typecodes() == ["|-", "true"]
    named = theory.statement("named")
    assert (named["hyps"], named["needed"]) == (["term s", "|- p"], 1)
    assert theory.statement("t1i")["conclusion"] == "true ( q -> p )"


def test_hypotheses_of_two_judgements_are_kept_apart(theory: _core.Theory, ranker: _core.Ranker) -> None:
    """From what is only `true` nothing provable follows; the other way there is `lift`."""
    found = _core.search(theory, ranker, asked("|- q", "true p", "true ( p -> q )"), search_options(500))
    assert not found["solved"]
    found = _core.search(theory, ranker, asked("true q", "|- p", "true ( p -> q )"), search_options(500))
    assert found["solved"]
    run = theory.run(found["proof"])
    assert run["accepted"] and "$p true q $=" in run["mm"]


def test_the_pinned_hash_covers_the_typecode(theory: _core.Theory, ranker: _core.Ranker) -> None:
    hashes = {}
    for typecode in theory.typecodes():
        found = _core.search(theory, ranker, asked(f"{typecode} ( p -> p )"), search_options(500))
        judged = theory.judge(found["proof"])
        assert judged["kernel"] and judged["metamath_rs"]
        words = f"$f wff p\n$p {typecode} ( p -> p )\n"
        hashes[typecode] = judged["statement_sha256"]
        assert hashes[typecode] == hashlib.sha256(words.encode()).hexdigest()
    assert len(set(hashes.values())) == 2


def test_a_proof_of_one_judgement_is_none_of_the_other(theory: _core.Theory, ranker: _core.Ranker) -> None:
    proof = json.loads(_core.search(theory, ranker, asked("|- ( p -> p )"), search_options(500))["proof"])
    proof["statement"]["conclusion"] = "true ( p -> p )"
    assert not theory.judge(json.dumps(proof))["kernel"]
    proof["statement"]["conclusion"] = "( p -> p )"
    with pytest.raises(InputError, match="begins with a provable typecode"):
        theory.judge(json.dumps(proof))


def test_library_entries_keep_their_typecode(theory: _core.Theory) -> None:
    """A learned lemma about `true` is written, read and judged as one; with another typecode it is refused."""
    text = json.loads(theory.library_json())
    entry = {
        "label": "new1",
        "level": 1,
        "after": "t1i",
        "statement": "true ( q -> [ s ] )",
        "hypotheses": [],
        "distinct": [],
        "body": [
            {"label": "every", "premises": []},
            {"label": "lift", "premises": [0]},
            {"label": "t1i", "premises": [1]},
        ],
        "size": 3,
        "axioms": sorted(theory.axioms(["every", "lift", "t1i"])),
    }

    def library(statement: str) -> str:
        entries = [{**entry, "statement": statement}]
        compact = json.dumps(entries, separators=(",", ":"))
        return json.dumps({**text, "entries": entries, "sha256": hashlib.sha256(compact.encode()).hexdigest()})

    grown = theory.copy()
    grown.load_library(library(entry["statement"]))
    assert json.loads(grown.library_json())["entries"][0]["statement"] == entry["statement"]
    assert "new1 $p true ( q -> [ s ] ) $=" in grown.library_mm()
    for wrong in ("|- ( q -> [ s ] )", "( q -> [ s ] )", "wff ( q -> [ s ] )"):
        with pytest.raises(InputError, match="new1"):
            theory.copy().load_library(library(wrong))


def test_a_library_entry_may_stand_later_than_its_body_needs(theory: _core.Theory) -> None:
    """A lemma's later proof may need less than its first one did: its place stays. Never before what it needs."""
    text = json.loads(theory.library_json())
    entry = {
        "label": "new1",
        "level": 1,
        "after": theory.labels()[-1],
        "statement": "true [ s ]",
        "hypotheses": [],
        "distinct": [],
        "body": [{"label": "every", "premises": []}, {"label": "lift", "premises": [0]}],
        "size": 2,
        "axioms": sorted(theory.axioms(["every", "lift"])),
    }

    def library(after: str) -> str:
        entries = [{**entry, "after": after}]
        compact = json.dumps(entries, separators=(",", ":"))
        return json.dumps({**text, "entries": entries, "sha256": hashlib.sha256(compact.encode()).hexdigest()})

    grown = theory.copy()
    grown.load_library(library(entry["after"]))
    assert json.loads(grown.library_json())["entries"] == [entry]
    for after, said in ((theory.labels()[0], "before what it needs"), ("nothing", "names no statement")):
        with pytest.raises(InputError, match=said):
            theory.copy().load_library(library(after))


def test_drafts_and_worksheets_state_the_typecode(theory: _core.Theory) -> None:
    rows = [
        ("1", "every", [], "|- [ t ]"),
        ("2", "lift", [0], "true [ t ]"),
        ("qed", "t1i", [1], "true ( p -> [ t ] )"),
    ]
    draft = _core.Draft.of_steps(theory, "new", asked("true ( p -> [ t ] )"), rows)
    assert draft.judge()["accepted"]
    assert "new $p true ( p -> [ t ] ) $=" in block("new", draft)
    for wrong in ("|- ( p -> [ t ] )", "( p -> [ t ] )", "term t"):
        with pytest.raises(ValueError, match=r"t1i|typecode"):
            _core.Draft.of_steps(theory, "new", asked("true ( p -> [ t ] )"), [*rows[:2], ("qed", "t1i", [1], wrong)])


def test_dreams_are_well_typed(theory: _core.Theory, ranker: _core.Ranker) -> None:
    dreams = _core.sample_dreams(theory, ranker, 60, 1, 5)
    assert len(dreams) == 60
    for dream in dreams:
        verdict = theory.judge(dream)
        assert verdict["kernel"] and verdict["metamath_rs"], dream
    assert {json.loads(dream)["statement"]["conclusion"].split()[0] for dream in dreams} == {"|-", "true"}


def test_axioms_of_a_file_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fragment's own, those of a database that goes on from another or alters it, and none for a label."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    base = CASES / "judgements.mm"
    evil = "evil $a |- p $. bad $p |- ( p -> q ) $= ? $."
    file = tmp_path / "mine.mm"

    def axioms(text: str, database: Path | None = base) -> tuple[list[str], list[str], str]:
        file.write_text(text)
        answer = prove(str(file), database and str(database), options=command_options(200))
        [theorem] = answer.data["theorems"]
        return theorem["axioms"], theorem["axioms_of_file"], theorem["mm"].read_text()

    listed, own, written = axioms(evil)
    assert listed == own == ["evil"] and "WARNING: rests on evil" in written
    listed, own, written = axioms(base.read_text() + evil)
    assert listed == own == ["evil"] and "WARNING: rests on evil" in written
    altered = base.read_text().replace("a1 $a |- ( p -> ( q -> p ) ) $.", "a1 $a |- ( p -> ( q -> r ) ) $.")
    listed, own, written = axioms(altered + "bad $p |- ( p -> ( q -> r ) ) $= ? $.")
    assert listed == own == ["a1"] and "WARNING: rests on a1" in written
    listed, own, written = axioms(base.read_text() + "good $p |- ( r -> ( p -> r ) ) $= ? $.")
    assert (listed, own) == (["a1"], []) and "WARNING" not in written
    listed, own, written = axioms(base.read_text() + evil, None)
    assert listed == own == ["evil"] and "WARNING: rests on" not in written  # the file is the database
    assert "WARNING: the axiom evil says that anything holds" in written
    label = prove("tbox", str(base), options=command_options(200))
    assert {"a1", "lift", "every"} <= set(label.data["axioms"]) and label.data["axioms_of_file"] == []


def test_axioms_are_found_through_theorems_and_lemmas(theory: _core.Theory) -> None:
    assert theory.axioms(["tbox"]) == ["mp", "a1", "lift", "tmp", "every"]
    assert theory.axioms(["named", "named.1", "no such label"]) == ["mp", "a1"]
    assert theory.doubtful(theory.theorems()) is None


def test_proofs_behind_an_answer_are_verified() -> None:
    """Those that the kernel refuses and those with ``?``, through good ones, of syntax theorems too."""
    theory = _core.Theory.load(str(CASES / "unproved_base.mm"))

    def doubtful(*labels: str) -> tuple[str, int, str] | None:
        found = theory.doubtful(list(labels))
        return found and (found[0], theory.place(found[1])[0], found[2].split(":")[0])

    assert doubtful("a1", "mp", "mp.1", "no such label") is None
    assert doubtful("a1", "bad") == ("bad", 13, "is refused")
    assert doubtful("thru") == ("open", 14, "is incomplete (`?`)")
    assert doubtful("syn") == ("wopen", 16, "is incomplete (`?`)")
    assert theory.verify("thru") is None and theory.verify("syn") is None
    assert theory.axioms(["syn"]) == ["a1"]


def test_an_answer_on_a_refused_proof_claims_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    out = tmp_path / "out"
    answer = prove("|- F.", str(CASES / "unproved_base.mm"), options=command_options(50), output=out)
    told = [answer.data[key] for key in ("proved", "reason", "proof", "unfolded", "statement_sha256", "axioms")]
    assert answer.status == 1 and told == [False, "refused", None, None, None, []]
    assert sorted(path.name for path in out.iterdir()) == ["manifest.json", "statement.mm", "statement.mmp"]
    assert "?" in (out / "statement.mm").read_text()


def test_whose_axioms_an_answer_rests_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of a known database is known; one that the user made is named."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    copy = tmp_path / "copy.mm"
    copy.write_bytes(resolve_database("starter").read_bytes())
    mine = tmp_path / "mine.mm"
    mine.write_text(copy.read_text() + "\nevil $a |- ph $.\n")
    told = [prove("|- F.", str(mine)).data, prove("|- ( ph -> ( ps -> ph ) )", str(copy)).data]
    assert [data["axioms"] for data in told] == [["evil"], ["ax-1"]]
    assert [data["axioms_from"] for data in told] == [str(mine), None]
    assert [data["axioms_of_anything"] for data in told] == [["evil"], []]

"""``prove FILE``: every kind of file is read, filled and written; what is wrong in one is said with its line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Metadream
from hypothesis import given
from hypothesis import strategies as st

from metadream import _core
from metadream.metamath_db.core import load_theory
from metadream.metamath_db.data import find_metamath_exe, resolve_database
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.model.prover import load_prover
from metadream.wake_sleep.prove.files import mm_file, worksheet
from metadream.wake_sleep.prove.prove import prove
from metadream.wake_sleep.search.options import command_options, search_options

# implication, and a rule that needs a variable of its own
DATABASE = """
$c ( ) -> A. wff setvar |- $.
$v ph ps ch th x y $.
wph $f wff ph $.
wps $f wff ps $.
wch $f wff ch $.
wth $f wff th $.
vx $f setvar x $.
vy $f setvar y $.
wi $a wff ( ph -> ps ) $.
wal $a wff A. x ph $.
${ mp.1 $e |- ph $. mp.2 $e |- ( ph -> ps ) $. mp $a |- ps $. $}
ax1 $a |- ( ph -> ( ps -> ph ) ) $.
ax2 $a |- ( ( ph -> ( ps -> ch ) ) -> ( ( ph -> ps ) -> ( ph -> ch ) ) ) $.
${ $d x ph $. ax5 $a |- ( ph -> A. x ph ) $. $}
${ $d x ph $. un.1 $e |- A. x ph $. un $a |- ph $. $}
"""
SYL = "${ s.1 $e |- ( ph -> ps ) $. s.2 $e |- ( ps -> ch ) $. syl $p |- ( ph -> ch ) $= ? $. $}"
# the proof of syl, as labels
PROOF = (
    "wph wps wi wph wch wi s.1 wph wps wch wi wi wph wps wi wph wch wi wi wps wch wi wph wps wch wi wi "
    "s.2 wps wch wi wph ax1 mp wph wps wch ax2 mp mp"
)
ARITY = {"wi": 2, "mp": 4, "ax1": 2, "ax2": 3}


FOLDER = Path(os.environ.get("MINIF2F", "miniF2F"))  # its Metamath statements, one file each


def _fetched(find: Callable[[], Path | None]) -> Path | None:
    try:
        return find()
    except InputError:
        return None


# asked for here, as tests have an empty cache
SET = _fetched(lambda: resolve_database("set"))
VERIFIER = _fetched(find_metamath_exe)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("data") / "small.mm"
    path.write_text(DATABASE)
    return str(path)


def run(text: str, database: str | None, tmp_path: Path, name: str = "f.mm", expansions: int = 3_000):  # type: ignore[no-untyped-def]
    file = tmp_path / name
    file.write_text(text)
    return prove(str(file), database, options=command_options(expansions), output=tmp_path / "out")


def accepted(block: str, label: str, tmp_path: Path) -> bool:
    """Whether a written block behind the database is proved."""
    path = tmp_path / "again.mm"
    path.write_text(DATABASE + block)
    return _core.Theory.load(str(path)).verify(label) is None


def test_a_wholly_open_theorem_is_filled_and_written(database: str, tmp_path: Path) -> None:
    outcome = run(SYL, database, tmp_path)
    (theorem,) = outcome.data["theorems"]
    assert (outcome.status, theorem["proved"], theorem["filled"], theorem["open"]) == (0, True, 1, 0)
    assert theorem["statement"]["conclusion"] == "|- ( ph -> ch )"
    assert theorem["reason"] == "solved" and theorem["expansions"] > 0 and theorem["steps"] >= 5
    assert accepted(theorem["mm"].read_text(), "syl", tmp_path)
    sheet = run(theorem["mmp"].read_text(), database, tmp_path, "again.mmp", expansions=1)
    assert sheet.status == 0 and sheet.data["expansions"] == 0  # complete: nothing was searched


@pytest.mark.parametrize(
    "proof",
    [
        "wph wps wi wph wch wi s.1 ? mp",
        "? wph wch wi s.1 ? mp",  # syntax that is not known, but follows
        "( wi mp ) ABFZACFZDABCFFHIF??GG",
        "? ? ? ? mp",  # minor and major premise share a term that is not known
    ],
)
def test_partial_proofs_are_kept_and_filled(proof: str, database: str, tmp_path: Path) -> None:
    outcome = run(SYL.replace("?", proof), database, tmp_path, expansions=8_000)
    (theorem,) = outcome.data["theorems"]
    assert theorem["proved"], outcome.text()
    assert accepted(theorem["mm"].read_text(), "syl", tmp_path)
    assert any(row["ref"] == "mp" for row in rows(theorem["mmp"]))


def rows(path: Path) -> list[dict[str, object]]:
    """The steps of a written worksheet."""
    sheet = worksheet.read(path, path.read_text())
    return [{"name": s.name, "ref": s.ref, "formula": s.formula} for s in sheet.steps]


def test_what_stays_open_is_told_and_written(database: str, tmp_path: Path) -> None:
    text = "${ n.1 $e |- ( ph -> ps ) $. no $p |- ( ps -> ph ) $= ? $. $}\n" + SYL
    outcome = run(text, database, tmp_path, expansions=2_000)
    no, syl = outcome.data["theorems"]
    assert (outcome.status, no["proved"], syl["proved"], outcome.data["filled"]) == (1, False, True, 1)
    (goal,) = no["goals"]
    assert (goal["filled"], goal["formulas"]) == (False, ["|- ( ps -> ph )"]) and goal["reason"] in (
        "budget",
        "exhausted",
    )
    assert goal["frontier"]["open"] and {"goals", "nats", "premises", "tried"} <= set(goal["frontier"]["open"][0])
    assert "stopped: " in outcome.text() and "open there" in outcome.text()
    block = no["mm"].read_text()
    assert "?" in block
    path = tmp_path / "again.mm"
    path.write_text(DATABASE + block)
    draft = _core.Draft.of_theorem(_core.Theory.load(str(path)), "no")  # hangs together
    assert not draft.written()["complete"]
    assert any(row["ref"] is None for row in rows(no["mmp"]))


def test_a_filled_theorem_is_a_premise_for_those_behind_it(database: str, tmp_path: Path) -> None:
    second = "${ t.1 $e |- ( ph -> ps ) $. t.2 $e |- ( ps -> ch ) $. t.3 $e |- ( ch -> th ) $. "
    second += "trip $p |- ( ph -> th ) $= wph wch wth ? t.3 syl $. $}"
    outcome = run(f"{SYL}\n{second}", database, tmp_path)
    assert outcome.status == 0, outcome.text()
    blocks = [theorem["mm"].read_text() for theorem in outcome.data["theorems"]]
    assert accepted("".join(blocks), "trip", tmp_path)


def test_a_database_of_its_own(database: str, tmp_path: Path) -> None:
    outcome = run(DATABASE + SYL, None, tmp_path)
    assert [theorem["label"] for theorem in outcome.data["theorems"]] == ["syl"]
    assert outcome.status == 0
    outcome = run(DATABASE + SYL, database, tmp_path)  # goes on from the database: its model will do
    assert outcome.status == 0 and outcome.data["theorems"][0]["seen"] is False
    with pytest.raises(InputError, match="proof has a"):
        run(DATABASE, None, tmp_path)
    outcome = run(DATABASE.replace("ax1 $a", "other $a") + SYL, database, tmp_path)  # statements count, not labels
    assert outcome.status == 0
    with pytest.raises(InputError, match="nope") as problem:
        run(DATABASE + SYL.replace("ps", "nope"), database, tmp_path)
    assert problem.value.line == DATABASE.count("\n") + 1


def test_dummy_variables_bring_their_conditions(database: str, tmp_path: Path) -> None:
    text = "${ d.1 $e |- ( ph -> A. x ph ) $. dum $p |- ph $= wph vy ? un $. $}"
    outcome = run(text, database, tmp_path, expansions=200)
    block = outcome.data["theorems"][0]["mm"].read_text()
    assert re.search(r"\$d ph y \$\.", block)
    done = "${ d.1 $e |- ph $. dum $p |- ph $= wph vy ? un $. $}"
    theorem = run(done, database, tmp_path).data["theorems"][0]
    assert theorem["proved"] and accepted(theorem["mm"].read_text(), "dum", tmp_path)


SHEET = """$( <MM> <PROOF_ASST> THEOREM=syl LOC_AFTER=?

* a comment
h1::s.1 |- ( ph -> ps )
h2::s.2 |- ( ps -> ch )
3:2:     |- ( ph ->
            ( ps -> ch ) )
4::ax2   |- ( ( ph -> ( ps -> ch ) ) -> ( ( ph -> ps ) -> ( ph -> ch ) ) )
5:3,4:mp |- ( ( ph -> ps ) -> ( ph -> ch ) )
qed:1,5:?  |- ( ph -> ch )
$)
"""


@pytest.mark.parametrize(
    "change",
    [
        ("", ""),
        ("5:3,4:mp |- ( ( ph -> ps ) -> ( ph -> ch ) )", "5:?,4:mp |- ( &W1 -> ( ph -> ch ) )"),  # work variables
        ("5:3,4:mp", "5::mp"),  # its hypotheses are to be found
        ("4::ax2 ", "4:: "),
        ("5:3,4:mp", "5:4,3:mp"),  # in any order
    ],
)
def test_worksheets_are_filled(change: tuple[str, str], database: str, tmp_path: Path) -> None:
    outcome = run(SHEET.replace(*change) if change[0] else SHEET, database, tmp_path, "s.mmp", expansions=20_000)
    (theorem,) = outcome.data["theorems"]
    assert theorem["proved"], outcome.text()
    assert accepted(theorem["mm"].read_text(), "syl", tmp_path)
    written = rows(theorem["mmp"])
    assert written[-1]["name"] == "qed" and all(row["ref"] for row in written)
    again = run(theorem["mmp"].read_text(), database, tmp_path, "again.mmp", expansions=1)
    assert again.status == 0 and again.data["theorems"][0]["goals"] == []


def test_listed_steps_are_tried_first(database: str, tmp_path: Path) -> None:
    (theorem,) = run(SHEET, database, tmp_path, "s.mmp").data["theorems"]
    ways = {goal["steps"][0]: goal["way"] for goal in theorem["goals"]}
    assert ways["qed"] == "listed steps"  # step 3 lists a hypothesis only, which every search has


MINIF2F = """$(
  @{
    m.0 @e |- ( ph -> ps ) $@
    @( (Contributed by nobody.) @)
    m @p |- ( ph -> ( ch -> ps ) ) @=
      ? @.
  @}
$)
"""


def test_statements_in_comments(database: str, tmp_path: Path) -> None:
    outcome = run(MINIF2F, database, tmp_path, "m.mm", expansions=8_000)
    (theorem,) = outcome.data["theorems"]
    assert theorem["proved"] and theorem["statement"]["hyps"] == [["m.0", "|- ( ph -> ps )"]]
    assert "(Contributed by nobody.)" in theorem["mm"].read_text()


def test_given_proofs_of_a_fragment_are_not_looked_at(database: str, tmp_path: Path) -> None:
    (theorem,) = run(SYL.replace("?", "no-such-label"), database, tmp_path).data["theorems"]
    assert theorem["anew"] and theorem["proved"]


@pytest.mark.parametrize(
    ("name", "text", "line", "message"),
    [
        ("a.mm", "", None, "expected a statement"),
        ("a.mm", "$( only a comment $)", None, "expected a statement"),
        ("a.mm", f"\n{SYL.replace('?', '? ?')}", 2, "2 entries are left"),
        ("a.mm", f"\n{SYL.replace('?', 'no ?')}", 2, "`no` names no statement"),
        ("a.mm", f"\n\n{SYL.replace('( ph -> ch )', '( ph -> )')}", 3, "grammar"),
        ("a.mm", "\nx $p |- ( ph -> nope ) $= ? $.", 2, "nope"),
        ("a.mm", f"\n{SYL.replace('?', '( mp ) ?B')}\n", 2, "entries are left"),
        ("a.mm", f"\n{SYL.replace('?', 'wph wps ? ? mp')}", 2, "syl"),
        ("a.mm", "caf\u00e9", 1, "ASCII"),
        ("s.mmp", "", None, "qed"),
        ("s.mmp", SHEET.replace("qed:1,5:?", "qed 1,5"), 10, "name:hyps:ref"),
        ("s.mmp", SHEET.replace("5:3,4:mp", "5:3,9:mp"), 9, "step 9"),
        ("s.mmp", SHEET.replace("5:3,4:mp", "5:2,4:mp"), 9, "hypothesis 2 of `mp`"),
        ("s.mmp", SHEET.replace("5:3,4:mp", "5:4:ax1"), 9, "`ax1` has 0 hypotheses"),
        ("s.mmp", SHEET.replace("4::ax2", "4::ax9"), 8, "`ax9` names no statement"),
        ("s.mmp", SHEET.replace("4::ax2", "3::ax2"), 8, "twice"),
        ("s.mmp", SHEET.replace("( ph -> ps ) -> ( ph -> ch ) )\nqed", "( ph -> ps ) -> ch )\nqed"), 9, "mp"),
        ("s.mmp", SHEET.replace("LOC_AFTER=?", "LOC_AFTER=nothing"), 1, "LOC_AFTER"),
        ("s.mmp", SHEET.replace("THEOREM=syl", ""), 1, "THEOREM=label"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    name: str, text: str, line: int | None, message: str, database: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(message)) as problem:
        prove(str(file), database, options=command_options(10), output=tmp_path / "out")
    assert problem.value.file == str(file) and problem.value.line == line
    assert "\n" not in str(problem.value) and not (tmp_path / "out").exists()


def test_the_command(metadream: Metadream, database: str, tmp_path: Path) -> None:
    file = tmp_path / "f.mm"
    file.write_text(SYL)
    for text, status in (
        (SYL, 0),
        (SYL.replace("( ph -> ch ) $=", "( ch -> ph ) $="), 1),
        (SYL.replace("$e", "$x"), 2),
    ):
        file.write_text(text)
        made = metadream("prove", file, "--database", database, "--expansions", 3000, "--json")
        assert made.returncode == status, made.stderr
        if status == 2:
            assert made.stdout == "" and made.stderr.startswith(f"error: {file}:1:") and made.stderr.count("\n") == 1
        else:
            assert json.loads(made.stdout)["proved"] is (status == 0)
            assert {path.name for path in (tmp_path / "f.mm.proved").iterdir()} == {"syl.mm", "syl.mmp"}


def test_a_label_wins_over_a_file_of_its_name(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("whole.mm").write_text(DATABASE + SYL)
    Path("syl").write_text(SYL.replace("syl", "fromfile"))
    Path("other").write_text(SYL)
    asked = {
        "syl": ("label", "whole.mm"),
        "./syl": ("file", database),
        str(tmp_path / "syl"): ("file", database),
        "|- ( ph -> ( ps -> ph ) )": ("statement", database),
    }
    for target, (kind, source) in asked.items():
        outcome = prove(target, source, options=command_options(3_000))
        assert outcome.data["taken_as"] == kind and f"taken as a {kind}" in outcome.text()
        assert ("./syl" in outcome.text()) == (target == "syl")  # that there is such a file
        if kind == "file":
            assert [theorem["label"] for theorem in outcome.data["theorems"]] == ["fromfile"]
    with pytest.raises(InputError, match=r"write \./other"):
        prove("other", database)
    for missing in ("./none", "none.mmp", "a b.mmp", "none/syl"):
        with pytest.raises(InputError, match="no such file"):
            prove(missing, database)


def test_options_that_do_not_go_together(database: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="give one of them"):
        prove("|- ph", database, options=command_options(1, seconds=1.0))
    for seconds in (float("nan"), float("inf"), 0.0):
        with pytest.raises(InputError, match="time above 0"):
            prove("|- ph", database, options=command_options(seconds=seconds))
    with pytest.raises(InputError, match="no such file"):
        prove(str(tmp_path / "none.mm"), database)
    assert prove("|- " + "( ph -> " * 60 + "ph" + " )" * 60, database, options=command_options(50)).status in (0, 1)
    with pytest.raises(InputError, match="cannot read"):
        mm_file.read_text(tmp_path)


def test_what_the_model_has_seen_is_said(small_database: Path) -> None:
    theory, seen = load_theory(small_database), load_prover(str(small_database)).seen
    label = next(name for name in theory.theorems() if name in seen and not theory.statement(name)["hyps"])
    for target in (label, theory.statement(label)["conclusion"]):
        outcome = prove(target, str(small_database), options=command_options(500))
        assert (outcome.data["seen"], outcome.data["seen_as"]) == (True, label)
        assert "the model has seen a proof of this" in outcome.text() and f"'{label}'" in outcome.text()
    outcome = prove("|- ( ph -> ( ps -> ( ch -> ph ) ) )", str(small_database), options=command_options(500))
    assert (outcome.data["seen"], outcome.data["seen_as"]) == (False, None)
    assert "has seen" not in outcome.text()


def test_a_statement_is_drawn_and_written(database: str, tmp_path: Path) -> None:
    drawing, out = tmp_path / "d.svg", tmp_path / "o"
    outcome = prove(
        "|- ( ph -> ( ps -> ph ) )", database, options=command_options(seconds=5.0), output=out, drawing=drawing
    )
    assert outcome.status == 0 and outcome.data["seen"] is False
    assert {path.name for path in out.iterdir()} >= {"statement.mm", "statement.mmp", "proof.mm", "manifest.json"}
    assert ElementTree.parse(drawing).getroot().tag.endswith("svg")
    outcome = prove("|- ( ph -> ps )", database, options=command_options(40), output=out, drawing=drawing)
    assert outcome.status == 1 and outcome.data["frontier"]["open"]
    assert "ps" in drawing.read_text() and "?" in (out / "statement.mm").read_text()
    with pytest.raises(InputError, match="one search"):
        prove(database, drawing=drawing)


def subproof(labels: list[str], end: int) -> int:
    """Where the subproof begins that ends at `end`."""
    wanted, i = 1, end + 1
    while wanted:
        i -= 1
        wanted += ARITY.get(labels[i], 0) - 1
    return i


@given(st.lists(st.integers(0, 100), max_size=4))
def test_any_logical_step_may_be_open(picks: list[int]) -> None:
    """A proof with some subproofs replaced by ``?`` is read and written as it was, and each of them has its formula."""
    labels = PROOF.split()
    logical = {"mp", "ax1", "ax2", "s.1", "s.2"}
    for pick in picks:
        ends = [i for i, label in enumerate(labels) if label in logical]
        if ends:
            end = ends[pick % len(ends)]
            labels[subproof(labels, end) : end + 1] = ["?"]
    theory = theory_of_small().extended(SYL.replace("?", " ".join(labels)))
    draft = _core.Draft.of_theorem(theory, "syl")
    written = draft.written()
    assert written["normal"].split() == labels
    assert all(not step["unknown"] for step in draft.steps())
    packed = theory_of_small().extended(SYL.replace("?", written["compressed"]))
    assert _core.Draft.of_theorem(packed, "syl").written()["normal"].split() == labels
    judged = draft.judge()
    assert judged["accepted"], judged["message"]


_SMALL: list[_core.Theory] = []


def theory_of_small() -> _core.Theory:
    if not _SMALL:
        with tempfile.NamedTemporaryFile("w", suffix=".mm") as file:
            file.write(DATABASE)
            file.flush()
            _SMALL.append(_core.Theory.load(file.name))
    return _SMALL[0]


def test_the_model_goes_on_for_statements_behind_its_database(database: str) -> None:
    theory = _core.Theory.load(database)
    ranker = _core.Ranker(0)
    ranker.fit(theory, [], [], 0)
    grown = theory.extended(SYL)
    with pytest.raises(ValueError, match="fit"):
        _core.search(grown, ranker, "syl", search_options(10))
    assert _core.search(grown, ranker.grown(grown), "syl", search_options(3_000))["solved"]
    with pytest.raises(InputError, match="another database"):
        ranker.grown(_core.Theory.load(str(resolve_database("starter"))))


@pytest.mark.minif2f
def test_all_of_minif2f_is_read() -> None:
    """As they stand: all files give one theorem each, whose statement set.mm's grammar can read."""
    paths = sorted(FOLDER.glob("*.mm"))
    assert paths, f"MINIF2F={FOLDER} holds no .mm file"
    files = [mm_file.read(path, mm_file.read_text(path)) for path in paths]
    assert not any(file.whole for file in files)
    theory = _core.Theory.load(str(SET))
    start = theory.size() + 1
    theory = theory.extended("\n".join(file.text for file in files))
    places = theory.proofs_from(start)
    assert [label for label, *_ in places] == [path.stem for path in paths]
    known = set(theory.labels())
    assert all(label in known for label, *_ in places)
    draft = _core.Draft.of_theorem(theory, next(label for label, _, _, unfinished, _ in places if unfinished))
    assert [step["label"] for step in draft.steps()] == [None]


@pytest.mark.data
def test_metamath_exe_reads_partial_proofs(database: str, tmp_path: Path) -> None:
    false = "bad $p |- ( ph -> ps ) $= wps wph wps wi ? wps wph ax1 mp $."
    outcome = run(f"{SYL}\n{false}", database, tmp_path)
    whole = tmp_path / "whole.mm"
    whole.write_text(DATABASE + "".join(theorem["mm"].read_text() for theorem in outcome.data["theorems"]))
    said = subprocess.run(
        [str(VERIFIER), f"read '{whole}'", "verify proof *", "exit"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    assert "?Error" not in said and outcome.data["filled"] == outcome.data["open"] == 1
    assert "were not proved" in said


def test_one_theorem_that_cannot_be_read_does_not_keep_the_others_from_being_filled(
    database: str, tmp_path: Path
) -> None:
    outcome = run(f"bad $p |- ( ph -> ps $= ? $.\n{SYL}\n", database, tmp_path)
    (theorem,) = outcome.data["theorems"]
    assert theorem["proved"] and outcome.status == 1 and not outcome.data["proved"]
    (row,) = outcome.data["unasked"]
    assert (row["label"], row["line"]) == ("bad", 1) and "does not follow" in row["why"]
    assert not outcome.data["unparsed"]  # said once


def test_a_worksheet_of_a_fragment_names_a_place_in_the_database(database: str, tmp_path: Path) -> None:
    outcome = run(f"base $a |- ( th -> th ) $.\n{SYL}\nv $p |- ( th -> th ) $= ? $.\n", database, tmp_path)
    syl, v = outcome.data["theorems"]
    assert "LOC_AFTER=un\n" in syl["mmp"].read_text() and "needs" not in syl["mmp"].read_text()
    assert "needs base of f.mm, behind which it stands" in v["mmp"].read_text()
    assert "needs base of f.mm" in v["mm"].read_text()
    assert run(syl["mmp"].read_text(), database, tmp_path, "again.mmp", expansions=1).status == 0


def test_a_statement_over_two_lines_is_answered_in_one(database: str) -> None:
    assert prove("|-\n( ph -> ph )", database, options=command_options(500)).data["target"] == "|- ( ph -> ph )"


def test_a_theorem_of_the_database_is_taken_with_the_files_proof(tmp_path: Path) -> None:
    whole = tmp_path / "whole.mm"
    whole.write_text(f"{DATABASE}{SYL}\nid $p |- ( ph -> ph ) $= ? $.\n")
    first = prove(str(whole), options=command_options(3_000), output=tmp_path / "first")
    for theorem in first.data["theorems"]:  # what was written is read again, and whole
        again = prove(str(theorem["mm"]), str(whole), options=command_options(1), output=tmp_path / "again")
        assert again.status == 0 and again.data["expansions"] == 0, again.text()
    opened = run(SYL, str(whole), tmp_path)
    assert opened.status == 0 and opened.data["theorems"][0]["filled"] == 1
    with pytest.raises(InputError, match=r"labelled s.1, which names a hypothesis of the database"):
        run(SYL.replace("$p |- ( ph -> ch )", "$p |- ( ps -> ph )"), str(whole), tmp_path)

"""Proof worksheets: all forms of mmj2, metamath-lamp and yamma are read, and what is written is read again."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_prove_files import DATABASE, theory_of_small

from metadream import _core
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.model.prover import Source
from metadream.wake_sleep.prove.files import mm_file, worksheet
from metadream.wake_sleep.prove.files.distinct import groups
from metadream.wake_sleep.prove.files.files import Target, targets
from metadream.wake_sleep.prove.files.sheet_steps import Steps, steps_of
from metadream.wake_sleep.prove.files.text import block, sheet
from metadream.wake_sleep.prove.prove import prove
from metadream.wake_sleep.search.options import command_options


def meant(text: str | bytes, folder: Path, name: str = "s.mmp") -> Steps:
    """What a worksheet says, in the small database."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return steps_of(worksheet.read(path, mm_file.read_text(path)), theory_of_small())


HEAD = "$( <MM> <PROOF_ASST> THEOREM=new LOC_AFTER=?\n"
HYPS = "h1::new.1 |- ( ph -> ps )\nh2::new.2 |- ( ps -> ch )\n"
QED = "qed:: |- ( ph -> ch )\n"


@pytest.mark.parametrize(
    ("line", "name", "ref", "children"),
    [
        ("3:2:ax1 |- ( ch -> ( ph -> ch ) )", "3", "ax1", [1]),  # too many steps: the draft says so
        ("3:1,2:mp |- ch", "3", "mp", [0, 1]),
        ("3:h1,h2:mp |- ch", "3", "mp", [0, 1]),
        ("!3:1,2:mp |- ch", "3", "mp", [0, 1]),
        ("!d3:: |- ch", "d3", None, []),
        ("d3: |- ch", "d3", None, []),
        ("d3 |- ch", "d3", None, []),
        ("! |- ch", "d1", None, []),
        (":: |- ch", "d1", None, []),
        ("d3:ax1 |- ( ch -> ( ph -> ch ) )", "d3", "ax1", []),
        ("ax1 |- ( ch -> ( ph -> ch ) )", "d1", "ax1", []),
        ("::ax1 |- ( ch -> ( ph -> ch ) )", "d1", "ax1", []),
        ("d3:1,2 |- ch", "d3", None, []),
        ("d3:?:? |- ch", "d3", None, []),
        ("d3:1,2,,?:mp |- ch", "d3", "mp", [0, 1]),
        ("d3:?,1,?,2:mp |- ch", "d3", "mp", [0, 1]),
        ("d3::ax1", "d3", "ax1", []),
        ("d3:1:", "d3", None, []),
        ("d3:1,2:mp\n\n   |-\n\tch", "d3", "mp", [0, 1]),
        ("d3:1,2:mp\t|- ch", "d3", "mp", [0, 1]),
    ],
)
def test_forms_of_a_step(line: str, name: str, ref: str | None, children: list[int], tmp_path: Path) -> None:
    steps = meant(f"{HEAD}{HYPS}{line}\n{QED}$)\n", tmp_path)
    made = steps.rows[2]
    assert made[:3] == (name, ref, children) and steps.rows[-1][0] == "qed" and len(steps.rows) == 4
    assert made[3] is None or made[3] in line.replace("\n\n   |-\n\tch", "|- ch")
    assert steps.lines == [2, 3, 4, 5 + line.count("\n")]


def test_what_is_missing_is_an_open_step_of_its_own(tmp_path: Path) -> None:
    steps = meant(f"{HEAD}{HYPS}3.1:: |- ch\n3:,1:mp\nqed:?,3:mp |- ( ph -> ch )\n", tmp_path)
    rows = [(name, ref, children) for name, ref, children, _ in steps.rows[2:]]
    assert rows == [
        ("3.1", None, []),
        ("3.1.1", None, []),
        ("3", "mp", [3, 0]),
        ("qed.1", None, []),
        ("qed", "mp", [5, 4]),
    ]


@pytest.mark.parametrize(
    ("head", "theorem", "labels"),
    [
        (f"{HEAD}h |- ph\nh |- ps\n", "new", ["new.1", "new.2"]),
        (f"{HEAD}h1000 |- ph\nh20 |- ps\n", "new", ["new.1", "new.2"]),
        (f"{HEAD}h1:: |- ph\nh2::new.1 |- ps\n", "new", ["new.2", "new.1"]),
        (f"{HEAD}h1:other |- ph\nH2:: |- ps\n", "new", ["other", "new.2"]),
        ("$theorem new\n\n* A comment.\n\nh1:: |- ph\nh2:: |- ps\n", "new", ["new.1", "new.2"]),
        ("h1:: |- ph\nh2:: |- ps\n", "s", ["s.1", "s.2"]),  # the file's name
        ("$( <MM> <PROOF_ASST>\n  THEOREM=new\n  LOC_AFTER=\nh1:: |- ph\nh2:: |- ps\n", "new", ["new.1", "new.2"]),
        ("$( <MM> <PROOF_ASST> THEOREM=new LOC_AFTER=mp $)\nh |- ph\nh |- ps\n", "new", ["new.1", "new.2"]),
        (
            "$( A comment\nof two lines. $)\n$theorem new\n$allowdiscouraged\nh |- ph\nh |- ps\n",
            "new",
            ["new.1", "new.2"],
        ),
    ],
)
def test_headers_and_labels(head: str, theorem: str, labels: list[str], tmp_path: Path) -> None:
    path = tmp_path / "s.mmp"
    path.write_text(f"{head}{QED}")
    sheet = worksheet.read(path, mm_file.read_text(path))
    steps = steps_of(sheet, theory_of_small())
    assert sheet.theorem == theorem and [label for label, _ in steps.statement["hyps"]] == labels
    assert [formula for _, formula in steps.statement["hyps"]] == ["|- ph", "|- ps"]


def test_what_is_around_the_steps(tmp_path: Path) -> None:
    text = (
        f"{HEAD}* Übung: caf\u00e9 \u2192 new.\n  It goes on.\n{HYPS}* another\n$d x y $.\n$d ph x\n{QED}\n"
        "$=  wph wch wi\n  ax1 mp $.\n$)\nwhat stands behind it\n"
    )
    for changed in (text, text.replace("\n", "\r\n"), text.replace("\n", "\r"), "\ufeff" + text):
        steps = meant(changed, tmp_path)
        assert steps.statement["disjoint"] == [("ph", "x"), ("x", "y")] and steps.lines == [4, 5, 9]
    sheet = worksheet.read(tmp_path / "s.mmp", text)
    assert sheet.comment == "\u00dcbung: caf\u00e9 \u2192 new. It goes on."


def test_local_references(tmp_path: Path) -> None:
    for ref in ("#1", "#h1", "#new.1", "#"):
        steps = meant(f"{HEAD}{HYPS}d1::{ref} |- ( ph -> ps )\nd2:d1,2:mp |- ch\n{QED}", tmp_path)
        assert steps.rows[2] == ("d2", "mp", [0, 1], "|- ch")
    steps = meant(f"{HEAD}h1:: |- ph\nqed::#1 |- ph\n", tmp_path)
    assert steps.rows[-1] == ("qed", "new.1", [], "|- ph")


def test_what_stands_before_the_theorem(tmp_path: Path) -> None:
    for after, before in (("wi", "wal"), ("wal", "mp"), ("mp.1", "mp"), ("wph", "wi"), ("mp", "ax1"), ("un", None)):
        assert meant(HEAD.replace("?", after) + HYPS + QED, tmp_path).statement["before"] == before
    assert meant(HEAD.replace("LOC_AFTER=?", "LOC_AFTER=") + HYPS + QED, tmp_path).statement["before"] is None


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", None, "last step"),
        ("* only a comment\n", None, "last step"),
        ("\ufeff", None, "last step"),
        (f"{HEAD}{HYPS}", 3, "last step"),
        (f"{HEAD}{HYPS}{QED}{QED}", 5, "twice"),
        (f"{HEAD}{HYPS}{QED}5:: |- ph\n", 5, "behind qed"),
        (f"{HEAD}{QED}{HYPS}", 3, "behind qed"),
        (f"{HEAD}{HYPS}qed::ax1\n", 4, "no formula"),
        (f"{HEAD}{HYPS}3:3:ax1 |- ph\n{QED}", 4, "uses itself"),
        (f"{HEAD}{HYPS}3:4:ax1 |- ph\n4:: |- ps\n{QED}", 4, "step 4, which is not before it"),
        (f"{HEAD}{HYPS}3:9: |- ph\n{QED}", 4, "step 9, which is not before it"),
        (f"{HEAD}{HYPS}1:: |- ph\n{QED}", 4, "twice"),
        (f"{HEAD}{HYPS}1:2:3:4 |- ph\n{QED}", 4, "name:hyps:ref"),
        (f"{HEAD}{HYPS}1,2 |- ph\n{QED}", 4, "names no step"),
        (f"{HEAD}{HYPS}3 : 1 : ax1 |- ph\n{QED}", 4, "name:hyps:ref"),
        (f"{HEAD}{HYPS}\u00fc:: |- ph\n{QED}", 4, "name:hyps:ref"),
        (f"{HEAD}{HYPS}d1::#9 |- ph\n{QED}", 4, "no step before it"),
        (f"{HEAD}{HYPS}d1::#1 |- ch\n{QED}", 4, "but step 1"),
        (f"{HEAD}h1:2:new.1 |- ph\n{QED}", 2, "rests on no steps"),
        (f"{HEAD}h1::new.1\n{QED}", 2, "without a formula"),
        (f"{HEAD}h1::#2 |- ph\n{QED}", 2, "expected a label"),
        (f"{HEAD}hqed:: |- ph\n{QED}", 2, "named qed"),
        (f"{HEAD}h1::new |- ph\n{QED}", 2, "labelled new, as the theorem"),
        (f"{HEAD}h1::a |- ph\nh2::a |- ps\n{QED}", 3, "labelled a, as another"),
        (f"{HEAD}h1::wph |- ph\n{QED}", 2, "labelled wph, which names a hypothesis"),
        (f"{HEAD}h1::ax1 |- ph\n{QED}", 2, "labelled ax1, which names an axiom"),
        (f"{HEAD}h1::ph |- ph\n{QED}", 2, "labelled ph, which is a math symbol"),
        (f"{HEAD}h1:: |- &W1\n{QED}", 2, "work variable &W1"),
        (f"{HEAD}{HYPS}qed:: |- ( ph -> &W1 )\n", 4, "work variable &W1"),
        (HEAD.replace("=new", "=ph") + QED, 1, "named ph, which is a math symbol"),
        (HEAD.replace("=new", "=wi") + QED, 1, "named wi, which names a syntax axiom"),
        (HEAD.replace("=new", "=wph") + QED, 1, "named wph, which names a hypothesis"),
        (HEAD.replace("=new", "=ax1") + QED, 1, "named ax1, which names an axiom"),
        (HEAD.replace("=new", "=a:b") + QED, 1, "names no theorem"),
        (HEAD.replace("=new", "=?") + QED, 1, "names no theorem"),
        (f"$theorem\n{QED}", 1, "names no theorem"),
        (f"{HEAD}$theorem other\n{QED}", 2, "has its name in line 1"),
        (f"{HEAD}{QED}$)\n{HEAD}{QED}", 4, "second worksheet"),
        (HEAD.replace("?", "ph") + QED, 1, "LOC_AFTER=ph names no statement"),
        (f"$( a comment\n{QED}", 1, "never closed"),
        (f"{HEAD}$= wph wps\n{QED}", 2, "never ended"),
        (f"{HEAD}$e x\n{QED}", 2, "$e"),
        (f"{HEAD}$d\n{QED}", 2, "two or more variables"),
        (f"{HEAD}$d x\n{QED}", 2, "two or more variables"),
        (f"{HEAD}$d x nope\n{QED}", 2, "`nope` is not a variable"),
        (f"{HEAD}$d x ->\n{QED}", 2, "`->` is not a variable"),
        (f"{HEAD}$d x y x\n{QED}", 2, "`x` stands twice"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, line: int | None, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=re.escape(message)) as problem:
        meant(text, tmp_path)
    assert (problem.value.line, problem.value.file) == (line, str(tmp_path / "s.mmp"))
    assert "\n" not in problem.value.message


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("h2:: |- ( ps => ch )", "`=>` is not a symbol"),
        ("h2:: |- ( ps -> )", "does not follow the database's grammar"),
        ("h2:: ( ps -> ch )", "("),
        ("3:: |- ( ps \u2192 ch )", "is not a symbol"),
        ("3:: |- ( ps -> )", "does not follow the database's grammar"),
        ("3:: ps", "typecode"),
        ("3::new.9 |- ps", "`new.9` names no statement"),
        ("3::wi |- ps", "`wi`"),
        ("3::wph |- ps", "`wph` names no statement"),
        ("3::mp.1 |- ps", "`mp.1` names no statement"),
        ("3:1:ax1 |- ( ps -> ( ph -> ps ) )", "`ax1` has 0 hypotheses, 1 steps are given"),
    ],
)
def test_what_the_database_refuses_is_said_with_its_line(line: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "s.mmp"
    database = tmp_path / "small.mm"
    database.write_text(DATABASE)
    path.write_text(f"{HEAD}h1:: |- ph\n{line}\n{QED}$)\n", encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(message)) as problem:
        prove(str(path), str(database), options=command_options(1), output=tmp_path / "out")
    assert (problem.value.line, problem.value.file) == (3, str(path)) and not (tmp_path / "out").exists()


def test_a_theorem_of_the_database_keeps_its_statement(tmp_path: Path) -> None:
    database = tmp_path / "whole.mm"
    whole = "${ $d x ph $. id5.1 $e |- ph $. id5 $p |- ( ps -> A. x ph ) $= ? $. $}"
    database.write_text(DATABASE + whole)
    good = "$theorem id5\nh1:: |- ph\nqed:: |- ( ps -> A. x ph )\n"
    path = tmp_path / "s.mmp"
    for text, line in (
        (good, None),
        (good.replace("h1::", "h1::id5.1"), None),
        (good.replace(" |- ( ps -> A. x ph )", ""), None),
        (good.replace("h1::", "h1::other"), None),
        (good.replace("h1:: |- ph\n", ""), 1),
        (good.replace("|- ph", "|- ps"), 2),
        (good.replace("A. x ph )", "A. y ph )"), 3),
        (f"{good}$d x ps\n", 4),
        (f"{good}$d x ph\n$d y ps\n", None),
    ):
        path.write_text(text)
        if line is None:
            mm = prove(str(path), str(database), options=command_options(1), output=tmp_path / "o").data["theorems"][0][
                "mm"
            ]
            assert "$d ph x" in mm.read_text()
            continue
        with pytest.raises(InputError, match="id5") as problem:
            prove(str(path), str(database), options=command_options(1), output=tmp_path / "o")
        assert problem.value.line == line


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}{HYPS}{QED}",
        f"{HEAD}* About it.\nh50::a |- ( ph -> ps )\nh51::b |- ( ps -> ch )\n3:51: |- ( ps -> ph )\n"
        "qed:50,3: |- ( ph -> ch )\n",
        f"{HEAD}{HYPS}3:?,?:mp\nqed:3,?:mp |- ( ph -> ch )\n",
        f"{HEAD}$d x ph\n$d x y\nqed:: |- ( ph -> A. y ph )\n",
        f"{HEAD}{HYPS}x:: |- ( ch -> ps )\ny:1,?:mp\nqed:: |- ( ch -> ph )\n",
    ],
)
def test_what_is_written_is_read_again(text: str, tmp_path: Path) -> None:
    """The file that is written, before anything is searched, says all that the first one said."""
    path = tmp_path / "s.mmp"
    path.write_text(text)

    def read() -> Target:
        source = Source(theory_of_small(), "small.mm", lambda: (_core.Ranker(0), frozenset()))
        return targets(path, None, lambda _: source).target("new")

    first = read()
    written = sheet(first, first.draft, ["a remark"])
    path.write_text(written)
    again = read()
    assert sheet(again, again.draft, ["a remark"]) == written
    assert (again.comment, again.hints, again.after) == (first.comment, first.hints, first.after)
    assert json.loads(again.draft.statement()) == json.loads(first.draft.statement())
    goals = [[s["name"] for s in draft.steps() if s["label"] is None] for draft in (first.draft, again.draft)]
    assert goals[0] == goals[1] != []
    listed = re.findall(r"^(\w+:[\w,]+:) ", text, re.MULTILINE)
    assert all(re.search(f"^{re.escape(head)} ", written, re.MULTILINE) for head in listed)
    assert (
        ("About it." in text)
        == ("* About it." in written)
        == ("$( About it. $)" in block(first.label, first.draft, first.comment))
    )


@given(st.sets(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh"))))
def test_groups_cover_the_pairs(pairs: set[tuple[str, str]]) -> None:
    wanted = {(min(p), max(p)) for p in pairs if p[0] != p[1]}
    made = groups(pairs)
    assert {pair for group in made for pair in combinations(group, 2)} == wanted
    assert len(made) <= len(wanted) and all(group == sorted(group) for group in made)


def test_groups_of_many_variables() -> None:
    """Twenty triples, each variable distinct from those of the other triples: 3^20 largest cliques."""
    triples = [[f"{k:02}{x}" for x in "abc"] for k in range(20)]
    pairs = [pair for one, other in combinations(triples, 2) for pair in product(one, other)]
    made = groups(pairs)
    assert len(made) < 60 and {pair for group in made for pair in combinations(group, 2)} == set(pairs)
    names = [f"{k:03}" for k in range(200)]
    assert groups(combinations(names, 2)) == [names] and groups([]) == [] and groups([("x", "x")]) == []


def read_and_filled(text: str, folder: Path, expansions: int = 3_000) -> dict[str, Any]:
    """What becomes of a worksheet's one theorem, in the small database."""
    database, path = folder / "small.mm", folder / "s.mmp"
    database.write_text(DATABASE)
    path.write_text(text)
    theorem: dict[str, Any] = prove(
        str(path), str(database), options=command_options(expansions), output=folder / "out"
    ).data["theorems"][0]
    return theorem


def test_work_variables_are_kept(tmp_path: Path) -> None:
    """What is known of an open step's formula stays, also where nothing else would say it."""
    text = f"{HEAD}{HYPS}a:: |- ( &W1 -> ( &W2 -> &W1 ) )\nb:: |- ( ch -> &W2 )\n{QED}"
    theorem = read_and_filled(text, tmp_path, expansions=1)
    formulas = {tuple(goal["formulas"]) for goal in theorem["goals"] if "qed" not in goal["steps"]}
    assert len(formulas) == 1 and len(next(iter(formulas))) == 2  # searched together, for they share a variable
    written = theorem["mmp"].read_text()
    assert re.search(r"^a:: +\|- \( &W1 -> \( &W2 -> &W1 \) \)$", written, re.MULTILINE)
    assert re.search(r"^b:: +\|- \( ch -> &W2 \)$", written, re.MULTILINE)


def test_work_variables_are_found(tmp_path: Path) -> None:
    """The form that mmj2 leaves: two open steps that share what they are about."""
    text = f"{HEAD}{HYPS}d1:: |- &W1\nd2:: |- ( &W1 -> ( ph -> ch ) )\nqed:d1,d2:mp |- ( ph -> ch )\n"
    theorem = read_and_filled(text, tmp_path, expansions=20_000)
    assert theorem["proved"] and theorem["filled"] == 2
    theorem = read_and_filled(text.replace("d1::", "d1::#new.1"), tmp_path, expansions=20_000)
    assert [goal["formulas"] for goal in theorem["goals"]] == [["|- ( ( ph -> ps ) -> ( ph -> ch ) )"]]


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("|- ( &X1 -> ph )", "`&X1` is no work variable; here they are &W1 (wff), &S1 (setvar)"),
        ("|- ( &S1 -> ph )", "does not follow the database's grammar"),
        ("|- A. &W1 ph", "does not follow the database's grammar"),
        ("|- ( & -> ph )", "`&` is not a symbol"),
        ("|- ( &W -> ph )", "`&W` is not a symbol"),
        (f"|- {'( ph -> ' * 5_000}ph{' )' * 5_000}", "nested deeper than"),
        (f"|- {'ph ' * 200_001}", "a formula of 200002 symbols"),
    ],
)
def test_formulas_that_cannot_be_read(formula: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=re.escape(message)) as problem:
        read_and_filled(f"{HEAD}3:: {formula}\n{QED}", tmp_path)
    assert problem.value.line == 2 and len(str(problem.value)) < 500


def test_the_theorem_itself_cannot_be_read(tmp_path: Path) -> None:
    for formula, said in (
        ("|- ( ph => ps )", "`=>` is not a symbol"),
        ("|- ( ph -> )", "grammar"),
        ("wff ph", "`wff`"),
    ):
        with pytest.raises(InputError, match=re.escape(said)) as problem:
            read_and_filled(f"{HEAD}{HYPS}\nqed:: {formula}\n", tmp_path)
        assert problem.value.line == 5


def test_what_stands_behind_cannot_be_said(tmp_path: Path) -> None:
    sheet = f"{HEAD.replace('?', 'wi')}3:: |- A. x ph\nqed:: |- ( ph -> ph )\n"
    for text, line in ((sheet, 2), (sheet.replace("3:: |- A. x ph\n", "").replace("-> ph )", "-> A. x ph )"), 2)):
        with pytest.raises(InputError, match="`wal`, which does not stand before") as problem:
            read_and_filled(text, tmp_path)
        assert problem.value.line == line


def test_many_steps(tmp_path: Path) -> None:
    """Ten thousand steps are read at once, and of as many open ones some are searched; `big` formulas are refused."""
    many = "".join(f"s{i}::ax1 |- ( ph -> ( ps -> ph ) )\n" for i in range(10_000))
    theorem = read_and_filled(f"{HEAD}{many}qed:: |- ( ph -> ( ps -> ph ) )\n", tmp_path, expansions=10)
    assert theorem["proved"]
    opened = "".join(f"s{i}:: |- ( &W{i} -> ph )\n" for i in range(1_500))
    theorem = read_and_filled(f"{HEAD}{opened}qed:: |- ( ph -> ( ps -> ph ) )\n", tmp_path, expansions=10)
    reasons = Counter(goal["reason"] for goal in theorem["goals"])
    assert reasons["many"] > 500 and sum(reasons.values()) == 1_501
    grown = "s0:1,2:mp\n" + "".join(f"s{i + 1}:s{i},?:mp\n" for i in range(3_000))
    with pytest.raises(InputError, match=r"too large together|`mp`") as problem:
        read_and_filled(f"{HEAD}{HYPS}{grown}{QED}", tmp_path)
    assert problem.value.line is not None


def test_a_fragment_names_what_is_free(tmp_path: Path) -> None:
    """The same labels are refused in a ``.mm`` file, with their line."""
    database, path = tmp_path / "small.mm", tmp_path / "f.mm"
    database.write_text(DATABASE)
    for text, line in (
        ("\nwi $p |- ( ph -> ph ) $= ? $.", 2),
        ("\n\nph $p |- ( ph -> ph ) $= ? $.", 3),
        ("\n${ ax1 $e |- ph $. new $p |- ph $= ? $. $}", 2),
        ("\n${ new $e |- ph $. new $p |- ph $= ? $. $}", 2),
        ("\n${ $d ph ph $. new $p |- ph $= ? $. $}", 2),
        ("\nne:w $p |- ph $= ? $.", 2),
        ("\n\n$v wi $.\nnew $p |- ph $= ? $.", 3),
    ):
        path.write_text(text)
        with pytest.raises(InputError) as problem:
            prove(str(path), str(database), options=command_options(1), output=tmp_path / "out")
        assert (problem.value.line, problem.value.file) == (line, str(path)) and not (tmp_path / "out").exists()


def test_a_statement_is_written_under_a_free_label(tmp_path: Path) -> None:
    database = tmp_path / "small.mm"
    database.write_text(f"{DATABASE}statement $a |- ( ph -> ( ps -> ph ) ) $.")
    prove("|- ( ch -> ( ps -> ch ) )", str(database), options=command_options(100), output=tmp_path / "out")
    assert {"statement2.mm", "statement2.mmp"} <= {path.name for path in (tmp_path / "out").iterdir()}

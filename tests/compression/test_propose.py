"""``metadream propose`` and patches in set.mm's style: what is proposed, how it is named, what is written."""

from __future__ import annotations

import itertools
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from metadream.compression.maintain import propose as maintain
from metadream.compression.maintain.naming import Suggestion, abbreviations, suggest
from metadream.compression.maintain.propose import KEYS, best, propose
from metadream.compression.maintain.setmm import Contribution, folded, tidy
from metadream.compression.maintain.wording import describe
from metadream.metamath_db import data
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.judges.check import check
from metadream.wake_sleep.loop.cycle import learn
from metadream.wake_sleep.report.export import export_patch

FETCHED = data.cache_folder()  # the user's, looked up before a test hides it
EXE = data.find_metamath_exe()
AUTHOR = Contribution.checked("A. Tester", "4-Jul-2026")
RULE = "#*" * 39 + "#"
HEAD = """$c ( ) -> wff |- $.
$v p q r s t $.
wp $f wff p $.  wq $f wff q $.  wr $f wff r $.  ws $f wff s $.  wt $f wff t $.
wi $a wff ( p -> q ) $.
${ min $e |- p $.  maj $e |- ( p -> q ) $.  ax-mp $a |- q $. $}
ax-1 $a |- ( p -> ( q -> p ) ) $.
ax-2 $a |- ( ( p -> ( q -> r ) ) -> ( ( p -> q ) -> ( p -> r ) ) ) $.
"""


def raised(number: int) -> str:
    """An operator of its own for each: ``p`` gives ``( q -> p )`` inline, and that gives ``U ( q -> p )``."""
    proof = f"wp wq wp wq wp wi raise{number}.1 wp wq ax-1 ax-mp use{number}"
    return f"""$c U{number} $.  wu{number} $a wff U{number} p $.
${{ use{number}.1 $e |- ( q -> p ) $.  use{number} $a |- U{number} ( q -> p ) $. $}}
${{ raise{number}.1 $e |- p $.
  raise{number} $p |- U{number} ( q -> p ) $= {proof} $. $}}
"""


def heading(title: str) -> str:
    return f"$(\n{RULE}\n{title}\n{RULE}\n$)\n"


def syllogism(a: str, b: str, c: str, minor: str, major: str) -> str:
    """A normal proof of ``( a -> c )`` from proofs of ``( a -> b )`` and ``( b -> c )``."""
    x, y, z = (f"w{v}" for v in (a, b, c))
    xy, xz, yz = f"{x} {y} wi", f"{x} {z} wi", f"{y} {z} wi"
    raised = f"{yz} {x} {yz} wi {major} {yz} {x} ax-1 ax-mp"
    return f"{xy} {xz} {minor} {x} {yz} wi {xy} {xz} wi {raised} {x} {y} {z} ax-2 ax-mp ax-mp"


def theorem(label: str, a: str, b: str, c: str, d: str) -> str:
    """``( a -> b )``, ``( b -> c )`` and ``( c -> d )`` give ``( a -> d )``, proved inline."""
    proof = syllogism(a, c, d, syllogism(a, b, c, f"{label}.1", f"{label}.2"), f"{label}.3")
    hyps = "".join(
        f"  {label}.{i} $e |- ( {x} -> {y} ) $.\n" for i, (x, y) in enumerate([(a, b), (b, c), (c, d)], start=1)
    )
    comment = "$( A theorem.  (Contributed by NM, 1-Jan-2000.) $)"
    return f"${{\n{hyps}  {comment}\n  {label} $p |- ( {a} -> {d} ) $=\n    {proof} $.\n$}}\n"


@pytest.fixture
def database(tmp_path: Path) -> str:
    """Sixty theorems that a lemma would shorten, in three sections, two mathboxes behind them."""
    parts = [HEAD]
    for n, variables in enumerate(itertools.islice(itertools.permutations("pqrst", 4), 60)):
        if n % 20 == 0:
            parts.append(heading(["<b>One</b>", "Two", "Three"][n // 20]))
        parts.append(theorem(f"th{n}", *variables))
    for name in ("X", "Y"):
        parts.append(heading(f"Mathbox for {name}"))
        parts.append(theorem(f"box{name}", *"pqrs"))
    path = tmp_path / "small.mm"
    path.write_text("".join(parts))
    return str(path)


def proposed(database: str, **more: Any) -> dict[str, Any]:
    return dict(propose(database, threads=1, **more).data)


class Reader(HTMLParser):
    """The tags of an HTML file."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not any(name in ("src", "href") for name, _ in attrs)


def test_what_pays_is_proposed_with_its_figures(database: str) -> None:
    found = proposed(database, limit=3)
    assert 1 <= len(found["proposals"]) <= 3
    for row in found["proposals"]:
        assert set(row) == {*KEYS, "proof"}
        assert row["net"] == row["gross"] - row["text_bytes"] > 0
        assert row["generality"] == len(row["sections"]) and row["sites"] <= row["uses"]
        assert row["text_bytes"] == folded(row["mm"])
        assert set(row["axioms"]) <= {"ax-mp", "ax-1", "ax-2"}
        assert not any("Mathbox" in title for title in row["sections"])
    ranks = [row["net"] * row["generality"] for row in found["proposals"]]
    assert ranks == sorted(ranks, reverse=True)
    assert found["net"] == sum(row["net"] for row in found["proposals"])


def test_other_forms_of_theorems_are_listed_apart(database: str) -> None:
    """`p => ( q -> p )`, which all proofs use twice, is a form of ax-1."""
    found = proposed(database, limit=5)
    assert all(row["variant_of"] is None for row in found["proposals"])
    assert {row["variant_of"] for row in found["variants"]} <= {"ax-1", "ax-2"}
    assert all(row["net"] > 0 for row in found["variants"])
    with_them = proposed(database, limit=5, variants=True)
    assert with_them["variants"] == [] and with_them["net"] >= found["net"]


def test_the_answer_is_stable(database: str) -> None:
    assert proposed(database, limit=3) == dict(propose(database, limit=3, threads=2).data)


def test_a_section_is_learned_from_alone(database: str) -> None:
    assert proposed(database, section="two")["proposals"]
    with pytest.raises(InputError, match="no heading"):
        proposed(database, section="nowhere")


def test_candidates_that_are_refused_are_counted(database: str) -> None:
    """Whatever refuses a candidate leaves the learner in order: here all use what is not to be used."""
    path = Path(database)
    path.write_text(path.read_text().replace("ax-2 $a", "$( Frege.  (New usage is discouraged.) $) ax-2 $a"))
    done = propose(str(path), limit=3, threads=1)
    assert done.data["left_out"]["discouraged"] > 0
    assert not any("ax-2" in row["proof"] for row in done.data["proposals"])


def test_what_exists_is_not_proposed(database: str) -> None:
    """Once the lemmas are there, neither they nor other forms of them are proposed again."""
    first = proposed(database, limit=5)["proposals"]
    path = Path(database)
    text = path.read_text()
    place = text.index("$(\n#")
    path.write_text(text[:place] + "".join(row["mm"] for row in first) + text[place:])
    again = proposed(database, limit=5)
    there = {(tuple(row["hypotheses"]), row["statement"]) for row in first}
    assert not there & {(tuple(row["hypotheses"]), row["statement"]) for row in again["proposals"]}


def test_nothing_to_propose_is_status_1(tmp_path: Path) -> None:
    path = tmp_path / "tiny.mm"
    path.write_text(HEAD)
    done = propose(str(path))
    assert done.status == 1 and done.data["proposals"] == []


def test_html_is_escaped_and_offline(database: str, tmp_path: Path) -> None:
    out = tmp_path / "out.html"
    proposed(database, limit=2, output=out)
    text = out.read_text()
    reader = Reader()
    reader.feed(text)
    assert "&lt;b&gt;One&lt;/b&gt;" in text and "<b>One</b>" not in text
    assert "script" not in reader.tags and "://" not in text


def test_a_patch_is_accepted_and_touches_no_mathbox(database: str, tmp_path: Path) -> None:
    out = tmp_path / "new.mm"
    found = proposed(database, limit=2, export=out, contribution=AUTHOR)
    patch = found["patch"]
    assert patch["accepted"] and patch["file"] == out and check(out)["accepted"]
    old, new = Path(database).read_text(), out.read_text()
    assert new.index("Mathbox for X") and old[old.index("Mathbox for X") :] == new[new.index("Mathbox for X") :]
    assert old.count("$a") == new.count("$a")
    assert " ".join(new.split()).count("(Contributed by A. Tester, 4-Jul-2026.)") == 1
    assert patch["lemmas"] == [found["proposals"][0]["label"]], "one lemma a patch"
    for row in found["proposals"][:1]:
        assert all(f"{row['label']}.{i + 1} $e" in new for i in range(len(row["hypotheses"])))
    assert tidy(old.encode(), new.encode())
    subprocess.run(["git", "apply", str(patch["diffs"][0])], cwd=Path(database).parent, check=True)
    assert Path(database).read_text() == new


def test_a_run_gives_a_patch_with_the_proofs_that_it_found(tmp_path: Path) -> None:
    learn("starter", tmp_path / "run", cycles=1, seed=1, tasks=120, expansions=200, workers=1)
    out = tmp_path / "new.mm"
    with pytest.raises(InputError, match="--contributor"):
        export_patch(tmp_path / "run", out, None)
    done = export_patch(tmp_path / "run", out, "A. Tester", "4-Jul-2026", limit=3)
    assert done.status == 0 and 1 <= len(done.data["proposals"]) <= 3
    old, new = data.resolve_database("starter").read_text(), out.read_text()
    assert new.count("= ? $.") < old.count("= ? $."), "open statements that use a lemma are proved"
    assert all(row["uses"] > 1 for row in done.data["proposals"])
    result = check(out)
    assert result["errors"]["kernel"] == result["errors"]["metamath_rs"] == 0


def test_a_patch_needs_a_name(database: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--contributor"):
        propose(database, export=tmp_path / "new.mm")
    with pytest.raises(InputError, match="at most 20"):
        propose(database, limit=21, export=tmp_path / "new.mm", contribution=AUTHOR, split=True)


@pytest.mark.parametrize(
    "name", ["", " ", "A $) $a |- p $.", "~ x", "`x`", "A\nB", "É", "x" * 61, "[me]", "a_b_", "A)"]
)
def test_hostile_names_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="contributor's name"):
        Contribution.checked(name, "4-Jul-2026")


@pytest.mark.parametrize("date", ["04-Jul-2026", "31-Feb-2026", "4-Juli-2026", "4-jul-2026", "2026-07-04", ""])
def test_bad_dates_are_refused(date: str) -> None:
    with pytest.raises(InputError, match="no date"):
        Contribution.checked("A. Tester", date)
    assert re.fullmatch(r"\d{1,2}-[A-Z][a-z]{2}-\d{4}", Contribution.checked("A. Tester", None).date)


Tree = dict[str, Any]


def leaf(name: str, typecode: str = "class") -> Tree:
    return {"syntax": None, "typecode": typecode, "text": name, "parts": []}


def tree(syntax: str, text: str, *parts: Tree, typecode: str = "wff") -> Tree:
    return {"syntax": syntax, "typecode": typecode, "text": text, "parts": list(parts)}


A, B, C, PH, CH = leaf("A"), leaf("B"), leaf("C"), leaf("ph", "wff"), leaf("ch", "wff")
KNOWN = {"wi": "", "wcel": "el", "wceq": "eq", "wss": "ss", "cun": "un", "cfv": "fv", "wral": "ral", "cvv": "v"}
UNION = tree("cun", "( A u. B )", A, B, typecode="class")


def under(goal: Tree) -> Tree:
    return tree("wi", f"( ph -> {goal['text']} )", PH, goal)


def subset(left: Tree, right: Tree) -> Tree:
    return tree("wss", f"{left['text']} C_ {right['text']}", left, right)


def lemma(conclusion: Tree, *hypotheses: Tree, **more: Any) -> dict[str, Any]:
    row = {"tree": {"conclusion": conclusion, "hypotheses": list(hypotheses)}, "implication": "wi"}
    deduction = conclusion["syntax"] == "wi" and bool(hypotheses)
    row |= {"hypotheses": [h["text"] for h in hypotheses], "deduction": deduction, "distinct": []}
    return {**row, "nearest": None, "likeness": 0.0, "variant_of": None, "form_of": None, "twin": None, **more}


def free(name: str) -> bool:
    return False


def test_fragments_come_from_definitions_and_the_conventions() -> None:
    conventions = "<tr><td><b>e, eq, equ</b></td><td>equals</td><td> ~ df-cleq </td></tr>"
    known = abbreviations([("df-cleq", "wceq2"), ("df-fv", "cfv")], conventions)
    assert known["wceq2"] == "e" and known["cfv"] == "fv"


def test_labels_say_what_the_conclusion_says() -> None:
    deduction = lemma(under(subset(UNION, C)), under(subset(A, C)), under(subset(B, C)))
    assert suggest(deduction, KNOWN, free) == Suggestion("unssd", "conclusion")
    inference = lemma(subset(UNION, C), subset(A, C), subset(B, C))
    assert suggest(inference, KNOWN, free) == Suggestion("unssi", "conclusion")
    value = tree("cfv", "( F ` A )", tree("csin", "F", typecode="class"), A, typecode="class")
    closure = tree("wcel", "( F ` A ) e. CC", value, tree("cc", "CC", typecode="class"))
    assert suggest(lemma(under(closure), under(CH)), KNOWN, free).label == "sincld"
    element = tree("wcel", "A e. ( A u. B )", A, UNION)
    assert suggest(lemma(element), KNOWN, free).label == "elun"


def test_numbers_stand_behind_labels_of_the_same_subject_only() -> None:
    deduction = lemma(under(subset(UNION, C)), under(subset(A, C)), under(subset(B, C)))
    taken = {"unssd"}.__contains__
    assert suggest(deduction, KNOWN, taken, lambda label: label == "unssd").label == "unssd2"
    assert suggest(deduction, KNOWN, taken) == Suggestion("unssNEW", "placeholder")
    between = lemma(subset(A, C), subset(A, B), subset(B, C), nearest="sstri", likeness=0.9)
    label = suggest(between, KNOWN, {"sstri"}.__contains__, lambda label: True)
    assert label == Suggestion("ssNEW", "placeholder"), "not sstri2"
    assert suggest(between, KNOWN, {"sstri", "ssNEW"}.__contains__, lambda label: True).label == "ssNEW2"


def test_the_nearest_theorem_lends_a_stem_to_what_concludes_a_variable() -> None:
    row = lemma(under(CH), under(CH), nearest="rspcdva", likeness=0.7, distinct=[("x", "A")])
    assert suggest(row, KNOWN, free) == Suggestion("rspcd", "nearest")
    assert suggest(row, KNOWN, {"rspcd", "rspcdv"}.__contains__).label == "rspcvd"
    assert suggest({**row, "likeness": 0.1}, KNOWN, free).source == "placeholder"


def test_comments_say_what_is_stated() -> None:
    near = {"nearest": "unss", "likeness": 0.5}
    deduction = lemma(under(subset(UNION, C)), under(subset(A, C)), under(subset(B, C)), **near)
    said = "Deduce ` ( A u. B ) C_ C ` from ` A C_ C ` and ` B C_ C ` . Compare ~ unss ."
    assert describe(deduction) == said
    inference = lemma(subset(A, C), subset(A, B), subset(B, C), leaf("ph", "wff"))
    assert describe(inference) == "Infer ` A C_ C ` from ` A C_ B ` , ` B C_ C ` , and ` ph ` ."
    assert describe(lemma(under(subset(A, A)))) == "If ` ph ` , then ` A C_ A ` ."
    assert describe(lemma(subset(A, A))) == "The statement ` A C_ A ` holds."
    assert describe(lemma(tree("wx", "( F ` A )"))) == "The statement ` ( F `` A ) ` holds."
    assert describe({**deduction, "variant_of": "unssi", "form_of": "deduction"}) == "Deduction form of ~ unssi ."
    assert "form of" not in describe({**deduction, "variant_of": "unssi", "form_of": None})
    twin = describe({**deduction, "nearest": "rspcdva", "likeness": 1.0, "twin": "fewer"})
    assert twin == "Version of ~ rspcdva with fewer disjoint variable conditions."
    long = leaf("B" * 70)
    assert describe(lemma(subset(UNION, long), A, **near)) == "Infer a property of ` ( A u. B ) ` . Compare ~ unss ."
    assert describe(lemma(subset(A, C), *[subset(A, B)] * 40)) == "Infer ` A C_ C ` from 40 hypotheses."
    assert describe(lemma(subset(A, C), long)) == "Infer ` A C_ C ` from a hypothesis."


def test_places_for_a_patch_are_looked_at_before_the_work(database: str, tmp_path: Path) -> None:
    def fails(place: Path, why: str, **more: Any) -> None:
        with pytest.raises(InputError, match=why):
            propose(database, export=place, contribution=AUTHOR, **more)  # type: ignore[arg-type]

    fails(tmp_path, "is a folder")
    fails(tmp_path / "none" / "new.mm", "no such folder")
    fails(Path(database), "the database itself")
    fails(Path(database).parent / "." / "small.mm", "the database itself")
    with pytest.raises(InputError, match="--export"):
        propose(database, split=True)  # type: ignore[arg-type]


class Unusable:
    """In the place of the core: whatever is asked of it fails."""


def test_a_series_has_a_patch_of_each_lemma(database: str, tmp_path: Path) -> None:
    path = Path(database)
    text, place = path.read_text(), path.read_text().index(heading("Two"))
    path.write_text(text[:place] + "".join(map(raised, range(40))) + text[place:])
    old = path.read_bytes()
    out = tmp_path / "new.mm"
    found = proposed(database, limit=3, variants=True, export=out, contribution=AUTHOR, split=True)
    patch = found["patch"]
    assert patch["accepted"] and len(patch["diffs"]) == len(found["proposals"]) == len(patch["lemmas"]) >= 2
    for number, (diff, row) in enumerate(zip(patch["diffs"], found["proposals"], strict=True), start=1):
        assert diff.name == f"new.mm.{number}.diff"
        assert diff.read_text().count("(Contributed by") - diff.read_text().count("\n (Contributed") >= 1
        subprocess.run(["git", "apply", str(diff)], cwd=Path(database).parent, check=True)
        assert check(Path(database))["accepted"] and f"{row['label']} $p" in Path(database).read_text()
    assert Path(database).read_bytes() == out.read_bytes() != old


@pytest.mark.parametrize("change", ["CRLF", "no newline at the end"])
def test_a_patch_keeps_line_ends(change: str, database: str, tmp_path: Path) -> None:
    path = Path(database)
    old = path.read_bytes()
    path.write_bytes(old.replace(b"\n", b"\r\n") if change == "CRLF" else old[: old.rindex(b"$}") + 2])
    out = tmp_path / "new.mm"
    patch = proposed(database, limit=1, export=out, contribution=AUTHOR)["patch"]
    assert patch["accepted"] and patch["checks"]["lines"]
    subprocess.run(["git", "apply", str(patch["diffs"][0])], cwd=path.parent, check=True)
    new = path.read_bytes()
    assert new == out.read_bytes()
    assert new.count(b"\n") == (new.count(b"\r\n") if change == "CRLF" else new.count(b"\n"))
    assert new.endswith(b"$}") == (change != "CRLF")


def test_no_proposal_is_no_patch(tmp_path: Path) -> None:
    path = tmp_path / "tiny.mm"
    path.write_text(HEAD)
    done = propose(str(path), export=tmp_path / "new.mm", contribution=AUTHOR)
    assert done.status == 1 and done.data["patch"] is None and not (tmp_path / "new.mm").exists()


@pytest.mark.data
@pytest.mark.parametrize("name", ["hol", "ql"])
def test_patches_of_real_databases_pass_metamath_exe(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "cache_folder", lambda: FETCHED)
    assert EXE is not None
    done = propose(name, limit=4, variants=True, export=tmp_path / "new.mm", contribution=AUTHOR, split=True)
    patch = done.data["patch"]
    if patch is None:
        assert name == "hol", "ql has much to gain"
        return
    assert patch["checks"] == dict.fromkeys(("verify", "lines", "markup", "rewrap", "discouraged"), True), patch[
        "notes"
    ]


def test_refused_proofs_of_the_database_are_named(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "find_metamath_exe", lambda: None)
    before = proposed(database, limit=1)["proposals"][0]["label"]
    with Path(database).open("a") as file:
        file.write("bad $p |- ( p -> p ) $= wp wp wp ax-1 $.\n")
    export = tmp_path / "new.mm"
    done = propose(database, limit=1, threads=1, export=export, contribution=AUTHOR)
    assert re.search(r"small\.mm:\d+: the proof of bad is refused", capsys.readouterr().err)
    assert done.data["proposals"][0]["label"] == before
    assert done.status == 1 and export.exists(), "a judge refuses what was written"
    assert done.data["patch"]["accepted"] and done.data["patch"]["refused"] == ["bad"]


def test_a_file_that_changed_before_the_patch_is_noticed(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def touched(*given: Any, **more: Any) -> Any:
        with Path(database).open("a") as file:
            file.write("$( One more comment. $)\n")
        return best(*given, **more)

    monkeypatch.setattr(maintain, "best", touched)
    with pytest.raises(InputError, match="changed after it was read") as problem:
        propose(database, limit=1, threads=1, export=tmp_path / "new.mm", contribution=AUTHOR)
    assert problem.value.file == database
    assert not list(tmp_path.glob("new.mm*"))

"""``metadream propose`` and patches in set.mm's style: what is proposed, how it is named, what is written."""

from __future__ import annotations

import itertools
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from metadream.compression.naming import abbreviations, describe, suggest
from metadream.compression.propose import KEYS, propose
from metadream.compression.setmm import Contribution, apply, folded, tidy, unified
from metadream.metamath_db import data
from metadream.metamath_db.check import check
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.cycle import learn
from metadream.wake_sleep.export import export_patch

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
    assert " ".join(new.split()).count("(Contributed by A. Tester, 4-Jul-2026.)") == patch["lemmas"]
    for row in found["proposals"]:
        assert all(f"{row['label']}.{i + 1} $e" in new for i in range(len(row["hypotheses"])))
    assert tidy(old.encode(), new.encode())
    subprocess.run(["git", "apply", str(patch["diff"])], cwd=Path(database).parent, check=True)
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
        propose(database, limit=21, export=tmp_path / "new.mm", contribution=AUTHOR)


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


def test_labels_follow_the_conventions_and_are_free() -> None:
    conventions = "<tr><td><b>e, eq, equ</b></td><td>equals</td><td> ~ df-cleq </td></tr>"
    known = abbreviations([("df-cleq", "wceq2"), ("df-fv", "cfv")], conventions)
    assert known["wceq2"] == "e" and known["cfv"] == "fv"
    row: dict[str, Any] = {
        "body": [("syl", 20_000, []), ("ffn", 900, ["wi", "wf", "wfn"])],
        "syntax": ["wfn"],
        "deduction": True,
    }
    row["hypotheses"] = ["|- ( ph -> F : A --> B )"]
    assert suggest(row, known, lambda name: False) == "ffnd"
    assert suggest(row, known, lambda name: name == "ffnd") == "ffnd2"
    assert describe(row) == "Deduction associated with ~ ffn ."
    row = {"body": [("eqeltri", 1_900, []), ("fvex", 3_000, ["wcel", "cfv", "cvv"])], "syntax": ["wcel", "cvv"]}
    row |= {"deduction": False, "hypotheses": ["|- A = ( F ` B )"]}
    assert suggest(row, known, lambda name: False) == "fvexi"
    assert describe(row) == "Inference combining ~ eqeltri and ~ fvex ."
    closed = {
        "body": [("ax-mp", 9_000, []), ("ax-1", 8_000, ["wi"])],
        "syntax": ["cfv"],
        "deduction": False,
        "hypotheses": [],
    }
    assert suggest(closed, known, lambda name: False).startswith("fv")
    assert describe(closed) == "Theorem combining ~ ax-mp and ~ ax-1 ."


def test_diffs_say_what_the_edits_do(tmp_path: Path) -> None:
    lines = [f"line {i}" for i in range(40)]
    text = ("\n".join(lines) + "\n").encode()
    edits = [(text.index(b"5"), text.index(b"5") + 1, "five\nand more"), (text.index(b"line 30"), len(text), "end\n")]
    new = apply(text, edits)
    old_file = tmp_path / "x.mm"
    old_file.write_bytes(text)
    (tmp_path / "x.diff").write_text(unified(text, edits, "x.mm"))
    subprocess.run(["git", "apply", "x.diff"], cwd=tmp_path, check=True)
    assert old_file.read_bytes() == new


@pytest.mark.parametrize("name", ["hol", "ql"])
def test_patches_of_real_databases_pass_metamath_exe(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "cache_folder", lambda: FETCHED)
    if data.entry(name) is None:
        pytest.skip(f"{name} is not fetched")
    if EXE is None:
        pytest.skip("metamath-exe is not fetched")
    done = propose(name, limit=4, variants=True, export=tmp_path / "new.mm", contribution=AUTHOR)
    patch = done.data["patch"]
    if patch is None:
        assert name == "hol", "ql has much to gain"
        return
    assert patch["checks"] == dict.fromkeys(("verify", "lines", "markup", "rewrap", "discouraged"), True), patch[
        "notes"
    ]

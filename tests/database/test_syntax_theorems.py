"""Syntax theorems such as set.mm's ``weq`` in the proofs that are written, and no conditions that nothing needs."""

from __future__ import annotations

import re
from pathlib import Path

from metadream import _core
from metadream.compression.maintain.shorten import shorten

WEQ = Path(__file__).resolve().parents[1] / "cases" / "weq.mm"


def proofs(text: str) -> dict[str, str]:
    """Label -> what stands between ``$=`` and ``$.``."""
    return dict(re.findall(r"(\S+) \$p [^$]*\$=([^$]*)\$\.", text))


def test_syntax_theorems_are_used_where_they_are_shorter(tmp_path: Path) -> None:
    out = tmp_path / "out.mm"
    assert shorten(str(WEQ), output=out).status == 0
    assert proofs(out.read_text())["eqid2"].split() == ["(", "weq", "id", ")", "ABCD"]


def test_syntax_theorems_are_left_out_where_they_are_longer_or_not_to_be_used(tmp_path: Path) -> None:
    """A long label costs more than it saves; one that is discouraged, or in a mathbox, is not for use."""
    text, plain = WEQ.read_text(), ["(", "cv", "wceq", "id", ")", "ACBCDE"]
    rule = "#*" * 39 + "#"
    changed = {
        "long": text.replace("weq", "equality-of-set-variables"),
        "discouraged": text.replace("as a formula. $)", "as a formula.  (New usage is discouraged.) $)"),
        "mathbox": text.replace("$( Equality", f"$(\n{rule}\n  Mathbox for A\n{rule}\n$)\n$( Equality"),
    }
    for name, database in changed.items():
        path, out = tmp_path / f"{name}.mm", tmp_path / f"{name}.out.mm"
        path.write_text(database)
        shorten(str(path), output=out)
        proof = proofs(out.read_text())["eqid2"].split()
        assert sorted(proof[:-1]) == sorted(plain[:-1]), name


def test_a_proof_that_the_database_writes_shorter_stays(tmp_path: Path) -> None:
    """Sizes are compared with the proof as the database has it, its syntax proofs included."""
    path = tmp_path / "small.mm"
    path.write_text(WEQ.read_text())
    before = proofs(path.read_text())["eqid2"].split()
    done = shorten(str(path), dry_run=True)
    row = next(row for row in done.data["proofs"] if row["label"] == "eqid2")
    labels, letters = before[1 : before.index(")")], "".join(before[before.index(")") + 1 :])
    assert row["before"]["letters"] == len(letters)
    assert row["before"]["bytes"] == len(letters) + 4 + sum(len(label) + 1 for label in labels)


def test_a_proof_may_become_shorter_by_syntax_theorems_alone(tmp_path: Path) -> None:
    path, out = tmp_path / "plain.mm", tmp_path / "out.mm"
    more = "same $p |- ( x = y -> ( q -> x = y ) ) $= ( cv wceq a1 ) BDCDEAF $.\n"
    path.write_text(WEQ.read_text().replace("new $p", more + "new $p"))
    done = shorten(str(path), ["same"], output=out)
    assert done.data["proofs"][0]["used"] == {"weq": 1}
    assert proofs(out.read_text())["same"].split() == ["(", "weq", "a1", ")", "BCDAE"]


def test_what_a_draft_writes_uses_them_too() -> None:
    written = _core.Draft.of_theorem(_core.Theory.load(str(WEQ)), "eqid2").written()
    labels = written["compressed"].split()
    assert "weq" in labels and "wceq" not in labels and "weq" in written["normal"].split()


def test_dummies_have_the_conditions_that_are_needed_and_no_others(tmp_path: Path) -> None:
    inner = "wp wq wp wi wp wi wi wp wq wp wi wi wp wp wi wi wp wq wp wi a1 wp wq wp wi wp a2 mp"
    proof = f"wp wq wp wi wi wp wp wi wp wq a1 {inner} mp"
    path = tmp_path / "dummy.mm"
    path.write_text(WEQ.read_text().replace("$( Proved at length", f"id2 $p |- ( p -> p ) $= {proof} $.\n$( Proved"))
    draft = _core.Draft.of_theorem(_core.Theory.load(str(path)), "id2")
    written = draft.written()
    assert written["dummies"] == ["q"] and written["disjoint"] == [] and draft.judge()["accepted"]

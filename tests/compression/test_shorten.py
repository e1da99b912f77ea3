"""``metadream shorten``: proofs get shorter, judges accept, nothing else changes, runs go on where they stopped."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from metadream import _core
from metadream.compression.maintain.shorten import shorten
from metadream.metamath_db import data
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.judges.check import check
from metadream.metamath_db.terminal.console import Outcome

FETCHED = data.cache_folder()  # the user's, looked up before a test hides it

# Hilbert's implication. mp2 and a1 are missed by what follows; kept and hidden have set.mm's markers.
HEAD = """$c ( ) -> wff |- $. $v p q r s $. wp $f wff p $. wq $f wff q $. wr $f wff r $. ws $f wff s $.
wi $a wff ( p -> q ) $.
${ min $e |- p $. maj $e |- ( p -> q ) $. ax-mp $a |- q $. $}
ax-1 $a |- ( p -> ( q -> p ) ) $.
${ a1.1 $e |- p $. $( Add an antecedent. $)
  a1 $p |- ( q -> p ) $= wp wq wp wi a1.1 wp wq ax-1 ax-mp $. $}
${ mp2.1 $e |- p $. mp2.2 $e |- q $. mp2.3 $e |- ( p -> ( q -> r ) ) $. $( Twice.  (New usage is discouraged.) $)
  mp2 $p |- r $= wq wr mp2.2 wp wq wr wi mp2.1 mp2.3 ax-mp ax-mp $. $}
"""
THEOREMS = """${ t1.1 $e |- p $. $( One. $)
  t1 $p |- ( q -> ( r -> p ) ) $=
  wr wp wi wq wr wp wi wi wp wr wp wi t1.1 wp wr ax-1 ax-mp wr wp wi wq ax-1 ax-mp $. $}
${ t2.1 $e |- p $. $( Two.
      (Proof modification is discouraged.) $)
  t2 $p |- ( q -> ( r -> p ) ) $=
  wr wp wi wq wr wp wi wi wp wr wp wi t2.1 wp wr ax-1 ax-mp wr wp wi wq ax-1 ax-mp $. $}
${ t3.1 $e |- p $. t3.2 $e |- q $. t3.3 $e |- ( p -> ( q -> r ) ) $. $( Three. $)
  t3 $p |- r $= wq wr t3.2 wp wq wr wi t3.1 t3.3 ax-mp ax-mp $. $}
${ t4.1 $e |- ( p -> q ) $. $( Four. $)
  t4 $p |- ( s -> ( p -> q ) ) $= wp wq wi ws wp wq wi wi t4.1 wp wq wi ws ax-1 ax-mp $. $}
"""


@pytest.fixture
def database(tmp_path: Path) -> str:
    path = tmp_path / "small.mm"
    path.write_text(HEAD + THEOREMS)
    return str(path)


def proofs(text: str) -> dict[str, str]:
    """Label -> what stands between ``$=`` and ``$.``."""
    return dict(re.findall(r"(\S+) \$p [^$]*\$=([^$]*)\$\.", text))


def test_missed_uses_are_put_in_and_nothing_else_changes(database: str, tmp_path: Path) -> None:
    out = tmp_path / "out.mm"
    done = shorten(database, output=out, threads=1)
    assert done.status == 0 and done.data["file"] == out
    rows = {row["label"]: row for row in done.data["proofs"]}
    assert rows["t1"]["used"] == {"a1": 2} and rows["t4"]["used"] == {"a1": 1}
    assert "t2" not in rows, "its proof is to stay"
    assert "t3" not in rows, "mp2 is not to be used"
    assert done.data["changed"] == len(rows) and done.data["errors"]["kernel"] == 0
    assert all(done.data["after"][key] < done.data["before"][key] for key in ("bytes", "letters", "steps"))
    before, after = proofs(Path(database).read_text()), proofs(out.read_text())
    assert {label for label in before if before[label] != after[label]} == set(rows)
    bare = re.compile(r"\$=[^$]*\$\.")
    assert bare.sub("", Path(database).read_text()) == bare.sub("", out.read_text())
    assert check(out)["accepted"]


def test_any_number_of_threads_gives_the_same(database: str) -> None:
    one, three = (shorten(database, dry_run=True, threads=n).data for n in (1, 3))
    assert {**one, "seconds": 0} == {**three, "seconds": 0}


def test_theorems_are_chosen_by_label_and_pattern(database: str) -> None:
    def looked_at(*labels: str) -> list[str]:
        return [row["label"] for row in shorten(database, labels, dry_run=True).data["proofs"]]

    assert looked_at("t1") == ["t1"]
    assert looked_at("t?") == ["t1", "t4"]
    kept = shorten(database, ["t2"], dry_run=True).data["kept_as_they_are"]
    assert kept == {"t2": "proof modification is discouraged"}
    with pytest.raises(InputError, match="no theorem is labelled `nosuch`"):
        shorten(database, ["nosuch"], dry_run=True)
    with pytest.raises(InputError, match="matches `z"):
        shorten(database, ["z*"], dry_run=True)
    with pytest.raises(InputError, match="matches `z"):
        shorten(database, ["t?", "z*"], dry_run=True)


def test_a_stopped_run_goes_on(database: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    first = shorten(database, limit=2, resume=kept, dry_run=True).data
    assert (first["stopped"], first["looked_at"]) == ("limit", 2)
    with kept.open("a") as file:
        file.write('{"looked_at": ["t')  # a write that was cut off
    second = shorten(database, resume=kept, dry_run=True).data
    whole = shorten(database, dry_run=True).data
    assert (second["stopped"], second["looked_at"]) == (None, whole["looked_at"])
    assert second["proofs"] == whole["proofs"]
    assert shorten(database, seconds=0.0, dry_run=True).data["stopped"] == "seconds"


def test_what_was_kept_for_another_database_is_refused(database: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    shorten(database, resume=kept, dry_run=True)
    with pytest.raises(InputError, match="another database"):
        shorten(database, resume=kept, dry_run=True, new_axioms=True)
    kept.write_text("nonsense\n")
    with pytest.raises(InputError, match="expected a file that"):
        shorten(database, resume=kept, dry_run=True)


def test_kept_proofs_cannot_bring_statements(database: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    shorten(database, resume=kept, dry_run=True)
    header, chunk = kept.read_text().splitlines()
    row = json.loads(chunk)
    row["shorter"][0]["proof"] = " ( ) A $.  cheat $a |- p "
    kept.write_text(f"{header}\n{json.dumps(row)}\n")
    with pytest.raises(InputError, match="is no proof"):
        shorten(database, resume=kept, output=tmp_path / "out.mm")
    row["shorter"][0]["proof"] = " ( ax-1 ) A "
    kept.write_text(f"{header}\n{json.dumps(row)}\n")
    done = shorten(database, resume=kept, output=tmp_path / "out.mm")
    assert done.status == 1 and not (tmp_path / "out.mm").exists()


def test_a_place_to_write_is_asked_for(database: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--output"):
        shorten(database)
    shorten(database, dry_run=True, output=tmp_path / "out.mm")
    assert not (tmp_path / "out.mm").exists()


@pytest.mark.data
@pytest.mark.parametrize(("name", "least"), [("hol", 500), ("ql", 40_000)])
def test_real_databases(name: str, least: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "cache_folder", lambda: FETCHED)
    done = shorten(name, output=tmp_path / "out.mm")
    assert done.status == 0
    assert done.data["before"]["bytes"] - done.data["after"]["bytes"] >= least
    assert done.data["errors"]["kernel"] == done.data["errors"]["metamath_rs"] == 0
    assert done.data["errors"]["metamath_exe"] in (0, None)


@pytest.mark.parametrize("change", ["twice", "again", "number", "other", "list", "deep"])
def test_a_kept_file_that_was_changed_is_bad_input(database: str, tmp_path: Path, change: str) -> None:
    kept = tmp_path / "kept.jsonl"
    shorten(database, resume=kept, dry_run=True)
    header, line = kept.read_text().splitlines()
    chunk = json.loads(line)
    lines = [header, line]
    if change == "twice":
        chunk["shorter"].append(chunk["shorter"][0])
    elif change == "again":
        lines.append(line)
    elif change == "number":
        chunk["shorter"][0]["before"]["bytes"] = "7"
    elif change == "other":
        chunk["shorter"][0]["label"] = "nosuch"
    elif change == "list":
        chunk["looked_at"] = [1]
    text = json.dumps(chunk) if change != "deep" else "[" * 100_000
    kept.write_text("\n".join([lines[0], text, *lines[2:]]) + "\n")
    with pytest.raises(InputError, match="expected a file that") as problem:
        shorten(database, resume=kept, dry_run=True)
    assert problem.value.file == str(kept)


# a proof that is refused (it leaves two entries), one that has `?`, what rests on them, and theorems that they shorten
G, H = "wq wr wq wi wi", "wp wr wp wi wi"
F = f"wq {H} wi"
DOUBTFUL = f"""  bad $p |- ( p -> ( q -> ( r -> q ) ) ) $= wp wq wr ax-1 $.
  open $p |- ( q -> ( p -> ( r -> p ) ) ) $= ? $.
  rests $p |- ( s -> ( q -> ( p -> ( r -> p ) ) ) ) $= {F} ws {F} wi wp wq wr open {F} ws ax-1 ax-mp $.
  u1 $p |- ( p -> ( q -> ( r -> q ) ) ) $= {G} wp {G} wi wq wr ax-1 {G} wp ax-1 ax-mp $.
  u2 $p |- ( s -> ( q -> ( p -> ( r -> p ) ) ) ) $=
    {F} ws {F} wi {H} {F} wp wr ax-1 {H} wq ax-1 ax-mp {F} ws ax-1 ax-mp $.
"""


def as_text(done: Outcome) -> str:
    """What people read, on a terminal of great width."""
    screen = Console(file=io.StringIO(), width=400)
    screen.print(done.text())
    return str(screen.file.getvalue())  # type: ignore[attr-defined]


def test_what_is_not_proved_is_named_and_not_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "find_metamath_exe", lambda: None)
    path, out = tmp_path / "doubtful.mm", tmp_path / "out.mm"
    path.write_text(HEAD + THEOREMS + DOUBTFUL)
    done = shorten(str(path), output=out, threads=1)
    assert f"{path}:{HEAD.count(chr(10)) + THEOREMS.count(chr(10)) + 1}: the proof of bad is refused" in (
        capsys.readouterr().err
    )
    assert done.status == 1 and out.exists(), "a judge refuses what was written"
    assert done.data["refused"] == ["bad"] and done.data["new_errors"] == []
    assert "refused in the database itself, as before: bad" in as_text(done)
    assert done.data["errors"]["kernel"] == 1
    used = {label for row in done.data["proofs"] for label in row["used"]}
    assert used and not used & {"bad", "open", "rests"}
    kept = shorten(str(path), ["bad", "open", "ax-1", "wi", "u1"], dry_run=True).data["kept_as_they_are"]
    assert kept["bad"].startswith("its proof is refused: ")
    assert kept["open"] == "its proof is incomplete (`?`)"
    assert kept["ax-1"] == "it is an axiom: it has no proof"
    assert set(kept) == {"bad", "open", "ax-1", "wi"}


def test_open_proofs_alone_are_no_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "find_metamath_exe", lambda: None)
    path, out = tmp_path / "open.mm", tmp_path / "out.mm"
    path.write_text(HEAD + THEOREMS + " ".join(DOUBTFUL.split("\n")[1:]))
    done = shorten(str(path), output=out)
    assert (done.status, done.data["refused"], out.exists()) == (0, [], True)


def test_a_statement_without_a_tree_is_said_to_have_none(tmp_path: Path) -> None:
    path = tmp_path / "unread.mm"
    path.write_text(HEAD + THEOREMS + "un $a |- p -> p $. unread $p |- p -> p $= wp un $.\n")
    done = shorten(str(path), ["unread"], dry_run=True)
    assert done.data["kept_as_they_are"] == {"unread": "its statement does not follow the grammar"}
    assert "unread is kept as it is: its statement does not follow the grammar" in as_text(done)
    with pytest.raises(InputError, match=r"no theorem is labelled `a1\.1`: it is a hypothesis"):
        shorten(str(path), ["a1.1"], dry_run=True)


def test_a_file_that_changed_meanwhile_is_noticed(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Changing:
        """The core; the file changes once it was read."""

        def __getattr__(self, name: str) -> object:
            return getattr(_core, name)

        def Shortener(self, theory: object, options: dict[str, object]) -> object:  # noqa: N802
            Path(database).write_text(HEAD)
            return _core.Shortener(theory, options)  # type: ignore[arg-type]

    monkeypatch.setattr("metadream.compression.maintain.shorten._core", Changing())
    with pytest.raises(InputError, match="changed after it was read"):
        shorten(database, output=tmp_path / "out.mm")  # type: ignore[arg-type]
    assert not (tmp_path / "out.mm").exists()

"""What `prove` does before it searches: it looks at the target first, imports nothing heavy, and names near labels."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from metadream import _core
from metadream.metamath_db import bounds
from metadream.metamath_db.core import load_theory
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.tasks import new2
from metadream.metamath_db.terminal.near import near
from metadream.wake_sleep.model import prover
from metadream.wake_sleep.prove.prove import prove
from metadream.wake_sleep.search.options import command_options, search_options

HEAVY = ("torch", "networkx", "pyarrow", "joblib", "sympy", "urllib.request")
SEARCHES = f"""
import sys
from metadream.wake_sleep.prove.prove import prove
from metadream.wake_sleep.search.options import command_options
for target in sys.argv[2:]:
    assert prove(target, sys.argv[1], options=command_options(300)).data["expansions"] >= 0
print([name for name in {HEAVY!r} if name in sys.modules])
"""


def statement(conclusion: str) -> str:
    return json.dumps({"hyps": [], "conclusion": conclusion, "disjoint": [], "before": None})


def test_a_search_with_a_trained_model_imports_nothing_heavy(small_database: Path, tmp_path: Path) -> None:
    label = new2(load_theory(small_database).theorems()).valid[0]
    prover.train(str(small_database))
    fragment = tmp_path / "fragment.mm"
    fragment.write_text("own $p |- ( ph -> ph ) $= ? $.\n")
    command = [sys.executable, "-c", SEARCHES, small_database, label, "|- ( ph -> ph )", fragment]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "[]", "")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("a1ii", "did you mean a1i"),
        ("|- ( ph -> ph", "does not follow the database's grammar"),
        ("|- ( ph => ph )", "`=>` is not a symbol"),
    ],
)
def test_a_bad_target_is_refused_before_any_model_is_asked_for(
    target: str, said: str, small_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prover, "_found", lambda *given: pytest.fail("a model was asked for"))
    with pytest.raises(InputError, match=said):
        prove(target, str(small_database))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("own.mm", "own $p |- ( ph => ph ) $= ? $.\n"),
        ("own.mm", "a $p |- ( ph -> ph ) $= no-such-label $.\nb $p |- ( ps -> ps ) $= ? $.\n"),
        ("own.mmp", "$( <MM> <PROOF_ASST> THEOREM=own LOC_AFTER=? $)\nqed:: |- ( ph => ph )\n"),
    ],
)
def test_a_bad_file_is_refused_before_any_model_is_asked_for(
    name: str, text: str, small_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prover, "_found", lambda *given: pytest.fail("a model was asked for"))
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError) as problem:
        prove(str(path), str(small_database))
    assert str(problem.value.file) == str(path)


def test_near_names() -> None:
    labels = ["syl", "syl5", "sylibr", "mp2an", "eqeltrd", "ax-mp", *(f"thm{i}" for i in range(10_000))]
    assert near("eqeltd", labels)[0] == "eqeltrd"
    assert near("SYLIBR", labels)[0] == "sylibr"
    assert near("mpan2", labels)[0] == "mp2an"
    assert near("quite-another-word", labels) == []


def test_what_says_the_same_is_found_by_its_symbols() -> None:
    theory = load_theory(Path(__file__).resolve().parents[2] / "metamath_db" / "starter.mm")
    for label in theory.theorems()[::20]:
        assert label in theory.same_statement(label)
        said = theory.statement(label)
        hyps = list(zip(said["hyp_labels"], said["hyps"], strict=True))
        whole = {"hyps": hyps, "conclusion": said["conclusion"], "disjoint": [], "before": None}
        assert theory.same_statement(json.dumps(whole)) == theory.same_statement(label)
    assert theory.same_statement(statement("|- ( ph -> ch )")) == []
    assert theory.same_statement(statement("  |-   ( ph  -> ph ) ")) == theory.same_statement(
        statement("|- ( ph -> ph )")
    )


@pytest.mark.parametrize("as_file", [False, True])
def test_a_search_ends_at_its_bound_on_memory(
    as_file: bool, small_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many expansions are asked for, and at the same place each time."""
    bound = 200_000
    monkeypatch.setattr(bounds.Bounds, "search_bytes", lambda self, threads=1: bound)
    monkeypatch.setattr(prover, "_found", lambda *given: None)  # a search by use counts
    theory = load_theory(small_database)
    ranker = _core.Ranker(0)
    ranker.fit(theory, [], [], 0)

    def ends(label: str) -> bool:
        asked = statement(theory.statement(label)["conclusion"]) if as_file else label
        found = _core.search(theory, ranker, asked, search_options(2**31 - 1, memory_bytes=bound))
        return str(found["reason"]) == "memory"

    plain = (label for label in theory.theorems() if not theory.statement(label)["hyps"])
    target = next(label for label in plain if ends(label))
    if as_file:
        (tmp_path / "hard.mm").write_text(f"hard $p {theory.statement(target)['conclusion']} $= ? $.\n")
        target = str(tmp_path / "hard.mm")
    data = [prove(target, str(small_database), options=command_options(2**31 - 1)).data for _ in range(2)]
    reasons = [(d["theorems"][0] if as_file else d)["reason"] for d in data]
    assert reasons == ["memory"] * 2 and not data[0]["proved"]
    assert data[0]["expansions"] == data[1]["expansions"] > 10

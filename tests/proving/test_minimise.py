"""Answers are made shorter before they are shown, within a counted budget, and never longer or on more axioms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from metadream import _core
from metadream._core import Ranker, Theory
from metadream.cli import main
from metadream.metamath_db.core import load_theory
from metadream.wake_sleep.prove.prove import prove
from metadream.wake_sleep.search.options import command_options, search_options

CLOSED = "anbi2i"  # a decision procedure has 28 steps, the search 9


@pytest.fixture(scope="module")
def searched(small_database: Path) -> tuple[Theory, Ranker]:
    theory = load_theory(small_database)
    ranker = _core.Ranker(0)
    ranker.fit(theory, [], [], 0)
    return theory, ranker


def labels(found: dict[str, Any]) -> set[str]:
    return {label for label, _ in json.loads(found["proof"])["steps"]}


def test_proofs_get_shorter_and_rest_on_nothing_new(searched: tuple[Theory, Ranker]) -> None:
    theory, ranker = searched
    shorter = 0
    for label in theory.theorems()[::3]:
        found, made = (_core.search(theory, ranker, label, search_options(300, minimise=n)) for n in (0, 600))
        for key in ("solved", "expansions", "reason"):
            assert found[key] == made[key]
        assert found["minimised"] is None and (made["minimised"] is not None) == made["solved"]
        if not made["solved"]:
            continue
        said = made["minimised"]
        assert said["steps"] == [found["steps"], made["steps"]]
        assert said["bytes"][1] <= said["bytes"][0] and 0 <= said["expansions"] <= 600
        shorter += said["bytes"][1] < said["bytes"][0]
        judged = theory.judge(made["proof"])
        assert judged["kernel"] and judged["metamath_rs"], (label, judged["messages"])
        before, after = theory.rival(found["proof"]), theory.rival(made["proof"])
        if before is not None:
            assert after is not None  # no $d condition that the place lacks
            assert after["bytes"] <= before["bytes"] and after["bytes"] <= said["bytes"][1]
            assert set(after["new_axioms"]) <= set(before["new_axioms"])
    assert shorter > 20


def test_what_a_procedure_closed_is_searched_again(searched: tuple[Theory, Ranker]) -> None:
    theory, ranker = searched

    def made(minimise: int) -> dict[str, Any]:
        return _core.search(theory, ranker, CLOSED, search_options(300, minimise=minimise))

    found, raced = made(0), made(600)
    assert found["closed"] and found["decisions"] == raced["decisions"] == 0  # of the search that found it
    assert 2 * raced["steps"] < found["steps"]
    assert made(1)["minimised"]["expansions"] == 1  # too few to find another proof
    assert made(1)["steps"] > raced["steps"]
    again = made(600)
    again["minimised"].pop("seconds")
    raced["minimised"].pop("seconds")
    assert (again["proof"], again["minimised"]) == (raced["proof"], raced["minimised"])


# P x by the rule that proofs use, in four steps, or by another one in three; definitions are no new axioms
TWO_WAYS = """$c |- wff setvar P Q R S T U $. $v x $. vx $f setvar x $.
wp $a wff P x $. wq $a wff Q x $. wr $a wff R x $. ws $a wff S x $. wt $a wff T x $. wu $a wff U x $.
${ o.1 $e |- Q x $. usually $a |- P x $. $}
${ q.1 $e |- R x $. quite $a |- Q x $. $}
${ r.1 $e |- S x $. rather $a |- R x $. $}
surely $a |- S x $.
${ e.1 $e |- T x $. df-rare $a |- P x $. $}
${ t.1 $e |- U x $. df-t $a |- T x $. $}
df-u $a |- U x $.
goal $p |- P x $= ? $.
"""


def test_another_way_may_be_shorter(tmp_path: Path) -> None:
    uses = [f"${{ w{i}.1 $e |- Q x $. w{i} $p |- P x $= vx w{i}.1 usually $. $}}\n" for i in range(40)]
    database = tmp_path / "two.mm"
    database.write_text(TWO_WAYS + "".join(uses))
    theory = load_theory(database)
    ranker = _core.Ranker(0)
    ranker.fit(theory, [], [f"w{i}" for i in range(40)], 0)
    found, made = (_core.search(theory, ranker, "goal", search_options(300, minimise=n)) for n in (0, 600))
    assert labels(found) == {"usually", "quite", "rather", "surely"}
    assert labels(made) == {"df-rare", "df-t", "df-u"}
    text = database.read_text().replace("df-u", "ax-u")  # what rests on another axiom does not count
    database.write_text(text)
    theory = load_theory(database)
    ranker.fit(theory, [], [f"w{i}" for i in range(40)], 0)
    assert labels(_core.search(theory, ranker, "goal", search_options(300, minimise=600))) == labels(found)
    assert found["decisions"] == made["decisions"] == 3  # surely closes a goal at once


def test_only_what_is_allowed_is_put_in(searched: tuple[Theory, Ranker]) -> None:
    theory, ranker = searched
    for label in theory.theorems()[::9]:
        made = _core.search(theory, ranker, label, search_options(300, minimise=600, premises="human"))
        if made["solved"]:
            assert labels(made) <= {*theory.uses(label), *theory.statement(label)["hyp_labels"]}


def test_a_label_and_a_file_say_how_much_shorter(
    small_database: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    asked = ["prove", CLOSED, "-d", str(small_database), "--expansions", "300"]
    assert main([*asked, "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    steps, size = answer["minimised"]["steps"], answer["minimised"]["bytes"]
    assert answer["steps"] == steps[1] < steps[0] and size[1] < size[0]
    assert main(asked) == 0
    assert f"made shorter: {steps[0]} to {steps[1]} steps, {size[0]} to {size[1]} bytes" in capfd.readouterr().out
    assert main([*asked, "--minimise", "0", "--json"]) == 0
    plain = json.loads(capfd.readouterr().out)
    assert plain["minimised"] is None and plain["steps"] == steps[0]
    sheet = tmp_path / "x.mmp"
    sheet.write_text(
        "$( <MM> <PROOF_ASST> THEOREM=mine LOC_AFTER=?\n\n"
        "h1::mine.1 |- ( ph <-> ps )\nqed:: |- ( ( ch /\\ ph ) <-> ( ch /\\ ps ) )\n$)\n"
    )
    (theorem,) = prove(str(sheet), str(small_database), options=command_options(300), output=tmp_path / "out").data[
        "theorems"
    ]
    (goal,) = theorem["goals"]
    assert theorem["proved"] and theorem["steps"] == goal["minimised"]["steps"][1]
    (long,) = prove(
        str(sheet), str(small_database), options=command_options(300, minimise=0), output=tmp_path / "all"
    ).data["theorems"]
    assert long["goals"][0]["minimised"] is None and long["steps"] >= theorem["steps"]

"""``bench prove``: its contract on small databases, and its arithmetic."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metadream import _core
from metadream.cli import main
from metadream.dsl.proofs import Proof
from metadream.metamath_db.core import load_theory
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.judges import check
from metadream.metamath_db.tasks import new2, proved
from metadream.wake_sleep.bench import prove as bench_prove
from metadream.wake_sleep.bench.prove import WITHOUT, Done, Tasks, figures, prove, ratios, wilson
from metadream.wake_sleep.loop.wake import Attempt, Judged
from metadream.wake_sleep.model.prover import train
from metadream.wake_sleep.search.options import command_options, search_options

CONTRACT = {
    *("tasks", "proved", "judged", "rate", "interval", "by_length", "by_chapter", "shorter", "expansions_per_s"),
    *("applications_per_s", "step_latency_us", "trace_length", "accepted_share", "cpu_s", "peak_mb", "metamath_exe"),
    *("premises", "decisions", "bytes_ratio", "minimised", "minimise_s"),
}
TIMES = {
    "threads",
    "expansions_per_s",
    "applications_per_s",
    "step_latency_us",
    "cpu_s",
    "peak_mb",
    "minimise_s",
    "output",
}

ROUNDABOUT = """$c wff |- ( -> ) $. $v p q $. wp $f wff p $. wq $f wff q $. wi $a wff ( p -> q ) $.
$( #### \n P \n #### $)
id $a |- ( p -> p ) $.
other $a |- ( p -> ( q -> p ) ) $.
${ again.1 $e |- p $. again $a |- p $. $}
$( #*#* \n C \n #*#* $)
t $p |- ( ( p -> q ) -> ( p -> q ) ) $= ( wi id again ) ABCZFCFDE $.
u $p |- ( ( q -> q ) -> ( q -> q ) ) $= ( wi id ) AABC $.
"""


def untimed(data: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in data.items() if key not in TIMES}


def rows(folder: Path) -> list[dict[str, object]]:
    read = [json.loads(line) for line in (folder / "tasks.jsonl").read_text().splitlines()]
    return [{key: value for key, value in row.items() if key != "seconds"} for row in read]


def test_expansions_are_repeatable_for_any_number_of_threads(small_database: Path, tmp_path: Path) -> None:
    found = [
        prove(str(small_database), Tasks(), command_options(300), threads=n, output=tmp_path / str(n)).data
        for n in (1, 2)
    ]
    assert untimed(dict(found[0])) == untimed(dict(found[1]))
    assert rows(tmp_path / "1") == rows(tmp_path / "2")
    theory = load_theory(small_database)
    tasks = new2(theory.theorems()).valid
    data = found[0]
    assert data.keys() >= CONTRACT
    assert [row["label"] for row in rows(tmp_path / "1")] == tasks
    assert 0 < data["proved"] <= data["judged"] <= data["tasks"] == len(tasks)
    assert data["interval"][0] < data["rate"] < data["interval"][1]
    assert list(data["by_length"]) == ["1-2", "3-5", "6-10", "11-20", "21-50", "51+"]
    assert sum(x["tasks"] for x in data["by_length"].values()) == len(proved(theory, tasks))
    for total in ("tasks", "proved"):
        assert sum(x[total] for x in data["by_chapter"].values()) == data[total]
    # each proof stands by itself, for any verifier
    files = sorted((tmp_path / "1" / "proofs").iterdir())
    assert [path.stem for path in files] == sorted(str(row["label"]) for row in rows(tmp_path / "1") if row["proved"])
    assert all(check.check(path)["accepted"] for path in files[:3])


def test_seconds_and_parts_left_out(small_database: Path) -> None:
    asked = Tasks(limit=3)
    assert prove(str(small_database), asked, command_options(seconds=0.05)).data["tasks"] == 3
    for name in WITHOUT:
        data = prove(str(small_database), asked, command_options(100), without=[name]).data
        assert data["without"] == [name]
    with pytest.raises(InputError, match="no part 'luck'"):
        prove(str(small_database), asked, command_options(100), without=["luck"])


def test_a_shorter_proof_is_counted_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database, labels, listed = tmp_path / "r.mm", tmp_path / "labels", tmp_path / "x"
    database.write_text(ROUNDABOUT)
    labels.write_text("t\n")
    model = train(str(database), labels).data["path"]
    exe = tmp_path / "metamath"
    exe.write_text('#!/bin/sh\necho \'?Error on line 9 of file "check.mm" at statement 9, label "t", type "$p":\'\n')
    exe.chmod(0o755)
    monkeypatch.setattr(bench_prove, "find_metamath_exe", lambda: exe)
    data = prove(str(database), Tasks(file=labels), command_options(100), model=model, output=listed).data
    assert (data["proved"], data["shorter"]) == (1, 1)
    assert data["metamath_exe"] == {"checked": 1, "errors": 1}
    assert data["by_chapter"] == {"P / C": {"tasks": 1, "proved": 1}}
    assert data["trace_length"]["max"] == 3  # UNIFY, ASSERT, HALT
    # one step, a theorem without hypotheses, which closes the goal at once: nothing was chosen
    assert data["decisions"]["max"] == 0
    assert data["bytes_ratio"] == dict.fromkeys(("p25", "p50", "p75"), 14 / 25) | {"shorter": 1, "count": 1}
    (row,) = rows(listed)
    assert (row["decisions"], row["bytes"], row["human_bytes"]) == (0, 14, 25)
    text = (listed / "shorter.mm").read_text()
    assert "14 bytes instead of 25" in text
    statement = text[text.index("$)") + 2 :].strip()
    begin = ROUNDABOUT.index("t $p")
    changed = tmp_path / "changed.mm"
    changed.write_text(ROUNDABOUT[:begin] + statement + ROUNDABOUT[ROUNDABOUT.index("u $p") - 1 :])
    assert check.check(changed)["accepted"]
    monkeypatch.setattr(bench_prove, "find_metamath_exe", lambda: None)
    assert prove(str(database), Tasks(file=labels), command_options(9), model=model).data["metamath_exe"] is None


def test_a_task_whose_proof_was_seen_and_other_bad_questions(
    small_database: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    theory = load_theory(small_database)
    known = proved(theory, new2(theory.theorems()).train)[0]
    listed = tmp_path / "tasks"
    assert main(["train", "--database", str(small_database)]) == 0
    capfd.readouterr()

    def refused(*options: object) -> str:
        assert main(["bench", "prove", "--database", str(small_database), *map(str, options)]) == 2
        said = capfd.readouterr()
        assert said.out == ""
        return said.err

    for text, said in (
        (f"{known}\n", f"the model saw the proof of '{known}'"),
        (f"{known}\nno-such\n", f"{listed}:2: 'no-such' is no theorem"),
        (f"{known}\n{known}\n", "named twice"),
        ("\n", "no tasks"),
    ):
        listed.write_text(text)
        error = refused("--tasks", listed, "--expansions", 10)
        assert said in error
        assert error.count("\n") == 1
    for options, said in (
        ([], "either --seconds S or --expansions N"),
        (["--seconds", 1, "--expansions", 1], "either --seconds S or --expansions N"),
        (["--tasks", listed, "--split", "new2", "--seconds", 1], "give one"),
    ):
        assert said in refused(*options)


MADE = {"steps": [3, 2], "bytes": [40, 30], "expansions": 5, "seconds": 0.5}


def result(task: str, reason: str, expansions: int = 10) -> dict[str, object]:
    solved = reason == "solved"
    more = {"proof": "{}" if solved else None, "steps": 1 if solved else None, "applications": 2 * expansions}
    more |= {"decisions": 7 if solved else None, "minimised": MADE if solved else None}
    return {"task": task, "solved": solved, "reason": reason, "expansions": expansions, "seconds": 0.001, **more}


def test_refused_proofs_and_misfits_count_as_claims_only() -> None:
    results = [result("a", "solved"), result("b", "solved"), result("c", "misfit"), result("d", "budget", 0)]
    kept = [
        Attempt("a", Proof("{}"), 1, 10, 20, "solved", "    UNIFY x\n    ASSERT x\n"),
        Attempt("b", None, None, 10, 20, "refused"),
        Attempt("c", None, None, 10, 20, "misfit"),
        Attempt("d", None, None, 0, 0, "budget"),
    ]
    done = Done(["a", "b", "c", "d"], results, Judged(kept, [("b", "no")]), {"a": 2, "b": 3, "c": 60, "d": 0})
    found = figures(done, {"a": "X", "b": "X", "c": "", "d": ""})
    assert (found["proved"], found["judged"], found["tasks"], found["rate"]) == (1, 2, 4, 0.25)
    assert found["accepted_share"] == pytest.approx(1 / 3)
    assert found["reasons"] == {"budget": 1, "misfit": 1, "refused": 1, "solved": 1}
    assert {k: v["tasks"] for k, v in found["by_length"].items() if v["tasks"]} == {"1-2": 1, "3-5": 1, "51+": 1}
    assert found["by_chapter"] == {"": {"tasks": 2, "proved": 0}, "X": {"tasks": 2, "proved": 1}}
    assert found["step_latency_us"] == pytest.approx(100.0)
    assert found["expansions_per_s"] == pytest.approx(30 / 0.004)
    assert found["trace_length"]["p50"] == 2
    assert (found["minimised"], found["minimise_s"]) == (
        {name: MADE[name] for name in ("steps", "bytes", "expansions")},
        0.5,
    )
    assert found["decisions"] == dict.fromkeys(("min", "p25", "p50", "p75", "p90", "max"), 7)
    nothing = figures(Done(["d"], [result("d", "budget", 0)], Judged([kept[3]], []), {"d": 0}), {"d": ""})
    assert (nothing["accepted_share"], nothing["trace_length"], nothing["step_latency_us"]) == (None, None, None)
    assert nothing["decisions"] is None and nothing["minimised"] is None


# t follows from two rules; its human proof uses one of them, and `short` is discouraged
RULES = """$c wff |- ( -> ) $. $v p q r $. wp $f wff p $. wq $f wff q $. wr $f wff r $. wi $a wff ( p -> q ) $.
${ a.1 $e |- q $. a $a |- ( p -> q ) $. $}
${ b.1 $e |- q $. b $a |- ( p -> q ) $. $}
x $a |- ( ( p -> q ) -> p ) $.
y $a |- ( ( p -> q ) -> p ) $.
$( (New usage is discouraged.) $)
short $a |- ( p -> ( q -> ( ( p -> r ) -> p ) ) ) $.
t $p |- ( p -> ( q -> ( ( p -> q ) -> p ) ) ) $= ( wi x b ) ABABCACCBABCACABDEE $.
u $p |- ( q -> ( ( p -> q ) -> p ) ) $= ( wi x b ) BABCACABDE $.
v $p |- ( ( q -> q ) -> q ) $= ( x ) AAB $.
"""


def labels_of(found: dict[str, Any]) -> set[str]:
    return {label for label, _ in json.loads(found["proof"])["steps"]}


def test_the_human_proofs_premises_are_all_that_may_be_used(tmp_path: Path) -> None:
    database = tmp_path / "r.mm"
    database.write_text(RULES)
    theory = load_theory(database)
    ranker = _core.Ranker(0)
    ranker.fit(theory, [], ["u", "v"], 0)

    def found(target: str, premises: str, **options: Any) -> dict[str, Any]:
        return _core.search(theory, ranker, target, search_options(200, premises=premises, **options))

    for closers in (True, False):
        human = found("t", "human", closers=closers)
        assert labels_of(human) == {"x", "b"} and human["decisions"] == (0 if closers else 2)
        assert labels_of(found("t", "before", closers=closers)) <= {"a", "b", "x", "y"}
    everything = found("t", "all")
    assert labels_of(everything) == {"short"} and everything["decisions"] == 0
    assert "short" not in labels_of(found("t", "before"))  # asked after it: its own index
    statement = json.dumps({"hyps": [], "conclusion": "|- ( p -> ( q -> q ) )", "disjoint": [], "before": None})
    assert not found(statement, "human")["solved"]  # nobody's proof: no premises
    with pytest.raises(InputError, match="before, human or all"):
        found("t", "mine")


def test_the_answer_says_which_premises_were_allowed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    database, labels = tmp_path / "r.mm", tmp_path / "labels"
    database.write_text(RULES)
    labels.write_text("t\n")
    model = train(str(database), labels).data["path"]
    asked = ["bench", "prove", "-d", str(database), "--tasks", str(labels), "--model", str(model), "--expansions", "50"]
    for rule, said in bench_prove.PREMISES.items():
        assert main([*asked, "--premises", rule]) == 0
        assert said in " ".join(capfd.readouterr().out.split())
        assert main([*asked, "--premises", rule, "--json"]) == 0
        answer = json.loads(capfd.readouterr().out)
        assert (answer["premises"], answer["proved"]) == (rule, 1)
    assert main([*asked, "--premises", "mine"]) == 2
    assert "mine" in capfd.readouterr().err


def test_bytes_are_counted_where_there_is_a_human_proof() -> None:
    rivals = [{"bytes": found, "before": before} for found, before in ((10, 20), (30, 30), (60, 20), (7, None))]
    assert ratios(rivals) == {"p25": 0.75, "p50": 1.0, "p75": 2.0, "shorter": 1, "count": 3}
    assert ratios(rivals[3:]) is None


@given(st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_ends_are_where_the_normal_test_just_accepts(pair: tuple[int, int]) -> None:
    won, count = pair
    low, high = wilson(won, count)
    assert 0 <= low <= won / count <= high <= 1
    for end in (low, high):
        if 0 < end < 1:
            spread = math.sqrt(end * (1 - end) / count)
            assert abs(won / count - end) == pytest.approx(1.959964 * spread, abs=1e-6)

"""The real core on the starter database: what search finds is run on the machine, judged, compressed and exported."""

import json
import shutil
from pathlib import Path

import pytest

from metadream import _core
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.judges import check
from metadream.wake_sleep.loop.cycle import learn
from metadream.wake_sleep.search.options import search_options

STARTER = Path(__file__).resolve().parents[2] / "metamath_db" / "starter.mm"


@pytest.fixture(scope="module")
def theory() -> _core.Theory:
    return _core.Theory.load(str(STARTER))


@pytest.fixture(scope="module")
def found(theory: _core.Theory) -> dict[str, str]:
    """Proofs of the tasks that 300 expansions and use counts solve."""
    ranker = _core.Ranker(1)
    ranker.fit(theory, [], [], 0)
    results = [_core.search(theory, ranker, task, search_options(300)) for task in theory.theorems()]
    return {result["task"]: result["proof"] for result in results if result["solved"]}


def proof(task: str, *steps: tuple[str, list[int]]) -> str:
    return json.dumps({"task": task, "steps": steps})


def test_starter_has_no_proofs_and_many_tasks(theory: _core.Theory) -> None:
    assert len(theory.theorems()) >= 250
    assert not theory.proof_lengths().any()
    assert theory.figures()["unparsed"] == 0


def test_every_found_proof_runs_on_the_machine_and_is_accepted(theory: _core.Theory, found: dict[str, str]) -> None:
    assert len(found) >= 90
    for task, text in found.items():
        run = theory.run(text)
        assert run["accepted"], (task, run["message"])
        assert run["program"].count("UNIFY") >= 1 and "ASSERT" in run["program"]
        events = [json.loads(line) for line in run["trace"].splitlines()]
        assert events[0]["schema"] == "metadream.trace" and events[-1]["trace_sha256"] == run["trace_sha256"]
        assert theory.run(text)["trace_sha256"] == run["trace_sha256"]


def test_only_proved_statements_before_the_task_are_premises(theory: _core.Theory) -> None:
    # `syl` follows from itself, from a later theorem, and from an earlier one that nobody has proved
    for label in ("syl", "3syl", "mpd"):
        labels = [["syl.1", []], ["syl.2", []], [label, [0, 1]]]
        run = theory.run(json.dumps({"task": "syl", "steps": labels}))
        assert not run["accepted"]
        assert "before" in run["message"] or "not proved" in run["message"]


def test_a_wrong_proof_is_refused(theory: _core.Theory, found: dict[str, str]) -> None:
    right = json.loads(found["a1i"])
    assert theory.run(json.dumps(right))["accepted"]
    for i, (label, children) in enumerate(right["steps"]):
        if label == "ax-1":
            wrong = [*right["steps"][:i], ["ax-2", children], *right["steps"][i + 1 :]]
            assert not theory.run(json.dumps({**right, "steps": wrong}))["accepted"]
    with pytest.raises(InputError, match="names no statement"):
        theory.run(proof("a1i", ("nosuch", [])))
    with pytest.raises(InputError, match="not before it"):
        theory.run(proof("a1i", ("ax-1", [0])))


def test_lemmas_are_verified_and_survive_their_file(theory: _core.Theory, found: dict[str, str]) -> None:
    learner = theory.copy()
    options = {"price": "steps", "statement_steps": 1, "max_hyps": 6, "bare_conclusions": False}
    done = learner.learn_library(list(found.values()), [], options)
    assert done["lemmas"] and not done["refused"] and done["steps_after"] < done["steps_before"]
    assert theory.lemmas() == []  # a copy's library is its own
    for text in done["rewritten"]:
        assert learner.run(text)["accepted"]
        assert theory.run(learner.unfold(text))["accepted"]
    text = learner.library_json()
    again = theory.copy()
    again.load_library(text)
    assert again.library_json() == text
    changed = json.loads(text)
    changed["entries"][0]["statement"] = "|- ph"
    with pytest.raises(InputError, match="hash"):
        again.load_library(json.dumps(changed))


def test_a_false_lemma_does_not_join(theory: _core.Theory, found: dict[str, str]) -> None:
    learner = theory.copy()
    learner.learn_library(list(found.values()), [], {"price": "steps", "statement_steps": 1})
    library = json.loads(learner.library_json())
    library["entries"] = library["entries"][:1]
    library["entries"][0]["statement"] = "|- ph"
    body = json.dumps(library["entries"], separators=(",", ":"), ensure_ascii=False)
    import hashlib

    library["sha256"] = hashlib.sha256(body.encode()).hexdigest()
    with pytest.raises(InputError, match=library["entries"][0]["label"]):
        theory.copy().load_library(json.dumps(library))


def test_database_with_library_is_accepted_but_for_what_is_unproved(
    theory: _core.Theory, found: dict[str, str], tmp_path: Path
) -> None:
    learner = theory.copy()
    done = learner.learn_library(list(found.values()), [], {"price": "steps", "statement_steps": 1})
    path = tmp_path / "whole.mm"
    path.write_bytes(learner.database_with_library(done["rewritten"]))
    result = check.check(path, exe=shutil.which("metamath"))
    assert result["errors"]["kernel"] == 0 and result["errors"]["metamath_rs"] == 0
    assert result["errors"]["metamath_exe"] in (0, None)
    assert result["incomplete"] == len(theory.theorems()) - len(found)


def test_dreams_are_sound(theory: _core.Theory, found: dict[str, str]) -> None:
    ranker = _core.Ranker(1)
    ranker.fit(theory, list(found.values()), [], 1)
    dreams = _core.sample_dreams(theory, ranker, 50, 7, 6)
    assert len(dreams) > 20 and dreams == _core.sample_dreams(theory, ranker, 50, 7, 6)
    assert all(theory.run(dream)["accepted"] for dream in dreams)


def test_search_is_repeatable_and_library_can_be_masked(theory: _core.Theory, found: dict[str, str]) -> None:
    learner = theory.copy()
    rewritten = learner.learn_library(list(found.values()), [], {"price": "steps", "statement_steps": 1})["rewritten"]
    ranker = _core.Ranker(1)
    ranker.fit(learner, rewritten, [], 2)
    lemmas = set(learner.lemmas())

    def solve(library: bool) -> list[str | None]:
        tasks = learner.theorems()[:120]
        return [_core.search(learner, ranker, task, search_options(200, library=library))["proof"] for task in tasks]

    with_library = solve(True)
    assert with_library == solve(True)
    used = {label for text in with_library if text for label, _ in json.loads(text)["steps"]}
    masked = {label for text in solve(False) if text for label, _ in json.loads(text)["steps"]}
    assert used & lemmas and not masked & lemmas


def test_learn_climbs_and_is_the_same_for_any_number_of_workers(tmp_path: Path) -> None:
    outcomes = {}
    for workers in (1, 2):
        folder = tmp_path / str(workers)
        learn("starter", folder, 2, 1, tasks=150, expansions=300, workers=workers)
        reports = [json.loads(path.read_text()) for path in sorted((folder / "reports").glob("*.json"))]
        assert [report["refused"] for report in reports] == [0, 0]
        assert reports[1]["solved"] > reports[0]["solved"]
        outcomes[workers] = [(report["solved"], report["library_sha256"]) for report in reports]
    assert outcomes[1] == outcomes[2]

"""Proposers: callables and processes that rank the moves of a search in context."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import metadream as md
from metadream import _core
from metadream._core import Ranker, Theory
from metadream.cli import main
from metadream.metamath_db.core import load_theory
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.model.prover import train
from metadream.wake_sleep.search.options import search_options
from metadream.wake_sleep.search.proposer import ProcessProposer, Proposer, Question, asked

ROOT = Path(__file__).resolve().parents[2]
FIXTURE = ROOT / "core" / "src" / "wake_sleep" / "inference" / "fixture.mm"
EXAMPLE = ROOT / "docs" / "examples" / "proposer.py"
LEVELS, DECOYS = 4, 5
OPTIONS = search_options(2_000, moves="content", proposer_weight=1.0)


def decoys() -> str:
    """A goal four steps away from an axiom; at each step, moves that lead nowhere were made by more proofs."""
    dead = [f"{i}{j}" for i in range(LEVELS) for j in range(DECOYS)]
    words = [f"p{i}" for i in range(LEVELS + 1)] + [f"e{name}" for name in dead]
    lines = [f"$c |- wff class 0 s {' '.join(words)} $. $v A $. cA $f class A $. c0 $a class 0 $. cs $a class s A $."]
    lines += [f"w{word} $a wff {word} A $." for word in words]
    lines += [f"${{ step{i}.1 $e |- p{i + 1} A $. step{i} $a |- p{i} A $. $}}" for i in range(LEVELS)]
    for name in dead:
        lines.append(f"${{ decoy{name}.1 $e |- e{name} A $. decoy{name} $a |- p{name[0]} A $. $}}")
        lines.append(f"${{ more{name}.1 $e |- e{name} s A $. more{name} $a |- e{name} A $. $}}")
        lines.append(f"${{ u{name}.1 $e |- e{name} A $. u{name} $p |- p{name[0]} A $= cA u{name}.1 decoy{name} $. $}}")
    steps = " ".join(f"step{i}" for i in reversed(range(LEVELS)))
    lines.append(f"end $a |- p{LEVELS} 0 $.")
    lines.append(f"goal $p |- p0 0 $= {'c0 ' * LEVELS}end {steps} $.")
    return "\n".join(lines) + "\n"


Known = tuple[Theory, Ranker]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("decoys") / "decoys.mm"
    path.write_text(decoys())
    return path


@pytest.fixture(scope="module")
def known(database: Path) -> Known:
    theory = load_theory(database)
    ranker, human = Ranker(0), [label for label in theory.theorems() if label != "goal"]
    ranker.fit(theory, [], human, 0)
    ranker.fit_moves(theory, [], human, 3)
    return theory, ranker


def example() -> Callable[[Question], list[float]]:
    spec = importlib.util.spec_from_file_location("example_proposer", EXAMPLE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    scores: Callable[[Question], list[float]] = module.scores
    return scores


def preferring(theory: Theory, sign: float) -> Callable[[Question], list[float]]:
    """Puts the moves of the human proof first (or last)."""
    human = set(theory.uses("goal"))
    return lambda question: [5 * sign if move["label"] in human else -5 * sign for move in question["moves"]]


def test_the_human_move_first_is_quicker_and_last_is_sound(known: Known) -> None:
    theory, ranker = known
    plain = _core.search(theory, ranker, "goal", OPTIONS)
    first, last = (_core.search(theory, ranker, "goal", OPTIONS, preferring(theory, sign)) for sign in (1, -1))
    assert first["expansions"] < plain["expansions"] < last["expansions"]
    assert plain["proposer"] is None and first["proposer"]["calls"] == LEVELS < last["expansions"]
    for found in (plain, first, last):
        assert found["solved"] and theory.run(found["proof"])["accepted"]


def test_what_is_asked_and_how_often(known: Known) -> None:
    theory, ranker = known
    questions: list[Question] = []

    def equal(question: Question) -> list[float]:
        questions.append(question)
        return [0.0] * len(question["moves"])

    statement = {"hyps": [["h", "|- e00 0"]], "conclusion": "|- p0 0", "disjoint": [], "before": "goal"}
    found = _core.search(theory, ranker, json.dumps(statement), OPTIONS.replace(proposer_moves=3), equal)
    assert found["proposer"] == {"calls": len(questions), "moves": 3 * len(questions)} | {
        "seconds": found["proposer"]["seconds"]
    }
    first = questions[0]
    assert (first["goal"], first["gamma"], first["hypotheses"]) == ("|- p0 0", [], ["|- e00 0"])
    costs = [move["cost"] for move in first["moves"]]
    assert costs == sorted(costs) and len({q["goal"] for q in questions}) == len(questions)
    assert {"label": "step0", "text": "p1 A => p0 A", "takes": None} in [
        {key: move[key] for key in ("label", "text", "takes")} for q in questions for move in q["moves"]
    ]
    # with weight 0 nothing changes; a bound on calls is kept; two searches that are the same
    plain = _core.search(theory, ranker, "goal", OPTIONS)
    weightless = _core.search(theory, ranker, "goal", OPTIONS.replace(proposer_weight=0.0), preferring(theory, -1))
    assert (weightless["proof"], weightless["expansions"]) == (plain["proof"], plain["expansions"])
    once = OPTIONS.replace(proposer_calls=1)
    one, two = (_core.search(theory, ranker, "goal", once, preferring(theory, -1)) for _ in range(2))
    assert one["proposer"]["calls"] == two["proposer"]["calls"] == 1 and one["expansions"] == two["expansions"]
    assert _core.search(theory, ranker, "goal", OPTIONS.replace(proposer_calls=0), equal)["proposer"]["calls"] == 0


def test_a_goal_is_shown_in_its_context() -> None:
    theory = load_theory(FIXTURE)
    ranker, human = Ranker(0), [label for label in theory.theorems() if label != "tmix"]
    ranker.fit(theory, [], human, 0)
    ranker.fit_moves(theory, [], human, 3)
    options = search_options(300, moves="content", analogues=0)

    def questions(conclusion: str) -> list[Question]:
        asked: list[Question] = []

        def equal(question: Question) -> list[float]:
            asked.append(question)
            return [0.0] * len(question["moves"])

        target = {"hyps": [["h", "|- ( ph -> A = B )"]], "conclusion": conclusion, "disjoint": [], "before": None}
        _core.search(theory, ranker, json.dumps(target), options, equal)
        return asked

    first = questions("|- ( ( ph /\\ ( F ` A ) e. C ) -> ( F ` B ) e. C )")[0]
    assert (first["goal"], first["gamma"]) == ("|- ( F ` B ) e. C", ["ph", "( F ` A ) e. C"])
    assert first["hypotheses"] == ["|- ( ph -> A = B )"]
    assert "A = B & B e. C => A e. C" in [move["text"] for move in first["moves"]]
    # a move that takes a member of gamma apart
    taken = {move["takes"]: move["text"] for move in questions("|- ( ( ps /\\ A. x ph ) -> A. x ch )")[0]["moves"]}
    assert taken["A. x ph"] == "A. x ph => ph" and None in taken


class RefusalError(Exception):
    """Of a callable."""


def test_what_a_callable_raises_is_raised(known: Known) -> None:
    theory, ranker = known

    def raising(question: Question) -> list[float]:
        raise RefusalError("no")

    def interrupted(question: Question) -> list[float]:
        raise KeyboardInterrupt

    for proposer, kind in ((raising, RefusalError), (interrupted, KeyboardInterrupt)):
        for moves in ("content", "both"):
            with pytest.raises(kind):
                _core.search(theory, ranker, "goal", OPTIONS.replace(moves=moves), proposer)
    for answer, said in (
        ([1.0], "it gave 1 scores for 6 moves"),
        ("abc", "expected a list of numbers"),
        (None, "expected a list of numbers"),
        ([float("nan")] * 6, "no log-probability"),
        ([float("-inf")] * 6, "minus infinity"),
    ):
        with pytest.raises(InputError, match=said):
            _core.search(theory, ranker, "goal", OPTIONS, lambda question, answer=answer: answer)  # type: ignore[misc]
    # the ranker and the theory are as before
    assert _core.search(theory, ranker, "goal", OPTIONS)["solved"]


def test_a_proposer_needs_moves_in_context(known: Known) -> None:
    theory, ranker = known
    for fields in ({"moves": "unify"}, {"moves": "both", "premises": "all"}):
        with pytest.raises(InputError, match="a proposer ranks moves in context"):
            _core.search(theory, ranker, "goal", OPTIONS.replace(**fields), preferring(theory, 1))
    bare = Ranker(0)
    bare.fit(theory, [], [], 0)
    with pytest.raises(InputError, match="knows no moves in context"):
        _core.search(theory, bare, "goal", OPTIONS.replace(moves="both"), preferring(theory, 1))


def test_the_gil_is_taken_for_the_call_only(known: Known) -> None:
    """Another thread runs on while a search waits for its proposer, and a proposer may search itself."""
    theory, ranker = known
    ticks, over = 0, threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not over.is_set():
            ticks += 1
            time.sleep(0.001)

    def nested(question: Question) -> list[float]:
        before = ticks
        while ticks == before:
            time.sleep(0.001)
        assert _core.search(theory, ranker, "goal", OPTIONS)["solved"]
        return preferring(theory, 1)(question)

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        assert _core.search(theory, ranker, "goal", OPTIONS, nested)["solved"]
    finally:
        over.set()
        thread.join()


# The protocol


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """The command of a process that runs some lines for each question `q`."""

    def written(lines: str, greeting: str = '{"version": 1, "name": "test"}') -> str:
        path = tmp_path / f"p{len(list(tmp_path.iterdir()))}.py"
        body = "\n".join(f"    {line}" for line in lines.splitlines())
        path.write_text(
            "import json, sys, time\n"
            "hello = json.loads(sys.stdin.readline())\n"
            'assert hello == {"protocol": "metadream-proposer", "version": 1}\n'
            f"print({greeting!r}, flush=True)\n"
            "for line in sys.stdin:\n    q = json.loads(line)\n    n = len(q['moves'])\n"
            f"    def say(x): print(json.dumps(x), flush=True)\n{body}\n"
        )
        return f"'{sys.executable}' '{path}'"

    yield written


def test_the_example_is_the_same_in_process_and_as_a_process(known: Known) -> None:
    theory, ranker = known
    within = _core.search(theory, ranker, "goal", OPTIONS, example())
    with ProcessProposer(f"'{sys.executable}' '{EXAMPLE}'") as proposer:
        found = _core.search(theory, ranker, "goal", OPTIONS, proposer)
        said = asked(proposer, OPTIONS, [found, found])
    assert (found["proof"], found["expansions"]) == (within["proof"], within["expansions"])
    assert found["proposer"]["calls"] == within["proposer"]["calls"] > 0
    assert said is not None and (said["name"], said["weight"]) == ("shared symbols", 1.0)
    assert said["calls"] == 2 * found["proposer"]["calls"]


GOOD = "say({'id': q['id'], 'scores': [0] * n})"
QUESTION: Question = {
    "goal": "|- p0 0",
    "gamma": [],
    "hypotheses": [],
    "moves": [
        {"label": "a", "text": "a", "takes": None, "cost": 1.0},
        {"label": "b", "text": "b", "takes": None, "cost": 2.0},
    ],
}


def test_the_protocol(process: Callable[..., str]) -> None:
    with ProcessProposer(process("say({'id': q['id'], 'scores': [len(q['goal']), None]})")) as proposer:
        assert proposer.name == "test"
        assert [proposer(QUESTION) for _ in range(3)] == [[7.0, float("-inf")]] * 3
    with ProcessProposer(process(GOOD)) as proposer:  # longer than a pipe holds
        long: Question = {**QUESTION, "gamma": ["x" * 300_000]}
        assert proposer(long) == [0.0, 0.0]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("sys.exit(3)", "ended with status 3 before it answered"),
        ("print('[1, 2]', flush=True)", "expected a JSON object"),
        ("print('scores', flush=True)", "answered scores; expected a JSON object"),
        ("say({'id': 7, 'scores': [0] * n})", "expected the id 1"),
        ("say({'id': q['id'], 'scores': [0]})", "expected 2 scores"),
        ("say({'id': q['id'], 'scores': ['a', 'b']})", "numbers or null"),
        ("say({'id': q['id'], 'scores': [True, 1]})", "numbers or null"),
        ("say({'id': q['id']})", "expected 2 scores"),
        ("print('x' * (1 << 21), flush=True)", "more than 1048576 bytes"),
        ("time.sleep(60)", "did not answer within 0.5 s"),
    ],
)
def test_a_wrong_or_dead_process_is_one_line(process: Callable[..., str], lines: str, said: str) -> None:
    command = process(lines)
    with ProcessProposer(command) as proposer:
        proposer.timeout = 0.5
        for _ in range(2):  # and stays it
            with pytest.raises(InputError) as raised:
                proposer(QUESTION)
            assert said in raised.value.message and command in raised.value.message
            assert "\n" not in raised.value.message


def test_closing_ends_the_process_and_who_waits(process: Callable[..., str]) -> None:
    proposer = ProcessProposer(process("time.sleep(60)"))
    raised: list[str] = []

    def wait() -> None:
        try:
            proposer(QUESTION)
        except InputError as problem:
            raised.append(problem.message)

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.2)
    proposer.close()
    thread.join(5)
    assert not thread.is_alive() and len(raised) == 1
    with pytest.raises(InputError, match="was closed"):
        proposer(QUESTION)
    proposer.close()


def test_a_process_that_cannot_be_greeted(process: Callable[..., str]) -> None:
    for command, said in (
        ("no-such-program", "cannot be started: No such file"),
        ("'", "cannot be started: No closing quotation"),
        ("", "cannot be started"),
        (process(GOOD, greeting='{"version": 2, "name": "x"}'), "to the version line; expected"),
        (process(GOOD, greeting='{"version": 1}'), "to the version line; expected"),
        ("false", "ended with status 1 before it answered"),
    ):
        with pytest.raises(InputError, match=said):
            ProcessProposer(command)


# The commands


@pytest.fixture(scope="module")
def model(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    (folder / "labels").write_text("goal\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        return Path(train(str(database), folder / "labels").data["path"])


def answer(capfd: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    assert main([*map(str, words), "--json"]) == 0
    said: dict[str, Any] = json.loads(capfd.readouterr().out)
    return said


def test_prove_and_bench_prove_ask_a_process(
    database: Path, model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], process: Callable[..., str]
) -> None:
    command = f"'{sys.executable}' '{EXAMPLE}'"
    common = ("--database", database, "--model", model, "--moves", "content", "--expansions", 500)
    ranks = ("--proposer", command, "--proposer-weight", "1", "--proposer-moves", "4", "--proposer-calls", "2")
    found = answer(capfd, "prove", "goal", *common, *ranks)
    assert found["proved"] and found["proposer"]["name"] == "shared symbols"
    assert {key: found["proposer"][key] for key in ("command", "weight", "most_moves", "most_calls", "calls")} == {
        "command": command,
        "weight": 1.0,
        "most_moves": 4,
        "most_calls": 2,
        "calls": 2,
    }
    assert answer(capfd, "prove", "goal", *common)["proposer"] is None
    (tmp_path / "labels").write_text("goal\n")
    bench = ("bench", "prove", "--tasks", tmp_path / "labels", *common, "--threads", 2)
    assert answer(capfd, *bench, *ranks)["proposer"]["calls"] == 2
    for words, said in (
        (("prove", "goal", *common, "--proposer", process("sys.exit(4)")), "ended with status 4 before it answered"),
        ((*bench, "--proposer", process("sys.exit(4)")), "ended with status 4 before it answered"),
        (("prove", "goal", *common, "--moves", "unify", "--proposer", command), "a proposer ranks moves in context"),
        (("prove", database, "--proposer", command), "open steps of files"),
    ):
        assert main([*map(str, words)]) == 2
        error = capfd.readouterr().err
        assert said in error and len(error.strip().splitlines()) == 1


def test_the_api_takes_a_callable_or_a_command(database: Path, model: Path) -> None:
    db = md.load(database)

    def found(proposer: Proposer | str) -> dict[str, Any]:
        told: dict[str, Any] = {"expansions": 500, "moves": "content", "proposer_weight": 1.0}
        return dict(db.prove("goal", model=model, proposer=proposer, **told).data)

    one, other = found(example()), found(f"'{sys.executable}' '{EXAMPLE}'")
    assert one["proved"] and (one["expansions"], one["proof"]) == (other["expansions"], other["proof"])
    assert (one["proposer"]["name"], other["proposer"]["name"]) == ("scores", "shared symbols")
    assert one["proposer"]["calls"] == other["proposer"]["calls"] > 0

    def raising(question: Question) -> list[float]:
        raise RefusalError("no")

    with pytest.raises(RefusalError):
        found(raising)


def test_ctrl_c_ends_a_search_that_waits_for_a_process(
    database: Path, model: Path, process: Callable[..., str]
) -> None:
    code = "import sys; from metadream.cli import command; sys.exit(command())"
    silent = process("print('asked', file=sys.stderr, flush=True)\ntime.sleep(60)")
    words = ["prove", "goal", "--database", str(database), "--model", str(model), "--proposer", silent]
    running = subprocess.Popen(
        [sys.executable, "-P", "-c", code, *words],
        stderr=subprocess.PIPE,
        env=os.environ.copy(),
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a suite in the background does not hear it
    )
    assert running.stderr is not None
    while b"asked" not in (line := running.stderr.readline()):
        assert line, "it ended before the proposer was asked"
    start = time.monotonic()
    running.send_signal(signal.SIGINT)
    _, error = running.communicate(timeout=30)
    assert running.returncode == 130 and b"interrupted" in error and b"Traceback" not in error
    assert time.monotonic() - start < 5

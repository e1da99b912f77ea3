"""The environment for provers: legal actions, states, verdicts, and gymnasium's protocol."""

import doctest
import random
import re
from pathlib import Path

import numpy as np
import pytest

import metadream as md
from metadream import cli
from metadream.dsl.proofs import Statement
from metadream.wake_sleep.environment.gymnasium import Adapter

LONGEST, MOST_OPEN = 25, 8


@pytest.fixture(scope="module")
def db(small_database: Path) -> md.Database:
    return md.load(small_database)


def played(env: md.Environment, chance: random.Random) -> list[str]:
    """States of an attempt at random, the first one too."""
    states = [env.reset().sha256]
    for _ in range(LONGEST):
        legal = env.legal()
        if not legal or len(env.state.goals) > MOST_OPEN:
            break
        states.append(env.step(chance.choice(legal)).sha256)
    return states


def test_finished_attempts_are_proofs_that_both_judges_accept(db: md.Database) -> None:
    finished = unwritten = 0
    for number, task in enumerate(db.theorems[::12]):
        env, chance = md.Environment(db, task), random.Random(number)
        for _ in range(15):
            played(env, chance)
            if env.state.done:
                verdict = env.judge()
                if verdict.proof is None:  # glue has no theorem yet for what a truth table closed
                    assert "could not be written" in str(verdict.message)
                    unwritten += 1
                    continue
                assert verdict and verdict.proof.task == task, (task, verdict)
                finished += 1
    assert finished > 30 and unwritten < finished / 2


def test_the_same_actions_give_the_same_states(db: md.Database) -> None:
    for task in db.theorems[5::60]:
        first = played(md.Environment(db, task), random.Random(3))
        assert played(md.Environment(db, task), random.Random(3)) == first
        assert len(set(first)) > 1 or len(first) == 1


def test_the_mask_is_the_list_and_nothing_else_is_legal(db: md.Database) -> None:
    env = md.Environment(db, "syl")
    legal, before = env.legal(), env.state
    assert [int(action) for action in np.flatnonzero(env.mask())] == legal
    assert env.mask().shape == (env.actions,)
    for action in set(range(-1, env.actions + 1)) - set(legal):
        with pytest.raises(ValueError):
            env.step(action)
        assert env.state == before
    with pytest.raises(IndexError, match="no action has the number"):
        env.name(env.actions)


def test_undo_and_copies(db: md.Database) -> None:
    env = md.Environment(db, "syl")
    start = env.state
    with pytest.raises(ValueError, match="no decision was taken"):
        env.undo()
    other = env.copy()
    env.step("HYP syl.2")
    assert other.state == start != env.state
    assert env.undo() == start
    other.step("HYP syl.2")
    other.step("HYP syl.1")
    assert [str(goal) for goal in other.state.goals] == ["ph  |- ph"]
    assert "1 goals open, 2 steps" in repr(other)
    with pytest.raises(ValueError, match="1 goals are open"):
        other.judge()
    assert other.step("MEMBER").done and other.judge().accepted


def test_decisions_may_be_written_out(db: md.Database) -> None:
    env = md.Environment(db, "|- ( ph -> ph )")
    assert [str(goal) for goal in env.state.goals] == ["ph  |- ph"]
    for bad, said in (("APPLY nosuch", "nosuch"), ("JUMP", "expected a decision"), ("HYP a.1", "no hypothesis")):
        with pytest.raises(ValueError, match=said):
            env.step(bad)
    by_text, by_values = env.copy().step("APPLY ax-mp  ph := ch"), env.copy().step("APPLY ax-mp", {"ph": "ch"})
    assert by_text == by_values and [str(goal) for goal in by_text.goals] == ["ph  |- ch", "ph ,  ch  |- ph"]
    with pytest.raises(ValueError, match="no variable"):
        env.step("APPLY ax-mp", {"zz": "ch"})
    assert env.step("HYPOTHESIZE  ( ps -> ps )").steps == 1
    assert [goal.formula for goal in env.state.goals] == ["|- ps", "|- ph"]


def test_a_statement_with_hypotheses_is_a_task(db: md.Database) -> None:
    env = md.Environment(db, Statement("|- ch", (("h1", "|- ph"), ("h2", "|- ( ph -> ch )"))))
    assert env.state.hypotheses == (("h1", "|- ph"), ("h2", "|- ( ph -> ch )"))
    env.step("HYP h2")
    env.step("HYP h1")
    verdict = env.judge()
    assert verdict.accepted and verdict.decisions is not None and verdict.message is None


def test_bad_tasks_are_one_line(db: md.Database) -> None:
    with pytest.raises(md.InputError, match="'nosuch' is no theorem"):
        md.Environment(db, "nosuch")
    with pytest.raises(md.InputError):
        md.Environment(db, "|- ( ph ->")


def test_the_protocol_of_gymnasium(db: md.Database) -> None:
    with pytest.raises(ValueError, match="at least one task"):
        Adapter(md.Environment(db), [])
    env = Adapter(md.Environment(db), ["syl", "id"], longest=2)
    observation, info = env.reset(seed=5)
    assert (observation, info["task"]) == (env.reset(seed=5)[0], env.env.task)
    assert env.observation_space.contains(observation) and not env.action_space.contains(env.env.actions)
    observation, info = env.reset(options={"task": "syl"})
    assert (info["action_mask"] == env.action_masks()).all() and info["steps"] == 0
    illegal = int(np.flatnonzero(~info["action_mask"])[0])
    again, reward, ended, cut, info = env.step(illegal)
    assert (again, reward, ended, cut) == (observation, 0.0, False, False) and info["illegal"]
    hypothesis = next(a for a in env.env.legal() if env.env.name(a).startswith("HYP"))
    assert env.step(hypothesis)[1:4] == (0.0, False, False)
    hypothesis = next(a for a in env.env.legal() if env.env.name(a).startswith("HYP"))
    assert env.step(hypothesis)[1:4] == (0.0, False, True)  # two steps: cut off
    observation, reward, ended, _, info = env.step(0)
    assert (observation, reward, ended) == ("no goal is open", 1.0, True) and info["judged"].accepted


def test_the_page(root: Path) -> None:
    blocks = "\n".join(re.findall(r"```python\n(.*?)```", (root / "docs" / "environment.md").read_text(), re.DOTALL))
    test = doctest.DocTestParser().get_doctest(blocks, {}, "environment.md", "docs/environment.md", 0)
    runner = doctest.DocTestRunner()
    runner.run(test)
    assert runner.tries > 6 and not runner.failures


def test_the_figure_of_speed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "environment", "--seconds", "0.2", "--json"]) == 0
    said = capsys.readouterr().out
    assert '"steps_per_second":' in said and '"finished":' in said

"""``bench environment``: measures the steps per second of the environment for provers, with random actions."""

from __future__ import annotations

import random
import time
from typing import Any

from metadream import _core
from metadream.metamath_db.terminal.console import Outcome, stage, table
from metadream.wake_sleep.api.database import load
from metadream.wake_sleep.environment.environment import Environment

TASKS = 10  # maximal number of theorems that are attempted, spread evenly over the database


def environment(database: str, seconds: float, seed: int) -> Outcome:
    """Measure the environment with random actions, in the core and then from Python.

    `seconds`: the time for all tasks together in the core; Python runs for a tenth of it. Raises `InputError`.
    """
    db = load(database)
    if not db.theorems:
        return Outcome({"database": database, "tasks": 0}, "the database has no theorem", 1)
    every = max(1, len(db.theorems) // TASKS)
    tasks = db.theorems[every // 2 :: every][:TASKS]
    played = []
    with stage("making the moves"):
        made = time.perf_counter()
        Environment(db, tasks[0])
        made = time.perf_counter() - made
    for number, task in enumerate(tasks):
        with stage(f"playing {task}"):
            played.append(_core.Environment(db.theory, task).play(seconds / len(tasks), seed + number))
    total = {key: sum(each[key] for each in played) for key in played[0]}
    stepping, listing = total["seconds_stepping"], total["seconds_listing"]
    data: dict[str, Any] = {
        "database": database,
        "tasks": len(tasks),
        "steps": total["steps"],
        "episodes": total["episodes"],
        "finished": total["finished"],
        "actions": Environment(db, tasks[0]).actions,
        "legal_actions": total["legal_actions"] / max(1, total["steps"]),
        "seconds_to_begin": made,
        "steps_per_second": total["steps"] / stepping if stepping else None,
        "steps_per_second_listing": total["steps"] / (stepping + listing) if stepping + listing else None,
        "steps_per_second_python": _python(db, tasks[0], seconds / 10, seed),
    }
    rows = [
        ("steps alone", data["steps_per_second"]),
        ("listing the legal actions, too", data["steps_per_second_listing"]),
        ("the same from Python, with states", data["steps_per_second_python"]),
    ]
    shown = [(name, None if value is None else round(value)) for name, value in rows]
    return Outcome(data, table(f"steps a second, {database}", ("random play", "steps/s"), shown))


def _python(db: Any, task: str, seconds: float, seed: int) -> float:
    """Steps a second from Python: the legal actions listed, one taken, the state read."""
    env, chance, steps = Environment(db, task), random.Random(seed), 0
    begun = time.perf_counter()
    while time.perf_counter() - begun < seconds:
        legal = env.legal()
        if not legal or env.state.steps > 40:
            env.reset()
            legal = env.legal()
            if not legal:
                break
        env.step(chance.choice(legal))
        steps += 1
    return steps / (time.perf_counter() - begun)

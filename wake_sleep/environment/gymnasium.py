"""`Environment` by the protocol of gymnasium (``reset``, ``step``, spaces, an action mask).

gymnasium itself is no dependency: what it wants of an environment is its protocol, and a space is a size. Where it is
installed, `Adapter` has its `spaces.Discrete` and `spaces.Text`; else small stand-ins with the same attributes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from metadream.wake_sleep.environment.environment import Environment, State

LONGEST = 1_000_000  # characters of an observation


@dataclass(frozen=True)
class Discrete:
    """The numbers below `n`."""

    n: int

    def contains(self, x: object) -> bool:
        """Whether it is one of them."""
        return isinstance(x, int | np.integer) and 0 <= int(x) < self.n


@dataclass(frozen=True)
class Text:
    """Texts of at most so many characters."""

    max_length: int

    def contains(self, x: object) -> bool:
        """Whether it is one of them."""
        return isinstance(x, str) and len(x) <= self.max_length


class Adapter:
    """An environment over some tasks, one an episode; the observation is the open goals' text.

    Reward: 1 for a finished attempt that both judges accept, else 0. An action that is not legal changes nothing and
    ends nothing; ``info["illegal"]`` says why. `longest`: steps after which an episode is truncated.

    >>> env = Adapter(Environment("starter"), ["syl"])
    >>> observation, info = env.reset(seed=1)
    >>> observation, int(info["action_mask"].sum())
    ('ph  |- ch', 2)
    >>> env.step(int(info["action_mask"].argmax()))[:4]  # a decision procedure
    ('no goal is open', 1.0, True, False)
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi"]}  # noqa: RUF012 (as gymnasium names it)

    def __init__(self, env: Environment, tasks: Sequence[str], longest: int = 200) -> None:
        """Raises `ValueError` without tasks."""
        if not tasks:
            raise ValueError("expected at least one task")
        self.env, self.tasks, self.longest = env, list(tasks), longest
        self.action_space, self.observation_space = _spaces(env.actions)
        self._random = random.Random(0)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """Begin an episode: a task drawn by the seed, or ``options["task"]``. Raises `InputError`."""
        if seed is not None:
            self._random.seed(seed)
        task = (options or {}).get("task") or self._random.choice(self.tasks)
        return self._seen(self.env.reset(task))

    def step(self, action: int) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Observation, reward, whether the attempt is finished, whether it was cut off, and ``info``."""
        try:
            state, illegal = self.env.step(int(action)), None
        except ValueError as problem:
            state, illegal = self.env.state, str(problem)
        verdict = self.env.judge() if state.done else None
        observation, info = self._seen(state)
        info |= {"illegal": illegal, "judged": verdict}
        return observation, float(bool(verdict)), state.done, not state.done and state.steps >= self.longest, info

    def action_masks(self) -> npt.NDArray[np.bool_]:
        """The legal actions, (A,), by the name that maskable policies ask for."""
        return self.env.mask()

    def render(self) -> str:
        """The open goals."""
        return str(self.env.state)

    def close(self) -> None:
        """Nothing is held."""

    def _seen(self, state: State) -> tuple[str, dict[str, Any]]:
        return str(state), {"task": self.env.task, "steps": state.steps, "action_mask": self.env.mask()}


def _spaces(actions: int) -> tuple[Any, Any]:
    """The spaces of actions and of observations."""
    if find_spec("gymnasium") is None:
        return Discrete(actions), Text(LONGEST)
    from gymnasium import spaces

    return spaces.Discrete(actions), spaces.Text(LONGEST)

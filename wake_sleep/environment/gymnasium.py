"""An adapter of `Environment` to the protocol of gymnasium (``reset``, ``step``, spaces, an action mask).

gymnasium itself is not a dependency. Where it is installed, `Adapter` uses its `spaces.Discrete` and `spaces.Text`;
otherwise it uses the small classes of this file, which have the same attributes.
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

LONGEST = 1_000_000  # maximal number of characters of an observation


@dataclass(frozen=True)
class Discrete:
    """The space of the integers from 0 to `n` - 1."""

    n: int

    def contains(self, x: object) -> bool:
        """Returns whether `x` is in the space."""
        return isinstance(x, int | np.integer) and 0 <= int(x) < self.n


@dataclass(frozen=True)
class Text:
    """The space of texts of at most `max_length` characters."""

    max_length: int

    def contains(self, x: object) -> bool:
        """Returns whether `x` is in the space."""
        return isinstance(x, str) and len(x) <= self.max_length


class Adapter:
    """A gymnasium environment over some tasks, one for each episode. The observation is the text of the open goals.

    The reward is 1 for a finished attempt that both judges accept, else 0. An illegal action does not change the state
    and does not end the episode; ``info["illegal"]`` gives the reason. `longest`: the number of steps after which an
    episode is truncated.

    >>> env = Adapter(Environment("starter"), ["syl"])
    >>> observation, info = env.reset(seed=1)
    >>> observation, int(info["action_mask"].sum())
    ('ph  |- ch', 2)
    >>> env.step(int(info["action_mask"].argmax()))[:4]  # a decision procedure
    ('no goal is open', 1.0, True, False)
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi"]}  # noqa: RUF012 (as gymnasium names it)

    def __init__(self, env: Environment, tasks: Sequence[str], longest: int = 200) -> None:
        """`tasks`: labels of theorems, from which `reset` draws. Raises `ValueError` if there are none."""
        if not tasks:
            raise ValueError("expected at least one task")
        self.env, self.tasks, self.longest = env, list(tasks), longest
        self.action_space, self.observation_space = _spaces(env.actions)
        self._random = random.Random(0)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """Begin an episode with ``options["task"]``, or else with a randomly drawn task. Returns observation and info.

        `seed`: seeds the random numbers anew. Raises `InputError` for a task that cannot be used.
        """
        if seed is not None:
            self._random.seed(seed)
        task = (options or {}).get("task") or self._random.choice(self.tasks)
        return self._seen(self.env.reset(task))

    def step(self, action: int) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Take an action. Returns the observation, the reward, whether the attempt is finished, whether the episode is
        truncated, and ``info``.
        """
        try:
            state, illegal = self.env.step(int(action)), None
        except ValueError as problem:
            state, illegal = self.env.state, str(problem)
        verdict = self.env.judge() if state.done else None
        observation, info = self._seen(state)
        info |= {"illegal": illegal, "judged": verdict}
        return observation, float(bool(verdict)), state.done, not state.done and state.steps >= self.longest, info

    def action_masks(self) -> npt.NDArray[np.bool_]:
        """Returns the mask of legal actions, of shape (A,), under the method name that maskable policies call."""
        return self.env.mask()

    def render(self) -> str:
        """Returns the text of the open goals."""
        return str(self.env.state)

    def close(self) -> None:
        """Does nothing, as the adapter holds no resources."""

    def _seen(self, state: State) -> tuple[str, dict[str, Any]]:
        return str(state), {"task": self.env.task, "steps": state.steps, "action_mask": self.env.mask()}


def _spaces(actions: int) -> tuple[Any, Any]:
    """Returns the space of actions and the space of observations."""
    if find_spec("gymnasium") is None:
        return Discrete(actions), Text(LONGEST)
    from gymnasium import spaces

    return spaces.Discrete(actions), spaces.Text(LONGEST)

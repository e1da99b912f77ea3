"""A controller for the workspace: trained in soft mode, run in hard mode as a program of the machine.

It learns associative recall (Graves, Wayne and Danihelka 2014, section 4.3, in the form with single items): pairs of a key
and a value come one by one, then keys are asked, and it must answer each with its value. Nothing tells it when to write,
where, what code to store, or how to look it up; it learns all of that from the answers.

Soft, an access is a weighting over all slots. Hard, the same outputs become instructions: a write is `MOV` into the first
free slot of the range that the mask allows, a question is `READK.near` within it. What a cell holds is the same in both:
a code of `width` bits, ±1 in the tensor, an integer in the cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from metadream.dsl import soft


@dataclass(frozen=True)
class Task:
    """Associative recall: `pairs` pairs of distinct keys of `key_bits` and values of `value_bits`, then all keys again."""

    pairs: int = 4
    key_bits: int = 4
    value_bits: int = 4

    def inputs(self) -> int:
        """Width of an input: a flag for storing, one for asking, the key's and the value's bits as ±1 (0 if none)."""
        return 2 + self.key_bits + self.value_bits

    def sample(self, batch: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Episodes: inputs (T, B, inputs) with T = 2 · pairs, and answers (pairs, B, value_bits) in {0, 1}.

        Raises ValueError if there are fewer keys than pairs.
        """
        if self.pairs > 1 << self.key_bits:
            raise ValueError(f"{self.pairs} distinct keys need more than {self.key_bits} bits")
        keys = torch.rand(batch, 1 << self.key_bits, generator=generator).argsort(-1)[:, : self.pairs].T  # (pairs, B)
        bits = (keys.unsqueeze(-1) >> torch.arange(self.key_bits)) & 1
        answers = torch.randint(0, 2, (self.pairs, batch, self.value_bits), generator=generator)
        flag = torch.ones(self.pairs, batch, 1)
        stored = torch.cat([flag, 0 * flag, 2 * bits - 1, 2 * answers - 1], -1)
        order = torch.rand(self.pairs, batch, generator=generator).argsort(0).unsqueeze(-1)
        asked_bits, answers = (x.gather(0, order.expand_as(x)) for x in (bits, answers))
        asked = torch.cat([0 * flag, flag, 2 * asked_bits - 1, 0 * answers], -1)
        return torch.cat([stored, asked]), answers.float()


@dataclass(frozen=True)
class Outputs:
    """What the controller wants at one step, for B episodes: `key` and `code` (B, width), ±1; `store`, `strength` (B,)."""

    key: Tensor
    code: Tensor
    store: Tensor
    strength: Tensor


class Controller(nn.Module):
    """One layer that sees an input and says what to look up, what to store and whether; one that reads answers out."""

    def __init__(self, task: Task, width: int = 32) -> None:
        super().__init__()
        self.task, self.width = task, width
        self.wants = nn.Linear(task.inputs(), 2 * width + 2)
        self.answers = nn.Linear(width, task.value_bits)

    def outputs(self, inputs: Tensor) -> Outputs:
        """(B, inputs) -> what it wants. Codes are signs, with the gradient of tanh (straight through)."""
        key, code, store, strength = self.wants(inputs).split([self.width, self.width, 1, 1], -1)
        return Outputs(
            key=_signs(key),
            code=_signs(code),
            store=torch.sigmoid(store).squeeze(-1),
            strength=1 + nn.functional.softplus(strength).squeeze(-1),
        )

    def forward(self, inputs: Tensor, slots: int, allowed: Tensor | None = None) -> Tensor:
        """Soft mode: inputs (T, B, inputs) -> logits of the answers at each step (T, B, value_bits)."""
        state = soft.Soft.empty(slots, self.width, (inputs.shape[1],))
        logits = []
        for step in inputs:
            wants = self.outputs(step)
            weights = soft.content(state.cells, wants.key.unsqueeze(1), wants.strength.unsqueeze(1), allowed)
            logits.append(self.answers(soft.read(state.cells, weights).squeeze(1)))
            free = soft.allocation(state.usage, allowed) * wants.store.unsqueeze(-1)
            state = state.written(free.unsqueeze(1), wants.code.unsqueeze(1))
        return torch.stack(logits)


def _signs(x: Tensor) -> Tensor:
    smooth = torch.tanh(x)
    return torch.where(x >= 0, 1.0, -1.0) + (smooth - smooth.detach())


def train(controller: Controller, slots: int, steps: int, seed: int, batch: int = 64, rate: float = 1e-2) -> list[float]:
    """Train on fresh episodes with Adam; the loss (nats a bit) of each step. Repeatable for a seed."""
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(controller.parameters(), rate)
    losses = []
    for _ in range(steps):
        inputs, answers = controller.task.sample(batch, generator)
        logits = controller(inputs, slots)[controller.task.pairs :]
        loss = nn.functional.binary_cross_entropy_with_logits(logits, answers)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    return losses


def as_integer(code: Tensor) -> int:
    """The cell's integer for a code (width,) of ±1: bit i is set where element i is positive."""
    return sum(1 << i for i, positive in enumerate((code > 0).tolist()) if positive)


def as_code(value: int, width: int) -> Tensor:
    """The code (width,) of a cell's integer."""
    return torch.tensor([1.0 if value >> i & 1 else -1.0 for i in range(width)])

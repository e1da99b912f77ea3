"""A controller for the workspace: trained in soft mode, run in hard mode as a program of the machine.

It learns associative recall (Graves, Wayne and Danihelka 2014, section 4.3, with single items): pairs of a key and a
value come one by one, then keys are asked, and it must answer each with its value. Nothing tells it when to write, what
code to store, or how to look it up; it learns that from the answers.

Soft, an access is a weighting over all slots. Hard, the same outputs become instructions: a write is `MOV` to the slot
that is free first, a question is `READK.near` within the range that the mask allows. What a cell holds is the same in
both: a code of `width` bits, ±1 in the tensor, an integer in the cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from metadream import _core
from metadream.dsl.handlers import Session
from metadream.dsl.soft import nearest
from metadream.dsl.soft import workspace as soft

ANSWERS = "2:0:0"  # where a hard run puts what it looked up: a count, then the address of the nearest cell
STORE_PRICE = 0.05  # nats a write: little beside a wrong answer's 0.7 a bit


@dataclass(frozen=True)
class Task:
    """Associative recall: `pairs` pairs of distinct keys of `key_bits` and values of `value_bits`, then all keys."""

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
    """What it wants at one step of B episodes: `key`, `code` (B, width), ±1; `store` (in [0, 1]), `strength` (B,)."""

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

    def forward(self, inputs: Tensor, slots: int, allowed: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Soft mode: inputs (T, B, inputs) -> logits of the answers (T, B, value_bits), how far it stored (T, B)."""
        state = soft.Soft.empty(slots, self.width, (inputs.shape[1],))
        logits, stores = [], []
        for step in inputs:
            wants = self.outputs(step)
            weights = soft.content(state.cells, wants.key.unsqueeze(1), wants.strength.unsqueeze(1), allowed)
            logits.append(self.answers(soft.read(state.cells, weights).squeeze(1)))
            stores.append(wants.store)
            free = soft.allocation(state.usage, allowed) * wants.store.unsqueeze(-1)
            state = state.written(free.unsqueeze(1), wants.code.unsqueeze(1))
        return torch.stack(logits), torch.stack(stores)


def _signs(x: Tensor) -> Tensor:
    smooth = torch.tanh(x)
    return torch.where(x >= 0, 1.0, -1.0) + (smooth - smooth.detach())


def train(
    controller: Controller, slots: int, steps: int, seed: int, batch: int = 64, rate: float = 1e-2
) -> list[float]:
    """Train on fresh episodes with Adam; the loss (nats a bit, without the price of writes) of each step.

    Repeatable for a seed. `STORE_PRICE` a write keeps it from storing what no question needs.
    """
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(controller.parameters(), rate)
    losses = []
    for _ in range(steps):
        inputs, answers = controller.task.sample(batch, generator)
        logits, stores = controller(inputs, slots)
        loss = nn.functional.binary_cross_entropy_with_logits(logits[controller.task.pairs :], answers)
        optimizer.zero_grad()
        (loss + STORE_PRICE * stores.mean()).backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    return losses


@dataclass(frozen=True)
class HardRun:
    """A hard run of one episode: the program that the controller wrote, and the cells to answer from.

    `text`: assembly. `answers`: by question, the address of the cell that will hold what was looked up.
    """

    text: str
    answers: list[str]


def program(controller: Controller, inputs: Tensor, first: str, slots: int) -> HardRun:
    """One episode's inputs (T, inputs) in hard mode, as a program over `slots` slots from the address `first` on.

    As in soft mode a step looks up before it stores; the greatest weight is taken whole, and a step stores if `store`
    is above one half. What is looked up where nothing is asked would not be used, and is left out. Raises ValueError if
    it wants to store more than there are slots.
    """
    behind = _core.slot_behind
    lines: list[str] = [".block main"]
    answers: list[str] = []
    used = 0
    with torch.no_grad():
        wants = controller.outputs(inputs)
    for t, asked in enumerate((inputs[:, 1] > 0).tolist()):
        if asked:
            found = behind(ANSWERS, 2 * len(answers))
            lines.append(f"    READK.near {found}, #{as_integer(wants.key[t])}, {first}*{slots}, #1")
            answers.append(behind(found, 1))
        if wants.store[t] > 0.5:
            if used == slots:
                raise ValueError(f"the controller stores more than {slots} codes")
            lines.append(f"    MOV {behind(first, used)}, #{as_integer(wants.code[t])}")
            used += 1
    return HardRun("\n".join(lines) + "\n", answers)


def run(controller: Controller, inputs: Tensor, first: str, slots: int) -> Tensor:
    """One episode in hard mode: answers (questions, value_bits) as bool, by `program` on a machine of its own.

    A mask holds it to the page of its slots and to that of `ANSWERS`. Raises RuntimeError if it ends in a fault.
    """
    written, machine = program(controller, inputs, first, slots), _core.Machine()
    pages = [place.split(":")[0] for place in (first, ANSWERS)]
    machine.set_mask({"read": pages, "write": pages, "link": []})
    machine.register("READK.near", *nearest.near(Session()))
    ended = machine.run(_core.Program.assemble(written.text), 2 * len(inputs) + 1)
    if ended["fault"] is not None:
        raise RuntimeError(f"the controller's program ended in a fault: {ended['fault']['claim']}")
    value = {cell["address"]: cell["value"] for cell in machine.cells()}
    codes = torch.stack([as_code(value[value[place]], controller.width) for place in written.answers])
    with torch.no_grad():
        told: Tensor = controller.answers(codes) > 0
    return told


def as_integer(code: Tensor) -> int:
    """The cell's integer for a code (width,) of ±1: bit i is set where element i is positive."""
    return sum(1 << i for i, positive in enumerate((code > 0).tolist()) if positive)


def as_code(value: int, width: int) -> Tensor:
    """The code (width,) of a cell's integer."""
    return torch.tensor([1.0 if value >> i & 1 else -1.0 for i in range(width)])

"""Figures of `bench machine` for soft mode, with what they are compared with in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch

from metadream.dsl.bench.figures import Measured
from metadream.dsl.soft import controller
from metadream.dsl.soft import workspace as soft

TRAINING, EPISODES = 200, 200
HEADS, SLOTS, WIDTH = 16, 1 << 16, 64
ROUNDS = 21


def associative_recall() -> Measured:
    """Share of a controller's answers that are right when it runs hard, as programs of the machine held to a mask.

    It was trained soft, on fresh episodes of three pairs (`TRAINING` steps, one thread, seed 0). Beside it the same
    controller soft, on the same `EPISODES` unseen episodes; `agree`: share of the bits that both modes answer alike.
    """
    task, slots, threads = controller.Task(pairs=3, key_bits=3, value_bits=3), 5, torch.get_num_threads()
    torch.set_num_threads(1)  # such small tensors gain nothing from more
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            made = controller.Controller(task)
        start = time.perf_counter()
        controller.train(made, slots, TRAINING, seed=0, batch=32, rate=2e-2)
        trained = time.perf_counter() - start
        inputs, answers = task.sample(EPISODES, torch.Generator().manual_seed(1))  # answers (pairs, EPISODES, bits)
        with torch.no_grad():
            told = made(inputs, slots)[0][task.pairs :] > 0
        hard = torch.stack([controller.run(made, inputs[:, i], "1:0:0", slots) for i in range(EPISODES)], 1)
    finally:
        torch.set_num_threads(threads)
    right = [float((said == answers.bool()).all(-1).float().mean()) for said in (hard, told)]
    agree = float((hard == told).float().mean())
    detail = {"agree": agree, "episodes": EPISODES, "train_s": trained, "steps": TRAINING}
    return Measured(right[0], right[1], "the same controller in soft mode", detail=detail)


def soft_read_write() -> Measured:
    """How many times as long a soft read and write takes as the matrix products that it consists of, on the CPU.

    16 heads on 2^16 cells of 64 numbers, float32, forward and backward: weights by content, a read and a write. The
    nine products are those of its forward (scores, read, write) and of its backward pass. Where there is a GPU,
    `gpu_us_a_head_a_step` is the time of the same step on a GPU; null without one.
    """
    step, products = _step("cpu"), _products()
    ours, plain = in_turn(step, products, rounds=ROUNDS)
    detail = {"step_ms": ours * 1000, "products_ms": plain * 1000, "threads": torch.get_num_threads()}
    if torch.cuda.is_available():
        on_gpu = _step("cuda")

        def awaited() -> None:
            on_gpu()
            torch.cuda.synchronize()

        seconds, _ = in_turn(awaited, lambda: None, rounds=ROUNDS)
        detail["gpu_us_a_head_a_step"] = seconds / HEADS * 1e6
    return Measured(ours / plain, 1.0, "the nine matrix products alone", detail=detail)


def _drawn(*shapes: tuple[int, ...], device: str = "cpu") -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(*shape, generator=generator).to(device) for shape in shapes]


def _step(device: str) -> Callable[[], None]:
    shapes = ((SLOTS, WIDTH), (HEADS, WIDTH), (HEADS, WIDTH), (HEADS,))
    cells, keys, values, strengths = (x.abs().requires_grad_() for x in _drawn(*shapes, device=device))
    gradients = _drawn((HEADS, WIDTH), (SLOTS, WIDTH), device=device)

    def step() -> None:
        for tensor in (cells, keys, values, strengths):
            tensor.grad = None
        weights = soft.content(cells, keys, strengths)
        torch.autograd.backward((soft.read(cells, weights), soft.write(cells, weights, values)), gradients)

    return step


def _products() -> Callable[[], None]:
    cells, keys, values, to_read, to_cells = _drawn(
        (SLOTS, WIDTH), (HEADS, WIDTH), (HEADS, WIDTH), (HEADS, WIDTH), (SLOTS, WIDTH)
    )

    def products() -> None:
        weights = keys @ cells.T
        _ = weights @ cells, weights.T @ values  # read and write, forward
        _ = values @ to_cells.T, weights @ to_cells  # gradients of the write: to its shares, to its values
        _ = to_read @ cells.T, weights.T @ to_read  # of the read: to its weights, to the cells
        _ = weights @ cells, weights.T @ keys  # of the scores: to the keys, to the cells

    return products


def in_turn(ours: Callable[[], object], rival: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Least seconds of both, run in turn, after one round that does not count. The least is what other work on the
    machine disturbs least."""
    seconds = np.empty((rounds + 1, 2))
    for row in seconds:
        for side, function in enumerate((ours, rival)):
            start = time.perf_counter()
            function()
            row[side] = time.perf_counter() - start
    least = np.min(seconds[1:], axis=0)
    return float(least[0]), float(least[1])

"""Figures of `bench machine` for soft mode and nearest reads, with what they are compared with in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch

from metadream.dsl.bench.figures import Measured
from metadream.dsl.soft import nearest
from metadream.dsl.soft import workspace as soft

KEYS, QUERIES, NEIGHBOURS = 10**6, 1000, 10
RECALL = 0.95
EFFORTS = (32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
CLUSTERS = 10_000
HEADS, SLOTS, WIDTH = 16, 1 << 16, 64
ROUNDS = 21


def nearest_read() -> Measured:
    """Queries a second among 10^6 keys, canonical order included, beside bare faiss on the same graph at equal effort.

    Keys are drawn around `CLUSTERS` centres (embeddings are not spread evenly); queries are drawn alike. The effort is
    the least of `EFFORTS` with recall@10 ≥ `RECALL` against an exact scan. Both are asked in turn.
    """
    random = np.random.default_rng(0)
    centres = random.standard_normal((CLUSTERS, nearest.DIMENSIONS), dtype=np.float32)

    def drawn(count: int) -> nearest.Vectors:
        noise = random.standard_normal((count, nearest.DIMENSIONS), dtype=np.float32)
        vectors: nearest.Vectors = centres[random.integers(CLUSTERS, size=count)] + 0.5 * noise
        return vectors

    keys, queries = drawn(KEYS), drawn(QUERIES)
    index = nearest.NearestIndex()
    start = time.perf_counter()
    index.add(np.arange(KEYS), keys)
    built = time.perf_counter() - start
    units = queries / np.linalg.norm(queries, axis=1, keepdims=True)
    truth = nearest.exact(keys, queries, NEIGHBOURS)
    recall = 0.0
    for effort in EFFORTS:
        index.effort = effort
        found, _ = index.search(queries, NEIGHBOURS)
        recall = float(np.mean([len(set(f) & set(t)) for f, t in zip(found.tolist(), truth.tolist(), strict=True)]))
        recall /= NEIGHBOURS
        if recall >= RECALL:
            break
    detail = {"recall": recall, "effort": index.effort, "build_s": built, "keys": KEYS}
    if recall < RECALL:
        return Measured(None, why=f"recall@{NEIGHBOURS} is {recall:.3f} at the greatest effort", detail=detail)
    index.graph.hnsw.efSearch = index.effort
    ours, bare = in_turn(
        lambda: index.search(queries, NEIGHBOURS), lambda: index.graph.search(units, NEIGHBOURS), rounds=5
    )
    return Measured(QUERIES / ours, QUERIES / bare, "bare faiss HNSW on the same graph", detail=detail)


def soft_read_write() -> Measured:
    """How many times as long a soft read and write takes as the matrix products that it consists of, on the CPU.

    16 heads on 2^16 cells of 64 numbers, float32, forward and backward: weights by content, a read and a write. The
    nine products are those of its forward (scores, read, write) and of its backward pass. Where there is a GPU,
    `gpu_us_a_head_a_step` is the time of the same step there (goal: 2 to 4 µs).
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

"""The recognition model Q(opcode | state): two towers over hashed features, in torch, on a CPU.

A state (a goal with its context) and an opcode (a premise's statement and comment) are encoded apart, and the score
is their product: a composite that joined the library a minute ago is ranked by its statement alone. The model ranks
again what the first stage (`_core.Ranker`) has put in front, so it learns the first stage's mistakes only:

    x = sum(embedding[f] for f in features) / sqrt(n)          state and opcode tower alike
    e = x + w2 relu(w1 x + b1) + b2
    logit = (first_weight * first + e_state . e_opcode + uses_weight * log_uses) / temperature

Training is deterministic: one seed, a fixed number of threads, torch's deterministic algorithms. It stops early on
held-out *tasks* and is calibrated on them (Guo et al. 2017, temperature scaling); if it does not beat the calibrated
first stage there, it hands out the calibrated first stage. The evaluation in the search is in Rust, on the arrays of
`exported`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from metadream.metamath_db.core import Table
from metadream.wake_sleep.model.batches import NO_CANDIDATE as NO_CANDIDATE
from metadream.wake_sleep.model.batches import Batch, chosen_rows
from metadream.wake_sleep.model.batches import Data as Data

Floats = npt.NDArray[np.float32]
MIN_ROWS = 40  # fewer examples than this teach nothing: the first stage stays alone
MIN_TASKS = 10  # nor do fewer tasks: a tenth of them is held out


@dataclass(frozen=True)
class Hyper:
    """Hyper-parameters, each with its reason."""

    width: int = 64  # D of both towers: the first stage's width too; 128 costs twice the time for no gain in NLL
    hidden: int = 128  # H of the residual layer: 2 D, the usual ratio at this size
    batch: int = 256  # examples a step: below, sparse updates dominate; above, fewer steps than Adagrad needs
    embedding_rate: float = 0.08  # Adagrad on the embeddings: rare features keep large steps
    dense_rate: float = 2e-3  # Adam on the rest: few parameters, all seen in every step
    start: float = 0.05  # spread of the embeddings at the start: products begin near 0, so at the first stage's answer
    dropout: float = 0.2  # share of state features dropped: together they identify a task, and it is learnt by heart
    epochs: int = 12  # at most; early stopping usually ends it before
    patience: int = 2  # epochs without a better held-out NLL
    held_out: float = 0.1  # share of the tasks
    threads: int = 1  # fixed, so that sums are grouped alike everywhere; two wait for each other where others compute


def hyper_for(rows: int) -> Hyper:
    """Small databases get small batches and more epochs; at set.mm's size an epoch is a minute."""
    if rows < 4_000:
        return Hyper(batch=64, epochs=20, patience=3)
    if rows < 50_000:
        return Hyper()
    return Hyper(batch=512, epochs=4, patience=1)


class Tower(nn.Module):
    """Hashed features to a vector: scaled sum of embeddings, then a residual layer.

    The embedding is no parameter of torch: a step takes the rows that it needs, and `learn` puts them back, by Adagrad
    with one sum a row (Duchi et al. 2011). With torch's sparse gradients most time went into joining equal rows.
    """

    embedding: Tensor  # (F, D)
    squares: Tensor  # (F,) sums of the rows' mean squared gradients

    def __init__(self, features: int, hyper: Hyper) -> None:
        super().__init__()
        self.register_buffer("embedding", torch.empty(features, hyper.width).normal_(std=hyper.start))
        self.register_buffer("squares", torch.full((features,), 1e-8), persistent=False)
        self.enter = nn.Linear(hyper.width, hyper.hidden)
        self.leave = nn.Linear(hyper.hidden, hyper.width)
        nn.init.zeros_(self.leave.weight)  # the residual layer starts as the identity
        nn.init.zeros_(self.leave.bias)
        self.rows, self.taken = torch.empty(0, dtype=torch.int64), torch.empty(0)

    def forward(self, features: Tensor, offsets: Tensor, keep: Tensor | None = None) -> Tensor:
        """Vectors (B, D) of B rows; `features` (n,), `offsets` (B + 1,), `keep` (n,) of 0 and 1."""
        self.rows, place = torch.unique(features, return_inverse=True)  # (r,), (n,)
        self.taken = self.embedding[self.rows].requires_grad_(self.training)  # (r, D)
        if keep is None:
            count = offsets.diff().to(torch.float32)  # (B,)
        else:
            row = torch.repeat_interleave(torch.arange(len(offsets) - 1), offsets.diff())  # (n,)
            count = torch.zeros(len(offsets) - 1).index_add_(0, row, keep)
        x = functional.embedding_bag(
            place, self.taken, offsets, mode="sum", per_sample_weights=keep, include_last_offset=True
        )
        x = x * count.clamp_(min=1.0).rsqrt()[:, None]  # (B, D)
        return x + self.leave(functional.relu(self.enter(x)))  # type: ignore[no-any-return]

    def learn(self, rate: float) -> None:
        """Put the rows of the last forward pass back, a step of Adagrad down their gradient."""
        slope = self.taken.grad
        if slope is not None:
            self.squares[self.rows] += slope.square().mean(dim=1)
            self.embedding[self.rows] -= rate * slope * self.squares[self.rows].rsqrt()[:, None]


class Recognition(nn.Module):
    """Both towers, the weight of an opcode's use count and that of the first stage's score."""

    def __init__(self, features: int, hyper: Hyper) -> None:
        super().__init__()
        self.state = Tower(features, hyper)
        self.opcode = Tower(features, hyper)
        self.uses_weight = nn.Parameter(torch.zeros(()))
        self.first_weight = nn.Parameter(torch.full((), 1 / 1.5))  # the first stage is over-confident by about that

    def forward(self, batch: Batch, keep: Tensor | None = None) -> Tensor:
        """Logits (B, K) of a batch's candidates, minus infinity in empty places."""
        state = self.state(batch.features, batch.offsets, keep)  # (B, D)
        opcode = self.opcode(batch.opcode_features, batch.opcode_offsets)  # (U, D)
        product = torch.bmm(opcode[batch.which], state[:, :, None])[:, :, 0]  # (B, K)
        logits = self.first_weight * batch.scores + product + self.uses_weight * batch.uses
        return logits.masked_fill(batch.empty, -math.inf)


@dataclass(frozen=True)
class Report:
    """What training came to; NLL in nats a step on held-out tasks. `used`: the network beat the first stage there."""

    examples: int
    held_out: int
    epochs: int
    used: bool
    nll_first: float  # first stage, calibrated
    nll_before: float  # network, temperature 1
    nll: float  # what is handed out


@dataclass
class Trained:
    """A model with its scale: weight of the first stage's score and temperature, as Rust wants them."""

    model: Recognition
    scale: tuple[float, float]
    used: bool
    report: Report


@contextmanager
def deterministic(seed: int, threads: int) -> Iterator[None]:
    """Same seed, same bits; torch's settings are as before afterwards."""
    before, count = torch.are_deterministic_algorithms_enabled(), torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed % 2**63)
        torch.use_deterministic_algorithms(True)
        torch.set_num_threads(threads)
        try:
            yield
        finally:
            torch.use_deterministic_algorithms(before)
            torch.set_num_threads(count)


def nll(logits: npt.NDArray[np.float64], temperature: float = 1.0) -> float:
    """Mean −log p of column 0, in nats; `logits` (N, K)."""
    x = logits / temperature
    top = x.max(axis=1)
    return float(np.mean(top + np.log(np.exp(x - top[:, None]).sum(axis=1)) - x[:, 0]))


def calibrate(logits: npt.NDArray[np.float64]) -> float:
    """The temperature in [0.2, 5] with the least NLL: golden section on its logarithm (the NLL is convex in 1/T)."""
    ratio = (math.sqrt(5) - 1) / 2
    low, high = math.log(0.2), math.log(5.0)
    for _ in range(40):
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        if nll(logits, math.exp(a)) <= nll(logits, math.exp(b)):
            high = b
        else:
            low = a
    return math.exp((low + high) / 2)


def hold_out(tasks: npt.NDArray[np.uint32], real: int, share: float, seed: int) -> npt.NDArray[np.bool_]:
    """Which rows are held out: those of a share of the tasks below `real` (above are dreams, always trained on)."""
    seen = np.unique(tasks[tasks < real])
    chosen = np.random.default_rng(seed).permutation(seen)[: max(1, round(share * len(seen)))]
    return np.isin(tasks, chosen)


def _logits(model: Recognition, data: Data, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    model.eval()
    with torch.no_grad():
        parts = [model(data.batch(rows[i : i + 1024])).numpy() for i in range(0, len(rows), 1024)]
    return np.concatenate(parts).astype(np.float64)


def _first_logits(data: Data, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    empty = data.examples["candidates"][rows] == NO_CANDIDATE
    return np.where(empty, -np.inf, data.examples["scores"][rows].astype(np.float64))


def fit(
    data: Data,
    feature_count: int,
    real_tasks: int,
    seed: int,
    progress: Callable[[int, str], None] = lambda done, remark: None,
) -> Trained | None:
    """Train on `data`; None if there is too little of it. Tasks numbered from `real_tasks` on are dreams."""
    task = data.examples["task"]
    if data.size < MIN_ROWS or len(np.unique(task[task < real_tasks])) < MIN_TASKS:
        return None
    hyper = hyper_for(data.size)
    with deterministic(seed, hyper.threads):
        held = hold_out(task, real_tasks, hyper.held_out, seed)
        choice = (data.examples["candidates"][:, 1:] != NO_CANDIDATE).any(axis=1)  # else nothing is to be learnt
        train_rows, held_rows = np.flatnonzero(~held & choice), np.flatnonzero(held)
        model = Recognition(feature_count, hyper)
        model, epochs = _train(model, data, train_rows, held_rows, hyper, seed, progress)
        return _calibrated(model, data, train_rows, held_rows, epochs)


def _train(
    model: Recognition,
    data: Data,
    train_rows: npt.NDArray[np.int64],
    held_rows: npt.NDArray[np.int64],
    hyper: Hyper,
    seed: int,
    progress: Callable[[int, str], None],
) -> tuple[Recognition, int]:
    """Epochs until the held-out NLL stops falling; the model of the best epoch."""
    dense = torch.optim.Adam(model.parameters(), lr=hyper.dense_rate)
    random = np.random.default_rng(seed)
    best, best_nll, epoch = _copy(model), math.inf, 0
    since = 0
    while epoch < hyper.epochs and since < hyper.patience:
        epoch += 1
        order = random.permutation(train_rows)
        model.train()
        for start in range(0, len(order), hyper.batch):
            batch = data.batch(order[start : start + hyper.batch])
            loss = _loss(model, batch, hyper, random)
            dense.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            dense.step()
            for tower in (model.state, model.opcode):
                tower.learn(hyper.embedding_rate)
        logits = _logits(model, data, held_rows)
        now = nll(logits, calibrate(logits))
        progress(epoch, f"held-out NLL {now:.3f}")
        since += 1
        if now < best_nll - 1e-4:
            best, best_nll, since = _copy(model), now, 0
    model.load_state_dict(best)
    return model, epoch


def _loss(model: Recognition, batch: Batch, hyper: Hyper, random: np.random.Generator) -> Tensor:
    """Mean cross-entropy of the right opcodes, with a share of the state's features left out."""
    keep = torch.from_numpy((random.random(len(batch.features)) >= hyper.dropout).astype(np.float32))
    return functional.cross_entropy(model(batch, keep), torch.zeros(len(batch.which), dtype=torch.int64))


def _copy(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


def _calibrated(
    model: Recognition,
    data: Data,
    train_rows: npt.NDArray[np.int64],
    held_rows: npt.NDArray[np.int64],
    epochs: int,
) -> Trained:
    """The model with its temperature, or the first stage with its own if that is better on held-out tasks."""
    logits, first = _logits(model, data, held_rows), _first_logits(data, held_rows)
    temperature, temperature_first = calibrate(logits), calibrate(first)
    mine, other = nll(logits, temperature), nll(first, temperature_first)
    used = mine < other
    scale = (float(model.first_weight.detach()), temperature) if used else (1.0, temperature_first)
    report = Report(len(train_rows), len(held_rows), epochs, used, other, nll(logits), min(mine, other))
    return Trained(model, scale, used, report)


def exported(trained: Trained, premises: Table) -> dict[str, Floats]:
    """The arrays of ``Ranker.set_network``: ``embedding`` (F, D), ``w1`` (H, D), ``b1``, ``w2`` (D, H), ``b2``,
    ``premises`` (P, D), ``bias`` (P,), ``scale`` (2,). `premises` may name composites that the model was not trained
    on.
    """
    model, tower = trained.model.eval(), trained.model.state
    with torch.no_grad():
        vectors = _opcode_vectors(model, premises)
        arrays = {
            "embedding": tower.embedding,
            "w1": tower.enter.weight,
            "b1": tower.enter.bias,
            "w2": tower.leave.weight,
            "b2": tower.leave.bias,
        }
        made = {name: np.ascontiguousarray(value.numpy(), dtype=np.float32) for name, value in arrays.items()}
        bias = float(model.uses_weight) * premises["uses"].astype(np.float32)
    if not trained.used:
        vectors, bias = np.zeros_like(vectors), np.zeros_like(bias)
    return {
        **made,
        "premises": vectors,
        "bias": bias.astype(np.float32),
        "scale": np.array(trained.scale, dtype=np.float32),
    }


def _opcode_vectors(model: Recognition, premises: Table) -> Floats:
    """The opcode tower's vectors (P, D) of all premises."""
    flat, offsets = premises["features"].astype(np.int64), premises["offsets"]
    parts = []
    for start in range(0, len(offsets) - 1, 4096):
        rows = np.arange(start, min(start + 4096, len(offsets) - 1))
        parts.append(model.opcode(*chosen_rows(flat, offsets, rows)).numpy())
    width = model.state.embedding.shape[1]
    return np.concatenate([np.zeros((0, width), dtype=np.float32), *parts])


def to_arrays(trained: Trained) -> dict[str, Floats]:
    """All weights by name, for `model_file.save`."""
    made = {name: value.numpy() for name, value in trained.model.state_dict().items()}
    return {**made, "scale": np.array([*trained.scale, float(trained.used)], dtype=np.float64).astype(np.float32)}


def from_arrays(arrays: dict[str, Floats]) -> Trained:
    """The model that `to_arrays` gave. Raises KeyError, ValueError or RuntimeError if the arrays are not such a
    model's.
    """
    features, width = arrays["state.embedding"].shape
    hyper = Hyper(width=width, hidden=arrays["state.enter.weight"].shape[0])
    model = Recognition(features, hyper)
    first, temperature, used = (float(x) for x in arrays["scale"])
    model.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in arrays.items() if k != "scale"})
    return Trained(model, (first, temperature), used > 0, Report(0, 0, 0, used > 0, math.nan, math.nan, math.nan))

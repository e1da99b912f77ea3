"""The critic: what the proof of a cluster is expected to cost, learnt from search graphs of training tasks.

A goal's features give two numbers: the nats of its cheapest proof as the search counts them, and the log odds that it
has one within reach. Two kinds of losses teach them:

- *Nodes*: a cluster that was proved has its price (Huber 1964); one that was looked at in vain costs at least what is
  left to try in it (right-censored regression; Tobin 1958, §2) and is *probably* not provable: its budget was small,
  so the label is soft (Szegedy et al. 2016, §7).
- *Graphs*, the differentiable prover: a cluster's value follows from its leaves' values, a product of provabilities
  over AND, which is a sum of nats (product t-norm; Rocktäschel and Riedel 2017, §3), and a soft maximum over OR
  (Boltzmann operator; Asadi and Littman 2017, §2). The gradient flows from clusters whose price is known down to the
  leaves that they hang on; which clusters count as leaves is drawn anew in each step.

The graphs are searches of training theorems that the first stage did not see, each with its own proof put in at the
end: without that the clusters of hard proofs, which searches do not reach, would all count as failures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from metadream.metamath_db.core import Ranker, Theory
from metadream.wake_sleep.loop.wake import in_parallel
from metadream.wake_sleep.model.network import deterministic

TASKS = 1_000  # training theorems that are searched
EXPANSIONS = 400  # of each: a tenth of a second
CLUSTERS = 200  # told of each search at most, those that were looked at most
WIDTH = 16  # of a feature's row: what the core reads 80 times a goal
HIDDEN = 16
EPOCHS = 4
BATCH = 16  # graphs a step
RATE = 3e-3  # Adam, on the dense weights
ROW_RATE = 0.05  # Adagrad, on the rows of single features
SWEEPS = 6  # levels that a graph's values are taken upward
TEMPERATURE = 1.0  # nats, of the soft maximum
DESCENTS = 8  # descents through a cluster from which its failure says something
FAILED = 0.1  # label of such a failure: more time might have proved it
CUT = 0.3  # share of the clusters with actions that count as leaves
MOST = 30.0  # nats: what costs more is out of a search's reach, and counts as this
DELTA = 4.0  # nats: where the Huber loss turns linear
WEIGHTS = {"bound": 0.25, "odds": 4.0, "graph": 1.0}  # of the losses beside the price's

Columns = Mapping[str, npt.NDArray[Any]]
Floats = npt.NDArray[np.float32]
Progress = Callable[[int, str], None]


@dataclass(frozen=True)
class Graphs:
    """Several search graphs as one. G goals, C clusters, A actions."""

    features: Tensor  # of all goals, one after the other
    feature_ends: Tensor  # (G,)
    cluster_of_goal: Tensor  # (G,)
    cost: Tensor  # (C,) nats of the cheapest proof known; negative: none
    bound: Tensor  # (C,) nats of the cheapest thing left to try
    visits: Tensor  # (C,) descents through it
    cluster_of_action: Tensor  # (A,)
    action_cost: Tensor  # (A,) nats
    action_of_child: Tensor  # one for each child
    children: Tensor  # clusters, one for each child

    @property
    def proved(self) -> Tensor:
        """(C,) clusters with a known price."""
        return self.cost >= 0

    @property
    def given(self) -> Tensor:
        """(C,) clusters that were closed when they were made: no search asks for their value."""
        return (self.cost == 0) & (self.visits == 0)


def train(
    ranker: Ranker,
    theory: Theory,
    labels: Sequence[str],
    table: Floats,
    seed: int,
    workers: int,
    progress: Progress = lambda done, remark: None,
) -> tuple[Critic, Report] | None:
    """A critic from searches of some of `labels`: training theorems that the first stage did not see.

    `table`: as for `fit`. None where there are no such theorems, or nothing of them can be proved.
    """
    order = np.random.default_rng(seed).permutation(len(labels))[:TASKS]
    return fit(lessons(ranker, theory, [labels[i] for i in order.tolist()], workers, progress), table, seed)


def lessons(
    ranker: Ranker, theory: Theory, labels: Sequence[str], workers: int, progress: Progress = lambda done, remark: None
) -> list[Columns]:
    """Search training theorems; their graphs in the order of `labels`, whatever `workers` is."""
    found: list[Columns] = []
    for told in in_parallel(lambda label: ranker.lesson(theory, label, EXPANSIONS, CLUSTERS), labels, workers):
        found.append(told)
        progress(len(found), "")
    return found


def joined(graphs: Sequence[Columns]) -> Graphs:
    """Graphs as `Ranker.lesson` tells them, side by side."""

    def shifted(name: str, into: str) -> npt.NDArray[np.int64]:
        starts = np.cumsum([0, *(len(g[into]) for g in graphs)])
        return np.concatenate([g[name].astype(np.int64) + n for g, n in zip(graphs, starts[:-1], strict=True)])

    def owners(ends: npt.NDArray[np.int64]) -> Tensor:
        return torch.from_numpy(np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0)))

    def column(name: str) -> Tensor:
        return torch.from_numpy(np.concatenate([g[name] for g in graphs]).astype(np.float32))

    return Graphs(
        torch.from_numpy(np.concatenate([g["features"] for g in graphs]).astype(np.int64)),
        torch.from_numpy(shifted("feature_ends", "features")),
        owners(shifted("goal_ends", "feature_ends")),
        column("cost"),
        column("bound"),
        column("visits"),
        owners(shifted("action_ends", "action_cost")),
        column("action_cost"),
        owners(shifted("child_ends", "children")),
        torch.from_numpy(shifted("children", "cost")),
    )


def soft_minimum(nats: Tensor, owner: Tensor, count: int, temperature: float) -> Tensor:
    """By owner, the mean of its nats weighted by softmax(−nats / temperature): their minimum as temperature → 0.

    (A,), (A,) → (count,); infinite for an owner without any. A soft maximum of provabilities exp(−nats).
    """
    none = torch.full((count,), torch.inf, dtype=nats.dtype)
    least = none.scatter_reduce(0, owner, nats.detach(), "amin", include_self=True)
    weight = torch.exp((least[owner] - nats) / temperature)
    zeros = torch.zeros(count, dtype=nats.dtype)
    total = zeros.index_add(0, owner, weight)
    value = zeros.index_add(0, owner, weight * nats)
    return torch.where(total > 0, value / total.clamp_min(1e-30), none)


def prove(leaves: Tensor, inner: Tensor, g: Graphs, temperature: float = TEMPERATURE, sweeps: int = SWEEPS) -> Tensor:
    """The differentiable prover: nats of each cluster, (C,), from those that a critic gives it, `leaves` (C,).

    `inner` (C,): clusters whose value follows from their actions: the soft minimum over actions of an action's cost
    with the sum of its children's values. Each sweep goes a level up; where cycles or depth leave something, the leaf's
    value stands.
    """
    value = leaves
    for _ in range(sweeps):
        below = torch.zeros_like(g.action_cost).index_add(0, g.action_of_child, value[g.children])
        above = soft_minimum(g.action_cost + below, g.cluster_of_action, len(leaves), temperature)
        value = torch.where(inner & torch.isfinite(above), above, leaves)
    return value


class Critic(nn.Module):
    """Features of a goal → (nats, log odds).

    A feature's row is its row in a trained table, projected, and a correction that is learnt here: the graphs are too
    few to say which of half a million features mean the same, the recognition model knows.
    """

    def __init__(self, table: Floats) -> None:
        """`table`: (features, D)."""
        super().__init__()
        self.table = torch.from_numpy(table)
        self.project = nn.Linear(table.shape[1], WIDTH, bias=False)
        self.rows = nn.EmbeddingBag(len(table), WIDTH, mode="sum", sparse=True)
        nn.init.zeros_(self.rows.weight)
        self.hidden = nn.Linear(WIDTH, HIDDEN)
        self.out = nn.Linear(HIDDEN, 2)

    def forward(self, features: Tensor, ends: Tensor) -> Tensor:
        """(G, 2): of each goal what its proof costs, and its log odds; `ends` (G,): where its features end."""
        starts = torch.cat([ends.new_zeros(1), ends[:-1]])
        known = functional.embedding_bag(features, self.table, starts, mode="sum")  # (G, D)
        x = self.project(known) + self.rows(features, starts)  # (G, WIDTH)
        x = x / (ends - starts).clamp_min(1).sqrt()[:, None]
        out = self.out(torch.relu(self.hidden(x)))
        return torch.stack([functional.softplus(out[:, 0]), out[:, 1]], 1)

    def clusters(self, g: Graphs) -> tuple[Tensor, Tensor]:
        """(C,), (C,): nats, and −log p that all goals of a cluster have a proof within reach: sums over its goals."""
        said = self(g.features, g.feature_ends)
        zeros = torch.zeros(len(g.cost))
        doubt = functional.softplus(-said[:, 1])
        return zeros.index_add(0, g.cluster_of_goal, said[:, 0]), zeros.index_add(0, g.cluster_of_goal, doubt)

    def exported(self) -> dict[str, Floats]:
        """The weights as `Ranker.set_critic` takes them."""
        arrays = {
            "embedding": self.table @ self.project.weight.T + self.rows.weight,
            "w1": self.hidden.weight,
            "b1": self.hidden.bias,
            "w2": self.out.weight,
            "b2": self.out.bias,
        }
        return {name: value.detach().numpy().astype(np.float32) for name, value in arrays.items()}


def loss(critic: Critic, g: Graphs, cut: Tensor) -> tuple[Tensor, float]:
    """The weighted sum of all losses, and the mean absolute error in nats on proved clusters.

    `cut` (C,): clusters that are leaves although they have actions.
    """
    nats, doubt = critic.clusters(g)
    learnt, failed = g.proved & ~g.given, ~g.proved & (g.visits >= DESCENTS)
    cost, reached = g.cost.clamp_max(MOST), g.cost < MOST
    total = _huber(nats[learnt], cost[learnt])
    total = total + WEIGHTS["bound"] * _huber((g.bound - nats)[failed].clamp_min(0), torch.zeros(int(failed.sum())))
    said = failed | (learnt & reached)
    labels = torch.where(g.proved, 1.0, FAILED)[said]
    chance = torch.exp(-doubt[said]).clamp(1e-6, 1 - 1e-6)
    if len(labels):
        total = total + WEIGHTS["odds"] * functional.binary_cross_entropy(chance, labels)
    acts = torch.zeros(len(g.cost), dtype=torch.bool)
    acts[g.cluster_of_action] = True
    inner = acts & ~cut & ~g.given
    value = prove(torch.where(g.given, 0.0, nats), inner, g)
    taught = inner & g.proved & reached
    total = total + WEIGHTS["graph"] * _huber(value[taught], cost[taught])
    return total, float((nats - cost)[learnt].detach().abs().mean()) if bool(learnt.any()) else 0.0


def _huber(said: Tensor, right: Tensor) -> Tensor:
    return functional.huber_loss(said, right, delta=DELTA) if len(said) else said.sum()


@dataclass(frozen=True)
class Report:
    """Of a training. Errors are means in nats over proved clusters, prices above `MOST` counted as that."""

    graphs: int
    clusters: int
    proved: int
    error: float  # of the last epoch
    error_of_median: float  # of the best constant


def fit(graphs: Sequence[Columns], table: Floats, seed: int, epochs: int = EPOCHS) -> tuple[Critic, Report] | None:
    """Train on graphs; the same ones and the same seed give the same weights. None where nothing was proved.

    `table`: (features, D), rows of features of a trained model.
    """
    costs = np.concatenate([np.zeros(0, np.float32), *(_prices(g) for g in graphs)])
    if not len(costs):
        return None
    random, median = np.random.default_rng(seed), float(np.median(costs))
    with deterministic(seed, 1), torch.sparse.check_sparse_tensor_invariants(False):  # type: ignore[no-untyped-call]
        critic = Critic(table)
        with torch.no_grad():
            critic.out.bias[0] = median
        dense = [p for name, p in critic.named_parameters() if name != "rows.weight"]
        steps = [torch.optim.Adam(dense, lr=RATE), torch.optim.Adagrad(critic.rows.parameters(), lr=ROW_RATE)]
        slower = torch.optim.lr_scheduler.LinearLR(steps[0], 1.0, 0.05, epochs * -(-len(graphs) // BATCH))
        errors: list[float] = []
        for _ in range(epochs):
            errors = []
            order = random.permutation(len(graphs))
            for first in range(0, len(order), BATCH):
                g = joined([graphs[i] for i in order[first : first + BATCH]])
                total, error = loss(critic, g, torch.from_numpy(random.random(len(g.cost)) < CUT))
                for step in steps:
                    step.zero_grad()
                total.backward()  # type: ignore[no-untyped-call]
                for step in steps:
                    step.step()
                slower.step()
                errors.append(error)
    clusters = sum(len(g["cost"]) for g in graphs)
    constant = float(np.abs(costs - median).mean())
    return critic, Report(len(graphs), clusters, len(costs), float(np.mean(errors)), constant)


def _prices(g: Columns) -> Floats:
    """What proved clusters cost, those left out that were closed when they were made."""
    cost: Floats = g["cost"]
    return np.minimum(cost[(cost >= 0) & ((cost > 0) | (g["visits"] > 0))], MOST)

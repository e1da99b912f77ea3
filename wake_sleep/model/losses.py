"""What the recognition model is trained on: losses, each with its own switch (DESIGN.md §7).

imitation    the right opcode among the first stage's best: cross-entropy.
trace        next token on traces: from the state and the last opcodes of the trace, the next opcode among all that the
             batch names. A head of its own joins the history; both towers learn from it; the search does not use it.
consistency  a state gets the same answer whatever part of it is seen: two views, each with other features left out,
             imitate apart, and their answers' symmetric Kullback-Leibler divergence is added (R-Drop, Liang et al.
             2021). That renamed variables and permuted hypotheses change nothing needs no loss: the features do not
             name them (`tests/learning/test_losses.py`).
success      steps of found proofs weigh by how quickly the search found them (`rewards`); only a run has such proofs.

A step's trace is the proof in the order in which a search would ask for its steps: depth first from the goal.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

HISTORY = 4  # opcodes of the trace that the trace loss looks back
NONE = -1  # no such opcode: the trace begins here
WEIGHTS = {"trace": 0.3, "consistency": 0.5}
MOST = 4.0  # a found proof's step weighs at most so many times what the median one does, and at least its inverse


class History(nn.Module):
    """Joins the vectors of the last opcodes, (B, HISTORY, D), into one (B, D): a linear map for each lag."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.join = nn.Linear(HISTORY * width, width)
        nn.init.zeros_(self.join.weight)  # at the start the history says nothing
        nn.init.zeros_(self.join.bias)

    def forward(self, last: Tensor) -> Tensor:
        """The joined vectors."""
        return self.join(last.flatten(1))  # type: ignore[no-any-return]


def trace_loss(head: History, state: Tensor, opcode: Tensor, last: Tensor, right: Tensor) -> Tensor:
    """Cross-entropy of the next opcode; `state` (B, D), `opcode` (U, D) all that the batch names, `last` (B, HISTORY)
    and `right` (B,) rows of `opcode`, `NONE` where there is none.
    """
    known = (last != NONE)[:, :, None]  # (B, HISTORY, 1)
    vectors = opcode[last.clamp(min=0)] * known  # (B, HISTORY, D)
    return functional.cross_entropy((state + head(vectors)) @ opcode.T, right)


def consistency_loss(one: Tensor, other: Tensor) -> Tensor:
    """Symmetric divergence of two views' answers; logits (B, K), minus infinity in empty places of both."""
    p, q = functional.log_softmax(one, dim=1), functional.log_softmax(other, dim=1)
    empty = torch.isinf(one)
    gap = torch.where(empty, 0.0, p - q)
    weight = torch.where(empty, 0.0, p.exp() - q.exp())
    return (weight * gap).sum(dim=1).mean() / 2


def last_opcodes(right: npt.NDArray[np.uint32], item: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """For each row the opcodes of the rows before it in the same proof, the nearest first; (N, HISTORY).

    `right` (N,): what each row applies; `item` (N,): its proof, whose rows stand together in the trace's order.
    """
    rows = np.arange(len(item))
    starts = np.flatnonzero(np.concatenate([[True], item[1:] != item[:-1]])) if len(item) else rows
    first = np.repeat(starts, np.diff([*starts, len(item)]))  # (N,) where each row's proof begins
    back = rows[:, None] - np.arange(1, HISTORY + 1)  # (N, HISTORY)
    return np.where(back >= first[:, None], right.astype(np.int64)[np.maximum(back, 0)], NONE)


def rewards(expansions: Sequence[int | None]) -> npt.NDArray[np.float32]:
    """Weights of proofs by the expansions that found them (None: a human proof or a dream): the square root of the
    median's over its own, within 1 / `MOST` and `MOST`; 1 where there are none. Mean 1 over the found ones.
    """
    weights = np.ones(len(expansions), dtype=np.float32)
    found = np.array([i for i, n in enumerate(expansions) if n is not None], dtype=np.int64)
    if len(found):
        spent = np.array([max(1, n) for n in expansions if n is not None], dtype=np.float64)
        raw = np.clip(np.sqrt(np.median(spent) / spent), 1 / MOST, MOST)
        weights[found] = raw / raw.mean()
    return weights

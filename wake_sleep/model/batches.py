"""Training tables as batches of tensors: states, their candidates, and the opcodes among these."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from metadream.metamath_db.core import Table

NO_CANDIDATE = 0xFFFFFFFF  # an empty place among the candidates


@dataclass(frozen=True)
class Batch:
    """B rows, their K candidates and the U distinct opcodes among these."""

    features: Tensor  # (n,) int64
    offsets: Tensor  # (B + 1,)
    opcode_features: Tensor  # (m,) int64
    opcode_offsets: Tensor  # (U + 1,)
    which: Tensor  # (B, K) rows of the opcodes
    scores: Tensor  # (B, K) first-stage logits
    uses: Tensor  # (B, K) log use counts
    empty: Tensor  # (B, K) bool


def chosen_rows(
    flat: npt.NDArray[np.int64], offsets: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]
) -> tuple[Tensor, Tensor]:
    """Returns the chosen rows of a ragged table as a ragged table: features, and offsets into them."""
    lengths = offsets[rows + 1] - offsets[rows]
    ends = np.concatenate([[0], np.cumsum(lengths)])
    index = np.arange(ends[-1]) + np.repeat(offsets[rows] - ends[:-1], lengths)
    return torch.from_numpy(flat[index]), torch.from_numpy(ends)


@dataclass
class Data:
    """Training table and opcode table, as `Ranker.examples` and `Ranker.premise_features` give them.

    The training table has one more column, ``uses`` (N, K): the candidates' log use counts without the example's own
    proof.
    """

    examples: Table
    premises: Table
    features: npt.NDArray[np.int64] = field(init=False)
    opcode_features: npt.NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.features = self.examples["features"].astype(np.int64)
        self.opcode_features = self.premises["features"].astype(np.int64)

    @property
    def size(self) -> int:
        """Number of examples N."""
        return len(self.examples["task"])

    def batch(self, rows: npt.NDArray[np.int64]) -> Batch:
        """Returns the chosen examples as a batch of tensors. `rows`: (B,) numbers of examples."""
        candidates = self.examples["candidates"][rows]  # (B, K) uint32
        empty = candidates == NO_CANDIDATE
        named = np.where(empty, candidates[:, :1], candidates).astype(np.int64)  # (B, K)
        distinct, place = np.unique(named, return_inverse=True)
        which = place.reshape(named.shape)
        features, offsets = chosen_rows(self.features, self.examples["offsets"], rows)
        opcode_features, opcode_offsets = chosen_rows(
            self.opcode_features, self.premises["offsets"], distinct.astype(np.int64)
        )
        scores = np.where(empty, 0, self.examples["scores"][rows]).astype(np.float32)
        uses = np.where(empty, 0, self.examples["uses"][rows]).astype(np.float32)
        return Batch(
            features,
            offsets,
            opcode_features,
            opcode_offsets,
            torch.from_numpy(np.ascontiguousarray(which)),
            torch.from_numpy(scores),
            torch.from_numpy(uses),
            torch.from_numpy(empty),
        )

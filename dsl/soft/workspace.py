"""The workspace in soft mode: the same cells as tensors, read and written with attention instead of addresses.

Training is soft, deployment is hard. A hard access names one slot under a mask; a soft access spreads a weight over
all slots that its mask allows. Where every weight is one-hot the two agree (`tests/machine/test_soft.py` holds them
together).

Addressing follows Graves, Wayne and Danihelka, "Neural Turing Machines" (2014), section 3.3 (content, interpolation,
shift, sharpening) and Graves et al., "Hybrid computing using a neural network with dynamic external memory" (2016),
Methods (usage, allocation, temporal links). Two things differ, because a hard write is MOV:

- a write replaces whole cells, there is no erase vector;
- heads that step together read the same state and write in the order of their numbers, as the machine's heads do. With
  whole cells that has a closed form: with weights w_h, head h contributes w_h · Π_{g>h} (1 − w_g), and what was there
  keeps Π_h (1 − w_h). So sixteen heads cost one matrix product, not sixteen passes over the memory.

Price: a step of `read` and `write` with H heads on N cells of width W is nine products of H·N·W multiplications and six
passes over the memory, forward and backward together. Temporal links are dense, N² floats: `MAX_LINKED`.

Shapes: B batch (any number of leading dimensions, also none), H heads, N slots, W width of a cell.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

EPSILON = 1e-6  # keeps norms and logarithms of weights finite
MAX_LINKED = 4096  # slots with temporal links: 64 MiB of float32 a batch element


class _Cosine(torch.autograd.Function):
    """Cosines between keys and cells: one product each way and no copy of the memory but its gradient."""

    @staticmethod
    def forward(ctx: FunctionCtx, cells: Tensor, keys: Tensor) -> Tensor:
        lengths = torch.linalg.vector_norm(cells, dim=-1).add_(EPSILON)  # (B, N)
        sizes = torch.linalg.vector_norm(keys, dim=-1).add_(EPSILON)  # (B, H)
        cosines: Tensor = (keys / sizes.unsqueeze(-1)) @ cells.mT  # (B, H, N)
        cosines /= lengths.unsqueeze(-2)
        ctx.save_for_backward(cells, keys, lengths, sizes, cosines)
        return cosines

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, gradient: Tensor) -> tuple[Tensor, Tensor]:
        cells, keys, lengths, sizes, cosines = ctx.saved_tensors  # type: ignore[attr-defined]
        scaled = gradient / lengths.unsqueeze(-2)  # (B, H, N)
        units = keys / sizes.unsqueeze(-1)
        own = (gradient * cosines).sum(-2) / (lengths * (lengths - EPSILON).clamp_min(EPSILON))  # (B, N)
        to_cells = (scaled.mT @ units).addcmul_(cells, own.unsqueeze(-1), value=-1)
        to_units = scaled @ cells
        along = (gradient * cosines).sum(-1) / (sizes - EPSILON).clamp_min(EPSILON)  # (B, H)
        return to_cells, (to_units - keys * along.unsqueeze(-1)) / sizes.unsqueeze(-1)


class _Blend(torch.autograd.Function):
    """`keep · cells + shares^T @ values`, with one pass over the memory forward and one backward."""

    @staticmethod
    def forward(ctx: FunctionCtx, cells: Tensor, keep: Tensor, shares: Tensor, values: Tensor) -> Tensor:
        ctx.save_for_backward(cells, keep, shares, values)
        return _plus_product(cells * keep.unsqueeze(-1), shares.mT, values)

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        cells, keep, shares, values = ctx.saved_tensors  # type: ignore[attr-defined]
        to_keep = (gradient.unsqueeze(-2) @ cells.unsqueeze(-1)).squeeze(-1).squeeze(-1)
        return gradient * keep.unsqueeze(-1), to_keep, values @ gradient.mT, shares @ gradient


class _Shares(torch.autograd.Function):
    """What each head's write contributes, and what stays: see the module head."""

    @staticmethod
    def forward(ctx: FunctionCtx, weights: Tensor) -> tuple[Tensor, Tensor]:
        shares, later = torch.empty_like(weights), torch.empty_like(weights)
        stays = torch.ones_like(weights[..., 0, :])  # Π (1 − w) of the heads after h
        for h in reversed(range(weights.shape[-2])):
            weight = weights[..., h, :]
            later[..., h, :] = stays
            torch.mul(weight, stays, out=shares[..., h, :])
            stays = torch.addcmul(stays, weight, stays, value=-1)
        ctx.save_for_backward(weights, later)
        return shares, stays

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, to_shares: Tensor, to_stays: Tensor) -> Tensor:
        weights, later = ctx.saved_tensors  # type: ignore[attr-defined]
        gradient = torch.empty_like(weights)
        adjoint = to_stays
        for h in range(weights.shape[-2]):
            ours = to_shares[..., h, :] - adjoint
            torch.mul(ours, later[..., h, :], out=gradient[..., h, :])
            adjoint = torch.addcmul(adjoint, ours, weights[..., h, :])
        return gradient


def _plus_product(total: Tensor, left: Tensor, right: Tensor) -> Tensor:
    """`total += left @ right` in place."""
    if total.dim() == 2:
        return total.addmm_(left, right)
    rows, inner, columns = total.shape[-2], left.shape[-1], total.shape[-1]
    flat = total.view(-1, rows, columns)
    flat.baddbmm_(left.reshape(-1, rows, inner), right.reshape(-1, inner, columns))
    return total


def content(cells: Tensor, keys: Tensor, strengths: Tensor, allowed: Tensor | None = None) -> Tensor:
    """Weights by content (NTM, equations 5 and 6): softmax over slots of strength times cosine.

    `cells` (B, N, W), `keys` (B, H, W), `strengths` (B, H) positive, `allowed` (N,) or (B, H, N) bool: slots that
    a head may touch. Returns (B, H, N). Raises ValueError if a head may touch nothing.
    """
    scores = _Cosine.apply(cells, keys) * strengths.unsqueeze(-1)
    return torch.softmax(_masked(scores, allowed), -1)


def one_hot(addresses: Tensor, slots: int, allowed: Tensor | None = None) -> Tensor:
    """Weights of a hard access: `addresses` (B, H) -> (B, H, N). Raises ValueError where the mask forbids one."""
    weights = torch.nn.functional.one_hot(addresses, slots).to(torch.get_default_dtype())
    if allowed is not None and bool((weights.bool() & ~allowed).any()):
        raise ValueError("a head names a slot that its mask forbids")
    return weights


def shifted(weights: Tensor, shifts: Tensor) -> Tensor:
    """Circular convolution (NTM, equation 8). `shifts` (B, H, S), S odd: a distribution over −S//2 … S//2."""
    reach = shifts.shape[-1] // 2
    moved = [weights.roll(k - reach, -1) * shifts[..., k : k + 1] for k in range(shifts.shape[-1])]
    return torch.stack(moved).sum(0)


def located(weights: Tensor, before: Tensor, gates: Tensor, shifts: Tensor, powers: Tensor) -> Tensor:
    """NTM's addressing by location (equations 7 to 9): interpolate with the weights before, shift, sharpen.

    `weights`, `before` (B, H, N); `gates` (B, H) in [0, 1]; `shifts` (B, H, S); `powers` (B, H), at least 1.
    """
    gates = gates.unsqueeze(-1)
    powered = shifted(gates * weights + (1 - gates) * before, shifts).clamp_min(0) ** powers.unsqueeze(-1)
    return powered / (powered.sum(-1, keepdim=True) + EPSILON)


def sharpened(
    weights: Tensor, temperature: float, generator: torch.Generator | None = None, hard: bool = False
) -> Tensor:
    """Gumbel–softmax (Jang, Gu and Poole 2017) over the slots: a sample near one-hot that gradients pass through.

    `temperature` > 0: towards 0 it becomes a draw of one slot. Without `generator` no noise is added, and the result is
    deterministic. `hard`: one-hot forward, the soft gradient backward (straight through).
    """
    if temperature <= 0:
        raise ValueError("the temperature is positive")
    logits = (weights + EPSILON**4).log()
    if generator is not None:
        uniform = torch.rand(weights.shape, generator=generator, dtype=weights.dtype, device=weights.device)
        logits = logits - (-uniform.clamp(EPSILON, 1 - EPSILON).log()).log()
    soft = torch.softmax(logits / temperature, -1)
    if not hard:
        return soft
    winner = torch.nn.functional.one_hot(soft.argmax(-1), soft.shape[-1]).to(soft.dtype)
    return winner + (soft - soft.detach())


def allocation(usage: Tensor, allowed: Tensor | None = None) -> Tensor:
    """Weights of the least used slots (DNC, equation 1 of Methods): (B, N) -> (B, N). Slots that `allowed` (N,) leaves
    out count as full; of equally used ones the lower address is the freer."""
    if allowed is not None:
        usage = torch.where(allowed, usage, torch.ones_like(usage))
    # as in DNC's published derivation: usage of exactly 0 would cut the gradient of all that follow
    sorted_usage, order = (EPSILON + (1 - EPSILON) * usage).sort(stable=True, dim=-1)
    fuller = torch.cumprod(sorted_usage, -1)
    free = (1 - sorted_usage) * torch.cat([torch.ones_like(fuller[..., :1]), fuller[..., :-1]], -1)
    return torch.zeros_like(usage).scatter(-1, order, free)


def read(cells: Tensor, weights: Tensor) -> Tensor:
    """Return the weighted sum of cells that each head reads: (B, N, W), (B, H, N) -> (B, H, W)."""
    return weights @ cells


def write(cells: Tensor, weights: Tensor, values: Tensor) -> Tensor:
    """The cells after heads with these weights (B, H, N) wrote their values (B, H, W) in order: see the module head."""
    shares, keep = _Shares.apply(weights)
    blended: Tensor = _Blend.apply(cells, keep, shares, values)
    return blended


def _masked(scores: Tensor, allowed: Tensor | None) -> Tensor:
    if allowed is None:
        return scores
    if not bool(allowed.any(-1).all()):
        raise ValueError("a head's mask allows no slot")
    return scores.masked_fill(~allowed, float("-inf"))


@dataclass(frozen=True)
class Soft:
    """A workspace in soft mode. Every method gives a new one; nothing is changed in place.

    `cells` (B, N, W), `usage` (B, N) in [0, 1], `last` (B, N): how far each slot was the last to be written, `links`
    (B, N, N): how far slot i was written right after slot j, or None if they are not kept.
    """

    cells: Tensor
    usage: Tensor
    last: Tensor
    links: Tensor | None

    @staticmethod
    def empty(slots: int, width: int, batch: tuple[int, ...] = (), linked: bool = False) -> Soft:
        """Unwritten cells. Raises ValueError for temporal links over more than `MAX_LINKED` slots."""
        if linked and slots > MAX_LINKED:
            raise ValueError(f"temporal links need slots² floats; at most {MAX_LINKED} slots may have them")
        links = torch.zeros(*batch, slots, slots) if linked else None
        return Soft(torch.zeros(*batch, slots, width), torch.zeros(*batch, slots), torch.zeros(*batch, slots), links)

    def written(self, weights: Tensor, values: Tensor) -> Soft:
        """After one write step: cells, usage (DNC: u + w − u·w, once a head), links and `last` move on together."""
        usage = 1 - (1 - self.usage) * (1 - weights).prod(-2)
        state = replace(self, cells=write(self.cells, weights, values), usage=usage)
        for h in range(weights.shape[-2]):  # heads write one after the other, so they link one after the other
            state = state._followed(weights[..., h, :])
        return state

    def _followed(self, weight: Tensor) -> Soft:
        """Temporal links after one head's write (DNC, equations 5 to 7 of Methods)."""
        last = (1 - weight.sum(-1, keepdim=True)) * self.last + weight
        if self.links is None:
            return replace(self, last=last)
        row, column = weight.unsqueeze(-1), weight.unsqueeze(-2)
        links = (1 - row - column) * self.links + row * self.last.unsqueeze(-2)
        diagonal = torch.eye(weight.shape[-1], dtype=torch.bool, device=weight.device)
        return replace(self, last=last, links=links.masked_fill(diagonal, 0))

    def freed(self, weights: Tensor, gates: Tensor) -> Soft:
        """Slots that heads have read and give back: usage times Π (1 − gate·weight). `gates` (B, H)."""
        return replace(self, usage=self.usage * (1 - gates.unsqueeze(-1) * weights).prod(-2))

    def after(self, weights: Tensor) -> Tensor:
        """Weights of what was written right after what these weights (B, H, N) read."""
        return weights @ self._links().mT

    def before(self, weights: Tensor) -> Tensor:
        """Weights of what was written right before."""
        return weights @ self._links()

    def _links(self) -> Tensor:
        if self.links is None:
            raise ValueError("this workspace keeps no temporal links; make it with linked=True")
        return self.links

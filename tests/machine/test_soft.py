"""Soft mode: gradients, the agreement with hard accesses, and what the DNC's allocation and links promise."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from metadream.dsl.soft import controller
from metadream.dsl.soft import workspace as soft


def _random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _weights(*shape: int, seed: int = 0) -> Tensor:
    return torch.softmax(_random(*shape, seed=seed), -1)


@pytest.mark.parametrize("batch", [(), (2,), (2, 3)])
def test_gradients_of_reading_and_writing(batch: tuple[int, ...]) -> None:
    cells = _random(*batch, 5, 3).requires_grad_()
    keys = _random(*batch, 2, 3, seed=1).requires_grad_()
    values = _random(*batch, 2, 3, seed=2).requires_grad_()
    strengths = (_random(*batch, 2, seed=3).exp()).requires_grad_()

    def step(cells: Tensor, keys: Tensor, strengths: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        weights = soft.content(cells, keys, strengths)
        return soft.read(cells, weights), soft.write(cells, weights, values)

    assert torch.autograd.gradcheck(step, (cells, keys, strengths, values))


def test_gradients_of_addressing() -> None:
    weights, before = _weights(2, 5).requires_grad_(), _weights(2, 5, seed=1).requires_grad_()
    gates, powers = torch.sigmoid(_random(2, seed=2)).requires_grad_(), (1 + _random(2, seed=3) ** 2).requires_grad_()
    shifts = _weights(2, 3, seed=4).requires_grad_()
    assert torch.autograd.gradcheck(soft.located, (weights, before, gates, shifts, powers))
    usage = torch.sigmoid(_random(6, seed=5)).requires_grad_()
    assert torch.autograd.gradcheck(soft.allocation, (usage,))
    assert torch.autograd.gradcheck(lambda w: soft.sharpened(w, 0.5), (weights,))

    def linked(weights: Tensor, values: Tensor) -> tuple[Tensor, ...]:
        state = soft.Soft(_random(5, 3), torch.sigmoid(_random(5)), _weights(5), _random(5, 5) * 0.1)
        after = state.written(weights, values)
        assert after.links is not None
        return after.usage, after.last, after.links

    assert torch.autograd.gradcheck(linked, (weights, _random(2, 3, seed=6).requires_grad_()))


def test_content_weights_are_the_cosines_of_the_library() -> None:
    cells, keys = _random(7, 4), _random(3, 4, seed=1)
    expected = torch.softmax(2.0 * torch.cosine_similarity(keys[:, None], cells[None], dim=-1), -1)
    torch.testing.assert_close(soft.content(cells, keys, torch.full((3,), 2.0).double()), expected, atol=1e-5, rtol=0)


def test_heads_write_in_order() -> None:
    """The closed form equals one head after the other."""
    cells, weights, values = _random(6, 4), _weights(5, 6, seed=1), _random(5, 4, seed=2)
    expected = cells
    for weight, value in zip(weights, values, strict=True):
        expected = (1 - weight)[:, None] * expected + weight[:, None] * value
    torch.testing.assert_close(soft.write(cells, weights, values), expected)


SLOTS = 6
Access = tuple[str, list[int], list[int]]
ACCESS = st.tuples(
    st.sampled_from(["read", "write"]),
    st.lists(st.integers(0, SLOTS - 1), min_size=3, max_size=3),
    st.lists(st.integers(-9, 9), min_size=3, max_size=3),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(ACCESS, max_size=12))
def test_one_hot_is_hard(accesses: list[Access]) -> None:
    """Three heads on a plain list: the same values read, the same cells, the same order of writes."""
    hard: list[int] = [0] * SLOTS
    order: list[int] = []
    state = soft.Soft.empty(SLOTS, 1, linked=True)
    for kind, addresses, values in accesses:
        weights = soft.one_hot(torch.tensor(addresses), SLOTS)
        if kind == "read":
            assert soft.read(state.cells, weights)[:, 0].tolist() == [hard[a] for a in addresses]
            continue
        state = state.written(weights, torch.tensor(values, dtype=torch.float32)[:, None])
        for a, value in zip(addresses, values, strict=True):
            hard[a] = value
            order.append(a)
        assert state.cells[:, 0].tolist() == hard
        assert (state.usage == 1).tolist() == [a in order for a in range(SLOTS)]
        free = soft.allocation(state.usage)
        if len(set(order)) < SLOTS:
            assert int(free.argmax()) == min(set(range(SLOTS)) - set(order))
            assert float(free.max()) > 0.99
    if order:
        assert int(state.last.argmax()) == order[-1]
    if len(order) > 1 and order[-1] != order[-2] and order[-2] not in order[:-2]:
        here = soft.one_hot(torch.tensor([order[-2]]), SLOTS)
        assert int(state.after(here).argmax()) == order[-1]
        back = soft.one_hot(torch.tensor([order[-1]]), SLOTS)
        assert int(state.before(back).argmax()) == order[-2]


def test_masks() -> None:
    cells = _random(4, 3)
    allowed = torch.tensor([False, True, True, False])
    weights = soft.content(cells, _random(2, 3, seed=1), torch.ones(2).double(), allowed)
    assert (weights[:, ~allowed] == 0).all()
    torch.testing.assert_close(weights.sum(-1), torch.ones(2).double())
    assert int(soft.allocation(torch.zeros(4), allowed).argmax()) == 1
    with pytest.raises(ValueError, match="forbids"):
        soft.one_hot(torch.tensor([0]), 4, allowed)
    with pytest.raises(ValueError, match="allows no slot"):
        soft.content(cells, _random(2, 3), torch.ones(2).double(), torch.zeros(4, dtype=torch.bool))


def test_sharpening() -> None:
    weights = torch.tensor([[0.2, 0.5, 0.3]])
    assert soft.sharpened(weights, 0.01).argmax() == 1
    assert float(soft.sharpened(weights, 0.01).max()) > 0.999
    draws = torch.stack(
        [soft.sharpened(weights, 0.1, torch.Generator().manual_seed(seed), hard=True)[0] for seed in range(2000)]
    )
    assert set(draws.unique().tolist()) == {0.0, 1.0}
    torch.testing.assert_close(draws.mean(0), weights[0], atol=0.05, rtol=0)  # Gumbel's maximum draws by weight
    with pytest.raises(ValueError, match="positive"):
        soft.sharpened(weights, 0.0)


def test_reading_gives_slots_back() -> None:
    state = soft.Soft.empty(3, 1).written(soft.one_hot(torch.tensor([0, 1]), 3), torch.ones(2, 1))
    state = state.freed(soft.one_hot(torch.tensor([1]), 3), torch.ones(1))
    assert state.usage.tolist() == [1, 0, 0]


def test_bounds() -> None:
    with pytest.raises(ValueError, match="at most"):
        soft.Soft.empty(soft.MAX_LINKED + 1, 2, linked=True)
    with pytest.raises(ValueError, match="linked=True"):
        soft.Soft.empty(3, 2).after(torch.ones(1, 3))


@pytest.fixture(scope="module")
def trained() -> controller.Controller:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # such small tensors gain nothing from more
    torch.manual_seed(0)
    made = controller.Controller(controller.Task(pairs=3, key_bits=3, value_bits=3))
    losses = controller.train(made, slots=5, steps=200, seed=0, batch=32, rate=2e-2)
    torch.set_num_threads(threads)
    assert losses[-1] < 0.1 * losses[0]
    return made


def test_a_controller_trained_soft_runs_hard(trained: controller.Controller) -> None:
    """On unseen episodes, within a mask: the machine's program answers what soft mode answers, and both are right."""
    task, slots = trained.task, 5
    inputs, answers = task.sample(40, torch.Generator().manual_seed(1))
    with torch.no_grad():
        told = trained(inputs, slots)[0][task.pairs :] > 0
    assert (told == answers.bool()).float().mean() > 0.98
    for episode in range(inputs.shape[1]):
        assert (controller.run(trained, inputs[:, episode], "1:0:0", slots) == told[:, episode]).all()


def test_codes_are_integers_and_back() -> None:
    for value in (0, 1, 0x80000001, 2**32 - 1):
        assert controller.as_integer(controller.as_code(value, 32)) == value


def test_a_controller_that_stores_too_much(trained: controller.Controller) -> None:
    inputs, _ = trained.task.sample(1, torch.Generator().manual_seed(2))
    with pytest.raises(ValueError, match="more than 2"):
        controller.program(trained, inputs[:, 0], "1:0:0", 2)

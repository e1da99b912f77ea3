"""Losses of the recognition model: what each computes, that each can be switched, and what needs no loss."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import Metadream
from hypothesis import given
from hypothesis import strategies as st
from test_model import FEATURES, premises, toy

from metadream.metamath_db.core import load_core, load_theory
from metadream.metamath_db.data import STARTER, resolve_database
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.loop.cycle import learn
from metadream.wake_sleep.model import file as model_file
from metadream.wake_sleep.model import losses
from metadream.wake_sleep.model import network as model
from metadream.wake_sleep.model.prover import train
from metadream.wake_sleep.runs.settings import LEARNT, LOSSES, chosen_losses


@given(st.lists(st.tuples(st.integers(1, 7), st.integers(0, 99)), max_size=8))
def test_last_opcodes_are_those_before_in_the_same_proof(proofs: list[tuple[int, int]]) -> None:
    item = np.repeat(np.arange(len(proofs)), [n for n, _ in proofs]).astype(np.int64)
    right = (np.arange(len(item)) * 37 % 101).astype(np.uint32)
    found = losses.last_opcodes(right, item)
    assert found.shape == (len(item), losses.HISTORY)
    for row in range(len(item)):
        before = [int(right[i]) for i in range(row - 1, -1, -1) if item[i] == item[row]][: losses.HISTORY]
        assert found[row].tolist() == before + [losses.NONE] * (losses.HISTORY - len(before))


@given(st.lists(st.none() | st.integers(0, 10**9), max_size=30))
def test_quickly_found_proofs_weigh_more_and_the_mean_stays(expansions: list[int | None]) -> None:
    weights = losses.rewards(expansions)
    found = [(n, float(w)) for n, w in zip(expansions, weights, strict=True) if n is not None]
    assert all(w == 1 for n, w in zip(expansions, weights, strict=True) if n is None)
    if found:
        assert np.isclose(np.mean([w for _, w in found]), 1, atol=1e-5)
        ordered = [w for _, w in sorted(found, key=lambda each: each[0])]
        assert all(a >= b for a, b in itertools.pairwise(ordered))
        assert max(ordered) <= min(ordered) * losses.MOST**2 * 1.001


def test_trace_loss_is_the_cross_entropy_over_what_the_batch_names() -> None:
    torch.manual_seed(0)
    head = losses.History(3)
    torch.nn.init.normal_(head.join.weight)
    state, opcode = torch.randn(2, 3), torch.randn(5, 3)
    last = torch.tensor([[4, 1, losses.NONE, losses.NONE], [losses.NONE] * 4])
    found = losses.trace_loss(head, state, opcode, last, torch.tensor([2, 0]))
    joined = head.join.weight.detach() @ torch.cat([opcode[4], opcode[1], torch.zeros(6)])
    logits = [opcode @ (state[0] + joined), opcode @ state[1]]  # a trace that begins here has no history
    each = [x.logsumexp(0) - x[right] for x, right in zip(logits, (2, 0), strict=True)]
    assert torch.isclose(found, torch.stack(each).mean())


def test_consistency_is_a_divergence() -> None:
    torch.manual_seed(0)
    one, other = torch.randn(4, 6), torch.randn(4, 6)
    one[:, 4:], other[:, 4:] = -torch.inf, -torch.inf
    one.requires_grad_()
    assert losses.consistency_loss(one, one).item() == 0
    found = losses.consistency_loss(one, other)
    assert torch.isclose(found, losses.consistency_loss(other, one))
    assert found.item() > 0
    found.backward()  # type: ignore[no-untyped-call]
    assert one.grad is not None
    assert torch.isfinite(one.grad).all()


@pytest.mark.parametrize("extra", ["trace", "consistency"])
def test_each_loss_can_be_switched_and_is_repeatable(extra: str) -> None:
    def made(*chosen: str) -> tuple[str, float]:
        table = model.Data(toy(600, 1), premises(), traces="trace" in chosen)
        found = model.fit(table, FEATURES, 60, 5, chosen) if chosen else model.fit(table, FEATURES, 60, 5)
        assert found is not None
        return model_file.digest(model.to_arrays(found)), found.report.nll_before

    assert made()[0] == made("imitation")[0]
    one, again = made("imitation", extra), made("imitation", extra)
    assert one == again
    assert one[0] != made("imitation")[0]
    assert one[1] < 1.5  # of 2.3 by chance: it learns


def test_weights_decide_between_proofs_that_disagree() -> None:
    """Half of the rows say that another candidate is right; those that weigh nothing are not learnt."""
    table = toy(1_200, 1)
    liar = np.arange(1_200) % 2 == 1
    swapped = table["candidates"][liar]
    swapped[:, [0, 1]] = swapped[:, [1, 0]]
    table["candidates"][liar] = swapped
    found = {}
    for name, trusted in (("honest", ~liar), ("liars", liar)):
        weight = np.where(trusted, 1.0, 0.0).astype(np.float32)
        fitted = model.fit(model.Data({**table, "weight": weight}, premises()), FEATURES, 60, 5)
        assert fitted is not None
        with torch.no_grad():
            batch = model.Data(toy(300, 2), premises()).batch(np.arange(300))
            found[name] = float((fitted.model(batch).argmax(dim=1) == 0).float().mean())
    assert found["honest"] > 0.8
    assert found["liars"] < 0.3


def test_losses_that_cannot_stand_together() -> None:
    assert chosen_losses([], False) == LEARNT
    assert chosen_losses(LOSSES[::-1], True) == LOSSES
    for names, found, words in [
        (["success", "imitation"], False, "'metadream learn --on train'"),
        (["success", "trace"], True, "name that, too"),
        (["consistency"], True, "which opcode is right"),
    ]:
        with pytest.raises(InputError, match=words):
            chosen_losses(names, found)


BLOCKS = """
${ aa.1 $e |- ph $. aa.2 $e |- ( ph -> ps ) $. aa.3 $e |- ( ps -> -. ch ) $. aa $p |- ( th -> -. ch ) $= ? $. $}
${ bb.1 $e |- ( ch -> -. ps ) $. bb.2 $e |- th $. bb.3 $e |- ( th -> ch ) $. bb $p |- ( ph -> -. ps ) $= ? $. $}
"""


def test_permuted_hypotheses_and_renamed_variables_are_the_same_state(tmp_path: Path) -> None:
    """So the model's answers are equal, bit for bit, and no loss has to teach it."""
    path = tmp_path / "twice.mm"
    path.write_text(resolve_database(STARTER).read_text() + BLOCKS)
    core = load_core()
    theory = load_theory(core, path)
    ranker = core.Ranker(0)
    ranker.fit(theory, [], [], 0)
    one = core.search(theory, ranker, "aa", 2_000)["proof"]
    assert one is not None
    names = {"aa.1": "bb.2", "aa.2": "bb.3", "aa.3": "bb.1"}
    steps = [[names.get(label, label), children] for label, children in json.loads(one)["steps"]]
    other = json.dumps({"task": "bb", "steps": steps})
    assert theory.run(other)["accepted"]
    tables = [ranker.examples(theory, [proof], [], 8, 100, 0) for proof in (one, other)]
    for column in ("features", "offsets"):
        assert tables[0][column].tolist() == tables[1][column].tolist()
    assert len(tables[0]["offsets"]) > 2


def test_the_model_in_the_cache_belongs_to_its_losses(small_database: Path, metadream: Metadream) -> None:
    plain = train(str(small_database)).data
    assert train(str(small_database), losses=["imitation"]).data["path"] == plain["path"]
    other = train(str(small_database), losses=["imitation", "trace"]).data
    assert other["losses"] == ["imitation", "trace"]
    assert other["path"] != plain["path"]
    done = metadream("train", "--database", small_database, "--loss", "success", "--loss", "imitation")
    assert (done.returncode, done.stdout) == (2, "")
    assert "metadream learn --on train" in done.stderr


def test_success_reward_in_a_run(tmp_path: Path) -> None:
    digests = []
    for chosen in ([], ["imitation", "success"]):
        folder = tmp_path / f"run{len(chosen)}"
        learn(
            "starter", folder, 1, 3, tasks=150, expansions=200, workers=1, losses=chosen, without=frozenset({"library"})
        )
        arrays, _ = model_file.load_model(folder / "model.safetensors")
        assert any(name.startswith("network.") for name in arrays)
        digests.append(model_file.digest(arrays))
    assert digests[0] != digests[1]

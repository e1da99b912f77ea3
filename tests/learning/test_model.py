"""The recognition model: it learns, it is deterministic, and what it hands to Rust is what it computes."""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from metadream import _core
from metadream.metamath_db.core import Table, load_theory
from metadream.metamath_db.data import STARTER, resolve_database
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.model import file as model_file
from metadream.wake_sleep.model import network as model
from metadream.wake_sleep.search.options import search_options

PREMISES, FEATURES, K = 30, 128, 12


def toy(rows: int, seed: int, tasks: int = 60) -> Table:
    """States name their right premise by a feature, hidden in noise; the first stage knows nothing."""
    random = np.random.default_rng(seed)
    right = random.integers(0, PREMISES, rows)
    others = np.stack([random.permutation(np.delete(np.arange(PREMISES), r))[: K - 1] for r in right])
    candidates = np.concatenate([right[:, None], others], axis=1).astype(np.uint32)
    scores = random.normal(size=(rows, K)).astype(np.float32)
    candidates[:, 9:][random.random((rows, 3)) < 0.3] = model.NO_CANDIDATE
    lengths = random.integers(1, 5, rows)
    features = [[r, *random.integers(64, FEATURES, n)] for r, n in zip(right, lengths, strict=True)]
    return {
        "features": np.concatenate(features).astype(np.uint32),
        "offsets": np.concatenate([[0], np.cumsum(lengths + 1)]).astype(np.int64),
        "candidates": candidates,
        "scores": scores,
        "task": random.integers(0, tasks, rows).astype(np.uint32),
        "uses": np.zeros((rows, K), dtype=np.float32),
    }


def premises(count: int = PREMISES) -> Table:
    return {
        "features": (np.arange(count) % 64).astype(np.uint32),
        "offsets": np.arange(count + 1, dtype=np.int64),
        "uses": np.linspace(-1, 1, count).astype(np.float32),
    }


@pytest.fixture(scope="module")
def trained() -> model.Trained:
    made = model.fit(model.Data(toy(3_000, 1), premises()), FEATURES, 60, seed=5)
    assert made is not None
    return made


def numpy_logits(arrays: dict[str, npt.NDArray[np.float32]], data: Table, row: int) -> npt.NDArray[np.float32]:
    """The formula that the Rust core evaluates."""
    start, end = data["offsets"][row : row + 2]
    f = data["features"][start:end]
    x = arrays["embedding"][f].sum(axis=0) / np.sqrt(len(f))
    h = np.maximum(arrays["w1"] @ x + arrays["b1"], 0)
    e = x + arrays["w2"] @ h + arrays["b2"]
    c = data["candidates"][row]
    c = c[c != model.NO_CANDIDATE]
    first = data["scores"][row][: len(data["candidates"][row])][data["candidates"][row] != model.NO_CANDIDATE]
    first_weight, temperature = arrays["scale"]
    return (first_weight * first + arrays["premises"][c] @ e + arrays["bias"][c]) / temperature


def test_it_learns_and_is_calibrated(trained: model.Trained) -> None:
    report = trained.report
    assert report.used
    assert report.nll < 0.5 < 2 < report.nll_first
    assert report.nll <= report.nll_before + 1e-9


def test_export_computes_what_torch_does(trained: model.Trained) -> None:
    table, known = toy(50, 9), premises()
    table["uses"] = known["uses"][np.where(table["candidates"] == model.NO_CANDIDATE, 0, table["candidates"])]
    arrays = model.exported(trained, known)
    assert arrays["embedding"].shape[0] == FEATURES
    assert all(value.dtype == np.float32 for value in arrays.values())
    with torch.no_grad():
        logits = trained.model(model.Data(table, known).batch(np.arange(50))).numpy()
    for row in range(50):
        mine = logits[row][np.isfinite(logits[row])] / trained.scale[1]
        assert np.allclose(mine, numpy_logits(arrays, table, row), atol=1e-4)


def test_same_seed_same_bits(trained: model.Trained) -> None:
    torch.manual_seed(99)  # what others do with torch's generator is no matter
    before = torch.random.get_rng_state()
    again = model.fit(model.Data(toy(3_000, 1), premises()), FEATURES, 60, seed=5)
    other = model.fit(model.Data(toy(3_000, 1), premises()), FEATURES, 60, seed=6)
    assert again is not None
    assert other is not None
    digest = model_file.digest(model.to_arrays(trained))
    assert model_file.digest(model.to_arrays(again)) == digest != model_file.digest(model.to_arrays(other))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert not torch.are_deterministic_algorithms_enabled()


def test_a_new_composite_is_ranked_by_its_statement(trained: model.Trained) -> None:
    arrays = model.exported(trained, premises(70))  # composite 64 states what premise 0 states
    assert arrays["premises"].shape == (70, 64)
    assert np.allclose(arrays["premises"][64], arrays["premises"][0], atol=1e-6)


def test_noise_leaves_the_calibrated_first_stage() -> None:
    table = toy(600, 3)
    table["features"] = np.random.default_rng(0).integers(64, FEATURES, len(table["features"])).astype(np.uint32)
    table["scores"][:, 0] += 2
    made = model.fit(model.Data(table, premises()), FEATURES, 60, seed=5)
    assert made is not None
    arrays = model.exported(made, premises())
    if not made.used:
        assert not arrays["premises"].any()
        assert arrays["scale"][0] == 1
    assert made.report.nll <= made.report.nll_first


def test_too_little_is_no_model() -> None:
    assert model.fit(model.Data(toy(20, 1), premises()), FEATURES, 60, seed=5) is None
    assert model.fit(model.Data(toy(500, 1, tasks=5), premises()), FEATURES, 60, seed=5) is None
    dreams_only = model.Data(toy(500, 1), premises())
    assert model.fit(dreams_only, FEATURES, 3, seed=5) is None


def test_held_out_are_whole_real_tasks() -> None:
    tasks = np.repeat(np.arange(100), 5).astype(np.uint32)
    held = model.hold_out(tasks, 80, 0.1, seed=1)
    assert held.reshape(100, 5).all(axis=1).sum() == 8 == held.sum() / 5
    assert not held[tasks >= 80].any()


def test_calibration_finds_the_temperature() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(size=(20_000, 8)) * 2
    drawn = (logits + random.gumbel(size=logits.shape)).argmax(axis=1)
    logits[np.arange(len(drawn)), drawn], logits[:, 0] = logits[:, 0], logits[np.arange(len(drawn)), drawn].copy()
    assert abs(model.calibrate(logits * 3) - 3) < 0.15


def test_file_round_trip_and_damage(trained: model.Trained, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    arrays = model.to_arrays(trained)
    digest = model_file.save_model(path, arrays, {"key": "k"})
    loaded, about = model_file.load_model(path)
    assert about == {"key": "k", "schema": model_file.SCHEMA, "sha256": digest}
    restored = model.exported(model.from_arrays(loaded), premises())
    assert all(np.array_equal(restored[name], value) for name, value in model.exported(trained, premises()).items())
    good = path.read_bytes()
    for at in (0, 9, len(good) // 2, len(good) - 1):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        with pytest.raises(InputError, match="expected a model of schema"):
            model_file.load_model(path)
    path.write_bytes(good[:1000])
    with pytest.raises(InputError, match="damaged"):
        model_file.load_model(path)
    with pytest.raises(InputError, match="this is missing"):
        model_file.load_model(tmp_path / "none")


BLOCKS = """
${ aa.1 $e |- ph $. aa.2 $e |- ( ph -> ps ) $. aa.3 $e |- ( ps -> -. ch ) $. aa $p |- ( th -> -. ch ) $= ? $. $}
${ bb.1 $e |- ( ch -> -. ps ) $. bb.2 $e |- th $. bb.3 $e |- ( th -> ch ) $. bb $p |- ( ph -> -. ps ) $= ? $. $}
"""


def test_permuted_hypotheses_and_renamed_variables_are_the_same_state(tmp_path: Path) -> None:
    """So the model's answers are equal, bit for bit."""
    path = tmp_path / "twice.mm"
    path.write_text(resolve_database(STARTER).read_text() + BLOCKS)
    theory = load_theory(path)
    ranker = _core.Ranker(0)
    ranker.fit(theory, [], [], 0)
    one = _core.search(theory, ranker, "aa", search_options(2_000))["proof"]
    assert one is not None
    names = {"aa.1": "bb.2", "aa.2": "bb.3", "aa.3": "bb.1"}
    steps = [[names.get(label, label), children] for label, children in json.loads(one)["steps"]]
    other = json.dumps({"task": "bb", "steps": steps})
    assert theory.run(other)["accepted"]
    tables = [ranker.examples(theory, [proof], [], 8, 100, 0) for proof in (one, other)]
    for column in ("features", "offsets"):
        assert tables[0][column].tolist() == tables[1][column].tolist()
    assert len(tables[0]["offsets"]) > 2

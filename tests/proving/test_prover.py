"""The prover's model: trained once, kept in the cache, never shown what it must not see."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from conftest import Metadream

from metadream import _core
from metadream.metamath_db.core import load_theory
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.tasks import new2, proved
from metadream.wake_sleep.model import cache as model_cache
from metadream.wake_sleep.model import file as model_file
from metadream.wake_sleep.model.prover import load_prover, train
from metadream.wake_sleep.model.recipe import recipe_for
from metadream.wake_sleep.search.options import search_options

HOLD = "import fcntl, sys; f = open(sys.argv[1], 'a'); fcntl.flock(f, fcntl.LOCK_EX); print(1, flush=True); input()"


def models(cache: Path) -> list[Path]:
    return sorted((cache.parent / "models").glob("*.safetensors"))


def test_trained_once_and_found_again(small_database: Path, cache: Path) -> None:
    first = train(str(small_database)).data
    (path,) = models(cache)
    assert (first["path"], first["trained"], first["model"]) == (path, True, model_file.load_model(path)[1]["sha256"])
    stamp = path.stat().st_mtime_ns
    again = train(str(small_database))
    assert path.stat().st_mtime_ns == stamp
    assert again.data == {**first, "trained": False}
    assert "nothing was trained" in again.text()
    assert train(str(small_database), seed=1).data["path"] != path


def test_the_same_recipe_gives_the_same_model(small_database: Path, cache: Path) -> None:
    one = train(str(small_database)).data
    models(cache)[0].unlink()
    two = train(str(small_database)).data
    assert one["model"] == two["model"]
    timeless = [{k: v for k, v in x["first"].items() if k != "seconds"} for x in (one, two)]
    assert timeless[0] == timeless[1]


def test_valid_and_test_proofs_are_not_seen(small_database: Path, tmp_path: Path) -> None:
    theory = load_theory(small_database)
    split = new2(theory.theorems())
    found = load_prover(str(small_database))
    assert found.seen == set(proved(theory, split.train))
    assert found.path is not None
    # leaving out another list is another model, which has seen what is not on the list
    some = proved(theory, split.train)[:3]
    other = load_prover(str(small_database), excluded=some)
    assert other.seen == set(proved(theory, theory.theorems())) - set(some)
    assert other.model_sha256 != found.model_sha256
    listed = tmp_path / "labels"
    listed.write_text("\n".join([some[2], "", some[0], some[1], some[0]]) + "\n")
    assert train(str(small_database), listed).data["path"] == other.path
    # a file brings its own list
    again = load_prover(str(small_database), model=other.path)
    assert (again.seen, again.model_sha256) == (other.seen, other.model_sha256)


def test_a_loaded_model_searches_as_the_trained_one(small_database: Path) -> None:
    task = new2(load_theory(small_database).theorems()).valid[0]
    found = [load_prover(str(small_database)) for _ in range(2)]
    results = [_core.search(p.theory, p.ranker, task, search_options(200, moves="unify", closers=False)) for p in found]
    assert len({(r["reason"], r["proof"], r["applications"]) for r in results}) == 1
    assert results[0]["applications"] > 0


def test_no_proofs_is_one_line_and_a_ranker_all_the_same(cache: Path) -> None:
    outcome = train("starter")
    assert "no human proofs" in outcome.text()
    assert (outcome.data["path"], outcome.status, models(cache)) == (None, 0, [])
    found = load_prover("starter")
    assert (found.model_sha256, found.seen) == (None, frozenset())
    assert _core.search(found.theory, found.ranker, "a1i", search_options(200))["solved"]


def test_bad_lists_and_models_are_one_line(small_database: Path, tmp_path: Path, metadream: Metadream) -> None:
    listed = tmp_path / "labels"
    listed.write_text("a1i\n\nno-such\n")
    said = metadream("train", "--database", small_database, "--exclude-proofs", listed)
    assert (said.returncode, said.stdout) == (2, "")
    assert f"{listed}:3: 'no-such' is no theorem" in said.stderr
    path = load_prover(str(small_database)).path
    assert path is not None
    other = tmp_path / "other.mm"
    other.write_text(
        "$c |- wff a b $. $v p $. wp $f wff p $. wa $a wff a p $. ab $a |- a p $. ba $p |- a a p $= wp wa ab $."
    )
    with pytest.raises(InputError, match="knows 0 % of what"):
        load_prover(str(other), model=path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-100] + bytes(100))
    with pytest.raises(InputError, match="does not match its hash"):
        train(str(small_database))
    path.write_bytes(whole[:1000])
    with pytest.raises(InputError, match="damaged"):
        load_prover(str(small_database))
    model_file.save_model(path, {}, {"kind": "another"})
    with pytest.raises(InputError, match="metadream train"):
        load_prover(str(small_database), model=path)


def test_one_process_trains_and_others_wait(
    small_database: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(model_cache, "LOCK_LOOKS_S", 0.01)
    recipe = recipe_for(load_theory(small_database), None, 0)
    lock = recipe.path().with_suffix(".lock")
    lock.parent.mkdir(parents=True)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            HOLD,
            lock,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    answers: list[str] = []
    waiter = threading.Thread(target=lambda: answers.append(json.dumps(train(str(small_database)).data["trained"])))
    waiter.start()
    waiter.join(0.5)
    assert waiter.is_alive()
    assert not models(cache)
    holder.kill()  # a killed process leaves no lock behind
    holder.wait()
    waiter.join(60)
    assert answers == ["true"]
    assert "another process trains this model" in capfd.readouterr().err


def older(path: Path, about: dict[str, str], **changed: str) -> Path:
    """A model as another version would have left it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    model_file.save_model(path, {}, {**about, **changed})
    return path


def test_models_that_cannot_be_loaded_any_more_are_deleted(
    small_database: Path, cache: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    recipe = recipe_for(load_theory(small_database), None, 0)
    mine = recipe.about()
    folder = cache.parent / "models"
    gone = [
        older(folder / "1.safetensors", mine, recipe="0"),
        older(folder / "2.safetensors", mine, features_sha256="x"),
    ]
    kept = [
        older(folder / "3.safetensors", mine),  # of this version, another seed
        older(folder / "4.safetensors", mine, recipe="0", statements_sha256="x"),
        older(folder / "5.safetensors", mine, recipe="0", kind="another"),
        older(folder / "6.safetensors", mine, recipe="0"),  # in training
        older(folder / "7.safetensors", mine, recipe="0"),  # being read
    ]
    (folder / "8.safetensors").write_bytes(b"no model")
    holders = [
        subprocess.Popen([sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for path in (folder / "6.lock", folder / "7.safetensors")
    ]
    for holder in holders:
        assert holder.stdout is not None
        holder.stdout.readline()
    trained = train(str(small_database)).data["path"]
    for holder in holders:
        holder.kill()
        holder.communicate()
    assert not any(path.exists() for path in gone)
    assert models(cache) == sorted([trained, *kept, folder / "8.safetensors"])
    assert "deleted 2 models" in capfd.readouterr().err

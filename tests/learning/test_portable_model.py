"""A model fits other versions of its database: it knows statements by what they say."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from metadream import _core
from metadream.metamath_db.core import load_theory
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.tasks import new2
from metadream.wake_sleep.model import cache as model_cache
from metadream.wake_sleep.model import file as model_file
from metadream.wake_sleep.model import prover
from metadream.wake_sleep.model.prover import load_prover, open_source, train
from metadream.wake_sleep.prove.prove import prove
from metadream.wake_sleep.search.options import command_options, search_options

KEPT = ("reason", "expansions", "applications", "clusters", "proof", "frontier")


def without_a_theorem(text: str) -> str:
    """The last `$p` with a proof left out, which nothing uses."""
    last = list(re.finditer(r"^ *(\S+) \$p .*?\$\.", text, re.MULTILINE | re.DOTALL))[-1]
    return text[: last.start()] + text[last.end() :]


EDITS: dict[str, tuple[Callable[[str], str], bool]] = {  # and whether all statements are known afterwards
    "another comment": (lambda text: "$( A new date: 30-Nov-2026. $)\n" + text, True),
    "a label": (lambda text: re.sub(r"(?<!\S)syl(?!\S)", "sylother", text), True),
    "a theorem more": (lambda text: text + "\nmore $p |- ( ( ph -> ph ) -> ( ps -> ps ) ) $= ? $.\n", False),
    "a theorem less": (without_a_theorem, True),
    "a statement in front": (lambda text: text.replace("ax-mp $a", "ax-front $a |- ph $.  ax-mp $a", 1), False),
}


def trained(small_database: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model in the cache, none is trained from now on."""
    path = Path(train(str(small_database)).data["path"])
    monkeypatch.setattr(prover, "_make", lambda *given: pytest.fail("a model was trained"))
    return path


@pytest.mark.parametrize("name", EDITS)
def test_a_changed_database_keeps_its_model(
    name: str, small_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = trained(small_database, monkeypatch)
    edit, whole = EDITS[name]
    changed = tmp_path / "changed.mm"
    changed.write_text(edit(small_database.read_text()))
    for model in (None, path):
        source = open_source(str(changed), model)
        assert source.knows is not None and (source.knows == 1) == whole and source.knows > 0.95
    here = open_source(str(small_database))
    known = set(source.theory.theorems())
    renamed = {"syl": "sylother"} if name == "a label" else {}
    assert source.seen == {renamed.get(label, label) for label in here.seen if renamed.get(label, label) in known}
    said = prove("|- ( ph -> ph )", str(changed), options=command_options(20))
    assert (said.data["model_knows"] == 1) == whole == ("the model knows" not in said.text())


@pytest.mark.parametrize("name", ["another comment", "a label"])
def test_the_same_search_with_other_names(
    name: str, small_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained(small_database, monkeypatch)
    changed = tmp_path / "changed.mm"
    changed.write_text(EDITS[name][0](small_database.read_text()))
    task = next(label for label in new2(load_theory(small_database).theorems()).valid if label != "syl")
    sources = [open_source(str(path)) for path in (small_database, changed)]
    found = [_core.search(s.theory, s.ranker, task, search_options(300, closers=False, frontier=True)) for s in sources]
    mine, other = ([str(x[key]).replace("sylother", "syl") for key in KEPT] for x in found)
    assert mine == other


def test_a_fitted_model_is_the_trained_one(small_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What training leaves in memory searches as what its file gives."""
    made = {}

    def kept(path: Path, arrays: model_file.Arrays, about: dict[str, str]) -> str:
        made.update({name: value.copy() for name, value in arrays.items()})
        return model_file_save(path, arrays, about)

    model_file_save = model_file.save_model
    monkeypatch.setattr(model_file, "save_model", kept)
    train(str(small_database))
    tasks = new2(load_theory(small_database).theorems()).valid[:4]
    loaded = load_prover(str(small_database))
    theory = load_theory(small_database)
    warm = _core.Ranker.fitted(theory, made)[0]
    for task in tasks:
        one = _core.search(loaded.theory, loaded.ranker, task, search_options(300, frontier=True))
        two = _core.search(theory, warm, task, search_options(300, frontier=True))
        assert [one[key] for key in KEPT] == [two[key] for key in KEPT]


def test_bench_and_train_want_the_model_of_these_very_statements(
    small_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another list of theorems has other valid and test parts, of which no proof may be seen."""
    path = trained(small_database, monkeypatch)
    same, other = tmp_path / "same.mm", tmp_path / "other.mm"
    same.write_text(EDITS["a label"][0](small_database.read_text()))
    assert load_prover(str(same)).path == path
    assert not train(str(same)).data["trained"]
    other.write_text(EDITS["a theorem less"][0](small_database.read_text()))
    wanted = []
    monkeypatch.setattr(prover, "_make", lambda base, recipe, path: wanted.append(set(recipe.excluded)))
    with pytest.raises((InputError, FileNotFoundError)):
        load_prover(str(other))
    split = new2(load_theory(other).theorems())
    assert wanted == [{*split.valid, *split.test}]


def test_what_a_model_file_says_is_compared(small_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = trained(small_database, monkeypatch)
    arrays, about = model_file.load_model(path)
    name = str(small_database)
    for broken in (
        {"features_sha256": "0"},
        {"recipe": "4"},
        {"critic": "true"},
        {"losses": '["trace"]'},
    ):
        model_file.save_model(path, arrays, {**about, **broken})
        with pytest.raises(InputError, match="metadream train"):
            _ = open_source(name, path).ranker
    for key in ("alike.items", "statements.keys", "first.premises.steps", "analogues.theorems"):
        model_file.save_model(path, {**arrays, key: arrays[key][:-1]}, about)
        with pytest.raises(InputError, match="metadream train"):
            _ = open_source(name, path).ranker
    model_file.save_model(path, {**arrays, "alike.items": arrays["alike.items"] + 10**6}, about)
    with pytest.raises(InputError, match="metadream train"):
        _ = open_source(name, path).ranker
    assert model_cache.reading(path)

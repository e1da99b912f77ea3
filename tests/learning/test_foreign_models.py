"""Whatever stands in the place of a model, ``prove --model`` answers with one line and status 2."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from metadream import _core
from metadream.cli import main
from metadream.metamath_db.core import load_theory
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.model import file as model_file
from metadream.wake_sleep.model.prover import load_prover, train
from metadream.wake_sleep.model.recipe import figures_of
from metadream.wake_sleep.search.options import search_options


@pytest.fixture(scope="module")
def model(small_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model of the small database."""
    folder = tmp_path_factory.mktemp("model")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        made = Path(train(str(small_database)).data["path"])
        shutil.copyfile(made, folder / "good.safetensors")
    return folder / "good.safetensors"


def header(text: bytes, length: int | None = None, data: bytes = b"") -> bytes:
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def remarks(text: str) -> bytes:
    return save({"a": np.zeros(3, np.float32)}, metadata={model_file.ABOUT: text})


def place(**changed: object) -> bytes:
    entry = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changed}
    return header(json.dumps({"a": entry}).encode(), data=bytes(8))


JUNK: dict[str, bytes] = {
    "empty": b"",
    "seven bytes": b"\x01" * 7,
    "text": b"root:x:0:0:root:/root:/bin/bash\n" * 30,
    "no UTF-8": bytes(range(256)) * 9,
    "huge header": header(b"{}", 2**63),
    "longest header": header(b"{}", 2**64 - 1),
    "header beyond the end": header(b"{}", 1000),
    "nested header": header(b'{"a":' + b"[" * 100_000),
    "a list": header(b"[1, 2]"),
    "another kind": save({"a": np.zeros(3, np.float32)}),
    "nested remarks": remarks("[" * 100_000),
    "remarks of digits": remarks("9" * 10_000),
    "a list of remarks": remarks("[]"),
    "remarks of other types": remarks(json.dumps({"schema": model_file.SCHEMA, "kind": ["prover"]})),
    "another schema": remarks(json.dumps({"schema": "metadream-model-0"})),
    "only a schema": remarks(json.dumps({"schema": model_file.SCHEMA})),
    "wrong place": place(data_offsets=[4, 8]),
    "place out of range": place(data_offsets=[0, 2**60]),
    "place backwards": place(data_offsets=[8, 0]),
    "negative place": place(data_offsets=[-8, 0]),
    "place of text": place(data_offsets="all"),
    "huge shape": place(shape=[2**40, 2**40]),
    "negative shape": place(shape=[-2]),
    "another type": place(dtype="Q7"),
    "type unknown to us": place(dtype="F64", shape=[1]),
}


def refused(path: Path, database: Path, capfd: pytest.CaptureFixture[str]) -> str:
    """The line that `prove` ends with."""
    assert main(["prove", "syl", "-d", str(database), "--model", str(path), "--expansions", "5"]) == 2
    lines = [line for line in capfd.readouterr().err.splitlines() if not line.startswith("note")]
    assert len(lines) == 1 and str(path) in lines[0] and "delete it" not in lines[0], lines
    return lines[0]


def test_junk_is_no_model(tmp_path: Path, small_database: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "m.safetensors"
    for what, data in JUNK.items():
        path.write_bytes(data)
        assert "expected a model" in refused(path, small_database, capfd), what


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to(path), lambda path: None])
def test_what_is_no_file_is_no_model(
    make: Callable[[Path], None], tmp_path: Path, small_database: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "m.safetensors"
    make(path)
    refused(path, small_database, capfd)
    with pytest.raises(InputError, match="expected a model"):
        load_prover(str(small_database), model=path)


def test_remarks_and_arrays_that_do_not_fit(
    model: Path, tmp_path: Path, small_database: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The hash is made anew each time, so that nothing but the content is wrong."""
    path = tmp_path / "m.safetensors"
    arrays, about = model_file.load_model(model)
    theory = load_theory(small_database)
    for key in ("kind", "recipe", "features_sha256"):
        for changed in ({}, {key: ""}, {key: "[" * 100_000}, {key: '{"entries": 7}'}, {key: "\ud800"}):
            model_file.save_model(path, arrays, {**{k: v for k, v in about.items() if k != key}, **changed})
            with pytest.raises(InputError, match="expected a model"):
                load_prover(str(small_database), model=path)
    assert theory.known_share(arrays["statements.keys"]) == 1
    for name, array in arrays.items():
        forms = {
            "missing": None,
            "empty": array[:0],
            "longer": np.concatenate([array, array[-1:]]),
            "another type": array.astype(np.float32 if array.dtype != np.float32 else np.uint32),
            "no number": np.full_like(array, np.nan) if array.dtype == np.float32 else None,
            "out of range": np.full_like(array, 2**32 - 1) if array.dtype == np.uint32 else None,
        }
        for what, form in forms.items():
            rest = {k: v for k, v in arrays.items() if k != name}
            model_file.save_model(path, rest if form is None else {**rest, name: form}, about)
            try:
                prover = load_prover(str(small_database), model=path)
                _core.search(
                    prover.theory, prover.ranker, "syl", search_options(5)
                )  # it may fit all the same, but nothing panics
            except InputError as problem:
                assert str(problem.file) == str(path), (name, what)
    path.write_bytes(model.read_bytes()[:-1])
    refused(path, small_database, capfd)


def test_figures_are_looked_at(tmp_path: Path) -> None:
    for text in ("", "{}", "7", "[" * 100_000, '{"proofs": 1, "first": {}, "held_out": null, "seconds": "long"}'):
        with pytest.raises(InputError, match="figures"):
            figures_of({"figures": text}, tmp_path / "m")
    with pytest.raises(InputError, match="figures"):
        figures_of({}, tmp_path / "m")

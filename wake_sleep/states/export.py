"""``metadream data export states``: the states and moves of human proofs as files, with a card and a manifest.

A human proof is translated as for training (docs/inference.md); each node of the content proof is a row. The folder is
written aside and renamed, so it is there as a whole or not at all. Its bytes depend on the database, the options and
the versions of Metadream and pyarrow, and on no number of threads.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import metadream
from metadream._core import ProofStates, Ranker, Theory
from metadream.metamath_db.core import load_theory, patiently, threads_or
from metadream.metamath_db.data import resolve_database
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import check_place, publish, sync
from metadream.metamath_db.tasks import PARTS, make_split, proved
from metadream.metamath_db.terminal import console
from metadream.metamath_db.terminal.console import table, to_json
from metadream.metamath_db.terminal.foreign_text import plain
from metadream.metamath_db.terminal.result import Result
from metadream.wake_sleep.states.card import card
from metadream.wake_sleep.states.rows import PartFiles, rows_of

FORMATS = {"parquet": ("parquet",), "jsonl": ("jsonl",), "both": ("parquet", "jsonl")}
CHUNK = 256  # theorems that the core is asked for at once
BLOCK = 1 << 20  # bytes that are hashed at once


@dataclass(frozen=True, repr=False, eq=False)
class Exported(Result):
    """A data set of proof states that was written."""

    @property
    def folder(self) -> Path:
        """Where it is."""
        folder: Path = self.data["output"]
        return folder

    @property
    def parts(self) -> dict[str, dict[str, int]]:
        """By part of the split, what was counted: theorems, rows, decisions, ... (docs/formats.md)."""
        return dict(self.data["parts"])

    @property
    def rows(self) -> int:
        """The rows of all parts."""
        return sum(part["rows"] for part in self.parts.values())


def export(
    database: str,
    output: Path,
    split: str = "new2",
    limit: int | None = None,
    file_format: str = "parquet",
    threads: int | None = None,
    nats: bool = False,
    model: Path | None = None,
) -> Exported:
    """Write the states of all proofs of a database to the new folder `output`: a file a part and format, README.md and
    manifest.json. `limit`: only the first theorems of each part. `nats`: fill `nats_to_go` by the model that
    `load_prover` finds or trains for the database; `model`: by that of a file. Raises `InputError`.

    The answer: `database`, `database_sha256`, `split`, `limit`, `format`, `model` (its SHA-256; null: none was asked),
    `parts` (by name: `theorems`, those `without_proof`, `translated`, `not_translated`, `rows`, `decisions`,
    `with_nats`: rows whose `nats_to_go` is no null), `files` (by name: `bytes`, `sha256`), `output`.
    """
    if file_format not in FORMATS:
        raise InputError(f"no format '{file_format}'; expected one of {', '.join(FORMATS)}")
    place = _new_folder(output)
    path = resolve_database(database)
    if nats or model is not None:
        theory, ranker, model_sha256 = _prover(database, model)
    else:
        theory, ranker, model_sha256 = load_theory(path, judged=True), None, None
    labels = {part: make_split(theory, split).part(part)[:limit] for part in PARTS}
    with console.stage("reading what the theorems can do"):
        states = patiently(lambda: ProofStates(theory))
    place.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}-"))
    try:
        aside.chmod(0o755)
        asked = Asked(states, threads_or(threads), ranker)
        parts, missing = _write_parts(aside, theory, asked, labels, FORMATS[file_format])
        about = {
            "schema": "metadream.states",
            "version": 2,
            "metadream": metadream.__version__,
            "database": path.name,
            "database_sha256": hashlib.sha256(theory.text()).hexdigest(),
            "split": split,
            "limit": limit,
            "format": file_format,
            "model": model_sha256,
            "parts": parts,
        }
        publish(aside / "README.md", card(about))
        files = {path.name: _described(path) for path in sorted(aside.iterdir())}
        manifest = {**about, "not_translated": missing, "files": files}
        publish(aside / "manifest.json", to_json(manifest) + "\n")
        aside.rename(place)
        sync(place.parent)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    told = {key: value for key, value in about.items() if key not in ("schema", "version", "metadream")}
    return Exported({**told, "database": database, "files": files, "output": output}, _shown(database, parts, output))


def _prover(database: str, model: Path | None) -> tuple[Theory, Ranker | None, str | None]:
    """The database as a model knows it, the ranker, and the model's hash. Raises `InputError`."""
    from metadream.wake_sleep.model.prover import load_prover

    prover = load_prover(database, model)
    if prover.model_sha256 is None:
        raise InputError(f"{database} has no human proofs, so there is no model to ask; leave --nats out")
    return prover.theory, prover.ranker, prover.model_sha256


@dataclass(frozen=True)
class Asked:
    """What says the rows of theorems: their states, on so many threads, and the ranker of a model, if one is asked."""

    states: ProofStates
    threads: int
    ranker: Ranker | None

    def theorems(self, labels: list[str]) -> list[dict[str, Any]]:
        """As `ProofStates.rows`. Ctrl-C is heard."""
        return patiently(lambda: self.states.rows(labels, self.threads, self.ranker))


def _new_folder(output: Path) -> Path:
    """Where the folder will be. Raises `InputError` if something is there."""
    check_place(output, folder=True)
    place = output.resolve()
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise InputError("this is there already and is no empty folder; name a new one", output)
    return place


def _write_parts(
    folder: Path,
    theory: Theory,
    asked: Asked,
    labels: Mapping[str, Sequence[str]],
    formats: Sequence[str],
) -> tuple[dict[str, dict[str, int]], dict[str, list[str]]]:
    """Write the files of all parts; what was counted, and the labels of proofs that were not translated, by part."""
    told = {part: proved(theory, list(labels[part])) for part in PARTS}
    counts: dict[str, dict[str, int]] = {}
    missing: dict[str, list[str]] = {}
    with console.progress("proofs", sum(map(len, told.values()))) as update:
        done = 0
        for part in PARTS:
            count = {"theorems": len(labels[part]), "without_proof": len(labels[part]) - len(told[part])}
            count |= dict.fromkeys(("translated", "not_translated", "rows", "decisions", "with_nats"), 0)
            counts[part], missing[part] = count, []
            with PartFiles(folder, part, formats) as files:
                for first in range(0, len(told[part]), CHUNK):
                    chunk = told[part][first : first + CHUNK]
                    for theorem in asked.theorems(chunk):
                        rows = list(rows_of(theorem, part))
                        files.write(rows)
                        count["translated" if rows else "not_translated"] += 1
                        count["rows"] += len(rows)
                        count["decisions"] += sum(row["decision"] for row in rows)
                        count["with_nats"] += sum(row["nats_to_go"] is not None for row in rows)
                        if not rows:
                            missing[part].append(theorem["label"])
                    done += len(chunk)
                    update(done, f"{count['rows']} rows of {part}")
    return counts, missing


def _described(path: Path) -> dict[str, Any]:
    """Size and hash of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return {"bytes": path.stat().st_size, "sha256": digest.hexdigest()}


def _shown(database: str, parts: Mapping[str, Mapping[str, int]], output: Path) -> Any:
    columns = ("part", "theorems", "without proof", "translated", "not translated", "rows", "decisions", "with nats")
    rows = [(part, *count.values()) for part, count in parts.items()]
    return table(f"proof states of {plain(database)} in {plain(str(output))}", columns, rows)

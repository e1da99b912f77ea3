"""``metadream data export states``: the states and moves of human proofs as files, with a card and a manifest.

A human proof is translated as for training (docs/inference.md); each node of the content proof is a row. The folder is
written aside and renamed, so it is there as a whole or not at all. Its bytes depend on the database, the options and
the versions of Metadream and pyarrow, and on no number of threads.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import metadream
from metadream._core import ProofStates, Theory
from metadream.metamath_db.core import load_theory, patiently, threads_or
from metadream.metamath_db.data import resolve_database
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import check_place, publish, sync
from metadream.metamath_db.tasks import PARTS, make_split, proved
from metadream.metamath_db.terminal import console
from metadream.metamath_db.terminal.console import Outcome, table, to_json
from metadream.metamath_db.terminal.foreign_text import plain
from metadream.wake_sleep.states.card import card
from metadream.wake_sleep.states.rows import PartFiles, rows_of

FORMATS = {"parquet": ("parquet",), "jsonl": ("jsonl",), "both": ("parquet", "jsonl")}
CHUNK = 256  # theorems that the core is asked for at once
BLOCK = 1 << 20  # bytes that are hashed at once


def export(
    database: str,
    output: Path,
    split: str = "new2",
    limit: int | None = None,
    file_format: str = "parquet",
    threads: int | None = None,
) -> Outcome:
    """Write the states of all proofs of a database to the new folder `output`: a file a part and format, README.md and
    manifest.json. `limit`: only the first theorems of each part. Raises `InputError`.

    The answer: `database`, `database_sha256`, `split`, `limit`, `format`, `parts` (by name: `theorems`, those
    `without_proof`, `translated`, `not_translated`, `rows`, `decisions`), `files` (by name: `bytes`, `sha256`),
    `output`.
    """
    if file_format not in FORMATS:
        raise InputError(f"no format '{file_format}'; expected one of {', '.join(FORMATS)}")
    place = _new_folder(output)
    path = resolve_database(database)
    theory = load_theory(path, judged=True)
    labels = {part: make_split(theory, split).part(part)[:limit] for part in PARTS}
    with console.stage("reading what the theorems can do"):
        states = patiently(lambda: ProofStates(theory))
    place.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}-"))
    try:
        aside.chmod(0o755)
        parts, missing = _write_parts(aside, theory, states, labels, FORMATS[file_format], threads_or(threads))
        about = {
            "schema": "metadream.states",
            "version": 1,
            "metadream": metadream.__version__,
            "database": path.name,
            "database_sha256": hashlib.sha256(theory.text()).hexdigest(),
            "split": split,
            "limit": limit,
            "format": file_format,
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
    return Outcome({**told, "database": database, "files": files, "output": output}, _shown(database, parts, output))


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
    states: ProofStates,
    labels: Mapping[str, Sequence[str]],
    formats: Sequence[str],
    threads: int,
) -> tuple[dict[str, dict[str, int]], dict[str, list[str]]]:
    """Write the files of all parts; what was counted, and the labels of proofs that were not translated, by part."""
    told = {part: proved(theory, list(labels[part])) for part in PARTS}
    counts: dict[str, dict[str, int]] = {}
    missing: dict[str, list[str]] = {}
    with console.progress("proofs", sum(map(len, told.values()))) as update:
        done = 0
        for part in PARTS:
            count = {"theorems": len(labels[part]), "without_proof": len(labels[part]) - len(told[part])}
            count |= dict.fromkeys(("translated", "not_translated", "rows", "decisions"), 0)
            counts[part], missing[part] = count, []
            with PartFiles(folder, part, formats) as files:
                for first in range(0, len(told[part]), CHUNK):
                    chunk = told[part][first : first + CHUNK]
                    for theorem in patiently(_asked(states, chunk, threads)):
                        rows = list(rows_of(theorem, part))
                        files.write(rows)
                        count["translated" if rows else "not_translated"] += 1
                        count["rows"] += len(rows)
                        count["decisions"] += sum(row["decision"] for row in rows)
                        if not rows:
                            missing[part].append(theorem["label"])
                    done += len(chunk)
                    update(done, f"{count['rows']} rows of {part}")
    return counts, missing


def _asked(states: ProofStates, labels: list[str], threads: int) -> Callable[[], list[dict[str, Any]]]:
    return lambda: states.rows(labels, threads)


def _described(path: Path) -> dict[str, Any]:
    """Size and hash of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return {"bytes": path.stat().st_size, "sha256": digest.hexdigest()}


def _shown(database: str, parts: Mapping[str, Mapping[str, int]], output: Path) -> Any:
    columns = ("part", "theorems", "without proof", "translated", "not translated", "rows", "decisions")
    rows = [(part, *count.values()) for part, count in parts.items()]
    return table(f"proof states of {plain(database)} in {plain(str(output))}", columns, rows)

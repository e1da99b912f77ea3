"""A measured figure as a JSON file: benchmarks/results/PART/ID.json, or PART/ID-TASKS.json where a size was chosen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SCHEMA = "metadream.figure"
VERSION = 1


@dataclass(frozen=True)
class Machine:
    """The machine in words, without its name. `memory_gib` is what the system reports, rounded."""

    cpu: str
    cores: int
    memory_gib: int
    system: str
    python: str
    rust: str

    def text(self) -> str:
        """One line for people."""
        cores = "1 core" if self.cores == 1 else f"{self.cores} cores"
        return f"{cores} ({self.cpu}), {self.memory_gib} GiB, {self.system}, Python {self.python}, Rust {self.rust}"


@dataclass(frozen=True)
class Result:
    """One measurement: what was run, on which source and machine, when, and what came out.

    `commit` is the last one that changed the source, `dirty` whether files differed from it, `source_sha256` a hash of
    the source as it was. `load` is the mean number of running processes over a minute, before and after. `wall_s` and
    `cpu_s` are seconds of all commands together.
    """

    part: str
    id: str
    tasks: int | None
    commands: tuple[str, ...]
    values: dict[str, Any]
    commit: str | None
    dirty: bool
    source_sha256: str
    machine: Machine
    load: tuple[float, float]
    date: str
    wall_s: float
    cpu_s: float

    @property
    def name(self) -> str:
        """The file's name without its suffix, which is also what the figure is called beside a table."""
        return self.id if self.tasks is None else f"{self.id}-{self.tasks}"

    def version(self) -> str:
        """The source in words: a short commit, marked where files differed from it."""
        commit = f"`{self.commit[:10]}`" if self.commit else "no commit"
        return f"{commit} with local changes (`{self.source_sha256[:10]}`)" if self.dirty else commit


def text_of(result: Result) -> str:
    """The text of a result's file."""
    return json.dumps({"schema": SCHEMA, "version": VERSION, **asdict(result)}, indent=1, ensure_ascii=False) + "\n"


def parse(text: str) -> Result:
    """The result that a file holds. Raises `ValueError`, `KeyError` or `TypeError` for anything else."""
    value = json.loads(text)
    if (value.pop("schema"), value.pop("version")) != (SCHEMA, VERSION):
        raise ValueError(f"not a {SCHEMA} of version {VERSION}")
    value["machine"] = Machine(**value["machine"])
    value["commands"] = tuple(value["commands"])
    value["load"] = tuple(value["load"])
    return Result(**value)


def path_of(folder: Path, part: str, name: str) -> Path:
    """Where a result is kept."""
    return folder / part / f"{name}.json"


def save(folder: Path, result: Result) -> None:
    """Write a result whole: aside, then renamed."""
    path = path_of(folder, result.part, result.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".part")
    aside.write_text(text_of(result))
    aside.replace(path)


def load(folder: Path, part: str) -> list[Result]:
    """All results of a part, in order of their names. Raises `ValueError` that names the file."""
    found = []
    for path in sorted((folder / part).glob("*.json")):
        try:
            result = parse(path.read_text())
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path}: {error}") from error
        if (result.part, result.name) != (part, path.stem):
            raise ValueError(f"{path}: holds {result.part}/{result.name}")
        found.append(result)
    return found


def named(results: Sequence[Result], name: str) -> Result | None:
    """The result of a figure without a size, if it was measured."""
    return next((result for result in results if result.id == name and result.tasks is None), None)

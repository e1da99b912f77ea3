"""What a run is: settings that follow from the command line and stay the same for all its cycles."""

from __future__ import annotations

import json
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import parsed
from metadream.metamath_db.terminal.foreign_text import unescaped
from metadream.wake_sleep.runs.shape import is_count, is_text, list_of, record

SCHEMA = 1
PARTS = ("library", "dreaming", "recognition", "proofs")
MOVE_SETS = ("content", "unify", "both")
LOSSES = ["imitation"]  # what earlier versions say of a run that this one goes on with
OF_RUNS = ("on", "price", "moves")  # settings that training a model from a given corpus does not depend on


_SHAPE = record(
    {
        **dict.fromkeys(("database", "database_sha256"), is_text),
        **dict.fromkeys(("seed", "expansions", "dreams"), is_count),
        "without": list_of(PARTS.__contains__),
    },
    {
        **dict.fromkeys(("tasks", "dream_steps", "epochs", "examples", "candidates"), is_count),
        "losses": list_of(is_text),
        "on": ("train", "valid").__contains__,
        "price": ("bytes", "steps", "nats").__contains__,
        "moves": MOVE_SETS.__contains__,
    },
)


@dataclass(frozen=True)
class RunRequest:
    """What the command line says of a run; None: as the database's kind has it."""

    seed: int = 0
    tasks: int | None = None
    without: frozenset[str] = frozenset()
    expansions: int | None = None
    on: str | None = None
    price: str | None = None
    moves: str | None = None


@dataclass(frozen=True)
class Settings:
    """Everything that the result depends on, beside the code. The number of workers is not among it."""

    database: str  # a name, or an absolute path
    database_sha256: str
    seed: int
    tasks: int | None  # None: all
    without: tuple[str, ...]  # parts left out, of PARTS
    expansions: int  # search budget of a task
    dreams: int  # dreams a cycle
    dream_steps: int = 6  # steps of a dream at most
    epochs: int = 4  # of the first stage
    examples: int = 200_000  # training examples of the network at most; an epoch of so many takes about a minute
    candidates: int = 32  # opcodes among which the network learns to choose
    on: str | None = None  # the tasks: "train", learnt from, or "valid", unseen; None: by the database's kind
    price: str | None = None  # of the library: bytes, steps or nats; None: by the database's kind
    moves: str = "unify"  # what searches choose: content, unify or both (runs that do not say it: unify)

    def uses(self, part: str) -> bool:
        """Whether a part is not left out."""
        return part not in self.without

    @property
    def in_context(self) -> bool:
        """Whether searches make moves in context (docs/inference.md)."""
        return self.moves != "unify"

    def identity(self) -> dict[str, object]:
        """What must agree for a folder to be resumed: all but how the database's file is called."""
        return {name: value for name, value in asdict(self).items() if name != "database"}

    def to_toml(self) -> str:
        """``config.toml``; what is None is left out."""
        lines = [f"schema = {SCHEMA}"]
        for name, value in asdict(self).items():
            if value is not None:
                text = json.dumps(value, ensure_ascii=False)  # JSON's strings are TOML's, but for DEL
                text = text.replace("\x7f", "\\u007f")
                if unescaped(text) != text:
                    raise InputError(f"a name that is no UTF-8 cannot stand in a run's settings: {value}; rename it")
                lines.append(f"{name} = {text}")
        return "\n".join(lines) + "\n"


def of_training(seed: int, database_sha256: str = "") -> Settings:
    """Those of training alone, without a run: nothing is searched and nothing dreamt."""
    return Settings("", database_sha256, seed, None, (), expansions=1, dreams=0)


def read_settings(path: Path, data: bytes | None = None) -> Settings:
    """The settings of a ``config.toml``, whose content is `data` if it was read already. Raises `InputError`."""
    try:
        found = parsed(path.read_bytes() if data is None else data, tomllib.loads)
        if found.pop("schema") != SCHEMA or not _SHAPE(found):
            raise ValueError
        found["without"], losses = tuple(found["without"]), found.pop("losses", LOSSES)
        settings = Settings(**{"tasks": None, **found})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"expected a run's settings of schema {SCHEMA}; take another folder", path) from None
    if losses != LOSSES:
        said = f"this run trains on the losses {', '.join(losses)}, which this version does not have; make it anew"
        raise InputError(said, path)
    return settings


def check_same(found: Settings, asked: Settings, path: Path) -> None:
    """Raises `InputError` that names the first setting in which a folder differs from what was asked."""
    for name, value in found.identity().items():
        other = asked.identity()[name]
        if name == "database_sha256" and value != other:
            raise InputError(
                f"this run has database = {found.database} ({name} {_shown(value)}), not {asked.database} "
                f"({_shown(other)}); take the same, or another folder",
                path,
            )
        if value != other:
            raise InputError(
                f"this run has {name} = {_shown(value)}, not {_shown(other)}; take the same, or another folder",
                path,
            )


def _shown(value: object) -> str:
    if value is None:
        return "default"
    return ",".join(map(str, value)) or "none" if isinstance(value, tuple) else str(value)[:16]

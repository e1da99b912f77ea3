"""What a database's model is made from: the file that holds it is named after that, and says it.

    $XDG_CACHE_HOME/metadream/models/<32 digits of the SHA-256 of all that>.safetensors

A database counts by what its statements say: labels, comments and proofs may change, and the model stays. To it belong
the features that this version's core makes: a model is never asked about others than it was trained on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from metadream import _core
from metadream._core import Theory
from metadream.metamath_db.data import cache_folder
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import parsed
from metadream.metamath_db.tasks import new2, proved
from metadream.wake_sleep.model import file as model_file
from metadream.wake_sleep.runs.settings import OF_RUNS, Settings, of_training
from metadream.wake_sleep.runs.shape import is_count, is_number, maybe, record
from metadream.wake_sleep.seeds import derive

RECIPE = 12  # to be raised when training makes another model from the same proofs and features
HELD_OUT_SHARE = 0.02  # of the training proofs, which no stage sees: they give the figures
HELD_OUT = 500  # but no more of them
LEAST_KNOWN = 0.5  # of a database's statements: a model that knows less of it is not used there
KIND = "prover"
GONE = {"losses": '["imitation"]', "critic": "false"}  # what earlier versions said of the models that are made today
KEYS = "statements.keys"  # in a model's file
HELD = maybe(record(dict.fromkeys(("nats", "at_1", "at_10", "at_50", "steps"), is_number)))
FIGURES = record(
    {
        "proofs": record(dict.fromkeys(("first", "network", "held_out"), is_count)),
        "first": record({"held_out": HELD}),
        "held_out": HELD,
        "seconds": is_number,
    }
)


@dataclass(frozen=True)
class Recipe:
    """What a model is made from, beside the code."""

    statements_sha256: str  # of what the database's statements say
    excluded_sha256: str  # the same of the theorems whose proofs are left out
    features_sha256: str  # of what this version's models see
    seed: int
    excluded: tuple[str, ...]  # labels, sorted
    split: bool = True  # whether these are the valid and test parts of new2

    def settings(self) -> Settings:
        """As the training phase takes them."""
        return of_training(self.seed, self.statements_sha256)

    def key(self) -> str:
        """The name of the model's file."""
        made = {
            "recipe": RECIPE,
            "features_sha256": self.features_sha256,
            "excluded_sha256": self.excluded_sha256,
            **{name: value for name, value in self.settings().identity().items() if name not in OF_RUNS},
        }
        return hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()[:32]

    def path(self) -> Path:
        """Returns the path of the model in the cache."""
        return cache_folder().parent / "models" / f"{self.key()}.safetensors"

    def about(self) -> dict[str, str]:
        """What the model's file says of it; `recipe_of` reads it."""
        return {
            "kind": KIND,
            "recipe": str(RECIPE),
            "statements_sha256": self.statements_sha256,
            "features_sha256": self.features_sha256,
            "seed": str(self.seed),
            "excluded": json.dumps(self.excluded),
            "excluded_sha256": self.excluded_sha256,
            "split": json.dumps(self.split),
        }

    def training(self, theory: Theory) -> list[str]:
        """Theorems whose proofs the model sees, in file order."""
        excluded = set(self.excluded)
        return [label for label in proved(theory, theory.theorems()) if label not in excluded]


def recipe_for(theory: Theory, excluded: Collection[str] | None, seed: int) -> Recipe:
    """The model of a database without the proofs of `excluded`; None: of new2's valid and test parts."""
    split = excluded is None
    if excluded is None:
        parts = new2(theory.theorems())
        excluded = {*parts.valid, *parts.test}
    out = tuple(sorted(set(excluded)))
    left_out = theory.statements_sha256(list(out))
    return Recipe(theory.statements_sha256(), left_out, _core.features_sha256(), seed, out, split)


def fits_version(about: Mapping[str, str]) -> bool:
    """Returns whether this version can use a model file with these remarks, as if its own training had written it."""
    here = {"kind": KIND, "recipe": str(RECIPE), "features_sha256": _core.features_sha256()}
    gone = any(about.get(key, value) != value for key, value in GONE.items())
    return not gone and all(about.get(key) == value for key, value in here.items())


def known_share(theory: Theory, arrays: model_file.Arrays, file: Path) -> float:
    """The share of a database's statements that a model file knows. Raises `InputError`."""
    keys = arrays.get(KEYS)
    if keys is None or keys.dtype != np.uint8 or not keys.flags.c_contiguous:
        raise model_file.refused(file, "it does not say which statements it knows")
    return theory.known_share(keys)


def figures_of(about: Mapping[str, str], file: Path) -> dict[str, Any]:
    """The figures of a model's training, as `prover` writes them. Raises `InputError`."""
    try:
        figures: Any = parsed(about.get("figures", "").encode())
    except ValueError:
        figures = None
    if not FIGURES(figures):
        raise model_file.refused(file, "the figures of its training are missing or of other types")
    return figures  # type: ignore[no-any-return]


def best_known(theory: Theory, recipe: Recipe) -> Path | None:
    """Returns the model in the cache that knows the greatest share of a database's statements, if at least
    `LEAST_KNOWN`. It has the seed and split of `recipe` but was trained on another version of the database.
    """
    wanted = {key: recipe.about()[key] for key in ("seed", "split")}
    best: tuple[float, str] | None = None
    for file in sorted(recipe.path().parent.glob("*.safetensors")):
        try:
            about = model_file.load_about(file)
            if not fits_version(about) or any(about.get(key) != value for key, value in wanted.items()):
                continue
            known = known_share(theory, model_file.load_model(file, [KEYS])[0], file)
        except (InputError, OSError):
            continue  # it is none of ours, or it was deleted meanwhile
        if known >= LEAST_KNOWN and (best is None or known > best[0]):
            best = known, str(file)
    return None if best is None else Path(best[1])


def held_apart(training: list[str], seed: int) -> tuple[list[str], list[str]]:
    """Returns the proofs for training, and the held-out proofs that no stage sees (none if there are few proofs)."""
    count = min(HELD_OUT, int(HELD_OUT_SHARE * len(training)))
    order = np.random.default_rng(derive(seed, "held-out")).permutation(len(training))
    held = set(order[:count].tolist())
    learnt = [label for i, label in enumerate(training) if i not in held]
    return learnt, [label for i, label in enumerate(training) if i in held]

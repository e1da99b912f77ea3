"""What a database's model is made from: the file that holds it is named after that, and says it.

    $XDG_CACHE_HOME/metadream/models/<32 digits of the SHA-256 of all that>.safetensors

To it belong the features that this version's core makes of some proofs: a model is never asked about others than it was
trained on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from metadream.metamath_db.core import Core, Table, Theory, patiently
from metadream.metamath_db.data import cache_folder, sha256_of
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.tasks import new2, proved
from metadream.wake_sleep import model_file
from metadream.wake_sleep.seeds import derive
from metadream.wake_sleep.settings import LEARNT, OF_RUNS, Settings, of_training

RECIPE = 4  # to be raised when training makes another model from the same proofs and features
HELD_OUT_SHARE = 0.02  # of the training proofs, which no stage sees: they give the figures
HELD_OUT = 500  # but no more of them
FEATURES_OF = 16  # proofs whose features are compared
KIND = "prover"


@dataclass(frozen=True)
class Recipe:
    """What a model is made from, beside the code."""

    database_sha256: str
    features_sha256: str  # of what the models see of some proofs
    seed: int
    excluded: tuple[str, ...]  # sorted
    losses: tuple[str, ...] = LEARNT
    critic: bool = False

    def excluded_sha256(self) -> str:
        """SHA-256 of the left-out labels, sorted, one a line."""
        return hashlib.sha256("".join(f"{label}\n" for label in self.excluded).encode()).hexdigest()

    def settings(self) -> Settings:
        """As the training phase takes them."""
        return of_training(self.seed, self.database_sha256, self.losses)

    def key(self) -> str:
        """The name of the model's file."""
        made = {
            "recipe": RECIPE,
            "features_sha256": self.features_sha256,
            "excluded_sha256": self.excluded_sha256(),
            **{name: value for name, value in self.settings().identity().items() if name not in OF_RUNS},
        }
        if self.losses != LEARNT:
            made["losses"] = self.losses
        if self.critic:
            made["critic"] = True
        return hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()[:32]

    def path(self) -> Path:
        """Where the cache keeps the model."""
        return cache_folder().parent / "models" / f"{self.key()}.safetensors"

    def about(self) -> dict[str, str]:
        """What the model's file says of it; `recipe_of` reads it."""
        return {
            "kind": KIND,
            "recipe": str(RECIPE),
            "database_sha256": self.database_sha256,
            "features_sha256": self.features_sha256,
            "seed": str(self.seed),
            "excluded": json.dumps(self.excluded),
            "excluded_sha256": self.excluded_sha256(),
            "losses": json.dumps(self.losses),
        }

    def training(self, theory: Theory) -> list[str]:
        """Theorems whose proofs the model sees, in file order."""
        excluded = set(self.excluded)
        return [label for label in proved(theory, theory.theorems()) if label not in excluded]


def recipe_for(core: Core, path: Path, theory: Theory, excluded: Collection[str] | None, seed: int) -> Recipe:
    """The model of a database without the proofs of `excluded`; None: of new2's valid and test parts."""
    if excluded is None:
        split = new2(theory.theorems())
        excluded = {*split.valid, *split.test}
    return Recipe(sha256_of(path), _features_sha256(core, theory), seed, tuple(sorted(set(excluded))))


def recipe_of(core: Core, model: Path, path: Path, theory: Theory) -> Recipe:
    """What a model file says that it was made from. Raises `InputError` if that is another database or version."""
    about = model_file.load_about(model)
    here = {"kind": KIND, "recipe": str(RECIPE), "features_sha256": _features_sha256(core, theory)}
    if about.get("kind") == KIND and about["database_sha256"] != sha256_of(path):
        raise InputError(f"this model was trained on another database than {path}; name that one", model)
    if any(about.get(key) != value for key, value in here.items()):
        raise InputError("expected a model that this version's 'metadream train' wrote; train it again", model)
    excluded = tuple(json.loads(about["excluded"]))
    recipe = Recipe(about["database_sha256"], about["features_sha256"], int(about["seed"]), excluded)
    if recipe.excluded_sha256() != about["excluded_sha256"]:
        raise InputError("the list of labels left out does not match its hash; train the model again", model)
    return recipe


def _features_sha256(core: Core, theory: Theory) -> str:
    """SHA-256 of the features of some proofs' steps, spread over the database; on set.mm under a second."""
    human = proved(theory, theory.theorems())
    sample = human[:: max(1, len(human) // FEATURES_OF)][:FEATURES_OF]
    ranker = core.Ranker(0)

    def made() -> Table:
        ranker.fit(theory, [], sample, 0)
        return ranker.examples(theory, [], sample, 2, 1_000, 0)

    found = patiently(made)
    total = hashlib.sha256()
    for name in sorted(found.keys() - {"candidates", "scores"}):  # these are the ranker's
        total.update(f"{name}{found[name].shape}".encode() + found[name].tobytes())
    return total.hexdigest()


def held_apart(training: list[str], seed: int) -> tuple[list[str], list[str]]:
    """Proofs that are learnt from, and some that no stage sees (none where there are few)."""
    count = min(HELD_OUT, int(HELD_OUT_SHARE * len(training)))
    order = np.random.default_rng(derive(seed, "held-out")).permutation(len(training))
    held = set(order[:count].tolist())
    learnt = [label for i, label in enumerate(training) if i not in held]
    return learnt, [label for i, label in enumerate(training) if i in held]

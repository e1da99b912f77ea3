"""What `prove` and ``bench prove`` search with, and the verb ``train`` that makes it.

One file holds all of it: the first stage, the network as the core evaluates it, the schemas, a critic if one was asked
for, and the labels whose proofs were left out. It is named after what it was made from, so the same question is
answered by the same file:

    $XDG_CACHE_HOME/metadream/models/<32 digits of the SHA-256 of all that>.safetensors

To it belong the features that this version's core makes of some proofs: a model is never asked about others than it was
trained on.

Price on set.mm: seven minutes on two cores to train, 4 s of one to load (database, use counts of the training proofs,
skeletons: a second and more each). Skeletons are made anew at each load; schemas are kept, for they take a minute.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from metadream.dsl.composites import read_library
from metadream.metamath_db import console
from metadream.metamath_db.console import Outcome, plain
from metadream.metamath_db.core import Core, Ranker, Table, Theory, load_core, load_theory, patiently
from metadream.metamath_db.data import cache_folder, resolve_database, sha256_of
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.tasks import new2, proved
from metadream.wake_sleep import model_file
from metadream.wake_sleep.corpus import Corpus, parts
from metadream.wake_sleep.seeds import derive
from metadream.wake_sleep.settings import LEARNT, OF_RUNS, Settings, chosen_losses

RECIPE = 2  # to be raised when training makes another model from the same proofs and features
HELD_OUT_SHARE = 0.02  # of the training proofs, which no stage sees: they give the figures
HELD_OUT = 500  # but no more of them
FEATURES_OF = 16  # proofs whose features are compared
LOCK_LOOKS_S = 0.5  # between two looks at another process's lock
KIND = "prover"


@dataclass(frozen=True)
class Prover:
    """All that a search needs. `model_sha256` and `path` are None where the database has no proofs to learn from."""

    theory: Theory  # with the model's schemas
    ranker: Ranker  # with its network, its skeletons and the model's critic
    model_sha256: str | None
    seen: frozenset[str]  # labels whose proofs the model saw
    path: Path | None
    database: Path
    schemas: int  # in the theory


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
        return Settings("", self.database_sha256, self.seed, None, (), expansions=1, dreams=0, losses=self.losses)

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


def train(
    database: str,
    exclude: Path | None = None,
    seed: int = 0,
    core: Core | None = None,
    losses: Collection[str] = (),
    critic: bool = False,
) -> Outcome:
    """The verb ``train``: the model of a database into the cache, unless it is there.

    `exclude`: a file of labels, one a line, whose proofs the model must not see; default: new2's valid and test parts.
    `losses`: of the network, by name; none: the default. `critic`: with one, trained on searches after all else; the
    model without it is made on the way. The answer: ``path`` and ``model`` (SHA-256), null where there
    are no proofs; ``trained`` (false: it was there), ``seconds`` that training took, ``proofs`` seen by each stage,
    ``first`` and ``held_out``: nats a step and recall on proofs that no stage saw, by the first stage and by both;
    ``network``, ``schemas`` and ``critic``, figures of these parts, null for what is not there.
    Raises `InputError`.
    """
    core = core or load_core()
    path = resolve_database(database)
    theory = load_theory(core, path)
    recipe = _recipe(core, path, theory, None if exclude is None else read_labels(exclude, theory), seed)
    recipe = replace(recipe, losses=chosen_losses(losses, found_proofs=False), critic=critic)
    answer: dict[str, Any] = {
        "database": database,
        "seed": seed,
        "excluded": len(recipe.excluded),
        "excluded_sha256": recipe.excluded_sha256(),
        "losses": list(recipe.losses),
        "critic": None,
        "path": None,
        "model": None,
        "trained": False,
    }
    if not _training(theory, recipe):
        said = f"{database} has no human proofs to learn from: nothing was trained; searches go by use counts alone"
        return Outcome(answer, plain(said))
    trained = _ensure(core, theory, recipe, recipe.path())
    _, about = model_file.load_model(recipe.path())
    answer |= {"path": recipe.path(), "model": about["sha256"], "trained": trained, **json.loads(about["figures"])}
    return Outcome(answer, _in_words(answer))


def load_prover(
    core: Core,
    database: str,
    model: Path | None = None,
    excluded: Collection[str] | None = None,
    seed: int = 0,
    keep: Path | None = None,
) -> Prover:
    """What searches in `database` go by: from the file `model`, or from the cache, trained first if it is missing.

    `excluded`: labels whose proofs the model must not have seen; None: new2's valid and test parts. A `model` brings
    its own. `keep`: a folder in which a model that the cache lacks is looked for, and kept once it is trained. A
    database without proofs gets a ranker that knows statements and use counts only. Raises `InputError`.
    """
    path = resolve_database(database)
    theory = load_theory(core, path)
    if model is not None:
        recipe = _recipe_of(core, model, path, theory)
        return _load(core, theory, recipe, model, path)
    recipe = _recipe(core, path, theory, excluded, seed)
    if not _training(theory, recipe):
        ranker = core.Ranker(derive(seed, "first"))
        patiently(lambda: ranker.fit(theory, [], [], 0))
        return Prover(theory, ranker, None, frozenset(), None, path, 0)
    kept = recipe.path() if keep is None or recipe.path().is_file() else keep / recipe.path().name
    _ensure(core, theory, recipe, kept)
    return _load(core, theory, recipe, kept, path)


def read_labels(path: Path, theory: Theory) -> list[str]:
    """Theorems named in a file, one a line; blank lines are skipped. Raises `InputError` with an unknown one's line."""
    known = set(theory.theorems())
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except UnicodeDecodeError:
        raise InputError("expected labels, one a line, in ASCII", path) from None
    except OSError as problem:
        raise InputError(f"cannot read this file ({problem.strerror}); name a file of labels", path) from None
    found = []
    for number, line in enumerate(lines, 1):
        label = line.strip()
        if label and label not in known:
            raise InputError(f"'{plain(label)}' is no theorem of the database; expected a label a line", path, number)
        if label:
            found.append(label)
    return found


def _recipe(core: Core, path: Path, theory: Theory, excluded: Collection[str] | None, seed: int) -> Recipe:
    if excluded is None:
        split = new2(theory.theorems())
        excluded = {*split.valid, *split.test}
    return Recipe(sha256_of(path), _features_sha256(core, theory), seed, tuple(sorted(set(excluded))))


def _recipe_of(core: Core, model: Path, path: Path, theory: Theory) -> Recipe:
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


def _training(theory: Theory, recipe: Recipe) -> list[str]:
    """Theorems whose proofs the model sees, in file order."""
    excluded = set(recipe.excluded)
    return [label for label in proved(theory, theory.theorems()) if label not in excluded]


def held_apart(training: list[str], seed: int) -> tuple[list[str], list[str]]:
    """Proofs that are learnt from, and some that no stage sees (none where there are few)."""
    count = min(HELD_OUT, int(HELD_OUT_SHARE * len(training)))
    order = np.random.default_rng(derive(seed, "held-out")).permutation(len(training))
    held = set(order[:count].tolist())
    learnt = [label for i, label in enumerate(training) if i not in held]
    return learnt, [label for i, label in enumerate(training) if i in held]


@contextmanager
def _one_writer(path: Path) -> Iterator[None]:
    """Wait until no other process trains this model. The lock ends with the process that holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        waiting = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not waiting:
                    console.note("another process trains this model; waiting for it")
                waiting = True
                time.sleep(LOCK_LOOKS_S)
        yield


def _ensure(core: Core, theory: Theory, recipe: Recipe, path: Path) -> bool:
    """Have the model at `path`, in the cache or another folder; whether it had to be trained."""
    if path.is_file():
        return False
    try:
        with _one_writer(path.with_suffix(".lock")):
            if path.is_file():
                return False
            (_add_critic if recipe.critic else _make)(core, theory, recipe, path)
            if path == recipe.path():
                _prune(recipe)
    except OSError as problem:
        raise InputError(f"cannot write here ({problem.strerror}); set XDG_CACHE_HOME", path.parent) from None
    return True


def _prune(recipe: Recipe) -> None:
    """Delete from the cache the database's models that this version cannot load. What another process trains or reads
    stays.
    """
    pruned = freed = 0
    for file in sorted(recipe.path().parent.glob("*.safetensors")):
        try:
            about = model_file.load_about(file)
        except InputError:
            continue  # not known to be ours
        ours = about.get("kind") == KIND and about.get("database_sha256") == recipe.database_sha256
        made = about.get("recipe"), about.get("features_sha256")
        if ours and made != (str(RECIPE), recipe.features_sha256):
            size = file.stat().st_size
            if _deleted(file):
                pruned, freed = pruned + 1, freed + size
    if pruned:
        console.note(f"deleted {pruned} models of this database that this version cannot load ({freed / 1e6:.0f} MB)")


def _deleted(file: Path) -> bool:
    """Delete a model unless another process holds its lock (it trains it) or the file's own (it reads it)."""
    with file.with_suffix(".lock").open("a") as lock, file.open("rb") as own:
        try:
            for held in (lock, own):
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        file.unlink()
        return True


def _make(core: Core, base: Theory, recipe: Recipe, path: Path) -> None:
    """Train all parts and publish them as one file."""
    console.note("training the model of this database, once; it is kept in the cache")
    from metadream.wake_sleep import model
    from metadream.wake_sleep.train import SCHEMAS, fit_first, fit_network, set_network

    started = time.monotonic()
    learnt, held_out = held_apart(_training(base, recipe), recipe.seed)
    corpus, settings, theory = Corpus([], learnt, []), recipe.settings(), base.copy()
    seen, rest = parts(corpus, recipe.seed)
    figures: dict[str, Any] = {"proofs": {"first": len(seen), "network": len(rest or seen), "held_out": len(held_out)}}
    with console.progress("training: first stage") as update:
        ranker, figures["first"] = patiently(lambda: fit_first(core, theory, corpus, settings, recipe.seed))
        figures["first"]["held_out"] = _measured(ranker, theory, held_out)
        update(1, "")
    with console.progress("training: schemas") as update:
        schemas = patiently(lambda: theory.learn_schemas(ranker, seen, rest or seen, SCHEMAS))
        figures["schemas"] = {key: schemas[key] for key in ("considered", "chosen", "admitted")}
        update(1, f"{schemas['admitted']}")
    with console.progress("training: network, epoch") as update:
        network = patiently(lambda: fit_network(core, theory, ranker, corpus, settings, recipe.seed, update))
        set_network(ranker, network, theory)
    figures |= {"network": None if network is None else asdict(network.report)}
    figures |= {"held_out": _measured(ranker, theory, held_out), "seconds": time.monotonic() - started}
    arrays = {f"first.{name}": value for name, value in ranker.weights().items()}
    if network is not None:
        made = model.exported(network, ranker.premise_features(theory))
        arrays |= {f"network.{name}": value for name, value in made.items()}
    about = {
        "kind": KIND,
        "recipe": str(RECIPE),
        "database_sha256": recipe.database_sha256,
        "features_sha256": recipe.features_sha256,
        "seed": str(recipe.seed),
        "excluded": json.dumps(recipe.excluded),
        "excluded_sha256": recipe.excluded_sha256(),
        "losses": json.dumps(recipe.losses),
        "library": theory.library_json(),
        "figures": json.dumps(figures),
    }
    model_file.save_model(path, arrays, about)


def _add_critic(core: Core, base: Theory, recipe: Recipe, path: Path) -> None:
    """Train a critic beside the model without one, which is trained first if it is missing."""
    from metadream.wake_sleep import critic
    from metadream.wake_sleep.run import default_workers

    without = replace(recipe, critic=False)
    _ensure(core, base, without, without.path())
    started, theory = time.monotonic(), base.copy()
    arrays, about = model_file.load_model(without.path())
    ranker = _load(core, theory, without, without.path(), path).ranker
    learnt, _ = held_apart(_training(theory, recipe), recipe.seed)
    _, rest = parts(Corpus([], learnt, []), recipe.seed)
    figures = {**json.loads(about["figures"]), "critic": None}
    if "network.embedding" in arrays and rest:
        table, seed = arrays["network.embedding"].reshape(ranker.feature_count(), -1), derive(recipe.seed, "critic")
        with console.progress("training: critic", critic.TASKS) as update:
            found = patiently(lambda: critic.train(ranker, theory, rest, table, seed, default_workers(), update))
        if found is not None:
            figures["critic"] = asdict(found[1])
            arrays |= {f"critic.{name}": value for name, value in found[0].exported().items()}
    figures["seconds"] += time.monotonic() - started
    model_file.save_model(path, arrays, {**about, "figures": json.dumps(figures)})


def _measured(ranker: Ranker, theory: Theory, held_out: list[str]) -> dict[str, Any] | None:
    return patiently(lambda: ranker.held_out(theory, held_out)) if held_out else None


def _load(core: Core, theory: Theory, recipe: Recipe, model: Path, database: Path) -> Prover:
    """The model in a file, ready for search; torch is not needed."""
    with model.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)  # nobody prunes what is being read
        arrays, about = model_file.load_model(model)
    training = _training(theory, recipe)
    learnt, _ = held_apart(training, recipe.seed)
    first, _ = parts(Corpus([], learnt, []), recipe.seed)
    ranker = core.Ranker(derive(recipe.seed, "first"))
    try:
        theory.load_library(about["library"])
        patiently(lambda: ranker.restore(theory, [], first, _part(arrays, "first.")))
        network = _part(arrays, "network.")
        if network:
            ranker.set_network(network)
        ranker.set_critic(_part(arrays, "critic.") or None)
    except (InputError, KeyError, ValueError, TypeError):
        raise InputError("the model does not fit this version; delete it and run 'metadream train'", model) from None
    patiently(lambda: ranker.set_skeletons(theory, learnt))
    schemas = len(read_library(about["library"]))
    return Prover(theory, ranker, about["sha256"], frozenset(training), model, database, schemas)


def _part(arrays: model_file.Arrays, prefix: str) -> model_file.Arrays:
    return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}


def _in_words(answer: dict[str, Any]) -> str:
    """The model for people."""
    proofs = answer["proofs"]
    how = f"trained in {answer['seconds']:.0f} s" if answer["trained"] else "found in the cache, nothing was trained"
    lines = [
        f"{plain(answer['database'])}: {how}; {answer['excluded']} labels left out",
        f"proofs: {proofs['first']} for the first stage, {proofs['network']} for the network; "
        f"{proofs['held_out']} held out from all",
    ]
    for name, found in (("first stage", answer["first"]["held_out"]), ("with network", answer["held_out"])):
        if found is not None:
            recall = ", ".join(f"recall@{k} {100 * found[f'at_{k}']:.1f} %" for k in (1, 10, 50))
            lines.append(f"{name}: {found['nats']:.3f} nats a step, {recall} ({found['steps']} held-out steps)")
    lines.append(f"model {answer['model']}\n{answer['path']}")
    return "\n".join(lines)

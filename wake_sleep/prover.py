"""What `prove` and ``bench prove`` search with, and the verb ``train`` that makes it.

One file holds all of it: the first stage, the network as the core evaluates it, the schemas, a critic if one was asked
for, and the labels whose proofs were left out. It is named after what it was made from (`recipe`), so the same question
is answered by the same file.

Price on set.mm: two to six minutes on two cores to train, 4 s of one to load (database, use counts of the training
proofs, skeletons: a second and more each). Skeletons are made anew at each load; schemas are kept, for they take a
minute.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from metadream.metamath_db import console
from metadream.metamath_db.console import Outcome, plain
from metadream.metamath_db.core import Core, Ranker, Theory, cores, load_core, load_theory, patiently
from metadream.metamath_db.data import resolve_database
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.tasks import read_labels
from metadream.wake_sleep import model_cache, model_file
from metadream.wake_sleep.corpus import Corpus, parts
from metadream.wake_sleep.recipe import Recipe, held_apart, recipe_for, recipe_of
from metadream.wake_sleep.seeds import derive
from metadream.wake_sleep.settings import chosen_losses


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


class Source:
    """A database, and what searches in it go by; that is loaded when it is first asked for, so that a target can be
    looked at before.
    """

    def __init__(self, theory: Theory, name: str, load: Callable[[], tuple[Ranker, frozenset[str]]]) -> None:
        self.theory, self.name = theory, name
        self._load = load

    @cached_property
    def _loaded(self) -> tuple[Ranker, frozenset[str]]:
        return self._load()

    @property
    def ranker(self) -> Ranker:
        """The ranker over the database."""
        return self._loaded[0]

    @property
    def seen(self) -> frozenset[str]:
        """The labels whose proofs the model saw."""
        return self._loaded[1]

    def ranker_of(self, theory: Theory) -> Ranker:
        """The ranker over a theory that begins with the database's statements; the schemas go into it. Raises
        `InputError` if it does not.
        """
        ranker = self.ranker
        theory.adopt_strategies(self.theory)
        return patiently(lambda: ranker.grown(theory))


def open_source(core: Core, database: str, model: Path | None = None) -> Source:
    """A database by path or name, and the model that is in a file or belongs to it. Raises `InputError`."""
    path = resolve_database(database)
    theory = load_theory(core, path, told=True)

    def load() -> tuple[Ranker, frozenset[str]]:
        prover = _prover(core, path, theory, model)
        return prover.ranker, prover.seen

    return Source(theory, str(path), load)


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
    recipe = recipe_for(core, path, theory, None if exclude is None else read_labels(exclude, theory), seed)
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
    if not recipe.training(theory):
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
    return _prover(core, path, load_theory(core, path), model, excluded, seed, keep)


def _prover(
    core: Core,
    path: Path,
    theory: Theory,
    model: Path | None = None,
    excluded: Collection[str] | None = None,
    seed: int = 0,
    keep: Path | None = None,
) -> Prover:
    """`load_prover` for the database that was loaded from `path`."""
    if model is not None:
        recipe = recipe_of(core, model, path, theory)
        return _load(core, theory, recipe, model, path)
    recipe = recipe_for(core, path, theory, excluded, seed)
    if not recipe.training(theory):
        ranker = core.Ranker(derive(seed, "first"))
        patiently(lambda: ranker.fit(theory, [], [], 0))
        return Prover(theory, ranker, None, frozenset(), None, path, 0)
    kept = recipe.path() if keep is None or recipe.path().is_file() else keep / recipe.path().name
    _ensure(core, theory, recipe, kept)
    return _load(core, theory, recipe, kept, path)


def _ensure(core: Core, theory: Theory, recipe: Recipe, path: Path) -> bool:
    """Have the model at `path`, in the cache or another folder; whether it had to be trained."""
    make = _add_critic if recipe.critic else _make
    return model_cache.ensure(recipe, path, lambda: make(core, theory, recipe, path))


def _make(core: Core, base: Theory, recipe: Recipe, path: Path) -> None:
    """Train all parts and publish them as one file."""
    console.note("training the model of this database, once; it is kept in the cache")
    from metadream.wake_sleep import model
    from metadream.wake_sleep.train import SCHEMAS, Material, fit_first, fit_network, set_network

    started = time.monotonic()
    learnt, held_out = held_apart(recipe.training(base), recipe.seed)
    corpus, theory = Corpus([], learnt, []), base.copy()
    material = Material(core, theory, corpus, recipe.settings(), recipe.seed)
    seen, rest = parts(corpus, recipe.seed)
    figures: dict[str, Any] = {"proofs": {"first": len(seen), "network": len(rest or seen), "held_out": len(held_out)}}
    with console.progress("training: first stage") as update:
        ranker, figures["first"] = patiently(lambda: fit_first(material))
        figures["first"]["held_out"] = _measured(ranker, theory, held_out)
        update(1, "")
    with console.progress("training: schemas") as update:
        schemas = patiently(lambda: theory.learn_schemas(ranker, seen, rest or seen, SCHEMAS))
        figures["schemas"] = {key: schemas[key] for key in ("considered", "chosen", "admitted")}
        update(1, f"{schemas['admitted']}")
    with console.progress("training: network, epoch") as update:
        network = patiently(lambda: fit_network(material, ranker, update))
        set_network(ranker, network, theory)
    figures |= {"network": None if network is None else asdict(network.report)}
    figures |= {"held_out": _measured(ranker, theory, held_out), "seconds": time.monotonic() - started}
    arrays = {f"first.{name}": value for name, value in ranker.weights().items()}
    if network is not None:
        made = model.exported(network, ranker.premise_features(theory))
        arrays |= {f"network.{name}": value for name, value in made.items()}
    about = {"library": theory.library_json(), "figures": json.dumps(figures)}
    model_file.save_model(path, arrays, {**recipe.about(), **about})


def _add_critic(core: Core, base: Theory, recipe: Recipe, path: Path) -> None:
    """Train a critic beside the model without one, which is trained first if it is missing."""
    from metadream.wake_sleep import critic

    without = replace(recipe, critic=False)
    _ensure(core, base, without, without.path())
    started, theory = time.monotonic(), base.copy()
    arrays, about = model_file.load_model(without.path())
    ranker = _load(core, theory, without, without.path(), path).ranker
    learnt, _ = held_apart(recipe.training(theory), recipe.seed)
    _, rest = parts(Corpus([], learnt, []), recipe.seed)
    figures = {**json.loads(about["figures"]), "critic": None}
    if "network.embedding" in arrays and rest:
        table, seed = arrays["network.embedding"].reshape(ranker.feature_count(), -1), derive(recipe.seed, "critic")
        with console.progress("training: critic", critic.TASKS) as update:
            found = patiently(lambda: critic.train(ranker, theory, rest, table, seed, cores(), update))
        if found is not None:
            figures["critic"] = asdict(found[1])
            arrays |= {f"critic.{name}": value for name, value in found[0].exported().items()}
    figures["seconds"] += time.monotonic() - started
    model_file.save_model(path, arrays, {**about, "figures": json.dumps(figures)})


def _measured(ranker: Ranker, theory: Theory, held_out: list[str]) -> dict[str, Any] | None:
    return patiently(lambda: ranker.held_out(theory, held_out)) if held_out else None


def _load(core: Core, theory: Theory, recipe: Recipe, model: Path, database: Path) -> Prover:
    """The model in a file, ready for search; torch is not needed."""
    with model_cache.reading(model):
        arrays, about = model_file.load_model(model)
    training = recipe.training(theory)
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
    schemas = len(json.loads(about["library"])["entries"])  # a model has no lemmas
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

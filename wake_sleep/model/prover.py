"""What `prove` and ``bench prove`` search with, and the verb ``train`` that makes it.

One file holds all of it: the first stage, the network as the core evaluates it, and what it knows of each statement:
what it says, how often it is used, whether its proof was seen, and by what training proofs are compared. So a model
fits any database whose statements it mostly knows (`core/src/wake_sleep/ranking/portable.rs`). The file is named
after what it was made from (`recipe`), and the same question is answered by the same file.

Price on set.mm: minutes to train (BENCHMARKS.md, "Training"); the file is mapped when it is used.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from metadream import _core
from metadream._core import Ranker, Theory
from metadream.dsl.proofs import entry_texts
from metadream.metamath_db.core import load_theory, patiently
from metadream.metamath_db.data import resolve_database
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.tasks import read_labels
from metadream.metamath_db.terminal import console
from metadream.metamath_db.terminal.foreign_text import plain
from metadream.metamath_db.terminal.result import Result
from metadream.wake_sleep.model import cache as model_cache
from metadream.wake_sleep.model import file as model_file
from metadream.wake_sleep.model.corpus import Corpus, parts
from metadream.wake_sleep.model.recipe import (
    LEAST_KNOWN,
    Recipe,
    best_known,
    figures_of,
    fits_version,
    held_apart,
    known_share,
    recipe_for,
)
from metadream.wake_sleep.seeds import derive


@dataclass(frozen=True)
class Prover:
    """All that a search needs. `model_sha256` and `path` are None where the database has no proofs to learn from."""

    theory: Theory
    ranker: Ranker  # with its network and its skeletons
    model_sha256: str | None
    seen: frozenset[str]  # labels whose proofs the model saw
    path: Path | None
    database: Path
    knows: float | None  # share of the database's statements that the model knows; None where there is no model


@dataclass(frozen=True)
class Fitted:
    """What searches in a theory go by."""

    ranker: Ranker
    seen: frozenset[str]  # labels whose proofs the model saw
    knows: float | None = None  # share of the statements that the model knows; None where there is no model


@dataclass(frozen=True, repr=False, eq=False)
class Model(Result):
    """A trained model, and how good it is on proofs that it did not see (`train` says what `data` holds)."""

    @property
    def path(self) -> Path | None:
        """Its file; None where the database has no proofs to learn from."""
        path: Path | None = self.data["path"]
        return path

    @property
    def sha256(self) -> str | None:
        """The hash of its content."""
        sha256: str | None = self.data["model"]
        return sha256

    @property
    def trained(self) -> bool:
        """Whether this call trained it; False: it was there."""
        return bool(self.data["trained"])


class Source:
    """A database, and what searches in it go by; that is loaded when it is first asked for, so that a target can be
    looked at before.
    """

    def __init__(self, theory: Theory, name: str, load: Callable[[Theory], Fitted]) -> None:
        """`name`: its file, for people. `load` fits the model to a theory."""
        self.theory, self.name = theory, name
        self._load, self._lock = load, Lock()
        self._made: Fitted | None = None

    @property
    def _fitted(self) -> Fitted:
        with self._lock:  # several threads may search
            if self._made is None:
                self._made = self._load(self.theory)
            return self._made

    @property
    def ranker(self) -> Ranker:
        """The ranker over the database."""
        return self._fitted.ranker

    @property
    def seen(self) -> frozenset[str]:
        """The labels whose proofs the model saw."""
        return self._fitted.seen

    @property
    def knows(self) -> float | None:
        """The share of the statements that the model knows."""
        return self._fitted.knows

    def over(self, theory: Theory, name: str) -> Source:
        """The same over another theory, such as one that goes on from the database."""
        return Source(theory, name, self._load)


def open_source(database: str, model: Path | None = None, loaded: Theory | None = None) -> Source:
    """A database by path or name, and the model that is in a file or knows most of it. Raises `InputError`.

    `loaded`: the database where it was read already; the model's schemas are put there. A model of the cache need not
    have been trained on this version of the database (`recipe.best_known`); where none knows enough of it one is
    trained.
    """
    path = resolve_database(database)
    opened = load_theory(path, told=True) if loaded is None else loaded

    def load(theory: Theory) -> Fitted:
        found = model or _found(opened, path)
        if found is None:
            return Fitted(_by_counts(theory, 0), frozenset())
        prover = _load(theory, found, path)
        return Fitted(prover.ranker, prover.seen, prover.knows)

    return Source(opened, str(path), load)


def _found(theory: Theory, path: Path) -> Path | None:
    """The model of the cache for a database, trained if there is none; None where there are no proofs."""
    recipe = recipe_for(theory, None, 0)
    found = recipe.path() if recipe.path().is_file() else best_known(theory, recipe)
    if found is None and recipe.training(theory):
        judged = load_theory(path, told=True, judged=True)
        if recipe.training(judged):
            _ensure(judged, recipe, recipe.path())
            found = recipe.path()
    return found


def train(
    database: str,
    exclude: Path | None = None,
    seed: int = 0,
) -> Model:
    """The verb ``train``: the model of a database into the cache, unless it is there.

    `exclude`: a file of labels, one a line, whose proofs the model must not see; default: new2's valid and test parts.
    The answer: ``path`` and ``model`` (SHA-256), null where there are no proofs; ``trained`` (false: it was there),
    ``seconds`` that training took, ``proofs`` seen by each stage, ``first`` and ``held_out``: nats a step and recall on
    proofs that no stage saw, by the first stage and by both; ``moves`` (proofs translated whole, decisions, and the
    held-out choices' nats and recall) and ``network``, figures of these parts, null for what is not there.
    Raises `InputError`.
    """
    path = resolve_database(database)
    theory = load_theory(path, judged=True)
    recipe = recipe_for(theory, None if exclude is None else read_labels(exclude, theory), seed)
    answer: dict[str, Any] = {
        "database": database,
        "seed": seed,
        "excluded": len(recipe.excluded),
        "excluded_sha256": recipe.excluded_sha256,
        "path": None,
        "model": None,
        "trained": False,
    }
    if not recipe.training(theory):
        said = f"{database} has no human proofs to learn from: nothing was trained; searches go by use counts alone"
        return Model(answer, plain(said))
    trained = _ensure(theory, recipe, recipe.path())
    _, about = model_file.load_model(recipe.path())
    figures = figures_of(about, recipe.path())
    answer |= {"path": recipe.path(), "model": about["sha256"], "trained": trained, **figures}
    return Model(answer, _in_words(answer))


def load_prover(
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
    theory = load_theory(path, judged=True)
    if model is not None:
        return _load(theory, model, path)
    recipe = recipe_for(theory, excluded, seed)
    if not recipe.training(theory):
        return Prover(theory, _by_counts(theory, seed), None, frozenset(), None, path, None)
    kept = recipe.path() if keep is None or recipe.path().is_file() else keep / recipe.path().name
    _ensure(theory, recipe, kept)
    return _load(theory, kept, path)


def _by_counts(theory: Theory, seed: int) -> Ranker:
    """A ranker that knows statements and use counts only."""
    ranker = _core.Ranker(derive(seed, "first"))
    patiently(lambda: ranker.fit(theory, [], [], 0))
    return ranker


def _ensure(theory: Theory, recipe: Recipe, path: Path) -> bool:
    """Have the model at `path`, in the cache or another folder; whether it had to be trained."""
    return model_cache.ensure(recipe, path, lambda: _make(theory, recipe, path))


def _make(base: Theory, recipe: Recipe, path: Path) -> None:
    """Train all parts and publish them as one file."""
    console.note("training the model of this database, once; it is kept in the cache")
    from metadream.wake_sleep.model.train import MOVES_EPOCHS, Material, fit_first, fit_network, set_network

    started = time.monotonic()
    learnt, held_out = held_apart(recipe.training(base), recipe.seed)
    corpus, theory = Corpus([], learnt, []), base.copy()
    material = Material(theory, corpus, recipe.settings(), recipe.seed)
    seen, rest = parts(corpus, recipe.seed)
    figures: dict[str, Any] = {"proofs": {"first": len(seen), "network": len(rest or seen), "held_out": len(held_out)}}
    with console.progress("training: first stage") as update:
        ranker, figures["first"] = patiently(lambda: fit_first(material))
        figures["first"]["held_out"] = _measured(ranker, theory, held_out)
        update(1, "")
    with console.progress("training: moves in context") as update:
        figures["moves"] = patiently(lambda: ranker.fit_moves(theory, [], learnt, MOVES_EPOCHS))
        figures["moves"]["held_out"] = _moves_measured(ranker, held_out)
        update(1, "")
    with console.progress("training: network, epoch") as update:
        network = patiently(lambda: fit_network(material, ranker, update))
        set_network(ranker, network, theory)
    figures |= {"network": None if network is None else asdict(network.report)}
    figures |= {"held_out": _measured(ranker, theory, held_out), "seconds": time.monotonic() - started}
    patiently(lambda: ranker.set_skeletons(theory, learnt))
    arrays = ranker.portable(theory, recipe.training(base), entry_texts(seen)) | ranker.moves_portable()
    model_file.save_model(path, arrays, {**recipe.about(), "figures": json.dumps(figures)})


def _measured(ranker: Ranker, theory: Theory, held_out: list[str]) -> dict[str, Any] | None:
    return patiently(lambda: ranker.held_out(theory, held_out)) if held_out else None


def _moves_measured(ranker: Ranker, held_out: list[str]) -> dict[str, Any] | None:
    """Choices of the held-out proofs that are translated whole: how many, nats each, and recall; None for none."""
    found = patiently(lambda: ranker.measured_moves(held_out, True)) if held_out else []
    ranked = [(rank, nats) for proof in found for _, rank, nats in proof or []]
    if not ranked:
        return None
    at = {f"at_{k}": sum(rank is not None and rank < k for rank, _ in ranked) / len(ranked) for k in (1, 10, 50)}
    translated = sum(proof is not None for proof in found)
    return {"translated": translated, "choices": len(ranked), "nats": sum(n for _, n in ranked) / len(ranked), **at}


def _load(theory: Theory, model: Path, database: Path) -> Prover:
    """The model in a file, fitted to a theory and ready for search; torch is not needed. Raises `InputError`."""
    with model_cache.reading(model):
        about = model_file.load_about(model)
        if not fits_version(about):
            raise InputError("expected a model that this version's 'metadream train' wrote; train it again", model)
        arrays, about = model_file.load_model(model)
    knows = known_share(theory, arrays, model)
    if knows < LEAST_KNOWN:
        said = f"this model knows {100 * knows:.0f} % of what {database} states, too little to be of use there"
        raise InputError(f"{said}; name the database that it was trained on, or train another", model)
    try:
        ranker, knows, seen = patiently(lambda: _core.Ranker.fitted(theory, arrays))
    except (InputError, KeyError, ValueError, TypeError):
        raise model_file.refused(model, "its parts do not fit together") from None
    return Prover(theory, ranker, about["sha256"], frozenset(seen), model, database, knows)


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
    moves = answer.get("moves")
    if moves and moves.get("held_out"):
        measured = moves["held_out"]
        recall = ", ".join(f"recall@{k} {100 * measured[f'at_{k}']:.1f} %" for k in (1, 10, 50))
        lines.append(
            f"moves in context: {moves['translated']} of {moves['proofs']} proofs translated whole; "
            f"{measured['nats']:.3f} nats a choice, {recall} ({measured['choices']} held-out choices)"
        )
    lines.append(f"model {answer['model']}\n{answer['path']}")
    return "\n".join(lines)

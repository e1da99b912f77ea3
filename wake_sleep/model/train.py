"""Training of what ranks opcodes: the first stage (in Rust) and the recognition model that ranks its best again.

The network has to see the first stage's scores as they are on *unseen* proofs: on proofs that it was trained on, the
first stage is nearly always right, and a network trained on these scores
would believe it blindly. Hence small corpora are cross-fitted: each half's scores come from a first stage trained on
the other half, and the final first stage is trained on all. A large corpus is split once: most proofs train the first
stage, the rest the network.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from metadream import _core
from metadream._core import Ranker, Theory
from metadream.dsl.proofs import Entry, Proof, entry_texts, texts_and_labels
from metadream.metamath_db.core import Table
from metadream.wake_sleep.model import network as model
from metadream.wake_sleep.model.corpus import LARGE, Corpus, first_numbers
from metadream.wake_sleep.runs.settings import Settings
from metadream.wake_sleep.seeds import derive

MOVES_EPOCHS = 5  # of the first stage over moves

Progress = Callable[[int, str], None]


@dataclass(frozen=True)
class Material:
    """What training is about: proofs over a theory, and how they are learnt from."""

    theory: Theory
    corpus: Corpus
    settings: Settings
    seed: int


@dataclass
class Trained:
    """A ranker that is ready for search, its network if it has one, and figures."""

    ranker: Ranker
    network: model.Trained | None
    figures: dict[str, Any]


def _texts_and_labels(
    items: list[Entry], numbers: npt.NDArray[np.int64]
) -> tuple[list[str], list[str], npt.NDArray[np.int64]]:
    """Chosen items as the core takes them (texts, then labels), and their numbers in that order."""
    proofs = [i for i in numbers.tolist() if isinstance(items[i], Proof)]
    labels = [i for i in numbers.tolist() if not isinstance(items[i], Proof)]
    order = np.array([*proofs, *labels], dtype=np.int64)
    return *texts_and_labels(items[i] for i in order.tolist()), order


def fit_first(material: Material) -> tuple[Ranker, dict[str, Any]]:
    """The first stage that is used in search, and figures of its training."""
    corpus, settings, seed = material.corpus, material.settings, material.seed
    texts, labels, _ = _texts_and_labels(corpus.items, first_numbers(corpus, seed))
    ranker = _core.Ranker(derive(seed, "first"))
    # without any proof there is nothing to learn yet: the axioms' own statements alone mislead
    # (docs/decisions/0008-weights-of-the-search.md)
    epochs = settings.epochs if settings.uses("recognition") and corpus.real else 0
    return ranker, ranker.fit(material.theory, texts, labels, epochs)


def fit_moves(material: Material, ranker: Ranker) -> dict[str, Any]:
    """Train what ranks moves in context (docs/inference.md) into `ranker`, on all proofs that are translated whole; the
    moves are those of the database and of the library's lemmas. Figures of it, without times.

    Where there is nothing to learn from, or recognition is left out, moves are ranked by how often they were made.
    """
    corpus, settings = material.corpus, material.settings
    epochs = MOVES_EPOCHS if settings.uses("recognition") and corpus.real else 0
    figures = ranker.fit_moves(material.theory, *texts_and_labels(corpus.items), epochs)
    return {key: value for key, value in sorted(figures.items()) if key != "seconds"}  # sorted as in a model file


def train(material: Material, progress: Progress = lambda done, remark: None) -> Trained:
    """Train both stages. Without recognition: use counts only."""
    started = time.monotonic()
    ranker, figures = fit_first(material)
    network = fit_network(material, ranker, progress)
    set_network(ranker, network, material.theory)
    figures = {"first": figures, "network": asdict(network.report) if network else None}
    return Trained(ranker, network, {**figures, "seconds": time.monotonic() - started})


def fit_network(
    material: Material, ranker: Ranker, progress: Progress = lambda done, remark: None
) -> model.Trained | None:
    """The network that ranks again what `ranker`, the first stage that `fit_first` gave, puts in front.

    None where there is too little to learn from, or where recognition is left out.
    """
    if not material.settings.uses("recognition") or not material.corpus.real:
        return None
    return fit_on(examples_of(material, ranker), material, ranker, progress)


def fit_on(
    table: Table, material: Material, ranker: Ranker, progress: Progress = lambda done, remark: None
) -> model.Trained | None:
    """The same from the examples that `examples_of` gave."""
    corpus = material.corpus
    table = {**table, "task": corpus.groups()[table["task"]]}
    data = model.Data(table, ranker.premise_features(material.theory))
    real = len(set(corpus.groups()[: corpus.real].tolist()))
    return model.fit(data, ranker.feature_count(), real, derive(material.seed, "network"), progress)


def set_network(ranker: Ranker, network: model.Trained | None, theory: Theory) -> None:
    """Hand the network to the ranker; premises that it was not trained on are scored by their statements."""
    ranker.set_network(None if network is None else model.exported(network, ranker.premise_features(theory)))


def examples_of(material: Material, final: Ranker) -> Table:
    """The network's examples, each scored by a first stage that did not see its proof."""
    theory, settings, seed = material.theory, material.settings, material.seed
    items = material.corpus.items
    if len(items) >= LARGE:
        own = first_numbers(material.corpus, seed)
        _remember(final, theory, items, own)
        return _examples(material, final, np.setdiff1d(np.arange(len(items)), own), settings.examples, seed)
    parts = []
    first, second = halves(material.corpus, derive(seed, "folds"))
    for fold, (mine, other) in enumerate([(first, second), (second, first)]):
        ranker = _first_of(material, other, derive(seed, "fold", fold))
        _remember(ranker, theory, items, other)
        parts.append(_examples(material, ranker, mine, settings.examples // 2, derive(seed, fold)))
    return _joined(parts)


def _first_of(material: Material, numbers: npt.NDArray[np.int64], seed: int) -> Ranker:
    """A first stage that saw these items only."""
    texts, labels, _ = _texts_and_labels(material.corpus.items, numbers)
    ranker = _core.Ranker(seed)
    ranker.fit(material.theory, texts, labels, material.settings.epochs)
    return ranker


def halves(corpus: Corpus, seed: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The items' numbers in two parts, proofs of the same theorem in the same one."""
    groups = corpus.groups()
    order = np.random.default_rng(seed).permutation(int(groups.max()) + 1)
    first = np.isin(groups, order[::2])
    return np.flatnonzero(first), np.flatnonzero(~first)


def fit_on_half(material: Material) -> tuple[Ranker, list[Entry]]:
    """A first stage that saw half of a corpus, and the items of the other half."""
    mine, other = halves(material.corpus, material.seed)
    ranker = _first_of(material, mine, derive(material.seed, "half"))
    return ranker, [material.corpus.items[i] for i in other.tolist()]


def _remember(ranker: Ranker, theory: Theory, items: list[Entry], numbers: npt.NDArray[np.int64]) -> None:
    """Analogues of the ranker's own proofs: the network learns on what they say as the search will."""
    ranker.set_skeletons(theory, entry_texts(items[i] for i in numbers.tolist()))


def _examples(material: Material, ranker: Ranker, numbers: npt.NDArray[np.int64], limit: int, seed: int) -> Table:
    """Examples of the chosen items; column ``task`` is the item's number, ``uses`` (N, K) what this ranker counted."""
    theory, candidates = material.theory, material.settings.candidates
    texts, labels, order = _texts_and_labels(material.corpus.items, numbers)
    table = dict(ranker.examples(theory, texts, labels, candidates, limit, derive(seed, "examples")))
    counts, ranked = ranker.premise_features(theory)["uses"], table["candidates"]
    table["uses"] = counts[np.where(ranked == model.NO_CANDIDATE, 0, ranked)].astype(np.float32)
    table["task"] = order[table["task"].astype(np.int64)]
    return table


def _joined(parts: list[Table]) -> Table:
    table = {name: np.concatenate([part[name] for part in parts]) for name in parts[0] if name != "offsets"}
    starts = np.cumsum([0, *(part["offsets"][-1] for part in parts)])
    ends = [part["offsets"][1:] + start for part, start in zip(parts, starts[:-1], strict=True)]
    table["offsets"] = np.concatenate([np.zeros(1, dtype=np.int64), *ends])
    return table

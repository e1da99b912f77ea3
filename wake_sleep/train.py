"""Training of what ranks opcodes: the first stage (in Rust) and the recognition model that ranks its best again.

The network has to see the first stage's scores as they are on *unseen* proofs: on proofs that it was trained on, the
first stage is nearly always right (0.67 nats a step against 2.31 on set.mm), and a network trained on these scores
would believe it blindly. Hence small corpora are cross-fitted: each half's scores come from a first stage trained on
the other half, and the final first stage is trained on all. A large corpus is split once: most proofs train the first
stage, the rest the network.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from metadream.metamath_db.core import Core, Ranker, Table, Theory
from metadream.wake_sleep import model
from metadream.wake_sleep.corpus import LARGE, Corpus, first_numbers
from metadream.wake_sleep.losses import rewards
from metadream.wake_sleep.seeds import derive
from metadream.wake_sleep.settings import Settings

SCHEMAS = 2_000  # Level-2 composites at most

Progress = Callable[[int, str], None]


@dataclass
class Trained:
    """A ranker that is ready for search, its network if it has one, and figures."""

    ranker: Ranker
    network: model.Trained | None
    figures: dict[str, Any]


def _texts_and_labels(
    items: list[str], numbers: npt.NDArray[np.int64]
) -> tuple[list[str], list[str], npt.NDArray[np.int64]]:
    """Chosen items as the core takes them (texts, then labels), and their numbers in that order."""
    texts = [i for i in numbers.tolist() if items[i].startswith("{")]
    labels = [i for i in numbers.tolist() if not items[i].startswith("{")]
    return [items[i] for i in texts], [items[i] for i in labels], np.array([*texts, *labels], dtype=np.int64)


def fit_first(
    core: Core, theory: Theory, corpus: Corpus, settings: Settings, seed: int
) -> tuple[Ranker, dict[str, Any]]:
    """The first stage that is used in search, and figures of its training."""
    texts, labels, _ = _texts_and_labels(corpus.items, first_numbers(corpus, seed))
    ranker = core.Ranker(derive(seed, "first"))
    # without any proof there is nothing to learn yet: the axioms' own statements alone mislead (86 to 107 of the
    # starter's tasks solved, against 133 by use counts)
    epochs = settings.epochs if settings.uses("recognition") and corpus.real else 0
    return ranker, ranker.fit(theory, texts, labels, epochs)


def train(
    core: Core,
    theory: Theory,
    corpus: Corpus,
    settings: Settings,
    seed: int,
    progress: Progress = lambda done, remark: None,
    spent: Sequence[int | None] | None = None,
) -> Trained:
    """Train both stages on a corpus of proofs over `theory`. Without recognition: use counts only.

    `spent`: by item the expansions that found it, for the success reward.
    """
    started = time.monotonic()
    ranker, figures = fit_first(core, theory, corpus, settings, seed)
    network = fit_network(core, theory, ranker, corpus, settings, seed, progress, spent)
    set_network(ranker, network, theory)
    figures = {"first": figures, "network": asdict(network.report) if network else None}
    return Trained(ranker, network, {**figures, "seconds": time.monotonic() - started})


def fit_network(
    core: Core,
    theory: Theory,
    ranker: Ranker,
    corpus: Corpus,
    settings: Settings,
    seed: int,
    progress: Progress = lambda done, remark: None,
    spent: Sequence[int | None] | None = None,
) -> model.Trained | None:
    """The network that ranks again what `ranker`, the first stage that `fit_first` gave, puts in front.

    `spent`: by item of the corpus the expansions that found it (`losses.rewards`). None where there is too
    little to learn from, or where recognition is left out.
    """
    if not settings.uses("recognition") or not corpus.real:
        return None
    table = examples_of(core, theory, ranker, corpus, settings, seed)
    return fit_on(table, theory, ranker, corpus, settings, seed, progress, spent)


def fit_on(
    table: Table,
    theory: Theory,
    ranker: Ranker,
    corpus: Corpus,
    settings: Settings,
    seed: int,
    progress: Progress = lambda done, remark: None,
    spent: Sequence[int | None] | None = None,
) -> model.Trained | None:
    """The same from the examples that `examples_of` gave."""
    table = {**table, "item": table["task"], "task": corpus.groups()[table["task"]]}
    if spent is not None and "success" in settings.losses:
        table["weight"] = rewards(spent)[table["item"]]
    data = model.Data(table, ranker.premise_features(theory), "trace" in settings.losses)
    real = len(set(corpus.groups()[: corpus.real].tolist()))
    return model.fit(data, ranker.feature_count(), real, derive(seed, "network"), settings.losses, progress)


def set_network(ranker: Ranker, network: model.Trained | None, theory: Theory) -> None:
    """Hand the network to the ranker; premises that it was not trained on are scored by their statements."""
    ranker.set_network(None if network is None else model.exported(network, ranker.premise_features(theory)))


def examples_of(core: Core, theory: Theory, final: Ranker, corpus: Corpus, settings: Settings, seed: int) -> Table:
    """The network's examples, each scored by a first stage that did not see its proof."""
    items, limit = corpus.items, settings.examples
    if len(items) >= LARGE:
        own = first_numbers(corpus, seed)
        rest = np.setdiff1d(np.arange(len(items)), own)
        _remember(final, theory, items, own)
        return _examples(final, theory, items, rest, settings, limit, seed)
    first, second = halves(corpus, derive(seed, "folds"))
    parts = []
    for fold, (mine, other) in enumerate([(first, second), (second, first)]):
        texts, labels, _ = _texts_and_labels(items, other)
        ranker = core.Ranker(derive(seed, "fold", fold))
        ranker.fit(theory, texts, labels, settings.epochs)
        _remember(ranker, theory, items, other)
        parts.append(_examples(ranker, theory, items, mine, settings, limit // 2, derive(seed, fold)))
    return _joined(parts)


def halves(corpus: Corpus, seed: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The items' numbers in two parts, proofs of the same theorem in the same one."""
    groups = corpus.groups()
    order = np.random.default_rng(seed).permutation(int(groups.max()) + 1)
    first = np.isin(groups, order[::2])
    return np.flatnonzero(first), np.flatnonzero(~first)


def fit_on_half(core: Core, theory: Theory, corpus: Corpus, settings: Settings, seed: int) -> tuple[Ranker, list[str]]:
    """A first stage that saw half of a corpus, and the items of the other half."""
    mine, other = halves(corpus, seed)
    texts, labels, _ = _texts_and_labels(corpus.items, mine)
    ranker = core.Ranker(derive(seed, "half"))
    ranker.fit(theory, texts, labels, settings.epochs)
    return ranker, [corpus.items[i] for i in other.tolist()]


def _remember(ranker: Ranker, theory: Theory, items: list[str], numbers: npt.NDArray[np.int64]) -> None:
    """Analogues of the ranker's own proofs: the network learns on what they say as the search will."""
    ranker.set_skeletons(theory, [items[i] for i in numbers.tolist()])


def _examples(
    ranker: Ranker,
    theory: Theory,
    items: list[str],
    numbers: npt.NDArray[np.int64],
    settings: Settings,
    limit: int,
    seed: int,
) -> Table:
    """Examples of the chosen items; column ``task`` is the item's number, ``uses`` (N, K) what this ranker counted."""
    texts, labels, order = _texts_and_labels(items, numbers)
    table = dict(ranker.examples(theory, texts, labels, settings.candidates, limit, derive(seed, "examples")))
    counts = ranker.premise_features(theory)["uses"]
    candidates = table["candidates"]
    table["uses"] = counts[np.where(candidates == model.NO_CANDIDATE, 0, candidates)].astype(np.float32)
    table["task"] = order[table["task"].astype(np.int64)]
    return table


def _joined(parts: list[Table]) -> Table:
    table = {name: np.concatenate([part[name] for part in parts]) for name in parts[0] if name != "offsets"}
    starts = np.cumsum([0, *(part["offsets"][-1] for part in parts)])
    ends = [part["offsets"][1:] + start for part, start in zip(parts, starts[:-1], strict=True)]
    table["offsets"] = np.concatenate([np.zeros(1, dtype=np.int64), *ends])
    return table

"""What analogues add to the first stage's logits: only other theorems' proofs, and the search sees it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from metadream import _core
from metadream._core import Ranker, Theory
from metadream.metamath_db.core import load_theory
from metadream.metamath_db.tasks import proved
from metadream.wake_sleep.search.options import search_options


@pytest.fixture(scope="module")
def fitted(small_database: Path) -> tuple[Theory, Ranker, list[str]]:
    """A first stage, trained on every second proof, and all labels with proofs."""
    theory = load_theory(small_database)
    labels = proved(theory, theory.theorems())
    ranker = _core.Ranker(0)
    ranker.fit(theory, [], labels[::2], 4)
    return theory, ranker, labels


def scores(ranker: Ranker, theory: Theory, label: str) -> dict[tuple[int, int], float]:
    """Logit of each candidate of each step of a proof; the order of the candidates is left out."""
    table = ranker.examples(theory, [], [label], 8, 0, 0)
    pairs = np.ndenumerate(table["candidates"])
    return {(at[0], int(premise)): float(table["scores"][at]) for at, premise in pairs if premise != 0xFFFFFFFF}


def test_a_proof_is_no_analogue_of_its_own(fitted: tuple[Theory, Ranker, list[str]]) -> None:
    theory, ranker, labels = fitted
    label = labels[1]
    ranker.set_skeletons(theory, [])
    alone = scores(ranker, theory, label)
    ranker.set_skeletons(theory, [label])
    assert scores(ranker, theory, label) == alone
    ranker.set_skeletons(theory, labels)
    informed = scores(ranker, theory, label)
    common = alone.keys() & informed.keys()
    assert common and any(informed[key] > alone[key] for key in common)
    assert all(informed[key] >= alone[key] for key in common)  # analogues speak for premises only


def test_the_search_ranks_by_prior_and_memory(fitted: tuple[Theory, Ranker, list[str]]) -> None:
    theory, ranker, labels = fitted
    ranker.set_skeletons(theory, labels[::2])

    def spent(**options: bool) -> list[int]:
        found = [
            _core.search(theory, ranker, task, search_options(200, replay=False, closers=False, **options))
            for task in labels[1::2]
        ]
        return [int(x["expansions"]) for x in found]

    whole = spent()
    assert spent() == whole
    assert spent(memory=False) != whole
    assert spent(prior=False) != whole

"""``metadream bench states``: simple baselines of GamePad's two tasks (Huang et al. 2018) on a data set of states.

The task *steps* is to predict the number of remaining decisions, in classes. The task *move* is to predict which of the
most frequent moves is made. A linear model is trained on the train part and measured on the decisions of the valid
part. Its features are hashed tokens and pairs of neighbouring tokens; it is a logistic regression for each class,
trained by stochastic gradient descent. It is compared with the majority, the most frequent class of the train part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from metadream.metamath_db.core import patiently
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.terminal import console
from metadream.metamath_db.terminal.console import Outcome, table
from metadream.metamath_db.terminal.foreign_text import plain
from metadream.wake_sleep.states.rows import SCHEMA

CLASSES = ((1, "1"), (3, "2-3"), (7, "4-7"), (15, "8-15"), (31, "16-31"))  # of steps to go: most, name
FAR = "32+"
READ = ["task", "gamma", "goal", "opcode", "move", "decision", "steps_to_go"]
FEATURES = 1 << 18
EPOCHS = 5
RESAMPLED = 1_000  # of the theorems, for an interval

State: TypeAlias = "dict[str, Any]"


def bench(folder: Path, seed: int = 0, labels: int = 50) -> Outcome:
    """Train and measure both baselines; `labels`: how many moves are told apart. Raises `InputError`.

    The answer: `folder`, `seed`, `labels`, and of `steps` and `move` each: `classes`, `train` and `n` (decisions that
    were trained on and asked; of `move` those whose move is one of the labels), `share` (n of all decisions of the
    part), `theorems`; `accuracy`, `majority` and their `difference`, each a `mean` with its 95 % `interval`, theorems
    as the sample.
    """
    train, valid = (_decisions(folder / f"{part}.parquet") for part in ("train", "valid"))
    frequent = {name for name, _ in _by_count(state["move"] for state in train)[:labels]}
    answers: dict[str, Any] = {}
    for task in ("steps", "move"):
        pairs = [_labelled(states, task, frequent) for states in (train, valid)]
        if not all(pairs) or len({label for _, label in pairs[0]}) < 2:
            raise InputError("too few decisions to train on and to ask; expected an export of more theorems", folder)
        with console.stage(f"training on {len(pairs[0])} decisions: {task}"):
            answers[task] = _measured(pairs[0], pairs[1], seed) | {"share": len(pairs[1]) / len(valid)}
    data = {"folder": folder, "seed": seed, "labels": labels, **answers}
    return Outcome(data, _shown(folder, answers))


def steps_class(steps: int) -> str:
    """Returns the class of a number of remaining steps."""
    return next((name for most, name in CLASSES if steps <= most), FAR)


def tokens(state: Mapping[str, Any]) -> Iterator[str]:
    """Yields the features of a state: tokens of the goal, pairs of neighbours in it, tokens of Γ, and the size of Γ."""
    goal = state["goal"].split()
    yield from (f"g {token}" for token in goal)
    yield from (f"g {a} {b}" for a, b in pairwise(goal))
    yield from (f"c {token}" for member in state["gamma"] for token in member.split())
    yield f"n {len(state['gamma'])}"


def _decisions(path: Path) -> list[State]:
    """The decisions of a part. Raises `InputError`."""
    expected = "a folder of 'metadream data export states' with Parquet in it"
    try:
        file = pq.ParquetFile(path)
        if not file.schema_arrow.equals(SCHEMA):
            raise InputError(f"its columns are others; expected {expected}", path)
        rows: list[State] = file.read(columns=READ).to_pylist()
    except OSError as problem:
        raise InputError(f"cannot be read ({problem.strerror or 'no Parquet'}); expected {expected}", path) from None
    except (ValueError, pa.ArrowException):
        raise InputError(f"this is no Parquet; expected {expected}", path) from None
    return [row for row in rows if row["decision"]]


def _by_count(labels: Any) -> list[tuple[str, int]]:
    """Returns the labels with their counts, the most frequent first; ties by label."""
    return sorted(Counter(labels).items(), key=lambda pair: (-pair[1], pair[0]))


def _labelled(states: Sequence[State], task: str, frequent: set[str]) -> list[tuple[State, str]]:
    if task == "steps":
        return [(state, steps_class(state["steps_to_go"])) for state in states]
    return [(state, state["move"]) for state in states if state["move"] in frequent]


def _measured(train: Sequence[tuple[State, str]], asked: Sequence[tuple[State, str]], seed: int) -> dict[str, Any]:
    """Accuracy of the linear model and of the majority; see `bench`."""
    wanted = [label for _, label in train]
    predicted = patiently(lambda: _predictions([s for s, _ in train], wanted, [s for s, _ in asked], seed))
    common = _by_count(wanted)[0][0]
    tasks = [state["task"] for state, _ in asked]
    mine = np.array([p == label for p, (_, label) in zip(predicted, asked, strict=True)], float)
    base = np.array([common == label for _, label in asked], float)
    return {
        "classes": len(set(wanted)),
        "train": len(train),
        "n": len(asked),
        "theorems": len(set(tasks)),
        "accuracy": _figure(mine, tasks, seed),
        "majority": _figure(base, tasks, seed),
        "difference": _figure(mine - base, tasks, seed),
    }


def _predictions(train: list[State], wanted: list[str], asked: list[State], seed: int) -> list[str]:
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import SGDClassifier

    hashed = HashingVectorizer(analyzer=tokens, n_features=FEATURES, alternate_sign=False)
    model = SGDClassifier(loss="log_loss", alpha=1e-6, max_iter=EPOCHS, tol=None, random_state=seed)
    model.fit(hashed.transform(train), wanted)
    return [str(label) for label in model.predict(hashed.transform(asked))]


def _figure(right: npt.NDArray[Any], tasks: Sequence[str], seed: int) -> dict[str, Any]:
    """The mean with its 95 % interval: the bootstrap's percentiles, theorems as the sample (Efron 1979)."""
    _, number = np.unique(tasks, return_inverse=True)
    sums, sizes = np.bincount(number, weights=right), np.bincount(number)
    draws = np.random.RandomState(seed % 2**32).randint(len(sizes), size=(RESAMPLED, len(sizes)))
    means = sums[draws].sum(axis=1) / sizes[draws].sum(axis=1)
    return {"mean": float(right.mean()), "interval": [float(x) for x in np.percentile(means, [2.5, 97.5])]}


def _shown(folder: Path, answers: Mapping[str, Any]) -> Any:
    def cell(figure: Mapping[str, Any]) -> str:
        low, high = figure["interval"]
        return f"{100 * figure['mean']:.1f} ({100 * low:.1f} to {100 * high:.1f})"

    columns: tuple[str, ...] = ("task", "classes", "trained on", "asked", "of all, %", "theorems")
    columns += ("linear, %", "majority, %", "difference")
    rows = [
        (
            name,
            x["classes"],
            x["train"],
            x["n"],
            f"{100 * x['share']:.1f}",
            x["theorems"],
            *map(cell, (x["accuracy"], x["majority"], x["difference"])),
        )
        for name, x in answers.items()
    ]
    return table(f"baselines on {plain(str(folder))}, with 95 % intervals", columns, rows)

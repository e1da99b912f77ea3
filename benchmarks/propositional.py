"""Search of a database's theorems before a label, by a first stage trained only on proofs from that label on.

    python benchmarks/propositional.py set --before ax-gen --every 10 --models DIR

Prints a line an arm (closers on, off) with what was proved and accepted by both judges, and the tasks that stay open.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from metadream import _core
from metadream._core import Ranker, Theory
from metadream.metamath_db.core import load_theory
from metadream.metamath_db.data import resolve_database
from metadream.metamath_db.tasks import proved
from metadream.wake_sleep.loop.wake import Attempt, in_parallel, judge
from metadream.wake_sleep.model import file as model_file
from metadream.wake_sleep.seeds import derive

EPOCHS = 4


def first_stage(theory: Theory, training: list[str], store: Path) -> Ranker:
    """A first stage trained on these human proofs; kept in `store`."""
    ranker = _core.Ranker(derive(0, "first"))
    if store.exists():
        ranker.restore(theory, [], training, model_file.load_model(store)[0])
        return ranker
    ranker.fit(theory, [], training, EPOCHS)
    model_file.save_model(store, dict(ranker.weights()), {"seed": "0"})
    return ranker


def main() -> None:
    """Train or load the first stage, search each task in each arm, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database")
    parser.add_argument("--before", default="ax-gen")
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--expansions", type=int, default=32_000)
    parser.add_argument("--arms", default="on,off")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--models", type=Path, required=True, help="folder where the first stage is kept")
    arguments = parser.parse_args()
    theory = load_theory(resolve_database(arguments.database))
    labels, theorems = theory.labels(), theory.theorems()
    early = set(labels[: labels.index(arguments.before)])
    tasks = [label for label in theorems if label in early]
    training = proved(theory, [label for label in theorems if label not in early])
    ranker = first_stage(theory, training, arguments.models / f"first-after-{arguments.before}.safetensors")
    asked = tasks[:: arguments.every]
    for arm in arguments.arms.split(","):
        started = time.process_time()

        def search(task: str, on: bool = arm == "on") -> dict[str, Any]:
            return _core.search(theory, ranker, task, arguments.expansions, closers=on)

        found = list(in_parallel(search, asked, arguments.threads))
        seconds = time.process_time() - started
        judged = judge(theory, list(map(Attempt.of, found)), arguments.threads)
        solved = [a.task for a in judged.attempts if a.solved]
        share = 100 * len(solved) / len(asked)
        print(f"closers {arm}: {len(solved)} of {len(asked)} ({share:.1f} %), CPU {seconds:.0f} s")
        print("  refused:", [task for task, _ in judged.refused])
        print("  open:", " ".join(f"{x['task']}:{x['reason']}" for x in found if x["task"] not in set(solved)))


if __name__ == "__main__":
    main()

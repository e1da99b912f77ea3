"""What each auxiliary loss of the recognition model is worth: nats of a held-out step, with and without it.

    python benchmarks/losses.py ql nf iset [--seeds 0 1] [--limit ROWS]

The model learns from the proofs of new2's training part; the figures are of the valid part's proofs, which no stage
saw. Both arms have the same first stage and the same examples; only the network differs. The success reward is
missing here: it weighs proofs that a run found (`metadream learn --on train --loss success`).
"""

import argparse
from dataclasses import replace

from metadream.metamath_db.core import load_core, load_theory
from metadream.metamath_db.data import resolve_database
from metadream.metamath_db.tasks import new2, proved
from metadream.wake_sleep.model.corpus import Corpus
from metadream.wake_sleep.model.train import Material, examples_of, fit_first, fit_on, set_network
from metadream.wake_sleep.runs.settings import Settings

ARMS = (
    ("imitation",),
    ("imitation", "trace"),
    ("imitation", "consistency"),
    ("imitation", "trace", "consistency"),
    ("trace",),
)


def measure(database: str, seeds: list[int], limit: int) -> None:
    """Print a line for each seed and arm."""
    core, path = load_core(), resolve_database(database)
    theory = load_theory(core, path)
    split = new2(theory.theorems())
    corpus, valid = Corpus([], proved(theory, split.train), []), proved(theory, split.valid)
    for seed in seeds:
        settings = Settings(database, "", seed, None, (), 1, 0, examples=limit)
        material = Material(core, theory, corpus, settings, seed)
        ranker, _ = fit_first(material)
        first = ranker.held_out(theory, valid)
        print(
            f"{database} seed {seed} first stage alone: {first['nats']:.4f} nats of {first['steps']} steps", flush=True
        )
        table = examples_of(material, ranker)
        for arm in ARMS:
            network = fit_on(table, replace(material, settings=replace(settings, losses=arm)), ranker)
            set_network(ranker, network, theory)
            found, name = ranker.held_out(theory, valid), "+".join(arm)
            stopped = "no network" if network is None else f"{network.report.epochs} epochs, {network.report.nll:.4f}"
            print(
                f"{database} seed {seed} {name}: {found['nats']:.4f} nats, @1 {found['at_1']:.4f} ({stopped})",
                flush=True,
            )
            set_network(ranker, None, theory)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("databases", nargs="+")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--limit", type=int, default=200_000, help="training examples at most")
    asked = parser.parse_args()
    for database in asked.databases:
        measure(database, asked.seeds, asked.limit)


if __name__ == "__main__":
    main()

"""Wake-sleep cycles, what each part of the loop is worth, and training."""

from __future__ import annotations

from collections.abc import Sequence

from figures import words
from figures.declare import Answers, Figure, Part, Table, Values
from figures.result import Result, named

CYCLE = (
    "cycle",
    "tasks",
    "solved",
    "solved_without_library",
    "library_size",
    "description_length",
    "description_length_unfolded",
    "refused",
    "expansions",
    "unseen_points",
    "unseen_interval",
    "pass_rate",
    "nll_first_stage",
    "nll",
    "seconds",
)


def cycles(answers: Answers) -> Values:
    """The figures of each cycle of a run."""
    return {"cycles": [{key: cycle[key] for key in CYCLE} for cycle in answers.json()["cycles"]]}


def learn(name: str, options: str, minutes: float, needs: tuple[str, ...] = ()) -> Figure:
    """A run of `metadream learn` in a new folder."""
    return Figure(name, (f"metadream learn --run run {options} --json",), cycles, minutes, needs)


def demo_tables(results: Sequence[Result]) -> Sequence[Table]:
    """The table of `make demo`."""
    header: tuple[str, ...] = (
        "cycle",
        "tasks",
        "solved",
        "without the library, equal expansions",
        "lemmas in the library",
        "description length, steps (unfolded)",
    )
    return [
        Table(
            header,
            [
                (
                    str(cycle["cycle"]),
                    words.count(cycle["tasks"]),
                    words.count(cycle["solved"]),
                    words.count(cycle["solved_without_library"]),
                    words.count(cycle["library_size"]),
                    f"{cycle['description_length']:,} ({cycle['description_length_unfolded']:,})",
                )
                for cycle in result.values["cycles"]
            ],
            [result],
        )
        for result in results
    ]


DEMO = Part(
    "demo",
    "The starter database",
    "What `make demo` runs: wake-sleep cycles on a database of propositional calculus that holds no proofs. A task "
    "is solved when both judges accept its proof. The search without the library has a recognition model of its own, "
    "trained on the same proofs with the lemmas unfolded.",
    (learn("starter", "--cycles 3 --seed 1", 1),),
    demo_tables,
)


def learn_tables(results: Sequence[Result]) -> Sequence[Table]:
    """A row a cycle of each run."""
    header: tuple[str, ...] = (
        "run",
        "cycle",
        "solved",
        "without the library",
        "the library's worth on tasks that it was not learnt from, points (95 %)",
        "lemmas",
    )
    header += ("description length, steps (unfolded)", "nats a held-out step: first stage, used model")
    rows = []
    for result in results:
        for cycle in result.values["cycles"]:
            nats = [cycle["nll_first_stage"], cycle["nll"]]
            rows.append(
                (
                    result.name,
                    str(cycle["cycle"]),
                    words.part_of(cycle["solved"], cycle["tasks"]),
                    words.count(cycle["solved_without_library"]),
                    f"{cycle['unseen_points']:+.1f} ({words.interval(cycle['unseen_interval'], 1)})".replace(
                        "-", words.MINUS
                    ),
                    words.count(cycle["library_size"]),
                    f"{cycle['description_length']:,} ({cycle['description_length_unfolded']:,})",
                    ", ".join("–" if x is None else f"{x:.2f}" for x in nats),
                )
            )
    return [Table(header, rows, results)]


LEARN = Part(
    "learn",
    "The loop on databases with human proofs",
    "Unseen theorems (the valid part of the split `new2`) are searched with the library that each cycle leaves, and "
    "without it at equal expansions. The library is learnt from training proofs only.",
    (
        learn("ql", "--database ql --cycles 3 --seed 1", 2, ("ql",)),
        learn("set", "--database set --cycles 2 --seed 1 --tasks 200", 40, ("set",)),
    ),
    learn_tables,
)


def round_tables(results: Sequence[Result]) -> Sequence[Table]:
    """A row a run: proved in each round, of training and of unseen tasks."""
    rows = []
    for result in results:
        rounds = result.values["cycles"]
        cells = []
        for kind in ("training", "unseen"):
            rates = [cycle["pass_rate"][kind] for cycle in rounds if cycle["pass_rate"][kind] is not None]
            proved = ", ".join(words.count(rate["proved"]) for rate in rates)
            cells.append(f"{proved} of {rates[-1]['tasks']:,}" if rates else "–")
        rows.append((result.name, words.count(rounds[-1]["expansions"]), *cells))
    header: tuple[str, ...] = (
        "run",
        "expansions a task",
        "training tasks proved, round by round",
        "unseen tasks proved, round by round",
    )
    return [Table(header, rows, results)]


EXPERT_ITERATION = Part(
    "expert-iteration",
    "Expert iteration",
    "Found proofs of training tasks join the human ones, or take their place. In the runs named *-alone* no human "
    "proof is used at all (`--without proofs`).",
    (
        learn(
            "nf-alone",
            "--database nf --on train --without proofs --tasks 200 --expansions 1000 --cycles 2 --seed 1",
            10,
            ("nf",),
        ),
        learn(
            "ql-alone",
            "--database ql --on train --without proofs --tasks 200 --expansions 3000 --cycles 3 --seed 1",
            8,
            ("ql",),
        ),
        learn(
            "hol-alone",
            "--database hol --on train --without proofs --expansions 3000 --cycles 4 --seed 1",
            5,
            ("hol",),
        ),
        learn(
            "ql-human",
            "--database ql --on train --tasks 150 --expansions 1500 --cycles 2 --seed 1",
            5,
            ("ql",),
        ),
    ),
    round_tables,
)

ABLATED = {"all": "", "library": " --without library", "dreaming": " --without dreaming"}
ABLATED["recognition"] = " --without recognition"
SEEDS = (1, 2, 3)


def ablation_tables(results: Sequence[Result]) -> Sequence[Table]:
    """A row a part left out: solved in the last cycle by seed."""
    rows, used = [], []
    for left_out in ABLATED:
        found = [named(results, f"{left_out}-{seed}") for seed in SEEDS]
        cells = [words.count(r.values["cycles"][-1]["solved"]) if r else "–" for r in found]
        if used_here := [r for r in found if r is not None]:
            tasks = used_here[0].values["cycles"][-1]["tasks"]
            rows.append(("nothing" if left_out == "all" else left_out, *cells, words.count(tasks)))
            used += used_here
    header: tuple[str, ...] = ("left out", *(f"solved, seed {seed}" for seed in SEEDS), "tasks")
    return [Table(header, rows, used)] if rows else []


ABLATION = Part(
    "ablation",
    "Parts of the loop left out",
    "Tasks of the starter database solved in the third cycle.",
    tuple(
        learn(f"{left_out}-{seed}", f"--cycles 3 --seed {seed}{option}", 1)
        for left_out, option in ABLATED.items()
        for seed in SEEDS
    ),
    ablation_tables,
)


def training(answers: Answers) -> Values:
    """Nats of a held-out step, and what training took."""
    answer = answers.json()
    kept = {key: answer[key] for key in ("proofs", "held_out", "seconds")}
    return {**kept, "first": answer["first"]["held_out"], "moves": answer["moves"]}


def train_tables(results: Sequence[Result]) -> Sequence[Table]:
    """A row a database."""
    header: tuple[str, ...] = (
        "database",
        "training proofs",
        "held-out steps",
        "nats a step",
        "right premise first",
        "among ten",
    )
    header += ("decisions: nats", "right one first", "wall time")
    rows = []
    for result in results:
        held, moves = result.values["held_out"], (result.values["moves"] or {}).get("held_out")
        rows.append(
            (
                result.name,
                words.count(result.values["proofs"]["first"]),
                words.count(held["steps"]),
                f"{held['nats']:.2f} nats",
                words.percent(held["at_1"]),
                words.percent(held["at_10"]),
                f"{moves['nats']:.2f} nats" if moves else "–",
                words.percent(moves["at_1"]) if moves else "–",
                words.seconds(result.wall_s),
            )
        )
    return [Table(header, rows, results)]


def train(database: str, minutes: float) -> Figure:
    """Training of a database's model in a cache of its own, so that nothing is taken from the reader's."""
    cache = "mkdir -p cache/metadream && ln -s ${XDG_CACHE_HOME:-$HOME/.cache}/metadream/data cache/metadream/data"
    command = f"XDG_CACHE_HOME=$PWD/cache metadream train --database {database} --json"
    return Figure(database, (cache, command), training, minutes, (database,))


TRAIN = Part(
    "train",
    "Training",
    "What the models know of proofs that were held out from training: the mean of −log p over the steps (premises as "
    "they stand) and over the decisions (moves in context).",
    (train("ql", 1), train("nf", 3), train("iset", 5), train("set", 15)),
    train_tables,
)

"""``metadream bench library``: measures the effect of the library on search, with and without it at equal compute.

All arms search the same tasks. No model has seen the proofs of these tasks, and no composite was learnt from them.
Plain search and skeletons use the prover's model (`prover.py`), one for each seed. Lemmas priced in nats use a model of
their own, which is trained on the same proofs after rewriting. Their control has as many lemmas of the same sizes that
are random fragments of these proofs, and it has its own model too. A search ends when both the expansions and the CPU
seconds of its thread are used up, so one search measures both budgets. A proof counts if both judges accept it.

The time is that of the searches of all arms and seeds, and of training each model that is not kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metadream import _core
from metadream._core import Ranker, Theory
from metadream.compression.learn import compress
from metadream.dsl.library import read_library
from metadream.dsl.proofs import entry_texts
from metadream.metamath_db.core import cores, load_theory, patiently
from metadream.metamath_db.data import resolve_database
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.tasks import new2, proved
from metadream.metamath_db.terminal import console
from metadream.metamath_db.terminal.console import Outcome, table
from metadream.wake_sleep.bench.paired import Paired, mean_interval
from metadream.wake_sleep.loop.wake import Attempt, Progress, in_parallel, judge
from metadream.wake_sleep.model import file as model_file
from metadream.wake_sleep.model.corpus import Corpus, parts
from metadream.wake_sleep.model.prover import Prover, load_prover
from metadream.wake_sleep.model.recipe import held_apart
from metadream.wake_sleep.model.train import Material, fit_first, fit_on_half, train
from metadream.wake_sleep.runs import run
from metadream.wake_sleep.runs.settings import of_training
from metadream.wake_sleep.search.options import search_options
from metadream.wake_sleep.seeds import derive

# The search options of each arm. The arm "with" has the default options, as `prove` does.
ARMS: dict[str, dict[str, Any]] = {
    "without": {"library": False},
    "with": {},
    "replay": {"prior": False, "memory": False},
    "prior": {"replay": False},
    "lemmas": {"analogues": 0},
    "all": {},
    "shuffled": {"analogues": 0},
}
LIBRARIES = {"lemmas": "lemmas", "all": "lemmas", "shuffled": "shuffled"}  # kind of lemmas by arm; other arms have none
UNITS = ("expansions", "seconds")
LENGTHS = (2, 5, 10, 20, 50)  # greatest number of steps of a human proof in each class but the last
SHOWN_REUSED = 20
# Options of the compression that makes lemmas for the search. No lemma has a conclusion that unifies with every goal.
LEMMAS = {"price": "nats", "max_lemmas": 2_000, "bare_conclusions": False}


@dataclass(frozen=True)
class Try:
    """The outcome of the search for one task.

    `expansions` and `seconds` (CPU time of one thread) are counted until the proof was found or the search ended.
    """

    task: str
    proved: bool  # a proof was found, and both judges accept it
    expansions: int
    seconds: float
    reused: tuple[str, ...] = ()  # composites that gave steps to the proof: lemmas, and `skeleton of LABEL`


@dataclass(frozen=True)
class Budget:
    """The budget of the search for one task. `seconds`: CPU time of one thread."""

    expansions: int
    seconds: float

    def within(self, made: Try) -> tuple[bool, bool]:
        """Returns whether the task was proved within the expansions, and whether it was proved within the seconds."""
        return made.proved and made.expansions <= self.expansions, made.proved and made.seconds <= self.seconds


def library(
    database: str,
    tasks: int = 500,
    expansions: int = 2_000,
    seconds: float = 1.0,
    seed: int = 0,
    seeds: int = 2,
    arms: Sequence[str] = ("without", "with"),
    models: Path | None = None,
    workers: int | None = None,
    skip: int = 0,
) -> Outcome:
    """Measure arms on `tasks` theorems of the valid part of the split new2 that have a human proof, after the first
    `skip` of these.

    `seeds`: the number of seeds, from `seed` on. Each seed has its own models, which are taken from the folder `models`
    (default: the cache), or trained and kept there. The arm `shuffled` is `lemmas` with random lemmas.

    The answer has `seeds`, one object each with `model`, `lemmas` and `shuffled` (null if no arm has them) and `arms`.
    Each arm has `proved`; its difference to the first arm as `points`, `interval`, `p_value`, and the tasks `gained`
    and `lost`, each within equal `expansions` and within equal `seconds`; `by_length`; and `reused`, the composites
    that gave steps to proofs. `points` and `interval` of the answer are means over the seeds with their 95 % interval,
    with tasks as the sample.

    Raises `InputError` for an unknown arm, or for a database without human proofs.
    """
    unknown = [name for name in arms if name not in ARMS]
    if unknown or not arms:
        raise InputError(f"no arm '{', '.join(unknown)}'; expected some of {', '.join(ARMS)}")
    path = resolve_database(database)
    base = load_theory(path, judged=True)
    asked = proved(base, new2(base.theorems()).valid)[skip : skip + tasks]
    if not asked or not proved(base, new2(base.theorems()).train):
        raise InputError("the database has no human proofs to learn from and to compare with", path)
    budget, workers = Budget(expansions, seconds), workers or cores()
    measured, won = [], []
    for number in range(seed, seed + seeds):
        prover = load_prover(database, seed=number, keep=models)
        means: dict[str | None, tuple[Theory, Ranker]] = {None: (prover.theory, prover.ranker)}
        figures: dict[str, Any] = {"lemmas": None, "shuffled": None}
        for kind in sorted({LIBRARIES[arm] for arm in arms if arm in LIBRARIES}):
            made = with_lemmas(base.copy(), prover, number, models, kind == "shuffled")
            means[kind], figures[kind] = made
        tries = attempt(means, asked, budget, arms, workers)
        won.append({name: _won(made, budget) for name, made in tries.items()})
        about = {"seed": number, "model": prover.model_sha256, **figures}
        measured.append({**about, "arms": compare(base, asked, tries, budget)})
    result = {
        "database": database,
        "tasks": len(asked),
        "skipped": skip,
        "expansions": expansions,
        "seconds": seconds,
        "seeds": measured,
        **over_seeds(asked, won),
    }
    return Outcome(result, _shown(result))


def over_seeds(tasks: Sequence[str], won: Sequence[Mapping[str, Mapping[str, set[str]]]]) -> dict[str, Any]:
    """Returns `points` and `interval` of each arm's difference to the first arm, as means over the seeds.

    `won`: the proved tasks by seed, arm and unit (of `UNITS`).
    """
    first, *names = won[0]
    points: dict[str, dict[str, float]] = {name: {} for name in names}
    interval: dict[str, dict[str, tuple[float, float]]] = {name: {} for name in names}
    for name in names:
        for unit in UNITS:
            change = [
                sum((task in each[name][unit]) - (task in each[first][unit]) for each in won) / len(won)
                for task in tasks
            ]
            points[name][unit] = 100 * sum(change) / len(change)
            interval[name][unit] = mean_interval(change)
    return {"points": points, "interval": interval}


def with_lemmas(
    theory: Theory, prover: Prover, seed: int, keep: Path | None, shuffled: bool = False
) -> tuple[tuple[Theory, Ranker], dict[str, Any]]:
    """Add lemmas priced in nats to `theory`, and train a model that knows them on the prover's proofs after rewriting.

    Returns the theory and the model's ranker, and figures of both. `keep`: a folder in which the model is kept; None:
    it is not kept. `shuffled`: use random fragments of the same proofs as lemmas, as many and of the same sizes.
    """
    human = [label for label in proved(theory, theory.theorems()) if label in prover.seen]
    learnt, _ = held_apart(human, seed)
    _, rest = parts(Corpus([], learnt, []), seed)
    with console.progress(f"seed {seed}: lemmas", 1) as update:
        nats = patiently(lambda: prover.ranker.nats(prover.theory, entry_texts(rest or learnt)))
        plain, options = theory.copy(), {**LEMMAS, "nats": nats}
        done = patiently(lambda: compress(theory, [], learnt, options))
        if shuffled:
            sizes = [len(lemma.body) for lemma in read_library(theory.library_json()) if lemma.level == 1]
            theory, options = plain, {**options, "shuffled": (sizes, derive(seed, "shuffled"))}
            done = patiently(lambda: compress(theory, [], learnt, options))
        update(1, f"{len(theory.lemmas())}")
    corpus = Corpus([], done.human, [])
    store = (
        None
        if keep is None
        else keep / f"{'shuffled' if shuffled else 'lemmas'}-{str(prover.model_sha256)[:16]}.safetensors"
    )
    if store is not None and store.is_file():
        trained = run.restore(theory, corpus, seed, store)
    else:
        material = Material(theory, corpus, of_training(seed), seed)
        with console.progress(f"seed {seed}: training on rewritten proofs") as update:
            trained = patiently(lambda: train(material, update))
        if store is not None:
            model_file.save_model(store, *run.saved(trained, {"key": str(prover.model_sha256)}))
    patiently(lambda: trained.ranker.set_skeletons(theory, entry_texts(done.human)))
    return (theory, trained.ranker), {"lemmas": len(theory.lemmas()), "network": trained.figures["network"]}


def nats_of(
    database: str,
    seed: int = 0,
) -> object:
    """Returns the price of steps in nats under a first stage that is trained on most human proofs of a database, as
    measured on the other proofs. A small database is split into halves instead: one for training, one for measuring.

    Raises `InputError` if the database has fewer than two human proofs.
    """
    path = resolve_database(database)
    theory = load_theory(path, judged=True)
    corpus = Corpus([], proved(theory, new2(theory.theorems()).train), [])
    if len(corpus.items) < 2:
        raise InputError("the price in nats is measured on human proofs, and there are none; take another price", path)
    material = Material(theory, corpus, of_training(seed), seed)
    _, held_out = parts(corpus, seed)
    with console.progress(f"seed {seed}: training", 1) as update:
        if held_out:
            ranker, _ = patiently(lambda: fit_first(material))
        else:
            ranker, held_out = patiently(lambda: fit_on_half(material))
        update(1, "")
    return patiently(lambda: ranker.nats(theory, entry_texts(held_out)))


def attempt(
    means: Mapping[str | None, tuple[Theory, Ranker]],
    tasks: Sequence[str],
    budget: Budget,
    arms: Sequence[str],
    workers: int,
) -> dict[str, list[Try]]:
    """Search for a proof of each task in each arm, and have the proofs judged.

    `means`: theory and ranker by kind of lemmas (None: no lemmas). The arms of one task run one after the other, and
    the first arm changes from task to task. Other load of the machine and a warm cache thus affect all arms equally.
    """
    plain = search_options(budget.expansions, budget.seconds, workers, patient=True, moves="unify")
    options = {name: plain.replace(**ARMS[name]) for name in arms}

    def search(task: int) -> dict[str, dict[str, Any]]:
        turn = task % len(arms)
        made = {}
        for name in [*arms[turn:], *arms[:turn]]:
            theory, ranker = means[LIBRARIES.get(name)]
            made[name] = _core.search(theory, ranker, tasks[task], options[name])
        return made

    found: dict[str, list[dict[str, Any]]] = {name: [] for name in arms}
    with console.progress("search", len(tasks)) as update:
        update_each: Progress = update
        for number, made in enumerate(in_parallel(search, range(len(tasks)), workers), 1):
            for name, answer in made.items():
                found[name].append(answer)
            solved = ", ".join(f"{name} {sum(x['solved'] for x in answers)}" for name, answers in found.items())
            update_each(number, solved)
    tries = {}
    for name, answers in found.items():
        theory = means[LIBRARIES.get(name)][0]
        judged = judge(theory, list(map(Attempt.of, answers)), workers)
        for task, said in judged.refused:
            console.note(f"{name}: {task} refused: {said}")
        lemmas = frozenset(theory.lemmas())
        pairs = zip(judged.attempts, answers, strict=True)
        tries[name] = [
            Try(a.task, a.solved, x["expansions"], x["seconds"], tuple(_reused(a, lemmas))) for a, x in pairs
        ]
    return tries


def _reused(made: Attempt, lemmas: frozenset[str]) -> list[str]:
    """Returns the names of the composites that gave steps to a proof."""
    used = lemmas.intersection(made.proof.labels) if made.proof is not None and lemmas else set()
    return [*sorted(used), *(f"skeleton of {name}" for name, _ in made.skeletons)]


def compare(
    theory: Theory, tasks: Sequence[str], tries: Mapping[str, Sequence[Try]], budget: Budget
) -> dict[str, dict[str, Any]]:
    """Returns the figures of each arm; points, gains and losses compare it with the first arm."""
    lengths = dict(zip(theory.theorems(), theory.proof_lengths().tolist(), strict=True))
    alone = lonely(theory, tasks)
    won = {name: _won(made, budget) for name, made in tries.items()}
    base = won[next(iter(tries))]
    out: dict[str, dict[str, Any]] = {}
    for name, made in tries.items():
        mine = won[name]
        beside = {unit: Paired.of(tasks, base[unit], mine[unit]) for unit in UNITS}
        classes = Counter(length_class(lengths[task]) for task in tasks)
        proved_of = {unit: Counter(length_class(lengths[task]) for task in mine[unit]) for unit in UNITS}
        out[name] = {
            "cpu_seconds": sum(x.seconds for x in made),
            "proved": {unit: len(mine[unit]) for unit in UNITS},
            "points": {unit: each.points for unit, each in beside.items()},
            "interval": {unit: each.interval for unit, each in beside.items()},
            "p_value": {unit: each.p_value for unit, each in beside.items()},
            "gained": {unit: sorted(each.gained) for unit, each in beside.items()},
            "lost": {unit: sorted(each.lost) for unit, each in beside.items()},
            "proved_unique_statements": {unit: len(mine[unit] & alone) for unit in UNITS},
            "by_length": {
                label: {"tasks": classes[i], **{unit: proved_of[unit][i] for unit in UNITS}}
                for i, label in enumerate(class_names())
            },
            "reused": reused(x for x in made if any(budget.within(x))),
        }
    out[next(iter(tries))]["unique_statements"] = len(alone)
    return out


def _won(made: Iterable[Try], budget: Budget) -> dict[str, set[str]]:
    return {unit: {x.task for x in made if budget.within(x)[k]} for k, unit in enumerate(UNITS)}


def reused(made: Iterable[Try]) -> dict[str, Any]:
    """Returns the number of `proofs` with steps from a composite, the number of different `composites` that gave steps,
    and the most used composites, each with its number of proofs (`most`, at most `SHOWN_REUSED`).
    """
    proofs = [x.reused for x in made]
    uses = Counter(name for names in proofs for name in names)
    ranked = sorted(uses.items(), key=lambda use: (-use[1], use[0]))
    return {"proofs": sum(map(bool, proofs)), "composites": len(uses), "most": [list(x) for x in ranked[:SHOWN_REUSED]]}


def lonely(theory: Theory, tasks: Sequence[str]) -> set[str]:
    """Returns the tasks whose statement (conclusion and hypotheses, as written) no other theorem has."""

    def said(label: str) -> str:
        statement = theory.statement(label)
        return "\n".join([statement["conclusion"], *sorted(statement["hyps"])])

    count = Counter(map(said, theory.theorems()))
    return {task for task in tasks if count[said(task)] == 1}


def length_class(steps: int) -> int:
    """Returns the class of a human proof with `steps` steps, as an index into `class_names`."""
    return sum(steps > last for last in LENGTHS)


def class_names() -> list[str]:
    """Returns the names of the classes of length: ``1-2``, ``3-5``, ... ``51+``."""
    firsts = [1, *(last + 1 for last in LENGTHS[:-1])]
    return [f"{a}-{b}" for a, b in zip(firsts, LENGTHS, strict=True)] + [f"{LENGTHS[-1] + 1}+"]


def _shown(result: Mapping[str, Any]) -> Any:
    rows = []
    for measured in result["seeds"]:
        for name, arm in measured["arms"].items():
            cells = [
                f"{arm['proved'][u]} ({arm['points'][u]:+.1f}, +{len(arm['gained'][u])} −{len(arm['lost'][u])})"
                for u in UNITS
            ]
            rows.append((measured["seed"], name, *cells, round(arm["cpu_seconds"])))
    title = f"{result['tasks']} tasks of {result['database']}"
    columns = ("seed", "arm", f"in {result['expansions']} expansions", f"in {result['seconds']} s", "CPU s")
    shown = table(title, columns, rows)

    def mean(name: str, unit: str) -> str:
        low, high = result["interval"][name][unit]
        return f"{result['points'][name][unit]:+.1f} ({low:+.1f} to {high:+.1f})"

    means = "; ".join(f"{name} {mean(name, 'expansions')} and {mean(name, 'seconds')}" for name in result["points"])
    shown.caption = f"points over '{next(iter(result['seeds'][0]['arms']))}', mean of the seeds, 95 %: {means}"
    shown.caption_justify = "left"
    return shown

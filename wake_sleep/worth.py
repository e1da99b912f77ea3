"""``metadream bench library``: what the library is worth in search, with and without it at equal compute.

Both arms have the same first stage, trained on most of the training proofs, and the same tasks, which no composite was
learnt from. Each task is searched until the expansions *and* the thread CPU seconds are used up, so that one
search says what was proved within either. Only what both judges accept counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metadream.metamath_db import console
from metadream.metamath_db.console import Outcome, table
from metadream.metamath_db.core import Core, Ranker, Theory, load_core, load_theory, patiently
from metadream.metamath_db.data import resolve_database, sha256_of
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.tasks import new2, proved
from metadream.wake_sleep import model_file
from metadream.wake_sleep.corpus import Corpus, parts
from metadream.wake_sleep.run import default_workers
from metadream.wake_sleep.seeds import derive
from metadream.wake_sleep.settings import Settings
from metadream.wake_sleep.train import SCHEMAS, fit_first
from metadream.wake_sleep.wake import Attempt, Progress, in_parallel, judge

# What each arm's search is told; "with" is the search's default, and so what `learn` and `prove` do.
ARMS: dict[str, dict[str, Any]] = {
    "without": {"library": False},
    "with": {},
    "replay": {"prior": 0.0, "schemas": False},
    "prior": {"replay": False, "schemas": False},
    "schemas": {"analogues": 0},
    "replay-prior": {"schemas": False},
    "chronological": {"chronological": True},
}
LENGTHS = (2, 5, 10, 20, 50)  # steps of the human proof: last of each class but the longest


@dataclass(frozen=True)
class Try:
    """One task's search. `expansions` and `seconds` (of one thread's CPU) until the proof, or until it gave up."""

    task: str
    proved: bool  # and accepted by both judges
    expansions: int
    seconds: float


@dataclass(frozen=True)
class Budget:
    """Of a task."""

    expansions: int
    seconds: float

    def within(self, made: Try) -> tuple[bool, bool]:
        """Whether it was proved within the expansions, and within the seconds."""
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
    core: Core | None = None,
) -> Outcome:
    """Measure arms on the first `tasks` of new2's valid part that have a human proof.

    `seeds`: that many, from `seed` on; each trains its own first stage, kept in the folder `models` if one is named.
    The answer: `seeds`, one object each with `held_out` (the model on training proofs that it was not trained on),
    `schemas` and `arms` (`proved` and `points` over the first arm at equal `expansions` and `seconds`, tasks
    `gained` and `lost`, `by_length`); `points`: means over the seeds. Raises `InputError`.
    """
    core = core or load_core()
    unknown = [name for name in arms if name not in ARMS]
    if unknown or not arms:
        raise InputError(f"no arm '{', '.join(unknown)}'; expected some of {', '.join(ARMS)}")
    path = resolve_database(database)
    base = load_theory(core, path)
    split = new2(base.theorems())
    asked, training = proved(base, split.valid)[:tasks], proved(base, split.train)
    if not asked or not training:
        raise InputError("the database has no human proofs to learn from and to compare with", path)
    budget, workers = Budget(expansions, seconds), workers or default_workers()
    measured = []
    for number in range(seed, seed + seeds):
        theory = base.copy()
        store = None if models is None else models / f"first-{sha256_of(path)[:12]}-{number}.safetensors"
        ranker, about = prepare(core, theory, training, number, store)
        tries = {name: attempt(core, theory, ranker, asked, budget, name, workers) for name in arms}
        measured.append({"seed": number, **about, "arms": compare(base, asked, tries, budget)})
    names = list(arms)[1:]
    points = {
        name: {unit: _mean([m["arms"][name]["points"][unit] for m in measured]) for unit in UNITS} for name in names
    }
    result = {
        "database": database,
        "tasks": len(asked),
        "expansions": expansions,
        "seconds": seconds,
        "seeds": measured,
        "points": points,
    }
    return Outcome(result, _shown(result))


UNITS = ("expansions", "seconds")


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def prepare(
    core: Core, theory: Theory, training: list[str], seed: int, store: Path | None
) -> tuple[Ranker, dict[str, Any]]:
    """A first stage for both arms, and the library: schemas into `theory`, skeletons into the ranker.

    All of it from the training proofs: those that the first stage is trained on are what composites are made from, the
    others price them.
    """
    corpus = Corpus([], training, [])
    seen, held_out = parts(corpus, seed)
    held_out = held_out or seen  # a small database has none to spare: its schemas are the model's own hindsight
    ranker = _ranker(core, theory, corpus, seen, seed, store)
    found = patiently(lambda: ranker.held_out(theory, held_out))
    with console.progress(f"seed {seed}: composites", 1) as update:
        schemas = patiently(lambda: theory.learn_schemas(ranker, seen, held_out, SCHEMAS))
        patiently(lambda: ranker.set_skeletons(theory, seen))
        update(1, f"{schemas['admitted']} schemas")
    return ranker, {"held_out": found, "schemas": schemas}


def nats_of(database: str, seed: int = 0, core: Core | None = None) -> object:
    """The price in nats: of a first stage trained on most human proofs of a database, measured on the others.

    Raises `InputError` where there are too few proofs to leave any out.
    """
    core = core or load_core()
    path = resolve_database(database)
    theory = load_theory(core, path)
    human = proved(theory, new2(theory.theorems()).train)
    corpus = Corpus([], human, [])
    seen, held_out = parts(corpus, seed)
    if not held_out:
        raise InputError("the price in nats needs some thousand human proofs; take another price", path)
    ranker = _ranker(core, theory, corpus, seen, seed, None)
    return patiently(lambda: ranker.nats(theory, held_out))


def _ranker(core: Core, theory: Theory, corpus: Corpus, seen: list[str], seed: int, store: Path | None) -> Ranker:
    if store is not None and store.exists():
        arrays, _ = model_file.load_model(store)
        ranker = core.Ranker(derive(seed, "first"))
        try:
            patiently(lambda: ranker.restore(theory, [], seen, arrays))
        except (InputError, KeyError, ValueError):
            raise InputError("the model does not fit this database; delete it", store) from None
        return ranker
    settings = Settings("", "", seed, None, (), 1, 0)
    with console.progress(f"seed {seed}: training", 1) as update:
        ranker, figures = patiently(lambda: fit_first(core, theory, corpus, settings, seed))
        update(1, f"{figures['examples']} examples")
    if store is not None:
        model_file.save_model(store, dict(ranker.weights()), {"seed": str(seed)})
    return ranker


def attempt(
    core: Core, theory: Theory, ranker: Ranker, tasks: Sequence[str], budget: Budget, arm: str, workers: int
) -> list[Try]:
    """Search all tasks in one arm and have the proofs judged."""

    def search(task: str) -> dict[str, Any]:
        return core.search(theory, ranker, task, budget.expansions, budget.seconds, patient=True, **ARMS[arm])

    found: list[dict[str, Any]] = []
    with console.progress(arm, len(tasks)) as update:
        update_each: Progress = update
        for made in in_parallel(search, tasks, workers):
            found.append(made)
            update_each(len(found), f"{sum(x['solved'] for x in found)} solved")
    claims = [
        Attempt(x["task"], x["proof"], x["steps"], x["expansions"], x["applications"], x["reason"]) for x in found
    ]
    judged = judge(theory, claims, workers)
    for task, said in judged.refused:
        console.note(f"{arm}: {task} refused: {said}")
    pairs = zip(judged.attempts, found, strict=True)
    return [Try(a.task, a.solved, x["expansions"], x["seconds"]) for a, x in pairs]


def compare(
    theory: Theory, tasks: Sequence[str], tries: Mapping[str, Sequence[Try]], budget: Budget
) -> dict[str, dict[str, Any]]:
    """Each arm's figures; points and changes are over the first arm."""
    lengths = dict(zip(theory.theorems(), theory.proof_lengths().tolist(), strict=True))
    alone = lonely(theory, tasks)
    first = next(iter(tries))
    won = {name: [set(_won(made, budget, k)) for k in range(len(UNITS))] for name, made in tries.items()}
    out: dict[str, dict[str, Any]] = {}
    for name, made in tries.items():
        base, mine = won[first], won[name]
        figures: dict[str, Any] = {"cpu_seconds": sum(x.seconds for x in made)}
        figures["proved"] = {unit: len(mine[k]) for k, unit in enumerate(UNITS)}
        figures["points"] = {unit: 100 * (len(mine[k]) - len(base[k])) / len(tasks) for k, unit in enumerate(UNITS)}
        figures["gained"] = {unit: sorted(mine[k] - base[k]) for k, unit in enumerate(UNITS)}
        figures["lost"] = {unit: sorted(base[k] - mine[k]) for k, unit in enumerate(UNITS)}
        figures["proved_unique_statements"] = {unit: len(mine[k] & alone) for k, unit in enumerate(UNITS)}
        classes = Counter(length_class(lengths[task]) for task in tasks)
        proved_of = [Counter(length_class(lengths[task]) for task in mine[k]) for k in range(len(UNITS))]
        figures["by_length"] = {
            name: {"tasks": classes[i], **{unit: proved_of[k][i] for k, unit in enumerate(UNITS)}}
            for i, name in enumerate(class_names())
        }
        out[name] = figures
    out[first]["unique_statements"] = len(alone)
    return out


def _won(made: Sequence[Try], budget: Budget, unit: int) -> list[str]:
    return [x.task for x in made if budget.within(x)[unit]]


def lonely(theory: Theory, tasks: Sequence[str]) -> set[str]:
    """Tasks whose statement (conclusion and hypotheses, as written) no other theorem of the database makes."""

    def said(label: str) -> str:
        statement = theory.statement(label)
        return "\n".join([statement["conclusion"], *sorted(statement["hyps"])])

    count = Counter(map(said, theory.theorems()))
    return {task for task in tasks if count[said(task)] == 1}


def length_class(steps: int) -> int:
    """The class of a human proof with so many steps, as a number into `class_names`."""
    return sum(steps > last for last in LENGTHS)


def class_names() -> list[str]:
    """``1-2``, ``3-5``, ... ``51+``."""
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
    means = "; ".join(f"{name} {p['expansions']:+.1f} and {p['seconds']:+.1f}" for name, p in result["points"].items())
    shown.caption = f"points over '{next(iter(result['seeds'][0]['arms']))}', mean of the seeds: {means}"
    shown.caption_justify = "left"
    return shown

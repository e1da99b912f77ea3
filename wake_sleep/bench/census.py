"""``metadream census``: counts the steps of human proofs by kind, and measures their cost for the model in nats.

The model ranks the premise of each step among all premises that unify with the step's goal, as in a search. The model
has not seen the proof. The kind of a step is the kind of the assertion that it applies (docs/inference.md). The census
also translates each proof to a content proof, which needs no model, counts its decisions, and can check whether the
content proof can be written as a Metamath proof again. The time is that of loading the model, and of one ranking of all
premises for each step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metadream._core import Theory
from metadream.metamath_db.core import load_theory, patiently
from metadream.metamath_db.data import resolve_database
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import parsed, publish, read_text
from metadream.metamath_db.tasks import proved
from metadream.metamath_db.terminal import console
from metadream.metamath_db.terminal.console import Outcome, table, to_json
from metadream.metamath_db.terminal.foreign_text import plain
from metadream.wake_sleep.bench.library import class_names, length_class
from metadream.wake_sleep.bench.prove import Tasks, quantiles, refuse_seen
from metadream.wake_sleep.bench.round_trip import judged, shown
from metadream.wake_sleep.model.prover import load_prover
from metadream.wake_sleep.runs.shape import is_text, record

# The kinds of the answer, each with the kinds of the core that it includes.
KINDS = {
    "content": ("content",),
    "congruence": ("congruence", "transitivity"),
    "typing": ("typing",),
    "glue": ("glue",),
}
DECIDING = ("content", "typing")
RECALL = (1, 10, 50)
DEAREST = 5  # number of most expensive steps that are reported for the human proof of a failed task
RESULT = record({"label": is_text, "proved": lambda value: isinstance(value, bool)})


@dataclass(frozen=True)
class Step:
    """A step of a human proof."""

    number: int  # position in the proof, from 0
    label: str  # of the assertion that the step applies
    kind: str  # kind of that assertion, as the core names it
    rank: int | None  # number of premises that the model ranks higher; None: the model does not consider this premise
    nats: float


@dataclass(frozen=True)
class Counted:
    """A human proof with its ranked steps and its translation."""

    task: str
    length: int  # number of applications of a premise
    steps: list[Step]  # empty without a model
    decisions: list[str] | None  # kinds of the decisions of its content proof; None: it could not be translated

    def nats(self, kinds: Sequence[str] | None = None) -> float:
        """The sum of the costs of the steps of some kinds, in nats; None: of all steps."""
        return sum(step.nats for step in self.steps if kinds is None or step.kind in kinds)


def census(
    database: str,
    tasks: Tasks,
    seed: int = 0,
    model: Path | None = None,
    results: Path | None = None,
    output: Path | None = None,
    round_trip: bool = False,
    no_model: bool = False,
) -> Outcome:
    """Count and rank the steps of the human proofs of `tasks`. The model must have seen none of these proofs.

    `model`: a file of ``train``; default: the database's model in the cache, which is trained first if it is missing.
    `seed`: the seed of that training. `results`: ``tasks.jsonl`` of ``bench prove --output``, which lists the failed
    tasks. `output`: a folder for ``steps.jsonl`` with a line for each step, and with `results` for ``failed.jsonl``
    with the most expensive steps of the proofs of failed tasks.

    The answer has these keys. `tasks`: the number of tasks with a human proof. `without_proof`: the number of others,
    which are left out. `kinds`: see `by_kind`. `nats`: quantiles of the cost of a proof, over all steps and over steps
    of content and typing alone, also `by_length` of the human proof. `translated`: the number of `proofs` that could be
    translated to content proofs, their `share`, and both `by_length`. `decisions`: quantiles over the translated
    proofs, also `per_step` and `by_length`. `failed`: null without `results`, else the number of failed `tasks` and for
    each kind the number of proofs whose most expensive step is of it (`dearest`). `round_trip`: null unless requested
    (see `round_trip.judged`). With `no_model`, `model`, `kinds` and `nats` are null.

    Raises `InputError` if no task has a human proof, if the model has seen one of the proofs, or for a file that cannot
    be used.
    """
    failed = None if results is None else read_failed(results)
    prover = None if no_model else load_prover(database, model, seed=seed)
    theory = load_theory(resolve_database(database), judged=True) if prover is None else prover.theory
    asked = tasks.labels(theory)
    if prover is not None:
        refuse_seen(prover, asked)
    told = proved(theory, asked)
    if not told:
        raise InputError("none of the tasks has a human proof; take others, or a database with proofs", tasks.file)
    with console.stage(f"counting {len(told)} human proofs"):
        translations = patiently(lambda: theory.translations(told, round_trip))
        steps = [[]] * len(told) if prover is None else patiently(lambda: prover.ranker.census(theory, told))
    counted = [as_counted(*row) for row in zip(translations, steps, strict=True)]
    length = dict(zip(theory.theorems(), theory.proof_lengths().tolist(), strict=True))
    classes: dict[str, list[Counted]] = {name: [] for name in class_names()}
    for proof in counted:
        classes[class_names()[length_class(length[proof.task])]].append(proof)
    lost = None if failed is None else [x for x in counted if x.task in failed]
    result = {
        "database": database,
        "split": None if tasks.file else tasks.split,
        "part": None if tasks.file else tasks.part,
        "seed": seed,
        "model": None if prover is None else prover.model_sha256,
        "tasks": len(told),
        "without_proof": len(asked) - len(told),
        **figures(counted, classes, prover is not None),
        "round_trip": judged(theory, translations) if round_trip else None,
        "failed": None if lost is None else {"tasks": len(lost), "dearest": dearest_kinds(lost)},
        "output": output,
    }
    if output is not None:
        publish(output / "steps.jsonl", "".join(map(step_lines, counted)))
        if lost is not None:
            publish(output / "failed.jsonl", "".join(failed_line(theory, x) for x in lost))
    return Outcome(result, _shown(result))


def as_counted(translation: Mapping[str, Any], steps: Sequence[tuple[int, str, str, int | None, float]]) -> Counted:
    """Returns a proof from the core's translation and the core's ranked steps of it."""
    told = [Step(*step) for step in steps]
    return Counted(translation["label"], translation["steps"], told, translation["decisions"])


def read_failed(path: Path) -> set[str]:
    """Returns the tasks that were not proved, read from ``tasks.jsonl`` of ``bench prove``.

    Raises `InputError` with the number of the first line that is not a result.
    """
    expected = "a line a task, as 'metadream bench prove --output' writes them"
    failed = set()
    for number, line in enumerate(read_text(path, expected).splitlines(), 1):
        try:
            row = parsed(line.encode())
        except ValueError:
            row = None
        if not RESULT(row):
            raise InputError(f"this is no result; expected {expected}", path, number)
        if not row["proved"]:
            failed.add(row["label"])
    return failed


def figures(
    counted: Sequence[Counted], classes: Mapping[str, Sequence[Counted]], ranked: bool = True
) -> dict[str, Any]:
    """Returns the counted part of the answer (see `census`).

    `classes`: the proofs by class of length. `ranked`: whether a model ranked the steps.
    """

    def nats(proofs: Sequence[Counted]) -> dict[str, Any]:
        return {
            "proof": quantiles([x.nats() for x in proofs]),
            "content_and_typing": quantiles([x.nats(DECIDING) for x in proofs]),
        }

    def decided(proofs: Sequence[Counted]) -> list[int]:
        return [len(x.decisions) for x in proofs if x.decisions is not None]

    def by_length(figure: Callable[[Sequence[Counted]], Any]) -> dict[str, Any]:
        return {name: figure(proofs) for name, proofs in classes.items()}

    whole = decided(counted)
    steps = sum(x.length for x in counted if x.decisions is not None)
    dear = {**nats(counted), "by_length": by_length(lambda proofs: {"tasks": len(proofs), **nats(proofs)})}
    return {
        "kinds": by_kind(counted) if ranked else None,
        "nats": dear if ranked else None,
        "translated": {
            "proofs": len(whole),
            "share": len(whole) / len(counted),
            "by_length": by_length(lambda proofs: {"tasks": len(proofs), "proofs": len(decided(proofs))}),
        },
        "decisions": {
            "proof": quantiles(whole),
            "per_step": _ratio(sum(whole), steps),
            "by_length": by_length(lambda proofs: quantiles(decided(proofs))),
        },
    }


def by_kind(counted: Sequence[Counted]) -> dict[str, Any]:
    """Returns the figures of each kind of step.

    `steps`: their number; `share`: their share of all steps. `nats`: their total cost; `nats_share`: its share of the
    cost of all steps; `nats_each`: the mean cost of a step. `recall`: the share of steps whose human premise is among
    the first 1, 10 or 50. `not_considered`: the number of steps whose premise the model does not consider, most often
    since it is marked as discouraged; each has the highest cost. `decisions`: the number of decisions of this kind in
    the translated proofs. `congruence` also has `parts`, with the same keys for congruence proper and for transitivity.
    """
    every = [step for proof in counted for step in proof.steps]
    decisions = Counter(kind for proof in counted for kind in proof.decisions or ())
    total = sum(step.nats for step in every)

    def row(kinds: Sequence[str]) -> dict[str, Any]:
        steps = [step for step in every if step.kind in kinds]
        nats = sum(step.nats for step in steps)
        found = {k: sum(step.rank is not None and step.rank < k for step in steps) for k in RECALL}
        return {
            "steps": len(steps),
            "share": _ratio(len(steps), len(every)),
            "nats": nats,
            "nats_share": _ratio(nats, total),
            "nats_each": _ratio(nats, len(steps)),
            "recall": {str(k): _ratio(n, len(steps)) for k, n in found.items()},
            "not_considered": sum(step.rank is None for step in steps),
            "decisions": sum(decisions[kind] for kind in kinds),
        }

    rows = {name: row(kinds) for name, kinds in KINDS.items()}
    rows["congruence"]["parts"] = {kind: row([kind]) for kind in KINDS["congruence"]}
    return rows


def dearest(proof: Counted) -> list[Step]:
    """Returns the `DEAREST` most expensive steps, highest cost first; ties by position in the proof."""
    return sorted(proof.steps, key=lambda step: (-step.nats, step.number))[:DEAREST]


def kind_of(step: Step) -> str:
    """Returns the kind of the answer (a key of `KINDS`) that includes the step's kind."""
    return next(name for name, kinds in KINDS.items() if step.kind in kinds)


def dearest_kinds(proofs: Sequence[Counted]) -> dict[str, int]:
    """Returns for each kind the number of proofs whose most expensive step is of that kind."""
    first = Counter(kind_of(steps[0]) for steps in map(dearest, proofs) if steps)
    return {name: first[name] for name in KINDS}


def step_lines(proof: Counted) -> str:
    """The lines of a proof in ``steps.jsonl``."""
    return "".join(to_json({"task": proof.task, **_told(step)}) + "\n" for step in proof.steps)


def failed_line(theory: Theory, proof: Counted) -> str:
    """The line of a proof in ``failed.jsonl``."""
    steps = dearest(proof)
    formulas = theory.step_formulas(proof.task, [step.number for step in steps])
    told = [{"formula": formula, **_told(step)} for step, formula in zip(steps, formulas, strict=True)]
    return to_json({"task": proof.task, "steps": len(proof.steps), "nats": proof.nats(), "dearest": told}) + "\n"


def _told(step: Step) -> dict[str, Any]:
    rank = None if step.rank is None else step.rank + 1
    return {"step": step.number + 1, "label": step.label, "kind": step.kind, "rank": rank, "nats": step.nats}


def _ratio(a: float, b: float) -> float | None:
    return a / b if b else None


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def _shown(result: Mapping[str, Any]) -> Any:
    from rich.console import Group
    from rich.text import Text

    def cells(name: str, row: Mapping[str, Any]) -> tuple[Any, ...]:
        each = None if row["nats_each"] is None else round(row["nats_each"], 2)
        recall = [_percent(row["recall"][str(k)]) for k in RECALL]
        shares = _percent(row["share"]), round(row["nats"]), _percent(row["nats_share"])
        return name, row["steps"], *shares, each, *recall, row["not_considered"], row["decisions"]

    rows = []
    for name, row in (result["kinds"] or {}).items():
        rows.append(cells(name, row))
        rows += [cells(f"  {part}", of) for part, of in row.get("parts", {}).items()]
    columns = (
        "kind",
        "steps",
        "%",
        "nats",
        "% of nats",
        "each",
        *(f"first {k}, %" for k in RECALL),
        "never",
        "decisions",
    )
    lengths = []
    for name, translated in result["translated"]["by_length"].items():
        if translated["tasks"]:
            found = result["nats"] and result["nats"]["by_length"][name]
            nats = [found and round(found[key]["p50"], 1) for key in ("proof", "content_and_typing")]
            decisions = result["decisions"]["by_length"][name]
            middle = None if decisions is None else decisions["p50"]
            lengths.append((name, translated["tasks"], *nats, translated["proofs"], middle))
    titles = ("steps", "proofs", "nats, median", "of content and typing", "translated", "decisions, median")
    share = result["translated"]["share"]
    seen = "" if result["model"] is None else " that the model has not seen"
    title = f"{plain(result['database'])}: {result['tasks']} human proofs{seen}"
    lines = [f"written as content proofs: {result['translated']['proofs']} ({100 * share:.1f} %)"]
    if result["failed"] is not None:
        kinds = ", ".join(f"{name} {count}" for name, count in result["failed"]["dearest"].items())
        lines.append(f"of {result['failed']['tasks']} failed tasks the dearest step is: {kinds}")
    if result["round_trip"] is not None:
        lines += shown(result["round_trip"])
    steps = [table("", columns, rows)] if rows else []
    return Group(Text(title), *steps, table("", titles, lengths), *map(Text, lines))

"""How many unseen theorems are proved, and what composites are worth in search."""

from __future__ import annotations

from collections.abc import Sequence

from figures import words
from figures.declare import Answers, Figure, Headline, Part, Table, Values
from figures.result import Result

FIRST = 240  # set.mm's first tasks of new2 valid: the search was tuned on them, so they are left out
TASKS = 760
KEPT: tuple[str, ...] = ("database", "moves", "premises", "budget", "tasks", "proved", "rate", "interval", "by_length")
KEPT += ("accepted_share", "shorter", "bytes_ratio", "metamath_exe", "expansions_per_s", "cpu_s", "peak_mb")


def proved(answers: Answers) -> Values:
    """Rates, classes of length, and the labels of what was proved."""
    answer = answers.json()
    labels = [row["label"] for row in answers.lines("out/tasks.jsonl") if row["proved"]]
    return {**{key: answer[key] for key in KEPT}, "labels": labels}


def prove_set(name: str, options: str, minutes: float) -> Figure:
    """A search on the tasks of set.mm that nothing was tuned on."""
    commands = (
        "metadream train --database set",
        f"metadream tasks --database set --split new2 --part valid | sed -n '{FIRST + 1},{{last}}p' > tasks.txt",
        f"metadream bench prove --database set --tasks tasks.txt --seconds 3 {options} --threads 2 --output out --json",
    )
    return Figure(name, commands, proved, minutes, ("set", "metamath"), TASKS, FIRST)


def prove(name: str, database: str, options: str, minutes: float, tasks: int) -> Figure:
    """A search on the first unseen tasks of a smaller database."""
    commands = (
        f"metadream train --database {database}",
        f"metadream bench prove --database {database} --split new2 --part valid --limit {{tasks}} --seconds 3 "
        f"{options} --threads 2 --output out --json",
    )
    return Figure(name, commands, proved, minutes, (database, "metamath"), tasks)


def minif2f(answers: Answers) -> Values:
    """How many files of miniF2F are proved."""
    files = answers.lines("answers.jsonl")
    done = [file["theorems"][0]["label"] for file in files if file["proved"]]
    return {"database": "miniF2F", "tasks": len(files), "proved": len(done), "labels": done}


MINIF2F = (
    "metadream train --database set",
    "for file in $(ls $DATA/minif2f_metamath/valid/*.mm | head -n {tasks}); do "
    "metadream prove $file --database set --seconds 3 --output out --json || true; done > answers.jsonl",
)
PROPOSITIONAL = (
    "sed '/ ax-gen \\$a/q' \"$(metadream data get set --json | python -c "
    '\'import json, sys; print(json.load(sys.stdin)["data"][0]["path"])\')" | '
    "grep -oP '^ *\\K\\S+(?= \\$p \\|-)' > before.txt",
    "head -n {tasks} before.txt > tasks.txt",
    "metadream train --database set --exclude-proofs before.txt --json > model.json",
    "metadream bench prove --database set --tasks tasks.txt --expansions 32000 --threads 2 --output out --json "
    '--model $(python -c \'import json; print(json.load(open("model.json"))["path"])\')',
)


def like(results: Sequence[Result], result: Result) -> Result | None:
    """The same measurement with premises as they stand, if it has the same size."""
    name = result.id.rpartition("-")[0] + "-unify"
    return next((r for r in results if r.id == name and r.tasks == result.tasks and r.id != result.id), None)


def paired(result: Result, other: Result | None) -> str:
    """What one proves and the other does not, both ways; a dash where there is nothing to compare with."""
    if other is None:
        return "–"
    mine, theirs = set(result.values["labels"]), set(other.values["labels"])
    return f"+{len(mine - theirs)} {words.MINUS}{len(theirs - mine)}"


def rates(results: Sequence[Result]) -> Table:
    """A row a measurement."""
    header: tuple[str, ...] = ("measurement", "budget a theorem", "proved", "rate (95 %)", "beside `--moves unify`")
    header += ("shorter than the human proof", "checked by metamath-exe, errors", "expansions a second")
    rows = []
    for result in results:
        values = result.values
        if "rate" not in values:  # miniF2F
            rows.append((result.name, "3 s", words.part_of(values["proved"], values["tasks"]), "–", "–", "–", "–", "–"))
            continue
        budget, exe = values["budget"], values["metamath_exe"]
        rows.append(
            (
                result.name,
                f"{budget['seconds']:g} s" if budget["seconds"] else f"{budget['expansions']:,} expansions",
                words.part_of(values["proved"], values["tasks"]),
                f"{words.percent(values['rate'])} ({words.interval(values['interval'])})",
                paired(result, like(results, result)),
                words.count(values["shorter"]),
                f"{exe['checked']:,}, {exe['errors']}" if exe else "–",
                words.count(values["expansions_per_s"]),
            )
        )
    return Table(header, rows, results)


def lengths(results: Sequence[Result]) -> Table:
    """Proved by steps of the human proof."""
    rows, used = [], [result for result in results if "by_length" in result.values]
    for result in used:
        classes = [result.values["by_length"][name] for name in words.CLASSES]
        rows.append((result.name, *(words.part_of(x["proved"], x["tasks"]) if x["tasks"] else "–" for x in classes)))
    return Table(("measurement", *words.CLASSES.values()), rows, used, "By steps of the human proof")


def prove_tables(results: Sequence[Result]) -> Sequence[Table]:
    """Rates, then classes of length."""
    return [rates(results), lengths(results)] if results else []


def largest(results: Sequence[Result], name: str) -> Result | None:
    """The result of a figure's largest sample."""
    return max((r for r in results if r.id == name), key=lambda r: r.tasks or 0, default=None)


def prove_headlines(results: Sequence[Result]) -> Sequence[Headline]:
    """The largest sample of set.mm, or ql.mm's."""
    result = largest(results, "set-both") or largest(results, "ql-both")
    if result is None:
        return ()
    values, other = result.values, like(results, result)
    rivals = f"`--moves unify` {words.count(other.values['proved'])}" if other else "–"
    ours = f"{words.part_of(values['proved'], values['tasks'])} ({words.percent(values['rate'])})"
    return [Headline(f"prove unseen theorems of {values['database']}.mm, 3 s each", ours, rivals, result)]


PROVE = Part(
    "prove",
    "Proving unseen theorems",
    "Tasks are the valid part of the split `new2`; no model has seen their proofs. Of set.mm the first tasks of that "
    "part are left out, because the search was tuned on them. The budget is CPU time of one thread. Premises are "
    "what stands before the task, without discouraged theorems; in *set-human* they are those of the human proof. "
    "Every proof counted is accepted by our kernel and by metamath-knife. *unify* searches with premises as they "
    "stand, *both* first with moves in context (docs/inference.md). *before-ax-gen* is every theorem of "
    "propositional calculus, with a model that saw none of their proofs.",
    (
        prove_set("set-both", "--moves both", 30),
        prove_set("set-unify", "--moves unify", 30),
        prove_set("set-human", "--moves both --premises human", 30),
        prove("iset-both", "iset", "--moves both", 6, 150),
        prove("iset-unify", "iset", "--moves unify", 6, 150),
        prove("nf-both", "nf", "--moves both", 6, 150),
        prove("nf-unify", "nf", "--moves unify", 6, 150),
        prove("ql-both", "ql", "--moves both", 3, 113),
        prove("ql-unify", "ql", "--moves unify", 3, 113),
        Figure("minif2f", MINIF2F, minif2f, 30, ("set", "$DATA/minif2f_metamath"), 244),
        Figure("before-ax-gen", PROPOSITIONAL, proved, 60, ("set", "metamath"), 1627),
    ),
    prove_tables,
    prove_headlines,
    "prove",
)


def worth(answers: Answers) -> Values:
    """Every arm of every seed, without labels; the mean of the seeds."""
    answer = answers.json()
    seeds = []
    for measured in answer["seeds"]:
        arms = {}
        for name, arm in measured["arms"].items():
            changed = {side: {k: len(v) for k, v in arm[side].items()} for side in ("gained", "lost")}
            kept = {key: arm[key] for key in ("proved", "points", "interval", "p_value", "by_length")}
            reused = {key: arm["reused"][key] for key in ("proofs", "composites")}
            arms[name] = {**kept, **changed, "reused": reused}
        seeds.append({"seed": measured["seed"], "arms": arms})
    kept = {key: answer[key] for key in ("database", "tasks", "expansions", "seconds", "points", "interval")}
    return {**kept, "seeds": seeds}


def library_tables(results: Sequence[Result]) -> Sequence[Table]:
    """A row an arm and a budget."""
    rows = []
    for result in results:
        values = result.values
        budgets = {"expansions": f"{values['expansions']:,} expansions", "seconds": f"{values['seconds']:g} s"}
        for budget, text in budgets.items():
            for name in values["seeds"][0]["arms"]:
                arms = [seed["arms"][name] for seed in values["seeds"]]
                cells = []
                for arm in arms:
                    changed = f" (+{arm['gained'][budget]} {words.MINUS}{arm['lost'][budget]})"
                    cells.append(f"{arm['proved'][budget]:,}{changed if name in values['points'] else ''}")
                points = "–"
                if name in values["points"]:
                    mean, ends = values["points"][name][budget], values["interval"][name][budget]
                    points = f"{mean:+.1f} points ({words.interval(ends, 1)})".replace("-", words.MINUS)
                rows.append((result.name, text, name, words.count(values["tasks"]), ", ".join(cells), points))
    header: tuple[str, ...] = (
        "measurement",
        "budget a task",
        "arm",
        "tasks",
        "proved, seed by seed",
        "mean of the seeds (95 %)",
    )
    return [Table(header, rows, results)]


def library_headlines(results: Sequence[Result]) -> Sequence[Headline]:
    """What composites are worth on set.mm at equal time."""
    result = largest(results, "set")
    if result is None:
        return ()
    points, ends = result.values["points"]["with"]["seconds"], result.values["interval"]["with"]["seconds"]
    ours = f"{points:+.1f} points ({words.interval(ends, 1)})".replace("-", words.MINUS)
    return [Headline("what learnt composites add in search on set.mm, at equal time", ours, "without them: 0", result)]


def library(name: str, tasks: int, skipped: int, options: str, minutes: float) -> Figure:
    """Tasks proved with and without composites."""
    command = (
        f"metadream bench library --database {name.partition('-')[0]} --tasks {{tasks}} --skip {skipped} {options} "
    )
    return Figure(name, (command + "--models ../models --json",), worth, minutes, (name.partition("-")[0],), tasks)


LIBRARY = Part(
    "library",
    "What learnt composites are worth in search",
    "Each task is searched in each arm at equal expansions and at equal CPU time of one thread, by a model for each "
    "seed. Arms: *without* composites, *with* those of level 2 (skeletons of similar proofs and what they say about "
    "premises), with *lemmas*, and with as many random lemmas (*shuffled*). In brackets: tasks gained and lost "
    "against the first arm.",
    (
        library("set", 500, 460, "--expansions 2000 --seconds 1 --seeds 2", 60),
        library(
            "ql-control",
            113,
            0,
            "--expansions 2000 --seconds 1 --seeds 2 --arm without --arm lemmas --arm shuffled",
            10,
        ),
    ),
    library_tables,
    library_headlines,
)

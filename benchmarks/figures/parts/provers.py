"""What researchers of provers are given: the environment, and proof states as data."""

from __future__ import annotations

from collections.abc import Sequence

from figures import words
from figures.declare import Answers, Figure, Part, Table, Values
from figures.result import Result

RATES = ("steps_per_second", "steps_per_second_listing", "steps_per_second_python")
TASKS = {"steps": "steps to go, in classes", "move": "the next move, of the most frequent ones"}


def played(answers: Answers) -> Values:
    """Steps a second, and what was played."""
    answer = answers.json()
    return {key: answer[key] for key in ("database", "tasks", "steps", "actions", "legal_actions", *RATES)}


def environment(database: str) -> Figure:
    """Random play on ten theorems, a minute."""
    command = f"metadream bench environment --database {database} --seconds 60 --json"
    return Figure(database, (command,), played, 2, (database,) if database != "starter" else ())


def environment_tables(results: Sequence[Result]) -> Sequence[Table]:
    """A row a database."""
    if not results:
        return []
    header: tuple[str, ...] = ("database", "actions", "legal in a state, mean", "steps a second, stepping alone")
    header += ("with the legal actions listed", "the same from Python, with states")
    rows = [
        (
            result.name,
            words.count(result.values["actions"]),
            words.significant(result.values["legal_actions"]),
            *(words.significant(result.values[key]) for key in RATES),
        )
        for result in results
    ]
    return [Table(header, rows, results)]


ENVIRONMENT = Part(
    "environment",
    "The environment",
    "Random play on ten theorems spread over the database, on one thread. A step decides one goal "
    "([docs/environment.md](docs/environment.md)).",
    (environment("starter"), environment("set")),
    environment_tables,
)


def baselines(answers: Answers) -> Values:
    """Size of the data set, and both tasks' figures."""
    export, bench = answers.json(0), answers.json(1)
    parts = export["parts"].values()
    counts = {key: sum(part[key] for part in parts) for key in ("theorems", "translated", "rows", "decisions")}
    seconds = answers.seconds[0]
    return {"database": export["database"], **counts, "seconds": round(seconds, 1), **{t: bench[t] for t in TASKS}}


def states(database: str, minutes: float) -> Figure:
    """Export all proofs, then train and ask the baselines."""
    commands = (
        f"metadream data export states --database {database} -o out --json",
        "metadream bench states out --json",
    )
    return Figure(database, commands, baselines, minutes, (database,))


def states_tables(results: Sequence[Result]) -> Sequence[Table]:
    """The data sets, then the baselines."""
    if not results:
        return []
    sizes = ("database", "theorems", "translated whole", "rows", "decisions", "written in")
    data = [
        (
            result.name,
            *(words.count(result.values[key]) for key in ("theorems", "translated", "rows", "decisions")),
            words.seconds(result.values["seconds"]),
        )
        for result in results
    ]
    header: tuple[str, ...] = ("database", "task", "classes", "decisions asked", "linear model (95 %)")
    header += ("most frequent class (95 %)", "difference (95 %)")
    rows = [(result.name, what, *_cells(result.values[task])) for result in results for task, what in TASKS.items()]
    return [Table(sizes, data, results), Table(header, rows, results, "Baselines of the two tasks")]


def _cells(task: Values) -> tuple[str, ...]:
    def figure(name: str) -> str:
        return f"{words.percent(task[name]['mean'])} ({words.interval(task[name]['interval'])})"

    return words.count(task["classes"]), words.count(task["n"]), *map(figure, ("accuracy", "majority", "difference"))


STATES = Part(
    "states",
    "Proof states as data",
    "Human proofs as rows of states and moves, and GamePad's two tasks on them ([docs/states.md](docs/states.md)). A "
    "linear model over hashed tokens learns from the train part of `new2` and is asked at the decisions of the valid "
    "part.",
    (states("ql", 1), states("set", 8)),
    states_tables,
)

"""Loading and judging a database, and the machine's figures."""

from __future__ import annotations

from collections.abc import Sequence

from figures import words
from figures.declare import Answers, Figure, Headline, Part, Table, Values
from figures.result import Result

RUNS = 3
TIMES = ("load_s", "kernel_s", "metamath_rs_verify_s", "metamath_rs_all_s", "metamath_exe_s")


def loading(answers: Answers) -> Values:
    """The least of the runs' times, since other work only adds to them; the errors of all runs."""
    runs = [answers.json(number) for number in range(RUNS)]
    times = {key: [run[key] for run in runs] for key in TIMES}
    return {
        "least": {key: None if None in found else min(found) for key, found in times.items()},
        "runs": times,
        "statements": runs[0]["statements"],
        "proofs": runs[0]["proofs"],
        "peak_mb": max(run["peak_mb"] for run in runs),
        "errors": {judge: max(run["errors"][judge] or 0 for run in runs) for judge in runs[0]["errors"]},
    }


def load(database: str, minutes: float) -> Figure:
    """All judges, one after the other, three times."""
    command = f"metadream bench load --database {database} --json"
    return Figure(database, (command,) * RUNS, loading, minutes, (database, "metamath"))


def load_tables(results: Sequence[Result]) -> Sequence[Table]:
    """A row a database."""
    header: tuple[str, ...] = ("database", "statements", "proofs", "load", "peak memory", "our kernel: all proofs")
    header += ("metamath-knife: its verify pass", "metamath-knife: all", "metamath-exe: all", "errors")
    rows = []
    for result in results:
        times = result.values["least"]
        rows.append(
            (
                result.name,
                words.count(result.values["statements"]),
                words.count(result.values["proofs"]),
                words.seconds(times["load_s"]),
                f"{result.values['peak_mb']:.0f} MB",
                words.seconds(times["kernel_s"]),
                words.seconds(times["metamath_rs_verify_s"]),
                words.seconds(times["metamath_rs_all_s"]),
                words.seconds(times["metamath_exe_s"]),
                ", ".join(str(x) for x in result.values["errors"].values()),
            )
        )
    return [Table(header, rows, results)]


def load_headlines(results: Sequence[Result]) -> Sequence[Headline]:
    """set.mm."""
    return [
        Headline(
            f"judge the {words.count(result.values['proofs'])} proofs of set.mm",
            words.seconds(result.values["least"]["kernel_s"]),
            f"metamath-knife {words.seconds(result.values['least']['metamath_rs_verify_s'])}, "
            f"metamath-exe {words.seconds(result.values['least']['metamath_exe_s'])} (with reading)",
            result,
        )
        for result in results
        if result.id == "set"
    ]


LOAD = Part(
    "load",
    "Loading and judging",
    "*Load* is reading the file, a tree of every statement, and every proof as a graph. Our kernel uses all cores, the "
    "pass of metamath-knife (the crate metamath-rs) one. *All* counts reading. Each time is the least of three runs; "
    "errors are those of kernel, metamath-knife and metamath-exe.",
    (load("set", 1), load("iset", 1)),
    load_tables,
    load_headlines,
)


def machine(answers: Answers) -> Values:
    """Each figure with its target and its rival."""
    keys = ("name", "ours", "unit", "target", "rival", "rival_name")
    return {"figures": [{key: figure.get(key) for key in keys} for figure in answers.json()["figures"]]}


def machine_tables(results: Sequence[Result]) -> Sequence[Table]:
    """A row a figure."""
    header: tuple[str, ...] = ("figure", "ours", "unit", "target", "beside it, in the same run")
    tables = []
    for result in results:
        rows = []
        for figure in result.values["figures"]:
            rival = f"{words.significant(figure['rival'])}: {figure['rival_name']}" if figure["rival"] else "–"
            ours, target = words.significant(figure["ours"]), figure["target"] or "–"
            rows.append((f"`{figure['name']}`", ours, figure["unit"], target, rival))
        tables.append(Table(header, rows, [result]))
    return tables


MACHINE = Part(
    "machine",
    "The machine",
    "Programs of the instruction set, the workspace and the log.",
    (Figure("all", ("metadream bench machine --json",), machine, 6),),
    machine_tables,
)

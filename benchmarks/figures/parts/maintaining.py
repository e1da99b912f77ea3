"""Shortening proofs by theorems that stand before them, alone and beside metamath-exe."""

from __future__ import annotations

from collections.abc import Sequence

from figures import words
from figures.declare import Answers, Figure, Headline, Part, Table, Values
from figures.result import Result, named


def shortened(answers: Answers) -> Values:
    """The answer without its proofs."""
    return {key: value for key, value in answers.json().items() if key not in ("proofs", "kept_as_they_are")}


def shorten(database: str, minutes: float) -> Figure:
    """All theorems of a database."""
    command = f"metadream shorten --database {database} --dry-run --json"
    return Figure(database, (command,), shortened, minutes, (database, "metamath"))


def shorten_tables(results: Sequence[Result]) -> Sequence[Table]:
    """A row a database."""
    header: tuple[str, ...] = (
        "database",
        "proofs made shorter",
        "bytes of these, before and after",
        "steps, before and after",
    )
    header += ("time", "errors")
    rows = []
    for result in results:
        values = result.values
        before, after = values["before"], values["after"]
        rows.append(
            (
                result.name,
                words.part_of(values["changed"], values["looked_at"]),
                f"{before['bytes']:,} to {after['bytes']:,}",
                f"{before['steps']:,} to {after['steps']:,}",
                words.seconds(values["seconds"]),
                ", ".join(str(x) for x in values["errors"].values()),
            )
        )
    return [Table(header, rows, results)]


def shorten_headlines(results: Sequence[Result]) -> Sequence[Headline]:
    """set.mm, or the largest database that was measured."""
    for result in filter(None, (named(results, name) for name in ("set", "iset", "ql"))):
        values = result.values
        ours = f"{words.part_of(values['changed'], values['looked_at'])} in {words.seconds(values['seconds'])}"
        return [Headline(f"proofs of {result.id}.mm made shorter without new lemmas", ours, "–", result)]
    return ()


SHORTEN = Part(
    "shorten",
    "Shortening proofs",
    "Steps are replaced by uses of theorems that stand before; no lemma is added and no proof comes to rest on a new "
    "axiom. The changed database is judged by our kernel, metamath-knife and metamath-exe (errors in this order).",
    (shorten("set", 3), shorten("iset", 1), shorten("nf", 1), shorten("ql", 1), shorten("hol", 1)),
    shorten_tables,
    shorten_headlines,
)


def minimized(answers: Answers) -> Values:
    """Both sides' savings, and what metadream's own process took."""
    ours, theirs = answers.json(2), answers.json(1)
    rows = {row["label"]: row for row in ours["proofs"]}
    finished = [label for label in theirs["finished"] if label not in ours["kept_as_they_are"]]
    saved = {label: theirs["finished"][label] for label in finished}
    own = {label: rows[label]["before"]["bytes"] - rows[label]["after"]["bytes"] for label in finished if label in rows}
    return {
        "theorems": len(finished),
        "not_finished": theirs["asked"] - len(theirs["finished"]),
        "metamath_exe": {
            "saved": sum(x["before"] - x["after"] for x in saved.values()),
            "changed": sum(x["before"] > x["after"] for x in saved.values()),
            "cpu_s": sum(x["cpu_s"] for x in saved.values()),
        },
        "metadream": {"saved": sum(own.values()), "changed": len(own), "cpu_s": answers.cpu_seconds[2]},
        "bytes": sum(x["before"] for x in saved.values()),
        "saved_more_by_metamath_exe": sum(
            saved[label]["before"] - saved[label]["after"] > own.get(label, 0) for label in finished
        ),
    }


def minimize_tables(results: Sequence[Result]) -> Sequence[Table]:
    """A row a system."""
    tables = []
    for result in results:
        values = result.values
        rows = [
            (
                name,
                words.part_of(values[key]["changed"], values["theorems"]),
                f"{values[key]['saved']:,} of {values['bytes']:,}",
                words.seconds(values[key]["cpu_s"]),
            )
            for name, key in (("`metadream shorten`", "metadream"), ("metamath-exe `MINIMIZE_WITH *`", "metamath_exe"))
        ]
        left_out, more = words.count(values["not_finished"]), words.count(values["saved_more_by_metamath_exe"])
        note = f"Left out: {left_out} that metamath-exe did not finish. It saved more on {more} theorems."
        header = ("system", "theorems made shorter", "bytes saved", "CPU time, reading included for metadream")
        tables.append(Table(header, rows, [result], note=note))
    return tables


MINIMIZE = Part(
    "minimize",
    "Beside metamath-exe's minimizer",
    "The first theorems of the valid part of the split `new2`, for both. Bytes are those of the compressed proofs.",
    (
        Figure(
            "set",
            (
                "metadream tasks --database set --split new2 --part valid | sed -n '1,{tasks}p' > sample.txt",
                "python -m figures.minimize set sample.txt ../minimize-set.log",
                "metadream shorten --database set --dry-run --json $(cat sample.txt)",
            ),
            minimized,
            240,
            ("set", "metamath"),
            100,
        ),
    ),
    minimize_tables,
)

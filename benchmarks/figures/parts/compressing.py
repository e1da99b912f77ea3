"""Lemmas that make a database smaller, and abstractions of lambda programs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

from figures import words
from figures.declare import Answers, Figure, Headline, Part, Table, Values
from figures.result import Result, named


def compressed(answers: Answers) -> Values:
    """The whole answer of `bench compress`, which is small."""
    return answers.json()


def compress(name: str, options: str, minutes: float) -> Figure:
    """All proofs of a database rewritten with new lemmas."""
    command = f"metadream bench compress --database {name} {options}--json"
    return Figure(name, (command,), compressed, minutes, (name, "metamath"))


def compress_tables(results: Sequence[Result]) -> Sequence[Table]:
    """A row a database."""
    header: tuple[str, ...] = (
        "database",
        "steps",
        "bytes of all proofs",
        "lemmas",
        "steps saved, lemmas counted",
        "byte pairs: bytes, steps",
    )
    header += ("whole subtrees: bytes, steps", "one more cycle, as quick", "time", "peak memory", "errors")
    rows = []
    for result in results:
        values = result.values
        bases = []
        for base in ("byte_pair", "subtrees"):
            other = values["baselines"][base]
            bases.append(f"{words.change(values['bytes_before'], other['bytes_after'])}, {words.percent(other['net'])}")
        rows.append(
            (
                result.name,
                words.count(values["steps"]),
                words.change(values["bytes_before"], values["bytes_after"]),
                words.count(values["lemmas"]),
                words.percent(values["net"]),
                *bases,
                f"{values['ratio']:.1f} times" if "ratio" in values else "–",
                words.seconds(values["seconds"]),
                f"{values['peak_mb']:.0f} MB",
                ", ".join(str(x) for x in values["errors"].values()),
            )
        )
    return [Table(header, rows, results)]


def compress_headlines(results: Sequence[Result]) -> Sequence[Headline]:
    """set.mm, or the largest database that was measured."""
    result = next((r for name in ("set", "ql") if (r := named(results, name))), None)
    if result is None:
        return ()
    values = result.values
    pairs = words.change(values["bytes_before"], values["baselines"]["byte_pair"]["bytes_after"])
    ours = f"{words.change(values['bytes_before'], values['bytes_after'])} bytes, {values['lemmas']:,} lemmas"
    return [Headline(f"compress the proofs of {result.id}.mm by new lemmas", ours, f"byte pairs {pairs}", result)]


COMPRESS = Part(
    "compress",
    "Compressing proofs by new lemmas",
    "Bytes are those of all compressed proofs with each lemma's whole text, comments left out. The rewritten "
    "database is judged by our kernel, metamath-knife and metamath-exe (errors in this order). Baselines of the same "
    "run name pairs of steps that recur (*byte pairs*) and whole subproofs that recur (*whole subtrees*). *One more "
    "cycle* adds a hundredth of the proofs to a compressed database, compared with compressing anew.",
    (
        compress("ql", "--incremental 0.01 ", 1),
        compress("nf", "--incremental 0.01 ", 1),
        compress("iset", "", 2),
        compress("hol", "", 1),
        compress("set", "", 8),
    ),
    compress_tables,
    compress_headlines,
    "compress",
)

CORPORA = ("bridge", "castle", "city", "dials", "furniture", "house", "nuts-bolts", "wheels")


def stitched(answers: Answers) -> Values:
    """Ratios and times of both, by the protocol and without limits."""
    return {"limited": answers.json(0)["corpora"][0], "unlimited": answers.json(1)["corpora"][0]}


def stitch(name: str) -> Figure:
    """A corpus of Stitch's paper, by its protocol and without limits on count and size."""
    command = f"metadream bench stitch --corpus $DATA/stitch_cogsci/{name}.json"
    commands = (f"{command} --json", f"{command} --unlimited --no-rival --json")
    return Figure(name, commands, stitched, 2, (f"$DATA/stitch_cogsci/{name}.json",))


def stitch_tables(results: Sequence[Result]) -> Sequence[Table]:
    """A row a corpus."""
    header: tuple[str, ...] = ("corpus", "ours: train, test ratio", "CPU", "stitch_core: train, test ratio", "CPU")
    header += ("ours without limits: train, test ratio", "the library counted", "CPU")
    rows = []
    for result in results:
        x, free = result.values["limited"], result.values["unlimited"]
        rows.append(
            (
                result.name,
                f"{x['train_ratio']:.2f}, {x['test_ratio']:.2f}",
                words.seconds(x["cpu_seconds"]),
                f"{x['stitch_train_ratio']:.2f}, {x['stitch_test_ratio']:.2f}",
                words.seconds(x["stitch_cpu_seconds"]),
                f"{free['train_ratio']:.1f}, {free['test_ratio']:.1f}",
                f"{free['train_ratio_counted']:.1f}",
                words.seconds(free["cpu_seconds"]),
            )
        )
    return [Table(header, rows, results)]


def stitch_headlines(results: Sequence[Result]) -> Sequence[Headline]:
    """The first corpus that was measured."""
    for result in results[:1]:
        x = result.values["limited"]
        ours = f"test ratio {x['test_ratio']:.2f} in {words.seconds(x['cpu_seconds'])}"
        rival = f"stitch_core {x['stitch_test_ratio']:.2f} in {words.seconds(x['stitch_cpu_seconds'])}"
        return [Headline(f"abstractions of Stitch's corpus *{result.id}*, on unseen programs", ours, rival, result)]
    return ()


STITCH = Part(
    "stitch",
    "Abstractions of lambda programs",
    "The protocol of Stitch's paper: 200 training and 50 test programs, arity 3, 10 abstractions, one thread, and "
    "stitch_core in the same run. Ratios are the cost of the programs before by the cost after; without limits an "
    "abstraction must save more than its body costs, and the ratio that counts the library adds all bodies "
    "(docs/exact.md).",
    tuple(stitch(name) for name in CORPORA),
    stitch_tables,
    stitch_headlines,
)

# What set.mm's community added after Debian's file (set.mm issue 2710), as set.mm states it: hypotheses, conclusion.
ADDED = {
    "fvexi": ["A = ( F ` B )", "A e. _V"],
    "fvexd": ["( ph -> ( F ` A ) e. _V )"],
    "ovexd": ["( ph -> ( A F B ) e. _V )"],
    "hllatd": ["( ph -> K e. HL )", "( ph -> K e. Lat )"],
    "frnd": ["( ph -> F : A --> B )", "( ph -> ran F C_ B )"],
    "fdmd": ["( ph -> F : A --> B )", "( ph -> dom F = A )"],
    "ne0d": ["( ph -> B e. A )", "( ph -> A =/= (/) )"],
    "fmpttd": ["( ( ph /\\ x e. A ) -> B e. C )", "( ph -> ( x e. A |-> B ) : A --> C )"],
    "mptfvmpt": [
        "( y = Y -> M = ( x e. V |-> A ) )",
        "G = ( y e. W |-> M )",
        "V = ( F ` X )",
        "( Y e. W -> ( G ` Y ) = ( x e. V |-> A ) )",
    ],
    "fssdm": ["D C_ dom F", "( ph -> F : A --> B )", "( ph -> D C_ A )"],
    "eqelssd": ["( ph -> A C_ B )", "( ( ph /\\ x e. B ) -> x e. A )", "( ph -> A = B )"],
}
Statement = tuple[tuple[str, ...], ...]


def numbered(formulas: list[list[str]], variables: frozenset[str]) -> Statement:
    """Formulas with their variables numbered as they appear."""
    numbers: dict[str, str] = {}
    return tuple(
        tuple(numbers.setdefault(word, f"#{len(numbers)}") if word in variables else word for word in formula)
        for formula in formulas
    )


def forms(formulas: list[str], variables: frozenset[str]) -> Iterator[Statement]:
    """A statement with its hypotheses in each order, the conclusion first."""
    split = [formula.split() for formula in formulas]
    for order in permutations(split[:-1]):
        yield numbered([split[-1], *order], variables)


def assertions(text: str) -> Iterator[tuple[str, list[str]]]:
    """Label, hypotheses and conclusion of each ``|-`` assertion of a text without comments."""
    scopes: list[list[str]] = [[]]
    for match in re.finditer(r"\$\{|\$\}|(\S+)\s+\$([eap])\s+(\S+)\s+(.*?)\$[.=]", text, flags=re.DOTALL):
        if match[0] == "${":
            scopes.append([])
        elif match[0] == "$}":
            scopes.pop()
        elif match[3] == "|-":
            formula = " ".join(match[4].split())
            if match[2] == "e":
                scopes[-1].append(formula)
            else:
                yield match[1], [*(hyp for scope in scopes for hyp in scope), formula]


def without_comments(path: Path) -> str:
    """A database's text without its comments."""
    return re.sub(r"\$\(.*?\$\)", " ", path.read_text(errors="replace"), flags=re.DOTALL)


def found_lemmas(answers: Answers) -> Values:
    """Which statements the file has already, and which a new lemma states, with its rank by proofs that use it."""
    text = without_comments(answers.folder / "new.mm")
    old = {label for label, _ in assertions(without_comments(Path(answers.json(0)["data"][0]["path"])))}
    declared = re.findall(r"\$v\s+(.*?)\$\.", text, flags=re.DOTALL)
    variables = frozenset(word for block in declared for word in block.split())
    new = {label for label, _ in assertions(text)} - old
    blocks = re.findall(r"\$=\s*\(([^)]*)\)", text)
    uses = Counter(label for block in blocks for label in set(block.split()) & new)
    wanted = {form: name for name, formulas in ADDED.items() for form in forms(formulas, variables)}
    rows: dict[str, dict[str, Any]] = {
        name: {"name": name, "stated": False, "rank": None, "proofs": None} for name in ADDED
    }
    ranks = {label: n for n, (label, _) in enumerate(sorted(uses.items(), key=lambda x: (-x[1], x[0])), 1)}
    for label, formulas in assertions(text):
        key = numbered([formulas[-1].split(), *(hyp.split() for hyp in formulas[:-1])], variables)
        if (name := wanted.get(key)) is None:
            continue
        if label in old:
            rows[name]["stated"] = True
        elif label in ranks:
            rows[name] |= {"rank": ranks[label], "proofs": uses[label]}
    return {"lemmas": len(new), "rows": list(rows.values())}


def community_tables(results: Sequence[Result]) -> Sequence[Table]:
    """A row a lemma."""
    tables = []
    for result in results:
        rows = []
        for row in result.values["rows"]:
            cells = ("–", "–") if row["rank"] is None else (words.count(row["rank"]), words.count(row["proofs"]))
            rows.append((f"`{row['name']}`", "yes" if row["stated"] else "no", *cells))
        found = sum(row["rank"] is not None for row in result.values["rows"])
        asked = sum(not row["stated"] for row in result.values["rows"])
        note = f"Found: {words.part_of(found, asked)}, among {words.count(result.values['lemmas'])} new lemmas."
        header = ("lemma", "in the file already", "rank by proofs that use it", "proofs that use it")
        tables.append(Table(header, rows, [result], note=note))
    return tables


COMMUNITY = Part(
    "community",
    "Lemmas that people added later",
    "set.mm's community added these lemmas after this file was made (set.mm issue 2710). The table says whether the "
    "lemmas learnt from the older file state them. Statements are compared up to names of variables and the order of "
    "hypotheses.",
    (
        Figure(
            "set",
            ("metadream data get set --json", "metadream bench compress --database set --output new.mm --json"),
            found_lemmas,
            10,
            ("set", "metamath"),
        ),
    ),
    community_tables,
)

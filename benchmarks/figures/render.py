"""BENCHMARKS.md and the README's tables, written from the result files alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from figures.declare import Headline, Part, Table
from figures.parts import PARTS
from figures.result import Result, load

HEAD = """# Benchmarks

<!-- Written by `make figures PART=none` from benchmarks/results/. Do not edit: tests compare it with these files. -->

Every figure that this repository publishes, with its commit, machine, date and commands. `make figures` measures all of
them, `make figures PART=prove` a part; `TASKS=100` takes a smaller sample where a part has one.
[benchmarks/README.md](benchmarks/README.md) says how to add a figure. *Load* is the mean number of running processes
over a minute, before and after: where it is above the number of cores, other work ran beside, and wall times are longer
than they need be. Intervals are of 95 %.
"""
HEADLINES = 5  # rows of the README
BLOCK = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end of figures -->)", re.DOTALL)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def provenance(results: Sequence[Result]) -> str:
    """Commit, date, load and machine of a table's results, those that share them together; then the commands."""
    groups: dict[tuple[str, str, str], list[Result]] = {}
    for result in results:
        groups.setdefault((result.version(), result.date, result.machine.text()), []).append(result)
    lines = []
    for (version, date, machine), found in groups.items():
        loads = [x for result in found for x in result.load]
        which = f"{', '.join(result.name for result in found)}: c" if len(groups) > 1 else "C"
        lines.append(
            f"{which}ommit {version}, {date}, load {min(loads):.1f} to {max(loads):.1f}, "
            f"{sum(result.cpu_s for result in found):,.0f} s of CPU in all; {machine}."
        )
    commands = "\n".join(f"# {result.name}\n" + "\n".join(result.commands) for result in results)
    return "  \n".join(lines) + f"\n\n<details><summary>Commands</summary>\n\n```sh\n{commands}\n```\n\n</details>"


def shown(table_: Table) -> str:
    """A table with what it rests on."""
    title = f"### {table_.title}\n\n" if table_.title else ""
    note = f"\n\n{table_.note}" if table_.note else ""
    return f"{title}{table(table_.header, table_.rows)}{note}\n\n{provenance(table_.results)}"


def published(root: Path, group: str) -> str:
    """Figures that others published, with their sources."""
    entries = json.loads((root / "benchmarks" / "published.json").read_text())[group]
    rows = [[entry[key] for key in ("system", "figure", "conditions", "source")] for entry in entries]
    text = "Not measured here, and on other versions of set.mm and other samples than ours."
    return f"### Published by others\n\n{text}\n\n{table(('system', 'figure', 'conditions', 'source'), rows)}"


def section(root: Path, part: Part, results: Sequence[Result]) -> str:
    """A part: what it measures, its tables, what others published."""
    known = {figure.id for figure in part.figures}
    if stale := [result.name for result in results if result.id not in known]:
        raise ValueError(f"benchmarks/results/{part.name}: {', '.join(stale)} is declared nowhere")
    order = [figure.id for figure in part.figures]
    results = sorted(results, key=lambda result: (order.index(result.id), -(result.tasks or 0)))
    measured = {result.id for result in results}
    missing = [figure.id for figure in part.figures if figure.id not in measured]
    parts = [f"## {part.title}", part.text]
    parts += [shown(found) for found in part.tables(results)] if results else []
    if missing:
        parts.append(f"Not measured yet: {', '.join(missing)} (`make figures PART={part.name}`).")
    if part.published:
        parts.append(published(root, part.published))
    return "\n\n".join(parts)


def all_results(root: Path) -> dict[str, list[Result]]:
    """The results of every part, by its name. Raises `ValueError` for a file that is none of theirs."""
    folder = root / "benchmarks" / "results"
    names = [part.name for part in PARTS]
    if strange := sorted(path.name for path in folder.glob("*") if path.name not in names):
        raise ValueError(f"benchmarks/results: {', '.join(strange)} is no part")
    return {name: load(folder, name) for name in names}


def benchmarks(root: Path, results: Mapping[str, Sequence[Result]]) -> str:
    """The text of BENCHMARKS.md."""
    return "\n\n".join([HEAD.strip(), *(section(root, part, results[part.name]) for part in PARTS)]) + "\n"


def demo(results: Mapping[str, Sequence[Result]]) -> str:
    """The README's table of `make demo`, without the lengths."""
    part = next(part for part in PARTS if part.name == "demo")
    tables = part.tables(results["demo"])
    if not tables:
        return "Not measured yet."
    return f"{table(tables[0].header, tables[0].rows)}\n\n{line(tables[0].results)}"


def headlines(results: Mapping[str, Sequence[Result]]) -> str:
    """The README's rows: all of one version and machine, the one with most of them."""
    found: list[Headline] = [row for part in PARTS for row in part.headlines(results[part.name])]
    if not found:
        return "Not measured yet."
    versions = [(row.result.source_sha256, row.result.machine.text()) for row in found]
    newest = {version: row.result.date for version, row in zip(versions, found, strict=True)}
    best = max(sorted(newest), key=lambda version: (versions.count(version), newest[version]))
    rows = [row for version, row in zip(versions, found, strict=True) if version == best][:HEADLINES]
    cells = [(row.what, row.ours, row.rivals) for row in rows]
    return f"{table(('', 'Metadream', 'beside it, in the same run'), cells)}\n\n{line([row.result for row in rows])}"


def line(results: Sequence[Result]) -> str:
    """Commit, date, load and machine of results of one version, for the README."""
    loads = [load for result in results for load in result.load]
    first = results[0]
    load_text = f"load {min(loads):.1f} to {max(loads):.1f}"
    return f"Commit {first.version()}, {first.date}, {load_text}; {first.machine.text()}."


BLOCKS: dict[str, Callable[[Mapping[str, Sequence[Result]]], str]] = {"demo": demo, "headlines": headlines}


def readme(text: str, results: Mapping[str, Sequence[Result]]) -> str:
    """README.md with its marked blocks written anew. Raises `KeyError` for a block that is not known."""
    return BLOCK.sub(lambda block: f"{block[1]}{BLOCKS[block[2]](results)}\n{block[3]}", text)


def write(root: Path) -> None:
    """Write both files where they change."""
    results = all_results(root)
    readme_path = root / "README.md"
    texts = {root / "BENCHMARKS.md": benchmarks(root, results), readme_path: readme(readme_path.read_text(), results)}
    for path, text in texts.items():
        if not path.exists() or path.read_text() != text:
            aside = path.with_suffix(".part")
            aside.write_text(text)
            aside.replace(path)

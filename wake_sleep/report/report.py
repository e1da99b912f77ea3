"""A run's report: one HTML file that works offline, made from the run's folder alone.

No script; style and charts are inline. Labels, statements and paths are foreign text: every one goes through `text`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any

from metadream.dsl.library import Composite, read_library
from metadream.dsl.proofs import Proof, Step
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.terminal.foreign_text import plain
from metadream.wake_sleep.report.chart import line_chart
from metadream.wake_sleep.report.show import corpus_of, described
from metadream.wake_sleep.runs.folder import Folder, publish
from metadream.wake_sleep.runs.rejudged import judged_state, refuse_false_figures
from metadream.wake_sleep.runs.run import reopen
from metadream.wake_sleep.runs.state import rows_of

SHOWN_COMPOSITES = 300
EXAMPLE_STEPS = 30  # the example proof has at most so many steps unfolded, so that it fits a screen

STYLE = """
:root { color-scheme: light dark; --ink: #1c1e21; --soft: #63676d; --paper: #fff; --rule: #dcdfe3; --mark: #fff1c2;
  --c0: #1769c2; --c1: #c2571a; --c2: #2c8a4b; --c3: #7d4fb3; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e7e9; --soft: #9da2a9; --paper: #17191c; --rule: #363a40;
  --mark: #4a3f14; --c0: #6cb0f5; --c1: #f09a5f; --c2: #6fcf8e; --c3: #bf9bf0; } }
body { margin: 2rem auto; max-width: 75rem; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif;
  color: var(--ink); background: var(--paper); }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; } p, figcaption, .legend { max-width: 45rem; }
figcaption { font-weight: 600; } .soft, .legend, figcaption + svg .mark { color: var(--soft); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1.5rem; }
figure { margin: 0; } svg { width: 100%; height: auto; }
.grid { stroke: var(--rule); } .mark { fill: var(--soft); font-size: 12px; } .line { fill: none; stroke-width: 2; }
.c0 { --c: var(--c0); } .c1 { --c: var(--c1); } .c2 { --c: var(--c2); } .c3 { --c: var(--c3); }
.line { stroke: var(--c); } .dot { fill: var(--c); } .key { background: var(--c); display: inline-block; width: .8em;
  height: .8em; border-radius: 50%; margin-right: .4em; } .legend span { margin-right: 1.5em; }
.wide { overflow-x: auto; } .wide + .wide { margin-top: 1.5rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--rule); }
th { font-weight: 600; } td.n, th.n { text-align: right; }
code, td.m { font-family: ui-monospace, monospace; font-size: .88em; }
mark { background: var(--mark); color: inherit; padding: 0 .2em; border-radius: .2em; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 2rem; align-items: start; }
"""


def text(value: object) -> str:
    """A value as harmless HTML."""
    return escape(plain(str(value)))


def cell(value: object) -> str:
    """A table's cell: numbers to the right, None a dash."""
    if value is None:
        return '<td class="n">–</td>'
    if isinstance(value, float):
        return f'<td class="n">{value:,.2f}</td>'
    if isinstance(value, int):
        return f'<td class="n">{value:,}</td>'
    return f'<td class="m">{text(value)}</td>'


def grid(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; a column stands to the right if its first cell is a number."""
    body = [list(row) for row in rows]
    numeric = [bool(body) and isinstance(body[0][i], int | float | None) for i in range(len(columns))]
    head = "".join(
        f"<th{' class=n' if right else ''}>{text(name)}</th>" for name, right in zip(columns, numeric, strict=True)
    )
    lines = "".join(f"<tr>{''.join(map(cell, row))}</tr>" for row in body)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>'


def report(
    run: Path,
    output: Path | None,
) -> Path:
    """The verb ``report``: judge what is reported, then write it; where it is. Raises `InputError` if the folder is no
    run, no cycle is finished, or a judge refuses.
    """
    folder = Folder(run)
    work = reopen(folder)
    judged_state(work, len(folder.reports()))
    refuse_false_figures(work)
    path = output or folder.root / "report.html"
    if output is not None:
        publish(output, page(folder))
    else:
        with folder.lock():
            folder.files.update({"report.html": page(folder).encode()})
    return path


def page(folder: Folder, title: str | None = None, cycles: int | None = None) -> str:
    """The whole page, of the first `cycles` or all. `title`: the run's name as HTML; None: the folder's. Equal files
    give equal pages. Raises `InputError`.
    """
    reports = folder.reports()[:cycles]
    if not reports:
        raise InputError("this run has no finished cycle yet; run 'metadream learn' again", folder.root)
    last = len(reports)
    composites, rows = read_library(folder.library_text(last), folder.library(last)), rows_of(folder, last)
    name = title if title is not None else text(folder.root.name or folder.root.resolve().name)
    parts = [
        f"<h1>Metadream: {name}</h1>",
        _summary(reports),
        _charts(reports),
        "<h2>Cycles</h2>",
        _cycles(reports),
        "<h2>Pass rate, and what the next model learns from</h2>",
        _rates(reports),
        "<h2>What the library was worth on unseen tasks</h2>",
        _reuse(folder, reports),
        "<h2>Description length, cycle by cycle</h2>",
        _lengths(reports),
        "<h2>One proof, before and after</h2>",
        _example(composites, rows),
        "<h2>Composites</h2>",
        _composites(composites, rows),
        "<h2>Seconds by phase</h2>",
        _seconds(reports),
        "<h2>Settings and hashes</h2>",
        _settings(folder, reports[-1]),
    ]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Metadream: {name}</title>'
    body = "".join(parts)
    return f'<!doctype html><html lang="en"><head>{head}<style>{STYLE}</style></head><body>{body}</body></html>\n'


def _summary(reports: Sequence[dict[str, Any]]) -> str:
    last = reports[-1]
    return (
        f"<p>{last['cycle']} cycles, {last['tasks']:,} tasks, at most {last['expansions']:,} expansions a task. In the "
        f"last one <b>{last['solved']:,}</b> tasks were solved with the library and "
        f"<b>{last['solved_without_library']:,}</b> without it at equal expansions; {last['solved_ever']:,} in some "
        f"cycle. The library holds {last['library_size']:,} composites. {last['refused']:,} proofs of this cycle were "
        "refused by a judge and dropped.</p>"
    )


def _charts(reports: Sequence[dict[str, Any]]) -> str:
    across = [data["cycle"] for data in reports]

    def line(key: str) -> list[float | None]:
        return [data.get(key) for data in reports]

    def rate(part: str) -> list[float | None]:
        found = [(data.get("pass_rate") or {}).get(part) for data in reports]
        return [100 * each["rate"] if each else None for each in found]

    unit = str(reports[-1]["description_unit"])
    solved = [("with the library", line("solved")), ("without it", line("solved_without_library"))]
    named = [("training tasks, learnt from", rate("training")), ("unseen tasks", rate("unseen"))]
    rates = [(name, line) for name, line in named if any(value is not None for value in line)]
    lengths = [
        (f"with the library, its own {unit} included", line("description_length")),
        ("all unfolded", line("description_length_unfolded")),
    ]
    return (
        '<div class="charts">'
        + line_chart("Tasks solved in a cycle, at equal expansions", across, solved, "tasks")
        + line_chart("Pass rate of a cycle", across, rates, "% of the tasks")
        + line_chart(f"Description length of the corpus, in {unit}", across, lengths, unit)
        + "</div>"
    )


def _cycles(reports: Sequence[dict[str, Any]]) -> str:
    keys = {
        "cycle": "cycle",
        "solved": "solved",
        "solved_without_library": "without library",
        "solved_ever": "ever",
        "refused": "refused",
        "library_size": "composites",
        "description_length": "description length",
        "dreams": "dreams",
        "examples": "training examples",
        "nll_first_stage": "NLL, first stage",
        "nll": "NLL, network",
        "expansions_used": "expansions used",
    }
    return grid(list(keys.values()), [[data.get(key) for key in keys] for data in reports])


def _rates(reports: Sequence[dict[str, Any]]) -> str:
    """Both pass rates of each cycle, and the proofs that its successor is trained on."""
    columns = ["cycle", "training tasks", "proved", "%", "unseen tasks", "proved", "%"]
    kinds = {
        "human": "human proofs",
        "shorter": "found, shorter than the human one",
        "other": "found, by other premises",
        "alone": "found, no human one used",
        "same": "found as the human one, left out",
    }
    rows: list[list[object]] = []
    for data in reports:
        row: list[object] = [data["cycle"]]
        for part in ("training", "unseen"):
            each = (data.get("pass_rate") or {}).get(part) or {}
            row += [each.get("tasks"), each.get("proved"), 100.0 * each["rate"] if each else None]
        learnt = data.get("learnt_proofs") or {}
        rows.append([*row, *(learnt.get(kind) for kind in kinds)])
    return grid([*columns, *kinds.values()], rows)


def _reuse(folder: Folder, reports: Sequence[dict[str, Any]]) -> str:
    """Tasks whose proofs were not in the corpus that the library was learnt from, and the composites used there."""
    keys = {
        "cycle": "cycle",
        "unseen": "unseen tasks",
        "unseen_solved": "solved",
        "unseen_solved_without_library": "without library",
        "reused_composites": "composites reused",
        "proofs_by_skeletons": "proofs owing steps to skeletons",
        "reused_skeletons": "skeletons",
    }
    columns = [*keys.values(), "points gained", "from", "to", "tasks gained", "tasks lost"]
    rows: list[list[object]] = []
    for data in reports:
        low, high = data.get("unseen_interval") or (None, None)
        counts = [len(data[key]) if key in data else None for key in ("unseen_gained", "unseen_lost")]
        rows.append([*(data.get(key) for key in keys), data.get("unseen_points"), low, high, *counts])
    note = (
        "<p>Both searches have equal expansions. Points are per cent of the unseen tasks that the library proves more, "
        "with the 95 % interval of paired proportions.</p>"
    )
    return note + grid(columns, rows) + _reused(folder, reports[-1])


def _reused(folder: Folder, last: dict[str, Any]) -> str:
    """The composites of the last cycle's proofs of unseen tasks, as they stood when these were found."""
    if not last.get("reused"):
        return "<p>No proof of an unseen task in the last cycle uses a composite of the library.</p>"
    before = last["cycle"] - 1
    known = {each.name: each for each in read_library(folder.library_text(before))} if before else {}
    rows = [(name, uses, known[name].statement if name in known else "") for name, uses in last["reused"]]
    return grid(["composite", "proofs of unseen tasks that use it, last cycle", "statement"], rows)


def _lengths(reports: Sequence[dict[str, Any]]) -> str:
    """How the description length falls."""
    rows: list[list[object]] = []
    before = None
    for data in reports:
        length, unfolded = data["description_length"], data["description_length_unfolded"]
        fall = None if before is None else length - before
        share = 100 * (1 - length / unfolded) if unfolded else None
        rows.append([data["cycle"], unfolded, length, fall, share])
        before = length
    unit = reports[-1]["description_unit"]
    columns = ["cycle", f"all unfolded, {unit}", f"with the library, {unit}", "since the cycle before", "saved, %"]
    return grid(columns, rows)


def _example(composites: Sequence[Composite], rows: Sequence[dict[str, Any]]) -> str:
    """The proof that the library shortens most, among those that fit a screen."""
    names = {composite.name: composite for composite in composites}
    found: list[tuple[int, str, tuple[Step, ...], tuple[Step, ...]]] = []
    for row in rows:
        if row["kind"] == "task" and row["rewritten"] is not None:
            before, after = Proof(row["best"]).steps, Proof(row["rewritten"]).steps
            if len(before) <= EXAMPLE_STEPS and any(label in names for label, _ in after):
                found.append((len(before) - len(after), row["task"], before, after))
    if not found:
        return "<p>No proof of a task uses a composite.</p>"
    _, task, before, after = max(found, key=lambda each: each[0])
    used = [names[label] for label in dict.fromkeys(label for label, _ in after) if label in names]
    statements = "".join(
        f"<p><mark><code>{text(each.name)}</code></mark> <code>{text(each.statement)}</code></p>" for each in used
    )
    return (
        f"<p>Task <code>{text(task)}</code>: {len(before)} lines with primitives, {len(after)} with the library, "
        "quoted hypotheses among them. A line names what it applies and the lines that prove its hypotheses; "
        "composites are marked.</p>"
        f'{statements}<div class="sides"><div><b>Before</b>{_steps(before, names)}</div>'
        f"<div><b>After</b>{_steps(after, names)}</div></div>"
    )


def _steps(steps: Sequence[tuple[str, Sequence[int]]], names: dict[str, Composite]) -> str:
    lines = []
    for i, (label, children) in enumerate(steps):
        shown = f"<mark>{text(label)}</mark>" if label in names else text(label)
        operands = " ".join(str(child + 1) for child in children)
        lines.append(f'<tr><td class="n">{i + 1}</td><td class="m">{shown}</td><td class="m">{operands}</td></tr>')
    return f"<table>{''.join(lines)}</table>"


def _composites(composites: Sequence[Composite], rows: Sequence[dict[str, Any]]) -> str:
    if not composites:
        return "<p>The library is empty.</p>"
    all_rows = described(composites, corpus_of(rows))
    columns = ("name", "uses", "size", "size unfolded", "depth", "statement")
    keys = ("name", "uses", "size", "size_unfolded", "depth", "statement")
    note = "<p>Uses are counted in the corpus and in other composites; sizes are in steps.</p>"
    if len(all_rows) > SHOWN_COMPOSITES:
        note += f"<p>The {SHOWN_COMPOSITES} most used of {len(all_rows):,}; <code>library.json</code> has all.</p>"
    return note + grid(columns, [[row[key] for key in keys] for row in all_rows[:SHOWN_COMPOSITES]])


def _seconds(reports: Sequence[dict[str, Any]]) -> str:
    phases = list(dict.fromkeys(phase for data in reports for phase in data["seconds"]))
    rows = [
        [
            data["cycle"],
            *(data["seconds"].get(phase) for phase in phases),
            float(sum(data["seconds"].values())),
            data.get("workers"),
        ]
        for data in reports
    ]
    return grid(["cycle", *(phase.replace("_", " ") for phase in phases), "all", "workers"], rows)


def _settings(folder: Folder, last: dict[str, Any]) -> str:
    rows: list[tuple[str, str]] = []
    for name, value in asdict(folder.settings()).items():
        shown = "all" if value is None else ", ".join(value) or "nothing" if isinstance(value, tuple) else str(value)
        rows.append((name, shown))
    rows += [
        (key, str(last[key])) for key in ("library_sha256", "proofs_sha256", "ranker_sha256", "python") if key in last
    ]
    return grid(("name", "value"), rows)

"""``metadream propose``: lemmas that a database's maintainers might take, as a table, HTML and JSON, or as a patch.

The learner proposes, `core/src/compression/maintain/propose.rs` sifts and measures. What set.mm's people ask of a
lemma stands in their discussions: the file gets smaller, statement, proof and comment counted; general, few
to a patch; nothing that exists; no new axioms; nothing discouraged.
"""

from __future__ import annotations

import functools
import html
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from metadream import _core
from metadream._core import Proposals, Theory
from metadream.compression.judged import named
from metadream.compression.maintain.naming import abbreviations, suggest
from metadream.compression.maintain.setmm import Contribution, check_places, folded, write_patches
from metadream.compression.maintain.wording import describe
from metadream.metamath_db import data
from metadream.metamath_db.core import load_theory, threads_or
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import publish
from metadream.metamath_db.terminal.console import stage, table
from metadream.metamath_db.terminal.counted import counted
from metadream.metamath_db.terminal.foreign_text import plain
from metadream.metamath_db.terminal.result import Result

CANDIDATES = 15  # lemmas learned for each one asked for
# a lemma with many hypotheses or variables saves bytes and helps nobody (set.mm's reviewers)
LEARN: dict[str, Any] = {"price": "bytes", "min_occurrences": 4, "max_hyps": 6, "max_size": 8, "max_formula": 60}
MOST_IN_A_SERIES = 20  # patches; set.mm's people read so many lemmas at once


@dataclass(frozen=True)
class Lemma:
    """A lemma that might be added to a database."""

    label: str
    """A suggestion."""
    hypotheses: tuple[str, ...]
    statement: str
    """Its conclusion."""
    distinct: tuple[tuple[str, str], ...]
    """Pairs of variables that its ``$d`` conditions keep apart."""
    uses: int
    """How often proofs would use it."""
    sites: int
    """How many proofs would."""
    net: int
    """Bytes that the database gets smaller, the lemma's own text with its comment counted."""
    nearest: str | None
    """The theorem whose statement is most like its own."""
    axioms: tuple[str, ...]
    """The axioms that it rests on."""
    comment: str
    """A suggestion."""
    mm: str
    """The lemma as it would stand in the file."""


@dataclass(frozen=True, repr=False, eq=False)
class Proposed(Result):
    """Lemmas that maintainers might take, the most useful first: iterate over it for `Lemma`. True if there are some
    and, where a patch was made, the judges accept it.
    """

    @property
    def lemmas(self) -> tuple[Lemma, ...]:
        """The proposals."""
        return tuple(map(_lemma, self.data["proposals"]))

    @property
    def variants(self) -> tuple[Lemma, ...]:
        """Other forms of existing theorems that would make the database smaller, too."""
        return tuple(map(_lemma, self.data["variants"]))

    @property
    def net(self) -> int:
        """Bytes that all proposals save together."""
        return int(self.data["net"])

    def __len__(self) -> int:
        return len(self.data["proposals"])

    def __iter__(self) -> Iterator[Lemma]:
        return iter(self.lemmas)

    def __bool__(self) -> bool:
        return self.status == 0

    def __repr__(self) -> str:
        return f"<Proposed for {self.data['database']}: {counted(len(self), 'lemma')}, {counted(self.net, 'byte')} net>"


def _lemma(row: Mapping[str, Any]) -> Lemma:
    told: dict[str, Any] = {field.name: row[field.name] for field in fields(Lemma)}
    told |= {key: tuple(row[key]) for key in ("hypotheses", "axioms")}
    told["distinct"] = tuple((first, second) for first, second in row["distinct"])
    return Lemma(**told)


def propose(
    database: str,
    section: str | None = None,
    limit: int = MOST_IN_A_SERIES,
    variants: bool = False,
    output: Path | None = None,
    export: Path | None = None,
    contribution: Contribution | None = None,
    split: bool = False,
    threads: int | None = None,
) -> Proposed:
    """Propose at most `limit` lemmas; status 1 if nothing is worth proposing, or a judge refuses the patched database.

    `section`: learn from the sections whose headings hold this text only (uses are counted everywhere). What follows
    from another form of an existing theorem is listed apart, as `variants`, unless `variants` is true: then it is among
    the proposals. `output`: an HTML file. `export`: a patch of the first proposal, made for `contribution`; with
    `split` one of each, to be applied one after the other. Raises `InputError`.
    """
    if export is not None and contribution is None:
        raise InputError("a patch needs the contributor's name; give --contributor NAME")
    if split and export is None:
        raise InputError("--split is about patches; give --export FILE with it")
    if split and limit > MOST_IN_A_SERIES:
        raise InputError(f"a series has at most {MOST_IN_A_SERIES} patches; give --limit {MOST_IN_A_SERIES} or less")
    path = data.resolve_database(database)
    for place in (export, output):
        if place is not None:
            check_places(place, path)
    theory = load_theory(path, judged=True)
    threads = threads_or(threads)
    options = {**LEARN, "max_lemmas": CANDIDATES * limit, "threads": threads}
    with stage("learning lemmas"):
        proposals = _core.Proposals.learned(theory, options, section)
    rows, others = best(proposals, limit, threads, conventions(theory), contribution, variants)
    result: dict[str, Any] = {
        "database": database,
        "section": section,
        "left_out": proposals.left_out(),
        "proposals": rows,
        "variants": others,
        "net": sum(row["net"] for row in rows),
        "patch": None,
    }
    accepted = True
    if export is not None and contribution is not None and rows:
        result["patch"] = write_patches(path, theory, export, proposals, rows, threads, split)
        accepted = result["patch"]["accepted"] and not result["patch"]["refused"]
    if output is not None:
        publish(output, as_html(result))
    return Proposed(result, _text(result, export), 0 if rows and accepted else 1)


def conventions(theory: Theory) -> str | None:
    """The comment that lists label fragments, where the database has it."""
    try:
        comment = theory.statement("conventions-label")["comment"]
    except InputError:
        return None
    return str(comment) if comment else None


def best(
    proposals: Proposals,
    limit: int,
    threads: int,
    conventions: str | None,
    contribution: Contribution | None,
    variants: bool = False,
    loss: bool = False,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Name the candidates, measure them one beside the other, in rounds with fewer and fewer until `limit` are left.

    Each round, those stay that pay: net = bytes that their uses save minus the lemma's whole text with its comment,
    white space counted as one. They are ranked by net times sections touched. The last round has the final ones only,
    so that its figures are those of a patch with just them. With `loss`, where none pays, those used twice stay. The
    second list: other forms of existing theorems that pay, with the figures of the first round; with `variants` they
    stay among the first.
    """
    known = abbreviations(proposals.definitions(), conventions)
    rows = proposals.rows()
    for row in rows:
        row["tree"] = json.loads(row["tree"])
        row["comment"] = (contribution or Contribution.unknown()).comment(describe(row))
    _name(proposals, rows, known)
    room = 2 * limit
    others: list[dict[str, Any]] | None = None
    while rows:
        _measure(proposals, rows, threads)
        order = sorted(range(len(rows)), key=lambda i: (-rows[i]["net"] * rows[i]["generality"], rows[i]["label"]))
        pay = [i for i in order if rows[i]["net"] > 0]
        if others is None:
            others = [_answer(rows[i]) for i in pay if rows[i]["variant_of"] and not variants][:limit]
        kept = pay or [i for i in order if loss and rows[i]["uses"] > 1]
        kept = [i for i in kept if variants or not rows[i]["variant_of"]][:room]
        done = len(kept) == len(rows) and room == limit
        proposals.keep([(i, rows[i]["label"]) for i in kept])
        rows = [rows[i] for i in kept]
        if done:
            _measure(proposals, rows, threads)  # the same figures, in the order that a patch is made in
            break
        if len(kept) < len(order):
            _name(proposals, rows, known)  # labels of those that went are free again
        room = limit
    return [_answer(row) for row in rows], others or []


def _name(proposals: Proposals, rows: Sequence[dict[str, Any]], known: Mapping[str, str]) -> None:
    """Give each row a label of its own, those that come first in turn; its hypotheses' labels are free, too."""
    names: set[str] = set()
    for number, row in enumerate(rows):
        labels = ["", *(f".{i}" for i in range(1, len(row["hypotheses"]) + 1))]

        def taken(name: str, labels: Sequence[str] = labels) -> bool:
            return name in names or any(proposals.taken(name + more) for more in labels)

        suggestion = suggest(row, known, taken, functools.partial(proposals.concludes, number))
        row["label"], row["label_from"] = suggestion.label, suggestion.source
        names.add(row["label"])
    proposals.keep([(i, row["label"]) for i, row in enumerate(rows)])


def _measure(proposals: Proposals, rows: Sequence[dict[str, Any]], threads: int) -> None:
    texts = proposals.texts([row["comment"] for row in rows])
    with stage(f"measuring {len(rows)} candidates"):
        measured = proposals.measure(threads)
    for row, text, figures in zip(rows, texts, measured, strict=True):
        size = folded(text)
        row.update(figures, mm=text, text_bytes=size, net=figures["gross"] - size, generality=len(figures["sections"]))


KEYS = (
    "label",
    "label_from",
    "hypotheses",
    "statement",
    "distinct",
    "uses",
    "sites",
    "generality",
    "sections",
    "gross",
    "text_bytes",
    "net",
    "axioms",
    "after",
    "variant_of",
    "nearest",
    "likeness",
    "comment",
    "mm",
)


def _answer(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**{key: row[key] for key in KEYS}, "proof": list(row["body"])}


def shown_statement(row: Mapping[str, Any]) -> str:
    """Hypotheses and conclusion on one line."""
    left = "  &  ".join(row["hypotheses"])
    return f"{left}  =>  {row['statement']}" if left else str(row["statement"])


def _table(title: str, rows: Sequence[Mapping[str, Any]]) -> Any:
    cells = [
        (
            plain(row["label"]),
            f"{row['net']:,}",
            f"{row['uses']:,}",
            f"{row['sites']:,}",
            row["generality"],
            plain(shown_statement(row)),
            plain(f"form of {row['variant_of']}" if row["variant_of"] else _near(row)),
        )
        for row in rows
    ]
    return table(title, ("label", "net bytes", "uses", "proofs", "sections", "statement", "nearest theorem"), cells)


def _near(row: Mapping[str, Any]) -> str:
    return f"{row['nearest']} ({row['likeness']:.0%})" if row["nearest"] else ""


def _text(result: Mapping[str, Any], export: Path | None) -> Any:
    from rich.console import Group

    rows, others = result["proposals"], result["variants"]
    left = ", ".join(f"{n:,} {why}" for why, n in result["left_out"].items()) or "none"
    lines = [f"candidates left out: {left}"]
    shown: list[Any] = []
    if rows:
        shown.append(_table(f"proposed for {plain(result['database'])}", rows))
        lines.insert(0, f"{len(rows)} lemmas save {result['net']:,} bytes, their own text counted")
    else:
        lines.insert(0, "nothing here is worth a lemma")
    if others:
        shown.append(_table("other forms of existing theorems (--variants proposes them)", others))
    lines += label_lines(rows)
    if result["patch"] is not None:
        lines += patch_lines(result["patch"])
    elif export is not None:
        lines.append("no patch is written")
    return Group(*shown, *lines)


def patch_lines(patch: Mapping[str, Any]) -> list[str]:
    """What became of a patch, for people."""
    checks = ", ".join(f"{name} {_said(value)}" for name, value in patch["checks"].items())
    diffs = [str(diff) for diff in patch["diffs"]]
    each = diffs[0] if len(diffs) == 1 else f"{len(diffs)} patches to apply in order: {', '.join(diffs)}"
    wrote = f"wrote {patch['file']} and {each}" if patch["accepted"] else "the patch was refused, and not written"
    first = [plain(f"{note}") for note in patch["notes"][:10]]
    lemmas = ", ".join(map(plain, patch["lemmas"]))
    if patch["refused"]:
        first.append(plain(f"refused in the database itself, as before: {named(patch['refused'])}"))
    return [f"{lemmas}: {patch['changed']:,} proofs changed; {checks}", wrote, *first]


def label_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is to be known of suggested labels, for people."""
    if not rows:
        return []
    open_ones = [plain(row["label"]) for row in rows if row["label_from"] == "placeholder"]
    more = f"; no good one was found for {', '.join(open_ones)}" if open_ones else ""
    return [f"labels are suggestions, after the conventions of labels{more}"]


def _said(value: bool | None) -> str:
    return {True: "clean", False: "not clean", None: "not asked"}[value]


_STYLE = """body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;
color:#1c2430;background:#fff}
h1{font-size:1.5rem}table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;
padding:.45rem .6rem;border-bottom:1px solid #d8dee6}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
code,pre{font-family:ui-monospace,monospace;font-size:.86rem}pre{background:#f4f6f9;padding:.7rem;overflow-x:auto}
.d{color:#5a6675}details summary{cursor:pointer}
@media (prefers-color-scheme:dark){body{background:#14181e;color:#e3e8ee}pre{background:#1d232b}
th,td{border-color:#343c47}.d{color:#9aa6b4}}"""


def as_html(result: Mapping[str, Any]) -> str:
    """The proposals as one HTML file that works offline. All text of the database is escaped."""
    e = html.escape
    others = result["variants"]
    left = ", ".join(f"{n:,} {e(why)}" for why, n in result["left_out"].items()) or "none"
    where = f", section {e(result['section'])}" if result["section"] else ""
    head = "".join(
        f'<th class="n">{name}</th>' for name in ("net bytes", "saved", "own text", "uses", "proofs", "sections")
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Proposed lemmas</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        f"<h1>Proposed lemmas for {e(str(result['database']))}{where}</h1>"
        f"<p>{len(result['proposals'])} lemmas, together {result['net']:,} bytes less, their own text counted. "
        f"Ranked by net bytes × sections touched. <span class='d'>Candidates left out: {left}.</span></p>"
        f"{_html_table(head, result['proposals'])}"
        + (f"<h2>Other forms of existing theorems</h2>{_html_table(head, others)}" if others else "")
        + "</body></html>\n"
    )


def _html_table(head: str, rows: Sequence[Mapping[str, Any]]) -> str:
    body = "".join(_html_row(row) for row in rows)
    return (
        f"<table><thead><tr><th>label</th>{head}<th>statement</th><th>nearest theorem</th></tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _html_row(row: Mapping[str, Any]) -> str:
    e = html.escape
    hyps = "".join(f"<div><code>{e(h)}</code></div>" for h in row["hypotheses"])
    distinct = ", ".join(" ".join(pair) for pair in row["distinct"])
    nearest = f"form of {e(row['variant_of'])}" if row["variant_of"] else e(_near(row))
    more = [
        f"<p>Proof: <code>{e(' '.join(row['proof']))}</code></p>",
        f"<p>Distinct: <code>{e(distinct)}</code></p>" if distinct else "",
        f"<p>Axioms: <code>{e(' '.join(row['axioms']))}</code></p>",
        f"<p>Sections: {e('; '.join(row['sections'][:12]))}{' …' if len(row['sections']) > 12 else ''}</p>",
        f"<p>Stands after the block of <code>{e(row['after'])}</code></p>",
        f"<pre>{e(row['mm'])}</pre>",
    ]
    numbers = "".join(
        f'<td class="n">{row[key]:,}</td>' for key in ("net", "gross", "text_bytes", "uses", "sites", "generality")
    )
    return (
        f"<tr><td><b><code>{e(row['label'])}</code></b></td>{numbers}"
        f"<td>{hyps}<div>⇒ <code>{e(row['statement'])}</code></div>"
        f"<details><summary class='d'>more</summary>{''.join(more)}</details></td><td>{nearest}</td></tr>"
    )

"""The card of a data set of proof states: the README.md in its folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metadream.wake_sleep.states.rows import COLUMNS

CARD = """# Proof states of {database}

Each row is one node of a human proof: what is to be proved, what the proof does there, and what that leaves. A proof is
written as a content proof first: glue and closure facts are taken out of it, so that what is left to choose are moves
on sequents Γ ⊢ C (Metadream's docs/inference.md). A row with `decision` is such a choice; the others follow from
the context.

## How it was made

By Metadream {metadream}: `metadream data export states --database NAME --split {split}{limit} --format {format}{nats}`.
The database's SHA-256 is `{database_sha256}`. Its proofs were judged by Metadream's kernel, and those that it
refuses count as if they were not there. manifest.json has the SHA-256 of each file. The same database and options
give the same bytes with the same versions of Metadream and, for Parquet, of pyarrow.

## Counts

{counts}

## Columns

{columns}

Formulas are the database's own tokens without the main typecode, `|-`; of other statements the typecode is there.
Symmetric relations in sequents stand in one orientation, which may not be that of the database or of the human proof.
The opcodes are those of content programs (docs/isa.md). Each sequent in `next` is the `gamma` and `goal` of a later row
of the same task; several rows may leave the same one.

A move stands for all assertions that say the same (closed form, inference, deduction). `move` is the first of them. The
human proof may apply another one: rows do not record which. `substitution` gives the formula that each variable of
the assertion `move` stands for, except variables that stand for the context. The assertion with its variables replaced
has `goal` as its conclusion or as one side of it. Its antecedents (but the one that `takes` names), its hypotheses and
the other side are the goals in `next`. `instruction` is the whole decision: `md.Environment` takes it in the state of
a row, and leaves `next`.

`nats_to_go`: {about_nats}

## What is missing

- Proofs that were not translated whole, counted above; manifest.json names them under `not_translated`.
- Theorems without a proof, and steps of proofs that are glue or close what the search closes without a choice.
- A formula of more than a million parts is only named as such.
- Nothing keeps the parts apart beyond the split: a theorem of one part may be applied in a proof of another.

## Licence

The rows are made of the database's statements and proofs: treat them as under that database's licence. Metadream's
docs/data-licences.md says which that is for the databases that `metadream data get` fetches: CC0 1.0 for set, iset,
nf, ql and hol. Metadream's own starter database is under MIT or Apache-2.0.
"""


WITHOUT = "no model was given, so all values are null (`--nats` or `--model FILE` gives one)."
WITH = """the sum of −ln p over the choices of the proof in the row's state and below it, under a model.
The SHA-256 of the model's file is `{sha256}`.
{null} of all {rows} rows are null. A row is null if one of these choices is not among the model's candidates. All rows
of a theorem are null if the model has no moves for a part of its proof, for example if the proof uses an assertion that
the database discourages. The choices are those of a search: decisions, and facts that give an unknown its value. Values
are lower on the proofs that the model was trained on than on others; by default these are the proofs outside the valid
and test parts of new2."""


def card(about: Mapping[str, Any]) -> str:
    """The card; `about` is what the manifest says of the export."""
    counts = [(part, *count.values()) for part, count in about["parts"].items()]
    heads = ("part", *(name.replace("_", " ") for name in next(iter(about["parts"].values()))))
    model = about["model"]
    rows, known = (sum(count[key] for count in about["parts"].values()) for key in ("rows", "with_nats"))
    columns = [(f"`{name}`", str(kind).replace("|", "\\|"), what) for name, kind, what in COLUMNS]
    return CARD.format(
        **{name: about[name] for name in ("database", "database_sha256", "metadream", "split", "format")},
        nats="" if model is None else " --nats",
        about_nats=WITHOUT if model is None else WITH.format(sha256=model, null=rows - known, rows=rows),
        limit="" if about["limit"] is None else f" --limit {about['limit']}",
        counts=_table(heads, counts),
        columns=_table(("column", "type", "what it says"), columns),
    )


def _table(heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)

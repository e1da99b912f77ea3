"""The columns of a data set of proof states, and the files that hold them.

A column is described once, in `COLUMNS`: the files, the card and docs/states.md follow it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from metadream.metamath_db.files import sync
from metadream.metamath_db.terminal.console import to_json

GROUP = 16_384  # rows of a row group at most; as many wait in memory

TEXTS = pa.list_(pa.string())
SEQUENT = pa.struct([pa.field("gamma", TEXTS), pa.field("goal", pa.string())])
VALUE = pa.struct([pa.field("variable", pa.string()), pa.field("value", pa.string())])

Column: TypeAlias = "tuple[str, pa.DataType, str]"
COLUMNS: list[Column] = [  # name, type, what it says
    ("task", pa.string(), "label of the theorem"),
    ("part", pa.string(), "part of the split that the theorem is in: train, valid or test"),
    ("section", pa.string(), "title of the section that it stands in; null: none"),
    ("position", pa.int32(), "number of the row in its proof, from 0, the root; a row comes after all that lead to it"),
    ("depth", pa.int32(), "how far it is from the root on the shortest way"),
    ("hypotheses", TEXTS, "the theorem's hypotheses"),
    ("distinct", pa.list_(TEXTS), "pairs of variables that its $d conditions keep apart, sorted"),
    ("gamma", TEXTS, "the context: members of Γ, sorted"),
    ("goal", pa.string(), "what is to be proved in it"),
    ("opcode", pa.string(), "what is done: APPLY, HYP, USE, MEMBER, WEAKEN, SPLIT or CLOSE"),
    ("move", pa.string(), "APPLY: the move's first assertion; HYP: the hypothesis; USE: the member of Γ; else null"),
    ("takes", pa.string(), "the member of Γ that an APPLY takes apart; null: none"),
    ("substitution", pa.list_(VALUE), "APPLY: the formula for each variable of the assertion `move`; else none"),
    ("instruction", pa.string(), "opcode and fields as a content program says them; md.Environment's step takes it"),
    ("next", pa.list_(SEQUENT), "the sequents that are left; none: it is closed"),
    ("decision", pa.bool_(), "whether this is a choice; else it follows from the context"),
    ("steps_to_go", pa.int32(), "decisions here and below, each node of the proof counted once"),
    ("nats_to_go", pa.float32(), "a model's −ln p, in nats, of the choices here and below; null: not known"),
]
SCHEMA = pa.schema([(name, kind) for name, kind, _ in COLUMNS], metadata={b"schema": b"metadream.states-2"})

Row: TypeAlias = "dict[str, Any]"


def rows_of(theorem: Mapping[str, Any], part: str) -> Iterator[Row]:
    """Yields the rows of a theorem of `ProofStates.rows`, keys in the order of `COLUMNS`; none if not translated."""
    same = {
        "task": theorem["label"],
        "part": part,
        "section": theorem["section"],
        "hypotheses": theorem["hypotheses"],
        "distinct": [list(pair) for pair in theorem["distinct"]],
    }
    for row in theorem["rows"] or ():
        values = [{"variable": variable, "value": value} for variable, value in row["substitution"]]
        whole = same | row | {"substitution": values}
        yield {name: whole[name] for name in SCHEMA.names}


class PartFiles:
    """The files of one part, written as rows come: Parquet (zstd, row groups of `GROUP` rows) and JSON Lines."""

    def __init__(self, folder: Path, part: str, formats: Sequence[str]) -> None:
        self.paths = [folder / f"{part}.{kind}" for kind in formats]
        self._waiting: list[Row] = []
        self._stack = ExitStack()
        self._parquet: Any = None
        self._lines: TextIO | None = None
        for path in self.paths:
            if path.suffix == ".parquet":
                self._parquet = self._stack.enter_context(pq.ParquetWriter(path, SCHEMA, compression="zstd"))
            else:
                self._lines = self._stack.enter_context(path.open("w", encoding="ascii", newline="\n"))

    def __enter__(self) -> PartFiles:
        return self

    def __exit__(self, *problem: object) -> None:
        try:
            if problem[0] is None:
                self._flush(0)
        finally:
            self._stack.close()
        if problem[0] is None:
            for path in self.paths:
                sync(path)

    def write(self, rows: Iterable[Row]) -> None:
        """Add rows: JSON Lines are written at once, Parquet in whole groups."""
        for row in rows:
            if self._lines is not None:
                self._lines.write(to_json(row) + "\n")
            self._waiting.append(row)
        self._flush(GROUP)

    def _flush(self, least: int) -> None:
        """Write the waiting rows in groups while at least `least` are waiting; 0 writes all of them."""
        while len(self._waiting) >= max(least, 1):
            group, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
            if self._parquet is not None:
                columns = {name: [row[name] for row in group] for name in SCHEMA.names}
                self._parquet.write_table(pa.table(columns, schema=SCHEMA), row_group_size=GROUP)

"""Commands on databases: options in, an `Outcome` out. Each imports what it needs when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from metadream.metamath_db.errors import InputError
from metadream.metamath_db.options import Database, Part, Split
from metadream.metamath_db.terminal.console import Outcome, table

if TYPE_CHECKING:
    from metadream.metamath_db.data import Entry


def check(
    file: Annotated[str, Argument(metavar="FILE", help="A Metamath database: a file, or a fetched name.")],
    root: Annotated[Path | None, Option(help="Allow includes $[ $] of regular files under this folder.")] = None,
) -> Outcome:
    """Judge a whole database. Our kernel and metamath-knife must both accept it; else status 1.

    What is too large for metamath-knife is undecided (docs/bounds.md), which is status 1 too.
    """
    from metadream.metamath_db.judges import check

    return check.verdict(file, root).outcome()


def tasks(
    database: Database = "starter",
    split: Annotated[Split, Option(help="How theorems are split.")] = "new2",
    part: Annotated[Part, Option(help="Which part.")] = "valid",
) -> Outcome:
    """Print the labels of a split, in its order."""
    from metadream.metamath_db import tasks

    labels = tasks.tasks(database, split, part)
    return Outcome({"database": database, "split": split, "part": part, "labels": labels}, "\n".join(labels))


def bench_load(database: Database = "starter") -> Outcome:
    """How long a database takes to load and to judge."""
    from metadream.metamath_db import bench

    return bench.load(database)


def data_get(
    names: Annotated[list[str], Argument(metavar="NAME...", help="set, iset, nf, ql, hol, or metamath.")],
    source: Annotated[str | None, Option("--from", help="A file or URL; default: Debian's package.")] = None,
    sha256: Annotated[str | None, Option(help="The file's SHA-256; required for a URL.")] = None,
) -> Outcome:
    """Fetch databases or the verifier into the cache. Nothing is done for what is there and unharmed."""
    from metadream.metamath_db import data

    if len(names) != 1 and (source is not None or sha256 is not None):
        raise InputError("--from and --sha256 describe one file; give one name")
    return _entries([data.get(name, source, sha256) for name in names])


def data_list() -> Outcome:
    """List what is in the cache."""
    from metadream.metamath_db import data

    return _entries(data.entries())


def _entries(found: list[Entry]) -> Outcome:
    rows = [
        {"name": e.name, "path": str(e.path), "sha256": e.sha256, "bytes": e.bytes, "source": e.source} for e in found
    ]
    if not rows:
        return Outcome({"data": rows}, "nothing is fetched yet; see 'metadream data get --help'")
    shown = table(
        "",
        ("name", "bytes", "SHA-256", "source", "path"),
        [(e.name, e.bytes, e.sha256[:16], e.source, e.path) for e in found],
    )
    return Outcome({"data": rows}, shown)

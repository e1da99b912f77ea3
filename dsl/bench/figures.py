"""``metadream bench machine``: figures of the machine and its workspace, rivals in the same run.

A figure is a line of `FIGURES`: its name, its unit, its target as the issue states it, and where its function is, as
``module:function``. The function returns a `Measured`, and is imported when it runs. To add a figure, add a line.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from metadream.metamath_db.errors import InputError
from metadream.metamath_db.terminal.console import Outcome, progress, table


@dataclass(frozen=True)
class Measured:
    """What a figure's function hands back.

    `ours` and `rival` are in the figure's unit, None where there is no number; then `why` says why. `detail`: further
    numbers of the same run, beside the figure in the JSON.
    """

    ours: float | None
    rival: float | None = None
    rival_name: str | None = None
    why: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """One figure: what it is called, its unit, what is to be reached (None: nothing stated), who measures it."""

    name: str
    unit: str
    target: str | None
    function: str | None

    def measure(self) -> Measured:
        """Measure it here and now."""
        if self.function is None:
            return Measured(None, why="this version does not measure it yet")
        module, _, name = self.function.partition(":")
        return cast(Callable[[], Measured], getattr(importlib.import_module(module), name))()


_MACHINE = "metadream.dsl.bench.machine"
_MEMORY = "metadream.dsl.bench.memory"

FIGURES = (
    Figure("ops_log_off", "opcodes/s", "≥ 50 million", f"{_MACHINE}:ops_log_off"),
    Figure("ops_log_on", "opcodes/s", "≥ 5 million", f"{_MACHINE}:ops_log_on"),
    Figure("recheck_share", "share of the time", None, f"{_MACHINE}:recheck_share"),
    Figure("snapshot_us", "us", "≤ 1 µs, then only the pages touched", f"{_MACHINE}:snapshot_us"),
    Figure("structural_read_us", "us", "median ≤ 10 µs", f"{_MACHINE}:structural_read_us"),
    Figure("unify_read_us", "us", None, f"{_MACHINE}:unify_read_us"),
    Figure("slots_2_27_gib", "GiB", "≤ 12 GiB", f"{_MACHINE}:slots_2_27_gib"),
    Figure("log_records", "records/s", "≥ 1 million", f"{_MACHINE}:log_records"),
    Figure("audit_records", "records/s", "≥ 2 million", f"{_MACHINE}:audit_records"),
    Figure("soft_read_write", "times", "≤ 2 times", f"{_MEMORY}:soft_read_write"),
    Figure("associative_recall", "share right", "1, hard as soft", f"{_MEMORY}:associative_recall"),
)


def machine(names: Sequence[str] | None = None) -> Outcome:
    """Measure the figures with these names (default: all), in the order of `FIGURES`.

    Raises `InputError` for a name that is no figure.
    """
    known = {figure.name: figure for figure in FIGURES}
    for name in names or ():
        if name not in known:
            raise InputError(f"no figure is called {name!r}; there are {', '.join(known)}")
    chosen = [figure for figure in FIGURES if not names or figure.name in names]
    rows: list[dict[str, Any]] = []
    with progress("figures", len(chosen)) as update:
        for done, figure in enumerate(chosen):
            update(done, figure.name)
            rows.append(_row(figure, figure.measure()))
    columns = ("name", "ours", "unit", "target", "rival", "rival_name", "why")
    text = table("the machine", columns, [[_shown(row.get(c)) for c in columns] for row in rows])
    return Outcome({"figures": rows}, text)


def _row(figure: Figure, found: Measured) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": figure.name,
        "ours": found.ours,
        "unit": figure.unit,
        "target": figure.target,
        "rival": found.rival,
        "rival_name": found.rival_name,
    }
    if found.why is not None:
        row["why"] = found.why
    return row | found.detail


def _shown(value: object) -> str | None:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return None if value is None else str(value)

"""``metadream bench stitch``: abstractions of lambda programs by exact search, beside stitch_core in the same run.

The protocol is that of the Stitch paper's CogSci table (Bowers et al., "Top-Down Synthesis for Library Learning",
POPL 2023, section 6.2): the programs are shuffled by ``random.Random(seed)``, the first 80 % (200 of 250) are
compressed, the library is then used on the rest. Application and lambda cost 1, symbols and variables 100; a ratio is
original cost by rewritten cost, the library not counted. The paper averages over seeds 1 to 50 (``--splits 50``).

The second corpus is a database's proofs, as trees of labels (``--database``): the same costs, the whole database
compressed at once, `gross` the share of its steps that goes. stitch_core gets the settings that make it comparable: no
bodies or parameters apart from their arguments.

With ``--unlimited`` ours may take as many abstractions with as many parameters as pay: each must save more than its
body costs, so that `train_ratio_counted` (library counted) grows until it stops. stitch_core keeps to its protocol.
Without that rule a ratio that does not count the library could be made as large as one likes.

An abstraction that occurs in one program only is left out on both sides, as stitch_core does, unless
``--allow-single-task`` is given; without limits ours may have them.
"""

from __future__ import annotations

import importlib.util
import random
import re
import resource
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from metadream import _core
from metadream.compression.stitch.compress import body_cost, checked, read_programs
from metadream.metamath_db.core import load_theory
from metadream.metamath_db.data import resolve_database
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.terminal.console import Outcome, note, table

TEST_SHARE = 5  # one program of so many is a test program
PROOFS: dict[str, Any] = {"no_curried_bodies": True, "no_curried_metavars": True, "no_mismatch_check": True}
FIGURES = ("train_ratio", "test_ratio", "seconds", "cpu_seconds")
COUNTED = ("train_ratio_counted", "abstractions")
RIVAL = "stitch_"
_STEP = re.compile(r"(?<![^\s()])[^\s().][^\s()]*")


@dataclass(frozen=True)
class Protocol:
    """What is asked of both: most parameters and abstractions, the splits, threads; ours may be without limits."""

    arity: int = 3
    count: int = 10
    seed: int = 1
    splits: int = 1
    threads: int = 1
    unlimited: bool = False
    single_task: bool = False  # whether an abstraction counts that occurs in one program only

    @property
    def figures(self) -> tuple[str, ...]:
        """What is measured of each."""
        return (*FIGURES, *COUNTED) if self.unlimited else FIGURES


@dataclass(frozen=True)
class Split:
    """Programs to compress, and programs that only the library is used on."""

    train: list[str]
    test: list[str]


def stitch(corpus: Path | None, protocol: Protocol, *, rival: bool = True, database: str | None = None) -> Outcome:
    """Both on each file of `corpus`, file by file, means over the splits; or on the proofs of a database.

    `corpora`: `name`, `programs`, `train_ratio`, `test_ratio`, `seconds` (wall, from text to rewritten programs),
    `cpu_seconds`, and the same with the prefix ``stitch_``: null where stitch_core is not installed or failed;
    `note` says which. Without limits also `train_ratio_counted` (by cost of programs and bodies) and `abstractions`
    (how many). Of a database also `gross` and `steps`; `train_ratio` and `gross` are then of all proofs.
    Raises `InputError` for what is no list of programs.
    """
    if (corpus is None) == (database is None):
        raise InputError("expected either --corpus or --database")
    if database is not None:
        rows = [_measure_proofs(database, protocol, rival=rival)]
    elif corpus is not None:
        rows = [_measure(path, protocol, rival=rival) for path in _files(corpus)]
    data = {
        "corpora": rows,
        "arity": protocol.arity,
        "count": protocol.count,
        "seed": protocol.seed,
        "splits": protocol.splits,
        "threads": protocol.threads,
        "unlimited": protocol.unlimited,
        "single_task": protocol.single_task,
    }
    return Outcome(data, _text(rows, protocol))


def _files(corpus: Path) -> list[Path]:
    if not corpus.is_dir():
        return [corpus]
    files = sorted(corpus.glob("*.json"))
    if not files:
        raise InputError("no *.json file in this folder; expected lists of lambda programs", corpus)
    return files


def split(programs: list[str], seed: int) -> Split:
    """The split of this seed: 200 and 50 of 250 programs."""
    shuffled = list(programs)
    random.Random(seed).shuffle(shuffled)
    train = len(shuffled) - max(1, len(shuffled) // TEST_SHARE)
    return Split(shuffled[:train], shuffled[train:])


def _measure(path: Path, protocol: Protocol, *, rival: bool) -> dict[str, Any]:
    programs = checked(read_programs(path, 2), path)
    splits = [split(programs, protocol.seed + i) for i in range(protocol.splits)]
    note(f"{path.stem}: {len(programs)} programs")
    row = {"name": path.stem, "programs": len(programs), **_mean((_ours(s, protocol) for s in splits), protocol)}
    return row | _rival(protocol.figures, lambda: _mean((_theirs(s, protocol) for s in splits), protocol), rival=rival)


def _rival(names: Iterable[str], measure: Callable[[], dict[str, float]], *, rival: bool) -> dict[str, Any]:
    theirs: dict[str, float | None] = dict.fromkeys(names)
    why = "not asked" if not rival else None
    if rival and importlib.util.find_spec("stitch_core") is None:
        why = "stitch_core is not installed"
    if why is None:
        try:
            theirs |= measure()
        except Exception as problem:  # its backend reports all of its failures as exceptions of its own
            why = f"stitch_core failed: {type(problem).__name__}"
    return {RIVAL + name: value for name, value in theirs.items()} | {"note": why}


def _measure_proofs(database: str, protocol: Protocol, *, rival: bool) -> dict[str, Any]:
    proofs = _core.label_trees(load_theory(resolve_database(database), judged=True))
    order = list(range(len(proofs)))
    random.Random(protocol.seed).shuffle(order)
    held_out = set(order[: max(1, len(order) // TEST_SHARE)])
    every = [tree for proof in proofs for tree in proof]
    if len(proofs) < 2:
        raise InputError(f"{database}: expected at least two proofs")
    part = Split(
        [tree for i, proof in enumerate(proofs) if i not in held_out for tree in proof],
        [tree for i, proof in enumerate(proofs) if i in held_out for tree in proof],
    )
    note(f"{database}: {len(proofs)} proofs, {len(every)} trees")

    def figures(work: Callable[..., dict[str, Any]]) -> dict[str, float]:
        whole, split = work(Split(every, every[:1]), protocol, proofs=True), work(part, protocol, proofs=True)
        gross = 1 - _steps(whole["rewritten"]) / max(1, _steps(every))
        kept = {name: whole[name] for name in FIGURES}
        return kept | {"test_ratio": split["test_ratio"], "gross": gross}

    row = {"name": database, "programs": len(proofs), "steps": _steps(every), **figures(_ours)}
    return row | _rival((*FIGURES, "gross"), lambda: figures(_theirs), rival=rival)


def _steps(programs: list[str]) -> int:
    """Steps of proofs as trees of labels: the symbols that are not opaque."""
    return sum(len(_STEP.findall(program)) for program in programs)


def _mean(runs: Iterable[dict[str, Any]], protocol: Protocol) -> dict[str, float]:
    done = list(runs)
    return {name: fmean(run[name] for run in done) for name in protocol.figures}


def _timed(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    cpu, wall = _cpu_seconds(), time.perf_counter()
    done = work()
    return done, {"seconds": time.perf_counter() - wall, "cpu_seconds": _cpu_seconds() - cpu}


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _ours(programs: Split, protocol: Protocol, *, proofs: bool = False) -> dict[str, Any]:
    done, times = _timed(
        lambda: _core.learn_abstractions(
            programs.train,
            protocol.arity,
            None if protocol.unlimited else protocol.count,
            threads=protocol.threads,
            proofs=proofs,
            single_task=protocol.single_task or protocol.unlimited,
        )
    )
    tested = _core.rewrite_programs(programs.test, done["abstractions"], proofs)
    counted = done["cost_before"] / max(1, done["cost_after"] + done["bodies"])
    return {
        "train_ratio": _ratio(done),
        "test_ratio": _ratio(tested),
        "train_ratio_counted": counted,
        "abstractions": len(done["abstractions"]),
        "rewritten": done["rewritten"],
        **times,
    }


def _ratio(costs: dict[str, Any]) -> float:
    return float(costs["cost_before"]) / float(costs["cost_after"])


def _theirs(programs: Split, protocol: Protocol, *, proofs: bool = False) -> dict[str, Any]:
    import stitch_core

    more = PROOFS if proofs else {}
    done, times = _timed(
        lambda: stitch_core.compress(
            programs.train,
            iterations=protocol.count,
            max_arity=protocol.arity,
            threads=protocol.threads,
            allow_single_task=protocol.single_task,
            **more,
        )
    )
    tested = stitch_core.rewrite(programs.test, done.abstractions)
    bodies = sum(body_cost(a.body) for a in done.abstractions)
    return {
        "train_ratio": float(done.json["compression_ratio"]),
        "test_ratio": float(tested.json["compression_ratio"]),
        "train_ratio_counted": done.json["original_cost"] / max(1, done.json["final_cost"] + bodies),
        "abstractions": len(done.abstractions),
        "rewritten": done.rewritten,
        **times,
    }


def _text(rows: list[dict[str, Any]], protocol: Protocol) -> Any:
    more = ("counted", "abstractions") if protocol.unlimited else ()
    shown = ("train", "test", "seconds", "CPU s", *more)
    columns = ("corpus", *shown, "Stitch: train", *shown[1:], "")
    keys = (*protocol.figures, *(RIVAL + name for name in protocol.figures))
    cells = [(row["name"], *(_shown(row[key]) for key in keys), row["note"] or "") for row in rows]
    return table("compression: original by rewritten cost", columns, cells)


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"

"""``metadream bench stitch``: abstractions of lambda programs by exact search, beside stitch_core in the same run.

The protocol is that of the Stitch paper's CogSci table (Bowers et al., "Top-Down Synthesis for Library Learning",
POPL 2023, section 6.2): the programs are shuffled by ``random.Random(seed)``, the first 80 % (200 of 250) are
compressed, the library is then used on the rest. Application and lambda cost 1, symbols and variables 100; a ratio is
original cost by rewritten cost, the library not counted. The paper averages over seeds 1 to 50 (``--splits 50``).
"""

from __future__ import annotations

import importlib.util
import json
import random
import resource
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from metadream.metamath_db.console import Outcome, note, table
from metadream.metamath_db.core import load_core
from metadream.metamath_db.errors import InputError

TEST_SHARE = 5  # one program of so many is a test program
FIGURES = ("train_ratio", "test_ratio", "seconds", "cpu_seconds")
RIVAL = "stitch_"


@dataclass(frozen=True)
class Protocol:
    """What is asked of both: most parameters and abstractions, the splits, threads."""

    arity: int = 3
    count: int = 10
    seed: int = 1
    splits: int = 1
    threads: int = 1


@dataclass(frozen=True)
class Split:
    """Programs to compress, and programs that only the library is used on."""

    train: list[str]
    test: list[str]


def stitch(corpus: Path, protocol: Protocol, *, rival: bool = True) -> Outcome:
    """Both on each file of `corpus`, file by file; means over the splits.

    `corpora`: `name`, `programs`, `train_ratio`, `test_ratio`, `seconds` (wall, from text to rewritten programs),
    `cpu_seconds`, and the same with the prefix ``stitch_``: null where stitch_core is not installed or failed;
    `note` says which. Raises `InputError` for what is no list of programs.
    """
    rows = [_measure(path, protocol, rival=rival) for path in _files(corpus)]
    data = {
        "corpora": rows,
        "arity": protocol.arity,
        "count": protocol.count,
        "seed": protocol.seed,
        "splits": protocol.splits,
        "threads": protocol.threads,
    }
    return Outcome(data, _text(rows))


def _files(corpus: Path) -> list[Path]:
    if not corpus.is_dir():
        return [corpus]
    files = sorted(corpus.glob("*.json"))
    if not files:
        raise InputError("no *.json file in this folder; expected lists of lambda programs", corpus)
    return files


def read_programs(path: Path) -> list[str]:
    """The programs of a JSON file: a list of at least two texts. Raises `InputError`."""
    try:
        programs = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError("no such file; expected a JSON list of lambda programs", path) from None
    except OSError as problem:
        raise InputError(f"cannot be read: {problem.strerror}", path) from None
    except json.JSONDecodeError as problem:
        raise InputError(f"no JSON: {problem.msg}", path, problem.lineno, problem.colno) from None
    except (UnicodeDecodeError, RecursionError):
        raise InputError("no JSON; expected a list of lambda programs", path) from None
    if not isinstance(programs, list) or len(programs) < 2 or not all(isinstance(p, str) for p in programs):
        raise InputError("expected a JSON list of at least two lambda programs, each a string", path)
    return programs


def split(programs: list[str], seed: int) -> Split:
    """The split of this seed: 200 and 50 of 250 programs."""
    shuffled = list(programs)
    random.Random(seed).shuffle(shuffled)
    train = len(shuffled) - max(1, len(shuffled) // TEST_SHARE)
    return Split(shuffled[:train], shuffled[train:])


def _measure(path: Path, protocol: Protocol, *, rival: bool) -> dict[str, Any]:
    programs = read_programs(path)
    splits = [split(programs, protocol.seed + i) for i in range(protocol.splits)]
    note(f"{path.stem}: {len(programs)} programs")
    try:
        row = {"name": path.stem, "programs": len(programs), **_mean(_ours(s, protocol) for s in splits)}
    except InputError as problem:
        raise InputError(problem.message, path) from None
    theirs: dict[str, float | None] = dict.fromkeys(FIGURES)
    why = "not asked" if not rival else None
    if rival and importlib.util.find_spec("stitch_core") is None:
        why = "stitch_core is not installed"
    if why is None:
        try:
            theirs = dict(_mean(_theirs(s, protocol) for s in splits))
        except Exception as problem:  # its backend reports all of its failures as exceptions of its own
            why = f"stitch_core failed: {type(problem).__name__}"
    row |= {RIVAL + name: theirs[name] for name in FIGURES}
    return row | {"note": why}


def _mean(runs: Iterable[dict[str, float]]) -> dict[str, float]:
    done = list(runs)
    return {name: fmean(run[name] for run in done) for name in FIGURES}


def _timed(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    cpu, wall = _cpu_seconds(), time.perf_counter()
    done = work()
    return done, {"seconds": time.perf_counter() - wall, "cpu_seconds": _cpu_seconds() - cpu}


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _ours(programs: Split, protocol: Protocol) -> dict[str, float]:
    core = load_core()
    done, times = _timed(
        lambda: core.learn_abstractions(programs.train, protocol.arity, protocol.count, threads=protocol.threads)
    )
    tested = core.rewrite_programs(programs.test, done["abstractions"])
    return {"train_ratio": _ratio(done), "test_ratio": _ratio(tested), **times}


def _ratio(costs: dict[str, Any]) -> float:
    return float(costs["cost_before"]) / float(costs["cost_after"])


def _theirs(programs: Split, protocol: Protocol) -> dict[str, float]:
    import stitch_core

    done, times = _timed(
        lambda: stitch_core.compress(
            programs.train, iterations=protocol.count, max_arity=protocol.arity, threads=protocol.threads
        )
    )
    tested = stitch_core.rewrite(programs.test, done.abstractions)
    return {
        "train_ratio": float(done.json["compression_ratio"]),
        "test_ratio": float(tested.json["compression_ratio"]),
        **times,
    }


def _text(rows: list[dict[str, Any]]) -> Any:
    columns = ("corpus", "train", "test", "seconds", "CPU s", "Stitch: train", "test", "seconds", "CPU s", "")
    keys = (*FIGURES, *(RIVAL + name for name in FIGURES))
    cells = [(row["name"], *(_shown(row[key]) for key in keys), row["note"] or "") for row in rows]
    return table("compression: original by rewritten cost", columns, cells)


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"

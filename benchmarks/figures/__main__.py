"""`make figures`: measure what is asked for, then write BENCHMARKS.md and the README's tables from all results.

PART names parts, or single figures as PART/ID; none measures nothing, and no PART measures all. A figure that has a
result of the same commands, source and machine is not measured again, so what was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from figures import render
from figures.declare import Part
from figures.measure import Setting, measure_part
from figures.parts import PARTS

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent


def chosen(words: Sequence[str]) -> list[tuple[Part, set[str]]]:
    """Parts with the ids asked for; no ids: all. Raises `ValueError` for what is not declared."""
    if not words:
        return [(part, set()) for part in PARTS]
    wanted: dict[str, set[str]] = {}
    for word in words:
        if word == "none":
            continue
        name, _, figure = word.partition("/")
        part = next((part for part in PARTS if part.name == name), None)
        if part is None or (figure and all(f.id != figure for f in part.figures)):
            names = " ".join(part.name for part in PARTS)
            raise ValueError(f"there is no figure '{word}'; parts: {names}, none; a single one: PART/ID")
        wanted.setdefault(name, set())
        wanted[name] |= {figure} if figure else {f.id for f in part.figures}
    return [(part, wanted[part.name]) for part in PARTS if part.name in wanted]


def listing() -> str:
    """All figures with what each takes."""
    return "\n".join(f"{part.name}/{f.id}\t{f.minutes:g} min" for part in PARTS for f in part.figures)


def main() -> int:
    """Read the command line; 0 done, 1 something could not be measured, 2 bad use, 130 stopped."""
    parser = argparse.ArgumentParser(prog="figures", description=__doc__)
    parser.add_argument("part", nargs="*", help="parts, PART/ID, or none; default: all")
    parser.add_argument("--fresh", action="store_true", help="measure also what has a result of this source")
    parser.add_argument("--tasks", type=int, help="a smaller sample, where there is a choice")
    parser.add_argument("--data", type=Path, default=ROOT / "benchmarks" / "data", help="other people's data")
    parser.add_argument("--bin", type=Path, default=BIN, help="folder of the command metadream; default: this Python's")
    parser.add_argument("--list", action="store_true", help="list all figures and end")
    asked = parser.parse_args()
    if asked.list:
        print(listing())
        return 0
    try:
        parts = chosen(asked.part)
        if asked.tasks is not None and asked.tasks < 1:
            raise ValueError("--tasks must be at least 1")
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    path = os.pathsep.join([str(asked.bin.resolve()), str(BIN), os.environ.get("PATH", os.defpath)])
    results = ROOT / "benchmarks" / "results"
    setting = Setting(ROOT, results, ROOT / "runs" / "figures", asked.data.resolve(), path)
    failed: list[str] = []
    try:
        for part, ids in parts:
            failed += measure_part(setting, part, ids, asked.tasks, asked.fresh)
            render.write(ROOT)
    except KeyboardInterrupt:
        print("stopped; the same command goes on", file=sys.stderr)
        return 130
    finally:
        render.write(ROOT)
    for line in failed:
        print(f"not measured: {line}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

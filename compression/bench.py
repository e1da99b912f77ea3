"""``metadream bench compress``: a whole database compressed, written again and judged, baselines in the same run."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metadream.compression.judged import named
from metadream.metamath_db import data
from metadream.metamath_db.bench import KIB_PER_MB
from metadream.metamath_db.core import load_theory, patiently
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import publish
from metadream.metamath_db.judges import check
from metadream.metamath_db.terminal.console import stage, table
from metadream.metamath_db.terminal.result import Result

PRICES: dict[str, dict[str, Any]] = {"bytes": {"price": "bytes"}, "steps": {"price": "steps"}}
PLAIN: dict[str, Any] = {"reuse_theorems": False, "missed_uses": False, "prune": False}
# trained on nothing and without unification: what the engine must beat
BASELINES: dict[str, dict[str, Any]] = {
    "byte_pair": {**PLAIN, "max_size": 2},
    "subtrees": {**PLAIN, "whole_subtrees": True},
    "none": {**PLAIN, "max_lemmas": 0},
}
TOP = 20  # lemmas listed in the text


@dataclass(frozen=True, repr=False, eq=False)
class Savings(Result):
    """How far new lemmas compress a database; false if a judge refuses what was written."""

    @property
    def gross(self) -> float:
        """Share of the steps that is saved, 0 to 1, the new lemmas' own proofs not counted."""
        return float(self.data["gross"])

    @property
    def net(self) -> float:
        """The same with the new lemmas' proofs charged."""
        return float(self.data["net"])

    @property
    def lemmas(self) -> int:
        """How many new lemmas."""
        return int(self.data["lemmas"])

    @property
    def bytes_before(self) -> int:
        """Labels and letters of all compressed proofs, in bytes."""
        return int(self.data["bytes_before"])

    @property
    def bytes_after(self) -> int:
        """The same afterwards, with the whole text of each new lemma."""
        return int(self.data["bytes_after"])


def compress(
    database: str,
    price: str = "bytes",
    threads: int = 2,
    held_out: float | None = None,
    output: Path | None = None,
    seed: int = 0,
    nats: object = None,
    follow: str | None = None,
    incremental: float | None = None,
) -> Savings:
    """Compress all proofs of a database by new lemmas; status 1 if a judge refuses what was written.

    `price`: what is saved, ``bytes``, ``steps`` or ``nats`` (then `nats` is the model's price of steps, from the same
    database). `steps`: applications of a logical assertion, each once a proof.
    `gross`: share of them removed; `net`: with the new lemmas' proofs charged. `bytes_before`: labels (each with one
    separator) and letters of all compressed proofs; `bytes_after`: the same after, and each new lemma's whole text
    without comment. `seconds`: from the load to the rewritten text, judges not counted; `peak_mb`: 10^6 bytes, until
    then. `left`: theorems whose proofs could not be written anew and stay as they were, and why. `refused`: those
    whose proofs the kernel refused before. `errors`: judge ->
    number in the rewritten database, null where it was not asked. `baselines`: name -> the same figures. With
    `held_out`: what a library learnt without a random part saves on that part. With `follow` (a statement or a label
    tree): `followed`, whether and why such a lemma was kept, replaced or dropped. With `incremental`, the keys of
    `_incremental`.
    """
    options = _options(price, threads, nats)
    path = data.resolve_database(database)
    start = time.perf_counter()
    theory = load_theory(path, judged=True)
    with stage("learning lemmas"):
        done = patiently(lambda: theory.compress({**options, **({} if follow is None else {"follow": follow})}))
    seconds = time.perf_counter() - start
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_MB
    text: bytes = done.pop("text")
    judged = _judge(text)
    if output is not None:
        publish(output, text)
    del text
    result: dict[str, Any] = {
        "steps": done["steps"],
        "gross": done["gross"],
        "net": done["net"],
        "lemmas": done["lemmas"],
        "bytes_before": done["bytes_before"],
        "bytes_after": done["proof_bytes"] + done["lemma_bytes"],
        "seconds": seconds,
        "peak_mb": peak_mb,
        "errors": judged["errors"],
        "left": done["left"],
        "refused": [label for label, _, _ in theory.refused()],
        "baselines": {name: _baseline(theory, {**options, **changes}) for name, changes in BASELINES.items()},
    }
    if follow is not None:
        names = ("tree", "occurrences", "saves", "costs", "score")
        fragments = [dict(zip(names, row, strict=True)) for row in done["followed"]["fragments"]]
        result["followed"] = {**done["followed"], "fragments": fragments}
    if incremental is not None:
        in_two, accepted = _incremental(theory, options, incremental, seed)
        result |= {"seconds_full": sum(done["phases"].values()), **in_two}
        result["ratio"] = result["seconds_full"] / max(1e-9, in_two["seconds_incremental"])
        judged["accepted"] = judged["accepted"] and accepted
    if held_out is not None:
        share = held_out
        unseen = patiently(lambda: theory.compress_held_out(options, share, seed))
        result["held_out"] = {"share": held_out, "gross": 1 - unseen["steps_after"] / max(1, unseen["steps"]), **unseen}
    return Savings(result, _text(database, result, done["uses"]), 0 if judged["accepted"] else 1)


def _options(price: str, threads: int, nats: object) -> dict[str, Any]:
    if price == "nats" and nats is not None:
        return {"price": "nats", "nats": nats, "bare_conclusions": False, "threads": threads}
    if price not in PRICES:
        raise InputError(f"no price `{price}`; expected {' or '.join(PRICES)}, or nats with a model")
    return {**PRICES[price], "threads": threads}


def _judge(text: bytes) -> dict[str, Any]:
    """The verdicts on a rewritten database, given as a file of its own."""
    with tempfile.TemporaryDirectory(prefix="metadream-") as folder:
        file = Path(folder) / "compressed.mm"
        file.write_bytes(text)
        with stage("judging the result"):
            return check.check(file, exe=data.find_metamath_exe())


def _incremental(theory: Any, options: Mapping[str, Any], share: float, seed: int) -> tuple[dict[str, Any], bool]:
    """A cycle that adds a random `share` of the proofs to the others, which were compressed before.

    `added`: its proofs. `seconds_incremental`: from these proofs to the rewritten text of all; `seconds_full`: the same
    for all proofs at once (the load is in neither); `ratio`: full by incremental. `net_incremental`,
    `bytes_after_incremental`, `lemmas_incremental`, `errors_incremental`: as the keys without the ending.
    """
    done = patiently(lambda: theory.compress_in_two(dict(options), share, seed))
    judged = _judge(done["text"])
    figures = {
        "added": done["added"],
        "seconds_incremental": sum(done["phases"].values()),
        "net_incremental": done["net"],
        "bytes_after_incremental": done["proof_bytes"] + done["lemma_bytes"],
        "lemmas_incremental": done["lemmas"],
        "errors_incremental": judged["errors"],
    }
    return figures, bool(judged["accepted"])


def _baseline(theory: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    with stage("measuring a baseline"):
        done = patiently(lambda: theory.compress(dict(options)))
    return {
        "gross": done["gross"],
        "net": done["net"],
        "lemmas": done["lemmas"],
        "bytes_after": done["proof_bytes"] + done["lemma_bytes"],
    }


def _text(database: str, result: Mapping[str, Any], uses: list[tuple[str, int]]) -> Any:
    from rich.console import Group

    before = result["bytes_before"]

    def row(name: str, r: Mapping[str, Any]) -> tuple[str, ...]:
        change = r["bytes_after"] / before - 1 if before else 0.0
        return (
            name,
            f"{r['gross']:.2%}",
            f"{r['net']:.2%}",
            f"{r['lemmas']:,}",
            f"{r['bytes_after']:,}",
            f"{change:+.2%}",
        )

    rows = [row("metadream", result), *(row(name, r) for name, r in result["baselines"].items())]
    title = f"{database}: {result['steps']:,} steps, {before:,} bytes of proofs"
    lines = [f"{result['seconds']:.1f} s, {result['peak_mb']:.0f} MB, errors {result['errors']}"]
    if "added" in result:
        change = result["bytes_after_incremental"] / before - 1 if before else 0.0
        lines.append(
            f"{result['added']:,} proofs added to the others: {result['seconds_incremental']:.2f} s, all at once "
            f"{result['seconds_full']:.2f} s, {result['ratio']:.1f} times; {change:+.2%} bytes, "
            f"errors {result['errors_incremental']}"
        )
    if "held_out" in result:
        h = result["held_out"]
        lines.append(
            f"unseen {h['proofs']:,} proofs: gross {h['gross']:.2%}; {h['used']:,} of {h['lemmas']:,} lemmas used"
        )
    if "followed" in result:
        f = result["followed"]
        lines.append(f"followed: {f['outcome']}{' (' + f['label'] + ')' if f['label'] else ''}: {f['why']}")
        lines += [
            f"  {r['tree']}: {r['occurrences']} occurrences, saves {r['saves']:.0f}, costs {r['costs']:.0f}"
            for r in f["fragments"][:TOP]
        ]
    if result["refused"]:
        lines.append(f"refused in the database itself, as before: {named(result['refused'])}")
    lines += [f"{label} stays as it was: {why}" for label, why in result["left"][:TOP]]
    lines.append("most used: " + ", ".join(f"{name} {n:,}" for name, n in uses[:TOP]))
    return Group(table(title, ("", "gross", "net", "lemmas", "bytes after", "change"), rows), *lines)

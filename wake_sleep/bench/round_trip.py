"""Round trip of human proofs: each is translated to a content proof, written as a Metamath proof again, and judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from metadream._core import Theory
from metadream.dsl.proofs import Proof
from metadream.metamath_db.core import cores
from metadream.metamath_db.terminal import console
from metadream.wake_sleep.bench.prove import ratios
from metadream.wake_sleep.loop.wake import in_parallel

TOLD = 20  # maximal number of failed proofs that are reported with the reason


def judged(theory: Theory, translations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Returns the figures of the round trip: `of` the translated proofs the number that were `written`, the number of
    these that both judges `accepted`, their `bytes_ratio` (see `ratios`), and label and reason of the first that
    `failed`.

    `translations`: rows of `Theory.translations` with the written proofs. Each written proof is run as a program, whose
    ASSERT has both judges check it.
    """
    whole = [row for row in translations if row["decisions"] is not None]
    written = [row for row in whole if row["proof"] is not None]
    runs: list[dict[str, Any]] = []
    with console.progress("judge", len(written)) as update:
        for run in in_parallel(lambda row: theory.run(row["proof"]), written, cores()):
            runs.append(run)
            update(len(runs), "")
    refused: dict[str, str] = {}
    accepted: list[str] = []
    for row, run in zip(written, runs, strict=True):
        if run["accepted"] and Proof(row["proof"]).task == row["label"]:
            accepted.append(row["proof"])
        else:
            refused[row["label"]] = str(run["message"] or "it proves another statement")
    why = [(row["label"], row["unwritten"] or refused.get(row["label"])) for row in whole]
    rivals = [rival for rival in map(theory.rival, accepted) if rival is not None]
    return {
        "written": len(written),
        "accepted": len(accepted),
        "of": len(whole),
        "bytes_ratio": ratios(rivals),
        "failed": [[label, said] for label, said in why if said is not None][:TOLD],
    }


def shown(found: Mapping[str, Any]) -> list[str]:
    """Returns the figures of `judged` as lines of text for the terminal."""
    lines = [
        f"written as Metamath again: {found['written']} of {found['of']}, accepted by both judges: {found['accepted']}"
    ]
    ratio = found["bytes_ratio"]
    if ratio is not None:
        middle = ", ".join(f"{ratio[name]:.2f}" for name in ("p25", "p50", "p75"))
        lines.append(f"bytes over those of the human proof, quartiles: {middle}")
    return lines + [f"  {label}: {why}" for label, why in found["failed"]]

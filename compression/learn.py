"""Sleep 1: recurring fragments of proofs become verified lemmas. The work is done in Rust; this is its Python face."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from metadream._core import Theory


@dataclass(frozen=True)
class Compressed:
    """The corpus rewritten with the new lemmas, in the order that it was given in, and the core's figures."""

    found: list[str]
    human: list[str]
    figures: dict[str, Any]


def compress(
    theory: Theory, found: list[str], human: list[str], options: Mapping[str, Any], settled: Collection[str] = ()
) -> Compressed:
    """Append to the theory's library what is worth naming in its corpus.

    `found`: proofs as JSON. `human`: either proofs as JSON (once rewritten) or labels whose human proofs join the
    corpus. Every new lemma was verified before it joined. The core hands back the rewritten corpus: found proofs
    first, then the human ones; if it leaves the human ones out they stay as they were. `settled`: proofs of the corpus
    that an earlier call rewrote with the library as it is; lemmas are looked for only where the others have a part.
    """
    labels = [entry for entry in human if not entry.startswith("{")]
    texts = [entry for entry in human if entry.startswith("{")]
    kept = [i for i, entry in enumerate([*found, *texts]) if entry in settled]
    done = theory.learn_library([*found, *texts], labels, dict(options), kept)
    rewritten: list[str] = list(done.pop("rewritten"))
    own = rewritten[: len(found)]
    rest = iter(rewritten[len(found) :])
    again = dict(zip([*texts, *labels], rest, strict=False))
    return Compressed(own, [again.get(entry, entry) for entry in human], done)

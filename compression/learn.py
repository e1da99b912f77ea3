"""Sleep 1: recurring fragments of proofs become verified lemmas. The work is done in Rust; this is its Python face."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from metadream._core import Theory
from metadream.dsl.proofs import Entry, Proof


@dataclass(frozen=True)
class Compressed:
    """The corpus rewritten with the new lemmas, in the order that it was given in, and the core's figures."""

    found: list[Proof]
    human: list[Entry]
    figures: dict[str, Any]


def compress(
    theory: Theory,
    found: Sequence[Proof],
    human: Sequence[Entry],
    options: Mapping[str, Any],
    settled: Collection[Entry] = (),
) -> Compressed:
    """Append to the theory's library what is worth naming in its corpus.

    `human`: either proofs (once rewritten) or labels whose human proofs join the corpus. Every new lemma was verified
    before it joined. The core hands back the rewritten corpus: found proofs first, then the human ones; if it leaves
    the human ones out they stay as they were. `settled`: proofs of the corpus that an earlier call rewrote with the
    library as it is; lemmas are looked for only where the others have a part.
    """
    proofs = [*found, *(entry for entry in human if isinstance(entry, Proof))]
    labels = [entry for entry in human if isinstance(entry, str)]
    kept = [i for i, proof in enumerate(proofs) if proof in settled]
    done = theory.learn_library([proof.json for proof in proofs], labels, dict(options), kept)
    rewritten = [Proof(text) for text in done.pop("rewritten")]
    rest = iter(rewritten[len(found) :])
    again: dict[Entry, Entry] = dict(zip([*proofs[len(found) :], *labels], rest, strict=False))
    return Compressed(rewritten[: len(found)], [again.get(entry, entry) for entry in human], done)

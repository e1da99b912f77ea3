"""Nearest content reads: which cells have the embedding closest to a key's, in one canonical order.

All cells of the range are looked at. Scores are cosines in float64, rounded to `FRACTION_BITS` binary places; equal
scores go by address. So an answer does not depend on threads or on the order of sums.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from metadream.dsl.handlers import Answer, Checker, Fault, Handler, Request, Session, declare

DIMENSIONS = 64
FRACTION_BITS = 20  # scores are integers: cosine times 2^20

Vectors = npt.NDArray[np.float32]


def ranked(key: Vectors, cells: Vectors, addresses: npt.ArrayLike) -> list[tuple[int, int]]:
    """Addresses and scores of all cells, (N, dimensions) and none of them zero, the nearest to the key first."""
    asked, vectors, places = key.astype(np.float64), cells.astype(np.float64), np.asarray(addresses, np.int64)
    lengths = np.linalg.norm(asked) * np.linalg.norm(vectors, axis=1)
    scores = np.rint(vectors @ asked / lengths * (1 << FRACTION_BITS)).astype(np.int64)
    order = np.lexsort((places, -scores))
    return list(zip(places[order].tolist(), scores[order].tolist(), strict=True))


def embed_content(content: Mapping[str, Any]) -> Vectors:
    """A direction (dimensions,) for a cell's content as a request shows it: `tag`, `value`, and `formula` for terms.

    Terms, goals and facts: by the words of the formula. Bytes: by their letters. Words of 64 bits (ints, bools,
    addresses): by their bits.
    """
    tag, value = content["tag"], content["value"]
    if tag in ("term", "goal", "fact"):
        return embed_words((content.get("formula") or value or content["term"]).split())
    if tag == "bytes":
        return embed_words(value if isinstance(value, str) else map(str, value))
    if tag == "pair":
        return embed_words(value)
    return embed_bits(_packed(value) if tag == "ref" else int(value), tag)


def embed_bits(value: int, kind: str) -> Vectors:
    """A word's 64 bits (two's complement) as ±1: the cosine counts the bits in which two words differ. Signs that
    follow from the kind keep words of different kinds apart."""
    bits = np.array([1.0 if value >> i & 1 else -1.0 for i in range(DIMENSIONS)], np.float32)
    return bits * _signs(f"kind {kind}")


def embed_words(words: Iterable[str]) -> Vectors:
    """The sum of a direction for each word and each pair of neighbours (feature hashing, Weinberger et al. 2009)."""
    total = np.zeros(DIMENSIONS, np.float32)
    before = "^"
    for word in [*words, "$"]:
        total += _signs(f"word {word}") + _signs(f"pair {before} {word}")
        before = word
    return total if total.any() else _signs("nothing")


def _signs(name: str) -> Vectors:
    """64 signs that follow from a name alone."""
    digest = hashlib.blake2b(name.encode(), digest_size=DIMENSIONS // 8).digest()
    return np.unpackbits(np.frombuffer(digest, np.uint8)).astype(np.float32) * 2 - 1


def _packed(address: str) -> int:
    page, block, slot = map(int, address.split(":"))
    return page << 8 | block << 4 | slot


@declare("READK.near")
def near(session: Session) -> tuple[Handler, Checker]:
    """READK.near: an exact scan of the range, as an answer must be the same on every machine."""
    known: dict[str, Vectors] = session.once("embeddings", dict)

    def embedded(content: Mapping[str, Any]) -> Vectors:
        key = f"{content['tag']} {content.get('term') or content['value']}"
        if key not in known:
            known[key] = embed_content(content)
        return known[key]

    def answer(request: Request) -> Answer:
        key, where, limit = request["operands"]
        cells = where["cells"]
        if not cells:
            return {"ranked": []}
        vectors = np.stack([embedded(cell) for cell in cells])
        names = {_packed(cell["address"]): cell["address"] for cell in cells}
        found = ranked(embedded(key), vectors, list(names))[: limit["value"]]
        return {"ranked": [(names[address], score) for address, score in found]}

    return answer, check_near


def check_near(request: Request, answer: Answer) -> None:
    """The answer is in canonical order, each score is the cosine, and no cell that was left out is nearer."""
    key, where, limit = request["operands"]
    asked = embed_content(key).tolist()
    length = math.sqrt(math.fsum(x * x for x in asked))
    scores = {}
    for cell in where["cells"]:
        other = embed_content(cell).tolist()
        product = math.fsum(x * y for x, y in zip(asked, other, strict=True))
        scores[cell["address"]] = product / length / math.sqrt(math.fsum(x * x for x in other)) * (1 << FRACTION_BITS)
    given = answer["ranked"]
    order = [(-score, _packed(address)) for address, score in given]
    if order != sorted(set(order)) or len(given) != min(limit["value"], len(scores)):
        raise Fault("obligation", "the nearest cells come once each, by score and then address, as many as asked for")
    for address, score in given:
        if abs(scores.pop(address) - score) > 1:
            raise Fault("obligation", "the score is the cosine", address)
    nearer = [address for address, score in scores.items() if given and score > given[-1][1] + 1]
    if nearer:
        raise Fault("obligation", "no cell that was left out is nearer", nearer[0])

"""Nearest content reads: which cells have the embedding closest to a key's, in one canonical order.

The index is faiss's (Douze et al. 2024): exact below `EXACT_LIMIT` keys, above it a hierarchical navigable small world
graph (Malkov and Yashunin 2018). What it proposes is scored again: cosines of the stored vectors in float64, rounded to
`FRACTION_BITS` binary places; equal scores go by address. So an answer does not depend on threads or on the order of
sums within faiss.

Price: a graph of 10^6 keys of 64 dimensions takes about 0.5 GB; the canonical order costs a gather of `k + SPARE`
vectors a query. One thread builds, because faiss's graph depends on how threads interleave.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from metadream.dsl.handlers import Answer, Checker, Fault, Handler, Request, Session, declare

DIMENSIONS = 64
EXACT_LIMIT = 1 << 14  # below it a scan is as quick as a graph
FRACTION_BITS = 20  # scores are integers: cosine times 2^20
SPARE = 4  # candidates beyond k, so that ties at the end are broken by address

Vectors = npt.NDArray[np.float32]


class NearestIndex:
    """Unit vectors with addresses, and the k nearest of them to a query. Keys can be added, not removed."""

    def __init__(self, dimensions: int = DIMENSIONS, neighbours: int = 16, construction: int = 80, effort: int = 64):
        """`neighbours`: edges a node of the graph; `construction`, `effort`: breadth when building and when asked."""
        self.dimensions = dimensions
        self.effort = effort
        self._graph: Any = faiss.IndexHNSWFlat(dimensions, neighbours, faiss.METRIC_INNER_PRODUCT)
        self._graph.hnsw.efConstruction = construction
        self._vectors: Vectors = np.empty((0, dimensions), np.float32)
        self._lengths: npt.NDArray[np.float64] = np.empty(0, np.float64)
        self._addresses: npt.NDArray[np.int64] = np.empty(0, np.int64)

    def __len__(self) -> int:
        return len(self._addresses)

    @property
    def graph(self) -> Any:
        """The bare faiss index, for comparison; empty while `len` is at most `EXACT_LIMIT`."""
        return self._graph

    def add(self, addresses: npt.ArrayLike, vectors: npt.ArrayLike) -> None:
        """Add keys: addresses (N,), vectors (N, dimensions), not zero. Raises ValueError for other shapes or zeros."""
        new, lengths = _checked(vectors, self.dimensions)
        places = np.asarray(addresses, np.int64)
        if places.shape != new.shape[:1]:
            raise ValueError(f"{new.shape[0]} vectors need as many addresses, not an array of shape {places.shape}")
        self._vectors = np.concatenate([self._vectors, new])
        self._lengths = np.concatenate([self._lengths, lengths])
        self._addresses = np.concatenate([self._addresses, places])
        if len(self) > EXACT_LIMIT:
            late = slice(self._graph.ntotal, None)
            threads = faiss.omp_get_max_threads()
            faiss.omp_set_num_threads(1)
            self._graph.add((self._vectors[late] / self._lengths[late, None]).astype(np.float32))
            faiss.omp_set_num_threads(threads)

    def search(self, queries: npt.ArrayLike, k: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The k nearest keys of each query: addresses (Q, k) and scores (Q, k), best first, equal scores by address.

        Scores are cosines times 2^`FRACTION_BITS`. Where there are fewer than k keys both are -1 at the end. Raises
        ValueError for queries that are not (Q, dimensions) or zero.
        """
        asked, sizes = _checked(queries, self.dimensions)
        wanted = min(k + SPARE, len(self))
        if len(self) <= EXACT_LIMIT:
            found = np.broadcast_to(np.arange(len(self)), (len(asked), len(self)))
            products = asked.astype(np.float64) @ self._vectors.T.astype(np.float64)
        else:
            parameters = faiss.SearchParametersHNSW(efSearch=max(self.effort, wanted))  # type: ignore[attr-defined]
            units = (asked / sizes[:, None]).astype(np.float32)
            _, found = self._graph.search(units, wanted, params=parameters)
            products = np.einsum("qd,qkd->qk", asked, self._vectors[found], dtype=np.float64)
        cosines = products / (sizes[:, None] * self._lengths[found])
        scores = np.rint(cosines * (1 << FRACTION_BITS)).astype(np.int64)
        return self._canonical(
            np.where(found < 0, -1, self._addresses[found]), np.where(found < 0, -1 << 62, scores), k
        )

    def _canonical(
        self, addresses: npt.NDArray[np.int64], scores: npt.NDArray[np.int64], k: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        order = np.lexsort((addresses, -scores))[:, :k]
        addresses, scores = (np.take_along_axis(x, order, 1) for x in (addresses, scores))
        missing = ((0, 0), (0, k - addresses.shape[1]))
        scores = np.where(addresses < 0, -1, scores)
        return np.pad(addresses, missing, constant_values=-1), np.pad(scores, missing, constant_values=-1)


def exact(keys: Vectors, queries: Vectors, k: int) -> npt.NDArray[np.int64]:
    """The k keys with the greatest cosine to each query, by faiss's scan: (Q, k) row numbers. To measure recall by."""
    scan = faiss.IndexFlatIP(keys.shape[1])
    scan.add((keys / np.linalg.norm(keys, axis=1, keepdims=True)).astype(np.float32))
    _, found = scan.search(queries, k)
    rows: npt.NDArray[np.int64] = found
    return rows


def _checked(vectors: npt.ArrayLike, dimensions: int) -> tuple[Vectors, npt.NDArray[np.float64]]:
    """The vectors and their lengths."""
    array = np.asarray(vectors, np.float32)
    if array.ndim != 2 or array.shape[1] != dimensions:
        raise ValueError(f"vectors of shape (any, {dimensions}) are expected, not {array.shape}")
    lengths = np.sqrt(np.einsum("nd,nd->n", array, array, dtype=np.float64))
    if not bool((lengths > 0).all()) or not bool(np.isfinite(lengths).all()):
        raise ValueError("a vector of length zero, or one that is not finite, has no direction")
    return array, lengths


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
        index = NearestIndex()
        index.add([_packed(cell["address"]) for cell in cells], np.stack([embedded(cell) for cell in cells]))
        addresses, scores = index.search(embedded(key)[None], min(limit["value"], len(cells)))
        names = {_packed(cell["address"]): cell["address"] for cell in cells}
        return {"ranked": [(names[a], s) for a, s in zip(addresses[0].tolist(), scores[0].tolist(), strict=True)]}

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
    ranked = answer["ranked"]
    order = [(-score, _packed(address)) for address, score in ranked]
    if order != sorted(set(order)) or len(ranked) != min(limit["value"], len(scores)):
        raise Fault("obligation", "the nearest cells come once each, by score and then address, as many as asked for")
    for address, score in ranked:
        if abs(scores.pop(address) - score) > 1:
            raise Fault("obligation", "the score is the cosine", address)
    nearer = [address for address, score in scores.items() if ranked and score > ranked[-1][1] + 1]
    if nearer:
        raise Fault("obligation", "no cell that was left out is nearer", nearer[0])

"""Nearest content reads: which cells have the embedding closest to a key's, in one canonical order.

The index is faiss's (Douze et al. 2024): exact below `EXACT_LIMIT` keys, above it a hierarchical navigable small world
graph (Malkov and Yashunin 2018). What it proposes is scored again, exactly and the same on every machine: cosines of the
stored vectors in float64, rounded to `FRACTION_BITS` binary places; equal scores go by address. So an answer does not
depend on threads or on the order of sums within faiss.

Price: a graph of 10^6 keys of 64 dimensions takes about 0.5 GB; the canonical order costs a gather of `k + SPARE` vectors a
query. Building is done by one thread, because faiss's graph depends on how threads interleave.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

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
        self._effort = effort
        self._graph: Any = faiss.IndexHNSWFlat(dimensions, neighbours, faiss.METRIC_INNER_PRODUCT)
        self._graph.hnsw.efConstruction = construction
        self._vectors: Vectors = np.empty((0, dimensions), np.float32)
        self._addresses: npt.NDArray[np.int64] = np.empty(0, np.int64)

    def __len__(self) -> int:
        return len(self._addresses)

    @property
    def graph(self) -> Any:
        """The bare faiss index, for comparison; empty while `len` is at most `EXACT_LIMIT`."""
        return self._graph

    def add(self, addresses: npt.ArrayLike, vectors: npt.ArrayLike) -> None:
        """Add keys: addresses (N,), vectors (N, dimensions), not zero. Raises ValueError for other shapes or zeros."""
        new = _units(np.asarray(vectors, np.float32), self.dimensions)
        places = np.asarray(addresses, np.int64)
        if places.shape != new.shape[:1]:
            raise ValueError(f"{new.shape[0]} vectors need as many addresses, not an array of shape {places.shape}")
        self._vectors = np.concatenate([self._vectors, new])
        self._addresses = np.concatenate([self._addresses, places])
        if len(self) > EXACT_LIMIT:
            threads = faiss.omp_get_max_threads()
            faiss.omp_set_num_threads(1)
            self._graph.add(self._vectors[self._graph.ntotal :])
            faiss.omp_set_num_threads(threads)

    def search(self, queries: npt.ArrayLike, k: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The k nearest keys of each query: addresses (Q, k) and scores (Q, k), best first, equal scores by address.

        Scores are cosines times 2^`FRACTION_BITS`. Where there are fewer than k keys both are -1 at the end. Raises
        ValueError for queries that are not (Q, dimensions) or zero.
        """
        asked = _units(np.asarray(queries, np.float32), self.dimensions)
        wanted = min(k + SPARE, len(self))
        if len(self) <= EXACT_LIMIT:
            found = np.broadcast_to(np.arange(len(self)), (len(asked), len(self)))
            scores = _fixed(asked.astype(np.float64) @ self._vectors.T.astype(np.float64))
        else:
            parameters = faiss.SearchParametersHNSW(efSearch=max(self._effort, wanted))
            _, found = self._graph.search(asked, wanted, params=parameters)
            products = np.einsum("qd,qkd->qk", asked, self._vectors[found], dtype=np.float64)
            scores = np.where(found < 0, -1 << 62, _fixed(products))
        return self._canonical(np.where(found < 0, -1, self._addresses[found]), scores, k)

    def _canonical(
        self, addresses: npt.NDArray[np.int64], scores: npt.NDArray[np.int64], k: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        order = np.lexsort((addresses, -scores))[:, :k]
        addresses, scores = (np.take_along_axis(x, order, 1) for x in (addresses, scores))
        missing = ((0, 0), (0, k - addresses.shape[1]))
        scores = np.where(addresses < 0, -1, scores)
        return np.pad(addresses, missing, constant_values=-1), np.pad(scores, missing, constant_values=-1)


def _fixed(products: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    return np.rint(products * (1 << FRACTION_BITS)).astype(np.int64)


def _units(vectors: Vectors, dimensions: int) -> Vectors:
    if vectors.ndim != 2 or vectors.shape[1] != dimensions:
        raise ValueError(f"vectors of shape (any, {dimensions}) are expected, not {vectors.shape}")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not bool((lengths > 0).all()) or not bool(np.isfinite(lengths).all()):
        raise ValueError("a vector of length zero, or one that is not finite, has no direction")
    units: Vectors = (vectors / lengths).astype(np.float32)
    return units


def embed_bits(value: int, tag: int) -> Vectors:
    """A word's bits as ±1, so that the cosine counts the bits in which two words differ (64-bit two's complement).

    A word of another type is no neighbour: the type tag turns the signs of half of the bits by a hash.
    """
    bits = np.array([1.0 if value >> i & 1 else -1.0 for i in range(DIMENSIONS)], np.float32)
    turned = _signs(f"tag {tag}") if tag else np.ones(DIMENSIONS, np.float32)
    return bits * turned


def embed_words(words: Iterable[str]) -> Vectors:
    """Hashed words and pairs of neighbours (Weinberger et al. 2009), each a random direction; (dimensions,), never 0."""
    total = np.zeros(DIMENSIONS, np.float32)
    before = "^"
    for word in [*words, "$"]:
        total += _signs(word) + _signs(f"{before} {word}")
        before = word
    return total if total.any() else _signs("nothing")


def _signs(word: str) -> Vectors:
    """64 signs that follow from a word alone."""
    code = word.encode()
    low, high = zlib.crc32(code), zlib.crc32(code, 0x9E3779B9)
    bits = low | high << 32
    return np.array([1.0 if bits >> i & 1 else -1.0 for i in range(DIMENSIONS)], np.float32)

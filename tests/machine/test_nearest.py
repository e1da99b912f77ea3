"""Nearest reads: exact against a plain scan, canonical order, the graph's recall, and READK.near on the machine."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metadream.dsl import handlers
from metadream.dsl.soft import nearest
from metadream.metamath_db.core import load_core

SMALL = st.lists(st.integers(-3, 3), min_size=4, max_size=4).filter(any)


@settings(max_examples=200, deadline=None)
@given(st.lists(SMALL, min_size=1, max_size=20), SMALL, st.integers(1, 25), st.randoms())
def test_exact_reads_equal_a_scan(keys: list[list[int]], query: list[int], k: int, shuffle: Any) -> None:
    """Small integers make many ties: the address decides."""
    addresses = list(range(len(keys)))
    shuffle.shuffle(addresses)
    index = nearest.NearestIndex(4)
    index.add(addresses, keys)

    def cosine(key: list[int]) -> int:
        product = sum(x * y for x, y in zip(key, query, strict=True))
        sizes = math.sqrt(sum(x * x for x in key)) * math.sqrt(sum(x * x for x in query))
        return round(product / sizes * 2**nearest.FRACTION_BITS)

    expected = sorted((-cosine(key), address) for key, address in zip(keys, addresses, strict=True))[:k]
    found, scores = index.search([query], k)
    pairs = [(-s, a) for s, a in zip(scores[0].tolist(), found[0].tolist(), strict=True)]
    assert pairs[: len(expected)] == expected
    assert all(pair == (1, -1) for pair in pairs[len(expected) :])


def test_the_graph_is_repeatable_and_finds_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest, "EXACT_LIMIT", 500)
    random = np.random.default_rng(1)
    keys, queries = random.standard_normal((2000, 16)), random.standard_normal((50, 16))
    graphs = []
    for parts in (1, 3):
        graph = nearest.NearestIndex(16)
        for part in np.array_split(np.arange(2000), parts):
            graph.add(part, keys[part])
        assert graph.graph.ntotal == 2000
        graphs.append(graph.search(queries, 10))
    monkeypatch.setattr(nearest, "EXACT_LIMIT", 5000)
    exact = nearest.NearestIndex(16)
    exact.add(np.arange(2000), keys)
    truth, best = exact.search(queries, 10)
    for found, scores in graphs:
        recall = np.mean([len(set(f) & set(t)) / 10 for f, t in zip(found.tolist(), truth.tolist(), strict=True)])
        assert recall >= 0.95
        assert (scores[:, 0] <= best[:, 0]).all()
        assert (np.diff(scores) <= 0).all()
    again = nearest.NearestIndex(16)
    monkeypatch.setattr(nearest, "EXACT_LIMIT", 500)
    again.add(np.arange(2000), keys)
    assert (again.search(queries, 10)[0] == graphs[0][0]).all()


def test_bad_vectors() -> None:
    index = nearest.NearestIndex(3)
    with pytest.raises(ValueError, match="length zero"):
        index.add([0], [[0, 0, 0]])
    with pytest.raises(ValueError, match="expected"):
        index.search([[1, 2]], 1)
    with pytest.raises(ValueError, match="as many addresses"):
        index.add([0, 1], [[1, 0, 0]])
    assert index.search([[1, 0, 0]], 2)[0].tolist() == [[-1, -1]]


PROGRAM = """
.block main
    MOV 1:0:0, #12
    MOV 1:0:1, #13
    MOV 1:0:2, #-1
    MOV 1:0:3, "hello"
    MOV 1:0:4, "hallo"
    MOV 1:0:5, #13
    READK.near 2:0:0, #13, 1:0:0*16, #3
    READK.near 3:0:0, "hello!", 1:0:0*16, #1
    WRITEK.near 4:0:0, 1:0:0*16, #-2, #7
"""


def test_readk_near_on_the_machine() -> None:
    core = load_core()
    machine = core.Machine()
    handlers.attach(machine, handlers.Session(core))
    ended = machine.run(core.Program.assemble(PROGRAM), 100)
    assert ended["fault"] is None, ended
    value = {cell["address"]: cell["value"] for cell in machine.cells()}
    assert [value[f"2:0:{i}"] for i in range(4)] == [3, "1:0:1", "1:0:5", "1:0:0"]
    assert (value["3:0:0"], value["3:0:1"]) == (1, "1:0:3")
    assert value["1:0:2"] == 7  # the nearest to -2 was -1


@pytest.mark.parametrize("damage", ["score", "order", "short", "other"])
def test_the_checker_refuses(damage: str) -> None:
    answer_of, checker = nearest.near(handlers.Session(None))
    cells = [{"tag": "int", "value": v, "address": f"1:0:{v}"} for v in range(8)]
    operands = [{"tag": "int", "value": 3}, {"cells": cells}, {"value": 3}]
    request = {"opcode": "READK", "operands": operands}
    answer = answer_of(request)
    checker(request, answer)
    ranked = answer["ranked"]
    broken = {
        "score": [(ranked[0][0], ranked[0][1] - 5), *ranked[1:]],
        "order": [ranked[0], *reversed(ranked[1:])],
        "short": ranked[:-1],
        "other": [*ranked[:2], ("1:0:4", ranked[2][1])],
    }[damage]
    with pytest.raises(handlers.Fault):
        checker(request, {"ranked": broken})

"""Nearest reads: canonical order against a plain scan, and READK.near on the machine."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metadream import _core
from metadream.dsl import handlers
from metadream.dsl.soft import nearest

SMALL = st.lists(st.integers(-3, 3), min_size=4, max_size=4).filter(any)


@settings(max_examples=200, deadline=None)
@given(st.lists(SMALL, min_size=1, max_size=20), SMALL, st.randoms())
def test_the_order_is_canonical(keys: list[list[int]], query: list[int], shuffle: Any) -> None:
    """Small integers make many ties: the address decides."""
    addresses = list(range(len(keys)))
    shuffle.shuffle(addresses)

    def cosine(key: list[int]) -> int:
        product = sum(x * y for x, y in zip(key, query, strict=True))
        sizes = math.sqrt(sum(x * x for x in key)) * math.sqrt(sum(x * x for x in query))
        return round(product / sizes * 2**nearest.FRACTION_BITS)

    expected = sorted((-cosine(key), address) for key, address in zip(keys, addresses, strict=True))
    found = nearest.ranked(np.array(query, np.float32), np.array(keys, np.float32), addresses)
    assert [(-score, address) for address, score in found] == expected


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
    machine = _core.Machine()
    handlers.attach(machine, handlers.Session())
    ended = machine.run(_core.Program.assemble(PROGRAM), 100)
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

"""The library as a graph."""

import json
from typing import Any

import pytest

from metadream.dsl.library import Composite, depths, graph, in_order, read_library, unfolded_sizes, uses
from metadream.dsl.proofs import Proof
from metadream.metamath_db.errors import InputError


def composite(name: str, *labels: str) -> Composite:
    return Composite(name, (), "|- x", (), tuple((label, ()) for label in labels))


LIBRARY = [composite("c", "b", "a", "ax-1"), composite("b", "a", "a", "ax-2"), composite("a", "ax-1", "ax-2")]


def test_order_depth_size_uses() -> None:
    assert [each.name for each in in_order(LIBRARY)] == ["a", "b", "c"]
    assert depths(LIBRARY) == {"a": 1, "b": 2, "c": 3}
    assert unfolded_sizes(LIBRARY) == {"a": 2, "b": 5, "c": 8}
    proof = Proof(json.dumps({"task": "t", "steps": [["a", []], ["h", []], ["c", [0, 1]]]}))
    assert uses(LIBRARY, [proof, proof]) == {"a": 5, "b": 1, "c": 2}
    made = graph(LIBRARY)
    assert made.edges["b", "a"]["uses"] == 2
    assert made.nodes["ax-1"]["kind"] == "primitive"


def test_independent_composites_keep_their_order() -> None:
    independent = [composite(name, "ax-1") for name in "qcaz"]
    assert [each.name for each in in_order(independent)] == list("qcaz")


def test_a_circle_is_refused() -> None:
    with pytest.raises(InputError, match="circle"):
        in_order([composite("a", "b"), composite("b", "a")])


ENTRY = {"label": "m", "hypotheses": ["|- ph"], "statement": "|- ps", "distinct": [["x", "y"]], "body": []}


@pytest.mark.parametrize(
    "data",
    [
        [],
        {},
        {"schema": "metadream.library", "version": 1, "entries": []},
        {"schema": "metadream.library", "version": 2, "entries": [{}]},
        {"schema": "metadream.library", "version": 2, "entries": [ENTRY, ENTRY]},
        {
            "schema": "metadream.library",
            "version": 2,
            "entries": [{**ENTRY, "body": [{"label": "a", "premises": [0]}]}],
        },
        {
            "schema": "metadream.library",
            "version": 2,
            "entries": [{**ENTRY, "body": [{"label": "a", "premises": [-2]}]}],
        },
    ],
)
def test_foreign_library_is_refused(data: Any) -> None:
    with pytest.raises(InputError, match=r"library\.json: expected a library of schema"):
        read_library(json.dumps(data), "library.json")


def test_entry_is_read() -> None:
    entry = {**ENTRY, "body": [{"label": "ax", "premises": [-1]}, {"label": "ax", "premises": [0]}]}
    (found,) = read_library(json.dumps({"schema": "metadream.library", "version": 2, "entries": [entry]}))
    assert found.statement == "|- ph => |- ps"
    assert found.premises == ["ax", "ax"]
    assert found.disjoint == (("x", "y"),)

"""Level-1 opcodes on networkx, sympy and z3: the same answers as the machine's, from other hands (an oracle of tests).

Graphs are successor lists over the nodes 0, 1, …, increasing. Answers follow `docs/isa.md`, "Level 1": of equal choices
the smaller node wins.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import gcd, lcm
from typing import Any

import networkx as nx
from level1_certificates import Formula, Graph


def _digraph(graph: Graph) -> nx.DiGraph:
    made = nx.DiGraph()
    made.add_nodes_from(range(len(graph)))
    made.add_edges_from((a, b) for a, ends in enumerate(graph) for b in ends)
    return made


def dedup(items: Sequence[Hashable]) -> list[int]:
    """The first of its kind, for each item."""
    first: dict[Hashable, int] = {}
    return [first.setdefault(item, i) for i, item in enumerate(items)]


def toposort(graph: Graph) -> list[int] | None:
    """The smallest order along the links; None if there is a cycle."""
    try:
        return list(nx.lexicographical_topological_sort(_digraph(graph)))
    except nx.NetworkXUnfeasible:
        return None


def bfs(graph: Graph, source: int) -> tuple[list[int], list[int], list[int]]:
    """Order, distances (−1 if not reached), predecessors (itself for the source and what is not reached)."""
    made = _digraph(graph)
    reached = nx.single_source_shortest_path_length(made, source)
    distance = [reached.get(n, -1) for n in made]

    def before(n: int) -> int:
        near = [p for p in made.predecessors(n) if 0 <= distance[p] == distance[n] - 1]
        return min(near) if distance[n] > 0 else n

    return sorted(reached, key=lambda n: (distance[n], n)), distance, [before(n) for n in made]


def dfs(graph: Graph, source: int) -> tuple[list[int], list[int], list[int]]:
    """Order of discovery, discovery and finish numbers (−1 if not reached)."""
    found, finished = [-1] * len(graph), [-1] * len(graph)
    order, clock = [], 0
    for _, node, label in nx.dfs_labeled_edges(_digraph(graph), source, sort_neighbors=sorted):
        if label == "forward":
            order.append(node)
            found[node] = clock
        elif label == "reverse":
            finished[node] = clock
        if label in ("forward", "reverse"):
            clock += 1
    return order, found, finished


def dijkstra(graph: Graph, cost: Sequence[int], source: int) -> list[int]:
    """The cost of each node, −1 if it is not reached. Which of several cheapest paths is named is networkx's choice."""
    made = _digraph(graph)
    reached = nx.single_source_dijkstra_path_length(made, source, weight=lambda _a, b, _: cost[b])
    return [reached.get(n, -1) for n in made]


def _coprime(row: Sequence[Any]) -> list[int]:
    common = lcm(*(int(v.q) for v in row))
    ints = [int(v * common) for v in row]
    divisor = gcd(*ints) or 1
    lead = next((v for v in ints if v), 1)
    return [v // divisor * (1 if lead > 0 else -1) for v in ints]


def gaussj(matrix: Sequence[Sequence[int]]) -> tuple[int, list[list[int]]]:
    """Rank and reduced row echelon form by sympy, each row scaled to coprime integers with a positive pivot."""
    from sympy import Matrix

    form, pivots = Matrix(matrix).rref()
    return len(pivots), [_coprime(form.row(i)) for i in range(form.rows)]


def gausselim(matrix: Sequence[Sequence[int]]) -> tuple[int, list[list[int]]]:
    """Rank and a row echelon form by sympy, rows scaled. The choice of pivots is sympy's own."""
    from sympy import Matrix

    form = Matrix(matrix).echelon_form()
    rows = [_coprime(form.row(i)) for i in range(form.rows)]
    return sum(any(row) for row in rows), rows


def satcheck(formula: Formula) -> list[bool] | None:
    """The least values of the variables by z3; None if there are none. Raises `RuntimeError` if z3 does not know."""
    import z3

    solver = z3.Solver()
    solver.set("random_seed", 0)
    variables = [z3.Bool(f"v{i}") for i in range(formula.variables)]
    unknowns = [(z3.Int if formula.integer else z3.Real)(f"x{i}") for i in range(formula.unknowns)]
    for variable, (coefficients, bound) in zip(variables, formula.atoms, strict=False):
        left = z3.Sum([c * x for c, x in zip(coefficients, unknowns, strict=True)]) if unknowns else z3.RealVal(0)
        solver.add(variable == (left <= bound))
    for clause in formula.clauses:
        solver.add(z3.Or([variables[abs(v) - 1] if v > 0 else z3.Not(variables[abs(v) - 1]) for v in clause]))

    def satisfiable() -> bool:
        answer = solver.check()
        if answer == z3.unknown:
            raise RuntimeError(f"z3 does not know: {solver.reason_unknown()}")
        return bool(answer == z3.sat)

    if not satisfiable():
        return None
    values = []
    for variable in variables:
        solver.push()
        solver.add(z3.Not(variable))
        values.append(not satisfiable())
        if values[-1]:
            solver.pop()
            solver.add(variable)
    return values

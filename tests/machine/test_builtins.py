"""Level 1 three ways: reference program, the machine's own form, library form; checkers refuse what is false."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from importlib.resources import files
from typing import Any

import level1_certificates as certificates
import level1_forms as forms
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from level1_certificates import Formula, RefusedError

from metadream._core import Machine, Program, satcheck

FEW = settings(max_examples=20, deadline=None, derandomize=True, database=None)
MANY = settings(max_examples=150, deadline=None, derandomize=True, database=None)
BUDGET = 10**8
#: File of each opcode's reference program; GAUSSJ and GAUSSELIM share one.
PROGRAMS = {
    "DEDUP": "dedup.asm",
    "TOPOSORT": "toposort.asm",
    "BFS": "bfs.asm",
    "DFS": "dfs.asm",
    "DIJKSTRA": "dijkstra.asm",
    "GAUSSJ": "gauss.asm",
    "GAUSSELIM": "gauss.asm",
    "SATCHECK": "satcheck.asm",
}

FAST = {
    "DEDUP": "DEDUP 16:0:0, 18:0:0, 1:0:0*256",
    "TOPOSORT": "TOPOSORT.edge 16:0:0, 1:0:0*256",
    "BFS": "BFS.edge 16:0:0, 18:0:0, 19:0:0, 1:0:0*256, [2:0:0]",
    "DFS": "DFS.edge 16:0:0, 18:0:0, 19:0:0, 1:0:0*256, [2:0:0]",
    "DIJKSTRA": "DIJKSTRA.edge 16:0:0, 18:0:0, 19:0:0, 1:0:0*256, [2:0:0]",
    "SATCHECK": "SATCHECK 16:0:0, 1:0:0*256",
}


def reference(opcode: str) -> str:
    """The assembly text of a Level-1 opcode's reference program."""
    return files("metadream.dsl.level1").joinpath("programs", PROGRAMS[opcode]).read_text(encoding="utf-8")


def place(page: int, offset: int) -> str:
    """The address `offset` slots behind the first slot of a page."""
    return f"{page + offset // 256}:{offset % 256 // 16}:{offset % 16}"


def ran(before: str, program: str) -> tuple[Machine, dict[str, Any]]:
    """A fresh machine after two programs, and how the second ended."""
    machine = Machine()
    assert machine.run(Program.assemble(f".block main\n{before}\n"), BUDGET)["stop"] == "end"
    return machine, machine.run(Program.assemble(program), BUDGET)


def result(machine: Machine) -> list[tuple[str, str, Any]]:
    """Address, tag and value of the result's cells."""
    cells = [c for first in ("16:0:0", "18:0:0") for c in machine.cells(first, 512)]
    return [(c["address"], c["tag"], c["value"]) for c in cells]


def answers(opcode: str, before: str, fast: str | None = None) -> Machine | None:
    """The machine after the opcode, whose cells the reference program must give too; None if both end in a fault."""
    quick, end = ran(before, f".block main\n{fast or FAST[opcode]}\n")
    slow, slow_end = ran(before, reference(opcode))
    good = end["stop"] == "end"
    assert good == (slow_end["stop"] == "end" or slow_end["status"] == 0), (end, slow_end)
    if not good:
        return None
    assert result(slow) == result(quick)
    return quick


def listed(machine: Machine, first: str, names: dict[str, int]) -> list[int]:
    """The list that an opcode wrote, as node numbers."""
    count = machine.cell(first)
    assert count is not None
    cells = machine.cells(place(int(first.split(":")[0]), 1), 1 + count["value"])
    return [names[c["value"]] for c in cells[: count["value"]]]


def beside(machine: Machine, page: int, offsets: list[int], names: dict[str, int] | None = None) -> list[int]:
    """What an opcode wrote beside the range, by node."""
    cells = [machine.cell(place(page, offset)) for offset in offsets]
    return [names[c["value"]] if names else c["value"] for c in cells if c is not None]


@st.composite
def graphs(draw: Callable[..., Any]) -> tuple[list[list[int]], list[int], list[int], int, str]:
    """Successors, costs, offsets in page 1, a source, and the program that sets all of them up."""
    gaps = draw(st.lists(st.integers(0, 40), min_size=1, max_size=6))
    offsets = [sum(gaps[: i + 1]) + i for i in range(len(gaps))]
    nodes = st.integers(0, len(gaps) - 1)
    contents = draw(st.lists(st.one_of(st.integers(0, 3), st.none()), min_size=len(gaps), max_size=len(gaps)))
    links = draw(st.sets(st.tuples(nodes, nodes), max_size=3 * len(gaps)))
    source = draw(nodes)
    graph = [sorted(b for a, b in links if a == n) for n in range(len(gaps))]
    literals = ['"x"' if c is None else f"#{c}" for c in contents]
    lines = [f"MOV {place(1, o)}, {c}" for o, c in zip(offsets, literals, strict=True)]
    lines += [f"LINK.edge {place(1, offsets[a])}, {place(1, offsets[b])}" for a, b in sorted(links)]
    lines += ["MOV 2:0:1, #0", "SCAN 2:0:2, 2:0:1*1, #0", f"MAP.sub 2:0:0, 2:0:3*1, #{257 - offsets[source]}"]
    return graph, [c or 0 for c in contents], offsets, source, "\n".join(lines)


def refuses(check: Callable[..., None], *arguments: Any) -> bool:
    """Whether a checker refuses."""
    try:
        check(*arguments)
    except RefusedError:
        return True
    return False


@given(graphs(), st.data())
@FEW
def test_paths(case: tuple[list[list[int]], list[int], list[int], int, str], data: st.DataObject) -> None:
    graph, cost, offsets, source, before = case
    names = {place(1, o): n for n, o in enumerate(offsets)}
    for opcode, costs in (("BFS", [1] * len(graph)), ("DIJKSTRA", cost)):
        machine = answers(opcode, before)
        assert machine is not None
        answer = (listed(machine, "16:0:0", names), beside(machine, 18, offsets), beside(machine, 19, offsets, names))
        if opcode == "BFS":
            assert answer == forms.bfs(graph, source)
        else:
            assert answer[1] == forms.dijkstra(graph, cost, source)
        certificates.paths(graph, costs, source, *answer)
        order, distance, predecessor = answer
        node = data.draw(st.integers(0, len(graph) - 1))
        wrong = list(distance)
        wrong[node] += data.draw(st.sampled_from([-1, 1]))
        assert refuses(certificates.paths, graph, costs, source, order, wrong, predecessor)
        assert refuses(certificates.paths, graph, costs, source, order[:-1], distance, predecessor)
        other = data.draw(st.integers(0, len(graph) - 1))
        moved = [other if n == node else b for n, b in enumerate(predecessor)]
        tight = node in graph[other] and distance[node] == distance[other] + costs[node] and distance[other] >= 0
        assume(moved != predecessor and not tight)
        assert refuses(certificates.paths, graph, costs, source, order, distance, moved)


@given(graphs(), st.data())
@FEW
def test_depth_first(case: tuple[list[list[int]], list[int], list[int], int, str], data: st.DataObject) -> None:
    graph, _, offsets, source, before = case
    machine = answers("DFS", before)
    assert machine is not None
    names = {place(1, o): n for n, o in enumerate(offsets)}
    order, found, finished = (
        listed(machine, "16:0:0", names),
        beside(machine, 18, offsets),
        beside(machine, 19, offsets),
    )
    assert (order, found, finished) == forms.dfs(graph, source)
    certificates.dfs(graph, source, order, found, finished)
    a, b = (data.draw(st.sampled_from(order)) for _ in range(2))
    assume(a != b)
    swapped = {a: b, b: a}
    exchanged = [[numbers[swapped.get(n, n)] for n in range(len(graph))] for numbers in (found, finished)]
    assert refuses(certificates.dfs, graph, source, [swapped.get(n, n) for n in order], *exchanged)


@given(graphs(), st.data())
@FEW
def test_orders_and_representatives(
    case: tuple[list[list[int]], list[int], list[int], int, str], data: st.DataObject
) -> None:
    graph, _, offsets, _, before = case
    names = {place(1, o): n for n, o in enumerate(offsets)}
    machine = answers("TOPOSORT", before)
    expected = forms.toposort(graph)
    assert (machine is None) == (expected is None)
    if machine is not None:
        order = listed(machine, "16:0:0", names)
        assert order == expected
        certificates.toposort(graph, order)
        linked = [(a, b) for a, ends in enumerate(graph) for b in ends]
        assert refuses(certificates.toposort, graph, order[::-1]) == bool(linked)
        assert refuses(certificates.toposort, graph, order[1:])
    machine = answers("DEDUP", before)
    assert machine is not None
    values = [machine.cell(place(1, o)) for o in offsets]
    items = [str((c["tag"], c["value"])) for c in values if c is not None]
    representative = beside(machine, 18, offsets, names)
    assert representative == forms.dedup(items)
    assert listed(machine, "16:0:0", names) == sorted(set(representative))
    certificates.dedup(items, representative)
    node = data.draw(st.integers(0, len(items) - 1))
    other = data.draw(st.integers(0, len(items) - 1).filter(lambda n: n != representative[node]))
    wrong = [other if n == node else r for n, r in enumerate(representative)]
    assert refuses(certificates.dedup, items, wrong)


def certificate(machine: Machine) -> list[str]:
    """The lines of the certificate that the last instruction left."""
    found = json.loads(machine.events()[-1])["obligation"]
    assert (found["claim"], found["discharge"]) == ("certified", "checked")
    return list(found["detail"])


MATRICES = st.integers(1, 4).flatmap(
    lambda columns: st.lists(st.lists(st.integers(-5, 5), min_size=columns, max_size=columns), min_size=1, max_size=4)
)


@given(MATRICES, st.booleans(), st.data())
@FEW
def test_elimination(matrix: list[list[int]], reduced: bool, data: st.DataObject) -> None:
    columns = len(matrix[0])
    lines = [f"MOV {place(1, i)}, #{v}" for i, v in enumerate(v for row in matrix for v in row)]
    lines += [f"MOV 2:0:0, #{len(matrix)}", f"MOV 2:0:1, #{columns}", f"CMP.{'eq' if reduced else 'ne'} 2:0:2, #0, #0"]
    opcode = "GAUSSJ" if reduced else "GAUSSELIM"
    fast = f"{opcode} 16:0:0, 1:0:0*{columns * len(matrix)}, #{columns}"
    machine = answers(opcode, "\n".join(lines), fast)
    assert machine is not None
    rank, *entries = [int(c["value"]) for c in machine.cells("16:0:0", 1 + columns * len(matrix))]
    rows = [entries[i : i + columns] for i in range(0, len(entries), columns)]
    expected = (forms.gaussj if reduced else forms.gausselim)(matrix)
    assert (rank, rows) == expected if reduced else rank == expected[0]
    lines = [line.split() for line in certificate(machine)]
    to = [[int(v) for v in words[2:]] for words in lines if words[0] == "to"]
    scale = [int(words[1]) for words in lines if words[0] == "to"]
    kernel = [[int(v) for v in words[1:]] for words in lines if words[0] == "kernel"]
    certificates.echelon(matrix, rows, rank, to, scale, kernel, reduced)
    i, j = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.integers(0, columns - 1))
    rows[i][j] += 1
    assert refuses(certificates.echelon, matrix, rows, rank, to, scale, kernel, reduced)
    rows[i][j] -= 1
    assert refuses(certificates.echelon, matrix, rows, rank - 1, to, scale, kernel, reduced)
    assert not kernel or refuses(certificates.echelon, matrix, rows, rank, to, scale, kernel[1:], reduced)
    if any(matrix[j % len(matrix)]):
        to[i][j % len(matrix)] += 1
        assert refuses(certificates.echelon, matrix, rows, rank, to, scale, kernel, reduced)


@st.composite
def formulas(draw: Callable[..., Any], atoms: bool) -> Formula:
    """Clauses over a few variables; with atoms over two unknowns if asked."""
    variables = draw(st.integers(1, 5))
    literal = st.integers(1, variables).flatmap(lambda v: st.sampled_from([v, -v]))
    clauses = draw(st.lists(st.lists(literal, min_size=1, max_size=3).map(tuple), max_size=3 * variables))
    small = st.integers(-3, 3)
    made = draw(st.lists(st.tuples(st.tuples(small, small), small), max_size=variables)) if atoms else []
    return Formula(variables, tuple(clauses), tuple(made), 2 if atoms else 0, atoms and draw(st.booleans()))


def asked(formula: Formula) -> tuple[bool | None, list[bool], list[Fraction], list[str]]:
    """SATCHECK of the Rust core."""
    verdict, values, unknowns, lines = satcheck(
        formula.variables,
        [list(c) for c in formula.clauses],
        [(list(c), b) for c, b in formula.atoms],
        formula.unknowns,
        formula.integer,
    )
    return verdict, values, [Fraction(x) for x in unknowns], lines


def set_up(pages: list[tuple[str, list[int]]]) -> str:
    """A program that writes ints from the first slot of a page on."""
    return "\n".join(f"MOV {place(int(page), i)}, #{v}" for page, ints in pages for i, v in enumerate(ints))


@given(formulas(atoms=True))
@settings(FEW, max_examples=12)
def test_satcheck_with_arithmetic_by_elimination_and_z3(formula: Formula) -> None:
    assume(formula.atoms)
    used = max([len(formula.atoms), *(abs(v) for c in formula.clauses for v in c)])
    formula = Formula(used, formula.clauses, formula.atoms, formula.unknowns)
    cells = [v for clause in formula.clauses for v in (*clause, 0)]
    rows = [v for coefficients, bound in formula.atoms for v in (*coefficients, bound)]
    before = set_up([("1", cells), ("2", [len(formula.atoms), 2]), ("3", rows)])
    slow, end = ran(before, reference("SATCHECK"))
    quick, fast_end = ran(before, f".block main\nSATCHECK 16:0:0, 1:0:0*256, 3:0:0*{len(rows)}, #3\n")
    assert (end["stop"], fast_end["stop"]) == ("end", "end")
    expected = forms.satcheck(formula)
    answer = [c["value"] for c in slow.cells("16:0:0", 1 + used)]
    assert answer == ([0] if expected is None else [1, *expected])
    assert answer == [c["value"] for c in quick.cells("16:0:0", 1 + used)]


@given(formulas(atoms=False))
@FEW
def test_satcheck_by_truth_table_and_z3(formula: Formula) -> None:
    used = max((abs(v) for c in formula.clauses for v in c), default=0)
    formula = Formula(used, formula.clauses)
    cells = [v for clause in formula.clauses for v in (*clause, 0)]
    before = set_up([("1", cells), ("2", [0, 0])])
    machine = answers("SATCHECK", before)
    assert machine is not None
    verdict, *values = [c["value"] for c in machine.cells("16:0:0", 1 + used)]
    expected = forms.satcheck(formula)
    assert (verdict, values) == (0, []) if expected is None else (verdict, values) == (1, expected)
    if expected is None:
        certificates.refutation(formula, certificate(machine))
    else:
        certificates.model(formula, values, [])


@given(formulas(atoms=True), st.data())
@MANY
def test_satcheck_with_arithmetic_against_z3(formula: Formula, data: st.DataObject) -> None:
    verdict, values, unknowns, lines = asked(formula)
    expected = forms.satcheck(formula)
    if expected is None and verdict is None:
        return  # a limit was reached, which claims nothing
    assert verdict is (expected is not None)
    if expected is not None:
        assert values == expected
        certificates.model(formula, values, unknowns)
        flipped = data.draw(st.integers(0, formula.variables - 1))
        wrong = [v != (i == flipped) for i, v in enumerate(values)]
        assert refuses(certificates.model, formula, wrong, unknowns) or flipped >= len(formula.atoms)
        return
    certificates.refutation(formula, lines)
    assert refuses(certificates.refutation, formula, lines[:-1])
    for i in range(len(formula.clauses)):
        weaker = Formula(
            formula.variables,
            formula.clauses[:i] + formula.clauses[i + 1 :],
            formula.atoms,
            formula.unknowns,
            formula.integer,
        )
        if forms.satcheck(weaker) is not None:
            assert refuses(certificates.refutation, weaker, lines), "a satisfiable formula has no refutation"


def test_an_integer_refutation_is_none_over_the_rationals() -> None:
    sides = (((1, 0), 1), ((-1, 0), 0), ((0, 1), 1), ((0, -1), 0), ((3, 5), 4), ((-3, -5), -4))
    formula = Formula(6, tuple((i,) for i in range(1, 7)), sides, 2, True)
    verdict, _, _, lines = asked(formula)
    assert verdict is False and any(line.startswith("split") for line in lines)
    certificates.refutation(formula, lines)
    rational = Formula(6, formula.clauses, sides, 2, False)
    assert asked(rational)[0] is True
    assert refuses(certificates.refutation, rational, lines)


def test_factors_of_a_farkas_line_count() -> None:
    # x ≤ 0, −x + y ≤ 0, −y ≤ −1
    rows = [((1, 0), 0, False), ((-1, 1), 0, False), ((0, -1), -1, False)]
    certificates.farkas(rows, [Fraction(1)] * 3)
    for factors in ([1, 1, 2], [0, 1, 1], [-1, -1, -1], [1, 1, Fraction(1, 2)]):
        assert refuses(certificates.farkas, rows, [Fraction(f) for f in factors])
    assert refuses(certificates.farkas, [((1,), 0, False), ((-1,), 0, False)], [Fraction(1)] * 2)
    certificates.farkas([((1,), 0, True), ((-1,), 0, False)], [Fraction(1)] * 2)


@pytest.mark.parametrize("opcode", sorted(PROGRAMS))
def test_reference_programs_use_level_0_alone(opcode: str) -> None:
    words = [line.split(";")[0].split() for line in Program.assemble(reference(opcode)).disassemble().splitlines()]
    used = {w.split(".")[0] for line in words for w in line[:2] if w.split(".")[0].isupper()}
    assert used <= {"MOV", "SCAN", "REDUCE", "MAP", "CMP", "SPAWN", "HALT"} and "SPAWN" in used

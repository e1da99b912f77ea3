"""Level 2 on the starter database: what is found holds by truth values, bad use is a named fault."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import metadream.wake_sleep.level2 as level_two
from metadream._core import Machine, Program, Theory
from metadream.dsl.handlers import Session, attach, declared
from metadream.metamath_db.data import resolve_database
from metadream.wake_sleep.level2 import truth
from metadream.wake_sleep.level2.common import Context

VARIABLES = ("wph", "wps", "wch")
SESSION = Session(Theory.load(str(resolve_database("starter"))))


def ran(*lines: str, label: str | None = None, budget: int = 1_000) -> tuple[dict[str, Any], Machine]:
    """How a program of one block ends on the starter database, and its machine."""
    session = SESSION if label is None else Session(SESSION.theory, label)
    machine = Machine(session.theory, label)
    attach(machine, session)
    return machine.run(Program.assemble("\n".join([".block main", *lines])), budget), machine


def cell(machine: Machine, address: str) -> dict[str, Any]:
    found = machine.cell(address)
    assert found is not None, address
    return found


def detail(machine: Machine) -> list[str]:
    """What the last instruction says for the trace."""
    said: list[str] = json.loads(machine.events()[-1])["obligation"]["detail"]
    return said


def holds(term: str, values: dict[str, bool]) -> bool:
    """Truth value by a reading of its own: the oracle of these tests."""

    def value(tree: Any) -> bool:
        label, children = tree
        parts = [value(child) for child in children]
        match label, parts:
            case "wn", [a]:
                return not a
            case "wi", [a, b]:
                return b if a else True
            case "wa", [a, b]:
                return a and b
            case "wo", [a, b]:
                return a or b
            case "wb", [a, b]:
                return a is b
            case "wfal", []:
                return False
            case "wtru", []:
                return True
            case "w3a", [a, b, c]:
                return a and b and c
            case "wxo", [a, b]:
                return a is not b
        return values[label]

    return value(truth.parse(term))


def follows(conclusion: str, *premises: str) -> bool:
    """Whether the conclusion holds under all values that make the premises true."""
    names = ("wph", "wps", "wch", "wth", "wta", "wet", "wze")
    for row in itertools.product((False, True), repeat=len(names)):
        values = dict(zip(names, row, strict=True))
        if all(holds(p, values) for p in premises) and not holds(conclusion, values):
            return False
    return True


TERMS = st.recursive(
    st.sampled_from(VARIABLES),
    lambda part: st.one_of(
        part.map(lambda a: f"(wn {a})"),
        st.tuples(st.sampled_from(["wi", "wa", "wo", "wb"]), part, part).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
    ),
    max_leaves=4,
)


def test_all_are_declared() -> None:
    assert set(declared()) >= {"PLAN", "HYPOTHESIZE", "RETRIEVE", "VERIFY", "ABDUCE", "DEDUCE", "CALL"}
    assert len(level_two.__all__) == 7


# PLAN and VERIFY


def test_plan_proves_a_subgoal_of_a_greater_proof() -> None:
    ended, machine = ran(
        "MOV.goal 1:0:0, '(wi wps (wi wph wph))",
        "UNIFY 1:1:0, 1:0:0, @ax-mp",
        "UNIFY 1:1:1, @ax-1",
        "PLAN 2:0:0, 1:1:0, #2000",
        "ASSERT 3:0:0, 1:0:0",
    )
    assert ended["stop"] == "end"
    assert cell(machine, "3:0:0")["formula"] == "( ps -> ( ph -> ph ) )"
    assert ("3:0:0", "premise", "2:0:0") in machine.links("3:0:0")


def test_plan_says_when_there_is_no_proof() -> None:
    ended, machine = ran("MOV.goal 1:0:0, '(wi wph wps)", "PLAN 2:0:0, 1:0:0, #50")
    assert ended["fault"]["kind"] == "unproved" and "exhausted after 0 expansions" in ended["fault"]["claim"]
    assert machine.cell("2:0:0") is None and cell(machine, "1:0:0")["step"] is None
    ended, machine = ran("SPAWN 1:0:0, %main2, #10", ".block main2", "PLAN 2:0:0, '(wi wph wps), #50")
    assert ended["stop"] == "end" and cell(machine, "1:0:0")["value"] is False


def test_the_task_of_a_theorem_gives_hypotheses_and_what_stands_before() -> None:
    ended, machine = ran("MOV.goal 1:0:0, '(wi wps wph)", "PLAN 2:0:0, 1:0:0, #100", label="a1i")
    assert ended["stop"] == "end", ended
    assert cell(machine, "2:0:0")["formula"] == "( ps -> ph )"
    ended, _ = ran("PLAN 2:0:0, '(wi wph (wi wps wph)), #10, @ax-1")
    assert ended["fault"]["kind"] == "unproved"
    ended, _ = ran("PLAN 2:0:0, '(wi wph (wi wps wph)), #10, @ax-2")
    assert ended["stop"] == "end"


@given(TERMS)
@settings(max_examples=60, deadline=None)
def test_verify_agrees_with_truth_values(term: str) -> None:
    ended, machine = ran(f"VERIFY 1:0:0, '{term}, #300")
    assert ended["stop"] == "end"
    said = detail(machine)[0]
    if cell(machine, "1:0:0")["value"]:
        assert follows(term) and cell(machine, "1:0:1")["tag"] == "fact"
    elif said.startswith("refute: "):
        pairs = [pair.rsplit(" ", 1) for pair in said.removeprefix("refute: ").split(", ")]
        assert not holds(term, {name: value == "true" for name, value in pairs})
    else:
        assert follows(term) and said.startswith("search: ")


# ABDUCE


@given(TERMS, st.lists(TERMS, max_size=2))
@settings(max_examples=40, deadline=None)
def test_what_abduce_adds_makes_the_goal_follow(goal: str, known: list[str]) -> None:
    lines = [f"MOV.term 1:0:{i}, '{term}" for i, term in enumerate(known)]
    ended, machine = ran(*lines, f"MOV.goal 1:1:0, '{goal}", "ABDUCE 2:0:0, 1:1:0, 1:0:0*4, #2, #200")
    if ended["stop"] == "fault":
        assert ended["fault"]["kind"] == "unproved"
        return
    count = cell(machine, "2:0:0")["value"]
    missing = [cell(machine, f"2:0:{i + 1}") for i in range(count)]
    assert all(m["tag"] == "goal" and m["step"] is None and m["value"] != goal for m in missing)
    assert follows(goal, *known, *(m["value"] for m in missing))
    assert json.loads(machine.events()[-1])["obligation"]["discharge"] == "judge"


def test_abduce_finds_what_is_missing() -> None:
    def missing(goal: str, *known: str) -> list[str]:
        lines = [f"MOV.term 1:0:{i}, '{term}" for i, term in enumerate(known)]
        ended, machine = ran(*lines, f"ABDUCE 2:0:0, '{goal}, 1:0:0*4, #2, #1000")
        assert ended["stop"] == "end", ended
        return [cell(machine, f"2:0:{i + 1}")["formula"] for i in range(cell(machine, "2:0:0")["value"])]

    assert missing("(wi wph wch)", "(wi wph wps)") == ["( ps -> ch )"]
    assert missing("(wa wps wch)", "wph", "(wi wph wps)") == ["ch"]
    assert missing("wps", "wph", "(wi wph wps)") == []
    assert missing("wch", "(wi (wa wph wps) wch)", "wph") == ["ps"]


def test_abduce_uses_facts_as_facts() -> None:
    ended, machine = ran("PLAN 1:0:0, '(wi wph wph), #1000", "ABDUCE 2:0:0, '(wa (wi wph wph) wps), 1:0:0*1, #1, #300")
    assert ended["stop"] == "end", ended
    assert cell(machine, "2:0:1")["formula"] == "ps"


# DEDUCE


@given(st.lists(TERMS, min_size=1, max_size=3, unique=True))
@settings(max_examples=30, deadline=None)
def test_deduce_is_the_closure_under_modus_ponens(terms: list[str]) -> None:
    """On the starter database ax-mp is the only premise that its hypotheses determine: a closure by hand must agree."""
    facts = [f"(wi {t} (wi {u} {t}))" for t, u in itertools.pairwise([*terms, terms[0]])]
    facts += [f"(wi {facts[0]} (wi {terms[0]} {facts[0]}))"]
    lines = [f"PLAN 1:0:{i}, '{fact}, #5" for i, fact in enumerate(facts)]
    ended, machine = ran(*lines, "DEDUCE 2:0:0, 1:0:0*16, #200, #100000")
    assert ended["stop"] == "end", ended
    closure = set(facts)
    while new := {b for b in map(str, _consequents(closure)) if b not in closure}:
        closure |= new
    count = cell(machine, "2:0:0")["value"]
    derived = {c["value"] for c in machine.cells("2:0:1", 200)}
    assert derived == closure - set(facts) and count == len(derived)
    assert all(c["tag"] == "fact" and follows(c["value"]) for c in machine.cells("2:0:1", 200))


def _consequents(facts: set[str]) -> set[str]:
    out = set()
    for fact in facts:
        label, children = truth.parse(fact)
        if label == "wi" and truth.render(children[0]) in facts:
            out.add(truth.render(children[1]))
    return out


def test_deduce_keeps_to_its_limits_and_links_its_premises() -> None:
    given_facts = [
        "PLAN 1:0:0, '(wi wph (wi (wi wph wph) wph)), #10",
        "PLAN 1:0:1, '(wi (wi wph (wi (wi wph wph) wph)) (wi (wi wph (wi wph wph)) (wi wph wph))), #10",
        "PLAN 1:0:2, '(wi wph (wi wph wph)), #10",
    ]
    ended, machine = ran(*given_facts, "DEDUCE 2:0:0, 1:0:0*3, #1, #1000")
    assert ended["stop"] == "end" and cell(machine, "2:0:0")["value"] == 1
    ended, machine = ran(*given_facts, "DEDUCE 2:0:0, 1:0:0*3, #9, #1000")
    assert cell(machine, "2:0:2")["formula"] == "( ph -> ph )"
    assert {to for _, kind, to in machine.links("2:0:2") if kind == "premise"} == {"1:0:0", "1:0:1", "1:0:2"}
    ended, machine = ran(*given_facts, "DEDUCE 2:0:0, 1:0:0*3, #9, #1")
    assert cell(machine, "2:0:0")["value"] == 0
    ended, machine = ran("MOV 1:0:0, #1", "DEDUCE 2:0:0, 1:0:0*3, #9, #9")
    assert ended["stop"] == "end" and cell(machine, "2:0:0")["value"] == 0


# HYPOTHESIZE and RETRIEVE


def test_hypothesize_refutes_and_proves() -> None:
    ended, machine = ran("HYPOTHESIZE 1:0:0, '(wi (wn (wn wph)) wph), #3, #300")
    assert ended["stop"] == "end"
    count = cell(machine, "1:0:0")["value"]
    assert 1 <= count <= 3
    for i in range(count):
        fact = cell(machine, f"1:0:{i + 1}")
        assert fact["tag"] == "fact" and follows(fact["value"])
    said = [line for line in detail(machine) if ": refuted by " in line]
    assert said
    for line in said:
        assert not follows(line.split(": ")[0].split(" ", 1)[1])


def test_retrieve_ranks_what_unifies() -> None:
    ended, machine = ran("RETRIEVE 1:0:0, '(wi wph (wi wps wph)), #50")
    assert ended["stop"] == "end"
    count = cell(machine, "1:0:0")["value"]
    labels = [cell(machine, slot(1 + 3 * i))["value"] for i in range(count)]
    scores = [cell(machine, slot(2 + 3 * i))["value"] for i in range(count)]
    assert labels == ["ax-mp", "ax-1"] and scores == sorted(scores)
    ended, machine = ran("RETRIEVE.neighbour 1:0:0, '(wi wph (wi wps wph)), #4")
    assert cell(machine, "1:0:2")["value"] == 4096  # the cosine of a statement of the same form
    ended, machine = ran("RETRIEVE 1:0:0, '(wi wph (wi wps wph)), #50, @ax-1")
    assert cell(machine, "1:0:0")["value"] == 1


def slot(n: int) -> str:
    return f"1:{n // 16}:{n % 16}"


@pytest.mark.parametrize("kind", ["premise", "neighbour"])
def test_a_wrong_ranking_is_found(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    honest = Context.retrieve

    def swapped(self: Context, statement: Any, function: str, limit: int, scan: bool) -> Any:
        hits = honest(self, statement, function, limit, scan)
        return hits if scan else hits[::-1]

    monkeypatch.setattr(Context, "retrieve", swapped)
    ended, _ = ran(f"RETRIEVE.{kind} 1:0:0, '(wi wph (wi wps wph)), #2")
    assert ended["fault"]["kind"] == "obligation"


# Bad use


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (["PLAN 1:0:0, 2:0:0, #1"], "empty"),
        (["PLAN 1:0:0, #3, #1"], "type"),
        (["PLAN 1:0:0, '(wi wph wph), #0"], "bound"),
        (["PLAN 1:0:0, '(wi wph wph), #1000001"], "bound"),
        (["PLAN 1:0:0, '(wi wph wph), #1, @nothing"], "label"),
        (["MOV.goal 1:0:0, 'wph", "UNIFY 1:0:1, 1:0:0, @ax-mp", "PLAN 2:0:0, 1:0:1, #1"], "open"),
        (["MOV.goal 1:0:0, 'wph", "UNIFY 1:0:1, 1:0:0, @ax-mp", "ABDUCE 2:0:0, 'wph, 1:0:0*4, #1, #1"], "open"),
        (["ABDUCE 2:0:0, 'wph, 1:0:0*4, #9, #1"], "bound"),
        (["DEDUCE 2:0:0, 1:0:0*4, #0, #1"], "bound"),
        (["RETRIEVE 4194303:15:15, 'wph, #1"], "address"),
        (["VERIFY 1:0:0, '(wi wph wph), #10, @nothing"], "label"),
        (["HYPOTHESIZE 1:0:0, '(wi wph wph), #1, #0"], "bound"),
    ],
)
def test_bad_use_is_a_named_fault(lines: list[str], kind: str) -> None:
    ended, _ = ran(*lines)
    assert ended["fault"] is not None and ended["fault"]["kind"] == kind, ended


def test_without_a_database_there_is_no_search() -> None:
    machine = Machine()
    attach(machine, Session())
    for line in ("PLAN 1:0:0, 1:0:1, #1", "RETRIEVE 1:0:0, 1:0:1, #1", "DEDUCE 1:0:0, 2:0:0*1, #1, #1"):
        ended = machine.run(Program.assemble(f".block main\nMOV 1:0:1, #1\n{line}"), 10)
        assert ended["fault"]["kind"] in ("type", "unavailable")


# Truth values


@given(TERMS, TERMS)
@settings(max_examples=200, deadline=None)
def test_truth_values_agree_with_the_oracle(a: str, b: str) -> None:
    language = truth.language_of(SESSION)
    assert language is not None
    assert truth.render(truth.parse(a)) == a
    masks = language.masks([a, b])
    assert masks is not None
    assert (not masks.all_of([a]) & ~masks.all_of([b])) == follows(b, a)
    against = language.refuted(a)
    assert (against is None) == follows(a)
    if against is not None:
        assert not holds(a, {**dict.fromkeys(VARIABLES, False), **against})

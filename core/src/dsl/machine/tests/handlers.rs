//! Handlers: what a wrong answer may do (nothing), and what a right one does.

use super::*;
use crate::dsl::isa::LinkKind;
use crate::dsl::machine::obligation::Refusal;
use crate::dsl::machine::opcodes::derive::{By, Derivation, DerivationStep};
use crate::dsl::machine::opcodes::handlers::{Checker, Given, Handler, Reply, Request, View};

/// Answers by a closure.
struct By0<F>(F);

impl<F: FnMut(&Request, &mut View<'_>) -> Result<Reply, Refusal>> Handler for By0<F> {
    fn handle(&mut self, request: &Request, view: &mut View<'_>) -> Result<Reply, Refusal> {
        self.0(request, view)
    }
}

struct Never;

impl Checker for Never {
    fn check(&mut self, _: &Request, _: &Reply, _: &mut View<'_>) -> Result<(), String> {
        Err("never".into())
    }
}

fn answered(
    lines: &str,
    opcode: Opcode,
    checker: Option<Box<dyn Checker>>,
    handler: impl FnMut(&Request, &mut View<'_>) -> Result<Reply, Refusal> + 'static,
) -> (Outcome, Workspace, Trace) {
    let program = assemble(&format!(".block main\n{lines}")).unwrap();
    let (toy, arena) = Toy::new();
    let mut m = Machine::new(toy, Toy::new().0, arena);
    m.register(opcode, Box::new(By0(handler)), checker).unwrap();
    let out = m.run(&program, 100).unwrap();
    assert!(m.workspace.index_is_true());
    (out, m.workspace.clone(), m.trace.clone())
}

fn kind(out: &Outcome) -> FaultKind {
    match &out.stop {
        StopReason::Fault(f) => f.kind,
        other => panic!("no fault: {other:?}"),
    }
}

fn plan(reply: impl Fn(&Request, &mut View<'_>) -> Reply + 'static) -> (Outcome, Workspace, Trace) {
    answered("MOV.goal 1:0:0, '(wi wph wph)\nPLAN 2:0:0, 1:0:0, #10", Opcode::Plan, None, move |r, v| Ok(reply(r, v)))
}

fn step(label: &str, premises: &[u32], values: &[(u32, &str)]) -> DerivationStep {
    let values = values.iter().map(|&(v, t)| (v, t.to_owned())).collect();
    DerivationStep { by: By::Label(label.into()), premises: premises.into(), values }
}

/// `( ph -> ph )` from ax-mp, ax-1, ax-2.
fn id_steps() -> Vec<DerivationStep> {
    vec![
        step("ax-1", &[], &[(1, "wph")]),
        step("ax-1", &[], &[]),
        step("ax-2", &[], &[]),
        step("ax-mp", &[1, 2], &[]),
        step("ax-mp", &[0, 3], &[]),
    ]
}

fn goal_of(r: &Request) -> TermId {
    match r.operands[1] {
        Given::Place(_, c) | Given::Literal(c) => c.as_term().unwrap(),
        _ => panic!("a goal"),
    }
}

#[test]
fn a_derived_fact_is_judged_and_closes_its_goal() {
    let (out, w, trace) = plan(|r, _| Reply {
        facts: vec![(at("2:0:0"), Derivation { goal: goal_of(r), given: vec![], steps: id_steps() })],
        closes: vec![(at("1:0:0"), at("2:0:0"))],
        detail: vec!["expansions 3".into()],
        ..Reply::default()
    });
    assert_eq!(out.stop, StopReason::End);
    assert_eq!(w.content(at("2:0:0")).tag, Tag::Fact);
    assert!(!w.content(at("1:0:0")).is_open_goal());
    let claimed = trace.events[1].obligation.clone().unwrap();
    assert_eq!((claimed.claim, claimed.discharge), ("answered", Discharge::Judge));
    assert_eq!(claimed.detail, ["expansions 3", "judge toy"]);
}

#[test]
fn a_wrong_derivation_is_a_fault() {
    let with = |steps: Vec<DerivationStep>| {
        kind(
            &plan(move |r, _| Reply {
                facts: vec![(at("2:0:0"), Derivation { goal: goal_of(r), given: vec![], steps: steps.clone() })],
                ..Reply::default()
            })
            .0,
        )
    };
    assert_eq!(with(vec![]), FaultKind::Bound);
    assert_eq!(with(vec![step("nothing", &[], &[])]), FaultKind::Label);
    assert_eq!(with(vec![step("ax-1", &[], &[])]), FaultKind::Unify);
    assert_eq!(with(vec![step("ax-mp", &[0, 1], &[])]), FaultKind::Handler);
    assert_eq!(with(vec![step("apart", &[], &[])]), FaultKind::Distinct);
    assert_eq!(with(vec![step("idlemma", &[], &[])]), FaultKind::Refused);
    let mut open = id_steps();
    open[0].values.clear();
    assert_eq!(with(open), FaultKind::Open);
    let mut premises = id_steps();
    premises[4].premises.pop();
    assert_eq!(with(premises), FaultKind::Handler);
}

#[test]
fn an_answer_writes_only_where_it_may() {
    let write = |a: &'static str, c: Content| {
        let (out, w, _) = plan(move |_, _| Reply { writes: vec![(at(a), c)], ..Reply::default() });
        assert!(out.stop == StopReason::End || w.used() == 1);
        out.stop.status()
    };
    assert_eq!(write("2:0:5", Content::int(1)), 0);
    assert_eq!(write("1:0:0", Content::int(1)), 0);
    assert_eq!(write("1:0:1", Content::int(1)), FaultKind::Handler.status());
    assert_eq!(write("4194304:0:0", Content::int(1)), FaultKind::Address.status());
    assert_eq!(write("2:0:0", Content::fact(TermId(0), 0)), FaultKind::Handler.status());
    let twice = vec![(at("2:0:0"), Content::int(1)), (at("2:0:0"), Content::int(2))];
    let (out, ..) = plan(move |_, _| Reply { writes: twice.clone(), ..Reply::default() });
    assert_eq!(kind(&out), FaultKind::Handler);
}

#[test]
fn links_of_an_answer_need_ends_and_close_no_cycle() {
    let link = |links: Vec<(&'static str, &'static str)>| {
        let (out, ..) = plan(move |_, _| Reply {
            writes: vec![(at("2:0:0"), Content::int(1))],
            links: links.iter().map(|l| Link { from: at(l.0), kind: LinkKind::Before, to: at(l.1) }).collect(),
            ..Reply::default()
        });
        out.stop.status()
    };
    assert_eq!(link(vec![("1:0:0", "2:0:0")]), 0);
    assert_eq!(link(vec![("1:0:0", "2:0:1")]), FaultKind::Link.status());
    assert_eq!(link(vec![("1:0:0", "2:0:0"), ("2:0:0", "1:0:0")]), FaultKind::Link.status());
}

#[test]
fn refusals_and_checkers_are_faults() {
    let lines = "DEDUCE 2:0:0, 1:0:0*4, #1, #1";
    let refuse =
        |_: &Request, _: &mut View<'_>| Err(Refusal { kind: FaultKind::Unproved, address: None, claim: "no".into() });
    assert_eq!(kind(&answered(lines, Opcode::Deduce, None, refuse).0), FaultKind::Unproved);
    let empty = |_: &Request, _: &mut View<'_>| Ok(Reply::default());
    let (out, ..) = answered(lines, Opcode::Deduce, Some(Box::new(Never)), empty);
    assert_eq!(kind(&out), FaultKind::Obligation);
    let (toy, arena) = Toy::new();
    let mut m = Machine::new(&toy, &toy, arena);
    assert!(m.register(Opcode::Mov, Box::new(By0(empty)), None).is_err());
    assert_eq!(m.registered(), []);
}

#[test]
fn near_reads_take_a_canonical_ranking_of_the_ranges_cells() {
    let near = |ranked: Vec<(&'static str, i64)>| {
        let lines = "MOV 1:0:0, #1\nMOV 1:0:1, #2\nMOV 1:0:2, #3\nREADK.near 2:0:0, 1:0:0, 1:0:0*8, #2";
        let (out, w, _) = answered(lines, Opcode::Readk, None, move |r, _| {
            assert_eq!(r.function, "near");
            let Given::Cells(_, cells, _) = &r.operands[1] else { panic!("the range") };
            assert_eq!(cells.len(), 2, "the key's own cell is no candidate");
            Ok(Reply { ranked: ranked.iter().map(|&(a, s)| (at(a), s)).collect(), ..Reply::default() })
        });
        (out.stop.status(), w.content(at("2:0:0")).as_int(), w.content(at("2:0:1")).as_ref())
    };
    assert_eq!(near(vec![("1:0:2", 9), ("1:0:1", 4)]), (0, Some(2), Some(at("1:0:2"))));
    assert_eq!(near(vec![("1:0:1", 9), ("1:0:2", 9)]), (0, Some(2), Some(at("1:0:1"))));
    let handler = FaultKind::Handler.status();
    for bad in
        [vec![("1:0:2", 9), ("1:0:1", 9)], vec![("1:0:1", 4), ("1:0:2", 9)], vec![("1:0:0", 9)], vec![("7:0:0", 9)]]
    {
        assert_eq!(near(bad).0, handler);
    }
}

#[test]
fn a_run_can_stand_still_between_any_two_steps() {
    let text = ".block main\nMOV 1:0:0, #0\nMOV 1:0:1, #3\nCMP.lt 1:0:2, 1:0:0, 1:0:1\n\
        SPAWN.while 1:0:3, %loop, #100, 1:0:2\nSPAWN.test 1:0:4, %loop, #100\nHALT #0\n\
        .block loop\nMAP.add 1:0:0, 1:0:0*1, #1\nCMP.lt 1:0:2, 1:0:0, 1:0:1";
    let program = assemble(text).unwrap();
    let (toy, arena) = Toy::new();
    let mut whole = Machine::new(&toy, &toy, arena.clone());
    let out = whole.run(&program, 1000).unwrap();
    let mut slow = Machine::new(&toy, &toy, arena);
    let mut run = slow.begin(&program, 1000).unwrap();
    let mut stops = 0;
    while slow.advance(&program, &mut run, 1).is_none() {
        stops += 1;
        assert!(run.outcome().is_none());
    }
    assert_eq!(run.outcome(), Some(&out));
    assert_eq!(out.stop, StopReason::Halted(0));
    assert_eq!(stops + 1, whole.trace.events.len());
    assert_eq!(slow.trace.hash(), whole.trace.hash());
    assert_eq!(slow.workspace.digest(), whole.workspace.digest());
    assert_eq!(slow.log.bytes(), whole.log.bytes());
}

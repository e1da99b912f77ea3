//! CALL: what a composite leaves, each fault, and what its obligation says.

use super::*;
use crate::dsl::formulas::logic::{
    Assertions, Composite, Judge, ProofObject, Reference, SchemaRule, SchemaStep, Scheme,
};
use crate::dsl::isa::LinkKind;
use crate::dsl::machine::obligation::Refusal;
use crate::dsl::machine::opcodes::handlers::{Checker, Given, Handler, Reply, Request, View};
use crate::metamath_db::terms::term::Head;
use std::cell::Cell as Counter;

const MP: SchemaRule = SchemaRule::Assertion(AssertionId(2), false);
const AX2: SchemaRule = SchemaRule::Assertion(AssertionId(4), false);

/// The toy calculus with a library. The lemmas `good` and `bad` state what the toy's `apart` and `idlemma` do.
struct Library {
    toy: Toy,
    /// After so many look-ups of `ax-1` it means something else; none: never.
    fickle: Option<Counter<u32>>,
}

fn schema(steps: &[(SchemaRule, &[u32])]) -> Result<Composite, String> {
    let step = |&(by, children): &(SchemaRule, &[u32])| SchemaStep { by, children: children.into() };
    Ok(Composite::Schema(steps.iter().map(step).collect()))
}

impl Assertions for Library {
    fn lookup(&self, label: &str) -> Option<Reference> {
        if let (Some(left), "ax-1") = (&self.fickle, label) {
            left.set(left.get().saturating_sub(1));
            if left.get() == 0 {
                return self.toy.lookup("idlemma");
            }
        }
        self.toy.lookup(label)
    }
    fn composite(&self, name: &str) -> Result<Composite, String> {
        const OPEN: (SchemaRule, &[u32]) = (SchemaRule::Open, &[]);
        const HOLE: (SchemaRule, &[u32]) = (SchemaRule::Hole, &[]);
        match name {
            "apart" => Ok(Composite::Lemma(AssertionId(5))),
            "idlemma" => Ok(Composite::Lemma(AssertionId(6))),
            "mp2" => schema(&[OPEN, OPEN, OPEN, (MP, &[1, 2]), (MP, &[0, 3])]),
            "id" => schema(&[HOLE, HOLE, (AX2, &[]), (MP, &[1, 2]), (MP, &[0, 3])]),
            "one" => schema(&[(SchemaRule::Assertion(AssertionId(3), false), &[])]),
            "nested" => schema(&[OPEN, (SchemaRule::Assertion(AssertionId(6), true), &[]), (MP, &[0, 1])]),
            "blind" => schema(&[HOLE, OPEN, (MP, &[0, 1])]),
            "long" => schema(&vec![OPEN; 257]),
            _ => Err(format!("{name} is a composite of the library")),
        }
    }
    fn scheme(&self, id: AssertionId) -> Scheme {
        self.toy.scheme(id)
    }
    fn hypothesis(&self, index: u32) -> Option<TermId> {
        self.toy.hypothesis(index)
    }
    fn head(&self, name: &str) -> Option<(Head, usize)> {
        self.toy.head(name)
    }
    fn head_name(&self, head: Head) -> String {
        self.toy.head_name(head)
    }
    fn label(&self, id: AssertionId) -> Option<String> {
        ["wi", "wn", "ax-mp", "ax-1", "ax-2", "apart", "idlemma"].get(id.index()).map(|&l| l.to_owned())
    }
}

impl Judge for Library {
    fn name(&self) -> String {
        "toy".into()
    }
    fn judge(&self, arena: &mut Arena, proof: &ProofObject) -> Result<(), String> {
        self.toy.judge(arena, proof)
    }
    fn judge_lemma(&self, _: &mut Arena, id: AssertionId) -> Result<(), String> {
        match id {
            AssertionId(6) => Err("its proof does not fit".into()),
            _ => Ok(()),
        }
    }
}

/// Fills holes with the same labels always.
struct Fill(Vec<String>);

impl Handler for Fill {
    fn handle(&mut self, request: &Request, _: &mut View<'_>) -> Result<Reply, Refusal> {
        assert!(matches!(
            &request.operands[..],
            [Given::Place(..), Given::Label(_), Given::Literal(_), Given::Literal(_)]
        ));
        Ok(Reply { labels: self.0.clone(), ..Reply::default() })
    }
}

struct Never;

impl Checker for Never {
    fn check(&mut self, _: &Request, _: &Reply, _: &mut View<'_>) -> Result<(), String> {
        Err("never".into())
    }
}

struct Done {
    stop: StopReason,
    machine: Machine<'static>,
}

fn ran_on(lines: &str, fickle: Option<u32>, fills: Option<&[&str]>, checker: Option<Box<dyn Checker>>) -> Done {
    let program = assemble(&format!(".block main\n{lines}")).unwrap_or_else(|e| panic!("{e}"));
    let (toy, arena) = Toy::new();
    let judge = Library { toy: Toy::new().0, fickle: None };
    let mut machine = Machine::new(Library { toy, fickle: fickle.map(Counter::new) }, judge, arena.clone());
    if let Some(labels) = fills {
        let labels = labels.iter().map(|&l| l.to_owned()).collect();
        machine.register(Opcode::Call, Box::new(Fill(labels)), checker).unwrap();
    }
    let stop = machine.run(&program, 1_000).unwrap().stop;
    assert!(machine.workspace.index_is_true());
    let mut replayed = arena;
    assert_eq!(machine.log.replay(&mut replayed).unwrap().digest(), machine.workspace.digest());
    Done { stop, machine }
}

fn ran(lines: &str, fills: Option<&[&str]>) -> Done {
    ran_on(lines, None, fills, None)
}

/// The fault that the last line raises; the workspace is as without that line.
fn broken(lines: &str, fills: Option<&[&str]>) -> (FaultKind, Option<String>) {
    let done = ran(lines, fills);
    let StopReason::Fault(f) = done.stop else { panic!("no fault: {:?}", done.stop) };
    let before = ran(lines.rsplit_once('\n').unwrap().0, fills);
    assert_eq!(before.stop, StopReason::End);
    assert_eq!(done.machine.workspace.digest(), before.machine.workspace.digest());
    (f.kind, f.address.map(|a| a.to_string()))
}

fn shown(m: &mut Machine, a: &str) -> String {
    let c = m.workspace.content(at(a));
    let t = m.resolved(c.as_term().unwrap());
    m.show(t)
}

const GOAL: &str = "MOV.goal 1:0:0, '(wi wph wps)\n";

#[test]
fn a_lemma_leaves_what_unify_leaves() {
    let called = ran(&format!("{GOAL}CALL 1:0:0, @apart"), None).machine;
    let unified = ran(&format!("{GOAL}UNIFY 1:0:0, @apart"), None).machine;
    let span = Span::new(at("0:0:0"), 1 << 30).unwrap();
    let cells = |m: &Machine| {
        let mut out = Vec::new();
        m.workspace.scan(span, &mut |a, c| {
            out.push((a, c.content()));
            true
        });
        out
    };
    assert_eq!(cells(&called), cells(&unified));
    let (mine, theirs) = (called.trace.events.last().unwrap(), unified.trace.events.last().unwrap());
    assert_eq!(mine.writes, theirs.writes);
    let (mine, theirs) = (mine.obligation.clone().unwrap(), theirs.obligation.clone().unwrap());
    assert_eq!((mine.claim, mine.discharge), ("called", Discharge::Judge));
    assert_eq!(mine.detail[..theirs.detail.len()], theirs.detail[..]);
    assert_eq!(mine.detail.last().unwrap(), "judge toy");
}

#[test]
fn a_schema_leaves_its_open_goals_in_front() {
    let lines = "MOV.goal 1:0:0, 'wch\nCALL 2:0:0, 1:0:0, @mp2";
    let mut m = ran(lines, None).machine;
    assert_eq!(["2:0:0", "2:0:1", "2:0:2"].map(|a| shown(&mut m, a)), ["?0", "?2", "(wi ?2 (wi ?0 wch))"]);
    assert!(["2:0:0", "2:0:1", "2:0:2"].iter().all(|a| m.workspace.content(at(a)).is_open_goal()));
    assert!(m.workspace.get(at("2:0:7")).is_empty() && !m.workspace.get(at("2:0:6")).is_empty());
    let link = Link { from: at("1:0:0"), kind: LinkKind::Subgoal, to: at("2:0:3") };
    assert!(m.workspace.links_from(at("1:0:0")).contains(&link));
    let said = m.trace.events.last().unwrap().obligation.clone().unwrap();
    assert_eq!((said.claim, said.discharge), ("called", Discharge::Checked));
    let steps: Vec<&String> = said.detail.iter().filter(|l| !l.starts_with('?')).collect();
    let expected = [
        "UNIFY 2:0:3, 1:0:0, @ax-mp",
        "MOV.goal 2:0:0, 2:0:3",
        "UNIFY 2:0:3, 2:0:0",
        "UNIFY 2:0:5, 2:0:4, @ax-mp",
        "MOV.goal 2:0:1, 2:0:5",
        "UNIFY 2:0:5, 2:0:1",
        "MOV.goal 2:0:2, 2:0:6",
        "UNIFY 2:0:6, 2:0:2",
    ];
    assert_eq!(steps, expected);
    // the same steps as instructions give the same cells
    let by_hand = format!("MOV.goal 1:0:0, 'wch\n{}", expected.join("\n"));
    let n = ran(&by_hand, None).machine;
    for slot in 0..7 {
        let a = at(&format!("2:0:{slot}"));
        assert_eq!(m.workspace.content(a), n.workspace.content(a), "{a}");
    }
}

#[test]
fn holes_are_filled_by_what_fits_with_the_rest() {
    let lines = "MOV.goal 1:0:0, '(wi wph wph)\nCALL 2:0:0, 1:0:0, @id\nUNIFY '?8, 'wph\nASSERT 3:0:0, 1:0:0";
    let done = ran(lines, Some(&["ax-2", "ax-1"]));
    assert_eq!(done.stop, StopReason::End, "{:?}", done.stop);
    assert!(done.machine.proof_at(at("3:0:0")).is_some());
    let detail = &done.machine.trace.events[1].obligation.as_ref().unwrap().detail;
    assert_eq!(detail.iter().filter(|l| l.ends_with("@ax-1")).count(), 2);
    let again = ran(lines, Some(&["ax-2", "ax-1"]));
    assert_eq!(done.machine.trace.hash(), again.machine.trace.hash());
}

#[test]
fn each_fault_leaves_everything_as_it_was() {
    use FaultKind as K;
    let one: Option<&[&str]> = Some(&["ax-1"]);
    let id = "MOV.goal 1:0:0, '(wi wph wph)\n";
    let fault = |line: &str, fills| broken(&format!("{GOAL}{line}"), fills).0;
    assert_eq!(fault("CALL 2:0:0, 1:0:0, @ax-mp", None), K::Label);
    assert_eq!(fault("UNIFY 1:0:0, @apart\nCALL 1:0:0, @apart", None), K::Goal);
    assert_eq!(fault("MOV 1:0:1, #1\nCALL 1:0:1, @apart", None), K::Type);
    assert_eq!(fault("CALL 1:0:9, @apart", None), K::Empty);
    assert_eq!(fault("CALL 1:0:0, @mp2", None), K::Operand);
    assert_eq!(fault("CALL 1:0:0, @one", None), K::Unify);
    assert_eq!(broken(&format!("{id}CALL 1:0:0, @apart"), None).0, K::Distinct);
    for slot in ["2:0:0", "2:0:4"] {
        let lines = format!("{GOAL}MOV {slot}, #1\nCALL 2:0:0, 1:0:0, @mp2");
        assert_eq!(broken(&lines, None), (K::Occupied, Some(slot.into())));
    }
    assert_eq!(fault("CALL 2:0:0, 1:0:0, @blind", one), K::Open);
    assert_eq!(broken(&format!("{id}CALL 2:0:0, 1:0:0, @id"), None).0, K::Unavailable);
    assert_eq!(broken(&format!("{id}CALL 2:0:0, 1:0:0, @id"), Some(&[])).0, K::Unproved);
    assert_eq!(broken(&format!("{id}CALL 2:0:0, 1:0:0, @id"), Some(&["ax-2"])).0, K::Unproved);
    assert_eq!(broken(&format!("{id}CALL 2:0:0, 1:0:0, @id"), Some(&["ax-mp"])).0, K::Handler);
    assert_eq!(broken(&format!("{id}CALL 2:0:0, 1:0:0, @id"), Some(&["nothing"])).0, K::Label);
    assert_eq!(broken(&format!("{id}CALL 2:0:0, 1:0:0, @id"), Some(&["ax-2"; 300])).0, K::Bound);
    assert_eq!(fault("CALL 2:0:0, 1:0:0, @long", None), K::Bound);
    assert_eq!(broken(&format!("{id}CALL 1:0:0, @idlemma"), None).0, K::Refused);
    assert_eq!(fault("CALL 2:0:0, 1:0:0, @nested", None), K::Refused);
}

#[test]
fn what_a_checker_refuses_and_what_differs_the_second_time_is_an_obligation() {
    let id = "MOV.goal 1:0:0, '(wi wph wph)\nCALL 2:0:0, 1:0:0, @id";
    let kind = |done: Done| match done.stop {
        StopReason::Fault(f) => f.kind,
        other => panic!("no fault: {other:?}"),
    };
    assert_eq!(kind(ran_on(id, None, Some(&["ax-1"]), Some(Box::new(Never)))), FaultKind::Obligation);
    // a goal that both ax-1 and idlemma unify with: only the second evaluation sees that the name changed its meaning
    let lines = "MOV.goal 1:0:0, 'wch\nUNIFY 1:1:0, 1:0:0, @ax-mp\nCALL 1:1:0, @one";
    assert_eq!(ran_on(lines, Some(9), None, None).stop, StopReason::End);
    assert_eq!(kind(ran_on(lines, Some(4), None, None)), FaultKind::Obligation);
}

#[test]
fn a_mask_holds_for_what_is_between_too() {
    let program = assemble(&format!(".block main\n{GOAL}CALL 2:0:0, 1:0:0, @mp2")).unwrap();
    let (toy, arena) = Toy::new();
    let judge = Library { toy: Toy::new().0, fickle: None };
    let mut m = Machine::new(Library { toy, fickle: None }, judge, arena);
    let mut mask = Mask::default();
    *mask.pages_mut(Right::Write) = PageSet::parse(["1"]).unwrap();
    m.set_mask(mask);
    let StopReason::Fault(f) = m.run(&program, 10).unwrap().stop else { panic!("no fault") };
    assert_eq!(f.kind, FaultKind::Mask);
}

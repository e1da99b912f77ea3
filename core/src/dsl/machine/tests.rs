//! Each opcode's effect, fault and obligation; snapshots; replay; proofs as programs.

mod builtins;
mod call;
mod fast;
mod handlers;
mod heads;
mod mutated;
mod random;
mod references;

use super::toy::{imp, Toy};
use super::*;
use crate::dsl::formulas::logic::Justification;
use crate::dsl::isa::Slot;
use crate::dsl::log::hash::Sha2;
use crate::dsl::machine::obligation::Discharge;
use crate::dsl::memory::cell::{Span, Tag};
use crate::dsl::memory::mask::PageSet;
use crate::dsl::memory::workspace::Link;
use crate::dsl::programs::asm::{assemble, disassemble};
use crate::dsl::programs::proof_program::{proof_program, Layout, ProofNode, ProofProgramError};
use crate::metamath_db::ids::{AssertionId, SymbolId};

fn at(s: &str) -> Address {
    s.parse().unwrap()
}

/// Runs the lines as the only block on a fresh machine and hands it over, after the checks that hold for every
/// run: the log replays to the same workspace, the index is true, a second run gives the same trace.
fn run<R>(lines: &str, check: impl Fn(&mut Machine, StopReason) -> R) -> R {
    let text = match lines.contains(".block") {
        true => lines.to_string(),
        false => format!(".block main\n{lines}"),
    };
    let program = assemble(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let (toy, arena) = Toy::new();
    let mut m = Machine::new(&toy, &toy, arena.clone());
    let out = m.run(&program, 10_000).unwrap();
    let mut replayed = arena.clone();
    let w = m.log.replay(&mut replayed).unwrap();
    assert_eq!(w.digest(), m.workspace.digest());
    assert!(m.workspace.index_is_true() && w.index_is_true());
    let mut grown = arena;
    grown.make(crate::metamath_db::terms::term::Head::variable(SymbolId(77)), &[]);
    let mut again = Machine::new(&toy, &toy, grown);
    assert_eq!(again.run(&program, 10_000).unwrap(), out);
    assert_eq!(again.trace.hash(), m.trace.hash(), "the trace does not depend on arena ids");
    check(&mut m, out.stop)
}

/// The content of a cell after the lines, which must end without fault.
fn cell(lines: &str, a: &str) -> Content {
    run(lines, |m, stop| {
        assert_eq!(stop.status(), 0, "{stop:?}");
        m.workspace.content(at(a))
    })
}

/// The fault that the last line raises; the workspace must be as without that line.
fn fault(lines: &str) -> (FaultKind, Option<Address>) {
    run(lines, |m, stop| {
        let StopReason::Fault(f) = stop else { panic!("no fault: {stop:?}") };
        let before = lines.trim_end().rsplit_once('\n').map_or("", |l| l.0);
        if !lines.contains(".block") {
            let digest = run(before, |n, stop| {
                assert_eq!(stop, StopReason::End);
                n.workspace.digest()
            });
            assert_eq!(m.workspace.digest(), digest);
            assert_eq!(f.instruction as usize, before.lines().count());
        }
        assert!(!f.claim.is_empty() && f.to_string().contains(f.opcode.name()));
        (f.kind, f.address)
    })
}

/// Kind and discharge of the claim that the last executed instruction left.
fn claim(lines: &str) -> (&'static str, Discharge) {
    run(lines, |m, _| {
        let o = m.trace.events.last().unwrap().obligation.clone().unwrap();
        assert_eq!(o.id as usize, m.obligations.len());
        assert_eq!(m.obligations.last().unwrap().claim.name(), o.claim);
        for w in &m.trace.events.last().unwrap().writes {
            assert_eq!(m.workspace.get(w.address).obligation, o.id);
        }
        (o.claim, o.discharge)
    })
}

fn refs(lines: &str, a: &str) -> Vec<String> {
    run(lines, |m, stop| {
        assert_eq!(stop.status(), 0, "{stop:?}");
        let n = m.workspace.content(at(a)).as_int().unwrap() as u64;
        let one = |i| m.workspace.content(at(a).plus(i).unwrap());
        (1..=n)
            .map(|i| match (one(i).as_ref(), one(i).as_pair()) {
                (Some(r), _) => r.to_string(),
                (_, Some((x, y))) => format!("{x}+{y}"),
                _ => panic!("neither ref nor pair"),
            })
            .collect()
    })
}

#[test]
fn mov() {
    assert_eq!(cell("MOV 1:0:0, #-5", "1:0:0").as_int(), Some(-5));
    assert_eq!(cell("MOV 1:0:0, \"hé\"", "1:0:0").as_bytes().unwrap(), "hé".as_bytes());
    let two = "MOV 1:0:0, '(wi wph wps)\nMOV.goal 1:0:1, 1:0:0\nMOV.term 1:0:2, 1:0:1";
    assert!(cell(two, "1:0:1").is_open_goal());
    assert_eq!(cell(two, "1:0:2"), cell(two, "1:0:0"));
    assert_eq!(claim(two), ("equal", Discharge::Checked));
    assert_eq!(fault("MOV 1:0:0, 1:0:1"), (FaultKind::Empty, Some(at("1:0:1"))));
    assert_eq!(fault("MOV 4194304:0:0, #1"), (FaultKind::Address, Some(at("4194304:0:0"))));
    assert_eq!(fault("MOV.goal 1:0:0, #1").0, FaultKind::Type);
    assert_eq!(fault("MOV 1:0:0, '(wx wph)").0, FaultKind::Term);
    assert_eq!(fault("MOV 1:0:0, '(wi wph)").0, FaultKind::Term);
    assert_eq!(fault("MOV 1:0:0, '?0").0, FaultKind::Term);
}

#[test]
fn indirect_operands_and_predicates() {
    let p = "MOV 1:0:0, #1\nMOV 1:0:1, #7\nSCAN 1:0:2, 1:0:1*1, #7\n";
    assert_eq!(cell(&format!("{p}MOV 2:0:0, [1:0:3]"), "2:0:0").as_int(), Some(7));
    assert_eq!(cell(&format!("{p}REDUCE 2:0:0, [1:0:3]*1"), "2:0:0").as_int(), Some(7));
    assert_eq!(fault(&format!("{p}MOV 2:0:0, [1:0:1]")).0, FaultKind::Type);
    let q = "CMP.lt 1:0:0, #1, #2\n!1:0:0 MOV 1:0:1, #1\n?1:0:0 MOV 1:0:2, #2";
    assert!(cell(q, "1:0:1").tag == Tag::Empty && cell(q, "1:0:2").as_int() == Some(2));
    run(q, |m, _| {
        let executed: Vec<bool> = m.trace.events.iter().map(|e| e.executed).collect();
        assert_eq!(executed, [true, false, true]);
    });
    assert_eq!(fault("?1:0:0 HALT #0"), (FaultKind::Predicate, Some(at("1:0:0"))));
}

const TERMS: &str = "\
UNIFY 9:0:0, 9:0:0\n\
MOV 2:0:0, '(wi ?0 ?1)\nMOV 2:0:1, '(wi wph wps)\nMOV 2:0:2, '(wi wph ?0)\nMOV 2:0:3, '(wi ?0 ?0)\n\
MOV 2:0:4, 'wch\nMOV 2:0:5, '(wi wph wps)\n";

/// The lines on a machine whose metavariables ?0 … ?2 are in use (host's doing).
fn with_metas<R>(lines: &str, check: impl Fn(&mut Machine, StopReason) -> R) -> R {
    let lines = lines.replace("UNIFY 9:0:0, 9:0:0\n", "");
    let program = assemble(&format!(".block main\n{lines}")).unwrap();
    let (toy, arena) = Toy::new();
    let mut m = Machine::new(&toy, &toy, arena);
    let x = m.arena_mut().meta(2);
    m.load(at("9:0:0"), Content::term(x)).unwrap();
    assert_eq!(m.metas_in_use(), 3);
    let stop = m.run(&program, 1000).unwrap().stop;
    check(&mut m, stop)
}

fn found(line: &str) -> Vec<String> {
    with_metas(&format!("{TERMS}{line}"), |m, stop| {
        assert_eq!(stop, StopReason::End);
        let n = m.workspace.content(at("3:0:0")).as_int().unwrap() as u64;
        let one = |i| m.workspace.content(at("3:0:0").plus(i).unwrap()).as_ref().unwrap();
        (1..=n).map(|i| one(i).to_string()).collect()
    })
}

#[test]
fn readk() {
    assert_eq!(found("READK 3:0:0, '(wi wph wps), 2:0:0*16, #9"), ["2:0:1", "2:0:5"]);
    assert_eq!(found("READK 3:0:0, 2:0:1"), ["2:0:5"]);
    assert_eq!(found("READK 3:0:0, #5").len(), 0);
    assert_eq!(found("READK.gen 3:0:0, 2:0:1, 2:0:0*16, #9"), ["2:0:0", "2:0:2", "2:0:5"]);
    assert_eq!(found("READK.inst 3:0:0, 2:0:0, 2:0:0*16, #9"), ["2:0:1", "2:0:2", "2:0:3", "2:0:5"]);
    assert_eq!(found("READK.unify 3:0:0, 2:0:3, 2:0:0*16, #9"), ["2:0:0", "2:0:2"]);
    assert_eq!(found("READK.inst 3:0:0, 2:0:0, 2:0:0*16, #1"), ["2:0:1"]);
    with_metas(&format!("{TERMS}READK.gen 3:0:0, 2:0:1"), |m, _| {
        let o = m.trace.events.last().unwrap().obligation.clone().unwrap();
        assert_eq!((o.claim, o.discharge), ("matches", Discharge::Checked));
        assert_eq!(o.detail, ["2:0:0 ?0=wph ?1=wps"]);
    });
    assert_eq!(fault("READK.gen 3:0:0, #1").0, FaultKind::Type);
    assert_eq!(fault("READK.near 3:0:0, #1").0, FaultKind::Unavailable);
}

/// An index that lies must be caught by the check of the witness.
#[test]
fn a_lying_index_is_a_fault() {
    struct Liar;
    impl TermIndex for Liar {
        fn read(
            &self,
            _: &mut Arena,
            _: &Workspace,
            _: crate::dsl::isa::ReadMode,
            _: TermId,
            _: Span,
            _: Option<Address>,
            _: usize,
        ) -> Vec<crate::dsl::machine::obligation::Witness> {
            vec![crate::dsl::machine::obligation::Witness { address: at("1:0:0"), substitution: Vec::new() }]
        }
    }
    let (toy, arena) = Toy::new();
    let mut m = Machine::new(&toy, &toy, arena).with_index(Box::new(Liar));
    let p = assemble(".block m\nMOV 1:0:0, 'wph\nREADK.gen 2:0:0, 'wps").unwrap();
    let StopReason::Fault(f) = m.run(&p, 9).unwrap().stop else { panic!("no fault") };
    assert_eq!((f.kind, f.address), (FaultKind::Obligation, Some(at("1:0:0"))));
}

#[test]
fn writek() {
    let p = "MOV 2:0:1, #4\nWRITEK 3:0:0, 2:0:0*3, #4, #5\nWRITEK 3:0:1, 2:0:0*3, #4, #6\n";
    assert_eq!(cell(p, "2:0:1").as_int(), Some(5));
    assert_eq!(cell(p, "3:0:0").as_ref(), Some(at("2:0:1")));
    assert_eq!(cell(p, "2:0:0").as_int(), Some(6));
    assert_eq!(claim(p), ("matches", Discharge::Checked));
    let full = format!("{p}MOV 2:0:2, #1\nWRITEK 3:0:2, 2:0:0*3, #9, #9");
    assert_eq!(fault(&full).0, FaultKind::Occupied);
    assert_eq!(fault("WRITEK 2:0:0, 2:0:0*3, #9, #9").0, FaultKind::Operand);
    assert_eq!(fault("WRITEK 2:0:0, 4194304:0:0*3, #9, #9").0, FaultKind::Address);
}

#[test]
fn link() {
    let p = "MOV 1:0:0, #0\nMOV 1:0:1, #1\nLINK.before 1:0:0, 1:0:1\nLINK.before 1:0:0, 1:0:1\n";
    run(p, |m, _| {
        let (from, to) = (at("1:0:0"), at("1:0:1"));
        let kind = crate::dsl::isa::LinkKind::Before;
        assert_eq!(m.workspace.links_from(from), [Link { from, kind, to }]);
        let links: Vec<usize> = m.trace.events.iter().map(|e| e.links.len()).collect();
        assert_eq!(links, [0, 0, 1, 0], "a link that is there changes nothing");
    });
    assert_eq!(claim(p), ("linked", Discharge::Checked));
    assert_eq!(fault(&format!("{p}LINK.before 1:0:1, 1:0:0")).0, FaultKind::Link);
    assert_eq!(fault(&format!("{p}LINK 1:0:1, 1:0:2")), (FaultKind::Link, Some(at("1:0:2"))));
    run(&format!("{p}LINK.edge 1:0:1, 1:0:0\nLINK.edge 1:0:0, 1:0:1"), |_, stop| assert_eq!(stop, StopReason::End));
}

#[test]
fn cmp() {
    for (line, expected) in [
        ("CMP 1:0:0, #1, #1", true),
        ("CMP.ne 1:0:0, #1, \"1\"", true),
        ("CMP.lt 1:0:0, #-1, #1", true),
        ("CMP.ge 1:0:0, #-1, #1", false),
        ("CMP.le 1:0:0, \"ab\", \"b\"", true),
        ("CMP.gt 1:0:0, #2, #1", true),
        ("CMP 1:0:0, '(wi wph wph), '(wi wph wph)", true),
        ("CMP 1:0:0, 'wph, 'wps", false),
    ] {
        assert_eq!(cell(line, "1:0:0").as_bool(), Some(expected), "{line}");
    }
    assert_eq!(claim("CMP 1:0:0, #1, #1"), ("rerun", Discharge::Replay));
    assert_eq!(fault("CMP.lt 1:0:0, 'wph, 'wph").0, FaultKind::Type);
    assert_eq!(fault("CMP.lt 1:0:0, #1, \"1\"").0, FaultKind::Type);
    with_metas("UNIFY '?0, 'wph\nCMP 1:0:0, '?0, 'wph", |m, _| {
        assert_eq!(m.workspace.content(at("1:0:0")).as_bool(), Some(true), "under the bindings");
    });
}

/// The relations of links: programs can read what LINK wrote.
#[test]
fn links_are_relations() {
    let p = "MOV 2:0:0, #1\nMOV 2:0:1, #1\nMOV 2:0:2, #1\nLINK.edge 2:0:0, 2:0:1\nLINK.edge 2:0:0, 2:0:2\n\
             LINK.edge 2:0:1, 2:0:0\nLINK.before 2:0:1, 2:0:2\n";
    let holds = |op: &str, a: &str, b: &str| cell(&format!("{p}CMP.{op} 1:0:0, {a}, {b}"), "1:0:0").as_bool();
    assert_eq!(holds("edge", "2:0:0", "2:0:2"), Some(true));
    assert_eq!(holds("edge", "2:0:2", "2:0:0"), Some(false));
    assert_eq!(holds("before", "2:0:1", "2:0:2"), Some(true));
    assert_eq!(refs(&format!("{p}SCAN.edge 3:0:0, 2:0:0*3, 2:0:0"), "3:0:0"), ["2:0:1"]);
    let pairs = ["2:0:0+2:0:1", "2:0:0+2:0:2", "2:0:1+2:0:0"];
    assert_eq!(refs(&format!("{p}JOIN.edge 3:0:0, 2:0:0*3, 2:0:0*3"), "3:0:0"), pairs);
    assert_eq!(fault(&format!("{p}CMP.edge 1:0:0, 2:0:0, #1")).0, FaultKind::Type);
}

const NUMBERS: &str = "MOV 2:0:0, #3\nMOV 2:0:2, #-1\nMOV 2:0:3, #8\n";

#[test]
fn scan_and_join() {
    let scan = |op: &str| refs(&format!("{NUMBERS}MOV 2:0:5, \"x\"\nSCAN.{op}, #3"), "3:0:0");
    assert_eq!(scan("gt 3:0:0, 2:0:0*16"), ["2:0:3"]);
    assert_eq!(scan("ne 3:0:0, 2:0:0*16"), ["2:0:2", "2:0:3", "2:0:5"]);
    assert_eq!(scan("le 3:0:0, 2:0:1*16"), ["2:0:2"]);
    let join = format!("{NUMBERS}JOIN.lt 3:0:0, 2:0:0*4, 2:0:0*4");
    assert_eq!(refs(&join, "3:0:0"), ["2:0:0+2:0:3", "2:0:2+2:0:0", "2:0:2+2:0:3"]);
    assert_eq!(claim(&join), ("rerun", Discharge::Replay));
    assert_eq!(claim(&format!("{NUMBERS}SCAN 3:0:0, 2:0:0*4, #3")).0, "rerun");
    assert_eq!(fault("SCAN 3:0:0, 2:0:0*4, 1:0:0").0, FaultKind::Empty);
    let end = "SCAN 4194303:15:15, 2:0:0*4, #3";
    assert_eq!(fault(&format!("{NUMBERS}{end}")).0, FaultKind::Address);
}

#[test]
fn reduce() {
    let r = |f: &str| cell(&format!("{NUMBERS}REDUCE.{f} 3:0:0, 2:0:0*9"), "3:0:0").as_int();
    assert_eq!([r("sum"), r("product"), r("min")], [Some(10), Some(-24), Some(-1)]);
    assert_eq!([r("max"), r("count")], [Some(8), Some(3)]);
    let b = "CMP 2:0:0, #1, #1\nCMP 2:0:1, #1, #2\n";
    assert_eq!(cell(&format!("{b}REDUCE.all 3:0:0, 2:0:0*9"), "3:0:0").as_bool(), Some(false));
    assert_eq!(cell(&format!("{b}REDUCE.any 3:0:0, 2:0:0*9"), "3:0:0").as_bool(), Some(true));
    assert_eq!(cell("REDUCE.all 3:0:0, 2:0:0*9", "3:0:0").as_bool(), Some(true));
    assert_eq!(cell("REDUCE.product 3:0:0, 2:0:0*9", "3:0:0").as_int(), Some(1));
    assert_eq!(claim("REDUCE.sum 3:0:0, 2:0:0*9"), ("rerun", Discharge::Replay));
    assert_eq!(fault("REDUCE.min 3:0:0, 2:0:0*9").0, FaultKind::Empty);
    assert_eq!(fault(&format!("{NUMBERS}REDUCE.all 3:0:0, 2:0:0*9")).0, FaultKind::Type);
    let big = "MOV 2:0:0, #9223372036854775807\nMOV 2:0:1, #1\nREDUCE.sum 3:0:0, 2:0:0*9";
    assert_eq!(fault(big).0, FaultKind::Arithmetic);
}

#[test]
fn map() {
    let f = |f: &str, b: &str| {
        let lines = format!("{NUMBERS}MAP.{f} 3:0:0, 2:0:0*4{b}");
        ["3:0:0", "3:0:1", "3:0:2", "3:0:3"].map(|a| cell(&lines, a).as_int())
    };
    assert_eq!(f("add", ", #1"), [Some(4), None, Some(0), Some(9)]);
    assert_eq!(f("sub", ", #1"), [Some(2), None, Some(-2), Some(7)]);
    assert_eq!(f("mul", ", #2"), [Some(6), None, Some(-2), Some(16)]);
    assert_eq!(f("div", ", #2"), [Some(1), None, Some(-1), Some(4)]);
    assert_eq!(f("mod", ", #2"), [Some(1), None, Some(1), Some(0)]);
    assert_eq!(f("neg", ""), [Some(-3), None, Some(1), Some(-8)]);
    assert_eq!(f("copy", ""), [Some(3), None, Some(-1), Some(8)]);
    let b = "CMP 2:0:0, #1, #1\n";
    assert_eq!(cell(&format!("{b}MAP.not 3:0:0, 2:0:0*4"), "3:0:0").as_bool(), Some(false));
    assert_eq!(cell(&format!("{b}MAP.and 3:0:0, 2:0:0*1, 2:0:0"), "3:0:0").as_bool(), Some(true));
    assert_eq!(cell(&format!("{b}MAP.or 3:0:0, 2:0:0*1, 2:0:0"), "3:0:0").as_bool(), Some(true));
    let p = format!("{NUMBERS}SCAN.gt 3:0:0, 2:0:0*4, #3\n");
    assert_eq!(cell(&format!("{p}MAP.deref 4:0:0, 3:0:1*1"), "4:0:0").as_int(), Some(8));
    assert_eq!(cell(&format!("{p}MAP.sub 4:0:0, 3:0:1*1, #3"), "4:0:0").as_ref(), Some(at("2:0:0")));
    assert_eq!(claim(&p), ("rerun", Discharge::Replay));
    with_metas("MOV 2:0:0, '(wi ?0 wps)\nUNIFY '?0, 'wph\nMAP.resolve 3:0:0, 2:0:0*1", |m, _| {
        assert_eq!(m.trace.events.last().unwrap().writes[0].value, "(wi wph wps)");
    });
    assert_eq!(fault(&format!("{NUMBERS}MAP.div 3:0:0, 2:0:0*4, #0")).0, FaultKind::Arithmetic);
    assert_eq!(fault(&format!("{NUMBERS}MAP.not 3:0:0, 2:0:0*4")).0, FaultKind::Type);
    let overflow = "MOV 2:0:0, #-9223372036854775808\nMAP.neg 3:0:0, 2:0:0*1";
    assert_eq!(fault(overflow).0, FaultKind::Arithmetic);
}

#[test]
fn unify_takes_a_proof_step() {
    let p = "MOV.goal 1:0:0, '(wi wph wph)\nUNIFY 1:0:1, 1:0:0, @ax-mp\n";
    run(p, |m, stop| {
        assert_eq!(stop, StopReason::End);
        let goal = m.workspace.content(at("1:0:0"));
        let step = StepTaken::Assertion { id: 2, first: at("1:0:1"), metas: 0 };
        assert_eq!(goal.step(), Some(step));
        assert!(m.workspace.content(at("1:0:1")).is_open_goal());
        let event = m.trace.events.last().unwrap().clone();
        let values: Vec<&str> = event.writes.iter().map(|w| w.value.as_str()).collect();
        let ph2 = "(wi wph wph)";
        assert_eq!(values, [ph2, "?0", "(wi ?0 (wi wph wph))", "2", ph2]);
        assert_eq!(event.links.len(), 2);
        assert_eq!(event.obligation.unwrap().detail, ["?1=(wi wph wph)"]);
        assert_eq!(m.metas_in_use(), 2);
        assert_eq!(m.meta_value(1), goal.as_term());
    });
    assert_eq!(claim(p), ("unified", Discharge::Checked));
    assert_eq!(fault(&format!("{p}UNIFY 1:0:3, 1:0:0, @ax-mp")), (FaultKind::Goal, Some(at("1:0:0"))));
    assert_eq!(fault(&format!("{p}UNIFY 1:0:2, 1:0:1, @ax-mp")), (FaultKind::Occupied, Some(at("1:0:2"))));
    assert_eq!(fault(&format!("{p}UNIFY 1:0:1, @ax-mp")).0, FaultKind::Operand);
    assert_eq!(fault(&format!("{p}UNIFY 1:0:1, @nowhere")).0, FaultKind::Label);
    let ground = "MOV.goal 1:0:0, '(wi wph wps)\n";
    assert_eq!(fault(&format!("{ground}UNIFY 1:0:0, @ax-1")).0, FaultKind::Unify);
    assert_eq!(fault(&format!("{ground}UNIFY 1:0:0, @h1")).0, FaultKind::Unify);
    assert_eq!(fault("MOV 1:0:0, 'wph\nUNIFY 1:0:0, @h1").0, FaultKind::Type);
}

#[test]
fn unify_closes_by_hypothesis_and_by_shared_goal_and_keeps_distinct_pairs() {
    let p = "MOV.goal 1:0:0, 'wps\nUNIFY 1:0:0, @h1\n";
    assert_eq!(cell(p, "1:0:0").step(), Some(StepTaken::Hypothesis(0)));
    let shared = format!("{p}MOV.goal 1:0:1, 'wps\nUNIFY 1:0:1, 1:0:0\n");
    assert_eq!(cell(&shared, "1:0:1").step(), Some(StepTaken::Shared(at("1:0:0"))));
    let cycle = "MOV.goal 1:0:0, 'wps\nMOV.goal 1:0:1, 'wps\nUNIFY 1:0:0, 1:0:1\nUNIFY 1:0:1, 1:0:0";
    assert_eq!(fault(cycle), (FaultKind::Link, Some(at("1:0:1"))));
    assert_eq!(fault("MOV.goal 1:0:0, 'wps\nUNIFY 1:0:0, 1:0:0").0, FaultKind::Link);
    let apart = "MOV.goal 1:0:0, '(wi wph wps)\nUNIFY 1:0:0, @apart\n";
    run(apart, |m, _| {
        let detail = m.trace.events.last().unwrap().obligation.clone().unwrap().detail;
        assert_eq!(detail, ["?0=wph", "?1=wps", "$d wph wps"]);
    });
    let touching = "MOV.goal 1:0:0, '(wi wph wph)\nUNIFY 1:0:0, @apart";
    assert_eq!(fault(touching).0, FaultKind::Distinct);
    with_metas("UNIFY '?0, '(wi wph ?1)\nUNIFY '?0, '(wi ?2 wch)", |m, _| {
        let mut a = m.arena.clone();
        let (ph, ch) = (a.variable(SymbolId(0)), a.variable(SymbolId(2)));
        assert_eq!((m.meta_value(1), m.meta_value(2)), (Some(ch), Some(ph)));
    });
    with_metas("UNIFY '?0, '(wi ?0 wph)", |_, stop| {
        assert_eq!(stop.status(), FaultKind::Unify.status(), "occurs check");
    });
    assert_eq!(fault("UNIFY #1, 'wph").0, FaultKind::Type);
}

/// The example of docs/isa.md, word for word.
#[test]
fn the_example_of_the_specification_proves_id() {
    let doc = include_str!("../../../../docs/isa.md");
    let example = doc.split("## An example").nth(1).unwrap().split("```").nth(1).unwrap();
    run(example, |m, stop| {
        assert_eq!(stop, StopReason::Halted(0));
        let proof = m.proof_at(at("2:0:0")).unwrap();
        let labels: Vec<u32> = proof
            .steps
            .iter()
            .map(|s| match s.by {
                Justification::Assertion(AssertionId(i)) => i,
                Justification::Hypothesis(_) => 99,
            })
            .collect();
        assert_eq!(labels, [3, 3, 4, 2, 2]);
        assert_eq!(proof.steps[4].premises, [0, 3]);
        assert_eq!(proof.goal, proof.steps[4].conclusion);
        let fact = m.workspace.get(at("2:0:0"));
        let o = &m.obligations[fact.obligation as usize - 1];
        let judge = "toy".to_string();
        assert_eq!(o.claim, Claim::Proof { proof: 0, judge });
        assert_eq!(o.claim.discharge(), Discharge::Judge);
    });
    let open = example.replace("UNIFY    '?10, 'wph", "; UNIFY");
    run(&open, |_, stop| match stop {
        StopReason::Fault(f) => assert_eq!((f.kind, f.claim.contains("?10")), (FaultKind::Open, true), "{f}"),
        other => panic!("{other:?}"),
    });
}

fn node(label: &str, premises: &[u32], variables: u32, values: &[(u32, &str)]) -> ProofNode {
    ProofNode {
        label: label.into(),
        premises: premises.into(),
        variables,
        values: values.iter().map(|v| (v.0, v.1.into())).collect(),
    }
}

#[test]
fn a1i_from_its_hypothesis_by_a_built_program() {
    let nodes = [node("ax-mp", &[1, 2], 2, &[]), node("h1", &[], 0, &[]), node("ax-1", &[], 2, &[])];
    let program = proof_program(Some("(wi wph wps)"), &nodes, 0, Layout::default(), 0).unwrap();
    run(&disassemble(&program), |m, stop| {
        assert_eq!(stop, StopReason::Halted(0));
        let proof = m.proof_at(Layout::default().fact).unwrap();
        assert_eq!(proof.steps.len(), 3);
        assert_eq!(proof.steps[0].by, Justification::Hypothesis(0));
        assert_eq!(proof.steps[2].premises, [0, 1]);
    });
    let cyclic = [node("ax-mp", &[0, 0], 2, &[])];
    let built = proof_program(None, &cyclic, 0, Layout::default(), 0);
    assert_eq!(built, Err(ProofProgramError::Cycle(0)));
    let built = proof_program(None, &[], 0, Layout::default(), 0);
    assert_eq!(built, Err(ProofProgramError::NoNode(0)));
}

#[test]
fn shared_nodes_are_proved_once_and_open_variables_get_values() {
    // ( ph -> ( ps -> ps ) ) from id of ps twice over: ax-mp, ax-1, and id with its dummy variable set.
    let nodes = [
        node("ax-mp", &[1, 6], 2, &[]),
        node("ax-mp", &[2, 3], 2, &[]),
        node("ax-1", &[], 2, &[(1, "wch")]),
        node("ax-mp", &[4, 5], 2, &[]),
        node("ax-1", &[], 2, &[]),
        node("ax-2", &[], 3, &[]),
        node("ax-1", &[], 2, &[]),
    ];
    let program = proof_program(Some("(wi wph (wi wps wps))"), &nodes, 0, Layout::default(), 0).unwrap();
    run(&disassemble(&program), |m, stop| {
        assert_eq!(stop, StopReason::Halted(0), "{:#?}", m.trace.events.last());
        assert_eq!(m.proof_at(Layout::default().fact).unwrap().steps.len(), 7);
    });
    // A goal that is needed twice: ps from h1, once as shared goal.
    let nodes = [
        node("ax-mp", &[1, 2], 2, &[]),
        node("h1", &[], 0, &[]),
        node("ax-mp", &[1, 3], 2, &[]),
        node("ax-1", &[], 2, &[]),
    ];
    let program = proof_program(Some("(wi wph wps)"), &nodes, 0, Layout::default(), 0).unwrap();
    assert!(disassemble(&program).contains("UNIFY 1:0:3, 1:0:1\n"));
}

#[test]
fn assert_refuses_what_is_open_overwritten_or_refused_by_the_judge() {
    let p = "MOV.goal 1:0:0, '(wi wph wph)\n";
    assert_eq!(fault(&format!("{p}ASSERT 2:0:0, 1:0:0")), (FaultKind::Open, Some(at("1:0:0"))));
    let refused = format!("{p}UNIFY 1:0:0, @idlemma\nASSERT 2:0:0, 1:0:0");
    assert_eq!(fault(&refused).0, FaultKind::Refused);
    assert_eq!(fault("MOV 1:0:0, 'wph\nASSERT 2:0:0, 1:0:0").0, FaultKind::Type);
    let forged = "\
MOV.goal 1:0:0, '(wi wph wps)\nUNIFY 1:0:1, 1:0:0, @ax-mp\nUNIFY 1:0:1, @h1\n\
MOV.goal 1:0:2, '(wi wps (wi wch wps))\nUNIFY 1:0:2, @ax-1\nASSERT 2:0:0, 1:0:0";
    assert_eq!(fault(forged), (FaultKind::Unify, Some(at("1:0:2"))));
}

#[test]
fn facts_are_premises_and_can_be_used_again() {
    let p = "\
MOV.goal 1:0:0, 'wps\nUNIFY 1:0:0, @h1\nASSERT 2:0:0, 1:0:0\n\
MOV.goal 1:1:0, '(wi wph wps)\nUNIFY 1:1:1, 1:1:0, @ax-mp\nUNIFY 1:1:1, 2:0:0\nUNIFY 1:1:2, @ax-1\n\
ASSERT 2:0:1, 1:1:0\n";
    run(p, |m, stop| {
        assert_eq!(stop, StopReason::End);
        let links = m.workspace.links_from(at("2:0:1"));
        assert_eq!((links.len(), links[0].to), (1, at("2:0:0")));
        assert_eq!(m.proof_at(at("2:0:1")).unwrap().steps.len(), 3);
    });
    let over = format!("{p}ASSERT 2:0:0, 1:1:0");
    assert_eq!(fault(&over), (FaultKind::Link, Some(at("2:0:0"))));
    let (toy, arena) = Toy::new();
    let mut m = Machine::new(&toy, &toy, arena);
    let t = m.arena_mut().variable(SymbolId(0));
    assert!(m.load(at("1:0:0"), Content::fact(t, 0)).is_err(), "no fact without ASSERT");
}

const CHILD: &str = "\
.block main
    MOV 1:0:0, #1
    SPAWN 2:0:0, %good, #10
    !2:0:0 MOV 1:0:3, #0
    SPAWN 2:0:1, %bad, #10
    !2:0:1 SPAWN 2:0:2, %good, #10
    SPAWN.test 2:0:3, %what-if, #10
    SPAWN 2:0:4, %long, #2
.block good
    MOV 1:0:1, #2
.block bad
    MOV 1:0:2, #2
    MOV 1:0:2, 9:9:9
.block what-if
    MOV 1:0:0, #5
    HALT #0
.block long
    MOV 1:0:4, #1
    MOV 1:0:4, #2
    MOV 1:0:4, #3
";

#[test]
fn spawn_adopts_success_and_drops_failure() {
    run(CHILD, |m, stop| {
        assert_eq!(stop, StopReason::End);
        let w = |a: &str| m.workspace.content(at(a));
        assert_eq!((w("1:0:1").as_int(), w("1:0:0").as_int()), (Some(2), Some(1)));
        for dropped in ["1:0:2", "1:0:3", "1:0:4"] {
            assert_eq!(w(dropped).tag, Tag::Empty);
        }
        let status = |a: &str| (w(a).as_bool().unwrap(), w(a).inline[0], w(a).inline[1]);
        assert_eq!(status("2:0:0"), (true, 0, 1));
        assert_eq!(status("2:0:1"), (false, u64::from(FaultKind::Empty.status()), 2));
        assert_eq!(status("2:0:2"), (true, 0, 1));
        assert_eq!(status("2:0:3"), (true, 0, 2));
        assert_eq!(status("2:0:4"), (false, u64::from(FaultKind::Budget.status()), 2));
        let depths: Vec<u32> = m.trace.events.iter().map(|e| e.depth).collect();
        assert_eq!(depths, [0, 1, 0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0]);
        let last = m.obligations.last().unwrap();
        assert_eq!(last.claim.discharge(), Discharge::Child);
    });
}

#[test]
fn spawn_while_counts_down_and_is_bounded() {
    let text = "\
.block main
    MOV 1:0:0, #5
    MOV 1:0:1, #0
    CMP.gt 1:0:2, 1:0:0, #0
    SPAWN.while 1:0:3, %round, #1000, 1:0:2
.block round
    MAP.add 1:0:1, 1:0:1*1, 1:0:0
    MAP.sub 1:0:0, 1:0:0*1, #1
    CMP.gt 1:0:2, 1:0:0, #0
";
    assert_eq!(cell(text, "1:0:1").as_int(), Some(15));
    let endless = ".block main\nCMP 1:0:0, #1, #1\nSPAWN.while 1:0:1, %round, #100, 1:0:0\n.block round\n";
    let status = cell(endless, "1:0:1");
    assert_eq!((status.as_bool(), status.inline[1]), (Some(false), 100));
    let wrong = ".block main\nMOV 1:0:0, #1\nSPAWN.while 1:0:1, %main, #100, 1:0:0\n";
    assert_eq!(fault(wrong), (FaultKind::Predicate, Some(at("1:0:0"))));
}

#[test]
fn recursion_ends_at_a_stated_depth_and_budgets_hold() {
    let text = ".block main\n    SPAWN 1:0:0, %main, #5000\n";
    run(text, |m, stop| {
        assert_eq!(stop, StopReason::End);
        let deepest = m.trace.events.iter().find_map(|e| e.fault.clone()).unwrap();
        assert_eq!(deepest.kind, FaultKind::Depth);
    });
    let (toy, arena) = Toy::new();
    let mut m = Machine::new(&toy, &toy, arena);
    let p = assemble(".block main\nMOV 1:0:0, #1\nMOV 1:0:0, #2\n").unwrap();
    let out = m.run(&p, 1).unwrap();
    assert_eq!((out.stop, out.steps), (StopReason::Budget, 1));
    assert_eq!(m.workspace.content(at("1:0:0")).as_int(), Some(1));
    assert_eq!(m.run(&p, 0).unwrap().stop, StopReason::Budget);
}

#[test]
fn halt_and_declared_opcodes() {
    run("HALT #3\nMOV 1:0:0, #1", |m, stop| {
        assert_eq!(stop, StopReason::Halted(3));
        assert!(m.workspace.used() == 0 && m.obligations.is_empty());
    });
    run("MOV 1:0:0, #4\nHALT 1:0:0", |_, stop| assert_eq!(stop, StopReason::Halted(4)));
    assert_eq!(fault("HALT #256").0, FaultKind::Operand);
    assert_eq!(fault("MOV 1:0:0, \"a\"\nHALT 1:0:0").0, FaultKind::Type);
    for o in Opcode::ALL.iter().filter(|&&o| o.level() > 1 && o != Opcode::Call) {
        let operand = |s: &Slot| match s {
            Slot::Place => "1:0:0",
            Slot::Span => "1:0:0*4",
            Slot::Label => "@ax-1",
            Slot::Block => "%main",
            Slot::Words => "\"ph\"",
            Slot::Value | Slot::Number | Slot::Integer => "#1",
        };
        let operands: Vec<&str> = o.forms()[0].iter().map(operand).collect();
        assert_eq!(fault(&format!("{} {}", o.name(), operands.join(", "))).0, FaultKind::Unavailable);
    }
}

/// A session stands on its own: with the terms of the database below it, it gives workspace and terms again.
#[test]
fn a_session_replays_from_its_records_alone() {
    let step = "MOV.goal 1:0:0, '(wi wph wps)\nUNIFY 1:0:1, 1:0:0, @ax-mp\nMOV 1:0:3, #2";
    let faulty = ".block main\nMOV 1:0:0, #2\nMOV 1:0:1, 9:0:0\n";
    for text in [CHILD.to_string(), format!(".block main\n{step}"), faulty.to_string()] {
        let program = assemble(&text).unwrap();
        let (toy, arena) = Toy::new();
        let terms = arena.len() as u64;
        let mut grown = arena.clone();
        grown.make(crate::metamath_db::terms::term::Head::variable(SymbolId(77)), &[]);
        let origin = Origin { terms, ..Origin::default() };
        let mut m = Machine::new(&toy, &toy, grown).with_log(Log::memory(), origin);
        let out = m.run(&program, 10_000).unwrap();
        let log = m.end_session(&out);
        let mut replayed = arena;
        assert_eq!(log.replay(&mut replayed).unwrap().digest(), m.workspace.digest());
        assert_eq!(replayed.columns(), m.arena.columns());
        let faults = log.records().filter(|r| matches!(r, Record::Fault { .. })).count();
        assert_eq!(faults, m.trace.events.iter().filter(|e| e.fault.is_some()).count());
        assert_ne!(log.root(&Sha2), Log::memory().root(&Sha2));
    }
}

#[test]
fn the_trace_is_json_lines_with_its_hash() {
    run("MOV 1:0:0, 'wph\nHALT #0", |m, _| {
        let mut text = Vec::new();
        m.trace.write_jsonl(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!((lines.len(), &lines[0]["schema"]), (4, &"metadream.trace".into()));
        assert_eq!(lines[1]["writes"][0]["value"], "wph");
        assert_eq!(lines[3]["end"]["status"], 0);
        assert_eq!(lines[3]["trace_sha256"], hex(&m.trace.hash()).as_str());
    });
}

#[test]
fn terms_made_by_a_faulty_instruction_are_forgotten() {
    let (toy, arena) = Toy::new();
    let mut m = Machine::new(&toy, &toy, arena);
    let p = assemble(".block m\nMOV.goal 1:0:0, 'wph\nUNIFY 1:0:0, @ax-2").unwrap();
    let before = {
        let mut fresh = Machine::new(&toy, &toy, m.arena.clone());
        fresh.run(&p, 1).unwrap();
        fresh.arena.len()
    };
    assert!(matches!(m.run(&p, 9).unwrap().stop, StopReason::Fault(_)));
    assert_eq!(m.arena.len(), before);
    let (x, y) = (m.arena.variable(SymbolId(0)), m.arena.variable(SymbolId(1)));
    let t = imp(&mut m.arena, x, y);
    assert_eq!(m.arena.children(t), [x, y]);
}

#[test]
fn a_join_of_too_many_pairs_is_refused() {
    let (toy, arena) = Toy::new();
    let mut m = Machine::new(&toy, &toy, arena);
    for i in 0..4097 {
        let a = at("8:0:0").plus(i).unwrap();
        m.load(a, Content::int(i as i64)).unwrap();
    }
    let p = assemble(".block m\nJOIN 1:0:0, 8:0:0*4096, 8:0:0*4096\nJOIN 1:0:0, 8:0:0*4097, 8:0:0*4097").unwrap();
    let out = m.run(&p, 9).unwrap();
    assert_eq!(out.stop.status(), FaultKind::Bound.status());
    assert_eq!(m.workspace.content(at("1:0:0")).as_int(), Some(4096));
}

#[test]
fn masks_and_page_limits_are_faults_that_change_nothing() {
    let load = "MOV 1:0:0, #5\nMOV 2:0:0, 1:0:0\nMOV.goal 1:0:1, '(wi wph wph)\n";
    let cases = [
        ("MOV 1:0:5, 3:0:0", FaultKind::Mask, "3:0:0"),
        ("MOV 3:0:0, #1", FaultKind::Mask, "3:0:0"),
        ("SCAN 1:0:5, 2:0:0*300, #5", FaultKind::Mask, "3:0:0"),
        ("MAP 2:15:15, 1:0:0*2", FaultKind::Mask, "3:0:0"),
        ("LINK.edge 1:0:0, 2:0:0", FaultKind::Mask, "2:0:0"),
        ("UNIFY 3:0:0, 1:0:1, @ax-mp", FaultKind::Mask, "3:0:0"),
        ("UNIFY 2:0:1, 1:0:1, @ax-mp", FaultKind::Mask, "2:0:1"),
        ("?3:0:0 MOV 1:0:5, #1", FaultKind::Mask, "3:0:0"),
        ("SPAWN 3:0:0, %main, #1", FaultKind::Mask, "3:0:0"),
        ("READK 1:0:5, #5, 2:0:0*300", FaultKind::Mask, "3:0:0"),
        ("MOV 5:0:0, #1", FaultKind::Pages, "5:0:0"),
    ];
    for (line, kind, place) in cases {
        let (toy, arena) = Toy::new();
        let mut m = Machine::new(&toy, &toy, arena);
        let pages = |r: &[(u32, u32)]| PageSet::new(r.iter().copied());
        m.run(&assemble(&format!(".block main\n{load}MOV 4:0:0, #1")).unwrap(), 100).unwrap();
        m.set_mask(Mask { read: pages(&[(0, 2), (4, 5)]), write: pages(&[(0, 2), (5, 5)]), link: pages(&[(0, 1)]) });
        m.set_page_limit(Some(3));
        let before = m.workspace.digest();
        let out = m.run(&assemble(&format!(".block main\n{line}")).unwrap(), 100).unwrap();
        let StopReason::Fault(f) = out.stop else { panic!("{line}: {out:?}") };
        assert_eq!((f.kind, f.address), (kind, Some(at(place))), "{line}: {f}");
        assert_eq!(m.workspace.digest(), before);
        assert_eq!(m.trace.events.last().unwrap().fault.as_ref(), Some(&f));
        let open = "READK 1:0:5, #5, 1:0:0*1\nREADK 1:0:6, #5\n";
        let out = m.run(&assemble(&format!(".block main\n{open}")).unwrap(), 100).unwrap();
        assert_eq!(out.stop, StopReason::End);
        assert_eq!(m.workspace.content(at("1:0:7")).as_ref(), Some(at("1:0:0")));
    }
}

#[test]
fn without_tracing_the_run_is_the_same() {
    let text = ".block main\nMOV 1:0:0, #3\nSPAWN 1:0:5, %b, #9\nREADK 1:0:8, #3\n.block b\nMAP.add 1:0:0, 1:0:0*1, #1\nMOV 1:0:9, #3";
    let program = assemble(text).unwrap();
    let (toy, arena) = Toy::new();
    let mut traced = Machine::new(&toy, &toy, arena.clone());
    let mut m = Machine::new(&toy, &toy, arena);
    m.set_tracing(false);
    assert_eq!(m.run(&program, 99), traced.run(&program, 99));
    assert_eq!((m.workspace.digest(), m.log.bytes()), (traced.workspace.digest(), traced.log.bytes()));
    assert!(m.trace.events.is_empty() && m.obligations.iter().all(|o| traced.obligations[o.id as usize - 1] == *o));
    assert_eq!((m.obligations.len(), traced.obligations.len()), (2, 5));
}

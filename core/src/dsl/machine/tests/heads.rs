//! Heads that step together: what they read, who wins, masks, children, replay.

use super::*;
use crate::dsl::memory::mask::PageSet;

fn programs(texts: &[&str]) -> Vec<Program> {
    texts.iter().map(|t| assemble(&format!(".block main\n{t}")).unwrap_or_else(|e| panic!("{e}\n{t}"))).collect()
}

/// Runs the programs as heads, each allowed to write page `first + n`; checks replay and repetition.
fn together<R>(
    texts: &[&str],
    budget: u64,
    prepare: impl Fn(&mut Machine),
    mask: impl Fn(u32) -> Mask,
    look: impl Fn(&Machine, Vec<Outcome>) -> R,
) -> R {
    let programs = programs(texts);
    let (toy, arena) = Toy::new();
    let run = || {
        let mut m = Machine::new(&toy, &toy, arena.clone());
        prepare(&mut m);
        let heads: Vec<Head> =
            programs.iter().enumerate().map(|(n, program)| Head { program, mask: mask(n as u32) }).collect();
        let out = m.run_heads(&heads, budget).unwrap();
        (m, out)
    };
    let ((m, out), (again, same)) = (run(), run());
    assert_eq!((&same, again.trace.hash()), (&out, m.trace.hash()));
    let mut replayed = arena.clone();
    assert_eq!(m.log.replay(&mut replayed).unwrap().digest(), m.workspace.digest());
    assert!(m.workspace.index_is_true());
    look(&m, out)
}

fn open(_: u32) -> Mask {
    Mask::default()
}

fn int(m: &Machine, a: &str) -> Option<i64> {
    m.workspace.content(at(a)).as_int()
}

#[test]
fn all_heads_of_a_round_read_the_state_at_its_beginning() {
    let prepare = |m: &mut Machine| {
        m.load(at("1:0:0"), Content::int(3)).unwrap();
        m.load(at("1:0:1"), Content::int(5)).unwrap();
    };
    // a swap without a third cell
    together(&["MOV 1:0:0, 1:0:1", "MOV 1:0:1, 1:0:0"], 9, prepare, open, |m, out| {
        assert_eq!((int(m, "1:0:0"), int(m, "1:0:1")), (Some(5), Some(3)));
        assert!(out.iter().all(|o| o.stop == StopReason::End && o.steps == 1));
        let heads: Vec<_> = m.trace.events.iter().map(|e| e.head).collect();
        assert_eq!(heads, [Some(0), Some(1)]);
    });
}

#[test]
fn the_lowest_number_wins_a_slot_and_the_others_wait() {
    let add = "MAP.add 1:0:0, 1:0:0*1, #1";
    let texts: Vec<&str> = vec![add; 16];
    let prepare = |m: &mut Machine| m.load(at("1:0:0"), Content::int(0)).unwrap();
    together(&texts, 1000, prepare, open, |m, out| {
        assert_eq!(int(m, "1:0:0"), Some(16), "no update is lost");
        assert_eq!(out.iter().map(|o| o.steps).collect::<Vec<_>>(), (1..=16).collect::<Vec<_>>());
    });
    together(&texts, 20, prepare, open, |m, out| {
        assert_eq!(int(m, "1:0:0"), Some(2), "16 steps, then 4 of which one committed");
        assert_eq!(out.iter().filter(|o| o.stop == StopReason::Budget).count(), 14);
    });
    let cycle = ["LINK.before 1:0:0, 1:0:1", "LINK.before 1:0:1, 1:0:0"];
    let two = |m: &mut Machine| {
        prepare(m);
        m.load(at("1:0:1"), Content::int(1)).unwrap();
    };
    together(&cycle, 100, two, open, |m, out| {
        assert_eq!(out[0].stop, StopReason::End);
        assert_eq!(out[1].stop.status(), FaultKind::Link.status());
        assert_eq!(m.workspace.later(at("1:0:0")), [at("1:0:1")]);
    });
}

#[test]
fn a_breach_stops_its_head_alone_and_children_belong_to_the_step() {
    let own = |n: u32| Mask { write: PageSet::new([(n, n)]), ..Mask::default() };
    let texts = [
        "MOV 0:0:0, #1\nMOV 0:0:1, #2",
        "MOV 0:0:5, #1",
        "SPAWN 2:0:0, %b, #9\nMOV 2:0:1, 2:0:2\n.block b\nMOV 2:0:2, #7\nMAP.add 2:0:2, 2:0:2*1, #1",
        "SPAWN 3:0:0, %b, #9\n.block b\nMOV 4:0:2, #7",
        "SPAWN.while 4:0:0, %b, #90, 4:1:0\n.block b\nMAP.sub 4:0:1, 4:0:1*1, #1\nCMP.gt 4:1:0, 4:0:1, #0",
    ];
    let prepare = |m: &mut Machine| {
        m.load(at("4:0:1"), Content::int(4)).unwrap();
        m.load(at("4:1:0"), Content::bool(true)).unwrap();
    };
    together(&texts, 1000, prepare, own, |m, out| {
        let stops: Vec<u16> = out.iter().map(|o| o.stop.status()).collect();
        assert_eq!(stops, [0, FaultKind::Mask.status(), 0, 0, 0]);
        assert_eq!((int(m, "0:0:1"), int(m, "2:0:1"), int(m, "4:0:1")), (Some(2), Some(8), Some(0)));
        assert!(m.workspace.get(at("4:0:2")).is_empty());
        let status = m.workspace.content(at("3:0:0")).inline[0];
        assert_eq!(status, u64::from(FaultKind::Mask.status()), "the child's fault is its status");
        assert_eq!(out[2].steps, 4);
        assert_eq!(m.mask, Mask::default());
    });
    let bad = Program::new();
    let (toy, arena) = Toy::new();
    let mut m = Machine::new(&toy, &toy, arena);
    assert_eq!(m.run_heads(&[], 1), Err(HeadsError::Number(0)));
    assert!(matches!(m.run_heads(&[Head { program: &bad, mask: Mask::default() }], 1), Err(HeadsError::Program(0, _))));
}

#[test]
fn proof_steps_take_turns_at_the_metavariables_and_proof_numbers() {
    let prepare = |m: &mut Machine| {
        let (x, y) = (m.arena.variable(SymbolId(0)), m.arena.variable(SymbolId(1)));
        let goal = imp(&mut m.arena, x, x);
        for p in ["1", "2"] {
            m.load(at(&format!("{p}:0:0")), Content::goal(goal)).unwrap();
            m.load(at(&format!("{p}:2:0")), Content::goal(y)).unwrap();
        }
    };
    let proof = |p: u32| format!("UNIFY {p}:0:1, {p}:0:0, @ax-mp\nUNIFY {p}:2:0, @h1\nASSERT {p}:1:0, {p}:2:0");
    let (a, b) = (format!("{}\nMOV 3:0:0, #0", proof(1)), proof(2));
    together(&[&a, &b], 100, prepare, open, |m, out| {
        assert!(out.iter().all(|o| o.stop == StopReason::End), "{out:?}");
        assert_eq!(m.metas_in_use(), 4, "one step took its metavariables after the other");
        assert_eq!((out[0].steps, out[1].steps), (4, 4), "the second waited once");
        let numbers = ["1:1:0", "2:1:0"].map(|a| m.workspace.content(at(a)).as_proof());
        assert_eq!(numbers, [Some(0), Some(1)]);
    });
    let late = |p: u32| format!("UNIFY {p}:2:0, @h1\nASSERT {p}:1:0, {p}:2:0");
    together(&[&late(1), &late(2)], 100, prepare, open, |m, out| {
        assert_eq!((out[0].steps, out[1].steps), (2, 3), "the second ASSERT waited for its number");
        assert_eq!(m.proofs.len(), 2);
    });
}

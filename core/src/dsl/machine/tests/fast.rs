//! The short way and the general way do the same.

use super::random::Lines;
use super::*;
use crate::dsl::memory::mask::PageSet;
use std::fmt::Write as _;

/// A program of the short way's opcodes: two loops, one in the other, over ints and bools in three pages, with
/// guards, overflows, divisions by zero, empty cells and other types here and there.
fn loops(lines: &mut Lines) -> String {
    let mut text = String::from(
        ".block main\nMOV 1:0:0, #25\nMOV 1:1:0, #7\nCMP.gt 1:0:15, 1:0:0, #0\nCMP.lt 1:0:14, 1:0:0, #0\nMOV 9:0:0, #3\n\
         MOV 17:0:0, \"ab\"\nSPAWN.while 2:0:0, %outer, #400, 1:0:15\nSPAWN.test 2:0:1, %inner, #50\nSPAWN 2:0:2, %inner, #50\n\
         .block outer\nMAP.sub 1:0:0, 1:0:0*1, #1\nCMP.gt 1:0:15, 1:0:0, #0\n",
    );
    body(lines, &mut text);
    text.push_str("SPAWN 1:2:0, %inner, #9\n.block inner\n");
    body(lines, &mut text);
    text
}

fn body(lines: &mut Lines, text: &mut String) {
    for _ in 0..lines.below(9) + 2 {
        let place = |l: &mut Lines| match l.below(24) {
            0 => "17:0:0".into(),
            1 => "33:0:0".into(),
            2 => "[1:0:9]".into(),
            n if n < 6 => format!("9:0:{}", l.below(3)),
            _ => format!("1:{}:{}", l.below(2), l.below(8)),
        };
        let value = |l: &mut Lines| match l.below(3) {
            0 => l.pick(&["#0", "#1", "#-3", "#9223372036854775807", "\"t\""]),
            _ => place(l),
        };
        let guard = lines.pick(&["", "", "", "", "?1:0:15 ", "!1:0:14 ", "?1:0:14 "]);
        let dst = place(lines);
        let line = match lines.below(5) {
            0 => format!("MOV {dst}, {}", value(lines)),
            1 => {
                let rel = lines.pick(&["eq", "ne", "lt", "le", "gt", "ge"]);
                let dst = lines.pick(&["1:0:13", "1:0:12", &dst]);
                format!("CMP.{rel} {dst}, {}, {}", value(lines), value(lines))
            }
            2 => {
                let fold = lines.pick(&["sum", "sum", "min", "max", "count", "product"]);
                format!("REDUCE.{fold} {dst}, 1:0:0*{}", lines.below(4) + lines.below(2) * 300)
            }
            3 => {
                let bits = lines.pick(&["and", "or"]);
                format!("MAP.{bits} 1:0:13, 1:0:15*1, 1:0:1{}", 2 + lines.below(4))
            }
            _ => match lines.below(8) {
                0 => format!("MAP.copy {dst}, {}*1", place(lines)),
                1 => format!("MAP.neg {dst}, {}*1", place(lines)),
                2 => "MAP.not 1:0:12, 1:0:15*1".into(),
                _ => {
                    let kind = lines.pick(&["add", "add", "sub", "mul", "div", "mod"]);
                    format!("MAP.{kind} {dst}, {}*{}, {}", place(lines), 1 + lines.below(8) / 7, value(lines))
                }
            },
        };
        let _ = writeln!(text, "{guard}{line}");
    }
}

/// Runs with and without tracing, so on the general and on the short way, and compares all that can be seen.
/// Returns the faults, how many claims it made, and how many of them on the short way.
fn both(program: &Program, budget: u64, prepare: impl Fn(&mut Machine)) -> (Vec<FaultKind>, u64, u64) {
    let (toy, arena) = Toy::new();
    let mut general = Machine::new(&toy, &toy, arena.clone());
    let mut short = Machine::new(&toy, &toy, arena.clone());
    let mut halting = Machine::new(&toy, &toy, arena);
    for m in [&mut general, &mut short, &mut halting] {
        prepare(m);
    }
    short.set_tracing(false);
    halting.set_tracing(false);
    let out = general.run(program, budget).unwrap();
    assert_eq!(short.run(program, budget).unwrap(), out);
    let mut run = halting.begin(program, budget).unwrap();
    while halting.advance(program, &mut run, 3).is_none() {}
    for m in [&short, &halting] {
        assert_eq!(m.workspace.digest(), general.workspace.digest());
        assert_eq!(m.log.bytes(), general.log.bytes());
        assert_eq!((m.claims, m.time), (general.claims, general.time));
        assert!(m.workspace.index_is_true());
        let kept: Vec<_> = general.obligations.iter().filter(|o| o.claim.holds_data()).collect();
        assert_eq!(m.obligations.iter().collect::<Vec<_>>(), kept);
    }
    let kinds = general.trace.events.iter().filter_map(|e| Some(e.fault.as_ref()?.kind)).collect();
    (kinds, general.claims, short.shorts)
}

#[test]
fn the_short_way_does_what_the_general_way_does() {
    let (mut lines, mut claims, mut short, mut kinds) = (Lines(5), 0, 0, std::collections::BTreeSet::new());
    for n in 0..600 {
        let text = loops(&mut lines);
        let program = assemble(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        let (faults, made, way) = both(&program, 300 + n, |m| match n % 4 {
            0 => m.set_mask(Mask { write: PageSet::new([(1, 2), (17, 17)]), ..Mask::default() }),
            1 => m.set_mask(Mask { read: PageSet::new([(0, 9)]), ..Mask::default() }),
            2 => m.set_page_limit(Some(4)),
            _ => m.load(at("1:0:9"), Content::reference(at("1:0:3"))).unwrap(),
        });
        claims += made;
        short += way;
        kinds.extend(faults);
    }
    assert!(claims > 8_000 && short > claims / 2, "{short} of {claims}");
    for kind in [FaultKind::Mask, FaultKind::Pages] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
}

#[test]
fn random_programs_do_the_same_without_tracing() {
    let mut lines = Lines(23);
    for _ in 0..400 {
        let program = lines.program();
        both(&program, 200, |m| m.load_mixture());
    }
}

//! Figures of `metadream bench machine` that this crate measures; each returns a JSON object with its number and
//! what belongs to it. Each is meant for a process of its own.

use super::asm::assemble;
use super::cell::{Address, Cell, Content};
use super::logic::{Assertions, Judge, ProofObject, Reference, Scheme};
use super::machine::Machine;
use super::workspace::Workspace;
use crate::metamath_db::ids::{AssertionId, TermId};
use crate::metamath_db::term::{Arena, Head};
use serde_json::{json, Value};
use std::time::Instant;

/// Measures the figure `name`; `database` is the path of set.mm for those that need it. The error is one line.
pub fn figure(name: &str, database: Option<&str>) -> Result<String, String> {
    let found = match (name, database) {
        ("ops_log_on", _) => ops()?,
        ("snapshot_us", _) => snapshot(1 << 24),
        _ => return Err(format!("this version does not measure {name} yet")),
    };
    Ok(found.to_string())
}

/// No database: programs on coordinates need none.
struct Nothing;

impl Assertions for Nothing {
    fn lookup(&self, _: &str) -> Option<Reference> {
        None
    }
    fn scheme(&self, _: AssertionId) -> Scheme {
        unreachable!("nothing has a number")
    }
    fn hypothesis(&self, _: u32) -> Option<TermId> {
        None
    }
    fn head(&self, _: &str) -> Option<(Head, usize)> {
        None
    }
    fn head_name(&self, _: Head) -> String {
        String::new()
    }
}

impl Judge for Nothing {
    fn name(&self) -> String {
        "none".into()
    }
    fn judge(&self, _: &mut Arena, _: &ProofObject) -> Result<(), String> {
        Err("there is no judge".into())
    }
}

/// Counts down from a number, with the arithmetic of a small inner loop.
const LOOP: &str = "
.block main
    MOV 1:0:0, #1000000000
    MOV 1:0:1, #0
    MOV 1:0:3, #0
    CMP.gt 1:0:2, 1:0:0, 1:0:3
    SPAWN.while 2:0:0, %body, #1000000000, 1:0:2
.block body
    MAP.sub 1:0:0, 1:0:0*1, #1
    MAP.add 1:0:1, 1:0:1*1, #3
    MOV 1:0:4, 1:0:1
    REDUCE.sum 1:0:5, 1:0:0*2
    CMP.gt 1:0:6, 1:0:4, 1:0:3
    ?1:0:6 MOV 1:0:7, 1:0:5
    CMP.gt 1:0:2, 1:0:0, 1:0:3
";

fn ops() -> Result<Value, String> {
    let program = assemble(LOOP).map_err(|e| e.to_string())?;
    let steps = 200_000;
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let nothing = Nothing;
        let mut m = Machine::new(&nothing, &nothing, Arena::new());
        let start = Instant::now();
        let out = m.run(&program, steps).map_err(|e| e.to_string())?;
        best = best.min(start.elapsed().as_secs_f64() / out.steps as f64);
    }
    Ok(json!({ "opcodes_per_second": 1.0 / best, "opcodes": steps }))
}

fn snapshot(used: u32) -> Value {
    let mut w = Workspace::new();
    let cell = |i: i64| {
        let c = Content::int(i);
        Cell { value: c.value, inline: c.inline, tag: c.tag, ..Cell::EMPTY }
    };
    let at = |i: u64| Address::from_packed(i).expect("inside the space");
    for i in 0..u64::from(used) {
        w.set(at(i), cell(i as i64));
    }
    let mut times: Vec<f64> = (0..10_001)
        .map(|_| {
            let start = Instant::now();
            let kept = std::hint::black_box(w.clone());
            let time = start.elapsed().as_secs_f64() * 1e6;
            drop(kept);
            time
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let before = w.clone();
    let start = Instant::now();
    w.set(at(12_345), cell(-1));
    let first_write_us = start.elapsed().as_secs_f64() * 1e6;
    let touched = before.diff(&w).cells.len();
    json!({
        "snapshot_us": times[times.len() / 2],
        "slots": w.used(),
        "pages": w.pages(),
        "first_write_us": first_write_us,
        "changed_cells": touched,
    })
}

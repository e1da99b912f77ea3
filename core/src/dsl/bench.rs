//! Figures of `metadream bench machine` that this crate measures; each returns a JSON object with its number and
//! what belongs to it. Each is meant for a process of its own.
//!
//! Speeds are for the processor time of the thread, best of some repetitions, so that other programs on the machine
//! count as little as can be; the time on the clock stands beside them.

use super::log;
use super::log::hash::by_name;
use super::log::{Log, Origin};
use super::machine::{Machine, ScanIndex, TermIndex};
use crate::dsl::formulas::logic::{Assertions, Judge, ProofObject, Reference, Scheme};
use crate::dsl::isa::ReadMode;
use crate::dsl::memory::cell::{Address, Cell, Content, Span};
use crate::dsl::memory::term_tree::TermTree;
use crate::dsl::memory::workspace::Workspace;
use crate::dsl::programs::asm::assemble;
use crate::metamath_db::database::Database;
use crate::metamath_db::ids::{AssertionId, TermId};
use crate::metamath_db::terms::term::{Arena, Head};
use cpu_time::ThreadTime;
use serde_json::{json, Value};
use std::time::Instant;

/// Measures the figure `name`; `database` is the path of set.mm for those that need it.
///
/// # Errors
/// One line: no such figure, no database where one is needed, or it cannot be read.
pub fn figure(name: &str, database: Option<&str>) -> Result<String, String> {
    let found = match (name, database) {
        ("ops_log_off", _) => ops_log_off()?,
        ("ops_log_on", _) => ops_log_on()?,
        ("recheck_share", _) => recheck_share()?,
        ("log_records", _) => log::bench::log_records()?,
        ("audit_records", _) => log::bench::audit_records()?,
        ("snapshot_us", _) => snapshot(1 << 24),
        ("slots_2_27_gib", _) => slots(1 << 27)?,
        ("structural_read_us", Some(path)) => structural(path, ReadMode::Generalisations)?,
        ("unify_read_us", Some(path)) => structural(path, ReadMode::Unifiable)?,
        ("structural_read_us" | "unify_read_us", None) => return Err(format!("{name} needs a database")),
        _ => return Err(format!("no figure of the core is called {name}")),
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
/// Instructions of a round, without the step that the round itself costs.
const ROUND: u64 = 7;

/// Seconds of processor time and on the clock.
#[derive(Clone, Copy)]
struct Seconds {
    cpu: f64,
    wall: f64,
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Seconds) {
    let (cpu, wall) = (ThreadTime::now(), Instant::now());
    let out = work();
    (out, Seconds { cpu: cpu.elapsed().as_secs_f64(), wall: wall.elapsed().as_secs_f64() })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Runs the loop five times; seconds an instruction at best, and the last machine.
fn looped(steps: u64, log: impl Fn() -> Log, rechecking: bool) -> Result<(Seconds, Machine<'static>), String> {
    let program = assemble(LOOP).map_err(|e| e.to_string())?;
    let instructions = (steps / (ROUND + 1) * ROUND) as f64;
    let mut best = Seconds { cpu: f64::INFINITY, wall: f64::INFINITY };
    let mut last = None;
    for _ in 0..5 {
        drop(last.take());
        let mut m = Machine::new(Nothing, Nothing, Arena::new()).with_log(log(), Origin::default());
        m.set_tracing(false);
        m.set_rechecking(rechecking);
        let (out, seconds) = timed(|| m.run(&program, steps));
        if out.map_err(|e| e.to_string())?.steps != steps {
            return Err("the loop ended early".into());
        }
        best.cpu = best.cpu.min(seconds.cpu / instructions);
        best.wall = best.wall.min(seconds.wall / instructions);
        last = Some(m);
    }
    last.map(|m| (best, m)).ok_or_else(|| "nothing ran".into())
}

fn ops_log_off() -> Result<Value, String> {
    let steps = 40_000_000;
    let (s, _) = looped(steps, Log::off, true)?;
    Ok(json!({
        "opcodes_per_second": 1.0 / s.cpu,
        "opcodes_per_second_on_the_clock": 1.0 / s.wall,
        "steps": steps,
        "program": "MAP, MOV, REDUCE, CMP and a guarded MOV in a SPAWN.while; a round's own step is not counted",
    }))
}

/// With the log in memory; then its records are hashed, as a sealing thread beside it does. The slower of the two
/// is what a machine with two threads keeps up.
fn ops_log_on() -> Result<Value, String> {
    let steps = 4_000_000;
    let (s, m) = looped(steps, Log::memory, true)?;
    let hash = by_name("sha256").ok_or("SHA-256 is not there")?;
    let (_, sealing) = timed(|| std::hint::black_box(m.log().root(hash)));
    let sealed = m.log().len() as f64 / sealing.cpu;
    let written = 1.0 / s.cpu;
    Ok(json!({
        "opcodes_per_second": written.min(sealed * (steps / (ROUND + 1) * ROUND) as f64 / m.log().len() as f64),
        "machine_thread": written,
        "machine_thread_on_the_clock": 1.0 / s.wall,
        "sealing_thread_records_per_second": sealed,
        "records": m.log().len(),
    }))
}

/// How much of the time the second evaluation takes.
fn recheck_share() -> Result<Value, String> {
    let (with, _) = looped(20_000_000, Log::off, true)?;
    let (without, _) = looped(20_000_000, Log::off, false)?;
    Ok(json!({ "share": 1.0 - without.cpu / with.cpu, "with_ns": with.cpu * 1e9, "without_ns": without.cpu * 1e9 }))
}

fn cell(c: Content) -> Cell {
    Cell { value: c.value, inline: c.inline, tag: c.tag, ..Cell::EMPTY }
}

fn at(i: u64) -> Address {
    Address::from_packed(i).expect("inside the space")
}

fn filled(used: u64) -> Workspace {
    let mut w = Workspace::new();
    for i in 0..used {
        w.set(at(i), cell(Content::int(i as i64)));
    }
    w
}

fn snapshot(used: u64) -> Value {
    let mut w = filled(used);
    let mut times = Vec::new();
    for _ in 0..10_001 {
        w.set(at(77), cell(Content::int(7)));
        let (kept, seconds) = timed(|| std::hint::black_box(w.snapshot()));
        times.push(seconds.wall * 1e6);
        drop(kept);
    }
    let before = w.snapshot();
    let touched = 1000u64;
    let (_, seconds) = timed(|| {
        for i in 0..touched {
            w.set(at(i * 256 * 61 % used), cell(Content::int(-1)));
        }
    });
    json!({
        "snapshot_us": median(times),
        "slots": w.used(),
        "pages": w.pages(),
        "us_a_page_touched": seconds.cpu * 1e6 / touched as f64,
        "changed_cells": before.diff(&w).cells.len(),
    })
}

/// Peak resident memory of this process in GiB.
fn peak_gib() -> Result<f64, String> {
    let status = std::fs::read_to_string("/proc/self/status").map_err(|e| format!("peak memory: {e}"))?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).ok_or("peak memory is not told here")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().map_err(|e| format!("peak memory: {e}"))?;
    Ok(kib / f64::from(1 << 20))
}

fn slots(used: u64) -> Result<Value, String> {
    let (mut w, filling) = timed(|| filled(used));
    let ((), indexing) = timed(|| w.refresh(true, &mut |_, _| {}));
    let (kept, snapping) = timed(|| w.snapshot());
    for i in 0..64 {
        w.set(at(i * 131_071 % used), cell(Content::int(-5)));
    }
    let reads = 1_000_000u64;
    let place = |i: u64| i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11 & (used - 1);
    let (wrong, reading) =
        timed(|| (0..reads).filter(|&i| kept.content(at(place(i))).as_int() != Some(place(i) as i64)).count());
    let all = Span::program();
    let (missed, finding) = timed(|| {
        let one = |i: u64| kept.find(Content::int(place(i) as i64), all, 2) != [at(place(i))];
        (0..10_000).filter(|&i| one(i)).count()
    });
    let changed = kept.diff(&w).cells.len();
    if wrong + missed > 0 || changed != 64 || w.find(Content::int(-5), all, 99).len() != 64 {
        return Err(format!("{wrong} reads and {missed} content reads were wrong, {changed} cells differ"));
    }
    Ok(json!({
        "peak_gib": peak_gib()?,
        "slots": w.used(),
        "pages": w.pages(),
        "fill_s": filling.wall,
        "index_s": indexing.wall,
        "snapshot_us": snapping.wall * 1e6,
        "read_ns": reading.cpu * 1e9 / reads as f64,
        "exact_read_us": finding.cpu * 1e6 / 1e4,
    }))
}

/// set.mm's assertions in cells, each with metavariables of its own.
struct Shelf {
    arena: Arena,
    workspace: Workspace,
    tree: TermTree,
    /// Conclusions with their first metavariable and number of metavariables.
    terms: Vec<(TermId, u32, u32)>,
    metas: u32,
}

fn shelf(path: &str) -> Result<Shelf, String> {
    let text = std::fs::read(path).map_err(|e| format!("{path}: {e}"))?;
    let db = Database::load(text).map_err(|e| e.kind.to_string())?;
    let mut s = Shelf {
        arena: db.arena.clone(),
        workspace: Workspace::new(),
        tree: TermTree::default(),
        terms: Vec::new(),
        metas: 0,
    };
    for a in (0..db.len()).map(AssertionId::from).filter(|&a| db.is_logical(a)) {
        let Some(t) = db.scheme(a).conclusion else { continue };
        let n = crate::dsl::formulas::unify::greatest_meta(&s.arena, t).map_or(0, |m| m + 1);
        let own: Vec<TermId> = (0..n).map(|m| s.arena.meta(s.metas + m)).collect();
        let t = s.arena.instantiate(t, &own);
        let place = at(s.terms.len() as u64);
        s.workspace.set(place, cell(Content::term(t)));
        s.tree.add(&s.arena, place, t);
        s.terms.push((t, s.metas, n));
        s.metas += n;
    }
    Ok(s)
}

/// Reads of all cells above a ground goal (a conclusion with variables in the place of its metavariables), or of all that
/// unify with a goal of which every second metavariable is left. The figure is the whole answer: the addresses in
/// order, for *gen* with the substitution of every leaf, for *unify* with each hit's substitution.
fn structural(path: &str, mode: ReadMode) -> Result<Value, String> {
    let mut s = shelf(path)?;
    let goals = 2000.min(s.terms.len());
    let step = s.terms.len() / goals;
    let (mut ours, mut scans, mut hits, mut readk) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut checked = 0;
    for g in 0..goals {
        let (t, first, n) = s.terms[g * step];
        let values: Vec<TermId> = (first..first + n)
            .map(|m| match mode {
                ReadMode::Unifiable if m % 2 == 0 => s.arena.meta(s.metas + m),
                _ => s.arena.variable(crate::metamath_db::ids::SymbolId(m - first)),
            })
            .collect();
        let values: Vec<(u32, TermId)> = (first..first + n).zip(values).collect();
        let goal = crate::dsl::formulas::unify::apply(&mut s.arena, t, &values);
        let all = Span::program();
        let repeat = if mode == ReadMode::Generalisations { 9 } else { 1 };
        let mut found = Vec::new();
        let (_, seconds) = timed(|| {
            for _ in 0..repeat {
                found.clear();
                if mode == ReadMode::Generalisations {
                    s.tree.cells_above(&s.arena, goal, all, &mut found);
                } else {
                    let read = s.tree.read(&mut s.arena, &s.workspace, mode, goal, all, None, usize::MAX);
                    found.extend(read.iter().map(|w| w.address));
                }
            }
        });
        ours.push(seconds.cpu * 1e6 / f64::from(repeat));
        hits.push(found.len() as f64);
        let (_, one) = timed(|| s.tree.read(&mut s.arena, &s.workspace, mode, goal, all, None, 1));
        readk.push(one.cpu * 1e6);
        if g % 20 == 0 {
            let (scan, seconds) =
                timed(|| ScanIndex.read(&mut s.arena, &s.workspace, mode, goal, all, None, usize::MAX));
            scans.push(seconds.cpu * 1e6);
            if !scan.iter().map(|w| w.address).eq(found.iter().copied()) {
                return Err(format!("goal {g}: the tree finds {} cells, a scan {}", found.len(), scan.len()));
            }
            checked += 1;
        }
    }
    let most = hits.iter().copied().fold(0.0, f64::max);
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    Ok(json!({
        "mean_us": mean(&ours),
        "hits_mean": mean(&hits),
        "hits_max": most,
        "hits_median": median(hits),
        "median_us": median(ours),
        "first_hit_us": median(readk),
        "rival": median(scans),
        "cells": s.terms.len(),
        "goals": goals,
        "goals_checked_against_a_scan": checked,
    }))
}

//! Weights of formulas: roughly their sizes when every defined connective is written out.
//!
//! An atom weighs 1. A connective that an axiom `( it <-> definiens )` defines weighs one more than its definiens, and
//! its parts count as often as they occur there; other connectives weigh 1. A connective that is not monotone in its
//! parts (`<->`) counts each part twice and weighs 4, like two implications and their conjunction. So both unfolding a
//! definition and splitting an equivalence make goals lighter.

use super::tables::{Table, Tables};
use crate::dsl::theory::library::{PremiseId, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::{Arena, Head, HeadKind};
use rustc_hash::FxHashMap;

/// The upper bound of weights, so that their squares do not overflow.
const HEAVY: u32 = 1 << 20;

/// The weight of a connective itself, and the number of times that each of its parts counts.
#[derive(Clone, Copy, Debug)]
struct Weight {
    own: u32,
    parts: [u32; 3],
}

/// The weights of a theory's connectives.
#[derive(Debug)]
pub struct Weights {
    basic: bool,
    by_head: FxHashMap<u32, Weight>,
}

/// The truth table of `<->`; bit 0 is its value where both parts are false.
const EQUIVALENCE: Table = Table { places: 2, values: 0b1001 };

impl Weights {
    /// Computes the weights from the axioms. If `basic`, binary connectives that are monotone in each place (`/\`,
    /// `\/`) weigh 1, defined or not, so that goals are not taken apart beyond them.
    pub fn new(theory: &Theory, tables: &Tables, basic: bool) -> Weights {
        let mut weights = Weights { basic, by_head: FxHashMap::default() };
        for i in 0..theory.db.len() {
            let head = Head::syntax(i.into());
            if let Some(table) = tables.get(head) {
                let (own, part) = if rises_or_falls(table) { (1, 1) } else { (4, 2) };
                weights.by_head.insert(head.raw(), Weight { own, parts: [part; 3] });
            }
        }
        for i in (0..theory.db.len()).filter(|&i| theory.db.source.assertions[i].proof.is_none()) {
            let Some(premise) = theory.premise(PremiseId(i as u32)).filter(|p| p.hyps.is_empty()) else { continue };
            let arena = &theory.arena;
            let children = arena.children(premise.conclusion);
            if tables.get(arena.head(premise.conclusion)) == Some(EQUIVALENCE) {
                weights.define(tables, arena, children[0], children[1]);
            }
        }
        weights
    }
    /// Records a definition, unless its left side is not a connective of different metavariables.
    fn define(&mut self, tables: &Tables, arena: &Arena, left: TermId, right: TermId) {
        let parts = arena.children(left);
        let distinct = parts.iter().enumerate().all(|(i, p)| !parts[..i].contains(p));
        let metas = parts.iter().all(|&p| arena.head(p).as_meta().is_some());
        let Some(table) = tables.get(arena.head(left)).filter(|_| distinct && metas) else { return };
        if self.basic && table.places == 2 && rises_or_falls(table) {
            return;
        }
        let mut weight = Weight { own: 1, parts: [0; 3] };
        self.add(arena, right, 1, parts, &mut weight);
        self.by_head.insert(arena.head(left).raw(), weight);
    }
    fn add(&self, arena: &Arena, t: TermId, times: u32, parts: &[TermId], weight: &mut Weight) {
        if let Some(i) = parts.iter().position(|&p| p == t) {
            weight.parts[i] = (weight.parts[i] + times).min(HEAVY);
            return;
        }
        let (own, counts) = self.of(arena.head(t)).map_or((1, [0; 3]), |w| (w.own, w.parts));
        weight.own = weight.own.saturating_add(times.saturating_mul(own)).min(HEAVY);
        for (&c, n) in arena.children(t).iter().zip(counts).filter(|x| x.1 > 0) {
            self.add(arena, c, times.saturating_mul(n).min(HEAVY), parts, weight);
        }
    }
    fn of(&self, head: Head) -> Option<&Weight> {
        match head.kind() {
            HeadKind::Syntax(a) => self.by_head.get(&a.0),
            _ => None,
        }
    }
    /// The weight of a formula; `value` gives that of a metavariable.
    pub fn weigh(&self, arena: &Arena, t: TermId, value: &impl Fn(u32) -> u32) -> u32 {
        let head = arena.head(t);
        if let Some(m) = head.as_meta() {
            return value(m);
        }
        let Some(w) = self.of(head) else { return 1 };
        let parts = arena.children(t).iter().zip(w.parts);
        parts.fold(w.own, |sum, (&c, n)| sum.saturating_add(n.saturating_mul(self.weigh(arena, c, value)))).min(HEAVY)
    }
}

/// Whether a connective is monotone, rising or falling, in each of its places for all values of the others.
fn rises_or_falls(table: Table) -> bool {
    let value = |i: u32| table.values >> i & 1;
    (0..u32::from(table.places)).all(|place| {
        let pairs = || (0..1u32 << table.places).filter(move |i| i >> place & 1 == 0).map(move |i| (i, i | 1 << place));
        pairs().all(|(a, b)| value(a) <= value(b)) || pairs().all(|(a, b)| value(a) >= value(b))
    })
}

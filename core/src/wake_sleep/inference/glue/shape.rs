//! A question up to the names of its atoms and the order of its given formulas.
//!
//! An atom is a part that is no connective, or a compound part that can be both true and false and whose atoms occur
//! nowhere outside it. With such a part as one atom, the truth table gives the same answer.

use crate::metamath_db::ids::{AssertionId, SymbolId, TermId};
use crate::metamath_db::terms::term::{Arena, Head};
use crate::wake_sleep::closers::propositional::tables::{apply, Tables, PATTERNS};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// The largest number of nodes in all formulas of a question together.
const MAX_NODES: u32 = 4000;
/// The largest number of given formulas.
pub const MAX_HYPS: usize = 24;
/// The mark of the end of a formula in a key.
const END: u32 = u32::MAX;

/// A question up to names and order. Equal shapes have equal keys.
pub struct Shape {
    /// The goal, then the given formulas, each in preorder. Connective n is written as 2n, atom n as 2n + 1.
    pub key: Box<[u32]>,
    /// For each given formula of the shape, its place in the question.
    pub hyps: Vec<u32>,
}

/// The number of occurrences of each connective and atom of a question.
struct Occurrences<'a> {
    tables: &'a Tables,
    arena: &'a Arena,
    counts: FxHashMap<TermId, u32>,
}

impl Shape {
    /// The shape of a question; `None` if it is too large or has metavariables.
    pub fn new(tables: &Tables, arena: &Arena, hyps: &[TermId], goal: TermId) -> Option<Shape> {
        let main = |t: TermId| !arena.head(t).is_judgement();
        let mut given: Vec<(u32, TermId)> = Vec::with_capacity(hyps.len());
        for (&h, k) in hyps.iter().zip(0..) {
            if main(h) && given.iter().all(|g| g.1 != h) {
                given.push((k, h));
            }
        }
        let all = || given.iter().map(|g| g.1).chain([goal]);
        let nodes = all().fold(0u32, |n, t| n.saturating_add(arena.size(t)));
        if !main(goal) || given.len() > MAX_HYPS || nodes > MAX_NODES || !all().all(|t| arena.is_ground(t)) {
            return None;
        }
        let mut occurrences = Occurrences { tables, arena, counts: FxHashMap::default() };
        all().for_each(|t| occurrences.count(t));
        let mut key = Vec::new();
        let mut names: SmallVec<[TermId; 16]> = SmallVec::new();
        occurrences.spell(goal, true, &mut names, &mut key);
        let mut order = Vec::with_capacity(given.len());
        while !given.is_empty() {
            let spelled = given.iter().enumerate().map(|(i, g)| {
                let (mut own, mut names) = (Vec::new(), names.clone());
                occurrences.spell(g.1, true, &mut names, &mut own);
                (own, i, names)
            });
            let (own, i, more) = spelled.min_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)))?;
            key.push(END);
            key.extend(own);
            names = more;
            order.push(given.remove(i).0);
        }
        Some(Shape { key: key.into(), hyps: order })
    }
    /// The goal and the given formulas of the shape as terms, with numbered variables as atoms.
    pub fn formulas(&self, tables: &Tables, arena: &mut Arena) -> (TermId, Vec<TermId>) {
        let mut formulas = self.key.split(|&x| x == END).map(|mut spelled| read(tables, arena, &mut spelled));
        let goal = formulas.next().unwrap_or(TermId(0));
        (goal, formulas.collect())
    }
}

fn read(tables: &Tables, arena: &mut Arena, spelled: &mut &[u32]) -> TermId {
    let Some((&first, rest)) = spelled.split_first() else { return TermId(0) };
    *spelled = rest;
    if first & 1 == 1 {
        return arena.variable(SymbolId(first >> 1));
    }
    let head = Head::syntax(AssertionId(first >> 1));
    let places = tables.get(head).map_or(0, |t| t.places);
    let parts: SmallVec<[TermId; 4]> = (0..places).map(|_| read(tables, arena, spelled)).collect();
    arena.make(head, &parts)
}

impl Occurrences<'_> {
    fn count(&mut self, t: TermId) {
        *self.counts.entry(t).or_insert(0) += 1;
        if self.tables.get(self.arena.head(t)).is_some() {
            let arena = self.arena;
            arena.children(t).iter().for_each(|&c| self.count(c));
        }
    }
    /// Writes a formula into the key. The `root` formula itself becomes an atom only if it has no connective or occurs
    /// elsewhere.
    fn spell(&self, t: TermId, root: bool, names: &mut SmallVec<[TermId; 16]>, out: &mut Vec<u32>) {
        let head = self.arena.head(t);
        let is_connective = self.tables.get(head).is_some();
        let is_whole = root && self.counts.get(&t) == Some(&1);
        if is_connective && (is_whole || !self.is_closed(t)) {
            out.push(head.raw() << 1);
            self.arena.children(t).iter().for_each(|&c| self.spell(c, false, names, out));
            return;
        }
        let place = names.iter().position(|&a| a == t).unwrap_or(names.len());
        if place == names.len() {
            names.push(t);
        }
        out.push((place as u32) << 1 | 1);
    }
    /// Whether a compound part may stand as an atom.
    fn is_closed(&self, t: TermId) -> bool {
        let mut leaves: SmallVec<[(TermId, u32); 8]> = SmallVec::new();
        let mut constants = false;
        self.leaves(t, &mut leaves, &mut constants);
        let times = self.counts.get(&t).copied().unwrap_or(0);
        let private = |&(leaf, n): &(TermId, u32)| self.counts.get(&leaf) == Some(&(times * n));
        if leaves.is_empty() || !leaves.iter().all(private) {
            return false;
        }
        if leaves.len() > PATTERNS.len() {
            return !constants && leaves.iter().all(|l| l.1 == 1);
        }
        let value = self.value(t, &leaves);
        value != 0 && value != u64::MAX
    }
    fn leaves(&self, t: TermId, out: &mut SmallVec<[(TermId, u32); 8]>, constants: &mut bool) {
        match self.tables.get(self.arena.head(t)) {
            Some(table) => {
                let all = (1u16 << (1 << table.places)) - 1;
                *constants |= table.values == 0 || u16::from(table.values) == all;
                self.arena.children(t).iter().for_each(|&c| self.leaves(c, out, constants));
            }
            None => match out.iter_mut().find(|l| l.0 == t) {
                Some(l) => l.1 += 1,
                None => out.push((t, 1)),
            },
        }
    }
    fn value(&self, t: TermId, leaves: &[(TermId, u32)]) -> u64 {
        match self.tables.get(self.arena.head(t)) {
            Some(table) => {
                let parts: SmallVec<[u64; 4]> = self.arena.children(t).iter().map(|&c| self.value(c, leaves)).collect();
                apply(table.values, &parts)
            }
            None => leaves.iter().position(|l| l.0 == t).map_or(0, |i| PATTERNS[i]),
        }
    }
}

//! Matches a premise's hypotheses with formulas that a proof holds.
//!
//! Formulas are found by head and one subterm, so that a hypothesis of which anything is known costs a look-up in a
//! hash table; the hypothesis with the fewest possible formulas is matched first. Nothing is made in the arena.

use crate::dsl::library::{Premise, PremiseId, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::index::{Index, Query};
use crate::metamath_db::term::{Arena, Head};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

const UNBOUND: TermId = TermId(u32::MAX);

/// One way to apply a premise.
pub struct Match<'a> {
    /// The formulas' nodes that prove the hypotheses.
    pub children: &'a [u32],
    /// The substitution.
    pub values: &'a [TermId],
}

/// The formulas of a proof, ready to be matched. Reusable memory.
#[derive(Default)]
pub struct Matcher {
    node: FxHashMap<TermId, u32>,
    by_child: FxHashMap<(Head, u32, TermId), SmallVec<[u32; 4]>>,
    by_head: FxHashMap<Head, Vec<u32>>,
    formula: FxHashMap<u32, TermId>,
    forbidden: Vec<bool>,
    values: Vec<TermId>,
    trail: Vec<u32>,
    children: Vec<u32>,
    fuel: u32,
}

impl Matcher {
    /// Takes in the formulas of a proof, by node number.
    pub fn prepare(&mut self, arena: &Arena, formulas: impl Iterator<Item = (u32, TermId)>) {
        self.node.clear();
        self.by_child.clear();
        self.by_head.clear();
        self.formula.clear();
        for (n, t) in formulas {
            let head = arena.head(t);
            self.node.insert(t, n);
            self.formula.insert(n, t);
            self.by_head.entry(head).or_default().push(n);
            for (&c, i) in arena.children(t).iter().zip(0..) {
                self.by_child.entry((head, i, c)).or_default().push(n);
            }
        }
    }
    /// A node, and all that use it, may not prove its hypotheses.
    pub fn forbid(&mut self, node: u32, users: &[SmallVec<[u32; 4]>]) {
        self.forbidden.clear();
        self.forbidden.resize(users.len(), false);
        let mut stack = vec![node];
        while let Some(n) = stack.pop() {
            if !std::mem::replace(&mut self.forbidden[n as usize], true) {
                stack.extend_from_slice(&users[n as usize]);
            }
        }
    }
    /// Calls `found` for each way to prove a formula by a premise from the formulas that are there, until it says no or
    /// so many formulas were tried.
    pub fn solve(
        &mut self,
        arena: &Arena,
        premise: Premise<'_>,
        goal: TermId,
        effort: u32,
        found: &mut dyn FnMut(Match<'_>) -> bool,
    ) {
        self.values.clear();
        self.values.resize(premise.variables.len(), UNBOUND);
        self.trail.clear();
        self.children.clear();
        self.children.resize(premise.hyps.len(), u32::MAX);
        self.fuel = effort;
        if self.unify(arena, premise.conclusion, goal) {
            self.next(arena, premise, found);
        }
    }
    /// Matches the rest of the hypotheses; whether to go on.
    fn next(&mut self, arena: &Arena, premise: Premise<'_>, found: &mut dyn FnMut(Match<'_>) -> bool) -> bool {
        let Some((hyp, options)) = self.hardest(arena, premise.hyps) else {
            // a hypothesis of which nothing is known is left, or none
            let complete = !self.children.contains(&u32::MAX) && !self.values.contains(&UNBOUND);
            return !complete || found(Match { children: &self.children, values: &self.values });
        };
        for n in options {
            if self.fuel == 0 {
                return false;
            }
            self.fuel -= 1;
            let mark = self.trail.len();
            self.children[hyp] = n;
            let go_on = !self.unify(arena, premise.hyps[hyp], self.formula[&n]) || self.next(arena, premise, found);
            self.children[hyp] = u32::MAX;
            for m in self.trail.drain(mark..) {
                self.values[m as usize] = UNBOUND;
            }
            if !go_on {
                return false;
            }
        }
        true
    }
    /// The open hypothesis with the fewest formulas that may prove it; `None` if there is none of which anything is known.
    fn hardest(&self, arena: &Arena, hyps: &[TermId]) -> Option<(usize, SmallVec<[u32; 8]>)> {
        let mut best: Option<(usize, &[u32])> = None;
        let mut exact: SmallVec<[u32; 1]> = SmallVec::new();
        for (i, &h) in hyps.iter().enumerate().filter(|&(i, _)| self.children[i] == u32::MAX) {
            match self.options(arena, h) {
                Options::Nothing => return Some((i, SmallVec::new())),
                Options::One(n) => {
                    if self.forbidden[n as usize] {
                        return Some((i, SmallVec::new()));
                    }
                    exact = SmallVec::from_elem(n, 1);
                    best = Some((i, &[]));
                }
                Options::Some(all) => {
                    if exact.is_empty() && best.is_none_or(|b| all.len() < b.1.len()) {
                        best = Some((i, all));
                    }
                }
                Options::Unknown => {}
            }
        }
        let (i, all) = best?;
        if !exact.is_empty() {
            return Some((i, exact.into_iter().collect()));
        }
        Some((i, all.iter().copied().filter(|&n| !self.forbidden[n as usize]).collect()))
    }
    fn options(&self, arena: &Arena, h: TermId) -> Options<'_> {
        match self.instance(arena, h) {
            Instance::Term(t) => return self.node.get(&t).map_or(Options::Nothing, |&n| Options::One(n)),
            Instance::Missing => return Options::Nothing,
            Instance::Open => {}
        }
        let head = arena.head(h);
        if head.as_meta().is_some() {
            return Options::Unknown;
        }
        let Some(mut best) = self.by_head.get(&head).map(Vec::as_slice) else { return Options::Nothing };
        for (&c, i) in arena.children(h).iter().zip(0..) {
            match self.instance(arena, c) {
                Instance::Missing => return Options::Nothing,
                Instance::Open => {}
                Instance::Term(t) => match self.by_child.get(&(head, i, t)) {
                    None => return Options::Nothing,
                    Some(all) if all.len() < best.len() => best = all,
                    Some(_) => {}
                },
            }
        }
        Options::Some(best)
    }
    /// A scheme under the substitution, if it has no open variable and the arena holds it.
    fn instance(&self, arena: &Arena, t: TermId) -> Instance {
        if arena.is_ground(t) {
            return Instance::Term(t);
        }
        if let Some(m) = arena.head(t).as_meta() {
            let v = self.values[m as usize];
            return if v == UNBOUND { Instance::Open } else { Instance::Term(v) };
        }
        let mut children: SmallVec<[TermId; 6]> = SmallVec::new();
        let mut missing = false;
        for &c in arena.children(t) {
            match self.instance(arena, c) {
                Instance::Term(t) => children.push(t),
                Instance::Missing => missing = true,
                Instance::Open => return Instance::Open,
            }
        }
        if missing {
            return Instance::Missing;
        }
        arena.find(arena.head(t), &children).map_or(Instance::Missing, Instance::Term)
    }
    /// One-way matching; what it binds is on the trail.
    fn unify(&mut self, arena: &Arena, scheme: TermId, t: TermId) -> bool {
        if arena.is_ground(scheme) {
            return scheme == t;
        }
        let head = arena.head(scheme);
        if let Some(m) = head.as_meta() {
            let old = self.values[m as usize];
            if old == UNBOUND {
                self.values[m as usize] = t;
                self.trail.push(m);
                return true;
            }
            return old == t;
        }
        head == arena.head(t)
            && (0..arena.children(t).len()).all(|i| self.unify(arena, arena.children(scheme)[i], arena.children(t)[i]))
    }
}

/// The shapes of all hypotheses, metavariables not told apart: most premises need a formula of a shape that a given
/// proof does not have, and one pass over its formulas tells which.
#[derive(Clone)]
pub struct Patterns {
    index: Index,
    /// Shapes that each premise needs, those that every formula has left out, as ranges of `pool`.
    start: Vec<u32>,
    pool: Vec<u32>,
    count: usize,
}

impl Patterns {
    /// The shapes of the hypotheses of a theory's premises from number `first` on. (Those before it pass as viable.)
    pub fn new(theory: &Theory, first: u32) -> Patterns {
        let mut number: FxHashMap<Vec<u32>, u32> = FxHashMap::default();
        let mut shapes: Vec<TermId> = Vec::new();
        let (mut start, mut pool) = (vec![0], Vec::new());
        for p in 0..theory.len() as u32 {
            let premise = theory.premise(PremiseId(p)).filter(|_| p >= first);
            for &h in premise.map_or(&[][..], |x| x.hyps) {
                if theory.arena.head(h).as_meta().is_some() {
                    continue;
                }
                let mut key = Vec::new();
                shape(&theory.arena, h, &mut key);
                let fresh = shapes.len() as u32;
                let n = *number.entry(key).or_insert(fresh);
                if n == fresh {
                    shapes.push(h);
                }
                pool.push(n);
            }
            start.push(pool.len() as u32);
        }
        let index = Index::build(&theory.arena, shapes.iter().copied().zip(0..));
        Patterns { index, start, pool, count: shapes.len() }
    }
    /// Tells for each premise whether a proof has formulas of the shapes that its hypotheses need.
    pub fn viable(
        &self,
        arena: &Arena,
        formulas: impl Iterator<Item = TermId>,
        query: &mut Query,
        found: &mut Vec<u32>,
        viable: &mut Vec<bool>,
    ) {
        let mut there = vec![false; self.count];
        found.clear();
        formulas.for_each(|t| self.index.query(arena, t, query, found));
        found.drain(..).for_each(|n| there[n as usize] = true);
        let fits = |w: &[u32]| self.pool[w[0] as usize..w[1] as usize].iter().all(|&n| there[n as usize]);
        viable.clear();
        viable.extend(self.start.windows(2).map(fits));
    }
}

fn shape(arena: &Arena, t: TermId, out: &mut Vec<u32>) {
    let head = arena.head(t);
    out.push(if head.as_meta().is_some() { u32::MAX } else { head.raw() });
    arena.children(t).iter().for_each(|&c| shape(arena, c, out));
}

enum Options<'a> {
    Nothing,
    One(u32),
    Some(&'a [u32]),
    Unknown,
}

enum Instance {
    Term(TermId),
    Missing,
    Open,
}

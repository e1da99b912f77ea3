//! Two-way unification with occurs check, by structure sharing.
//!
//! A *shifted term* `(t, offset)` is `t` with `offset` added to its metavariables' numbers, so that a premise's
//! scheme is taken apart from the goal without copying it (Boyer and Moore 1972). The search calls this in bulk.

use super::term::{Arena, Children, Head};
use crate::metamath_db::ids::TermId;
use rustc_hash::FxHashMap;

/// A term whose metavariable numbers are shifted by the second part.
pub type Shifted = (TermId, u32);

const UNBOUND: TermId = TermId(u32::MAX);

/// Bindings of metavariables to shifted terms.
#[derive(Clone, Default)]
pub struct Bindings {
    bound: Vec<Shifted>,
    /// By metavariable whether it may stand for a statement of any judgement; those beyond stand for terms of a formula.
    statements: Vec<bool>,
    stack: Vec<(Shifted, Shifted)>,
    /// Pairs and nodes that may still be looked at.
    fuel: u64,
}

/// Steps after which one occurs check gives up (and unification fails): a bound for hostile terms only.
const OCCURS_FUEL: u64 = 1 << 20;

/// Steps of all unifications between two resets, after which they fail: about a second.
const FUEL: u64 = 1 << 27;

impl Bindings {
    /// `n` unbound metavariables.
    pub fn new(n: usize) -> Bindings {
        let mut b = Bindings::default();
        b.reset(n);
        b
    }
    /// `n` unbound metavariables that each stand for a statement.
    pub fn with_statements(n: usize) -> Bindings {
        Bindings { statements: vec![true; n], ..Bindings::new(n) }
    }
    /// Forgets all and makes room for `n` metavariables, which stand for terms of a formula.
    pub fn reset(&mut self, n: usize) {
        self.statements.clear();
        self.bound.clear();
        self.bound.resize(n, (UNBOUND, 0));
        self.fuel = FUEL;
    }
    /// Whether unification failed because it took too long.
    pub fn is_spent(&self) -> bool {
        self.fuel == 0
    }
    /// Makes room for `n` metavariables, old bindings kept.
    pub fn grow(&mut self, n: usize) {
        if self.bound.len() < n {
            self.bound.resize(n, (UNBOUND, 0));
        }
    }
    /// Number of metavariables.
    pub fn len(&self) -> usize {
        self.bound.len()
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bound.is_empty()
    }
    /// Binds an unbound metavariable. The caller sees to it that it does not occur in the term.
    pub fn bind(&mut self, meta: u32, term: Shifted) {
        self.bound[meta as usize] = term;
    }
    /// Whether a metavariable is bound.
    pub fn is_bound(&self, meta: u32) -> bool {
        self.bound[meta as usize].0 != UNBOUND
    }
    /// Follows bindings until a term that is not a bound metavariable; the number if it is an unbound one.
    #[inline]
    pub fn walk(&self, arena: &Arena, (mut t, mut offset): Shifted) -> (Shifted, Option<u32>) {
        loop {
            let Some(m) = arena.head(t).as_meta() else { return ((t, offset), None) };
            let v = m + offset;
            let to = self.bound[v as usize];
            if to.0 == UNBOUND {
                return ((t, offset), Some(v));
            }
            (t, offset) = to;
        }
    }
    fn occurs(&self, arena: &Arena, v: u32, (t, offset): Shifted, fuel: &mut u64) -> bool {
        if *fuel == 0 {
            return true;
        }
        *fuel -= 1;
        if arena.is_ground(t) {
            return false;
        }
        let ((t, offset), meta) = self.walk(arena, (t, offset));
        match meta {
            Some(m) => m == v,
            None => !arena.is_ground(t) && arena.children(t).iter().any(|&c| self.occurs(arena, v, (c, offset), fuel)),
        }
    }
    /// Unifies two shifted terms. On failure the bindings are left half made: reset them.
    pub fn unify(&mut self, arena: &Arena, a: Shifted, b: Shifted) -> bool {
        let mut stack = std::mem::take(&mut self.stack);
        stack.clear();
        stack.push((a, b));
        let mut ok = true;
        while let Some((a, b)) = stack.pop() {
            self.fuel = self.fuel.saturating_sub(1);
            if self.fuel == 0 || !self.unify_top(arena, a, b, &mut stack) {
                ok = false;
                break;
            }
        }
        self.stack = stack;
        ok
    }
    fn unify_top(&mut self, arena: &Arena, a: Shifted, b: Shifted, stack: &mut Vec<(Shifted, Shifted)>) -> bool {
        let same = |a: Shifted, b: Shifted| a.0 == b.0 && (a.1 == b.1 || arena.is_ground(a.0));
        if same(a, b) {
            return true;
        }
        let (a, va) = self.walk(arena, a);
        let (b, vb) = self.walk(arena, b);
        match (va, vb) {
            (Some(x), Some(y)) if x == y => return true,
            (Some(x), Some(y)) => {
                if self.statements.get(x as usize) != Some(&true) {
                    // what stands for both is a formula
                    self.statements.get_mut(y as usize).into_iter().for_each(|s| *s = false);
                }
                self.bound[x as usize] = b;
                return true;
            }
            (Some(x), None) => return self.bind_checked(arena, x, b),
            (None, Some(y)) => return self.bind_checked(arena, y, a),
            (None, None) => {}
        }
        if same(a, b) {
            return true;
        }
        if arena.head(a.0) != arena.head(b.0) || (arena.is_ground(a.0) && arena.is_ground(b.0)) {
            return false;
        }
        let (ca, cb) = (arena.children(a.0), arena.children(b.0));
        stack.extend(ca.iter().zip(cb).rev().map(|(&x, &y)| ((x, a.1), (y, b.1))));
        true
    }
    fn bind_checked(&mut self, arena: &Arena, v: u32, t: Shifted) -> bool {
        if arena.head(t.0).is_judgement() && self.statements.get(v as usize) != Some(&true) {
            return false;
        }
        let most = OCCURS_FUEL.min(self.fuel);
        let mut left = most;
        let occurs = self.occurs(arena, v, t, &mut left);
        self.fuel -= most - left;
        if occurs {
            return false;
        }
        self.bound[v as usize] = t;
        true
    }
    /// Returns the result of [`Bindings::resolve`], but resolves each distinct shifted term once and keeps it in
    /// `known`. Cost: linear in the distinct shifted terms, however large they are when written out.
    pub fn resolve_shared(&self, arena: &mut Arena, t: Shifted, known: &mut FxHashMap<Shifted, TermId>) -> TermId {
        if arena.is_ground(t.0) {
            return t.0;
        }
        let ((t, offset), meta) = self.walk(arena, t);
        if let Some(m) = meta {
            return arena.meta(m);
        }
        if arena.is_ground(t) {
            return t;
        }
        if let Some(&made) = known.get(&(t, offset)) {
            return made;
        }
        let old: Children = arena.children(t).into();
        let new: Children = old.iter().map(|&c| self.resolve_shared(arena, (c, offset), known)).collect();
        let made = arena.make(arena.head(t), &new);
        known.insert((t, offset), made);
        made
    }
    /// The term with all bindings applied; unbound metavariables keep their shifted numbers.
    pub fn resolve(&self, arena: &mut Arena, t: Shifted) -> TermId {
        if arena.is_ground(t.0) {
            return t.0;
        }
        let ((t, offset), meta) = self.walk(arena, t);
        if let Some(m) = meta {
            return arena.meta(m);
        }
        if arena.is_ground(t) {
            return t;
        }
        let head: Head = arena.head(t);
        let old: Children = arena.children(t).into();
        let new: Children = old.iter().map(|&c| self.resolve(arena, (c, offset))).collect();
        arena.make(head, &new)
    }
    /// Number of nodes of the resolved term, or something above `limit` once it is passed.
    pub fn size(&self, arena: &Arena, t: Shifted, limit: u32) -> u32 {
        if arena.is_ground(t.0) {
            return arena.size(t.0);
        }
        let ((t, offset), meta) = self.walk(arena, t);
        if meta.is_some() {
            return 1;
        }
        let mut n = 1u32;
        for &c in arena.children(t) {
            n = n.saturating_add(self.size(arena, (c, offset), limit));
            if n > limit {
                break;
            }
        }
        n
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metamath_db::ids::{AssertionId, SymbolId};

    fn arrow(a: &mut Arena, x: TermId, y: TermId) -> TermId {
        a.make(Head::syntax(AssertionId(0)), &[x, y])
    }

    #[test]
    fn unifies_and_refuses_cycles() {
        let mut a = Arena::new();
        let (m0, m1, p) = (a.meta(0), a.meta(1), a.variable(SymbolId(7)));
        let left = arrow(&mut a, m0, m1);
        let right = arrow(&mut a, p, m0);
        // apart: m0 -> m1 against p -> m2 with the right side shifted by 2
        let mut b = Bindings::new(4);
        assert!(b.unify(&a, (left, 0), (right, 2)));
        assert_eq!(b.resolve(&mut a, (m0, 0)), p);
        let (x, y) = (b.resolve(&mut a, (left, 0)), b.resolve(&mut a, (right, 2)));
        assert_eq!(x, y);
        // m0 = m0 -> m1 has no finite solution
        b.reset(2);
        assert!(!b.unify(&a, (m0, 0), (left, 0)));
        // (p -> m0) = (m0 -> m1): both p
        b.reset(2);
        assert!(b.unify(&a, (right, 0), (left, 0)));
        assert_eq!(b.resolve(&mut a, (m1, 0)), p);
        assert_eq!(b.size(&a, (left, 0), 100), 3);
    }

    #[test]
    fn what_doubles_is_worked_out_once() {
        let mut a = Arena::new();
        let metas: Vec<TermId> = (0..64).map(|i| a.meta(i)).collect();
        let mut b = Bindings::new(64);
        for i in 0..63 {
            let pair = arrow(&mut a, metas[i + 1], metas[i + 1]);
            b.bind(i as u32, (pair, 0));
        }
        let before = a.len();
        let all = b.resolve_shared(&mut a, (metas[0], 0), &mut FxHashMap::default());
        assert!(a.len() - before < 100 && a.size(all) > 1 << 30);
        b.reset(4);
        assert_eq!(b.resolve_shared(&mut a, (metas[3], 0), &mut FxHashMap::default()), metas[3]);
    }

    #[test]
    fn a_unification_without_end_fails() {
        let mut a = Arena::new();
        let (p, q) = (a.variable(SymbolId(7)), a.variable(SymbolId(8)));
        let metas: Vec<TermId> = (0..80).map(|i| a.meta(i)).collect();
        let mut b = Bindings::new(80);
        // two chains that double forty times and differ at their ends alone
        for i in (0..40).chain(41..79) {
            let pair = arrow(&mut a, metas[i + 1], metas[i + 1]);
            b.bind(i as u32, (pair, 0));
        }
        b.bind(40, (p, 0));
        b.bind(79, (q, 0));
        assert!(!b.unify(&a, (metas[0], 0), (metas[41], 0)));
        b.reset(2);
        assert!(b.unify(&a, (metas[0], 0), (p, 0)) && !b.is_spent());
    }

    #[test]
    fn only_what_may_be_a_statement_is_bound_to_one() {
        let mut a = Arena::new();
        let (m0, m1, p) = (a.meta(0), a.meta(1), a.variable(SymbolId(7)));
        let judged = a.make(Head::judgement(3), &[p]);
        let open = a.make(Head::judgement(3), &[m0]);
        let mut b = Bindings::new(2);
        assert!(!b.unify(&a, (m0, 0), (judged, 0)));
        b.reset(2);
        assert!(b.unify(&a, (open, 0), (judged, 0)) && b.resolve(&mut a, (m0, 0)) == p);
        // a metavariable of a whole step may be one, but not once it is a formula, too
        let mut b = Bindings::with_statements(1);
        b.grow(2);
        assert!(b.unify(&a, (m0, 0), (judged, 0)));
        for pair in [(m0, m1), (m1, m0)] {
            let mut b = Bindings::with_statements(1);
            b.grow(2);
            assert!(b.unify(&a, (pair.0, 0), (pair.1, 0)));
            assert!(!b.unify(&a, (m0, 0), (judged, 0)));
        }
    }
}

//! Unification and matching over hash-consed terms: iterative, with occurs check, each pair of subterms once.
//!
//! Price: linear in the distinct pairs visited, plus one walk for the occurs check of each binding. This is the
//! plain version that the machine runs and logs; bulk search may use a faster one and must give the same answers.

use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::{Arena, Children};
use rustc_hash::{FxHashMap, FxHashSet};

/// Pairs that one unification or match may visit.
pub const PAIR_LIMIT: usize = 1 << 22;

/// Values of metavariables.
pub trait Bindings {
    /// The value of metavariable `m`, if it has one.
    fn value(&self, m: u32) -> Option<TermId>;
    /// Gives it one.
    fn bind(&mut self, m: u32, t: TermId);
}

/// Bindings in a vector, with a trail: [`VecBindings::undo`] takes back what was bound since a mark.
#[derive(Clone, Debug, Default)]
pub struct VecBindings {
    values: Vec<Option<TermId>>,
    trail: Vec<u32>,
}

impl VecBindings {
    /// No bindings.
    pub fn new() -> VecBindings {
        VecBindings::default()
    }
    /// A mark for [`VecBindings::undo`].
    pub fn mark(&self) -> usize {
        self.trail.len()
    }
    /// Takes back all bindings made since the mark.
    pub fn undo(&mut self, mark: usize) {
        for m in self.trail.drain(mark..) {
            self.values[m as usize] = None;
        }
    }
    /// The metavariables bound so far, in order of binding.
    pub fn trail(&self) -> &[u32] {
        &self.trail
    }
}

impl Bindings for VecBindings {
    fn value(&self, m: u32) -> Option<TermId> {
        self.values.get(m as usize).copied().flatten()
    }
    fn bind(&mut self, m: u32, t: TermId) {
        if self.values.len() <= m as usize {
            self.values.resize(m as usize + 1, None);
        }
        self.values[m as usize] = Some(t);
        self.trail.push(m);
    }
}

/// Why two terms do not unify.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mismatch {
    /// These two subterms have different heads.
    Clash(TermId, TermId),
    /// This metavariable would contain itself.
    Occurs(u32),
    /// This metavariable stands for a formula, this term is a statement of another judgement.
    Judgement(u32, TermId),
    /// More than [`PAIR_LIMIT`] pairs.
    Bound,
}

/// Follows bindings from `t` until it is no bound metavariable.
pub fn walk(arena: &Arena, b: &impl Bindings, mut t: TermId) -> TermId {
    while let Some(next) = arena.head(t).as_meta().and_then(|m| b.value(m)) {
        t = next;
    }
    t
}

/// Two-way unification under the bindings, which it extends. Of two unbound metavariables the one with the
/// greater number is bound. On a mismatch the bindings made so far stay: undo them.
///
/// ```
/// use metadream_core::dsl::formulas::unify::{resolve, unify, VecBindings};
/// use metadream_core::metamath_db::ids::{AssertionId, SymbolId};
/// use metadream_core::metamath_db::terms::term::{Arena, Head};
///
/// let (mut arena, not) = (Arena::new(), Head::syntax(AssertionId(0)));
/// let (p, m) = (arena.variable(SymbolId(1)), arena.meta(0));
/// let (not_p, not_m) = (arena.make(not, &[p]), arena.make(not, &[m]));
/// let mut bindings = VecBindings::new();
/// unify(&arena, &mut bindings, not_m, not_p).unwrap();
/// assert_eq!(resolve(&mut arena, &bindings, m), p);
/// assert!(unify(&arena, &mut VecBindings::new(), m, not_m).is_err()); // the occurs check
/// ```
pub fn unify(arena: &Arena, b: &mut impl Bindings, x: TermId, y: TermId) -> Result<(), Mismatch> {
    let mut seen: FxHashSet<(TermId, TermId)> = FxHashSet::default();
    let mut stack = vec![(x, y)];
    while let Some((x, y)) = stack.pop() {
        let (x, y) = (walk(arena, b, x), walk(arena, b, y));
        if x == y || !seen.insert((x, y)) {
            continue;
        }
        if seen.len() > PAIR_LIMIT {
            return Err(Mismatch::Bound);
        }
        let (hx, hy) = (arena.head(x), arena.head(y));
        match (hx.as_meta(), hy.as_meta()) {
            (Some(m), Some(n)) if m > n => b.bind(m, y),
            (Some(_), Some(n)) => b.bind(n, x),
            (Some(m), None) => bind_checked(arena, b, m, y)?,
            (None, Some(n)) => bind_checked(arena, b, n, x)?,
            (None, None) => {
                let (cx, cy) = (arena.children(x), arena.children(y));
                if hx != hy || cx.len() != cy.len() || (arena.is_ground(x) && arena.is_ground(y)) {
                    return Err(Mismatch::Clash(x, y));
                }
                stack.extend(cx.iter().copied().zip(cy.iter().copied()).rev());
            }
        }
    }
    Ok(())
}

fn bind_checked(arena: &Arena, b: &mut impl Bindings, m: u32, t: TermId) -> Result<(), Mismatch> {
    if arena.head(t).is_judgement() {
        return Err(Mismatch::Judgement(m, t));
    }
    let mut seen: FxHashSet<TermId> = FxHashSet::default();
    let mut stack = vec![t];
    while let Some(t) = stack.pop() {
        let t = walk(arena, b, t);
        if arena.is_ground(t) || !seen.insert(t) {
            continue;
        }
        if arena.head(t).as_meta() == Some(m) {
            return Err(Mismatch::Occurs(m));
        }
        stack.extend_from_slice(arena.children(t));
    }
    b.bind(m, t);
    Ok(())
}

/// One-way matching: the values of `pattern`'s metavariables that make it equal to `subject`, in order of the
/// metavariables' numbers. The metavariables of `subject` count as constants, even where they have equal numbers.
pub fn matches(arena: &Arena, pattern: TermId, subject: TermId) -> Option<Vec<(u32, TermId)>> {
    let mut values: FxHashMap<u32, TermId> = FxHashMap::default();
    let mut seen: FxHashSet<(TermId, TermId)> = FxHashSet::default();
    let mut stack = vec![(pattern, subject)];
    while let Some((p, s)) = stack.pop() {
        let hp = arena.head(p);
        if let Some(m) = hp.as_meta() {
            if *values.entry(m).or_insert(s) != s {
                return None;
            }
        } else if p != s || !arena.is_ground(p) {
            if hp != arena.head(s) || arena.is_ground(p) {
                return None;
            }
            let (cp, cs) = (arena.children(p), arena.children(s));
            if cp.len() != cs.len() || seen.len() > PAIR_LIMIT {
                return None;
            }
            if seen.insert((p, s)) {
                stack.extend(cp.iter().copied().zip(cs.iter().copied()));
            }
        }
    }
    let mut values: Vec<(u32, TermId)> = values.into_iter().collect();
    values.sort_unstable();
    Some(values)
}

/// The greatest metavariable number in `t`. Linear in its distinct subterms.
pub fn greatest_meta(arena: &Arena, t: TermId) -> Option<u32> {
    let mut seen: FxHashSet<TermId> = FxHashSet::default();
    let mut stack = vec![t];
    let mut greatest = None;
    while let Some(t) = stack.pop() {
        if !arena.is_ground(t) && seen.insert(t) {
            greatest = greatest.max(arena.head(t).as_meta());
            stack.extend_from_slice(arena.children(t));
        }
    }
    greatest
}

/// `t` with all bindings applied, through and through.
pub fn resolve(arena: &mut Arena, b: &impl Bindings, t: TermId) -> TermId {
    rewrite(arena, t, &|m| b.value(m), true)
}

/// `t` with metavariable `i` replaced by `values[i]`, all at once; metavariables beyond stay.
pub fn substitute(arena: &mut Arena, t: TermId, values: &[TermId]) -> TermId {
    rewrite(arena, t, &|m| values.get(m as usize).copied(), false)
}

/// The metavariables of a term, rising.
pub fn metas(arena: &Arena, t: TermId) -> Vec<u32> {
    let (mut found, mut seen, mut stack) = (Vec::new(), FxHashSet::default(), vec![t]);
    while let Some(t) = stack.pop() {
        found.extend(arena.head(t).as_meta());
        stack.extend(arena.children(t).iter().filter(|&&c| !arena.is_ground(c) && seen.insert(c)));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// `t` with the metavariables of `values` (sorted) replaced, all at once; other metavariables stay.
pub fn apply(arena: &mut Arena, t: TermId, values: &[(u32, TermId)]) -> TermId {
    let value = |m: u32| values.binary_search_by_key(&m, |v| v.0).ok().map(|i| values[i].1);
    rewrite(arena, t, &value, false)
}

fn rewrite(arena: &mut Arena, t: TermId, value: &dyn Fn(u32) -> Option<TermId>, deep: bool) -> TermId {
    let mut done: FxHashMap<TermId, TermId> = FxHashMap::default();
    let mut stack = vec![t];
    while let Some(&t) = stack.last() {
        if done.contains_key(&t) {
            stack.pop();
            continue;
        }
        let ready = |t: TermId| done.get(&t).copied();
        let result = if arena.is_ground(t) {
            Some(t)
        } else if let Some(m) = arena.head(t).as_meta() {
            match value(m) {
                None => Some(t),
                Some(v) if !deep => Some(v),
                Some(v) => ready(v).or_else(|| {
                    stack.push(v);
                    None
                }),
            }
        } else {
            let before = stack.len();
            stack.extend(arena.children(t).iter().filter(|c| !done.contains_key(c)));
            if stack.len() == before {
                let new: Children = arena.children(t).iter().map(|c| done[c]).collect();
                Some(arena.make(arena.head(t), &new))
            } else {
                None
            }
        };
        if let Some(r) = result {
            done.insert(t, r);
            stack.pop();
        }
    }
    done[&t]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metamath_db::ids::{AssertionId, SymbolId};
    use crate::metamath_db::terms::term::Head;

    fn f(a: &mut Arena, x: TermId, y: TermId) -> TermId {
        a.make(Head::syntax(AssertionId(1)), &[x, y])
    }

    #[test]
    fn two_way_with_occurs_check() {
        let mut a = Arena::new();
        let (x, m0, m1) = (a.variable(SymbolId(0)), a.meta(0), a.meta(1));
        let (s, t) = (f(&mut a, m0, x), f(&mut a, x, m1));
        let mut b = VecBindings::new();
        assert_eq!(unify(&a, &mut b, s, t), Ok(()));
        assert_eq!((b.value(0), b.value(1)), (Some(x), Some(x)));
        assert_eq!(resolve(&mut a, &b, s), resolve(&mut a, &b, t));
        b.undo(0);
        assert_eq!(b.value(0), None);
        assert_eq!(unify(&a, &mut b, m0, m1), Ok(()));
        assert_eq!((b.value(0), b.value(1)), (None, Some(m0)));
        b.undo(0);
        assert_eq!(unify(&a, &mut b, m0, s), Err(Mismatch::Occurs(0)));
        let u = f(&mut a, m0, m0);
        let v = f(&mut a, m1, s);
        assert_eq!(unify(&a, &mut b, u, v), Err(Mismatch::Occurs(0)));
        b.undo(0);
        let y = a.variable(SymbolId(1));
        assert_eq!(unify(&a, &mut b, x, y), Err(Mismatch::Clash(x, y)));
    }

    #[test]
    fn doubling_terms_stay_cheap() {
        let mut a = Arena::new();
        let (mut s, mut t) = (a.meta(0), a.meta(1));
        for _ in 0..2000 {
            s = f(&mut a, s, s);
            t = f(&mut a, t, t);
        }
        let mut b = VecBindings::new();
        assert_eq!(unify(&a, &mut b, s, t), Ok(()));
        assert_eq!(resolve(&mut a, &b, t), s);
        assert!(matches(&a, t, s).is_some());
    }

    #[test]
    fn matching_is_one_way_and_keeps_metavariables_apart() {
        let mut a = Arena::new();
        let (x, m0, m1) = (a.variable(SymbolId(0)), a.meta(0), a.meta(1));
        let (p, s, q) = (f(&mut a, m0, m1), f(&mut a, m1, x), f(&mut a, m0, m0));
        assert_eq!(matches(&a, p, s), Some(vec![(0, m1), (1, x)]));
        assert_eq!(matches(&a, s, p), None);
        assert_eq!(matches(&a, q, s), None);
        assert_eq!(matches(&a, p, q), Some(vec![(0, m0), (1, m0)]));
        let value = substitute(&mut a, p, &[m1, x]);
        assert_eq!(value, s);
    }
}

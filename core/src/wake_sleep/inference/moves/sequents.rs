//! Sequents Γ ⊢ C: a goal's antecedents as a set, and its consequent.
//!
//! A sequent is a term ([`crate::dsl::formulas::sequent`]). Conjunctions in Γ are taken apart, and the true constant is
//! left out. Symmetric relations stand in one orientation
//! ([`crate::wake_sleep::inference::moves::sequents::symmetry`]). The connectives are recognised by their truth tables,
//! so no label is used.

pub mod symmetry;

pub use crate::dsl::formulas::sequent::{consequent, context, sequent, Terms};
use crate::metamath_db::ids::{AssertionId, TermId};
use crate::metamath_db::terms::term::{Arena, Head, HeadKind};
use crate::wake_sleep::closers::{Table, Tables};
use crate::wake_sleep::inference::moves::sequents::symmetry::Symmetry;
use smallvec::SmallVec;

/// The connectives that sequents are about; `None` or empty where a database lacks one.
#[derive(Clone, Debug, Default)]
pub struct Connectives {
    /// `( A -> B )`.
    pub implication: Option<Head>,
    /// `( A /\ B )` and `( A /\ B /\ C )`, the binary one first.
    pub conjunctions: SmallVec<[Head; 2]>,
    /// `( A <-> B )`.
    pub equivalence: Option<Head>,
    /// `-. A`.
    pub negation: Option<Head>,
    /// `T.`
    pub truth: Option<Head>,
    /// The symmetric relations, once they are determined.
    pub symmetries: Vec<Symmetry>,
}

impl Connectives {
    /// Finds the connectives among the first `count` assertions by their truth tables; takes the first of each kind.
    pub fn new(tables: &Tables, count: usize) -> Connectives {
        let mut out = Connectives::default();
        for i in 0..count {
            let head = Head::syntax(AssertionId::from(i));
            let Some(Table { places, values }) = tables.get(head) else { continue };
            match (places, values) {
                (2, 0b1101) => _ = out.implication.get_or_insert(head),
                (2, 0b1000) | (3, 0b1000_0000) => out.conjunctions.push(head),
                (2, 0b1001) => _ = out.equivalence.get_or_insert(head),
                (1, 0b01) => _ = out.negation.get_or_insert(head),
                (0, 0b1) => _ = out.truth.get_or_insert(head),
                _ => {}
            }
        }
        out
    }
    /// The connectives and symmetries that are available before an assertion.
    pub fn before(&self, limit: AssertionId) -> Connectives {
        let there = |h: &Head| matches!(h.kind(), HeadKind::Syntax(a) if a < limit);
        Connectives {
            implication: self.implication.filter(there),
            conjunctions: self.conjunctions.iter().copied().filter(there).collect(),
            equivalence: self.equivalence.filter(there),
            negation: self.negation.filter(there),
            truth: self.truth.filter(there),
            symmetries: self.symmetries.iter().filter(|s| s.theorems[0].0 < limit.0).cloned().collect(),
        }
    }
    /// The antecedent and the consequent of an implication.
    #[inline]
    pub fn as_implication(&self, arena: &Arena, t: TermId) -> Option<(TermId, TermId)> {
        let [a, b] = *arena.children(t) else { return None };
        (Some(arena.head(t)) == self.implication).then_some((a, b))
    }
    /// The two sides of an equivalence.
    pub fn as_equivalence(&self, arena: &Arena, t: TermId) -> Option<(TermId, TermId)> {
        let [a, b] = *arena.children(t) else { return None };
        (Some(arena.head(t)) == self.equivalence).then_some((a, b))
    }
    /// Whether a formula is a conjunction.
    #[inline]
    pub fn is_conjunction(&self, arena: &Arena, t: TermId) -> bool {
        self.conjunctions.contains(&arena.head(t))
    }
    /// Appends the conjuncts of a formula, nested conjunctions taken apart. The true constant has none.
    pub fn conjuncts(&self, arena: &Arena, t: TermId, out: &mut Terms) {
        if self.is_conjunction(arena, t) {
            arena.children(t).iter().for_each(|&c| self.conjuncts(arena, c, out));
        } else if Some(arena.head(t)) != self.truth {
            out.push(t);
        }
    }
    /// Appends the conjuncts of a formula's antecedents, and returns the formula behind the last antecedent.
    pub fn strip(&self, arena: &Arena, mut t: TermId, antecedents: &mut Terms) -> TermId {
        while let Some((a, b)) = self.as_implication(arena, t) {
            self.conjuncts(arena, a, antecedents);
            t = b;
        }
        t
    }
    /// Appends the sequents into which a formula in a context is taken apart: its antecedents join Γ, and a conjunction
    /// gives one sequent for each conjunct, in order. Literals are oriented.
    pub fn sequents(&self, arena: &mut Arena, context: &[TermId], formula: TermId, out: &mut Terms) {
        let mut members: Terms = SmallVec::new();
        for &g in context {
            self.conjuncts(arena, g, &mut members);
        }
        let goal = self.strip(arena, formula, &mut members);
        if self.is_conjunction(arena, goal) {
            let parts: Terms = arena.children(goal).into();
            parts.iter().for_each(|&p| self.sequents(arena, &members, p, out));
            return;
        }
        out.push(self.sequent(arena, goal, members));
    }
    /// The sequent of a consequent and of members of Γ that are already taken apart. They are oriented here.
    pub fn sequent(&self, arena: &mut Arena, goal: TermId, mut members: Terms) -> TermId {
        members.iter_mut().for_each(|m| *m = self.oriented(arena, *m));
        let goal = self.oriented(arena, goal);
        sequent(arena, goal, members)
    }
    /// The conjuncts of some formulas, oriented and sorted.
    pub fn literals(&self, arena: &mut Arena, formulas: &[TermId]) -> Terms {
        let mut out = Terms::new();
        formulas.iter().for_each(|&t| self.conjuncts(arena, t, &mut out));
        out.iter_mut().for_each(|m| *m = self.oriented(arena, *m));
        out.sort_unstable();
        out.dedup();
        out
    }
    /// The formula that a sequent stands for: `( ( G1 /\ G2 ) -> C )`, or nested implications in a database without
    /// `/\`.
    pub fn formula(&self, arena: &mut Arena, s: TermId) -> TermId {
        let (goal, members) = (consequent(arena, s), Terms::from(context(arena, s)));
        let Some(implication) = self.implication else { return goal };
        match self.conjunction(arena, &members) {
            Some(all) => arena.make(implication, &[all, goal]),
            None => members.iter().rev().fold(goal, |c, &g| arena.make(implication, &[g, c])),
        }
    }
    /// The conjunction of some formulas, `( ( A /\ B ) /\ C )`; `None` for no formulas, or in a database without `/\`.
    pub fn conjunction(&self, arena: &mut Arena, members: &[TermId]) -> Option<TermId> {
        let (&first, rest) = members.split_first()?;
        if rest.is_empty() {
            return Some(first);
        }
        let and = *self.conjunctions.first()?;
        Some(rest.iter().fold(first, |all, &g| arena.make(and, &[all, g])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metamath_db::ids::SymbolId;

    fn connectives() -> Connectives {
        let head = |i: u32| Head::syntax(AssertionId(i));
        Connectives {
            implication: Some(head(0)),
            conjunctions: SmallVec::from_slice(&[head(1)]),
            truth: Some(head(2)),
            ..Default::default()
        }
    }

    #[test]
    fn a_formula_comes_to_sequents() {
        let (mut a, c) = (Arena::new(), connectives());
        let [p, q, r] = [7, 8, 9].map(|v| a.variable(SymbolId(v)));
        let top = a.make(Head::syntax(AssertionId(2)), &[]);
        let pq = a.conjoin(&c, p, q);
        let rp = a.conjoin(&c, r, top);
        let inner = a.imply(&c, rp, pq);
        let whole = a.imply(&c, pq, inner);
        let mut found = Terms::new();
        c.sequents(&mut a, &[], whole, &mut found);
        let members = Terms::from_slice(&[r, q, p, r]);
        assert_eq!(found.as_slice(), [sequent(&mut a, p, members.clone()), sequent(&mut a, q, members)]);
        assert_eq!(context(&a, found[0]), [p, q, r]);
        let said = c.formula(&mut a, found[1]);
        let all = a.conjoin(&c, pq, r);
        assert_eq!(said, a.imply(&c, all, q));
        let bare = Connectives { conjunctions: SmallVec::new(), ..c.clone() };
        let (rq, said) = (a.imply(&c, r, q), bare.formula(&mut a, found[1]));
        let qrq = a.imply(&c, q, rq);
        assert_eq!(said, a.imply(&c, p, qrq));
    }

    impl Arena {
        fn imply(&mut self, c: &Connectives, x: TermId, y: TermId) -> TermId {
            self.make(c.implication.expect("it has one"), &[x, y])
        }
        fn conjoin(&mut self, c: &Connectives, x: TermId, y: TermId) -> TermId {
            self.make(c.conjunctions[0], &[x, y])
        }
    }
}

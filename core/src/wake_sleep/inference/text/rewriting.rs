//! CONGR and REWRITE: equalities of wholes from equalities of parts, by theorems that are found by shape.

use super::decide::{parts, Made};
use super::fields::Fields;
use super::tree::{Found, Tree};
use super::{refusal, Words};
use crate::dsl::machine::obligation::FaultKind;
use crate::dsl::machine::obligation::Refusal;
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::{Arena, Head};
use crate::metamath_db::terms::unify::Bindings;
use crate::wake_sleep::inference::moves::sequents::{consequent, context, Terms};
use crate::wake_sleep::inference::proof::{By, ContentProof};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// The greatest depth of a place of rewriting.
const DEEPEST: u32 = 64;

/// An application of a congruence theorem: the move, its values, the members passed on, the sequents left.
type Step = (u32, Vec<TermId>, Terms, Vec<TermId>);

/// Whether two terms stand at the same place below the top of two others.
fn inside(arena: &Arena, (x, y): (TermId, TermId), pair: (TermId, TermId)) -> bool {
    let (xs, ys) = (arena.children(x), arena.children(y));
    arena.head(x) == arena.head(y)
        && xs.len() == ys.len()
        && xs.iter().zip(ys).any(|(&a, &b)| (a, b) == pair || inside(arena, (a, b), pair))
}

/// The term with `to` in place of every occurrence of `from`.
fn replaced(arena: &mut Arena, t: TermId, from: TermId, to: TermId) -> TermId {
    if t == from {
        return to;
    }
    let children = Terms::from(arena.children(t));
    let new: Terms = children.iter().map(|&c| replaced(arena, c, from, to)).collect();
    if new == children {
        t
    } else {
        arena.make(arena.head(t), &new)
    }
}

impl Words<'_, '_> {
    /// The heads of relations that are proved reflexive.
    fn equalities(&self) -> Vec<Head> {
        let arena = &self.by.moves.arena;
        let mut out: Vec<Head> = self.connectives.equivalence.into_iter().collect();
        for m in self.by.moves.all.iter().filter(|m| m.takes.is_none() && m.parts.is_empty()) {
            if let [a, b] = arena.children(m.goal) {
                if a == b && arena.head(*a).as_meta().is_some() && !out.contains(&arena.head(m.goal)) {
                    out.push(arena.head(m.goal));
                }
            }
        }
        out
    }
    fn sides(&self, equalities: &[Head], t: TermId) -> Option<(TermId, TermId)> {
        let [a, b] = *self.arena.children(t) else { return None };
        equalities.contains(&self.arena.head(t)).then_some((a, b))
    }
    /// The theorem that gives an equality from equalities of parts of its sides and needs the fewest of them.
    fn congruence(&mut self, equalities: &[Head], goal: TermId, members: &Terms) -> Option<Step> {
        let (moves, pair) = (self.by.moves, self.sides(equalities, goal)?);
        let mut best: Option<Step> = None;
        for (m, number) in moves.all.iter().zip(0u32..) {
            let fewer = best.as_ref().is_none_or(|b| m.parts.len() < b.3.len());
            let fits = m.takes.is_none() && m.whole.is_none() && !m.parts.is_empty();
            if !fits || !fewer || moves.arena.head(m.goal) != self.arena.head(goal) {
                continue;
            }
            let said = |turned| self.said_by(number, turned, goal, None);
            let values = [false, true].into_iter().take(m.ways()).find_map(said);
            let Some(values) = values.and_then(|v| v.into_iter().collect::<Option<Vec<TermId>>>()) else { continue };
            let of_parts = m.parts.iter().all(|part| {
                let t = self.arena.instantiate(part.goal, &values);
                let is_part = |p: (TermId, TermId)| inside(self.arena, pair, p) || inside(self.arena, pair, (p.1, p.0));
                self.sides(equalities, t).is_some_and(is_part)
            });
            let mut kept = members.clone();
            if of_parts {
                if let Ok(left) = self.applied(number, &values, (goal, None), members, &mut kept) {
                    best = Some((number, values, kept, left));
                }
            }
        }
        best
    }
    /// The result of CONGR on an equality.
    pub(super) fn congr(&mut self, answers: TermId) -> Result<Made, Refusal> {
        let (goal, members) = (consequent(self.arena, answers), Terms::from(context(self.arena, answers)));
        let (equalities, mut tree) = (self.equalities(), Tree::default());
        let none = || refusal(FaultKind::Unify, "expected an equality that follows by a theorem from those of parts");
        let (by, left) = self.step(&equalities, goal, &members).ok_or_else(none)?;
        let children = left.into_iter().map(|s| tree.leave(s)).collect();
        tree.push(answers, by, children);
        Ok(tree.made(answers))
    }
    /// The reason for an equality by equalities of parts: a theorem, or the connective that both sides have.
    fn step(&mut self, equalities: &[Head], goal: TermId, members: &Terms) -> Option<(By, Vec<TermId>)> {
        if let Some((number, values, kept, left)) = self.congruence(equalities, goal, members) {
            return Some((By::Move { number, values, taken: None, kept }, left));
        }
        let (mut bindings, mut variables) = (Bindings::default(), FxHashMap::default());
        let parts = self.meaning(&mut bindings, &mut variables).part_equivalences(goal, 0)?;
        Some((By::Split, self.literals(members, &parts)))
    }
    /// The result of REWRITE on a sequent.
    pub(super) fn rewrite(&mut self, equation: &str, answers: TermId, fields: &Fields<'_>) -> Result<Made, Refusal> {
        let (goal, members) = (consequent(self.arena, answers), Terms::from(context(self.arena, answers)));
        let (equation, equalities) = (self.formula(equation)?, self.equalities());
        let no_equation = || refusal(FaultKind::Unify, "expected an equality of the database behind REWRITE");
        let (from, to) = self.sides(&equalities, equation).ok_or_else(no_equation)?;
        let new = match fields.all("to").next() {
            Some(text) => self.formula(text)?,
            None => replaced(self.arena, goal, from, to),
        };
        let nothing = || refusal(FaultKind::Unify, format!("expected {} in {}", self.show(from), self.show(goal)));
        let is = self.connectives.equivalence.filter(|_| new != goal).ok_or_else(nothing)?;
        let whole = self.arena.make(is, &[goal, new]);
        let mut tree = Tree::default();
        let same = self.literal_of(&members, whole);
        let fits = self.equal(&equalities, equation, same, &mut tree, 0);
        let equal = fits.ok_or_else(|| {
            let said = self.show(whole);
            refusal(FaultKind::Unify, format!("expected theorems by which {said} follows from the equation"))
        })?;
        let rest = self.literal_of(&members, new);
        let rest = tree.leave(rest);
        tree.push(answers, By::Split, SmallVec::from_slice(&[equal, rest]));
        Ok(tree.made(answers))
    }
    fn literal_of(&mut self, members: &Terms, formula: TermId) -> TermId {
        ContentProof::literal(&self.connectives, self.arena, members, formula)
    }
    /// Answers an equality by congruence, down to the equation.
    fn equal(
        &mut self,
        equalities: &[Head],
        equation: TermId,
        asked: TermId,
        tree: &mut Tree,
        depth: u32,
    ) -> Option<Found> {
        let [s] = parts(&self.connectives, self.arena, asked)[..] else { return None };
        let (goal, members) = (consequent(self.arena, s), Terms::from(context(self.arena, s)));
        if self.connectives.same(self.arena, goal, equation) {
            return Some(tree.leave(s));
        }
        if depth >= DEEPEST {
            return None;
        }
        let (by, left) = self.step(equalities, goal, &members)?;
        let children = left.into_iter().map(|l| self.equal(equalities, equation, l, tree, depth + 1));
        let children = children.collect::<Option<SmallVec<[Found; 3]>>>()?;
        Some(tree.push(s, by, children))
    }
}

//! Glue for long contexts, as a chain of small questions.
//!
//! A theorem may have many antecedents, all of which the wanted context holds in another order and nesting. Then the
//! one question of glue has too many atoms for a bounded search, though its proof is simple: each antecedent is
//! extracted from the context, conjunctions are put together, and the theorem is applied in the context. Each of these
//! steps is a question of glue with few atoms, so the database's own theorems answer it.

use super::super::glue::{Effort, Glue};
use crate::dsl::theory::library::{PremiseId, Proof, Rule, Step};
use crate::metamath_db::ids::{SymbolId, TermId};
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::inference::moves::sequents::Connectives;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// The greatest depth of a chain of formulas.
const DEPTH: u32 = 40;
/// The largest number of formulas that are examined for one question.
const FUEL: u32 = 400;
/// The number of the first letter that stands for no part of a conjunction.
const LETTERS: u32 = 8;

/// The state of one question.
pub(super) struct Derivation<'a> {
    pub(super) glue: &'a Glue,
    pub(super) connectives: &'a Connectives,
    pub(super) arena: &'a mut Arena,
    pub(super) allowed: &'a dyn Fn(PremiseId) -> bool,
    pub(super) facts: &'a [TermId],
    out: Proof,
    /// For each formula, the step that proves it; `None` if it failed or is in progress.
    known: FxHashMap<TermId, Option<u32>>,
    fuel: u32,
}

impl<'a> Derivation<'a> {
    pub(super) fn new(
        glue: &'a Glue,
        connectives: &'a Connectives,
        arena: &'a mut Arena,
        allowed: &'a dyn Fn(PremiseId) -> bool,
        facts: &'a [TermId],
    ) -> Self {
        let (out, known) = (Proof::default(), FxHashMap::default());
        Derivation { glue, connectives, arena, allowed, facts, out, known, fuel: FUEL }
    }
    /// Proves an implication from the facts; `Rule::Hyp(k)` stands for fact `k`.
    pub(super) fn prove(mut self, wanted: TermId) -> Option<Proof> {
        let (context, goal) = self.connectives.as_implication(self.arena, wanted)?;
        let before = self.arena.len();
        let root = self.derive(context, goal, 0);
        self.arena.truncate(before);
        self.out.steps.truncate(root? as usize + 1);
        Some(self.out)
    }
    fn within(&mut self, context: TermId, goal: TermId) -> Option<TermId> {
        Some(self.arena.make(self.connectives.implication?, &[context, goal]))
    }
    /// The step that proves a formula in a context.
    fn derive(&mut self, context: TermId, goal: TermId, depth: u32) -> Option<u32> {
        let wanted = self.within(context, goal)?;
        if let Some(known) = self.known.get(&wanted) {
            return *known;
        }
        self.fuel = self.fuel.checked_sub(1)?;
        if depth > DEPTH {
            return None;
        }
        self.known.insert(wanted, None);
        let found = self
            .as_fact(goal, wanted)
            .or_else(|| self.taken_out(context, goal))
            .or_else(|| self.put_together(context, goal, depth))
            .or_else(|| self.under_antecedent(context, goal, depth))
            .or_else(|| (0..self.facts.len()).find_map(|k| self.by_fact(context, goal, k, depth)));
        self.known.insert(wanted, found);
        found
    }
    fn push(&mut self, rule: Rule, children: SmallVec<[u32; 4]>) -> u32 {
        self.out.steps.push(Step { rule, children });
        self.out.steps.len() as u32 - 1
    }
    /// The letter of number `k`, which stands for a formula whose parts do not matter to a question.
    fn letter(&mut self, k: u32) -> TermId {
        self.arena.variable(SymbolId(k))
    }
    /// Appends a short proof of glue that concludes a formula from earlier steps; returns its last step. `given` holds
    /// the numbers and formulas of the earlier steps. A proof holds no substitution, so the formulas may consist of
    /// letters.
    fn ask(&mut self, given: &[(u32, TermId)], goal: TermId) -> Option<u32> {
        let formulas: SmallVec<[TermId; 3]> = given.iter().map(|g| g.1).collect();
        let proof = self.glue.prove_by(Effort::Short, &formulas, goal, self.arena, self.allowed)?;
        let mut number: Vec<u32> = Vec::with_capacity(proof.steps.len());
        for step in &proof.steps {
            let children = step.children.iter().map(|&c| number[c as usize]).collect();
            number.push(match step.rule {
                Rule::Hyp(k) => given[k as usize].0,
                rule => self.push(rule, children),
            });
        }
        number.last().copied()
    }
    fn fact(&mut self, k: usize) -> u32 {
        self.push(Rule::Hyp(k as u32), SmallVec::new())
    }
    /// A fact that states the formula, in the context or without it.
    fn as_fact(&mut self, goal: TermId, wanted: TermId) -> Option<u32> {
        if let Some(k) = self.facts.iter().position(|&f| f == wanted) {
            return Some(self.fact(k));
        }
        let k = self.facts.iter().position(|&f| f == goal)?;
        let (step, c, t) = (self.fact(k), self.letter(0), self.letter(1));
        let concluded = self.within(c, t)?;
        self.ask(&[(step, t)], concluded)
    }
    /// Extracts the formula from the context, which is the formula or a conjunction that holds it.
    fn taken_out(&mut self, context: TermId, goal: TermId) -> Option<u32> {
        if context == goal {
            let c = self.letter(0);
            let concluded = self.within(c, c)?;
            return self.ask(&[], concluded);
        }
        let (place, inner) = self.place(context, goal)?;
        let wanted = self.within(context, goal)?;
        // Some theorems go through two or three conjunctions at once.
        if let Some(step) = self.ask(&[], wanted) {
            return Some(step);
        }
        let (whole, t) = (self.conjunction_of_letters(context), self.letter(LETTERS));
        let part = self.letter(place);
        let concluded = self.within(whole, if inner == goal { part } else { t })?;
        if inner == goal {
            return self.ask(&[], concluded);
        }
        let step = self.taken_out(inner, goal)?;
        let said = self.within(part, t)?;
        self.ask(&[(step, said)], concluded)
    }
    /// The first part of a conjunction that is the formula, or a conjunction that holds it.
    fn place(&self, t: TermId, goal: TermId) -> Option<(u32, TermId)> {
        if !self.connectives.is_conjunction(self.arena, t) {
            return None;
        }
        let parts = (0..).zip(self.arena.children(t).iter().copied());
        let mut parts = parts.filter(|&(_, p)| self.holds(p, goal));
        parts.next()
    }
    /// Whether a formula is `goal`, or a conjunction that holds it.
    fn holds(&self, t: TermId, goal: TermId) -> bool {
        t == goal || self.place(t, goal).is_some()
    }
    /// The conjunction with letters from 0 on as its parts.
    fn conjunction_of_letters(&mut self, t: TermId) -> TermId {
        let letters: SmallVec<[TermId; 3]> = (0..self.arena.children(t).len() as u32).map(|k| self.letter(k)).collect();
        self.arena.make(self.arena.head(t), &letters)
    }
    /// Proves a conjunction from its parts.
    fn put_together(&mut self, context: TermId, goal: TermId, depth: u32) -> Option<u32> {
        if !self.connectives.is_conjunction(self.arena, goal) {
            return None;
        }
        let parts: SmallVec<[TermId; 3]> = self.arena.children(goal).into();
        let c = self.letter(LETTERS);
        let mut given: SmallVec<[(u32, TermId); 3]> = SmallVec::new();
        for (p, k) in parts.into_iter().zip(0..) {
            let step = self.derive(context, p, depth + 1)?;
            let part = self.letter(k);
            given.push((step, self.within(c, part)?));
        }
        let whole = self.conjunction_of_letters(goal);
        let concluded = self.within(c, whole)?;
        self.ask(&given, concluded)
    }
    /// Proves an implication, with its antecedent joined to the context.
    fn under_antecedent(&mut self, context: TermId, goal: TermId, depth: u32) -> Option<u32> {
        let (a, b) = self.connectives.as_implication(self.arena, goal)?;
        let joined = self.connectives.conjunction(self.arena, &[context, a])?;
        let step = self.derive(joined, b, depth + 1)?;
        let (c, a, b) = (self.letter(0), self.letter(1), self.letter(2));
        let joined = self.connectives.conjunction(self.arena, &[c, a])?;
        let (said, implication) = (self.within(joined, b)?, self.within(a, b)?);
        let concluded = self.within(c, implication)?;
        self.ask(&[(step, said)], concluded)
    }
    /// Proves the formula by a fact whose consequent is the formula or holds it, once the fact's antecedents are
    /// proved.
    fn by_fact(&mut self, context: TermId, goal: TermId, k: usize, depth: u32) -> Option<u32> {
        let (mut rest, mut antecedents) = (self.facts[k], SmallVec::<[TermId; 4]>::new());
        while !self.holds(rest, goal) {
            let (a, b) = self.connectives.as_implication(self.arena, rest)?;
            antecedents.push(a);
            rest = b;
        }
        if antecedents.is_empty() {
            return None;
        }
        let mut minors: SmallVec<[u32; 4]> = SmallVec::new();
        for &a in &antecedents {
            minors.push(self.derive(context, a, depth + 1)?);
        }
        let (c, a, b) = (self.letter(0), self.letter(1), self.letter(2));
        let (minor, implication, concluded) = (self.within(c, a)?, self.within(a, b)?, self.within(c, b)?);
        let mut step = self.fact(k);
        for (n, own) in minors.into_iter().enumerate() {
            // The fact itself has no context yet.
            let major = if n == 0 { implication } else { self.within(c, implication)? };
            step = self.ask(&[(own, minor), (step, major)], concluded)?;
        }
        while rest != goal {
            let (place, inner) = self.place(rest, goal)?;
            let (c, whole, part) = (self.letter(LETTERS), self.conjunction_of_letters(rest), self.letter(place));
            let (said, concluded) = (self.within(c, whole)?, self.within(c, part)?);
            step = self.ask(&[(step, said)], concluded)?;
            rest = inner;
        }
        Some(step)
    }
}

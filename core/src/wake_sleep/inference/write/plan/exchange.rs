//! Symmetric relations in written proofs: the wanted orientation, and how sides are exchanged.

use super::{consequent, By, Fact, Given, How, Instance, Plan, Session, STEP, VALUE};
use crate::dsl::theory::library::PremiseId;
use crate::metamath_db::ids::TermId;
use crate::wake_sleep::closers::propositional::rules::{matches, Values};
use crate::wake_sleep::inference::glue::Effort;
use crate::wake_sleep::inference::moves::sequents::Terms;
use smallvec::SmallVec;
use std::rc::Rc;

impl Session<'_, '_> {
    /// The formula with the sides of its consequent exchanged, if that is a symmetric relation.
    pub(super) fn turned(&mut self, t: TermId) -> Option<TermId> {
        let c = self.connectives.clone();
        match c.as_implication(self.arena, t) {
            Some((a, b)) => {
                let b = self.turned(b)?;
                Some(self.arena.make(c.implication?, &[a, b]))
            }
            None => c.exchanged(self.arena, t).filter(|&x| x != t),
        }
    }
    /// Whether the exchange of sides may be shorter than a direct plan for a node. An even move gives either
    /// orientation from exchanged parts, and equivalences are exchanged by glue.
    pub(super) fn is_uneven(&self, node: u32) -> bool {
        let own = &self.nodes[node as usize];
        let equivalence = self.connectives.as_equivalence(self.arena, consequent(self.arena, own.sequent)).is_some();
        !equivalence && !matches!(own.by, By::Move { number, .. } if self.writer.moves.all[number as usize].even)
    }
    /// Whether a formula is the goal of a move in the other orientation; `None` if both orientations are equal.
    pub(super) fn is_turned(&mut self, number: u32, values: &[TermId], wanted: TermId) -> Option<bool> {
        let (m, c) = (&self.writer.moves.all[number as usize], self.connectives.clone());
        m.exchanged?;
        let goal = self.arena.instantiate(m.goal, values);
        let mut rest = wanted;
        while let Some((_, b)) = c.as_implication(self.arena, rest) {
            rest = b;
        }
        (rest == goal || c.same(self.arena, rest, goal)).then_some(rest != goal)
    }
    /// The plan for `wanted` from the plan for the same node with the sides exchanged: by a theorem of symmetry,
    /// directly or by glue.
    pub(super) fn exchange(&mut self, node: u32, turned: TermId, plan: &Plan, wanted: TermId) -> Option<Plan> {
        for p in self.theorems(wanted) {
            let premise = self.writer.theory.premise(p)?;
            let &[h] = premise.hyps else { continue };
            let mut values = Values::from_elem(None, premise.variables.len());
            let fits = matches(self.arena, premise.conclusion, wanted, &mut values)
                && matches(self.arena, h, turned, &mut values);
            if fits {
                let cost = plan.cost.saturating_add(STEP + VALUE * values.len() as u32);
                let children = SmallVec::from_elem((node, turned), 1);
                return Some(Plan {
                    cost,
                    how: How::Apply(Rc::new(Instance { premise: p, formula: wanted, children, cost })),
                });
            }
        }
        let mut facts = vec![Fact { formula: turned, by: Given::Node(node) }];
        self.add_exchanges(&mut facts, wanted);
        let formulas: Vec<TermId> = facts.iter().map(|f| f.formula).collect();
        let proof = self.writer.glue.prove_by(Effort::Short, &formulas, wanted, self.arena, self.writer.allowed)?;
        let cost = self.total(&proof, &facts, Some(plan.cost))?;
        Some(Plan { cost, how: How::Glue(proof, facts) })
    }
    /// The usable theorems that exchange the sides of a formula's consequent.
    fn theorems(&mut self, wanted: TermId) -> SmallVec<[PremiseId; 4]> {
        let c = self.connectives.clone();
        let literal = c.strip(self.arena, wanted, &mut Terms::new());
        let (theory, task, allowed) = (self.writer.theory, self.writer.task, self.writer.allowed);
        c.exchanges(self.arena, literal).filter(|&p| theory.stands_before(p, task) && allowed(p)).collect()
    }
    /// The symmetric relations among the atoms of some formulas.
    pub(super) fn symmetric_atoms(&self, formulas: impl Iterator<Item = TermId>) -> Terms {
        let mut out = Terms::new();
        let mut stack: Vec<TermId> = formulas.collect();
        while let Some(t) = stack.pop() {
            let head = self.arena.head(t);
            if !head.is_judgement() && self.writer.glue.tables().get(head).is_some() {
                stack.extend(self.arena.children(t));
            } else if !out.contains(&t) && self.connectives.symmetric(self.arena, t).is_some() {
                out.push(t);
            }
        }
        out
    }
    /// A literal in the orientation that the question uses.
    pub(super) fn as_said(&mut self, t: TermId) -> TermId {
        if self.said.is_empty() || self.said.contains(&t) {
            return t;
        }
        let c = self.connectives.clone();
        c.exchanged(self.arena, t).filter(|x| self.said.contains(x)).unwrap_or(t)
    }
    /// Adds the symmetry of literals that occur in both orientations to a question's facts.
    pub(super) fn add_exchanges(&mut self, facts: &mut Vec<Fact>, wanted: TermId) {
        let atoms = self.symmetric_atoms(facts.iter().map(|f| f.formula).chain([wanted]));
        let c = self.connectives.clone();
        for (i, &t) in atoms.iter().enumerate() {
            let Some(other) = c.exchanged(self.arena, t).filter(|x| atoms[i + 1..].contains(x)) else { continue };
            let theorems = self.theorems(t);
            let closed = |s: &mut Self, from, to, both| {
                let instance = theorems.iter().find_map(|&p| s.closed_exchange(p, from, to, both));
                instance.map(Rc::new).map(|x| Fact { formula: x.formula, by: Given::Instance(x) })
            };
            match closed(self, t, other, true) {
                Some(fact) => facts.push(fact),
                None => {
                    facts.extend(closed(self, t, other, false));
                    facts.extend(closed(self, other, t, false));
                }
            }
        }
    }
    /// The instance of a closed theorem in which one literal implies another or, if `both`, in which they are
    /// equivalent.
    fn closed_exchange(&mut self, p: PremiseId, from: TermId, to: TermId, both: bool) -> Option<Instance> {
        let premise = self.writer.theory.premise(p).filter(|x| x.hyps.is_empty())?;
        let (c, arena) = (self.connectives.clone(), &mut *self.arena);
        let (a, b) = match both {
            true => c.as_equivalence(arena, premise.conclusion)?,
            false => c.as_implication(arena, premise.conclusion)?,
        };
        let mut values = Values::from_elem(None, premise.variables.len());
        (matches(arena, a, from, &mut values) && matches(arena, b, to, &mut values)).then_some(())?;
        let values = values.into_iter().collect::<Option<Vec<TermId>>>()?;
        let (formula, cost) = (arena.instantiate(premise.conclusion, &values), STEP + VALUE * values.len() as u32);
        Some(Instance { premise: p, formula, children: SmallVec::new(), cost })
    }
}

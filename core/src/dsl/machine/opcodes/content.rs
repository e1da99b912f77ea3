//! Decisions about sequents: what they leave becomes open goals, and ASSERT has what they come to written as a proof.
//!
//! The machine's [`Inference`] interprets a decision twice: once to make the effect and once, by other code, to confirm
//! it. Cost: both calls, and at ASSERT the writing of the proof.

use super::derive::{By, Derivation, DerivationStep};
use crate::dsl::formulas::logic::ProofStep;
use crate::dsl::formulas::sequent::{is_sequent, sequent, Terms};
use crate::dsl::isa::LinkKind;
use crate::dsl::machine::effect::{slot_after, Effect, Wrong};
use crate::dsl::machine::inference::{Answered, Inference, Reason};
use crate::dsl::machine::obligation::{Claim, FaultKind};
use crate::dsl::machine::Machine;
use crate::dsl::memory::cell::{Address, Content, StepTaken};
use crate::dsl::memory::mask::Right;
use crate::dsl::memory::workspace::Link;
use crate::dsl::programs::content::Decision;
use crate::dsl::programs::program::{Instruction, Operand, Program};
use crate::dsl::theory::library::Proof;
use crate::dsl::theory::task_view::logical;
use crate::metamath_db::ids::TermId;
use rustc_hash::FxHashMap;

fn unavailable() -> Wrong {
    Wrong::new(FaultKind::Unavailable, "the machine has a database, whose inference in context it asks")
}

impl<'a> Machine<'a> {
    /// Has decisions about sequents answered by `inference`.
    pub fn set_inference(&mut self, inference: Box<dyn Inference + 'a>) {
        self.inference = Some(inference);
    }
}

impl Machine<'_> {
    /// How many proof objects and decisions there are.
    pub(in crate::dsl::machine) fn numbered(&self) -> usize {
        self.proofs.len() + self.decisions.len()
    }
    /// The sequent to be proved at a goal's cell.
    fn asked(&mut self, goal: Address, term: TermId) -> Result<TermId, Wrong> {
        let term = self.resolved(term);
        if !self.arena.is_ground(term) {
            let claim = format!("a sequent has no metavariables, but it is {}", self.show(term));
            return Err(Wrong::at(FaultKind::Open, goal, claim));
        }
        Ok(match is_sequent(&self.arena, term) {
            true => term,
            false => sequent(&mut self.arena, term, Terms::new()),
        })
    }
    /// A decision about the sequent of an open goal.
    pub(in crate::dsl::machine) fn decide(
        &mut self,
        p: &Program,
        i: &Instruction,
        e: &mut Effect,
    ) -> Result<(), Wrong> {
        if self.inference.is_none() {
            return Err(unavailable());
        }
        let mut operands = i.operands.iter().copied().peekable();
        let span = operands.next_if(|o| matches!(o, Operand::Range(_) | Operand::IndirectRange(..)));
        let place = operands.next().ok_or_else(|| Wrong::operand("the cell of an open goal"))?;
        let (mut label, mut words) = (None, String::new());
        for o in operands {
            match o {
                Operand::Label(s) => label = Some(p.string(s).to_owned()),
                Operand::Text(s) => p.string(s).clone_into(&mut words),
                _ => {}
            }
        }
        let (first, leaves) = match span {
            Some(Operand::Range(s)) => (Some(s.first()), s.len() as usize),
            Some(o) => {
                let s = self.span(o, e)?;
                (Some(s.first()), s.len() as usize)
            }
            None => (None, 0),
        };
        let (goal, term) = self.open_goal(place, e)?;
        let asked = self.asked(goal, term)?;
        let decision = Decision { opcode: i.opcode, label, words, leaves };
        let inference = self.inference.as_mut().ok_or_else(unavailable)?;
        let made = inference.decide(asked, &decision, &mut self.arena);
        let made = made.map_err(|refusal| Wrong { address: Some(goal), ..refusal.into() })?;
        if made.left.len() != leaves {
            let left: Vec<String> = made.left.iter().map(|&s| self.show(s)).collect();
            let claim =
                format!("there is a place for each sequent that it leaves, {}: {}", left.len(), left.join("; "));
            return Err(Wrong::at(FaultKind::Operand, goal, claim));
        }
        let inference = self.inference.as_mut().ok_or_else(unavailable)?;
        let confirmed = inference.check(asked, &decision, &made, &self.arena);
        confirmed.map_err(|why| Wrong::at(FaultKind::Obligation, goal, format!("the check fails: {why}")))?;
        let id = (self.decisions.len() + e.decisions.len()) as u32;
        let step = StepTaken::Decided { id, first: first.unwrap_or(goal), count: leaves as u32 };
        e.writes.push((goal, Content::goal_with(term, step)));
        for (k, &s) in made.left.iter().enumerate() {
            let to = slot_after(first.unwrap_or(goal), k as u64)?;
            self.permit(Right::Write, to)?;
            if !self.workspace.get(to).is_empty() || to == goal {
                return Err(Wrong::at(FaultKind::Occupied, to, "the sequent's slot is empty"));
            }
            e.writes.push((to, Content::goal(s)));
            e.links.push(Link { from: goal, kind: LinkKind::Subgoal, to });
        }
        let mut detail = vec![format!("answers {}", self.show(made.answers))];
        detail.extend(made.detail);
        e.claim = Some(Claim::Decided { decision: id, detail });
        e.decisions.push((decision, made.answers));
        Ok(())
    }
    /// Of an instruction that a handler answers: that the sequent which its text says is the one that is asked for.
    pub(in crate::dsl::machine) fn says_right(
        &mut self,
        p: &Program,
        i: &Instruction,
        e: &mut Effect,
    ) -> Result<(), Wrong> {
        let Some(&Operand::Text(words)) = i.operands.last() else { return Ok(()) };
        let (goal, term) = self.open_goal(i.operands[1], e)?;
        let asked = self.asked(goal, term)?;
        let words = p.string(words).to_owned();
        let decision = Decision { opcode: i.opcode, label: None, words, leaves: 0 };
        let inference = self.inference.as_mut().ok_or_else(unavailable)?;
        let made = inference.decide(asked, &decision, &mut self.arena);
        made.map(|_| ()).map_err(|refusal| Wrong { address: Some(goal), ..refusal.into() })
    }
    /// A term as a formula: of a sequent the one that says the same.
    pub(in crate::dsl::machine) fn formula_of(&mut self, t: TermId) -> Result<TermId, Wrong> {
        if !is_sequent(&self.arena, t) {
            return Ok(t);
        }
        let inference = self.inference.as_mut().ok_or_else(unavailable)?;
        Ok(inference.formula(t, &mut self.arena)?)
    }
    /// Whether two cells are those of an open sequent and of another goal: then the other one is to answer it.
    pub(in crate::dsl::machine) fn shares(&self, a: Address, b: Address) -> bool {
        let (x, y) = (self.workspace.content(a), self.workspace.content(b));
        let sequents = |c: Content| c.as_term().is_some_and(|t| is_sequent(&self.arena, t));
        a != b && x.is_open_goal() && y.tag == x.tag && sequents(x)
    }
    /// A sequent is answered by what answers another.
    pub(in crate::dsl::machine) fn share(&mut self, a: Address, b: Address, e: &mut Effect) -> Result<(), Wrong> {
        crate::dsl::machine::effect::writable(a)?;
        let (own, other) = (self.workspace.content(a), self.workspace.content(b));
        let (x, y) = own.as_term().zip(other.as_term()).ok_or_else(|| Wrong::operand("two goals"))?;
        let asked = self.asked(a, x)?;
        let answers = match other.step() {
            Some(StepTaken::Decided { id, .. }) => self.decisions.get(id as usize).map(|d| d.1),
            _ => None,
        };
        let answers = match answers {
            Some(s) => s,
            None => self.asked(b, y)?,
        };
        let inference = self.inference.as_mut().ok_or_else(unavailable)?;
        if !inference.serves(answers, asked, &self.arena) {
            let claim = format!("{} says {}", self.show(answers), self.show(asked));
            return Err(Wrong::at(FaultKind::Unify, a, claim));
        }
        let link = Link { from: a, kind: LinkKind::Subgoal, to: b };
        if self.workspace.closes_cycle(link) {
            return Err(Wrong::at(FaultKind::Link, a, "a goal does not depend on itself"));
        }
        e.writes.push((a, Content::goal_with(x, StepTaken::Shared(b))));
        e.links.push(link);
        e.claim = Some(Claim::Unified { bindings: Vec::new(), subgoals: Vec::new(), distinct: Vec::new() });
        Ok(())
    }
    /// Appends the steps that the decisions below a goal come to.
    pub(in crate::dsl::machine) fn by_decisions(
        &mut self,
        a: Address,
        goal: TermId,
        steps: &mut Vec<ProofStep>,
        facts: &mut Vec<Address>,
    ) -> Result<(), Wrong> {
        let (answered, places) = self.answered(a, facts)?;
        let inference = self.inference.as_mut().ok_or_else(unavailable)?;
        let written = inference.write(&answered, goal, &mut self.arena).map_err(|(place, refusal)| {
            let at = place.and_then(|n| places.get(n)).copied().unwrap_or(a);
            Wrong { address: Some(at), ..refusal.into() }
        })?;
        let step = |n: &crate::dsl::programs::proof_program::ProofNode| DerivationStep {
            by: By::Label(n.label.clone()),
            premises: n.premises.clone(),
            values: n.values.clone(),
        };
        let derivation =
            Derivation { goal: written.goal, given: Vec::new(), steps: written.nodes.iter().map(step).collect() };
        let (proof, _) = self.derive(&derivation)?;
        let offset = steps.len() as u32;
        for mut s in proof.steps {
            s.premises.iter_mut().for_each(|p| *p += offset);
            steps.push(s);
        }
        self.written.push((written.decisions, written.steps));
        Ok(())
    }
    /// The sequents from a goal down, each behind what it rests on, with their cells; and the facts that they use.
    fn answered(&mut self, root: Address, facts: &mut Vec<Address>) -> Result<(Vec<Answered>, Vec<Address>), Wrong> {
        let (mut out, mut places) = (Vec::new(), Vec::new());
        let mut number: FxHashMap<Address, Option<u32>> = FxHashMap::default();
        let mut stack = vec![(root, false)];
        while let Some((a, done)) = stack.pop() {
            let content = self.workspace.content(a);
            let open = || Wrong::at(FaultKind::Open, a, "every sequent is answered");
            let below: Vec<Address> = match (content.as_proof(), content.step()) {
                (Some(_), _) => Vec::new(),
                (None, Some(StepTaken::Decided { first, count, .. })) => {
                    (0..u64::from(count)).map(|k| slot_after(first, k)).collect::<Result<_, _>>()?
                }
                (None, Some(StepTaken::Shared(b))) => vec![b],
                (None, None) => return Err(open()),
                (None, Some(_)) => Vec::new(),
            };
            if !done {
                match number.get(&a) {
                    Some(Some(_)) => continue,
                    Some(None) => return Err(Wrong::at(FaultKind::Open, a, "a goal does not depend on itself")),
                    None => {}
                }
                number.insert(a, None);
                stack.push((a, true));
                stack.extend(below.into_iter().rev().map(|c| (c, false)));
                continue;
            }
            let places_of: Vec<u32> = below.iter().filter_map(|b| number.get(b).copied().flatten()).collect();
            let by = match (content.as_proof(), content.step()) {
                (Some(proof), _) => {
                    facts.push(a);
                    Reason::Fact(self.fact(proof).ok_or_else(open)?)
                }
                (None, Some(StepTaken::Decided { id, .. })) => {
                    let decision = self.decisions.get(id as usize).ok_or_else(open)?.0.clone();
                    Reason::Decision(decision, places_of)
                }
                (None, Some(StepTaken::Assertion { .. } | StepTaken::Hypothesis(_))) => {
                    let (proof, used) = self.assemble(a, &mut Effect::default())?;
                    facts.extend(used);
                    Reason::Fact(logical(&proof))
                }
                _ => {
                    // what another goal answers
                    number.insert(a, places_of.first().copied());
                    continue;
                }
            };
            let term = content.as_term().ok_or_else(open)?;
            let asked = self.asked(a, term)?;
            number.insert(a, Some(out.len() as u32));
            out.push(Answered { asked, by });
            places.push(a);
        }
        Ok((out, places))
    }
    /// An accepted proof object's steps.
    fn fact(&self, proof: u32) -> Option<Proof> {
        self.proofs.get(proof as usize).map(logical)
    }
    /// By ASSERT of decisions: how many choices they hold, and the steps that were written.
    pub fn choices(&self) -> &[(u64, usize)] {
        &self.written
    }
}

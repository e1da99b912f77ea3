//! A content proof written out as an ordinary Metamath proof, as a person would write it.
//!
//! Each node is wanted as an exact formula whose antecedents hold what the node needs of Γ. A theorem whose instance is
//! that formula needs no glue: the context variable of a deduction takes the antecedent, and its hypotheses say how the
//! children are wanted. Else one of its twins is taken in a context that is allowed, and one question of glue
//! ([`super::glue`]) leads from it, with what answers its antecedents, to the formula. What needs only a part of a
//! context may be proved in that part and lifted; hypotheses of the task, members of Γ and conjunctions have no steps of
//! their own, they go into the question of what uses them. Of all these ways the one with the least estimated length is
//! kept for each node and formula ([`plan`]); equal formulas are proved once. All of it is done by a few policies, and
//! the proof that is shortest when compressed is the answer.

mod context;
mod plan;

use super::glue::Glue;
use super::proof::ContentProof;
use crate::compression::reuse::size::{Frame, Size, Sizer};
use crate::dsl::theory::library::{ElaborateError, Elaborated, PremiseId, Proof, Rule, Step, Task, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::inference::moves::readings::Moves;
use plan::{Policy, Session};
use rustc_hash::FxHashMap;

/// The policies, in the order in which they are tried.
const POLICIES: [Policy; 4] = [
    Policy { natural: true, full: true, lift: true },
    Policy { natural: false, full: true, lift: true },
    Policy { natural: false, full: true, lift: false },
    Policy { natural: true, full: false, lift: true },
];

/// What writing needs.
pub struct Writer<'a> {
    /// The premises.
    pub theory: &'a Theory,
    /// The moves that content proofs speak of.
    pub moves: &'a Moves,
    /// The theorems about connectives.
    pub glue: &'a Glue,
    /// What is to be proved.
    pub task: &'a Task,
    /// Which premises may be used.
    pub allowed: &'a dyn Fn(PremiseId) -> bool,
}

/// A written proof.
#[derive(Clone, Debug)]
pub struct Written {
    /// The proof.
    pub proof: Proof,
    /// Its size when compressed, without the names of the task's own hypotheses.
    pub size: Size,
}

/// Why a content proof was not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteError {
    /// It has no nodes.
    Empty,
    /// No glue was found for a node, though all that it needs could be written.
    Node {
        /// Its number.
        node: usize,
        /// As what it was wanted.
        wanted: TermId,
    },
    /// What was written does not fit.
    Unfit(ElaborateError),
    /// The content proof does not hold together.
    Fault {
        /// The node; `None`: what the root serves.
        node: Option<usize>,
        /// Why, in words.
        why: String,
    },
}

impl std::fmt::Display for WriteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => write!(f, "the content proof has no nodes"),
            Self::Node { node, .. } => write!(f, "node {node} of the content proof could not be written"),
            Self::Unfit(why) => write!(f, "the written proof does not fit: {why}"),
            Self::Fault { node: Some(n), why } => write!(f, "node {n} of the content proof does not hold: {why}"),
            Self::Fault { node: None, why } => write!(f, "the content proof does not hold: {why}"),
        }
    }
}

impl Writer<'_> {
    /// The shortest proof of the task that was found for a content proof. `arena` is grown from the theory's and holds
    /// the content proof's terms.
    ///
    /// # Errors
    /// The node that could not be written, or what does not fit. (The judges check again, independently.)
    pub fn write(&self, content: &ContentProof, arena: &mut Arena) -> Result<Written, WriteError> {
        if content.nodes.is_empty() {
            return Err(WriteError::Empty);
        }
        let frame = self.frame(arena);
        let mut sizer = Sizer::default();
        let mut best: Result<Written, WriteError> = Err(WriteError::Empty);
        for policy in POLICIES {
            let written = Session::new(self, content, policy, arena).write();
            let written = written.and_then(|proof| self.measured(&proof, &frame, &mut sizer, arena));
            let better = match (&written, &best) {
                (Ok(new), Ok(old)) => (new.size.bytes(), new.size.steps) < (old.size.bytes(), old.size.steps),
                (Ok(_), Err(_)) => true,
                (Err(_), old) => matches!(old, Err(WriteError::Empty)),
            };
            if better {
                best = written;
            }
        }
        best
    }
    fn frame(&self, arena: &Arena) -> Frame {
        let formulas = self.task.hyps.iter().chain([&self.task.goal]);
        let mut variables: Vec<_> = formulas.flat_map(|&t| arena.variables(t)).collect();
        variables.sort_unstable();
        variables.dedup();
        Frame::lemma(&variables, self.task.hyps.len(), self.theory.position(self.task))
    }
    /// A proof with equal formulas proved once, and its size.
    fn measured(
        &self,
        proof: &Proof,
        frame: &Frame,
        sizer: &mut Sizer,
        arena: &mut Arena,
    ) -> Result<Written, WriteError> {
        let fit = |proof: &Proof, arena: &mut Arena| {
            self.theory.elaborate(self.task, proof, arena).map_err(WriteError::Unfit)
        };
        let steps = fit(proof, arena)?;
        let shared = merged(proof, &steps);
        let steps = fit(&shared, arena)?;
        let root = (steps.len() as u32 - 1, steps.len());
        let size = sizer.measure(self.theory, arena, root, |n| &steps[n as usize], frame);
        Ok(Written { proof: shared, size: size.unwrap_or_default() })
    }
}

/// A proof in which each formula is proved by the first step that proves it, without steps that nothing uses.
fn merged(proof: &Proof, steps: &[Elaborated]) -> Proof {
    let mut first: FxHashMap<TermId, u32> = FxHashMap::default();
    let same: Vec<u32> = steps.iter().zip(0..).map(|(s, n)| *first.entry(s.formula).or_insert(n)).collect();
    let mut used = vec![false; steps.len()];
    // the root's formula may be proved earlier
    let Some(&root) = same.last() else { return proof.clone() };
    used[root as usize] = true;
    for n in (0..=root as usize).rev().filter(|&n| same[n] == n as u32) {
        if used[n] {
            proof.steps[n].children.iter().for_each(|&c| used[same[c as usize] as usize] = true);
        }
    }
    let (mut out, mut number) = (Proof::default(), vec![0; steps.len()]);
    for n in (0..=root as usize).filter(|&n| used[n]) {
        let step = &proof.steps[n];
        let children = step.children.iter().map(|&c| number[same[c as usize] as usize]).collect();
        number[n] = out.steps.len() as u32;
        out.steps.push(Step { rule: step.rule, children });
    }
    debug_assert!(out.steps.iter().all(|s| matches!(s.rule, Rule::Premise(_)) || s.children.is_empty()));
    out
}

#[cfg(test)]
mod tests;

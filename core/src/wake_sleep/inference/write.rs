//! Content proofs written out as ordinary Metamath proofs, in the way of a human author.
//!
//! For each node an exact formula is wanted, whose antecedents hold what the node needs of Γ. A theorem with that
//! formula as an instance needs no glue: the context variable of a deduction takes the antecedent, and its hypotheses
//! determine the formulas wanted of the children. Otherwise one of its twins is used in an allowed context, and one
//! question of glue ([`super::glue`]) leads from it, and from what answers its antecedents, to the formula. What needs
//! only a part of a context may be proved in that part and lifted. Hypotheses of the task, members of Γ and
//! conjunctions have no steps of their own; they go into the question that uses them. For each node and formula, the
//! way with the least estimated length is kept ([`plan`]); equal formulas are proved once. Several policies are tried,
//! and the proof that is shortest when compressed is the result.

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

/// The writer of content proofs of one task.
pub struct Writer<'a> {
    /// The premises.
    pub theory: &'a Theory,
    /// The moves that the nodes refer to.
    pub moves: &'a Moves,
    /// The prover of questions about connectives.
    pub glue: &'a Glue,
    /// The task to be proved.
    pub task: &'a Task,
    /// Whether a premise may be used.
    pub allowed: &'a dyn Fn(PremiseId) -> bool,
}

/// A written proof.
#[derive(Clone, Debug)]
pub struct Written {
    /// The proof.
    pub proof: Proof,
    /// Its compressed size, without the names of the task's own hypotheses.
    pub size: Size,
}

/// The reason why a content proof was not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteError {
    /// It has no nodes.
    Empty,
    /// No glue was found for a node, though all that the node needs could be written.
    Node {
        /// The number of the node.
        node: usize,
        /// The formula that was wanted.
        wanted: TermId,
    },
    /// The written proof does not prove the task.
    Unfit(ElaborateError),
    /// The content proof does not pass its check.
    Fault {
        /// The number of the node; `None` if the root does not serve the goal.
        node: Option<usize>,
        /// The reason, in words.
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
    /// Writes a content proof of the task and returns the shortest proof found. `arena` must be grown from the theory's
    /// and hold the content proof's terms.
    ///
    /// # Errors
    /// The node that could not be written, or the fault found. (The judges check the result independently.)
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
    /// The proof with equal formulas proved once, and its compressed size.
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

/// The proof in which each formula is proved by the first step that proves it, without unused steps.
fn merged(proof: &Proof, steps: &[Elaborated]) -> Proof {
    let mut first: FxHashMap<TermId, u32> = FxHashMap::default();
    let same: Vec<u32> = steps.iter().zip(0..).map(|(s, n)| *first.entry(s.formula).or_insert(n)).collect();
    let mut used = vec![false; steps.len()];
    // The root's formula may be proved by an earlier step.
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

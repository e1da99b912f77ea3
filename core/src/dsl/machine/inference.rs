//! The interface between the machine and inference in context, which gives content instructions their meaning.
//!
//! The machine keeps the open sequents and the decisions that answered them. It asks an [`Inference`] which sequents a
//! decision leaves open, whether the decision is correct, and how a proof is written from decisions.

use crate::dsl::machine::obligation::Refusal;
use crate::dsl::programs::content::Decision;
use crate::dsl::programs::proof_program::ProofNode;
use crate::dsl::theory::library::Proof;
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;

/// The result of a decision about a requested sequent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decided {
    /// The sequent answered: the requested one, or that one with its antecedents moved into Γ.
    pub answers: TermId,
    /// The sequents left to prove, as they will be requested.
    pub left: Vec<TermId>,
    /// For the trace, a line each.
    pub detail: Vec<String>,
}

/// Why a sequent holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    /// A decision, and for each sequent that it leaves the index of an earlier entry of the list that answers it.
    Decision(Decision, Vec<u32>),
    /// A fact that states the sequent.
    Fact(Proof),
}

/// A requested sequent with its justification.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answered {
    /// The requested sequent.
    pub asked: TermId,
    /// Why it holds.
    pub by: Reason,
}

/// A sequent's decisions written as a proof of its formula.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// The formula.
    pub goal: TermId,
    /// The proof's steps, premises first, the goal's last.
    pub nodes: Vec<ProofNode>,
    /// The number of choices in the decisions.
    pub decisions: u64,
    /// The number of steps of the proof.
    pub steps: usize,
}

/// Inference in context, as the machine sees it. All terms are of the machine's arena.
pub trait Inference {
    /// Applies a decision to a sequent. Deterministic: equal arguments give equal results.
    ///
    /// # Errors
    /// The fault that the instruction ends in.
    fn decide(&mut self, asked: TermId, decision: &Decision, arena: &mut Arena) -> Result<Decided, Refusal>;
    /// Confirms by other code that the requested sequent follows from the sequents that the decision leaves.
    ///
    /// # Errors
    /// One line that says which claim does not hold.
    fn check(&mut self, asked: TermId, decision: &Decision, made: &Decided, arena: &Arena) -> Result<(), String>;
    /// Whether an answer to one sequent also answers another.
    fn serves(&mut self, answers: TermId, asked: TermId, arena: &Arena) -> bool;
    /// The formula that states a sequent.
    fn formula(&mut self, asked: TermId, arena: &mut Arena) -> Result<TermId, Refusal>;
    /// Writes decisions as a proof of what the last one answers, whose formula is `goal` if it is given. The address's
    /// place is that of the sequent that stands in the way.
    ///
    /// # Errors
    /// The place in the list of what cannot be written, and the fault.
    fn write(
        &mut self,
        answered: &[Answered],
        goal: TermId,
        arena: &mut Arena,
    ) -> Result<Written, (Option<usize>, Refusal)>;
}

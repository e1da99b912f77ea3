//! Content instructions: decisions about sequents, which inference in context gives their meaning (docs/isa.md, "Content").
//!
//! The machine keeps the open sequents and the decisions that answered them; what a decision leaves, whether that is right,
//! and how a proof is written from decisions is asked of an [`Inference`]. [`assemble`] makes a program of a text that has a
//! line for each decision, the root's first.

mod text;

pub use text::{assemble, is_content, HEAD};

use super::proof_program::ProofNode;
use crate::dsl::machine::obligation::Refusal;
use crate::dsl::programs::isa::Opcode;
use crate::dsl::theory::library::Proof;
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;

/// A decision about a sequent, as an instruction says it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Decision {
    /// Which one.
    pub opcode: Opcode,
    /// The label that it names, if its opcode takes one.
    pub label: Option<String>,
    /// Its further operands, fields separated by two blanks; behind a colon the sequent that it answers.
    pub words: String,
    /// How many sequents it leaves.
    pub leaves: usize,
}

/// A decision by its number, for people: opcode and label.
pub fn decision_text(decisions: &[(Decision, TermId)], id: u32) -> String {
    match decisions.get(id as usize) {
        Some((d, _)) => d.label.as_ref().map_or(d.opcode.name().to_owned(), |l| format!("{} {l}", d.opcode.name())),
        None => format!("decision {id}"),
    }
}

/// What a decision makes of a sequent that is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decided {
    /// What it answers: the sequent as it stands, or with its antecedents in Γ.
    pub answers: TermId,
    /// What it leaves, as it is asked for.
    pub left: Vec<TermId>,
    /// For the trace, a line each.
    pub detail: Vec<String>,
}

/// Why a sequent holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    /// A decision, and what answers the sequents that it leaves: earlier places of the list.
    Decision(Decision, Vec<u32>),
    /// A fact, which says what the sequent says.
    Fact(Proof),
}

/// A sequent that is asked for, and why it holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answered {
    /// What is asked for.
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
    /// How many choices the decisions hold.
    pub decisions: u64,
    /// How long the proof is.
    pub steps: usize,
}

/// Inference in context, as the machine sees it. All terms are of the machine's arena.
pub trait Inference {
    /// What a decision makes of a sequent. The same question has the same answer.
    ///
    /// # Errors
    /// The fault that the instruction ends in.
    fn decide(&mut self, asked: TermId, decision: &Decision, arena: &mut Arena) -> Result<Decided, Refusal>;
    /// Confirms a decision by other code: that what is asked for follows from what is left.
    ///
    /// # Errors
    /// What does not hold.
    fn check(&mut self, asked: TermId, decision: &Decision, made: &Decided, arena: &Arena) -> Result<(), String>;
    /// Whether what answers one sequent answers another, too.
    fn serves(&mut self, answers: TermId, asked: TermId, arena: &Arena) -> bool;
    /// The formula that says what a sequent says.
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

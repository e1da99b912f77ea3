//! Content instructions: decisions about sequents, which inference in context gives their meaning (docs/isa.md, "Content").
//!
//! A [`Decision`] is a move on a sequent as an instruction says it. [`assemble`] makes a program of a text that has a line for
//! each decision, the root's first. What a decision means is asked of [`crate::dsl::machine::inference::Inference`].

mod text;

pub use text::{assemble, is_content, HEAD};

use crate::dsl::isa::Opcode;
use crate::metamath_db::ids::TermId;

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

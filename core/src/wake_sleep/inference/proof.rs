//! A content proof: what a search in context decided, before its glue is written.
//!
//! A node says why one sequent holds: a move with the values of its metavariables, a hypothesis of the task, a member of
//! Γ, a decision procedure. All terms are ground. Literals that are symmetric relations stand in one orientation
//! ([`crate::wake_sleep::inference::moves::sequents::symmetry`]); that a move, a hypothesis or a part says them the other way round is no matter. What a node takes from its children follows from its sequent and what
//! stands in the node by propositional logic alone; writing that as Metamath is the writer's work.
//!
//! A node *serves* a formula F in a context Δ in one of two ways. Either [`Connectives::sequents`] of Δ and F is one
//! sequent, and it is the node's; or the node's sequent is [`ContentProof::literal`] of Δ and F, as a [`By::Split`]'s is.

use crate::dsl::theory::library::Proof;
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::inference::moves::sequents::{Connectives, Terms};
use smallvec::SmallVec;

mod canonical;
mod check;

pub use check::Fault;

/// Why a sequent Γ ⊢ C holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum By {
    /// The move of this number.
    Move {
        /// Its place in [`crate::wake_sleep::inference::moves::readings::Moves::all`].
        number: u32,
        /// By metavariable of the move, the value. The move's goal so instantiated is C, but for its orientation.
        values: Vec<TermId>,
        /// The member of Γ that it takes apart: the move's `takes`, instantiated, but for its orientation.
        taken: Option<TermId>,
        /// The members of Γ that are passed on, sorted: no variable of theirs is one of an `apart` metavariable's value.
        /// The value of the move's `whole` is a conjunction of exactly these (the true constant for none). One child for
        /// each part of the move, in order; it serves the part's goal in the part's `added`, with `kept` if it inherits and is
        /// restricted, with all of Γ if it inherits and is not.
        kept: Terms,
    },
    /// The task's hypothesis of this number, stripped of antecedents and taken apart as a conclusion is in
    /// [`crate::wake_sleep::inference::moves::readings`]: C, but for its orientation, follows from it and `parts`. The children serve the parts in Γ.
    Hyp {
        /// Its place in the task's hypotheses.
        number: u32,
        /// What is left to be answered: its antecedents, or the other side of an equivalence.
        parts: Terms,
    },
    /// The same with a member of Γ, an implication or equivalence, in the place of a hypothesis.
    Use {
        /// The member.
        member: TermId,
        /// What is left to be answered in Γ.
        parts: Terms,
    },
    /// C is a member of Γ.
    Member,
    /// The only child proves C in a part of Γ.
    Weaken,
    /// A decision procedure's proof, over the task's hypotheses, of [`Connectives::formula`] of the sequent.
    Closed {
        /// The proof; without steps where glue is still to say how it follows.
        proof: Box<Proof>,
        /// Whether C follows from Γ and the task's hypotheses by propositional logic, so that glue may say it shorter.
        propositional: bool,
    },
    /// The children together say what the sequent says, once antecedents join Γ and conjunctions are taken apart, and maybe
    /// more: so what a move says of an implication or a conjunction as a whole is used. Or C is an equivalence of compounds
    /// with the same connective, and they are the equivalences in Γ of the parts that differ. Or C follows by connectives from
    /// what they say: cases, a cut.
    Split,
}

/// One sequent with its reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// The sequent, ground ([`Connectives::sequent`]).
    pub sequent: TermId,
    /// Why it holds.
    pub by: By,
    /// Earlier nodes.
    pub children: SmallVec<[u32; 3]>,
}

/// Nodes, children first; the last one serves the task's goal in the empty context.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ContentProof {
    /// The nodes.
    pub nodes: Vec<Node>,
}

impl ContentProof {
    /// The sequent of a formula that is not taken apart, in a context whose members are.
    pub fn literal(c: &Connectives, arena: &mut Arena, context: &[TermId], formula: TermId) -> TermId {
        let members = c.literals(arena, context);
        c.sequent(arena, formula, members)
    }
}

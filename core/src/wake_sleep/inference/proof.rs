//! A content proof: what a search in context decided, before its glue is written.
//!
//! A node gives the reason why one sequent holds: a move with the values of its metavariables, a hypothesis of the
//! task, a member of Γ, or a decision procedure. All terms are ground. Literals that are symmetric relations stand in
//! one orientation ([`crate::wake_sleep::inference::moves::sequents::symmetry`]); moves, hypotheses and parts may have
//! them in the other one. Propositional logic alone leads from a node's children and its content to its sequent, and
//! the writer expresses that in Metamath.
//!
//! A node *serves* a formula F in a context Δ in one of two ways. Either [`Connectives::sequents`] of Δ and F is one
//! sequent, which is the node's; or the node's sequent is [`ContentProof::literal`] of Δ and F, as that of a
//! [`By::Split`] is.

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
    /// A move.
    Move {
        /// Its place in [`crate::wake_sleep::inference::moves::readings::Moves::all`].
        number: u32,
        /// For each metavariable of the move, its value. The instance of the move's goal is C, up to orientation.
        values: Vec<TermId>,
        /// The member of Γ that it takes apart: the instance of the move's `takes`, up to orientation.
        taken: Option<TermId>,
        /// The members of Γ that are passed on, sorted. They share no variable with the value of an `apart`
        /// metavariable, and the value of the move's `whole` is the conjunction of exactly these (the true constant if
        /// there are none). The node has one child for each part of the move, in order. It serves the part's goal in
        /// the part's `added`, with `kept` if the part inherits and is restricted, with all of Γ if it inherits and is
        /// not.
        kept: Terms,
    },
    /// A hypothesis of the task, taken apart as conclusions are in [`crate::wake_sleep::inference::moves::readings`]: C
    /// follows from it and `parts`, up to orientation. The children serve the parts in Γ.
    Hyp {
        /// Its place in the task's hypotheses.
        number: u32,
        /// The formulas that remain to be proved: its antecedents, or the other side of an equivalence.
        parts: Terms,
    },
    /// A member of Γ, an implication or equivalence, used like a hypothesis.
    Use {
        /// The member.
        member: TermId,
        /// The formulas that remain to be proved in Γ.
        parts: Terms,
    },
    /// C is a member of Γ.
    Member,
    /// The only child proves C in a subset of Γ.
    Weaken,
    /// A proof by a decision procedure, over the task's hypotheses, of [`Connectives::formula`] of the sequent.
    Closed {
        /// The proof; without steps if glue has yet to prove the sequent.
        proof: Box<Proof>,
        /// Whether C follows from Γ and the task's hypotheses by propositional logic, so that glue may prove it, too.
        propositional: bool,
    },
    /// The children together entail the sequent. There are three cases. They are the sequents into which it is taken
    /// apart, and maybe more; so a move is used for an implication or a conjunction as a whole. Or C is an equivalence
    /// of compounds with the same connective, and they are the equivalences in Γ of the parts that differ. Or C follows
    /// from them by connectives, as with cases or a cut.
    Split,
}

/// One sequent with its reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// The sequent, ground ([`Connectives::sequent`]).
    pub sequent: TermId,
    /// Why it holds.
    pub by: By,
    /// The numbers of its children, which are earlier nodes.
    pub children: SmallVec<[u32; 3]>,
}

/// A content proof: nodes, children first. The last one serves the task's goal in the empty context.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ContentProof {
    /// The nodes.
    pub nodes: Vec<Node>,
}

impl ContentProof {
    /// The sequent of a formula that is not taken apart, in a context whose members are taken apart.
    pub fn literal(c: &Connectives, arena: &mut Arena, context: &[TermId], formula: TermId) -> TermId {
        let members = c.literals(arena, context);
        c.sequent(arena, formula, members)
    }
}

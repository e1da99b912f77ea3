//! The kind of every assertion, by its shape alone: glue, congruence, typing or content.
//!
//! *Glue* is about connectives alone: hypotheses and conclusion hold only variables for formulas and connectives, which
//! are found by their truth tables. A *congruence* follows by rewriting with equalities of the database (`equality`):
//! it concludes an equality of wholes from equalities of their parts. *Transitivity*, which is counted apart, puts
//! equalities together or replaces a term by an equal one. *Typing* means closure facts (`typing`). *Content* is
//! everything else: what a person names who explains the proof. No label is used, so the kinds mean the same in every
//! database.
//!
//! The cost is linear in the size of the statements, and small beside loading the database.

mod equality;
mod shape;
#[cfg(test)]
mod tests;
mod typing;

use crate::dsl::theory::library::{PremiseId, Theory};
use equality::{Equalities, Rewriting};
use shape::{Logic, Shape};
use typing::Typing;

/// The role that an assertion plays in proofs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// An assertion of no other kind.
    Content,
    /// An equality of wholes from equalities of their parts.
    Congruence,
    /// Equalities put together, or terms replaced by equal ones.
    Transitivity,
    /// A closure fact.
    Typing,
    /// An assertion about connectives alone.
    Glue,
}

impl Kind {
    /// The name of the kind in files and output.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Content => "content",
            Kind::Congruence => "congruence",
            Kind::Transitivity => "transitivity",
            Kind::Typing => "typing",
            Kind::Glue => "glue",
        }
    }
}

/// The kinds of a theory's premises, by number.
pub struct Kinds {
    kinds: Vec<Option<Kind>>,
}

impl Kinds {
    /// Classifies the premises of a theory.
    pub fn new(theory: &Theory) -> Kinds {
        let (logic, arena) = (Logic::new(theory), &theory.arena);
        let premise = |i: u32| theory.premise(PremiseId(i));
        let shapes = (0..theory.len() as u32).map(|i| premise(i).map(|p| logic.shape(arena, &p)));
        let shapes: Vec<Option<Shape>> = shapes.collect();
        let equalities = Equalities::new(theory, &logic, &shapes);
        let mut typing = Typing::new(theory, &logic, &equalities, &shapes);
        let mut kind = |i: u32, shape: &Shape| {
            if premise(i).is_some_and(|p| logic.is_glue(theory, &p)) {
                return Kind::Glue;
            }
            match equalities.rewriting(arena, shape) {
                Some(Rewriting::Parts) => Kind::Congruence,
                Some(Rewriting::Replaced) => Kind::Transitivity,
                None if typing.takes(arena, &logic, &equalities, shape) => Kind::Typing,
                None => Kind::Content,
            }
        };
        let kinds = (0..).zip(&shapes).map(|(i, s)| s.as_ref().map(|s| kind(i, s))).collect();
        Kinds { kinds }
    }
    /// The kind of a premise; `None` if it is no logical statement or has no syntax tree.
    pub fn get(&self, p: PremiseId) -> Option<Kind> {
        self.kinds.get(p.index()).copied().flatten()
    }
}

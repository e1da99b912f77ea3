//! The kind of every assertion, by its shape alone: glue, congruence, typing or content.
//!
//! *Glue* is about connectives alone: hypotheses and conclusion hold variables for formulas and connectives, which are
//! found by their truth tables. *Congruence* follows by rewriting with equalities of the database (`equality`): those
//! of a head's parts give that of the whole; or equalities are put together, or a term is replaced by an equal one
//! (*transitivity*, which is counted apart). *Typing* are closure facts (`typing`). *Content* is everything else: what a
//! person would name who tells the proof. No label is looked at, so this is the same for every database.
//!
//! Price: linear in the statements, on set.mm a tenth of the time that loading takes.

mod equality;
mod shape;
#[cfg(test)]
mod tests;
mod typing;

use crate::dsl::theory::library::{PremiseId, Theory};
use equality::{Equalities, Rewriting};
use shape::{Logic, Shape};
use typing::Typing;

/// What an assertion is good for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// Everything that is none of the others.
    Content,
    /// From equal parts to equal wholes.
    Congruence,
    /// Equalities put together, and equals replaced by equals.
    Transitivity,
    /// Closure facts.
    Typing,
    /// About connectives alone.
    Glue,
}

impl Kind {
    /// Its name.
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

/// The kinds of a theory's premises.
pub struct Kinds {
    kinds: Vec<Option<Kind>>,
}

impl Kinds {
    /// Finds them.
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
    /// The kind of a premise; `None` for what is no logical statement or has no tree.
    pub fn get(&self, p: PremiseId) -> Option<Kind> {
        self.kinds.get(p.index()).copied().flatten()
    }
}

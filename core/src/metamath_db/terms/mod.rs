//! Hash-consed terms, unification, and the index over conclusions.

pub mod index;
pub mod term;
pub mod unify;

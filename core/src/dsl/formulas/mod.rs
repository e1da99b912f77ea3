//! What the machine knows of Metamath: term literals, their unification, sequents, assertions.

pub mod logic;
pub mod sequent;
pub mod terms;
pub mod unify;

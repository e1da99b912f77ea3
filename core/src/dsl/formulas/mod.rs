//! The Metamath terms of the machine: term literals, their unification, sequents, and the interface to assertions.

pub mod logic;
pub mod sequent;
pub mod terms;
pub mod unify;

//! What is true: Metamath databases, terms, proofs and the judges.

pub mod database;
pub mod grammar;
pub mod ids;
pub mod index;
pub mod proof;
pub mod read_error;
pub mod reader;
pub mod term;
pub mod unify;

//! What is true: Metamath databases, terms, proofs and the judges.

pub mod ids;
pub mod term;

//! What is true: Metamath databases, terms, proofs and the judges.

pub mod ids;
pub mod read_error;
pub mod reader;
pub mod term;

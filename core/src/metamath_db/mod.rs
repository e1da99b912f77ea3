//! What is true: Metamath databases, terms, proofs and the judges.

pub mod ids;
pub mod kernel;
pub mod kernel_error;
pub mod read_error;
pub mod reader;
pub mod rope;
pub mod term;

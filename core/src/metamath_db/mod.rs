//! What is true: Metamath databases, terms, proofs and the judges.

pub mod check;
pub mod database;
pub mod grammar;
pub mod headings;
pub mod ids;
pub mod index;
pub mod kernel;
pub mod kernel_error;
pub mod knife;
pub mod names;
pub mod proof;
pub mod read_error;
pub mod reader;
pub mod rope;
pub mod slice;
pub mod statement;
pub mod syntax_theorems;
pub mod term;
pub mod unify;
pub mod writer;

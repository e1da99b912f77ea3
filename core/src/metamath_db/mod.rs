//! What is true: Metamath databases, terms, proofs and the judges.

pub mod database;
pub mod grammar;
pub mod headings;
pub mod ids;
pub mod judges;
pub mod names;
pub mod proof;
pub mod read_error;
pub mod reader;
pub mod statement;
pub mod terms;
pub mod writer;

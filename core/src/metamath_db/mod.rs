//! Metamath databases: reading and writing them, their terms and proofs, and the judges that check proofs.

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

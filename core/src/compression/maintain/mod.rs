//! For a database's maintainers: proposals and their wording, patches, shorter proofs as text.

pub mod neighbours;
pub mod propose;
pub mod reading;
pub mod rival;
pub mod setmm;
pub mod shorten;
pub mod variants;

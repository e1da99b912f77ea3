//! What is worth naming: fragments of proofs, their most general instances, rewriting.
//!
//! [`corpus`] holds proofs as flat arrays; [`learn`] finds fragments ([`fragment`], [`evaluate`], [`price`]) and
//! replaces them by lemmas that state their most general [`instance`]; [`export`] writes the library as text. [`missed`]
//! uses better what is there already, and [`shorten`] writes that for theorems of the database. [`nats`] is what proofs
//! cost a recognition model. [`macros`] does for programs of the machine what [`learn`] does for proofs.

pub mod corpus;
pub mod cycles;
pub mod derivations;
pub mod evaluate;
pub mod exact;
pub mod export;
pub mod follow;
pub mod fragment;
pub mod full;
pub mod instance;
pub mod learn;
pub mod macros;
pub mod matching;
pub mod measure;
pub mod missed;
pub mod nats;
pub mod neighbours;
pub mod passes;
pub mod patterns;
pub mod price;
pub mod propose;
pub mod prune;
pub mod reading;
pub mod rival;
pub mod setmm;
pub mod shorten;
pub mod shuffled;
pub mod size;
pub mod subtrees;
pub mod variants;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod whole_tests;

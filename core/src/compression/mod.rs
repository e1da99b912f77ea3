//! Compression: fragments of proofs that are worth a name, their most general instances, rewriting.
//!
//! [`corpus`] holds proofs as flat arrays; [`lemmas`] finds fragments and replaces them by lemmas that state their most
//! general instance; [`reuse`] uses better what is there already; [`maintain`] writes both for a database's maintainers.
//! [`exact`] finds the best abstraction by branch and bound. [`nats`] is what proofs cost a recognition model, [`macros`]
//! does for programs of the machine what [`lemmas`] does for proofs, [`measure`] gives the figures.

pub mod axioms;
pub mod corpus;
pub mod exact;
pub mod fragment;
pub mod full;
pub mod lemmas;
pub mod macros;
pub mod maintain;
pub mod measure;
pub mod nats;
pub mod reuse;
pub mod shuffled;
pub mod subtrees;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod whole_tests;

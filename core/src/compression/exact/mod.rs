//! Exact search for abstractions: which part of a corpus, with holes, is worth a name.
//!
//! [`expr`] holds programs, [`corpus`] what the search reads of them; [`search`] finds the best abstraction by branch and
//! bound over partial patterns ([`frame`]; `branch` makes the branches), pruned by [`bound`]; [`rewrite`] writes a corpus
//! with a library as cheaply as that can be, and `spine` keeps it from matching in vain; [`learn`] makes the library;
//! [`trees`] makes programs of proofs. The method is described in docs/exact.md; it starts from Bowers et al., "Top-Down
//! Synthesis for Library Learning", POPL 2023.

pub mod bound;
pub mod corpus;
pub mod expr;
pub mod frame;
pub mod learn;
pub mod rewrite;
pub mod search;
mod spine;
pub mod trees;

#[cfg(test)]
mod tests;

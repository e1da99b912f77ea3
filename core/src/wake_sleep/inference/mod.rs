//! Inference in context: goals as sequents, theorems as moves on them, glue derived afterwards.
//!
//! A goal `( G1 -> ( G2 -> C ) )` is the sequent Γ ⊢ C. What a theorem can do for a sequent is read off its shape once
//! per database ([`moves`]), and so is what brings theorems into a context ([`glue`]). Closure facts are chained without
//! a choice ([`closure`]). Human proofs become choices of moves, which a model learns ([`training`]). A proof made of all
//! of it is a program that people can read ([`text`]), and is written out as Metamath in the end ([`write`]). The page is
//! docs/inference.md.

pub mod closure;
pub mod environment;
pub mod glue;
pub mod moves;
pub mod proof;
pub mod proposer;
pub mod prover;
pub mod scribe;
pub mod search;
pub mod session;
pub mod text;
pub mod training;
pub mod write;

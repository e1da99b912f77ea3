//! Inference in context: goals as sequents, theorems as moves on them, glue derived afterwards.
//!
//! A goal `( G1 -> ( G2 -> C ) )` is the sequent Γ ⊢ C. What a theorem can do for a sequent is derived from its shape,
//! once per database ([`moves`]), and so are the theorems that bring others into a context ([`glue`]). Closure facts
//! are chained without a choice ([`closure`]). Human proofs become sequences of choices among moves, from which a model
//! learns ([`training`]). A found proof has a text that people can read ([`text`]) and is written out as Metamath
//! ([`mod@write`]). The page docs/inference.md explains all of it.

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

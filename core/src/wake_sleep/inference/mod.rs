//! Inference in context: goals as sequents, theorems as moves on them, glue derived afterwards.
//!
//! A goal `( G1 -> ( G2 -> C ) )` is the sequent Γ ⊢ C ([`sequents`]). What a theorem can do for a sequent is read off
//! its shape once per database ([`readings`]). What brings theorems into a context is found by shape, too ([`glue`]), and
//! so is the kind of every assertion ([`kinds`]), by which the steps of human proofs are counted ([`census`]) and closure
//! facts are chained without a choice ([`closure`]). What is outside of the core may rank moves, too ([`proposer`]). A proof
//! made of all of it is a program that people can read ([`text`]), and is written out in the end ([`write`]). The page is docs/inference.md.

pub mod apart;
pub mod census;
pub mod choices;
pub mod closure;
pub mod columns;
pub mod glue;
pub mod kinds;
mod meaning;
pub mod model;
pub mod proof;
pub mod proposer;
pub mod prover;
pub mod readings;
pub mod scribe;
pub mod search;
pub mod sequents;
pub mod session;
pub mod skeleton;
pub mod symmetry;
pub mod text;
pub mod translate;
pub mod write;

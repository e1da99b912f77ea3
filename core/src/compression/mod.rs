//! What is worth naming: fragments of proofs, their most general instances, rewriting.
//!
//! [`corpus`] holds proofs as flat arrays; [`learn`] finds fragments ([`fragment`], [`evaluate`], [`price`]) and
//! replaces them by lemmas that state their most general [`instance`]; [`export`] writes the library as text. [`nats`] is
//! what proofs cost a recognition model, [`schema`] the composites with label holes that save some of it.

pub mod corpus;
pub mod evaluate;
pub mod export;
pub mod fragment;
pub mod full;
pub mod instance;
pub mod learn;
pub mod measure;
pub mod nats;
pub mod price;
pub mod schema;

#[cfg(test)]
mod tests;

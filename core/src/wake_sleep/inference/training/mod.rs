//! Human proofs as choices of moves, and the model that learns from them.
//!
//! Proofs are translated into content proofs ([`translate`]), which give choices ([`choices`]) for the model
//! ([`model`]), skeletons ([`skeleton`]), data sets ([`states`]) and counts ([`census`]).

pub mod census;
pub mod choices;
pub mod columns;
pub mod model;
pub mod nats_to_go;
pub mod skeleton;
pub mod states;
pub mod translate;

//! Human proofs as choices of moves, and the model that learns them.

pub mod census;
pub mod choices;
pub mod columns;
pub mod model;
pub mod nats_to_go;
pub mod skeleton;
pub mod states;
pub mod translate;

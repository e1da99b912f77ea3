//! New lemmas: fragments that recur, their most general instances, prices, and what stays in the end.

pub mod cycles;
pub mod derivations;
pub mod export;
pub mod follow;
pub mod instance;
pub mod learn;
pub mod passes;
pub mod price;
pub mod prune;

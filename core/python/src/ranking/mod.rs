//! The first stage, the model over moves, and what they are measured by.

pub(crate) mod census;
pub(crate) mod moves;
pub(crate) mod portable;
pub(crate) mod ranker;
pub(crate) mod states;

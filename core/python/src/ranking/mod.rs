//! The first stage of the ranking, the model over moves, their arrays, and their measurement.

pub(crate) mod census;
pub(crate) mod moves;
pub(crate) mod portable;
pub(crate) mod ranker;
pub(crate) mod states;

//! The first stage: features, weights, what they are trained on, and how premises are ranked in a search.

pub mod column;
pub mod examples;
pub mod features;
pub mod memory;
pub mod portable;
pub mod probe;
pub mod ranker;
pub mod rows;
pub mod scorer;
pub mod skeletons;

//! What happens: features, ranking and search.

pub mod deduce;
pub mod dream;
pub mod examples;
pub mod features;
pub mod ranker;
pub mod search;
pub mod table;

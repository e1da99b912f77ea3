//! What happens: features, ranking and search.

pub mod closers;
pub mod column;
pub mod deduce;
pub mod dream;
pub mod examples;
pub mod features;
pub mod inference;
pub mod memory;
pub mod nats;
pub mod portable;
pub mod probe;
pub mod ranker;
pub mod replay;
pub mod rows;
pub mod scorer;
pub mod search;
pub mod skeletons;
pub mod table;

//! The first stage: a cheap ranker that selects, from all premises that unify with a goal, those that the search tries.
//!
//! The folder holds its features, its weights and their training, and what the task's analogues add ([`scorer`]). A
//! trained model can be fitted to another database ([`portable`]).

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

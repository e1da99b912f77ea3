//! What happens: ranking, search, inference in context, decision procedures, Level-2 composites, dreams.

pub mod closers;
pub mod deduce;
pub mod inference;
pub mod ranking;
pub mod search;
pub mod training;

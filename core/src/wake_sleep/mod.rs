//! The phases wake and sleep 2: ranking of premises, proof search, inference in context, decision procedures, dreams.
//!
//! [`search`] works backward over premises as they stand, [`inference`] over sequents. Both use the closers
//! ([`closers`]).

pub mod closers;
pub mod deduce;
pub mod inference;
pub mod ranking;
pub mod search;
pub mod training;

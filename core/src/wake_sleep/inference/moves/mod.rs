//! The moves of a theory: readings of assertions by their shape, the kinds of assertions, sequents, symmetric
//! relations.
//!
//! Nothing here depends on a task's goal, and labels are never used, so all of it is computed once per database.

pub mod apart;
pub mod kinds;
pub(crate) mod meaning;
pub mod reading;
pub mod readings;
pub mod sequents;

//! What theorems can do for a sequent: readings, kinds of assertions, relations without orientation.

pub mod apart;
pub mod kinds;
pub(crate) mod meaning;
pub mod reading;
pub mod readings;
pub mod sequents;

//! Databases with their libraries, proofs with open steps, judges.

pub(crate) mod claims;
pub(crate) mod draft;
pub(crate) mod judges;
pub(crate) mod library;
pub(crate) mod theory;

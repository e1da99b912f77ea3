//! Searches: options, results, proposers, content programs, and the functions of Level-2 handlers.

pub(crate) mod content;
pub(crate) mod environment;
pub(crate) mod level2;
pub(crate) mod proposer;
pub(crate) mod search;
pub(crate) mod search_options;

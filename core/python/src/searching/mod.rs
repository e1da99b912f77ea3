//! Searches: options, what they answer, proposers, Level-2 questions.

pub(crate) mod content;
pub(crate) mod environment;
pub(crate) mod level2;
pub(crate) mod proposer;
pub(crate) mod search;
pub(crate) mod search_options;

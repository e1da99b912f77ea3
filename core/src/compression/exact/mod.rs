//! Exact search for abstractions.

pub mod bound;
pub mod corpus;
pub mod expr;
pub mod frame;
pub mod learn;
pub mod rewrite;
pub mod search;

#[cfg(test)]
mod tests;

//! The machine's workspace: addresses, cells, pages, snapshots and their differences, what a head may touch.

pub mod cell;
pub mod diff;
pub(crate) mod exact;
pub mod mask;
pub mod term_tree;
pub mod trie;
pub mod workspace;

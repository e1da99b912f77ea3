//! The execution of each kind of opcode.

pub(crate) mod builtins;
pub(crate) mod call;
pub(crate) mod content;
pub(crate) mod data;
pub mod derive;
pub mod handlers;
pub(crate) mod heads;
pub(crate) mod proof;

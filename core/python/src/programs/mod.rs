//! The machine, its programs, handlers and log.

pub(crate) mod bench;
pub(crate) mod builtins;
pub(crate) mod handlers;
pub(crate) mod log;
pub(crate) mod machine;
pub(crate) mod program;

//! The Rust core of Metadream. Modules are named as the Python folders, and depend on each other along the
//! same line: `metamath_db → dsl → compression → wake_sleep`. Nothing here knows of Python.

#![allow(rustdoc::private_intra_doc_links)] // the comments are for those who read the source, too

pub mod compression;
pub mod dsl;
pub mod metamath_db;
pub mod progress;
mod threads;
pub mod util;
pub mod wake_sleep;

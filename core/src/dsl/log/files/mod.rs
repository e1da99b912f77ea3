//! A log on disk: its format, its folder, how it is written and kept.

pub mod format;
pub mod keep;
pub mod storage;
pub mod writer;

//! Compression: abstractions, proposals, missed uses.

pub(crate) mod exact;
pub(crate) mod proposals;
pub(crate) mod shortener;

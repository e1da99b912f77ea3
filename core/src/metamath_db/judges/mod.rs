//! Whether a proof is right: our kernel, metamath-knife behind its guard, whole files.

pub mod check;
pub mod kernel;
pub mod kernel_error;
pub mod knife;
pub mod rope;
pub mod slice;

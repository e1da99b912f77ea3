//! Level-2 composites: skeletons of training proofs, replayed on a target.

pub mod replay;
pub mod skeletons;

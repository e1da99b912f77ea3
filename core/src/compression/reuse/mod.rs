//! Uses that were missed: proofs made shorter by what stands before them, without new lemmas.

pub mod matching;
pub mod missed;
pub mod patterns;
pub mod size;

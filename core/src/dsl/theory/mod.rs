//! A database with its library: premises, proofs as text, written out and judged, proofs with open steps.

pub(crate) mod axioms;
pub mod draft;
pub mod draft_json;
pub(crate) mod judge_again;
pub mod library;
pub mod library_json;
pub mod proof_json;
pub mod proof_object;
pub mod task_view;
pub mod work;

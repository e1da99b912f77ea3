//! What can be said: the instruction set, programs, the workspace, the machine, the library of composites.

pub mod library;
pub mod proof_json;
pub mod proof_object;

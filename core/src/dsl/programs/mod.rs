//! Programs: operands, binary and text, what they carry, proofs and decisions as programs.

pub mod asm;
pub mod content;
pub mod cursor;
pub mod directive;
pub mod macros;
pub mod operand;
pub mod program;
pub mod proof_program;

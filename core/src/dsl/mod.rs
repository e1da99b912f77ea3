//! The language of the machine: instruction set, programs, workspace, execution, and the library of composites.
//! `docs/isa.md` is the specification.
//!
//! | folder | holds |
//! |---|---|
//! | [`formulas`] | what the machine knows of Metamath: term literals, unification, sequents, assertions |
//! | [`isa`] | opcodes, their functions and operand lists |
//! | [`memory`] | addresses, 512-bit cells, pages, links, snapshots, differences; what a head may touch |
//! | [`programs`] | operands, programs in binary and as text, directives, macros, proofs and decisions as programs |
//! | [`machine`] | execution, claims, the record of a run, handlers, inference in context as the machine sees it |
//! | [`level1`] | the solvers of Level 1, and the checkers of their certificates |
//! | [`log`] | a record for every write, Merkle tree, files, proofs, replay |
//! | [`theory`] | premises: assertions and learned lemmas; proofs as text, written out, judged, with open steps |
//! | [`mod@bench`] | what the machine costs |

pub mod bench;
pub mod formulas;
pub mod isa;
pub mod level1;
pub mod log;
pub mod machine;
pub mod memory;
pub mod programs;
pub mod theory;

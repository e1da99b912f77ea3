//! What can be said: the instruction set, programs, the workspace, the machine. `docs/isa.md` is the specification.
//!
//! | module | holds |
//! |---|---|
//! | [`cell`], [`workspace`], [`trie`] | addresses, 512-bit cells, pages, content index, links, snapshots, diffs |
//! | [`log`] | a record for every write, hash chain, replay |
//! | [`isa`], [`program`], [`asm`] | opcodes, operands, programs; binary and text |
//! | [`logic`], [`terms`], [`unify`] | what the machine needs to know of Metamath; term literals; unification |
//! | [`machine`], [`obligation`], [`trace`] | execution, claims, the record of a run |
//! | [`proof_program`] | a proof as a program |

pub mod asm;
pub mod cell;
pub mod isa;
pub mod log;
pub mod logic;
pub mod machine;
pub mod obligation;
pub mod program;
pub mod proof_program;
pub mod terms;
pub mod trace;
pub mod trie;
pub mod unify;
pub mod workspace;

//! What can be said: the instruction set, programs, the workspace, the machine, the library of composites.
//! `docs/isa.md` is the specification.
//!
//! | module | holds |
//! |---|---|
//! | [`cell`], [`workspace`], [`diff`], [`trie`] | addresses, 512-bit cells, pages, links, snapshots, diffs |
//! | `exact`, [`term_tree`], [`mask`] | content reads: exact, structural; what a head may touch |
//! | [`log`] | a record for every write, Merkle tree, files, proofs, replay |
//! | [`isa`], [`program`], [`asm`], [`macros`] | opcodes, operands, programs; binary and text; calls in texts |
//! | [`directive`] | what a program is about and what it brings along |
//! | [`sequent`], [`content`] | sequents as terms; decisions about them as instructions and as texts |
//! | [`logic`], [`terms`], [`unify`] | what the machine needs to know of Metamath; term literals; unification |
//! | [`machine`], [`obligation`], [`trace`] | execution, claims, the record of a run |
//! | [`proof_program`], [`proof_run`], [`task_view`] | a proof as a program; run and judged; a theory as the machine sees it |
//! | `judge_again` | proofs from a file, judged as if nobody had |
//! | [`library`] | premises: the database's assertions and learned lemmas |
//! | [`proof_json`], [`proof_object`] | proofs as text; proofs written out and judged |
//! | [`draft`], [`draft_json`], [`work`] | proofs with open steps, and formulas of which parts are not known |

pub mod asm;
mod axioms;
pub mod bench;
pub mod builtins;
pub mod cell;
pub mod content;
pub mod diff;
pub mod directive;
pub mod draft;
pub mod draft_json;
mod exact;
pub mod isa;
mod judge_again;
pub mod library;
pub mod library_json;
pub mod log;
pub mod logic;
pub mod machine;
pub mod macros;
pub mod mask;
pub mod obligation;
pub mod program;
pub mod proof_json;
pub mod proof_object;
pub mod proof_program;
pub mod proof_run;
pub mod sequent;
pub mod task_view;
pub mod term_tree;
pub mod terms;
pub mod trace;
pub mod trie;
pub mod unify;
pub mod work;
pub mod workspace;

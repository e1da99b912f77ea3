//! The record of a run: every instruction with what it read, wrote and claimed (docs/formats.md).

use super::obligation::{Discharge, Fault};
use crate::dsl::memory::cell::{Address, Tag};
use crate::dsl::memory::workspace::Link;
use crate::dsl::programs::program::Program;
use crate::util::text::hex;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// Version of the trace schema.
pub const TRACE_VERSION: u32 = 1;

/// A written cell, in a form that does not depend on arena ids.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Written {
    /// Where.
    pub address: Address,
    /// The type.
    pub tag: Tag,
    /// The value: a literal as in assembly; for long terms the number of nodes.
    pub value: String,
    /// SHA-256 digest of the term, for terms, goals and facts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub term: Option<String>,
    /// The step taken, for goals that are not open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
}

/// The claim that an instruction left.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Claimed {
    /// Its id in the obligation table.
    pub id: u64,
    /// The kind of the claim.
    pub claim: &'static str,
    /// Who discharges it.
    pub discharge: Discharge,
    /// The parts of the claim beyond its writes: substitution, `$d` pairs, hits, judge.
    pub detail: Vec<String>,
}

/// One instruction.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Event {
    /// Number of the step, from 1.
    pub step: u64,
    /// Number of the head, if several step together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<u32>,
    /// Depth of the child, 0 = the program itself.
    pub depth: u32,
    /// Name of the block.
    pub block: String,
    /// Index of the instruction in the program.
    pub index: u32,
    /// The instruction in assembly.
    pub instruction: String,
    /// False if the predicate forbade it.
    pub executed: bool,
    /// The cells and ranges that the operands name, as read.
    pub reads: Vec<String>,
    /// The cells that were written.
    pub writes: Vec<Written>,
    /// The links that were added.
    pub links: Vec<Link>,
    /// The claim that it left.
    pub obligation: Option<Claimed>,
    /// The fault, if it ended in one.
    pub fault: Option<Fault>,
}

/// The end of a run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct End {
    /// "halted", "end", "budget" or "fault".
    pub stop: &'static str,
    /// Status of HALT.
    pub status: Option<u8>,
    /// Steps used.
    pub steps: u64,
}

/// Most bytes of a trace, about; a machine that would go on beyond that ends in a fault (docs/isa.md, "Bounds").
pub const TRACE_LIMIT: usize = 1 << 30;
/// About the bytes of an event, and of each cell that it reads, writes or links.
const EVENT_BYTES: usize = 512;
const CELL_BYTES: usize = 192;

/// The record of one run.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// SHA-256 of the program.
    pub program: [u8; 32],
    /// The instructions, in order of completion: a SPAWN comes after its child.
    pub events: Vec<Event>,
    /// How it ended.
    pub end: Option<End>,
    /// About the bytes of the events.
    held: usize,
}

#[derive(Serialize)]
struct Header {
    schema: &'static str,
    version: u32,
    program_sha256: String,
}

#[derive(Serialize)]
struct Footer<'a> {
    end: Option<&'a End>,
    trace_sha256: String,
}

impl Trace {
    /// Appends an event.
    pub fn push(&mut self, event: Event) {
        let cells = event.reads.len() + event.writes.len() + event.links.len();
        self.held += EVENT_BYTES + CELL_BYTES * cells;
        self.events.push(event);
    }
    /// Whether it holds as much as it may.
    pub fn is_full(&self) -> bool {
        self.held > TRACE_LIMIT
    }
    /// An empty trace of this program.
    pub fn new(program: &Program) -> Trace {
        Trace { program: program.digest(), ..Trace::default() }
    }
    fn body(&self, line: &mut dyn FnMut(String) -> io::Result<()>) -> io::Result<()> {
        let header = Header { schema: "metadream.trace", version: TRACE_VERSION, program_sha256: hex(&self.program) };
        line(serde_json::to_string(&header)?)?;
        for event in &self.events {
            line(serde_json::to_string(event)?)?;
        }
        Ok(())
    }
    /// SHA-256 over the header's and the events' lines: equal runs have equal hashes.
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let written = self.body(&mut |line| {
            hash.update(line.as_bytes());
            hash.update(b"\n");
            Ok(())
        });
        written.expect("events are plain data");
        hash.finalize().into()
    }
    /// Writes JSON Lines: header, events, end with the hash.
    pub fn write_jsonl(&self, out: &mut dyn Write) -> io::Result<()> {
        self.body(&mut |line| writeln!(out, "{line}"))?;
        let footer = Footer { end: self.end.as_ref(), trace_sha256: hex(&self.hash()) };
        writeln!(out, "{}", serde_json::to_string(&footer)?)
    }
}

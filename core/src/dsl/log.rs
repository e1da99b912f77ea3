//! The log: a record for every write, link, new term and snapshot, in segments, with a running hash chain.
//! Replaying it gives the same workspace, bit by bit.
//!
//! The chain's head after a record is `hash(head before ‖ record)`. Merkle roots of sealed segments, other hashes
//! and durability come with issue 6; [`ChainHash`] is their place.

use super::cell::{Address, Cell};
use super::trace::hex;
use super::workspace::{Link, Workspace};
use crate::metamath_db::ids::{AssertionId, SymbolId, TermId};
use crate::metamath_db::term::{Arena, Head};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::io::{self, BufRead, Write};

/// Records of one segment.
pub const SEGMENT_RECORDS: usize = 1 << 16;
/// Version of the JSON Lines export.
pub const LOG_VERSION: u32 = 1;

/// The hash that chains records.
pub trait ChainHash: Send {
    /// Its name in the export.
    fn name(&self) -> &'static str;
    /// The head after `record`.
    fn next(&self, head: &[u8; 32], record: &[u8]) -> [u8; 32];
}

/// SHA-256, the default.
#[derive(Clone, Copy, Default, Debug)]
pub struct Sha256Chain;

impl ChainHash for Sha256Chain {
    fn name(&self) -> &'static str {
        "sha256"
    }
    fn next(&self, head: &[u8; 32], record: &[u8]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(head);
        hash.update(record);
        hash.finalize().into()
    }
}

/// Who wrote, and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Stamp {
    /// Number of the step; 0 = the host, before the run.
    pub time: u64,
    /// Code of the opcode; 0 = the host.
    pub opcode: u8,
    /// Index of the instruction.
    pub instruction: u32,
}

/// One record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Record {
    /// A cell was written.
    Write {
        /// By whom.
        stamp: Stamp,
        /// Where.
        address: Address,
        /// What was there.
        old: Cell,
        /// What is there now.
        new: Cell,
    },
    /// A link was added.
    Link {
        /// By whom.
        stamp: Stamp,
        /// The link.
        link: Link,
    },
    /// The arena got a new term; its id is the arena's length before.
    Term {
        /// The head's 32 bits.
        head: u32,
        /// Ids of the children.
        children: Vec<u32>,
    },
    /// A snapshot was taken for a child.
    Spawn {
        /// By whom.
        stamp: Stamp,
    },
    /// The child's state became the parent's.
    Adopt {
        /// By whom.
        stamp: Stamp,
    },
    /// The parent's state of before the child came back.
    Drop {
        /// By whom.
        stamp: Stamp,
    },
}

impl Record {
    /// The bytes that are hashed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(160);
        let stamp = |out: &mut Vec<u8>, kind: u8, s: &Stamp| {
            out.push(kind);
            out.push(s.opcode);
            out.extend_from_slice(&s.instruction.to_le_bytes());
            out.extend_from_slice(&s.time.to_le_bytes());
        };
        match self {
            Record::Write { stamp: s, address, old, new } => {
                stamp(&mut out, 1, s);
                out.extend_from_slice(&address.packed().to_le_bytes());
                out.extend_from_slice(&old.to_bytes());
                out.extend_from_slice(&new.to_bytes());
            }
            Record::Link { stamp: s, link } => {
                stamp(&mut out, 2, s);
                out.extend_from_slice(&link.from.packed().to_le_bytes());
                out.push(link.kind as u8);
                out.extend_from_slice(&link.to.packed().to_le_bytes());
            }
            Record::Term { head, children } => {
                out.push(3);
                out.extend_from_slice(&head.to_le_bytes());
                for c in children {
                    out.extend_from_slice(&c.to_le_bytes());
                }
            }
            Record::Spawn { stamp: s } => stamp(&mut out, 4, s),
            Record::Adopt { stamp: s } => stamp(&mut out, 5, s),
            Record::Drop { stamp: s } => stamp(&mut out, 6, s),
        }
        out
    }
}

/// Where a record stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RecordId {
    /// Segment.
    pub segment: u32,
    /// Record within the segment.
    pub record: u32,
}

/// What is wrong with a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogError {
    /// At which record.
    pub at: RecordId,
    /// What was found.
    pub what: String,
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "log segment {} record {}: {}", self.at.segment, self.at.record, self.what)
    }
}

impl std::error::Error for LogError {}

/// The log in memory.
pub struct Log {
    segments: Vec<Vec<Record>>,
    head: [u8; 32],
    hash: Box<dyn ChainHash>,
}

impl Default for Log {
    fn default() -> Self {
        Log::new(Box::new(Sha256Chain))
    }
}

#[derive(Serialize, Deserialize)]
struct Header {
    schema: String,
    version: u32,
    hash: String,
    arena_base: u64,
}

#[derive(Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    at: RecordId,
    chain: String,
    #[serde(flatten)]
    record: Record,
}

impl Log {
    /// An empty log.
    pub fn new(hash: Box<dyn ChainHash>) -> Log {
        Log { segments: Vec::new(), head: [0; 32], hash }
    }
    /// Where the next record will stand.
    pub fn next_id(&self) -> RecordId {
        match self.segments.last() {
            Some(s) if s.len() < SEGMENT_RECORDS => {
                RecordId { segment: self.segments.len() as u32 - 1, record: s.len() as u32 }
            }
            _ => RecordId { segment: self.segments.len() as u32, record: 0 },
        }
    }
    /// Appends a record.
    pub fn push(&mut self, record: Record) {
        let id = self.next_id();
        if id.segment as usize == self.segments.len() {
            self.segments.push(Vec::new());
        }
        self.head = self.hash.next(&self.head, &record.to_bytes());
        self.segments[id.segment as usize].push(record);
    }
    /// Head of the chain: depends on every record and their order.
    pub fn head(&self) -> [u8; 32] {
        self.head
    }
    /// Number of records.
    pub fn len(&self) -> usize {
        self.segments.iter().map(Vec::len).sum()
    }
    /// Whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }
    /// All records in order.
    pub fn records(&self) -> impl Iterator<Item = (RecordId, &Record)> {
        self.segments.iter().enumerate().flat_map(|(s, records)| {
            records.iter().enumerate().map(move |(r, record)| {
                let at = RecordId { segment: s as u32, record: r as u32 };
                (at, record)
            })
        })
    }

    /// Builds the workspace from nothing. `arena` must be as it was when the machine began; it gets the same terms.
    pub fn replay(&self, arena: &mut Arena) -> Result<Workspace, LogError> {
        let mut now = Workspace::new();
        let mut parents = Vec::new();
        for (at, record) in self.records() {
            let wrong = |what: String| LogError { at, what };
            match record {
                Record::Write { address, old, new, .. } => {
                    if now.get(*address) != old {
                        return Err(wrong(format!("the cell {address} is not as the record says it was")));
                    }
                    now.set(*address, *new);
                }
                Record::Link { link, .. } => match now.link(*link) {
                    Ok(true) => {}
                    Ok(false) => return Err(wrong("the link is there already".into())),
                    Err(e) => return Err(wrong(format!("{e:?}"))),
                },
                Record::Term { head, children } => replay_term(arena, *head, children).map_err(wrong)?,
                Record::Spawn { .. } => parents.push(now.clone()),
                Record::Adopt { .. } => {
                    parents.pop().ok_or_else(|| wrong("nothing was spawned".into()))?;
                }
                Record::Drop { .. } => {
                    now = parents.pop().ok_or_else(|| wrong("nothing was spawned".into()))?;
                }
            }
        }
        Ok(now)
    }

    /// Writes JSON Lines: a header, then one record a line, each with the chain's head after it.
    /// `arena_base` = length of the arena when the machine began.
    pub fn write_jsonl(&self, out: &mut dyn Write, arena_base: usize) -> io::Result<()> {
        let header = Header {
            schema: "metadream.log".into(),
            version: LOG_VERSION,
            hash: self.hash.name().into(),
            arena_base: arena_base as u64,
        };
        serde_json::to_writer(&mut *out, &header)?;
        out.write_all(b"\n")?;
        let mut head = [0; 32];
        for (at, record) in self.records() {
            head = self.hash.next(&head, &record.to_bytes());
            let line = Line { at, chain: hex(&head), record: record.clone() };
            serde_json::to_writer(&mut *out, &line)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }
    /// Reads what [`Log::write_jsonl`] wrote and checks the chain. The error names the line. Returns the length of
    /// the arena that the log begins with, too.
    pub fn read_jsonl(input: &mut dyn BufRead, hash: Box<dyn ChainHash>) -> Result<(Log, usize), String> {
        let mut log = Log::new(hash);
        let mut base = None;
        for (i, line) in input.lines().enumerate() {
            let n = i + 1;
            let line = line.map_err(|e| format!("line {n}: {e}"))?;
            if i == 0 {
                let h: Header = serde_json::from_str(&line).map_err(|e| format!("line 1: {e}"))?;
                let ours = log.hash.name();
                if (h.schema.as_str(), h.version, h.hash.as_str()) != ("metadream.log", LOG_VERSION, ours) {
                    return Err(format!("line 1: expected metadream.log of version {LOG_VERSION} with {ours}"));
                }
                base = Some(h.arena_base as usize);
                continue;
            }
            let l: Line = serde_json::from_str(&line).map_err(|e| format!("line {n}: {e}"))?;
            if l.at != log.next_id() {
                return Err(format!("line {n}: a record is missing or repeated"));
            }
            log.push(l.record);
            if l.chain != hex(&log.head) {
                return Err(format!("line {n}: the record does not fit its hash"));
            }
        }
        base.map(|b| (log, b)).ok_or_else(|| "line 1: no header".into())
    }
}

fn replay_term(arena: &mut Arena, head: u32, children: &[u32]) -> Result<(), String> {
    let id = arena.len();
    if children.iter().any(|&c| c as usize >= id) {
        return Err("a term before its children".into());
    }
    let children: Vec<TermId> = children.iter().map(|&c| TermId(c)).collect();
    let made = arena.make(head_from_raw(head), &children);
    match made.index() == id {
        true => Ok(()),
        false => Err("the arena is not the one that the log began with".into()),
    }
}

/// The head with these 32 bits (see [`Head::raw`]).
fn head_from_raw(raw: u32) -> Head {
    match (raw >> 31, raw >> 30 & 1) {
        (1, _) => Head::meta(raw & !(1 << 31)),
        (_, 1) => Head::variable(SymbolId(raw & !(1 << 30))),
        _ => Head::syntax(AssertionId(raw)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_survive_their_bits() {
        for h in [Head::meta(5), Head::variable(SymbolId(6)), Head::syntax(AssertionId(7))] {
            assert_eq!(head_from_raw(h.raw()), h);
        }
    }

    #[test]
    fn segments_fill_up_and_the_chain_sees_every_record() {
        let mut log = Log::default();
        let record = |i: u64| Record::Spawn { stamp: Stamp { time: i, ..Stamp::default() } };
        for i in 0..=SEGMENT_RECORDS as u64 {
            log.push(record(i));
        }
        let next = log.next_id();
        assert_eq!((next.segment, next.record), (1, 1));
        let mut text = Vec::new();
        log.write_jsonl(&mut text, 12).unwrap();
        let read = |t: &[u8]| Log::read_jsonl(&mut &t[..], Box::new(Sha256Chain));
        let (again, base) = read(&text).unwrap();
        assert_eq!((again.head(), again.len(), base), (log.head(), log.len(), 12));
        let lines: Vec<&[u8]> = text.split_inclusive(|&b| b == b'\n').collect();
        let without = [&lines[..3], &lines[4..]].concat().concat();
        assert!(read(&without).err().unwrap().contains("line 4"));
        let changed = String::from_utf8(text).unwrap().replacen("\"time\":5,", "\"time\":6,", 1);
        assert!(read(changed.as_bytes()).err().unwrap().contains("line 7"));
    }
}

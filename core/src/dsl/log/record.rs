//! One record and its bytes (docs/log.md, "Records").
//!
//! Price: a plain write takes 44 bytes, so that its leaf is one block of SHA-256; nothing is allocated on the way in.

use crate::dsl::isa::{LinkKind, Opcode};
use crate::dsl::memory::cell::{Address, Cell, Content, Tag};
use crate::dsl::memory::workspace::Link;
use crate::metamath_db::ids::TermId;
use crate::util::text::hex;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use std::fmt;

/// Records of a full segment.
pub const SEGMENT_RECORDS: u64 = 1 << 16;
/// Most children of a term record, most bytes of a session's name: a record stays below 262,144 bytes.
pub const MAX_PARTS: usize = 1 << 16;
/// Bytes that every record begins with.
pub const HEAD_BYTES: usize = 16;

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

impl Stamp {
    /// The cell that a write leaves: its content, and where that came from.
    #[inline]
    pub fn cell(self, at: RecordId, content: Content, obligation: u64) -> Cell {
        Cell {
            value: content.value,
            inline: content.inline,
            tag: content.tag,
            opcode: self.opcode,
            reserved: 0,
            instruction: self.instruction,
            segment: at.segment,
            record: at.record,
            time: self.time,
            obligation,
        }
    }
}

/// Where a record stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct RecordId {
    /// Segment.
    pub segment: u32,
    /// Record within the segment.
    pub record: u32,
}

impl RecordId {
    /// From the record's number in the whole log.
    #[inline]
    pub fn from_number(n: u64) -> RecordId {
        RecordId { segment: (n / SEGMENT_RECORDS) as u32, record: (n % SEGMENT_RECORDS) as u32 }
    }
    /// The record's number in the whole log.
    pub fn number(self) -> u64 {
        u64::from(self.segment) * SEGMENT_RECORDS + u64::from(self.record)
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "segment {} record {}", self.segment, self.record)
    }
}

/// The inputs of a session, which is one run of a machine.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Origin {
    /// A label or file that tells people which program was run.
    pub name: String,
    /// SHA-256 of the database's file; zeros if there is none.
    pub database: [u8; 32],
    /// SHA-256 of the library's text; zeros if there is none.
    pub library: [u8; 32],
    /// SHA-256 of the program's binary form.
    pub program: [u8; 32],
    /// Terms that stood in the arena before the session; its own follow as records.
    pub terms: u64,
}

/// How a session ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ending {
    /// Status: 0 is success, else HALT's or the fault's.
    pub status: u16,
    /// Steps used.
    pub steps: u64,
    /// [`Workspace::digest`](crate::dsl::memory::workspace::Workspace::digest) at the end.
    pub workspace: [u8; 32],
}

/// One record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Record {
    /// A session begins, with an empty workspace.
    Begin(Origin),
    /// A cell was written.
    Write {
        /// By whom.
        stamp: Stamp,
        /// Where.
        address: Address,
        /// The record that wrote what was there; none if nothing was.
        before: Option<RecordId>,
        /// The new content.
        content: Content,
        /// The obligation that the write left, 0 = none.
        obligation: u64,
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
        children: SmallVec<[TermId; 6]>,
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
    /// An instruction ended in a fault; nothing changed.
    Fault {
        /// Which instruction.
        stamp: Stamp,
        /// The fault's status (docs/isa.md).
        status: u16,
        /// The address that it names.
        address: Option<Address>,
    },
    /// The session ended.
    End(Ending),
    /// The files of a run, all of them, as they are from here on. Stands in a log of such records only.
    Files {
        /// Their number.
        count: u32,
        /// SHA-256 of the list of their hashes.
        list: [u8; 32],
    },
}

const BEGIN: u8 = 1;
const WRITE: u8 = 2;
const WIDE: u8 = 3;
const LINK: u8 = 4;
const TERM: u8 = 5;
const SPAWN: u8 = 6;
const ADOPT: u8 = 7;
const DROP: u8 = 8;
const FAULT: u8 = 9;
const END: u8 = 10;
const FILES: u8 = 11;
const NOWHERE: u32 = u32::MAX;

/// Why bytes are no record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Malformed {
    /// The bytes end within the record.
    Short,
    /// No record has this kind.
    Kind(u8),
    /// A field has a value that is never written.
    Field(&'static str),
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Malformed::Short => write!(f, "the bytes end within the record"),
            Malformed::Kind(k) => write!(f, "no record has the kind {k}"),
            Malformed::Field(name) => write!(f, "its {name} is not one that is ever written"),
        }
    }
}

fn u32_at(b: &[u8], i: usize) -> u32 {
    u32::from_le_bytes([b[i], b[i + 1], b[i + 2], b[i + 3]])
}
fn u64_at(b: &[u8], i: usize) -> u64 {
    u64::from(u32_at(b, i)) | u64::from(u32_at(b, i + 4)) << 32
}
fn digest_at(b: &[u8], i: usize) -> [u8; 32] {
    let mut d = [0; 32];
    d.copy_from_slice(&b[i..i + 32]);
    d
}

/// The first 16 bytes: kind, opcode, one byte and the time as they are; a number in bytes 4–7.
#[inline]
fn head(kind: u8, opcode: u8, small: u8, number: u32, time: u64) -> [u8; HEAD_BYTES] {
    let mut b = [0; HEAD_BYTES];
    b[0] = kind;
    b[1] = opcode;
    b[2] = small;
    b[4..8].copy_from_slice(&number.to_le_bytes());
    b[8..16].copy_from_slice(&time.to_le_bytes());
    b
}
#[inline]
fn stamped(kind: u8, small: u8, s: Stamp) -> [u8; HEAD_BYTES] {
    head(kind, s.opcode, small, s.instruction, s.time)
}

/// Appends a write. `old` is the whole cell that was there: its log pointer goes into the record.
#[inline]
pub fn put_write(out: &mut Vec<u8>, stamp: Stamp, a: Address, old: &Cell, c: &Content, obligation: u64) {
    let before = match old.is_empty() {
        true => 0,
        false => RecordId { segment: old.segment, record: old.record }.number() + 1,
    };
    let wide = c.inline != [0; 3];
    let mut b = [0u8; 68];
    b[..16].copy_from_slice(&stamped(if wide { WIDE } else { WRITE }, c.tag as u8, stamp));
    b[16..20].copy_from_slice(&(a.packed() as u32).to_le_bytes());
    b[20..28].copy_from_slice(&c.value.to_le_bytes());
    b[28..36].copy_from_slice(&obligation.to_le_bytes());
    b[36..44].copy_from_slice(&before.to_le_bytes());
    if wide {
        for (i, w) in c.inline.iter().enumerate() {
            b[44 + 8 * i..52 + 8 * i].copy_from_slice(&w.to_le_bytes());
        }
        out.extend_from_slice(&b);
    } else {
        out.extend_from_slice(&b[..44]);
    }
}

/// Appends a new term.
///
/// # Panics
/// With more than [`MAX_PARTS`] − 8 children.
pub fn put_term(out: &mut Vec<u8>, head_bits: u32, children: &[TermId]) {
    assert!(children.len() <= MAX_PARTS - 8, "a term of more than 65,528 children");
    out.extend_from_slice(&head(TERM, 0, 0, children.len() as u32, u64::from(head_bits)));
    for c in children {
        out.extend_from_slice(&c.0.to_le_bytes());
    }
}

/// Number of bytes of the record that `b` begins with.
#[inline]
pub fn length(b: &[u8]) -> Result<usize, Malformed> {
    let Some(&kind) = b.first() else { return Err(Malformed::Short) };
    let n = match kind {
        WRITE => 44,
        WIDE => 68,
        SPAWN | ADOPT | DROP => HEAD_BYTES,
        LINK | FAULT => 24,
        END | FILES => 48,
        BEGIN | TERM if b.len() < HEAD_BYTES => return Err(Malformed::Short),
        BEGIN | TERM => {
            let parts = u32_at(b, 4) as usize;
            match (kind, parts) {
                (_, MAX_PARTS..) => return Err(Malformed::Field("length")),
                (BEGIN, n) => 120 + n,
                (_, n) => HEAD_BYTES + 4 * n,
            }
        }
        other => return Err(Malformed::Kind(other)),
    };
    if b.len() < n {
        return Err(Malformed::Short);
    }
    Ok(n)
}

impl Record {
    /// Appends the record's bytes.
    pub fn put(&self, out: &mut Vec<u8>) {
        match self {
            Record::Begin(o) => {
                let mut cut = o.name.len().min(MAX_PARTS - 1);
                while !o.name.is_char_boundary(cut) {
                    cut -= 1;
                }
                let name = &o.name[..cut];
                out.extend_from_slice(&head(BEGIN, 0, 0, name.len() as u32, 0));
                out.extend_from_slice(&o.terms.to_le_bytes());
                for d in [&o.database, &o.library, &o.program] {
                    out.extend_from_slice(d);
                }
                out.extend_from_slice(name.as_bytes());
            }
            Record::Write { stamp, address, before, content, obligation } => {
                let pointer = before.unwrap_or(RecordId { segment: 0, record: 0 });
                let old = Cell {
                    tag: if before.is_some() { Tag::Bool } else { Tag::Empty },
                    segment: pointer.segment,
                    record: pointer.record,
                    ..Cell::EMPTY
                };
                put_write(out, *stamp, *address, &old, content, *obligation);
            }
            Record::Link { stamp, link } => {
                out.extend_from_slice(&stamped(LINK, link.kind as u8, *stamp));
                out.extend_from_slice(&(link.from.packed() as u32).to_le_bytes());
                out.extend_from_slice(&(link.to.packed() as u32).to_le_bytes());
            }
            Record::Term { head, children } => put_term(out, *head, children),
            Record::Spawn { stamp } => out.extend_from_slice(&stamped(SPAWN, 0, *stamp)),
            Record::Adopt { stamp } => out.extend_from_slice(&stamped(ADOPT, 0, *stamp)),
            Record::Drop { stamp } => out.extend_from_slice(&stamped(DROP, 0, *stamp)),
            Record::Fault { stamp, status, address } => {
                out.extend_from_slice(&stamped(FAULT, 0, *stamp));
                let a = address.map_or(NOWHERE, |a| a.packed() as u32);
                out.extend_from_slice(&a.to_le_bytes());
                out.extend_from_slice(&u32::from(*status).to_le_bytes());
            }
            Record::End(e) => {
                out.extend_from_slice(&head(END, 0, 0, u32::from(e.status), e.steps));
                out.extend_from_slice(&e.workspace);
            }
            Record::Files { count, list } => {
                out.extend_from_slice(&head(FILES, 0, 0, *count, 0));
                out.extend_from_slice(list);
            }
        }
    }
    /// The record that `b` begins with, and its length. What [`Record::put`] would not write is refused.
    pub fn read(b: &[u8]) -> Result<(Record, usize), Malformed> {
        let n = length(b)?;
        let b = &b[..n];
        let number = u32_at(b, 4);
        let stamp = Stamp { time: u64_at(b, 8), opcode: b[1], instruction: number };
        let small_used = matches!(b[0], WRITE | WIDE | LINK);
        let opcode_used = !matches!(b[0], BEGIN | TERM | END | FILES);
        let time_used = !matches!(b[0], BEGIN | FILES);
        if b[3] != 0 || (!small_used && b[2] != 0) || (!opcode_used && b[1] != 0) || (!time_used && stamp.time != 0) {
            return Err(Malformed::Field("padding"));
        }
        let record = match b[0] {
            BEGIN => Record::Begin(read_begin(b)?),
            WRITE | WIDE => read_write(b, stamp)?,
            LINK => {
                let kind = LinkKind::from_code(b[2]).ok_or(Malformed::Field("link kind"))?;
                Record::Link { stamp, link: Link { from: address_at(b, 16)?, kind, to: address_at(b, 20)? } }
            }
            TERM if u32_at(b, 12) != 0 => return Err(Malformed::Field("padding")),
            TERM => {
                let children = (16..n).step_by(4).map(|i| TermId(u32_at(b, i))).collect();
                Record::Term { head: u32_at(b, 8), children }
            }
            SPAWN => Record::Spawn { stamp },
            ADOPT => Record::Adopt { stamp },
            DROP => Record::Drop { stamp },
            FAULT => {
                let status = u16::try_from(u32_at(b, 20)).map_err(|_| Malformed::Field("status"))?;
                let address = match u32_at(b, 16) {
                    NOWHERE => None,
                    _ => Some(address_at(b, 16)?),
                };
                Record::Fault { stamp, status, address }
            }
            FILES => Record::Files { count: number, list: digest_at(b, 16) },
            _ => {
                let status = u16::try_from(number).map_err(|_| Malformed::Field("status"))?;
                Record::End(Ending { status, steps: stamp.time, workspace: digest_at(b, 16) })
            }
        };
        Ok((record, n))
    }
}

impl fmt::Display for Record {
    /// One line for people. Opcodes by name, terms by number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = |s: &Stamp| match Opcode::from_code(s.opcode) {
            Some(o) => format!("step {}, instruction {}, {}", s.time, s.instruction, o.name()),
            None => format!("step {}, host", s.time),
        };
        match self {
            Record::Begin(o) => write!(f, "begin \"{}\", {} terms below", o.name, o.terms),
            Record::Write { stamp, address, before, content, obligation } => {
                write!(f, "write {address} {} {}", content.tag.name(), content.value as i64)?;
                if content.inline != [0; 3] {
                    write!(f, " {:?}", content.inline)?;
                }
                if let Some(b) = before {
                    write!(f, ", over record {}", b.number())?;
                }
                if *obligation != 0 {
                    write!(f, ", obligation {obligation}")?;
                }
                write!(f, " ({})", by(stamp))
            }
            Record::Link { stamp, link } => {
                write!(f, "link {} {} {} ({})", link.from, link.kind.name(), link.to, by(stamp))
            }
            Record::Term { head, children } => {
                write!(f, "term {head:#x}")?;
                children.iter().try_for_each(|c| write!(f, " {}", c.0))
            }
            Record::Spawn { stamp } => write!(f, "spawn ({})", by(stamp)),
            Record::Adopt { stamp } => write!(f, "adopt ({})", by(stamp)),
            Record::Drop { stamp } => write!(f, "drop ({})", by(stamp)),
            Record::Fault { stamp, status, address } => {
                write!(f, "fault {status}")?;
                address.map_or(Ok(()), |a| write!(f, " at {a}"))?;
                write!(f, " ({})", by(stamp))
            }
            Record::End(e) => write!(f, "end, status {}, {} steps", e.status, e.steps),
            Record::Files { count, list } => write!(f, "{count} files, SHA-256 of their list {}", hex(list)),
        }
    }
}

fn address_at(b: &[u8], i: usize) -> Result<Address, Malformed> {
    Address::from_packed(u64::from(u32_at(b, i))).ok_or(Malformed::Field("address"))
}

fn read_begin(b: &[u8]) -> Result<Origin, Malformed> {
    let name = std::str::from_utf8(&b[120..]).map_err(|_| Malformed::Field("name"))?;
    Ok(Origin {
        name: name.to_owned(),
        terms: u64_at(b, 16),
        database: digest_at(b, 24),
        library: digest_at(b, 56),
        program: digest_at(b, 88),
    })
}

fn read_write(b: &[u8], stamp: Stamp) -> Result<Record, Malformed> {
    let tag = *Tag::ALL.get(b[2] as usize).ok_or(Malformed::Field("tag"))?;
    let inline = match b[0] {
        WIDE => [u64_at(b, 44), u64_at(b, 52), u64_at(b, 60)],
        _ => [0; 3],
    };
    if b[0] == WIDE && inline == [0; 3] {
        return Err(Malformed::Field("inline words"));
    }
    let before = u64_at(b, 36);
    if before > SEGMENT_RECORDS << 32 {
        return Err(Malformed::Field("pointer"));
    }
    Ok(Record::Write {
        stamp,
        address: address_at(b, 16)?,
        before: before.checked_sub(1).map(RecordId::from_number),
        content: Content { value: u64_at(b, 20), inline, tag },
        obligation: u64_at(b, 28),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_round_trip_and_a_plain_write_fits_one_block() {
        let at = |i| Address::from_packed(i).unwrap();
        let stamp = Stamp { time: 1 << 40, opcode: 7, instruction: 9 };
        let before = Some(RecordId { segment: 3, record: 65_535 });
        let write = |content, before| Record::Write { stamp, address: at(77), before, content, obligation: 5 };
        let ending = Ending { status: 261, steps: 12, workspace: [9; 32] };
        let name = "a name with ⟨letters⟩".to_owned();
        let records = [
            Record::Begin(Origin { name, database: [1; 32], library: [2; 32], program: [3; 32], terms: 40 }),
            write(Content::int(-4), None),
            write(Content::int(-4), Some(RecordId { segment: 0, record: 0 })),
            write(Content::bytes(b"abc").unwrap(), before),
            Record::Link { stamp, link: Link { from: at(1), kind: LinkKind::ALL[2], to: at((1 << 31) - 1) } },
            Record::Term { head: 1 << 31, children: SmallVec::new() },
            Record::Term { head: 6, children: (0..40).map(TermId).collect() },
            Record::Spawn { stamp },
            Record::Adopt { stamp },
            Record::Drop { stamp },
            Record::Fault { stamp, status: 258, address: None },
            Record::Fault { stamp, status: 258, address: Some(at(5)) },
            Record::End(ending),
            Record::Files { count: 7, list: [8; 32] },
        ];
        let mut all = Vec::new();
        for r in &records {
            let start = all.len();
            r.put(&mut all);
            let (again, n) = Record::read(&all[start..]).unwrap();
            assert_eq!((&again, n), (r, all.len() - start));
            for cut in 0..n {
                assert_eq!(Record::read(&all[start..start + cut]), Err(Malformed::Short));
            }
        }
        let mut plain = Vec::new();
        records[1].put(&mut plain);
        assert!(plain.len() <= 54);
    }

    /// Whatever is read is written back byte for byte: no two encodings of one record.
    #[test]
    fn changed_bytes_are_refused_or_are_another_record() {
        let stamp = Stamp { time: 3, opcode: 1, instruction: 2 };
        let link = Link {
            from: Address::from_packed(1).unwrap(),
            kind: LinkKind::ALL[0],
            to: Address::from_packed(2).unwrap(),
        };
        for r in [Record::Link { stamp, link }, Record::Term { head: 5, children: [TermId(1)].into_iter().collect() }] {
            let mut bytes = Vec::new();
            r.put(&mut bytes);
            for i in 0..bytes.len() * 8 {
                let mut b = bytes.clone();
                b[i / 8] ^= 1 << (i % 8);
                if let Ok((other, n)) = Record::read(&b) {
                    let mut again = Vec::new();
                    other.put(&mut again);
                    assert_eq!(again, b[..n]);
                    assert!(other != r || n != bytes.len());
                }
            }
        }
    }
}

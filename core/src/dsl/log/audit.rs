//! Reading a log: everything is decoded, hashed and compared; what is wrong is named.
//!
//! Segments are checked apart, by as many threads as asked for, then the chain in order. Price: a decoding, a leaf
//! and a node a record, by the hash's speed; memory: a segment's bytes a thread.

use super::error::{Finding, LogError, Wrong};
use super::hash::{by_name, Digest, Domain, LogHash};
use super::merkle::{Nodes, Tree};
use super::record::{Record, RecordId, SEGMENT_RECORDS};
use crate::dsl::log::files::format;
use crate::dsl::log::files::format::{
    chain, header, seal, sealed_digest, segment_name, Head, CHECK, HEADER, LEVEL, SEAL,
};
use crate::dsl::log::files::storage::Storage;
use std::sync::Mutex;

/// The result of an audit.
pub struct Audit {
    /// The published head, if it can be read.
    pub head: Option<Head>,
    /// The defects, in order; at most one for each segment.
    pub findings: Vec<Finding>,
    /// Bytes behind the head: written, never acknowledged.
    pub unacknowledged: u64,
    /// The trees of the full segments and of the last one, if that is not full; true if nothing is wrong.
    pub full: Tree,
    /// See `full`.
    pub own: Tree,
    /// Sessions begun.
    pub sessions: u64,
}

/// One segment, by itself.
struct Checked {
    /// The tree of its records.
    tree: Tree,
    /// The bytes of header and records.
    length: u64,
    head: [u8; HEADER],
    /// The seal's bytes, if it should have one.
    seal: Vec<u8>,
    sessions: u64,
    finding: Option<Finding>,
}

/// Number of records in segment `n` of a log with `records`.
fn records_of(n: u64, records: u64) -> u64 {
    (records - n * SEGMENT_RECORDS).min(SEGMENT_RECORDS)
}

/// Calls `visit` with each of the `count` records that follow the header: number in the segment, offset, bytes
/// without check word. Stops at the first one that is wrong.
fn walk(
    hash: &dyn LogHash,
    file: &[u8],
    count: u64,
    visit: &mut dyn FnMut(u64, usize, Record, Digest),
) -> Result<usize, (u64, usize, Wrong)> {
    let mut at = HEADER;
    for i in 0..count {
        let rest = file.get(at..).unwrap_or_default();
        let (record, n) = Record::read(rest).map_err(|m| (i, at, Wrong::Malformed(m)))?;
        let leaf = hash.hash(Domain::Leaf, &rest[..n]);
        if rest.get(n..n + CHECK) != Some(&leaf[..CHECK]) {
            return Err((i, at, Wrong::Check));
        }
        visit(i, at, record, leaf);
        at += n + CHECK;
    }
    Ok(at)
}

fn check_segment(hash: &dyn LogHash, number: u64, file: &[u8], records: u64) -> Checked {
    let count = records_of(number, records);
    let finding = |at: Option<u64>, offset: usize, wrong| Finding {
        file: segment_name(number),
        at: at.map(|r| RecordId { segment: number as u32, record: r as u32 }),
        offset: offset as u64,
        wrong,
    };
    let mut out =
        Checked { tree: Tree::default(), length: 0, head: [0; HEADER], seal: Vec::new(), sessions: 0, finding: None };
    let Some(head) = file.get(..HEADER) else {
        out.finding = Some(finding(None, file.len(), Wrong::Truncated((HEADER - file.len()) as u64)));
        return out;
    };
    out.head.copy_from_slice(head);
    let (tree, sessions) = (&mut out.tree, &mut out.sessions);
    let walked = walk(hash, file, count, &mut |_, _, record, leaf| {
        *sessions += u64::from(matches!(record, Record::Begin(_)));
        tree.push(hash, leaf);
    });
    match walked {
        Err((record, offset, wrong)) => out.finding = Some(finding(Some(record), offset, wrong)),
        Ok(length) => {
            out.length = length as u64;
            let wanted = if count == SEGMENT_RECORDS { SEAL } else { 0 };
            let found = file.len() - length;
            if found < wanted {
                out.finding = Some(finding(None, file.len(), Wrong::Truncated((wanted - found) as u64)));
            }
            out.seal = file[length..(length + wanted).min(file.len())].to_vec();
        }
    }
    out
}

fn io_error(file: &str) -> impl Fn(std::io::Error) -> LogError + '_ {
    move |e| LogError::Io { file: file.to_owned(), error: e.to_string() }
}

/// Reads the head. [`LogError::None`] if there is neither a head nor a segment.
pub fn read_head(storage: &mut dyn Storage) -> Result<Head, LogError> {
    let whole = |wrong| Finding { file: format::HEAD_FILE.to_owned(), at: None, offset: 0, wrong };
    match storage.read(format::HEAD_FILE).map_err(io_error(format::HEAD_FILE))? {
        Some(bytes) => Head::from_bytes(&bytes).map_err(|wrong| whole(wrong).into()),
        None => {
            let names = storage.names().map_err(io_error("the folder"))?;
            match names.iter().any(|n| format::is_segment(n)) {
                true => Err(whole(Wrong::Missing).into()),
                false => Err(LogError::None),
            }
        }
    }
}

/// Checks a whole log with this many threads.
///
/// # Errors
/// Only for a log that is not there or cannot be read; what is wrong with it is in [`Audit::findings`].
pub fn audit(storage: &mut dyn Storage, threads: usize) -> Result<Audit, LogError> {
    let (full, own) = (Tree::default(), Tree::default());
    let mut out = Audit { head: None, findings: Vec::new(), unacknowledged: 0, full, own, sessions: 0 };
    let head = match read_head(storage) {
        Ok(head) => head,
        Err(LogError::Wrong(finding)) => {
            out.findings.push(finding);
            return Ok(out);
        }
        Err(e) => return Err(e),
    };
    let hash = by_name(head.hash).expect("a head names a known hash");
    let mut chained = Chain { hash, head: &head, sealed: [0; 32], out: &mut out };
    let wave = (4 * threads.max(1)) as u64;
    let mut first = 0;
    'waves: while first < head.segments() {
        let last = (first + wave).min(head.segments());
        for (number, checked) in (first..last).zip(check_wave(storage, hash, first..last, head.records, threads)?) {
            match checked {
                Some((checked, size)) => chained.take(number, checked, size),
                None => {
                    let file = segment_name(number);
                    chained.out.findings.push(Finding { file, at: None, offset: 0, wrong: Wrong::Missing });
                    break 'waves; // a head may speak of more files than there could ever be
                }
            }
        }
        first = last;
    }
    chained.end();
    out.unacknowledged += loose_segments(storage, &head)?;
    out.head = Some(head);
    Ok(out)
}

/// Bytes of segments behind the head.
fn loose_segments(storage: &mut dyn Storage, head: &Head) -> Result<u64, LogError> {
    let mut bytes = 0;
    for name in storage.names().map_err(io_error("the folder"))? {
        if format::is_segment(&name) && name >= segment_name(head.segments()) {
            bytes += storage.read(&name).map_err(io_error(&name))?.map_or(0, |b| b.len() as u64);
        }
    }
    Ok(bytes)
}

type MaybeChecked = Option<(Checked, u64)>;

/// Some segments, in parallel; in order.
fn check_wave(
    storage: &mut dyn Storage,
    hash: &dyn LogHash,
    numbers: std::ops::Range<u64>,
    records: u64,
    threads: usize,
) -> Result<Vec<MaybeChecked>, LogError> {
    let source = Mutex::new((storage, numbers.clone()));
    let results = Mutex::new(Vec::new());
    let work = || loop {
        let (number, read) = {
            let mut source = source.lock().unwrap_or_else(|e| e.into_inner());
            let Some(number) = source.1.next() else { return };
            (number, source.0.read(&segment_name(number)))
        };
        let checked = match read {
            Ok(file) => Ok(file.map(|f| (check_segment(hash, number, &f, records), f.len() as u64))),
            Err(e) => Err(io_error(&segment_name(number))(e)),
        };
        results.lock().unwrap_or_else(|e| e.into_inner()).push((number, checked));
    };
    let threads = threads.clamp(1, (numbers.end - numbers.start) as usize);
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    let mut results = results.into_inner().unwrap_or_else(|e| e.into_inner());
    results.sort_by_key(|r| r.0);
    results.into_iter().map(|r| r.1).collect()
}

/// The second half of an audit: headers, seals, heads, in order.
struct Chain<'a> {
    hash: &'static dyn LogHash,
    head: &'a Head,
    sealed: Digest,
    out: &'a mut Audit,
}

impl Chain<'_> {
    fn take(&mut self, number: u64, checked: Checked, size: u64) {
        let full = records_of(number, self.head.records) == SEGMENT_RECORDS;
        let end = checked.length + if full { SEAL as u64 } else { 0 };
        let last = number + 1 == self.head.segments();
        let known = checked.length > 0;
        let mut finding = checked.finding;
        let mut note = |offset, wrong| {
            let file = segment_name(number);
            finding.get_or_insert(Finding { file, at: None, offset, wrong });
        };
        if checked.head != header(self.hash, number, &self.sealed) {
            note(0, Wrong::Header);
        }
        self.out.sessions += checked.sessions;
        // a damaged segment's root is not known: go on with what its seal says
        let own = match (checked.tree.records() == SEGMENT_RECORDS, sealed_digest(&checked.seal, 0)) {
            (true, _) => checked.tree.last().expect("records"),
            (false, Some(stored)) => stored,
            (false, None) => [0; 32],
        };
        if full {
            self.out.full.push_subtree(self.hash, own, LEVEL);
            let all = self.out.full.root(self.hash);
            let next = chain(self.hash, &self.sealed, self.out.full.records(), &all);
            if checked.seal != seal(checked.length.saturating_sub(HEADER as u64), &own, &all, &next) {
                let root = sealed_digest(&checked.seal, 0).is_some_and(|stored| stored != own);
                note(checked.length, if root { Wrong::Root } else { Wrong::Seal });
            }
            self.sealed = sealed_digest(&checked.seal, 2).unwrap_or(next);
        }
        match last {
            false if known && size > end => note(end, Wrong::Trailing(size - end)),
            true if known && size > end => self.out.unacknowledged += size - end,
            _ => {}
        }
        if last && known && end != self.head.bytes {
            note(end, Wrong::Head);
        }
        if !full {
            self.out.own = checked.tree;
        }
        self.out.findings.extend(finding);
    }
    fn end(&mut self) {
        if !self.out.findings.is_empty() {
            return;
        }
        let tree = self.out.own.clone().behind(self.out.full.clone());
        let (root, records) = (tree.root(self.hash), tree.records());
        let whole = |wrong, name: String, offset| Finding { file: name, at: None, offset, wrong };
        let head = self.head;
        if root != head.root {
            let name = segment_name(head.segments().saturating_sub(1));
            self.out.findings.push(whole(Wrong::Root, name, HEADER as u64));
        } else if (head.records, head.sealed, head.head)
            != (records, self.sealed, chain(self.hash, &self.sealed, records, &root))
            || (records == 0 && head.bytes != 0)
        {
            self.out.findings.push(whole(Wrong::Head, format::HEAD_FILE.to_owned(), 0));
        }
    }
}

/// Calls `visit` with every acknowledged record of a log that an audit found unharmed: number, file, offset, record.
/// Stops at the first error.
pub fn for_each(
    storage: &mut dyn Storage,
    head: &Head,
    visit: &mut dyn FnMut(u64, Record) -> Result<(), Wrong>,
) -> Result<(), LogError> {
    let hash = by_name(head.hash).expect("a head names a known hash");
    for number in 0..head.segments() {
        let file = segment_file(storage, number)?;
        let mut failed = None;
        let walked = walk(hash, &file, records_of(number, head.records), &mut |i, offset, record, _| {
            if failed.is_none() {
                failed = visit(number * SEGMENT_RECORDS + i, record).err().map(|wrong| (i, offset, wrong));
            }
        });
        if let Some((i, offset, wrong)) = failed.or(walked.err()) {
            let at = Some(RecordId { segment: number as u32, record: i as u32 });
            return Err(Finding { file: segment_name(number), at, offset: offset as u64, wrong }.into());
        }
    }
    Ok(())
}

fn segment_file(storage: &mut dyn Storage, number: u64) -> Result<Vec<u8>, LogError> {
    let name = segment_name(number);
    let missing = || Finding { file: name.clone(), at: None, offset: 0, wrong: Wrong::Missing };
    storage.read(&name).map_err(io_error(&name))?.ok_or_else(|| missing().into())
}

/// The digests of a log on disk, for proofs.
pub struct Stored<'a> {
    storage: &'a mut dyn Storage,
    head: &'a Head,
    kept: Option<(u64, Vec<Digest>)>,
}

impl<'a> Stored<'a> {
    /// Of a log that an audit found unharmed.
    pub fn new(storage: &'a mut dyn Storage, head: &'a Head) -> Stored<'a> {
        Stored { storage, head, kept: None }
    }
    /// The bytes of a record.
    pub fn record(&mut self, number: u64) -> Result<Vec<u8>, LogError> {
        let (segment, record) = (number / SEGMENT_RECORDS, number % SEGMENT_RECORDS);
        let file = segment_file(self.storage, segment)?;
        let hash = by_name(self.head.hash).expect("known");
        let mut place = HEADER;
        let walked = walk(hash, &file, record, &mut |_, _, _, _| {});
        if let Ok(at) = walked {
            place = at;
        }
        let found = Record::read(file.get(place..).unwrap_or_default());
        let wrong = |m| Finding {
            file: segment_name(segment),
            at: Some(RecordId::from_number(number)),
            offset: place as u64,
            wrong: Wrong::Malformed(m),
        };
        let (_, n) = found.map_err(|m| LogError::from(wrong(m)))?;
        Ok(file[place..place + n].to_vec())
    }
}

impl Nodes for Stored<'_> {
    type Error = LogError;
    fn leaves(&mut self, from: u64, to: u64) -> Result<Vec<Digest>, LogError> {
        let segment = from / SEGMENT_RECORDS;
        if self.kept.as_ref().is_none_or(|k| k.0 != segment) {
            let file = segment_file(self.storage, segment)?;
            let hash = by_name(self.head.hash).expect("known");
            let mut leaves = Vec::new();
            let count = records_of(segment, self.head.records);
            let walked = walk(hash, &file, count, &mut |_, _, _, leaf| leaves.push(leaf));
            walked.map_err(|(i, offset, wrong)| Finding {
                file: segment_name(segment),
                at: Some(RecordId { segment: segment as u32, record: i as u32 }),
                offset: offset as u64,
                wrong,
            })?;
            self.kept = Some((segment, leaves));
        }
        let start = segment * SEGMENT_RECORDS;
        let (_, leaves) = self.kept.as_ref().expect("read above");
        Ok(leaves[(from - start) as usize..(to - start) as usize].to_vec())
    }
    fn block(&mut self, n: u64) -> Result<Digest, LogError> {
        let file = segment_file(self.storage, n)?;
        let damaged = || Finding { file: segment_name(n), at: None, offset: 0, wrong: Wrong::Seal };
        sealed_digest(&file, 0).ok_or_else(|| damaged().into())
    }
}

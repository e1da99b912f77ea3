//! Log operations of a run folder: appending sessions after a place reached before, binding the list of the folder's
//! files, reading that list back, and rebuilding a workspace.

use super::format::{segment_name, Head};
use super::storage::Folder;
use super::writer::Sealer;
use crate::dsl::log::audit::{audit, for_each, read_head};
use crate::dsl::log::error::{Finding, LogError, Wrong};
use crate::dsl::log::hash::{by_name, Digest, LogHash};
use crate::dsl::log::proof::root_of_first;
use crate::dsl::log::record;
use crate::dsl::log::record::{Origin, Record, RecordId};
use crate::dsl::log::replay::Replay;
use crate::dsl::memory::cell::{Address, Cell, Span};
use crate::dsl::memory::workspace::Workspace;
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// Appends sessions to a folder's log, so that they stand behind its first `start` records, and acknowledges them.
/// Records that stand there already (a killed run's, or those of a cycle that is done again) are compared, not written
/// again. Gives the number of records up to the end of the sessions, and the root over these.
///
/// # Errors
/// [`LogError::NoRecord`] if the log has fewer than `start`; [`Wrong::Different`] for another record in the place of a
/// new one, or a root at `start` that is not `root`; whatever opening and writing can give.
pub fn append(
    folder: &Path,
    hash: &'static dyn LogHash,
    (start, root): (u64, Option<[u8; 32]>),
    sessions: &[Vec<u8>],
) -> Result<(u64, Digest), LogError> {
    let mut sealer = Sealer::open_or_create(Box::new(Folder::writer(folder)?), hash)?;
    let there = sealer.records();
    if there < start {
        return Err(LogError::NoRecord { number: start - 1, records: there });
    }
    let mut reader = Folder::reader(folder);
    let head = read_head(&mut reader)?;
    let different = |number: u64| Finding {
        file: segment_name(number / record::SEGMENT_RECORDS),
        at: Some(RecordId::from_number(number)),
        offset: 0,
        wrong: Wrong::Different,
    };
    if root.is_some_and(|r| root_of_first(&mut reader, &head, start).ok() != Some(r)) {
        return Err(different(start.saturating_sub(1)).into());
    }
    let new = sessions.concat();
    let mut rest = new.as_slice();
    let mut end = start;
    if there > start {
        let mut bytes = Vec::new();
        for_each(&mut reader, &head, &mut |number, record| {
            if number < start || rest.is_empty() {
                return Ok(());
            }
            bytes.clear();
            record.put(&mut bytes);
            rest = rest.strip_prefix(bytes.as_slice()).ok_or(Wrong::Different)?;
            end = number + 1;
            Ok(())
        })?;
        if rest.is_empty() {
            return Ok((end, root_of_first(&mut reader, &head, end)?));
        }
    }
    sealer.append(rest)?;
    let head = sealer.commit()?;
    Ok((head.records, head.root))
}

/// Binds the files of a run: appends a record with their number and the SHA-256 of their list, and acknowledges it.
///
/// # Errors
/// Whatever opening and writing can give.
pub fn bind(folder: &Path, count: u32, list: [u8; 32]) -> Result<Head, LogError> {
    let hash = by_name("sha256").expect("the default");
    let mut sealer = Sealer::open_or_create(Box::new(Folder::writer(folder)?), hash)?;
    let mut bytes = Vec::new();
    Record::Files { count, list }.put(&mut bytes);
    sealer.append(&bytes)?;
    sealer.commit()
}

/// Returns the number of files bound last, the SHA-256 of their list, and the head over that record.
///
/// Audits the whole log.
///
/// # Errors
/// The first thing wrong; [`Wrong::NoFiles`] if the last record binds no files.
pub fn bound(folder: &Path) -> Result<(u32, Digest, Head), LogError> {
    let mut reader = Folder::reader(folder);
    let found = audit(&mut reader, 1)?;
    if let Some(finding) = found.findings.into_iter().next() {
        return Err(finding.into());
    }
    let head = read_head(&mut reader)?;
    let mut last = None;
    for_each(&mut reader, &head, &mut |_, record| {
        last = match record {
            Record::Files { count, list } => Some((count, list)),
            _ => None,
        };
        Ok(())
    })?;
    let at = head.records.checked_sub(1).map(RecordId::from_number);
    let file = segment_name(head.segments().saturating_sub(1));
    let (count, list) = last.ok_or(Finding { file, at, offset: 0, wrong: Wrong::NoFiles })?;
    Ok((count, list, head))
}

/// A session's workspace, rebuilt.
pub struct Rebuilt {
    /// Sessions in the log, and how many of them ended with the digest that their record holds.
    pub sessions: u64,
    /// See `sessions`.
    pub ended: u64,
    /// Number of the session whose workspace this is.
    pub session: u64,
    /// The session's inputs.
    pub origin: Option<Origin>,
    /// Terms that it made.
    pub terms: u64,
    /// The workspace at its end.
    pub workspace: Workspace,
}

/// Replays a whole log, each session against its digest, and gives the workspace of session `wanted`, or of the last.
/// `None` if there is no such session.
///
/// # Errors
/// The first record that does not fit, with its place.
pub fn rebuild(folder: &Path, wanted: Option<u64>) -> Result<Option<Rebuilt>, LogError> {
    let mut reader = Folder::reader(folder);
    let head = read_head(&mut reader)?;
    let mut replay = Replay::default();
    let mut out: Option<Rebuilt> = None;
    let keep = |replay: &Replay, out: &mut Option<Rebuilt>| {
        let session = replay.begun.saturating_sub(1);
        if wanted.is_none_or(|w| w == session) {
            *out = Some(Rebuilt {
                sessions: 0,
                ended: 0,
                session,
                origin: replay.origin.clone(),
                terms: replay.terms.len() as u64,
                workspace: replay.workspace.clone(),
            });
        }
    };
    for_each(&mut reader, &head, &mut |_, record| {
        if matches!(record, record::Record::Begin(_)) && replay.begun > 0 {
            keep(&replay, &mut out);
        }
        replay.apply(record)
    })?;
    if head.records > 0 {
        keep(&replay, &mut out);
    }
    if let Some(rebuilt) = &mut out {
        (rebuilt.sessions, rebuilt.ended) = (replay.begun, replay.ended);
    }
    Ok(out)
}

/// Calls `visit` with every written cell, in order of address.
fn each_cell(workspace: &Workspace, visit: &mut dyn FnMut(Address, &Cell)) {
    let halves = [0, 1 << 30].map(|first| Address::from_packed(first).and_then(|a| Span::new(a, 1 << 30)));
    for span in halves.into_iter().flatten() {
        workspace.scan(span, &mut |a, cell| {
            visit(a, cell);
            true
        });
    }
}

/// Number of links.
pub fn links(workspace: &Workspace) -> u64 {
    let mut n = 0;
    each_cell(workspace, &mut |a, _| n += workspace.links_from(a).len() as u64);
    n
}

/// The workspace as a file (docs/log.md, "Workspace image").
pub fn image(workspace: &Workspace) -> Vec<u8> {
    let mut cells = Vec::new();
    let mut links = Vec::new();
    each_cell(workspace, &mut |a, cell| {
        cells.extend_from_slice(&(a.packed() as u32).to_le_bytes());
        cells.extend_from_slice(&cell.to_bytes());
        for l in workspace.links_from(a) {
            links.extend_from_slice(&(l.from.packed() as u32).to_le_bytes());
            links.extend_from_slice(&[l.kind as u8, 0, 0, 0]);
            links.extend_from_slice(&(l.to.packed() as u32).to_le_bytes());
        }
    });
    let mut out = b"MDWS\x01\0\0\0".to_vec();
    out.extend_from_slice(&(cells.len() as u64 / 68).to_le_bytes());
    out.extend_from_slice(&(links.len() as u64 / 12).to_le_bytes());
    out.extend_from_slice(&cells);
    out.extend_from_slice(&links);
    let digest = Sha256::digest(&out);
    out.extend_from_slice(&digest);
    out
}

//! Inclusion and consistency proofs as JSON (docs/formats.md): made from a log, checked without it.

use super::audit::Stored;
use super::error::LogError;
use super::hash::{by_name, Digest, Domain};
use super::merkle::{self, consistency, consistent, includes, inclusion};
use super::record::{Record, RecordId, SEGMENT_RECORDS};
use crate::dsl::log::files::format::{from_hex, Head};
use crate::dsl::log::files::storage::Storage;
use crate::util::text::hex;
use serde::{Deserialize, Serialize};

const SCHEMA: &str = "metadream.log-proof";
const VERSION: u32 = 1;

/// The statement that a proof shows, with the proof's data, as JSON.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
enum Shown {
    /// A record is in the log.
    Inclusion {
        schema: String,
        version: u32,
        hash: String,
        number: u64,
        record: String,
        records: u64,
        root: String,
        path: Vec<String>,
    },
    /// A log is the beginning of another.
    Consistency {
        schema: String,
        version: u32,
        hash: String,
        old_records: u64,
        old_root: String,
        records: u64,
        root: String,
        path: Vec<String>,
    },
}

/// The result of checking a proof.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked {
    /// Whether the proof holds.
    pub valid: bool,
    /// "inclusion" or "consistency".
    pub kind: &'static str,
    /// Size and root of the log that it speaks of.
    pub records: u64,
    /// See `records`.
    pub root: Digest,
    /// Inclusion: the record's number and the record. Consistency: size of the old log.
    pub number: u64,
    /// The record, decoded; none for consistency, or if the bytes are no record.
    pub record: Option<Record>,
}

fn known(head: &Head) -> &'static dyn super::hash::LogHash {
    by_name(head.hash).expect("a head names a known hash")
}

fn to_text(shown: &Shown) -> String {
    serde_json::to_string(shown).expect("plain data")
}

/// The proof that record `number` is in the log.
///
/// # Errors
/// [`LogError::NoRecord`]; the log cannot be read or is damaged.
pub fn prove_inclusion(storage: &mut dyn Storage, head: &Head, number: u64) -> Result<String, LogError> {
    if number >= head.records {
        return Err(LogError::NoRecord { number, records: head.records });
    }
    let mut nodes = Stored::new(storage, head);
    let record = nodes.record(number)?;
    let path = inclusion(known(head), &mut nodes, SEGMENT_RECORDS, number, head.records)?;
    Ok(to_text(&Shown::Inclusion {
        schema: SCHEMA.to_owned(),
        version: VERSION,
        hash: head.hash.to_owned(),
        number,
        record: hex(&record),
        records: head.records,
        root: hex(&head.root),
        path: path.iter().map(|d| hex(d)).collect(),
    }))
}

/// The root that the log had with its first `records` records.
///
/// # Errors
/// As [`prove_inclusion`].
pub fn root_of_first(storage: &mut dyn Storage, head: &Head, records: u64) -> Result<Digest, LogError> {
    match records {
        0 => Ok(known(head).empty()),
        n if n > head.records => Err(LogError::NoRecord { number: n - 1, records: head.records }),
        n => merkle::root(known(head), &mut Stored::new(storage, head), SEGMENT_RECORDS, 0, n),
    }
}

/// The proof that the log of `old` records is the beginning of the log.
///
/// # Errors
/// As [`prove_inclusion`].
pub fn prove_consistency(storage: &mut dyn Storage, head: &Head, old: u64) -> Result<String, LogError> {
    let old_root = root_of_first(storage, head, old)?;
    let path = consistency(known(head), &mut Stored::new(storage, head), SEGMENT_RECORDS, old, head.records)?;
    Ok(to_text(&Shown::Consistency {
        schema: SCHEMA.to_owned(),
        version: VERSION,
        hash: head.hash.to_owned(),
        old_records: old,
        old_root: hex(&old_root),
        records: head.records,
        root: hex(&head.root),
        path: path.iter().map(|d| hex(d)).collect(),
    }))
}

/// Checks a proof, without the log.
///
/// # Errors
/// One line that says what was expected, if the text is not a proof.
pub fn check(text: &str) -> Result<Checked, String> {
    let shown: Shown = serde_json::from_str(text).map_err(|e| format!("expected a proof in JSON: {e}"))?;
    let (Shown::Inclusion { schema, version, hash, records, root, path, .. }
    | Shown::Consistency { schema, version, hash, records, root, path, .. }) = &shown;
    if (schema.as_str(), *version) != (SCHEMA, VERSION) {
        return Err(format!("expected a proof of schema {SCHEMA}, version {VERSION}"));
    }
    let h = by_name(hash).ok_or("expected the hash sha256 or blake3")?;
    let digest = |text: &String| from_hex(text).ok_or("expected digests of 64 hexadecimal digits");
    let path = path.iter().map(digest).collect::<Result<Vec<_>, _>>()?;
    let root = digest(root)?;
    let records = *records;
    Ok(match &shown {
        Shown::Inclusion { number, record, .. } => {
            let bytes = from_any_hex(record).ok_or("expected the record's bytes as hexadecimal digits")?;
            let valid = includes(h, *number, records, h.hash(Domain::Leaf, &bytes), &path, &root);
            let decoded = Record::read(&bytes).ok().filter(|(_, n)| *n == bytes.len()).map(|(r, _)| r);
            Checked { valid, kind: "inclusion", records, root, number: *number, record: decoded }
        }
        Shown::Consistency { old_records, old_root, .. } => {
            let valid = consistent(h, (*old_records, &digest(old_root)?), (records, &root), &path);
            Checked { valid, kind: "consistency", records, root, number: *old_records, record: None }
        }
    })
}

impl Checked {
    /// Where the record stands.
    pub fn place(&self) -> RecordId {
        RecordId::from_number(self.number)
    }
}

fn from_any_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).ok()).collect()
}

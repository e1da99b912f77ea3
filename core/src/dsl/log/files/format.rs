//! Segment files and `head.json`, byte for byte (docs/log.md, "Files").

use crate::dsl::log::error::Wrong;
use crate::dsl::log::hash::{by_name, Digest, Domain, LogHash};
use crate::dsl::log::record::SEGMENT_RECORDS;
use crate::util::text::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Version of the format.
pub const VERSION: u16 = 2;
/// Name of the head file.
pub const HEAD_FILE: &str = "head.json";
/// Bytes of a segment's header.
pub const HEADER: usize = 64;
/// Bytes of a segment's seal.
pub const SEAL: usize = 128;
/// Bytes of a check word.
pub const CHECK: usize = 4;
/// Levels of a full segment's subtree.
pub const LEVEL: u32 = SEGMENT_RECORDS.trailing_zeros();

/// The file of a segment.
pub fn segment_name(segment: u64) -> String {
    format!("segment-{segment:08x}.mdlog")
}

/// Whether a name is that of a segment.
pub fn is_segment(name: &str) -> bool {
    name.starts_with("segment-") && name.ends_with(".mdlog")
}

/// The header of a segment whose predecessor ended with `sealed`.
pub fn header(hash: &dyn LogHash, segment: u64, sealed: &Digest) -> [u8; HEADER] {
    let mut b = [0; HEADER];
    b[..4].copy_from_slice(b"MDLG");
    b[4..6].copy_from_slice(&VERSION.to_le_bytes());
    b[6] = hash.code();
    b[8..12].copy_from_slice(&(segment as u32).to_le_bytes());
    b[16..24].copy_from_slice(&(segment * SEGMENT_RECORDS).to_le_bytes());
    b[24..56].copy_from_slice(sealed);
    b
}

/// The seal of a full segment: bytes of its records, root over them, root over all so far, head.
pub fn seal(bytes: u64, own: &Digest, all: &Digest, head: &Digest) -> [u8; SEAL] {
    let mut b = [0; SEAL];
    b[..4].copy_from_slice(b"SEAL");
    b[4..8].copy_from_slice(&(SEGMENT_RECORDS as u32).to_le_bytes());
    b[8..16].copy_from_slice(&bytes.to_le_bytes());
    b[16..48].copy_from_slice(own);
    b[48..80].copy_from_slice(all);
    b[80..112].copy_from_slice(head);
    b
}

/// Digest number `i` (own root, whole root, head) of the seal that `file` ends with.
pub fn sealed_digest(file: &[u8], i: usize) -> Option<Digest> {
    let seal = file.get(file.len().checked_sub(SEAL)?..)?;
    seal[16 + 32 * i..48 + 32 * i].try_into().ok()
}

/// The next head of the chain.
pub fn chain(hash: &dyn LogHash, before: &Digest, records: u64, root: &Digest) -> Digest {
    let mut b = [0; 72];
    b[..32].copy_from_slice(before);
    b[32..40].copy_from_slice(&records.to_le_bytes());
    b[40..].copy_from_slice(root);
    hash.hash(Domain::Head, &b)
}

/// The content of `head.json`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// Name of the hash.
    pub hash: &'static str,
    /// Acknowledged records.
    pub records: u64,
    /// Bytes of the last segment's file.
    pub bytes: u64,
    /// Root over all records.
    pub root: Digest,
    /// Head of the last sealed segment; zeros if there is none.
    pub sealed: Digest,
    /// Head of the chain.
    pub head: Digest,
}

#[derive(Serialize, Deserialize)]
struct Line {
    schema: String,
    version: u16,
    hash: String,
    records: u64,
    segments: u64,
    bytes: u64,
    root: String,
    sealed: String,
    head: String,
    #[serde(skip_serializing_if = "String::is_empty", default)]
    sha256: String,
}

/// 64 lower-case hexadecimal digits as a digest.
pub fn from_hex(text: &str) -> Option<Digest> {
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        _ => None,
    };
    let mut out = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (o, pair) in out.iter_mut().zip(text.as_bytes().chunks(2)) {
        *o = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(out)
}

impl Head {
    /// Files that the records take.
    pub fn segments(&self) -> u64 {
        self.records.div_ceil(SEGMENT_RECORDS)
    }
    /// The file's content.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut line = Line {
            schema: "metadream.log".to_owned(),
            version: VERSION,
            hash: self.hash.to_owned(),
            records: self.records,
            segments: self.segments(),
            bytes: self.bytes,
            root: hex(&self.root),
            sealed: hex(&self.sealed),
            head: hex(&self.head),
            sha256: String::new(),
        };
        let text = |line: &Line| serde_json::to_string(line).expect("plain data");
        line.sha256 = hex(&Sha256::digest(text(&line)));
        (text(&line) + "\n").into_bytes()
    }
    /// From the file's content, which must be exactly what [`Head::to_bytes`] gives.
    pub fn from_bytes(bytes: &[u8]) -> Result<Head, Wrong> {
        let line: Line = serde_json::from_slice(bytes).map_err(|_| Wrong::HeadFile("expected one line of JSON"))?;
        if (line.schema.as_str(), line.version) != ("metadream.log", VERSION) {
            return Err(Wrong::HeadFile("expected schema metadream.log, version 2"));
        }
        let digest = |text: &str| from_hex(text).ok_or(Wrong::HeadFile("expected 64 hexadecimal digits"));
        let head = Head {
            hash: by_name(&line.hash).ok_or(Wrong::HeadFile("expected the hash sha256 or blake3"))?.name(),
            records: line.records,
            bytes: line.bytes,
            root: digest(&line.root)?,
            sealed: digest(&line.sealed)?,
            head: digest(&line.head)?,
        };
        match head.to_bytes() == bytes {
            true => Ok(head),
            false => Err(Wrong::HeadFile("it does not fit its own hash")),
        }
    }
}

//! The log: a record for every write, link, new term, snapshot and fault. Replaying it gives the same workspace, bit
//! by bit. `docs/log.md` specifies it: bytes, hashes, files, recovery, proofs.
//!
//! Price on the machine's thread: a record is encoded into a buffer, 44 bytes for a plain write, and a full buffer
//! is handed on; nothing is hashed and nothing is written there. A log in memory keeps the buffers.
//!
//! | module | holds |
//! |---|---|
//! | [`record`] | records and their bytes |
//! | [`hash`] | the hash functions |
//! | [`merkle`] | the tree over all records, inclusion and consistency proofs |
//! | [`format`], [`files::storage`], [`files::writer`] | files; what is asked of the file system; sealing, syncing, recovery |
//! | [`audit`] | reading and checking everything |
//! | [`proof`] | proofs as JSON |
//! | [`replay`], [`files::keep`] | the workspace from its log; what a run folder asks |
//! | [`error`], [`mod@bench`] | what can be wrong, and where; figures |

pub mod audit;
pub mod bench;
pub mod error;
pub mod files;
pub mod hash;
pub mod merkle;
pub mod proof;
pub mod record;
pub mod replay;
#[cfg(test)]
mod tests;

pub use crate::dsl::log::files::format::Head;
pub use error::{Finding, LogError, Wrong};
pub use record::{Ending, Origin, Record, RecordId, Stamp};

use crate::dsl::log::files::storage::Folder;
use crate::dsl::log::files::writer::{Sealer, Writer};
use crate::dsl::memory::cell::{Address, Cell, Content};
use crate::dsl::memory::workspace::Workspace;
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use hash::{Digest, Domain, LogHash};
use merkle::Tree;
use replay::Replay;
use std::path::Path;

/// Most bytes of a log in memory, about; a machine that would go on beyond that ends in a fault (docs/isa.md, "Bounds").
pub const MEMORY_LIMIT: usize = 1 << 28;

/// Records that are handed on together.
const CHUNK_RECORDS: u32 = 4096;

/// Encoded records, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Chunk {
    /// Their bytes.
    pub bytes: Vec<u8>,
    /// Their number.
    pub records: u32,
}

enum Sink {
    /// Records are counted, not kept.
    Off,
    Memory(Vec<Chunk>),
    Folder(Writer),
}

/// The log that a machine writes.
pub struct Log {
    chunk: Chunk,
    /// Records so far, and how many of them stand before the session.
    records: u64,
    before_session: u64,
    sink: Sink,
    /// Bytes that are kept in memory, apart from the last chunk.
    kept: usize,
}

impl Default for Log {
    fn default() -> Self {
        Log::memory()
    }
}

impl Log {
    fn with(sink: Sink) -> Log {
        Log { chunk: Chunk::default(), records: 0, before_session: 0, sink, kept: 0 }
    }
    /// A log that is kept in memory.
    pub fn memory() -> Log {
        Log::with(Sink::Memory(Vec::new()))
    }
    /// A log in a folder, which must be empty or not there yet. It is written by a thread of its own; what
    /// [`Log::sync`] returns is acknowledged.
    ///
    /// # Errors
    /// [`LogError::Occupied`], [`LogError::Locked`], [`LogError::Io`].
    pub fn create(folder: &Path, hash: &'static dyn LogHash) -> Result<Log, LogError> {
        let sealer = Sealer::create(Box::new(Folder::writer(folder)?), hash)?;
        Ok(Log::to(sealer))
    }
    /// A log that goes on where a sealer stands.
    pub fn to(sealer: Sealer) -> Log {
        let records = sealer.records();
        Log { records, before_session: records, ..Log::with(Sink::Folder(Writer::start(sealer))) }
    }
    /// Waits until all records are on the disk, and returns the published head; none for a log in memory.
    ///
    /// # Errors
    /// Why they cannot be written.
    pub fn sync(&mut self) -> Result<Option<Head>, LogError> {
        if matches!(self.sink, Sink::Folder(_)) && self.chunk.records > 0 {
            self.hand_over();
        }
        match &mut self.sink {
            Sink::Folder(writer) => writer.sync().map(Some),
            Sink::Off | Sink::Memory(_) => Ok(None),
        }
    }
    /// A log that keeps nothing. Cells get the same log pointers as with one that does.
    pub fn off() -> Log {
        Log::with(Sink::Off)
    }
    /// Where the next record will stand, counted from the session's beginning: the log pointer of a cell.
    #[inline]
    pub fn next_id(&self) -> RecordId {
        RecordId::from_number(self.records - self.before_session)
    }
    /// Whether it holds as much as a log in memory may.
    pub fn is_full(&self) -> bool {
        self.kept > MEMORY_LIMIT
    }
    /// Number of records.
    pub fn len(&self) -> u64 {
        self.records
    }
    /// Whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.records == 0
    }
    /// Begins a session: an empty workspace, and log pointers from 0 on.
    pub fn begin(&mut self, origin: Origin) {
        self.before_session = self.records;
        self.push(Record::Begin(origin));
    }
    /// Appends a record.
    pub fn push(&mut self, record: Record) {
        self.put(|out| record.put(out));
    }
    /// Appends a write; `old` is the cell that was there.
    #[inline]
    pub fn write(&mut self, stamp: Stamp, address: Address, old: &Cell, content: &Content, obligation: u64) {
        self.put(|out| record::put_write(out, stamp, address, old, content, obligation));
    }
    /// Appends a new term of the arena.
    pub fn term(&mut self, head: u32, children: &[TermId]) {
        self.put(|out| record::put_term(out, head, children));
    }
    #[inline]
    fn put(&mut self, encode: impl FnOnce(&mut Vec<u8>)) {
        self.records += 1;
        if matches!(self.sink, Sink::Off) {
            return;
        }
        encode(&mut self.chunk.bytes);
        self.chunk.records += 1;
        if self.chunk.records == CHUNK_RECORDS {
            self.hand_over();
        }
    }
    #[cold]
    fn hand_over(&mut self) {
        let full = std::mem::take(&mut self.chunk);
        let size = full.bytes.len();
        match &mut self.sink {
            Sink::Off => {}
            Sink::Memory(chunks) => {
                self.kept += size;
                chunks.push(full);
            }
            Sink::Folder(writer) => self.chunk.bytes = writer.hand_over(full),
        }
        self.chunk.bytes.reserve(size + size / 4);
    }

    fn chunks(&self) -> impl Iterator<Item = &Chunk> {
        let kept: &[Chunk] = match &self.sink {
            Sink::Memory(chunks) => chunks,
            Sink::Off | Sink::Folder(_) => &[],
        };
        kept.iter().chain([&self.chunk])
    }
    /// The bytes of all records that are kept in memory.
    pub fn bytes(&self) -> Vec<u8> {
        self.chunks().flat_map(|c| &c.bytes).copied().collect()
    }
    /// All records that are kept in memory, in order.
    ///
    /// # Panics
    /// Never: the log encoded them itself.
    pub fn records(&self) -> impl Iterator<Item = Record> + '_ {
        self.chunks().flat_map(|c| {
            let mut rest = c.bytes.as_slice();
            std::iter::from_fn(move || {
                if rest.is_empty() {
                    return None;
                }
                let (record, n) = Record::read(rest).expect("encoded by this log");
                rest = &rest[n..];
                Some(record)
            })
        })
    }
    /// The Merkle root over all records that are kept in memory.
    ///
    /// ```
    /// use metadream_core::dsl::log::{hash::Sha2, Log, Origin};
    ///
    /// let mut log = Log::memory();
    /// let empty = log.root(&Sha2);
    /// log.begin(Origin { name: "example".into(), ..Origin::default() });
    /// assert_eq!(log.records().count(), 1);
    /// assert_ne!(log.root(&Sha2), empty);
    /// ```
    pub fn root(&self, hash: &dyn LogHash) -> Digest {
        let mut tree = Tree::default();
        for c in self.chunks() {
            let mut rest = c.bytes.as_slice();
            while let Ok(n) = record::length(rest) {
                tree.push(hash, hash.hash(Domain::Leaf, &rest[..n]));
                rest = &rest[n..];
            }
        }
        tree.root(hash)
    }
    /// Builds the workspace from the records in memory. `arena` must be as it was when the machine began; it gets the
    /// same terms.
    pub fn replay(&self, arena: &mut Arena) -> Result<Workspace, Finding> {
        let mut replay = Replay::with_arena(arena);
        for (number, record) in self.records().enumerate() {
            replay.apply(record).map_err(|wrong| Finding {
                file: String::new(),
                at: Some(RecordId::from_number(number as u64)),
                offset: 0,
                wrong,
            })?;
        }
        Ok(replay.workspace)
    }
}

//! Writing a log: hashing, sealing, syncing, publishing; recovery when a log is opened again.
//!
//! [`Sealer`] does it on the caller's thread. [`Writer`] puts a sealer on a thread of its own: the machine hands
//! chunks over and goes on; what has come in the meantime is one group. Price a record: a leaf and a node (three
//! blocks of SHA-256) and 48 bytes on the disk; a group: two syncs of files, one of the folder.

use super::format::{self, chain, header, seal, segment_name, Head, CHECK, HEADER, LEVEL};
use super::storage::{publish, Storage, LOCK};
use crate::dsl::log::audit::{audit, read_head};
use crate::dsl::log::error::{Finding, LogError, Wrong};
use crate::dsl::log::hash::{by_name, Digest, Domain, LogHash};
use crate::dsl::log::merkle::Tree;
use crate::dsl::log::record;
use crate::dsl::log::record::{RecordId, SEGMENT_RECORDS};
use crate::dsl::log::Chunk;
use std::io;
use std::sync::mpsc::{sync_channel, Receiver, SyncSender, TrySendError};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Bytes that are written at once.
const WRITE_BYTES: usize = 1 << 20;
/// Bytes of a group after which it is acknowledged, although more is there.
const GROUP_BYTES: u64 = 64 << 20;
/// Chunks that may wait for the sealing thread; then the machine waits.
const WAITING: usize = 128;

/// Writes a log. See the module head.
pub struct Sealer {
    storage: Box<dyn Storage>,
    hash: &'static dyn LogHash,
    /// The full segments, and the one at hand.
    full: Tree,
    own: Tree,
    /// Head of the last sealed segment.
    sealed: Digest,
    /// Bytes of the last file, written or pending.
    length: u64,
    pending: Vec<u8>,
    /// Files that were appended to since the last sync.
    dirty: Vec<String>,
    group: u64,
    failed: bool,
}

impl Sealer {
    /// A new log in empty storage (but for a lock).
    ///
    /// # Errors
    /// [`LogError::Occupied`] if there is anything else; [`LogError::Io`].
    pub fn create(mut storage: Box<dyn Storage>, hash: &'static dyn LogHash) -> Result<Sealer, LogError> {
        let names = storage.names().map_err(|e| io_error("the folder", &e))?;
        if names.iter().any(|n| n != LOCK && *n != format!("{}.new", format::HEAD_FILE)) {
            return Err(LogError::Occupied);
        }
        let mut sealer = Sealer::at(storage, hash, (Tree::default(), Tree::default()), [0; 32], 0);
        sealer.commit()?;
        Ok(sealer)
    }
    /// Opens a log for more records: checks what was acknowledged, cuts off what was not.
    ///
    /// # Errors
    /// [`LogError::Wrong`] if what was acknowledged is damaged; [`LogError::None`] if there is no log.
    pub fn open(mut storage: Box<dyn Storage>) -> Result<Sealer, LogError> {
        let found = audit(&mut *storage, 1)?;
        if let Some(finding) = found.findings.into_iter().next() {
            return Err(finding.into());
        }
        let head = read_head(&mut *storage)?;
        let hash = by_name(head.hash).expect("a head names a known hash");
        let mut sealer = Sealer::at(storage, hash, (found.full, found.own), head.sealed, head.bytes);
        sealer.cut(&head).map_err(|e| io_error("recovery", &e))?;
        Ok(sealer)
    }
    /// Opens the log that is there, or makes one.
    pub fn open_or_create(mut storage: Box<dyn Storage>, hash: &'static dyn LogHash) -> Result<Sealer, LogError> {
        match read_head(&mut *storage) {
            Err(LogError::None) => Sealer::create(storage, hash),
            Err(e) => Err(e),
            Ok(head) if head.hash != hash.name() => Err(LogError::OtherHash(head.hash)),
            Ok(_) => Sealer::open(storage),
        }
    }
    fn at(
        storage: Box<dyn Storage>,
        hash: &'static dyn LogHash,
        (full, own): (Tree, Tree),
        sealed: Digest,
        length: u64,
    ) -> Sealer {
        let (pending, dirty) = (Vec::new(), Vec::new());
        Sealer { storage, hash, full, own, sealed, length, pending, dirty, group: 0, failed: false }
    }
    /// Removes what lies behind the head.
    fn cut(&mut self, head: &Head) -> io::Result<()> {
        let mut changed = false;
        for name in self.storage.names()? {
            let behind = format::is_segment(&name) && name >= segment_name(head.segments());
            if behind || name == format!("{}.new", format::HEAD_FILE) {
                self.storage.remove(&name)?;
                changed = true;
            }
        }
        if let Some(last) = head.segments().checked_sub(1) {
            let name = segment_name(last);
            if self.storage.read(&name)?.is_some_and(|b| b.len() as u64 > head.bytes) {
                self.storage.truncate(&name, head.bytes)?;
                self.storage.sync(&name)?;
            }
        }
        match changed {
            true => self.storage.sync_folder(),
            false => Ok(()),
        }
    }

    /// Records so far, acknowledged or not.
    pub fn records(&self) -> u64 {
        self.full.records() + self.own.records()
    }
    fn segment(&self) -> u64 {
        self.full.records() / SEGMENT_RECORDS
    }
    /// Appends encoded records.
    ///
    /// # Errors
    /// [`LogError::Io`]: nothing more is taken from then on; [`LogError::Wrong`] if the bytes are no records.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), LogError> {
        if self.failed {
            return Err(LogError::Stopped);
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            let n = record::length(rest).map_err(|m| Finding {
                file: segment_name(self.segment()),
                at: Some(RecordId::from_number(self.records())),
                offset: self.length,
                wrong: Wrong::Malformed(m),
            })?;
            let (record, more) = rest.split_at(n);
            self.put(record);
            rest = more;
            if self.own.records() == SEGMENT_RECORDS {
                self.seal();
                self.write()?;
            } else if self.pending.len() >= WRITE_BYTES {
                self.write()?;
            }
        }
        Ok(())
    }
    #[inline]
    fn put(&mut self, record: &[u8]) {
        if self.own.records() == 0 {
            self.pending.extend_from_slice(&header(self.hash, self.segment(), &self.sealed));
            self.length = HEADER as u64;
        }
        let leaf = self.hash.hash(Domain::Leaf, record);
        self.pending.extend_from_slice(record);
        self.pending.extend_from_slice(&leaf[..CHECK]);
        self.length += (record.len() + CHECK) as u64;
        self.own.push(self.hash, leaf);
    }
    fn seal(&mut self) {
        let own = std::mem::take(&mut self.own).last().expect("a full segment");
        self.full.push_subtree(self.hash, own, LEVEL);
        let all = self.full.root(self.hash);
        self.sealed = chain(self.hash, &self.sealed, self.records(), &all);
        self.pending.extend_from_slice(&seal(self.length - HEADER as u64, &own, &all, &self.sealed));
        self.length += format::SEAL as u64;
    }
    /// Writes what is pending; all of it belongs to one file.
    fn write(&mut self) -> Result<(), LogError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        // a just sealed segment is the one before the next record's
        let name = segment_name((self.records() - 1) / SEGMENT_RECORDS);
        if self.dirty.last() != Some(&name) {
            self.dirty.push(name.clone());
        }
        self.group += self.pending.len() as u64;
        let done = self.storage.append(&name, &self.pending);
        self.pending.clear();
        done.map_err(|e| self.fail(&name, &e))
    }
    fn fail(&mut self, file: &str, e: &io::Error) -> LogError {
        self.failed = true;
        io_error(file, e)
    }
    /// Writes and syncs everything and publishes the head: what was appended is then acknowledged.
    ///
    /// # Errors
    /// [`LogError::Io`], [`LogError::Stopped`].
    pub fn commit(&mut self) -> Result<Head, LogError> {
        if self.failed {
            return Err(LogError::Stopped);
        }
        self.write()?;
        for name in std::mem::take(&mut self.dirty) {
            self.storage.sync(&name).map_err(|e| self.fail(&name, &e))?;
        }
        self.group = 0;
        let head = self.head();
        publish(&mut *self.storage, format::HEAD_FILE, &head.to_bytes())
            .map_err(|e| self.fail(format::HEAD_FILE, &e))?;
        Ok(head)
    }
    fn head(&self) -> Head {
        let records = self.records();
        let root = self.own.clone().behind(self.full.clone()).root(self.hash);
        let head = chain(self.hash, &self.sealed, records, &root);
        Head { hash: self.hash.name(), records, bytes: self.length, root, sealed: self.sealed, head }
    }
}

fn io_error(file: &str, e: &io::Error) -> LogError {
    LogError::Io { file: file.to_owned(), error: e.to_string() }
}

/// The state shared by the machine's thread and the sealing thread.
#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    head: Option<Head>,
    error: Option<LogError>,
    ended: bool,
}

enum Message {
    Chunk(Chunk),
    /// Acknowledge what came before.
    Sync,
}

/// A sealer on a thread of its own.
pub struct Writer {
    sender: Option<SyncSender<Message>>,
    shared: Arc<Shared>,
    /// Buffers to be used again.
    spare: Receiver<Vec<u8>>,
    thread: Option<JoinHandle<()>>,
    handed: u64,
}

impl Writer {
    /// Starts the thread.
    pub fn start(sealer: Sealer) -> Writer {
        let (sender, receiver) = sync_channel(WAITING);
        let (give, spare) = sync_channel(WAITING);
        let shared = Arc::new(Shared::default());
        let handed = sealer.records();
        let theirs = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            let result = work(sealer, &receiver, &give, &theirs);
            let mut state = theirs.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.error = result.err();
            state.ended = true;
            theirs.changed.notify_all();
        });
        Writer { sender: Some(sender), shared, spare, thread: Some(thread), handed }
    }
    /// Records that are acknowledged so far.
    pub fn acknowledged(&self) -> u64 {
        let state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.head.as_ref().map_or(0, |h| h.records)
    }
    /// Hands a chunk over; waits if too many are waiting. Returns an empty buffer. After an error it is dropped.
    pub fn hand_over(&mut self, chunk: Chunk) -> Vec<u8> {
        self.handed += u64::from(chunk.records);
        if let Some(sender) = &self.sender {
            let _ = sender.send(Message::Chunk(chunk)); // a thread that ended says why in `sync`
        }
        self.spare.try_recv().unwrap_or_default()
    }
    /// Waits until everything that was handed over is acknowledged.
    ///
    /// # Errors
    /// Why it never will be: [`LogError::Io`], [`LogError::Stopped`].
    pub fn sync(&mut self) -> Result<Head, LogError> {
        if let Some(sender) = &self.sender {
            let _ = sender.send(Message::Sync);
        }
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match (&state.head, &state.error) {
                (_, Some(error)) => return Err(error.clone()),
                (Some(head), None) if head.records == self.handed => return Ok(head.clone()),
                (_, None) if state.ended => return Err(LogError::Stopped),
                _ => state = self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

impl Drop for Writer {
    /// Waits until the sealing thread has written and acknowledged every chunk sent to it.
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The sealing thread: groups of what has come; ends when nobody can send any more.
fn work(
    mut sealer: Sealer,
    receiver: &Receiver<Message>,
    spare: &SyncSender<Vec<u8>>,
    shared: &Shared,
) -> Result<(), LogError> {
    while let Ok(first) = receiver.recv() {
        let mut next = Some(first);
        while let Some(message) = next {
            if let Message::Chunk(mut chunk) = message {
                sealer.append(&chunk.bytes)?;
                chunk.bytes.clear();
                if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = spare.try_send(chunk.bytes) {
                    // enough buffers are waiting
                }
            }
            next = match sealer.group < GROUP_BYTES {
                true => receiver.try_recv().ok(),
                false => None,
            };
        }
        let head = sealer.commit()?;
        let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.head = Some(head);
        shared.changed.notify_all();
    }
    Ok(())
}

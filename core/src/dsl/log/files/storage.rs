//! The few things that a log asks of a file system, as a trait: so that tests can let any of them fail.

use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::dsl::log::error::LogError;

/// Name of the lock file.
pub const LOCK: &str = "lock";
/// Most bytes of a file that is read. A full segment of plain writes is far below.
const MAX_FILE: u64 = 1 << 30;

/// A folder of files, as a log needs it. Names are plain file names.
pub trait Storage: Send {
    /// All names, sorted.
    fn names(&mut self) -> io::Result<Vec<String>>;
    /// A whole file; none if it is not there.
    fn read(&mut self, name: &str) -> io::Result<Option<Vec<u8>>>;
    /// Appends to a file, which is made if it is not there.
    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()>;
    /// Cuts a file to a length.
    fn truncate(&mut self, name: &str, length: u64) -> io::Result<()>;
    /// Waits until a file's content is on the disk.
    fn sync(&mut self, name: &str) -> io::Result<()>;
    /// Gives a file another name, over a file of that name.
    fn rename(&mut self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file.
    fn remove(&mut self, name: &str) -> io::Result<()>;
    /// Waits until the folder's names are on the disk.
    fn sync_folder(&mut self) -> io::Result<()>;
}

/// Replaces a file so that a crash leaves the old one or the new one: aside, synced, renamed, folder synced.
pub fn publish(storage: &mut dyn Storage, name: &str, bytes: &[u8]) -> io::Result<()> {
    let aside = format!("{name}.new");
    storage.truncate(&aside, 0)?;
    storage.append(&aside, bytes)?;
    storage.sync(&aside)?;
    storage.rename(&aside, name)?;
    storage.sync_folder()
}

/// A folder of the file system.
pub struct Folder {
    root: PathBuf,
    /// The file that was appended to last.
    open: Option<(String, File)>,
    _lock: Option<File>,
}

/// The process that holds a lock, as its lock file names it.
#[derive(Serialize, Deserialize, Default)]
struct Owner {
    pid: u32,
    host: String,
    boot_id: String,
}

impl Owner {
    fn this() -> Owner {
        let line = |path| fs::read_to_string(path).map(|s: String| s.trim().to_owned()).unwrap_or_default();
        Owner {
            pid: std::process::id(),
            host: line("/proc/sys/kernel/hostname"),
            boot_id: line("/proc/sys/kernel/random/boot_id"),
        }
    }
}

impl Folder {
    /// A folder for reading; it need not be locked.
    pub fn reader(root: &Path) -> Folder {
        Folder { root: root.to_owned(), open: None, _lock: None }
    }
    /// Makes the folder if need be, and locks it: one writer. The lock ends with the process, however that ends.
    ///
    /// # Errors
    /// [`LogError::Locked`] if another process, or another writer of this one, holds it; [`LogError::Io`].
    pub fn writer(root: &Path) -> Result<Folder, LogError> {
        let io = |e: io::Error| LogError::Io { file: LOCK.to_owned(), error: e.to_string() };
        fs::create_dir_all(root).map_err(io)?;
        let path = root.join(LOCK);
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(io)?;
        let mut text = String::new();
        let locked = file.try_lock();
        file.read_to_string(&mut text).map_err(io)?;
        let before: Owner = serde_json::from_str(text.trim()).unwrap_or_default();
        let owner = || format!("pid {} on {}", before.pid, before.host);
        match locked {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LogError::Locked { owner: owner() }),
            Err(TryLockError::Error(e)) => return Err(io(e)),
        }
        let own = Owner::this();
        if !before.host.is_empty() && before.host != own.host {
            // the system's lock may not reach another machine; a writer that ended well leaves the file empty
            return Err(LogError::Locked { owner: owner() });
        }
        let write = |file: &mut File| -> io::Result<()> {
            file.set_len(0)?;
            io::Seek::rewind(file)?;
            writeln!(file, "{}", serde_json::to_string(&own)?)?;
            file.sync_all()
        };
        write(&mut file).map_err(io)?;
        Ok(Folder { root: root.to_owned(), open: None, _lock: Some(file) })
    }
    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }
    fn file(&mut self, name: &str) -> io::Result<&mut File> {
        if self.open.as_ref().is_none_or(|(n, _)| n != name) {
            let file = OpenOptions::new().append(true).create(true).open(self.path(name))?;
            self.open = Some((name.to_owned(), file));
        }
        Ok(&mut self.open.as_mut().expect("opened above").1)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Some(lock) = &self._lock {
            let _ = lock.set_len(0); // for people and other machines; the lock itself ends by itself
        }
    }
}

impl Storage for Folder {
    fn names(&mut self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        let entries = match fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(names), // as `read` has it of a file
            Err(e) => return Err(e),
        };
        for entry in entries {
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }
    fn read(&mut self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let path = self.path(name);
        let read = || match fs::metadata(&path)? {
            // a pipe would wait for a writer
            m if !m.is_file() => Err(io::Error::other("this is no regular file")),
            m if m.len() > MAX_FILE => Err(io::Error::other("this file is larger than any of a log")),
            _ => fs::read(&path),
        };
        match read() {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }
    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.file(name)?.write_all(bytes)
    }
    fn truncate(&mut self, name: &str, length: u64) -> io::Result<()> {
        self.file(name)?.set_len(length)
    }
    fn sync(&mut self, name: &str) -> io::Result<()> {
        self.file(name)?.sync_data()
    }
    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        self.open = None;
        fs::rename(self.path(from), self.path(to))
    }
    fn remove(&mut self, name: &str) -> io::Result<()> {
        self.open = None;
        fs::remove_file(self.path(name))
    }
    fn sync_folder(&mut self) -> io::Result<()> {
        File::open(&self.root)?.sync_all()
    }
}

#[cfg(test)]
pub mod faulty {
    //! Storage in memory that can fail, and lose what was not synced.

    use super::*;
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex};

    /// A file: its bytes, and how many of them are on the disk.
    #[derive(Clone, Default)]
    pub struct Content {
        bytes: Vec<u8>,
        synced: usize,
    }

    /// The state behind [`Faulty`]; survives it.
    #[derive(Clone, Default)]
    pub struct Disk {
        /// All files.
        pub now: BTreeMap<String, Content>,
        /// The files as of the folder's last sync: names, and the lengths synced then or later.
        pub kept: BTreeMap<String, Content>,
        /// Operations that change something, so far.
        pub operations: u64,
        /// Fail from this operation on.
        pub fail_at: Option<u64>,
        /// Whether later operations fail, too.
        pub for_good: bool,
    }

    impl Disk {
        /// The state after a power cut: what was not synced is gone, or, by `seed`, half there.
        pub fn after_crash(&self, seed: u64) -> Disk {
            let mut files = BTreeMap::new();
            for (name, content) in &self.kept {
                // the content of the file now under that name, if it is the same file
                let mut c = content.clone();
                let loose = c.bytes.len().saturating_sub(c.synced);
                let extra = if loose == 0 { 0 } else { seed as usize % (loose + 1) };
                c.bytes.truncate(c.synced + extra);
                if extra > 0 && seed & 1 == 1 {
                    c.bytes[c.synced] ^= 0x40; // a torn page
                }
                c.synced = c.bytes.len();
                files.insert(name.clone(), c);
            }
            Disk { now: files.clone(), kept: files, ..Disk::default() }
        }
        /// One file's bytes.
        pub fn bytes(&self, name: &str) -> Option<&Vec<u8>> {
            self.now.get(name).map(|c| &c.bytes)
        }
        /// Replaces one file's bytes.
        pub fn replace(&mut self, name: &str, bytes: Vec<u8>) {
            let synced = bytes.len();
            self.now.insert(name.to_owned(), Content { bytes, synced });
            self.kept = self.now.clone();
        }
        /// All names.
        pub fn names(&self) -> Vec<String> {
            self.now.keys().cloned().collect()
        }
    }

    /// See the module head.
    #[derive(Clone, Default)]
    pub struct Faulty(pub Arc<Mutex<Disk>>);

    impl Faulty {
        /// On a disk.
        pub fn on(disk: Disk) -> Faulty {
            Faulty(Arc::new(Mutex::new(disk)))
        }
        /// The disk as it is.
        pub fn disk(&self) -> Disk {
            self.0.lock().unwrap().clone()
        }
        fn change(&self, half: impl FnOnce(&mut Disk), whole: impl FnOnce(&mut Disk)) -> io::Result<()> {
            let mut d = self.0.lock().unwrap();
            d.operations += 1;
            match d.fail_at {
                Some(k) if d.operations == k || (d.for_good && d.operations > k) => {
                    half(&mut d);
                    Err(io::Error::new(io::ErrorKind::StorageFull, "no space left on device"))
                }
                _ => {
                    whole(&mut d);
                    Ok(())
                }
            }
        }
    }

    impl Storage for Faulty {
        fn names(&mut self) -> io::Result<Vec<String>> {
            Ok(self.disk().names())
        }
        fn read(&mut self, name: &str) -> io::Result<Option<Vec<u8>>> {
            Ok(self.disk().bytes(name).cloned())
        }
        fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
            let add = |d: &mut Disk, part: &[u8]| {
                d.now.entry(name.to_owned()).or_default().bytes.extend_from_slice(part);
                if let Some(k) = d.kept.get_mut(name) {
                    k.bytes.extend_from_slice(part);
                }
            };
            self.change(|d| add(d, &bytes[..bytes.len() / 2]), |d| add(d, bytes))
        }
        fn truncate(&mut self, name: &str, length: u64) -> io::Result<()> {
            let cut = |d: &mut Disk| {
                d.now.entry(name.to_owned()).or_default();
                for files in [&mut d.now, &mut d.kept] {
                    if let Some(c) = files.get_mut(name) {
                        c.bytes.truncate(length as usize);
                        c.synced = c.synced.min(length as usize);
                    }
                }
            };
            self.change(|_| {}, cut)
        }
        fn sync(&mut self, name: &str) -> io::Result<()> {
            let settle = |d: &mut Disk| {
                for files in [&mut d.now, &mut d.kept] {
                    if let Some(c) = files.get_mut(name) {
                        c.synced = c.bytes.len();
                    }
                }
            };
            self.change(|_| {}, settle)
        }
        fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
            let shift = |d: &mut Disk| {
                if let Some(c) = d.now.remove(from) {
                    d.now.insert(to.to_owned(), c);
                }
            };
            self.change(|_| {}, shift)
        }
        fn remove(&mut self, name: &str) -> io::Result<()> {
            self.change(|_| {}, |d| drop(d.now.remove(name)))
        }
        fn sync_folder(&mut self) -> io::Result<()> {
            self.change(|_| {}, |d| d.kept = d.now.clone())
        }
    }
}

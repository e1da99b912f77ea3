//! The defects that a log can have, each with its place.

use super::record::{Malformed, RecordId};
use std::fmt;

/// A defect of a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wrong {
    /// The bytes are no record.
    Malformed(Malformed),
    /// The record's check word is not the beginning of its digest.
    Check,
    /// The file ends too early, by this many bytes.
    Truncated(u64),
    /// This many bytes follow where the file should end.
    Trailing(u64),
    /// The segment's header differs from what its place in the chain demands.
    Header,
    /// The segment's seal differs from what its records and the chain demand.
    Seal,
    /// Every record fits its check word, but the root is another: a record was changed together with its check word.
    Root,
    /// A file that the head speaks of is not there.
    Missing,
    /// The head file is not what a log writes: what is wrong with it.
    HeadFile(&'static str),
    /// The head file fits its own hash, but not the segments.
    Head,
    /// Replay: what the record says was in the cell before was not there.
    Before,
    /// Replay: the link is there already, or an end is missing, or it closes a cycle.
    Link,
    /// Replay: a term before its children.
    TermOrder,
    /// Replay: the arena gives the term another number: it is not the arena that the session began with.
    Term,
    /// Replay: nothing was spawned.
    Parent,
    /// Replay: the session begins with more terms than the arena has.
    Base,
    /// Replay: the workspace at the session's end is not the one whose digest the record holds.
    Workspace,
    /// The record differs from what is to be appended again in its place.
    Different,
    /// The record is not one that binds the files of a run.
    NoFiles,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Wrong::Malformed(m) => return write!(f, "these bytes are no record: {m}"),
            Wrong::Truncated(n) => return write!(f, "the file ends {n} bytes too early"),
            Wrong::Trailing(n) => return write!(f, "{n} bytes follow where the file should end"),
            Wrong::HeadFile(what) => return write!(f, "the head is not as a log writes it: {what}"),
            Wrong::Check => "the record does not fit its check word",
            Wrong::Header => "the header does not fit the segment's place in the chain",
            Wrong::Seal => "the seal does not fit the records and the chain",
            Wrong::Root => {
                "the records fit their check words, but not the root: one was changed together with its check"
            }
            Wrong::Missing => "the file is missing",
            Wrong::Head => "the head does not fit the segments",
            Wrong::Before => "the cell did not hold what the record says it held",
            Wrong::Link => "the link is there already or cannot be",
            Wrong::TermOrder => "a term stands before its children",
            Wrong::Term => "the terms are not those that the session began with",
            Wrong::Parent => "no snapshot was taken",
            Wrong::Base => "the session began with more terms than the database and the library give",
            Wrong::Workspace => "the rebuilt workspace does not have the recorded digest",
            Wrong::Different => "another record stands here already",
            Wrong::NoFiles => "this record binds no files",
        };
        f.write_str(text)
    }
}

/// Something wrong and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The file, within the log's folder; empty for a log in memory.
    pub file: String,
    /// The record; none if it concerns the file as a whole.
    pub at: Option<RecordId>,
    /// Byte offset in the file.
    pub offset: u64,
    /// The defect.
    pub wrong: Wrong,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.file.is_empty() {
            write!(f, "{}: ", self.file)?;
        }
        match self.at {
            Some(at) => write!(f, "{at}, byte {}: {}", self.offset, self.wrong),
            None => write!(f, "byte {}: {}", self.offset, self.wrong),
        }
    }
}

/// Why something could not be done with a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LogError {
    /// A file could not be read or written.
    Io {
        /// Which, within the log's folder.
        file: String,
        /// The operating system's message.
        error: String,
    },
    /// Another process writes there.
    Locked {
        /// The holder, as the lock file names it.
        owner: String,
    },
    /// There is no log.
    None,
    /// There is a log already, or something else.
    Occupied,
    /// The folder's log has another hash.
    OtherHash(&'static str),
    /// The log has no record of this number.
    NoRecord {
        /// The number asked for.
        number: u64,
        /// Records that there are.
        records: u64,
    },
    /// Writing failed before; nothing more is taken.
    Stopped,
    /// The log is damaged.
    Wrong(Finding),
}

impl From<Finding> for LogError {
    fn from(f: Finding) -> LogError {
        LogError::Wrong(f)
    }
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LogError::Io { file, error } => write!(f, "{file}: {error}"),
            LogError::Locked { owner } => write!(f, "another process writes this log ({owner}); wait for it"),
            LogError::None => write!(f, "expected a log: a folder with a head.json"),
            LogError::Occupied => write!(f, "expected an empty folder for a new log; take another"),
            LogError::OtherHash(name) => write!(f, "this log is hashed with {name}; go on with that"),
            LogError::NoRecord { number, records } => {
                write!(f, "there is no record {number}: the log has {records}, numbered from 0")
            }
            LogError::Stopped => write!(f, "the log could not be written any more"),
            LogError::Wrong(finding) => write!(f, "{finding}"),
        }
    }
}

impl std::error::Error for LogError {}

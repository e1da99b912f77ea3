//! Functions on logs in folders: appending, auditing, proofs, rebuilding.

use crate::errors::{guarded, input_error, message};
use metadream_core::dsl::log::files::format::from_hex;
use metadream_core::dsl::log::files::keep;
use metadream_core::dsl::log::files::storage::Folder;
use metadream_core::dsl::log::hash::{by_name, LogHash};
use metadream_core::dsl::log::{audit, proof, Finding, Head, LogError, Origin};
use metadream_core::util::text::hex;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use std::path::{Path, PathBuf};

/// Makes an `InputError` that names the folder of an error of the log.
pub fn log_error(py: Python<'_>, folder: &Path, e: &LogError) -> PyErr {
    message(py, format!("{}: {e}", folder.display()))
}

/// Finds a hash by its name, `sha256` or `blake3`; raises `InputError` for another name.
pub fn hash_named(py: Python<'_>, name: &str) -> PyResult<&'static dyn LogHash> {
    let expected = || format!("expected the hash sha256 or blake3, not `{name}`");
    by_name(name).ok_or_else(|| message(py, expected()))
}

/// Reads a digest of 64 hexadecimal digits; `None` gives zeros.
pub fn digest(py: Python<'_>, text: Option<&str>) -> PyResult<[u8; 32]> {
    match text {
        None => Ok([0; 32]),
        Some(t) => from_hex(t).ok_or_else(|| message(py, format!("expected 64 hexadecimal digits, not `{t}`"))),
    }
}

/// Makes the origin of a session from the SHA-256 digests of database and library.
pub fn origin(py: Python<'_>, database: Option<&str>, library: Option<&str>) -> PyResult<Origin> {
    Ok(Origin { database: digest(py, database)?, library: digest(py, library)?, ..Origin::default() })
}

fn head_dict<'py>(py: Python<'py>, head: &Head) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    out.set_item("hash", head.hash)?;
    out.set_item("records", head.records)?;
    out.set_item("segments", head.segments())?;
    out.set_item("root", hex(&head.root))?;
    out.set_item("head", hex(&head.head))?;
    Ok(out)
}

fn finding_dict<'py>(py: Python<'py>, f: &Finding) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    out.set_item("file", &f.file)?;
    out.set_item("segment", f.at.map(|a| a.segment))?;
    out.set_item("record", f.at.map(|a| a.record))?;
    out.set_item("number", f.at.map(|a| a.number()))?;
    out.set_item("offset", f.offset)?;
    out.set_item("what", f.wrong.to_string())?;
    Ok(out)
}

/// Appends sessions after the first `start` records, whose root must be `root` if it is given. Records that are
/// already there are compared, not written again. Keys: `records` (their number up to the end of the sessions), and
/// `root` (of these records).
#[pyfunction]
#[pyo3(signature = (folder, sessions, start=0, root=None, hash_name="sha256"))]
pub fn append_log<'py>(
    py: Python<'py>,
    folder: PathBuf,
    sessions: Vec<Vec<u8>>,
    start: u64,
    root: Option<&str>,
    hash_name: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let hash = hash_named(py, hash_name)?;
    let root = root.map(|r| digest(py, Some(r))).transpose()?;
    let end = guarded(py, || keep::append(&folder, hash, (start, root), &sessions))?;
    let (records, root) = end.map_err(|e| log_error(py, &folder, &e))?;
    let out = PyDict::new(py);
    out.set_item("records", records)?;
    out.set_item("root", hex(&root))?;
    Ok(out)
}

/// Appends a record with the number of a run's files and the SHA-256 of their list. Returns the published head.
#[pyfunction]
pub fn bind_files<'py>(py: Python<'py>, folder: PathBuf, count: u32, digest: &str) -> PyResult<Bound<'py, PyDict>> {
    let list = self::digest(py, Some(digest))?;
    let head = guarded(py, || keep::bind(&folder, count, list))?;
    head_dict(py, &head.map_err(|e| log_error(py, &folder, &e))?)
}

/// Checks the whole log and returns the files that its last record binds: the head's keys, `count` of files, and
/// `list`, the SHA-256 of their list.
#[pyfunction]
pub fn bound_files(py: Python<'_>, folder: PathBuf) -> PyResult<Bound<'_, PyDict>> {
    let (count, list, head) = guarded(py, || keep::bound(&folder))?.map_err(|e| log_error(py, &folder, &e))?;
    let out = head_dict(py, &head)?;
    out.set_item("count", count)?;
    out.set_item("list", hex(&list))?;
    Ok(out)
}

/// Checks a whole log. Keys: `head` (`None` if it cannot be read), `findings`, `sessions`, `unacknowledged_bytes`.
#[pyfunction]
#[pyo3(signature = (folder, threads=1))]
pub fn audit_log(py: Python<'_>, folder: PathBuf, threads: usize) -> PyResult<Bound<'_, PyDict>> {
    let found = guarded(py, || audit::audit(&mut Folder::reader(&folder), threads))?;
    let found = found.map_err(|e| log_error(py, &folder, &e))?;
    let out = PyDict::new(py);
    out.set_item("head", found.head.as_ref().map(|h| head_dict(py, h)).transpose()?)?;
    let findings = PyList::empty(py);
    for f in &found.findings {
        findings.append(finding_dict(py, f)?)?;
    }
    out.set_item("findings", findings)?;
    out.set_item("sessions", found.sessions)?;
    out.set_item("unacknowledged_bytes", found.unacknowledged)?;
    Ok(out)
}

/// Returns the root of the first `records` records of a log.
#[pyfunction]
pub fn log_beginning(py: Python<'_>, folder: PathBuf, records: u64) -> PyResult<String> {
    let work = || {
        let mut reader = Folder::reader(&folder);
        let head = audit::read_head(&mut reader)?;
        proof::root_of_first(&mut reader, &head, records)
    };
    Ok(hex(&guarded(py, work)?.map_err(|e| log_error(py, &folder, &e))?))
}

/// Returns a proof as JSON: that record `number` is in the log, or else that its first `old` records are its
/// beginning.
#[pyfunction]
#[pyo3(signature = (folder, number=None, old=None))]
pub fn log_proof(py: Python<'_>, folder: PathBuf, number: Option<u64>, old: Option<u64>) -> PyResult<String> {
    let work = || {
        let mut reader = Folder::reader(&folder);
        let head = audit::read_head(&mut reader)?;
        match number {
            Some(n) => proof::prove_inclusion(&mut reader, &head, n),
            None => proof::prove_consistency(&mut reader, &head, old.unwrap_or(0)),
        }
    };
    guarded(py, work)?.map_err(|e| log_error(py, &folder, &e))
}

/// Checks a proof without the log. Keys: `valid`, `kind`, `records`, `root`; for an inclusion also `number`,
/// `segment`, `record`, `text`, else `old_records`.
#[pyfunction]
pub fn check_log_proof<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyDict>> {
    let checked = proof::check(text).map_err(|e| message(py, e))?;
    let out = PyDict::new(py);
    out.set_item("valid", checked.valid)?;
    out.set_item("kind", checked.kind)?;
    out.set_item("records", checked.records)?;
    out.set_item("root", hex(&checked.root))?;
    if checked.kind == "inclusion" {
        out.set_item("number", checked.number)?;
        out.set_item("segment", checked.place().segment)?;
        out.set_item("record", checked.place().record)?;
        out.set_item("text", checked.record.map(|r| r.to_string()))?;
    } else {
        out.set_item("old_records", checked.number)?;
    }
    Ok(out)
}

/// Replays a log and returns figures of the workspace of a session (default: the last), which is written to `output`
/// if that is given. Keys: `sessions`, `matched` (sessions whose workspace has the digest recorded at their end),
/// `finding` (the first defect, then alone, or `None`); and of the session `session`, `name`, `database_sha256`,
/// `library_sha256`, `program_sha256`, `workspace_sha256`, `cells`, `links`, `terms`.
#[pyfunction]
#[pyo3(signature = (folder, session=None, output=None))]
pub fn rebuild_log(
    py: Python<'_>,
    folder: PathBuf,
    session: Option<u64>,
    output: Option<PathBuf>,
) -> PyResult<Bound<'_, PyDict>> {
    let out = PyDict::new(py);
    let rebuilt = match guarded(py, || keep::rebuild(&folder, session))? {
        Ok(rebuilt) => rebuilt,
        Err(LogError::Wrong(finding)) => {
            out.set_item("finding", finding_dict(py, &finding)?)?;
            return Ok(out);
        }
        Err(e) => return Err(log_error(py, &folder, &e)),
    };
    out.set_item("finding", py.None())?;
    let Some(r) = rebuilt else {
        let what = session.map_or("there is no session".to_owned(), |s| format!("there is no session {s}"));
        return Err(message(py, format!("{}: {what} in this log", folder.display())));
    };
    let digest = guarded(py, || r.workspace.digest())?;
    if let Some(path) = output {
        let image = guarded(py, || keep::image(&r.workspace))?;
        std::fs::write(&path, image)
            .map_err(|e| input_error(py, &format!("{}: cannot be written: {e}", path.display()), None))?;
    }
    let sha = |d: &[u8; 32]| (*d != [0; 32]).then(|| hex(d));
    out.set_item("sessions", r.sessions)?;
    out.set_item("matched", r.ended)?;
    out.set_item("session", r.session)?;
    out.set_item("name", r.origin.as_ref().map(|o| o.name.clone()))?;
    out.set_item("database_sha256", r.origin.as_ref().and_then(|o| sha(&o.database)))?;
    out.set_item("library_sha256", r.origin.as_ref().and_then(|o| sha(&o.library)))?;
    out.set_item("program_sha256", r.origin.as_ref().and_then(|o| sha(&o.program)))?;
    out.set_item("workspace_sha256", hex(&digest))?;
    out.set_item("cells", r.workspace.used())?;
    out.set_item("links", keep::links(&r.workspace))?;
    out.set_item("terms", r.terms)?;
    Ok(out)
}

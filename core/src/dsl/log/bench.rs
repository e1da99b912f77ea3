//! Figures of the log for `metadream bench machine`: a folder in the system's place for temporary files, with SHA-256.
//!
//! Speeds are for the time on the clock, as syncing is waiting; the best of some rounds. `cpu_us` is the processor time
//! of all threads for one record.

use super::audit::audit;
use super::hash::Sha2;
use super::{Log, Origin, Stamp};
use crate::dsl::log::files::storage::Folder;
use crate::dsl::memory::cell::{Address, Cell, Content};
use cpu_time::ProcessTime;
use serde_json::{json, Value};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const RECORDS: u64 = 4_000_000;
const ROUNDS: usize = 3;

/// A folder that is removed in the end.
struct Temporary(PathBuf);

impl Temporary {
    fn new() -> Temporary {
        let folder = std::env::temp_dir().join(format!("metadream-bench-log-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder); // of an earlier process of the same number
        Temporary(folder)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Writes of a program that walks over a million slots; seconds until all are acknowledged.
fn write(folder: &Path) -> Result<f64, String> {
    let start = Instant::now();
    let mut log = Log::create(folder, &Sha2).map_err(|e| e.to_string())?;
    log.begin(Origin::default());
    for i in 1..RECORDS {
        let stamp = Stamp { time: i, opcode: 1, instruction: (i % 16) as u32 };
        let address = Address::from_packed(i % (1 << 20)).expect("inside the space");
        log.write(stamp, address, &Cell::EMPTY, &Content::int(i as i64), i);
    }
    log.sync().map_err(|e| e.to_string())?;
    Ok(start.elapsed().as_secs_f64())
}

/// Microseconds a record.
fn each_us(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6 / RECORDS as f64
}

/// Durable records a second: every record hashed, written, synced, and under a published head.
pub fn log_records() -> Result<Value, String> {
    let (mut best, mut cpu_us) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..ROUNDS {
        let folder = Temporary::new();
        let start = ProcessTime::now();
        best = best.min(write(&folder.0)?);
        cpu_us = cpu_us.min(each_us(start.elapsed()));
    }
    Ok(json!({ "records_per_second": RECORDS as f64 / best, "records": RECORDS, "rounds": ROUNDS, "hash": "sha256",
        "threads": 2, "cpu_us": cpu_us }))
}

/// Audited records a second, from the page cache: decoded, hashed, compared; with two threads, and with one.
pub fn audit_records() -> Result<Value, String> {
    let folder = Temporary::new();
    write(&folder.0)?;
    let (mut best, mut cpu_us) = ([f64::INFINITY; 2], f64::INFINITY);
    for _ in 0..ROUNDS {
        for (threads, best) in [1, 2].into_iter().zip(&mut best) {
            let (start, processor) = (Instant::now(), ProcessTime::now());
            let found = audit(&mut Folder::reader(&folder.0), threads).map_err(|e| e.to_string())?;
            if let Some(finding) = found.findings.first() {
                return Err(finding.to_string());
            }
            *best = best.min(start.elapsed().as_secs_f64());
            cpu_us = cpu_us.min(each_us(processor.elapsed()));
        }
    }
    let rate = best.map(|b| RECORDS as f64 / b);
    Ok(json!({ "records_per_second": rate[1], "one_thread": rate[0], "records": RECORDS, "rounds": ROUNDS,
        "hash": "sha256", "threads": 2, "cpu_us": cpu_us }))
}

//! Judging a whole source: our reader and kernel, and metamath-rs. The second runs in a child process with limits
//! (`metamath_db/judges/check.py` starts it); here are the two functions that the processes call.

use super::kernel::{Kernel, KernelErrorKind, Outcome};
use super::knife::{self, KnifeReport};
use super::slice::{self, Theorem};
use crate::metamath_db::ids::AssertionId;
use crate::metamath_db::reader::Source;
use serde::Serialize;
use std::time::Instant;

/// Most defects listed in a [`CheckReport`]; all are counted.
pub const MAX_FINDINGS: usize = 100;

/// A proof may have so many symbols in all its statements, written out, before metamath-rs is not asked about the source.
pub const MAX_PROOF: u64 = 100_000_000;

/// Metamath-rs makes each assertion's frame anew from all that is active there: so much of this ([`Source::frame_work`]), and
/// [`FRAME_WORK_A_BYTE`] more for each byte of the source, before it is not asked.
pub const FRAME_WORK: u64 = 1 << 27;
/// See [`FRAME_WORK`].
pub const FRAME_WORK_A_BYTE: u64 = 16;

/// A defect, with its place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Finding {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// Label of the theorem, if the defect is in a proof.
    pub label: String,
    /// The defect, in one line.
    pub message: String,
}

/// The report of our reader and kernel on a source.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CheckReport {
    /// No error and no incomplete proof.
    pub accepted: bool,
    /// Number of `$a` and `$p` statements; 0 if the source could not be read.
    pub statements: usize,
    /// Number of `$p` statements.
    pub proofs: usize,
    /// Number of proofs with `?`.
    pub incomplete: usize,
    /// Number of errors: 1 if the source could not be read, else the number of bad proofs.
    pub errors: usize,
    /// The first of them, in file order.
    pub first_errors: Vec<Finding>,
    /// The first incomplete proofs.
    pub first_incomplete: Vec<Finding>,
    /// Why judges that write statements out and look at every active `$d` statement are not to be asked, if there is a
    /// reason.
    pub too_large: Option<String>,
    /// Seconds of reading.
    pub read_s: f64,
    /// Seconds of checking proofs.
    pub kernel_s: f64,
}

/// Reads a source and checks all its proofs.
pub fn check_source(text: Vec<u8>, threads: usize) -> CheckReport {
    check_and_bare(text, threads).0
}

/// The same, and what other judges may be given ([`Source::bare`]): none if our reader refuses the source.
pub fn check_and_bare(text: Vec<u8>, threads: usize) -> (CheckReport, Option<Vec<u8>>) {
    let mut report = CheckReport::default();
    let start = Instant::now();
    let read = Source::read(text);
    report.read_s = start.elapsed().as_secs_f64();
    let source = match read {
        Ok(source) => source,
        Err(e) => {
            report.errors = 1;
            let (line, column) = (e.line, e.column);
            report.first_errors.push(Finding { line, column, label: String::new(), message: e.kind.to_string() });
            return (report, None);
        }
    };
    let kernel = super::kernel::verify_all(&source, threads);
    report.kernel_s = kernel.seconds;
    report.statements = source.assertions.len();
    report.proofs = kernel.theorems;
    report.incomplete = kernel.incomplete.len();
    report.errors = kernel.errors.len();
    report.too_large = too_large(&source, kernel.largest);
    report.accepted = report.errors == 0 && report.incomplete == 0;
    let finding = |offset, theorem: AssertionId, message| {
        let (line, column) = source.place(offset);
        Finding { line, column, label: source.label(theorem).to_owned(), message }
    };
    for e in kernel.errors.iter().take(MAX_FINDINGS) {
        let step = if e.step > 0 { format!("step {}: ", e.step) } else { String::new() };
        report.first_errors.push(finding(e.offset, e.theorem, format!("{step}{}", e.message(&source))));
    }
    for &a in kernel.incomplete.iter().take(MAX_FINDINGS) {
        let label = source.assertions[a.index()].label.start;
        report.first_incomplete.push(finding(label, a, "the proof is incomplete (`?`)".into()));
    }
    (report, Some(source.bare()))
}

/// Why outside judges are not to be asked about a source whose largest proof has statements of so many symbols in all.
fn too_large(source: &Source, largest: u64) -> Option<String> {
    if largest > MAX_PROOF {
        return Some(format!("a proof with statements of {largest} symbols (bound {MAX_PROOF})"));
    }
    let bound = FRAME_WORK + FRAME_WORK_A_BYTE * source.text.len() as u64;
    let work = source.frame_work();
    (work > bound)
        .then(|| format!("$d and $e statements that need {work} steps, taken anew for each assertion (bound {bound})"))
}

/// Asks metamath-rs about a source, and compares what it read with what our reader read. To be run in a process with
/// limits on memory and time.
///
/// # Errors
/// A reason why metamath-rs was not asked, or that it panicked: a refusal.
pub fn knife_check(text: &[u8]) -> Result<KnifeReport, String> {
    let source = Source::read(text.to_vec()).ok();
    let bare = source.as_ref().map(Source::bare);
    let mut report = knife::knife_whole(bare.as_deref().unwrap_or(text), source.as_ref())?;
    if let (true, Some(source)) = (report.by_slices && report.errors == 0, &source) {
        let start = Instant::now();
        judge_as_slices(source, &mut report);
        report.verify_s = start.elapsed().as_secs_f64();
    }
    Ok(report)
}

/// Each proof in a slice of its own, where metamath-rs cannot go wrong about `$e` and `$d` of the outermost block.
fn judge_as_slices(source: &Source, report: &mut KnifeReport) {
    let kernel = Kernel::new(source);
    for i in 0..source.assertions.len() {
        let a = AssertionId::from(i);
        let Some(theorem) = Theorem::of(source, a) else { continue };
        let refusal = match kernel.verify_one(a) {
            Ok(Outcome::Incomplete) => {
                report.incomplete += 1;
                continue;
            }
            // the kernel measures the proof; what it thinks of it is not metamath-rs's affair, except for bounds
            Ok(Outcome::Proved(size)) => slice::too_large(&size),
            Err(e) if matches!(e.kind, KernelErrorKind::TooLarge(_)) => Some(e.message(source)),
            Err(_) => None,
        };
        let judged = match refusal {
            Some(reason) => Err(reason),
            None => slice::slice(source, &theorem, &[])
                .and_then(|text| knife::judge_slice(text.as_bytes(), &theorem.statement)),
        };
        if let Err(reason) = judged {
            let (line, _) = source.place(source.assertions[i].label.start);
            report.add_error(line, source.label(a), reason);
        }
    }
}

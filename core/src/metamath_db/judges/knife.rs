//! metamath-rs (metamath-knife's library) as second judge, behind a guard.
//!
//! Known defects of version 0.3.9, each with the guard against it:
//!
//! - It opens any file that `$[` names. Text with `$[` is refused before it sees it.
//! - It panics on some inputs. Calls are wrapped in `catch_unwind`, and `render_diags` is never called.
//! - It aborts on proofs whose statements grow exponentially. The kernel measures slices first, and whole foreign
//!   files are for a child process with limits.
//! - It takes a label used twice for the older theorem. Any diagnostic refuses the text.
//! - It accepts some text that the specification forbids. The reader and the kernel refuse it.
//!
//! Therefore it never judges alone, and the statement that it read is compared with the requested one.

use crate::metamath_db::reader::Source;
use crate::metamath_db::statement::Statement;
use metamath_rs::database::{Database, DbOptions};
use metamath_rs::diag::Diagnostic;
use metamath_rs::scopeck::Hyp;
use metamath_rs::statement::{StatementAddress, StatementRef};
use metamath_rs::StatementType;
use serde::Serialize;
use std::any::Any;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::time::Instant;

/// How much a diagnostic of metamath-rs weighs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A remark on comments or headings: the specification allows it.
    Style,
    /// A proof with `?`.
    Incomplete,
    /// Everything else.
    Error,
}

/// A diagnostic, with its place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct KnifeNote {
    /// How much it weighs.
    pub severity: Severity,
    /// Line of the statement, from 1; 0 if it has none.
    pub line: u32,
    /// Label of the statement, if it has one.
    pub label: String,
    /// metamath-rs's own (debug) text.
    pub message: String,
}

/// The report of metamath-rs on a whole source.
#[derive(Clone, Debug, Default, Serialize)]
pub struct KnifeReport {
    /// Diagnostics in file order.
    pub notes: Vec<KnifeNote>,
    /// Number of notes that are errors.
    pub errors: usize,
    /// Number of `?` proofs.
    pub incomplete: usize,
    /// Number of style remarks.
    pub style: usize,
    /// Seconds of the parse pass.
    pub parse_s: f64,
    /// Seconds of the name and scope passes.
    pub scope_s: f64,
    /// Seconds of the verify pass.
    pub verify_s: f64,
    /// The outermost block holds a `$e`, which metamath-rs refuses, or a `$d` after an assertion, which it applies
    /// backwards too (its issue 163). The specification allows both, so the verify pass was left out and frames were
    /// not compared: the proofs are to be judged as slices.
    pub by_slices: bool,
}

/// Most notes kept in a [`KnifeReport`]; all are counted.
pub const MAX_NOTES: usize = 1000;

fn severity(d: &Diagnostic) -> Severity {
    use Diagnostic as D;
    match d {
        // the specification allows it; see `KnifeReport::by_slices`
        D::EssentialAtTopLevel => Severity::Style,
        // comments hold no mathematics; what they say to typesetters and other tools is not ours to judge
        D::CommentMarkerNotStart(_)
        | D::MidStatementCommentMarker(_)
        | D::HeaderCommentParseError(_)
        | D::MalformedAdditionalInfo(_)
        | D::BadCommand(_)
        | D::CommandExpectedAs(_)
        | D::CommandExpectedString(_)
        | D::CommandIncomplete(_)
        | D::UnclosedCommandComment(_)
        | D::UnclosedCommandString(_)
        | D::UnknownTypesettingCommand(_) => Severity::Style,
        D::ProofIncomplete => Severity::Incomplete,
        _ => Severity::Error,
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    format!("metamath-rs panicked: {}", text.unwrap_or("(no message)"))
}

fn guarded<R>(run: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|p| panic_text(&*p))
}

/// Refuses what metamath-rs must not see: bytes that make it panic, and `$[`, for which it opens files.
fn admit(text: &[u8]) -> Result<(), String> {
    let bad = |&b: &u8| !matches!(b, b' '..=b'~' | b'\t' | b'\n' | b'\r' | 0x0c);
    if let Some(&b) = text.iter().find(|b| bad(b)) {
        return Err(format!("byte 0x{b:02x} found, printable ASCII or white space expected"));
    }
    if text.windows(2).any(|w| w == b"$[") {
        return Err("`$[` is not given to metamath-rs, which would open any file".into());
    }
    Ok(())
}

fn load(text: Vec<u8>) -> Database {
    let options = DbOptions { autosplit: false, incremental: false, jobs: 1, ..DbOptions::default() };
    let mut db = Database::new(options);
    db.parse("source".into(), vec![("source".into(), text)]);
    db
}

/// Judges a whole source. Run it in a process with limits unless the source is trusted: a proof whose statements
/// grow exponentially ends the process. With `source`, the text is [`Source::bare`], and what our reader made of it is
/// compared too.
///
/// # Errors
/// A reason why metamath-rs was not asked, or that it panicked: a refusal.
pub fn knife_whole(text: &[u8], source: Option<&Source>) -> Result<KnifeReport, String> {
    admit(text)?;
    guarded(|| judge_whole(text, source))
}

fn judge_whole(text: &[u8], source: Option<&Source>) -> KnifeReport {
    let mut report = KnifeReport::default();
    let start = Instant::now();
    let mut db = load(text.to_vec());
    report.parse_s = start.elapsed().as_secs_f64();
    let start = Instant::now();
    db.name_pass();
    db.scope_pass();
    report.scope_s = start.elapsed().as_secs_f64();
    let start = Instant::now();
    report.by_slices = source.is_some() && has_outermost(&db);
    if !report.by_slices {
        db.verify_pass();
    }
    report.verify_s = start.elapsed().as_secs_f64();
    let mut found = db.diag_notations();
    found.sort_by(|x, y| db.cmp_address(&x.0, &y.0));
    let mut lines = Lines::new(text);
    for (address, diagnostic) in &found {
        let severity = severity(diagnostic);
        note(&mut report, severity, &mut lines, statement_at(&db, *address), format!("{diagnostic:?}"));
    }
    if let (Some(source), 0) = (source, report.errors) {
        compare_frames(&db, source, &mut report, &mut lines);
    }
    report
}

/// Whether the outermost block holds a `$e`, or a `$d` after an assertion.
fn has_outermost(db: &Database) -> bool {
    let mut assertions = false;
    db.statements().any(|s| {
        assertions |= s.is_assertion();
        let kind = s.statement_type();
        !s.in_group() && (kind == StatementType::Essential || assertions && kind == StatementType::Disjoint)
    })
}

/// Statement addresses of diagnostics may lie beyond the last statement; those have no place.
fn statement_at(db: &Database, address: StatementAddress) -> Option<StatementRef<'_>> {
    catch_unwind(AssertUnwindSafe(|| db.statement_by_address(address))).ok()
}

/// Counts a note, and keeps it if there are not too many.
fn note(report: &mut KnifeReport, severity: Severity, lines: &mut Lines, at: Option<StatementRef<'_>>, text: String) {
    match severity {
        Severity::Style => report.style += 1,
        Severity::Incomplete => report.incomplete += 1,
        Severity::Error => report.errors += 1,
    }
    if report.notes.len() < MAX_NOTES {
        let line = at.map_or(0, |s| lines.line(s.span().start as usize));
        let label = at.map_or(String::new(), |s| String::from_utf8_lossy(s.label()).into_owned());
        let message = text.chars().take(400).collect();
        report.notes.push(KnifeNote { severity, line, label, message });
    }
}

/// Line numbers for growing offsets, in one pass.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: u32,
}
impl KnifeReport {
    /// Adds an error about the statement of this label.
    pub fn add_error(&mut self, line: u32, label: &str, message: String) {
        self.errors += 1;
        if self.notes.len() < MAX_NOTES {
            self.notes.push(KnifeNote { severity: Severity::Error, line, label: label.to_owned(), message });
        }
    }
}
impl<'t> Lines<'t> {
    fn new(text: &'t [u8]) -> Self {
        Lines { text, at: 0, line: 1 }
    }
    fn line(&mut self, offset: usize) -> u32 {
        if offset < self.at {
            (self.at, self.line) = (0, 1);
        }
        let end = offset.min(self.text.len());
        self.line += self.text[self.at..end].iter().filter(|&&b| b == b'\n').count() as u32;
        self.at = end;
        self.line
    }
}

/// Compares each assertion as our reader and as metamath-rs read it: a difference is an error.
fn compare_frames(db: &Database, source: &Source, report: &mut KnifeReport, lines: &mut Lines) {
    let mut theirs = db.statements().filter(|s| s.is_assertion());
    for i in 0..source.assertions.len() {
        let ours = Statement::of(source, i.into());
        let Some(next) = theirs.next() else {
            return note(report, Severity::Error, lines, None, "metamath-rs read fewer assertions".into());
        };
        let differs = match read_back(db, next) {
            Ok(mut theirs) => {
                if report.by_slices {
                    theirs.hyps.clone_from(&ours.hyps);
                    theirs.disjoint.clone_from(&ours.disjoint);
                }
                ours.difference(&theirs, true)
            }
            Err(reason) => Some(reason),
        };
        if let Some(what) = differs {
            note(report, Severity::Error, lines, Some(next), format!("read differently by metamath-rs: {what}"));
        }
    }
    if theirs.next().is_some() {
        note(report, Severity::Error, lines, None, "metamath-rs read more assertions".into());
    }
}

/// An assertion as metamath-rs read it.
fn read_back<'d>(db: &'d Database, at: StatementRef<'d>) -> Result<Statement<'d>, String> {
    let frame = db.scope_result().get(at.label()).ok_or("it has no frame")?;
    let names = db.name_result();
    let mut out = Statement {
        label: utf8(at.label())?,
        conclusion: at.math_iter().map(|t| utf8(t.slice)).collect::<Result<_, _>>()?,
        ..Statement::default()
    };
    for h in &*frame.hypotheses {
        let (address, floating) = match h {
            Hyp::Floating(address, _, _) => (*address, true),
            Hyp::Essential(address, _) => (*address, false),
        };
        let s = db.statement_by_address(address);
        let symbols = s.math_iter().map(|t| utf8(t.slice)).collect::<Result<_, _>>()?;
        out.push_hyp(utf8(s.label())?, floating, symbols);
    }
    for &(x, y) in &*frame.mandatory_dv {
        let (x, y) = (names.atom_name(frame.var_list[x]), names.atom_name(frame.var_list[y]));
        out.disjoint.push((utf8(x)?, utf8(y)?));
    }
    out.normalise();
    Ok(out)
}
fn utf8(b: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(b).map_err(|_| "a name is not ASCII".to_owned())
}

/// Judges one theorem of a small self-contained text in a fresh database: its proof is good, there is no
/// diagnostic at all, and the theorem that was read is `wanted`.
///
/// # Errors
/// The reason of a refusal.
pub fn judge_slice(text: &[u8], wanted: &Statement<'_>) -> Result<(), String> {
    // slices are made by us and hold no comments, so any `$[` is refused
    admit(text)?;
    guarded(|| {
        let mut db = load(text.to_vec());
        db.name_pass();
        db.scope_pass();
        let at = db.statement(wanted.label.as_bytes()).ok_or("metamath-rs finds no such label")?;
        if at.statement_type() != StatementType::Provable || db.scope_result().get(at.label()).is_none() {
            return Err("metamath-rs reads no theorem here".into());
        }
        db.verify_one(&mut (), at).map_err(|d| format!("metamath-rs: {d:?}"))?;
        if let Some((_, d)) = db.diag_notations().first() {
            return Err(format!("metamath-rs: {d:?}"));
        }
        match wanted.difference(&read_back(&db, at)?, true) {
            Some(what) => Err(format!("read differently by metamath-rs: {what}")),
            None => Ok(()),
        }
    })?
}

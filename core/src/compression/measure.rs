//! A whole database compressed and written again, with the figures that `metadream bench compress` prints.
//!
//! Bytes are those of [`crate::compression::full::proof_bytes`]: labels and parentheses of all compressed proofs with one separator
//! each, and letters. A new lemma counts with its whole `${ … $}` text, comment left out.

use super::corpus::CorpusItem;
use crate::compression::lemmas::cycles::Compression;
pub use crate::compression::lemmas::cycles::Figures;
use crate::compression::lemmas::export::ExportError;
use crate::compression::lemmas::learn::{learn, replay, Options, Report};
use crate::compression::lemmas::passes::human_corpus;
use crate::dsl::theory::library::{Proof, Rule, Theory};
use rustc_hash::FxHashSet;
use std::time::Instant;

/// A database compressed.
pub struct Compressed {
    /// Figures.
    pub figures: Figures,
    /// The learner's report.
    pub report: Report,
    /// The database rewritten.
    pub text: Vec<u8>,
    /// Theorems whose proofs could not be written anew and stay as they were, and why.
    pub left: Vec<(String, String)>,
    /// Seconds by phase.
    pub seconds: Vec<(&'static str, f64)>,
}

/// Compresses all human proofs of a theory, whose library grows, and writes the database again.
///
/// # Errors
/// The first lemma that cannot be written.
pub fn compress(theory: &mut Theory, options: &Options) -> Result<Compressed, ExportError> {
    let corpus = human_corpus(theory);
    let mut all = Compression::default();
    let report = all.add(theory, corpus, options);
    compressed(theory, &all, report)
}

fn compressed(theory: &Theory, c: &Compression, report: Report) -> Result<Compressed, ExportError> {
    let start = Instant::now();
    let (figures, text) = c.written(theory)?;
    let report = Report { uses: c.uses(theory), ..report };
    let mut seconds = c.seconds.clone();
    seconds.push(("text", start.elapsed().as_secs_f64()));
    Ok(Compressed { figures, report, text, left: c.left(), seconds })
}

/// Compresses a random part of the human proofs, then adds the `share` that was left out. Seconds and phases are those of
/// adding and writing alone.
///
/// # Errors
/// As [`compress`].
pub fn compress_in_two(
    theory: &mut Theory,
    options: &Options,
    share: f64,
    seed: u64,
) -> Result<(Compressed, usize), ExportError> {
    let (later, first) = parted(theory, share, seed);
    let added = later.len();
    let mut all = Compression::default();
    all.add(theory, first, options);
    let report = all.add(theory, later, options);
    Ok((compressed(theory, &all, report)?, added))
}

/// Items with their proofs.
type Items = Vec<(CorpusItem, Proof)>;

/// The human proofs, a random `share` of them first, then the others.
fn parted(theory: &Theory, share: f64, seed: u64) -> (Items, Items) {
    let (some, rest): (Vec<_>, Vec<_>) =
        human_corpus(theory).into_iter().enumerate().partition(|x| unit(seed, x.0 as u64) < share);
    (some.into_iter().map(|x| x.1).collect(), rest.into_iter().map(|x| x.1).collect())
}

/// The saving of a library that was learnt from some of the proofs, on the others.
#[derive(Clone, Debug, Default)]
pub struct HeldOut {
    /// Unseen proofs.
    pub proofs: usize,
    /// Their steps.
    pub steps: usize,
    /// Their steps after the frozen library was applied.
    pub steps_after: usize,
    /// Lemmas learnt on the others.
    pub lemmas: usize,
    /// Lemmas that an unseen proof uses.
    pub used: usize,
}

/// Learns on a random part of the human proofs and rewrites the `share` that was left out by the same decisions
/// ([`replay`]): with the frozen library, and with the theorems that took a fragment's place.
pub fn held_out(theory: &mut Theory, options: &Options, share: f64, seed: u64) -> HeldOut {
    let (test, train) = parted(theory, share, seed);
    let learned = learn(theory, &train, options, &mut |_, _, _| true);
    let rewritten = replay(theory, &test, &learned.decisions);
    let mut used = FxHashSet::default();
    for s in rewritten.iter().flat_map(|p| &p.steps) {
        if let Rule::Premise(p) = s.rule {
            used.extend(theory.lemma(p).map(|_| p));
        }
    }
    HeldOut {
        proofs: test.len(),
        steps: test.iter().map(|x| x.1.len()).sum(),
        steps_after: rewritten.iter().map(Proof::len).sum(),
        lemmas: learned.lemmas.len(),
        used: used.len(),
    }
}

/// A number in `[0, 1)` for each index (splitmix64), the same on every machine.
fn unit(seed: u64, i: u64) -> f64 {
    let mut z = seed.wrapping_add(i.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ z >> 31) >> 11) as f64 / (1u64 << 53) as f64
}

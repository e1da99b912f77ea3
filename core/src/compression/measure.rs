//! A whole database compressed and written again, with the figures that `metadream bench compress` prints.
//!
//! Bytes are those of [`super::full::proof_bytes`]: labels and parentheses of all compressed proofs with one separator
//! each, and letters. A new lemma counts with its whole `${ … $}` text, comment left out.

use super::corpus::CorpusItem;
use super::export::{database_text, share_rewritten, ExportError};
use super::learn::{learn, replay, Learned, Options, Report};
use super::missed;
use super::passes::{drop_unused, human_corpus, use_what_is_there, Sourced};
use super::prune::inline_losers;
use crate::dsl::library::{Proof, Rule, Theory};
use rustc_hash::FxHashSet;

/// Figures of one compression.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Steps of all proofs before: applications of a logical assertion, each once in a proof.
    pub steps: usize,
    /// The same after, lemmas' proofs not counted.
    pub steps_after: usize,
    /// Steps of the lemmas' proofs.
    pub lemma_steps: usize,
    /// New lemmas.
    pub lemmas: usize,
    /// Bytes of all proofs before.
    pub bytes_before: usize,
    /// Bytes of all proofs after.
    pub proof_bytes: usize,
    /// Bytes of the lemmas.
    pub lemma_bytes: usize,
    /// Proofs that changed.
    pub changed: usize,
}

impl Figures {
    /// Share of steps removed from the proofs.
    pub fn gross(&self) -> f64 {
        1.0 - self.steps_after as f64 / self.steps.max(1) as f64
    }
    /// The same with the lemmas' own proofs charged.
    pub fn net(&self) -> f64 {
        1.0 - (self.steps_after + self.lemma_steps) as f64 / self.steps.max(1) as f64
    }
    /// Bytes of proofs and lemmas after.
    pub fn bytes_after(&self) -> usize {
        self.proof_bytes + self.lemma_bytes
    }
}

/// A database compressed.
pub struct Compressed {
    /// Figures.
    pub figures: Figures,
    /// What the learner reports.
    pub report: Report,
    /// The database rewritten.
    pub text: Vec<u8>,
}

/// Compresses all human proofs of a theory, whose library grows, and writes the database again.
///
/// # Errors
/// The first lemma or proof that cannot be written.
pub fn compress(theory: &mut Theory, options: &Options) -> Result<Compressed, ExportError> {
    let corpus = human_corpus(theory);
    let options = &Options { label_length: SHORT_LABEL, ..options.clone() };
    let steps = corpus.iter().map(|x| x.1.len()).sum();
    let whole = |proof: &Proof| Sourced { proof: proof.clone(), origins: (0..proof.steps.len() as u32).collect() };
    let mut now: Vec<Sourced> = corpus.iter().map(|x| whole(&x.1)).collect();
    let look = missed::Options { effort: EFFORT, ..missed::Options::default() };
    if options.missed_uses {
        use_what_is_there(theory, &corpus, &mut now, options.threads, look);
    }
    let items: Vec<(CorpusItem, Proof)> =
        corpus.iter().zip(&now).map(|(x, n)| (x.0.clone(), n.proof.clone())).collect();
    let mut learned: Learned = learn(theory, &items, options, &mut |_, _, _| true);
    for ((n, proof), origins) in now.iter_mut().zip(&learned.rewritten).zip(&learned.origins) {
        n.origins = origins.iter().map(|&o| n.origins[o as usize]).collect();
        n.proof.clone_from(proof);
    }
    if options.missed_uses {
        use_what_is_there(theory, &corpus, &mut now, options.threads, missed::Options { lemmas_only: true, ..look });
    }
    (learned.rewritten, learned.origins) = now.into_iter().map(|n| (n.proof, n.origins)).unzip();
    share_rewritten(theory, &corpus, &mut learned, options.threads);
    drop_unused(theory, &mut learned);
    name_by_use(theory, &mut learned);
    if options.inline_losers && inline_losers(theory, &corpus, &mut learned, options.price, options.threads) > 0 {
        drop_unused(theory, &mut learned);
        name_by_use(theory, &mut learned);
    }
    let e = database_text(theory, &corpus, &learned, options.threads)?;
    let r = &learned.report;
    let figures = Figures {
        steps,
        steps_after: r.steps_after,
        lemma_steps: r.lemma_steps,
        lemmas: learned.lemmas.len(),
        bytes_before: e.bytes_before,
        proof_bytes: e.proof_bytes,
        lemma_bytes: e.lemma_bytes,
        changed: e.changed,
    };
    Ok(Compressed { figures, report: learned.report, text: e.text })
}

/// Formulas tried for one premise at one formula ([`missed::Options::effort`]): 8, 16 and 64 find the same within 0.03 %.
const EFFORT: u32 = 16;

/// Mean length of the labels of [`name_by_use`], as the price has it.
const SHORT_LABEL: usize = 2;

/// Gives the new lemmas the shortest labels that are free, the most used first: a proof pays for the labels that it
/// uses. (Names for people are given by `propose`.)
fn name_by_use(theory: &mut Theory, learned: &mut Learned) {
    let split = theory.lemmas.len() - learned.lemmas.len();
    // proofs that name each lemma, and its own text, which names it once and once for each hypothesis
    let mut weight: Vec<usize> = learned.lemmas.iter().map(|l| 1 + l.hyps.len()).collect();
    let first = theory.db.len() + split;
    let bodies = learned.lemmas.iter().map(|l| &l.proof);
    for proof in learned.rewritten.iter().chain(bodies) {
        let mut named: Vec<usize> = proof
            .steps
            .iter()
            .filter_map(|s| match s.rule {
                Rule::Premise(p) => p.index().checked_sub(first),
                Rule::Hyp(_) => None,
            })
            .collect();
        named.sort_unstable();
        named.dedup();
        named.iter().for_each(|&l| weight[l] += 1);
    }
    let mut order: Vec<usize> = (0..weight.len()).collect();
    order.sort_by_key(|&l| std::cmp::Reverse(weight[l]));
    let source = &theory.db.source;
    let old: FxHashSet<&str> = theory.lemmas[..split].iter().map(|l| l.name.as_str()).collect();
    let taken = |name: &str| source.lookup(name.as_bytes()).is_some() || source.find_symbol(name.as_bytes()).is_some();
    let hyps = |name: &str, n: usize| (1..=n).any(|i| taken(&format!("{name}.{i}")));
    let mut next = 0;
    let mut names: Vec<String> = vec![String::new(); weight.len()];
    for l in order {
        names[l] = loop {
            let name = short_label(next);
            next += 1;
            if !taken(&name) && !old.contains(name.as_str()) && !hyps(&name, learned.lemmas[l].hyps.len()) {
                break name;
            }
        };
    }
    for (l, name) in names.into_iter().enumerate() {
        if let Some(f) = learned.report.followed.as_mut().filter(|f| f.label.as_ref() == Some(&learned.lemmas[l].name))
        {
            f.label = Some(name.clone());
        }
        learned.report.uses[l].0.clone_from(&name);
        learned.lemmas[l].name.clone_from(&name);
        theory.lemmas[split + l].name = name;
    }
}

/// The `n`-th label of letters and digits, short ones first.
fn short_label(mut n: usize) -> String {
    const SIGNS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut label = vec![SIGNS[n % SIGNS.len()] as char];
    n /= SIGNS.len();
    while n > 0 {
        n -= 1;
        label.push(SIGNS[n % SIGNS.len()] as char);
        n /= SIGNS.len();
    }
    label.iter().rev().collect()
}

/// What a library learnt on a part of the proofs saves on the others.
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
    let (test, train): (Vec<_>, Vec<_>) =
        human_corpus(theory).into_iter().enumerate().partition(|x| unit(seed, x.0 as u64) < share);
    let (test, train): (Vec<_>, Vec<_>) =
        (test.into_iter().map(|x| x.1).collect(), train.into_iter().map(|x| x.1).collect());
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

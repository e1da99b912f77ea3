//! A database's proofs compressed in cycles: what came before is kept, what a cycle adds is worked on.
//!
//! A cycle takes its proofs through the passes: missed uses of what stands before them, the library that is there, new
//! lemmas ([`super::learn::learn_more`]), missed uses of the new ones, again where that changed proofs, until a round
//! brings no lemma (once only where there is very much to do, [`MANY_STEPS`]); then lemmas that lose are put back. The first
//! cycle does so with all proofs. A later one keeps library and labels, looks for lemmas only where its own proofs have a
//! part, and writes only proofs that changed.
//!
//! The invariant: a lemma is tried if by the price's estimate it comes near to what it costs ([`MARGIN`]), and one with few uses
//! stays only if it takes off more than it costs by real sizes; one with many uses is taken to pay. It need not be the
//! library that all proofs at once would give: earlier choices stay. Price: all proofs are laid out and counted again, which
//! is linear; what each pass made of a proof is kept until the cycle ends.

use super::learn::{learn_more, Learned, Options, Report};
use super::passes::{drop_unused, use_what_is_there, Sourced};
use super::price::Price;
use super::prune::prune_lemmas;
use crate::compression::corpus::CorpusItem;
use crate::compression::lemmas::export::{share_rewritten, with_written, write_proofs, ExportError, Written};
use crate::compression::reuse::missed;
use crate::dsl::theory::library::{Proof, Rule, Theory};
use rustc_hash::FxHashSet;
use std::time::Instant;

/// Figures of one compression.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Steps of all proofs before: applications of a logical assertion, each once in a proof.
    pub steps: usize,
    /// Steps of all proofs afterwards, the lemmas' own proofs not counted.
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
    /// Share of steps removed, the lemmas' own proofs counted.
    pub fn net(&self) -> f64 {
        1.0 - (self.steps_after + self.lemma_steps) as f64 / self.steps.max(1) as f64
    }
    /// Bytes of proofs and lemmas after.
    pub fn bytes_after(&self) -> usize {
        self.proof_bytes + self.lemma_bytes
    }
}

/// Proofs of a database and what compression has made of them; the lemmas are in the theory.
#[derive(Default)]
pub struct Compression {
    /// The human proofs.
    corpus: Vec<(CorpusItem, Proof)>,
    /// The present proofs.
    now: Vec<Sourced>,
    written: Vec<Written>,
    /// Seconds of the last cycle by phase.
    pub seconds: Vec<(&'static str, f64)>,
}

/// How hard missed uses are looked for (this and the bounds below: docs/decisions/0011-bounds-of-compression.md).
const LOOK: missed::Options =
    missed::Options { effort: 16, new_axioms: false, share_only: false, lemmas_only: false, measured: usize::MAX };

/// Most rounds of learning and missed uses in a cycle.
const ROUNDS: usize = 4;

/// A cycle with more steps to work on has one round, tries no lemma speculatively and copies nothing: it would cost more time than
/// it gains.
const MANY_STEPS: usize = 500_000;

/// Whether lemmas are weighed in the end by what they really save, so that the learner may be speculative.
fn weighs(options: &Options) -> bool {
    options.prune && options.missed_uses && options.price != Price::Nats
}

/// Percent of its cost that a lemma must save by the estimate to be tried. Later passes find uses that the estimate does not
/// count: fragments of other labels that say the same or an instance of it. What loses in the end is taken out again
/// ([`super::prune`]). Where there is very much to do ([`MANY_STEPS`]) it is 100.
const MARGIN: i64 = 70;

/// Shared subproofs of so many steps are copied for each use while lemmas are looked for, so that fragments may go over them;
/// what of the copies is left is shared again. The estimate takes a copy for a step of its own, which is too much where others
/// are left; the real sizes decide in the end. Where there is very much to do ([`MANY_STEPS`]) none are copied.
const COPIED: usize = 3;

/// Mean length of the labels of [`name_by_use`], as the price has it.
const SHORT_LABEL: usize = 2;

/// Seconds since the last call.
struct Clock(Instant);

impl Clock {
    fn lap(&mut self, seconds: &mut Vec<(&'static str, f64)>, what: &'static str) {
        seconds.push((what, self.0.elapsed().as_secs_f64()));
        self.0 = Instant::now();
    }
}

impl Compression {
    /// A cycle: more human proofs of the theory, whose library grows.
    pub fn add(&mut self, theory: &mut Theory, more: Vec<(CorpusItem, Proof)>, options: &Options) -> Report {
        let many = more.iter().map(|x| x.1.len()).sum::<usize>() > MANY_STEPS;
        // a later cycle does not try again what was weighed and found wanting
        let hopes = weighs(options) && !many && self.now.is_empty();
        let options = &Options {
            label_length: SHORT_LABEL,
            margin: if hopes { MARGIN } else { 100 },
            copied: if hopes { COPIED } else { 0 },
            ..options.clone()
        };
        let (mut clock, mut seconds) = (Clock(Instant::now()), Vec::new());
        let first_fresh = self.now.len();
        self.corpus.extend(more);
        let mut now = self.now.clone();
        let mut history: Vec<Vec<Sourced>> = now.iter().map(|n| vec![n.clone()]).collect();
        now.extend(self.corpus[first_fresh..].iter().map(|x| whole(&x.1)));
        history.resize(now.len(), Vec::new());
        let fresh: Vec<usize> = (first_fresh..now.len()).collect();
        if options.missed_uses {
            use_what_is_there(theory, &self.corpus, &mut now, &fresh, options.threads, LOOK);
        }
        remember(&mut history, &now);
        clock.lap(&mut seconds, "missed");
        let mut is_fresh: Vec<bool> = (0..now.len()).map(|i| i >= first_fresh).collect();
        let mut learned = Learned::default();
        for round in 0..if options.missed_uses && !many { ROUNDS } else { 1 } {
            let before = learned.lemmas.len();
            let left = Options { max_lemmas: options.max_lemmas - before, ..options.clone() };
            is_fresh = self.round(theory, (&mut now, &mut history), &is_fresh, &left, round > 0, &mut learned);
            if !is_fresh.contains(&true) || round > 0 && learned.lemmas.len() == before {
                break;
            }
        }
        clock.lap(&mut seconds, "rounds");
        (learned.rewritten, learned.origins) = now.into_iter().map(|n| (n.proof, n.origins)).unzip();
        drop_unused(theory, &mut learned, &mut history);
        name_by_use(theory, &mut learned);
        if options.prune
            && prune_lemmas(theory, &self.corpus, &mut learned, &history, options.price, options.threads) > 0
        {
            drop_unused(theory, &mut learned, &mut history);
            name_by_use(theory, &mut learned);
        }
        clock.lap(&mut seconds, "prune");
        self.write(theory, &mut learned, options.threads);
        clock.lap(&mut seconds, "write");
        self.seconds = seconds;
        learned.report
    }
    /// New lemmas, then missed uses of lemmas (`again`: of theorems too), and equal formulas shared. Tells which proofs the
    /// later passes changed: there may be more to learn.
    fn round(
        &self,
        theory: &mut Theory,
        (now, history): (&mut Vec<Sourced>, &mut [Vec<Sourced>]),
        fresh: &[bool],
        options: &Options,
        again: bool,
        learned: &mut Learned,
    ) -> Vec<bool> {
        if options.copied > 0 {
            now.iter_mut().for_each(|n| *n = n.unshared(options.copied));
        }
        let items: Vec<(CorpusItem, Proof)> =
            self.corpus.iter().zip(&*now).map(|(x, n)| (x.0.clone(), n.proof.clone())).collect();
        let mut more = learn_more(theory, &items, fresh, options, &mut |_, _, _| true);
        let mut touched = vec![false; now.len()];
        for (i, n) in now.iter_mut().enumerate() {
            n.origins = more.origins[i].iter().map(|&o| n.origins[o as usize]).collect();
            n.proof.clone_from(&more.rewritten[i]);
            touched[i] = n.proof != items[i].1;
            if options.copied > 0 && !touched[i] {
                // without the copies, which served nothing
                history[i].last().into_iter().for_each(|old| n.clone_from(old));
                more.rewritten[i].clone_from(&n.proof);
            }
        }
        remember(history, now);
        let touched: Vec<usize> = (0..now.len()).filter(|&i| fresh[i] || touched[i]).collect();
        drop(items);
        if options.missed_uses {
            let look = missed::Options { lemmas_only: !again, ..LOOK };
            use_what_is_there(theory, &self.corpus, now, &touched, options.threads, look);
        }
        share_rewritten(theory, &self.corpus, now, &touched, options.threads);
        remember(history, now);
        let changed = more.rewritten.iter().zip(&*now).map(|(old, n)| *old != n.proof).collect();
        learned.lemmas.append(&mut more.lemmas);
        if !again {
            learned.report = more.report;
        } else if more.report.followed.as_ref().is_some_and(|f| f.label.is_some()) {
            learned.report.followed = more.report.followed;
        }
        changed
    }
    /// New proofs, and those that are other than they were.
    fn touched<'a>(&self, proofs: impl Iterator<Item = &'a Proof>) -> Vec<usize> {
        proofs.enumerate().filter(|(i, p)| self.now.get(*i).is_none_or(|n| n.proof != **p)).map(|x| x.0).collect()
    }
    /// The theorems whose proofs stay as they were because what became of them cannot be written, and why.
    pub fn left(&self) -> Vec<(String, String)> {
        let named = |(x, w): (&(CorpusItem, Proof), &Written)| Some((x.0.name.clone(), w.left.as_ref()?.to_string()));
        self.corpus.iter().zip(&self.written).filter_map(named).collect()
    }
    /// Writes what a cycle has changed and keeps it.
    fn write(&mut self, theory: &Theory, learned: &mut Learned, threads: usize) {
        let touched = self.touched(learned.rewritten.iter());
        let texts = write_proofs(theory, &self.corpus, learned, &touched, threads);
        for (&i, text) in touched.iter().zip(texts) {
            if text.left.is_some() {
                let Sourced { proof, origins } = whole(&self.corpus[i].1);
                (learned.rewritten[i], learned.origins[i]) = (proof, origins);
            }
            match self.written.get_mut(i) {
                Some(old) => *old = text,
                None => self.written.push(text),
            }
        }
        let proofs = std::mem::take(&mut learned.rewritten).into_iter();
        let origins = std::mem::take(&mut learned.origins);
        self.now = proofs.zip(origins).map(|(proof, origins)| Sourced { proof, origins }).collect();
    }
    /// The database with library and proofs as they are, and the figures.
    ///
    /// # Errors
    /// The first lemma that cannot be written.
    pub fn written(&self, theory: &Theory) -> Result<(Figures, Vec<u8>), ExportError> {
        let uses: Vec<usize> = self.uses(theory).into_iter().map(|u| u.1).collect();
        let e = with_written(theory, self.written.iter(), &uses)?;
        let figures = Figures {
            steps: self.corpus.iter().map(|x| x.1.len()).sum(),
            steps_after: self.now.iter().map(|n| n.proof.len()).sum(),
            lemma_steps: theory.lemmas.iter().map(|l| l.proof.len()).sum(),
            lemmas: theory.lemmas.len(),
            bytes_before: e.bytes_before,
            proof_bytes: e.proof_bytes,
            lemma_bytes: e.lemma_bytes,
            changed: e.changed,
        };
        Ok((figures, e.text))
    }
    /// Each lemma with the number of steps that use it, in proofs and lemmas.
    pub fn uses(&self, theory: &Theory) -> Vec<(String, usize)> {
        let mut uses: Vec<(String, usize)> = theory.lemmas.iter().map(|l| (l.name.clone(), 0)).collect();
        let bodies = theory.lemmas.iter().map(|l| &l.proof);
        for s in self.now.iter().map(|n| &n.proof).chain(bodies).flat_map(|p| &p.steps) {
            if let Rule::Premise(p) = s.rule {
                if let Some(l) = p.index().checked_sub(theory.db.len()) {
                    uses[l].1 += 1;
                }
            }
        }
        uses
    }
}

/// A proof as it is.
fn whole(proof: &Proof) -> Sourced {
    Sourced { proof: proof.clone(), origins: (0..proof.steps.len() as u32).collect() }
}

/// Keeps the proofs that are other than when they were last kept.
fn remember(history: &mut [Vec<Sourced>], now: &[Sourced]) {
    for (old, new) in history.iter_mut().zip(now) {
        if old.last().is_none_or(|o| o.proof != new.proof) {
            old.push(new.clone());
        }
    }
}

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

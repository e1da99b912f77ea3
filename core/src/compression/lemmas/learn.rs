//! Learns lemmas from a corpus of proofs: lazy greedy choice of fragments.
//!
//! Every digram has its best fragment's utility in a heap (CELF: Leskovec et al. 2007). The top is evaluated again;
//! if it is still the best, its occurrences are replaced by a theorem that says the same, by a lemma, or by a new
//! lemma, whose body joins the corpus. Greedy choice is not optimal, but no fragment saves much of a
//! large database, so what counts is many lemmas, found fast (DESIGN.md §8).
//!
//! Fragments end at steps that a proof uses more than once ([`Corpus::crosses`](crate::compression::corpus::Corpus::crosses));
//! [`super::cycles`] gives each use of a small one its own copy first. A lemma says the most general statement that its
//! tree proves, and its estimate counts that tree alone. Trees that prove the same or an instance of it use the lemma later,
//! by their formulas ([`crate::compression::reuse::missed`]); so a lemma may be tried speculatively, for such uses ([`Options::margin`]) and is
//! weighed by all its uses in the end ([`super::prune`]). Anti-unified statements that no tree says are not found.

pub mod evaluate;

use super::follow::{explain, Followed, Key};
use super::instance::{first_after, lemma, Places, Refusal};
use super::price::{Price, Scorer, UNIT};
use crate::compression::axioms::Axioms;
use crate::compression::corpus::{Corpus, CorpusItem, Digram, Scratch};
use crate::compression::fragment::Fragment;
use crate::compression::lemmas::learn::evaluate::{Candidate, State, Target, Worker};
use crate::compression::nats::NatsTable;
use crate::compression::shuffled::{Draws, Shuffled, TRIES};
use crate::compression::subtrees::Subtrees;
use crate::dsl::theory::library::{canonical_key, Lemma, PremiseId, Proof, Rule, Theory};
use crate::metamath_db::ids::AssertionId;
use crate::metamath_db::terms::term::Arena;
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Instant;

/// The options of learning.
#[derive(Clone, Debug)]
pub struct Options {
    /// The objective.
    pub price: Price,
    /// For the price in nats: the recognition model's.
    pub nats: Arc<NatsTable>,
    /// A lemma is tried if it saves so many percent of what it costs by the price's estimate. Below 100 it is for who
    /// takes lemmas out again that lose when all is settled ([`super::prune`]).
    pub margin: i64,
    /// [`super::cycles`] copies shared subproofs of so many steps for each use while lemmas are looked for.
    pub copied: usize,
    /// Most new lemmas.
    pub max_lemmas: usize,
    /// Fewest occurrences of a fragment that becomes a lemma.
    pub min_occurrences: usize,
    /// Most hypotheses of a lemma.
    pub max_hyps: usize,
    /// Most steps of a lemma's proof when it is made.
    pub max_size: usize,
    /// Most nodes of a formula's tree in a lemma.
    pub max_formula: u32,
    /// Whether a lemma's conclusion may be a mere variable (`ph` from `ps` and `( ps -> ph )`). Such a lemma saves
    /// bytes, but it fits every goal, so a search pays for it everywhere.
    pub bare_conclusions: bool,
    /// New lemmas are named with this prefix and a number.
    pub prefix: String,
    /// Length of their labels as the price has it.
    pub label_length: usize,
    /// Whether fragments may be replaced by theorems of the database.
    pub reuse_theorems: bool,
    /// The statement that is followed ([`super::follow`]).
    pub follow: Option<Key>,
    /// Whether [`crate::compression::measure`] looks for missed uses of theorems before learning and of all after it.
    pub missed_uses: bool,
    /// Fragments up to this size are compared with known statements wherever they occur.
    pub reuse_size: usize,
    /// Whether [`crate::compression::measure`] puts lemmas that lose when all is settled back into the proofs that use them.
    pub prune: bool,
    /// Instead of the search: a lemma for each repeated whole subtree of labels ([`crate::compression::subtrees`], a baseline).
    pub whole_subtrees: bool,
    /// Instead of the search: random fragments ([`crate::compression::shuffled`], a control).
    pub shuffled: Option<Shuffled>,
    /// Threads for the first evaluation of all digrams; the result does not depend on it.
    pub threads: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            price: Price::Bytes,
            nats: Arc::default(),
            margin: 100,
            copied: 0,
            max_lemmas: usize::MAX,
            min_occurrences: 2,
            max_hyps: 24,
            max_size: 100,
            max_formula: 400,
            bare_conclusions: true,
            prefix: "md".to_owned(),
            label_length: 5,
            reuse_theorems: true,
            follow: None,
            missed_uses: true,
            reuse_size: 3,
            prune: true,
            whole_subtrees: false,
            shuffled: None,
            threads: 2,
        }
    }
}

impl Options {
    /// For small corpora of found proofs: steps, a statement at two steps, and only what a search can use.
    pub fn starter() -> Options {
        let price = Price::Steps { statement: 2 };
        Options { price, max_hyps: 6, max_size: 40, bare_conclusions: false, ..Options::default() }
    }
}

/// Figures of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Steps of the corpus before.
    pub steps_before: usize,
    /// Steps of the corpus after, without the lemmas' own proofs.
    pub steps_after: usize,
    /// Steps of the new lemmas' own proofs.
    pub lemma_steps: usize,
    /// Sum of the worths at the time of choice: steps, or estimated bytes, that the run should have saved.
    pub promised: f64,
    /// Sum of what the lemmas were thought to cost.
    pub lemma_estimate: f64,
    /// Uses of each new lemma at the end, in the corpus and in lemmas.
    pub uses: Vec<(String, usize)>,
    /// Fragments replaced by theorems of the database: how many steps that saved.
    pub reused_theorems: usize,
    /// Fragments replaced by known lemmas: how many steps that saved.
    pub reused_lemmas: usize,
    /// Distinct fragments refused, by reason.
    pub refusals: Vec<(Refusal, usize)>,
    /// The outcome for the statement that was followed.
    pub followed: Option<Followed>,
    /// Fragments whose utility was computed.
    pub evaluations: u64,
    /// Seconds of the first evaluation of all digrams.
    pub first_seconds: f64,
    /// Seconds in all.
    pub seconds: f64,
}

impl Report {
    /// Share of steps removed from the corpus.
    pub fn gross(&self) -> f64 {
        1.0 - self.steps_after as f64 / self.steps_before.max(1) as f64
    }
    /// Share of steps removed, the lemmas' own proofs counted.
    pub fn net(&self) -> f64 {
        1.0 - (self.steps_after + self.lemma_steps) as f64 / self.steps_before.max(1) as f64
    }
}

/// One decision of a run: occurrences of a fragment were replaced by steps of a premise.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The fragment.
    pub fragment: Fragment,
    /// Its replacement.
    pub premise: u32,
    /// For each of its hypotheses the hole whose child proves it.
    pub order: Vec<u32>,
}

/// Outcome of [`learn`].
#[derive(Clone, Debug, Default)]
pub struct Learned {
    /// The new lemmas, in dependency order, as they were appended to the theory.
    pub lemmas: Vec<Lemma>,
    /// The corpus rewritten, in the order of the input.
    pub rewritten: Vec<Proof>,
    /// For each step of a rewritten proof the step of the original that proves the same formula.
    pub origins: Vec<Vec<u32>>,
    /// The replacements, in order: replayed on other proofs ([`replay`]) it rewrites them as it did these.
    pub decisions: Vec<Decision>,
    /// Figures.
    pub report: Report,
}

/// Asked before a lemma joins; the theory does not hold it yet. The arena holds all terms (the theory's own is
/// elsewhere while lemmas are learned) and may be used as scratch.
pub type Accept<'a> = dyn FnMut(&Theory, &mut Arena, &Lemma) -> bool + 'a;

/// Learns lemmas from a corpus and appends them to the theory's library. Each is elaborated, then `accept` (the
/// judges) is asked. Deterministic; lemmas that the library held before keep number, name and proof.
pub fn learn(
    theory: &mut Theory,
    corpus: &[(CorpusItem, Proof)],
    options: &Options,
    accept: &mut Accept<'_>,
) -> Learned {
    learn_more(theory, corpus, &vec![true; corpus.len()], options, accept)
}

/// As [`learn`], where only some proofs are `fresh`: the others went through [`learn`] with the library that is there now,
/// and it ended because nothing was worth a lemma any more.
///
/// A fragment that touches no fresh proof is as often there as it was then, so it is worth nothing still: only digrams
/// that occur in fresh proofs are evaluated at the start. First the library is used in the fresh proofs, each lemma
/// wherever its own proof occurs, since most of what they share with the others is there in one place each. Price: the
/// corpus is laid out and counted anew (linear), the search goes by the fresh part.
pub fn learn_more(
    theory: &mut Theory,
    corpus: &[(CorpusItem, Proof)],
    fresh: &[bool],
    options: &Options,
    accept: &mut Accept<'_>,
) -> Learned {
    let start = Instant::now();
    let mut state = initial_state(theory, corpus, options);
    let steps_before = state.corpus.steps();
    let mut worker = Worker::new(std::mem::take(&mut theory.arena));
    let all_fresh = fresh.iter().all(|f| *f);
    let mut decisions = Vec::new();
    if !all_fresh {
        decisions = use_library(theory, &mut state, options, &mut worker, fresh);
    }
    let digrams = if options.whole_subtrees || options.shuffled.is_some() {
        Vec::new()
    } else if all_fresh {
        state.corpus.digrams()
    } else {
        state.corpus.digrams_of(fresh)
    };
    let first = first_evaluation(theory, &state, options, &mut worker, &digrams);
    let report = Report { steps_before, first_seconds: start.elapsed().as_secs_f64(), ..Report::default() };
    let mut l = Learner { state, worker, options, report, heap: first, next_name: 1, decisions };
    if let Some(shuffled) = &options.shuffled {
        l.run_shuffled(theory, shuffled, accept);
    } else if options.whole_subtrees {
        l.run_subtrees(theory, accept);
    } else {
        l.run(theory, accept);
    }
    debug_assert!(l.state.corpus.check());
    let mut learned = l.finish(theory, corpus.len());
    learned.report.seconds = start.elapsed().as_secs_f64();
    learned
}

fn initial_state(theory: &Theory, items: &[(CorpusItem, Proof)], options: &Options) -> State {
    let blocks = (0..theory.len()).map(|p| theory.block(PremiseId(p as u32))).collect();
    let mut corpus = Corpus::new(blocks);
    for (item, proof) in items {
        corpus.add(item.block, item.limit, proof);
    }
    let mut table: FxHashMap<Arc<[u32]>, SmallVec<[u32; 1]>> = FxHashMap::default();
    for p in 0..theory.len() as u32 {
        let a = AssertionId(p);
        if (p as usize) < theory.db.len() && !(options.reuse_theorems && may_be_reused(theory, a)) {
            continue;
        }
        if let Some(x) = theory.premise(PremiseId(p)) {
            table.entry(canonical_key(&theory.arena, x.conclusion, x.hyps).into()).or_default().push(p);
        }
    }
    State {
        places: Places::new(theory),
        scorer: Scorer::new(theory, options.price, options.label_length, options.nats.clone()),
        assertions: theory.db.len(),
        table,
        axioms: Axioms::new(theory),
        first_new: theory.len(),
        bodies: Vec::new(),
        first_body: corpus.items(),
        corpus,
    }
}

/// An axiom or a theorem with a proof, whose use is not discouraged.
fn may_be_reused(theory: &Theory, a: AssertionId) -> bool {
    theory.is_proved(a.into()) && !theory.db.source.comment_says(a, "(New usage is discouraged.)")
}

type Heap = BinaryHeap<(i64, std::cmp::Reverse<Digram>)>;

/// Uses the lemmas of the library in fresh proofs, wherever a lemma's own proof occurs and says no more than the lemma.
fn use_library(
    theory: &Theory,
    state: &mut State,
    options: &Options,
    worker: &mut Worker,
    fresh: &[bool],
) -> Vec<Decision> {
    let mut decisions = Vec::new();
    let mut scratch = Scratch::default();
    for (l, number) in theory.lemmas.iter().zip(theory.db.len() as u32..) {
        let Some(fragment) = Fragment::of_proof(&l.proof) else { continue };
        let mut at = state.corpus.occurrences_in(&fragment, fresh);
        at.retain(|row| state.corpus.may_use(row[0], number, state.assertions));
        if at.is_empty() {
            continue;
        }
        let Some(order) = state.holes_of(theory, options, worker, &fragment, number) else { continue };
        state.corpus.keep_disjoint(&fragment, &mut at, &mut scratch);
        state.corpus.rewrite(&fragment, &at, number, &order);
        decisions.push(Decision { fragment, premise: number, order: order.to_vec() });
    }
    decisions
}

fn first_evaluation(
    theory: &Theory,
    state: &State,
    options: &Options,
    worker: &mut Worker,
    digrams: &[Digram],
) -> Heap {
    let threads = options.threads.clamp(1, 64).min(digrams.len() / 1000 + 1);
    let work = |w: &mut Worker, part: usize| -> Vec<(i64, Digram)> {
        let mine = digrams.iter().skip(part).step_by(threads);
        mine.filter_map(|&d| Some((state.evaluate(theory, options, w, d)?.rank, d))).collect()
    };
    let mut found = Vec::new();
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads)
            .map(|part| {
                let mut w = Worker::new(worker.arena.clone());
                scope.spawn(move || (work(&mut w, part), w))
            })
            .collect();
        found.extend(work(worker, 0));
        for o in others {
            if let Ok((more, w)) = o.join() {
                found.extend(more);
                worker.absorb(w);
            }
        }
    });
    found.into_iter().map(|(utility, d)| (utility, std::cmp::Reverse(d))).collect()
}

struct Learner<'a> {
    state: State,
    worker: Worker,
    options: &'a Options,
    report: Report,
    heap: Heap,
    next_name: usize,
    decisions: Vec<Decision>,
}

impl Learner<'_> {
    fn run(&mut self, theory: &mut Theory, accept: &mut Accept<'_>) {
        while let Some((_, std::cmp::Reverse(d))) = self.heap.pop() {
            let Some(c) = self.state.evaluate(theory, self.options, &mut self.worker, d) else { continue };
            if self.heap.peek().is_some_and(|top| top.0 > c.rank) {
                self.heap.push((c.rank, std::cmp::Reverse(d)));
                continue;
            }
            let around = match &c.target {
                Target::Known { premise, order } => self.reuse(*premise, order, &c),
                Target::New => {
                    if self.state.bodies.len() >= self.options.max_lemmas {
                        continue;
                    }
                    self.create(theory, &c, accept)
                }
            };
            self.heap.push((c.rank, std::cmp::Reverse(d)));
            for d in around {
                if self.state.corpus.count(d) < self.options.min_occurrences as u32 {
                    continue;
                }
                if let Some(c) = self.state.evaluate(theory, self.options, &mut self.worker, d) {
                    self.heap.push((c.rank, std::cmp::Reverse(d)));
                }
            }
        }
    }
    /// A lemma for each repeated whole subtree that pays, the largest first.
    fn run_subtrees(&mut self, theory: &mut Theory, accept: &mut Accept<'_>) {
        let mut trees = Subtrees::default();
        trees.scan(&self.state.corpus, 0);
        for id in trees.repeated(self.options.max_size) {
            let (fragment, roots) = trees.get(id);
            let at = self.state.corpus.occurrences_at(&fragment, roots);
            if at.len() < self.options.min_occurrences {
                continue;
            }
            let utility = self.state.utility_of_new(theory, self.options, &mut self.worker, &fragment, &at);
            if let Some(utility) = utility.filter(|w| *w > 0) {
                let from = self.state.corpus.nodes();
                self.create(theory, &Candidate { rank: utility, utility, fragment, at, target: Target::New }, accept);
                trees.scan(&self.state.corpus, from);
            }
        }
    }
    /// Lemmas of random fragments, those left out that say what another premise says.
    fn run_shuffled(&mut self, theory: &mut Theory, shuffled: &Shuffled, accept: &mut Accept<'_>) {
        let mut draws = Draws::new(shuffled.seed);
        for &size in &shuffled.sizes {
            let wanted = theory.lemmas.len() + 1;
            for _ in 0..TRIES {
                let Some(fragment) = draws.fragment(&self.state.corpus, size) else { continue };
                let arena = &mut self.worker.arena;
                let mark = arena.len();
                let instance = self.state.instance(theory, self.options, arena, &fragment);
                let new = instance.is_ok_and(|i| !self.state.table.contains_key(&i.key(arena)));
                arena.truncate(mark);
                if new {
                    let mut at = self.state.corpus.occurrences(&fragment);
                    self.state.corpus.keep_disjoint(&fragment, &mut at, &mut Scratch::default());
                    self.create(theory, &Candidate { rank: 0, utility: 0, fragment, at, target: Target::New }, accept);
                }
                if theory.lemmas.len() == wanted {
                    break;
                }
            }
        }
    }
    fn reuse(&mut self, premise: u32, order: &[u32], c: &Candidate) -> Vec<Digram> {
        let followed = self.options.follow.as_ref().and_then(|key| self.state.table.get(key));
        if followed.is_some_and(|premises| premises.contains(&premise)) {
            *self.worker.seen.replaced.entry(premise).or_insert(0) += c.at.len();
        }
        let before = self.state.corpus.steps();
        self.report.promised += c.utility as f64 / UNIT as f64;
        let nodes = self.state.corpus.rewrite(&c.fragment, &c.at, premise, order);
        self.decisions.push(Decision { fragment: c.fragment.clone(), premise, order: order.to_vec() });
        let saved = before - self.state.corpus.steps();
        if (premise as usize) < self.state.assertions {
            self.report.reused_theorems += saved;
        } else {
            self.report.reused_lemmas += saved;
        }
        self.around(&nodes)
    }
    fn around(&self, nodes: &[u32]) -> Vec<Digram> {
        let mut out = Vec::new();
        nodes.iter().for_each(|&n| self.state.corpus.digrams_around(n, &mut out));
        out.sort_unstable();
        out.dedup();
        out
    }
    fn create(&mut self, theory: &mut Theory, c: &Candidate, accept: &mut Accept<'_>) -> Vec<Digram> {
        let f = &c.fragment;
        let mark = self.worker.arena.len();
        let instance = match self.state.instance(theory, self.options, &mut self.worker.arena, f) {
            Ok(i) => i,
            Err(why) => {
                self.worker.refuse(f, why);
                return Vec::new();
            }
        };
        let name = self.free_name(theory);
        let l = lemma(theory, f, &instance, name);
        let mut accepted = proves_itself(theory, &mut self.worker.arena, &l);
        if accepted {
            accepted = accept(theory, &mut self.worker.arena, &l);
        }
        let key = instance.key(&self.worker.arena);
        if !accepted {
            self.worker.arena.truncate(mark);
            self.worker.seen.refused |= self.options.follow == Some(key);
            self.worker.refuse(f, Refusal::NotAccepted);
            return Vec::new();
        }
        self.report.promised += c.utility as f64 / UNIT as f64;
        self.report.lemma_estimate +=
            self.state.scorer.lemma(theory, &self.worker.arena, f, &instance) as f64 / UNIT as f64;
        let s = &mut self.state;
        let number = s.corpus.add_premise(l.block);
        s.scorer.add(l.variables.len());
        s.axioms.add(&f.labels);
        if self.options.follow.as_ref() == Some(&key) {
            self.worker.seen.made = Some(number);
        }
        s.table.entry(key).or_default().push(number);
        let order: Vec<u32> = (0..instance.hyps.len() as u32)
            .filter_map(|h| instance.slots.iter().position(|&s| s == h).map(|k| k as u32))
            .collect();
        let nodes = s.corpus.rewrite(f, &c.at, number, &order);
        let body = s.corpus.add(l.block + 1, first_after(theory, l.block), &l.proof);
        s.bodies.push(body);
        self.decisions.push(Decision { fragment: f.clone(), premise: number, order });
        theory.lemmas.push(l);
        self.around(&nodes)
    }
    fn free_name(&mut self, theory: &Theory) -> String {
        loop {
            let name = format!("{}{}", self.options.prefix, self.next_name);
            self.next_name += 1;
            let source = &theory.db.source;
            let taken = source.lookup(name.as_bytes()).is_some() || source.find_symbol(name.as_bytes()).is_some();
            if !taken && !theory.lemmas.iter().any(|l| l.name == name) {
                return name;
            }
        }
    }
    /// Reads the rewritten corpus back and puts the new lemmas in dependency order.
    fn finish(mut self, theory: &mut Theory, items: usize) -> Learned {
        theory.arena = std::mem::take(&mut self.worker.arena);
        let first = self.state.first_new;
        for (i, &body) in self.state.bodies.iter().enumerate() {
            theory.lemmas[first - theory.db.len() + i].proof = self.state.corpus.proof(body).0;
        }
        let order = dependency_order(theory, first);
        let mut renumber: Vec<u32> = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            renumber[old] = (first + new) as u32;
        }
        let renumbered = |p: u32| if (p as usize) < first { p } else { renumber[p as usize - first] };
        let map = |proof: &mut Proof, uses: &mut [usize]| {
            for s in &mut proof.steps {
                if let Rule::Premise(p) = &mut s.rule {
                    *p = PremiseId(renumbered(p.0));
                    if p.index() >= first {
                        uses[p.index() - first] += 1;
                    }
                }
            }
        };
        let mut decisions = std::mem::take(&mut self.decisions);
        for d in &mut decisions {
            d.premise = renumbered(d.premise);
            d.fragment.labels.iter_mut().for_each(|l| *l = renumbered(*l));
        }
        let mut seen = std::mem::take(&mut self.worker.seen);
        seen.made = seen.made.map(renumbered);
        seen.replaced = seen.replaced.into_iter().map(|(p, n)| (renumbered(p), n)).collect();
        for sight in seen.fragments.values_mut() {
            sight.fragment.labels.iter_mut().for_each(|l| *l = renumbered(*l));
        }
        let mut uses = vec![0usize; order.len()];
        let split = first - theory.db.len();
        let old = theory.lemmas.split_off(split);
        let mut new: Vec<Lemma> = order.iter().map(|&i| old[i].clone()).collect();
        new.iter_mut().for_each(|l| map(&mut l.proof, &mut uses));
        let mut out = Learned { lemmas: new.clone(), report: self.report, decisions, ..Learned::default() };
        theory.lemmas.extend(new);
        for item in 0..items {
            let (mut proof, origins) = self.state.corpus.proof(item);
            map(&mut proof, &mut uses);
            out.report.steps_after += proof.len();
            out.rewritten.push(proof);
            out.origins.push(origins);
        }
        out.report.lemma_steps = out.lemmas.iter().map(|l| l.proof.len()).sum();
        out.report.uses = out.lemmas.iter().zip(uses).map(|(l, n)| (l.name.clone(), n)).collect();
        out.report.followed = self.options.follow.as_ref().map(|key| explain(theory, key, &seen));
        out.report.evaluations = self.worker.evaluations;
        out.report.refusals = self.worker.refusals();
        out
    }
}

/// Proofs rewritten by decisions that were made on others, in their order. No lemma is made.
pub fn replay(theory: &Theory, items: &[(CorpusItem, Proof)], decisions: &[Decision]) -> Vec<Proof> {
    let blocks = (0..theory.len()).map(|p| theory.block(PremiseId(p as u32))).collect();
    let mut corpus = Corpus::new(blocks);
    for (item, proof) in items {
        corpus.add(item.block, item.limit, proof);
    }
    let mut scratch = Scratch::default();
    for d in decisions {
        let mut at = corpus.occurrences(&d.fragment);
        if at.is_empty() {
            continue;
        }
        at.retain(|row| corpus.may_use(row[0], d.premise, theory.db.len()));
        corpus.keep_disjoint(&d.fragment, &mut at, &mut scratch);
        corpus.rewrite(&d.fragment, &at, d.premise, &d.order);
    }
    (0..items.len()).map(|i| corpus.proof(i).0).collect()
}

/// Whether a lemma's proof elaborates to its own statement. The arena is left as it was.
pub fn proves_itself(theory: &Theory, arena: &mut Arena, l: &Lemma) -> bool {
    let mark = arena.len();
    let task = theory.lemma_task(l, arena);
    let good = theory.elaborate(&task, &l.proof, arena).is_ok();
    arena.truncate(mark);
    good
}

/// New lemmas (from premise number `first` on) so that each stands behind what it uses: by place, then by use,
/// then by age.
fn dependency_order(theory: &Theory, first: usize) -> Vec<usize> {
    let lemmas = &theory.lemmas[first - theory.db.len()..];
    let mut by_place: Vec<usize> = (0..lemmas.len()).collect();
    by_place.sort_by_key(|&i| (lemmas[i].block, i));
    let mut done: FxHashSet<usize> = FxHashSet::default();
    let mut order = Vec::with_capacity(lemmas.len());
    for root in by_place {
        let mut stack = vec![(root, false)];
        while let Some((i, left)) = stack.pop() {
            if left {
                order.push(i);
                continue;
            }
            if !done.insert(i) {
                continue;
            }
            stack.push((i, true));
            let used = lemmas[i].proof.steps.iter().filter_map(|s| match s.rule {
                Rule::Premise(p) => p.index().checked_sub(first),
                Rule::Hyp(_) => None,
            });
            stack.extend(used.filter(|u| !done.contains(u)).map(|u| (u, false)));
        }
    }
    order
}

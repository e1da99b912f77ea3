//! The utility of a digram's best fragment.
//!
//! A digram is grown by its most frequent extension; of all prefixes the best is kept. A fragment's utility counts
//! disjoint occurrences and pays for the statement of the lemma, unless a theorem or a lemma says it already.

use crate::compression::axioms::Axioms;
use crate::compression::corpus::{Corpus, Digram, Extension, Occurrences, Scratch};
use crate::compression::fragment::Fragment;
use crate::compression::lemmas::follow::{Seen, Sight};
use crate::compression::lemmas::instance::{most_general, same_statement, Bounds, Instance, Places, Refusal};
use crate::compression::lemmas::learn::Options;
use crate::compression::lemmas::price::Scorer;
use crate::dsl::theory::library::{PremiseId, Rule, Theory};
use crate::metamath_db::terms::term::Arena;
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use std::sync::Arc;

/// The replacement of a fragment's occurrences.
#[derive(Clone, Debug)]
pub enum Target {
    /// An assertion of the database or a lemma that says the same; the holes that prove its hypotheses.
    Known {
        /// Its number.
        premise: u32,
        /// For each of its hypotheses the hole (from left to right) whose child proves it.
        order: Vec<u32>,
    },
    /// A new lemma.
    New,
}

/// A fragment with its occurrences and its utility.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The key of the choice ([`rank`]).
    pub rank: i64,
    /// In units of [`crate::compression::lemmas::price::UNIT`].
    pub utility: i64,
    /// The fragment.
    pub fragment: Fragment,
    /// Where it occurs, disjoint.
    pub at: Occurrences,
    /// Its replacement.
    pub target: Target,
}

/// Below all that is chosen.
const NOTHING: i64 = i64::MIN;

/// The key that candidates are chosen by: what saves more than it costs by its utility; behind that what saves at least `margin` percent of
/// its cost, by what it saves beyond these; the rest is nothing.
fn rank(utility: i64, cost: i64, margin: i64) -> i64 {
    if utility > 0 {
        return utility;
    }
    let beyond = utility + cost * (100 - margin) / 100;
    if beyond > 0 {
        beyond - (1 << 50)
    } else {
        NOTHING
    }
}

/// A premise that was compared with a fragment, with the holes' order if they say the same.
type Compared = (u32, Option<Arc<[u32]>>);

/// Facts about a fragment's statement.
#[derive(Clone)]
struct Judged {
    key: Arc<[u32]>,
    /// The saving at one site, without the cost of the new label.
    site: i64,
    lemma: i64,
    same: SmallVec<[Compared; 1]>,
}

/// The state that evaluations read. It changes between evaluations only.
pub struct State {
    /// The proofs.
    pub corpus: Corpus,
    /// Places and variables of lemmas.
    pub places: Places,
    /// The price.
    pub scorer: Scorer,
    /// Number of assertions of the database.
    pub assertions: usize,
    /// Statements of assertions that may be swapped in, and of lemmas.
    pub table: FxHashMap<Arc<[u32]>, SmallVec<[u32; 1]>>,
    /// Axioms that each premise rests on.
    pub axioms: Axioms,
    /// First premise number of the lemmas that this run makes.
    pub first_new: usize,
    /// Corpus item of each new lemma's body.
    pub bodies: Vec<usize>,
    /// First item that is a lemma's body.
    pub first_body: usize,
}

/// Memory of one evaluating thread.
#[derive(Default)]
pub struct Worker {
    /// Terms, grown from the theory's.
    pub arena: Arena,
    /// Counting memory.
    pub scratch: Scratch,
    judged: FxHashMap<Box<[u32]>, Result<Judged, Refusal>>,
    /// Number of fragments whose utility was computed.
    pub evaluations: u64,
    /// The fragments that state the followed statement.
    pub seen: Seen,
}

impl Worker {
    /// A worker over an arena that has grown from the theory's.
    pub fn new(arena: Arena) -> Worker {
        Worker { arena, ..Worker::default() }
    }
    /// Takes over what another worker knows.
    pub fn absorb(&mut self, other: Worker) {
        self.judged.extend(other.judged);
        self.evaluations += other.evaluations;
        self.seen.absorb(other.seen);
    }
    /// From now on a fragment is refused.
    pub fn refuse(&mut self, f: &Fragment, why: Refusal) {
        self.judged.insert(f.key(), Err(why));
    }
    /// How many distinct fragments were refused, by reason.
    pub fn refusals(&self) -> Vec<(Refusal, usize)> {
        let mut n: FxHashMap<Refusal, usize> = FxHashMap::default();
        for r in self.judged.values().filter_map(|j| j.as_ref().err()) {
            *n.entry(*r).or_insert(0) += 1;
        }
        let mut all: Vec<_> = n.into_iter().collect();
        all.sort_unstable();
        all
    }
}

impl State {
    /// Whether a premise may replace the fragment rooted at a node: it stands before, and the result is acyclic.
    pub fn may_use(&self, node: u32, premise: u32) -> bool {
        if !self.corpus.may_use(node, premise, self.assertions) {
            return false;
        }
        let item = self.corpus.item_of(node);
        if item < self.first_body || (premise as usize) < self.first_new {
            return true;
        }
        !self.reaches(premise, item)
    }
    /// Whether a new lemma rests on the lemma whose body is this item.
    fn reaches(&self, premise: u32, item: usize) -> bool {
        let mut seen = FxHashSet::default();
        let mut stack = vec![premise];
        while let Some(p) = stack.pop() {
            if (p as usize) < self.first_new || !seen.insert(p) {
                continue;
            }
            let body = self.bodies[p as usize - self.first_new];
            if body == item {
                return true;
            }
            let (proof, _) = self.corpus.proof(body);
            stack.extend(proof.steps.iter().filter_map(|s| match s.rule {
                Rule::Premise(p) => Some(p.0),
                Rule::Hyp(_) => None,
            }));
        }
        false
    }
    /// The best fragment that grows from a digram, if one is worth anything.
    pub fn evaluate(&self, theory: &Theory, options: &Options, w: &mut Worker, d: Digram) -> Option<Candidate> {
        let (mut f, mut at) = self.corpus.seed(d)?;
        let mut best: Option<Candidate> = None;
        // size of the first prefix of the present run of prefixes that occur equally often
        let mut run = f.len();
        loop {
            let next = self.extension(options, w, &f, &at, best.as_ref().map_or(0, |b| b.utility.max(0)));
            // where every occurrence grows, the longer fragment is the better one
            let dominated = f.len() > options.reuse_size && next.is_some_and(|x| x.count as usize == at.len());
            if !dominated && !self.consider(theory, options, w, &f, &at, &mut best) {
                self.consider_shorter(theory, options, w, (&f, &at), run, &mut best);
            }
            let Some(x) = next else { break };
            if (x.count as usize) < at.len() {
                run = f.len() + 1;
            }
            self.corpus.extend(&mut f, &mut at, x);
        }
        best
    }
    /// The next growth step, if growing can still beat a utility.
    fn extension(
        &self,
        o: &Options,
        w: &mut Worker,
        f: &Fragment,
        at: &Occurrences,
        utility: i64,
    ) -> Option<Extension> {
        if f.len() >= o.max_size || at.len() < o.min_occurrences.max(2) || f.hole_count() > 2 * o.max_hyps {
            return None;
        }
        let x = self.corpus.best_extension(f, at, &mut w.scratch)?;
        let reach = i64::from(x.count) * (o.max_size as i64) * self.scorer.step(x.label).max(1);
        (x.count as usize >= o.min_occurrences.max(2) && reach > utility).then_some(x)
    }
    /// After a refusal: shorter prefixes of the same run, by halving.
    fn consider_shorter(
        &self,
        theory: &Theory,
        options: &Options,
        w: &mut Worker,
        (f, at): (&Fragment, &Occurrences),
        run: usize,
        best: &mut Option<Candidate>,
    ) {
        let mut len = f.len();
        while len > run {
            len = (run + len) / 2;
            if self.consider(theory, options, w, &f.prefix(len), &at.prefix(len), best) {
                break;
            }
        }
    }
    /// Keeps a fragment if it is better than the best so far. `false` if it has no statement that could be a lemma.
    fn consider(
        &self,
        theory: &Theory,
        options: &Options,
        w: &mut Worker,
        f: &Fragment,
        at: &Occurrences,
        best: &mut Option<Candidate>,
    ) -> bool {
        let gross = self.scorer.gross(f);
        let small = f.len() <= options.reuse_size;
        let most = at.len() as i64 * (gross - self.scorer.least_step());
        if most <= best.as_ref().map_or(0, |b| b.utility) {
            return true;
        }
        let (guess, cost) = self.scorer.guess(f, gross, at.len());
        if !small && rank(guess, cost, options.margin) <= best.as_ref().map_or(NOTHING, |b| b.rank) {
            return true;
        }
        if f.hole_count() > options.max_hyps + 4 {
            return false;
        }
        w.evaluations += 1;
        let mut disjoint;
        let at = if f.may_overlap() {
            disjoint = at.clone();
            self.corpus.keep_disjoint(f, &mut disjoint, &mut w.scratch);
            &disjoint
        } else {
            at
        };
        let Ok(judged) = self.judge(theory, options, w, f) else { return false };
        if options.follow.as_ref() == Some(&judged.key) {
            let labels = self.scorer.new_labels(self.corpus.items_touched(at));
            let saves = at.len() as i64 * judged.site - labels;
            w.seen.note(Sight { fragment: f.clone(), occurrences: at.len(), saves, costs: judged.lemma });
        }
        if let Some(known) = self.table.get(&judged.key) {
            for &p in known {
                let Some(order) = self.same(theory, options, w, f, p) else { continue };
                let mut sites = at.clone();
                sites.retain(|row| self.may_use(row[0], p));
                let gain = sites.len() as i64 * (judged.site - self.scorer.label(p));
                if gain > best.as_ref().map_or(0, |b| b.rank.max(0)) {
                    let target = Target::Known { premise: p, order: order.to_vec() };
                    *best = Some(Candidate { rank: gain, utility: gain, fragment: f.clone(), at: sites, target });
                }
            }
        }
        if at.len() < options.min_occurrences {
            return true;
        }
        let gain = self.gain_of_new(f, at, &judged);
        let rank = rank(gain, judged.lemma, options.margin);
        if rank > best.as_ref().map_or(NOTHING, |b| b.rank) {
            *best = Some(Candidate { rank, utility: gain, fragment: f.clone(), at: at.clone(), target: Target::New });
        }
        true
    }
    fn gain_of_new(&self, f: &Fragment, at: &Occurrences, judged: &Judged) -> i64 {
        let items = self.corpus.items_touched(at);
        let saved = match self.scorer.nats_gain(f, at.len()) {
            Some(nats) => nats,
            None => at.len() as i64 * judged.site - self.scorer.new_labels(items),
        };
        saved - judged.lemma
    }
    /// The saving of a new lemma for a fragment at these places, in units of [`crate::compression::lemmas::price::UNIT`]; `None` if it can be
    /// no lemma.
    pub fn utility_of_new(
        &self,
        theory: &Theory,
        options: &Options,
        w: &mut Worker,
        f: &Fragment,
        at: &Occurrences,
    ) -> Option<i64> {
        w.evaluations += 1;
        let judged = self.judge(theory, options, w, f).ok()?;
        Some(self.gain_of_new(f, at, &judged))
    }
    fn judge(&self, theory: &Theory, o: &Options, w: &mut Worker, f: &Fragment) -> Result<Judged, Refusal> {
        let key = f.key();
        if let Some(known) = w.judged.get(&key) {
            return known.clone();
        }
        let mark = w.arena.len();
        let judged = self.instance(theory, o, &mut w.arena, f).map(|i| Judged {
            key: i.key(&w.arena),
            site: self.scorer.site(theory, f, i.variables.len(), i.syntax),
            lemma: self.scorer.lemma(theory, &w.arena, f, &i),
            same: SmallVec::new(),
        });
        w.arena.truncate(mark);
        w.judged.insert(key, judged.clone());
        judged
    }
    /// The most general instance of a fragment under the options' bounds.
    ///
    /// # Errors
    /// A [`Refusal`].
    pub fn instance(&self, theory: &Theory, o: &Options, arena: &mut Arena, f: &Fragment) -> Result<Instance, Refusal> {
        most_general(
            theory,
            arena,
            &self.places,
            f,
            Bounds { hyps: o.max_hyps, formula: o.max_formula, bare: o.bare_conclusions },
        )
    }
    /// The holes whose children prove the hypotheses of a premise, if it says what a fragment says and rests on no more.
    pub fn holes_of(
        &self,
        theory: &Theory,
        options: &Options,
        w: &mut Worker,
        f: &Fragment,
        premise: u32,
    ) -> Option<Arc<[u32]>> {
        self.judge(theory, options, w, f).ok()?;
        self.same(theory, options, w, f, premise)
    }
    fn same(&self, theory: &Theory, o: &Options, w: &mut Worker, f: &Fragment, p: u32) -> Option<Arc<[u32]>> {
        let key = f.key();
        if let Some(Ok(j)) = w.judged.get(&key) {
            if let Some(known) = j.same.iter().find(|s| s.0 == p) {
                return known.1.clone();
            }
        }
        let mark = w.arena.len();
        let order = self.axioms.covered(p, &f.labels).then(|| self.instance(theory, o, &mut w.arena, f).ok()).flatten();
        let order: Option<Arc<[u32]>> = order.and_then(|i| {
            let slots = same_statement(&w.arena, theory.premise(PremiseId(p))?, &i)?;
            let hole = |slot: &u32| i.slots.iter().position(|s| s == slot).map(|k| k as u32);
            slots.iter().map(hole).collect()
        });
        w.arena.truncate(mark);
        if let Some(Ok(j)) = w.judged.get_mut(&key) {
            j.same.push((p, order.clone()));
        }
        order
    }
}

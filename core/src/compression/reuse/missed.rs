//! Missed uses: proofs made shorter with what stands before them, without new lemmas.
//!
//! A proof is taken as a set of formulas, each with one derivation, so that what is proved twice is shared at once.
//! For each formula a discrimination tree gives all earlier premises whose conclusion fits it; the hypotheses are
//! looked up among the proof's other formulas, the most selective first ([`super::matching`]). A derivation
//! that makes the compressed proof shorter, by its real size ([`super::size`]), replaces the old one; the best comes
//! first, until nothing is gained. metamath-exe's `MINIMIZE_WITH` tries the same replacements, one premise after the
//! other, and matches hypotheses within the replaced subproof only.
//!
//! Kept: `$d` conditions of the theorem's place as they are, discouraged theorems unused, mathboxes apart, and no axiom
//! (`ax-…`, definitions aside) that the proof did not rest on. Price: linear in the steps, for each premise that fits.

use super::matching::{Match, Matcher, Wanted};
use super::patterns::{Entry, Patterns};
use super::size::{Frame, Size, Sizer};
use crate::compression::axioms::Axioms;
use crate::compression::full::{human_formulas, with_formulas};
use crate::dsl::theory::library::{Elaborated, PremiseId, Proof, Rule, Step, Task, Theory};
use crate::metamath_db::ids::{AssertionId, SymbolId, TermId};
use crate::metamath_db::terms::index::Query;
use crate::metamath_db::terms::term::Arena;
use crate::threads;
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use std::borrow::Cow;
use std::sync::Arc;

/// The premises that may be used, and the effort of the search.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether a proof may come to rest on more axioms than before.
    pub new_axioms: bool,
    /// Whether only equal formulas are shared.
    pub share_only: bool,
    /// Whether only lemmas are put in, no assertions of the database.
    pub lemmas_only: bool,
    /// Formulas tried for one premise at one formula before it is given up.
    pub effort: u32,
    /// Steps that are laid out to measure proofs, in all, before a proof is left as it is by then.
    pub measured: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options { new_axioms: false, share_only: false, lemmas_only: false, effort: 64, measured: usize::MAX }
    }
}

/// Where a proof stands: what it may use and how long its letters are.
#[derive(Clone, Debug)]
pub struct Place {
    /// Only assertions before this one are premises.
    pub limit: AssertionId,
    /// Only lemmas of earlier outermost blocks are premises.
    pub block: u32,
    /// Only premises before this one: for a lemma's own proof its premise number, so that lemmas of one place do not
    /// come to use each other in a circle; else the number of premises.
    pub before: PremiseId,
    /// Pairs of variables that are kept apart there, smaller first, sorted.
    pub disjoint: Vec<(SymbolId, SymbolId)>,
    /// Mandatory hypotheses.
    pub frame: Frame,
    /// Formulas of the essential hypotheses, those included that the proof does not use.
    pub hyps: Vec<TermId>,
}

impl Place {
    /// The place of a theorem of the database, `$d` conditions of dummy variables included.
    pub fn theorem(theory: &Theory, a: AssertionId, arena: &mut Arena) -> Place {
        let source = &theory.db.source;
        let mut disjoint = Vec::new();
        for group in source.active_disjoint(a) {
            for (i, &x) in group.iter().enumerate() {
                disjoint.extend(group[i + 1..].iter().map(|&y| (x.min(y), x.max(y))));
            }
        }
        disjoint.sort_unstable();
        disjoint.dedup();
        let block = source.assertions[a.index()].outer_block;
        let before = PremiseId(theory.len() as u32);
        let hyps = theory.task(a, arena).map_or_else(Vec::new, |task| task.hyps);
        Place { limit: a, block, before, disjoint, frame: Frame::theorem(theory, a), hyps }
    }
}

/// A proof that became shorter.
#[derive(Clone, Debug)]
pub struct Shorter {
    /// The new proof; the last step is the root.
    pub proof: Proof,
    /// Its steps with formulas and substitutions.
    pub steps: Vec<Elaborated>,
    /// Size before.
    pub before: Size,
    /// Size after.
    pub after: Size,
    /// Steps freed because their formulas were proved elsewhere in the proof.
    pub shared: usize,
    /// Premises put in, in the order in which that happened; none where syntax proofs alone became shorter.
    pub used: Vec<PremiseId>,
    /// Bytes that each of these saved when it was put in.
    pub gains: Vec<usize>,
}

impl Shorter {
    /// The formulas of the steps.
    pub fn formulas(&self) -> Vec<TermId> {
        self.steps.iter().map(|s| s.formula).collect()
    }
}

/// Finds missed uses in the proofs of a theory. Immutable, shared by threads.
pub struct Missed<'t> {
    theory: &'t Theory,
    known: Cow<'t, Premises>,
}

/// Tables about a theory's premises, for one state of its library.
#[derive(Clone)]
pub struct Premises {
    options: Options,
    patterns: Patterns,
    background: Background,
}

/// Tables about all assertions and lemmas of a theory, also those that may not be used.
#[derive(Clone)]
pub struct Background {
    axioms: Arc<Axioms>,
    /// By assertion: 0 outside mathboxes, else the mathbox's number.
    mathbox: Arc<[u32]>,
}

impl Background {
    /// Of a theory as it is.
    pub fn new(theory: &Theory) -> Background {
        Background { axioms: Arc::new(Axioms::new(theory)), mathbox: theory.db.source.mathboxes().into() }
    }
    /// Whether a proof rests on no axiom, definitions aside, that another one does not rest on.
    pub fn rests_on_no_more(&self, proof: &Proof, other: &Proof) -> bool {
        let other: Vec<u32> = other.premises().map(|p| p.0).collect();
        let all = self.axioms.union(&other);
        proof.premises().all(|p| self.axioms.within(p.0, &all))
    }
}

/// Memory of one thread.
pub struct Worker {
    /// Terms, grown from the theory's; cut back after each proof by [`Missed::all`], else by the caller.
    pub arena: Arena,
    /// The measure of proofs.
    pub sizer: Sizer,
    query: Query,
    matcher: Matcher,
    shapes: Vec<u32>,
}

impl Worker {
    /// A worker over an arena that has grown from the theory's.
    pub fn new(arena: Arena) -> Worker {
        Worker {
            arena,
            sizer: Sizer::default(),
            query: Query::default(),
            matcher: Matcher::default(),
            shapes: Vec::new(),
        }
    }
}

impl Premises {
    /// Indexes the conclusions of all premises that may be put in: axioms, proved theorems and lemmas, none discouraged.
    pub fn new(theory: &Theory, options: Options) -> Premises {
        let source = &theory.db.source;
        let usable = |&p: &u32| {
            theory.is_proved(PremiseId(p))
                && (p as usize >= theory.db.len()
                    || !source.comment_says(AssertionId(p), "(New usage is discouraged.)"))
        };
        let all = theory.len() as u32;
        let first = match options {
            Options { share_only: true, .. } => all,
            Options { lemmas_only: true, .. } => theory.db.len() as u32,
            _ => 0,
        };
        Premises::among(theory, options, Background::new(theory), (first..all).filter(usable).map(PremiseId))
    }
    /// Indexes the conclusions of some premises, which are all that may be put in.
    pub fn among(
        theory: &Theory,
        options: Options,
        background: Background,
        premises: impl Iterator<Item = PremiseId>,
    ) -> Premises {
        Premises { options, patterns: Patterns::new(theory, premises), background }
    }
}

impl<'t> Missed<'t> {
    /// For the premises of a theory as it is.
    pub fn new(theory: &'t Theory, options: Options) -> Missed<'t> {
        Missed { theory, known: Cow::Owned(Premises::new(theory, options)) }
    }
    /// As [`Missed::new`], with premises that are already indexed.
    pub fn with(theory: &'t Theory, known: &'t Premises) -> Missed<'t> {
        Missed { theory, known: Cow::Borrowed(known) }
    }
    /// Whether an assertion stands in somebody's mathbox.
    pub fn in_mathbox(&self, a: AssertionId) -> bool {
        self.known.background.mathbox[a.index()] != 0
    }
    /// The theory.
    pub fn theory(&self) -> &'t Theory {
        self.theory
    }
    /// Labels of the axioms that a theorem rested on and that a new proof of it does not rest on.
    pub fn axioms_dropped(&self, a: AssertionId, proof: &Proof) -> Vec<String> {
        let premises: Vec<u32> = proof.steps.iter().filter_map(|s| premise_of(s.rule)).map(|p| p.0).collect();
        let axioms = &self.known.background.axioms;
        let dropped = axioms.names(self.theory, a.0, &axioms.union(&premises));
        dropped.into_iter().map(|x| self.theory.db.source.label(x).to_owned()).collect()
    }
    /// An assertion of the database, wherever it stands, that proves a task in one step from its hypotheses.
    pub fn one_step(&self, task: &Task, worker: &mut Worker) -> Option<AssertionId> {
        let Worker { arena, query, matcher, shapes, .. } = worker;
        let patterns = &self.known.patterns;
        let hyps: Vec<(u32, TermId)> = task.hyps.iter().zip(0..).map(|(&t, n)| (n, t)).collect();
        matcher.prepare(patterns, arena, task.hyps.iter().copied(), query, shapes);
        matcher.proved_by(&hyps);
        matcher.forbid(hyps.len() as u32, &vec![SmallVec::new(); hyps.len() + 1]);
        shapes.clear();
        patterns.conclusions.query(arena, task.goal, query, shapes);
        let wanted = Wanted { weight: u64::MAX, effort: self.known.options.effort };
        let mut first: Option<PremiseId> = None;
        for &shape in &*shapes {
            let usable = matcher.usable(patterns, arena, shape, |e| e.premise.index() < self.theory.db.len());
            matcher.aim(patterns, arena, shape, task.goal);
            // the entries of one conclusion are in the order of the database
            let found = usable.into_iter().find_map(|k| {
                let entry = matcher.entry(patterns, k);
                let premise = self.theory.premise(entry.premise).filter(|_| first.is_none_or(|p| entry.premise < p))?;
                let mut found = false;
                matcher.solve(patterns, arena, entry, wanted, &mut |m: Match<'_>| {
                    found = apart(arena, premise.disjoint, m.values, &task.disjoint);
                    !found
                });
                found.then_some(entry.premise)
            });
            first = found.or(first);
        }
        first.map(|p| AssertionId(p.0))
    }
    /// Whether a theorem's proof may be changed: it has one and is not marked as to be kept.
    pub fn may_change(&self, a: AssertionId) -> bool {
        self.theory.db.is_logical(a)
            && !self.theory.db.proofs.nodes[a.index()].is_empty()
            && !self.theory.db.source.comment_says(a, "(Proof modification is discouraged.)")
    }
    /// A shorter proof of a theorem than the one that the database has; `None` if none was found.
    pub fn theorem(&self, a: AssertionId, worker: &mut Worker) -> Option<Shorter> {
        let proof = self.theory.human_proof(a)?;
        let formulas = human_formulas(self.theory, a, &mut worker.arena)?;
        let place = Place::theorem(self.theory, a, &mut worker.arena);
        let Some(shorter) = self.shorten(&place, &proof, &formulas, worker) else {
            return self.respelled(a, &place, proof, &formulas, worker);
        };
        // the database's own syntax proofs may be shorter than those that we would write for the same steps
        let own = worker.sizer.own(self.theory, a, &place.frame).unwrap_or(shorter.before);
        let before = if shorter.before.beats(&own) { shorter.before } else { own };
        shorter.after.beats(&before).then_some(Shorter { before, ..shorter })
    }
    /// The proof that a theorem has, its syntax proofs made shorter by syntax theorems.
    fn respelled(
        &self,
        a: AssertionId,
        place: &Place,
        proof: Proof,
        formulas: &[TermId],
        worker: &mut Worker,
    ) -> Option<Shorter> {
        let Options { share_only, lemmas_only, .. } = self.known.options;
        if share_only || lemmas_only || self.theory.db.syntax_theorems.is_empty() {
            return None;
        }
        let steps = with_formulas(self.theory, &proof, formulas, &worker.arena).ok()?;
        let state = State { root: steps.len().checked_sub(1)? as u32, steps };
        let after = self.measure(&state, None, place, &worker.arena, &mut worker.sizer)?;
        if !worker.sizer.spelled {
            return None;
        }
        let before = worker.sizer.own(self.theory, a, &place.frame)?;
        let (shared, used, gains) = (0, Vec::new(), Vec::new());
        after.beats(&before).then(|| Shorter { proof, steps: state.steps, before, after, shared, used, gains })
    }
    /// A shorter proof than the given one, whose steps prove these formulas; `None` if none was found. What it makes in
    /// the worker's arena is left there.
    pub fn shorten(&self, place: &Place, proof: &Proof, formulas: &[TermId], worker: &mut Worker) -> Option<Shorter> {
        let steps = with_formulas(self.theory, proof, formulas, &worker.arena).ok()?;
        let mut state = State { root: steps.len().checked_sub(1)? as u32, steps };
        // before and now; where nothing is found, nothing is measured
        let mut sizes: Option<(Size, Size)> = None;
        if let Some(shared) = state.shared() {
            let before = self.measure(&state, None, place, &worker.arena, &mut worker.sizer)?;
            let after = self.measure(&shared, None, place, &worker.arena, &mut worker.sizer)?;
            // two derivations of one formula can be shorter than one that is referred to
            let pays = after.bytes() <= before.bytes();
            if pays {
                state = shared;
            }
            sizes = Some((before, if pays { after } else { before }));
        }
        let shared = sizes.map_or(0, |(before, current)| before.steps.saturating_sub(current.steps));
        state.add_hyps(&place.hyps);
        let own: Vec<u32> = proof.steps.iter().filter_map(|s| premise_of(s.rule)).map(|p| p.0).collect();
        let resting = self.known.background.axioms.union(&own);
        let (mut used, mut gains) = (Vec::new(), Vec::new());
        let mut fuel = self.known.options.measured;
        let mut look_at = vec![true; state.steps.len()];
        let Worker { arena, query, matcher, shapes, .. } = &mut *worker;
        let there = state.there(&state.order());
        matcher.prepare(&self.known.patterns, arena, there.iter().map(|x| x.1), query, shapes);
        while look_at.contains(&true) && fuel > 0 {
            let promising = self.promising(&state, &look_at, place, &resting, worker);
            look_at.fill(false);
            if promising.is_empty() {
                continue;
            }
            let Worker { arena, sizer, .. } = &mut *worker;
            let (before, mut current) = match sizes {
                Some(sizes) => sizes,
                None => self.measure(&state, None, place, arena, sizer).map(|size| (size, size))?,
            };
            for a in self.alternatives(&state, promising, (place, current), arena, sizer, &mut fuel) {
                fuel = fuel.saturating_sub(state.steps.len());
                if let Some(size) = self.better(&state, &a, place, current, arena, sizer) {
                    gains.push(current.bytes() - size.bytes());
                    current = size;
                    used.extend(premise_of(a.step.rule));
                    state.around(&a, &mut look_at);
                    state.steps[a.node as usize] = a.step;
                }
            }
            sizes = Some((before, current));
        }
        let (before, after) = sizes.filter(|(before, after)| after.beats(before))?;
        let steps = state.topological();
        let step = |s: &Elaborated| Step { rule: s.rule, children: s.children.clone() };
        let proof = Proof { steps: steps.iter().map(step).collect() };
        Some(Shorter { proof, steps, before, after, shared, used, gains })
    }
    /// The size of the proof with another derivation in; `None` if that would go in a circle.
    fn measure(
        &self,
        state: &State,
        a: Option<&Alternative>,
        place: &Place,
        arena: &Arena,
        sizer: &mut Sizer,
    ) -> Option<Size> {
        let step = |n: u32| match a {
            Some(a) if a.node == n => &a.step,
            _ => &state.steps[n as usize],
        };
        sizer.measure(self.theory, arena, (state.root, state.steps.len()), step, &place.frame)
    }
    /// Those derivations that would make the proof shorter by themselves, the best first.
    fn alternatives(
        &self,
        state: &State,
        mut promising: Vec<Alternative>,
        (place, current): (&Place, Size),
        arena: &Arena,
        sizer: &mut Sizer,
        fuel: &mut usize,
    ) -> Vec<Alternative> {
        promising.retain_mut(|a| {
            if *fuel == 0 {
                return false;
            }
            *fuel = fuel.saturating_sub(state.steps.len());
            let Some(size) = self.better(state, a, place, current, arena, sizer) else { return false };
            let steps = current.steps as i64 - size.steps as i64;
            a.gain = (current.bytes() as i64 - size.bytes() as i64, steps);
            true
        });
        promising.sort_by(|a, b| b.gain.cmp(&a.gain).then_with(|| (a.node, a.step.rule).cmp(&(b.node, b.step.rule))));
        promising
    }
    /// Other derivations that may make the proof shorter: that free a step, or name less.
    fn promising(
        &self,
        state: &State,
        look_at: &[bool],
        place: &Place,
        resting: &[u64],
        worker: &mut Worker,
    ) -> Vec<Alternative> {
        let mut out: Vec<Alternative> = Vec::new();
        let order = state.order();
        let users = state.users(&order);
        let Worker { arena, query, matcher, shapes, .. } = worker;
        matcher.proved_by(&state.there(&order));
        let used: FxHashSet<PremiseId> =
            order.iter().filter_map(|&n| premise_of(state.steps[n as usize].rule)).collect();
        let patterns = &self.known.patterns;
        let may_use = |e: &Entry| {
            self.may_use(e.premise, place)
                && (self.known.options.new_axioms || self.known.background.axioms.within(e.premise.0, resting))
        };
        let weight = |values: &[TermId]| values.iter().map(|&v| u64::from(arena.size(v))).sum::<u64>();
        for &n in order.iter().filter(|&&n| look_at[n as usize]) {
            let step = &state.steps[n as usize];
            let Rule::Premise(old) = step.rule else { continue };
            matcher.forbid(n, &users);
            let (may_free, heavy) = (state.frees(n, &[], &users), weight(&step.values));
            shapes.clear();
            patterns.conclusions.query(arena, step.formula, query, shapes);
            for &shape in &*shapes {
                let usable = matcher.usable(patterns, arena, shape, may_use);
                if usable.is_empty() {
                    continue;
                }
                matcher.aim(patterns, arena, shape, step.formula);
                for k in usable {
                    let entry = matcher.entry(patterns, k);
                    let p = entry.premise;
                    let at_hand = || usize::from(entry.variables) <= step.values.len() && used.contains(&p);
                    // what frees no step and brings a label in must at least have lighter values
                    let most = if may_free || at_hand() { u64::MAX } else { heavy };
                    let wanted = Wanted { weight: most, effort: self.known.options.effort };
                    let mut solutions = 0;
                    matcher.solve(patterns, arena, entry, wanted, &mut |m: Match<'_>| {
                        solutions += 1;
                        let kept = p == old && m.children == step.children.as_slice();
                        let promising =
                            !kept && (state.frees(n, m.children, &users) || weight(m.values) < heavy || at_hand());
                        let apart = |p| apart(arena, p, m.values, &place.disjoint);
                        if promising && self.theory.premise(p).is_some_and(|p| apart(p.disjoint)) {
                            let step = Elaborated {
                                rule: Rule::Premise(p),
                                children: m.children.into(),
                                values: m.values.to_vec(),
                                formula: step.formula,
                            };
                            out.push(Alternative { gain: (0, 0), node: n, step });
                        }
                        solutions < MAX_SOLUTIONS
                    });
                }
            }
        }
        out
    }
    /// The proof's size with a derivation, if that is better than now.
    fn better(
        &self,
        state: &State,
        a: &Alternative,
        place: &Place,
        current: Size,
        arena: &Arena,
        sizer: &mut Sizer,
    ) -> Option<Size> {
        self.measure(state, Some(a), place, arena, sizer).filter(|size| size.beats(&current))
    }
    fn may_use(&self, p: PremiseId, place: &Place) -> bool {
        if p.index() >= self.theory.db.len() {
            return p < place.before && self.theory.block(p) < place.block;
        }
        let mathbox = &self.known.background.mathbox;
        let home = mathbox.get(place.limit.index()).copied().unwrap_or(0);
        let theirs = mathbox[p.index()];
        p.0 < place.limit.0 && (theirs == 0 || theirs == home)
    }
    /// `work` on each item, on some threads; results in the items' order. What an item makes in the arena is forgotten.
    pub fn all<I: Sync, T: Send>(
        &self,
        items: &[I],
        threads: usize,
        work: impl Fn(&I, &mut Worker) -> T + Sync,
    ) -> Vec<T> {
        let base = self.theory.arena.len();
        let one = |worker: &mut Worker, i: usize| {
            let out = work(&items[i], worker);
            worker.arena.truncate(base);
            out
        };
        threads::each(items.len(), threads, || Worker::new(self.theory.arena.clone()), one)
    }
}

/// Most ways of matching one premise's hypotheses that are tried at one formula.
const MAX_SOLUTIONS: usize = 16;

struct Alternative {
    /// Bytes and steps saved when it was found.
    gain: (i64, i64),
    node: u32,
    step: Elaborated,
}

fn premise_of(rule: Rule) -> Option<PremiseId> {
    match rule {
        Rule::Premise(p) => Some(p),
        Rule::Hyp(_) => None,
    }
}

/// Nodes below a root, children first, from left to right. Of a circle the edge that closes it is left out.
fn postorder<'a>(root: u32, n: usize, children: impl Fn(u32) -> &'a SmallVec<[u32; 4]>) -> Vec<u32> {
    let mut seen = vec![false; n];
    let mut out = Vec::new();
    let mut stack = vec![(root, false)];
    while let Some((n, done)) = stack.pop() {
        if done {
            out.push(n);
        } else if !std::mem::replace(&mut seen[n as usize], true) {
            stack.push((n, true));
            stack.extend(children(n).iter().rev().map(|&c| (c, false)));
        }
    }
    out
}

/// A proof as formulas with one derivation each.
struct State {
    steps: Vec<Elaborated>,
    root: u32,
}

impl State {
    /// Of steps that prove one formula all users get the first; `None` if there are none.
    fn shared(&self) -> Option<State> {
        let mut first: FxHashMap<TermId, u32> = FxHashMap::default();
        let same: Vec<u32> = self.steps.iter().zip(0..).map(|(s, i)| *first.entry(s.formula).or_insert(i)).collect();
        if first.len() == self.steps.len() {
            return None;
        }
        let mut steps = self.steps.clone();
        steps.iter_mut().flat_map(|s| &mut s.children).for_each(|c| *c = same[*c as usize]);
        Some(State { steps, root: same[self.root as usize] })
    }
    /// Adds the theorem's hypotheses, which stand there to be used.
    fn add_hyps(&mut self, hyps: &[TermId]) {
        for (&formula, k) in hyps.iter().zip(0..) {
            let rule = Rule::Hyp(k);
            self.steps.push(Elaborated { rule, children: SmallVec::new(), values: Vec::new(), formula });
        }
    }
    /// Nodes that may prove something, with their formulas: those that the root needs, and hypotheses.
    fn there(&self, order: &[u32]) -> Vec<(u32, TermId)> {
        let hyp = |n: &u32| matches!(self.steps[*n as usize].rule, Rule::Hyp(_));
        let hyps = (0..self.steps.len() as u32).filter(hyp);
        let mut all: Vec<u32> = order.iter().copied().chain(hyps).collect();
        let mut seen = FxHashSet::default();
        all.retain(|&n| seen.insert(self.steps[n as usize].formula));
        all.into_iter().map(|n| (n, self.steps[n as usize].formula)).collect()
    }
    fn order(&self) -> Vec<u32> {
        postorder(self.root, self.steps.len(), |n| &self.steps[n as usize].children)
    }
    /// Live steps by the steps that they prove something for.
    fn users(&self, order: &[u32]) -> Vec<SmallVec<[u32; 4]>> {
        let mut out = vec![SmallVec::new(); self.steps.len()];
        for &n in order {
            for &c in &self.steps[n as usize].children {
                out[c as usize].push(n);
            }
        }
        out
    }
    /// The steps that the root needs, children first, renumbered.
    fn topological(&self) -> Vec<Elaborated> {
        let mut number = vec![u32::MAX; self.steps.len()];
        let mut out: Vec<Elaborated> = Vec::new();
        for n in self.order() {
            let mut s = self.steps[n as usize].clone();
            s.children.iter_mut().for_each(|c| *c = number[*c as usize]);
            number[n as usize] = out.len() as u32;
            out.push(s);
        }
        out
    }
    /// Marks the nodes for which a new derivation of one may open a better one: itself, what it used, what it uses now,
    /// and the users of all these.
    fn around(&self, a: &Alternative, mark: &mut [bool]) {
        let mut near: FxHashSet<u32> = self.steps[a.node as usize].children.iter().copied().collect();
        near.extend(a.step.children.iter().copied());
        near.insert(a.node);
        near.iter().for_each(|&n| mark[n as usize] = true);
        for n in self.order() {
            if self.steps[n as usize].children.iter().any(|c| near.contains(c)) {
                mark[n as usize] = true;
            }
        }
    }
    /// Whether other children of a node would leave a step without users that applies a premise. `users` may be out of
    /// date, which makes the answer a guess.
    fn frees(&self, node: u32, children: &[u32], users: &[SmallVec<[u32; 4]>]) -> bool {
        self.steps[node as usize].children.iter().any(|c| {
            !children.contains(c)
                && users[*c as usize].iter().all(|&u| u == node)
                && premise_of(self.steps[*c as usize].rule).is_some()
        })
    }
}

/// Whether the `$d` conditions of a premise hold where these pairs of variables are kept apart.
fn apart(arena: &Arena, conditions: &[(u16, u16)], values: &[TermId], allowed: &[(SymbolId, SymbolId)]) -> bool {
    conditions.iter().all(|&(x, y)| {
        let (left, right) = (arena.variables(values[x as usize]), arena.variables(values[y as usize]));
        left.iter().all(|&u| right.iter().all(|&v| u != v && allowed.binary_search(&(u.min(v), u.max(v))).is_ok()))
    })
}

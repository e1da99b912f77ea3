//! Backward search over clusters of goals.
//!
//! An OR node is a *cluster*: goals that share metavariables, with their open `$d` conditions, canonically renamed and
//! hash-consed, so that a ground goal is proved once. An AND edge applies a premise to the selected goal of a cluster;
//! what remains open is split into clusters. The search descends along the cheapest known solution graph (AO*; Nilsson
//! 1980, §3.2), hardest child first, and applies premises lazily in the ranker's order.
//!
//! Costs are −log p with sharpened logits ([`Options::sharpness`]), as integers in 1/4096 nat, so their order is exact.
//! One *expansion* is one descent: it ranks the premises of one goal, or applies the next [`APPLIED`] of them. Only
//! clusters on the current path are re-estimated, so other estimates may be stale until the search visits them. Level-2
//! composites put whole pieces of proofs into the same graph ([`crate::wake_sleep::search::replay`]).

use super::closers::{closers, Closer};
use crate::compression::reuse::missed::Background;
use crate::dsl::theory::library::{canonical_key, ElaborateError, PremiseId, Proof, Rule, Task, Theory};
use crate::metamath_db::ids::{AssertionId, TermId};
use crate::metamath_db::terms::index::{Index, Query};
use crate::metamath_db::terms::term::{Arena, Head};
use crate::metamath_db::terms::unify::{Bindings, Shifted};
use crate::progress::Count;
use crate::wake_sleep::ranking::examples::{rename, select, Habits};
use crate::wake_sleep::ranking::features::{Context, Featurizer, HypFeatures};
use crate::wake_sleep::ranking::memory::Sight;
use crate::wake_sleep::ranking::ranker::{premise_index, Ranker};
use crate::wake_sleep::ranking::scorer::Scorer;
use crate::wake_sleep::ranking::skeletons::Skeletons;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::sync::{Arc, Mutex, OnceLock};

mod abduce;
mod closing;
mod extract;
mod frontier;
mod memory;
mod minimise;
mod options;
mod replay;
mod retrieve;
mod rules;
mod together;
mod value;

pub use abduce::Abduced;
use closing::naming;
pub use extract::Reuse;
pub use frontier::Frontier;
use memory::pushed;
pub use minimise::Minimised;
pub use options::{Options, ProposerUse, SearchResult, StopReason};
use rules::Rules;

/// The number of premises that one expansion applies.
pub const APPLIED: usize = 3;

/// The largest number of premises of a goal that are tried; the cheapest are kept.
const MOST_RANKED: usize = 500;
/// The greatest length of the path of a descent.
const DEEPEST: usize = 80;
/// The largest number of goals that one application may leave, including those that are closed at once.
const MOST_OPEN: usize = 100;
/// The largest number of goals that may share metavariables.
const MOST_TIED: usize = 24;
/// The largest number of metavariables that goals may share.
const MOST_METAS: usize = 40;

pub(super) const INFINITE: i32 = i32::MAX / 4;
/// The number of units of cost in a nat.
pub const NAT: i32 = 4096;

/// The state that all searches over one theory share.
pub struct Prepared {
    /// The theory, whose assertions and lemmas are the premises.
    pub theory: Arc<Theory>,
    /// The first stage, which ranks premises.
    pub ranker: Arc<Ranker>,
    /// The use counts of premises in training proofs.
    pub habits: Arc<Habits>,
    /// The training proofs as skeletons, if skeletons are to be replayed.
    pub skeletons: Option<Arc<Skeletons>>,
    /// The featurizer of goals.
    pub featurizer: Featurizer,
    /// The usable premises, indexed by conclusion.
    pub index: Index,
    /// For each premise, whether the rules allow it.
    pub usable: Vec<bool>,
    /// The premises without hypotheses, indexed by conclusion.
    facts: Index,
    /// For each premise, a bit mask of the hypotheses that name something: `x = thing` with a variable `x`.
    names: Vec<u64>,
    /// The premises that state reflexivity, each with its relation.
    reflexive: Vec<(Head, u32)>,
    closers: Vec<Box<dyn Closer>>,
    equal: FxHashMap<Vec<u32>, Vec<u32>>,
    arenas: Mutex<Vec<Arena>>,
    neighbours: OnceLock<retrieve::Neighbours>,
    background: OnceLock<Background>,
}

impl Prepared {
    /// Builds the indexes. `usable[p]` says whether the rules allow premise p.
    pub fn new(theory: Arc<Theory>, ranker: Arc<Ranker>, habits: Arc<Habits>, usable: &[bool]) -> Prepared {
        let index = premise_index(&theory, &|p| usable[p.index()]);
        let closed = |p: PremiseId| usable[p.index()] && theory.premise(p).is_some_and(|x| x.hyps.is_empty());
        let facts = premise_index(&theory, &closed);
        let closers = closers(&theory);
        let mut equal: FxHashMap<Vec<u32>, Vec<u32>> = FxHashMap::default();
        for p in 0..theory.len() as u32 {
            if let Some(x) = theory.premise(PremiseId(p)) {
                equal.entry(canonical_key(&theory.arena, x.conclusion, x.hyps)).or_default().push(p);
            }
        }
        let (reflexive, names) = naming(&theory, &closed);
        let featurizer = ranker.featurizer(&theory);
        let usable = usable.to_vec();
        Prepared {
            theory,
            ranker,
            habits,
            skeletons: None,
            featurizer,
            index,
            usable,
            facts,
            names,
            reflexive,
            closers,
            equal,
            arenas: Mutex::new(Vec::new()),
            neighbours: OnceLock::new(),
            background: OnceLock::new(),
        }
    }
    /// Adds skeletons of training proofs.
    pub fn with_skeletons(mut self, skeletons: Option<Arc<Skeletons>>) -> Prepared {
        self.skeletons = skeletons;
        self
    }
    /// The tools that compute the features of goals.
    pub fn sight(&self) -> Sight<'_> {
        Sight { theory: &self.theory, featurizer: &self.featurizer, ranker: &self.ranker }
    }
    /// The scorer of premises for a task whose proof is known, with its analogues: the one of training and measurement.
    pub fn informed_scorer(&self, task: &Task, arena: &mut Arena) -> Scorer {
        Scorer::informed(self.sight(), &self.habits, self.skeletons.as_deref(), task, arena)
    }
    /// A copy of the theory's arena for one worker. Return it with [`Prepared::give_back`].
    pub fn arena(&self) -> Arena {
        let spare = self.arenas.lock().map(|mut a| a.pop()).unwrap_or(None);
        spare.unwrap_or_else(|| self.theory.arena.clone())
    }
    /// Keeps a worker's arena for the next worker.
    pub fn give_back(&self, mut arena: Arena) {
        arena.truncate(self.theory.arena.len());
        if let Ok(mut arenas) = self.arenas.lock() {
            arenas.push(arena);
        }
    }
    /// Searches a proof of one task. `arena` is the caller's copy of the theory's arena; the terms that the search
    /// makes are removed again.
    pub fn search(&self, task: &Task, options: &Options, arena: &mut Arena) -> SearchResult {
        let start = cpu_time::ThreadTime::now();
        let base = arena.len().max(self.theory.arena.len());
        let mut s = Search::new(self, task, options, arena);
        let root = s.cluster(&[(task.goal, Context::default())], 0, Vec::new());
        let mut reason = s.run(root, start);
        let mut proof = None;
        if reason == StopReason::Solved {
            match s.extract_proof(root).ok_or(ElaborateError::TooLarge).and_then(|found| {
                self.theory.elaborate(task, &found.0, s.arena)?;
                Ok(found)
            }) {
                Ok((found, closed)) => proof = Some((found, closed)),
                Err(ElaborateError::TooLarge) => reason = StopReason::Memory,
                Err(_) => reason = StopReason::Misfit,
            }
        }
        let (mut result, rules) = (s.result(root, reason, start), s.rules);
        if let Some((found, closed)) = proof {
            result = self.answered((task, &rules, options), result, (found, closed), arena);
        }
        arena.truncate(base);
        result
    }
}

pub(super) struct Action {
    pub(super) rule: Rule,
    pub(super) cost: i32,
    pub(super) children: SmallVec<[u32; 3]>,
    /// The places of each remaining goal, then of each hypothesis: (child, place in the child), or ([`SHUT`], place in
    /// `shut`).
    pub(super) places: SmallVec<[(u8, u8); 4]>,
    /// The rules that closed goals at once.
    pub(super) shut: SmallVec<[Rule; 2]>,
    /// The training theorem whose skeleton added the step or lowered its cost.
    pub(super) by: Option<AssertionId>,
    /// Whether the search chose the step. Steps that close their goal at once are not chosen.
    pub(super) chosen: bool,
}

/// The mark in [`Action::places`] of a goal that was closed at once.
pub(super) const SHUT: u8 = u8::MAX;

pub(super) struct Cluster {
    pub(super) goals: SmallVec<[TermId; 2]>,
    pub(super) contexts: SmallVec<[Context; 2]>,
    pub(super) metas: u32,
    /// The `$d` pairs (raw heads) that involve a metavariable.
    pub(super) disjoint: Vec<(Head, Head)>,
    pub(super) estimate: i32,
    pub(super) first_estimate: i32,
    pub(super) solved: Option<u32>,
    /// The proof by a decision procedure. If there is one, the cluster has one action without content.
    pub(super) closed: Option<Box<Proof>>,
    pub(super) expanded: bool,
    pub(super) on_path: bool,
    pub(super) selected: u8,
    pub(super) actions: Vec<Action>,
    /// The cheapest candidates of the selected goal.
    pub(super) candidates: Vec<(i32, u32)>,
    /// The number of all candidates.
    pub(super) fitting: u32,
    /// The number of candidates that were applied.
    pub(super) next: u32,
    pub(super) parents: Vec<u32>,
}

/// The places of open goals in a cluster: (number of the open goal, place).
type Inside = SmallVec<[(usize, u8); 4]>;

type Key = (SmallVec<[TermId; 2]>, Vec<(Head, Head)>);

pub(super) struct Search<'b> {
    pub(super) shared: &'b Prepared,
    pub(super) task: &'b Task,
    pub(super) options: &'b Options,
    pub(super) arena: &'b mut Arena,
    pub(super) bindings: Bindings,
    pub(super) query: Query,
    pub(super) clusters: Vec<Cluster>,
    pub(super) table: FxHashMap<Key, u32>,
    pub(super) hyps: HypFeatures,
    pub(super) rules: Rules,
    /// A premise that must not prove the root.
    avoided: Option<PremiseId>,
    pub(super) features: Vec<u32>,
    /// The scorer of premises for this task.
    pub(super) scorer: Scorer,
    /// The training proofs to be replayed, with their similarity.
    pub(super) near: Vec<(f32, u32)>,
    pub(super) expansions: u64,
    pub(super) applications: u64,
    pub(super) replayed: u64,
    /// The training theorem whose skeleton is being replayed.
    pub(super) by: Option<AssertionId>,
    closed: u64,
    /// The number of times that the bounds were checked.
    asked: u64,
    /// The bytes that the clusters hold outside their table: actions, candidates and so on.
    pub(super) held: usize,
    /// The number of terms in the arena before the search.
    base: usize,
}

/// Whether two goals with these metavariables must be in one cluster.
fn tied(a: &[u32], b: &[u32], disjoint: &[(Head, Head)]) -> bool {
    let apart = |&(x, y): &(Head, Head)| match (x.as_meta(), y.as_meta()) {
        (Some(x), Some(y)) => (a.contains(&x) && b.contains(&y)) || (a.contains(&y) && b.contains(&x)),
        _ => false,
    };
    a.iter().any(|m| b.contains(m)) || (!a.is_empty() && !b.is_empty() && disjoint.iter().any(apart))
}

pub(super) enum Choice {
    Act(usize),
    Apply,
    Nothing,
}

struct Open {
    goals: SmallVec<[(TermId, Context); 6]>,
    /// For each goal, the rule that closed it at once.
    shut: SmallVec<[Option<Rule>; 6]>,
    disjoint: Vec<(Head, Head)>,
}

impl<'b> Search<'b> {
    fn new(shared: &'b Prepared, task: &'b Task, options: &'b Options, arena: &'b mut Arena) -> Self {
        let rules = Rules::new(shared, task, options, arena);
        Search::under(shared, task, rules, options, arena)
    }
    /// Creates a search with the given rules.
    fn under(shared: &'b Prepared, task: &'b Task, rules: Rules, options: &'b Options, arena: &'b mut Arena) -> Self {
        let hyps = shared.featurizer.hyps(arena, &task.hyps);
        let base = arena.len();
        Search {
            shared,
            task,
            options,
            arena,
            bindings: Bindings::default(),
            query: Query::default(),
            clusters: Vec::new(),
            table: FxHashMap::default(),
            hyps,
            rules,
            avoided: None,
            features: Vec::new(),
            scorer: Scorer::new(shared.sight(), &shared.habits, task),
            near: Vec::new(),
            expansions: 0,
            applications: 0,
            replayed: 0,
            by: None,
            closed: 0,
            asked: 0,
            held: 0,
            base,
        }
    }
    /// The result without the proof.
    fn result(&mut self, root: u32, reason: StopReason, start: cpu_time::ThreadTime) -> SearchResult {
        let frontier = (self.options.frontier && reason != StopReason::Solved).then(|| self.frontier(root)).flatten();
        SearchResult {
            proof: None,
            reason,
            expansions: self.expansions,
            applications: self.applications,
            clusters: self.clusters.len(),
            seconds: start.elapsed().as_secs_f64(),
            replayed: self.replayed,
            reuse: self.reuse(root),
            decisions: self.decisions(root),
            minimised: None,
            closed: self.closed,
            frontier,
            graph: self.graph(root, self.options.graph),
            misfit: None,
            proposer: None,
        }
    }
    fn run(&mut self, root: u32, start: cpu_time::ThreadTime) -> StopReason {
        let mut replay_pending = self.options.analogues > 0 && self.shared.skeletons.is_some();
        let mut analogues_pending = replay_pending;
        let count = Count::to(0);
        loop {
            let c = &self.clusters[root as usize];
            if c.solved.is_some() {
                return StopReason::Solved;
            }
            let stuck = c.estimate >= INFINITE;
            if analogues_pending && !self.spent() && (self.expansions >= self.options.analogues_after || stuck) {
                analogues_pending = false;
                self.consult_analogues();
                continue;
            }
            if replay_pending && !self.spent() && (self.expansions >= self.options.replay_after || stuck) {
                replay_pending = false;
                self.replay_analogues(root);
                continue;
            }
            if stuck {
                return StopReason::Exhausted;
            }
            if let Some(reason) = self.over(start) {
                return reason;
            }
            self.expansions += 1;
            count.step();
            self.descend(root);
        }
    }
    /// The bound that the search has met, if any.
    fn over(&mut self, start: cpu_time::ThreadTime) -> Option<StopReason> {
        if self.bytes() > self.options.memory_bytes {
            return Some(StopReason::Memory);
        }
        if self.spent() {
            return Some(StopReason::Budget);
        }
        let timed = !self.options.patient || self.expansions >= self.options.expansions;
        let late = |s: f64| start.elapsed().as_secs_f64() > s;
        let look = timed && self.asked.is_multiple_of(16);
        self.asked += 1;
        (look && self.options.seconds.is_some_and(late)).then_some(StopReason::Time)
    }
    /// Whether the expansions are used up and no other bound applies.
    pub(super) fn spent(&self) -> bool {
        self.expansions >= self.options.expansions && !(self.options.patient && self.options.seconds.is_some())
    }
    fn descend(&mut self, root: u32) {
        let mut path: Vec<u32> = Vec::new();
        let mut at = root;
        loop {
            path.push(at);
            self.clusters[at as usize].on_path = true;
            if !self.clusters[at as usize].expanded {
                self.expand(at);
            }
            if self.clusters[at as usize].solved.is_some() {
                break;
            }
            match self.best(at).1 {
                Choice::Nothing => break,
                Choice::Apply => {
                    self.apply_next(at);
                    break;
                }
                Choice::Act(i) => match self.hardest_child(at, i) {
                    Some(child) if path.len() <= DEEPEST => {
                        self.tire(at, i);
                        at = child;
                    }
                    _ => {
                        let cost = &mut self.clusters[at as usize].actions[i].cost;
                        *cost = cost.saturating_add(4 * NAT).min(INFINITE);
                        break;
                    }
                },
            }
        }
        for &c in path.iter().rev() {
            self.clusters[c as usize].on_path = false;
            if self.clusters[c as usize].solved.is_none() {
                self.clusters[c as usize].estimate = self.best(c).0;
            }
        }
    }
    /// The open child of an action with the largest estimate; `None` if the action leads back to the path.
    pub(super) fn hardest_child(&self, at: u32, action: usize) -> Option<u32> {
        let a = &self.clusters[at as usize].actions[action];
        let mut hardest: Option<u32> = None;
        for &k in &a.children {
            let c = &self.clusters[k as usize];
            if c.on_path {
                return None;
            }
            if c.solved.is_none() && hardest.is_none_or(|h| c.estimate > self.clusters[h as usize].estimate) {
                hardest = Some(k);
            }
        }
        hardest
    }
    pub(super) fn best(&self, at: u32) -> (i32, Choice) {
        let c = &self.clusters[at as usize];
        let mut best = (INFINITE, Choice::Nothing);
        for (i, a) in c.actions.iter().enumerate() {
            let sum = a.children.iter().fold(a.cost, |s, &k| s.saturating_add(self.clusters[k as usize].estimate));
            if sum < best.0 {
                best = (sum, Choice::Act(i));
            }
        }
        if let Some(&(cost, _)) = c.candidates.get(c.next as usize) {
            let sum = cost.saturating_add(c.first_estimate / 2);
            if sum < best.0 {
                best = (sum, Choice::Apply);
            }
        }
        best
    }
    fn expand(&mut self, at: u32) {
        let c = &self.clusters[at as usize];
        // If a skeleton was replayed here, the goal is selected already.
        let fresh = c.actions.is_empty();
        let selected =
            if fresh { select(&self.shared.featurizer, self.arena, &c.goals) } else { usize::from(c.selected) };
        let (goal, context, metas) = (c.goals[selected], c.contexts[selected], c.metas);
        let c = &mut self.clusters[at as usize];
        c.selected = selected as u8;
        c.expanded = true;
        if fresh && metas == 0 && c.goals.len() == 1 && self.close(at, goal) {
            return;
        }
        if self.arena.head(goal).as_meta().is_none() {
            let candidates = self.ranked_for(at, goal, context);
            self.discount_replayed(at, &candidates);
            self.keep_candidates(at, candidates, self.options.kept);
        }
        if metas > 0 {
            for k in 0..self.task.hyps.len() as u32 {
                self.act(at, Rule::Hyp(k), self.options.hyp_cost);
                if self.clusters[at as usize].solved.is_some() {
                    return;
                }
            }
        }
    }
    pub(super) fn rank(&mut self, goal: TermId, context: Context) -> Vec<(i32, u32)> {
        let found = self.unifying(goal);
        self.ranked(&found, goal, context)
    }
    /// Ranks the candidates `found` for a goal by cost and keeps at most [`MOST_RANKED`].
    fn ranked(&mut self, found: &[u32], goal: TermId, context: Context) -> Vec<(i32, u32)> {
        let mut scored = self.scores(found, goal, context);
        let mut costs = self.shared.ranker.costs(&self.features, &mut scored, self.options.sharpness, MOST_RANKED);
        for c in &mut costs {
            c.0 += self.options.step_cost;
        }
        costs
    }
    /// The first stage's logits of candidates. The goal's features remain in `features`.
    pub(super) fn scores(&mut self, found: &[u32], goal: TermId, context: Context) -> Vec<(f32, u32)> {
        self.shared.featurizer.goal(self.arena, goal, &self.hyps, context, &mut self.features);
        self.scorer.score(&self.shared.ranker, &self.features, found)
    }
    fn apply_next(&mut self, at: u32) {
        for _ in 0..APPLIED {
            let c = &mut self.clusters[at as usize];
            let Some(&(cost, p)) = c.candidates.get(c.next as usize) else { return };
            c.next += 1;
            if c.next as usize == c.candidates.len() && c.next < c.fitting {
                self.keep_more(at);
            }
            self.act(at, Rule::Premise(PremiseId(p)), cost);
            if self.clusters[at as usize].solved.is_some() {
                return;
            }
        }
    }
    pub(super) fn act(&mut self, at: u32, rule: Rule, cost: i32) {
        self.applications += 1;
        let Some(open) = self.apply(at, rule) else { return };
        let Some(action) = self.split(at, rule, cost, open) else { return };
        let mut all = true;
        for &k in &action.children {
            let child = &mut self.clusters[k as usize];
            if child.solved.is_none() {
                all = false;
                if !child.parents.contains(&at) {
                    self.held += pushed(&mut child.parents, at);
                }
            }
        }
        self.held += action.spilled();
        let c = &mut self.clusters[at as usize];
        self.held += pushed(&mut c.actions, action);
        if all {
            c.solved = Some(c.actions.len() as u32 - 1);
            c.estimate = 0;
            self.propagate(at);
        }
    }
    /// Marks the ancestors that the solution of `at` solves.
    pub(super) fn propagate(&mut self, at: u32) {
        let mut stack = vec![at];
        while let Some(x) = stack.pop() {
            let mut waiting = Vec::new();
            for p in std::mem::take(&mut self.clusters[x as usize].parents) {
                if self.clusters[p as usize].solved.is_some() {
                    continue;
                }
                let done = |a: &Action| a.children.iter().all(|&k| self.clusters[k as usize].solved.is_some());
                match self.clusters[p as usize].actions.iter().position(done) {
                    Some(i) => {
                        self.clusters[p as usize].solved = Some(i as u32);
                        self.clusters[p as usize].estimate = 0;
                        stack.push(p);
                    }
                    None => waiting.push(p),
                }
            }
            self.clusters[x as usize].parents = waiting;
        }
    }
    /// Unifies the selected goal with a rule and returns what remains open.
    fn apply(&mut self, at: u32, rule: Rule) -> Option<Open> {
        let c = &self.clusters[at as usize];
        let (selected, base) = (c.selected as usize, c.metas);
        let (goal, context) = (c.goals[selected], c.contexts[selected]);
        let theory = &self.shared.theory;
        let premise = match rule {
            Rule::Premise(p) => Some((p, theory.premise(p)?)),
            Rule::Hyp(_) => None,
        };
        let hyps: &[TermId] = premise.map_or(&[], |x| x.1.hyps);
        self.bindings.reset(base as usize + premise.map_or(0, |x| x.1.variables.len()));
        let other: Shifted = match rule {
            Rule::Hyp(k) => (self.task.hyps[k as usize], 0),
            Rule::Premise(_) => (premise?.1.conclusion, base),
        };
        if !self.bindings.unify(self.arena, other, (goal, 0)) {
            return None;
        }
        let c = &self.clusters[at as usize];
        let mut open: SmallVec<[(Shifted, Context); 6]> = SmallVec::new();
        open.extend((0..c.goals.len()).filter(|&i| i != selected).map(|i| ((c.goals[i], 0), c.contexts[i])));
        let is_only_goal = open.is_empty();
        for (k, &h) in hyps.iter().enumerate() {
            let parent = premise.map(|x| (x.0, k as u8));
            open.push(((h, base), Context { parent, grandparent: context.parent.map(|x| x.0) }));
        }
        if open.len() > MOST_OPEN {
            return None;
        }
        let shut = self.shut(&open);
        let limit = self.options.max_size;
        let mut size = 0u32;
        for &(t, _) in &open {
            size = size.saturating_add(self.bindings.size(self.arena, t, limit));
            if size > limit {
                return None;
            }
        }
        let disjoint = self.disjoint_conditions(at, premise.map_or(&[], |x| x.1.disjoint), base)?;
        let mut goals: SmallVec<[(TermId, Context); 6]> = SmallVec::new();
        for &(t, context) in &open {
            goals.push((self.bindings.resolve(self.arena, t), context));
        }
        if is_only_goal && goals.iter().any(|g| g.0 == goal) {
            return None;
        }
        Some(Open { goals, shut, disjoint })
    }
    /// The `$d` conditions after a unification; `None` if one is violated.
    fn disjoint_conditions(&mut self, at: u32, pairs: &[(u16, u16)], base: u32) -> Option<Vec<(Head, Head)>> {
        let mut out = Vec::new();
        for &(a, b) in pairs {
            let (a, b) = (self.arena.meta(u32::from(a)), self.arena.meta(u32::from(b)));
            self.cross((a, base), (b, base), &mut out)?;
        }
        for i in 0..self.clusters[at as usize].disjoint.len() {
            let (a, b) = self.clusters[at as usize].disjoint[i];
            let (a, b) = (self.arena.make(a, &[]), self.arena.make(b, &[]));
            self.cross((a, 0), (b, 0), &mut out)?;
        }
        Some(out)
    }
    fn cross(&self, a: Shifted, b: Shifted, out: &mut Vec<(Head, Head)>) -> Option<()> {
        let (mut left, mut right) = (SmallVec::<[Head; 8]>::new(), SmallVec::<[Head; 8]>::new());
        self.atoms(a, &mut left);
        self.atoms(b, &mut right);
        for &x in &left {
            for &y in &right {
                if x == y {
                    return None;
                }
                match (x.as_variable(), y.as_variable()) {
                    (Some(v), Some(w)) => {
                        self.task.disjoint.binary_search(&(v.min(w), v.max(w))).ok()?;
                    }
                    _ => out.push((x.min(y), x.max(y))),
                }
            }
        }
        Some(())
    }
    /// Appends the variables and unbound metavariables of a term, metavariables with their numbers in the bindings.
    fn atoms(&self, t: Shifted, out: &mut SmallVec<[Head; 8]>) {
        let ((t, offset), meta) = self.bindings.walk(self.arena, t);
        let head = match meta {
            Some(m) => Head::meta(m),
            None => self.arena.head(t),
        };
        if meta.is_some() || head.as_variable().is_some() {
            if !out.contains(&head) {
                out.push(head);
            }
            return;
        }
        for &c in self.arena.children(t) {
            self.atoms((c, offset), out);
        }
    }
    /// Splits open goals into clusters that share no metavariable and no `$d` condition between metavariables.
    fn split(&mut self, at: u32, rule: Rule, cost: i32, open: Open) -> Option<Action> {
        let n = open.goals.len();
        let mut shut: SmallVec<[Rule; 2]> = SmallVec::new();
        let metas: Vec<SmallVec<[u32; 8]>> = open
            .goals
            .iter()
            .map(|g| {
                let mut m = SmallVec::new();
                self.arena.metas(g.0, &mut m);
                m
            })
            .collect();
        let mut group: SmallVec<[u8; 10]> = (0..n as u8).collect();
        let mut places: SmallVec<[(u8, u8); 4]> = SmallVec::from_elem((0, 0), n);
        for (i, rule) in open.shut.iter().enumerate() {
            if let Some(rule) = *rule {
                group[i] = SHUT;
                places[i] = (SHUT, shut.len() as u8);
                shut.push(rule);
            }
        }
        for i in 0..n {
            for j in 0..i {
                if group[i] != SHUT
                    && group[j] != SHUT
                    && group[i] != group[j]
                    && tied(&metas[i], &metas[j], &open.disjoint)
                {
                    let (from, to) = (group[i], group[j]);
                    group.iter_mut().filter(|g| **g == from).for_each(|g| *g = to);
                }
            }
        }
        let mut children: SmallVec<[u32; 3]> = SmallVec::new();
        for g in 0..n as u8 {
            if !group.contains(&g) {
                continue;
            }
            let (child, inside) = self.component(&open, &group, g)?;
            if child == at || self.clusters[child as usize].estimate >= INFINITE {
                return None;
            }
            let number = children.iter().position(|&c| c == child).unwrap_or(children.len());
            if number == children.len() {
                children.push(child);
            }
            for (i, place) in inside {
                places[i] = (number as u8, place);
            }
        }
        Some(Action { rule, cost, children, places, shut, by: self.by, chosen: true })
    }
    /// The cluster of one group of open goals, and the place of each goal in it.
    fn component(&mut self, open: &Open, group: &[u8], g: u8) -> Option<(u32, Inside)> {
        let mut names: SmallVec<[u32; 8]> = SmallVec::new();
        let mut goals: SmallVec<[(TermId, Context); 2]> = SmallVec::new();
        let mut inside = SmallVec::new();
        for (i, &(goal, context)) in open.goals.iter().enumerate() {
            if group[i] == g {
                let t = rename(self.arena, goal, &mut names);
                let place = goals.iter().position(|x| x.0 == t).unwrap_or(goals.len());
                if place == goals.len() {
                    goals.push((t, context));
                }
                inside.push((i, place as u8));
            }
        }
        if names.len() > MOST_METAS || goals.len() > MOST_TIED {
            return None;
        }
        let mut disjoint = Vec::new();
        let renamed = |h: Head| match h.as_meta() {
            Some(m) => names.iter().position(|&x| x == m).map(|i| Head::meta(i as u32)),
            None => Some(h),
        };
        if !names.is_empty() {
            for &(a, b) in &open.disjoint {
                if let (Some(a), Some(b)) = (renamed(a), renamed(b)) {
                    disjoint.push((a.min(b), a.max(b)));
                }
            }
            disjoint.sort_unstable();
            disjoint.dedup();
        }
        Some((self.cluster(&goals, names.len() as u32, disjoint), inside))
    }
}

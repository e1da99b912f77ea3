//! Backward search over clusters of sequents, by moves.
//!
//! As in [`crate::wake_sleep::search`], an OR node is a cluster of goals that share metavariables, canonically renamed
//! and hash-consed. An AND edge applies one step to the selected goal, and the search descends along the cheapest known
//! solution graph (AO*). Here the goals are sequents and the steps are moves ([`Move`]), so the search chooses only
//! what a proof decides. Antecedents join Γ and conjunctions are taken apart as soon as they come up, each move
//! determines which members of Γ are passed on, and a sequent that follows by connectives alone is closed. The result
//! is a [`ContentProof`], whose glue is written afterwards.
//!
//! Costs are −log p in 1/4096 nat from the ranking of moves ([`Ranks`]), plus a constant for each step. The search is
//! deterministic. A goal's candidates are those of its consequent and of each member of Γ that a move can take apart,
//! so a large Γ costs that many queries of the index, once for each goal.

use super::closure::{givens, Allowed, Closer as Chains, Given};
use super::proof::ContentProof;
use crate::dsl::theory::library::{canonical_key, PremiseId, Proof, Task, Theory};
use crate::metamath_db::ids::{SymbolId, TermId};
use crate::metamath_db::terms::index::Query;
use crate::metamath_db::terms::term::{Arena, Head};
use crate::metamath_db::terms::unify::Bindings;
use crate::progress::Count;
use crate::wake_sleep::closers::{closers, Closer, Tables};
use crate::wake_sleep::inference::moves::meaning::Meaning;
use crate::wake_sleep::inference::moves::readings::{formula_readings, Move, Moves};
use crate::wake_sleep::inference::moves::sequents::{consequent, context, Connectives, Terms};
use crate::wake_sleep::search::{Options, StopReason, APPLIED, NAT};
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

mod apply;
mod closing;
mod clusters;
mod descend;
mod extract;
mod ranks;
mod replay;
mod retract;

pub use descend::select;
#[cfg(test)]
pub(super) use ranks::Frequency;
pub use ranks::{MoveContext, Ranks, NO_MEMBER};

/// The largest number of moves of a goal that are tried; the cheapest are kept.
const MOST_RANKED: usize = 500;
/// The greatest length of the path of a descent.
const DEEPEST: usize = 80;
/// The largest number of sequents that one application may leave, including those that are closed at once.
const MOST_OPEN: usize = 100;
/// The largest number of sequents that may share metavariables.
const MOST_TIED: usize = 24;
/// The largest number of metavariables that sequents may share.
const MOST_METAS: usize = 40;
/// The value of `eigen` in [`Step::Move`] for a move whose naming parts stay open.
const UNNAMED: u8 = 255;
/// The largest number of the task's variables that are tried for an eigenvariable.
const MOST_NAMES: usize = 4;
/// The largest number of members of Γ that are examined.
const MOST_MEMBERS: usize = 128;

const INFINITE: i32 = i32::MAX / 4;

/// The state that all searches over one theory share.
pub struct Prepared {
    /// The theory: assertions and lemmas.
    pub theory: Arc<Theory>,
    /// The moves.
    pub moves: Arc<Moves>,
    tables: Arc<Tables>,
    /// For each premise, whether the rules allow it.
    usable: Vec<bool>,
    closers: Vec<Box<dyn Closer>>,
    equal: FxHashMap<Vec<u32>, Vec<u32>>,
    /// For each move, a bit mask of the parts that name something: `x = thing` with a metavariable `x`.
    names: Vec<u64>,
    /// The moves that state reflexivity, each with its relation.
    reflexive: Vec<(Head, u32)>,
}

/// The result of a search.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The proof, if one was found. Its terms are in the arena that was passed to the search.
    pub proof: Option<ContentProof>,
    /// The reason why the search ended.
    pub reason: StopReason,
    /// The number of expansions.
    pub expansions: u64,
    /// The number of steps that were applied.
    pub applications: u64,
    /// The number of clusters that were made.
    pub clusters: usize,
    /// The number of moves that skeletons applied.
    pub replayed: u64,
    /// The training theorems, by number, whose skeletons contributed steps to the proof, with the number of steps.
    pub skeletons: Vec<(u32, u64)>,
    /// The number of goals that decision procedures closed.
    pub closed: u64,
    /// Seconds of thread CPU.
    pub seconds: f64,
    /// The fault of the found proof, if the search ended with [`StopReason::Misfit`].
    pub misfit: Option<String>,
}

/// A step that answers a sequent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    /// A move, with the number of the member of Γ that it takes apart, or [`NO_MEMBER`]. If `narrow`, a move that
    /// mentions all of Γ passes on only the members for which its side conditions are closed at once. If `turned`, its
    /// goal is taken with the sides exchanged. `eigen` numbers the choices of variables for its eigenvariables; 0 means
    /// new ones.
    Move { number: u32, member: u8, narrow: bool, turned: bool, eigen: u8 },
    /// A reading of a hypothesis of the task, by its place in [`Search::given`].
    Given(u32),
    /// A reading of a member of Γ.
    Use { member: u8, reading: u8 },
    /// A member of Γ that equals the consequent or unifies with it.
    Member(u8),
    /// The cluster of this number proves the consequent in a subset of Γ.
    Weaken(u32),
    /// The consequent follows by connectives from Γ and the task's hypotheses, for all values of its metavariables.
    Follows,
    /// The two sides of an equivalence are unified.
    Same,
    /// A side that is a bare metavariable is the other side with equals put for equals ([`Chains::substituted`]).
    Substituted,
    /// An equivalence of compounds follows from the equivalences of their parts.
    Congruence,
    /// The proof by a decision procedure that the cluster holds.
    Closed,
    /// The task's goal is taken apart into several sequents, the children.
    Split,
}

struct Action {
    step: Step,
    /// The number of the goal that it answers.
    goal: u8,
    cost: i32,
    children: SmallVec<[u32; 3]>,
    /// The training theorem whose skeleton added the step or lowered its cost.
    by: Option<u32>,
}

/// A candidate of a goal: its cost, the number of the move, the number of the member of Γ.
type Candidate = (i32, u32, u8);

struct Cluster {
    goals: SmallVec<[TermId; 2]>,
    contexts: SmallVec<[MoveContext; 2]>,
    metas: u32,
    /// The `$d` pairs that involve a metavariable.
    disjoint: Vec<(Head, Head)>,
    estimate: i32,
    first_estimate: i32,
    solved: Option<u32>,
    closed: Option<Box<Proof>>,
    expanded: bool,
    on_path: bool,
    selected: u8,
    actions: Vec<Action>,
    /// The cheapest candidates of the selected goal.
    candidates: Vec<Candidate>,
    /// The number of all candidates.
    fitting: u32,
    /// The number of candidates that were applied.
    next: u32,
    parents: Vec<u32>,
}

type Key = (SmallVec<[TermId; 2]>, Vec<(Head, Head)>);

/// The reason why no proof is extracted from a solved root.
enum Unfit {
    /// The proof is too large, or no variable is left for a metavariable.
    Large,
    /// The step that solves the cluster of this number does not hold.
    Step(u32),
}

struct Search<'b> {
    shared: &'b Prepared,
    task: &'b Task,
    options: &'b Options,
    ranks: &'b mut dyn Ranks,
    arena: &'b mut Arena,
    connectives: Connectives,
    given: Rc<[Given]>,
    /// The closer that chains closure facts.
    chains: Chains<'b>,
    bindings: Bindings,
    query: Query,
    clusters: Vec<Cluster>,
    table: FxHashMap<Key, u32>,
    /// The solved clusters of one ground sequent, by consequent.
    proved: FxHashMap<TermId, Vec<u32>>,
    /// A cache of the variables of ground terms.
    variables: FxHashMap<TermId, Arc<[Head]>>,
    forbidden: Rc<FxHashSet<u32>>,
    /// The premises that the task may use.
    allowed: Allowed<'b>,
    /// The numbers of the moves that stand after the task.
    late: Range<u32>,
    /// The task's variables, sorted.
    own: Vec<SymbolId>,
    /// The variables of the task's hypotheses, those of their antecedents first.
    told: Vec<SymbolId>,
    /// The number of further choices of eigenvariables for the last move.
    alternatives: u8,
    /// Whether the last move named a term by itself although a theorem gives the term another name.
    renamed: bool,
    /// For each term that was checked, whether a theorem gives it a name.
    has_names: FxHashMap<TermId, bool>,
    /// The place of the task in the database.
    position: u32,
    /// Whether the ranker has yet to be told to look up analogues.
    analogues_pending: bool,
    replay_pending: bool,
    /// The clusters that must not be answered by [`Step::Substituted`], because it did not hold there.
    refused: FxHashSet<u32>,
    /// The variables that stand for eigenvariables.
    fresh: FxHashSet<SymbolId>,
    expansions: u64,
    applications: u64,
    /// The number of moves that skeletons applied.
    replayed: u64,
    closed: u64,
    /// The number of times that the bounds were checked.
    asked: u64,
    /// The bytes that the clusters hold outside their table.
    held: usize,
    /// The number of terms in the arena before the search.
    base: usize,
}

impl Prepared {
    /// Builds the indexes. `usable[p]` says whether the rules allow premise p; `moves` may hold moves of more premises.
    pub fn new(theory: Arc<Theory>, moves: Arc<Moves>, tables: Arc<Tables>, usable: &[bool]) -> Prepared {
        let mut equal: FxHashMap<Vec<u32>, Vec<u32>> = FxHashMap::default();
        for p in 0..theory.len() as u32 {
            if let Some(x) = theory.premise(PremiseId(p)) {
                equal.entry(canonical_key(&theory.arena, x.conclusion, x.hyps)).or_default().push(p);
            }
        }
        let (reflexive, names) = closing::naming(&moves);
        // Formulas that follow by connectives alone are recognised by truth table instead.
        let closers = closers(&theory).into_iter().filter(|c| c.name() != "propositional").collect();
        Prepared { theory, moves, tables, usable: usable.to_vec(), closers, equal, names, reflexive }
    }
    /// Searches a proof of one task. `arena` is the caller's copy of [`Moves::arena`] with the task's terms. If no
    /// proof is found, the terms that the search made are removed again.
    pub fn search(&self, task: &Task, options: &Options, ranks: &mut dyn Ranks, arena: &mut Arena) -> Outcome {
        let start = cpu_time::ThreadTime::now();
        let base = arena.len();
        let mut s = Search::new(self, task, options, ranks, arena);
        let root = s.root();
        let mut reason = s.run(root, start);
        let (mut proof, mut misfit) = (None, None);
        while reason == StopReason::Solved && proof.is_none() {
            match s.extract_proof(root) {
                Err(Unfit::Step(at)) => {
                    s.retract(at);
                    reason = s.run(root, start);
                }
                Err(Unfit::Large) => reason = StopReason::Memory,
                Ok(found) => match found.check(&self.theory, &self.moves, &self.tables, task, s.arena) {
                    Ok(()) => proof = Some(found),
                    Err(why) => {
                        debug_assert!(false, "{}: {why}", task.name);
                        (reason, misfit) = (StopReason::Misfit, Some(why.to_string()));
                    }
                },
            }
        }
        let (expansions, applications, clusters, closed) = (s.expansions, s.applications, s.clusters.len(), s.closed);
        let (replayed, skeletons) = (s.replayed, s.skeletons(root));
        drop(s);
        if proof.is_none() {
            arena.truncate(base);
        }
        let seconds = start.elapsed().as_secs_f64();
        Outcome { proof, reason, expansions, applications, clusters, replayed, skeletons, closed, seconds, misfit }
    }
    /// The premises that state the same as the task, if it is a theorem of the database: they must not be used for it.
    /// If the task is a statement from elsewhere, there are none.
    pub fn forbidden(&self, task: &Task, arena: &Arena) -> FxHashSet<u32> {
        let source = &self.theory.db.source;
        let theorem = task.limit.index() < self.theory.db.len() && source.label(task.limit) == task.name;
        let equal = theorem.then(|| self.equal.get(&canonical_key(arena, task.goal, &task.hyps))).flatten();
        equal.map(|v| v.iter().copied().collect()).unwrap_or_default()
    }
}

/// The variables of some formulas, sorted.
fn variables_of(arena: &Arena, formulas: &[&[TermId]]) -> Vec<SymbolId> {
    let mut all: Vec<SymbolId> = formulas.iter().copied().flatten().flat_map(|&t| arena.variables(t)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The premises of a theorem's human proof.
pub(super) fn human_premises(theory: &Theory, task: &Task) -> FxHashSet<u32> {
    let human = if theory.is_theorem(task) { theory.human_proof(task.limit) } else { None };
    human.iter().flat_map(|p| p.premises()).map(|p| p.0).collect()
}

/// Whether a task may use a premise.
pub(super) fn permits(
    shared: &Prepared,
    task: &Task,
    options: &Options,
    forbidden: &FxHashSet<u32>,
    p: PremiseId,
) -> bool {
    shared.usable[p.index()]
        && (options.lemmas || p.index() < shared.theory.db.len())
        && shared.theory.stands_before(p, task)
        && !forbidden.contains(&p.0)
}

impl<'b> Search<'b> {
    fn new(
        shared: &'b Prepared,
        task: &'b Task,
        options: &'b Options,
        ranks: &'b mut dyn Ranks,
        arena: &'b mut Arena,
    ) -> Self {
        let base = arena.len();
        let connectives = shared.moves.connectives.before(task.limit);
        let given = givens(arena, &connectives, &task.hyps);
        let mut antecedents = Terms::new();
        task.hyps.iter().for_each(|&h| _ = connectives.strip(arena, h, &mut antecedents));
        let mut told = variables_of(arena, &[&antecedents]);
        told.extend(variables_of(arena, &[&task.hyps]));
        let mut seen = FxHashSet::default();
        told.retain(|&v| seen.insert(v));
        let forbidden = Rc::new(shared.forbidden(task, arena));
        // With `human_premises`, no others may be used.
        let own = options.human_premises.then(|| human_premises(&shared.theory, task));
        let out = forbidden.clone();
        let premises = move |p: PremiseId| {
            own.as_ref().is_none_or(|own| own.contains(&p.0)) && permits(shared, task, options, &out, p)
        };
        let late = shared.moves.before(task.limit.0)..shared.moves.before(shared.theory.db.len() as u32);
        Search {
            shared,
            task,
            options,
            ranks,
            connectives,
            chains: Chains::new(&shared.theory, arena, &shared.moves, &shared.tables, task, given.clone()),
            given,
            bindings: Bindings::default(),
            query: Query::default(),
            clusters: Vec::new(),
            table: FxHashMap::default(),
            proved: FxHashMap::default(),
            variables: FxHashMap::default(),
            forbidden,
            allowed: Allowed::new(&shared.moves, task.limit, Box::new(premises)),
            late,
            own: variables_of(arena, &[&task.hyps[..], &[task.goal]]),
            told,
            alternatives: 0,
            renamed: false,
            has_names: FxHashMap::default(),
            position: shared.theory.position(task),
            analogues_pending: options.analogues > 0,
            replay_pending: options.analogues > 0 && options.replay,
            refused: FxHashSet::default(),
            fresh: FxHashSet::default(),
            expansions: 0,
            applications: 0,
            replayed: 0,
            closed: 0,
            asked: 0,
            held: 0,
            base,
            arena,
        }
    }
    /// The view of the state that applies moves.
    fn meaning(&mut self) -> Meaning<'_> {
        Meaning {
            tables: &self.shared.tables,
            task: self.task,
            own: Some(&self.own),
            connectives: &self.connectives,
            arena: self.arena,
            bindings: &mut self.bindings,
            variables: &mut self.variables,
        }
    }
    fn run(&mut self, root: u32, start: cpu_time::ThreadTime) -> StopReason {
        let count = Count::to(0);
        loop {
            let c = &self.clusters[root as usize];
            if c.solved.is_some() {
                return StopReason::Solved;
            }
            let stuck = c.estimate >= INFINITE;
            if self.analogues_pending && !self.spent() && (self.expansions >= self.options.analogues_after || stuck) {
                // Easy tasks end before analogues are looked up.
                self.analogues_pending = false;
                if self.ranks.consult(self.arena, self.task) {
                    self.rank_again();
                }
                continue;
            }
            if self.replay_pending && !self.spent() && (self.expansions >= self.options.replay_after || stuck) {
                self.replay_pending = false;
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
        if self.ranks.has_failed() {
            return Some(StopReason::Proposer);
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
    fn spent(&self) -> bool {
        self.expansions >= self.options.expansions && !(self.options.patient && self.options.seconds.is_some())
    }
}

#[cfg(test)]
mod tests;

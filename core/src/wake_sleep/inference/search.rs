//! Backward search over clusters of sequents, by moves.
//!
//! As in [`crate::wake_sleep::search`], an OR node is a cluster of goals that share metavariables, canonically renamed and
//! hash-consed, an AND edge applies one step to the selected goal, and the search descends along the cheapest solution
//! graph known (AO*). Here the goals are sequents and the steps are moves ([`Move`]), so only what a proof decides is
//! chosen: antecedents join Γ and conjunctions are taken apart wherever they come up, Γ is passed on by what the move says
//! of it, and a sequent that follows by connectives alone is closed. What is found is a [`ContentProof`]; its glue is
//! written afterwards.
//!
//! Costs are −log p in 1/4096 nat from whatever ranks the moves ([`Ranks`]), plus a constant a step. Everything is
//! deterministic. Price: a goal's candidates are those of its consequent and of each member of Γ that a move can take
//! apart, so a large Γ costs that many queries of the index once.

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

/// Moves of a goal that are tried, the cheapest.
const MOST_RANKED: usize = 500;
/// Longest path of a descent.
const DEEPEST: usize = 80;
/// Sequents that one application may leave open, those that close at once included.
const MOST_OPEN: usize = 100;
/// Sequents that may share metavariables.
const MOST_TIED: usize = 24;
/// Metavariables that sequents may share.
const MOST_METAS: usize = 40;
/// In [`Step::Move`], in the place of a way to name eigenvariables: what parts of the move only name stays open.
const UNNAMED: u8 = 255;
/// Variables of the task that are tried for an eigenvariable.
const MOST_NAMES: usize = 4;
/// Members of Γ that are looked at.
const MOST_MEMBERS: usize = 128;

const INFINITE: i32 = i32::MAX / 4;

/// What all searches over one theory share.
pub struct Prepared {
    /// The assertions and lemmas.
    pub theory: Arc<Theory>,
    /// The moves.
    pub moves: Arc<Moves>,
    tables: Arc<Tables>,
    /// By premise, whether the rules allow it.
    usable: Vec<bool>,
    closers: Vec<Box<dyn Closer>>,
    equal: FxHashMap<Vec<u32>, Vec<u32>>,
    /// By move, which of its parts name something: `x = thing`, `x` a metavariable. A bit each.
    names: Vec<u64>,
    /// Moves that say that everything is in a relation with itself, and that relation.
    reflexive: Vec<(Head, u32)>,
}

/// How a search ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The proof, if one was found; its terms are in the arena that the search was given.
    pub proof: Option<ContentProof>,
    /// Why it ended.
    pub reason: StopReason,
    /// Expansions made.
    pub expansions: u64,
    /// Steps applied.
    pub applications: u64,
    /// Clusters made.
    pub clusters: usize,
    /// Moves that skeletons applied.
    pub replayed: u64,
    /// The training theorems, by number, whose skeletons the proof owes steps to, and how many.
    pub skeletons: Vec<(u32, u64)>,
    /// Goals that decision procedures closed.
    pub closed: u64,
    /// Thread CPU seconds.
    pub seconds: f64,
    /// Why what was found does not hold, if it ended with [`StopReason::Misfit`].
    pub misfit: Option<String>,
}

/// What answers a sequent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    /// A move, and the member of Γ that it takes apart or [`NO_MEMBER`]. A narrow one that speaks of all of Γ passes on only
    /// the members of which what it asks is known. A turned one answers its goal with sides exchanged. `eigen` says which
    /// variables stand for its eigenvariables: new ones for 0.
    Move { number: u32, member: u8, narrow: bool, turned: bool, eigen: u8 },
    /// A reading of a hypothesis of the task: a place in [`Search::given`].
    Given(u32),
    /// A reading of a member of Γ.
    Use { member: u8, reading: u8 },
    /// A member of Γ that the consequent is, or unifies with.
    Member(u8),
    /// This cluster proves the consequent in a part of Γ.
    Weaken(u32),
    /// The consequent follows by connectives from Γ and the task's hypotheses, whatever its metavariables are.
    Follows,
    /// The sides of an equivalence are made one.
    Same,
    /// A side that nothing is known of is the other one with equals put for equals ([`Chains::substituted`]).
    Substituted,
    /// An equivalence of compounds comes from those of their parts.
    Congruence,
    /// The decision procedure's proof that the cluster has.
    Closed,
    /// The task's goal is several sequents, the children.
    Split,
}

struct Action {
    step: Step,
    /// The goal that it answers.
    goal: u8,
    cost: i32,
    children: SmallVec<[u32; 3]>,
    /// The training theorem whose skeleton put it here or made it cheaper.
    by: Option<u32>,
}

/// A candidate of a goal: its cost, the move and the member of Γ.
type Candidate = (i32, u32, u8);

struct Cluster {
    goals: SmallVec<[TermId; 2]>,
    contexts: SmallVec<[MoveContext; 2]>,
    metas: u32,
    /// `$d` pairs that involve a metavariable.
    disjoint: Vec<(Head, Head)>,
    estimate: i32,
    first_estimate: i32,
    solved: Option<u32>,
    closed: Option<Box<Proof>>,
    expanded: bool,
    on_path: bool,
    selected: u8,
    actions: Vec<Action>,
    /// The cheapest of what fits the selected goal.
    candidates: Vec<Candidate>,
    /// How many candidates there are in all.
    fitting: u32,
    /// Candidates that were applied.
    next: u32,
    parents: Vec<u32>,
}

type Key = (SmallVec<[TermId; 2]>, Vec<(Head, Head)>);

/// Why no proof is taken out of a solved root.
enum Unfit {
    /// It is too large, or no variable is left for a metavariable.
    Large,
    /// The step that solves this cluster does not hold.
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
    /// What chains closure facts.
    chains: Chains<'b>,
    bindings: Bindings,
    query: Query,
    clusters: Vec<Cluster>,
    table: FxHashMap<Key, u32>,
    /// By consequent, the solved clusters of one ground sequent.
    proved: FxHashMap<TermId, Vec<u32>>,
    /// Variables of ground terms that were asked for.
    variables: FxHashMap<TermId, Arc<[Head]>>,
    forbidden: Rc<FxHashSet<u32>>,
    /// What the task may use.
    allowed: Allowed<'b>,
    /// Moves that stand too late.
    late: Range<u32>,
    /// The task's variables, sorted.
    own: Vec<SymbolId>,
    /// Those of its hypotheses, those of their antecedents first.
    told: Vec<SymbolId>,
    /// How many other ways there are to name the eigenvariables of the last move.
    alternatives: u8,
    /// Whether the last move named a thing by itself that a theorem gives another name.
    renamed: bool,
    /// By thing, whether a theorem names it.
    has_names: FxHashMap<TermId, bool>,
    /// Where the task stands.
    position: u32,
    /// Whether analogues are still to be asked for, and their skeletons to be replayed.
    analogues_pending: bool,
    replay_pending: bool,
    /// Clusters that are not answered by [`Step::Substituted`]: it did not hold.
    refused: FxHashSet<u32>,
    /// Variables that stand for eigenvariables.
    fresh: FxHashSet<SymbolId>,
    expansions: u64,
    applications: u64,
    /// Moves that skeletons applied.
    replayed: u64,
    closed: u64,
    /// How often it was asked whether time is over.
    asked: u64,
    /// Bytes behind the clusters.
    held: usize,
    /// Terms that were there before.
    base: usize,
}

impl Prepared {
    /// Builds the indexes. `usable[p]` says which premises the rules allow; the moves may be of more premises.
    pub fn new(theory: Arc<Theory>, moves: Arc<Moves>, tables: Arc<Tables>, usable: &[bool]) -> Prepared {
        let mut equal: FxHashMap<Vec<u32>, Vec<u32>> = FxHashMap::default();
        for p in 0..theory.len() as u32 {
            if let Some(x) = theory.premise(PremiseId(p)) {
                equal.entry(canonical_key(&theory.arena, x.conclusion, x.hyps)).or_default().push(p);
            }
        }
        let (reflexive, names) = closing::naming(&moves);
        // what follows by connectives alone is seen by its truth table
        let closers = closers(&theory).into_iter().filter(|c| c.name() != "propositional").collect();
        Prepared { theory, moves, tables, usable: usable.to_vec(), closers, equal, names, reflexive }
    }
    /// Searches a proof of one task. `arena` is the caller's copy of [`Moves::arena`] with the task's terms; what the
    /// search makes is cut off again unless there is a proof.
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
    /// The premises that say what a theorem of the database says: it is not proved by these. A statement that is asked for
    /// may be.
    pub fn forbidden(&self, task: &Task, arena: &Arena) -> FxHashSet<u32> {
        let source = &self.theory.db.source;
        let theorem = task.limit.index() < self.theory.db.len() && source.label(task.limit) == task.name;
        let equal = theorem.then(|| self.equal.get(&canonical_key(arena, task.goal, &task.hyps))).flatten();
        equal.map(|v| v.iter().copied().collect()).unwrap_or_default()
    }
}

/// The variables of formulas, sorted.
fn variables_of(arena: &Arena, formulas: &[&[TermId]]) -> Vec<SymbolId> {
    let mut all: Vec<SymbolId> = formulas.iter().copied().flatten().flat_map(|&t| arena.variables(t)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The premises of a theorem's own proof.
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
        // of human premises, they are all there are
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
    /// What applies moves.
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
                // what is easy needs no analogues
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
    /// Why it has to end now, if it has.
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
    /// Whether the expansions are used up, and nothing else counts.
    fn spent(&self) -> bool {
        self.expansions >= self.options.expansions && !(self.options.patient && self.options.seconds.is_some())
    }
}

#[cfg(test)]
mod tests;

//! The options of a search and its result.

use super::{Frontier, Minimised, Reuse, NAT};
use crate::dsl::theory::library::Proof;
use crate::wake_sleep::ranking::scorer::ANALOGUES;
#[cfg(doc)]
use crate::wake_sleep::ranking::scorer::REMEMBERED;

/// Bounds and weights of a search. Costs are in 1/4096 nat.
///
/// # Examples
/// ```
/// # use metadream_core::dsl::theory::library::Theory;
/// # use metadream_core::metamath_db::database::Database;
/// # use std::sync::Arc;
/// # let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../metamath_db/starter.mm"));
/// # let theory = Arc::new(Theory::new(Arc::new(Database::load(text.into()).unwrap())));
/// use metadream_core::wake_sleep::ranking::examples::Habits;
/// use metadream_core::wake_sleep::ranking::ranker::{usable_premises, Ranker};
/// use metadream_core::wake_sleep::search::{Options, Prepared};
///
/// let (ranker, habits) = (Ranker::new(&theory, 12), Habits::new(&theory, &[]));
/// let prepared = Prepared::new(theory.clone(), Arc::new(ranker), Arc::new(habits), &usable_premises(&theory));
/// let mut arena = prepared.arena();
/// let task = theory.find_task("a1i", &mut arena).unwrap();
/// let options = Options { expansions: 100, closers: false, ..Options::default() };
/// let proof = prepared.search(&task, &options, &mut arena).proof.unwrap();
/// let labels: Vec<&str> = proof.premises().map(|p| theory.label(p)).collect();
/// assert!(labels.contains(&"ax-1") && labels.contains(&"ax-mp"));
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    /// The budget in expansions, which is reproducible.
    pub expansions: u64,
    /// The budget in seconds of thread CPU, which is not reproducible; `None` for no such bound.
    pub seconds: Option<f64>,
    /// Whether learned lemmas are premises.
    pub lemmas: bool,
    /// Whether only the premises of the target's human proof, and hypotheses, may be used. A target that is no theorem
    /// then has no premises.
    pub human_premises: bool,
    /// The cost that is added for each step.
    pub step_cost: i32,
    /// The cost of closing a goal with a hypothesis by unification.
    pub hyp_cost: i32,
    /// The first estimate of a goal's cost.
    pub goal_cost: i32,
    /// The largest number of nodes in all formulas of one application.
    pub max_size: u32,
    /// The bound on memory in bytes, by the search's own estimate ([`super::Search::bytes`]), which is reproducible. It
    /// is not the memory of the process.
    pub memory_bytes: usize,
    /// The number of premises of a goal that are kept, the cheapest. When all of them were applied, the goal is ranked
    /// again and four times as many are kept. So the number affects memory and time only, as long as it is above 0.
    pub kept: usize,
    /// The number of most similar training proofs whose skeletons are replayed. With 0 there is also no prior and no
    /// memory.
    pub analogues: usize,
    /// The number of expansions before skeletons are replayed. Easy targets end before.
    pub replay_after: u64,
    /// The smallest cost of a step that a skeleton applies.
    pub replay_cost_floor: i32,
    /// The share of the ranker's cost that such a step costs at least, once its goal is ranked. It keeps steps that the
    /// model finds improbable from being cheap.
    pub replay_discount: f32,
    /// The cost that is added to such a step each time that the search goes through it. Without this and
    /// `replay_discount`, the pieces of skeletons in the graph draw the search away from what it finds by itself
    /// (docs/decisions/0008-weights-of-the-search.md).
    pub visit_penalty: i32,
    /// Whether skeletons are replayed, beside serving as prior.
    pub replay: bool,
    /// Whether the premises of the analogues are preferred.
    pub prior: bool,
    /// Whether premises are preferred that a larger number ([`REMEMBERED`]) of analogues applied at similar goals.
    pub memory: bool,
    /// The number of expansions before the analogues are looked up.
    pub analogues_after: u64,
    /// Whether the search goes on until both expansions *and* seconds are used up.
    pub patient: bool,
    /// Whether decision procedures are used.
    pub closers: bool,
    /// The largest number of steps of a decision procedure's proof; longer ones are ignored.
    pub longest_closed: usize,
    /// The budget in expansions for a shorter proof once one is found ([`super::minimise`]). With 0 the proof stays as
    /// found.
    pub minimise: u64,
    /// The factor of the model's logits. Calibrated logits (factor 1) are right about single steps but make the search
    /// too broad (docs/decisions/0008-weights-of-the-search.md).
    pub sharpness: f32,
    /// In the search in context, the largest cost of a move, without `step_cost`, below which the same expansion goes
    /// on: a chain of moves that the model is sure of is one choice. The search over premises ignores it.
    pub chain_threshold: i32,
    /// Whether a search without a proof returns its frontier.
    pub frontier: bool,
    /// The largest number of clusters of an AND/OR graph that is returned.
    pub graph: usize,
    /// The number of moves of a goal that are sent to a proposer (docs/proposer.md), the most probable by the first
    /// stage.
    pub proposer_moves: usize,
    /// The weight, from 0 to 1, of the proposer's log-probabilities against those of the first stage.
    pub proposer_weight: f32,
    /// The largest number of goals that are sent to the proposer in one search.
    pub proposer_calls: u64,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            expansions: 5_000,
            seconds: None,
            lemmas: true,
            human_premises: false,
            step_cost: NAT / 2,
            hyp_cost: NAT / 2,
            goal_cost: NAT,
            max_size: 1200,
            memory_bytes: 2 << 30,
            kept: 32,
            analogues: ANALOGUES,
            replay_after: 300,
            replay_cost_floor: NAT / 2,
            replay_discount: 0.2,
            visit_penalty: NAT / 200,
            replay: true,
            prior: true,
            memory: true,
            analogues_after: 8,
            patient: false,
            closers: true,
            longest_closed: usize::MAX,
            minimise: 0,
            sharpness: 2.25,
            chain_threshold: NAT / 10,
            frontier: false,
            graph: 0,
            proposer_moves: 32,
            proposer_weight: 0.5,
            proposer_calls: u64::MAX,
        }
    }
}

/// The reason why a search ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StopReason {
    /// A proof was found.
    Solved,
    /// The expansions are used up.
    Budget,
    /// The seconds are used up.
    Time,
    /// Nothing is left to try.
    Exhausted,
    /// The bound on memory was met, or the found proof is too large to be written.
    Memory,
    /// The parts of the found proof do not fit together (`$d` conditions across clusters).
    Misfit,
    /// The proposer failed.
    Proposer,
}

impl StopReason {
    /// The name of the reason in reports.
    pub fn name(self) -> &'static str {
        match self {
            StopReason::Solved => "solved",
            StopReason::Budget => "budget",
            StopReason::Time => "time",
            StopReason::Exhausted => "exhausted",
            StopReason::Memory => "memory",
            StopReason::Misfit => "misfit",
            StopReason::Proposer => "proposer",
        }
    }
}

/// The use of a proposer in a search.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ProposerUse {
    /// The number of calls.
    pub calls: u64,
    /// The number of moves sent in all calls.
    pub moves: u64,
    /// The time spent in calls, in seconds of wall-clock time.
    pub seconds: f64,
    /// The reason for a failure, if there was one.
    pub failed: Option<String>,
}

/// The result of a search.
#[derive(Clone, Debug)]
pub struct SearchResult {
    /// The proof, if one was found.
    pub proof: Option<Proof>,
    /// The reason why the search ended.
    pub reason: StopReason,
    /// The number of expansions.
    pub expansions: u64,
    /// The number of premises applied.
    pub applications: u64,
    /// The number of clusters made.
    pub clusters: usize,
    /// Seconds of thread CPU.
    pub seconds: f64,
    /// The number of steps that replayed skeletons applied.
    pub replayed: u64,
    /// The skeletons that contributed steps to the proof.
    pub reuse: Reuse,
    /// The effect of minimisation, if it was requested.
    pub minimised: Option<Minimised>,
    /// The number of steps that the search chose in the proof as it was found. Steps that closed goals at once do not
    /// count. 0 without a proof.
    pub decisions: u64,
    /// The number of goals that decision procedures closed.
    pub closed: u64,
    /// The frontier, if it was requested and there is no proof.
    pub frontier: Option<Frontier>,
    /// The AND/OR graph as JSON, if it was requested.
    pub graph: Option<serde_json::Value>,
    /// In the search in context, the fault of the found proof, if the search ended with [`StopReason::Misfit`].
    pub misfit: Option<String>,
    /// The use of the proposer, if there is one.
    pub proposer: Option<ProposerUse>,
}

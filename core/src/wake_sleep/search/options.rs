//! What a search is told, and what it answers.

use super::{Frontier, Minimised, Reuse, NAT};
use crate::dsl::theory::library::Proof;
use crate::wake_sleep::ranking::scorer::ANALOGUES;
#[cfg(doc)]
use crate::wake_sleep::ranking::scorer::REMEMBERED;

/// Bounds and weights of a search.
#[derive(Clone, Debug)]
pub struct Options {
    /// Expansions after which it gives up: the repeatable budget.
    pub expansions: u64,
    /// Thread CPU seconds after which it gives up (not repeatable).
    pub seconds: Option<f64>,
    /// Whether learned lemmas are premises.
    pub lemmas: bool,
    /// Whether the premises of the target's own human proof, and hypotheses, are all that may be used. A target that is no
    /// theorem has none.
    pub human_premises: bool,
    /// Added to the cost of each step.
    pub step_cost: i32,
    /// Cost of closing a goal with a hypothesis by unification.
    pub hyp_cost: i32,
    /// First estimate of a goal.
    pub goal_cost: i32,
    /// Nodes of all formulas of one application.
    pub max_size: u32,
    /// Bytes after which it gives up: of what it holds by its own count ([`super::Search::bytes`]), which is the same each
    /// time, not of what the process has.
    pub memory_bytes: usize,
    /// Premises of a goal that are kept, the cheapest. Where all of these were applied the goal is ranked again and four
    /// times as many are kept, so the search is the same with any number above 0.
    pub kept: usize,
    /// Training proofs whose skeletons are replayed on the target, the most similar ones; 0: none, no prior and no
    /// memory.
    pub analogues: usize,
    /// Expansions before skeletons are replayed: what is easy needs none.
    pub replay_after: u64,
    /// Cost of a step that a replayed skeleton asks for.
    pub replay_cost_floor: i32,
    /// Such a step costs this share of what the ranker wants for its premise, once its goal is ranked, if that is more:
    /// what the model thinks unlikely there is not cheap for having been right elsewhere.
    pub replay_discount: f32,
    /// Added to the cost of such a step each time that the search goes through it: without this and `replay_discount`, the pieces
    /// that skeletons leave in the graph draw the search away from what it finds by itself
    /// (docs/decisions/0008-weights-of-the-search.md).
    pub visit_penalty: i32,
    /// Whether they are replayed, not only taken as prior.
    pub replay: bool,
    /// Whether the premises of the analogues are preferred.
    pub prior: bool,
    /// Whether what more of them ([`REMEMBERED`]) applied to goals like one's own is preferred.
    pub memory: bool,
    /// Expansions before the analogues are looked up.
    pub analogues_after: u64,
    /// Whether it gives up only when expansions *and* seconds are used up.
    pub patient: bool,
    /// Whether decision procedures are asked.
    pub closers: bool,
    /// Their proofs that have more steps than this do not count.
    pub longest_closed: usize,
    /// Expansions for a shorter proof once one was found ([`super::minimise`]); 0: the proof stays as it was found.
    pub minimise: u64,
    /// The model's logits are multiplied by this. Calibrated ones (1) are right about single steps, but make the search
    /// too broad (docs/decisions/0008-weights-of-the-search.md).
    pub sharpness: f32,
    /// In context, below a move that costs no more than this, the step itself not counted, the same expansion goes on: a
    /// chain of moves that the model is sure of is one choice. The search over premises does not.
    pub chain_threshold: i32,
    /// Whether it says where it stands when it ends without a proof.
    pub frontier: bool,
    /// The AND/OR graph is given if it has no more clusters than this.
    pub graph: usize,
    /// Moves of a goal that are put to a proposer (docs/proposer.md), the likeliest by the first stage.
    pub proposer_moves: usize,
    /// Weight of its log-probabilities beside those of the first stage, from 0 to 1; with 1 they replace them.
    pub proposer_weight: f32,
    /// Goals that are put to it in one search, at most.
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

/// Why a search ended.
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
    /// The bound on memory was hit, or the proof that was found is too large to be worked out.
    Memory,
    /// A proof was found whose parts do not fit together (`$d` conditions across clusters).
    Misfit,
    /// The proposer failed.
    Proposer,
}

impl StopReason {
    /// Its name in reports.
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

/// What a proposer was asked in a search.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ProposerUse {
    /// How often.
    pub calls: u64,
    /// About how many moves in all.
    pub moves: u64,
    /// How long it took, seconds on the clock.
    pub seconds: f64,
    /// Why it gave no answer, if it failed.
    pub failed: Option<String>,
}

/// Outcome of a search.
#[derive(Clone, Debug)]
pub struct SearchResult {
    /// The proof, if one was found.
    pub proof: Option<Proof>,
    /// Why it ended.
    pub reason: StopReason,
    /// Expansions made.
    pub expansions: u64,
    /// Premises applied.
    pub applications: u64,
    /// Clusters made.
    pub clusters: usize,
    /// Thread CPU seconds.
    pub seconds: f64,
    /// Steps of skeletons that were replayed.
    pub replayed: u64,
    /// Which skeletons the proof owes steps to.
    pub reuse: Reuse,
    /// How much shorter the proof was made, if that was asked for.
    pub minimised: Option<Minimised>,
    /// Steps of the proof, as it was found, that the search chose: what closed goals at once does not count. 0 without a
    /// proof.
    pub decisions: u64,
    /// Goals that decision procedures closed.
    pub closed: u64,
    /// Where it stands, if that was asked for and there is no proof.
    pub frontier: Option<Frontier>,
    /// The AND/OR graph as JSON, if that was asked for.
    pub graph: Option<serde_json::Value>,
    /// Of a search in context, why what it found is no proof, if it ended with [`StopReason::Misfit`].
    pub misfit: Option<String>,
    /// What a proposer was asked, if there is one.
    pub proposer: Option<ProposerUse>,
}

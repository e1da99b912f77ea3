//! A proposer: a ranker of moves outside the core, such as a language model.
//!
//! The first stage ranks all moves that fit a goal. The proposer receives the goal and the best of these moves, and
//! returns a log-probability for each of them. The search redistributes the first stage's probability among these
//! moves. Let p be the first stage's probability of a move, q the proposer's probability over the moves shown, M the
//! sum of p over the moves shown, and w the weight. Then a move costs `(1 − w)(−log p) + w(−log(q M))`. With weight 1
//! the proposer's order replaces the first stage's among the moves shown; with weight 0 nothing changes. Other moves
//! keep their costs. A proposer can make a search longer, but never unsound: what is found is checked like any other
//! proof.
//!
//! Each goal is sent to the proposer once. When its moves are ranked again, the same scores are used. Replayed
//! skeletons are not sent. The price is one call for each goal that the search expands; so calls are counted and
//! bounded.

use super::search::{MoveContext, Ranks, NO_MEMBER};
use crate::dsl::theory::library::{Task, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::inference::moves::readings::{Move, Moves, Part, Reading};
use crate::wake_sleep::inference::moves::sequents::{consequent, context};
use crate::wake_sleep::inference::training::skeleton::Skeleton;
use crate::wake_sleep::search::{Options, ProposerUse, NAT};
use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::time::Instant;

/// The largest cost in nats that a proposer's score can give a move.
const MOST_NATS: f32 = 100.0;

/// A move as it is shown to a proposer.
#[derive(Clone, Debug)]
pub struct ProposedMove {
    /// The label of the assertion or lemma.
    pub label: String,
    /// The move in words of the assertion's variables: `premise & premise => conclusion`. A premise with antecedents of
    /// its own is written `( antecedent & antecedent |- premise )`.
    pub text: String,
    /// The member of Γ that the move takes apart, if any.
    pub takes: Option<String>,
    /// The first stage's cost: −log p, in nats.
    pub cost: f32,
}

/// An open goal with its most probable moves.
#[derive(Clone, Debug)]
pub struct Question {
    /// The formula to be proved, with its typecode; `?0`, `?1` … are metavariables.
    pub goal: String,
    /// The members of Γ, which may be assumed, without the main typecode.
    pub gamma: Vec<String>,
    /// The hypotheses of the task, with their typecodes.
    pub hypotheses: Vec<String>,
    /// The moves, in the order of the first stage.
    pub moves: Vec<ProposedMove>,
}

/// A ranker of the moves of a goal.
pub trait Proposer {
    /// Returns for each move of the question a log-probability (nats), up to a common constant. Minus infinity excludes
    /// a move.
    ///
    /// # Errors
    /// The reason why there are no scores. The search ends then.
    fn scores(&self, question: &Question) -> Result<Vec<f32>, String>;
}

/// The scores of a goal's moves, by move and number of the member of Γ, sorted.
type Scores = Vec<((u32, u8), f32)>;

/// A ranking of moves that includes a proposer's scores.
pub struct Proposed<'a> {
    ranks: &'a mut dyn Ranks,
    proposer: &'a dyn Proposer,
    theory: &'a Theory,
    moves: &'a Moves,
    task: &'a Task,
    options: &'a Options,
    hypotheses: Vec<String>,
    /// The scores of each goal that was sent.
    known: FxHashMap<(TermId, MoveContext), Scores>,
    /// The number of calls so far, and what became of them.
    pub asked: ProposerUse,
}

impl<'a> Proposed<'a> {
    /// Creates the ranking for one task; `ranks` is the first stage.
    pub fn new(
        ranks: &'a mut dyn Ranks,
        proposer: &'a dyn Proposer,
        (theory, moves): (&'a Theory, &'a Moves),
        (task, options): (&'a Task, &'a Options),
        arena: &Arena,
    ) -> Proposed<'a> {
        let hypotheses = task.hyps.iter().map(|&h| theory.db.show_statement(arena, h)).collect();
        let (known, asked) = (FxHashMap::default(), ProposerUse::default());
        Proposed { ranks, proposer, theory, moves, task, options, hypotheses, known, asked }
    }
    /// Sends a goal to the proposer, unless its calls are used up or there is only one move.
    fn ask(&mut self, arena: &Arena, s: TermId, candidates: &[(u32, u8)], costs: &[(i32, u32)]) -> Scores {
        let shown = &costs[..costs.len().min(self.options.proposer_moves)];
        if shown.len() < 2 || self.asked.calls >= self.options.proposer_calls || self.asked.failed.is_some() {
            return Scores::new();
        }
        let of = |&(cost, i): &(i32, u32)| self.shown(arena, s, candidates[i as usize], cost);
        let question = Question {
            goal: self.theory.db.show_statement(arena, consequent(arena, s)),
            gamma: context(arena, s).iter().map(|&m| self.theory.db.show(arena, m)).collect(),
            hypotheses: self.hypotheses.clone(),
            moves: shown.iter().map(of).collect(),
        };
        let start = Instant::now();
        let said = self.proposer.scores(&question).and_then(|scores| checked(scores, shown.len()));
        self.asked.calls += 1;
        self.asked.moves += shown.len() as u64;
        self.asked.seconds += start.elapsed().as_secs_f64();
        match said {
            Ok(scores) => {
                let by = shown.iter().map(|x| candidates[x.1 as usize]);
                let mut scores: Scores = by.zip(scores).collect();
                scores.sort_unstable_by_key(|x| x.0);
                scores
            }
            Err(why) => {
                self.asked.failed = Some(why);
                Scores::new()
            }
        }
    }
    fn shown(&self, arena: &Arena, s: TermId, (number, member): (u32, u8), cost: i32) -> ProposedMove {
        let m = &self.moves.all[number as usize];
        let takes = (member != NO_MEMBER).then(|| context(arena, s)[usize::from(member)]);
        ProposedMove {
            label: self.theory.label(self.named(m).premise).to_owned(),
            text: self.text(m),
            takes: takes.map(|t| self.theory.db.show(arena, t)),
            cost: cost as f32 / NAT as f32,
        }
    }
    /// The assertion that names a move: of the twins that stand before the task, the one with the shortest label.
    fn named<'m>(&self, m: &'m Move) -> &'m Reading {
        let there = m.readings.iter().filter(|r| r.is_there(self.theory, self.task));
        let shortest = there.min_by_key(|r| (self.theory.label(r.premise).len(), r.premise));
        shortest.unwrap_or(&m.readings[0])
    }
    /// The text of a move: `premise & premise => conclusion`.
    fn text(&self, m: &Move) -> String {
        let show = |t: TermId| {
            let text = self.theory.db.show(&self.moves.arena, t);
            let name = |word: &str| {
                let meta = word.strip_prefix('?').and_then(|n| n.parse::<usize>().ok());
                let variable = meta.and_then(|n| m.variables.get(n));
                variable.map_or_else(|| word.to_owned(), |&v| self.theory.db.source.symbol(v).to_owned())
            };
            text.split(' ').map(name).collect::<Vec<_>>().join(" ")
        };
        let part = |p: &Part| match &p.added[..] {
            [] => show(p.goal),
            added => {
                let added: Vec<String> = added.iter().map(|&t| show(t)).collect();
                format!("( {} |- {} )", added.join(" & "), show(p.goal))
            }
        };
        let premises: Vec<String> = m.takes.iter().map(|&t| show(t)).chain(m.parts.iter().map(part)).collect();
        match premises.is_empty() {
            true => show(m.goal),
            false => format!("{} => {}", premises.join(" & "), show(m.goal)),
        }
    }
}

/// Checks the number of scores and that each is a number or minus infinity.
fn checked(scores: Vec<f32>, wanted: usize) -> Result<Vec<f32>, String> {
    if scores.len() != wanted {
        return Err(format!("it gave {} scores for {wanted} moves", scores.len()));
    }
    if scores.iter().any(|s| s.is_nan() || *s == f32::INFINITY) {
        return Err("it gave a score that is no log-probability (not a number, or infinite)".to_owned());
    }
    if scores.iter().all(|s| *s == f32::NEG_INFINITY) {
        return Err("it gave all moves minus infinity".to_owned());
    }
    Ok(scores)
}

/// log Σ exp x over `values`.
fn log_sum(values: impl Iterator<Item = f32> + Clone) -> f32 {
    let most = values.clone().fold(f32::NEG_INFINITY, f32::max);
    most + values.map(|x| (x - most).exp()).sum::<f32>().ln()
}

/// Mixes scores into costs by the formula of the module head, and sorts: the cheapest first, ties by place.
fn mix(costs: &mut [(i32, u32)], candidates: &[(u32, u8)], scores: &Scores, weight: f32) {
    let score = |i: u32| scores.binary_search_by_key(&candidates[i as usize], |x| x.0).ok().map(|k| scores[k].1);
    let nats = |cost: i32| cost as f32 / NAT as f32;
    let both: Vec<(f32, f32)> = costs.iter().filter_map(|&(c, i)| Some((nats(c), score(i)?))).collect();
    let total = log_sum(both.iter().map(|x| x.1));
    if !total.is_finite() {
        return; // The proposer excludes every move shown.
    }
    let mass = log_sum(both.iter().map(|x| -x.0));
    for (cost, i) in costs.iter_mut() {
        if let Some(score) = score(*i) {
            let proposed = (total - score - mass).clamp(0.0, MOST_NATS);
            *cost = (((1.0 - weight) * nats(*cost) + weight * proposed) * NAT as f32).round() as i32;
        }
    }
    costs.sort_unstable();
}

impl Ranks for Proposed<'_> {
    fn costs(
        &mut self,
        arena: &Arena,
        sequent: TermId,
        context: &MoveContext,
        candidates: &[(u32, u8)],
        most: usize,
    ) -> Vec<(i32, u32)> {
        let mut costs = self.ranks.costs(arena, sequent, context, candidates, most);
        let key = (sequent, *context);
        if !self.known.contains_key(&key) {
            let scores = self.ask(arena, sequent, candidates, &costs);
            self.known.insert(key, scores);
        }
        if let Some(scores) = self.known.get(&key).filter(|s| !s.is_empty()) {
            mix(&mut costs, candidates, scores, self.options.proposer_weight);
        }
        costs
    }
    fn consult(&mut self, arena: &mut Arena, task: &Task) -> bool {
        self.ranks.consult(arena, task)
    }
    fn substitutes(
        &mut self,
        arena: &Arena,
        sequent: TermId,
        context: &MoveContext,
        candidates: &[(u32, u8)],
        instead: u32,
    ) -> Vec<u32> {
        self.ranks.substitutes(arena, sequent, context, candidates, instead)
    }
    fn skeletons(&mut self, arena: &mut Arena, most: usize) -> Vec<(u32, Arc<Skeleton>)> {
        self.ranks.skeletons(arena, most)
    }
    fn has_failed(&self) -> bool {
        self.asked.failed.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nats(costs: &[(i32, u32)]) -> Vec<(f32, u32)> {
        costs.iter().map(|&(c, i)| ((c as f32 / NAT as f32 * 1000.0).round() / 1000.0, i)).collect()
    }

    #[test]
    fn scores_share_out_anew_what_the_first_stage_gives_the_moves_shown() {
        let candidates = [(7, NO_MEMBER), (8, NO_MEMBER), (9, 0), (9, 1)];
        // p = 0.5, 0.25, 0.125, 0.125. The first two are shown, with q = 0.2, 0.8.
        let first: Vec<(i32, u32)> =
            [0.5f32, 0.25, 0.125, 0.125].iter().zip(0..).map(|(p, i)| ((-p.ln() * NAT as f32) as i32, i)).collect();
        let scores: Scores = vec![((7, NO_MEMBER), 1.0), ((8, NO_MEMBER), 1.0 + 4f32.ln())];
        let mixed = |weight: f32| {
            let mut costs = first.clone();
            mix(&mut costs, &candidates, &scores, weight);
            nats(&costs)
        };
        assert_eq!(mixed(0.0), nats(&first));
        assert_eq!(mixed(1.0), [(0.511, 1), (1.897, 0), (2.079, 2), (2.079, 3)]); // q M = 0.6 and 0.15
        assert_eq!(mixed(0.5), [(0.948, 1), (1.295, 0), (2.079, 2), (2.079, 3)]);
    }

    #[test]
    fn what_is_never_right_comes_last_and_what_is_no_probability_is_refused() {
        let candidates = [(7, NO_MEMBER), (8, NO_MEMBER)];
        let mut costs = vec![(0, 0), (5, 1)];
        mix(&mut costs, &candidates, &vec![((7, NO_MEMBER), f32::NEG_INFINITY), ((8, NO_MEMBER), 0.0)], 1.0);
        assert_eq!(costs, [(0, 1), ((MOST_NATS * NAT as f32) as i32, 0)]);
        assert!(checked(vec![0.0], 2).is_err_and(|why| why == "it gave 1 scores for 2 moves"));
        assert!(checked(vec![0.0, f32::NAN], 2).is_err() && checked(vec![f32::INFINITY, 0.0], 2).is_err());
        assert!(checked(vec![f32::NEG_INFINITY; 2], 2).is_err());
        assert_eq!(checked(vec![f32::NEG_INFINITY, 0.0], 2).map(|s| s.len()), Ok(2));
    }
}

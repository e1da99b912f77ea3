//! Clusters as they are made, and what they are first expected to cost: a constant a goal, or what the critic says.
//!
//! The critic's nats are weighed low, for an estimate that is right on average makes the search believe the first
//! thing that it sees; [`Options::critic`] has the row. What it thinks hopeless is put off: it costs so much more
//! that everything else is tried before it, and nothing is lost.

use super::memory::pushed;
use super::{Action, Cluster, Context, Options, Search, INFINITE, NAT};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::term::Head;
use crate::wake_sleep::closers::{Closer, Site};
use crate::wake_sleep::critic::{self, Critic, Value};
use smallvec::SmallVec;

/// Added to the estimate of what is put off; far below what counts as impossible.
pub(super) const PUT_OFF: i32 = 2_000 * NAT;
/// Nats that a goal may cost at most, so that goals put off together stay possible.
const MOST: f32 = 100.0;

/// What a goal is expected to cost, in 1/4096 nat.
fn estimate(options: &Options, value: Value) -> i32 {
    let nats = (options.critic_weight * value.cost).clamp(0.0, MOST);
    let price = options.critic_base + (nats * NAT as f32).round() as i32;
    if value.doubt() > options.give_up {
        price + PUT_OFF
    } else {
        price
    }
}

impl Search<'_> {
    /// The cluster of some goals, made if it is new; it is closed at once where one step does that.
    pub(super) fn cluster(&mut self, goals: &[(TermId, Context)], metas: u32, disjoint: Vec<(Head, Head)>) -> u32 {
        let terms: SmallVec<[TermId; 2]> = goals.iter().map(|g| g.0).collect();
        let key = (terms, disjoint);
        if let Some(&id) = self.table.get(&key) {
            return id;
        }
        let id = self.clusters.len() as u32;
        let terms = key.0.clone();
        let given = match (metas, goals) {
            (0, [(goal, _)]) => self.closer(*goal),
            _ => None,
        };
        let refuted = |closer: &dyn Closer, site: &mut Site<'_>| closer.refutes(&terms, site).then_some(());
        let estimate = match given {
            Some(_) => 0,
            None if self.options.closers && self.ask(refuted).is_some() => INFINITE,
            None => self.first_estimate(goals),
        };
        let mut c = Cluster {
            goals: terms,
            contexts: goals.iter().map(|g| g.1).collect(),
            metas,
            disjoint: key.1.clone(),
            estimate,
            first_estimate: estimate,
            solved: None,
            closed: None,
            expanded: false,
            on_path: false,
            selected: 0,
            actions: Vec::new(),
            candidates: Vec::new(),
            fitting: 0,
            next: 0,
            visits: 0,
            parents: Vec::new(),
        };
        self.held += c.spilled();
        if let Some(rule) = given {
            let close = Action {
                rule,
                cost: 0,
                children: SmallVec::new(),
                places: SmallVec::new(),
                shut: SmallVec::new(),
                by: None,
                chosen: false,
            };
            self.held += pushed(&mut c.actions, close);
            c.solved = Some(0);
            c.expanded = true;
        }
        self.table.insert(key, id);
        self.clusters.push(c);
        id
    }
    /// The first estimate of a cluster.
    pub(super) fn first_estimate(&mut self, goals: &[(TermId, Context)]) -> i32 {
        let shared = self.shared;
        match shared.critic.as_deref().filter(|_| self.options.critic) {
            Some(critic) => self.criticised(critic, goals),
            None => self.options.goal_cost.saturating_mul(goals.len() as i32),
        }
    }
    fn criticised(&mut self, critic: &Critic, goals: &[(TermId, Context)]) -> i32 {
        let (mut all, mut ends) = (Vec::new(), Vec::new());
        let featurizer = &self.shared.featurizer;
        critic::features(featurizer, self.arena, goals, &self.hyps, &mut self.features, &mut all, &mut ends);
        let mut from = 0;
        ends.iter().fold(0i32, |sum, &to| {
            let value = critic.value(&all[from..to as usize]);
            from = to as usize;
            sum.saturating_add(estimate(self.options, value))
        })
    }
}

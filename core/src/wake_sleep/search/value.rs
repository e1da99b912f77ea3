//! First estimates of clusters: a constant a goal, or what the critic says.
//!
//! The critic's nats are weighed low, for an estimate that is right on average makes the search believe the first
//! thing that it sees; [`Options::critic_weight`] has the row. What it thinks hopeless is put off: it costs so
//! much more that everything else is tried before it, and nothing is lost.

use super::{Context, Options, Search, NAT};
use crate::metamath_db::ids::TermId;
use crate::wake_sleep::critic::{self, Critic, Value};

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

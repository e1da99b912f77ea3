//! A search as the critic learns from it: the part of the AND/OR graph that was looked at most, with what each cluster
//! turned out to cost. The task's own proof, if it is given, is put into the graph after the search: clusters on
//! its way are proved, too, at the price that the ranker asks for its steps.

use super::{Prepared, Search, INFINITE, NAT};
use crate::dsl::library::{Proof, Rule, Task};
use crate::metamath_db::term::Arena;
use crate::wake_sleep::critic;
use std::collections::BinaryHeap;

/// Actions kept of a cluster, the cheapest ones.
const ACTIONS: usize = 4;
/// In [`Lesson::cost`]: not proved.
pub const OPEN_COST: f32 = -1.0;
/// Marks steps of the task's own proof until they have their price.
const UNPRICED: i32 = INFINITE / 8;

/// The graph in columns; cluster 0 is the root.
#[derive(Default)]
pub struct Lesson {
    /// Features of all goals, and where each goal's end.
    pub features: Vec<u32>,
    /// By goal.
    pub feature_ends: Vec<u32>,
    /// By cluster, where its goals end.
    pub goal_ends: Vec<u32>,
    /// By cluster, nats of the cheapest proof known; [`OPEN_COST`]: none.
    pub cost: Vec<f32>,
    /// By cluster, nats of the cheapest thing left to try.
    pub bound: Vec<f32>,
    /// By cluster, descents that went through it.
    pub visits: Vec<u32>,
    /// By cluster, where its actions end; none: its actions are not told.
    pub action_ends: Vec<u32>,
    /// By action, nats.
    pub action_cost: Vec<f32>,
    /// By action, where its children end.
    pub child_ends: Vec<u32>,
    /// Clusters.
    pub children: Vec<u32>,
}

impl Prepared {
    /// Searches a task, then tells at most `most` clusters of the graph.
    pub fn lesson(
        &self,
        task: &Task,
        own: Option<&Proof>,
        options: &super::Options,
        most: usize,
        arena: &mut Arena,
    ) -> Lesson {
        let start = cpu_time::ThreadTime::now();
        let base = arena.len().max(self.theory.arena.len());
        // each step of the task's own proof is priced by its place among all that fit
        let options = &super::Options { kept: usize::MAX, ..options.clone() };
        let generous = super::Options { expansions: u64::MAX, seconds: None, ..options.clone() };
        let mut s = Search::new(self, task, options, arena);
        let root = s.cluster(&[(task.goal, Default::default())], 0, Vec::new());
        s.run(root, start);
        s.options = &generous;
        if let Some(own) = own.filter(|p| !p.is_empty() && s.clusters[root as usize].closed.is_none()) {
            s.replay(root, 0, own, [UNPRICED; 2], [None; 2]);
        }
        let costs = s.proved();
        let out = s.tell(root, &costs, most);
        arena.truncate(base);
        out
    }
}

impl Search<'_> {
    /// What the cheapest known proof of each cluster costs.
    fn proved(&mut self) -> Vec<i32> {
        for at in 0..self.clusters.len() as u32 {
            self.price(at);
        }
        let mut cost: Vec<i32> = vec![INFINITE; self.clusters.len()];
        let mut again = true;
        while std::mem::take(&mut again) {
            for at in (0..self.clusters.len()).rev().filter(|&i| self.clusters[i].solved.is_some()) {
                let c = &self.clusters[at];
                let of = |a: &super::Action| a.children.iter().fold(a.cost, |s, &k| s.saturating_add(cost[k as usize]));
                let best = if c.closed.is_some() { 0 } else { c.actions.iter().map(of).min().unwrap_or(INFINITE) };
                if best < cost[at] {
                    (cost[at], again) = (best, true);
                }
            }
        }
        cost
    }
    /// Prices the steps of a cluster that stand there because the task's own proof has them.
    fn price(&mut self, at: u32) {
        let c = &self.clusters[at as usize];
        if !c.actions.iter().any(|a| a.cost >= UNPRICED) {
            return;
        }
        let selected = usize::from(c.selected);
        let (goal, context) = (c.goals[selected], c.contexts[selected]);
        let candidates = if c.expanded || self.arena.head(goal).as_meta().is_some() {
            c.candidates.clone()
        } else {
            self.rank(goal, context)
        };
        let worst = candidates.last().map_or(8 * NAT, |c| c.0 + NAT);
        let hyp = self.options.hyp_cost;
        for a in self.clusters[at as usize].actions.iter_mut().filter(|a| a.cost >= UNPRICED) {
            a.cost = match a.rule {
                Rule::Premise(p) => candidates.iter().find(|c| c.1 == p.0).map_or(worst, |c| c.0),
                Rule::Hyp(_) => hyp,
            };
        }
    }
    /// The clusters that were looked at most, from the root on.
    fn tell(&mut self, root: u32, cost: &[i32], most: usize) -> Lesson {
        let mut number = rustc_hash::FxHashMap::default();
        let mut told: Vec<(u32, Vec<usize>)> = Vec::new();
        let mut heap = BinaryHeap::new();
        let rank = |s: &Self, at: u32| {
            let c = &s.clusters[at as usize];
            (c.solved.is_some(), c.visits, std::cmp::Reverse(at))
        };
        number.insert(root, 0u32);
        told.push((root, Vec::new()));
        heap.push((rank(self, root), 0usize));
        while let Some((_, n)) = heap.pop() {
            if told.len() >= most {
                break;
            }
            let c = &self.clusters[told[n].0 as usize];
            let mut order: Vec<(i32, usize)> = Vec::new();
            for (i, a) in c.actions.iter().enumerate() {
                let of = |k: &u32| match self.clusters[*k as usize].solved {
                    Some(_) => cost[*k as usize],
                    None => self.clusters[*k as usize].estimate,
                };
                let done = a.children.iter().all(|&k| self.clusters[k as usize].solved.is_some());
                let sum = a.children.iter().fold(a.cost, |s, k| s.saturating_add(of(k)));
                order.push((if done { sum - INFINITE } else { sum }, i));
            }
            order.sort_unstable();
            let kept: Vec<usize> = order.into_iter().take(ACTIONS).map(|x| x.1).collect();
            let children: Vec<u32> =
                kept.iter().flat_map(|&i| self.clusters[told[n].0 as usize].actions[i].children.to_vec()).collect();
            told[n].1 = kept;
            for k in children {
                number.entry(k).or_insert_with(|| {
                    told.push((k, Vec::new()));
                    heap.push((rank(self, k), told.len() - 1));
                    told.len() as u32 - 1
                });
            }
        }
        self.columns(&told, &number, cost)
    }
    fn columns(&self, told: &[(u32, Vec<usize>)], number: &rustc_hash::FxHashMap<u32, u32>, cost: &[i32]) -> Lesson {
        let nats = |c: i32| c as f32 / NAT as f32;
        let mut out = Lesson::default();
        let mut row = Vec::new();
        for (at, actions) in told {
            let c = &self.clusters[*at as usize];
            let goals: Vec<_> = c.goals.iter().copied().zip(c.contexts.iter().copied()).collect();
            let featurizer = &self.shared.featurizer;
            critic::features(
                featurizer,
                self.arena,
                &goals,
                &self.hyps,
                &mut row,
                &mut out.features,
                &mut out.feature_ends,
            );
            out.goal_ends.push(out.feature_ends.len() as u32);
            let known = cost[*at as usize] < UNPRICED;
            out.cost.push(if known { nats(cost[*at as usize]) } else { OPEN_COST });
            out.bound.push(nats(c.estimate.min(1000 * NAT)));
            out.visits.push(c.visits);
            for &i in actions {
                let a = &c.actions[i];
                out.action_cost.push(nats(a.cost));
                out.children.extend(a.children.iter().map(|k| number[k]));
                out.child_ends.push(out.children.len() as u32);
            }
            out.action_ends.push(out.action_cost.len() as u32);
        }
        out
    }
}

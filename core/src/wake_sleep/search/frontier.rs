//! The frontier of a search that ended without a proof: its cheapest solution graph as a proof with open steps, and its
//! open goals with the premises that would come next. Also the whole AND/OR graph, for a drawing.
//!
//! This module only reads. At each cluster the walk takes the choice of the next descent, so it costs as much as one
//! descent. [`MAX_CLUSTERS`] bounds it where clusters with metavariables are visited repeatedly.

use super::{Choice, Search, INFINITE, NAT};
use crate::dsl::theory::draft::OPEN_LABEL;
use crate::dsl::theory::library::{PremiseId, Proof, Rule, Step, Task, Theory, MAX_STEPS};
use crate::metamath_db::ids::TermId;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{json, Value};
use smallvec::SmallVec;

/// The largest number of clusters that the walk visits.
const MAX_CLUSTERS: usize = 1000;
/// The number of premises shown for an open goal.
pub(super) const SHOWN: usize = 5;

/// The cheapest partial proof that a search knows.
#[derive(Clone, Debug)]
pub struct Frontier {
    /// The partial proof. Hypotheses numbered behind the task's own are its open goals, in order.
    pub proof: Proof,
    /// The steps that prove the requested goals.
    pub roots: Vec<u32>,
    /// Its open clusters as JSON objects, in the form that `docs/prove.md` describes.
    pub open: Vec<Value>,
    /// Its cost plus the estimates of its open goals, in 1/4096 nat.
    pub cost: i32,
}

impl Theory {
    /// A frontier as JSON: `steps` (label and children; open goal k is `open:k`), `roots`, `open`, `nats`.
    pub fn frontier_json(&self, task: &Task, f: &Frontier) -> String {
        let mut out = self.steps_json(task, &f.proof, &f.roots);
        out["open"] = f.open.clone().into();
        out["nats"] = nats(f.cost);
        out.to_string()
    }
    /// Steps within a task as JSON: `steps` (label and children; hypothesis k behind the task's own is `open:k`) and
    /// `roots`.
    pub fn steps_json(&self, task: &Task, proof: &Proof, roots: &[u32]) -> Value {
        let label = |rule: Rule| match rule {
            Rule::Premise(p) => self.label(p).to_owned(),
            Rule::Hyp(k) => {
                let open = || format!("{OPEN_LABEL}{}", k as usize - task.hyps.len());
                task.hyp_labels.get(k as usize).cloned().unwrap_or_else(open)
            }
        };
        let steps: Vec<Value> = proof.steps.iter().map(|s| json!([label(s.rule), s.children.to_vec()])).collect();
        json!({"steps": steps, "roots": roots})
    }
}

struct Walk {
    proof: Proof,
    shared: FxHashMap<u32, u32>,
    path: FxHashSet<u32>,
    open: Vec<Value>,
    /// The clusters that `open` describes.
    clusters: Vec<u32>,
    hyps: u32,
    visits: usize,
}

/// A cost in nats; null if it is infinite.
fn nats(cost: i32) -> Value {
    match cost {
        INFINITE.. => Value::Null,
        _ => json!(f64::from(cost) / f64::from(NAT)),
    }
}

impl Search<'_> {
    /// The cheapest solution graph below a cluster; `None` if it has more than [`MAX_STEPS`] steps.
    pub(super) fn frontier(&mut self, root: u32) -> Option<Frontier> {
        let mut w = Walk {
            proof: Proof::default(),
            shared: FxHashMap::default(),
            path: FxHashSet::default(),
            open: Vec::new(),
            clusters: Vec::new(),
            hyps: self.task.hyps.len() as u32,
            visits: 0,
        };
        let roots = self.walk_cheapest(root, &mut w).to_vec();
        for (open, &at) in w.open.iter_mut().zip(&w.clusters) {
            open["hopeless"] = self.hopeless(at).into();
        }
        let cost = self.clusters[root as usize].estimate;
        (w.proof.steps.len() <= MAX_STEPS).then_some(Frontier { proof: w.proof, roots, open: w.open, cost })
    }
    /// The reason why a cluster cannot be solved; `None` if it still may be.
    fn hopeless(&mut self, at: u32) -> Option<String> {
        if self.clusters[at as usize].estimate < INFINITE {
            return None;
        }
        let goals = self.clusters[at as usize].goals.clone();
        let found = self.ask(|closer, site| closer.countermodel(&goals, site));
        let Some(mut values) = found else { return Some("nothing is left to try for it".to_owned()) };
        values.retain(|v| self.arena.size(v.0) <= MAX_CLUSTERS as u32);
        let said = |&(t, v): &(TermId, bool)| format!("{} is {v}", self.shared.theory.db.show(self.arena, t));
        let words: Vec<String> = values.iter().map(said).collect();
        let given = if self.task.hyps.is_empty() { "" } else { ", where what is given is true" };
        Some(match words.is_empty() {
            true => format!("it is false whatever its parts are{given}"),
            false => format!("it is false where {}{given}", words.join(", ")),
        })
    }
    /// Appends the steps below a cluster; returns the step of each of its goals.
    fn walk_cheapest(&self, at: u32, w: &mut Walk) -> SmallVec<[u32; 2]> {
        if let Some(&step) = w.shared.get(&at) {
            return SmallVec::from_slice(&[step]);
        }
        let c = &self.clusters[at as usize];
        w.visits += 1;
        let choice = match self.best(at).1 {
            _ if c.solved.is_some() => return self.extract(at, &mut w.proof, &mut w.shared),
            Choice::Act(i) if w.visits <= MAX_CLUSTERS && w.path.insert(at) => Some(&c.actions[i]),
            _ => None,
        };
        let Some(action) = choice else { return self.leave_open(at, w) };
        let parts: Vec<SmallVec<[u32; 2]>> = action.children.iter().map(|&k| self.walk_cheapest(k, w)).collect();
        w.path.remove(&at);
        let (own, goals) = c.write(action, &parts, &mut w.proof);
        if c.metas == 0 && c.goals.len() == 1 {
            w.shared.insert(at, own);
        }
        goals
    }
    /// Appends the goals of a cluster as open steps.
    fn leave_open(&self, at: u32, w: &mut Walk) -> SmallVec<[u32; 2]> {
        let c = &self.clusters[at as usize];
        let first = w.proof.steps.len() as u32;
        for _ in &c.goals {
            w.proof.steps.push(Step { rule: Rule::Hyp(w.hyps), children: SmallVec::new() });
            w.hyps += 1;
        }
        if c.metas == 0 && c.goals.len() == 1 {
            w.shared.insert(at, first);
        }
        let premises: Vec<Value> = c
            .candidates
            .iter()
            .take(SHOWN)
            .zip(0u32..)
            .map(|(&(cost, p), i)| json!({"label": self.shared.theory.label(PremiseId(p)), "nats": nats(cost), "tried": i < c.next}))
            .collect();
        w.clusters.push(at);
        w.open.push(json!({
            "goals": c.goals.iter().map(|&g| self.shared.theory.db.show_statement(self.arena, g)).collect::<Vec<_>>(),
            "nats": nats(c.estimate),
            "looked_at": c.expanded,
            "premises": premises,
            "tried": c.next,
            "fitting": c.fitting,
            "hopeless": Value::Null,
        }));
        (first..w.proof.steps.len() as u32).collect()
    }
    /// All clusters and actions as JSON, for a drawing; `None` if the search has more than `most` clusters.
    pub(super) fn graph(&self, root: u32, most: usize) -> Option<Value> {
        if self.clusters.len() > most {
            return None;
        }
        let label = |rule: Rule| match rule {
            Rule::Premise(p) => self.shared.theory.label(p).to_owned(),
            Rule::Hyp(k) => self.task.hyp_labels.get(k as usize).cloned().unwrap_or_default(),
        };
        let cluster = |c: &super::Cluster| {
            let action = |a: &super::Action| json!({"rule": label(a.rule), "nats": nats(a.cost), "children": a.children.to_vec()});
            json!({
                "goals": c.goals.iter().map(|&g| self.shared.theory.db.show_statement(self.arena, g)).collect::<Vec<_>>(),
                "nats": nats(c.estimate),
                "solved": c.solved,
                "closed": c.closed.is_some(),
                "looked_at": c.expanded,
                "tried": c.next,
                "fitting": c.fitting,
                "actions": c.actions.iter().map(action).collect::<Vec<_>>(),
            })
        };
        Some(json!({"root": root, "clusters": self.clusters.iter().map(cluster).collect::<Vec<_>>()}))
    }
}

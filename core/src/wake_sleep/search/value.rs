//! The creation of clusters and their first estimates: a constant for each goal.

use super::memory::pushed;
use super::{Action, Cluster, Context, Search, INFINITE};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Head;
use crate::wake_sleep::closers::{Closer, Site};
use smallvec::SmallVec;

impl Search<'_> {
    /// The cluster of some goals. A new cluster is closed at once if one step does so.
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
            None => self.first_estimate(goals.len()),
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
    /// The first estimate of a cluster with this many goals.
    pub(super) fn first_estimate(&self, goals: usize) -> i32 {
        self.options.goal_cost.saturating_mul(goals as i32)
    }
}

//! The proof that a solved cluster stands for.

use super::minimise::Again;
use super::{Action, Cluster, Search, SHUT};
use crate::dsl::theory::library::{Proof, Step, MAX_STEPS};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

impl Cluster {
    /// Appends the step of an action whose children are proved by `parts`: its number, and the steps of all goals.
    pub(super) fn write(
        &self,
        a: &Action,
        parts: &[SmallVec<[u32; 2]>],
        proof: &mut Proof,
    ) -> (u32, SmallVec<[u32; 2]>) {
        let shut = proof.steps.len() as u32;
        proof.steps.extend(a.shut.iter().map(|&rule| Step { rule, children: SmallVec::new() }));
        let step = |i: usize| match a.places[i] {
            (SHUT, k) => shut + u32::from(k),
            (k, place) => parts[usize::from(k)][usize::from(place)],
        };
        let rest = self.goals.len() - 1;
        proof.steps.push(Step { rule: a.rule, children: (rest..a.places.len()).map(step).collect() });
        let own = proof.steps.len() as u32 - 1;
        let mut others = 0..rest;
        let of = |i: usize| if i == usize::from(self.selected) { own } else { others.next().map_or(own, step) };
        (own, (0..self.goals.len()).map(of).collect())
    }
}

impl Search<'_> {
    /// The proof of a solved root, and the goals in it that procedures closed at length. `None`: it is too large.
    pub(super) fn extract_proof(&self, root: u32) -> Option<(Proof, Vec<Again>)> {
        let mut proof = Proof::default();
        let mut shared = FxHashMap::default();
        self.extract(root, &mut proof, &mut shared);
        self.is_small(&proof).then(|| (proof, self.closed_at_length(&shared)))
    }
    /// Whether a proof that was taken out has at most [`MAX_STEPS`] steps, its lemmas unfolded too. Clusters with
    /// metavariables are written out wherever they are used, and lemmas use lemmas: both may double.
    pub(super) fn is_small(&self, proof: &Proof) -> bool {
        proof.steps.len() <= MAX_STEPS && self.shared.theory.unfolded_steps(proof) <= MAX_STEPS as u64
    }
    /// Appends the steps that prove a solved cluster; the step of each of its goals. What is behind [`MAX_STEPS`] steps
    /// is not written any more, and means nothing.
    pub(in crate::wake_sleep) fn extract(
        &self,
        at: u32,
        proof: &mut Proof,
        shared: &mut FxHashMap<u32, u32>,
    ) -> SmallVec<[u32; 2]> {
        if let Some(&step) = shared.get(&at) {
            return SmallVec::from_slice(&[step]);
        }
        let c = &self.clusters[at as usize];
        if proof.steps.len() > MAX_STEPS {
            return c.goals.iter().map(|_| 0).collect();
        }
        if let Some(closed) = &c.closed {
            let base = proof.steps.len() as u32;
            proof.steps.extend(
                closed
                    .steps
                    .iter()
                    .map(|s| Step { rule: s.rule, children: s.children.iter().map(|&k| k + base).collect() }),
            );
            let own = proof.steps.len() as u32 - 1;
            shared.insert(at, own);
            return SmallVec::from_slice(&[own]);
        }
        let Some(action) = c.solved.map(|i| &c.actions[i as usize]) else { return SmallVec::new() };
        let parts: Vec<SmallVec<[u32; 2]>> = action.children.iter().map(|&k| self.extract(k, proof, shared)).collect();
        let (own, goals) = c.write(action, &parts, proof);
        if c.metas == 0 && c.goals.len() == 1 {
            shared.insert(at, own);
        }
        goals
    }
}

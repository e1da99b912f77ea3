//! Extraction of the proof from a solved cluster, and counts of its steps by origin.
//!
//! A step counts for the skeleton that first applied it, or that lowered its cost.

use super::minimise::Again;
use super::{Action, Cluster, Search, SHUT};
use crate::dsl::theory::library::{PremiseId, Proof, Step, MAX_STEPS};
use crate::metamath_db::ids::AssertionId;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::collections::BTreeMap;

impl Cluster {
    /// Appends the step of an action whose children are proved by `parts`; returns its number, and the steps of all
    /// goals.
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
    /// The proof of a solved root, and the goals in it with long proofs by decision procedures; `None` if it is too
    /// large.
    pub(super) fn extract_proof(&self, root: u32) -> Option<(Proof, Vec<Again>)> {
        let mut proof = Proof::default();
        let mut shared = FxHashMap::default();
        self.extract(root, &mut proof, &mut shared);
        self.is_small(&proof).then(|| (proof, self.closed_at_length(&shared)))
    }
    /// Whether an extracted proof has at most [`MAX_STEPS`] steps, with its lemmas unfolded. Clusters with
    /// metavariables are written out at each use, and lemmas use lemmas, so the size may grow exponentially.
    pub(super) fn is_small(&self, proof: &Proof) -> bool {
        proof.steps.len() <= MAX_STEPS && self.shared.theory.unfolded_steps(proof) <= MAX_STEPS as u64
    }
    /// Appends the steps that prove a solved cluster; returns the step of each of its goals. Beyond [`MAX_STEPS`] steps
    /// nothing is appended, and the numbers have no meaning.
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

/// The steps that Level-2 composites contributed in one search, ordered by name.
#[derive(Clone, Debug, Default)]
pub struct Reuse {
    /// For each training theorem, the number of steps of the found proof that its skeleton contributed.
    pub skeletons: Vec<(String, u64)>,
}

impl Search<'_> {
    /// The number of steps of the proof of `root` that the search chose; 0 if it is not solved. Steps that closed goals
    /// at once (by a fact, a hypothesis, a name or a decision procedure) do not count, nor do repetitions.
    pub(super) fn decisions(&self, root: u32) -> u64 {
        self.solution(root).filter(|a| a.chosen).count() as u64
    }
    /// The actions that solve `root` and the clusters below it, each cluster once.
    fn solution(&self, root: u32) -> impl Iterator<Item = &Action> {
        let (mut seen, mut stack) = (vec![false; self.clusters.len()], vec![root]);
        std::iter::from_fn(move || loop {
            let at = stack.pop()? as usize;
            if let Some(number) = self.clusters[at].solved.filter(|_| !std::mem::replace(&mut seen[at], true)) {
                let action = &self.clusters[at].actions[number as usize];
                stack.extend(&action.children);
                return Some(action);
            }
        })
    }
    /// The contributions of skeletons to the proof of `root`, if it is solved.
    pub(super) fn reuse(&self, root: u32) -> Reuse {
        let theory = &self.shared.theory;
        let mut steps: BTreeMap<AssertionId, u64> = BTreeMap::new();
        for by in self.solution(root).filter_map(|a| a.by) {
            *steps.entry(by).or_default() += 1;
        }
        let name = |(a, n): (AssertionId, u64)| (theory.label(PremiseId(a.0)).to_owned(), n);
        Reuse { skeletons: steps.into_iter().map(name).collect() }
    }
}

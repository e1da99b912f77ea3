//! Which training theorems' skeletons a found proof owes steps to.
//!
//! A step is owed to the skeleton that applied it first, or that made it cheaper.

use super::{Action, Search};
use crate::dsl::theory::library::PremiseId;
use crate::metamath_db::ids::AssertionId;
use std::collections::BTreeMap;

/// What composites of Level 2 did in one search; names in order.
#[derive(Clone, Debug, Default)]
pub struct Reuse {
    /// By training theorem, steps of the found proof that are owed to its skeleton.
    pub skeletons: Vec<(String, u64)>,
}

impl Search<'_> {
    /// Steps of the proof of `root` that the search chose, if it is solved: those that closed goals at once, by a fact,
    /// a hypothesis, a name or a decision procedure, do not count, nor do repetitions of what was proved before.
    pub(super) fn decisions(&self, root: u32) -> u64 {
        self.solution(root).filter(|a| a.chosen).count() as u64
    }
    /// The actions that solve `root` and what is below it, each cluster once.
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
    /// What skeletons did, the proof being that of `root` if it is solved.
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

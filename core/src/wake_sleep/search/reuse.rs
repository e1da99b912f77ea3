//! Which composites a found proof owes steps to, and what the schemas took: the measure that admits them.
//!
//! A step is owed to the composite that applied it first, or that made it cheaper. A schema's first step is one that
//! the search has anyway, so it counts for nothing.

use super::{Action, Search};
use crate::dsl::library::PremiseId;
use std::collections::BTreeMap;

/// A Level-2 composite in a search.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Used {
    /// A schema of the library, by number.
    Schema(u32),
    /// The skeleton of a training theorem's proof.
    Skeleton(u32),
}

/// What composites did in one search; names in order.
#[derive(Clone, Debug, Default)]
pub struct Reuse {
    /// By schema, steps of the found proof that are owed to it.
    pub schemas: Vec<(String, u64)>,
    /// By training theorem, those that are owed to its skeleton.
    pub skeletons: Vec<(String, u64)>,
    /// By schema, expansions that its runs took.
    pub spent: Vec<(String, u64)>,
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
    /// What composites did, the proof being that of `root` if it is solved.
    pub(super) fn reuse(&self, root: u32) -> Reuse {
        let theory = &self.shared.theory;
        let mut steps: BTreeMap<Used, u64> = BTreeMap::new();
        for by in self.solution(root).filter_map(|a| a.by) {
            *steps.entry(by).or_default() += 1;
        }
        let name = |i: u32| theory.schemas[i as usize].name.clone();
        let mut out = Reuse::default();
        for (by, n) in steps {
            match by {
                Used::Schema(i) => out.schemas.push((name(i), n)),
                Used::Skeleton(a) => out.skeletons.push((theory.label(PremiseId(a)).to_owned(), n)),
            }
        }
        let mut spent: Vec<(u32, u64)> = self.spent_on.iter().map(|(&i, &n)| (i, n)).collect();
        spent.sort_unstable();
        out.spent = spent.into_iter().map(|(i, n)| (name(i), n)).collect();
        out
    }
}

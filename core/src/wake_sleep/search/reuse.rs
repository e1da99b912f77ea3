//! Which composites a found proof owes steps to, and what the schemas took: the measure that admits them.
//!
//! A step is owed to the composite that applied it first, or that made it cheaper. A schema's first step is one that
//! the search has anyway, so it counts for nothing.

use super::Search;
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
    /// What composites did, the proof being that of `root` if it is solved.
    pub(super) fn reuse(&self, root: u32) -> Reuse {
        let theory = &self.shared.theory;
        let mut steps: BTreeMap<Used, u64> = BTreeMap::new();
        let (mut seen, mut stack) = (vec![false; self.clusters.len()], vec![root]);
        while let Some(at) = stack.pop() {
            let c = &self.clusters[at as usize];
            let Some(number) = c.solved.filter(|_| !std::mem::replace(&mut seen[at as usize], true)) else { continue };
            let action = &c.actions[number as usize];
            if let Some(by) = action.by {
                *steps.entry(by).or_default() += 1;
            }
            stack.extend(&action.children);
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

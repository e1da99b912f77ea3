//! An estimate of the memory that a search holds, and the number of candidates that it keeps.
//!
//! The estimate counts capacities and terms. So the same search has the same estimate each time, whatever else the
//! process holds. A goal's full list of candidates (500 of 8 bytes each) would be most of it. Most goals never get
//! beyond the first few, so only these are kept.

use super::{Action, Cluster, Key, Search};
use crate::dsl::theory::library::Step;
use std::mem::size_of;

/// The bytes of a cluster and of its entry in the table, plus a half for the spare room of growing columns.
const CLUSTER: usize = (size_of::<Cluster>() + size_of::<(Key, u32)>() + 8) * 3 / 2;
/// The bytes of a term with two children and of its entry in the arena's table, with spare room.
const TERM: usize = 48;

/// Pushes an item and returns the number of bytes by which the column grew.
pub(super) fn pushed<T>(column: &mut Vec<T>, item: T) -> usize {
    let before = column.capacity();
    column.push(item);
    (column.capacity() - before) * size_of::<T>()
}

/// The number of heap bytes of a small vector.
macro_rules! spilled {
    ($column:expr) => {
        if $column.spilled() {
            std::mem::size_of_val(&$column[..])
        } else {
            0
        }
    };
}

impl Action {
    /// The number of its heap bytes.
    pub(super) fn spilled(&self) -> usize {
        spilled!(self.children) + spilled!(self.places) + spilled!(self.shut)
    }
}

impl Cluster {
    /// The number of heap bytes of a new cluster and of its key.
    pub(super) fn spilled(&self) -> usize {
        let disjoint = std::mem::size_of_val(&self.disjoint[..]);
        let closed = self.closed.as_ref().map_or(0, |p| p.steps.len() * size_of::<Step>());
        2 * (spilled!(self.goals) + disjoint) + spilled!(self.contexts) + closed
    }
}

impl Search<'_> {
    /// An estimate of the bytes that the search holds.
    pub(super) fn bytes(&self) -> usize {
        let terms = self.arena.len().saturating_sub(self.base);
        self.held + self.clusters.len() * CLUSTER + terms * TERM
    }
    /// Stores the cheapest `most` candidates of the selected goal.
    pub(in crate::wake_sleep) fn keep_candidates(&mut self, at: u32, mut candidates: Vec<(i32, u32)>, most: usize) {
        let fitting = candidates.len();
        if fitting > most {
            candidates.truncate(most);
        }
        candidates.shrink_to_fit();
        let c = &mut self.clusters[at as usize];
        let size = |v: &Vec<(i32, u32)>| v.capacity() * size_of::<(i32, u32)>();
        self.held = self.held + size(&candidates) - size(&c.candidates);
        (c.candidates, c.fitting) = (candidates, fitting as u32);
    }
    /// Ranks a goal again whose kept candidates were all applied, and keeps more of them.
    pub(super) fn keep_more(&mut self, at: u32) {
        let c = &self.clusters[at as usize];
        let (goal, context) = (c.goals[usize::from(c.selected)], c.contexts[usize::from(c.selected)]);
        let most = 4 * c.candidates.len();
        let candidates = self.ranked_for(at, goal, context);
        debug_assert_eq!(
            candidates[..self.clusters[at as usize].candidates.len()],
            self.clusters[at as usize].candidates
        );
        self.keep_candidates(at, candidates, most);
    }
}

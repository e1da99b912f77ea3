//! What a search holds, by its own count, and how many candidates it keeps.
//!
//! The count is of capacities and of terms made, so the same search has the same count each time, whatever the process has
//! besides. A goal's candidates would be most of it (500 of 8 bytes each); most goals never get beyond the first few,
//! so only these are kept.

use super::{Action, Cluster, Key, Search};
use crate::dsl::theory::library::Step;
use std::mem::size_of;

/// A cluster with its entry in the table, both half as much again for the room that a growing column has.
const CLUSTER: usize = (size_of::<Cluster>() + size_of::<(Key, u32)>() + 8) * 3 / 2;
/// A term with two children and its entry in the arena's table, with room to grow.
const TERM: usize = 48;

/// Pushes; the bytes by which the column grew.
pub(super) fn pushed<T>(column: &mut Vec<T>, item: T) -> usize {
    let before = column.capacity();
    column.push(item);
    (column.capacity() - before) * size_of::<T>()
}

/// The bytes of a small vector that are not in it.
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
    /// Its bytes elsewhere.
    pub(super) fn spilled(&self) -> usize {
        spilled!(self.children) + spilled!(self.places) + spilled!(self.shut)
    }
}

impl Cluster {
    /// Its bytes elsewhere when it is new, those of its key too.
    pub(super) fn spilled(&self) -> usize {
        let disjoint = std::mem::size_of_val(&self.disjoint[..]);
        let closed = self.closed.as_ref().map_or(0, |p| p.steps.len() * size_of::<Step>());
        2 * (spilled!(self.goals) + disjoint) + spilled!(self.contexts) + closed
    }
}

impl Search<'_> {
    /// What the search holds.
    pub(super) fn bytes(&self) -> usize {
        let terms = self.arena.len().saturating_sub(self.base);
        self.held + self.clusters.len() * CLUSTER + terms * TERM
    }
    /// Takes a goal's candidates, of which the first `most` are kept.
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
    /// Ranks a goal again, whose kept candidates were all applied: the same ones, more of them kept.
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

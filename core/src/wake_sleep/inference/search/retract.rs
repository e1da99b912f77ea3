//! Retraction of a step that turned out not to hold once all metavariables had values.
//!
//! [`Step::Substituted`] is accepted while a metavariable may still become a variable that a quantifier binds, which no
//! `$d` condition forbids. Then equals cannot be put for equals there. The extraction of the proof detects this.

use super::*;

impl Search<'_> {
    /// Retracts the step that solves a cluster, and every solution that depends on it. The cluster is never answered by
    /// [`Step::Substituted`] again.
    pub(super) fn retract(&mut self, at: u32) {
        let Some(number) = self.clusters[at as usize].solved else { return };
        self.clusters[at as usize].actions.remove(number as usize);
        self.refused.insert(at);
        let before: Vec<bool> = self.clusters.iter().map(|c| c.solved.is_some()).collect();
        self.clusters.iter_mut().for_each(|c| c.solved = None);
        while self.solve_again(&before) {}
        for (c, _) in self.clusters.iter_mut().zip(&before).filter(|(c, before)| c.solved.is_none() && **before) {
            c.estimate = c.first_estimate;
            // Its moves were never ranked, or there are candidates left.
            c.expanded &= c.next < c.fitting;
        }
        for parent in 0..self.clusters.len() as u32 {
            let c = &self.clusters[parent as usize];
            if c.solved.is_some() {
                continue;
            }
            let children: SmallVec<[u32; 8]> = c.actions.iter().flat_map(|a| a.children.iter().copied()).collect();
            for k in children {
                let child = &mut self.clusters[k as usize];
                if child.solved.is_none() && !child.parents.contains(&parent) {
                    self.held += clusters::pushed(&mut child.parents, parent);
                }
            }
        }
        let clusters = &self.clusters;
        self.proved.values_mut().for_each(|known| known.retain(|&k| clusters[k as usize].solved.is_some()));
    }
    /// Marks clusters as solved again that were solved `before` and have a step whose children are all solved; returns
    /// whether there was any.
    fn solve_again(&mut self, before: &[bool]) -> bool {
        let mut any = false;
        for at in (0..self.clusters.len()).rev().filter(|&at| before[at]) {
            let c = &self.clusters[at];
            let holds = |a: &Action| {
                let below = |&k: &u32| self.clusters[k as usize].solved.is_some();
                a.children.iter().all(below) && !matches!(a.step, Step::Weaken(k) if !below(&k))
            };
            let found = c.actions.iter().position(holds).filter(|_| c.solved.is_none());
            if let Some(number) = found {
                self.clusters[at].solved = Some(number as u32);
                any = true;
            }
        }
        any
    }
}

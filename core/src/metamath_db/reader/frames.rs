//! Frames: an assertion's mandatory hypotheses and `$d` pairs.

use super::{HypKind, ReadErrorKind, Reader, Result, Span, MAX_FRAMES};
use crate::metamath_db::ids::{HypId, SymbolId};
use std::ops::Range;

impl Reader {
    /// Mandatory hypotheses; leaves the mandatory variables marked with the current stamp.
    pub(super) fn build_frame(&mut self, expression: &Range<u32>) -> Range<u32> {
        self.stamp += 1;
        let out = &mut self.out;
        for i in expression.start..expression.end {
            self.mark[out.pool[i as usize].index()] = self.stamp;
        }
        for e in &self.essentials {
            for i in out.hyps[e.index()].expression.clone() {
                self.mark[out.pool[i as usize].index()] = self.stamp;
            }
        }
        let from = out.frames.len() as u32;
        let (mut f, mut e) = (0, 0);
        let floating = |h: &HypId| match out.hyps[h.index()].kind {
            HypKind::Floating { variable } => self.mark[variable.index()] == self.stamp,
            HypKind::Essential => true,
        };
        // merge two lists that are each in file order
        while f < self.floats.len() || e < self.essentials.len() {
            let next = match (self.floats.get(f), self.essentials.get(e)) {
                (Some(&x), Some(&y)) if x < y => x,
                (Some(&x), None) => x,
                (_, Some(&y)) => y,
                (None, None) => break,
            };
            if self.floats.get(f) == Some(&next) {
                f += 1;
                if !floating(&next) {
                    continue;
                }
            } else {
                e += 1;
            }
            out.frames.push(next);
        }
        from..out.frames.len() as u32
    }
    pub(super) fn mandatory_pairs(&mut self, label: &Span) -> Result<Range<u32>> {
        let from = self.out.pairs.len();
        let mut at = self.disjoint;
        let mut group: Vec<SymbolId> = Vec::new();
        let mut found: Vec<(SymbolId, SymbolId)> = Vec::new();
        while let Some(node) = self.out.disjoint_nodes.get(at as usize) {
            let pool = &self.out.disjoint_pool[node.variables.start as usize..node.variables.end as usize];
            group.clear();
            group.extend(pool.iter().filter(|v| self.mark[v.index()] == self.stamp));
            if from + found.len() + group.len() * group.len() / 2 > MAX_FRAMES {
                return self.error(label.start as usize, ReadErrorKind::FramesTooLarge);
            }
            for (i, &x) in group.iter().enumerate() {
                found.extend(group[..i].iter().map(|&y| (x.min(y), x.max(y))));
            }
            at = node.parent;
        }
        found.sort_unstable();
        found.dedup();
        self.out.pairs.extend(found);
        Ok(from as u32..self.out.pairs.len() as u32)
    }
}

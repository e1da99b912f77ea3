//! Frames: an assertion's mandatory hypotheses, in time that their number and the statement's length set, however many
//! hypotheses are active.

use super::Reader;
use crate::metamath_db::ids::SymbolId;
use std::ops::Range;

impl Reader {
    /// Mandatory hypotheses; leaves the mandatory variables marked with the current stamp.
    pub(super) fn build_frame(&mut self, expression: &Range<u32>) -> Range<u32> {
        self.stamp += 1;
        let from = self.out.frames.len();
        let statement = self.out.pool[expression.start as usize..expression.end as usize].iter();
        for &s in statement.chain(&self.essential_variables) {
            self.out.frames.extend(mandatory(&mut self.mark, self.stamp, &self.float_of, s));
        }
        self.out.frames.extend_from_slice(&self.essentials);
        self.out.frames[from..].sort_unstable();
        from as u32..self.out.frames.len() as u32
    }
}

/// The `$f` of a variable that was not marked yet; marks it.
fn mandatory<H: Copy>(mark: &mut [u32], stamp: u32, float_of: &[Option<H>], s: SymbolId) -> Option<H> {
    (std::mem::replace(&mut mark[s.index()], stamp) != stamp).then_some(float_of[s.index()]).flatten()
}

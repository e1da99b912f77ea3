//! Work that is counted against a stated bound, so that the same problem is refused everywhere or nowhere.

use super::stop::poll;

/// What is left of a bound; a unit is about a nanosecond.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    left: u64,
}

impl Work {
    /// So much work at most.
    pub fn new(most: u64) -> Work {
        Work { left: most }
    }
    /// Takes some of it; `None` if that is more than is left, from then on.
    #[inline]
    pub fn spend(&mut self, units: u64) -> Option<()> {
        poll();
        self.left = self.left.saturating_sub(units);
        (self.left > 0).then_some(())
    }
    /// Whether there is none left.
    pub fn is_spent(&self) -> bool {
        self.left == 0
    }
}

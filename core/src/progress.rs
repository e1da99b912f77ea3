//! How far a long call is: one counter for the process, which whoever waits may read at any time.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

static TAKEN: AtomicBool = AtomicBool::new(false);
static DONE: AtomicU64 = AtomicU64::new(0);
static TOTAL: AtomicU64 = AtomicU64::new(0);

/// What is being counted. It is one thing at a time: whoever begins while another counts is not heard, so that what is
/// read always belongs together.
pub(crate) struct Count {
    heard: bool,
}

impl Count {
    /// Begins to count to `total`; 0 if that is not known.
    pub(crate) fn to(total: u64) -> Count {
        let heard = !TAKEN.swap(true, Ordering::Relaxed);
        if heard {
            DONE.store(0, Ordering::Relaxed);
            TOTAL.store(total, Ordering::Relaxed);
        }
        Count { heard }
    }
    /// One more is done.
    pub(crate) fn step(&self) {
        if self.heard {
            DONE.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        if self.heard {
            DONE.store(0, Ordering::Relaxed);
            TOTAL.store(0, Ordering::Relaxed);
            TAKEN.store(false, Ordering::Relaxed);
        }
    }
}

/// How many are done, and of how many (0: not known). 0 and 0 where nothing is counted.
pub fn now() -> (u64, u64) {
    (DONE.load(Ordering::Relaxed), TOTAL.load(Ordering::Relaxed))
}

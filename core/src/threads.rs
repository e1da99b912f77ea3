//! Work on many items by some threads.

use crate::metamath_db::terms::term::Arena;
use crate::progress::Count;
use std::sync::atomic::{AtomicUsize, Ordering};

/// `work(worker, i)` for all `i` below `n`, in order; each thread makes itself a worker and takes the next item when it is
/// done with one. A panic of one is the caller's. The process's progress is counted.
pub(crate) fn each<W, T: Send>(
    n: usize,
    threads: usize,
    worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, usize) -> T + Sync,
) -> Vec<T> {
    let (next, count) = (AtomicUsize::new(0), Count::to(n as u64));
    let one = || {
        let mut worker = worker();
        let mut out = Vec::new();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= n {
                return out;
            }
            out.push((i, work(&mut worker, i)));
            count.step();
        }
    };
    let mut found: Vec<(usize, T)> = Vec::with_capacity(n);
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads.clamp(1, 64).min(n)).map(|_| scope.spawn(one)).collect();
        for t in running {
            match t.join() {
                Ok(more) => found.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    found.sort_unstable_by_key(|f| f.0);
    found.into_iter().map(|f| f.1).collect()
}

/// The same with a copy of an arena each; what an item makes in it is forgotten.
pub(crate) fn each_in_arena<T: Send>(
    n: usize,
    threads: usize,
    arena: &Arena,
    work: impl Fn(&mut Arena, usize) -> T + Sync,
) -> Vec<T> {
    let base = arena.len();
    each(
        n,
        threads,
        || arena.clone(),
        |arena, i| {
            let out = work(arena, i);
            arena.truncate(base);
            out
        },
    )
}

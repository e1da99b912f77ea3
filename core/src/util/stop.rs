//! How long work ends before its time: Ctrl-C, and the caps on the memory and the seconds of the whole process.
//!
//! Whoever watches these (the binding) calls [`request`]; every loop that may run long calls [`poll`], which costs one
//! load. A request unwinds the work to [`call`], at the core's border, as a panic does but without its message
//! (salsa cancels queries in the same way). Work that begins after a request is not concerned by it: what an
//! interrupted command still writes is written.
//!
//! These caps end a command with an error, so they cannot change a result. Bounds that belong to a result (steps of a
//! program, comparisons of a proof) are counted where they stand, never measured: see docs/bounds.md.

use std::any::Any;
use std::cell::Cell;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};

/// Why work is to end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// Ctrl-C.
    Interrupted,
    /// The process holds more memory than it may.
    Memory,
    /// The process has run longer than it may.
    Seconds,
}

/// How a [`call`] ended that did not return.
#[derive(Debug)]
pub enum Ended {
    /// A request ended it.
    Stopped(Reason),
    /// It panicked, with this message.
    Panicked(String),
}

/// The payload that unwinds.
struct Stopped(Reason);

/// The request in force: its number times 4 and its reason; 0 for none.
static REQUEST: AtomicU64 = AtomicU64::new(0);
/// Number of requests so far.
static REQUESTS: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// How many requests there had been when this thread's call began; 0 in threads that the core started.
    static BEGAN: Cell<u64> = const { Cell::new(0) };
}

/// Asks all work that has begun to end; the request's number. One that is in force stays as it is.
pub fn request(reason: Reason) -> u64 {
    let number = REQUESTS.load(Ordering::SeqCst) + 1;
    let value = number << 2 | reason as u64;
    match REQUEST.compare_exchange(0, value, Ordering::SeqCst, Ordering::SeqCst) {
        Ok(_) => {
            REQUESTS.store(number, Ordering::SeqCst);
            number
        }
        Err(before) => before >> 2,
    }
}

/// The request in force and its number.
pub fn requested() -> Option<(u64, Reason)> {
    let value = REQUEST.load(Ordering::SeqCst);
    let reason = match value & 3 {
        0 => Reason::Interrupted,
        1 => Reason::Memory,
        _ => Reason::Seconds,
    };
    (value != 0).then_some((value >> 2, reason))
}

/// Takes a request back: all that it concerned has ended.
pub fn withdraw() {
    REQUEST.store(0, Ordering::SeqCst);
}

/// Whether this work is to end: what [`poll`] acts on, for code that must not be unwound.
pub fn wanted() -> bool {
    requested().is_some_and(|(number, _)| BEGAN.get() < number)
}

/// Ends this work if that was requested. For loops: it costs one load.
#[inline]
pub fn poll() {
    if REQUEST.load(Ordering::Relaxed) != 0 {
        stop_here();
    }
}

#[cold]
fn stop_here() {
    let Some((number, reason)) = requested() else { return };
    if BEGAN.get() < number && !std::thread::panicking() {
        resume_unwind(Box::new(Stopped(reason)));
    }
}

/// Does work that [`poll`] may end.
///
/// # Errors
/// How it ended, if it did not return.
pub fn call<T>(work: impl FnOnce() -> T) -> Result<T, Ended> {
    let outer = BEGAN.replace(REQUESTS.load(Ordering::SeqCst));
    let done = catch_unwind(AssertUnwindSafe(work));
    BEGAN.set(outer);
    done.map_err(|payload| match payload.downcast_ref::<Stopped>() {
        Some(stopped) => Ended::Stopped(stopped.0),
        None => Ended::Panicked(text_of(&*payload)),
    })
}

fn text_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str).or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("no message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One test, because requests concern the whole process (other tests call nothing that looks at them for long).
    #[test]
    fn a_request_ends_what_has_begun_and_nothing_else() {
        let ended = call(|| {
            let number = request(Reason::Memory);
            assert_eq!(request(Reason::Interrupted), number, "the first one stays");
            assert_eq!(call(poll).ok(), Some(()), "this call began after it");
            assert_eq!((wanted(), call(wanted).ok()), (true, Some(false)));
            poll();
        });
        withdraw();
        assert!(matches!(ended, Err(Ended::Stopped(Reason::Memory))));
        assert!(call(poll).is_ok());
        assert!(matches!(call(|| panic!("why")), Err(Ended::Panicked(text)) if text == "why"));
    }
}

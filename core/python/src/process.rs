//! The end of the process when memory runs out, the silencing of panics, and two questions about the current call.

use metadream_core::progress;
use metadream_core::util::stop;
use pyo3::prelude::*;
use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write;

unsafe extern "C" {
    fn _exit(status: i32) -> !;
}

/// The system's allocator. When the system has no memory, the process ends with one line on standard error and the
/// status of bad input, where Rust would abort. It cannot go on, as unwinding allocates memory too.
struct OrEnd;

// SAFETY: every call is passed on to the system's allocator unchanged
unsafe impl GlobalAlloc for OrEnd {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `GlobalAlloc`
        there(unsafe { System.alloc(layout) })
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `GlobalAlloc`
        there(unsafe { System.alloc_zeroed(layout) })
    }
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `GlobalAlloc`
        there(unsafe { System.realloc(memory, layout, size) })
    }
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `GlobalAlloc`
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: OrEnd = OrEnd;

fn there(memory: *mut u8) -> *mut u8 {
    if memory.is_null() {
        let line = b"error: the system gives no more memory; ask for less, or allow more (ulimit -v)\n";
        let _ = std::io::stderr().write_all(line);
        // SAFETY: `_exit` allocates nothing and runs no code of this process
        unsafe { _exit(2) }
    }
    memory
}

/// Makes panics print nothing, as the command line reports an error in one line. If `METADREAM_TRACEBACK` or
/// `RUST_BACKTRACE` is set, panics still print their place on standard error.
pub fn quiet_panics() {
    let wanted = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if !wanted("METADREAM_TRACEBACK") && !wanted("RUST_BACKTRACE") {
        std::panic::set_hook(Box::new(|_| {}));
    }
}

/// Returns the progress of the call that the core works on: the number of items done, and their total (0: not known).
#[pyfunction]
pub fn done() -> (u64, u64) {
    progress::now()
}

/// Returns whether the call of the core that runs in this thread is to end, because of Ctrl-C or a bound. It is for
/// Python code that the core calls and that waits.
#[pyfunction]
pub fn stopping() -> bool {
    stop::wanted()
}

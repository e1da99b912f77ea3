//! What the process says where it cannot go on: no memory left, or a panic.

use metadream_core::progress;
use metadream_core::util::stop;
use pyo3::prelude::*;
use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write;

unsafe extern "C" {
    fn _exit(status: i32) -> !;
}

/// The system's allocator; where it has no memory, the process ends with one line and the status of bad input, where
/// Rust would abort it. There is no way back: a library that cannot allocate cannot unwind either.
struct OrEnd;

// SAFETY: all memory is the system allocator's, asked for and given back unchanged
unsafe impl GlobalAlloc for OrEnd {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise
        there(unsafe { System.alloc(layout) })
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise
        there(unsafe { System.alloc_zeroed(layout) })
    }
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise
        there(unsafe { System.realloc(memory, layout, size) })
    }
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: OrEnd = OrEnd;

fn there(memory: *mut u8) -> *mut u8 {
    if memory.is_null() {
        let line = b"error: the system gives no more memory; ask for less, or allow more (ulimit -v)\n";
        let _ = std::io::stderr().write_all(line);
        // SAFETY: takes no memory and runs no code of this process
        unsafe { _exit(2) }
    }
    memory
}

/// From now on a panic prints nothing: the command line says in one line what went wrong. `METADREAM_TRACEBACK` and
/// `RUST_BACKTRACE` leave the place of the panic on standard error.
pub fn quiet_panics() {
    let wanted = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if !wanted("METADREAM_TRACEBACK") && !wanted("RUST_BACKTRACE") {
        std::panic::set_hook(Box::new(|_| {}));
    }
}

/// How far the call is that the core is working on: how many are done, of how many (0: not known).
#[pyfunction]
pub fn done() -> (u64, u64) {
    progress::now()
}

/// Whether the call of the core that this thread is in is to end: Ctrl-C, or a bound. For Python code that the core calls
/// and that waits.
#[pyfunction]
pub fn stopping() -> bool {
    stop::wanted()
}

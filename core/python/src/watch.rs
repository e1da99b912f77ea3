//! The watch over the memory and the seconds of the process, and over Ctrl-C. When a bound is reached or Ctrl-C is
//! pressed, it requests the end of the core's loops ([`stop::request`]) and interrupts Python's main thread, whose
//! signal handler raises an exception. If neither reacts in time, it ends the process with the same line and status.

use metadream_core::util::stop::{self, Reason};
use pyo3::prelude::*;
use std::io::{Read, Write};
use std::os::fd::IntoRawFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// The time between two measurements of memory and clock.
const LOOK: Duration = Duration::from_millis(20);
/// The time from Ctrl-C until the process is ended if the main thread does not react, so that it ends within half a
/// second.
const DEAF: Duration = Duration::from_millis(420);
/// The time from another bound until the process is ended if the main thread does not react.
const DEAF_TO_BOUNDS: Duration = Duration::from_secs(5);
/// The time for which a request stays in force. It ends work that began before the request.
const IN_FORCE: Duration = Duration::from_secs(1);
const SIGINT: u8 = 2;

/// The bounds in force.
#[derive(Clone, Copy, Default)]
struct Watched {
    /// The number of the call of [`watch`] or [`unwatch`] that set these bounds, from 1.
    number: u64,
    memory: Option<u64>,
    page: u64,
    seconds: Option<f64>,
    main: Option<ThreadId>,
}

static WATCHED: Mutex<Watched> = Mutex::new(Watched { number: 0, memory: None, page: 0, seconds: None, main: None });
/// The number of the last request that Python's main thread has taken notice of.
static HEARD: AtomicU64 = AtomicU64::new(0);
/// The file descriptor to which Python's signal handler writes the numbers of signals.
static PIPE: OnceLock<i32> = OnceLock::new();

fn watched() -> Watched {
    *WATCHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sets the bounds of the process: `memory` in bytes, without pages mapped from files, and `seconds` of wall-clock
/// time from now on; `None` is no bound. `page` is the size of a page in bytes. Returns the file descriptor for
/// `signal.set_wakeup_fd`. It must be called in Python's main thread, and replaces the bounds of an earlier call.
#[pyfunction]
#[pyo3(signature = (memory, seconds, page=4096))]
pub fn watch(memory: Option<u64>, seconds: Option<f64>, page: u64) -> PyResult<i32> {
    let number = {
        let mut w = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
        *w = Watched { number: w.number + 1, memory, page, seconds, main: Some(thread::current().id()) };
        w.number
    };
    if memory.is_some() || seconds.is_some() {
        thread::spawn(move || look(number));
    }
    if let Some(&writer) = PIPE.get() {
        return Ok(writer);
    }
    let (reader, writer) = std::io::pipe()?;
    thread::spawn(move || listen(reader));
    Ok(*PIPE.get_or_init(|| writer.into_raw_fd()))
}

/// Removes the bounds and withdraws the request that is in force.
#[pyfunction]
pub fn unwatch() {
    let mut w = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
    *w = Watched { number: w.number + 1, ..Watched::default() };
    stop::withdraw();
}

/// Notes, for the handler of SIGINT, that the main thread knows of the request. Returns `interrupted` for Ctrl-C, the
/// sentence about the bound that was reached, or `None` if the main thread knew of the bound already.
#[pyfunction]
pub fn heard() -> Option<String> {
    // the handler may run before the listener, so nothing may be requested yet
    let number = stop::request(Reason::Interrupted);
    let reason = stop::requested().map_or(Reason::Interrupted, |(_, reason)| reason);
    if HEARD.swap(number, Ordering::SeqCst) >= number && reason != Reason::Interrupted {
        return None;
    }
    Some(match reason {
        Reason::Interrupted => "interrupted".to_owned(),
        other => sentence(other),
    })
}

/// Notes that the main thread knows of the request in force, if this is the main thread: its call ends with the
/// exception, so the handler need not raise another.
pub fn hear_in_main_thread() {
    if let Some((number, _)) = stop::requested().filter(|_| watched().main == Some(thread::current().id())) {
        HEARD.store(number, Ordering::SeqCst);
    }
}

/// The line that names a bound.
pub fn sentence(reason: Reason) -> String {
    let w = watched();
    match reason {
        Reason::Interrupted => "interrupted".to_owned(),
        Reason::Memory => {
            let mb = w.memory.unwrap_or(0) / 1_000_000;
            format!("stopped: more than {mb} MB of memory are needed; ask for less, or allow more with --max-memory")
        }
        Reason::Seconds => {
            let seconds = w.seconds.unwrap_or(0.0);
            format!("stopped after {seconds} seconds; ask for less, or allow more with --max-seconds")
        }
    }
}

fn look(number: u64) {
    let start = Instant::now();
    loop {
        thread::sleep(LOOK);
        let w = watched();
        if w.number != number {
            return;
        }
        let held = w.memory.and_then(|_| held(w.page)).unwrap_or(0);
        let limit = w.memory.unwrap_or(u64::MAX);
        let reason = match w.seconds {
            Some(seconds) if start.elapsed().as_secs_f64() > seconds => Reason::Seconds,
            _ if held > limit => Reason::Memory,
            _ => continue,
        };
        let request = stop::request(reason);
        interrupt_main();
        let asked = Instant::now();
        while HEARD.load(Ordering::SeqCst) < request {
            let runaway = held > limit.saturating_add(limit / 2);
            if watched().number != number {
                return;
            }
            if asked.elapsed() > DEAF_TO_BOUNDS || runaway {
                end(&format!("error: {}\n", sentence(reason)), 2);
            }
            thread::sleep(LOOK);
        }
        thread::sleep(IN_FORCE);
        stop::withdraw();
        return; // the command ends now
    }
}

/// Returns the bytes that the process holds for itself, without pages shared with files; `None` where `/proc` is
/// missing.
fn held(page: u64) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let mut fields = text.split_ascii_whitespace().skip(1).map(str::parse::<u64>);
    let (resident, shared) = (fields.next()?.ok()?, fields.next()?.ok()?);
    Some(resident.saturating_sub(shared) * page)
}

/// Makes Python's main thread run the handler of SIGINT.
fn interrupt_main() {
    // SAFETY: this function may be called from any thread, with or without the GIL, once Python is initialised
    unsafe { pyo3::ffi::PyErr_SetInterrupt() }
}

/// Reads the numbers of signals that Python's C handler writes at once, whatever the main thread does, and requests
/// the end of the work on SIGINT.
fn listen(mut signals: std::io::PipeReader) {
    let mut byte = [0];
    while signals.read_exact(&mut byte).is_ok() {
        if byte[0] != SIGINT || watched().main.is_none() {
            continue;
        }
        let number = stop::request(Reason::Interrupted);
        if stop::requested().is_some_and(|(_, reason)| reason != Reason::Interrupted) {
            continue; // the interruption was made for a bound
        }
        thread::sleep(DEAF);
        if HEARD.load(Ordering::SeqCst) < number && stop::requested().is_some() {
            end("interrupted\n", 130);
        }
        thread::sleep(IN_FORCE);
        stop::withdraw();
    }
}

/// Ends the process at once with a line on standard error, without waiting for other threads.
fn end(line: &str, status: i32) -> ! {
    let _ = std::io::stderr().write_all(line.as_bytes());
    // SAFETY: `_exit` allocates nothing and runs no code of this process
    unsafe { libc::_exit(status) }
}

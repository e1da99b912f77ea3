//! Watches the process: its memory, its seconds and Ctrl-C. What is noticed is asked of the core's loops
//! ([`stop::request`]) and of Python's main thread (a signal's handler raises there); where neither hears it in
//! time, the process ends with the same line and status.

use metadream_core::util::stop::{self, Reason};
use pyo3::prelude::*;
use std::io::{Read, Write};
use std::os::fd::IntoRawFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// Between two looks at memory and clock.
const LOOK: Duration = Duration::from_millis(20);
/// From Ctrl-C until a process in which nothing listens ends; within the half second that is promised.
const DEAF: Duration = Duration::from_millis(420);
/// From another bound until such a process ends.
const DEAF_TO_BOUNDS: Duration = Duration::from_secs(5);
/// How long a request concerns what had begun before it; then nothing of that is left.
const IN_FORCE: Duration = Duration::from_secs(1);
const SIGINT: u8 = 2;

/// What is watched now.
#[derive(Clone, Copy, Default)]
struct Watched {
    /// Which call of [`watch`] this is, from 1.
    number: u64,
    memory: Option<u64>,
    page: u64,
    seconds: Option<f64>,
    main: Option<ThreadId>,
}

static WATCHED: Mutex<Watched> = Mutex::new(Watched { number: 0, memory: None, page: 0, seconds: None, main: None });
/// The number of the last request that Python's main thread has heard.
static HEARD: AtomicU64 = AtomicU64::new(0);
/// Where Python's signal handler writes the numbers of signals.
static PIPE: OnceLock<i32> = OnceLock::new();

fn watched() -> Watched {
    *WATCHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on the process may hold so many bytes (of its own: what is mapped from files does not count), in pages of
/// `page` bytes, and run for so many seconds. The file descriptor is for `signal.set_wakeup_fd`. To be called in
/// Python's main thread; another call takes its place.
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

/// Nothing is watched any more.
#[pyfunction]
pub fn unwatch() {
    let mut w = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
    *w = Watched { number: w.number + 1, ..Watched::default() };
    stop::withdraw();
}

/// For the handler of SIGINT: notes that the main thread hears it. Whether it is Ctrl-C (`interrupted`), what bound was
/// reached, or null if the request was answered already.
#[pyfunction]
pub fn heard() -> Option<String> {
    // where the handler is quicker than the listener, nothing is requested yet
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

/// A request that ends a call of the main thread needs no handler any more.
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
        return; // the command is ending
    }
}

/// Bytes that the process holds for itself; where there is no `/proc`, none can be said.
fn held(page: u64) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let mut fields = text.split_ascii_whitespace().skip(1).map(str::parse::<u64>);
    let (resident, shared) = (fields.next()?.ok()?, fields.next()?.ok()?);
    Some(resident.saturating_sub(shared) * page)
}

/// Lets Python's main thread run the handler of SIGINT.
fn interrupt_main() {
    // SAFETY: this function may be called from any thread, with or without the GIL, once Python is initialised
    unsafe { pyo3::ffi::PyErr_SetInterrupt() }
}

/// Hears of signals from Python's own handler, which runs at once, whatever the main thread does.
fn listen(mut signals: std::io::PipeReader) {
    let mut byte = [0];
    while signals.read_exact(&mut byte).is_ok() {
        if byte[0] != SIGINT || watched().main.is_none() {
            continue;
        }
        let number = stop::request(Reason::Interrupted);
        if stop::requested().is_some_and(|(_, reason)| reason != Reason::Interrupted) {
            continue; // a bound's own interruption comes here, too
        }
        thread::sleep(DEAF);
        if HEARD.load(Ordering::SeqCst) < number && stop::requested().is_some() {
            end("interrupted\n", 130);
        }
        thread::sleep(IN_FORCE);
        stop::withdraw();
    }
}

/// Ends the process at once: other threads cannot be waited for.
fn end(line: &str, status: i32) -> ! {
    let _ = std::io::stderr().write_all(line.as_bytes());
    // SAFETY: takes no memory and runs no code of this process
    unsafe { libc::_exit(status) }
}

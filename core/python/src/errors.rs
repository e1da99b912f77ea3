//! The one place where Rust's errors become Python's.

use crate::watch;
use metadream_core::util::stop::{self, Ended, Reason};
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError};
use pyo3::prelude::*;

/// `metadream.metamath_db.errors.InputError(message, file, line, column)`.
pub fn input_error(py: Python<'_>, message: &str, place: Option<(u32, u32)>) -> PyErr {
    let make = || -> PyResult<PyErr> {
        let class = py.import("metadream.metamath_db.errors")?.getattr("InputError")?;
        let (line, column) = place.unzip();
        let value = class.call1((message, py.None(), line, column))?;
        Ok(PyErr::from_value(value))
    };
    make().unwrap_or_else(|e| e)
}

/// A message of the core as an `InputError` without a place.
pub fn message(py: Python<'_>, text: String) -> PyErr {
    input_error(py, &text, None)
}

/// Runs the core without the GIL; a panic becomes a `RuntimeError` that says where, a stop `KeyboardInterrupt` or an
/// `InputError` that names the bound.
pub fn guarded<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    py.detach(|| stop::call(work)).map_err(|ended| why(py, ended))
}

/// The same with the GIL, for what belongs to its thread or calls Python.
pub fn guarded_here<T>(py: Python<'_>, work: impl FnOnce() -> T) -> PyResult<T> {
    stop::call(work).map_err(|ended| why(py, ended))
}

fn why(py: Python<'_>, ended: Ended) -> PyErr {
    match ended {
        Ended::Panicked(text) => PyRuntimeError::new_err(format!("the core panicked: {text}")),
        Ended::Stopped(reason) => {
            watch::hear_in_main_thread();
            match reason {
                Reason::Interrupted => PyKeyboardInterrupt::new_err(()),
                other => message(py, watch::sentence(other)),
            }
        }
    }
}

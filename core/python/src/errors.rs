//! The conversion of the core's errors into Python exceptions.

use crate::watch;
use metadream_core::util::stop::{self, Ended, Reason};
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError};
use pyo3::prelude::*;

/// Makes a `metadream.metamath_db.errors.InputError`. `place` is the line and the column, both from 1. If Python
/// cannot make it, the exception that says why is returned instead.
pub fn input_error(py: Python<'_>, message: &str, place: Option<(u32, u32)>) -> PyErr {
    let make = || -> PyResult<PyErr> {
        let class = py.import("metadream.metamath_db.errors")?.getattr("InputError")?;
        let (line, column) = place.unzip();
        let value = class.call1((message, py.None(), line, column))?;
        Ok(PyErr::from_value(value))
    };
    make().unwrap_or_else(|e| e)
}

/// Makes an `InputError` without a place from a message of the core.
pub fn message(py: Python<'_>, text: String) -> PyErr {
    input_error(py, &text, None)
}

/// Runs `work` without the GIL. A panic becomes a `RuntimeError` with the message of the panic, Ctrl-C a
/// `KeyboardInterrupt`, and a bound that was reached an `InputError` that names the bound.
pub fn guarded<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    py.detach(|| stop::call(work)).map_err(|ended| why(py, ended))
}

/// Runs `work` with the GIL, for values that belong to this thread or work that calls Python. Errors are as in
/// `guarded`.
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

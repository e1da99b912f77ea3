//! The one place where Rust's errors become Python's.

use pyo3::exceptions::PyRuntimeError;
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

/// Runs the core without the GIL; a panic becomes a `RuntimeError` that says where.
pub fn guarded<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    py.detach(|| std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        PyRuntimeError::new_err(format!("the core panicked: {}", text.unwrap_or("no message")))
    })
}

//! The measurement of the machine's speed.

use crate::errors::{guarded, message};
use metadream_core::dsl::bench;
use pyo3::prelude::*;

/// Measures one figure of `metadream bench machine` and returns it as a JSON object.
#[pyfunction]
#[pyo3(signature = (name, database = None))]
pub fn machine_figure(py: Python<'_>, name: &str, database: Option<&str>) -> PyResult<String> {
    guarded(py, || bench::figure(name, database))?.map_err(|e| message(py, e))
}

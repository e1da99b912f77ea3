//! The reading of statements about numbers.

use crate::database::theory::PyTheory;
use crate::errors::{guarded, message};
use crate::ranking::ranker::task_of;
use metadream_core::wake_sleep::closers::claim;
use pyo3::prelude::*;

/// Reads a target (a label, or a statement in JSON) as a claim about numbers: an expression in JSON, as nested lists
/// with the operator first (`core/src/wake_sleep/closers/numbers/claims.rs`). Returns `None` if the target is no such
/// claim.
#[pyfunction]
pub fn numeric_claim(py: Python<'_>, theory: &PyTheory, target: &str) -> PyResult<Option<String>> {
    let theory = theory.get();
    let work = || {
        let mut arena = theory.arena.clone();
        let task = task_of(&theory, target, &mut arena)?;
        Ok(claim(&theory, &task, &arena).map(|read| read.to_string()))
    };
    guarded(py, work)?.map_err(|e: String| message(py, e))
}

//! Content programs: the decisions of a search in context as a text.

use crate::errors::{guarded, input_error};
use crate::ranker::task_of;
use crate::theory::PyTheory;
use metadream_core::wake_sleep::inference::scribe::Scribe;
use metadream_core::wake_sleep::inference::text::{ContentText, TextError};
use metadream_core::wake_sleep::ranker::usable_premises;
use metadream_core::wake_sleep::search::Options;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// A text and how many choices it holds.
pub fn content_of(py: Python<'_>, content: ContentText) -> PyResult<Bound<'_, PyDict>> {
    let out = PyDict::new(py);
    out.set_item("text", content.text)?;
    out.set_item("decisions", content.decisions)?;
    Ok(out)
}

/// Checks and writes a content program of a theorem or of a statement in JSON: `proof`, `steps`, `decisions`.
#[pyfunction]
pub fn run_content<'py>(py: Python<'py>, theory: &PyTheory, target: &str, text: &str) -> PyResult<Bound<'py, PyDict>> {
    let theory = theory.get();
    let work = || -> Result<_, TextError> {
        let scribe = Scribe::of(theory.clone(), &usable_premises(&theory));
        let mut arena = scribe.prepared.moves.arena.clone();
        let task = task_of(&theory, target, &mut arena).map_err(|message| TextError { line: None, message })?;
        let (proof, decisions) = scribe.replay(&task, &Options::default(), text, &mut arena)?;
        Ok((theory.proof_json(&task, &proof, &arena), proof.len(), decisions))
    };
    let done = guarded(py, work)?;
    let place = |line: usize| (line as u32, 1);
    let (proof, steps, decisions) = done.map_err(|e| input_error(py, &e.message, e.line.map(place)))?;
    let out = PyDict::new(py);
    out.set_item("proof", proof)?;
    out.set_item("steps", steps)?;
    out.set_item("decisions", decisions)?;
    Ok(out)
}

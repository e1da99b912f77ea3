//! A proposer that is a Python callable.

use crate::errors::message;
use metadream_core::wake_sleep::inference::proposer::{Proposer, Question};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use std::sync::{Mutex, PoisonError};

/// A Python callable as a proposer. It takes a goal and its moves as a dictionary and returns a list of
/// log-probabilities. The search runs without the GIL and takes it for each call.
pub struct Callable {
    callable: Py<PyAny>,
    /// The exception that the callable raised.
    raised: Mutex<Option<PyErr>>,
}

impl Callable {
    /// Makes a proposer of a callable.
    pub fn new(callable: Py<PyAny>) -> Callable {
        Callable { callable, raised: Mutex::new(None) }
    }
    /// Returns the exception that the callable raised, or an `InputError` about its answer.
    pub fn error(&self, py: Python<'_>, why: &str) -> PyErr {
        let raised = self.raised.lock().unwrap_or_else(PoisonError::into_inner).take();
        raised.unwrap_or_else(|| message(py, format!("the proposer's answer cannot be used: {why}")))
    }
    fn call(&self, py: Python<'_>, question: &Question) -> PyResult<Result<Vec<f32>, String>> {
        let made = self.callable.bind(py).call1((dictionary(py, question)?,))?;
        Ok(made.extract().map_err(|_| "expected a list of numbers, one for each move".to_owned()))
    }
}

impl Proposer for Callable {
    fn scores(&self, question: &Question) -> Result<Vec<f32>, String> {
        let said = Python::attach(|py| self.call(py, question));
        said.unwrap_or_else(|raised| {
            *self.raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(raised);
            Err("it raised an exception".to_owned())
        })
    }
}

fn dictionary<'py>(py: Python<'py>, question: &Question) -> PyResult<Bound<'py, PyDict>> {
    let moves = PyList::empty(py);
    for m in &question.moves {
        let row = PyDict::new(py);
        row.set_item("label", &m.label)?;
        row.set_item("text", &m.text)?;
        row.set_item("takes", &m.takes)?;
        row.set_item("cost", m.cost)?;
        moves.append(row)?;
    }
    let out = PyDict::new(py);
    out.set_item("goal", &question.goal)?;
    out.set_item("gamma", &question.gamma)?;
    out.set_item("hypotheses", &question.hypotheses)?;
    out.set_item("moves", moves)?;
    Ok(out)
}

//! `ProofStates`: the nodes of the content proofs of human proofs, as data.

use crate::database::theory::PyTheory;
use crate::errors::{guarded, message};
use crate::ranking::ranker::PyRanker;
use metadream_core::wake_sleep::inference::training::states::{Row, States};
use metadream_core::wake_sleep::ranking::ranker::usable_premises;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// The tables with which human proofs are translated into content proofs, made once for many theorems.
#[pyclass(name = "ProofStates", module = "metadream._core", frozen)]
pub struct PyProofStates {
    states: States,
}

#[pymethods]
impl PyProofStates {
    #[new]
    fn new(py: Python<'_>, theory: &PyTheory) -> PyResult<PyProofStates> {
        let theory = theory.get();
        Ok(PyProofStates { states: guarded(py, move || States::new(theory))? })
    }
    /// Returns the nodes of the content proofs of theorems; see `_core.pyi`.
    fn rows<'py>(
        &self,
        py: Python<'py>,
        labels: Vec<String>,
        threads: usize,
        ranker: Option<&PyRanker>,
    ) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let states = &self.states;
        let prover = ranker.map(|r| r.with(|f| f.moves.clone())).transpose()?.flatten();
        let found = guarded(py, || {
            let model = prover.as_ref().map(|p| p.model());
            let usable = model.map(|m| usable_premises(&m.theory));
            states.of(&labels, model.map(|m| &**m).zip(usable.as_deref()), threads)
        })?
        .map_err(|e| message(py, e))?;
        let theorems = labels.iter().zip(found).map(|(label, t)| {
            let out = PyDict::new(py);
            out.set_item("label", label)?;
            out.set_item("hypotheses", t.hypotheses)?;
            out.set_item("distinct", t.distinct)?;
            out.set_item("section", t.section)?;
            let rows = t.rows.map(|rows| {
                let rows = rows.into_iter().enumerate().map(|(i, row)| row_dict(py, i, row));
                PyList::new(py, rows.collect::<PyResult<Vec<_>>>()?)
            });
            out.set_item("rows", rows.transpose()?)?;
            Ok(out)
        });
        theorems.collect()
    }
}

fn row_dict(py: Python<'_>, position: usize, row: Row) -> PyResult<Bound<'_, PyDict>> {
    let sequent = |(gamma, goal): (Vec<String>, String)| -> PyResult<Bound<'_, PyDict>> {
        let out = PyDict::new(py);
        out.set_item("gamma", gamma)?;
        out.set_item("goal", goal)?;
        Ok(out)
    };
    let out = sequent(row.sequent)?;
    out.set_item("position", position)?;
    out.set_item("depth", row.depth)?;
    out.set_item("opcode", row.opcode)?;
    out.set_item("move", row.name)?;
    out.set_item("takes", row.takes)?;
    out.set_item("instruction", row.instruction)?;
    out.set_item("substitution", row.substitution)?;
    out.set_item("next", row.next.into_iter().map(sequent).collect::<PyResult<Vec<_>>>()?)?;
    out.set_item("decision", row.decision)?;
    out.set_item("steps_to_go", row.steps_to_go)?;
    out.set_item("nats_to_go", row.nats_to_go)?;
    Ok(out)
}

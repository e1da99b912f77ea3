//! Skeletons of proofs, and what proofs cost a ranker that was not trained on them.

use crate::database::theory::PyTheory;
use crate::errors::{guarded, message};
use crate::ranking::ranker::{corpus, PyRanker};
use metadream_core::compression::nats::NatsTable;
use metadream_core::dsl::theory::library::{Proof, Task, Theory};
use metadream_core::wake_sleep::ranking::skeletons::Skeletons;
use metadream_core::wake_sleep::training::nats::{nats_table, ranked, recall};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::Arc;

/// Human proofs (labels) and rewritten ones (JSON) as one corpus, and a theory whose arena holds their terms.
fn mixed(theory: &Theory, items: Vec<String>) -> Result<(Theory, Vec<(Task, Proof)>), String> {
    let (found, human): (Vec<String>, Vec<String>) = items.into_iter().partition(|x| x.starts_with('{'));
    corpus(theory, &found, &human)
}

/// What steps cost a model, by premise and by digram: the price in nats.
#[pyclass(name = "Nats", module = "metadream._core", frozen)]
pub struct PyNats {
    pub table: Arc<NatsTable>,
}

#[pymethods]
impl PyNats {
    /// Mean nats of a step.
    #[getter]
    fn mean(&self) -> f32 {
        self.table.mean
    }
}

#[pymethods]
impl PyRanker {
    /// Skeletons of these proofs are replayed on similar targets from now on.
    fn set_skeletons(&self, py: Python<'_>, theory: &PyTheory, proofs: Vec<String>) -> PyResult<()> {
        let theory = theory.get();
        let ranker = self.with(|f| f.ranker.clone())?;
        let work = || -> Result<_, String> {
            let (grown, items) = mixed(&theory, proofs)?;
            Ok(Skeletons::new(&grown, &ranker, &items))
        };
        let skeletons = guarded(py, work)?.map_err(|e| message(py, e))?;
        self.with(|f| {
            f.skeletons = Some(Arc::new(skeletons));
            (f.prepared, f.with_discouraged) = (None, None);
        })
    }
    /// How well held-out proofs are foreseen: `steps`, mean `nats` a step, `at_1`, `at_10`, `at_50` (shares).
    fn held_out<'py>(&self, py: Python<'py>, theory: &PyTheory, proofs: Vec<String>) -> PyResult<Bound<'py, PyDict>> {
        let theory = theory.get();
        let prepared = self.prepared(&theory)?;
        let work = || -> Result<_, String> {
            let (grown, items) = mixed(&theory, proofs)?;
            Ok(recall(&ranked(&prepared, &grown, &items)))
        };
        let found = guarded(py, work)?.map_err(|e| message(py, e))?;
        let out = PyDict::new(py);
        out.set_item("steps", found.steps)?;
        out.set_item("nats", found.nll)?;
        for (name, hits) in [("at_1", found.at[0]), ("at_10", found.at[1]), ("at_50", found.at[2])] {
            out.set_item(name, hits as f64 / found.steps.max(1) as f64)?;
        }
        Ok(out)
    }
    /// What steps cost this ranker on proofs that it was not trained on.
    fn nats(&self, py: Python<'_>, theory: &PyTheory, held_out: Vec<String>) -> PyResult<PyNats> {
        let theory = theory.get();
        let prepared = self.prepared(&theory)?;
        let work = || -> Result<_, String> {
            let (grown, items) = mixed(&theory, held_out)?;
            Ok(nats_table(&prepared, &grown, &items))
        };
        let table = guarded(py, work)?.map_err(|e| message(py, e))?;
        Ok(PyNats { table: Arc::new(table) })
    }
}

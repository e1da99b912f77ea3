//! Methods of `Ranker` for skeletons and held-out proofs, and the table of costs in nats.

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

/// Reads human proofs (labels) and rewritten proofs (JSON) as one corpus, rewritten proofs first, and returns it with
/// a theory whose arena holds the terms of the proofs.
fn mixed(theory: &Theory, items: Vec<String>) -> Result<(Theory, Vec<(Task, Proof)>), String> {
    let (found, human): (Vec<String>, Vec<String>) = items.into_iter().partition(|x| x.starts_with('{'));
    corpus(theory, &found, &human)
}

/// The mean costs of steps by a model, in nats, by premise and by digram. Compression takes it as the option `nats`.
#[pyclass(name = "Nats", module = "metadream._core", frozen)]
pub struct PyNats {
    pub table: Arc<NatsTable>,
}

#[pymethods]
impl PyNats {
    /// The mean cost of a step in nats.
    #[getter]
    fn mean(&self) -> f32 {
        self.table.mean
    }
}

#[pymethods]
impl PyRanker {
    /// Sets the skeletons of these proofs (labels or JSON), which searches replay on similar targets from now on.
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
    /// Measures the ranker on held-out proofs (labels or JSON): `steps` (their number), `nats` (the mean of a step),
    /// and `at_1`, `at_10`, `at_50` (the shares of steps whose premise is among the first 1, 10 and 50 candidates).
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
    /// Returns the mean costs of steps by this ranker on proofs (labels or JSON) that it was not trained on.
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

//! Level-2 composites and what they are priced by.

use crate::errors::{guarded, message};
use crate::ranker::{corpus, PyRanker};
use crate::theory::PyTheory;
use metadream_core::compression::nats::NatsTable;
use metadream_core::compression::schema::{joined, mine, Options};
use metadream_core::dsl::library::{Proof, Schema, Task, Theory};
use metadream_core::wake_sleep::nats::{measured, nats_table, ranked, recall};
use metadream_core::wake_sleep::skeletons::Skeletons;
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

#[pymethods]
impl PyTheory {
    /// The same database with the library's schemas only, those over its lemmas left out.
    fn strategies(&self) -> PyTheory {
        let old = self.get();
        let mut new = (*old).clone();
        new.schemas = old.flat_schemas();
        new.lemmas.clear();
        let premises = new.db.len();
        let plain = |s: &Schema| s.labels().all(|p| p.index() < premises);
        new.schemas.retain(plain);
        PyTheory::of(Arc::new(new))
    }
    /// Takes the schemas of a library over the same premises, or over the database alone.
    fn adopt_strategies(&self, other: &PyTheory) {
        let mut new = (*self.get()).clone();
        new.schemas = other.get().flat_schemas();
        *self.theory.write().unwrap_or_else(|e| e.into_inner()) = Arc::new(new);
    }
    /// Leaves out the schemas named in `dropped`, then takes those of `other` named in `kept` that are not here yet, and
    /// names all anew by what they gained.
    fn join_schemas(&self, other: &PyTheory, kept: Vec<String>, dropped: Vec<String>) {
        let mut new = (*self.get()).clone();
        new.schemas = new.flat_schemas();
        new.schemas.retain(|s| !dropped.contains(&s.name));
        let old = other.get().flat_schemas().into_iter().filter(|s| kept.contains(&s.name)).collect();
        new.schemas = joined(new.schemas, old);
        *self.theory.write().unwrap_or_else(|e| e.into_inner()) = Arc::new(new);
    }
    /// Learns schemas (Level 2) from training proofs, priced by the ranker's nats on `held_out`, proofs that it was not
    /// trained on: half of these price the shapes, the other half decides the admission.
    fn learn_schemas<'py>(
        &self,
        py: Python<'py>,
        ranker: &PyRanker,
        training: Vec<String>,
        held_out: Vec<String>,
        max_schemas: usize,
    ) -> PyResult<Bound<'py, PyDict>> {
        let theory = self.get();
        let prepared = ranker.prepared(&theory)?;
        let work = || -> Result<_, String> {
            let (_, training) = mixed(&theory, training)?;
            let training: Vec<Proof> = training.into_iter().map(|x| x.1).collect();
            let half = |odd: usize| held_out.iter().skip(odd).step_by(2).cloned().collect::<Vec<_>>();
            let (grown, pricing) = mixed(&theory, half(0))?;
            let table = nats_table(&prepared, &grown, &pricing);
            let (grown, admitting) = mixed(&theory, half(1))?;
            let admitting = measured(&admitting, &ranked(&prepared, &grown, &admitting));
            Ok(mine(&training, &table, &admitting, Options { max: max_schemas, ..Options::default() }))
        };
        let mined = guarded(py, work)?.map_err(|e| message(py, e))?;
        let out = PyDict::new(py);
        out.set_item("considered", mined.considered)?;
        out.set_item("chosen", mined.chosen)?;
        out.set_item("admitted", mined.schemas.len())?;
        out.set_item("nats", mined.nats)?;
        out.set_item("gain_of_chosen", mined.chosen_gain)?;
        out.set_item("gain_of_admitted", mined.gain)?;
        let mut new = (*theory).clone();
        new.schemas = mined.schemas;
        *self.theory.write().unwrap_or_else(|e| e.into_inner()) = Arc::new(new);
        Ok(out)
    }
}

//! Methods for the kinds of assertions, the translation of human proofs, and the census of their steps.

use crate::database::theory::PyTheory;
use crate::errors::{guarded, message};
use crate::ranking::ranker::{corpus, PyRanker};
use metadream_core::dsl::theory::library::{PremiseId, Proof, Task};
use metadream_core::wake_sleep::inference::moves::kinds::Kinds;
use metadream_core::wake_sleep::inference::training::census::{census, translations, CountedStep};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The number, label, kind, rank from 0 (`None`: no candidate) and cost in nats of a step.
type Row = (usize, String, &'static str, Option<usize>, f32);

#[pymethods]
impl PyTheory {
    /// Returns the kind of each of `labels`.
    fn kinds(&self, py: Python<'_>) -> PyResult<Vec<&'static str>> {
        let theory = self.get();
        guarded(py, move || {
            let kinds = Kinds::new(&theory);
            (0..theory.db.len() as u32).filter_map(|i| kinds.get(PremiseId(i))).map(|k| k.name()).collect()
        })
    }
    /// Returns the formulas of steps of a theorem's own proof. The steps are numbered from 0.
    fn step_formulas(&self, py: Python<'_>, label: &str, steps: Vec<usize>) -> PyResult<Vec<String>> {
        let theory = self.get();
        let work = || -> Result<Vec<String>, String> {
            let mut arena = theory.arena.clone();
            let task = theory.find_task(label, &mut arena)?;
            let proof = theory.human_proof(task.limit).ok_or_else(|| format!("`{label}` has no proof"))?;
            let said = theory.elaborate(&task, &proof, &mut arena).map_err(|e| format!("{label}: {e}"))?;
            let shown = |&i: &usize| said.get(i).map(|s| theory.db.show_statement(&arena, s.formula));
            steps.iter().map(|i| shown(i).ok_or_else(|| format!("the proof of `{label}` has no step {i}"))).collect()
        };
        guarded(py, work)?.map_err(|e| message(py, e))
    }
    /// Translates human proofs into content proofs and, if `write`, writes them as Metamath again; see `_core.pyi`.
    fn translations<'py>(
        &self,
        py: Python<'py>,
        labels: Vec<String>,
        write: bool,
    ) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let theory = self.get();
        let work = || -> Result<_, String> {
            let (grown, items) = corpus(&theory, &[], &labels)?;
            let found = translations(&grown, &items, write);
            let text = |task: &Task, proof: &Proof| grown.proof_json(task, proof, &grown.arena);
            let rows = found.into_iter().zip(&items).map(|(t, (task, _))| {
                let written = t.written.map(|w| w.map(|proof| text(task, &proof)));
                (task.name.clone(), t.steps, t.decisions, written)
            });
            Ok(rows.collect::<Vec<_>>())
        };
        let found = guarded(py, work)?.map_err(|e| message(py, e))?;
        let rows = found.into_iter().map(|(label, steps, decisions, written)| {
            let out = PyDict::new(py);
            out.set_item("label", label)?;
            out.set_item("steps", steps)?;
            out.set_item("decisions", decisions.map(|d| d.iter().map(|k| k.name()).collect::<Vec<_>>()))?;
            out.set_item("proof", written.as_ref().and_then(|w| w.as_ref().ok()))?;
            out.set_item("unwritten", written.as_ref().and_then(|w| w.as_ref().err()))?;
            Ok(out)
        });
        rows.collect()
    }
}

#[pymethods]
impl PyRanker {
    /// Measures the ranker on each step of human proofs: kind, rank and cost in nats; see `_core.pyi`.
    fn census(&self, py: Python<'_>, theory: &PyTheory, labels: Vec<String>) -> PyResult<Vec<Vec<Row>>> {
        let theory = theory.get();
        let prepared = self.prepared(&theory)?;
        let work = || -> Result<_, String> {
            let (grown, items) = corpus(&theory, &[], &labels)?;
            Ok(census(&prepared, &grown, &items))
        };
        let counted = guarded(py, work)?.map_err(|e| message(py, e))?;
        let row =
            |s: &CountedStep| -> Row { (s.step, theory.label(s.premise).to_owned(), s.kind.name(), s.rank, s.nats) };
        Ok(counted.iter().map(|steps| steps.iter().map(row).collect()).collect())
    }
}

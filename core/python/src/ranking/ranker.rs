//! `Ranker`: the first stage of the ranking, its training, and the indexes that searches use.

use crate::database::theory::{human_corpus, read_corpus, PyTheory};
use crate::errors::{guarded, message};
use metadream_core::dsl::theory::library::{PremiseId, Proof, Task, Theory};
use metadream_core::metamath_db::terms::term::Arena;
use metadream_core::wake_sleep::inference::prover::Prover;
use metadream_core::wake_sleep::ranking::examples::Habits;
use metadream_core::wake_sleep::ranking::features::Featurizer;
use metadream_core::wake_sleep::ranking::ranker::{
    premise_index, usable_or_discouraged, usable_premises, Network, Ranker, DIM,
};
use metadream_core::wake_sleep::ranking::rows::Rows;
use metadream_core::wake_sleep::ranking::skeletons::Skeletons;
use metadream_core::wake_sleep::search::Prepared;
use metadream_core::wake_sleep::training::table::candidate_table;
use numpy::{IntoPyArray, PyArray1, PyArrayMethods, PyReadonlyArrayDyn};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::{Arc, Mutex};

/// Proofs with their tasks.
type Corpus = Vec<(Task, Proof)>;

/// A fitted ranker with what searches need beside it.
pub struct Fitted {
    pub theory: Arc<Theory>,
    pub ranker: Arc<Ranker>,
    pub habits: Arc<Habits>,
    pub skeletons: Option<Arc<Skeletons>>,
    pub prepared: Option<Arc<Prepared>>,
    /// The indexes in which discouraged premises are usable too.
    pub with_discouraged: Option<Arc<Prepared>>,
    /// The prover that makes moves in context.
    pub moves: Option<Arc<Prover>>,
}

/// The first stage of the ranking of premises, with a network's weights and a model over moves if they are set.
#[pyclass(name = "Ranker", module = "metadream._core", frozen)]
pub struct PyRanker {
    pub seed: u64,
    pub fitted: Mutex<Option<Fitted>>,
}

/// Reads found proofs (JSON) and human proofs (labels) as one corpus, and returns it with a theory whose arena holds
/// the terms of the proofs.
pub fn corpus(theory: &Theory, found: &[String], human: &[String]) -> Result<(Theory, Corpus), String> {
    let mut grown = theory.clone();
    let mut arena = std::mem::take(&mut grown.arena);
    let read = read_corpus(theory, found, &mut arena).and_then(|mut c| {
        c.extend(human_corpus(theory, human, &mut arena)?);
        Ok(c)
    });
    grown.arena = arena;
    Ok((grown, read?))
}

impl PyRanker {
    /// Does `work` on the fitted ranker. Raises `ValueError` if the ranker was not fitted.
    pub fn with<T>(&self, work: impl FnOnce(&mut Fitted) -> T) -> PyResult<T> {
        let mut fitted = self.fitted.lock().unwrap_or_else(|e| e.into_inner());
        match fitted.as_mut() {
            Some(f) => Ok(work(f)),
            None => Err(PyValueError::new_err("the ranker was not fitted yet: call fit first")),
        }
    }
    /// Sets a new first stage and discards everything else that was fitted.
    fn keep(&self, theory: Arc<Theory>, ranker: Ranker, habits: Habits) {
        let (ranker, habits) = (Arc::new(ranker), Arc::new(habits));
        let fitted =
            Fitted { theory, ranker, habits, skeletons: None, prepared: None, with_discouraged: None, moves: None };
        *self.fitted.lock().unwrap_or_else(|e| e.into_inner()) = Some(fitted);
    }
    /// Returns the indexes for a theory. They are built once and kept while theory and ranker do not change.
    pub fn prepared(&self, theory: &Arc<Theory>) -> PyResult<Arc<Prepared>> {
        self.prepared_for(theory, false)
    }
    /// Returns the indexes for a theory as `prepared` does. With `discouraged`, premises marked "(New usage is
    /// discouraged.)" are usable too.
    pub fn prepared_for(&self, theory: &Arc<Theory>, discouraged: bool) -> PyResult<Arc<Prepared>> {
        self.with(|f| {
            if f.theory.len() != theory.len() {
                return Err(PyValueError::new_err("the ranker was fitted on another library: call fit again"));
            }
            if !Arc::ptr_eq(&f.theory, theory) {
                f.theory = theory.clone();
                (f.prepared, f.with_discouraged) = (None, None);
            }
            let fresh = || {
                let usable = if discouraged { usable_or_discouraged(theory) } else { usable_premises(theory) };
                let prepared = Prepared::new(theory.clone(), f.ranker.clone(), f.habits.clone(), &usable);
                Arc::new(prepared.with_skeletons(f.skeletons.clone()))
            };
            let known = if discouraged { &f.with_discouraged } else { &f.prepared };
            let prepared = known.clone().unwrap_or_else(fresh);
            *(if discouraged { &mut f.with_discouraged } else { &mut f.prepared }) = Some(prepared.clone());
            Ok(prepared)
        })?
    }
}

#[pymethods]
impl PyRanker {
    #[new]
    fn new(seed: u64) -> PyRanker {
        PyRanker { seed, fitted: Mutex::new(None) }
    }
    /// Trains the first stage from scratch on found proofs (JSON) and the human proofs of `human`. With `epochs` 0 it
    /// only counts uses. Keys: `examples`, `loss`, `seconds`.
    fn fit<'py>(
        &self,
        py: Python<'py>,
        theory: &PyTheory,
        corpus: Vec<String>,
        human: Vec<String>,
        epochs: usize,
    ) -> PyResult<Bound<'py, PyDict>> {
        let theory = theory.get();
        let (start, seed) = (std::time::Instant::now(), self.seed);
        let work = || -> Result<_, String> {
            let (grown, items) = self::corpus(&theory, &corpus, &human)?;
            let usable = usable_premises(&grown);
            let index = premise_index(&grown, &|p| usable[p.index()]);
            let habits = Habits::new(&grown, &items);
            let mut ranker = Ranker::new(&grown, Ranker::bits_for(&grown));
            ranker.count(&habits);
            let report = if epochs > 0 { ranker.fit(&grown, &index, &items, epochs, seed) } else { Default::default() };
            Ok((ranker, habits, report))
        };
        let (ranker, habits, report) = guarded(py, work)?.map_err(|e| message(py, e))?;
        self.keep(theory, ranker, habits);
        let out = PyDict::new(py);
        out.set_item("examples", report.examples)?;
        out.set_item("loss", report.loss)?;
        out.set_item("seconds", start.elapsed().as_secs_f64())?;
        Ok(out)
    }
    #[allow(clippy::too_many_arguments)]
    /// Returns steps of proofs as choices among the first stage's best `candidates`; see `_core.pyi`.
    fn examples<'py>(
        &self,
        py: Python<'py>,
        theory: &PyTheory,
        corpus: Vec<String>,
        human: Vec<String>,
        candidates: usize,
        limit: usize,
        seed: u64,
    ) -> PyResult<Bound<'py, PyDict>> {
        let prepared = self.prepared(&theory.get())?;
        let theory = theory.get();
        let work = || -> Result<_, String> {
            let (grown, items) = self::corpus(&theory, &corpus, &human)?;
            Ok(candidate_table(&prepared, &grown, &items, candidates, limit, seed))
        };
        let table = guarded(py, work)?.map_err(|e| message(py, e))?;
        let rows = table.task.len();
        let out = PyDict::new(py);
        out.set_item("features", table.features.into_pyarray(py))?;
        out.set_item("offsets", table.offsets.into_pyarray(py))?;
        out.set_item("candidates", table.candidates.into_pyarray(py).reshape([rows, candidates])?)?;
        out.set_item("scores", table.scores.into_pyarray(py).reshape([rows, candidates])?)?;
        out.set_item("task", table.task.into_pyarray(py))?;
        Ok(out)
    }
    /// Returns the hashed features of every premise's statement and comment, for the recognition model; see
    /// `_core.pyi`.
    fn premise_features<'py>(&self, py: Python<'py>, theory: &PyTheory) -> PyResult<Bound<'py, PyDict>> {
        let theory = theory.get();
        let (ranker, habits) = self.with(|f| (f.ranker.clone(), f.habits.clone()))?;
        let featurizer = Featurizer::new(&theory, ranker.bits);
        let (mut features, mut offsets, mut row) = (Vec::<u32>::new(), vec![0i64], Vec::new());
        for p in 0..theory.len() as u32 {
            featurizer.premise(&theory, PremiseId(p), &mut row);
            features.extend_from_slice(&row);
            offsets.push(features.len() as i64);
        }
        let uses: Vec<f32> = habits.uses.iter().map(|&u| (u as f32 + 0.3).ln()).collect();
        let out = PyDict::new(py);
        out.set_item("features", features.into_pyarray(py))?;
        out.set_item("offsets", offsets.into_pyarray(py))?;
        out.set_item("uses", uses.into_pyarray(py))?;
        Ok(out)
    }
    /// Returns the number of hashed features.
    fn feature_count(&self) -> PyResult<usize> {
        self.with(|f| 1usize << f.ranker.bits)
    }
    /// Sets the network's weights, or removes them with `None`. Raises `ValueError` if the arrays do not fit this
    /// ranker.
    fn set_network(&self, arrays: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
        let network = arrays.map(network).transpose()?;
        self.with(|f| {
            if let Some(n) = &network {
                let d = n.b2.len();
                let h = n.b1.len();
                let shapes = n.embedding.len() == 1 << f.ranker.bits
                    && n.w1.len() == h * d
                    && n.w2.len() == h * d
                    && n.premises.len() == f.ranker.bias.len()
                    && n.bias.len() == f.ranker.bias.len();
                if !shapes {
                    return Err(PyValueError::new_err("the network's arrays do not fit this ranker"));
                }
            }
            let mut ranker = (*f.ranker).clone();
            ranker.network = network;
            f.ranker = Arc::new(ranker);
            (f.prepared, f.with_discouraged) = (None, None);
            Ok(())
        })?
    }
    /// Returns the first stage's weights as flat float32 arrays.
    fn weights<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let ranker = self.with(|f| f.ranker.clone())?;
        let out = PyDict::new(py);
        for (name, column) in [
            ("embedding", ranker.embedding.values()),
            ("premises", ranker.premises.values()),
            ("bias", ranker.bias.clone()),
            ("distance", ranker.distance.clone()),
            ("local", ranker.local.clone()),
        ] {
            let array: Bound<'py, PyArray1<f32>> = column.into_pyarray(py);
            out.set_item(name, array)?;
        }
        out.set_item("temperature", vec![ranker.temperature].into_pyarray(py))?;
        Ok(out)
    }
    /// Restores a first stage from the arrays of `weights`, with use counts from the same corpus as in `fit`. Raises
    /// `InputError` if an array does not fit this database and library.
    fn restore(
        &self,
        py: Python<'_>,
        theory: &PyTheory,
        corpus: Vec<String>,
        human: Vec<String>,
        weights: &Bound<'_, PyDict>,
    ) -> PyResult<()> {
        let theory = theory.get();
        let work = || -> Result<_, String> {
            let (grown, items) = self::corpus(&theory, &corpus, &human)?;
            Ok(Habits::new(&grown, &items))
        };
        let habits = guarded(py, work)?.map_err(|e| message(py, e))?;
        let mut ranker = Ranker::new(&theory, Ranker::bits_for(&theory));
        let fitting = |name: &str, length: usize| {
            let new = array(weights, name)?;
            if new.len() == length {
                return Ok(new);
            }
            Err(message(py, format!("the model's `{name}` does not fit this database and library; train anew")))
        };
        for (name, rows) in [("embedding", &mut ranker.embedding), ("premises", &mut ranker.premises)] {
            *rows = Rows::of(DIM, &fitting(name, rows.len() * DIM)?);
        }
        for (name, column) in
            [("bias", &mut ranker.bias), ("distance", &mut ranker.distance), ("local", &mut ranker.local)]
        {
            *column = fitting(name, column.len())?;
        }
        ranker.temperature = array(weights, "temperature")?.first().copied().unwrap_or(1.0);
        self.keep(theory, ranker, habits);
        Ok(())
    }
    /// Returns the ranker for a database that begins with the one that this ranker was fitted on, without the model
    /// over moves. Raises `InputError` for any other database.
    fn grown(&self, py: Python<'_>, theory: &PyTheory) -> PyResult<PyRanker> {
        let theory = theory.get();
        let fitted = self.with(|f| {
            let ranker = Arc::new(f.ranker.grown(&f.theory, &theory)?);
            let (habits, skeletons) = (Arc::new(f.habits.grown(&theory)), f.skeletons.clone());
            let theory = theory.clone();
            Ok(Fitted { theory, ranker, habits, skeletons, prepared: None, with_discouraged: None, moves: None })
        })?;
        let fitted = fitted.map_err(|e| message(py, e))?;
        Ok(PyRanker { seed: self.seed, fitted: Mutex::new(Some(fitted)) })
    }
    /// Returns the SHA-256 of the first stage's weights.
    fn sha256(&self) -> PyResult<String> {
        self.with(|f| f.ranker.sha256())
    }
}

fn array(arrays: &Bound<'_, PyDict>, name: &str) -> PyResult<Vec<f32>> {
    let missing = || PyValueError::new_err(format!("array `{name}` is missing"));
    let item = arrays.get_item(name)?.ok_or_else(missing)?;
    let array: PyReadonlyArrayDyn<'_, f32> =
        item.extract().map_err(|_| PyValueError::new_err(format!("`{name}` must be float32")))?;
    Ok(array.as_array().iter().copied().collect())
}

fn network(arrays: &Bound<'_, PyDict>) -> PyResult<Network> {
    let scale = array(arrays, "scale")?;
    let b2 = array(arrays, "b2")?;
    let rows = |name: &str| -> PyResult<Rows> { Ok(Rows::of(b2.len().max(1), &array(arrays, name)?)) };
    Ok(Network {
        embedding: rows("embedding")?,
        w1: array(arrays, "w1")?,
        b1: array(arrays, "b1")?,
        w2: array(arrays, "w2")?,
        premises: rows("premises")?,
        b2,
        bias: array(arrays, "bias")?,
        scale: [scale.first().copied().unwrap_or(1.0), scale.get(1).copied().unwrap_or(1.0)],
    })
}

/// Makes the task of a target: a label, or a statement in JSON.
pub fn task_of(theory: &Theory, target: &str, arena: &mut Arena) -> Result<Task, String> {
    if !target.trim_start().starts_with('{') {
        return theory.find_task(target, arena);
    }
    let statement = serde_json::from_str(target).map_err(|e| format!("not a statement in JSON: {e}"))?;
    theory.statement_task("statement", &statement, arena)
}

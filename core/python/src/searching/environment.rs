//! `Environment`: attempts at tasks, one action at a time.

use crate::database::theory::PyTheory;
use crate::errors::{guarded, message};
use crate::ranking::ranker::task_of;
use crate::searching::content::scribe_of;
use metadream_core::dsl::theory::library::Theory;
use metadream_core::wake_sleep::inference::environment::Environment;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The numbers of steps and of open goals above which random play begins again.
const LONGEST: usize = 40;
const MOST_OPEN: usize = 16;

/// An attempt at a task of a theory.
#[pyclass(name = "Environment", frozen)]
pub struct PyEnvironment {
    theory: Arc<Theory>,
    inner: Mutex<Environment>,
}

impl PyEnvironment {
    fn with<T: Send>(&self, py: Python<'_>, work: impl FnOnce(&mut Environment) -> T + Send) -> PyResult<T> {
        guarded(py, || work(&mut self.inner.lock().unwrap_or_else(|e| e.into_inner())))
    }
    /// Does `work` on the attempt; its error becomes a `ValueError`.
    fn done<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut Environment) -> Result<T, String> + Send,
    ) -> PyResult<T> {
        self.with(py, work)?.map_err(PyValueError::new_err)
    }
}

#[pymethods]
impl PyEnvironment {
    /// Begins an attempt at a target. Raises `InputError` for a text that is no target.
    #[new]
    fn new(py: Python<'_>, theory: &PyTheory, target: &str) -> PyResult<PyEnvironment> {
        let (own, moves) = (theory.get(), theory.moves.clone());
        let made = guarded(py, || Environment::new(scribe_of(&own, &moves), |arena| task_of(&own, target, arena)))?;
        let inner = Mutex::new(made.map_err(|why| message(py, why))?);
        Ok(PyEnvironment { theory: own, inner })
    }
    /// Returns to the beginning of the attempt.
    fn reset(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, Environment::reset)
    }
    /// The number of actions, legal or not. Actions are numbered from 0.
    #[getter]
    fn actions(&self, py: Python<'_>) -> PyResult<u32> {
        self.with(py, |e| e.actions())
    }
    /// Returns the opcode and the label of an action; `None` if there is no such action.
    fn name(&self, py: Python<'_>, action: u32) -> PyResult<Option<String>> {
        self.with(py, |e| e.name(action))
    }
    /// Returns the legal actions on the first open goal, in ascending order; empty if no goal is open.
    fn legal(&self, py: Python<'_>) -> PyResult<Vec<u32>> {
        self.with(py, |e| e.legal().to_vec())
    }
    /// Takes an action on the first open goal and returns the number of open goals after it.
    fn step(&self, py: Python<'_>, action: u32) -> PyResult<usize> {
        self.done(py, |e| e.step(action).map_err(|r| r.claim))
    }
    /// Takes a decision written as in a content program and returns the number of open goals after it.
    fn decide(&self, py: Python<'_>, text: &str) -> PyResult<usize> {
        self.done(py, |e| e.decide(text).map_err(|r| r.claim))
    }
    /// Takes the last decision back and returns whether there was one.
    fn undo(&self, py: Python<'_>) -> PyResult<bool> {
        self.with(py, Environment::undo)
    }
    /// Returns a copy of the attempt in its present state.
    fn copy(&self, py: Python<'_>) -> PyResult<PyEnvironment> {
        let inner = Mutex::new(self.with(py, |e| e.clone())?);
        Ok(PyEnvironment { theory: self.theory.clone(), inner })
    }
    /// The number of decisions taken.
    #[getter]
    fn steps(&self, py: Python<'_>) -> PyResult<usize> {
        self.with(py, |e| e.steps())
    }
    /// The number of open goals.
    #[getter]
    fn open(&self, py: Python<'_>) -> PyResult<usize> {
        self.with(py, |e| e.open())
    }
    /// Returns the open goals, the first one first: the members of the context, and the formula.
    fn goals(&self, py: Python<'_>) -> PyResult<Vec<(Vec<String>, String)>> {
        self.with(py, |e| e.goals())
    }
    /// Returns the open goals as one text, one on each line. Equal states have equal texts.
    fn state(&self, py: Python<'_>) -> PyResult<String> {
        self.with(py, |e| e.state())
    }
    /// Returns the label and the formula of each of the task's hypotheses.
    fn hypotheses(&self, py: Python<'_>) -> PyResult<Vec<(String, String)>> {
        self.with(py, |e| {
            let show = |&t| self.theory.db.show_statement(e.arena(), t);
            e.task().hyp_labels.iter().cloned().zip(e.task().hyps.iter().map(show)).collect()
        })
    }
    /// Returns the pairs of variables that the task's `$d` conditions keep apart.
    fn disjoint(&self, py: Python<'_>) -> PyResult<Vec<(String, String)>> {
        self.with(py, |e| {
            let name = |v| self.theory.db.source.symbol(v).to_owned();
            e.task().disjoint.iter().map(|&(v, w)| (name(v), name(w))).collect()
        })
    }
    /// Checks the finished attempt again and returns its proof as JSON, and the number of its decisions.
    fn proof(&self, py: Python<'_>) -> PyResult<(String, u64)> {
        self.done(py, |e| {
            let (proof, decisions) = e.proof()?;
            Ok((self.theory.proof_json(e.task(), &proof, e.arena()), decisions))
        })
    }
    /// Plays at random for `seconds` and measures the speed.
    fn play<'py>(&self, py: Python<'py>, seconds: f64, seed: u64) -> PyResult<Bound<'py, PyDict>> {
        let played = self.with(py, |e| play(e, Duration::from_secs_f64(seconds), seed))?;
        let out = PyDict::new(py);
        out.set_item("steps", played.steps)?;
        out.set_item("episodes", played.episodes)?;
        out.set_item("finished", played.finished)?;
        out.set_item("legal_actions", played.legal)?;
        out.set_item("seconds_stepping", played.stepping.as_secs_f64())?;
        out.set_item("seconds_listing", played.listing.as_secs_f64())?;
        Ok(out)
    }
}

/// The counts and times of random play.
#[derive(Default)]
struct Played {
    steps: u64,
    episodes: u64,
    finished: u64,
    legal: u64,
    stepping: Duration,
    listing: Duration,
}

fn play(e: &mut Environment, time: Duration, seed: u64) -> Played {
    let (mut out, begun) = (Played::default(), Instant::now());
    let mut random = seed.wrapping_mul(2).wrapping_add(1);
    e.reset();
    while begun.elapsed() < time {
        let at = Instant::now();
        let legal = e.legal();
        out.listing += at.elapsed();
        out.legal += legal.len() as u64;
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let chosen = legal.get((random >> 33) as usize % legal.len().max(1));
        let at = Instant::now();
        let taken = chosen.is_some_and(|&action| e.step(action).is_ok());
        out.stepping += at.elapsed();
        out.steps += u64::from(taken);
        if !taken || e.open() == 0 || e.open() > MOST_OPEN || e.steps() > LONGEST {
            out.episodes += 1;
            out.finished += u64::from(e.open() == 0);
            e.reset();
        }
    }
    out
}

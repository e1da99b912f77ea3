//! `SearchOptions`: the options of a search, checked when they are made.

use metadream_core::wake_sleep::search::Options;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict};
use pyo3::IntoPyObjectExt;

/// The type of a field: how a value is read, and the text for what was expected.
trait Field: Sized {
    const EXPECTED: &'static str;
    fn read(value: &Bound<'_, PyAny>) -> Option<Self>;
}

impl Field for bool {
    const EXPECTED: &'static str = "True or False";
    fn read(value: &Bound<'_, PyAny>) -> Option<bool> {
        value.extract().ok()
    }
}

/// Implements `Field` for a type, and refuses Python's `True` and `False`, which would count as numbers.
macro_rules! no_bool {
    ($type:ty, $expected:literal) => {
        impl Field for $type {
            const EXPECTED: &'static str = $expected;
            fn read(value: &Bound<'_, PyAny>) -> Option<$type> {
                value.extract().ok().filter(|_| !value.is_instance_of::<PyBool>())
            }
        }
    };
}

no_bool!(u64, "a whole number of at least 0");
no_bool!(usize, "a whole number of at least 0");
no_bool!(f64, "a number");
no_bool!(String, "a text");

impl<T: Field> Field for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;
    fn read(value: &Bound<'_, PyAny>) -> Option<Option<T>> {
        if value.is_none() {
            return Some(None);
        }
        T::read(value).map(Some)
    }
}

fn set<T: Field>(field: &mut T, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let wrong = || wrong(name, T::EXPECTED, &value.repr().map_or_else(|_| "that".to_owned(), |r| r.to_string()));
    *field = T::read(value).ok_or_else(wrong)?;
    Ok(())
}

fn wrong(name: &str, expected: &str, found: &str) -> PyErr {
    PyValueError::new_err(format!("{name}: expected {expected}, not {found}"))
}

/// Defines the class and the access to its fields from their list.
macro_rules! search_options {
    ($($(#[$doc:meta])* $name:ident: $type:ty,)*) => {
        /// Bounds, parts and weights of a search. `_core.pyi` documents the fields.
        #[pyclass(name = "SearchOptions", module = "metadream._core", frozen, eq, get_all)]
        #[derive(Clone, PartialEq, Debug)]
        pub struct PySearchOptions { $($(#[$doc])* pub $name: $type,)* }

        impl PySearchOptions {
            fn set(&mut self, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
                match name {
                    $(stringify!($name) => set(&mut self.$name, name, value),)*
                    _ => Err(PyTypeError::new_err(format!("SearchOptions has no field '{name}'"))),
                }
            }
            fn fields<'py>(&self, py: Python<'py>) -> PyResult<Vec<(&'static str, Bound<'py, PyAny>)>> {
                Ok(vec![$((stringify!($name), self.$name.clone().into_bound_py_any(py)?),)*])
            }
        }
    };
}

search_options! {
    /// The budget in expansions; None: no such budget.
    expansions: Option<u64>,
    /// The budget in CPU seconds of the search's thread; None: no such budget.
    seconds: Option<f64>,
    /// Whether the search goes on until both budgets are used up.
    patient: bool,
    /// The bound on memory in bytes, by the search's own estimate.
    memory_bytes: usize,
    /// The kind of moves: content, unify or both.
    moves: String,
    /// The premises that may be used: before, human or all.
    premises: String,
    /// Whether learned lemmas and analogues are used.
    library: bool,
    /// The number of training proofs that are looked up because they are similar to the target.
    analogues: usize,
    /// Whether the skeletons of the analogues are replayed.
    replay: bool,
    /// Whether the premises of the analogues are preferred.
    prior: bool,
    /// Whether premises are preferred that training proofs applied to similar goals.
    memory: bool,
    /// Whether decision procedures are used.
    closers: bool,
    /// The budget in expansions for a shorter proof once one is found; with 0 the proof stays as found.
    minimise: u64,
    /// Whether a search without a proof returns its frontier.
    frontier: bool,
    /// The largest number of clusters of an AND/OR graph that is returned.
    graph: usize,
    /// The number of moves of a goal that are sent to a proposer.
    proposer_moves: usize,
    /// The weight of the proposer's log-probabilities, from 0 to 1.
    proposer_weight: f64,
    /// The largest number of calls of the proposer in one search; None: no bound.
    proposer_calls: Option<u64>,
}

/// Returns the decimal number that a 32-bit float was written as.
fn written(x: f32) -> f64 {
    (f64::from(x) * 1e6).round() / 1e6
}

/// Returns `None` for the number that means no bound.
fn bound(n: u64) -> Option<u64> {
    (n != u64::MAX).then_some(n)
}

impl Default for PySearchOptions {
    /// Returns the core's defaults ([`Options::default`]).
    fn default() -> PySearchOptions {
        let o = Options::default();
        PySearchOptions {
            expansions: bound(o.expansions),
            seconds: o.seconds,
            patient: o.patient,
            memory_bytes: o.memory_bytes,
            moves: "both".to_owned(),
            premises: "before".to_owned(),
            library: o.lemmas,
            analogues: o.analogues,
            replay: o.replay,
            prior: o.prior,
            memory: o.memory,
            closers: o.closers,
            minimise: o.minimise,
            frontier: o.frontier,
            graph: o.graph,
            proposer_moves: o.proposer_moves,
            proposer_weight: written(o.proposer_weight),
            proposer_calls: bound(o.proposer_calls),
        }
    }
}

impl PySearchOptions {
    /// Returns the options in the form of the core.
    pub fn options(&self) -> Options {
        let plain = Options::default();
        Options {
            expansions: self.expansions.unwrap_or(u64::MAX),
            seconds: self.seconds,
            patient: self.patient,
            memory_bytes: self.memory_bytes,
            human_premises: self.premises == "human",
            lemmas: self.library,
            analogues: if self.library { self.analogues } else { 0 },
            replay: self.replay,
            prior: self.prior,
            memory: self.memory,
            closers: self.closers,
            minimise: self.minimise,
            frontier: self.frontier,
            graph: self.graph,
            proposer_moves: self.proposer_moves,
            proposer_weight: self.proposer_weight as f32,
            proposer_calls: self.proposer_calls.unwrap_or(u64::MAX),
            ..plain
        }
    }
    /// Whether premises marked as discouraged may be used. They are used as they stand only, not as moves in context.
    pub fn discouraged(&self) -> bool {
        self.premises == "all"
    }
    fn check(&self) -> PyResult<()> {
        let not = |name: &str, expected: &str, found: &dyn std::fmt::Debug| {
            Err(wrong(name, expected, &format!("{found:?}").replace('"', "'")))
        };
        if self.expansions == Some(0) {
            return not("expansions", "a whole number of at least 1, or None", &0);
        }
        if let Some(s) = self.seconds.filter(|s| !(s.is_finite() && *s > 0.0)) {
            return not("seconds", "a time above 0 that ends, or None", &s);
        }
        if self.expansions.is_none() && self.seconds.is_none() {
            let bounds = "expansions, seconds: expected a bound, not None for both";
            return Err(PyValueError::new_err(bounds));
        }
        for (name, value, known) in [
            ("moves", &self.moves, ["content", "unify", "both"]),
            ("premises", &self.premises, ["before", "human", "all"]),
        ] {
            if !known.contains(&&**value) {
                return not(name, &format!("{}, {} or {}", known[0], known[1], known[2]), value);
            }
        }
        if self.discouraged() && self.moves == "content" {
            return not("moves", "unify or both with premises='all'", &self.moves);
        }
        if !(0.0..=1.0).contains(&self.proposer_weight) {
            return not("proposer_weight", "a number from 0 to 1", &self.proposer_weight);
        }
        if self.proposer_moves < 2 {
            return not("proposer_moves", "a whole number of at least 2", &self.proposer_moves);
        }
        Ok(())
    }
    fn with(mut self, fields: Option<&Bound<'_, PyDict>>) -> PyResult<PySearchOptions> {
        for (name, value) in fields.into_iter().flatten() {
            self.set(name.extract()?, &value)?;
        }
        self.check()?;
        Ok(self)
    }
}

#[pymethods]
impl PySearchOptions {
    #[new]
    #[pyo3(signature = (**fields))]
    fn new(fields: Option<&Bound<'_, PyDict>>) -> PyResult<PySearchOptions> {
        PySearchOptions::default().with(fields)
    }
    /// Returns a copy with other values in some fields.
    #[pyo3(signature = (**fields))]
    fn replace(&self, fields: Option<&Bound<'_, PyDict>>) -> PyResult<PySearchOptions> {
        self.clone().with(fields)
    }
    /// Shows the fields that differ from the defaults.
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let mut said = Vec::new();
        for ((name, value), (_, plain)) in self.fields(py)?.into_iter().zip(PySearchOptions::default().fields(py)?) {
            if !value.eq(plain)? {
                said.push(format!("{name}={}", value.repr()?));
            }
        }
        Ok(format!("SearchOptions({})", said.join(", ")))
    }
}

//! `SearchOptions`: what a search is told. Checked when it is made, and handed through unchanged.

use metadream_core::wake_sleep::search::Options;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict};
use pyo3::IntoPyObjectExt;

/// A type of a field: how it is read, and what is said of a value that is none.
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

/// Python's `True` is a number, too; here it is none.
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

/// The class, with what has to be said of each field.
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
    /// Expansions after which it gives up; None: no bound.
    expansions: Option<u64>,
    /// Thread CPU seconds after which it gives up; None: no bound.
    seconds: Option<f64>,
    /// Whether it gives up only when expansions and seconds are used up.
    patient: bool,
    /// Bytes that it may hold, by its own count.
    memory_bytes: usize,
    /// What it chooses: content, unify or both.
    moves: String,
    /// What may be used: before, human or all.
    premises: String,
    /// Whether composites are used: lemmas and analogues.
    library: bool,
    /// Training proofs that are looked up because they are like the target.
    analogues: usize,
    /// Whether their skeletons are replayed.
    replay: bool,
    /// Whether their premises are preferred.
    prior: bool,
    /// Whether what they applied to goals like one's own is preferred.
    memory: bool,
    /// Whether decision procedures are asked.
    closers: bool,
    /// Expansions for a shorter proof once one was found; 0: it stays as found.
    minimise: u64,
    /// Whether it says where it stands when it ends without a proof.
    frontier: bool,
    /// The AND/OR graph is given if it has no more clusters than this.
    graph: usize,
    /// Moves of a goal that are put to a proposer.
    proposer_moves: usize,
    /// Weight of its log-probabilities, from 0 to 1.
    proposer_weight: f64,
    /// Goals that are put to it in one search, at most; None: no bound.
    proposer_calls: Option<u64>,
}

/// The number that a float of 32 bits was written as.
fn written(x: f32) -> f64 {
    (f64::from(x) * 1e6).round() / 1e6
}

/// None for what is no bound.
fn bound(n: u64) -> Option<u64> {
    (n != u64::MAX).then_some(n)
}

impl Default for PySearchOptions {
    /// The core's defaults ([`Options::default`]).
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
    /// As the core takes them.
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
    /// Whether premises that are marked as discouraged may be used: as they stand only, not as moves in context.
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
    /// The same with other values in some fields.
    #[pyo3(signature = (**fields))]
    fn replace(&self, fields: Option<&Bound<'_, PyDict>>) -> PyResult<PySearchOptions> {
        self.clone().with(fields)
    }
    /// Names what is not as the defaults have it.
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

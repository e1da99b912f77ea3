//! The arrays of a model's file, and the fitting of a model to a database.

use crate::database::theory::PyTheory;
use crate::errors::{guarded, input_error, message};
use crate::ranking::moves;
use crate::ranking::ranker::{Fitted, PyRanker};
use metadream_core::dsl::theory::library::Theory;
use metadream_core::metamath_db::ids::AssertionId;
use metadream_core::metamath_db::statement::StatementKey;
use metadream_core::wake_sleep::inference::prover::Prover;
use metadream_core::wake_sleep::ranking::column::{Column, Postings};
use metadream_core::wake_sleep::ranking::portable::{bits_of, Portable, Statements, COUNTED, SEEN};
use metadream_core::wake_sleep::ranking::probe;
use metadream_core::wake_sleep::ranking::ranker::{usable_premises, Network, Ranker, DIM};
use metadream_core::wake_sleep::ranking::rows::Rows;
use metadream_core::wake_sleep::ranking::skeletons::LikenessColumns;
use numpy::{Element, IntoPyArray, PyReadonlyArrayDyn};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::{Arc, Mutex};

/// Returns the SHA-256 of the features that this version makes of a small database of its own. A model may only be
/// used by a version with the same digest as the version that trained it.
#[pyfunction]
pub fn features_sha256() -> String {
    probe::features_sha256()
}

/// The numbers of an array that cannot be written to. `_array` keeps the array alive.
struct Lent<T> {
    _array: Py<PyAny>,
    start: *const T,
    length: usize,
}

// SAFETY: `_array` keeps the array alive, and the array is not writeable, so its numbers do not change while others
// read them.
unsafe impl<T: Sync> Send for Lent<T> {}
unsafe impl<T: Sync> Sync for Lent<T> {}

impl<T> AsRef<[T]> for Lent<T> {
    fn as_ref(&self) -> &[T] {
        // SAFETY: `start` and `length` are those of a contiguous slice of the array that `_array` keeps alive.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }
}

/// Returns the numbers of an array: read in place if the array cannot be written to (a mapped file), else copied.
/// Raises `ValueError` if the array is missing, has another dtype, or is not contiguous and aligned.
pub fn column<T: Element + Copy + Send + Sync + 'static>(
    arrays: &Bound<'_, PyDict>,
    name: &str,
) -> PyResult<Column<T>> {
    let wrong = |why: &str| PyValueError::new_err(format!("array `{name}` {why}"));
    let item = arrays.get_item(name)?.ok_or_else(|| wrong("is missing"))?;
    let array: PyReadonlyArrayDyn<'_, T> = item.extract().map_err(|_| wrong("has another type"))?;
    let slice = array.as_slice().map_err(|_| wrong("is not contiguous"))?;
    let aligned = slice.as_ptr().is_aligned();
    if !aligned {
        return Err(wrong("is not aligned"));
    }
    let writeable: bool = item.getattr("flags")?.getattr("writeable")?.extract()?;
    if writeable || slice.is_empty() {
        return Ok(slice.to_vec().into());
    }
    let (start, length) = (slice.as_ptr(), slice.len());
    Ok(Column::Lent(Arc::new(Lent { _array: item.clone().unbind(), start, length })))
}

/// Reads a table of rows of `width` numbers from an array and its steps.
pub fn rows(arrays: &Bound<'_, PyDict>, name: &str, width: usize) -> PyResult<Rows> {
    let rows = Rows::from_columns(width, column(arrays, name)?, column(arrays, &format!("{name}.steps"))?);
    rows.ok_or_else(|| PyValueError::new_err(format!("array `{name}` and its steps do not fit together")))
}

/// Returns a copy of an array of float32.
pub fn own(arrays: &Bound<'_, PyDict>, name: &str) -> PyResult<Vec<f32>> {
    column::<f32>(arrays, name).map(|c| c.to_vec())
}

/// Reads postings from the arrays `features`, `starts` and `items` under a prefix.
pub fn postings(arrays: &Bound<'_, PyDict>, prefix: &str) -> PyResult<Postings> {
    let part = |name: &str| column(arrays, &format!("{prefix}.{name}"));
    Ok(Postings { features: part("features")?, starts: part("starts")?, items: part("items")? })
}

/// Reads a model from its file's arrays. Raises `ValueError` if they do not fit together.
fn portable(arrays: &Bound<'_, PyDict>, theory: &Theory) -> PyResult<Portable> {
    let bad = || PyValueError::new_err("the arrays do not fit together");
    let embedding = rows(arrays, "first.embedding", DIM)?;
    let network = match arrays.contains("network.b2")? {
        false => None,
        true => {
            let b2 = own(arrays, "network.b2")?;
            let scale = own(arrays, "network.scale")?;
            Some(Network {
                embedding: rows(arrays, "network.embedding", b2.len().max(1))?,
                premises: rows(arrays, "network.premises", b2.len().max(1))?,
                w1: own(arrays, "network.w1")?,
                b1: own(arrays, "network.b1")?,
                w2: own(arrays, "network.w2")?,
                bias: own(arrays, "network.bias")?,
                scale: scale.try_into().map_err(|_| bad())?,
                b2,
            })
        }
    };
    let plain = Ranker::new(theory, 0);
    let (distance, local) = (own(arrays, "first.distance")?, own(arrays, "first.local")?);
    if (distance.len(), local.len()) != (plain.distance.len(), plain.local.len()) {
        return Err(bad());
    }
    let ranker = Ranker {
        bits: bits_of(embedding.len()).ok_or_else(bad)?,
        embedding,
        premises: rows(arrays, "first.premises", DIM)?,
        bias: own(arrays, "first.bias")?,
        distance,
        local,
        temperature: own(arrays, "first.temperature")?.first().copied().unwrap_or(1.0),
        network,
        ..plain
    };
    let model = Portable {
        statements: Statements {
            keys: column(arrays, "statements.keys")?,
            labels: column(arrays, "statements.labels")?,
            flags: column(arrays, "statements.flags")?,
            uses: column(arrays, "statements.uses")?,
            typecodes: column(arrays, "statements.typecodes")?,
            alike: postings(arrays, "alike")?,
            lengths: column(arrays, "alike.lengths")?,
        },
        ranker,
        theorems: column(arrays, "analogues.theorems")?,
        likeness: LikenessColumns {
            embeddings: column(arrays, "analogues.embeddings")?,
            postings: postings(arrays, "analogues")?,
            weight: column(arrays, "analogues.weight")?,
            norm: column(arrays, "analogues.norm")?,
        },
    };
    model.is_sound().then_some(model).ok_or_else(bad)
}

#[pymethods]
impl PyRanker {
    /// Returns the model as arrays that `fitted` takes: both stages, skeletons, and the features of each statement.
    /// `seen`: theorems whose proofs some stage was trained on; `counted`: those that the first stage was trained on.
    fn portable<'py>(
        &self,
        py: Python<'py>,
        theory: &PyTheory,
        seen: Vec<String>,
        counted: Vec<String>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let theory = theory.get();
        let (ranker, habits, skeletons) = self.with(|f| (f.ranker.clone(), f.habits.clone(), f.skeletons.clone()))?;
        let skeletons = skeletons.ok_or_else(|| PyValueError::new_err("call set_skeletons first"))?;
        let made = guarded(py, || -> Result<Statements, String> {
            let mut flags = vec![0u8; theory.db.len()];
            for (labels, bit) in [(&seen, SEEN), (&counted, COUNTED)] {
                for label in labels {
                    let a =
                        theory.db.source.assertion(label).ok_or_else(|| format!("no theorem is labelled `{label}`"))?;
                    flags[a.index()] |= bit;
                }
            }
            Ok(Statements::of(&theory, &ranker.featurizer(&theory), flags, &habits.uses))
        })?;
        let s = made.map_err(|e| message(py, e))?;
        let out = PyDict::new(py);
        let mut tables = vec![("first.embedding", &ranker.embedding), ("first.premises", &ranker.premises)];
        let mut columns = vec![
            ("first.bias", &ranker.bias[..]),
            ("first.distance", &ranker.distance),
            ("first.local", &ranker.local),
            ("first.temperature", std::slice::from_ref(&ranker.temperature)),
            ("analogues.embeddings", &skeletons.columns().embeddings),
            ("analogues.weight", &skeletons.columns().weight),
            ("analogues.norm", &skeletons.columns().norm),
        ];
        if let Some(n) = &ranker.network {
            tables.extend([("network.embedding", &n.embedding), ("network.premises", &n.premises)]);
            let more: [(&str, &[f32]); 6] = [
                ("network.w1", &n.w1),
                ("network.b1", &n.b1),
                ("network.w2", &n.w2),
                ("network.b2", &n.b2),
                ("network.bias", &n.bias),
                ("network.scale", &n.scale),
            ];
            columns.extend(more);
        }
        for (name, table) in tables {
            let (values, steps) = table.columns();
            out.set_item(name, values.to_vec().into_pyarray(py))?;
            out.set_item(format!("{name}.steps"), steps.to_vec().into_pyarray(py))?;
        }
        for (name, values) in columns {
            out.set_item(name, values.to_vec().into_pyarray(py))?;
        }
        for (name, values) in [
            ("statements.keys", &s.keys),
            ("statements.labels", &s.labels),
            ("statements.flags", &s.flags),
            ("statements.typecodes", &s.typecodes),
        ] {
            out.set_item(name, values.to_vec().into_pyarray(py))?;
        }
        let theorems: Vec<u32> = skeletons.theorems().iter().map(|t| t.0).collect();
        let like = &skeletons.columns().postings;
        for (name, values) in [
            ("statements.uses", &s.uses[..]),
            ("alike.features", &s.alike.features),
            ("alike.starts", &s.alike.starts),
            ("alike.items", &s.alike.items),
            ("alike.lengths", &s.lengths),
            ("analogues.theorems", &theorems),
            ("analogues.features", &like.features),
            ("analogues.starts", &like.starts),
            ("analogues.items", &like.items),
        ] {
            out.set_item(name, values.to_vec().into_pyarray(py))?;
        }
        Ok(out)
    }
    /// Fits a model (the arrays of `portable`) to a theory. Arrays that cannot be written to are read in place.
    /// Returns the ranker, the share of the theory's statements that the model knows, and the labels of the theorems
    /// whose proofs it was trained on.
    #[staticmethod]
    fn fitted(py: Python<'_>, theory: &PyTheory, arrays: &Bound<'_, PyDict>) -> PyResult<(PyRanker, f64, Vec<String>)> {
        let t = theory.get();
        if !t.lemmas.is_empty() {
            return Err(input_error(py, "a model is fitted to a database without lemmas", None));
        }
        let model = portable(arrays, &t)?;
        let moves = moves::read(arrays, &t, model.statements.len())?;
        let done = guarded(py, || -> Result<_, String> {
            let matched = model.statements.matched(&t.db);
            let made = model.fitted(&t, &matched);
            let prover = moves.map(|columns| {
                let usable = usable_premises(&t);
                let codes = made.ranker.codes.clone();
                let fitted = columns.fitted(&t, &usable, codes, &|s| matched.own(s));
                Arc::new(Prover::new(Arc::new(fitted), usable))
            });
            Ok((made, prover, matched.share()))
        })?;
        let (made, moves, share) = done.map_err(|e| message(py, e))?;
        let seen = made.seen.iter().enumerate().filter(|s| *s.1);
        let seen = seen.map(|(i, _)| t.db.source.label(AssertionId::from(i)).to_owned()).collect();
        let fitted = Fitted {
            theory: theory.get(),
            ranker: Arc::new(made.ranker),
            habits: Arc::new(made.habits),
            skeletons: Some(Arc::new(made.skeletons)),
            prepared: None,
            with_discouraged: None,
            moves,
        };
        Ok((PyRanker { seed: 0, fitted: Mutex::new(Some(fitted)) }, share, seen))
    }
}

#[pymethods]
impl PyTheory {
    /// Returns the SHA-256 of the sorted keys of the statements of these labels (`None`: of all statements).
    #[pyo3(signature = (labels=None))]
    fn statements_sha256(&self, py: Python<'_>, labels: Option<Vec<String>>) -> PyResult<String> {
        let t = self.get();
        let work = || -> Result<String, String> {
            let all = t.db.statement_keys();
            let mut keys: Vec<StatementKey> = match labels {
                None => all.to_vec(),
                Some(labels) => {
                    let find =
                        |l: &String| t.db.source.assertion(l).ok_or_else(|| format!("no theorem is labelled `{l}`"));
                    labels.iter().map(|l| Ok(all[find(l)?.index()])).collect::<Result<_, String>>()?
                }
            };
            keys.sort_unstable();
            Ok(StatementKey::sha256(&keys))
        };
        guarded(py, work)?.map_err(|e| message(py, e))
    }
    /// Returns the share, from 0 to 1, of the statements whose keys are among `keys` (`statements.keys` of
    /// `Ranker.portable`, 16 bytes for each statement).
    fn known_share(&self, keys: PyReadonlyArrayDyn<'_, u8>) -> PyResult<f64> {
        let t = self.get();
        let mut known: Vec<&[u8; 16]> = keys.as_slice()?.as_chunks::<16>().0.iter().collect();
        known.sort_unstable();
        let own = t.db.statement_keys();
        let found = own.iter().filter(|k| known.binary_search(&&k.0).is_ok()).count();
        Ok(found as f64 / own.len().max(1) as f64)
    }
}

//! `Shortener`: missed uses in a database's proofs.

use crate::errors::{guarded, input_error, message};
use crate::theory::PyTheory;
use metadream_core::compression::missed::{Missed, Options, Premises};
use metadream_core::compression::shorten::{changeable, database, shorten, Replacement};
use metadream_core::compression::size::Size;
use metadream_core::dsl::library::Theory;
use metadream_core::metamath_db::ids::AssertionId;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::Arc;

/// A database whose premises are indexed, to shorten proofs of its theorems.
#[pyclass(name = "Shortener", module = "metadream._core", frozen)]
pub struct PyShortener {
    theory: Arc<Theory>,
    known: Premises,
}

fn options(py: Python<'_>, given: &Bound<'_, PyDict>) -> PyResult<Options> {
    let mut o = Options::default();
    for (key, value) in given.iter() {
        let key: String = key.extract()?;
        match key.as_str() {
            "new_axioms" => o.new_axioms = value.extract()?,
            "share_only" => o.share_only = value.extract()?,
            "effort" => o.effort = value.extract()?,
            _ => return Err(input_error(py, &format!("no option `{key}` of shortening"), None)),
        }
    }
    Ok(o)
}

fn size<'py>(py: Python<'py>, s: &Size) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    out.set_item("bytes", s.bytes())?;
    out.set_item("letters", s.letters)?;
    out.set_item("steps", s.steps)?;
    Ok(out)
}

impl PyShortener {
    fn find(&self, py: Python<'_>, labels: &[String]) -> PyResult<Vec<AssertionId>> {
        let find = |label: &String| {
            let found = self.theory.db.source.assertion(label);
            found.ok_or_else(|| input_error(py, &format!("no statement is labelled `{label}`"), None))
        };
        labels.iter().map(find).collect()
    }
}

#[pymethods]
impl PyShortener {
    #[new]
    fn new(py: Python<'_>, theory: &PyTheory, options: &Bound<'_, PyDict>) -> PyResult<PyShortener> {
        let options = self::options(py, options)?;
        let theory = theory.get();
        let known = guarded(py, || Premises::new(&theory, options))?;
        Ok(PyShortener { theory, known })
    }
    /// Theorems whose proofs may be changed, in file order.
    fn theorems(&self) -> Vec<String> {
        let missed = Missed::with(&self.theory, &self.known);
        changeable(&missed).into_iter().map(|a| self.theory.db.source.label(a).to_owned()).collect()
    }
    /// Shorter proofs of these theorems, those left out that got no shorter.
    fn shorten<'py>(&self, py: Python<'py>, labels: Vec<String>, threads: usize) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let theorems = self.find(py, &labels)?;
        let missed = Missed::with(&self.theory, &self.known);
        let done = guarded(py, || shorten(&missed, &theorems, threads))?.map_err(|e| message(py, e.to_string()))?;
        let row = |s: &metadream_core::compression::shorten::Shortened| {
            let out = PyDict::new(py);
            out.set_item("label", self.theory.db.source.label(s.theorem))?;
            out.set_item("proof", &s.text)?;
            out.set_item("before", size(py, &s.before)?)?;
            out.set_item("after", size(py, &s.after)?)?;
            out.set_item("shared", s.shared)?;
            out.set_item("used", &s.used)?;
            out.set_item("axioms_dropped", &s.axioms_dropped)?;
            Ok(out)
        };
        done.iter().map(row).collect()
    }
    /// The database with these proofs, texts as `shorten` gives them, in their theorems.
    fn database(&self, py: Python<'_>, proofs: Vec<(String, String)>) -> PyResult<Vec<u8>> {
        let (labels, texts): (Vec<String>, Vec<String>) = proofs.into_iter().unzip();
        let theorems = self.find(py, &labels)?;
        let new: Vec<Replacement> = theorems.into_iter().zip(texts).collect();
        let text = guarded(py, || database(&self.theory, &new))?;
        text.map_err(|label| input_error(py, &format!("the new proof of `{label}` is no proof"), None))
    }
}

//! `Shortener` for missed uses in a database's proofs, and methods of `Theory` that put proofs into the database.

use crate::database::theory::{theorems, PyTheory};
use crate::errors::{guarded, input_error, message};
use metadream_core::compression::maintain::rival::rival;
use metadream_core::compression::maintain::shorten::{
    changeable, database, kept_because, shorten, with_proof, Replacement,
};
use metadream_core::compression::reuse::missed::{Missed, Options, Premises};
use metadream_core::compression::reuse::size::Size;
use metadream_core::dsl::theory::library::Theory;
use metadream_core::metamath_db::ids::AssertionId;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::Arc;

/// A database with an index of its premises, used to shorten proofs of its theorems.
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

fn find(py: Python<'_>, theory: &Theory, labels: &[String]) -> PyResult<Vec<AssertionId>> {
    let find = |label: &String| {
        let found = theory.db.source.assertion(label);
        found.ok_or_else(|| input_error(py, &format!("no statement is labelled `{label}`"), None))
    };
    labels.iter().map(find).collect()
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
    /// The labels of the theorems whose proofs may be changed, in file order.
    fn theorems(&self) -> Vec<String> {
        let missed = Missed::with(&self.theory, &self.known);
        changeable(&missed).into_iter().map(|a| self.theory.db.source.label(a).to_owned()).collect()
    }
    /// The reason why the proof of a statement is left as it is; `None` if it may be changed.
    fn kept_because(&self, py: Python<'_>, label: &str) -> PyResult<Option<String>> {
        let a = find(py, &self.theory, &[label.to_owned()])?[0];
        let missed = Missed::with(&self.theory, &self.known);
        guarded(py, || kept_because(&missed, a))
    }
    /// Returns shorter proofs of these theorems, without those whose proofs got no shorter. `_core.pyi` lists the
    /// keys.
    fn shorten<'py>(&self, py: Python<'py>, labels: Vec<String>, threads: usize) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let theorems = find(py, &self.theory, &labels)?;
        let missed = Missed::with(&self.theory, &self.known);
        let done = guarded(py, || shorten(&missed, &theorems, threads))?.map_err(|e| message(py, e.to_string()))?;
        let row = |s: &metadream_core::compression::maintain::shorten::Shortened| {
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
}

#[pymethods]
impl PyTheory {
    /// Writes a found proof of a theorem as it would stand in the database, with all lemmas unfolded. Keys: `label`,
    /// `text` (between `$=` and `$.`), `statement` (from the label to `$.`, with that text), `bytes`, `before` (bytes
    /// of the database's own proof, `None` if it has none), `new_axioms`. Returns `None` if the theorem lacks a `$d`
    /// condition that the proof needs.
    fn rival<'py>(&self, py: Python<'py>, proof: &str) -> PyResult<Option<Bound<'py, PyDict>>> {
        let t = self.get();
        let work = || -> Result<_, String> {
            let mut arena = t.arena.clone();
            let (task, proof) = t.read_proof(proof, &mut arena)?;
            let found = rival(&t, &task, &t.unfold(&proof), &mut arena).map_err(|e| e.to_string())?;
            Ok(found.map(|r| (task.limit, r)))
        };
        let Some((a, found)) = guarded(py, work)?.map_err(|e| message(py, e))? else { return Ok(None) };
        let source = &t.db.source;
        let out = PyDict::new(py);
        out.set_item("label", source.label(a))?;
        out.set_item("statement", with_proof(source, a, &found.text))?;
        out.set_item("text", found.text)?;
        out.set_item("bytes", found.bytes)?;
        out.set_item("before", found.before)?;
        out.set_item("new_axioms", found.new_axioms)?;
        Ok(Some(out))
    }
    /// Returns the database's text with new proofs of theorems (label, text between `$=` and `$.`). Raises
    /// `InputError` if one of the texts is no proof.
    fn with_proofs(&self, py: Python<'_>, proofs: Vec<(String, String)>) -> PyResult<Vec<u8>> {
        let t = self.get();
        let (labels, texts): (Vec<String>, Vec<String>) = proofs.into_iter().unzip();
        let new: Vec<Replacement> = find(py, &t, &labels)?.into_iter().zip(texts).collect();
        let text = guarded(py, || database(&t, &new))?;
        text.map_err(|label| input_error(py, &format!("the new proof of `{label}` is no proof"), None))
    }
    /// For each theorem, in file order, the titles of the part and of the chapter in which it stands, as far as there
    /// are any.
    fn chapters(&self) -> Vec<Vec<String>> {
        let t = self.get();
        let source = &t.db.source;
        let all = source.chapters();
        let of = |a: AssertionId| all[source.assertions[a.index()].section as usize].iter().map(|&x| x.to_owned());
        theorems(&t).map(|a| of(a).collect()).collect()
    }
}

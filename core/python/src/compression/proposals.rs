//! `Proposals`: lemmas for a database's maintainers.

use crate::database::library::options;
use crate::database::theory::PyTheory;
use crate::errors::{guarded, message};
use crate::ranking::ranker::corpus;
use metadream_core::compression::maintain::propose::{from_library, learned, Figures, Proposals};
use metadream_core::compression::maintain::variants::Connectives;
use metadream_core::dsl::theory::library::{PremiseId, Rule};
use metadream_core::metamath_db::ids::AssertionId;
use metadream_core::metamath_db::terms::term::HeadKind;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::{Mutex, MutexGuard};

/// Proposed lemmas after the filters, with the proofs that they shorten.
#[pyclass(name = "Proposals", module = "metadream._core", frozen)]
pub struct PyProposals {
    inner: Mutex<Proposals>,
}

impl PyProposals {
    fn get(&self) -> MutexGuard<'_, Proposals> {
        self.inner.lock().unwrap_or_else(|e| e.into_inner())
    }
}

#[pymethods]
impl PyProposals {
    /// Learns proposals from the human proofs of a database. With `section`, only the sections count whose headings
    /// contain this text. Raises `InputError` if no heading does.
    #[staticmethod]
    #[pyo3(signature = (theory, options, section=None))]
    fn learned(
        py: Python<'_>,
        theory: &PyTheory,
        options: &Bound<'_, PyDict>,
        section: Option<String>,
    ) -> PyResult<PyProposals> {
        let options = self::options(py, options)?;
        let theory = theory.get();
        let work = || -> Result<Proposals, String> {
            let within = match &section {
                None => None,
                Some(text) => Some(theory.db.source.in_section(text).ok_or_else(|| {
                    format!("no heading of the database holds `{text}`; give a part of a section's title")
                })?),
            };
            let chosen = |a: AssertionId| within.as_ref().is_none_or(|w| w[a.index()]);
            Ok(learned(&theory, chosen, &options))
        };
        let inner = guarded(py, work)?.map_err(|e| message(py, e))?;
        Ok(PyProposals { inner: Mutex::new(inner) })
    }
    /// Makes proposals of the library of a theory, and of the proofs (JSON) that a run found with it.
    #[staticmethod]
    fn from_library(py: Python<'_>, theory: &PyTheory, found: Vec<String>) -> PyResult<PyProposals> {
        let theory = theory.get();
        let work = || -> Result<Proposals, String> {
            let (grown, pairs) = corpus(&theory, &found, &[])?;
            Ok(from_library(&grown, &pairs))
        };
        let inner = guarded(py, work)?.map_err(|e| message(py, e))?;
        Ok(PyProposals { inner: Mutex::new(inner) })
    }
    /// The proposals as dictionaries; `_core.pyi` lists the keys.
    fn rows<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let p = self.get();
        let t = &p.theory;
        let library = guarded(py, || t.library_text())?;
        let (nearest, twins) = guarded(py, || (p.nearest(), p.twins()))?;
        let connectives = Connectives::new(t);
        let implication = connectives.implication().map(|a| t.db.source.label(a));
        let mut arena = t.arena.clone();
        let mut out = Vec::new();
        let known = library.entries.into_iter().zip(nearest).zip(twins);
        for ((l, variant), ((entry, near), twin)) in t.lemmas.iter().zip(&p.variant_of).zip(known) {
            // an assertion with the same statement counts as the nearest
            let near = twin.map(|(a, _)| (a, 1.0)).or(near);
            let row = PyDict::new(py);
            let task = t.lemma_task(l, &mut arena);
            let body: Vec<&str> = l
                .proof
                .steps
                .iter()
                .rev()
                .filter_map(|s| match s.rule {
                    Rule::Premise(p) => Some(t.label(p)),
                    Rule::Hyp(_) => None,
                })
                .collect();
            row.set_item("label", &l.name)?;
            row.set_item("hypotheses", entry.hypotheses)?;
            row.set_item("statement", entry.statement)?;
            row.set_item("distinct", entry.distinct)?;
            row.set_item("axioms", entry.axioms)?;
            row.set_item("after", entry.after)?;
            row.set_item("body", body)?;
            row.set_item("tree", t.statement_json(&task, &arena).to_string())?;
            row.set_item("implication", implication)?;
            row.set_item("deduction", connectives.is_deduction(&arena, &task))?;
            row.set_item("variant_of", variant.map(|v| t.db.source.label(v.of)))?;
            let exact = variant.filter(|v| v.exact).map(|v| format!("{:?}", v.form).to_lowercase());
            row.set_item("form_of", exact)?;
            row.set_item("twin", twin.map(|(_, fewer)| if fewer { "fewer" } else { "other" }))?;
            row.set_item("nearest", near.map(|n| t.label(PremiseId(n.0 .0)).to_owned()))?;
            row.set_item("likeness", near.map(|n| n.1))?;
            out.push(row);
        }
        Ok(out)
    }
    /// The number of candidates left out by reason: `discouraged`, `exists`, `refused`.
    fn left_out(&self, py: Python<'_>) -> PyResult<Py<PyDict>> {
        let out = PyDict::new(py);
        for (why, n) in &self.get().left {
            out.set_item(format!("{why:?}").to_lowercase(), n)?;
        }
        Ok(out.unbind())
    }
    /// The definitions `df-…`: pairs of the label and the label of the syntax axiom on the left side.
    fn definitions(&self) -> Vec<(String, String)> {
        let p = self.get();
        let t = &p.theory;
        let defined = |a: AssertionId| {
            let label = t.db.source.label(a);
            let conclusion = t.db.scheme(a).conclusion.filter(|_| label.starts_with("df-"))?;
            let left = *t.arena.children(conclusion).first()?;
            match t.arena.head(left).kind() {
                HeadKind::Syntax(s) => Some((label.to_owned(), t.db.source.label(s).to_owned())),
                _ => None,
            }
        };
        (0..t.db.len()).map(AssertionId::from).filter_map(defined).collect()
    }
    /// Whether the database has a label or symbol of this name.
    fn taken(&self, name: &str) -> bool {
        let p = self.get();
        let source = &p.theory.db.source;
        source.lookup(name.as_bytes()).is_some() || source.find_symbol(name.as_bytes()).is_some()
    }
    /// Whether a proposal has the same conclusion as the theorem of this label, up to the names of variables and up to
    /// antecedents that are variables.
    fn concludes(&self, proposal: usize, label: &str) -> bool {
        let p = self.get();
        p.theory
            .db
            .source
            .assertion(label)
            .is_some_and(|a| proposal < p.theory.lemmas.len() && p.concludes(proposal, a))
    }
    /// Keeps only these proposals (number, new label), in this order.
    fn keep(&self, chosen: Vec<(usize, String)>) {
        self.get().keep(&chosen);
    }
    /// Shortens all proofs outside mathboxes by the proposals, on `threads` threads. Keys for each proposal: `uses`
    /// (steps that apply it), `sites` (theorems that use it), `sections` (their titles), `gross` (the bytes that its
    /// uses save).
    fn measure<'py>(&self, py: Python<'py>, threads: usize) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let mut p = self.get();
        let inner: &mut Proposals = &mut p;
        let all = guarded(py, || inner.measure(threads))?;
        let title = |n: &u32| p.theory.db.source.section_title(*n).unwrap_or("(before the first heading)").to_owned();
        let row = |f: &Figures| {
            let out = PyDict::new(py);
            out.set_item("uses", f.uses)?;
            out.set_item("sites", f.sites)?;
            out.set_item("sections", f.sections.iter().map(title).collect::<Vec<_>>())?;
            out.set_item("gross", f.gross)?;
            Ok(out)
        };
        all.iter().map(row).collect()
    }
    /// The labels of the theorems that use a proposal, given by its number.
    fn users(&self, lemma: usize) -> Vec<String> {
        let p = self.get();
        p.users(lemma).into_iter().map(|a| p.theory.db.source.label(a).to_owned()).collect()
    }
    /// The Metamath text of each proposal's block, with these comments.
    fn texts(&self, py: Python<'_>, comments: Vec<String>) -> PyResult<Vec<String>> {
        let p = self.get();
        guarded(py, || p.texts(&comments))?.map_err(|e| message(py, e.to_string()))
    }
    /// The changes of the database's text: first byte, end, new text; sorted.
    fn edits(&self, py: Python<'_>, comments: Vec<String>) -> PyResult<Vec<(u32, u32, String)>> {
        let p = self.get();
        guarded(py, || p.edits(&comments))?.map_err(|e| message(py, e.to_string()))
    }
}

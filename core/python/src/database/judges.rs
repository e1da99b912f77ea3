//! The checks of whole sources, and of single theorems as slices.

use crate::errors::{guarded, input_error, message};
use metadream_core::metamath_db::ids::AssertionId;
use metadream_core::metamath_db::judges::check;
use metadream_core::metamath_db::judges::slice;
use metadream_core::metamath_db::judges::slice::{HypText, Theorem, Verdict};
use metadream_core::metamath_db::reader::Source;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde_json::json;

/// Reads a source and checks all its proofs with the kernel. Returns the report as a JSON object, and the source
/// without comments for other judges, as `bare_source` returns it; `None` if the reader refuses the source.
#[pyfunction]
#[pyo3(signature = (data, threads=1))]
pub fn check_source(py: Python<'_>, data: &[u8], threads: usize) -> PyResult<(String, Option<Py<PyBytes>>)> {
    let (report, bare) = guarded(py, || check::check_and_bare(data.to_vec(), threads))?;
    Ok((json!(report).to_string(), bare.map(|b| PyBytes::new(py, &b).unbind())))
}

/// Returns the tokens of a source at their places, without comments; `None` if the reader refuses the source.
#[pyfunction]
pub fn bare_source(py: Python<'_>, data: &[u8]) -> PyResult<Option<Py<PyBytes>>> {
    let bare = guarded(py, || Source::read(data.to_vec()).ok().map(|source| source.bare()))?;
    Ok(bare.map(|b| PyBytes::new(py, &b).unbind()))
}

/// Checks a source with metamath-rs. Returns a JSON object, which is `{"refused": reason}` if metamath-rs was not run
/// or panicked. Call it in a process with limits, as some sources make metamath-rs take all memory.
#[pyfunction]
pub fn knife_check(py: Python<'_>, data: &[u8]) -> PyResult<String> {
    Ok(match guarded(py, || check::knife_check(data))? {
        Ok(report) => json!(report).to_string(),
        Err(reason) => json!({ "refused": reason }).to_string(),
    })
}

/// A source whose theorems can be judged one by one, each as a slice.
#[pyclass(name = "Judges", module = "metadream._core", frozen)]
pub struct PyJudges {
    source: Source,
}

fn verdict_json(v: &Verdict) -> String {
    let hash: String = v.statement_hash.iter().map(|b| format!("{b:02x}")).collect();
    json!({ "accepted": v.accepted(), "kernel": v.kernel.as_ref().err(), "metamath_rs": v.knife.as_ref().err(), "statement_sha256": hash })
        .to_string()
}

impl PyJudges {
    fn find(&self, py: Python<'_>, label: &str) -> PyResult<AssertionId> {
        self.source
            .assertion(label)
            .ok_or_else(|| input_error(py, &format!("no statement is labelled `{label}`"), None))
    }
    fn theorem(&self, py: Python<'_>, label: &str) -> PyResult<Theorem<'_>> {
        let a = self.find(py, label)?;
        Theorem::of(&self.source, a).ok_or_else(|| message(py, format!("`{label}` is an axiom, it has no proof")))
    }
}

#[pymethods]
impl PyJudges {
    #[new]
    fn new(py: Python<'_>, data: &[u8]) -> PyResult<PyJudges> {
        let read = guarded(py, || Source::read(data.to_vec()))?;
        let source = read.map_err(|e| input_error(py, &e.kind.to_string(), Some((e.line, e.column))))?;
        Ok(PyJudges { source })
    }
    /// The labels of all `$p` statements, in file order.
    fn theorems(&self) -> Vec<&str> {
        let all = (0..self.source.assertions.len()).map(AssertionId::from);
        all.filter(|a| self.source.assertions[a.index()].proof.is_some()).map(|a| self.source.label(a)).collect()
    }
    /// The slice of a theorem: the small database that holds what the theorem and its proof need.
    fn slice(&self, py: Python<'_>, label: &str) -> PyResult<String> {
        let theorem = self.theorem(py, label)?;
        slice::slice(&self.source, &theorem, &[]).map_err(|e| message(py, e))
    }
    /// Checks a theorem and its own proof with both judges, as a slice. Returns a JSON object: `accepted`, `kernel`
    /// and `metamath_rs` (null, or the reason of the refusal), `statement_sha256`.
    fn judge(&self, py: Python<'_>, label: &str) -> PyResult<String> {
        let theorem = self.theorem(py, label)?;
        guarded(py, || verdict_json(&slice::judge(&self.source, &theorem, &[])))
    }
    /// Checks another proof of a statement of the source with both judges; the keys are those of `judge`. `dummies`:
    /// labels of the `$f` statements of dummy variables. `disjoint`: pairs of variables, at least one of them a dummy.
    /// The proof may use the statements before this one.
    #[pyo3(signature = (label, proof, dummies=vec![], disjoint=vec![]))]
    fn judge_proof(
        &self,
        py: Python<'_>,
        label: &str,
        proof: &str,
        dummies: Vec<String>,
        disjoint: Vec<(String, String)>,
    ) -> PyResult<String> {
        use metadream_core::metamath_db::reader::LabelRef;
        let a = self.find(py, label)?;
        let s = &self.source;
        let mut theorem = Theorem {
            statement: slice::Statement::of(s, a),
            proof: proof.into(),
            before: Some(a),
            ..Theorem::default()
        };
        for d in &dummies {
            match s.lookup(d.as_bytes()) {
                Some(LabelRef::Hyp(h)) if s.hyps[h.index()].is_floating() => {
                    let symbols = s.expression(&s.hyps[h.index()].expression).iter().map(|&x| s.symbol(x)).collect();
                    theorem.dummies.push(HypText { label: s.hyp_label(h), floating: true, symbols });
                }
                _ => return Err(message(py, format!("`{d}` is no $f statement"))),
            }
        }
        theorem.dummy_disjoint = disjoint.iter().map(|(x, y)| (x.as_str(), y.as_str())).collect();
        guarded(py, || verdict_json(&slice::judge(s, &theorem, &[])))
    }
}

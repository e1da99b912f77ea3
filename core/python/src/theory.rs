//! `Theory`: a database with its library.

use crate::errors::{guarded, input_error, message};
use metadream_core::dsl::library::{PremiseId, Proof, Rule, Task, Theory};
use metadream_core::metamath_db::database::Database;
use metadream_core::metamath_db::ids::AssertionId;
use metadream_core::metamath_db::reader::ReadError;
use metadream_core::metamath_db::term::Arena;
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::{Arc, RwLock};

/// A database with a library of lemmas. Methods that change the library replace it as a whole.
#[pyclass(name = "Theory", module = "metadream._core", frozen)]
pub struct PyTheory {
    pub theory: RwLock<Arc<Theory>>,
}

impl PyTheory {
    pub fn get(&self) -> Arc<Theory> {
        self.theory.read().map(|t| t.clone()).unwrap_or_else(|e| e.into_inner().clone())
    }
    fn find(&self, py: Python<'_>, label: &str) -> PyResult<PremiseId> {
        self.get().find(label).ok_or_else(|| input_error(py, &format!("no statement is labelled `{label}`"), None))
    }
}

pub fn read_error(py: Python<'_>, e: &ReadError) -> PyErr {
    input_error(py, &e.kind.to_string(), Some((e.line, e.column)))
}

/// Reads found proofs; their tasks' terms are made in `arena`.
pub fn read_corpus(theory: &Theory, texts: &[String], arena: &mut Arena) -> Result<Vec<(Task, Proof)>, String> {
    texts.iter().map(|t| theory.read_proof(t, arena)).collect()
}

/// Human proofs of labels that have one.
pub fn human_corpus(theory: &Theory, labels: &[String], arena: &mut Arena) -> Result<Vec<(Task, Proof)>, String> {
    let mut out = Vec::new();
    for label in labels {
        let task = theory.find_task(label, arena)?;
        if let Some(proof) = theory.human_proof(task.limit) {
            out.push((task, proof));
        }
    }
    Ok(out)
}

#[pymethods]
impl PyTheory {
    /// Loads a database file.
    #[staticmethod]
    fn load(py: Python<'_>, path: &str) -> PyResult<PyTheory> {
        let bytes = std::fs::read(path).map_err(|e| input_error(py, &format!("cannot read the file: {e}"), None))?;
        let loaded = guarded(py, || Database::load(bytes))?.map_err(|e| read_error(py, &e))?;
        let theory = guarded(py, || Theory::new(Arc::new(loaded)))?;
        Ok(PyTheory { theory: RwLock::new(Arc::new(theory)) })
    }
    /// The same database with the same library; changing one's library leaves the other's as it is.
    fn copy(&self) -> PyTheory {
        PyTheory { theory: RwLock::new(self.get()) }
    }
    /// Labels of all logical statements that have a tree, in file order.
    fn labels(&self) -> Vec<String> {
        let t = self.get();
        let logical = (0..t.db.len()).map(AssertionId::from).filter(|&a| t.db.is_logical(a));
        logical.map(|a| t.db.source.label(a).to_owned()).collect()
    }
    /// Labels of all logical `$p`, in file order.
    fn theorems(&self) -> Vec<String> {
        let t = self.get();
        theorems(&t).map(|a| t.db.source.label(a).to_owned()).collect()
    }
    /// Steps of the human proofs, in the order of `theorems`; 0 where there is none.
    fn proof_lengths<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<u32>> {
        let t = self.get();
        let lengths: Vec<u32> = theorems(&t).map(|a| t.db.proof_length(a) as u32).collect();
        lengths.into_pyarray(py)
    }
    /// Labels of the distinct premises of a human proof.
    fn uses(&self, py: Python<'_>, label: &str) -> PyResult<Vec<String>> {
        let t = self.get();
        let a = AssertionId(self.find(py, label)?.0);
        let mut premises: Vec<u32> = Vec::new();
        for s in t.human_proof(a).unwrap_or_default().steps {
            if let Rule::Premise(p) = s.rule {
                premises.push(p.0);
            }
        }
        premises.sort_unstable();
        premises.dedup();
        Ok(premises.into_iter().map(|p| t.label(PremiseId(p)).to_owned()).collect())
    }
    /// Whether a statement is marked "(New usage is discouraged.)".
    fn discouraged(&self, py: Python<'_>, label: &str) -> PyResult<bool> {
        let t = self.get();
        let p = self.find(py, label)?;
        Ok(p.index() < t.db.len() && t.db.source.comment_says(AssertionId(p.0), "(New usage is discouraged.)"))
    }
    /// A statement in words.
    fn statement<'py>(&self, py: Python<'py>, label: &str) -> PyResult<Bound<'py, PyDict>> {
        let t = self.get();
        let p = self.find(py, label)?;
        let premise = t.premise(p).ok_or_else(|| input_error(py, &format!("`{label}` has no tree"), None))?;
        let mut arena = t.arena.clone();
        let values: Vec<_> = premise.variables.iter().map(|&v| arena.variable(v)).collect();
        let turnstile = t.turnstile();
        let mut show = |x| {
            let ground = arena.instantiate(x, &values);
            format!("{turnstile} {}", t.db.show(&arena, ground))
        };
        let out = PyDict::new(py);
        let assertion = t.db.source.assertions.get(p.index());
        let kind = match assertion {
            None => "lemma",
            Some(a) if a.proof.is_none() => "axiom",
            Some(_) => "theorem",
        };
        out.set_item("label", label)?;
        out.set_item("kind", kind)?;
        out.set_item("hyps", premise.hyps.iter().map(|&h| show(h)).collect::<Vec<_>>())?;
        out.set_item("conclusion", show(premise.conclusion))?;
        let name = |i: u16| t.db.source.symbol(premise.variables[i as usize]);
        let pairs: Vec<_> = premise.disjoint.iter().map(|&(x, y)| vec![name(x), name(y)]).collect();
        out.set_item("disjoint", pairs)?;
        out.set_item("comment", t.comment(p).map(|c| c.split_whitespace().collect::<Vec<_>>().join(" ")))?;
        let section = assertion.and_then(|a| t.db.source.sections.get((a.section as usize).wrapping_sub(1)));
        out.set_item("section", section.map(|s| t.db.source.str(&s.title)))?;
        Ok(out)
    }
    /// Names of the learned lemmas, in order of learning.
    fn lemmas(&self) -> Vec<String> {
        self.get().lemmas.iter().map(|l| l.name.clone()).collect()
    }
    /// Elaborates a proof, writes it out and asks both judges; `mm` is the slice that they judged.
    fn judge<'py>(&self, py: Python<'py>, proof: &str) -> PyResult<Bound<'py, PyDict>> {
        let t = self.get();
        let work = || -> Result<_, String> {
            let mut arena = t.arena.clone();
            let (task, proof) = t.read_proof(proof, &mut arena)?;
            Ok(t.judge(&task, &proof, &mut arena))
        };
        let judged = guarded(py, work)?.map_err(|e| message(py, e))?;
        let out = PyDict::new(py);
        let (kernel, knife, slice, compressed, normal, hash) = match judged {
            Ok(j) => {
                let hash: String = j.verdict.statement_hash.iter().map(|b| format!("{b:02x}")).collect();
                (j.verdict.kernel, j.verdict.knife, j.slice, j.compressed, j.normal, Some(hash))
            }
            Err(e) => (Err(e.clone()), Err(e), String::new(), String::new(), String::new(), None),
        };
        out.set_item("kernel", kernel.is_ok())?;
        out.set_item("metamath_rs", knife.is_ok())?;
        let messages: Vec<String> = [("kernel", kernel), ("metamath_rs", knife)]
            .into_iter()
            .filter_map(|(judge, r)| r.err().map(|e| format!("{judge}: {e}")))
            .collect();
        out.set_item("messages", messages)?;
        out.set_item("mm", slice)?;
        out.set_item("compressed", compressed)?;
        out.set_item("normal", normal)?;
        out.set_item("statement_sha256", hash)?;
        Ok(out)
    }
    /// A proof with all lemmas replaced by their proofs.
    fn unfold(&self, py: Python<'_>, proof: &str) -> PyResult<String> {
        let t = self.get();
        let work = || -> Result<String, String> {
            let mut arena = t.arena.clone();
            let (task, proof) = t.read_proof(proof, &mut arena)?;
            Ok(t.proof_json(&task, &t.unfold(&proof), &arena))
        };
        guarded(py, work)?.map_err(|e| message(py, e))
    }
}

fn theorems(t: &Theory) -> impl Iterator<Item = AssertionId> + '_ {
    (0..t.db.len())
        .map(AssertionId::from)
        .filter(|&a| t.db.is_logical(a) && t.db.source.assertions[a.index()].proof.is_some())
}

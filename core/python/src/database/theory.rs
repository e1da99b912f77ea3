//! `Theory`: a database with its library.

use crate::errors::{guarded, input_error, message};
use crate::programs::log::origin;
use crate::programs::program::{said, Directives};
use crate::ranking::ranker::task_of;
use crate::searching::content::Moves;
use metadream_core::dsl::theory::library::{PremiseId, Proof, Rule, Task, Theory};
use metadream_core::dsl::theory::proof_json::Statement;
use metadream_core::metamath_db::database::Database;
use metadream_core::metamath_db::ids::{AssertionId, HypId};
use metadream_core::metamath_db::judges::kernel::{verify_one, KernelError, Outcome};
use metadream_core::metamath_db::names::Named;
use metadream_core::metamath_db::proof::tokens;
use metadream_core::metamath_db::reader::ReadError;
use metadream_core::metamath_db::terms::term::Arena;
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use std::path::PathBuf;
use std::sync::{Arc, RwLock};

/// A database with a library of lemmas. Methods that change the library replace it as a whole.
#[pyclass(name = "Theory", module = "metadream._core", frozen)]
pub struct PyTheory {
    pub theory: RwLock<Arc<Theory>>,
    /// The moves that content programs are run by, made when the first of them runs.
    pub moves: Moves,
}

impl PyTheory {
    /// Wraps a theory.
    pub fn of(theory: Arc<Theory>) -> PyTheory {
        PyTheory { theory: RwLock::new(theory), moves: Moves::default() }
    }
    /// Returns the present database and library.
    pub fn get(&self) -> Arc<Theory> {
        self.theory.read().map(|t| t.clone()).unwrap_or_else(|e| e.into_inner().clone())
    }
    fn find(&self, py: Python<'_>, label: &str) -> PyResult<PremiseId> {
        self.get().find(label).ok_or_else(|| input_error(py, &format!("no statement is labelled `{label}`"), None))
    }
}

/// Loads a theory from another text.
fn reloaded(text: Vec<u8>) -> Result<PyTheory, ReadError> {
    Ok(PyTheory::of(Arc::new(Theory::new(Arc::new(Database::load(text)?)))))
}

/// The label of a theorem, first byte and end of its proof's text, whether the text has `?`, and the error in it, if
/// any.
type ProofPlace = (String, u32, u32, bool, Option<String>);

/// Makes an `InputError` with line and column of an error of the reader.
pub fn read_error(py: Python<'_>, e: &ReadError) -> PyErr {
    input_error(py, &e.kind.to_string(), Some((e.line, e.column)))
}

/// Reads found proofs (JSON). The terms of their tasks are made in `arena`.
pub fn read_corpus(theory: &Theory, texts: &[String], arena: &mut Arena) -> Result<Vec<(Task, Proof)>, String> {
    texts.iter().map(|t| theory.read_proof(t, arena)).collect()
}

/// Returns the human proofs of those labels that have one.
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
    /// Loads a database file. With `judges` above 0, the kernel checks all proofs on so many threads, and the proofs
    /// that it refuses (`refused`) are treated as missing. Raises `InputError` with line and column for a text that
    /// cannot be read.
    #[staticmethod]
    #[pyo3(signature = (path, judges=0))]
    fn load(py: Python<'_>, path: PathBuf, judges: usize) -> PyResult<PyTheory> {
        let bytes = std::fs::read(path).map_err(|e| input_error(py, &format!("cannot read the file: {e}"), None))?;
        let load = || if judges == 0 { Database::load(bytes) } else { Database::load_judged(bytes, judges) };
        let loaded = guarded(py, load)?.map_err(|e| read_error(py, &e))?;
        let theory = guarded(py, || Theory::new(Arc::new(loaded)))?;
        Ok(PyTheory::of(Arc::new(theory)))
    }
    /// Returns a theory of the database with more text appended. The place in an error counts from the beginning of
    /// that text.
    fn extended(&self, py: Python<'_>, text: &str) -> PyResult<PyTheory> {
        let t = self.get();
        let mut bytes = t.db.source.text.clone();
        bytes.push(b'\n');
        let lines = bytes.iter().filter(|&&b| b == b'\n').count() as u32;
        bytes.extend_from_slice(text.as_bytes());
        let local = |e: ReadError| ReadError { line: e.line.saturating_sub(lines).max(1), ..e };
        guarded(py, || reloaded(bytes))?.map_err(|e| read_error(py, &local(e)))
    }
    /// Returns a theory of the database with parts of the text replaced: (first byte, end, new text), sorted. Raises
    /// `InputError` if edits overlap or leave the text.
    fn edited(&self, py: Python<'_>, edits: Vec<(usize, usize, String)>) -> PyResult<PyTheory> {
        let t = self.get();
        let old = &t.db.source.text;
        let (mut bytes, mut from) = (Vec::with_capacity(old.len()), 0);
        for (start, end, text) in &edits {
            if *start < from || end < start || *end > old.len() {
                return Err(message(py, "changes that overlap, or are not within the text".to_owned()));
            }
            bytes.extend_from_slice(&old[from..*start]);
            bytes.extend_from_slice(text.as_bytes());
            from = *end;
        }
        bytes.extend_from_slice(&old[from..]);
        guarded(py, || reloaded(bytes))?.map_err(|e| read_error(py, &e))
    }
    /// The theorems whose proofs start at byte `start` or later: label, first byte and end of the proof's text,
    /// whether it is open (has `?`), and the error, if any.
    #[pyo3(signature = (start=0))]
    fn proofs_from(&self, py: Python<'_>, start: u32) -> PyResult<Vec<ProofPlace>> {
        let t = self.get();
        guarded(py, || {
            let source = &t.db.source;
            let wrong: std::collections::HashMap<_, _> = t.db.proofs.errors.iter().map(|(a, e)| (*a, e)).collect();
            let place = |a: AssertionId| {
                let span = source.assertions[a.index()].proof.as_ref().filter(|p| p.start >= start)?;
                let error = wrong.get(&a);
                let open = tokens(source.str(span)).any(|t| t.contains('?'));
                let complaint = error.filter(|_| !open).map(|e| e.to_string()).or_else(|| t.expect_logical(a).err());
                Some((source.label(a).to_owned(), span.start, span.end, open, complaint))
            };
            (0..t.db.len()).map(AssertionId::from).filter_map(place).collect()
        })
    }
    /// The size of the text in bytes.
    fn size(&self) -> usize {
        self.get().db.source.text.len()
    }
    /// The text that was loaded.
    fn text<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.get().db.source.text)
    }
    /// The theorems whose proofs the kernel refused when the database was loaded with `judges`: label, first byte,
    /// reason.
    fn refused(&self) -> Vec<(String, u32, String)> {
        let t = self.get();
        let source = &t.db.source;
        let start = |a: AssertionId| source.assertions[a.index()].label.start;
        let row = |e: &KernelError| (source.label(e.theorem).to_owned(), start(e.theorem), e.message(source));
        t.db.refused.iter().map(row).collect()
    }
    /// Checks a theorem's own proof with the kernel. Returns the reason of the refusal; `None` if the kernel accepts
    /// it.
    fn verify(&self, py: Python<'_>, label: &str) -> PyResult<Option<String>> {
        let t = self.get();
        let a = AssertionId(self.find(py, label)?.0);
        guarded(py, || match verify_one(&t.db.source, a) {
            Ok(Outcome::Proved(_)) => None,
            Ok(Outcome::Incomplete) => Some("the proof is incomplete (`?`)".to_owned()),
            Err(e) => Some(e.message(&t.db.source)),
        })
    }
    /// Returns a copy with the same database and library. A change of the library of one does not affect the other.
    fn copy(&self) -> PyTheory {
        PyTheory::of(self.get())
    }
    /// The provable typecodes, the main one first; `["|-"]` in nearly every database.
    fn typecodes(&self) -> Vec<String> {
        let t = self.get();
        t.db.grammar.provable().iter().map(|&s| t.db.source.symbol(s).to_owned()).collect()
    }
    /// The labels of the axioms (`$a` with a provable typecode, definitions included) that statements and lemmas rest
    /// on through all proofs, in file order. Labels that name no statement or lemma, such as those of hypotheses, are
    /// ignored.
    fn axioms(&self, py: Python<'_>, labels: Vec<String>) -> PyResult<Vec<String>> {
        let t = self.get();
        guarded(py, || {
            let found = t.axioms(labels.iter().filter_map(|l| t.find(l)).filter(|&p| t.premise(p).is_some()));
            found.into_iter().map(|a| t.db.source.label(a).to_owned()).collect()
        })
    }
    /// The first theorem, among these statements and lemmas and all that they rest on, whose own proof the kernel does
    /// not accept: label, first byte of the proof, error; `None` if there is none. Labels that name no statement or
    /// lemma, such as those of hypotheses, are ignored.
    fn doubtful(&self, py: Python<'_>, labels: Vec<String>) -> PyResult<Option<(String, u32, String)>> {
        let t = self.get();
        guarded(py, || {
            let found = t.doubtful(labels.iter().filter_map(|l| t.find(l)).filter(|&p| t.premise(p).is_some()));
            found.map(|(a, start, why)| (t.db.source.label(a).to_owned(), start, why))
        })
    }
    /// The number of the first byte of a statement's label.
    fn start(&self, py: Python<'_>, label: &str) -> PyResult<u32> {
        let t = self.get();
        let found = t.db.source.assertion(label);
        let a = found.ok_or_else(|| input_error(py, &format!("no statement is labelled `{label}`"), None))?;
        Ok(t.db.source.assertions[a.index()].label.start)
    }
    /// The statements that do not follow the grammar and cannot be used: label, first byte of the error (of the
    /// statement, or of its hypothesis), and the error.
    fn unparsed(&self) -> Vec<(String, u32, String)> {
        let t = self.get();
        let row = |&a: &AssertionId| (t.db.source.label(a).to_owned(), t.unparsed_at(a), t.unparsed_because(a));
        t.db.unparsed.iter().map(row).collect()
    }
    /// The statements that have more than one syntax tree, of which the first found is taken: label, first byte.
    fn ambiguous(&self) -> Vec<(String, u32)> {
        let t = self.get();
        let source = &t.db.source;
        let row = |&a: &AssertionId| (source.label(a).to_owned(), source.assertions[a.index()].label.start);
        t.db.several_trees.iter().map(row).collect()
    }
    /// The line and the column, from 1, of a byte of the text.
    fn place(&self, offset: u32) -> (u32, u32) {
        self.get().db.source.place(offset)
    }
    /// The labels of all logical statements that have a syntax tree, in file order.
    fn labels(&self) -> Vec<String> {
        let t = self.get();
        let logical = (0..t.db.len()).map(AssertionId::from).filter(|&a| t.db.is_logical(a));
        logical.map(|a| t.db.source.label(a).to_owned()).collect()
    }
    /// The labels of all logical `$p` statements, in file order.
    fn theorems(&self) -> Vec<String> {
        let t = self.get();
        theorems(&t).map(|a| t.db.source.label(a).to_owned()).collect()
    }
    /// The number of steps of each human proof, in the order of `theorems`; 0 where there is none.
    fn proof_lengths<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<u32>> {
        let t = self.get();
        let lengths: Vec<u32> = theorems(&t).map(|a| t.db.proof_length(a) as u32).collect();
        lengths.into_pyarray(py)
    }
    /// The labels of the distinct premises of a human proof.
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
    /// The kind of thing that a word names: `constant`, `variable`, `hypothesis` (`$f` or `$e`), `axiom`, `theorem`,
    /// `syntax axiom`, `syntax theorem`, or `lemma` (of the library); `None` if the word is not in use.
    fn meaning(&self, word: &str) -> Option<String> {
        let t = self.get();
        let found = match t.db.source.named(word) {
            Some(Named::Constant(_)) => "constant",
            Some(Named::Variable(_)) => "variable",
            Some(Named::Hypothesis(_)) => "hypothesis",
            Some(Named::Assertion(a)) => {
                match (t.db.scheme(a).logical, t.db.source.assertions[a.index()].proof.is_some()) {
                    (true, false) => "axiom",
                    (true, true) => "theorem",
                    (false, false) => "syntax axiom",
                    (false, true) => "syntax theorem",
                }
            }
            None => t.find(word).map(|_| "lemma")?,
        };
        Some(found.to_owned())
    }
    /// The first `$a` or `$p` after a labelled statement of any kind; `None` if there is none.
    fn behind(&self, label: &str) -> Option<String> {
        let t = self.get();
        t.db.source.behind(label).map(|a| t.db.source.label(a).to_owned())
    }
    /// The number of hypotheses of a statement or lemma that can be applied in a proof; `None` if the label names
    /// none.
    fn arity(&self, label: &str) -> Option<usize> {
        let t = self.get();
        Some(t.premise(t.find(label)?)?.hyps.len())
    }
    /// The error in a statement; `None` if it can be read. A `hypothesis` may have any typecode, not only a provable
    /// one.
    fn complaint(&self, statement: &str, hypothesis: bool) -> Option<String> {
        let t = self.get();
        t.parse_statement(statement, !hypothesis, &mut t.arena.clone()).err()
    }
    /// Whether a statement is marked "(New usage is discouraged.)".
    fn discouraged(&self, py: Python<'_>, label: &str) -> PyResult<bool> {
        let t = self.get();
        let p = self.find(py, label)?;
        Ok(p.index() < t.db.len() && t.db.source.comment_says(AssertionId(p.0), "(New usage is discouraged.)"))
    }
    /// A statement with its hypotheses as text; `_core.pyi` lists the keys.
    fn statement<'py>(&self, py: Python<'py>, label: &str) -> PyResult<Bound<'py, PyDict>> {
        let t = self.get();
        let p = self.find(py, label)?;
        let premise = t.premise(p).ok_or_else(|| input_error(py, &format!("`{label}` has no tree"), None))?;
        let mut arena = Arena::new();
        let values: Vec<_> = premise.variables.iter().map(|&v| arena.variable(v)).collect();
        let mut show = |x| {
            let own = arena.import(&t.arena, x);
            let ground = arena.instantiate(own, &values);
            t.db.show_statement(&arena, ground)
        };
        let source = &t.db.source;
        let words = |h: HypId| {
            let symbols = source.expression(&source.hyps[h.index()].expression);
            symbols.iter().map(|&s| source.symbol(s)).collect::<Vec<_>>().join(" ")
        };
        let hyps: Vec<String> = match t.lemma(p) {
            Some(_) => premise.hyps.iter().map(|&h| show(h)).collect(),
            None => t.db.essentials(AssertionId(p.0)).map(words).collect(),
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
        let own = assertion.is_some().then(|| t.db.essentials(AssertionId(p.0)));
        let hyp_labels: Vec<String> = match own {
            Some(all) => all.map(|h| t.db.source.hyp_label(h).to_owned()).collect(),
            None => (1..=hyps.len()).map(|i| format!("{label}.{i}")).collect(),
        };
        out.set_item("hyp_labels", hyp_labels)?;
        out.set_item("hyps", hyps)?;
        out.set_item("needed", premise.hyps.len())?;
        out.set_item("conclusion", show(premise.conclusion))?;
        let name = |i: u16| t.db.source.symbol(premise.variables[i as usize]);
        let pairs: Vec<_> = premise.disjoint.iter().map(|&(x, y)| vec![name(x), name(y)]).collect();
        out.set_item("disjoint", pairs)?;
        out.set_item("comment", t.comment(p).map(|c| c.split_whitespace().collect::<Vec<_>>().join(" ")))?;
        let section = assertion.and_then(|a| t.db.source.sections.get((a.section as usize).wrapping_sub(1)));
        out.set_item("section", section.map(|s| t.db.source.str(&s.title)))?;
        Ok(out)
    }
    /// Raises `InputError` if a text is no target of `search`: neither the label of a theorem nor a well-formed
    /// statement.
    fn check_target(&self, py: Python<'_>, target: &str) -> PyResult<()> {
        let t = self.get();
        guarded(py, || task_of(&t, target, &mut t.arena.clone()).map(|_| ()))?.map_err(|e| message(py, e))
    }
    /// The labels of the theorems that have the same hypotheses and conclusion as a target of `search`, symbol for
    /// symbol, in file order.
    fn same_statement(&self, py: Python<'_>, target: &str) -> PyResult<Vec<String>> {
        let t = self.get();
        let work = || -> Result<Vec<String>, String> {
            let key = match target.trim_start().starts_with('{') {
                true => serde_json::from_str::<Statement>(target)
                    .map_err(|e| format!("not a statement in JSON: {e}"))?
                    .key(),
                false => {
                    let found = t.db.source.assertion(target);
                    t.db.statement_keys()[found.ok_or_else(|| format!("no theorem is labelled `{target}`"))?.index()]
                }
            };
            Ok(t.theorems_saying(key).into_iter().map(|a| t.db.source.label(a).to_owned()).collect())
        };
        guarded(py, work)?.map_err(|e| message(py, e))
    }
    /// Numbers and times of the loading: seconds `read_s`, `trees_s`, `proofs_s`; numbers `statements` (`$a` and
    /// `$p`), `proofs`, `unparsed`, `undecoded`, `ambiguous`, `terms`, `nodes` (proof steps, syntax included).
    fn figures<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let t = self.get();
        let db = &t.db;
        let out = PyDict::new(py);
        out.set_item("read_s", db.seconds.read)?;
        out.set_item("trees_s", db.seconds.trees)?;
        out.set_item("proofs_s", db.seconds.proofs)?;
        out.set_item("statements", db.len())?;
        out.set_item("proofs", db.source.assertions.iter().filter(|a| a.proof.is_some()).count())?;
        out.set_item("unparsed", db.unparsed.len())?;
        out.set_item("undecoded", db.proofs.errors.len())?;
        out.set_item("ambiguous", db.ambiguous)?;
        out.set_item("terms", db.arena.len())?;
        out.set_item("nodes", db.proofs.labels.len())?;
        Ok(out)
    }
    /// The library as text (`docs/formats.md`). Equal libraries give equal texts.
    fn library_json(&self, py: Python<'_>) -> PyResult<String> {
        let t = self.get();
        guarded(py, || serde_json::to_string(&t.library_text()).unwrap_or_default())
    }
    /// Replaces the library by the one in a text. Both judges check every lemma; raises `InputError` if one is
    /// refused.
    fn load_library(&self, py: Python<'_>, text: &str) -> PyResult<()> {
        let t = self.get();
        let new = guarded(py, || t.with_library(text))?.map_err(|e| message(py, e))?;
        *self.theory.write().unwrap_or_else(|e| e.into_inner()) = Arc::new(new);
        Ok(())
    }
    /// The names of the learned lemmas, in order of learning.
    fn lemmas(&self) -> Vec<String> {
        self.get().lemmas.iter().map(|l| l.name.clone()).collect()
    }
    /// Elaborates a proof, writes it as Metamath and asks both judges: `kernel` and `metamath_rs` (whether it
    /// accepts), `messages`, `mm` (the slice that they judged), `compressed`, `normal`, `statement_sha256`.
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
    /// Reads proofs and asks both judges about each. Returns the theorem that each proves (`None`: a statement that is
    /// no theorem of the database) and the reason of the refusal (`None`: it is accepted).
    fn judge_again(
        &self,
        py: Python<'_>,
        proofs: Vec<String>,
        threads: usize,
    ) -> PyResult<Vec<(Option<String>, Option<String>)>> {
        let t = self.get();
        let judged = guarded(py, || t.judge_again(&proofs, threads))?;
        let row = |j: Result<Option<String>, String>| match j {
            Ok(task) => (task, None),
            Err(why) => (None, Some(why)),
        };
        Ok(judged.into_iter().map(row).collect())
    }
    /// Runs a proof as a program of the machine, whose ASSERT asks both judges. Keys: `accepted`, `message` (`None` if
    /// accepted), `program` (assembly), `trace` (JSON Lines), `trace_sha256`, `log_sha256`, `log_records`, `log` (the
    /// session, as bytes), `proof` (the machine's proof object, in the form of the given one), `mm`, `compressed`,
    /// `normal`, `statement_sha256`. `database` and `library` are SHA-256 digests that the session names. `directives`
    /// are those of the program (docs/isa.md); `.goal` and `.statement` are added to them.
    #[pyo3(signature = (proof, database=None, library=None, directives=None))]
    fn run<'py>(
        &self,
        py: Python<'py>,
        proof: &str,
        database: Option<&str>,
        library: Option<&str>,
        directives: Option<Directives>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let t = self.get();
        let origin = origin(py, database, library)?;
        let directives = directives.as_deref().map(said).transpose().map_err(|e| message(py, e))?;
        let work = || -> Result<_, String> {
            let mut arena = t.arena.clone();
            let (task, proof) = t.read_proof(proof, &mut arena)?;
            Ok(t.run_proof(&task, &proof, &mut arena, origin, directives.as_deref()))
        };
        let run = guarded(py, work)?.map_err(|e| message(py, e))?;
        let out = PyDict::new(py);
        out.set_item("accepted", run.is_ok())?;
        out.set_item("message", run.as_ref().err())?;
        if let Ok(r) = run {
            let hash: String = r.judged.verdict.statement_hash.iter().map(|b| format!("{b:02x}")).collect();
            out.set_item("program", r.program)?;
            out.set_item("trace", r.trace)?;
            out.set_item("trace_sha256", r.trace_sha256)?;
            out.set_item("log_sha256", r.log_sha256)?;
            out.set_item("log_records", r.log_records)?;
            out.set_item("log", PyBytes::new(py, &r.log))?;
            out.set_item("proof", r.proof)?;
            out.set_item("mm", r.judged.slice)?;
            out.set_item("compressed", r.judged.compressed)?;
            out.set_item("normal", r.judged.normal)?;
            out.set_item("statement_sha256", hash)?;
        }
        Ok(out)
    }
    /// The steps of a proof in the form of a handler's derivation: (label, premises, values that unification leaves
    /// open).
    #[allow(clippy::type_complexity)]
    fn derivation(&self, py: Python<'_>, proof: &str) -> PyResult<Vec<(String, Vec<u32>, Vec<(u32, String)>)>> {
        let t = self.get();
        let nodes = guarded(py, || t.proof_nodes(proof))?.map_err(|e| message(py, e))?;
        Ok(nodes.into_iter().map(|n| (n.label, n.premises, n.values)).collect())
    }
    /// Returns a proof (JSON) in which the proofs of all lemmas replace their uses.
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

/// All logical `$p` statements, in file order.
pub fn theorems(t: &Theory) -> impl Iterator<Item = AssertionId> + '_ {
    (0..t.db.len())
        .map(AssertionId::from)
        .filter(|&a| t.db.is_logical(a) && t.db.source.assertions[a.index()].proof.is_some())
}

//! Compression, export and dreams.

use crate::errors::{guarded, input_error, message};
use crate::ranker::{corpus, PyRanker};
use crate::theory::PyTheory;
use metadream_core::compression::corpus::CorpusItem;
use metadream_core::compression::export::{database_with, library_text};
use metadream_core::compression::learn::{learn, Options};
use metadream_core::compression::price::Price;
use metadream_core::compression::schema::{mine, Options as Shapes};
use metadream_core::dsl::library::{Proof, Task};
use metadream_core::wake_sleep::dream;
use metadream_core::wake_sleep::nats::{measured, nats_table, ranked};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::Arc;

fn options(py: Python<'_>, given: &Bound<'_, PyDict>) -> PyResult<Options> {
    let mut o = Options::default();
    for (key, value) in given.iter() {
        let key: String = key.extract()?;
        match key.as_str() {
            "price" => {
                let name: String = value.extract()?;
                o.price = match name.as_str() {
                    "bytes" => Price::Bytes,
                    "steps" => Price::Steps { statement: 2 },
                    "nats" => Price::Nats,
                    _ => {
                        return Err(input_error(py, &format!("no price `{name}`; expected bytes, steps or nats"), None))
                    }
                };
            }
            "statement_steps" => o.price = Price::Steps { statement: value.extract()? },
            "max_lemmas" => o.max_lemmas = value.extract()?,
            "min_occurrences" => o.min_occurrences = value.extract()?,
            "max_hyps" => o.max_hyps = value.extract()?,
            "max_size" => o.max_size = value.extract()?,
            "max_formula" => o.max_formula = value.extract()?,
            "bare_conclusions" => o.bare_conclusions = value.extract()?,
            "prefix" => o.prefix = value.extract()?,
            "threads" => o.threads = value.extract()?,
            "reuse_theorems" => o.reuse_theorems = value.extract()?,
            _ => return Err(input_error(py, &format!("no compression option `{key}`"), None)),
        }
    }
    Ok(o)
}

fn items(corpus: &[(Task, Proof)]) -> Vec<(CorpusItem, Proof)> {
    let item =
        |(t, p): &(Task, Proof)| (CorpusItem { name: t.name.clone(), block: t.block, limit: t.limit }, p.clone());
    corpus.iter().map(item).collect()
}

#[pymethods]
impl PyTheory {
    /// Learns lemmas from found proofs (JSON) and human proofs, each accepted by both judges, and appends them to the
    /// library. `rewritten`: all proofs with the lemmas, found ones first, in the order given. The price in nats needs
    /// a ranker and human proofs that it was not trained on.
    #[pyo3(signature = (corpus, human, options, ranker=None, held_out=vec![]))]
    fn learn_library<'py>(
        &self,
        py: Python<'py>,
        corpus: Vec<String>,
        human: Vec<String>,
        options: &Bound<'_, PyDict>,
        ranker: Option<&PyRanker>,
        held_out: Vec<String>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let mut options = self::options(py, options)?;
        let theory = self.get();
        let prepared = ranker.map(|r| r.prepared(&theory)).transpose()?;
        if options.price == Price::Nats && (prepared.is_none() || held_out.is_empty()) {
            return Err(input_error(
                py,
                "the price in nats needs a ranker and proofs that it was not trained on",
                None,
            ));
        }
        let work = move || -> Result<_, String> {
            if let Some(prepared) = prepared {
                let (grown, held_out) = self::corpus(&theory, &[], &held_out)?;
                options.nats = Arc::new(nats_table(&prepared, &grown, &held_out));
            }
            let (grown, pairs) = self::corpus(&theory, &corpus, &human)?;
            let items = items(&pairs);
            let mut new = (*theory).clone();
            let mut refused: Vec<String> = Vec::new();
            let learned = learn(&mut new, &items, &options, &mut |t, arena, l| match t.check_lemma(l, arena) {
                Ok(()) => true,
                Err(why) => {
                    refused.push(format!("{}: {why}", l.name));
                    false
                }
            });
            // goals were made in the grown arena, whose numbers the new one does not have: print by the old
            let mut shown = grown;
            shown.lemmas.clone_from(&new.lemmas);
            let text = |((task, _), proof): (&(Task, Proof), &Proof)| shown.proof_json(task, proof, &shown.arena);
            let rewritten: Vec<String> = pairs.iter().zip(&learned.rewritten).map(text).collect();
            Ok((new, learned, rewritten, refused))
        };
        let (new, learned, rewritten, refused) = guarded(py, work)?.map_err(|e| message(py, e))?;
        let out = PyDict::new(py);
        let lemmas = learned
            .report
            .uses
            .iter()
            .map(|(name, uses)| {
                let l = PyDict::new(py);
                l.set_item("name", name)?;
                l.set_item("uses", uses)?;
                Ok(l)
            })
            .collect::<PyResult<Vec<_>>>()?;
        out.set_item("lemmas", lemmas)?;
        out.set_item("rewritten", rewritten)?;
        out.set_item("steps_before", learned.report.steps_before)?;
        out.set_item("steps_after", learned.report.steps_after)?;
        out.set_item("lemma_steps", learned.report.lemma_steps)?;
        out.set_item("refused", refused)?;
        out.set_item("seconds", learned.report.seconds)?;
        *self.theory.write().unwrap_or_else(|e| e.into_inner()) = Arc::new(new);
        Ok(out)
    }
    /// Learns schemas (Level 2) from found and human proofs, priced by the ranker's nats on `held_out`, human proofs
    /// that it was not trained on: half of these price the shapes, the other half decides the admission.
    fn learn_schemas<'py>(
        &self,
        py: Python<'py>,
        ranker: &PyRanker,
        corpus: Vec<String>,
        human: Vec<String>,
        held_out: Vec<String>,
        max_schemas: usize,
    ) -> PyResult<Bound<'py, PyDict>> {
        let theory = self.get();
        let prepared = ranker.prepared(&theory)?;
        let work = || -> Result<_, String> {
            let (_, training) = self::corpus(&theory, &corpus, &human)?;
            let training: Vec<Proof> = training.into_iter().map(|x| x.1).collect();
            let half = |odd: usize| held_out.iter().skip(odd).step_by(2).cloned().collect::<Vec<_>>();
            let (grown, pricing) = self::corpus(&theory, &[], &half(0))?;
            let table = nats_table(&prepared, &grown, &pricing);
            let (grown, admitting) = self::corpus(&theory, &[], &half(1))?;
            let admitting = measured(&admitting, &ranked(&prepared, &grown, &admitting));
            Ok(mine(&training, &table, &admitting, Shapes { max: max_schemas, ..Shapes::default() }))
        };
        let mined = guarded(py, work)?.map_err(|e| message(py, e))?;
        let out = PyDict::new(py);
        out.set_item("considered", mined.considered)?;
        out.set_item("chosen", mined.chosen)?;
        out.set_item("admitted", mined.schemas.len())?;
        out.set_item("held_out_nats", mined.nats.0)?;
        out.set_item("held_out_gain", mined.nats.1)?;
        let mut new = (*theory).clone();
        new.schemas = mined.schemas;
        *self.theory.write().unwrap_or_else(|e| e.into_inner()) = Arc::new(new);
        Ok(out)
    }
    /// The library as Metamath text, each lemma in its block, in dependency order. `uses[i]` goes into the comment.
    #[pyo3(signature = (uses=vec![]))]
    fn library_mm(&self, py: Python<'_>, uses: Vec<usize>) -> PyResult<String> {
        let t = self.get();
        let work =
            || library_text(&t, &t.lemmas, &uses).map(|l| l.into_iter().map(|x| x.text).collect::<Vec<_>>().join("\n"));
        guarded(py, work)?.map_err(|e| message(py, e.to_string()))
    }
    /// The whole database with the library in place and these proofs (JSON, found or rewritten) in their theorems.
    fn database_with_library(&self, py: Python<'_>, proofs: Vec<String>) -> PyResult<Vec<u8>> {
        let t = self.get();
        let work = || -> Result<Vec<u8>, String> {
            let (grown, pairs) = corpus(&t, &proofs, &[])?;
            // what is the human proof already stays as it is written
            let new: Vec<_> =
                pairs.into_iter().filter(|(task, p)| t.human_proof(task.limit).as_ref() != Some(p)).collect();
            database_with(&grown, &new, 2).map(|x| x.0).map_err(|e| e.to_string())
        };
        guarded(py, work)?.map_err(|e| message(py, e))
    }
}

/// Programs sampled from the library, each as a proof (JSON) of its own most general statement.
#[pyfunction]
pub fn sample_dreams(
    py: Python<'_>,
    theory: &PyTheory,
    ranker: &PyRanker,
    count: usize,
    seed: u64,
    max_steps: usize,
) -> PyResult<Vec<String>> {
    let theory = theory.get();
    let prepared = ranker.prepared(&theory)?;
    guarded(py, || {
        let mut arena = prepared.arena();
        let dreams = dream::sample_dreams(&prepared, count, seed, max_steps, &mut arena);
        let texts = dreams.iter().map(|(t, p)| theory.proof_json(t, p, &arena)).collect();
        prepared.give_back(arena);
        texts
    })
}

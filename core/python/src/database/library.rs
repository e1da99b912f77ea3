//! Methods of `Theory` that learn a library, compress the database and write it out, and the sampling of dreams.

use crate::database::theory::PyTheory;
use crate::errors::{guarded, input_error, message};
use crate::nats::PyNats;
use crate::ranking::ranker::{corpus, PyRanker};
use metadream_core::compression::corpus::CorpusItem;
use metadream_core::compression::lemmas::export::{database_with, library_text};
use metadream_core::compression::lemmas::follow;
use metadream_core::compression::lemmas::learn::{learn_more, Options};
use metadream_core::compression::lemmas::price::Price;
use metadream_core::compression::measure;
use metadream_core::compression::shuffled::Shuffled;
use metadream_core::dsl::theory::library::{Proof, Task};
use metadream_core::wake_sleep::training::dream;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use std::sync::Arc;

/// Reads the options of compression. Raises `InputError` for an unknown option, or the price in nats without `nats`.
pub fn options(py: Python<'_>, given: &Bound<'_, PyDict>) -> PyResult<Options> {
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
            "nats" => o.nats = value.cast::<PyNats>()?.get().table.clone(),
            "statement_steps" => o.price = Price::Steps { statement: value.extract()? },
            "max_lemmas" => o.max_lemmas = value.extract()?,
            "min_occurrences" => o.min_occurrences = value.extract()?,
            "max_hyps" => o.max_hyps = value.extract()?,
            "max_size" => o.max_size = value.extract()?,
            "max_formula" => o.max_formula = value.extract()?,
            "bare_conclusions" => o.bare_conclusions = value.extract()?,
            "prefix" => o.prefix = value.extract()?,
            "threads" => o.threads = value.extract()?,
            "follow" => {} // `compress` reads it
            "prune" => o.prune = value.extract()?,
            "whole_subtrees" => o.whole_subtrees = value.extract()?,
            "shuffled" => {
                let (sizes, seed) = value.extract()?;
                o.shuffled = Some(Shuffled { sizes, seed });
            }
            "missed_uses" => o.missed_uses = value.extract()?,
            "reuse_theorems" => o.reuse_theorems = value.extract()?,
            _ => return Err(input_error(py, &format!("no compression option `{key}`"), None)),
        }
    }
    if o.price == Price::Nats && o.nats.is_empty() {
        return Err(input_error(py, "the price in nats needs a model's: option `nats`", None));
    }
    Ok(o)
}

fn items(corpus: &[(Task, Proof)]) -> Vec<(CorpusItem, Proof)> {
    let item =
        |(t, p): &(Task, Proof)| (CorpusItem { name: t.name.clone(), block: t.block, limit: t.limit }, p.clone());
    corpus.iter().map(item).collect()
}

/// Makes the dictionary of a compressed database.
fn compressed(py: Python<'_>, done: measure::Compressed) -> PyResult<Bound<'_, PyDict>> {
    let f = &done.figures;
    let out = PyDict::new(py);
    out.set_item("steps", f.steps)?;
    out.set_item("steps_after", f.steps_after)?;
    out.set_item("lemma_steps", f.lemma_steps)?;
    out.set_item("gross", f.gross())?;
    out.set_item("net", f.net())?;
    out.set_item("lemmas", f.lemmas)?;
    out.set_item("bytes_before", f.bytes_before)?;
    out.set_item("proof_bytes", f.proof_bytes)?;
    out.set_item("lemma_bytes", f.lemma_bytes)?;
    out.set_item("changed", f.changed)?;
    let mut uses = done.report.uses;
    uses.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    out.set_item("uses", uses)?;
    out.set_item("left", done.left)?;
    out.set_item("phases", done.seconds.into_iter().collect::<std::collections::BTreeMap<_, _>>())?;
    if let Some(f) = done.report.followed {
        let followed = PyDict::new(py);
        followed.set_item("outcome", f.outcome)?;
        followed.set_item("why", f.why)?;
        followed.set_item("label", f.label)?;
        followed.set_item("fragments", f.fragments)?;
        out.set_item("followed", followed)?;
    }
    out.set_item("text", PyBytes::new(py, &done.text))?;
    Ok(out)
}

#[pymethods]
impl PyTheory {
    /// Learns lemmas from found proofs (JSON) and human proofs (labels), and appends those that both judges accept to
    /// the library. `settled` holds numbers of proofs, found ones first, that an earlier call rewrote with the present
    /// library under the same options and with no limit reached; lemmas that would occur in these proofs only are not
    /// looked for again.
    ///
    /// Keys: `lemmas` (`name`, `uses`), `rewritten` (all proofs with the lemmas, in the order given, found ones
    /// first), `steps_before`, `steps_after`, `lemma_steps`, `refused`, `seconds`.
    #[pyo3(signature = (corpus, human, options, settled=vec![]))]
    fn learn_library<'py>(
        &self,
        py: Python<'py>,
        corpus: Vec<String>,
        human: Vec<String>,
        options: &Bound<'_, PyDict>,
        settled: Vec<usize>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let options = self::options(py, options)?;
        let theory = self.get();
        let work = || -> Result<_, String> {
            let (grown, pairs) = self::corpus(&theory, &corpus, &human)?;
            let items = items(&pairs);
            let mut new = (*theory).clone();
            let mut refused: Vec<String> = Vec::new();
            let mut fresh = vec![true; items.len()];
            for i in settled {
                *fresh.get_mut(i).ok_or_else(|| format!("settled: there is no proof {i}"))? = false;
            }
            let learned =
                learn_more(&mut new, &items, &fresh, &options, &mut |t, arena, l| match t.check_lemma(l, arena) {
                    Ok(()) => true,
                    Err(why) => {
                        refused.push(format!("{}: {why}", l.name));
                        false
                    }
                });
            // the goals are terms of the grown arena, which the new theory does not have, so the proofs are printed
            // with it
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
    /// Compresses all human proofs and writes the database again; the library of this theory does not change. Keys:
    /// `steps`, `steps_after`, `lemma_steps`, `gross` (the share of steps saved), `net` (the same share after the
    /// lemmas' own proofs are charged), `lemmas`, `bytes_before`, `proof_bytes`, `lemma_bytes`, `changed`, `left`
    /// (theorems whose proofs cannot be written again and stay, and the reason), `uses` (name and number of uses of
    /// each lemma, most used first), `phases` (seconds by name), `text` (the database). With the option `follow` (a
    /// statement or a label tree) also `followed`: `outcome`, `why`, `label`, `fragments` (tree, occurrences, saved,
    /// cost, score).
    fn compress<'py>(&self, py: Python<'py>, options: &Bound<'_, PyDict>) -> PyResult<Bound<'py, PyDict>> {
        let follow: Option<String> = options.get_item("follow")?.map(|f| f.extract()).transpose()?;
        let mut options = self::options(py, options)?;
        let mut new = (*self.get()).clone();
        let key = follow.map(|text| follow::read(&new, &text)).transpose();
        options.follow = key.map_err(|e| input_error(py, &format!("--follow: {e}"), None))?;
        let done = guarded(py, || measure::compress(&mut new, &options))?.map_err(|e| message(py, e.to_string()))?;
        compressed(py, done)
    }
    /// Compresses the human proofs without a random `share` of them, then adds that share in a second cycle. The keys
    /// are those of `compress`, with the phases of the second cycle, and `added` (the number of proofs added).
    fn compress_in_two<'py>(
        &self,
        py: Python<'py>,
        options: &Bound<'_, PyDict>,
        share: f64,
        seed: u64,
    ) -> PyResult<Bound<'py, PyDict>> {
        let options = self::options(py, options)?;
        let mut new = (*self.get()).clone();
        let done = guarded(py, || measure::compress_in_two(&mut new, &options, share, seed))?;
        let (done, added) = done.map_err(|e| message(py, e.to_string()))?;
        let out = compressed(py, done)?;
        out.set_item("added", added)?;
        Ok(out)
    }
    /// Measures the steps that a library learnt on a random part of the human proofs saves on the `share` that was
    /// left out: `proofs`, `steps`, `steps_after` (all three of the share left out), `lemmas` (learnt), `used` (lemmas
    /// that a proof of the share uses).
    fn compress_held_out<'py>(
        &self,
        py: Python<'py>,
        options: &Bound<'_, PyDict>,
        share: f64,
        seed: u64,
    ) -> PyResult<Bound<'py, PyDict>> {
        let options = self::options(py, options)?;
        let mut new = (*self.get()).clone();
        let h = guarded(py, || measure::held_out(&mut new, &options, share, seed))?;
        let out = PyDict::new(py);
        out.set_item("proofs", h.proofs)?;
        out.set_item("steps", h.steps)?;
        out.set_item("steps_after", h.steps_after)?;
        out.set_item("lemmas", h.lemmas)?;
        out.set_item("used", h.used)?;
        Ok(out)
    }
    /// Returns the library as Metamath text, each lemma in its block, in dependency order. `uses[i]` is written into
    /// the comment of lemma `i`.
    #[pyo3(signature = (uses=vec![]))]
    fn library_mm(&self, py: Python<'_>, uses: Vec<usize>) -> PyResult<String> {
        let t = self.get();
        let work =
            || library_text(&t, &t.lemmas, &uses).map(|l| l.into_iter().map(|x| x.text).collect::<Vec<_>>().join("\n"));
        guarded(py, work)?.map_err(|e| message(py, e.to_string()))
    }
    /// Returns the text of the database with the library in place and these proofs (JSON, found or rewritten) in their
    /// theorems.
    fn database_with_library(&self, py: Python<'_>, proofs: Vec<String>) -> PyResult<Vec<u8>> {
        let t = self.get();
        let work = || -> Result<Vec<u8>, String> {
            let (grown, pairs) = corpus(&t, &proofs, &[])?;
            // a proof that equals the human proof stays as it is written
            let new: Vec<_> =
                pairs.into_iter().filter(|(task, p)| t.human_proof(task.limit).as_ref() != Some(p)).collect();
            database_with(&grown, &new, 2).map(|x| x.0).map_err(|e| e.to_string())
        };
        guarded(py, work)?.map_err(|e| message(py, e))
    }
}

/// Samples programs from the library. Each is returned as a proof (JSON) of its own most general statement.
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

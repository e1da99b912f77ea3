//! The training of the model over moves, and its arrays in a model's file.

use crate::database::theory::PyTheory;
use crate::errors::{guarded, message};
use crate::ranking::portable::{column, own, postings, rows};
use crate::ranking::ranker::{corpus, PyRanker};
use metadream_core::dsl::theory::library::Theory;
use metadream_core::wake_sleep::inference::prover::Prover;
use metadream_core::wake_sleep::inference::training::columns::Columns;
use metadream_core::wake_sleep::inference::training::model::{measure, Measured, Model};
use metadream_core::wake_sleep::ranking::portable::bits_of;
use metadream_core::wake_sleep::ranking::ranker::{usable_premises, Ranker, DIM};
use metadream_core::wake_sleep::ranking::skeletons::LikenessColumns;
use numpy::IntoPyArray;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::Arc;

/// Writes the arrays of a model over moves into `out`, under names that begin with `moves.`.
pub fn write(py: Python<'_>, model: &Model, out: &Bound<'_, PyDict>) -> PyResult<()> {
    let c = Columns::of(model);
    let like = &c.likeness;
    for (name, values) in [
        ("statements", &c.statements[..]),
        ("which", &c.which),
        ("uses", &c.uses),
        ("theorems", &c.theorems),
        ("starts", &c.starts),
        ("made", &c.made),
        ("analogues.features", &like.postings.features),
        ("analogues.starts", &like.postings.starts),
        ("analogues.items", &like.postings.items),
    ] {
        out.set_item(format!("moves.{name}"), values.to_vec().into_pyarray(py))?;
    }
    let r = &c.ranker;
    for (name, values) in [
        ("bias", &r.bias[..]),
        ("distance", &r.distance),
        ("local", &r.local),
        ("temperature", std::slice::from_ref(&r.temperature)),
        ("analogues.embeddings", &like.embeddings),
        ("analogues.weight", &like.weight),
        ("analogues.norm", &like.norm),
    ] {
        out.set_item(format!("moves.{name}"), values.to_vec().into_pyarray(py))?;
    }
    for (name, table) in [("embedding", &r.embedding), ("rows", &r.premises)] {
        let (values, steps) = table.columns();
        out.set_item(format!("moves.{name}"), values.to_vec().into_pyarray(py))?;
        out.set_item(format!("moves.{name}.steps"), steps.to_vec().into_pyarray(py))?;
    }
    Ok(())
}

/// Reads the arrays that `write` made, for a model of so many statements; `None` if there are none. Raises
/// `ValueError` if they do not fit together.
pub fn read(arrays: &Bound<'_, PyDict>, theory: &Theory, statements: usize) -> PyResult<Option<Columns>> {
    if !arrays.contains("moves.statements")? {
        return Ok(None);
    }
    let bad = || PyValueError::new_err("the arrays of the moves do not fit together");
    let embedding = rows(arrays, "moves.embedding", DIM)?;
    let plain = Ranker::new(theory, 0);
    let (distance, local) = (own(arrays, "moves.distance")?, own(arrays, "moves.local")?);
    if (distance.len(), local.len()) != (plain.distance.len(), plain.local.len()) {
        return Err(bad());
    }
    let columns = Columns {
        statements: column(arrays, "moves.statements")?,
        which: column(arrays, "moves.which")?,
        uses: column(arrays, "moves.uses")?,
        theorems: column(arrays, "moves.theorems")?,
        starts: column(arrays, "moves.starts")?,
        made: column(arrays, "moves.made")?,
        ranker: Ranker {
            bits: bits_of(embedding.len()).ok_or_else(bad)?,
            embedding,
            premises: rows(arrays, "moves.rows", DIM)?,
            bias: own(arrays, "moves.bias")?,
            distance,
            local,
            temperature: own(arrays, "moves.temperature")?.first().copied().unwrap_or(1.0),
            ..plain
        },
        likeness: LikenessColumns {
            embeddings: column(arrays, "moves.analogues.embeddings")?,
            postings: postings(arrays, "moves.analogues")?,
            weight: column(arrays, "moves.analogues.weight")?,
            norm: column(arrays, "moves.analogues.norm")?,
        },
    };
    columns.is_sound(statements).then_some(Some(columns)).ok_or_else(bad)
}

#[pymethods]
impl PyRanker {
    /// Trains the first stage over moves on found proofs (JSON) and human ones. The moves are those of the database
    /// and of its lemmas. Keys: `proofs` (given), `translated` (whole), `steps` and `decisions` (of the translated
    /// ones), `examples`, `loss` (of the last epoch, in nats), `seconds`.
    fn fit_moves<'py>(
        &self,
        py: Python<'py>,
        theory: &PyTheory,
        found: Vec<String>,
        human: Vec<String>,
        epochs: usize,
    ) -> PyResult<Bound<'py, PyDict>> {
        let (theory, seed) = (theory.get(), self.seed);
        let start = std::time::Instant::now();
        let work = || -> Result<_, String> {
            let (grown, items) = corpus(&theory, &found, &human)?;
            let usable = usable_premises(&grown);
            let (model, report) = Model::fit(Arc::new(grown), &usable, &items, (epochs, seed));
            Ok((Arc::new(Prover::new(Arc::new(model), usable)), report))
        };
        let (prover, report) = guarded(py, work)?.map_err(|e| message(py, e))?;
        self.with(|f| f.moves = Some(prover))?;
        let out = PyDict::new(py);
        out.set_item("proofs", report.proofs.0)?;
        out.set_item("translated", report.proofs.1)?;
        out.set_item("steps", report.sizes.0)?;
        out.set_item("decisions", report.sizes.1)?;
        out.set_item("examples", report.examples)?;
        out.set_item("loss", report.loss)?;
        out.set_item("seconds", start.elapsed().as_secs_f64())?;
        Ok(out)
    }
    /// Restores the model over moves from the arrays of `moves_portable`, for the theory and the proofs that it was
    /// trained on.
    fn restore_moves(
        &self,
        py: Python<'_>,
        theory: &PyTheory,
        found: Vec<String>,
        human: Vec<String>,
        arrays: &Bound<'_, PyDict>,
    ) -> PyResult<()> {
        let theory = theory.get();
        let none = || PyValueError::new_err("there is no model over moves");
        let columns = read(arrays, &theory, theory.len())?.ok_or_else(none)?;
        let work = || -> Result<_, String> {
            let (grown, items) = corpus(&theory, &found, &human)?;
            let usable = usable_premises(&grown);
            let model = columns.restored(&Arc::new(grown), &usable, &items);
            let model = model.ok_or("the model over moves does not fit this database and library; train anew")?;
            Ok(Arc::new(Prover::new(Arc::new(model), usable)))
        };
        let prover = guarded(py, work)?.map_err(|e| message(py, e))?;
        self.with(|f| f.moves = Some(prover))
    }
    /// Returns the model over moves as arrays for a model's file; empty if there is no such model.
    fn moves_portable<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let out = PyDict::new(py);
        if let Some(prover) = self.with(|f| f.moves.clone())? {
            write(py, prover.model(), &out)?;
        }
        Ok(out)
    }
    /// Measures the model over moves on human proofs, with each proof's analogues if `informed`. Returns for each
    /// proof its choices: the first assertion of the move, its rank from 0 (`None`: no candidate), its cost in nats. A
    /// proof that is not translated whole gives `None`.
    #[allow(clippy::type_complexity)]
    fn measured_moves(
        &self,
        py: Python<'_>,
        human: Vec<String>,
        informed: bool,
    ) -> PyResult<Vec<Option<Vec<(String, Option<usize>, f32)>>>> {
        let prover = self.with(|f| f.moves.clone())?.ok_or_else(|| PyValueError::new_err("call fit_moves first"))?;
        let model = prover.model().clone();
        let work = || -> Result<_, String> {
            let usable = usable_premises(&model.theory);
            let mut arena = prover.arena();
            let items = crate::database::theory::human_corpus(&model.theory, &human, &mut arena)?;
            let found = measure(&model, &usable, &items, &arena, informed);
            prover.give_back(arena);
            Ok(found)
        };
        let found = guarded(py, work)?.map_err(|e| message(py, e))?;
        let label = |n: u32| model.theory.label(model.moves.all[n as usize].readings[0].premise).to_owned();
        let told = |m: Measured| m.choices.into_iter().map(|(n, rank, nats)| (label(n), rank, nats)).collect();
        Ok(found.into_iter().map(|m| m.map(told)).collect())
    }
}

//! The search for proofs, with moves in context, with assertions as they stand, or with both.

use crate::database::theory::PyTheory;
use crate::errors::{guarded, message};
use crate::ranking::ranker::{task_of, PyRanker};
use crate::searching::content::content_of;
use crate::searching::proposer::Callable;
use crate::searching::search_options::PySearchOptions;
use metadream_core::dsl::theory::library::{Proof, Task, Theory};
use metadream_core::metamath_db::terms::term::Arena;
use metadream_core::wake_sleep::inference::proposer::Proposer;
use metadream_core::wake_sleep::inference::prover::Prover;
use metadream_core::wake_sleep::inference::text::ContentText;
use metadream_core::wake_sleep::search::{Options, Prepared, ProposerUse, SearchResult};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::Arc;

/// Searches for a proof of a theorem (`target` is its label) or of a statement (`target` is JSON with `hyps`,
/// `conclusion`, `disjoint`, `before`). `proposer` is a callable that ranks the moves in context of a goal.
/// `_core.pyi` lists the keys.
#[pyfunction]
#[pyo3(signature = (theory, ranker, target, options, proposer=None))]
pub fn search<'py>(
    py: Python<'py>,
    theory: &PyTheory,
    ranker: &PyRanker,
    target: &str,
    options: &PySearchOptions,
    proposer: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let theory = theory.get();
    let prepared = ranker.prepared_for(&theory, options.discouraged())?;
    let proposer = proposer.map(Callable::new);
    let own = ranker.with(|f| f.moves.clone())?;
    let asked = Request {
        theory: &theory,
        prepared: &prepared,
        context: in_context(py, own, options, proposer.is_some())?,
        way: Way::of(options),
        options: options.options(),
        proposer: proposer.as_ref(),
    };
    let found = guarded(py, || asked.search(target))?.map_err(|e| message(py, e))?;
    let result = &found.result;
    if let (Some(callable), Some(ProposerUse { failed: Some(why), .. })) = (&proposer, &result.proposer) {
        return Err(callable.error(py, why));
    }
    let out = outcome(py, result, found.proof, found.stands)?;
    out.set_item("in_context", found.in_context && result.proof.is_some())?;
    out.set_item("content", found.content.map(|c| content_of(py, c)).transpose()?)?;
    out.set_item("task", found.task)?;
    out.set_item("steps", found.steps)?;
    Ok(out)
}

/// Returns the prover that makes moves in context, if the options want such moves and the model knows them. Raises
/// `InputError` if the options need moves in context that are not possible.
fn in_context(
    py: Python<'_>,
    prover: Option<Arc<Prover>>,
    options: &PySearchOptions,
    proposed: bool,
) -> PyResult<Option<Arc<Prover>>> {
    let way = Way::of(options);
    let wanted = way != Way::Unify && !options.discouraged();
    if proposed && !wanted {
        let with = "a proposer ranks moves in context: take --moves content or both, and no discouraged premises";
        return Err(message(py, with.to_owned()));
    }
    if prover.is_none() && (proposed || way == Way::Content) {
        let none = "the model knows no moves in context: train it again, or use --moves unify";
        return Err(message(py, format!("{none}{}", if proposed { " and no proposer" } else { "" })));
    }
    Ok(prover.filter(|_| wanted))
}

/// One search with all that it goes by.
struct Request<'a> {
    theory: &'a Theory,
    prepared: &'a Prepared,
    context: Option<Arc<Prover>>,
    way: Way,
    options: Options,
    proposer: Option<&'a Callable>,
}

impl Request<'_> {
    /// Searches with moves in context if they are requested, then with assertions as they stand.
    fn search(&self, target: &str) -> Result<Told, String> {
        let Request { theory, prepared, way, options, .. } = self;
        let mut before = None;
        if let Some(prover) = &self.context {
            let mut arena = prover.arena();
            let task = task_of(theory, target, &mut arena)?;
            let proposer = self.proposer.map(|p| p as &dyn Proposer);
            let (found, content) = prover.search_with(proposer, &task, &way.first(options), &mut arena);
            let found = prepared.shortened(&task, options, found, &mut arena);
            let failed = found.proposer.as_ref().is_some_and(|p| p.failed.is_some());
            if found.proof.is_some() || *way == Way::Content || failed {
                let told = Told { content, in_context: true, ..Told::of(theory, &task, found, &arena) };
                prover.give_back(arena);
                return Ok(told);
            }
            prover.give_back(arena);
            before = Some(found);
        }
        let mut arena = prepared.arena();
        let task = task_of(theory, target, &mut arena)?;
        let rest = before.as_ref().map_or_else(|| options.clone(), |b| way.rest(options, b));
        let mut result = prepared.search(&task, &rest, &mut arena);
        if let Some(b) = before {
            result.expansions += b.expansions;
            result.applications += b.applications;
            result.clusters += b.clusters;
            result.closed += b.closed;
            result.seconds += b.seconds;
            result.proposer = b.proposer;
        }
        let told = Told::of(theory, &task, result, &arena);
        prepared.give_back(arena);
        Ok(told)
    }
}

/// The kind of moves that a search makes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Moves in context.
    Content,
    /// Assertions as they stand.
    Unify,
    /// Moves in context for half of the budget, then assertions as they stand.
    Both,
}

impl Way {
    fn of(options: &PySearchOptions) -> Way {
        match &*options.moves {
            "content" => Way::Content,
            "unify" => Way::Unify,
            _ => Way::Both,
        }
    }
    /// Returns the options of the search in context, with its part of the budget.
    fn first(self, options: &Options) -> Options {
        if self != Way::Both {
            return options.clone();
        }
        Options {
            expansions: options.expansions.div_ceil(2),
            seconds: options.seconds.map(|s| s / 2.0),
            ..options.clone()
        }
    }
    /// Returns the options of the second search, with the rest of the budget.
    fn rest(self, options: &Options, used: &SearchResult) -> Options {
        Options {
            expansions: options.expansions.saturating_sub(used.expansions).max(1),
            seconds: options.seconds.map(|s| (s - used.seconds).max(0.0)),
            ..options.clone()
        }
    }
}

/// The result of a search, with its texts.
struct Told {
    result: SearchResult,
    proof: Option<String>,
    /// The number of steps of the proof.
    steps: Option<usize>,
    /// The task's name.
    task: String,
    /// The frontier as JSON.
    stands: Option<String>,
    /// The content program of a search in context.
    content: Option<ContentText>,
    in_context: bool,
}

impl Told {
    fn of(theory: &Theory, task: &Task, result: SearchResult, arena: &Arena) -> Told {
        Told {
            proof: result.proof.as_ref().map(|p| theory.proof_json(task, p, arena)),
            steps: result.proof.as_ref().map(Proof::len),
            task: task.name.clone(),
            stands: result.frontier.as_ref().map(|f| theory.frontier_json(task, f)),
            content: None,
            in_context: false,
            result,
        }
    }
}

/// Makes the dictionary of the result of a search.
pub fn outcome<'py>(
    py: Python<'py>,
    result: &SearchResult,
    proof: Option<String>,
    frontier: Option<String>,
) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    let solved = proof.is_some();
    out.set_item("solved", solved)?;
    out.set_item("proof", proof)?;
    out.set_item("expansions", result.expansions)?;
    out.set_item("applications", result.applications)?;
    out.set_item("clusters", result.clusters)?;
    out.set_item("replayed", result.replayed)?;
    out.set_item("skeletons", result.reuse.skeletons.clone())?;
    out.set_item("decisions", solved.then_some(result.decisions))?;
    let minimised = result.minimised.map(|m| {
        let out = PyDict::new(py);
        out.set_item("steps", m.steps)?;
        out.set_item("bytes", m.bytes)?;
        out.set_item("expansions", m.expansions)?;
        out.set_item("seconds", m.seconds)?;
        Ok::<_, PyErr>(out)
    });
    out.set_item("minimised", minimised.transpose()?)?;
    out.set_item("closed", result.closed)?;
    out.set_item("seconds", result.seconds)?;
    out.set_item("reason", result.reason.name())?;
    out.set_item("misfit", result.misfit.clone())?;
    let proposer = result.proposer.as_ref().map(|p| {
        let out = PyDict::new(py);
        out.set_item("calls", p.calls)?;
        out.set_item("moves", p.moves)?;
        out.set_item("seconds", p.seconds)?;
        Ok::<_, PyErr>(out)
    });
    out.set_item("proposer", proposer.transpose()?)?;
    out.set_item("frontier", frontier)?;
    out.set_item("graph", result.graph.as_ref().map(|g| g.to_string()))?;
    Ok(out)
}

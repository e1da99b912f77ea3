//! The functions that the Level-2 handlers call: abduction, forward closure, retrieval. Targets are labels or
//! statements in JSON; terms are returned in prefix form.

use crate::database::theory::PyTheory;
use crate::errors::{guarded, message};
use crate::ranking::ranker::{task_of, PyRanker};
use crate::searching::search_options::PySearchOptions;
use metadream_core::dsl::formulas::terms::{print, read, LITERAL_LIMIT};
use metadream_core::dsl::formulas::unify::{apply, metas};
use metadream_core::dsl::theory::library::{PremiseId, Task, Theory};
use metadream_core::dsl::theory::task_view::TaskView;
use metadream_core::metamath_db::ids::TermId;
use metadream_core::metamath_db::terms::term::Arena;
use metadream_core::wake_sleep::search::Prepared;
use pyo3::prelude::*;
use pyo3::types::PyDict;

fn literal(theory: &Theory, task: &Task, arena: &Arena, t: TermId) -> String {
    print(arena, &TaskView::new(theory, task.clone()), t, LITERAL_LIMIT).unwrap_or_default()
}

/// Does `work` on a target with an arena of the prepared search.
fn within<T: Send>(
    py: Python<'_>,
    theory: &PyTheory,
    ranker: &PyRanker,
    target: &str,
    work: impl FnOnce(&Prepared, &Task, &mut Arena) -> Result<T, String> + Send,
) -> PyResult<T> {
    let prepared = ranker.prepared(&theory.get())?;
    let done = guarded(py, || {
        let mut arena = prepared.arena();
        let out = task_of(&prepared.theory, target, &mut arena).and_then(|task| work(&prepared, &task, &mut arena));
        prepared.give_back(arena);
        out
    })?;
    done.map_err(|e| message(py, e))
}

/// Returns a formula (typecode first) in prefix form.
#[pyfunction]
pub fn prefix_of(py: Python<'_>, theory: &PyTheory, ranker: &PyRanker, formula: &str) -> PyResult<String> {
    on_the_whole(py, theory, ranker, |theory, task, arena| {
        let t = theory.parse_formula(formula, arena)?;
        Ok(literal(theory, task, arena, t))
    })
}

/// Returns a term in prefix form as the database writes it, without typecode.
#[pyfunction]
pub fn formula_of(py: Python<'_>, theory: &PyTheory, ranker: &PyRanker, prefix: &str) -> PyResult<String> {
    on_the_whole(py, theory, ranker, |theory, task, arena| {
        let t = read(prefix, &TaskView::new(theory, task.clone()), arena, &|_| false)?;
        Ok(theory.db.show(arena, t))
    })
}

/// Returns a term in prefix form as the database writes it, with its typecode.
#[pyfunction]
pub fn statement_of(py: Python<'_>, theory: &PyTheory, ranker: &PyRanker, prefix: &str) -> PyResult<String> {
    on_the_whole(py, theory, ranker, |theory, task, arena| {
        let t = read(prefix, &TaskView::new(theory, task.clone()), arena, &|_| false)?;
        Ok(theory.db.show_statement(arena, t))
    })
}

/// Does `work` on the whole database with an arena of the prepared search.
fn on_the_whole<T: Send>(
    py: Python<'_>,
    theory: &PyTheory,
    ranker: &PyRanker,
    work: impl FnOnce(&Theory, &Task, &mut Arena) -> Result<T, String> + Send,
) -> PyResult<T> {
    let prepared = ranker.prepared(&theory.get())?;
    let done = guarded(py, || {
        let mut arena = prepared.arena();
        let out = work(&prepared.theory, &prepared.theory.whole_task(), &mut arena);
        prepared.give_back(arena);
        out
    })?;
    done.map_err(|e| message(py, e))
}

type Nodes = Vec<(String, Vec<u32>, Vec<(u32, String)>)>;

/// Searches for sets of at most `limit` hypotheses that would close a target. Keys: `sets`, the best first, each with
/// `missing` (prefix form), `formulas` and `steps` of the derivation, in which missing hypothesis k has the label
/// `missing.k`; `reason` and `expansions` of the search.
#[pyfunction]
pub fn abduce<'py>(
    py: Python<'py>,
    theory: &PyTheory,
    ranker: &PyRanker,
    target: &str,
    limit: usize,
    options: &PySearchOptions,
) -> PyResult<Bound<'py, PyDict>> {
    let options = options.options();
    let (sets, reason, spent) = within(py, theory, ranker, target, |prepared, task, arena| {
        let (found, reason, spent) = prepared.abduce(task, limit, &options, arena);
        let theory = &*prepared.theory;
        let mut sets: Vec<(Vec<String>, Vec<String>, Nodes)> = Vec::new();
        for a in found {
            let mut wider = task.clone();
            wider.hyps.extend(&a.missing);
            wider.hyp_labels.extend((0..a.missing.len()).map(|k| format!("missing.{k}")));
            let nodes = theory.task_nodes(&wider, &a.proof, arena)?;
            let nodes = nodes.into_iter().map(|n| (n.label, n.premises, n.values)).collect();
            let missing = a.missing.iter().map(|&t| literal(theory, task, arena, t)).collect();
            let formulas = a.missing.iter().map(|&t| theory.db.show(arena, t)).collect();
            sets.push((missing, formulas, nodes));
        }
        Ok((sets, reason, spent))
    })?;
    let out = PyDict::new(py);
    let mut list = Vec::new();
    for (missing, formulas, steps) in sets {
        let set = PyDict::new(py);
        set.set_item("missing", missing)?;
        set.set_item("formulas", formulas)?;
        set.set_item("steps", steps)?;
        list.push(set);
    }
    out.set_item("sets", list)?;
    out.set_item("reason", reason.name())?;
    out.set_item("expansions", spent)?;
    Ok(out)
}

/// Derives formulas from facts (typecode first), for the hypotheses and `$d` conditions of a target. Returns the
/// derived formulas as (prefix form, formula, label, premises), and the number of matches made. Premise numbers below
/// the number of facts are the facts, the others are derived formulas.
#[pyfunction]
#[allow(clippy::type_complexity)]
pub fn deduce(
    py: Python<'_>,
    theory: &PyTheory,
    ranker: &PyRanker,
    target: &str,
    facts: Vec<String>,
    limit: usize,
    applications: u64,
) -> PyResult<(Vec<(String, String, String, Vec<u32>)>, u64)> {
    within(py, theory, ranker, target, |prepared, task, arena| {
        let theory = &*prepared.theory;
        let facts = facts.iter().map(|f| theory.parse_formula(f, arena)).collect::<Result<Vec<_>, _>>()?;
        let (found, spent) = prepared.deduce(task, &facts, limit, applications, arena);
        let shown = found.into_iter().map(|d| {
            let text = (literal(theory, task, arena, d.formula), theory.db.show(arena, d.formula));
            (text.0, text.1, theory.label(d.premise).to_owned(), d.children)
        });
        Ok((shown.collect(), spent))
    })
}

/// Returns the assertions that may fill a label hole (docs/isa.md, CALL), the cheapest first: (label, cost in 1/4096
/// nat). They have `arity` hypotheses, and their conclusion unifies with a goal in prefix form, which may have
/// metavariables. `target` gives hypotheses, `$d` conditions and the premises before it; `None` for the whole
/// database. With `scan` the index is not used.
#[pyfunction]
#[pyo3(signature = (theory, ranker, target, goal, arity, limit, scan=false))]
#[allow(clippy::too_many_arguments)]
pub fn fillings(
    py: Python<'_>,
    theory: &PyTheory,
    ranker: &PyRanker,
    target: Option<&str>,
    goal: &str,
    arity: usize,
    limit: usize,
    scan: bool,
) -> PyResult<Vec<(String, i32)>> {
    let prepared = ranker.prepared(&theory.get())?;
    let done = guarded(py, || -> Result<_, String> {
        let mut arena = prepared.arena();
        let theory = &*prepared.theory;
        let work = |arena: &mut Arena| -> Result<_, String> {
            let task = target.map_or_else(|| Ok(theory.whole_task()), |t| task_of(theory, t, arena))?;
            let goal = read(goal, &TaskView::new(theory, task.clone()), arena, &|_| true)?;
            let numbers: Vec<u32> = metas(arena, goal);
            let few: Vec<(u32, TermId)> = numbers.iter().zip(0..).map(|(&m, k)| (m, arena.meta(k))).collect();
            let goal = apply(arena, goal, &few);
            let found = prepared.premises_unifying(&task, goal, scan, arena);
            let hypotheses = |p: u32| theory.premise(PremiseId(p)).map(|x| x.hyps.len());
            let fits = found.into_iter().filter(|&(_, p)| hypotheses(p) == Some(arity));
            Ok(fits.take(limit).map(|(cost, p)| (theory.label(PremiseId(p)).to_owned(), cost)).collect())
        };
        let out = work(&mut arena);
        prepared.give_back(arena);
        out
    })?;
    done.map_err(|e| message(py, e))
}

/// Returns ranked assertions for a target: (label, score, conclusion in prefix form). `kind` is `premise` (the score
/// is a cost in 1/4096 nat) or `neighbour` (a cosine in 1/4096). With `scan` the index is not used.
#[pyfunction]
#[pyo3(signature = (theory, ranker, target, kind, limit, scan=false))]
pub fn retrieve(
    py: Python<'_>,
    theory: &PyTheory,
    ranker: &PyRanker,
    target: &str,
    kind: &str,
    limit: usize,
    scan: bool,
) -> PyResult<Vec<(String, i32, String)>> {
    within(py, theory, ranker, target, |prepared, task, arena| {
        let found = match kind {
            "premise" => prepared.premises_for(task, scan, arena),
            "neighbour" => prepared.neighbours_of(task, scan, arena),
            _ => return Err(format!("no retrieval `{kind}`; expected premise or neighbour")),
        };
        let theory = &*prepared.theory;
        let mut out = Vec::new();
        for (score, p) in found.into_iter().take(limit) {
            let Some(premise) = theory.premise(PremiseId(p)) else { continue };
            let values: Vec<TermId> = premise.variables.iter().map(|&v| arena.variable(v)).collect();
            let conclusion = arena.instantiate(premise.conclusion, &values);
            out.push((theory.label(PremiseId(p)).to_owned(), score, literal(theory, task, arena, conclusion)));
        }
        Ok(out)
    })
}

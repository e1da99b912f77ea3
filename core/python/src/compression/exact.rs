//! Exact search for abstractions of lambda programs.

use crate::database::theory::PyTheory;
use crate::errors::{guarded, message};
use metadream_core::compression::exact::expr::{Costs, Exprs, Id, Symbol};
use metadream_core::compression::exact::learn::{self, Options};
use metadream_core::compression::exact::rewrite::Abstraction;
use metadream_core::compression::exact::search::Query;
use metadream_core::compression::exact::trees;
use pyo3::prelude::*;
use pyo3::types::PyDict;

fn read(programs: &[String]) -> Result<(Exprs, Vec<Id>), String> {
    let mut exprs = Exprs::new(Costs::default());
    let mut roots = Vec::with_capacity(programs.len());
    for (i, text) in programs.iter().enumerate() {
        roots.push(exprs.parse(text, false).map_err(|e| format!("program {}: {e}", i + 1))?);
    }
    Ok((exprs, roots))
}

/// Makes the query of the search. `proofs`: the programs are trees of labels, in which functions stay with their
/// arguments and only opaque symbols may be one argument at two places. `single_task`: patterns that occur in one
/// program only count too.
fn query(exprs: &Exprs, arity: usize, threads: usize, proofs: bool, single_task: bool) -> Query {
    let base = Query { arity, threads, single_task, ..Query::default() };
    if !proofs {
        return base;
    }
    let opaque = (0..exprs.symbol_count()).map(|s| exprs.name(s as Symbol).starts_with(trees::OPAQUE)).collect();
    Query { curried: false, opaque, reuse_opaque_only: true, ..base }
}

/// The number of replacements that are tried for an abstraction in each pass over the library.
const TRIED: usize = 4;
/// The number of libraries of each length that are continued.
const WIDTH: usize = 4;
/// A replacement must save more than one part in this many of the cost of corpus and bodies.
const LEAST_PART: i64 = 100;

/// Learns abstractions of lambda programs by exact search. `arity` bounds their arguments. `count` bounds their
/// number; with `None` there are as many as save more than their bodies cost, of any arity. `proofs`: the programs are
/// trees of labels, as `label_trees` makes them. `single_task`: abstractions that occur in one program only count too.
///
/// Keys of the result: `abstractions` (name, arity, body), `rewritten` (the programs with them), `cost_before` and
/// `cost_after` (of the programs), `bodies` (the cost of the bodies), `expanded` (the number of partial patterns
/// visited), `complete` (whether no search was cut off).
#[pyfunction]
#[pyo3(signature = (programs, arity=3, count=Some(10), rounds=2, threads=1, proofs=false, single_task=true))]
#[allow(clippy::too_many_arguments)] // keywords in Python
pub fn learn_abstractions(
    py: Python<'_>,
    programs: Vec<String>,
    arity: usize,
    count: Option<usize>,
    rounds: usize,
    threads: usize,
    proofs: bool,
    single_task: bool,
) -> PyResult<Bound<'_, PyDict>> {
    let work = || -> Result<_, String> {
        let (exprs, roots) = read(&programs)?;
        let query = query(&exprs, arity, threads, proofs, single_task);
        let library = match count {
            None => learn::learn_all(&exprs, &roots, &query),
            Some(count) => {
                let query = query.clone();
                let options = Options { count, query, rounds, tried: TRIED, width: WIDTH, least_part: LEAST_PART };
                learn::learn(&exprs, &roots, &options)
            }
        }
        .map_err(|e| e.to_string())?;
        let forms = learn::apply(&exprs, &roots, &library.abstractions, &query).map_err(|e| e.to_string())?;
        let (out, roots) = forms.rewritten();
        let rewritten: Vec<String> = roots.iter().map(|&r| out.show(r)).collect();
        Ok((library, rewritten))
    };
    let (library, rewritten) = guarded(py, work)?.map_err(|e| message(py, e))?;
    let out = PyDict::new(py);
    let rows: Vec<_> = library.abstractions.into_iter().map(|a| (a.name, a.arity, a.body)).collect();
    out.set_item("abstractions", rows)?;
    out.set_item("rewritten", rewritten)?;
    out.set_item("cost_before", library.costs.0)?;
    out.set_item("cost_after", library.costs.1)?;
    out.set_item("bodies", library.bodies)?;
    out.set_item("expanded", library.effort.expanded)?;
    out.set_item("complete", library.effort.complete)?;
    Ok(out)
}

/// Rewrites lambda programs with abstractions (name, arity, body), each of which may name earlier ones only. Keys of
/// the result: `rewritten`, `cost_before`, `cost_after`. `proofs`: the programs are trees of labels.
#[pyfunction]
#[pyo3(signature = (programs, abstractions, proofs=false))]
pub fn rewrite_programs(
    py: Python<'_>,
    programs: Vec<String>,
    abstractions: Vec<(String, usize, String)>,
    proofs: bool,
) -> PyResult<Bound<'_, PyDict>> {
    let work = || -> Result<_, String> {
        let (exprs, roots) = read(&programs)?;
        let library: Vec<Abstraction> =
            abstractions.into_iter().map(|(name, arity, body)| Abstraction { name, arity, body }).collect();
        let before: i64 = roots.iter().map(|&r| exprs.cost(r)).sum();
        for Abstraction { name, arity, body } in &library {
            let mut scratch = exprs.fresh();
            let parsed = scratch.parse(body, true).and_then(|e| scratch.check_parameters(e, *arity));
            parsed.map_err(|e| format!("abstraction {name}: {e}"))?;
        }
        let query = query(&exprs, 0, 1, proofs, true);
        let forms = learn::apply(&exprs, &roots, &library, &query).map_err(|e| e.to_string())?;
        let (out, roots) = forms.rewritten();
        Ok((before, forms.cost(), roots.iter().map(|&r| out.show(r)).collect::<Vec<String>>()))
    };
    let (before, after, rewritten) = guarded(py, work)?.map_err(|e| message(py, e))?;
    let out = PyDict::new(py);
    out.set_item("rewritten", rewritten)?;
    out.set_item("cost_before", before)?;
    out.set_item("cost_after", after)?;
    Ok(out)
}

/// Returns the human proofs of a theory as programs: for each proof, a list of trees of labels.
#[pyfunction]
pub fn label_trees(py: Python<'_>, theory: &PyTheory) -> PyResult<Vec<Vec<String>>> {
    let theory = theory.get();
    guarded(py, || trees::label_trees(&theory))
}

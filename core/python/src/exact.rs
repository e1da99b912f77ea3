//! Exact search for abstractions of lambda programs.

use crate::errors::{guarded, message};
use metadream_core::compression::exact::expr::{Costs, Exprs, Id};
use metadream_core::compression::exact::learn::{self, Options};
use metadream_core::compression::exact::rewrite::Abstraction;
use metadream_core::compression::exact::search::Query;
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

/// Learns abstractions of lambda programs. `abstractions`: (name, arity, body); `rewritten`: the programs with them;
/// `cost_before`, `cost_after`: of the programs; `bodies`: cost of the bodies; `expanded`: partial patterns visited;
/// `complete`: whether no search was cut off.
#[pyfunction]
#[pyo3(signature = (programs, arity=3, count=10, rounds=0, threads=1))]
pub fn learn_abstractions(
    py: Python<'_>,
    programs: Vec<String>,
    arity: usize,
    count: usize,
    rounds: usize,
    threads: usize,
) -> PyResult<Bound<'_, PyDict>> {
    let work = || -> Result<_, String> {
        let (exprs, roots) = read(&programs)?;
        let options = Options { count, query: Query { arity, threads, ..Query::default() }, rounds };
        let library = learn::learn(&exprs, &roots, &options).map_err(|e| e.to_string())?;
        let forms = learn::apply(&exprs, &roots, &library.abstractions).map_err(|e| e.to_string())?;
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

/// Writes lambda programs with abstractions (name, arity, body), each of which names earlier ones only: `rewritten`,
/// `cost_before`, `cost_after`.
#[pyfunction]
pub fn rewrite_programs(
    py: Python<'_>,
    programs: Vec<String>,
    abstractions: Vec<(String, usize, String)>,
) -> PyResult<Bound<'_, PyDict>> {
    let work = || -> Result<_, String> {
        let (exprs, roots) = read(&programs)?;
        let library: Vec<Abstraction> =
            abstractions.into_iter().map(|(name, arity, body)| Abstraction { name, arity, body }).collect();
        let before: i64 = roots.iter().map(|&r| exprs.cost(r)).sum();
        let forms = learn::apply(&exprs, &roots, &library).map_err(|e| e.to_string())?;
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

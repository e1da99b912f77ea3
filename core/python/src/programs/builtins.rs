//! SATCHECK as a function, for programs that filter candidates without a machine.

use crate::errors;
use metadream_core::dsl::level1::{satcheck_limits, satisfiability, Atom, Formula, Verdict};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

type Answer = (Option<bool>, Vec<bool>, Vec<String>, Vec<String>);

/// Decides a formula as SATCHECK does: verdict (`None`: unknown), values of the variables, values of the unknowns as
/// fractions, lines of the refutation. Raises `InputError` for an ill-formed formula, and `RuntimeError` if the
/// checker refuses the answer.
#[pyfunction]
#[pyo3(signature = (variables, clauses, atoms = Vec::new(), unknowns = 0, integer = false))]
pub fn satcheck(
    py: Python<'_>,
    variables: usize,
    clauses: Vec<Vec<i32>>,
    atoms: Vec<(Vec<i64>, i64)>,
    unknowns: usize,
    integer: bool,
) -> PyResult<Answer> {
    let atoms = atoms.into_iter().map(|(coefficients, bound)| Atom { coefficients, bound }).collect();
    let formula = Formula { variables, clauses, atoms, unknowns, integer };
    satcheck_limits(&formula).map_err(|claim| errors::message(py, claim))?;
    let verdict = errors::guarded(py, || satisfiability(&formula))?;
    match verdict.map_err(|why| PyRuntimeError::new_err(format!("a checker refused: {}", why.0)))? {
        Verdict::Sat(values, x) => Ok((Some(true), values, x.iter().map(ToString::to_string).collect(), Vec::new())),
        Verdict::Unsat(lines) => {
            Ok((Some(false), Vec::new(), Vec::new(), lines.iter().map(ToString::to_string).collect()))
        }
        Verdict::Unknown | Verdict::TooLarge => Ok((None, Vec::new(), Vec::new(), Vec::new())),
    }
}

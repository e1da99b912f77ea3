//! Level 1 of the instruction set: DEDUP, TOPOSORT, BFS, DFS, DIJKSTRA, GAUSSJ, GAUSSELIM, SATCHECK (docs/isa.md).
//!
//! Solvers and checkers stand apart: [`graph`], [`gauss`] and [`sat`] compute, [`check`] looks at problem and answer
//! alone. The two share the types of this file and nothing else, so a mistake in a solver is a fault and not a
//! result. The price is that every answer is paid twice: linear for graphs, two matrix products for the
//! eliminations, unit propagation once for each line of a refutation. No external solver stands here: a search loop
//! calls these opcodes, Rust needs no interpreter for them, and a foreign solver's proofs have no stable format.

pub mod check;
pub mod gauss;
pub mod graph;
pub mod sat;
#[cfg(test)]
mod tests;

use num_bigint::BigInt;
use num_rational::BigRational;
use std::fmt;

/// Cells that one graph opcode or DEDUP takes.
pub const CELLS_LIMIT: usize = 1 << 20;
/// Links that one graph opcode takes.
pub const LINKS_LIMIT: usize = 1 << 22;
/// Rows, and columns, of a matrix of GAUSSJ and GAUSSELIM.
pub const MATRIX_LIMIT: usize = 128;
/// Variables of one SATCHECK.
pub const VARIABLES_LIMIT: usize = 1 << 14;
/// Atoms of one SATCHECK.
pub const ATOMS_LIMIT: usize = 1 << 8;
/// Unknowns of the atoms of one SATCHECK.
pub const UNKNOWNS_LIMIT: usize = 1 << 6;

/// Most work of one GAUSSJ, GAUSSELIM or SATCHECK, and most of checking a refutation: about a nanosecond each, counted
/// from the sizes of the numbers and clauses at hand.
pub const WORK_LIMIT: u64 = 1 << 31;
/// Most literals in the clauses that one SATCHECK learns.
pub const LEARNT_LIMIT: usize = 1 << 25;

/// A directed graph with numbered nodes, and what it costs to enter each node.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Graph {
    /// The successors of each node, increasing.
    pub successors: Vec<Vec<u32>>,
    /// The cost of entering each node.
    pub cost: Vec<u64>,
}

/// An answer of BFS or DIJKSTRA.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Paths {
    /// The nodes reached, nearest first.
    pub order: Vec<u32>,
    /// The distance of each node; none if it is not reached.
    pub distance: Vec<Option<u64>>,
    /// The node before it on a shortest path; itself for the source and for nodes that are not reached.
    pub predecessor: Vec<u32>,
}

/// An answer of DFS.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Visit {
    /// The nodes reached, in order of discovery.
    pub order: Vec<u32>,
    /// Discovery and finish numbers, counted together from 0; none if the node is not reached.
    pub interval: Vec<Option<(u32, u32)>>,
}

/// An answer of GAUSSJ or GAUSSELIM with its certificate.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Echelon {
    /// The rows, each of coprime integers whose first is positive; rows of zeros last.
    pub rows: Vec<Vec<BigInt>>,
    /// Number of rows that are not zero.
    pub rank: usize,
    /// Factors of the original's rows: to × original = scale × rows, row by row.
    pub to: Vec<Vec<BigInt>>,
    /// One number for each row, not 0.
    pub scale: Vec<BigInt>,
    /// Vectors that the original annuls, one for each column without pivot, in order: not 0 there, 0 in the other
    /// such columns.
    pub kernel: Vec<Vec<BigInt>>,
}

/// A linear atom: coefficients · x ≤ bound.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Atom {
    /// One for each unknown.
    pub coefficients: Vec<i64>,
    /// The right side.
    pub bound: i64,
}

/// A problem of SATCHECK. Literals are variable numbers from 1, negative for the complement.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Formula {
    /// Number of variables.
    pub variables: usize,
    /// The clauses.
    pub clauses: Vec<Vec<i32>>,
    /// Variable `i + 1` says whether atom `i` holds.
    pub atoms: Vec<Atom>,
    /// Number of unknowns of the atoms.
    pub unknowns: usize,
    /// Whether the unknowns are integers.
    pub integer: bool,
}

/// One line of a refutation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Line {
    /// The next variable says whether this unknown (from 0) is at most this integer. Integer problems only.
    Split(usize, i64),
    /// A clause of linear arithmetic: the complements of its literals, times these factors, add up to 0 < 0 or
    /// 0 ≤ −c.
    Farkas(Vec<(i32, BigRational)>),
    /// A clause that unit propagation shows; the last one is empty.
    Rup(Vec<i32>),
}

/// An answer of SATCHECK with its certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Values of the variables and of the unknowns.
    Sat(Vec<bool>, Vec<BigRational>),
    /// A refutation.
    Unsat(Vec<Line>),
    /// A stated limit was reached.
    Unknown,
    /// [`WORK_LIMIT`] or [`LEARNT_LIMIT`] was reached.
    TooLarge,
}

/// SATCHECK: an answer that the checker has accepted.
///
/// # Errors
/// The claim that the checker refused.
///
/// ```
/// use metadream_core::dsl::level1::{satisfiability, Formula, Verdict};
///
/// let mut f = Formula { variables: 2, clauses: vec![vec![1, 2], vec![-1]], ..Formula::default() };
/// assert_eq!(satisfiability(&f).unwrap(), Verdict::Sat(vec![false, true], vec![]));
/// f.clauses.push(vec![-2]);
/// assert!(matches!(satisfiability(&f).unwrap(), Verdict::Unsat(_)));
/// ```
pub fn satisfiability(f: &Formula) -> Result<Verdict, check::Refused> {
    let verdict = sat::solve(f);
    match &verdict {
        Verdict::Sat(variables, unknowns) => check::model(f, variables, unknowns)?,
        Verdict::Unsat(lines) => match check::refutation(f, lines) {
            Err(check::TOO_LONG) => return Ok(Verdict::TooLarge),
            checked => checked?,
        },
        Verdict::Unknown | Verdict::TooLarge => {}
    }
    Ok(verdict)
}

/// Whether a formula is well formed and within the limits.
///
/// # Errors
/// The limit or rule that it breaks.
pub fn satcheck_limits(f: &Formula) -> Result<(), String> {
    let within = |what: &str, number: usize, most: usize| match number <= most {
        true => Ok(()),
        false => Err(format!("at most {most} {what}, found {number}")),
    };
    within("variables", f.variables, VARIABLES_LIMIT)?;
    within("atoms", f.atoms.len(), ATOMS_LIMIT.min(f.variables))?;
    within("unknowns", f.unknowns, UNKNOWNS_LIMIT)?;
    let good = |l: &i32| *l != 0 && l.unsigned_abs() as usize <= f.variables;
    if !f.clauses.iter().flatten().all(good) {
        return Err("literals are variable numbers, positive or negative".into());
    }
    match f.atoms.iter().all(|a| a.coefficients.len() == f.unknowns) {
        true => Ok(()),
        false => Err("an atom has a coefficient for each unknown".into()),
    }
}

impl fmt::Display for Line {
    /// `split unknown bound`, `farkas literal*factor …`, `rup literal …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Line::Split(unknown, bound) => write!(f, "split {unknown} {bound}"),
            Line::Farkas(clause) => {
                write!(f, "farkas")?;
                clause.iter().try_for_each(|(l, factor)| write!(f, " {l}*{factor}"))
            }
            Line::Rup(clause) => {
                write!(f, "rup")?;
                clause.iter().try_for_each(|l| write!(f, " {l}"))
            }
        }
    }
}

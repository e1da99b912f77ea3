//! The solver of SATCHECK: clause learning over the variables, exact simplex over the atoms, splits over the
//! integers; each step writes the line of the refutation that it stands for.
//!
//! The search goes twice. First decisions take the variable that took part in the latest conflicts, which finds
//! refutations soonest. If there is a model, a second search keeps what was learnt and decides the variables in order,
//! false first: so its model is the lexicographically least one (false < true), whatever is known by then, and the
//! answer is unique.
//! Sources: clause learning at the first unique implication point (Marques-Silva and Sakallah, GRASP, 1996); simplex
//! for DPLL(T) (Dutertre and de Moura, CAV 2006); infinitesimals for strict bounds (the same, section 5).

mod clauses;
mod simplex;

use super::{Formula, Line, Verdict, LEARNT_LIMIT, WORK_LIMIT};
use clauses::{Clauses, Conflict};
use simplex::{Bound, Simplex};

/// Conflicts after which the answer is unknown.
pub const CONFLICT_LIMIT: usize = 1 << 15;
/// Splits after which the answer is unknown.
pub const SPLIT_LIMIT: usize = 1 << 10;
/// Pivots of the simplex after which the answer is unknown.
pub const PIVOT_LIMIT: usize = 1 << 14;

struct Solver<'f> {
    formula: &'f Formula,
    clauses: Clauses,
    simplex: Simplex,
    /// The atom (its number in the simplex) of each variable.
    atom: Vec<Option<usize>>,
    lines: Vec<Line>,
    splits: usize,
}

/// A model, a refutation, or unknown when [`CONFLICT_LIMIT`], [`SPLIT_LIMIT`] or [`PIVOT_LIMIT`] is reached.
pub fn solve(f: &Formula) -> Verdict {
    let mut s = Solver {
        formula: f,
        clauses: Clauses::new(f.variables),
        simplex: Simplex::new(f.unknowns, f.integer, PIVOT_LIMIT),
        atom: (0..f.variables).map(|v| (v < f.atoms.len()).then_some(v)).collect(),
        lines: Vec::new(),
        splits: 0,
    };
    for a in &f.atoms {
        s.simplex.add(&a.coefficients, a.bound);
    }
    for c in &f.clauses {
        if !s.clauses.add_input(c) {
            return s.refuted();
        }
    }
    s.run()
}

impl Solver<'_> {
    fn refuted(mut self) -> Verdict {
        self.lines.push(Line::Rup(Vec::new()));
        Verdict::Unsat(self.lines)
    }
    fn run(mut self) -> Verdict {
        let mut conflicts = 0;
        let mut checked = usize::MAX;
        let given = self.clauses.learnt;
        loop {
            let literals = self.clauses.learnt - given;
            if self.clauses.work + self.simplex.work > WORK_LIMIT || literals > LEARNT_LIMIT {
                return Verdict::TooLarge;
            }
            let mut conflict = self.clauses.propagate();
            if conflict.is_none() && self.asserted().count() != checked {
                conflict = self.theory();
                checked = self.asserted().count();
                if self.simplex.stopped() {
                    let spent = self.simplex.work > WORK_LIMIT;
                    return if spent { Verdict::TooLarge } else { Verdict::Unknown };
                }
            }
            if let Some(conflict) = conflict {
                conflicts += 1;
                checked = usize::MAX;
                match self.clauses.learn(conflict) {
                    _ if conflicts > CONFLICT_LIMIT => return Verdict::Unknown,
                    None => return self.refuted(),
                    Some(learnt) => self.lines.push(Line::Rup(learnt)),
                }
            } else if !self.clauses.decide() {
                match self.simplex.fraction() {
                    Some((unknown, floor)) if self.formula.integer => {
                        self.splits += 1;
                        let Some(floor) = floor.filter(|_| self.splits <= SPLIT_LIMIT) else {
                            return Verdict::Unknown;
                        };
                        self.split(unknown, floor);
                        checked = usize::MAX;
                    }
                    _ if !self.clauses.in_order => {
                        self.clauses.in_order = true;
                        self.clauses.restart();
                        checked = usize::MAX;
                    }
                    _ => {
                        let mut values = self.clauses.values();
                        values.truncate(self.formula.variables);
                        return Verdict::Sat(values, self.simplex.values());
                    }
                }
            }
        }
    }
    /// The atoms that the assignment speaks of, with their literals.
    fn asserted(&self) -> impl Iterator<Item = Bound> + '_ {
        let of = |(v, atom): (usize, &Option<usize>)| {
            let holds = self.clauses.value(v)?;
            Some(Bound { atom: (*atom)?, holds, literal: if holds { v as i32 + 1 } else { -(v as i32 + 1) } })
        };
        self.atom.iter().enumerate().filter_map(of)
    }
    fn theory(&mut self) -> Option<Conflict> {
        let asserted: Vec<Bound> = self.asserted().collect();
        let factors = self.simplex.check(&asserted).err()?;
        let lemma: Vec<i32> = factors.iter().map(|(l, _)| -l).collect();
        self.lines.push(Line::Farkas(factors.into_iter().map(|(l, factor)| (-l, factor)).collect()));
        Some(self.clauses.add_lemma(&lemma))
    }
    fn split(&mut self, unknown: usize, floor: i64) {
        let mut coefficients = vec![0; self.formula.unknowns];
        coefficients[unknown] = 1;
        self.atom.push(Some(self.simplex.add(&coefficients, floor)));
        self.clauses.grow();
        self.lines.push(Line::Split(unknown, floor));
    }
}

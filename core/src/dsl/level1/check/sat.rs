//! The checker of SATCHECK: evaluates a model, or walks through a refutation line by line. A refutation's lines are
//! clauses that follow from the formula: by unit propagation (RUP: Goldberg and Novikov, DATE 2003) or by Farkas'
//! lemma; over the integers an atom and its complement are first tightened (coefficients divided by their common
//! divisor, bound rounded down).

use super::{hold, Refused, TOO_LONG};
use crate::dsl::level1::{Atom, Formula, Line, WORK_LIMIT};
use crate::util::work::Work;
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

/// Whether values of variables and unknowns satisfy the formula.
pub fn model(f: &Formula, variables: &[bool], unknowns: &[BigRational]) -> Result<(), Refused> {
    hold(variables.len() == f.variables && unknowns.len() == f.unknowns, "the model has a value for each variable")?;
    let holds = |&l: &i32| variables.get(l.unsigned_abs() as usize - 1) == Some(&(l > 0));
    hold(f.clauses.iter().all(|c| c.iter().any(holds)), "each clause has a true literal")?;
    hold(!f.integer || unknowns.iter().all(BigRational::is_integer), "the unknowns are integers")?;
    for (atom, &claimed) in f.atoms.iter().zip(variables) {
        let terms = atom.coefficients.iter().zip(unknowns);
        let left: BigRational = terms.map(|(&c, x)| x * BigInt::from(c)).fold(BigRational::zero(), |s, v| s + v);
        let truth = left <= BigRational::from_integer(atom.bound.into());
        hold(truth == claimed, "each atom holds as its variable says")?;
    }
    Ok(())
}

/// Whether the lines refute the formula.
pub fn refutation(f: &Formula, lines: &[Line]) -> Result<(), Refused> {
    let mut p = Propagation::new(f.variables);
    f.clauses.iter().for_each(|c| p.add(c));
    let mut atoms: Vec<Option<Atom>> = (0..f.variables).map(|i| f.atoms.get(i).cloned()).collect();
    for line in lines {
        match line {
            Line::Split(unknown, bound) => {
                hold(f.integer && *unknown < f.unknowns, "a split is over an integer unknown")?;
                let mut coefficients = vec![0; f.unknowns];
                coefficients[*unknown] = 1;
                atoms.push(Some(Atom { coefficients, bound: *bound }));
                p.grow();
            }
            Line::Farkas(clause) => {
                farkas(f, &atoms, clause)?;
                let literals: Vec<i32> = clause.iter().map(|l| l.0).collect();
                p.add(&literals);
            }
            Line::Rup(clause) => {
                let known = |l: &i32| *l != 0 && l.unsigned_abs() as usize <= atoms.len();
                hold(clause.iter().all(known), "a line names variables of the formula")?;
                let shown = p.refutes(clause);
                if p.work.is_spent() {
                    return Err(TOO_LONG);
                }
                hold(shown, "unit propagation shows the clause")?;
                if clause.is_empty() {
                    return Ok(());
                }
                p.add(clause);
            }
        }
    }
    Err(Refused("the refutation ends in the empty clause"))
}

/// The complements of the literals, times the factors, add up to a contradiction.
fn farkas(f: &Formula, atoms: &[Option<Atom>], clause: &[(i32, BigRational)]) -> Result<(), Refused> {
    let mut left = vec![BigRational::zero(); f.unknowns];
    let (mut right, mut strict) = (BigRational::zero(), false);
    for (literal, factor) in clause {
        let atom = literal.unsigned_abs().checked_sub(1).and_then(|i| atoms.get(i as usize)?.as_ref());
        let atom = atom.ok_or(Refused("a literal of a Farkas line is an atom"))?;
        hold(factor.is_positive(), "the factors are positive")?;
        let (coefficients, bound) = tightened(atom, f.integer);
        // the complement of the literal: the atom itself, or (turned round) its negation
        let sign = if *literal < 0 { BigInt::one() } else { -BigInt::one() };
        for (sum, c) in left.iter_mut().zip(&coefficients) {
            *sum += factor * (c * &sign);
        }
        let negated = *literal > 0;
        right += factor * (if negated && f.integer { -bound - 1 } else { bound * &sign });
        strict |= negated && !f.integer;
    }
    hold(left.iter().all(BigRational::is_zero), "the factors cancel every unknown")?;
    hold(right.is_negative() || strict && right.is_zero(), "the factors add up to a contradiction")
}

fn tightened(atom: &Atom, integer: bool) -> (Vec<BigInt>, BigInt) {
    let coefficients: Vec<BigInt> = atom.coefficients.iter().map(|&c| c.into()).collect();
    let common = coefficients.iter().fold(BigInt::zero(), |g, c| g.gcd(c));
    match integer && !common.is_zero() {
        true => (coefficients.iter().map(|c| c / &common).collect(), BigInt::from(atom.bound).div_floor(&common)),
        false => (coefficients, atom.bound.into()),
    }
}

/// Clauses with two watched literals each.
struct Propagation {
    clauses: Vec<Vec<i32>>,
    units: Vec<i32>,
    contradictory: bool,
    /// For each literal, the clauses that watch it.
    watched: Vec<Vec<usize>>,
    /// 1 true, −1 false, 0 open, by variable.
    value: Vec<i8>,
    work: Work,
}

impl Propagation {
    fn new(variables: usize) -> Propagation {
        Propagation {
            clauses: Vec::new(),
            units: Vec::new(),
            contradictory: false,
            watched: vec![Vec::new(); 2 * variables],
            value: vec![0; variables],
            work: Work::new(WORK_LIMIT),
        }
    }
    fn grow(&mut self) {
        self.value.push(0);
        self.watched.extend([Vec::new(), Vec::new()]);
    }
    fn slot(l: i32) -> usize {
        2 * (l.unsigned_abs() as usize - 1) + usize::from(l < 0)
    }
    fn of(&self, l: i32) -> i8 {
        self.value[l.unsigned_abs() as usize - 1] * l.signum() as i8
    }
    fn add(&mut self, clause: &[i32]) {
        let mut c = clause.to_vec();
        c.sort_unstable();
        c.dedup();
        match c[..] {
            [] => self.contradictory = true,
            [l] => self.units.push(l),
            [a, b, ..] => {
                for l in [a, b] {
                    self.watched[Self::slot(l)].push(self.clauses.len());
                }
                self.clauses.push(c);
            }
        }
    }
    /// Whether the complements of the clause's literals lead to a contradiction.
    fn refutes(&mut self, clause: &[i32]) -> bool {
        let assumed: Vec<i32> = clause.iter().map(|l| -l).chain(self.units.iter().copied()).collect();
        let mut trail = Vec::new();
        let mut failed = self.contradictory || assumed.iter().any(|&l| !self.set(l, &mut trail));
        let mut at = 0;
        while !failed && at < trail.len() {
            failed = !self.visit(-trail[at], &mut trail);
            at += 1;
        }
        for l in trail {
            self.value[l.unsigned_abs() as usize - 1] = 0;
        }
        failed
    }
    fn set(&mut self, l: i32, trail: &mut Vec<i32>) -> bool {
        match self.of(l) {
            0 => {
                self.value[l.unsigned_abs() as usize - 1] = l.signum() as i8;
                trail.push(l);
                true
            }
            v => v > 0,
        }
    }
    /// The clauses that watch `l`, which is false now; whether none of them fails.
    fn visit(&mut self, l: i32, trail: &mut Vec<i32>) -> bool {
        let list = std::mem::take(&mut self.watched[Self::slot(l)]);
        let mut cost = 8;
        let mut kept = Vec::with_capacity(list.len());
        let mut good = true;
        for c in list {
            if !good {
                kept.push(c);
                continue;
            }
            let watched = usize::from(self.clauses[c][0] != l);
            let other = self.clauses[c][1 - watched];
            let free = (2..self.clauses[c].len()).find(|&i| self.of(self.clauses[c][i]) >= 0);
            cost += 4 + 2 * free.unwrap_or(self.clauses[c].len()) as u64;
            match free {
                Some(i) if self.of(other) <= 0 => {
                    self.clauses[c].swap(watched, i);
                    self.watched[Self::slot(self.clauses[c][watched])].push(c);
                }
                _ => {
                    kept.push(c);
                    good = self.set(other, trail);
                }
            }
        }
        self.watched[Self::slot(l)] = kept;
        good && self.work.spend(cost).is_some()
    }
}

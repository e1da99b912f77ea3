//! Exact simplex for bounds on linear forms; an infeasible set of bounds comes with Farkas factors.

use crate::dsl::level1::WORK_LIMIT;
use crate::util::stop::poll;
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

type Q = BigRational;
/// A rational plus a multiple of an infinitesimal, ordered in this order.
type Value = (Q, Q);

/// An atom that holds or does not, and the literal that says so.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    pub atom: usize,
    pub holds: bool,
    pub literal: i32,
}

/// A basic variable as a combination of the others (dense; zero at basic ones).
struct Row {
    basic: usize,
    factor: Vec<Q>,
}

/// Variables are the unknowns, then one for each atom's linear form.
pub struct Simplex {
    unknowns: usize,
    integer: bool,
    rows: Vec<Row>,
    value: Vec<Value>,
    lower: Vec<Option<(Value, i32)>>,
    upper: Vec<Option<(Value, i32)>>,
    bound: Vec<BigInt>,
    pivots: usize,
    most: usize,
    /// The row of each variable that is basic.
    place: Vec<Option<usize>>,
    /// The work so far, in the unit of [`WORK_LIMIT`].
    pub work: u64,
}

/// About the nanoseconds of `f += g · c`: fractions are reduced by a common divisor, bit by bit.
fn cost(g: &Q, c: &Q) -> u64 {
    let words = |q: &Q| (q.numer().bits() + q.denom().bits()) / 64;
    let size = words(g) + words(c) + 1;
    1024 + 256 * size * size
}

impl Simplex {
    /// Without atoms, all unknowns at 0; it stops after `most` pivots.
    pub fn new(unknowns: usize, integer: bool, most: usize) -> Simplex {
        Simplex {
            unknowns,
            integer,
            rows: Vec::new(),
            value: vec![(Q::zero(), Q::zero()); unknowns],
            lower: vec![None; unknowns],
            upper: vec![None; unknowns],
            bound: Vec::new(),
            pivots: 0,
            most,
            place: vec![None; unknowns],
            work: 0,
        }
    }
    fn row_of(&self, variable: usize) -> Option<usize> {
        self.place[variable]
    }
    /// A new atom; its number. Over the integers it is tightened first.
    pub fn add(&mut self, coefficients: &[i64], bound: i64) -> usize {
        let mut common = BigInt::zero();
        if self.integer {
            common = coefficients.iter().fold(common, |g, &c| g.gcd(&BigInt::from(c)));
        }
        if common.is_zero() {
            common = BigInt::one();
        }
        self.bound.push(BigInt::from(bound).div_floor(&common));
        for r in &mut self.rows {
            r.factor.push(Q::zero());
        }
        let mut row = Row { basic: self.value.len(), factor: vec![Q::zero(); self.value.len() + 1] };
        for (j, &c) in coefficients.iter().enumerate().filter(|(_, &c)| c != 0) {
            let c = Q::new(c.into(), common.clone());
            match self.row_of(j) {
                None => row.factor[j] += c,
                Some(r) => {
                    for (f, g) in row.factor.iter_mut().zip(&self.rows[r].factor).filter(|(_, g)| !g.is_zero()) {
                        self.work += cost(g, &c);
                        *f += g * &c;
                    }
                }
            }
        }
        let mut value = (Q::zero(), Q::zero());
        for (f, v) in row.factor.iter().zip(&self.value).filter(|(f, _)| !f.is_zero()) {
            value.0 += f * &v.0;
            value.1 += f * &v.1;
        }
        self.place.push(Some(self.rows.len()));
        self.rows.push(row);
        self.value.push(value);
        self.lower.push(None);
        self.upper.push(None);
        self.bound.len() - 1
    }
    /// Finds values within the bounds, or literals with positive factors that contradict each other. When it has stopped
    /// ([`Simplex::stopped`]) it has found nothing.
    pub fn check(&mut self, bounds: &[Bound]) -> Result<(), Vec<(i32, Q)>> {
        self.work += 64 * self.value.len() as u64;
        self.lower.fill(None);
        self.upper.fill(None);
        for b in bounds {
            self.set(b);
        }
        for j in (0..self.value.len()).filter(|&j| self.row_of(j).is_none()).collect::<Vec<_>>() {
            if let Some(target) = self.violated(j) {
                self.shift(j, target);
            }
        }
        loop {
            if self.stopped() {
                return Ok(());
            }
            self.work += 64 * self.value.len() as u64;
            let basic = |s: &Self| (0..s.value.len()).find(|&b| s.violated(b).is_some());
            let Some(b) = basic(self) else { return Ok(()) };
            let target = self.violated(b).expect("found so");
            let row = self.row_of(b).expect("others are within their bounds");
            let up = target > self.value[b];
            let can = |&j: &usize| self.can_move(j, self.rows[row].factor[j].is_positive() == up);
            let entering = (0..self.value.len()).filter(|&j| !self.rows[row].factor[j].is_zero()).find(can);
            match entering {
                Some(j) => self.pivot(row, j, target),
                None => return Err(self.explain(row, up)),
            }
        }
    }
    /// Whether all pivots or all work are used up.
    pub fn stopped(&self) -> bool {
        poll();
        self.pivots >= self.most || self.work > WORK_LIMIT
    }
    fn set(&mut self, b: &Bound) {
        let j = self.unknowns + b.atom;
        let bound = Q::from_integer(self.bound[b.atom].clone());
        if b.holds {
            self.upper[j] = Some(((bound, Q::zero()), b.literal));
        } else if self.integer {
            self.lower[j] = Some(((bound + Q::one(), Q::zero()), b.literal));
        } else {
            self.lower[j] = Some(((bound, Q::one()), b.literal));
        }
    }
    /// The bound that a variable's value violates.
    fn violated(&self, j: usize) -> Option<Value> {
        let below = self.lower[j].as_ref().filter(|(l, _)| self.value[j] < *l);
        let above = self.upper[j].as_ref().filter(|(u, _)| self.value[j] > *u);
        below.or(above).map(|(v, _)| v.clone())
    }
    fn can_move(&self, j: usize, up: bool) -> bool {
        match up {
            true => self.upper[j].as_ref().is_none_or(|(u, _)| self.value[j] < *u),
            false => self.lower[j].as_ref().is_none_or(|(l, _)| self.value[j] > *l),
        }
    }
    /// Gives a non-basic variable a value.
    fn shift(&mut self, j: usize, target: Value) {
        let by = (&target.0 - &self.value[j].0, &target.1 - &self.value[j].1);
        for r in self.rows.iter().filter(|r| !r.factor[j].is_zero()) {
            self.work += cost(&r.factor[j], &by.0) + cost(&r.factor[j], &by.1);
            self.value[r.basic].0 += &r.factor[j] * &by.0;
            self.value[r.basic].1 += &r.factor[j] * &by.1;
        }
        self.value[j] = target;
    }
    /// The row's basic variable gets the value and changes places with `j`.
    fn pivot(&mut self, row: usize, j: usize, target: Value) {
        self.pivots += 1;
        let basic = self.rows[row].basic;
        let factor = self.rows[row].factor[j].clone();
        let by = ((&target.0 - &self.value[basic].0) / &factor, (&target.1 - &self.value[basic].1) / &factor);
        let moved = (&self.value[j].0 + by.0, &self.value[j].1 + by.1);
        self.shift(j, moved);
        self.value[basic] = target;
        let mut new: Vec<Q> = self.rows[row].factor.iter().map(|f| -f / &factor).collect();
        new[j] = Q::zero();
        new[basic] = factor.recip();
        for (i, r) in self.rows.iter_mut().enumerate().filter(|(i, r)| *i != row && !r.factor[j].is_zero()) {
            debug_assert_ne!(i, row);
            let c = std::mem::replace(&mut r.factor[j], Q::zero());
            for (f, g) in r.factor.iter_mut().zip(&new).filter(|(_, g)| !g.is_zero()) {
                self.work += cost(g, &c);
                *f += g * &c;
            }
        }
        self.place[basic] = None;
        self.place[j] = Some(row);
        self.rows[row] = Row { basic: j, factor: new };
    }
    /// A row none of whose variables can move: its bounds contradict each other.
    fn explain(&self, row: usize, up: bool) -> Vec<(i32, Q)> {
        let Row { basic, factor } = &self.rows[row];
        let side = |j: usize, upper: bool| if upper { &self.upper[j] } else { &self.lower[j] };
        let literal = |j, upper| side(j, upper).as_ref().expect("it cannot move").1;
        let mut found = vec![(literal(*basic, !up), Q::one())];
        for (j, f) in factor.iter().enumerate().filter(|(_, f)| !f.is_zero()) {
            found.push((literal(j, f.is_positive() == up), f.abs()));
        }
        found
    }
    /// The first unknown whose value is no integer, with the integer below it (none if that passes 64 bits).
    pub fn fraction(&self) -> Option<(usize, Option<i64>)> {
        let found = self.value[..self.unknowns].iter().position(|v| !v.0.is_integer())?;
        Some((found, self.value[found].0.floor().to_integer().to_i64()))
    }
    /// The unknowns as plain rationals: the infinitesimal is made small enough for every bound.
    pub fn values(&self) -> Vec<Q> {
        let mut small = Q::one();
        for (j, v) in self.value.iter().enumerate() {
            let lower = self.lower[j].iter().map(|(l, _)| (l, v));
            for (a, b) in lower.chain(self.upper[j].iter().map(|(u, _)| (v, u))) {
                if a.0 < b.0 && a.1 > b.1 {
                    small = small.min((&b.0 - &a.0) / (&a.1 - &b.1));
                }
            }
        }
        self.value[..self.unknowns].iter().map(|(r, d)| r + d * &small).collect()
    }
}

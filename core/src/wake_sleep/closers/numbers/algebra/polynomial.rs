//! Polynomials with rational coefficients, and how terms are read as polynomials. This module makes no proofs.
//!
//! An *atom* is a term that is no sum, difference, product, quotient or power with a numeral. A quotient by a term that
//! is no constant is a product with the atom `( 1 / B )`. Monomials are sorted lists of atoms. The monomials of a
//! polynomial are in graded lexicographic order, the largest first.

use super::rational::Q;
use crate::metamath_db::ids::TermId;
use crate::wake_sleep::closers::numbers::Prover;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::cmp::Ordering;

/// The largest number of monomials of a polynomial.
const MAX_MONOMIALS: usize = 200;
/// The largest exponent that is multiplied out.
pub const MAX_POWER: i128 = 12;

/// A monomial: its atoms with repetitions, sorted.
pub type Monomial = SmallVec<[u32; 6]>;

/// A polynomial: monomials with coefficients other than zero, in descending order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Poly(pub Vec<(Monomial, Q)>);

/// The order of monomials, largest first.
pub fn compare(a: &Monomial, b: &Monomial) -> Ordering {
    b.len().cmp(&a.len()).then_with(|| a.cmp(b))
}

/// The product of two monomials.
pub fn product(a: &Monomial, b: &Monomial) -> Monomial {
    let mut out: Monomial = a.iter().chain(b).copied().collect();
    out.sort_unstable();
    out
}

/// The quotient of two monomials, if the division leaves nothing.
fn without(m: &Monomial, o: &Monomial) -> Option<Monomial> {
    let mut out = m.clone();
    for a in o {
        out.remove(out.iter().position(|b| b == a)?);
    }
    Some(out)
}

impl Poly {
    /// The constant polynomial `q`.
    pub fn constant(q: Q) -> Poly {
        Poly(if q.is_zero() { Vec::new() } else { vec![(Monomial::new(), q)] })
    }
    /// The polynomial that is one atom.
    pub fn atom(a: u32) -> Poly {
        Poly(vec![(SmallVec::from_slice(&[a]), Q::ONE)])
    }
    /// The value of a constant polynomial.
    pub fn as_constant(&self) -> Option<Q> {
        match self.0.as_slice() {
            [] => Some(Q::ZERO),
            [(m, q)] if m.is_empty() => Some(*q),
            _ => None,
        }
    }
    /// The constant term.
    pub fn constant_term(&self) -> Q {
        self.0.last().filter(|t| t.0.is_empty()).map_or(Q::ZERO, |t| t.1)
    }
    /// The sum; `None` if a coefficient is too large.
    pub fn add(&self, o: &Poly) -> Option<Poly> {
        let (mut i, mut j) = (0, 0);
        let mut out = Vec::with_capacity(self.0.len() + o.0.len());
        while i < self.0.len() && j < o.0.len() {
            match compare(&self.0[i].0, &o.0[j].0) {
                Ordering::Less => {
                    out.push(self.0[i].clone());
                    i += 1;
                }
                Ordering::Greater => {
                    out.push(o.0[j].clone());
                    j += 1;
                }
                Ordering::Equal => {
                    let q = self.0[i].1.add(o.0[j].1)?;
                    if !q.is_zero() {
                        out.push((self.0[i].0.clone(), q));
                    }
                    (i, j) = (i + 1, j + 1);
                }
            }
        }
        out.extend_from_slice(&self.0[i..]);
        out.extend_from_slice(&o.0[j..]);
        (out.len() <= MAX_MONOMIALS).then_some(Poly(out))
    }
    /// The product with one term; `None` if a coefficient is too large.
    pub fn scale(&self, m: &Monomial, q: Q) -> Option<Poly> {
        if q.is_zero() {
            return Some(Poly::default());
        }
        let terms = self.0.iter().map(|(n, p)| Some((product(m, n), p.mul(q)?)));
        Some(Poly(terms.collect::<Option<_>>()?))
    }
    /// The difference; `None` if a coefficient is too large.
    pub fn sub(&self, o: &Poly) -> Option<Poly> {
        self.add(&o.scale(&Monomial::new(), Q::int(-1))?)
    }
    /// The quotient; `None` if the division leaves a remainder.
    pub fn divide(&self, o: &Poly) -> Option<Poly> {
        let (lead, b) = o.0.first()?;
        let (mut rest, mut out) = (self.clone(), Poly::default());
        while let Some((m, a)) = rest.0.first() {
            let term = (without(m, lead)?, a.mul(b.recip()?)?);
            rest = rest.sub(&o.scale(&term.0, term.1)?)?;
            out = out.add(&Poly(vec![term]))?;
        }
        Some(out)
    }
    /// The product; `None` beyond the bounds.
    pub fn mul(&self, o: &Poly) -> Option<Poly> {
        let mut out = Poly::default();
        for (m, q) in &self.0 {
            out = out.add(&o.scale(m, *q)?)?;
        }
        Some(out)
    }
}

/// The atoms of one question, in order of appearance, and the terms read so far.
#[derive(Default)]
pub struct Atoms {
    /// The atoms, by number.
    pub list: Vec<TermId>,
    index: FxHashMap<TermId, u32>,
    /// The atoms `( 1 / B )`, each with its B.
    pub inverses: Vec<(u32, TermId)>,
    inverse_of: Vec<(Poly, TermId)>,
    read: FxHashMap<TermId, Option<Poly>>,
}

impl Prover<'_> {
    /// The number of an atom.
    pub fn atom(&mut self, t: TermId) -> u32 {
        let next = self.atoms.list.len() as u32;
        let n = *self.atoms.index.entry(t).or_insert(next);
        if n == next {
            self.atoms.list.push(t);
        }
        n
    }
    /// The term B0 whose inverse stands for the inverses of all terms with the polynomial `b`: the first such term.
    pub fn inverse_base(&mut self, b: &Poly, t: TermId) -> TermId {
        if let Some(known) = self.atoms.inverse_of.iter().find(|x| &x.0 == b) {
            return known.1;
        }
        self.atoms.inverse_of.push((b.clone(), t));
        t
    }
    /// The number of the atom `( 1 / B )`.
    pub fn inverse_atom(&mut self, base: TermId) -> u32 {
        let one = self.numeral(1);
        let inverse = self.op(one, self.symbols().is.over, base);
        let a = self.atom(inverse);
        if !self.atoms.inverses.iter().any(|x| x.0 == a) {
            self.atoms.inverses.push((a, base));
        }
        a
    }
    /// The polynomial of a term, with definitions substituted; `None` beyond the bounds.
    pub fn polynomial(&mut self, t: TermId) -> Option<Poly> {
        if let Some(known) = self.atoms.read.get(&t) {
            return known.clone();
        }
        let found = match self.constant_value(t) {
            Some(q) => Some(Poly::constant(q)),
            None => self.read_polynomial(t),
        };
        self.atoms.read.insert(t, found.clone());
        found
    }
    fn read_polynomial(&mut self, t: TermId) -> Option<Poly> {
        if let Some(value) = self.definition(t) {
            return self.polynomial(value);
        }
        if let Some([x]) = self.symbols().neg.read(self.arena, t) {
            return self.polynomial(x)?.scale(&Monomial::new(), Q::int(-1));
        }
        if let Some([high, low]) = self.symbols().dec.read(self.arena, t) {
            let high = self.polynomial(high)?.scale(&Monomial::new(), Q::int(10))?;
            return high.add(&self.polynomial(low)?);
        }
        let Some((x, f, y)) = self.read_op(t) else {
            return Some(Poly::atom(self.atom(t)));
        };
        let is = self.symbols().is;
        if f == is.plus || f == is.minus || f == is.times {
            let (x, y) = (self.polynomial(x)?, self.polynomial(y)?);
            return match f {
                _ if f == is.plus => x.add(&y),
                _ if f == is.minus => x.sub(&y),
                _ => x.mul(&y),
            };
        }
        if f == is.over {
            let (x, divisor) = (self.polynomial(x)?, self.polynomial(y)?);
            return match divisor.as_constant() {
                Some(q) => x.scale(&Monomial::new(), q.recip()?),
                None => {
                    let base = self.inverse_base(&divisor, y);
                    let inverse = self.inverse_atom(base);
                    x.mul(&Poly::atom(inverse))
                }
            };
        }
        if f == is.power {
            if let Some(inverse) = self.inverse_power(x, y) {
                return self.polynomial(inverse);
            }
            if let Some(n) = self.small_power(y) {
                let x = self.polynomial(x)?;
                return (0..n).try_fold(Poly::constant(Q::ONE), |p, _| p.mul(&x));
            }
        }
        Some(Poly::atom(self.atom(t)))
    }
    /// The term `( 1 / ( x ^ n ) )`, if the exponent is a small `-u n`.
    pub fn inverse_power(&mut self, x: TermId, exponent: TermId) -> Option<TermId> {
        let n = self.constant_value(exponent)?;
        if n.d != 1 || !(-MAX_POWER..0).contains(&n.n) {
            return None;
        }
        let is = self.symbols().is;
        let (one, n) = (self.numeral(1), self.numeral(-n.n));
        let power = self.op(x, is.power, n);
        Some(self.op(one, is.over, power))
    }
    /// The value of an exponent that is multiplied out.
    pub fn small_power(&mut self, exponent: TermId) -> Option<i128> {
        let n = self.constant_value(exponent)?;
        (n.d == 1 && (0..=MAX_POWER).contains(&n.n)).then_some(n.n)
    }
}

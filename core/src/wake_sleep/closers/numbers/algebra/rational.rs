//! Rational numbers and proofs of their arithmetic.
//!
//! The term of a rational is a numeral, or `( N / D )` in lowest terms with an integer N and a natural number D of at
//! least
//! 2. Statements are proved under the antecedent of the proof.

use super::decimal::LIMIT;
use crate::metamath_db::ids::TermId;
use crate::wake_sleep::closers::numbers::table::Set;
use crate::wake_sleep::closers::numbers::{Node, Prover};

/// A rational in lowest terms with a positive denominator; both parts are below [`LIMIT`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Q {
    /// Numerator.
    pub n: i128,
    /// Denominator.
    pub d: i128,
}

/// The greatest common divisor, which is not negative.
pub fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl Q {
    /// Zero.
    pub const ZERO: Q = Q { n: 0, d: 1 };
    /// One.
    pub const ONE: Q = Q { n: 1, d: 1 };
    /// The rational `n / d`; `None` if d is zero or a part is too large.
    pub fn new(n: i128, d: i128) -> Option<Q> {
        let g = gcd(n, d);
        if d == 0 || g == 0 {
            return None;
        }
        let s = if d < 0 { -g } else { g };
        let q = Q { n: n / s, d: d / s };
        (q.n.abs() < LIMIT && q.d < LIMIT).then_some(q)
    }
    /// An integer.
    pub fn int(n: i128) -> Q {
        Q { n, d: 1 }
    }
    /// Whether it is zero.
    pub fn is_zero(self) -> bool {
        self.n == 0
    }
    /// The sum; `None` if it is too large.
    pub fn add(self, o: Q) -> Option<Q> {
        let n = self.n.checked_mul(o.d)?.checked_add(o.n.checked_mul(self.d)?)?;
        Q::new(n, self.d.checked_mul(o.d)?)
    }
    /// The product; `None` if it is too large.
    pub fn mul(self, o: Q) -> Option<Q> {
        Q::new(self.n.checked_mul(o.n)?, self.d.checked_mul(o.d)?)
    }
    /// The negative.
    pub fn neg(self) -> Q {
        Q { n: -self.n, d: self.d }
    }
    /// The difference; `None` if it is too large.
    pub fn sub(self, o: Q) -> Option<Q> {
        self.add(o.neg())
    }
    /// The reciprocal; `None` for zero.
    pub fn recip(self) -> Option<Q> {
        Q::new(self.d, self.n)
    }
    /// The power; `None` if it is too large.
    pub fn pow(self, e: i128) -> Option<Q> {
        let base = if e < 0 { self.recip()? } else { self };
        let mut out = Q::ONE;
        if base.n.abs() <= 1 && base.d == 1 {
            return Some(if e == 0 || base.n == 1 {
                Q::ONE
            } else if base.n == 0 || e % 2 != 0 {
                base
            } else {
                Q::ONE
            });
        }
        for _ in 0..e.unsigned_abs().min(200) {
            out = out.mul(base)?;
        }
        Some(out)
    }
    /// The floor.
    pub fn floor(self) -> i128 {
        self.n.div_euclid(self.d)
    }
}

/// The root of a square number.
pub fn square_root(n: i128) -> Option<i128> {
    let mut r = (n as f64).sqrt() as i128;
    while r > 0 && r.checked_mul(r)? > n {
        r -= 1;
    }
    while (r + 1).checked_mul(r + 1)? <= n {
        r += 1;
    }
    (r.checked_mul(r)? == n).then_some(r)
}

impl Prover<'_> {
    /// The term of a rational.
    pub fn rational(&mut self, q: Q) -> TermId {
        let n = self.numeral(q.n);
        if q.d == 1 {
            return n;
        }
        let d = self.numeral(q.d);
        self.op(n, self.symbols().is.over, d)
    }
    fn lifted(&mut self, closed: Option<Node>) -> Option<Node> {
        let closed = closed?;
        self.lift(closed)
    }
    fn integer_nonzero(&mut self, n: i128) -> Option<Node> {
        let t = self.numeral(n);
        self.differs_from_zero(t)
    }
    /// Proves `q = ( n / d )`, where the right side need not be the term of a rational (d = 1).
    fn as_fraction(&mut self, q: Q) -> Option<Node> {
        let t = self.rational(q);
        if q.d > 1 {
            return self.same(t);
        }
        let complex = self.member(t, Set::CC)?;
        let over_one = self.by("div1d", &[complex])?;
        self.flip(over_one)
    }
    /// Proves `( n / d ) = q` for integers.
    pub fn reduce(&mut self, n: i128, d: i128) -> Option<Node> {
        let q = Q::new(n, d)?;
        let over = self.symbols().is.over;
        let (nt, dt) = (self.numeral(n), self.numeral(d));
        if (q.n, q.d) == (n, d) {
            if d == 1 {
                let complex = self.member(nt, Set::CC)?;
                return self.by("div1d", &[complex]);
            }
            let t = self.op(nt, over, dt);
            return self.same(t);
        }
        let g = d / q.d;
        let (qn, qd, gt) = (self.numeral(q.n), self.numeral(q.d), self.numeral(g));
        let mut parts = Vec::new();
        for t in [qn, qd, gt] {
            parts.push(self.member(t, Set::CC)?);
        }
        parts.push(self.integer_nonzero(q.d)?);
        parts.push(self.integer_nonzero(g)?);
        let cancelled = self.by("divcan5d", &parts)?;
        let closed = self.multiply_integers(g, q.n);
        let above = self.lifted(closed)?;
        let closed = self.multiply_integers(g, q.d);
        let below = self.lifted(closed)?;
        let multiplied = self.both(above, over, below)?;
        let reduced = self.by("eqtr3d", &[multiplied, cancelled])?;
        if q.d > 1 {
            return Some(reduced);
        }
        let complex = self.member(qn, Set::CC)?;
        let whole = self.by("div1d", &[complex])?;
        self.chain(reduced, whole)
    }
    /// Proves `( p + q ) = r` if `sum`, else `( p x. q ) = r`.
    fn fractions(&mut self, p: Q, q: Q, sum: bool) -> Option<Node> {
        let is = self.symbols().is;
        let op = if sum { is.plus } else { is.times };
        if p.d == 1 && q.d == 1 {
            let closed = if sum { self.add_integers(p.n, q.n) } else { self.multiply_integers(p.n, q.n) };
            return self.lifted(closed);
        }
        let (left, right) = (self.as_fraction(p)?, self.as_fraction(q)?);
        let apart = self.both(left, op, right)?;
        let mut parts = Vec::new();
        for n in [p.n, p.d, q.n, q.d] {
            let t = self.numeral(n);
            parts.push(self.member(t, Set::CC)?);
        }
        parts.push(self.integer_nonzero(p.d)?);
        parts.push(self.integer_nonzero(q.d)?);
        let joined = self.by(if sum { "divadddivd" } else { "divmuldivd" }, &parts)?;
        let closed = self.multiply_integers(p.d, q.d);
        let below = self.lifted(closed)?;
        let (above, n) = if sum {
            let closed = self.multiply_integers(p.n, q.d);
            let first = self.lifted(closed)?;
            let closed = self.multiply_integers(q.n, p.d);
            let second = self.lifted(closed)?;
            let (a, b) = (p.n.checked_mul(q.d)?, q.n.checked_mul(p.d)?);
            let products = self.both(first, is.plus, second)?;
            let closed = self.add_integers(a, b);
            let added = self.lifted(closed)?;
            (self.chain(products, added)?, a + b)
        } else {
            let closed = self.multiply_integers(p.n, q.n);
            (self.lifted(closed)?, p.n.checked_mul(q.n)?)
        };
        let value = self.both(above, is.over, below)?;
        let reduced = self.reduce(n, p.d * q.d)?;
        let first = self.chain(apart, joined)?;
        let first = self.chain(first, value)?;
        self.chain(first, reduced)
    }
    /// Proves `( p + q ) = r`.
    pub fn add_rationals(&mut self, p: Q, q: Q) -> Option<Node> {
        self.fractions(p, q, true)
    }
    /// Proves `( p x. q ) = r`.
    pub fn multiply_rationals(&mut self, p: Q, q: Q) -> Option<Node> {
        self.fractions(p, q, false)
    }
    /// Proves `( 1 / q ) = r`.
    pub fn reciprocal(&mut self, q: Q) -> Option<Node> {
        if q.d == 1 {
            return self.reduce(1, q.n);
        }
        let (n, d) = (self.numeral(q.n), self.numeral(q.d));
        let parts = [
            self.member(n, Set::CC)?,
            self.member(d, Set::CC)?,
            self.integer_nonzero(q.n)?,
            self.integer_nonzero(q.d)?,
        ];
        let turned = self.by("recdivd", &parts)?;
        let reduced = self.reduce(q.d, q.n)?;
        self.chain(turned, reduced)
    }
}

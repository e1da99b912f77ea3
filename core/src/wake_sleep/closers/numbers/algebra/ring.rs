//! Proofs of normal forms: `( ph -> t = [p] )`, where `[p]` is the term of the polynomial p of t.
//!
//! `[p]` is `( ( q x. M ) + [rest] )` with `0` at the end. A monomial M is `( a x. rest )` with `1` at the end, and q
//! is the term of a rational. Sums are merged and products distributed, by one lemma of the ring laws for each step.

use super::polynomial::{compare, Monomial, Poly};
use super::rational::Q;
use crate::metamath_db::ids::TermId;
use crate::wake_sleep::closers::numbers::table::Set;
use crate::wake_sleep::closers::numbers::{Node, Prover};
use std::cmp::Ordering;

impl Prover<'_> {
    fn monomial_term(&mut self, m: &[u32]) -> TermId {
        let Some((&first, rest)) = m.split_first() else { return self.numeral(1) };
        let (a, rest) = (self.atoms.list[first as usize], self.monomial_term(rest));
        self.op(a, self.symbols().is.times, rest)
    }
    fn scaled_term(&mut self, term: &(Monomial, Q)) -> TermId {
        let (q, m) = (self.rational(term.1), self.monomial_term(&term.0));
        self.op(q, self.symbols().is.times, m)
    }
    fn terms_term(&mut self, terms: &[(Monomial, Q)]) -> TermId {
        let Some((first, rest)) = terms.split_first() else { return self.numeral(0) };
        let (first, rest) = (self.scaled_term(first), self.terms_term(rest));
        self.op(first, self.symbols().is.plus, rest)
    }
    /// The term `[p]`.
    pub fn polynomial_term(&mut self, p: &Poly) -> TermId {
        self.terms_term(&p.0)
    }
    pub(in crate::wake_sleep::closers::numbers) fn complex_term(&mut self, t: TermId) -> Option<Node> {
        self.member(t, Set::CC)
    }
    /// Proves `( ph -> ( [p] + [q] ) = [p + q] )`.
    pub fn add_normal(&mut self, p: &[(Monomial, Q)], q: &[(Monomial, Q)]) -> Option<Node> {
        let (Some((first, p_rest)), Some((second, q_rest))) = (p.split_first(), q.split_first()) else {
            let t = self.terms_term(if p.is_empty() { q } else { p });
            let complex = self.complex_term(t)?;
            return self.by(if p.is_empty() { "addid2d" } else { "addid1d" }, &[complex]);
        };
        let plus = self.symbols().is.plus;
        let order = compare(&first.0, &second.0);
        let (s, t) = (self.scaled_term(first), self.scaled_term(second));
        let (s_rest, t_rest) = (self.terms_term(p_rest), self.terms_term(q_rest));
        let (cs, ct) = (self.complex_term(s)?, self.complex_term(t)?);
        let (cs_rest, ct_rest) = (self.complex_term(s_rest)?, self.complex_term(t_rest)?);
        match order {
            Ordering::Less => {
                let whole = self.terms_term(q);
                let whole = self.complex_term(whole)?;
                let moved = self.by("addassd", &[cs, cs_rest, whole])?;
                let rest = self.add_normal(p_rest, q)?;
                let rest = self.right(rest, plus, s)?;
                self.chain(moved, rest)
            }
            Ordering::Greater => {
                let whole = self.terms_term(p);
                let whole = self.complex_term(whole)?;
                let moved = self.by("add12d", &[whole, ct, ct_rest])?;
                let rest = self.add_normal(p, q_rest)?;
                let rest = self.right(rest, plus, t)?;
                self.chain(moved, rest)
            }
            Ordering::Equal => {
                let moved = self.by("add4d", &[cs, cs_rest, ct, ct_rest])?;
                let heads = self.add_like(first, second)?;
                let rest = self.add_normal(p_rest, q_rest)?;
                let both = self.both(heads, plus, rest)?;
                let sum = self.chain(moved, both)?;
                if !first.1.add(second.1)?.is_zero() {
                    return Some(sum);
                }
                let (_, value) = self.sides(rest)?;
                let value = self.complex_term(value)?;
                let gone = self.by("addid2d", &[value])?;
                self.chain(sum, gone)
            }
        }
    }
    /// Proves `( ( a x. M ) + ( b x. M ) ) = ( c x. M )`, or `= 0`.
    fn add_like(&mut self, first: &(Monomial, Q), second: &(Monomial, Q)) -> Option<Node> {
        let times = self.symbols().is.times;
        let m = self.monomial_term(&first.0);
        let (a, b) = (self.rational(first.1), self.rational(second.1));
        let parts = [self.complex_term(a)?, self.complex_term(b)?, self.complex_term(m)?];
        let apart = self.by("adddird", &parts)?;
        let sum = self.add_rationals(first.1, second.1)?;
        let together = self.left(sum, times, m)?;
        let like = self.by("eqtr3d", &[apart, together])?;
        if !first.1.add(second.1)?.is_zero() {
            return Some(like);
        }
        let gone = self.by("mul02d", &[parts[2]])?;
        self.chain(like, gone)
    }
    /// Proves `( M x. N ) = K` for monomials.
    fn multiply_monomials(&mut self, m: &[u32], n: &[u32]) -> Option<Node> {
        let (Some((&x, m_rest)), Some((&y, n_rest))) = (m.split_first(), n.split_first()) else {
            let t = self.monomial_term(if m.is_empty() { n } else { m });
            let complex = self.complex_term(t)?;
            return self.by(if m.is_empty() { "mulid2d" } else { "mulid1d" }, &[complex]);
        };
        let times = self.symbols().is.times;
        let (label, front, parts, rest) = if x <= y {
            let a = self.atoms.list[x as usize];
            let (r, whole) = (self.monomial_term(m_rest), self.monomial_term(n));
            ("mulassd", a, [a, r, whole], self.multiply_monomials(m_rest, n)?)
        } else {
            let a = self.atoms.list[y as usize];
            let (r, whole) = (self.monomial_term(n_rest), self.monomial_term(m));
            ("mul12d", a, [whole, a, r], self.multiply_monomials(m, n_rest)?)
        };
        let parts = [self.complex_term(parts[0])?, self.complex_term(parts[1])?, self.complex_term(parts[2])?];
        let moved = self.by(label, &parts)?;
        let rest = self.right(rest, times, front)?;
        self.chain(moved, rest)
    }
    /// Proves `( ( a x. M ) x. ( b x. N ) ) = ( c x. K )`.
    fn multiply_scaled(&mut self, s: &(Monomial, Q), t: &(Monomial, Q)) -> Option<Node> {
        let times = self.symbols().is.times;
        let (a, m) = (self.rational(s.1), self.monomial_term(&s.0));
        let (b, n) = (self.rational(t.1), self.monomial_term(&t.0));
        let parts = [self.complex_term(a)?, self.complex_term(m)?, self.complex_term(b)?, self.complex_term(n)?];
        let moved = self.by("mul4d", &parts)?;
        let coefficients = self.multiply_rationals(s.1, t.1)?;
        let monomials = self.multiply_monomials(&s.0, &t.0)?;
        let both = self.both(coefficients, times, monomials)?;
        self.chain(moved, both)
    }
    /// Proves `( ( a x. M ) x. [q] ) = [r]`.
    fn scale_normal(&mut self, s: &(Monomial, Q), q: &[(Monomial, Q)]) -> Option<Node> {
        let term = self.scaled_term(s);
        let complex = self.complex_term(term)?;
        let Some((first, rest)) = q.split_first() else {
            return self.by("mul01d", &[complex]);
        };
        let (f, r) = (self.scaled_term(first), self.terms_term(rest));
        let parts = [complex, self.complex_term(f)?, self.complex_term(r)?];
        let apart = self.by("adddid", &parts)?;
        let (head, tail) = (self.multiply_scaled(s, first)?, self.scale_normal(s, rest)?);
        let both = self.both(head, self.symbols().is.plus, tail)?;
        self.chain(apart, both)
    }
    /// Proves `( [p] x. [q] ) = [p q]`.
    pub fn multiply_normal(&mut self, p: &[(Monomial, Q)], q: &[(Monomial, Q)]) -> Option<Node> {
        let whole = self.terms_term(q);
        let complex = self.complex_term(whole)?;
        let Some((first, rest)) = p.split_first() else {
            return self.by("mul02d", &[complex]);
        };
        let (f, r) = (self.scaled_term(first), self.terms_term(rest));
        let parts = [self.complex_term(f)?, self.complex_term(r)?, complex];
        let apart = self.by("adddird", &parts)?;
        let (head, tail) = (self.scale_normal(first, q)?, self.multiply_normal(rest, q)?);
        let both = self.both(head, self.symbols().is.plus, tail)?;
        let sum = self.chain(apart, both)?;
        let (q, rest) = (Poly(q.to_vec()), Poly(rest.to_vec()));
        let (head, tail) = (q.scale(&first.0, first.1)?, rest.mul(&q)?);
        let merged = self.add_normal(&head.0, &tail.0)?;
        self.chain(sum, merged)
    }
    /// Proves `t = [q]` from `t = q` for a constant q.
    fn constant_normal(&mut self, valued: Node, q: Q) -> Option<Node> {
        if q.is_zero() {
            return Some(valued);
        }
        let (term, is) = (self.rational(q), self.symbols().is);
        let one = self.numeral(1);
        let complex = self.complex_term(term)?;
        let once = self.by("mulid1d", &[complex])?;
        let product = self.op(term, is.times, one);
        let product = self.complex_term(product)?;
        let padded = self.by("addid1d", &[product])?;
        let back = self.chain(padded, once)?;
        let back = self.flip(back)?;
        self.chain(valued, back)
    }
    fn atom_normal(&mut self, t: TermId) -> Option<Node> {
        let is = self.symbols().is;
        let one = self.numeral(1);
        let complex = self.complex_term(t)?;
        let once = self.by("mulid1d", &[complex])?;
        let m = self.op(t, is.times, one);
        let complex = self.complex_term(m)?;
        let scaled = self.by("mulid2d", &[complex])?;
        let s = self.op(one, is.times, m);
        let complex = self.complex_term(s)?;
        let padded = self.by("addid1d", &[complex])?;
        let back = self.chain(padded, scaled)?;
        let back = self.chain(back, once)?;
        self.flip(back)
    }
    /// Proves `( ph -> t = [p] )`, where p is the polynomial of t; also returns p.
    pub fn normal(&mut self, t: TermId) -> Option<(Poly, Node)> {
        let p = self.polynomial(t)?;
        let term = self.polynomial_term(&p);
        let goal = self.under_eq(t, term);
        if let Some(n) = self.proved(goal) {
            return Some((p, n));
        }
        let n = match self.constant_value(t) {
            Some(q) => {
                let valued = self.valued(t)?;
                self.constant_normal(valued, q)?
            }
            None => self.normal_by_structure(t)?,
        };
        Some((p, n))
    }
    fn normal_by_structure(&mut self, t: TermId) -> Option<Node> {
        let is = self.symbols().is;
        if let Some(value) = self.definition(t) {
            let (fact, rest) = (self.definition_node(t)?, self.normal(value)?.1);
            return self.chain(fact, rest);
        }
        if let Some([x]) = self.symbols().neg.read(self.arena, t) {
            return self.negative_normal(t, x);
        }
        if let Some([high, low]) = self.symbols().dec.read(self.arena, t) {
            let (value, unfolded) = self.unfold_decimal(t, high, low)?;
            let rest = self.normal(value)?.1;
            return self.chain(unfolded, rest);
        }
        let Some((x, f, y)) = self.read_op(t) else { return self.atom_normal(t) };
        if f == is.minus {
            let parts = [self.complex_term(x)?, self.complex_term(y)?];
            let sum = self.by("negsubd", &parts)?;
            let turned = self.flip(sum)?;
            let (_, value) = self.sides(turned)?;
            let rest = self.normal(value)?.1;
            return self.chain(turned, rest);
        }
        if f == is.plus || f == is.times {
            let ((p, first), (q, second)) = (self.normal(x)?, self.normal(y)?);
            let both = self.both(first, f, second)?;
            let merged = if f == is.plus { self.add_normal(&p.0, &q.0)? } else { self.multiply_normal(&p.0, &q.0)? };
            return self.chain(both, merged);
        }
        if f == is.over {
            return self.quotient_normal(t, x, y);
        }
        if f == is.power {
            if let Some(inverse) = self.inverse_power(x, y) {
                return self.inverse_power_normal(x, y, inverse);
            }
        }
        if f == is.power && self.small_power(y).is_some() {
            return self.power_normal(x, y);
        }
        self.atom_normal(t)
    }
    fn negative_normal(&mut self, t: TermId, x: TermId) -> Option<Node> {
        let is = self.symbols().is;
        let minus_one = self.numeral(-1);
        let complex = self.complex_term(x)?;
        let turned = self.by("mulm1d", &[complex])?;
        let product = self.op(minus_one, is.times, x);
        debug_assert!(self.sides(turned) == Some((product, t)));
        let turned = self.flip(turned)?;
        let (_, rest) = self.normal(product)?;
        self.chain(turned, rest)
    }
    fn quotient_normal(&mut self, t: TermId, x: TermId, y: TermId) -> Option<Node> {
        let is = self.symbols().is;
        let one = self.numeral(1);
        let divisor = self.polynomial(y)?;
        if x == one && divisor.as_constant().is_none() {
            let base = self.inverse_base(&divisor, y);
            if base == y {
                return self.atom_normal(t);
            }
            let (mine, theirs) = (self.normal(y)?.1, self.normal(base)?.1);
            let same = self.by("eqtr4d", &[mine, theirs])?;
            let turned = self.right(same, is.over, one)?;
            let inverse = self.op(one, is.over, base);
            let rest = self.atom_normal(inverse)?;
            return self.chain(turned, rest);
        }
        if x == one {
            return None; // The value of a constant is known.
        }
        let parts = [self.complex_term(x)?, self.complex_term(y)?, self.differs_from_zero(y)?];
        let apart = self.by("divrecd", &parts)?;
        let (_, value) = self.sides(apart)?;
        let rest = self.normal(value)?.1;
        self.chain(apart, rest)
    }
    fn inverse_power_normal(&mut self, x: TermId, y: TermId, inverse: TermId) -> Option<Node> {
        let is = self.symbols().is;
        let n = self.constant_value(y)?.n;
        let number = self.valued(y)?;
        let first = self.right(number, is.power, x)?;
        let exponent = self.numeral(-n);
        let parts = [self.complex_term(x)?, self.differs_from_zero(x)?, self.member(exponent, Set::ZZ)?];
        let turned = self.by("expnegd", &parts)?;
        let rest = self.normal(inverse)?.1;
        let first = self.chain(first, turned)?;
        self.chain(first, rest)
    }
    fn power_normal(&mut self, x: TermId, y: TermId) -> Option<Node> {
        let is = self.symbols().is;
        let n = self.small_power(y)?;
        let number = self.valued(y)?;
        let first = self.right(number, is.power, x)?;
        let complex = self.complex_term(x)?;
        let second = match n {
            0 => {
                let zeroth = self.by("exp0d", &[complex])?;
                let one = self.numeral(1);
                let valued = self.same(one)?;
                let normal = self.constant_normal(valued, Q::ONE)?;
                self.chain(zeroth, normal)?
            }
            1 => {
                let same = self.by("exp1d", &[complex])?;
                let rest = self.normal(x)?.1;
                self.chain(same, rest)?
            }
            _ => {
                let step = self.power_step(x, n)?;
                let (_, value) = self.sides(step)?;
                let rest = self.normal(value)?.1;
                self.chain(step, rest)?
            }
        };
        self.chain(first, second)
    }
    /// Proves `( x ^ n ) = ( ( x ^ ( n - 1 ) ) x. x )` with numerals, or `( x ^ 2 ) = ( x x. x )`.
    pub fn power_step(&mut self, x: TermId, n: i128) -> Option<Node> {
        let complex = self.complex_term(x)?;
        if n == 2 {
            return self.by("sqvald", &[complex]);
        }
        let below = self.numeral(n - 1);
        let natural = self.member(below, Set::NN0)?;
        let step = self.by("expp1d", &[complex, natural])?;
        let closed = self.add(n - 1, 1)?;
        let sum = self.lift(closed)?;
        let exponent = self.right(sum, self.symbols().is.power, x)?;
        let back = self.flip(exponent)?;
        self.chain(back, step)
    }
}

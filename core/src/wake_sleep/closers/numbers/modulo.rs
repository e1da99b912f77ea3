//! Remainders: `( ph -> ( e mod n ) = ( r mod n ) )` by structure, by repeated squaring, and by facts `( e mod n ) = r`.

use super::table::Set;
use super::{Node, Prover};
use crate::metamath_db::ids::TermId;
use crate::wake_sleep::closers::numbers::algebra::polynomial::{Monomial, Poly};
use crate::wake_sleep::closers::numbers::algebra::rational::Q;

/// The largest value that is divided as a whole.
const WHOLE: i128 = 1_000_000_000_000;
/// The largest modulus for which coefficients are searched.
const MAX_MODULUS: i128 = 2_000;

/// The largest modulus for which pairs of facts are tried.
const MAX_PAIRED: i128 = 40;

/// The residue of `a ^ e` modulo n.
fn power(a: i128, e: i128, n: i128) -> Option<i128> {
    let (mut out, mut base, mut e) = (1 % n, a.rem_euclid(n), e);
    while e > 0 {
        if e % 2 == 1 {
            out = out.checked_mul(base)? % n;
        }
        base = base.checked_mul(base)? % n;
        e /= 2;
    }
    Some(out)
}

impl Prover<'_> {
    /// The residue of `e` modulo n, from 0 to n - 1, if it can be proved.
    pub fn residue(&mut self, e: TermId, n: i128) -> Option<i128> {
        self.structural_residue(e, n).or_else(|| self.combined(e, n).map(|c| c.1))
    }
    /// The residue that a fact gives, the left side of the fact, and its modulus, a multiple of n.
    fn residue_fact(&mut self, e: TermId, n: i128) -> Option<(i128, TermId, i128)> {
        let known = self.residues_of(|m| m % n == 0);
        known.into_iter().find(|k| k.0 == e).map(|(_, r, t, m)| (r % n, t, m))
    }
    /// The facts `( x mod m ) = r` with a wanted modulus: x, r, the left side and m.
    fn residues_of(&self, wanted: impl Fn(i128) -> bool) -> Vec<(TermId, i128, TermId, i128)> {
        let s = self.symbols();
        let mut out = Vec::new();
        for &(t, value, _) in &self.facts.equations {
            let Some((x, f, y)) = self.read_op(t).filter(|_| self.facts.definitions.contains_key(&t)) else { continue };
            let Some(m) = s.numeral(self.arena, y).filter(|&m| m > 0 && f == s.is.modulo && wanted(m)) else {
                continue;
            };
            out.extend(s.numeral(self.arena, value).filter(|&r| r < m).map(|r| (x, r, t, m)));
        }
        out
    }
    fn structural_residue(&mut self, e: TermId, n: i128) -> Option<i128> {
        if let Some((r, ..)) = self.residue_fact(e, n) {
            return Some(r);
        }
        if let Some(q) = self.constant_value(e).filter(|q| q.n.abs() <= WHOLE || self.read_op(e).is_none()) {
            return (q.d == 1).then(|| q.n.rem_euclid(n));
        }
        if let Some(value) = self.definition(e) {
            return self.structural_residue(value, n);
        }
        if let Some([x]) = self.symbols().neg.read(self.arena, e) {
            return Some((-self.structural_residue(x, n)?).rem_euclid(n));
        }
        let (x, f, y) = self.read_op(e)?;
        let is = self.symbols().is;
        if f == is.power {
            let exponent = self.constant_value(y).filter(|q| q.d == 1 && q.n >= 0)?.n;
            return power(self.structural_residue(x, n)?, exponent, n);
        }
        if f == is.times {
            let (a, b) = (self.structural_residue(x, n), self.structural_residue(y, n));
            return match (a, b) {
                (Some(a), Some(b)) => Some(a.checked_mul(b)? % n),
                (Some(0), None) | (None, Some(0)) => Some(0),
                _ => None,
            };
        }
        if f != is.plus && f != is.minus {
            return None;
        }
        let (a, b) = (self.structural_residue(x, n)?, self.structural_residue(y, n)?);
        Some((if f == is.plus { a + b } else { a - b }).rem_euclid(n))
    }
    /// A term that equals `e` as a polynomial and whose residue has a structural proof, with the residue. It is a sum
    /// of multiples of terms with known residues, a multiple of n, and a constant.
    fn combined(&mut self, e: TermId, n: i128) -> Option<(TermId, i128)> {
        let is = self.symbols().is;
        if n > MAX_MODULUS || self.constant_value(e).is_some() {
            return None;
        }
        let mut rest = self.polynomial(e)?;
        let mut sum = self.numeral(0);
        let mut residue = 0;
        let mut known = Vec::new();
        for (term, r, ..) in self.residues_of(|m| m % n == 0) {
            known.push((term, r % n, self.polynomial(term)?));
        }
        for (k, (term, r, p)) in multipliers(&rest, &known, n)?.into_iter().zip(&known).filter(|x| x.0 != 0) {
            rest = rest.sub(&p.scale(&Monomial::new(), Q::int(k))?)?;
            residue = (residue + k * r) % n;
            let k = self.numeral(k);
            let multiple = self.op(k, is.times, *term);
            sum = self.op(sum, is.plus, multiple);
        }
        if rest.0.iter().any(|t| t.1.d != 1 || (!t.0.is_empty() && t.1.n % n != 0)) {
            return None;
        }
        let constant = rest.constant_term().n;
        let whole = rest.sub(&Poly::constant(Q::int(constant)))?.scale(&Monomial::new(), Q::new(1, n)?)?;
        let (number, constant_term, whole) = (self.numeral(n), self.numeral(constant), self.polynomial_term(&whole));
        let multiple = self.op(number, is.times, whole);
        sum = self.op(sum, is.plus, multiple);
        Some((self.op(sum, is.plus, constant_term), (residue + constant).rem_euclid(n)))
    }
    /// Proves `( ph -> ( x mod y ) = r )`.
    pub(super) fn prove_modulo(&mut self, t: TermId, x: TermId, y: TermId) -> Option<Node> {
        let is = self.symbols().is;
        let n = self.constant_value(y)?.n;
        let r = self.constant_value(t)?.n;
        let modulus = self.valued(y)?;
        let moved = self.right(modulus, is.modulo, x)?;
        let reduced = self.prove_residue(x, n)?;
        let small = self.prove_small(r, n)?;
        let first = self.chain(moved, reduced)?;
        self.chain(first, small)
    }
    /// Proves `( r mod n ) = r`.
    fn prove_small(&mut self, r: i128, n: i128) -> Option<Node> {
        let is = self.symbols().is;
        let (rt, nt) = (self.numeral(r), self.numeral(n));
        let kinds = [self.member(rt, Set::RR)?, self.member(nt, Set::RRp)?];
        let kinds = self.conjunction(&kinds)?;
        let bounds = [self.positive(rt, false)?, self.compare_rationals(Q::int(r), Q::int(n), true)?];
        let bounds = self.conjunction(&bounds)?;
        let both = self.conjunction(&[kinds, bounds])?;
        let modulo = self.op(rt, is.modulo, nt);
        let wff = self.eq(modulo, rt);
        self.infer(both, "modid", wff)
    }
    /// Proves `( ph -> ( e mod n ) = ( r mod n ) )`.
    fn prove_residue(&mut self, e: TermId, n: i128) -> Option<Node> {
        let is = self.symbols().is;
        let nt = self.numeral(n);
        if self.structural_residue(e, n).is_none() {
            let (sum, _) = self.combined(e, n)?;
            let (mine, theirs) = (self.normal(e)?.1, self.normal(sum)?.1);
            let same = self.by("eqtr4d", &[mine, theirs])?;
            let first = self.left(same, is.modulo, nt)?;
            let rest = self.prove_residue(sum, n)?;
            return self.chain(first, rest);
        }
        if let Some((_, t, m)) = self.residue_fact(e, n) {
            return self.prove_known_residue(e, n, t, m);
        }
        if let Some(q) = self.constant_value(e).filter(|q| q.n.abs() <= WHOLE || self.read_op(e).is_none()) {
            let value = self.valued(e)?;
            let first = self.left(value, is.modulo, nt)?;
            let rest = self.integer_residue(q.n, n)?;
            return self.chain(first, rest);
        }
        if let Some(value) = self.definition(e) {
            let fact = self.definition_node(e)?;
            let first = self.left(fact, is.modulo, nt)?;
            let rest = self.prove_residue(value, n)?;
            return self.chain(first, rest);
        }
        if let Some([x]) = self.symbols().neg.read(self.arena, e) {
            let r = self.structural_residue(x, n)?;
            let reduced = self.prove_residue(x, n)?;
            let rt = self.numeral(r);
            let parts = [self.member(x, Set::RR)?, self.member(rt, Set::RR)?, self.member(nt, Set::RRp)?, reduced];
            let first = self.by("modnegd", &parts)?;
            let minus = self.negative(rt);
            let rest = self.prove_residue(minus, n)?;
            return self.chain(first, rest);
        }
        let (x, f, y) = self.read_op(e)?;
        if f == is.power {
            return self.power_residue(x, y, n);
        }
        self.operation_residue(e, n, (x, y), f)
    }
    /// Proves `( e mod n ) = ( r mod n )` from the fact `t = ( e mod m ) = s`, where m is a multiple of n.
    fn prove_known_residue(&mut self, e: TermId, n: i128, t: TermId, m: i128) -> Option<Node> {
        let is = self.symbols().is;
        let value = self.definition(t)?;
        let s = self.symbols().numeral(self.arena, value)?;
        let (fact, small) = (self.definition_node(t)?, self.prove_small(s, m)?);
        let same = self.by("eqtr4d", &[fact, small])?;
        if m == n {
            return Some(same);
        }
        let (nt, mt, st) = (self.numeral(n), self.numeral(m), self.numeral(s));
        let difference = self.op(e, is.minus, st);
        let (coarse, fine) = (self.congruent_by_division(e, st, nt)?, self.congruent_by_division(e, st, mt)?);
        let divided = self.by("mpbid", &[same, fine])?;
        let factor = self.prove_divides(nt, mt)?;
        let both = self.conjunction(&[factor, divided])?;
        let kinds = [self.member(nt, Set::ZZ)?, self.member(mt, Set::ZZ)?, self.member(difference, Set::ZZ)?];
        let kinds = self.conjunction(&kinds)?;
        let (said, wff) = (self.said(both)?, self.related(nt, is.divides, difference));
        let implication = self.symbols().implies.make(self.arena, [said, wff]);
        let lemma = self.infer(kinds, "dvdstr", implication)?;
        let divides = self.by("mpd", &[both, lemma])?;
        let same = self.by("mpbird", &[divides, coarse])?;
        let rest = self.integer_residue(s, n)?;
        self.chain(same, rest)
    }
    /// Proves `( ( a mod n ) = ( b mod n ) <-> n || ( a - b ) )`.
    fn congruent_by_division(&mut self, a: TermId, b: TermId, n: TermId) -> Option<Node> {
        let is = self.symbols().is;
        let kinds = [self.member(n, Set::NN)?, self.member(a, Set::ZZ)?, self.member(b, Set::ZZ)?];
        let kinds = self.conjunction(&kinds)?;
        let (left, right) = (self.op(a, is.modulo, n), self.op(b, is.modulo, n));
        let (equation, difference) = (self.eq(left, right), self.op(a, is.minus, b));
        let divides = self.related(n, is.divides, difference);
        let iff = self.symbols().iff.make(self.arena, [equation, divides]);
        self.infer(kinds, "moddvds", iff)
    }
    fn operation_residue(
        &mut self,
        e: TermId,
        n: i128,
        (x, y): (TermId, TermId),
        f: crate::metamath_db::terms::term::Head,
    ) -> Option<Node> {
        let is = self.symbols().is;
        let nt = self.numeral(n);
        let (label, set) = match f {
            _ if f == is.plus => ("modadd12d", Set::RR),
            _ if f == is.minus => ("modsub12d", Set::RR),
            _ if f == is.times => ("modmul12d", Set::ZZ),
            _ => return None,
        };
        let mut images = [x, y];
        let mut proofs = Vec::new();
        for image in &mut images {
            let t = *image;
            match self.structural_residue(t, n) {
                Some(r) => {
                    proofs.push(self.prove_residue(t, n)?);
                    *image = self.numeral(r);
                }
                None => {
                    let modulo = self.op(t, is.modulo, nt);
                    proofs.push(self.same(modulo)?);
                }
            }
        }
        let [a, b] = images;
        let mut parts = vec![self.member(x, set)?, self.member(a, set)?, self.member(y, set)?, self.member(b, set)?];
        parts.push(self.member(nt, Set::RRp)?);
        parts.extend(proofs);
        let first = self.by(label, &parts)?;
        debug_assert!(self.sides(first).is_some_and(|s| s.0 == self.op(e, is.modulo, nt)));
        let combined = self.op(a, f, b);
        let zero = self.numeral(0);
        if self.constant_value(combined).is_some() {
            let rest = self.prove_residue(combined, n)?;
            return self.chain(first, rest);
        }
        // Zero times an unknown.
        let unknown = if a == zero { b } else { a };
        let complex = self.member(unknown, Set::CC)?;
        let gone = self.by(if a == zero { "mul02d" } else { "mul01d" }, &[complex])?;
        let gone = self.left(gone, is.modulo, nt)?;
        self.chain(first, gone)
    }
    /// Proves `( v mod n ) = ( r mod n )` for integers.
    fn integer_residue(&mut self, v: i128, n: i128) -> Option<Node> {
        let is = self.symbols().is;
        let (k, r) = (v.div_euclid(n), v.rem_euclid(n));
        let (nt, rt, kt) = (self.numeral(n), self.numeral(r), self.numeral(k));
        if k == 0 {
            let modulo = self.op(rt, is.modulo, nt);
            return self.same(modulo);
        }
        let product = self.multiply_integers(k, n)?;
        let (x, value) = self.sides(product)?;
        let (left, right) = (self.op(rt, is.plus, x), self.op(rt, is.plus, value));
        let goal = self.eq(left, right);
        let first = self.to("oveq2i", &[product], goal)?;
        let second = self.add_integers(r, k * n)?;
        let closed = self.by("eqtri", &[first, second])?;
        let sum = self.lift(closed)?;
        let moved = self.left(sum, is.modulo, nt)?;
        let back = self.flip(moved)?;
        let parts = [self.member(rt, Set::RR)?, self.member(nt, Set::RRp)?, self.member(kt, Set::ZZ)?];
        let kinds = self.conjunction(&parts)?;
        let (whole, rest) = (self.op(left, is.modulo, nt), self.op(rt, is.modulo, nt));
        let wff = self.eq(whole, rest);
        let dropped = self.infer(kinds, "modcyc", wff)?;
        self.chain(back, dropped)
    }
    fn power_residue(&mut self, x: TermId, y: TermId, n: i128) -> Option<Node> {
        let is = self.symbols().is;
        let (a, e) = (self.structural_residue(x, n)?, self.constant_value(y)?.n);
        let (nt, at, et) = (self.numeral(n), self.numeral(a), self.numeral(e));
        let exponent = self.valued(y)?;
        let first = self.right(exponent, is.power, x)?;
        let first = self.left(first, is.modulo, nt)?;
        let integers = [self.member(x, Set::ZZ)?, self.member(at, Set::ZZ)?];
        let integers = self.conjunction(&integers)?;
        let kinds = [self.member(et, Set::NN0)?, self.member(nt, Set::RRp)?];
        let kinds = self.conjunction(&kinds)?;
        let base = self.prove_residue(x, n)?;
        let all = self.conjunction(&[integers, kinds, base])?;
        let (left, right) = (self.op(x, is.power, et), self.op(at, is.power, et));
        let (left, right) = (self.op(left, is.modulo, nt), self.op(right, is.modulo, nt));
        let wff = self.eq(left, right);
        let moved = self.infer(all, "modexp", wff)?;
        let first = self.chain(first, moved)?;
        if a == 0 && e > 0 {
            let positive = self.member(et, Set::NN)?;
            let zero = self.by("0expd", &[positive])?;
            let rest = self.left(zero, is.modulo, nt)?;
            return self.chain(first, rest);
        }
        if a == 0 {
            let complex = self.member(at, Set::CC)?;
            let one = self.by("exp0d", &[complex])?;
            let rest = self.left(one, is.modulo, nt)?;
            let first = self.chain(first, rest)?;
            let rest = self.integer_residue(1, n)?;
            return self.chain(first, rest);
        }
        let closed = self.squaring(a, e, n)?;
        let rest = self.lift(closed)?;
        self.chain(first, rest)
    }
    /// Proves `( ( a ^ e ) mod n ) = ( r mod n )` for natural numbers with a positive a.
    fn squaring(&mut self, a: i128, e: i128, n: i128) -> Option<Node> {
        let is = self.symbols().is;
        let nt = self.numeral(n);
        let (modulus, base) = (self.nn(n)?, self.nn(a)?);
        if e <= 1 {
            let natural = self.nn0(a)?;
            let value = self.by(if e == 0 { "numexp0" } else { "numexp1" }, &[natural])?;
            let (x, y) = self.sides(value)?;
            let (left, right) = (self.op(x, is.modulo, nt), self.op(y, is.modulo, nt));
            let goal = self.eq(left, right);
            return self.to("oveq1i", &[value], goal);
        }
        let even = e % 2 == 0;
        let smaller = if even { e / 2 } else { e - 1 };
        let root = self.squaring(a, smaller, n)?;
        // The residue of the smaller power; `a` itself is not reduced where e is 1.
        let k = if smaller == 1 { a } else { power(a, smaller, n)? };
        let product = if even { k.checked_mul(k)? } else { k.checked_mul(a)? };
        let (d, m) = (product / n, product % n);
        let below = self.nn0(smaller)?;
        let natural = self.nn0(d)?;
        let integer = self.by("nn0zi", &[natural])?;
        let (kn, mn) = (self.nn0(k)?, self.nn0(m)?);
        let exponent = if even { self.multiply(2, smaller)? } else { self.add(smaller, 1)? };
        let division = self.divide(product, n)?;
        let multiplied = if even { self.multiply(k, k)? } else { self.multiply(k, a)? };
        let division = self.by("eqtr4i", &[division, multiplied])?;
        let label = if even { "mod2xi" } else { "modxp1i" };
        self.by(label, &[modulus, base, below, integer, kn, mn, root, exponent, division])
    }
}

/// Factors from 0 to n - 1 of the known terms, so that `e` less their multiples is a constant plus multiples of n. They
/// are determined one by one from leading monomials, or else all pairs are tried.
fn multipliers(e: &Poly, known: &[(TermId, i128, Poly)], n: i128) -> Option<Vec<i128>> {
    let done = |p: &Poly| p.0.iter().all(|t| t.1.d == 1 && (t.0.is_empty() || t.1.n % n == 0));
    let less = |p: &Poly, k: usize, factor: i128| p.sub(&known[k].2.scale(&Monomial::new(), Q::int(factor))?);
    let (mut rest, mut out) = (e.clone(), vec![0; known.len()]);
    for (k, (_, _, p)) in known.iter().enumerate() {
        if let Some(factor) = multiplier(&rest, p, n) {
            rest = less(&rest, k, factor)?;
            out[k] = factor;
        }
    }
    if done(&rest) {
        return Some(out);
    }
    if n > MAX_PAIRED {
        return None;
    }
    for i in 0..known.len() {
        for j in i + 1..known.len() {
            for (x, y) in (0..n).flat_map(|x| (0..n).map(move |y| (x, y))) {
                if done(&less(&less(e, i, x)?, j, y)?) {
                    out.fill(0);
                    (out[i], out[j]) = (x, y);
                    return Some(out);
                }
            }
        }
    }
    None
}

/// A number k from 1 to n - 1 such that n divides a coefficient of `rest - k p`: that of p's leading monomial, which is
/// the first of `rest` with a coefficient that n does not divide.
fn multiplier(rest: &Poly, p: &Poly, n: i128) -> Option<i128> {
    let (m, b) = p.0.first()?;
    let a = rest.0.iter().find(|t| &t.0 == m)?.1;
    if m.is_empty() || a.d != 1 || b.d != 1 {
        return None;
    }
    (1..n).find(|k| (a.n - k * b.n) % n == 0)
}

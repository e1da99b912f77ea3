//! Closers for numbers: closure, decimal arithmetic, ring identities, consequences of equations and of inequalities.
//!
//! [`table`] holds symbols and lemmas, [`prover`] builds one proof; [`facts`] and [`typing`] say what holds under the
//! goal's antecedent; [`decimal`], [`rational`], [`value`] and [`modulo`] evaluate, [`polynomial`] computes with
//! unknowns and [`ring`] proves what it computed; [`combine`] finds multipliers of hypotheses. Each reads the head
//! symbols first, so that other goals cost nothing; nothing is proved before the arithmetic says that it is true.
//! [`claims`] hands a whole statement out as an expression, so that what is false can be told.

pub mod algebra;
mod claims;
mod combine;
mod facts;
mod functions;
mod modulo;
mod prover;
mod table;
#[cfg(test)]
mod tests;
mod typing;

pub use claims::claim;

use super::{Closer, Site};
use crate::dsl::theory::library::{Proof, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use prover::{Node, Prover};
use table::Table;

/// The closer for statements on numbers.
pub struct Numbers {
    table: Table,
}

impl Numbers {
    /// The closer, if the theory has arithmetic.
    pub fn new(theory: &Theory) -> Option<Numbers> {
        Table::new(theory).map(|table| Numbers { table })
    }
    /// Labels of lemmas that it would use and that the theory lacks.
    #[cfg(test)]
    pub fn missing(&self) -> Vec<&'static str> {
        self.table.missing()
    }
    /// Whether a consequent has a form that it may prove. This is asked of every goal.
    fn concerns(&self, arena: &Arena, wff: TermId) -> bool {
        let s = &self.table.symbols;
        if let Some([a, b]) = s.eq.read(arena, wff) {
            return self.is_number(arena, a) || self.is_number(arena, b);
        }
        if let Some([_, class]) = s.element.read(arena, wff) {
            return s.set(arena, class).is_some();
        }
        if let Some([a, b]) = s.differs.read(arena, wff) {
            return self.is_number(arena, a) || self.is_number(arena, b);
        }
        if let Some([_, r, _]) = s.related.read(arena, wff) {
            let r = arena.head(r);
            return [s.is.less, s.is.at_most, s.is.divides].contains(&r);
        }
        false
    }
    /// Whether a term is a numeral or made by an operation on numbers.
    fn is_number(&self, arena: &Arena, t: TermId) -> bool {
        let s = &self.table.symbols;
        if s.neg.head == arena.head(t) || s.numeral(arena, t).is_some() {
            return true;
        }
        s.op.read(arena, t).is_some_and(|[_, f, _]| s.is.operations().contains(&arena.head(f)))
    }
}

impl Closer for Numbers {
    fn name(&self) -> &'static str {
        "numbers"
    }
    fn close(&self, goal: TermId, site: &mut Site<'_>) -> Option<Proof> {
        let s = &self.table.symbols;
        let (ph, wff) = match s.implies.read(site.arena, goal) {
            Some([ph, wff]) => (Some(ph), wff),
            None => (None, goal),
        };
        if !self.concerns(site.arena, wff) {
            return None;
        }
        let mut p = Prover::new(&self.table, site, ph);
        let mut root = p.prove(wff)?;
        if ph.is_none() {
            root = p.by("trud", &[root])?;
        }
        Some(p.finish(root))
    }
}

impl Prover<'_> {
    /// `( ph -> wff )`.
    fn prove(&mut self, wff: TermId) -> Option<Node> {
        if let Some(known) = self.known_fact(wff) {
            return Some(known);
        }
        let s = self.symbols();
        if let Some([a, class]) = s.element.read(self.arena, wff) {
            let set = self.number_set(class)?;
            return self.member(a, set);
        }
        if let Some([a, b]) = s.eq.read(self.arena, wff) {
            return self.prove_equation(a, b);
        }
        if let Some([a, b]) = s.differs.read(self.arena, wff) {
            return self.prove_differs(a, b);
        }
        let [a, r, b] = s.related.read(self.arena, wff)?;
        if self.arena.head(r) == s.is.divides {
            return self.prove_divides(a, b);
        }
        self.prove_order(a, b, self.arena.head(r) == s.is.less)
    }
    /// `( ph -> a =/= b )`.
    fn prove_differs(&mut self, a: TermId, b: TermId) -> Option<Node> {
        if self.constant_value(b).is_some_and(|q| q.is_zero()) && b == self.numeral(0) {
            if let Some(n) = self.differs_from_zero(a) {
                return Some(n);
            }
        }
        let (x, y) = (self.constant_value(a)?, self.constant_value(b)?);
        if x == y {
            return None;
        }
        let (small, large) = if x.sub(y)?.n < 0 { (a, b) } else { (b, a) };
        let less = self.prove_order(small, large, true)?;
        let real = self.member(small, table::Set::RR)?;
        self.by(if small == a { "ltned" } else { "gtned" }, &[real, less])
    }
    /// `( ph -> ( a || b <-> ( b mod a ) = 0 ) )`.
    fn divides_by_remainder(&mut self, a: TermId, b: TermId) -> Option<Node> {
        let is = self.symbols().is;
        let kinds = [self.member(a, table::Set::NN)?, self.member(b, table::Set::ZZ)?];
        let kinds = self.conjunction(&kinds)?;
        let (divides, remainder) = (self.related(a, is.divides, b), self.op(b, is.modulo, a));
        let zero = self.numeral(0);
        let equation = self.eq(remainder, zero);
        let iff = self.symbols().iff.make(self.arena, [divides, equation]);
        self.infer(kinds, "dvdsval3", iff)
    }
    /// `( ph -> a || b )`, a an integer without unknowns.
    fn prove_divides(&mut self, a: TermId, b: TermId) -> Option<Node> {
        let is = self.symbols().is;
        let (x, y) = (self.constant_value(a)?, self.constant_value(b));
        if x.d != 1 || x.is_zero() {
            return None;
        }
        let Some(y) = y else {
            let remainder = self.op(b, is.modulo, a);
            self.constant_value(remainder).filter(|r| r.is_zero())?;
            let (zero, iff) = (self.valued(remainder)?, self.divides_by_remainder(a, b)?);
            return self.by("mpbird", &[zero, iff]);
        };
        if y.d != 1 || y.n % x.n != 0 {
            return None;
        }
        let quotient = self.numeral(y.n / x.n);
        let kinds = [quotient, a, b].map(|t| self.member(t, table::Set::ZZ));
        let kinds: Option<Vec<Node>> = kinds.into_iter().collect();
        let kinds = self.conjunction(&kinds?)?;
        let product = self.op(quotient, is.times, a);
        let (left, right) = (self.valued(product)?, self.valued(b)?);
        let same = if self.sides(right)?.0 == self.sides(right)?.1 { left } else { self.by("eqtr4d", &[left, right])? };
        let both = self.conjunction(&[kinds, same])?;
        let wff = self.related(a, is.divides, b);
        self.infer(both, "dvds0lem", wff)
    }
}

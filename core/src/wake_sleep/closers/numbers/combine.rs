//! Equations as consequences of equations, and inequalities as consequences of inequalities.
//!
//! The difference of an equation's sides is sought in the span of multiples of the facts' differences (Nullstellensatz
//! certificates of bounded degree). That of an inequality is sought in their cone (Farkas), with squares as further
//! facts. The combinations found are proved by normal forms.

use super::table::Set;
use super::{Node, Prover};
use crate::metamath_db::ids::TermId;
use crate::wake_sleep::closers::numbers::algebra::linear::{coefficients, cone, monomials, squares, Span};
use crate::wake_sleep::closers::numbers::algebra::polynomial::{product, Monomial, Poly};
use crate::wake_sleep::closers::numbers::algebra::rational::Q;

/// The largest number of multiples of facts that are tried.
const MAX_COLUMNS: usize = 240;
/// The largest number of facts in a cone.
const MAX_CONE: usize = 60;

/// The origin of an equation.
#[derive(Clone, Copy, Debug)]
enum Origin {
    Fact(usize),
    /// The atom `( 1 / B )` times B is 1.
    Inverse(TermId),
    /// The square of the imaginary unit.
    Unit,
    /// The square of the root of this term.
    Root(TermId),
    /// The absolute value of this term, which is negative or not.
    Absolute(TermId, bool),
}

/// `left = right`.
struct Relation {
    left: TermId,
    right: TermId,
    difference: Poly,
    origin: Origin,
}

/// A quantity that is not negative.
enum Sign {
    /// `a r b`, from the fact of this number; strict or not.
    Order(TermId, TermId, bool, usize),
    /// `a <_ b`, from the equation of this number, its sides exchanged or not.
    Equation(TermId, TermId, usize, bool),
    /// A term with a proof of its sign; strict or not.
    Term(TermId, bool),
    /// `x <_ ( abs ` x )`, or `-u x <_ ( abs ` x )`.
    Absolute(TermId, bool),
}

impl Prover<'_> {
    /// Proves `( ph -> a = b )`.
    pub(super) fn prove_equation(&mut self, a: TermId, b: TermId) -> Option<Node> {
        if let (Some(x), Some(y)) = (self.constant_value(a), self.constant_value(b)) {
            if x != y {
                return None;
            }
            let (left, right) = (self.valued(a)?, self.valued(b)?);
            return self.join(left, right);
        }
        let difference = self.polynomial(a)?.sub(&self.polynomial(b)?)?;
        if difference.0.is_empty() {
            let (left, right) = (self.normal(a)?.1, self.normal(b)?.1);
            return self.join(left, right);
        }
        self.prove_combination(a, b, &difference).or_else(|| self.prove_by_remainder(a, b))
    }
    /// From `a = c` and `b = c` to `a = b`.
    fn join(&mut self, left: Node, right: Node) -> Option<Node> {
        let ((_, c), (b, d)) = (self.sides(left)?, self.sides(right)?);
        if b == d && c == d {
            return Some(left);
        }
        self.by("eqtr4d", &[left, right])
    }
    fn relations(&mut self) -> Vec<Relation> {
        let mut out = Vec::new();
        for (left, right, i) in self.facts.equations.clone() {
            let difference = match (self.polynomial(left), self.polynomial(right)) {
                (Some(p), Some(q)) => p.sub(&q),
                _ => None,
            };
            if let Some(difference) = difference.filter(|d| !d.0.is_empty()) {
                out.push(Relation { left, right, difference, origin: Origin::Fact(i) });
            }
        }
        let is = self.symbols().is;
        for (atom, base) in self.atoms.inverses.clone() {
            let (one, inverse) = (self.numeral(1), self.atoms.list[atom as usize]);
            let left = self.op(base, is.times, inverse);
            let Some(p) = self.polynomial(left).and_then(|p| p.sub(&Poly::constant(Q::ONE))) else { continue };
            out.push(Relation { left, right: one, difference: p, origin: Origin::Inverse(base) });
        }
        let mut laws = self.atoms.list.clone();
        laws.extend(self.facts.equations.iter().map(|e| e.0).filter(|t| self.facts.definitions.contains_key(t)));
        for atom in laws {
            let Some((left, right, origin)) = self.law(atom) else { continue };
            let (Some(p), Some(q)) = (self.polynomial(left), self.polynomial(right)) else { continue };
            if let Some(difference) = p.sub(&q).filter(|d| !d.0.is_empty()) {
                out.push(Relation { left, right, difference, origin });
            }
        }
        out
    }
    /// An equation that holds of an atom by its head.
    fn law(&mut self, atom: TermId) -> Option<(TermId, TermId, Origin)> {
        let is = self.symbols().is;
        let two = self.numeral(2);
        if self.arena.head(atom) == is.i {
            let (square, minus) = (self.op(atom, is.power, two), self.numeral(-1));
            return Some((square, minus, Origin::Unit));
        }
        let [f, x] = self.symbols().value.read(self.arena, atom)?;
        let head = self.arena.head(f);
        if head == is.sqrt {
            let square = self.op(atom, is.power, two);
            return Some((square, x, Origin::Root(x)));
        }
        if head != is.abs {
            return None;
        }
        let zero = self.numeral(0);
        if self.prove_order(zero, x, false).is_some() {
            return Some((atom, x, Origin::Absolute(x, false)));
        }
        self.prove_order(x, zero, false)?;
        Some((atom, self.negative(x), Origin::Absolute(x, true)))
    }
    /// The step that proves a relation.
    fn relation_node(&mut self, relation: &Relation) -> Option<Node> {
        let zero = self.numeral(0);
        match relation.origin {
            Origin::Fact(i) => self.fact(i),
            Origin::Inverse(base) => {
                let parts = [self.member(base, Set::CC)?, self.differs_from_zero(base)?];
                self.by("recidd", &parts)
            }
            Origin::Unit => {
                let closed = self.by("i2", &[])?;
                self.lift(closed)
            }
            Origin::Root(x) => {
                let complex = self.member(x, Set::CC)?;
                self.by("sqsqrtd", &[complex])
            }
            Origin::Absolute(x, negative) => {
                let real = self.member(x, Set::RR)?;
                let sign = if negative { self.prove_order(x, zero, false)? } else { self.prove_order(zero, x, false)? };
                self.by(if negative { "absnidd" } else { "absidd" }, &[real, sign])
            }
        }
    }
    /// The terms that are known not to be zero, with which the goal may be multiplied.
    fn divisors(&mut self, relations: &[Relation], goal: &Poly) -> Vec<TermId> {
        let mut terms: Vec<TermId> = Vec::new();
        for relation in relations {
            if let Some(cofactor) = relation.difference.divide(goal).filter(|q| q.as_constant().is_none()) {
                let t = self.polynomial_term(&cofactor);
                if self.differs_from_zero(t).is_some() {
                    terms.push(t);
                }
            }
        }
        let zero = self.numeral(0);
        let is = self.symbols().is;
        for (a, b, _) in self.facts.differing.clone() {
            let t = if b == zero {
                a
            } else if a == zero {
                b
            } else {
                self.op(a, is.minus, b)
            };
            terms.push(t);
        }
        for t in self.atoms.list.clone() {
            if self.read_op(t).is_none() && terms.len() < 8 && self.differs_from_zero(t).is_some() {
                terms.push(t);
            }
        }
        let mut seen = Vec::new();
        terms.retain(|t| {
            !seen.contains(t) && {
                seen.push(*t);
                true
            }
        });
        terms.truncate(8);
        let pairs: Vec<(TermId, TermId)> =
            terms.iter().enumerate().flat_map(|(i, &x)| terms[i..].iter().map(move |&y| (x, y))).collect();
        for (x, y) in pairs {
            let t = self.op(x, is.times, y);
            terms.push(t);
        }
        terms
    }
    fn prove_combination(&mut self, a: TermId, b: TermId, difference: &Poly) -> Option<Node> {
        let relations = self.relations();
        if relations.is_empty() {
            return None;
        }
        let mut divisors = None;
        for degree in 0..=2 {
            let (span, columns) = multiples(&relations, difference, degree)?;
            if let Some(found) = span.solve(difference) {
                let multipliers = gather(&relations, &columns, &found)?;
                return self.prove_found(a, b, None, &relations, &multipliers);
            }
            let divisors: &Vec<TermId> = divisors.get_or_insert_with(|| self.divisors(&relations, difference));
            for divisor in divisors.clone() {
                let Some(target) = self.polynomial(divisor).and_then(|d| d.mul(difference)) else { continue };
                let Some(found) = span.solve(&target) else { continue };
                let multipliers = gather(&relations, &columns, &found)?;
                return self.prove_found(a, b, Some(divisor), &relations, &multipliers);
            }
        }
        self.prove_by_argument(a, b, &relations)
    }
    /// Proves `a = b` for a number b, because a is congruent to b modulo some n and both are below n.
    fn prove_by_remainder(&mut self, a: TermId, b: TermId) -> Option<Node> {
        let is = self.symbols().is;
        let r = self.constant_value(b).filter(|q| q.d == 1)?.n;
        let moduli: Vec<TermId> = self
            .facts
            .equations
            .iter()
            .filter_map(|e| self.read_op(e.0))
            .filter(|o| o.1 == is.modulo)
            .map(|o| o.2)
            .collect();
        moduli.into_iter().find_map(|modulus| {
            let n = self.symbols().numeral(self.arena, modulus)?;
            let remainder = self.op(a, is.modulo, modulus);
            self.residue(a, n).filter(|&x| x == r)?;
            let zero = self.numeral(0);
            let bounds = [self.prove_order(zero, a, false)?, self.prove_order(a, modulus, true)?];
            let bounds = self.conjunction(&bounds)?;
            let kinds = [self.member(a, Set::RR)?, self.member(modulus, Set::RRp)?];
            let kinds = self.conjunction(&kinds)?;
            let both = self.conjunction(&[kinds, bounds])?;
            let wff = self.eq(remainder, a);
            let same = self.infer(both, "modid", wff)?;
            let (value, number) = (self.valued(remainder)?, self.valued(b)?);
            let same = self.by("eqtr3d", &[same, value])?;
            self.join(same, number)
        })
    }
    /// Proves `( f ` x ) = b` where the facts give x a constant value.
    fn prove_by_argument(&mut self, a: TermId, b: TermId, relations: &[Relation]) -> Option<Node> {
        let [f, x] = self.symbols().value.read(self.arena, a)?;
        let is = self.symbols().is;
        let head = self.arena.head(f);
        if ![is.sqrt, is.abs, is.floor, is.factorial].contains(&head) {
            return None;
        }
        let p = self.polynomial(x)?;
        let (span, _) = multiples(relations, &p, 1)?;
        let constant = self.rational(span.rest(&p)?.as_constant()?);
        let value = self.value_of(head, constant);
        if self.constant_value(value)? != self.constant_value(b)? {
            return None;
        }
        let argument = self.prove_equation(x, constant)?;
        let goal = self.under_eq(a, value);
        let first = self.to("fveq2d", &[argument], goal)?;
        let rest = self.prove_equation(value, b)?;
        self.chain(first, rest)
    }
    /// Proves `a = b` from `divisor ( a - b ) = Σ multiplier ( left - right )`.
    fn prove_found(
        &mut self,
        a: TermId,
        b: TermId,
        divisor: Option<TermId>,
        relations: &[Relation],
        multipliers: &[Poly],
    ) -> Option<Node> {
        let is = self.symbols().is;
        let mut sum: Option<(Poly, Node)> = None;
        for (relation, multiplier) in relations.iter().zip(multipliers) {
            if multiplier.0.is_empty() {
                continue;
            }
            let zero = self.multiple_is_zero(relation, multiplier)?;
            let p = multiplier.mul(&relation.difference)?;
            sum = Some(match sum {
                None => (p, zero),
                Some((q, before)) => {
                    let added = self.add_normal(&q.0, &p.0)?;
                    let both = self.both(before, is.plus, zero)?;
                    let closed = self.by("00id", &[])?;
                    let nothing = self.lift(closed)?;
                    let both = self.chain(both, nothing)?;
                    (q.add(&p)?, self.by("eqtr3d", &[added, both])?)
                }
            });
        }
        let (_, zero) = sum?;
        let difference = self.op(a, is.minus, b);
        let (first, second) = (self.member(a, Set::CC)?, self.member(b, Set::CC)?);
        let whole = match divisor {
            None => difference,
            Some(d) => self.op(d, is.times, difference),
        };
        let normal = self.normal(whole)?.1;
        let mut gone = self.chain(normal, zero)?;
        if let Some(d) = divisor {
            let complex = [self.member(difference, Set::CC)?, self.member(d, Set::CC)?];
            let none = self.by("mul01d", &[complex[1]])?;
            let same = self.by("eqtr4d", &[gone, none])?;
            let nothing = self.numeral(0);
            let nothing = self.member(nothing, Set::CC)?;
            let parts = [complex[0], nothing, complex[1], self.differs_from_zero(d)?, same];
            gone = self.by("mulcanad", &parts)?;
        }
        self.by("subeq0d", &[first, second, gone])
    }
    /// Proves `[m h] = 0`, where h is the relation's difference.
    fn multiple_is_zero(&mut self, relation: &Relation, m: &Poly) -> Option<Node> {
        let is = self.symbols().is;
        let equation = self.relation_node(relation)?;
        let complex = self.member(relation.left, Set::CC)?;
        let zero = self.by("subeq0bd", &[complex, equation])?;
        let difference = self.op(relation.left, is.minus, relation.right);
        let (p, normal) = self.normal(difference)?;
        let zero = self.by("eqtr3d", &[normal, zero])?;
        if m.as_constant() == Some(Q::ONE) {
            return Some(zero);
        }
        let multiplied = self.multiply_normal(&m.0, &p.0)?;
        let factor = self.polynomial_term(m);
        let moved = self.right(zero, is.times, factor)?;
        let factor = self.member(factor, Set::CC)?;
        let none = self.by("mul01d", &[factor])?;
        let none = self.chain(moved, none)?;
        self.by("eqtr3d", &[multiplied, none])
    }

    /// Proves `( ph -> a < b )` if `strict`, else `( ph -> a <_ b )`.
    pub(super) fn prove_order(&mut self, a: TermId, b: TermId, strict: bool) -> Option<Node> {
        let is = self.symbols().is;
        if let (Some(x), Some(y)) = (self.constant_value(a), self.constant_value(b)) {
            let known = self.compare_rationals(x, y, strict)?;
            let (left, right) = (self.valued(a)?, self.valued(b)?);
            return self.put_sides(left, known, right);
        }
        if self.constant_value(a).is_some_and(|q| q.is_zero()) && a == self.numeral(0) {
            if let Some(n) = self.positive(b, strict) {
                return Some(n);
            }
        }
        let goal = self.polynomial(b)?.sub(&self.polynomial(a)?)?;
        let signs = self.signs_known(&goal);
        let found = self.find_cone(&signs, &goal, strict)?;
        let positive = self.sum_positive(&signs, &found, strict)?;
        let reals = [self.member(b, Set::RR)?, self.member(a, Set::RR)?];
        let difference = self.op(b, is.minus, a);
        let moved = {
            let sum = self.said(positive)?;
            let [_, _, sum] = self.symbols().related.read(self.arena, sum)?;
            let (left, right) = (self.normal(sum)?.1, self.normal(difference)?.1);
            let same = self.join(left, right)?;
            self.by("breqtrd", &[positive, same])?
        };
        let wff = self.related(a, if strict { is.less } else { is.at_most }, b);
        if strict {
            self.by_iff("posdifd", &[reals[1], reals[0]], moved, wff)
        } else {
            self.by_iff("subge0d", &reals, moved, wff)
        }
    }
    /// Proves `a r b` from `a = x`, `x r y` and `b = y`.
    fn put_sides(&mut self, left: Node, known: Node, right: Node) -> Option<Node> {
        let ((a, x), (b, y)) = (self.sides(left)?, self.sides(right)?);
        let known = if a == x { known } else { self.by("eqbrtrd", &[left, known])? };
        if b == y {
            return Some(known);
        }
        self.by("breqtrrd", &[known, right])
    }
    /// Candidate squares: of the linear forms whose squares sum to the goal, of atoms, of their products and
    /// differences.
    fn squares_that_may_help(&mut self, goal: &Poly, atoms: &[TermId]) -> Vec<TermId> {
        let is = self.symbols().is;
        let mut terms = Vec::new();
        for (_, l) in squares(goal).unwrap_or_default() {
            terms.push(self.polynomial_term(&l));
        }
        terms.extend(atoms);
        for (i, &x) in atoms.iter().enumerate() {
            for &y in &atoms[i + 1..] {
                let (p, q) = (self.op(x, is.times, y), self.op(x, is.minus, y));
                terms.extend([p, q]);
            }
        }
        let two = self.numeral(2);
        terms.into_iter().map(|t| self.op(t, is.power, two)).collect()
    }
    /// The facts about signs, and squares as further ones.
    fn signs_known(&mut self, goal: &Poly) -> Vec<(Sign, Poly)> {
        let is = self.symbols().is;
        let mut signs: Vec<Sign> = Vec::new();
        for (a, r, b, i) in self.facts.order.clone() {
            signs.push(Sign::Order(a, b, r == is.less, i));
        }
        for (a, b, i) in self.facts.equations.clone() {
            signs.push(Sign::Equation(a, b, i, false));
            signs.push(Sign::Equation(b, a, i, true));
        }
        for (a, _, b, _) in self.facts.order.clone() {
            // Reading them registers their atoms.
            let _ = (self.polynomial(a), self.polynomial(b));
        }
        let atoms: Vec<TermId> = self.atoms.list.iter().copied().take(6).collect();
        let squared = self.squares_that_may_help(goal, &atoms);
        signs.extend(squared.into_iter().map(|t| Sign::Term(t, false)));
        for &x in &atoms {
            if self.positive(x, true).is_some() {
                signs.push(Sign::Term(x, true));
            } else if self.positive(x, false).is_some() {
                signs.push(Sign::Term(x, false));
            }
        }
        for &a in &atoms {
            if let Some([f, x]) = self.symbols().value.read(self.arena, a) {
                if self.arena.head(f) == is.abs {
                    signs.extend([Sign::Absolute(x, false), Sign::Absolute(x, true)]);
                }
            }
        }
        signs.truncate(MAX_CONE);
        let mut out = Vec::new();
        for sign in signs {
            let p = match &sign {
                Sign::Order(a, b, ..) | Sign::Equation(a, b, ..) => {
                    let (a, b) = (self.polynomial(*a), self.polynomial(*b));
                    a.and_then(|a| b.and_then(|b| b.sub(&a)))
                }
                Sign::Term(t, _) => self.polynomial(*t),
                Sign::Absolute(x, negative) => {
                    let difference = self.absolute_difference(*x, *negative);
                    self.polynomial(difference.2)
                }
            };
            if let Some(p) = p.filter(|p| !p.0.is_empty()) {
                out.push((sign, p));
            }
        }
        out
    }
    /// The factors of the signs, and of the constant at the end, with which they sum to the goal.
    fn find_cone(&mut self, signs: &[(Sign, Poly)], goal: &Poly, strict: bool) -> Option<Vec<Q>> {
        let one = Poly::constant(Q::ONE);
        let at = monomials(signs.iter().map(|s| &s.1).chain([goal, &one]));
        let mut columns: Vec<Vec<Q>> = signs.iter().map(|s| coefficients(&s.1, &at)).collect();
        columns.push(coefficients(&one, &at));
        let mut target = coefficients(goal, &at);
        if !strict {
            return cone(&columns, &target);
        }
        // t goal = Σ, where the factors of strict signs sum to 1.
        for (column, sign) in columns.iter_mut().zip(signs.iter().map(|s| Some(&s.0)).chain([None])) {
            let counts = match sign {
                None => true,
                Some(Sign::Order(_, _, strict, _) | Sign::Term(_, strict)) => *strict,
                Some(Sign::Equation(..) | Sign::Absolute(..)) => false,
            };
            column.push(if counts { Q::ONE } else { Q::ZERO });
        }
        let mut t: Vec<Q> = target.iter().map(|q| q.neg()).collect();
        t.push(Q::ZERO);
        columns.push(t);
        target = vec![Q::ZERO; at.len()];
        target.push(Q::ONE);
        let mut found = cone(&columns, &target)?;
        let scale = found.pop()?.recip()?;
        found.into_iter().map(|x| x.mul(scale)).collect()
    }
    /// Proves `0 < Σ factor sign + constant` if `strict`, else with `<_`.
    fn sum_positive(&mut self, signs: &[(Sign, Poly)], factors: &[Q], strict: bool) -> Option<Node> {
        let is = self.symbols().is;
        let mut sum: Option<(TermId, Node, bool)> = None;
        for (k, &factor) in factors.iter().enumerate().filter(|(_, f)| !f.is_zero()) {
            let (term, node, positive) = match signs.get(k) {
                Some((sign, _)) => {
                    let (t, node, positive) = self.prove_sign(sign)?;
                    self.scaled_sign(factor, t, node, positive)?
                }
                None => {
                    let t = self.rational(factor);
                    (t, self.positive(t, true)?, true)
                }
            };
            sum = Some(match sum {
                None => (term, node, positive),
                Some((t, n, p)) => {
                    let reals = [self.member(t, Set::RR)?, self.member(term, Set::RR)?];
                    let whole = self.op(t, is.plus, term);
                    let (label, n, node) = match (p, positive) {
                        (true, true) => ("addgt0d", n, node),
                        (false, true) => ("addgegt0d", n, node),
                        (false, false) => ("addge0d", n, node),
                        (true, false) => ("addgtge0d", n, node),
                    };
                    if label == "addgtge0d" {
                        let turned = self.op(term, is.plus, t);
                        let node = self.by("addgegt0d", &[reals[1], reals[0], node, n])?;
                        (turned, node, true)
                    } else {
                        let node = self.by(label, &[reals[0], reals[1], n, node])?;
                        (whole, node, p || positive)
                    }
                }
            });
        }
        let (t, node, positive) = match sum {
            Some(sum) => sum,
            None => {
                let zero = self.numeral(0);
                let real = self.member(zero, Set::RR)?;
                (zero, self.by("leidd", &[real])?, false)
            }
        };
        if strict && !positive {
            return None;
        }
        if !strict && positive {
            let zero = self.numeral(0);
            let parts = [self.member(zero, Set::RR)?, self.member(t, Set::RR)?, node];
            return self.by("ltled", &parts);
        }
        Some(node)
    }
    /// The term `x` or `-u x`, its absolute value, and their difference.
    fn absolute_difference(&mut self, x: TermId, negative: bool) -> (TermId, TermId, TermId) {
        let is = self.symbols().is;
        let absolute = self.value_of(is.abs, x);
        let below = if negative { self.negative(x) } else { x };
        (below, absolute, self.op(absolute, is.minus, below))
    }
    /// A term with a proof that it is positive (`true`) or not negative.
    fn prove_sign(&mut self, sign: &Sign) -> Option<(TermId, Node, bool)> {
        let is = self.symbols().is;
        let zero = self.numeral(0);
        match *sign {
            Sign::Term(t, strict) => Some((t, self.positive(t, strict)?, strict)),
            Sign::Absolute(x, negative) => {
                let (below, absolute, difference) = self.absolute_difference(x, negative);
                let (low, high) = (self.member(below, Set::RR)?, self.member(absolute, Set::RR)?);
                let mut order = self.by("leabsd", &[low])?;
                if negative {
                    let complex = self.member(x, Set::CC)?;
                    let same = self.by("absnegd", &[complex])?;
                    order = self.by("breqtrd", &[order, same])?;
                }
                let wff = self.related(zero, is.at_most, difference);
                Some((difference, self.by_iff("subge0d", &[high, low], order, wff)?, false))
            }
            Sign::Order(a, b, strict, i) => {
                let (x, y) = (self.member(a, Set::RR)?, self.member(b, Set::RR)?);
                let difference = self.op(b, is.minus, a);
                let fact = self.fact(i)?;
                let wff = self.related(zero, if strict { is.less } else { is.at_most }, difference);
                let node = if strict {
                    self.by_iff("posdifd", &[x, y], fact, wff)?
                } else {
                    self.by_iff("subge0d", &[y, x], fact, wff)?
                };
                Some((difference, node, strict))
            }
            Sign::Equation(a, b, i, turned) => {
                let (x, y) = (self.member(a, Set::RR)?, self.member(b, Set::RR)?);
                let fact = self.fact(i)?;
                let fact = if turned { self.flip(fact)? } else { fact };
                let order = self.by("eqled", &[x, fact])?;
                let difference = self.op(b, is.minus, a);
                let wff = self.related(zero, is.at_most, difference);
                Some((difference, self.by_iff("subge0d", &[y, x], order, wff)?, false))
            }
        }
    }
    fn scaled_sign(&mut self, factor: Q, t: TermId, node: Node, strict: bool) -> Option<(TermId, Node, bool)> {
        if factor == Q::ONE {
            return Some((t, node, strict));
        }
        let q = self.rational(factor);
        let whole = self.op(q, self.symbols().is.times, t);
        let parts = [self.member(q, Set::RR)?, self.member(t, Set::RR)?, self.positive(q, strict)?, node];
        let node = self.by(if strict { "mulgt0d" } else { "mulge0d" }, &parts)?;
        Some((whole, node, strict))
    }
}

/// The span of the relations times monomials of at most this degree, with the relation and monomial of each column.
fn multiples(relations: &[Relation], goal: &Poly, degree: usize) -> Option<(Span, Vec<(usize, Monomial)>)> {
    let mut atoms: Vec<u32> = relations.iter().flat_map(|r| r.difference.0.iter().flat_map(|t| t.0.clone())).collect();
    atoms.extend(goal.0.iter().flat_map(|t| t.0.clone()));
    atoms.sort_unstable();
    atoms.dedup();
    let mut factors = vec![Monomial::new()];
    let mut last = factors.clone();
    for _ in 0..degree {
        let mut next: Vec<Monomial> = Vec::new();
        for m in &last {
            for &a in &atoms {
                let n = product(m, &Monomial::from_slice(&[a]));
                if !next.contains(&n) {
                    next.push(n);
                }
            }
        }
        factors.extend(next.iter().cloned());
        last = next;
        if factors.len() * relations.len() > MAX_COLUMNS {
            return None;
        }
    }
    let mut span = Span::default();
    let mut columns = Vec::new();
    for m in &factors {
        for (i, r) in relations.iter().enumerate() {
            if let Some(p) = r.difference.scale(m, Q::ONE) {
                span.push(columns.len(), &p);
                columns.push((i, m.clone()));
            }
        }
    }
    Some((span, columns))
}

/// The multiplier of each relation.
fn gather(relations: &[Relation], columns: &[(usize, Monomial)], found: &[(usize, Q)]) -> Option<Vec<Poly>> {
    let mut out = vec![Poly::default(); relations.len()];
    for &(k, q) in found {
        let (i, m) = &columns[k];
        out[*i] = out[*i].add(&Poly(vec![(m.clone(), q)]))?;
    }
    Some(out)
}

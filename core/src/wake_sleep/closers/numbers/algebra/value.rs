//! Values of terms without unknowns, and proofs `( ph -> t = q )` of them.

use super::decimal::LIMIT;
use super::polynomial::MAX_POWER;
use super::rational::{square_root, Q};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Head;
use crate::wake_sleep::closers::numbers::table::Set;
use crate::wake_sleep::closers::numbers::{Node, Prover};

/// The largest exponent of a constant that is multiplied out.
const MAX_CONSTANT_POWER: i128 = 100;

impl Prover<'_> {
    /// The rational value of a term, with definitions substituted.
    pub fn constant_value(&mut self, t: TermId) -> Option<Q> {
        if let Some(&known) = self.values.get(&t) {
            return known;
        }
        self.values.insert(t, None);
        let found = self.compute_value(t);
        self.values.insert(t, found);
        found
    }
    fn compute_value(&mut self, t: TermId) -> Option<Q> {
        if let Some(n) = self.symbols().numeral(self.arena, t) {
            return Some(Q::int(n));
        }
        if let Some(value) = self.definition(t) {
            return self.constant_value(value);
        }
        if let Some([x]) = self.symbols().neg.read(self.arena, t) {
            return Some(self.constant_value(x)?.neg());
        }
        if let Some([high, low]) = self.symbols().dec.read(self.arena, t) {
            return self.constant_value(high)?.mul(Q::int(10))?.add(self.constant_value(low)?);
        }
        if let Some([f, x]) = self.symbols().value.read(self.arena, t) {
            let head = self.arena.head(f);
            let is = self.symbols().is;
            if ![is.abs, is.sqrt, is.factorial, is.floor].contains(&head) {
                return None;
            }
            let x = self.constant_value(x)?;
            return self.function_value(head, x);
        }
        let (x, f, y) = self.read_op(t)?;
        let is = self.symbols().is;
        if f == is.modulo {
            let n = self.constant_value(y).filter(|n| n.d == 1 && n.n > 0)?.n;
            return self.residue(x, n).map(Q::int);
        }
        if ![is.plus, is.minus, is.times, is.over, is.power, is.gcd, is.lcm].contains(&f) {
            return None;
        }
        let (x, y) = (self.constant_value(x)?, self.constant_value(y)?);
        match f {
            _ if f == is.plus => x.add(y),
            _ if f == is.minus => x.sub(y),
            _ if f == is.times => x.mul(y),
            _ if f == is.over => x.mul(y.recip()?),
            _ if f == is.power => {
                (y.d == 1 && y.n.abs() <= MAX_CONSTANT_POWER && (y.n >= 0 || !x.is_zero())).then(|| x.pow(y.n))?
            }
            _ => {
                let natural = x.d == 1 && y.d == 1 && x.n >= 0 && y.n >= 0 && (x.n, y.n) != (0, 0);
                let g = super::rational::gcd(x.n, y.n);
                if f == is.lcm {
                    return (natural && x.n > 0 && y.n > 0).then(|| Q::new((x.n / g).checked_mul(y.n)?, 1))?;
                }
                natural.then(|| Q::int(g))
            }
        }
    }
    fn function_value(&self, f: Head, x: Q) -> Option<Q> {
        let is = self.symbols().is;
        match f {
            _ if f == is.abs => Some(if x.n < 0 { x.neg() } else { x }),
            _ if f == is.sqrt && x.n >= 0 => Q::new(square_root(x.n)?, square_root(x.d)?),
            _ if f == is.factorial && x.d == 1 && (0..=30).contains(&x.n) => {
                let product = (1..=x.n).try_fold(1i128, |p, k| p.checked_mul(k))?;
                (product < LIMIT).then_some(Q::int(product))
            }
            _ if f == is.floor => Some(Q::int(x.floor())),
            _ => None,
        }
    }
    /// Proves `( ph -> t = q )`, where q is the value of t.
    pub fn valued(&mut self, t: TermId) -> Option<Node> {
        if let Some(&known) = self.valued.get(&t) {
            return known;
        }
        self.valued.insert(t, None);
        let found = self.prove_value(t);
        self.valued.insert(t, found);
        found
    }
    fn prove_value(&mut self, t: TermId) -> Option<Node> {
        self.constant_value(t)?;
        let s = self.symbols();
        if s.numeral(self.arena, t).is_some() {
            if self.arena.head(t) == s.is.ten {
                let closed = self.by("dec10", &[])?;
                return self.lift(closed);
            }
            return self.same(t);
        }
        if let Some(value) = self.definition(t) {
            let (fact, rest) = (self.definition_node(t)?, self.valued(value)?);
            return self.chain(fact, rest);
        }
        if let Some([x]) = s.neg.read(self.arena, t) {
            let inner = self.valued(x)?;
            let q = self.constant_value(x)?;
            let negated = self.by("negeqd", &[inner])?;
            let rest = self.opposite(q)?;
            return self.chain(negated, rest);
        }
        if let Some([high, low]) = s.dec.read(self.arena, t) {
            let (value, unfolded) = self.unfold_decimal(t, high, low)?;
            let rest = self.valued(value)?;
            return self.chain(unfolded, rest);
        }
        if let Some([f, x]) = s.value.read(self.arena, t) {
            return self.prove_function(t, f, x);
        }
        let (x, f, y) = self.read_op(t)?;
        if f == s.is.modulo {
            return self.prove_modulo(t, x, y);
        }
        let (first, second) = (self.valued(x)?, self.valued(y)?);
        let (p, q) = (self.constant_value(x)?, self.constant_value(y)?);
        let both = self.both(first, f, second)?;
        let rest = match f {
            _ if f == s.is.plus => self.add_rationals(p, q)?,
            _ if f == s.is.times => self.multiply_rationals(p, q)?,
            _ if f == s.is.minus => self.difference(p, q)?,
            _ if f == s.is.over => self.quotient(p, q)?,
            _ if f == s.is.power => self.constant_power(p, q.n)?,
            _ if f == s.is.gcd => {
                let closed = self.prove_gcd(p.n, q.n)?;
                self.lift(closed)?
            }
            _ => self.prove_lcm(p.n, q.n)?,
        };
        self.chain(both, rest)
    }
    /// Proves `-u q = r`.
    fn opposite(&mut self, q: Q) -> Option<Node> {
        let t = self.rational(q);
        let complex = self.member(t, Set::CC)?;
        if q.d == 1 && q.n > 0 {
            let t = self.numeral(-q.n);
            return self.same(t);
        }
        let turned = self.by("mulm1d", &[complex])?;
        let turned = self.flip(turned)?;
        let product = self.multiply_rationals(Q::int(-1), q)?;
        self.chain(turned, product)
    }
    /// Proves `( p - q ) = r`.
    fn difference(&mut self, p: Q, q: Q) -> Option<Node> {
        let (x, y) = (self.rational(p), self.rational(q));
        let parts = [self.member(x, Set::CC)?, self.member(y, Set::CC)?];
        let sum = self.by("negsubd", &parts)?;
        let turned = self.flip(sum)?;
        let negative = self.opposite(q)?;
        let moved = self.right(negative, self.symbols().is.plus, x)?;
        let added = self.add_rationals(p, q.neg())?;
        let first = self.chain(turned, moved)?;
        self.chain(first, added)
    }
    /// Proves `( p / q ) = r`.
    fn quotient(&mut self, p: Q, q: Q) -> Option<Node> {
        if p.d == 1 && q.d == 1 {
            return self.reduce(p.n, q.n);
        }
        let (x, y) = (self.rational(p), self.rational(q));
        let parts = [self.member(x, Set::CC)?, self.member(y, Set::CC)?, self.differs_from_zero(y)?];
        let apart = self.by("divrecd", &parts)?;
        let inverse = self.reciprocal(q)?;
        let moved = self.right(inverse, self.symbols().is.times, x)?;
        let product = self.multiply_rationals(p, q.recip()?)?;
        let first = self.chain(apart, moved)?;
        self.chain(first, product)
    }
    /// Proves `( p ^ n ) = r`.
    fn constant_power(&mut self, p: Q, n: i128) -> Option<Node> {
        let is = self.symbols().is;
        let x = self.rational(p);
        let complex = self.member(x, Set::CC)?;
        if n < 0 {
            let exponent = self.numeral(-n);
            let parts = [complex, self.differs_from_zero(x)?, self.member(exponent, Set::ZZ)?];
            let turned = self.by("expnegd", &parts)?;
            let power = self.constant_power(p, -n)?;
            let one = self.numeral(1);
            let moved = self.right(power, is.over, one)?;
            let inverse = self.reciprocal(p.pow(-n)?)?;
            let first = self.chain(turned, moved)?;
            return self.chain(first, inverse);
        }
        if n <= 1 {
            return self.by(if n == 0 { "exp0d" } else { "exp1d" }, &[complex]);
        }
        if p.d == 1 && p.n >= 0 && n > MAX_POWER.min(3) {
            let closed = self.natural_power(p.n, n)?;
            return self.lift(closed);
        }
        let step = self.power_step(x, n)?;
        if n == 2 {
            let product = self.multiply_rationals(p, p)?;
            return self.chain(step, product);
        }
        let below = self.constant_power(p, n - 1)?;
        let moved = self.left(below, is.times, x)?;
        let product = self.multiply_rationals(p.pow(n - 1)?, p)?;
        let first = self.chain(step, moved)?;
        self.chain(first, product)
    }
    /// Proves `( a ^ n ) = c` for natural numbers, by squaring.
    fn natural_power(&mut self, a: i128, n: i128) -> Option<Node> {
        let base = self.nn0(a)?;
        if n <= 1 {
            return self.by(if n == 0 { "numexp0" } else { "numexp1" }, &[base]);
        }
        if n % 2 == 0 {
            let (half, exponent) = (self.nn0(n / 2)?, self.multiply(2, n / 2)?);
            let root = self.natural_power(a, n / 2)?;
            let value = Q::int(a).pow(n / 2)?.n;
            let square = self.multiply(value, value)?;
            return self.by("numexp2x", &[base, half, exponent, root, square]);
        }
        let is = self.symbols().is;
        let (below, exponent) = (self.nn0(n - 1)?, self.add(n - 1, 1)?);
        let root = self.natural_power(a, n - 1)?;
        let (x, y) = self.sides(root)?;
        let factor = self.numeral(a);
        let (left, right) = (self.op(x, is.times, factor), self.op(y, is.times, factor));
        let goal = self.eq(left, right);
        let first = self.to("oveq1i", &[root], goal)?;
        let second = self.multiply(Q::int(a).pow(n - 1)?.n, a)?;
        let product = self.by("eqtri", &[first, second])?;
        self.by("numexpp1", &[base, below, exponent, product])
    }
    fn prove_function(&mut self, t: TermId, f: TermId, x: TermId) -> Option<Node> {
        let is = self.symbols().is;
        let head = self.arena.head(f);
        let q = self.constant_value(x)?;
        let value = self.constant_value(t)?;
        let inner = self.valued(x)?;
        let argument = self.rational(q);
        let after = self.value_of(head, argument);
        let goal = self.under_eq(t, after);
        let moved = self.to("fveq2d", &[inner], goal)?;
        let rest = match head {
            _ if head == is.abs => self.prove_abs(q)?,
            _ if head == is.sqrt => {
                let root = self.rational(value);
                let parts = [self.member(root, Set::RR)?, self.positive(root, false)?];
                let squared = self.by("sqrtsqd", &parts)?;
                let power = self.constant_power(value, 2)?;
                let (square, number) = self.sides(power)?;
                let (left, right) = (self.value_of(head, square), self.value_of(head, number));
                let goal = self.under_eq(left, right);
                let same = self.to("fveq2d", &[power], goal)?;
                self.by("eqtr3d", &[same, squared])?
            }
            _ if head == is.factorial => {
                let closed = self.prove_factorial(q.n)?;
                self.lift(closed)?
            }
            _ => self.prove_floor(q)?,
        };
        self.chain(moved, rest)
    }
    fn prove_abs(&mut self, q: Q) -> Option<Node> {
        let is = self.symbols().is;
        if q.n >= 0 {
            let t = self.rational(q);
            let parts = [self.member(t, Set::RR)?, self.positive(t, false)?];
            return self.by("absidd", &parts);
        }
        // q = -u p
        let p = self.rational(q.neg());
        let complex = self.member(p, Set::CC)?;
        let turned = self.by("absnegd", &[complex])?;
        let negative = self.opposite(q.neg())?;
        let (minus, number) = self.sides(negative)?;
        let (left, right) = (self.value_of(is.abs, minus), self.value_of(is.abs, number));
        let goal = self.under_eq(left, right);
        let same = self.to(
            if minus == number { "eqidd" } else { "fveq2d" },
            if minus == number { &[] } else { std::slice::from_ref(&negative) },
            goal,
        )?;
        let back = self.flip(same)?;
        let first = self.chain(back, turned)?;
        let rest = self.prove_abs(q.neg())?;
        self.chain(first, rest)
    }
    /// Proves `( ! ` n ) = c`.
    fn prove_factorial(&mut self, n: i128) -> Option<Node> {
        if n == 0 {
            return self.by("fac0", &[]);
        }
        let is = self.symbols().is;
        let natural = self.nn0(n - 1)?;
        let (below, one) = (self.numeral(n - 1), self.numeral(1));
        let next = self.op(below, is.plus, one);
        let (above, under) = (self.value_of(is.factorial, next), self.value_of(is.factorial, below));
        let product = self.op(under, is.times, next);
        let wff = self.eq(above, product);
        let said = self.formula(natural);
        let implication = self.symbols().implies.make(self.arena, [said, wff]);
        let lemma = self.to("facp1", &[], implication)?;
        let step = self.by("ax-mp", &[natural, lemma])?;
        // The numerals: ( n - 1 ) + 1 = n.
        let sum = self.add(n - 1, 1)?;
        let number = self.numeral(n);
        let whole = self.value_of(is.factorial, number);
        let goal = self.eq(above, whole);
        let left = self.to("fveq2i", &[sum], goal)?;
        let smaller = self.prove_factorial(n - 1)?;
        let (_, value) = self.sides(smaller)?;
        let factors = self.op(value, is.times, number);
        let goal = self.eq(product, factors);
        let right = self.to("oveq12i", &[smaller, sum], goal)?;
        let previous = (1..n).product::<i128>();
        let multiplied = self.multiply(previous, n)?;
        let step = self.by("eqtr3i", &[left, step])?;
        let step = self.by("eqtri", &[step, right])?;
        self.by("eqtri", &[step, multiplied])
    }
    /// Proves `( |_ ` q ) = n`.
    fn prove_floor(&mut self, q: Q) -> Option<Node> {
        let is = self.symbols().is;
        let (t, number, n) = (self.rational(q), self.numeral(q.floor()), q.floor());
        let parts = [self.member(t, Set::RR)?, self.member(number, Set::ZZ)?];
        let both = self.conjunction(&parts)?;
        let one = self.numeral(1);
        let next = self.op(number, is.plus, one);
        let sum = self.add_rationals(Q::int(n), Q::ONE)?;
        let above = self.compare_rationals(q, Q::int(n + 1), true)?;
        let back = self.flip(sum)?;
        let above = if self.sides(sum)?.0 == self.sides(sum)?.1 { above } else { self.by("breqtrd", &[above, back])? };
        let below = self.compare_rationals(Q::int(n), q, false)?;
        let bounds = self.conjunction(&[below, above])?;
        let floor = self.value_of(is.floor, t);
        let wff = self.eq(floor, number);
        let said = self.said(bounds)?;
        let iff = self.symbols().iff.make(self.arena, [wff, said]);
        debug_assert!(next.0 > 0);
        let lemma = self.infer(both, "flbi", iff)?;
        self.by("mpbird", &[bounds, lemma])
    }
    /// Proves `p < q` if `strict`, else `p <_ q`.
    pub fn compare_rationals(&mut self, p: Q, q: Q, strict: bool) -> Option<Node> {
        let is = self.symbols().is;
        let (x, y) = (self.rational(p), self.rational(q));
        let difference = q.sub(p)?;
        if difference.n < 0 || (strict && difference.n == 0) {
            return None;
        }
        let (real_x, real_y) = (self.member(x, Set::RR)?, self.member(y, Set::RR)?);
        if difference.n == 0 {
            return self.by("leidd", &[real_x]);
        }
        let less = if p.d == 1 && q.d == 1 && p.n >= 0 {
            let closed = self.less(p.n, q.n)?;
            self.lift(closed)?
        } else {
            let value = self.difference(q, p)?;
            let d = self.rational(difference);
            let positive = self.positive(d, true)?;
            let back = self.flip(value)?;
            let positive = self.by("breqtrd", &[positive, back])?;
            let wff = self.related(x, is.less, y);
            self.by_iff("posdifd", &[real_x, real_y], positive, wff)?
        };
        if strict {
            Some(less)
        } else {
            self.by("ltled", &[real_x, real_y, less])
        }
    }
    /// Proves `( a gcd b ) = g` for natural numbers.
    fn prove_gcd(&mut self, a: i128, b: i128) -> Option<Node> {
        let (x, y) = (self.nn0(a)?, self.nn0(b)?);
        let is = self.symbols().is;
        let (at, bt) = (self.numeral(a), self.numeral(b));
        if b == 0 {
            let gcd = self.op(at, is.gcd, bt);
            let wff = self.eq(gcd, at);
            let implication = self.symbols().implies.make(self.arena, [self.formula(x), wff]);
            let lemma = self.to("nn0gcdid0", &[], implication)?;
            return self.by("ax-mp", &[x, lemma]);
        }
        let (k, r) = (a / b, a % b);
        let (kn, rn) = (self.nn0(k)?, self.nn0(r)?);
        let smaller = self.prove_gcd(b, r)?;
        let division = self.divide(a, b)?;
        self.by("gcdi", &[kn, rn, y, smaller, division])
    }
    /// Proves `( ( k x. b ) + r ) = a` with the quotient k and the remainder r, which is not negative.
    pub fn divide(&mut self, a: i128, b: i128) -> Option<Node> {
        let is = self.symbols().is;
        let (k, r) = (a.div_euclid(b), a.rem_euclid(b));
        let product = self.multiply_integers(k, b)?;
        let (x, y) = self.sides(product)?;
        let rest = self.numeral(r);
        let (left, right) = (self.op(x, is.plus, rest), self.op(y, is.plus, rest));
        let goal = self.eq(left, right);
        let first = self.to("oveq1i", &[product], goal)?;
        let second = self.add_integers(k * b, r)?;
        self.by("eqtri", &[first, second])
    }
    /// Proves `( a lcm b ) = c` for positive numbers.
    fn prove_lcm(&mut self, a: i128, b: i128) -> Option<Node> {
        let is = self.symbols().is;
        let g = super::rational::gcd(a, b);
        let l = a / g * b;
        let (at, bt, lt, gt) = (self.numeral(a), self.numeral(b), self.numeral(l), self.numeral(g));
        let lcm = self.op(at, is.lcm, bt);
        let gcd = self.op(at, is.gcd, bt);
        let naturals = [self.member(at, Set::NN)?, self.member(bt, Set::NN)?];
        let naturals = self.conjunction(&naturals)?;
        let integers = [self.member(at, Set::ZZ)?, self.member(bt, Set::ZZ)?];
        let integers = self.conjunction(&integers)?;
        let wff = self.element(lcm, Set::NN0);
        let natural = self.infer(integers, "lcmcl", wff)?;
        let complex = self.by("nn0cnd", &[natural])?;
        let (left, right) = (self.op(lcm, is.times, gcd), self.op(at, is.times, bt));
        let wff = self.eq(left, right);
        let product = self.infer(naturals, "lcmgcdnn", wff)?;
        let closed = self.prove_gcd(a, b)?;
        let value = self.lift(closed)?;
        let moved = self.right(value, is.times, lcm)?;
        let back = self.flip(moved)?;
        let first = self.chain(back, product)?;
        let closed = self.multiply(a, b)?;
        let computed = self.lift(closed)?;
        let first = self.chain(first, computed)?;
        let closed = self.multiply(l, g)?;
        let other = self.lift(closed)?;
        let same = self.by("eqtr4d", &[first, other])?;
        let parts = [complex, self.member(lt, Set::CC)?, self.member(gt, Set::CC)?, self.differs_from_zero(gt)?, same];
        self.by("mulcan2ad", &parts)
    }
}

//! Closed statements about integers in decimal notation, proved digit by digit.
//!
//! Numbers are `i128` here, below 10^36. Numerals are `0` … `9` and `; A B`; a negative one is `-u N`. The proof of a
//! product of m and n digits has O(m n) steps, that of a sum O(m + n).

use crate::metamath_db::ids::TermId;
use crate::wake_sleep::closers::numbers::table::DigitTable;
use crate::wake_sleep::closers::numbers::{Node, Prover};

/// The bound below which numbers must stay.
pub const LIMIT: i128 = 1_000_000_000_000_000_000_000_000_000_000_000_000;

const NN0: [&str; 10] = ["0nn0", "1nn0", "2nn0", "3nn0", "4nn0", "5nn0", "6nn0", "7nn0", "8nn0", "9nn0"];
const NN: [&str; 10] = ["", "1nn", "2nn", "3nn", "4nn", "5nn", "6nn", "7nn", "8nn", "9nn"];

impl Prover<'_> {
    /// The numeral of an integer.
    pub fn numeral(&mut self, n: i128) -> TermId {
        if n < 0 {
            let a = self.numeral(-n);
            return self.negative(a);
        }
        if n < 10 {
            return self.constant(self.symbols().digits[n as usize]);
        }
        let (high, low) = (self.numeral(n / 10), self.numeral(n % 10));
        self.symbols().dec.make(self.arena, [high, low])
    }
    /// Proves `n e. NN0`.
    pub fn nn0(&mut self, n: i128) -> Option<Node> {
        if n < 10 {
            return self.by(NN0.get(usize::try_from(n).ok()?)?, &[]);
        }
        let (high, low) = (self.nn0(n / 10)?, self.nn0(n % 10)?);
        self.by("deccl", &[high, low])
    }
    /// Proves `n e. NN`.
    pub fn nn(&mut self, n: i128) -> Option<Node> {
        if n < 10 {
            return self.by(NN.get(usize::try_from(n).ok().filter(|&n| n > 0)?)?, &[]);
        }
        if n % 10 == 0 {
            let high = self.nn(n / 10)?;
            return self.by("decnncl2", &[high]);
        }
        let (high, low) = (self.nn0(n / 10)?, self.nn(n % 10)?);
        self.by("decnncl", &[high, low])
    }
    /// Proves `n e. CC` for an integer.
    pub fn complex(&mut self, n: i128) -> Option<Node> {
        let natural = self.nn0(n.abs())?;
        let complex = self.by("nn0cni", &[natural])?;
        if n < 0 {
            self.by("negcli", &[complex])
        } else {
            Some(complex)
        }
    }
    /// Proves `n = ; A B`, with a leading zero if needed.
    fn two_digits(&mut self, n: i128) -> Option<Node> {
        if n < 10 {
            let natural = self.nn0(n)?;
            return self.by("dec0h", &[natural]);
        }
        let t = self.numeral(n);
        let goal = self.eq(t, t);
        self.to("eqid", &[], goal)
    }
    /// The statement about two digits from the tables, with `; 1 0` for ten in its result.
    fn table_fact(&mut self, table: DigitTable, a: i128, b: i128) -> Option<Node> {
        let found = self.table.digits(table, a as u8, b as u8);
        let premise = *found.iter().find(|&&p| (self.allowed)(p))?;
        let fact = self.apply(premise, &[], None)?;
        let ten = self.constant(self.symbols().is.ten);
        match self.sides(fact) {
            Some((_, result)) if result == ten => {
                let dec10 = self.by("dec10", &[])?;
                self.by("eqtri", &[fact, dec10])
            }
            _ => Some(fact),
        }
    }
    /// Proves `( a + b ) = c` for natural numbers.
    pub fn add(&mut self, a: i128, b: i128) -> Option<Node> {
        if a + b >= LIMIT {
            return None;
        }
        if b == 0 || a == 0 {
            let x = self.complex(a + b)?;
            return self.by(if b == 0 { "addid1i" } else { "addid2i" }, &[x]);
        }
        if a < 10 && b < 10 {
            return self.table_fact(DigitTable::Sum, a, b).or_else(|| {
                let fact = self.table_fact(DigitTable::Sum, b, a)?;
                let (x, y) = (self.complex(b)?, self.complex(a)?);
                self.by("addcomli", &[x, y, fact])
            });
        }
        let (low, high) = (self.add(a % 10, b % 10)?, [a / 10, b / 10]);
        let carry = a % 10 + b % 10 >= 10;
        let (ah, al, m) = (self.nn0(high[0])?, self.nn0(a % 10)?, self.two_digits(a)?);
        if b < 10 {
            let n = self.nn0(b)?;
            if !carry {
                return self.by("decaddi", &[ah, al, n, m, low]);
            }
            let (next, c) = (self.add(high[0], 1)?, self.nn0((a + b) % 10)?);
            return self.by("decaddci", &[ah, al, n, m, next, c, low]);
        }
        let (bh, bl, n) = (self.nn0(high[1])?, self.nn0(b % 10)?, self.two_digits(b)?);
        let sum = self.add(high[0], high[1])?;
        if !carry {
            return self.by("decadd", &[ah, al, bh, bl, m, n, sum, low]);
        }
        let sum = self.then_add(sum, high[0] + high[1], 1)?;
        let f = self.nn0((a + b) % 10)?;
        self.by("decaddc", &[ah, al, bh, bl, m, n, sum, f, low])
    }
    /// From `X = a` to `( X + b ) = c`.
    fn then_add(&mut self, fact: Node, a: i128, b: i128) -> Option<Node> {
        let (x, value) = self.sides(fact)?;
        let plus = self.symbols().is.plus;
        let b_term = self.numeral(b);
        let (left, right) = (self.op(x, plus, b_term), self.op(value, plus, b_term));
        let goal = self.eq(left, right);
        let first = self.to("oveq1i", &[fact], goal)?;
        let second = self.add(a, b)?;
        self.by("eqtri", &[first, second])
    }
    /// Proves `( a x. b ) = c` for natural numbers.
    pub fn multiply(&mut self, a: i128, b: i128) -> Option<Node> {
        if a.checked_mul(b)? >= LIMIT {
            return None;
        }
        if a < 2 || b < 2 {
            let (label, x) = match (a, b) {
                (_, 0) => ("mul01i", a),
                (0, _) => ("mul02i", b),
                (_, 1) => ("mulid1i", a),
                _ => ("mulid2i", b),
            };
            let x = self.complex(x)?;
            return self.by(label, &[x]);
        }
        if a < 10 && b < 10 {
            return self.table_fact(DigitTable::Product, a, b).or_else(|| {
                let fact = self.table_fact(DigitTable::Product, b, a)?;
                let (x, y) = (self.complex(b)?, self.complex(a)?);
                self.by("mulcomli", &[x, y, fact])
            });
        }
        // The number whose digits are multiplied, and the factor.
        let (label, whole, factor) = if b < 10 { ("decmul1c", a, b) } else { ("decmul2c", b, a) };
        let low = if b < 10 { self.multiply(a % 10, b)? } else { self.multiply(a, b % 10)? };
        let high = if b < 10 { self.multiply(a / 10, b)? } else { self.multiply(a, b / 10)? };
        let product = whole % 10 * factor;
        let low = if product < 10 {
            let padded = self.two_digits(product)?;
            self.by("eqtri", &[low, padded])?
        } else {
            low
        };
        let high = self.then_add(high, whole / 10 * factor, product / 10)?;
        let (p, ah, al) = (self.nn0(factor)?, self.nn0(whole / 10)?, self.nn0(whole % 10)?);
        let (n, d, e) = (self.two_digits(whole)?, self.nn0(product % 10)?, self.nn0(product / 10)?);
        self.by(label, &[p, ah, al, n, d, e, high, low])
    }
    /// Proves `a < b` for natural numbers.
    pub fn less(&mut self, a: i128, b: i128) -> Option<Node> {
        if a >= b {
            return None;
        }
        if a == 0 {
            let b = self.nn(b)?;
            return self.by("nngt0i", &[b]);
        }
        if b < 10 {
            return self.table_fact(DigitTable::Less, a, b);
        }
        let (bh, bl) = (b / 10, b % 10);
        if a < 10 {
            let (h, l, c) = (self.nn(bh)?, self.nn0(bl)?, self.nn0(a)?);
            let ten = self.table_fact(DigitTable::Less, a, 10)?;
            return self.by("declti", &[h, l, c, ten]);
        }
        let (h, al) = (self.nn0(a / 10)?, self.nn0(a % 10)?);
        if a / 10 == bh {
            let (l, low) = (self.nn(bl)?, self.less(a % 10, bl)?);
            return self.by("declt", &[h, al, l, low]);
        }
        let (bh_nn0, bl_nn0) = (self.nn0(bh)?, self.nn0(bl)?);
        let ten = self.table_fact(DigitTable::Less, a % 10, 10)?;
        let high = self.less(a / 10, bh)?;
        self.by("decltc", &[h, bh_nn0, al, bl_nn0, ten, high])
    }
    /// From `X = -u a`'s inner `x = a` to `-u x = -u a`, after `first : Y = -u x` or before `first : -u x = Y`.
    fn negated(&mut self, inner: Node) -> Option<Node> {
        self.by("negeqi", &[inner])
    }
    /// Proves `( a - b ) = c` for natural numbers a and b and an integer c.
    fn subtract(&mut self, a: i128, b: i128) -> Option<Node> {
        let (x, y) = (self.complex(a)?, self.complex(b)?);
        if a >= b {
            let (z, sum) = (self.complex(a - b)?, self.add(b, a - b)?);
            return self.by("subaddrii", &[x, y, z, sum]);
        }
        let difference = self.subtract(b, a)?;
        let (turned, negated) = (self.by("negsubdi2i", &[y, x])?, self.negated(difference)?);
        self.by("eqtr3i", &[turned, negated])
    }
    /// Proves `( a + b ) = c` for integers.
    pub fn add_integers(&mut self, a: i128, b: i128) -> Option<Node> {
        if a == 0 || b == 0 {
            let x = self.complex(a + b)?;
            return self.by(if b == 0 { "addid1i" } else { "addid2i" }, &[x]);
        }
        match (a < 0, b < 0) {
            (false, false) => self.add(a, b),
            (false, true) => {
                let (x, y) = (self.complex(a)?, self.complex(-b)?);
                let (first, second) = (self.by("negsubi", &[x, y])?, self.subtract(a, -b)?);
                self.by("eqtri", &[first, second])
            }
            (true, false) => {
                let (x, y) = (self.complex(b)?, self.complex(a)?);
                let sum = self.add_integers(b, a)?;
                self.by("addcomli", &[x, y, sum])
            }
            (true, true) => {
                let (x, y) = (self.complex(-a)?, self.complex(-b)?);
                let sum = self.add(-a, -b)?;
                let (apart, negated) = (self.by("negdii", &[x, y])?, self.negated(sum)?);
                self.by("eqtr3i", &[apart, negated])
            }
        }
    }
    /// Proves `( a x. b ) = c` for integers.
    pub fn multiply_integers(&mut self, a: i128, b: i128) -> Option<Node> {
        if a == 0 || b == 0 {
            let x = self.complex(a + b)?;
            return self.by(if b == 0 { "mul01i" } else { "mul02i" }, &[x]);
        }
        let label = match (a < 0, b < 0) {
            (false, false) => return self.multiply(a, b),
            (true, false) => "mulneg1i",
            (false, true) => "mulneg2i",
            (true, true) => "mul2negi",
        };
        let (x, y) = (self.complex(a.abs())?, self.complex(b.abs())?);
        let (signs, product) = (self.by(label, &[x, y])?, self.multiply(a.abs(), b.abs())?);
        let product = if a < 0 && b < 0 { product } else { self.negated(product)? };
        self.by("eqtri", &[signs, product])
    }
}

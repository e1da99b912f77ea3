//! Questions of sort: in which sets of numbers a term lies, whether it is zero, which sign it has.
//!
//! Each question about a term is answered once: from facts, by structure, and from stronger answers.

use super::table::{Set, SETS};
use super::{Node, Prover, Question};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Head;

/// Deductions from membership in a smaller set to membership in a larger one.
const WIDER: &[(Set, Set, &str)] = &[
    (Set::NN, Set::CC, "nncnd"),
    (Set::NN, Set::RR, "nnred"),
    (Set::NN, Set::ZZ, "nnzd"),
    (Set::NN, Set::NN0, "nnnn0d"),
    (Set::NN, Set::RRp, "nnrpd"),
    (Set::NN0, Set::CC, "nn0cnd"),
    (Set::NN0, Set::RR, "nn0red"),
    (Set::NN0, Set::ZZ, "nn0zd"),
    (Set::ZZ, Set::CC, "zcnd"),
    (Set::ZZ, Set::RR, "zred"),
    (Set::RRp, Set::CC, "rpcnd"),
    (Set::RRp, Set::RR, "rpred"),
    (Set::RR, Set::CC, "recnd"),
];

/// The sets to try when nothing says directly that a term lies in `s`.
fn narrower(s: Set) -> &'static [Set] {
    match s {
        Set::CC => &[Set::RR],
        Set::RR => &[Set::ZZ, Set::RRp, Set::QQ],
        Set::QQ => &[Set::ZZ],
        Set::ZZ => &[Set::NN0],
        Set::NN0 | Set::RRp => &[Set::NN],
        Set::NN => &[],
    }
}

impl Prover<'_> {
    /// Proves `( ph -> a e. s )`.
    pub fn member(&mut self, a: TermId, s: Set) -> Option<Node> {
        self.ask(Question::Member(a, s), |p| {
            p.member_by_facts(a, s)
                .or_else(|| p.member_by_structure(a, s))
                .or_else(|| p.member_by_definition(a, s))
                .or_else(|| {
                    narrower(s).iter().find_map(|&t| {
                        let narrow = p.member(a, t)?;
                        p.widen(narrow, a, t, s)
                    })
                })
                .or_else(|| p.member_by_sign(a, s))
        })
    }
    fn widen(&mut self, n: Node, a: TermId, from: Set, to: Set) -> Option<Node> {
        if from == to {
            return Some(n);
        }
        if let Some(&(_, _, label)) = WIDER.iter().find(|w| (w.0, w.1) == (from, to)) {
            return self.by(label, &[n]);
        }
        match (from, to) {
            (Set::ZZ, Set::QQ) | (Set::QQ, Set::RR) => {
                let wff = self.element(a, to);
                self.infer(n, if from == Set::ZZ { "zq" } else { "qre" }, wff)
            }
            (Set::QQ, Set::CC) => {
                let real = self.widen(n, a, Set::QQ, Set::RR)?;
                self.by("recnd", &[real])
            }
            (Set::NN | Set::NN0, Set::QQ) => {
                let integer = self.widen(n, a, from, Set::ZZ)?;
                self.widen(integer, a, Set::ZZ, Set::QQ)
            }
            _ => None,
        }
    }
    fn member_by_facts(&mut self, a: TermId, s: Set) -> Option<Node> {
        let found = self.facts.elements.get(&a)?.clone();
        found.into_iter().find_map(|(class, i)| {
            let from = self.symbols().set(self.arena, class)?;
            let narrow = from == s
                || WIDER.iter().any(|w| (w.0, w.1) == (from, s))
                || matches!((from, s), (Set::ZZ | Set::NN | Set::NN0, Set::QQ) | (Set::QQ, Set::RR | Set::CC));
            let fact = if narrow { self.fact(i)? } else { return None };
            self.widen(fact, a, from, s)
        })
    }
    fn member_by_definition(&mut self, a: TermId, s: Set) -> Option<Node> {
        let value = self.definition(a)?;
        let (member, fact) = (self.member(value, s)?, self.definition_node(a)?);
        self.by("eqeltrd", &[fact, member])
    }
    /// Proves membership in the positive reals and integers by the sign.
    fn member_by_sign(&mut self, a: TermId, s: Set) -> Option<Node> {
        let wide = match s {
            Set::RRp => Set::RR,
            Set::NN => Set::ZZ,
            _ => return None,
        };
        if self.facts.order.is_empty() {
            return None;
        }
        let (member, positive) = (self.member(a, wide)?, self.positive_by_facts(a, true)?);
        if s == Set::RRp {
            return self.by("elrpd", &[member, positive]);
        }
        let both = self.conjunction(&[member, positive])?;
        let (wff, said) = (self.element(a, Set::NN), self.said(both)?);
        let iff = self.symbols().iff.make(self.arena, [wff, said]);
        let lemma = self.to("elnnz", &[], iff)?;
        self.by("sylibr", &[both, lemma])
    }
    fn member_by_structure(&mut self, a: TermId, s: Set) -> Option<Node> {
        if let Some(n) = self.symbols().numeral(self.arena, a) {
            return self.numeral_member(a, n, s);
        }
        if let Some([x]) = self.symbols().neg.read(self.arena, a) {
            let label = match s {
                Set::CC => "negcld",
                Set::RR => "renegcld",
                Set::ZZ => "znegcld",
                _ => return None,
            };
            let x = self.member(x, s)?;
            return self.by(label, &[x]);
        }
        if let Some([f, x]) = self.symbols().value.read(self.arena, a) {
            return self.value_member(a, f, x, s);
        }
        if let Some((x, f, y)) = self.read_op(a) {
            return self.operation_member(a, x, f, y, s);
        }
        let (head, is) = (self.arena.head(a), self.symbols().is);
        if head == is.i && s == Set::CC || head == is.pi && s == Set::RR {
            let closed = self.by(if s == Set::CC { "ax-icn" } else { "pire" }, &[])?;
            return self.lift(closed);
        }
        let [high, low] = self.symbols().dec.read(self.arena, a)?;
        if s != Set::NN0 {
            return None;
        }
        // `; A B` with parts that are no digits: by its definition.
        let (value, definition) = self.unfold_decimal(a, high, low)?;
        let member = self.member(value, s)?;
        self.by("eqeltrd", &[definition, member])
    }
    /// Proves `( ph -> ; A B = ( ( 10 x. A ) + B ) )`; also returns the right side.
    pub fn unfold_decimal(&mut self, t: TermId, high: TermId, low: TermId) -> Option<(TermId, Node)> {
        let is = self.symbols().is;
        let ten = self.constant(is.ten);
        let product = self.op(ten, is.times, high);
        let value = self.op(product, is.plus, low);
        let goal = self.eq(t, value);
        let closed = self.to("df-dec", &[], goal)?;
        Some((value, self.lift(closed)?))
    }
    fn numeral_member(&mut self, a: TermId, n: i128, s: Set) -> Option<Node> {
        if self.arena.head(a) == self.symbols().is.ten {
            let closed = match s {
                Set::NN0 => self.by("10nn0", &[])?,
                Set::NN => self.by("10nn", &[])?,
                _ => return None,
            };
            return self.lift(closed);
        }
        let closed = match s {
            Set::NN0 => self.nn0(n)?,
            Set::NN if n > 0 => self.nn(n)?,
            Set::RR | Set::CC | Set::ZZ => {
                let natural = self.member(a, Set::NN0)?;
                return self.widen(natural, a, Set::NN0, s);
            }
            _ => return None,
        };
        self.lift(closed)
    }
    fn operation_member(&mut self, a: TermId, x: TermId, f: Head, y: TermId, s: Set) -> Option<Node> {
        let is = self.symbols().is;
        if f == is.over {
            return self.quotient_member(a, x, y, s);
        }
        if f == is.power {
            return self.power_member(a, x, y, s);
        }
        let labels: [&str; 7] = match f {
            _ if f == is.plus => ["addcld", "readdcld", "qaddcl", "zaddcld", "nn0addcld", "rpaddcld", "nnaddcld"],
            _ if f == is.times => ["mulcld", "remulcld", "qmulcl", "zmulcld", "nn0mulcld", "rpmulcld", "nnmulcld"],
            _ if f == is.minus => ["subcld", "resubcld", "qsubcl", "zsubcld", "", "", ""],
            _ if f == is.modulo && s == Set::NN0 => {
                let parts = [self.member(x, Set::ZZ)?, self.member(y, Set::NN)?];
                return self.by("zmodcld", &parts);
            }
            _ if f == is.modulo && s == Set::RR => {
                let parts = [self.member(x, Set::RR)?, self.member(y, Set::RRp)?];
                return self.by("modcld", &parts);
            }
            _ if f == is.gcd && s == Set::NN0 => {
                let parts = [self.member(x, Set::ZZ)?, self.member(y, Set::ZZ)?];
                return self.by("gcdcld", &parts);
            }
            _ => return None,
        };
        let label = labels[s as usize];
        if label.is_empty() {
            return None;
        }
        let parts = [self.member(x, s)?, self.member(y, s)?];
        if s != Set::QQ {
            return self.by(label, &parts);
        }
        let both = self.conjunction(&parts)?;
        let wff = self.element(a, s);
        self.infer(both, label, wff)
    }
    fn quotient_member(&mut self, a: TermId, x: TermId, y: TermId, s: Set) -> Option<Node> {
        match s {
            Set::CC | Set::RR => {
                let label = if s == Set::CC { "divcld" } else { "redivcld" };
                let parts = [self.member(x, s)?, self.member(y, s)?, self.differs_from_zero(y)?];
                self.by(label, &parts)
            }
            Set::RRp => {
                let parts = [self.member(x, s)?, self.member(y, s)?];
                self.by("rpdivcld", &parts)
            }
            Set::QQ => {
                let parts = [self.member(x, s)?, self.member(y, s)?, self.differs_from_zero(y)?];
                let all = self.conjunction(&parts)?;
                let wff = self.element(a, s);
                self.infer(all, "qdivcl", wff)
            }
            _ => None,
        }
    }
    fn power_member(&mut self, a: TermId, x: TermId, y: TermId, s: Set) -> Option<Node> {
        let label = match s {
            Set::CC => "expcld",
            Set::RR => "reexpcld",
            Set::ZZ => "zexpcl",
            Set::NN0 => "nn0expcld",
            Set::NN => "nnexpcld",
            Set::RRp => "rpexpcld",
            Set::QQ => return None,
        };
        let base = self.member(x, s)?;
        if s == Set::RRp {
            let exponent = self.member(y, Set::ZZ)?;
            return self.by(label, &[base, exponent]);
        }
        let Some(exponent) = self.member(y, Set::NN0) else {
            if s != Set::CC {
                return None;
            }
            let parts = [base, self.differs_from_zero(x)?, self.member(y, Set::ZZ)?];
            return self.by("expclzd", &parts);
        };
        if s == Set::ZZ {
            let both = self.conjunction(&[base, exponent])?;
            let wff = self.element(a, s);
            return self.infer(both, label, wff);
        }
        self.by(label, &[base, exponent])
    }
    fn value_member(&mut self, a: TermId, f: TermId, x: TermId, s: Set) -> Option<Node> {
        let (head, is) = (self.arena.head(f), self.symbols().is);
        let deduced: &[(Head, Set, Set, &'static str)] = &[
            (is.abs, Set::RR, Set::CC, "abscld"),
            (is.sqrt, Set::RRp, Set::RRp, "rpsqrtcld"),
            (is.sqrt, Set::CC, Set::CC, "sqrtcld"),
            (is.floor, Set::ZZ, Set::RR, "flcld"),
            (is.exp, Set::RR, Set::RR, "reefcld"),
            (is.log, Set::RR, Set::RRp, "relogcld"),
            (is.sine, Set::RR, Set::RR, "resincld"),
            (is.cosine, Set::RR, Set::RR, "recoscld"),
        ];
        if let Some(&(_, _, from, label)) = deduced.iter().find(|d| (d.0, d.1) == (head, s)) {
            let x = self.member(x, from)?;
            return self.by(label, &[x]);
        }
        if head == is.sqrt && s == Set::RR {
            let parts = [self.member(x, Set::RR)?, self.positive(x, false)?];
            return self.by("resqrtcld", &parts);
        }
        if head == is.factorial && s == Set::NN {
            let natural = self.member(x, Set::NN0)?;
            let wff = self.element(a, s);
            return self.infer(natural, "faccl", wff);
        }
        let class = self.constant(self.symbols().sets[s as usize]);
        let found = self.facts.maps.get(&f)?.clone();
        found.into_iter().filter(|m| m.0[1] == class).find_map(|([domain, _], i)| {
            let from = self.symbols().set(self.arena, domain)?;
            let (map, argument) = (self.fact(i)?, self.member(x, from)?);
            self.by("ffvelrnd", &[map, argument])
        })
    }

    /// Proves `( ph -> a =/= 0 )`.
    pub fn differs_from_zero(&mut self, a: TermId) -> Option<Node> {
        self.ask(Question::Nonzero(a), |p| {
            p.differs_by_facts(a)
                .or_else(|| p.differs_by_structure(a))
                .or_else(|| {
                    let natural = p.member(a, Set::NN)?;
                    p.by("nnne0d", &[natural])
                })
                .or_else(|| {
                    let positive = p.member(a, Set::RRp)?;
                    p.by("rpne0d", &[positive])
                })
                .or_else(|| {
                    let positive = p.positive_by_facts(a, true)?;
                    p.by("gt0ne0d", &[positive])
                })
                .or_else(|| p.differs_by_value(a))
        })
    }
    /// Proves it for a sum or difference: by its value, by a fact `x =/= y` with a multiple of its polynomial, by its
    /// sign.
    fn differs_by_value(&mut self, a: TermId) -> Option<Node> {
        let is = self.symbols().is;
        self.read_op(a).filter(|(_, f, _)| *f == is.plus || *f == is.minus)?;
        if let Some(q) = self.constant_value(a) {
            let number = self.rational(q);
            if q.is_zero() || number == a {
                return None;
            }
            let (value, differs) = (self.valued(a)?, self.differs_from_zero(number)?);
            return self.by("eqnetrd", &[value, differs]);
        }
        let p = self.polynomial(a)?;
        for (x, y, _) in self.facts.differing.clone() {
            let difference = self.op(x, is.minus, y);
            let q = self.polynomial(difference)?;
            let Some(factor) = p.divide(&q).and_then(|f| f.as_constant()) else { continue };
            let factor = self.rational(factor);
            let whole = self.op(factor, is.times, difference);
            let same = self.prove_equation(a, whole)?;
            let differs = self.differs_from_zero(whole)?;
            return self.by("eqnetrd", &[same, differs]);
        }
        if std::mem::replace(&mut self.combining, true) {
            return None;
        }
        let zero = self.numeral(0);
        let positive = self.prove_order(zero, a, true);
        self.combining = false;
        self.by("gt0ne0d", &[positive?])
    }
    fn differs_by_facts(&mut self, a: TermId) -> Option<Node> {
        let zero = self.numeral(0);
        let (straight, turned) = (self.differs(a, zero), self.differs(zero, a));
        if let Some(n) = self.known_fact(straight) {
            return Some(n);
        }
        if let Some(n) = self.known_fact(turned) {
            return self.by("necomd", &[n]);
        }
        let value = self.definition(a)?;
        let (differs, fact) = (self.differs_from_zero(value)?, self.definition_node(a)?);
        self.by("eqnetrd", &[fact, differs])
    }
    fn differs_by_structure(&mut self, a: TermId) -> Option<Node> {
        let is = self.symbols().is;
        if let Some([x]) = self.symbols().neg.read(self.arena, a) {
            let parts = [self.member(x, Set::CC)?, self.differs_from_zero(x)?];
            return self.by("negne0d", &parts);
        }
        if self.arena.head(a) == is.i {
            let closed = self.by("ine0", &[])?;
            return self.lift(closed);
        }
        let (x, f, y) = self.read_op(a)?;
        if f == is.minus {
            return self.difference_differs(x, y);
        }
        if f == is.power {
            let parts = [self.member(x, Set::CC)?, self.differs_from_zero(x)?, self.member(y, Set::ZZ)?];
            return self.by("expne0d", &parts);
        }
        if f != is.times && f != is.over {
            return None;
        }
        let label = if f == is.times { "mulne0d" } else { "divne0d" };
        let (p, q) = (self.member(x, Set::CC)?, self.member(y, Set::CC)?);
        let parts = [p, q, self.differs_from_zero(x)?, self.differs_from_zero(y)?];
        self.by(label, &parts)
    }
    fn difference_differs(&mut self, x: TermId, y: TermId) -> Option<Node> {
        let (straight, turned) = (self.differs(x, y), self.differs(y, x));
        let differs = match self.known_fact(straight) {
            Some(n) => n,
            None => {
                let n = self.known_fact(turned)?;
                self.by("necomd", &[n])?
            }
        };
        let parts = [self.member(x, Set::CC)?, self.member(y, Set::CC)?, differs];
        self.by("subne0d", &parts)
    }

    /// Proves `( ph -> 0 < a )` if `strict`, else `( ph -> 0 <_ a )`.
    pub fn positive(&mut self, a: TermId, strict: bool) -> Option<Node> {
        self.ask(Question::Sign(a, strict), |p| {
            p.positive_by_sets(a, strict)
                .or_else(|| p.positive_by_facts(a, strict))
                .or_else(|| p.positive_by_structure(a, strict))
                .or_else(|| {
                    let positive = if strict { None } else { p.positive(a, true) }?;
                    let zero = p.numeral(0);
                    let parts = [p.member(zero, Set::RR)?, p.member(a, Set::RR)?, positive];
                    p.by("ltled", &parts)
                })
        })
    }
    fn positive_by_sets(&mut self, a: TermId, strict: bool) -> Option<Node> {
        if !strict {
            let natural = self.member(a, Set::NN0)?;
            return self.by("nn0ge0d", &[natural]);
        }
        if let Some(natural) = self.member(a, Set::NN) {
            return self.by("nngt0d", &[natural]);
        }
        let positive = self.member(a, Set::RRp)?;
        self.by("rpgt0d", &[positive])
    }
    fn positive_by_facts(&mut self, a: TermId, strict: bool) -> Option<Node> {
        let zero = self.numeral(0);
        let is = self.symbols().is;
        let wff = self.related(zero, if strict { is.less } else { is.at_most }, a);
        self.known_fact(wff)
    }
    fn positive_by_structure(&mut self, a: TermId, strict: bool) -> Option<Node> {
        let is = self.symbols().is;
        if let Some([f, x]) = self.symbols().value.read(self.arena, a) {
            let head = self.arena.head(f);
            if head == is.abs && !strict {
                let x = self.member(x, Set::CC)?;
                return self.by("absge0d", &[x]);
            }
            if head == is.sqrt && !strict {
                let parts = [self.member(x, Set::RR)?, self.positive(x, false)?];
                return self.by("sqrtge0d", &parts);
            }
            return None;
        }
        let (x, f, y) = self.read_op(a)?;
        if f == is.power && !strict && self.symbols().numeral(self.arena, y) == Some(2) {
            let real = self.member(x, Set::RR)?;
            return self.by("sqge0d", &[real]);
        }
        let label = match (strict, f) {
            (true, f) if f == is.plus => "addgt0d",
            (true, f) if f == is.times => "mulgt0d",
            (true, f) if f == is.over => "divgt0d",
            (false, f) if f == is.plus => "addge0d",
            (false, f) if f == is.times => "mulge0d",
            _ => return None,
        };
        let (p, q) = (self.member(x, Set::RR)?, self.member(y, Set::RR)?);
        let parts = [p, q, self.positive(x, strict)?, self.positive(y, strict)?];
        self.by(label, &parts)
    }
    /// The set of a goal `a e. s`, if it is a set of numbers.
    pub fn number_set(&self, class: TermId) -> Option<Set> {
        self.symbols().set(self.arena, class).filter(|s| SETS.contains(s))
    }
}

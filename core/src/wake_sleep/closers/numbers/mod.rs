//! Closers for numbers: closure, decimal arithmetic, ring identities, consequences of equations and of inequalities.
//!
//! [`table`] holds symbols and lemmas, and [`Prover`] builds one proof. [`facts`] and [`typing`] give what holds under
//! the goal's antecedent. [`decimal`], [`rational`], [`value`] and [`modulo`] evaluate, [`polynomial`] computes with
//! unknowns, and [`ring`] proves the results; [`combine`] finds multipliers of hypotheses. The head symbols are read
//! first, so that other goals cost nothing, and nothing is proved before the arithmetic shows that it is true.
//!
//! Most steps of a proof have the deduction form `( ph -> A = B )`, where `ph` is the goal's antecedent, or `T.` if it
//! has none. Each step's formula is computed at once, so a step that does not fit is refused, and equal formulas are
//! proved once. [`claims`] translates a whole statement into an expression, by whose evaluation false statements are
//! recognised.

pub mod algebra;
mod claims;
mod combine;
mod facts;
mod functions;
mod modulo;
mod table;
#[cfg(test)]
mod tests;
mod typing;

pub use claims::claim;

use super::{Closer, Site};
use crate::dsl::theory::library::{PremiseId, Proof, Rule, Step, Task, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::{Arena, Head};
use algebra::rational::Q;
use facts::Facts;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use table::{Set, Symbols, Table};

/// The closer for statements on numbers.
pub struct Numbers {
    table: Table,
}

impl Numbers {
    /// The closer, if the theory has arithmetic.
    pub fn new(theory: &Theory) -> Option<Numbers> {
        Table::new(theory).map(|table| Numbers { table })
    }
    /// The labels of the closer's lemmas that the theory lacks.
    #[cfg(test)]
    pub fn missing(&self) -> Vec<&'static str> {
        self.table.missing()
    }
    /// Whether a consequent has a form that the closer may prove. It is evaluated for every goal.
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
    /// Whether a term is a numeral or the result of an operation on numbers.
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
    /// Proves `( ph -> wff )`.
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
    /// Proves `( ph -> a =/= b )`.
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
    /// Proves `( ph -> ( a || b <-> ( b mod a ) = 0 ) )`.
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
    /// Proves `( ph -> a || b )` for an integer a without unknowns.
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

/// A step of the proof that is being built.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Node(pub u32);

/// A question about a term, which is answered once.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Question {
    /// Is it an element of the set?
    Member(TermId, Set),
    /// Does it differ from zero?
    Nonzero(TermId),
    /// Is it positive (`true`), or not negative?
    Sign(TermId, bool),
}

/// The number of steps after which a proof is given up.
const MAX_STEPS: usize = 30_000;

/// The state of one question to the closer.
pub struct Prover<'a> {
    pub(super) table: &'a Table,
    pub(super) theory: &'a Theory,
    pub(super) task: &'a Task,
    pub(super) allowed: &'a dyn Fn(PremiseId) -> bool,
    pub(super) arena: &'a mut Arena,
    /// The antecedent.
    pub(super) ph: TermId,
    steps: Vec<Step>,
    formulas: Vec<TermId>,
    known: FxHashMap<TermId, Node>,
    pub(super) facts: Facts,
    answers: FxHashMap<Question, Option<Node>>,
    open: Vec<Question>,
    /// The number of times that a question was cut short because it was open already.
    cuts: u64,
    /// Whether a sign is being sought by combination, which must not be nested.
    pub(super) combining: bool,
    pub(super) values: FxHashMap<TermId, Option<Q>>,
    pub(super) valued: FxHashMap<TermId, Option<Node>>,
    pub(super) atoms: crate::wake_sleep::closers::numbers::algebra::polynomial::Atoms,
}

impl<'a> Prover<'a> {
    /// Starts a proof and collects the facts of the task under the antecedent `ph` (`None` for `T.`).
    pub fn new(table: &'a Table, site: &'a mut Site<'_>, ph: Option<TermId>) -> Prover<'a> {
        let ph = ph.unwrap_or_else(|| site.arena.make(table.symbols.truth, &[]));
        let mut p = Prover {
            table,
            theory: site.theory,
            task: site.task,
            allowed: site.allowed,
            arena: site.arena,
            ph,
            steps: Vec::new(),
            formulas: Vec::new(),
            known: FxHashMap::default(),
            facts: Facts::default(),
            answers: FxHashMap::default(),
            open: Vec::new(),
            cuts: 0,
            combining: false,
            values: FxHashMap::default(),
            valued: FxHashMap::default(),
            atoms: crate::wake_sleep::closers::numbers::algebra::polynomial::Atoms::default(),
        };
        p.collect_facts();
        p
    }
    /// The theory's symbols.
    #[inline]
    pub fn symbols(&self) -> &'a Symbols {
        &self.table.symbols
    }
    /// The formula that a step proves.
    pub fn formula(&self, n: Node) -> TermId {
        self.formulas[n.0 as usize]
    }
    fn push(&mut self, rule: Rule, children: &[Node], formula: TermId) -> Option<Node> {
        if let Some(&n) = self.known.get(&formula) {
            return Some(n);
        }
        if self.steps.len() >= MAX_STEPS {
            return None;
        }
        let n = Node(self.steps.len() as u32);
        self.steps.push(Step { rule, children: children.iter().map(|c| c.0).collect() });
        self.formulas.push(formula);
        self.known.insert(formula, n);
        Some(n)
    }
    /// The answer to a question, computed once. A question that comes up while it is open has no answer. A negative
    /// answer that depends on such a cut is not kept.
    pub(super) fn ask(&mut self, q: Question, find: impl FnOnce(&mut Self) -> Option<Node>) -> Option<Node> {
        if let Some(&known) = self.answers.get(&q) {
            return known;
        }
        if self.open.contains(&q) {
            self.cuts += 1;
            return None;
        }
        let cuts = self.cuts;
        self.open.push(q);
        let found = find(self);
        self.open.pop();
        if found.is_some() || self.cuts == cuts || self.open.is_empty() {
            self.answers.insert(q, found);
        }
        found
    }
    /// The step that proves a formula, if there is one.
    pub fn proved(&self, formula: TermId) -> Option<Node> {
        self.known.get(&formula).copied()
    }
    /// The step of the task's hypothesis number `k`.
    pub fn hypothesis(&mut self, k: usize) -> Option<Node> {
        self.push(Rule::Hyp(k as u32), &[], self.task.hyps[k])
    }
    /// Applies a lemma whose variables all occur in its hypotheses.
    pub fn by(&mut self, label: &'static str, children: &[Node]) -> Option<Node> {
        let premise = self.table.lemma(label)?.premise;
        self.apply(premise, children, None)
    }
    /// Applies a lemma so that it proves `goal`.
    pub fn to(&mut self, label: &'static str, children: &[Node], goal: TermId) -> Option<Node> {
        if let Some(&n) = self.known.get(&goal) {
            return Some(n);
        }
        let premise = self.table.lemma(label)?.premise;
        self.apply(premise, children, Some(goal))
    }
    /// Applies any premise.
    pub fn apply(&mut self, premise: PremiseId, children: &[Node], goal: Option<TermId>) -> Option<Node> {
        if !(self.allowed)(premise) {
            return None;
        }
        let scheme = self.theory.premise(premise)?;
        let mut values: SmallVec<[Option<TermId>; 12]> = SmallVec::from_elem(None, scheme.variables.len());
        if scheme.hyps.len() != children.len() {
            return None;
        }
        for (&h, &c) in scheme.hyps.iter().zip(children) {
            if !matches(self.arena, h, self.formulas[c.0 as usize], &mut values) {
                return None;
            }
        }
        if let Some(goal) = goal {
            if !matches(self.arena, scheme.conclusion, goal, &mut values) {
                return None;
            }
        }
        let formula = match goal {
            Some(goal) => goal,
            None => {
                let values: Option<SmallVec<[TermId; 12]>> = values.into_iter().collect();
                self.arena.instantiate(scheme.conclusion, &values?)
            }
        };
        self.push(Rule::Premise(premise), children, formula)
    }
    /// The proof that ends in `root`.
    pub fn finish(self, root: Node) -> Proof {
        let mut used = vec![false; root.0 as usize + 1];
        used[root.0 as usize] = true;
        for i in (0..used.len()).rev().filter(|&i| i < self.steps.len()) {
            if used[i] {
                for &c in &self.steps[i].children {
                    used[c as usize] = true;
                }
            }
        }
        let mut number = vec![u32::MAX; used.len()];
        let mut proof = Proof::default();
        for (i, step) in self.steps.into_iter().enumerate().take(used.len()) {
            if used[i] {
                number[i] = proof.steps.len() as u32;
                let children = step.children.iter().map(|&c| number[c as usize]).collect();
                proof.steps.push(Step { rule: step.rule, children });
            }
        }
        proof
    }

    // terms
    /// The constant of a head.
    pub fn constant(&mut self, head: Head) -> TermId {
        self.arena.make(head, &[])
    }
    /// `( a f b )`.
    pub fn op(&mut self, a: TermId, f: Head, b: TermId) -> TermId {
        let f = self.constant(f);
        self.symbols().op.make(self.arena, [a, f, b])
    }
    /// The operands and the operation of `( a f b )`.
    pub fn read_op(&self, t: TermId) -> Option<(TermId, Head, TermId)> {
        let [a, f, b] = self.symbols().op.read(self.arena, t)?;
        Some((a, self.arena.head(f), b))
    }
    /// `-u a`.
    pub fn negative(&mut self, a: TermId) -> TermId {
        self.symbols().neg.make(self.arena, [a])
    }
    /// `( f ` a )`.
    pub fn value_of(&mut self, f: Head, a: TermId) -> TermId {
        let f = self.constant(f);
        self.symbols().value.make(self.arena, [f, a])
    }
    /// `a = b`.
    pub fn eq(&mut self, a: TermId, b: TermId) -> TermId {
        self.symbols().eq.make(self.arena, [a, b])
    }
    /// `a e. set`.
    pub fn element(&mut self, a: TermId, set: Set) -> TermId {
        let s = self.constant(self.symbols().sets[set as usize]);
        self.symbols().element.make(self.arena, [a, s])
    }
    /// `a =/= b`.
    pub fn differs(&mut self, a: TermId, b: TermId) -> TermId {
        self.symbols().differs.make(self.arena, [a, b])
    }
    /// `a r b`.
    pub fn related(&mut self, a: TermId, r: Head, b: TermId) -> TermId {
        let r = self.constant(r);
        self.symbols().related.make(self.arena, [a, r, b])
    }
    /// `( ph -> wff )`.
    pub fn under(&mut self, wff: TermId) -> TermId {
        self.symbols().implies.make(self.arena, [self.ph, wff])
    }
    /// `( ph -> a = b )`.
    pub fn under_eq(&mut self, a: TermId, b: TermId) -> TermId {
        let wff = self.eq(a, b);
        self.under(wff)
    }

    // steps of the deduction form
    /// The formula `wff` of a step `( ph -> wff )`.
    pub fn said(&self, n: Node) -> Option<TermId> {
        Some(self.symbols().implies.read(self.arena, self.formula(n))?[1])
    }
    /// The sides of `( ph -> a = b )`, or of `a = b`.
    pub fn sides(&self, n: Node) -> Option<(TermId, TermId)> {
        let f = self.formula(n);
        let wff = self.symbols().implies.read(self.arena, f).map_or(f, |x| x[1]);
        let [a, b] = self.symbols().eq.read(self.arena, wff)?;
        Some((a, b))
    }
    /// From a closed statement to the same under `ph`.
    pub fn lift(&mut self, closed: Node) -> Option<Node> {
        let goal = self.under(self.formula(closed));
        self.to("a1i", &[closed], goal)
    }
    /// Proves `( ph -> a = a )`.
    pub fn same(&mut self, a: TermId) -> Option<Node> {
        let goal = self.under_eq(a, a);
        self.to("eqidd", &[], goal)
    }
    /// From `a = b` and `b = c` to `a = c`; trivial steps are left out.
    pub fn chain(&mut self, first: Node, second: Node) -> Option<Node> {
        let ((a, b), (_, c)) = (self.sides(first)?, self.sides(second)?);
        if a == b {
            return Some(second);
        }
        if b == c {
            return Some(first);
        }
        self.by("eqtrd", &[first, second])
    }
    /// From `a = b` to `b = a`.
    pub fn flip(&mut self, n: Node) -> Option<Node> {
        let (a, b) = self.sides(n)?;
        if a == b {
            return Some(n);
        }
        self.by("eqcomd", &[n])
    }
    /// From `a = b` to `( a f c ) = ( b f c )`.
    pub fn left(&mut self, n: Node, f: Head, c: TermId) -> Option<Node> {
        let (a, b) = self.sides(n)?;
        let (x, y) = (self.op(a, f, c), self.op(b, f, c));
        let goal = self.under_eq(x, y);
        self.to(if a == b { "eqidd" } else { "oveq1d" }, if a == b { &[] } else { std::slice::from_ref(&n) }, goal)
    }
    /// From `a = b` to `( c f a ) = ( c f b )`.
    pub fn right(&mut self, n: Node, f: Head, c: TermId) -> Option<Node> {
        let (a, b) = self.sides(n)?;
        let (x, y) = (self.op(c, f, a), self.op(c, f, b));
        let goal = self.under_eq(x, y);
        self.to(if a == b { "eqidd" } else { "oveq2d" }, if a == b { &[] } else { std::slice::from_ref(&n) }, goal)
    }
    /// From `a = b` and `c = d` to `( a f c ) = ( b f d )`.
    pub fn both(&mut self, first: Node, f: Head, second: Node) -> Option<Node> {
        let ((a, b), (c, d)) = (self.sides(first)?, self.sides(second)?);
        if c == d {
            return self.left(first, f, c);
        }
        if a == b {
            return self.right(second, f, a);
        }
        let (x, y) = (self.op(a, f, c), self.op(b, f, d));
        let goal = self.under_eq(x, y);
        self.to("oveq12d", &[first, second], goal)
    }
    /// The conjunction under `ph` of several statements.
    pub fn conjunction(&mut self, parts: &[Node]) -> Option<Node> {
        match parts {
            [one] => Some(*one),
            [_, _] => self.by("jca", parts),
            [_, _, _] => self.by("3jca", parts),
            _ => None,
        }
    }
    /// Proves `wff` under `ph` by the closed lemma `( antecedent -> wff )` and a proof of the antecedent.
    pub fn infer(&mut self, antecedent: Node, label: &'static str, wff: TermId) -> Option<Node> {
        let said = self.said(antecedent)?;
        let step = self.symbols().implies.make(self.arena, [said, wff]);
        let lemma = self.to(label, &[], step)?;
        self.by("syl", &[antecedent, lemma])
    }
    /// Proves `wff` under `ph` from the other side of an equivalence that a lemma gives under `ph`.
    pub fn by_iff(&mut self, label: &'static str, children: &[Node], from: Node, wff: TermId) -> Option<Node> {
        let said = self.said(from)?;
        let forward = self.symbols().iff.make(self.arena, [said, wff]);
        let goal = self.under(forward);
        if let Some(iff) = self.to(label, children, goal) {
            return self.by("mpbid", &[from, iff]);
        }
        let backward = self.symbols().iff.make(self.arena, [wff, said]);
        let goal = self.under(backward);
        let iff = self.to(label, children, goal)?;
        self.by("mpbird", &[from, iff])
    }
}

/// Matches a scheme with a ground formula; the values found so far must agree.
pub fn matches(arena: &Arena, scheme: TermId, formula: TermId, values: &mut [Option<TermId>]) -> bool {
    let head = arena.head(scheme);
    if let Some(m) = head.as_meta() {
        return *values[m as usize].get_or_insert(formula) == formula;
    }
    if scheme == formula {
        return true;
    }
    let (a, b) = (arena.children(scheme), arena.children(formula));
    head == arena.head(formula) && a.iter().zip(b).all(|(&x, &y)| matches(arena, x, y, values))
}

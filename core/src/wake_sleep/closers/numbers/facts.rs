//! Facts under the antecedent of a goal: hypotheses of the task, conjuncts of the antecedent, and what follows from
//! these in one step (intervals, implications with a known antecedent).

use super::functions::{Definition, Every};
use super::table::Set;
use super::{Node, Prover};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Head;
use rustc_hash::{FxHashMap, FxHashSet};

/// The largest number of facts that are collected.
const MAX_FACTS: usize = 200;

/// The origin of a fact.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// The antecedent itself.
    Antecedent,
    /// The hypothesis of this number, which is an implication from the antecedent.
    Under(usize),
    /// The hypothesis of this number, which is no implication.
    Closed(usize),
    /// The hypothesis of this number, an implication from a fact.
    Implied(usize, usize),
    /// A conjunct of a fact: its place and the number of conjuncts.
    Part(usize, usize, usize),
    /// `A. x e. D wff` from the hypothesis of this number, `( ( ph /\ x e. D ) -> wff )`.
    Generalised(usize),
    /// `( b mod a ) = 0` from the fact `a || b`.
    Remainder(usize),
    /// From a fact by a closed lemma.
    Inferred(usize, &'static str),
}

/// The facts by kind. Numbers are places in the list.
#[derive(Default)]
pub struct Facts {
    list: Vec<(TermId, Source)>,
    index: FxHashMap<TermId, usize>,
    /// For each term, the classes of which it is an element.
    pub elements: FxHashMap<TermId, Vec<(TermId, usize)>>,
    /// `a = b`.
    pub equations: Vec<(TermId, TermId, usize)>,
    /// `a < b` and `a <_ b`.
    pub order: Vec<(TermId, Head, TermId, usize)>,
    /// `a =/= b`.
    pub differing: Vec<(TermId, TermId, usize)>,
    /// `F : A --> B`.
    pub maps: FxHashMap<TermId, Vec<([TermId; 2], usize)>>,
    /// For each term, the term to which it is equal, as an acyclic rewriting.
    pub definitions: FxHashMap<TermId, (TermId, Definition)>,
    /// The terms that no fact defines.
    pub undefined: FxHashSet<TermId>,
    /// The functions that are given as `( x e. D |-> B )`.
    pub mappings: FxHashMap<TermId, (TermId, usize)>,
    /// The equations for all x in a class.
    pub every: Vec<Every>,
}

impl Prover<'_> {
    /// Collects the facts; called once.
    pub(super) fn collect_facts(&mut self) {
        self.add_fact(self.ph, Source::Antecedent);
        let hyps = self.task.hyps.clone();
        let mut waiting = Vec::new();
        for (k, &h) in hyps.iter().enumerate() {
            match self.symbols().implies.read(self.arena, h) {
                Some([ph, wff]) if ph == self.ph => self.add_fact(wff, Source::Under(k)),
                Some([ps, wff]) => match self.generalised(ps, wff) {
                    Some(all) => self.add_fact(all, Source::Generalised(k)),
                    None => waiting.push((ps, wff, k)),
                },
                None => self.add_fact(h, Source::Closed(k)),
            }
        }
        // A hypothesis may need a fact from a later one.
        for _ in 0..3 {
            waiting.retain(|&(ps, wff, k)| match self.facts.index.get(&ps) {
                Some(&i) => {
                    self.add_fact(wff, Source::Implied(k, i));
                    false
                }
                None => true,
            });
        }
        self.find_definitions();
    }
    /// The formula `A. x e. D wff`, if `ps` is `( ph /\ x e. D )`.
    fn generalised(&mut self, ps: TermId, wff: TermId) -> Option<TermId> {
        let s = self.symbols();
        let [first, second] = s.and.read(self.arena, ps)?;
        let [element, domain] = s.element.read(self.arena, second)?;
        let [x] = s.class.read(self.arena, element)?;
        (first == self.ph).then(|| s.all.make(self.arena, [x, domain, wff]))
    }
    fn add_fact(&mut self, wff: TermId, source: Source) {
        if self.facts.index.contains_key(&wff) || self.facts.list.len() >= MAX_FACTS {
            return;
        }
        let i = self.facts.list.len();
        self.facts.list.push((wff, source));
        self.facts.index.insert(wff, i);
        let s = self.symbols();
        if let Some(parts) = s.and.read(self.arena, wff) {
            parts.iter().enumerate().for_each(|(k, &p)| self.add_fact(p, Source::Part(i, k, 2)));
        } else if let Some(parts) = s.and3.read(self.arena, wff) {
            parts.iter().enumerate().for_each(|(k, &p)| self.add_fact(p, Source::Part(i, k, 3)));
        } else if let Some([a, b]) = s.element.read(self.arena, wff) {
            self.facts.elements.entry(a).or_default().push((b, i));
            self.add_interval(a, b, i);
        } else if let Some([a, b]) = s.eq.read(self.arena, wff) {
            self.facts.equations.push((a, b, i));
            if s.mapping.read(self.arena, b).is_some() {
                self.facts.mappings.insert(a, (b, i));
            }
        } else if let Some([a, b]) = s.differs.read(self.arena, wff) {
            self.facts.differing.push((a, b, i));
        } else if let Some([a, r, b]) = s.related.read(self.arena, wff) {
            let r = self.arena.head(r);
            if r == s.is.less || r == s.is.at_most {
                self.facts.order.push((a, r, b, i));
            } else if r == s.is.divides && s.numeral(self.arena, a).is_some_and(|n| n > 0) {
                let (remainder, zero) = (self.op(b, s.is.modulo, a), self.numeral(0));
                let wff = self.eq(remainder, zero);
                self.add_fact(wff, Source::Remainder(i));
            }
        } else if let Some([x, domain, body]) = s.all.read(self.arena, wff) {
            if let Some(sides) = s.eq.read(self.arena, body) {
                self.facts.every.push(Every { x, domain, sides, fact: i });
            }
        } else if let Some([f, a, b]) = s.maps.read(self.arena, wff) {
            self.facts.maps.entry(f).or_default().push(([a, b], i));
        }
    }
    /// Adds the consequences of `a e. ( m ... n )`.
    fn add_interval(&mut self, a: TermId, class: TermId, i: usize) {
        let Some((m, f, n)) = self.read_op(class) else { return };
        let s = self.symbols();
        if f != s.is.upto {
            return;
        }
        match s.numeral(self.arena, m) {
            Some(1) => {
                let wff = self.element(a, Set::NN);
                self.add_fact(wff, Source::Inferred(i, "elfznn"));
            }
            Some(0) => {
                let wff = self.element(a, Set::NN0);
                self.add_fact(wff, Source::Inferred(i, "elfznn0"));
            }
            _ => {}
        }
        let integer = self.element(a, Set::ZZ);
        let (from, to) = (self.related(m, s.is.at_most, a), self.related(a, s.is.at_most, n));
        for (wff, label) in [(integer, "elfzelz"), (from, "elfzle1"), (to, "elfzle2")] {
            self.add_fact(wff, Source::Inferred(i, label));
        }
    }
    /// The step that proves a fact.
    pub fn fact(&mut self, i: usize) -> Option<Node> {
        let (wff, source) = self.facts.list[i];
        match source {
            Source::Antecedent => {
                let goal = self.under(wff);
                self.to("id", &[], goal)
            }
            Source::Under(k) => self.hypothesis(k),
            Source::Closed(k) => {
                let closed = self.hypothesis(k)?;
                self.lift(closed)
            }
            Source::Implied(k, i) => {
                let (known, implication) = (self.fact(i)?, self.hypothesis(k)?);
                self.by("syl", &[known, implication])
            }
            Source::Part(i, k, n) => {
                let straight = matches!(self.facts.list[i].1, Source::Antecedent);
                let goal = self.under(wff);
                if straight {
                    let label = if n == 2 { ["simpl", "simpr"][k] } else { ["simp1", "simp2", "simp3"][k] };
                    return self.to(label, &[], goal);
                }
                let whole = self.fact(i)?;
                let label = if n == 2 { ["simpld", "simprd"][k] } else { ["simp1d", "simp2d", "simp3d"][k] };
                self.by(label, &[whole])
            }
            Source::Generalised(k) => {
                let under = self.hypothesis(k)?;
                let goal = self.under(wff);
                self.to("ralrimiva", &[under], goal)
            }
            Source::Remainder(i) => {
                let divides = self.fact(i)?;
                let [a, _, b] = self.symbols().related.read(self.arena, self.facts.list[i].0)?;
                let iff = self.divides_by_remainder(a, b)?;
                self.by("mpbid", &[divides, iff])
            }
            Source::Inferred(i, label) => {
                let from = self.fact(i)?;
                self.infer(from, label, wff)
            }
        }
    }
    /// The hypothesis of a fact, if it is no implication.
    pub fn closed_fact(&mut self, i: usize) -> Option<Node> {
        match self.facts.list[i].1 {
            Source::Closed(k) => self.hypothesis(k),
            _ => None,
        }
    }
    /// The step that proves a formula, if it is a fact.
    pub fn known_fact(&mut self, wff: TermId) -> Option<Node> {
        let i = *self.facts.index.get(&wff)?;
        self.fact(i)
    }
    /// Whether a term is built by arithmetic, so that an equation does not define it.
    pub fn is_arithmetic(&self, t: TermId) -> bool {
        let s = self.symbols();
        if s.neg.read(self.arena, t).is_some() || s.dec.read(self.arena, t).is_some() {
            return true;
        }
        if s.numeral(self.arena, t).is_some() {
            return true;
        }
        self.read_op(t).is_some_and(|(_, f, _)| [s.is.plus, s.is.times, s.is.minus, s.is.over, s.is.power].contains(&f))
    }
    fn find_definitions(&mut self) {
        for (a, b, i) in self.facts.equations.clone() {
            let free = !self.is_arithmetic(a) && !self.facts.definitions.contains_key(&a);
            if free && self.described(a).is_none() && !self.reaches(b, a, 0) {
                self.facts.definitions.insert(a, (b, Definition::Fact(i)));
            }
        }
    }
    /// Whether a term, with its definitions substituted, contains another one. True beyond a bound on depth.
    fn reaches(&self, t: TermId, other: TermId, depth: usize) -> bool {
        if t == other || depth > 60 {
            return true;
        }
        let inner = self.facts.definitions.get(&t).is_some_and(|d| self.reaches(d.0, other, depth + 1));
        inner || self.arena.children(t).iter().any(|&c| self.reaches(c, other, depth + 1))
    }
}

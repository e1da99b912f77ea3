//! Values of terms by facts: by equations, and by descriptions of functions for all arguments.
//!
//! `F = ( x e. D |-> B )`, `A. x e. D ( F ` x ) = B` and `( ( ph /\ x e. D ) -> ( F ` x ) = B )` give `( F ` A )` for
//! each A in D. B with A put in is proved equal by congruence under `x = A`.

use super::table::{Set, SETS};
use super::{Node, Prover};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;

/// The largest number of function values in one question, a bound for recursive descriptions.
const MAX_VALUES: usize = 60;

/// The reason why a term is equal to another one.
#[derive(Clone, Copy, Debug)]
pub enum Definition {
    /// The fact of this number.
    Fact(usize),
    /// A function's value at a term whose value is known.
    Argument(TermId),
    /// The description of a function by the fact of this number, and the argument.
    Mapping(usize, TermId),
    /// The description of this number in [`Facts::every`], and the argument.
    Every(usize, TermId),
}

/// `A. x e. domain left = right`.
#[derive(Clone, Copy, Debug)]
pub struct Every {
    /// The bound variable.
    pub x: TermId,
    /// The class to which x is restricted.
    pub domain: TermId,
    /// The two sides.
    pub sides: [TermId; 2],
    /// The number of the fact.
    pub fact: usize,
}

impl Prover<'_> {
    /// The term to which a term is equal by a fact.
    pub fn definition(&mut self, t: TermId) -> Option<TermId> {
        if let Some(&(value, _)) = self.facts.definitions.get(&t) {
            return Some(value);
        }
        if self.facts.undefined.contains(&t) || (self.facts.mappings.is_empty() && self.facts.every.is_empty()) {
            return None;
        }
        match self.described(t).filter(|_| self.facts.definitions.len() < MAX_VALUES) {
            Some((value, why)) => {
                self.facts.definitions.insert(t, (value, why));
                Some(value)
            }
            None => {
                self.facts.undefined.insert(t);
                None
            }
        }
    }
    /// The value that the description of a function gives a term.
    pub(super) fn described(&mut self, t: TermId) -> Option<(TermId, Definition)> {
        if let Some([f, a]) = self.symbols().value.read(self.arena, t) {
            if let Some(q) = self.constant_value(a) {
                let number = self.rational(q);
                let evaluated = self.symbols().value.make(self.arena, [f, number]);
                if number != a && self.described(evaluated).is_some() {
                    return Some((evaluated, Definition::Argument(a)));
                }
            }
            if let Some(&(mapping, i)) = self.facts.mappings.get(&f) {
                let [x, domain, body] = self.symbols().mapping.read(self.arena, mapping)?;
                self.may_hold_numbers(domain).then_some(())?;
                return Some((self.put(body, x, a)?, Definition::Mapping(i, a)));
            }
        }
        for k in 0..self.facts.every.len() {
            let Every { x, domain, sides, .. } = self.facts.every[k];
            let mut argument = None;
            let variable = self.symbols().class.make(self.arena, [x]);
            let bare = self.is_arithmetic(sides[0]) || sides[0] == variable;
            if !bare && self.may_hold_numbers(domain) && fits(self.arena, sides[0], variable, t, &mut argument) {
                let a = argument?;
                return Some((self.put(sides[1], x, a)?, Definition::Every(k, a)));
            }
        }
        None
    }
    /// The step that proves the equation of [`Prover::definition`].
    pub fn definition_node(&mut self, t: TermId) -> Option<Node> {
        let &(value, why) = self.facts.definitions.get(&t)?;
        match why {
            Definition::Fact(i) => self.fact(i),
            Definition::Argument(a) => {
                let argument = self.valued(a)?;
                let goal = self.under_eq(t, value);
                self.to("fveq2d", &[argument], goal)
            }
            Definition::Mapping(i, a) => self.prove_mapping(t, value, i, a),
            Definition::Every(k, a) => self.prove_every(k, a),
        }
    }
    fn prove_mapping(&mut self, t: TermId, value: TermId, i: usize, a: TermId) -> Option<Node> {
        if let Some(closed) = self.closed_fact(i) {
            return self.prove_closed_mapping(t, value, closed, a);
        }
        let fact = self.fact(i)?;
        let (_, mapping) = self.sides(fact)?;
        let [x, domain, body] = self.symbols().mapping.read(self.arena, mapping)?;
        let same = self.congruence(body, x, a)?;
        let (implied, antecedent) = (self.formula(same), self.ph);
        let [equal, said] = self.symbols().implies.read(self.arena, implied)?;
        let both = self.symbols().and.make(self.arena, [antecedent, equal]);
        let goal = self.symbols().implies.make(self.arena, [both, said]);
        let same = self.to("adantl", &[same], goal)?;
        let (inside, exists) = (self.inside(a, domain)?, self.any_member(value)?);
        let goal = self.under_eq(t, value);
        self.to("fvmptd", &[fact, same, inside, exists], goal)
    }
    /// Proves the value without the antecedent, which then need not be apart from the bound variable.
    fn prove_closed_mapping(&mut self, t: TermId, value: TermId, closed: Node, a: TermId) -> Option<Node> {
        let s = self.symbols();
        let (_, mapping) = self.sides(closed)?;
        let [x, domain, body] = s.mapping.read(self.arena, mapping)?;
        let same = self.congruence(body, x, a)?;
        let universe = self.constant(s.universe);
        let exists = s.element.make(self.arena, [value, universe]);
        let exists = if s.op.read(self.arena, value).is_some() {
            self.to("ovex", &[], exists)?
        } else if s.value.read(self.arena, value).is_some() {
            self.to("fvex", &[], exists)?
        } else if s.neg.read(self.arena, value).is_some() {
            self.to("negex", &[], exists)?
        } else {
            return None;
        };
        let inside = self.inside(a, domain)?;
        let (said, equation) = (self.said(inside)?, self.eq(t, value));
        let goal = s.implies.make(self.arena, [said, equation]);
        let lemma = self.to("fvmpt", &[same, closed, exists], goal)?;
        self.by("syl", &[inside, lemma])
    }
    fn may_hold_numbers(&self, domain: TermId) -> bool {
        let s = self.symbols();
        s.set(self.arena, domain).is_some() || self.arena.head(domain) == s.is.extended
    }
    /// `( ph -> a e. domain )`.
    fn inside(&mut self, a: TermId, domain: TermId) -> Option<Node> {
        match self.symbols().set(self.arena, domain) {
            Some(set) => self.member(a, set),
            None => {
                let real = self.member(a, Set::RR)?;
                self.by("rexrd", &[real])
            }
        }
    }
    /// `( ph -> a e. s )` for some set of numbers.
    fn any_member(&mut self, a: TermId) -> Option<Node> {
        SETS.into_iter().find_map(|s| self.member(a, s))
    }
    fn prove_every(&mut self, k: usize, a: TermId) -> Option<Node> {
        let Every { x, domain, sides, fact } = self.facts.every[k];
        let (left, right) = (self.congruence(sides[0], x, a)?, self.congruence(sides[1], x, a)?);
        let outer = self.ph;
        self.ph = self.symbols().implies.read(self.arena, self.formula(left))?[0];
        let iff = self.by("eqeq12d", &[left, right]);
        self.ph = outer;
        let whole = self.fact(fact)?;
        let all = self.said(whole)?;
        let (new_left, new_right) = (self.put(sides[0], x, a)?, self.put(sides[1], x, a)?);
        let instance = self.eq(new_left, new_right);
        let wff = self.symbols().implies.make(self.arena, [all, instance]);
        let inside = self.inside(a, domain)?;
        let said = self.said(inside)?;
        let goal = self.symbols().implies.make(self.arena, [said, wff]);
        let lemma = self.to("rspcv", &[iff?], goal)?;
        let implication = self.by("syl", &[inside, lemma])?;
        self.by("mpd", &[whole, implication])
    }
    /// The term `t` with `a` in place of the variable; `None` if the variable occurs where no congruence applies.
    fn put(&mut self, t: TermId, x: TermId, a: TermId) -> Option<TermId> {
        let v = self.arena.head(x).as_variable()?;
        if self.arena.variables(t).binary_search(&v).is_err() {
            return Some(t);
        }
        let s = self.symbols();
        if t == s.class.make(self.arena, [x]) {
            return Some(a);
        }
        if let Some([y]) = s.neg.read(self.arena, t) {
            let y = self.put(y, x, a)?;
            return Some(self.negative(y));
        }
        if let Some([f, y]) = s.value.read(self.arena, t) {
            let (f, y) = (self.constant_part(f, v)?, self.put(y, x, a)?);
            return Some(s.value.make(self.arena, [f, y]));
        }
        let [y, f, z] = s.op.read(self.arena, t)?;
        let (y, f, z) = (self.put(y, x, a)?, self.constant_part(f, v)?, self.put(z, x, a)?);
        Some(s.op.make(self.arena, [y, f, z]))
    }
    /// Whether a part does not contain the variable; then the part itself.
    fn constant_part(&self, f: TermId, v: crate::metamath_db::ids::SymbolId) -> Option<TermId> {
        self.arena.variables(f).binary_search(&v).is_err().then_some(f)
    }
    /// Proves `( x = a -> t = t' )`, where t' is t with a in place of x.
    pub(super) fn congruence(&mut self, t: TermId, x: TermId, a: TermId) -> Option<Node> {
        let variable = self.symbols().class.make(self.arena, [x]);
        let outer = self.ph;
        self.ph = self.eq(variable, a);
        let found = self.congruent(t, x, a);
        self.ph = outer;
        found
    }
    fn congruent(&mut self, t: TermId, x: TermId, a: TermId) -> Option<Node> {
        let new = self.put(t, x, a)?;
        if new == t {
            return self.same(t);
        }
        let s = self.symbols();
        if t == s.class.make(self.arena, [x]) {
            let goal = self.under(self.ph);
            return self.to("id", &[], goal);
        }
        if let Some([y]) = s.neg.read(self.arena, t) {
            let y = self.congruent(y, x, a)?;
            return self.by("negeqd", &[y]);
        }
        if let Some([_, y]) = s.value.read(self.arena, t) {
            let y = self.congruent(y, x, a)?;
            let goal = self.under_eq(t, new);
            return self.to("fveq2d", &[y], goal);
        }
        let [y, f, z] = s.op.read(self.arena, t)?;
        let (y, z) = (self.congruent(y, x, a)?, self.congruent(z, x, a)?);
        self.both(y, self.arena.head(f), z)
    }
}

/// Matches a pattern with a hole, which is the term `variable`.
fn fits(arena: &Arena, pattern: TermId, variable: TermId, t: TermId, argument: &mut Option<TermId>) -> bool {
    if pattern == variable {
        return *argument.get_or_insert(t) == t;
    }
    let (a, b) = (arena.children(pattern), arena.children(t));
    arena.head(pattern) == arena.head(t) && a.iter().zip(b).all(|(&x, &y)| fits(arena, x, variable, y, argument))
}

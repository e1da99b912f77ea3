//! Truth tables of a database's connectives, derived from its axioms, and what follows by them.
//!
//! A connective is a syntax axiom whose parts have its own typecode (`( ph -> ps )`, `T.`). Its table is the one under
//! which every axiom about it is sound under each assignment: all tables are tried, axiom by axiom, and those that
//! remain are kept jointly. Everything else is an atom. A statement of another judgement than the main one counts as
//! true. Tables of more than three places are not sought, and a formula of more than [`MAX_ATOMS`] atoms has no answer.

use crate::dsl::theory::library::{Premise, PremiseId, Theory};
use crate::metamath_db::ids::{AssertionId, TermId};
use crate::metamath_db::terms::term::{Arena, Head, HeadKind};
use smallvec::SmallVec;

/// The largest number of atoms and metavariables of one question.
pub const MAX_ATOMS: usize = 14;
/// The largest number of atoms of a goal and its related hypotheses.
const MAX_RELATED: usize = 10;
/// The largest number of places of a connective whose table is sought.
const MAX_PLACES: usize = 3;
/// The largest number of joint tables that are tried at once.
const MAX_CANDIDATES: usize = 1 << 14;

/// A connective's truth table. Bit `i` is its value where place `k` is true if and only if bit `k` of `i` is set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Table {
    /// The number of places.
    pub places: u8,
    /// The values.
    pub values: u8,
}

/// The table of a judgement other than the main one: true, whatever its formula is.
const TRUE: Table = Table { places: 1, values: 0b11 };

/// Truth tables of the connectives.
#[derive(Clone, Debug)]
pub struct Tables {
    /// The table of each syntax axiom, if it is a connective.
    tables: Vec<Option<Table>>,
    /// The first assertion before which every axiom is sound under each assignment of arbitrary atoms.
    sound: AssertionId,
}

#[derive(Clone, Copy)]
enum Op {
    /// The value of the question's variable of this number.
    Variable(u8),
    /// A connective applied to the values on the stack.
    Connective(Table),
}

/// Truth values of atoms.
pub type Assignment = SmallVec<[(TermId, bool); 16]>;

/// Formulas compiled for evaluation under 64 assignments at once.
#[derive(Default)]
pub struct Question {
    ops: Vec<Op>,
    /// The end of each formula in `ops`.
    ends: SmallVec<[u32; 8]>,
    /// The variables: first metavariables and atoms that contain one, then the other atoms.
    atoms: SmallVec<[TermId; 16]>,
    stack: SmallVec<[u64; 32]>,
}

/// The values of the first six variables under 64 assignments.
pub const PATTERNS: [u64; 6] = [
    0xAAAA_AAAA_AAAA_AAAA,
    0xCCCC_CCCC_CCCC_CCCC,
    0xF0F0_F0F0_F0F0_F0F0,
    0xFF00_FF00_FF00_FF00,
    0xFFFF_0000_FFFF_0000,
    0xFFFF_FFFF_0000_0000,
];

/// The values of a connective under 64 assignments, from the values of its places.
pub fn apply(values: u8, places: &[u64]) -> u64 {
    match places.split_last() {
        None => u64::from(values & 1).wrapping_neg(),
        Some((&last, rest)) => {
            let half = 1u32 << rest.len();
            let low = values & ((1u32 << half) - 1) as u8;
            (last & apply((u32::from(values) >> half) as u8, rest)) | (!last & apply(low, rest))
        }
    }
}

impl Question {
    fn clear(&mut self) {
        self.ops.clear();
        self.ends.clear();
        self.atoms.clear();
    }
    /// Compiles a formula; `false` if it has too many atoms.
    fn push(&mut self, tables: &impl Fn(Head) -> Option<Table>, arena: &Arena, t: TermId) -> bool {
        let ok = self.compile(tables, arena, t);
        self.ends.push(self.ops.len() as u32);
        ok
    }
    fn compile(&mut self, tables: &impl Fn(Head) -> Option<Table>, arena: &Arena, t: TermId) -> bool {
        if let Some(table) = tables(arena.head(t)) {
            let ok = arena.children(t).iter().all(|&c| self.compile(tables, arena, c));
            self.ops.push(Op::Connective(table));
            return ok;
        }
        let place = self.atoms.iter().position(|&a| a == t).unwrap_or(self.atoms.len());
        if place == self.atoms.len() {
            self.atoms.push(t);
        }
        self.ops.push(Op::Variable(place as u8));
        self.atoms.len() <= MAX_ATOMS
    }
    /// The values of formula `i` under the 64 assignments of a block.
    fn value(&mut self, i: usize, place: &[u8], block: usize) -> u64 {
        let start = if i == 0 { 0 } else { self.ends[i - 1] as usize };
        self.stack.clear();
        for op in &self.ops[start..self.ends[i] as usize] {
            match *op {
                Op::Variable(v) => {
                    let v = usize::from(place[usize::from(v)]);
                    let high = || ((block >> (v - 6) & 1) as u64).wrapping_neg();
                    self.stack.push(PATTERNS.get(v).copied().unwrap_or_else(high));
                }
                Op::Connective(t) => {
                    let rest = self.stack.len() - usize::from(t.places);
                    let value = apply(t.values, &self.stack[rest..]);
                    self.stack.truncate(rest);
                    self.stack.push(value);
                }
            }
        }
        self.stack.pop().unwrap_or(0)
    }
    /// An assignment of the atoms under which the first `given` formulas are true and, for all values of the unknowns,
    /// some other formula is false.
    fn failing(&mut self, arena: &Arena, given: usize) -> Option<Assignment> {
        let n = self.atoms.len();
        let unknown: SmallVec<[bool; 16]> = self.atoms.iter().map(|&a| !arena.is_ground(a)).collect();
        let unknowns = unknown.iter().filter(|&&u| u).count();
        let (mut low, mut high) = (0u8, unknowns as u8);
        let place: SmallVec<[u8; 16]> = unknown
            .iter()
            .map(|&u| {
                let next = if u { &mut low } else { &mut high };
                *next += 1;
                *next - 1
            })
            .collect();
        let blocks = 1usize << n.saturating_sub(6);
        let together = 1usize << unknowns.saturating_sub(6);
        for first in (0..blocks).step_by(together) {
            let given_value = (0..given).fold(u64::MAX, |v, i| v & self.value(i, &place, first));
            if given_value == 0 {
                continue;
            }
            let mut some = 0;
            for block in first..first + together {
                some |= (given..self.ends.len()).fold(u64::MAX, |v, i| v & self.value(i, &place, block));
            }
            for (v, pattern) in PATTERNS.iter().enumerate().take(unknowns) {
                some |= (some & pattern) >> (1 << v) | (some & !pattern) << (1 << v);
            }
            let failing = given_value & !some;
            if failing != 0 {
                let column = failing.trailing_zeros();
                let atom = |(i, &a): (usize, &TermId)| {
                    let v = usize::from(place[i]);
                    let high = || first >> (v - 6) & 1 == 1;
                    (a, PATTERNS.get(v).map_or_else(high, |p| p >> column & 1 == 1))
                };
                return Some(self.atoms.iter().enumerate().filter(|x| !unknown[x.0]).map(atom).collect());
            }
        }
        None
    }
}

impl Tables {
    /// Derives the tables of a theory. See the module head.
    pub fn new(theory: &Theory) -> Tables {
        let mut found = Candidates::default();
        let mut sound = None;
        for i in 0..theory.db.len() {
            let (a, p) = (AssertionId::from(i), PremiseId(i as u32));
            // A theorem follows from the axioms, or is unproved and may be wrong.
            if !theory.db.scheme(a).logical || theory.db.source.assertions[i].proof.is_some() {
                continue;
            }
            // An axiom that could not be parsed may say anything.
            if !theory.premise(p).is_some_and(|premise| found.take(theory, &premise)) {
                sound.get_or_insert(a);
            }
        }
        let mut tables = vec![None; theory.db.len()];
        let values = found.tables.first().cloned().unwrap_or_default();
        for (&head, &values) in found.heads.iter().zip(&values) {
            tables[head.index()] = Some(Table { places: theory.db.variables(head).len() as u8, values });
        }
        Tables { tables, sound: sound.unwrap_or(AssertionId::from(theory.db.len())) }
    }
    /// The formulas that share atoms with a goal, directly or through others, as long as the atoms are few.
    pub fn related(&self, question: &mut Question, arena: &Arena, goal: TermId, formulas: &[TermId]) -> Vec<TermId> {
        question.clear();
        let tables = |head| self.get(head);
        let mut related = Vec::new();
        let mut rest: SmallVec<[TermId; 8]> = formulas.into();
        if !question.push(&tables, arena, goal) {
            return related;
        }
        loop {
            let before = related.len();
            rest.retain(|&mut t| {
                let (ops, atoms) = (question.ops.len(), question.atoms.len());
                let few = question.push(&tables, arena, t) && question.atoms.len() <= MAX_RELATED;
                let old = |op: &Op| matches!(op, Op::Variable(v) if usize::from(*v) < atoms);
                let taken = few && question.ops[ops..].iter().any(old);
                if taken {
                    related.push(t);
                } else {
                    question.ops.truncate(ops);
                    question.atoms.truncate(atoms);
                    question.ends.pop();
                }
                !taken
            });
            if related.len() == before {
                return related;
            }
        }
    }
    /// The table of a connective; `None` for every other head.
    #[inline]
    pub fn get(&self, head: Head) -> Option<Table> {
        match head.kind() {
            HeadKind::Syntax(a) => self.tables.get(a.index()).copied().flatten(),
            HeadKind::Judgement(_) => Some(TRUE),
            _ => None,
        }
    }
    /// The assertion before which every axiom is sound under each assignment.
    pub fn sound(&self) -> AssertionId {
        self.sound
    }
    /// Whether the given formulas entail the goals: under each assignment of the atoms, for some values of the unknowns
    /// (metavariables and atoms that contain one). `None` if there are too many atoms.
    pub fn follows(&self, question: &mut Question, arena: &Arena, given: &[TermId], goals: &[TermId]) -> Option<bool> {
        question.clear();
        let tables = |head| self.get(head);
        let ok = given.iter().chain(goals).all(|&t| question.push(&tables, arena, t));
        ok.then(|| question.failing(arena, given.len()).is_none())
    }
    /// An assignment under which the goals do not follow from the given formulas; `None` if there is none, or too many
    /// atoms.
    pub fn countermodel(&self, arena: &Arena, given: &[TermId], goals: &[TermId]) -> Option<Assignment> {
        let (mut question, tables) = (Question::default(), |head| self.get(head));
        let ok = given.iter().chain(goals).all(|&t| question.push(&tables, arena, t));
        ok.then(|| question.failing(arena, given.len())).flatten()
    }
}

/// The joint tables that are still possible.
struct Candidates {
    heads: Vec<AssertionId>,
    /// The joint tables, each with one entry for each head.
    tables: Vec<Vec<u8>>,
}

impl Default for Candidates {
    fn default() -> Self {
        Candidates { heads: Vec::new(), tables: vec![Vec::new()] }
    }
}

impl Candidates {
    /// Keeps the tables under which an axiom is sound under each assignment. If there are none, keeps all and returns
    /// `false`.
    fn take(&mut self, theory: &Theory, premise: &Premise<'_>) -> bool {
        let known = self.heads.len();
        for &t in premise.hyps.iter().chain([&premise.conclusion]) {
            self.connectives(theory, t);
        }
        let fresh = self.heads.split_off(known);
        let places = |h: &AssertionId| theory.db.variables(*h).len();
        let heads: Vec<AssertionId> = self.heads.iter().copied().chain(fresh.iter().copied()).collect();
        let bits: Vec<u32> = fresh.iter().map(|h| 1u32 << places(h)).collect();
        let count = bits.iter().try_fold(self.tables.len(), |n, &b| n.checked_mul(1 << b)).unwrap_or(usize::MAX);
        if count > MAX_CANDIDATES {
            return false;
        }
        let mut all = self.tables.clone();
        for b in bits {
            let extended = |t: &Vec<u8>| (0..1u32 << b).map(|v| t.iter().copied().chain([v as u8]).collect()).collect();
            all = all.iter().flat_map(|t| -> Vec<Vec<u8>> { extended(t) }).collect();
        }
        all.retain(|values| {
            let tables = |head: Head| match head.kind() {
                HeadKind::Syntax(a) => heads
                    .iter()
                    .position(|&h| h == a)
                    .map(|i| Table { places: places(&heads[i]) as u8, values: values[i] }),
                HeadKind::Judgement(_) => Some(TRUE),
                _ => None,
            };
            sound(&theory.arena, premise, &tables)
        });
        if all.is_empty() {
            return false;
        }
        (self.heads, self.tables) = (heads, all);
        true
    }
    /// Adds the connectives of a formula that are new.
    fn connectives(&mut self, theory: &Theory, t: TermId) {
        let HeadKind::Syntax(a) = theory.arena.head(t).kind() else { return };
        let typecode = theory.db.source.typecode(a);
        let parts = theory.db.variables(a);
        if parts.len() > MAX_PLACES || parts.iter().any(|&v| theory.typecode(v) != Some(typecode)) {
            return;
        }
        if !self.heads.contains(&a) {
            self.heads.push(a);
        }
        for &c in theory.arena.children(t) {
            self.connectives(theory, c);
        }
    }
}

/// Whether a premise is sound under each assignment, with its metavariables as atoms.
fn sound(arena: &Arena, premise: &Premise<'_>, tables: &impl Fn(Head) -> Option<Table>) -> bool {
    let mut question = Question::default();
    let formulas = premise.hyps.iter().chain([&premise.conclusion]);
    if !formulas.copied().all(|t| question.push(tables, arena, t)) {
        return false;
    }
    let given = premise.hyps.len();
    let place: SmallVec<[u8; 16]> = (0..question.atoms.len() as u8).collect();
    (0..1usize << question.atoms.len().saturating_sub(6)).all(|block| {
        let hyps = (0..given).fold(u64::MAX, |v, i| v & question.value(i, &place, block));
        hyps & !question.value(given, &place, block) == 0
    })
}

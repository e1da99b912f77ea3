//! The meaning of a move: what a step on a sequent leaves to be proved.
//!
//! The search applies moves in bulk to sequents with metavariables, without a log. The machine's instructions apply
//! them to ground sequents, with log and check. Both use the functions of this module.

use super::reading::{Move, Reading};
use super::sequents::{Connectives, Terms};
use crate::dsl::theory::library::{PremiseId, Task};
use crate::metamath_db::ids::{AssertionId, SymbolId, TermId};
use crate::metamath_db::terms::term::{Arena, Head};
use crate::metamath_db::terms::unify::{Bindings, Shifted};
use crate::wake_sleep::closers::Tables;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::sync::Arc;

/// The state in which moves are applied.
pub(in crate::wake_sleep::inference) struct Meaning<'m> {
    pub tables: &'m Tables,
    pub task: &'m Task,
    /// The task's variables, sorted, if all others stand for dummy variables; `None` in the search, which has
    /// metavariables for dummies.
    pub own: Option<&'m [SymbolId]>,
    pub connectives: &'m Connectives,
    pub arena: &'m mut Arena,
    pub bindings: &'m mut Bindings,
    /// A cache of the variables of ground terms.
    pub variables: &'m mut FxHashMap<TermId, Arc<[Head]>>,
}

/// `$d` conditions: pairs of variables or metavariables whose values must share no variable.
pub(in crate::wake_sleep::inference) type Apart = Vec<(Head, Head)>;

/// Appends the variables and unbound metavariables of a term, metavariables with their numbers in the bindings.
fn atoms(arena: &Arena, bindings: &Bindings, t: Shifted, out: &mut SmallVec<[Head; 8]>) {
    let ((t, offset), meta) = bindings.walk(arena, t);
    let head = match meta {
        Some(m) => Head::meta(m),
        None => arena.head(t),
    };
    if meta.is_some() || head.as_variable().is_some() {
        if !out.contains(&head) {
            out.push(head);
        }
        return;
    }
    for &c in arena.children(t) {
        atoms(arena, bindings, (c, offset), out);
    }
}

/// The `$d` conditions in force: the task's. If `own` gives the task's variables, other variables are apart from all.
#[derive(Clone, Copy)]
struct Conditions<'t> {
    task: &'t Task,
    own: Option<&'t [SymbolId]>,
}

/// Appends the `$d` conditions that keep two lists of atoms apart; `None` if one is violated.
fn pairs(c: Conditions<'_>, left: &[Head], right: &[Head], out: &mut Apart) -> Option<()> {
    let free = |v: SymbolId| c.own.is_some_and(|own| own.binary_search(&v).is_err());
    for &x in left {
        for &y in right {
            if x == y {
                return None;
            }
            match (x.as_variable(), y.as_variable()) {
                (Some(v), Some(w)) if free(v) || free(w) => {}
                (Some(v), Some(w)) => _ = c.task.disjoint.binary_search(&(v.min(w), v.max(w))).ok()?,
                _ => out.push((x.min(y), x.max(y))),
            }
        }
    }
    Some(())
}

/// Appends the `$d` conditions that keep two terms apart; `None` if one is violated.
pub(in crate::wake_sleep::inference) fn cross(
    (arena, bindings, task, own): (&Arena, &Bindings, &Task, &[SymbolId]),
    a: Shifted,
    b: Shifted,
    out: &mut Apart,
) -> Option<()> {
    crossed((arena, bindings, Conditions { task, own: Some(own) }), a, b, out)
}

fn crossed(
    (arena, bindings, conditions): (&Arena, &Bindings, Conditions<'_>),
    a: Shifted,
    b: Shifted,
    out: &mut Apart,
) -> Option<()> {
    let (mut left, mut right) = (SmallVec::<[Head; 8]>::new(), SmallVec::<[Head; 8]>::new());
    atoms(arena, bindings, a, &mut left);
    atoms(arena, bindings, b, &mut right);
    pairs(conditions, &left, &right, out)
}

/// A bit mask of the parts that may use Γ, by the best twin that may be used. A strong twin that stands before `limit`
/// is best; of weak twins it is the first of those that let the most parts use Γ. `None` if no twin before `limit` may
/// be used without further conditions.
pub(in crate::wake_sleep::inference) fn passes(
    m: &Move,
    limit: AssertionId,
    permits: &dyn Fn(PremiseId) -> bool,
) -> Option<u64> {
    let twins = m.readings.iter().filter(|r| !r.strict && r.since <= limit.0 && permits(r.premise));
    let mask = |r: &Reading| r.inherits.iter().zip(0..).fold(0u64, |all, (&i, k)| all | u64::from(i) << k);
    twins.map(mask).reduce(|a, b| if b.count_ones() > a.count_ones() { b } else { a })
}

/// The members of Γ that a part of a step may use, beside those that it adds: none, those that the move passes on, or
/// all.
pub(in crate::wake_sleep::inference) fn around<'k>(
    inherits: bool,
    restricted: bool,
    all: &'k Terms,
    kept: &'k Terms,
) -> &'k [TermId] {
    match (inherits, restricted) {
        (false, _) => &[],
        (true, true) => kept,
        (true, false) => all,
    }
}

impl Meaning<'_> {
    /// Unifies a move with a goal, and with the member of Γ that it takes apart, in either orientation. The move's
    /// metavariables count from `base`; if `turned`, its goal is taken with its sides exchanged.
    pub fn fits(&mut self, (m, turned): (&Move, bool), base: u32, goal: TermId, taken: Option<TermId>) -> bool {
        self.bindings.grow(base as usize + m.variables.len());
        let goal = if turned { self.connectives.exchanged(self.arena, goal) } else { Some(goal) };
        if !goal.is_some_and(|goal| self.bindings.unify(self.arena, (m.goal, base), (goal, 0))) {
            return false;
        }
        let Some(e) = taken else { return m.takes.is_none() };
        let either = m.takes_exchanged.is_some() && self.connectives.symmetric(self.arena, e).is_some();
        let before = either.then(|| self.bindings.clone());
        m.taken().take(1 + usize::from(either)).any(|t| {
            before.iter().for_each(|b| self.bindings.clone_from(b));
            self.bindings.unify(self.arena, (t, base), (e, 0))
        })
    }
    /// Removes from `kept` the members of Γ that share a variable with a value of an `apart` metavariable. Where a
    /// metavariable is unbound, the member is kept under a new `$d` condition.
    pub fn drop_members(&mut self, m: &Move, base: u32, kept: &mut Terms, disjoint: &mut Apart) {
        if m.apart.is_empty() || kept.is_empty() {
            return;
        }
        let mut values = SmallVec::new();
        for &k in &m.apart {
            let meta = self.arena.meta(u32::from(k));
            atoms(self.arena, self.bindings, (meta, base), &mut values);
        }
        let mut left = Terms::new();
        for &e in &*kept {
            let known = self.arena.is_ground(e).then(|| self.variables_of(e));
            let mut own = SmallVec::new();
            if known.is_none() {
                atoms(self.arena, self.bindings, (e, 0), &mut own);
            }
            let before = disjoint.len();
            let conditions = Conditions { task: self.task, own: self.own };
            if pairs(conditions, &values, known.as_deref().unwrap_or(&own), disjoint).is_some() {
                left.push(e);
            } else {
                disjoint.truncate(before);
            }
        }
        *kept = left;
    }
    fn variables_of(&mut self, t: TermId) -> Arc<[Head]> {
        let arena = &*self.arena;
        let made = || arena.variables(t).into_iter().map(Head::variable).collect();
        self.variables.entry(t).or_insert_with(made).clone()
    }
    /// Binds the metavariable that stands for all of Γ to the conjunction of the members that are passed on.
    pub fn speak_of(&mut self, whole: u16, base: u32, kept: &Terms) -> Option<()> {
        let none = self.connectives.truth.filter(|_| kept.is_empty());
        let all = match none {
            Some(truth) => self.arena.make(truth, &[]),
            None => self.connectives.conjunction(self.arena, kept)?,
        };
        let w = self.arena.meta(u32::from(whole));
        self.bindings.unify(self.arena, (w, base), (all, 0)).then_some(())
    }
    /// Appends the `$d` conditions of a move; `None` if one is violated.
    pub fn conditions(&mut self, m: &Move, base: u32, disjoint: &mut Apart) -> Option<()> {
        for &(a, b) in &m.disjoint {
            let (a, b) = (self.arena.meta(u32::from(a)), self.arena.meta(u32::from(b)));
            let conditions = Conditions { task: self.task, own: self.own };
            crossed((self.arena, self.bindings, conditions), (a, base), (b, base), disjoint)?;
        }
        Some(())
    }
    /// For an equivalence of two compounds, the equivalences of those parts that differ. A side that is a metavariable
    /// becomes a compound of new metavariables, which count from `base`.
    pub fn part_equivalences(&mut self, goal: TermId, base: u32) -> Option<Terms> {
        let (x, y) = self.connectives.as_equivalence(self.arena, goal)?;
        let is = self.arena.head(goal);
        let bare = |t: TermId| self.arena.head(t).as_meta().is_some();
        let (x, y) = match (bare(x), bare(y)) {
            (true, true) => return None,
            (true, false) => (self.unfold(x, y, base)?, y),
            (false, true) => (x, self.unfold(y, x, base)?),
            (false, false) => (x, y),
        };
        if !self.is_compound(x) || self.arena.head(x) != self.arena.head(y) {
            return None;
        }
        let left: Terms = self.arena.children(x).into();
        let right: Terms = self.arena.children(y).into();
        let different = left.iter().zip(&right).filter(|(a, b)| a != b);
        Some(different.map(|(&a, &b)| self.arena.make(is, &[a, b])).collect())
    }
    /// Whether the head of a formula is a connective with parts.
    pub fn is_compound(&self, t: TermId) -> bool {
        let head = self.arena.head(t);
        !head.is_judgement() && !self.arena.children(t).is_empty() && self.tables.get(head).is_some()
    }
    /// Binds a metavariable to a compound with the head of `like` and new metavariables as parts.
    fn unfold(&mut self, meta: TermId, like: TermId, base: u32) -> Option<TermId> {
        let (head, places) = (self.arena.head(like), self.arena.children(like).len());
        self.bindings.grow(base as usize + places);
        let parts: Terms = (0..places as u32).map(|i| self.arena.meta(base + i)).collect();
        let compound = self.arena.make(head, &parts);
        (self.is_compound(like) && self.bindings.unify(self.arena, (meta, 0), (compound, 0))).then_some(compound)
    }
}

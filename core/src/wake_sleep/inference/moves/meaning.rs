//! What moves mean: what a step on a sequent leaves.
//!
//! The search applies moves in bulk to sequents with metavariables and keeps no log; the machine's instructions apply
//! them to ground sequents, with log and check. Both ask here.

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

/// What moves are applied by.
pub(in crate::wake_sleep::inference) struct Meaning<'m> {
    pub tables: &'m Tables,
    pub task: &'m Task,
    /// The task's variables, sorted, where others stand for dummies; the search has metavariables for these.
    pub own: Option<&'m [SymbolId]>,
    pub connectives: &'m Connectives,
    pub arena: &'m mut Arena,
    pub bindings: &'m mut Bindings,
    /// Variables of ground terms that were asked for.
    pub variables: &'m mut FxHashMap<TermId, Arc<[Head]>>,
}

/// `$d` conditions: pairs of variables and metavariables that stay apart.
pub(in crate::wake_sleep::inference) type Apart = Vec<(Head, Head)>;

/// Variables and unbound metavariables (with their numbers as the bindings count them).
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

/// What keeps variables apart: the task's `$d` conditions; if `own` are its variables, others are apart from all.
#[derive(Clone, Copy)]
struct Conditions<'t> {
    task: &'t Task,
    own: Option<&'t [SymbolId]>,
}

/// The `$d` conditions that keep two lists of atoms apart; `None` when one is broken.
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

/// The same for two terms.
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

/// Which parts of a move may use Γ by the best of the twins that may be used, a bit each: of weak ones the one that lets
/// most parts use it, the first of these. `None` without a twin that asks for no more conditions before `limit`.
pub(in crate::wake_sleep::inference) fn passes(
    m: &Move,
    limit: AssertionId,
    permits: &dyn Fn(PremiseId) -> bool,
) -> Option<u64> {
    let twins = m.readings.iter().filter(|r| !r.strict && r.since <= limit.0 && permits(r.premise));
    let mask = |r: &Reading| r.inherits.iter().zip(0..).fold(0u64, |all, (&i, k)| all | u64::from(i) << k);
    twins.map(mask).reduce(|a, b| if b.count_ones() > a.count_ones() { b } else { a })
}

/// What a part of a step may use of Γ, beside what it adds: nothing, what the move passes on, or all.
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
    /// Unifies a move, whose metavariables count from `base`, with a goal, if it is `turned` with sides exchanged, and with
    /// the member of Γ that it takes apart, either way round.
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
    /// Leaves out the members of Γ that have a variable of a value of an `apart` metavariable. Where a metavariable is
    /// open, the member is kept on condition.
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
    /// The formula that an assertion's variable for all of Γ stands for: the conjunction of what is passed on.
    pub fn speak_of(&mut self, whole: u16, base: u32, kept: &Terms) -> Option<()> {
        let none = self.connectives.truth.filter(|_| kept.is_empty());
        let all = match none {
            Some(truth) => self.arena.make(truth, &[]),
            None => self.connectives.conjunction(self.arena, kept)?,
        };
        let w = self.arena.meta(u32::from(whole));
        self.bindings.unify(self.arena, (w, base), (all, 0)).then_some(())
    }
    /// Adds a move's `$d` conditions; `None` when one is broken.
    pub fn conditions(&mut self, m: &Move, base: u32, disjoint: &mut Apart) -> Option<()> {
        for &(a, b) in &m.disjoint {
            let (a, b) = (self.arena.meta(u32::from(a)), self.arena.meta(u32::from(b)));
            let conditions = Conditions { task: self.task, own: self.own };
            crossed((self.arena, self.bindings, conditions), (a, base), (b, base), disjoint)?;
        }
        Some(())
    }
    /// The equivalences of the parts of an equivalence of compounds, those of different parts. A side that is a
    /// metavariable becomes a compound of metavariables from `base` on.
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
    /// Whether a formula is a connective of others.
    pub fn is_compound(&self, t: TermId) -> bool {
        let head = self.arena.head(t);
        !head.is_judgement() && !self.arena.children(t).is_empty() && self.tables.get(head).is_some()
    }
    /// Binds a metavariable to a compound like another, of new metavariables.
    fn unfold(&mut self, meta: TermId, like: TermId, base: u32) -> Option<TermId> {
        let (head, places) = (self.arena.head(like), self.arena.children(like).len());
        self.bindings.grow(base as usize + places);
        let parts: Terms = (0..places as u32).map(|i| self.arena.meta(base + i)).collect();
        let compound = self.arena.make(head, &parts);
        (self.is_compound(like) && self.bindings.unify(self.arena, (meta, 0), (compound, 0))).then_some(compound)
    }
}

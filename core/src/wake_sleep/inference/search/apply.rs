//! The application of one step to the selected sequent of a cluster.

use super::*;
use crate::metamath_db::terms::unify::Shifted;
use crate::wake_sleep::inference::moves::meaning::{around, cross, Apart};
use crate::wake_sleep::inference::moves::readings::Part;
use crate::wake_sleep::inference::moves::sequents::sequent;

/// What remains open after an application.
#[derive(Default)]
pub(super) struct Open {
    /// The sequents: those of the cluster's other goals, then those of the step's parts.
    pub(super) left: SmallVec<[(TermId, MoveContext); 6]>,
    /// For each other goal, then for each part, the end of its sequents in `left`.
    pub(super) ends: SmallVec<[usize; 6]>,
    /// The context and the formula of each part.
    pub(super) parts: SmallVec<[(Terms, TermId); 3]>,
    /// The members of Γ.
    pub(super) all: Terms,
    /// The members of Γ that are passed on.
    pub(super) kept: Terms,
    pub(super) disjoint: Apart,
}

/// A part of a step before its metavariables are resolved.
struct Wanted {
    added: Terms,
    goal: TermId,
    /// The offset of the part's metavariables.
    offset: u32,
    inherits: bool,
    /// Whether the part may use only the members of Γ that are passed on.
    restricted: bool,
    asker: MoveContext,
}

impl Search<'_> {
    /// Applies a step to a sequent of a cluster; `None` if it does not fit. The bindings are kept for the caller.
    pub(super) fn apply(&mut self, at: u32, selected: u8, step: Step) -> Option<Open> {
        let c = &self.clusters[at as usize];
        let selected = usize::from(selected);
        let (s, asker, base) = (c.goals[selected], c.contexts[selected], c.metas);
        let goal = consequent(self.arena, s);
        let all = Terms::from(context(self.arena, s));
        let mut open = Open { kept: all.clone(), all, ..Open::default() };
        self.bindings.reset(base as usize);
        let wanted = match step {
            Step::Move { number, member, narrow, turned, eigen } => {
                self.unify_move((number, turned, eigen), member, (s, goal, base), &mut open)?;
                self.pass_on(number, narrow, base, &mut open)?;
                self.parts_of(number, base, asker)
            }
            Step::Given(k) => {
                let g = &self.given[k as usize];
                let (answers, parts) = (g.goal, g.parts.clone());
                self.unify_either_way(answers, (goal, base)).then(|| own_parts(&parts))?
            }
            Step::Use { member, reading } => {
                let member = *open.all.get(usize::from(member))?;
                let mut readings = formula_readings(self.arena, &self.connectives, member);
                let (answers, parts) = readings.swap_remove(usize::from(reading));
                self.unify_either_way(answers, (goal, base)).then(|| own_parts(&parts))?
            }
            Step::Member(member) => {
                let member = *open.all.get(usize::from(member))?;
                self.unify_either_way(member, (goal, base)).then(SmallVec::new)?
            }
            Step::Same => {
                let (x, y) = self.connectives.as_equivalence(self.arena, goal)?;
                self.bindings.unify(self.arena, (x, 0), (y, 0)).then(SmallVec::new)?
            }
            Step::Congruence => own_parts(&self.meaning().part_equivalences(goal, base)?),
            Step::Substituted => {
                let (m, value) = self.chains.substituted(self.arena, &mut self.allowed, s)?;
                self.bindings.bind(m, (value, 0));
                SmallVec::new()
            }
            Step::Follows => SmallVec::new(),
            Step::Weaken(_) | Step::Closed | Step::Split => return None,
        };
        self.keep_conditions(at, &mut open)?;
        self.leave(at, selected, wanted, &mut open)?;
        Some(open)
    }
    /// Unifies a formula of the cluster with a goal, if that fails with the sides exchanged. No other bindings may
    /// exist yet.
    fn unify_either_way(&mut self, t: TermId, (goal, base): Shifted) -> bool {
        self.connectives.ways(self.arena, t).into_iter().any(|way| {
            self.bindings.reset(base as usize);
            self.bindings.unify(self.arena, (way, 0), (goal, 0))
        })
    }
    /// Unifies a move, `turned` or not, with a goal, and the member of Γ with the formula that it takes apart.
    fn unify_move(
        &mut self,
        (number, turned, eigen): (u32, bool, u8),
        member: u8,
        (s, goal, base): (TermId, TermId, u32),
        open: &mut Open,
    ) -> Option<()> {
        let shared = self.shared;
        let m = &shared.moves.all[number as usize];
        let taken = if m.takes.is_some() { Some(*open.all.get(usize::from(member))?) } else { None };
        self.meaning().fits((m, turned), base, goal, taken).then_some(())?;
        if taken.is_some() {
            open.kept.remove(usize::from(member));
        }
        if let Some(values) = self.chains.values(self.arena, s, (number, turned)) {
            for (k, &value) in (base..).zip(values.iter()) {
                if !self.bindings.is_bound(k) {
                    self.bindings.bind(k, (value, 0));
                }
            }
        }
        self.renamed = false;
        if eigen != UNNAMED {
            self.name(number, m, base);
        }
        self.eigenvariables(m, base, s, if eigen == UNNAMED { 0 } else { eigen });
        Some(())
    }
    /// Binds each eigenvariable of a move to a variable that occurs nowhere else in the sequent: a proof for that
    /// variable holds for any, and ground sequents can be closed without a choice. `eigen` > 0 numbers other choices:
    /// variables of the task's hypotheses, about which something may be known, and of the goal.
    fn eigenvariables(&mut self, m: &Move, base: u32, s: TermId, eigen: u8) {
        let (shared, mut used, mut known) = (self.shared, Vec::new(), Vec::new());
        for k in shared.moves.eigenvariables(m) {
            let meta = self.arena.meta(u32::from(k));
            let Some(unbound) = self.bindings.walk(self.arena, (meta, base)).1 else { continue };
            let typecode = shared.theory.typecode(m.variables[usize::from(k)]);
            if used.is_empty() {
                used = self.arena.variables(s);
                let spoken = self.arena.variables(consequent(self.arena, s)).into_iter();
                let told = self.told.iter().copied().filter(|v| !used.contains(v)).chain(spoken);
                known = told.filter(|&v| shared.theory.typecode(v) == typecode).collect();
                self.alternatives = known.len().min(MOST_NAMES) as u8;
                known.drain(..known.len().min(usize::from(eigen.max(1)) - 1));
            }
            let given = if eigen > 0 && !known.is_empty() { Some(known.remove(0)) } else { None };
            let own = |v: SymbolId| self.own.binary_search(&v).is_ok();
            let fresh = || {
                let all = shared.theory.outer_variables(typecode?, self.position).map(|x| x.0);
                all.into_iter().find(|&v| !own(v) && !used.contains(&v))
            };
            if let Some(v) = given.or_else(fresh) {
                used.push(v);
                self.fresh.insert(v);
                self.bindings.bind(unbound, (self.arena.variable(v), 0));
            }
        }
    }
    /// Determines the members of Γ that are passed on, and adds the move's `$d` conditions.
    fn pass_on(&mut self, number: u32, narrow: bool, base: u32, open: &mut Open) -> Option<()> {
        let shared = self.shared;
        let m = &shared.moves.all[number as usize];
        self.meaning().drop_members(m, base, &mut open.kept, &mut open.disjoint);
        if let Some(w) = m.whole {
            if narrow {
                let before = open.kept.len();
                self.narrow(m, w, base, open);
                (!open.kept.is_empty() && open.kept.len() < before).then_some(())?;
            }
            self.meaning().speak_of(w, base, &open.kept)?;
        }
        self.meaning().conditions(m, base, &mut open.disjoint)
    }
    /// Passes on only the members of Γ for which the move's condition on all of Γ is closed at once: for `F/ x ph`, the
    /// members G with `F/ x G`.
    fn narrow(&mut self, m: &Move, whole: u16, base: u32, open: &mut Open) {
        let meta = self.arena.meta(u32::from(whole));
        let before = self.bindings.clone();
        let mut kept = Terms::new();
        for &e in &open.kept {
            if self.bindings.unify(self.arena, (meta, base), (e, 0)) && self.holds_of(m, whole, base) {
                kept.push(e);
            }
            self.bindings.clone_from(&before);
        }
        open.kept = kept;
    }
    /// Whether the parts that contain a metavariable are closed at once with its present value.
    fn holds_of(&mut self, m: &Move, whole: u16, base: u32) -> bool {
        let meta = self.arena.meta(u32::from(whole));
        m.parts.iter().all(|part| {
            let mut metas = SmallVec::new();
            self.arena.metas(part.goal, &mut metas);
            if part.goal == meta || !metas.contains(&u32::from(whole)) {
                return true;
            }
            let members: Terms = part.added.iter().map(|&t| self.bindings.resolve(self.arena, (t, base))).collect();
            let goal = self.bindings.resolve(self.arena, (part.goal, base));
            let mut found = Terms::new();
            self.connectives.sequents(self.arena, &members, goal, &mut found);
            found.iter().all(|&s| self.arena.is_ground(s) && self.is_closed(s))
        })
    }
    fn parts_of(&mut self, number: u32, base: u32, asker: MoveContext) -> SmallVec<[Wanted; 4]> {
        let (passed, grandparent) = (self.allowed.passed(number), asker.parent.map(|x| x.0));
        let part = |(k, part): (usize, &Part)| Wanted {
            added: part.added.clone(),
            goal: part.goal,
            offset: base,
            inherits: passed >> k & 1 == 1,
            restricted: part.restricted,
            asker: MoveContext { parent: Some((number, k as u8)), grandparent },
        };
        self.shared.moves.all[number as usize].parts.iter().enumerate().map(part).collect()
    }
    /// Updates the cluster's `$d` conditions after a unification; `None` if one is violated.
    fn keep_conditions(&mut self, at: u32, open: &mut Open) -> Option<()> {
        for i in 0..self.clusters[at as usize].disjoint.len() {
            let (a, b) = self.clusters[at as usize].disjoint[i];
            let (a, b) = (self.arena.make(a, &[]), self.arena.make(b, &[]));
            cross((self.arena, &self.bindings, self.task, &self.own), (a, 0), (b, 0), &mut open.disjoint)?;
        }
        Some(())
    }
    /// Resolves what remains open: the cluster's other goals and the step's parts.
    fn leave(&mut self, at: u32, selected: usize, wanted: SmallVec<[Wanted; 4]>, open: &mut Open) -> Option<()> {
        let c = &self.clusters[at as usize];
        let s = c.goals[selected];
        let others = (0..c.goals.len()).filter(|&i| i != selected);
        let others: SmallVec<[(TermId, MoveContext); 4]> = others.map(|i| (c.goals[i], c.contexts[i])).collect();
        self.measure(&others, &wanted, open)?;
        let Open { all, kept, .. } = open;
        for member in all.iter_mut().chain(kept) {
            *member = self.bindings.resolve(self.arena, (*member, 0));
        }
        for &(other, asker) in &others {
            let now = self.bindings.resolve(self.arena, (other, 0));
            if now == other {
                open.left.push((now, asker));
            } else {
                let (goal, members) = (consequent(self.arena, now), Terms::from(context(self.arena, now)));
                self.leave_formula(&members, goal, asker, open)?;
            }
            open.ends.push(open.left.len());
        }
        for w in wanted {
            let mut members = Terms::new();
            for &t in &w.added {
                members.push(self.bindings.resolve(self.arena, (t, w.offset)));
            }
            members.extend_from_slice(around(w.inherits, w.restricted, &open.all, &open.kept));
            let goal = self.bindings.resolve(self.arena, (w.goal, w.offset));
            self.leave_formula(&members, goal, w.asker, open)?;
            open.ends.push(open.left.len());
            open.parts.push((members, goal));
        }
        (!others.is_empty() || open.left.iter().all(|g| g.0 != s)).then_some(())
    }
    /// Checks that what a move leaves is within the bounds on size.
    fn measure(&self, others: &[(TermId, MoveContext)], wanted: &[Wanted], open: &Open) -> Option<()> {
        let most = self.options.max_size;
        let size = |t: Shifted| self.bindings.size(self.arena, t, most);
        let passed = open.all.iter().fold(0u32, |n, &t| n.saturating_add(size((t, 0))));
        let mut all = 0u32;
        for &(other, _) in others {
            all = all.saturating_add(size((other, 0)));
        }
        for w in wanted.iter().filter(|w| w.restricted || w.asker.parent.is_some()) {
            let own = w.added.iter().fold(size((w.goal, w.offset)), |n, &t| n.saturating_add(size((t, w.offset))));
            all = all.saturating_add(own).saturating_add(if w.inherits { passed } else { 0 });
        }
        (all <= most).then_some(())
    }
    /// Appends the sequents into which a formula in a context is taken apart.
    fn leave_formula(
        &mut self,
        members: &[TermId],
        formula: TermId,
        asker: MoveContext,
        open: &mut Open,
    ) -> Option<()> {
        let mut found = Terms::new();
        self.connectives.sequents(self.arena, members, formula, &mut found);
        for q in found {
            let q = self.lighter(q);
            open.left.push((q, asker));
        }
        (open.left.len() <= MOST_OPEN).then_some(())
    }
    /// The sequent without the members of Γ that have metavariables, if its ground consequent is closed at once.
    fn lighter(&mut self, q: TermId) -> TermId {
        let goal = consequent(self.arena, q);
        if self.arena.is_ground(q) || !self.arena.is_ground(goal) {
            return q;
        }
        let members = context(self.arena, q).iter().copied().filter(|&e| self.arena.is_ground(e)).collect();
        let light = sequent(self.arena, goal, members);
        if self.is_closed(light) {
            light
        } else {
            q
        }
    }
}

fn own_parts(parts: &[TermId]) -> SmallVec<[Wanted; 4]> {
    let part = |&goal: &TermId| Wanted {
        added: Terms::new(),
        goal,
        offset: 0,
        inherits: true,
        restricted: false,
        asker: MoveContext::default(),
    };
    parts.iter().map(part).collect()
}

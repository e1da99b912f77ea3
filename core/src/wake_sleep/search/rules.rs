//! The premises that a search may use, by the rules and by the task's place.

use super::{Options, Prepared, Search};
use crate::dsl::theory::library::{canonical_key, PremiseId, Task};
use crate::metamath_db::ids::{AssertionId, TermId};
use crate::metamath_db::terms::term::Arena;
use rustc_hash::FxHashSet;
use smallvec::SmallVec;

/// The rules of one task.
#[derive(Clone, Debug, Default)]
pub(in crate::wake_sleep) struct Rules {
    /// The target, if it is a theorem, and the theorems that state the same, which must not prove it. A statement from
    /// elsewhere may be proved by such theorems.
    forbidden: FxHashSet<u32>,
    /// With [`Options::human_premises`], the only premises allowed, in order.
    own: Option<Vec<u32>>,
}

impl Rules {
    pub(super) fn new(shared: &Prepared, task: &Task, options: &Options, arena: &Arena) -> Rules {
        let theory = &shared.theory;
        let theorem = theory.is_theorem(task);
        let equal = theorem.then(|| shared.equal.get(&canonical_key(arena, task.goal, &task.hyps))).flatten();
        let own = options.human_premises.then(|| {
            let human = if theorem { theory.human_proof(task.limit) } else { None };
            let mut own: Vec<u32> = human.iter().flat_map(|p| p.premises()).map(|p| p.0).collect();
            own.sort_unstable();
            own.dedup();
            own.retain(|&p| theory.is_proved(PremiseId(p)) && theory.premise(PremiseId(p)).is_some());
            own
        });
        Rules { forbidden: equal.map(|v| v.iter().copied().collect()).unwrap_or_default(), own }
    }
    /// The only premises allowed, if the rules list them.
    pub(super) fn own(&self) -> Option<&[u32]> {
        self.own.as_deref()
    }
    /// Whether a theorem is the target or states the same.
    pub(in crate::wake_sleep) fn forbids(&self, a: AssertionId) -> bool {
        self.forbidden.contains(&a.0)
    }
    /// Whether the task may use a premise, discouraged or not.
    pub(super) fn stands(&self, shared: &Prepared, task: &Task, options: &Options, p: u32) -> bool {
        (options.lemmas || (p as usize) < shared.theory.db.len())
            && shared.theory.stands_before(PremiseId(p), task)
            && !self.forbidden.contains(&p)
    }
    /// Whether the task may use a premise.
    pub(super) fn permits(&self, shared: &Prepared, task: &Task, options: &Options, p: u32) -> bool {
        let listed = match &self.own {
            Some(own) => own.binary_search(&p).is_ok(),
            None => shared.usable.get(p as usize) == Some(&true),
        };
        listed && self.stands(shared, task, options, p)
    }
}

impl Search<'_> {
    /// Whether a premise may be used.
    pub(in crate::wake_sleep) fn allowed(&self, p: u32) -> bool {
        self.rules.permits(self.shared, self.task, self.options, p)
    }
    /// Whether a premise may be used, if it is not discouraged.
    pub(super) fn stands(&self, p: u32) -> bool {
        self.rules.stands(self.shared, self.task, self.options, p)
    }
    /// The usable premises whose conclusion may unify with a goal.
    pub(in crate::wake_sleep) fn unifying(&mut self, goal: TermId) -> Vec<u32> {
        let mut found = Vec::new();
        if let Some(own) = self.rules.own.clone() {
            found.extend(own.into_iter().filter(|&p| self.allowed(p) && self.unifies(p, goal)));
            return found;
        }
        // Theorems from the target on are excluded.
        let late = self.task.limit.0..self.shared.theory.db.len() as u32;
        self.shared.index.query_outside(self.arena, goal, late, &mut self.query, &mut found);
        found.retain(|&p| self.allowed(p));
        found
    }
    /// The usable premises without hypotheses that may have a ground goal as an instance, in order.
    pub(super) fn facts(&mut self, goal: TermId) -> Vec<u32> {
        let mut found = Vec::new();
        match &self.rules.own {
            Some(own) => {
                let fact = |p: &u32| self.shared.theory.premise(PremiseId(*p)).is_some_and(|x| x.hyps.is_empty());
                found.extend(own.iter().copied().filter(fact));
            }
            None => self.shared.facts.query(self.arena, goal, &mut self.query, &mut found),
        }
        found.retain(|&p| self.allowed(p));
        found.sort_unstable();
        found
    }
    /// Whether a premise's conclusion unifies with a goal.
    pub(super) fn unifies(&mut self, p: u32, goal: TermId) -> bool {
        let Some(premise) = self.shared.theory.premise(PremiseId(p)) else { return false };
        let mut metas: SmallVec<[u32; 8]> = SmallVec::new();
        self.arena.metas(goal, &mut metas);
        let base = metas.iter().max().map_or(0, |m| m + 1);
        self.bindings.reset(base as usize + premise.variables.len());
        self.bindings.unify(self.arena, (premise.conclusion, base), (goal, 0))
    }
}

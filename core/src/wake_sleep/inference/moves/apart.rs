//! The members of Γ that a move's `$d` conditions let pass: those that share no variable with the values concerned.

use super::sequents::Terms;
use crate::dsl::theory::library::Task;
use crate::metamath_db::ids::{SymbolId, TermId};
use crate::metamath_db::terms::term::Arena;
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// The variables of the terms of one task, collected once for each term.
#[derive(Default)]
pub struct Apart {
    variables: FxHashMap<TermId, Rc<[SymbolId]>>,
    /// The variables of the task's statement, sorted; computed at the first use.
    known: Option<Vec<SymbolId>>,
}

impl Apart {
    fn of(&mut self, arena: &Arena, t: TermId) -> Rc<[SymbolId]> {
        self.variables.entry(t).or_insert_with(|| arena.variables(t).into()).clone()
    }
    /// Whether a formula shares no variable with some values, and the task's `$d` conditions keep its own variables
    /// apart from theirs. Every call must pass the same task, and the same arena, which may only have grown.
    pub fn is_apart(&mut self, arena: &Arena, task: &Task, member: TermId, values: &[TermId]) -> bool {
        if values.is_empty() {
            return true;
        }
        let own = self.of(arena, member);
        let theirs: smallvec::SmallVec<[_; 2]> = values.iter().map(|&t| self.of(arena, t)).collect();
        let known = &*self.known.get_or_insert_with(|| {
            let terms = task.hyps.iter().chain([&task.goal]);
            let mut all: Vec<SymbolId> = terms.flat_map(|&t| arena.variables(t)).collect();
            all.sort_unstable();
            all.dedup();
            all
        });
        let known = |v: SymbolId| known.binary_search(&v).is_ok();
        theirs.iter().flat_map(|t| t.iter().copied()).all(|v| {
            own.iter().all(|&w| {
                let told = || task.disjoint.binary_search(&(v.min(w), v.max(w))).is_ok();
                v != w && (told() || !known(v) || !known(w))
            })
        })
    }
    /// The members of Γ that a move passes on, where `taken` is the member that it takes apart, if any.
    pub fn kept(
        &mut self,
        arena: &Arena,
        task: &Task,
        members: &[TermId],
        (taken, values): (Option<TermId>, &[TermId]),
    ) -> Terms {
        let kept = members.iter().filter(|&&e| Some(e) != taken && self.is_apart(arena, task, e, values));
        kept.copied().collect()
    }
}

//! Which members of Γ speak of no variable that a move's `$d` conditions forbid there.

use super::sequents::Terms;
use crate::dsl::theory::library::Task;
use crate::metamath_db::ids::{SymbolId, TermId};
use crate::metamath_db::terms::term::Arena;
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// The variables of the terms of one task, each term's collected once.
#[derive(Default)]
pub struct Apart {
    variables: FxHashMap<TermId, Rc<[SymbolId]>>,
    /// Those of the task's statement, sorted, once they were asked for.
    known: Option<Vec<SymbolId>>,
}

impl Apart {
    fn of(&mut self, arena: &Arena, t: TermId) -> Rc<[SymbolId]> {
        self.variables.entry(t).or_insert_with(|| arena.variables(t).into()).clone()
    }
    /// Whether a formula shares no variable with some values, and the task keeps its own variables apart from theirs.
    /// It is the same task, and the arena that only grows, each time.
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
    /// The members of Γ that are passed on, where `taken` is taken apart.
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

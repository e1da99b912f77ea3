//! What says which moves are likely.

use crate::dsl::theory::library::Task;
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::inference::training::skeleton::Skeleton;
#[cfg(test)]
use crate::wake_sleep::search::NAT;
use std::sync::Arc;

/// The number of no member of Γ: the move answers the consequent.
pub const NO_MEMBER: u8 = u8::MAX;

/// Which moves ask for a sequent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct MoveContext {
    /// The move that asks and the number of its part, if any.
    pub parent: Option<(u32, u8)>,
    /// The move above that one.
    pub grandparent: Option<u32>,
}

/// What ranks moves for the goals of one task.
pub trait Ranks {
    /// Costs of candidates for a sequent, in 1/4096 nat, the cheapest first, at most `most` of them: the cost and the place
    /// among the candidates. A candidate is a move and the number of the member of Γ that it takes apart
    /// ([`NO_MEMBER`]). The metavariables of the sequent are `0..`. The same question has the same answer.
    fn costs(
        &mut self,
        arena: &Arena,
        sequent: TermId,
        context: &MoveContext,
        candidates: &[(u32, u8)],
        most: usize,
    ) -> Vec<(i32, u32)>;
    /// Told once, when the search finds the task not easy: whether it ranks otherwise from now on, because it looked up
    /// analogues.
    fn consult(&mut self, arena: &mut Arena, task: &Task) -> bool {
        let _ = (arena, task);
        false
    }
    /// Candidates in place of a move that does not fit, the best first: by cost and by likeness to it.
    fn substitutes(
        &mut self,
        arena: &Arena,
        sequent: TermId,
        context: &MoveContext,
        candidates: &[(u32, u8)],
        instead: u32,
    ) -> Vec<u32> {
        let _ = instead;
        self.costs(arena, sequent, context, candidates, candidates.len()).into_iter().map(|c| c.1).collect()
    }
    /// Whether it cannot answer any more; the search ends.
    fn has_failed(&self) -> bool {
        false
    }
    /// The training theorems most like the task, at most `most`, by number, each with its proof's skeleton; asked once, after
    /// [`Ranks::consult`].
    fn skeletons(&mut self, arena: &mut Arena, most: usize) -> Vec<(u32, Arc<Skeleton>)> {
        let _ = (arena, most);
        Vec::new()
    }
}

/// Ranks moves by how often each was used, whatever the goal; those behind the end count as not used. For tests.
#[cfg(test)]
#[derive(Clone, Debug, Default)]
pub struct Frequency {
    /// Uses by move.
    pub uses: Vec<u32>,
}

#[cfg(test)]
impl Ranks for Frequency {
    fn costs(
        &mut self,
        _: &Arena,
        _: TermId,
        _: &MoveContext,
        candidates: &[(u32, u8)],
        most: usize,
    ) -> Vec<(i32, u32)> {
        let weight = |n: u32| self.uses.get(n as usize).map_or(0.5, |&u| u as f32 + 0.5);
        let all: f32 = candidates.iter().map(|c| weight(c.0)).sum();
        let cost = |n: u32| ((all / weight(n)).ln() * NAT as f32).round() as i32;
        let mut costs: Vec<(i32, u32)> = candidates.iter().zip(0..).map(|(c, i)| (cost(c.0), i)).collect();
        costs.sort_unstable();
        costs.truncate(most);
        costs
    }
}

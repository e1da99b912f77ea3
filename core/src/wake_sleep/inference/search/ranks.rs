//! The interface by which a search in context obtains the costs of moves.

use crate::dsl::theory::library::Task;
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::inference::training::skeleton::Skeleton;
#[cfg(test)]
use crate::wake_sleep::search::NAT;
use std::sync::Arc;

/// The number that stands for no member of Γ: the move answers the consequent.
pub const NO_MEMBER: u8 = u8::MAX;

/// The moves above a sequent in the search.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct MoveContext {
    /// The move that left the sequent, and the number of its part.
    pub parent: Option<(u32, u8)>,
    /// The move above `parent`.
    pub grandparent: Option<u32>,
}

/// A ranker of moves for the goals of one task.
pub trait Ranks {
    /// Returns the `most` cheapest candidates of a sequent, the cheapest first: each with its cost in 1/4096 nat and
    /// its place in `candidates`. A candidate is a move with the number of the member of Γ that it takes apart, or
    /// [`NO_MEMBER`]. The metavariables of the sequent are numbered from 0. Equal queries have equal answers, between
    /// calls of [`Ranks::consult`].
    fn costs(
        &mut self,
        arena: &Arena,
        sequent: TermId,
        context: &MoveContext,
        candidates: &[(u32, u8)],
        most: usize,
    ) -> Vec<(i32, u32)>;
    /// Looks up analogues of the task; the search calls it once, after [`crate::wake_sleep::search::Options::analogues_after`] expansions. Returns
    /// whether costs differ from now on.
    fn consult(&mut self, arena: &mut Arena, task: &Task) -> bool {
        let _ = (arena, task);
        false
    }
    /// Returns candidates in place of a move that does not fit, the best first, by cost and by similarity to it.
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
    /// Whether the ranker has failed, so that the search must end.
    fn has_failed(&self) -> bool {
        false
    }
    /// The training theorems most similar to the task, at most `most`, each by number and with its proof's skeleton.
    /// The search calls it once, after [`Ranks::consult`].
    fn skeletons(&mut self, arena: &mut Arena, most: usize) -> Vec<(u32, Arc<Skeleton>)> {
        let _ = (arena, most);
        Vec::new()
    }
}

/// Ranks moves by their numbers of uses, whatever the goal. Moves beyond the end of `uses` count as unused. For tests.
#[cfg(test)]
#[derive(Clone, Debug, Default)]
pub struct Frequency {
    /// The number of uses of each move.
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

//! What ranks the premises for the goals of one task: the first stage, and the ways of the task's analogues.
//!
//! The first stage knows a premise by what all training proofs did with it. The *analogues*, the training theorems most
//! like the task, say more: which premises their proofs use at all ([`Prior`]), and which ones they applied where a goal
//! looked like this one ([`Memory`]). Both are added to the first stage's logit, so that the network, which takes that
//! logit, is trained on what the search will see.

use super::examples::{distance_class, Habits};
use super::memory::{Memory, Sight};
use super::ranker::Ranker;
use crate::dsl::theory::library::Task;
use crate::metamath_db::ids::AssertionId;
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::ranking::skeletons::{likeness, Prior, Skeletons};

/// Analogues whose premises are the prior, and whose skeletons are replayed.
pub const ANALOGUES: usize = 20;
/// Analogues whose steps are remembered.
pub const REMEMBERED: usize = 100;

/// Weights of prior and memory beside the first stage's logit, fitted on unseen proofs of set.mm
/// (docs/decisions/0008-weights-of-the-search.md).
pub(in crate::wake_sleep) const PRIOR: f32 = 0.8;
pub(in crate::wake_sleep) const MEMORY: f32 = 2.5;

/// For one task.
pub struct Scorer {
    limit: AssertionId,
    database: usize,
    local: Vec<u8>,
    prior: Prior,
    memory: Memory,
}

impl Scorer {
    /// One that knows no analogues yet.
    pub fn new(sight: Sight<'_>, habits: &Habits, task: &Task) -> Scorer {
        Scorer {
            limit: task.limit,
            database: sight.theory.db.len(),
            local: habits.local_classes(sight.theory, task.limit),
            prior: Prior::default(),
            memory: Memory::default(),
        }
    }
    /// One that knows the analogues of a task whose proof is known: what training and measuring see.
    pub fn informed(
        sight: Sight<'_>,
        habits: &Habits,
        skeletons: Option<&Skeletons>,
        task: &Task,
        arena: &mut Arena,
    ) -> Scorer {
        let mut scorer = Scorer::new(sight, habits, task);
        if let Some(skeletons) = skeletons {
            let hyps = sight.featurizer.hyps(arena, &task.hyps);
            let like = likeness(sight.featurizer, sight.ranker, arena, task.goal, &hyps, &task.hyps);
            let near = skeletons.near(&like, task.limit, REMEMBERED, &|a| a != task.limit);
            scorer.consult(sight, skeletons, [&near[..ANALOGUES.min(near.len())], &near], arena);
        }
        scorer
    }
    /// Takes the prior from some analogues, given with their similarity, and the memory from others.
    pub fn consult(
        &mut self,
        sight: Sight<'_>,
        skeletons: &Skeletons,
        [prior, memory]: [&[(f32, u32)]; 2],
        arena: &mut Arena,
    ) {
        self.prior = Prior::new(skeletons, prior, sight.theory);
        self.memory = Memory::new(memory.iter().map(|&(_, i)| skeletons.steps(i, sight, arena)));
    }
    /// Logits of premises for a goal with these features.
    pub fn score(&self, ranker: &Ranker, features: &[u32], premises: &[u32]) -> Vec<(f32, u32)> {
        let classes = |p: u32| (distance_class(self.limit, p, self.database), usize::from(self.local[p as usize]));
        let (state, mut scored) = ranker.score(features, premises, classes);
        for (logit, p) in &mut scored {
            *logit += PRIOR * self.prior.get(*p);
        }
        self.memory.add(&state, MEMORY, &mut scored);
        scored
    }
}

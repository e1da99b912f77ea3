//! The ranking of premises for the goals of one task: the first stage with the task's analogues.
//!
//! The first stage ranks a premise by its use in all training proofs. The *analogues*, the training theorems most
//! similar to the task, add two terms to its logit: one for the premises that their proofs use at all ([`Prior`]), and
//! one for the premises that they applied at similar goals ([`Memory`]). The network takes the sum as input, so it is
//! trained on what the search computes.

use super::examples::{distance_class, Habits};
use super::memory::{Memory, Sight};
use super::ranker::Ranker;
use crate::dsl::theory::library::Task;
use crate::metamath_db::ids::AssertionId;
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::ranking::skeletons::{likeness, Prior, Skeletons};

/// The number of analogues that make the prior and whose skeletons are replayed.
pub const ANALOGUES: usize = 20;
/// The number of analogues whose steps are remembered.
pub const REMEMBERED: usize = 100;

/// The weights of prior and memory beside the first stage's logit, chosen on unseen proofs of set.mm
/// (docs/decisions/0008-weights-of-the-search.md).
pub(in crate::wake_sleep) const PRIOR: f32 = 0.8;
pub(in crate::wake_sleep) const MEMORY: f32 = 2.5;

/// The scorer of premises for one task.
pub struct Scorer {
    limit: AssertionId,
    database: usize,
    local: Vec<u8>,
    prior: Prior,
    memory: Memory,
}

impl Scorer {
    /// Creates the scorer of a task, without analogues yet.
    pub fn new(sight: Sight<'_>, habits: &Habits, task: &Task) -> Scorer {
        Scorer {
            limit: task.limit,
            database: sight.theory.db.len(),
            local: habits.local_classes(sight.theory, task.limit),
            prior: Prior::default(),
            memory: Memory::default(),
        }
    }
    /// Creates the scorer of a task whose proof is known, with its analogues: the scorer of training and measurement.
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
    /// Takes the prior from some analogues and the memory from others, each given with its similarity.
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
    /// The logits of premises for a goal with these features.
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

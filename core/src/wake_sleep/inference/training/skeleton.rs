//! Content proofs without their terms: Level-2 composites over content opcodes.
//!
//! A skeleton holds the moves of a proof and how they depend on each other. Everything else is a hole, which the search
//! fills. The values of metavariables are left out; where a skeleton is replayed, unification finds them.

use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::inference::moves::readings::Moves;
use crate::wake_sleep::inference::moves::sequents::consequent;
use crate::wake_sleep::inference::proof::{By, ContentProof};
use smallvec::SmallVec;

/// The steps that prove the sequents of one part; `None` is a hole.
pub type Answers = SmallVec<[Option<u32>; 2]>;

/// The action of a step of a skeleton.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Made {
    /// A move, and whether its goal was taken with the sides exchanged.
    Move(u32, bool),
    /// A hypothesis of the task: the one of this number, or another one if that does not fit.
    Hyp(u32),
}

/// One step of a skeleton.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct SkeletonStep {
    /// The action.
    pub made: Made,
    /// For each part of the move, and each sequent of the part, the earlier step that proves it.
    pub parts: SmallVec<[Answers; 3]>,
}

/// The moves of a proof, children first; the last one is the root.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Skeleton {
    /// The steps.
    pub steps: Vec<SkeletonStep>,
}

impl Skeleton {
    /// The skeleton of a proof. A node that a member of Γ or a decision procedure answers is a hole, with all below it.
    pub fn of(proof: &ContentProof, moves: &Moves, arena: &mut Arena) -> Skeleton {
        let mut steps = Vec::new();
        // For each node, the steps that prove its sequents.
        let mut answers: Vec<Answers> = Vec::with_capacity(proof.nodes.len());
        for node in &proof.nodes {
            let children = || node.children.iter().map(|&c| answers[c as usize].clone());
            let mut step = |made: Made| {
                steps.push(SkeletonStep { made, parts: children().collect() });
                SmallVec::from_elem(Some(steps.len() as u32 - 1), 1)
            };
            answers.push(match node.by {
                By::Move { number, ref values, .. } => {
                    let said = arena.instantiate(moves.all[number as usize].goal, values);
                    step(Made::Move(number, said != consequent(arena, node.sequent)))
                }
                By::Hyp { number, .. } => step(Made::Hyp(number)),
                By::Split if !node.children.is_empty() => children().flatten().collect(),
                By::Weaken => children().next().unwrap_or_default(),
                _ => SmallVec::from_elem(None, 1),
            });
        }
        let root = answers.last().and_then(|a| a.iter().copied().flatten().next());
        steps.truncate(root.map_or(0, |r| r as usize + 1));
        Skeleton { steps }
    }
}

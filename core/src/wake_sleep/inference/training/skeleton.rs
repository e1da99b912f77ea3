//! Content proofs without their terms: Level-2 composites over content opcodes.
//!
//! A skeleton says which moves a proof makes and how they hang together; the rest are holes, which the search fills. The values
//! of metavariables are left out altogether: where a skeleton is run, unification finds them.

use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::inference::moves::readings::Moves;
use crate::wake_sleep::inference::moves::sequents::consequent;
use crate::wake_sleep::inference::proof::{By, ContentProof};
use smallvec::SmallVec;

/// The steps that prove the sequents of one part; `None` is a hole.
pub type Answers = SmallVec<[Option<u32>; 2]>;

/// What a step of a skeleton does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Made {
    /// A move, and whether it answered its sequent turned.
    Move(u32, bool),
    /// A hypothesis of the task: this one, or if it does not fit another one.
    Hyp(u32),
}

/// One step of a skeleton.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct SkeletonStep {
    /// What it does.
    pub made: Made,
    /// By part of the move, and of that by sequent, the earlier step that proves it.
    pub parts: SmallVec<[Answers; 3]>,
}

/// Moves that hang together, children first; the last one is the root.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Skeleton {
    /// The moves.
    pub steps: Vec<SkeletonStep>,
}

impl Skeleton {
    /// The moves of a proof. What a member of Γ or a decision procedure answers is a hole, with what it leaves.
    pub fn of(proof: &ContentProof, moves: &Moves, arena: &mut Arena) -> Skeleton {
        let mut steps = Vec::new();
        // by node, the steps that prove what it says
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

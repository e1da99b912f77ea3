//! A memory of steps: the premises that proofs of the most similar training theorems applied, with the goals.
//!
//! A step is stored as the unit vector of its goal's embedding in the first stage, one byte for each number. The value
//! of a premise for a goal is `ln(1 + 10 Σ exp(16 (cos − 1)))`, summed over the steps that applied the premise. This is
//! a kernel estimate over nearest neighbours (as in Khandelwal et al. 2020, §2, for language models), here over some
//! thousand steps of similar proofs. A step takes 128 bytes and is computed when its proof is first consulted. A goal
//! is compared only with the steps of premises that unify with it.

use super::examples::choices;
use super::features::Featurizer;
use super::ranker::Ranker;
use super::ranker::DIM;
use super::rows::product;
use crate::dsl::theory::library::Proof;
use crate::dsl::theory::library::Theory;
use crate::metamath_db::ids::AssertionId;
use crate::metamath_db::terms::term::Arena;

/// The steepness of the kernel, the best of 4, 8, 16, 32 on unseen proofs of set.mm.
const STEEP: f32 = 16.0;
/// The weight of the sum in the logarithm.
const SUM: f32 = 10.0;
/// The largest product of units (cosine 0.25) at which a step does not count: a hundred such steps have the value
/// 0.006.
const FAR: i32 = 127 * 127 / 4;

/// A unit vector in units of 1/127.
pub type Unit = [i8; DIM];

/// The tools that embed the goals of a theory: its terms, the featurizer, and the first stage.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    /// The theory.
    pub theory: &'a Theory,
    /// The featurizer of goals.
    pub featurizer: &'a Featurizer,
    /// The first stage.
    pub ranker: &'a Ranker,
}

/// The steps of a training proof, in the form in which the search meets its goals.
#[derive(Default)]
pub struct Steps {
    premises: Vec<u32>,
    rows: Vec<Unit>,
}

impl Steps {
    /// The steps of one training proof; none if the proof does not fit its theorem.
    pub fn new(sight: Sight<'_>, theorem: AssertionId, proof: &Proof, arena: &mut Arena) -> Steps {
        let base = arena.len();
        let mut out = Steps::default();
        if let Some(task) = sight.theory.task(theorem, arena) {
            let hyps = sight.featurizer.hyps(arena, &task.hyps);
            let (mut features, mut state) = (Vec::new(), [0.0; DIM]);
            for c in choices(sight.theory, sight.featurizer, &task, proof, arena).unwrap_or_default() {
                sight.featurizer.goal(arena, c.goal, &hyps, c.context, &mut features);
                sight.ranker.embed(&features, &mut state);
                out.push(c.premise.0, &state);
            }
        }
        arena.truncate(base);
        out
    }
    /// Adds a step: the premise or move that was applied, and the embedding of its goal.
    pub fn push(&mut self, item: u32, state: &[f32; DIM]) {
        self.premises.push(item);
        self.rows.push(unit(state));
    }
}

/// The steps of some proofs, grouped by premise.
#[derive(Default)]
pub struct Memory {
    /// For each premise, the begin and end of its rows.
    places: Vec<(u32, u32)>,
    rows: Vec<Unit>,
}

impl Memory {
    /// Joins the steps of several proofs.
    pub fn new<'s>(proofs: impl Iterator<Item = &'s Steps>) -> Memory {
        let mut all: Vec<(u32, &Unit)> = Vec::new();
        for steps in proofs {
            all.extend(steps.premises.iter().copied().zip(&steps.rows));
        }
        all.sort_by_key(|s| s.0);
        let premises = all.last().map_or(0, |s| s.0 as usize + 1);
        let mut out = Memory { places: vec![(0, 0); premises], rows: Vec::with_capacity(all.len()) };
        for (p, row) in all {
            let (at, place) = (out.rows.len() as u32, &mut out.places[p as usize]);
            *place = (if place.1 == 0 { at } else { place.0 }, at + 1);
            out.rows.push(*row);
        }
        out
    }
    /// Adds `weight` times the value of each premise to its logit, for a goal with this embedding.
    pub fn add(&self, state: &[f32; DIM], weight: f32, scored: &mut [(f32, u32)]) {
        if !self.rows.is_empty() {
            pulp::Arch::new().dispatch(Recall { of: self, asked: &unit(state).map(i16::from), weight, scored });
        }
    }
}

/// A look-up, compiled for any processor and for AVX2 (as in [`super::rows`]).
struct Recall<'a> {
    of: &'a Memory,
    asked: &'a [i16; DIM],
    weight: f32,
    scored: &'a mut [(f32, u32)],
}

impl pulp::NullaryFnOnce for Recall<'_> {
    type Output = ();
    #[inline(always)]
    fn call(self) {
        let of = self.of;
        for (logit, premise) in self.scored {
            let Some(&(start, end)) = of.places.get(*premise as usize) else { continue };
            let mut sum = 0.0;
            for row in &of.rows[start as usize..end as usize] {
                let product = product(row, self.asked);
                if product > FAR {
                    sum += (STEEP * (product as f32 / (127.0 * 127.0) - 1.0)).exp();
                }
            }
            if sum > 0.0 {
                *logit += self.weight * (SUM * sum).ln_1p();
            }
        }
    }
}

fn unit(state: &[f32; DIM]) -> Unit {
    let length = state.iter().map(|x| x * x).sum::<f32>().sqrt().max(1e-6);
    state.map(|x| (x / length * 127.0).round() as i8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(of: &[(u32, [f32; 2])]) -> Steps {
        let row = |x: &[f32; 2]| unit(&std::array::from_fn(|i| if i < 2 { x[i] } else { 0.0 }));
        Steps { premises: of.iter().map(|s| s.0).collect(), rows: of.iter().map(|s| row(&s.1)).collect() }
    }

    #[test]
    fn a_premise_is_worth_its_likest_steps() {
        let (one, other) = (steps(&[(7, [1.0, 0.0]), (3, [0.0, 1.0])]), steps(&[(7, [3.0, 0.1]), (5, [1.0, 0.0])]));
        let memory = Memory::new([&one, &other].into_iter());
        let state = std::array::from_fn(|i| if i == 0 { 2.0 } else { 0.0 });
        let gain = |premise: u32| {
            let mut scored = [(1.0, premise)];
            memory.add(&state, 2.0, &mut scored);
            (scored[0].0 - 1.0) / 2.0
        };
        let exact = |cosines: &[f32]| (SUM * cosines.iter().map(|c| (STEEP * (c - 1.0)).exp()).sum::<f32>()).ln_1p();
        // Both steps of 7 are similar to the goal; the one of 3 is at a right angle and does not count.
        let expected = [(7, exact(&[1.0, 3.0 / 9.01f32.sqrt()])), (5, exact(&[1.0])), (3, 0.0)];
        for (premise, expected) in expected {
            assert!((gain(premise) - expected).abs() < 0.02, "{premise}");
        }
        assert!(gain(4) == 0.0 && gain(1_000) == 0.0);
    }

    #[test]
    fn an_empty_memory_says_nothing() {
        let mut scored = [(0.5, 0)];
        Memory::default().add(&[1.0; DIM], 1.0, &mut scored);
        assert_eq!(scored, [(0.5, 0)]);
    }
}

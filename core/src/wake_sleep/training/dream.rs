//! Dreams: programs sampled from the library, each with the most general statement that it proves.
//!
//! A dream is grown backward from a premise. An open hypothesis is picked, and a premise that unifies with it is drawn
//! by its uses in training proofs (lemmas more often), until a drawn length is reached. What remains open are the
//! dream's hypotheses. This is DreamCoder's dreaming phase (Ellis et al. 2021, §2.3): programs are sampled from the
//! generative model and replayed.

use crate::compression::fragment::{Fragment, HOLE};
use crate::compression::lemmas::instance::{lemma, most_general, Bounds, Places};
use crate::dsl::theory::library::{PremiseId, Proof, Task, Theory};
use crate::metamath_db::ids::AssertionId;
use crate::metamath_db::terms::term::Arena;
use crate::metamath_db::terms::unify::Bindings;
use crate::wake_sleep::ranking::examples::Random;
use crate::wake_sleep::search::Prepared;

/// The factor by which a lemma is more probable than a premise of the database with as many uses.
const LEMMA_FACTOR: f32 = 4.0;

/// The largest number of symbols of a formula in a dream.
const MAX_FORMULA: u32 = 30;

/// The largest number of hypotheses of a dream.
const MAX_HYPS: usize = 3;

/// Samples up to `count` dreams of at most `max_steps` steps; fewer if too many samples fail.
pub fn sample_dreams(
    prepared: &Prepared,
    count: usize,
    seed: u64,
    max_steps: usize,
    arena: &mut Arena,
) -> Vec<(Task, Proof)> {
    let theory = &*prepared.theory;
    let mut sampler = Sampler::new(prepared, seed);
    let places = Places::new(theory);
    let mut out = Vec::new();
    for _ in 0..count * 20 {
        if out.len() == count {
            break;
        }
        let length = 2 + sampler.random.below(max_steps.saturating_sub(1).max(1));
        let Some(fragment) = sampler.grow(theory, arena, length) else { continue };
        if fragment.len() < 2 {
            continue;
        }
        let bounds = Bounds { hyps: MAX_HYPS, formula: MAX_FORMULA, bare: false };
        let Ok(instance) = most_general(theory, arena, &places, &fragment, bounds) else { continue };
        let dream = lemma(theory, &fragment, &instance, format!("dream{}", out.len()));
        let mut task = theory.lemma_task(&dream, arena);
        task.limit = AssertionId::from(theory.db.len());
        task.block = u32::MAX;
        out.push((task, dream.proof));
    }
    out
}

struct Sampler<'a> {
    prepared: &'a Prepared,
    random: Random,
    weights: Vec<f32>,
    cumulative: Vec<f32>,
}

impl<'a> Sampler<'a> {
    fn new(prepared: &'a Prepared, seed: u64) -> Sampler<'a> {
        let theory = &prepared.theory;
        let weight = |p: u32| {
            if !prepared.usable[p as usize] {
                return 0.0;
            }
            let factor = if (p as usize) < theory.db.len() { 1.0 } else { LEMMA_FACTOR };
            factor * (prepared.habits.uses[p as usize] as f32 + 0.5).sqrt()
        };
        let weights: Vec<f32> = (0..theory.len() as u32).map(weight).collect();
        let mut sum = 0.0;
        let cumulative = weights
            .iter()
            .map(|w| {
                sum += w;
                sum
            })
            .collect();
        Sampler { prepared, random: Random(seed), weights, cumulative }
    }
    fn draw_root(&mut self) -> u32 {
        let x = self.random.unit() * self.cumulative.last().copied().unwrap_or(0.0);
        self.cumulative.partition_point(|&s| s <= x).min(self.cumulative.len() - 1) as u32
    }
    fn grow(&mut self, theory: &Theory, arena: &mut Arena, length: usize) -> Option<Fragment> {
        let root = self.draw_root();
        let premise = theory.premise(PremiseId(root))?;
        let mut fragment = Fragment::single(root, premise.hyps.len());
        let mut offsets = vec![0u32];
        let mut bindings = Bindings::new(premise.variables.len());
        while fragment.len() < length {
            let holes = fragment.holes();
            if holes.is_empty() {
                break;
            }
            let (node, position) = holes[self.random.below(holes.len())];
            let open = (
                theory.premise(PremiseId(fragment.labels[node as usize]))?.hyps[position as usize],
                offsets[node as usize],
            );
            let goal = bindings.resolve(arena, open);
            let Some(p) = self.draw_for(theory, arena, goal) else { break };
            let new = theory.premise(PremiseId(p))?;
            let offset = bindings.len() as u32;
            bindings.grow(offset as usize + new.variables.len());
            if !bindings.unify(arena, (new.conclusion, offset), open) {
                break; // The fragment stays as it is.
            }
            debug_assert_eq!(fragment.children[node as usize][position as usize], HOLE);
            fragment.extend(node as usize, position as usize, p, new.hyps.len());
            offsets.push(offset);
        }
        Some(fragment)
    }
    fn draw_for(&mut self, theory: &Theory, arena: &Arena, goal: crate::metamath_db::ids::TermId) -> Option<u32> {
        let mut found = Vec::new();
        self.prepared.index.query(arena, goal, &mut Default::default(), &mut found);
        found.sort_unstable();
        found.retain(|&p| theory.premise(PremiseId(p)).is_some());
        let total: f32 = found.iter().map(|&p| self.weights[p as usize]).sum();
        let mut x = self.random.unit() * total;
        found.into_iter().find(|&p| {
            x -= self.weights[p as usize];
            x < 0.0
        })
    }
}

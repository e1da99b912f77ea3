//! The critic: what the proof of a cluster is expected to cost, from its goals' features.
//!
//! A bag of hashed features → a short vector → one hidden layer → two numbers. Trained in torch on search graphs
//! (`wake_sleep/model/critic.py`), evaluated here. It orders and puts off, and accepts nothing.

use super::features::{Context, Featurizer, HypFeatures};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::term::Arena;

/// Width of a feature's row.
pub const WIDTH: usize = 16;
/// Width of the hidden layer.
pub const HIDDEN: usize = 16;

/// Exported weights.
#[derive(Clone, Default)]
pub struct Critic {
    /// `[1 << bits, WIDTH]`, bits as the ranker's.
    pub embedding: Vec<f32>,
    /// `[HIDDEN, WIDTH]`.
    pub w1: Vec<f32>,
    /// `[HIDDEN]`.
    pub b1: Vec<f32>,
    /// `[2, HIDDEN]`.
    pub w2: Vec<f32>,
    /// `[2]`.
    pub b2: Vec<f32>,
}

/// What the critic says of a goal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value {
    /// What its proof costs, in nats as the search counts them, if it has one.
    pub cost: f32,
    /// Log odds that it has one within reach.
    pub odds: f32,
}

impl Value {
    /// Nats of provability: −log p.
    pub fn doubt(self) -> f32 {
        softplus(-self.odds)
    }
}

/// The features of the goals of a cluster, one after the other; `ends` gets where each goal's end.
pub fn features(
    featurizer: &Featurizer,
    arena: &Arena,
    goals: &[(TermId, Context)],
    hyps: &HypFeatures,
    row: &mut Vec<u32>,
    out: &mut Vec<u32>,
    ends: &mut Vec<u32>,
) {
    let shared = goals.len().min(15) as u32;
    for &(goal, context) in goals {
        featurizer.goal(arena, goal, hyps, context, row);
        let size = 31 - arena.size(goal).max(1).leading_zeros();
        let mut metas = smallvec::SmallVec::new();
        arena.metas(goal, &mut metas);
        let shape = [shared, 16 + size.min(15), 32 + metas.len().min(15) as u32];
        out.extend_from_slice(row);
        out.extend(shape.map(|x| x.wrapping_mul(0x9E37_79B9) >> (32 - featurizer.bits)));
        ends.push(out.len() as u32);
    }
}

impl Critic {
    /// Whether the arrays have the sizes that they should have.
    pub fn fits(&self, bits: u32) -> bool {
        self.embedding.len() == WIDTH << bits
            && self.w1.len() == HIDDEN * WIDTH
            && self.b1.len() == HIDDEN
            && self.w2.len() == 2 * HIDDEN
            && self.b2.len() == 2
    }
    /// The value of a goal.
    pub fn value(&self, features: &[u32]) -> Value {
        let mut x = [0.0f32; WIDTH];
        for &f in features {
            let row = &self.embedding[f as usize * WIDTH..(f as usize + 1) * WIDTH];
            x.iter_mut().zip(row).for_each(|(x, r)| *x += r);
        }
        let scale = 1.0 / (features.len().max(1) as f32).sqrt();
        let mut out = [self.b2[0], self.b2[1]];
        for i in 0..HIDDEN {
            let row = &self.w1[i * WIDTH..(i + 1) * WIDTH];
            let h = x.iter().zip(row).map(|(x, w)| x * w).sum::<f32>() * scale + self.b1[i];
            if h > 0.0 {
                out[0] += self.w2[i] * h;
                out[1] += self.w2[HIDDEN + i] * h;
            }
        }
        Value { cost: softplus(out[0]), odds: out[1] }
    }
}

/// `ln(1 + exp x)`, as torch has it.
fn softplus(x: f32) -> f32 {
    if x > 20.0 {
        x
    } else {
        x.exp().ln_1p()
    }
}

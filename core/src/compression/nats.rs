//! The cost of proofs under a recognition model: nats of steps, measured on proofs that it was not trained on.
//!
//! A composite that begins with label `r` takes a share `q` of `r`'s probability, the share of `r`'s uses that go on
//! like it. At its sites a step then costs `−ln p(r) − ln q` where before it cost `−ln p(r)` and the nats of the inner
//! steps; where `r` goes on otherwise, it costs `−ln(1 − q)` more. Composite and expansion are one answer: their
//! probabilities add up. So a composite is worth something only as far as its steps depend on one another in a way
//! that the model does not see (DreamCoder's objective, Ellis et al. 2021, §2.2; `q` is its production's weight).

use crate::dsl::theory::library::{Proof, Rule};
use rustc_hash::FxHashMap;

/// How many uses of the coarser mean a finer mean starts with.
const PRIOR: [f64; 2] = [2.0, 4.0];

/// Mean nats by premise and by digram.
#[derive(Clone, Debug, Default)]
pub struct NatsTable {
    /// By premise.
    label: Vec<f32>,
    /// By parent, position and child.
    digram: FxHashMap<(u32, u8, u32), f32>,
    /// By premise, its uses in the training proofs.
    uses: Vec<u32>,
    /// Of all steps.
    pub mean: f32,
}

impl NatsTable {
    /// Averages measured proofs: `nats[i]` is what step `i` cost, `NaN` where it is not known. `uses`: by premise, in
    /// the training proofs.
    pub fn new(measured: &[(Proof, Vec<f32>)], uses: Vec<u32>) -> NatsTable {
        let mut all = (0.0f64, 0.0f64);
        let mut label = vec![(0.0f64, 0.0f64); uses.len()];
        let mut digram: FxHashMap<(u32, u8, u32), (f64, f64)> = FxHashMap::default();
        for (proof, nats) in measured {
            let known = |i: usize| Some(f64::from(nats[i])).filter(|n| n.is_finite());
            for (i, s) in proof.steps.iter().enumerate() {
                let Rule::Premise(p) = s.rule else { continue };
                if let Some(n) = known(i) {
                    all = (all.0 + n, all.1 + 1.0);
                    let l = &mut label[p.index()];
                    *l = (l.0 + n, l.1 + 1.0);
                }
                for (k, &c) in s.children.iter().enumerate().take(256) {
                    let (Rule::Premise(q), Some(n)) = (proof.steps[c as usize].rule, known(c as usize)) else {
                        continue;
                    };
                    let d = digram.entry((p.0, k as u8, q.0)).or_default();
                    *d = (d.0 + n, d.1 + 1.0);
                }
            }
        }
        let mean = if all.1 > 0.0 { all.0 / all.1 } else { 1.0 };
        let label: Vec<f32> =
            label.into_iter().map(|(sum, n)| ((sum + PRIOR[0] * mean) / (n + PRIOR[0])) as f32).collect();
        let finer = |(key, (sum, n)): ((u32, u8, u32), (f64, f64))| {
            (key, ((sum + PRIOR[1] * f64::from(label[key.2 as usize])) / (n + PRIOR[1])) as f32)
        };
        NatsTable { digram: digram.into_iter().map(finer).collect(), label, uses, mean: mean as f32 }
    }
    /// Whether nothing was measured.
    pub fn is_empty(&self) -> bool {
        self.label.is_empty()
    }
    /// The cost of a step that applies a premise.
    pub fn label(&self, premise: u32) -> f32 {
        self.label.get(premise as usize).copied().unwrap_or(self.mean)
    }
    /// The cost of a step that proves hypothesis `position` of a step of `parent`.
    pub fn inner(&self, parent: u32, position: usize, child: u32) -> f32 {
        let found = u8::try_from(position).ok().and_then(|k| self.digram.get(&(parent, k, child)));
        found.copied().unwrap_or_else(|| self.label(child))
    }
    /// How often the training proofs use a premise.
    pub fn uses(&self, premise: u32) -> u32 {
        self.uses.get(premise as usize).copied().unwrap_or(0)
    }
}

/// Nats that a composite with `sites` among the `uses` of its first label takes off training proofs, if each site's
/// inner steps cost `inner` nats.
pub fn gain(sites: usize, uses: usize, inner: f64) -> f64 {
    let (n, all) = (sites as f64, uses.max(sites) as f64);
    // one use more, so that no share is 1
    let q = n / (all + 1.0);
    n * at_site(q, 1.0 - q, inner) + (all - n) * (1.0 - q).ln()
}

/// Nats gained at a site: the composite has share `q` of its first label's probability, the expansion, whose inner
/// steps cost `inner` nats, share `rest`. Both answers count.
pub fn at_site(q: f64, rest: f64, inner: f64) -> f64 {
    (q + rest * (-inner).exp()).ln() + inner
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsl::theory::library::{PremiseId, Step};

    fn chain(labels: &[u32]) -> Proof {
        let step = |(i, &l): (usize, &u32)| Step {
            rule: Rule::Premise(PremiseId(l)),
            children: (0..i.min(1) as u32).map(|_| i as u32 - 1).collect(),
        };
        Proof { steps: labels.iter().enumerate().map(step).collect() }
    }

    #[test]
    fn independent_steps_gain_nothing_and_dependent_ones_their_mutual_information() {
        // the inner step's share among the uses is what the model says: only what the other uses lose
        assert!(gain(250, 1000, (4.0f64).ln()) < 0.0);
        assert!(gain(250, 1000, 0.1) < gain(250, 1000, 1.0));
        // always together, and the model gave the inner step 1/e: one nat a site
        let g = gain(1000, 1000, 1.0);
        assert!((990.0..=1000.0).contains(&g), "{g}");
    }

    #[test]
    fn means_fall_back_from_digram_to_label_to_all() {
        let t = NatsTable::new(&[(chain(&[1, 0]), vec![3.0, 1.0])], vec![5, 6, 0]);
        assert!((t.mean - 2.0).abs() < 1e-6);
        assert!(t.inner(0, 0, 1) > t.label(1), "the digram has seen 3 nats, the label is nearer the mean");
        assert!((t.inner(2, 0, 1) - t.label(1)).abs() < 1e-9);
        assert!((t.label(2) - t.mean).abs() < 1e-9);
        assert_eq!(t.uses(1), 6);
    }
}

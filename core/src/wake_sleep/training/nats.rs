//! The recognition model on proofs that it was not trained on: the rank and the cost in nats of each step.

use crate::compression::nats::NatsTable;
use crate::dsl::theory::library::{PremiseId, Proof, Task, Theory};
use crate::threads::each_in_arena;
use crate::wake_sleep::ranking::examples::choices;
use crate::wake_sleep::search::{Prepared, NAT};

/// The cost in nats of a step whose premise is no candidate.
const MISSED: f32 = 12.0;

/// For each step of a proof, its rank from 0 and −ln p; `None` for hypotheses and for steps that are no choices.
pub type Ranked = Vec<Option<(usize, f32)>>;

/// Ranks the steps of proofs, whose terms `grown` holds, on two threads. A step whose premise is no candidate has rank
/// [`usize::MAX`]. A proof that does not fit its goal has no steps.
pub fn ranked(prepared: &Prepared, grown: &Theory, corpus: &[(Task, Proof)]) -> Vec<Ranked> {
    each_in_arena(corpus.len(), 2, &grown.arena, |arena, i| {
        let (task, proof) = &corpus[i];
        let mut row: Ranked = vec![None; proof.steps.len()];
        let hyps = prepared.featurizer.hyps(arena, &task.hyps);
        let scorer = prepared.informed_scorer(task, arena);
        let (mut features, mut found) = (Vec::new(), Vec::new());
        for c in choices(grown, &prepared.featurizer, task, proof, arena).unwrap_or_default() {
            prepared.featurizer.goal(arena, c.goal, &hyps, c.context, &mut features);
            found.clear();
            prepared.index.query(arena, c.goal, &mut Default::default(), &mut found);
            found.retain(|&p| grown.stands_before(PremiseId(p), task));
            let mut scored = scorer.score(&prepared.ranker, &features, &found);
            let costs = prepared.ranker.costs(&features, &mut scored, 1.0, usize::MAX);
            let rank = costs.iter().position(|x| x.1 == c.premise.0);
            row[c.step] = Some(match rank {
                Some(r) => (r, costs[r].0 as f32 / NAT as f32),
                None => (usize::MAX, MISSED),
            });
        }
        row
    })
}

/// Proofs with the nats of their steps (`NaN` if unknown), the input of compression.
pub fn measured(corpus: &[(Task, Proof)], ranked: &[Ranked]) -> Vec<(Proof, Vec<f32>)> {
    let nats = |r: &Ranked| r.iter().map(|x| x.map_or(f32::NAN, |y| y.1)).collect();
    corpus.iter().zip(ranked).map(|((_, proof), r)| (proof.clone(), nats(r))).collect()
}

/// The prices of steps under a model, from proofs that it was not trained on.
pub fn nats_table(prepared: &Prepared, grown: &Theory, held_out: &[(Task, Proof)]) -> NatsTable {
    let ranked = ranked(prepared, grown, held_out);
    NatsTable::new(&measured(held_out, &ranked), prepared.habits.uses.clone())
}

/// The quality of a model on held-out proofs.
#[derive(Clone, Debug, Default)]
pub struct Recall {
    /// The number of steps.
    pub steps: usize,
    /// The numbers of steps whose premise is among the best 1, 10, 50.
    pub at: [usize; 3],
    /// The mean of −log p over the steps, in nats.
    pub nll: f64,
}

/// Measures how highly the model ranks the steps of held-out human proofs.
pub fn recall(ranked: &[Ranked]) -> Recall {
    let mut out = Recall::default();
    for &(rank, nats) in ranked.iter().flatten().flatten() {
        out.steps += 1;
        for (hit, bound) in out.at.iter_mut().zip([1, 10, 50]) {
            *hit += usize::from(rank < bound);
        }
        out.nll += f64::from(nats);
    }
    out.nll /= out.steps.max(1) as f64;
    out
}

//! The recognition model on proofs that it was not trained on: rank and nats of each step.

use crate::compression::nats::NatsTable;
use crate::dsl::theory::library::{PremiseId, Proof, Task, Theory};
use crate::threads::each_in_arena;
use crate::wake_sleep::ranking::examples::choices;
use crate::wake_sleep::search::{Prepared, NAT};

/// Charged for a step that the model does not find among the candidates.
const MISSED: f32 = 12.0;

/// By step of a proof, its rank from 0 and −ln p; `None` for hypotheses and for steps that were not seen as choices.
pub type Ranked = Vec<Option<(usize, f32)>>;

/// Ranks the steps of proofs, whose terms `grown` holds, on two threads. A step that is no candidate has rank
/// [`usize::MAX`]. Proofs that do not fit their goals have no steps.
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

/// Proofs with the nats of their steps (`NaN`: unknown), as compression takes them.
pub fn measured(corpus: &[(Task, Proof)], ranked: &[Ranked]) -> Vec<(Proof, Vec<f32>)> {
    let nats = |r: &Ranked| r.iter().map(|x| x.map_or(f32::NAN, |y| y.1)).collect();
    corpus.iter().zip(ranked).map(|((_, proof), r)| (proof.clone(), nats(r))).collect()
}

/// The price of steps under a model, from proofs that it was not trained on.
pub fn nats_table(prepared: &Prepared, grown: &Theory, held_out: &[(Task, Proof)]) -> NatsTable {
    let ranked = ranked(prepared, grown, held_out);
    NatsTable::new(&measured(held_out, &ranked), prepared.habits.uses.clone())
}

/// Quality of the model on held-out proofs.
#[derive(Clone, Debug, Default)]
pub struct Recall {
    /// Steps.
    pub steps: usize,
    /// Steps whose premise is among the best 1, 10, 50.
    pub at: [usize; 3],
    /// Mean −log p a step, nats.
    pub nll: f64,
}

/// How well the model puts the human steps of held-out proofs in front.
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

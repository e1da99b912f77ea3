//! The network's training table: each step of a proof as a choice among the first stage's best candidates.

use crate::dsl::theory::library::{PremiseId, Proof, Task, Theory};
use crate::threads::each_in_arena;
use crate::wake_sleep::ranking::examples::{choices, Random, NO_CANDIDATE};
use crate::wake_sleep::search::Prepared;

/// The table in columns; its rows are steps. `candidates` and `scores` have `width` columns: the premise of the proof,
/// then the first stage's best others in order. Empty places hold [`NO_CANDIDATE`].
#[derive(Default)]
pub struct Table {
    /// The features of all rows, one after another.
    pub features: Vec<u32>,
    /// The offset of each row's features; one more entry than rows.
    pub offsets: Vec<i64>,
    /// The premise numbers.
    pub candidates: Vec<u32>,
    /// The first stage's logits.
    pub scores: Vec<f32>,
    /// The number of the corpus item of each row.
    pub task: Vec<u32>,
}

/// Builds the table of a corpus whose terms `grown` holds. `limit` bounds the number of rows: above it, proofs are
/// sampled.
pub fn candidate_table(
    prepared: &Prepared,
    grown: &Theory,
    corpus: &[(Task, Proof)],
    width: usize,
    limit: usize,
    seed: u64,
) -> Table {
    let chosen = sample(corpus, limit, seed);
    let parts = each_in_arena(chosen.len(), 2, &grown.arena, |arena, k| {
        let (task, proof) = &corpus[chosen[k]];
        let mut table = Table::default();
        let found = choices(grown, &prepared.featurizer, task, proof, arena).unwrap_or_default();
        let hyps = prepared.featurizer.hyps(arena, &task.hyps);
        let scorer = prepared.informed_scorer(task, arena);
        for c in found {
            let mut features = Vec::new();
            prepared.featurizer.goal(arena, c.goal, &hyps, c.context, &mut features);
            let mut found = Vec::new();
            prepared.index.query(arena, c.goal, &mut Default::default(), &mut found);
            found.retain(|&p| p != c.premise.0 && grown.stands_before(PremiseId(p), task));
            found.push(c.premise.0);
            let mut scored = scorer.score(&prepared.ranker, &features, &found);
            let Some(right) = scored.pop() else { continue };
            scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            scored.truncate(width - 1);
            table.push(&features, right, &scored, width, chosen[k] as u32);
        }
        table
    });
    let mut all = Table { offsets: vec![0], ..Table::default() };
    for t in parts {
        let base = all.features.len() as i64;
        all.features.extend(t.features);
        all.offsets.extend(t.offsets.into_iter().map(|o| o + base));
        all.candidates.extend(t.candidates);
        all.scores.extend(t.scores);
        all.task.extend(t.task);
    }
    all
}

impl Table {
    fn push(&mut self, features: &[u32], right: (f32, u32), others: &[(f32, u32)], width: usize, task: u32) {
        self.features.extend_from_slice(features);
        self.offsets.push(self.features.len() as i64);
        self.candidates.push(right.1);
        self.scores.push(right.0);
        for k in 0..width - 1 {
            let (score, p) = others.get(k).copied().unwrap_or((-1e9, NO_CANDIDATE));
            self.candidates.push(p);
            self.scores.push(score);
        }
        self.task.push(task);
    }
}

/// The numbers of corpus items in a seeded random order until their steps reach `limit` (0 for all), sorted by file
/// order.
fn sample(corpus: &[(Task, Proof)], limit: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..corpus.len()).collect();
    if limit == 0 {
        return order;
    }
    let mut random = Random(seed);
    for i in (1..order.len()).rev() {
        order.swap(i, random.below(i + 1));
    }
    let mut rows = 0;
    order.retain(|&i| {
        let take = rows < limit;
        if take {
            rows += corpus[i].1.len();
        }
        take
    });
    order.sort_unstable();
    order
}

//! Training proofs as skeletons: the labels of a proof without its formulas, indexed by what they prove.
//!
//! A skeleton is a Level-2 composite that fits whatever unifies. The skeletons of the most similar theorems are found
//! by the sum of three terms: the cosine of the first stage's goal embeddings, the cosine of the features of goal and
//! hypotheses weighted by squared inverse document frequency, and a term for nearness in the file. A look-up costs one
//! product with every training theorem's embedding and the postings of the target's features.

use crate::dsl::theory::library::{Proof, Task, Theory};
use crate::metamath_db::ids::{AssertionId, TermId};
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::ranking::column::{Column, Postings};
use crate::wake_sleep::ranking::examples::{premises_of, Random};
use crate::wake_sleep::ranking::features::{Context, Featurizer, HypFeatures};
use crate::wake_sleep::ranking::memory::{Sight, Steps};
use crate::wake_sleep::ranking::ranker::{Ranker, DIM};
use std::sync::OnceLock;

/// A feature that more than this share of all theorems has is ignored.
const COMMON: f32 = 0.25;

/// The similarity that a theorem next to the task gains by nearness, because neighbours often have similar proofs
/// (chosen in docs/decisions/0008-weights-of-the-search.md).
const NEAR_BY: f32 = 0.4;
/// The distance, in assertions, at which this gain has fallen by a factor of e.
const DISTANCE: f32 = 100.0;

/// The mark of an item whose theorem the database lacks. It is never similar.
const NOWHERE: AssertionId = AssertionId(u32::MAX);

/// An index over training proofs, the items.
pub struct Skeletons {
    /// For each item, its theorem.
    theorems: Vec<AssertionId>,
    /// For each item, its proof, computed at the first use.
    proofs: Vec<OnceLock<Proof>>,
    /// The number of the database's assertions.
    database: usize,
    columns: LikenessColumns,
    /// For each item, its steps for the memory, computed at the first use.
    steps: Vec<OnceLock<Steps>>,
}

/// The data by which items are compared, as a model's file stores it.
#[derive(Clone, Default)]
pub struct LikenessColumns {
    /// The unit vectors, `[items, DIM]`.
    pub embeddings: Column<f32>,
    /// The items that have each feature.
    pub postings: Postings,
    /// The squared inverse document frequency of each feature of the postings.
    pub weight: Column<f32>,
    /// The length of each item's weighted feature vector.
    pub norm: Column<f32>,
}

impl LikenessColumns {
    /// Whether the columns fit together and have this many items.
    pub fn is_sound(&self, items: usize) -> bool {
        self.embeddings.len() == items * DIM
            && self.norm.len() == items
            && self.weight.len() == self.postings.features.len()
            && self.postings.is_sound(items)
    }
    fn length(&self, features: &[u32]) -> f32 {
        let weight = |&f: &u32| self.postings.find(f).map(|at| self.weight[at]);
        features.iter().filter_map(weight).sum::<f32>().sqrt().max(1e-6)
    }
}

/// The data of a task that a look-up compares.
pub struct Likeness {
    embedding: [f32; DIM],
    features: Vec<u32>,
}

impl Skeletons {
    /// Indexes a corpus, whose terms `theory` holds. Dreams (statements after the whole database) are left out.
    pub fn new(theory: &Theory, ranker: &Ranker, corpus: &[(Task, Proof)]) -> Skeletons {
        let featurizer = ranker.featurizer(theory);
        Skeletons::by(theory, corpus, &mut |task| {
            let hyps = featurizer.hyps(&theory.arena, &task.hyps);
            likeness(&featurizer, ranker, &theory.arena, task.goal, &hyps, &task.hyps)
        })
    }
    /// Indexes a corpus with the similarity data that `likeness` gives.
    pub fn by(theory: &Theory, corpus: &[(Task, Proof)], likeness: &mut dyn FnMut(&Task) -> Likeness) -> Skeletons {
        let (mut theorems, mut proofs, mut embeddings) = (Vec::new(), Vec::new(), Vec::new());
        let (mut features, mut pairs) = (Vec::new(), Vec::new());
        for (task, proof) in indexed(theory, corpus) {
            let like = likeness(task);
            let n = theorems.len() as u32;
            pairs.extend(like.features.iter().map(|&f| (f, n)));
            embeddings.extend(like.embedding);
            features.push(like.features);
            theorems.push(task.limit);
            proofs.push(OnceLock::from(proof.clone()));
        }
        let n = theorems.len() as f32;
        pairs.sort_unstable();
        let rare = |run: &[(u32, u32)]| run.len() as f32 <= (COMMON * n).max(1.0);
        let kept = pairs.chunk_by(|a, b| a.0 == b.0).filter(|run| rare(run)).flatten().copied().collect();
        let postings = Postings::new(kept);
        let weight = (0..postings.features.len()).map(|at| (n / postings.run(at).len() as f32).ln().powi(2));
        let weight: Vec<f32> = weight.collect();
        let mut columns =
            LikenessColumns { embeddings: embeddings.into(), postings, weight: weight.into(), ..Default::default() };
        columns.norm = features.iter().map(|f| columns.length(f)).collect::<Vec<f32>>().into();
        let steps = theorems.iter().map(|_| OnceLock::new()).collect();
        Skeletons { theorems, proofs, database: theory.db.len(), columns, steps }
    }
    /// Restores the index of a model. `theorems` gives for each item the database's theorem, if it has one with a
    /// proof.
    pub fn fitted(
        theory: &Theory,
        theorems: impl Iterator<Item = Option<AssertionId>>,
        columns: LikenessColumns,
    ) -> Skeletons {
        let theorems: Vec<AssertionId> = theorems.map(|t| t.unwrap_or(NOWHERE)).collect();
        let proofs = theorems.iter().map(|_| OnceLock::new()).collect();
        let steps = theorems.iter().map(|_| OnceLock::new()).collect();
        Skeletons { theorems, proofs, database: theory.db.len(), columns, steps }
    }
    /// Restores the index from the corpus of which it was made, and its columns.
    pub fn restored(theory: &Theory, corpus: &[(Task, Proof)], columns: LikenessColumns) -> Skeletons {
        let theorems: Vec<AssertionId> = indexed(theory, corpus).map(|c| c.0.limit).collect();
        let proofs = indexed(theory, corpus).map(|c| OnceLock::from(c.1.clone())).collect();
        let steps = theorems.iter().map(|_| OnceLock::new()).collect();
        Skeletons { theorems, proofs, database: theory.db.len(), columns, steps }
    }
    /// The theorem of each item.
    pub fn theorems(&self) -> &[AssertionId] {
        &self.theorems
    }
    /// The data by which items are compared.
    pub fn columns(&self) -> &LikenessColumns {
        &self.columns
    }
    /// An item's proof.
    pub fn proof(&self, item: u32, theory: &Theory) -> &Proof {
        let theorem = self.theorems[item as usize];
        self.proofs[item as usize].get_or_init(|| theory.human_proof(theorem).unwrap_or_default())
    }
    /// The steps of an item's proof.
    pub fn steps(&self, item: u32, sight: Sight<'_>, arena: &mut Arena) -> &Steps {
        let (theorem, proof) = (self.theorems[item as usize], self.proof(item, sight.theory));
        self.steps[item as usize].get_or_init(|| Steps::new(sight, theorem, proof, arena))
    }
    /// The `k` most similar items that `allowed` admits, with their similarity (at most 2.4), ties in file order.
    /// `limit` is the task's place; a statement without a place in the database gains nothing by nearness.
    pub fn near(
        &self,
        like: &Likeness,
        limit: AssertionId,
        k: usize,
        allowed: &dyn Fn(AssertionId) -> bool,
    ) -> Vec<(f32, u32)> {
        let dot = |row: &[f32]| row.iter().zip(&like.embedding).map(|(a, b)| a * b).sum::<f32>();
        let columns = &self.columns;
        let mut score: Vec<f32> = columns.embeddings.chunks_exact(DIM).map(dot).collect();
        if limit.index() < self.database {
            for (s, theorem) in score.iter_mut().zip(&self.theorems) {
                *s += NEAR_BY * (-(theorem.0.abs_diff(limit.0) as f32) / DISTANCE).exp();
            }
        }
        let (length, norm): (f32, &[f32]) = (columns.length(&like.features), &columns.norm);
        for at in like.features.iter().filter_map(|&f| columns.postings.find(f)) {
            let weight = columns.weight[at];
            for &i in columns.postings.run(at) {
                score[i as usize] += weight / (length * norm[i as usize]);
            }
        }
        // Similarities are rounded to 1/1024, so that floating-point rounding does not decide the order.
        let rounded = |s: f32| (s * 1024.0).round() as i32;
        let mut all: Vec<(i32, u32)> = score.iter().zip(0u32..).map(|(&s, i)| (-rounded(s), i)).collect();
        let wide = (4 * k + 16).min(all.len());
        if wide < all.len() {
            all.select_nth_unstable(wide);
            all.truncate(wide);
        }
        all.sort_unstable();
        let there = |&(_, i): &(i32, u32)| Some(self.theorems[i as usize]).is_some_and(|t| t != NOWHERE && allowed(t));
        let items = all.into_iter().filter(there);
        items.take(k).map(|(_, i)| (score[i as usize], i)).collect()
    }
}

/// The proofs of a corpus that are indexed: those of the database's theorems with at least one premise.
fn indexed<'a>(theory: &'a Theory, corpus: &'a [(Task, Proof)]) -> impl Iterator<Item = &'a (Task, Proof)> {
    corpus.iter().filter(|c| c.0.limit.index() < theory.db.len() && !c.1.is_empty())
}

/// The data for comparison of a goal and its hypotheses.
pub fn likeness(
    featurizer: &Featurizer,
    ranker: &Ranker,
    arena: &Arena,
    goal: TermId,
    known: &HypFeatures,
    hyps: &[TermId],
) -> Likeness {
    let mut features = Vec::new();
    featurizer.goal(arena, goal, known, Context::default(), &mut features);
    likeness_of(featurizer, ranker, arena, features, hyps)
}

/// The data for comparison from a goal's features.
pub fn likeness_of(
    featurizer: &Featurizer,
    ranker: &Ranker,
    arena: &Arena,
    mut features: Vec<u32>,
    hyps: &[TermId],
) -> Likeness {
    let mut embedding = [0.0; DIM];
    ranker.embed(&features, &mut embedding);
    let length = embedding.iter().map(|x| x * x).sum::<f32>().sqrt().max(1e-6);
    embedding.iter_mut().for_each(|x| *x /= length);
    let (none, mut more) = (HypFeatures::default(), Vec::new());
    for &h in hyps {
        featurizer.goal(arena, h, &none, Context::default(), &mut more);
        // Features of hypotheses are kept apart from those of the goal.
        features.extend(more.iter().map(|&f| (Random(u64::from(f)).bits() >> 32) as u32 | 1 << 31));
    }
    features.sort_unstable();
    features.dedup();
    Likeness { embedding, features }
}

/// The frequency with which analogues use each premise, as a term of its logit.
#[derive(Clone, Debug, Default)]
pub struct Prior(Vec<f32>);

impl Prior {
    /// Computes `ln(1 + Σ (similarity / best similarity)²)` over the analogues that use a premise.
    pub fn new(skeletons: &Skeletons, near: &[(f32, u32)], theory: &Theory) -> Prior {
        Prior::of(near, &|i| premises_of(skeletons.proof(i, theory)))
    }
    /// Computes the prior where `used` gives the premises or moves that an analogue uses.
    pub fn of(near: &[(f32, u32)], used: &dyn Fn(u32) -> Vec<u32>) -> Prior {
        let mut sums: Vec<f32> = Vec::new();
        let best = near.first().map_or(1.0, |n| n.0.max(1e-6));
        for &(similarity, i) in near {
            for p in used(i) {
                sums.resize(sums.len().max(p as usize + 1), 0.0);
                sums[p as usize] += (similarity.max(0.0) / best).powi(2);
            }
        }
        sums.iter_mut().for_each(|s| *s = s.ln_1p());
        Prior(sums)
    }
    /// The value of a premise.
    #[inline]
    pub fn get(&self, premise: u32) -> f32 {
        self.0.get(premise as usize).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_equals_the_nearer_one_is_more_alike_to_what_has_a_place() {
        let mut embedding = [0.0; DIM];
        embedding[0] = 1.0;
        let theorems = [3, 500, 900];
        let skeletons = Skeletons {
            theorems: theorems.map(AssertionId).into(),
            proofs: vec![],
            database: 1_000,
            columns: LikenessColumns {
                embeddings: [embedding; 3].concat().into(),
                postings: Postings::new(vec![]),
                weight: vec![].into(),
                norm: vec![1.0; 3].into(),
            },
            steps: vec![],
        };
        let like = Likeness { embedding, features: vec![] };
        let order = |limit: u32| -> Vec<u32> {
            skeletons.near(&like, AssertionId(limit), 3, &|_| true).into_iter().map(|n| n.1).collect()
        };
        assert_eq!(order(520), [1, 2, 0]);
        assert_eq!(order(999), [2, 1, 0]);
        // A statement of the user's, placed behind the whole database.
        assert_eq!(order(1_000), [0, 1, 2]);
    }
}

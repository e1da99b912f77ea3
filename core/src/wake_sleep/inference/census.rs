//! The census of human proofs: the kind of each step, what the model thinks of it, and what is decided in the proof.

use super::kinds::{Kind, Kinds};
use super::readings::Moves;
use super::translate::{decided, Translator};
use crate::dsl::library::{PremiseId, Proof, Rule, Step, Task, Theory};
use crate::threads::each_in_arena;
use crate::wake_sleep::closers::Tables;
use crate::wake_sleep::nats::ranked;
use crate::wake_sleep::ranker::usable_or_discouraged;
use crate::wake_sleep::search::Prepared;

/// A step of a human proof.
#[derive(Clone, Copy, Debug)]
pub struct CountedStep {
    /// Its number in the proof, from 0.
    pub step: usize,
    /// What it applies.
    pub premise: PremiseId,
    /// The kind of that.
    pub kind: Kind,
    /// How many premises the model would rather apply; `None` if it does not consider this one.
    pub rank: Option<usize>,
    /// −ln of the model's probability.
    pub nats: f32,
}

/// A human proof.
#[derive(Clone, Debug, Default)]
pub struct CountedProof {
    /// Its steps, each premise's application once.
    pub steps: Vec<CountedStep>,
    /// The kinds of what its content proof decides; `None` if the proof was not translated.
    pub decisions: Option<Vec<Kind>>,
}

/// Counts human proofs of theorems, whose terms `grown` holds; the model has seen none of them.
pub fn census(prepared: &Prepared, grown: &Theory, corpus: &[(Task, Proof)]) -> Vec<CountedProof> {
    let kinds = Kinds::new(grown);
    let kind = |p: PremiseId| kinds.get(p).unwrap_or(Kind::Content);
    let decisions = decisions(grown, corpus, &kind);
    let ranked = ranked(prepared, grown, corpus);
    let proofs = corpus.iter().zip(ranked).zip(decisions).map(|(((_, proof), ranked), decisions)| {
        let steps = proof.steps.iter().zip(ranked).enumerate();
        let counted = |(step, (s, found)): (usize, (&_, _))| count(step, s, found, &kind);
        CountedProof { steps: steps.filter_map(counted).collect(), decisions }
    });
    proofs.collect()
}

fn count(step: usize, s: &Step, found: Option<(usize, f32)>, kind: &impl Fn(PremiseId) -> Kind) -> Option<CountedStep> {
    let (Rule::Premise(premise), Some((rank, nats))) = (s.rule, found) else { return None };
    let rank = Some(rank).filter(|&r| r != usize::MAX);
    Some(CountedStep { step, premise, kind: kind(premise), rank, nats })
}

/// The kinds of what the content proofs decide, on two threads.
fn decisions(
    theory: &Theory,
    corpus: &[(Task, Proof)],
    kind: &(impl Fn(PremiseId) -> Kind + Sync),
) -> Vec<Option<Vec<Kind>>> {
    let (tables, usable) = (Tables::new(theory), usable_or_discouraged(theory));
    let moves = Moves::new(theory, &tables, &|p| usable[p.index()]);
    let translator = Translator::new(theory, &moves, &tables);
    each_in_arena(corpus.len(), 2, &moves.arena, |arena, i| {
        let (task, proof) = &corpus[i];
        let found = translator.translate(task, proof, arena)?;
        let first = |n: u32| moves.all[n as usize].readings[0].premise;
        Some(decided(&found, &moves).map(|n| kind(first(n))).collect())
    })
}

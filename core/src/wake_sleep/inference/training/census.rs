//! The census of human proofs: the kind of each step and its rank by the model, the decisions of the content proof, and
//! whether the content proof, written as Metamath again, is a proof.

use super::translate::{decided, Translator};
use crate::dsl::theory::library::{PremiseId, Proof, Rule, Step, Task, Theory};
use crate::metamath_db::terms::term::Arena;
use crate::threads::each_in_arena;
use crate::wake_sleep::closers::Tables;
use crate::wake_sleep::inference::glue::Glue;
use crate::wake_sleep::inference::moves::kinds::{Kind, Kinds};
use crate::wake_sleep::inference::moves::readings::Moves;
use crate::wake_sleep::inference::proof::{By, ContentProof};
use crate::wake_sleep::inference::write::{WriteError, Writer};
use crate::wake_sleep::ranking::ranker::{usable_or_discouraged, usable_premises};
use crate::wake_sleep::search::Prepared;
use crate::wake_sleep::training::nats::ranked;

/// A step of a human proof.
#[derive(Clone, Copy, Debug)]
pub struct CountedStep {
    /// Its number in the proof, from 0.
    pub step: usize,
    /// The premise that it applies.
    pub premise: PremiseId,
    /// The kind of the premise.
    pub kind: Kind,
    /// The number of premises that the model ranks higher; `None` if the premise is no candidate.
    pub rank: Option<usize>,
    /// The cost of the premise by the model, −log p, in nats.
    pub nats: f32,
}

/// Counts the steps of human proofs that the model was not trained on. `grown` holds the terms of the proofs. Each
/// application of a premise counts once.
pub fn census(prepared: &Prepared, grown: &Theory, corpus: &[(Task, Proof)]) -> Vec<Vec<CountedStep>> {
    let kinds = Kinds::new(grown);
    let kind = |p: PremiseId| kinds.get(p).unwrap_or(Kind::Content);
    let ranked = ranked(prepared, grown, corpus);
    let proofs = corpus.iter().zip(ranked).map(|((_, proof), ranked)| {
        let steps = proof.steps.iter().zip(ranked).enumerate();
        steps.filter_map(|(step, (s, found))| count(step, s, found, &kind)).collect()
    });
    proofs.collect()
}

fn count(step: usize, s: &Step, found: Option<(usize, f32)>, kind: &impl Fn(PremiseId) -> Kind) -> Option<CountedStep> {
    let (Rule::Premise(premise), Some((rank, nats))) = (s.rule, found) else { return None };
    let rank = Some(rank).filter(|&r| r != usize::MAX);
    Some(CountedStep { step, premise, kind: kind(premise), rank, nats })
}

/// The translation of a human proof into a content proof.
#[derive(Clone, Debug, Default)]
pub struct Translation {
    /// The number of applications of premises in the human proof.
    pub steps: usize,
    /// The kinds of the decisions; `None` if the proof was not translated.
    pub decisions: Option<Vec<Kind>>,
    /// The content proof written as Metamath again, or the reason why that failed; `None` if it was not requested.
    pub written: Option<Result<Proof, String>>,
}

/// Translates human proofs into content proofs and, if `write`, writes them as Metamath again; on two threads. `grown`
/// holds the terms of the proofs. Writing may use the premises of the human proof, and those that stand before the
/// theorem and are not marked as discouraged.
pub fn translations(grown: &Theory, corpus: &[(Task, Proof)], write: bool) -> Vec<Translation> {
    let (tables, any, usable) = (Tables::new(grown), usable_or_discouraged(grown), usable_premises(grown));
    let moves = Moves::new(grown, &tables, &|p| any[p.index()]);
    let translator = Translator::new(grown, &moves, &tables).closing_by(&usable);
    let glue = write.then(|| Glue::new(grown, &|p| usable[p.index()]));
    let kinds = Kinds::new(grown);
    let first = |n: u32| kinds.get(moves.all[n as usize].readings[0].premise).unwrap_or(Kind::Content);
    each_in_arena(corpus.len(), 2, &moves.arena, |arena, i| {
        let (task, proof) = &corpus[i];
        let steps = proof.premises().count();
        let Some(content) = translator.translate(task, proof, arena) else {
            return Translation { steps, ..Translation::default() };
        };
        let decisions = Some(decided(&content, &moves).into_iter().map(first).collect());
        let written = glue.as_ref().map(|glue| {
            let allowed =
                |p: PremiseId| grown.stands_before(p, task) && (usable[p.index()] || proof.premises().any(|q| p == q));
            content.check(grown, &moves, &tables, task, arena).map_err(|e| e.to_string())?;
            let found = Writer { theory: grown, moves: &moves, glue, task, allowed: &allowed }.write(&content, arena);
            found.map(|w| w.proof).map_err(|why| told(grown, &moves, &content, &why, arena))
        });
        Translation { steps, decisions, written }
    })
}

/// The reason why a content proof was not written, with the content of the node.
fn told(theory: &Theory, moves: &Moves, content: &ContentProof, why: &WriteError, arena: &Arena) -> String {
    let WriteError::Node { node, wanted } = why else { return why.to_string() };
    let by = match &content.nodes[*node].by {
        By::Move { number, .. } => theory.label(moves.all[*number as usize].readings[0].premise),
        By::Hyp { .. } => "a hypothesis",
        By::Use { .. } => "a member of the context",
        By::Member | By::Closed { .. } | By::Weaken | By::Split => "connectives",
    };
    format!("{why}: {} by {by}", theory.db.show_statement(arena, *wanted))
}

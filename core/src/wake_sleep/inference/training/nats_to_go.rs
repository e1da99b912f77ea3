//! What is left of a human proof in nats: −ln of the probability that a model gives to the proof's choices.
//!
//! A state's nats are those of the choice made there and of all choices below it. A search that follows the model needs
//! about exp(nats) expansions for them (Levin 1973; Orseau et al. 2018), so a state with few nats to go is close to proved.

use super::choices::choices;
use super::model::{Model, Ranking, Usable};
use super::translate::Translator;
use crate::dsl::theory::library::Theory;
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::inference::moves::sequents::{consequent, context};
use crate::wake_sleep::inference::proof::ContentProof;
use rustc_hash::FxHashSet;

/// A sequent in words: the members of Γ, and the goal.
pub type Words = (Vec<String>, String);

/// A model that says what choices cost.
pub struct Nats<'a> {
    model: &'a Model,
    usable: Usable<'a>,
    /// By premise, whether closure facts are taken from it.
    closing: &'a [bool],
}

impl<'a> Nats<'a> {
    /// By a model; `usable` says which premises the rules allow, `closing` from which closure facts are taken.
    pub fn new(model: &'a Model, usable: &'a [bool], closing: &'a [bool]) -> Nats<'a> {
        Nats { model, usable: Usable::new(&model.theory, &model.moves, usable), closing }
    }
    /// The nats to go at the sequents of a theorem's proof, the root first, with the proofs of similar theorems looked up as in a search,
    /// but never its own. `None` for one that has a choice at it or below it which is no candidate; for the whole proof
    /// if the model's moves do not give these sequents.
    pub fn to_go(&self, label: &str, sequents: &[&Words], arena: &mut Arena) -> Option<Vec<Option<f32>>> {
        let Model { theory, moves, tables, .. } = self.model;
        let task = theory.find_task(label, arena).ok()?;
        let proof = theory.human_proof(task.limit)?;
        let found = Translator::new(theory, moves, tables).closing_by(self.closing).translate(&task, &proof, arena)?;
        let own = found.nodes.iter().rev().map(|node| words(theory, arena, node.sequent));
        if !own.eq(sequents.iter().map(|&s| s.clone())) {
            return None;
        }
        let mut ranking = Ranking::new(self.model, &task, arena, (1.0, (true, true)), FxHashSet::default());
        ranking.look_up(&task, arena);
        let mut nats = vec![Some(0.0_f64); found.nodes.len()];
        for choice in choices(moves, &task, &found, arena) {
            let placed = ranking.placed(&choice, &self.usable, &task, arena);
            nats[choice.node as usize] = placed.map(|x| f64::from(x.1));
        }
        let below: Vec<Option<f64>> = to_go(&found, |n| nats[n]);
        Some(below.into_iter().rev().map(|x| x.map(|nats| nats as f32)).collect())
    }
}

/// A sequent in words, the members of Γ sorted by their texts.
pub(super) fn words(theory: &Theory, arena: &Arena, s: TermId) -> Words {
    let show = |t| theory.db.show(arena, t);
    let mut gamma: Vec<String> = context(arena, s).iter().map(|&t| show(t)).collect();
    gamma.sort_unstable();
    (gamma, show(consequent(arena, s)))
}

/// By node, the sum of what the nodes at it and below it cost. A node that is shared counts once.
pub(super) fn to_go<T: std::iter::Sum>(proof: &ContentProof, cost: impl Fn(usize) -> T) -> Vec<T> {
    let mut seen = vec![usize::MAX; proof.nodes.len()];
    let mut stack = Vec::new();
    let mut below = |root: usize| {
        let mut found = Vec::new();
        stack.push(root);
        while let Some(n) = stack.pop() {
            if std::mem::replace(&mut seen[n], root) != root {
                found.push(n);
                stack.extend(proof.nodes[n].children.iter().map(|&k| k as usize));
            }
        }
        found.into_iter().map(&cost).sum()
    };
    (0..proof.nodes.len()).map(&mut below).collect()
}

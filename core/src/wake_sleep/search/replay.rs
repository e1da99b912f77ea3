//! Level-2 composites in the search: skeletons of training proofs replayed in the AND/OR graph.
//!
//! A skeleton is walked along the graph. At each cluster its label is applied to the corresponding goal. Where the
//! label does not unify, RETRIEVE fills the hole with premises that unify and whose vectors are near the label's. What
//! remains open are ordinary clusters, so the search goes on from there. Replayed steps are unified like any other, so
//! nothing unsound can enter. Every third applied label and every retrieval counts as an expansion.
//!
//! # Examples
//! ```
//! # use metadream_core::dsl::theory::library::Theory;
//! # use metadream_core::metamath_db::database::Database;
//! # use std::sync::Arc;
//! # let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../metamath_db/starter.mm"));
//! # let theory = Arc::new(Theory::new(Arc::new(Database::load(text.into()).unwrap())));
//! use metadream_core::wake_sleep::ranking::{examples::Habits, ranker::*, skeletons::Skeletons};
//! use metadream_core::wake_sleep::search::{Options, Prepared};
//!
//! let (ranker, habits) = (Ranker::new(&theory, 12), Habits::new(&theory, &[]));
//! let mut grown = (*theory).clone();
//! let known = theory.find_task("a1i", &mut grown.arena).unwrap();
//! let prepared = Prepared::new(theory.clone(), Arc::new(ranker), Arc::new(habits), &usable_premises(&theory));
//! let options = Options { closers: false, analogues_after: 0, replay_after: 0, ..Options::default() };
//! let proof = prepared.search(&known, &options, &mut grown.arena).proof.unwrap();
//! // The proof of a1i is replayed, as far as it fits, on mp2.
//! let skeletons = Skeletons::new(&grown, &prepared.ranker, &[(known, proof)]);
//! let prepared = prepared.with_skeletons(Some(Arc::new(skeletons)));
//! let mut arena = prepared.arena();
//! let task = theory.find_task("mp2", &mut arena).unwrap();
//! let result = prepared.search(&task, &options, &mut arena);
//! assert!(result.proof.is_some() && result.replayed > 0);
//! ```

use super::{Action, Search, APPLIED, INFINITE, NAT};
use crate::dsl::theory::library::{PremiseId, Proof, Rule};
use crate::metamath_db::ids::AssertionId;
use crate::wake_sleep::ranking::scorer::REMEMBERED;
use crate::wake_sleep::ranking::skeletons::likeness;
use smallvec::SmallVec;

/// The number of premises tried in place of a label that does not fit.
const SUBSTITUTES: usize = 3;
/// The weight, in nats, of the cosine between a premise's vector and the label's.
const LIKE_LABEL: f32 = 6.0;
/// The largest number of clusters that one skeleton may visit.
const VISITS: u32 = 600;
/// The greatest depth of a walk.
const DEPTH: u32 = 100;

/// For each goal of a cluster, the step of the skeleton that proves it.
pub(in crate::wake_sleep) type Tags = SmallVec<[Option<u32>; 4]>;

/// The state of one walk.
struct Walk<'s> {
    skeleton: &'s Proof,
    /// The theorem whose skeleton it is.
    of: AssertionId,
    visits: u32,
    applied: u32,
}

impl Search<'_> {
    /// Looks up the training proofs most similar to the task; from now on they influence the ranking.
    pub(in crate::wake_sleep) fn consult_analogues(&mut self) {
        let (shared, task) = (self.shared, self.task);
        let Some(skeletons) = shared.skeletons.as_deref().filter(|_| self.options.analogues > 0) else { return };
        let like = likeness(&shared.featurizer, &shared.ranker, self.arena, task.goal, &self.hyps, &task.hyps);
        let limit = self.task.limit;
        // The task's own proof is excluded, and those of theorems that state the same.
        let allowed = |a: AssertionId| a != limit && !self.rules.forbids(a);
        self.expansions += 1;
        self.near = skeletons.near(&like, limit, REMEMBERED.max(self.options.analogues), &allowed);
        let most = |wanted: bool, most: usize| if wanted { most.min(self.near.len()) } else { 0 };
        let prior = &self.near[..most(self.options.prior, self.options.analogues)];
        let memory = &self.near[..most(self.options.memory, REMEMBERED)];
        self.scorer.consult(shared.sight(), skeletons, [prior, memory], self.arena);
        self.near.truncate(self.options.analogues);
        self.rank_again();
    }
    /// Ranks again, with the analogues, the premises that were not applied yet.
    fn rank_again(&mut self) {
        for at in 0..self.clusters.len() {
            let c = &mut self.clusters[at];
            let next = (c.next as usize).min(c.candidates.len());
            if c.solved.is_some() || next == c.candidates.len() {
                continue;
            }
            let (goal, context) = (c.goals[usize::from(c.selected)], c.contexts[usize::from(c.selected)]);
            let mut tried: Vec<u32> = c.candidates.drain(..next).map(|x| x.1).collect();
            c.next = 0;
            tried.sort_unstable();
            let mut candidates = self.ranked_for(at as u32, goal, context);
            candidates.retain(|x| tried.binary_search(&x.1).is_err());
            // All are kept, because a later ranking could not tell which ones were tried.
            self.keep_candidates(at as u32, candidates, usize::MAX);
        }
    }
    /// Replays the skeletons of the most similar training theorems on the target.
    pub(in crate::wake_sleep) fn replay_analogues(&mut self, root: u32) {
        let Some(skeletons) = self.shared.skeletons.clone().filter(|_| self.options.replay) else { return };
        for (_, i) in std::mem::take(&mut self.near) {
            if self.clusters[root as usize].solved.is_some() || self.spent() {
                return;
            }
            let proof = skeletons.proof(i, &self.shared.theory);
            self.replay(root, proof, skeletons.theorems()[i as usize]);
        }
    }
    /// Sets the costs of steps that skeletons applied to a cluster's selected goal, now that its premises are ranked.
    pub(in crate::wake_sleep) fn discount_replayed(&mut self, at: u32, ranked: &[(i32, u32)]) {
        let share = self.options.replay_discount;
        for a in &mut self.clusters[at as usize].actions {
            let (Some(_), Rule::Premise(p)) = (a.by, a.rule) else { continue };
            // A premise that is not among the ranked ones is priced like the last of them.
            if let Some(&(cost, _)) = ranked.iter().find(|r| r.1 == p.0).or(ranked.last()) {
                a.cost = a.cost.max((cost as f32 * share) as i32);
            }
        }
    }
    /// Raises the cost of a replayed step, because the search goes through it once more.
    pub(in crate::wake_sleep) fn tire(&mut self, at: u32, action: usize) {
        let a = &mut self.clusters[at as usize].actions[action];
        if a.by.is_some() {
            a.cost = a.cost.saturating_add(self.options.visit_penalty).min(INFINITE);
        }
    }
    /// Replays the skeleton of a theorem on the first goal of a cluster.
    fn replay(&mut self, at: u32, skeleton: &Proof, of: AssertionId) {
        let mut tags: Tags = SmallVec::from_elem(None, self.clusters[at as usize].goals.len());
        tags[0] = Some(skeleton.steps.len() as u32 - 1);
        let mut walk = Walk { skeleton, of, visits: VISITS, applied: 0 };
        self.walk(at, &tags, &mut walk, 0);
        self.replayed += u64::from(walk.applied);
    }
    fn walk(&mut self, at: u32, tags: &Tags, w: &mut Walk<'_>, depth: u32) {
        let c = &self.clusters[at as usize];
        if c.solved.is_some() || c.on_path || w.visits == 0 || depth > DEPTH || self.spent() {
            return;
        }
        w.visits -= 1;
        let order = self.order(at, tags);
        for &goal in &order {
            let Some(step) = tags[goal] else { continue };
            for rule in self.labels(at, w.skeleton, step) {
                if self.spent() || self.follow(at, goal, rule, tags, w, depth) {
                    return;
                }
            }
        }
        // Substitutes serve the first goal whose label does not fit.
        if let Some((goal, step)) = order.into_iter().find_map(|g| Some((g, tags[g]?))) {
            for q in self.substitutes(at, goal, w.skeleton.steps[step as usize].rule) {
                if self.spent() || self.follow(at, goal, Rule::Premise(q), tags, w, depth) {
                    return;
                }
            }
        }
    }
    /// The goals of a cluster that may be taken, in the order in which the search takes them.
    fn order(&self, at: u32, tags: &Tags) -> SmallVec<[usize; 4]> {
        let c = &self.clusters[at as usize];
        if c.expanded || !c.actions.is_empty() {
            return SmallVec::from_slice(&[usize::from(c.selected)]);
        }
        let mut rest: SmallVec<[usize; 4]> = (0..c.goals.len()).filter(|&g| tags[g].is_some()).collect();
        let mut out = SmallVec::new();
        while !rest.is_empty() {
            let goals: SmallVec<[_; 4]> = rest.iter().map(|&g| c.goals[g]).collect();
            out.push(rest.remove(crate::wake_sleep::ranking::examples::select(
                &self.shared.featurizer,
                self.arena,
                &goals,
            )));
        }
        out.retain(|&mut g| c.goals.len() == 1 || self.arena.head(c.goals[g]).as_meta().is_none());
        out
    }
    /// The rules that a step of a skeleton stands for at a cluster: its own label, or any hypothesis of the target.
    fn labels(&self, at: u32, skeleton: &Proof, step: u32) -> SmallVec<[Rule; 2]> {
        match skeleton.steps[step as usize].rule {
            Rule::Premise(p) => {
                if self.allowed(p.0) {
                    SmallVec::from_slice(&[Rule::Premise(p)])
                } else {
                    SmallVec::new()
                }
            }
            // Ground goals were compared with the hypotheses when their clusters were made.
            Rule::Hyp(_) if self.clusters[at as usize].metas == 0 => SmallVec::new(),
            Rule::Hyp(k) => {
                let n = self.task.hyps.len() as u32;
                (0..n).map(|j| Rule::Hyp((j + k) % n)).collect()
            }
        }
    }
    /// Applies a rule to a goal and continues the walk below it. Returns `false` if the rule does not fit.
    fn follow(&mut self, at: u32, goal: usize, rule: Rule, tags: &Tags, w: &mut Walk<'_>, depth: u32) -> bool {
        let (cost, by) = (self.options.replay_cost_floor, Some(w.of));
        let known = |a: &Action| a.rule == rule;
        let mut found = self.clusters[at as usize].actions.iter().position(known);
        if found.is_none() {
            let before = self.clusters[at as usize].selected;
            self.clusters[at as usize].selected = goal as u8;
            self.expansions += u64::from(w.applied.is_multiple_of(APPLIED as u32));
            w.applied += 1;
            self.by = by;
            self.act(at, rule, cost);
            self.by = None;
            found = self.clusters[at as usize].actions.iter().position(known);
            if found.is_none() {
                self.clusters[at as usize].selected = before;
                return false;
            }
        }
        let Some(number) = found else { return false };
        let action = &mut self.clusters[at as usize].actions[number];
        if cost < action.cost {
            (action.cost, action.by) = (cost, by);
        }
        let (children, places) = (action.children.clone(), action.places.clone());
        self.clusters[at as usize].on_path = true;
        for (k, &child) in children.iter().enumerate() {
            let tags = self.child_tags((at, goal, tags), (k, child), rule, &places, w.skeleton);
            self.walk(child, &tags, w, depth + 1);
        }
        self.clusters[at as usize].on_path = false;
        self.settle(at, number);
        true
    }
    /// For each goal of a child, the step of the skeleton that proves it.
    pub(in crate::wake_sleep) fn child_tags(
        &self,
        (at, goal, tags): (u32, usize, &Tags),
        (k, child): (usize, u32),
        rule: Rule,
        places: &[(u8, u8)],
        skeleton: &Proof,
    ) -> Tags {
        let others: SmallVec<[usize; 4]> = (0..self.clusters[at as usize].goals.len()).filter(|&g| g != goal).collect();
        let mut out: Tags = SmallVec::from_elem(None, self.clusters[child as usize].goals.len());
        let step = tags[goal].map(|s| &skeleton.steps[s as usize]);
        for (i, &(number, place)) in places.iter().enumerate() {
            if usize::from(number) != k || out[usize::from(place)].is_some() {
                continue;
            }
            out[usize::from(place)] = match (i.checked_sub(others.len()), rule) {
                (None, _) => tags[others[i]],
                (Some(j), Rule::Premise(_)) => step.and_then(|s| s.children.get(j).copied()),
                (Some(_), Rule::Hyp(_)) => None,
            };
        }
        out
    }
    /// Updates a cluster's estimate after a walk below it.
    fn settle(&mut self, at: u32, number: usize) {
        if self.clusters[at as usize].solved.is_some() {
            return;
        }
        let solved = |&k: &u32| self.clusters[k as usize].solved.is_some();
        if self.clusters[at as usize].actions[number].children.iter().all(solved) {
            self.clusters[at as usize].solved = Some(number as u32);
            self.clusters[at as usize].estimate = 0;
            self.propagate(at);
            return;
        }
        let best = self.best(at).0;
        let c = &mut self.clusters[at as usize];
        c.estimate = if c.expanded { best } else { best.min(c.first_estimate.saturating_add(3 * NAT)) };
    }
    /// RETRIEVE for a label that does not fit: premises that unify with a goal, by rank and by similarity to the label.
    fn substitutes(&mut self, at: u32, goal: usize, label: Rule) -> SmallVec<[PremiseId; SUBSTITUTES]> {
        let Rule::Premise(label) = label else { return SmallVec::new() };
        let c = &self.clusters[at as usize];
        let (goal, context) = (c.goals[goal], c.contexts[goal]);
        if self.arena.head(goal).as_meta().is_some() || self.spent() {
            return SmallVec::new();
        }
        self.expansions += 1;
        let theory = &self.shared.theory;
        let arity = |p: u32| theory.premise(PremiseId(p)).map(|x| x.hyps.len());
        let wanted = arity(label.0);
        let ranker = &self.shared.ranker;
        let vector = |p: u32| ranker.premises.row(p).collect::<Vec<f32>>();
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
        let found = self.unifying(goal);
        let mut scored = self.scores(&found, goal, context);
        let own = vector(label.0);
        let length = dot(&own, &own).sqrt().max(1e-6);
        scored.retain(|s| s.1 != label.0 && arity(s.1) == wanted);
        for s in &mut scored {
            let v = vector(s.1);
            let cosine = dot(&v, &own) / (length * dot(&v, &v).sqrt().max(1e-6));
            s.0 = s.0 * self.options.sharpness / ranker.temperature + LIKE_LABEL * cosine;
        }
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        scored.into_iter().take(SUBSTITUTES).map(|s| PremiseId(s.1)).collect()
    }
}

//! Level-2 composites in the search: skeletons of training proofs replayed in the AND/OR graph.
//!
//! A skeleton is walked along the graph. At each cluster its move is applied to the corresponding sequent. Where the
//! move does not fit, RETRIEVE fills the hole with moves that fit, leave as many parts, and rank well or are similar.
//! What remains open are ordinary clusters, so the search goes on from there. Replayed steps are unified like any
//! other, so nothing unsound can enter. Every third applied move and every retrieval counts as an expansion.
//! ([`crate::wake_sleep::search::replay`] does this over premises.)

use super::apply::Open;
use super::clusters::Component;
use super::*;
use crate::wake_sleep::inference::training::skeleton::{Made, Skeleton};
use std::collections::BTreeMap;

/// The largest number of clusters that one skeleton may visit.
const VISITS: u32 = 600;
/// The number of moves tried in place of one that does not fit.
const SUBSTITUTES: usize = 3;
/// The greatest depth of a walk.
const DEPTH: u32 = 100;

/// For each sequent of a cluster, the step of the skeleton that proves it.
type Tags = SmallVec<[Option<u32>; 4]>;

/// The state of one walk.
struct Walk<'f> {
    skeleton: &'f Skeleton,
    theorem: u32,
    visits: u32,
    applied: u32,
}

impl Search<'_> {
    /// Replays the skeletons of the training theorems most similar to the task.
    pub(super) fn replay_analogues(&mut self, root: u32) {
        for (theorem, skeleton) in self.ranks.skeletons(self.arena, self.options.analogues) {
            if self.is_solved(root) || self.spent() {
                return;
            }
            self.replay(root, theorem, &skeleton);
        }
    }
    /// Sets the costs of steps that skeletons applied to a cluster's selected sequent, now that its moves are ranked: a
    /// replayed step costs at least a share of the model's cost.
    pub(super) fn discount_replayed(&mut self, at: u32, ranked: &[Candidate]) {
        let share = self.options.replay_discount;
        for a in &mut self.clusters[at as usize].actions {
            let (Some(_), Step::Move { number, member, .. }) = (a.by, a.step) else { continue };
            // A move that is not among the ranked ones is priced like the last of them.
            if let Some(&(cost, ..)) = ranked.iter().find(|r| (r.1, r.2) == (number, member)).or(ranked.last()) {
                a.cost = a.cost.max((cost as f32 * share) as i32);
            }
        }
    }
    /// Raises the cost of a replayed step, because the search goes through it once more.
    pub(super) fn tire(&mut self, at: u32, action: usize) {
        let a = &mut self.clusters[at as usize].actions[action];
        if a.by.is_some() {
            a.cost = a.cost.saturating_add(self.options.visit_penalty).min(INFINITE);
        }
    }
    /// The training theorems whose skeletons contributed steps to the proof of `root`, with the number of steps. Empty
    /// if the root is not solved.
    pub(super) fn skeletons(&self, root: u32) -> Vec<(u32, u64)> {
        let (mut seen, mut stack) = (vec![false; self.clusters.len()], vec![root]);
        let mut steps: BTreeMap<u32, u64> = BTreeMap::new();
        while let Some(at) = stack.pop() {
            let c = &self.clusters[at as usize];
            let Some(number) = c.solved.filter(|_| !std::mem::replace(&mut seen[at as usize], true)) else { continue };
            let action = &c.actions[number as usize];
            stack.extend(&action.children);
            if let Some(theorem) = action.by {
                *steps.entry(theorem).or_default() += 1;
            }
        }
        steps.into_iter().collect()
    }
    fn replay(&mut self, root: u32, theorem: u32, skeleton: &Skeleton) {
        let Some(last) = skeleton.steps.len().checked_sub(1) else { return };
        let mut walk = Walk { skeleton, theorem, visits: VISITS, applied: 0 };
        self.walk(root, &SmallVec::from_elem(Some(last as u32), 1), &mut walk, 0);
        self.replayed += u64::from(walk.applied);
    }
    fn walk(&mut self, at: u32, tags: &Tags, w: &mut Walk<'_>, depth: u32) {
        let c = &self.clusters[at as usize];
        if c.solved.is_some() || c.on_path || w.visits == 0 || depth > DEPTH || self.spent() {
            return;
        }
        if let (Step::Split, Some(root)) = (c.actions.first().map_or(Step::Closed, |a| a.step), tags[0]) {
            // The task's goal is taken apart into several sequents, of which the skeleton proves one.
            for child in c.actions[0].children.clone() {
                self.walk(child, &SmallVec::from_elem(Some(root), 1), w, depth);
            }
            return self.settle(at, 0);
        }
        w.visits -= 1;
        let order = self.order(at, tags);
        for &goal in &order {
            let Some(step) = tags[goal] else { continue };
            let made = w.skeleton.steps[step as usize].made;
            for step in self.steps_of(at, goal, made) {
                if self.spent() || self.follow(at, goal, step, tags, w, depth) {
                    return;
                }
            }
        }
        // Retrieval serves the first sequent whose move does not fit.
        let Some((goal, made)) = order.iter().find_map(|&g| Some((g, w.skeleton.steps[tags[g]? as usize].made))) else {
            return;
        };
        for step in self.substitutes(at, goal, made) {
            if self.spent() || self.follow(at, goal, step, tags, w, depth) {
                return;
            }
        }
    }
    /// RETRIEVE for a label hole: moves that fit a sequent, by rank and by similarity to the move that does not fit.
    fn substitutes(&mut self, at: u32, goal: usize, made: Made) -> SmallVec<[Step; 4]> {
        let Made::Move(label, turned) = made else { return SmallVec::new() };
        if self.spent() {
            return SmallVec::new();
        }
        self.expansions += 1;
        let c = &self.clusters[at as usize];
        let (s, asker) = (c.goals[goal], c.contexts[goal]);
        let arity = |n: u32| self.shared.moves.all[n as usize].parts.len();
        let wanted = arity(label);
        let mut found = self.fitting(s);
        found.retain(|f| f.0 != label && arity(f.0) == wanted);
        let best = self.ranks.substitutes(self.arena, s, &asker, &found, label);
        let ways = |&i: &u32| {
            let (number, member) = found[i as usize];
            self.ways((number, turned), member)
        };
        best.iter().take(SUBSTITUTES).flat_map(ways).collect()
    }
    /// The sequents of a cluster that may be taken, in the order in which the search takes them.
    fn order(&self, at: u32, tags: &Tags) -> SmallVec<[usize; 4]> {
        let c = &self.clusters[at as usize];
        if c.expanded || !c.actions.is_empty() {
            return SmallVec::from_slice(&[usize::from(c.selected)]);
        }
        let mut rest: SmallVec<[usize; 4]> = (0..c.goals.len()).filter(|&g| tags[g].is_some()).collect();
        let mut out = SmallVec::new();
        while !rest.is_empty() {
            let goals: SmallVec<[_; 4]> = rest.iter().map(|&g| c.goals[g]).collect();
            out.push(rest.remove(select(self.arena, &goals)));
        }
        let bare = |g: usize| self.arena.head(consequent(self.arena, c.goals[g])).as_meta().is_some();
        out.retain(|&mut g| !bare(g));
        out
    }
    /// The ways in which a move may answer a sequent: one, or one for each member of Γ that it may take apart.
    fn steps_of(&mut self, at: u32, goal: usize, made: Made) -> SmallVec<[Step; 4]> {
        let (number, turned) = match made {
            Made::Move(number, turned) => (number, turned),
            // Ground sequents were compared with the hypotheses when their clusters were made.
            Made::Hyp(_) if self.clusters[at as usize].metas == 0 => return SmallVec::new(),
            Made::Hyp(k) => {
                let n = self.given.len() as u32;
                return (0..n).map(|j| Step::Given((j + k) % n)).collect();
            }
        };
        if !self.allowed.allows(number) {
            return SmallVec::new();
        }
        let m = &self.shared.moves.all[number as usize];
        let members = context(self.arena, self.clusters[at as usize].goals[goal]);
        let members = match m.takes {
            None => NO_MEMBER..=NO_MEMBER,
            Some(_) if members.is_empty() => return SmallVec::new(),
            Some(_) => 0..=(members.len().min(MOST_MEMBERS) - 1) as u8,
        };
        members.flat_map(|member| self.ways((number, turned), member)).collect()
    }
    /// A move in its recorded orientation, then in the other one if there is one.
    fn ways(&self, (number, turned): (u32, bool), member: u8) -> impl Iterator<Item = Step> {
        let ways = self.shared.moves.all[number as usize].ways();
        let turned = turned && ways > 1;
        let step = move |turned| Step::Move { number, member, narrow: false, turned, eigen: 0 };
        [turned, !turned].into_iter().take(ways).map(step)
    }
    /// Applies a step to a sequent and continues the walk below it. Returns `false` if the step does not fit.
    fn follow(&mut self, at: u32, goal: usize, step: Step, tags: &Tags, w: &mut Walk<'_>, depth: u32) -> bool {
        let (cost, by) = (self.options.replay_cost_floor, Some(w.theorem));
        let Some(open) = self.apply(at, goal as u8, step) else { return false };
        let Some(components) = self.components(&open) else { return false };
        let known = |a: &Action| a.step == step && usize::from(a.goal) == goal;
        let mut found = self.clusters[at as usize].actions.iter().position(known);
        if found.is_none() {
            self.expansions += u64::from(w.applied.is_multiple_of(APPLIED as u32));
            self.applications += 1;
            w.applied += 1;
            found = self.keep(at, Action { step, goal: goal as u8, cost, by, children: SmallVec::new() }, &components);
            if found.is_some() && !self.clusters[at as usize].expanded {
                self.clusters[at as usize].selected = goal as u8;
            }
        }
        let Some(number) = found else { return false };
        let action = &mut self.clusters[at as usize].actions[number];
        if cost < action.cost {
            (action.cost, action.by) = (cost, by);
        }
        self.clusters[at as usize].on_path = true;
        for c in &components {
            let tags = self.child_tags((goal, tags), &open, c, w.skeleton);
            self.walk(c.child, &tags, w, depth + 1);
        }
        self.clusters[at as usize].on_path = false;
        self.settle(at, number);
        true
    }
    /// For each sequent of a child, the step of the skeleton that proves it.
    fn child_tags(&self, (goal, tags): (usize, &Tags), open: &Open, child: &Component, skeleton: &Skeleton) -> Tags {
        let others: SmallVec<[usize; 4]> = (0..tags.len()).filter(|&g| g != goal).collect();
        let mut out: Tags = SmallVec::from_elem(None, self.clusters[child.child as usize].goals.len());
        let step = tags[goal].map(|s| &skeleton.steps[s as usize]);
        for &(i, place) in &child.inside {
            let place = usize::from(place);
            if out[place].is_some() {
                continue;
            }
            let k = open.ends.partition_point(|&end| end <= i);
            let first = if k == 0 { 0 } else { open.ends[k - 1] };
            out[place] = match k.checked_sub(others.len()) {
                None => tags[others[k]],
                Some(part) => step.and_then(|s| {
                    let answers = s.parts.get(part)?;
                    let same = answers.len() == open.ends[k] - first;
                    answers.get(if same { i - first } else { 0 }).copied().flatten()
                }),
            };
        }
        out
    }
    /// Updates a cluster's estimate after a walk below it.
    fn settle(&mut self, at: u32, number: usize) {
        if self.is_solved(at) {
            return;
        }
        if self.clusters[at as usize].actions[number].children.iter().all(|&k| self.is_solved(k)) {
            self.clusters[at as usize].solved = Some(number as u32);
            self.clusters[at as usize].estimate = 0;
            self.propagate(at);
            return;
        }
        let best = self.best(at).0;
        let c = &mut self.clusters[at as usize];
        c.estimate = if c.expanded { best } else { best.min(c.first_estimate.saturating_add(3 * NAT)) };
    }
}

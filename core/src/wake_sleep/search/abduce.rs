//! Abduction: sets of open goals which, as additional hypotheses, would close the target.
//!
//! The search runs as usual. Then each cluster of the AND/OR graph gets a few sets of ground goals whose truth would
//! solve it: a ground goal itself, or for an action the union of its children's sets. Better sets are passed upward
//! until nothing changes, as costs are in a shortest-hyperpath computation (Gallo et al. 1993, §4), with sets instead
//! of numbers. Each cluster keeps at most [`WIDTH`] sets. So the result is the smallest set among those that this beam
//! keeps, not among all.

use super::{Options, Prepared, Search, StopReason, INFINITE};
use crate::dsl::theory::library::{Proof, Rule, Step, Task, MAX_STEPS};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// The number of sets kept for each cluster.
const WIDTH: usize = 24;
/// The largest number of ways to match the goals of a cluster with the task's hypotheses that are tried.
const MATCHES: usize = 512;
/// The largest number of passes over all clusters.
const PASSES: usize = 16;

/// A set of hypotheses that would close a target, with the derivation from them.
#[derive(Clone, Debug)]
pub struct Abduced {
    /// The missing hypotheses.
    pub missing: Vec<TermId>,
    /// The proof of the target. Hypotheses numbered behind the task's own are those of `missing`, in order.
    pub proof: Proof,
}

type Missing = SmallVec<[TermId; 2]>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    /// The goal itself becomes a hypothesis.
    Assume,
    /// The search has solved the goal.
    Solved,
    /// The action of this number, with the children's entries in [`Entry::children`].
    Act(u32),
    /// Each goal is a hypothesis of the task or becomes one, by the entry of [`Table::leaves`] with this number.
    Leaves(u32),
}

/// A way to close one goal of a cluster without a step.
#[derive(Clone, Copy)]
enum Leaf {
    /// A hypothesis of the task.
    Own(u32),
    /// A new hypothesis.
    Missing(TermId),
}

/// One way to solve a cluster. Entries are immutable, so no entry can depend on itself.
struct Entry {
    missing: Missing,
    symbols: u32,
    steps: u32,
    choice: Choice,
    children: SmallVec<[u32; 3]>,
}

type Key<'a> = (usize, u32, u32, &'a [TermId]);

impl Entry {
    fn key(&self) -> Key<'_> {
        (self.missing.len(), self.symbols, self.steps, &self.missing)
    }
}

impl Prepared {
    /// Sets of at most `limit` hypotheses that would close a task, the best first: fewest hypotheses, then fewest
    /// symbols, then fewest steps. If the search finds a proof, there is one set, which is empty. Also returns the
    /// reason why the search ended and its number of expansions. The terms are made in `arena` and stay there.
    pub fn abduce(
        &self,
        task: &Task,
        limit: usize,
        options: &Options,
        arena: &mut Arena,
    ) -> (Vec<Abduced>, StopReason, u64) {
        // A goal that closers call hopeless may hold with further hypotheses.
        let options = &Options { closers: false, ..options.clone() };
        let mut s = Search::new(self, task, options, arena);
        let root = s.cluster(&[(task.goal, super::Context::default())], 0, Vec::new());
        let reason = s.run(root, cpu_time::ThreadTime::now());
        let expansions = s.expansions;
        let mut table =
            Table { entries: Vec::new(), best: Vec::new(), solved: FxHashMap::default(), leaves: Vec::new(), limit };
        table.fill(&mut s);
        let mut out = Vec::new();
        for &e in &table.best[root as usize] {
            let missing = table.entries[e as usize].missing.to_vec();
            let proof = table.proof(&s, root, e, &missing);
            out.push(Abduced { missing, proof });
        }
        drop(s);
        out.retain(|a| {
            let mut task = task.clone();
            task.hyps.extend(&a.missing);
            task.hyp_labels.extend((0..a.missing.len()).map(|i| format!("missing.{i}")));
            a.proof.steps.len() <= MAX_STEPS && self.theory.elaborate(&task, &a.proof, arena).is_ok()
        });
        (out, reason, expansions)
    }
}

struct Table {
    entries: Vec<Entry>,
    /// For each cluster, its entries by key.
    best: Vec<Vec<u32>>,
    /// The number of steps of each solved cluster.
    solved: FxHashMap<u32, u32>,
    leaves: Vec<Vec<Leaf>>,
    limit: usize,
}

impl Table {
    fn fill(&mut self, s: &mut Search<'_>) {
        self.best = vec![Vec::new(); s.clusters.len()];
        for c in 0..s.clusters.len() as u32 {
            self.begin(s, c);
            if s.clusters[c as usize].metas > 0 && s.clusters[c as usize].solved.is_none() {
                self.match_own(s, c);
            }
        }
        let s = &*s;
        for _ in 0..PASSES {
            let mut changed = false;
            for c in (0..s.clusters.len() as u32).rev() {
                changed |= self.improve(s, c);
            }
            if !changed {
                break;
            }
        }
    }
    /// Offers a cluster the entries that need no action.
    fn begin(&mut self, s: &Search<'_>, c: u32) {
        let cluster = &s.clusters[c as usize];
        if cluster.solved.is_some() {
            let steps = self.of_solved(s, c);
            let missing = Missing::new();
            self.offer(c, Entry { missing, symbols: 0, steps, choice: Choice::Solved, children: SmallVec::new() });
        } else if let (0, [goal]) = (cluster.metas, &cluster.goals[..]) {
            if *goal != s.task.goal && self.limit > 0 {
                let missing = Missing::from_slice(&[*goal]);
                let symbols = s.arena.size(*goal);
                let choice = Choice::Assume;
                self.offer(c, Entry { missing, symbols, steps: 0, choice, children: SmallVec::new() });
            }
        }
    }
    /// For a cluster with metavariables: matches some of its goals with hypotheses of the task, so that the rest is
    /// ground.
    fn match_own(&mut self, s: &mut Search<'_>, c: u32) {
        let (goals, metas) = (s.clusters[c as usize].goals.clone(), s.clusters[c as usize].metas as usize);
        let ways = s.task.hyps.len() + 1; // Each goal is left open or matched with one of the hypotheses.
        let all = ways.checked_pow(goals.len() as u32).filter(|&n| n <= MATCHES).unwrap_or(0);
        for mut code in 1..all {
            let mut leaves: Vec<Option<u32>> = Vec::with_capacity(goals.len());
            for _ in 0..goals.len() {
                leaves.push((code % ways).checked_sub(1).map(|k| k as u32));
                code /= ways;
            }
            s.bindings.reset(metas);
            let fits = goals
                .iter()
                .zip(&leaves)
                .all(|(&g, leaf)| leaf.is_none_or(|k| s.bindings.unify(s.arena, (s.task.hyps[k as usize], 0), (g, 0))));
            if fits {
                self.offer_leaves(s, c, &goals, &leaves);
            }
        }
    }
    fn offer_leaves(&mut self, s: &mut Search<'_>, c: u32, goals: &[TermId], leaves: &[Option<u32>]) {
        let mut made = Vec::with_capacity(goals.len());
        let mut missing = Missing::new();
        for (&g, leaf) in goals.iter().zip(leaves) {
            made.push(match leaf {
                Some(k) => Leaf::Own(*k),
                None => {
                    let t = s.bindings.resolve(s.arena, (g, 0));
                    if !s.arena.is_ground(t) || t == s.task.goal {
                        return;
                    }
                    missing.push(t);
                    Leaf::Missing(t)
                }
            });
        }
        missing.sort_unstable();
        missing.dedup();
        if missing.len() <= self.limit {
            let symbols = missing.iter().map(|&t| s.arena.size(t)).sum();
            let choice = Choice::Leaves(self.leaves.len() as u32);
            self.leaves.push(made);
            self.offer(c, Entry { missing, symbols, steps: 0, choice, children: SmallVec::new() });
        }
    }
    fn of_solved(&mut self, s: &Search<'_>, c: u32) -> u32 {
        if let Some(&known) = self.solved.get(&c) {
            return known;
        }
        let cluster = &s.clusters[c as usize];
        let mut sum = 1u32;
        if let Some(a) = cluster.solved.map(|i| &cluster.actions[i as usize]) {
            for &k in &a.children {
                sum = sum.saturating_add(self.of_solved(s, k));
            }
        }
        self.solved.insert(c, sum);
        sum
    }
    /// Offers a cluster the entries that its actions give; returns whether any was new.
    fn improve(&mut self, s: &Search<'_>, c: u32) -> bool {
        let cluster = &s.clusters[c as usize];
        if cluster.solved.is_some() {
            return false;
        }
        let mut changed = false;
        for (i, action) in cluster.actions.iter().enumerate() {
            if action.cost >= INFINITE {
                continue;
            }
            let mut partial: Vec<(Missing, u32, SmallVec<[u32; 3]>)> = vec![(Missing::new(), 1, SmallVec::new())];
            for &k in &action.children {
                let mut next = Vec::new();
                for (missing, steps, children) in &partial {
                    for &e in &self.best[k as usize] {
                        let entry = &self.entries[e as usize];
                        let mut all = missing.clone();
                        all.extend(entry.missing.iter().copied());
                        all.sort_unstable();
                        all.dedup();
                        if all.len() <= self.limit {
                            let mut children = children.clone();
                            children.push(e);
                            next.push((all, steps.saturating_add(entry.steps), children));
                        }
                    }
                }
                partial = next;
            }
            for (missing, steps, children) in partial {
                let symbols = missing.iter().map(|&t| s.arena.size(t)).sum();
                let choice = Choice::Act(i as u32);
                changed |= self.offer(c, Entry { missing, symbols, steps, choice, children });
            }
        }
        changed
    }
    /// Keeps an entry if it is among the best of its cluster and better than those with the same missing goals.
    fn offer(&mut self, c: u32, entry: Entry) -> bool {
        let best = &mut self.best[c as usize];
        let entries = &self.entries;
        if let Some(&same) = best.iter().find(|&&e| entries[e as usize].missing == entry.missing) {
            if entries[same as usize].key() <= entry.key() {
                return false;
            }
            best.retain(|&e| e != same);
        }
        let place = best.partition_point(|&e| entries[e as usize].key() <= entry.key());
        if place >= WIDTH {
            return false;
        }
        best.insert(place, entries.len() as u32);
        best.truncate(WIDTH);
        self.entries.push(entry);
        true
    }
    /// The proof that an entry of a cluster gives.
    fn proof(&self, s: &Search<'_>, c: u32, e: u32, missing: &[TermId]) -> Proof {
        let mut proof = Proof::default();
        let mut made = Made { solved: FxHashMap::default(), entries: FxHashMap::default(), missing };
        self.append(s, c, e, &mut proof, &mut made);
        proof
    }
    /// Appends the steps of an entry; returns the step of each goal of its cluster.
    fn append(&self, s: &Search<'_>, c: u32, e: u32, proof: &mut Proof, made: &mut Made<'_>) -> SmallVec<[u32; 2]> {
        if let Some(&step) = made.entries.get(&e) {
            return SmallVec::from_slice(&[step]);
        }
        let cluster = &s.clusters[c as usize];
        let entry = &self.entries[e as usize];
        let i = match entry.choice {
            Choice::Solved => return s.extract(c, proof, &mut made.solved),
            Choice::Assume => {
                let k = made.missing.iter().position(|&t| t == cluster.goals[0]).unwrap_or(0);
                let rule = Rule::Hyp((s.task.hyps.len() + k) as u32);
                proof.steps.push(Step { rule, children: SmallVec::new() });
                let own = proof.steps.len() as u32 - 1;
                made.entries.insert(e, own);
                return SmallVec::from_slice(&[own]);
            }
            Choice::Leaves(i) => {
                let own = s.task.hyps.len() as u32;
                let numbers = self.leaves[i as usize].iter().map(|leaf| match leaf {
                    Leaf::Own(k) => *k,
                    Leaf::Missing(t) => own + made.missing.iter().position(|m| m == t).unwrap_or(0) as u32,
                });
                let first = proof.steps.len() as u32;
                proof.steps.extend(numbers.map(|k| Step { rule: Rule::Hyp(k), children: SmallVec::new() }));
                return (first..proof.steps.len() as u32).collect();
            }
            Choice::Act(i) => i,
        };
        let action = &cluster.actions[i as usize];
        let mut parts: Vec<SmallVec<[u32; 2]>> = Vec::with_capacity(action.children.len());
        for (&k, &below) in action.children.iter().zip(&entry.children) {
            let part = self.append(s, k, below, proof, made);
            parts.push(part);
        }
        let (own, goals) = cluster.write(action, &parts, proof);
        if cluster.metas == 0 && cluster.goals.len() == 1 {
            made.entries.insert(e, own);
        }
        goals
    }
}

/// The steps already made for clusters and entries of one ground goal.
struct Made<'m> {
    solved: FxHashMap<u32, u32>,
    entries: FxHashMap<u32, u32>,
    missing: &'m [TermId],
}

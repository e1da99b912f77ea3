//! Clusters: how open sequents are grouped into them, and what they hold.

use super::apply::Open;
use super::*;
use crate::wake_sleep::inference::moves::sequents::sequent;
use crate::wake_sleep::inference::proof::ContentProof;
use crate::wake_sleep::ranking::examples::rename;
use std::mem::{size_of, size_of_val};

/// The bytes of a cluster and of its entry in the table, plus a half for the spare room of growing columns.
const CLUSTER: usize = (size_of::<Cluster>() + size_of::<(Key, u32)>() + 8) * 3 / 2;
/// The bytes of a term with some children and of its entry in the arena's table, with spare room.
const TERM: usize = 56;

/// One of the clusters into which open sequents are grouped.
pub(super) struct Component {
    pub(super) child: u32,
    /// For each metavariable of the child, its number in the open sequents.
    pub(super) names: SmallVec<[u32; 8]>,
    /// The places of open sequents in the child: the number of the open sequent, and its place there.
    pub(super) inside: SmallVec<[(usize, u8); 4]>,
}

/// Pushes an item and returns the number of bytes by which the column grew.
pub(super) fn pushed<T>(column: &mut Vec<T>, item: T) -> usize {
    let before = column.capacity();
    column.push(item);
    (column.capacity() - before) * size_of::<T>()
}

/// Whether two sequents with these metavariables must be in one cluster.
fn tied(a: &[u32], b: &[u32], disjoint: &[(Head, Head)]) -> bool {
    let apart = |&(x, y): &(Head, Head)| match (x.as_meta(), y.as_meta()) {
        (Some(x), Some(y)) => (a.contains(&x) && b.contains(&y)) || (a.contains(&y) && b.contains(&x)),
        _ => false,
    };
    a.iter().any(|m| b.contains(m)) || (!a.is_empty() && !b.is_empty() && disjoint.iter().any(apart))
}

impl Search<'_> {
    /// Makes the cluster of the task's goal.
    pub(super) fn root(&mut self) -> u32 {
        let mut found = Terms::new();
        self.connectives.sequents(self.arena, &[], self.task.goal, &mut found);
        let whole = MoveContext::default();
        if let [one] = found[..] {
            return self.cluster(&[(one, whole)], 0, Vec::new());
        }
        let children: SmallVec<[u32; 3]> = found.iter().map(|&s| self.cluster(&[(s, whole)], 0, Vec::new())).collect();
        let literal = ContentProof::literal(&self.connectives, self.arena, &[], self.task.goal);
        let root = self.new_cluster((SmallVec::from_elem(literal, 1), Vec::new()), SmallVec::from_elem(whole, 1), 0);
        for &k in &children {
            self.clusters[k as usize].parents.push(root);
        }
        let all = children.iter().all(|&k| self.clusters[k as usize].solved.is_some());
        let c = &mut self.clusters[root as usize];
        c.actions.push(Action { step: Step::Split, goal: 0, cost: 0, by: None, children });
        (c.expanded, c.solved) = (true, all.then_some(0));
        root
    }
    fn new_cluster(&mut self, key: Key, contexts: SmallVec<[MoveContext; 2]>, metas: u32) -> u32 {
        let id = self.clusters.len() as u32;
        let estimate = self.options.goal_cost.saturating_mul(key.0.len() as i32);
        let spilled = if key.0.spilled() { size_of_val(&key.0[..]) + size_of_val(&contexts[..]) } else { 0 };
        self.held += 2 * (spilled + size_of_val(&key.1[..]));
        self.clusters.push(Cluster {
            goals: key.0.clone(),
            contexts,
            metas,
            disjoint: key.1.clone(),
            estimate,
            first_estimate: estimate,
            solved: None,
            closed: None,
            expanded: false,
            on_path: false,
            selected: 0,
            actions: Vec::new(),
            candidates: Vec::new(),
            fitting: 0,
            next: 0,
            parents: Vec::new(),
        });
        self.table.insert(key, id);
        id
    }
    /// The cluster of some sequents. A new cluster is closed at once if one step does so.
    pub(super) fn cluster(&mut self, goals: &[(TermId, MoveContext)], metas: u32, disjoint: Vec<(Head, Head)>) -> u32 {
        let key: Key = (goals.iter().map(|g| g.0).collect(), disjoint);
        if let Some(&id) = self.table.get(&key) {
            return id;
        }
        let closed = match (metas, goals) {
            (0, [(s, _)]) => self.at_once(*s).or_else(|| self.weaker(*s).map(Step::Weaken)),
            _ => None,
        };
        let id = self.new_cluster(key, goals.iter().map(|g| g.1).collect(), metas);
        if let Some(step) = closed {
            self.clusters[id as usize].expanded = true;
            self.solve(id, step);
        } else if let (0, [(s, _)]) = (metas, goals) {
            self.chain(id, *s);
        }
        id
    }
    /// Groups open sequents into clusters: two sequents belong together if they share a metavariable or a `$d`
    /// condition between metavariables. A sequent whose consequent is in Γ is dropped. Returns `None` if a cluster is
    /// too large.
    pub(super) fn components(&mut self, open: &Open) -> Option<SmallVec<[Component; 4]>> {
        const SHUT: usize = usize::MAX;
        let n = open.left.len();
        let metas = |&(s, _): &(TermId, MoveContext)| {
            let mut m = SmallVec::<[u32; 8]>::new();
            self.arena.metas(s, &mut m);
            m
        };
        let metas: SmallVec<[SmallVec<[u32; 8]>; 6]> = open.left.iter().map(metas).collect();
        let mut group: SmallVec<[usize; 10]> = (0..n).collect();
        for i in 0..n {
            let s = open.left[i].0;
            if context(self.arena, s).contains(&consequent(self.arena, s)) {
                group[i] = SHUT;
                continue;
            }
            for j in 0..i {
                let apart = metas[i].is_empty() || group[j] == SHUT || group[i] == group[j];
                if !apart && tied(&metas[i], &metas[j], &open.disjoint) {
                    let (from, to) = (group[i], group[j]);
                    group.iter_mut().filter(|g| **g == from).for_each(|g| *g = to);
                }
            }
        }
        let mut out: SmallVec<[Component; 4]> = SmallVec::new();
        for g in 0..n {
            if group.contains(&g) {
                out.push(self.component(open, &group, g)?);
            }
        }
        Some(out)
    }
    fn component(&mut self, open: &Open, group: &[usize], g: usize) -> Option<Component> {
        let mut names: SmallVec<[u32; 8]> = SmallVec::new();
        let mut goals: SmallVec<[(TermId, MoveContext); 2]> = SmallVec::new();
        let mut inside = SmallVec::new();
        for (i, &(s, asker)) in open.left.iter().enumerate() {
            if group[i] == g {
                let t = self.rename(s, &mut names);
                let place = goals.iter().position(|x| x.0 == t).unwrap_or(goals.len());
                if place == goals.len() {
                    goals.push((t, asker));
                }
                inside.push((i, place as u8));
            }
        }
        if names.len() > MOST_METAS || goals.len() > MOST_TIED {
            return None;
        }
        let mut disjoint = Vec::new();
        let renamed = |h: Head| match h.as_meta() {
            Some(m) => names.iter().position(|&x| x == m).map(|i| Head::meta(i as u32)),
            None => Some(h),
        };
        if !names.is_empty() {
            for &(a, b) in &open.disjoint {
                if let (Some(a), Some(b)) = (renamed(a), renamed(b)) {
                    disjoint.push((a.min(b), a.max(b)));
                }
            }
            disjoint.sort_unstable();
            disjoint.dedup();
        }
        Some(Component { child: self.cluster(&goals, names.len() as u32, disjoint), names, inside })
    }
    /// Renumbers the metavariables of a sequent: first those of the consequent, then those of the members of Γ in the
    /// order of their outlines.
    fn rename(&mut self, s: TermId, names: &mut SmallVec<[u32; 8]>) -> TermId {
        if self.arena.is_ground(s) {
            return s;
        }
        let goal = consequent(self.arena, s);
        let goal = rename(self.arena, goal, names);
        let mut members: SmallVec<[(TermId, TermId); 8]> = SmallVec::new();
        for e in Terms::from(context(self.arena, s)) {
            members.push((self.outline(e), e));
        }
        members.sort_unstable();
        let members = members.into_iter().map(|(_, e)| rename(self.arena, e, names)).collect();
        sequent(self.arena, goal, members)
    }
    /// A term with every metavariable replaced by metavariable 0.
    fn outline(&mut self, t: TermId) -> TermId {
        if self.arena.is_ground(t) {
            return t;
        }
        if self.arena.head(t).as_meta().is_some() {
            return self.arena.meta(0);
        }
        let old: crate::metamath_db::terms::term::Children = self.arena.children(t).into();
        let new: crate::metamath_db::terms::term::Children = old.iter().map(|&c| self.outline(c)).collect();
        self.arena.make(self.arena.head(t), &new)
    }
    /// An estimate of the bytes that the search holds.
    pub(super) fn bytes(&self) -> usize {
        let terms = self.arena.len().saturating_sub(self.base);
        self.held + self.chains.bytes() + self.clusters.len() * CLUSTER + terms * TERM
    }
    /// Stores the cheapest `most` candidates of the selected goal.
    pub(super) fn keep_candidates(&mut self, at: u32, mut candidates: Vec<Candidate>, most: usize) {
        let fitting = candidates.len();
        candidates.truncate(most);
        candidates.shrink_to_fit();
        let c = &mut self.clusters[at as usize];
        let size = |v: &Vec<Candidate>| v.capacity() * size_of::<Candidate>();
        self.held = self.held + size(&candidates) - size(&c.candidates);
        (c.candidates, c.fitting) = (candidates, fitting as u32);
    }
}

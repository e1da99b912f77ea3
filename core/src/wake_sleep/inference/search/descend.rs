//! One descent along the cheapest known solution graph, and the expansion at its end.

use super::clusters::{pushed, Component};
use super::*;
use crate::wake_sleep::ranking::examples::count;

/// The extra cost of a member of Γ that is a metavariable: it assumes the goal, which is then proved elsewhere.
const ASSUMED: i32 = 3 * NAT;
/// The cost of proving an equivalence of compounds by the equivalences of their parts.
const COMPOUND: i32 = 2 * NAT;

pub(super) enum Choice {
    Act(usize),
    Apply,
    Nothing,
}

impl Search<'_> {
    pub(super) fn descend(&mut self, root: u32) {
        let mut path: Vec<u32> = Vec::new();
        let mut at = root;
        loop {
            path.push(at);
            self.clusters[at as usize].on_path = true;
            if !self.clusters[at as usize].expanded {
                self.expand(at);
            }
            if self.clusters[at as usize].solved.is_some() {
                break;
            }
            match self.best(at).1 {
                Choice::Nothing => break,
                Choice::Apply => {
                    let chained = self.is_chained(at);
                    self.apply_next(at);
                    match self.fresh_child(at).filter(|_| chained && path.len() <= DEEPEST) {
                        Some(child) => at = child,
                        None => break,
                    }
                }
                Choice::Act(i) => match self.hardest_child(at, i) {
                    Some(child) if path.len() <= DEEPEST => {
                        self.tire(at, i);
                        at = child;
                    }
                    _ => {
                        let cost = &mut self.clusters[at as usize].actions[i].cost;
                        *cost = cost.saturating_add(4 * NAT).min(INFINITE);
                        break;
                    }
                },
            }
        }
        for &c in path.iter().rev() {
            self.clusters[c as usize].on_path = false;
            if self.clusters[c as usize].solved.is_none() {
                self.clusters[c as usize].estimate = self.best(c).0;
            }
        }
    }
    /// Whether the next candidate is so probable that the expansion goes on below it ([`Options::chain_threshold`]).
    fn is_chained(&self, at: u32) -> bool {
        let c = &self.clusters[at as usize];
        let most = self.options.chain_threshold.saturating_add(self.options.step_cost);
        c.candidates.get(c.next as usize).is_some_and(|x| x.0 <= most)
    }
    /// The child at which the search goes on, if it is not expanded yet.
    fn fresh_child(&self, at: u32) -> Option<u32> {
        let Choice::Act(i) = self.best(at).1 else { return None };
        let open = self.clusters[at as usize].solved.is_none();
        self.hardest_child(at, i).filter(|&k| open && !self.clusters[k as usize].expanded)
    }
    /// The open child of an action with the largest estimate; `None` if the action leads back to the path.
    fn hardest_child(&self, at: u32, action: usize) -> Option<u32> {
        let mut hardest: Option<u32> = None;
        for &k in &self.clusters[at as usize].actions[action].children {
            let c = &self.clusters[k as usize];
            if c.on_path {
                return None;
            }
            if c.solved.is_none() && hardest.is_none_or(|h| c.estimate > self.clusters[h as usize].estimate) {
                hardest = Some(k);
            }
        }
        hardest
    }
    pub(super) fn best(&self, at: u32) -> (i32, Choice) {
        let c = &self.clusters[at as usize];
        let mut best = (INFINITE, Choice::Nothing);
        for (i, a) in c.actions.iter().enumerate() {
            let sum = a.children.iter().fold(a.cost, |s, &k| s.saturating_add(self.clusters[k as usize].estimate));
            if sum < best.0 {
                best = (sum, Choice::Act(i));
            }
        }
        if let Some(&(cost, ..)) = c.candidates.get(c.next as usize) {
            let sum = cost.saturating_add(c.first_estimate / 2);
            if sum < best.0 {
                best = (sum, Choice::Apply);
            }
        }
        best
    }
    pub(super) fn is_solved(&self, at: u32) -> bool {
        self.clusters[at as usize].solved.is_some()
    }
    fn expand(&mut self, at: u32) {
        let selected = select(self.arena, &self.clusters[at as usize].goals);
        let c = &mut self.clusters[at as usize];
        (c.selected, c.expanded) = (selected as u8, true);
        let (s, has_metas) = (c.goals[selected], c.metas > 0);
        if c.metas == 0 && c.goals.len() == 1 {
            if let Some(k) = self.weaker(s) {
                return self.solve(at, Step::Weaken(k));
            }
            if self.close(at, s) {
                return;
            }
        }
        if has_metas && self.follows(s) {
            return self.act(at, selected as u8, Step::Follows, 0);
        }
        self.try_given(at, s);
        if self.is_solved(at) || self.arena.head(consequent(self.arena, s)).as_meta().is_some() {
            return;
        }
        let found = self.fitting(s);
        if self.arena.is_ground(s) && self.try_free(at, &found) {
            return;
        }
        let candidates = self.rank(at, &found);
        self.discount_replayed(at, &candidates);
        self.keep_candidates(at, candidates, self.options.kept);
    }
    /// Tries the steps that are no moves: the task's hypotheses, members of Γ, connectives.
    fn try_given(&mut self, at: u32, s: TermId) {
        let goal = self.clusters[at as usize].selected;
        for (step, cost) in self.given_steps(s) {
            if step == Step::Substituted && self.refused.contains(&at) {
                continue;
            }
            self.act(at, goal, step, cost);
            if self.is_solved(at) {
                return;
            }
        }
    }
    fn given_steps(&mut self, s: TermId) -> Vec<(Step, i32)> {
        let substituted = self.options.closers && self.chains.substituted(self.arena, &mut self.allowed, s).is_some();
        let goal = consequent(self.arena, s);
        let head = self.arena.head(goal);
        let may = |arena: &Arena, t: TermId| {
            let own = arena.head(t);
            own == head || head.as_meta().is_some() || own.as_meta().is_some()
        };
        let given = self.given.iter().enumerate().filter(|(_, g)| may(self.arena, g.goal));
        let cost = self.options.hyp_cost;
        let mut out: Vec<(Step, i32)> = given.map(|(k, _)| (Step::Given(k as u32), cost)).collect();
        out.extend(substituted.then_some((Step::Substituted, 0)));
        let members = Terms::from(context(self.arena, s));
        for (i, &e) in members.iter().enumerate().take(MOST_MEMBERS) {
            let (arena, c) = (&*self.arena, &self.connectives);
            if !(arena.is_ground(e) && arena.is_ground(goal)) && may(arena, e) {
                let bare = arena.head(e).as_meta().is_some();
                out.push((Step::Member(i as u8), if bare { ASSUMED } else { cost }));
            }
            if c.as_implication(arena, e).is_none() && c.as_equivalence(arena, e).is_none() {
                continue;
            }
            for (k, (answers, parts)) in formula_readings(self.arena, c, e).iter().enumerate() {
                // A bare metavariable answers any goal; its first reading leaves all antecedents.
                let bare = self.arena.head(*answers).as_meta().is_some();
                if !(bare && k > 0 || parts.is_empty()) && may(self.arena, *answers) {
                    let cost = if bare { ASSUMED } else { cost };
                    out.push((Step::Use { member: i as u8, reading: k as u8 }, cost));
                }
            }
        }
        if let Some((x, y)) = self.connectives.as_equivalence(self.arena, goal) {
            out.extend((!self.arena.is_ground(goal)).then_some((Step::Same, cost)));
            let meaning = self.meaning();
            let compound = meaning.is_compound(x) || meaning.is_compound(y);
            out.extend(compound.then_some((Step::Congruence, COMPOUND)));
        }
        out
    }
    /// The moves that may answer a sequent, and those that may take a member of Γ apart.
    pub(super) fn fitting(&mut self, s: TermId) -> Vec<(u32, u8)> {
        let mut out: Vec<(u32, u8)> = Vec::new();
        let mut found = Vec::new();
        let mut ask = |t: TermId, member: u8| {
            found.clear();
            let taking = member != NO_MEMBER;
            self.shared.moves.fitting(self.arena, t, taking, &self.late, &mut self.query, &mut found);
            out.extend(found.iter().map(|&n| (n, member)));
        };
        ask(consequent(self.arena, s), NO_MEMBER);
        for (i, &e) in context(self.arena, s).iter().enumerate().take(MOST_MEMBERS) {
            if self.arena.head(e).as_meta().is_none() {
                ask(e, i as u8);
            }
        }
        out.retain(|x| self.allowed.allows(x.0));
        out.sort_unstable();
        out.dedup();
        out
    }
    /// Applies the moves that take a member of Γ apart and leave nothing, at no cost.
    fn try_free(&mut self, at: u32, found: &[(u32, u8)]) -> bool {
        for &(number, member) in found {
            if member != NO_MEMBER && self.shared.moves.all[number as usize].parts.is_empty() {
                for turned in [false, true] {
                    let step = Step::Move { number, member, narrow: false, turned, eigen: 0 };
                    self.act(at, self.clusters[at as usize].selected, step, 0);
                    if self.is_solved(at) {
                        return true;
                    }
                }
            }
        }
        false
    }
    /// Ranks candidates by cost and keeps at most [`MOST_RANKED`].
    fn rank(&mut self, at: u32, found: &[(u32, u8)]) -> Vec<Candidate> {
        let c = &self.clusters[at as usize];
        let selected = usize::from(c.selected);
        let costs = self.ranks.costs(self.arena, c.goals[selected], &c.contexts[selected], found, MOST_RANKED);
        let step = self.options.step_cost;
        let candidate = |(cost, i): (i32, u32)| {
            let (number, member) = found[i as usize];
            (cost.saturating_add(step), number, member)
        };
        costs.into_iter().map(candidate).collect()
    }
    fn selected(&self, at: u32) -> TermId {
        let c = &self.clusters[at as usize];
        c.goals[usize::from(c.selected)]
    }
    /// Ranks a goal again whose kept candidates were all applied, and keeps more of them.
    fn keep_more(&mut self, at: u32) {
        let most = 4 * self.clusters[at as usize].candidates.len();
        let found = self.fitting(self.selected(at));
        let candidates = self.rank(at, &found);
        debug_assert_eq!(
            candidates[..self.clusters[at as usize].candidates.len()],
            self.clusters[at as usize].candidates
        );
        self.keep_candidates(at, candidates, most);
    }
    /// Ranks the candidates that were not applied yet again, after the ranker changed.
    pub(super) fn rank_again(&mut self) {
        for at in 0..self.clusters.len() as u32 {
            let c = &mut self.clusters[at as usize];
            let next = (c.next as usize).min(c.candidates.len());
            if c.solved.is_some() || next == c.candidates.len() {
                continue;
            }
            let mut tried: Vec<(u32, u8)> = c.candidates.drain(..next).map(|x| (x.1, x.2)).collect();
            c.next = 0;
            tried.sort_unstable();
            let found = self.fitting(self.selected(at));
            let mut candidates = self.rank(at, &found);
            candidates.retain(|x| tried.binary_search(&(x.1, x.2)).is_err());
            // All are kept, because a later ranking could not tell which ones were tried.
            self.keep_candidates(at, candidates, usize::MAX);
        }
    }
    fn apply_next(&mut self, at: u32) {
        for _ in 0..APPLIED {
            let c = &mut self.clusters[at as usize];
            let Some(&(cost, number, member)) = c.candidates.get(c.next as usize) else { return };
            c.next += 1;
            if c.next as usize == c.candidates.len() && c.next < c.fitting {
                self.keep_more(at);
            }
            let goal = self.clusters[at as usize].selected;
            let m = &self.shared.moves.all[number as usize];
            let (whole, ways) = (usize::from(m.whole.is_some()), m.ways());
            for turned in [false, true].into_iter().take(ways) {
                for narrow in [false, true].into_iter().take(1 + whole) {
                    self.try_names(at, goal, cost, &|eigen| Step::Move { number, member, narrow, turned, eigen });
                    if self.is_solved(at) {
                        return;
                    }
                }
            }
        }
    }
    /// Applies a move once for each way to choose its names and eigenvariables.
    fn try_names(&mut self, at: u32, goal: u8, cost: i32, step: &dyn Fn(u8) -> Step) {
        let mut eigen = 0;
        (self.alternatives, self.renamed) = (0, false);
        while eigen <= self.alternatives && !self.is_solved(at) {
            self.act(at, goal, step(eigen), cost);
            if eigen == 0 && self.renamed && !self.is_solved(at) {
                self.act(at, goal, step(UNNAMED), cost + NAT);
            }
            eigen += 1;
        }
    }
    /// Applies a step to a cluster and records what it leaves.
    pub(super) fn act(&mut self, at: u32, goal: u8, step: Step, cost: i32) {
        self.applications += 1;
        let Some(open) = self.apply(at, goal, step) else { return };
        let Some(components) = self.components(&open) else { return };
        self.keep(at, Action { step, goal, cost, by: None, children: SmallVec::new() }, &components);
    }
    /// Records an action with these children and returns its number; `None` if a known action is as good.
    pub(super) fn keep(&mut self, at: u32, action: Action, components: &[Component]) -> Option<usize> {
        let mut children: SmallVec<[u32; 3]> = SmallVec::new();
        for c in components {
            if c.child == at || self.clusters[c.child as usize].estimate >= INFINITE {
                return None;
            }
            if !children.contains(&c.child) {
                children.push(c.child);
            }
        }
        // An earlier action with the same children costs no more.
        if self.clusters[at as usize].actions.iter().any(|a| a.children == children && a.cost <= action.cost) {
            return None;
        }
        let mut all = true;
        for &k in &children {
            let child = &mut self.clusters[k as usize];
            if child.solved.is_none() {
                all = false;
                if !child.parents.contains(&at) {
                    self.held += pushed(&mut child.parents, at);
                }
            }
        }
        self.held += if children.spilled() { std::mem::size_of_val(&children[..]) } else { 0 };
        let c = &mut self.clusters[at as usize];
        self.held += pushed(&mut c.actions, Action { children, ..action });
        let number = c.actions.len() - 1;
        if all {
            c.solved = Some(number as u32);
            c.estimate = 0;
            self.propagate(at);
        }
        Some(number)
    }
    /// Marks the ancestors that the solution of `at` solves.
    pub(super) fn propagate(&mut self, at: u32) {
        let mut stack = vec![at];
        while let Some(x) = stack.pop() {
            self.note_proved(x);
            let mut waiting = Vec::new();
            for p in std::mem::take(&mut self.clusters[x as usize].parents) {
                if self.is_solved(p) {
                    continue;
                }
                let done = |a: &Action| a.children.iter().all(|&k| self.is_solved(k));
                match self.clusters[p as usize].actions.iter().position(done) {
                    Some(i) => {
                        self.clusters[p as usize].solved = Some(i as u32);
                        self.clusters[p as usize].estimate = 0;
                        stack.push(p);
                    }
                    None => waiting.push(p),
                }
            }
            self.clusters[x as usize].parents = waiting;
        }
    }
    /// Records a proved ground sequent, for use in larger contexts.
    fn note_proved(&mut self, at: u32) {
        let c = &self.clusters[at as usize];
        let step = c.solved.map(|i| c.actions[i as usize].step);
        let new = !matches!(step, Some(Step::Weaken(_) | Step::Member(_) | Step::Split) | None);
        if new && c.metas == 0 && c.goals.len() == 1 {
            let goal = consequent(self.arena, c.goals[0]);
            self.proved.entry(goal).or_default().push(at);
        }
    }
}

/// The sequent of several that is taken first. One to be proved comes before one to be assumed (where a member of Γ is
/// a metavariable); of these, the one whose consequent is most instantiated comes first.
pub fn select(arena: &Arena, goals: &[TermId]) -> usize {
    let score = |&s: &TermId| {
        let goal = consequent(arena, s);
        let (mut nodes, mut metas) = (0u32, 0u32);
        count(arena, goal, &mut nodes, &mut metas);
        let known = context(arena, s).iter().all(|&e| arena.head(e).as_meta().is_none());
        (arena.head(goal).as_meta().is_none(), known, (nodes - metas) * 1000 / nodes, arena.size(s))
    };
    let mut best = 0;
    for i in 1..goals.len() {
        if score(&goals[i]) > score(&goals[best]) {
            best = i;
        }
    }
    best
}

//! Beam search over whole opcode traces, the second search procedure.
//!
//! A state is a partial proof: all its open goals under one substitution, the `$d` conditions still open, and the trace of
//! opcodes that led to it. A move applies an opcode (a hypothesis, a premise, a schema) to one goal of the state; of
//! all moves out of a level's states the cheapest by total −log p that fit make the next level, [`Options::beam`] of them.
//! A state is stored as a cluster, so equal states are one and the cheapest trace to it counts; ground goals that
//! close at once leave it. Expansions are counted as in the cluster search: ranking the premises of a state's goal is
//! one, every [`APPLIED`] applications another. Price: what two states have in common is proved in each of them, and
//! what left the beam does not come back. A proof is extracted as from clusters: the states of its trace, one below the
//! other.

use super::frontier::SHOWN;
use super::{Action, Inside, Open, Search, StopReason, APPLIED, INFINITE, SHUT};
use crate::dsl::library::{PremiseId, Rule, Schema, LABEL_HOLE};
use crate::progress::Count;
use crate::wake_sleep::examples::select;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// How a state came about.
struct Link {
    parent: u32,
    /// The parent's goal that was taken.
    selected: u8,
    action: Action,
}

/// What a move leads to.
enum Next {
    State(u32),
    /// Nothing is open any more.
    Proved(Link),
}

/// The traces so far.
#[derive(Default)]
struct Traces {
    /// By state, how it came about; the root has no entry.
    links: FxHashMap<u32, Link>,
    /// Opcodes applied.
    applied: u64,
}

/// A move: what the state costs then, the state's place in its level, the opcode as in a cluster's candidates, or behind
/// all of them a hypothesis.
type Move = (i32, u32, u32);

impl Search<'_> {
    /// Searches a proof of the root's goals; it is left in the clusters, for [`Search::extract`].
    pub(super) fn run_beam(&mut self, root: u32, start: cpu_time::ThreadTime) -> StopReason {
        if self.clusters[root as usize].solved.is_some() || self.ask_closers(root) {
            return StopReason::Solved;
        }
        let mut traces = Traces::default();
        let (mut level, mut alone) = (vec![(0, root)], true);
        let count = Count::to(0);
        while !level.is_empty() {
            if alone && self.expansions >= self.options.alone {
                alone = false;
                self.consult_analogues();
            }
            let mut moves: Vec<Move> = Vec::new();
            for (place, &(cost, at)) in level.iter().enumerate() {
                if let Some(reason) = self.over(start) {
                    self.show_best(&level, &mut traces);
                    return reason;
                }
                self.expansions += 1;
                count.step();
                self.moves(at, cost, place as u32, &mut moves);
            }
            moves.sort_unstable();
            let mut next = Vec::new();
            for (cost, place, opcode) in moves {
                if next.len() == self.options.beam {
                    break;
                }
                if let Some(reason) = self.over(start) {
                    self.show_best(&level, &mut traces);
                    return reason;
                }
                let (before, at) = level[place as usize];
                match self.make_move(at, cost - before, opcode, root, &mut traces) {
                    Some(Next::State(state)) => next.push((cost, state)),
                    Some(Next::Proved(link)) => {
                        self.join(link, &mut traces, true);
                        return StopReason::Solved;
                    }
                    None => {}
                }
            }
            if next.is_empty() {
                self.show_best(&level, &mut traces);
            }
            level = next;
        }
        StopReason::Exhausted
    }
    /// The moves out of a state.
    fn moves(&mut self, at: u32, cost: i32, place: u32, out: &mut Vec<Move>) {
        let c = &self.clusters[at as usize];
        let selected = select(&self.shared.featurizer, self.arena, &c.goals);
        let (goal, context, metas) = (c.goals[selected], c.contexts[selected], c.metas);
        let mut candidates = Vec::new();
        if self.arena.head(goal).as_meta().is_none() {
            candidates = self.rank(goal, context);
        }
        let first = self.first_hypothesis();
        let hyps = 0..if metas > 0 { self.task.hyps.len() as u32 } else { 0 };
        let hyps = hyps.map(|k| (self.options.hyp_cost, first + k));
        out.extend(candidates.iter().copied().chain(hyps).map(|(own, opcode)| (cost + own, place, opcode)));
        self.clusters[at as usize].selected = selected as u8;
        self.keep_candidates(at, candidates, SHOWN); // only to be shown
    }
    /// The number of the first hypothesis among opcodes: premises, then schemas, then hypotheses.
    fn first_hypothesis(&self) -> u32 {
        (self.shared.theory.len() + self.shared.theory.schemas.len()) as u32
    }
    fn make_move(&mut self, at: u32, cost: i32, opcode: u32, root: u32, traces: &mut Traces) -> Option<Next> {
        let shared = self.shared;
        if let Some(k) = opcode.checked_sub(self.first_hypothesis()) {
            return self.step(at, Rule::Hyp(k), cost, root, traces);
        }
        match (opcode as usize).checked_sub(shared.theory.len()) {
            None => self.step(at, Rule::Premise(PremiseId(opcode)), cost, root, traces),
            Some(number) => self.steps(at, shared.theory.schemas.get(number)?, cost, root, traces),
        }
    }
    /// Applies the labels of a schema one after another; what its holes would prove, and what does not fit, stays open.
    fn steps(&mut self, at: u32, schema: &Schema, cost: i32, root: u32, traces: &mut Traces) -> Option<Next> {
        let before = self.clusters[at as usize].selected;
        let mut tags: SmallVec<[Option<u32>; 4]> = SmallVec::from_elem(None, self.clusters[at as usize].goals.len());
        tags[usize::from(before)] = Some(schema.proof.steps.len() as u32 - 1);
        let (mut state, mut made) = (at, None);
        while let Some(goal) = tags.iter().position(Option::is_some) {
            let Some(step) = tags[goal].take() else { break };
            let rule = schema.proof.steps[step as usize].rule;
            let Rule::Premise(p) = rule else { continue };
            if made.is_some() && self.spent() {
                break;
            }
            if p.0 == LABEL_HOLE || !self.allowed(p.0) {
                continue;
            }
            self.clusters[state as usize].selected = goal as u8;
            let own = if made.is_none() { cost } else { 0 };
            match self.step(state, rule, own, root, traces) {
                Some(Next::State(next)) => {
                    tags[goal] = Some(step);
                    let link = &traces.links[&next];
                    let number = link.action.children.len() - 1;
                    let places = &link.action.places;
                    tags = self.child_tags((state, goal, &tags), (number, next), rule, places, &schema.proof);
                    (state, made) = (next, Some(Next::State(next)));
                }
                Some(proved) => return Some(proved),
                None if made.is_none() => break,
                None => {}
            }
        }
        self.clusters[at as usize].selected = before;
        made
    }
    /// Applies an opcode to the selected goal of a state. `None`: it does not fit, or the state is there already.
    fn step(&mut self, at: u32, rule: Rule, cost: i32, root: u32, traces: &mut Traces) -> Option<Next> {
        self.expansions += u64::from(traces.applied.is_multiple_of(APPLIED as u64));
        traces.applied += 1;
        self.applications += 1;
        let open = self.apply(at, rule)?;
        let (action, state) = self.whole(at, rule, cost, open)?;
        let link = Link { parent: at, selected: self.clusters[at as usize].selected, action };
        let Some(state) = state else { return Some(Next::Proved(link)) };
        if state == root || traces.links.contains_key(&state) {
            return None;
        }
        traces.links.insert(state, link);
        Some(Next::State(state))
    }
    /// What is open after an application as one state, if anything is; the action's last child. Ground goals that close
    /// are children of their own.
    fn whole(&mut self, at: u32, rule: Rule, cost: i32, open: Open) -> Option<(Action, Option<u32>)> {
        let c = &self.clusters[at as usize];
        let (goal, rest) = (c.goals[usize::from(c.selected)], c.goals.len() - 1);
        // a step that asks for what it proves leads nowhere
        if open.goals[rest..].iter().any(|g| g.0 == goal && self.arena.is_ground(goal)) {
            return None;
        }
        let n = open.goals.len();
        let mut action = Action {
            rule,
            cost,
            children: SmallVec::new(),
            places: SmallVec::from_elem((0, 0), n),
            shut: SmallVec::new(),
            by: None,
            chosen: true,
        };
        let mut group: SmallVec<[u8; 10]> = SmallVec::from_elem(0, n);
        for i in 0..n {
            if let Some(rule) = open.shut[i] {
                (group[i], action.places[i]) = (SHUT, (SHUT, action.shut.len() as u8));
                action.shut.push(rule);
            } else if self.arena.is_ground(open.goals[i].0) {
                let own = self.cluster(&[open.goals[i]], 0, Vec::new());
                if self.clusters[own as usize].estimate >= INFINITE {
                    return None;
                }
                if self.clusters[own as usize].solved.is_some() || self.ask_closers(own) {
                    let number = action.children.iter().position(|&k| k == own).unwrap_or(action.children.len());
                    if number == action.children.len() {
                        action.children.push(own);
                    }
                    (group[i], action.places[i]) = (SHUT, (number as u8, 0));
                }
            }
        }
        if !group.contains(&0) {
            return Some((action, None));
        }
        let (state, inside): (u32, Inside) = self.component(&open, &group, 0)?;
        if self.clusters[state as usize].estimate >= INFINITE {
            return None;
        }
        for (i, place) in inside {
            action.places[i] = (action.children.len() as u8, place);
        }
        action.children.push(state);
        Some((action, Some(state)))
    }
    /// Asks the decision procedures for a single ground goal, once.
    fn ask_closers(&mut self, at: u32) -> bool {
        let c = &mut self.clusters[at as usize];
        if c.expanded || c.metas > 0 || c.goals.len() > 1 {
            return false;
        }
        c.expanded = true;
        let goal = c.goals[0];
        self.close(at, goal)
    }
    /// Puts a trace into the graph of clusters: each of its states gets the action that was taken.
    fn join(&mut self, last: Link, traces: &mut Traces, proved: bool) {
        let mut link = Some(last);
        while let Some(Link { parent, selected, action }) = link {
            self.trace.push(action.rule);
            let c = &mut self.clusters[parent as usize];
            (c.selected, c.actions) = (selected, vec![action]);
            if proved {
                c.solved = Some(0);
            } else {
                (c.candidates, c.fitting) = (Vec::new(), 0);
                self.clusters[parent as usize].estimate = self.best(parent).0;
            }
            link = traces.links.remove(&parent);
        }
        self.trace.reverse();
    }
    /// Puts the trace to the cheapest state of a level into the graph: where the search stands.
    fn show_best(&mut self, level: &[(i32, u32)], traces: &mut Traces) {
        let Some(&(_, state)) = level.iter().min() else { return };
        self.clusters[state as usize].estimate = self.best(state).0;
        if let Some(link) = traces.links.remove(&state) {
            self.join(link, traces, false);
        }
    }
}

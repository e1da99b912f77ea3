//! Goals that are closed without a choice: by a hypothesis or a fact, by a decision procedure, or because they only
//! name something.

use super::memory::pushed;
use super::{Action, Context, Search};
use crate::dsl::theory::library::{PremiseId, Rule, Step, Task, Theory, OPEN};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Head;
use crate::metamath_db::terms::unify::Shifted;
use crate::wake_sleep::closers::{Closer, Site};
use smallvec::SmallVec;

/// The reflexive premises with their relations, and for each premise a bit mask of the hypotheses that name something.
pub(super) fn naming(theory: &Theory, closed: &dyn Fn(PremiseId) -> bool) -> (Vec<(Head, u32)>, Vec<u64>) {
    let arena = &theory.arena;
    let is_meta = |t: TermId| arena.head(t).as_meta().is_some();
    let mut reflexive = Vec::new();
    for p in (0..theory.len() as u32).filter(|&p| closed(PremiseId(p))) {
        let Some(x) = theory.premise(PremiseId(p)) else { continue };
        if let [a, b] = arena.children(x.conclusion) {
            if a == b && is_meta(*a) {
                reflexive.push((arena.head(x.conclusion), p));
            }
        }
    }
    let names = |h: TermId| match arena.children(h) {
        [x, thing] => is_meta(*x) && !is_meta(*thing) && reflexive.iter().any(|r| r.0 == arena.head(h)),
        _ => false,
    };
    let bits = |p: u32| {
        let hyps = theory.premise(PremiseId(p)).map_or(&[][..], |x| x.hyps);
        (0..hyps.len().min(64)).filter(|&k| names(hyps[k])).fold(0u64, |all, k| all | 1 << k)
    };
    let all = (0..theory.len() as u32).map(bits).collect();
    (reflexive, all)
}

impl Search<'_> {
    /// Runs the decision procedures on a ground goal; returns whether one closed the cluster.
    pub(super) fn close(&mut self, at: u32, goal: TermId) -> bool {
        if !self.options.closers || self.shared.closers.is_empty() {
            return false;
        }
        let asked = Task { goal, ..self.task.clone() };
        let found = self.ask(|closer, site| closer.close(goal, site).map(Box::new));
        let known = |s: &Step| match s.rule {
            Rule::Premise(p) => self.allowed(p.0),
            Rule::Hyp(_) => true,
        };
        let found = found.filter(|p| p.len() <= self.options.longest_closed && p.steps.iter().all(known));
        let Some(proof) = found.filter(|p| self.shared.theory.elaborate(&asked, p, self.arena).is_ok()) else {
            return false;
        };
        self.closed += 1;
        let c = &mut self.clusters[at as usize];
        let none = Action {
            rule: Rule::Hyp(OPEN),
            cost: 0,
            children: SmallVec::new(),
            places: SmallVec::new(),
            shut: SmallVec::new(),
            by: None,
            chosen: false,
        };
        self.held += pushed(&mut c.actions, none) + proof.steps.len() * std::mem::size_of::<Step>();
        (c.closed, c.solved, c.estimate) = (Some(proof), Some(c.actions.len() as u32 - 1), 0);
        self.propagate(at);
        true
    }
    /// The first answer of a decision procedure to a question.
    pub(super) fn ask<T>(&mut self, mut question: impl FnMut(&dyn Closer, &mut Site<'_>) -> Option<T>) -> Option<T> {
        let (shared, task, options, rules) = (self.shared, self.task, self.options, &self.rules);
        let allowed = |p: PremiseId| rules.permits(shared, task, options, p.0);
        let mut site = Site { theory: &shared.theory, task, arena: self.arena, allowed: &allowed };
        shared.closers.iter().find_map(|closer| question(closer.as_ref(), &mut site))
    }
    /// Closes goals that only name something: hypotheses of a premise such as `B = ( Base ` K )` where `B` is unbound.
    /// `B` becomes the name that a hypothesis of the task gives the term, else the term itself.
    pub(super) fn shut(&mut self, open: &[(Shifted, Context)]) -> SmallVec<[Option<Rule>; 6]> {
        let mut shut: SmallVec<[Option<Rule>; 6]> = SmallVec::from_elem(None, open.len());
        let mut again = true;
        while std::mem::take(&mut again) {
            for (i, &(t, context)) in open.iter().enumerate() {
                let names = context.parent.is_some_and(|(p, k)| k < 64 && self.shared.names[p.index()] >> k & 1 == 1);
                if names && shut[i].is_none() {
                    shut[i] = self.name(t);
                    again |= shut[i].is_some();
                }
            }
        }
        shut
    }
    fn name(&mut self, t: Shifted) -> Option<Rule> {
        let ((t, offset), None) = self.bindings.walk(self.arena, t) else { return None };
        let &[name, thing] = self.arena.children(t) else { return None };
        let head = self.arena.head(t);
        let hyps = &self.task.hyps;
        let thing = self.bindings.resolve(self.arena, (thing, offset));
        let Some(name) = self.bindings.walk(self.arena, (name, offset)).1 else {
            return if self.arena.is_ground(thing) { None } else { self.named(head, (t, offset)) };
        };
        if !self.arena.is_ground(thing) {
            return None;
        }
        let same = |h: &TermId| self.arena.head(*h) == head && self.arena.children(*h).get(1) == Some(&thing);
        let (value, rule) = match hyps.iter().position(same) {
            Some(k) => (self.arena.children(hyps[k])[0], Rule::Hyp(k as u32)),
            None => {
                let mut own = self.shared.reflexive.iter().filter(|r| r.0 == head && self.allowed(r.1));
                (thing, Rule::Premise(PremiseId(own.next()?.1)))
            }
        };
        self.bindings.bind(name, (value, 0));
        Some(rule)
    }
    /// The only hypothesis of the task that defines a known name.
    fn named(&mut self, head: Head, t: Shifted) -> Option<Rule> {
        let before = self.bindings.clone();
        let mut found = None;
        for (k, &h) in self.task.hyps.iter().enumerate().filter(|(_, &h)| self.arena.head(h) == head) {
            let mut bindings = before.clone();
            if bindings.unify(self.arena, (h, 0), t) {
                if found.is_some() {
                    self.bindings = before;
                    return None;
                }
                self.bindings = bindings;
                found = Some(Rule::Hyp(k as u32));
            }
        }
        found
    }
    /// A hypothesis, or a theorem without hypotheses, that states the ground goal.
    pub(super) fn closer(&mut self, goal: TermId) -> Option<Rule> {
        if let Some(k) = self.task.hyps.iter().position(|&h| h == goal) {
            return Some(Rule::Hyp(k as u32));
        }
        for p in self.facts(goal) {
            let premise = self.shared.theory.premise(PremiseId(p))?;
            self.applications += 1;
            self.bindings.reset(premise.variables.len());
            if !self.bindings.unify(self.arena, (premise.conclusion, 0), (goal, 0)) {
                continue;
            }
            let mut rest = Vec::new();
            let apart = premise.disjoint.iter().all(|&(a, b)| {
                let (a, b) = (self.arena.meta(u32::from(a)), self.arena.meta(u32::from(b)));
                self.cross((a, 0), (b, 0), &mut rest).is_some()
            });
            if apart {
                return Some(Rule::Premise(PremiseId(p)));
            }
        }
        None
    }
}

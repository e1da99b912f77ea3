//! Sequents that are closed without a choice, and metavariables that are bound as names without a choice.

use super::clusters::pushed;
use super::*;
use crate::dsl::theory::library::{Rule, Step as ProofStep};
use crate::metamath_db::terms::unify::Shifted;
use crate::wake_sleep::closers::Site;
use crate::wake_sleep::inference::closure::{Answer, OPAQUE};

/// The reflexive moves with their relations, and for each move a bit mask of the parts that name something.
pub(super) fn naming(moves: &Moves) -> (Vec<(Head, u32)>, Vec<u64>) {
    let arena = &moves.arena;
    let is_meta = |t: TermId| arena.head(t).as_meta().is_some();
    let fact = |m: &Move| m.takes.is_none() && m.parts.is_empty();
    let reflexive = |(n, m): (usize, &Move)| match arena.children(m.goal) {
        [a, b] if fact(m) && a == b && is_meta(*a) => Some((arena.head(m.goal), n as u32)),
        _ => None,
    };
    let reflexive: Vec<(Head, u32)> = moves.all.iter().enumerate().filter_map(reflexive).collect();
    let names = |t: TermId| match arena.children(t) {
        [x, thing] => is_meta(*x) && !is_meta(*thing) && reflexive.iter().any(|r| r.0 == arena.head(t)),
        _ => false,
    };
    let bits = |m: &Move| {
        let parts = m.parts.iter().take(64).enumerate();
        parts.filter(|(_, p)| p.added.is_empty() && names(p.goal)).fold(0u64, |all, (k, _)| all | 1 << k)
    };
    let all = moves.all.iter().map(bits).collect();
    (reflexive, all)
}

/// The step that corresponds to an answer of the closer.
fn step(answer: &Answer) -> Step {
    match *answer {
        Answer::Member(k) => Step::Member(k),
        Answer::Given(k) => Step::Given(k),
        Answer::Use(member, reading) => Step::Use { member, reading },
        Answer::Follows => Step::Follows,
        Answer::Fact((number, turned)) | Answer::Move((number, turned), _) => {
            Step::Move { number, member: NO_MEMBER, narrow: false, turned, eigen: 0 }
        }
    }
}

impl Prepared {
    /// Runs the decision procedures on a ground formula, or only the named one, and returns the name and the proof of
    /// the first that succeeds. The propositional closer is not among them.
    pub fn decided(&self, name: Option<&str>, goal: TermId, site: &mut Site<'_>) -> Option<(&'static str, Proof)> {
        let named = self.closers.iter().filter(|c| name.is_none_or(|n| n == c.name()));
        named.into_iter().find_map(|c| Some((c.name(), c.close(goal, site)?)))
    }
}

impl Search<'_> {
    /// Closes a ground sequent by one step that leaves only members of Γ: a member, a hypothesis of the task, or a
    /// fact.
    pub(super) fn at_once(&mut self, s: TermId) -> Option<Step> {
        self.chains.at_once(self.arena, &mut self.allowed, s).map(|answer| step(&answer))
    }
    /// Whether a ground sequent is closed without a choice, at once or by a chain of closure facts.
    pub(super) fn is_closed(&mut self, s: TermId) -> bool {
        self.at_once(s).is_some()
            || (self.options.closers && self.chains.close(self.arena, &mut self.allowed, s).is_some())
    }
    /// Closes the cluster of a ground sequent by a chain of closure facts, if there is one, and makes the clusters of
    /// the chain's parts.
    pub(super) fn chain(&mut self, at: u32, s: TermId) {
        let found = self.options.closers.then(|| self.chains.close(self.arena, &mut self.allowed, s)).flatten();
        let Some(step) = found.map(step) else { return };
        let before = self.clusters[at as usize].actions.len();
        let ways = (self.alternatives, self.renamed);
        self.act(at, 0, step, 0);
        (self.alternatives, self.renamed) = ways;
        let made = self.clusters[at as usize].actions.get(before).map(|a| a.children.clone());
        for k in made.into_iter().flatten() {
            // The cluster may have been made before the chain was found.
            if self.clusters[k as usize].solved.is_none() {
                self.chain(k, self.clusters[k as usize].goals[0]);
            }
        }
        self.closed += u64::from(self.clusters[at as usize].solved.is_some());
    }
    /// A solved cluster that proves the same consequent in a subset of Γ.
    pub(super) fn weaker(&self, s: TermId) -> Option<u32> {
        let members = context(self.arena, s);
        let known = self.proved.get(&consequent(self.arena, s))?;
        known.iter().copied().find(|&k| {
            let own = self.clusters[k as usize].goals[0];
            own != s && context(self.arena, own).iter().all(|e| members.contains(e))
        })
    }
    /// Tries to close a ground sequent by truth table, then by the decision procedures.
    pub(super) fn close(&mut self, at: u32, s: TermId) -> bool {
        if !self.options.closers {
            return false;
        }
        let (step, proof) = if self.follows(s) {
            (Step::Follows, None)
        } else if let Some(proof) = self.decide(s) {
            (Step::Closed, Some(proof))
        } else {
            return false;
        };
        self.closed += 1;
        self.held += proof.as_ref().map_or(0, |p| p.steps.len() * std::mem::size_of::<ProofStep>());
        self.clusters[at as usize].closed = proof;
        self.solve(at, step);
        true
    }
    /// Marks a cluster as solved by a step that leaves nothing open.
    pub(super) fn solve(&mut self, at: u32, step: Step) {
        let c = &mut self.clusters[at as usize];
        self.held += pushed(&mut c.actions, Action { step, goal: 0, cost: 0, by: None, children: SmallVec::new() });
        c.solved = Some(c.actions.len() as u32 - 1);
        c.estimate = 0;
        self.propagate(at);
    }
    /// Whether the consequent follows by connectives from Γ and the task's hypotheses, with metavariables as atoms.
    pub(super) fn follows(&mut self, s: TermId) -> bool {
        let (before, mut metas) = (self.arena.len(), SmallVec::new());
        self.arena.metas(s, &mut metas);
        let most = metas.iter().max().map_or(0, |&m| m + 1);
        let atoms: Vec<TermId> = (0..most).map(|m| self.arena.variable(SymbolId(OPAQUE + m))).collect();
        let s = self.arena.instantiate(s, &atoms);
        let follows = self.ground_follows(s);
        self.arena.truncate(before);
        follows
    }
    fn ground_follows(&mut self, s: TermId) -> bool {
        let goal = consequent(self.arena, s);
        if self.arena.head(goal).is_judgement() {
            return false;
        }
        let members = Terms::from(context(self.arena, s));
        self.chains.entails(self.arena, &members, goal)
    }
    fn decide(&mut self, s: TermId) -> Option<Box<Proof>> {
        let shared = self.shared;
        if shared.closers.is_empty() {
            return None;
        }
        let before = self.arena.len();
        let goal = self.connectives.formula(self.arena, s);
        let found = self.ask(goal);
        let asked = Task { goal, ..self.task.clone() };
        let known = |s: &ProofStep| match s.rule {
            Rule::Premise(p) => self.allowed.permits(p),
            Rule::Hyp(_) => true,
        };
        let found = found.filter(|p| p.steps.iter().all(known));
        let found = found.filter(|p| shared.theory.elaborate(&asked, p, self.arena).is_ok());
        if found.is_none() {
            self.arena.truncate(before);
        }
        found
    }
    fn ask(&mut self, goal: TermId) -> Option<Box<Proof>> {
        let (shared, task, options, forbidden) = (self.shared, self.task, self.options, &self.forbidden);
        let allowed = |p: PremiseId| permits(shared, task, options, forbidden, p);
        let mut site = Site { theory: &shared.theory, task, arena: self.arena, allowed: &allowed };
        shared.decided(None, goal, &mut site).map(|(_, proof)| Box::new(proof))
    }
    /// Binds the metavariables that parts of a move only name, as in `B = ( Base ` K )` where `B` is unbound: to the
    /// name that a hypothesis of the task gives the term, else to the term itself.
    pub(super) fn name(&mut self, number: u32, m: &Move, base: u32) {
        let names = self.shared.names[number as usize];
        let (mut again, mut done) = (names != 0, 0u64);
        while std::mem::take(&mut again) {
            // A part with a context is no definition if there is another part.
            let parts = || m.parts.iter().take(64).enumerate();
            let ordered = parts().filter(|p| !p.1.inherits).chain(parts().filter(|p| p.1.inherits));
            for (k, part) in ordered {
                if (names & !done) >> k & 1 == 1 && self.give_name((part.goal, base)) {
                    done |= 1 << k;
                    again = true;
                }
            }
        }
    }
    fn give_name(&mut self, t: Shifted) -> bool {
        let ((t, offset), None) = self.bindings.walk(self.arena, t) else { return false };
        let &[name, thing] = self.arena.children(t) else { return false };
        let head = self.arena.head(t);
        let thing = self.bindings.resolve(self.arena, (thing, offset));
        let Some(name) = self.bindings.walk(self.arena, (name, offset)).1 else {
            return !self.arena.is_ground(thing) && self.named(head, (t, offset));
        };
        if !self.arena.is_ground(thing) {
            return false;
        }
        let same = |t: &&TermId| self.arena.head(**t) == head && self.arena.children(**t).get(1) == Some(&thing);
        let value = match self.chains.simple().iter().find(same) {
            Some(&t) => self.arena.children(t)[0],
            None => {
                let shared = self.shared;
                let mut own = shared.reflexive.iter().filter(|r| r.0 == head);
                if !own.any(|r| self.allowed.allows(r.1)) {
                    return false;
                }
                self.renamed |= self.has_name(head, thing);
                thing
            }
        };
        self.bindings.bind(name, (value, 0));
        true
    }
    /// Whether some theorem gives a term a name of its own, as `QQ = ( Base ` Q )` does.
    fn has_name(&mut self, head: Head, thing: TermId) -> bool {
        if let Some(&known) = self.has_names.get(&thing) {
            return known;
        }
        let any = self.arena.meta(0);
        let (asked, mut found) = (self.arena.make(head, &[any, thing]), Vec::new());
        let moves = &self.shared.moves;
        moves.fitting(self.arena, asked, false, &self.late, &mut self.query, &mut found);
        let names = |&n: &u32| match moves.arena.children(moves.all[n as usize].goal) {
            [name, thing] => name != thing && [name, thing].iter().all(|&&t| moves.arena.head(t).as_meta().is_none()),
            _ => false,
        };
        let known = found.iter().any(|n| names(n) && self.allowed.allows(*n));
        self.has_names.insert(thing, known);
        known
    }
    /// Binds a known name by the only hypothesis of the task that defines it.
    fn named(&mut self, head: Head, t: Shifted) -> bool {
        let mut found: Option<Bindings> = None;
        for &said in self.chains.simple().iter().filter(|&&said| self.arena.head(said) == head) {
            let mut bindings = self.bindings.clone();
            if bindings.unify(self.arena, (said, 0), t) {
                if found.is_some() {
                    return false;
                }
                found = Some(bindings);
            }
        }
        let fits = found.is_some();
        if let Some(bindings) = found {
            self.bindings = bindings;
        }
        fits
    }
}

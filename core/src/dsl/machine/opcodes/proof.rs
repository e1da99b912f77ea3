//! The proof opcodes: UNIFY and ASSERT.

use crate::dsl::formulas::logic::{Justification, ProofObject, ProofStep, Reference, Scheme};
use crate::dsl::formulas::unify::{resolve, substitute, unify, Bindings, Mismatch};
use crate::dsl::isa::LinkKind;
use crate::dsl::machine::effect::{slot_after, writable, CellBindings, Effect, Wrong};
use crate::dsl::machine::obligation::{Claim, FaultKind, Trust};
use crate::dsl::machine::Machine;
use crate::dsl::memory::cell::{Address, Content, StepTaken, Tag, SYSTEM};
use crate::dsl::memory::mask::Right;
use crate::dsl::memory::workspace::Link;
use crate::dsl::programs::program::{Instruction, Operand, Program};
use crate::metamath_db::ids::{AssertionId, TermId};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Metavariables that one workspace can hold.
pub const META_LIMIT: u64 = (1 << 30) - 1;
/// Steps of one proof object.
pub const PROOF_LIMIT: usize = 1 << 22;

type NewBindings = BTreeMap<u32, TermId>;

impl Machine<'_> {
    pub(in crate::dsl::machine) fn unify(&mut self, p: &Program, i: &Instruction, e: &mut Effect) -> Result<(), Wrong> {
        let label = i.operands.last().and_then(|o| match o {
            Operand::Label(s) => Some(p.string(*s)),
            _ => None,
        });
        let Some(label) = label else {
            return self.unify_values(p, i, e);
        };
        let dst = match i.operands.len() {
            3 => Some(self.target(i.operands[0], e)?),
            _ => None,
        };
        let (goal, term) = self.open_goal(i.operands[i.operands.len() - 2], e)?;
        let term = self.formula_of(term)?;
        let unknown = || {
            let claim = format!("{label} is an assertion or hypothesis that may be used here");
            Wrong::new(FaultKind::Label, claim)
        };
        match self.assertions.lookup(label).ok_or_else(unknown)? {
            Reference::Hypothesis(index) => {
                let own = self.assertions.hypothesis(index).ok_or_else(unknown)?;
                let new = self.unified(term, own, goal)?;
                e.writes.push((goal, Content::goal_with(term, StepTaken::Hypothesis(index))));
                finish(e, new, Vec::new(), Vec::new());
                Ok(())
            }
            Reference::Assertion(id) => self.backward(dst, goal, term, id, e),
        }
    }

    /// The open goal that a place operand names.
    pub(in crate::dsl::machine) fn open_goal(
        &mut self,
        o: Operand,
        e: &mut Effect,
    ) -> Result<(Address, TermId), Wrong> {
        let goal = self.target(o, e)?;
        let content = self.read(goal, e)?;
        let holds = || Wrong::at(FaultKind::Type, goal, "the cell holds a goal");
        if content.tag != Tag::Goal {
            return Err(holds());
        }
        if !content.is_open_goal() {
            return Err(Wrong::at(FaultKind::Goal, goal, "the goal is open"));
        }
        Ok((goal, content.as_term().ok_or_else(holds)?))
    }

    /// One proof step, taken backward.
    pub(in crate::dsl::machine) fn backward(
        &mut self,
        dst: Option<Address>,
        goal: Address,
        term: TermId,
        id: AssertionId,
        e: &mut Effect,
    ) -> Result<(), Wrong> {
        let scheme = self.assertions.scheme(id);
        let base = self.metas_in_use();
        let used = u64::from(base) + u64::from(scheme.metavariables);
        if used > META_LIMIT {
            return Err(Wrong::new(FaultKind::Bound, "metavariables fit their cells"));
        }
        let fresh: Vec<TermId> = (0..scheme.metavariables).map(|m| self.arena.meta(base + m)).collect();
        let conclusion = substitute(&mut self.arena, scheme.conclusion, &fresh);
        let new = self.unified(term, conclusion, goal)?;
        let distinct = self.distinct_open(&scheme, &fresh, &new)?;
        let subgoals = self.subgoals(dst, &scheme, &fresh, &new)?;
        let step =
            StepTaken::Assertion { id: id.0, first: dst.filter(|_| !subgoals.is_empty()).unwrap_or(goal), metas: base };
        e.writes.push((goal, Content::goal_with(term, step)));
        for &(to, h) in &subgoals {
            e.writes.push((to, Content::goal(h)));
            e.links.push(Link { from: goal, kind: LinkKind::Subgoal, to });
        }
        if scheme.metavariables > 0 {
            e.writes.push((SYSTEM, Content::int(used as i64)));
        }
        finish(e, new, subgoals.iter().map(|s| s.0).collect(), distinct);
        Ok(())
    }

    /// Where the subgoals go, and their terms under the bindings.
    fn subgoals(
        &mut self,
        dst: Option<Address>,
        scheme: &Scheme,
        fresh: &[TermId],
        new: &NewBindings,
    ) -> Result<Vec<(Address, TermId)>, Wrong> {
        let mut subgoals = Vec::with_capacity(scheme.hypotheses.len());
        for (n, &h) in scheme.hypotheses.iter().enumerate() {
            let needed = || Wrong::operand("an assertion with hypotheses needs a place for the subgoals");
            let a = slot_after(dst.ok_or_else(needed)?, n as u64)?;
            self.permit(Right::Write, a)?;
            if !self.workspace.get(a).is_empty() {
                let claim = "the subgoal's slot is empty";
                return Err(Wrong::at(FaultKind::Occupied, a, claim));
            }
            let h = substitute(&mut self.arena, h, fresh);
            subgoals.push((a, self.resolved_with(h, new)));
        }
        Ok(subgoals)
    }

    /// The third form: two terms; an open goal is thereby closed by another goal or a fact.
    fn unify_values(&mut self, p: &Program, i: &Instruction, e: &mut Effect) -> Result<(), Wrong> {
        let (a, x) = self.value(p, i.operands[0], e)?;
        let (b, y) = self.value(p, i.operands[1], e)?;
        if let (Some(a), Some(b)) = (a, b) {
            if self.shares(a, b) {
                return self.share(a, b, e);
            }
        }
        let typed =
            |address| Wrong { kind: FaultKind::Type, address, claim: "UNIFY takes terms, goals and facts".into() };
        let (s, t) = (x.as_term().ok_or_else(|| typed(a))?, y.as_term().ok_or_else(|| typed(b))?);
        let new = self.unified(s, t, a.or(b).unwrap_or(SYSTEM))?;
        if let (Some(a), Some(b), true, Tag::Goal | Tag::Fact) = (a, b, x.is_open_goal(), y.tag) {
            writable(a)?;
            let link = Link { from: a, kind: LinkKind::Subgoal, to: b };
            if self.workspace.closes_cycle(link) {
                return Err(Wrong::at(FaultKind::Link, a, "a goal does not depend on itself"));
            }
            e.writes.push((a, Content::goal_with(s, StepTaken::Shared(b))));
            e.links.push(link);
        }
        finish(e, new, Vec::new(), Vec::new());
        Ok(())
    }

    /// Unifies under the workspace's bindings; the new bindings, after a check that they make the terms equal.
    fn unified(&mut self, x: TermId, y: TermId, at: Address) -> Result<NewBindings, Wrong> {
        let mut b = CellBindings::of(&self.workspace);
        let result = unify(&self.arena, &mut b, x, y);
        let new = b.new;
        result.map_err(|mismatch| match mismatch {
            Mismatch::Bound => Wrong::at(FaultKind::Bound, at, "unification visits at most 2^22 pairs"),
            Mismatch::Occurs(m) => {
                let claim = format!("the terms have a common instance, but ?{m} would contain itself");
                Wrong::at(FaultKind::Unify, at, claim)
            }
            Mismatch::Judgement(m, t) => {
                let claim = format!(
                    "the terms have a common instance, but ?{m} is a formula and {} a statement of another typecode",
                    self.show(t)
                );
                Wrong::at(FaultKind::Unify, at, claim)
            }
            Mismatch::Clash(s, t) => {
                let claim = format!("the terms have a common instance, but {} is not {}", self.show(s), self.show(t));
                Wrong::at(FaultKind::Unify, at, claim)
            }
        })?;
        if self.trust == Trust::None && self.resolved_with(x, &new) != self.resolved_with(y, &new) {
            let claim = "the substitution makes the terms equal";
            return Err(Wrong::at(FaultKind::Obligation, at, claim));
        }
        Ok(new)
    }
    fn resolved_with(&mut self, t: TermId, new: &NewBindings) -> TermId {
        let b = CellBindings { workspace: &self.workspace, new: new.clone() };
        resolve(&mut self.arena, &b, t)
    }
    /// The `$d` pairs of a step as terms; a fault if two of them share a variable already.
    fn distinct_open(
        &mut self,
        scheme: &Scheme,
        fresh: &[TermId],
        new: &NewBindings,
    ) -> Result<Vec<(TermId, TermId)>, Wrong> {
        let mut out = Vec::new();
        for &(i, j) in &scheme.distinct {
            let x = self.resolved_with(fresh[i as usize], new);
            let y = self.resolved_with(fresh[j as usize], new);
            self.apart(x, y)?;
            out.push((x, y));
        }
        Ok(out)
    }
    pub(in crate::dsl::machine) fn apart(&mut self, x: TermId, y: TermId) -> Result<(), Wrong> {
        let ys = self.arena.variables(y);
        let shared = self.arena.variables(x).into_iter().find(|v| ys.binary_search(v).is_ok());
        match shared {
            None => Ok(()),
            Some(v) => {
                let v = self.arena.variable(v);
                let claim = format!(
                    "$d: {} and {} share no variable, but both have {}",
                    self.show(x),
                    self.show(y),
                    self.show(v)
                );
                Err(Wrong::new(FaultKind::Distinct, claim))
            }
        }
    }

    pub(in crate::dsl::machine) fn assert(&mut self, i: &Instruction, e: &mut Effect) -> Result<(), Wrong> {
        let dst = self.target(i.operands[0], e)?;
        let root = self.place(i.operands[1], e)?;
        if self.read(root, e)?.tag != Tag::Goal {
            return Err(Wrong::at(FaultKind::Type, root, "the cell holds a goal"));
        }
        let (proof, facts) = self.assemble(root, e)?;
        let name = self.judge.name();
        self.judge.judge(&mut self.arena, &proof).map_err(|why| {
            let claim = format!("{name} accepts the proof, but it says: {why}");
            Wrong::at(FaultKind::Refused, root, claim)
        })?;
        for to in facts {
            let link = Link { from: dst, kind: LinkKind::Premise, to };
            if self.workspace.closes_cycle(link) {
                return Err(Wrong::at(FaultKind::Link, dst, "a fact is not its own premise"));
            }
            e.links.push(link);
        }
        let number = self.proofs.len() as u32;
        e.writes.push((dst, Content::fact(proof.goal, number)));
        e.proofs.push(proof);
        e.claim = Some(Claim::Proof { proof: number, judge: name });
        Ok(())
    }

    /// Follows the recorded steps from `root`; the proof object and the facts that were used.
    pub(in crate::dsl::machine) fn assemble(
        &mut self,
        root: Address,
        e: &mut Effect,
    ) -> Result<(ProofObject, Vec<Address>), Wrong> {
        let mut steps: Vec<ProofStep> = Vec::new();
        let mut done: FxHashMap<Address, Option<u32>> = FxHashMap::default();
        let mut facts = Vec::new();
        let mut stack = vec![(root, false)];
        while let Some((a, children_done)) = stack.pop() {
            if !children_done {
                match done.get(&a) {
                    Some(Some(_)) => continue,
                    Some(None) => return Err(Wrong::at(FaultKind::Open, a, "a goal does not depend on itself")),
                    None => {}
                }
                done.insert(a, None);
                stack.push((a, true));
                let below = self.below(a, e)?;
                stack.extend(below.into_iter().rev().map(|c| (c, false)));
                continue;
            }
            let number = self.close(a, &mut steps, &done, &mut facts)?;
            done.insert(a, Some(number));
            if steps.len() > PROOF_LIMIT {
                return Err(Wrong::new(FaultKind::Bound, "a proof object has at most 2^22 steps"));
            }
        }
        let goal = self.ground_term(root)?;
        Ok((ProofObject { goal, steps }, facts))
    }
    /// The cells that the goal at `a` was reduced to.
    fn below(&mut self, a: Address, e: &mut Effect) -> Result<Vec<Address>, Wrong> {
        let content = self.read(a, e)?;
        if content.tag == Tag::Fact {
            return Ok(Vec::new());
        }
        let open = || Wrong::at(FaultKind::Open, a, "every goal is closed");
        match content.step().ok_or_else(open)? {
            StepTaken::Hypothesis(_) | StepTaken::Decided { .. } => Ok(Vec::new()),
            StepTaken::Shared(b) => Ok(vec![b]),
            StepTaken::Assertion { id, first, .. } => {
                let n = self.assertions.scheme(AssertionId(id)).hypotheses.len() as u64;
                (0..n).map(|k| slot_after(first, k)).collect()
            }
        }
    }
    /// The term at `a` with all bindings applied; a fault if a metavariable is left.
    fn ground_term(&mut self, a: Address) -> Result<TermId, Wrong> {
        let wrong = || Wrong::at(FaultKind::Type, a, "the cell holds a goal or a fact");
        let t = self.workspace.content(a).as_term().ok_or_else(wrong)?;
        self.ground(t, a)
    }
    fn ground(&mut self, t: TermId, a: Address) -> Result<TermId, Wrong> {
        let t = self.resolved(t);
        if self.arena.is_ground(t) {
            return Ok(t);
        }
        let m = self.first_meta(t);
        let claim = format!("no metavariable is left, but ?{m} has no value");
        Err(Wrong::at(FaultKind::Open, a, claim))
    }
    fn first_meta(&self, mut t: TermId) -> u32 {
        loop {
            if let Some(m) = self.arena.head(t).as_meta() {
                return m;
            }
            let open = |c: &&TermId| !self.arena.is_ground(**c);
            t = *self.arena.children(t).iter().find(open).expect("not ground");
        }
    }
    /// Turns the step at `a` into a proof step (or finds the one it shares); all below is done.
    fn close(
        &mut self,
        a: Address,
        steps: &mut Vec<ProofStep>,
        done: &FxHashMap<Address, Option<u32>>,
        facts: &mut Vec<Address>,
    ) -> Result<u32, Wrong> {
        let conclusion = self.ground_term(a)?;
        let content = self.workspace.content(a);
        let differs = |what: &str| Wrong::at(FaultKind::Unify, a, format!("{what} is what the cell says"));
        if let Some(proof) = content.as_proof() {
            let wrong = || Wrong::at(FaultKind::Open, a, "the fact has its proof object");
            self.proofs.get(proof as usize).ok_or_else(wrong)?;
            self.splice(proof, steps);
            facts.push(a);
        } else {
            match content.step().expect("checked by below") {
                StepTaken::Decided { .. } => self.by_decisions(a, conclusion, steps, facts)?,
                StepTaken::Shared(b) => {
                    if self.ground_term(b)? != conclusion {
                        return Err(differs("the shared goal"));
                    }
                    return Ok(done[&b].expect("premises come first"));
                }
                StepTaken::Hypothesis(index) => {
                    if self.assertions.hypothesis(index) != Some(conclusion) {
                        return Err(differs("the hypothesis"));
                    }
                    steps.push(ProofStep {
                        by: Justification::Hypothesis(index),
                        substitution: Vec::new(),
                        premises: Vec::new(),
                        conclusion,
                    });
                }
                StepTaken::Assertion { id, first, metas } => {
                    let step = self.assertion_step(a, AssertionId(id), first, metas, done)?;
                    if step.conclusion != conclusion {
                        return Err(differs("the assertion's conclusion"));
                    }
                    steps.push(step);
                }
            }
        }
        match steps.last() {
            Some(s) if s.conclusion == conclusion => Ok(steps.len() as u32 - 1),
            _ => Err(differs("the proof")),
        }
    }
    fn assertion_step(
        &mut self,
        a: Address,
        id: AssertionId,
        first: Address,
        metas: u32,
        done: &FxHashMap<Address, Option<u32>>,
    ) -> Result<ProofStep, Wrong> {
        let scheme = self.assertions.scheme(id);
        let mut substitution = Vec::with_capacity(scheme.metavariables as usize);
        for m in 0..scheme.metavariables {
            let t = self.arena.meta(metas + m);
            substitution.push(self.ground(t, a)?);
        }
        let mut premises = Vec::with_capacity(scheme.hypotheses.len());
        for (k, &h) in scheme.hypotheses.iter().enumerate() {
            let at = slot_after(first, k as u64)?;
            if self.ground_term(at)? != substitute(&mut self.arena, h, &substitution) {
                let claim = format!("hypothesis {k} of the step is what the cell says");
                return Err(Wrong::at(FaultKind::Unify, at, claim));
            }
            premises.push(done[&at].expect("premises come first"));
        }
        for &(i, j) in &scheme.distinct {
            self.apart(substitution[i as usize], substitution[j as usize])
                .map_err(|w| Wrong { address: Some(a), ..w })?;
        }
        Ok(ProofStep {
            by: Justification::Assertion(id),
            conclusion: substitute(&mut self.arena, scheme.conclusion, &substitution),
            substitution,
            premises,
        })
    }
}

/// Adds the binding cells and the claim to the effect of a unification.
fn finish(e: &mut Effect, new: NewBindings, subgoals: Vec<Address>, distinct: Vec<(TermId, TermId)>) {
    for (&m, &t) in &new {
        let a = Address::of_meta(m).expect("metavariables fit their cells");
        e.writes.push((a, Content::term(t)));
    }
    e.claim = Some(Claim::Unified { bindings: new.into_iter().collect(), subgoals, distinct });
}

impl Machine<'_> {
    /// The value of metavariable `m` in the workspace, if it has one: for comparison with a bulk unifier's.
    pub fn meta_value(&self, m: u32) -> Option<TermId> {
        CellBindings::of(&self.workspace).value(m)
    }
}

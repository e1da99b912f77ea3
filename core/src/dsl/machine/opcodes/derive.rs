//! Derivations: logical steps that a handler gives, turned by the machine's own unification into a proof object and
//! handed to the judge.

use crate::dsl::formulas::logic::{Justification, ProofObject, ProofStep, Reference, Scheme};
use crate::dsl::formulas::terms;
use crate::dsl::formulas::unify::{resolve, substitute, unify, VecBindings};
use crate::dsl::machine::effect::Wrong;
use crate::dsl::machine::obligation::FaultKind;
use crate::dsl::machine::Machine;
use crate::dsl::memory::cell::{Address, Tag};
use crate::dsl::memory::mask::Right;
use crate::metamath_db::ids::TermId;

/// The justification of a derivation's step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum By {
    /// An assertion or an own hypothesis, by label.
    Label(String),
    /// A further hypothesis of the derivation, by index.
    Given(u32),
    /// The fact in this cell.
    Fact(Address),
}

/// One step of a [`Derivation`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DerivationStep {
    /// The step's justification.
    pub by: By,
    /// The steps that prove the assertion's hypotheses, in order; all smaller than this step's index.
    pub premises: Vec<u32>,
    /// Values of the assertion's variables that unification leaves open: (index, term in prefix form).
    pub values: Vec<(u32, String)>,
}

/// A proof as logical steps; formulas and substitutions follow by unification from the goal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Derivation {
    /// The statement proved; ground.
    pub goal: TermId,
    /// Further hypotheses; ground. Empty for a fact.
    pub given: Vec<TermId>,
    /// The steps; the last one proves the goal.
    pub steps: Vec<DerivationStep>,
}

fn ill(claim: impl Into<String>) -> Wrong {
    Wrong::new(FaultKind::Handler, claim)
}

/// The sources of the steps, looked up, each with the number of its first metavariable.
struct Looked {
    sources: Vec<Source>,
    offsets: Vec<u32>,
}

enum Source {
    Assertion(crate::metamath_db::ids::AssertionId, Scheme),
    Hypothesis(u32, TermId),
    Fact(Address, u32, TermId),
}

impl Machine<'_> {
    /// The proof object of a derivation, and the facts that it uses.
    pub(in crate::dsl::machine) fn derive(&mut self, d: &Derivation) -> Result<(ProofObject, Vec<Address>), Wrong> {
        if !self.arena.is_ground(d.goal) || d.given.iter().any(|&g| !self.arena.is_ground(g)) {
            return Err(Wrong::new(FaultKind::Open, "what is derived has no metavariables"));
        }
        if d.steps.is_empty() || d.steps.len() > super::proof::PROOF_LIMIT {
            return Err(Wrong::new(FaultKind::Bound, "a derivation has between 1 and 2^22 steps"));
        }
        let looked = self.look_up(d)?;
        let bindings = self.unify_steps(d, &looked)?;
        self.proof_steps(d, &looked, &bindings)
    }
    /// Asks the judge about a derived proof object; the judge's name.
    pub(in crate::dsl::machine) fn judged(&mut self, d: &Derivation, proof: &ProofObject) -> Result<String, Wrong> {
        let name = self.judge.name();
        let verdict = match d.given.is_empty() {
            true => self.judge.judge(&mut self.arena, proof),
            false => self.judge.judge_from(&mut self.arena, &d.given, proof),
        };
        let refused = |why| Wrong::new(FaultKind::Refused, format!("{name} accepts the proof, but it says: {why}"));
        verdict.map(|()| name.clone()).map_err(refused)
    }
    fn own_hypotheses(&self) -> u32 {
        (0u32..).find(|&k| self.assertions.hypothesis(k).is_none()).unwrap_or(0)
    }
    fn look_up(&self, d: &Derivation) -> Result<Looked, Wrong> {
        let own = self.own_hypotheses();
        let mut looked = Looked { sources: Vec::new(), offsets: Vec::new() };
        let mut offset = 0u32;
        for (n, step) in d.steps.iter().enumerate() {
            if step.premises.iter().any(|&p| p as usize >= n) {
                return Err(ill(format!("step {n} of the derivation uses earlier steps")));
            }
            let unknown = |what: &str| Wrong::new(FaultKind::Label, format!("step {n} of the derivation: {what}"));
            let source = match &step.by {
                By::Label(label) => {
                    let no_label = || unknown(&format!("{label} is an assertion or hypothesis that may be used here"));
                    match self.assertions.lookup(label).ok_or_else(no_label)? {
                        Reference::Assertion(id) => Source::Assertion(id, self.assertions.scheme(id)),
                        Reference::Hypothesis(k) => {
                            Source::Hypothesis(k, self.assertions.hypothesis(k).ok_or_else(no_label)?)
                        }
                    }
                }
                By::Given(k) => {
                    let t = d.given.get(*k as usize).ok_or_else(|| unknown("it names a further hypothesis"))?;
                    Source::Hypothesis(own + k, *t)
                }
                By::Fact(a) => {
                    self.permit(Right::Read, *a)?;
                    let content = self.workspace.content(*a);
                    let proof = content.as_proof().filter(|&p| (p as usize) < self.proofs.len());
                    let fact = (content.tag == Tag::Fact).then_some(()).and(content.as_term()).zip(proof);
                    let (t, p) = fact.ok_or_else(|| Wrong::at(FaultKind::Type, *a, "the cell holds a fact"))?;
                    Source::Fact(*a, p, t)
                }
            };
            let (hypotheses, metavariables) = match &source {
                Source::Assertion(_, s) => (s.hypotheses.len(), s.metavariables),
                _ => (0, 0),
            };
            if hypotheses != step.premises.len() {
                return Err(ill(format!("step {n} of the derivation has one premise for each hypothesis")));
            }
            looked.sources.push(source);
            looked.offsets.push(offset);
            offset = offset
                .checked_add(metavariables)
                .filter(|&m| m < 1 << 30)
                .ok_or_else(|| Wrong::new(FaultKind::Bound, "the derivation's metavariables fit 30 bits"))?;
        }
        Ok(looked)
    }
    fn fresh(&mut self, scheme: &Scheme, offset: u32) -> Vec<TermId> {
        (0..scheme.metavariables).map(|m| self.arena.meta(offset + m)).collect()
    }
    /// Parents first: the goal's symbols flow down.
    fn unify_steps(&mut self, d: &Derivation, looked: &Looked) -> Result<VecBindings, Wrong> {
        let mut b = VecBindings::new();
        let conclusions: Vec<TermId> = (0..d.steps.len())
            .map(|n| match &looked.sources[n] {
                Source::Assertion(_, s) => {
                    let fresh = self.fresh(s, looked.offsets[n]);
                    substitute(&mut self.arena, s.conclusion, &fresh)
                }
                Source::Hypothesis(_, t) | Source::Fact(_, _, t) => *t,
            })
            .collect();
        let apart = |n: usize| Wrong::new(FaultKind::Unify, format!("step {n} of the derivation fits what uses it"));
        let root = d.steps.len() - 1;
        unify(&self.arena, &mut b, conclusions[root], d.goal).map_err(|_| apart(root))?;
        for n in (0..d.steps.len()).rev() {
            let Source::Assertion(_, s) = &looked.sources[n] else { continue };
            let fresh = self.fresh(s, looked.offsets[n]);
            for &(v, ref text) in &d.steps[n].values {
                let wrong = |claim| Wrong::new(FaultKind::Term, claim);
                let t = terms::read(text, &*self.assertions, &mut self.arena, &|_| false).map_err(wrong)?;
                let m = *fresh.get(v as usize).ok_or_else(|| ill("a value belongs to a variable of its step"))?;
                unify(&self.arena, &mut b, m, t).map_err(|_| apart(n))?;
            }
            for (&h, &p) in s.hypotheses.iter().zip(&d.steps[n].premises) {
                let h = substitute(&mut self.arena, h, &fresh);
                unify(&self.arena, &mut b, h, conclusions[p as usize]).map_err(|_| apart(p as usize))?;
            }
        }
        Ok(b)
    }
    fn proof_steps(
        &mut self,
        d: &Derivation,
        looked: &Looked,
        b: &VecBindings,
    ) -> Result<(ProofObject, Vec<Address>), Wrong> {
        let mut steps: Vec<ProofStep> = Vec::with_capacity(d.steps.len());
        let mut number: Vec<u32> = Vec::with_capacity(d.steps.len());
        let mut facts = Vec::new();
        for (n, source) in looked.sources.iter().enumerate() {
            match source {
                Source::Hypothesis(k, t) => steps.push(ProofStep {
                    by: Justification::Hypothesis(*k),
                    substitution: Vec::new(),
                    premises: Vec::new(),
                    conclusion: *t,
                }),
                Source::Fact(a, p, _) => {
                    self.splice(*p, &mut steps);
                    facts.push(*a);
                }
                Source::Assertion(id, s) => {
                    let fresh = self.fresh(s, looked.offsets[n]);
                    let mut substitution = Vec::with_capacity(fresh.len());
                    for m in fresh {
                        let t = resolve(&mut self.arena, b, m);
                        if !self.arena.is_ground(t) {
                            let claim = format!("every variable of step {n} of the derivation has a value");
                            return Err(Wrong::new(FaultKind::Open, claim));
                        }
                        substitution.push(t);
                    }
                    for &(i, j) in &s.distinct {
                        self.apart(substitution[i as usize], substitution[j as usize])?;
                    }
                    steps.push(ProofStep {
                        by: Justification::Assertion(*id),
                        conclusion: substitute(&mut self.arena, s.conclusion, &substitution),
                        substitution,
                        premises: d.steps[n].premises.iter().map(|&p| number[p as usize]).collect(),
                    });
                }
            }
            if steps.len() > super::proof::PROOF_LIMIT {
                return Err(Wrong::new(FaultKind::Bound, "a proof object has at most 2^22 steps"));
            }
            number.push(steps.len() as u32 - 1);
        }
        facts.sort_unstable();
        facts.dedup();
        Ok((ProofObject { goal: d.goal, steps }, facts))
    }
    /// Appends the steps of an accepted proof object.
    pub(in crate::dsl::machine) fn splice(&self, proof: u32, steps: &mut Vec<ProofStep>) {
        let offset = steps.len() as u32;
        for s in &self.proofs[proof as usize].steps {
            let mut s = s.clone();
            s.premises.iter_mut().for_each(|p| *p += offset);
            steps.push(s);
        }
    }
}

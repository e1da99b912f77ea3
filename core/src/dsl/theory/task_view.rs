//! A theory as the machine sees it: what a program may name, and who judges what it derives.
//!
//! A view belongs to a task: its hypotheses and `$d` conditions hold, and only what stands before it may be used. A
//! program that runs on a database as a whole has the task of [`Theory::whole_task`].

use super::library::{PremiseId, Proof, Rule, Schema, Step, Task, Theory, LABEL_HOLE};
use crate::dsl::formulas::logic::{
    Assertions, Composite, Judge, Justification, ProofObject, Reference, SchemaRule, SchemaStep, Scheme,
};
use crate::dsl::formulas::sequent;
use crate::metamath_db::ids::{AssertionId, TermId};
use crate::metamath_db::reader::{HypKind, LabelRef};
use crate::metamath_db::terms::term::{Arena, Head, HeadKind};
use std::collections::BTreeSet;
use std::ops::Deref;

/// A theory seen from one task: what its programs may name.
pub struct TaskView<T> {
    theory: T,
    task: Task,
    position: u32,
}

impl<T: Deref<Target = Theory>> TaskView<T> {
    /// The view of `task`.
    pub fn new(theory: T, task: Task) -> TaskView<T> {
        let position = theory.position(&task);
        TaskView { theory, task, position }
    }
    /// A schema's steps, each assertion of which must stand before the task.
    fn schema_steps(&self, schema: &Schema) -> Result<Vec<SchemaStep>, String> {
        let by = |rule| -> Result<SchemaRule, String> {
            Ok(match rule {
                Rule::Hyp(_) => SchemaRule::Open,
                Rule::Premise(PremiseId(LABEL_HOLE)) => SchemaRule::Hole,
                Rule::Premise(p) => {
                    let (label, lemma) = (self.theory.label(p), self.theory.lemma(p).is_some());
                    let needed = || format!("{} needs {label}, which does not stand before the task", schema.name);
                    self.lookup(label).ok_or_else(needed)?;
                    SchemaRule::Assertion(AssertionId(p.0), lemma)
                }
            })
        };
        let step = |s: &Step| Ok(SchemaStep { by: by(s.rule)?, children: s.children.iter().copied().collect() });
        self.theory.flat(schema).steps.iter().map(step).collect()
    }
}

impl<T: Deref<Target = Theory>> Assertions for TaskView<T> {
    fn lookup(&self, label: &str) -> Option<Reference> {
        if let Some(k) = self.task.hyp_labels.iter().position(|h| h == label) {
            return Some(Reference::Hypothesis(k as u32));
        }
        let p = self.theory.find(label)?;
        let usable = self.theory.stands_before(p, &self.task) && self.theory.premise(p).is_some();
        usable.then_some(Reference::Assertion(AssertionId(p.0)))
    }
    fn composite(&self, name: &str) -> Result<Composite, String> {
        if let Some(schema) = self.theory.schemas.iter().find(|s| s.name == name) {
            return self.schema_steps(schema).map(Composite::Schema);
        }
        let p = self.theory.find(name).filter(|&p| self.theory.lemma(p).is_some());
        let p = p.ok_or_else(|| format!("{name} is a composite of the library"))?;
        match self.lookup(name) {
            Some(_) => Ok(Composite::Lemma(AssertionId(p.0))),
            None => Err(format!("{name} stands before the task")),
        }
    }
    fn scheme(&self, id: AssertionId) -> Scheme {
        match self.theory.premise(PremiseId(id.0)) {
            Some(p) => Scheme {
                metavariables: p.variables.len() as u32,
                conclusion: p.conclusion,
                hypotheses: p.hyps.iter().copied().collect(),
                distinct: p.disjoint.iter().map(|&(a, b)| (u32::from(a), u32::from(b))).collect(),
            },
            None => unreachable!("the machine asks only for what lookup gave"),
        }
    }
    fn hypothesis(&self, index: u32) -> Option<TermId> {
        self.task.hyps.get(index as usize).copied()
    }
    fn head(&self, name: &str) -> Option<(Head, usize)> {
        if let Some(k) = self.theory.judgement_named(name) {
            return Some((Head::judgement(k), 1));
        }
        let source = &self.theory.db.source;
        match source.lookup(name.as_bytes())? {
            LabelRef::Assertion(a) => {
                let production = self.theory.db.grammar.production(a)?;
                Some((Head::syntax(a), production.child_types.len()))
            }
            LabelRef::Hyp(h) => match source.hyps[h.index()].kind {
                HypKind::Floating { variable } => Some((Head::variable(variable), 0)),
                HypKind::Essential => None,
            },
        }
    }
    fn head_name(&self, head: Head) -> String {
        let source = &self.theory.db.source;
        match head.kind() {
            HeadKind::Syntax(a) => source.label(a).to_owned(),
            HeadKind::Variable(v) => match self.theory.float_at(v, self.position) {
                Some(h) => source.hyp_label(h).to_owned(),
                None => source.symbol(v).to_owned(),
            },
            HeadKind::Meta(m) => format!("?{m}"),
            HeadKind::Judgement(_) if head == sequent::sequent_head() => sequent::NAME.to_owned(),
            HeadKind::Judgement(k) => self.theory.judgement_name(k),
        }
    }
    fn formula(&self, arena: &Arena, t: TermId) -> Option<String> {
        match sequent::is_sequent(arena, t) {
            true => Some(sequent::show(&self.theory.db, arena, t)),
            false => Some(self.theory.db.show(arena, t)),
        }
    }
    fn statement(&self, arena: &Arena, t: TermId) -> Option<String> {
        match sequent::is_sequent(arena, t) {
            true => Some(sequent::show(&self.theory.db, arena, t)),
            false => Some(self.theory.db.show_statement(arena, t)),
        }
    }
    fn label(&self, id: AssertionId) -> Option<String> {
        Some(self.theory.label(PremiseId(id.0)).to_owned())
    }
}

/// Both judges on whatever is derived, under a task's hypotheses and `$d` conditions.
pub struct TheoryJudge<T> {
    theory: T,
    task: Task,
}

impl<T: Deref<Target = Theory>> TheoryJudge<T> {
    /// The judge for what is derived within `task`; the task's own goal does not matter.
    pub fn new(theory: T, task: Task) -> TheoryJudge<T> {
        TheoryJudge { theory, task }
    }
}

/// Name of [`TheoryJudge`] and of what runs found proofs.
pub const BOTH_JUDGES: &str = "kernel and metamath-rs";

impl<T: Deref<Target = Theory>> Judge for TheoryJudge<T> {
    fn name(&self) -> String {
        BOTH_JUDGES.to_owned()
    }
    fn judge(&self, arena: &mut Arena, proof: &ProofObject) -> Result<(), String> {
        self.judge_from(arena, &[], proof)
    }
    fn judge_from(&self, arena: &mut Arena, hypotheses: &[TermId], proof: &ProofObject) -> Result<(), String> {
        let mut task = Task { goal: proof.goal, ..self.task.clone() };
        for &h in hypotheses {
            task.hyps.push(h);
            task.hyp_labels.push(self.theory.unused_label(&format!("{}.{}", task.name, task.hyps.len())));
        }
        let verdict = self.theory.judge(&task, &logical(proof), arena)?.verdict;
        verdict.kernel.map_err(|e| format!("kernel: {e}"))?;
        verdict.knife.map_err(|e| format!("metamath-rs: {e}"))
    }
    fn judge_lemma(&self, arena: &mut Arena, id: AssertionId) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        let mut next = vec![PremiseId(id.0)];
        while let Some(p) = next.pop() {
            let Some(lemma) = self.theory.lemma(p).filter(|_| seen.insert(p)) else { continue };
            self.theory.check_lemma(lemma, arena).map_err(|why| format!("{}: {why}", lemma.name))?;
            next.extend(lemma.proof.premises());
        }
        match seen.is_empty() {
            true => Err("it is no lemma of the library".to_owned()),
            false => Ok(()),
        }
    }
}

/// A machine's proof object as logical steps.
pub fn logical(proof: &ProofObject) -> Proof {
    let rule = |by| match by {
        Justification::Assertion(a) => Rule::Premise(PremiseId(a.0)),
        Justification::Hypothesis(k) => Rule::Hyp(k),
    };
    let step = |s: &crate::dsl::formulas::logic::ProofStep| Step {
        rule: rule(s.by),
        children: s.premises.iter().copied().collect(),
    };
    Proof { steps: proof.steps.iter().map(step).collect() }
}

impl Theory {
    /// A task without hypotheses and `$d` conditions, before which everything stands: for programs that run on the
    /// database as a whole. Its goal means nothing.
    pub fn whole_task(&self) -> Task {
        Task {
            name: self.unused_label("statement"),
            goal: TermId(0),
            hyps: Vec::new(),
            hyp_labels: Vec::new(),
            disjoint: Vec::new(),
            limit: AssertionId::from(self.db.len()),
            block: u32::MAX,
        }
    }
    /// A judgement's name in term literals: `typecode.` and its number, and dashes if a statement is labelled so.
    fn judgement_name(&self, number: u32) -> String {
        self.unused_label(&format!("typecode.{number}"))
    }
    fn judgement_named(&self, name: &str) -> Option<u32> {
        let number: u32 = name.strip_prefix("typecode.")?.trim_end_matches('-').parse().ok()?;
        let known = self.db.grammar.judgement(number).is_some() && self.judgement_name(number) == name;
        known.then_some(number)
    }
    /// `wanted`, or `wanted` with dashes behind it, that no statement has as its label.
    fn unused_label(&self, wanted: &str) -> String {
        let mut label = wanted.to_owned();
        while self.db.source.lookup(label.as_bytes()).is_some() || self.find(&label).is_some() {
            label.push('-');
        }
        label
    }
}

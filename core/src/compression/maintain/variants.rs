//! Variants of existing theorems: the closed form, the inference and the deduction of one statement.
//!
//! set.mm states many theorems in three forms: closed `( ps -> ch )`, inference `ps => ch` and deduction
//! `( ph -> ps ) => ( ph -> ch )`. A lemma of which another form exists follows from it in a step or two.

use crate::compression::reuse::missed::{Missed, Worker};
use crate::dsl::theory::library::{PremiseId, Task, Theory};
use crate::metamath_db::ids::{AssertionId, TermId};
use crate::metamath_db::terms::term::{Arena, Head, HeadKind};

/// How a statement stands to a theorem of which it is another form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// It has no hypotheses and the theorem has them.
    Closed,
    /// It has hypotheses for what the theorem has as antecedent.
    Inference,
    /// It says the same under an antecedent.
    Deduction,
}

/// A theorem of which a statement is another form, or the form of an instance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Variant {
    /// The theorem.
    pub of: AssertionId,
    /// The form that the statement has.
    pub form: Form,
    /// Whether the form says all that the theorem says, not an instance of it.
    pub exact: bool,
}

/// The connectives that variants are made with, as far as a database has them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Connectives {
    implication: Option<Head>,
    and: Option<Head>,
    and3: Option<Head>,
}

impl Connectives {
    /// Implication is what modus ponens takes apart (an axiom `ps` from `ph` and `( ph -> ps )`); conjunctions go by
    /// set.mm's labels `wa` and `w3a`.
    pub fn new(theory: &Theory) -> Connectives {
        let arena = &theory.arena;
        let ponens = |p: u32| {
            let x = theory.premise(PremiseId(p))?;
            let axiom = theory.db.source.assertions[p as usize].proof.is_none();
            let (&[minor, major], goal) = (x.hyps, x.conclusion) else { return None };
            let bare = arena.head(minor).as_meta().is_some() && arena.head(goal).as_meta().is_some();
            (axiom && bare && minor != goal && arena.children(major) == [minor, goal]).then(|| arena.head(major))
        };
        let syntax = |label: &str| theory.db.source.assertion(label).map(Head::syntax);
        Connectives {
            implication: (0..theory.db.len() as u32).find_map(ponens),
            and: syntax("wa").filter(|_| theory.db.source.assertion("simpl").is_some()),
            and3: syntax("w3a").filter(|_| theory.db.source.assertion("simp1").is_some()),
        }
    }
    /// The syntax axiom of implications, where the database has modus ponens.
    pub fn implication(&self) -> Option<AssertionId> {
        match self.implication?.kind() {
            HeadKind::Syntax(a) => Some(a),
            _ => None,
        }
    }
    /// The antecedent and the consequent of an implication.
    pub fn parts(&self, arena: &Arena, t: TermId) -> Option<(TermId, TermId)> {
        let &[left, right] = arena.children(t) else { return None };
        (Some(arena.head(t)) == self.implication).then_some((left, right))
    }
    fn imply(&self, arena: &mut Arena, left: TermId, right: TermId) -> Option<TermId> {
        Some(arena.make(self.implication?, &[left, right]))
    }
    fn conjunction(&self, arena: &mut Arena, of: &[TermId]) -> Option<TermId> {
        match of.len() {
            1 => of.first().copied(),
            2 => Some(arena.make(self.and?, of)),
            3 => Some(arena.make(self.and3?, of)),
            _ => None,
        }
    }
    /// A deduction without its antecedent: `ps => ch` for `( ph -> ps ) => ( ph -> ch )`, where the variable `ph` is used
    /// for nothing else.
    pub fn inference_of(&self, arena: &Arena, task: &Task) -> Option<Task> {
        let (ph, goal) = self.parts(arena, task.goal)?;
        arena.head(ph).as_variable()?;
        let hyps = task.hyps.iter().map(|&h| self.parts(arena, h).filter(|p| p.0 == ph).map(|p| p.1));
        let hyps: Vec<TermId> = hyps.collect::<Option<_>>()?;
        let v = arena.head(ph).as_variable()?;
        let elsewhere = hyps.iter().chain([&goal]).any(|&t| arena.variables(t).contains(&v));
        (!elsewhere).then(|| Task { goal, hyps, ..task.clone() })
    }
    /// Whether a statement is said under a variable as antecedent, and so are its hypotheses, if it has some, at least one.
    pub fn is_deduction(&self, arena: &Arena, task: &Task) -> bool {
        let Some((ph, _)) = self.parts(arena, task.goal).filter(|p| arena.head(p.0).as_variable().is_some()) else {
            return false;
        };
        let under = |&h: &TermId| self.parts(arena, h).is_some_and(|p| p.0 == ph);
        task.hyps.is_empty() || task.hyps.iter().any(under)
    }
    /// The other forms of a statement, each with what the statement is to it.
    fn forms(&self, arena: &mut Arena, task: &Task) -> Vec<(Task, Form)> {
        let mut out = Vec::new();
        let mut plain: Vec<(Task, Form)> = vec![(task.clone(), Form::Closed)];
        plain.extend(self.inference_of(arena, task).map(|t| (t, Form::Deduction)));
        for (k, (t, _)) in plain.clone().into_iter().enumerate() {
            let as_is = |form| if k == 0 { form } else { Form::Deduction };
            // closed: the hypotheses as antecedent
            if let Some(all) = self.conjunction(arena, &t.hyps) {
                let goal = self.imply(arena, all, t.goal);
                out.extend(goal.map(|goal| (Task { goal, hyps: Vec::new(), ..t.clone() }, as_is(Form::Inference))));
            }
            // inference: the antecedent as hypothesis
            if let (true, Some((left, goal))) = (t.hyps.is_empty(), self.parts(arena, t.goal)) {
                let mut hyps = vec![left];
                let joined = Some(arena.head(left));
                if joined == self.and || joined == self.and3 {
                    hyps = arena.children(left).to_vec();
                }
                plain.push((Task { goal, hyps, ..t.clone() }, as_is(Form::Closed)));
            }
        }
        out.extend(plain.into_iter().skip(1));
        out
    }
    /// An assertion of the database that another form of a task is an instance of.
    pub fn variant(&self, missed: &Missed<'_>, task: &Task, worker: &mut Worker) -> Option<Variant> {
        let forms = self.forms(&mut worker.arena, task);
        forms.iter().find_map(|(task, form)| {
            let of = missed.one_step(task, worker)?;
            let exact = is_renaming(missed.theory(), of, task, &worker.arena);
            Some(Variant { of, form: *form, exact })
        })
    }
}

/// Whether a task, which is an instance of an assertion, says the same with other variables.
fn is_renaming(theory: &Theory, a: AssertionId, task: &Task, arena: &Arena) -> bool {
    let Some(premise) = theory.premise(a.into()) else { return false };
    let size = |arena: &Arena, goal: TermId, hyps: &[TermId]| {
        arena.size(goal) as usize + hyps.iter().map(|&h| arena.size(h) as usize).sum::<usize>()
    };
    let mut variables = arena.variables(task.goal);
    variables.extend(task.hyps.iter().flat_map(|&h| arena.variables(h)));
    variables.sort_unstable();
    variables.dedup();
    variables.len() == premise.variables.len()
        && task.hyps.len() == premise.hyps.len()
        && size(arena, task.goal, &task.hyps) == size(&theory.arena, premise.conclusion, premise.hyps)
}

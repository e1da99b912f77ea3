//! The machine's interface to Metamath, as two traits: the source of assertions and the judge of proofs.

use crate::metamath_db::ids::{AssertionId, TermId};
use crate::metamath_db::terms::term::{Arena, Head};
use smallvec::SmallVec;

/// The meaning of a label in a program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reference {
    /// An assertion that may be used for this task.
    Assertion(AssertionId),
    /// One of the task's own `$e` hypotheses, by index.
    Hypothesis(u32),
}

/// An assertion, its variables replaced by metavariables `0..metavariables`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scheme {
    /// Number of metavariables (mandatory variables, in the order of their `$f` hypotheses).
    pub metavariables: u32,
    /// The conclusion, as a statement.
    pub conclusion: TermId,
    /// The `$e` hypotheses that need a proof, in order.
    pub hypotheses: SmallVec<[TermId; 4]>,
    /// The `$d` pairs, as pairs of metavariables.
    pub distinct: SmallVec<[(u32, u32); 4]>,
}

/// A learned composite, as CALL sees it (docs/isa.md).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Composite {
    /// Level 1: a lemma, which is an assertion.
    Lemma(AssertionId),
    /// Level 2: steps, children before parents; the last one is applied to the goal.
    Schema(Vec<SchemaStep>),
}

/// One step of a schema.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SchemaStep {
    /// The rule applied.
    pub by: SchemaRule,
    /// The steps that prove its hypotheses, in order.
    pub children: SmallVec<[u32; 4]>,
}

/// The rule that a schema's step applies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SchemaRule {
    /// An assertion; whether it is a lemma of the library.
    Assertion(AssertionId, bool),
    /// A label hole.
    Hole,
    /// Nothing: the goal stays open.
    Open,
}

/// The assertions and names that a program may use. All terms are of the arena that the machine was given.
pub trait Assertions {
    /// Looks a label up. `None` if nothing that this task may use has this label.
    fn lookup(&self, label: &str) -> Option<Reference>;
    /// The learned composite of this name.
    ///
    /// # Errors
    /// The claim that fails: none has this name, or it needs what may not be used here.
    fn composite(&self, name: &str) -> Result<Composite, String> {
        Err(format!("{name} is a composite of the library, which this machine does not have"))
    }
    /// The assertion with this id, which [`Assertions::lookup`] has given.
    fn scheme(&self, id: AssertionId) -> Scheme;
    /// The term of the task's own hypothesis with this index.
    fn hypothesis(&self, index: u32) -> Option<TermId>;
    /// The head that a syntax axiom's label or a variable's `$f` label stands for, with the number of its children.
    fn head(&self, name: &str) -> Option<(Head, usize)>;
    /// The label of a head that is no metavariable.
    fn head_name(&self, head: Head) -> String;
    /// The term as a formula of the database, for people; none if there is no database.
    fn formula(&self, arena: &Arena, t: TermId) -> Option<String> {
        let _ = (arena, t);
        None
    }
    /// The term of a goal or a fact as a statement of the database, for people: the formula with its typecode.
    fn statement(&self, arena: &Arena, t: TermId) -> Option<String> {
        let _ = (arena, t);
        None
    }
    /// The label of an assertion that [`Assertions::lookup`] has given; none if there is no database.
    fn label(&self, id: AssertionId) -> Option<String> {
        let _ = id;
        None
    }
}

impl<T: Assertions + ?Sized> Assertions for &T {
    fn lookup(&self, label: &str) -> Option<Reference> {
        (**self).lookup(label)
    }
    fn composite(&self, name: &str) -> Result<Composite, String> {
        (**self).composite(name)
    }
    fn scheme(&self, id: AssertionId) -> Scheme {
        (**self).scheme(id)
    }
    fn hypothesis(&self, index: u32) -> Option<TermId> {
        (**self).hypothesis(index)
    }
    fn head(&self, name: &str) -> Option<(Head, usize)> {
        (**self).head(name)
    }
    fn head_name(&self, head: Head) -> String {
        (**self).head_name(head)
    }
    fn formula(&self, arena: &Arena, t: TermId) -> Option<String> {
        (**self).formula(arena, t)
    }
    fn statement(&self, arena: &Arena, t: TermId) -> Option<String> {
        (**self).statement(arena, t)
    }
    fn label(&self, id: AssertionId) -> Option<String> {
        (**self).label(id)
    }
}

/// No database: nothing can be named, nothing can be proved.
#[derive(Clone, Copy, Default, Debug)]
pub struct Nothing;

impl Assertions for Nothing {
    fn lookup(&self, _: &str) -> Option<Reference> {
        None
    }
    fn scheme(&self, _: AssertionId) -> Scheme {
        unreachable!("the machine asks only for what lookup gave")
    }
    fn hypothesis(&self, _: u32) -> Option<TermId> {
        None
    }
    fn head(&self, _: &str) -> Option<(Head, usize)> {
        None
    }
    fn head_name(&self, head: Head) -> String {
        format!("?{}", head.as_meta().unwrap_or(0))
    }
}

impl Judge for Nothing {
    fn name(&self) -> String {
        "no judge".to_owned()
    }
    fn judge(&self, _: &mut Arena, _: &ProofObject) -> Result<(), String> {
        Err("the machine has no database".to_owned())
    }
}

/// The justification of one step of a proof.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Justification {
    /// An assertion.
    Assertion(AssertionId),
    /// The task's own hypothesis with this index.
    Hypothesis(u32),
}

/// One step of a [`ProofObject`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProofStep {
    /// Assertion or own hypothesis.
    pub by: Justification,
    /// The substitution: the terms for the assertion's metavariables, in order; ground.
    pub substitution: Vec<TermId>,
    /// The steps that prove the assertion's hypotheses, in order; all smaller than this step's index.
    pub premises: Vec<u32>,
    /// The conclusion; ground.
    pub conclusion: TermId,
}

/// A proof as a DAG: premises first, a shared goal once, the last step proves the goal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProofObject {
    /// The statement proved.
    pub goal: TermId,
    /// The steps.
    pub steps: Vec<ProofStep>,
}

/// A judge, which accepts or refuses proof objects.
pub trait Judge {
    /// Its name, for the obligation.
    fn name(&self) -> String;
    /// Judges a proof; an error is the reason for refusal. The arena is the machine's: it may grow, and ids stay valid.
    fn judge(&self, arena: &mut Arena, proof: &ProofObject) -> Result<(), String>;
    /// Judges a proof from further hypotheses, which [`Justification::Hypothesis`] counts after the task's own.
    fn judge_from(&self, arena: &mut Arena, hypotheses: &[TermId], proof: &ProofObject) -> Result<(), String> {
        let _ = (arena, hypotheses, proof);
        Err("this judge takes no further hypotheses".into())
    }
    /// Judges a lemma of the library, with the lemmas that its proof calls.
    fn judge_lemma(&self, arena: &mut Arena, id: AssertionId) -> Result<(), String> {
        let _ = (arena, id);
        Err("this judge knows no lemmas".into())
    }
}

impl<T: Judge + ?Sized> Judge for &T {
    fn name(&self) -> String {
        (**self).name()
    }
    fn judge(&self, arena: &mut Arena, proof: &ProofObject) -> Result<(), String> {
        (**self).judge(arena, proof)
    }
    fn judge_from(&self, arena: &mut Arena, hypotheses: &[TermId], proof: &ProofObject) -> Result<(), String> {
        (**self).judge_from(arena, hypotheses, proof)
    }
    fn judge_lemma(&self, arena: &mut Arena, id: AssertionId) -> Result<(), String> {
        (**self).judge_lemma(arena, id)
    }
}

//! Closers: decision procedures that prove all goals of a class, or show that a goal is hopeless.
//!
//! The search calls them when it first expands a ground goal. Their proofs are elaborated before they count, and judged
//! at the end like all others. A closer may use only the premises that the task may use.

mod numbers;
pub(super) mod propositional;

pub use numbers::claim;
pub use propositional::{pure, Question, Table, Tables};

use crate::dsl::theory::library::{PremiseId, Proof, Task, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;

/// The surroundings in which a closer works.
pub struct Site<'a> {
    /// The theory, whose assertions and lemmas are the premises.
    pub theory: &'a Theory,
    /// The task, whose goal differs from the goal to be closed.
    pub task: &'a Task,
    /// The arena of the search; terms that a closer makes may stay there.
    pub arena: &'a mut Arena,
    /// Whether the rules and the task allow a premise.
    pub allowed: &'a dyn Fn(PremiseId) -> bool,
}

/// A decision procedure.
pub trait Closer: Send + Sync {
    /// The name of the procedure, by which it can be selected.
    fn name(&self) -> &'static str;
    /// Proves a ground goal; `None` if the goal is not of its class, or no proof was found within its bounds.
    fn close(&self, goal: TermId, site: &mut Site<'_>) -> Option<Proof>;
    /// Truth values of parts of the goals under which the task's hypotheses are true and the goals are not. `None` if
    /// [`Closer::refutes`] does not refute the goals, or refutes them without truth values.
    fn countermodel(&self, goals: &[TermId], site: &mut Site<'_>) -> Option<Vec<(TermId, bool)>> {
        let _ = (goals, site);
        None
    }
    /// Whether no substitution of their metavariables makes all these goals provable. Must be sound.
    fn refutes(&self, goals: &[TermId], site: &mut Site<'_>) -> bool {
        let _ = (goals, site);
        false
    }
}

/// The closers for which a theory has the premises, in the order in which they are called.
///
/// # Examples
/// ```
/// # use metadream_core::dsl::theory::library::Theory;
/// # use metadream_core::metamath_db::database::Database;
/// # use std::sync::Arc;
/// # let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../metamath_db/starter.mm"));
/// # let theory = Arc::new(Theory::new(Arc::new(Database::load(text.into()).unwrap())));
/// use metadream_core::wake_sleep::closers::{closers, Site};
/// use metadream_core::wake_sleep::ranking::ranker::usable_premises;
///
/// let (mut arena, usable) = (theory.arena.clone(), usable_premises(&theory));
/// let task = theory.find_task("a1i", &mut arena).unwrap();
/// let closer = closers(&theory).remove(0);
/// assert_eq!(closer.name(), "propositional");
/// let mut site = Site { theory: &theory, task: &task, arena: &mut arena, allowed: &|p| usable[p.index()] };
/// let proof = closer.close(task.goal, &mut site).unwrap();
/// assert!(theory.elaborate(&task, &proof, &mut arena).is_ok());
/// ```
pub fn closers(theory: &Theory) -> Vec<Box<dyn Closer>> {
    let mut out: Vec<Box<dyn Closer>> = vec![Box::new(propositional::Propositional::new(theory))];
    if let Some(numbers) = numbers::Numbers::new(theory) {
        out.push(Box::new(numbers));
    }
    out
}

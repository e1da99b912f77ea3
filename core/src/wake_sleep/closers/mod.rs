//! Closers: decision procedures that answer a whole class of goals with a real proof, or say that a goal is hopeless.
//!
//! The search asks them when it first looks at a ground goal; what they give is elaborated before it counts, and judged
//! at the end like everything else. A closer may use only what the task may use.

mod numbers;
pub(super) mod propositional;

pub use numbers::claim;
pub use propositional::{pure, Question, Table, Tables};

use crate::dsl::theory::library::{PremiseId, Proof, Task, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;

/// What a closer may look at and use.
pub struct Site<'a> {
    /// Premises.
    pub theory: &'a Theory,
    /// The task; its goal is not the goal that is asked for.
    pub task: &'a Task,
    /// Terms of the search; what a closer makes may stay there.
    pub arena: &'a mut Arena,
    /// Whether the rules and the task allow a premise.
    pub allowed: &'a dyn Fn(PremiseId) -> bool,
}

/// One decision procedure.
pub trait Closer: Send + Sync {
    /// Its name, by which one of them can be asked alone.
    fn name(&self) -> &'static str;
    /// A proof of a ground goal; `None` if the goal is not of its class, or no proof was found within its bounds.
    fn close(&self, goal: TermId, site: &mut Site<'_>) -> Option<Proof>;
    /// Truth values of parts of the goals at which what is given is true and they are not; `None` where
    /// [`Closer::refutes`] does not refute them, or by other procedure.
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

/// The closers that a theory has the premises for, in the order in which they are asked.
pub fn closers(theory: &Theory) -> Vec<Box<dyn Closer>> {
    let mut out: Vec<Box<dyn Closer>> = vec![Box::new(propositional::Propositional::new(theory))];
    if let Some(numbers) = numbers::Numbers::new(theory) {
        out.push(Box::new(numbers));
    }
    out
}

//! Propositional logic: goals that cannot be proved, and proofs of goals that follow by truth table.
//!
//! Connectives and the theorems about them are found by truth tables and shape ([`tables`]), never by label.
//! *Refuting*: before the first axiom that is more than propositional, whatever is provable follows from the hypotheses
//! under each assignment of the atoms. So goals are hopeless if under some assignment no values of their metavariables
//! make them true. *Closing*: a ground goal that follows, with non-propositional parts as atoms, is proved by the
//! premises about connectives that the task may use ([`attempt`], [`rules`]). A goal that does not follow costs one
//! truth table, any other a bounded search.

mod attempt;
pub(in crate::wake_sleep) mod rules;
pub(in crate::wake_sleep) mod tables;
mod weights;

use super::{Closer, Site};
use crate::dsl::theory::library::{PremiseId, Proof, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use attempt::{Attempt, Procedure};
pub use rules::pure;
use rules::Rules;
pub use tables::{Question, Table, Tables};
use weights::Weights;

/// The closer. See the module head.
pub struct Propositional(Procedure);

impl Propositional {
    /// Finds the connectives of a theory and the premises about them.
    pub fn new(theory: &Theory) -> Propositional {
        let tables = Tables::new(theory);
        let rules = Rules::new(theory, &tables);
        let weights = [true, false].map(|basic| Weights::new(theory, &tables, basic));
        Propositional(Procedure { tables, rules, weights })
    }
    /// The truth tables of the connectives.
    pub(in crate::wake_sleep) fn tables(&self) -> &Tables {
        &self.0.tables
    }
    /// Proves a goal from hypotheses; with all passes of the search if `thorough`. `None` if the goal does not follow
    /// or no proof is found.
    pub(in crate::wake_sleep) fn prove(
        &self,
        hyps: &[TermId],
        goal: TermId,
        arena: &mut Arena,
        allowed: &dyn Fn(PremiseId) -> bool,
        thorough: bool,
    ) -> Option<Proof> {
        let mut question = Question::default();
        let main: Vec<TermId> = hyps.iter().copied().filter(|&h| !arena.head(h).is_judgement()).collect();
        let given = self.0.tables.related(&mut question, arena, goal, &main);
        if self.0.tables.follows(&mut question, arena, &given, &[goal]) != Some(true) {
            return None;
        }
        Attempt::new(&self.0, arena, hyps, given, allowed).run(goal, thorough)
    }
}

impl Closer for Propositional {
    fn name(&self) -> &'static str {
        "propositional"
    }
    fn close(&self, goal: TermId, site: &mut Site<'_>) -> Option<Proof> {
        if site.arena.head(goal).is_judgement() {
            return None;
        }
        self.prove(&site.task.hyps, goal, site.arena, site.allowed, goal == site.task.goal)
    }
    fn countermodel(&self, goals: &[TermId], site: &mut Site<'_>) -> Option<Vec<(TermId, bool)>> {
        let found = (site.task.limit <= self.0.tables.sound())
            .then(|| self.0.tables.countermodel(site.arena, &site.task.hyps, goals))
            .flatten();
        found.map(|f| f.into_vec())
    }
    fn refutes(&self, goals: &[TermId], site: &mut Site<'_>) -> bool {
        site.task.limit <= self.0.tables.sound()
            && self.0.tables.follows(&mut Question::default(), site.arena, &site.task.hyps, goals) == Some(false)
    }
}

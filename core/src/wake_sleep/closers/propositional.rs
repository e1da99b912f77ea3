//! Propositional logic: goals that no proof can have, and proofs of goals that follow by truth table.
//!
//! What a premise says about connectives is read off the database ([`tables`]), never off a label. *Refuting*: before
//! the first axiom that is more than propositional, whatever is provable follows from the hypotheses at each assignment
//! of the atoms; so goals that at some assignment have no values of their metavariables are hopeless. *Closing*: a
//! ground goal that follows, non-propositional parts taken as atoms, is proved by what premises about connectives the
//! task may use ([`attempt`], [`rules`]). Price: a goal that does not follow costs one truth table; one that follows a
//! bounded search.

mod attempt;
mod rules;
mod tables;
mod weights;

use super::{Closer, Site};
use crate::dsl::library::{Proof, Theory};
use crate::metamath_db::ids::TermId;
use attempt::{Attempt, Means};
pub use rules::pure;
use rules::Rules;
use tables::Question;
pub use tables::{Table, Tables};
use weights::Weights;

/// The closer. See the module head.
pub struct Propositional(Means);

impl Propositional {
    /// Reads the connectives and the premises about them off a theory.
    pub fn new(theory: &Theory) -> Propositional {
        let tables = Tables::new(theory);
        let rules = Rules::new(theory, &tables);
        let weights = [true, false].map(|basic| Weights::new(theory, &tables, basic));
        Propositional(Means { tables, rules, weights })
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
        let mut question = Question::default();
        let main = site.task.hyps.iter().copied().filter(|&h| !site.arena.head(h).is_judgement());
        let main: Vec<TermId> = main.collect();
        let given = self.0.tables.related(&mut question, site.arena, goal, &main);
        if self.0.tables.follows(&mut question, site.arena, &given, &[goal]) != Some(true) {
            return None;
        }
        Attempt::new(&self.0, site, given).run(goal)
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

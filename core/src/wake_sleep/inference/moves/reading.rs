//! A reading of an assertion and a move, which is what its twins have in common ([`super::readings`]).

use super::sequents::Terms;
use crate::dsl::theory::library::{PremiseId, Task, Theory};
use crate::metamath_db::ids::{SymbolId, TermId};
use smallvec::SmallVec;

/// Something that a move leaves to be answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// What joins Γ.
    pub added: Terms,
    /// The formula to be answered.
    pub goal: TermId,
    /// Whether it may use the Γ of the goal.
    pub inherits: bool,
    /// Whether of that Γ only what the move passes on (not the member taken apart, nothing that `apart` forbids): so it is
    /// for hypotheses. Antecedents are answered in all of Γ.
    pub restricted: bool,
}

/// Where a part of a reading comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// The hypothesis of this number.
    Hyp(u8),
    /// An antecedent, or the other side of an equivalence.
    Conclusion,
}

/// One assertion as one of the twins of a move.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    /// The assertion.
    pub premise: PremiseId,
    /// By metavariable of the move, the premise's.
    pub metas: SmallVec<[u16; 8]>,
    /// The premise's metavariables that stand for the whole context.
    pub contexts: SmallVec<[u16; 1]>,
    /// By part of the move, where it comes from.
    pub sources: SmallVec<[Source; 3]>,
    /// By part of the move, whether this twin lets it use Γ. A weak twin does not where the move does.
    pub inherits: SmallVec<[bool; 3]>,
    /// Whether it asks for more `$d` conditions than the move.
    pub strict: bool,
    /// Whether it says the goal the other way round than the move.
    pub turned: bool,
    /// Where it says something the other way round than the move, it is a twin for tasks from this assertion on.
    pub since: u32,
}

impl Reading {
    /// Whether it is there for a task, under no more conditions than the move.
    pub fn is_there(&self, theory: &Theory, task: &Task) -> bool {
        !self.strict && self.since <= task.limit.0 && theory.stands_before(self.premise, task)
    }
}

/// What some assertions that say the same can do for a sequent.
#[derive(Clone, Debug)]
pub struct Move {
    /// What it answers, over metavariables `0..variables.len()`.
    pub goal: TermId,
    /// The goal with its sides exchanged, if it is symmetric.
    pub exchanged: Option<TermId>,
    /// Whether with its goal exchanged it is the same move: `A = C` from `A = B` and `B = C`.
    pub even: bool,
    /// The member of Γ that it takes apart; then the goal is a bare metavariable, and Γ goes on without that member.
    pub takes: Option<TermId>,
    /// The same with its sides exchanged.
    pub takes_exchanged: Option<TermId>,
    /// What it leaves.
    pub parts: SmallVec<[Part; 3]>,
    /// The variables that the metavariables stand for; they give typecodes.
    pub variables: SmallVec<[SymbolId; 8]>,
    /// `$d` pairs of metavariables, smaller first, sorted.
    pub disjoint: Vec<(u16, u16)>,
    /// Metavariables whose values share no variable with a Γ that is passed on.
    pub apart: SmallVec<[u16; 2]>,
    /// A metavariable that stands for the conjunction of the Γ that is passed on, where an assertion speaks of that formula.
    pub whole: Option<u16>,
    /// Whether it is about connectives alone.
    pub glue: bool,
    /// The assertions, in the order of the database. The first one lets all parts use Γ that can.
    pub readings: Vec<Reading>,
}

impl Move {
    /// Whether the move is there for a task, if only as a weak twin lets: some twin that asks for no more conditions stands
    /// before it and is `allowed`.
    pub fn is_allowed(&self, theory: &Theory, task: &Task, allowed: &dyn Fn(PremiseId) -> bool) -> bool {
        self.readings.iter().any(|r| r.is_there(theory, task) && allowed(r.premise))
    }
    /// The twins that let each part use Γ that the move lets, under no more conditions.
    pub fn strong(&self) -> impl Iterator<Item = &Reading> {
        self.readings.iter().filter(|r| self.is_strong(r))
    }
    pub(super) fn is_strong(&self, r: &Reading) -> bool {
        !r.strict && r.inherits.iter().zip(&self.parts).all(|(own, p)| *own == p.inherits)
    }
    /// In how many ways it may answer a symmetric goal.
    pub fn ways(&self) -> usize {
        1 + usize::from(!self.even && (self.exchanged.is_some() || self.takes.is_some()))
    }
    /// Its goal in the ways in which it answers.
    pub fn goals(&self) -> impl Iterator<Item = TermId> {
        [Some(self.goal), self.exchanged.filter(|_| !self.even)].into_iter().flatten()
    }
    /// What it takes apart, in the ways in which it does.
    pub fn taken(&self) -> impl Iterator<Item = TermId> {
        [self.takes, self.takes_exchanged].into_iter().flatten()
    }
    /// Whether it can do all that another move of the same goal and parts can.
    pub(super) fn covers(&self, other: &Move) -> bool {
        let passed = |k: usize| self.parts[k].inherits && (!self.restricts(k) || other.restricts(k));
        // where nothing of Γ is passed on, nothing of it is forbidden
        let passes = other.parts.iter().any(|p| p.inherits);
        (0..self.parts.len()).all(|k| !other.parts[k].inherits || passed(k))
            && self.disjoint.iter().all(|pair| other.disjoint.contains(pair))
            && (!passes || self.apart.iter().all(|m| other.apart.contains(m)))
    }
    /// Whether its conditions are fewer than those of a move that it covers.
    pub(super) fn asks_less(&self, other: &Move) -> bool {
        let more = |k: usize| other.restricts(k) && !self.restricts(k);
        self.disjoint.len() < other.disjoint.len()
            || self.apart.len() < other.apart.len()
            || (0..self.parts.len()).any(more)
    }
    /// Whether a part gets less than all of Γ.
    fn restricts(&self, part: usize) -> bool {
        let part = &self.parts[part];
        part.inherits && part.restricted && (self.takes.is_some() || !self.apart.is_empty())
    }
}

//! A reading of an assertion, and the move that its twins share ([`super::readings`]).

use super::sequents::Terms;
use crate::dsl::theory::library::{PremiseId, Task, Theory};
use crate::metamath_db::ids::{SymbolId, TermId};
use smallvec::SmallVec;

/// A part of a move: something that it leaves to be proved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// The formulas that are added to Γ.
    pub added: Terms,
    /// The formula to be proved.
    pub goal: TermId,
    /// Whether the part may use the Γ of the goal.
    pub inherits: bool,
    /// Whether of that Γ it may use only the members that the move passes on: not the member taken apart, and none that
    /// `apart` excludes. This is so for hypotheses of assertions; antecedents are proved in all of Γ.
    pub restricted: bool,
}

/// The origin of a part of a reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// The hypothesis of the assertion with this number.
    Hyp(u8),
    /// An antecedent of the conclusion, or the other side of its equivalence.
    Conclusion,
}

/// One assertion as a twin of a move.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    /// The assertion.
    pub premise: PremiseId,
    /// For each metavariable of the move, that of the premise.
    pub metas: SmallVec<[u16; 8]>,
    /// The premise's metavariables that stand for all of Γ.
    pub contexts: SmallVec<[u16; 1]>,
    /// For each part of the move, its origin.
    pub sources: SmallVec<[Source; 3]>,
    /// For each part of the move, whether this twin lets it use Γ. A weak twin does not let some part that the move
    /// lets.
    pub inherits: SmallVec<[bool; 3]>,
    /// Whether it has more `$d` conditions than the move.
    pub strict: bool,
    /// Whether its goal is that of the move with the sides exchanged.
    pub turned: bool,
    /// The first assertion from which on it may serve as a twin. It is not 0 where an orientation differs from the
    /// move's, which needs the proof of symmetry.
    pub since: u32,
}

impl Reading {
    /// Whether a task may use it, without further `$d` conditions: it stands before the task, and so does what it
    /// needs.
    pub fn is_there(&self, theory: &Theory, task: &Task) -> bool {
        !self.strict && self.since <= task.limit.0 && theory.stands_before(self.premise, task)
    }
}

/// A step on a sequent that several assertions, its twins, can justify.
#[derive(Clone, Debug)]
pub struct Move {
    /// The formula that it answers, over metavariables `0..variables.len()`.
    pub goal: TermId,
    /// The goal with its sides exchanged, if it is a symmetric relation.
    pub exchanged: Option<TermId>,
    /// Whether the move with its goal exchanged is the same move: `A = C` from `A = B` and `B = C`.
    pub even: bool,
    /// The member of Γ that it takes apart. Then the goal is a bare metavariable, and that member is not passed on.
    pub takes: Option<TermId>,
    /// `takes` with its sides exchanged, if it is a symmetric relation.
    pub takes_exchanged: Option<TermId>,
    /// The parts that it leaves to be proved.
    pub parts: SmallVec<[Part; 3]>,
    /// For each metavariable, the variable that it stands for, which gives its typecode.
    pub variables: SmallVec<[SymbolId; 8]>,
    /// The `$d` pairs of metavariables, the smaller number first, sorted.
    pub disjoint: Vec<(u16, u16)>,
    /// The metavariables whose values must share no variable with the Γ that is passed on.
    pub apart: SmallVec<[u16; 2]>,
    /// The metavariable that stands for the conjunction of the Γ that is passed on, if the assertion mentions that
    /// formula.
    pub whole: Option<u16>,
    /// Whether its assertions are about connectives alone.
    pub glue: bool,
    /// The twins, in the order of the database. The first one lets every part use Γ that the move lets.
    pub readings: Vec<Reading>,
}

impl Move {
    /// Whether a task may use the move, be it by a weak twin: some twin without further `$d` conditions stands before
    /// the task and is `allowed`.
    pub fn is_allowed(&self, theory: &Theory, task: &Task, allowed: &dyn Fn(PremiseId) -> bool) -> bool {
        self.readings.iter().any(|r| r.is_there(theory, task) && allowed(r.premise))
    }
    /// The strong twins: those that let each part use Γ that the move lets, without further conditions.
    pub fn strong(&self) -> impl Iterator<Item = &Reading> {
        self.readings.iter().filter(|r| self.is_strong(r))
    }
    pub(super) fn is_strong(&self, r: &Reading) -> bool {
        !r.strict && r.inherits.iter().zip(&self.parts).all(|(own, p)| *own == p.inherits)
    }
    /// The number of orientations in which it may answer a goal: 1 or 2.
    pub fn ways(&self) -> usize {
        1 + usize::from(!self.even && (self.exchanged.is_some() || self.takes.is_some()))
    }
    /// Its goal in each of these orientations.
    pub fn goals(&self) -> impl Iterator<Item = TermId> {
        [Some(self.goal), self.exchanged.filter(|_| !self.even)].into_iter().flatten()
    }
    /// The member that it takes apart, in each orientation.
    pub fn taken(&self) -> impl Iterator<Item = TermId> {
        [self.takes, self.takes_exchanged].into_iter().flatten()
    }
    /// Whether it can do all that another move with the same goal and parts can do.
    pub(super) fn covers(&self, other: &Move) -> bool {
        let passed = |k: usize| self.parts[k].inherits && (!self.restricts(k) || other.restricts(k));
        // Where nothing of Γ is passed on, `apart` excludes nothing.
        let passes = other.parts.iter().any(|p| p.inherits);
        (0..self.parts.len()).all(|k| !other.parts[k].inherits || passed(k))
            && self.disjoint.iter().all(|pair| other.disjoint.contains(pair))
            && (!passes || self.apart.iter().all(|m| other.apart.contains(m)))
    }
    /// Whether its conditions are strictly fewer than those of a move that it covers.
    pub(super) fn asks_less(&self, other: &Move) -> bool {
        let more = |k: usize| other.restricts(k) && !self.restricts(k);
        self.disjoint.len() < other.disjoint.len()
            || self.apart.len() < other.apart.len()
            || (0..self.parts.len()).any(more)
    }
    /// Whether a part may use less than all of Γ.
    fn restricts(&self, part: usize) -> bool {
        let part = &self.parts[part];
        part.inherits && part.restricted && (self.takes.is_some() || !self.apart.is_empty())
    }
}

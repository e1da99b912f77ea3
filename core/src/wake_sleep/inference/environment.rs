//! An environment for training provers: an attempt at one task, whose actions are decisions about ground sequents.
//!
//! Each decision concerns the first open goal. An action of the fixed action space has no operand: a move takes its
//! values from the goal and from the member of Γ that it takes apart. A move with further values is made by
//! [`Environment::decide`], which takes the text of a decision as in a content program (docs/isa.md). [`Texts`]
//! determines what a decision leaves, as for the machine, so a finished attempt is a content program.
//! [`Environment::proof`] checks the whole attempt again by other code and writes the Metamath proof.
//!
//! A step of a move costs one matching and one substitution. Listing the legal actions costs one matching for each move
//! that the index finds, builds no sequents, and is remembered by goal while the goal's terms are in the arena.

use super::moves::sequents::{consequent, context, sequent, Connectives, Terms};
use super::proof::{By, ContentProof, Node};
use super::scribe::Scribe;
use super::search::permits;
use super::text::{parts, refusal, Made, Texts};
use super::write::WriteError;
use crate::dsl::formulas::sequent::{show, GAP};
use crate::dsl::isa::Opcode;
use crate::dsl::machine::obligation::{FaultKind, Refusal};
use crate::dsl::programs::content::Decision;
use crate::dsl::theory::library::{PremiseId, Proof, Task};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::index::Query;
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::closers::Site;
use crate::wake_sleep::search::Options;
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;
use std::sync::Arc;

/// The consequent is a member of Γ.
pub const MEMBER: u32 = 0;
/// Antecedents join Γ; conjunctions and equivalences of compounds are taken apart.
pub const SPLIT: u32 = 1;
/// A decision procedure closes the goal.
pub const CLOSE: u32 = 2;
/// The first of the [`MAX_NUMBERED`] actions that use a hypothesis of the task.
pub const HYPS: u32 = 3;
/// The number of hypotheses, and of members of Γ, that have an action.
pub const MAX_NUMBERED: u32 = 16;
/// The first of the [`MAX_NUMBERED`] actions that read a member of Γ.
pub const USES: u32 = HYPS + MAX_NUMBERED;
/// The action of the first move; the others follow by number.
pub const MOVES: u32 = USES + MAX_NUMBERED;

/// A goal, and the decision about it.
#[derive(Clone)]
struct Cell {
    asked: TermId,
    by: Option<Decided>,
}

#[derive(Clone)]
struct Decided {
    made: Made,
    /// The cells of the goals that it leaves.
    below: Range<u32>,
    /// The decision procedure that closed it.
    closer: Option<&'static str>,
}

/// One attempt at a task. A clone is an independent attempt.
///
/// # Examples
/// ```
/// # use metadream_core::dsl::theory::library::Theory;
/// # use metadream_core::metamath_db::database::Database;
/// # use std::sync::Arc;
/// # let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../metamath_db/starter.mm"));
/// # let theory = Arc::new(Theory::new(Arc::new(Database::load(text.into()).unwrap())));
/// use metadream_core::wake_sleep::inference::{environment::Environment, scribe::Scribe};
/// use metadream_core::wake_sleep::ranking::ranker::usable_premises;
///
/// let scribe = Arc::new(Scribe::of(theory.clone(), &usable_premises(&theory)));
/// let mut attempt = Environment::new(scribe, |arena| theory.find_task("a1i", arena)).unwrap();
/// assert_eq!(attempt.open(), 1);
/// while let Some(&action) = attempt.legal().first() {
///     attempt.step(action).unwrap();
/// }
/// assert_eq!(attempt.open(), 0);
/// attempt.reset();
/// assert_eq!(attempt.open(), 1);
/// ```
#[derive(Clone)]
pub struct Environment {
    scribe: Arc<Scribe>,
    task: Task,
    options: Options,
    forbidden: FxHashSet<u32>,
    /// The numbers of the moves that stand after the task.
    late: Range<u32>,
    /// The connectives that stand before the task.
    connectives: Connectives,
    arena: Arena,
    /// The number of terms in the arena before the attempt.
    base: usize,
    cells: Vec<Cell>,
    /// The open cells; the first open goal is the last one.
    open: Vec<u32>,
    /// The decided cells, in order, each with the number of terms before the decision.
    decided: Vec<(u32, usize)>,
    /// By goal, the legal actions, once they were listed. The terms of these goals are in the arena.
    listed: FxHashMap<TermId, Arc<[u32]>>,
}

impl Environment {
    /// Creates an attempt at a task. `make` builds the task with its terms in the given arena.
    ///
    /// # Errors
    /// The error of `make`.
    pub fn new<E>(scribe: Arc<Scribe>, make: impl FnOnce(&mut Arena) -> Result<Task, E>) -> Result<Environment, E> {
        let prepared = &scribe.prepared;
        let mut arena = prepared.moves.arena.clone();
        let task = make(&mut arena)?;
        let (forbidden, moves) = (prepared.forbidden(&task, &arena), &prepared.moves);
        let late = moves.before(task.limit.0)..moves.before(prepared.theory.db.len() as u32);
        let connectives = moves.connectives.before(task.limit);
        let (base, options) = (arena.len(), Options::default());
        let mut made = Environment {
            scribe,
            task,
            options,
            forbidden,
            late,
            connectives,
            arena,
            base,
            cells: Vec::new(),
            open: Vec::new(),
            decided: Vec::new(),
            listed: FxHashMap::default(),
        };
        made.reset();
        Ok(made)
    }
    /// Returns to the beginning of the attempt.
    pub fn reset(&mut self) {
        self.arena.truncate(self.base);
        let root = sequent(&mut self.arena, self.task.goal, Terms::new());
        let asked = self.normal(root);
        self.cells = vec![Cell { asked, by: None }];
        (self.open, self.decided) = (vec![0], Vec::new());
        self.forget();
    }
    /// Drops the listings of goals whose terms are no longer in the arena.
    fn forget(&mut self) {
        let terms = self.arena.len();
        self.listed.retain(|goal, _| goal.index() < terms);
    }
    /// The goal with its antecedents in Γ, if it is taken apart into one sequent; else the goal itself.
    fn normal(&mut self, asked: TermId) -> TermId {
        match parts(&self.connectives, &mut self.arena, asked)[..] {
            [one] => one,
            _ => asked,
        }
    }
    /// The task.
    pub fn task(&self) -> &Task {
        &self.task
    }
    /// The number of actions, legal or not.
    pub fn actions(&self) -> u32 {
        MOVES + self.scribe.prepared.moves.all.len() as u32
    }
    /// The number of steps taken.
    pub fn steps(&self) -> usize {
        self.decided.len()
    }
    /// The number of open goals.
    pub fn open(&self) -> usize {
        self.open.len()
    }
    /// The open goals as texts, the first one first: the members of Γ, then the consequent.
    pub fn goals(&self) -> Vec<(Vec<String>, String)> {
        let db = &self.scribe.prepared.theory.db;
        let text = |&cell: &u32| {
            let s = self.cells[cell as usize].asked;
            let members = context(&self.arena, s).iter().map(|&m| db.show(&self.arena, m)).collect();
            (members, db.show_statement(&self.arena, consequent(&self.arena, s)))
        };
        self.open.iter().rev().map(text).collect()
    }
    /// The state as one text: the open goals, one on each line, the first one first. Equal states have equal texts.
    pub fn state(&self) -> String {
        let db = &self.scribe.prepared.theory.db;
        self.open.iter().rev().map(|&c| show(db, &self.arena, self.cells[c as usize].asked) + "\n").collect()
    }
    /// The name of an action: the opcode, and the label of the move's first assertion.
    pub fn name(&self, action: u32) -> Option<String> {
        let label = |k: u32| self.task.hyp_labels.get(k as usize);
        match action {
            MEMBER => Some("MEMBER".into()),
            SPLIT => Some("SPLIT".into()),
            CLOSE => Some("CLOSE".into()),
            HYPS..USES => label(action - HYPS).map(|l| format!("HYP {l}")),
            USES..MOVES => Some(format!("USE {}", action - USES + 1)),
            _ => {
                let m = self.scribe.prepared.moves.all.get((action - MOVES) as usize)?;
                Some(format!("APPLY {}", self.scribe.prepared.theory.label(m.readings[0].premise)))
            }
        }
    }
    /// The legal actions on the first open goal, sorted; empty if no goal is open.
    pub fn legal(&mut self) -> Arc<[u32]> {
        let Some(&cell) = self.open.last() else { return Arc::from([]) };
        let asked = self.cells[cell as usize].asked;
        if let Some(known) = self.listed.get(&asked) {
            return known.clone();
        }
        let legal: Arc<[u32]> = self.listing(asked).into();
        self.listed.insert(asked, legal.clone());
        legal
    }
    /// The legal actions of a sequent, sorted.
    fn listing(&mut self, asked: TermId) -> Vec<u32> {
        let (member, hyps, uses) = self.with_texts(|texts, arena| texts.given(asked, MAX_NUMBERED as usize, arena));
        let kept = self.arena.len();
        let mut legal = if member { vec![MEMBER] } else { Vec::new() };
        for action in [SPLIT, CLOSE] {
            if self.outcome(asked, action).is_ok() {
                legal.push(action);
            }
            self.arena.truncate(kept);
        }
        legal.extend(hyps.into_iter().map(|k| HYPS + k));
        legal.extend(uses.into_iter().map(|k| USES + k));
        legal.extend(self.moves_for(asked).into_iter().map(|n| MOVES + n));
        legal
    }
    /// The numbers of the moves that answer a sequent without a value that is written out, sorted. The indexes give those
    /// whose shapes fit; matching decides.
    fn moves_for(&mut self, asked: TermId) -> Vec<u32> {
        let moves = &self.scribe.prepared.moves;
        let (mut query, mut found, mut candidates) = (Query::default(), Vec::new(), Vec::new());
        let members = Terms::from(context(&self.arena, asked));
        moves.fitting(&self.arena, consequent(&self.arena, asked), false, &self.late, &mut query, &mut found);
        candidates.extend(found.drain(..).filter(|&n| moves.is_determined(n)).map(|n| (n, None)));
        for &member in &members {
            moves.fitting(&self.arena, member, true, &self.late, &mut query, &mut found);
            candidates.extend(found.drain(..).filter(|&n| moves.is_determined(n)).map(|n| (n, Some(member))));
        }
        candidates.sort_unstable();
        candidates.dedup();
        self.with_texts(|texts, arena| texts.answering(asked, &candidates, arena))
    }
    fn with_texts<T>(&mut self, work: impl FnOnce(Texts<'_>, &mut Arena) -> T) -> T {
        let Environment { scribe, task, options, forbidden, arena, .. } = self;
        let allowed = |p: PremiseId| permits(&scribe.prepared, task, options, forbidden, p);
        work(texts(scribe, task, &allowed), arena)
    }
    /// Takes an action on the first open goal and returns the number of goals that it leaves.
    ///
    /// # Errors
    /// The reason why the action is not legal. The state is unchanged then.
    pub fn step(&mut self, action: u32) -> Result<usize, Refusal> {
        let (cell, asked) = self.first()?;
        let kept = self.arena.len();
        match self.outcome(asked, action) {
            Ok((made, closer)) => Ok(self.take((cell, kept), made, closer)),
            Err(why) => {
                self.arena.truncate(kept);
                Err(why)
            }
        }
    }
    /// Takes a decision given as text, such as `APPLY syl  ps := ch`, on the first open goal and returns the number of
    /// goals that it leaves.
    ///
    /// # Errors
    /// The reason why the decision is not legal. The state is unchanged then.
    pub fn decide(&mut self, text: &str) -> Result<usize, Refusal> {
        let (cell, asked) = self.first()?;
        let decision = decision(text)?;
        let kept = self.arena.len();
        let done = match decision.opcode {
            Opcode::Close => self.closed(asked),
            _ => self.told(asked, &decision).map(|made| (made, None)),
        };
        match done {
            Ok((made, closer)) => Ok(self.take((cell, kept), made, closer)),
            Err(why) => {
                self.arena.truncate(kept);
                Err(why)
            }
        }
    }
    fn first(&self) -> Result<(u32, TermId), Refusal> {
        let cell = *self.open.last().ok_or_else(|| refusal(FaultKind::Empty, "no goal is open"))?;
        Ok((cell, self.cells[cell as usize].asked))
    }
    fn take(&mut self, (cell, kept): (u32, usize), made: Made, closer: Option<&'static str>) -> usize {
        let first = self.cells.len() as u32;
        for &left in &made.left {
            let asked = self.normal(left);
            self.cells.push(Cell { asked, by: None });
        }
        let below = first..self.cells.len() as u32;
        self.open.pop();
        self.open.extend(below.clone().rev());
        self.cells[cell as usize].by = Some(Decided { made, below, closer });
        self.decided.push((cell, kept));
        self.open.len()
    }
    /// Takes the last step back; returns whether there was one.
    pub fn undo(&mut self) -> bool {
        let Some((cell, kept)) = self.decided.pop() else { return false };
        let Some(by) = self.cells[cell as usize].by.take() else { return false };
        self.open.truncate(self.open.len() - by.below.len());
        self.cells.truncate(by.below.start as usize);
        self.open.push(cell);
        self.arena.truncate(kept);
        self.forget();
        true
    }
    /// The result of an action on a sequent, and the decision procedure that closes it, if any.
    fn outcome(&mut self, asked: TermId, action: u32) -> Result<(Made, Option<&'static str>), Refusal> {
        let simple = |opcode| Decision { opcode, label: None, words: String::new(), leaves: 0 };
        let none = || refusal(FaultKind::Operand, format!("no action has the number {action}"));
        let made = match action {
            MEMBER => self.told(asked, &simple(Opcode::Member)),
            SPLIT => self.told(asked, &simple(Opcode::Split)),
            CLOSE => return self.closed(asked),
            HYPS..USES => {
                let label = self.task.hyp_labels.get((action - HYPS) as usize).cloned().ok_or_else(none)?;
                self.told(asked, &Decision { label: Some(label), ..simple(Opcode::Hyp) })
            }
            USES..MOVES => {
                let member = context(&self.arena, asked).get((action - USES) as usize).copied().ok_or_else(none)?;
                let words = self.scribe.prepared.theory.db.show(&self.arena, member);
                self.told(asked, &Decision { words, ..simple(Opcode::Use) })
            }
            _ if action < self.actions() => self.moved(asked, action - MOVES),
            _ => Err(none()),
        };
        made.map(|made| (made, None))
    }
    fn moved(&mut self, asked: TermId, number: u32) -> Result<Made, Refusal> {
        self.with_texts(|texts, arena| texts.moved(asked, number, arena))
    }
    fn told(&mut self, asked: TermId, decision: &Decision) -> Result<Made, Refusal> {
        self.with_texts(|texts, arena| texts.decide(asked, decision, arena))
    }
    /// Closes a sequent by truth table, or else by the first decision procedure that proves it.
    fn closed(&mut self, asked: TermId) -> Result<(Made, Option<&'static str>), Refusal> {
        let words = "propositional".to_owned();
        let mut made = self.told(asked, &Decision { opcode: Opcode::Close, label: None, words, leaves: 0 })?;
        let proof = ContentProof { nodes: made.nodes.clone() };
        if self.scribe.confirm(&self.task, &proof, 0, &mut self.arena).is_ok() {
            return Ok((made, None));
        }
        let Environment { scribe, task, options, forbidden, connectives, arena, .. } = self;
        let allowed = |p: PremiseId| permits(&scribe.prepared, task, options, forbidden, p);
        let goal = connectives.formula(arena, made.answers);
        let mut site = Site { theory: &scribe.prepared.theory, task, arena, allowed: &allowed };
        let found = scribe.prepared.decided(None, goal, &mut site);
        let (name, proof) = found.ok_or_else(|| refusal(FaultKind::Unproved, "no decision procedure closes it"))?;
        let by = By::Closed { proof: Box::new(proof), propositional: false };
        made.nodes = vec![Node { sequent: made.answers, by, children: Default::default() }];
        Ok((made, Some(name)))
    }
    /// The Metamath proof of an attempt without open goals, checked and written, and its number of decisions. The
    /// judges have not checked it.
    ///
    /// # Errors
    /// The open goal, the fault, or the node that cannot be written.
    pub fn proof(&self) -> Result<(Proof, u64), String> {
        if !self.open.is_empty() {
            return Err(format!("{} goals are open", self.open.len()));
        }
        let (connectives, mut arena, mut content) = (&self.connectives, self.arena.clone(), ContentProof::default());
        let mut names: Vec<Option<String>> = Vec::new();
        let mut number = vec![0; self.cells.len()];
        for (n, cell) in self.cells.iter().enumerate().rev() {
            let by = cell.by.as_ref().ok_or("a goal is open")?;
            let below: Vec<u32> = by.below.clone().map(|k| number[k as usize]).collect();
            number[n] = content.add(&by.made, &below, connectives, &mut arena);
            names.resize(content.nodes.len(), None);
            names[number[n] as usize] = by.closer.map(str::to_owned);
        }
        let root = sequent(&mut arena, self.task.goal, Terms::new());
        content.in_words(number[0], root, connectives, &mut arena);
        names.resize(content.nodes.len(), None);
        let how = (&self.task, &self.options, self.task.goal);
        let done = self.scribe.written_from(how, (&content, &names), self.base, &mut arena);
        done.map_err(|why| match why {
            WriteError::Fault { why, .. } => why,
            other => other.to_string(),
        })
    }
    /// The arena with the terms of the attempt and of the task.
    pub fn arena(&self) -> &Arena {
        &self.arena
    }
}

fn texts<'a>(scribe: &'a Scribe, task: &'a Task, allowed: &'a dyn Fn(PremiseId) -> bool) -> Texts<'a> {
    let prepared = &scribe.prepared;
    Texts { theory: &prepared.theory, moves: &prepared.moves, tables: scribe.tables(), task, allowed }
}

/// Parses a decision: the opcode, the label if it takes one, and operands with two blanks between them.
fn decision(text: &str) -> Result<Decision, Refusal> {
    let wrong = |claim: String| refusal(FaultKind::Operand, claim);
    let (word, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    let opcode = Opcode::ALL.iter().copied().find(|o| o.is_content() && o.name() == word);
    let opcode = match opcode {
        Some(o) => o,
        None if word == Opcode::Hypothesize.name() => Opcode::Hypothesize,
        None => return Err(wrong(format!("expected a decision such as 'APPLY label', found '{word}'"))),
    };
    let (label, words) = match matches!(opcode, Opcode::Apply | Opcode::Hyp | Opcode::Replay) {
        true => {
            let (label, words) = rest.trim_start().split_once(GAP).unwrap_or((rest.trim(), ""));
            if label.is_empty() {
                return Err(wrong(format!("{word} takes a label")));
            }
            (Some(label.trim().to_owned()), words)
        }
        false => (None, rest),
    };
    Ok(Decision { opcode, label, words: words.trim().to_owned(), leaves: 0 })
}

#[cfg(test)]
mod tests;

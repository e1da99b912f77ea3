//! From a content proof to what people and judges read: its text, and the Metamath proof that is written for it.
//!
//! A proof is made anew before it is written ([`ContentProof::canonical`]), and decision procedures are asked once more, so
//! that the text of an answer gives the answer's own proof.

use super::glue::Glue;
use super::proof::{By, ContentProof};
use super::readings::Moves;
use super::search::{human_premises, permits, Prepared};
use super::text::{ContentText, Read, TextError, Texts};
use super::translate::decisions;
use super::write::{WriteError, Writer};
use crate::dsl::library::{PremiseId, Proof, Rule, Task, Theory};
use crate::metamath_db::term::Arena;
use crate::wake_sleep::closers::{Site, Tables};
use crate::wake_sleep::search::Options;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// What is written.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The Metamath proof.
    pub proof: Proof,
    /// The text that stands for it; `None` where it would not be read as it was meant.
    pub text: Option<ContentText>,
}

/// What all writing over one theory shares.
pub struct Scribe {
    /// The theory, its moves, its decision procedures.
    pub prepared: Prepared,
    glue: Glue,
    tables: Arc<Tables>,
}

/// What a task may use.
struct Rules<'a> {
    task: &'a Task,
    options: &'a Options,
    forbidden: FxHashSet<u32>,
    /// Of [`Options::human_premises`], all that decision procedures may use.
    own: Option<FxHashSet<u32>>,
}

impl Scribe {
    /// For a theory with its moves; `usable[p]` says which premises the rules allow.
    pub fn new(theory: Arc<Theory>, moves: Arc<Moves>, tables: Arc<Tables>, usable: &[bool]) -> Scribe {
        let glue = Glue::new(&theory, &|p| usable[p.index()]);
        Scribe { prepared: Prepared::new(theory, moves, tables.clone(), usable), glue, tables }
    }
    /// For a theory alone: its assertions are read. On set.mm this takes seconds.
    pub fn of(theory: Arc<Theory>, usable: &[bool]) -> Scribe {
        let tables = Arc::new(Tables::new(&theory));
        let moves = Arc::new(Moves::new(&theory, &tables, &|p| usable[p.index()]));
        Scribe::new(theory, moves, tables, usable)
    }
    /// Writes a proof. Its terms are those of `arena` from `base` on, which are cut off.
    ///
    /// # Errors
    /// The node that cannot be written.
    pub fn answer(
        &self,
        task: &Task,
        options: &Options,
        found: &ContentProof,
        base: usize,
        arena: &mut Arena,
    ) -> Result<Answer, WriteError> {
        let rules = self.rules(task, options, arena);
        let (from, carried) = found.carried(arena);
        arena.truncate(base);
        let mut content = carried.canonical(&from, arena);
        let deciders = self.decide(&rules, &mut content, &[], arena);
        if deciders.is_err() {
            arena.truncate(base);
            content = carried.restored(&from, arena);
        }
        let proof = self.written(&rules, &content, arena)?;
        let text = deciders.ok().and_then(|d| self.told(&rules, &content, &d, arena));
        Ok(Answer { proof, text })
    }
    /// Checks and writes what a text says: the proof, and how many choices it holds. `arena` is grown from [`Moves::arena`]
    /// and holds nothing else but the task's terms.
    ///
    /// # Errors
    /// The line that is wrong, and why.
    pub fn replay(
        &self,
        task: &Task,
        options: &Options,
        text: &str,
        arena: &mut Arena,
    ) -> Result<(Proof, u64), TextError> {
        let rules = self.rules(task, options, arena);
        let (theory, moves, base) = (&self.prepared.theory, &self.prepared.moves, arena.len());
        let Read { proof, deciders, lines } =
            Texts { theory, moves, task, allowed: &|p| self.permits(&rules, p) }.read(text, arena)?;
        let line = |node: usize| lines.get(node).copied();
        let (from, carried) = proof.carried(arena);
        arena.truncate(base);
        let mut content = carried.canonical(&from, arena);
        let refused = |n: usize| TextError {
            line: line(n),
            message: format!("'{}' does not close it", deciders[n].as_deref().unwrap_or("")),
        };
        self.decide(&rules, &mut content, &deciders, arena).map_err(refused)?;
        content.check(theory, moves, &self.tables, task, arena).map_err(|fault| TextError {
            line: fault.node.map_or_else(|| lines.last().copied(), line),
            message: format!("the check fails: {}", fault.why),
        })?;
        let written = self.written(&rules, &content, arena).map_err(|why| TextError {
            line: match why {
                WriteError::Node { node, .. } => line(node),
                _ => None,
            },
            message: why.to_string(),
        })?;
        Ok((written, decisions(&content, moves) as u64))
    }
    fn rules<'a>(&self, task: &'a Task, options: &'a Options, arena: &Arena) -> Rules<'a> {
        let own = options.human_premises.then(|| human_premises(&self.prepared.theory, task));
        Rules { task, options, forbidden: self.prepared.forbidden(task, arena), own }
    }
    fn permits(&self, rules: &Rules<'_>, p: PremiseId) -> bool {
        permits(&self.prepared, rules.task, rules.options, &rules.forbidden, p)
    }
    /// Puts in the proofs of decision procedures, those that are named; the names.
    ///
    /// # Errors
    /// The first node that they do not close.
    fn decide(
        &self,
        rules: &Rules<'_>,
        content: &mut ContentProof,
        named: &[Option<String>],
        arena: &mut Arena,
    ) -> Result<Vec<Option<&'static str>>, usize> {
        let (theory, connectives) = (&*self.prepared.theory, self.prepared.moves.connectives.before(rules.task.limit));
        let mut out = vec![None; content.nodes.len()];
        for (n, node) in content.nodes.iter_mut().enumerate() {
            let By::Closed { proof, propositional: false } = &mut node.by else { continue };
            let goal = connectives.formula(arena, node.sequent);
            let allowed = |p: PremiseId| self.permits(rules, p);
            let mut site = Site { theory, task: rules.task, arena, allowed: &allowed };
            let name = named.get(n).and_then(|d| d.as_deref());
            let (name, found) = self.prepared.decided(name, goal, &mut site).ok_or(n)?;
            let listed = |p: PremiseId| rules.own.as_ref().is_none_or(|own| own.contains(&p.0)) && allowed(p);
            let known = found.steps.iter().all(|s| !matches!(s.rule, Rule::Premise(p) if !listed(p)));
            if !known {
                return Err(n);
            }
            **proof = found;
            out[n] = Some(name);
        }
        Ok(out)
    }
    fn written(&self, rules: &Rules<'_>, content: &ContentProof, arena: &mut Arena) -> Result<Proof, WriteError> {
        let (theory, moves, glue) = (&*self.prepared.theory, &*self.prepared.moves, &self.glue);
        let allowed = |p: PremiseId| self.permits(rules, p);
        Writer { theory, moves, glue, task: rules.task, allowed: &allowed }.write(content, arena).map(|w| w.proof)
    }
    /// The text of a proof, if it is read as the same proof.
    fn told(
        &self,
        rules: &Rules<'_>,
        content: &ContentProof,
        deciders: &[Option<&str>],
        arena: &mut Arena,
    ) -> Option<ContentText> {
        let (theory, moves) = (&self.prepared.theory, &self.prepared.moves);
        let texts = Texts { theory, moves, task: rules.task, allowed: &|p| self.permits(rules, p) };
        let text = texts.write(content, deciders, arena);
        let read = texts.read(&text, arena).ok()?;
        let mut bare = content.clone();
        for node in &mut bare.nodes {
            if let By::Closed { proof, propositional: false } = &mut node.by {
                **proof = Proof::default();
            }
        }
        let same = read.proof == bare && read.deciders.iter().map(Option::as_deref).eq(deciders.iter().copied());
        same.then(|| ContentText { text, decisions: decisions(content, moves) as u64 })
    }
}

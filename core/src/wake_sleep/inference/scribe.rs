//! From a content proof to its text and to its Metamath proof.
//!
//! A proof is rebuilt in canonical form before it is written ([`ContentProof::canonical`]), and decision procedures run
//! once more. So the text of an answer, when it is read, gives the same Metamath proof as the answer.

use super::glue::Glue;
use super::proof::{By, ContentProof};
use super::search::{human_premises, permits, Prepared};
use super::text::{refusal, ContentText, Made, Texts};
use super::write::{WriteError, Writer};
use crate::dsl::formulas::sequent::GAP;
use crate::dsl::isa::Opcode;
use crate::dsl::machine::obligation::FaultKind;
use crate::dsl::machine::obligation::Refusal;
use crate::dsl::programs::content::{assemble, Decision, HEAD};
use crate::dsl::theory::library::{PremiseId, Proof, Rule, Task, Theory};
use crate::metamath_db::ids::{SymbolId, TermId};
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::closers::{Site, Tables};
use crate::wake_sleep::inference::moves::readings::Moves;
use crate::wake_sleep::inference::training::translate::decisions;
use crate::wake_sleep::search::Options;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// A written proof.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The Metamath proof.
    pub proof: Proof,
    /// The text of the proof; `None` if reading it does not give the same proof.
    pub text: Option<ContentText>,
}

/// The state that all writing over one theory shares.
pub struct Scribe {
    /// The theory with its moves and decision procedures.
    pub prepared: Prepared,
    glue: Glue,
    tables: Arc<Tables>,
}

/// The premises that a task may use.
struct Rules<'a> {
    task: &'a Task,
    options: &'a Options,
    forbidden: FxHashSet<u32>,
    /// With [`Options::human_premises`], the premises of the human proof: all that decision procedures may use.
    own: Option<FxHashSet<u32>>,
}

impl Scribe {
    /// Creates the scribe of a theory whose moves are known; `usable[p]` says whether the rules allow premise p.
    pub fn new(theory: Arc<Theory>, moves: Arc<Moves>, tables: Arc<Tables>, usable: &[bool]) -> Scribe {
        let glue = Glue::new(&theory, &|p| usable[p.index()]);
        Scribe { prepared: Prepared::new(theory, moves, tables.clone(), usable), glue, tables }
    }
    /// Creates the scribe of a theory, and derives the moves of its assertions. On a large database this takes seconds.
    pub fn of(theory: Arc<Theory>, usable: &[bool]) -> Scribe {
        let tables = Arc::new(Tables::new(&theory));
        let moves = Arc::new(Moves::new(&theory, &tables, &|p| usable[p.index()]));
        Scribe::new(theory, moves, tables, usable)
    }
    /// Writes a proof. Its terms are in `arena`; those with numbers from `base` on are removed afterwards.
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
    /// The nodes and open sequents that a decision gives for a sequent, with the proofs of decision procedures.
    ///
    /// # Errors
    /// The reason why the decision is refused.
    pub fn decided(
        &self,
        task: &Task,
        options: &Options,
        asked: TermId,
        decision: &Decision,
        arena: &mut Arena,
    ) -> Result<Made, Refusal> {
        let rules = self.rules(task, options, arena);
        let allowed = |p: PremiseId| self.permits(&rules, p);
        let mut made = self.texts(&rules, &allowed).decide(asked, decision, arena)?;
        if decision.opcode == Opcode::Close {
            let name = decision.words.split(GAP).next().unwrap_or("").to_owned();
            let mut closed = ContentProof { nodes: std::mem::take(&mut made.nodes) };
            let refused = |_| refusal(FaultKind::Unproved, format!("'{name}' closes it"));
            self.decide(&rules, &mut closed, &[Some(name.clone())], arena).map_err(refused)?;
            made.nodes = closed.nodes;
        }
        Ok(made)
    }
    /// Checks the nodes of a proof, except the first `given` ones, which count as proved.
    ///
    /// # Errors
    /// The fault of the first node that does not hold.
    pub fn confirm(&self, task: &Task, proof: &ContentProof, given: usize, arena: &mut Arena) -> Result<(), String> {
        let (theory, moves) = (&self.prepared.theory, &self.prepared.moves);
        proof.check_nodes(given, theory, moves, &self.tables, task, arena).map_err(|fault| fault.why)
    }
    /// Descriptions, for people, of what a decision used.
    pub fn said(&self, made: &Made, arena: &Arena) -> Vec<String> {
        let show = |t: TermId| self.prepared.theory.db.show(arena, t);
        let mut out = Vec::new();
        let label = |p: PremiseId| self.prepared.theory.label(p);
        for node in &made.nodes {
            if let By::Move { number, values, .. } = &node.by {
                let m = &self.prepared.moves.all[*number as usize];
                if made.nodes.len() > 1 {
                    out.push(format!("APPLY {}", label(m.readings[0].premise)));
                }
                let name = |&v: &SymbolId| self.prepared.theory.db.source.symbol(v);
                let pair = |(v, &t): (&SymbolId, &TermId)| format!("{} := {}", name(v), show(t));
                out.extend(m.variables.iter().zip(values).map(pair));
            }
        }
        out
    }
    /// Rebuilds a content proof of `goal`, checks it and writes it. Returns the proof and the number of its decisions.
    /// `names` gives for each node the decision procedure that closes it; if it is empty, the nodes hold their proofs.
    /// Terms of `arena` from number `base` on are removed afterwards.
    ///
    /// # Errors
    /// The node, by its new number, that does not hold or cannot be written.
    pub fn written_from(
        &self,
        (task, options, goal): (&Task, &Options, TermId),
        (proof, names): (&ContentProof, &[Option<String>]),
        base: usize,
        arena: &mut Arena,
    ) -> Result<(Proof, u64), WriteError> {
        let (from, carried) = proof.carried(arena);
        let mut kept = Arena::default();
        let goal = kept.import(arena, goal);
        arena.truncate(base);
        // The rules are those of the whole task, not of `goal` alone.
        let Rules { forbidden, own, .. } = self.rules(task, options, arena);
        let task = Task { goal: arena.import(&kept, goal), ..task.clone() };
        let rules = Rules { task: &task, options, forbidden, own };
        let mut content = carried.canonical(&from, arena);
        let order = proof.behind_children();
        let names: Vec<Option<String>> = order.iter().map(|&n| names.get(n as usize).cloned().flatten()).collect();
        self.decide(&rules, &mut content, &names, arena).map_err(|n| {
            let name = names[n].as_deref().unwrap_or("");
            WriteError::Fault { node: Some(n), why: format!("'{name}' does not close it") }
        })?;
        let checked = content.check(&self.prepared.theory, &self.prepared.moves, &self.tables, &task, arena);
        checked.map_err(|fault| WriteError::Fault { node: fault.node, why: fault.why })?;
        let written = self.written(&rules, &content, arena)?;
        Ok((written, decisions(&content, &self.prepared.moves) as u64))
    }
    /// The connectives' truth tables.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }
    fn texts<'a>(&'a self, rules: &Rules<'a>, allowed: &'a dyn Fn(PremiseId) -> bool) -> Texts<'a> {
        let (theory, moves) = (&*self.prepared.theory, &*self.prepared.moves);
        Texts { theory, moves, tables: &self.tables, task: rules.task, allowed }
    }
    fn rules<'a>(&self, task: &'a Task, options: &'a Options, arena: &Arena) -> Rules<'a> {
        let own = options.human_premises.then(|| human_premises(&self.prepared.theory, task));
        Rules { task, options, forbidden: self.prepared.forbidden(task, arena), own }
    }
    fn permits(&self, rules: &Rules<'_>, p: PremiseId) -> bool {
        permits(&self.prepared, rules.task, rules.options, &rules.forbidden, p)
    }
    /// Runs the decision procedures that `named` names and puts in their proofs. Returns the names of the procedures.
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
            if name == Some("") {
                continue;
            }
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
    /// The text of a proof, if reading it gives the same proof.
    fn told(
        &self,
        rules: &Rules<'_>,
        content: &ContentProof,
        deciders: &[Option<&str>],
        arena: &mut Arena,
    ) -> Option<ContentText> {
        let allowed = |p: PremiseId| self.permits(rules, p);
        let texts = self.texts(rules, &allowed);
        let text = texts.write(content, deciders, arena);
        let (program, _) = assemble(&format!("{HEAD}\n.goal 1:0:0 \"\"\n{text}")).ok()?;
        let read = texts.follow(&program, arena).ok()?;
        let mut bare = content.clone();
        for node in &mut bare.nodes {
            if let By::Closed { proof, propositional: false } = &mut node.by {
                **proof = Proof::default();
            }
        }
        (read == bare).then(|| ContentText { text, decisions: decisions(content, &self.prepared.moves) as u64 })
    }
}

//! Inference in context as a service for the machine: it applies and checks the decisions of programs, and writes the
//! proofs.
//!
//! The session has an arena of its own, which holds the moves' terms; terms are copied between it and the machine's
//! arena. The result of a decision is cached, so that repeated queries cost nothing.

use super::proof::{By, ContentProof, Node};
use super::scribe::Scribe;
use super::text::{refusal, serves, Made};
use super::write::WriteError;
use crate::dsl::formulas::sequent::{carry, is_sequent, GAP};
use crate::dsl::isa::Opcode;
use crate::dsl::machine::inference::{Answered, Decided, Inference, Reason, Written};
use crate::dsl::machine::obligation::FaultKind;
use crate::dsl::machine::obligation::Refusal;
use crate::dsl::programs::content::Decision;
use crate::dsl::programs::proof_program::ProofNode;
use crate::dsl::theory::library::{Proof, Task};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::search::Options;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::sync::Arc;

/// The service within one task.
pub struct Session {
    scribe: Arc<Scribe>,
    task: Task,
    options: Options,
    arena: Arena,
    /// The number of terms in the arena before the first query.
    base: usize,
    made: FxHashMap<(TermId, Decision), Made>,
}

/// The steps of a proof in the order of its program: depth first, each behind the steps that it depends on.
fn in_order(nodes: Vec<ProofNode>) -> Vec<ProofNode> {
    let steps = nodes.iter().map(|n| Node {
        sequent: TermId(0),
        by: By::Member,
        children: n.premises.iter().copied().collect(),
    });
    let order = ContentProof { nodes: steps.collect() }.behind_children();
    let mut number = vec![0; nodes.len()];
    order.iter().zip(0..).for_each(|(&n, new)| number[n as usize] = new);
    let mut nodes: Vec<Option<ProofNode>> = nodes.into_iter().map(Some).collect();
    let mut out = Vec::with_capacity(order.len());
    for n in order {
        out.extend(nodes[n as usize].take().map(|mut node| {
            node.premises.iter_mut().for_each(|p| *p = number[*p as usize]);
            node
        }));
    }
    out
}

impl Session {
    /// Creates the session of a task of the scribe's theory. `make` builds the task with its terms in the given arena.
    ///
    /// # Errors
    /// The error of `make`.
    pub fn new<E>(scribe: Arc<Scribe>, make: impl FnOnce(&mut Arena) -> Result<Task, E>) -> Result<Session, E> {
        let mut arena = scribe.prepared.moves.arena.clone();
        let task = make(&mut arena)?;
        let base = arena.len();
        Ok(Session { scribe, task, options: Options::default(), arena, base, made: FxHashMap::default() })
    }
    fn own(&mut self, s: TermId, arena: &Arena) -> TermId {
        carry(arena, s, &mut self.arena)
    }
    /// The result of a decision on a sequent of the session's arena.
    fn make(&mut self, asked: TermId, decision: &Decision) -> Result<Made, Refusal> {
        let key = (asked, decision.clone());
        if let Some(known) = self.made.get(&key) {
            return Ok(known.clone());
        }
        let made = self.scribe.decided(&self.task, &self.options, asked, decision, &mut self.arena)?;
        self.made.insert(key, made.clone());
        Ok(made)
    }
    /// The content proof of answered sequents, the place of each node, and for each node the name of its decision
    /// procedure, `None` if it holds its proof.
    #[allow(clippy::type_complexity)]
    fn content(
        &mut self,
        answered: &[Answered],
        arena: &Arena,
    ) -> Result<(ContentProof, Vec<usize>, Vec<Option<String>>), (Option<usize>, Refusal)> {
        let c = self.scribe.prepared.moves.connectives.before(self.task.limit);
        let (mut content, mut places, mut names) = (ContentProof::default(), Vec::new(), Vec::new());
        let mut number: Vec<u32> = Vec::with_capacity(answered.len());
        for (n, x) in answered.iter().enumerate() {
            let asked = self.own(x.asked, arena);
            let last = match &x.by {
                Reason::Decision(decision, below) => {
                    let made = self.make(asked, decision).map_err(|why| (Some(n), why))?;
                    let below: Vec<u32> = below.iter().map(|&k| number[k as usize]).collect();
                    content.add(&made, &below, &c, &mut self.arena)
                }
                Reason::Fact(proof) => {
                    let by = By::Closed { proof: Box::new(proof.clone()), propositional: false };
                    content.nodes.push(Node { sequent: asked, by, children: SmallVec::new() });
                    content.nodes.len() as u32 - 1
                }
            };
            number.push(last);
            places.resize(content.nodes.len(), n);
            names.resize(content.nodes.len(), None);
            names[last as usize] = match &x.by {
                Reason::Decision(d, _) if d.opcode == Opcode::Close => d.words.split(GAP).next().map(str::to_owned),
                Reason::Decision(..) => None,
                Reason::Fact(_) => Some(String::new()),
            };
        }
        if let (Some(&last), Some(root)) = (number.last(), answered.last()) {
            let asked = self.own(root.asked, arena);
            content.in_words(last, asked, &c, &mut self.arena);
            places.resize(content.nodes.len(), answered.len() - 1);
        }
        Ok((content, places, names))
    }
    fn nodes(&mut self, task: &Task, proof: &Proof) -> Result<Vec<ProofNode>, Refusal> {
        let theory = self.scribe.prepared.theory.clone();
        let nodes = theory.task_nodes(task, proof, &mut self.arena);
        nodes.map(in_order).map_err(|why| refusal(FaultKind::Refused, why))
    }
}

impl Inference for Session {
    fn decide(&mut self, asked: TermId, decision: &Decision, arena: &mut Arena) -> Result<Decided, Refusal> {
        let own = self.own(asked, arena);
        let made = self.make(own, decision)?;
        let left = made.left.iter().map(|&s| carry(&self.arena, s, arena)).collect();
        Ok(Decided {
            answers: carry(&self.arena, made.answers, arena),
            left,
            detail: self.scribe.said(&made, &self.arena),
        })
    }
    fn check(&mut self, asked: TermId, decision: &Decision, made: &Decided, arena: &Arena) -> Result<(), String> {
        let own = self.own(asked, arena);
        let known = self.made.get(&(own, decision.clone())).cloned().ok_or("it was not decided")?;
        let answers = self.own(made.answers, arena);
        let left: Vec<TermId> = made.left.iter().map(|&s| carry(arena, s, &mut self.arena)).collect();
        let c = self.scribe.prepared.moves.connectives.before(self.task.limit);
        let last = known.nodes.last().map(|n| n.sequent);
        if last != Some(answers) || left != known.left || !serves(&c, &mut self.arena, answers, own) {
            return Err("it answers what is asked for".to_owned());
        }
        let given = left.iter().map(|&s| Node { sequent: s, by: By::Member, children: SmallVec::new() });
        let proof = ContentProof { nodes: given.chain(known.nodes).collect() };
        self.scribe.confirm(&self.task, &proof, left.len(), &mut self.arena)
    }
    fn serves(&mut self, answers: TermId, asked: TermId, arena: &Arena) -> bool {
        let (answers, asked) = (self.own(answers, arena), self.own(asked, arena));
        let c = self.scribe.prepared.moves.connectives.before(self.task.limit);
        serves(&c, &mut self.arena, answers, asked)
    }
    fn formula(&mut self, asked: TermId, arena: &mut Arena) -> Result<TermId, Refusal> {
        let own = self.own(asked, arena);
        let c = self.scribe.prepared.moves.connectives.before(self.task.limit);
        let formula = c.formula(&mut self.arena, own);
        Ok(arena.import(&self.arena, formula))
    }
    fn write(
        &mut self,
        answered: &[Answered],
        goal: TermId,
        arena: &mut Arena,
    ) -> Result<Written, (Option<usize>, Refusal)> {
        if is_sequent(arena, goal) {
            return Err((None, refusal(FaultKind::Type, "ASSERT takes a goal that is a formula")));
        }
        let (content, places, names) = self.content(answered, arena)?;
        let own = self.arena.import(arena, goal);
        let order = content.behind_children();
        let place = |n: usize| order.get(n).and_then(|&k| places.get(k as usize)).copied();
        let scribe = self.scribe.clone();
        self.made.clear(); // The cached results refer to terms that are removed here.
        let how = (&self.task, &self.options, own);
        let done = scribe.written_from(how, (&content, &names), self.base, &mut self.arena);
        let (proof, choices) = done.map_err(|why| match why {
            WriteError::Node { node, wanted } => {
                let shown = scribe.prepared.theory.db.show_statement(&self.arena, wanted);
                (place(node), refusal(FaultKind::Unproved, format!("glue writes this as {shown}")))
            }
            WriteError::Fault { node, why } => (node.and_then(place), refusal(FaultKind::Obligation, why)),
            other => (None, refusal(FaultKind::Unproved, other.to_string())),
        })?;
        let task = Task { goal: self.arena.import(arena, goal), ..self.task.clone() };
        let nodes = self.nodes(&task, &proof).map_err(|why| (None, why))?;
        Ok(Written { goal, nodes, decisions: choices, steps: proof.len() })
    }
}

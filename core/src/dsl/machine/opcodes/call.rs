//! CALL: a learned composite by name (docs/isa.md).
//!
//! A lemma is one UNIFY. A schema is expanded on the workspace itself, step by step, by the same code as UNIFY, and the
//! workspace is put back: what the steps wrote becomes one effect, so that a fault leaves nothing. Price: a snapshot, and
//! every step twice, since the list of steps is executed again before the effect may be committed.

use super::handlers::{Given, Request};
use crate::dsl::formulas::logic::{Composite, Reference, SchemaRule, SchemaStep};
use crate::dsl::formulas::unify::metas;
use crate::dsl::isa::{MovKind, Opcode};
use crate::dsl::machine::effect::{slot_after, Effect, Wrong};
use crate::dsl::machine::obligation::{Claim, FaultKind};
use crate::dsl::machine::{At, Machine};
use crate::dsl::memory::cell::{Address, Content, Tag};
use crate::dsl::memory::workspace::Link;
use crate::dsl::programs::asm::instruction_text;
use crate::dsl::programs::program::{Instruction, Operand, Operands, Program};
use crate::metamath_db::ids::AssertionId;
use std::collections::BTreeMap;

/// Steps of a schema.
pub const SCHEMA_LIMIT: usize = 256;
/// Assertions that are tried in the holes of one CALL.
pub const TRIES: u32 = 256;
/// Assertions that RETRIEVE gives for a hole.
pub const FILLINGS: i64 = 32;

/// A goal that the schema says something about: its cell, and the schema's step.
#[derive(Clone, Copy)]
struct Pending {
    at: Address,
    step: u32,
}

/// An expansion that is under way. What the steps wrote stands in the machine's workspace.
#[derive(Clone)]
struct Expansion {
    /// The steps so far, as a program.
    program: Program,
    /// By step, what it claims.
    said: Vec<String>,
    /// Goals whose step is still to be made, leftmost last.
    pending: Vec<Pending>,
    /// The first slot behind what was used.
    free: Address,
    /// Lemmas that were applied.
    lemmas: Vec<AssertionId>,
}

/// The writes of steps: the final content of each cell, and the links in order.
#[derive(Default, PartialEq)]
struct Written {
    cells: BTreeMap<Address, Content>,
    links: Vec<Link>,
}

/// The fixed parts of a call.
struct Called<'s> {
    name: &'s str,
    steps: &'s [SchemaStep],
    /// By step that is left open, where its goal goes.
    open: BTreeMap<u32, Address>,
}

impl Machine<'_> {
    pub(in crate::dsl::machine) fn call(&mut self, at: At, e: &mut Effect) -> Result<(), Wrong> {
        let i = at.instruction();
        let Some(&Operand::Label(name)) = i.operands.last() else {
            return Err(Wrong::operand("CALL takes the name of a composite"));
        };
        let name = at.program.string(name).to_owned();
        let dst = match i.operands.len() {
            3 => Some(self.target(i.operands[0], e)?),
            _ => None,
        };
        let (goal, term) = self.open_goal(i.operands[i.operands.len() - 2], e)?;
        let term = self.formula_of(term)?;
        let unknown = |claim| Wrong::new(FaultKind::Label, claim);
        match self.assertions.composite(&name).map_err(unknown)? {
            Composite::Lemma(id) => {
                let judge = self.judge_lemmas(&[id])?;
                self.backward(dst, goal, term, id, e)?;
                let detail = e.claim.as_ref().map_or_else(Vec::new, |c| self.detail(c));
                e.claim = Some(Claim::Called { detail, judge });
                Ok(())
            }
            Composite::Schema(steps) => self.expand(at, dst, goal, (&name, &steps), e),
        }
    }

    /// Has the lemmas' proofs judged, those that were not yet; the judge's name, if there is a lemma.
    fn judge_lemmas(&mut self, lemmas: &[AssertionId]) -> Result<Option<String>, Wrong> {
        let name = self.judge.name();
        for &id in lemmas {
            if self.judged_lemmas.contains(&id) {
                continue;
            }
            self.judge.judge_lemma(&mut self.arena, id).map_err(|why| {
                let label = self.assertions.label(id).unwrap_or_default();
                Wrong::new(FaultKind::Refused, format!("{name} accepts the proof of {label}, but it says: {why}"))
            })?;
            self.judged_lemmas.insert(id);
        }
        Ok((!lemmas.is_empty()).then_some(name))
    }

    /// Expands a schema: finds its steps, executes them a second time, and makes what they wrote the effect.
    fn expand(
        &mut self,
        at: At,
        dst: Option<Address>,
        goal: Address,
        (name, steps): (&str, &[SchemaStep]),
        e: &mut Effect,
    ) -> Result<(), Wrong> {
        if steps.is_empty() || steps.len() > SCHEMA_LIMIT {
            return Err(Wrong::new(FaultKind::Bound, format!("a schema has between 1 and {SCHEMA_LIMIT} steps")));
        }
        if steps.len() > 1 && dst.is_none() {
            return Err(Wrong::operand("a schema with hypotheses needs a place for the subgoals"));
        }
        let mut called = Called { name, steps, open: BTreeMap::new() };
        let mut free = dst.unwrap_or(goal);
        for step in leaves(steps) {
            called.open.insert(step, free);
            free = slot_after(free, 1)?;
        }
        let mut program = Program::new();
        program.begin_block("expansion");
        let root = Pending { at: goal, step: steps.len() as u32 - 1 };
        let begin = Expansion { program, said: Vec::new(), pending: vec![root], free, lemmas: Vec::new() };
        let saved = self.workspace.snapshot();
        let mut tries = TRIES;
        let mut first = Written::default();
        let found = self.settle(at, &called, begin, &mut tries);
        self.workspace = saved;
        let done = found?;
        for &id in &done.lemmas {
            self.judge_lemmas(&[id])?;
        }
        self.execute_all(&done.program, &mut first, e)?;
        let second = &mut Written::default();
        self.execute_all(&done.program, second, &mut Effect::default())?;
        if first != *second {
            return Err(Wrong::new(FaultKind::Obligation, "the same steps write the same cells"));
        }
        let judge = (!done.lemmas.is_empty()).then(|| self.judge.name());
        e.writes = first.cells.into_iter().collect();
        e.links = first.links;
        e.claim = Some(Claim::Called { detail: done.said, judge });
        Ok(())
    }

    /// Executes the steps on the workspace, which is put back, and notes what they wrote.
    fn execute_all(&mut self, program: &Program, out: &mut Written, e: &mut Effect) -> Result<(), Wrong> {
        let saved = self.workspace.snapshot();
        let done = program.instructions().iter().try_for_each(|i| {
            let mut one = self.one_step(program, i)?;
            self.apply(&one, out);
            one.reads.retain(|r| !e.reads.contains(r));
            e.reads.append(&mut one.reads);
            Ok(())
        });
        self.workspace = saved;
        done
    }

    /// The effect of one instruction of an expansion: UNIFY or MOV.
    fn one_step(&mut self, program: &Program, i: &Instruction) -> Result<Effect, Wrong> {
        let mut one = Effect::default();
        match i.opcode {
            Opcode::Mov => self.mov(program, i, &mut one)?,
            _ => self.unify(program, i, &mut one)?,
        }
        self.gate(&one)?;
        Ok(one)
    }

    /// Puts a step's writes and links into the workspace, without log and trace.
    fn apply(&mut self, one: &Effect, out: &mut Written) {
        let stamp = crate::dsl::log::Stamp { time: self.time, ..crate::dsl::log::Stamp::default() };
        for &(a, content) in &one.writes {
            self.workspace.set(a, stamp.cell(self.log.next_id(), content, 0));
            out.cells.insert(a, content);
        }
        for &link in &one.links {
            if self.workspace.link(link).unwrap_or(false) {
                out.links.push(link);
            }
        }
    }

    /// Makes the steps that are pending: those that are given first, then one hole after the other.
    fn settle(&mut self, at: At, c: &Called, mut x: Expansion, tries: &mut u32) -> Result<Expansion, Wrong> {
        loop {
            let given = |p: &Pending| c.steps[p.step as usize].by != SchemaRule::Hole;
            let Some(n) = x.pending.iter().rposition(given) else { break };
            let p = x.pending.remove(n);
            match c.steps[p.step as usize].by {
                SchemaRule::Assertion(id, lemma) => {
                    let label = self.assertions.label(id).unwrap_or_default();
                    self.make(c, &mut x, (n, p), &label)?;
                    if lemma {
                        x.lemmas.push(id);
                    }
                }
                _ => self.leave_open(c, &mut x, p)?,
            }
        }
        let Some(n) = self.next_hole(&x.pending) else { return Ok(x) };
        let p = x.pending.remove(n);
        let saved = self.workspace.snapshot();
        let mut last = None;
        for label in self.fillings(at, c, p)? {
            if *tries == 0 {
                return Err(Wrong::new(FaultKind::Bound, format!("{TRIES} assertions are tried in one CALL")));
            }
            *tries -= 1;
            let mut next = x.clone();
            let made = self.make(c, &mut next, (n, p), &label).and_then(|()| {
                if let Ok(Composite::Lemma(id)) = self.assertions.composite(&label) {
                    next.lemmas.push(id);
                }
                self.settle(at, c, next, tries)
            });
            match made {
                Ok(done) => return Ok(done),
                Err(wrong) if !matches!(wrong.kind, FaultKind::Unify | FaultKind::Distinct | FaultKind::Unproved) => {
                    return Err(wrong)
                }
                Err(wrong) => last = Some(wrong.claim),
            }
            self.workspace = saved.clone();
        }
        let why = last.map_or_else(|| "nothing unifies with its goal".to_owned(), |claim| format!("last: {claim}"));
        Err(Wrong::at(FaultKind::Unproved, p.at, format!("an assertion fills the hole of {} ({why})", c.name)))
    }

    /// The hole whose goal has fewest metavariables, the leftmost among equals.
    fn next_hole(&mut self, pending: &[Pending]) -> Option<usize> {
        let mut best: Option<(usize, usize)> = None;
        for (n, p) in pending.iter().enumerate().rev() {
            let t = self.workspace.content(p.at).as_term().map(|t| self.resolved(t));
            let open = t.map_or(usize::MAX, |t| metas(&self.arena, t).len());
            if best.is_none_or(|b| open < b.0) {
                best = Some((open, n));
            }
        }
        best.map(|b| b.1)
    }

    /// One step: `UNIFY place, goal, @label`. What it leaves takes the place `n` of its goal among the pending ones.
    fn make(&mut self, c: &Called, x: &mut Expansion, (n, p): (usize, Pending), label: &str) -> Result<(), Wrong> {
        let children = &c.steps[p.step as usize].children;
        let unknown = || {
            let claim = format!("{label} is an assertion that may be used here");
            Wrong::new(FaultKind::Label, claim)
        };
        let Reference::Assertion(id) = self.assertions.lookup(label).ok_or_else(unknown)? else {
            return Err(unknown());
        };
        if self.assertions.scheme(id).hypotheses.len() != children.len() {
            let claim = format!("{label} has a hypothesis for each premise of the step of {}", c.name);
            return Err(Wrong::new(FaultKind::Handler, claim));
        }
        let mut operands = Operands::new();
        if !children.is_empty() {
            operands.push(Operand::Address(x.free));
        }
        operands.push(Operand::Address(p.at));
        operands.push(Operand::Label(x.program.intern(label)));
        self.step_of(x, Opcode::Unify, 0, &operands)?;
        for (k, &step) in children.iter().enumerate() {
            x.pending.insert(n, Pending { at: slot_after(x.free, k as u64)?, step });
        }
        x.free = slot_after(x.free, children.len() as u64)?;
        Ok(())
    }

    /// A goal that stays open: it moves to its place in front, and the inner one is closed by sharing it.
    fn leave_open(&mut self, c: &Called, x: &mut Expansion, p: Pending) -> Result<(), Wrong> {
        let to = c.open[&p.step];
        if !self.workspace.get(to).is_empty() {
            return Err(Wrong::at(FaultKind::Occupied, to, "the subgoal's slot is empty"));
        }
        self.step_of(x, Opcode::Mov, MovKind::Goal as u8, &[Operand::Address(to), Operand::Address(p.at)])?;
        self.step_of(x, Opcode::Unify, 0, &[Operand::Address(p.at), Operand::Address(to)])
    }

    /// Executes a step on the workspace and notes it.
    fn step_of(&mut self, x: &mut Expansion, opcode: Opcode, function: u8, operands: &[Operand]) -> Result<(), Wrong> {
        let i = Instruction::new(opcode, function, operands);
        let one = self.one_step(&x.program, &i)?;
        let claim = one.claim.as_ref().map_or_else(Vec::new, |c| self.detail(c));
        x.said.push(instruction_text(&x.program, &i));
        x.said.extend(claim);
        x.program.push(i);
        self.apply(&one, &mut Written::default());
        Ok(())
    }

    /// The labels that RETRIEVE returns for a hole.
    fn fillings(&mut self, at: At, c: &Called, p: Pending) -> Result<Vec<String>, Wrong> {
        let mut content = self.workspace.content(p.at);
        if let Some(t) = content.as_term() {
            let t = self.resolved(t);
            if self.arena.head(t).as_meta().is_some() {
                return Err(Wrong::at(
                    FaultKind::Open,
                    p.at,
                    format!("the goal of a hole of {} says something", c.name),
                ));
            }
            content = Content { tag: Tag::Goal, ..Content::goal(t) };
        }
        if !self.registered().contains(&Opcode::Call) {
            let claim = format!("the holes of {} are filled by a handler on this machine", c.name);
            return Err(Wrong::new(FaultKind::Unavailable, claim));
        }
        let arity = c.steps[p.step as usize].children.len() as i64;
        let operands = vec![
            Given::Place(p.at, content),
            Given::Label(c.name.to_owned()),
            Given::Literal(Content::int(arity)),
            Given::Literal(Content::int(FILLINGS)),
        ];
        let request = Request { opcode: Opcode::Call, function: "", operands, left: self.left, time: at.time };
        Ok(self.ask(&request)?.0.labels)
    }
}

/// The steps that a schema leaves open, from left to right.
fn leaves(steps: &[SchemaStep]) -> Vec<u32> {
    let mut out = Vec::new();
    let mut stack = vec![steps.len() as u32 - 1];
    while let Some(n) = stack.pop() {
        let step = &steps[n as usize];
        if step.by == SchemaRule::Open {
            out.push(n);
        }
        stack.extend(step.children.iter().rev());
    }
    out
}

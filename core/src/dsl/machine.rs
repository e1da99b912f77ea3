//! The machine: runs Level-0 programs over a workspace, logs every write, records a trace, keeps obligations.
//!
//! An instruction is computed as an effect on the workspace as it is, checked, and only then committed; so a
//! fault leaves everything as it was. All state that steers a run is in the workspace: metavariables and their
//! values are cells of the machine's half of the space.

mod effect;
mod execution;
mod index;
pub mod inference;
pub mod obligation;
pub mod opcodes;
pub mod proof_run;
mod recheck;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod toy;
pub mod trace;

pub use crate::dsl::machine::opcodes::heads::{together, Head, HeadsError, MAX_HEADS};
pub use execution::{Execution, MAX_DEPTH};
pub use index::{ScanIndex, TermIndex};

use super::log::{Ending, Log, Origin, Record, Stamp};
use crate::dsl::formulas::logic::{Assertions, Judge, ProofObject};
use crate::dsl::formulas::sequent::is_sequent;
use crate::dsl::formulas::terms;
use crate::dsl::formulas::terms::Digests;
use crate::dsl::formulas::unify::greatest_meta;
use crate::dsl::isa::Opcode;
use crate::dsl::machine::inference::Inference;
use crate::dsl::machine::obligation::{Claim, Fault, FaultKind, Obligation, Trust};
use crate::dsl::machine::opcodes::handlers::Registry;
use crate::dsl::machine::trace::{Claimed, Event, Trace, Written};
use crate::dsl::memory::cell::{Address, Content, StepTaken, SYSTEM};
use crate::dsl::memory::mask::{Mask, Right};
use crate::dsl::memory::term_tree::TermTree;
use crate::dsl::memory::workspace::Workspace;
use crate::dsl::programs::asm::instruction_text;
use crate::dsl::programs::content::{decision_text, Decision};
use crate::dsl::programs::program::{BlockId, Instruction, Operand, Program};
use crate::metamath_db::ids::{AssertionId, TermId};
use crate::metamath_db::terms::term::Arena;
use crate::util::text::hex;
use effect::{Effect, Wrong};
use std::collections::BTreeSet;

/// Terms of more nodes are shown in traces by their size and digest only.
pub const SHOWN_NODES: usize = 256;

/// Nodes, written out, that a term in a cell may have; equal parts are counted each time.
pub const TERM_LIMIT: u32 = 1 << 20;

/// How a run ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StopReason {
    /// HALT with this status.
    Halted(u8),
    /// The last instruction of the entry block was executed.
    End,
    /// The step budget was used up.
    Budget,
    /// A fault; the workspace is as before the faulty instruction.
    Fault(Fault),
}

impl StopReason {
    /// The name in traces.
    pub fn name(&self) -> &'static str {
        match self {
            StopReason::Halted(_) => "halted",
            StopReason::End => "end",
            StopReason::Budget => "budget",
            StopReason::Fault(_) => "fault",
        }
    }
    /// As the status of a child: 0 is success.
    pub fn status(&self) -> u16 {
        match self {
            StopReason::Halted(s) => u16::from(*s),
            StopReason::End => 0,
            StopReason::Budget => FaultKind::Budget.status(),
            StopReason::Fault(f) => f.kind.status(),
        }
    }
}

/// The report of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// How it ended.
    pub stop: StopReason,
    /// Steps used.
    pub steps: u64,
}

/// Where the machine is.
#[derive(Clone, Copy)]
struct At<'p> {
    program: &'p Program,
    block: BlockId,
    depth: u32,
    index: u32,
    time: u64,
}

impl<'p> At<'p> {
    fn instruction(&self) -> &'p Instruction {
        &self.program.instructions()[self.index as usize]
    }
    fn stamp(&self) -> Stamp {
        Stamp { time: self.time, opcode: self.instruction().opcode as u8, instruction: self.index }
    }
    fn fault(&self, wrong: Wrong) -> Fault {
        Fault {
            kind: wrong.kind,
            opcode: self.instruction().opcode,
            block: self.program.block_name(self.block).to_string(),
            instruction: self.index,
            address: wrong.address,
            claim: wrong.claim,
        }
    }
}

/// The machine. See the module head.
pub struct Machine<'a> {
    assertions: Box<dyn Assertions + 'a>,
    judge: Box<dyn Judge + 'a>,
    index: Box<dyn TermIndex + 'a>,
    handlers: Registry<'a>,
    /// The interpreter of decisions about sequents.
    inference: Option<Box<dyn Inference + 'a>>,
    /// All decisions that were made; a goal's cell gives the number. With each what it answers.
    decisions: Vec<(Decision, TermId)>,
    /// By ASSERT of decisions: how many choices they hold, and the steps that were written.
    written: Vec<(u64, usize)>,
    arena: Arena,
    arena_base: usize,
    /// Length of the arena that the machine was made with.
    arena_logged: usize,
    digests: Digests,
    workspace: Workspace,
    log: Log,
    obligations: Vec<Obligation>,
    /// Claims that were made; the id of the last.
    claims: u64,
    proofs: Vec<ProofObject>,
    trace: Trace,
    tracing: bool,
    trust: Trust,
    /// Always, but when the price of it is measured.
    rechecking: bool,
    mask: Mask,
    /// The head that steps, if there are several.
    head: Option<u32>,
    /// Claims made on the short way.
    #[cfg(test)]
    shorts: u64,
    /// Counts masks, so that decoded programs know theirs.
    epoch: u64,
    time: u64,
    /// Steps that the current frame has left, for handlers.
    left: u64,
    /// Lemmas that the judge accepted again.
    judged_lemmas: BTreeSet<AssertionId>,
}

impl<'a> Machine<'a> {
    /// A machine with an empty workspace. `arena` holds the terms of `assertions`; the log begins at its length.
    pub fn new(assertions: impl Assertions + 'a, judge: impl Judge + 'a, arena: Arena) -> Machine<'a> {
        Machine {
            assertions: Box::new(assertions),
            judge: Box::new(judge),
            handlers: Registry::default(),
            inference: None,
            decisions: Vec::new(),
            written: Vec::new(),
            index: Box::<TermTree>::default(),
            arena_base: arena.len(),
            arena_logged: arena.len(),
            arena,
            digests: Digests::default(),
            workspace: Workspace::new(),
            log: Log::default(),
            obligations: Vec::new(),
            claims: 0,
            proofs: Vec::new(),
            trace: Trace::default(),
            tracing: true,
            trust: Trust::None,
            rechecking: true,
            head: None,
            mask: Mask::default(),
            #[cfg(test)]
            shorts: 0,
            epoch: 0,
            time: 0,
            left: 0,
            judged_lemmas: BTreeSet::new(),
        }
    }
    /// Structural reads through another index. It must give what [`ScanIndex`] gives.
    pub fn with_index(mut self, index: Box<dyn TermIndex + 'a>) -> Machine<'a> {
        self.index = index;
        self
    }
    /// Begins a session of `log`, before anything is loaded. The arena's first `origin.terms` terms are those of the
    /// database and the library; the others are recorded with the first write.
    pub fn with_log(mut self, log: Log, origin: Origin) -> Machine<'a> {
        self.begin_session(log, origin);
        self
    }
    /// As [`Machine::with_log`].
    pub fn begin_session(&mut self, mut log: Log, origin: Origin) {
        self.arena_base = usize::try_from(origin.terms).unwrap_or(usize::MAX).min(self.arena.len());
        self.arena_logged = self.arena_base;
        log.begin(origin);
        self.log = log;
    }
    /// Ends the log's session: the run's outcome and the workspace's digest. Gives the log back.
    pub fn end_session(&mut self, outcome: &Outcome) -> Log {
        self.log_terms();
        self.log.push(Record::End(Ending {
            status: outcome.stop.status(),
            steps: outcome.steps,
            workspace: self.workspace.digest(),
        }));
        std::mem::take(&mut self.log)
    }
    /// Without tracing a run leaves no events, and only those obligations that hold data (see
    /// [`Claim::holds_data`]); ids, cells and log are the same.
    pub fn set_tracing(&mut self, tracing: bool) {
        self.tracing = tracing;
    }
    /// Switches the second evaluation off, to measure what it costs.
    pub(super) fn set_rechecking(&mut self, rechecking: bool) {
        self.rechecking = rechecking;
    }
    /// Whom the machine believes.
    pub fn set_trust(&mut self, trust: Trust) {
        self.trust = trust;
    }
    /// Sets the pages that programs may read, write and link from now on.
    pub fn set_mask(&mut self, mask: Mask) {
        self.mask = mask;
        self.epoch += 1;
    }
    /// How many pages the workspace may hold.
    pub fn set_page_limit(&mut self, pages: Option<u64>) {
        self.workspace.set_page_limit(pages);
    }
    /// The workspace.
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }
    /// The log.
    pub fn log(&self) -> &Log {
        &self.log
    }
    /// The trace of the last run.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }
    /// The obligations: all of them, by id, or without tracing those that hold data.
    pub fn obligations(&self) -> &[Obligation] {
        &self.obligations
    }
    /// All accepted proof objects; a fact's content gives the index.
    pub fn proofs(&self) -> &[ProofObject] {
        &self.proofs
    }
    /// The proof object of the fact at `a`.
    pub fn proof_at(&self, a: Address) -> Option<&ProofObject> {
        self.proofs.get(self.workspace.content(a).as_proof()? as usize)
    }
    /// The arena.
    pub fn arena(&self) -> &Arena {
        &self.arena
    }
    /// The arena, for the host to make terms in before it loads them.
    pub fn arena_mut(&mut self) -> &mut Arena {
        &mut self.arena
    }
    /// Length of the arena when the machine began: what a replay of the log starts with.
    pub fn arena_base(&self) -> usize {
        self.arena_base
    }
    /// Gives the arena back, for reuse (truncate it to [`Machine::arena_base`] for the same start).
    pub fn into_arena(self) -> Arena {
        self.arena
    }

    /// Number of instructions executed or passed over so far.
    pub fn time(&self) -> u64 {
        self.time
    }
    /// Returns the state that handlers and hosts may read.
    pub fn view(&mut self) -> opcodes::handlers::View<'_> {
        let metas = self.metas_in_use();
        opcodes::handlers::View {
            workspace: &self.workspace,
            arena: &mut self.arena,
            assertions: &*self.assertions,
            digests: &mut self.digests,
            decisions: &self.decisions,
            metas,
        }
    }
    /// The host writes a cell before or between runs. Metavariables in a term count as in use from then on.
    /// Facts cannot be loaded, nothing can be loaded into the machine's half of the space.
    pub fn load(&mut self, a: Address, content: Content) -> Result<(), String> {
        if a.is_system()
            || matches!(content.tag, crate::dsl::memory::cell::Tag::Fact | crate::dsl::memory::cell::Tag::Empty)
        {
            return Err(format!("the host may not load this at {a}"));
        }
        let stamp = Stamp { time: self.time, ..Stamp::default() };
        self.log_terms();
        if let Some(t) = content.as_term() {
            let needed = greatest_meta(&self.arena, t).map_or(0, |m| i64::from(m) + 1);
            if needed > i64::from(self.metas_in_use()) {
                self.write(stamp, SYSTEM, Content::int(needed), 0);
            }
        }
        self.write(stamp, a, content, 0);
        Ok(())
    }
    /// Number of metavariables in use.
    pub fn metas_in_use(&self) -> u32 {
        self.workspace.content(SYSTEM).as_int().unwrap_or(0) as u32
    }

    /// Whether the predicate lets the instruction be executed; if not, that is noted in the trace.
    fn allowed(&mut self, at: At) -> Result<bool, Wrong> {
        let Some(p) = at.instruction().predicate else { return Ok(true) };
        self.permit(Right::Read, p.cell)?;
        let held = self.workspace.content(p.cell).as_bool();
        let held = held.ok_or_else(|| Wrong::at(FaultKind::Predicate, p.cell, "the predicate cell holds a bool"))?;
        if held != p.expected && self.tracing {
            let mut event = self.event(at);
            event.executed = false;
            event.reads.push(p.cell.to_string());
            self.trace.push(event);
        }
        Ok(held == p.expected)
    }
    fn step(&mut self, at: At) -> Result<Option<StopReason>, Wrong> {
        if !self.allowed(at)? {
            return Ok(None);
        }
        let mut effect = Effect::default();
        let stop = self.checked(at, &mut effect)?;
        self.commit(at, effect);
        Ok(stop)
    }
    /// Computes an effect and has it pass all checks that come before it may become real.
    fn checked(&mut self, at: At, e: &mut Effect) -> Result<Option<StopReason>, Wrong> {
        let stop = self.execute(at, e)?;
        if self.rechecking && e.claim == Some(Claim::Rerun) {
            self.recheck(at, e)?;
        }
        self.gate(e)?;
        Ok(stop)
    }
    /// A fault if the mask does not allow it.
    fn permit(&self, right: Right, a: Address) -> Result<(), Wrong> {
        match self.mask.allows(right, a) {
            true => Ok(()),
            false => Err(Wrong::at(FaultKind::Mask, a, format!("the mask allows to {} there", right.name()))),
        }
    }
    /// The last look at an effect before it becomes real: sizes of terms, mask and page limit. What the machine writes in its own
    /// half is its bookkeeping; programs cannot name it as a target.
    fn gate(&self, e: &Effect) -> Result<(), Wrong> {
        for &(a, content) in &e.writes {
            if content.as_term().is_some_and(|t| self.arena.size(t) > TERM_LIMIT) {
                let claim = format!("a term that is written has at most {TERM_LIMIT} nodes");
                return Err(Wrong::at(FaultKind::Bound, a, claim));
            }
        }
        for &(a, _) in e.writes.iter().filter(|w| !w.0.is_system()) {
            self.permit(Right::Write, a)?;
        }
        for link in &e.links {
            self.permit(Right::Link, link.from)?;
            self.permit(Right::Link, link.to)?;
        }
        match self.workspace.lacks_page(e.writes.iter().map(|w| w.0)) {
            None => Ok(()),
            Some(a) => {
                let limit = self.workspace.page_limit().unwrap_or(u64::MAX);
                Err(Wrong::at(FaultKind::Pages, a, format!("the workspace holds at most {limit} pages")))
            }
        }
    }

    fn execute(&mut self, at: At, e: &mut Effect) -> Result<Option<StopReason>, Wrong> {
        let (p, i) = (at.program, at.instruction());
        match i.opcode {
            Opcode::Mov => self.mov(p, i, e)?,
            Opcode::Readk => self.readk(p, i, e)?,
            Opcode::Writek => self.writek(p, i, e)?,
            Opcode::Link => self.link(i, e)?,
            Opcode::Cmp => self.cmp(p, i, e)?,
            Opcode::Scan => self.scan(p, i, e)?,
            Opcode::Reduce => self.reduce(i, e)?,
            Opcode::Map => self.map(p, i, e)?,
            Opcode::Join => self.join(i, e)?,
            Opcode::Unify => self.unify(p, i, e)?,
            Opcode::Assert => self.assert(i, e)?,
            Opcode::Halt => return self.halt(i, e).map(Some),
            Opcode::Spawn => unreachable!("SPAWN opens a frame"),
            Opcode::Call => self.call(at, e)?,
            _ if i.is_content() => self.decide(p, i, e)?,
            Opcode::Plan => {
                self.says_right(p, i, e)?;
                self.handled(at, e)?;
            }
            _ => self.handled(at, e)?,
        }
        Ok(None)
    }

    fn halt(&mut self, i: &Instruction, e: &mut Effect) -> Result<StopReason, Wrong> {
        let status = match i.operands[0] {
            Operand::Integer(v) => v,
            o => {
                let a = self.place(o, e)?;
                let wrong = || Wrong::at(FaultKind::Type, a, "the status is an int");
                self.read(a, e)?.as_int().ok_or_else(wrong)?
            }
        };
        let wrong = |_| Wrong::new(FaultKind::Operand, "the status is between 0 and 255");
        u8::try_from(status).map(StopReason::Halted).map_err(wrong)
    }

    /// Makes the effect real: terms, obligation, writes, links, log, trace.
    fn commit(&mut self, at: At, e: Effect) {
        self.log_terms();
        let stamp = at.stamp();
        let mut event = self.tracing.then(|| self.event(at));
        let mut id = 0;
        if let Some(claim) = e.claim {
            self.claims += 1;
            id = self.claims;
            if let Some(event) = &mut event {
                let detail = self.detail(&claim);
                event.obligation = Some(Claimed { id, claim: claim.name(), discharge: claim.discharge(), detail });
            }
            if self.tracing || claim.holds_data() {
                let opcode = at.instruction().opcode;
                self.obligations.push(Obligation { id, opcode, instruction: at.index, time: at.time, claim });
            }
        }
        self.proofs.extend(e.proofs);
        self.decisions.extend(e.decisions);
        for &(a, content) in &e.writes {
            self.write(stamp, a, content, id);
        }
        let mut new = Vec::new();
        for link in e.links {
            if self.workspace.link(link).expect("links were checked before") {
                self.log.push(Record::Link { stamp, link });
                new.push(link);
            }
        }
        if let Some(mut event) = event {
            event.reads = e.reads.iter().map(effect::Read::to_string).collect();
            event.writes = e.writes.iter().map(|&(a, content)| self.written(a, content)).collect();
            event.links = new;
            self.trace.push(event);
        }
    }
    fn log_terms(&mut self) {
        for i in self.arena_logged..self.arena.len() {
            let t = TermId::from(i);
            self.log.term(self.arena.head(t).raw(), self.arena.children(t));
        }
        self.arena_logged = self.arena.len();
    }
    #[inline]
    fn write(&mut self, stamp: Stamp, a: Address, c: Content, obligation: u64) {
        let at = self.log.next_id();
        let old = self.workspace.set(a, stamp.cell(at, c, obligation));
        self.log.write(stamp, a, &old, &c, obligation);
    }

    fn event(&self, at: At) -> Event {
        Event {
            step: at.time,
            head: self.head,
            depth: at.depth,
            block: at.program.block_name(at.block).to_string(),
            index: at.index,
            instruction: instruction_text(at.program, at.instruction()),
            executed: true,
            reads: Vec::new(),
            writes: Vec::new(),
            links: Vec::new(),
            obligation: None,
            fault: None,
        }
    }
    /// A term in prefix form, or its size and the head of its digest if it is long.
    fn show(&mut self, t: TermId) -> String {
        if is_sequent(&self.arena, t) {
            return self.assertions.statement(&self.arena, t).unwrap_or_default();
        }
        terms::print(&self.arena, &*self.assertions, t, SHOWN_NODES).unwrap_or_else(|| {
            let digest = hex(&self.digests.of(&self.arena, t)[..8]);
            format!("<{} nodes {digest}>", self.arena.size(t))
        })
    }
    fn written(&mut self, address: Address, c: Content) -> Written {
        let value = match (c.as_term(), c.as_pair()) {
            (Some(t), _) => self.show(t),
            (_, Some((a, b))) => format!("{a} {b}"),
            _ => match (c.as_bool(), c.as_int(), c.as_ref(), c.as_bytes()) {
                (Some(b), ..) => b.to_string(),
                (_, Some(i), ..) => i.to_string(),
                (_, _, Some(a), _) => a.to_string(),
                (.., Some(b)) => String::from_utf8(b).unwrap_or_else(|e| hex(e.as_bytes())),
                _ => String::new(),
            },
        };
        Written {
            address,
            tag: c.tag,
            value,
            term: c.as_term().map(|t| hex(&self.digests.of(&self.arena, t))),
            step: c.step().map(|s| match s {
                StepTaken::Assertion { id, first, metas } => {
                    format!("assertion {id} {first} ?{metas}")
                }
                StepTaken::Hypothesis(i) => format!("hypothesis {i}"),
                StepTaken::Shared(a) => format!("shared {a}"),
                StepTaken::Decided { id, .. } => decision_text(&self.decisions, id),
            }),
        }
    }
    fn detail(&mut self, claim: &Claim) -> Vec<String> {
        match claim {
            Claim::Matches(hits) => hits
                .iter()
                .map(|w| {
                    let values = w.substitution.iter().map(|&(m, t)| format!(" ?{m}={}", self.show(t)));
                    format!("{}{}", w.address, values.collect::<String>())
                })
                .collect(),
            Claim::Unified { bindings, distinct, .. } => {
                let values = bindings.iter().map(|&(m, t)| format!("?{m}={}", self.show(t)));
                let mut out: Vec<String> = values.collect();
                out.extend(distinct.iter().map(|&(a, b)| format!("$d {} {}", self.show(a), self.show(b))));
                out
            }
            Claim::Certified(lines) => lines.clone(),
            Claim::Proof { proof, judge } => {
                vec![format!("proof {proof}"), format!("judge {judge}")]
            }
            Claim::Child { status, adopted, steps } => vec![format!("status {status} adopted {adopted} steps {steps}")],
            Claim::Answered { detail, judge, .. } | Claim::Called { detail, judge } => {
                let judge = judge.iter().map(|j| format!("judge {j}"));
                detail.iter().cloned().chain(judge).collect()
            }
            Claim::Decided { detail, .. } => detail.clone(),
            Claim::Equal { .. } | Claim::Linked(_) | Claim::Rerun => Vec::new(),
        }
    }
}

//! Execution as a stack of frames, one for the program and one for each child, so that a run can stand still
//! between any two steps: that is what `metadream debug` shows.
//!
//! Price: a frame for each SPAWN; nothing for the other opcodes.

mod fast;

use super::effect::{Effect, Wrong};
use super::{At, Machine, Outcome, StopReason};
use crate::dsl::isa::{Opcode, SpawnMode};
use crate::dsl::log::{Record, MEMORY_LIMIT};
use crate::dsl::machine::execution::fast::Code;
use crate::dsl::machine::obligation::{Claim, Fault, FaultKind};
use crate::dsl::machine::trace::{End, Trace, TRACE_LIMIT};
use crate::dsl::memory::cell::{Address, Content};
use crate::dsl::memory::mask::Right;
use crate::dsl::memory::workspace::Workspace;
use crate::dsl::programs::program::{BlockId, Operand, Program, ProgramError};

/// Children may be nested this deep.
pub const MAX_DEPTH: u32 = 64;

/// A run that was begun. It belongs to the machine and the program that it was begun with.
pub struct Execution {
    budget: u64,
    /// The decoded program; none with tracing, which the short way leaves no events for.
    code: Option<Code>,
    frames: Vec<Frame>,
    outcome: Option<Outcome>,
}

impl Execution {
    pub(super) fn at(root: Frame) -> Execution {
        Execution { budget: root.left, code: None, frames: vec![root], outcome: None }
    }
    /// Frames that are open.
    pub(super) fn depth(&self) -> usize {
        self.frames.len()
    }
    /// Steps that the first frame has left; none when it is gone.
    pub(super) fn left(&self) -> u64 {
        self.frames.first().map_or(0, |f| f.left)
    }
    /// How it ended; none while it goes on.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }
    /// Block, index of the next instruction, and depth; none at the end of the block and of the run.
    pub fn next(&self, program: &Program) -> Option<(BlockId, u32, u32)> {
        let f = self.frames.last().filter(|_| self.outcome.is_none())?;
        let b = &program.blocks()[f.block.0 as usize];
        (f.next < b.start + b.len).then_some((f.block, f.next, f.depth))
    }
}

pub(super) struct Frame {
    pub block: BlockId,
    pub next: u32,
    depth: u32,
    /// Steps that it may still use.
    pub left: u64,
    spawned: Option<Spawned>,
}

/// The continuation of a SPAWN: the work left when its child ends.
struct Spawned {
    block: BlockId,
    index: u32,
    time: u64,
    mode: SpawnMode,
    condition: Option<Operand>,
    dst: Address,
    granted: u64,
    saved: Workspace,
    effect: Effect,
}

impl Frame {
    /// The frame of a program's entry block, from the instruction `next` on.
    pub fn root(next: u32, left: u64) -> Frame {
        Frame { block: BlockId(0), next, depth: 0, left, spawned: None }
    }
    /// The cell that a loop asks before each round, if its operand is an address.
    pub fn condition(&self) -> Option<Address> {
        match self.spawned.as_ref()?.condition? {
            Operand::Address(a) => Some(a),
            _ => None,
        }
    }
}

impl Machine<'_> {
    /// Begins a run of the program's entry block with at most `budget` steps, on the workspace as it is.
    ///
    /// # Errors
    /// A program that is not as docs/isa.md says.
    pub fn begin(&mut self, program: &Program, budget: u64) -> Result<Execution, ProgramError> {
        program.check()?;
        self.trace = Trace::new(program);
        let next = program.blocks()[0].start;
        Ok(Execution::at(Frame::root(next, budget)))
    }
    /// Executes at most `quota` instructions; how the run ended, if it did.
    pub fn advance(&mut self, program: &Program, run: &mut Execution, mut quota: u64) -> Option<Outcome> {
        while run.outcome.is_none() && self.proceed(program, run, &mut quota) {}
        run.outcome.clone()
    }
    /// Executes an instruction, or several on the short way, or ends a block; false if the quota is used up.
    pub(super) fn proceed(&mut self, program: &Program, run: &mut Execution, quota: &mut u64) -> bool {
        let frame = run.frames.last_mut().expect("a run that goes on has a frame");
        if !self.tracing {
            let stale = run.code.as_ref().is_none_or(|c| c.epoch != self.epoch);
            if stale {
                run.code = Some(Code::of(program, &self.mask, self.epoch));
            }
            if let Some(code) = run.code.as_ref().filter(|_| !self.is_full()) {
                self.short(program, code, frame, quota);
            }
        }
        let b = &program.blocks()[frame.block.0 as usize];
        let mut stop = if frame.next >= b.start + b.len {
            self.round(program, frame)
        } else if frame.left == 0 {
            Some(StopReason::Budget)
        } else if *quota == 0 {
            return false;
        } else {
            *quota -= 1;
            self.instruction(program, run)
        };
        while let Some(reason) = stop {
            stop = self.leave(program, run, reason);
        }
        true
    }
    /// Runs the program's entry block with at most `budget` steps, on the workspace as it is.
    ///
    /// # Errors
    /// A program that is not as docs/isa.md says.
    ///
    /// ```
    /// use metadream_core::dsl::{formulas::logic::Nothing, machine::Machine, programs::asm::assemble};
    /// use metadream_core::metamath_db::terms::term::Arena;
    ///
    /// let program = assemble(".block main\n    MOV 1:0:0, #7\n    HALT #0\n").unwrap();
    /// let mut machine = Machine::new(Nothing, Nothing, Arena::new());
    /// let outcome = machine.run(&program, 100).unwrap();
    /// assert_eq!(outcome.stop.status(), 0);
    /// assert_eq!(machine.workspace().content("1:0:0".parse().unwrap()).as_int(), Some(7));
    /// let replayed = machine.log().replay(&mut Arena::new()).unwrap();
    /// assert_eq!(replayed.digest(), machine.workspace().digest());
    /// ```
    pub fn run(&mut self, program: &Program, budget: u64) -> Result<Outcome, ProgramError> {
        let mut run = self.begin(program, budget)?;
        Ok(self.advance(program, &mut run, u64::MAX).expect("only a quota makes a run stand still"))
    }

    /// Executes the next instruction of the last frame.
    fn instruction(&mut self, program: &Program, run: &mut Execution) -> Option<StopReason> {
        let frame = run.frames.last_mut().expect("a run that goes on has a frame");
        frame.left -= 1;
        self.time += 1;
        self.left = frame.left;
        let at = At { program, block: frame.block, depth: frame.depth, index: frame.next, time: self.time };
        frame.next += 1;
        let arena_len = self.arena.len();
        let done = match at.instruction().opcode {
            _ if self.is_full() => Err(self.full()),
            Opcode::Spawn => self.allowed(at).and_then(|go| match go {
                true => self.spawn(at, run).map(|()| None),
                false => Ok(None),
            }),
            _ => self.step(at),
        };
        done.unwrap_or_else(|wrong| {
            if self.arena.len() > arena_len {
                self.arena.truncate(arena_len);
                self.digests.truncate(arena_len);
            }
            Some(StopReason::Fault(self.faulted(at, wrong)))
        })
    }
    fn is_full(&self) -> bool {
        self.log.is_full() || self.trace.is_full()
    }
    /// The fault of a run whose log or trace has reached its limit. It ends the run with all children.
    fn full(&self) -> Wrong {
        let claim = match self.log.is_full() {
            true => format!("a log in memory holds at most {} MiB: keep it in a folder", MEMORY_LIMIT >> 20),
            false => format!("the trace of a run holds at most {} MiB", TRACE_LIMIT >> 20),
        };
        Wrong::new(FaultKind::Bound, claim)
    }
    /// The fault that an instruction ended in, noted in the trace.
    pub(super) fn faulted(&mut self, at: At, wrong: Wrong) -> Fault {
        let fault = at.fault(wrong);
        let (status, address) = (fault.kind.status(), fault.address);
        self.log.push(Record::Fault { stamp: at.stamp(), status, address });
        if self.tracing {
            let mut event = self.event(at);
            event.fault = Some(fault.clone());
            self.trace.push(event);
        }
        fault
    }
    /// SPAWN: takes the snapshot and opens the child's frame. The child's steps are committed one by one;
    /// adopting is keeping them.
    pub(super) fn spawn(&mut self, at: At, run: &mut Execution) -> Result<(), Wrong> {
        let i = at.instruction();
        let mut effect = Effect::default();
        let mode = SpawnMode::from_code(i.function).ok_or_else(|| Wrong::operand("SPAWN mode"))?;
        let dst = self.target(i.operands[0], &mut effect)?;
        self.permit(Right::Write, dst)?;
        let (Operand::Block(block), Operand::Integer(budget)) = (i.operands[1], i.operands[2]) else {
            return Err(Wrong::operand("SPAWN takes a block and a budget"));
        };
        let budget = u64::try_from(budget).map_err(|_| Wrong::operand("the budget is not negative"))?;
        if at.depth >= MAX_DEPTH {
            let claim = format!("children are nested at most {MAX_DEPTH} deep");
            return Err(Wrong::new(FaultKind::Depth, claim));
        }
        let condition = i.operands.get(3).copied();
        if let Some(o) = condition {
            self.condition(o, &mut effect)?;
        }
        self.log.push(Record::Spawn { stamp: at.stamp() });
        let granted = budget.min(self.left);
        let first = &at.program.blocks()[block.0 as usize];
        // a loop begins at the end of its block: there its condition is asked
        let next = first.start + if mode == SpawnMode::While { first.len } else { 0 };
        let saved = self.workspace.snapshot();
        let spawned = Spawned {
            block: at.block,
            index: at.index,
            time: at.time,
            mode,
            condition: condition.filter(|_| mode == SpawnMode::While),
            dst,
            granted,
            saved,
            effect,
        };
        run.frames.push(Frame { block, next, depth: at.depth + 1, left: granted, spawned: Some(spawned) });
        Ok(())
    }
    /// The last instruction of a block was executed: the end, or for a loop the next round.
    fn round(&mut self, program: &Program, frame: &mut Frame) -> Option<StopReason> {
        let Some((s, condition)) = frame.spawned.as_ref().and_then(|s| Some((s, s.condition?))) else {
            return Some(StopReason::End);
        };
        match self.condition(condition, &mut Effect::default()) {
            Ok(true) => {}
            Ok(false) => return Some(StopReason::End),
            Err(wrong) => {
                let depth = frame.depth - 1;
                let at = At { program, block: s.block, depth, index: s.index, time: s.time };
                return Some(StopReason::Fault(at.fault(wrong)));
            }
        }
        if frame.left == 0 {
            return Some(StopReason::Budget);
        }
        frame.left -= 1; // a round costs one step, so that an empty block cannot loop for ever
        frame.next = program.blocks()[frame.block.0 as usize].start;
        None
    }
    /// The last frame ended: the run with it, or the child is adopted or dropped. A fault of the SPAWN itself is
    /// handed back: its parent ends with it.
    fn leave(&mut self, program: &Program, run: &mut Execution, stop: StopReason) -> Option<StopReason> {
        let frame = run.frames.pop().expect("a run that goes on has a frame");
        let Some(s) = frame.spawned else {
            let steps = run.budget - frame.left;
            let status = match stop {
                StopReason::Halted(s) => Some(s),
                _ => None,
            };
            self.trace.end = Some(End { stop: stop.name(), status, steps });
            run.outcome = Some(Outcome { stop, steps });
            return None;
        };
        let steps = s.granted - frame.left;
        run.frames.last_mut().expect("a child has a parent").left -= steps;
        let at = At { program, block: s.block, depth: frame.depth - 1, index: s.index, time: s.time };
        let status = stop.status();
        let mut adopted = status == 0 && s.mode != SpawnMode::Test;
        let kept = if adopted { &self.workspace } else { &s.saved };
        let wrong = match kept.lacks_page(std::iter::once(s.dst)) {
            Some(a) => Some(Wrong::at(FaultKind::Pages, a, "the workspace has a page for the result")),
            None => self.is_full().then(|| self.full()),
        };
        adopted &= wrong.is_none();
        let stamp = at.stamp();
        if adopted {
            self.log.push(Record::Adopt { stamp });
        } else {
            self.workspace = s.saved;
            self.log.push(Record::Drop { stamp });
        }
        if let Some(wrong) = wrong {
            return Some(StopReason::Fault(self.faulted(at, wrong)));
        }
        let mut e = s.effect;
        let mut content = Content::bool(status == 0);
        content.inline = [u64::from(status), steps, 0];
        e.writes.push((s.dst, content));
        e.claim = Some(Claim::Child { status, adopted, steps });
        self.commit(at, e);
        None
    }
    fn condition(&self, o: Operand, e: &mut Effect) -> Result<bool, Wrong> {
        let a = self.place(o, e)?;
        let wrong = || Wrong::at(FaultKind::Predicate, a, "the condition is a bool");
        self.read(a, e)?.as_bool().ok_or_else(wrong)
    }
}

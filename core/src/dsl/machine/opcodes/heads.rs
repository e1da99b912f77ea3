//! Heads: up to 64 programs that step together on one workspace (docs/workspace.md, "Heads").
//!
//! A round computes the effect of every running head on the state at its beginning, then commits them in order of
//! number. Whoever would touch what an earlier head of the round has written waits for the next round, so the
//! result depends on programs, masks and workspace alone.
//!
//! Price: as single steps, plus a set of the round's written slots; a SPAWN costs a snapshot and the diff of its child.

use crate::dsl::isa::Opcode;
use crate::dsl::log::{Record, Stamp};
use crate::dsl::machine::effect::{Effect, Wrong};
use crate::dsl::machine::execution::{Execution, Frame};
use crate::dsl::machine::obligation::FaultKind;
use crate::dsl::machine::trace::{End, Trace};
use crate::dsl::machine::{At, Machine, Outcome, StopReason};
use crate::dsl::memory::cell::Address;
use crate::dsl::memory::diff::Diff;
use crate::dsl::memory::mask::Mask;
use crate::dsl::programs::program::{BlockId, Program, ProgramError};
use rustc_hash::FxHashSet;
use sha2::{Digest, Sha256};

/// Heads that can run together.
pub const MAX_HEADS: usize = 64;

/// One head: its program and what it may do.
pub struct Head<'p> {
    /// The program that the head runs, from the entry block on.
    pub program: &'p Program,
    /// The pages that it may read, write and link.
    pub mask: Mask,
}

/// Why heads could not begin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HeadsError {
    /// None, or more than [`MAX_HEADS`].
    Number(usize),
    /// The program of this head is not as docs/isa.md says.
    Program(usize, ProgramError),
}

impl std::fmt::Display for HeadsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            HeadsError::Number(n) => write!(f, "1 to {MAX_HEADS} heads run together, not {n}"),
            HeadsError::Program(head, why) => write!(f, "head {head}: {why}"),
        }
    }
}

impl std::error::Error for HeadsError {}

/// How heads ended, as one run: as the first that did not end well, else as the first; with the steps of all.
pub fn together(outcomes: &[Outcome]) -> Option<Outcome> {
    let told = outcomes.iter().find(|o| o.stop.status() != 0).or(outcomes.first())?;
    Some(Outcome { stop: told.stop.clone(), steps: outcomes.iter().map(|o| o.steps).sum() })
}

/// Turns of a child between two questions to the host whether to go on.
const TURNS: u64 = 1 << 10;
/// Instructions that one turn may execute on the short way.
const QUOTA: u64 = 1 << 12;

/// The budget of all heads together: the steps left, and the host's consent.
struct Fuel<'g> {
    left: u64,
    go: &'g mut dyn FnMut() -> bool,
}

impl Fuel<'_> {
    /// Asks the host; if it says no, no step is left.
    fn granted(&mut self) -> bool {
        let go = (self.go)();
        if !go {
            self.left = 0;
        }
        go
    }
}

/// The changes that a head wants to commit.
enum Wish {
    /// The predicate said no.
    Nothing,
    Effect(Box<Effect>, Option<StopReason>),
    /// The changes of a SPAWN and its child.
    Child(Diff),
}

struct Running<'p> {
    program: &'p Program,
    next: u32,
    end: u32,
    steps: u64,
    stop: Option<StopReason>,
}

impl Machine<'_> {
    /// Runs the heads together with at most `budget` steps in all, on the workspace as it is. How each ended, with its
    /// own steps.
    ///
    /// # Errors
    /// Too few or too many heads, or a program that is not as docs/isa.md says.
    pub fn run_heads(&mut self, heads: &[Head<'_>], budget: u64) -> Result<Vec<Outcome>, HeadsError> {
        self.run_heads_while(heads, budget, &mut || true)
    }
    /// As [`Machine::run_heads`], but `go` is asked every round, and in long children too; once it says no, the
    /// budget counts as used up.
    ///
    /// # Errors
    /// As [`Machine::run_heads`].
    pub fn run_heads_while(
        &mut self,
        heads: &[Head<'_>],
        budget: u64,
        go: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<Outcome>, HeadsError> {
        if heads.is_empty() || heads.len() > MAX_HEADS {
            return Err(HeadsError::Number(heads.len()));
        }
        for (n, head) in heads.iter().enumerate() {
            head.program.check().map_err(|why| HeadsError::Program(n, why))?;
        }
        let mut hash = Sha256::new();
        heads.iter().for_each(|h| hash.update(h.program.digest()));
        self.trace = Trace::default();
        self.trace.program = hash.finalize().into();
        let begin = |h: &Head<'_>| h.program.blocks()[0].clone();
        let mut running: Vec<Running<'_>> = heads
            .iter()
            .map(|h| (h, begin(h)))
            .map(|(h, b)| Running { program: h.program, next: b.start, end: b.start + b.len, steps: 0, stop: None })
            .collect();
        let own = std::mem::take(&mut self.mask);
        let mut fuel = Fuel { left: budget, go };
        while running.iter().any(|r| r.stop.is_none()) {
            fuel.granted();
            self.round_of(heads, &mut running, &mut fuel);
        }
        self.set_mask(own);
        self.head = None;
        let outcomes: Vec<Outcome> =
            running.into_iter().map(|r| Outcome { stop: r.stop.expect("all have stopped"), steps: r.steps }).collect();
        self.trace.end = together(&outcomes).map(|whole| {
            let status = match whole.stop {
                StopReason::Halted(s) => Some(s),
                _ => None,
            };
            End { stop: whole.stop.name(), status, steps: whole.steps }
        });
        Ok(outcomes)
    }

    fn round_of(&mut self, heads: &[Head<'_>], running: &mut [Running<'_>], fuel: &mut Fuel<'_>) {
        let mut wishes = Vec::with_capacity(heads.len());
        for (n, (r, head)) in running.iter_mut().zip(heads).enumerate().filter(|(_, (r, _))| r.stop.is_none()) {
            if r.next >= r.end {
                r.stop = Some(StopReason::End);
                continue;
            }
            if fuel.left == 0 {
                r.stop = Some(StopReason::Budget);
                continue;
            }
            fuel.left -= 1;
            r.steps += 1;
            self.time += 1;
            self.left = fuel.left;
            self.head = Some(n as u32);
            self.set_mask(head.mask.clone());
            let at = At { program: r.program, block: BlockId(0), depth: 0, index: r.next, time: self.time };
            let (arena_len, before) = (self.arena.len(), fuel.left);
            let wish = match at.instruction().opcode {
                Opcode::Spawn => self.wish_child(at, fuel),
                _ => self.wish(at),
            };
            r.steps += before - fuel.left;
            match wish {
                Ok(wish) => wishes.push((n, at, wish, self.numbered())),
                Err(wrong) => {
                    if self.arena.len() > arena_len && at.instruction().opcode != Opcode::Spawn {
                        self.arena.truncate(arena_len);
                        self.digests.truncate(arena_len);
                    }
                    r.stop = Some(StopReason::Fault(self.faulted(at, wrong)));
                }
            }
        }
        let mut written = FxHashSet::default();
        for (n, at, wish, proofs) in wishes {
            self.head = Some(n as u32);
            let r = &mut running[n];
            match self.grant(at, wish, proofs, &mut written) {
                Ok(Some(stop)) => {
                    r.next += 1;
                    r.stop = stop;
                }
                Ok(None) => {} // waits
                Err(wrong) => r.stop = Some(StopReason::Fault(self.faulted(at, wrong))),
            }
        }
    }
    fn wish(&mut self, at: At) -> Result<Wish, Wrong> {
        if !self.allowed(at)? {
            return Ok(Wish::Nothing);
        }
        let mut e = Effect::default();
        let stop = self.checked(at, &mut e)?;
        Ok(Wish::Effect(Box::new(e), stop))
    }
    /// Runs a SPAWN with its child to the end on a snapshot that is dropped again; what it changed is the wish.
    fn wish_child(&mut self, at: At, fuel: &mut Fuel<'_>) -> Result<Wish, Wrong> {
        if !self.allowed(at)? {
            return Ok(Wish::Nothing);
        }
        let before = self.workspace.snapshot();
        self.log.push(Record::Spawn { stamp: at.stamp() });
        let mut run = Execution::at(Frame::root(at.index + 1, fuel.left));
        let mut spawned = self.spawn(at, &mut run);
        if spawned.is_ok() {
            let mut turns = 0;
            while run.depth() > 1 && run.outcome().is_none() {
                let mut quota = QUOTA;
                self.proceed(at.program, &mut run, &mut quota);
                turns += 1;
                if turns % TURNS == 0 && !fuel.granted() {
                    spawned = Err(Wrong::new(FaultKind::Budget, "the host lets the run go on"));
                    break;
                }
            }
        }
        let after = std::mem::replace(&mut self.workspace, before);
        self.log.push(Record::Drop { stamp: at.stamp() });
        spawned?;
        fuel.left = run.left();
        match run.outcome().map(|o| &o.stop) {
            // the SPAWN itself ended in a fault: its trace has it already
            Some(StopReason::Fault(f)) => Err(Wrong { kind: f.kind, address: f.address, claim: f.claim.clone() }),
            _ => Ok(Wish::Child(self.workspace.diff(&after))),
        }
    }
    /// Commits a wish (how the head ended then, if it did), or not: none, if the head has to wait.
    #[allow(clippy::type_complexity)]
    fn grant(
        &mut self,
        at: At,
        wish: Wish,
        proofs: usize,
        written: &mut FxHashSet<Address>,
    ) -> Result<Option<Option<StopReason>>, Wrong> {
        let (writes, links): (Vec<Address>, Vec<_>) = match &wish {
            Wish::Nothing => return Ok(Some(None)),
            Wish::Effect(e, _) => {
                let taken = (!e.proofs.is_empty() || !e.decisions.is_empty()) && self.numbered() != proofs;
                if taken {
                    return Ok(None); // the numbers of its proof objects or decisions are taken
                }
                (e.writes.iter().map(|w| w.0).collect(), e.links.clone())
            }
            Wish::Child(diff) => (diff.cells.iter().map(|c| c.address).collect(), diff.linked.clone()),
        };
        if writes.iter().any(|a| written.contains(a)) || links.iter().any(|&l| self.workspace.closes_cycle(l)) {
            return Ok(None);
        }
        if let Some(a) = self.workspace.lacks_page(writes.iter().copied()) {
            return Err(Wrong::at(FaultKind::Pages, a, "the workspace has a page for every write of the round"));
        }
        written.extend(writes);
        match wish {
            Wish::Nothing => Ok(Some(None)),
            Wish::Effect(e, stop) => {
                self.commit(at, *e);
                Ok(Some(stop))
            }
            Wish::Child(diff) => {
                for c in diff.cells {
                    let stamp = Stamp { time: c.new.time, opcode: c.new.opcode, instruction: c.new.instruction };
                    self.write(stamp, c.address, c.new.content(), c.new.obligation);
                }
                for link in diff.linked {
                    if self.workspace.link(link).is_ok() {
                        self.log.push(Record::Link { stamp: at.stamp(), link });
                    }
                }
                Ok(Some(None))
            }
        }
    }
}

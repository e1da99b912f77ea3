//! The effects of an instruction before they are committed, its possible errors, and the evaluation of operands.

use super::Machine;
use crate::dsl::formulas::logic::ProofObject;
use crate::dsl::formulas::terms;
use crate::dsl::formulas::unify::{resolve, Bindings};
use crate::dsl::machine::obligation::{Claim, FaultKind};
use crate::dsl::memory::cell::{Address, Content, Span};
use crate::dsl::memory::mask::Right;
use crate::dsl::memory::workspace::{Link, Workspace};
use crate::dsl::programs::content::Decision;
use crate::dsl::programs::program::{Operand, Program};
use crate::metamath_db::ids::TermId;
use std::collections::BTreeMap;
use std::fmt;

/// A claim that failed, not yet with its place in the program.
#[derive(Clone, Debug)]
pub(super) struct Wrong {
    pub kind: FaultKind,
    pub address: Option<Address>,
    pub claim: String,
}

impl Wrong {
    pub fn new(kind: FaultKind, claim: impl Into<String>) -> Wrong {
        Wrong { kind, address: None, claim: claim.into() }
    }
    pub fn at(kind: FaultKind, address: Address, claim: impl Into<String>) -> Wrong {
        Wrong { kind, address: Some(address), claim: claim.into() }
    }
    pub fn operand(claim: impl Into<String>) -> Wrong {
        Wrong::new(FaultKind::Operand, claim)
    }
}

/// Cells that were read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Read {
    Cell(Address),
    Range(Span),
}

impl fmt::Display for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Read::Cell(a) => write!(f, "{a}"),
            Read::Range(s) => write!(f, "{}*{}", s.first(), s.len()),
        }
    }
}

/// The cells that an instruction has read and the changes that it will commit.
#[derive(Default)]
pub(super) struct Effect {
    pub reads: Vec<Read>,
    pub writes: Vec<(Address, Content)>,
    pub links: Vec<Link>,
    pub claim: Option<Claim>,
    pub proofs: Vec<ProofObject>,
    /// Decisions, each with what it answers.
    pub decisions: Vec<(Decision, TermId)>,
}

impl Effect {
    pub fn note(&mut self, a: Address) {
        if !self.reads.contains(&Read::Cell(a)) {
            self.reads.push(Read::Cell(a));
        }
    }
}

/// The bindings in the workspace's binding cells, with new ones kept aside until they are committed.
pub(super) struct CellBindings<'w> {
    pub workspace: &'w Workspace,
    pub new: BTreeMap<u32, TermId>,
}

impl<'w> CellBindings<'w> {
    pub fn of(workspace: &'w Workspace) -> CellBindings<'w> {
        CellBindings { workspace, new: BTreeMap::new() }
    }
}

impl Bindings for CellBindings<'_> {
    fn value(&self, m: u32) -> Option<TermId> {
        let old = || self.workspace.content(Address::of_meta(m)?).as_term();
        self.new.get(&m).copied().or_else(old)
    }
    fn bind(&mut self, m: u32, t: TermId) {
        self.new.insert(m, t);
    }
}

impl Machine<'_> {
    /// The address that a place operand names.
    pub(super) fn place(&self, o: Operand, e: &mut Effect) -> Result<Address, Wrong> {
        match o {
            Operand::Address(a) => Ok(a),
            Operand::Indirect(cell) => {
                let wrong = || Wrong::at(FaultKind::Type, cell, "an indirect operand's cell holds a ref");
                self.read(cell, e)?.as_ref().ok_or_else(wrong)
            }
            _ => Err(Wrong::operand("a place is expected")),
        }
    }
    /// A place that the program may write.
    pub(super) fn target(&self, o: Operand, e: &mut Effect) -> Result<Address, Wrong> {
        let a = self.place(o, e)?;
        writable(a)
    }
    /// The content of a written cell.
    pub(super) fn read(&self, a: Address, e: &mut Effect) -> Result<Content, Wrong> {
        self.permit(Right::Read, a)?;
        e.note(a);
        let cell = self.workspace.get(a);
        match cell.is_empty() {
            true => Err(Wrong::at(FaultKind::Empty, a, "the cell has been written")),
            false => Ok(cell.content()),
        }
    }
    /// The slots that a range operand names.
    pub(super) fn span(&self, o: Operand, e: &mut Effect) -> Result<Span, Wrong> {
        let span = match o {
            Operand::Range(s) => s,
            Operand::IndirectRange(cell, len) => {
                let first = self.place(Operand::Indirect(cell), e)?;
                let wrong = || Wrong::at(FaultKind::Address, first, "the range is inside the space");
                Span::new(first, len).ok_or_else(wrong)?
            }
            _ => return Err(Wrong::operand("a range is expected")),
        };
        if let Some(a) = self.mask.first_breach(Right::Read, span) {
            self.permit(Right::Read, a)?;
        }
        e.reads.push(Read::Range(span));
        Ok(span)
    }
    /// The content of a value operand, and its address if it is no literal.
    pub(super) fn value(
        &mut self,
        p: &Program,
        o: Operand,
        e: &mut Effect,
    ) -> Result<(Option<Address>, Content), Wrong> {
        match o {
            Operand::Integer(v) => Ok((None, Content::int(v))),
            Operand::Text(s) => {
                let wrong = || Wrong::operand("a text has at most 24 bytes");
                Content::bytes(p.string(s).as_bytes()).map(|c| (None, c)).ok_or_else(wrong)
            }
            Operand::Term(s) => {
                let used = self.metas_in_use();
                let read = terms::read(p.string(s), &*self.assertions, &mut self.arena, &|m| m < used);
                read.map(|t| (None, Content::term(t))).map_err(|claim| Wrong::new(FaultKind::Term, claim))
            }
            o => {
                let a = self.place(o, e)?;
                Ok((Some(a), self.read(a, e)?))
            }
        }
    }
    /// A term with the workspace's bindings applied.
    pub(super) fn resolved(&mut self, t: TermId) -> TermId {
        resolve(&mut self.arena, &CellBindings::of(&self.workspace), t)
    }
}

/// The address, if a program may write there.
pub(super) fn writable(a: Address) -> Result<Address, Wrong> {
    match a.is_system() {
        true => Err(Wrong::at(FaultKind::Address, a, "programs write in their half of the space")),
        false => Ok(a),
    }
}

/// The slot `n` places after `a`, if a program may write there.
pub(super) fn slot_after(a: Address, n: u64) -> Result<Address, Wrong> {
    let wrong = || Wrong::at(FaultKind::Address, a, "the results are inside the space");
    writable(a.plus(n).ok_or_else(wrong)?)
}

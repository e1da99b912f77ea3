//! Replay: rebuilding a workspace, bit by bit, from its log.
//!
//! Cells and links need nothing but the records. Terms are numbers in an arena: those below the session's base come
//! from the database and the library that [`Origin`] names by hash, the others are records.

use super::error::Wrong;
use super::record::{Origin, Record, RecordId, Stamp};
use crate::dsl::memory::cell::{Address, Content};
use crate::dsl::memory::workspace::Workspace;
use crate::metamath_db::ids::{AssertionId, SymbolId, TermId};
use crate::metamath_db::terms::term::{Arena, Head};
use smallvec::SmallVec;

/// A replay in progress. It takes all records in order.
#[derive(Default)]
pub struct Replay<'a> {
    /// The workspace of the current session, or of the last one.
    pub workspace: Workspace,
    /// The session's inputs, if its records name them.
    pub origin: Option<Origin>,
    /// The session's own terms: head's 32 bits and children.
    pub terms: Vec<(u32, SmallVec<[TermId; 6]>)>,
    /// Sessions that ended with the digest that their record holds.
    pub ended: u64,
    /// Sessions that were begun.
    pub begun: u64,
    parents: Vec<Workspace>,
    records: u64,
    arena: Option<&'a mut Arena>,
}

impl<'a> Replay<'a> {
    /// A replay that makes the terms in `arena`, too. It must be as it was when the session began, or, for sessions
    /// with an [`Origin`], hold at least the terms of database and library.
    pub fn with_arena(arena: &'a mut Arena) -> Replay<'a> {
        Replay { arena: Some(arena), ..Replay::default() }
    }
    /// Applies the next record.
    pub fn apply(&mut self, record: Record) -> Result<(), Wrong> {
        if let Record::Begin(origin) = record {
            return self.begin(origin);
        }
        let at = RecordId::from_number(self.records);
        self.records += 1;
        match record {
            Record::Write { stamp, address, before, content, obligation } => {
                self.write(at, stamp, address, before, content, obligation)?;
            }
            Record::Link { link, .. } => match self.workspace.link(link) {
                Ok(true) => {}
                _ => return Err(Wrong::Link),
            },
            Record::Term { head, children } => self.term(head, children)?,
            Record::Spawn { .. } => self.parents.push(self.workspace.clone()),
            Record::Adopt { .. } => drop(self.parents.pop().ok_or(Wrong::Parent)?),
            Record::Drop { .. } => self.workspace = self.parents.pop().ok_or(Wrong::Parent)?,
            Record::End(e) => {
                if self.workspace.digest() != e.workspace {
                    return Err(Wrong::Workspace);
                }
                self.ended += 1;
            }
            Record::Fault { .. } | Record::Begin(_) | Record::Files { .. } => {}
        }
        Ok(())
    }
    fn begin(&mut self, origin: Origin) -> Result<(), Wrong> {
        if let Some(arena) = &mut self.arena {
            let base = usize::try_from(origin.terms).map_err(|_| Wrong::Base)?;
            if arena.len() < base {
                return Err(Wrong::Base);
            }
            arena.truncate(base);
        }
        self.workspace = Workspace::new();
        self.parents.clear();
        self.terms.clear();
        self.records = 1;
        self.begun += 1;
        self.origin = Some(origin);
        Ok(())
    }
    fn write(
        &mut self,
        at: RecordId,
        stamp: Stamp,
        address: Address,
        before: Option<RecordId>,
        c: Content,
        obligation: u64,
    ) -> Result<(), Wrong> {
        let old = self.workspace.set(address, stamp.cell(at, c, obligation));
        let held = (!old.is_empty()).then_some(RecordId { segment: old.segment, record: old.record });
        match held == before {
            true => Ok(()),
            false => Err(Wrong::Before),
        }
    }
    fn term(&mut self, head: u32, children: SmallVec<[TermId; 6]>) -> Result<(), Wrong> {
        let known = match (&self.arena, &self.origin) {
            (Some(arena), _) => arena.len() as u64,
            (None, Some(origin)) => origin.terms + self.terms.len() as u64,
            (None, None) => u64::MAX,
        };
        if children.iter().any(|c| u64::from(c.0) >= known) {
            return Err(Wrong::TermOrder);
        }
        if let Some(arena) = &mut self.arena {
            if arena.make(head_from_raw(head), &children).index() as u64 != known {
                return Err(Wrong::Term);
            }
        }
        self.terms.push((head, children));
        Ok(())
    }
}

/// The head with these 32 bits (see [`Head::raw`]).
pub(in crate::dsl) fn head_from_raw(raw: u32) -> Head {
    match (raw >> 31, raw >> 30 & 1, raw >> 29 & 1) {
        (1, ..) => Head::meta(raw & !(1 << 31)),
        (_, 1, _) => Head::variable(SymbolId(raw & !(1 << 30))),
        (_, _, 1) => Head::judgement(raw & !(1 << 29)),
        _ => Head::syntax(AssertionId(raw)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_survive_their_bits() {
        for h in [Head::meta(5), Head::variable(SymbolId(6)), Head::syntax(AssertionId(7)), Head::judgement(8)] {
            assert_eq!(head_from_raw(h.raw()), h);
        }
    }
}

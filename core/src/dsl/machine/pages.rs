//! The machine and page files: what an instruction touches is read then, or is the fault `storage`.
//!
//! An access to a page that cannot be read finds nothing and is noted by the workspace. The machine asks for that note after
//! it has computed an instruction and before it commits: so the instruction ends in the fault, whatever else it
//! made of the missing page, and changes nothing. What is written is touched before.

use super::effect::Wrong;
use super::Machine;
use crate::dsl::cell::{Address, SYSTEM};
use crate::dsl::obligation::FaultKind;
use crate::dsl::page_file::{self, BrokenPage, PageFileError};
use std::path::Path;

impl From<BrokenPage> for Wrong {
    fn from(broken: BrokenPage) -> Wrong {
        let first = Address::from_packed(u64::from(broken.page) << 8).expect("pages lie inside the space");
        Wrong::at(FaultKind::Storage, first, broken.to_string())
    }
}

impl Machine<'_> {
    /// The fault `storage` if something was read since the instruction began that is not there as it was saved.
    pub(super) fn intact(&self) -> Result<(), Wrong> {
        self.workspace.broken().map_err(Wrong::from)
    }
    /// The same for one cell.
    pub(super) fn touch(&self, a: Address) -> Result<(), Wrong> {
        self.workspace.touch(a).map_err(Wrong::from)
    }
    /// Saves the workspace as a page file, with the terms that were made since the machine was.
    ///
    /// # Errors
    /// See [`page_file::save`].
    pub fn save_pages(&self, path: &Path) -> Result<(), PageFileError> {
        page_file::save(&self.workspace, &self.arena, self.arena_made, path)
    }
    /// Goes on with the workspace of a page file, on a machine made as the one that saved it and not used yet. No
    /// page is read but the first of the machine's half. Time and log begin anew, and the log is of what is done from
    /// here on: it replays on this workspace, not on an empty one.
    ///
    /// # Errors
    /// See [`page_file::open`]; a machine that was used.
    pub fn open_pages(&mut self, path: &Path) -> Result<(), PageFileError> {
        if self.time > 0 || self.workspace.pages() > 0 || !self.log.is_empty() || self.arena.len() != self.arena_made {
            return Err(PageFileError::Used);
        }
        let workspace = page_file::open(path, &mut self.arena)?;
        if let Err(broken) = workspace.touch(SYSTEM) {
            self.arena.truncate(self.arena_made);
            return Err(PageFileError::Page(broken));
        }
        let limit = self.workspace.page_limit();
        self.workspace = workspace;
        self.workspace.set_page_limit(limit);
        (self.arena_base, self.arena_logged) = (self.arena.len(), self.arena.len());
        Ok(())
    }
    /// Gives the memory of pages back that were read and not written: [`Workspace::release`].
    ///
    /// [`Workspace::release`]: crate::dsl::workspace::Workspace::release
    pub fn release_pages(&mut self) -> u64 {
        self.workspace.release()
    }
}

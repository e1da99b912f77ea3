//! Diffs: what changed between two states of a workspace, as data.
//!
//! Price: taking one costs the pages that the two states do not share.

use super::cell::{Address, Cell, PAGE_SLOTS};
use super::workspace::{Link, Page, Workspace};
use crate::util::text::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Version of the JSON form.
pub const DIFF_VERSION: u32 = 1;

/// One changed cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellChange {
    /// Where.
    pub address: Address,
    /// The cell before.
    pub old: Cell,
    /// The cell after.
    pub new: Cell,
}

/// The difference between two workspaces, as data.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diff {
    /// Changed cells, in order of address.
    pub cells: Vec<CellChange>,
    /// Added links, sorted.
    pub linked: Vec<Link>,
    /// Removed links, sorted.
    pub unlinked: Vec<Link>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: String,
    version: u32,
    sha256: String,
    diff: Diff,
}

impl Diff {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty() && self.linked.is_empty() && self.unlinked.is_empty()
    }
    /// The diff that undoes this one.
    pub fn reversed(&self) -> Diff {
        let back = |c: &CellChange| CellChange { address: c.address, old: c.new, new: c.old };
        Diff {
            cells: self.cells.iter().map(back).collect(),
            linked: self.unlinked.clone(),
            unlinked: self.linked.clone(),
        }
    }
    fn body(&self) -> String {
        serde_json::to_string(self).expect("diffs are plain data")
    }
    /// SHA-256 of the JSON form of its content: equal diffs have equal hashes.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.body()).into()
    }
    /// The JSON form (docs/formats.md, `metadream.diff`).
    pub fn to_json(&self) -> String {
        let sha256 = hex(&self.digest());
        format!(
            "{{\"schema\":\"metadream.diff\",\"version\":{DIFF_VERSION},\"sha256\":\"{sha256}\",\"diff\":{}}}",
            self.body()
        )
    }
    /// Reads what [`Diff::to_json`] wrote.
    ///
    /// # Errors
    /// One line: no such schema or version, another hash, cells or links out of order, or no JSON of this form.
    pub fn from_json(text: &str) -> Result<Diff, String> {
        let f: File = serde_json::from_str(text).map_err(|e| format!("diff: {e}"))?;
        if (f.schema.as_str(), f.version) != ("metadream.diff", DIFF_VERSION) {
            return Err(format!("diff: expected metadream.diff of version {DIFF_VERSION}"));
        }
        let diff = f.diff;
        if hex(&diff.digest()) != f.sha256 {
            return Err("diff: its content does not have the hash that it states".into());
        }
        let sorted = |links: &[Link]| links.windows(2).all(|w| w[0] < w[1]);
        let cells = diff.cells.windows(2).all(|w| w[0].address < w[1].address);
        match cells && sorted(&diff.linked) && sorted(&diff.unlinked) {
            true => Ok(diff),
            false => Err("diff: cells stand in order of address, links are sorted, each once".into()),
        }
    }
}

impl Workspace {
    /// The changes from `self` to `after`, in order of address. Cost: linear in the pages that the two do not share.
    pub fn diff(&self, after: &Workspace) -> Diff {
        let mut diff = Diff::default();
        self.for_each_unshared(after, &mut |number, old, new| {
            for offset in 0..PAGE_SLOTS {
                let cell = |p: Option<&Page>| p.map_or(Cell::EMPTY, |p| p.cells[offset as usize]);
                let (old, new) = (cell(old), cell(new));
                if old != new {
                    let address = Address::from_packed(u64::from(number << 8 | offset)).expect("inside");
                    diff.cells.push(CellChange { address, old, new });
                }
            }
            let (a, b) = (old.map_or(&[][..], |p| &p.links), new.map_or(&[][..], |p| &p.links));
            diff.linked.extend(b.iter().filter(|l| a.binary_search(l).is_err()));
            diff.unlinked.extend(a.iter().filter(|l| b.binary_search(l).is_err()));
        });
        diff
    }
    /// Applies a diff that was taken from this state.
    ///
    /// # Errors
    /// The address of a cell that is not as the diff says it was, or of a link's end that would be empty, or that
    /// closes a forbidden cycle; nothing changes then.
    pub fn apply(&mut self, diff: &Diff) -> Result<(), Address> {
        if let Some(c) = diff.cells.iter().find(|c| *self.get(c.address) != c.old) {
            return Err(c.address);
        }
        let before = self.snapshot();
        for c in &diff.cells {
            self.set(c.address, c.new);
        }
        for &l in &diff.unlinked {
            self.unlink(l);
        }
        for &l in &diff.linked {
            if self.link(l).is_err() {
                *self = before;
                return Err(l.from);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsl::isa::LinkKind;
    use crate::dsl::memory::cell::Content;

    fn at(i: u64) -> Address {
        Address::from_packed(i).unwrap()
    }
    fn cell(i: i64) -> Cell {
        let c = Content::int(i);
        Cell { value: c.value, inline: c.inline, tag: c.tag, ..Cell::EMPTY }
    }

    #[test]
    fn diffs_go_through_json_and_back_and_can_be_undone() {
        let mut w = Workspace::new();
        for i in 0..600 {
            w.set(at(i), cell(i as i64));
        }
        let before = w.snapshot();
        w.set(at(7), cell(-7));
        w.set(at(5000), cell(1));
        let link = Link { from: at(5000), kind: LinkKind::Before, to: at(7) };
        w.link(link).unwrap();
        let diff = before.diff(&w);
        assert_eq!((diff.cells.len(), &diff.linked[..]), (2, &[link][..]));
        let text = diff.to_json();
        assert_eq!(Diff::from_json(&text), Ok(diff.clone()));
        for bad in [text.replace("5000", "5001"), text.replace("\"version\":1", "\"version\":2"), text[1..].into()] {
            assert!(bad == text || Diff::from_json(&bad).is_err());
        }
        assert!(Diff::from_json(&text.replacen("before", "edge", 1)).unwrap_err().contains("hash"));
        let mut again = before.clone();
        again.apply(&diff).unwrap();
        assert_eq!(again.digest(), w.digest());
        again.apply(&diff.reversed()).unwrap();
        assert_eq!(again.digest(), before.digest());
        assert!(again.index_is_true() && again.diff(&before).is_empty());
        assert_eq!(w.apply(&diff), Err(at(7)));
        let cycle =
            Diff { linked: vec![Link { from: at(7), kind: LinkKind::Before, to: at(5000) }], ..Diff::default() };
        let digest = w.digest();
        assert_eq!((w.apply(&cycle), w.digest()), (Err(at(7)), digest));
    }
}

//! The workspace: cells by address, exact content reads, typed links, copy-on-write snapshots, diffs.
//!
//! Price: a page is 256 cells, 16 KiB, allocated at its first write. A snapshot ([`Clone`]) is two reference
//! counts; the first write to a page after it copies the page. The exact index keeps, in 4,096 buckets, 16 bytes
//! for each written cell; a read is a binary search, a write shifts its bucket.

use super::cell::{Address, Cell, Content, Span, Tag, PAGE_SLOTS};
use super::isa::LinkKind;
use super::trie::Trie;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A typed edge between two cells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Link {
    /// Where it starts.
    pub from: Address,
    /// What it means.
    pub kind: LinkKind,
    /// Where it ends.
    pub to: Address,
}

/// Why a link was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkError {
    /// This end was never written.
    Missing(Address),
    /// The kind forbids cycles, and this link would close one.
    Cycle,
}

#[derive(Clone)]
struct Page {
    cells: Box<[Cell]>,
    /// Links that start in this page, sorted.
    links: Vec<Link>,
}

impl Page {
    fn new() -> Page {
        Page { cells: vec![Cell::EMPTY; PAGE_SLOTS as usize].into_boxed_slice(), links: Vec::new() }
    }
}

type Bucket = Vec<(u64, Address)>;

fn bucket_of(key: u64) -> u32 {
    (key >> 52) as u32
}

/// The store of cells. Cloning takes a snapshot. See the module head.
#[derive(Clone, Default)]
pub struct Workspace {
    pages: Trie<Page, 4>,
    exact: Trie<Bucket, 2>,
    used: u64,
    allocated: u64,
}

impl Workspace {
    /// An empty workspace.
    pub fn new() -> Workspace {
        Workspace::default()
    }
    /// The cell at `a`; an unwritten slot reads as [`Cell::EMPTY`].
    pub fn get(&self, a: Address) -> &Cell {
        self.pages.get(a.page()).map_or(&Cell::EMPTY, |p| &p.cells[a.offset() as usize])
    }
    /// The content at `a`.
    pub fn content(&self, a: Address) -> Content {
        self.get(a).content()
    }
    /// Number of written slots.
    pub fn used(&self) -> u64 {
        self.used
    }
    /// Number of allocated pages.
    pub fn pages(&self) -> u64 {
        self.allocated
    }
    /// Puts `cell` at `a` and returns what was there.
    pub fn set(&mut self, a: Address, cell: Cell) -> Cell {
        let old = *self.get(a);
        if cell.is_empty() && old.is_empty() {
            return old;
        }
        let same_key = old.tag == cell.tag && old.content().key() == cell.content().key();
        if !old.is_empty() && !same_key {
            self.unindex(old.content().key(), a);
        }
        if !cell.is_empty() && !same_key {
            self.index(cell.content().key(), a);
        }
        self.used = self.used + u64::from(old.is_empty()) - u64::from(cell.is_empty());
        self.page_mut(a.page()).cells[a.offset() as usize] = cell;
        old
    }
    fn page_mut(&mut self, page: u32) -> &mut Page {
        let allocated = &mut self.allocated;
        self.pages.get_mut_or(page, || {
            *allocated += 1;
            Page::new()
        })
    }
    fn index(&mut self, key: u64, a: Address) {
        let bucket = self.exact.get_mut_or(bucket_of(key), Vec::new);
        if let Err(i) = bucket.binary_search(&(key, a)) {
            bucket.insert(i, (key, a));
        }
    }
    fn unindex(&mut self, key: u64, a: Address) {
        let bucket = self.exact.get_mut_or(bucket_of(key), Vec::new);
        if let Ok(i) = bucket.binary_search(&(key, a)) {
            bucket.remove(i);
        }
    }

    /// Exact content read: the first `limit` addresses in `span` whose content is the same, in order of address.
    pub fn find(&self, content: Content, span: Span, limit: usize) -> Vec<Address> {
        let key = content.key();
        let Some(bucket) = self.exact.get(bucket_of(key)) else {
            return Vec::new();
        };
        let start = bucket.partition_point(|&e| e < (key, span.first()));
        bucket[start..]
            .iter()
            .take_while(|&&(k, a)| k == key && span.contains(a))
            .filter(|&&(_, a)| self.content(a).same(content))
            .map(|&(_, a)| a)
            .take(limit)
            .collect()
    }
    /// Calls `visit` for each written cell of `span`, in order of address, until it returns false.
    pub fn scan(&self, span: Span, visit: &mut dyn FnMut(Address, &Cell) -> bool) {
        if span.is_empty() {
            return;
        }
        let last = span.first().plus(u64::from(span.len()) - 1).expect("spans end inside");
        let mut going = true;
        self.pages.for_each(span.first().page(), last.page(), &mut |number, page| {
            if !going {
                return;
            }
            for (offset, cell) in page.cells.iter().enumerate() {
                let a = Address::from_packed(u64::from(number) << 8 | offset as u64).expect("inside");
                if !cell.is_empty() && span.contains(a) && !visit(a, cell) {
                    going = false;
                    return;
                }
            }
        });
    }
    /// The first unwritten slot of `span`.
    pub fn first_empty(&self, span: Span) -> Option<Address> {
        (0..u64::from(span.len())).filter_map(|i| span.first().plus(i)).find(|&a| self.get(a).is_empty())
    }

    /// Adds a link. Returns whether it is new.
    pub fn link(&mut self, link: Link) -> Result<bool, LinkError> {
        self.check_link(link)?;
        let links = &mut self.page_mut(link.from.page()).links;
        match links.binary_search(&link) {
            Ok(_) => Ok(false),
            Err(i) => {
                links.insert(i, link);
                Ok(true)
            }
        }
    }
    /// Whether [`Workspace::link`] would take it: both ends are written, and no cycle where the kind forbids it.
    pub fn check_link(&self, link: Link) -> Result<(), LinkError> {
        for end in [link.from, link.to] {
            if self.get(end).is_empty() {
                return Err(LinkError::Missing(end));
            }
        }
        match self.closes_cycle(link) {
            true => Err(LinkError::Cycle),
            false => Ok(()),
        }
    }
    /// Whether the link would close a cycle that its kind forbids.
    pub fn closes_cycle(&self, link: Link) -> bool {
        link.kind.is_acyclic() && self.reaches(link.to, link.from, link.kind)
    }
    fn reaches(&self, from: Address, to: Address, kind: LinkKind) -> bool {
        let mut seen = rustc_hash::FxHashSet::default();
        let mut stack = vec![from];
        while let Some(a) = stack.pop() {
            if a == to {
                return true;
            }
            if seen.insert(a) {
                stack.extend(self.links_from(a).iter().filter(|l| l.kind == kind).map(|l| l.to));
            }
        }
        false
    }
    /// The links that start at `a`, sorted by kind and end.
    pub fn links_from(&self, a: Address) -> &[Link] {
        let Some(page) = self.pages.get(a.page()) else {
            return &[];
        };
        let start = page.links.partition_point(|l| l.from < a);
        let end = page.links.partition_point(|l| l.from <= a);
        &page.links[start..end]
    }
    /// Removes a link; whether it was there. For applying diffs: no opcode removes links.
    pub fn unlink(&mut self, link: Link) -> bool {
        let links = &mut self.page_mut(link.from.page()).links;
        let found = links.binary_search(&link);
        if let Ok(i) = found {
            links.remove(i);
        }
        found.is_ok()
    }

    /// What changes from `self` to `after`, in order of address. Costs the pages that the two do not share.
    pub fn diff(&self, after: &Workspace) -> Diff {
        let mut diff = Diff::default();
        self.pages.for_each_unshared(&after.pages, &mut |number, old, new| {
            for offset in 0..PAGE_SLOTS {
                let cell = |p: Option<&Page>| p.map_or(Cell::EMPTY, |p| p.cells[offset as usize]);
                let (old, new) = (cell(old), cell(new));
                if old != new {
                    let address = Address::from_packed(u64::from(number << 8 | offset)).expect("inside");
                    diff.cells.push(CellChange { address, old, new });
                }
            }
            let empty = Vec::new();
            let (a, b) = (old.map_or(&empty, |p| &p.links), new.map_or(&empty, |p| &p.links));
            diff.linked.extend(b.iter().filter(|l| a.binary_search(l).is_err()));
            diff.unlinked.extend(a.iter().filter(|l| b.binary_search(l).is_err()));
        });
        diff
    }
    /// Applies a diff that was taken from this state. Refuses it, changing nothing, if a cell is not as the diff
    /// says it was: the error is that cell's address.
    pub fn apply(&mut self, diff: &Diff) -> Result<(), Address> {
        if let Some(c) = diff.cells.iter().find(|c| *self.get(c.address) != c.old) {
            return Err(c.address);
        }
        for c in &diff.cells {
            self.set(c.address, c.new);
        }
        for &l in &diff.unlinked {
            self.unlink(l);
        }
        for &l in &diff.linked {
            let links = &mut self.page_mut(l.from.page()).links;
            if let Err(i) = links.binary_search(&l) {
                links.insert(i, l);
            }
        }
        Ok(())
    }
    /// SHA-256 over all written cells and all links, in order of address.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        self.pages.for_each(0, u32::MAX, &mut |number, page| {
            for (offset, cell) in page.cells.iter().enumerate() {
                if !cell.is_empty() {
                    hash.update((u64::from(number) << 8 | offset as u64).to_le_bytes());
                    hash.update(cell.to_bytes());
                }
            }
            for l in &page.links {
                hash.update(l.from.packed().to_le_bytes());
                hash.update([l.kind as u8]);
                hash.update(l.to.packed().to_le_bytes());
            }
        });
        hash.finalize().into()
    }
    /// Whether the exact index is what a scan would build; for tests and debug checks.
    pub fn index_is_true(&self) -> bool {
        let mut expected = 0u64;
        let mut ok = true;
        let all = Span::new(Address::from_packed(0).expect("inside"), 1 << 31).expect("inside");
        self.scan(all, &mut |a, cell| {
            let key = cell.content().key();
            let bucket = self.exact.get(bucket_of(key));
            ok &= bucket.is_some_and(|b| b.binary_search(&(key, a)).is_ok()) && cell.tag != Tag::Empty;
            expected += 1;
            ok
        });
        let mut entries = 0u64;
        self.exact.for_each(0, u32::MAX, &mut |_, b| entries += b.len() as u64);
        ok && entries == expected && expected == self.used
    }
}

/// One changed cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CellChange {
    /// Where.
    pub address: Address,
    /// What was there.
    pub old: Cell,
    /// What is there now.
    pub new: Cell,
}

/// The difference between two workspaces, as data.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Diff {
    /// Changed cells, in order of address.
    pub cells: Vec<CellChange>,
    /// Added links.
    pub linked: Vec<Link>,
    /// Removed links.
    pub unlinked: Vec<Link>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(i: u64) -> Address {
        Address::from_packed(i).unwrap()
    }
    fn cell(c: Content) -> Cell {
        Cell { value: c.value, inline: c.inline, tag: c.tag, ..Cell::EMPTY }
    }

    #[test]
    fn pages_are_allocated_by_the_first_write_anywhere_in_the_space() {
        let mut w = Workspace::new();
        let end = at((1 << 31) - 1);
        assert!(w.get(end).is_empty() && w.pages() == 0);
        w.set(end, cell(Content::int(7)));
        w.set(at(0), cell(Content::int(7)));
        w.set(at(255), cell(Content::int(8)));
        assert_eq!((w.pages(), w.used()), (2, 3));
        assert_eq!(w.content(end).as_int(), Some(7));
        let all = Span::new(at(0), 1 << 31).unwrap();
        assert_eq!(w.find(Content::int(7), all, 9), vec![at(0), end]);
        assert_eq!(w.find(Content::int(7), Span::program(), 9), vec![at(0)]);
        assert_eq!(w.first_empty(Span::new(at(255), 5).unwrap()), Some(at(256)));
    }

    #[test]
    fn the_exact_index_stays_true_under_random_writes_and_snapshots() {
        let mut w = Workspace::new();
        let mut x = 1u64;
        let mut kept = Vec::new();
        for i in 0..4000 {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let c = match x >> 40 & 3 {
                0 => Content::EMPTY,
                1 => Content::bool(x >> 50 & 1 == 1),
                _ => Content::int((x >> 50 & 15) as i64),
            };
            w.set(at(x >> 33 & 0x1ff), cell(c));
            if i % 1000 == 0 {
                kept.push((w.clone(), w.digest()));
            }
        }
        assert!(w.index_is_true());
        for (snapshot, digest) in kept {
            assert_eq!(snapshot.digest(), digest);
            assert!(snapshot.index_is_true());
            let diff = snapshot.diff(&w);
            let mut again = snapshot.clone();
            again.apply(&diff).unwrap();
            assert_eq!(again.digest(), w.digest());
            assert!(again.index_is_true());
        }
    }

    #[test]
    fn links_need_both_ends_and_forbid_cycles_by_kind() {
        let mut w = Workspace::new();
        for i in 0..3 {
            w.set(at(i * 300), cell(Content::int(i as i64)));
        }
        let link = |a: u64, kind, b: u64| Link { from: at(a * 300), kind, to: at(b * 300) };
        assert_eq!(w.link(link(0, LinkKind::Subgoal, 1)), Ok(true));
        assert_eq!(w.link(link(0, LinkKind::Subgoal, 1)), Ok(false));
        let before = w.clone();
        assert_eq!(w.link(link(1, LinkKind::Subgoal, 2)), Ok(true));
        assert_eq!(w.link(link(2, LinkKind::Subgoal, 0)), Err(LinkError::Cycle));
        assert_eq!(w.link(link(2, LinkKind::Subgoal, 2)), Err(LinkError::Cycle));
        assert_eq!(w.link(link(2, LinkKind::Edge, 0)), Ok(true));
        assert_eq!(w.link(link(0, LinkKind::Edge, 3)), Err(LinkError::Missing(at(900))));
        let diff = before.diff(&w);
        assert_eq!((diff.cells.len(), diff.linked.len()), (0, 2));
        let mut again = before.clone();
        again.apply(&diff).unwrap();
        assert_eq!(again.digest(), w.digest());
        assert_eq!(w.diff(&before).unlinked.len(), 2);
    }

    #[test]
    fn a_diff_of_another_state_is_refused() {
        let mut w = Workspace::new();
        let before = w.clone();
        w.set(at(5), cell(Content::int(1)));
        let diff = before.diff(&w);
        let mut other = before.clone();
        other.set(at(5), cell(Content::int(2)));
        let digest = other.digest();
        assert_eq!(other.apply(&diff), Err(at(5)));
        assert_eq!(other.digest(), digest);
    }
}

//! The workspace: cells by address, exact content reads, typed links, copy-on-write snapshots (docs/workspace.md).
//!
//! Price: a page is 256 cells, 16 KiB, allocated at its first write. Up to eight pages are *open*: taken out of the
//! tree and owned, so that a read or write in them follows no pointer path and touches no reference count.
//! [`Workspace::snapshot`] closes them and shares everything; the first write to a page after it copies the page. A
//! write marks its slot as fresh; [`Workspace::refresh`] makes index entries of all fresh slots.

use super::cell::{Address, Cell, Content, Span, PAGE_SLOTS};
use super::exact::{self, Runs};
use super::trie::{Marks, Trie, NO_MARKS};
use crate::dsl::isa::LinkKind;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A typed edge between two cells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Link {
    /// Where it starts.
    pub from: Address,
    /// The link's kind.
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

/// A link as the page of its end keeps it: sorted by end.
type Incoming = (Address, LinkKind, Address);

#[derive(Clone)]
pub(in crate::dsl) struct Page {
    pub(in crate::dsl) cells: Box<[Cell; PAGE_SLOTS as usize]>,
    /// Links that start in this page, sorted.
    pub(in crate::dsl) links: Vec<Link>,
    /// Links that end in this page, sorted.
    incoming: Vec<Incoming>,
}

impl Page {
    fn new() -> Page {
        let cells = vec![Cell::EMPTY; PAGE_SLOTS as usize].into_boxed_slice();
        Page { cells: cells.try_into().expect("256 cells"), links: Vec::new(), incoming: Vec::new() }
    }
}

struct Open {
    number: u32,
    page: Page,
    fresh: Marks,
}

/// Pages that may be open at once; a page's number says which place it takes.
const OPEN: usize = 8;
/// Fewer fresh slots than this are looked through directly.
const FRESH_ENOUGH: u64 = 32;

/// The store of cells. See the module head.
#[derive(Default)]
pub struct Workspace {
    pages: Trie<Page, 4>,
    open: [Option<Open>; OPEN],
    exact: Runs,
    fresh: u64,
    used: u64,
    allocated: u64,
    limit: Option<u64>,
}

/// Copies the open pages; [`Workspace::snapshot`] does not.
impl Clone for Workspace {
    fn clone(&self) -> Workspace {
        let mut pages = self.pages.clone();
        for o in self.open.iter().flatten() {
            pages.put(o.number, o.page.clone(), o.fresh);
        }
        Workspace { pages, open: Default::default(), exact: self.exact.clone(), ..*self }
    }
}

fn address(page: u32, offset: usize) -> Address {
    Address::from_packed(u64::from(page) << 8 | offset as u64).expect("pages lie inside the space")
}

fn is_marked(marks: &Marks, offset: usize) -> bool {
    marks[offset >> 6] >> (offset & 63) & 1 == 1
}

impl Workspace {
    /// An empty workspace.
    pub fn new() -> Workspace {
        Workspace::default()
    }
    /// A copy that shares all pages.
    pub fn snapshot(&mut self) -> Workspace {
        self.close();
        self.clone()
    }
    fn close(&mut self) {
        for o in self.open.iter_mut().filter_map(Option::take) {
            self.pages.put(o.number, o.page, o.fresh);
        }
    }
    #[inline]
    fn page(&self, number: u32) -> Option<&Page> {
        match &self.open[number as usize % OPEN] {
            Some(o) if o.number == number => Some(&o.page),
            _ => self.pages.get(number),
        }
    }
    /// The cell at `a`; an unwritten slot reads as [`Cell::EMPTY`].
    #[inline]
    pub fn get(&self, a: Address) -> &Cell {
        self.page(a.page()).map_or(&Cell::EMPTY, |p| &p.cells[usize::from(a.offset())])
    }
    /// The content at `a`.
    #[inline]
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
    /// The largest number of pages that it may hold; `None`: no limit.
    pub fn page_limit(&self) -> Option<u64> {
        self.limit
    }
    /// Sets how many pages it may hold. The machine asks [`Workspace::lacks_page`] before it writes; the host
    /// may write beyond it.
    pub fn set_page_limit(&mut self, limit: Option<u64>) {
        self.limit = limit;
    }
    /// The first of these addresses whose page would exceed the page limit.
    pub fn lacks_page(&self, writes: impl Iterator<Item = Address>) -> Option<Address> {
        let mut left = self.limit?.saturating_sub(self.allocated);
        let mut new = rustc_hash::FxHashSet::default();
        for a in writes {
            if !new.contains(&a.page()) && self.page(a.page()).is_none() {
                if left == 0 {
                    return Some(a);
                }
                left -= 1;
                new.insert(a.page());
            }
        }
        None
    }
    /// The open page with this number, allocated if it must be.
    fn open(&mut self, number: u32) -> &mut Open {
        let place = number as usize % OPEN;
        if self.open[place].as_ref().is_none_or(|o| o.number != number) {
            let (page, fresh) = self.pages.take(number).unwrap_or_else(|| {
                self.allocated += 1;
                (Page::new(), NO_MARKS)
            });
            if let Some(o) = self.open[place].replace(Open { number, page, fresh }) {
                self.pages.put(o.number, o.page, o.fresh);
            }
        }
        self.open[place].as_mut().expect("the page was put there")
    }
    /// Puts `cell` at `a` and returns what was there.
    pub fn set(&mut self, a: Address, cell: Cell) -> Cell {
        if cell.is_empty() && self.get(a).is_empty() {
            return *self.get(a);
        }
        self.open(a.page());
        self.replace(a, cell).expect("the page is open")
    }
    /// As [`Workspace::set`] with a cell that is not empty, if the page is open; else nothing happens.
    #[inline]
    pub(in crate::dsl) fn replace(&mut self, a: Address, cell: Cell) -> Option<Cell> {
        let open = self.open[a.page() as usize % OPEN].as_mut().filter(|o| o.number == a.page())?;
        let offset = usize::from(a.offset());
        let old = std::mem::replace(&mut open.page.cells[offset], cell);
        let mark = 1 << (offset & 63);
        self.fresh += u64::from(open.fresh[offset >> 6] & mark == 0);
        open.fresh[offset >> 6] |= mark;
        self.used = self.used + u64::from(old.is_empty()) - u64::from(cell.is_empty());
        Some(old)
    }
    /// Opens the page of `a` if it exists already; whether it is open now.
    #[cold]
    pub(in crate::dsl) fn ready(&mut self, a: Address) -> bool {
        let exists = self.page(a.page()).is_some();
        if exists {
            self.open(a.page());
        }
        exists
    }
    /// The cells of a span that lies in one page; none if it does not, or if the page does not exist.
    #[inline]
    pub(in crate::dsl) fn slice(&self, span: Span) -> Option<&[Cell]> {
        let first = usize::from(span.first().offset());
        self.page(span.first().page())?.cells.get(first..first + span.len() as usize)
    }
    /// Calls `visit` for each page that exists in `from..=to`, in ascending order.
    fn for_each_page(&self, from: u32, to: u32, visit: &mut dyn FnMut(u32, &Page)) {
        let mut open: Vec<&Open> = self.open.iter().flatten().filter(|o| (from..=to).contains(&o.number)).collect();
        open.sort_unstable_by_key(|o| o.number);
        let mut open = open.into_iter().peekable();
        self.pages.for_each(from, to, &mut |number, page| {
            while let Some(o) = open.next_if(|o| o.number < number) {
                visit(o.number, &o.page);
            }
            visit(number, page);
        });
        open.for_each(|o| visit(o.number, &o.page));
    }
    /// Calls `visit` for each fresh slot that is written, in no particular order.
    fn for_each_fresh(&self, visit: &mut dyn FnMut(Address, &Cell)) {
        let mut each = |number: u32, page: &Page, marks: Marks| {
            for (offset, cell) in page.cells.iter().enumerate().filter(|c| is_marked(&marks, c.0)) {
                if !cell.is_empty() {
                    visit(address(number, offset), cell);
                }
            }
        };
        self.pages.for_each_marked(&mut each);
        self.open.iter().flatten().for_each(|o| each(o.number, &o.page, o.fresh));
    }
    /// Makes index entries of all fresh slots, if there are more than a few, and shows them to `sink`, which must
    /// learn of every cell that is written (an index beside this one); `always`: also if there are few.
    pub fn refresh(&mut self, always: bool, sink: &mut dyn FnMut(Address, &Cell)) {
        if self.fresh == 0 || (self.fresh < FRESH_ENOUGH && !always) {
            return;
        }
        let mut entries = Vec::with_capacity(self.fresh as usize);
        self.for_each_fresh(&mut |a, cell| {
            entries.push(exact::entry(cell.content().key(), a));
            sink(a, cell);
        });
        self.pages.drain_marks(&mut |_, _, _| {});
        self.open.iter_mut().flatten().for_each(|o| o.fresh = NO_MARKS);
        self.fresh = 0;
        self.exact.add(entries);
        if self.exact.len() as u64 > 2 * self.used + 4096 {
            let mut exact = std::mem::take(&mut self.exact);
            exact.sweep(|e| {
                let a = exact::address(e);
                let cell = self.get(a);
                !cell.is_empty() && exact::entry(cell.content().key(), a) == e
            });
            self.exact = exact;
        }
    }

    /// Exact content read: the first `limit` addresses in `span` whose content is the same, in order of address.
    pub fn find(&self, content: Content, span: Span, limit: usize) -> Vec<Address> {
        let mut fresh = Vec::new();
        self.for_each_fresh(&mut |a, cell| {
            if span.contains(a) && cell.content().same(content) {
                fresh.push(a);
            }
        });
        fresh.sort_unstable();
        let candidates = self.exact.candidates(content.key(), span, &fresh);
        candidates.filter(|&a| self.content(a).same(content)).take(limit).collect()
    }
    /// Calls `visit` for each written cell of `span`, in order of address, until it returns false.
    pub fn scan(&self, span: Span, visit: &mut dyn FnMut(Address, &Cell) -> bool) {
        if span.is_empty() {
            return;
        }
        let last = span.first().plus(u64::from(span.len()) - 1).expect("spans end inside");
        let mut going = true;
        self.for_each_page(span.first().page(), last.page(), &mut |number, page| {
            for (offset, cell) in page.cells.iter().enumerate() {
                let a = address(number, offset);
                going = going && (cell.is_empty() || !span.contains(a) || visit(a, cell));
            }
        });
    }
    /// The first unwritten slot of `span`.
    pub fn first_empty(&self, span: Span) -> Option<Address> {
        (0..u64::from(span.len())).filter_map(|i| span.first().plus(i)).find(|&a| self.get(a).is_empty())
    }

    /// Adds a link. Returns whether it is new.
    ///
    /// # Errors
    /// An end that was never written, or a cycle that the kind forbids; nothing changes then.
    pub fn link(&mut self, link: Link) -> Result<bool, LinkError> {
        self.check_link(link)?;
        Ok(self.add_link(link))
    }
    /// Adds a link unchecked; whether it is new.
    pub(in crate::dsl) fn add_link(&mut self, link: Link) -> bool {
        let open = self.open(link.from.page());
        let Err(i) = open.page.links.binary_search(&link) else { return false };
        open.page.links.insert(i, link);
        let back = (link.to, link.kind, link.from);
        let incoming = &mut self.open(link.to.page()).page.incoming;
        if let Err(i) = incoming.binary_search(&back) {
            incoming.insert(i, back);
        }
        true
    }
    /// Whether [`Workspace::link`] would take it.
    ///
    /// # Errors
    /// As [`Workspace::link`].
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
        let links = self.page(a.page()).map_or(&[][..], |p| &p.links);
        &links[links.partition_point(|l| l.from < a)..links.partition_point(|l| l.from <= a)]
    }
    /// The links that end at `a`, sorted by kind and start.
    pub fn links_to(&self, a: Address) -> impl Iterator<Item = Link> + '_ {
        let links = self.page(a.page()).map_or(&[][..], |p| &p.incoming);
        let here = &links[links.partition_point(|l| l.0 < a)..links.partition_point(|l| l.0 <= a)];
        here.iter().map(|&(to, kind, from)| Link { from, kind, to })
    }
    /// The addresses before `a` along `before` links, in a topological order of these links; ties by address.
    pub fn earlier(&self, a: Address) -> Vec<Address> {
        self.in_time(a, &|x| self.links_to(x).filter(|l| l.kind == LinkKind::Before).map(|l| l.from).collect())
    }
    /// The addresses after `a` along `before` links, in a topological order of these links; ties by address.
    pub fn later(&self, a: Address) -> Vec<Address> {
        let next = |x| self.links_from(x).iter().filter(|l| l.kind == LinkKind::Before).map(|l| l.to).collect();
        self.in_time(a, &next)
    }
    /// The addresses reached from `a` by `next`, without `a`, sorted in time: repeatedly the least whose predecessors
    /// among these are all placed (Kahn).
    fn in_time(&self, a: Address, next: &dyn Fn(Address) -> Vec<Address>) -> Vec<Address> {
        let mut found = std::collections::BTreeMap::new();
        let mut stack = next(a);
        while let Some(x) = stack.pop() {
            if found.insert(x, 0usize).is_none() {
                stack.extend(next(x));
            }
        }
        let after = |x: Address| self.links_from(x).iter().filter(|l| l.kind == LinkKind::Before).map(|l| l.to);
        let members: Vec<Address> = found.keys().copied().collect();
        for to in members.iter().flat_map(|&x| after(x)) {
            found.entry(to).and_modify(|n| *n += 1);
        }
        let mut ready: std::collections::BTreeSet<Address> = members.into_iter().filter(|x| found[x] == 0).collect();
        let mut out = Vec::with_capacity(found.len());
        while let Some(x) = ready.pop_first() {
            out.push(x);
            for to in after(x) {
                if let Some(n) = found.get_mut(&to) {
                    *n -= 1;
                    if *n == 0 {
                        ready.insert(to);
                    }
                }
            }
        }
        out
    }
    /// Removes a link; whether it was there. For applying diffs: no opcode removes links.
    pub fn unlink(&mut self, link: Link) -> bool {
        let open = self.open(link.from.page());
        let Ok(i) = open.page.links.binary_search(&link) else { return false };
        open.page.links.remove(i);
        let incoming = &mut self.open(link.to.page()).page.incoming;
        if let Ok(i) = incoming.binary_search(&(link.to, link.kind, link.from)) {
            incoming.remove(i);
        }
        true
    }

    /// Calls `visit` for each page that the two do not share: number, before, after.
    pub(in crate::dsl) fn for_each_unshared(
        &self,
        after: &Workspace,
        visit: &mut impl FnMut(u32, Option<&Page>, Option<&Page>),
    ) {
        let (a, b) = (self.clone(), after.clone());
        a.pages.for_each_unshared(&b.pages, visit);
    }
    /// SHA-256 over all written cells and all links, in order of address.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        self.for_each_page(0, u32::MAX, &mut |number, page| {
            for (offset, cell) in page.cells.iter().enumerate() {
                if !cell.is_empty() {
                    hash.update(address(number, offset).packed().to_le_bytes());
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
    /// Whether the indexes lack nothing: each written cell is fresh or has its entry, each link is kept at both ends,
    /// and the counts are right; for tests and debug checks.
    pub fn index_is_true(&self) -> bool {
        let (mut ok, mut used, mut pages, mut out, mut back) = (true, 0, 0, 0, 0);
        let mut fresh = rustc_hash::FxHashSet::default();
        self.for_each_fresh(&mut |a, _| {
            fresh.insert(a);
        });
        self.for_each_page(0, u32::MAX, &mut |number, page| {
            pages += 1;
            out += page.links.len();
            back += page.incoming.len();
            ok &= page.links.iter().all(|l| self.links_to(l.to).any(|k| k == *l));
            for (offset, cell) in page.cells.iter().enumerate().filter(|c| !c.1.is_empty()) {
                let a = address(number, offset);
                used += 1;
                ok &= fresh.contains(&a) || self.exact.contains(exact::entry(cell.content().key(), a));
            }
        });
        ok && (used, pages, out) == (self.used, self.allocated, back)
    }
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

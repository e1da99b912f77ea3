//! The workspace against a plain model: maps of cells and links, copied whole (SAFETY.md, row 13).
//!
//! 500 random histories of writes, links, snapshots, adoptions, diffs and reads; `WORKSPACE_HISTORIES=200000` runs
//! the full number.

use metadream_core::dsl::isa::LinkKind;
use metadream_core::dsl::memory::cell::{Address, Cell, Content, Span};
use metadream_core::dsl::memory::diff::Diff;
use metadream_core::dsl::memory::workspace::{Link, LinkError, Workspace};
use std::collections::{BTreeMap, BTreeSet};

/// Address, before, after.
type Change = (Address, Cell, Cell);

#[derive(Clone, Default)]
struct Model {
    cells: BTreeMap<Address, Cell>,
    links: BTreeSet<Link>,
}

impl Model {
    fn reaches(&self, from: Address, to: Address, kind: LinkKind) -> bool {
        let (mut seen, mut stack) = (BTreeSet::new(), vec![from]);
        while let Some(a) = stack.pop() {
            if a == to {
                return true;
            }
            if seen.insert(a) {
                stack.extend(self.links.iter().filter(|l| l.from == a && l.kind == kind).map(|l| l.to));
            }
        }
        false
    }
    fn link(&mut self, l: Link) -> Result<bool, LinkError> {
        for end in [l.from, l.to] {
            if !self.cells.contains_key(&end) {
                return Err(LinkError::Missing(end));
            }
        }
        if l.kind != LinkKind::Edge && self.reaches(l.to, l.from, l.kind) {
            return Err(LinkError::Cycle);
        }
        Ok(self.links.insert(l))
    }
    fn set(&mut self, a: Address, cell: Cell) {
        if cell.is_empty() {
            self.cells.remove(&a);
        } else {
            self.cells.insert(a, cell);
        }
    }
    fn diff(&self, after: &Model) -> (Vec<Change>, Vec<Link>, Vec<Link>) {
        let places: BTreeSet<Address> = self.cells.keys().chain(after.cells.keys()).copied().collect();
        let here = |m: &Model, a: &Address| m.cells.get(a).copied().unwrap_or(Cell::EMPTY);
        let changed = places.iter().map(|a| (*a, here(self, a), here(after, a))).filter(|c| c.1 != c.2).collect();
        let new = after.links.difference(&self.links).copied().collect();
        let gone = self.links.difference(&after.links).copied().collect();
        (changed, new, gone)
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
    /// Few addresses in many pages, so that pages are opened, closed and copied.
    fn address(&mut self) -> Address {
        let page = [0, 1, 8, 9, 16, 63, 64, 4096, (1 << 23) - 1][self.below(9) as usize];
        Address::new(page, self.below(16) as u32 & 1, self.below(16) as u32).unwrap()
    }
    fn cell(&mut self) -> Cell {
        let c = match self.below(5) {
            0 => Content::bool(self.below(2) == 1),
            1 => Content::bytes(&[b'a' + self.below(3) as u8]).unwrap(),
            2 => Content::reference(self.address()),
            _ => Content::int(self.below(6) as i64 - 3),
        };
        Cell { value: c.value, inline: c.inline, tag: c.tag, time: self.below(3), ..Cell::EMPTY }
    }
    fn span(&mut self) -> Span {
        let first = self.address();
        let len = [1, 20, 300, 70_000][self.below(4) as usize];
        Span::new(first, len).unwrap_or_else(|| Span::new(first, 1).unwrap())
    }
}

fn compare(w: &Workspace, m: &Model, r: &mut Random) {
    let span = r.span();
    let inside = || m.cells.iter().filter(|c| span.contains(*c.0));
    let mut scanned = Vec::new();
    w.scan(span, &mut |a, cell| {
        scanned.push((a, *cell));
        true
    });
    assert_eq!(scanned, inside().map(|(a, c)| (*a, *c)).collect::<Vec<_>>());
    let (key, limit) = (r.cell().content(), r.below(4) as usize + 1);
    let expected: Vec<Address> = inside().filter(|(_, c)| c.content().same(key)).map(|(a, _)| *a).take(limit).collect();
    assert_eq!(w.find(key, span, limit), expected);
    let a = r.address();
    assert_eq!(w.get(a), m.cells.get(&a).unwrap_or(&Cell::EMPTY));
    let out: Vec<Link> = m.links.iter().filter(|l| l.from == a).copied().collect();
    assert_eq!(w.links_from(a), out);
    let mut back: Vec<Link> = m.links.iter().filter(|l| l.to == a).copied().collect();
    back.sort_by_key(|l| (l.kind, l.from));
    assert_eq!(w.links_to(a).collect::<Vec<_>>(), back);
    assert_eq!(w.used(), m.cells.len() as u64);
    let first = (0..u64::from(span.len())).filter_map(|i| span.first().plus(i)).find(|a| !m.cells.contains_key(a));
    assert_eq!(w.first_empty(span), first);
    in_time(w, m, a);
}

/// `later` and `earlier` are what is reached, in an order that every `before` link agrees with.
fn in_time(w: &Workspace, m: &Model, a: Address) {
    for (found, reached) in [
        (w.later(a), m.cells.keys().filter(|&&x| x != a && m.reaches(a, x, LinkKind::Before)).copied().collect()),
        (w.earlier(a), m.cells.keys().filter(|&&x| x != a && m.reaches(x, a, LinkKind::Before)).copied().collect()),
    ] {
        let reached: BTreeSet<Address> = reached;
        assert_eq!(found.iter().copied().collect::<BTreeSet<_>>(), reached);
        assert_eq!(found.len(), reached.len());
        let place = |x: Address| found.iter().position(|&y| y == x);
        for l in m.links.iter().filter(|l| l.kind == LinkKind::Before) {
            if let (Some(i), Some(j)) = (place(l.from), place(l.to)) {
                assert!(i < j);
            }
        }
    }
}

fn history(seed: u64) {
    let mut r = Random(seed);
    let (mut w, mut m) = (Workspace::new(), Model::default());
    let mut kept: Vec<(Workspace, Model)> = Vec::new();
    for _ in 0..60 {
        match r.below(16) {
            0..=5 => {
                let (a, cell) = (r.address(), r.cell());
                assert_eq!(w.set(a, cell), m.cells.get(&a).copied().unwrap_or(Cell::EMPTY));
                m.set(a, cell);
            }
            6 | 7 => {
                let kind = LinkKind::ALL[r.below(4) as usize];
                let link = Link { from: r.address(), kind, to: r.address() };
                assert_eq!(w.link(link), m.link(link));
            }
            8 => kept.push((w.snapshot(), m.clone())),
            9 => kept.push((w.clone(), m.clone())),
            10 if !kept.is_empty() => {
                let i = r.below(kept.len() as u64) as usize;
                (w, m) = kept.swap_remove(i); // drop the child, go back
            }
            11 | 12 if !kept.is_empty() => {
                let (before, old) = &kept[r.below(kept.len() as u64) as usize];
                let diff = before.diff(&w);
                let (cells, linked, unlinked) = old.diff(&m);
                assert_eq!(diff.cells.iter().map(|c| (c.address, c.old, c.new)).collect::<Vec<_>>(), cells);
                assert_eq!((&diff.linked, &diff.unlinked), (&linked, &unlinked));
                let diff = Diff::from_json(&diff.to_json()).unwrap();
                let mut again = before.clone();
                again.apply(&diff).unwrap();
                assert_eq!(again.digest(), w.digest());
                assert!(again.index_is_true());
            }
            13 => w.refresh(r.below(2) == 0, &mut |_, _| {}),
            _ => compare(&w, &m, &mut r),
        }
    }
    compare(&w, &m, &mut r);
    assert!(w.index_is_true());
    for (w, m) in &kept {
        compare(w, m, &mut r);
        assert!(w.index_is_true());
    }
}

#[test]
fn the_workspace_is_what_a_plain_model_is() {
    let histories = std::env::var("WORKSPACE_HISTORIES").ok().and_then(|n| n.parse().ok()).unwrap_or(500);
    for seed in 0..histories {
        history(seed);
    }
}

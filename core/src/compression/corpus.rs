//! Proofs as one flat DAG of premises, with the counts of its digrams.
//!
//! A *digram* is an edge that a fragment may cross: a step, a position among its hypotheses, and the step that
//! proves that hypothesis and nothing else. Counts are kept up to date by every rewrite; in debug builds
//! [`Corpus::check`] counts again and compares.
//!
//! Price: 33 bytes a step and 4 an edge. Steps that a rewrite frees stay in the arrays as dead entries.

use crate::compression::fragment::{Fragment, HOLE};
use crate::dsl::theory::library::{PremiseId, Proof, Rule, Step};
use crate::metamath_db::ids::AssertionId;
use rustc_hash::FxHashMap;

/// A proof's place: what may be used in it.
#[derive(Clone, Debug)]
pub struct CorpusItem {
    /// Label of the theorem.
    pub name: String,
    /// Only lemmas of earlier outermost blocks are premises.
    pub block: u32,
    /// Only assertions before this one are premises.
    pub limit: AssertionId,
}

const DEAD: u32 = u32::MAX;
const HYP: u32 = 1 << 31;
/// Edges at later positions are no digrams (they would not fit into 64 bits).
const LAST_POSITION: usize = 255;
/// Bit of [`Corpus::free`]: a lemma that uses this step's premise may be used here.
const PLACED: u8 = 1;
/// Bit of [`Corpus::free`]: exactly one step uses this one.
const EXCLUSIVE: u8 = 2;

/// A digram packed into 64 bits: parent premise (28), position (8), child premise (28).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Digram(pub u64);

impl Digram {
    fn new(parent: u32, position: usize, child: u32) -> Digram {
        Digram(u64::from(parent) << 36 | (position as u64 & 255) << 28 | u64::from(child))
    }
    fn parts(self) -> (u32, usize, u32) {
        ((self.0 >> 36) as u32, (self.0 >> 28 & 255) as usize, (self.0 & 0xfff_ffff) as u32)
    }
}

/// Where an item's nodes are.
#[derive(Clone, Debug)]
struct Span {
    first: u32,
    /// One behind the root, which is the last node.
    end: u32,
    limit: AssertionId,
}

/// See the module head.
pub struct Corpus {
    label: Vec<u32>,
    start: Vec<u32>,
    arity: Vec<u16>,
    pool: Vec<u32>,
    references: Vec<u32>,
    parent: Vec<u32>,
    block: Vec<u32>,
    item: Vec<u32>,
    free: Vec<u8>,
    items: Vec<Span>,
    counts: FxHashMap<Digram, u32>,
    by_label: Vec<Vec<u32>>,
    stale: Vec<u32>,
    premise_block: Vec<u32>,
    live: usize,
}

/// Occurrences of a fragment: the corpus nodes of its nodes, one row after the other.
#[derive(Clone, Debug, Default)]
pub struct Occurrences {
    nodes: Vec<u32>,
    width: usize,
}

impl Occurrences {
    /// Number of occurrences.
    pub fn len(&self) -> usize {
        self.nodes.len() / self.width.max(1)
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
    /// The nodes of one occurrence, in the fragment's order.
    pub fn row(&self, i: usize) -> &[u32] {
        &self.nodes[i * self.width..(i + 1) * self.width]
    }
    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = &[u32]> {
        self.nodes.chunks_exact(self.width.max(1))
    }
    /// Puts rows of two in the order of their roots.
    fn sort(&mut self) {
        debug_assert_eq!(self.width, 2);
        if !self.nodes.chunks_exact(2).is_sorted_by_key(|r| r[0]) {
            let mut rows: Vec<[u32; 2]> = self.nodes.chunks_exact(2).map(|r| [r[0], r[1]]).collect();
            rows.sort_unstable();
            self.nodes = rows.into_iter().flatten().collect();
        }
    }
    /// The occurrences of the fragment's first `width` nodes.
    pub fn prefix(&self, width: usize) -> Occurrences {
        Occurrences { nodes: self.rows().flat_map(|r| r[..width].iter().copied()).collect(), width }
    }
    /// Keeps the rows that a predicate accepts.
    pub fn retain(&mut self, mut keep: impl FnMut(&[u32]) -> bool) {
        let width = self.width;
        let mut to = 0;
        for from in (0..self.nodes.len()).step_by(width) {
            if keep(&self.nodes[from..from + width]) {
                self.nodes.copy_within(from..from + width, to);
                to += width;
            }
        }
        self.nodes.truncate(to);
    }
}

/// A growth step: the child at `position` of fragment node `node` is `label` in `count` occurrences.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Extension {
    /// Node of the fragment.
    pub node: usize,
    /// Its hole.
    pub position: usize,
    /// Premise in the hole.
    pub label: u32,
    /// In how many occurrences.
    pub count: u32,
}

/// Reusable memory for counting; one for each thread.
#[derive(Default)]
pub struct Scratch {
    count: Vec<u32>,
    touched: Vec<u32>,
    stamp: Vec<u32>,
    time: u32,
}

impl Corpus {
    /// An empty corpus over premises that stand in these outermost blocks (by premise number).
    pub fn new(premise_block: Vec<u32>) -> Corpus {
        let n = premise_block.len();
        Corpus {
            label: Vec::new(),
            start: Vec::new(),
            arity: Vec::new(),
            pool: Vec::new(),
            references: Vec::new(),
            parent: Vec::new(),
            block: Vec::new(),
            item: Vec::new(),
            free: Vec::new(),
            items: Vec::new(),
            counts: FxHashMap::default(),
            by_label: vec![Vec::new(); n],
            stale: vec![0; n],
            premise_block,
            live: 0,
        }
    }
    /// Number of live steps that apply a premise.
    pub fn steps(&self) -> usize {
        self.live
    }
    /// Number of nodes, dead ones too. A proof's nodes are numbered children first.
    pub fn nodes(&self) -> u32 {
        self.label.len() as u32
    }
    /// Number of items: proofs, and bodies of lemmas.
    pub fn items(&self) -> usize {
        self.items.len()
    }
    /// The item that a node belongs to.
    pub fn item_of(&self, node: u32) -> usize {
        self.item[node as usize] as usize
    }
    /// Whether a premise of this number may be used in place of a node.
    pub fn may_use(&self, node: u32, premise: u32, assertions: usize) -> bool {
        if (premise as usize) < assertions {
            premise < self.items[self.item_of(node)].limit.0
        } else {
            self.premise_block[premise as usize] < self.block[node as usize]
        }
    }
    /// The distinct digrams, in order.
    pub fn digrams(&self) -> Vec<Digram> {
        let mut all: Vec<_> = self.counts.keys().copied().collect();
        all.sort_unstable();
        all
    }
    /// The distinct digrams that occur in some of the items, in order.
    pub fn digrams_of(&self, items: &[bool]) -> Vec<Digram> {
        let mut all = Vec::new();
        for span in self.items.iter().zip(items).filter(|x| *x.1).map(|x| x.0) {
            (span.first..span.end).for_each(|n| self.digrams_below(n, &mut all));
        }
        all.sort_unstable();
        all.dedup();
        all
    }
    /// How often a digram occurs.
    pub fn count(&self, d: Digram) -> u32 {
        self.counts.get(&d).copied().unwrap_or(0)
    }
    /// The premise of a live node that applies one.
    pub fn premise(&self, node: u32) -> Option<u32> {
        Some(self.label[node as usize]).filter(|&l| l & HYP == 0)
    }
    /// The children of a node.
    #[inline]
    pub fn children(&self, node: u32) -> &[u32] {
        let s = self.start[node as usize] as usize;
        &self.pool[s..s + self.arity[node as usize] as usize]
    }
    /// Whether a fragment may cross the edge between a node and its child.
    #[inline]
    pub fn crosses(&self, node: u32, child: u32) -> bool {
        self.free[node as usize] & PLACED != 0 && self.free[child as usize] == PLACED | EXCLUSIVE
    }
    fn refresh(&mut self, node: u32) {
        let n = node as usize;
        let label = self.label[n];
        let placed = label & HYP == 0 && self.premise_block[label as usize] < self.block[n];
        self.free[n] = if placed { PLACED } else { 0 } | if self.references[n] == 1 { EXCLUSIVE } else { 0 };
    }
    fn bump(&mut self, node: u32, position: usize, up: bool) {
        let child = self.children(node)[position];
        if !self.crosses(node, child) || position > LAST_POSITION {
            return;
        }
        let d = Digram::new(self.label[node as usize], position, self.label[child as usize]);
        if up {
            *self.counts.entry(d).or_insert(0) += 1;
        } else if let std::collections::hash_map::Entry::Occupied(mut e) = self.counts.entry(d) {
            *e.get_mut() -= 1;
            if *e.get() == 0 {
                e.remove();
            }
        }
    }
    fn bump_children(&mut self, node: u32, up: bool) {
        for i in 0..self.arity[node as usize] as usize {
            self.bump(node, i, up);
        }
    }
    /// The one step that uses a node, with the position, if there is exactly one.
    fn user(&self, node: u32) -> Option<(u32, usize)> {
        let p = self.parent[node as usize];
        if p == HOLE || self.references[node as usize] != 1 {
            return None;
        }
        self.children(p).iter().position(|&c| c == node).map(|i| (p, i))
    }
    /// Registers a new premise (a lemma) that stands after `block`.
    pub fn add_premise(&mut self, block: u32) -> u32 {
        self.premise_block.push(block);
        self.by_label.push(Vec::new());
        self.stale.push(0);
        self.premise_block.len() as u32 - 1
    }
    /// Adds a proof; its steps get consecutive nodes. Steps that the root does not need are left dead.
    pub fn add(&mut self, block: u32, limit: AssertionId, proof: &Proof) -> usize {
        let first = self.label.len() as u32;
        let mut needed = vec![false; proof.steps.len()];
        if let Some(last) = needed.last_mut() {
            *last = true;
        }
        for (i, step) in proof.steps.iter().enumerate().rev() {
            if needed[i] {
                step.children.iter().for_each(|&c| needed[c as usize] = true);
            }
        }
        for (i, step) in proof.steps.iter().enumerate() {
            let node = first + i as u32;
            self.start.push(self.pool.len() as u32);
            self.references.push(0);
            self.parent.push(HOLE);
            self.block.push(block);
            self.item.push(self.items.len() as u32);
            self.free.push(0);
            if !needed[i] {
                self.label.push(DEAD);
                self.arity.push(0);
                continue;
            }
            self.arity.push(step.children.len() as u16);
            for &c in &step.children {
                self.pool.push(first + c);
                self.references[(first + c) as usize] += 1;
                self.parent[(first + c) as usize] = node;
            }
            match step.rule {
                Rule::Hyp(k) => self.label.push(HYP | k),
                Rule::Premise(p) => {
                    self.label.push(p.0);
                    self.by_label[p.index()].push(node);
                    self.live += 1;
                }
            }
        }
        let end = self.label.len() as u32;
        if end > first {
            self.references[end as usize - 1] += 1; // the root is used by the theorem
        }
        for node in first..end {
            if self.label[node as usize] != DEAD {
                self.refresh(node);
            }
        }
        for node in first..end {
            self.bump_children(node, true);
        }
        self.items.push(Span { first, end, limit });
        self.items.len() - 1
    }
    /// The fragment and the occurrences of a digram.
    pub fn seed(&self, d: Digram) -> Option<(Fragment, Occurrences)> {
        let (parent, position, child) = d.parts();
        let mut out = Occurrences { nodes: Vec::new(), width: 2 };
        let (parents, children) = (&self.by_label[parent as usize], &self.by_label[child as usize]);
        if parents.len() <= children.len() {
            for &n in parents.iter().filter(|&&n| self.label[n as usize] == parent) {
                let c = self.children(n)[position];
                if self.label[c as usize] == child && self.crosses(n, c) {
                    out.nodes.extend([n, c]);
                }
            }
        } else {
            for &c in children.iter().filter(|&&c| self.label[c as usize] == child) {
                let n = self.parent[c as usize];
                let fits = n != HOLE && self.label[n as usize] == parent && self.crosses(n, c);
                if fits && self.children(n)[position] == c {
                    out.nodes.extend([n, c]);
                }
            }
        }
        out.sort();
        let &[n, c] = out.nodes.get(..2)? else { return None };
        let mut fragment = Fragment::single(parent, self.children(n).len());
        fragment.extend(0, position, child, self.children(c).len());
        Some((fragment, out))
    }
    /// All occurrences of a fragment, in the order of their roots.
    pub fn occurrences(&self, f: &Fragment) -> Occurrences {
        let mut roots: Vec<u32> = self.by_label[f.labels[0] as usize].clone();
        roots.sort_unstable();
        roots.dedup();
        self.occurrences_at(f, &roots)
    }
    /// The occurrences of a fragment in some of the items, in the order of their roots.
    pub fn occurrences_in(&self, f: &Fragment, items: &[bool]) -> Occurrences {
        let mut roots: Vec<u32> = self.by_label[f.labels[0] as usize].clone();
        roots.retain(|&n| items.get(self.item_of(n)).copied().unwrap_or(false));
        roots.sort_unstable();
        roots.dedup();
        self.occurrences_at(f, &roots)
    }
    /// The occurrences of a fragment with one of these roots, in their order.
    pub fn occurrences_at(&self, f: &Fragment, roots: &[u32]) -> Occurrences {
        let mut out = Occurrences { nodes: Vec::new(), width: f.len() };
        let mut row = Vec::with_capacity(f.len());
        for &root in roots {
            if self.occurs(f, root, &mut row) {
                out.nodes.extend_from_slice(&row);
            }
        }
        out
    }
    /// Whether a fragment occurs with this root; its nodes in `row`.
    fn occurs(&self, f: &Fragment, root: u32, row: &mut Vec<u32>) -> bool {
        row.clear();
        row.resize(f.len(), HOLE);
        row[0] = root;
        for node in 0..f.len() {
            let n = row[node];
            if self.label[n as usize] != f.labels[node] {
                return false;
            }
            for (i, &child) in f.children[node].iter().enumerate().filter(|x| *x.1 != HOLE) {
                let c = self.children(n)[i];
                if !self.crosses(n, c) {
                    return false;
                }
                row[child as usize] = c;
            }
        }
        true
    }
    /// The most frequent way to grow a fragment; ties go to the first hole in order of growth, then to the
    /// smaller premise.
    pub fn best_extension(&self, f: &Fragment, at: &Occurrences, scratch: &mut Scratch) -> Option<Extension> {
        let Scratch { count, touched, .. } = scratch;
        if count.len() < self.premise_block.len() {
            count.resize(self.premise_block.len() + 1024, 0);
        }
        let mut best: Option<Extension> = None;
        for node in 0..f.len() {
            for (position, _) in f.children[node].iter().enumerate().filter(|x| *x.1 == HOLE) {
                touched.clear();
                for row in at.rows() {
                    let c = self.children(row[node])[position];
                    if self.crosses(row[node], c) {
                        let label = self.label[c as usize];
                        if count[label as usize] == 0 {
                            touched.push(label);
                        }
                        count[label as usize] += 1;
                    }
                }
                let mut here: Option<(u32, u32)> = None;
                for &label in touched.iter() {
                    let n = std::mem::take(&mut count[label as usize]);
                    if here.is_none_or(|(m, l)| n > m || (n == m && label < l)) {
                        here = Some((n, label));
                    }
                }
                if let Some((n, label)) = here {
                    if best.is_none_or(|b| n > b.count) {
                        best = Some(Extension { node, position, label, count: n });
                    }
                }
            }
        }
        best
    }
    /// Grows a fragment and keeps the occurrences that grow with it.
    pub fn extend(&self, f: &mut Fragment, at: &mut Occurrences, x: Extension) {
        let width = at.width;
        let mut nodes = Vec::with_capacity((width + 1) * x.count as usize);
        let mut arity = 0;
        for row in at.rows() {
            let c = self.children(row[x.node])[x.position];
            if self.label[c as usize] == x.label && self.crosses(row[x.node], c) {
                nodes.extend_from_slice(row);
                nodes.push(c);
                arity = self.children(c).len();
            }
        }
        f.extend(x.node, x.position, x.label, arity);
        *at = Occurrences { nodes, width: width + 1 };
    }
    /// Keeps a set of occurrences that share no node: from the largest root down, greedily.
    pub fn keep_disjoint(&self, f: &Fragment, at: &mut Occurrences, scratch: &mut Scratch) {
        if !f.may_overlap() {
            return;
        }
        let Scratch { stamp, time, .. } = scratch;
        *time += 1;
        if stamp.len() < self.label.len() {
            stamp.resize(self.label.len() + 4096, 0);
        }
        let mut order: Vec<usize> = (0..at.len()).collect();
        order.sort_unstable_by_key(|&i| std::cmp::Reverse(at.row(i)[0]));
        let mut nodes = Vec::with_capacity(at.nodes.len());
        for i in order {
            let row = at.row(i);
            if row.iter().all(|&n| stamp[n as usize] != *time) {
                row.iter().for_each(|&n| stamp[n as usize] = *time);
                nodes.extend_from_slice(row);
            }
        }
        at.nodes = nodes;
    }
    /// Number of items that occurrences touch (those of one item stand together: rows are in order of roots).
    pub fn items_touched(&self, at: &Occurrences) -> usize {
        let mut last = u32::MAX;
        let mut new = |r: &[u32]| std::mem::replace(&mut last, self.item[r[0] as usize]) != last;
        at.rows().filter(|r| new(r)).count()
    }
    /// Replaces occurrences of a fragment by one step each, whose children are those of the holes in `order`
    /// (holes not in it are dropped). Returns the new steps' nodes.
    pub fn rewrite(&mut self, f: &Fragment, at: &Occurrences, target: u32, order: &[u32]) -> Vec<u32> {
        let holes = f.holes();
        let mut rewritten = Vec::with_capacity(at.len());
        for row in at.rows() {
            // a subtree that an earlier replacement dropped may have held this occurrence
            if row.iter().zip(&f.labels).any(|(&n, &l)| self.label[n as usize] != l) {
                continue;
            }
            self.rewrite_one(row, &holes, target, order);
            rewritten.push(row[0]);
        }
        for &l in &f.labels {
            self.compact(l);
        }
        rewritten
    }
    fn rewrite_one(&mut self, row: &[u32], holes: &[(u32, u32)], target: u32, order: &[u32]) {
        let root = row[0];
        for &n in row {
            self.bump_children(n, false);
        }
        let user = self.user(root);
        if let Some((p, i)) = user {
            self.bump(p, i, false);
        }
        let at_hole: Vec<u32> = holes.iter().map(|&(node, i)| self.children(row[node as usize])[i as usize]).collect();
        let kept: Vec<u32> = order.iter().map(|&k| at_hole[k as usize]).collect();
        for &n in row {
            self.stale[self.label[n as usize] as usize] += 1;
            self.label[n as usize] = DEAD;
            self.free[n as usize] = 0;
            self.live -= 1;
        }
        self.label[root as usize] = target;
        self.live += 1;
        self.by_label[target as usize].push(root);
        self.start[root as usize] = self.pool.len() as u32;
        self.arity[root as usize] = kept.len() as u16;
        self.pool.extend_from_slice(&kept);
        for (k, &c) in at_hole.iter().enumerate() {
            if !order.contains(&(k as u32)) {
                self.release(c, kept.contains(&c));
            }
        }
        for &c in &kept {
            self.parent[c as usize] = root;
            self.refresh(c);
        }
        self.refresh(root);
        self.bump_children(root, true);
        if let Some((p, i)) = user {
            self.bump(p, i, true);
        }
    }
    /// Takes one reference from a node. A node that loses its last one dies with all that only it used. A shared
    /// node of which one reference is left stays marked as shared unless that one is known (`kept`).
    fn release(&mut self, node: u32, kept: bool) {
        let n = node as usize;
        match self.references[n] {
            0 | 1 if !kept => {
                self.bump_children(node, false);
                self.references[n] = 0;
                if self.label[n] & HYP == 0 {
                    self.live -= 1;
                    self.stale[self.label[n] as usize] += 1;
                }
                self.label[n] = DEAD;
                self.free[n] = 0;
                for i in 0..self.arity[n] as usize {
                    let c = self.children(node)[i];
                    self.release(c, false);
                }
                self.arity[n] = 0;
            }
            2 if !kept => {}
            _ => self.references[n] -= 1,
        }
    }
    fn compact(&mut self, label: u32) {
        let l = label as usize;
        if self.stale[l] as usize * 2 > self.by_label[l].len() {
            let labels = &self.label;
            let mut list = std::mem::take(&mut self.by_label[l]);
            list.retain(|&n| labels[n as usize] == label);
            self.by_label[l] = list;
            self.stale[l] = 0;
        }
    }
    /// The digrams around a node that may have become more frequent by a rewrite.
    pub fn digrams_around(&self, node: u32, out: &mut Vec<Digram>) {
        self.digrams_below(node, out);
        if let Some((p, i)) = self.user(node) {
            if self.crosses(p, node) && i <= LAST_POSITION {
                out.push(Digram::new(self.label[p as usize], i, self.label[node as usize]));
            }
        }
    }
    fn digrams_below(&self, node: u32, out: &mut Vec<Digram>) {
        for (i, &c) in self.children(node).iter().enumerate().take(LAST_POSITION + 1) {
            if self.crosses(node, c) {
                out.push(Digram::new(self.label[node as usize], i, self.label[c as usize]));
            }
        }
    }
    /// The present proof of an item, and for each of its steps the number of the step that it was when added.
    pub fn proof(&self, item: usize) -> (Proof, Vec<u32>) {
        let Span { first, end, .. } = self.items[item];
        let mut number = vec![HOLE; (end - first) as usize];
        if let Some(root) = number.last_mut() {
            *root = 0;
        }
        for n in (first..end).rev() {
            if number[(n - first) as usize] != HOLE {
                self.children(n).iter().for_each(|&c| number[(c - first) as usize] = 0);
            }
        }
        let mut proof = Proof::default();
        let mut origins = Vec::new();
        for n in first..end {
            let local = (n - first) as usize;
            if number[local] == HOLE {
                continue;
            }
            number[local] = proof.steps.len() as u32;
            let label = self.label[n as usize];
            let rule = if label & HYP != 0 { Rule::Hyp(label & !HYP) } else { Rule::Premise(PremiseId(label)) };
            let children = self.children(n).iter().map(|&c| number[(c - first) as usize]).collect();
            proof.steps.push(Step { rule, children });
            origins.push(local as u32);
        }
        (proof, origins)
    }
    /// Counts the digrams again and compares: the invariant of the incremental counts.
    pub fn check(&self) -> bool {
        let mut counts: FxHashMap<Digram, u32> = FxHashMap::default();
        for n in 0..self.label.len() as u32 {
            if self.label[n as usize] & HYP != 0 {
                continue;
            }
            for (i, &c) in self.children(n).iter().enumerate().take(LAST_POSITION + 1) {
                if self.crosses(n, c) {
                    *counts.entry(Digram::new(self.label[n as usize], i, self.label[c as usize])).or_insert(0) += 1;
                }
            }
        }
        counts == self.counts
    }
}

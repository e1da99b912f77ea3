//! Which `$d` pairs are mandatory, and which hold at an assertion, without looking at every active `$d` statement.
//!
//! Where few are active (nearly always) the list is walked. Where many are, their pairs stand in a table that follows
//! the scopes; statements of more than [`SMALL`] variables, whose pairs would be too many, are listed by variable.
//! Price: the table is made when it is first needed, each statement goes in and out once.

use super::{HypKind, ReadErrorKind, Reader, Result, Source, Span, MAX_FRAMES};
use crate::metamath_db::ids::{AssertionId, SymbolId};
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;

/// Active `$d` statements of so many variables in all are walked one by one.
pub const FEW: u32 = 512;
/// `$d` statements of at most so many variables are kept as pairs.
const SMALL: usize = 64;
/// Most entries looked at to find the mandatory pairs of all assertions together.
const MAX_WORK: usize = 1 << 28;

type Pair = (SymbolId, SymbolId);

fn pair(x: SymbolId, y: SymbolId) -> Pair {
    (x.min(y), x.max(y))
}

fn pairs(group: &[SymbolId]) -> impl Iterator<Item = Pair> + '_ {
    group.iter().enumerate().flat_map(|(i, &x)| group[..i].iter().map(move |&y| pair(x, y)))
}

/// The outer part of the active `$d` statements, as a table.
#[derive(Default)]
pub(super) struct ActivePairs {
    /// The statements in it, outermost first, and how many pairs each added.
    nodes: Vec<(u32, u32)>,
    added: Vec<Pair>,
    active: FxHashSet<Pair>,
    partners: FxHashMap<SymbolId, Vec<SymbolId>>,
    large: FxHashMap<SymbolId, Vec<u32>>,
    work: usize,
}

impl ActivePairs {
    /// Takes out what a block's end makes inactive; `head` is the list that is left.
    pub(super) fn cut(&mut self, source: &Source, head: u32) {
        while self.nodes.len() > source.count_from(head) as usize {
            let Some((node, pairs)) = self.nodes.pop() else { return };
            for _ in 0..pairs {
                let Some((x, y)) = self.added.pop() else { break };
                self.active.remove(&(x, y));
                for v in [x, y] {
                    self.partners.get_mut(&v).map(Vec::pop);
                }
            }
            let group = source.group(node);
            if group.len() > SMALL {
                for v in group {
                    self.large.get_mut(v).map(Vec::pop);
                }
            }
        }
    }
    /// Puts in what is active and not there yet.
    fn fill(&mut self, source: &Source, head: u32) {
        let mut fresh = Vec::new();
        let mut at = head;
        while source.count_from(at) as usize > self.nodes.len() {
            fresh.push(at);
            at = source.disjoint_nodes[at as usize].parent;
        }
        for node in fresh.into_iter().rev() {
            let group = source.group(node);
            let before = self.added.len();
            if group.len() > SMALL {
                for &v in group {
                    self.large.entry(v).or_default().push(node);
                }
            } else {
                for (x, y) in pairs(group) {
                    if self.active.insert((x, y)) {
                        self.added.push((x, y));
                        self.partners.entry(x).or_default().push(y);
                        self.partners.entry(y).or_default().push(x);
                    }
                }
            }
            self.nodes.push((node, (self.added.len() - before) as u32));
        }
    }
    /// The pairs of these variables; `None` beyond the bounds.
    fn among(&mut self, mine: &[SymbolId], found: &mut Vec<Pair>) -> Option<()> {
        let partners: usize = mine.iter().map(|v| self.partners.get(v).map_or(0, Vec::len)).sum();
        let chosen: FxHashSet<SymbolId> = mine.iter().copied().collect();
        self.spend(partners.min(mine.len() * mine.len()))?;
        if partners > mine.len() * mine.len() / 2 {
            found.extend(pairs(mine).filter(|p| self.active.contains(p)));
        } else {
            for &x in mine {
                let others = self.partners.get(&x).into_iter().flatten();
                found.extend(others.filter(|&&y| x < y && chosen.contains(&y)).map(|&y| (x, y)));
            }
        }
        let mut groups: FxHashMap<u32, Vec<SymbolId>> = FxHashMap::default();
        for v in mine {
            let nodes = self.large.get(v).map_or(&[][..], Vec::as_slice);
            self.work += nodes.len();
            for &node in nodes {
                groups.entry(node).or_default().push(*v);
            }
        }
        for group in groups.values() {
            self.spend(group.len() * group.len() / 2)?;
            if found.len() + group.len() * group.len() / 2 > MAX_FRAMES {
                return None;
            }
            found.extend(pairs(group));
        }
        Some(())
    }
    fn spend(&mut self, work: usize) -> Option<()> {
        self.work = self.work.saturating_add(work);
        (self.work <= MAX_WORK).then_some(())
    }
}

impl Reader {
    /// The pairs of mandatory variables (those marked by `build_frame`, which has just made the last frame).
    pub(super) fn mandatory_pairs(&mut self, label: &Span, frame: &Range<u32>) -> Result<Range<u32>> {
        let from = self.out.pairs.len();
        let mut found: Vec<Pair> = Vec::new();
        let fits = if self.out.size_from(self.disjoint) <= FEW {
            self.walk(from, &mut found)
        } else {
            let out = &self.out;
            let floats = out.frames[frame.start as usize..frame.end as usize].iter();
            let mine: Vec<SymbolId> = floats
                .filter_map(|h| match out.hyps[h.index()].kind {
                    HypKind::Floating { variable } => Some(variable),
                    HypKind::Essential => None,
                })
                .collect();
            self.disjoint_pairs.fill(out, self.disjoint);
            self.disjoint_pairs.among(&mine, &mut found)
        };
        if fits.is_none() || from + found.len() > MAX_FRAMES {
            return self.error(label.start as usize, ReadErrorKind::FramesTooLarge);
        }
        found.sort_unstable();
        found.dedup();
        self.out.pairs.extend(found);
        Ok(from as u32..self.out.pairs.len() as u32)
    }
    fn walk(&self, from: usize, found: &mut Vec<Pair>) -> Option<()> {
        let mut at = self.disjoint;
        let mut group: Vec<SymbolId> = Vec::new();
        while let Some(node) = self.out.disjoint_nodes.get(at as usize) {
            group.clear();
            group.extend(self.out.group(at).iter().filter(|v| self.mark[v.index()] == self.stamp));
            if from + found.len() + group.len() * group.len() / 2 > MAX_FRAMES {
                return None;
            }
            found.extend(pairs(&group));
            at = node.parent;
        }
        Some(())
    }
}

impl Source {
    fn group(&self, node: u32) -> &[SymbolId] {
        let r = &self.disjoint_nodes[node as usize].variables;
        &self.disjoint_pool[r.start as usize..r.end as usize]
    }
}

/// All `$d` statements of a source by pairs, for proofs at which many are active.
#[derive(Default)]
pub struct DisjointIndex {
    /// Positions at which a pair holds: apart from each other, in order.
    pairs: FxHashMap<Pair, Vec<(u32, u32)>>,
    /// Statements of many variables, by variable.
    large: FxHashMap<SymbolId, Vec<u32>>,
}

impl DisjointIndex {
    /// Reads all `$d` statements of a source.
    pub fn new(source: &Source) -> DisjointIndex {
        let mut index = DisjointIndex::default();
        for (i, node) in source.disjoint_nodes.iter().enumerate() {
            let group = source.group(i as u32);
            if group.len() > SMALL {
                for &v in group {
                    index.large.entry(v).or_default().push(i as u32);
                }
                continue;
            }
            for p in pairs(group) {
                let places = index.pairs.entry(p).or_default();
                // one that begins while another holds lies within it: blocks are nested
                if places.last().is_none_or(|&(_, until)| node.position >= until) {
                    places.push((node.position, node.active_until));
                }
            }
        }
        index
    }
    /// Whether two variables are disjoint at an assertion; `work` counts what was looked at.
    pub fn holds(&self, source: &Source, a: AssertionId, x: SymbolId, y: SymbolId, work: &mut usize) -> bool {
        let at = source.assertions[a.index()].position;
        *work += 4;
        if let Some(places) = self.pairs.get(&pair(x, y)) {
            let before = places.partition_point(|&(position, _)| position < at);
            if before > 0 && at < places[before - 1].1 {
                return true;
            }
        }
        let (Some(one), Some(other)) = (self.large.get(&x), self.large.get(&y)) else { return false };
        let (fewer, more) = if one.len() < other.len() { (one, other) } else { (other, one) };
        fewer.iter().any(|&node| {
            *work += 1;
            let n = &source.disjoint_nodes[node as usize];
            n.position < at && at < n.active_until && more.binary_search(&node).is_ok()
        })
    }
}

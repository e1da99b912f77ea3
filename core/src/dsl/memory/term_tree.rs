//! A discrimination tree over the terms of cells: the index of structural content reads (docs/workspace.md).
//!
//! A path of the tree is a term in preorder, its metavariables numbered by first occurrence, so that terms which differ
//! only in the names of their metavariables share one leaf. For a key whose metavariables count as constants, the
//! leaves above it (*gen*) are found exactly, repeated metavariables included; for *inst* and *unify* the tree
//! proposes and unification decides.
//!
//! Nothing is taken out when a cell is overwritten or a snapshot dropped: whoever reads compares the cells that are
//! proposed. Price: 40 bytes a node, 4 bytes a cell; a read visits the nodes that agree with the key.

use super::cell::{Address, Span};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use smallvec::SmallVec;

/// An edge: a head with the number of its children, or a metavariable by order of first occurrence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Edge {
    /// [`WILD`], or the head's 32 bits.
    head: u32,
    /// Which metavariable, or how many children.
    number: u32,
}

/// No head has these bits: metavariables have bit 31, but they are never an edge's head.
const WILD: u32 = 1 << 31;

#[derive(Clone, Default, Debug)]
struct Node {
    /// Sorted; wild ones last.
    edges: Vec<(Edge, u32)>,
    /// Cells whose term ends here, ascending.
    cells: Vec<Address>,
}

impl Node {
    fn wilds(&self) -> &[(Edge, u32)] {
        &self.edges[self.edges.partition_point(|e| e.0.head < WILD)..]
    }
    fn head(&self, head: u32) -> Option<(Edge, u32)> {
        let i = self.edges.partition_point(|e| e.0.head < head);
        self.edges.get(i).copied().filter(|e| e.0.head == head)
    }
}

/// One symbol of a key in preorder.
#[derive(Clone, Copy, Debug)]
struct Symbol {
    head: u32,
    term: TermId,
    /// Index of the symbol after this subterm.
    after: u32,
}

/// The tree. See the module head.
#[derive(Clone, Debug)]
pub struct TermTree {
    nodes: Vec<Node>,
    /// Cells that were added, repetitions not counted.
    len: usize,
}

/// Cells of one leaf that a read found.
pub struct Leaf<'t> {
    /// The cells, ascending.
    pub cells: &'t [Address],
    /// The terms for the leaf's metavariables, in order of first occurrence.
    pub values: SmallVec<[TermId; 8]>,
}

impl Default for TermTree {
    fn default() -> TermTree {
        TermTree { nodes: vec![Node::default()], len: 0 }
    }
}

fn flatten(arena: &Arena, t: TermId, out: &mut Vec<Symbol>) {
    let at = out.len();
    out.push(Symbol { head: arena.head(t).raw(), term: t, after: 0 });
    for &c in arena.children(t) {
        flatten(arena, c, out);
    }
    out[at].after = out.len() as u32;
}

impl TermTree {
    /// Number of cells that were added.
    pub fn len(&self) -> usize {
        self.len
    }
    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// Adds a cell with its term; adding it again changes nothing.
    pub fn add(&mut self, arena: &Arena, address: Address, term: TermId) {
        let mut node = 0u32;
        let mut metas: SmallVec<[u32; 8]> = SmallVec::new();
        let mut stack: SmallVec<[TermId; 32]> = SmallVec::from_slice(&[term]);
        while let Some(t) = stack.pop() {
            let head = arena.head(t);
            let edge = match head.as_meta() {
                Some(m) => {
                    let known = metas.iter().position(|&x| x == m);
                    let number = known.unwrap_or_else(|| {
                        metas.push(m);
                        metas.len() - 1
                    });
                    Edge { head: WILD, number: number as u32 }
                }
                None => {
                    stack.extend(arena.children(t).iter().rev().copied());
                    Edge { head: head.raw(), number: arena.children(t).len() as u32 }
                }
            };
            node = self.child(node, edge);
        }
        let cells = &mut self.nodes[node as usize].cells;
        if let Err(i) = cells.binary_search(&address) {
            cells.insert(i, address);
            self.len += 1;
        }
    }
    fn child(&mut self, node: u32, edge: Edge) -> u32 {
        let fresh = self.nodes.len() as u32;
        let edges = &mut self.nodes[node as usize].edges;
        match edges.binary_search_by_key(&edge, |e| e.0) {
            Ok(i) => edges[i].1,
            Err(i) => {
                edges.insert(i, (edge, fresh));
                self.nodes.push(Node::default());
                fresh
            }
        }
    }

    /// Calls `visit` for each leaf whose term has `key` as an instance; the key's metavariables count as constants.
    pub fn generalisations<'t>(&'t self, arena: &Arena, key: TermId, visit: &mut impl FnMut(Leaf<'t>)) {
        let mut flat = Vec::with_capacity(64);
        flatten(arena, key, &mut flat);
        let mut values = SmallVec::new();
        self.above(0, 0, &flat, &mut values, visit);
    }
    fn above<'t>(
        &'t self,
        node: u32,
        at: usize,
        flat: &[Symbol],
        values: &mut SmallVec<[TermId; 8]>,
        visit: &mut impl FnMut(Leaf<'t>),
    ) {
        let n = &self.nodes[node as usize];
        let Some(s) = flat.get(at) else {
            if !n.cells.is_empty() {
                visit(Leaf { cells: &n.cells, values: values.clone() });
            }
            return;
        };
        if let Some((_, child)) = n.head(s.head).filter(|_| s.head < WILD) {
            self.above(child, at + 1, flat, values, visit);
        }
        for &(edge, child) in n.wilds() {
            let number = edge.number as usize;
            if number == values.len() {
                values.push(s.term);
                self.above(child, s.after as usize, flat, values, visit);
                values.pop();
            } else if values[number] == s.term {
                self.above(child, s.after as usize, flat, values, visit);
            }
        }
    }

    /// The cells whose term may have a common instance with `key`, whatever their metavariables are bound to: all
    /// that have, and some that have not. In no order.
    pub fn proposals(&self, arena: &Arena, key: TermId, out: &mut Vec<Address>) {
        let mut flat = Vec::with_capacity(64);
        flatten(arena, key, &mut flat);
        let mut stack = vec![(0u32, 0u32, 0u32)];
        while let Some((node, at, skip)) = stack.pop() {
            let n = &self.nodes[node as usize];
            if skip > 0 {
                stack.extend(n.edges.iter().map(|&(edge, child)| {
                    let below = if edge.head == WILD { 0 } else { edge.number };
                    (child, at, skip - 1 + below)
                }));
                continue;
            }
            let Some(s) = flat.get(at as usize) else {
                out.extend_from_slice(&n.cells);
                continue;
            };
            if s.head >= WILD {
                stack.push((node, s.after, 1));
                continue;
            }
            if let Some((_, child)) = n.head(s.head) {
                stack.push((child, at + 1, 0));
            }
            stack.extend(n.wilds().iter().map(|&(_, child)| (child, s.after, 0)));
        }
    }
    /// All cells in `span` whose term has `key` as an instance, in order of address, and the number of leaves that
    /// they come from.
    pub fn cells_above(&self, arena: &Arena, key: TermId, span: Span, out: &mut Vec<Address>) -> usize {
        let mut leaves: SmallVec<[&[Address]; 32]> = SmallVec::new();
        self.generalisations(arena, key, &mut |leaf| leaves.push(leaf.cells));
        merge(&mut leaves, span, out);
        leaves.len()
    }
}

/// The addresses of `parts` that lie in `span`, ascending, each once. Parts are ascending.
fn merge(parts: &mut [&[Address]], span: Span, out: &mut Vec<Address>) {
    for p in parts.iter_mut() {
        let start = p.partition_point(|&a| a < span.first());
        let end = p.partition_point(|&a| a < span.first() || span.contains(a));
        *p = &p[start..end];
    }
    parts.sort_unstable_by_key(|p| p.len());
    let total = parts.iter().map(|p| p.len()).sum();
    let mut merged: Vec<Address> = Vec::with_capacity(total);
    for p in parts.iter() {
        if merged.is_empty() {
            merged.extend_from_slice(p);
            continue;
        }
        // from the back, in place: what is merged already is the shorter part
        let (mut i, mut j) = (merged.len(), p.len());
        merged.resize(i + j, Address::ZERO);
        while j > 0 {
            let take = i > 0 && merged[i - 1] > p[j - 1];
            let k = i + j - 1;
            if take {
                merged[k] = merged[i - 1];
                i -= 1;
            } else {
                merged[k] = p[j - 1];
                j -= 1;
            }
        }
    }
    merged.dedup(); // a cell that was overwritten stands in two leaves
    out.append(&mut merged);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsl::formulas::unify::{matches, unify, VecBindings};
    use crate::metamath_db::ids::{AssertionId, SymbolId};
    use crate::metamath_db::terms::term::Head;

    /// Random terms over two heads, three variables and three metavariables.
    fn term(a: &mut Arena, x: &mut u64, depth: u32) -> TermId {
        *x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        match (*x >> 40) % 10 {
            0 | 1 => a.meta((*x >> 50) as u32 % 3),
            2 | 3 => a.variable(SymbolId((*x >> 50) as u32 % 3)),
            4 if depth > 0 => {
                let c = term(a, x, depth - 1);
                a.make(Head::syntax(AssertionId(7)), &[c])
            }
            _ if depth > 0 => {
                let (c, d) = (term(a, x, depth - 1), term(a, x, depth - 1));
                a.make(Head::syntax(AssertionId(1)), &[c, d])
            }
            _ => a.variable(SymbolId(0)),
        }
    }

    #[test]
    fn the_tree_finds_what_a_scan_finds() {
        let (mut a, mut x) = (Arena::new(), 3);
        let cells: Vec<(Address, TermId)> =
            (0..1500u64).map(|i| (Address::from_packed(i * 7919 % 4096).unwrap(), term(&mut a, &mut x, 3))).collect();
        let mut tree = TermTree::default();
        for &(at, t) in cells.iter().chain(&cells[..50]) {
            tree.add(&a, at, t);
        }
        assert_eq!(tree.len(), cells.len());
        let span = Span::new(Address::from_packed(300).unwrap(), 3000).unwrap();
        let mut found_some = [0, 0, 0];
        for _ in 0..400 {
            let key = term(&mut a, &mut x, 3);
            let scan = |good: &mut dyn FnMut(TermId) -> bool| {
                let mut out: Vec<Address> = cells.iter().filter(|c| good(c.1)).map(|c| c.0).collect();
                out.sort_unstable();
                out
            };
            let mut above = Vec::new();
            tree.cells_above(&a, key, span, &mut above);
            let mut expected = scan(&mut |t| matches(&a, t, key).is_some());
            expected.retain(|&at| span.contains(at));
            assert_eq!(above, expected);
            tree.generalisations(&a, key, &mut |leaf| {
                let (_, t) = cells.iter().find(|c| c.0 == leaf.cells[0]).unwrap();
                let mut metas = SmallVec::new();
                a.metas(*t, &mut metas);
                let mut values: Vec<(u32, TermId)> = metas.iter().copied().zip(leaf.values.iter().copied()).collect();
                values.sort_unstable();
                assert_eq!(matches(&a, *t, key), Some(values));
            });
            let mut proposed = Vec::new();
            tree.proposals(&a, key, &mut proposed);
            proposed.sort_unstable();
            let instances = scan(&mut |t| matches(&a, key, t).is_some());
            let unifiable = scan(&mut |t| unify(&a, &mut VecBindings::new(), key, t).is_ok());
            assert!(unifiable.iter().chain(&instances).all(|at| proposed.binary_search(at).is_ok()));
            for (n, found) in [above, instances, unifiable].iter().enumerate() {
                found_some[n] += usize::from(!found.is_empty());
            }
        }
        assert!(found_some.iter().all(|&n| n > 50), "{found_some:?}");
    }
}

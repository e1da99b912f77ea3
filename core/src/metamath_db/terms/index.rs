//! A discrimination tree over conclusions: which premises may unify with a goal.
//!
//! A path spells a term's heads in preorder, with one wild card for every metavariable (repeated metavariables are
//! not compared, so an answer is a superset of what unifies). No metavariable stands for a judgement, so that one agrees
//! only with its own. A metavariable in the goal skips a whole term of the
//! tree; the places that such a skip reaches are computed once for each node. What only one term has left is one leaf,
//! its heads in a row: most of the tree's nodes would be such tails, and each costs a cache miss. Each node has its
//! values' bounds, so that a question for premises before a place leaves out whole branches.

use super::term::Arena;
use crate::metamath_db::ids::TermId;
use std::ops::Range;

/// Heads of a goal that are looked at: the rest of a larger one is taken to unify with everything.
const MAX_GOAL: usize = 1 << 16;

/// "No head": a metavariable.
const NONE: u32 = u32::MAX;

/// A term's heads in preorder; with each the place after its subterm.
type Flat = Vec<(u32, u32)>;

/// A range of one of the tree's columns.
type Span = (u32, u32);

#[derive(Clone)]
struct Node {
    bounds: Bounds,
    next: Next,
}

/// The least and the greatest value under a node.
#[derive(Clone, Copy)]
struct Bounds {
    least: u32,
    most: u32,
}

impl Bounds {
    /// Whether there may be values outside of a range.
    fn reach_outside(self, range: &Range<u32>) -> bool {
        self.least < range.start || self.most >= range.end
    }
}

#[derive(Clone)]
enum Next {
    /// Children by head, sorted, the wild one last; the places after exactly one more term.
    Inner { heads: Span, skips: Span },
    /// The rest of the only term that comes here, and the values.
    Leaf { tail: Span, values: Span },
}

/// Where a skip of a term leads: a node, the place in its tail, and the node's bounds, so that many nodes that are not
/// wanted are not looked at.
#[derive(Clone, Copy)]
struct Skip {
    node: u32,
    at: u32,
    bounds: Bounds,
}

/// The tree. Build it with [`Index::build`]; it does not change afterwards.
#[derive(Clone, Default)]
pub struct Index {
    nodes: Vec<Node>,
    /// (head, node).
    heads: Vec<(u32, u32)>,
    skips: Vec<Skip>,
    /// Heads, and the places in the tail after their terms.
    tails: Flat,
    values: Vec<u32>,
}

/// A goal in preorder, and the nodes that are still to be looked at: (node, place in its tail, place in the goal).
#[derive(Default)]
pub struct Query {
    flat: Flat,
    stack: Vec<(u32, u32, u32)>,
}

impl Index {
    /// A tree over `(term, value)` pairs.
    pub fn build(arena: &Arena, entries: impl Iterator<Item = (TermId, u32)>) -> Index {
        let flat = |(term, value)| {
            let mut flat = Vec::new();
            flatten(arena, term, usize::MAX, &mut flat);
            (flat, value)
        };
        let mut rows: Vec<(Flat, u32)> = entries.map(flat).collect();
        let heads = |row: &Flat, other: &Flat| row.iter().map(|x| x.0).cmp(other.iter().map(|x| x.0));
        rows.sort_unstable_by(|a, b| heads(&a.0, &b.0).then(a.1.cmp(&b.1)));
        let mut index = Index::default();
        if !rows.is_empty() {
            index.grow(&rows, 0);
        }
        index
    }
    /// Adds the node for sorted rows that agree in their first `depth` heads; its number.
    fn grow(&mut self, rows: &[(Flat, u32)], depth: usize) -> u32 {
        let number = self.nodes.len() as u32;
        let values = || rows.iter().map(|r| r.1);
        let bounds = Bounds { least: values().min().unwrap_or(0), most: values().max().unwrap_or(0) };
        if rows[0].0 == rows[rows.len() - 1].0 {
            let (tail, first) = (self.tails.len() as u32, self.values.len() as u32);
            self.tails.extend(rows[0].0[depth..].iter().map(|&(head, after)| (head, after - depth as u32)));
            self.values.extend(values());
            let (tail, values) = ((tail, self.tails.len() as u32), (first, self.values.len() as u32));
            self.nodes.push(Node { bounds, next: Next::Leaf { tail, values } });
            return number;
        }
        self.nodes.push(Node { bounds, next: Next::Inner { heads: (0, 0), skips: (0, 0) } });
        let (mut heads, mut skips) = (Vec::new(), Vec::new());
        for same in rows.chunk_by(|a, b| a.0[depth].0 == b.0[depth].0) {
            let (head, after) = same[0].0[depth];
            let child = self.grow(same, depth + 1);
            heads.push((head, child));
            // a head's arity: how many terms stand between it and what comes after its term
            let arguments = std::iter::successors(Some(depth + 1), |&at| Some(same[0].0.get(at)?.1 as usize));
            let arity = arguments.take_while(|&at| at < after as usize).count();
            self.skip(child, 0, arity, &mut skips);
        }
        let heads = append(&mut self.heads, heads);
        let skips = append(&mut self.skips, skips);
        self.nodes[number as usize].next = Next::Inner { heads, skips };
        number
    }
    /// The places that are `terms` terms after a place.
    fn skip(&self, node: u32, at: u32, terms: usize, out: &mut Vec<Skip>) {
        if terms == 0 {
            out.push(Skip { node, at, bounds: self.nodes[node as usize].bounds });
            return;
        }
        match &self.nodes[node as usize].next {
            Next::Leaf { tail, .. } => self.skip(node, self.tails[span(*tail)][at as usize].1, terms - 1, out),
            Next::Inner { skips, .. } => {
                for to in &self.skips[span(*skips)] {
                    self.skip(to.node, to.at, terms - 1, out);
                }
            }
        }
    }
    /// Appends the values whose term may unify with `goal`, in no particular order.
    pub fn query(&self, arena: &Arena, goal: TermId, query: &mut Query, out: &mut Vec<u32>) {
        self.query_outside(arena, goal, 0..0, query, out);
    }
    /// The same, with few of the values in `without`: what has no others is left out as a whole.
    pub fn query_outside(
        &self,
        arena: &Arena,
        goal: TermId,
        without: Range<u32>,
        query: &mut Query,
        out: &mut Vec<u32>,
    ) {
        query.flat.clear();
        flatten(arena, goal, MAX_GOAL, &mut query.flat);
        let (flat, stack) = (&query.flat, &mut query.stack);
        let wanted = |node: u32| self.nodes[node as usize].bounds.reach_outside(&without);
        stack.clear();
        stack.extend((!self.nodes.is_empty()).then_some((0, 0, 0)));
        while let Some((node, within, at)) = stack.pop() {
            match &self.nodes[node as usize].next {
                Next::Leaf { tail, values } => {
                    if agrees(&self.tails[span(*tail)], within as usize, flat, at as usize) {
                        out.extend_from_slice(&self.values[span(*values)]);
                    }
                }
                Next::Inner { heads, skips } => {
                    let (head, after) = flat[at as usize];
                    if head == NONE {
                        for to in &self.skips[span(*skips)] {
                            if to.bounds.reach_outside(&without) {
                                stack.push((to.node, to.at, after));
                            }
                        }
                        continue;
                    }
                    let heads = &self.heads[span(*heads)];
                    if let Some(&(NONE, wild)) = heads.last() {
                        if !is_judgement(head) && wanted(wild) {
                            stack.push((wild, 0, after));
                        }
                    }
                    if let Ok(i) = heads.binary_search_by_key(&head, |h| h.0) {
                        if wanted(heads[i].1) {
                            stack.push((heads[i].1, 0, at + 1));
                        }
                    }
                }
            }
        }
    }
}

fn span(of: Span) -> Range<usize> {
    of.0 as usize..of.1 as usize
}

fn append<T>(column: &mut Vec<T>, more: Vec<T>) -> Span {
    let start = column.len() as u32;
    column.extend(more);
    (start, column.len() as u32)
}

/// Whether the rest of a leaf's term may unify with the rest of the goal.
fn agrees(tail: &[(u32, u32)], mut within: usize, goal: &[(u32, u32)], mut at: usize) -> bool {
    while within < tail.len() {
        let ((own, own_after), (head, after)) = (tail[within], goal[at]);
        if head == NONE || own == NONE && !is_judgement(head) {
            (within, at) = (own_after as usize, after as usize);
        } else if own == head {
            (within, at) = (within + 1, at + 1);
        } else {
            return false;
        }
    }
    true
}

fn is_judgement(head: u32) -> bool {
    head >> 29 == 1
}

/// The heads of `t`; what is left of it after `most` of them counts as metavariables, which unify with anything.
fn flatten(arena: &Arena, t: TermId, most: usize, out: &mut Flat) {
    let at = out.len();
    let head = arena.head(t);
    let wild = head.as_meta().is_some() || at >= most;
    out.push((if wild { NONE } else { head.raw() }, 0));
    if !wild {
        for &c in arena.children(t) {
            flatten(arena, c, most, out);
        }
    }
    out[at].1 = out.len() as u32;
}

#[cfg(test)]
mod tests {
    use super::super::term::Head;
    use super::*;
    use crate::metamath_db::ids::{AssertionId, SymbolId};

    #[test]
    fn finds_what_may_unify() {
        let mut a = Arena::new();
        let f = |a: &mut Arena, x, y| a.make(Head::syntax(AssertionId(0)), &[x, y]);
        let (m, n, p, q) = (a.meta(0), a.meta(1), a.variable(SymbolId(0)), a.variable(SymbolId(1)));
        let pq = f(&mut a, p, q);
        let mn = f(&mut a, m, n);
        let deep = f(&mut a, pq, m);
        let index = Index::build(&a, [(pq, 0), (mn, 1), (deep, 2), (m, 3), (p, 4)].into_iter());
        let outside = |goal, without| {
            let mut out = Vec::new();
            index.query_outside(&a, goal, without, &mut Query::default(), &mut out);
            out.sort_unstable();
            out
        };
        let find = |goal| outside(goal, 0..0);
        assert_eq!(find(pq), [0, 1, 3]);
        assert_eq!(find(m), [0, 1, 2, 3, 4]);
        assert_eq!(find(deep), [1, 2, 3]);
        assert_eq!(find(mn), [0, 1, 2, 3]);
        assert_eq!(find(q), [3]);
        let judged = a.make(Head::judgement(0), &[pq]);
        let general = a.make(Head::judgement(0), &[m]);
        let other = a.make(Head::judgement(1), &[m]);
        let more = Index::build(&a, [(judged, 0), (general, 1), (other, 2), (m, 3)].into_iter());
        let mut found = Vec::new();
        more.query(&a, judged, &mut Query::default(), &mut found);
        found.sort_unstable();
        assert_eq!(found, [0, 1]);
        let bare = Index::build(&a, [(m, 3)].into_iter());
        found.clear();
        bare.query(&a, judged, &mut Query::default(), &mut found);
        assert!(found.is_empty());
        let index = Index::build(&a, [(pq, 0), (mn, 1), (deep, 2), (m, 3), (p, 4)].into_iter());
        let outside = |goal, without| {
            let mut out = Vec::new();
            index.query_outside(&a, goal, without, &mut Query::default(), &mut out);
            out.sort_unstable();
            out
        };
        assert_eq!(outside(m, 1..4), [0, 4]);
        assert_eq!(outside(deep, 2..9), [1]);
        let none = Index::build(&a, std::iter::empty());
        let mut out = Vec::new();
        none.query(&a, pq, &mut Query::default(), &mut out);
        assert!(out.is_empty());
    }
}

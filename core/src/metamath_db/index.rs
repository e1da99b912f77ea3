//! A discrimination tree over conclusions: which premises may unify with a goal.
//!
//! A path spells a term's heads in preorder, with one wild card for every metavariable (repeated metavariables are
//! not compared, so an answer is a superset of what unifies). A metavariable in the goal skips a whole term of the
//! tree; the nodes that such a skip reaches are computed once for each node.

use super::ids::TermId;
use super::term::Arena;
use rustc_hash::FxHashMap;

const NONE: u32 = u32::MAX;

#[derive(Clone, Default)]
struct Node {
    /// Children by head, sorted once the tree is finished.
    heads: Vec<(u32, u32)>,
    wild: Option<u32>,
    values: Vec<u32>,
    /// Nodes after exactly one more term.
    skips: Vec<u32>,
}

/// The tree. Build it with [`Index::build`]; it does not change afterwards.
#[derive(Clone, Default)]
pub struct Index {
    nodes: Vec<Node>,
}

/// A goal in preorder: per symbol its head (`None` for a metavariable) and the place after its subterm.
#[derive(Default)]
pub struct Query {
    flat: Vec<(u32, u32)>,
    stack: Vec<(u32, u32)>,
}

impl Index {
    /// A tree over `(term, value)` pairs.
    pub fn build(arena: &Arena, entries: impl Iterator<Item = (TermId, u32)>) -> Index {
        let mut index = Index { nodes: vec![Node::default()] };
        let mut arity = FxHashMap::default();
        let mut edges: FxHashMap<(u32, u32), u32> = FxHashMap::default();
        for (term, value) in entries {
            let mut node = 0u32;
            let mut stack = vec![term];
            while let Some(t) = stack.pop() {
                let head = arena.head(t);
                let fresh = index.nodes.len() as u32;
                let next = if head.as_meta().is_some() {
                    *index.nodes[node as usize].wild.get_or_insert(fresh)
                } else {
                    stack.extend(arena.children(t).iter().rev());
                    arity.insert(head.raw(), arena.children(t).len());
                    *edges.entry((node, head.raw())).or_insert(fresh)
                };
                if next == fresh {
                    index.nodes.push(Node::default());
                    if head.as_meta().is_none() {
                        index.nodes[node as usize].heads.push((head.raw(), fresh));
                    }
                }
                node = next;
            }
            index.nodes[node as usize].values.push(value);
        }
        for i in 0..index.nodes.len() {
            index.nodes[i].heads.sort_unstable();
            let mut skips = Vec::new();
            index.skip(i as u32, 1, &arity, &mut skips);
            index.nodes[i].skips = skips;
        }
        index
    }
    fn skip(&self, node: u32, need: usize, arity: &FxHashMap<u32, usize>, out: &mut Vec<u32>) {
        if need == 0 {
            out.push(node);
            return;
        }
        let n = &self.nodes[node as usize];
        if let Some(w) = n.wild {
            self.skip(w, need - 1, arity, out);
        }
        for &(head, child) in &n.heads {
            self.skip(child, need - 1 + arity[&head], arity, out);
        }
    }
    /// Appends the values whose term may unify with `goal`, in no particular order.
    pub fn query(&self, arena: &Arena, goal: TermId, query: &mut Query, out: &mut Vec<u32>) {
        query.flat.clear();
        flatten(arena, goal, &mut query.flat);
        let flat = &query.flat;
        let stack = &mut query.stack;
        stack.clear();
        stack.push((0, 0));
        while let Some((node, at)) = stack.pop() {
            let n = &self.nodes[node as usize];
            let Some(&(head, after)) = flat.get(at as usize) else {
                out.extend_from_slice(&n.values);
                continue;
            };
            if head == NONE {
                stack.extend(n.skips.iter().map(|&to| (to, after)));
                continue;
            }
            if let Some(w) = n.wild {
                stack.push((w, after));
            }
            if let Ok(i) = n.heads.binary_search_by_key(&head, |h| h.0) {
                stack.push((n.heads[i].1, at + 1));
            }
        }
    }
}

fn flatten(arena: &Arena, t: TermId, out: &mut Vec<(u32, u32)>) {
    let at = out.len();
    let head = arena.head(t);
    out.push((if head.as_meta().is_some() { NONE } else { head.raw() }, 0));
    for &c in arena.children(t) {
        flatten(arena, c, out);
    }
    out[at].1 = out.len() as u32;
}

#[cfg(test)]
mod tests {
    use super::super::ids::{AssertionId, SymbolId};
    use super::super::term::Head;
    use super::*;

    #[test]
    fn finds_what_may_unify() {
        let mut a = Arena::new();
        let f = |a: &mut Arena, x, y| a.make(Head::syntax(AssertionId(0)), &[x, y]);
        let (m, n, p, q) = (a.meta(0), a.meta(1), a.variable(SymbolId(0)), a.variable(SymbolId(1)));
        let pq = f(&mut a, p, q);
        let mn = f(&mut a, m, n);
        let deep = f(&mut a, pq, m);
        let index = Index::build(&a, [(pq, 0), (mn, 1), (deep, 2), (m, 3), (p, 4)].into_iter());
        let find = |goal| {
            let mut out = Vec::new();
            index.query(&a, goal, &mut Query::default(), &mut out);
            out.sort_unstable();
            out
        };
        assert_eq!(find(pq), [0, 1, 3]);
        assert_eq!(find(m), [0, 1, 2, 3, 4]);
        assert_eq!(find(deep), [1, 2, 3]);
        assert_eq!(find(mn), [0, 1, 2, 3]);
        assert_eq!(find(q), [3]);
    }
}

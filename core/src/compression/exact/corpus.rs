//! What the search reads: a corpus of programs as one DAG, with what each node costs and how often it occurs.

use super::expr::{Exprs, Id, Node};
use rustc_hash::FxHashMap;

/// Programs over one arena, and the columns that the search reads. All columns are indexed by [`Id`].
pub struct Corpus {
    /// The arena; it holds what the programs need and nothing else.
    pub exprs: Exprs,
    /// The programs.
    pub roots: Vec<Id>,
    /// Occurrences of a node in all programs written out as trees.
    pub weight: Vec<i64>,
    /// Bit `i`: the variable `i` is free in the node; bit 63 stands for all from 63 on.
    pub mask: Vec<u64>,
    /// Upper bound on what a pattern that is rooted here can save at one place by using one argument twice or more.
    pub repeats: Vec<i64>,
    /// What tells the branches of a hole apart: a number for the top of a node, below [`Corpus::heads`].
    pub head: Vec<u32>,
    /// How many different tops there are.
    pub heads: usize,
}

impl Corpus {
    /// A corpus of these programs. `arity`: how many arguments a pattern may have; `reusable`: which nodes may be one
    /// argument at two places of a body.
    pub fn new(exprs: Exprs, roots: Vec<Id>, arity: usize, reusable: impl Fn(Id) -> bool) -> Corpus {
        let weight = occurrences(&exprs, &roots);
        let mask = masks(&exprs);
        let repeats = repeats(&exprs, arity, reusable);
        let (head, heads) = heads(&exprs);
        Corpus { exprs, roots, weight, mask, repeats, head, heads }
    }
    /// Whether a node may be the argument of a parameter that stands `depth` lambdas deep in the body.
    pub fn reads_outside(&self, e: Id, depth: u32) -> bool {
        depth == 0 || self.mask[e as usize] & (u64::MAX >> 64u32.saturating_sub(depth).min(63)) == 0
    }
    /// Whether two nodes, each so many lambdas deep, are the same argument.
    pub fn same(&self, (a, deep_a): (Id, u32), (b, deep_b): (Id, u32)) -> bool {
        if deep_a == deep_b || self.exprs.free(a) == 0 {
            return a == b;
        }
        self.same_under((a, deep_a), (b, deep_b), 0)
    }
    fn same_under(&self, (a, deep_a): (Id, u32), (b, deep_b): (Id, u32), under: u32) -> bool {
        match (self.exprs.node(a), self.exprs.node(b)) {
            (Node::Var(i), Node::Var(j)) if i < under || j < under => i == j,
            (Node::Var(i), Node::Var(j)) => i64::from(i) - i64::from(deep_a) == i64::from(j) - i64::from(deep_b),
            (Node::App(f, x), Node::App(g, y)) => {
                self.same_under((f, deep_a), (g, deep_b), under) && self.same_under((x, deep_a), (y, deep_b), under)
            }
            (Node::Lam(x), Node::Lam(y)) => self.same_under((x, deep_a), (y, deep_b), under + 1),
            (x, y) => x == y,
        }
    }
    /// What all programs cost.
    pub fn cost(&self) -> i64 {
        self.roots.iter().map(|&r| self.exprs.cost(r)).sum()
    }
}

/// Numbers for the tops of nodes: one for all applications, one for all lambdas, one for each symbol and variable.
fn heads(exprs: &Exprs) -> (Vec<u32>, usize) {
    let mut leaves = 2;
    let mut leaf = || {
        leaves += 1;
        leaves - 1
    };
    let of = |e| match exprs.node(e) {
        Node::App(..) => 0,
        Node::Lam(_) => 1,
        _ => leaf(),
    };
    let head = (0..exprs.len() as Id).map(of).collect();
    (head, leaves as usize)
}

fn occurrences(exprs: &Exprs, roots: &[Id]) -> Vec<i64> {
    let mut weight = vec![0i64; exprs.len()];
    for &r in roots {
        weight[r as usize] += 1;
    }
    for e in (0..exprs.len()).rev() {
        let w = weight[e];
        match exprs.node(e as Id) {
            Node::App(f, x) => {
                weight[f as usize] = weight[f as usize].saturating_add(w);
                weight[x as usize] = weight[x as usize].saturating_add(w);
            }
            Node::Lam(b) => weight[b as usize] = weight[b as usize].saturating_add(w),
            _ => {}
        }
    }
    weight
}

fn masks(exprs: &Exprs) -> Vec<u64> {
    let mut mask: Vec<u64> = Vec::with_capacity(exprs.len());
    for e in 0..exprs.len() {
        let here = match exprs.node(e as Id) {
            Node::Var(i) => 1 << i.min(63),
            Node::App(f, x) => mask[f as usize] | mask[x as usize],
            Node::Lam(b) => (mask[b as usize] >> 1) | (mask[b as usize] & (1 << 63)),
            _ => 0,
        };
        mask.push(here);
    }
    mask
}

/// For each node the sum of the `arity` largest savings `(occurrences below - 1) * cost`. Disjointness is ignored, so
/// this is an upper bound. Nodes with variables are counted as if all of their cost could be saved.
fn repeats(exprs: &Exprs, arity: usize, reusable: impl Fn(Id) -> bool) -> Vec<i64> {
    let mut out = Vec::with_capacity(exprs.len());
    let mut counts: FxHashMap<Id, i64> = FxHashMap::default();
    let mut stack = Vec::new();
    for e in 0..exprs.len() as Id {
        if arity == 0 {
            out.push(0);
            continue;
        }
        counts.clear();
        stack.clear();
        stack.push(e);
        let mut open = false;
        while let Some(n) = stack.pop() {
            if n != e && reusable(n) {
                *counts.entry(n).or_default() += 1;
            }
            match exprs.node(n) {
                Node::App(f, x) => stack.extend([f, x]),
                Node::Lam(_) => open = true,
                _ => {}
            }
        }
        if open {
            out.push(exprs.cost(e));
            continue;
        }
        let mut saved: Vec<i64> = counts.iter().filter(|c| *c.1 > 1).map(|(&n, c)| (c - 1) * exprs.cost(n)).collect();
        saved.sort_unstable_by(|a, b| b.cmp(a));
        out.push(saved.iter().take(arity).sum());
    }
    out
}

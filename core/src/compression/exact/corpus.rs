//! The input of the search: a corpus of programs as one DAG, with the cost of each node and how often it occurs.

use super::expr::{Exprs, Id, Node, Tag};
use rustc_hash::FxHashMap;

/// The task of what occurs in several programs.
const SEVERAL: u32 = u32::MAX;

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
    /// The key that tells the branches of a hole apart: a number for the top of a node, below [`Corpus::heads`].
    pub head: Vec<u32>,
    /// How many different tops there are.
    pub heads: usize,
    /// By node: the only program that it occurs in, or [`SEVERAL`].
    task: Vec<u32>,
}

impl Corpus {
    /// A corpus of these programs. `arity`: how many arguments a pattern may have; `reusable`: which nodes may be one
    /// argument at two places of a body.
    pub fn new(exprs: Exprs, roots: Vec<Id>, arity: usize, reusable: impl Fn(Id) -> bool) -> Corpus {
        let weight = occurrences(&exprs, &roots);
        let mask = masks(&exprs);
        let repeats = repeats(&exprs, arity, reusable);
        let (head, heads) = heads(&exprs);
        let task = tasks(&exprs, &roots);
        Corpus { exprs, roots, weight, mask, repeats, head, heads, task }
    }
    /// Whether a node may be the argument of a parameter that stands `depth` lambdas deep in the body.
    pub fn reads_outside(&self, e: Id, depth: u32) -> bool {
        depth == 0 || self.mask[e as usize] & (u64::MAX >> 64u32.saturating_sub(depth).min(63)) == 0
    }
    /// Whether these nodes occur in one program only, all in the same.
    pub fn in_one_task(&self, nodes: &[Id]) -> bool {
        let mut tasks = nodes.iter().map(|&e| self.task[e as usize]);
        tasks.next().is_none_or(|first| first != SEVERAL && tasks.all(|task| task == first))
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
            (Node::Var(i, s), Node::Var(j, t)) if i < under || j < under => (i, s) == (j, t),
            (Node::Var(i, s), Node::Var(j, t)) => {
                s == t && i64::from(i) - i64::from(deep_a) == i64::from(j) - i64::from(deep_b)
            }
            (Node::App(f, x), Node::App(g, y)) => {
                self.same_under((f, deep_a), (g, deep_b), under) && self.same_under((x, deep_a), (y, deep_b), under)
            }
            (Node::Lam(x, s), Node::Lam(y, t)) => s == t && self.same_under((x, deep_a), (y, deep_b), under + 1),
            (x, y) => x == y,
        }
    }
    /// The cost of all programs.
    pub fn cost(&self) -> i64 {
        self.roots.iter().map(|&r| self.exprs.cost(r)).sum()
    }
}

/// Numbers for the tops of nodes: one for all applications, one for all lambdas of a mark, one for each symbol and variable.
fn heads(exprs: &Exprs) -> (Vec<u32>, usize) {
    let mut heads = 1;
    let mut lambdas: FxHashMap<Tag, u32> = FxHashMap::default();
    let mut next = || {
        heads += 1;
        heads - 1
    };
    let of = |e| match exprs.node(e) {
        Node::App(..) => 0,
        Node::Lam(_, tag) => *lambdas.entry(tag).or_insert_with(&mut next),
        _ => next(),
    };
    let head = (0..exprs.len() as Id).map(of).collect();
    (head, heads as usize)
}

/// By node, the only program that it occurs in, or [`SEVERAL`].
fn tasks(exprs: &Exprs, roots: &[Id]) -> Vec<u32> {
    const NONE: u32 = SEVERAL - 1;
    let mut task = vec![NONE; exprs.len()];
    let join = |task: &mut u32, other: u32| match (*task, other) {
        (_, NONE) => {}
        (NONE, _) => *task = other,
        (one, _) if one != other => *task = SEVERAL,
        _ => {}
    };
    for (program, &r) in roots.iter().enumerate() {
        join(&mut task[r as usize], program as u32);
    }
    for e in (0..exprs.len()).rev() {
        let here = task[e];
        match exprs.node(e as Id) {
            Node::App(f, x) => {
                join(&mut task[f as usize], here);
                join(&mut task[x as usize], here);
            }
            Node::Lam(b, _) => join(&mut task[b as usize], here),
            _ => {}
        }
    }
    task
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
            Node::Lam(b, _) => weight[b as usize] = weight[b as usize].saturating_add(w),
            _ => {}
        }
    }
    weight
}

fn masks(exprs: &Exprs) -> Vec<u64> {
    let mut mask: Vec<u64> = Vec::with_capacity(exprs.len());
    for e in 0..exprs.len() {
        let here = match exprs.node(e as Id) {
            Node::Var(i, _) => 1 << i.min(63),
            Node::App(f, x) => mask[f as usize] | mask[x as usize],
            Node::Lam(b, _) => (mask[b as usize] >> 1) | (mask[b as usize] & (1 << 63)),
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
                Node::Lam(..) => open = true,
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

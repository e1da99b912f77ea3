//! The best abstraction of a corpus, by branch and bound.
//!
//! Top-down: a pattern starts as one hole and grows hole by hole, always guided by what stands in the hole in the corpus.
//! A hole becomes (a) what stands there, one level deep, with one branch for each head that occurs; (b) one more
//! occurrence of a parameter, where the two are equal; (c) a new parameter. Each finished pattern is reached by exactly
//! one path, because the hole that is decided next is a function of the partial pattern.
//!
//! What is not explored, and why that loses nothing:
//! - *bound*: no completion can beat the best pattern known ([`super::bound`]). Ties are explored, so that the answer
//!   does not depend on the order of threads;
//! - *the same at all matches*: a hole in which one closed expression stands everywhere becomes that expression; as a
//!   parameter it would save less at each match and the body would be no more general;
//! - *redundant argument*: a hole that equals a parameter everywhere becomes that parameter, and two parameters that are
//!   equal everywhere are one: each match saves one more argument;
//! - *argument capture*: a parameter that is everywhere `c[x]` for one context c with one hole, and nowhere a match itself,
//!   is left to the branch where c is part of the body: as many parameters, the same matches, a larger body. Where it is
//!   a match, uses can be chained (`x (r 4) h (r 4) h`), and a body with c would take the inner use away.
//!
//! The answer is checked: in debug builds each bound is compared with the utilities found below it.

use super::bound::Tally;
use super::corpus::Corpus;
use super::expr::{Exprs, Id, Node};
use super::frame::{Frame, Place};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// What is searched for.
#[derive(Clone, Debug)]
pub struct Query {
    /// Most parameters that a body may have.
    pub arity: usize,
    /// How many of the best patterns are wanted.
    pub wanted: usize,
    /// Threads; the answer does not depend on it.
    pub threads: usize,
    /// Only patterns whose utility is larger than this.
    pub above: i64,
    /// Whether functions may be cut from their arguments: a body that is applied to more arguments than it has
    /// parameters, a parameter that is applied. Without it a symbol and its arguments stay together.
    pub curried: bool,
    /// By symbol: it may be an argument, but not part of a body. May be shorter than the symbols are many.
    pub opaque: Vec<bool>,
    /// Whether only opaque symbols may be one argument at two places.
    pub reuse_opaque_only: bool,
    /// Most partial patterns that are visited; the answer is marked if they did not suffice.
    pub budget: u64,
}

impl Default for Query {
    fn default() -> Query {
        Query {
            arity: 3,
            wanted: 1,
            threads: 1,
            above: 0,
            curried: true,
            opaque: Vec::new(),
            reuse_opaque_only: false,
            budget: u64::MAX,
        }
    }
}

impl Query {
    /// Whether this node may be one argument at two places of a body.
    pub fn reusable(&self, exprs: &Exprs, e: Id) -> bool {
        !self.reuse_opaque_only || self.is_opaque(exprs, e)
    }
    fn is_opaque(&self, exprs: &Exprs, e: Id) -> bool {
        matches!(exprs.node(e), Node::Prim(s) if self.opaque.get(s as usize).copied().unwrap_or(false))
    }
}

/// A pattern that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Cost that the corpus loses, less the cost of the body.
    pub utility: i64,
    /// How many parameters the body has.
    pub arity: usize,
    /// The body as text; equal utilities are ordered by it.
    pub body: String,
}

/// What a search did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Partial patterns whose branches were made.
    pub expanded: u64,
    /// Finished patterns whose exact utility was computed.
    pub finished: u64,
    /// Whether the budget sufficed, so that the answer is the best there is.
    pub complete: bool,
}

/// The best patterns of a corpus, best first; equal utilities in the order of their bodies.
pub fn search(corpus: &Corpus, query: &Query) -> (Vec<Found>, Effort) {
    let search = Search::new(corpus, query);
    let mut roots = search.starts();
    search.constants(&roots);
    roots.retain(|&e| !matches!(corpus.exprs.node(e), Node::Prim(_) | Node::Var(_)));
    let mut frame = Frame::root(corpus, roots);
    frame.bound = frame.upper_bound(corpus);
    if !frame.matches.is_empty() {
        lock(&search.queue).heap.push(Queued(frame));
    }
    std::thread::scope(|scope| {
        for _ in 1..query.threads.max(1) {
            scope.spawn(|| search.work());
        }
        search.work();
    });
    let mut found = std::mem::take(&mut *lock(&search.best));
    found.sort_by(|a, b| b.utility.cmp(&a.utility).then_with(|| a.body.cmp(&b.body)));
    let expanded = search.expanded.load(Ordering::Relaxed);
    let finished = search.finished.load(Ordering::Relaxed);
    (found, Effort { expanded, finished, complete: expanded <= query.budget })
}

/// Frames with fewer matches are finished by the thread that made them.
const SHARED_FROM: usize = 48;
/// Frames that wait for a thread; beyond that each thread goes on with its own.
const MOST_WAITING: usize = 4096;

struct Queued(Frame);

impl PartialEq for Queued {
    fn eq(&self, other: &Queued) -> bool {
        self.0.bound == other.0.bound
    }
}
impl Eq for Queued {}
impl PartialOrd for Queued {
    fn partial_cmp(&self, other: &Queued) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Queued {
    fn cmp(&self, other: &Queued) -> std::cmp::Ordering {
        self.0.bound.cmp(&other.0.bound)
    }
}

#[derive(Default)]
struct Queue {
    heap: BinaryHeap<Queued>,
    busy: usize,
}

struct Search<'a> {
    corpus: &'a Corpus,
    query: &'a Query,
    /// By node: whether something opaque occurs in it.
    opaque: Vec<bool>,
    total: i64,
    queue: Mutex<Queue>,
    wake: Condvar,
    best: Mutex<Vec<Found>>,
    /// What a pattern must reach to be among the wanted.
    floor: AtomicI64,
    expanded: AtomicU64,
    finished: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> Search<'a> {
    fn new(corpus: &'a Corpus, query: &'a Query) -> Search<'a> {
        let mut opaque = Vec::with_capacity(corpus.exprs.len());
        for e in 0..corpus.exprs.len() as Id {
            opaque.push(match corpus.exprs.node(e) {
                Node::App(f, x) => opaque[f as usize] || opaque[x as usize],
                Node::Lam(b) => opaque[b as usize],
                _ => query.is_opaque(&corpus.exprs, e),
            });
        }
        Search {
            corpus,
            query,
            opaque,
            total: corpus.cost(),
            queue: Mutex::default(),
            wake: Condvar::new(),
            best: Mutex::default(),
            floor: AtomicI64::new(query.above + 1),
            expanded: AtomicU64::new(0),
            finished: AtomicU64::new(0),
        }
    }
    /// Nodes that a body may replace.
    fn starts(&self) -> Vec<Id> {
        let exprs = &self.corpus.exprs;
        let mut function = vec![false; exprs.len()];
        if !self.query.curried {
            for e in 0..exprs.len() as Id {
                if let Node::App(f, _) = exprs.node(e) {
                    function[f as usize] = true;
                }
            }
        }
        (0..exprs.len() as Id).filter(|&e| self.corpus.weight[e as usize] > 0 && !function[e as usize]).collect()
    }
    /// Bodies without parameters: each closed subexpression.
    fn constants(&self, starts: &[Id]) {
        let exprs = &self.corpus.exprs;
        for &e in starts {
            let saved = self.corpus.weight[e as usize] * (exprs.cost(e) - exprs.costs().symbol) - exprs.cost(e);
            if exprs.free(e) == 0 && !self.opaque[e as usize] && saved >= self.floor.load(Ordering::Relaxed) {
                self.offer(saved, 0, || exprs.show(e));
            }
        }
    }
    fn offer(&self, utility: i64, arity: usize, body: impl Fn() -> String) {
        let mut best = lock(&self.best);
        if utility < self.floor.load(Ordering::Relaxed) {
            return;
        }
        let found = Found { utility, arity, body: body() };
        let order = |a: &Found, b: &Found| b.utility.cmp(&a.utility).then_with(|| a.body.cmp(&b.body));
        let at = best.binary_search_by(|f| order(f, &found)).unwrap_or_else(|at| at);
        best.insert(at, found);
        best.truncate(self.query.wanted);
        if best.len() == self.query.wanted {
            self.floor.store(best[best.len() - 1].utility, Ordering::Relaxed);
        }
    }

    fn work(&self) {
        let mut scratch = Scratch::new(self.corpus);
        let mut own: Vec<Frame> = Vec::new();
        while let Some(frame) = self.next() {
            own.push(frame);
            while let Some(frame) = own.pop() {
                if frame.bound >= self.floor.load(Ordering::Relaxed) {
                    let from = own.len();
                    self.expand(frame, &mut scratch, &mut own);
                    self.share(&mut own, from);
                }
            }
            lock(&self.queue).busy -= 1;
            self.wake.notify_all();
        }
    }
    fn next(&self) -> Option<Frame> {
        let mut queue = lock(&self.queue);
        loop {
            if let Some(Queued(frame)) = queue.heap.pop() {
                queue.busy += 1;
                return Some(frame);
            }
            if queue.busy == 0 {
                return None;
            }
            queue = self.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
    /// Hands new frames with many matches to whoever is free; the others stay, best last.
    fn share(&self, own: &mut Vec<Frame>, from: usize) {
        own[from..].sort_by_key(|f| f.bound);
        if own.len() == from || own[from..].iter().all(|f| f.matches.len() < SHARED_FROM) {
            return;
        }
        let mut queue = lock(&self.queue);
        let mut i = from;
        while i < own.len() {
            if own[i].matches.len() >= SHARED_FROM && queue.heap.len() < MOST_WAITING {
                queue.heap.push(Queued(own.remove(i)));
            } else {
                i += 1;
            }
        }
        drop(queue);
        self.wake.notify_all();
    }

    /// Decides the next hole of a frame in all ways that may lead to something better than what is known.
    fn expand(&self, mut frame: Frame, scratch: &mut Scratch, out: &mut Vec<Frame>) {
        if self.expanded.fetch_add(1, Ordering::Relaxed) >= self.query.budget {
            return;
        }
        if !self.close(&mut frame) {
            return;
        }
        if frame.holes.is_empty() {
            self.finish(&frame, scratch);
            return;
        }
        let bound = frame.upper_bound(self.corpus).min(frame.bound);
        frame.bound = bound;
        if bound < self.floor.load(Ordering::Relaxed) {
            return;
        }
        // depth first: what was opened last is decided first, arguments before functions
        let hole = frame.holes.len() - 1;
        self.heads(&frame, hole, scratch, out);
        self.reuses(&frame, hole, out);
        self.parameter(&frame, hole, out);
    }

    /// Decides all holes for which one way dominates the others. False if the frame itself is dominated.
    fn close(&self, frame: &mut Frame) -> bool {
        let exprs = &self.corpus.exprs;
        let mut hole = 0;
        'holes: while hole < frame.holes.len() {
            let column = &frame.holes[hole];
            let first = column.nodes[0];
            for param in 0..frame.params.len() {
                if self.equal_columns(frame, hole, param) {
                    frame.reuse(exprs, hole, param);
                    continue 'holes;
                }
            }
            if column.nodes.iter().all(|&e| e == first)
                && exprs.free(first) <= column.depth
                && !self.opaque[first as usize]
            {
                frame.fix(exprs, hole);
                continue;
            }
            hole += 1;
        }
        !frame.params.iter().any(|p| self.captured(p.depth, &p.nodes, &frame.matches)) && !self.redundant(frame)
    }
    fn equal_columns(&self, frame: &Frame, hole: usize, param: usize) -> bool {
        let (h, p) = (&frame.holes[hole], &frame.params[param]);
        h.nodes.iter().zip(&p.nodes).all(|(&a, &b)| self.may_reuse((a, h.depth), (b, p.depth)))
    }
    fn may_reuse(&self, a: (Id, u32), b: (Id, u32)) -> bool {
        self.corpus.reads_outside(a.0, a.1) && self.corpus.same(a, b) && self.query.reusable(&self.corpus.exprs, a.0)
    }
    /// Whether two parameters are equal at all matches.
    fn redundant(&self, frame: &Frame) -> bool {
        let params = &frame.params;
        (0..params.len()).any(|i| {
            (0..i).any(|j| {
                let pairs = params[i].nodes.iter().zip(&params[j].nodes);
                pairs.into_iter().all(|(&a, &b)| self.may_reuse((a, params[i].depth), (b, params[j].depth)))
            })
        })
    }
    /// Whether a column is one expression at all matches, or one context around one hole and nowhere a match itself.
    fn captured(&self, depth: u32, nodes: &[Id], matches: &[Id]) -> bool {
        let exprs = &self.corpus.exprs;
        let fixed = |e: Id| exprs.free(e) <= depth && !self.opaque[e as usize];
        let first = nodes[0];
        if nodes.iter().all(|&e| e == first) {
            return fixed(first);
        }
        let Node::App(f0, x0) = exprs.node(first) else { return false };
        let (mut left, mut right) = (fixed(f0), fixed(x0) && self.query.curried);
        for &e in nodes {
            let Node::App(f, x) = exprs.node(e) else { return false };
            left &= f == f0;
            right &= x == x0;
            if !left && !right {
                return false;
            }
        }
        let inner: FxHashSet<Id> = nodes.iter().copied().collect();
        !matches.iter().any(|e| inner.contains(e))
    }

    fn heads(&self, frame: &Frame, hole: usize, scratch: &mut Scratch, out: &mut Vec<Frame>) {
        let exprs = &self.corpus.exprs;
        let column = &frame.holes[hole];
        scratch.groups.clear();
        scratch.group_of.clear();
        scratch.row_group.clear();
        for (row, &e) in column.nodes.iter().enumerate() {
            let group = *scratch.group_of.entry(head(exprs, e)).or_insert_with(|| {
                let (usable, added) = match exprs.node(e) {
                    Node::Var(i) => (i < column.depth, exprs.costs().symbol),
                    Node::App(..) => (true, exprs.costs().app),
                    Node::Lam(_) => (true, exprs.costs().lam),
                    _ => (!self.opaque[e as usize], exprs.costs().symbol),
                };
                let tally = Tally::new(self.corpus, frame.cost + added, frame.params.len());
                scratch.groups.push((usable, tally));
                scratch.groups.len() as u32 - 1
            });
            scratch.groups[group as usize].1.add(self.corpus, frame.matches[row], frame.room[row], frame.reused[row]);
            scratch.row_group.push(group);
        }
        let floor = self.floor.load(Ordering::Relaxed);
        for group in 0..scratch.groups.len() {
            let (usable, tally) = scratch.groups[group];
            let bound = tally.bound().min(frame.bound);
            if !usable || bound < floor {
                continue;
            }
            scratch.rows.clear();
            let of_group = |&(_, &g): &(usize, &u32)| g as usize == group;
            scratch.rows.extend(scratch.row_group.iter().enumerate().filter(of_group).map(|(row, _)| row as u32));
            let mut child = frame.keep(&scratch.rows);
            child.bound = bound;
            match exprs.node(child.holes[hole].nodes[0]) {
                Node::App(..) | Node::Lam(_) => child.open(exprs, hole),
                _ => child.fix(exprs, hole),
            }
            out.push(child);
        }
    }
    fn reuses(&self, frame: &Frame, hole: usize, out: &mut Vec<Frame>) {
        let h = &frame.holes[hole];
        for (param, p) in frame.params.iter().enumerate() {
            let equal = |&i: &u32| {
                let i = i as usize;
                self.may_reuse((h.nodes[i], h.depth), (p.nodes[i], p.depth))
            };
            let rows: Vec<u32> = (0..frame.matches.len() as u32).filter(equal).collect();
            if rows.is_empty() {
                continue;
            }
            let mut child = frame.keep(&rows);
            child.reuse(&self.corpus.exprs, hole, param);
            self.push_if_promising(child, out);
        }
    }
    fn parameter(&self, frame: &Frame, hole: usize, out: &mut Vec<Frame>) {
        let h = &frame.holes[hole];
        if frame.params.len() >= self.query.arity || self.captured(h.depth, &h.nodes, &frame.matches) {
            return;
        }
        if !self.query.curried && frame.body.iter().any(|p| matches!(p, Place::App(f, _) if *f == h.place)) {
            return;
        }
        let reads = |&i: &u32| self.corpus.reads_outside(h.nodes[i as usize], h.depth);
        let rows: Vec<u32> = (0..frame.matches.len() as u32).filter(reads).collect();
        if rows.is_empty() {
            return;
        }
        let mut child = frame.keep(&rows);
        child.parameter(&self.corpus.exprs, hole);
        self.push_if_promising(child, out);
    }
    fn push_if_promising(&self, mut child: Frame, out: &mut Vec<Frame>) {
        child.bound = child.upper_bound(self.corpus).min(child.bound);
        if child.bound >= self.floor.load(Ordering::Relaxed) {
            out.push(child);
        }
    }

    fn finish(&self, frame: &Frame, scratch: &mut Scratch) {
        let exprs = &self.corpus.exprs;
        let floor = self.floor.load(Ordering::Relaxed);
        let simple: i64 = (0..frame.matches.len())
            .map(|row| self.corpus.weight[frame.matches[row] as usize] * frame.gain(exprs, row).max(0))
            .sum();
        if simple - frame.cost < floor {
            return;
        }
        self.finished.fetch_add(1, Ordering::Relaxed);
        let utility = self.total - scratch.rewritten_cost(self.corpus, frame) - frame.cost;
        debug_assert!(utility <= frame.bound, "the bound {} is below the utility {utility}", frame.bound);
        if utility >= floor {
            self.offer(utility, frame.params.len(), || {
                let mut out = exprs.clone();
                let e = frame.expression(&mut out);
                out.show(e)
            });
        }
    }
}

/// What tells the branches of a hole apart: the top of an expression, with leaves told apart.
fn head(exprs: &Exprs, e: Id) -> u64 {
    match exprs.node(e) {
        Node::App(..) => 0,
        Node::Lam(_) => 1,
        Node::Prim(s) => 4 + 4 * u64::from(s),
        Node::Var(i) => 5 + 4 * u64::from(i),
        Node::Param(i) => 6 + 4 * u64::from(i),
    }
}

/// Memory that a thread uses again and again.
struct Scratch {
    group_of: FxHashMap<u64, u32>,
    groups: Vec<(bool, Tally)>,
    /// By match: the group of what stands in the hole.
    row_group: Vec<u32>,
    rows: Vec<u32>,
    row_of: Vec<u32>,
    cost: Vec<i64>,
}

impl Scratch {
    fn new(corpus: &Corpus) -> Scratch {
        Scratch {
            group_of: FxHashMap::default(),
            groups: Vec::new(),
            row_group: Vec::new(),
            rows: Vec::new(),
            row_of: vec![u32::MAX; corpus.exprs.len()],
            cost: vec![0; corpus.exprs.len()],
        }
    }
    /// What the corpus costs when a finished pattern is used where that is cheapest: dynamic programming over the DAG, so
    /// that uses inside each other are chosen together.
    fn rewritten_cost(&mut self, corpus: &Corpus, frame: &Frame) -> i64 {
        for (row, &e) in frame.matches.iter().enumerate() {
            self.row_of[e as usize] = row as u32;
        }
        let exprs = &corpus.exprs;
        let c = exprs.costs();
        let call = c.symbol + c.app * frame.params.len() as i64;
        for e in 0..exprs.len() {
            let mut cost = match exprs.node(e as Id) {
                Node::App(f, x) => c.app + self.cost[f as usize] + self.cost[x as usize],
                Node::Lam(b) => c.lam + self.cost[b as usize],
                _ => c.symbol,
            };
            let row = self.row_of[e];
            if row != u32::MAX {
                let args = frame.params.iter().map(|p| self.cost[p.nodes[row as usize] as usize]);
                cost = cost.min(call + args.sum::<i64>());
            }
            self.cost[e] = cost;
        }
        for &e in &frame.matches {
            self.row_of[e as usize] = u32::MAX;
        }
        corpus.roots.iter().map(|&r| self.cost[r as usize]).sum()
    }
}

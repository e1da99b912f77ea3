//! The best abstraction of a corpus, by branch and bound.
//!
//! Top-down: a pattern starts as one hole and grows hole by hole, always guided by what stands in the hole in the corpus.
//! A hole becomes (a) what stands there, one level deep, with one branch for each head that occurs; (b) one more
//! occurrence of a parameter, where the two are equal; (c) a new parameter. Each finished pattern is reached by exactly
//! one path, because the hole that is decided next is a function of the partial pattern.
//!
//! The parts that are not explored, and why that loses nothing:
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

mod branch;

use super::corpus::Corpus;
use super::expr::{Exprs, Id, Node};
use super::frame::Frame;
use crate::compression::exact::search::branch::Scratch;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The options of a search.
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
    /// Whether a pattern counts that occurs in one program only.
    pub single_task: bool,
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
            single_task: true,
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

/// The counts of a search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Partial patterns whose branches were made.
    pub expanded: u64,
    /// Finished patterns whose exact utility was computed.
    pub finished: u64,
    /// Whether the budget sufficed, so that the answer is the best there is.
    pub complete: bool,
}

impl Effort {
    /// The counts before any search.
    pub fn none() -> Effort {
        Effort { expanded: 0, finished: 0, complete: true }
    }
    /// Adds what another search did.
    pub fn add(&mut self, other: Effort) {
        self.expanded += other.expanded;
        self.finished += other.finished;
        self.complete &= other.complete;
    }
}

/// The best patterns of a corpus, best first; equal utilities in the order of their bodies.
pub fn search(corpus: &Corpus, query: &Query) -> (Vec<Found>, Effort) {
    let search = Search::new(corpus, query);
    let mut roots = search.starts();
    search.constants(&roots); // all that there is without parameters
    roots.retain(|&e| !matches!(corpus.exprs.node(e), Node::Prim(_) | Node::Var(..)));
    let mut frame = Frame::root(corpus, roots);
    frame.bound = frame.upper_bound(corpus);
    if query.arity > 0 && !frame.matches.is_empty() {
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

pub(super) struct Search<'a> {
    pub(super) corpus: &'a Corpus,
    pub(super) query: &'a Query,
    /// By node: whether something opaque occurs in it.
    pub(super) opaque: Vec<bool>,
    pub(super) total: i64,
    queue: Mutex<Queue>,
    wake: Condvar,
    best: Mutex<Vec<Found>>,
    /// The utility that a pattern must reach to be among the wanted.
    pub(super) floor: AtomicI64,
    pub(super) expanded: AtomicU64,
    pub(super) finished: AtomicU64,
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
                Node::Lam(b, _) => opaque[b as usize],
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
            let allowed = self.query.single_task || !self.corpus.in_one_task(&[e]);
            if allowed && exprs.free(e) == 0 && !self.opaque[e as usize] && saved >= self.floor.load(Ordering::Relaxed)
            {
                self.offer(saved, 0, || exprs.show(e));
            }
        }
    }
    pub(super) fn offer(&self, utility: i64, arity: usize, body: impl Fn() -> String) {
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
}

//! One step of the search: the next hole of a partial pattern is decided in all ways that may lead to something better
//! than what is known, and a pattern without holes is priced.
//!
//! The bound of a branch is computed before the branch is made: most branches fall there, and cost no memory.

use crate::compression::exact::bound::Tally;
use crate::compression::exact::corpus::Corpus;
use crate::compression::exact::expr::{Id, Node};
use crate::compression::exact::frame::{Frame, Place};
use crate::compression::exact::search::Search;
use rustc_hash::FxHashSet;
use std::sync::atomic::Ordering;

impl Search<'_> {
    /// Decides the next hole of a frame in all ways that may lead to something better than what is known.
    pub(in crate::compression::exact) fn expand(&self, mut frame: Frame, scratch: &mut Scratch, out: &mut Vec<Frame>) {
        if self.expanded.fetch_add(1, Ordering::Relaxed) >= self.query.budget {
            return;
        }
        if !self.query.single_task && self.corpus.in_one_task(&frame.matches) {
            return;
        }
        let decided = frame.body.len() - frame.holes.len();
        if !self.close(&mut frame) {
            return;
        }
        if frame.holes.is_empty() {
            self.finish(&frame, scratch);
            return;
        }
        if frame.body.len() - frame.holes.len() > decided {
            frame.bound = frame.upper_bound(self.corpus).min(frame.bound);
        }
        debug_assert!(frame.bound <= frame.upper_bound(self.corpus), "a bound was not computed");
        if frame.bound < self.floor.load(Ordering::Relaxed) {
            return;
        }
        // depth first: what was opened last is decided first, arguments before functions
        let hole = frame.holes.len() - 1;
        self.heads(&frame, hole, scratch, out);
        self.reuses(&frame, hole, scratch, out);
        self.parameter(&frame, hole, scratch, out);
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
        scratch.row_group.clear();
        for (row, &e) in column.nodes.iter().enumerate() {
            let head = self.corpus.head[e as usize] as usize;
            if scratch.group_of[head] == u32::MAX {
                scratch.group_of[head] = scratch.groups.len() as u32;
                let (usable, added) = match exprs.node(e) {
                    Node::Var(i, _) => (i < column.depth, exprs.costs().symbol),
                    Node::App(..) => (true, exprs.costs().app),
                    Node::Lam(..) => (true, exprs.costs().lam),
                    _ => (!self.opaque[e as usize], exprs.costs().symbol),
                };
                let tally = Tally::new(self.corpus, frame.cost + added, frame.params.len());
                scratch.groups.push((usable, tally));
            }
            let group = scratch.group_of[head];
            scratch.groups[group as usize].1.add(self.corpus, frame.matches[row], frame.room[row], frame.reused[row]);
            scratch.row_group.push(group);
        }
        for &e in &column.nodes {
            scratch.group_of[self.corpus.head[e as usize] as usize] = u32::MAX;
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
                Node::App(..) | Node::Lam(..) => child.open(exprs, hole),
                _ => child.fix(exprs, hole),
            }
            out.push(child);
        }
    }
    fn reuses(&self, frame: &Frame, hole: usize, scratch: &mut Scratch, out: &mut Vec<Frame>) {
        let h = &frame.holes[hole];
        for (param, p) in frame.params.iter().enumerate() {
            scratch.order.clear();
            for (row, (&a, &b)) in h.nodes.iter().zip(&p.nodes).enumerate() {
                if self.may_reuse((a, h.depth), (b, p.depth)) {
                    scratch.order.push((frame.room[row] - self.corpus.exprs.cost(a), row as u32));
                }
            }
            if let Some(mut child) = self.promising(frame, hole, true, scratch) {
                child.reuse(&self.corpus.exprs, hole, param);
                out.push(child);
            }
        }
    }
    fn parameter(&self, frame: &Frame, hole: usize, scratch: &mut Scratch, out: &mut Vec<Frame>) {
        let h = &frame.holes[hole];
        if frame.params.len() >= self.query.arity || self.captured(h.depth, &h.nodes, &frame.matches) {
            return;
        }
        if !self.query.curried && frame.body.iter().any(|p| matches!(p, Place::App(f, _) if *f == h.place)) {
            return;
        }
        scratch.order.clear();
        for (row, &e) in h.nodes.iter().enumerate() {
            if self.corpus.reads_outside(e, h.depth) {
                scratch.order.push((frame.room[row] - self.corpus.exprs.cost(e), row as u32));
            }
        }
        if let Some(mut child) = self.promising(frame, hole, false, scratch) {
            child.parameter(&self.corpus.exprs, hole);
            out.push(child);
        }
    }
    /// The rows of `scratch.order`, each with the room that is left when the hole becomes a parameter, or one more occurrence
    /// of one: as a frame by room, if its bound may still lead to something better than what is known.
    fn promising(&self, frame: &Frame, hole: usize, reused: bool, scratch: &mut Scratch) -> Option<Frame> {
        let order = &mut scratch.order;
        if order.is_empty() {
            return None;
        }
        if order.windows(2).any(|w| w[0].0 < w[1].0) {
            order.sort_unstable_by_key(|&(room, row)| (-room, frame.matches[row as usize]));
        }
        let nodes = &frame.holes[hole].nodes;
        let mut tally = Tally::new(self.corpus, frame.cost, frame.params.len() + usize::from(!reused));
        for &(room, row) in order.iter() {
            let row = row as usize;
            let again = if reused { self.corpus.exprs.cost(nodes[row]) } else { 0 };
            tally.add(self.corpus, frame.matches[row], room, frame.reused[row] + again);
        }
        let bound = tally.bound().min(frame.bound);
        if bound < self.floor.load(Ordering::Relaxed) {
            return None;
        }
        scratch.rows.clear();
        scratch.rows.extend(order.iter().map(|o| o.1));
        let mut child = frame.keep(&scratch.rows);
        child.bound = bound;
        Some(child)
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

/// Memory that a thread uses again and again.
pub(in crate::compression::exact) struct Scratch {
    /// By top of a node: its group; `u32::MAX` between calls.
    group_of: Vec<u32>,
    groups: Vec<(bool, Tally)>,
    /// By match: the group of what stands in the hole.
    row_group: Vec<u32>,
    rows: Vec<u32>,
    /// Rows of a child, with the room that is left there.
    order: Vec<(i64, u32)>,
    row_of: Vec<u32>,
    cost: Vec<i64>,
}

impl Scratch {
    pub(in crate::compression::exact) fn new(corpus: &Corpus) -> Scratch {
        Scratch {
            group_of: vec![u32::MAX; corpus.heads],
            groups: Vec::new(),
            row_group: Vec::new(),
            rows: Vec::new(),
            order: Vec::new(),
            row_of: vec![u32::MAX; corpus.exprs.len()],
            cost: vec![0; corpus.exprs.len()],
        }
    }
    /// The cost of the corpus when a finished pattern is used where that is cheapest: dynamic programming over the DAG, so
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
                Node::Lam(b, _) => c.lam + self.cost[b as usize],
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

//! A partial pattern: a body with holes, the nodes of the corpus that it matches, and what stands in its holes there.
//!
//! Everything is kept column by column over the matches, so that a step of the search is a gather. Matches are sorted by
//! what the body can still cost there, largest first: the order in which [`super::bound`] reads them.

use super::bound::Tally;
use super::corpus::Corpus;
use super::expr::{Exprs, Id, Node, Tag};

/// A place of a pattern's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Not decided yet.
    Hole,
    /// A subexpression without holes and parameters.
    Fixed(Id),
    /// A parameter.
    Param(u8),
    /// An application of one place to another.
    App(u32, u32),
    /// A lambda over a place.
    Lam(u32, Tag),
}

/// A hole or a parameter, and what it stands for at each match.
#[derive(Clone, Debug)]
pub struct Column {
    /// The place in the body; of a parameter, its first.
    pub place: u32,
    /// Lambdas of the body around that place.
    pub depth: u32,
    /// The expression there, by match.
    pub nodes: Vec<Id>,
}

/// A partial pattern.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The body; place 0 is its root.
    pub body: Vec<Place>,
    /// The nodes that match.
    pub matches: Vec<Id>,
    /// By match: the largest cost that the finished body can have here, that is the node's cost without arguments.
    pub room: Vec<i64>,
    /// By match: what is saved here by parameters that occur twice or more.
    pub reused: Vec<i64>,
    /// Holes that are still open.
    pub holes: Vec<Column>,
    /// Parameters, in the order in which they were made.
    pub params: Vec<Column>,
    /// Cost of what is decided of the body; parameters are free.
    pub cost: i64,
    /// No completion has a larger utility.
    pub bound: i64,
}

impl Frame {
    /// The pattern of which nothing is decided, over the nodes that may be replaced.
    pub fn root(corpus: &Corpus, mut matches: Vec<Id>) -> Frame {
        matches.sort_by_key(|&e| (-corpus.exprs.cost(e), e));
        Frame {
            body: vec![Place::Hole],
            room: matches.iter().map(|&e| corpus.exprs.cost(e)).collect(),
            reused: vec![0; matches.len()],
            holes: vec![Column { place: 0, depth: 0, nodes: matches.clone() }],
            params: Vec::new(),
            cost: 0,
            bound: i64::MAX,
            matches,
        }
    }
    /// This pattern on the matches with these numbers, in order.
    pub fn keep(&self, rows: &[u32]) -> Frame {
        fn gather<T: Copy>(column: &[T], rows: &[u32]) -> Vec<T> {
            rows.iter().map(|&i| column[i as usize]).collect()
        }
        let columns = |all: &[Column]| {
            all.iter().map(|c| Column { place: c.place, depth: c.depth, nodes: gather(&c.nodes, rows) }).collect()
        };
        Frame {
            body: self.body.clone(),
            matches: gather(&self.matches, rows),
            room: gather(&self.room, rows),
            reused: gather(&self.reused, rows),
            holes: columns(&self.holes),
            params: columns(&self.params),
            cost: self.cost,
            bound: self.bound,
        }
    }
    /// Closes a hole with what stands in it at the first match, which is what stands there at all.
    pub fn fix(&mut self, exprs: &Exprs, hole: usize) {
        let column = self.holes.remove(hole);
        self.body[column.place as usize] = Place::Fixed(column.nodes[0]);
        self.cost += exprs.cost(column.nodes[0]);
    }
    /// Opens a hole in which an application or a lambda stands at all matches.
    pub fn open(&mut self, exprs: &Exprs, hole: usize) {
        let column = self.holes.remove(hole);
        let next = self.body.len() as u32;
        match exprs.node(column.nodes[0]) {
            Node::App(..) => {
                let mut left = Vec::with_capacity(column.nodes.len());
                let mut right = Vec::with_capacity(column.nodes.len());
                for &e in &column.nodes {
                    if let Node::App(f, x) = exprs.node(e) {
                        left.push(f);
                        right.push(x);
                    }
                }
                self.body.extend([Place::Hole, Place::Hole]);
                self.body[column.place as usize] = Place::App(next, next + 1);
                self.cost += exprs.costs().app;
                self.holes.insert(hole, Column { place: next, depth: column.depth, nodes: left });
                self.holes.insert(hole + 1, Column { place: next + 1, depth: column.depth, nodes: right });
            }
            Node::Lam(_, tag) => {
                let below = |&e: &Id| match exprs.node(e) {
                    Node::Lam(b, _) => b,
                    _ => e,
                };
                let nodes = column.nodes.iter().map(below).collect();
                self.body.push(Place::Hole);
                self.body[column.place as usize] = Place::Lam(next, tag);
                self.cost += exprs.costs().lam;
                self.holes.insert(hole, Column { place: next, depth: column.depth + 1, nodes });
            }
            _ => unreachable!("leaves are fixed, not opened"),
        }
    }
    /// Makes a hole a new parameter.
    pub fn parameter(&mut self, exprs: &Exprs, hole: usize) {
        let column = self.holes.remove(hole);
        self.body[column.place as usize] = Place::Param(self.params.len() as u8);
        for (room, &e) in self.room.iter_mut().zip(&column.nodes) {
            *room -= exprs.cost(e);
        }
        self.params.push(column);
        self.sort();
    }
    /// Makes a hole one more occurrence of a parameter.
    pub fn reuse(&mut self, exprs: &Exprs, hole: usize, param: usize) {
        let column = self.holes.remove(hole);
        self.body[column.place as usize] = Place::Param(param as u8);
        for (i, &e) in column.nodes.iter().enumerate() {
            self.room[i] -= exprs.cost(e);
            self.reused[i] += exprs.cost(e);
        }
        self.sort();
    }
    fn sort(&mut self) {
        let rooms = self.room.windows(2);
        if rooms.into_iter().all(|w| w[0] >= w[1]) {
            return;
        }
        let mut rows: Vec<u32> = (0..self.matches.len() as u32).collect();
        rows.sort_by_key(|&i| (-self.room[i as usize], self.matches[i as usize]));
        *self = self.keep(&rows);
    }
    /// Saving at a match if the pattern were finished and all that is open were body: an upper bound for each completion,
    /// and exact where nothing is open.
    pub fn gain(&self, exprs: &Exprs, row: usize) -> i64 {
        let c = exprs.costs();
        self.room[row] + self.reused[row] - c.symbol - c.app * self.params.len() as i64
    }
    /// Upper bound on the utility of each completion.
    pub fn upper_bound(&self, corpus: &Corpus) -> i64 {
        let mut tally = Tally::new(corpus, self.cost, self.params.len());
        for (i, &e) in self.matches.iter().enumerate() {
            tally.add(corpus, e, self.room[i], self.reused[i]);
        }
        tally.bound()
    }
    /// The body as an expression with parameters.
    pub fn expression(&self, out: &mut Exprs) -> Id {
        self.expression_at(out, 0)
    }
    fn expression_at(&self, out: &mut Exprs, place: u32) -> Id {
        match self.body[place as usize] {
            Place::Fixed(e) => e,
            Place::Param(i) => out.add(Node::Param(i.into())),
            Place::App(f, x) => {
                let (f, x) = (self.expression_at(out, f), self.expression_at(out, x));
                out.add(Node::App(f, x))
            }
            Place::Lam(b, tag) => {
                let b = self.expression_at(out, b);
                out.add(Node::Lam(b, tag))
            }
            Place::Hole => unreachable!("only finished patterns are written"),
        }
    }
}

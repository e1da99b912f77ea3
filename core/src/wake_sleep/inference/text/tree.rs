//! The nodes that one decision makes, and the sequents that they leave open.

use super::decide::Made;
use crate::metamath_db::ids::TermId;
use crate::wake_sleep::inference::proof::{By, Node};
use smallvec::SmallVec;

/// The answer of a sequent: a node, or nothing yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Node(u32),
    Open(u32),
}

/// Nodes, children first, above sequents that remain open.
#[derive(Default)]
pub(super) struct Tree {
    nodes: Vec<(TermId, By, SmallVec<[Found; 3]>)>,
    open: Vec<TermId>,
}

impl Tree {
    /// The number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }
    /// Leaves a sequent open; it is recorded once.
    pub fn leave(&mut self, s: TermId) -> Found {
        let k = self.open.iter().position(|&o| o == s).unwrap_or_else(|| {
            self.open.push(s);
            self.open.len() - 1
        });
        Found::Open(k as u32)
    }
    /// Adds a node that answers `s`.
    pub fn push(&mut self, s: TermId, by: By, children: SmallVec<[Found; 3]>) -> Found {
        self.nodes.push((s, by, children));
        Found::Node(self.nodes.len() as u32 - 1)
    }
    /// The result for the sequent `answers`, which the last node proves.
    pub fn made(self, answers: TermId) -> Made {
        let Tree { nodes, open: left } = self;
        let number = |f: &Found| match *f {
            Found::Open(k) => k,
            Found::Node(n) => left.len() as u32 + n,
        };
        let node = |(sequent, by, children): &(TermId, By, SmallVec<[Found; 3]>)| Node {
            sequent: *sequent,
            by: by.clone(),
            children: children.iter().map(number).collect(),
        };
        let nodes = nodes.iter().map(node).collect();
        Made { answers, nodes, left }
    }
}

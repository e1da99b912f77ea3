//! Repeated whole subtrees of labels: what compression without unification takes for its abstractions (a baseline).
//!
//! A step's whole subtree goes down to hypotheses, to steps that its proof uses elsewhere too, and to steps that may
//! not stand in a lemma before it; those are its holes. Two are alike if their labels are alike: no part of a subtree is
//! taken, and no statements are compared. (Only when one is written down does it get a statement, its most general
//! instance, as Metamath has no lemmas without.) Price: one look-up a node.

use super::corpus::Corpus;
use crate::compression::fragment::{Fragment, Slots, HOLE};
use rustc_hash::FxHashMap;

/// The distinct whole subtrees of a corpus, each with the nodes that root it.
#[derive(Default)]
pub struct Subtrees {
    numbers: FxHashMap<(u32, Slots), u32>,
    trees: Vec<Tree>,
    /// By node of the corpus; [`HOLE`] for hypotheses and dead nodes.
    of_node: Vec<u32>,
}

struct Tree {
    label: u32,
    /// Subtrees, or [`HOLE`].
    children: Slots,
    size: usize,
    roots: Vec<u32>,
}

impl Subtrees {
    /// Takes in the nodes of a corpus from a number on, which is one where a proof begins.
    pub fn scan(&mut self, corpus: &Corpus, from: u32) {
        self.of_node.resize(corpus.nodes() as usize, HOLE);
        for node in from..corpus.nodes() {
            let Some(label) = corpus.premise(node) else { continue };
            let below = |&c: &u32| if corpus.crosses(node, c) { self.of_node[c as usize] } else { HOLE };
            let children: Slots = corpus.children(node).iter().map(below).collect();
            let next = self.trees.len() as u32;
            let number = *self.numbers.entry((label, children.clone())).or_insert(next);
            if number == next {
                let inner = children.iter().filter(|c| **c != HOLE).map(|&c| self.trees[c as usize].size);
                let size = 1 + inner.sum::<usize>();
                self.trees.push(Tree { label, children, size, roots: Vec::new() });
            }
            self.trees[number as usize].roots.push(node);
            self.of_node[node as usize] = number;
        }
    }
    /// Those of 2 to `max_size` steps that occur twice or more, the largest first.
    pub fn repeated(&self, max_size: usize) -> Vec<u32> {
        let fits = |t: &Tree| t.roots.len() > 1 && (2..=max_size).contains(&t.size);
        let mut all: Vec<u32> = (0..self.trees.len() as u32).filter(|&t| fits(&self.trees[t as usize])).collect();
        all.sort_by_key(|&t| std::cmp::Reverse(self.trees[t as usize].size));
        all
    }
    /// A subtree as a fragment, and its roots as they were when they were scanned.
    pub fn get(&self, number: u32) -> (Fragment, &[u32]) {
        let top = &self.trees[number as usize];
        let mut fragment = Fragment::single(top.label, top.children.len());
        let mut open = vec![(0, top)];
        while let Some((node, tree)) = open.pop() {
            for (position, &c) in tree.children.iter().enumerate().filter(|x| *x.1 != HOLE) {
                let child = &self.trees[c as usize];
                fragment.extend(node, position, child.label, child.children.len());
                open.push((fragment.len() - 1, child));
            }
        }
        (fragment, &top.roots)
    }
}

//! The canonical form of a content proof, which does not depend on how the proof was found.
//!
//! Γ is sorted by the numbers of terms, which depend on the order in which terms were made. So before a proof is
//! written, it is rebuilt in an arena that holds the theory's and the task's terms: nodes depth first, terms as they
//! occur from the root on. Then a proof from a search and the same proof from a text are written alike.

use super::{By, ContentProof, Node};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::inference::moves::sequents::{consequent, context, sequent, Terms};
use rustc_hash::FxHashMap;

/// Copies terms from one arena to another.
struct Copy<'a> {
    from: &'a Arena,
    to: &'a mut Arena,
    known: FxHashMap<TermId, TermId>,
}

impl Copy<'_> {
    fn term(&mut self, t: TermId) -> TermId {
        if let Some(&known) = self.known.get(&t) {
            return known;
        }
        let new = self.to.import(self.from, t);
        self.known.insert(t, new);
        new
    }
    fn terms(&mut self, terms: &[TermId]) -> Terms {
        terms.iter().map(|&t| self.term(t)).collect()
    }
    fn sorted(&mut self, terms: &[TermId]) -> Terms {
        let mut out = self.terms(terms);
        out.sort_unstable();
        out
    }
    /// Copies a node without its children.
    fn node(&mut self, node: &Node) -> Node {
        let goal = self.term(consequent(self.from, node.sequent));
        let members = self.terms(context(self.from, node.sequent));
        let by = match &node.by {
            By::Move { number, values, taken, kept } => By::Move {
                number: *number,
                values: self.terms(values).to_vec(),
                taken: taken.map(|t| self.term(t)),
                kept: self.sorted(kept),
            },
            By::Hyp { number, parts } => By::Hyp { number: *number, parts: self.terms(parts) },
            By::Use { member, parts } => By::Use { member: self.term(*member), parts: self.terms(parts) },
            by => by.clone(),
        };
        Node { sequent: sequent(self.to, goal, members), by, children: node.children.clone() }
    }
}

/// Appends a term's heads in preorder: the same numbers in any arena of one theory.
fn heads(arena: &Arena, t: TermId, out: &mut Vec<u32>) {
    out.push(arena.head(t).raw());
    arena.children(t).iter().for_each(|&c| heads(arena, c, out));
}

/// The terms of a node other than Γ, in an order that the node defines.
fn own_terms(arena: &Arena, node: &Node) -> Terms {
    let mut out = Terms::from_elem(consequent(arena, node.sequent), 1);
    match &node.by {
        By::Move { values, taken, .. } => {
            out.extend(values.iter().copied());
            out.extend(*taken);
        }
        By::Hyp { parts, .. } => out.extend_from_slice(parts),
        By::Use { member, parts } => {
            out.push(*member);
            out.extend_from_slice(parts);
        }
        By::Member | By::Weaken | By::Closed { .. } | By::Split => {}
    }
    out
}

impl ContentProof {
    /// The nodes that the last one depends on, each behind its children, children from left to right.
    pub fn behind_children(&self) -> Vec<u32> {
        let Some(root) = self.nodes.len().checked_sub(1) else { return Vec::new() };
        let mut seen = vec![false; self.nodes.len()];
        let (mut stack, mut out) = (vec![(root, 0)], Vec::new());
        seen[root] = true;
        while let Some((n, next)) = stack.last_mut() {
            let Some(&child) = self.nodes[*n].children.get(*next) else {
                out.push(*n as u32);
                stack.pop();
                continue;
            };
            *next += 1;
            if !std::mem::replace(&mut seen[child as usize], true) {
                stack.push((child as usize, 0));
            }
        }
        out
    }
    /// The same proof in an arena that holds only its terms, in the order in which they were made.
    pub fn carried(&self, arena: &Arena) -> (Arena, ContentProof) {
        let mut all: Vec<TermId> = Vec::new();
        for node in &self.nodes {
            all.extend(own_terms(arena, node));
            all.extend_from_slice(context(arena, node.sequent));
        }
        all.sort_unstable();
        all.dedup();
        let mut own = Arena::new();
        let proof = self.copied(arena, &mut own, &all);
        (own, proof)
    }
    /// A proof from [`ContentProof::carried`] in another arena, with the same nodes.
    pub fn restored(&self, from: &Arena, to: &mut Arena) -> ContentProof {
        let all: Vec<TermId> = (0..from.len()).map(TermId::from).filter(|&t| from.is_ground(t)).collect();
        self.copied(from, to, &all)
    }
    fn copied(&self, from: &Arena, to: &mut Arena, terms: &[TermId]) -> ContentProof {
        let mut copy = Copy { from, to, known: FxHashMap::default() };
        terms.iter().for_each(|&t| _ = copy.term(t));
        ContentProof { nodes: self.nodes.iter().map(|n| copy.node(n)).collect() }
    }
    /// The canonical form of the proof in another arena. Nodes that the root does not depend on are left out.
    pub fn canonical(&self, from: &Arena, to: &mut Arena) -> ContentProof {
        let order = self.behind_children();
        let mut copy = Copy { from, to, known: FxHashMap::default() };
        for &n in order.iter().rev() {
            let node = &self.nodes[n as usize];
            copy.terms(&own_terms(from, node));
            let key = |&t: &TermId| {
                let mut key = Vec::new();
                heads(from, t, &mut key);
                key
            };
            let mut members = Terms::from(context(from, node.sequent));
            members.sort_by_cached_key(key);
            copy.terms(&members);
        }
        let mut number = vec![0; self.nodes.len()];
        let mut nodes = Vec::with_capacity(order.len());
        for (&n, new) in order.iter().zip(0..) {
            number[n as usize] = new;
            let mut node = copy.node(&self.nodes[n as usize]);
            node.children.iter_mut().for_each(|c| *c = number[*c as usize]);
            nodes.push(node);
        }
        ContentProof { nodes }
    }
}

//! Fragments: connected pieces of a proof DAG, with holes where the rest of the proof hangs.

use crate::dsl::theory::library::{PremiseId, Proof, Rule, Step};
use smallvec::SmallVec;

/// The child slot of a fragment's node that is not part of the fragment.
pub const HOLE: u32 = u32::MAX;

/// Children of one node.
pub type Slots = SmallVec<[u32; 4]>;

/// A tree of premises with holes. Node 0 is the root; a node's number is the order in which growth added it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// The premise number of each node.
    pub labels: Vec<u32>,
    /// The children of each node: a larger node number, or [`HOLE`].
    pub children: Vec<Slots>,
}

impl Fragment {
    /// The fragment of one node.
    pub fn single(label: u32, arity: usize) -> Fragment {
        Fragment { labels: vec![label], children: vec![SmallVec::from_elem(HOLE, arity)] }
    }
    /// A proof's steps, hypotheses as holes; `None` if it has no step or uses one twice.
    pub fn of_proof(proof: &Proof) -> Option<Fragment> {
        let root = proof.steps.len().checked_sub(1)?;
        let Rule::Premise(p) = proof.steps[root].rule else { return None };
        let mut out = Fragment::single(p.0, proof.steps[root].children.len());
        let mut used = vec![false; proof.steps.len()];
        let mut todo = vec![(root, 0usize)];
        while let Some((step, node)) = todo.pop() {
            for (i, &c) in proof.steps[step].children.iter().enumerate() {
                let child = &proof.steps[c as usize];
                let Rule::Premise(p) = child.rule else { continue };
                if std::mem::replace(&mut used[c as usize], true) {
                    return None;
                }
                todo.push((c as usize, out.len()));
                out.extend(node, i, p.0, child.children.len());
            }
        }
        Some(out)
    }
    /// Fills the hole at child `position` of `node` with a new node.
    pub fn extend(&mut self, node: usize, position: usize, label: u32, arity: usize) {
        debug_assert_eq!(self.children[node][position], HOLE);
        self.children[node][position] = self.labels.len() as u32;
        self.labels.push(label);
        self.children.push(SmallVec::from_elem(HOLE, arity));
    }
    /// The fragment as it was when it had `len` nodes.
    pub fn prefix(&self, len: usize) -> Fragment {
        let mut children = self.children[..len].to_vec();
        for c in children.iter_mut().flatten().filter(|c| **c as usize >= len) {
            *c = HOLE;
        }
        Fragment { labels: self.labels[..len].to_vec(), children }
    }
    /// Number of holes.
    pub fn hole_count(&self) -> usize {
        self.children.iter().flatten().filter(|&&c| c == HOLE).count()
    }
    /// Number of steps.
    pub fn len(&self) -> usize {
        self.labels.len()
    }
    /// Whether it has no step (never, once made).
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }
    /// The holes as `(node, position)`, from left to right, depth first.
    pub fn holes(&self) -> Vec<(u32, u32)> {
        let mut out = Vec::new();
        let mut stack = vec![(0u32, HOLE)];
        while let Some((node, hole)) = stack.pop() {
            if hole != HOLE {
                out.push((node, hole));
                continue;
            }
            for (i, &c) in self.children[node as usize].iter().enumerate().rev() {
                stack.push(if c == HOLE { (node, i as u32) } else { (c, HOLE) });
            }
        }
        out
    }
    /// A key that does not depend on the order of growth: labels in preorder, [`HOLE`] for holes.
    pub fn key(&self) -> Box<[u32]> {
        let mut out = Vec::with_capacity(2 * self.labels.len() + 4);
        let mut stack = vec![0u32];
        while let Some(node) = stack.pop() {
            if node == HOLE {
                out.push(HOLE);
                continue;
            }
            out.push(self.labels[node as usize]);
            stack.extend(self.children[node as usize].iter().rev());
        }
        out.into_boxed_slice()
    }
    /// Whether two different occurrences can share a node: only if the root's label comes back inside. (A shared
    /// inner node has one chain of parents, so one occurrence's root lies inside the other.)
    pub fn may_overlap(&self) -> bool {
        self.labels[1..].contains(&self.labels[0])
    }
    /// The fragment as a proof whose hypothesis `slots[k]` fills hole `k`.
    pub fn proof(&self, slots: &[u32]) -> Proof {
        let mut proof = Proof::default();
        let mut quoted: Vec<u32> = vec![HOLE; slots.iter().max().map_or(0, |&m| m as usize + 1)];
        let mut next_hole = 0;
        self.proof_into(0, slots, &mut next_hole, &mut quoted, &mut proof);
        proof
    }
    fn proof_into(&self, node: usize, slots: &[u32], hole: &mut usize, quoted: &mut [u32], out: &mut Proof) -> u32 {
        let mut children = Slots::new();
        for &c in &self.children[node] {
            if c != HOLE {
                children.push(self.proof_into(c as usize, slots, hole, quoted, out));
                continue;
            }
            let hyp = slots[*hole];
            *hole += 1;
            if quoted[hyp as usize] == HOLE {
                quoted[hyp as usize] = out.steps.len() as u32;
                out.steps.push(Step { rule: Rule::Hyp(hyp), children: Slots::new() });
            }
            children.push(quoted[hyp as usize]);
        }
        out.steps.push(Step { rule: Rule::Premise(PremiseId(self.labels[node])), children });
        out.steps.len() as u32 - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_key_and_proof_follow_the_tree_not_the_order_of_growth() {
        let mut a = Fragment::single(7, 2);
        a.extend(0, 1, 8, 2);
        a.extend(0, 0, 9, 0);
        let mut b = Fragment::single(7, 2);
        b.extend(0, 0, 9, 0);
        b.extend(0, 1, 8, 2);
        assert_ne!(a, b);
        assert_eq!(a.key(), b.key());
        assert_eq!(a.holes(), [(1, 0), (1, 1)]);
        assert!(!a.may_overlap());
        let p = a.proof(&[0, 0]);
        assert_eq!(p.steps.len(), 4);
        assert_eq!(p.steps[2].children.as_slice(), [1, 1]);
        assert_eq!(p, b.proof(&[0, 0]));
        assert_eq!(Fragment::of_proof(&p).map(|f| f.key()), Some(a.key()));
        let mut shared = p.clone();
        shared.steps[3].children = Slots::from_slice(&[2, 2]);
        assert_eq!(Fragment::of_proof(&shared), None);
    }
}

//! A persistent radix map from small integers to values: a copy shares everything, a write copies one path.
//!
//! Price: a snapshot is one reference count; the first write to a leaf after it copies the leaf and at most
//! `LEVELS` nodes of 64 pointers.

use std::sync::Arc;

const BITS: u32 = 6;
const FANOUT: usize = 1 << BITS;

#[derive(Clone)]
enum Node<T> {
    Branch(Box<[Option<Arc<Node<T>>>; FANOUT]>),
    Leaf(T),
}

impl<T> Node<T> {
    fn branch() -> Node<T> {
        Node::Branch(Box::new(std::array::from_fn(|_| None)))
    }
}

/// The map; keys are below `64^LEVELS`.
pub struct Trie<T, const LEVELS: u32> {
    root: Option<Arc<Node<T>>>,
}

impl<T, const LEVELS: u32> Clone for Trie<T, LEVELS> {
    fn clone(&self) -> Self {
        Trie { root: self.root.clone() }
    }
}

impl<T, const LEVELS: u32> Default for Trie<T, LEVELS> {
    fn default() -> Self {
        Trie { root: None }
    }
}

#[inline]
fn digit(key: u32, level: u32) -> usize {
    (key >> (level * BITS)) as usize & (FANOUT - 1)
}

impl<T, const LEVELS: u32> Trie<T, LEVELS> {
    /// The value at `key`.
    pub fn get(&self, key: u32) -> Option<&T> {
        let mut node = self.root.as_deref()?;
        for level in (0..LEVELS).rev() {
            match node {
                Node::Branch(children) => node = children[digit(key, level)].as_deref()?,
                Node::Leaf(_) => return None,
            }
        }
        match node {
            Node::Leaf(value) => Some(value),
            Node::Branch(_) => None,
        }
    }

    /// Calls `visit` for every key in `from..=to` that holds a value, in ascending order.
    pub fn for_each(&self, from: u32, to: u32, visit: &mut impl FnMut(u32, &T)) {
        if let Some(root) = &self.root {
            walk(root, 0, LEVELS, from, to, visit);
        }
    }

    /// Calls `visit` in ascending order for every key whose value is not shared between the two maps.
    /// A value that was copied and then changed back is visited too.
    pub fn for_each_unshared(&self, other: &Self, visit: &mut impl FnMut(u32, Option<&T>, Option<&T>)) {
        walk_both(self.root.as_ref(), other.root.as_ref(), 0, LEVELS, visit);
    }
}

impl<T: Clone, const LEVELS: u32> Trie<T, LEVELS> {
    /// The value at `key` for writing, made with `make` if there is none; what other copies share is copied first.
    pub fn get_mut_or(&mut self, key: u32, make: impl FnOnce() -> T) -> &mut T {
        debug_assert!(u64::from(key) < 1 << (LEVELS * BITS));
        let first = if LEVELS == 0 { None } else { Some(Node::branch()) };
        let mut make = Some(make);
        let mut slot = &mut self.root;
        let mut fresh = first;
        for level in (0..LEVELS).rev() {
            let node = slot.get_or_insert_with(|| Arc::new(fresh.take().unwrap_or_else(Node::branch)));
            match Arc::make_mut(node) {
                Node::Branch(children) => slot = &mut children[digit(key, level)],
                Node::Leaf(_) => unreachable!("leaves stand at level 0 only"),
            }
        }
        let node = slot.get_or_insert_with(|| Arc::new(Node::Leaf(make.take().expect("called once")())));
        match Arc::make_mut(node) {
            Node::Leaf(value) => value,
            Node::Branch(_) => unreachable!("branches stand above level 0 only"),
        }
    }
}

fn walk<T>(node: &Node<T>, prefix: u32, level: u32, from: u32, to: u32, visit: &mut impl FnMut(u32, &T)) {
    match node {
        Node::Leaf(value) => {
            if (from..=to).contains(&prefix) {
                visit(prefix, value);
            }
        }
        Node::Branch(children) => {
            let width = (level - 1) * BITS;
            for (i, child) in children.iter().enumerate() {
                let low = prefix | (i as u32) << width;
                let high = low | ((1u32 << width) - 1);
                if let Some(child) = child {
                    if low <= to && high >= from {
                        walk(child, low, level - 1, from, to, visit);
                    }
                }
            }
        }
    }
}

fn walk_both<T>(
    a: Option<&Arc<Node<T>>>,
    b: Option<&Arc<Node<T>>>,
    prefix: u32,
    level: u32,
    visit: &mut impl FnMut(u32, Option<&T>, Option<&T>),
) {
    match (a, b) {
        (None, None) => return,
        (Some(a), Some(b)) if Arc::ptr_eq(a, b) => return,
        _ => {}
    }
    if level == 0 {
        return visit(prefix, a.and_then(|n| leaf(n)), b.and_then(|n| leaf(n)));
    }
    for i in 0..FANOUT {
        let low = prefix | (i as u32) << ((level - 1) * BITS);
        walk_both(child(a, i), child(b, i), low, level - 1, visit);
    }
}

fn leaf<T>(node: &Node<T>) -> Option<&T> {
    match node {
        Node::Leaf(value) => Some(value),
        Node::Branch(_) => None,
    }
}

fn child<T>(node: Option<&Arc<Node<T>>>, i: usize) -> Option<&Arc<Node<T>>> {
    match node.map(|n| &**n) {
        Some(Node::Branch(children)) => children[i].as_ref(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_not_touched_by_writes_and_differences_are_found() {
        let mut a: Trie<u64, 4> = Trie::default();
        for key in [5, 70, 4095, (1 << 23) - 1] {
            *a.get_mut_or(key, || 0) = u64::from(key);
        }
        let b = a.clone();
        *a.get_mut_or(70, || 0) += 1;
        *a.get_mut_or(71, || 9) += 1;
        assert_eq!((b.get(70), b.get(71), a.get(70), a.get(71)), (Some(&70), None, Some(&71), Some(&10)));
        let mut seen = Vec::new();
        a.for_each_unshared(&b, &mut |k, x, y| seen.push((k, x.copied(), y.copied())));
        assert_eq!(seen, vec![(70, Some(71), Some(70)), (71, Some(10), None)]);
        let mut keys = Vec::new();
        a.for_each(6, 4095, &mut |k, _| keys.push(k));
        assert_eq!(keys, vec![70, 71, 4095]);
    }
}

//! A persistent radix map from small integers to values: a copy shares everything, a write copies one path. Beside
//! each value stands a set of up to 256 marks, kept outside of what copies share with it.
//!
//! Price: a snapshot is one reference count; the first write to a value after it copies at most `LEVELS` nodes of 64
//! pointers. Marks cost 32 bytes a value; collecting them costs the marked values only.

use std::sync::Arc;

const BITS: u32 = 6;
const FANOUT: usize = 1 << BITS;

/// Marks of one value.
pub type Marks = [u64; 4];
/// No marks.
pub const NO_MARKS: Marks = [0; 4];

enum Node<T> {
    Inner(Box<Inner<T>>),
    Bottom(Box<Bottom<T>>),
}

impl<T> Clone for Node<T> {
    fn clone(&self) -> Self {
        match self {
            Node::Inner(n) => Node::Inner(n.clone()),
            Node::Bottom(n) => Node::Bottom(n.clone()),
        }
    }
}

struct Inner<T> {
    children: [Option<Arc<Node<T>>>; FANOUT],
    /// Below which children there are marks.
    marked: u64,
}

struct Bottom<T> {
    values: [Option<Arc<T>>; FANOUT],
    marks: [Marks; FANOUT],
    marked: u64,
}

impl<T> Clone for Inner<T> {
    fn clone(&self) -> Self {
        Inner { children: self.children.clone(), marked: self.marked }
    }
}

impl<T> Clone for Bottom<T> {
    fn clone(&self) -> Self {
        Bottom { values: self.values.clone(), marks: self.marks, marked: self.marked }
    }
}

impl<T> Node<T> {
    fn new(level: u32) -> Node<T> {
        match level {
            0 => Node::Bottom(Box::new(Bottom {
                values: std::array::from_fn(|_| None),
                marks: [NO_MARKS; FANOUT],
                marked: 0,
            })),
            _ => Node::Inner(Box::new(Inner { children: std::array::from_fn(|_| None), marked: 0 })),
        }
    }
    fn marked(&self) -> u64 {
        match self {
            Node::Inner(n) => n.marked,
            Node::Bottom(n) => n.marked,
        }
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
    fn bottom(&self, key: u32) -> Option<&Bottom<T>> {
        let mut node = self.root.as_deref()?;
        for level in (1..LEVELS).rev() {
            match node {
                Node::Inner(n) => node = n.children[digit(key, level)].as_deref()?,
                Node::Bottom(_) => return None,
            }
        }
        match node {
            Node::Bottom(n) => Some(n),
            Node::Inner(_) => None,
        }
    }
    /// The value at `key`.
    pub fn get(&self, key: u32) -> Option<&T> {
        self.bottom(key)?.values[digit(key, 0)].as_deref()
    }
    /// The marks at `key`.
    pub fn marks(&self, key: u32) -> Marks {
        self.bottom(key).map_or(NO_MARKS, |n| n.marks[digit(key, 0)])
    }
    /// The bottom node of `key`, unshared, with its path marked below if `marking`.
    fn bottom_mut(&mut self, key: u32, marking: bool) -> &mut Bottom<T> {
        debug_assert!(u64::from(key) < 1 << (LEVELS * BITS));
        let mut slot = &mut self.root;
        for level in (1..LEVELS).rev() {
            let node = slot.get_or_insert_with(|| Arc::new(Node::new(level)));
            match Arc::make_mut(node) {
                Node::Inner(n) => {
                    n.marked |= u64::from(marking) << digit(key, level);
                    slot = &mut n.children[digit(key, level)];
                }
                Node::Bottom(_) => unreachable!("bottom nodes stand at level 0 only"),
            }
        }
        match Arc::make_mut(slot.get_or_insert_with(|| Arc::new(Node::new(0)))) {
            Node::Bottom(n) => n,
            Node::Inner(_) => unreachable!("inner nodes stand above level 0 only"),
        }
    }
    /// Puts a value and its marks at `key`.
    pub fn put(&mut self, key: u32, value: T, marks: Marks) {
        let marking = marks != NO_MARKS;
        let n = self.bottom_mut(key, marking);
        let i = digit(key, 0);
        n.values[i] = Some(Arc::new(value));
        n.marks[i] = marks;
        n.marked = n.marked & !(1 << i) | u64::from(marking) << i;
    }
    /// Takes all marks away after calling `visit` for each value that has some, in ascending order.
    pub fn drain_marks(&mut self, visit: &mut impl FnMut(u32, &T, Marks)) {
        if let Some(root) = self.root.as_mut().filter(|n| n.marked() != 0) {
            drain(root, 0, LEVELS - 1, visit);
        }
    }
    /// Calls `visit` for each value that has marks, in ascending order.
    pub fn for_each_marked(&self, visit: &mut impl FnMut(u32, &T, Marks)) {
        if let Some(root) = &self.root {
            walk_marked(root, 0, LEVELS - 1, visit);
        }
    }
    /// Calls `visit` for every key in `from..=to` that holds a value, in ascending order.
    pub fn for_each(&self, from: u32, to: u32, visit: &mut impl FnMut(u32, &T)) {
        if let Some(root) = &self.root {
            walk(root, 0, LEVELS - 1, from, to, visit);
        }
    }
    /// Calls `visit` in ascending order for every key whose value is not shared between the two maps.
    /// A value that was copied and then changed back is visited too.
    pub fn for_each_unshared(&self, other: &Self, visit: &mut impl FnMut(u32, Option<&T>, Option<&T>)) {
        walk_both(self.root.as_ref(), other.root.as_ref(), 0, LEVELS - 1, visit);
    }
}

impl<T: Clone, const LEVELS: u32> Trie<T, LEVELS> {
    /// Takes the value at `key` out, with its marks; copied if another map shares it.
    pub fn take(&mut self, key: u32) -> Option<(T, Marks)> {
        self.get(key)?;
        let n = self.bottom_mut(key, false);
        let i = digit(key, 0);
        let value = n.values[i].take()?;
        let marks = std::mem::replace(&mut n.marks[i], NO_MARKS);
        n.marked &= !(1 << i);
        Some((Arc::try_unwrap(value).unwrap_or_else(|shared| T::clone(&shared)), marks))
    }
}

fn ones(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let i = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
        bits &= bits - 1;
        Some(i)
    })
}

fn below(prefix: u32, i: usize, level: u32) -> u32 {
    prefix | (i as u32) << (level * BITS)
}

fn drain<T>(node: &mut Arc<Node<T>>, prefix: u32, level: u32, visit: &mut impl FnMut(u32, &T, Marks)) {
    match Arc::make_mut(node) {
        Node::Inner(n) => {
            for i in ones(std::mem::take(&mut n.marked)) {
                if let Some(child) = &mut n.children[i] {
                    drain(child, below(prefix, i, level), level - 1, visit);
                }
            }
        }
        Node::Bottom(n) => {
            for i in ones(std::mem::take(&mut n.marked)) {
                let marks = std::mem::replace(&mut n.marks[i], NO_MARKS);
                if let Some(value) = &n.values[i] {
                    visit(below(prefix, i, 0), value, marks);
                }
            }
        }
    }
}

fn walk_marked<T>(node: &Node<T>, prefix: u32, level: u32, visit: &mut impl FnMut(u32, &T, Marks)) {
    match node {
        Node::Inner(n) => {
            for i in ones(n.marked) {
                if let Some(child) = &n.children[i] {
                    walk_marked(child, below(prefix, i, level), level - 1, visit);
                }
            }
        }
        Node::Bottom(n) => {
            for i in ones(n.marked) {
                if let Some(value) = &n.values[i] {
                    visit(below(prefix, i, 0), value, n.marks[i]);
                }
            }
        }
    }
}

fn walk<T>(node: &Node<T>, prefix: u32, level: u32, from: u32, to: u32, visit: &mut impl FnMut(u32, &T)) {
    match node {
        Node::Bottom(n) => {
            for (i, value) in n.values.iter().enumerate() {
                let key = below(prefix, i, 0);
                if let Some(value) = value.as_ref().filter(|_| (from..=to).contains(&key)) {
                    visit(key, value);
                }
            }
        }
        Node::Inner(n) => {
            for (i, child) in n.children.iter().enumerate() {
                let low = below(prefix, i, level);
                let high = low | ((1u32 << (level * BITS)) - 1);
                if let Some(child) = child.as_ref().filter(|_| low <= to && high >= from) {
                    walk(child, low, level - 1, from, to, visit);
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
    for i in 0..FANOUT {
        let key = below(prefix, i, level);
        if level > 0 {
            walk_both(child(a, i), child(b, i), key, level - 1, visit);
            continue;
        }
        match (value(a, i), value(b, i)) {
            (None, None) => {}
            (Some(x), Some(y)) if Arc::ptr_eq(x, y) => {}
            (x, y) => visit(key, x.map(|v| &**v), y.map(|v| &**v)),
        }
    }
}

fn value<T>(node: Option<&Arc<Node<T>>>, i: usize) -> Option<&Arc<T>> {
    match node.map(|n| &**n) {
        Some(Node::Bottom(n)) => n.values[i].as_ref(),
        _ => None,
    }
}

fn child<T>(node: Option<&Arc<Node<T>>>, i: usize) -> Option<&Arc<Node<T>>> {
    match node.map(|n| &**n) {
        Some(Node::Inner(n)) => n.children[i].as_ref(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(t: &mut Trie<u64, 4>, key: u32, add: u64, mark: u64) {
        let (value, marks) = t.take(key).unwrap_or((9, NO_MARKS));
        t.put(key, value + add, [marks[0] | mark, 0, 0, 0]);
    }

    #[test]
    fn a_copy_is_not_touched_by_writes_and_differences_are_found() {
        let mut a: Trie<u64, 4> = Trie::default();
        for key in [5, 70, 4095, (1 << 23) - 1] {
            a.put(key, u64::from(key), NO_MARKS);
        }
        let b = a.clone();
        change(&mut a, 70, 1, 0);
        change(&mut a, 71, 1, 0);
        assert_eq!((b.get(70), b.get(71), a.get(70), a.get(71)), (Some(&70), None, Some(&71), Some(&10)));
        let mut seen = Vec::new();
        a.for_each_unshared(&b, &mut |k, x, y| seen.push((k, x.copied(), y.copied())));
        assert_eq!(seen, vec![(70, Some(71), Some(70)), (71, Some(10), None)]);
        let mut keys = Vec::new();
        a.for_each(6, 4095, &mut |k, _| keys.push(k));
        assert_eq!(keys, vec![70, 71, 4095]);
    }

    #[test]
    fn marks_belong_to_one_copy() {
        let mut a: Trie<u64, 4> = Trie::default();
        for key in [5, 70, 1 << 20] {
            change(&mut a, key, 0, 1 << (key % 64));
        }
        let b = a.clone();
        let drained = |t: &mut Trie<u64, 4>| {
            let mut out = Vec::new();
            t.drain_marks(&mut |k, _, m| out.push((k, m[0])));
            out
        };
        let all = vec![(5, 1 << 5), (70, 1 << 6), (1 << 20, 1)];
        let mut marked = Vec::new();
        b.for_each_marked(&mut |k, _, m| marked.push((k, m[0])));
        assert_eq!(marked, all);
        assert_eq!((drained(&mut a), drained(&mut a)), (all.clone(), vec![]));
        let mut c = b.clone();
        assert_eq!(c.take(70), Some((9, [1 << 6, 0, 0, 0])));
        assert_eq!(drained(&mut c), vec![all[0], all[2]]);
        change(&mut a, 5, 0, 8);
        assert_eq!((drained(&mut a), b.marks(70)), (vec![(5, 8)], [1 << 6, 0, 0, 0]));
        let mut shared = 0;
        a.for_each_unshared(&b, &mut |k, _, _| shared += k);
        assert_eq!(shared, 5, "taking marks away unshares no value");
    }
}

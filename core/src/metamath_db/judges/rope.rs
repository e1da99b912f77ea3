//! Ropes: the kernel's expressions, shared and compared without being written out.
//!
//! A rope is an [`Item`]: a constant, one of the theorem's variables, the empty sequence, or a node, which is a
//! sequence of two or more items. Substituting a rope into a template therefore costs the template's length,
//! however long the substituted text would be. Nodes that can be substituted again are hash-consed, so most
//! comparisons are of ids; ropes cut up differently are compared by two cursors that walk both at once, skip
//! whatever is known to be equal, and remember each pair of nodes found equal (union-find). With nodes that
//! follow a grammar's parse trees this is linear. Where cuts never align it need not be, so the work of a proof
//! is counted and bounded. Price: an arena holds one proof's ropes and is emptied, not freed, for the next.

use crate::util::stop::poll;

/// Longest expression, written out, that is dealt with.
pub const MAX_LENGTH: u64 = 1 << 60;
/// Most nodes of one proof.
pub const MAX_NODES: usize = 1 << 22;
/// Most items in the nodes of one proof.
pub const MAX_ITEMS: usize = 1 << 25;
/// Most 64-bit words in the variable sets of one proof of more than 64 variables.
pub const MAX_SET_WORDS: usize = 1 << 24;
/// Most entries on the stack of one proof, and most steps marked in it.
pub const MAX_STACK: usize = 1 << 22;
/// Most symbols in all hypotheses and conclusions of a source, a hypothesis counted for each assertion that has it.
pub const MAX_TEMPLATES: usize = 1 << 26;
/// Most items visited by the substitutions and comparisons of one proof.
pub const MAX_WORK: u64 = 1 << 28;
/// Most items visited by all proofs of a source, and so many more for each byte of it.
pub const MAX_SOURCE_WORK: u64 = 1 << 28;
/// See [`MAX_SOURCE_WORK`].
pub const WORK_A_BYTE: u64 = 64;
/// Variable sets of more than so many words are made anew when they are needed, and not kept.
pub const FEW_WORDS: usize = 64;

const NODE: u32 = 1 << 31;
const VARIABLE: u32 = 1 << 30;
const NO_ENTRY: u32 = u32::MAX;

/// One element of a rope or template: a constant, a variable (in templates: a slot), a node, or nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Item(u32);

impl Item {
    /// The sequence of no symbols.
    pub const EMPTY: Item = Item(u32::MAX);
    /// The constant with this symbol number.
    #[inline]
    pub fn constant(symbol: u32) -> Item {
        debug_assert!(symbol < VARIABLE);
        Item(symbol)
    }
    /// Variable number `index` of the theorem; in a template, slot number `index`.
    #[inline]
    pub fn variable(index: u32) -> Item {
        debug_assert!(index < VARIABLE);
        Item(index | VARIABLE)
    }
    #[inline]
    fn node(index: usize) -> Item {
        Item(index as u32 | NODE)
    }
    #[inline]
    fn as_node(self) -> Option<usize> {
        (self.0 & NODE != 0 && self != Item::EMPTY).then_some((self.0 & !NODE) as usize)
    }
    /// The constant's symbol number.
    #[inline]
    pub fn as_constant(self) -> Option<u32> {
        (self.0 & (NODE | VARIABLE) == 0).then_some(self.0)
    }
    /// The variable's or slot's number.
    #[inline]
    pub fn as_variable(self) -> Option<usize> {
        (self.0 & (NODE | VARIABLE) == VARIABLE).then_some((self.0 & !VARIABLE) as usize)
    }
}

/// A stated bound that a proof went over: a refusal, and no statement about its truth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bound {
    /// An expression of more than [`MAX_LENGTH`] symbols.
    Length,
    /// More than [`MAX_NODES`] nodes or [`MAX_ITEMS`] items.
    Nodes,
    /// More than [`MAX_SET_WORDS`] words of variable sets.
    Sets,
    /// More than [`MAX_STACK`] entries.
    Stack,
    /// More than [`MAX_TEMPLATES`] symbols.
    Templates,
    /// More than [`MAX_WORK`] items visited.
    Work,
    /// More than [`MAX_SOURCE_WORK`] and [`WORK_A_BYTE`] items visited by all proofs of a source.
    Source,
}

#[derive(Clone, Copy)]
struct Node {
    start: u32,
    end: u32,
    parent: u32,
    hash: u32,
    length: u64,
    set: u64,
}

/// The ropes of one proof.
#[derive(Default)]
pub struct Ropes {
    nodes: Vec<Node>,
    items: Vec<Item>,
    table: Vec<u32>,
    words: usize,
    sets: Vec<u64>,
    slots: Vec<Item>,
    left: Vec<(u32, u32)>,
    right: Vec<(u32, u32)>,
    pairs: Vec<(u32, u32, u32, u32)>,
    set_of_slot: Vec<u64>,
    work: u64,
    /// For sets that are not kept: when a node was visited last, and the nodes to be visited.
    seen: Vec<u32>,
    visit: u32,
    todo: Vec<u32>,
}

const FIRST_TABLE: usize = 256;

impl Ropes {
    /// Empties the arena for a theorem of `variables` variables.
    pub fn clear(&mut self, variables: usize) {
        self.nodes.clear();
        self.items.clear();
        self.table.clear();
        self.table.resize(FIRST_TABLE, NO_ENTRY);
        self.sets.clear();
        self.words = variables.div_ceil(64).max(1);
        self.work = 0;
        self.seen.clear();
    }
    /// Items visited since [`Ropes::clear`].
    pub fn work(&self) -> u64 {
        self.work
    }
    /// Words of a variable set: one for each 64 variables.
    pub fn words(&self) -> usize {
        self.words
    }
    /// The substitution: `slots()[i]` replaces slot `i`.
    #[inline]
    pub fn slots(&mut self) -> &mut Vec<Item> {
        &mut self.slots
    }
    /// Number of symbols, written out.
    #[inline]
    pub fn length(&self, item: Item) -> u64 {
        match item.as_node() {
            Some(n) => self.nodes[n].length,
            None => (item != Item::EMPTY) as u64,
        }
    }
    #[inline]
    fn resolve(&self, item: Item) -> Item {
        match item.as_variable() {
            Some(slot) => self.slots[slot],
            None => item,
        }
    }
    /// Counts work against [`MAX_WORK`].
    #[inline]
    pub fn spend(&mut self, items: usize) -> Result<(), Bound> {
        poll();
        self.work += items as u64;
        if self.work > MAX_WORK {
            return Err(Bound::Work);
        }
        Ok(())
    }

    /// The template under the substitution. `shared`: whether it may be substituted again (then equal results
    /// get equal items).
    #[inline]
    pub fn substitute(&mut self, template: &[Item], shared: bool) -> Result<Item, Bound> {
        self.spend(template.len())?;
        let start = self.items.len();
        let mut length = 0;
        let mut set = 0;
        let mut hash = 0u32;
        for &t in template {
            let item = self.resolve(t);
            if let Some(n) = item.as_node() {
                length += self.nodes[n].length;
                set |= self.nodes[n].set;
            } else if let Some(v) = item.as_variable() {
                length += 1;
                set |= 1 << (v & 63);
            } else if item == Item::EMPTY {
                continue;
            } else {
                length += 1;
            }
            if length > MAX_LENGTH {
                return Err(Bound::Length);
            }
            hash = (hash.rotate_left(5) ^ item.0).wrapping_mul(0x9e37_79b9);
            self.items.push(item);
        }
        match self.items.len() - start {
            0 => Ok(Item::EMPTY),
            1 => Ok(self.items.pop().unwrap_or(Item::EMPTY)),
            _ => self.finish_node(start, shared, Node { start: 0, end: 0, parent: 0, hash, length, set }),
        }
    }
    fn finish_node(&mut self, start: usize, shared: bool, mut node: Node) -> Result<Item, Bound> {
        if shared {
            if let Some(found) = self.find_node(start, node.hash) {
                self.items.truncate(start);
                return Ok(Item::node(found));
            }
        }
        if self.nodes.len() >= MAX_NODES || self.items.len() > MAX_ITEMS {
            return Err(Bound::Nodes);
        }
        let id = self.nodes.len();
        node.start = start as u32;
        node.end = self.items.len() as u32;
        node.parent = id as u32;
        self.nodes.push(node);
        if self.words > 1 && self.words <= FEW_WORDS {
            self.push_wide_set(start)?;
        }
        if shared {
            self.insert(id);
        }
        Ok(Item::node(id))
    }
    #[inline]
    fn bucket(&self, hash: u32) -> usize {
        (hash ^ (hash >> 15)) as usize & (self.table.len() - 1)
    }
    #[inline]
    fn find_node(&self, start: usize, hash: u32) -> Option<usize> {
        let wanted = &self.items[start..];
        let mut at = self.bucket(hash);
        loop {
            let id = self.table[at];
            if id == NO_ENTRY {
                return None;
            }
            let n = &self.nodes[id as usize];
            if n.hash == hash && &self.items[n.start as usize..n.end as usize] == wanted {
                return Some(id as usize);
            }
            at = (at + 1) & (self.table.len() - 1);
        }
    }
    fn insert(&mut self, id: usize) {
        // every entry is a node, so this keeps the table at most half full
        if self.nodes.len() * 2 > self.table.len() {
            let old = std::mem::take(&mut self.table);
            self.table.resize(old.len() * 4, NO_ENTRY);
            for e in old.into_iter().filter(|&e| e != NO_ENTRY) {
                self.place(e as usize);
            }
        }
        self.place(id);
    }
    #[inline]
    fn place(&mut self, id: usize) {
        let mut at = self.bucket(self.nodes[id].hash);
        while self.table[at] != NO_ENTRY {
            at = (at + 1) & (self.table.len() - 1);
        }
        self.table[at] = id as u32;
    }
    #[cold]
    fn push_wide_set(&mut self, start: usize) -> Result<(), Bound> {
        let base = self.sets.len();
        if base + self.words > MAX_SET_WORDS {
            return Err(Bound::Sets);
        }
        self.sets.resize(base + self.words, 0);
        for i in start..self.items.len() {
            let item = self.items[i];
            if let Some(v) = item.as_variable() {
                self.sets[base + v / 64] |= 1 << (v % 64);
            } else if let Some(n) = item.as_node() {
                self.spend(self.words)?;
                for w in 0..self.words {
                    self.sets[base + w] |= self.sets[n * self.words + w];
                }
            }
        }
        Ok(())
    }
    /// The variable set of a rope, as words of 64 variables.
    #[inline]
    pub fn variables(&mut self, item: Item) -> Result<&[u64], Bound> {
        if let Some(n) = item.as_node() {
            if self.words == 1 {
                return Ok(std::slice::from_ref(&self.nodes[n].set));
            }
            if self.words <= FEW_WORDS {
                return Ok(&self.sets[n * self.words..(n + 1) * self.words]);
            }
            return self.collect_variables(n);
        }
        self.set_of_slot.clear();
        self.set_of_slot.resize(self.words, 0);
        if let Some(v) = item.as_variable() {
            self.set_of_slot[v / 64] |= 1 << (v % 64);
        }
        Ok(&self.set_of_slot)
    }
    #[cold]
    fn collect_variables(&mut self, node: usize) -> Result<&[u64], Bound> {
        self.set_of_slot.clear();
        self.set_of_slot.resize(self.words, 0);
        self.seen.resize(self.nodes.len(), 0);
        self.visit += 1;
        self.todo.clear();
        self.todo.push(node as u32);
        while let Some(n) = self.todo.pop() {
            let (start, end) = (self.nodes[n as usize].start, self.nodes[n as usize].end);
            self.spend((end - start) as usize)?;
            for i in start..end {
                let item = self.items[i as usize];
                if let Some(v) = item.as_variable() {
                    self.set_of_slot[v / 64] |= 1 << (v % 64);
                } else if let Some(inner) = item.as_node() {
                    if std::mem::replace(&mut self.seen[inner], self.visit) != self.visit {
                        self.todo.push(inner as u32);
                    }
                }
            }
        }
        Ok(&self.set_of_slot)
    }

    /// Whether the template under the substitution is, written out, the rope `item`. In debug builds the answer is
    /// compared with the slow way.
    #[inline]
    pub fn matches(&mut self, template: &[Item], item: Item) -> Result<bool, Bound> {
        let answer = self.matches_quickly(template, item)?;
        #[cfg(debug_assertions)]
        self.check_answer(template, item, answer);
        Ok(answer)
    }
    #[cfg(debug_assertions)]
    fn check_answer(&self, template: &[Item], item: Item, answer: bool) {
        const SHORT: usize = 10_000;
        let parts = template.iter().map(|&t| self.written_out(self.resolve(t), SHORT)).collect::<Option<Vec<_>>>();
        if let (Some(parts), Some(symbols)) = (parts, self.written_out(item, SHORT)) {
            assert_eq!(parts.concat() == symbols, answer, "ropes and symbols disagree");
        }
    }
    #[inline]
    fn matches_quickly(&mut self, template: &[Item], item: Item) -> Result<bool, Bound> {
        self.spend(template.len())?;
        let Some(n) = item.as_node() else { return self.matches_slowly(template, None, item) };
        let (mut at, end) = (self.nodes[n].start, self.nodes[n].end);
        for (i, &t) in template.iter().enumerate() {
            let wanted = self.resolve(t);
            if at < end && self.items[at as usize] == wanted {
                at += 1;
            } else {
                return self.matches_slowly(&template[i..], Some((at, end)), item);
            }
        }
        Ok(at == end)
    }
    /// The rest of a comparison, by two cursors; `rest` is what is left of `item`'s own items, if it is a node.
    fn matches_slowly(&mut self, template: &[Item], rest: Option<(u32, u32)>, item: Item) -> Result<bool, Bound> {
        let scratch = self.items.len();
        let rest = rest.unwrap_or_else(|| {
            if item != Item::EMPTY {
                self.items.push(item);
            }
            (scratch as u32, self.items.len() as u32)
        });
        let from = self.items.len();
        for &t in template {
            let wanted = self.resolve(t);
            if wanted != Item::EMPTY {
                self.items.push(wanted);
            }
        }
        let equal = self.equal((from as u32, self.items.len() as u32), rest);
        self.items.truncate(scratch);
        equal
    }
    fn representative(&mut self, node: usize) -> usize {
        let mut n = node;
        while self.nodes[n].parent as usize != n {
            let above = self.nodes[n].parent as usize;
            self.nodes[n].parent = self.nodes[above].parent;
            n = above;
        }
        n
    }
    /// Compares two ranges of items by two cursors. A cursor is the range that it stands in and, on a stack, what
    /// remains of the ranges around it.
    fn equal(&mut self, mut a: (u32, u32), mut b: (u32, u32)) -> Result<bool, Bound> {
        self.left.clear();
        self.right.clear();
        self.pairs.clear();
        loop {
            self.spend(1)?;
            leave(&mut a, &mut self.left);
            leave(&mut b, &mut self.right);
            if !self.pairs.is_empty() {
                self.unite_finished();
            }
            if a.0 == a.1 || b.0 == b.1 {
                return Ok(a.0 == a.1 && b.0 == b.1);
            }
            let (x, y) = (self.items[a.0 as usize], self.items[b.0 as usize]);
            a.0 += 1;
            b.0 += 1;
            if x == y {
                continue;
            }
            let (into_a, into_b) = match (x.as_node(), y.as_node()) {
                (None, None) => return Ok(false),
                (Some(p), None) => (Some(p), None),
                (None, Some(q)) => (None, Some(q)),
                (Some(p), Some(q)) => match self.nodes[p].length.cmp(&self.nodes[q].length) {
                    std::cmp::Ordering::Greater => (Some(p), None),
                    std::cmp::Ordering::Less => (None, Some(q)),
                    std::cmp::Ordering::Equal if self.representative(p) == self.representative(q) => continue,
                    std::cmp::Ordering::Equal => {
                        self.pairs.push((self.left.len() as u32, self.right.len() as u32, p as u32, q as u32));
                        (Some(p), Some(q))
                    }
                },
            };
            // go into the coarser side (both, if they are equally long); the other keeps its item
            match into_a {
                Some(p) => enter(&mut a, &mut self.left, &self.nodes[p]),
                None => a.0 -= 1,
            }
            match into_b {
                Some(q) => enter(&mut b, &mut self.right, &self.nodes[q]),
                None => b.0 -= 1,
            }
        }
    }
    /// Pairs of nodes that both cursors have left: they are equal.
    fn unite_finished(&mut self) {
        while let Some(&(l, r, x, y)) = self.pairs.last() {
            if self.left.len() > l as usize || self.right.len() > r as usize {
                break;
            }
            self.pairs.pop();
            let (x, y) = (self.representative(x as usize), self.representative(y as usize));
            self.nodes[y.max(x)].parent = y.min(x) as u32;
        }
    }
    /// The symbols of a rope, written out, or `None` if there are more than `limit`.
    pub fn written_out(&self, item: Item, limit: usize) -> Option<Vec<Item>> {
        if self.length(item) > limit as u64 {
            return None;
        }
        let mut out = Vec::new();
        let mut todo = vec![item];
        while let Some(next) = todo.pop() {
            match next.as_node() {
                Some(n) => {
                    let r = &self.nodes[n];
                    todo.extend(self.items[r.start as usize..r.end as usize].iter().rev());
                }
                None if next == Item::EMPTY => {}
                None => out.push(next),
            }
        }
        Some(out)
    }
}

#[inline]
fn enter(at: &mut (u32, u32), around: &mut Vec<(u32, u32)>, node: &Node) {
    around.push(*at);
    *at = (node.start, node.end);
}
#[inline]
fn leave(at: &mut (u32, u32), around: &mut Vec<(u32, u32)>) {
    while at.0 == at.1 {
        match around.pop() {
            Some(outer) => *at = outer,
            None => break,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn c(i: u32) -> Item {
        Item::constant(i)
    }
    fn v(i: u32) -> Item {
        Item::variable(i)
    }

    #[test]
    fn ropes_cut_differently_are_equal() {
        let mut r = Ropes::default();
        r.clear(2);
        // a = 1 x 2; nested: ( 1 a 2 ) by slots; flat: 1 1 x 2 2
        r.slots().resize(2, Item::EMPTY);
        r.slots()[0] = v(0);
        let a = r.substitute(&[c(1), v(0), c(2)], true).unwrap();
        r.slots()[0] = a;
        let nested = r.substitute(&[c(1), v(0), c(2)], true).unwrap();
        assert_eq!(nested, r.substitute(&[c(1), v(0), c(2)], true).unwrap());
        r.slots()[0] = v(0);
        let flat = [c(1), c(1), v(0), c(2), c(2)];
        assert!(r.matches(&flat, nested).unwrap());
        assert!(!r.matches(&flat[..4], nested).unwrap());
        let flat = r.substitute(&flat, true).unwrap();
        assert_ne!(flat, nested);
        r.slots()[1] = flat;
        assert!(r.matches(&[v(1)], nested).unwrap());
        assert_eq!(r.length(flat), 5);
        assert_eq!(r.written_out(flat, 9), r.written_out(nested, 9));
        assert_eq!(r.variables(nested).unwrap(), &[1]);
    }

    #[test]
    fn empty_and_single_ropes() {
        let mut r = Ropes::default();
        r.clear(1);
        r.slots().resize(1, Item::EMPTY);
        assert_eq!(r.substitute(&[v(0), v(0)], true).unwrap(), Item::EMPTY);
        assert_eq!(r.substitute(&[v(0), c(7), v(0)], true).unwrap(), c(7));
        assert!(r.matches(&[v(0)], Item::EMPTY).unwrap());
        assert!(r.matches(&[v(0), c(7)], c(7)).unwrap());
        assert!(!r.matches(&[c(7)], Item::EMPTY).unwrap());
    }

    #[test]
    fn doubling_is_bounded_not_written_out() {
        let mut r = Ropes::default();
        r.clear(1);
        r.slots().resize(2, Item::EMPTY);
        let mut x = v(0);
        for _ in 0..60 {
            r.slots()[0] = x;
            x = r.substitute(&[v(0), v(0)], true).unwrap();
        }
        assert_eq!(r.length(x), 1 << 60);
        r.slots()[0] = x;
        assert_eq!(r.substitute(&[v(0), v(0)], true), Err(Bound::Length));
        // the same text from other cuts: y = x0 twice by flat fours
        let (mut a, mut b) = (v(0), v(0));
        for _ in 0..25 {
            r.slots()[0] = a;
            a = r.substitute(&[v(0), v(0)], true).unwrap();
            a = {
                r.slots()[0] = a;
                r.substitute(&[v(0), v(0)], true).unwrap()
            };
            r.slots()[0] = b;
            b = r.substitute(&[v(0), v(0), v(0), v(0)], true).unwrap();
        }
        r.slots()[1] = b;
        assert!(r.matches(&[v(1)], a).unwrap());
    }
}

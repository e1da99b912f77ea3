//! Hash-consed terms: syntax trees of Metamath formulas.
//!
//! A term's head is a syntax axiom, a variable, a metavariable, or a judgement; a syntax axiom's children follow its
//! mandatory `$f` hypotheses. A judgement (`crate::metamath_db::grammar::Judgement`) stands only at the top of a statement whose
//! typecode is not the main one, over the formula. Equal terms of one arena have equal ids, so equality costs one comparison. Price: an arena
//! only grows, until it is truncated to an earlier length (workers clone the database's arena and truncate
//! their copy between tasks).

use crate::metamath_db::ids::{AssertionId, SymbolId, TermId};
use crate::util::stop::poll;
use hashbrown::HashTable;
use smallvec::SmallVec;

const JUDGEMENT: u32 = 1 << 29;
const VARIABLE: u32 = 1 << 30;
const META: u32 = 1 << 31;

/// The symbol at the root of a term, in 32 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Head(u32);

/// A [`Head`], taken apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeadKind {
    /// A syntax axiom applied to children.
    Syntax(AssertionId),
    /// A variable of the database, named by its symbol.
    Variable(SymbolId),
    /// A metavariable: stands for any term of its place's typecode.
    Meta(u32),
    /// A judgement, by its number in the grammar: typecode and kind of formula of a statement.
    Judgement(u32),
}

impl Head {
    /// The head of a syntax axiom.
    #[inline]
    pub fn syntax(a: AssertionId) -> Head {
        debug_assert!(a.0 < JUDGEMENT);
        Head(a.0)
    }
    /// The head of a statement of the judgement with this number.
    #[inline]
    pub fn judgement(number: u32) -> Head {
        debug_assert!(number < JUDGEMENT);
        Head(number | JUDGEMENT)
    }
    /// Whether it is a judgement.
    #[inline]
    pub fn is_judgement(self) -> bool {
        self.0 & (META | VARIABLE | JUDGEMENT) == JUDGEMENT
    }
    /// The head of a database variable.
    #[inline]
    pub fn variable(f: SymbolId) -> Head {
        debug_assert!(f.0 < VARIABLE);
        Head(f.0 | VARIABLE)
    }
    /// The head of metavariable number `m`.
    #[inline]
    pub fn meta(m: u32) -> Head {
        debug_assert!(m < META);
        Head(m | META)
    }
    /// The head taken apart.
    #[inline]
    pub fn kind(self) -> HeadKind {
        if self.0 & META != 0 {
            HeadKind::Meta(self.0 & !META)
        } else if self.0 & VARIABLE != 0 {
            HeadKind::Variable(SymbolId(self.0 & !VARIABLE))
        } else if self.0 & JUDGEMENT != 0 {
            HeadKind::Judgement(self.0 & !JUDGEMENT)
        } else {
            HeadKind::Syntax(AssertionId(self.0))
        }
    }
    /// The metavariable's number, if it is one.
    #[inline]
    pub fn as_meta(self) -> Option<u32> {
        (self.0 & META != 0).then_some(self.0 & !META)
    }
    /// The variable, if it is a database variable.
    #[inline]
    pub fn as_variable(self) -> Option<SymbolId> {
        match self.kind() {
            HeadKind::Variable(f) => Some(f),
            _ => None,
        }
    }
    /// The 32 bits, for hashing and for numpy views (bit 31: metavariable, bit 30: variable, bit 29: judgement,
    /// else syntax axiom).
    #[inline]
    pub fn raw(self) -> u32 {
        self.0
    }
}

/// Children of one term; few have more than six.
pub type Children = SmallVec<[TermId; 6]>;

/// The store of terms. See the module head.
#[derive(Clone, Default)]
pub struct Arena {
    heads: Vec<Head>,
    starts: Vec<u32>,
    children: Vec<TermId>,
    sizes: Vec<u32>,
    depths: Vec<u16>,
    ground: Vec<bool>,
    table: HashTable<u32>,
}

#[inline]
fn hash(head: Head, children: &[TermId]) -> u64 {
    let mut h = u64::from(head.0).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for c in children {
        h = (h.rotate_left(5) ^ u64::from(c.0)).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
    h ^ (h >> 31)
}

impl Arena {
    /// An empty arena.
    pub fn new() -> Arena {
        Arena::default()
    }
    /// Number of terms.
    #[inline]
    pub fn len(&self) -> usize {
        self.heads.len()
    }
    /// Whether it holds no term.
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }
    /// The head of `t`.
    #[inline]
    pub fn head(&self, t: TermId) -> Head {
        self.heads[t.index()]
    }
    /// The children of `t`, in the order of the syntax axiom's `$f` hypotheses.
    #[inline]
    pub fn children(&self, t: TermId) -> &[TermId] {
        let end = self.starts.get(t.index() + 1).map_or(self.children.len(), |&e| e as usize);
        &self.children[self.starts[t.index()] as usize..end]
    }
    /// Number of nodes of `t` as a tree; saturates at `u32::MAX`.
    #[inline]
    pub fn size(&self, t: TermId) -> u32 {
        self.sizes[t.index()]
    }
    /// Nesting depth of `t` (1 for a leaf); saturates at `u16::MAX`.
    #[inline]
    pub fn depth(&self, t: TermId) -> u16 {
        self.depths[t.index()]
    }
    /// Whether `t` has no metavariable.
    #[inline]
    pub fn is_ground(&self, t: TermId) -> bool {
        self.ground[t.index()]
    }
    /// The term with this head and these children: the old id if it exists already.
    ///
    /// ```
    /// use metadream_core::metamath_db::ids::{AssertionId, SymbolId};
    /// use metadream_core::metamath_db::terms::term::{Arena, Head};
    ///
    /// let mut arena = Arena::new();
    /// let p = arena.variable(SymbolId(1));
    /// let implies = Head::syntax(AssertionId(0));
    /// let t = arena.make(implies, &[p, p]);
    /// assert_eq!(arena.make(implies, &[p, p]), t);
    /// assert_eq!(arena.len(), 2);
    /// assert_eq!(arena.children(t), [p, p]);
    /// ```
    pub fn make(&mut self, head: Head, children: &[TermId]) -> TermId {
        let h = hash(head, children);
        let (heads, starts, pool) = (&self.heads, &self.starts, &self.children);
        let equal = |&i: &u32| {
            let i = i as usize;
            heads[i] == head && {
                let end = starts.get(i + 1).map_or(pool.len(), |&e| e as usize);
                &pool[starts[i] as usize..end] == children
            }
        };
        if let Some(&i) = self.table.find(h, equal) {
            return TermId(i);
        }
        poll();
        let id = TermId::from(self.heads.len());
        let mut ground = head.as_meta().is_none();
        let mut size = 1u32;
        let mut depth = 0u16;
        for c in children {
            ground &= self.ground[c.index()];
            size = size.saturating_add(self.sizes[c.index()]);
            depth = depth.max(self.depths[c.index()]);
        }
        self.heads.push(head);
        self.starts.push(u32::try_from(self.children.len()).expect("arena of more than 2^32 edges"));
        self.children.extend_from_slice(children);
        self.sizes.push(size);
        self.depths.push(depth.saturating_add(1));
        self.ground.push(ground);
        self.rehash_insert(h, id);
        id
    }
    /// The term with this head and these children, if the arena holds it.
    pub fn find(&self, head: Head, children: &[TermId]) -> Option<TermId> {
        let equal = |&i: &u32| self.heads[i as usize] == head && self.children(TermId(i)) == children;
        self.table.find(hash(head, children), equal).map(|&i| TermId(i))
    }
    fn rehash_insert(&mut self, h: u64, id: TermId) {
        let (heads, starts, pool) = (&self.heads, &self.starts, &self.children);
        let rehash = |&i: &u32| {
            let i = i as usize;
            let end = starts.get(i + 1).map_or(pool.len(), |&e| e as usize);
            hash(heads[i], &pool[starts[i] as usize..end])
        };
        self.table.insert_unique(h, id.0, rehash);
    }
    /// Metavariable number `m` as a term.
    pub fn meta(&mut self, m: u32) -> TermId {
        self.make(Head::meta(m), &[])
    }
    /// A database variable as a term.
    pub fn variable(&mut self, f: SymbolId) -> TermId {
        self.make(Head::variable(f), &[])
    }
    /// Forgets all terms from number `len` on.
    pub fn truncate(&mut self, len: usize) {
        for i in len..self.heads.len() {
            let t = TermId::from(i);
            let h = hash(self.head(t), self.children(t));
            if let Ok(entry) = self.table.find_entry(h, |&j| j as usize == i) {
                entry.remove();
            }
        }
        if len < self.heads.len() {
            self.children.truncate(self.starts[len] as usize);
            self.heads.truncate(len);
            self.starts.truncate(len);
            self.sizes.truncate(len);
            self.depths.truncate(len);
            self.ground.truncate(len);
        }
    }
    /// `t` with metavariable `i` replaced by `values[i]`. Metavariables beyond `values` stay.
    pub fn instantiate(&mut self, t: TermId, values: &[TermId]) -> TermId {
        if self.is_ground(t) {
            return t;
        }
        let head = self.head(t);
        if let Some(m) = head.as_meta() {
            return values.get(m as usize).copied().unwrap_or(t);
        }
        let old: Children = self.children(t).into();
        let new: Children = old.iter().map(|&c| self.instantiate(c, values)).collect();
        self.make(head, &new)
    }
    /// Adds to `out` the metavariables of `t` that it does not hold yet, in order of first appearance.
    pub fn metas(&self, t: TermId, out: &mut SmallVec<[u32; 8]>) {
        if self.is_ground(t) {
            return;
        }
        if let Some(m) = self.head(t).as_meta() {
            if !out.contains(&m) {
                out.push(m);
            }
            return;
        }
        for &c in self.children(t) {
            self.metas(c, out);
        }
    }
    /// The variables that occur in `t`, sorted. Linear in the distinct subterms of `t`.
    pub fn variables(&self, t: TermId) -> Vec<SymbolId> {
        let mut seen = rustc_hash::FxHashSet::default();
        let mut out = Vec::new();
        let mut stack = vec![t];
        while let Some(t) = stack.pop() {
            if !seen.insert(t) {
                continue;
            }
            if let Some(f) = self.head(t).as_variable() {
                out.push(f);
            }
            stack.extend_from_slice(self.children(t));
        }
        out.sort_unstable();
        out
    }
    /// Copies `t` of another arena into this one.
    pub fn import(&mut self, other: &Arena, t: TermId) -> TermId {
        let new: Children = (0..other.children(t).len()).map(|i| self.import(other, other.children(t)[i])).collect();
        self.make(other.head(t), &new)
    }
    /// The columns `(heads, start of children, children)` of all terms.
    pub fn columns(&self) -> (Vec<u32>, &[u32], Vec<u32>) {
        (self.heads.iter().map(|h| h.0).collect(), &self.starts, self.children.iter().map(|c| c.0).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_terms_have_equal_ids_and_truncation_forgets() {
        let mut a = Arena::new();
        let (x, m) = (a.variable(SymbolId(3)), a.meta(0));
        let t = a.make(Head::syntax(AssertionId(1)), &[x, m]);
        assert_eq!(t, a.make(Head::syntax(AssertionId(1)), &[x, m]));
        assert!(!a.is_ground(t) && a.is_ground(x));
        let n = a.len();
        let u = a.instantiate(t, &[x]);
        assert!(a.is_ground(u) && a.size(u) == 3);
        a.truncate(n);
        assert_eq!(a.len(), n);
        assert_eq!(t, a.make(Head::syntax(AssertionId(1)), &[x, m]));
        assert_eq!(u, a.instantiate(t, &[x]));
        assert_eq!(a.variables(u), vec![SymbolId(3)]);
    }
}

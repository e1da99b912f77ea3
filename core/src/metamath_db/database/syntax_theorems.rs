//! Syntax theorems: `$p` statements about syntax, such as set.mm's `weq $p wff x = y`, which a proof may use in the place
//! of the syntax axioms that a formula's tree is made of.
//!
//! Trees know syntax axioms alone, so `x = y` is `wceq ( cv x ) ( cv y )`. Where a proof is written, each term that is an
//! instance of a syntax theorem could be that theorem's step instead, which saves steps and perhaps costs a label.
//! [`SyntaxTheorems::shortest`] tries the sets of theorems that fit and keeps what is shortest.

use crate::metamath_db::database::Database;
use crate::metamath_db::ids::{AssertionId, TermId};
use crate::metamath_db::terms::term::{Arena, Children, Head, HeadKind};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// Of so many syntax theorems that fit, all sets are tried; of more, all of them, none, and all but some one by one.
const EACH_SET: usize = 3;

/// A syntax theorem.
#[derive(Clone, Copy, Debug)]
struct Pattern {
    theorem: AssertionId,
    position: u32,
    tree: TermId,
    variables: usize,
}

/// The syntax theorems of a database that proofs may use. Their trees are in the database's arena.
#[derive(Clone, Debug, Default)]
pub struct SyntaxTheorems {
    /// The largest trees first, then in file order.
    all: Vec<Pattern>,
    by_head: FxHashMap<Head, SmallVec<[u32; 2]>>,
}

impl SyntaxTheorems {
    /// Theorems with a proof, a typecode of the grammar, no `$e` hypothesis and a tree of more than one syntax axiom. Those
    /// marked "(New usage is discouraged.)" and those in mathboxes are left out.
    pub fn new(db: &Database) -> SyntaxTheorems {
        let source = &db.source;
        let mathbox = source.mathboxes();
        let usable = |a: &AssertionId| {
            let scheme = db.scheme(*a);
            source.assertions[a.index()].proof.is_some()
                && db.grammar.is_type(scheme.typecode)
                && db.proofs.nodes.get(a.index()).is_some_and(|n| !n.is_empty())
                && db.essentials(*a).next().is_none()
                && mathbox[a.index()] == 0
                && !source.comment_says(*a, "(New usage is discouraged.)")
        };
        let pattern = |a: AssertionId| {
            let tree = db.scheme(a).conclusion?;
            let position = source.assertions[a.index()].position;
            let deep = db.arena.children(tree).iter().any(|&c| matches!(db.arena.head(c).kind(), HeadKind::Syntax(_)));
            deep.then(|| Pattern { theorem: a, position, tree, variables: db.variables(a).len() })
        };
        let mut all: Vec<Pattern> = (0..db.len()).map(AssertionId::from).filter(usable).filter_map(pattern).collect();
        all.sort_by_key(|p| (std::cmp::Reverse(db.arena.size(p.tree)), p.theorem));
        let mut by_head: FxHashMap<Head, SmallVec<[u32; 2]>> = FxHashMap::default();
        for (p, k) in all.iter().zip(0..) {
            by_head.entry(db.arena.head(p.tree)).or_default().push(k);
        }
        SyntaxTheorems { all, by_head }
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
    /// Writes a proof that stands at a statement position in several ways, each time with leave to use other syntax
    /// theorems, and returns what is shortest; of equal lengths the one with most syntax theorems. `write` answers with a
    /// length.
    ///
    /// # Errors
    /// The first error of `write`.
    pub fn shortest<T, E>(
        &self,
        position: u32,
        mut write: impl FnMut(&mut Spelling<'_>) -> Result<(usize, T), E>,
    ) -> Result<T, E> {
        let mut spelling = Spelling { known: self, position, without: SmallVec::new(), fitting: SmallVec::new() };
        let mut best = write(&mut spelling)?;
        let fitting = std::mem::take(&mut spelling.fitting);
        let mut attempt = |without: SmallVec<[u32; 4]>, best: &mut (usize, T)| {
            spelling.without = without;
            let other = write(&mut spelling)?;
            let better = other.0 < best.0;
            if better {
                *best = other;
            }
            Ok(better)
        };
        if fitting.is_empty() {
            return Ok(best.1);
        }
        if fitting.len() <= EACH_SET {
            for set in 1..1u32 << fitting.len() {
                attempt((0..).zip(&fitting).filter(|(i, _)| set >> i & 1 == 1).map(|(_, &k)| k).collect(), &mut best)?;
            }
        } else {
            attempt(fitting.iter().copied().collect(), &mut best)?;
            let mut without: SmallVec<[u32; 4]> = SmallVec::new();
            for &k in &fitting {
                without.push(k);
                if !attempt(without.clone(), &mut best)? {
                    without.pop();
                }
            }
        }
        Ok(best.1)
    }
}

/// Which syntax theorems a proof is written with.
pub struct Spelling<'a> {
    known: &'a SyntaxTheorems,
    position: u32,
    without: SmallVec<[u32; 4]>,
    /// Those that were used.
    fitting: SmallVec<[u32; 4]>,
}

impl Spelling<'_> {
    /// Whether a syntax theorem was used.
    pub fn used(&self) -> bool {
        !self.fitting.is_empty()
    }
    /// The step that ends the syntax proof of a term whose head is a syntax axiom: its label, and the terms of its
    /// children in the order of its `$f` hypotheses.
    pub fn step(&mut self, arena: &Arena, t: TermId, axiom: AssertionId) -> (AssertionId, Children) {
        for &k in self.known.by_head.get(&arena.head(t)).map_or(&[][..], SmallVec::as_slice) {
            let pattern = &self.known.all[k as usize];
            if pattern.position >= self.position || self.without.contains(&k) {
                continue;
            }
            let mut values: SmallVec<[Option<TermId>; 4]> = SmallVec::from_elem(None, pattern.variables);
            if !fits(arena, pattern.tree, t, &mut values) {
                continue;
            }
            if let Some(values) = values.into_iter().collect::<Option<Children>>() {
                if !self.fitting.contains(&k) {
                    self.fitting.push(k);
                }
                return (pattern.theorem, values);
            }
        }
        (axiom, arena.children(t).into())
    }
}

fn fits(arena: &Arena, pattern: TermId, t: TermId, values: &mut [Option<TermId>]) -> bool {
    if let Some(m) = arena.head(pattern).as_meta() {
        return values.get_mut(m as usize).is_some_and(|value| *value.get_or_insert(t) == t);
    }
    arena.head(pattern) == arena.head(t)
        && arena.children(pattern).iter().zip(arena.children(t)).all(|(&p, &c)| fits(arena, p, c, values))
}

//! Hashed features of a goal, the input of the ranker and the recognition model.
//!
//! They are symbols, edges of the tree, paths from the root and from the main consequent, equal subterms, the places
//! where the consequent recurs, the shapes of the hypotheses, and the steps above the goal.

use crate::dsl::formulas::sequent;
use crate::dsl::theory::library::{PremiseId, Theory};
use crate::metamath_db::ids::{AssertionId, SymbolId, TermId};
use crate::metamath_db::terms::term::{Arena, Head, HeadKind};
use smallvec::SmallVec;
use std::sync::Arc;

/// The steps above a goal in a proof.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Context {
    /// The premise of the step that leaves the goal, and the number of the hypothesis; `None` at the root.
    pub parent: Option<(PremiseId, u8)>,
    /// The premise of the step above `parent`.
    pub grandparent: Option<PremiseId>,
}

/// The numbers of assertions and typecodes in features, which are those of the database that a model was trained on.
#[derive(Clone, Default)]
pub struct Codes {
    /// For each assertion, its number; empty if the database is the model's own.
    pub assertions: Arc<Vec<u32>>,
    /// For each typecode, by symbol, its number; empty in the same case.
    pub typecodes: Arc<Vec<u32>>,
}

impl Codes {
    #[inline]
    fn assertion(&self, number: u32) -> u32 {
        self.assertions.get(number as usize).copied().unwrap_or(number)
    }
    fn typecode(&self, symbol: SymbolId) -> u32 {
        self.typecodes.get(symbol.index()).copied().unwrap_or(symbol.0)
    }
}

/// Computes features for one database.
#[derive(Clone)]
pub struct Featurizer {
    /// The base-2 logarithm of the number of features.
    pub bits: u32,
    implication: Option<Head>,
    typecodes: Vec<u32>,
    codes: Codes,
}

/// The contribution of a task's hypotheses to features, computed once for each task.
#[derive(Clone, Default)]
pub struct HypFeatures {
    hyps: Vec<TermId>,
    consequents: Vec<TermId>,
    heads: Vec<u32>,
}

fn mix(a: u32, b: u32) -> u32 {
    let x = (u64::from(a) ^ (u64::from(b) << 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((x ^ (x >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 32) as u32
}

const DEPTH: u32 = 4;

/// Hashes of a comment's words in lower case, without Metamath's markup and single letters.
fn words(comment: &str) -> impl Iterator<Item = u32> + '_ {
    comment.split(|c: char| !c.is_ascii_alphabetic()).filter(|w| w.len() > 1).map(|w| {
        w.bytes().fold(0x811c_9dc5u32, |h, b| (h ^ u32::from(b.to_ascii_lowercase())).wrapping_mul(0x0100_0193))
    })
}

impl Featurizer {
    /// The featurizer of a theory with its own numbers.
    pub fn new(theory: &Theory, bits: u32) -> Featurizer {
        Featurizer::with(theory, bits, Codes::default())
    }
    /// The featurizer of a theory with a model's numbers. The implication is the connective of the first rule of the
    /// shape "from A and A→B infer B".
    pub fn with(theory: &Theory, bits: u32, codes: Codes) -> Featurizer {
        let db = &theory.db;
        let mut implication = None;
        for i in 0..db.len() {
            let a = AssertionId::from(i);
            let (Some(c), [minor, major]) = (db.scheme(a).conclusion, db.hyps(a)) else { continue };
            let arena = &db.arena;
            let is_meta = |t: TermId| arena.head(t).as_meta().is_some();
            if is_meta(c) && is_meta(*minor) && arena.children(*major) == [*minor, c] {
                implication = Some(arena.head(*major));
                break;
            }
        }
        let typecode = |v: usize| theory.typecode(SymbolId::from(v)).map_or(0, |t| codes.typecode(t));
        let typecodes = (0..db.source.symbols.len()).map(typecode).collect();
        Featurizer { bits, implication, typecodes, codes }
    }
    /// The number of a head in features. Variables count by typecode; all metavariables count as one.
    fn symbol(&self, head: Head) -> u32 {
        match head.kind() {
            HeadKind::Syntax(a) => self.codes.assertion(a.0).wrapping_add(1000),
            HeadKind::Variable(v) => self.typecodes[v.index()].wrapping_add(10),
            HeadKind::Meta(_) => 1,
            HeadKind::Judgement(k) => 1 << 29 | k,
        }
    }
    /// The formula behind the last antecedent of `t`, and the antecedents.
    pub fn consequent(&self, arena: &Arena, mut t: TermId) -> (TermId, SmallVec<[TermId; 4]>) {
        let mut antecedents = SmallVec::new();
        while Some(arena.head(t)) == self.implication && antecedents.len() < 4 {
            antecedents.push(arena.children(t)[0]);
            t = arena.children(t)[1];
        }
        (t, antecedents)
    }
    /// The contribution of the hypotheses.
    pub fn hyps(&self, arena: &Arena, hyps: &[TermId]) -> HypFeatures {
        let consequents: Vec<TermId> = hyps.iter().map(|&h| self.consequent(arena, h).0).collect();
        let heads = consequents.iter().map(|&c| self.symbol(arena.head(c))).collect();
        HypFeatures { hyps: hyps.to_vec(), consequents, heads }
    }
    /// Computes the features of a goal: sorted, without repetition, each below `1 << bits`.
    pub fn goal(&self, arena: &Arena, goal: TermId, hyps: &HypFeatures, context: Context, out: &mut Vec<u32>) {
        out.clear();
        self.paths(arena, goal, 1, 0, out);
        let (c, antecedents) = self.consequent(arena, goal);
        let head = self.symbol(arena.head(c));
        out.push(mix(mix(2, antecedents.len() as u32), head));
        self.paths(arena, c, 3, 0, out);
        for (i, &a) in antecedents.iter().enumerate() {
            out.push(mix(mix(4, i as u32), mix(self.symbol(arena.head(a)), head)));
            self.occurrences(arena, a, c, mix(5, i as u32), 0, out);
            for &k in arena.children(c) {
                self.occurrences(arena, a, k, mix(6, i as u32), 0, out);
            }
        }
        if hyps.hyps.contains(&goal) {
            out.push(8);
        }
        self.asked(c, head, hyps, context, out);
        self.finish(out);
    }
    /// Computes the features of a sequent: of Γ as a set, of C, of what they share, and of the difference of the two
    /// sides of C. In `context`, `parent` is the first assertion of the move that leaves the sequent, with the number
    /// of the part; `grandparent` is that of the move above.
    pub fn sequent(&self, arena: &Arena, s: TermId, hyps: &HypFeatures, context: Context, out: &mut Vec<u32>) {
        out.clear();
        let (c, members) = (sequent::consequent(arena, s), sequent::context(arena, s));
        let head = self.symbol(arena.head(c));
        out.push(mix(mix(2, members.len().min(8) as u32), head));
        self.paths(arena, c, 3, 0, out);
        for &g in members {
            let own = self.symbol(arena.head(g));
            out.push(mix(4, own));
            out.push(mix(mix(4, own), head));
            self.shape(arena, g, 24, 0, out);
            self.occurrences(arena, g, c, 5, 0, out);
            for &k in arena.children(c) {
                self.occurrences(arena, g, k, 6, 0, out);
                for &inner in arena.children(k) {
                    if inner == g || arena.children(g).contains(&inner) {
                        out.push(mix(mix(25, own), self.symbol(arena.head(inner))));
                    }
                }
            }
        }
        if let &[x, y] = arena.children(c) {
            self.compared(arena, x, y, mix(30, head), 0, out);
            for (whole, part, place) in [(y, x, 33), (x, y, 34)] {
                self.occurrences(arena, whole, part, mix(place, head), 0, out);
                let own = self.symbol(arena.head(part));
                for (i, &k) in arena.children(part).iter().enumerate() {
                    self.occurrences(arena, whole, k, mix(place + 2, mix(own, i as u32)), 0, out);
                }
            }
        }
        self.asked(c, head, hyps, context, out);
        self.finish(out);
    }
    /// Appends features of the difference of two terms: their heads, and below equal heads which parts are equal, to a
    /// small depth.
    fn compared(&self, arena: &Arena, x: TermId, y: TermId, path: u32, depth: u32, out: &mut Vec<u32>) {
        if x == y {
            out.push(mix(path, 1));
            return;
        }
        let head = self.symbol(arena.head(x));
        out.push(mix(path, mix(head, self.symbol(arena.head(y)))));
        if arena.head(x) != arena.head(y) || arena.head(x).as_meta().is_some() {
            return;
        }
        let parts = || arena.children(x).iter().copied().zip(arena.children(y).iter().copied()).enumerate();
        let equal = parts().filter(|(_, (a, b))| a == b).fold(0, |all, (i, _)| all | 1u32 << (i & 31));
        out.push(mix(mix(path, 2), equal));
        out.push(mix(mix(path, 3), mix(head, equal)));
        for (i, (a, b)) in parts().filter(|(_, (a, b))| depth < 3 && a != b) {
            self.compared(arena, a, b, mix(mix(path, head), i as u32 + 4), depth + 1, out);
        }
    }
    /// Appends the features of a consequent that depend on the hypotheses and on the steps above it.
    fn asked(&self, c: TermId, head: u32, hyps: &HypFeatures, context: Context, out: &mut Vec<u32>) {
        for i in 0..hyps.hyps.len() {
            out.push(mix(7, hyps.heads[i]));
            if hyps.consequents[i] == c {
                out.push(mix(9, head));
            }
            if hyps.heads[i] == head {
                out.push(mix(10, head));
            }
        }
        out.push(mix(11, hyps.hyps.len() as u32));
        if let Some((p, k)) = context.parent {
            let parent = mix(mix(12, self.codes.assertion(p.0)), u32::from(k));
            out.push(parent);
            out.push(mix(parent, head));
            if let Some(g) = context.grandparent {
                out.push(mix(parent, self.codes.assertion(g.0)));
            }
        }
    }
    /// Appends the heads along the paths of a term, to a small depth.
    fn shape(&self, arena: &Arena, t: TermId, path: u32, depth: u32, out: &mut Vec<u32>) {
        let head = self.symbol(arena.head(t));
        out.push(mix(path, head));
        if depth < 2 {
            for (i, &c) in arena.children(t).iter().enumerate() {
                self.shape(arena, c, mix(mix(path, head), i as u32), depth + 1, out);
            }
        }
    }
    /// Computes the features of a premise's statement and of the words of its comment, the premise side of the model.
    pub fn premise(&self, theory: &Theory, p: PremiseId, out: &mut Vec<u32>) {
        out.clear();
        let Some(premise) = theory.premise(p) else { return };
        let arena = &theory.arena;
        self.paths(arena, premise.conclusion, 101, 0, out);
        let (c, _) = self.consequent(arena, premise.conclusion);
        self.paths(arena, c, 103, 0, out);
        for &h in premise.hyps {
            let (hc, ha) = self.consequent(arena, h);
            out.push(mix(mix(107, ha.len() as u32), self.symbol(arena.head(hc))));
            self.paths(arena, hc, 108, 0, out);
        }
        out.push(mix(111, premise.hyps.len() as u32));
        if let Some(comment) = theory.comment(p) {
            out.extend(words(comment).take(40).map(|w| mix(130, w)));
        }
        self.finish(out);
    }
    fn finish(&self, out: &mut Vec<u32>) {
        let mask = (1u32 << self.bits) - 1;
        for f in out.iter_mut() {
            *f &= mask;
        }
        out.sort_unstable();
        out.dedup();
    }
    fn paths(&self, arena: &Arena, t: TermId, path: u32, depth: u32, out: &mut Vec<u32>) {
        let head = self.symbol(arena.head(t));
        out.push(mix(path, head));
        if depth == DEPTH {
            out.push(mix(20, head));
            return;
        }
        let children = arena.children(t);
        for (i, &c) in children.iter().enumerate() {
            let child = self.symbol(arena.head(c));
            out.push(mix(mix(21, head), mix(i as u32, child)));
            for (j, &e) in children[..i].iter().enumerate() {
                if e == c {
                    out.push(mix(mix(22, path), (i * 8 + j) as u32));
                }
            }
            self.paths(arena, c, mix(mix(path, head), i as u32), depth + 1, out);
        }
    }
    /// Appends the paths at which `needle` occurs in `t`, to a small depth.
    fn occurrences(&self, arena: &Arena, t: TermId, needle: TermId, path: u32, depth: u32, out: &mut Vec<u32>) {
        if t == needle {
            out.push(mix(path, 23));
        } else if depth < 3 && arena.size(t) > arena.size(needle) {
            let head = self.symbol(arena.head(t));
            for (i, &c) in arena.children(t).iter().enumerate() {
                self.occurrences(arena, c, needle, mix(mix(path, head), i as u32), depth + 1, out);
            }
        }
    }
}

//! The grammar that a database's syntax axioms make, and a chart parser for it.
//!
//! A production is a `$a` whose typecode belongs to the grammar (`wff`, `class`, …); what can be proved starts
//! with a provable typecode (`|-`), see [`Grammar::provable`]. The parser works bottom-up from the left corner, positions from right to left, so it takes
//! left recursion (`a '` in ql.mm), unit productions (`class x`) and any nesting depth without recursing.
//! Price: it finds all constituents at each position, also those that no parse of the whole uses; on set.mm
//! that is about two a token. Of several trees of one part it keeps the first, so an ambiguous grammar costs the cube of
//! a formula's length at most; work on one formula is bounded by [`MAX_ITEMS`], on all of a source by
//! [`crate::metamath_db::read_error::MAX_SOURCE_ITEMS`]. A grammar in which a typecode derives itself alone is refused ([`Grammar::cycle`]); syntax axioms
//! without symbols after the typecode are no productions.

mod typecodes;

use super::ids::{AssertionId, SymbolId, TermId};
use super::reader::{HypKind, Source};
use crate::metamath_db::terms::term::{Arena, Children, Head, HeadKind};
use crate::util::stop::poll;
use rustc_hash::FxHashMap;

/// Bound on partial parses of one formula; beyond it the formula counts as not parsed.
pub const MAX_ITEMS: usize = 4_000_000;

/// Most variables of one statement that has a tree.
pub const MAX_VARIABLES: usize = u16::MAX as usize;

/// Bound on a tree's depth; deeper formulas count as not parsed (the kernel has no such bound).
pub const MAX_DEPTH: u16 = 4_000;

/// Bound on the judgements of a database; statements of more count as not parsed.
const MAX_JUDGEMENTS: usize = 1 << 29;

const NOTHING: u32 = u32::MAX;

/// One syntax axiom as a production.
#[derive(Clone, Debug)]
pub struct Production {
    /// The axiom.
    pub axiom: AssertionId,
    /// Its typecode.
    pub typecode: SymbolId,
    /// The right-hand side: constants, and variables as `Err(child index)`.
    pub items: Vec<Result<SymbolId, u16>>,
    /// Typecodes of the children.
    pub child_types: Vec<SymbolId>,
    /// Whether some child stands twice.
    repeats: bool,
}

/// The judgement of a statement: its typecode, and the kind of its formula.
///
/// A statement of the main judgement (`|-` of a `wff`) is its formula's term. A statement of any other judgement is a
/// term of one child whose head names the judgement. Hence comparing terms tells judgements apart, and no metavariable
/// for a formula stands for such a statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Judgement {
    /// The statement's first symbol.
    pub typecode: SymbolId,
    /// The typecode of the grammar as which the rest is parsed.
    pub formula: SymbolId,
}

/// Productions of a database, ready for parsing and printing.
#[derive(Default)]
pub struct Grammar {
    productions: FxHashMap<AssertionId, Production>,
    edges: FxHashMap<(u32, u64), u32>,
    /// Productions that end at a trie node: (typecode, axiom).
    ends: Vec<Vec<(SymbolId, AssertionId)>>,
    is_type: Vec<bool>,
    types: Vec<SymbolId>,
    provable: Vec<SymbolId>,
    /// By symbol its place in `types` or in `provable`.
    rank: Vec<u32>,
    /// The formulas of the main judgement; `None` until its first statement is parsed.
    main_formula: Option<SymbolId>,
}

/// Buffers of the parser, kept between formulas.
#[derive(Default)]
pub struct Parser {
    /// Constituents: (typecode, end, term, next in the list of the same start).
    found: Vec<(SymbolId, u32, TermId, u32)>,
    /// By constituent: the partial parse that it was built from, and whether it, or a part of it, has other trees.
    built: Vec<(u32, bool)>,
    /// Whether some constituent of this formula has.
    several: bool,
    /// By number of the typecode and end: (stamp of the start, constituent).
    known: Vec<(u32, u32)>,
    stamp: u32,
    first: Vec<u32>,
    /// Partial parses: (trie node, end, last child's constituent, previous item).
    items: Vec<(u32, u32, u32, u32)>,
    /// Number of formulas that had more than one tree.
    pub ambiguous: usize,
    /// Partial parses of all formulas so far.
    pub spent: u64,
}

impl Parser {
    fn clear(&mut self, n: usize, types: usize) {
        self.found.clear();
        self.built.clear();
        self.several = false;
        self.first.clear();
        self.first.resize(n + 1, NOTHING);
        self.items.clear();
        if self.known.len() < types * (n + 1) {
            self.known.resize(types * (n + 1), (0, 0));
        }
    }
    /// The constituent of this typecode that is the whole formula of `n` symbols.
    fn whole(&self, goal: SymbolId, n: usize) -> Option<usize> {
        let listed = |&c: &u32| (c != NOTHING).then_some(c);
        let first = self.first.first().and_then(listed);
        let mut all = std::iter::successors(first, |&c| listed(&self.found[c as usize].3));
        let c = all.find(|&c| self.found[c as usize].0 == goal && self.found[c as usize].1 as usize == n)?;
        Some(c as usize)
    }
}

fn constant(s: SymbolId) -> u64 {
    u64::from(s.0)
}
fn nonterminal(s: SymbolId) -> u64 {
    u64::from(s.0) | 1 << 32
}

impl Grammar {
    /// Collects the productions of a source.
    pub fn new(source: &Source) -> Grammar {
        let is_provable = typecodes::provable(source);
        let mut g = Grammar::empty(source);
        let of_hyps = || (0..source.hyps.len()).map(|h| source.hyp_typecode(h.into()));
        let of_assertions = || (0..source.assertions.len()).map(|a| source.typecode(a.into()));
        of_hyps().chain(of_assertions()).filter(|t| is_provable[t.index()] == Some(false)).for_each(|t| g.add_type(t));
        let mut seen = vec![false; source.symbols.len()];
        for t in of_assertions().chain(of_hyps()).filter(|t| is_provable[t.index()] == Some(true)) {
            if !std::mem::replace(&mut seen[t.index()], true) {
                g.provable.push(t);
            }
        }
        let turnstile = source.find_symbol(b"|-").and_then(|s| g.provable.iter().position(|&t| t == s));
        if let Some(k) = turnstile {
            g.provable[..=k].rotate_right(1); // the main one, wherever it comes
        }
        for all in [&g.provable, &g.types] {
            all.iter().zip(0..).for_each(|(t, i)| g.rank[t.index()] = i);
        }
        for i in 0..source.assertions.len() {
            g.add(source, i.into());
        }
        g
    }
    fn empty(source: &Source) -> Grammar {
        let symbols = source.symbols.len();
        Grammar { ends: vec![vec![]], is_type: vec![false; symbols], rank: vec![0; symbols], ..Grammar::default() }
    }
    fn add_type(&mut self, t: SymbolId) {
        if !std::mem::replace(&mut self.is_type[t.index()], true) {
            self.rank[t.index()] = self.types.len() as u32;
            self.types.push(t);
        }
    }
    fn add(&mut self, source: &Source, axiom: AssertionId) {
        let a = &source.assertions[axiom.index()];
        let frame = source.frame(axiom);
        if a.proof.is_some() || !self.is_type[source.typecode(axiom).index()] {
            return;
        }
        let mut children = Vec::new();
        let mut child_types = Vec::new();
        for &h in frame {
            match source.hyps[h.index()].kind {
                HypKind::Floating { variable } => {
                    children.push(variable);
                    child_types.push(source.hyp_typecode(h));
                }
                HypKind::Essential => return,
            }
        }
        let body = &source.expression(&a.expression)[1..];
        if body.is_empty() || children.len() > MAX_VARIABLES {
            return;
        }
        let number: FxHashMap<SymbolId, u16> = children.iter().zip(0..).map(|(&c, k)| (c, k)).collect();
        let items: Vec<_> = body.iter().map(|s| number.get(s).map_or(Ok(*s), |&k| Err(k))).collect();
        let mut node = 0;
        for item in &items {
            let key = match item {
                Ok(c) => constant(*c),
                Err(k) => nonterminal(child_types[*k as usize]),
            };
            let fresh = self.ends.len() as u32;
            node = *self.edges.entry((node, key)).or_insert(fresh);
            if node == fresh {
                self.ends.push(Vec::new());
            }
        }
        self.ends[node as usize].push((source.typecode(axiom), axiom));
        let repeats = items.iter().filter(|i| i.is_err()).count() > child_types.len();
        self.productions
            .insert(axiom, Production { axiom, typecode: source.typecode(axiom), items, child_types, repeats });
    }
    /// A syntax axiom with which a typecode derives itself alone, and the axioms on the way: then formulas have endlessly
    /// many trees. `None` for a good grammar.
    pub fn cycle(&self) -> Option<Vec<AssertionId>> {
        // units[t]: what a formula of typecode t may be of another typecode, and by which axiom
        let mut units: Vec<Vec<(u32, AssertionId)>> = vec![Vec::new(); self.types.len()];
        let mut axioms: Vec<(&AssertionId, &Production)> = self.productions.iter().collect();
        axioms.sort_unstable_by_key(|(a, _)| **a);
        for (&axiom, production) in axioms {
            if let [Err(_)] = production.items[..] {
                let from = self.rank[production.child_types[0].index()];
                units[from as usize].push((self.rank[production.typecode.index()], axiom));
            }
        }
        // depth first; what is left for good leads to no cycle
        let mut left = vec![false; units.len()];
        for start in 0..units.len() {
            let mut path: Vec<(u32, usize)> = vec![(start as u32, 0)];
            while let Some((t, next)) = path.last_mut() {
                let Some(&(to, axiom)) = units[*t as usize].get(*next).filter(|_| !left[*t as usize]) else {
                    left[*t as usize] = true;
                    path.pop();
                    continue;
                };
                *next += 1;
                if let Some(i) = path.iter().position(|&(t, _)| t == to) {
                    let on_path = path[i..].iter().map(|&(t, next)| units[t as usize][next - 1].1);
                    let mut chain: Vec<AssertionId> = on_path.collect();
                    let last = chain.iter().position(|&a| a == axiom).unwrap_or(0);
                    chain.rotate_left(last);
                    return Some(chain);
                }
                path.push((to, 0));
            }
        }
        None
    }
    /// The typecodes that formulas' parts have (those of `$f` statements), in order of appearance.
    pub fn types(&self) -> &[SymbolId] {
        &self.types
    }
    /// Whether a symbol is such a typecode.
    pub fn is_type(&self, s: SymbolId) -> bool {
        self.is_type.get(s.index()).copied().unwrap_or(false)
    }
    /// The provable typecodes: those of statements that say something of a formula, the main one first (`|-` where it is
    /// one, else that of the first such statement).
    pub fn provable(&self) -> &[SymbolId] {
        &self.provable
    }
    /// Whether a symbol is a provable typecode.
    pub fn is_provable(&self, s: SymbolId) -> bool {
        self.rank.get(s.index()).is_some_and(|&k| self.provable.get(k as usize) == Some(&s))
    }
    /// The judgement with this number: provable typecodes times kinds of formulas, and behind them each kind's own.
    pub fn judgement(&self, number: u32) -> Option<Judgement> {
        let (k, n) = (number as usize, self.types.len());
        let formula = *self.types.get(k.checked_rem(n)?)?;
        match k / n {
            p if p < self.provable.len() => Some(Judgement { typecode: self.provable[p], formula }),
            p if p == self.provable.len() => Some(Judgement { typecode: formula, formula }),
            _ => None,
        }
    }
    /// The typecode of a statement, which may be a scheme. `None` if the database has no provable typecode.
    pub fn typecode(&self, arena: &Arena, statement: TermId) -> Option<SymbolId> {
        match arena.head(statement).kind() {
            HeadKind::Judgement(k) => self.judgement(k).map(|j| j.typecode),
            _ => self.provable.first().copied(),
        }
    }
    /// The statement that makes this judgement of a formula. `None` for more judgements than heads can tell apart.
    pub fn judged(&self, j: Judgement, formula: TermId, arena: &mut Arena) -> Option<TermId> {
        if self.provable.first() == Some(&j.typecode) && self.main_formula == Some(j.formula) {
            return Some(formula);
        }
        let row = if self.is_type(j.typecode) { self.provable.len() } else { self.rank[j.typecode.index()] as usize };
        let number = row * self.types.len() + self.rank[j.formula.index()] as usize;
        (number < MAX_JUDGEMENTS).then(|| arena.make(Head::judgement(number as u32), &[formula]))
    }
    /// The kind of the main judgement's formulas. `None` before a statement of the main typecode was parsed.
    pub fn main_formula(&self) -> Option<SymbolId> {
        self.main_formula
    }
    /// The formulas of the main judgement are of this kind, if nothing has been said of them yet.
    pub(super) fn found(&mut self, j: Judgement) {
        if self.provable.first() == Some(&j.typecode) {
            self.main_formula.get_or_insert(j.formula);
        }
    }
    /// The production of a syntax axiom.
    pub fn production(&self, a: AssertionId) -> Option<&Production> {
        self.productions.get(&a)
    }
    /// Parses symbols as a term of typecode `goal`. `leaf` gives a variable's typecode and term, or `None` for
    /// constants. `None` if there is no tree (or past the bounds). Of several trees of a part it takes the first
    /// found, and counts the formula in [`Parser::ambiguous`].
    pub fn parse(
        &self,
        symbols: &[SymbolId],
        goal: SymbolId,
        leaf: &dyn Fn(SymbolId) -> Option<(SymbolId, TermId)>,
        arena: &mut Arena,
        parser: &mut Parser,
    ) -> Option<TermId> {
        self.parse_as(symbols, &[goal], leaf, arena, parser).map(|(_, term)| term)
    }
    /// Parses symbols as the first of several typecodes for which a tree exists; returns that typecode with the term.
    pub fn parse_as(
        &self,
        symbols: &[SymbolId],
        goals: &[SymbolId],
        leaf: &dyn Fn(SymbolId) -> Option<(SymbolId, TermId)>,
        arena: &mut Arena,
        parser: &mut Parser,
    ) -> Option<(SymbolId, TermId)> {
        let n = symbols.len();
        parser.clear(n, self.types.len());
        let done = (0..n).rev().try_for_each(|at| self.constituents(symbols, at, leaf, arena, parser));
        parser.spent += parser.items.len() as u64;
        done?;
        let (goal, c) = goals.iter().find_map(|&goal| Some((goal, parser.whole(goal, n)?)))?;
        parser.ambiguous += (parser.several && self.has_several(c, parser)) as usize;
        Some((goal, parser.found[c].2))
    }
    /// Whether symbols have a tree of some typecode.
    fn derives(
        &self,
        symbols: &[SymbolId],
        leaf: &dyn Fn(SymbolId) -> Option<(SymbolId, TermId)>,
        arena: &mut Arena,
        parser: &mut Parser,
    ) -> bool {
        let n = symbols.len();
        parser.clear(n, self.types.len());
        let done = (0..n).rev().try_for_each(|at| self.constituents(symbols, at, leaf, arena, parser));
        parser.spent += parser.items.len() as u64;
        let of_start = |&c: &u32| (c != NOTHING).then_some(c);
        let first = parser.first.first().and_then(of_start);
        let mut all = std::iter::successors(first, |&c| of_start(&parser.found[c as usize].3));
        done.is_some() && all.any(|c| parser.found[c as usize].1 as usize == n)
    }
    /// Whether a constituent or a part of it has other trees. Parts are found before what they are part of.
    fn has_several(&self, whole: usize, p: &mut Parser) -> bool {
        for c in 0..=whole {
            let (mut item, mut several) = p.built[c];
            while item != NOTHING && !several {
                let (_, _, child, previous) = p.items[item as usize];
                several = child != NOTHING && p.built[child as usize].1;
                item = previous;
            }
            p.built[c].1 = several;
        }
        p.built[whole].1
    }
    /// Finds all constituents that start at `at`.
    fn constituents(
        &self,
        symbols: &[SymbolId],
        at: usize,
        leaf: &dyn Fn(SymbolId) -> Option<(SymbolId, TermId)>,
        arena: &mut Arena,
        p: &mut Parser,
    ) -> Option<()> {
        let start = at as u32;
        let mut item = p.items.len();
        let mut done = p.found.len(); // constituents before this one were used as left corners
        p.stamp = p.stamp.checked_add(1).unwrap_or_else(|| {
            p.known.fill((0, 0));
            1
        });
        match leaf(symbols[at]) {
            Some((typecode, term)) => self.add_constituent(p, at, symbols.len(), (typecode, start + 1, term), NOTHING),
            None => {
                if let Some(&node) = self.edges.get(&(0, constant(symbols[at]))) {
                    p.items.push((node, start + 1, NOTHING, NOTHING));
                }
            }
        }
        while item < p.items.len() || done < p.found.len() {
            if p.items.len() > MAX_ITEMS {
                return None;
            }
            if item < p.items.len() {
                self.advance(symbols, at, item, arena, p);
                item += 1;
            } else {
                let (typecode, end, _, _) = p.found[done];
                if let Some(&node) = self.edges.get(&(0, nonterminal(typecode))) {
                    p.items.push((node, end, done as u32, NOTHING));
                }
                done += 1;
            }
        }
        Some(())
    }
    /// Completes a partial parse and extends it by one symbol or constituent.
    fn advance(&self, symbols: &[SymbolId], at: usize, item: usize, arena: &mut Arena, p: &mut Parser) {
        poll();
        let (node, end, _, _) = p.items[item];
        for &(typecode, axiom) in &self.ends[node as usize] {
            let place = self.place(typecode, end, symbols.len());
            let (stamp, known) = p.known[place];
            if stamp != p.stamp {
                if let Some(term) = self.build(axiom, item, arena, p) {
                    self.add_constituent(p, at, symbols.len(), (typecode, end, term), item as u32);
                }
            } else if !self.productions[&axiom].repeats || self.build(axiom, item, arena, p).is_some() {
                // another tree of the same symbols: the first stays
                p.built[known as usize].1 = true;
                p.several = true;
            }
        }
        let Some(&next) = symbols.get(end as usize) else { return };
        if let Some(&to) = self.edges.get(&(node, constant(next))) {
            p.items.push((to, end + 1, NOTHING, item as u32));
        }
        let mut c = p.first[end as usize];
        while c != NOTHING && p.items.len() <= MAX_ITEMS {
            let (typecode, to_end, _, following) = p.found[c as usize];
            if let Some(&to) = self.edges.get(&(node, nonterminal(typecode))) {
                p.items.push((to, to_end, c, item as u32));
            }
            c = following;
        }
    }
    fn build(&self, axiom: AssertionId, item: usize, arena: &mut Arena, p: &Parser) -> Option<TermId> {
        let production = &self.productions[&axiom];
        let mut children: Children = Children::from_elem(TermId(NOTHING), production.child_types.len());
        let mut at = item as u32;
        for part in production.items.iter().rev() {
            let (_, _, child, previous) = p.items[at as usize];
            if let Err(k) = part {
                let term = p.found[child as usize].2;
                let slot = &mut children[*k as usize];
                if slot.0 != NOTHING && *slot != term {
                    return None; // a variable that stands twice must be the same term
                }
                *slot = term;
            }
            at = previous;
        }
        Some(arena.make(Head::syntax(axiom), &children))
    }
    fn place(&self, typecode: SymbolId, end: u32, n: usize) -> usize {
        self.rank[typecode.index()] as usize * (n + 1) + end as usize
    }
    /// Notes a constituent that is not known yet.
    fn add_constituent(
        &self,
        p: &mut Parser,
        at: usize,
        n: usize,
        (typecode, end, term): (SymbolId, u32, TermId),
        item: u32,
    ) {
        p.known[self.place(typecode, end, n)] = (p.stamp, p.found.len() as u32);
        p.found.push((typecode, end, term, p.first[at]));
        p.built.push((item, false));
        p.first[at] = p.found.len() as u32 - 1;
    }
    /// Appends the symbols of a statement, its typecode first.
    pub fn print_statement(
        &self,
        arena: &Arena,
        statement: TermId,
        out: &mut Vec<SymbolId>,
        leaf: &dyn Fn(Head, &mut Vec<SymbolId>),
    ) {
        if !arena.head(statement).is_judgement() {
            out.extend(self.provable.first());
        }
        self.print(arena, statement, out, leaf);
    }
    /// Appends the symbols of a term; of a statement the typecode only where it is not of the main judgement. `leaf` prints variables and metavariables.
    pub fn print(&self, arena: &Arena, term: TermId, out: &mut Vec<SymbolId>, leaf: &dyn Fn(Head, &mut Vec<SymbolId>)) {
        enum Part {
            Symbol(SymbolId),
            Term(TermId),
        }
        let mut stack = vec![Part::Term(term)];
        while let Some(part) = stack.pop() {
            match part {
                Part::Symbol(s) => out.push(s),
                Part::Term(t) => match arena.head(t).kind() {
                    HeadKind::Syntax(a) => {
                        let Some(production) = self.production(a) else { continue };
                        stack.extend(production.items.iter().rev().map(|i| match i {
                            Ok(s) => Part::Symbol(*s),
                            Err(k) => Part::Term(arena.children(t)[*k as usize]),
                        }));
                    }
                    HeadKind::Judgement(k) => {
                        out.extend(self.judgement(k).map(|j| j.typecode));
                        stack.extend(arena.children(t).iter().map(|&c| Part::Term(c)));
                    }
                    _ => leaf(arena.head(t), out),
                },
            }
        }
    }
}

//! The grammar that a database's syntax axioms make, and a chart parser for it.
//!
//! A production is a `$a` whose typecode belongs to the grammar (`wff`, `class`, …); what can be proved starts
//! with a provable typecode (`|-`), see [`Grammar::provable`]. The parser works bottom-up from the left corner, positions from right to left, so it takes
//! left recursion (`a '` in ql.mm), unit productions (`class x`) and any nesting depth without recursing.
//! Price: it finds all constituents at each position, also those that no parse of the whole uses; on set.mm
//! that is about two a token. Work on one formula is bounded by [`MAX_ITEMS`].

mod typecodes;

use super::ids::{AssertionId, SymbolId, TermId};
use super::reader::{HypKind, Source};
use super::term::{Arena, Children, Head, HeadKind};
use rustc_hash::FxHashMap;

/// Bound on partial parses of one formula; beyond it the formula counts as not parsed.
pub const MAX_ITEMS: usize = 4_000_000;

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
    /// The right-hand side: constants, and variables as `Err(child index)`.
    pub items: Vec<Result<SymbolId, u16>>,
    /// Typecodes of the children.
    pub child_types: Vec<SymbolId>,
}

/// What a statement says of its formula: its typecode, and of which kind the formula is. Statements of the main judgement
/// (`|-` of a `wff`) are their formula's term; those of any other are a term of one child whose head names the judgement, so
/// that whatever compares terms tells them apart, and no metavariable for a formula stands for one of them.
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
    first: Vec<u32>,
    /// Partial parses: (trie node, end, last child, previous item).
    items: Vec<(u32, u32, TermId, u32)>,
    /// Number of formulas that had more than one tree.
    pub ambiguous: usize,
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
        let items: Vec<_> = body
            .iter()
            .map(|s| match children.iter().position(|c| c == s) {
                Some(k) => Err(k as u16),
                None => Ok(*s),
            })
            .collect();
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
        self.productions.insert(axiom, Production { axiom, items, child_types });
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
    /// constants. `None` if there is no tree (or past the bounds). Of several trees it takes the first found,
    /// and counts the formula in [`Parser::ambiguous`].
    pub fn parse(
        &self,
        symbols: &[SymbolId],
        goal: SymbolId,
        leaf: &dyn Fn(SymbolId) -> Option<(SymbolId, TermId)>,
        arena: &mut Arena,
        parser: &mut Parser,
    ) -> Option<TermId> {
        let n = symbols.len();
        parser.found.clear();
        parser.first.clear();
        parser.first.resize(n + 1, NOTHING);
        parser.items.clear();
        for at in (0..n).rev() {
            self.constituents(symbols, at, leaf, arena, parser)?;
        }
        let mut result = None;
        let mut c = *parser.first.first()?;
        while c != NOTHING {
            let (typecode, end, term, next) = parser.found[c as usize];
            if typecode == goal && end as usize == n {
                if result.is_some() {
                    parser.ambiguous += 1;
                    return Some(term); // the list is last found first
                }
                result = Some(term);
            }
            c = next;
        }
        result
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
        match leaf(symbols[at]) {
            Some((typecode, term)) => add_constituent(p, at, (typecode, start + 1, term)),
            None => {
                if let Some(&node) = self.edges.get(&(0, constant(symbols[at]))) {
                    p.items.push((node, start + 1, TermId(NOTHING), NOTHING));
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
                let (typecode, end, term, _) = p.found[done];
                done += 1;
                if let Some(&node) = self.edges.get(&(0, nonterminal(typecode))) {
                    p.items.push((node, end, term, NOTHING));
                }
            }
        }
        Some(())
    }
    /// Completes a partial parse and extends it by one symbol or constituent.
    fn advance(&self, symbols: &[SymbolId], at: usize, item: usize, arena: &mut Arena, p: &mut Parser) {
        let (node, end, _, _) = p.items[item];
        for &(typecode, axiom) in &self.ends[node as usize] {
            if let Some(term) = self.build(axiom, item, arena, p) {
                add_constituent(p, at, (typecode, end, term));
            }
        }
        let Some(&next) = symbols.get(end as usize) else { return };
        if let Some(&to) = self.edges.get(&(node, constant(next))) {
            p.items.push((to, end + 1, TermId(NOTHING), item as u32));
        }
        let mut c = p.first[end as usize];
        while c != NOTHING {
            let (typecode, to_end, term, following) = p.found[c as usize];
            if let Some(&to) = self.edges.get(&(node, nonterminal(typecode))) {
                p.items.push((to, to_end, term, item as u32));
            }
            c = following;
        }
    }
    fn build(&self, axiom: AssertionId, item: usize, arena: &mut Arena, p: &Parser) -> Option<TermId> {
        let production = &self.productions[&axiom];
        let mut children: Children = Children::from_elem(TermId(NOTHING), production.child_types.len());
        let mut at = item as u32;
        for part in production.items.iter().rev() {
            let (_, _, term, previous) = p.items[at as usize];
            if let Err(k) = part {
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

fn add_constituent(p: &mut Parser, at: usize, (typecode, end, term): (SymbolId, u32, TermId)) {
    let mut c = p.first[at];
    while c != NOTHING {
        let (t, e, x, next) = p.found[c as usize];
        if (t, e, x) == (typecode, end, term) {
            return;
        }
        c = next;
    }
    p.found.push((typecode, end, term, p.first[at]));
    p.first[at] = p.found.len() as u32 - 1;
}

//! Reads Metamath source into tables: symbols, hypotheses, assertions, frames, `$d` conditions.
//!
//! One pass over the bytes, strict as the Metamath book's chapter 4 and appendix E: whatever the specification
//! forbids is a [`ReadError`] with its place, and nothing is guessed. Proofs are kept as byte ranges; the kernel
//! (`kernel.rs`) and the proof decoder (`proof.rs`) read them later. Scopes cost no copies: active `$d`
//! statements form a linked list that an assertion points into, and each hypothesis knows the range of
//! statement positions in which it is active.
//!
//! Here are the tables and the reader's state; `tokens` skips comments, `statements` keeps scopes and declarations,
//! `labelled` reads hypotheses and assertions, `frames` finds what is mandatory, `disjoint` does it for `$d`.

mod disjoint;
mod frames;
mod labelled;
mod statements;
#[cfg(test)]
mod tests;
mod tokens;

use super::ids::{AssertionId, HypId, SymbolId};
pub use super::read_error::{ReadError, ReadErrorKind};
pub use disjoint::{DisjointIndex, FEW as FEW_DISJOINT};
use hashbrown::HashTable;
use std::ops::Range;

/// A range of bytes of the source.
pub type Span = Range<u32>;

/// "No entry" in the linked list of `$d` statements.
pub const NO_DISJOINT: u32 = u32::MAX;

/// A declared math symbol.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// Where its name stands.
    pub name: Span,
    /// Whether it is a variable.
    pub is_variable: bool,
}

/// Whether a hypothesis is floating or essential.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HypKind {
    /// `$f`: a typecode and a variable.
    Floating {
        /// The variable.
        variable: SymbolId,
    },
    /// `$e`: a logical hypothesis.
    Essential,
}

/// A `$f` or `$e` statement.
#[derive(Clone, Debug)]
pub struct Hyp {
    /// Where its label stands.
    pub label: Span,
    /// Floating or essential.
    pub kind: HypKind,
    /// Its symbols, typecode first, as a range of [`Source::expression`]'s pool.
    pub expression: Range<u32>,
    /// Its position among all labelled statements.
    pub position: u32,
    /// It is active at positions in `position+1..active_until`.
    pub active_until: u32,
    /// Nesting depth of its block (0 = outermost).
    pub depth: u32,
}

impl Hyp {
    /// Whether this is a `$f`.
    pub fn is_floating(&self) -> bool {
        matches!(self.kind, HypKind::Floating { .. })
    }
    /// Whether it is active at a statement position.
    pub fn active_at(&self, position: u32) -> bool {
        self.position < position && position < self.active_until
    }
}

/// A `$a` or `$p` statement with its frame.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// Where its label stands.
    pub label: Span,
    /// Its symbols, typecode first, as a range of the expression pool.
    pub expression: Range<u32>,
    /// Mandatory hypotheses, in order of appearance, as a range of the frame pool.
    pub hyps: Range<u32>,
    /// Mandatory `$d` pairs, as a range of the pair pool.
    pub disjoint: Range<u32>,
    /// Head of the list of `$d` statements active here, or [`NO_DISJOINT`].
    pub active_disjoint: u32,
    /// The proof's bytes between `$=` and `$.`; `None` for `$a`.
    pub proof: Option<Span>,
    /// The comment directly before it, without its delimiters.
    pub comment: Option<Span>,
    /// Position among all labelled statements.
    pub position: u32,
    /// Start of the outermost block that it stands in, or its own label if in none.
    pub outer_start: u32,
    /// Bytes from its label to the end of `$.`.
    pub span: Span,
    /// Which outermost block (or stretch between such blocks) it stands in; grows along the file.
    pub outer_block: u32,
    /// Section number: index into [`Source::sections`] plus one; 0 before the first heading.
    pub section: u32,
}

/// A heading comment of set.mm's kinds.
#[derive(Clone, Debug)]
pub struct Section {
    /// 1 part (`####`), 2 section (`#*#*`), 3 subsection (`=-=-`), 4 subsubsection (`-.-.`).
    pub level: u8,
    /// Its title's bytes.
    pub title: Span,
}

/// The object that a label names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LabelRef {
    /// A hypothesis.
    Hyp(HypId),
    /// An assertion.
    Assertion(AssertionId),
}

struct DisjointNode {
    variables: Range<u32>,
    parent: u32,
    /// Number of nodes of the list that begins here, and of their variables.
    count: u32,
    size: u32,
    /// Active at statement positions in `position+1..active_until`.
    position: u32,
    active_until: u32,
}

/// All tables of one Metamath source.
pub struct Source {
    /// The bytes that were read.
    pub text: Vec<u8>,
    /// Symbols, by [`SymbolId`].
    pub symbols: Vec<Symbol>,
    /// `$f` and `$e`, by [`HypId`].
    pub hyps: Vec<Hyp>,
    /// `$a` and `$p`, by [`AssertionId`].
    pub assertions: Vec<Assertion>,
    /// Headings in file order.
    pub sections: Vec<Section>,
    /// End (byte offset) of each outermost block's `$}` or single statement, by outer block number.
    pub outer_ends: Vec<u32>,
    pool: Vec<SymbolId>,
    frames: Vec<HypId>,
    pairs: Vec<(SymbolId, SymbolId)>,
    disjoint_pool: Vec<SymbolId>,
    disjoint_nodes: Vec<DisjointNode>,
    symbol_table: HashTable<u32>,
    label_table: HashTable<(Span, LabelKey)>,
}

/// Most mandatory hypotheses of all assertions together, and most mandatory `$d` pairs: they can grow with the square
/// of the source. set.mm has 300,000 and 160,000.
pub const MAX_FRAMES: usize = 1 << 25;

type LabelKey = u32;
const LABEL_HYP: u32 = 1 << 31;

fn hash_bytes(b: &[u8]) -> u64 {
    use std::hash::Hasher;
    let mut h = rustc_hash::FxHasher::default();
    h.write(b);
    h.finish()
}

impl Source {
    /// Reads a whole source.
    ///
    /// # Errors
    /// The first thing that Metamath's specification forbids, with its place.
    pub fn read(text: Vec<u8>) -> Result<Source, ReadError> {
        Reader::new(text).run()
    }
    /// The bytes of a span as text (the reader lets only ASCII through).
    pub fn str(&self, span: &Span) -> &str {
        std::str::from_utf8(&self.text[span.start as usize..span.end as usize]).unwrap_or("?")
    }
    /// The name of a symbol.
    pub fn symbol(&self, s: SymbolId) -> &str {
        self.str(&self.symbols[s.index()].name)
    }
    /// The label of a hypothesis.
    pub fn hyp_label(&self, h: HypId) -> &str {
        self.str(&self.hyps[h.index()].label)
    }
    /// The label of an assertion.
    pub fn label(&self, a: AssertionId) -> &str {
        self.str(&self.assertions[a.index()].label)
    }
    /// The symbols of a hypothesis or assertion, typecode first.
    pub fn expression(&self, range: &Range<u32>) -> &[SymbolId] {
        &self.pool[range.start as usize..range.end as usize]
    }
    /// The mandatory hypotheses of an assertion, in order.
    pub fn frame(&self, a: AssertionId) -> &[HypId] {
        let r = &self.assertions[a.index()].hyps;
        &self.frames[r.start as usize..r.end as usize]
    }
    /// The mandatory `$d` pairs of an assertion (smaller symbol first, sorted, without repetition).
    pub fn mandatory_disjoint(&self, a: AssertionId) -> &[(SymbolId, SymbolId)] {
        let r = &self.assertions[a.index()].disjoint;
        &self.pairs[r.start as usize..r.end as usize]
    }
    /// The variable groups of the `$d` statements active at an assertion, innermost first.
    pub fn active_disjoint(&self, a: AssertionId) -> impl Iterator<Item = &[SymbolId]> {
        let mut at = self.assertions[a.index()].active_disjoint;
        std::iter::from_fn(move || {
            let node = self.disjoint_nodes.get(at as usize)?;
            at = node.parent;
            Some(&self.disjoint_pool[node.variables.start as usize..node.variables.end as usize])
        })
    }
    /// Number of variables of the `$d` statements active at an assertion, in all.
    pub fn active_disjoint_size(&self, a: AssertionId) -> u32 {
        self.size_from(self.assertions[a.index()].active_disjoint)
    }
    /// The work of a judge that rebuilds every assertion's frame. It is the sum, over all assertions, of the pairs of
    /// the active `$d` statements, a table of their variables (eight for each word of 64), and the symbols of the `$e`
    /// statements. `$d` statements of the outermost block count everywhere, even before their place. Saturates.
    pub fn frame_work(&self) -> u64 {
        let pairs = |n: &DisjointNode| {
            let variables = u64::from(n.variables.end - n.variables.start);
            variables * variables.saturating_sub(1) / 2
        };
        let all_variables = self.symbols.iter().filter(|s| s.is_variable).count() as u64;
        let mut outermost = (0u64, 0u64);
        let mut before: Vec<u64> = Vec::with_capacity(self.disjoint_nodes.len()); // pairs up to each node
        for n in &self.disjoint_nodes {
            let outer = before.get(n.parent as usize).copied().unwrap_or(0);
            before.push(outer.saturating_add(pairs(n)));
            if n.active_until == u32::MAX {
                outermost.0 = outermost.0.saturating_add(pairs(n));
                outermost.1 += u64::from(n.variables.end - n.variables.start);
            }
        }
        let mut work = 0u64;
        for (i, a) in self.assertions.iter().enumerate() {
            let pairs = before.get(a.active_disjoint as usize).copied().unwrap_or(0).saturating_add(outermost.0);
            let variables = (u64::from(self.size_from(a.active_disjoint)) + outermost.1).min(all_variables);
            let essential = self.frame(i.into()).iter().map(|&h| &self.hyps[h.index()]).filter(|h| !h.is_floating());
            let symbols: u64 = essential.map(|h| self.expression(&h.expression).len() as u64).sum();
            work = work.saturating_add(pairs).saturating_add(symbols + 8 * (variables + variables * variables / 64));
        }
        work
    }
    fn size_from(&self, node: u32) -> u32 {
        self.disjoint_nodes.get(node as usize).map_or(0, |n| n.size)
    }
    fn count_from(&self, node: u32) -> u32 {
        self.disjoint_nodes.get(node as usize).map_or(0, |n| n.count)
    }
    /// The object that a label names.
    pub fn lookup(&self, label: &[u8]) -> Option<LabelRef> {
        let text = &self.text;
        let found =
            self.label_table.find(hash_bytes(label), |(s, _)| &text[s.start as usize..s.end as usize] == label)?;
        Some(if found.1 & LABEL_HYP != 0 {
            LabelRef::Hyp(HypId(found.1 & !LABEL_HYP))
        } else {
            LabelRef::Assertion(AssertionId(found.1))
        })
    }
    /// The assertion of this label.
    pub fn assertion(&self, label: &str) -> Option<AssertionId> {
        match self.lookup(label.as_bytes()) {
            Some(LabelRef::Assertion(a)) => Some(a),
            _ => None,
        }
    }
    /// The symbol of this name.
    pub fn find_symbol(&self, name: &[u8]) -> Option<SymbolId> {
        let (text, symbols) = (&self.text, &self.symbols);
        let is = |&i: &u32| {
            let n = &symbols[i as usize].name;
            &text[n.start as usize..n.end as usize] == name
        };
        self.symbol_table.find(hash_bytes(name), is).map(|&i| SymbolId(i))
    }
    /// Line and column (from 1) of a byte offset.
    pub fn place(&self, offset: u32) -> (u32, u32) {
        place(&self.text, offset)
    }
    /// An error at an assertion's label.
    pub fn error_at(&self, a: AssertionId, kind: ReadErrorKind) -> ReadError {
        let (line, column) = self.place(self.assertions[a.index()].label.start);
        ReadError { line, column, kind }
    }
    /// The typecode of a hypothesis.
    pub fn hyp_typecode(&self, h: HypId) -> SymbolId {
        self.pool[self.hyps[h.index()].expression.start as usize]
    }
    /// The typecode of an assertion.
    pub fn typecode(&self, a: AssertionId) -> SymbolId {
        self.pool[self.assertions[a.index()].expression.start as usize]
    }
    /// Columns by which metamath-exe indents a theorem's proof: two more than the line on which its `$p` stands, or two
    /// where the line ends with the `$p`.
    pub fn proof_indent(&self, a: AssertionId) -> usize {
        let span = &self.assertions[a.index()].span;
        let text = &self.text[..span.end as usize];
        let from = self.assertions[a.index()].label.end as usize;
        let keyword = text[from..].windows(2).position(|w| w == b"$p").map_or(from, |i| from + i + 2);
        if matches!(text.get(keyword), Some(b'\n' | b'\r')) {
            return 2;
        }
        let line = text[..keyword].iter().rposition(|&c| c == b'\n').map_or(0, |i| i + 1);
        2 + text[line..].iter().take_while(|&&c| c == b' ').count()
    }
    /// Whether an assertion's comment holds a marker such as `(New usage is discouraged.)`, white space folded.
    pub fn comment_says(&self, a: AssertionId, marker: &str) -> bool {
        let Some(c) = &self.assertions[a.index()].comment else { return false };
        let text = self.str(c);
        // cheap reject: the last word of the marker
        let last = marker.rsplit(' ').next().unwrap_or(marker);
        text.contains(last) && text.split_ascii_whitespace().collect::<Vec<_>>().join(" ").contains(marker)
    }
}

fn place(text: &[u8], offset: u32) -> (u32, u32) {
    let before = &text[..(offset as usize).min(text.len())];
    let line = before.iter().filter(|&&b| b == b'\n').count() as u32 + 1;
    let column = before.iter().rev().take_while(|&&b| b != b'\n').count() as u32 + 1;
    (line, column)
}

/// The scope at the beginning of a block: the length of each list of active statements.
struct Scope {
    disjoint: u32,
    floats: usize,
    essentials: usize,
    essential_variables: usize,
    variables: usize,
    hyps: usize,
}

/// The tables so far, and what is active at this place.
struct Reader {
    out: Source,
    at: usize,
    position: u32,
    scopes: Vec<Scope>,
    disjoint: u32,
    // active declarations; their tails are cut when a block ends
    floats: Vec<HypId>,
    essentials: Vec<HypId>,
    variables: Vec<SymbolId>,
    block_hyps: Vec<HypId>,
    active: Vec<bool>,
    float_of: Vec<Option<HypId>>,
    comment: Option<Span>,
    outer_start: u32,
    section: u32,
    mark: Vec<u32>,
    stamp: u32,
    /// The variables of the active `$e` statements, each once.
    essential_variables: Vec<SymbolId>,
    in_essentials: Vec<bool>,
    disjoint_pairs: disjoint::ActivePairs,
}

type Result<T, E = ReadError> = std::result::Result<T, E>;

impl Reader {
    fn new(text: Vec<u8>) -> Reader {
        let out = Source {
            text,
            symbols: Vec::new(),
            hyps: Vec::new(),
            assertions: Vec::new(),
            sections: Vec::new(),
            outer_ends: Vec::new(),
            pool: Vec::new(),
            frames: Vec::new(),
            pairs: Vec::new(),
            disjoint_pool: Vec::new(),
            disjoint_nodes: Vec::new(),
            symbol_table: HashTable::new(),
            label_table: HashTable::new(),
        };
        Reader {
            out,
            at: 0,
            position: 0,
            scopes: Vec::new(),
            disjoint: NO_DISJOINT,
            floats: Vec::new(),
            essentials: Vec::new(),
            variables: Vec::new(),
            block_hyps: Vec::new(),
            active: Vec::new(),
            float_of: Vec::new(),
            comment: None,
            outer_start: 0,
            section: 0,
            mark: Vec::new(),
            stamp: 0,
            essential_variables: Vec::new(),
            in_essentials: Vec::new(),
            disjoint_pairs: disjoint::ActivePairs::default(),
        }
    }

    fn error<T>(&self, offset: usize, kind: ReadErrorKind) -> Result<T> {
        let (line, column) = place(&self.out.text, offset as u32);
        Err(ReadError { line, column, kind })
    }
    fn bytes(&self, s: &Span) -> &[u8] {
        &self.out.text[s.start as usize..s.end as usize]
    }
    fn name(&self, s: &Span) -> String {
        String::from_utf8_lossy(self.bytes(s)).chars().take(60).collect()
    }
}

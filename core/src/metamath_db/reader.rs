//! Reads Metamath source into tables: symbols, hypotheses, assertions, frames, `$d` conditions.
//!
//! One pass over the bytes, strict as the Metamath book's chapter 4 and appendix E: whatever the specification
//! forbids is a [`ReadError`] with its place, and nothing is guessed. Proofs are kept as byte ranges; the kernel
//! (`kernel.rs`) and the proof decoder (`proof.rs`) read them later. Scopes cost no copies: active `$d`
//! statements form a linked list that an assertion points into, and each hypothesis knows the range of
//! statement positions in which it is active.

use super::ids::{AssertionId, HypId, SymbolId};
pub use super::read_error::{ReadError, ReadErrorKind};
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

/// What a label names.
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
    /// What a label names.
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
        if text.get(keyword) == Some(&b'\n') {
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

struct Scope {
    disjoint: u32,
    floats: usize,
    essentials: usize,
    variables: usize,
    hyps: usize,
}

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

    /// The next token, comments included. `None` at the end.
    fn raw_token(&mut self) -> Option<Span> {
        let text = &self.out.text;
        let mut i = self.at;
        while i < text.len() && text[i] <= b' ' {
            i += 1;
        }
        let start = i;
        while i < text.len() && text[i] > b' ' {
            i += 1;
        }
        self.at = i;
        (start < i).then_some(start as u32..i as u32)
    }
    /// The next token that is not part of a comment.
    fn token(&mut self) -> Result<Option<Span>> {
        while let Some(t) = self.raw_token() {
            match self.bytes(&t) {
                b"$(" => self.skip_comment(&t)?,
                b"$)" => return self.error(t.start as usize, ReadErrorKind::CommentEndOutside),
                _ => return Ok(Some(t)),
            }
        }
        Ok(None)
    }
    fn skip_comment(&mut self, open: &Span) -> Result<()> {
        let text = &self.out.text;
        let mut i = open.end as usize;
        loop {
            match text[i..].iter().position(|&b| b == b'$') {
                None => return self.error(open.start as usize, ReadErrorKind::UnclosedComment),
                Some(k) => i += k,
            }
            match text.get(i + 1) {
                Some(b')') => {
                    let glued_left = i > open.end as usize && text[i - 1] > b' ' || i == open.end as usize;
                    let glued_right = text.get(i + 2).is_some_and(|&b| b > b' ');
                    if glued_left || glued_right {
                        return self.error(i, ReadErrorKind::CommentInComment);
                    }
                    break;
                }
                Some(b'(') => return self.error(i, ReadErrorKind::CommentInComment),
                _ => i += 1,
            }
        }
        let body = open.end..i as u32;
        self.at = i + 2;
        self.note_heading(&body);
        self.comment = Some(body);
        Ok(())
    }
    fn note_heading(&mut self, body: &Span) {
        let text = self.bytes(body);
        let Some(first) = text.iter().position(|&b| b > b' ') else { return };
        let level = match &text[first..(first + 4).min(text.len())] {
            b"####" => 1,
            b"#*#*" => 2,
            b"=-=-" => 3,
            b"-.-." => 4,
            _ => return,
        };
        let mut lines = text[first..].split(|&b| b == b'\n');
        let skipped = first + lines.next().map_or(0, <[u8]>::len) + 1;
        let Some(title) = lines.next() else { return };
        let lead = title.iter().position(|&b| b > b' ').unwrap_or(title.len());
        let tail = title.iter().rposition(|&b| b > b' ').map_or(lead, |p| p + 1);
        let start = body.start + skipped as u32;
        self.out.sections.push(Section { level, title: start + lead as u32..start + tail as u32 });
        self.section = self.out.sections.len() as u32;
    }

    fn run(mut self) -> Result<Source> {
        if self.out.text.len() > i32::MAX as usize {
            return self.error(0, ReadErrorKind::TooLong);
        }
        let bad = |&b: &u8| !matches!(b, b' '..=b'~' | b'\t' | b'\n' | b'\r' | 0x0c);
        if let Some(i) = self.out.text.iter().position(bad) {
            return self.error(i, ReadErrorKind::BadCharacter(self.out.text[i]));
        }
        while let Some(t) = self.token()? {
            self.statement(t)?;
        }
        if !self.scopes.is_empty() {
            return self.error(self.out.text.len(), ReadErrorKind::UnclosedBlock);
        }
        self.check_labels_against_symbols()?;
        let end = self.position + 1;
        for h in self.block_hyps.drain(..) {
            self.out.hyps[h.index()].active_until = end;
        }
        Ok(self.out)
    }
    fn check_labels_against_symbols(&self) -> Result<()> {
        for s in &self.out.symbols {
            let name = self.bytes(&s.name);
            let text = &self.out.text;
            let hit =
                self.out.label_table.find(hash_bytes(name), |(l, _)| &text[l.start as usize..l.end as usize] == name);
            if let Some((l, _)) = hit {
                return self.error(l.start as usize, ReadErrorKind::LabelIsSymbol(self.name(l)));
            }
        }
        Ok(())
    }

    fn statement(&mut self, t: Span) -> Result<()> {
        let outermost = self.scopes.is_empty();
        if outermost {
            self.outer_start = t.start;
        }
        match self.bytes(&t) {
            b"${" => self.scopes.push(Scope {
                disjoint: self.disjoint,
                floats: self.floats.len(),
                essentials: self.essentials.len(),
                variables: self.variables.len(),
                hyps: self.block_hyps.len(),
            }),
            b"$}" => self.close_block(&t)?,
            b"$c" => self.constants(&t)?,
            b"$v" => self.declare_variables()?,
            b"$d" => self.disjoint_statement(&t)?,
            b"$[" => return self.error(t.start as usize, ReadErrorKind::Include),
            b"$f" => return self.error(t.start as usize, ReadErrorKind::MissingLabel("$f")),
            b"$e" => return self.error(t.start as usize, ReadErrorKind::MissingLabel("$e")),
            b"$a" => return self.error(t.start as usize, ReadErrorKind::MissingLabel("$a")),
            b"$p" => return self.error(t.start as usize, ReadErrorKind::MissingLabel("$p")),
            b if b[0] == b'$' => return self.error(t.start as usize, ReadErrorKind::UnexpectedToken(self.name(&t))),
            _ => self.labelled(&t)?,
        }
        if self.scopes.is_empty() {
            self.out.outer_ends.push(self.at as u32);
        }
        Ok(())
    }
    fn close_block(&mut self, t: &Span) -> Result<()> {
        let Some(scope) = self.scopes.pop() else {
            return self.error(t.start as usize, ReadErrorKind::BlockEndWithoutStart);
        };
        self.disjoint = scope.disjoint;
        for h in self.floats.drain(scope.floats..) {
            if let HypKind::Floating { variable } = self.out.hyps[h.index()].kind {
                self.float_of[variable.index()] = None;
            }
        }
        self.essentials.truncate(scope.essentials);
        for v in self.variables.drain(scope.variables..) {
            self.active[v.index()] = false;
        }
        for h in self.block_hyps.drain(scope.hyps..) {
            self.out.hyps[h.index()].active_until = self.position + 1;
        }
        self.position += 1; // a position between the block and what follows
        Ok(())
    }

    /// Tokens up to `end` (`$.` or `$=`), without it; pushes nothing.
    fn until(
        &mut self,
        keyword: &'static str,
        start: &Span,
        ends: &[&[u8]],
        mut each: impl FnMut(&mut Self, Span) -> Result<()>,
    ) -> Result<Span> {
        loop {
            let Some(t) = self.token()? else {
                return self.error(start.start as usize, ReadErrorKind::UnclosedStatement(keyword));
            };
            let b = self.bytes(&t);
            if ends.contains(&b) {
                return Ok(t);
            }
            if b.contains(&b'$') {
                return match b {
                    b"${" | b"$}" | b"$c" | b"$v" | b"$f" | b"$e" | b"$d" | b"$a" | b"$p" | b"$=" | b"$." | b"$["
                    | b"$]" => self.error(t.start as usize, ReadErrorKind::UnexpectedKeyword(keyword_name(b))),
                    _ => self.error(t.start as usize, ReadErrorKind::UnexpectedToken(self.name(&t))),
                };
            }
            each(self, t)?;
        }
    }
    fn constants(&mut self, t: &Span) -> Result<()> {
        if !self.scopes.is_empty() {
            return self.error(t.start as usize, ReadErrorKind::NotInOutermostBlock("$c"));
        }
        let before = self.out.symbols.len();
        self.until("$c", t, &[b"$."], |r, s| {
            if r.out.find_symbol(r.bytes(&s)).is_some() {
                return r.error(s.start as usize, ReadErrorKind::DuplicateSymbol(r.name(&s)));
            }
            r.new_symbol(s, false);
            Ok(())
        })?;
        if before == self.out.symbols.len() {
            return self.error(t.start as usize, ReadErrorKind::EmptyStatement("$c"));
        }
        Ok(())
    }
    fn new_symbol(&mut self, name: Span, is_variable: bool) -> SymbolId {
        let id = SymbolId::from(self.out.symbols.len());
        let h = hash_bytes(self.bytes(&name));
        self.out.symbols.push(Symbol { name, is_variable });
        let (text, symbols) = (&self.out.text, &self.out.symbols);
        self.out.symbol_table.insert_unique(h, id.0, |&i| {
            let n = &symbols[i as usize].name;
            hash_bytes(&text[n.start as usize..n.end as usize])
        });
        self.active.push(true);
        self.float_of.push(None);
        self.mark.push(0);
        id
    }
    fn declare_variables(&mut self) -> Result<()> {
        let start = self.at as u32;
        let mut any = false;
        self.until("$v", &(start..start), &[b"$."], |r, s| {
            any = true;
            let id = match r.out.find_symbol(r.bytes(&s)) {
                None => r.new_symbol(s, true),
                Some(id) if r.active[id.index()] || !r.out.symbols[id.index()].is_variable => {
                    return r.error(s.start as usize, ReadErrorKind::DuplicateSymbol(r.name(&s)));
                }
                Some(id) => {
                    r.active[id.index()] = true;
                    id
                }
            };
            r.variables.push(id);
            Ok(())
        })?;
        if !any {
            return self.error(start as usize, ReadErrorKind::EmptyStatement("$v"));
        }
        Ok(())
    }
    fn active_symbol(&self, t: &Span) -> Result<SymbolId> {
        match self.out.find_symbol(self.bytes(t)) {
            Some(id) if self.active[id.index()] => Ok(id),
            _ => self.error(t.start as usize, ReadErrorKind::NotDeclared(self.name(t))),
        }
    }
    fn disjoint_statement(&mut self, t: &Span) -> Result<()> {
        let from = self.out.disjoint_pool.len();
        self.until("$d", t, &[b"$."], |r, s| {
            let id = r.active_symbol(&s)?;
            if !r.out.symbols[id.index()].is_variable {
                return r.error(s.start as usize, ReadErrorKind::NotAVariable(r.name(&s)));
            }
            if r.out.disjoint_pool[from..].contains(&id) {
                return r.error(s.start as usize, ReadErrorKind::DisjointTwice(r.name(&s)));
            }
            r.out.disjoint_pool.push(id);
            Ok(())
        })?;
        let to = self.out.disjoint_pool.len();
        if to - from < 2 {
            return self.error(t.start as usize, ReadErrorKind::FewDisjoint);
        }
        let node = DisjointNode { variables: from as u32..to as u32, parent: self.disjoint };
        self.disjoint = self.out.disjoint_nodes.len() as u32;
        self.out.disjoint_nodes.push(node);
        Ok(())
    }

    fn labelled(&mut self, label: &Span) -> Result<()> {
        let bytes = self.bytes(label);
        if !bytes.iter().all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')) {
            return self.error(label.start as usize, ReadErrorKind::BadLabel(self.name(label)));
        }
        let comment = self.comment.take();
        let Some(keyword) = self.token()? else {
            return self.error(label.start as usize, ReadErrorKind::UnexpectedToken(self.name(label)));
        };
        self.position += 1;
        match self.bytes(&keyword) {
            b"$f" => self.float(label, &keyword),
            b"$e" => self.essential(label, &keyword),
            b"$a" => self.assertion(label, &keyword, comment, false),
            b"$p" => self.assertion(label, &keyword, comment, true),
            b"$c" | b"$v" | b"$d" | b"${" | b"$}" | b"$[" => {
                self.error(label.start as usize, ReadErrorKind::UnwantedLabel(self.name(label)))
            }
            _ => self.error(keyword.start as usize, ReadErrorKind::UnexpectedToken(self.name(&keyword))),
        }
    }
    fn add_label(&mut self, label: &Span, key: LabelKey) -> Result<()> {
        if self.out.lookup(self.bytes(label)).is_some() {
            return self.error(label.start as usize, ReadErrorKind::DuplicateLabel(self.name(label)));
        }
        let h = hash_bytes(self.bytes(label));
        let text = &self.out.text;
        let rehash = |(s, _): &(Span, LabelKey)| hash_bytes(&text[s.start as usize..s.end as usize]);
        self.out.label_table.insert_unique(h, (label.clone(), key), rehash);
        Ok(())
    }
    /// Reads a typed expression into the pool: a constant, then active symbols whose variables have a `$f`.
    fn expression(&mut self, keyword: &'static str, k: &Span, ends: &[&[u8]]) -> Result<(Range<u32>, Span)> {
        let from = self.out.pool.len();
        let end = self.until(keyword, k, ends, |r, s| {
            let id = r.active_symbol(&s)?;
            let variable = r.out.symbols[id.index()].is_variable;
            if r.out.pool.len() == from && variable {
                return r.error(s.start as usize, ReadErrorKind::NotAConstant(r.name(&s)));
            }
            if variable && keyword != "$f" && r.float_of[id.index()].is_none() {
                return r.error(s.start as usize, ReadErrorKind::NoTypecode(r.name(&s)));
            }
            r.out.pool.push(id);
            Ok(())
        })?;
        if self.out.pool.len() == from {
            return self.error(k.start as usize, ReadErrorKind::EmptyStatement(keyword));
        }
        Ok((from as u32..self.out.pool.len() as u32, end))
    }
    fn push_hyp(&mut self, label: &Span, kind: HypKind, expression: Range<u32>) -> Result<HypId> {
        let id = HypId::from(self.out.hyps.len());
        self.add_label(label, id.0 | LABEL_HYP)?;
        let depth = self.scopes.len() as u32;
        self.out.hyps.push(Hyp {
            label: label.clone(),
            kind,
            expression,
            position: self.position,
            active_until: u32::MAX,
            depth,
        });
        self.block_hyps.push(id);
        Ok(id)
    }
    fn float(&mut self, label: &Span, k: &Span) -> Result<()> {
        let (expression, _) = self.expression("$f", k, &[b"$."])?;
        let symbols = self.out.expression(&expression);
        if symbols.len() != 2 || !self.out.symbols[symbols[1].index()].is_variable {
            return self.error(k.start as usize, ReadErrorKind::FloatShape);
        }
        let variable = symbols[1];
        if self.float_of[variable.index()].is_some() {
            let name = self.out.symbol(variable).to_owned();
            return self.error(k.start as usize, ReadErrorKind::FloatTwice(name));
        }
        let id = self.push_hyp(label, HypKind::Floating { variable }, expression)?;
        self.float_of[variable.index()] = Some(id);
        self.floats.push(id);
        Ok(())
    }
    fn essential(&mut self, label: &Span, k: &Span) -> Result<()> {
        let (expression, _) = self.expression("$e", k, &[b"$."])?;
        let id = self.push_hyp(label, HypKind::Essential, expression)?;
        self.essentials.push(id);
        Ok(())
    }
    fn assertion(&mut self, label: &Span, k: &Span, comment: Option<Span>, provable: bool) -> Result<()> {
        let (expression, end) =
            if provable { self.expression("$p", k, &[b"$="])? } else { self.expression("$a", k, &[b"$."])? };
        let proof = if provable { Some(self.proof_span(&end)?) } else { None };
        let id = AssertionId::from(self.out.assertions.len());
        self.add_label(label, id.0)?;
        let hyps = self.build_frame(&expression);
        let disjoint = self.mandatory_pairs(label)?;
        if self.out.frames.len() > MAX_FRAMES {
            return self.error(label.start as usize, ReadErrorKind::FramesTooLarge);
        }
        self.out.assertions.push(Assertion {
            label: label.clone(),
            expression,
            hyps,
            disjoint,
            active_disjoint: self.disjoint,
            proof,
            comment,
            position: self.position,
            outer_start: self.outer_start,
            span: label.start..self.at as u32,
            outer_block: self.out.outer_ends.len() as u32,
            section: self.section,
        });
        Ok(())
    }
    /// The bytes from `$=` to `$.`; comments inside stay in the span and are skipped by whoever reads it.
    fn proof_span(&mut self, equals: &Span) -> Result<Span> {
        let mut any = false;
        let end = self.until("$p", equals, &[b"$."], |_, _| {
            any = true;
            Ok(())
        })?;
        if !any {
            return self.error(equals.start as usize, ReadErrorKind::EmptyProof);
        }
        Ok(equals.end..end.start)
    }
    /// Mandatory hypotheses; leaves the mandatory variables marked with the current stamp.
    fn build_frame(&mut self, expression: &Range<u32>) -> Range<u32> {
        self.stamp += 1;
        let out = &mut self.out;
        for i in expression.start..expression.end {
            self.mark[out.pool[i as usize].index()] = self.stamp;
        }
        for e in &self.essentials {
            for i in out.hyps[e.index()].expression.clone() {
                self.mark[out.pool[i as usize].index()] = self.stamp;
            }
        }
        let from = out.frames.len() as u32;
        let (mut f, mut e) = (0, 0);
        let floating = |h: &HypId| match out.hyps[h.index()].kind {
            HypKind::Floating { variable } => self.mark[variable.index()] == self.stamp,
            HypKind::Essential => true,
        };
        // merge two lists that are each in file order
        while f < self.floats.len() || e < self.essentials.len() {
            let next = match (self.floats.get(f), self.essentials.get(e)) {
                (Some(&x), Some(&y)) if x < y => x,
                (Some(&x), None) => x,
                (_, Some(&y)) => y,
                (None, None) => break,
            };
            if self.floats.get(f) == Some(&next) {
                f += 1;
                if !floating(&next) {
                    continue;
                }
            } else {
                e += 1;
            }
            out.frames.push(next);
        }
        from..out.frames.len() as u32
    }
    fn mandatory_pairs(&mut self, label: &Span) -> Result<Range<u32>> {
        let from = self.out.pairs.len();
        let mut at = self.disjoint;
        let mut group: Vec<SymbolId> = Vec::new();
        let mut found: Vec<(SymbolId, SymbolId)> = Vec::new();
        while let Some(node) = self.out.disjoint_nodes.get(at as usize) {
            let pool = &self.out.disjoint_pool[node.variables.start as usize..node.variables.end as usize];
            group.clear();
            group.extend(pool.iter().filter(|v| self.mark[v.index()] == self.stamp));
            if from + found.len() + group.len() * group.len() / 2 > MAX_FRAMES {
                return self.error(label.start as usize, ReadErrorKind::FramesTooLarge);
            }
            for (i, &x) in group.iter().enumerate() {
                found.extend(group[..i].iter().map(|&y| (x.min(y), x.max(y))));
            }
            at = node.parent;
        }
        found.sort_unstable();
        found.dedup();
        self.out.pairs.extend(found);
        Ok(from as u32..self.out.pairs.len() as u32)
    }
}

fn keyword_name(b: &[u8]) -> &'static str {
    match b {
        b"${" => "${",
        b"$}" => "$}",
        b"$c" => "$c",
        b"$v" => "$v",
        b"$f" => "$f",
        b"$e" => "$e",
        b"$d" => "$d",
        b"$a" => "$a",
        b"$p" => "$p",
        b"$=" => "$=",
        b"$[" => "$[",
        b"$]" => "$]",
        _ => "$.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "$c ( ) -> wff |- $. $v p q r $. wp $f wff p $. wq $f wff q $. wr $f wff r $.
        wi $a wff ( p -> q ) $. ${ $d p q $. min $e |- p $. maj $e |- ( p -> q ) $. mp $a |- q $. $}
        $( A comment. (New usage
        is discouraged.) $) ax $a |- ( p -> ( q -> p ) ) $.
        ${ h $e |- p $. t $p |- ( q -> p ) $= wp wq wp wi h wp wq ax mp $. $}";

    fn read(s: &str) -> Source {
        Source::read(s.as_bytes().to_vec()).unwrap()
    }
    fn kind(s: &str) -> ReadErrorKind {
        match Source::read(s.as_bytes().to_vec()) {
            Err(e) => e.kind,
            Ok(_) => panic!("accepted: {s}"),
        }
    }

    #[test]
    fn frames_scopes_and_disjointness() {
        let s = read(SMALL);
        let mp = s.assertion("mp").unwrap();
        let labels = |a| s.frame(a).iter().map(|&h| s.hyp_label(h)).collect::<Vec<_>>();
        assert_eq!(labels(mp), ["wp", "wq", "min", "maj"]);
        assert_eq!(s.mandatory_disjoint(mp).len(), 1);
        let t = s.assertion("t").unwrap();
        assert_eq!(labels(t), ["wp", "wq", "h"]);
        assert!(s.mandatory_disjoint(t).is_empty() && s.active_disjoint(t).count() == 0);
        let LabelRef::Hyp(min) = s.lookup(b"min").unwrap() else { panic!() };
        assert!(!s.hyps[min.index()].active_at(s.assertions[t.index()].position));
        assert!(s.hyps[min.index()].active_at(s.assertions[mp.index()].position));
        assert!(s.comment_says(s.assertion("ax").unwrap(), "(New usage is discouraged.)"));
        assert_eq!(s.str(s.assertions[t.index()].proof.as_ref().unwrap()).split_whitespace().count(), 9);
    }

    #[test]
    fn what_the_specification_forbids_is_refused() {
        use ReadErrorKind as K;
        assert_eq!(kind("$c a $. $c a $."), K::DuplicateSymbol("a".into()));
        assert_eq!(kind("${ $c a $. $}"), K::NotInOutermostBlock("$c"));
        assert_eq!(kind("$c a"), K::UnclosedStatement("$c"));
        assert_eq!(kind("$c $."), K::EmptyStatement("$c"));
        assert_eq!(kind("${"), K::UnclosedBlock);
        assert_eq!(kind("$}"), K::BlockEndWithoutStart);
        assert_eq!(kind("$( x"), K::UnclosedComment);
        assert_eq!(kind("$( $( x $) $)"), K::CommentInComment);
        assert_eq!(kind("$( x$) $)"), K::CommentInComment);
        assert_eq!(kind("$[ f.mm $]"), K::Include);
        assert_eq!(kind("$c a \u{e9} $."), K::BadCharacter(0xc3));
        assert_eq!(kind("$c w $. $v p $. f $f w p $. g $f w p $."), K::FloatTwice("p".into()));
        assert_eq!(kind("$c w $. $v p $. a $a w p $."), K::NoTypecode("p".into()));
        assert_eq!(kind("$c w $. $v p $. a $a p $."), K::NotAConstant("p".into()));
        assert_eq!(kind("$c w $. $v p $. $d p $."), K::FewDisjoint);
        assert_eq!(kind("$c w $. $v p $. $d p p $."), K::DisjointTwice("p".into()));
        assert_eq!(kind("$c w $. a $a w $. a $a w $."), K::DuplicateLabel("a".into()));
        assert_eq!(kind("$c w $. w $a w $."), K::LabelIsSymbol("w".into()));
        assert_eq!(kind("$c w $. a $p w $= $."), K::EmptyProof);
        assert_eq!(kind("$c w $. a! $a w $."), K::BadLabel("a!".into()));
        assert_eq!(kind("$c w $. $a w $."), K::MissingLabel("$a"));
        assert_eq!(kind("$c w $. a $a w $p w $."), K::UnexpectedKeyword("$p"));
        let e = Source::read(b"$c w $.\n  $d w $.".to_vec()).err().unwrap();
        assert_eq!((e.line, e.column, e.kind), (2, 6, K::NotAVariable("w".into())));
    }
}

//! The defects that a Metamath source can have, with their places.

use std::fmt;

/// Bound on partial parses of all formulas of a source, and so many more for each byte of it;
/// beyond it the source is refused.
pub const MAX_SOURCE_ITEMS: u64 = 1 << 24;
/// See [`MAX_SOURCE_ITEMS`].
pub const ITEMS_A_BYTE: u64 = 8;

/// A kind of defect of a source. A [`ReadError`] adds the place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ReadErrorKind {
    TooLong,
    FramesTooLarge,
    BadCharacter(u8),
    UnclosedComment,
    CommentInComment,
    CommentEndOutside,
    UnclosedBlock,
    BlockEndWithoutStart,
    UnclosedStatement(&'static str),
    UnexpectedToken(String),
    UnexpectedKeyword(&'static str),
    MissingLabel(&'static str),
    UnwantedLabel(String),
    BadLabel(String),
    DuplicateLabel(String),
    LabelIsSymbol(String),
    EmptyStatement(&'static str),
    NotInOutermostBlock(&'static str),
    DuplicateSymbol(String),
    NotDeclared(String),
    NotAConstant(String),
    NotAVariable(String),
    NoTypecode(String),
    FloatShape,
    FloatTwice(String),
    FewDisjoint,
    DisjointTwice(String),
    EmptyProof,
    Include,
    /// Syntax axiom, its typecode, and the chain of axioms that leads back to it.
    CyclicGrammar(String, String, String),
    GrammarWork,
}

impl fmt::Display for ReadErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use ReadErrorKind as K;
        match self {
            K::TooLong => write!(f, "the source is longer than 2 GiB; split it"),
            K::FramesTooLarge => write!(f, "refused: too many mandatory hypotheses or $d pairs up to here; use blocks"),
            K::BadCharacter(b) => write!(f, "byte 0x{b:02x} found, printable ASCII or white space expected"),
            K::UnclosedComment => write!(f, "this comment is never closed; add `$)`"),
            K::CommentInComment => write!(f, "`$(` or a glued `$)` inside a comment; comments do not nest"),
            K::CommentEndOutside => write!(f, "`$)` outside a comment"),
            K::UnclosedBlock => write!(f, "a block `${{` is not closed at the end of the file; add `$}}`"),
            K::BlockEndWithoutStart => write!(f, "`$}}` without a `${{` before it"),
            K::UnclosedStatement(k) => write!(f, "this {k} statement is not ended; add `$.`"),
            K::UnexpectedToken(t) => write!(f, "`{t}` found where a statement was expected"),
            K::UnexpectedKeyword(k) => write!(f, "`{k}` found inside a statement; end the statement with `$.` first"),
            K::MissingLabel(k) => write!(f, "a {k} statement needs a label before it"),
            K::UnwantedLabel(l) => write!(f, "label `{l}` before a statement that takes none"),
            K::BadLabel(l) => write!(f, "label `{l}` may hold letters, digits, `-`, `_` and `.` only"),
            K::DuplicateLabel(l) => write!(f, "label `{l}` is used twice; labels are unique"),
            K::LabelIsSymbol(l) => write!(f, "`{l}` is both a label and a math symbol"),
            K::EmptyStatement(k) => write!(f, "an empty {k} statement"),
            K::NotInOutermostBlock(k) => write!(f, "{k} is allowed in the outermost block only"),
            K::DuplicateSymbol(s) => write!(f, "symbol `{s}` is declared already"),
            K::NotDeclared(s) => write!(f, "symbol `{s}` is not declared (or not active) here"),
            K::NotAConstant(s) => write!(f, "`{s}` found where a constant (the typecode) was expected"),
            K::NotAVariable(s) => write!(f, "`{s}` found where a variable was expected"),
            K::NoTypecode(s) => write!(f, "variable `{s}` has no active $f statement here"),
            K::FloatShape => write!(f, "a $f statement is a typecode and one variable"),
            K::FloatTwice(s) => write!(f, "variable `{s}` has an active $f statement already"),
            K::FewDisjoint => write!(f, "a $d statement needs at least two variables"),
            K::DisjointTwice(s) => write!(f, "variable `{s}` stands twice in one $d statement"),
            K::EmptyProof => write!(f, "an empty proof; write `?` for a proof that is not known"),
            K::CyclicGrammar(axiom, typecode, chain) => write!(
                f,
                "the syntax axiom `{axiom}` derives `{typecode}` from `{typecode}` alone{chain}, so that formulas have \
                 endlessly many trees; remove it, or give it a symbol of its own"
            ),
            K::GrammarWork => write!(
                f,
                "refused: parsing the statements up to here takes more than {} steps, and {} for each byte; \
                 the grammar is too ambiguous",
                MAX_SOURCE_ITEMS, ITEMS_A_BYTE
            ),
            K::Include => {
                write!(f, "`$[` is refused here: the source must be one file; `check --root FOLDER` reads includes")
            }
        }
    }
}

/// A defect of a source, with its place (1-based line and column, in bytes).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Line of the offending token, from 1.
    pub line: u32,
    /// Column of its first byte, from 1.
    pub column: u32,
    /// The defect.
    pub kind: ReadErrorKind,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.kind)
    }
}

impl std::error::Error for ReadError {}

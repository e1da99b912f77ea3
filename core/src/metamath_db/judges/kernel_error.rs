//! The defects that a proof can have, with their places.

use super::rope::{self, Bound};
use crate::metamath_db::ids::{AssertionId, HypId, SymbolId};
use crate::metamath_db::reader::Source;

/// A kind of defect of a proof. A [`KernelError`] adds the place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KernelErrorKind {
    /// A label that names nothing (`wph=wph` and other proof notations of some programs are such labels).
    UnknownLabel,
    /// An assertion that does not stand before the theorem.
    NotBefore(AssertionId),
    /// A hypothesis that is not active at the theorem.
    Inactive(HypId),
    /// A mandatory hypothesis in a compressed proof's label list.
    MandatoryInList(HypId),
    /// A compressed proof's label list without `)`.
    UnclosedList,
    /// A compressed proof without letters.
    EmptyProof,
    /// A character other than `A`–`Z` and `?`.
    BadCharacter(u8),
    /// A number too large to mean anything.
    NumberTooLarge,
    /// A number beyond the hypotheses, labels and marked steps.
    NumberOutOfRange(u32),
    /// `U`–`Y` without the letter `A`–`T` that ends the number.
    UnfinishedNumber,
    /// `Z` that does not directly follow a number.
    NothingToMark,
    /// Fewer statements on the stack than the assertion has hypotheses.
    Underflow(AssertionId),
    /// A statement of a wrong typecode for a hypothesis.
    WrongTypecode(AssertionId, HypId),
    /// A statement that is not the hypothesis under the substitution.
    HypothesisMismatch(AssertionId, HypId),
    /// Substitutions for variables of a `$d` condition that share a variable.
    DisjointShared(AssertionId, SymbolId, SymbolId, SymbolId),
    /// A `$d` condition between two variables that the theorem lacks.
    DisjointMissing(AssertionId, SymbolId, SymbolId),
    /// Not exactly one statement on the stack at the end.
    StackNotSingle(usize),
    /// The proof proves something else.
    WrongConclusion,
    /// A bound of the kernel was reached: refused, not judged.
    TooLarge(Bound),
}

/// A defect of a proof, with its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KernelError {
    /// The theorem.
    pub theorem: AssertionId,
    /// Number of the proof step, from 1; 0 in a label list or after the last step.
    pub step: u32,
    /// Byte offset, in the source, of the token or letter.
    pub offset: u32,
    /// The defect.
    pub kind: KernelErrorKind,
}

impl KernelError {
    /// The defect in words.
    pub fn message(&self, s: &Source) -> String {
        use KernelErrorKind as K;
        match self.kind {
            K::UnknownLabel => format!("`{}` is no label of this database", token_at(s, self.offset)),
            K::NotBefore(a) => format!("`{}` does not stand before the theorem", s.label(a)),
            K::Inactive(h) => format!("hypothesis `{}` is not active here", s.hyp_label(h)),
            K::MandatoryInList(h) => {
                format!("mandatory hypothesis `{}` may not stand in the label list", s.hyp_label(h))
            }
            K::UnclosedList => "the label list is not closed; `)` expected".into(),
            K::EmptyProof => "no proof steps after the label list".into(),
            K::BadCharacter(b) => format!("`{}` found, A-Z or ? expected", (b as char).escape_default()),
            K::NumberTooLarge => "this number is too large".into(),
            K::NumberOutOfRange(n) => format!("step number {} names no hypothesis, label or marked step", n + 1),
            K::UnfinishedNumber => "a number without its last letter (A-T)".into(),
            K::NothingToMark => "Z must directly follow a step's number".into(),
            K::Underflow(a) => {
                format!("`{}` needs {} hypotheses, the stack holds fewer statements", s.label(a), s.frame(a).len())
            }
            K::WrongTypecode(a, h) => format!(
                "hypothesis `{}` of `{}` needs typecode `{}`",
                s.hyp_label(h),
                s.label(a),
                s.symbol(s.hyp_typecode(h))
            ),
            K::HypothesisMismatch(a, h) => {
                format!("the statement given is not hypothesis `{}` of `{}`", s.hyp_label(h), s.label(a))
            }
            K::DisjointShared(a, x, y, v) => format!(
                "`{}` needs `{}` and `{}` disjoint, their substitutions share `{}`",
                s.label(a),
                s.symbol(x),
                s.symbol(y),
                s.symbol(v)
            ),
            K::DisjointMissing(a, x, y) => {
                format!("`{}` needs `$d {} {} $.`, which the theorem lacks", s.label(a), s.symbol(x), s.symbol(y))
            }
            K::StackNotSingle(n) => format!("{n} statements on the stack at the end, one expected"),
            K::WrongConclusion => "the proof proves another statement".into(),
            K::TooLarge(Bound::Length) => format!("refused: a statement of more than {} symbols", rope::MAX_LENGTH),
            K::TooLarge(Bound::Nodes) => format!("refused: more than {} expressions in one proof", rope::MAX_NODES),
            K::TooLarge(Bound::Sets) => format!("refused: more than {} words of variable sets", rope::MAX_SET_WORDS),
            K::TooLarge(Bound::Stack) => {
                format!("refused: more than {} statements on the stack or marked", rope::MAX_STACK)
            }
            K::TooLarge(Bound::Templates) => format!(
                "refused: the database's hypotheses and conclusions have more than {} symbols",
                rope::MAX_TEMPLATES
            ),
            K::TooLarge(Bound::Source) => format!(
                "refused: the proofs up to here need more than {} comparisons, and {} for each byte; split the file",
                rope::MAX_SOURCE_WORK,
                rope::WORK_A_BYTE
            ),
            K::TooLarge(Bound::Work) => format!("refused: more than {} comparisons in one proof", rope::MAX_WORK),
        }
    }
}

/// The token at a byte offset, at most 60 bytes of it.
fn token_at(s: &Source, offset: u32) -> String {
    let rest = &s.text[(offset as usize).min(s.text.len())..];
    let end = rest.iter().position(|&b| b <= b' ').unwrap_or(rest.len()).min(60);
    String::from_utf8_lossy(&rest[..end]).into_owned()
}

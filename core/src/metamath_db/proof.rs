//! Proofs as flat DAGs: every `$p`'s proof decoded once, syntax steps included.
//!
//! Decoding needs only how many mandatory hypotheses an assertion has, so it is one pass over the letters.
//! It proves nothing: whether the steps fit is the kernel's business. Formulas of steps are not stored (they
//! would be ten times the DAG); [`crate::metamath_db::database::Database::steps`] makes them again for one proof.

use super::ids::{AssertionId, HypId};
use super::reader::{LabelRef, Source};
use std::fmt;
use std::ops::Range;

/// One step's label: an assertion, or a hypothesis of the theorem.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct StepLabel(u32);

const HYP: u32 = 1 << 31;

impl StepLabel {
    /// A step that applies an assertion.
    pub fn assertion(a: AssertionId) -> StepLabel {
        StepLabel(a.0)
    }
    /// A step that quotes a hypothesis.
    pub fn hyp(h: HypId) -> StepLabel {
        StepLabel(h.0 | HYP)
    }
    /// Taken apart.
    pub fn get(self) -> LabelRef {
        if self.0 & HYP != 0 {
            LabelRef::Hyp(HypId(self.0 & !HYP))
        } else {
            LabelRef::Assertion(AssertionId(self.0))
        }
    }
    /// The 32 bits, for numpy views (bit 31: hypothesis).
    pub fn raw(self) -> u32 {
        self.0
    }
}

/// Why a proof cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum DecodeError {
    Incomplete,
    UnknownLabel(String),
    StackUnderflow,
    StackLeft(usize),
    BadLetter(char),
    NumberOutOfRange,
    MissingParenthesis,
    NotBefore(String),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use DecodeError as E;
        match self {
            E::Incomplete => write!(f, "the proof has unknown steps (`?`)"),
            E::UnknownLabel(l) => write!(f, "step `{l}` names no statement"),
            E::StackUnderflow => write!(f, "a step finds too few hypotheses on the stack"),
            E::StackLeft(n) => write!(f, "{n} entries are left at the end, one was expected"),
            E::BadLetter(c) => write!(f, "`{c}` in a compressed proof, A to Z expected"),
            E::NumberOutOfRange => write!(f, "a compressed proof refers to a step that does not exist"),
            E::MissingParenthesis => write!(f, "the label list of a compressed proof is not closed"),
            E::NotBefore(l) => write!(f, "step `{l}` does not stand before the theorem"),
        }
    }
}

/// All proofs of a database as one flat DAG. Node `i` has children `children[starts[i]..starts[i+1]]`, which
/// are smaller node numbers *relative to the theorem's first node*; the last node of a theorem is its root.
#[derive(Default)]
pub struct Proofs {
    /// Labels by node.
    pub labels: Vec<StepLabel>,
    /// Start of each node's children; one more entry than nodes.
    pub starts: Vec<u32>,
    /// Children, relative to the theorem's first node.
    pub children: Vec<u32>,
    /// Range of nodes by assertion; empty for `$a` and for proofs that are not decoded.
    pub nodes: Vec<Range<u32>>,
    /// Proofs that could not be decoded.
    pub errors: Vec<(AssertionId, DecodeError)>,
}

impl Proofs {
    /// Decodes all proofs of a source.
    pub fn decode(source: &Source) -> Proofs {
        let mut out = Proofs { starts: vec![0], ..Proofs::default() };
        let mut d = Decoder::default();
        for (i, a) in source.assertions.iter().enumerate() {
            let id = AssertionId::from(i);
            let from = out.labels.len();
            if let Some(span) = &a.proof {
                if let Err(e) = d.decode(source, id, source.str(span), &mut out) {
                    let edges = out.starts[from] as usize;
                    out.labels.truncate(from);
                    out.starts.truncate(from + 1);
                    out.children.truncate(edges);
                    out.errors.push((id, e));
                }
            }
            out.nodes.push(from as u32..out.labels.len() as u32);
        }
        out.labels.shrink_to_fit();
        out.children.shrink_to_fit();
        out
    }
    /// Takes a theorem's proof for one that could not be decoded; the nodes stay and are nobody's.
    pub fn leave_out(&mut self, a: AssertionId) {
        let nodes = &mut self.nodes[a.index()];
        nodes.end = nodes.start;
    }
    /// The nodes of one theorem, as `(label, children)` in topological order; the root is last.
    pub fn theorem(&self, a: AssertionId) -> impl ExactSizeIterator<Item = (StepLabel, &[u32])> {
        let r = &self.nodes[a.index()];
        (r.start as usize..r.end as usize)
            .map(|i| (self.labels[i], &self.children[self.starts[i] as usize..self.starts[i + 1] as usize]))
    }
    /// Memory of the tables, in bytes.
    pub fn bytes(&self) -> usize {
        4 * (self.labels.len() + self.starts.len() + self.children.len()) + 8 * self.nodes.len()
    }
}

#[derive(Default)]
struct Decoder {
    stack: Vec<u32>,
    saved: Vec<u32>,
    labels: Vec<StepLabel>,
}

impl Decoder {
    fn decode(&mut self, s: &Source, theorem: AssertionId, text: &str, out: &mut Proofs) -> Result<(), DecodeError> {
        self.stack.clear();
        self.saved.clear();
        let base = out.labels.len() as u32;
        let mut tokens = tokens(text);
        let Some(first) = tokens.next() else { return Err(DecodeError::Incomplete) };
        if first == "(" {
            self.compressed(s, theorem, tokens, base, out)?;
        } else {
            for t in std::iter::once(first).chain(tokens) {
                let step = resolve(s, theorem, t)?;
                self.push(s, step, base, out)?;
            }
        }
        match self.stack.len() {
            1 => Ok(()),
            n => Err(DecodeError::StackLeft(n)),
        }
    }
    fn compressed<'a>(
        &mut self,
        s: &Source,
        theorem: AssertionId,
        mut tokens: impl Iterator<Item = &'a str>,
        base: u32,
        out: &mut Proofs,
    ) -> Result<(), DecodeError> {
        self.labels.clear();
        self.labels.extend(s.frame(theorem).iter().map(|&h| StepLabel::hyp(h)));
        loop {
            match tokens.next() {
                None => return Err(DecodeError::MissingParenthesis),
                Some(")") => break,
                Some(t) => self.labels.push(resolve(s, theorem, t)?),
            }
        }
        let mut number = 0usize;
        for letter in tokens.flat_map(str::bytes) {
            match letter {
                b'U'..=b'Y' => {
                    number = number * 5 + (letter - b'T') as usize;
                    if number > 1 << 32 {
                        return Err(DecodeError::NumberOutOfRange);
                    }
                }
                b'A'..=b'T' => {
                    let k = number * 20 + (letter - b'A') as usize;
                    number = 0;
                    if let Some(&step) = self.labels.get(k) {
                        self.push(s, step, base, out)?;
                    } else {
                        let saved = self.saved.get(k - self.labels.len());
                        self.stack.push(*saved.ok_or(DecodeError::NumberOutOfRange)?);
                    }
                }
                b'Z' => self.saved.push(*self.stack.last().ok_or(DecodeError::StackUnderflow)?),
                b'?' => return Err(DecodeError::Incomplete),
                _ => return Err(DecodeError::BadLetter(letter as char)),
            }
        }
        Ok(())
    }
    fn push(&mut self, s: &Source, step: StepLabel, base: u32, out: &mut Proofs) -> Result<(), DecodeError> {
        let arity = match step.get() {
            LabelRef::Hyp(_) => 0,
            LabelRef::Assertion(a) => s.frame(a).len(),
        };
        let from = self.stack.len().checked_sub(arity).ok_or(DecodeError::StackUnderflow)?;
        out.children.extend(self.stack.drain(from..));
        out.starts.push(out.children.len() as u32);
        out.labels.push(step);
        self.stack.push(out.labels.len() as u32 - 1 - base);
        Ok(())
    }
}

fn resolve(s: &Source, theorem: AssertionId, label: &str) -> Result<StepLabel, DecodeError> {
    match s.lookup(label.as_bytes()) {
        Some(LabelRef::Hyp(h)) => Ok(StepLabel::hyp(h)),
        Some(LabelRef::Assertion(a)) if a < theorem => Ok(StepLabel::assertion(a)),
        Some(LabelRef::Assertion(_)) => Err(DecodeError::NotBefore(label.to_owned())),
        None if label == "?" => Err(DecodeError::Incomplete),
        None => Err(DecodeError::UnknownLabel(label.to_owned())),
    }
}

/// The tokens of a proof, comments left out.
pub fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut in_comment = false;
    text.split_ascii_whitespace().filter(move |t| match *t {
        "$(" => {
            in_comment = true;
            false
        }
        "$)" => {
            in_comment = false;
            false
        }
        _ => !in_comment,
    })
}

//! Proofs with their syntax steps, for text: what the writer needs, built without owned strings.
//!
//! A database theorem's rewritten proof is written with the formulas that its human proof had
//! ([`human_formulas`], [`with_formulas`]): so it needs no `$d` condition that is not there already. (A proof
//! that is elaborated from its labels alone may choose other dummy variables.)

use crate::dsl::theory::library::{Elaborated, Proof, Rule, Task, Theory};
use crate::metamath_db::database::syntax_theorems::Spelling;
use crate::metamath_db::ids::{AssertionId, HypId, TermId};
use crate::metamath_db::reader::LabelRef;
use crate::metamath_db::terms::term::{Arena, HeadKind};
use crate::metamath_db::writer::{section, LabelOrder, Node};
use rustc_hash::FxHashMap;
use std::fmt;

/// Why a proof cannot be written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FullError {
    /// A step's formula is not an instance of what its premise says.
    NoMatch {
        /// The step.
        step: usize,
    },
    /// A variable has no `$f` here.
    NoFloat(String),
    /// A metavariable is left.
    Meta,
    /// The writer refused.
    Malformed,
    /// The formulas of the database's own proof are not the trees of the statements: the grammar is ambiguous, or the proof
    /// is wrong or not read.
    Trees,
    /// The proof does not elaborate.
    Elaborate(crate::dsl::theory::library::ElaborateError),
}

impl fmt::Display for FullError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMatch { step } => write!(f, "step {step} is not an instance of its premise"),
            Self::NoFloat(v) => write!(f, "no $f for `{v}` is active here"),
            Self::Meta => write!(f, "a metavariable is left in the proof"),
            Self::Malformed => write!(f, "the proof does not hang together"),
            Self::Trees => {
                write!(f, "the formulas of its own proof are not the grammar's trees, or too large to be worked with")
            }
            Self::Elaborate(e) => write!(f, "{e}"),
        }
    }
}

/// The formulas of the steps of [`Theory::human_proof`], in its order.
pub fn human_formulas(theory: &Theory, a: AssertionId, arena: &mut Arena) -> Option<Vec<TermId>> {
    let terms = theory.db.steps(a, arena).ok()?;
    let mut quoted: Vec<HypId> = Vec::new();
    let mut out = Vec::new();
    for ((label, _), &t) in theory.db.proofs.theorem(a).zip(&terms) {
        match label.get() {
            LabelRef::Hyp(h) => {
                if theory.db.needs_proof(h) && !quoted.contains(&h) {
                    quoted.push(h);
                    out.push(t);
                }
            }
            LabelRef::Assertion(b) if theory.db.scheme(b).logical => out.push(t),
            LabelRef::Assertion(_) => {}
        }
    }
    Some(out)
}

/// The proof with every use of a step redirected to the first step that proves the same formula, and without the
/// steps that are then not needed; beside it the old numbers of those that are left.
pub fn share_equal(proof: &Proof, formulas: &[TermId]) -> (Proof, Vec<u32>) {
    let mut first: FxHashMap<TermId, u32> = FxHashMap::default();
    let root = proof.steps.len().saturating_sub(1);
    let mut same: Vec<u32> = Vec::with_capacity(proof.steps.len());
    for (i, &f) in formulas.iter().enumerate().take(proof.steps.len()) {
        same.push(if i == root { i as u32 } else { *first.entry(f).or_insert(i as u32) });
    }
    let mut needed = vec![false; proof.steps.len()];
    needed[root] = true;
    for i in (0..=root).rev().filter(|&i| same[i] == i as u32) {
        if needed[i] {
            proof.steps[i].children.iter().for_each(|&c| needed[same[c as usize] as usize] = true);
        }
    }
    let mut number = vec![0u32; proof.steps.len()];
    let mut out = Proof::default();
    let mut kept = Vec::new();
    for i in (0..=root).filter(|&i| needed[i]) {
        number[i] = kept.len() as u32;
        kept.push(i as u32);
        let s = &proof.steps[i];
        let children = s.children.iter().map(|&c| number[same[c as usize] as usize]).collect();
        out.steps.push(crate::dsl::theory::library::Step { rule: s.rule, children });
    }
    (out, kept)
}

/// Steps whose formulas are known: the substitutions follow by matching, as every mandatory variable of a premise
/// occurs in its conclusion or its hypotheses.
///
/// # Errors
/// A step whose formula does not fit.
pub fn with_formulas(
    theory: &Theory,
    proof: &Proof,
    formulas: &[TermId],
    arena: &Arena,
) -> Result<Vec<Elaborated>, FullError> {
    const NONE: TermId = TermId(u32::MAX);
    let mut out = Vec::with_capacity(proof.steps.len());
    for (i, s) in proof.steps.iter().enumerate() {
        let mut values = Vec::new();
        if let Rule::Premise(p) = s.rule {
            let premise = theory.premise(p).ok_or(FullError::NoMatch { step: i })?;
            values.resize(premise.variables.len(), NONE);
            let mut fits =
                premise.hyps.len() == s.children.len() && matches(arena, premise.conclusion, formulas[i], &mut values);
            for (&h, &c) in premise.hyps.iter().zip(&s.children) {
                fits = fits && matches(arena, h, formulas[c as usize], &mut values);
            }
            if !fits || values.contains(&NONE) {
                return Err(FullError::NoMatch { step: i });
            }
        }
        out.push(Elaborated { rule: s.rule, children: s.children.clone(), values, formula: formulas[i] });
    }
    Ok(out)
}

fn matches(arena: &Arena, scheme: TermId, t: TermId, values: &mut [TermId]) -> bool {
    if let Some(m) = arena.head(scheme).as_meta() {
        let value = &mut values[m as usize];
        if value.0 == u32::MAX {
            *value = t;
        }
        return *value == t;
    }
    if arena.is_ground(scheme) {
        return scheme == t;
    }
    arena.head(scheme) == arena.head(t)
        && arena.children(scheme).iter().zip(arena.children(t)).all(|(&s, &t)| matches(arena, s, t, values))
}

/// How a compressed proof is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// As metamath-exe writes it, byte for byte.
    AsMetamathExe,
    /// With as few letters as we can.
    Shortest,
}

/// A proof as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofText {
    /// The text between `$=` and `$.`: `( labels ) LETTERS` on lines of their own, wrapped at 79 columns.
    pub text: String,
    /// Its labels and parentheses, each with the space behind it, and its letters.
    pub bytes: usize,
}

/// A theorem's own proof written anew; `None` if it has none.
pub fn own_text(theory: &Theory, a: AssertionId, indent: usize) -> Option<ProofText> {
    let source = &theory.db.source;
    let label = |l: LabelRef| match l {
        LabelRef::Hyp(h) => source.hyp_label(h),
        LabelRef::Assertion(b) => source.label(b),
    };
    let nodes: Vec<Node<'_>> =
        theory.db.proofs.theorem(a).map(|(l, children)| Node { label: label(l.get()), children }).collect();
    let mandatory: Vec<&str> = source.frame(a).iter().map(|&h| source.hyp_label(h)).collect();
    let root = (nodes.len() as u32).checked_sub(1)?;
    let text = section(&nodes, root, &mandatory, LabelOrder::Shortest, indent).ok()?;
    let bytes = proof_bytes(&text);
    Some(ProofText { text, bytes })
}

/// Bytes of a compressed proof by the same count: labels and parentheses with one space each, and letters.
pub fn proof_bytes(text: &str) -> usize {
    let mut bytes = 0;
    let mut letters = false;
    for t in crate::metamath_db::proof::tokens(text) {
        match t {
            "(" => bytes += 2,
            ")" => {
                bytes += 2;
                letters = true;
            }
            _ => bytes += t.len() + usize::from(!letters),
        }
    }
    bytes
}

struct Builder<'a, 's, 'k> {
    theory: &'a Theory,
    arena: &'a Arena,
    position: u32,
    spelling: &'s mut Spelling<'k>,
    labels: Vec<&'a str>,
    starts: Vec<u32>,
    pool: Vec<u32>,
    terms: FxHashMap<TermId, u32>,
    /// Labels of the `$f` hypotheses used.
    floats: Vec<&'a str>,
}

impl<'a> Builder<'a, '_, '_> {
    fn push(&mut self, label: &'a str, children: &[u32]) -> u32 {
        self.labels.push(label);
        self.pool.extend_from_slice(children);
        self.starts.push(self.pool.len() as u32);
        self.labels.len() as u32 - 1
    }
    fn term(&mut self, t: TermId) -> Result<u32, FullError> {
        if let Some(&n) = self.terms.get(&t) {
            return Ok(n);
        }
        let source = &self.theory.db.source;
        let n = match self.arena.head(t).kind() {
            HeadKind::Meta(_) => return Err(FullError::Meta),
            HeadKind::Variable(v) => {
                let float = self.theory.float_at(v, self.position);
                let float = float.ok_or_else(|| FullError::NoFloat(source.symbol(v).to_owned()))?;
                self.floats.push(source.hyp_label(float));
                self.push(source.hyp_label(float), &[])
            }
            HeadKind::Syntax(a) => {
                let (label, below) = self.spelling.step(self.arena, t, a);
                let mut children = crate::compression::fragment::Slots::new();
                for c in below {
                    children.push(self.term(c)?);
                }
                self.push(source.label(label), &children)
            }
            HeadKind::Judgement(_) => return Err(FullError::Malformed),
        };
        self.terms.insert(t, n);
        Ok(n)
    }
    /// The syntax proof of a scheme's instance, by those of the substitution.
    fn instance(&mut self, scheme: TermId, floats: &[u32]) -> Result<u32, FullError> {
        match self.arena.head(scheme).kind() {
            HeadKind::Meta(m) => floats.get(m as usize).copied().ok_or(FullError::Meta),
            HeadKind::Syntax(a) => {
                let arena = self.arena;
                let mut children = crate::compression::fragment::Slots::new();
                for &c in arena.children(scheme) {
                    children.push(self.instance(c, floats)?);
                }
                Ok(self.push(self.theory.db.source.label(a), &children))
            }
            _ => self.term(scheme),
        }
    }
}

/// Writes elaborated steps as a compressed proof of a task, whose mandatory hypotheses are `mandatory`, with the syntax
/// theorems that make it shortest.
///
/// # Errors
/// A term that has no syntax proof here.
pub fn proof_text(
    theory: &Theory,
    arena: &Arena,
    steps: &[Elaborated],
    task: &Task,
    position: u32,
    mandatory: &[&str],
    (form, indent): (Form, usize),
) -> Result<ProofText, FullError> {
    theory.db.syntax_theorems.shortest(position, |spelling| {
        let text = spelled_text((theory, arena), steps, task, (position, spelling), mandatory, (form, indent))?;
        Ok((text.bytes, text))
    })
}

fn spelled_text(
    (theory, arena): (&Theory, &Arena),
    steps: &[Elaborated],
    task: &Task,
    (position, spelling): (u32, &mut Spelling<'_>),
    mandatory: &[&str],
    (form, indent): (Form, usize),
) -> Result<ProofText, FullError> {
    let mut b = Builder {
        theory,
        arena,
        position,
        spelling,
        labels: Vec::new(),
        starts: vec![0],
        pool: Vec::new(),
        terms: FxHashMap::default(),
        floats: Vec::new(),
    };
    let mut number: Vec<u32> = Vec::with_capacity(steps.len());
    for s in steps {
        let n = match s.rule {
            Rule::Hyp(k) => b.push(task.hyp_labels.get(k as usize).ok_or(FullError::Malformed)?, &[]),
            Rule::Premise(p) => {
                let mut floats = Vec::with_capacity(s.values.len());
                for &v in &s.values {
                    floats.push(b.term(v)?);
                }
                let own: Vec<u32> = s.children.iter().map(|&c| number[c as usize]).collect();
                let mut typings = Vec::new();
                for &t in theory.typings(p) {
                    typings.push(b.instance(t, &floats)?);
                }
                let children = theory.in_frame_order(p, &floats, &own, &typings);
                b.push(theory.label(p), &children)
            }
        };
        number.push(n);
    }
    let root = *number.last().ok_or(FullError::Malformed)?;
    let nodes: Vec<Node<'_>> = (0..=root as usize)
        .map(|i| Node { label: b.labels[i], children: &b.pool[b.starts[i] as usize..b.starts[i + 1] as usize] })
        .collect();
    let order = match form {
        Form::AsMetamathExe => LabelOrder::Packed(&b.floats),
        Form::Shortest => LabelOrder::Shortest,
    };
    let text = section(&nodes, root, mandatory, order, indent);
    let text = text.map_err(|_| FullError::Malformed)?;
    let bytes = proof_bytes(&text);
    Ok(ProofText { text, bytes })
}

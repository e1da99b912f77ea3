//! The price of a fragment: in steps, in bytes, or in nats under the recognition model.
//!
//! All worths are integers in units of 1/256 step, byte or nat, so that ties and order never depend on rounding.

use super::instance::{Instance, Syntax};
use crate::compression::fragment::{Fragment, HOLE};
use crate::compression::nats::{gain, NatsTable};
use crate::dsl::theory::library::{PremiseId, Theory};
use crate::metamath_db::ids::{AssertionId, SymbolId, TermId};
use crate::metamath_db::proof::tokens;
use crate::metamath_db::reader::LabelRef;
use crate::metamath_db::terms::term::Arena;
use std::sync::Arc;

/// Units of one step or one byte.
pub const UNIT: i64 = 256;

/// The objective of compression.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Price {
    /// Bytes of all compressed proofs and of the lemmas' text.
    Bytes,
    /// Steps of all proofs, the lemmas' included, and so many steps for each lemma's statement. (1 or 2 suits small
    /// corpora, where a lemma is wanted as soon as it comes back; 15 is about the break-even in bytes on set.mm.)
    Steps {
        /// Steps charged for a statement.
        statement: u32,
    },
    /// Nats of proofs under the recognition model, a lemma and its expansion counted as one answer, the nats of the
    /// lemmas' own proofs included ([`crate::compression::nats`]).
    Nats,
}

/// Worth of steps and lemmas under a price.
pub struct Scorer {
    price: Price,
    /// Letters of a compressed proof for each variable of its steps and each step, in units: a quick guess.
    letter: i64,
    /// Letters for each edge of a proof's DAG, syntax included, in units.
    edge: i64,
    /// By premise: what one step of it costs.
    step: Vec<i64>,
    /// By premise: bytes of its label that one step pays for, in units.
    labels: Vec<i64>,
    /// Mean of `step`, weighted by use.
    mean: i64,
    /// Length of the labels of new lemmas.
    name: i64,
    /// Price in nats: the model's.
    nats: Arc<NatsTable>,
}

fn units(nats: f64) -> i64 {
    (nats * UNIT as f64).round() as i64
}

/// Letters a reference where there is no database of proofs to measure (set.mm: 2.6).
const DEFAULT_LETTER: i64 = 2 * UNIT + UNIT / 2;
/// Letters an edge, likewise.
const DEFAULT_EDGE: i64 = UNIT * 7 / 4;
/// Letters an edge in a lemma's own proof: its hypotheses and variables take one each.
const LEMMA_LETTER: i64 = UNIT * 5 / 4;
/// The value of a removed edge, in 100th of a mean one: marks and labels that go make other numbers shorter. (ql, nf
/// and iset lose least at 120 to 160.)
const EDGE: i64 = 140;
/// Of 100 edges of inner syntax so many go: the rest's terms are needed elsewhere in the proof.
const INNER: i64 = 60;

/// The unit in which a database's proofs are measured.
struct Counts {
    letters: u64,
    references: u64,
    edges: u64,
    /// By premise: steps that apply it, and proofs with such a step.
    uses: Vec<u64>,
    first: Vec<u64>,
}

impl Counts {
    fn of(theory: &Theory) -> Counts {
        let n = theory.db.len();
        let mut c = Counts { letters: 0, references: 0, edges: 0, uses: vec![0; n], first: vec![0; n] };
        let mut last = vec![u32::MAX; n];
        for i in 0..n {
            let Some(span) = &theory.db.source.assertions[i].proof else { continue };
            let written = tokens(theory.db.source.str(span)).skip_while(|t| *t != ")").skip(1);
            c.letters += written.map(|t| t.len() as u64).sum::<u64>();
            for (label, children) in theory.db.proofs.theorem(AssertionId::from(i)) {
                c.edges += children.len() as u64;
                let LabelRef::Assertion(p) = label.get() else { continue };
                if !theory.db.scheme(p).logical {
                    continue;
                }
                c.references += 1 + theory.db.variables(p).len() as u64;
                c.uses[p.index()] += 1;
                if std::mem::replace(&mut last[p.index()], i as u32) != i as u32 {
                    c.first[p.index()] += 1;
                }
            }
        }
        c
    }
}

impl Scorer {
    /// Measures a database's proofs: letters a reference, and for each premise how often a step of it is the first
    /// in its proof (only that one pays for the label).
    /// `nats` is read for the price in nats only.
    pub fn new(theory: &Theory, price: Price, name: usize, nats: Arc<NatsTable>) -> Scorer {
        let n = theory.db.len();
        let Counts { letters, references, edges, uses, first } = Counts::of(theory);
        let measured = references > 1000 && letters > 1000;
        let letter = if measured { (letters * UNIT as u64 / references) as i64 } else { DEFAULT_LETTER };
        let edge = if measured { EDGE * (letters * UNIT as u64 / edges.max(1)) as i64 / 100 } else { DEFAULT_EDGE };
        let mut s = Scorer {
            price,
            letter,
            edge,
            labels: Vec::with_capacity(n),
            step: Vec::with_capacity(n),
            mean: UNIT,
            name: name as i64,
            nats,
        };
        let (mut total, mut weight) = (0i64, 0i64);
        for p in 0..n {
            let label = theory.db.source.label(p.into()).len() as i64 + 1;
            let share = if uses[p] > 0 { label * UNIT * first[p] as i64 / uses[p] as i64 } else { label * UNIT };
            let cost = match price {
                Price::Steps { .. } => UNIT,
                Price::Bytes => s.letters(theory.db.variables(p.into()).len()) + share,
                Price::Nats => units(f64::from(s.nats.label(p as u32))),
            };
            s.labels.push(share);
            s.step.push(cost);
            total += cost * uses[p] as i64;
            weight += uses[p] as i64;
        }
        if weight > 0 {
            s.mean = total / weight;
        }
        for l in &theory.lemmas {
            s.add(l.variables.len());
        }
        s
    }
    fn letters(&self, variables: usize) -> i64 {
        self.letter * (1 + variables as i64)
    }
    /// Registers a lemma with this number of variables. (The share of its label is charged at its sites.)
    pub fn add(&mut self, variables: usize) {
        let label = (self.name + 1) * UNIT * 3 / 4;
        self.labels.push(label);
        self.step.push(match self.price {
            Price::Steps { .. } => UNIT,
            Price::Bytes => self.letters(variables) + label,
            Price::Nats => units(f64::from(self.nats.mean)),
        });
    }
    /// The cost of one step that applies a premise.
    pub fn step(&self, premise: u32) -> i64 {
        self.step[premise as usize]
    }
    /// The cost of the steps of a fragment at one site.
    pub fn gross(&self, f: &Fragment) -> i64 {
        match self.price {
            Price::Nats => self.step(f.labels[0]) + units(self.inner(f)),
            _ => f.labels.iter().map(|&l| self.step(l)).sum(),
        }
    }
    /// Nats of a fragment's steps but the first.
    fn inner(&self, f: &Fragment) -> f64 {
        let digram = |(node, slots): (usize, &crate::compression::fragment::Slots)| {
            let inner = slots.iter().enumerate().filter(|s| *s.1 != HOLE);
            inner.map(|(k, &c)| f64::from(self.nats.inner(f.labels[node], k, f.labels[c as usize]))).sum::<f64>()
        };
        f.children.iter().enumerate().map(digram).sum()
    }
    /// A lower bound of what a step that replaces a fragment costs.
    pub fn least_step(&self) -> i64 {
        match self.price {
            Price::Steps { .. } => UNIT,
            Price::Bytes => self.letter * 2,
            Price::Nats => 0,
        }
    }
    /// The saving at one site when one step, with so many variables, takes a fragment's place; the step's label is not
    /// charged.
    pub fn site(&self, theory: &Theory, f: &Fragment, variables: usize, syntax: Syntax) -> i64 {
        match self.price {
            Price::Steps { .. } => (f.len() as i64 - 1) * UNIT,
            Price::Bytes => {
                let count = |&l: &u32| theory.premise(PremiseId(l)).map_or(0, |p| p.variables.len() as i64);
                let slots: i64 = f.labels.iter().map(count).sum();
                let edges = slots + f.len() as i64 - 1 - variables as i64;
                let labels: i64 = f.labels.iter().map(|&l| self.labels[l as usize]).sum();
                edges * self.edge + i64::from(syntax.inner) * self.edge * INNER / 100 + labels
            }
            Price::Nats => units(self.inner(f)),
        }
    }
    /// The cost of the label of a premise at one of its sites.
    pub fn label(&self, premise: u32) -> i64 {
        match self.price {
            Price::Steps { .. } | Price::Nats => 0,
            Price::Bytes => self.labels[premise as usize],
        }
    }
    /// A guess of a lemma's utility before its statement is known, and of its cost.
    pub fn guess(&self, f: &Fragment, gross: i64, sites: usize) -> (i64, i64) {
        let (step, lemma) = match self.price {
            Price::Steps { statement } => (UNIT, (i64::from(statement) + f.len() as i64) * UNIT),
            Price::Bytes => (self.mean, 100 * UNIT + f.len() as i64 * 12 * UNIT),
            Price::Nats => (self.step(f.labels[0]), gross),
        };
        (sites as i64 * (gross - step) - lemma, lemma)
    }
    /// Price in nats: what a composite takes off at so many sites, and what it costs where its first label goes on
    /// otherwise.
    pub fn nats_gain(&self, f: &Fragment, sites: usize) -> Option<i64> {
        let uses = self.nats.uses(f.labels[0]) as usize;
        (self.price == Price::Nats).then(|| units(gain(sites, uses, self.inner(f))))
    }
    /// The cost of the labels of new steps in so many proofs.
    pub fn new_labels(&self, items: usize) -> i64 {
        match self.price {
            Price::Steps { .. } | Price::Nats => 0,
            Price::Bytes => items as i64 * (self.name + 1) * UNIT,
        }
    }
    /// The cost of a lemma's own text and proof.
    pub fn lemma(&self, theory: &Theory, arena: &Arena, f: &Fragment, instance: &Instance) -> i64 {
        match self.price {
            Price::Steps { statement } => (i64::from(statement) + f.len() as i64) * UNIT,
            Price::Bytes => {
                let mut labels = f.labels.clone();
                labels.sort_unstable();
                labels.dedup();
                let labels: i64 =
                    labels.iter().map(|&l| theory.label(PremiseId(l)).len() as i64 + 1).sum::<i64>() * UNIT;
                let slots = |&l: &u32| theory.premise(PremiseId(l)).map_or(0, |p| p.variables.len() as i64);
                let edges = f.labels.iter().map(|l| 1 + slots(l)).sum::<i64>()
                    + f.hole_count() as i64
                    + i64::from(instance.syntax.all);
                statement_bytes(theory, arena, instance, self.name) * UNIT + labels + edges * LEMMA_LETTER
            }
            Price::Nats => self.gross(f),
        }
    }
}

/// Bytes of a lemma's `${ … $}` text without labels and letters of its proof.
fn statement_bytes(theory: &Theory, arena: &Arena, instance: &Instance, name: i64) -> i64 {
    let mut symbols: Vec<SymbolId> = Vec::new();
    let mut bytes = 0;
    let mut formula = |t: TermId| {
        symbols.clear();
        let leaf = |h: crate::metamath_db::terms::term::Head, out: &mut Vec<SymbolId>| {
            out.extend(h.as_meta().map(|m| instance.variables[m as usize]));
        };
        theory.db.grammar.print(arena, t, &mut symbols, &leaf);
        symbols.iter().map(|&s| theory.db.source.symbol(s).len() as i64 + 1).sum::<i64>()
    };
    for &h in &instance.hyps {
        bytes += name + 13 + formula(h);
    }
    bytes += name + 20 + formula(instance.conclusion);
    let scope = if instance.hyps.is_empty() && instance.disjoint.is_empty() { 0 } else { 6 };
    bytes + scope + 9 * instance.disjoint.len() as i64
}

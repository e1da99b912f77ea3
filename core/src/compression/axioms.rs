//! Which axioms each premise rests on, as sets of bits, so that a replacement never brings in an axiom.

use crate::dsl::theory::library::{Rule, Theory};
use crate::metamath_db::ids::AssertionId;
use crate::metamath_db::reader::LabelRef;

/// Sets of axioms, one a premise, as bit rows. Definitions (labels `df-…`) are not counted; theorems without a proof
/// that counts are.
#[derive(Clone)]
pub struct Axioms {
    words: usize,
    rows: Vec<u64>,
}

fn is_axiom(theory: &Theory, a: AssertionId) -> bool {
    let definition =
        theory.db.source.assertions[a.index()].proof.is_none() && theory.db.source.label(a).starts_with("df-");
    theory.db.scheme(a).logical && theory.db.proofs.nodes[a.index()].is_empty() && !definition
}

impl Axioms {
    /// The axioms behind every premise of a theory.
    pub fn new(theory: &Theory) -> Axioms {
        let db = &theory.db;
        let count = (0..db.len()).filter(|&i| is_axiom(theory, i.into())).count();
        let mut out = Axioms { words: count / 64 + 1, rows: Vec::new() };
        let mut next = 0;
        for i in 0..db.len() {
            let mut row = vec![0u64; out.words];
            if is_axiom(theory, i.into()) {
                row[next / 64] |= 1 << (next % 64);
                next += 1;
            }
            for (label, _) in db.proofs.theorem(i.into()) {
                if let LabelRef::Assertion(a) = label.get() {
                    row.iter_mut().zip(out.row(a.0)).for_each(|(x, y)| *x |= y);
                }
            }
            out.rows.extend(row);
        }
        for l in &theory.lemmas {
            let row = out.of(l.proof.steps.iter().filter_map(|s| match s.rule {
                Rule::Premise(p) => Some(p.0),
                Rule::Hyp(_) => None,
            }));
            out.rows.extend(row);
        }
        out
    }
    fn row(&self, premise: u32) -> &[u64] {
        &self.rows[premise as usize * self.words..(premise as usize + 1) * self.words]
    }
    fn of(&self, premises: impl Iterator<Item = u32>) -> Vec<u64> {
        let mut row = vec![0u64; self.words];
        premises.for_each(|p| row.iter_mut().zip(self.row(p)).for_each(|(x, y)| *x |= y));
        row
    }
    /// The axioms behind these premises together.
    pub fn union(&self, premises: &[u32]) -> Vec<u64> {
        self.of(premises.iter().copied())
    }
    /// Whether a premise rests on nothing but these axioms.
    pub fn within(&self, premise: u32, all: &[u64]) -> bool {
        self.row(premise).iter().zip(all).all(|(x, y)| x & !y == 0)
    }
    /// The axioms that a premise rests on and that are not among these.
    pub fn names(&self, theory: &Theory, premise: u32, without: &[u64]) -> Vec<AssertionId> {
        let all = (0..theory.db.len()).map(AssertionId::from).filter(|&a| is_axiom(theory, a));
        let row = self.row(premise);
        let has = |bits: &[u64], i: usize| bits[i / 64] >> (i % 64) & 1 == 1;
        all.enumerate().filter(|&(i, _)| has(row, i) && !has(without, i)).map(|x| x.1).collect()
    }
    /// Registers a lemma that uses these premises.
    pub fn add(&mut self, premises: &[u32]) {
        let row = self.of(premises.iter().copied());
        self.rows.extend(row);
    }
    /// Whether a premise rests on nothing that these do not rest on.
    pub fn covered(&self, premise: u32, by: &[u32]) -> bool {
        self.within(premise, &self.union(by))
    }
}

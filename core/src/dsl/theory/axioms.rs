//! The axioms and theorems that proofs depend on, through the proofs of the database and of learned lemmas.

use super::library::{PremiseId, Theory};
use crate::metamath_db::ids::AssertionId;
use crate::metamath_db::judges::kernel::Kernel;
use crate::metamath_db::reader::LabelRef;

impl Theory {
    /// The axioms (`$a` with a provable typecode, definitions too) that premises rest on, in file order.
    pub fn axioms(&self, premises: impl IntoIterator<Item = PremiseId>) -> Vec<AssertionId> {
        let mut out = self.grounds(premises);
        out.retain(|&a| self.db.scheme(a).logical && self.db.source.assertions[a.index()].proof.is_none());
        out
    }
    /// The first theorem that premises rest on, themselves with them, whose own proof the kernel does not accept: the
    /// proof's first byte, and what is wrong with it. `None`: nothing but the axioms is taken on trust.
    pub fn doubtful(&self, premises: impl IntoIterator<Item = PremiseId>) -> Option<(AssertionId, u32, String)> {
        let source = &self.db.source;
        let (a, error) = Kernel::new(source).first_refused(&self.grounds(premises))?;
        let start = source.assertions[a.index()].proof.as_ref().map_or(0, |p| p.start);
        Some(match error {
            None => (a, start, "is incomplete (`?`)".to_owned()),
            Some(e) => (a, start, format!("is refused: {}", e.message(source))),
        })
    }
    /// All assertions that premises rest on, themselves with them, in file order: axioms and theorems, those of syntax
    /// too. Each proof is looked at once.
    fn grounds(&self, premises: impl IntoIterator<Item = PremiseId>) -> Vec<AssertionId> {
        let mut seen = vec![false; self.len()];
        let mut stack: Vec<u32> = premises.into_iter().map(|p| p.0).collect();
        let mut out = Vec::new();
        while let Some(p) = stack.pop() {
            if std::mem::replace(&mut seen[p as usize], true) {
                continue;
            }
            if let Some(lemma) = self.lemma(PremiseId(p)) {
                stack.extend(lemma.proof.premises().map(|q| q.0));
                continue;
            }
            out.push(AssertionId(p));
            let nodes = &self.db.proofs.nodes[p as usize];
            for label in &self.db.proofs.labels[nodes.start as usize..nodes.end as usize] {
                match label.get() {
                    LabelRef::Assertion(b) if !seen[b.index()] => stack.push(b.0),
                    _ => {}
                }
            }
        }
        out.sort_unstable();
        out
    }
}

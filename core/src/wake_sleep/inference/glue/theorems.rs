//! The theorems about connectives alone, by what they conclude.

use crate::dsl::theory::library::{PremiseId, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::index::Index;
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::closers::propositional::tables::Tables;
use crate::wake_sleep::closers::pure;
use smallvec::SmallVec;

/// One theorem.
pub struct Theorem {
    /// The premise.
    pub premise: PremiseId,
    /// Its conclusion, over metavariables.
    pub conclusion: TermId,
    /// Its hypotheses.
    pub hyps: SmallVec<[TermId; 4]>,
    /// The hypotheses by size, the largest first: what it is matched with says most about the others.
    pub order: SmallVec<[u8; 4]>,
    /// Number of its metavariables.
    pub variables: usize,
    /// Bytes of its label.
    pub label: usize,
}

/// All of them, in the order of premises.
pub struct Theorems {
    /// The theorems.
    pub all: Vec<Theorem>,
    /// Places in `all` of those without hypotheses, by conclusion.
    pub facts: Index,
    /// Of those with hypotheses.
    pub rules: Index,
    /// The same by their largest hypothesis.
    pub largest: Index,
}

impl Theorems {
    /// Collects a theory's usable ones, learned lemmas too. A theorem that concludes one of its hypotheses is left out.
    pub fn new(theory: &Theory, tables: &Tables, usable: &dyn Fn(PremiseId) -> bool) -> Theorems {
        let arena = &theory.arena;
        let mut all = Vec::new();
        for p in (0..theory.len() as u32).map(PremiseId).filter(|&p| usable(p) && theory.is_proved(p)) {
            let Some(premise) = theory.premise(p) else { continue };
            let mut formulas = premise.hyps.iter().chain([&premise.conclusion]);
            let trivial = premise.hyps.contains(&premise.conclusion);
            if trivial || !premise.disjoint.is_empty() || !formulas.all(|&t| pure(tables, arena, t)) {
                continue;
            }
            all.push(Theorem {
                premise: p,
                conclusion: premise.conclusion,
                hyps: premise.hyps.into(),
                order: by_size(arena, premise.hyps),
                variables: premise.variables.len(),
                label: theory.label_length(p),
            });
        }
        let index = |facts: bool| {
            let own = all.iter().zip(0..).filter(|x: &(&Theorem, u32)| x.0.hyps.is_empty() == facts);
            Index::build(arena, own.map(|(t, i)| (t.conclusion, i)))
        };
        let (facts, rules) = (index(true), index(false));
        let largest = |t: &Theorem| t.order.first().map(|&k| t.hyps[usize::from(k)]);
        let largest = Index::build(arena, all.iter().zip(0..).filter_map(|(t, i)| Some((largest(t)?, i))));
        Theorems { all, facts, rules, largest }
    }
    /// Whether a premise is one of them.
    pub fn has(&self, p: PremiseId) -> bool {
        self.all.binary_search_by_key(&p, |t| t.premise).is_ok()
    }
}

fn by_size(arena: &Arena, hyps: &[TermId]) -> SmallVec<[u8; 4]> {
    let mut order: SmallVec<[u8; 4]> = (0..hyps.len() as u8).collect();
    order.sort_by_key(|&k| std::cmp::Reverse(arena.size(hyps[usize::from(k)])));
    order
}

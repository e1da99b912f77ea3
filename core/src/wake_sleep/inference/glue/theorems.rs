//! The theorems about connectives alone, indexed by their conclusions and by their largest hypotheses.

use crate::dsl::theory::library::{PremiseId, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::index::Index;
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::closers::propositional::tables::Tables;
use crate::wake_sleep::closers::pure;
use smallvec::SmallVec;

/// A theorem about connectives.
pub struct Theorem {
    /// Its number as a premise.
    pub premise: PremiseId,
    /// Its conclusion, over metavariables.
    pub conclusion: TermId,
    /// Its hypotheses.
    pub hyps: SmallVec<[TermId; 4]>,
    /// The places of the hypotheses, the largest first: matching a large one fixes most metavariables of the others.
    pub order: SmallVec<[u8; 4]>,
    /// The number of its metavariables.
    pub variables: usize,
    /// The length of its label in bytes.
    pub label: usize,
}

/// All usable theorems about connectives, in the order of premises.
pub struct Theorems {
    /// The theorems.
    pub all: Vec<Theorem>,
    /// The places in `all` of theorems without hypotheses, indexed by conclusion.
    pub facts: Index,
    /// The places of theorems with hypotheses, indexed by conclusion.
    pub rules: Index,
    /// The places of theorems with hypotheses, indexed by their largest hypothesis.
    pub largest: Index,
}

impl Theorems {
    /// Collects the usable theorems of a theory and its learned lemmas. Leaves out those that conclude a hypothesis of
    /// their own.
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
    /// Whether a premise is in the list.
    pub fn has(&self, p: PremiseId) -> bool {
        self.all.binary_search_by_key(&p, |t| t.premise).is_ok()
    }
}

fn by_size(arena: &Arena, hyps: &[TermId]) -> SmallVec<[u8; 4]> {
    let mut order: SmallVec<[u8; 4]> = (0..hyps.len() as u8).collect();
    order.sort_by_key(|&k| std::cmp::Reverse(arena.size(hyps[usize::from(k)])));
    order
}

//! The premises that the propositional closer may apply: all that are about connectives alone.
//!
//! A *fact* has no hypotheses. A *rule* has hypotheses whose variables all occur in its conclusion, so that the goal
//! determines what it leaves. A *cut* has other variables, too, which are determined by matching one of its hypotheses
//! with a known formula.

use super::tables::Tables;
use crate::dsl::theory::library::{PremiseId, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::index::Index;
use crate::metamath_db::terms::term::{Arena, Head};
use smallvec::SmallVec;

/// The largest number of nodes of a cut's statement: long ones fit many goals badly.
const CUT_SIZE: u32 = 16;
/// The largest number of hypotheses of a rule.
const MAX_HYPS: usize = 4;

/// A premise as a rule for ground goals.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The premise.
    pub premise: PremiseId,
    /// Its conclusion, over metavariables.
    pub conclusion: TermId,
    /// Its hypotheses.
    pub hyps: SmallVec<[TermId; 2]>,
    /// The number of its metavariables.
    pub variables: usize,
    /// The hypotheses each of which alone determines what the conclusion does not; empty if the conclusion determines
    /// all.
    pub keys: SmallVec<[u8; 2]>,
}

/// All rules of a theory by kind, with indexes (values are places in `all`).
pub struct Rules {
    /// The rules, in the order of premises.
    pub all: Vec<Rule>,
    /// The rules without hypotheses.
    pub facts: Index,
    /// The rules whose hypotheses the goal determines.
    pub direct: Index,
    /// The cuts.
    pub cuts: Index,
    /// The places in `all` of axioms without hypotheses, with which cuts may be matched.
    pub axioms: Vec<u32>,
}

/// The values of a rule's metavariables.
pub type Values = SmallVec<[Option<TermId>; 8]>;

/// Matches a pattern with a ground term; `values` holds the values bound so far, and gets the new ones.
pub fn matches(arena: &Arena, pattern: TermId, t: TermId, values: &mut [Option<TermId>]) -> bool {
    if let Some(m) = arena.head(pattern).as_meta() {
        let value = &mut values[m as usize];
        return *value.get_or_insert(t) == t;
    }
    if pattern == t {
        return true;
    }
    let same = arena.head(pattern) == arena.head(t) && !arena.is_ground(pattern);
    same && arena.children(pattern).iter().zip(arena.children(t)).all(|(&p, &x)| matches(arena, p, x, values))
}

/// A formula that is known.
#[derive(Clone, Copy)]
pub enum Known {
    /// A formula without metavariables.
    Ground(TermId),
    /// All instances of a scheme with this number of metavariables.
    Scheme(TermId, usize),
}

impl Known {
    /// Matches a pattern with the known formula; gives values to all its metavariables.
    pub fn fits(self, arena: &mut Arena, pattern: TermId, values: &mut [Option<TermId>]) -> bool {
        match self {
            Known::Ground(t) => matches(arena, pattern, t, values),
            Known::Scheme(scheme, variables) => {
                let mut own = Values::from_elem(None, variables);
                let mut open = SmallVec::new();
                meet(arena, pattern, scheme, values, &mut own, &mut open)
                    && open
                        .into_iter()
                        .all(|(p, s)| ground(arena, s, &own).is_some_and(|t| matches(arena, p, t, values)))
            }
        }
    }
}

type Pairs = SmallVec<[(TermId, TermId); 4]>;

/// Matches the part of a pattern that `values` determine with a scheme; pairs that they do not determine go to `open`.
fn meet(
    arena: &mut Arena,
    pattern: TermId,
    scheme: TermId,
    values: &[Option<TermId>],
    own: &mut [Option<TermId>],
    open: &mut Pairs,
) -> bool {
    if let Some(m) = arena.head(pattern).as_meta() {
        return match values[m as usize] {
            Some(t) => matches(arena, scheme, t, own),
            None => {
                open.push((pattern, scheme));
                true
            }
        };
    }
    if arena.head(scheme).as_meta().is_some() {
        return ground(arena, pattern, values).is_some_and(|t| matches(arena, scheme, t, own));
    }
    let count = arena.children(pattern).len();
    arena.head(pattern) == arena.head(scheme)
        && (0..count).all(|i| {
            let (p, s) = (arena.children(pattern)[i], arena.children(scheme)[i]);
            meet(arena, p, s, values, own, open)
        })
}

/// The instance of a pattern, if all its metavariables have values.
fn ground(arena: &mut Arena, pattern: TermId, values: &[Option<TermId>]) -> Option<TermId> {
    if arena.is_ground(pattern) {
        return Some(pattern);
    }
    if metas(arena, pattern).iter().any(|&m| values[m as usize].is_none()) {
        return None;
    }
    let filled: SmallVec<[TermId; 8]> = values.iter().map(|v| v.unwrap_or(TermId(0))).collect();
    Some(arena.instantiate(pattern, &filled))
}

fn metas(arena: &Arena, t: TermId) -> SmallVec<[u32; 8]> {
    let mut out = SmallVec::new();
    arena.metas(t, &mut out);
    out
}

/// Whether a formula consists of connectives and metavariables alone.
pub fn pure(tables: &Tables, arena: &Arena, t: TermId) -> bool {
    let head: Head = arena.head(t);
    head.as_meta().is_some()
        || (!head.is_judgement()
            && tables.get(head).is_some()
            && arena.children(t).iter().all(|&c| pure(tables, arena, c)))
}

impl Rules {
    /// Collects the rules of a theory.
    pub fn new(theory: &Theory, tables: &Tables) -> Rules {
        let arena = &theory.arena;
        let mut all = Vec::new();
        let (mut facts, mut direct, mut cuts, mut axioms) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for p in (0..theory.len() as u32).map(PremiseId) {
            let Some(premise) = theory.premise(p).filter(|_| theory.is_proved(p)) else { continue };
            let mut formulas = premise.hyps.iter().chain([&premise.conclusion]);
            if premise.hyps.len() > MAX_HYPS || !formulas.all(|&t| pure(tables, arena, t)) {
                continue;
            }
            let said = metas(arena, premise.conclusion);
            let lacking = |known: &[u32]| {
                let mut open = premise.hyps.iter().flat_map(|&h| metas(arena, h));
                open.any(|m| !said.contains(&m) && !known.contains(&m))
            };
            let keys = |k: &u8| !lacking(&metas(arena, premise.hyps[usize::from(*k)]));
            let cut = lacking(&[]);
            let rule = Rule {
                premise: p,
                conclusion: premise.conclusion,
                hyps: premise.hyps.into(),
                variables: premise.variables.len(),
                keys: if cut { (0..premise.hyps.len() as u8).filter(keys).collect() } else { SmallVec::new() },
            };
            let whole: u32 = premise.hyps.iter().chain([&premise.conclusion]).map(|&t| arena.size(t)).sum();
            let entry = (premise.conclusion, all.len() as u32);
            if premise.hyps.is_empty() {
                facts.push(entry);
                if theory.db.source.assertions.get(p.index()).is_some_and(|a| a.proof.is_none()) {
                    axioms.push(entry.1);
                }
            } else if !cut {
                direct.push(entry);
            } else if !rule.keys.is_empty() && whole <= CUT_SIZE {
                cuts.push(entry);
            } else {
                continue;
            }
            all.push(rule);
        }
        let index = |entries: Vec<(TermId, u32)>| Index::build(arena, entries.into_iter());
        Rules { all, facts: index(facts), direct: index(direct), cuts: index(cuts), axioms }
    }
}

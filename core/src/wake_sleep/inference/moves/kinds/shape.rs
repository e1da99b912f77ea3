//! Statements taken apart into antecedents and consequents.

use crate::dsl::theory::library::{Premise, PremiseId, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::{Arena, Head, HeadKind};
use crate::wake_sleep::closers::{pure, Tables};
use crate::wake_sleep::inference::moves::sequents::{Connectives, Terms};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::cmp::Reverse;

/// The connectives by which shapes are read.
pub struct Logic {
    /// The truth tables of the connectives.
    tables: Tables,
    /// The connectives that take statements apart.
    pub connectives: Connectives,
    /// In a database without an implication, the statement form "from A follows B", which is then used as implication.
    arrow: Option<Head>,
}

/// A hypothesis of an assertion: `literal`, below the antecedents `local`.
#[derive(Clone, Debug)]
pub struct Given {
    /// The consequent.
    pub literal: TermId,
    /// The conjuncts of the antecedents.
    pub local: Terms,
}

/// An assertion taken apart: the `consequent` follows from `given` and from all formulas of `context`.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The conjuncts of the conclusion's antecedents.
    pub context: Terms,
    /// The formula behind the conclusion's antecedents.
    pub consequent: TermId,
    /// The hypotheses.
    pub given: SmallVec<[Given; 4]>,
}

/// Whether a term is a metavariable.
pub fn is_bare(arena: &Arena, t: TermId) -> bool {
    arena.head(t).as_meta().is_some()
}

/// All logical premises of a theory, with their numbers.
pub fn premises(theory: &Theory) -> impl Iterator<Item = (PremiseId, Premise<'_>)> {
    (0..theory.len() as u32).filter_map(|i| Some((PremiseId(i), theory.premise(PremiseId(i))?)))
}

impl Logic {
    /// Finds the connectives of a theory by their truth tables.
    pub fn new(theory: &Theory) -> Logic {
        let tables = Tables::new(theory);
        let mut connectives = Connectives::new(&tables, theory.db.len());
        let arrow = if connectives.implication.is_none() { arrow(theory) } else { None };
        if let Some(arrow) = arrow {
            connectives.implication = Some(arrow);
            connectives.conjunctions = meets(theory, arrow);
        }
        Logic { tables, connectives, arrow }
    }
    /// Whether a head is a connective of formulas.
    pub fn is_connective(&self, head: Head) -> bool {
        (!head.is_judgement() && self.tables.get(head).is_some())
            || self.connectives.implication == Some(head)
            || self.connectives.conjunctions.contains(&head)
    }
    /// Takes a premise apart.
    pub fn shape(&self, arena: &Arena, premise: &Premise<'_>) -> Shape {
        let mut context = Terms::new();
        let consequent = self.connectives.strip(arena, premise.conclusion, &mut context);
        let given = premise.hyps.iter().map(|&h| {
            let mut local = Terms::new();
            let literal = self.connectives.strip(arena, h, &mut local);
            Given { literal, local }
        });
        Shape { context, consequent, given: given.collect() }
    }
    /// Whether a premise consists of connectives and variables for formulas alone. In a database without an
    /// implication, hypotheses that give the kind of a variable do not count.
    pub fn is_glue(&self, theory: &Theory, premise: &Premise<'_>) -> bool {
        let arena = &theory.arena;
        let mut formulas = premise.hyps.iter().chain([&premise.conclusion]);
        match self.arrow {
            None => formulas.all(|&t| pure(&self.tables, arena, t)),
            Some(arrow) => {
                let follows = |t: TermId| arena.head(t) == arrow && self.is_structure(arena, t);
                follows(premise.conclusion) && premise.hyps.iter().all(|&h| follows(h) || says_kind(theory, h))
            }
        }
    }
    fn is_structure(&self, arena: &Arena, t: TermId) -> bool {
        is_bare(arena, t)
            || (self.is_connective(arena.head(t)) && arena.children(t).iter().all(|&c| self.is_structure(arena, c)))
    }
}

/// Whether a statement gives the kind of a variable (`A : al`): its parts have different kinds, and each is a variable
/// or a constant.
pub fn says_kind(theory: &Theory, t: TermId) -> bool {
    let (arena, HeadKind::Syntax(a)) = (&theory.arena, theory.arena.head(t).kind()) else { return false };
    let kinds: SmallVec<[_; 4]> = theory.db.variables(a).iter().map(|&v| theory.typecode(v)).collect();
    let plain = |&c: &TermId| is_bare(arena, c) || (arena.is_ground(c) && arena.children(c).is_empty());
    kinds.windows(2).any(|k| k[0] != k[1]) && arena.children(t).iter().all(plain)
}

/// In a database without an implication, the statement form that takes its place: the head of most conclusions that is
/// reflexive and transitive but not symmetric.
fn arrow(theory: &Theory) -> Option<Head> {
    let (arena, mut count, mut all) = (&theory.arena, FxHashMap::default(), 0usize);
    for (_, p) in premises(theory) {
        all += 1;
        if let (HeadKind::Syntax(_), [_, _]) = (arena.head(p.conclusion).kind(), arena.children(p.conclusion)) {
            *count.entry(arena.head(p.conclusion)).or_insert(0usize) += 1;
        }
    }
    let top = count.into_iter().max_by_key(|&(head, n)| (n, Reverse(head)))?;
    let sides = |t: TermId| match arena.children(t) {
        &[a, b] if arena.head(t) == top.0 => Some((a, b)),
        _ => None,
    };
    let (mut reflexive, mut transitive, mut symmetric) = (false, false, false);
    for (_, p) in premises(theory) {
        let Some((a, b)) = sides(p.conclusion).filter(|&(a, b)| is_bare(arena, a) && is_bare(arena, b)) else {
            continue;
        };
        let given: SmallVec<[(TermId, TermId); 4]> = p.hyps.iter().filter_map(|&h| sides(h)).collect();
        reflexive |= a == b && given.is_empty();
        symmetric |= a != b && given[..] == [(b, a)];
        transitive |= given.len() == 2 && given[0].0 == a && given[0].1 == given[1].0 && given[1].1 == b;
    }
    (2 * top.1 > all && reflexive && transitive && !symmetric).then_some(top.0)
}

/// The binary heads from which `arrow` leads to each of their two places: the conjunctions.
fn meets(theory: &Theory, arrow: Head) -> SmallVec<[Head; 2]> {
    let (arena, mut found) = (&theory.arena, SmallVec::new());
    let mut seen = [Vec::new(), Vec::new()];
    for (_, p) in premises(theory).filter(|(_, p)| arena.head(p.conclusion) == arrow) {
        let &[from, to] = arena.children(p.conclusion) else { continue };
        let &[a, b] = arena.children(from) else { continue };
        if is_bare(arena, a) && is_bare(arena, b) && a != b && p.hyps.iter().all(|&h| says_kind(theory, h)) {
            for (place, part) in [a, b].into_iter().enumerate() {
                if to == part {
                    seen[place].push(arena.head(from));
                }
            }
        }
    }
    for &head in &seen[0] {
        if seen[1].contains(&head) && !found.contains(&head) {
            found.push(head);
        }
    }
    found
}

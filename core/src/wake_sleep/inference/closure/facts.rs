//! The set of a theory's moves that are closure facts, with an index by what they conclude.

use super::occurs;
use crate::dsl::theory::library::Theory;
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::index::Index;
use crate::metamath_db::terms::term::{Arena, Head};
use crate::wake_sleep::inference::moves::kinds::{Kind, Kinds};
use crate::wake_sleep::inference::moves::reading::{Move, Part, Reading};
use crate::wake_sleep::inference::moves::sequents::Connectives;
use rustc_hash::FxHashSet;
use smallvec::SmallVec;
/// The closure facts among the moves of a theory.
#[derive(Default)]
pub struct ClosureFacts {
    /// For each move, whether it is a closure fact.
    pub(super) is: Vec<bool>,
    /// The closure facts that leave parts, indexed by goal: all of them, and those whose goal does not fix every
    /// metavariable.
    pub(super) goals: [Index; 2],
    /// The heads of their goals.
    pub(super) heads: FxHashSet<Head>,
}

impl ClosureFacts {
    /// Collects the moves of which some twin is a closure fact.
    pub fn new(theory: &Theory, arena: &Arena, c: &Connectives, all: &[Move]) -> ClosureFacts {
        let kinds = Kinds::new(theory);
        let typing = |r: &Reading| kinds.get(r.premise) == Some(Kind::Typing);
        let congruent = |r: &Reading| matches!(kinds.get(r.premise), Some(Kind::Congruence | Kind::Glue));
        let is = |m: &Move| {
            let sort = || !m.glue && m.readings.iter().any(typing);
            let equal = || m.readings.iter().any(congruent) && is_congruence(arena, c, m);
            m.takes.is_none() && m.whole.is_none() && (sort() || equal())
        };
        let is: Vec<bool> = all.iter().map(is).collect();
        let chained = || all.iter().zip(0u32..).filter(|(m, n)| is[*n as usize] && !m.parts.is_empty());
        let says_all = |m: &Move| {
            let mut metas = SmallVec::<[u32; 8]>::new();
            arena.metas(m.goal, &mut metas);
            metas.len() == m.variables.len()
        };
        let index = |all: bool| {
            let own = chained().filter(|(m, _)| says_all(m) == all);
            Index::build(arena, own.flat_map(|(m, n)| m.goals().map(move |goal| (goal, n))))
        };
        let goals = [index(true), index(false)];
        let heads = chained().map(|(m, _)| arena.head(m.goal)).collect();
        ClosureFacts { is, goals, heads }
    }
    /// Whether a move is a closure fact.
    pub fn contains(&self, number: u32) -> bool {
        self.is.get(number as usize) == Some(&true)
    }
}

/// Whether a move concludes a relation between two terms of the same head from relations between their parts. A
/// symmetric relation may stand in either orientation.
fn is_congruence(arena: &Arena, c: &Connectives, m: &Move) -> bool {
    let &[l, r] = arena.children(m.goal) else { return false };
    let within = |side: TermId, t: TermId| t != side && occurs(arena, side, t);
    let part = |p: &Part| {
        let &[x, y] = arena.children(p.goal) else { return false };
        let turned = || c.symmetric(arena, p.goal).is_some() && within(l, y) && within(r, x);
        (within(l, x) && within(r, y)) || turned()
    };
    arena.head(l) == arena.head(r)
        && arena.head(l).as_meta().is_none()
        && !m.parts.is_empty()
        && m.parts.iter().all(part)
}

//! Implicit substitution without a choice: Γ, x = A ⊢ ( φ <-> ?ψ ).
//!
//! Many theorems take the result of a substitution as a separate formula ψ, with the hypothesis that φ and ψ are
//! equivalent where x = A. While ψ is still an unbound metavariable, the closer sets it to φ with A put for x. The
//! equivalence is then a chain of closure facts.

use super::*;
use crate::metamath_db::ids::SymbolId;

/// The first symbol number that is no symbol of the database; these numbers stand for metavariables.
pub const OPAQUE: u32 = 1 << 29;

impl Closer<'_> {
    /// The value of a side of an equality that is a bare metavariable: the other side with equals put for equals. Uses
    /// the first member of Γ that gives a value to a variable of the other side. Returns the metavariable's number and
    /// its value, or `None` if the sequent is not closed with that value.
    pub fn substituted(&mut self, arena: &mut Arena, allowed: &mut Allowed<'_>, s: TermId) -> Option<(u32, TermId)> {
        let goal = consequent(arena, s);
        if !self.moves.closure.heads.contains(&arena.head(goal)) {
            return None;
        }
        let &[l, r] = arena.children(goal) else { return None };
        let (m, t) = match (arena.head(l).as_meta(), arena.head(r).as_meta()) {
            (Some(m), None) => (m, r),
            (None, Some(m)) => (m, l),
            _ => return None,
        };
        let own = arena.meta(m);
        if arena.children(t).is_empty() || occurs(arena, t, own) {
            return None;
        }
        for e in Terms::from(context(arena, s)) {
            for e in self.connectives.ways(arena, e) {
                let Some((x, value)) = names(self.moves, arena, e) else { continue };
                if !occurs(arena, t, x) || occurs(arena, value, own) {
                    continue;
                }
                let value = replaced(arena, t, x, value);
                if self.closes_with(arena, allowed, s, (m, value)) {
                    return Some((m, value));
                }
            }
        }
        None
    }
    /// Whether a sequent is closed once a metavariable has a value, with the other metavariables taken for fresh
    /// variables.
    fn closes_with(
        &mut self,
        arena: &mut Arena,
        allowed: &mut Allowed<'_>,
        s: TermId,
        (m, value): (u32, TermId),
    ) -> bool {
        let mut metas = SmallVec::new();
        arena.metas(s, &mut metas);
        let most = metas.iter().max().map_or(0, |&m| m + 1);
        let mut values: Vec<TermId> = (0..most).map(|k| arena.variable(SymbolId(OPAQUE + k))).collect();
        values[m as usize] = arena.instantiate(value, &values);
        let t = arena.instantiate(s, &values);
        let (goal, members) = (consequent(arena, t), Terms::from(context(arena, t)));
        let t = self.connectives.sequent(arena, goal, members);
        self.close(arena, allowed, t).is_some()
    }
}

/// The variable or metavariable that an equality defines, and its value.
fn names(moves: &Moves, arena: &Arena, e: TermId) -> Option<(TermId, TermId)> {
    let &[x, value] = arena.children(e) else { return None };
    let is_leaf = |t: TermId| arena.head(t).as_meta().is_some() || arena.head(t).as_variable().is_some();
    // A syntax axiom of its own may turn a variable into a term.
    let leaf = is_leaf(x) || matches!(arena.children(x), &[inner] if is_leaf(inner));
    (leaf && x != value && moves.closure.heads.contains(&arena.head(e))).then_some((x, value))
}

/// Whether a sequent has the form that [`Closer::substituted`] solves and `ground` is the instance that it gives.
/// In the ground sequent the sides may stand in either orientation.
pub fn is_substituted(moves: &Moves, c: &Connectives, arena: &mut Arena, with_metas: TermId, ground: TermId) -> bool {
    let asked = consequent(arena, with_metas);
    let &[l, r] = arena.children(asked) else { return false };
    let (known, place) = match (arena.head(l).as_meta(), arena.head(r).as_meta()) {
        (Some(_), None) => (r, 1),
        (None, Some(_)) => (l, 0),
        _ => return false,
    };
    let said = consequent(arena, ground);
    let members = Terms::from(context(arena, ground));
    c.ways(arena, said).into_iter().any(|way| {
        let &[own_l, own_r] = arena.children(way) else { return false };
        let (from, to) = if place == 0 { (own_l, own_r) } else { (own_r, own_l) };
        let own = arena.head(way) == arena.head(asked) && fits(arena, known, from);
        own && members.iter().any(|&e| {
            c.ways(arena, e).into_iter().any(|e| {
                let value = names(moves, arena, e).filter(|n| occurs(arena, from, n.0));
                value.is_some_and(|(x, value)| replaced(arena, from, x, value) == to)
            })
        })
    })
}

/// Whether a ground term has the shape of a term with metavariables, each metavariable standing for any term.
fn fits(arena: &Arena, t: TermId, ground: TermId) -> bool {
    arena.head(t).as_meta().is_some()
        || (arena.head(t) == arena.head(ground)
            && arena.children(t).iter().zip(arena.children(ground)).all(|(&x, &y)| fits(arena, x, y)))
}

/// The term with `value` in place of each occurrence of `x`.
fn replaced(arena: &mut Arena, t: TermId, x: TermId, value: TermId) -> TermId {
    if t == x {
        return value;
    }
    let children: Terms = arena.children(t).into();
    if children.is_empty() {
        return t;
    }
    let children: Terms = children.into_iter().map(|c| replaced(arena, c, x, value)).collect();
    arena.make(arena.head(t), &children)
}

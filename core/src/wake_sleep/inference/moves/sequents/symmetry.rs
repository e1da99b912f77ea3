//! Symmetric relations, whose orientation is no choice of the search.
//!
//! A relation R is symmetric if the database proves `R ( B , A )` from `R ( A , B )` for any A and B: equality,
//! equivalence of formulas, "is not equal", "is equinumerous". A relation that is first proved symmetric for variables
//! as terms (`x = y`) is a relation of its own. Connectives other than equivalence are not considered. A literal of a
//! sequent that is such a relation stands there in one orientation, the larger side first. Sides of equal size are
//! ordered by their symbols, metavariables counting as equal. So the orientation of a ground literal depends on its
//! symbols alone, in any arena.

use crate::dsl::theory::library::{Premise, PremiseId, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::{Arena, Children, Head};
use crate::wake_sleep::closers::Tables;
use crate::wake_sleep::inference::moves::sequents::{Connectives, Terms};
use smallvec::SmallVec;
use std::cmp::Ordering;

/// A symmetric relation: a head with two open places, and ground terms in its other places.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Symmetry {
    head: Head,
    places: [usize; 2],
    rest: SmallVec<[(usize, TermId); 2]>,
    /// The head that makes terms of variables, if the relation holds only between variables as terms.
    of: Option<Head>,
    /// The assertions that prove the symmetry, in the order of the database: closed forms, inferences and deductions.
    pub theorems: SmallVec<[PremiseId; 4]>,
}

impl Symmetry {
    /// The relation of a formula with two different metavariables at two places, as terms, and ground terms elsewhere.
    fn of(arena: &Arena, t: TermId) -> Option<Symmetry> {
        let children = arena.children(t);
        let open: SmallVec<[usize; 4]> = (0..children.len()).filter(|&i| !arena.is_ground(children[i])).collect();
        let &[i, j] = &open[..] else { return None };
        let variable = |i: usize| match *arena.children(children[i]) {
            [] => Some((None, children[i])),
            [x] => Some((Some(arena.head(children[i])), x)),
            _ => None,
        };
        let ((of, x), (other, y)) = (variable(i)?, variable(j)?);
        let bare = |t: TermId| arena.head(t).as_meta().is_some();
        let rest = (0..children.len()).filter(|k| !open.contains(k)).map(|k| (k, children[k])).collect();
        let (head, theorems) = (arena.head(t), SmallVec::new());
        (of == other && bare(x) && bare(y) && x != y).then_some(Symmetry { head, places: [i, j], rest, of, theorems })
    }
    fn sides(&self, arena: &Arena, t: TermId) -> Option<(TermId, TermId)> {
        if arena.head(t) != self.head {
            return None;
        }
        let children = arena.children(t);
        let sides = self.places.map(|i| children[i]);
        let fits = self.rest.iter().all(|&(i, c)| children[i] == c);
        let related = self.of.is_none_or(|of| sides.iter().all(|&x| arena.head(x) == of));
        (fits && related).then_some((sides[0], sides[1]))
    }
    fn is_same(&self, other: &Symmetry) -> bool {
        (self.head, self.places, &self.rest, self.of) == (other.head, other.places, &other.rest, other.of)
    }
}

/// The relations that the `usable` assertions of a theory prove symmetric, ordered by their first proofs.
pub fn symmetries(
    theory: &Theory,
    c: &Connectives,
    tables: &Tables,
    usable: &dyn Fn(PremiseId) -> bool,
) -> Vec<Symmetry> {
    let mut out: Vec<Symmetry> = Vec::new();
    let all = (0..theory.db.len() as u32).map(PremiseId).filter(|&p| usable(p));
    for (p, premise) in all.filter_map(|p| Some((p, theory.premise(p)?))) {
        let Some(mut new) = exchange(&theory.arena, c, &premise) else { continue };
        if Some(new.head) != c.equivalence && (new.head.is_judgement() || tables.get(new.head).is_some()) {
            continue;
        }
        match out.iter_mut().find(|s| s.is_same(&new)) {
            Some(known) => known.theorems.push(p),
            None => {
                new.theorems.push(p);
                out.push(new);
            }
        }
    }
    out
}

/// The relation that an assertion proves symmetric, if the assertion says nothing else.
fn exchange(arena: &Arena, c: &Connectives, premise: &Premise<'_>) -> Option<Symmetry> {
    if !premise.disjoint.is_empty() || premise.hyps.len() > 1 {
        return None;
    }
    let mut antecedents = Terms::new();
    let consequent = c.strip(arena, premise.conclusion, &mut antecedents);
    let (from, to) = match (premise.hyps, &antecedents[..]) {
        ([], []) => c.as_equivalence(arena, consequent)?,
        ([], &[from]) | (&[from], []) => (from, consequent),
        (&[h], &[context]) => {
            let (own, from) = c.as_implication(arena, h)?;
            (own == context && arena.head(own).as_meta().is_some()).then_some((from, consequent))?
        }
        _ => return None,
    };
    let new = Symmetry::of(arena, from)?;
    let (a, b) = new.sides(arena, from)?;
    (new.sides(arena, to) == Some((b, a))).then_some(new)
}

/// The order of two terms: the larger one is greater; of equal sizes, the one with the earlier symbols.
fn order(arena: &Arena, a: TermId, b: TermId) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let symbol = |t: TermId| match arena.head(t).as_meta() {
        Some(_) => 0,
        None => arena.head(t).raw(),
    };
    let by_head = || symbol(b).cmp(&symbol(a));
    let parts = || arena.children(a).iter().zip(arena.children(b)).map(|(&x, &y)| order(arena, x, y));
    let by_parts = || parts().find(|o| o.is_ne()).unwrap_or(Ordering::Equal);
    arena.size(a).cmp(&arena.size(b)).then_with(by_head).then_with(by_parts)
}

impl Connectives {
    /// The symmetric relation that a formula is an instance of, and its sides.
    pub fn symmetric(&self, arena: &Arena, t: TermId) -> Option<(&Symmetry, (TermId, TermId))> {
        self.symmetries.iter().find_map(|s| Some((s, s.sides(arena, t)?)))
    }
    /// The assertions that prove that the sides of a formula may be exchanged.
    pub fn exchanges<'a>(&'a self, arena: &'a Arena, t: TermId) -> impl Iterator<Item = PremiseId> + 'a {
        let all = self.symmetries.iter().filter(move |s| s.sides(arena, t).is_some());
        all.flat_map(|s| s.theorems.iter().copied())
    }
    /// A formula with its sides exchanged; `None` if it is no symmetric relation.
    pub fn exchanged(&self, arena: &mut Arena, t: TermId) -> Option<TermId> {
        let (s, _) = self.symmetric(arena, t)?;
        let mut children: Children = arena.children(t).into();
        children.swap(s.places[0], s.places[1]);
        Some(arena.make(s.head, &children))
    }
    /// A literal in the orientation in which it stands in sequents.
    pub fn oriented(&self, arena: &mut Arena, t: TermId) -> TermId {
        match self.symmetric(arena, t) {
            Some((_, (a, b))) if order(arena, a, b).is_lt() => self.exchanged(arena, t).unwrap_or(t),
            _ => t,
        }
    }
    /// Whether two literals are equal up to orientation.
    pub fn same(&self, arena: &Arena, s: TermId, t: TermId) -> bool {
        let turned = || match (self.symmetric(arena, s), self.symmetric(arena, t)) {
            (Some((r, (a, b))), Some((q, other))) => r == q && (b, a) == other,
            _ => false,
        };
        s == t || turned()
    }
    /// A literal, and the same with its sides exchanged if the relation is symmetric.
    pub fn ways(&self, arena: &mut Arena, t: TermId) -> Terms {
        let mut out = Terms::from_elem(t, 1);
        out.extend(self.exchanged(arena, t).filter(|&x| x != t));
        out
    }
    /// The orientations of several literals ([`Connectives::ways`]).
    pub fn all_ways(&self, arena: &mut Arena, literals: &[TermId]) -> Vec<TermId> {
        let mut out = literals.to_vec();
        for &t in literals {
            out.extend(self.exchanged(arena, t).filter(|x| !literals.contains(x)));
        }
        out
    }
    /// The places of the two sides among the children of a symmetric relation.
    pub fn places(&self, arena: &Arena, t: TermId) -> Option<[usize; 2]> {
        self.symmetric(arena, t).map(|(s, _)| s.places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metamath_db::database::Database;
    use crate::wake_sleep::inference::moves::readings::Moves;
    use std::sync::Arc;

    #[test]
    fn the_larger_side_comes_first() {
        let source = include_str!("../../fixture.mm");
        let theory = Theory::new(Arc::new(Database::load(source.into()).expect("it is read")));
        let moves = Moves::new(&theory, &Tables::new(&theory), &|p| theory.premise(p).is_some());
        let (c, mut arena) = (&moves.connectives, moves.arena.clone());
        let mut read = |text: &str| theory.parse_formula(&format!("|- {text}"), &mut arena).expect("a formula");
        let [small, large, element] = ["A = ( F ` A )", "( F ` A ) = A", "A e. B"].map(&mut read);
        let [one, two] = ["A = B", "B = A"].map(&mut read);
        assert_eq!((c.oriented(&mut arena, small), c.oriented(&mut arena, large)), (large, large));
        assert_eq!(c.oriented(&mut arena, one), c.oriented(&mut arena, two));
        assert!(c.same(&arena, small, large) && c.same(&arena, one, two) && !c.same(&arena, one, large));
        assert_eq!((c.oriented(&mut arena, element), c.exchanged(&mut arena, element)), (element, None));
        // Metavariables count as equal, so the formula stays as it stands.
        let [x, y] = [arena.meta(0), arena.meta(1)];
        let head = arena.head(one);
        let [xy, yx] = [arena.make(head, &[x, y]), arena.make(head, &[y, x])];
        assert_eq!((c.oriented(&mut arena, xy), c.oriented(&mut arena, yx)), (xy, yx));
        let sequent = c.sequent(&mut arena, small, Terms::from_slice(&[one, two]));
        assert_eq!(arena.children(sequent).len(), 2);
    }
}

//! Closure facts: Horn clauses that conclude of which sort a term is from the sorts of its parts.
//!
//! A *sort* is a predicate together with one of its places, that of the *subject*: `A e. CC` at `A`, `F/ x ph` at `ph`.
//! Sorts are found by counting. A place makes a predicate a sort if the database closes it under three operations or
//! more: an assertion leads from the predicate of parts of the subject, all else the same, to the predicate of the
//! whole (`A e. CC` and `B e. CC` to `( A + B ) e. CC`). Also, at least one in twenty of the assertions about the
//! predicate that have premises must be of this form, because an order, too, is closed under an operation or two. Where
//! a quarter of the hypotheses give the kind of a variable (`A : al`), that form is a sort.
//!
//! A closure fact concludes a sort of its subject without premises (`x e. _V`), or from sorts of proper parts of it.
//! Then no premise has a variable that the conclusion lacks, so that backward chaining from a goal ends. A single
//! premise may also be another sort of the same subject (`A e. RR` to `A e. CC`) if such steps form no circle: of two
//! that do, the earlier one is a closure fact. A hypothesis that only names something (`B = ( Base `` G )`) is used to
//! replace the name by the term. A relation of constants alone (`2 =/= 0`) is a closure fact, too.

use super::equality::Equalities;
use super::shape::{is_bare, says_kind, Logic, Shape};
use crate::dsl::theory::library::Theory;
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::{Arena, Head};
use crate::wake_sleep::inference::moves::sequents::Terms;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::cmp::Reverse;

/// The smallest number of operations that a sort is closed under.
const OPERATIONS: u32 = 3;
/// At least one in this many of the assertions about a sort that have premises must close it under an operation.
const SHARE: u32 = 20;

type Metas = SmallVec<[u32; 8]>;
type Places = SmallVec<[usize; 2]>;
/// A sort without its subject: the head, the subject's place, the other parts.
type Sort = (Head, usize, Terms);

/// The sorts of a database, and the coercions between them.
pub struct Typing {
    sorts: FxHashMap<Head, Places>,
    /// For each sort, the sorts of the same subject from which it is concluded.
    from: FxHashMap<Sort, Vec<Sort>>,
}

/// The way in which an assertion concludes a sort.
enum Horn {
    /// From nothing, or from sorts of proper parts.
    Closure,
    /// From another sort of the same subject.
    Coercion { from: Sort, to: Sort },
}

impl Typing {
    /// Finds the sorts of a theory; `shapes` holds the shape of each premise.
    pub fn new(theory: &Theory, logic: &Logic, equalities: &Equalities, shapes: &[Option<Shape>]) -> Typing {
        let mut sorts = counted(&theory.arena, logic, equalities, shapes);
        if let Some((head, place)) = said_of_kinds(theory, shapes) {
            let places: &mut Places = sorts.entry(head).or_default();
            if !places.contains(&place) {
                places.push(place);
            }
        }
        Typing { sorts, from: FxHashMap::default() }
    }
    /// Whether an assertion is a closure fact. Must be called in the order of assertions, because coercions are
    /// recorded.
    pub fn takes(&mut self, arena: &Arena, logic: &Logic, equalities: &Equalities, shape: &Shape) -> bool {
        if relates_constants(arena, logic, equalities, shape) {
            return true;
        }
        if !self.sorts.contains_key(&arena.head(shape.consequent)) {
            return false;
        }
        let places = |head: Head| self.sorts.get(&head).map_or(&[][..], |p| &p[..]);
        match Clause::new(arena, equalities, shape).horn(&places) {
            None => false,
            Some(Horn::Closure) => true,
            Some(Horn::Coercion { from, to }) => {
                if self.reaches(&from, &to) {
                    return false;
                }
                self.from.entry(to).or_default().push(from);
                true
            }
        }
    }
    /// Whether recorded coercions lead back from sort `start` to sort `end`.
    fn reaches(&self, start: &Sort, end: &Sort) -> bool {
        let (mut seen, mut i) = (vec![start], 0);
        while i < seen.len() {
            if seen[i] == end {
                return true;
            }
            for next in self.from.get(seen[i]).into_iter().flatten() {
                if !seen.contains(&next) {
                    seen.push(next);
                }
            }
            i += 1;
        }
        false
    }
}

/// Whether an assertion states a relation of constants without premises: `2 =/= 0`.
fn relates_constants(arena: &Arena, logic: &Logic, equalities: &Equalities, shape: &Shape) -> bool {
    let (t, children) = (shape.consequent, arena.children(shape.consequent));
    let constant = |&c: &TermId| arena.is_ground(c) && arena.children(c).is_empty();
    let free = shape.given.is_empty() && shape.context.is_empty();
    free && !children.is_empty() && children.iter().all(constant) && is_predicate(arena, logic, equalities, t)
}

/// Whether a formula is a predicate of terms other than equality.
fn is_predicate(arena: &Arena, logic: &Logic, equalities: &Equalities, t: TermId) -> bool {
    !is_bare(arena, t) && !logic.is_connective(arena.head(t)) && equalities.sides(arena, t).is_none()
}

/// The places that make predicates sorts, by counting.
fn counted(arena: &Arena, logic: &Logic, equalities: &Equalities, shapes: &[Option<Shape>]) -> FxHashMap<Head, Places> {
    let mut count: FxHashMap<Head, (u32, SmallVec<[u32; 5]>)> = FxHashMap::default(); // all, those of the form by place
    for shape in shapes.iter().flatten() {
        let t = shape.consequent;
        let head = arena.head(t);
        if !is_predicate(arena, logic, equalities, t) {
            continue;
        }
        let clause = Clause::new(arena, equalities, shape);
        if clause.premises.is_empty() {
            continue;
        }
        let (all, closed) = count.entry(head).or_default();
        *all += 1;
        closed.resize(arena.children(t).len(), 0);
        for (place, closed) in closed.iter_mut().enumerate() {
            let others = |p: TermId| parts(arena, p, place).1;
            let same = |&p: &TermId| arena.head(p) == head && others(p) == others(t);
            let only = |h: Head| if h == head { std::slice::from_ref(&place) } else { &[][..] };
            if clause.premises.iter().all(same) && matches!(clause.horn(&only), Some(Horn::Closure)) {
                *closed += 1;
            }
        }
    }
    let chosen = |(head, (all, closed)): (Head, (u32, SmallVec<[u32; 5]>))| {
        let enough = |&p: &usize| closed[p] >= OPERATIONS && closed[p] * SHARE >= all;
        let places: Places = (0..closed.len()).filter(enough).collect();
        (!places.is_empty()).then_some((head, places))
    };
    count.into_iter().filter_map(chosen).collect()
}

/// The sort that gives the kind of a variable, if a quarter of the hypotheses have its form (`A : al`).
fn said_of_kinds(theory: &Theory, shapes: &[Option<Shape>]) -> Option<(Head, usize)> {
    let arena = &theory.arena;
    let all = || shapes.iter().flatten().flat_map(|s| &s.given).map(|g| g.literal);
    let mut count = FxHashMap::default();
    all().filter(|&t| says_kind(theory, t)).for_each(|t| *count.entry(arena.head(t)).or_insert(0usize) += 1);
    let best = count.into_iter().max_by_key(|&(head, n)| (n, Reverse(head)))?;
    let head = Some(best.0).filter(|_| 4 * best.1 >= all().count())?;
    // The subject is the place with the more different terms; the other place holds the kind.
    let terms = |place: usize| {
        let stand = shapes.iter().flatten().map(|s| s.consequent).filter(|&t| arena.head(t) == head);
        let mut heads: Vec<Head> = stand.map(|t| arena.head(arena.children(t)[place])).collect();
        heads.sort_unstable();
        heads.dedup();
        heads.len()
    };
    let places = all().find(|&t| arena.head(t) == head).map_or(0, |t| arena.children(t).len());
    (0..places).max_by_key(|&p| (terms(p), Reverse(p))).map(|p| (head, p))
}

/// The term at a place, and the terms at the other places.
fn parts(arena: &Arena, t: TermId, place: usize) -> (TermId, Terms) {
    let children = arena.children(t);
    (children[place], (0..children.len()).filter(|&i| i != place).map(|i| children[i]).collect())
}

/// An assertion as a Horn clause.
struct Clause<'a> {
    arena: &'a Arena,
    conclusion: TermId,
    /// The premises, without variables for formulas: these are contexts.
    premises: Terms,
    /// The antecedents of hypotheses that the conclusion's context does not have.
    local: Terms,
    /// The metavariables that only name a term, with that term.
    names: SmallVec<[(u32, TermId); 4]>,
}

impl<'a> Clause<'a> {
    fn new(arena: &'a Arena, equalities: &Equalities, shape: &Shape) -> Clause<'a> {
        let (premises, local, names) = (Terms::new(), Terms::new(), SmallVec::new());
        let mut out = Clause { arena, conclusion: shape.consequent, premises, local, names };
        let formula = |t: &TermId| !is_bare(arena, *t);
        for g in &shape.given {
            let sides = equalities.sides(arena, g.literal).filter(|_| !g.local.iter().any(&formula));
            match sides.and_then(|(a, b)| out.name(a, b).or_else(|| out.name(b, a))) {
                Some(name) => out.names.push(name),
                None => {
                    out.premises.push(g.literal);
                    out.local.extend(g.local.iter().copied().filter(|t| formula(t) && !shape.context.contains(t)));
                }
            }
        }
        out.premises.extend(shape.context.iter().copied().filter(formula));
        out
    }
    /// The number of the metavariable `name`, if it names the term `t`.
    fn name(&self, name: TermId, t: TermId) -> Option<(u32, TermId)> {
        let m = self.arena.head(name).as_meta()?;
        let fresh = !self.names.iter().any(|x| x.0 == m) && !self.metas(t).contains(&m);
        (fresh && !is_bare(self.arena, t)).then_some((m, t))
    }
    fn meaning(&self, m: u32) -> Option<TermId> {
        self.names.iter().find(|x| x.0 == m).map(|x| x.1)
    }
    /// The metavariables of a term, names replaced by what they stand for.
    fn metas(&self, t: TermId) -> Metas {
        let mut out = Metas::new();
        self.arena.metas(t, &mut out);
        let mut i = 0;
        while i < out.len() {
            if let Some(t) = self.meaning(out[i]) {
                self.arena.metas(t, &mut out);
            }
            i += 1;
        }
        out
    }
    fn is_within(&self, part: TermId, t: TermId) -> bool {
        let inside = |t: TermId| self.is_within(part, t);
        t == part
            || match self.arena.head(t).as_meta() {
                Some(m) => self.meaning(m).is_some_and(inside),
                None => self.arena.children(t).iter().any(|&c| inside(c)),
            }
    }
    /// The way in which the clause concludes a sort; `places` gives the places of subjects for each head.
    fn horn(&self, places: &dyn Fn(Head) -> &'a [usize]) -> Option<Horn> {
        let known = self.metas(self.conclusion);
        let is_sort = |&t: &TermId| !places(self.arena.head(t)).is_empty();
        let mut all = self.premises.iter().chain(&self.local);
        if !all.all(|t| is_sort(t) && self.metas(*t).iter().all(|m| known.contains(m))) {
            return None;
        }
        let subjects = |t: TermId| {
            let places = places(self.arena.head(t)).iter();
            places.map(move |&place| (place, self.arena.children(t)[place]))
        };
        for (place, subject) in subjects(self.conclusion) {
            let is_part = |x: TermId| x != subject && self.is_within(x, subject);
            if self.premises.iter().all(|&p| subjects(p).any(|s| is_part(s.1))) {
                return Some(Horn::Closure);
            }
            let [p] = self.premises[..] else { continue };
            if let Some((from, _)) = subjects(p).find(|s| s.1 == subject) {
                let sort = |t, place| (self.arena.head(t), place, parts(self.arena, t, place).1);
                return Some(Horn::Coercion { from: sort(p, from), to: sort(self.conclusion, place) });
            }
        }
        None
    }
}

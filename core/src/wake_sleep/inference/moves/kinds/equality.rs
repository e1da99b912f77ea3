//! The equalities of a database, and which assertions follow by rewriting with them alone.
//!
//! An equality is a relation that the database proves reflexive, symmetric and transitive (`A = B`), or the equivalence
//! of formulas, which is recognised by its truth table. Whether an assertion follows by rewriting is decided by
//! congruence closure (Nelson and Oppen 1980) of its own terms: the hypotheses and antecedents hold, both sides of an
//! equality that holds are one class, and so are terms of equal parts. A hypothesis with antecedents of its own counts
//! where these hold. If the conclusion is an equality, it also counts where all that the antecedents mention occurs in
//! one of its sides, because then they restrict what a binder of that side runs over (`( x e. A -> B = C ) => ( x e. A
//! |-> B ) = ( x e. A |-> C )`). A formula under a universal quantifier counts, too. This last rule is a heuristic: the
//! module does not decide whether a conclusion holds, only which kind of step it is.

use super::shape::{is_bare, says_kind, Given, Logic, Shape};
use crate::dsl::theory::library::Theory;
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::{Arena, Children, Head, HeadKind};
use crate::wake_sleep::inference::moves::sequents::Terms;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// The largest number of subterms of an assertion that is examined.
const MAX_NODES: usize = 1 << 12;

/// A relation: a head with two open places, and ground terms in its other places.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Relation {
    head: Head,
    places: [usize; 2],
    rest: SmallVec<[(usize, TermId); 2]>,
}

impl Relation {
    fn sides(&self, arena: &Arena, t: TermId) -> Option<(TermId, TermId)> {
        let children = arena.children(t);
        let fits = arena.head(t) == self.head && self.rest.iter().all(|&(i, c)| children[i] == c);
        fits.then(|| (children[self.places[0]], children[self.places[1]]))
    }
    /// Records in `proved` whether "`to` follows from `from`" says that the relation is symmetric, or transitive.
    fn proved(&self, arena: &Arena, from: &[TermId], to: TermId, proved: &mut [bool; 2]) {
        let sides = |t| self.sides(arena, t).filter(|&(a, b)| is_bare(arena, a) && is_bare(arena, b));
        let Some((a, b)) = sides(to).filter(|(a, b)| a != b) else { return };
        match from.iter().map(|&t| sides(t)).collect::<SmallVec<[_; 4]>>()[..] {
            [Some(x)] => proved[0] |= x == (b, a),
            [Some(x), Some(y)] => {
                proved[1] |= [(x, y), (y, x)].iter().any(|(x, y)| x.0 == a && x.1 == y.0 && y.1 == b);
            }
            _ => {}
        }
    }
}

/// The equalities and the universal quantifiers of a database.
pub struct Equalities {
    relations: Vec<Relation>,
    /// Heads of formulas that follow from one of their parts, with the place of that part.
    quantifiers: Vec<(Head, usize)>,
}

/// The way in which a conclusion follows by rewriting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rewriting {
    /// The conclusion is an equality of two terms with the same head.
    Parts,
    /// Any other conclusion: equalities put together, or a formula in which equals are replaced.
    Replaced,
}

/// The relation of which a formula is a reflexive instance.
fn reflexive(arena: &Arena, t: TermId) -> Option<Relation> {
    let children = arena.children(t);
    let open: SmallVec<[usize; 4]> = (0..children.len()).filter(|&i| !arena.is_ground(children[i])).collect();
    let &[i, j] = &open[..] else { return None };
    let rest = (0..children.len()).filter(|k| !open.contains(k)).map(|k| (k, children[k])).collect();
    (children[i] == children[j] && is_bare(arena, children[i])).then(|| Relation {
        head: arena.head(t),
        places: [i, j],
        rest,
    })
}

impl Equalities {
    /// Finds the equalities of a theory; `shapes` holds the shape of each premise.
    pub fn new(theory: &Theory, logic: &Logic, shapes: &[Option<Shape>]) -> Equalities {
        let arena = &theory.arena;
        let matters = |t: &TermId| !is_bare(arena, *t) && !says_kind(theory, *t);
        let mut found: Vec<Relation> = Vec::new();
        for shape in shapes.iter().flatten() {
            let free = !shape.context.iter().any(matters) && !shape.given.iter().any(|g| matters(&g.literal));
            if let Some(r) = reflexive(arena, shape.consequent).filter(|r| free && !found.contains(r)) {
                found.push(r);
            }
        }
        let mut proved = vec![[false; 2]; found.len()]; // symmetric, transitive
        for shape in shapes.iter().flatten() {
            let literals = shape.context.iter().copied().chain(shape.given.iter().map(|g| g.literal)).filter(matters);
            let literals: Terms = literals.take(3).collect();
            for (r, proved) in found.iter().zip(&mut proved) {
                r.proved(arena, &literals, shape.consequent, proved);
                if let Some((a, b)) = logic.connectives.as_equivalence(arena, shape.consequent) {
                    let more: Terms = literals.iter().copied().chain([a]).collect();
                    r.proved(arena, &more, b, proved);
                }
            }
        }
        let mut proved = proved.into_iter();
        found.retain(|_| proved.next() == Some([true, true]));
        if let Some(head) = logic.connectives.equivalence {
            let r = Relation { head, places: [0, 1], rest: SmallVec::new() };
            if !found.contains(&r) {
                found.push(r);
            }
        }
        let mut out = Equalities { relations: found, quantifiers: Vec::new() };
        for shape in shapes.iter().flatten() {
            out.quantifiers.extend(quantifier(arena, logic, shape).filter(|q| !out.quantifiers.contains(q)));
        }
        out
    }
    /// The two sides of an equality.
    pub fn sides(&self, arena: &Arena, t: TermId) -> Option<(TermId, TermId)> {
        self.relations.iter().find_map(|r| r.sides(arena, t))
    }
    /// Whether an equality is another one with its sides exchanged.
    fn exchanged(&self, arena: &Arena, a: TermId, b: TermId) -> bool {
        let sides = |t| self.sides(arena, t).map(|s| (arena.head(t), s));
        matches!((sides(a), sides(b)), (Some((f, (a, b))), Some((g, (c, d)))) if f == g && (a, b) == (d, c))
    }
    /// The formula under a universal quantifier.
    fn quantified(&self, arena: &Arena, t: TermId) -> Option<TermId> {
        let head = arena.head(t);
        self.quantifiers.iter().find(|q| q.0 == head).map(|q| arena.children(t)[q.1])
    }
    /// Whether a formula is an equality, below any number of quantifiers.
    fn speaks(&self, arena: &Arena, t: TermId) -> bool {
        self.sides(arena, t).is_some() || self.quantified(arena, t).is_some_and(|t| self.speaks(arena, t))
    }
    /// The way in which an assertion's conclusion follows by rewriting alone; `None` if it does not.
    pub fn rewriting(&self, arena: &Arena, shape: &Shape) -> Option<Rewriting> {
        let sides = self.sides(arena, shape.consequent);
        let mut literals = shape.context.iter().copied().chain(shape.given.iter().map(|g| g.literal));
        if !literals.any(|t| self.speaks(arena, t)) {
            let trivial = |&(a, b): &(TermId, TermId)| a == b || self.exchanged(arena, a, b);
            return sides.filter(trivial).map(|_| Rewriting::Replaced);
        }
        let known = shape.context.contains(&shape.consequent)
            || shape.given.iter().any(|g| g.literal == shape.consequent && g.local.is_empty());
        if known || !Closure::new(self, arena, shape)?.run(shape) {
            return None;
        }
        match sides {
            Some((a, b)) if !is_bare(arena, a) && arena.head(a) == arena.head(b) => Some(Rewriting::Parts),
            _ => Some(Rewriting::Replaced),
        }
    }
}

/// The quantifier that an assertion introduces: `A. x ph` from `ph`, possibly under antecedents.
fn quantifier(arena: &Arena, logic: &Logic, shape: &Shape) -> Option<(Head, usize)> {
    let ([Given { literal, .. }], true) = (&shape.given[..], shape.context.is_empty()) else { return None };
    let (head, children) = (arena.head(shape.consequent), arena.children(shape.consequent));
    let place = children.iter().position(|c| c == literal)?;
    let others = children.iter().filter(|c| *c != literal).count();
    let binds = matches!(head.kind(), HeadKind::Syntax(_)) && !logic.is_connective(head) && others > 0;
    (binds && children.iter().all(|&c| is_bare(arena, c)) && others + 1 == children.len()).then_some((head, place))
}

/// A congruence closure of an assertion's terms.
struct Closure<'a> {
    equalities: &'a Equalities,
    arena: &'a Arena,
    nodes: Vec<TermId>,
    number: FxHashMap<TermId, u32>,
    /// The union-find forest. The last node is the class of what holds.
    parent: Vec<u32>,
    /// The metavariables of each side of the conclusion, if it is an equality.
    spoken: Option<[SmallVec<[u32; 8]>; 2]>,
}

impl<'a> Closure<'a> {
    /// Collects the terms of an assertion; `None` if there are too many.
    fn new(equalities: &'a Equalities, arena: &'a Arena, shape: &Shape) -> Option<Closure<'a>> {
        let spoken = equalities.sides(arena, shape.consequent).map(|(a, b)| {
            let mut metas = [SmallVec::new(), SmallVec::new()];
            arena.metas(a, &mut metas[0]);
            arena.metas(b, &mut metas[1]);
            metas
        });
        let (nodes, number) = (Vec::new(), FxHashMap::default());
        let mut out = Closure { equalities, arena, nodes, number, parent: Vec::new(), spoken };
        let given = shape.given.iter().flat_map(|g| g.local.iter().copied().chain([g.literal]));
        let all = given.chain(shape.context.iter().copied()).chain([shape.consequent]);
        all.for_each(|t| out.add(t));
        out.parent = (0..=out.nodes.len() as u32).collect();
        (out.nodes.len() < MAX_NODES).then_some(out)
    }
    fn add(&mut self, t: TermId) {
        if self.nodes.len() < MAX_NODES && !self.number.contains_key(&t) {
            self.number.insert(t, self.nodes.len() as u32);
            self.nodes.push(t);
            let children: Children = self.arena.children(t).into();
            children.iter().for_each(|&c| self.add(c));
        }
    }
    fn class(&self, mut i: u32) -> u32 {
        while self.parent[i as usize] != i {
            i = self.parent[i as usize];
        }
        i
    }
    fn of(&self, t: TermId) -> u32 {
        self.class(self.number[&t])
    }
    fn truth(&self) -> u32 {
        self.class(self.nodes.len() as u32)
    }
    fn holds(&self, t: TermId) -> bool {
        self.of(t) == self.truth()
    }
    /// Merges two classes; returns whether they were different.
    fn join(&mut self, a: u32, b: u32) -> bool {
        self.parent[a.max(b) as usize] = a.min(b);
        a != b
    }
    fn assume(&mut self, t: TermId) -> bool {
        self.join(self.of(t), self.truth())
    }
    /// Whether all metavariables of a formula occur in one side of the conclusion.
    fn is_spoken(&self, t: TermId) -> bool {
        let mut metas = SmallVec::new();
        self.arena.metas(t, &mut metas);
        self.spoken.as_ref().is_some_and(|sides| sides.iter().any(|s| metas.iter().all(|m| s.contains(m))))
    }
    /// Computes the closure and returns whether the conclusion holds.
    fn run(&mut self, shape: &Shape) -> bool {
        shape.context.iter().for_each(|&t| {
            self.assume(t);
        });
        loop {
            let mut changed = false;
            for g in &shape.given {
                if !self.holds(g.literal) && g.local.iter().all(|&t| self.holds(t) || self.is_spoken(t)) {
                    changed |= self.assume(g.literal);
                }
            }
            for i in 0..self.nodes.len() {
                changed |= self.equal(self.nodes[i]);
            }
            if self.holds(shape.consequent) {
                return true;
            }
            if !(self.congruent() | changed) {
                return false;
            }
        }
    }
    /// Merges the sides of an equality that holds, and marks one as holding whose sides are equal; returns whether
    /// anything changed.
    fn equal(&mut self, t: TermId) -> bool {
        let holds = self.holds(t);
        if let Some((a, b)) = self.equalities.sides(self.arena, t) {
            let (a, b) = (self.of(a), self.of(b));
            return if a == b { self.assume(t) } else { holds && self.join(a, b) };
        }
        match self.equalities.quantified(self.arena, t) {
            Some(part) if holds && self.spoken.is_some() => self.assume(part),
            _ => false,
        }
    }
    /// Merges terms of equal parts; returns whether anything changed.
    fn congruent(&mut self) -> bool {
        let (mut terms, mut changed) = (FxHashMap::default(), false);
        for i in 0..self.nodes.len() {
            let (head, children) = (self.arena.head(self.nodes[i]), self.arena.children(self.nodes[i]));
            if children.is_empty() {
                continue;
            }
            let parts: SmallVec<[u32; 6]> = children.iter().map(|&c| self.of(c)).collect();
            let first = *terms.entry((head, parts)).or_insert(i as u32);
            changed |= self.join(self.class(first), self.class(i as u32));
        }
        changed
    }
}

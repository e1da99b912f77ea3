//! Readings: the ways in which an assertion can serve as a step on a sequent, derived from its shape.
//!
//! Let an assertion have the conclusion K and the hypotheses H1 … Hn. K's antecedents become premises; its consequent
//! is the literal that can answer a goal. `( L <-> R )` also answers L from R and R from L, and the same negated; a
//! conjunction answers each conjunct. A variable that is an antecedent of K and elsewhere only an antecedent of
//! hypotheses is a *context*: those hypotheses may use Γ, the others must hold without it. A consequent that is a bare
//! variable answers any goal once an antecedent is found in Γ: then the reading *takes apart* that member.
//!
//! So the closed form, the inference and the deduction of one fact have the same reading. They are *twins* of one
//! *move*, and which of them is used is decided when the proof is written out. Twins may have symmetric relations
//! ([`crate::wake_sleep::inference::moves::sequents::symmetry`]) in either orientation: `A = C` from `A = B` and `B =
//! C` is the same move as from `B = A` and `C = B`. Assertions about connectives alone are glue. Most of their readings
//! leave what they answer and are dropped. The rest are real choices of propositional logic: a cut, cases, both
//! directions of an equivalence, a contraposition. The cost is linear in the size of the database.

pub use super::reading::{Move, Part, Reading, Source};
use super::sequents::{Connectives, Terms};
use crate::dsl::theory::library::{Premise, PremiseId, Theory};
use crate::metamath_db::ids::{AssertionId, SymbolId, TermId};
use crate::metamath_db::terms::index::{Index, Query};
use crate::metamath_db::terms::term::{Arena, Head};
use crate::wake_sleep::closers::{pure, Tables};
use crate::wake_sleep::inference::closure::facts::ClosureFacts;
use crate::wake_sleep::inference::moves::sequents::symmetry::symmetries;
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use std::cmp::Ordering;
use std::ops::Range;

/// The largest number of readings of one assertion.
const MOST_READINGS: usize = 24;
/// The largest number of parts of a reading.
const MOST_PARTS: usize = 40;

/// All moves of a theory, with indexes.
#[derive(Default)]
pub struct Moves {
    /// The arena with the terms of the theory and of the moves.
    pub arena: Arena,
    /// The connectives that sequents are about.
    pub connectives: Connectives,
    /// The moves, in the order of their first strong twin.
    pub all: Vec<Move>,
    /// For each premise, the moves of which it is a twin.
    pub by_premise: Vec<SmallVec<[u32; 2]>>,
    /// The moves that take no member apart, indexed by goal.
    pub goals: Index,
    /// The moves that take a member of Γ apart, indexed by that member.
    pub takers: Index,
    /// The moves without parts, indexed by goal.
    pub facts: Index,
    /// The moves that are closure facts.
    pub closure: ClosureFacts,
    /// The moves with a twin before the first strong one, a weak twin or a lemma: indexed by goal, and by the member
    /// that they take apart.
    early: [Index; 2],
    /// For each move, whether its goal and the member that it takes apart determine all its values.
    determined: Vec<bool>,
    /// The number of the database's assertions; premises from this number on are lemmas.
    database: u32,
    /// The variables of the moves that only variables can replace, since no syntax axiom has their typecode.
    names: FxHashSet<SymbolId>,
}

/// A reading before grouping, over the premise's metavariables.
#[derive(Clone)]
struct Raw {
    goal: TermId,
    takes: Option<TermId>,
    parts: Vec<(Part, Source)>,
}

impl Raw {
    /// Whether a reading is a choice: it leaves something other than what it answers, and few parts if it is glue that
    /// answers any goal.
    fn is_choice(&self, arena: &Arena, c: &Connectives, glue: bool) -> bool {
        let same = |p: &Part| c.same(arena, p.goal, self.goal) && p.added.is_empty();
        let bare = self.takes.is_none() && arena.head(self.goal).as_meta().is_some();
        let few = self.parts.len() == 2 || !bare;
        let idle = self.parts.iter().any(|(p, _)| same(p)) || (bare && self.parts.is_empty());
        !idle && (!glue || few && !self.parts.is_empty())
    }
}

/// The antecedents of an assertion's conclusion, sorted by role.
struct Shape {
    glue: bool,
    contexts: SmallVec<[u16; 1]>,
    whole: Option<u16>,
    /// The antecedents that become parts.
    antecedents: Terms,
    consequent: TermId,
    hyps: Vec<(Part, Source)>,
}

impl Moves {
    /// Derives the moves of the assertions that `usable` admits.
    pub fn new(theory: &Theory, tables: &Tables, usable: &dyn Fn(PremiseId) -> bool) -> Moves {
        let mut connectives = Connectives::new(tables, theory.db.len());
        connectives.symmetries = symmetries(theory, &connectives, tables, usable);
        let mut groups = Groups {
            arena: theory.arena.clone(),
            connectives: &connectives,
            by_key: FxHashMap::default(),
            all: Vec::new(),
        };
        for p in (0..theory.len() as u32).map(PremiseId).filter(|&p| usable(p)) {
            let Some(premise) = theory.premise(p) else { continue };
            let mut formulas = premise.hyps.iter().chain([&premise.conclusion]);
            let glue = formulas.all(|&t| pure(tables, &theory.arena, t));
            if let Some(shape) = Shape::of(&theory.arena, &connectives, tables, &premise, glue) {
                for mut raw in shape.readings(&mut groups.arena, &connectives) {
                    groups.drop_idle(&mut raw);
                    if raw.is_choice(&groups.arena, &connectives, glue) {
                        groups.add(p, &premise, &shape, &raw);
                    }
                }
            }
        }
        let Groups { arena, all, .. } = groups;
        Moves::finish(theory, arena, all, connectives)
    }
    fn finish(theory: &Theory, arena: Arena, mut all: Vec<Move>, connectives: Connectives) -> Moves {
        for m in &mut all {
            let mut readings = std::mem::take(&mut m.readings);
            readings.sort_by_key(|r| (!m.is_strong(r), r.premise));
            m.readings = readings;
            m.readings.dedup();
        }
        all.sort_by_key(|m| m.readings[0].premise);
        let mut by_premise: Vec<SmallVec<[u32; 2]>> = vec![SmallVec::new(); theory.len()];
        for (n, m) in all.iter().enumerate() {
            for r in &m.readings {
                let at = &mut by_premise[r.premise.index()];
                if !at.contains(&(n as u32)) {
                    at.push(n as u32);
                }
            }
        }
        let database = theory.db.len() as u32;
        let closure = ClosureFacts::new(theory, &arena, &connectives, &all);
        let names = only_variables(theory, &all);
        let said = |m: &Move| {
            let there = |k: u32| holds(&arena, m.goal, k) || m.takes.is_some_and(|t| holds(&arena, t, k));
            (0..m.variables.len() as u32).all(there)
        };
        let determined = all.iter().map(said).collect();
        let known = Moves { arena, connectives, all, by_premise, closure, database, names, ..Moves::default() };
        let mut moves = Moves { determined, ..known };
        moves.index(&|_, _| true);
        moves
    }
    /// Builds the indexes over the moves that are `wanted`.
    pub fn index(&mut self, wanted: &dyn Fn(u32, &Move) -> bool) {
        let index = |taking: bool, fits: &dyn Fn(&Move) -> bool| {
            let all =
                self.all.iter().zip(0u32..).filter(|&(m, n)| m.takes.is_some() == taking && fits(m) && wanted(n, m));
            let terms = |m: &Move| -> Terms {
                if taking {
                    m.taken().collect()
                } else {
                    m.goals().collect()
                }
            };
            Index::build(&self.arena, all.flat_map(|(m, n)| terms(m).into_iter().map(move |t| (t, n))))
        };
        let (goals, takers) = (index(false, &|_| true), index(true, &|_| true));
        let database = self.database;
        let weak = |m: &Move| {
            let first = m.readings[0].premise.0;
            let sooner = |p: u32| p < first || (first < database && p >= database);
            m.readings.iter().any(|r| !r.strict && sooner(r.premise.0))
        };
        let early = [index(false, &weak), index(true, &weak)];
        let facts = index(false, &|m| m.parts.is_empty());
        (self.goals, self.takers, self.facts, self.early) = (goals, takers, facts, early);
    }
    /// Builds the indexes over all moves except idle ones ([`Moves::is_idle`]); `uses` counts each move's uses in
    /// proofs.
    pub fn index_used(&mut self, uses: &[u32]) {
        let idle: Vec<bool> = (0..self.all.len() as u32).map(|n| self.is_idle(n, uses)).collect();
        self.index(&|n, _| !idle[n as usize]);
    }
    /// Whether a move that is glue or fits every goal has no uses in proofs.
    pub fn is_idle(&self, number: u32, uses: &[u32]) -> bool {
        let m = &self.all[number as usize];
        let bare = m.takes.is_none() && self.arena.head(m.goal).as_meta().is_some();
        (bare || m.glue) && uses[number as usize] == 0
    }
    /// Appends the moves that may answer a formula or, if `taking`, may take it apart as a member of Γ. The order is
    /// arbitrary, and a move may appear twice. Of the moves in `late`, which runs from [`Moves::before`] of the task to
    /// the end, only those with an earlier weak twin or a lemma are appended.
    pub fn fitting(
        &self,
        arena: &Arena,
        t: TermId,
        taking: bool,
        late: &Range<u32>,
        query: &mut Query,
        out: &mut Vec<u32>,
    ) {
        let all = if taking { &self.takers } else { &self.goals };
        all.query_outside(arena, t, late.clone(), query, out);
        let known = out.len();
        self.early[usize::from(taking)].query(arena, t, query, out);
        let mut place = 0;
        out.retain(|n| {
            place += 1;
            place <= known || late.contains(n)
        });
    }
    /// Whether a move's goal and the member that it takes apart determine all its values.
    pub fn is_determined(&self, number: u32) -> bool {
        self.determined[number as usize]
    }
    /// The eigenvariables of a move: metavariables that only variables can replace and that Γ must not contain.
    pub fn eigenvariables<'m>(&'m self, m: &'m Move) -> impl Iterator<Item = u16> + 'm {
        let bound = |k: u16| {
            let joins = m.parts.iter().flat_map(|p| &p.added);
            joins.chain([&m.goal]).any(|&t| holds(&self.arena, t, u32::from(k)))
        };
        let named = |k: &u16| self.names.contains(&m.variables[usize::from(*k)]);
        m.apart.iter().copied().filter(named).filter(move |&k| bound(k))
    }
    /// The number of moves whose first strong twin stands before assertion `limit`. Moves of lemmas are numbered last.
    pub fn before(&self, limit: u32) -> u32 {
        self.all.partition_point(|m| m.readings[0].premise.0 < limit) as u32
    }
}

impl Shape {
    fn of(arena: &Arena, c: &Connectives, tables: &Tables, premise: &Premise<'_>, glue: bool) -> Option<Shape> {
        let mut literals = Terms::new();
        let consequent = c.strip(arena, premise.conclusion, &mut literals);
        let hyps: Vec<(Terms, TermId)> = premise
            .hyps
            .iter()
            .map(|&h| {
                let mut own = Terms::new();
                let goal = c.strip(arena, h, &mut own);
                (own, goal)
            })
            .collect();
        let (mut contexts, mut whole, mut antecedents) = (SmallVec::<[u16; 1]>::new(), None, Terms::new());
        for (i, &a) in literals.iter().enumerate() {
            let Some(m) = arena.head(a).as_meta() else {
                antecedents.push(a);
                continue;
            };
            if literals[..i].contains(&a) {
                continue;
            }
            let others = literals.iter().filter(|&&b| b != a).chain([&consequent]);
            if others.into_iter().any(|&t| holds(arena, t, m)) {
                antecedents.push(a);
            } else if hyps
                .iter()
                .all(|(own, goal)| !holds(arena, *goal, m) && own.iter().all(|&t| t == a || !holds(arena, t, m)))
            {
                contexts.push(m as u16);
            } else if hyps.iter().all(|(own, goal)| own.iter().chain([goal]).all(|&t| !within(arena, tables, t, m))) {
                antecedents.push(a);
            } else if whole.replace(m as u16).is_some() {
                return None;
            }
        }
        let is_context = |t: TermId| arena.head(t).as_meta().is_some_and(|m| contexts.contains(&(m as u16)));
        let part = |(k, (own, goal)): (usize, (Terms, TermId))| {
            let inherits = own.iter().any(|&t| is_context(t));
            let added = own.into_iter().filter(|&t| !is_context(t)).collect();
            (Part { added, goal, inherits, restricted: true }, Source::Hyp(k as u8))
        };
        let hyps: Vec<(Part, Source)> = hyps.into_iter().enumerate().map(part).collect();
        (hyps.len() + antecedents.len() <= MOST_PARTS).then_some(Shape {
            glue,
            contexts,
            whole,
            antecedents,
            consequent,
            hyps,
        })
    }
    fn readings(&self, arena: &mut Arena, c: &Connectives) -> Vec<Raw> {
        let answered =
            |goal| (Part { added: Terms::new(), goal, inherits: true, restricted: false }, Source::Conclusion);
        let parts: Vec<(Part, Source)> =
            self.hyps.iter().cloned().chain(self.antecedents.iter().map(|&a| answered(a))).collect();
        let mut out = Vec::new();
        self.literals(arena, c, self.consequent, parts, &mut out);
        out.truncate(MOST_READINGS);
        out
    }
    /// Appends the readings of a consequent `t` that holds if `parts` are proved.
    fn literals(&self, arena: &mut Arena, c: &Connectives, t: TermId, parts: Vec<(Part, Source)>, out: &mut Vec<Raw>) {
        let with = |mut parts: Vec<(Part, Source)>, goals: &[TermId]| {
            parts.extend(goals.iter().map(|&goal| {
                (Part { added: Terms::new(), goal, inherits: true, restricted: false }, Source::Conclusion)
            }));
            parts
        };
        let mut antecedents = Terms::new();
        let t = c.strip(arena, t, &mut antecedents);
        let parts = with(parts, &antecedents);
        if c.is_conjunction(arena, t) {
            let conjuncts: Terms = arena.children(t).into();
            conjuncts.iter().for_each(|&part| self.literals(arena, c, part, parts.clone(), out));
            return;
        }
        if arena.head(t).as_meta().is_some() {
            out.push(Raw { goal: t, takes: None, parts: parts.clone() });
            for i in 0..parts.len() {
                let (part, source) = &parts[i];
                let takes = part.goal;
                if *source == Source::Conclusion && arena.head(takes).as_meta().is_none() && out.len() < MOST_READINGS {
                    let mut rest = parts.clone();
                    rest.remove(i);
                    out.push(Raw { goal: t, takes: Some(takes), parts: rest });
                }
            }
            return;
        }
        if out.len() >= MOST_READINGS {
            return;
        }
        out.push(Raw { goal: t, takes: None, parts: parts.clone() });
        let Some((left, right)) = c.as_equivalence(arena, t) else { return };
        for (to, from) in [(left, right), (right, left)] {
            if arena.head(to).as_meta().is_some() {
                continue;
            }
            self.literals(arena, c, to, with(parts.clone(), &[from]), out);
            if let Some(not) = c.negation {
                let [to, from] = [to, from].map(|t| denied(arena, not, t));
                out.push(Raw { goal: to, takes: None, parts: with(parts.clone(), &[from]) });
            }
        }
    }
}

/// The negation of a formula; for `-. A`, A.
pub(in crate::wake_sleep::inference) fn denied(arena: &mut Arena, not: Head, t: TermId) -> TermId {
    if arena.head(t) == not {
        arena.children(t)[0]
    } else {
        arena.make(not, &[t])
    }
}

/// The readings of a formula without metavariables, as a hypothesis, a lemma of its own or a member of Γ: for each, the
/// formula that it answers and the formulas that it leaves.
pub fn formula_readings(arena: &mut Arena, c: &Connectives, formula: TermId) -> Vec<(TermId, Terms)> {
    let mut antecedents = Terms::new();
    let consequent = c.strip(arena, formula, &mut antecedents);
    let none = SmallVec::new();
    let shape = Shape { glue: false, contexts: none, whole: None, antecedents, consequent, hyps: Vec::new() };
    let parts = |raw: &Raw| raw.parts.iter().map(|p| p.0.goal).collect();
    shape.readings(arena, c).iter().map(|raw| (raw.goal, parts(raw))).collect()
}

fn holds(arena: &Arena, t: TermId, meta: u32) -> bool {
    !arena.is_ground(t)
        && (arena.head(t).as_meta() == Some(meta) || arena.children(t).iter().any(|&c| holds(arena, c, meta)))
}

/// Whether a metavariable occurs in a formula below something that is no connective: in `A. x ph`, not in `-. ph`.
fn within(arena: &Arena, tables: &Tables, t: TermId, meta: u32) -> bool {
    let head = arena.head(t);
    match head.as_meta() {
        Some(_) => false,
        None if head.is_judgement() || tables.get(head).is_none() => holds(arena, t, meta),
        None => arena.children(t).iter().any(|&c| within(arena, tables, c, meta)),
    }
}

/// The variables of moves whose typecode no syntax axiom has.
fn only_variables(theory: &Theory, all: &[Move]) -> FxHashSet<SymbolId> {
    let assertions = (0..theory.db.len()).map(AssertionId::from).filter(|&a| !theory.db.is_logical(a));
    let made: FxHashSet<SymbolId> = assertions.map(|a| theory.db.source.typecode(a)).collect();
    let bare = |v: &SymbolId| theory.typecode(*v).is_some_and(|t| !made.contains(&t));
    all.iter().flat_map(|m| m.variables.iter().copied()).filter(bare).collect()
}

/// Groups readings that say the same into moves.
struct Groups<'a> {
    arena: Arena,
    connectives: &'a Connectives,
    /// By key, the places of moves and, for each, the mask of the literals that the move's own reading turns.
    by_key: FxHashMap<Vec<u32>, Vec<(usize, u64)>>,
    all: Vec<Move>,
}

/// A canonical form of a reading: numbers of its metavariables, order of its parts, and a key. Readings that differ in
/// names or in the orientation of symmetric relations have equal keys.
#[derive(Clone, Default)]
struct Canonical {
    key: Vec<u32>,
    metas: SmallVec<[u16; 8]>,
    order: Vec<usize>,
    /// A bit for each literal, in the order of the key: whether its sides are exchanged there.
    turned: u64,
    literals: u32,
}

/// Appends a term in preorder; metavariables are numbered by first occurrence.
fn serialise(arena: &Arena, t: TermId, metas: &mut SmallVec<[u16; 8]>, out: &mut Vec<u32>) {
    let head = arena.head(t);
    match head.as_meta() {
        Some(m) => {
            let known = metas.iter().position(|&x| u32::from(x) == m);
            let n = known.unwrap_or_else(|| {
                metas.push(m as u16);
                metas.len() - 1
            });
            out.push((n as u32) << 1 | 1);
        }
        None => {
            out.push(head.raw() << 1);
            arena.children(t).iter().for_each(|&c| serialise(arena, c, metas, out));
        }
    }
}

impl Canonical {
    /// Appends a literal, with its sides exchanged if `turned`.
    fn literal(&mut self, arena: &Arena, c: &Connectives, t: TermId, turned: bool) {
        match c.places(arena, t).filter(|_| turned) {
            Some([i, j]) => {
                let mut children: Terms = arena.children(t).into();
                children.swap(i, j);
                self.key.push(arena.head(t).raw() << 1);
                children.iter().for_each(|&x| serialise(arena, x, &mut self.metas, &mut self.key));
                self.turned |= 1u64.checked_shl(self.literals).unwrap_or(0);
            }
            None => serialise(arena, t, &mut self.metas, &mut self.key),
        }
        self.literals += 1;
    }
    /// Appends a literal in the orientation whose serialisation is the smaller one.
    fn least(&mut self, arena: &Arena, c: &Connectives, t: TermId) {
        let mut turned = self.clone();
        self.literal(arena, c, t, false);
        if c.places(arena, t).is_some() {
            turned.literal(arena, c, t, true);
            if turned.key < self.key {
                *self = turned;
            }
        }
    }
    /// The canonical form of a reading with its goal as it stands or `turned`. Parts are ordered greedily, the least
    /// serialisation first.
    fn of(arena: &Arena, c: &Connectives, raw: &Raw, turned: bool) -> Canonical {
        let mut out = Canonical::default();
        if let Some(t) = raw.takes {
            out.least(arena, c, t);
            out.key.push(u32::MAX - 1);
        }
        out.literal(arena, c, raw.goal, turned);
        let mut rest: Vec<usize> = (0..raw.parts.len()).collect();
        while !rest.is_empty() {
            let said = |&i: &usize| {
                let mut next = Canonical { key: vec![u32::MAX], order: Vec::new(), ..out.clone() };
                let part = &raw.parts[i].0;
                for &t in part.added.iter().chain([&part.goal]) {
                    next.least(arena, c, t);
                    next.key.push(u32::MAX - 2);
                }
                (next, i)
            };
            let Some(best) = rest.iter().map(said).min_by(|a, b| a.0.key.cmp(&b.0.key).then(a.1.cmp(&b.1))) else {
                break;
            };
            let (mut key, mut order) = (std::mem::take(&mut out.key), std::mem::take(&mut out.order));
            key.extend(&best.0.key);
            order.push(best.1);
            out = Canonical { key, order, ..best.0 };
            rest.retain(|&i| i != best.1);
        }
        out
    }
    /// The least canonical form of a reading; two if the goal gives equal keys in both orientations.
    fn both(arena: &Arena, c: &Connectives, raw: &Raw) -> SmallVec<[Canonical; 2]> {
        let mut out: SmallVec<[Canonical; 2]> = SmallVec::new();
        for turned in [false, true].into_iter().take(1 + usize::from(c.places(arena, raw.goal).is_some())) {
            let new = Canonical::of(arena, c, raw, turned);
            match out.first().map(|old| new.key.cmp(&old.key)) {
                Some(Ordering::Less) => out[0] = new,
                Some(Ordering::Equal) | None => out.push(new),
                Some(Ordering::Greater) => {}
            }
        }
        out
    }
    /// Whether a mask of turned literals turns the goal.
    fn turns_goal(&self, takes: bool, turned: u64) -> bool {
        (self.turned ^ turned) >> u32::from(takes) & 1 == 1
    }
}

impl Groups<'_> {
    fn add(&mut self, p: PremiseId, premise: &Premise<'_>, shape: &Shape, raw: &Raw) {
        let mut all = Canonical::both(&self.arena, self.connectives, raw);
        let even = all.len() > 1;
        for canonical in &mut all {
            canonical.key.extend([u32::from(shape.whole.is_some()), u32::from(even)]);
            if let Some(w) = shape.whole {
                if !canonical.metas.contains(&w) {
                    canonical.metas.push(w);
                }
            }
        }
        // A goal that fits itself with exchanged sides is there twice, so that the parts may be exchanged, too.
        all.dedup_by(|b, a| b.metas == a.metas && b.order == a.order);
        let since = self.since(raw);
        for canonical in all {
            self.add_canonical(p, premise, shape, raw, canonical, even, since);
        }
    }
    /// The first assertion from which on all symmetric literals of a reading may be turned.
    fn since(&self, raw: &Raw) -> u32 {
        let parts = raw.parts.iter().flat_map(|(p, _)| p.added.iter().chain([&p.goal]));
        let literals = parts.chain(&raw.takes).chain([&raw.goal]);
        let known = literals.filter_map(|&t| Some(self.connectives.symmetric(&self.arena, t)?.0.theorems[0].0 + 1));
        known.max().unwrap_or(0)
    }
    #[allow(clippy::too_many_arguments)]
    fn add_canonical(
        &mut self,
        p: PremiseId,
        premise: &Premise<'_>,
        shape: &Shape,
        raw: &Raw,
        canonical: Canonical,
        even: bool,
        since: u32,
    ) {
        let own = self.scheme(premise, shape, raw, &canonical, even);
        let parts: SmallVec<[&(Part, Source); 3]> = canonical.order.iter().map(|&i| &raw.parts[i]).collect();
        let reading = Reading {
            premise: p,
            metas: canonical.metas.clone(),
            contexts: shape.contexts.clone(),
            sources: parts.iter().map(|x| x.1).collect(),
            inherits: parts.iter().map(|x| x.0.inherits).collect(),
            strict: false,
            turned: false,
            since: 0,
        };
        let takes = raw.takes.is_some();
        let places = self.by_key.entry(canonical.key.clone()).or_default();
        for (at, turned) in places.iter_mut() {
            let m = &mut self.all[*at];
            let (theirs, ours) = (m.covers(&own), own.covers(m));
            let other = canonical.turned != *turned;
            let way = (canonical.turns_goal(takes, *turned), if other { since } else { 0 });
            if theirs {
                let strict = !ours && m.asks_less(&own);
                m.readings.push(Reading { strict, turned: way.0, since: way.1, ..reading });
                return;
            }
            if ours {
                let strict = own.asks_less(m);
                if strict && other {
                    // Tasks between the two assertions need the earlier twins as a move of their own.
                    continue;
                }
                let mut readings = std::mem::take(&mut m.readings);
                readings.iter_mut().for_each(|r| r.strict |= strict);
                readings.push(Reading { turned: way.0, since: way.1, ..reading });
                // The move takes the form of its first reading.
                let said = |(p, own): (Part, &Part)| Part { restricted: own.restricted, inherits: own.inherits, ..p };
                let parts = std::mem::take(&mut m.parts).into_iter().zip(&own.parts).map(said).collect();
                let (disjoint, apart) = (own.disjoint, own.apart);
                *m = Move { readings, parts, disjoint, apart, ..m.clone() };
                return;
            }
        }
        places.push((self.all.len(), canonical.turned));
        self.all.push(Move { readings: vec![reading], ..own });
    }
    /// Drops antecedents that are a bare variable which occurs nowhere else.
    fn drop_idle(&self, raw: &mut Raw) {
        let arena = &self.arena;
        let mut i = 0;
        while i < raw.parts.len() {
            let (part, source) = &raw.parts[i];
            let idle = arena.head(part.goal).as_meta().is_some_and(|m| {
                let others = raw.parts.iter().enumerate().filter(|(j, _)| *j != i);
                let mut terms = others.flat_map(|(_, (p, _))| p.added.iter().chain([&p.goal]));
                *source == Source::Conclusion
                    && !holds(arena, raw.goal, m)
                    && !raw.takes.is_some_and(|t| holds(arena, t, m))
                    && !terms.any(|&t| holds(arena, t, m))
            });
            if idle {
                raw.parts.remove(i);
            } else {
                i += 1;
            }
        }
    }
    /// The move of a reading, without twins.
    fn scheme(&mut self, premise: &Premise<'_>, shape: &Shape, raw: &Raw, canonical: &Canonical, even: bool) -> Move {
        let number = |m: u16| canonical.metas.iter().position(|&x| x == m).map(|n| n as u16);
        let mut values: Vec<TermId> = vec![TermId(0); premise.variables.len()];
        for (n, &m) in canonical.metas.iter().enumerate() {
            values[usize::from(m)] = self.arena.meta(n as u32);
        }
        let arena = &mut self.arena;
        let parts = canonical.order.iter().map(|&i| {
            let part = &raw.parts[i].0;
            let added = part.added.iter().map(|&t| arena.instantiate(t, &values)).collect();
            Part { added, goal: arena.instantiate(part.goal, &values), ..*part }
        });
        let parts = parts.collect();
        let of_context = |m: u16| shape.contexts.contains(&m) || shape.whole == Some(m);
        let (mut disjoint, mut apart) = (Vec::new(), SmallVec::<[u16; 2]>::new());
        for &(a, b) in premise.disjoint {
            match (of_context(a), of_context(b), number(a), number(b)) {
                (false, false, Some(a), Some(b)) => disjoint.push((a.min(b), a.max(b))),
                (true, false, _, Some(m)) | (false, true, Some(m), _) => apart.push(m),
                _ => {}
            }
        }
        disjoint.sort_unstable();
        apart.sort_unstable();
        apart.dedup();
        let goal = arena.instantiate(raw.goal, &values);
        let takes = raw.takes.map(|t| arena.instantiate(t, &values));
        Move {
            goal,
            exchanged: self.connectives.exchanged(arena, goal),
            even,
            takes,
            takes_exchanged: takes.and_then(|t| self.connectives.exchanged(arena, t)),
            parts,
            variables: canonical.metas.iter().map(|&m| premise.variables[usize::from(m)]).collect(),
            disjoint,
            apart,
            whole: shape.whole.and_then(number),
            glue: shape.glue,
            readings: Vec::new(),
        }
    }
}

#[cfg(test)]
pub(in crate::wake_sleep::inference) mod tests;

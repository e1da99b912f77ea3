//! Readings: what an assertion can do for a sequent, from its shape alone.
//!
//! For a conclusion K and hypotheses H1 … Hn: K's antecedents are premises, its consequent is the literal that can answer
//! a goal. `( L <-> R )` also answers L from R and R from L, and the same denied; a conjunction answers each part. A
//! variable that is an antecedent of K and otherwise only an antecedent of hypotheses is a *context*: those hypotheses
//! keep Γ. A hypothesis without it must hold without Γ. A consequent that is a bare variable answers whatever there is
//! once an antecedent is found in Γ: then the reading *takes apart* that member.
//!
//! So the closed form, the inference and the deduction of one fact have the same reading. It is one *move*, and they are
//! its twins: which of them is written is decided when the proof is written out. Assertions about connectives alone are
//! glue: most of their readings ask for what they answer and are left out; what stays are the real choices of
//! propositional logic (a cut, cases, both directions of an equivalence, a contraposition). Price: linear in the
//! database, a second on set.mm.

use super::closure::ClosureFacts;
use super::sequents::{Connectives, Terms};
use crate::dsl::library::{Premise, PremiseId, Task, Theory};
use crate::metamath_db::ids::{SymbolId, TermId};
use crate::metamath_db::index::{Index, Query};
use crate::metamath_db::term::{Arena, Head};
use crate::wake_sleep::closers::{pure, Tables};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::ops::Range;

/// Readings of one assertion, at most.
const MOST_READINGS: usize = 24;
/// Parts of a reading, at most.
const MOST_PARTS: usize = 40;

/// Something that a move leaves to be answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// What joins Γ.
    pub added: Terms,
    /// The formula to be answered.
    pub goal: TermId,
    /// Whether it may use the Γ of the goal.
    pub inherits: bool,
    /// Whether of that Γ only what the move passes on (not the member taken apart, nothing that `apart` forbids): so it is
    /// for hypotheses. Antecedents are answered in all of Γ.
    pub restricted: bool,
}

/// Where a part of a reading comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// The hypothesis of this number.
    Hyp(u8),
    /// An antecedent, or the other side of an equivalence.
    Conclusion,
}

/// One assertion as one of the twins of a move.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    /// The assertion.
    pub premise: PremiseId,
    /// By metavariable of the move, the premise's.
    pub metas: SmallVec<[u16; 8]>,
    /// The premise's metavariables that stand for the whole context.
    pub contexts: SmallVec<[u16; 1]>,
    /// By part of the move, where it comes from.
    pub sources: SmallVec<[Source; 3]>,
    /// By part of the move, whether this twin lets it use Γ. A weak twin does not where the move does.
    pub inherits: SmallVec<[bool; 3]>,
    /// Whether it asks for more `$d` conditions than the move.
    pub strict: bool,
}

/// What some assertions that say the same can do for a sequent.
#[derive(Clone, Debug)]
pub struct Move {
    /// What it answers, over metavariables `0..variables.len()`.
    pub goal: TermId,
    /// The member of Γ that it takes apart; then the goal is a bare metavariable, and Γ goes on without that member.
    pub takes: Option<TermId>,
    /// What it leaves.
    pub parts: SmallVec<[Part; 3]>,
    /// The variables that the metavariables stand for; they give typecodes.
    pub variables: SmallVec<[SymbolId; 8]>,
    /// `$d` pairs of metavariables, smaller first, sorted.
    pub disjoint: Vec<(u16, u16)>,
    /// Metavariables whose values share no variable with a Γ that is passed on.
    pub apart: SmallVec<[u16; 2]>,
    /// A metavariable that stands for the conjunction of the Γ that is passed on, where an assertion speaks of that formula.
    pub whole: Option<u16>,
    /// Whether it is about connectives alone.
    pub glue: bool,
    /// The assertions, in the order of the database. The first one lets all parts use Γ that can.
    pub readings: Vec<Reading>,
}

impl Move {
    /// Whether the move is there for a task, if only as a weak twin lets: some twin that asks for no more conditions stands
    /// before it and is `allowed`.
    pub fn is_allowed(&self, theory: &Theory, task: &Task, allowed: &dyn Fn(PremiseId) -> bool) -> bool {
        self.readings.iter().any(|r| !r.strict && theory.stands_before(r.premise, task) && allowed(r.premise))
    }
    /// The twins that let each part use Γ that the move lets, under no more conditions.
    pub fn strong(&self) -> impl Iterator<Item = &Reading> {
        self.readings.iter().filter(|r| self.is_strong(r))
    }
    fn is_strong(&self, r: &Reading) -> bool {
        !r.strict && r.inherits.iter().zip(&self.parts).all(|(own, p)| *own == p.inherits)
    }
    /// Whether it can do all that another move of the same goal and parts can.
    fn covers(&self, other: &Move) -> bool {
        let passed = |k: usize| self.parts[k].inherits && (!self.restricts(k) || other.restricts(k));
        // where nothing of Γ is passed on, nothing of it is forbidden
        let passes = other.parts.iter().any(|p| p.inherits);
        (0..self.parts.len()).all(|k| !other.parts[k].inherits || passed(k))
            && self.disjoint.iter().all(|pair| other.disjoint.contains(pair))
            && (!passes || self.apart.iter().all(|m| other.apart.contains(m)))
    }
    /// Whether its conditions are fewer than those of a move that it covers.
    fn asks_less(&self, other: &Move) -> bool {
        let more = |k: usize| other.restricts(k) && !self.restricts(k);
        self.disjoint.len() < other.disjoint.len()
            || self.apart.len() < other.apart.len()
            || (0..self.parts.len()).any(more)
    }
    /// Whether a part gets less than all of Γ.
    fn restricts(&self, part: usize) -> bool {
        let part = &self.parts[part];
        part.inherits && part.restricted && (self.takes.is_some() || !self.apart.is_empty())
    }
}

/// All moves of a theory.
#[derive(Default)]
pub struct Moves {
    /// The terms of the moves and of the theory.
    pub arena: Arena,
    /// The connectives.
    pub connectives: Connectives,
    /// The moves, in the order of their first strong twin.
    pub all: Vec<Move>,
    /// By premise, the moves that it is a twin of.
    pub by_premise: Vec<SmallVec<[u32; 2]>>,
    /// By what they answer; moves that take a member apart are not there.
    pub goals: Index,
    /// Moves that take a member apart, by that member.
    pub takers: Index,
    /// Moves without parts.
    pub facts: Index,
    /// Which of them are closure facts.
    pub closure: ClosureFacts,
    /// Moves with a twin that may stand earlier than the first strong one, be it a weak one or a lemma: by what they answer,
    /// and by what they take apart.
    early: [Index; 2],
    /// Number of the database's assertions; premises from there on are lemmas.
    database: u32,
}

/// A reading that is not grouped yet, over the premise's metavariables.
#[derive(Clone)]
struct Raw {
    goal: TermId,
    takes: Option<TermId>,
    parts: Vec<(Part, Source)>,
}

impl Raw {
    /// Whether a reading leaves something else than what it answers, and little where it is glue that answers anything.
    fn is_choice(&self, arena: &Arena, glue: bool) -> bool {
        let same = |p: &Part| p.goal == self.goal && p.added.is_empty();
        let bare = self.takes.is_none() && arena.head(self.goal).as_meta().is_some();
        let few = self.parts.len() == 2 || !bare;
        let idle = self.parts.iter().any(|(p, _)| same(p)) || (bare && self.parts.is_empty());
        !idle && (!glue || few && !self.parts.is_empty())
    }
}

/// What the antecedents of one assertion are.
struct Shape {
    glue: bool,
    contexts: SmallVec<[u16; 1]>,
    whole: Option<u16>,
    /// Antecedents that are answered.
    antecedents: Terms,
    consequent: TermId,
    hyps: Vec<(Part, Source)>,
}

impl Moves {
    /// Reads the assertions that `usable` admits.
    pub fn new(theory: &Theory, tables: &Tables, usable: &dyn Fn(PremiseId) -> bool) -> Moves {
        let connectives = Connectives::new(tables, theory.db.len());
        let mut groups = Groups { arena: theory.arena.clone(), by_key: FxHashMap::default(), all: Vec::new() };
        for p in (0..theory.len() as u32).map(PremiseId).filter(|&p| usable(p)) {
            let Some(premise) = theory.premise(p) else { continue };
            let mut formulas = premise.hyps.iter().chain([&premise.conclusion]);
            let glue = formulas.all(|&t| pure(tables, &theory.arena, t));
            if let Some(shape) = Shape::of(&theory.arena, &connectives, tables, &premise, glue) {
                for mut raw in shape.readings(&mut groups.arena, &connectives) {
                    groups.drop_idle(&mut raw);
                    if raw.is_choice(&groups.arena, glue) {
                        groups.add(p, &premise, &shape, raw);
                    }
                }
            }
        }
        groups.finish(theory, connectives)
    }
    /// Makes the indexes of the moves that are `wanted`.
    pub fn index(&mut self, wanted: &dyn Fn(u32, &Move) -> bool) {
        let index = |term: &dyn Fn(&Move) -> Option<TermId>| {
            let all = self.all.iter().zip(0u32..).filter(|&(m, n)| wanted(n, m));
            Index::build(&self.arena, all.filter_map(|(m, n)| Some((term(m)?, n))))
        };
        let goals = index(&|m| m.takes.is_none().then_some(m.goal));
        let takers = index(&|m| m.takes);
        let database = self.database;
        let weak = |m: &Move| {
            let first = m.readings[0].premise.0;
            let sooner = |p: u32| p < first || (first < database && p >= database);
            m.readings.iter().any(|r| !r.strict && sooner(r.premise.0))
        };
        let early =
            [index(&|m| (m.takes.is_none() && weak(m)).then_some(m.goal)), index(&|m| m.takes.filter(|_| weak(m)))];
        let facts = index(&|m| (m.takes.is_none() && m.parts.is_empty()).then_some(m.goal));
        (self.goals, self.takers, self.facts, self.early) = (goals, takers, facts, early);
    }
    /// Makes the indexes of all but idle moves ([`Moves::is_idle`]).
    pub fn index_used(&mut self, uses: &[u32]) {
        let idle: Vec<bool> = (0..self.all.len() as u32).map(|n| self.is_idle(n, uses)).collect();
        self.index(&|n, _| !idle[n as usize]);
    }
    /// Whether a move is one that fits every goal, or glue, and no theorem makes it.
    pub fn is_idle(&self, number: u32, uses: &[u32]) -> bool {
        let m = &self.all[number as usize];
        let bare = m.takes.is_none() && self.arena.head(m.goal).as_meta().is_some();
        (bare || m.glue) && uses[number as usize] == 0
    }
    /// Appends, in no order, moves that may answer a formula or, if they are to be `taking`, take it apart as a member of Γ.
    /// Of those in `late` ([`Moves::before`] of a task and of the end) only the ones with an earlier weak twin, or a lemma.
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
    /// The number of moves whose first strong twin stands before an assertion; lemmas' moves come last.
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
    /// The readings of a consequent that holds where `parts` are answered.
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

/// What a formula without metavariables can do as a hypothesis, a lemma of its own or a member of Γ: by reading what it
/// answers and what it leaves.
pub fn formula_readings(arena: &mut Arena, c: &Connectives, formula: TermId) -> Vec<(TermId, Terms)> {
    let mut antecedents = Terms::new();
    let consequent = c.strip(arena, formula, &mut antecedents);
    let none = SmallVec::new();
    let shape = Shape { glue: false, contexts: none, whole: None, antecedents, consequent, hyps: Vec::new() };
    let parts = |raw: &Raw| raw.parts.iter().map(|p| p.0.goal).collect();
    shape.readings(arena, c).iter().map(|raw| (raw.goal, parts(raw))).collect()
}

/// `-. A`; A of `-. A`.
pub(super) fn denied(arena: &mut Arena, not: Head, t: TermId) -> TermId {
    if arena.head(t) == not {
        arena.children(t)[0]
    } else {
        arena.make(not, &[t])
    }
}

/// Whether a metavariable occurs in a term.
fn holds(arena: &Arena, t: TermId, meta: u32) -> bool {
    !arena.is_ground(t)
        && (arena.head(t).as_meta() == Some(meta) || arena.children(t).iter().any(|&c| holds(arena, c, meta)))
}

/// Whether a metavariable occurs in a part of a formula that is no formula under connectives: `A. x ph`, not `-. ph`.
fn within(arena: &Arena, tables: &Tables, t: TermId, meta: u32) -> bool {
    let head = arena.head(t);
    match head.as_meta() {
        Some(_) => false,
        None if head.is_judgement() || tables.get(head).is_none() => holds(arena, t, meta),
        None => arena.children(t).iter().any(|&c| within(arena, tables, c, meta)),
    }
}

/// Readings that say the same, together.
struct Groups {
    arena: Arena,
    by_key: FxHashMap<Vec<u32>, Vec<usize>>,
    all: Vec<Move>,
}

/// Canonical numbers of a reading's metavariables, its parts in canonical order, and its key.
struct Canonical {
    key: Vec<u32>,
    metas: SmallVec<[u16; 8]>,
    order: Vec<usize>,
}

/// Serialises a term; metavariables get numbers as they come.
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
    /// The parts come in the order of what they say, the least first, greedily.
    fn of(arena: &Arena, raw: &Raw) -> Canonical {
        let (mut key, mut metas) = (Vec::new(), SmallVec::new());
        if let Some(t) = raw.takes {
            serialise(arena, t, &mut metas, &mut key);
            key.push(u32::MAX - 1);
        }
        serialise(arena, raw.goal, &mut metas, &mut key);
        let mut rest: Vec<usize> = (0..raw.parts.len()).collect();
        let mut order = Vec::new();
        while !rest.is_empty() {
            let said = |&i: &usize| {
                let (mut metas, mut key) = (metas.clone(), vec![u32::MAX]);
                let part = &raw.parts[i].0;
                for &t in part.added.iter().chain([&part.goal]) {
                    serialise(arena, t, &mut metas, &mut key);
                    key.push(u32::MAX - 2);
                }
                (key, metas, i)
            };
            let Some(best) = rest.iter().map(said).min_by(|a, b| a.0.cmp(&b.0).then(a.2.cmp(&b.2))) else { break };
            key.extend(best.0);
            metas = best.1;
            order.push(best.2);
            rest.retain(|&i| i != best.2);
        }
        Canonical { key, metas, order }
    }
}

impl Groups {
    fn add(&mut self, p: PremiseId, premise: &Premise<'_>, shape: &Shape, raw: Raw) {
        let mut canonical = Canonical::of(&self.arena, &raw);
        canonical.key.push(u32::from(shape.whole.is_some()));
        if let Some(w) = shape.whole {
            if !canonical.metas.contains(&w) {
                canonical.metas.push(w);
            }
        }
        let parts: SmallVec<[&(Part, Source); 3]> = canonical.order.iter().map(|&i| &raw.parts[i]).collect();
        let reading = Reading {
            premise: p,
            metas: canonical.metas.clone(),
            contexts: shape.contexts.clone(),
            sources: parts.iter().map(|x| x.1).collect(),
            inherits: parts.iter().map(|x| x.0.inherits).collect(),
            strict: false,
        };
        let own = self.scheme(premise, shape, &raw, &canonical);
        let places = self.by_key.entry(canonical.key).or_default();
        for &at in places.iter() {
            let m = &mut self.all[at];
            let (theirs, ours) = (m.covers(&own), own.covers(m));
            if theirs {
                m.readings.push(Reading { strict: !ours && m.asks_less(&own), ..reading });
                return;
            }
            if ours {
                let strict = own.asks_less(m);
                let mut readings = std::mem::take(&mut m.readings);
                readings.iter_mut().for_each(|r| r.strict |= strict);
                readings.push(reading);
                *m = Move { readings, ..own };
                return;
            }
        }
        places.push(self.all.len());
        self.all.push(Move { readings: vec![reading], ..own });
    }
    /// Leaves out antecedents that are a bare variable which nothing else speaks of.
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
    /// A reading's move, without twins.
    fn scheme(&mut self, premise: &Premise<'_>, shape: &Shape, raw: &Raw, canonical: &Canonical) -> Move {
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
        Move {
            goal: arena.instantiate(raw.goal, &values),
            takes: raw.takes.map(|t| arena.instantiate(t, &values)),
            parts,
            variables: canonical.metas.iter().map(|&m| premise.variables[usize::from(m)]).collect(),
            disjoint,
            apart,
            whole: shape.whole.and_then(number),
            glue: shape.glue,
            readings: Vec::new(),
        }
    }
    fn finish(mut self, theory: &Theory, connectives: Connectives) -> Moves {
        for m in &mut self.all {
            let mut readings = std::mem::take(&mut m.readings);
            readings.sort_by_key(|r| (!m.is_strong(r), r.premise));
            m.readings = readings;
            m.readings.dedup();
        }
        self.all.sort_by_key(|m| m.readings[0].premise);
        let mut by_premise: Vec<SmallVec<[u32; 2]>> = vec![SmallVec::new(); theory.len()];
        for (n, m) in self.all.iter().enumerate() {
            for r in &m.readings {
                let at = &mut by_premise[r.premise.index()];
                if !at.contains(&(n as u32)) {
                    at.push(n as u32);
                }
            }
        }
        let (arena, all) = (self.arena, self.all);
        let database = theory.db.len() as u32;
        let closure = ClosureFacts::new(theory, &arena, &all);
        let mut moves = Moves { arena, connectives, all, by_premise, closure, database, ..Moves::default() };
        moves.index(&|_, _| true);
        moves
    }
}

#[cfg(test)]
pub(super) mod tests;

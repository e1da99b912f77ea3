//! Chains of closure facts: facts that say of which sort a whole is because of its parts, proved without a choice.
//!
//! `( A + B ) e. CC` follows from `A e. CC` and `B e. CC`, and `A e. CC` from `A e. RR`. Assertions of this kind are
//! recognised by their shape ([`crate::wake_sleep::inference::moves::kinds`]), and backward chaining over them ends. A
//! ground sequent that says of which sort something is, or that wholes with equal parts are equal, is therefore proved
//! by backward chaining. A chain ends at members of Γ, at hypotheses of the task, at facts without premises, and at
//! what follows by truth table. The first proof found is taken. Closure facts whose parts are all closed at once are
//! tried first, then those that leave the smallest terms.
//!
//! The search in context asks this closer before it ranks a goal, and the translation of human proofs asks it before it
//! looks at their steps. So a model is trained on the same choices that the search has to make. Answers are cached by
//! sequent. The bound is a count, not a time: at most [`FUEL`] sequents are examined for one query. A consequent is
//! given up at once when no chain from it can reach anything that is known.

pub mod facts;
mod given;
mod naming;
mod reason;
mod substitution;

pub use facts::ClosureFacts;
pub use given::{givens, Given};
pub use substitution::{is_substituted, OPAQUE};

use crate::dsl::theory::library::{PremiseId, Task, Theory};
use crate::metamath_db::ids::{AssertionId, TermId};
use crate::metamath_db::terms::index::Query;
use crate::metamath_db::terms::term::Arena;
use crate::metamath_db::terms::unify::Bindings;
use crate::wake_sleep::closers::{Question, Tables};
use crate::wake_sleep::inference::moves::apart::Apart;
use crate::wake_sleep::inference::moves::meaning::passes;
use crate::wake_sleep::inference::moves::readings::{formula_readings, Move, Moves};
use crate::wake_sleep::inference::moves::sequents::{consequent, context, Connectives, Terms};
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use std::ops::Range;
use std::rc::Rc;

/// The largest number of sequents that are examined for one query.
const FUEL: u32 = 160;
/// The greatest depth of a chain.
const DEEPEST: u32 = 24;
/// The largest number of consequents reachable from one for which "none of them is known" is decided in advance.
const FAR: usize = 48;
/// The largest number of members of Γ that are examined.
const MOST_MEMBERS: usize = 128;

/// Whether a term occurs in another.
pub fn occurs(arena: &Arena, within: TermId, t: TermId) -> bool {
    within == t || arena.children(within).iter().any(|&c| occurs(arena, c, t))
}

/// The moves that a task may use, and the parts of each move that may use Γ.
pub struct Allowed<'a> {
    moves: &'a Moves,
    /// The place of the task in the database; only what stands before it may be used.
    limit: AssertionId,
    premises: Box<dyn Fn(PremiseId) -> bool + 'a>,
    /// For each move, one bit for each part that may use Γ, and the flags [`ASKED`] and [`ALLOWED`].
    known: Vec<u64>,
}

/// Flags in [`Allowed::known`]: the entry has been computed; the move has a twin that may be used.
const ASKED: u64 = 1 << 63;
const ALLOWED: u64 = 1 << 62;

impl<'a> Allowed<'a> {
    /// Creates the table for a task at `limit`, where `premises` says which premises the task may use.
    pub fn new(moves: &'a Moves, limit: AssertionId, premises: Box<dyn Fn(PremiseId) -> bool + 'a>) -> Allowed<'a> {
        Allowed { moves, limit, premises, known: vec![0; moves.all.len()] }
    }
    /// Whether a premise may be used.
    pub fn permits(&self, p: PremiseId) -> bool {
        (self.premises)(p)
    }
    /// Whether a move may be used.
    pub fn allows(&mut self, number: u32) -> bool {
        self.asked(number) & ALLOWED > 0
    }
    /// A bit mask of the parts that may use Γ, according to the best twin that the task may use.
    pub fn passed(&mut self, number: u32) -> u64 {
        self.asked(number) & !(ASKED | ALLOWED)
    }
    fn asked(&mut self, number: u32) -> u64 {
        if self.known[number as usize] & ASKED == 0 {
            let m: &Move = &self.moves.all[number as usize];
            let best = passes(m, self.limit, &|p| self.permits(p));
            self.known[number as usize] = best.map_or(ASKED, |mask| ASKED | ALLOWED | mask);
        }
        self.known[number as usize]
    }
}

/// The number of a move, and whether the move answers the goal with the sides of a symmetric relation exchanged.
pub type Turned = (u32, bool);

/// The reason why a sequent is closed without a choice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// The member of Γ at this place.
    Member(u8),
    /// The reading of a hypothesis of the task at this place.
    Given(u32),
    /// A reading of a member of Γ: the place of the member, and the number of the reading.
    Use(u8, u8),
    /// The consequent follows by truth table.
    Follows,
    /// A move without parts.
    Fact(Turned),
    /// A closure fact, with the values of its metavariables.
    Move(Turned, Rc<[TermId]>),
}

/// The context and the formula that each child of a node proves.
pub type Served = SmallVec<[(Terms, TermId); 3]>;

/// What remains to be proved after a move is applied to a sequent.
struct Left {
    /// The members of Γ that are passed on, sorted.
    kept: Terms,
    /// The context and the formula of each part.
    parts: Served,
}

/// A sequent: the number of its context, and its consequent.
type Sequent = (u32, TermId);

/// What is known of a sequent so far.
enum Known {
    /// No step without parts closes it; chains have not been tried, or are not finished.
    Inner,
    /// A proof of it is in progress.
    Open,
    Failed,
    Proved(Answer),
}

/// A context Γ with what is derived from it.
struct Around {
    /// The members, sorted.
    members: Terms,
    /// The proper parts of the members under connectives, sorted.
    spoken: Vec<TermId>,
}

/// What answers a consequent independently of Γ.
struct Closed {
    /// The first fact of which the consequent is an instance, and the first whose values the consequent fixes
    /// completely.
    facts: [Option<Turned>; 2],
    /// The numbers of the readings of hypotheses whose answer is the consequent.
    given: SmallVec<[u32; 2]>,
}

/// The members of Γ that a part of a closure fact may use.
#[derive(Clone, Copy)]
enum Passed {
    Nothing,
    Kept,
    All,
}

/// A closure fact that may answer a consequent.
struct Way {
    number: Turned,
    values: Rc<[TermId]>,
    /// The values with which a member of Γ that is passed on must not share a variable.
    apart: Terms,
    /// For each part: the antecedents added to Γ, the formula, and the members of Γ that it may use.
    parts: SmallVec<[(Terms, TermId, Passed); 3]>,
}

/// The consequents that chains from one consequent can reach.
struct Reach {
    /// The reachable consequents, sorted.
    all: Vec<TermId>,
    /// Whether one of them may hold in any Γ, so that nothing is excluded in advance.
    free: bool,
}

/// Closes sequents of one task without a choice, and caches the answers.
pub struct Closer<'a> {
    moves: &'a Moves,
    tables: &'a Tables,
    task: &'a Task,
    connectives: Connectives,
    given: Rc<[Given]>,
    /// The numbers of the moves whose first strong twin stands after the task.
    late: Range<u32>,
    numbers: FxHashMap<Terms, u32>,
    contexts: Vec<Rc<Around>>,
    /// The hypotheses and their parts under connectives.
    spoken: FxHashSet<TermId>,
    closed: FxHashMap<TermId, Rc<Closed>>,
    ways: FxHashMap<TermId, Rc<[Way]>>,
    reach: FxHashMap<TermId, Rc<Reach>>,
    /// The conclusions of unconditional readings of hypotheses, in each orientation.
    simple: Terms,
    /// For each left side, the relations of two terms among `simple` that may define it as a name.
    named: FxHashMap<TermId, SmallVec<[TermId; 1]>>,
    known: FxHashMap<Sequent, Known>,
    bindings: Bindings,
    query: Query,
    question: Question,
    apart: Apart,
    /// The number of sequents that may still be examined for the current query.
    fuel: u32,
    /// Whether a failure depends on a bound or on a goal in progress, and so must not be cached.
    stopped: bool,
}

impl<'a> Closer<'a> {
    /// Creates the closer of a task; `given` are the readings of its hypotheses ([`givens`]).
    pub fn new(
        theory: &Theory,
        arena: &mut Arena,
        moves: &'a Moves,
        tables: &'a Tables,
        task: &'a Task,
        given: Rc<[Given]>,
    ) -> Closer<'a> {
        let connectives = moves.connectives.before(task.limit);
        let mut named: FxHashMap<TermId, SmallVec<[TermId; 1]>> = FxHashMap::default();
        let mut simple = Terms::new();
        for g in given.iter().filter(|g| g.parts.is_empty()) {
            for said in connectives.ways(arena, g.goal) {
                simple.push(said);
                if let &[name, _] = arena.children(said) {
                    named.entry(name).or_default().push(said);
                }
            }
        }
        let mut spoken = Vec::new();
        for &h in &task.hyps {
            spoken.push(connectives.oriented(arena, h));
            speak(arena, &connectives, tables, h, &mut spoken);
        }
        Closer {
            moves,
            tables,
            task,
            connectives,
            given,
            late: moves.before(task.limit.0)..moves.before(theory.db.len() as u32),
            numbers: FxHashMap::default(),
            contexts: Vec::new(),
            spoken: spoken.into_iter().collect(),
            closed: FxHashMap::default(),
            ways: FxHashMap::default(),
            reach: FxHashMap::default(),
            simple,
            named,
            known: FxHashMap::default(),
            bindings: Bindings::default(),
            query: Query::default(),
            question: Question::default(),
            apart: Apart::default(),
            fuel: 0,
            stopped: false,
        }
    }
    /// An estimate of the bytes that the caches hold.
    pub fn bytes(&self) -> usize {
        64 * self.known.len()
            + 128 * (self.closed.len() + self.contexts.len())
            + 512 * (self.ways.len() + self.reach.len())
    }
    /// Closes a ground sequent whose consequent has a sort or an equality as its head, with all that the answer leaves.
    /// Returns `None` if no chain is found. The answer does not depend on earlier queries. The arena must keep the
    /// terms that this call makes.
    pub fn close(&mut self, arena: &mut Arena, allowed: &mut Allowed<'_>, s: TermId) -> Option<&Answer> {
        let speaks = self.moves.closure.heads.contains(&arena.head(consequent(arena, s)));
        if speaks {
            self.close_any(arena, allowed, s)
        } else {
            None
        }
    }
    /// Closes a ground sequent by a chain, without the restriction of [`Closer::close`] to the heads of closure facts.
    fn close_any(&mut self, arena: &mut Arena, allowed: &mut Allowed<'_>, s: TermId) -> Option<&Answer> {
        let members = Terms::from(context(arena, s));
        let key = (self.number(arena, &members), consequent(arena, s));
        if !matches!(self.known.get(&key), Some(Known::Failed | Known::Proved(_))) {
            (self.fuel, self.stopped) = (FUEL, false);
            if !self.prove(arena, allowed, key, 0) {
                self.known.insert(key, Known::Failed);
            }
        }
        match self.known.get(&key) {
            Some(Known::Proved(answer)) => Some(answer),
            _ => None,
        }
    }
    /// The metavariables' values of the move `number`, if the cached proof of the sequent ends with this move.
    pub fn values(&self, arena: &Arena, s: TermId, number: Turned) -> Option<Rc<[TermId]>> {
        let around = *self.numbers.get(context(arena, s))?;
        match self.known.get(&(around, consequent(arena, s))) {
            Some(Known::Proved(Answer::Move(n, values))) if *n == number => Some(values.clone()),
            _ => None,
        }
    }
    /// The number of a context, whose `members` are sorted.
    fn number(&mut self, arena: &mut Arena, members: &[TermId]) -> u32 {
        if let Some(&known) = self.numbers.get(members) {
            return known;
        }
        let (members, mut spoken) = (Terms::from(members), Vec::new());
        members.iter().for_each(|&t| speak(arena, &self.connectives, self.tables, t, &mut spoken));
        spoken.sort_unstable();
        spoken.dedup();
        self.contexts.push(Rc::new(Around { members: members.clone(), spoken }));
        let number = self.contexts.len() as u32 - 1;
        self.numbers.insert(members, number);
        number
    }
    /// Closes a ground sequent by one step that leaves only members of Γ: a member, a hypothesis of the task, or a
    /// fact.
    pub fn at_once(&mut self, arena: &mut Arena, allowed: &mut Allowed<'_>, s: TermId) -> Option<Answer> {
        let (goal, members) = (consequent(arena, s), context(arena, s));
        if let Some(k) = members.iter().take(MOST_MEMBERS).position(|&e| e == goal) {
            return Some(Answer::Member(k as u8));
        }
        let closed = self.closed(arena, allowed, goal);
        self.simply_given(arena, &closed, context(arena, s)).or_else(|| closed.facts[0].map(Answer::Fact))
    }
    /// The first reading of a hypothesis that answers the consequent and leaves only members of Γ.
    fn simply_given(&self, arena: &Arena, closed: &Closed, members: &[TermId]) -> Option<Answer> {
        let c = &self.connectives;
        let simple = |&p: &TermId| c.as_implication(arena, p).is_none() && !c.is_conjunction(arena, p);
        let there = |&&k: &&u32| self.given[k as usize].left.iter().all(|p| simple(p) && members.contains(p));
        closed.given.iter().find(there).map(|&k| Answer::Given(k))
    }
    fn closed(&mut self, arena: &mut Arena, allowed: &mut Allowed<'_>, goal: TermId) -> Rc<Closed> {
        if let Some(known) = self.closed.get(&goal) {
            return known.clone();
        }
        let mut found = Vec::new();
        self.moves.facts.query_outside(arena, goal, self.late.clone(), &mut self.query, &mut found);
        found.sort_unstable();
        let mut facts = [None; 2];
        for n in found {
            if facts[1].is_none() && allowed.allows(n) {
                if let Some((turned, whole)) = self.is_instance(arena, n, goal) {
                    facts[0] = facts[0].or(Some((n, turned)));
                    facts[1] = Some((n, turned)).filter(|_| whole);
                }
            }
        }
        let given = (0..).zip(self.given.iter()).filter(|(_, g)| g.answers == goal).map(|x| x.0).collect();
        let made = Rc::new(Closed { facts, given });
        self.closed.insert(goal, made.clone());
        made
    }
    /// Whether a ground formula is an instance of a fact. If so: whether with its sides exchanged, and whether the
    /// formula fixes the values of all metavariables.
    fn is_instance(&mut self, arena: &mut Arena, number: u32, goal: TermId) -> Option<(bool, bool)> {
        let mut ways = self.moves.all[number as usize].goals().zip([false, true]);
        ways.find_map(|(way, turned)| Some((turned, self.is_instance_of(arena, number, way, goal)?)))
    }
    fn is_instance_of(&mut self, arena: &mut Arena, number: u32, way: TermId, goal: TermId) -> Option<bool> {
        let m = &self.moves.all[number as usize];
        self.bindings.reset(m.variables.len());
        let known = way == m.goal || self.connectives.symmetric(arena, goal).is_some();
        if !known || m.whole.is_some() || !self.bindings.unify(arena, (way, 0), (goal, 0)) {
            return None;
        }
        let fits = m.disjoint.iter().all(|&(a, b)| {
            let [a, b] = [a, b].map(|k| {
                let meta = arena.meta(u32::from(k));
                self.bindings.resolve(arena, (meta, 0))
            });
            self.apart.is_apart(arena, self.task, a, &[b])
        });
        fits.then(|| (0..m.variables.len() as u32).all(|k| self.bindings.is_bound(k)))
    }
    /// The metavariables' values with which a fact becomes the ground formula `goal`.
    fn instance(&mut self, arena: &mut Arena, number: Turned, goal: TermId) -> Vec<TermId> {
        let (m, way) = self.way_round(number);
        self.bindings.reset(m.variables.len());
        self.bindings.unify(arena, (way, 0), (goal, 0));
        self.resolved(arena, m)
    }
    /// A move, and its goal in the orientation that the flag names.
    fn way_round(&self, (number, turned): Turned) -> (&'a Move, TermId) {
        let m = &self.moves.all[number as usize];
        (m, m.exchanged.filter(|_| turned).unwrap_or(m.goal))
    }
    fn resolved(&self, arena: &mut Arena, m: &Move) -> Vec<TermId> {
        let metas: Vec<TermId> = (0..m.variables.len() as u32).map(|k| arena.meta(k)).collect();
        metas.into_iter().map(|t| self.bindings.resolve(arena, (t, 0))).collect()
    }
    /// Proves a sequent by chaining, and caches the proof; returns whether there is one.
    fn prove(&mut self, arena: &mut Arena, allowed: &mut Allowed<'_>, s: Sequent, depth: u32) -> bool {
        match self.known.get(&s) {
            Some(Known::Proved(_)) => return true,
            Some(Known::Failed) => return false,
            Some(Known::Open) => {
                self.stopped = true;
                return false;
            }
            Some(Known::Inner) | None => {}
        }
        if !self.may_hold(arena, allowed, s) {
            self.known.insert(s, Known::Failed);
            return false;
        }
        if self.is_leaf(arena, allowed, s) {
            return true;
        }
        if depth >= DEEPEST || self.fuel == 0 {
            self.stopped = true;
            return false;
        }
        self.fuel -= 1;
        let outer = std::mem::take(&mut self.stopped);
        self.known.insert(s, Known::Open);
        let found = self.derive(arena, allowed, s, depth);
        let state = match found {
            Some(answer) => {
                self.stopped = false;
                Known::Proved(answer)
            }
            None if self.stopped => Known::Inner,
            None => Known::Failed,
        };
        let proved = matches!(state, Known::Proved(_));
        self.known.insert(s, state);
        self.stopped |= outer;
        proved
    }
    /// Whether a chain from a sequent can end: in something that holds in any Γ, or in a part of a member of this Γ.
    fn may_hold(&mut self, arena: &mut Arena, allowed: &mut Allowed<'_>, (around, goal): Sequent) -> bool {
        let reach = self.reach(arena, allowed, goal);
        let around = &self.contexts[around as usize];
        let reached = |t: &TermId| reach.all.binary_search(t).is_ok();
        reach.free || around.members.iter().any(reached) || around.spoken.iter().any(reached)
    }
    fn reach(&mut self, arena: &mut Arena, allowed: &mut Allowed<'_>, goal: TermId) -> Rc<Reach> {
        if let Some(known) = self.reach.get(&goal) {
            return known.clone();
        }
        let (mut all, mut free, mut next) = (vec![goal], false, 0);
        let mut seen: FxHashSet<TermId> = all.iter().copied().collect();
        while next < all.len() && !free {
            let t = all[next];
            next += 1;
            let closed = self.closed(arena, allowed, t);
            free = closed.facts[1].is_some() || !closed.given.is_empty() || self.spoken.contains(&t) || next > FAR;
            for (added, part, _) in self.ways(arena, allowed, t).iter().flat_map(|w| &w.parts) {
                let c = &self.connectives;
                free |= !added.is_empty() || c.as_implication(arena, *part).is_some() || c.is_conjunction(arena, *part);
                if seen.insert(*part) {
                    all.push(*part);
                }
            }
        }
        all.sort_unstable();
        let made = Rc::new(Reach { all, free });
        self.reach.insert(goal, made.clone());
        made
    }
    /// Whether a sequent is closed by one step that leaves nothing to be chained.
    fn is_leaf(&mut self, arena: &mut Arena, allowed: &mut Allowed<'_>, s: Sequent) -> bool {
        match self.known.get(&s) {
            Some(Known::Proved(_)) => return true,
            Some(_) => return false,
            None => {}
        }
        if self.fuel == 0 {
            self.stopped = true;
            return false;
        }
        self.fuel -= 1;
        let found = self.leaf(arena, allowed, s);
        let leaf = found.is_some();
        self.known.insert(s, found.map_or(Known::Inner, Known::Proved));
        leaf
    }
    fn leaf(&mut self, arena: &mut Arena, allowed: &mut Allowed<'_>, (around, goal): Sequent) -> Option<Answer> {
        let around = self.contexts[around as usize].clone();
        if let Ok(k) = around.members.binary_search(&goal) {
            return u8::try_from(k).ok().map(Answer::Member);
        }
        let closed = self.closed(arena, allowed, goal);
        let given = self.simply_given(arena, &closed, &around.members);
        let found = given.or_else(|| closed.facts[1].map(Answer::Fact));
        found.or_else(|| self.follows(arena, &around, goal).then_some(Answer::Follows))
    }
    /// Whether a consequent that is a part of a member of Γ or of a hypothesis follows from these by truth table.
    fn follows(&mut self, arena: &mut Arena, around: &Around, goal: TermId) -> bool {
        let spoken = around.spoken.binary_search(&goal).is_ok() || self.spoken.contains(&goal);
        spoken && self.entails(arena, &around.members, goal)
    }
    /// The conclusions of unconditional readings of the task's hypotheses, in each orientation.
    pub fn simple(&self) -> &[TermId] {
        &self.simple
    }
    /// Whether a formula follows by truth table from `members` and the task's hypotheses.
    pub fn entails(&mut self, arena: &mut Arena, members: &[TermId], goal: TermId) -> bool {
        let hyps = self.task.hyps.iter().filter(|&&h| !arena.head(h).is_judgement());
        let given: Terms = members.iter().chain(hyps).copied().collect();
        let given = self.connectives.all_ways(arena, &given);
        self.connectives.ways(arena, goal).into_iter().any(|goal| {
            let related = self.tables.related(&mut self.question, arena, goal, &given);
            self.tables.follows(&mut self.question, arena, &related, &[goal]) == Some(true)
        })
    }
    fn derive(&mut self, arena: &mut Arena, allowed: &mut Allowed<'_>, s: Sequent, depth: u32) -> Option<Answer> {
        if let Some(answer) = self.by_given(arena, allowed, s, depth) {
            return Some(answer);
        }
        let ways = self.ways(arena, allowed, s.1);
        let mut all: Vec<SmallVec<[Sequent; 3]>> = Vec::with_capacity(ways.len());
        for way in ways.iter() {
            all.push(self.left(arena, s.0, way));
        }
        let ready = all.iter().position(|left| left.iter().all(|&t| self.is_leaf(arena, allowed, t)));
        let found = ready
            .or_else(|| all.iter().position(|left| left.iter().all(|&t| self.prove(arena, allowed, t, depth + 1))));
        found.map(|i| Answer::Move(ways[i].number, ways[i].values.clone()))
    }
    /// Answers a sequent by a hypothesis of the task or by a member of Γ, and proves what that leaves.
    fn by_given(
        &mut self,
        arena: &mut Arena,
        allowed: &mut Allowed<'_>,
        (around, goal): Sequent,
        depth: u32,
    ) -> Option<Answer> {
        let (closed, given) = (self.closed(arena, allowed, goal), self.given.clone());
        let around = self.contexts[around as usize].clone();
        for &k in &closed.given {
            if self.prove_all(arena, allowed, &around.members, &given[k as usize].parts, depth) {
                return Some(Answer::Given(k));
            }
        }
        if around.spoken.binary_search(&goal).is_err() {
            return None;
        }
        for (i, &e) in around.members.iter().enumerate().take(MOST_MEMBERS) {
            let (arrow, same) = (self.connectives.as_implication(arena, e), self.connectives.as_equivalence(arena, e));
            if arrow.is_none() && same.is_none() {
                continue;
            }
            for (k, (answers, parts)) in formula_readings(arena, &self.connectives, e).iter().enumerate() {
                if self.connectives.same(arena, *answers, goal)
                    && self.prove_all(arena, allowed, &around.members, parts, depth)
                {
                    return Some(Answer::Use(i as u8, k as u8));
                }
            }
        }
        None
    }
    fn prove_all(
        &mut self,
        arena: &mut Arena,
        allowed: &mut Allowed<'_>,
        members: &[TermId],
        formulas: &[TermId],
        depth: u32,
    ) -> bool {
        let mut left = SmallVec::new();
        formulas.iter().for_each(|&t| self.taken_apart(arena, members, t, &mut left));
        left.into_iter().all(|t| self.prove(arena, allowed, t, depth + 1))
    }
    /// Appends the sequents into which a formula in a context is taken apart.
    fn taken_apart(&mut self, arena: &mut Arena, members: &[TermId], t: TermId, out: &mut SmallVec<[Sequent; 3]>) {
        let mut found = Terms::new();
        self.connectives.sequents(arena, members, t, &mut found);
        for s in found {
            let members = Terms::from(context(arena, s));
            out.push((self.number(arena, &members), consequent(arena, s)));
        }
    }
    /// The sequents that a closure fact leaves in the context of number `around`.
    fn left(&mut self, arena: &mut Arena, around: u32, way: &Way) -> SmallVec<[Sequent; 3]> {
        let mut out = SmallVec::new();
        let all = self.contexts[around as usize].clone();
        let mut kept: Option<Terms> = None;
        for (added, goal, passed) in &way.parts {
            let members = match passed {
                Passed::Nothing => &[][..],
                Passed::Kept if !way.apart.is_empty() => {
                    let kept =
                        kept.get_or_insert_with(|| self.apart.kept(arena, self.task, &all.members, (None, &way.apart)));
                    &kept[..]
                }
                Passed::Kept | Passed::All => &all.members[..],
            };
            let c = &self.connectives;
            if added.is_empty() && c.as_implication(arena, *goal).is_none() && !c.is_conjunction(arena, *goal) {
                out.push((self.number(arena, members), *goal));
            } else {
                let members: Terms = members.iter().chain(added).copied().collect();
                self.taken_apart(arena, &members, *goal, &mut out);
            }
        }
        out
    }
    /// The closure facts that answer a consequent, those that leave the smallest terms first.
    fn ways(&mut self, arena: &mut Arena, allowed: &mut Allowed<'_>, goal: TermId) -> Rc<[Way]> {
        if let Some(known) = self.ways.get(&goal) {
            return known.clone();
        }
        let mut found = Vec::new();
        let [all, named] = &self.moves.closure.goals;
        all.query(arena, goal, &mut self.query, &mut found);
        if !self.named.is_empty() {
            named.query(arena, goal, &mut self.query, &mut found);
        }
        found.retain(|&n| allowed.allows(n));
        found.sort_unstable();
        found.dedup();
        let turned = self.connectives.symmetric(arena, goal).is_some();
        let rounds = |n: u32| {
            let most = if turned { 2 } else { 1 };
            self.moves.all[n as usize].goals().take(most).zip([false, true]).map(move |x| (n, x.1))
        };
        let found: Vec<Turned> = found.into_iter().flat_map(rounds).collect();
        let mut ways: Vec<((u32, usize, Turned), Way)> = Vec::new();
        for number in found {
            let Some(values) = self.unified(arena, number, goal) else { continue };
            let Some(way) = self.way(arena, allowed, number, values) else { continue };
            let size = way.parts.iter().map(|p| arena.size(p.1)).max().unwrap_or(0);
            ways.push(((size, way.parts.len(), number), way));
        }
        ways.sort_by_key(|w| w.0);
        let made: Rc<[Way]> = ways.into_iter().map(|w| w.1).collect();
        self.ways.insert(goal, made.clone());
        made
    }
    /// A closure fact with the given values; `None` if they violate a `$d` condition.
    fn way(
        &mut self,
        arena: &mut Arena,
        allowed: &mut Allowed<'_>,
        number: Turned,
        values: Rc<[TermId]>,
    ) -> Option<Way> {
        let (m, passed) = (&self.moves.all[number.0 as usize], allowed.passed(number.0));
        let at = |k: u16| values[usize::from(k)];
        if !m.disjoint.iter().all(|&(a, b)| self.apart.is_apart(arena, self.task, at(a), &[at(b)])) {
            return None;
        }
        let mut parts = SmallVec::new();
        for (k, part) in m.parts.iter().enumerate() {
            let added = part.added.iter().map(|&t| arena.instantiate(t, &values)).collect();
            let own = match (passed >> k & 1 == 1, part.restricted) {
                (false, _) => Passed::Nothing,
                (true, true) => Passed::Kept,
                (true, false) => Passed::All,
            };
            let goal = arena.instantiate(part.goal, &values);
            parts.push((added, self.connectives.oriented(arena, goal), own));
        }
        let apart = m.apart.iter().map(|&k| at(k)).collect();
        Some(Way { number, values, apart, parts })
    }
    /// The values with which a closure fact has the ground consequent as an instance.
    fn unified(&mut self, arena: &mut Arena, number: Turned, goal: TermId) -> Option<Rc<[TermId]>> {
        let (m, way) = self.way_round(number);
        self.bindings.reset(m.variables.len());
        if !self.bindings.unify(arena, (way, 0), (goal, 0)) {
            return None;
        }
        while !(0..m.variables.len() as u32).all(|k| self.bindings.is_bound(k)) {
            self.name(arena, m)?;
        }
        let values = self.resolved(arena, m);
        values.iter().all(|&t| arena.is_ground(t)).then(|| values.into())
    }
    /// What a move with these values leaves of a sequent; `None` if a `$d` condition is violated.
    fn leave(
        &mut self,
        arena: &mut Arena,
        allowed: &mut Allowed<'_>,
        s: TermId,
        number: Turned,
        values: &[TermId],
    ) -> Option<Left> {
        let way = self.way(arena, allowed, number, values.into())?;
        let all = Terms::from(context(arena, s));
        let kept = self.apart.kept(arena, self.task, &all, (None, &way.apart));
        let in_context = |(mut added, goal, passed): (Terms, TermId, Passed)| {
            added.extend_from_slice(match passed {
                Passed::Nothing => &[],
                Passed::Kept => &kept,
                Passed::All => &all,
            });
            (added, goal)
        };
        let parts = way.parts.into_iter().map(in_context).collect();
        Some(Left { kept, parts })
    }
}

/// Appends the proper parts of a formula under connectives, oriented.
fn speak(arena: &mut Arena, c: &Connectives, tables: &Tables, t: TermId, out: &mut Vec<TermId>) {
    let head = arena.head(t);
    if head.is_judgement() || arena.children(t).is_empty() || tables.get(head).is_none() {
        return;
    }
    let children = Terms::from(arena.children(t));
    for p in children {
        out.push(c.oriented(arena, p));
        speak(arena, c, tables, p, out);
    }
}

#[cfg(test)]
mod tests;

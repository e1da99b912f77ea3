//! Short proofs of what follows by connectives alone: how a theorem is brought into a context.
//!
//! A *question* asks for a formula from given formulas. What is no connective in it is an atom, and so is each compound
//! part that none of the rest looks into ([`shape`]): most questions of long formulas have the shape of a small one.
//! The answer is made of the database's own theorems about connectives, found by shape and never by label
//! ([`theorems`]): one theorem if one does it, else two, else a few ([`solve`]), else what the propositional closer
//! finds. Truth tables are found from the axioms, so the same code serves every database that has connectives; where
//! they are a necessary condition only, as in intuitionistic logic, more questions stay without an answer.
//!
//! Answers are kept by shape. What is kept for a shape is a chain: the best proof that was found with all usable
//! premises, then the best one with premises before the last of that one, and so on. A task takes the first whose
//! premises it may use. So an answer depends on the question and on what is allowed, and not on earlier questions.
//! Price: a shape that is new costs a search, one that is known a look-up.

mod shape;
mod solve;
mod theorems;
mod truth;

use crate::dsl::theory::library::{PremiseId, Proof, Rule, Step, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::closers::propositional::Propositional;
use crate::wake_sleep::closers::{Question, Tables};
use rustc_hash::{FxHashMap, FxHasher};
use shape::Shape;
pub use shape::MAX_HYPS;
use smallvec::SmallVec;
use solve::Solver;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use theorems::Theorems;

/// Parts of the cache, each with its own lock.
const SHARDS: usize = 16;
/// Shapes kept in one part of the cache, at most; more are worked out each time.
const SHARD_SHAPES: usize = 1 << 14;
/// Proofs kept for one shape, at most.
const MAX_CHAIN: usize = 6;

/// What was found for a shape: the best proof, the best one before the last premise of that, ...; `None` ends the chain.
type Chain = Vec<Option<Arc<Proof>>>;

/// How much is done for a proof.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effort {
    /// The search for a short one.
    Short,
    /// And the propositional closer's, long as it may be, where that finds none.
    Any,
}

/// A part of the cache: by shape, what each effort found.
type Shard = Mutex<FxHashMap<Box<[u32]>, [Chain; 2]>>;

/// Proofs by theorems about connectives. See the module head.
pub struct Glue {
    theorems: Theorems,
    closer: Propositional,
    cache: Vec<Shard>,
}

impl Glue {
    /// Reads the connectives and the theorems about them off a theory; `usable` says which premises may ever be used.
    pub fn new(theory: &Theory, usable: &dyn Fn(PremiseId) -> bool) -> Glue {
        let closer = Propositional::new(theory);
        let theorems = Theorems::new(theory, closer.tables(), usable);
        Glue { theorems, closer, cache: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }
    /// The truth tables of the connectives.
    pub fn tables(&self) -> &Tables {
        self.closer.tables()
    }
    /// Number of theorems about connectives that it may use.
    pub fn len(&self) -> usize {
        self.theorems.all.len()
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// A proof of `goal` from the formulas `hyps`, where `Rule::Hyp(k)` stands for `hyps[k]`, by theorems about
    /// connectives alone that `allowed` admits, as short as the bounded search finds. `None` if the goal does not follow,
    /// or no proof was found within the bounds, or a formula has metavariables. `arena` is grown from the theory's; it is
    /// left as it was.
    pub fn prove(
        &self,
        hyps: &[TermId],
        goal: TermId,
        arena: &mut Arena,
        allowed: &dyn Fn(PremiseId) -> bool,
    ) -> Option<Proof> {
        self.prove_by(Effort::Any, hyps, goal, arena, allowed)
    }
    /// [`Glue::prove`] with so much effort.
    pub fn prove_by(
        &self,
        effort: Effort,
        hyps: &[TermId],
        goal: TermId,
        arena: &mut Arena,
        allowed: &dyn Fn(PremiseId) -> bool,
    ) -> Option<Proof> {
        if let Some(k) = hyps.iter().position(|&h| h == goal) {
            return Some(Proof { steps: vec![Step { rule: Rule::Hyp(k as u32), children: SmallVec::new() }] });
        }
        if self.is_empty() {
            return None;
        }
        let shape = Shape::new(self.closer.tables(), arena, hyps, goal)?;
        let before = arena.len();
        let found = self.answer(effort, &shape, arena, allowed);
        arena.truncate(before);
        found.map(|proof| {
            let mut proof = (*proof).clone();
            for step in &mut proof.steps {
                if let Rule::Hyp(k) = &mut step.rule {
                    *k = shape.hyps[*k as usize];
                }
            }
            proof
        })
    }
    /// Whether a formula follows from others by truth table. `None` for too many atoms.
    pub fn follows(&self, hyps: &[TermId], goal: TermId, arena: &Arena) -> Option<bool> {
        self.closer.tables().follows(&mut Default::default(), arena, hyps, &[goal])
    }
    /// The places of formulas that together entail a goal, as few as dropping one after the other leaves, later ones first.
    /// `None` if the goal does not follow, as far as few atoms show it.
    pub fn enough(&self, formulas: &[TermId], goal: TermId, arena: &Arena) -> Option<Vec<usize>> {
        let tables = self.closer.tables();
        let main: Vec<TermId> = formulas.iter().copied().filter(|&t| !arena.head(t).is_judgement()).collect();
        let mut question = Question::default();
        let related = tables.related(&mut question, arena, goal, &main);
        let mut follows = |given: &[TermId]| tables.follows(&mut question, arena, given, &[goal]) == Some(true);
        let mut kept = [related, main].into_iter().find(|given| follows(given))?;
        for &t in formulas.iter().rev() {
            let rest: Vec<TermId> = kept.iter().copied().filter(|&k| k != t).collect();
            if rest.len() < kept.len() && follows(&rest) {
                kept = rest;
            }
        }
        let mut places: Vec<usize> = kept.iter().filter_map(|t| formulas.iter().position(|f| f == t)).collect();
        places.sort_unstable();
        Some(places)
    }
    /// The first proof of the shape's chain that is allowed; if it is no question of what stands before what, the best
    /// one with what is allowed.
    fn answer(
        &self,
        effort: Effort,
        shape: &Shape,
        arena: &mut Arena,
        allowed: &dyn Fn(PremiseId) -> bool,
    ) -> Option<Arc<Proof>> {
        let mut hasher = FxHasher::default();
        shape.key.hash(&mut hasher);
        let shard = &self.cache[(hasher.finish() >> 32) as usize % SHARDS];
        let known = || shard.lock().unwrap_or_else(PoisonError::into_inner);
        let of = effort as usize;
        let mut chain = known().get(&shape.key).map(|both| both[of].clone()).unwrap_or_default();
        let mut before = PremiseId(u32::MAX);
        for i in 0..MAX_CHAIN {
            if i == chain.len() {
                chain.push(self.work_out(effort, shape, arena, &|p| p < before).map(Arc::new));
                let mut known = known();
                if known.len() < SHARD_SHAPES || known.contains_key(&shape.key) {
                    let old = &mut known.entry(shape.key.clone()).or_default()[of];
                    if old.len() < chain.len() {
                        old.clone_from(&chain);
                    }
                }
            }
            let proof = chain[i].as_ref()?;
            if proof.premises().all(allowed) {
                return Some(proof.clone());
            }
            before = proof.premises().max()?;
            if allowed(before) {
                break;
            }
        }
        self.work_out(effort, shape, arena, &|p| p < before && allowed(p)).map(Arc::new)
    }
    fn work_out(
        &self,
        effort: Effort,
        shape: &Shape,
        arena: &mut Arena,
        allowed: &dyn Fn(PremiseId) -> bool,
    ) -> Option<Proof> {
        let tables = self.closer.tables();
        let (goal, hyps) = shape.formulas(tables, arena);
        let mut solver = Solver::new(&self.theorems, tables, arena, allowed, &hyps, goal)?;
        if let Some(proof) = solver.run() {
            return Some(proof);
        }
        if effort == Effort::Short {
            return None;
        }
        let usable = |p: PremiseId| self.theorems.has(p) && allowed(p);
        self.closer.prove(&hyps, goal, arena, &usable, true)
    }
}
